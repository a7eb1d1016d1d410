/* SPDX-License-Identifier: MIT */
/*
 * util/fpu's special cases by table: NaNs, infinities, zeros, comparisons, classes, saturation.
 * The expected values are those of IEEE 754-2019 and of the RISC-V Unprivileged ISA, chapters "F",
 * "D" and "Zfa". Ordinary values are test-host.c's and test-exact.c's.
 */
#include "qemu/osdep.h"

#include "fpu-test.h"

enum {
    NX = FLOAT_FLAG_NX,
    UF = FLOAT_FLAG_UF,
    OF = FLOAT_FLAG_OF,
    DZ = FLOAT_FLAG_DZ,
    NV = FLOAT_FLAG_NV,
};

#define RNE FLOAT_RM_RNE
#define RTZ FLOAT_RM_RTZ
#define RDN FLOAT_RM_RDN
#define RUP FLOAT_RM_RUP
#define RMM FLOAT_RM_RMM
#define ROD FLOAT_RM_ROD

#define S_QNAN 0x7fc00000
#define S_QNAN_PAYLOAD 0xffc01234
#define S_SNAN 0x7f800001
#define S_SNAN_NEG 0xffbfffff
#define S_INF 0x7f800000
#define S_NINF 0xff800000
#define S_ZERO 0x00000000
#define S_NZERO 0x80000000
#define S_ONE 0x3f800000
#define S_NONE 0xbf800000
#define S_TWO 0x40000000
#define S_MAX 0x7f7fffff
#define S_NMAX 0xff7fffff
#define S_MIN_SUB 0x00000001

typedef uint64_t BinaryFn(FloatFormat fmt, uint64_t a, uint64_t b, FloatStatus *st);

typedef struct BinaryRow {
    BinaryFn *fn;
    uint32_t a;
    uint32_t b;
    uint8_t rm;
    uint32_t result;
    uint8_t fflags;
} BinaryRow;

static const BinaryRow binary_rows[] = {
    /* No payload and no sign is propagated. */
    {float_add, S_QNAN_PAYLOAD, S_ONE, RNE, S_QNAN, 0},
    {float_add, S_ONE, S_QNAN_PAYLOAD, RNE, S_QNAN, 0},
    {float_add, S_SNAN, S_ONE, RNE, S_QNAN, NV},
    {float_sub, S_ONE, S_SNAN_NEG, RNE, S_QNAN, NV},
    {float_sub, S_QNAN_PAYLOAD, S_INF, RNE, S_QNAN, 0},
    {float_mul, S_SNAN_NEG, S_QNAN, RNE, S_QNAN, NV},
    {float_mul, S_QNAN, S_ZERO, RNE, S_QNAN, 0},
    {float_div, S_QNAN_PAYLOAD, S_ZERO, RNE, S_QNAN, 0},
    {float_div, S_ZERO, S_SNAN, RNE, S_QNAN, NV},
    /* Infinities. */
    {float_add, S_INF, S_INF, RNE, S_INF, 0},
    {float_add, S_INF, S_NINF, RNE, S_QNAN, NV},
    {float_sub, S_NINF, S_NINF, RNE, S_QNAN, NV},
    {float_sub, S_ONE, S_INF, RNE, S_NINF, 0},
    {float_mul, S_INF, S_NZERO, RNE, S_QNAN, NV},
    {float_mul, S_NINF, S_NONE, RNE, S_INF, 0},
    {float_div, S_INF, S_NINF, RNE, S_QNAN, NV},
    {float_div, S_INF, S_NZERO, RNE, S_NINF, 0},
    {float_div, S_ONE, S_NINF, RNE, S_NZERO, 0},
    /* Zeros. */
    {float_add, S_ZERO, S_NZERO, RNE, S_ZERO, 0},
    {float_add, S_ZERO, S_NZERO, RDN, S_NZERO, 0},
    {float_add, S_NZERO, S_NZERO, RUP, S_NZERO, 0},
    {float_add, S_ONE, S_NONE, RMM, S_ZERO, 0},
    {float_sub, S_ONE, S_ONE, RDN, S_NZERO, 0},
    {float_sub, S_NZERO, S_ZERO, RNE, S_NZERO, 0},
    {float_sub, S_ZERO, S_ZERO, RDN, S_NZERO, 0},
    {float_add, S_NZERO, S_MIN_SUB, RDN, S_MIN_SUB, 0},
    {float_mul, S_NZERO, S_MAX, RNE, S_NZERO, 0},
    {float_div, S_NZERO, S_ZERO, RNE, S_QNAN, NV},
    {float_div, S_NONE, S_ZERO, RNE, S_NINF, DZ},
    {float_div, S_ZERO, S_NMAX, RNE, S_NZERO, 0},
    /* Overflow and underflow in each mode. */
    {float_add, S_MAX, S_MAX, RNE, S_INF, OF | NX},
    {float_add, S_MAX, S_MAX, RTZ, S_MAX, OF | NX},
    {float_add, S_MAX, S_MAX, RDN, S_MAX, OF | NX},
    {float_add, S_NMAX, S_NMAX, RDN, S_NINF, OF | NX},
    {float_add, S_NMAX, S_NMAX, RUP, S_NMAX, OF | NX},
    {float_add, S_MAX, S_MAX, RMM, S_INF, OF | NX},
    {float_add, S_MAX, S_MAX, ROD, S_MAX, OF | NX},
    {float_mul, S_MIN_SUB, S_MIN_SUB, RNE, S_ZERO, UF | NX},
    {float_mul, S_MIN_SUB, S_MIN_SUB, RUP, S_MIN_SUB, UF | NX},
    {float_mul, S_MIN_SUB, S_MIN_SUB, ROD, S_MIN_SUB, UF | NX},
    {float_div, S_MIN_SUB, S_TWO, RNE, S_ZERO, UF | NX},
    {float_div, S_MIN_SUB, S_TWO, RMM, S_MIN_SUB, UF | NX},
    {float_div, S_TWO, S_TWO, RNE, S_ONE, 0},
    /* minimumNumber and maximumNumber. */
    {float_minimum_number, S_ONE, S_TWO, RNE, S_ONE, 0},
    {float_maximum_number, S_ONE, S_TWO, RNE, S_TWO, 0},
    {float_minimum_number, S_ZERO, S_NZERO, RNE, S_NZERO, 0},
    {float_minimum_number, S_NZERO, S_ZERO, RNE, S_NZERO, 0},
    {float_maximum_number, S_NZERO, S_ZERO, RNE, S_ZERO, 0},
    {float_maximum_number, S_ZERO, S_NZERO, RNE, S_ZERO, 0},
    {float_minimum_number, S_NONE, S_NMAX, RNE, S_NMAX, 0},
    {float_maximum_number, S_NINF, S_NMAX, RNE, S_NMAX, 0},
    {float_minimum_number, S_QNAN_PAYLOAD, S_ONE, RNE, S_ONE, 0},
    {float_maximum_number, S_NINF, S_QNAN, RNE, S_NINF, 0},
    {float_minimum_number, S_ONE, S_SNAN, RNE, S_ONE, NV},
    {float_maximum_number, S_SNAN, S_ONE, RNE, S_ONE, NV},
    {float_minimum_number, S_QNAN_PAYLOAD, S_QNAN_PAYLOAD, RNE, S_QNAN, 0},
    {float_maximum_number, S_QNAN, S_SNAN_NEG, RNE, S_QNAN, NV},
    /* minimum and maximum. */
    {float_minimum, S_ONE, S_NONE, RNE, S_NONE, 0},
    {float_maximum, S_ONE, S_NONE, RNE, S_ONE, 0},
    {float_minimum, S_ZERO, S_NZERO, RNE, S_NZERO, 0},
    {float_maximum, S_NZERO, S_ZERO, RNE, S_ZERO, 0},
    {float_minimum, S_QNAN_PAYLOAD, S_ONE, RNE, S_QNAN, 0},
    {float_maximum, S_ONE, S_QNAN_PAYLOAD, RNE, S_QNAN, 0},
    {float_minimum, S_ONE, S_SNAN, RNE, S_QNAN, NV},
    {float_maximum, S_SNAN_NEG, S_QNAN, RNE, S_QNAN, NV},
};

static void test_binary(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(binary_rows); i++) {
        const BinaryRow *row = &binary_rows[i];
        FloatStatus st = {.rm = row->rm};
        uint64_t result = row->fn(FLOAT32, row->a, row->b, &st);

        if (result != row->result || st.fflags != row->fflags) {
            g_test_message("row %zu: %08x, %08x gives %08" PRIx64 " flags %x", i, row->a, row->b,
                           result, st.fflags);
            g_test_fail();
        }
    }
}

typedef struct MuladdRow {
    uint32_t a;
    uint32_t b;
    uint32_t c;
    uint8_t negate;
    uint8_t rm;
    uint32_t result;
    uint8_t fflags;
} MuladdRow;

static const MuladdRow muladd_rows[] = {
    {S_ONE, S_TWO, S_ONE, 0, RNE, 0x40400000, 0},
    {S_ONE, S_TWO, S_ONE, FLOAT_NEGATE_ADDEND, RNE, S_ONE, 0},
    {S_ONE, S_TWO, S_ONE, FLOAT_NEGATE_PRODUCT, RNE, S_NONE, 0},
    {S_ONE, S_TWO, S_ONE, FLOAT_NEGATE_PRODUCT | FLOAT_NEGATE_ADDEND, RNE, 0xc0400000, 0},
    {S_INF, S_ZERO, S_ONE, 0, RNE, S_QNAN, NV},
    {S_NZERO, S_INF, S_QNAN, 0, RNE, S_QNAN, NV},
    {S_INF, S_ZERO, S_SNAN, 0, RNE, S_QNAN, NV},
    {S_ONE, S_ONE, S_QNAN_PAYLOAD, FLOAT_NEGATE_ADDEND, RNE, S_QNAN, 0},
    {S_ONE, S_ONE, S_SNAN_NEG, 0, RNE, S_QNAN, NV},
    {S_SNAN, S_QNAN, S_ONE, FLOAT_NEGATE_PRODUCT, RNE, S_QNAN, NV},
    {S_INF, S_ONE, S_NINF, 0, RNE, S_QNAN, NV},
    {S_INF, S_ONE, S_NINF, FLOAT_NEGATE_ADDEND, RNE, S_INF, 0},
    {S_INF, S_ONE, S_NINF, FLOAT_NEGATE_PRODUCT, RNE, S_NINF, 0},
    {S_MAX, S_MAX, S_NINF, 0, RNE, S_NINF, 0},
    {S_ZERO, S_ONE, S_NZERO, 0, RNE, S_ZERO, 0},
    {S_ZERO, S_ONE, S_NZERO, 0, RDN, S_NZERO, 0},
    {S_NZERO, S_ONE, S_NZERO, 0, RUP, S_NZERO, 0},
    {S_ZERO, S_ONE, S_ZERO, FLOAT_NEGATE_PRODUCT | FLOAT_NEGATE_ADDEND, RNE, S_NZERO, 0},
    {S_ZERO, S_NINF - 1, S_TWO, 0, RNE, S_TWO, 0},
    {S_ONE, S_ONE, S_ONE, FLOAT_NEGATE_PRODUCT, RNE, S_ZERO, 0},
    {S_ONE, S_ONE, S_ONE, FLOAT_NEGATE_ADDEND, RDN, S_NZERO, 0},
    {S_MAX, S_MAX, S_NMAX, 0, RTZ, S_MAX, OF | NX},
    {S_MIN_SUB, S_MIN_SUB, S_ONE, 0, RUP, S_ONE + 1, NX},
    {S_MIN_SUB, S_MIN_SUB, S_ONE, FLOAT_NEGATE_PRODUCT, RTZ, S_ONE - 1, NX},
};

static void test_muladd(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(muladd_rows); i++) {
        const MuladdRow *row = &muladd_rows[i];
        FloatStatus st = {.rm = row->rm};
        uint64_t result = float_muladd(FLOAT32, row->a, row->b, row->c, row->negate, &st);

        if (result != row->result || st.fflags != row->fflags) {
            g_test_message("row %zu gives %08" PRIx64 " flags %x", i, result, st.fflags);
            g_test_fail();
        }
    }
}

static void test_sqrt(void)
{
    static const struct {
        uint32_t a;
        uint32_t result;
        uint8_t fflags;
    } rows[] = {
        {S_ZERO, S_ZERO, 0},      {S_NZERO, S_NZERO, 0},  {S_INF, S_INF, 0},
        {S_NINF, S_QNAN, NV},     {S_NONE, S_QNAN, NV},   {S_QNAN_PAYLOAD, S_QNAN, 0},
        {S_SNAN, S_QNAN, NV},     {0x40800000, S_TWO, 0}, {S_TWO, 0x3fb504f3, NX},
        {0x80000001, S_QNAN, NV},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        FloatStatus st = {.rm = RNE};

        g_assert_cmphex(float_sqrt(FLOAT32, rows[i].a, &st), ==, rows[i].result);
        g_assert_cmpint(st.fflags, ==, rows[i].fflags);
    }
}

/* Flags accumulate: an operation that raises none leaves those there. */
static void test_sticky_flags(void)
{
    FloatStatus st = {.rm = RNE};

    float_div(FLOAT32, S_ONE, S_ZERO, &st);
    float_add(FLOAT32, S_ONE, S_ONE, &st);
    float_add(FLOAT32, S_ONE, S_MIN_SUB, &st);
    g_assert_cmpint(st.fflags, ==, DZ | NX);
}

static void test_compare(void)
{
    static const uint32_t values[] = {
        S_NINF, S_NMAX, S_NONE, 0x80000001, S_NZERO,        S_ZERO, S_MIN_SUB,
        S_ONE,  S_MAX,  S_INF,  S_QNAN,     S_QNAN_PAYLOAD, S_SNAN, S_SNAN_NEG,
    };
    enum {
        NZERO_INDEX = 4,
        FIRST_NAN = 10,
        FIRST_SNAN = 12
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(values); i++) {
        for (unsigned j = 0; j < G_N_ELEMENTS(values); j++) {
            bool is_unordered = i >= FIRST_NAN || j >= FIRST_NAN;
            unsigned quiet = i >= FIRST_SNAN || j >= FIRST_SNAN ? NV : 0;
            /* The two zeros are one value. */
            unsigned x = i == NZERO_INDEX ? i + 1 : i;
            unsigned y = j == NZERO_INDEX ? j + 1 : j;
            FloatStatus st[5] = {0};

            g_assert_cmpint(float_eq(FLOAT32, values[i], values[j], &st[0]), ==,
                            !is_unordered && x == y);
            g_assert_cmpint(float_lt(FLOAT32, values[i], values[j], &st[1]), ==,
                            !is_unordered && x < y);
            g_assert_cmpint(float_le(FLOAT32, values[i], values[j], &st[2]), ==,
                            !is_unordered && x <= y);
            g_assert_cmpint(float_lt_quiet(FLOAT32, values[i], values[j], &st[3]), ==,
                            !is_unordered && x < y);
            g_assert_cmpint(float_le_quiet(FLOAT32, values[i], values[j], &st[4]), ==,
                            !is_unordered && x <= y);
            g_assert_cmpint(st[0].fflags, ==, quiet);
            g_assert_cmpint(st[1].fflags, ==, is_unordered ? NV : 0);
            g_assert_cmpint(st[2].fflags, ==, is_unordered ? NV : 0);
            g_assert_cmpint(st[3].fflags, ==, quiet);
            g_assert_cmpint(st[4].fflags, ==, quiet);
        }
    }
}

/* The ten classes: the first and the last pattern of each, in every format. */
static void test_classify(void)
{
    const FloatFormat formats[] = {FLOAT16, BFLOAT16, FLOAT32, FLOAT64};

    for (size_t i = 0; i < G_N_ELEMENTS(formats); i++) {
        FloatFormat fmt = formats[i];
        uint64_t sign = float_sign_mask(fmt);
        uint64_t inf = float_infinity(fmt);
        uint64_t normal = 1ull << fmt.frac_bits;
        uint64_t quiet = float_quiet_bit(fmt);

        g_assert_cmphex(float_classify(fmt, sign | inf), ==, 1 << 0);
        g_assert_cmphex(float_classify(fmt, sign | (inf - 1)), ==, 1 << 1);
        g_assert_cmphex(float_classify(fmt, sign | normal), ==, 1 << 1);
        g_assert_cmphex(float_classify(fmt, sign | (normal - 1)), ==, 1 << 2);
        g_assert_cmphex(float_classify(fmt, sign | 1), ==, 1 << 2);
        g_assert_cmphex(float_classify(fmt, sign), ==, 1 << 3);
        g_assert_cmphex(float_classify(fmt, 0), ==, 1 << 4);
        g_assert_cmphex(float_classify(fmt, 1), ==, 1 << 5);
        g_assert_cmphex(float_classify(fmt, normal - 1), ==, 1 << 5);
        g_assert_cmphex(float_classify(fmt, normal), ==, 1 << 6);
        g_assert_cmphex(float_classify(fmt, inf - 1), ==, 1 << 6);
        g_assert_cmphex(float_classify(fmt, inf), ==, 1 << 7);
        g_assert_cmphex(float_classify(fmt, inf + 1), ==, 1 << 8);
        g_assert_cmphex(float_classify(fmt, inf + quiet - 1), ==, 1 << 8);
        g_assert_cmphex(float_classify(fmt, sign | (inf + 1)), ==, 1 << 8);
        g_assert_cmphex(float_classify(fmt, inf | quiet), ==, 1 << 9);
        g_assert_cmphex(float_classify(fmt, 2 * sign - 1), ==, 1 << 9);
        g_assert_cmphex(float_canonical_nan(fmt), ==, inf | quiet);
    }
}

typedef struct ToIntRow {
    uint64_t a; /* binary64 */
    uint8_t rm;
    uint8_t width_bits;
    bool is_unsigned;
    uint64_t result;
    uint8_t fflags;
} ToIntRow;

#define D_QNAN 0xfff8000000000001ull
#define D_SNAN 0x7ff0000000000001ull
#define D_INF 0x7ff0000000000000ull
#define D_NINF 0xfff0000000000000ull
#define D_NHALF 0xbfe0000000000000ull
#define D_NONE 0xbff0000000000000ull
#define D_2_31 0x41e0000000000000ull
#define D_N2_31 0xc1e0000000000000ull
#define D_2_32 0x41f0000000000000ull
#define D_2_63 0x43e0000000000000ull
#define D_N2_63 0xc3e0000000000000ull
#define D_2_64 0x43f0000000000000ull
#define D_SIGN (1ull << 63)

static const ToIntRow to_int_rows[] = {
    {D_QNAN, RNE, 32, false, INT32_MAX, NV},
    {D_SNAN, RNE, 32, true, UINT32_MAX, NV},
    {D_QNAN, RNE, 64, false, INT64_MAX, NV},
    {D_SNAN, RNE, 64, true, UINT64_MAX, NV},
    {D_INF, RNE, 32, false, INT32_MAX, NV},
    {D_NINF, RNE, 32, false, INT32_MIN, NV},
    {D_INF, RNE, 64, true, UINT64_MAX, NV},
    {D_NINF, RNE, 64, true, 0, NV},
    {D_NINF, RNE, 64, false, INT64_MIN, NV},
    {D_2_31, RNE, 32, false, INT32_MAX, NV},
    {D_2_31, RNE, 32, true, 1u << 31, 0},
    {D_N2_31, RNE, 32, false, INT32_MIN, 0},
    {D_2_32, RNE, 32, true, UINT32_MAX, NV},
    {D_2_63, RNE, 64, false, INT64_MAX, NV},
    {D_2_63, RNE, 64, true, D_SIGN, 0},
    {D_N2_63, RNE, 64, false, INT64_MIN, 0},
    {D_N2_63 + 1, RNE, 64, false, INT64_MIN, NV},
    {D_2_64, RNE, 64, true, UINT64_MAX, NV},
    {D_2_64 - 1, RNE, 64, true, 0xfffffffffffff800ull, 0},
    {0, RNE, 32, false, 0, 0},
    {D_SIGN, RNE, 32, true, 0, 0},
    {1, RUP, 64, true, 1, NX},
    {1, RDN, 64, false, 0, NX},
    /* Below zero: in range if it rounds to zero. */
    {D_NHALF, RNE, 32, true, 0, NX},
    {D_NHALF, RMM, 32, true, 0, NV},
    {D_NHALF, RMM, 32, false, -1ull, NX},
    {D_NHALF, RDN, 64, true, 0, NV},
    {D_NHALF, RTZ, 64, true, 0, NX},
    {D_NONE, RTZ, 64, true, 0, NV},
    {D_SIGN | 1, RDN, 64, false, -1ull, NX},
    /* INT32_MAX + 0.5 and INT32_MIN - 0.5: in range or not by the rounding mode. */
    {0x41dfffffffe00000ull, RTZ, 32, false, INT32_MAX, NX},
    {0x41dfffffffe00000ull, RNE, 32, false, INT32_MAX, NV},
    {0xc1e0000000100000ull, RNE, 32, false, INT32_MIN, NX},
    {0xc1e0000000100000ull, RMM, 32, false, INT32_MIN, NV},
    {0xc1e0000000100000ull, RDN, 32, false, INT32_MIN, NV},
    /* The vector unit's narrow widths: 127.5 and 255.5. */
    {0x405fe00000000000ull, RTZ, 8, false, 127, NX},
    {0x405fe00000000000ull, RUP, 8, false, 127, NV},
    {0x406ff00000000000ull, RTZ, 8, true, 255, NX},
    {0x406ff00000000000ull, RNE, 8, true, 255, NV},
    {0x406ff00000000000ull, RNE, 16, true, 256, NX},
};

static void test_to_int(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(to_int_rows); i++) {
        const ToIntRow *row = &to_int_rows[i];
        FloatStatus st = {.rm = row->rm};
        uint64_t result = row->is_unsigned ? float_to_uint(FLOAT64, row->a, row->width_bits, &st) :
                                             float_to_int(FLOAT64, row->a, row->width_bits, &st);

        if (result != row->result || st.fflags != row->fflags) {
            g_test_message("row %zu: %016" PRIx64 " gives %" PRIx64 " flags %x", i, row->a, result,
                           st.fflags);
            g_test_fail();
        }
    }
}

static void test_to_int32_modular(void)
{
    static const struct {
        uint64_t a;
        int32_t result;
        uint8_t fflags;
    } rows[] = {
        {0, 0, 0},
        {D_SIGN, 0, 0},
        {D_QNAN, 0, NV},
        {D_SNAN, 0, NV},
        {D_INF, 0, NV},
        {D_NINF, 0, NV},
        {D_NONE, -1, 0},
        {D_NHALF, 0, NX},
        {0x3fefffffffffffffull, 0, NX},
        {0x3ff8000000000000ull, 1, NX}, /* 1.5 */
        {D_2_31, INT32_MIN, NV},
        {D_N2_31, INT32_MIN, 0},
        {0xc1e0000000100000ull, INT32_MIN, NX}, /* INT32_MIN - 0.5 */
        {0xc1e0000000200000ull, INT32_MAX, NV}, /* INT32_MIN - 1 */
        {D_2_32, 0, NV},
        {0x41f0000000080000ull, 0, NV},         /* 2^32 + 0.5 */
        {0x41f0000000180000ull, 1, NV},         /* 2^32 + 1.5 */
        {0xc1f0000000100000ull, -1, NV},        /* -(2^32 + 1) */
        {0x4330000000000007ull, 7, NV},         /* 2^52 + 7 */
        {0x4340000000000003ull, 6, NV},         /* 2^53 + 6 */
        {0x4520000000000001ull, INT32_MIN, NV}, /* 2^83 + 2^31 */
        {0x4530000000000001ull, 0, NV},         /* 2^84 + 2^32 */
        {0x7fe0000000000001ull, 0, NV},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        FloatStatus st = {.rm = RUP};

        g_assert_cmpint(float_to_int32_modular(FLOAT64, rows[i].a, &st), ==, rows[i].result);
        g_assert_cmpint(st.fflags, ==, rows[i].fflags);
    }
}

static void test_convert(void)
{
    FloatStatus st = {.rm = RNE};

    g_assert_cmphex(float_convert(FLOAT64, FLOAT32, D_QNAN, &st), ==, S_QNAN);
    g_assert_cmphex(float_convert(FLOAT32, FLOAT16, S_QNAN_PAYLOAD, &st), ==, 0x7e00);
    g_assert_cmphex(float_convert(FLOAT32, FLOAT64, S_NINF, &st), ==, D_NINF);
    g_assert_cmphex(float_convert(FLOAT32, FLOAT16, S_NZERO, &st), ==, 0x8000);
    g_assert_cmpint(st.fflags, ==, 0);
    g_assert_cmphex(float_convert(FLOAT32, FLOAT64, S_SNAN, &st), ==, 0x7ff8000000000000ull);
    g_assert_cmpint(st.fflags, ==, NV);

    /* bfloat16 is the upper half of binary32; a tie to even. */
    st.fflags = 0;
    g_assert_cmphex(float_convert(FLOAT32, BFLOAT16, 0x3f808000, &st), ==, 0x3f80);
    g_assert_cmphex(float_convert(FLOAT32, BFLOAT16, 0x3f818000, &st), ==, 0x3f82);
    g_assert_cmphex(float_convert(BFLOAT16, FLOAT32, 0x3f81, &st), ==, 0x3f810000);
    g_assert_cmpint(st.fflags, ==, NX);

    st = (FloatStatus){.rm = ROD};
    g_assert_cmphex(float_convert(FLOAT64, FLOAT32, 0x3ff0000000000001ull, &st), ==, S_ONE + 1);
    g_assert_cmpint(st.fflags, ==, NX);
    /* An integer beyond binary16's range. */
    st = (FloatStatus){.rm = RNE};
    g_assert_cmphex(float_from_int(FLOAT16, INT64_MIN, &st), ==, 0xfc00);
    g_assert_cmpint(st.fflags, ==, OF | NX);
    g_assert_cmphex(float_from_int(FLOAT16, 0, &st), ==, 0);
    g_assert_cmphex(float_from_uint(FLOAT64, UINT64_MAX, &st), ==, D_2_64);
}

static void test_round_to_int(void)
{
    static const struct {
        uint32_t a;
        uint8_t rm;
        uint32_t result;
        uint8_t fflags;
    } rows[] = {
        {S_ZERO, RNE, S_ZERO, 0},
        {S_NZERO, RUP, S_NZERO, 0},
        {S_INF, RNE, S_INF, 0},
        {S_QNAN_PAYLOAD, RNE, S_QNAN, 0},
        {S_SNAN, RNE, S_QNAN, NV},
        {0xbf000000, RNE, S_NZERO, NX}, /* -0.5 */
        {0xbf000000, RMM, S_NONE, NX},
        {0xbf000000, RUP, S_NZERO, NX},
        {0x80000001, RDN, S_NONE, NX},
        {0x3fc00000, RNE, S_TWO, NX}, /* 1.5 */
        {0x3fc00000, RTZ, S_ONE, NX},
        {0x4afffffd, RNE, 0x4afffffc, NX}, /* 2^23 - 1.5 */
        {0x4affffff, RNE, 0x4b000000, NX}, /* 2^23 - 0.5 */
        {0x4b000001, RNE, 0x4b000001, 0},
        {S_MAX, RUP, S_MAX, 0},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        FloatStatus st = {.rm = rows[i].rm};

        g_assert_cmphex(float_round_to_int(FLOAT32, rows[i].a, true, &st), ==, rows[i].result);
        g_assert_cmpint(st.fflags, ==, rows[i].fflags);
        st.fflags = 0;
        g_assert_cmphex(float_round_to_int(FLOAT32, rows[i].a, false, &st), ==, rows[i].result);
        g_assert_cmpint(st.fflags, ==, rows[i].fflags & NV);
    }
}

/* Bits above the format are not looked at: a boxed operand gives what the bare one does. */
static void test_high_bits(void)
{
    const uint64_t box = ~0ull << 32;
    FloatStatus st = {.rm = RNE};

    g_assert_cmphex(float_add(FLOAT32, box | S_ONE, box | S_ONE, &st), ==, S_TWO);
    g_assert_cmphex(float_minimum(FLOAT32, box | S_ONE, box | S_NONE, &st), ==, S_NONE);
    g_assert_cmphex(float_maximum_number(FLOAT32, box | S_QNAN, box | S_NONE, &st), ==, S_NONE);
    g_assert_cmphex(float_round_to_int(FLOAT32, box | S_MAX, true, &st), ==, S_MAX);
    g_assert_true(float_le(FLOAT32, box | S_ONE, S_ONE, &st));
    g_assert_false(float_lt(FLOAT32, S_ONE, box | S_ONE, &st));
    g_assert_cmphex(float_classify(FLOAT32, box | S_ZERO), ==, FLOAT_CLASS_POS_ZERO);
    g_assert_cmpint(st.fflags, ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/util/fpu/rules/binary", test_binary);
    g_test_add_func("/util/fpu/rules/muladd", test_muladd);
    g_test_add_func("/util/fpu/rules/sqrt", test_sqrt);
    g_test_add_func("/util/fpu/rules/sticky-flags", test_sticky_flags);
    g_test_add_func("/util/fpu/rules/compare", test_compare);
    g_test_add_func("/util/fpu/rules/classify", test_classify);
    g_test_add_func("/util/fpu/rules/to-int", test_to_int);
    g_test_add_func("/util/fpu/rules/to-int32-modular", test_to_int32_modular);
    g_test_add_func("/util/fpu/rules/convert", test_convert);
    g_test_add_func("/util/fpu/rules/round-to-int", test_round_to_int);
    g_test_add_func("/util/fpu/rules/high-bits", test_high_bits);
    return g_test_run();
}
