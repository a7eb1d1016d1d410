/* SPDX-License-Identifier: MIT */
/*
 * Single-precision floating point, RV32F and RV64F (rv_f.insn). The work is done in fp.c.
 */
#include "qemu/osdep.h"

#include "qemu/fpu.h"
#include "target/riscv/insns/fp.h"

/* ---- memory and moves ------------------------------------------------------------------------ */

bool trans_flw(DisasContext *ctx, const ArgsRs1FdImm *a)
{
    return gen_fp_load(ctx, a, MO_UL);
}

bool trans_fsw(DisasContext *ctx, const ArgsRs1Fs2Imm *a)
{
    return gen_fp_store(ctx, a, MO_UL);
}

/* The low half whatever it is: no NaN box is looked at. */
bool trans_fmv_x_w(DisasContext *ctx, const ArgsRdFs1 *a)
{
    gpr_set_w(ctx, a->rd, tcg_f2i(ctx->tcg, fpr_get(ctx, a->fs1)));
    return true;
}

bool trans_fmv_w_x(DisasContext *ctx, const ArgsRs1Fd *a)
{
    TCGv boxed = tcg_ori(ctx->tcg, TCG_I64, gpr_get(ctx, a->rs1), (int64_t)(~0ull << 32));

    fpr_set(ctx, a->fd, tcg_i2f(ctx->tcg, boxed));
    return true;
}

#define TRANS_SGNJ(name, kind)                                                                     \
    bool trans_##name(DisasContext *ctx, const ArgsFdFs1Fs2 *a)                                    \
    {                                                                                              \
        return gen_fp_sgnj(ctx, a, RV_FORMAT_S, kind);                                             \
    }

TRANS_SGNJ(fsgnj_s, TCG_FSGNJ_COPY)
TRANS_SGNJ(fsgnjn_s, TCG_FSGNJ_NEG)
TRANS_SGNJ(fsgnjx_s, TCG_FSGNJ_XOR)

/* ---- arithmetic ------------------------------------------------------------------------------ */

#define TRANS_ARITH(name, op)                                                                      \
    bool trans_##name(DisasContext *ctx, const ArgsFdFs1Fs2Rm *a)                                  \
    {                                                                                              \
        return gen_fp_arith(ctx, a, RV_FORMAT_S, TCG_OP_##op, HELPER_##op);                        \
    }

TRANS_ARITH(fadd_s, fadd)
TRANS_ARITH(fsub_s, fsub)
TRANS_ARITH(fmul_s, fmul)
TRANS_ARITH(fdiv_s, fdiv)

bool trans_fsqrt_s(DisasContext *ctx, const ArgsFdFs1Rm *a)
{
    return gen_fp_unary(ctx, a, RV_FORMAT_S, TCG_OP_fsqrt, HELPER_fsqrt);
}

#define TRANS_MULADD(name, negate)                                                                 \
    bool trans_##name(DisasContext *ctx, const ArgsFdFs1Fs2Fs3Rm *a)                               \
    {                                                                                              \
        return gen_fp_muladd(ctx, a, RV_FORMAT_S, negate);                                         \
    }

TRANS_MULADD(fmadd_s, 0)
TRANS_MULADD(fmsub_s, FLOAT_NEGATE_ADDEND)
TRANS_MULADD(fnmsub_s, FLOAT_NEGATE_PRODUCT)
TRANS_MULADD(fnmadd_s, FLOAT_NEGATE_PRODUCT | FLOAT_NEGATE_ADDEND)

#define TRANS_MINMAX(name, op)                                                                     \
    bool trans_##name(DisasContext *ctx, const ArgsFdFs1Fs2 *a)                                    \
    {                                                                                              \
        return gen_fp_minmax(ctx, a, RV_FORMAT_S, TCG_OP_##op, HELPER_##op);                       \
    }

TRANS_MINMAX(fmin_s, fmin)
TRANS_MINMAX(fmax_s, fmax)

/* ---- comparison, classification -------------------------------------------------------------- */

#define TRANS_COMPARE(name, cmp, helper)                                                           \
    bool trans_##name(DisasContext *ctx, const ArgsRdFs1Fs2 *a)                                    \
    {                                                                                              \
        return gen_fp_compare(ctx, a, RV_FORMAT_S, TCG_OP_fcmp, cmp, helper);                      \
    }

TRANS_COMPARE(feq_s, TCG_FCMP_EQ, HELPER_feq)
TRANS_COMPARE(flt_s, TCG_FCMP_LT, HELPER_flt)
TRANS_COMPARE(fle_s, TCG_FCMP_LE, HELPER_fle)

bool trans_fclass_s(DisasContext *ctx, const ArgsRdFs1 *a)
{
    return gen_fp_class(ctx, a, RV_FORMAT_S);
}

/* ---- conversions ----------------------------------------------------------------------------- */

#define TRANS_TO_INT(name, integer)                                                                \
    bool trans_##name(DisasContext *ctx, const ArgsRdFs1Rm *a)                                     \
    {                                                                                              \
        return gen_fp_to_int(ctx, a, RV_FORMAT_S, integer);                                        \
    }

TRANS_TO_INT(fcvt_w_s, 0)
TRANS_TO_INT(fcvt_wu_s, RV_FP_UNSIGNED)
TRANS_TO_INT(fcvt_l_s, RV_FP_INT64)
TRANS_TO_INT(fcvt_lu_s, RV_FP_INT64 | RV_FP_UNSIGNED)

#define TRANS_FROM_INT(name, integer)                                                              \
    bool trans_##name(DisasContext *ctx, const ArgsRs1FdRm *a)                                     \
    {                                                                                              \
        return gen_fp_from_int(ctx, a, RV_FORMAT_S, integer);                                      \
    }

TRANS_FROM_INT(fcvt_s_w, 0)
TRANS_FROM_INT(fcvt_s_wu, RV_FP_UNSIGNED)
TRANS_FROM_INT(fcvt_s_l, RV_FP_INT64)
TRANS_FROM_INT(fcvt_s_lu, RV_FP_INT64 | RV_FP_UNSIGNED)
