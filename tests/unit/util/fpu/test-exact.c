/* SPDX-License-Identifier: MIT */
/*
 * util/fpu against exact arithmetic, in all rounding modes, also those no host has.
 *
 * binary16: the exact result is kept as a fraction or a square root and compared with the values of
 * the format, which are searched for the two neighbours; IEEE 754's definitions of the rounding
 * directions, overflow and tininess are then applied literally. Nothing here shifts or rounds bits.
 *
 * binary32 and binary64: sums and products of integers are computed in 128 bits and rounded there;
 * scaling by powers of two covers the exponents.
 */
#include "qemu/osdep.h"

#include "fpu-test.h"

typedef __int128 Int128;

#define H_SIGN 0x8000u
#define H_INF 0x7c00u
#define H_ONE 0x3c00u

static const FloatRoundMode all_modes[] = {
    FLOAT_RM_RNE, FLOAT_RM_RTZ, FLOAT_RM_RDN, FLOAT_RM_RUP, FLOAT_RM_RMM, FLOAT_RM_ROD,
};

/* The magnitude of a finite binary16 in units of 2^-24; for infinity what would follow: 2^40. */
static Int128 h_units(unsigned a)
{
    unsigned exp = (a >> 10) & 0x1f;
    Int128 frac = a & 0x3ff;

    return exp ? (frac + 1024) << (exp - 1) : frac;
}

static Int128 h_signed_units(unsigned a)
{
    return a & H_SIGN ? -h_units(a) : h_units(a);
}

/* An exact magnitude, not 0, in units of 2^-26: num / den, or the square root of num. */
typedef struct Exact {
    bool sign;
    bool is_root;
    Int128 num;
    Int128 den;
} Exact;

/* Negative, 0, positive as |x| is less than, equal to, greater than @units * 2^-26. */
static int exact_cmp(const Exact *x, Int128 units)
{
    Int128 product = units * (x->is_root ? units : x->den);

    return (x->num > product) - (x->num < product);
}

/* Whether a directed mode takes the neighbour of larger magnitude. */
static bool mode_is_away(FloatRoundMode rm, bool sign)
{
    return rm == (sign ? FLOAT_RM_RDN : FLOAT_RM_RUP);
}

static bool mode_is_nearest(FloatRoundMode rm)
{
    return rm == FLOAT_RM_RNE || rm == FLOAT_RM_RMM;
}

/* Whether |x| is below 2^-14 (4096 units) after rounding to 11 bits: ulp there is two units. */
static bool exact_is_tiny(const Exact *x, FloatRoundMode rm)
{
    if (mode_is_nearest(rm)) {
        return exact_cmp(x, 4095) < 0;
    }
    return mode_is_away(rm, x->sign) ? exact_cmp(x, 4094) <= 0 : exact_cmp(x, 4096) < 0;
}

static unsigned h_round(const Exact *x, FloatStatus *st)
{
    unsigned low = 0;
    unsigned high = H_INF + 1;
    unsigned result;

    /* The largest pattern not above |x|. */
    while (high - low > 1) {
        unsigned mid = (low + high) / 2;

        if (exact_cmp(x, h_units(mid) << 2) >= 0) {
            low = mid;
        } else {
            high = mid;
        }
    }
    result = low;
    if (low != H_INF && exact_cmp(x, h_units(low) << 2) != 0) {
        int middle = exact_cmp(x, (h_units(low) + h_units(low + 1)) << 1);

        st->fflags |= FLOAT_FLAG_NX;
        if (mode_is_nearest(st->rm)) {
            result += middle > 0 || (middle == 0 && (st->rm == FLOAT_RM_RMM || (low & 1)));
        } else if (st->rm == FLOAT_RM_ROD) {
            result |= 1;
        } else {
            result += mode_is_away(st->rm, x->sign);
        }
        if (exact_is_tiny(x, st->rm)) {
            st->fflags |= FLOAT_FLAG_UF;
        }
    }
    if (result == H_INF) {
        st->fflags |= FLOAT_FLAG_OF | FLOAT_FLAG_NX;
        result -= !(mode_is_nearest(st->rm) || mode_is_away(st->rm, x->sign));
    }
    return result | (x->sign ? H_SIGN : 0);
}

typedef enum HOp {
    H_ADD,
    H_SUB,
    H_MUL,
    H_DIV,
    H_SQRT,
    H_MULADD
} HOp;

static uint64_t h_run(HOp op, unsigned a, unsigned b, unsigned c, FloatStatus *st)
{
    switch (op) {
    case H_ADD:
        return float_add(FLOAT16, a, b, st);
    case H_SUB:
        return float_sub(FLOAT16, a, b, st);
    case H_MUL:
        return float_mul(FLOAT16, a, b, st);
    case H_DIV:
        return float_div(FLOAT16, a, b, st);
    case H_SQRT:
        return float_sqrt(FLOAT16, a, st);
    case H_MULADD:
        return float_muladd(FLOAT16, a, b, c, 0, st);
    }
    g_assert_not_reached();
}

/* The exact result for finite operands; den = 0 stands for an invalid or infinite one. */
static Exact h_exact(HOp op, unsigned a, unsigned b, unsigned c)
{
    Int128 x = h_signed_units(a);
    Int128 y = h_signed_units(b);
    Exact e = {.den = 1};

    switch (op) {
    case H_ADD:
        e.num = (x + y) * 4;
        break;
    case H_SUB:
        e.num = (x - y) * 4;
        break;
    case H_MUL:
        e.num = x * y;
        e.den = 1 << 22;
        break;
    case H_DIV:
        e.num = (y < 0 ? -x : x) * (1 << 26);
        e.den = y < 0 ? -y : y;
        break;
    case H_SQRT:
        e.is_root = true;
        e.num = x * (1 << 28);
        e.den = x >= 0;
        break;
    case H_MULADD:
        e.num = x * y + h_signed_units(c) * (1 << 24);
        e.den = 1 << 22;
        break;
    }
    e.sign = e.num < 0;
    e.num = e.sign ? -e.num : e.num;
    return e;
}

static void h_check(HOp op, unsigned a, unsigned b, unsigned c)
{
    Exact e = h_exact(op, a, b, c);

    if (e.num == 0 || e.den == 0) {
        return; /* zeros and special cases: test-rules.c */
    }
    for (size_t i = 0; i < G_N_ELEMENTS(all_modes); i++) {
        FloatStatus st = {.rm = all_modes[i]};
        FloatStatus expected_st = st;
        unsigned expected = h_round(&e, &expected_st);
        uint64_t result = h_run(op, a, b, c, &st);

        if (result != expected || st.fflags != expected_st.fflags) {
            g_test_message("op %d rm %d a=%04x b=%04x c=%04x: %04" PRIx64
                           " flags %x, expected %04x flags %x",
                           op, st.rm, a, b, c, result, st.fflags, expected, expected_st.fflags);
            g_test_fail();
        }
    }
}

static unsigned h_rand_finite(void)
{
    unsigned a;

    do {
        a = fpu_test_rand_operand(FLOAT16);
    } while ((a & H_INF) == H_INF);
    return a;
}

static void test_h_sqrt(void)
{
    for (unsigned a = 0; a < H_INF && !g_test_failed(); a++) {
        h_check(H_SQRT, a, 0, 0);
    }
}

static void test_h_binary(gconstpointer data)
{
    HOp op = GPOINTER_TO_INT(data);

    for (unsigned i = 0; i < 60000 && !g_test_failed(); i++) {
        h_check(op, h_rand_finite(), h_rand_finite(), 0);
    }
}

/* A sum whose exact value has the whole range of distances from a value of the format. */
static void test_h_muladd(void)
{
    for (unsigned i = 0; i < 120000 && !g_test_failed(); i++) {
        unsigned a = h_rand_finite();
        unsigned b = h_rand_finite();
        FloatStatus st = {.rm = FLOAT_RM_RTZ};
        unsigned near = float_mul(FLOAT16, a, b, &st) ^ (fpu_test_rand() & (H_SIGN | 3));

        h_check(H_MULADD, a, b, i % 2 && (near & H_INF) != H_INF ? near : h_rand_finite());
    }
}

/* Conversions of every binary16 to an integer, and to an integral value, against division. */
static void test_h_to_int(void)
{
    for (unsigned a = 0; a < 2 * H_SIGN && !g_test_failed(); a++) {
        if ((a & H_INF) == H_INF) {
            continue;
        }
        for (size_t i = 0; i < G_N_ELEMENTS(all_modes); i++) {
            FloatStatus st = {.rm = all_modes[i]};
            FloatStatus rint_st = st;
            FloatStatus quiet_st = st;
            FloatStatus exact_st = st;
            bool sign = a & H_SIGN;
            int64_t units = h_units(a);
            int64_t whole = units >> 24;
            int64_t twice_rest = 2 * (units - (whole << 24));
            int64_t expected = whole;
            uint64_t rint = float_round_to_int(FLOAT16, a, true, &rint_st);

            if (mode_is_nearest(st.rm)) {
                expected += twice_rest > 1 << 24 ||
                            (twice_rest == 1 << 24 && (st.rm == FLOAT_RM_RMM || whole & 1));
            } else if (st.rm == FLOAT_RM_ROD) {
                expected |= twice_rest != 0;
            } else {
                expected += twice_rest && mode_is_away(st.rm, sign);
            }
            expected = sign ? -expected : expected;
            g_assert_cmpint(float_to_int(FLOAT16, a, 64, &st), ==, expected);
            g_assert_cmpint(st.fflags, ==, twice_rest ? FLOAT_FLAG_NX : 0);
            g_assert_cmpint(rint_st.fflags, ==, st.fflags);
            g_assert_cmphex(rint, ==, float_from_int(FLOAT16, expected, &exact_st) | (a & H_SIGN));
            g_assert_cmpint(exact_st.fflags, ==, 0);
            g_assert_cmphex(float_round_to_int(FLOAT16, a, false, &quiet_st), ==, rint);
            g_assert_cmpint(quiet_st.fflags, ==, 0);
        }
    }
}

/* To binary64 and binary32 and back: exact, and the identity. */
static void test_h_convert(void)
{
    FloatStatus st = {.rm = FLOAT_RM_RDN};

    for (unsigned a = 0; a < 2 * H_SIGN; a++) {
        uint64_t d = float_convert(FLOAT16, FLOAT64, a, &st);
        uint64_t s = float_convert(FLOAT16, FLOAT32, a, &st);

        if (float_is_nan(FLOAT16, a)) {
            continue;
        }
        g_assert_cmphex(float_convert(FLOAT64, FLOAT16, d, &st), ==, a);
        g_assert_cmphex(float_convert(FLOAT32, FLOAT16, s, &st), ==, a);
        g_assert_cmphex(float_convert(FLOAT32, FLOAT64, s, &st), ==, d);
        if ((a & H_INF) != H_INF) {
            double value;

            memcpy(&value, &d, sizeof(value));
            g_assert_true(value * 0x1p24 == (double)(int64_t)h_signed_units(a));
        }
        st.fflags &= ~FLOAT_FLAG_NV; /* of signalling NaNs */
        g_assert_cmpint(st.fflags, ==, 0);
    }
}

/* The integer @v, not 0, rounded to @fmt; only in the normal range. */
static uint64_t round_integer(FloatFormat fmt, Int128 v, FloatStatus *st)
{
    bool sign = v < 0;
    unsigned __int128 magnitude = sign ? -(unsigned __int128)v : v;
    unsigned __int128 ulp = 1;
    unsigned exp = (1u << (fmt.exp_bits - 1)) - 1 + fmt.frac_bits;
    unsigned __int128 limit = 2ull << fmt.frac_bits;
    unsigned __int128 rest;

    while (magnitude >= limit) {
        limit *= 2;
        ulp *= 2;
        exp++;
    }
    while (magnitude < limit / 2) {
        magnitude *= 2;
        exp--;
    }
    rest = magnitude % ulp;
    magnitude /= ulp;
    if (rest) {
        st->fflags |= FLOAT_FLAG_NX;
        if (mode_is_nearest(st->rm)) {
            magnitude += 2 * rest > ulp ||
                         (2 * rest == ulp && (st->rm == FLOAT_RM_RMM || (magnitude & 1)));
        } else if (st->rm == FLOAT_RM_ROD) {
            magnitude |= 1;
        } else {
            magnitude += mode_is_away(st->rm, sign);
        }
    }
    return (((uint64_t)(exp - 1) << fmt.frac_bits) + (uint64_t)magnitude) |
           (sign ? float_sign_mask(fmt) : 0);
}

/* A random integer of at most @bits bits, often with few bits set so that ties occur. */
static int64_t rand_integer(unsigned bits)
{
    int64_t v = fpu_test_rand() >> (64 - bits);

    if (fpu_test_rand() & 256) {
        v &= -1ull << (fpu_test_rand() >> 8) % bits;
    }
    v += (fpu_test_rand() >> 8) % 4;
    v &= (1ull << bits) - 1;
    return fpu_test_rand() & 512 ? -v : v;
}

/* The pattern of @v * 2^@scale. */
static uint64_t scaled(FloatFormat fmt, int64_t v, unsigned scale)
{
    FloatStatus st = {.rm = FLOAT_RM_RNE};

    if (v == 0) {
        return 0;
    }
    v = round_integer(fmt, v, &st) + ((uint64_t)scale << fmt.frac_bits);
    g_assert_cmpint(st.fflags, ==, 0);
    return v;
}

static void check_integer(FloatFormat fmt, const char *what, Int128 exact, unsigned scale,
                          uint64_t result, FloatStatus st)
{
    FloatStatus expected_st = {.rm = st.rm};
    uint64_t expected = round_integer(fmt, exact, &expected_st);

    expected += (uint64_t)scale << fmt.frac_bits;
    if (result != expected || st.fflags != expected_st.fflags) {
        g_test_message("%s of %u bits, rm %d: %" PRIx64 " flags %x, expected %" PRIx64 " flags %x",
                       what, float_width_bits(fmt), st.rm, result, st.fflags, expected,
                       expected_st.fflags);
        g_test_fail();
    }
}

/* a + b, a * b and a * b + c * 2^shift for integers that are exact in @fmt. */
static void check_integers(FloatFormat fmt)
{
    unsigned precision = fmt.frac_bits + 1;
    unsigned scale = fpu_test_rand() % 8;
    unsigned shift = fpu_test_rand() % (2 * precision - precision / 2);
    int64_t a = rand_integer(precision);
    int64_t b = rand_integer(precision);
    int64_t c = rand_integer(precision);
    Int128 product = (Int128)a * b;
    Int128 addend = c * ((Int128)1 << shift % (126 - precision));
    uint64_t fa = scaled(fmt, a, scale);
    uint64_t fb = scaled(fmt, b, 0);
    uint64_t fc = scaled(fmt, c, scale + shift % (126 - precision));

    for (size_t i = 0; i < G_N_ELEMENTS(all_modes); i++) {
        FloatStatus st = {.rm = all_modes[i]};

        if (product != 0) {
            uint64_t result = float_mul(fmt, fa, fb, &st);

            check_integer(fmt, "mul", product, scale, result, st);
        }
        st.fflags = 0;
        if (a + b != 0) {
            uint64_t result = float_add(fmt, fa, scaled(fmt, b, scale), &st);

            check_integer(fmt, "add", a + b, scale, result, st);
        }
        st.fflags = 0;
        if (product + addend != 0) {
            uint64_t result = float_muladd(fmt, fa, fb, fc, 0, &st);

            check_integer(fmt, "muladd", product + addend, scale, result, st);
        }
    }
}

static void test_integers(void)
{
    for (unsigned i = 0; i < 20000 && !g_test_failed(); i++) {
        check_integers(FLOAT32);
        check_integers(FLOAT64);
    }
}

/* 64-bit integers to each format, in every mode. */
static void test_from_int(void)
{
    const FloatFormat formats[] = {BFLOAT16, FLOAT32, FLOAT64};

    for (unsigned i = 0; i < 20000 && !g_test_failed(); i++) {
        int64_t v = rand_integer(63);
        uint64_t u = fpu_test_rand() | 1;

        for (size_t j = 0; v && j < G_N_ELEMENTS(formats) * G_N_ELEMENTS(all_modes); j++) {
            FloatFormat fmt = formats[j % G_N_ELEMENTS(formats)];
            FloatStatus st = {.rm = all_modes[j / G_N_ELEMENTS(formats)]};
            uint64_t result = float_from_int(fmt, v, &st);

            check_integer(fmt, "from_int", v, 0, result, st);
            st.fflags = 0;
            result = float_from_uint(fmt, u, &st);
            check_integer(fmt, "from_uint", u, 0, result, st);
        }
    }
}

/*
 * Two numbers that round to 2^-1022 although they are less: 2^-1022 - 2^-1075 is exact in 53 bits,
 * so tiny; 2^-1022 - 2^-1076 is not, and to nearest not tiny.
 */
static void test_d_tininess(void)
{
    const uint64_t min_normal = 1ull << 52;
    const uint64_t below_one = (1023ull << 52) - 1;
    const uint64_t root = (1023ull - 538) << 52;
    FloatStatus st = {.rm = FLOAT_RM_RNE};

    g_assert_cmphex(float_mul(FLOAT64, below_one, min_normal, &st), ==, min_normal);
    g_assert_cmpint(st.fflags, ==, FLOAT_FLAG_UF | FLOAT_FLAG_NX);
    st.fflags = 0;
    g_assert_cmphex(float_muladd(FLOAT64, root, root, min_normal, FLOAT_NEGATE_PRODUCT, &st), ==,
                    min_normal);
    g_assert_cmpint(st.fflags, ==, FLOAT_FLAG_NX);
    st = (FloatStatus){.rm = FLOAT_RM_RTZ};
    g_assert_cmphex(float_muladd(FLOAT64, root, root, min_normal, FLOAT_NEGATE_PRODUCT, &st), ==,
                    min_normal - 1);
    g_assert_cmpint(st.fflags, ==, FLOAT_FLAG_UF | FLOAT_FLAG_NX);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/util/fpu/exact/half/sqrt", test_h_sqrt);
    g_test_add_data_func("/util/fpu/exact/half/add", GINT_TO_POINTER(H_ADD), test_h_binary);
    g_test_add_data_func("/util/fpu/exact/half/sub", GINT_TO_POINTER(H_SUB), test_h_binary);
    g_test_add_data_func("/util/fpu/exact/half/mul", GINT_TO_POINTER(H_MUL), test_h_binary);
    g_test_add_data_func("/util/fpu/exact/half/div", GINT_TO_POINTER(H_DIV), test_h_binary);
    g_test_add_func("/util/fpu/exact/half/muladd", test_h_muladd);
    g_test_add_func("/util/fpu/exact/half/to-int", test_h_to_int);
    g_test_add_func("/util/fpu/exact/half/convert", test_h_convert);
    g_test_add_func("/util/fpu/exact/integers", test_integers);
    g_test_add_func("/util/fpu/exact/from-int", test_from_int);
    g_test_add_func("/util/fpu/exact/double/tininess", test_d_tininess);
    return g_test_run();
}
