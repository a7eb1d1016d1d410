/* SPDX-License-Identifier: MIT */
/*
 * Integer multiplication and division, M and Zmmul (rv_m.insn). The IR's division has the manual's
 * results for zero divisors and overflow (tcg-opc.def), so that nothing is tested here.
 */
#include "qemu/osdep.h"

#include "target/riscv/decode.h"

#define TRANS_BINARY(name, op, type, set)                                                          \
    bool trans_##name(DisasContext *ctx, const ArgsRdRs1Rs2 *a)                                    \
    {                                                                                              \
        set(ctx, a->rd, tcg_##op(ctx->tcg, type, gpr_get(ctx, a->rs1), gpr_get(ctx, a->rs2)));     \
        return true;                                                                               \
    }

TRANS_BINARY(mul, mul, ctx->type, gpr_set_xlen)
TRANS_BINARY(div, divs, ctx->type, gpr_set_xlen)
TRANS_BINARY(divu, divu, ctx->type, gpr_set_xlen)
TRANS_BINARY(rem, rems, ctx->type, gpr_set_xlen)
TRANS_BINARY(remu, remu, ctx->type, gpr_set_xlen)
TRANS_BINARY(mulw, mul, TCG_I32, gpr_set_w)
TRANS_BINARY(divw, divs, TCG_I32, gpr_set_w)
TRANS_BINARY(divuw, divu, TCG_I32, gpr_set_w)
TRANS_BINARY(remw, rems, TCG_I32, gpr_set_w)
TRANS_BINARY(remuw, remu, TCG_I32, gpr_set_w)

/* Upper half of a 32 x 32 product, each factor extended by its signedness: exact in 64 bits. */
static void gen_mulh_rv32(DisasContext *ctx, const ArgsRdRs1Rs2 *a, bool signed1, bool signed2)
{
    TCGv left = gpr_get(ctx, a->rs1);
    TCGv right = gpr_get(ctx, a->rs2);

    left = signed1 ? left : tcg_ext32u(ctx->tcg, left);
    right = signed2 ? right : tcg_ext32u(ctx->tcg, right);
    gpr_set(ctx, a->rd, tcg_sari(ctx->tcg, TCG_I64, tcg_mul(ctx->tcg, TCG_I64, left, right), 32));
}

#define TRANS_MULH(name, op, signed1, signed2)                                                     \
    bool trans_##name(DisasContext *ctx, const ArgsRdRs1Rs2 *a)                                    \
    {                                                                                              \
        if (ctx->xlen == 32) {                                                                     \
            gen_mulh_rv32(ctx, a, signed1, signed2);                                               \
        } else {                                                                                   \
            gpr_set(ctx, a->rd,                                                                    \
                    tcg_##op(ctx->tcg, TCG_I64, gpr_get(ctx, a->rs1), gpr_get(ctx, a->rs2)));      \
        }                                                                                          \
        return true;                                                                               \
    }

TRANS_MULH(mulh, mulsh, true, true)
TRANS_MULH(mulhsu, mulsuh, true, false)
TRANS_MULH(mulhu, muluh, false, false)
