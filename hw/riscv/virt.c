/* SPDX-License-Identifier: MIT */
/*
 * The "virt" board: a RISC-V machine for virtual devices, with the memory map, interrupt numbers
 * and names that QEMU's users know.
 *
 * Here: what is where, and how it is wired. Device tree: virt-fdt.c; firmware and kernel:
 * virt-boot.c. Runs under the BQL, at set-up. Tests: tests/unit/hw/riscv/test-virt.c.
 */
#include "qemu/osdep.h"

#include "hw/core/qdev-properties.h"
#include "hw/riscv/virt-internal.h"
#include "qemu/error.h"
#include "qemu/units.h"
#include "system/address-spaces.h"
#include "system/chardev.h"
#include "target/riscv/cpu-qom.h"

const FDTReg virt_map[VIRT_MAP_SIZE] = {
    [VIRT_MROM] = {0x1000, 0xf000},
    [VIRT_CLINT] = {0x2000000, 0x10000},
    [VIRT_ACLINT_SSWI] = {0x2f00000, VIRT_ACLINT_SWI_SIZE},
    [VIRT_PLIC] = {0xc000000, 0x600000},
    [VIRT_DRAM] = {0x80000000, 0}, /* size: -m */
};

/* SiFive's PLIC map, in the window of virt_map. */
static const struct {
    const char *property;
    uint32_t value;
} virt_plic_map[] = {
    {"num-sources", VIRT_PLIC_SOURCES}, {"num-priorities", 7},      {"priority-base", 0},
    {"pending-base", 0x1000},           {"enable-base", 0x2000},    {"enable-stride", 0x80},
    {"context-base", 0x200000},         {"context-stride", 0x1000}, {"aperture-size", 0x600000},
};

/* 3686400 Hz, the clock that 115200 baud divide evenly: what "clock-frequency" says. */
#define VIRT_UART_BAUDBASE (3686400 / 16)

static bool virt_setup_uart(DeviceState *dev, GError **error)
{
    qdev_prop_set_uint32(dev, "baudbase", VIRT_UART_BAUDBASE);
    return qdev_prop_set_chr(dev, "chardev", serial_hd(0), error);
}

/* In the order in which they are made, which numbers them below /machine/unattached. */
const VirtDeviceRow virt_devices[VIRT_DEVICE_KINDS] = {
    [VIRT_TEST] = {"riscv.sifive.test", 0x100000, 0x1000, 1, 0, NULL},
    [VIRT_VIRTIO] = {"virtio-mmio", 0x10001000, 0x1000, VIRT_MAX_DEVICES_OF_KIND, 1, NULL},
    [VIRT_UART0] = {"serial-mm", 0x10000000, 0x100, 1, 10, virt_setup_uart},
    [VIRT_RTC] = {"goldfish_rtc", 0x101000, 0x1000, 1, 11, NULL},
};

static bool virt_create_swi(VirtMachineState *s, bool sswi, hwaddr base, DeviceState **dev,
                            GError **error)
{
    *dev = qdev_new("riscv.aclint.swi");
    qdev_prop_set_uint32(*dev, "num-harts", MACHINE(s)->smp.cpus);
    qdev_prop_set_uint32(*dev, "sswi", sswi);
    if (!sysbus_realize_and_unref(SYS_BUS_DEVICE(*dev), error)) {
        return false;
    }
    sysbus_mmio_map(SYS_BUS_DEVICE(*dev), 0, base);
    return true;
}

static bool virt_create_timers(VirtMachineState *s, GError **error)
{
    hwaddr clint = virt_map[VIRT_CLINT].base;

    if (!virt_create_swi(s, false, clint, &s->mswi, error)) {
        return false;
    }
    s->mtimer = qdev_new("riscv.aclint.mtimer");
    qdev_prop_set_uint32(s->mtimer, "num-harts", MACHINE(s)->smp.cpus);
    qdev_prop_set_uint32(s->mtimer, "timecmp-base", 0);
    qdev_prop_set_uint32(s->mtimer, "time-base", VIRT_MTIMER_TIME);
    qdev_prop_set_uint32(s->mtimer, "aperture-size", VIRT_MTIMER_SIZE);
    qdev_prop_set_uint32(s->mtimer, "timebase-freq", VIRT_TIMEBASE_HZ);
    if (!sysbus_realize_and_unref(SYS_BUS_DEVICE(s->mtimer), error)) {
        return false;
    }
    sysbus_mmio_map(SYS_BUS_DEVICE(s->mtimer), 0, clint + VIRT_CLINT_MTIMER);
    return !s->aclint || virt_create_swi(s, true, virt_map[VIRT_ACLINT_SSWI].base, &s->sswi, error);
}

static bool virt_create_plic(VirtMachineState *s, GError **error)
{
    g_autoptr(GString) config = g_string_new(NULL);

    for (unsigned i = 0; i < MACHINE(s)->smp.cpus; i++) {
        g_string_append(config, i ? ",MS" : "MS");
    }
    s->plic = qdev_new("riscv.sifive.plic");
    qdev_prop_set_string(s->plic, "hart-config", config->str);
    for (unsigned i = 0; i < ARRAY_SIZE(virt_plic_map); i++) {
        qdev_prop_set_uint32(s->plic, virt_plic_map[i].property, virt_plic_map[i].value);
    }
    if (!sysbus_realize_and_unref(SYS_BUS_DEVICE(s->plic), error)) {
        return false;
    }
    sysbus_mmio_map(SYS_BUS_DEVICE(s->plic), 0, virt_map[VIRT_PLIC].base);
    return true;
}

static bool virt_create_harts(VirtMachineState *s, GError **error)
{
    MachineState *machine = MACHINE(s);
    DeviceState *soc;

    object_initialize_child(OBJECT(s), "soc0", &s->soc, TYPE_RISCV_HART_ARRAY);
    soc = DEVICE(&s->soc);
    qdev_prop_set_uint32(soc, "num-harts", machine->smp.cpus);
    qdev_prop_set_string(soc, "cpu-type", machine->cpu_type);
    qdev_prop_set_uint64(soc, "resetvec", virt_map[VIRT_MROM].base);
    if (!object_property_set_link(OBJECT(soc), "time-base", OBJECT(s->mtimer), error) ||
        !sysbus_realize(SYS_BUS_DEVICE(soc), error)) {
        return false;
    }
    s->xlen = object_property_get_uint(OBJECT(s->soc.harts[0]), "xlen", error);
    return s->xlen != 0;
}

static void virt_connect_hart(VirtMachineState *s, unsigned i)
{
    DeviceState *hart = DEVICE(s->soc.harts[i]);

    qdev_connect_gpio_out(s->mswi, i, qdev_get_gpio_in_named(hart, RISCV_CPU_INPUT_MSIP, 0));
    qdev_connect_gpio_out(s->mtimer, i, qdev_get_gpio_in_named(hart, RISCV_CPU_INPUT_MTIP, 0));
    if (s->sswi) {
        qdev_connect_gpio_out(s->sswi, i, qdev_get_gpio_in_named(hart, RISCV_CPU_INPUT_SSIP, 0));
    }
    /* Contexts are M and S of hart 0, of hart 1, and so on. */
    qdev_connect_gpio_out(s->plic, 2 * i, qdev_get_gpio_in_named(hart, RISCV_CPU_INPUT_MEIP, 0));
    qdev_connect_gpio_out(s->plic, 2 * i + 1,
                          qdev_get_gpio_in_named(hart, RISCV_CPU_INPUT_SEIP, 0));
}

static bool virt_create_devices(VirtMachineState *s, const VirtDeviceRow *row,
                                DeviceState **devices, GError **error)
{
    for (unsigned i = 0; i < row->count; i++) {
        DeviceState *dev = qdev_try_new(row->type);

        if (!dev) {
            return true;
        }
        if ((row->setup && !row->setup(dev, error)) ||
            !sysbus_realize(SYS_BUS_DEVICE(dev), error)) {
            object_unref(dev);
            return false;
        }
        sysbus_mmio_map(SYS_BUS_DEVICE(dev), 0, row->base + i * row->fdt_size);
        if (row->irq) {
            sysbus_connect_irq(SYS_BUS_DEVICE(dev), 0, qdev_get_gpio_in(s->plic, row->irq + i));
        }
        devices[i] = dev;
        object_unref(dev); /* its parent, /machine/unattached, keeps it */
    }
    return true;
}

static bool virt_init(MachineState *machine, GError **error)
{
    VirtMachineState *s = VIRT_MACHINE(machine);
    MemoryRegion *memory = get_system_memory();
    g_autoptr(FDTContext) fdt = NULL;

    memory_region_add_subregion(memory, virt_map[VIRT_DRAM].base, machine->ram);
    if (!memory_region_init_rom(&s->mrom, OBJECT(s), "riscv_virt_board.mrom",
                                virt_map[VIRT_MROM].size, error)) {
        return false;
    }
    memory_region_add_subregion(memory, virt_map[VIRT_MROM].base, &s->mrom);

    /* The harts come after what they link to, and before what is wired to them. */
    if (!virt_create_timers(s, error) || !virt_create_plic(s, error) ||
        !virt_create_harts(s, error)) {
        return false;
    }
    for (unsigned i = 0; i < machine->smp.cpus; i++) {
        virt_connect_hart(s, i);
    }
    for (unsigned kind = 0; kind < VIRT_DEVICE_KINDS; kind++) {
        if (!virt_create_devices(s, &virt_devices[kind], s->devices[kind], error)) {
            return false;
        }
    }

    fdt = virt_fdt_new(s, error);
    if (!fdt) {
        return false;
    }
    if (machine->dumpdtb) {
        /* Only the tree is wanted: it is written without looking at kernel and initrd. */
        machine->fdt = fdt_context_flatten(fdt, &machine->fdt_size);
        return true;
    }
    return virt_boot_load(s, fdt, error);
}

static bool virt_get_aclint(Object *obj, GError **error)
{
    return VIRT_MACHINE(obj)->aclint;
}

static bool virt_set_aclint(Object *obj, bool value, GError **error)
{
    VIRT_MACHINE(obj)->aclint = value;
    return true;
}

static void virt_class_init(ObjectClass *klass, const void *data)
{
    MachineClass *mc = MACHINE_CLASS(klass);

    mc->desc = "RISC-V VirtIO board";
    mc->init = virt_init;
    mc->max_cpus = 512;
    mc->default_cpu_type = RISCV_CPU_TYPE_NAME("rv64");
    mc->default_ram_size = 128 * MiB;
    mc->default_ram_id = "riscv_virt_board.ram";
    object_class_property_add_bool(klass, "aclint", virt_get_aclint, virt_set_aclint);
    object_class_property_set_description(
        klass, "aclint", "(TCG only) Set on/off to enable/disable emulating ACLINT devices");
}

static const TypeInfo virt_types[] = {
    {
        .name = TYPE_VIRT_MACHINE,
        .parent = TYPE_MACHINE,
        .instance_size = sizeof(VirtMachineState),
        .class_init = virt_class_init,
    },
};
DEFINE_TYPES(virt_types)
