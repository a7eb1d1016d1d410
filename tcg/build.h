/* SPDX-License-Identifier: MIT */
/* What those share that build: context, op-build, direct, fold, knownbits, copyprop, parse. */
#ifndef TCG_BUILD_H
#define TCG_BUILD_H

#include "tcg-internal.h"

/* ---- context.c ----------------------------------------------------------------------------- */

/* Drop all code; globals stay declared, cookie and pc stay set. No block is open afterwards. */
void tcg_restart(TCGContext *c);
/* A new temp, or index 0 with c->overflow set. */
uint16_t tcg_temp_new(TCGContext *c, unsigned kind, unsigned cls);
/* Close the current block if one is open, and open @idx after it. What is known stays known. */
void tcg_enter_block(TCGContext *c, uint16_t idx);
/* Forget which ops have computed what, and what globals hold: a block with unknown predecessors. */
void tcg_forget_ops(TCGContext *c);
void tcg_forget_globals(TCGContext *c);

/* ---- op-build.c ---------------------------------------------------------------------------- */

/**
 * tcg_append - append @op as it is to the open block
 * Ends and conditional branches close the block; a conditional branch opens none. A result is not
 * made: op->out says which temp is assigned. Sets c->overflow where there is no room.
 */
void tcg_append(TCGContext *c, const TCGOp *op);
/* Note that local @idx is an operand in the open block. */
void tcg_note_use(TCGContext *c, uint16_t idx);
/* Append @op, of which in[] are handles as a translator has them, folding what can be folded. A
 * conditional branch opens no block. Returns the result, {TCG_NONE} if it has none. */
TCGv tcg_build(TCGContext *c, const TCGOp *op);

/* ---- direct.c: what building comes to while ops are carried out at once ---------------------- */

TCGv tcg_direct_const(TCGDirect *d, uint64_t value);
TCGLabel tcg_direct_label(TCGDirect *d);
void tcg_direct_place(TCGDirect *d, TCGLabel label);
void tcg_direct_set_global(TCGDirect *d, TCGv global, TCGv value);
TCGv tcg_direct_emit(TCGContext *c, unsigned opc, TCGType type, const TCGv *in, unsigned nin,
                     int32_t i0, int32_t i1, int32_t i2);
void tcg_direct_free(TCGDirect *d);

/* ---- knownbits.c ---------------------------------------------------------------------------- */

/* Fill ubits, sbits and flags of @out, the result of @op. @val: names of its operands' values. */
void tcg_known_bits(const TCGContext *c, const TCGOp *op, const uint16_t val[4], TCGTemp *out);

/* ---- fold.c ---------------------------------------------------------------------------------- */

/* Operands that a rule's result may name. */
enum {
    TCG_FOLD_CONST, /* the constant TCGFoldTo.k */
    TCG_FOLD_A,     /* the op's operands */
    TCG_FOLD_B,
    TCG_FOLD_C,
    TCG_FOLD_D,
    TCG_FOLD_X, /* operands of the inner op: the one that computed a */
    TCG_FOLD_Y,
    TCG_FOLD_OPERANDS,
};

/* What a rule may look at; see fold.def. */
typedef struct TCGFoldIn {
    uint64_t a, b, j;
    int32_t i0, i1, j0, j1;
    uint8_t opc, inner; /* inner: TCG_NB_OPS if not known */
    uint8_t bits, inner_bits;
    bool ka, kb, kj;
    bool same, same_cd, boxed;
    uint8_t ua, sa;
} TCGFoldIn;

/* What a rule turns the op into. opc == TCG_OP_mov: in[0] itself, at the op's width. */
typedef struct TCGFoldTo {
    uint64_t k;
    int32_t i0, i1;
    uint16_t rule;
    uint8_t opc;
    uint8_t nin;
    uint8_t in[4];
    bool inner_type; /* the new op has the type of the inner op, not of the op */
} TCGFoldTo;

typedef enum TCGFoldRule {
#define FOLD_OP(op)
#define FOLD(op, name, when, ...) TCG_FOLD_##op##_##name,
#define FOLD_INNER(op, in, name, when, ...) TCG_FOLD_##op##_##in##_##name,
#define FOLD_END
#include "fold.def"
#undef FOLD_OP
#undef FOLD
#undef FOLD_INNER
#undef FOLD_END
    TCG_NB_FOLD_RULES,
} TCGFoldRule;

/* True, and the result in @to, if a rule of fold.def applies. Pure: the fold test drives it. */
bool tcg_fold_match(const TCGFoldIn *in, TCGFoldTo *to);
/* Whether fold.def has rules for @opc that look through its first operand. */
bool tcg_fold_has_inner(unsigned opc);
/* "op_name" or "op_inner_name", for the fold test's messages. */
const char *tcg_fold_rule_name(unsigned rule);

#endif
