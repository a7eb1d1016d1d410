/* SPDX-License-Identifier: MIT */
/*
 * The tests of memory, timers, traps and virtio's slots. Hart 0, M-mode.
 */
#include "selftest.h"

#define TICKS_PER_MS 10000 /* the board's timer: 10 MHz */

/* ---- Memory ---- */

#define MIB (1ul << 20)
/* After ourselves, before the device tree, which is at the end. */
#define AREA_BASE (RAM_BASE + 2 * MIB)
#define AREA_SIZE (4 * MIB)

/* A number that no neighbour has. */
static uint64_t pattern(uint64_t address, uint64_t seed)
{
    return (address ^ seed) * 0x9e3779b97f4a7c15;
}

static bool check_widths(void)
{
    volatile uint64_t *word = (volatile uint64_t *)AREA_BASE;
    uint64_t base = AREA_BASE;

    *word = 0x8877665544332211;
    write8(base + 1, 0xaa);
    *(volatile uint16_t *)(base + 2) = 0xbbbb;
    write32(base + 4, 0xcccccccc);
    if (*word != 0xccccccccbbbbaa11 || *(volatile int8_t *)(base + 1) != (int8_t)0xaa) {
        return false;
    }
    /* Misaligned, across two pages. */
    write64(base + 4096 - 3, 0x0123456789abcdef);
    return read64(base + 4096 - 3) == 0x0123456789abcdef && read8(base + 4096) == 0x89;
}

bool test_memory(void)
{
    for (uint64_t seed = 0; seed < 2; seed++) {
        for (uint64_t a = AREA_BASE; a < AREA_BASE + AREA_SIZE; a += 8) {
            write64(a, pattern(a, -seed));
        }
        for (uint64_t a = AREA_BASE; a < AREA_BASE + AREA_SIZE; a += 8) {
            if (read64(a) != pattern(a, -seed)) {
                print("  at %x: %x, not %x\n", a, read64(a), pattern(a, -seed));
                return false;
            }
        }
    }
    if (machine_info.ram_size) {
        /* The last byte below the device tree's two megabytes. */
        uint64_t last = RAM_BASE + machine_info.ram_size - 4 * MIB;

        write64(last, pattern(last, 0));
        if (read64(last) != pattern(last, 0)) {
            print("  at %x\n", last);
            return false;
        }
    }
    print("  %u MiB of %u written and read\n", AREA_SIZE / MIB, machine_info.ram_size / MIB);
    return check_widths();
}

/* ---- Timers ---- */

bool test_timer(void)
{
    uint64_t start = read64(CLINT_MTIME);
    uint64_t cycles = csr_read(mcycle);
    uint64_t instructions = csr_read(minstret);
    uint64_t due = start + 10 * TICKS_PER_MS;
    uint64_t end;

    trap_forget();
    write64(CLINT_MTIMECMP, due);
    csr_write(mie, MIE_MTIE); /* and not the console's */
    csr_set(mstatus, MSTATUS_MIE);
    while (last_trap.cause == CAUSE_NONE) {
        __asm__ volatile("wfi");
    }
    csr_clear(mstatus, MSTATUS_MIE);
    csr_write(mie, MIE_MEIE);
    end = read64(CLINT_MTIME);
    write64(CLINT_MTIMECMP, -1ul);
    print("  interrupt %u us after it was due\n", (end - due) / (TICKS_PER_MS / 1000));
    return last_trap.cause == (CAUSE_INTERRUPT | IRQ_M_TIMER) && end >= due &&
           csr_read(time) >= end && csr_read(mcycle) > cycles && csr_read(minstret) > instructions;
}

/* ---- Traps ---- */

static unsigned traps_seen;

/* Whether the last trap is the one that was provoked. */
static bool trapped(uint64_t cause, uint64_t tval)
{
    bool same = last_trap.cause == cause && last_trap.tval == tval;

    if (!same) {
        print("  cause %x tval %x, not %x and %x\n", last_trap.cause, last_trap.tval, cause, tval);
    }
    traps_seen++;
    trap_forget();
    return same;
}

static bool check_exceptions(void)
{
    bool ok = true;

    __asm__ volatile(".option push; .option norvc; ebreak; .option pop" : : : "memory");
    ok &= last_trap.cause == CAUSE_BREAKPOINT && trapped(CAUSE_BREAKPOINT, last_trap.epc);
    __asm__ volatile("ecall" : : : "memory");
    ok &= trapped(CAUSE_ECALL_M, 0);
    __asm__ volatile(".word 0xffffffff" : : : "memory");
    ok &= trapped(CAUSE_ILLEGAL, 0xffffffff);
    __asm__ volatile("csrw cycle, zero" : : : "memory");
    ok &= trapped(CAUSE_ILLEGAL, 0xc0001073);
    read64(HOLE);
    ok &= trapped(CAUSE_LOAD_FAULT, HOLE);
    write64(HOLE, 0);
    ok &= trapped(CAUSE_STORE_FAULT, HOLE);
    return ok;
}

static bool check_user(void)
{
    bool ok;

    /* One PMP entry lets U-mode and S-mode use all addresses. */
    csr_write(pmpaddr0, -1ul);
    csr_write(pmpcfg0, 0x1f);
    csr_write(mie, 0); /* mstatus.MIE does not hold interrupts back in U-mode */
    user_run(user_ecall);
    ok = trapped(CAUSE_ECALL_U, 0);
    user_run(user_read_mstatus);
    ok &= trapped(CAUSE_ILLEGAL, 0x300022f3);
    csr_write(mie, MIE_MEIE);
    return ok;
}

enum {
    PTE_V = 1,
    PTE_R = 2,
    PTE_W = 4,
    PTE_A = 0x40,
    PTE_D = 0x80,
};
#define SATP_SV39 (8ul << 60)
#define GIB (1ul << 30)

static uint64_t page_table[512] __attribute__((aligned(4096)));

/* A load or store with S-mode's eyes. */
static uint64_t load_as_s(uint64_t address)
{
    uint64_t value = 0;

    csr_clear(mstatus, MSTATUS_MPP);
    __asm__ volatile("csrs mstatus, %2\n"
                     "ld %0, (%1)\n"
                     "csrc mstatus, %3"
                     : "+r"(value)
                     : "r"(address), "r"(MSTATUS_MPRV | MSTATUS_MPP_S), "r"(MSTATUS_MPRV)
                     : "memory");
    return value;
}

static void store_as_s(uint64_t address, uint64_t value)
{
    csr_clear(mstatus, MSTATUS_MPP);
    __asm__ volatile("csrs mstatus, %2\n"
                     "sd %0, (%1)\n"
                     "csrc mstatus, %3"
                     :
                     : "r"(value), "r"(address), "r"(MSTATUS_MPRV | MSTATUS_MPP_S),
                       "r"(MSTATUS_MPRV)
                     : "memory");
}

/* Sv39 with superpages: RAM at 1 GiB for reading only, and at 2 GiB. */
static bool check_paging(void)
{
    uint64_t ppn = RAM_BASE >> 12 << 10;
    bool ok;

    page_table[1] = ppn | PTE_V | PTE_R | PTE_A;
    page_table[2] = ppn | PTE_V | PTE_R | PTE_W | PTE_A | PTE_D;
    csr_write(satp, SATP_SV39 | (uint64_t)page_table >> 12);
    __asm__ volatile("sfence.vma" : : : "memory");
    store_as_s(2 * GIB + (AREA_BASE - RAM_BASE), 0x600dcafe);
    ok = load_as_s(GIB + (AREA_BASE - RAM_BASE)) == 0x600dcafe && last_trap.cause == CAUSE_NONE;
    load_as_s(3 * GIB);
    ok &= trapped(CAUSE_LOAD_PAGE_FAULT, 3 * GIB);
    store_as_s(GIB, 0);
    ok &= trapped(CAUSE_STORE_PAGE_FAULT, GIB);
    csr_write(satp, 0);
    return ok;
}

bool test_traps(void)
{
    bool ok;

    traps_seen = 0;
    trap_forget();
    ok = check_exceptions() & check_user() & check_paging();
    print("  %u traps\n", (unsigned long)traps_seen);
    return ok;
}

/* ---- Virtio ---- */

enum {
    VIRTIO_MAGIC = 0,
    VIRTIO_VERSION = 4,
    VIRTIO_DEVICE_ID = 8,
    VIRTIO_VENDOR_ID = 12,
};
#define VIRTIO_MAGIC_VALUE 0x74726976

bool test_virtio(void)
{
    static const char *const names[] = {"", "network card", "disk", "console", "random numbers"};
    unsigned long devices = 0;
    unsigned long slots = 0;

    trap_forget();
    for (uint64_t i = 0; i < VIRTIO_COUNT; i++) {
        uint64_t base = VIRTIO_BASE + i * VIRTIO_STRIDE;
        uint64_t id;

        if (read32(base + VIRTIO_MAGIC) != VIRTIO_MAGIC_VALUE || last_trap.cause != CAUSE_NONE) {
            trap_forget();
            continue;
        }
        slots++;
        id = read32(base + VIRTIO_DEVICE_ID);
        if (id) {
            devices++;
            print("  at %x: device %u (%s), version %u, vendor %x\n", base, id,
                  id < sizeof(names) / sizeof(names[0]) ? names[id] : "another",
                  (unsigned long)read32(base + VIRTIO_VERSION),
                  (unsigned long)read32(base + VIRTIO_VENDOR_ID));
        }
    }
    print("  %u slots, %u devices\n", slots, devices);
    return slots == 0 || slots == VIRTIO_COUNT;
}
