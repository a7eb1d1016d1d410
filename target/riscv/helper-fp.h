/* SPDX-License-Identifier: MIT */
/*
 * The control word of the floating point helpers: what is constant in an instruction. Formats are
 * numbered as the fmt field of instructions.
 */
#ifndef TARGET_RISCV_HELPER_FP_H
#define TARGET_RISCV_HELPER_FP_H

typedef enum RVFormat {
    RV_FORMAT_S = 0,
    RV_FORMAT_D = 1,
    RV_FORMAT_H = 2,
} RVFormat;

enum {
    RV_FP_FORMAT_SHIFT = 0, /* 2 bits, RVFormat: of the operation, and of the result */
    RV_FP_SOURCE_SHIFT = 2, /* 2 bits, RVFormat: fcvt_f only: of the operand */
    RV_FP_RM_SHIFT = 4,     /* 3 bits, FloatRoundMode */
    RV_FP_NEGATE_SHIFT = 7, /* 2 bits, FLOAT_NEGATE_*: fmuladd only */
    RV_FP_INT64 = 1 << 9,   /* the integer has 64 bits, not 32: fcvt_to_int, fcvt_from_int */
    RV_FP_UNSIGNED = 1 << 10,
};

#endif
