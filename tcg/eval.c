/* SPDX-License-Identifier: MIT */
/*
 * The op definition table and the evaluator, both expanded from tcg-opc.def.
 *
 * Not here: execution (interp.c expands the same EVAL column into its handlers). No state.
 * Tests: tests/unit/tcg/test-eval.c.
 */
#include "qemu/osdep.h"
#include "eval.h"
#include "tcg-internal.h"

/* The type column is a bare letter: name its character. */
enum {
    TYPES_I = 'I',
    TYPES_C = 'C',
    TYPES_L = 'L',
    TYPES_F = 'F',
    TYPES_N = 'N'
};

const TCGOpDef tcg_op_defs[TCG_NB_OPS] = {
#define OP(opname, outs, ins, immkinds, classes, widths, eff, eval)                                \
    [TCG_OP_##opname] = {                                                                          \
        .name = #opname,                                                                           \
        .nout = (outs),                                                                            \
        .nin = (ins),                                                                              \
        .nimm = sizeof(immkinds) - 1,                                                              \
        .imms = (immkinds),                                                                        \
        .types = TYPES_##widths,                                                                   \
        .has_eval = __builtin_strcmp(#eval, "TCG_NO_EVAL") != 0,                                   \
        .effects = (eff),                                                                          \
        .cls = (classes),                                                                          \
    },
#include "tcg/tcg-opc.def"
#undef OP
};

/* A row's counts must agree with its class letters and with what TCGOp can hold. */
#define OP(opname, outs, ins, immkinds, classes, widths, eff, eval)                                \
    QEMU_BUILD_BUG_ON((outs) > 1 || (ins) > TCG_MAX_INS || sizeof(immkinds) > 4);                  \
    QEMU_BUILD_BUG_ON(TCG_OP_##opname != TCG_OP_call && sizeof(classes) - 1 != (outs) + (ins));
#include "tcg/tcg-opc.def"
#undef OP

uint64_t tcg_op_eval(unsigned opc, unsigned bits, const uint64_t in[4], int32_t i0, int32_t i1)
{
    const char types = tcg_op_defs[opc].types;
    const uint64_t mask = tcg_eval_mask(bits);
    const uint64_t wide = types == 'C' ? UINT64_MAX : mask;
    const uint64_t a = in[0] & mask, b = in[1] & mask, c = in[2] & wide, d = in[3] & wide;
    uint64_t r = 0;

    switch (opc) {
#define OP(opname, outs, ins, immkinds, classes, widths, eff, eval)                                \
    case TCG_OP_##opname:                                                                          \
        r = (eval);                                                                                \
        break;
#include "tcg/tcg-opc.def"
#undef OP
    default:
        g_assert_not_reached();
    }
    return types == 'F' ? r : r & wide;
}
