/* SPDX-License-Identifier: MIT */
/* Basic bit manipulation, Zbb (rv_zbb.insn). */
#include "qemu/osdep.h"

#include "target/riscv/decode.h"

#define TRANS_UNARY(name, op, type, set)                                                           \
    bool trans_##name(DisasContext *ctx, const ArgsRdRs1 *a)                                       \
    {                                                                                              \
        set(ctx, a->rd, tcg_##op(ctx->tcg, type, gpr_get(ctx, a->rs1)));                           \
        return true;                                                                               \
    }

/* Counts are small: right in all bits. */
TRANS_UNARY(clz, clz, ctx->type, gpr_set)
TRANS_UNARY(ctz, ctz, ctx->type, gpr_set)
TRANS_UNARY(cpop, ctpop, ctx->type, gpr_set)
TRANS_UNARY(clzw, clz, TCG_I32, gpr_set)
TRANS_UNARY(ctzw, ctz, TCG_I32, gpr_set)
TRANS_UNARY(cpopw, ctpop, TCG_I32, gpr_set)
TRANS_UNARY(rev8, bswap, ctx->type, gpr_set_xlen)

#define TRANS_BINARY(name, op, type, set)                                                          \
    bool trans_##name(DisasContext *ctx, const ArgsRdRs1Rs2 *a)                                    \
    {                                                                                              \
        set(ctx, a->rd, tcg_##op(ctx->tcg, type, gpr_get(ctx, a->rs1), gpr_get(ctx, a->rs2)));     \
        return true;                                                                               \
    }

TRANS_BINARY(andn, andc, TCG_I64, gpr_set)
TRANS_BINARY(orn, orc, TCG_I64, gpr_set)
TRANS_BINARY(xnor, eqv, TCG_I64, gpr_set)
TRANS_BINARY(rol, rotl, ctx->type, gpr_set_xlen)
TRANS_BINARY(ror, rotr, ctx->type, gpr_set_xlen)
TRANS_BINARY(rolw, rotl, TCG_I32, gpr_set_w)
TRANS_BINARY(rorw, rotr, TCG_I32, gpr_set_w)

#define TRANS_MINMAX(name, cond)                                                                   \
    bool trans_##name(DisasContext *ctx, const ArgsRdRs1Rs2 *a)                                    \
    {                                                                                              \
        TCGv left = gpr_get(ctx, a->rs1);                                                          \
        TCGv right = gpr_get(ctx, a->rs2);                                                         \
                                                                                                   \
        gpr_set(ctx, a->rd, tcg_movcond(ctx->tcg, TCG_I64, cond, left, right, left, right));       \
        return true;                                                                               \
    }

TRANS_MINMAX(min, TCG_COND_LT)
TRANS_MINMAX(minu, TCG_COND_LTU)
TRANS_MINMAX(max, TCG_COND_GT)
TRANS_MINMAX(maxu, TCG_COND_GTU)

static bool gen_rori(DisasContext *ctx, const ArgsRdRs1Shamt *a, TCGType type)
{
    TCGv amount = tcg_const(ctx->tcg, a->shamt);
    TCGv value = tcg_rotr(ctx->tcg, type, gpr_get(ctx, a->rs1), amount);

    if (type == TCG_I32) {
        gpr_set_w(ctx, a->rd, value);
    } else {
        gpr_set(ctx, a->rd, value);
    }
    return true;
}

bool trans_rori(DisasContext *ctx, const ArgsRdRs1Shamt *a)
{
    return gen_rori(ctx, a, ctx->type);
}

bool trans_roriw(DisasContext *ctx, const ArgsRdRs1Shamt *a)
{
    return gen_rori(ctx, a, TCG_I32);
}

bool trans_sext_b(DisasContext *ctx, const ArgsRdRs1 *a)
{
    gpr_set(ctx, a->rd, tcg_sextract(ctx->tcg, TCG_I64, gpr_get(ctx, a->rs1), 0, 8));
    return true;
}

bool trans_sext_h(DisasContext *ctx, const ArgsRdRs1 *a)
{
    gpr_set(ctx, a->rd, tcg_sextract(ctx->tcg, TCG_I64, gpr_get(ctx, a->rs1), 0, 16));
    return true;
}

bool trans_zext_h(DisasContext *ctx, const ArgsRdRs1 *a)
{
    gpr_set(ctx, a->rd, tcg_extract(ctx->tcg, TCG_I64, gpr_get(ctx, a->rs1), 0, 16));
    return true;
}

/*
 * Each byte to 0xff unless it is 0. Adding 0x7f to the low seven bits carries into bit 7 unless
 * they are 0, and not beyond; the byte's own bit 7 is or-ed in. Then 1 becomes 0xff: times 256,
 * minus 1.
 */
bool trans_orc_b(DisasContext *ctx, const ArgsRdRs1 *a)
{
    const int64_t ones = 0x0101010101010101;
    TCGContext *c = ctx->tcg;
    TCGv value = gpr_get(ctx, a->rs1);
    TCGv bits = tcg_andi(c, TCG_I64, value, 0x7f * ones);

    bits = tcg_or(c, TCG_I64, tcg_addi(c, TCG_I64, bits, 0x7f * ones), value);
    bits = tcg_andi(c, TCG_I64, tcg_shri(c, TCG_I64, bits, 7), ones);
    gpr_set_xlen(ctx, a->rd, tcg_sub(c, TCG_I64, tcg_shli(c, TCG_I64, bits, 8), bits));
    return true;
}
