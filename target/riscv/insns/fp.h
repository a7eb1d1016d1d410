/* SPDX-License-Identifier: MIT */
/*
 * What the translation of the floating point extensions shares: one emitter for each kind of
 * instruction, of which format and operation are arguments.
 *
 * An operation has up to two forms: an IR op, which the back end computes with the host's floating
 * point, and a helper, which is exact in all cases (helper-fp.c). The op is emitted where the
 * rounding mode is the one in frm, as that is the one the host is set to, and the host has it.
 */
#ifndef TARGET_RISCV_INSNS_FP_H
#define TARGET_RISCV_INSNS_FP_H

#include "target/riscv/decode.h"
#include "target/riscv/helper-fp.h"

/* The op number of an operation that has no op: TCG_OP_nop is never emitted. */
#define FP_NO_OP TCG_OP_nop

bool gen_fp_load(DisasContext *ctx, const ArgsRs1FdImm *a, MemOp op);
bool gen_fp_store(DisasContext *ctx, const ArgsRs1Fs2Imm *a, MemOp op);

/* These return false where rm is "dynamic" and frm holds a reserved value. */
bool gen_fp_arith(DisasContext *ctx, const ArgsFdFs1Fs2Rm *a, RVFormat format, unsigned opc,
                  RISCVHelper helper);
/* fsqrt, fround, froundnx */
bool gen_fp_unary(DisasContext *ctx, const ArgsFdFs1Rm *a, RVFormat format, unsigned opc,
                  RISCVHelper helper);
/* @negate: FLOAT_NEGATE_* */
bool gen_fp_muladd(DisasContext *ctx, const ArgsFdFs1Fs2Fs3Rm *a, RVFormat format, unsigned negate);
bool gen_fp_convert(DisasContext *ctx, const ArgsFdFs1Rm *a, RVFormat to, RVFormat from);
/* @integer: RV_FP_INT64 and RV_FP_UNSIGNED */
bool gen_fp_to_int(DisasContext *ctx, const ArgsRdFs1Rm *a, RVFormat format, unsigned integer);
bool gen_fp_from_int(DisasContext *ctx, const ArgsRs1FdRm *a, RVFormat format, unsigned integer);

/* These round nothing and always return true. */
bool gen_fp_minmax(DisasContext *ctx, const ArgsFdFs1Fs2 *a, RVFormat format, unsigned opc,
                   RISCVHelper helper);
/* @kind: TCG_FSGNJ_* */
bool gen_fp_sgnj(DisasContext *ctx, const ArgsFdFs1Fs2 *a, RVFormat format, int kind);
/* @cmp: TCG_FCMP_*, looked at if there is an op */
bool gen_fp_compare(DisasContext *ctx, const ArgsRdFs1Fs2 *a, RVFormat format, unsigned opc,
                    int cmp, RISCVHelper helper);
bool gen_fp_class(DisasContext *ctx, const ArgsRdFs1 *a, RVFormat format);

#endif
