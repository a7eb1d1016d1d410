/* SPDX-License-Identifier: MIT */
/*
 * The base integer instructions, RV32I and RV64I (rv_i.insn). Specification: Unprivileged ISA
 * 20240411, the chapters of those names; "RVWMO Memory Consistency Model" for fences.
 */
#include "qemu/osdep.h"

#include "target/riscv/decode.h"

/* ---- constants and jumps --------------------------------------------------------------------- */

bool trans_lui(DisasContext *ctx, const ArgsRdImm *a)
{
    gpr_set(ctx, a->rd, tcg_const(ctx->tcg, (int64_t)a->imm));
    return true;
}

bool trans_auipc(DisasContext *ctx, const ArgsRdImm *a)
{
    gpr_set(ctx, a->rd, gen_pc_value(ctx, a->imm));
    return true;
}

/* The hints for return-address stacks: "Unconditional Jumps". */
static bool is_link(int reg)
{
    return reg == 1 || reg == 5;
}

bool trans_jal(DisasContext *ctx, const ArgsRdImm *a)
{
    if (ctx->jumps_to_halfwords || !(a->imm & 2)) {
        gpr_set(ctx, a->rd, gen_pc_value(ctx, ctx->insn_len));
    }
    if (is_link(a->rd)) {
        translator_call(&ctx->base, next_pc(ctx));
    }
    gen_jump(ctx, a->imm);
    return true;
}

static TCGv gen_jalr_target(DisasContext *ctx, const ArgsRdRs1Imm *a)
{
    return tcg_andi(ctx->tcg, ctx->type, gen_address_value(ctx, a->rs1, a->imm), -2);
}

bool trans_jalr(DisasContext *ctx, const ArgsRdRs1Imm *a)
{
    TCGv target;
    TCGLabel misaligned;

    if (a->rd == 0 && is_link(a->rs1) && a->imm == 0) {
        translator_return(&ctx->base, ctx->type, gpr_get(ctx, a->rs1));
    }
    target = gen_jalr_target(ctx, a);

    if (!ctx->jumps_to_halfwords) {
        misaligned = tcg_label_new(ctx->tcg);
        tcg_brcond(ctx->tcg, TCG_I64, TCG_COND_TSTNE, target, tcg_const(ctx->tcg, 2), misaligned);
    }
    gpr_set(ctx, a->rd, gen_pc_value(ctx, ctx->insn_len));
    gen_goto_indirect(ctx, target);
    if (!ctx->jumps_to_halfwords) {
        tcg_place(ctx->tcg, misaligned);
        gen_exception(ctx, RISCV_EXCP_INST_ADDR_MIS, gen_jalr_target(ctx, a));
    }
    return true;
}

#define TRANS_BRANCH(name, cond)                                                                   \
    bool trans_##name(DisasContext *ctx, const ArgsRs1Rs2Imm *a)                                   \
    {                                                                                              \
        gen_branch(ctx, cond, gpr_get(ctx, a->rs1), gpr_get(ctx, a->rs2), a->imm);                 \
        return true;                                                                               \
    }

TRANS_BRANCH(beq, TCG_COND_EQ)
TRANS_BRANCH(bne, TCG_COND_NE)
TRANS_BRANCH(blt, TCG_COND_LT)
TRANS_BRANCH(bge, TCG_COND_GE)
TRANS_BRANCH(bltu, TCG_COND_LTU)
TRANS_BRANCH(bgeu, TCG_COND_GEU)

/* ---- loads and stores ------------------------------------------------------------------------ */

#define TRANS_LOAD(name, memop)                                                                    \
    bool trans_##name(DisasContext *ctx, const ArgsRdRs1Imm *a)                                    \
    {                                                                                              \
        gpr_set(ctx, a->rd, gen_load(ctx, a->rs1, a->imm, memop));                                 \
        return true;                                                                               \
    }

TRANS_LOAD(lb, MO_SB)
TRANS_LOAD(lh, MO_SW)
TRANS_LOAD(lw, MO_SL)
TRANS_LOAD(ld, MO_UQ)
TRANS_LOAD(lbu, MO_UB)
TRANS_LOAD(lhu, MO_UW)
TRANS_LOAD(lwu, MO_UL)

#define TRANS_STORE(name, memop)                                                                   \
    bool trans_##name(DisasContext *ctx, const ArgsRs1Rs2Imm *a)                                   \
    {                                                                                              \
        gen_store(ctx, a->rs1, a->imm, gpr_get(ctx, a->rs2), memop);                               \
        return true;                                                                               \
    }

TRANS_STORE(sb, MO_UB)
TRANS_STORE(sh, MO_UW)
TRANS_STORE(sw, MO_UL)
TRANS_STORE(sd, MO_UQ)

/* ---- register with immediate ----------------------------------------------------------------- */

bool trans_addi(DisasContext *ctx, const ArgsRdRs1Imm *a)
{
    gpr_set_xlen(ctx, a->rd, tcg_addi(ctx->tcg, ctx->type, gpr_get(ctx, a->rs1), a->imm));
    return true;
}

bool trans_addiw(DisasContext *ctx, const ArgsRdRs1Imm *a)
{
    gpr_set_w(ctx, a->rd, tcg_addi(ctx->tcg, TCG_I32, gpr_get(ctx, a->rs1), a->imm));
    return true;
}

/* What is right on 64 bits for sign-extended operands: see translate.h. */
#define TRANS_BITWISE_IMM(name, op)                                                                \
    bool trans_##name(DisasContext *ctx, const ArgsRdRs1Imm *a)                                    \
    {                                                                                              \
        gpr_set(ctx, a->rd, tcg_##op(ctx->tcg, TCG_I64, gpr_get(ctx, a->rs1), a->imm));            \
        return true;                                                                               \
    }

TRANS_BITWISE_IMM(xori, xori)
TRANS_BITWISE_IMM(ori, ori)
TRANS_BITWISE_IMM(andi, andi)

static bool gen_slt(DisasContext *ctx, TCGCond cond, int rd, int rs1, TCGv right)
{
    gpr_set(ctx, rd, tcg_setcond(ctx->tcg, TCG_I64, cond, gpr_get(ctx, rs1), right));
    return true;
}

bool trans_slti(DisasContext *ctx, const ArgsRdRs1Imm *a)
{
    return gen_slt(ctx, TCG_COND_LT, a->rd, a->rs1, tcg_const(ctx->tcg, (int64_t)a->imm));
}

bool trans_sltiu(DisasContext *ctx, const ArgsRdRs1Imm *a)
{
    return gen_slt(ctx, TCG_COND_LTU, a->rd, a->rs1, tcg_const(ctx->tcg, (int64_t)a->imm));
}

#define TRANS_SHIFT_IMM(name, op, type, set)                                                       \
    bool trans_##name(DisasContext *ctx, const ArgsRdRs1Shamt *a)                                  \
    {                                                                                              \
        set(ctx, a->rd, tcg_##op(ctx->tcg, type, gpr_get(ctx, a->rs1), a->shamt));                 \
        return true;                                                                               \
    }

TRANS_SHIFT_IMM(slli, shli, ctx->type, gpr_set_xlen)
TRANS_SHIFT_IMM(srli, shri, ctx->type, gpr_set_xlen)
TRANS_SHIFT_IMM(srai, sari, ctx->type, gpr_set_xlen)
TRANS_SHIFT_IMM(slliw, shli, TCG_I32, gpr_set_w)
TRANS_SHIFT_IMM(srliw, shri, TCG_I32, gpr_set_w)
TRANS_SHIFT_IMM(sraiw, sari, TCG_I32, gpr_set_w)

/* ---- register with register ------------------------------------------------------------------ */

#define TRANS_BINARY(name, op, type, set)                                                          \
    bool trans_##name(DisasContext *ctx, const ArgsRdRs1Rs2 *a)                                    \
    {                                                                                              \
        set(ctx, a->rd, tcg_##op(ctx->tcg, type, gpr_get(ctx, a->rs1), gpr_get(ctx, a->rs2)));     \
        return true;                                                                               \
    }

TRANS_BINARY(add, add, ctx->type, gpr_set_xlen)
TRANS_BINARY(sub, sub, ctx->type, gpr_set_xlen)
TRANS_BINARY(sll, shl, ctx->type, gpr_set_xlen)
TRANS_BINARY(srl, shr, ctx->type, gpr_set_xlen)
TRANS_BINARY(sra, sar, ctx->type, gpr_set_xlen)
TRANS_BINARY(xor, xor, TCG_I64, gpr_set)
TRANS_BINARY(or, or, TCG_I64, gpr_set)
TRANS_BINARY(and, and, TCG_I64, gpr_set)
TRANS_BINARY(addw, add, TCG_I32, gpr_set_w)
TRANS_BINARY(subw, sub, TCG_I32, gpr_set_w)
TRANS_BINARY(sllw, shl, TCG_I32, gpr_set_w)
TRANS_BINARY(srlw, shr, TCG_I32, gpr_set_w)
TRANS_BINARY(sraw, sar, TCG_I32, gpr_set_w)

bool trans_slt(DisasContext *ctx, const ArgsRdRs1Rs2 *a)
{
    return gen_slt(ctx, TCG_COND_LT, a->rd, a->rs1, gpr_get(ctx, a->rs2));
}

bool trans_sltu(DisasContext *ctx, const ArgsRdRs1Rs2 *a)
{
    return gen_slt(ctx, TCG_COND_LTU, a->rd, a->rs1, gpr_get(ctx, a->rs2));
}

/* ---- fences and environment calls ------------------------------------------------------------ */

/* Bits of pred and succ: what is ordered. Device accesses are ordered as memory accesses are. */
enum {
    FENCE_READS = 8 | 2,  /* input, memory reads */
    FENCE_WRITES = 4 | 1, /* output, memory writes */
};

bool trans_fence(DisasContext *ctx, const ArgsPredSucc *a)
{
    unsigned bar = 0;

    if (a->pred & FENCE_READS) {
        bar |= a->succ & FENCE_READS ? TCG_BAR_LD_LD : 0;
        bar |= a->succ & FENCE_WRITES ? TCG_BAR_LD_ST : 0;
    }
    if (a->pred & FENCE_WRITES) {
        bar |= a->succ & FENCE_READS ? TCG_BAR_ST_LD : 0;
        bar |= a->succ & FENCE_WRITES ? TCG_BAR_ST_ST : 0;
    }
    if (bar) {
        tcg_mb(ctx->tcg, bar);
    }
    return true;
}

bool trans_fence_tso(DisasContext *ctx)
{
    tcg_mb(ctx->tcg, TCG_BAR_LD_LD | TCG_BAR_LD_ST | TCG_BAR_ST_ST);
    return true;
}

bool trans_ecall(DisasContext *ctx)
{
    /* The cause tells the mode: Privileged ISA, "Environment Call and Breakpoint". */
    gen_exception(ctx, RISCV_EXCP_U_ECALL + ctx->priv, tcg_const(ctx->tcg, 0));
    return true;
}

bool trans_ebreak(DisasContext *ctx)
{
    gen_exception(ctx, RISCV_EXCP_BREAKPOINT, gen_pc_value(ctx, 0));
    return true;
}
