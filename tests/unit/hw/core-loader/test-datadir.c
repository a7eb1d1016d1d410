/* SPDX-License-Identifier: MIT */
/*
 * The search for firmware files.
 */
#include "qemu/osdep.h"

#include "hw/core/datadir.h"

static void touch(const char *dir, const char *name)
{
    g_autofree char *path = g_build_filename(dir, name, NULL);

    g_assert_true(g_file_set_contents(path, "", 0, NULL));
}

static void expect_found(const char *name, const char *dir, const char *file)
{
    g_autofree char *path = qemu_find_file(name);
    g_autofree char *expected = file ? g_build_filename(dir, file, NULL) : NULL;

    g_assert_cmpstr(path, ==, expected);
}

static void test_search(void)
{
    g_autofree char *a = g_dir_make_tmp("datadir-XXXXXX", NULL);
    g_autofree char *b = g_dir_make_tmp("datadir-XXXXXX", NULL);
    g_autofree char *absolute = g_build_filename(b, "only-b.bin", NULL);
    g_autoptr(GString) list = g_string_new(NULL);
    g_autofree char *expected_list = g_strdup_printf("%s\n%s\n", a, b);
    g_autofree char *remove = g_strdup_printf("rm -r '%s' '%s'", a, b);

    touch(a, "both.bin");
    touch(b, "both.bin");
    touch(b, "only-b.bin");
    expect_found("both.bin", NULL, NULL);
    qemu_add_data_dir(a);
    qemu_add_data_dir(b);
    expect_found("both.bin", a, "both.bin");
    expect_found("only-b.bin", b, "only-b.bin");
    expect_found("neither.bin", NULL, NULL);
    expect_found("", NULL, NULL);
    expect_found(absolute, b, "only-b.bin");
    expect_found("/nonexistent/both.bin", NULL, NULL);
    qemu_list_data_dirs(list);
    g_assert_true(g_str_has_prefix(list->str, expected_list));
    /* A user's directory goes before the place where Debian's package puts OpenSBI. */
    touch(b, "opensbi-riscv64-generic-fw_dynamic.bin");
    expect_found("opensbi-riscv64-generic-fw_dynamic.bin", b,
                 "opensbi-riscv64-generic-fw_dynamic.bin");
    qemu_clear_data_dirs();
    expect_found("both.bin", NULL, NULL);
    g_assert_cmpint(system(remove), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/datadir/search", test_search);
    return g_test_run();
}
