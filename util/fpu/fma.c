/* SPDX-License-Identifier: MIT */
/*
 * Fused multiply-add: the product is exact in 128 bits and enters the same addition as float_add().
 *
 * IEEE 754-2019, 5.4.1 "fusedMultiplyAdd" and 7.2 c), where RISC-V takes the option to raise NV for
 * infinity times zero plus a quiet NaN. Tests: tests/unit/util/fpu/.
 */
#include "qemu/osdep.h"

#include "fpu-internal.h"

/* The product of two finite numbers or zeros as the operand of an addition, exact. */
static FloatWide float_product(FloatParts x, FloatParts y)
{
    FloatWide p = {.sign = x.sign ^ y.sign, .exp = x.exp + y.exp};

    if (x.kind == FLOAT_KIND_ZERO || y.kind == FLOAT_KIND_ZERO) {
        return p;
    }
    p.sig = (FloatU128)x.sig * y.sig;
    if (p.sig >> 127) {
        /* At most 106 bits are significant: bit 0 is clear. */
        p.sig >>= 1;
        p.exp++;
    }
    return p;
}

uint64_t float_muladd(FloatFormat fmt, uint64_t a, uint64_t b, uint64_t c, unsigned negate,
                      FloatStatus *st)
{
    FloatParts x = float_unpack(fmt, a);
    FloatParts y = float_unpack(fmt, b);
    FloatParts z = float_unpack(fmt, c);
    bool inf_product = x.kind == FLOAT_KIND_INF || y.kind == FLOAT_KIND_INF;
    bool zero_product = x.kind == FLOAT_KIND_ZERO || y.kind == FLOAT_KIND_ZERO;
    FloatWide product;

    x.sign ^= (negate & FLOAT_NEGATE_PRODUCT) != 0;
    z.sign ^= (negate & FLOAT_NEGATE_ADDEND) != 0;

    if (inf_product && zero_product) {
        return float_invalid(fmt, st);
    }
    if (x.kind == FLOAT_KIND_NAN || y.kind == FLOAT_KIND_NAN || z.kind == FLOAT_KIND_NAN) {
        return float_nan_result(fmt, x.signaling || y.signaling || z.signaling, st);
    }
    if (inf_product) {
        bool sign = x.sign ^ y.sign;

        if (z.kind == FLOAT_KIND_INF && z.sign != sign) {
            return float_invalid(fmt, st);
        }
        return float_pack_inf(fmt, sign);
    }
    if (z.kind == FLOAT_KIND_INF) {
        return float_pack_inf(fmt, z.sign);
    }

    product = float_product(x, y);
    if (zero_product && z.kind == FLOAT_KIND_ZERO) {
        return float_pack_zero(fmt, float_zero_sum_sign(product.sign, z.sign, st));
    }
    return float_add_wide(fmt, product, float_widen(z), st);
}
