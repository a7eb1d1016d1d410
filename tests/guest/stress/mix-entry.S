/* SPDX-License-Identifier: MIT */
/* Ways in and out of mode mix: struct Context is as in mix.h. */
#define MACHINE_SP 256
#define SAVED 112

.option norvc
.section .text

/* u64 mix_run(struct Context *): until the next trap to M mode, whose mcause it returns. */
.globl mix_run
mix_run:
    addi    sp, sp, -SAVED
    sd      ra, 0(sp)
    sd      s0, 8(sp)
    sd      s1, 16(sp)
    sd      s2, 24(sp)
    sd      s3, 32(sp)
    sd      s4, 40(sp)
    sd      s5, 48(sp)
    sd      s6, 56(sp)
    sd      s7, 64(sp)
    sd      s8, 72(sp)
    sd      s9, 80(sp)
    sd      s10, 88(sp)
    sd      s11, 96(sp)
    sd      sp, MACHINE_SP(a0)
    csrw    mscratch, a0
    la      t0, from_below
    csrw    mtvec, t0
    ld      t0, 0(a0)
    csrw    mepc, t0
    .irp n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    ld      x\n, 8 * \n(a0)
    .endr
    ld      a0, 80(a0)
    mret

.balign 4
from_below:
    csrrw   a0, mscratch, a0
    .irp n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    sd      x\n, 8 * \n(a0)
    .endr
    csrr    t0, mscratch
    sd      t0, 80(a0)
    csrr    t0, mepc
    sd      t0, 0(a0)
    ld      sp, MACHINE_SP(a0)
    la      t0, from_machine
    csrw    mtvec, t0
    ld      ra, 0(sp)
    ld      s0, 8(sp)
    ld      s1, 16(sp)
    ld      s2, 24(sp)
    ld      s3, 32(sp)
    ld      s4, 40(sp)
    ld      s5, 48(sp)
    ld      s6, 56(sp)
    ld      s7, 64(sp)
    ld      s8, 72(sp)
    ld      s9, 80(sp)
    ld      s10, 88(sp)
    ld      s11, 96(sp)
    addi    sp, sp, SAVED
    csrr    a0, mcause
    ret

/* M mode itself does not trap. */
.balign 4
from_machine:
    call    mix_machine_trap

/* A thread begins: a0 is the thread, as it sees it. */
.balign 4
.globl mix_thread_entry
mix_thread_entry:
    call    mix_thread
1:  j       1b

/* The handler in S mode, on the thread's second stack. */
.balign 4
.globl mix_supervisor_entry
mix_supervisor_entry:
    csrrw   sp, sscratch, sp
    addi    sp, sp, -128
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
    mv      a0, sp
    ld      a1, 128(sp)
    call    mix_supervisor
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
    addi    sp, sp, 128
    csrrw   sp, sscratch, sp
    sret

/*
 * u64 mix_hold(u64 seed, u64 loops): all registers hold seed + number for that many loops, but a0,
 * which counts, and sp; returns how many did not.
 */
#define HELD 3, 4, 5, 6, 7, 8, 9, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
.globl mix_hold
mix_hold:
    addi    sp, sp, -256
    .irp n, 3, 4, 8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27
    sd      x\n, 8 * \n(sp)
    .endr
    sd      ra, 0(sp)
    mv      ra, a0
    .irp n, HELD
    addi    x\n, ra, \n
    .endr
1:  addi    a1, a1, -1
    bnez    a1, 1b
    li      a0, 0
    .irp n, HELD
    addi    a1, ra, \n
    sub     a1, a1, x\n
    snez    a1, a1
    add     a0, a0, a1
    .endr
    .irp n, 3, 4, 8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27
    ld      x\n, 8 * \n(sp)
    .endr
    ld      ra, 0(sp)
    addi    sp, sp, 256
    ret
