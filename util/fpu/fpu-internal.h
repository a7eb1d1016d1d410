/* SPDX-License-Identifier: MIT */
/*
 * What the files of util/fpu/ share: the unpacked number and the two steps every operation begins
 * and ends with. An operation unpacks its operands, deals with NaN, infinity and zero by class,
 * computes the rest in 128-bit integers, and rounds and packs once.
 */
#ifndef UTIL_FPU_INTERNAL_H
#define UTIL_FPU_INTERNAL_H

#include "qemu/fpu.h"

typedef unsigned __int128 FloatU128;

typedef enum FloatKind {
    FLOAT_KIND_ZERO,
    FLOAT_KIND_FINITE, /* finite and not zero, subnormal or not */
    FLOAT_KIND_INF,
    FLOAT_KIND_NAN,
} FloatKind;

/*
 * A number of any format. If finite, its magnitude is sig * 2^(exp - 63) with bit 63 of sig set, so
 * 2^exp <= magnitude < 2^(exp + 1); exp is not limited to a format's range.
 *
 * A result that has more than 64 significant bits is kept truncated with bit 0 of sig set
 * ("sticky"). As no format has more than 53 bits, bit 0 is always below the rounding bit and the
 * number rounds as the exact one would.
 */
typedef struct FloatParts {
    FloatKind kind;
    bool sign;
    bool signaling; /* only for a NaN */
    int exp;
    uint64_t sig;
} FloatParts;

/*
 * A finite number on the way through an addition: its magnitude is sig * 2^(exp - 126) with bit 126
 * of sig set, or sig = 0. Bit 127 is room for the carry.
 */
typedef struct FloatWide {
    bool sign;
    int exp;
    FloatU128 sig;
} FloatWide;

FloatParts float_unpack(FloatFormat fmt, uint64_t a);

/**
 * float_round_shift - @sig / 2^@shift, rounded to an integer
 * @shift: from 0 to any size
 * @sign:  of the number whose magnitude @sig is
 * @rm:    FloatRoundMode
 *
 * Sets *@inexact to whether the result differs from the exact quotient. The result carries out of
 * 64 bits in no case: with @shift = 0 nothing is rounded.
 */
uint64_t float_round_shift(uint64_t sig, unsigned shift, bool sign, unsigned rm, bool *inexact);

/* Round a FLOAT_KIND_FINITE number to @fmt and pack it; raises OF, UF, NX. */
uint64_t float_round_pack(FloatFormat fmt, FloatParts p, FloatStatus *st);

/* x + y where at least one is not zero, rounded and packed. */
uint64_t float_add_wide(FloatFormat fmt, FloatWide x, FloatWide y, FloatStatus *st);

static inline uint64_t float_pack_zero(FloatFormat fmt, bool sign)
{
    return sign ? float_sign_mask(fmt) : 0;
}

static inline uint64_t float_pack_inf(FloatFormat fmt, bool sign)
{
    return float_infinity(fmt) | float_pack_zero(fmt, sign);
}

/* Raise NV and give the canonical NaN. */
static inline uint64_t float_invalid(FloatFormat fmt, FloatStatus *st)
{
    st->fflags |= FLOAT_FLAG_NV;
    return float_canonical_nan(fmt);
}

/* The result of an operation one of whose operands is a NaN. */
static inline uint64_t float_nan_result(FloatFormat fmt, bool signaling, FloatStatus *st)
{
    return signaling ? float_invalid(fmt, st) : float_canonical_nan(fmt);
}

/* The sign of an exact zero sum of numbers with signs @x and @y (IEEE 754-2019, 6.3). */
static inline bool float_zero_sum_sign(bool x, bool y, const FloatStatus *st)
{
    return x == y ? x : st->rm == FLOAT_RM_RDN;
}

/* Finite or zero @p as the operand of an addition. */
static inline FloatWide float_widen(FloatParts p)
{
    FloatWide w = {.sign = p.sign, .exp = p.exp};

    w.sig = p.kind == FLOAT_KIND_ZERO ? 0 : (FloatU128)p.sig << 63;
    return w;
}

/*
 * The finite number @sig * 2^(@exp - 127), for @sig not 0: normalise, and fold what does not fit
 * into 64 bits into the sticky bit.
 */
static inline FloatParts float_normalize(bool sign, int exp, FloatU128 sig)
{
    FloatParts p = {.kind = FLOAT_KIND_FINITE, .sign = sign};
    uint64_t high = sig >> 64;
    unsigned zeros = high ? __builtin_clzll(high) : 64 + __builtin_clzll((uint64_t)sig);

    sig <<= zeros;
    p.exp = exp - (int)zeros;
    p.sig = (uint64_t)(sig >> 64) | ((uint64_t)sig != 0);
    return p;
}

#endif
