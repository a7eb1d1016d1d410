/* SPDX-License-Identifier: MIT */
/* Address generation, Zba (rv_zba.insn): a shift and an addition, which hosts do in one. */
#include "qemu/osdep.h"

#include "target/riscv/decode.h"

static bool gen_shadd(DisasContext *ctx, const ArgsRdRs1Rs2 *a, TCGv index, unsigned shift)
{
    TCGv scaled = tcg_shli(ctx->tcg, ctx->type, index, shift);

    gpr_set_xlen(ctx, a->rd, tcg_add(ctx->tcg, ctx->type, scaled, gpr_get(ctx, a->rs2)));
    return true;
}

#define TRANS_SHADD(name, shift)                                                                   \
    bool trans_##name(DisasContext *ctx, const ArgsRdRs1Rs2 *a)                                    \
    {                                                                                              \
        return gen_shadd(ctx, a, gpr_get(ctx, a->rs1), shift);                                     \
    }

TRANS_SHADD(sh1add, 1)
TRANS_SHADD(sh2add, 2)
TRANS_SHADD(sh3add, 3)

#define TRANS_SHADD_UW(name, shift)                                                                \
    bool trans_##name(DisasContext *ctx, const ArgsRdRs1Rs2 *a)                                    \
    {                                                                                              \
        return gen_shadd(ctx, a, tcg_ext32u(ctx->tcg, gpr_get(ctx, a->rs1)), shift);               \
    }

TRANS_SHADD_UW(add_uw, 0)
TRANS_SHADD_UW(sh1add_uw, 1)
TRANS_SHADD_UW(sh2add_uw, 2)
TRANS_SHADD_UW(sh3add_uw, 3)

bool trans_slli_uw(DisasContext *ctx, const ArgsRdRs1Shamt *a)
{
    TCGv value = tcg_ext32u(ctx->tcg, gpr_get(ctx, a->rs1));

    gpr_set(ctx, a->rd, tcg_shli(ctx->tcg, TCG_I64, value, a->shamt));
    return true;
}
