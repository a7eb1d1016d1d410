/* SPDX-License-Identifier: MIT */
/*
 * Single-bit instructions, Zbs (rv_zbs.insn). A bit number is taken modulo XLEN, as IR's shifts
 * do.
 */
#include "qemu/osdep.h"

#include "target/riscv/decode.h"

typedef TCGv (*GenBitOp)(TCGContext *c, TCGType type, TCGv value, TCGv mask);

static bool gen_bit(DisasContext *ctx, int rd, int rs1, TCGv number, GenBitOp op)
{
    TCGv mask = tcg_shl(ctx->tcg, ctx->type, tcg_const(ctx->tcg, 1), number);

    gpr_set_xlen(ctx, rd, op(ctx->tcg, ctx->type, gpr_get(ctx, rs1), mask));
    return true;
}

static TCGv gen_test_bit(TCGContext *c, TCGType type, TCGv value, TCGv mask)
{
    return tcg_setcond(c, type, TCG_COND_TSTNE, value, mask);
}

#define TRANS_BIT(name, op)                                                                        \
    bool trans_##name(DisasContext *ctx, const ArgsRdRs1Rs2 *a)                                    \
    {                                                                                              \
        return gen_bit(ctx, a->rd, a->rs1, gpr_get(ctx, a->rs2), op);                              \
    }

#define TRANS_BIT_IMM(name, op)                                                                    \
    bool trans_##name(DisasContext *ctx, const ArgsRdRs1Shamt *a)                                  \
    {                                                                                              \
        return gen_bit(ctx, a->rd, a->rs1, tcg_const(ctx->tcg, a->shamt), op);                     \
    }

TRANS_BIT(bclr, tcg_andc)
TRANS_BIT(bext, gen_test_bit)
TRANS_BIT(binv, tcg_xor)
TRANS_BIT(bset, tcg_or)
TRANS_BIT_IMM(bclri, tcg_andc)
TRANS_BIT_IMM(bexti, gen_test_bit)
TRANS_BIT_IMM(binvi, tcg_xor)
TRANS_BIT_IMM(bseti, tcg_or)
