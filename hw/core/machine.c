/* SPDX-License-Identifier: MIT */
/*
 * Machines: finding a class, the machine object, its RAM, init and reset.
 *
 * The properties are in machine-properties.c, -smp in machine-smp.c. Threads: BQL.
 * Tests: tests/unit/hw/core/test-machine.c.
 */
#include "qemu/osdep.h"
#include "qemu/error.h"
#include "hw/core/boards.h"

#include <sys/mman.h>

MachineState *machine_get_current(void)
{
    return (MachineState *)object_dynamic_cast(object_get_machine(), TYPE_MACHINE);
}

/* ---- Classes ---- */

char *machine_class_get_name(const MachineClass *mc)
{
    const char *type = object_class_get_name(OBJECT_CLASS(mc));

    return g_strndup(type, strlen(type) - strlen(TYPE_MACHINE_SUFFIX));
}

static bool machine_class_is_called(const MachineClass *mc, const char *name)
{
    g_autofree char *own = machine_class_get_name(mc);

    return strcmp(own, name) == 0 || g_strcmp0(mc->alias, name) == 0;
}

MachineClass *machine_class_find(const char *name, GError **error)
{
    g_autoptr(GSList) classes = object_class_get_list(TYPE_MACHINE, false);

    for (GSList *l = classes; l; l = l->next) {
        if (machine_class_is_called(l->data, name)) {
            return l->data;
        }
    }
    error_setg(error, "unsupported machine type: \"%s\"", name);
    error_append_hint(error, "Use -machine help to list supported machines\n");
    return NULL;
}

MachineClass *machine_class_default(void)
{
    g_autoptr(GSList) classes = object_class_get_list(TYPE_MACHINE, false);

    for (GSList *l = classes; l; l = l->next) {
        if (MACHINE_CLASS(l->data)->is_default) {
            return l->data;
        }
    }
    return NULL;
}

char *machine_list_help(void)
{
    g_autoptr(GSList) classes = object_class_get_list(TYPE_MACHINE, false);
    GString *out = g_string_new("Supported machines are:\n");

    for (GSList *l = classes; l; l = l->next) {
        MachineClass *mc = l->data;
        g_autofree char *name = machine_class_get_name(mc);

        if (mc->alias) {
            g_string_append_printf(out, "%-20s %s (alias of %s)\n", mc->alias, mc->desc, name);
        }
        g_string_append_printf(out, "%-20s %s%s\n", name, mc->desc,
                               mc->is_default ? " (default)" : "");
    }
    return g_string_free(out, FALSE);
}

char *machine_class_help(MachineClass *mc)
{
    g_autoptr(Object) machine = object_new_with_class(OBJECT_CLASS(mc));
    GString *out = g_string_new(NULL);

    g_string_append_printf(out, "%s options:\n", object_class_get_name(OBJECT_CLASS(mc)));
    object_append_help(machine, NULL, out);
    return g_string_free(out, FALSE);
}

/* ---- The machine ---- */

MachineState *machine_new(MachineClass *mc)
{
    Object *machine = object_new_with_class(OBJECT_CLASS(mc));

    object_property_add_child(object_get_root(), "machine", machine);
    object_unref(machine);
    qdev_get_peripheral();
    qdev_get_peripheral_anon();
    qdev_get_unattached();
    return MACHINE(machine);
}

static bool machine_check_options(const MachineState *machine, GError **error)
{
    if (!machine->kernel_filename && machine->kernel_cmdline) {
        error_setg(error, "-append only allowed with -kernel option");
        return false;
    }
    if (!machine->kernel_filename && machine->initrd_filename) {
        error_setg(error, "-initrd only allowed with -kernel option");
        return false;
    }
    return true;
}

static bool machine_make_ram(MachineState *machine, GError **error)
{
    const char *id = MACHINE_GET_CLASS(machine)->default_ram_id;
    void *host;

    if (!id || !machine->ram_size) {
        return true;
    }
    machine->ram = g_new0(MemoryRegion, 1);
    if (!memory_region_init_ram(machine->ram, OBJECT(machine), id, machine->ram_size, error)) {
        g_clear_pointer(&machine->ram, g_free);
        return false;
    }
    host = memory_region_get_ram_ptr(machine->ram);
    /* Both are advice: a kernel without them loses nothing but the saving. */
    madvise(host, machine->ram_size, machine->dump_guest_core ? MADV_DODUMP : MADV_DONTDUMP);
    madvise(host, machine->ram_size, machine->mem_merge ? MADV_MERGEABLE : MADV_UNMERGEABLE);
    return true;
}

bool machine_run_board_init(MachineState *machine, GError **error)
{
    MachineClass *mc = MACHINE_GET_CLASS(machine);

    if (!machine_check_options(machine, error) || !machine_make_ram(machine, error)) {
        return false;
    }
    /* First in the reset order, before what boards register. */
    sysbus_get_default();
    if (mc->init && !mc->init(machine, error)) {
        return false;
    }
    machine->init_done = true;
    return true;
}

void machine_reset(MachineState *machine, ResetType type)
{
    MachineClass *mc = MACHINE_GET_CLASS(machine);

    if (mc->reset) {
        mc->reset(machine, type);
    } else {
        qemu_devices_reset(type);
    }
}
