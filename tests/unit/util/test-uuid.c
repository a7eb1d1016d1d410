/* SPDX-License-Identifier: MIT */
/* UUIDs: text both ways, and that a generated one says how it was made. */
#include "qemu/osdep.h"
#include "qemu/uuid.h"

static void test_parse(void)
{
    static const char text[] = "586ece27-7f09-41e0-9e74-e901317e9d42";
    static const char *const bad[] = {
        "",
        "zz",
        "586ece27-7f09-41e0-9e74-e901317e9d4",
        "586ece27-7f09-41e0-9e74-e901317e9d42a",
        "586ece277f09-41e0-9e74-e901317e9d42-",
        "586ece27-7f09-41e0-9e74-e901317e9d4g",
        "586ece27 7f09 41e0 9e74 e901317e9d42",
    };
    QemuUUID uuid = {{0}}, upper;
    char out[UUID_STR_LEN];

    for (int i = 0; i < ARRAY_SIZE(bad); i++) {
        g_assert_false(qemu_uuid_parse(bad[i], &uuid));
        g_assert_true(qemu_uuid_is_null(&uuid));
    }
    g_assert_true(qemu_uuid_parse(text, &uuid));
    g_assert_cmphex(uuid.data[0], ==, 0x58);
    g_assert_cmphex(uuid.data[15], ==, 0x42);
    g_assert_false(qemu_uuid_is_null(&uuid));
    qemu_uuid_unparse(&uuid, out);
    g_assert_cmpstr(out, ==, text);
    g_autofree char *shouted = g_ascii_strup(text, -1);
    g_assert_true(qemu_uuid_parse(shouted, &upper));
    g_assert_true(qemu_uuid_is_equal(&uuid, &upper));
}

static void test_generate(void)
{
    QemuUUID a, b;
    char text[UUID_STR_LEN];
    g_assert_true(qemu_uuid_generate(&a, NULL) && qemu_uuid_generate(&b, NULL));
    g_assert_false(qemu_uuid_is_equal(&a, &b));
    qemu_uuid_unparse(&a, text);
    g_assert_cmpint(text[14], ==, '4');
    g_assert_nonnull(strchr("89ab", text[19]));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/uuid/parse", test_parse);
    g_test_add_func("/uuid/generate", test_generate);
    return g_test_run();
}
