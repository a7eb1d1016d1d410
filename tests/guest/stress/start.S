/* SPDX-License-Identifier: MIT */
/* Entry and trap entry of the stress guest: a stack for each hart, registers saved around trap(). */
#define STACKS 0x80600000
#define STACK_SIZE_LOG2 14
#define FRAME 128

.section .text.start, "ax"
.globl _start
_start:
    csrr    a0, mhartid
    la      t0, trap_entry
    csrw    mtvec, t0
    li      t0, -1          # PMP: everything, also for loads as S mode
    csrw    pmpaddr0, t0
    li      t0, 0x1f
    csrw    pmpcfg0, t0
    li      sp, STACKS
    addi    t0, a0, 1
    slli    t0, t0, STACK_SIZE_LOG2
    add     sp, sp, t0
    call    start

.balign 4
trap_entry:
    csrw    mscratch, ra    # where to go on after a jump to nothing
    addi    sp, sp, -FRAME
    sd      ra, 0(sp)
    sd      t0, 8(sp)
    sd      t1, 16(sp)
    sd      t2, 24(sp)
    sd      t3, 32(sp)
    sd      t4, 40(sp)
    sd      t5, 48(sp)
    sd      t6, 56(sp)
    sd      a0, 64(sp)
    sd      a1, 72(sp)
    sd      a2, 80(sp)
    sd      a3, 88(sp)
    sd      a4, 96(sp)
    sd      a5, 104(sp)
    sd      a6, 112(sp)
    sd      a7, 120(sp)
    csrr    a0, mhartid
    call    trap
    ld      ra, 0(sp)
    ld      t0, 8(sp)
    ld      t1, 16(sp)
    ld      t2, 24(sp)
    ld      t3, 32(sp)
    ld      t4, 40(sp)
    ld      t5, 48(sp)
    ld      t6, 56(sp)
    ld      a0, 64(sp)
    ld      a1, 72(sp)
    ld      a2, 80(sp)
    ld      a3, 88(sp)
    ld      a4, 96(sp)
    ld      a5, 104(sp)
    ld      a6, 112(sp)
    ld      a7, 120(sp)
    addi    sp, sp, FRAME
    mret
