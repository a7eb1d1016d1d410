/* SPDX-License-Identifier: MIT */
/*
 * Instructions on control and status registers, Zicsr (rv_zicsr.insn). What a CSR is, who may
 * access it and what a write does is known to the CSR engine (csr.c), which the helpers call; what
 * is a mere field of env is accessed here. Specification: Unprivileged ISA 20240411, "Zicsr", table
 * "Conditions determining whether a CSR instruction reads or writes the specified CSR".
 */
#include "qemu/osdep.h"

#include "target/riscv/csr.h"
#include "target/riscv/decode.h"

/* How a CSR instruction makes the new value. */
typedef enum CSROp {
    CSR_REPLACE,
    CSR_SET,
    CSR_CLEAR,
} CSROp;

static TCGv gen_new_value(TCGContext *c, CSROp op, TCGv old, TCGv operand)
{
    switch (op) {
    case CSR_REPLACE:
        return operand;
    case CSR_SET:
        return tcg_or(c, TCG_I64, old, operand);
    case CSR_CLEAR:
        return tcg_andc(c, TCG_I64, old, operand);
    }
    g_assert_not_reached();
}

/* fflags, frm, fcsr: generated code may hold flags that env does not have yet. */
static bool is_fp_csr(int csr)
{
    return csr == CSR_FFLAGS || csr == CSR_FRM || csr == CSR_FCSR;
}

/* The FP CSRs exist and are accessible: known to the flags that the block is for. */
static bool has_fp(const DisasContext *ctx)
{
    return ctx->cfg->ext_f && ctx->fs;
}

/* What @csr, an FP one, holds. */
static TCGv gen_fp_csr(TCGContext *c, int csr)
{
    TCGv rm;

    if (csr == CSR_FFLAGS) {
        return tcg_fflags_get(c);
    }
    rm = tcg_ld_env(c, offsetof(CPURISCVState, frm), MO_UB, TCG_ALIAS_FPSTATUS);
    return csr == CSR_FRM ? rm : tcg_or(c, TCG_I64, tcg_shli(c, TCG_I64, rm, 5), tcg_fflags_get(c));
}

/* Reading it reads a clock: cycle, time, instret, the counters of M mode. */
static bool is_counter(int csr)
{
    return (csr >= CSR_MCYCLE && csr < CSR_MCYCLE + 32) ||
           (csr >= CSR_MCYCLEH && csr < CSR_MCYCLEH + 32) ||
           (csr >= CSR_CYCLE && csr < CSR_CYCLE + 32) ||
           (csr >= CSR_CYCLEH && csr < CSR_CYCLEH + 32);
}

/* No CSR has a side effect of reading, so one with rd = x0 may read. */
static bool gen_csr_read(DisasContext *ctx, int rd, int csr)
{
    const TCGv args[] = {tcg_const(ctx->tcg, csr)};
    int32_t offset;

    if (csr_plain_field(ctx->base.cpu->env_ptr, csr, &offset)) {
        gpr_set(ctx, rd, tcg_ld_env(ctx->tcg, offset, MO_UQ, TCG_ALIAS_CSR));
    } else if (is_fp_csr(csr) && has_fp(ctx)) {
        gpr_set(ctx, rd, gen_fp_csr(ctx->tcg, csr));
    } else {
        unsigned helper = is_fp_csr(csr) ? HELPER_csrr_fp : HELPER_csrr;
        TCGv value;

        if (is_counter(csr)) {
            translator_io_begin(&ctx->base);
        }
        value = tcg_call(ctx->tcg, helper, args, ARRAY_SIZE(args));
        if (is_counter(csr) && translator_io_end(&ctx->base)) {
            ctx->end = TRANSLATE_STOP;
        }
        gpr_set_xlen(ctx, rd, value);
    }
    return true;
}

/* A write to any CSR but a plain field can change what the hart does next: the block ends. */
static bool gen_csr_write(DisasContext *ctx, int rd, int csr, CSROp op, TCGv operand)
{
    TCGContext *c = ctx->tcg;
    TCGv ones = tcg_const(c, -1);
    const TCGv args[] = {
        tcg_const(c, csr),
        op == CSR_REPLACE ? operand : tcg_const(c, op == CSR_SET ? -1 : 0),
        op == CSR_REPLACE ? ones : operand,
        tcg_const(c, 1),
    };
    int32_t offset;

    if (csr_plain_field(ctx->base.cpu->env_ptr, csr, &offset)) {
        TCGv old = tcg_ld_env(c, offset, MO_UQ, TCG_ALIAS_CSR);

        tcg_st_env(c, gen_new_value(c, op, old, operand), offset, MO_UQ, TCG_ALIAS_CSR);
        gpr_set(ctx, rd, old);
    } else if (csr == CSR_FFLAGS && has_fp(ctx) && ctx->fs == 3) {
        /* flags alone change nothing that code depends on, once FS is dirty */
        TCGv old = op == CSR_REPLACE && rd == 0 ? operand : tcg_fflags_get(c);

        tcg_fflags_set(c, gen_new_value(c, op, old, operand));
        gpr_set(ctx, rd, old);
    } else {
        unsigned helper = is_fp_csr(csr) ? HELPER_csrrw_fp : HELPER_csrrw;
        TCGv value;

        translator_io_begin(&ctx->base);
        value = tcg_call(c, helper, args, ARRAY_SIZE(args));
        translator_io_end(&ctx->base);
        gpr_set_xlen(ctx, rd, value);
        ctx->end = TRANSLATE_STOP;
    }
    return true;
}

/* csrrs and csrrc of x0, or of an immediate 0, only read. */
static bool gen_csr_modify(DisasContext *ctx, const ArgsRdRs1Csr *a, CSROp op)
{
    if (a->rs1 == 0) {
        return gen_csr_read(ctx, a->rd, a->csr);
    }
    return gen_csr_write(ctx, a->rd, a->csr, op, gpr_get(ctx, a->rs1));
}

static bool gen_csr_modify_imm(DisasContext *ctx, const ArgsRdUimmCsr *a, CSROp op)
{
    if (a->uimm == 0) {
        return gen_csr_read(ctx, a->rd, a->csr);
    }
    return gen_csr_write(ctx, a->rd, a->csr, op, tcg_const(ctx->tcg, a->uimm));
}

bool trans_csrrw(DisasContext *ctx, const ArgsRdRs1Csr *a)
{
    return gen_csr_write(ctx, a->rd, a->csr, CSR_REPLACE, gpr_get(ctx, a->rs1));
}

bool trans_csrrs(DisasContext *ctx, const ArgsRdRs1Csr *a)
{
    return gen_csr_modify(ctx, a, CSR_SET);
}

bool trans_csrrc(DisasContext *ctx, const ArgsRdRs1Csr *a)
{
    return gen_csr_modify(ctx, a, CSR_CLEAR);
}

bool trans_csrrwi(DisasContext *ctx, const ArgsRdUimmCsr *a)
{
    return gen_csr_write(ctx, a->rd, a->csr, CSR_REPLACE, tcg_const(ctx->tcg, a->uimm));
}

bool trans_csrrsi(DisasContext *ctx, const ArgsRdUimmCsr *a)
{
    return gen_csr_modify_imm(ctx, a, CSR_SET);
}

bool trans_csrrci(DisasContext *ctx, const ArgsRdUimmCsr *a)
{
    return gen_csr_modify_imm(ctx, a, CSR_CLEAR);
}
