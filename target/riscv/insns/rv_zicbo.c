/* SPDX-License-Identifier: MIT */
/*
 * Cache-block operations, Zicbom, Zicbop and Zicboz (rv_zicbo.insn). No cache is modelled:
 * management of one is its access checks. Specification: Unprivileged ISA 20240411, "CMO
 * Extensions".
 */
#include "qemu/osdep.h"

#include "qemu/bitops.h"
#include "target/riscv/decode.h"

static bool gen_cbo(DisasContext *ctx, int rs1, RISCVHelper helper)
{
    const TCGv args[] = {gen_address_value(ctx, rs1, 0)};

    tcg_call(ctx->tcg, helper, args, ARRAY_SIZE(args));
    return true;
}

bool trans_cbo_inval(DisasContext *ctx, const ArgsRs1 *a)
{
    return extract64(ctx->base.tb_flags, TB_FLAGS_CBIE_SHIFT, 2) != 0 &&
           gen_cbo(ctx, a->rs1, HELPER_cbo_check);
}

bool trans_cbo_clean(DisasContext *ctx, const ArgsRs1 *a)
{
    return (ctx->base.tb_flags & TB_FLAGS_CBCFE) && gen_cbo(ctx, a->rs1, HELPER_cbo_check);
}

bool trans_cbo_flush(DisasContext *ctx, const ArgsRs1 *a)
{
    return trans_cbo_clean(ctx, a);
}

bool trans_cbo_zero(DisasContext *ctx, const ArgsRs1 *a)
{
    return (ctx->base.tb_flags & TB_FLAGS_CBZE) && gen_cbo(ctx, a->rs1, HELPER_cbo_zero);
}

bool trans_prefetch_i(DisasContext *ctx, const ArgsRs1Imm *a)
{
    return true;
}

bool trans_prefetch_r(DisasContext *ctx, const ArgsRs1Imm *a)
{
    return true;
}

bool trans_prefetch_w(DisasContext *ctx, const ArgsRs1Imm *a)
{
    return true;
}
