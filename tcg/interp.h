/* SPDX-License-Identifier: MIT */
/* The interpreter's program: made by interp-gen.c, run by interp.c. */
#ifndef TCG_INTERP_H
#define TCG_INTERP_H

#include "qemu/fpu.h"
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
 * in[4] and in[5] hold what imm() says. An op that branches has the target's number there.
 */
typedef struct InterpInsn {
    uint16_t handler; /* TCGOpcode * 2, + 1 for 32 bits */
    uint16_t aux;     /* the immediate that is not in imm(); see interp-gen.c */
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

/* Guest instruction that insns from number @insn on belong to. */
typedef struct InterpMark {
    uint64_t pc;
    uint32_t insn;
    uint32_t idx;
} InterpMark;

/* Followed by insns, marks, calls and constants; offsets are from the program's start. */
typedef struct InterpProgram {
    uint64_t cookie;
    uint32_t ninsns, nmarks;
    uint32_t marks, calls, consts;
    uint32_t unused;
    InterpInsn insns[];
} InterpProgram;

/* The result of a TCG_EF_FP op, F32 or F64 by @is_f32; @imm is its immediate. */
uint64_t tcg_interp_fp(unsigned opc, bool is_f32, const uint64_t in[3], int32_t imm,
                       FloatStatus *st);

#endif
