/* SPDX-License-Identifier: MIT */
/* Bitmaps against an array of bool: every range of a map of three and a half words. */
#include "qemu/osdep.h"
#include "qemu/bitmap.h"

enum {
    NBITS = 3 * 64 + 37
};

static void assert_same(const unsigned long *map, const bool *model)
{
    size_t ones = 0;
    for (size_t i = 0; i < NBITS; i++) {
        g_assert_cmpint(test_bit(i, map), ==, model[i]);
        ones += model[i];
    }
    g_assert_cmpuint(bitmap_count_one(map, NBITS), ==, ones);
    g_assert_cmpint(bitmap_empty(map, NBITS), ==, ones == 0);
    g_assert_cmpint(bitmap_full(map, NBITS), ==, ones == NBITS);
}

/* One position in five is looked at, so that all offsets within a word come up. */
static void test_ranges(void)
{
    g_autofree unsigned long *map = bitmap_new(NBITS);
    bool model[NBITS] = {false};

    for (size_t start = 0; start < NBITS; start += 5) {
        for (size_t nr = 0; nr <= NBITS - start; nr += 3) {
            bitmap_set(map, start, nr);
            memset(model + start, true, nr);
            assert_same(map, model);
            size_t cut = nr / 3;
            bitmap_clear(map, start + cut, nr - 2 * cut);
            memset(model + start + cut, false, nr - 2 * cut);
            assert_same(map, model);
            bool had = cut > 0;
            g_assert_cmpint(bitmap_test_and_clear_atomic(map, start, nr), ==, had);
            memset(model + start, false, nr);
            assert_same(map, model);
        }
    }
}

static void test_find(void)
{
    g_autofree unsigned long *map = bitmap_new(NBITS);

    g_assert_cmpuint(find_first_bit(map, NBITS), ==, NBITS);
    g_assert_cmpuint(find_last_bit(map, NBITS), ==, NBITS);
    g_assert_cmpuint(find_first_zero_bit(map, NBITS), ==, 0);
    for (size_t a = 0; a < NBITS; a++) {
        size_t b = (a + 71) % NBITS;
        set_bit(a, map);
        set_bit(b, map);
        g_assert_cmpuint(find_first_bit(map, NBITS), ==, MIN(a, b));
        g_assert_cmpuint(find_last_bit(map, NBITS), ==, MAX(a, b));
        g_assert_cmpuint(find_next_bit(map, NBITS, MIN(a, b) + 1), ==, MAX(a, b));
        g_assert_cmpuint(find_next_bit(map, NBITS, MAX(a, b) + 1), ==, NBITS);
        clear_bit(a, map);
        g_assert_true(test_and_clear_bit(b, map));
        g_assert_false(test_and_set_bit(b, map));
        change_bit(b, map);
    }
    bitmap_set(map, 0, NBITS);
    g_assert_cmpuint(find_first_zero_bit(map, NBITS), ==, NBITS);
    for (size_t a = 0; a < NBITS; a++) {
        clear_bit_atomic(a, map);
        g_assert_cmpuint(find_next_zero_bit(map, NBITS, a / 2), ==, a);
        set_bit_atomic(a, map);
    }
}

/* Bits beyond the length are never looked at, and a length of 0 is no error. */
static void test_edges(void)
{
    unsigned long map[2] = {0, ~0UL};
    g_assert_true(bitmap_empty(map, 64));
    g_assert_cmpuint(find_first_bit(map, 60), ==, 60);
    g_assert_cmpuint(find_last_bit(map, 64), ==, 64);
    g_assert_true(bitmap_empty(map, 0));
    g_assert_true(bitmap_full(map, 0));
    g_autofree unsigned long *none = bitmap_new(0);
    g_assert_nonnull(none);
}

static void test_copy_and_clear(void)
{
    g_autofree unsigned long *src = bitmap_new(NBITS), *dst = bitmap_new(NBITS);
    bitmap_set_atomic(src, 60, 80);
    bitmap_set(dst, 0, NBITS);
    bitmap_copy_and_clear_atomic(dst, src, NBITS);
    g_assert_true(bitmap_empty(src, NBITS));
    g_assert_cmpuint(bitmap_count_one(dst, NBITS), ==, 80);
    g_assert_cmpuint(find_first_bit(dst, NBITS), ==, 60);
    bitmap_copy(src, dst, NBITS);
    g_assert_cmpuint(find_last_bit(src, NBITS), ==, 139);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/bitmap/ranges", test_ranges);
    g_test_add_func("/bitmap/find", test_find);
    g_test_add_func("/bitmap/edges", test_edges);
    g_test_add_func("/bitmap/copy-and-clear", test_copy_and_clear);
    return g_test_run();
}
