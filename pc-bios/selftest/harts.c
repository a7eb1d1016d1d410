/* SPDX-License-Identifier: MIT */
/*
 * All harts at once: hart 0 wakes the others by their software interrupts, all count, and the
 * sums must be right.
 */
#include "selftest.h"

#define ROUNDS 20000

static uint64_t started;  /* harts that wait for work, bit by bit */
static uint64_t finished; /* those that have done it */
static uint64_t amo_sum;  /* counted by AMOs */
static uint64_t lrsc_sum; /* counted by LR and SC */
static uint64_t lock;
static uint64_t locked_sum; /* counted without, holding the lock */

static void add_by_lrsc(uint64_t *p)
{
    uint64_t value;
    int failed;

    do {
        __asm__ volatile("lr.d %0, (%2)\n"
                         "addi %0, %0, 1\n"
                         "sc.d %1, %0, (%2)"
                         : "=&r"(value), "=&r"(failed)
                         : "r"(p)
                         : "memory");
    } while (failed);
}

static void count(void)
{
    for (int i = 0; i < ROUNDS; i++) {
        __atomic_fetch_add(&amo_sum, 1, __ATOMIC_RELAXED);
        add_by_lrsc(&lrsc_sum);
        while (__atomic_exchange_n(&lock, 1, __ATOMIC_ACQUIRE)) {
        }
        *(volatile uint64_t *)&locked_sum += 1;
        __atomic_store_n(&lock, 0, __ATOMIC_RELEASE);
    }
}

static uint64_t msip(uint64_t hart)
{
    return CLINT_MSIP + 4 * hart;
}

void secondary_main(uint64_t hart)
{
    csr_write(mie, MIE_MSIE);
    __atomic_fetch_or(&started, 1ul << hart, __ATOMIC_RELEASE);
    for (;;) {
        /* Interrupts are off: WFI ends when one is pending all the same. */
        while (!(csr_read(mip) & MIE_MSIE)) {
            __asm__ volatile("wfi");
        }
        write32(msip(hart), 0);
        count();
        __atomic_fetch_or(&finished, 1ul << hart, __ATOMIC_RELEASE);
    }
}

/* Wait for all harts but 0 to set their bits; false after five seconds. */
static bool wait_for(uint64_t *bits, uint64_t wanted)
{
    uint64_t end = read64(CLINT_MTIME) + 50000000;

    while (__atomic_load_n(bits, __ATOMIC_ACQUIRE) != wanted) {
        if (read64(CLINT_MTIME) > end) {
            print("  harts %x answer, not %x\n", *bits, wanted);
            return false;
        }
    }
    return true;
}

bool test_harts(void)
{
    uint64_t harts = machine_info.harts ? machine_info.harts : 1;
    uint64_t others = (harts < MAX_HARTS ? 1ul << harts : 0) - 1 - 1;

    if (harts > MAX_HARTS) {
        print("  %u harts are more than the %u there are stacks for\n", harts,
              (unsigned long)MAX_HARTS);
        return false;
    }
    amo_sum = lrsc_sum = locked_sum = finished = 0;
    if (!wait_for(&started, others)) {
        return false;
    }
    for (uint64_t hart = 1; hart < harts; hart++) {
        write32(msip(hart), 1);
    }
    count();
    if (!wait_for(&finished, others)) {
        return false;
    }
    print("  %u harts counted to %u, %u and %u\n", harts, amo_sum, lrsc_sum, locked_sum);
    return amo_sum == harts * ROUNDS && lrsc_sum == amo_sum && locked_sum == amo_sum;
}
