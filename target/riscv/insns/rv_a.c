/* SPDX-License-Identifier: MIT */
/*
 * Atomic instructions, Zalrsc and Zaamo (rv_a.insn). Specification: Unprivileged ISA 20240411, "A"
 * Extension; memory order: "RVWMO Memory Consistency Model".
 *
 * AMOs are atomic read-modify-writes of the host, sequentially consistent, so that aq and rl ask
 * for nothing more; where no two harts run at once they are plain, and aq orders them before loads
 * of what devices write. A store-conditional is a compare-and-swap of the value that the
 * load-reserved saw: a word that changed and changed back goes unnoticed. That the manual does not
 * allow; programs cannot build on the difference except by ABA tests. A misaligned address always
 * raises an exception.
 */
#include "qemu/osdep.h"

#include "target/riscv/decode.h"

#define RESERVATION(field) ((int32_t)offsetof(CPURISCVState, reservation_##field))

static void gen_reservation_clear(DisasContext *ctx)
{
    tcg_st_env(ctx->tcg, tcg_const(ctx->tcg, -1), RESERVATION(addr), MO_UQ, TCG_ALIAS_RESERVATION);
}

/* Behind an AMO or SC. */
static void gen_acquire(DisasContext *ctx, bool aq)
{
    if (aq) {
        tcg_mb(ctx->tcg, TCG_BAR_RMW_LD);
    }
}

static bool gen_lr(DisasContext *ctx, const ArgsRdRs1AqRl *a, MemOp op)
{
    TCGContext *c = ctx->tcg;
    TCGv va = gen_address_value(ctx, a->rs1, 0);
    TCGv value;

    if (a->rl) {
        tcg_mb(c, TCG_BAR_LD_LD | TCG_BAR_ST_LD);
    }
    value = tcg_qemu_ld(c, va, 0, data_memop(ctx, op | MO_ALIGN));
    if (a->aq) {
        tcg_mb(c, TCG_BAR_LD_LD | TCG_BAR_LD_ST);
    }
    tcg_st_env(c, va, RESERVATION(addr), MO_UQ, TCG_ALIAS_RESERVATION);
    tcg_st_env(c, value, RESERVATION(val), MO_UQ, TCG_ALIAS_RESERVATION);
    gpr_set(ctx, a->rd, value);
    return true;
}

bool trans_lr_w(DisasContext *ctx, const ArgsRdRs1AqRl *a)
{
    return gen_lr(ctx, a, MO_SL);
}

bool trans_lr_d(DisasContext *ctx, const ArgsRdRs1AqRl *a)
{
    return gen_lr(ctx, a, MO_UQ);
}

/*
 * Three blocks: the swap; no reservation of this address; the join. "No SC.W instruction shall
 * retire unless it passes memory permission checks": the second one swaps 0 for 0, which makes
 * the checks of a store, alignment among them, and changes nothing.
 */
static bool gen_sc(DisasContext *ctx, const ArgsRdRs1Rs2AqRl *a, MemOp op)
{
    TCGContext *c = ctx->tcg;
    TCGType type = op == MO_UQ ? TCG_I64 : TCG_I32;
    TCGLabel unreserved = tcg_label_new(c);
    TCGLabel done = tcg_label_new(c);
    TCGv va = gen_address_value(ctx, a->rs1, 0);
    TCGv reserved = tcg_ld_env(c, RESERVATION(addr), MO_UQ, TCG_ALIAS_RESERVATION);
    TCGv expected, old;

    tcg_brcond(c, TCG_I64, TCG_COND_NE, va, reserved, unreserved);
    expected = tcg_ld_env(c, RESERVATION(val), MO_UQ, TCG_ALIAS_RESERVATION);
    old = tcg_qemu_cas(c, va, expected, gpr_get(ctx, a->rs2), data_memop(ctx, op | MO_ALIGN));
    gen_reservation_clear(ctx);
    gpr_set(ctx, a->rd, tcg_setcond(c, type, TCG_COND_NE, old, expected));
    tcg_br(c, done);

    tcg_place(c, unreserved);
    va = gen_address_value(ctx, a->rs1, 0);
    tcg_qemu_cas(c, va, tcg_const(c, 0), tcg_const(c, 0), data_memop(ctx, op | MO_ALIGN));
    gen_reservation_clear(ctx);
    gpr_set(ctx, a->rd, tcg_const(c, 1));
    tcg_place(c, done);
    gen_acquire(ctx, a->aq);
    return true;
}

bool trans_sc_w(DisasContext *ctx, const ArgsRdRs1Rs2AqRl *a)
{
    return gen_sc(ctx, a, MO_SL);
}

bool trans_sc_d(DisasContext *ctx, const ArgsRdRs1Rs2AqRl *a)
{
    return gen_sc(ctx, a, MO_UQ);
}

static bool gen_amo(DisasContext *ctx, const ArgsRdRs1Rs2AqRl *a, TCGRmwOp rmw, MemOp op)
{
    TCGv va = gen_address_value(ctx, a->rs1, 0);

    gpr_set(ctx, a->rd,
            tcg_qemu_rmw(ctx->tcg, rmw, va, gpr_get(ctx, a->rs2), data_memop(ctx, op | MO_ALIGN)));
    gen_acquire(ctx, a->aq);
    return true;
}

#define TRANS_AMO(name, rmw, op)                                                                   \
    bool trans_##name(DisasContext *ctx, const ArgsRdRs1Rs2AqRl *a)                                \
    {                                                                                              \
        return gen_amo(ctx, a, rmw, op);                                                           \
    }

TRANS_AMO(amoswap_w, TCG_RMW_XCHG, MO_SL)
TRANS_AMO(amoadd_w, TCG_RMW_ADD, MO_SL)
TRANS_AMO(amoxor_w, TCG_RMW_XOR, MO_SL)
TRANS_AMO(amoand_w, TCG_RMW_AND, MO_SL)
TRANS_AMO(amoor_w, TCG_RMW_OR, MO_SL)
TRANS_AMO(amomin_w, TCG_RMW_SMIN, MO_SL)
TRANS_AMO(amomax_w, TCG_RMW_SMAX, MO_SL)
TRANS_AMO(amominu_w, TCG_RMW_UMIN, MO_SL)
TRANS_AMO(amomaxu_w, TCG_RMW_UMAX, MO_SL)
TRANS_AMO(amoswap_d, TCG_RMW_XCHG, MO_UQ)
TRANS_AMO(amoadd_d, TCG_RMW_ADD, MO_UQ)
TRANS_AMO(amoxor_d, TCG_RMW_XOR, MO_UQ)
TRANS_AMO(amoand_d, TCG_RMW_AND, MO_UQ)
TRANS_AMO(amoor_d, TCG_RMW_OR, MO_UQ)
TRANS_AMO(amomin_d, TCG_RMW_SMIN, MO_UQ)
TRANS_AMO(amomax_d, TCG_RMW_SMAX, MO_UQ)
TRANS_AMO(amominu_d, TCG_RMW_UMIN, MO_UQ)
TRANS_AMO(amomaxu_d, TCG_RMW_UMAX, MO_UQ)
