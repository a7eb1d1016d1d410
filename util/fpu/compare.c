/* SPDX-License-Identifier: MIT */
/*
 * Comparisons, minimum and maximum: all on the bit patterns, whose magnitudes order as integers.
 *
 * IEEE 754-2019, 5.6.1 "Comparisons", 5.11 "Details of comparison predicates", 9.6 "Minimum and
 * maximum operations". Tests: tests/unit/util/fpu/.
 */
#include "qemu/osdep.h"

#include "fpu-internal.h"

/* An integer that orders as @a does among numbers; -0 and +0 are equal. */
static int64_t float_order(FloatFormat fmt, uint64_t a)
{
    int64_t magnitude = a & (float_sign_mask(fmt) - 1);

    return a & float_sign_mask(fmt) ? -magnitude : magnitude;
}

/* As float_order(), but -0 is less than +0. */
static int64_t float_total_order(FloatFormat fmt, uint64_t a)
{
    int64_t magnitude = a & (float_sign_mask(fmt) - 1);

    return a & float_sign_mask(fmt) ? ~magnitude : magnitude;
}

/* Whether both are numbers; if not, raise NV as a quiet or a signalling predicate does. */
static bool float_ordered(FloatFormat fmt, uint64_t a, uint64_t b, bool quiet, FloatStatus *st)
{
    if (!float_is_nan(fmt, a) && !float_is_nan(fmt, b)) {
        return true;
    }
    if (!quiet || float_is_signaling_nan(fmt, a) || float_is_signaling_nan(fmt, b)) {
        st->fflags |= FLOAT_FLAG_NV;
    }
    return false;
}

bool float_eq(FloatFormat fmt, uint64_t a, uint64_t b, FloatStatus *st)
{
    return float_ordered(fmt, a, b, true, st) && float_order(fmt, a) == float_order(fmt, b);
}

bool float_lt(FloatFormat fmt, uint64_t a, uint64_t b, FloatStatus *st)
{
    return float_ordered(fmt, a, b, false, st) && float_order(fmt, a) < float_order(fmt, b);
}

bool float_le(FloatFormat fmt, uint64_t a, uint64_t b, FloatStatus *st)
{
    return float_ordered(fmt, a, b, false, st) && float_order(fmt, a) <= float_order(fmt, b);
}

bool float_lt_quiet(FloatFormat fmt, uint64_t a, uint64_t b, FloatStatus *st)
{
    return float_ordered(fmt, a, b, true, st) && float_order(fmt, a) < float_order(fmt, b);
}

bool float_le_quiet(FloatFormat fmt, uint64_t a, uint64_t b, FloatStatus *st)
{
    return float_ordered(fmt, a, b, true, st) && float_order(fmt, a) <= float_order(fmt, b);
}

/*
 * The lesser (or, if @greater, the other) of two numbers. With @prefer_number a NaN gives way to a
 * number, else it is the result.
 */
static uint64_t float_select(FloatFormat fmt, uint64_t a, uint64_t b, bool greater,
                             bool prefer_number, FloatStatus *st)
{
    uint64_t mask = float_sign_mask(fmt) | (float_sign_mask(fmt) - 1);
    bool a_less;

    if (!float_ordered(fmt, a, b, true, st)) {
        if (prefer_number && !float_is_nan(fmt, a)) {
            return a & mask;
        }
        if (prefer_number && !float_is_nan(fmt, b)) {
            return b & mask;
        }
        return float_canonical_nan(fmt);
    }
    a_less = float_total_order(fmt, a) < float_total_order(fmt, b);
    return (a_less != greater ? a : b) & mask;
}

uint64_t float_minimum_number(FloatFormat fmt, uint64_t a, uint64_t b, FloatStatus *st)
{
    return float_select(fmt, a, b, false, true, st);
}

uint64_t float_maximum_number(FloatFormat fmt, uint64_t a, uint64_t b, FloatStatus *st)
{
    return float_select(fmt, a, b, true, true, st);
}

uint64_t float_minimum(FloatFormat fmt, uint64_t a, uint64_t b, FloatStatus *st)
{
    return float_select(fmt, a, b, false, false, st);
}

uint64_t float_maximum(FloatFormat fmt, uint64_t a, uint64_t b, FloatStatus *st)
{
    return float_select(fmt, a, b, true, false, st);
}
