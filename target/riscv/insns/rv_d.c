/* SPDX-License-Identifier: MIT */
/*
 * Double-precision floating point, RV32D and RV64D (rv_d.insn). The work is done in fp.c.
 */
#include "qemu/osdep.h"

#include "target/riscv/insns/fp-trans.h"

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

TRANS_FP_SGNJ(fsgnj_d, RV_FORMAT_D, TCG_FSGNJ_COPY)
TRANS_FP_SGNJ(fsgnjn_d, RV_FORMAT_D, TCG_FSGNJ_NEG)
TRANS_FP_SGNJ(fsgnjx_d, RV_FORMAT_D, TCG_FSGNJ_XOR)

/* ---- arithmetic ------------------------------------------------------------------------------ */

TRANS_FP_ARITH(fadd_d, RV_FORMAT_D, fadd)
TRANS_FP_ARITH(fsub_d, RV_FORMAT_D, fsub)
TRANS_FP_ARITH(fmul_d, RV_FORMAT_D, fmul)
TRANS_FP_ARITH(fdiv_d, RV_FORMAT_D, fdiv)
TRANS_FP(fsqrt_d, ArgsFdFs1Rm, gen_fp_unary, RV_FORMAT_D, TCG_OP_fsqrt, HELPER_fsqrt)
TRANS_FP_MULADD(fmadd_d, RV_FORMAT_D, 0)
TRANS_FP_MULADD(fmsub_d, RV_FORMAT_D, FLOAT_NEGATE_ADDEND)
TRANS_FP_MULADD(fnmsub_d, RV_FORMAT_D, FLOAT_NEGATE_PRODUCT)
TRANS_FP_MULADD(fnmadd_d, RV_FORMAT_D, FLOAT_NEGATE_PRODUCT | FLOAT_NEGATE_ADDEND)
TRANS_FP_MINMAX(fmin_d, RV_FORMAT_D, fmin)
TRANS_FP_MINMAX(fmax_d, RV_FORMAT_D, fmax)

/* ---- comparison, classification -------------------------------------------------------------- */

TRANS_FP_COMPARE(feq_d, RV_FORMAT_D, TCG_FCMP_EQ, HELPER_feq)
TRANS_FP_COMPARE(flt_d, RV_FORMAT_D, TCG_FCMP_LT, HELPER_flt)
TRANS_FP_COMPARE(fle_d, RV_FORMAT_D, TCG_FCMP_LE, HELPER_fle)
TRANS_FP(fclass_d, ArgsRdFs1, gen_fp_class, RV_FORMAT_D)

/* ---- conversions ----------------------------------------------------------------------------- */

bool trans_fcvt_s_d(DisasContext *ctx, const ArgsFdFs1Rm *a)
{
    return gen_fp_convert(ctx, a, RV_FORMAT_S, RV_FORMAT_D);
}

bool trans_fcvt_d_s(DisasContext *ctx, const ArgsFdFs1Rm *a)
{
    return gen_fp_convert(ctx, a, RV_FORMAT_D, RV_FORMAT_S);
}

TRANS_FP_TO_INT(fcvt_w_d, RV_FORMAT_D, 0)
TRANS_FP_TO_INT(fcvt_wu_d, RV_FORMAT_D, RV_FP_UNSIGNED)
TRANS_FP_TO_INT(fcvt_l_d, RV_FORMAT_D, RV_FP_INT64)
TRANS_FP_TO_INT(fcvt_lu_d, RV_FORMAT_D, RV_FP_INT64 | RV_FP_UNSIGNED)
TRANS_FP_FROM_INT(fcvt_d_w, RV_FORMAT_D, 0)
TRANS_FP_FROM_INT(fcvt_d_wu, RV_FORMAT_D, RV_FP_UNSIGNED)
TRANS_FP_FROM_INT(fcvt_d_l, RV_FORMAT_D, RV_FP_INT64)
TRANS_FP_FROM_INT(fcvt_d_lu, RV_FORMAT_D, RV_FP_INT64 | RV_FP_UNSIGNED)
