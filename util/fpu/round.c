/* SPDX-License-Identifier: MIT */
/*
 * Rounding, and packing what was rounded: the only place that decides on NX, UF and OF.
 *
 * IEEE 754-2019, 4.3 "Rounding-direction attributes", 7.4 "Overflow", 7.5 "Underflow" with tininess
 * detected after rounding, 7.6 "Inexact". Tests: tests/unit/util/fpu/.
 */
#include "qemu/osdep.h"

#include "fpu-internal.h"

uint64_t float_round_shift(uint64_t sig, unsigned shift, bool sign, unsigned rm, bool *inexact)
{
    const uint64_t half = 1ull << 63;
    uint64_t quotient;
    uint64_t rest; /* the bits shifted out, as a fraction of 2^64; from 65 on only "not zero" */

    if (shift == 0) {
        quotient = sig;
        rest = 0;
    } else if (shift < 64) {
        quotient = sig >> shift;
        rest = sig << (64 - shift);
    } else {
        quotient = 0;
        rest = shift == 64 ? sig : sig != 0;
    }

    *inexact = rest != 0;
    switch (rm) {
    case FLOAT_RM_RNE:
        return quotient + (rest > half || (rest == half && (quotient & 1)));
    case FLOAT_RM_RMM:
        return quotient + (rest >= half);
    case FLOAT_RM_RDN:
        return quotient + (rest && sign);
    case FLOAT_RM_RUP:
        return quotient + (rest && !sign);
    case FLOAT_RM_ROD:
        return quotient | (rest != 0);
    default:
        return quotient; /* FLOAT_RM_RTZ */
    }
}

/* What is too large for @fmt: infinity, or the largest finite number if @rm rounds towards zero. */
static uint64_t float_overflow(FloatFormat fmt, bool sign, FloatStatus *st)
{
    bool to_inf = st->rm == FLOAT_RM_RNE || st->rm == FLOAT_RM_RMM ||
                  st->rm == (sign ? FLOAT_RM_RDN : FLOAT_RM_RUP);

    st->fflags |= FLOAT_FLAG_OF | FLOAT_FLAG_NX;
    return float_pack_inf(fmt, sign) - !to_inf;
}

/*
 * Whether @p, less than 2^@emin, stays less when rounded to the format's precision as if the
 * exponent had no lower limit.
 */
static bool float_is_tiny(FloatFormat fmt, FloatParts p, int emin, unsigned rm)
{
    bool inexact;

    if (p.exp < emin - 1) {
        return true;
    }
    return float_round_shift(p.sig, 63 - fmt.frac_bits, p.sign, rm, &inexact) >> fmt.frac_bits == 1;
}

uint64_t float_round_pack(FloatFormat fmt, FloatParts p, FloatStatus *st)
{
    int emax = (1 << (fmt.exp_bits - 1)) - 1;
    int emin = 1 - emax;
    unsigned shift = 63 - fmt.frac_bits;
    uint64_t magnitude;
    bool inexact;

    if (p.exp > emax) {
        return float_overflow(fmt, p.sign, st);
    }
    /*
     * The rounded significand has its leading one at bit frac_bits, where it counts as 1 in the
     * exponent field; a carry out of rounding increments that field, as it should.
     */
    if (p.exp >= emin) {
        magnitude = (uint64_t)(p.exp - emin) << fmt.frac_bits;
        magnitude += float_round_shift(p.sig, shift, p.sign, st->rm, &inexact);
        if (magnitude >= float_infinity(fmt)) {
            return float_overflow(fmt, p.sign, st);
        }
    } else {
        magnitude = float_round_shift(p.sig, shift + (emin - p.exp), p.sign, st->rm, &inexact);
        if (inexact && float_is_tiny(fmt, p, emin, st->rm)) {
            st->fflags |= FLOAT_FLAG_UF;
        }
    }
    if (inexact) {
        st->fflags |= FLOAT_FLAG_NX;
    }
    return magnitude | float_pack_zero(fmt, p.sign);
}
