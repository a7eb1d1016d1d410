/* SPDX-License-Identifier: MIT */
/*
 * Carry-less multiplication, Zbc (rv_zbc.insn): products of polynomials over GF(2). Pure functions
 * of 64-bit operands; the 32-bit instructions take their bits out of the 64-bit product.
 */
#include "qemu/osdep.h"

#include "qemu/host-utils.h"
#include "target/riscv/decode.h"
#include "target/riscv/helper.h"

uint64_t helper_clmul(uint64_t left, uint64_t right)
{
    uint64_t product = 0;

    for (; right != 0; right &= right - 1) {
        product ^= left << ctz64(right);
    }
    return product;
}

/* Bits 127 to 64 of the product. */
uint64_t helper_clmulh(uint64_t left, uint64_t right)
{
    return helper_clmulr(left, right) >> 1;
}

/* Bits 126 to 63 of the product. */
uint64_t helper_clmulr(uint64_t left, uint64_t right)
{
    uint64_t product = 0;

    for (; right != 0; right &= right - 1) {
        product ^= left >> (63 - ctz64(right));
    }
    return product;
}

static TCGv gen_clmul_call(DisasContext *ctx, RISCVHelper helper, TCGv left, TCGv right)
{
    const TCGv args[] = {left, right};

    return tcg_call(ctx->tcg, helper, args, ARRAY_SIZE(args));
}

bool trans_clmul(DisasContext *ctx, const ArgsRdRs1Rs2 *a)
{
    gpr_set_xlen(ctx, a->rd,
                 gen_clmul_call(ctx, HELPER_clmul, gpr_get(ctx, a->rs1), gpr_get(ctx, a->rs2)));
    return true;
}

/* An upper half: @helper yields it at XLEN 64; at 32 it is the product from bit @shift_rv32 on. */
static bool gen_clmul_high(DisasContext *ctx, const ArgsRdRs1Rs2 *a, RISCVHelper helper,
                           unsigned shift_rv32)
{
    TCGContext *c = ctx->tcg;
    TCGv left = gpr_get(ctx, a->rs1);
    TCGv right = gpr_get(ctx, a->rs2);

    if (ctx->xlen == 64) {
        gpr_set(ctx, a->rd, gen_clmul_call(ctx, helper, left, right));
    } else {
        TCGv product = gen_clmul_call(ctx, HELPER_clmul, tcg_ext32u(c, left), tcg_ext32u(c, right));

        gpr_set_w(ctx, a->rd, tcg_shri(c, TCG_I64, product, shift_rv32));
    }
    return true;
}

bool trans_clmulh(DisasContext *ctx, const ArgsRdRs1Rs2 *a)
{
    return gen_clmul_high(ctx, a, HELPER_clmulh, 32);
}

bool trans_clmulr(DisasContext *ctx, const ArgsRdRs1Rs2 *a)
{
    return gen_clmul_high(ctx, a, HELPER_clmulr, 31);
}
