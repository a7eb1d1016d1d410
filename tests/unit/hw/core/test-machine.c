/* SPDX-License-Identifier: MIT */
/* hw/core/machine.c, machine-properties.c: -M, its help, RAM, init, reset. */
#include "qemu/osdep.h"
#include "qemu/error.h"
#include "qemu/units.h"
#include "../hw-test.h"
#include "hw/core/boards.h"

static bool init_fails;
static int resets;

static bool board_init(MachineState *machine, GError **error)
{
    if (init_fails) {
        error_setg(error, "no board today");
        return false;
    }
    g_assert_false(machine->init_done);
    return true;
}

static void board_reset(MachineState *machine, ResetType type)
{
    resets++;
    qemu_devices_reset(type);
}

static void board_class_init(ObjectClass *klass, const void *data)
{
    MachineClass *mc = MACHINE_CLASS(klass);

    mc->desc = "Test board";
    mc->alias = "b";
    mc->init = board_init;
    mc->reset = board_reset;
    mc->max_cpus = 8;
    mc->min_cpus = 1;
    mc->default_ram_size = 16 * MiB;
    mc->default_ram_id = "board.ram";
    mc->default_cpu_type = "test-cpu";
}

DEFINE_MACHINE("board", board_class_init)

static void none_class_init(ObjectClass *klass, const void *data)
{
    MACHINE_CLASS(klass)->desc = "empty machine";
    MACHINE_CLASS(klass)->is_default = true;
}

DEFINE_MACHINE("nothing", none_class_init)

static bool set_options(MachineState *machine, const char *text, GError **error)
{
    g_autoptr(QemuOpts) opts = qemu_opts_parse(text, "type", QEMU_OPTS_NONE, NULL);
    size_t num;
    ObjectOption *options = object_options_from_opts(opts, &num);
    bool ok = machine_set_options(machine, options, num, error);

    object_options_free(options, num);
    return ok;
}

static MachineState *board_new(void)
{
    return machine_new(machine_class_find("board", NULL));
}

static void board_drop(void)
{
    sysbus_drop_default();
    object_unparent(object_get_machine());
}

static void test_find(void)
{
    GError *error = NULL;
    g_autofree char *name = NULL, *help = machine_list_help();

    g_assert_true(machine_class_find("b", &error) == machine_class_find("board", &error));
    name = machine_class_get_name(machine_class_find("b", &error));
    g_assert_cmpstr(name, ==, "board");
    g_assert_true(machine_class_default() == machine_class_find("nothing", &error));
    g_assert_null(machine_class_find("foo", &error));
    g_assert_cmpstr(error->message, ==, "unsupported machine type: \"foo\"");
    g_assert_cmpstr(error_get_hint(error), ==, "Use -machine help to list supported machines\n");
    g_clear_error(&error);
    g_assert_cmpstr(help, ==,
                    "Supported machines are:\n"
                    "b                    Test board (alias of board)\n"
                    "board                Test board\n"
                    "nothing              empty machine (default)\n");
    g_assert_null(machine_get_current());
}

static void test_options(void)
{
    MachineState *machine = board_new();

    g_assert_true(machine_get_current() == machine);
    g_assert_cmpuint(machine->ram_size, ==, 16 * MiB);
    g_assert_cmpuint(machine->smp.cpus, ==, 1);
    g_assert_cmpstr(machine->cpu_type, ==, "test-cpu");
    g_assert_true(set_options(machine,
                              "board,kernel=k,append=a,,b,initrd=i,dtb=d,dumpdtb=dd,firmware=f,"
                              "dt-compatible=c,graphics=off,usb=on,dump-guest-core=off,"
                              "mem-merge=off,phandle-start=16,memory.size=32M,smp.cpus=2,"
                              "smp.sockets=2,smp.cores=1,smp.dies=1",
                              NULL));
    g_assert_cmpstr(machine->kernel_filename, ==, "k");
    g_assert_cmpstr(machine->kernel_cmdline, ==, "a,b");
    g_assert_cmpstr(machine->initrd_filename, ==, "i");
    g_assert_cmpstr(machine->dtb, ==, "d");
    g_assert_cmpstr(machine->dumpdtb, ==, "dd");
    g_assert_cmpstr(machine->firmware, ==, "f");
    g_assert_cmpstr(machine->dt_compatible, ==, "c");
    g_assert_false(machine->enable_graphics);
    g_assert_true(machine->usb);
    g_assert_false(machine->dump_guest_core);
    g_assert_false(machine->mem_merge);
    g_assert_cmpint(machine->phandle_start, ==, 16);
    g_assert_cmpuint(machine->ram_size, ==, 32 * MiB);
    g_assert_cmpuint(machine->smp.cpus, ==, 2);
    g_assert_cmpuint(machine->smp.sockets, ==, 2);
    board_drop();
}

static void test_refusals(void)
{
    static const struct {
        const char *options, *message;
    } rows[] = {
        {"foo=1", "Property 'board-machine.foo' not found"},
        {"foo.bar=1", "Property 'board-machine.foo' not found"},
        {"usb=zz", "Parameter 'usb' expects 'on' or 'off'"},
        {"memory.size=zz", "Parameter 'memory.size' expects size"},
        {"memory.foo=1", "Parameter 'memory.foo' is unexpected"},
        {"memory=2", "Invalid parameter type for 'memory', expected: object"},
        {"smp=2", "Invalid parameter type for 'smp', expected: object"},
        {"smp.foo=1", "Parameter 'smp.foo' is unexpected"},
        {"smp.cpus=zz", "Parameter 'smp.cpus' expects integer"},
        {"smp.cpus=1,smp.cpus=9",
         "Invalid SMP CPUs 9. The max CPUs supported by machine 'board' is 8"},
        {"smp.cpus=2,smp.dies=2", "dies > 1 not supported by this machine's CPU topology"},
        {"memory.size=1G,memory.slots=2", "slots specified but no max-size"},
        {"memory.size=1G,memory.max-size=512M",
         "invalid value of maxmem: maximum memory size (0x20000000) must be at least the initial "
         "memory size (0x40000000)"},
        {"phandle-start=zz", "Parameter 'phandle-start' expects integer"},
        {"phandle-start=-1", "Parameter 'phandle-start' expects a number from 0 to 2147483647"},
    };
    MachineState *machine = board_new();

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_false(set_options(machine, rows[i].options, &error));
        g_assert_cmpstr(error->message, ==, rows[i].message);
    }
    g_assert_cmpuint(machine->ram_size, ==, 16 * MiB);
    g_assert_cmpuint(machine->smp.cpus, ==, 1);
    board_drop();
}

static void test_memory(void)
{
    MachineState *machine = board_new();
    g_autoptr(GVariant) smp = NULL, memory = NULL;
    uint64_t size = 0;

    g_assert_true(set_options(machine, "memory.size=0", NULL));
    g_assert_cmpuint(machine->ram_size, ==, 16 * MiB);
    g_assert_true(set_options(machine, "memory.size=1G,memory.slots=2,memory.max-size=2G", NULL));
    g_assert_cmpuint(machine->maxram_size, ==, 2 * GiB);
    memory = object_property_get(OBJECT(machine), "memory", NULL);
    g_assert_true(g_variant_lookup(memory, "max-size", "t", &size));
    g_assert_cmpuint(size, ==, 2 * GiB);
    smp = object_property_get(OBJECT(machine), "smp", NULL);
    g_assert_true(g_variant_lookup(smp, "maxcpus", "t", &size));
    g_assert_cmpuint(size, ==, 1);
    board_drop();
}

static void test_init(void)
{
    MachineState *machine = board_new();
    GError *error = NULL;

    g_assert_true(machine_run_board_init(machine, &error));
    g_assert_true(machine->init_done);
    g_assert_cmpuint(memory_region_size(machine->ram), ==, 16 * MiB);
    g_assert_nonnull(memory_region_get_ram_ptr(machine->ram));
    machine_reset(machine, RESET_TYPE_COLD);
    g_assert_cmpint(resets, ==, 1);
    board_drop();
    g_assert_null(machine_get_current());
}

static void test_init_refusals(void)
{
    MachineState *machine = board_new();
    GError *error = NULL;

    init_fails = true;
    g_assert_false(machine_run_board_init(machine, &error));
    init_fails = false;
    g_assert_cmpstr(error->message, ==, "no board today");
    g_clear_error(&error);
    g_assert_false(machine->init_done);
    board_drop();

    machine = board_new();
    g_assert_true(set_options(machine, "append=x,initrd=y", NULL));
    g_assert_false(machine_run_board_init(machine, &error));
    g_assert_cmpstr(error->message, ==, "-append only allowed with -kernel option");
    g_clear_error(&error);
    board_drop();

    machine = board_new();
    g_assert_true(set_options(machine, "initrd=y", NULL));
    g_assert_false(machine_run_board_init(machine, &error));
    g_assert_cmpstr(error->message, ==, "-initrd only allowed with -kernel option");
    g_clear_error(&error);
    board_drop();
}

static void test_help(void)
{
    g_autofree char *help = machine_class_help(machine_class_find("board", NULL));

    g_assert_true(g_str_has_prefix(help, "board-machine options:\n"
                                         "  append=<string>        - Linux kernel command line\n"
                                         "  dt-compatible=<string> - Overrides the"));
}

int main(int argc, char **argv)
{
    hw_test_init(&argc, &argv);
    g_test_add_func("/hw/core/machine/find", test_find);
    g_test_add_func("/hw/core/machine/options", test_options);
    g_test_add_func("/hw/core/machine/refusals", test_refusals);
    g_test_add_func("/hw/core/machine/memory", test_memory);
    g_test_add_func("/hw/core/machine/init", test_init);
    g_test_add_func("/hw/core/machine/init-refusals", test_init_refusals);
    g_test_add_func("/hw/core/machine/help", test_help);
    return g_test_run();
}
