/* SPDX-License-Identifier: MIT */
/*
 * Conversions between formats, to and from integers, and to integral values.
 *
 * IEEE 754-2019, 5.4.1 "formatOf general-computational operations", 5.8 and 5.9; saturation and
 * flags of conversions to integers from the RISC-V Unprivileged ISA, "Single-Precision
 * Floating-Point Conversion and Move Instructions"; float_to_int32_modular() from its "Zfa"
 * chapter. Tests: tests/unit/util/fpu/.
 */
#include "qemu/osdep.h"

#include "fpu-internal.h"

uint64_t float_convert(FloatFormat from, FloatFormat to, uint64_t a, FloatStatus *st)
{
    FloatParts p = float_unpack(from, a);

    switch (p.kind) {
    case FLOAT_KIND_NAN:
        return float_nan_result(to, p.signaling, st);
    case FLOAT_KIND_INF:
        return float_pack_inf(to, p.sign);
    case FLOAT_KIND_ZERO:
        return float_pack_zero(to, p.sign);
    default:
        return float_round_pack(to, p, st);
    }
}

static uint64_t float_from_magnitude(FloatFormat fmt, bool sign, uint64_t magnitude,
                                     FloatStatus *st)
{
    FloatParts p = {.kind = FLOAT_KIND_FINITE, .sign = sign};
    unsigned zeros;

    if (magnitude == 0) {
        return 0;
    }
    zeros = __builtin_clzll(magnitude);
    p.exp = 63 - (int)zeros;
    p.sig = magnitude << zeros;
    return float_round_pack(fmt, p, st);
}

uint64_t float_from_int(FloatFormat fmt, int64_t a, FloatStatus *st)
{
    return float_from_magnitude(fmt, a < 0, a < 0 ? 0 - (uint64_t)a : (uint64_t)a, st);
}

uint64_t float_from_uint(FloatFormat fmt, uint64_t a, FloatStatus *st)
{
    return float_from_magnitude(fmt, false, a, st);
}

/*
 * @a rounded to an integer of magnitude at most @max_pos or, if its sign is set, @max_neg. Returns
 * the magnitude, saturated, and the sign in *@sign; raises NV or NX.
 */
static uint64_t float_to_magnitude(FloatFormat fmt, uint64_t a, uint64_t max_pos, uint64_t max_neg,
                                   bool *sign, FloatStatus *st)
{
    FloatParts p = float_unpack(fmt, a);
    bool inexact = false;
    uint64_t magnitude = 0;
    uint64_t max;

    *sign = p.sign && p.kind != FLOAT_KIND_NAN;
    max = *sign ? max_neg : max_pos;
    if (p.kind == FLOAT_KIND_FINITE && p.exp < 64) {
        magnitude = float_round_shift(p.sig, 63 - p.exp, p.sign, st->rm, &inexact);
    } else if (p.kind != FLOAT_KIND_ZERO) {
        st->fflags |= FLOAT_FLAG_NV;
        return max;
    }
    if (magnitude > max) {
        st->fflags |= FLOAT_FLAG_NV;
        return max;
    }
    if (inexact) {
        st->fflags |= FLOAT_FLAG_NX;
    }
    return magnitude;
}

int64_t float_to_int(FloatFormat fmt, uint64_t a, unsigned width_bits, FloatStatus *st)
{
    uint64_t min_magnitude = 1ull << (width_bits - 1);
    bool sign;
    uint64_t magnitude = float_to_magnitude(fmt, a, min_magnitude - 1, min_magnitude, &sign, st);

    return sign ? 0 - magnitude : magnitude;
}

uint64_t float_to_uint(FloatFormat fmt, uint64_t a, unsigned width_bits, FloatStatus *st)
{
    bool sign;

    return float_to_magnitude(fmt, a, UINT64_MAX >> (64 - width_bits), 0, &sign, st);
}

int32_t float_to_int32_modular(FloatFormat fmt, uint64_t a, FloatStatus *st)
{
    FloatParts p = float_unpack(fmt, a);
    FloatStatus truncating = {.rm = FLOAT_RM_RTZ};
    uint32_t low = 0;

    float_to_int(fmt, a, 32, &truncating);
    st->fflags |= truncating.fflags;
    if (p.kind == FLOAT_KIND_FINITE && p.exp >= 0 && p.exp < 63 + 32) {
        low = p.exp <= 63 ? p.sig >> (63 - p.exp) : p.sig << (p.exp - 63);
    }
    return p.sign ? 0 - low : low;
}

uint64_t float_round_to_int(FloatFormat fmt, uint64_t a, bool inexact, FloatStatus *st)
{
    FloatParts p = float_unpack(fmt, a);
    FloatStatus exact = {.rm = st->rm};
    uint64_t magnitude;
    bool differs;

    if (p.kind == FLOAT_KIND_NAN) {
        return float_nan_result(fmt, p.signaling, st);
    }
    if (p.kind != FLOAT_KIND_FINITE || p.exp >= fmt.frac_bits) {
        return a & (float_sign_mask(fmt) | (float_sign_mask(fmt) - 1));
    }
    magnitude = float_round_shift(p.sig, 63 - p.exp, p.sign, st->rm, &differs);
    if (differs && inexact) {
        st->fflags |= FLOAT_FLAG_NX;
    }
    /* At most 2^frac_bits, so it fits the format. */
    return float_from_magnitude(fmt, false, magnitude, &exact) | float_pack_zero(fmt, p.sign);
}
