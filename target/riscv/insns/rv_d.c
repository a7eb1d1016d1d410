/* SPDX-License-Identifier: MIT */
/*
 * Double-precision floating point, RV32D and RV64D (rv_d.insn). The work is done in fp.c.
 */
#include "qemu/osdep.h"

#include "qemu/fpu.h"
#include "target/riscv/insns/fp.h"

/* ---- memory and moves ------------------------------------------------------------------------ */

bool trans_fld(DisasContext *ctx, const ArgsRs1FdImm *a)
{
    return gen_fp_load(ctx, a, MO_UQ);
}

bool trans_fsd(DisasContext *ctx, const ArgsRs1Fs2Imm *a)
{
    return gen_fp_store(ctx, a, MO_UQ);
}

bool trans_fmv_x_d(DisasContext *ctx, const ArgsRdFs1 *a)
{
    gpr_set(ctx, a->rd, tcg_f2i(ctx->tcg, fpr_get(ctx, a->fs1)));
    return true;
}

bool trans_fmv_d_x(DisasContext *ctx, const ArgsRs1Fd *a)
{
    fpr_set(ctx, a->fd, tcg_i2f(ctx->tcg, gpr_get(ctx, a->rs1)));
    return true;
}

#define TRANS_SGNJ(name, kind)                                                                     \
    bool trans_##name(DisasContext *ctx, const ArgsFdFs1Fs2 *a)                                    \
    {                                                                                              \
        return gen_fp_sgnj(ctx, a, RV_FORMAT_D, kind);                                             \
    }

TRANS_SGNJ(fsgnj_d, TCG_FSGNJ_COPY)
TRANS_SGNJ(fsgnjn_d, TCG_FSGNJ_NEG)
TRANS_SGNJ(fsgnjx_d, TCG_FSGNJ_XOR)

/* ---- arithmetic ------------------------------------------------------------------------------ */

#define TRANS_ARITH(name, op)                                                                      \
    bool trans_##name(DisasContext *ctx, const ArgsFdFs1Fs2Rm *a)                                  \
    {                                                                                              \
        return gen_fp_arith(ctx, a, RV_FORMAT_D, TCG_OP_##op, HELPER_##op);                        \
    }

TRANS_ARITH(fadd_d, fadd)
TRANS_ARITH(fsub_d, fsub)
TRANS_ARITH(fmul_d, fmul)
TRANS_ARITH(fdiv_d, fdiv)

bool trans_fsqrt_d(DisasContext *ctx, const ArgsFdFs1Rm *a)
{
    return gen_fp_unary(ctx, a, RV_FORMAT_D, TCG_OP_fsqrt, HELPER_fsqrt);
}

#define TRANS_MULADD(name, negate)                                                                 \
    bool trans_##name(DisasContext *ctx, const ArgsFdFs1Fs2Fs3Rm *a)                               \
    {                                                                                              \
        return gen_fp_muladd(ctx, a, RV_FORMAT_D, negate);                                         \
    }

TRANS_MULADD(fmadd_d, 0)
TRANS_MULADD(fmsub_d, FLOAT_NEGATE_ADDEND)
TRANS_MULADD(fnmsub_d, FLOAT_NEGATE_PRODUCT)
TRANS_MULADD(fnmadd_d, FLOAT_NEGATE_PRODUCT | FLOAT_NEGATE_ADDEND)

#define TRANS_MINMAX(name, op)                                                                     \
    bool trans_##name(DisasContext *ctx, const ArgsFdFs1Fs2 *a)                                    \
    {                                                                                              \
        return gen_fp_minmax(ctx, a, RV_FORMAT_D, TCG_OP_##op, HELPER_##op);                       \
    }

TRANS_MINMAX(fmin_d, fmin)
TRANS_MINMAX(fmax_d, fmax)

/* ---- comparison, classification -------------------------------------------------------------- */

#define TRANS_COMPARE(name, cmp, helper)                                                           \
    bool trans_##name(DisasContext *ctx, const ArgsRdFs1Fs2 *a)                                    \
    {                                                                                              \
        return gen_fp_compare(ctx, a, RV_FORMAT_D, TCG_OP_fcmp, cmp, helper);                      \
    }

TRANS_COMPARE(feq_d, TCG_FCMP_EQ, HELPER_feq)
TRANS_COMPARE(flt_d, TCG_FCMP_LT, HELPER_flt)
TRANS_COMPARE(fle_d, TCG_FCMP_LE, HELPER_fle)

bool trans_fclass_d(DisasContext *ctx, const ArgsRdFs1 *a)
{
    return gen_fp_class(ctx, a, RV_FORMAT_D);
}

/* ---- conversions ----------------------------------------------------------------------------- */

bool trans_fcvt_s_d(DisasContext *ctx, const ArgsFdFs1Rm *a)
{
    return gen_fp_convert(ctx, a, RV_FORMAT_S, RV_FORMAT_D);
}

bool trans_fcvt_d_s(DisasContext *ctx, const ArgsFdFs1Rm *a)
{
    return gen_fp_convert(ctx, a, RV_FORMAT_D, RV_FORMAT_S);
}

#define TRANS_TO_INT(name, integer)                                                                \
    bool trans_##name(DisasContext *ctx, const ArgsRdFs1Rm *a)                                     \
    {                                                                                              \
        return gen_fp_to_int(ctx, a, RV_FORMAT_D, integer);                                        \
    }

TRANS_TO_INT(fcvt_w_d, 0)
TRANS_TO_INT(fcvt_wu_d, RV_FP_UNSIGNED)
TRANS_TO_INT(fcvt_l_d, RV_FP_INT64)
TRANS_TO_INT(fcvt_lu_d, RV_FP_INT64 | RV_FP_UNSIGNED)

#define TRANS_FROM_INT(name, integer)                                                              \
    bool trans_##name(DisasContext *ctx, const ArgsRs1FdRm *a)                                     \
    {                                                                                              \
        return gen_fp_from_int(ctx, a, RV_FORMAT_D, integer);                                      \
    }

TRANS_FROM_INT(fcvt_d_w, 0)
TRANS_FROM_INT(fcvt_d_wu, RV_FP_UNSIGNED)
TRANS_FROM_INT(fcvt_d_l, RV_FP_INT64)
TRANS_FROM_INT(fcvt_d_lu, RV_FP_INT64 | RV_FP_UNSIGNED)
