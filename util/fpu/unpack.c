/* SPDX-License-Identifier: MIT */
/*
 * From a bit pattern to its parts. Pure functions of their arguments; nothing is rounded or raised.
 * IEEE 754-2019, 3.4 "Binary interchange format encodings". Tests: tests/unit/util/fpu/.
 */
#include "qemu/osdep.h"

#include "fpu-internal.h"

FloatParts float_unpack(FloatFormat fmt, uint64_t a)
{
    uint64_t frac = a & ((1ull << fmt.frac_bits) - 1);
    int biased = (a & float_infinity(fmt)) >> fmt.frac_bits;
    int max_biased = (1 << fmt.exp_bits) - 1;
    int bias = max_biased >> 1;
    FloatParts p = {.sign = (a & float_sign_mask(fmt)) != 0};

    if (biased == max_biased) {
        p.kind = frac ? FLOAT_KIND_NAN : FLOAT_KIND_INF;
        p.signaling = frac && !(frac & float_quiet_bit(fmt));
    } else if (biased) {
        p.kind = FLOAT_KIND_FINITE;
        p.exp = biased - bias;
        p.sig = (1ull << 63) | (frac << (63 - fmt.frac_bits));
    } else if (frac) {
        unsigned zeros = __builtin_clzll(frac);

        /* Subnormal: the fraction counts units of 2^(1 - bias - frac_bits). */
        p.kind = FLOAT_KIND_FINITE;
        p.exp = 1 - bias - fmt.frac_bits + 63 - (int)zeros;
        p.sig = frac << zeros;
    } else {
        p.kind = FLOAT_KIND_ZERO;
    }
    return p;
}

unsigned float_classify(FloatFormat fmt, uint64_t a)
{
    bool sign = a & float_sign_mask(fmt);
    uint64_t magnitude = a & (float_sign_mask(fmt) - 1);

    if (magnitude > float_infinity(fmt)) {
        return a & float_quiet_bit(fmt) ? FLOAT_CLASS_QNAN : FLOAT_CLASS_SNAN;
    }
    if (magnitude == float_infinity(fmt)) {
        return sign ? FLOAT_CLASS_NEG_INF : FLOAT_CLASS_POS_INF;
    }
    if (magnitude == 0) {
        return sign ? FLOAT_CLASS_NEG_ZERO : FLOAT_CLASS_POS_ZERO;
    }
    if (magnitude >> fmt.frac_bits == 0) {
        return sign ? FLOAT_CLASS_NEG_SUBNORMAL : FLOAT_CLASS_POS_SUBNORMAL;
    }
    return sign ? FLOAT_CLASS_NEG_NORMAL : FLOAT_CLASS_POS_NORMAL;
}
