/* SPDX-License-Identifier: MIT */
/*
 * The search for firmware files; see hw/core/datadir.h.
 *
 * Nothing is fixed at build time: the installation and a build tree are found from the executable,
 * so that either can be moved. Tests: tests/unit/hw/core-loader/test-datadir.c.
 */
#include "qemu/osdep.h"

#include "hw/core/datadir.h"

static GPtrArray *user_dirs; /* [bql] of char *: -L */

/* Names that QEMU gave to files which Debian's opensbi package installs under another. */
static const struct {
    const char *name;
    const char *path;
} aliases[] = {
    {
        "opensbi-riscv64-generic-fw_dynamic.bin",
        "/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin",
    },
    {
        "opensbi-riscv64-generic-fw_dynamic.elf",
        "/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.elf",
    },
};

void qemu_add_data_dir(const char *path)
{
    if (!user_dirs) {
        user_dirs = g_ptr_array_new_with_free_func(g_free);
    }
    g_ptr_array_add(user_dirs, g_strdup(path));
}

void qemu_clear_data_dirs(void)
{
    g_clear_pointer(&user_dirs, g_ptr_array_unref);
}

/* All directories, in the order of the search. */
static GPtrArray *data_dirs(void)
{
    GPtrArray *dirs = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *exe = g_file_read_link("/proc/self/exe", NULL);

    for (unsigned i = 0; user_dirs && i < user_dirs->len; i++) {
        g_ptr_array_add(dirs, g_strdup(g_ptr_array_index(user_dirs, i)));
    }
    if (exe) {
        g_autofree char *exe_dir = g_path_get_dirname(exe);
        g_autofree char *above = g_path_get_dirname(exe_dir);

        g_ptr_array_add(dirs, g_build_filename(exe_dir, "pc-bios", NULL));
        g_ptr_array_add(dirs, g_build_filename(above, "pc-bios", NULL));
        g_ptr_array_add(dirs, g_build_filename(above, "share", "tinamou", NULL));
    }
    g_ptr_array_add(dirs, g_strdup("/usr/share/qemu"));
    return dirs;
}

char *qemu_find_file(const char *name)
{
    g_autoptr(GPtrArray) dirs = NULL;

    if (access(name, R_OK) == 0) {
        return g_strdup(name);
    }
    if (name[0] == '\0' || g_path_is_absolute(name)) {
        return NULL;
    }
    dirs = data_dirs();
    for (unsigned i = 0; i < dirs->len; i++) {
        g_autofree char *path = g_build_filename(g_ptr_array_index(dirs, i), name, NULL);

        if (access(path, R_OK) == 0) {
            return g_steal_pointer(&path);
        }
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(aliases); i++) {
        if (g_str_equal(name, aliases[i].name) && access(aliases[i].path, R_OK) == 0) {
            return g_strdup(aliases[i].path);
        }
    }
    return NULL;
}

void qemu_list_data_dirs(GString *out)
{
    g_autoptr(GPtrArray) dirs = data_dirs();

    for (unsigned i = 0; i < dirs->len; i++) {
        const char *dir = g_ptr_array_index(dirs, i);

        if (g_file_test(dir, G_FILE_TEST_IS_DIR)) {
            g_string_append_printf(out, "%s\n", dir);
        }
    }
}
