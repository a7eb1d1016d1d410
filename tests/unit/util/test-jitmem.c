/* SPDX-License-Identifier: MIT */
/* Code memory: written at rw, run at rx; rights of the views; reach. */
#include "qemu/osdep.h"
#include <signal.h>
#include "qemu/jitmem.h"
#include "qemu/units.h"

/* Machine code of "int f(void) { return 42; }". */
#if defined(__x86_64__)
static const uint8_t return_42[] = {0xb8, 42, 0, 0, 0, 0xc3};
#elif defined(__aarch64__)
static const uint32_t return_42[] = {0x52800540, 0xd65f03c0};
#endif

static void check_run(JitMemSplit split)
{
    GError *err = NULL;
    g_autoptr(JitMem) jm = jitmem_create(100000, split, &err);
    g_assert_no_error(err);
    g_assert_true(QEMU_IS_ALIGNED(jm->size, qemu_real_host_page_size()));
    g_assert_cmpuint(jm->size, >=, 100000);
    g_assert_true(jm->rx - jm->rw == jm->diff);
    g_assert_cmpint(jm->rw[jm->size - 1], ==, 0);
    g_assert_true(jitmem_to_rw(jm, jitmem_to_rx(jm, jm->rw + 5)) == jm->rw + 5);

    uint8_t *at = jm->rw + jm->size - 4096;
    memcpy(at, return_42, sizeof(return_42));
    jitmem_flush(jm, at, sizeof(return_42));
    int (*fn)(void) = (int (*)(void))jitmem_to_rx(jm, at);
    g_assert_cmpint(fn(), ==, 42);
}

static void test_run(void)
{
    check_run(JITMEM_SPLIT_AUTO);
    check_run(JITMEM_SPLIT_ON);
    check_run(JITMEM_SPLIT_OFF);
}

/* The executable view of a split mapping takes no stores. */
static void test_rights(void)
{
    if (g_test_subprocess()) {
        JitMem *jm = jitmem_create(4096, JITMEM_SPLIT_ON, NULL);
        jm->rx[0] = 1;
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_failed();
}

static void test_near(void)
{
    GError *err = NULL;
    static const size_t sizes[] = {MiB, 32 * MiB, GiB};
    for (int i = 0; i < ARRAY_SIZE(sizes); i++) {
        g_autoptr(JitMem) jm = jitmem_create(sizes[i], JITMEM_SPLIT_ON, &err);
        g_assert_no_error(err);
        g_assert_true(jitmem_near(jm, jm->rx));
        g_assert_false(jitmem_near(jm, jm->rx + 4 * GiB));
        g_test_message("%zu bytes: %s", sizes[i],
                       jitmem_near(jm, test_near) ? "near the text" : "far from the text");
    }
}

static void test_too_large(void)
{
    GError *err = NULL;
    g_assert_null(jitmem_create((size_t)1 << 62, JITMEM_SPLIT_OFF, &err));
    g_assert_nonnull(err);
    g_clear_error(&err);
    g_assert_null(jitmem_create((size_t)1 << 62, JITMEM_SPLIT_ON, &err));
    g_assert_nonnull(err);
    g_clear_error(&err);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/jitmem/run", test_run);
    g_test_add_func("/jitmem/rights", test_rights);
    g_test_add_func("/jitmem/near", test_near);
    g_test_add_func("/jitmem/too-large", test_too_large);
    return g_test_run();
}
