/* SPDX-License-Identifier: MIT */
/*
 * From the command line to a running machine, in phases; and back.
 *
 * Each phase is a function that either completes or fails with the error that main() prints; what
 * it made is undone by qemu_cleanup(), in the reverse order. This file decides the order of things
 * and nothing else: options are config.c's, serial ports and monitors console.c's.
 * Threads: main; the BQL is held from the main loop's phase on.
 * Tests: tests/system/bad-input.tsv, exit-status.py
 */
#include "qemu/osdep.h"
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include "accel/tcg/icount.h"
#include "accel/tcg/perf.h"
#include "config.h"
#include "console.h"
#include "daemon.h"
#include "hw/core/boards.h"
#include "hw/core/loader.h"
#include "hw/core/qdev-properties.h"
#include "hw/core/qdev.h"
#include "qemu/error.h"
#include "qemu/guest-random.h"
#include "qemu/log.h"
#include "qemu/main-loop.h"
#include "qemu/trace.h"
#include "qom/object_interfaces.h"
#include "system/address-spaces.h"
#include "system/block.h"
#include "system/chardev.h"
#include "system/cpus.h"
#include "system/gdbstub.h"
#include "system/monitor.h"
#include "system/net.h"
#include "system/runstate.h"
#include "system/semihosting.h"
#include "target/riscv/cpu-qom.h"
#include "vl.h"

static bool main_loop_made; /* [bql] what qemu_cleanup() has to undo */

/* ---- helpers ---- */

typedef bool OptionCarryOut(const OptionArg *arg, void *opaque, GError **error);

/* Carry out a list in the order of the command line; messages begin with the option. */
static bool for_each_option(const QemuConfig *config, OptionList list, OptionCarryOut *carry_out,
                            void *opaque, GError **error)
{
    const OptionArg *arg;

    for (unsigned i = 0; (arg = qemu_config_get(config, list, i)); i++) {
        ErrorLocation location;
        bool ok;

        error_location_push(&location, "%s %s", arg->option, arg->value);
        ok = carry_out(arg, opaque, error);
        error_location_pop(&location);
        if (!ok) {
            error_prefix(error, "%s %s: ", arg->option, arg->value);
            return false;
        }
    }
    return true;
}

/* ---- the process ---- */

static bool lock_memory(MemoryLock lock, GError **error)
{
    int flags = MCL_CURRENT | MCL_FUTURE | (lock == MEMORY_LOCK_ON_FAULT ? MCL_ONFAULT : 0);

    if (lock != MEMORY_LOCK_OFF && mlockall(flags) != 0) {
        error_setg_errno(error, errno, "-overcommit mem-lock: locking memory failed");
        error_append_hint(error, "'ulimit -l' is the limit.\n");
        return false;
    }
    return true;
}

static bool enable_trace(const OptionArg *arg, void *opaque, GError **error)
{
    g_autoptr(QemuOpts) opts = qemu_opts_parse(arg->value, "enable", QEMU_OPTS_NONE, error);
    const char *pattern, *events, *file;

    if (!opts) {
        return false;
    }
    pattern = qemu_opt_get(opts, "enable");
    events = qemu_opt_get(opts, "events");
    file = qemu_opt_get(opts, "file");
    if (!qemu_opts_check_unused(opts, error) || (file && !qemu_set_log_filename(file, error))) {
        return false;
    }
    if (pattern && !trace_enable_events(pattern) && !strchr(pattern, '*')) {
        warn_report("trace event '%s' does not exist", pattern);
    }
    if (events) {
        g_autofree char *text = NULL;
        g_auto(GStrv) lines = NULL;

        if (!g_file_get_contents(events, &text, NULL, error)) {
            return false;
        }
        lines = g_strsplit(text, "\n", -1);
        for (char **line = lines; *line; line++) {
            if (**line && **line != '#') {
                trace_enable_events(g_strstrip(*line));
            }
        }
    }
    return true;
}

static bool phase_logging(const QemuConfig *config, GError **error)
{
    unsigned mask = 0;

    if (config->log_items) {
        mask = qemu_str_to_log_mask(config->log_items);
        if (!mask) {
            error_setg(error, "-d %s: unknown log item", config->log_items);
            error_append_hint(error, "'-d help' lists them.\n");
            return false;
        }
    }
    if (!qemu_set_dfilter_ranges(config->log_filter, error)) {
        error_prefix(error, "-dfilter %s: ", config->log_filter);
        return false;
    }
    if ((config->log_file && !qemu_set_log_filename(config->log_file, error)) ||
        (mask && !qemu_set_log(mask, error))) {
        error_prefix(error, "-D %s: ", config->log_file ? config->log_file : "stderr");
        return false;
    }
    return for_each_option(config, LIST_TRACE, enable_trace, NULL, error);
}

static bool phase_process(const QemuConfig *config, GError **error)
{
    signal(SIGPIPE, SIG_IGN); /* a reader that goes is an error of write() */
    if (config->process_name) {
        prctl(PR_SET_NAME, config->process_name);
    }
    if (config->seed && !qemu_guest_random_seed_main(config->seed, error)) {
        error_prefix(error, "-seed %s: ", config->seed);
        return false;
    }
    if (!lock_memory(config->memory_lock, error) || !main_loop_init(error)) {
        return false;
    }
    main_loop_made = true;
    return (!config->pidfile || pidfile_create(config->pidfile, error)) &&
           (!config->perfmap || perf_enable_map(error)) &&
           (!config->jitdump || perf_enable_jitdump(error));
}

/* ---- accelerator ---- */

/* What was asked for, in the order of preference: an element names the option or NULL. */
typedef struct AccelChoice {
    const char *option;
    QemuOpts *opts;
    char *name;
} AccelChoice;

static void clear_choice(void *opaque)
{
    AccelChoice *choice = opaque;

    g_clear_pointer(&choice->opts, qemu_opts_free);
    g_free(choice->name);
}

static GArray *accel_choices(const QemuConfig *config, GError **error)
{
    GArray *choices = g_array_new(false, true, sizeof(AccelChoice));
    const char *list = qemu_opt_get(config->machine, "accel");
    const OptionArg *arg;

    g_array_set_clear_func(choices, clear_choice);
    if (list && qemu_config_get(config, LIST_ACCEL, 0)) {
        error_setg(error, "The -accel and \"-machine accel=\" options are incompatible");
        g_array_unref(choices);
        return NULL;
    }
    for (unsigned i = 0; (arg = qemu_config_get(config, LIST_ACCEL, i)); i++) {
        AccelChoice choice = {.option = arg->value};

        choice.opts = qemu_opts_parse(arg->value, "accel", QEMU_OPTS_NONE, error);
        if (!choice.opts) {
            g_array_unref(choices);
            return NULL;
        }
        choice.name = g_strdup(qemu_opt_get(choice.opts, "accel"));
        g_array_append_val(choices, choice);
    }
    if (!choices->len) {
        g_auto(GStrv) names = g_strsplit(list ? list : "tcg", ":", -1);

        for (char **name = names; *name; name++) {
            AccelChoice choice = {.name = g_strdup(*name)};

            g_array_append_val(choices, choice);
        }
    }
    return choices;
}

static bool set_up_icount(const QemuConfig *config, GError **error)
{
    if (config->icount && !icount_configure(config->icount, error)) {
        error_prefix(error, "-icount %s: ", config->icount_text);
        return false;
    }
    return true;
}

/* The first that exists; those before it are told about, as QEMU does. */
static bool phase_accel(const QemuConfig *config, GError **error)
{
    g_autoptr(GArray) choices = accel_choices(config, error);
    bool fell_back = false;

    for (guint i = 0; choices && i < choices->len; i++) {
        AccelChoice *choice = &g_array_index(choices, AccelChoice, i);
        GError *failure = NULL;

        if (accel_init_machine(choice->name ? choice->name : "", choice->opts, &failure)) {
            if (fell_back) {
                error_report("falling back to %s", choice->name);
            }
            return true;
        }
        if (choice->option) {
            error_prefix(&failure, "-accel %s: ", choice->option);
        }
        if (i + 1 == choices->len) {
            if (!choice->name || !accel_exists(choice->name)) {
                error_append_hint(&failure, "'-accel help' lists those that exist.\n");
            }
            g_propagate_error(error, failure);
            return false;
        }
        error_report_err(failure);
        fell_back = true;
    }
    return false;
}

/* ---- machine ---- */

static MachineClass *select_machine(const QemuConfig *config, GError **error)
{
    const char *name = qemu_opt_get(config->machine, "type");
    MachineClass *mc = name ? machine_class_find(name, error) : machine_class_default();

    if (!mc && !name) {
        error_setg(error, "No machine specified, and there is no default");
        error_append_hint(error, "Use -machine help to list supported machines\n");
    }
    return mc;
}

/* "model,prop=value": the type for the machine, the properties for all harts of it. */
static bool set_cpu(MachineState *machine, const char *text, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(text, ",", -1);
    g_autofree char *type = g_strconcat(parts[0] ? parts[0] : "", RISCV_CPU_TYPE_SUFFIX, NULL);
    ObjectClass *oc = object_class_by_name(type);

    if (!oc || object_class_is_abstract(oc)) {
        error_setg(error, "unable to find CPU model '%s'", parts[0] ? parts[0] : "");
        error_append_hint(error, "'-cpu help' lists those that exist.\n");
        return false;
    }
    for (char **part = parts + 1; *part; part++) {
        char *equals = strchr(*part, '=');

        if (!equals) {
            error_setg(error, "Expected key=value format, found %s.", *part);
            error_append_hint(error, "An extension is switched by '%s=on' and '%s=off'.\n", *part,
                              *part);
            return false;
        }
        *equals = '\0';
        qdev_prop_register_global(type, *part, equals + 1);
    }
    g_free(machine->cpu_type);
    machine->cpu_type = g_steal_pointer(&type);
    return true;
}

static bool phase_machine(const QemuConfig *config, MachineClass *mc, GError **error)
{
    MachineState *machine = machine_new(mc);
    size_t num_options;
    ObjectOption *options;
    bool ok;

    qemu_opt_unset(config->machine, "type");
    qemu_opt_unset(config->machine, "accel");
    options = object_options_from_opts(config->machine, &num_options);
    ok = machine_set_options(machine, options, num_options, error);
    object_options_free(options, num_options);
    return ok && (!config->cpu || set_cpu(machine, config->cpu, error));
}

/* ---- backends ---- */

static bool add_object(const OptionArg *arg, void *opaque, GError **error)
{
    g_autoptr(QemuOpts) opts = qemu_opts_parse(arg->value, "qom-type", QEMU_OPTS_NONE, error);
    size_t num_options;
    ObjectOption *options;
    bool ok;

    if (!opts) {
        return false;
    }
    options = object_options_from_opts(opts, &num_options);
    ok = user_creatable_add(options, num_options, error) != NULL;
    object_options_free(options, num_options);
    return ok;
}

static bool add_chardev(const OptionArg *arg, void *opaque, GError **error)
{
    return qemu_chr_new_from_opts(arg->value, error) != NULL;
}

static bool add_blockdev(const OptionArg *arg, void *opaque, GError **error)
{
    g_autoptr(QemuOpts) opts = qemu_opts_parse(arg->value, "driver", QEMU_OPTS_NONE, error);

    return opts && blockdev_add(opts, error);
}

static bool add_drive(const OptionArg *arg, void *opaque, GError **error)
{
    g_autoptr(QemuOpts) opts = qemu_opts_parse(arg->value, NULL, QEMU_OPTS_NONE, error);
    g_autofree char *text = g_strdup_printf("%s %s", arg->option, arg->value);
    DriveInfo *drive = opts ? drive_new(opts, text, IF_VIRTIO, error) : NULL;

    return drive != NULL;
}

static bool add_netdev(const OptionArg *arg, void *opaque, GError **error)
{
    g_autoptr(QemuOpts)
        opts = qemu_opts_parse(arg->value, "type", QEMU_OPTS_LEGACY_NO | QEMU_OPTS_CHECK_ID, error);

    return opts && net_client_init(opts, error);
}

static bool phase_backends(QemuConfig *config, GError **error)
{
    console_prepare(config);
    console_add_defaults(config);
    return for_each_option(config, LIST_OBJECT, add_object, NULL, error) &&
           for_each_option(config, LIST_CHARDEV, add_chardev, NULL, error) &&
           for_each_option(config, LIST_BLOCKDEV, add_blockdev, NULL, error) &&
           for_each_option(config, LIST_DRIVE, add_drive, NULL, error) &&
           for_each_option(config, LIST_NETDEV, add_netdev, NULL, error) &&
           console_create(config, error) && semihosting_start(error);
}

/* ---- devices, and the start ---- */

static bool add_device(const OptionArg *arg, void *opaque, GError **error)
{
    g_autoptr(QemuOpts) opts = qemu_opts_parse(arg->value, "driver", QEMU_OPTS_CHECK_ID, error);
    size_t num_options;
    ObjectOption *options;
    bool ok;

    if (!opts) {
        return false;
    }
    options = object_options_from_opts(opts, &num_options);
    ok = qdev_device_add(options, num_options, false, error) != NULL;
    object_options_free(options, num_options);
    return ok;
}

/* -machine dumpdtb=: the tree is all that is wanted. */
static bool dump_dtb(const MachineState *machine, GError **error)
{
    return g_file_set_contents(machine->dumpdtb, machine->fdt, machine->fdt_size, error);
}

static bool phase_devices(const QemuConfig *config, GError **error)
{
    if (!for_each_option(config, LIST_DEVICE, add_device, NULL, error)) {
        return false;
    }
    qdev_prop_check_globals();
    net_check_clients();
    if (!drive_check_orphaned()) {
        error_setg(error, "a drive has no device");
        error_append_hint(error, "Add if=none,id=hd0 to -drive, and -device "
                                 "virtio-blk-device,drive=hd0.\n");
        return false;
    }
    return rom_check_and_register_reset(error);
}

static bool start_gdbserver(const OptionArg *arg, void *opaque, GError **error)
{
    return gdbserver_start(arg->value, error);
}

static bool phase_start(const QemuConfig *config, GError **error)
{
    if (!qemu_init_signals(error)) {
        return false;
    }
    console_warn(config);
    qemu_system_reset();
    monitor_start();
    if (!for_each_option(config, LIST_GDB, start_gdbserver, NULL, error)) {
        return false;
    }
    if (!daemon_ready(error)) {
        return false;
    }
    if (!config->start_paused) {
        vm_start();
    }
    return true;
}

static QemuInitResult init_machine(QemuConfig *config, GError **error)
{
    MachineClass *mc = select_machine(config, error);
    MachineState *machine;

    if (!mc || !set_up_icount(config, error) || !phase_accel(config, error)) {
        return QEMU_INIT_FAILED;
    }
    memory_map_init();
    if (!phase_machine(config, mc, error) || !phase_backends(config, error)) {
        return QEMU_INIT_FAILED;
    }
    machine = machine_get_current();
    if (!machine_run_board_init(machine, error)) {
        return QEMU_INIT_FAILED;
    }
    if (machine->dumpdtb) {
        return dump_dtb(machine, error) ? QEMU_INIT_DONE : QEMU_INIT_FAILED;
    }
    return phase_devices(config, error) && phase_start(config, error) ? QEMU_INIT_RUN :
                                                                        QEMU_INIT_FAILED;
}

QemuInitResult qemu_init(int argc, char **argv, GError **error)
{
    g_autoptr(QemuConfig) config = qemu_config_new();
    bool is_parent = false;

    error_init(argv[0]);
    if (!options_parse(config, argc, argv, error)) {
        return QEMU_INIT_FAILED;
    }
    if (config->done) {
        return QEMU_INIT_DONE;
    }
    if (!console_check(config, error)) {
        return QEMU_INIT_FAILED;
    }
    if (config->daemonize && !daemon_fork(&is_parent, error)) {
        return QEMU_INIT_FAILED;
    }
    if (is_parent) {
        return QEMU_INIT_DONE;
    }
    if (!phase_logging(config, error) || !phase_process(config, error)) {
        return QEMU_INIT_FAILED;
    }
    return init_machine(config, error);
}

void qemu_cleanup(int status)
{
    if (main_loop_made) {
        gdbserver_exit(status);
        if (current_accel()) {
            vm_shutdown();
            perf_exit();
        }
        gdbserver_cleanup();
        semihosting_cleanup();
        monitor_cleanup();
        blk_cleanup();
        net_cleanup();
    }
    qemu_chr_cleanup();
    pidfile_remove();
}
