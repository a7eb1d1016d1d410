/* SPDX-License-Identifier: MIT */
/* The interpreter's program: made by interp-gen.c, run by interp.c; direct.c runs single insns. */
#ifndef TCG_INTERP_H
#define TCG_INTERP_H

#include "qemu/fpu.h"
#include "eval.h"
#include "tcg-internal.h"

/* Locals live at once in one program. */
#define INTERP_MAX_SLOTS 512

/* Where an operand is: the base in the upper two bits, a byte offset below. */
enum {
    INTERP_ENV,   /* a global */
    INTERP_FRAME, /* a local's slot */
    INTERP_CONST, /* the program's pool */
    INTERP_NR_BASES,
};
#define INTERP_OFFSET_BITS 30

/*
 * One op. For a call all of in[] are arguments, and aux is its number in the program's table. Else
 * in[4] and in[5] hold what interp_imm() says. An op that branches has the target's number there.
 */
typedef struct InterpInsn {
    uint16_t handler; /* TCGOpcode * 2, + 1 for 32 bits */
    uint16_t aux;     /* the immediate that is not in interp_imm() */
    uint32_t out;
    uint32_t in[TCG_MAX_INS];
} InterpInsn;
QEMU_BUILD_BUG_ON(sizeof(InterpInsn) != 32);

static inline int32_t interp_imm(const InterpInsn *i, unsigned n)
{
    return (int32_t)i->in[4 + n];
}

typedef struct InterpCall {
    void *func;
    char ret;
    bool returns_status;
    char params[TCG_MAX_INS + 1];
} InterpCall;

static inline InterpCall interp_call(const TCGHelperInfo *h)
{
    InterpCall call = {
        .func = h->func,
        .ret = h->ret,
        .returns_status = h->flags & TCG_HF_TRAP,
    };

    memcpy(call.params, h->params, sizeof(call.params));
    return call;
}

/* Guest instruction that insns from number @insn on belong to. */
typedef struct InterpMark {
    uint64_t pc;
    uint32_t insn;
    uint32_t idx;
} InterpMark;

/* Followed by insns, marks, calls and constants; offsets are from the program's start. */
typedef struct InterpProgram {
    uint64_t cookie;
    uint64_t pc; /* tcg_begin()'s, and... */
    uint32_t ninsns, nmarks;
    uint32_t marks, calls, consts;
    uint32_t mmu_idx; /* ...its index of fetches */
    InterpInsn insns[];
} InterpProgram;

static inline uint16_t interp_handler(unsigned opc, unsigned type)
{
    return (uint16_t)(opc * 2 + (type == TCG_I32 || type == TCG_F32));
}

static inline uint32_t interp_place(unsigned base, uint32_t offset)
{
    return base << INTERP_OFFSET_BITS | offset;
}

/* Immediates of an op where its handler finds them: two in interp_imm(), one in aux. */
static inline void interp_set_immediates(InterpInsn *insn, unsigned opc, int32_t i0, int32_t i1,
                                         int32_t i2)
{
    switch (opc) {
    case TCG_OP_call: /* aux: the caller's to set */
        return;
    case TCG_OP_brcond: /* the block becomes an insn when all are known */
        insn->aux = (uint16_t)i0;
        insn->in[4] = (uint32_t)i1;
        return;
    case TCG_OP_ld_env: /* the alias class says nothing to us */
    case TCG_OP_st_env:
        insn->aux = (uint16_t)i1;
        break;
    default:
        insn->aux = (uint16_t)i2;
        break;
    }
    insn->in[4] = (uint32_t)i0;
    insn->in[5] = (uint32_t)i1;
}

/* A hart in a program. */
typedef struct Interp {
    uint8_t *base[INTERP_NR_BASES];
    const TCGLayout *layout;
    const InterpProgram *prog;
    const InterpInsn *next;
} Interp;

static inline uint64_t *interp_slot(const Interp *s, uint32_t where)
{
    return (uint64_t *)(s->base[where >> INTERP_OFFSET_BITS] +
                        (where & ((1u << INTERP_OFFSET_BITS) - 1)));
}

/* A comparison of any values, as wide as a branch's or guard's type says. */
static inline bool interp_compare(uint64_t a, uint64_t b, int32_t cond, bool is_32)
{
    const unsigned bits = is_32 ? 32 : 64;
    const uint64_t mask = tcg_eval_mask(bits);

    return tcg_eval_cond(a & mask, b & mask, cond, bits);
}

/* What an insn comes to when execution goes on at s->next; no TCGExit and no cookie. */
#define INTERP_GO_ON UINT64_MAX

/* Carry out @i, an insn of s->prog. */
uint64_t interp_step(Interp *s, const InterpInsn *i);

/* The result of a TCG_EF_FP op, F32 or F64 by @is_f32; @imm is its immediate. */
uint64_t tcg_interp_fp(unsigned opc, bool is_f32, const uint64_t in[3], int32_t imm,
                       FloatStatus *st);

#endif
