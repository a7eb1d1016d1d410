/* SPDX-License-Identifier: MIT */
/*
 * M-mode without firmware, at 0x80000000: prints by polling the UART, waits for the timer
 * interrupt of the CLINT, prints again and powers off through the test device.
 */
#define UART 0x10000000
#define UART_LSR 5
#define UART_LSR_THRE 0x20
#define CLINT_MTIMECMP 0x2004000
#define CLINT_MTIME 0x200bff8
#define TEST_DEVICE 0x100000
#define TEST_POWER_OFF 0x5555
#define MIE_MTIE 0x80
#define MSTATUS_MIE 8
#define TICKS_10_MS 100000

.globl _start
_start:
    csrr    a0, mhartid
    bnez    a0, park
    la      a1, greeting
    call    puts
    la      t0, trap
    csrw    mtvec, t0
    li      t0, CLINT_MTIME
    ld      t1, (t0)
    li      t2, TICKS_10_MS
    add     t1, t1, t2
    li      t0, CLINT_MTIMECMP
    sd      t1, (t0)
    li      t0, MIE_MTIE
    csrw    mie, t0
    csrsi   mstatus, MSTATUS_MIE
1:  wfi
    j       1b

.balign 4
trap:
    csrr    t0, mcause
    la      a1, tick
    bltz    t0, 1f
    la      a1, bad
1:  call    puts
    li      t0, TEST_DEVICE
    li      t1, TEST_POWER_OFF
    sw      t1, (t0)
park:
    wfi
    j       park

/* Prints the string at a1. */
puts:
    li      t0, UART
1:  lbu     t1, (a1)
    beqz    t1, 3f
2:  lbu     t2, UART_LSR(t0)
    andi    t2, t2, UART_LSR_THRE
    beqz    t2, 2b
    sb      t1, (t0)
    addi    a1, a1, 1
    j       1b
3:  ret

.section .rodata
greeting: .string "UART-OK\n"
tick: .string "TIMER-OK\n"
bad: .string "TRAP-BAD\n"
