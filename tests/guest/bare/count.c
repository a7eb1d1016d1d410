/* SPDX-License-Identifier: MIT */
/*
 * What -icount promises: prints counts that follow from the program's text. M-mode without
 * firmware, at 0x80000000, hart 0; the others run a little and sleep.
 */
#include "bare.h"

#define CLINT_MTIMECMP 0x2004000
#define CLINT_MTIME 0x200bff8
#define CLINT_MSIP 0x2000000
#define TICKS 10000L /* 1 ms */

/* The linker puts this section first. The handler notes where and when, and goes on behind. */
__asm__(".section .text.unlikely,\"ax\"\n"
        ".globl _start\n"
        "_start:\n"
        "    la t0, trap\n"
        "    csrw mtvec, t0\n"
        "    csrr a0, mhartid\n"
        "    bnez a0, others\n"
        "    la sp, stack_end\n"
        "    call main\n"
        "others:\n"
        "    li t0, 100000\n"
        "1:  addi t0, t0, -1\n"
        "    bnez t0, 1b\n"
        "2:  wfi\n"
        "    j 2b\n"
        ".balign 4\n"
        "trap:\n"
        "    csrr t5, minstret\n"
        "    csrr t6, mepc\n"
        "    csrr t4, mcause\n"
        "    bltz t4, 1f\n"
        "    addi t6, t6, 4\n"
        "    csrw mepc, t6\n"
        "    mret\n"
        "1:  li t3, 0x2004000\n"
        "    li t4, -1\n"
        "    sd t4, (t3)\n" /* mtimecmp */
        "    li t3, 0x2000000\n"
        "    sw zero, (t3)\n" /* msip */
        "    mret\n"
        ".section .bss\n"
        ".balign 16\n"
        "    .skip 65536\n"
        "stack_end:\n"
        ".text\n");

static void put_char(char c)
{
    while (!(READ(uint8_t, UART + 5) & 0x20)) {
    }
    WRITE(uint8_t, UART, c);
}

static void put_number(uint64_t n)
{
    if (n >= 10) {
        put_number(n / 10);
    }
    put_char((char)('0' + n % 10));
}

static void put(const char *name, uint64_t value)
{
    while (*name) {
        put_char(*name++);
    }
    put_char(' ');
    put_number(value);
    put_char('\n');
}

/* Difference of two reads of a counter around some text. */
#define AROUND(csr, text)                                                                          \
    ({                                                                                             \
        uint64_t from_, to_;                                                                       \
        __asm__ volatile("csrr %0, " csr "\n" text "csrr %1, " csr                                 \
                         : "=&r"(from_), "=&r"(to_)                                                \
                         : "r"((uint64_t)UART)                                                     \
                         : "t0", "t1", "t2", "t3", "t4", "t5", "t6", "memory");                    \
        to_ - from_;                                                                               \
    })

#define LOOP "li t0, 1000\n1: addi t0, t0, -1\n bnez t0, 1b\n"

/*
 * The timer is set to TICKS from now; instructions until it interrupts, and where: each
 * instruction of the loop is one.
 */
static void timer(void)
{
    uint64_t from, at, pc, loop;

    __asm__ volatile("csrw mie, %[mtie]\n"
                     "ld t1, (%[mtime])\n"
                     "add t1, t1, %[ticks]\n"
                     "csrsi mstatus, 8\n"
                     "sd t1, (%[mtimecmp])\n"
                     "csrr %[from], minstret\n"
                     "li t5, 0\n"
                     "la %[loop], 1f\n"
                     "1: beqz t5, 1b\n"
                     "csrci mstatus, 8\n"
                     "mv %[at], t5\n"
                     "mv %[pc], t6\n"
                     : [from] "=&r"(from), [at] "=&r"(at), [pc] "=&r"(pc), [loop] "=&r"(loop)
                     : [mtie] "r"(0x80L), [mtime] "r"((uint64_t)CLINT_MTIME),
                       [mtimecmp] "r"((uint64_t)CLINT_MTIMECMP), [ticks] "r"(TICKS)
                     : "t1", "t3", "t4", "t5", "t6", "memory");
    put("timer-after", at - from);
    put("timer-in-loop", pc == loop);
}

/* A software interrupt to oneself comes before the next instruction. */
static void software(void)
{
    uint64_t at, pc, next;

    __asm__ volatile("csrw mie, %[msie]\n"
                     "csrsi mstatus, 8\n"
                     "li t1, 1\n"
                     "la %[next], 1f\n"
                     "sw t1, (%[msip])\n"
                     "1: nop\n"
                     "nop\n"
                     "csrci mstatus, 8\n"
                     "mv %[at], t5\n"
                     "mv %[pc], t6\n"
                     : [at] "=&r"(at), [pc] "=&r"(pc), [next] "=&r"(next)
                     : [msie] "r"(8L), [msip] "r"((uint64_t)CLINT_MSIP)
                     : "t1", "t3", "t4", "t5", "t6", "memory");
    put("software-at-next", pc == next);
}

/*
 * The same where code runs on into a loop, and into the next page: what follows is another block,
 * linked to by then, or the same region. @text stores, and has label 1 behind that.
 */
#define SOFTWARE_INTO(text)                                                                        \
    ({                                                                                             \
        uint64_t pc_, next_;                                                                       \
        __asm__ volatile("csrw mie, %[msie]\n"                                                     \
                         "csrsi mstatus, 8\n"                                                      \
                         "li t0, 20000\n"                                                          \
                         "2: addi t1, t0, -1\n"                                                    \
                         "seqz t1, t1\n"                                                           \
                         "li t2, 10\n" text "addi t0, t0, -1\n"                                    \
                         "bnez t0, 2b\n"                                                           \
                         "csrci mstatus, 8\n"                                                      \
                         "mv %[pc], t6\n"                                                          \
                         "la %[next], 1b\n"                                                        \
                         : [pc] "=&r"(pc_), [next] "=&r"(next_)                                    \
                         : [msie] "r"(8L), [msip] "r"((uint64_t)CLINT_MSIP)                        \
                         : "t0", "t1", "t2", "t3", "t4", "t5", "t6", "memory");                    \
        pc_ == next_;                                                                              \
    })

static void software_at_ends(void)
{
    put("software-before-loop", SOFTWARE_INTO("sw t1, (%[msip])\n"
                                              "1: addi t2, t2, -1\n"
                                              "bnez t2, 1b\n"));
    put("software-at-page-end", SOFTWARE_INTO("j 3f\n"
                                              ".balign 4096\n"
                                              ".skip 4092\n"
                                              "3: .option push\n"
                                              ".option norvc\n"
                                              "sw t1, (%[msip])\n"
                                              ".option pop\n"
                                              "1: addi t2, t2, -1\n"
                                              "bnez t2, 1b\n"));
}

static void sleep_a_while(void)
{
    uint64_t start = READ(uint64_t, CLINT_MTIME), end = start + 50000000; /* 5 s */

    __asm__ volatile("csrw mie, %0" ::"r"(0x80L));
    WRITE(uint64_t, CLINT_MTIMECMP, end);
    __asm__ volatile("wfi");
    put("woken-late", READ(uint64_t, CLINT_MTIME) - end);
    WRITE(uint64_t, CLINT_MTIMECMP, UINT64_MAX);
}

int main(void)
{
    put("nothing", AROUND("minstret", ""));
    put("three", AROUND("minstret", "nop\nnop\nnop\n"));
    put("loop", AROUND("minstret", LOOP));
    put("device", AROUND("minstret", "nop\nlbu t0, 5(%2)\nnop\nlbu t0, 5(%2)\n"));
    put("ecall", AROUND("minstret", "nop\n.option norvc\necall\nnop\n"));
    put("loop-ns", AROUND("mcycle", LOOP));
    put("user-loop", AROUND("instret", LOOP));
    __asm__ volatile("csrw minstret, %0" ::"r"(1000L));
    timer();
    software();
    software_at_ends();
    sleep_a_while();
    put("instret", READ_CSR("instret"));
    put("time", READ_CSR("time"));
    put("cycle", READ_CSR("cycle"));
    WRITE(uint32_t, TEST_DEVICE, 0x5555);
    for (;;) {
    }
}
