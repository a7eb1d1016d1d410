/* SPDX-License-Identifier: MIT */
/*
 * Where firmware files are found: -L and the usual places.
 *
 * Threads: BQL, during set-up. Tests: tests/unit/hw/core-loader/test-datadir.c.
 */
#ifndef HW_CORE_DATADIR_H
#define HW_CORE_DATADIR_H

#include <glib.h>

/* -L PATH: searched before the usual places, the one added first before the others. */
void qemu_add_data_dir(const char *path);

/**
 * qemu_find_file - find a firmware file by name
 * @name: a path that exists is taken as it is; else a name in one of the directories
 *
 * Searched: those of -L; pc-bios beside the executable (a build tree) or one level up (its source
 * tree); the installed data folder, ../share/tinamou from the executable; QEMU's, /usr/share/qemu.
 * OpenSBI under QEMU's names ("opensbi-riscv64-generic-fw_dynamic.bin") is also found where
 * Debian's opensbi package puts it. Returns its path, g_free() it, or NULL.
 */
char *qemu_find_file(const char *name);

/* `-L help`: the directories, one a line, those that exist. */
void qemu_list_data_dirs(GString *out);

/* Forgets those of -L (unit tests). */
void qemu_clear_data_dirs(void);

#endif
