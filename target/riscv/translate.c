/* SPDX-License-Identifier: MIT */
/*
 * Guest instructions to IR: the frame around the trans_ functions of insns/. translate.h says how
 * they work together; the loop over instructions, block ends and polls are accel/tcg's.
 *
 * Threads: those of DisasContext. Specification: RISC-V Unprivileged ISA 20240411 unless said
 * otherwise. Tests: tests/insns, and whatever boots.
 */
#include "qemu/osdep.h"

#include "qemu/bitops.h"
#include "qemu/bswap.h"
#include "target/riscv/decode.h"
#include "target/riscv/disas.h"
#include "target/riscv/translate.h"

/* ---- registers ------------------------------------------------------------------------------- */

void riscv_init_context(TCGContext *c)
{
    for (int i = 1; i < 32; i++) {
        tcg_global_new(c, TCG_I64, offsetof(CPURISCVState, gpr) + i * sizeof(uint64_t),
                       riscv_gpr_names[i]);
    }
    for (int i = 0; i < 32; i++) {
        tcg_global_new(c, TCG_F64, offsetof(CPURISCVState, fpr) + i * sizeof(uint64_t),
                       riscv_fpr_names[i]);
    }
}

TCGv gpr_get(DisasContext *ctx, int reg)
{
    return reg == 0 ? tcg_const(ctx->tcg, 0) : (TCGv){RV_GLOBAL_GPR(reg)};
}

void gpr_set(DisasContext *ctx, int reg, TCGv value)
{
    if (reg != 0) {
        tcg_set_global(ctx->tcg, (TCGv){RV_GLOBAL_GPR(reg)}, value);
    }
}

void gpr_set_w(DisasContext *ctx, int reg, TCGv value)
{
    gpr_set(ctx, reg, tcg_ext32s(ctx->tcg, value));
}

void gpr_set_xlen(DisasContext *ctx, int reg, TCGv value)
{
    if (ctx->xlen == 32) {
        gpr_set_w(ctx, reg, value);
    } else {
        gpr_set(ctx, reg, value);
    }
}

TCGv fpr_get(DisasContext *ctx, int reg)
{
    return (TCGv){RV_GLOBAL_FPR(reg)};
}

void fpr_set(DisasContext *ctx, int reg, TCGv value)
{
    tcg_set_global(ctx->tcg, (TCGv){RV_GLOBAL_FPR(reg)}, value);
    gen_fp_dirty(ctx);
}

void gen_fp_dirty(DisasContext *ctx)
{
    if (ctx->fs != 3) {
        tcg_call(ctx->tcg, HELPER_fs_dirty, NULL, 0);
        ctx->fs = 3;
        ctx->end = TRANSLATE_STOP;
    }
}

/* ---- memory ---------------------------------------------------------------------------------- */

RISCVAddress gen_address(DisasContext *ctx, int reg, int32_t imm)
{
    if (ctx->xlen == 32) {
        return (RISCVAddress){gen_address_value(ctx, reg, imm), 0};
    }
    return (RISCVAddress){gpr_get(ctx, reg), imm};
}

TCGv gen_address_value(DisasContext *ctx, int reg, int32_t imm)
{
    if (ctx->xlen == 64 && imm == 0) {
        return gpr_get(ctx, reg);
    }
    return tcg_addi(ctx->tcg, ctx->type, gpr_get(ctx, reg), imm);
}

MemOpIdx data_memop(const DisasContext *ctx, MemOp op)
{
    return make_memop_idx(op | MO_LE, ctx->mem_idx);
}

TCGv gen_load(DisasContext *ctx, int reg, int32_t imm, MemOp op)
{
    RISCVAddress address = gen_address(ctx, reg, imm);

    return tcg_qemu_ld(ctx->tcg, address.base, address.disp, data_memop(ctx, op));
}

void gen_store(DisasContext *ctx, int reg, int32_t imm, TCGv value, MemOp op)
{
    RISCVAddress address = gen_address(ctx, reg, imm);

    tcg_qemu_st(ctx->tcg, address.base, address.disp, value, data_memop(ctx, op));
}

/* ---- control flow ---------------------------------------------------------------------------- */

uint64_t pc_plus(const DisasContext *ctx, int64_t offset)
{
    uint64_t pc = ctx->base.pc_next + offset;

    return ctx->xlen == 32 ? (uint32_t)pc : pc;
}

TCGv gen_pc_value(DisasContext *ctx, int64_t offset)
{
    uint64_t pc = pc_plus(ctx, offset);

    return ctx->xlen == 32 ? tcg_const(ctx->tcg, (uint64_t)(int32_t)pc) : tcg_pc(ctx->tcg, pc);
}

uint64_t next_pc(const DisasContext *ctx)
{
    return pc_plus(ctx, ctx->insn_len);
}

void gen_goto(DisasContext *ctx, uint64_t pc)
{
    translator_goto(&ctx->base, pc);
    ctx->end = TRANSLATE_END;
}

void gen_jump(DisasContext *ctx, int64_t offset)
{
    uint64_t pc = pc_plus(ctx, offset);

    if ((pc & 2) && !ctx->jumps_to_halfwords) {
        gen_exception(ctx, RISCV_EXCP_INST_ADDR_MIS, gen_pc_value(ctx, offset));
    } else {
        gen_goto(ctx, pc);
    }
}

void gen_branch(DisasContext *ctx, TCGCond cond, TCGv a, TCGv b, int64_t offset)
{
    uint64_t taken = pc_plus(ctx, offset);
    TCGLabel misaligned;

    if (ctx->jumps_to_halfwords || !(taken & 2)) {
        translator_branch(&ctx->base, TCG_I64, cond, a, b, taken, next_pc(ctx));
        ctx->end = TRANSLATE_END;
        return;
    }
    misaligned = tcg_label_new(ctx->tcg);
    tcg_brcond(ctx->tcg, TCG_I64, cond, a, b, misaligned);
    gen_goto(ctx, next_pc(ctx));
    tcg_place(ctx->tcg, misaligned);
    gen_exception(ctx, RISCV_EXCP_INST_ADDR_MIS, gen_pc_value(ctx, offset));
}

void gen_goto_indirect(DisasContext *ctx, TCGv pc)
{
    tcg_goto_indirect(ctx->tcg, pc);
    ctx->end = TRANSLATE_END;
}

void gen_exception(DisasContext *ctx, uint64_t cause, TCGv tval)
{
    const TCGv args[] = {tcg_const(ctx->tcg, cause), tval};

    tcg_call(ctx->tcg, HELPER_raise_exception, args, ARRAY_SIZE(args));
    /* Never reached: the helper leaves. A block needs an end. */
    tcg_exit(ctx->tcg, TCG_EXIT_TRAP, tcg_pc(ctx->tcg, pc_plus(ctx, 0)));
    ctx->end = TRANSLATE_END;
}

void gen_exception_illegal(DisasContext *ctx)
{
    gen_exception(ctx, RISCV_EXCP_ILLEGAL_INST, tcg_const(ctx->tcg, ctx->opcode));
}

void gen_exit_next(DisasContext *ctx, TCGExit status)
{
    tcg_exit(ctx->tcg, status, tcg_pc(ctx->tcg, next_pc(ctx)));
    ctx->end = TRANSLATE_END;
}

/* ---- one block, one instruction -------------------------------------------------------------- */

/*
 * Extensions that a cleared misa bit takes with it (Privileged ISA 20240411, "Machine ISA (misa)
 * Register"), for the bits that the hart lets software clear.
 */
static void config_switch_off(RISCVCPUConfig *cfg, uint32_t letters)
{
    if (letters & (1u << ('a' - 'a'))) {
        cfg->ext_a = cfg->ext_zaamo = cfg->ext_zalrsc = false;
    }
    if (letters & (1u << ('c' - 'a'))) {
        cfg->ext_c = cfg->ext_zca = cfg->ext_zcd = false;
    }
    if (letters & (1u << ('f' - 'a'))) {
        cfg->ext_f = cfg->ext_zfa = false;
        letters |= 1u << ('d' - 'a');
    }
    if (letters & (1u << ('d' - 'a'))) {
        cfg->ext_d = cfg->ext_zcd = false;
    }
    if (letters & (1u << ('m' - 'a'))) {
        cfg->ext_m = cfg->ext_zmmul = false;
    }
}

void riscv_translate_init(DisasContextBase *db)
{
    DisasContext *ctx = container_of(db, DisasContext, base);
    const CPURISCVState *env = db->cpu->env_ptr;
    uint32_t switched_off = env->misa_mask & ~env->misa_ext;
    uint64_t flags = db->tb_flags;

    ctx->tcg = db->tcg;
    ctx->cfg = env->cfg;
    if (switched_off) {
        ctx->cfg_now = *env->cfg;
        config_switch_off(&ctx->cfg_now, switched_off);
        ctx->cfg = &ctx->cfg_now;
    }
    ctx->xlen = extract64(flags, TB_FLAGS_XL_SHIFT, 2) == 1 ? 32 : 64;
    ctx->type = ctx->xlen == 32 ? TCG_I32 : TCG_I64;
    ctx->priv = extract64(flags, TB_FLAGS_PRIV_SHIFT, 2);
    ctx->mem_idx = extract64(flags, TB_FLAGS_MEM_SHIFT, 3);
    ctx->fs = extract64(flags, TB_FLAGS_FS_SHIFT, 2);
    ctx->frm = extract64(flags, TB_FLAGS_FRM_SHIFT, 3);
    ctx->jumps_to_halfwords = ctx->cfg->ext_zca;
}

/* Longer encodings are reserved for what no hart here has: they fault as 32-bit ones. */
unsigned riscv_insn_len(uint16_t low)
{
    return (low & 3) == 3 ? 4 : 2;
}

TranslatorEnd riscv_translate_insn(DisasContextBase *db)
{
    DisasContext *ctx = container_of(db, DisasContext, base);
    const uint8_t *code = translator_code(db);
    bool known;

    ctx->end = TRANSLATE_NEXT;
    ctx->insn_len = riscv_insn_len(lduw_le_p(code));
    if (ctx->insn_len == 2) {
        ctx->opcode = lduw_le_p(code);
        known = riscv_decode16(ctx, ctx->opcode);
    } else {
        ctx->opcode = ldl_le_p(code);
        known = riscv_decode32(ctx, ctx->opcode);
    }
    if (!known) {
        gen_exception_illegal(ctx);
    }
    db->pc_next = next_pc(ctx);
    return ctx->end;
}
