/* SPDX-License-Identifier: MIT */
/*
 * What options print for "help". Contracts are in option-lists.h.
 *
 * Threads: none but main. Tests: tests/system/bad-input.tsv
 */
#include "qemu/osdep.h"
#include "hw/core/boards.h"
#include "option-lists.h"
#include "qemu/error.h"
#include "qemu/log.h"
#include "qemu/trace.h"
#include "qom/object_interfaces.h"
#include "system/cpus.h"
#include "system/net.h"
#include "target/riscv/cpu-qom.h"

bool option_list_print(void (*fill)(GString *out))
{
    g_autoptr(GString) out = g_string_new(NULL);

    fill(out);
    fputs(out->str, stdout);
    return true;
}

/* Takes @text; NULL is a failure already noted. */
static bool print_text(char *text)
{
    if (text) {
        fputs(text, stdout);
        g_free(text);
        return true;
    }
    return false;
}

bool option_list_machine(QemuOpts *opts, GError **error)
{
    const char *name = qemu_opt_get(opts, "type");
    MachineClass *mc;

    if (!name || is_help_option(name)) {
        return print_text(machine_list_help());
    }
    mc = machine_class_find(name, error);
    return mc && print_text(machine_class_help(mc));
}

static void list_cpus(GString *out)
{
    GSList *list = object_class_get_list(TYPE_RISCV_CPU, false);

    g_string_append(out, "Available CPUs:\n");
    for (GSList *it = list; it; it = it->next) {
        const char *type = object_class_get_name(it->data);
        int len = (int)(strlen(type) - strlen(RISCV_CPU_TYPE_SUFFIX));

        g_string_append_printf(out, "  %.*s\n", len, type);
    }
    g_slist_free(list);
}

bool option_list_cpu(const char *value, GError **error)
{
    const char *comma = strchr(value, ',');
    g_autofree char *model = g_strndup(value, comma ? comma - value : (gssize)strlen(value));
    g_autofree char *type = g_strconcat(model, RISCV_CPU_TYPE_SUFFIX, NULL);

    if (is_help_option(value)) {
        return option_list_print(list_cpus);
    }
    if (!object_class_by_name(type)) {
        error_setg(error, "unable to find CPU model '%s'", model);
        error_append_hint(error, "'-cpu help' lists those that exist.\n");
        return false;
    }
    return print_text(qdev_device_help(type, error));
}

bool option_list_device(QemuOpts *opts, GError **error)
{
    const char *driver = qemu_opt_get(opts, "driver");

    return print_text(!driver || is_help_option(driver) ? qdev_help() :
                                                          qdev_device_help(driver, error));
}

bool option_list_object(QemuOpts *opts, GError **error)
{
    const char *type = qemu_opt_get(opts, "qom-type");

    return print_text(!type || is_help_option(type) ? user_creatable_list_help() :
                                                      user_creatable_type_help(type, error));
}

bool option_list_netdev(void)
{
    net_client_help(stdout);
    return true;
}

bool option_list_log(const char *value)
{
    if (g_str_equal(value, "trace:help")) {
        trace_list_events(stdout);
    } else {
        qemu_print_log_usage(stdout);
    }
    return true;
}

bool option_list_trace(void)
{
    trace_list_events(stdout);
    return true;
}

void option_list_accel(GString *out)
{
    accel_print_types(out);
}

void option_list_display(GString *out)
{
    g_string_append(out, "Available display backend types:\nnone\n");
}
