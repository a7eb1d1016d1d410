/* SPDX-License-Identifier: MIT */
/*
 * What the translation of one instruction works with: DisasContext, and the emitters that the
 * trans_ functions of insns/ share.
 *
 * A trans_ function gets the operands of its instruction (decode.h, made by decodegen.py) after the
 * decoder has checked encoding, extension, XLEN and, where there is an FP operand, mstatus.FS. It
 * emits IR and returns true, or returns false for "illegal instruction". It reads its source
 * registers before it writes the destination, and writes the destination after its last op that may
 * trap. To end the block it sets ctx->end (the gen_ functions that jump do).
 *
 * XLEN is data. Registers hold sign-extended values where XLEN is 32 (cpu.h), so that comparisons
 * and bitwise operations are the 64-bit ones; everything else is computed in ctx->type and written
 * by gpr_set_xlen(). env.pc is zero-extended then.
 *
 * Threads: a DisasContext belongs to the thread that translates.
 * Tests: tests/insns (generated from the .insn files).
 */
#ifndef TARGET_RISCV_TRANSLATE_H
#define TARGET_RISCV_TRANSLATE_H

#include "accel/tcg/cpu-ops.h"
#include "target/riscv/cpu.h"
#include "tcg/tcg-op.h"

typedef struct DisasContext {
    DisasContextBase base;
    TCGContext *tcg; /* [const] base.tcg, for short */

    /* [const] during one block */
    const RISCVCPUConfig *cfg; /* what is on now: misa bits that are off are off here */
    RISCVCPUConfig cfg_now;    /* storage for that where it differs from the hart's */
    TCGType type;              /* of XLEN-wide arithmetic: TCG_I32 or TCG_I64 */
    uint8_t xlen;              /* 32 or 64 */
    uint8_t priv;              /* PRV_* */
    uint8_t mem_idx;           /* MMU index of data accesses */
    uint8_t frm;               /* dynamic rounding mode, 0 to 7 */
    bool jumps_to_halfwords;   /* IALIGN is 16: no jump target is misaligned */

    uint8_t fs; /* mstatus.FS at this point of the block: 0 off, 3 dirty */

    /* the instruction */
    uint32_t opcode;   /* its bytes, zero-extended: tval of an illegal instruction */
    uint8_t insn_len;  /* bytes */
    TranslatorEnd end; /* what follows it */
} DisasContext;

/* ---- for the table of TCGCPUOps (cpu.c) ---------------------------------------------------- */

void riscv_init_context(TCGContext *c);
void riscv_translate_init(DisasContextBase *db);
unsigned riscv_insn_len(uint16_t low);
TranslatorEnd riscv_translate_insn(DisasContextBase *db);

/* ---- registers ------------------------------------------------------------------------------- */

/* x0 reads as the constant 0. The result is the register, not a copy. */
TCGv gpr_get(DisasContext *ctx, int reg);
/* Assign a value that is right in all 64 bits; x0 ignores it. */
void gpr_set(DisasContext *ctx, int reg, TCGv value);
/* Assign a value of which XLEN bits are right. */
void gpr_set_xlen(DisasContext *ctx, int reg, TCGv value);
/* Assign a value of which 32 bits are right, sign-extended: what "W" instructions do. */
void gpr_set_w(DisasContext *ctx, int reg, TCGv value);

/* FP registers, all 64 bits. Writing one makes mstatus.FS dirty. */
TCGv fpr_get(DisasContext *ctx, int reg);
void fpr_set(DisasContext *ctx, int reg, TCGv value);
/*
 * FP state (a register, fflags) is written by this instruction: mstatus.FS becomes dirty. After the
 * last op that may trap. Where it was not yet, the block ends after this instruction, since other
 * code is generated for dirty FS.
 */
void gen_fp_dirty(DisasContext *ctx);

/* ---- memory --------------------------------------------------------------------------------- */

/* An address as memory ops take it. */
typedef struct RISCVAddress {
    TCGv base;
    int32_t disp;
} RISCVAddress;

/* x[reg] + imm, cut to XLEN. */
RISCVAddress gen_address(DisasContext *ctx, int reg, int32_t imm);
/* The same as one value, for ops without displacement. */
TCGv gen_address_value(DisasContext *ctx, int reg, int32_t imm);
/* @op with this hart's byte order and data MMU index. */
MemOpIdx data_memop(const DisasContext *ctx, MemOp op);
/* Loads return the value extended as @op says. */
TCGv gen_load(DisasContext *ctx, int reg, int32_t imm, MemOp op);
void gen_store(DisasContext *ctx, int reg, int32_t imm, TCGv value, MemOp op);

/* ---- control flow ---------------------------------------------------------------------------- */

/* Address of this instruction plus @offset, cut to XLEN: as a pc, and as a register holds it. */
uint64_t pc_plus(const DisasContext *ctx, int64_t offset);
TCGv gen_pc_value(DisasContext *ctx, int64_t offset);
/* Address of the next instruction. */
uint64_t next_pc(const DisasContext *ctx);

/* Go on at a constant pc. The block must end by it. */
void gen_goto(DisasContext *ctx, uint64_t pc);
/* The same for pc + imm of a jump: raises "instruction address misaligned" where it is. */
void gen_jump(DisasContext *ctx, int64_t offset);
/* The same for a branch: to pc + offset if cond(a, b), else to the next instruction. */
void gen_branch(DisasContext *ctx, TCGCond cond, TCGv a, TCGv b, int64_t offset);
/* Leave for the address in @pc, which is cut to XLEN already. */
void gen_goto_indirect(DisasContext *ctx, TCGv pc);
/* Raise an exception at this instruction. The block must end by it. */
void gen_exception(DisasContext *ctx, uint64_t cause, TCGv tval);
void gen_exception_illegal(DisasContext *ctx);
/* Let the hart leave with @status; it goes on at the next instruction. Ends the block. */
void gen_exit_next(DisasContext *ctx, TCGExit status);

#endif
