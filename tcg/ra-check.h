/* SPDX-License-Identifier: MIT */
/*
 * A symbolic check of the register allocator, independent of its bookkeeping.
 *
 * It notes what is emitted through the seam (regalloc.h), and replays that at the end on an
 * abstract machine beside the IR: a cell for each host register, home in env and spill slot, and
 * one for the value that each global and each local that crosses blocks should have by the IR. A
 * cell holds the number of a value; equal numbers are equal values. So an operand is where its
 * HostArg says if that cell and the temp's have the same number, whoever moved what where before.
 *
 * Where edges meet, two cells are equal if they are on every edge: a partition, brought to a
 * fixpoint around loops. Nothing is assumed about what a block expects at its start: registers,
 * dirty globals and moves on edges of any kind are followed as they come.
 *
 * On in builds with TCG_CHECK, else by tcg_set_check().
 */
#ifndef TCG_RA_CHECK_H
#define TCG_RA_CHECK_H

#include "regalloc.h"

/* What the checker is told of the host. */
typedef struct RACheckHost {
    uint32_t class_regs[2]; /* by TCGClass */
    uint32_t call_clobbered;
    uint8_t scratch[2]; /* by TCGClass: for moves, lost by anything else */
    /* ra_map_restore(): the replay reads exit maps as the way out does */
    void (*map_restore)(const uint8_t *map, const int32_t *offsets, const uint64_t *regs,
                        void *env);
} RACheckHost;

typedef enum RAEventKind {
    RA_EV_OP,     /* op n begins; of mov and fmov that is all there need be */
    RA_EV_OP_END, /* op n is done */
    RA_EV_GEN,    /* its emitter is called: result to dst, src operands at data, constraint want */
    RA_EV_GEN_END,
    RA_EV_MAP,    /* an exit map of the op at hand, at data */
    RA_EV_CALL,   /* the C call, src operands at data */
    RA_EV_RESULT, /* its result goes to dst */
    RA_EV_LABEL,  /* label n is here */
    RA_EV_ALIAS,  /* label n is where label imm is */
    RA_EV_JUMP,   /* to label n */
    RA_EV_MOV,    /* dst = src */
    RA_EV_MOV32,
    RA_EV_LOAD_IMM,      /* dst = imm */
    RA_EV_LOAD_ENV,      /* dst = env + n */
    RA_EV_STORE_ENV,     /* env + n = src */
    RA_EV_STORE_ENV_IMM, /* env + n = imm */
    RA_EV_LOAD_SLOT,     /* dst = slot n */
    RA_EV_STORE_SLOT,    /* slot n = src */
} RAEventKind;

typedef struct RAEvent {
    uint8_t kind, cls, dst, src;
    int32_t n;
    uint32_t data; /* filled by the checker */
    int32_t cond;  /* GEN of brcond: the condition; n is the label */
    uint64_t imm;
    const char *want;
} RAEvent;

RACheck *ra_check_new(void);
void ra_check_free(RACheck *k);

/* Begin with code that tcg_liveness() has seen. */
void ra_check_begin(RACheck *k, TCGContext *c, const RACheckHost *host);
void ra_check_note(RACheck *k, RAEvent ev);
/* @label: where a brcond goes, for others anything */
void ra_check_note_gen(RACheck *k, const TCGOp *op, unsigned out, const HostArg *in,
                       const char *want, unsigned label);
void ra_check_note_call(RACheck *k, const TCGOp *op, const HostArg *in);
void ra_check_note_map(RACheck *k, const uint8_t *map, unsigned len);
/* Replay. False, and a message with the last events, if anything reads what is not there. */
bool ra_check_end(RACheck *k, GString *why);
/* Likewise, and a failure, which is a mistake of ours, aborts. */
void ra_check_finish(RACheck *k);

/* ---- the seam as the allocator uses it ------------------------------------------------------- */

static inline void ra_note(const RAContext *ra, RAEvent ev)
{
    if (unlikely(ra->check)) {
        ra_check_note(ra->check, ev);
    }
}

static inline void note_begin(RAContext *ra)
{
    ra->check = ra->c->ra_check;
    if (unlikely(ra->check)) {
        const RACheckHost host = {{ra_regs(ra, TCG_CLASS_INT), ra_regs(ra, TCG_CLASS_FP)},
                                  host_call_clobbered,
                                  {host_scratch[TCG_CLASS_INT], host_scratch[TCG_CLASS_FP]},
                                  ra_map_restore};

        ra_check_begin(ra->check, ra->c, &host);
    }
}
static inline void note_end(const RAContext *ra)
{
    if (unlikely(ra->check) && !ra->failed) {
        ra_check_finish(ra->check);
    }
}

static inline void emit_mov(RAContext *ra, TCGClass cls, unsigned dst, unsigned src)
{
    ra_note(ra, (RAEvent){.kind = RA_EV_MOV, .cls = cls, .dst = dst, .src = src});
    host_mov(ra, cls, dst, src);
}
static inline void emit_mov32(RAContext *ra, unsigned dst, unsigned src)
{
    ra_note(ra, (RAEvent){.kind = RA_EV_MOV32, .cls = TCG_CLASS_INT, .dst = dst, .src = src});
    host_mov32(ra, dst, src);
}
static inline void emit_load_imm(RAContext *ra, TCGClass cls, unsigned dst, uint64_t imm)
{
    ra_note(ra, (RAEvent){.kind = RA_EV_LOAD_IMM, .cls = cls, .dst = dst, .imm = imm});
    host_load_imm(ra, cls, dst, imm);
}
static inline void emit_load_env(RAContext *ra, TCGClass cls, unsigned dst, int32_t offset)
{
    ra_note(ra, (RAEvent){.kind = RA_EV_LOAD_ENV, .cls = cls, .dst = dst, .n = offset});
    host_load_env(ra, cls, dst, offset);
}
static inline void emit_store_env(RAContext *ra, TCGClass cls, int32_t offset, unsigned src)
{
    ra_note(ra, (RAEvent){.kind = RA_EV_STORE_ENV, .cls = cls, .n = offset, .src = src});
    host_store_env(ra, cls, offset, src);
}
static inline void emit_store_env_imm(RAContext *ra, int32_t offset, uint64_t imm)
{
    ra_note(ra, (RAEvent){.kind = RA_EV_STORE_ENV_IMM, .n = offset, .imm = imm});
    host_store_env_imm(ra, offset, imm);
}
static inline void emit_load_slot(RAContext *ra, TCGClass cls, unsigned dst, unsigned slot)
{
    ra_note(ra, (RAEvent){.kind = RA_EV_LOAD_SLOT, .cls = cls, .dst = dst, .n = (int32_t)slot});
    host_load_slot(ra, cls, dst, slot);
}
static inline void emit_store_slot(RAContext *ra, TCGClass cls, unsigned slot, unsigned src)
{
    ra_note(ra, (RAEvent){.kind = RA_EV_STORE_SLOT, .cls = cls, .n = (int32_t)slot, .src = src});
    host_store_slot(ra, cls, slot, src);
}
static inline void emit_label(RAContext *ra, unsigned label)
{
    ra_note(ra, (RAEvent){.kind = RA_EV_LABEL, .n = (int32_t)label});
    host_label(ra, label);
}
static inline void emit_label_alias(RAContext *ra, unsigned label, unsigned other)
{
    ra_note(ra, (RAEvent){.kind = RA_EV_ALIAS, .n = (int32_t)label, .imm = other});
    host_label_alias(ra, label, other);
}
static inline void emit_jump(RAContext *ra, unsigned label)
{
    ra_note(ra, (RAEvent){.kind = RA_EV_JUMP, .n = (int32_t)label});
    host_jump(ra, label);
}
static inline void emit_op(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in)
{
    const HostOpDef *def = &host_op_defs[op->opc];

    if (unlikely(ra->check)) {
        ra_check_note_gen(ra->check, op, out, in, def->constraint, ra->branch_label);
    }
    def->gen(ra, op, out, in);
    ra_note(ra, (RAEvent){.kind = RA_EV_GEN_END});
}
static inline void emit_call(RAContext *ra, const TCGOp *op, const HostArg *in)
{
    if (unlikely(ra->check)) {
        ra_check_note_call(ra->check, op, in);
    }
    host_call(ra, op, in);
}
static inline void emit_call_result(RAContext *ra, TCGClass cls, unsigned dst)
{
    ra_note(ra, (RAEvent){.kind = RA_EV_RESULT, .cls = cls, .dst = dst});
    host_call_result(ra, cls, dst);
}

#endif
