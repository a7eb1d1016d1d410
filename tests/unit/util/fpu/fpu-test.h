/* SPDX-License-Identifier: MIT */
/*
 * Operands for the floating point tests: reproducible (GTest prints and takes the seed) and
 * crowded where rounding, overflow and underflow happen.
 */
#ifndef TESTS_FPU_TEST_H
#define TESTS_FPU_TEST_H

#include "qemu/fpu.h"

static inline uint64_t fpu_test_rand(void)
{
    static uint64_t state;

    if (state == 0) {
        state = ((uint64_t)g_test_rand_int() << 32) | (uint32_t)g_test_rand_int() | 1;
    }
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

/* An exponent field: half the time one at an edge of the format or of its precision around 1. */
static inline unsigned fpu_test_rand_exp(FloatFormat fmt)
{
    unsigned max = (1u << fmt.exp_bits) - 1;
    unsigned bias = max / 2;
    uint64_t r = fpu_test_rand() >> 8;

    switch (r % 8) {
    case 0:
        return 0;
    case 1:
        return (r >> 3) % 4;
    case 2:
        return max - (r >> 3) % 4;
    case 3:
        return bias - 2 + (r >> 3) % 5;
    case 4:
        return (bias + (r >> 3) % (2 * fmt.frac_bits) - fmt.frac_bits) & max;
    default:
        return (r >> 3) & max;
    }
}

/* A pattern of any class; its fraction is often a run of zeros or ones. */
static inline uint64_t fpu_test_rand_operand(FloatFormat fmt)
{
    uint64_t frac_mask = (1ull << fmt.frac_bits) - 1;
    uint64_t r = fpu_test_rand() >> 8;
    unsigned shift = (r >> 4) % fmt.frac_bits;
    uint64_t frac = fpu_test_rand();
    uint64_t sign = r & (1u << 30) ? float_sign_mask(fmt) : 0;

    switch (r % 8) {
    case 0:
        frac = 0;
        break;
    case 1:
        frac = 1ull << shift;
        break;
    case 2:
        frac = frac_mask << shift;
        break;
    case 3:
        frac = frac_mask >> shift;
        break;
    case 4:
        frac <<= shift;
        break;
    default:
        break;
    }
    return sign | ((uint64_t)fpu_test_rand_exp(fmt) << fmt.frac_bits) | (frac & frac_mask);
}

#endif
