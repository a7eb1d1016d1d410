/* SPDX-License-Identifier: MIT */
/*
 * Serial ports and monitors. Contracts are in console.h.
 *
 * Threads: BQL, main. Tests: tests/system/bad-input.tsv, terminal.py
 */
#include "qemu/osdep.h"
#include "console.h"
#include "hw/core/runstate.h"
#include "qemu/error.h"
#include "system/block.h"
#include "system/chardev.h"
#include "system/monitor.h"

static bool snapshot; /* [const] after set-up: -snapshot was given */

/* Ctrl-A x */
static void quit(void)
{
    qemu_system_shutdown_request(SHUTDOWN_CAUSE_HOST_QMP_QUIT);
}

/* Ctrl-A s; without -snapshot nothing is held back */
static void commit(void)
{
    blk_drain_all();
    blk_flush_all();
    if (snapshot) {
        warn_report("the changes that -snapshot holds back cannot be saved yet");
    }
}

void console_prepare(const QemuConfig *config)
{
    snapshot = config->snapshot;
    chardev_mux_set_hooks(quit, commit);
    if (config->nographic) {
        /* Ctrl-C is the guest's. */
        chardev_stdio_set_signal_default(false);
    }
    if (config->daemonize) {
        chardev_stdio_forbid();
    }
}

static void add(QemuConfig *config, OptionList list, const char *value)
{
    /* No option: its messages name none. */
    OptionArg arg = {NULL, g_strdup(value)};

    g_array_append_val(config->lists[list], arg);
}

bool console_check(const QemuConfig *config, GError **error)
{
    if (config->daemonize && config->nographic) {
        error_setg(error, "-nographic cannot be used with -daemonize");
        error_append_hint(error, "Use -display none with -serial and -monitor instead.\n");
        return false;
    }
    return true;
}

void console_add_defaults(QemuConfig *config)
{
    bool serial = !config->no_defaults && !config->serial_chosen;
    bool monitor = !config->no_defaults && !config->monitor_chosen;

    if (config->nographic) {
        if (serial && monitor) {
            add(config, LIST_SERIAL, "mon:stdio");
        } else if (serial) {
            add(config, LIST_SERIAL, "stdio");
        } else if (monitor) {
            add(config, LIST_MONITOR, "stdio");
        }
    } else if (serial) {
        add(config, LIST_SERIAL, "null");
    }
}

void console_warn(const QemuConfig *config)
{
    if (!config->display_chosen && !config->no_defaults && !config->serial_chosen) {
        warn_report("there is no display yet, so nobody sees the console: use -nographic");
    }
}

static bool add_monitor_on(Chardev *chr, GError **error)
{
    return monitor_init_hmp(chr, true, error);
}

static bool create_monitor(const char *text, unsigned index, GError **error)
{
    g_autofree char *label = g_strdup_printf("compat_monitor%u", index);
    bool with_monitor; /* "mon:" asks for what is done anyway */
    Chardev *chr = qemu_chr_new(label, text, &with_monitor, error);

    return chr && add_monitor_on(chr, error);
}

/* -mon [chardev=]NAME[,mode=readline] */
static bool create_mon(const char *text, GError **error)
{
    g_autoptr(QemuOpts) opts = qemu_opts_parse(text, "chardev", QEMU_OPTS_NONE, error);
    const char *id, *mode;
    bool pretty;
    Chardev *chr;

    if (!opts) {
        return false;
    }
    id = qemu_opt_get(opts, "chardev");
    mode = qemu_opt_get(opts, "mode");
    if (!qemu_opt_get_bool(opts, "pretty", &pretty, error) ||
        !qemu_opts_check_unused(opts, error)) {
        return false;
    }
    if (mode && !g_str_equal(mode, "readline")) {
        error_setg(error, "unknown monitor mode \"%s\"", mode);
        error_append_hint(error, "'readline' is the only one yet.\n");
        return false;
    }
    chr = id ? qemu_chr_find(id) : NULL;
    if (!chr) {
        error_setg(error, "chardev \"%s\" not found", id ? id : "");
        error_append_hint(error, "Add '-chardev KIND,id=%s'.\n", id ? id : "NAME");
        return false;
    }
    return add_monitor_on(chr, error);
}

static bool create_serial(const char *text, unsigned index, GError **error)
{
    g_autofree char *label = g_strdup_printf("serial%u", index);
    bool with_monitor = false;
    Chardev *chr = NULL;

    if (!g_str_equal(text, "none")) {
        chr = qemu_chr_new(label, text, &with_monitor, error);
        if (!chr || (with_monitor && !add_monitor_on(chr, error))) {
            return false;
        }
    }
    if (!serial_hd_add(chr)) {
        error_setg(error, "too many serial ports");
        return false;
    }
    return true;
}

/* Puts the option, if there was one, before a message. */
static bool located(bool ok, const OptionArg *arg, GError **error)
{
    if (!ok && arg->option) {
        error_prefix(error, "%s %s: ", arg->option, arg->value);
    }
    return ok;
}

bool console_create(const QemuConfig *config, GError **error)
{
    const OptionArg *arg;

    for (unsigned i = 0; (arg = qemu_config_get(config, LIST_MONITOR, i)); i++) {
        bool is_mon = arg->option && g_str_has_suffix(arg->option, "mon");

        if (!located(is_mon ? create_mon(arg->value, error) : create_monitor(arg->value, i, error),
                     arg, error)) {
            return false;
        }
    }
    for (unsigned i = 0; (arg = qemu_config_get(config, LIST_SERIAL, i)); i++) {
        if (!located(create_serial(arg->value, i, error), arg, error)) {
            return false;
        }
    }
    return true;
}
