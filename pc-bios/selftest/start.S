/* SPDX-License-Identifier: MIT */
/*
 * The self-test's entry, traps and the change to U-mode. M-mode only.
 *
 * All harts enter at _start with a0 = hart and a1 = device tree. Hart 0 runs main(); the others
 * run secondary_main(), each on a stack of its own.
 */
#include "selftest.h"

.section .text.start
.globl _start
_start:
    csrw    mie, zero
    la      t0, trap_entry
    csrw    mtvec, t0
    li      t0, MAX_HARTS
    bgeu    a0, t0, park
    la      sp, stacks
    addi    t0, a0, 1
    li      t1, STACK_SIZE
    mul     t0, t0, t1
    add     sp, sp, t0
    bnez    a0, secondary
    /* Hart 0 zeroes .bss before the others may look at it. */
    la      t0, bss_start
    la      t1, bss_end
1:  bgeu    t0, t1, 2f
    sd      zero, (t0)
    addi    t0, t0, 8
    j       1b
2:  la      t0, bss_ready
    li      t1, 1
    fence   rw, w
    sw      t1, (t0)
    mv      a0, a1
    call    main

secondary:
    la      t0, bss_ready
1:  lw      t1, (t0)
    beqz    t1, 1b
    fence   r, rw
    call    secondary_main

park:
    wfi
    j       park

/* Traps: to trap_handle(cause, tval, epc), which says where to go on. */
.balign 4
trap_entry:
    addi    sp, sp, -16 * 8
    sd      ra, 0 * 8(sp)
    sd      t0, 1 * 8(sp)
    sd      t1, 2 * 8(sp)
    sd      t2, 3 * 8(sp)
    sd      t3, 4 * 8(sp)
    sd      t4, 5 * 8(sp)
    sd      t5, 6 * 8(sp)
    sd      t6, 7 * 8(sp)
    sd      a0, 8 * 8(sp)
    sd      a1, 9 * 8(sp)
    sd      a2, 10 * 8(sp)
    sd      a3, 11 * 8(sp)
    sd      a4, 12 * 8(sp)
    sd      a5, 13 * 8(sp)
    sd      a6, 14 * 8(sp)
    sd      a7, 15 * 8(sp)
    csrr    a0, mcause
    csrr    a1, mtval
    csrr    a2, mepc
    call    trap_handle
    csrw    mepc, a0
    ld      ra, 0 * 8(sp)
    ld      t0, 1 * 8(sp)
    ld      t1, 2 * 8(sp)
    ld      t2, 3 * 8(sp)
    ld      t3, 4 * 8(sp)
    ld      t4, 5 * 8(sp)
    ld      t5, 6 * 8(sp)
    ld      t6, 7 * 8(sp)
    ld      a0, 8 * 8(sp)
    ld      a1, 9 * 8(sp)
    ld      a2, 10 * 8(sp)
    ld      a3, 11 * 8(sp)
    ld      a4, 12 * 8(sp)
    ld      a5, 13 * 8(sp)
    ld      a6, 14 * 8(sp)
    ld      a7, 15 * 8(sp)
    addi    sp, sp, 16 * 8
    mret

/*
 * void user_run(void (*code)(void)): in U-mode, until its first trap, which trap_handle() sends
 * to user_return in M-mode. The code keeps ra, sp and s0 to s11.
 */
.globl user_run
user_run:
    li      t0, MSTATUS_MPP | MSTATUS_MPIE /* and interrupts stay off */
    csrc    mstatus, t0
    csrw    mepc, a0
    mret
.globl user_return
user_return:
    ret

/* Code for user_run(). */
.globl user_ecall
user_ecall:
    ecall
.globl user_read_mstatus
user_read_mstatus:
    csrr    t0, mstatus
    ecall

.data
.balign 4
bss_ready: .word 0

.section .stacks, "aw", @nobits
.balign 16
stacks: .skip MAX_HARTS * STACK_SIZE
