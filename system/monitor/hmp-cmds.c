/* SPDX-License-Identifier: MIT */
/*
 * Commands of the human monitor that act on the machine and its parts. Each hands on to the layer
 * that does it. Lists and states are in hmp-info.c, memory in hmp-mem.c.
 *
 * Threads: BQL. Tests: tests/unit/system/test-hmp.c, tests/system/terminal.py
 */
#include "qemu/osdep.h"
#include "hw/core/boards.h"
#include "monitor-internal.h"
#include "qemu/log.h"
#include "qemu/option.h"
#include "qemu/trace.h"
#include "system/gdbstub.h"
#include "system/net.h"
#include "system/runstate.h"

/* ---- running ---- */

bool hmp_quit(Monitor *mon, const HMPArgs *args, GError **error)
{
    mon->quitting = true;
    qemu_system_shutdown_request(SHUTDOWN_CAUSE_HOST_QMP_QUIT);
    return true;
}

bool hmp_stop(Monitor *mon, const HMPArgs *args, GError **error)
{
    vm_stop(RUN_STATE_PAUSED);
    return true;
}

bool hmp_cont(Monitor *mon, const HMPArgs *args, GError **error)
{
    if (runstate_needs_reset()) {
        error_setg(error, "Resetting the Virtual Machine is required");
        return false;
    }
    vm_start();
    return true;
}

bool hmp_system_reset(Monitor *mon, const HMPArgs *args, GError **error)
{
    qemu_system_reset_request(SHUTDOWN_CAUSE_HOST_QMP_SYSTEM_RESET);
    return true;
}

bool hmp_system_powerdown(Monitor *mon, const HMPArgs *args, GError **error)
{
    qemu_system_powerdown_request();
    return true;
}

bool hmp_system_wakeup(Monitor *mon, const HMPArgs *args, GError **error)
{
    return qemu_system_wakeup_request(QEMU_WAKEUP_REASON_OTHER, error);
}

bool hmp_watchdog_action(Monitor *mon, const HMPArgs *args, GError **error)
{
    return runstate_set_action("watchdog", hmp_str(args, "action"), error);
}

bool hmp_nmi(Monitor *mon, const HMPArgs *args, GError **error)
{
    error_setg(error, "machine does not provide NMIs");
    return false;
}

bool hmp_cpu(Monitor *mon, const HMPArgs *args, GError **error)
{
    uint64_t index = hmp_int(args, "index");

    if (index >= cpu_count()) {
        monitor_puts(mon, "invalid CPU index\n");
    } else {
        mon->cpu_index = index;
    }
    return true;
}

/* ---- the terminal ---- */

bool hmp_clear(Monitor *mon, const HMPArgs *args, GError **error)
{
    monitor_puts(mon, "\033[2J\033[H");
    return true;
}

/* ---- logging ---- */

bool hmp_log(Monitor *mon, const HMPArgs *args, GError **error)
{
    const char *items = hmp_str(args, "items");
    unsigned mask = g_str_equal(items, "none") ? 0 : qemu_str_to_log_mask(items);

    if (!mask && !g_str_equal(items, "none")) {
        error_setg(error, "unknown log item '%s'", items);
        error_append_hint(error, "'-d help' lists them; 'none' removes all.\n");
        return false;
    }
    return qemu_set_log(mask, error);
}

bool hmp_logfile(Monitor *mon, const HMPArgs *args, GError **error)
{
    return qemu_set_log_filename(hmp_str(args, "filename"), error);
}

bool hmp_trace_event(Monitor *mon, const HMPArgs *args, GError **error)
{
    const char *name = hmp_str(args, "name");
    g_autofree char *pattern = g_strconcat(hmp_bool(args, "on") ? "" : "-", name, NULL);

    if (!trace_enable_events(pattern)) {
        monitor_printf(mon, "unknown event \"%s\"\n", name);
    }
    return true;
}

/* ---- debugging ---- */

bool hmp_gdbserver(Monitor *mon, const HMPArgs *args, GError **error)
{
    const char *device = hmp_str(args, "device");

    if (!device) {
        device = GDBSERVER_DEFAULT_DEVICE;
    }
    if (!gdbserver_start(device, error)) {
        error_prefix(error, "Could not open gdbserver on device '%s': ", device);
        return false;
    }
    if (g_str_equal(device, "none")) {
        monitor_puts(mon, "Disabled gdbserver\n");
    } else {
        monitor_printf(mon, "Waiting for gdb connection on device '%s'\n", device);
    }
    return true;
}

/* ---- devices, backends ---- */

bool hmp_device_add(Monitor *mon, const HMPArgs *args, GError **error)
{
    g_autoptr(QemuOpts)
        opts = qemu_opts_parse(hmp_str(args, "device"), "driver", QEMU_OPTS_CHECK_ID, error);
    size_t num_options;
    ObjectOption *options;
    bool ok;

    if (!opts) {
        return false;
    }
    options = object_options_from_opts(opts, &num_options);
    ok = qdev_device_add(options, num_options, true, error) != NULL;
    object_options_free(options, num_options);
    return ok;
}

bool hmp_device_del(Monitor *mon, const HMPArgs *args, GError **error)
{
    return qdev_device_del(hmp_str(args, "id"), error);
}

bool hmp_send_break(Monitor *mon, const HMPArgs *args, GError **error)
{
    Chardev *chr = qemu_chr_find(hmp_str(args, "id"));

    if (!chr) {
        error_setg(error, "Chardev '%s' not found", hmp_str(args, "id"));
        return false;
    }
    qemu_chr_send_break(chr);
    return true;
}

bool hmp_ringbuf_read(Monitor *mon, const HMPArgs *args, GError **error)
{
    Chardev *chr = qemu_chr_find(hmp_str(args, "device"));
    g_autoptr(GString) data = NULL;

    if (!chr) {
        error_setg(error, "Device '%s' not found", hmp_str(args, "device"));
        return false;
    }
    data = qemu_chr_ringbuf_read(chr, hmp_int(args, "size"), error);
    if (!data) {
        return false;
    }
    /* As QEMU shows it: control characters by number, so that they do not reach the terminal. */
    for (gsize i = 0; i < data->len; i++) {
        uint8_t c = data->str[i];

        if (c == '\\') {
            monitor_puts(mon, "\\\\");
        } else if ((c < 0x20 && c != '\n') || c == 0x7f) {
            monitor_printf(mon, "\\u%04X", c);
        } else {
            monitor_printf(mon, "%c", c);
        }
    }
    monitor_puts(mon, "\n");
    return true;
}

bool hmp_set_link(Monitor *mon, const HMPArgs *args, GError **error)
{
    NetClientState *nc = qemu_find_netdev(hmp_str(args, "name"));

    if (!nc) {
        error_set(error, ERROR_CLASS_DEVICE_NOT_FOUND, "Device '%s' not found",
                  hmp_str(args, "name"));
        return false;
    }
    qemu_set_link(nc, hmp_bool(args, "up"));
    return true;
}

/* One argument is the rule; two are the backend and the rule. */
static bool hostfwd(const HMPArgs *args, bool (*change)(const char *, const char *, GError **),
                    GError **error)
{
    const char *second = hmp_str(args, "arg2");

    return second ? change(hmp_str(args, "arg1"), second, error) :
                    change(NULL, hmp_str(args, "arg1"), error);
}

bool hmp_hostfwd_add(Monitor *mon, const HMPArgs *args, GError **error)
{
    return hostfwd(args, net_user_hostfwd_add, error);
}

bool hmp_hostfwd_remove(Monitor *mon, const HMPArgs *args, GError **error)
{
    return hostfwd(args, net_user_hostfwd_remove, error);
}

/* ---- objects ---- */

static Object *find_object(const char *path, GError **error)
{
    bool ambiguous = false;
    Object *obj = object_resolve_path(path, &ambiguous);

    if (ambiguous) {
        error_setg(error, "Path '%s' is ambiguous", path);
    } else if (!obj) {
        error_set(error, ERROR_CLASS_DEVICE_NOT_FOUND, "Device '%s' not found", path);
    }
    return obj;
}

bool hmp_qom_get(Monitor *mon, const HMPArgs *args, GError **error)
{
    Object *obj = find_object(hmp_str(args, "path"), error);
    g_autofree char *text =
        obj ? object_property_print(obj, hmp_str(args, "property"), true, error) : NULL;

    if (text) {
        monitor_printf(mon, "%s\n", text);
    }
    return text != NULL;
}

bool hmp_qom_set(Monitor *mon, const HMPArgs *args, GError **error)
{
    Object *obj = find_object(hmp_str(args, "path"), error);

    return obj &&
           object_property_parse(obj, hmp_str(args, "property"), hmp_str(args, "value"), error);
}

static void print_property(ObjectProperty *prop, void *opaque)
{
    monitor_printf(opaque, "%s (%s)\n", prop->name, prop->type);
}

bool hmp_qom_list(Monitor *mon, const HMPArgs *args, GError **error)
{
    const char *path = hmp_str(args, "path");
    Object *obj = find_object(path ? path : "/", error);

    if (obj) {
        object_property_foreach(obj, print_property, mon);
    }
    return obj != NULL;
}

bool hmp_dumpdtb(Monitor *mon, const HMPArgs *args, GError **error)
{
    MachineState *machine = machine_get_current();

    if (!machine->fdt) {
        error_setg(error, "This machine doesn't have an FDT");
        return false;
    }
    return g_file_set_contents(hmp_str(args, "filename"), machine->fdt, machine->fdt_size, error);
}
