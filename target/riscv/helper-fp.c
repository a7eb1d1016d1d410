/* SPDX-License-Identifier: MIT */
/*
 * Floating point helpers: what generated code does not compute inline. A thin layer over util/fpu,
 * which does the arithmetic; this file knows NaN boxes, the control word and env->fflags.
 *
 * Called on the hart's thread. Unprivileged ISA 20240411, chapters "F" ("NaN Generation and
 * Propagation"), "D" ("NaN Boxing of Narrower Values") and "Zfa". Tests: generated from
 * insns/rv_f.insn, rv_d.insn and rv_zfa.insn; the arithmetic's in tests/unit/util/fpu/.
 */
#include "qemu/osdep.h"

#include "qemu/fpu.h"
#include "target/riscv/helper-fp.h"
#include "target/riscv/helper.h"

static FloatFormat fp_format(uint32_t format)
{
    switch (format & 3) {
    case RV_FORMAT_S:
        return FLOAT32;
    case RV_FORMAT_D:
        return FLOAT64;
    default:
        return FLOAT16;
    }
}

static FloatFormat ctl_format(uint32_t ctl)
{
    return fp_format(ctl >> RV_FP_FORMAT_SHIFT);
}

static FloatStatus ctl_status(uint32_t ctl)
{
    return (FloatStatus){.rm = (ctl >> RV_FP_RM_SHIFT) & 7};
}

static unsigned ctl_int_bits(uint32_t ctl)
{
    return ctl & RV_FP_INT64 ? 64 : 32;
}

/* The bits that a value of format @fmt leaves over in a register: all ones in a valid box. */
static uint64_t box_mask(FloatFormat fmt)
{
    return ~(float_sign_mask(fmt) | (float_sign_mask(fmt) - 1));
}

/* What a register holds for an operation of format @fmt: no valid box is the canonical NaN. */
static uint64_t unbox(FloatFormat fmt, uint64_t reg)
{
    uint64_t mask = box_mask(fmt);

    return (reg & mask) == mask ? reg & ~mask : float_canonical_nan(fmt);
}

static uint64_t box(FloatFormat fmt, uint64_t value)
{
    return value | box_mask(fmt);
}

typedef uint64_t FloatBinary(FloatFormat fmt, uint64_t a, uint64_t b, FloatStatus *st);
typedef bool FloatCompare(FloatFormat fmt, uint64_t a, uint64_t b, FloatStatus *st);

static uint64_t fp_binary(CPURISCVState *env, FloatBinary *op, uint64_t a, uint64_t b, uint32_t ctl)
{
    FloatFormat fmt = ctl_format(ctl);
    FloatStatus st = ctl_status(ctl);
    uint64_t result = op(fmt, unbox(fmt, a), unbox(fmt, b), &st);

    env->fflags |= st.fflags;
    return box(fmt, result);
}

static uint64_t fp_compare(CPURISCVState *env, FloatCompare *op, uint64_t a, uint64_t b,
                           uint32_t ctl)
{
    FloatFormat fmt = ctl_format(ctl);
    FloatStatus st = ctl_status(ctl);
    bool result = op(fmt, unbox(fmt, a), unbox(fmt, b), &st);

    env->fflags |= st.fflags;
    return result;
}

uint64_t helper_fadd(CPURISCVState *env, uint64_t a, uint64_t b, uint32_t ctl)
{
    return fp_binary(env, float_add, a, b, ctl);
}

uint64_t helper_fsub(CPURISCVState *env, uint64_t a, uint64_t b, uint32_t ctl)
{
    return fp_binary(env, float_sub, a, b, ctl);
}

uint64_t helper_fmul(CPURISCVState *env, uint64_t a, uint64_t b, uint32_t ctl)
{
    return fp_binary(env, float_mul, a, b, ctl);
}

uint64_t helper_fdiv(CPURISCVState *env, uint64_t a, uint64_t b, uint32_t ctl)
{
    return fp_binary(env, float_div, a, b, ctl);
}

uint64_t helper_fmin(CPURISCVState *env, uint64_t a, uint64_t b, uint32_t ctl)
{
    return fp_binary(env, float_minimum_number, a, b, ctl);
}

uint64_t helper_fmax(CPURISCVState *env, uint64_t a, uint64_t b, uint32_t ctl)
{
    return fp_binary(env, float_maximum_number, a, b, ctl);
}

uint64_t helper_fminm(CPURISCVState *env, uint64_t a, uint64_t b, uint32_t ctl)
{
    return fp_binary(env, float_minimum, a, b, ctl);
}

uint64_t helper_fmaxm(CPURISCVState *env, uint64_t a, uint64_t b, uint32_t ctl)
{
    return fp_binary(env, float_maximum, a, b, ctl);
}

uint64_t helper_feq(CPURISCVState *env, uint64_t a, uint64_t b, uint32_t ctl)
{
    return fp_compare(env, float_eq, a, b, ctl);
}

uint64_t helper_flt(CPURISCVState *env, uint64_t a, uint64_t b, uint32_t ctl)
{
    return fp_compare(env, float_lt, a, b, ctl);
}

uint64_t helper_fle(CPURISCVState *env, uint64_t a, uint64_t b, uint32_t ctl)
{
    return fp_compare(env, float_le, a, b, ctl);
}

uint64_t helper_fltq(CPURISCVState *env, uint64_t a, uint64_t b, uint32_t ctl)
{
    return fp_compare(env, float_lt_quiet, a, b, ctl);
}

uint64_t helper_fleq(CPURISCVState *env, uint64_t a, uint64_t b, uint32_t ctl)
{
    return fp_compare(env, float_le_quiet, a, b, ctl);
}

uint64_t helper_fsqrt(CPURISCVState *env, uint64_t a, uint32_t ctl)
{
    FloatFormat fmt = ctl_format(ctl);
    FloatStatus st = ctl_status(ctl);
    uint64_t result = float_sqrt(fmt, unbox(fmt, a), &st);

    env->fflags |= st.fflags;
    return box(fmt, result);
}

uint64_t helper_fmuladd(CPURISCVState *env, uint64_t a, uint64_t b, uint64_t c, uint32_t ctl)
{
    FloatFormat fmt = ctl_format(ctl);
    FloatStatus st = ctl_status(ctl);
    uint64_t result = float_muladd(fmt, unbox(fmt, a), unbox(fmt, b), unbox(fmt, c),
                                   (ctl >> RV_FP_NEGATE_SHIFT) & 3, &st);

    env->fflags |= st.fflags;
    return box(fmt, result);
}

uint64_t helper_fclass(uint64_t a, uint32_t ctl)
{
    FloatFormat fmt = ctl_format(ctl);

    return float_classify(fmt, unbox(fmt, a));
}

uint64_t helper_fcvt_f(CPURISCVState *env, uint64_t a, uint32_t ctl)
{
    FloatFormat from = fp_format(ctl >> RV_FP_SOURCE_SHIFT);
    FloatFormat to = ctl_format(ctl);
    FloatStatus st = ctl_status(ctl);
    uint64_t result = float_convert(from, to, unbox(from, a), &st);

    env->fflags |= st.fflags;
    return box(to, result);
}

uint64_t helper_fcvt_to_int(CPURISCVState *env, uint64_t a, uint32_t ctl)
{
    FloatFormat fmt = ctl_format(ctl);
    FloatStatus st = ctl_status(ctl);
    unsigned bits = ctl_int_bits(ctl);
    uint64_t value = unbox(fmt, a);
    uint64_t result = ctl & RV_FP_UNSIGNED ? float_to_uint(fmt, value, bits, &st) :
                                             (uint64_t)float_to_int(fmt, value, bits, &st);

    env->fflags |= st.fflags;
    return bits == 32 ? (uint64_t)(int32_t)result : result;
}

uint64_t helper_fcvt_from_int(CPURISCVState *env, uint64_t a, uint32_t ctl)
{
    FloatFormat fmt = ctl_format(ctl);
    FloatStatus st = ctl_status(ctl);
    bool is_64 = ctl & RV_FP_INT64;
    uint64_t result = ctl & RV_FP_UNSIGNED ?
                          float_from_uint(fmt, is_64 ? a : (uint32_t)a, &st) :
                          float_from_int(fmt, is_64 ? (int64_t)a : (int32_t)a, &st);

    env->fflags |= st.fflags;
    return box(fmt, result);
}

uint64_t helper_fcvtmod(CPURISCVState *env, uint64_t a, uint32_t ctl)
{
    FloatFormat fmt = ctl_format(ctl);
    FloatStatus st = ctl_status(ctl);
    int32_t result = float_to_int32_modular(fmt, unbox(fmt, a), &st);

    env->fflags |= st.fflags;
    return (int64_t)result;
}

static uint64_t fp_round(CPURISCVState *env, uint64_t a, bool inexact, uint32_t ctl)
{
    FloatFormat fmt = ctl_format(ctl);
    FloatStatus st = ctl_status(ctl);
    uint64_t result = float_round_to_int(fmt, unbox(fmt, a), inexact, &st);

    env->fflags |= st.fflags;
    return box(fmt, result);
}

uint64_t helper_fround(CPURISCVState *env, uint64_t a, uint32_t ctl)
{
    return fp_round(env, a, false, ctl);
}

uint64_t helper_froundnx(CPURISCVState *env, uint64_t a, uint32_t ctl)
{
    return fp_round(env, a, true, ctl);
}
