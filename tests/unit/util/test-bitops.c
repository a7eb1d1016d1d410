/* SPDX-License-Identifier: MIT */
/*
 * Bit fields, byte order and integer helpers against slow definitions: every result is
 * also computed a bit or a byte at a time.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/host-utils.h"

/* Values with structure at both ends and in the middle. */
static const uint64_t samples[] = {
    0,
    1,
    2,
    0x7f,
    0x80,
    0x7fffffff,
    0x80000000,
    0xffffffff,
    0x100000000,
    0x123456789abcdef0,
    0x7fffffffffffffff,
    0x8000000000000000,
    0xaaaaaaaaaaaaaaaa,
    0xfffffffffffffffe,
    UINT64_MAX,
};

static void test_fields(void)
{
    for (int i = 0; i < ARRAY_SIZE(samples); i++) {
        uint64_t v = samples[i];
        for (int start = 0; start < 64; start++) {
            for (int len = 1; len <= 64 - start; len++) {
                uint64_t field = 0;
                for (int b = 0; b < len; b++) {
                    field |= ((v >> (start + b)) & 1) << b;
                }
                bool negative = (field >> (len - 1)) & 1;
                uint64_t sign = negative && len < 64 ? ~0ULL << len : 0;
                g_assert_cmphex(extract64(v, start, len), ==, field);
                g_assert_cmphex(sextract64(v, start, len), ==, field | sign);
                g_assert_cmphex(deposit64(v, start, len, field), ==, v);
                uint64_t cleared = deposit64(v, start, len, 0);
                g_assert_cmphex(extract64(cleared, start, len), ==, 0);
                g_assert_cmphex(deposit64(cleared, start, len, ~0ULL) ^ cleared, ==,
                                MAKE_64BIT_MASK(start, len));
                if (start + len <= 32) {
                    g_assert_cmphex(extract32(v, start, len), ==, field);
                    g_assert_cmphex((uint32_t)sextract32(v, start, len), ==,
                                    (uint32_t)(field | sign));
                    g_assert_cmphex(deposit32(v, start, len, ~0U), ==,
                                    (uint32_t)deposit64(v, start, len, ~0ULL));
                }
            }
        }
    }
}

static void test_rotate(void)
{
    for (unsigned n = 0; n < 130; n++) {
        g_assert_cmphex(rol64(1, n), ==, 1ULL << (n % 64));
        g_assert_cmphex(ror64(rol64(0x123456789abcdef0, n), n), ==, 0x123456789abcdef0);
        g_assert_cmphex(rol32(1, n), ==, 1U << (n % 32));
        g_assert_cmphex(ror32(rol32(0x12345678, n), n), ==, 0x12345678);
    }
}

static void test_counts(void)
{
    g_assert_cmpint(clz64(0), ==, 64);
    g_assert_cmpint(ctz64(0), ==, 64);
    g_assert_cmpint(clz32(0), ==, 32);
    g_assert_cmpint(ctz32(0), ==, 32);
    for (int n = 0; n < 64; n++) {
        g_assert_cmpint(clz64(1ULL << n), ==, 63 - n);
        g_assert_cmpint(ctz64(1ULL << n), ==, n);
        g_assert_cmpint(ctpop64(~0ULL >> n), ==, 64 - n);
        g_assert_cmpint(clrsb64(1ULL << n), ==, n == 63 ? 0 : 62 - n);
        g_assert_cmpint(clrsb64(-(1LL << (n % 63))), ==, 63 - n % 63);
    }
}

static void test_revbit(void)
{
    for (int n = 0; n < 64; n++) {
        g_assert_cmphex(revbit64(1ULL << n), ==, 1ULL << (63 - n));
        g_assert_cmphex(revbit_bytes64(1ULL << n), ==, 1ULL << (n / 8 * 8 + 7 - n % 8));
    }
    for (int n = 0; n < 32; n++) {
        g_assert_cmphex(revbit32(1U << n), ==, 1U << (31 - n));
    }
    g_assert_cmphex(revbit16(0x8000), ==, 1);
    g_assert_cmphex(revbit8(0x13), ==, 0xc8);
}

static void test_multiply(void)
{
    uint64_t lo, hi;
    mulu64(&lo, &hi, UINT64_MAX, UINT64_MAX);
    g_assert_cmphex(hi, ==, 0xfffffffffffffffe);
    g_assert_cmphex(lo, ==, 1);
    muls64(&lo, &hi, INT64_MIN, INT64_MIN);
    g_assert_cmphex(hi, ==, 0x4000000000000000);
    g_assert_cmphex(lo, ==, 0);
    muls64(&lo, &hi, -1, 5);
    g_assert_cmphex(hi, ==, UINT64_MAX);
    g_assert_cmphex(lo, ==, -5ULL);
    g_assert_cmphex(mulhsu64(-1, UINT64_MAX), ==, UINT64_MAX);
    g_assert_cmphex(mulhsu64(INT64_MIN, UINT64_MAX), ==, 0x8000000000000000);
    g_assert_cmphex(mulhsu64(2, 0x8000000000000000), ==, 1);
    g_assert_cmphex(muldiv64(UINT64_MAX, 1000, 1000), ==, UINT64_MAX);
    g_assert_cmpuint(muldiv64(7, 3, 2), ==, 10);
    g_assert_cmpuint(muldiv64_round_up(7, 3, 2), ==, 11);
    g_assert_cmpuint(muldiv64_round_up(4, 3, 2), ==, 6);
}

static void test_clmul(void)
{
    for (int i = 0; i < ARRAY_SIZE(samples); i++) {
        for (int j = 0; j < ARRAY_SIZE(samples); j++) {
            uint64_t want_lo = 0, want_hi = 0, lo, hi;
            for (int b = 0; b < 64; b++) {
                if ((samples[j] >> b) & 1) {
                    want_lo ^= samples[i] << b;
                    want_hi ^= b ? samples[i] >> (64 - b) : 0;
                }
            }
            clmul64(&lo, &hi, samples[i], samples[j]);
            g_assert_cmphex(lo, ==, want_lo);
            g_assert_cmphex(hi, ==, want_hi);
        }
    }
}

static void test_powers(void)
{
    g_assert_false(is_power_of_2(0));
    g_assert_cmphex(pow2floor(0), ==, 0);
    g_assert_cmphex(pow2ceil(0), ==, 1);
    g_assert_cmphex(pow2ceil(UINT64_MAX), ==, 0);
    for (int n = 0; n < 64; n++) {
        uint64_t p = 1ULL << n;
        g_assert_true(is_power_of_2(p));
        g_assert_cmphex(pow2floor(p), ==, p);
        g_assert_cmphex(pow2ceil(p), ==, p);
        if (n > 1) {
            g_assert_false(is_power_of_2(p - 1));
            g_assert_cmphex(pow2floor(p - 1), ==, p / 2);
            g_assert_cmphex(pow2ceil(p - 1), ==, p);
        }
    }
}

static void test_bswap(void)
{
    uint8_t buf[9] = {0};
    void *p = buf + 1; /* misaligned */
    for (int size = 1; size <= 8; size *= 2) {
        uint64_t v = 0xf1e2d3c4b5a69788;
        uint64_t mask = MAKE_64BIT_MASK(0, size * 8);
        stn_le_p(p, size, v);
        for (int i = 0; i < size; i++) {
            g_assert_cmphex(buf[1 + i], ==, (v >> (8 * i)) & 0xff);
        }
        g_assert_cmphex(ldn_le_p(p, size), ==, v & mask);
        stn_be_p(p, size, v);
        for (int i = 0; i < size; i++) {
            g_assert_cmphex(buf[size - i], ==, (v >> (8 * i)) & 0xff);
        }
        g_assert_cmphex(ldn_be_p(p, size), ==, v & mask);
    }
    stw_le_p(p, 0x8001);
    g_assert_cmpint(ldsw_le_p(p), ==, (int16_t)0x8001);
    g_assert_cmpint(ldsw_be_p(p), ==, 0x0180);
    g_assert_cmpint(ldsb_p(p), ==, 1);
    g_assert_cmphex(cpu_to_be32(le32_to_cpu(0x11223344)), ==, 0x44332211);
}

static void test_align(void)
{
    g_assert_cmphex(QEMU_ALIGN_UP(UINT64_C(0x100000001), 4096), ==, 0x100001000);
    g_assert_cmphex(QEMU_ALIGN_DOWN(UINT64_C(0xffffffffffffffff), 4096), ==, 0xfffffffffffff000);
    g_assert_cmpint(ROUND_UP(7, 3), ==, 9);
    g_assert_cmpint(DIV_ROUND_UP(9, 3), ==, 3);
    g_assert_true(QEMU_IS_ALIGNED(0x1000, 4096));
    g_assert_false(QEMU_IS_ALIGNED(0x1004, 4096));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/bitops/fields", test_fields);
    g_test_add_func("/bitops/rotate", test_rotate);
    g_test_add_func("/bitops/align", test_align);
    g_test_add_func("/host-utils/counts", test_counts);
    g_test_add_func("/host-utils/revbit", test_revbit);
    g_test_add_func("/host-utils/multiply", test_multiply);
    g_test_add_func("/host-utils/clmul", test_clmul);
    g_test_add_func("/host-utils/powers", test_powers);
    g_test_add_func("/bswap/access", test_bswap);
    return g_test_run();
}
