/* SPDX-License-Identifier: MIT */
/*
 * The rules of fold.def as a function from what is known of an op to what may replace it.
 *
 * Pure: no context, no IR, so that the rules can be proved by calling it (tests/unit/tcg/
 * test-fold.c). op-build.c gathers the facts and applies the result.
 */
#include "qemu/osdep.h"
#include "build.h"
#include "eval.h"

/* Results. Third and fourth operands and the second immediate stay where the op has them. */
#define TO_CONST(value)                                                                            \
    {                                                                                              \
        .opc = TCG_OP_mov, .nin = 1, .in = {TCG_FOLD_CONST}, .k = (value)                          \
    }
#define TO_USE(o)                                                                                  \
    {                                                                                              \
        .opc = TCG_OP_mov, .nin = 1, .in = { TCG_FOLD_##o }                                        \
    }
#define TO_1(op, o)                                                                                \
    {                                                                                              \
        .opc = TCG_OP_##op, .nin = 1, .in = { TCG_FOLD_##o }                                       \
    }
#define TO_2(op, o, p)                                                                             \
    {                                                                                              \
        .opc = TCG_OP_##op, .nin = 2, .in = { TCG_FOLD_##o, TCG_FOLD_##p }                         \
    }
#define TO_K(op, o, value)                                                                         \
    {                                                                                              \
        .opc = TCG_OP_##op, .nin = 2, .in = {TCG_FOLD_##o, TCG_FOLD_CONST}, .k = (value)&ones      \
    }
#define TO_FIELD(op, o, pos, len)                                                                  \
    {                                                                                              \
        .opc = TCG_OP_##op, .nin = 1, .in = {TCG_FOLD_##o}, .i0 = (pos), .i1 = (len)               \
    }
#define TO_COMPARE(op, cond, o, p)                                                                 \
    .opc = TCG_OP_##op, .nin = tcg_op_defs[TCG_OP_##op].nin, .i0 = (cond), .i1 = i1,               \
    .in = {TCG_FOLD_##o, TCG_FOLD_##p, TCG_FOLD_C, TCG_FOLD_D}
#define TO_COND(op, cond, o, p)                                                                    \
    {                                                                                              \
        TO_COMPARE(op, cond, o, p)                                                                 \
    }
#define TO_CONDK(op, cond, o, value)                                                               \
    {                                                                                              \
        TO_COMPARE(op, cond, o, CONST), .k = (value)                                               \
    }
#define TO_INNER_COND(op, cond)                                                                    \
    {                                                                                              \
        TO_COMPARE(op, cond, X, Y), .inner_type = true                                             \
    }

#define FOLD_OP(op) case TCG_OP_##op: {
#define FOLD(op, name, when, ...)                                                                  \
    if (when) {                                                                                    \
        *out = (TCGFoldTo)__VA_ARGS__;                                                             \
        out->rule = TCG_FOLD_##op##_##name;                                                        \
        return true;                                                                               \
    }
/* The result of setcond is 0 or 1 at any width. */
#define FOLD_INNER(op, in, name, when, ...)                                                        \
    if (inner == TCG_OP_##in && (same_width || TCG_OP_##in == TCG_OP_setcond) && (when)) {         \
        *out = (TCGFoldTo)__VA_ARGS__;                                                             \
        out->rule = TCG_FOLD_##op##_##in##_##name;                                                 \
        return true;                                                                               \
    }
#define FOLD_END                                                                                   \
    break;                                                                                         \
    }

bool tcg_fold_match(const TCGFoldIn *f, TCGFoldTo *out)
{
    const unsigned bits = f->bits, ua = f->ua, sa = f->sa, inner = f->inner;
    const uint64_t ones = tcg_eval_mask(bits), a = f->a, b = f->b, j = f->j;
    const int i0 = f->i0, i1 = f->i1, j0 = f->j0, j1 = f->j1;
    const bool ka = f->ka, kb = f->kb, kj = f->kj, same = f->same, same_cd = f->same_cd;
    const bool boxed = f->boxed, same_width = f->inner_bits == bits;

    switch (f->opc) {
#include "fold.def"
    default:
        break;
    }
    return false;
}

#undef FOLD_OP
#undef FOLD
#undef FOLD_INNER
#undef FOLD_END

#define FOLD_OP(op) case TCG_OP_##op:
#define FOLD(op, name, when, ...)
#define FOLD_INNER(op, in, name, when, ...) return true;
#define FOLD_END break;

bool tcg_fold_has_inner(unsigned opc)
{
    switch (opc) {
#include "fold.def"
    default:
        break;
    }
    return false;
}

#undef FOLD_OP
#undef FOLD
#undef FOLD_INNER
#undef FOLD_END

#define FOLD_OP(op)
#define FOLD(op, name, when, ...) #op "_" #name,
#define FOLD_INNER(op, in, name, when, ...) #op "_" #in "_" #name,
#define FOLD_END
static const char *const rule_names[] = {
#include "fold.def"
};

const char *tcg_fold_rule_name(unsigned rule)
{
    return rule_names[rule];
}
