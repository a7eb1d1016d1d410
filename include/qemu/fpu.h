/* SPDX-License-Identifier: MIT */
/*
 * IEEE 754-2019 arithmetic on bit patterns, exact in every bit and every flag.
 *
 * This is the slow and portable path: it decides what the result is, and the inline host floating
 * point of the code generator is tested against it. It computes with integers only and neither
 * reads nor writes the host's floating point environment, so it may be called from any thread.
 *
 * Every operation is one function for all formats. The format is its first argument, operands and
 * results are bit patterns in the low bits of a uint64_t; bits above the format's width are ignored
 * on input and zero on output. What NaN boxing means for them is the caller's affair.
 *
 * Where IEEE 754 leaves a choice, the RISC-V Unprivileged ISA decides ("F" extension, chapters
 * "NaN Generation and Propagation" and "Floating-Point Control and Status Register"): a NaN result
 * is always the canonical quiet NaN, tininess is detected after rounding, infinity times zero plus
 * a quiet NaN is invalid, and conversions to integers saturate.
 *
 * Implementation: util/fpu/. Tests: tests/unit/util/fpu/.
 */
#ifndef QEMU_FPU_H
#define QEMU_FPU_H

#include <stdbool.h>
#include <stdint.h>

/*
 * An interchange format: one sign bit, exp_bits of biased exponent, frac_bits of trailing
 * significand. Up to 11 exponent and 52 fraction bits are supported.
 */
typedef struct FloatFormat {
    uint8_t exp_bits;
    uint8_t frac_bits;
} FloatFormat;

#define FLOAT16 ((FloatFormat){.exp_bits = 5, .frac_bits = 10})
#define BFLOAT16 ((FloatFormat){.exp_bits = 8, .frac_bits = 7})
#define FLOAT32 ((FloatFormat){.exp_bits = 8, .frac_bits = 23})
#define FLOAT64 ((FloatFormat){.exp_bits = 11, .frac_bits = 52})

/*
 * Rounding modes, numbered as RISC-V's frm field. Round to odd exists for vfncvt.rod only; its
 * number is outside the three bits of frm so that no guest value can select it.
 */
typedef enum FloatRoundMode {
    FLOAT_RM_RNE = 0, /* to nearest, ties to even */
    FLOAT_RM_RTZ = 1, /* towards zero */
    FLOAT_RM_RDN = 2, /* towards minus infinity */
    FLOAT_RM_RUP = 3, /* towards plus infinity */
    FLOAT_RM_RMM = 4, /* to nearest, ties away from zero */
    FLOAT_RM_ROD = 8, /* truncate, then set the last bit if that was inexact */
} FloatRoundMode;

/* Exception flags, laid out as RISC-V's fflags. */
enum {
    FLOAT_FLAG_NX = 1 << 0, /* inexact */
    FLOAT_FLAG_UF = 1 << 1, /* underflow: tiny after rounding, and inexact */
    FLOAT_FLAG_OF = 1 << 2, /* overflow */
    FLOAT_FLAG_DZ = 1 << 3, /* division of a finite number by zero */
    FLOAT_FLAG_NV = 1 << 4, /* invalid operation */
};

/*
 * The environment of an operation: it reads @rm, which must be a FloatRoundMode (the caller has
 * rejected reserved encodings), and ORs what it raises into @fflags. Flags are never cleared here.
 */
typedef struct FloatStatus {
    uint8_t rm;
    uint8_t fflags;
} FloatStatus;

/* Bits of float_classify()'s result, which has exactly one of them set: RISC-V's fclass. */
enum {
    FLOAT_CLASS_NEG_INF = 1 << 0,
    FLOAT_CLASS_NEG_NORMAL = 1 << 1,
    FLOAT_CLASS_NEG_SUBNORMAL = 1 << 2,
    FLOAT_CLASS_NEG_ZERO = 1 << 3,
    FLOAT_CLASS_POS_ZERO = 1 << 4,
    FLOAT_CLASS_POS_SUBNORMAL = 1 << 5,
    FLOAT_CLASS_POS_NORMAL = 1 << 6,
    FLOAT_CLASS_POS_INF = 1 << 7,
    FLOAT_CLASS_SNAN = 1 << 8,
    FLOAT_CLASS_QNAN = 1 << 9,
};

/* Modifiers of float_muladd(); a NaN result is canonical, and so positive, whatever they say. */
enum {
    FLOAT_NEGATE_PRODUCT = 1 << 0,
    FLOAT_NEGATE_ADDEND = 1 << 1,
};

/* Bits in a pattern of format @fmt: 16, 32 or 64. */
static inline unsigned float_width_bits(FloatFormat fmt)
{
    return 1u + fmt.exp_bits + fmt.frac_bits;
}

static inline uint64_t float_sign_mask(FloatFormat fmt)
{
    return 1ull << (fmt.exp_bits + fmt.frac_bits);
}

/* +infinity: all exponent bits set, which is also the mask of the exponent field. */
static inline uint64_t float_infinity(FloatFormat fmt)
{
    return ((1ull << fmt.exp_bits) - 1) << fmt.frac_bits;
}

/* The bit that tells a quiet NaN from a signalling one: the fraction's most significant. */
static inline uint64_t float_quiet_bit(FloatFormat fmt)
{
    return 1ull << (fmt.frac_bits - 1);
}

/* The canonical NaN: positive, quiet, all other fraction bits clear. */
static inline uint64_t float_canonical_nan(FloatFormat fmt)
{
    return float_infinity(fmt) | float_quiet_bit(fmt);
}

static inline bool float_is_nan(FloatFormat fmt, uint64_t a)
{
    return (a & (float_sign_mask(fmt) - 1)) > float_infinity(fmt);
}

static inline bool float_is_signaling_nan(FloatFormat fmt, uint64_t a)
{
    return float_is_nan(fmt, a) && !(a & float_quiet_bit(fmt));
}

/* Arithmetic, rounded once by @st->rm. May raise any flag; only float_div() raises DZ. */
uint64_t float_add(FloatFormat fmt, uint64_t a, uint64_t b, FloatStatus *st);
uint64_t float_sub(FloatFormat fmt, uint64_t a, uint64_t b, FloatStatus *st);
uint64_t float_mul(FloatFormat fmt, uint64_t a, uint64_t b, FloatStatus *st);
uint64_t float_div(FloatFormat fmt, uint64_t a, uint64_t b, FloatStatus *st);
uint64_t float_sqrt(FloatFormat fmt, uint64_t a, FloatStatus *st);

/**
 * float_muladd - fused multiply-add, +-(@a * @b) +- @c with a single rounding
 * @negate: any of FLOAT_NEGATE_*; fmadd is 0, fmsub negates the addend, fnmsub the product and
 *          fnmadd both
 *
 * Infinity times zero raises NV also when @c is a quiet NaN.
 */
uint64_t float_muladd(FloatFormat fmt, uint64_t a, uint64_t b, uint64_t c, unsigned negate,
                      FloatStatus *st);

/*
 * Minimum and maximum, where -0 is less than +0. Of the first pair, IEEE 754's minimumNumber and
 * maximumNumber (fmin, fmax), one NaN operand yields the other operand; of the second pair, minimum
 * and maximum (Zfa's fminm, fmaxm), it yields the canonical NaN. A signalling NaN raises NV.
 */
uint64_t float_minimum_number(FloatFormat fmt, uint64_t a, uint64_t b, FloatStatus *st);
uint64_t float_maximum_number(FloatFormat fmt, uint64_t a, uint64_t b, FloatStatus *st);
uint64_t float_minimum(FloatFormat fmt, uint64_t a, uint64_t b, FloatStatus *st);
uint64_t float_maximum(FloatFormat fmt, uint64_t a, uint64_t b, FloatStatus *st);

/*
 * Comparisons; false if an operand is a NaN. float_lt() and float_le() then raise NV, the others
 * only if a NaN is signalling.
 */
bool float_eq(FloatFormat fmt, uint64_t a, uint64_t b, FloatStatus *st);
bool float_lt(FloatFormat fmt, uint64_t a, uint64_t b, FloatStatus *st);
bool float_le(FloatFormat fmt, uint64_t a, uint64_t b, FloatStatus *st);
bool float_lt_quiet(FloatFormat fmt, uint64_t a, uint64_t b, FloatStatus *st);
bool float_le_quiet(FloatFormat fmt, uint64_t a, uint64_t b, FloatStatus *st);

/* The one FLOAT_CLASS_* bit of @a. Raises nothing, also not for a signalling NaN. */
unsigned float_classify(FloatFormat fmt, uint64_t a);

/* @a, of format @from, in format @to. May raise NV (signalling NaN), OF, UF, NX. */
uint64_t float_convert(FloatFormat from, FloatFormat to, uint64_t a, FloatStatus *st);

/* An integer in format @fmt. May raise NX, and OF where the format's range is too small. */
uint64_t float_from_int(FloatFormat fmt, int64_t a, FloatStatus *st);
uint64_t float_from_uint(FloatFormat fmt, uint64_t a, FloatStatus *st);

/**
 * float_to_int - round @a to an integer of @width_bits bits, two's complement
 * @width_bits: 8, 16, 32 or 64
 *
 * Out of range after rounding saturates and raises NV, and nothing else; a NaN counts as +infinity.
 * In range, raises NX if rounding was inexact.
 */
int64_t float_to_int(FloatFormat fmt, uint64_t a, unsigned width_bits, FloatStatus *st);

/* As float_to_int(), to an unsigned integer; what rounds below zero saturates to zero. */
uint64_t float_to_uint(FloatFormat fmt, uint64_t a, unsigned width_bits, FloatStatus *st);

/**
 * float_to_int32_modular - truncate @a and keep the low 32 bits (Zfa's fcvtmod.w.d)
 *
 * Ignores @st->rm. Infinities and NaNs yield 0. The flags are those of float_to_int() to 32 bits
 * with truncation: NV out of range, else NX if inexact.
 */
int32_t float_to_int32_modular(FloatFormat fmt, uint64_t a, FloatStatus *st);

/**
 * float_round_to_int - round @a to an integral value in the same format
 * @inexact: whether to raise NX when the result differs (Zfa's froundnx) or not (fround)
 *
 * A zero result keeps the sign of @a.
 */
uint64_t float_round_to_int(FloatFormat fmt, uint64_t a, bool inexact, FloatStatus *st);

#endif
