/* SPDX-License-Identifier: MIT */
/*
 * What each option does: it notes what was asked for, for the phases of vl.c. Nothing is made here,
 * so that an error in the last option leaves nothing behind.
 *
 * Lists ("-device help") are in option-lists.c, defaults of the console in console.c.
 * Threads: none but main. Tests: tests/unit/system/test-options.c, tests/system/bad-input.tsv
 */
#include "qemu/osdep.h"
#include "config.h"
#include "hw/core/datadir.h"
#include "hw/core/qdev-properties.h"
#include "option-lists.h"
#include "qemu/cutils.h"
#include "qemu/error.h"
#include "system/block.h"
#include "system/chardev.h"
#include "system/gdbstub.h"
#include "system/identity.h"
#include "system/runstate.h"
#include "system/semihosting.h"

/* ---- QemuConfig ---- */

static void clear_arg(void *opaque)
{
    OptionArg *arg = opaque;

    g_free(arg->option);
    g_free(arg->value);
}

QemuConfig *qemu_config_new(void)
{
    QemuConfig *config = g_new0(QemuConfig, 1);

    config->machine = qemu_opts_new();
    for (int i = 0; i < LIST_COUNT; i++) {
        config->lists[i] = g_array_new(false, true, sizeof(OptionArg));
        g_array_set_clear_func(config->lists[i], clear_arg);
    }
    return config;
}

void qemu_config_free(QemuConfig *config)
{
    qemu_opts_free(config->machine);
    for (int i = 0; i < LIST_COUNT; i++) {
        g_array_unref(config->lists[i]);
    }
    g_free(config->cpu);
    g_free(config->pidfile);
    g_free(config->log_items);
    g_free(config->log_file);
    g_free(config->log_filter);
    g_free(config->seed);
    g_free(config->icount_text);
    g_clear_pointer(&config->icount, qemu_opts_free);
    g_free(config->process_name);
    g_free(config);
}

const OptionArg *qemu_config_get(const QemuConfig *config, OptionList list, unsigned i)
{
    return i < config->lists[list]->len ? &g_array_index(config->lists[list], OptionArg, i) : NULL;
}

/* To be carried out by the phase that owns @list. */
static bool defer(QemuConfig *config, OptionList list, const char *option, const char *value)
{
    OptionArg arg = {g_strdup(option), g_strdup(value)};

    g_array_append_val(config->lists[list], arg);
    return true;
}

/* "-option value: " before the message. */
static bool located(bool ok, const char *option, const char *value, GError **error)
{
    if (!ok) {
        error_prefix(error, "%s %s: ", option, value);
    }
    return ok;
}

/* ---- lists ---- */

bool option_help(QemuConfig *config, const char *option, const char *value, GError **error)
{
    config->done = true;
    return option_list_print(options_print_help);
}

bool option_version(QemuConfig *config, const char *option, const char *value, GError **error)
{
    config->done = true;
    return option_list_print(options_print_version);
}

/* ---- machine ---- */

static bool set_pair(const char *name, const char *value, void *opaque, GError **error)
{
    qemu_opt_set(opaque, name, value);
    return true;
}

bool option_machine(QemuConfig *config, const char *option, const char *value, GError **error)
{
    g_autoptr(QemuOpts) opts = qemu_opts_parse(value, "type", QEMU_OPTS_NONE, error);

    if (!opts) {
        return located(false, option, value, error);
    }
    if (qemu_opts_has_help(opts)) {
        config->done = true;
        return option_list_machine(opts, error);
    }
    return qemu_opts_foreach(opts, set_pair, config->machine, error);
}

/* An option that is short for a property of the machine. */
static bool set_machine(QemuConfig *config, const char *property, const char *value)
{
    qemu_opt_set(config->machine, property, value);
    return true;
}

bool option_kernel(QemuConfig *config, const char *option, const char *value, GError **error)
{
    return set_machine(config, "kernel", value);
}

bool option_append(QemuConfig *config, const char *option, const char *value, GError **error)
{
    return set_machine(config, "append", value);
}

bool option_initrd(QemuConfig *config, const char *option, const char *value, GError **error)
{
    return set_machine(config, "initrd", value);
}

bool option_dtb(QemuConfig *config, const char *option, const char *value, GError **error)
{
    return set_machine(config, "dtb", value);
}

bool option_bios(QemuConfig *config, const char *option, const char *value, GError **error)
{
    return set_machine(config, "firmware", value);
}

bool option_usb(QemuConfig *config, const char *option, const char *value, GError **error)
{
    return set_machine(config, "usb", "on");
}

static bool set_smp_pair(const char *name, const char *value, void *opaque, GError **error)
{
    g_autofree char *property = g_strconcat("smp.", name, NULL);

    qemu_opt_set(opaque, property, value);
    return true;
}

bool option_smp(QemuConfig *config, const char *option, const char *value, GError **error)
{
    g_autoptr(QemuOpts) opts = qemu_opts_parse(value, "cpus", QEMU_OPTS_NONE, error);

    return opts ? qemu_opts_foreach(opts, set_smp_pair, config->machine, error) :
                  located(false, option, value, error);
}

static bool set_memory(QemuConfig *config, QemuOpts *opts, GError **error)
{
    static const struct {
        const char *key, *property;
        bool (*parse)(const char *name, const char *text, uint64_t *value, GError **error);
    } members[] = {
        {"size", "memory.size", parse_option_size_mib},
        {"maxmem", "memory.max-size", parse_option_size_mib},
        {"slots", "memory.slots", parse_option_number},
    };

    for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
        const char *text = qemu_opt_get(opts, members[i].key);
        g_autofree char *number = NULL;
        uint64_t n;

        if (!text) {
            continue;
        }
        if (!members[i].parse(members[i].key, text, &n, error)) {
            return false;
        }
        if (i == 0 && n == 0) {
            continue; /* -m 0 is the default size */
        }
        number = g_strdup_printf("%" PRIu64, n);
        qemu_opt_set(config->machine, members[i].property, number);
    }
    return qemu_opts_check_unused(opts, error);
}

bool option_memory(QemuConfig *config, const char *option, const char *value, GError **error)
{
    g_autoptr(QemuOpts) opts = qemu_opts_parse(value, "size", QEMU_OPTS_NONE, error);

    return located(opts && set_memory(config, opts, error), option, value, error);
}

/* Letters of drives, none twice. */
static bool check_boot_order(QemuOpts *opts, const char *key, GError **error)
{
    const char *order = qemu_opt_get(opts, key);

    for (const char *p = order; p && *p; p++) {
        if (*p < 'a' || *p > 'p') {
            error_setg(error, "Invalid boot device '%c'", *p);
            return false;
        }
        if (memchr(order, *p, p - order)) {
            error_setg(error, "Boot device '%c' was given twice", *p);
            return false;
        }
    }
    return true;
}

bool option_boot(QemuConfig *config, const char *option, const char *value, GError **error)
{
    g_autoptr(QemuOpts) opts = qemu_opts_parse(value, "order", QEMU_OPTS_NONE, error);
    uint64_t time_ms;
    bool flag;

    if (!opts) {
        return located(false, option, value, error);
    }
    qemu_opt_get(opts, "splash");
    return check_boot_order(opts, "order", error) && check_boot_order(opts, "once", error) &&
           qemu_opt_get_bool(opts, "menu", &flag, error) &&
           qemu_opt_get_bool(opts, "strict", &flag, error) &&
           qemu_opt_get_range(opts, "splash-time", 0, UINT16_MAX, &time_ms, error) &&
           qemu_opt_get_range(opts, "reboot-timeout", 0, UINT16_MAX, &time_ms, error) &&
           located(qemu_opts_check_unused(opts, error), option, value, error);
}

bool option_cpu(QemuConfig *config, const char *option, const char *value, GError **error)
{
    if (is_help_option(value) || g_str_has_suffix(value, ",help")) {
        config->done = true;
        return option_list_cpu(value, error);
    }
    g_free(config->cpu);
    config->cpu = g_strdup(value);
    return true;
}

bool option_accel(QemuConfig *config, const char *option, const char *value, GError **error)
{
    if (is_help_option(value)) {
        config->done = true;
        return option_list_print(option_list_accel);
    }
    return defer(config, LIST_ACCEL, option, value);
}

bool option_enable_kvm(QemuConfig *config, const char *option, const char *value, GError **error)
{
    /* As a property of the machine, so that the message is QEMU's: it names no option. */
    return set_machine(config, "accel", "kvm");
}

/* "driver.property=value", or the three as keys when a name has a dot in it. */
bool option_global(QemuConfig *config, const char *option, const char *value, GError **error)
{
    const char *dot = strchr(value, '.');
    const char *equals = strchr(value, '=');
    g_autoptr(QemuOpts) opts = NULL;
    const char *driver, *property, *text;

    if (dot && equals && dot < equals) {
        g_autofree char *d = g_strndup(value, dot - value);
        g_autofree char *p = g_strndup(dot + 1, equals - dot - 1);

        qdev_prop_register_global(d, p, equals + 1);
        return true;
    }
    opts = qemu_opts_parse(value, NULL, QEMU_OPTS_NONE, error);
    if (!opts || !(driver = qemu_opt_get_required(opts, "driver", error)) ||
        !(property = qemu_opt_get_required(opts, "property", error)) ||
        !(text = qemu_opt_get_required(opts, "value", error)) ||
        !qemu_opts_check_unused(opts, error)) {
        error_append_hint(error, "The form is '-global DRIVER.PROPERTY=VALUE'.\n");
        return located(false, option, value, error);
    }
    qdev_prop_register_global(driver, property, text);
    return true;
}

bool option_device(QemuConfig *config, const char *option, const char *value, GError **error)
{
    g_autoptr(QemuOpts) opts = qemu_opts_parse(value, "driver", QEMU_OPTS_NONE, error);

    if (!opts) {
        return located(false, option, value, error);
    }
    if (qemu_opts_has_help(opts)) {
        config->done = true;
        return located(option_list_device(opts, error), option, value, error);
    }
    return defer(config, LIST_DEVICE, option, value);
}

bool option_object(QemuConfig *config, const char *option, const char *value, GError **error)
{
    g_autoptr(QemuOpts) opts = qemu_opts_parse(value, "qom-type", QEMU_OPTS_NONE, error);

    if (!opts) {
        return located(false, option, value, error);
    }
    if (qemu_opts_has_help(opts)) {
        config->done = true;
        return located(option_list_object(opts, error), option, value, error);
    }
    return defer(config, LIST_OBJECT, option, value);
}

static bool set_name(QemuConfig *config, QemuOpts *opts, GError **error)
{
    bool debug_threads; /* threads always have names */
    const char *guest = qemu_opt_get(opts, "guest");
    const char *process = qemu_opt_get(opts, "process");

    if (!qemu_opt_get_bool(opts, "debug-threads", &debug_threads, error) ||
        !qemu_opts_check_unused(opts, error)) {
        return false;
    }
    if (guest) {
        qemu_set_guest_name(guest);
    }
    if (process) {
        g_free(config->process_name);
        config->process_name = g_strdup(process);
    }
    return true;
}

bool option_name(QemuConfig *config, const char *option, const char *value, GError **error)
{
    g_autoptr(QemuOpts) opts = qemu_opts_parse(value, "guest", QEMU_OPTS_NONE, error);

    return located(opts && set_name(config, opts, error), option, value, error);
}

bool option_uuid(QemuConfig *config, const char *option, const char *value, GError **error)
{
    QemuUUID uuid;

    if (!qemu_uuid_parse(value, &uuid)) {
        error_setg(error, "failed to parse UUID string: wrong format");
        error_append_hint(error, "The form is 01234567-89ab-cdef-0123-456789abcdef.\n");
        return located(false, option, value, error);
    }
    qemu_set_uuid(&uuid);
    return true;
}

/* ---- disks, networks ---- */

bool option_disk_image(QemuConfig *config, const char *option, const char *value, GError **error)
{
    int fd = qemu_open(value, O_RDONLY, error);

    if (fd >= 0) {
        close(fd);
        error_setg(error, "this machine has no PCI bus yet, where such a disk would go");
        error_append_hint(error,
                          "Use -drive file=%s,format=raw,if=none,id=hd0 "
                          "-device virtio-blk-device,drive=hd0\n",
                          value);
    }
    if (option == value) {
        error_prefix(error, "%s: ", value);
        return false;
    }
    return located(false, option, value, error);
}

bool option_blockdev(QemuConfig *config, const char *option, const char *value, GError **error)
{
    return defer(config, LIST_BLOCKDEV, option, value);
}

bool option_drive(QemuConfig *config, const char *option, const char *value, GError **error)
{
    return defer(config, LIST_DRIVE, option, value);
}

bool option_snapshot(QemuConfig *config, const char *option, const char *value, GError **error)
{
    config->snapshot = true;
    drive_set_snapshot_default(true);
    return true;
}

bool option_netdev(QemuConfig *config, const char *option, const char *value, GError **error)
{
    if (is_help_option(value)) {
        config->done = true;
        return option_list_netdev();
    }
    return defer(config, LIST_NETDEV, option, value);
}

bool option_nic(QemuConfig *config, const char *option, const char *value, GError **error)
{
    if (!g_str_equal(value, "none")) {
        warn_report("requested NIC was not created (not supported by this machine?): use "
                    "-netdev user,id=net0 -device virtio-net-device,netdev=net0");
    }
    return true;
}

/* ---- the console ---- */

bool option_display(QemuConfig *config, const char *option, const char *value, GError **error)
{
    if (is_help_option(value)) {
        config->done = true;
        return option_list_print(option_list_display);
    }
    if (!g_str_equal(value, "none")) {
        error_setg(error, "Parameter 'type' does not accept value '%s'", value);
        error_append_hint(error, "There is no display yet: '-display none' is all there is.\n");
        return located(false, option, value, error);
    }
    config->display_chosen = true;
    return true;
}

bool option_nographic(QemuConfig *config, const char *option, const char *value, GError **error)
{
    config->nographic = config->display_chosen = true;
    return set_machine(config, "graphics", "off");
}

bool option_vga(QemuConfig *config, const char *option, const char *value, GError **error)
{
    static const char *const known[] = {"std", "cirrus", "virtio", NULL};

    if (g_str_equal(value, "none")) {
        return true;
    }
    if (g_strv_contains(known, value)) {
        error_setg(error, "%s %s: there is no display yet", option, value);
        error_append_hint(error, "Use '-vga none', or leave it out.\n");
    } else {
        error_setg(error, "unknown vga type: %s", value);
    }
    return false;
}

bool option_chardev(QemuConfig *config, const char *option, const char *value, GError **error)
{
    if (is_help_option(value)) {
        config->done = true;
        return option_list_print(qemu_chr_print_types);
    }
    return defer(config, LIST_CHARDEV, option, value);
}

bool option_serial(QemuConfig *config, const char *option, const char *value, GError **error)
{
    config->serial_chosen = true;
    config->monitor_chosen |= g_str_has_prefix(value, "mon:");
    return defer(config, LIST_SERIAL, option, value);
}

bool option_parallel(QemuConfig *config, const char *option, const char *value, GError **error)
{
    if (g_str_equal(value, "none") || g_str_equal(value, "null")) {
        return true;
    }
    error_setg(error, "this machine has no parallel port");
    error_append_hint(error, "'-parallel none' is accepted.\n");
    return located(false, option, value, error);
}

bool option_monitor(QemuConfig *config, const char *option, const char *value, GError **error)
{
    config->monitor_chosen = true;
    return g_str_equal(value, "none") || defer(config, LIST_MONITOR, option, value);
}

bool option_mon(QemuConfig *config, const char *option, const char *value, GError **error)
{
    config->monitor_chosen = true;
    return defer(config, LIST_MONITOR, option, value);
}

bool option_echr(QemuConfig *config, const char *option, const char *value, GError **error)
{
    int c;

    if (qemu_strtoi(value, NULL, 0, &c) != 0 || c < 1 || c > UINT8_MAX) {
        error_setg(error, "Bad argument to echr");
        error_append_hint(error, "It takes the number of a character: 1 is ctrl-a, 2 ctrl-b.\n");
        return located(false, option, value, error);
    }
    chardev_mux_set_escape(c);
    return true;
}

/* ---- logging ---- */

static bool replace(char **where, const char *value)
{
    g_free(*where);
    *where = g_strdup(value);
    return true;
}

bool option_d(QemuConfig *config, const char *option, const char *value, GError **error)
{
    if (is_help_option(value) || g_str_equal(value, "trace:help")) {
        config->done = true;
        return option_list_log(value);
    }
    return replace(&config->log_items, value);
}

bool option_D(QemuConfig *config, const char *option, const char *value, GError **error)
{
    return replace(&config->log_file, value);
}

bool option_dfilter(QemuConfig *config, const char *option, const char *value, GError **error)
{
    return replace(&config->log_filter, value);
}

bool option_trace(QemuConfig *config, const char *option, const char *value, GError **error)
{
    if (is_help_option(value)) {
        config->done = true;
        return option_list_trace();
    }
    return defer(config, LIST_TRACE, option, value);
}

bool option_msg(QemuConfig *config, const char *option, const char *value, GError **error)
{
    g_autoptr(QemuOpts) opts = qemu_opts_parse(value, NULL, QEMU_OPTS_NONE, error);
    bool timestamp = false;

    if (!opts || !qemu_opt_get_bool(opts, "timestamp", &timestamp, error) ||
        !qemu_opts_check_unused(opts, error)) {
        return located(false, option, value, error);
    }
    error_set_timestamps(timestamp);
    return true;
}

/* ---- running ---- */

bool option_S(QemuConfig *config, const char *option, const char *value, GError **error)
{
    config->start_paused = true;
    return true;
}

bool option_gdb(QemuConfig *config, const char *option, const char *value, GError **error)
{
    return defer(config, LIST_GDB, option, value);
}

bool option_s(QemuConfig *config, const char *option, const char *value, GError **error)
{
    return defer(config, LIST_GDB, "-gdb", GDBSERVER_DEFAULT_DEVICE);
}

/* Several add up, the last word on a key counts. */
bool option_icount(QemuConfig *config, const char *option, const char *value, GError **error)
{
    g_autoptr(QemuOpts) opts = qemu_opts_parse(value, "shift", QEMU_OPTS_NONE, error);

    if (!opts) {
        return located(false, option, value, error);
    }
    if (!config->icount) {
        config->icount = qemu_opts_new();
    }
    return replace(&config->icount_text, value) &&
           qemu_opts_foreach(opts, set_pair, config->icount, error);
}

bool option_perfmap(QemuConfig *config, const char *option, const char *value, GError **error)
{
    config->perfmap = true;
    return true;
}

bool option_jitdump(QemuConfig *config, const char *option, const char *value, GError **error)
{
    config->jitdump = true;
    return true;
}

bool option_seed(QemuConfig *config, const char *option, const char *value, GError **error)
{
    return replace(&config->seed, value);
}

bool option_semihosting(QemuConfig *config, const char *option, const char *value, GError **error)
{
    return semihosting_configure("enable=on", error);
}

bool option_semihosting_config(QemuConfig *config, const char *option, const char *value,
                               GError **error)
{
    return located(semihosting_configure(value, error), option, value, error);
}

bool option_L(QemuConfig *config, const char *option, const char *value, GError **error)
{
    if (is_help_option(value)) {
        config->done = true;
        return option_list_print(qemu_list_data_dirs);
    }
    qemu_add_data_dir(value);
    return true;
}

bool option_no_reboot(QemuConfig *config, const char *option, const char *value, GError **error)
{
    return runstate_set_action("reboot", "shutdown", error);
}

bool option_no_shutdown(QemuConfig *config, const char *option, const char *value, GError **error)
{
    return runstate_set_action("shutdown", "pause", error);
}

static bool set_action(const char *name, const char *value, void *opaque, GError **error)
{
    return runstate_set_action(name, value, error);
}

bool option_action(QemuConfig *config, const char *option, const char *value, GError **error)
{
    g_autoptr(QemuOpts) opts = qemu_opts_parse(value, NULL, QEMU_OPTS_NONE, error);

    return located(opts && qemu_opts_foreach(opts, set_action, NULL, error), option, value, error);
}

bool option_watchdog_action(QemuConfig *config, const char *option, const char *value,
                            GError **error)
{
    return located(runstate_set_action("watchdog", value, error), option, value, error);
}

/* For the devices that are real-time clocks: their own properties say the rest. */
bool option_rtc(QemuConfig *config, const char *option, const char *value, GError **error)
{
    static const char *const clocks[] = {"host", "rt", "vm", NULL};
    g_autoptr(QemuOpts) opts = qemu_opts_parse(value, NULL, QEMU_OPTS_NONE, error);
    const char *base, *clock;

    if (!opts) {
        return located(false, option, value, error);
    }
    base = qemu_opt_get(opts, "base");
    clock = qemu_opt_get(opts, "clock");
    if (!qemu_opts_check_unused(opts, error)) {
        return located(false, option, value, error);
    }
    if (clock && !g_strv_contains(clocks, clock)) {
        error_setg(error, "invalid option value '%s'", clock);
        error_append_hint(error, "'-rtc clock=' takes host, rt or vm.\n");
        return false;
    }
    if (base) {
        qdev_prop_register_global("goldfish_rtc", "base", base);
    }
    if (clock) {
        qdev_prop_register_global("goldfish_rtc", "clock", clock);
    }
    return true;
}

bool option_overcommit(QemuConfig *config, const char *option, const char *value, GError **error)
{
    static const char *const words[] = {"off", "on", "on-fault", NULL}; /* MemoryLock's order */
    g_autoptr(QemuOpts) opts = qemu_opts_parse(value, NULL, QEMU_OPTS_NONE, error);
    bool cpu_pm; /* a hint to hypervisors: nothing to do */

    return located(opts &&
                       qemu_opt_get_enum(opts, "mem-lock", words, &config->memory_lock, error) &&
                       qemu_opt_get_bool(opts, "cpu-pm", &cpu_pm, error) &&
                       qemu_opts_check_unused(opts, error),
                   option, value, error);
}

bool option_pidfile(QemuConfig *config, const char *option, const char *value, GError **error)
{
    return replace(&config->pidfile, value);
}

bool option_daemonize(QemuConfig *config, const char *option, const char *value, GError **error)
{
    config->daemonize = true;
    return true;
}

bool option_nodefaults(QemuConfig *config, const char *option, const char *value, GError **error)
{
    config->no_defaults = true;
    return true;
}

bool option_no_user_config(QemuConfig *config, const char *option, const char *value,
                           GError **error)
{
    return true;
}

bool option_sandbox(QemuConfig *config, const char *option, const char *value, GError **error)
{
    static const char *const details[] = {"obsolete", "elevateprivileges", "spawn",
                                          "resourcecontrol"};
    g_autoptr(QemuOpts) opts = qemu_opts_parse(value, "enable", QEMU_OPTS_NONE, error);
    bool enable = false;

    if (!opts || !qemu_opt_get_bool(opts, "enable", &enable, error)) {
        return located(false, option, value, error);
    }
    for (size_t i = 0; i < ARRAY_SIZE(details); i++) {
        qemu_opt_get(opts, details[i]);
    }
    if (!qemu_opts_check_unused(opts, error)) {
        return located(false, option, value, error);
    }
    if (enable) {
        warn_report("there is no sandbox yet: system calls are not restricted");
    }
    return true;
}
