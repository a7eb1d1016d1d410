/* SPDX-License-Identifier: MIT */
/*
 * Instructions on control and status registers, Zicsr (rv_zicsr.insn). What a CSR is, who may access
 * it and what a write does is known to the CSR engine (csr.c), which the helpers call. Specification:
 * Unprivileged ISA 20240411, "Zicsr", table "Conditions determining whether a CSR instruction reads
 * or writes the specified CSR".
 */
#include "qemu/osdep.h"

#include "target/riscv/decode.h"

/* No CSR has a side effect of reading, so one with rd = x0 may read. */
static bool gen_csr_read(DisasContext *ctx, int rd, int csr)
{
    const TCGv args[] = {tcg_const(ctx->tcg, csr)};

    gpr_set(ctx, rd, tcg_call(ctx->tcg, HELPER_csrr, args, ARRAY_SIZE(args)));
    return true;
}

/* Replace the bits of @mask by those of @value. What the hart may do next can depend on it. */
static bool gen_csr_write(DisasContext *ctx, int rd, int csr, TCGv value, TCGv mask)
{
    const TCGv args[] = {tcg_const(ctx->tcg, csr), value, mask, tcg_const(ctx->tcg, 1)};

    gpr_set(ctx, rd, tcg_call(ctx->tcg, HELPER_csrrw, args, ARRAY_SIZE(args)));
    ctx->end = TRANSLATE_STOP;
    return true;
}

static TCGv all_bits(DisasContext *ctx)
{
    return tcg_const(ctx->tcg, -1);
}

bool trans_csrrw(DisasContext *ctx, const ArgsRdRs1Csr *a)
{
    return gen_csr_write(ctx, a->rd, a->csr, gpr_get(ctx, a->rs1), all_bits(ctx));
}

bool trans_csrrs(DisasContext *ctx, const ArgsRdRs1Csr *a)
{
    if (a->rs1 == 0) {
        return gen_csr_read(ctx, a->rd, a->csr);
    }
    return gen_csr_write(ctx, a->rd, a->csr, all_bits(ctx), gpr_get(ctx, a->rs1));
}

bool trans_csrrc(DisasContext *ctx, const ArgsRdRs1Csr *a)
{
    if (a->rs1 == 0) {
        return gen_csr_read(ctx, a->rd, a->csr);
    }
    return gen_csr_write(ctx, a->rd, a->csr, tcg_const(ctx->tcg, 0), gpr_get(ctx, a->rs1));
}

bool trans_csrrwi(DisasContext *ctx, const ArgsRdUimmCsr *a)
{
    return gen_csr_write(ctx, a->rd, a->csr, tcg_const(ctx->tcg, a->uimm), all_bits(ctx));
}

bool trans_csrrsi(DisasContext *ctx, const ArgsRdUimmCsr *a)
{
    if (a->uimm == 0) {
        return gen_csr_read(ctx, a->rd, a->csr);
    }
    return gen_csr_write(ctx, a->rd, a->csr, all_bits(ctx), tcg_const(ctx->tcg, a->uimm));
}

bool trans_csrrci(DisasContext *ctx, const ArgsRdUimmCsr *a)
{
    if (a->uimm == 0) {
        return gen_csr_read(ctx, a->rd, a->csr);
    }
    return gen_csr_write(ctx, a->rd, a->csr, tcg_const(ctx->tcg, 0), tcg_const(ctx->tcg, a->uimm));
}
