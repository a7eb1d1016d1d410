/* SPDX-License-Identifier: MIT */
/*
 * The differential test's way into a program and back: see runner.c.
 *
 * enter_program(struct context *) loads all integer registers and goes to the program by mret. The
 * program's next trap brings it back: the registers are in the context then, and the caller
 * goes on as after any call. Floating point registers are left alone.
 */
#include "layout.h"

    .option norvc
    .text
    .globl _start
_start:
    la      sp, stack_top
    la      t0, trap
    csrw    mtvec, t0
    call    run_all
1:  j       1b

    .globl enter_program
enter_program:
    addi    sp, sp, -128
    sd      ra, 0(sp)
    sd      gp, 8(sp)
    sd      tp, 16(sp)
    sd      s0, 24(sp)
    sd      s1, 32(sp)
    sd      s2, 40(sp)
    sd      s3, 48(sp)
    sd      s4, 56(sp)
    sd      s5, 64(sp)
    sd      s6, 72(sp)
    sd      s7, 80(sp)
    sd      s8, 88(sp)
    sd      s9, 96(sp)
    sd      s10, 104(sp)
    sd      s11, 112(sp)
    sd      sp, CONTEXT_SP(a0)
    csrw    mscratch, a0
    .irp    n, 1,2,3,4,5,6,7,8,9,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    ld      x\n, 8 * \n(a0)
    .endr
    ld      a0, 8 * 10(a0)
    mret

    .balign 4
trap:
    csrrw   a0, mscratch, a0
    .irp    n, 1,2,3,4,5,6,7,8,9,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    sd      x\n, 8 * \n(a0)
    .endr
    csrr    t0, mscratch
    sd      t0, 8 * 10(a0)
    ld      sp, CONTEXT_SP(a0)
    ld      ra, 0(sp)
    ld      gp, 8(sp)
    ld      tp, 16(sp)
    ld      s0, 24(sp)
    ld      s1, 32(sp)
    ld      s2, 40(sp)
    ld      s3, 48(sp)
    ld      s4, 56(sp)
    ld      s5, 64(sp)
    ld      s6, 72(sp)
    ld      s7, 80(sp)
    ld      s8, 88(sp)
    ld      s9, 96(sp)
    ld      s10, 104(sp)
    ld      s11, 112(sp)
    addi    sp, sp, 128
    ret

    .option arch, +d
    /* put_fp(const uint64_t f[32]) and take_fp(uint64_t f[32]) */
    .globl put_fp
put_fp:
    .irp    n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    fld     f\n, 8 * \n(a0)
    .endr
    ret

    .globl take_fp
take_fp:
    .irp    n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    fsd     f\n, 8 * \n(a0)
    .endr
    ret

    .bss
    .balign 16
    .space  16384
stack_top:
