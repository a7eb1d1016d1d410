/* SPDX-License-Identifier: MIT */
/*
 * Semihosting's settings: -semihosting and -semihosting-config. Contracts are in
 * system/semihosting.h and hw/core/semihosting.h.
 *
 * Threads: main; [const] once the machine runs. Tests: tests/system/semihosting.py
 */
#include "qemu/osdep.h"
#include "hw/core/boards.h"
#include "hw/core/loader.h"
#include "qemu/cutils.h"
#include "qemu/error.h"
#include "qemu/option.h"
#include "semihosting-internal.h"
#include "system/address-spaces.h"
#include "system/memory.h"

static struct {
    bool enabled;
    bool userspace;   /* user mode may call */
    char *chardev;    /* id, or NULL */
    GString *cmdline; /* of arg=, joined by blanks; NULL: none given */
} config;

/* ---- the command line ---- */

static bool add_arg(const char *name, const char *value, void *opaque, GError **error)
{
    if (!g_str_equal(name, "arg")) {
        return true;
    }
    if (!config.cmdline) {
        config.cmdline = g_string_new(value);
    } else {
        g_string_append_printf(config.cmdline, " %s", value);
    }
    return true;
}

static bool check_target(const char *target, const char *text, GError **error)
{
    if (!target || g_str_equal(target, "native") || g_str_equal(target, "auto")) {
        return true;
    }
    if (g_str_equal(target, "gdb")) {
        error_setg(error, "semihosting through gdb is not supported yet");
    } else {
        error_setg(error, "unsupported semihosting-config %s", text);
    }
    error_append_hint(error, "Use target=native: the emulator carries out the calls.\n");
    return false;
}

bool semihosting_configure(const char *text, GError **error)
{
    g_autoptr(QemuOpts) opts = qemu_opts_parse(text, "enable", QEMU_OPTS_NONE, error);
    const char *target, *chardev;
    bool enable = true;

    if (!opts || !qemu_opt_get_bool(opts, "enable", &enable, error) ||
        !qemu_opt_get_bool(opts, "userspace", &config.userspace, error)) {
        return false;
    }
    target = qemu_opt_get(opts, "target");
    chardev = qemu_opt_get(opts, "chardev");
    qemu_opt_get(opts, "arg");
    if (!qemu_opts_check_unused(opts, error) || !check_target(target, text, error)) {
        return false;
    }
    if (chardev) {
        g_free(config.chardev);
        config.chardev = g_strdup(chardev);
    }
    config.enabled = enable;
    return qemu_opts_foreach(opts, add_arg, NULL, error);
}

/* ---- life ---- */

bool semihosting_start(GError **error)
{
    return !config.enabled || semihosting_console_start(config.chardev, error);
}

void semihosting_cleanup(void)
{
    semihosting_files_cleanup();
    semihosting_console_cleanup();
    config.enabled = false;
    config.userspace = false;
    g_clear_pointer(&config.chardev, g_free);
    if (config.cmdline) {
        g_string_free(g_steal_pointer(&config.cmdline), true);
    }
}

/* ---- what guests may know ---- */

bool semihosting_enabled(bool is_user)
{
    return config.enabled && (!is_user || config.userspace);
}

const char *semihosting_cmdline(void)
{
    const MachineState *machine = machine_get_current();

    if (!config.cmdline) {
        config.cmdline = g_string_new(machine ? machine->kernel_filename : NULL);
        if (machine && machine->kernel_cmdline && *machine->kernel_cmdline) {
            g_string_append_printf(config.cmdline, "%s%s", config.cmdline->len ? " " : "",
                                   machine->kernel_cmdline);
        }
    }
    return config.cmdline->str;
}

bool semihosting_heap(hwaddr *base, uint64_t *size)
{
    const MachineState *machine = machine_get_current();

    if (!machine || !machine->ram || machine->ram->container != get_system_memory()) {
        return false;
    }
    rom_find_gap(machine->ram->addr, memory_region_size(machine->ram), base, size);
    return *size != 0;
}
