/* SPDX-License-Identifier: MIT */
/*
 * Loops over two pages of which one is mapped elsewhere, written to, or taken away between runs.
 * M-mode without firmware, at 0x80000000, hart 0; the loops run in S-mode.
 */
#include "bare.h"

#define PAGE 4096
#define BASE 0x40000000UL
#define LEAF 0x4b /* valid, readable, executable, accessed */
#define RUNS 3000 /* enough for an emulator to take trouble with the loop */
#define CAUSE_ECALL_S 9
#define CAUSE_FETCH_PAGE_FAULT 12
enum {
    A0 = 10,
    A1 = 11,
    A2 = 12
};

/* call_s(entry, count): a1 as the S-mode code leaves it at its trap. */
__asm__(".section .text.unlikely,\"ax\"\n"
        ".globl _start\n"
        "_start:\n"
        "    csrr a0, mhartid\n"
        "    bnez a0, others\n"
        "    la sp, stack_end\n"
        "    la t0, trap\n"
        "    csrw mtvec, t0\n"
        "    li t0, -1\n"
        "    csrw pmpaddr0, t0\n"
        "    li t0, 0x1f\n"
        "    csrw pmpcfg0, t0\n"
        "    call main\n"
        "others:\n"
        "    wfi\n"
        "    j others\n"
        ".globl call_s\n"
        "call_s:\n"
        "    addi sp, sp, -16\n"
        "    sd ra, 8(sp)\n"
        "    csrw mscratch, sp\n"
        "    csrw mepc, a0\n"
        "    li t0, 0x1800\n"
        "    csrc mstatus, t0\n"
        "    li t0, 0x800\n"
        "    csrs mstatus, t0\n"
        "    mv a0, a1\n"
        "    li a1, 0\n"
        "    mret\n"
        ".balign 4\n"
        "trap:\n"
        "    csrr sp, mscratch\n"
        "    mv a0, a1\n"
        "    ld ra, 8(sp)\n"
        "    addi sp, sp, 16\n"
        "    ret\n"
        ".section .bss\n"
        ".balign 16\n"
        "    .skip 4096\n"
        "stack_end:\n"
        ".text\n");
uint64_t call_s(uint64_t entry, uint64_t count);

static uint64_t root[512] __attribute__((aligned(PAGE)));
static uint64_t middle[512] __attribute__((aligned(PAGE)));
static uint64_t leaves[512] __attribute__((aligned(PAGE)));

/* A loop: its first page, and two to take the second's place. */
typedef struct Loop {
    uint8_t first[PAGE];
    uint8_t second[2][PAGE];
} Loop;
#define LOOPS 4
static Loop loops[LOOPS] __attribute__((aligned(PAGE)));
static unsigned bad;

static void put_char(char c)
{
    WRITE(uint8_t, UART, c);
}

static void put(const char *text)
{
    while (*text) {
        put_char(*text++);
    }
}

static void put_hex(uint64_t n)
{
    for (int shift = 60; shift >= 0; shift -= 4) {
        put_char("0123456789abcdef"[n >> shift & 15]);
    }
    put_char(' ');
}

static void expect(const char *what, uint64_t got, uint64_t wanted)
{
    if (got != wanted) {
        bad++;
        put("pages: ");
        put(what);
        put_char(' ');
        put_hex(got);
        put("is not ");
        put_hex(wanted);
        put_char('\n');
    }
}

/* ---- code ------------------------------------------------------------------------------------ */

static uint32_t addi(unsigned rd, int n)
{
    return 0x13u | rd << 7 | rd << 15 | (uint32_t)n << 20;
}

static uint32_t bnez(unsigned rs, int offset)
{
    uint32_t n = (uint32_t)offset;

    return 0x63u | 1u << 12 | rs << 15 | (n >> 11 & 1) << 7 | (n >> 1 & 15) << 8 |
           (n >> 5 & 63) << 25 | (n >> 12 & 1) << 31;
}

static uint32_t jump(int offset)
{
    uint32_t n = (uint32_t)offset;

    return 0x6fu | (n >> 12 & 255) << 12 | (n >> 11 & 1) << 20 | (n >> 1 & 1023) << 21 |
           (n >> 20 & 1) << 31;
}

#define ECALL 0x73u

/*
 * An instruction at an even address; it may go on in @next. What is there already is not written:
 * an emulator's translations live on.
 */
static void emit(uint8_t *page, uint8_t *next, unsigned at, uint32_t insn)
{
    for (unsigned i = 0; i < 2; i++, at += 2, insn >>= 16) {
        volatile uint16_t *to = (uint16_t *)(at < PAGE ? page + at : next + at - PAGE);

        if (*to != (uint16_t)insn) {
            *to = (uint16_t)insn;
        }
    }
}

/*
 * Where all are entered: a jump in the first page, which leads on without a look at the second's
 * mapping.
 */
#define ENTRY 512

/* Of each loop: where it starts, and what a run adds beside the second page's number. */
static const unsigned starts[LOOPS] = {PAGE - 8, PAGE + 64, PAGE - 6, PAGE - 20};
static const unsigned adds[LOOPS] = {1, 2, 0, 4};

static void write_loop(unsigned n, unsigned which, int number)
{
    Loop *l = &loops[n];
    uint8_t *second = l->second[which];

    emit(l->first, second, ENTRY, jump((int)starts[n] - ENTRY));
    switch (n) {
    case 0: /* begins in the first page, ends in the second */
        emit(l->first, second, PAGE - 8, addi(A1, 1));
        emit(l->first, second, PAGE - 4, addi(A0, -1));
        emit(l->first, second, PAGE, addi(A1, number));
        emit(l->first, second, PAGE + 4, bnez(A0, -12));
        emit(l->first, second, PAGE + 8, ECALL);
        break;
    case 1: /* begins in the second */
        emit(l->first, second, PAGE + 64, addi(A1, number));
        emit(l->first, second, PAGE + 68, jump(128 - (PAGE + 68)));
        emit(l->first, second, 128, addi(A1, 2));
        emit(l->first, second, 132, addi(A0, -1));
        emit(l->first, second, 136, bnez(A0, PAGE + 64 - 136));
        emit(l->first, second, 140, ECALL);
        break;
    case 3: /* a loop within the first page is hot before */
        emit(l->first, second, PAGE - 20, 0x13u | A2 << 7 | 4u << 20);
        emit(l->first, second, PAGE - 16, addi(A1, 1));
        emit(l->first, second, PAGE - 12, addi(A2, -1));
        emit(l->first, second, PAGE - 8, bnez(A2, -8));
        emit(l->first, second, PAGE - 4, addi(A0, -1));
        emit(l->first, second, PAGE, addi(A1, number));
        emit(l->first, second, PAGE + 4, bnez(A0, -24));
        emit(l->first, second, PAGE + 8, ECALL);
        break;
    default: /* an instruction lies in both, its number in the second */
        emit(l->first, second, PAGE - 6, addi(A0, -1));
        emit(l->first, second, PAGE - 2, addi(A1, number));
        emit(l->first, second, PAGE + 2, bnez(A0, -8));
        emit(l->first, second, PAGE + 6, ECALL);
        break;
    }
}

/* ---- runs ------------------------------------------------------------------------------------ */

static uint64_t leaf(const void *page)
{
    return (uint64_t)(uintptr_t)page / PAGE << 10 | LEAF;
}

static void run(unsigned n, unsigned which, unsigned number, int by_address)
{
    uint64_t base = BASE + 2 * PAGE * n;

    leaves[2 * n + 1] = leaf(loops[n].second[which]);
    if (by_address) {
        __asm__ volatile("sfence.vma %0" ::"r"(base + PAGE) : "memory");
    } else {
        __asm__ volatile("sfence.vma" ::: "memory");
    }
    expect("sum", call_s(base + ENTRY, RUNS), (uint64_t)RUNS * (number + adds[n]));
    expect("cause", READ_CSR("mcause"), CAUSE_ECALL_S);
}

static void run_without_page(unsigned n)
{
    uint64_t base = BASE + 2 * PAGE * n;
    uint64_t epc = n == 2 ? PAGE - 2 : n == 1 ? starts[n] : PAGE;
    static const unsigned sums[LOOPS] = {1, 0, 0, 4};

    leaves[2 * n + 1] = 0;
    __asm__ volatile("sfence.vma %0" ::"r"(base + PAGE) : "memory");
    expect("sum at fault", call_s(base + ENTRY, RUNS), sums[n]);
    expect("fault", READ_CSR("mcause"), CAUSE_FETCH_PAGE_FAULT);
    expect("mepc", READ_CSR("mepc"), base + epc);
    expect("mtval", READ_CSR("mtval"), n == 1 ? base + starts[n] : base + PAGE);
}

int main(void)
{
    root[1] = (uint64_t)(uintptr_t)middle / PAGE << 10 | 1;
    middle[0] = (uint64_t)(uintptr_t)leaves / PAGE << 10 | 1;
    for (unsigned n = 0; n < LOOPS; n++) {
        leaves[2 * n] = leaf(loops[n].first);
    }
    __asm__ volatile("csrw satp, %0\nsfence.vma" ::"r"(8UL << 60 | (uintptr_t)root / PAGE)
                     : "memory");
    for (unsigned round = 0; round < 24; round++) {
        unsigned which = round & 1, number = 3 + round / 4 * 8 + which;

        for (unsigned n = 0; n < LOOPS; n++) {
            write_loop(n, which, (int)number);
            __asm__ volatile("fence.i" ::: "memory");
            run(n, which, number, round & 2);
            if (round % 6 == 5) {
                run_without_page(n);
            }
            run(n, which, number, 0);
        }
    }
    put(bad ? "pages: bad\n" : "pages: good\n");
    WRITE(uint32_t, TEST_DEVICE, bad ? 0x13333 : 0x5555);
    for (;;) {
    }
}
