/* SPDX-License-Identifier: MIT */
/* Guest randomness: differs without a seed, repeats with one, streams of threads differ. */
#include "qemu/osdep.h"
#include "qemu/guest-random.h"

enum {
    LEN = 33
}; /* not a multiple of a word */

static void fill(uint8_t *buf)
{
    GError *err = NULL;
    qemu_guest_getrandom(buf, LEN, &err);
    g_assert_no_error(err);
}

static void *thread_stream(void *opaque)
{
    uint8_t *buf = opaque;
    uint64_t seed;
    memcpy(&seed, buf, sizeof(seed));
    qemu_guest_random_seed_thread_part2(seed);
    fill(buf);
    return NULL;
}

/* The bytes a new thread draws; the seed travels at the start of @buf. */
static void fill_in_thread(uint8_t *buf)
{
    uint64_t seed = qemu_guest_random_seed_thread_part1();
    memcpy(buf, &seed, sizeof(seed));
    g_thread_join(g_thread_new("stream", thread_stream, buf));
}

/* Before any seed was given. */
static void test_entropy(void)
{
    uint8_t a[LEN], b[LEN];
    fill(a);
    fill(b);
    g_assert_cmpint(memcmp(a, b, LEN), !=, 0);
    fill_in_thread(a);
    fill_in_thread(b);
    g_assert_cmpint(memcmp(a, b, LEN), !=, 0);
}

static void test_bad_seed(void)
{
    GError *err = NULL;
    g_assert_false(qemu_guest_random_seed_main("zz", &err));
    g_assert_cmpstr(err->message, ==, "Invalid seed number: zz");
    g_clear_error(&err);
}

static void test_seed(void)
{
    uint8_t first[4][LEN], second[4][LEN];
    for (int round = 0; round < 2; round++) {
        uint8_t(*out)[LEN] = round ? second : first;
        g_assert_true(qemu_guest_random_seed_main("42", NULL));
        fill(out[0]);
        fill_in_thread(out[1]);
        fill_in_thread(out[2]);
        fill(out[3]);
    }
    g_assert_cmpmem(first, sizeof(first), second, sizeof(second));
    for (int i = 0; i < 4; i++) {
        for (int k = 0; k < i; k++) {
            g_assert_cmpint(memcmp(first[i], first[k], LEN), !=, 0);
        }
    }
    g_assert_true(qemu_guest_random_seed_main("43", NULL));
    fill(second[0]);
    g_assert_cmpint(memcmp(first[0], second[0], LEN), !=, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/guest-random/entropy", test_entropy);
    g_test_add_func("/guest-random/bad-seed", test_bad_seed);
    g_test_add_func("/guest-random/seed", test_seed);
    return g_test_run();
}
