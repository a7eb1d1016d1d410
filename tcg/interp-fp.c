/* SPDX-License-Identifier: MIT */
/*
 * Floating point ops of the IR on util/fpu: exact results and flags, one op at a time.
 * Tests: tests/unit/tcg/test-interp.c.
 */
#include "qemu/osdep.h"
#include "interp.h"

static uint64_t to_integer(FloatFormat fmt, uint64_t a, unsigned bits, bool is_unsigned,
                           FloatStatus *st)
{
    uint64_t r = is_unsigned ? float_to_uint(fmt, a, bits, st) :
                               (uint64_t)float_to_int(fmt, a, bits, st);

    return bits == 32 ? (uint64_t)(int32_t)r : r;
}

static uint64_t from_integer(FloatFormat fmt, uint64_t a, bool is_unsigned, FloatStatus *st)
{
    return is_unsigned ? float_from_uint(fmt, a, st) : float_from_int(fmt, (int64_t)a, st);
}

static uint64_t compare(FloatFormat fmt, uint64_t a, uint64_t b, int32_t cmp, FloatStatus *st)
{
    return cmp == TCG_FCMP_EQ ? float_eq(fmt, a, b, st) :
           cmp == TCG_FCMP_LT ? float_lt(fmt, a, b, st) :
                                float_le(fmt, a, b, st);
}

uint64_t tcg_interp_fp(unsigned opc, bool is_f32, const uint64_t in[3], int32_t imm,
                       FloatStatus *st)
{
    const FloatFormat fmt = is_f32 ? FLOAT32 : FLOAT64;
    const uint64_t box = is_f32 ? UINT64_MAX << 32 : 0;

    switch (opc) {
    case TCG_OP_fadd:
        return float_add(fmt, in[0], in[1], st) | box;
    case TCG_OP_fsub:
        return float_sub(fmt, in[0], in[1], st) | box;
    case TCG_OP_fmul:
        return float_mul(fmt, in[0], in[1], st) | box;
    case TCG_OP_fdiv:
        return float_div(fmt, in[0], in[1], st) | box;
    case TCG_OP_fsqrt:
        return float_sqrt(fmt, in[0], st) | box;
    case TCG_OP_fma:
        return float_muladd(fmt, in[0], in[1], in[2],
                            (imm & TCG_FMA_NEG_PRODUCT ? FLOAT_NEGATE_PRODUCT : 0) |
                                (imm & TCG_FMA_NEG_ADDEND ? FLOAT_NEGATE_ADDEND : 0),
                            st) |
               box;
    case TCG_OP_fmin:
        return float_minimum_number(fmt, in[0], in[1], st) | box;
    case TCG_OP_fmax:
        return float_maximum_number(fmt, in[0], in[1], st) | box;
    case TCG_OP_fcmp:
        return compare(fmt, in[0], in[1], imm, st);
    case TCG_OP_fcvt_i32:
        return to_integer(fmt, in[0], 32, imm, st);
    case TCG_OP_fcvt_i64:
        return to_integer(fmt, in[0], 64, imm, st);
    case TCG_OP_fcvt_fi32:
        return from_integer(fmt, imm ? (uint32_t)in[0] : (uint64_t)(int32_t)in[0], imm, st) | box;
    case TCG_OP_fcvt_fi64:
        return from_integer(fmt, in[0], imm, st) | box;
    case TCG_OP_fcvt_f:
        /* The type is the source's. */
        return is_f32 ? float_convert(FLOAT32, FLOAT64, in[0], st) :
                        float_convert(FLOAT64, FLOAT32, in[0], st) | UINT64_MAX << 32;
    default:
        g_assert_not_reached();
    }
}
