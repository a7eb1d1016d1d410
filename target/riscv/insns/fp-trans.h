/* SPDX-License-Identifier: MIT */
/*
 * The trans_ functions that each floating point format has: a row with the name, the format and
 * what the operation is, in the .c file beside the .insn file that describes it.
 */
#ifndef TARGET_RISCV_INSNS_FP_TRANS_H
#define TARGET_RISCV_INSNS_FP_TRANS_H

#include "qemu/fpu.h"
#include "target/riscv/insns/fp.h"

/* A trans_ function that hands its arguments, and what else is given, to an emitter. */
#define TRANS_FP(name, args, emitter, ...)                                                         \
    bool trans_##name(DisasContext *ctx, const args *a)                                            \
    {                                                                                              \
        return emitter(ctx, a, __VA_ARGS__);                                                       \
    }

/* One row each. */
#define TRANS_FP_SGNJ(name, format, kind) TRANS_FP(name, ArgsFdFs1Fs2, gen_fp_sgnj, format, kind)
#define TRANS_FP_ARITH(name, format, op)                                                           \
    TRANS_FP(name, ArgsFdFs1Fs2Rm, gen_fp_arith, format, TCG_OP_##op, HELPER_##op)
#define TRANS_FP_MULADD(name, format, negate)                                                      \
    TRANS_FP(name, ArgsFdFs1Fs2Fs3Rm, gen_fp_muladd, format, negate)
#define TRANS_FP_MINMAX(name, format, op)                                                          \
    TRANS_FP(name, ArgsFdFs1Fs2, gen_fp_minmax, format, TCG_OP_##op, HELPER_##op)
#define TRANS_FP_COMPARE(name, format, cmp, helper)                                                \
    TRANS_FP(name, ArgsRdFs1Fs2, gen_fp_compare, format, TCG_OP_fcmp, cmp, helper)
#define TRANS_FP_TO_INT(name, format, integer)                                                     \
    TRANS_FP(name, ArgsRdFs1Rm, gen_fp_to_int, format, integer)
#define TRANS_FP_FROM_INT(name, format, integer)                                                   \
    TRANS_FP(name, ArgsRs1FdRm, gen_fp_from_int, format, integer)

#endif
