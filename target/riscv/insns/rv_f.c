/* SPDX-License-Identifier: MIT */
/*
 * Single-precision floating point, RV32F and RV64F (rv_f.insn). The work is done in fp.c.
 */
#include "qemu/osdep.h"

#include "target/riscv/insns/fp-trans.h"

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

TRANS_FP_SGNJ(fsgnj_s, RV_FORMAT_S, TCG_FSGNJ_COPY)
TRANS_FP_SGNJ(fsgnjn_s, RV_FORMAT_S, TCG_FSGNJ_NEG)
TRANS_FP_SGNJ(fsgnjx_s, RV_FORMAT_S, TCG_FSGNJ_XOR)

/* ---- arithmetic ------------------------------------------------------------------------------ */

TRANS_FP_ARITH(fadd_s, RV_FORMAT_S, fadd)
TRANS_FP_ARITH(fsub_s, RV_FORMAT_S, fsub)
TRANS_FP_ARITH(fmul_s, RV_FORMAT_S, fmul)
TRANS_FP_ARITH(fdiv_s, RV_FORMAT_S, fdiv)
TRANS_FP(fsqrt_s, ArgsFdFs1Rm, gen_fp_unary, RV_FORMAT_S, TCG_OP_fsqrt, HELPER_fsqrt)
TRANS_FP_MULADD(fmadd_s, RV_FORMAT_S, 0)
TRANS_FP_MULADD(fmsub_s, RV_FORMAT_S, FLOAT_NEGATE_ADDEND)
TRANS_FP_MULADD(fnmsub_s, RV_FORMAT_S, FLOAT_NEGATE_PRODUCT)
TRANS_FP_MULADD(fnmadd_s, RV_FORMAT_S, FLOAT_NEGATE_PRODUCT | FLOAT_NEGATE_ADDEND)
TRANS_FP_MINMAX(fmin_s, RV_FORMAT_S, fmin)
TRANS_FP_MINMAX(fmax_s, RV_FORMAT_S, fmax)

/* ---- comparison, classification -------------------------------------------------------------- */

TRANS_FP_COMPARE(feq_s, RV_FORMAT_S, TCG_FCMP_EQ, HELPER_feq)
TRANS_FP_COMPARE(flt_s, RV_FORMAT_S, TCG_FCMP_LT, HELPER_flt)
TRANS_FP_COMPARE(fle_s, RV_FORMAT_S, TCG_FCMP_LE, HELPER_fle)
TRANS_FP(fclass_s, ArgsRdFs1, gen_fp_class, RV_FORMAT_S)

/* ---- conversions ----------------------------------------------------------------------------- */

TRANS_FP_TO_INT(fcvt_w_s, RV_FORMAT_S, 0)
TRANS_FP_TO_INT(fcvt_wu_s, RV_FORMAT_S, RV_FP_UNSIGNED)
TRANS_FP_TO_INT(fcvt_l_s, RV_FORMAT_S, RV_FP_INT64)
TRANS_FP_TO_INT(fcvt_lu_s, RV_FORMAT_S, RV_FP_INT64 | RV_FP_UNSIGNED)
TRANS_FP_FROM_INT(fcvt_s_w, RV_FORMAT_S, 0)
TRANS_FP_FROM_INT(fcvt_s_wu, RV_FORMAT_S, RV_FP_UNSIGNED)
TRANS_FP_FROM_INT(fcvt_s_l, RV_FORMAT_S, RV_FP_INT64)
TRANS_FP_FROM_INT(fcvt_s_lu, RV_FORMAT_S, RV_FP_INT64 | RV_FP_UNSIGNED)
