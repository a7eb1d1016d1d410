/* SPDX-License-Identifier: MIT */
/*
 * Privileged instructions (rv_priv.insn). Their effects are in the helpers (trap.c, mmu.c); here is
 * which mode may use them. Specification: Privileged ISA 20240411, sections named below.
 */
#include "qemu/osdep.h"

#include "target/riscv/decode.h"

/*
 * "Trap-Return Instructions". The helper returns the new pc; mode and flags have changed by then.
 */
static bool gen_trap_return(DisasContext *ctx, unsigned helper)
{
    gen_goto_indirect(ctx, tcg_call(ctx->tcg, helper, NULL, 0));
    return true;
}

bool trans_mret(DisasContext *ctx)
{
    return ctx->priv == PRV_M && gen_trap_return(ctx, HELPER_mret);
}

bool trans_sret(DisasContext *ctx)
{
    if (ctx->priv == PRV_U || (ctx->priv == PRV_S && (ctx->base.tb_flags & TB_FLAGS_TSR))) {
        return false;
    }
    return gen_trap_return(ctx, HELPER_sret);
}

/*
 * "Wait for Interrupt". The helper decides on the mode, and whether there is anything to wait for.
 */
bool trans_wfi(DisasContext *ctx)
{
    TCGContext *c = ctx->tcg;
    TCGLabel halt = tcg_label_new(c);
    TCGv must_halt = tcg_call(c, HELPER_wfi, NULL, 0);

    tcg_brcond(c, TCG_I64, TCG_COND_NE, must_halt, tcg_const(c, 0), halt);
    gen_exit_next(ctx, TCG_EXIT_LOOKUP);
    tcg_place(c, halt);
    gen_exit_next(ctx, TCG_EXIT_HALT);
    return true;
}

/* "Supervisor Memory-Management Fence Instruction" */
bool trans_sfence_vma(DisasContext *ctx, const ArgsRs1Rs2 *a)
{
    const TCGv args[] = {
        gen_address_value(ctx, a->rs1, 0),
        gpr_get(ctx, a->rs2),
        tcg_const(ctx->tcg, (a->rs1 != 0) | (a->rs2 != 0) << 1),
    };

    if (ctx->priv == PRV_U || (ctx->priv == PRV_S && (ctx->base.tb_flags & TB_FLAGS_TVM))) {
        return false;
    }
    tcg_call(ctx->tcg, HELPER_sfence_vma, args, ARRAY_SIZE(args));
    ctx->end = TRANSLATE_STOP;
    return true;
}
