/* SPDX-License-Identifier: MIT */
/* Integer conditional operations, Zicond (rv_zicond.insn). */
#include "qemu/osdep.h"

#include "target/riscv/decode.h"

static bool gen_czero(DisasContext *ctx, const ArgsRdRs1Rs2 *a, TCGCond zero_if)
{
    TCGv zero = tcg_const(ctx->tcg, 0);

    gpr_set(ctx, a->rd,
            tcg_movcond(ctx->tcg, TCG_I64, zero_if, gpr_get(ctx, a->rs2), zero, zero,
                        gpr_get(ctx, a->rs1)));
    return true;
}

bool trans_czero_eqz(DisasContext *ctx, const ArgsRdRs1Rs2 *a)
{
    return gen_czero(ctx, a, TCG_COND_EQ);
}

bool trans_czero_nez(DisasContext *ctx, const ArgsRdRs1Rs2 *a)
{
    return gen_czero(ctx, a, TCG_COND_NE);
}
