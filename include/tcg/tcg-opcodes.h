/* SPDX-License-Identifier: MIT */
/* The enumeration of IR ops, from the rows of tcg-opc.def. */
#ifndef TCG_TCG_OPCODES_H
#define TCG_TCG_OPCODES_H

typedef enum TCGOpcode {
#define OP(name, nout, nin, imms, regclass, types, effects, eval) TCG_OP_##name,
#include "tcg/tcg-opc.def"
#undef OP
    TCG_NB_OPS,
} TCGOpcode;

#endif
