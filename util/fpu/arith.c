/* SPDX-License-Identifier: MIT */
/*
 * Add, subtract, multiply, divide and square root. The multiply-add is in fma.c.
 *
 * IEEE 754-2019, 5.4.1 "Arithmetic operations", 6.1 "Infinity arithmetic", 6.3 "The sign bit",
 * 7.2 "Invalid operation", 7.3 "Division by zero". Tests: tests/unit/util/fpu/.
 */
#include "qemu/osdep.h"

#include "fpu-internal.h"

/* @sig / 2^@shift with the sticky bit set if that is inexact; @shift may be any size. */
static FloatU128 float_shift_sticky(FloatU128 sig, unsigned shift)
{
    if (shift > 127) {
        return sig != 0;
    }
    return (sig >> shift) | ((sig & (((FloatU128)1 << shift) - 1)) != 0);
}

/*
 * A significand has at most 106 bits (a product of two of 53), so bits 0 to 20 are clear and
 * aligning by up to 21 is exact. With more, the difference of the two loses at most one leading
 * bit, and the sticky bit stays far below the rounding bit: the sum always rounds as if exact.
 */
uint64_t float_add_wide(FloatFormat fmt, FloatWide x, FloatWide y, FloatStatus *st)
{
    bool sign;

    if (x.sig == 0 || (y.sig != 0 && x.exp < y.exp)) {
        FloatWide t = x;

        x = y;
        y = t;
    }
    if (y.sig != 0) {
        y.sig = float_shift_sticky(y.sig, x.exp - y.exp);
    }
    if (x.sign == y.sign) {
        return float_round_pack(fmt, float_normalize(x.sign, x.exp + 1, x.sig + y.sig), st);
    }
    if (x.sig == y.sig) {
        return float_pack_zero(fmt, float_zero_sum_sign(x.sign, y.sign, st));
    }
    sign = x.sig > y.sig ? x.sign : y.sign;
    x.sig = x.sig > y.sig ? x.sig - y.sig : y.sig - x.sig;
    return float_round_pack(fmt, float_normalize(sign, x.exp + 1, x.sig), st);
}

static uint64_t float_add_parts(FloatFormat fmt, FloatParts x, FloatParts y, FloatStatus *st)
{
    if (x.kind == FLOAT_KIND_NAN || y.kind == FLOAT_KIND_NAN) {
        return float_nan_result(fmt, x.signaling || y.signaling, st);
    }
    if (x.kind == FLOAT_KIND_INF || y.kind == FLOAT_KIND_INF) {
        if (x.kind == y.kind && x.sign != y.sign) {
            return float_invalid(fmt, st);
        }
        return float_pack_inf(fmt, x.kind == FLOAT_KIND_INF ? x.sign : y.sign);
    }
    if (x.kind == FLOAT_KIND_ZERO && y.kind == FLOAT_KIND_ZERO) {
        return float_pack_zero(fmt, float_zero_sum_sign(x.sign, y.sign, st));
    }
    return float_add_wide(fmt, float_widen(x), float_widen(y), st);
}

uint64_t float_add(FloatFormat fmt, uint64_t a, uint64_t b, FloatStatus *st)
{
    return float_add_parts(fmt, float_unpack(fmt, a), float_unpack(fmt, b), st);
}

uint64_t float_sub(FloatFormat fmt, uint64_t a, uint64_t b, FloatStatus *st)
{
    return float_add_parts(fmt, float_unpack(fmt, a), float_unpack(fmt, b ^ float_sign_mask(fmt)),
                           st);
}

uint64_t float_mul(FloatFormat fmt, uint64_t a, uint64_t b, FloatStatus *st)
{
    FloatParts x = float_unpack(fmt, a);
    FloatParts y = float_unpack(fmt, b);
    bool sign = x.sign ^ y.sign;

    if (x.kind == FLOAT_KIND_NAN || y.kind == FLOAT_KIND_NAN) {
        return float_nan_result(fmt, x.signaling || y.signaling, st);
    }
    if (x.kind == FLOAT_KIND_INF || y.kind == FLOAT_KIND_INF) {
        if (x.kind == FLOAT_KIND_ZERO || y.kind == FLOAT_KIND_ZERO) {
            return float_invalid(fmt, st);
        }
        return float_pack_inf(fmt, sign);
    }
    if (x.kind == FLOAT_KIND_ZERO || y.kind == FLOAT_KIND_ZERO) {
        return float_pack_zero(fmt, sign);
    }
    return float_round_pack(fmt, float_normalize(sign, x.exp + y.exp + 1, (FloatU128)x.sig * y.sig),
                            st);
}

uint64_t float_div(FloatFormat fmt, uint64_t a, uint64_t b, FloatStatus *st)
{
    FloatParts x = float_unpack(fmt, a);
    FloatParts y = float_unpack(fmt, b);
    bool sign = x.sign ^ y.sign;
    FloatU128 dividend;
    FloatU128 quotient;

    if (x.kind == FLOAT_KIND_NAN || y.kind == FLOAT_KIND_NAN) {
        return float_nan_result(fmt, x.signaling || y.signaling, st);
    }
    if (x.kind == y.kind && x.kind != FLOAT_KIND_FINITE) {
        return float_invalid(fmt, st); /* inf / inf, 0 / 0 */
    }
    if (x.kind == FLOAT_KIND_INF) {
        return float_pack_inf(fmt, sign);
    }
    if (y.kind == FLOAT_KIND_ZERO) {
        st->fflags |= FLOAT_FLAG_DZ;
        return float_pack_inf(fmt, sign);
    }
    if (x.kind == FLOAT_KIND_ZERO || y.kind == FLOAT_KIND_INF) {
        return float_pack_zero(fmt, sign);
    }
    /* Both significands are in [2^63, 2^64): the quotient has 63 or 64 bits before the sticky. */
    dividend = (FloatU128)x.sig << 63;
    quotient = dividend / y.sig;
    quotient = (quotient << 1) | (quotient * y.sig != dividend);
    return float_round_pack(fmt, float_normalize(sign, x.exp - y.exp + 63, quotient), st);
}

/* floor(sqrt(@n)) digit by digit; *@rest is what remains of @n. */
static uint32_t float_isqrt64(uint64_t n, uint64_t *rest)
{
    uint64_t root = 0;

    for (uint64_t bit = 1ull << 62; bit; bit >>= 2) {
        if (n >= root + bit) {
            n -= root + bit;
            root = (root >> 1) + bit;
        } else {
            root >>= 1;
        }
    }
    *rest = n;
    return root;
}

/*
 * floor(sqrt(@n)) for @n >= 2^126, with bit 0 of the result set if that is not exact: the low half
 * of the root is a division of the high half's remainder by twice the high half (P. Zimmermann,
 * "Karatsuba Square Root", INRIA RR-3805), at most one too large.
 */
static uint64_t float_isqrt128_sticky(FloatU128 n)
{
    uint64_t rest;
    uint64_t high = float_isqrt64(n >> 64, &rest);
    FloatU128 partial = ((FloatU128)rest << 32) | (uint32_t)(n >> 32);
    FloatU128 root = ((FloatU128)high << 32) + partial / (2 * high);

    while (root >> 64 || root * root > n) {
        root--;
    }
    return root | (root * root != n);
}

uint64_t float_sqrt(FloatFormat fmt, uint64_t a, FloatStatus *st)
{
    FloatParts x = float_unpack(fmt, a);
    int odd;

    if (x.kind == FLOAT_KIND_NAN) {
        return float_nan_result(fmt, x.signaling, st);
    }
    if (x.kind == FLOAT_KIND_ZERO) {
        return float_pack_zero(fmt, x.sign);
    }
    if (x.sign) {
        return float_invalid(fmt, st);
    }
    if (x.kind == FLOAT_KIND_INF) {
        return float_infinity(fmt);
    }
    /* Make the exponent even; the root of a number in [2^126, 2^128) is in [2^63, 2^64). */
    odd = x.exp & 1;
    x.sig = float_isqrt128_sticky((FloatU128)x.sig << (63 + odd));
    x.exp = (x.exp - odd) / 2;
    return float_round_pack(fmt, x, st);
}
