/* SPDX-License-Identifier: MIT */
/*
 * Devices soldered to the board, and the main system bus they sit on.
 *
 * Threads: BQL. Tests: tests/unit/hw/core/test-sysbus.c.
 */
#include "qemu/osdep.h"
#include "hw/core/sysbus.h"
#include "system/address-spaces.h"

/* The root of the device tree; made on first use, gone with sysbus_drop_default(). */
static BusState *main_system_bus;

BusState *sysbus_get_default(void)
{
    if (!main_system_bus) {
        main_system_bus = qbus_new(TYPE_SYSTEM_BUS, NULL, "main-system-bus");
        object_property_add_child(qdev_get_unattached(), "sysbus", OBJECT(main_system_bus));
        object_unref(main_system_bus);
        qbus_realize(main_system_bus, NULL);
        qemu_register_resettable(OBJECT(main_system_bus));
    }
    return main_system_bus;
}

void sysbus_drop_default(void)
{
    if (main_system_bus) {
        qemu_unregister_resettable(OBJECT(main_system_bus));
        object_unparent(OBJECT(main_system_bus));
        main_system_bus = NULL;
    }
}

void sysbus_init_mmio(SysBusDevice *dev, MemoryRegion *memory)
{
    g_assert(dev->num_mmio < QDEV_MAX_MMIO);
    dev->mmio[dev->num_mmio].addr = HWADDR_MAX;
    dev->mmio[dev->num_mmio].memory = memory;
    dev->num_mmio++;
}

void sysbus_init_irq(SysBusDevice *dev, qemu_irq *pin)
{
    qdev_init_gpio_out_named(DEVICE(dev), pin, SYSBUS_DEVICE_GPIO_IRQ, 1);
}

MemoryRegion *sysbus_mmio_get_region(SysBusDevice *dev, int n)
{
    g_assert(n >= 0 && n < dev->num_mmio);
    return dev->mmio[n].memory;
}

void sysbus_mmio_unmap(SysBusDevice *dev, int n)
{
    g_assert(n >= 0 && n < dev->num_mmio);
    if (dev->mmio[n].addr != HWADDR_MAX) {
        memory_region_del_subregion(get_system_memory(), dev->mmio[n].memory);
        dev->mmio[n].addr = HWADDR_MAX;
    }
}

void sysbus_mmio_map_overlap(SysBusDevice *dev, int n, hwaddr addr, int priority)
{
    sysbus_mmio_unmap(dev, n);
    dev->mmio[n].addr = addr;
    memory_region_add_subregion_overlap(get_system_memory(), addr, dev->mmio[n].memory, priority);
}

void sysbus_mmio_map(SysBusDevice *dev, int n, hwaddr addr)
{
    sysbus_mmio_unmap(dev, n);
    dev->mmio[n].addr = addr;
    memory_region_add_subregion(get_system_memory(), addr, dev->mmio[n].memory);
}

bool sysbus_has_irq(SysBusDevice *dev, int n)
{
    return n < qdev_num_gpio_out(DEVICE(dev), SYSBUS_DEVICE_GPIO_IRQ);
}

void sysbus_connect_irq(SysBusDevice *dev, int n, qemu_irq irq)
{
    qdev_connect_gpio_out_named(DEVICE(dev), SYSBUS_DEVICE_GPIO_IRQ, n, irq);
}

bool sysbus_is_irq_connected(SysBusDevice *dev, int n)
{
    return qdev_get_gpio_out_connector(DEVICE(dev), SYSBUS_DEVICE_GPIO_IRQ, n);
}

bool sysbus_realize(SysBusDevice *dev, GError **error)
{
    return qdev_realize(DEVICE(dev), sysbus_get_default(), error);
}

bool sysbus_realize_and_unref(SysBusDevice *dev, GError **error)
{
    return qdev_realize_and_unref(DEVICE(dev), sysbus_get_default(), error);
}

/* A device that goes must not leave its regions in the guest's memory. */
static void sysbus_device_unparent(Object *obj)
{
    SysBusDevice *dev = SYS_BUS_DEVICE(obj);

    for (int i = 0; i < dev->num_mmio; i++) {
        sysbus_mmio_unmap(dev, i);
    }
    SYS_BUS_DEVICE_GET_CLASS(dev)->parent_unparent(obj);
}

static void sysbus_device_class_init(ObjectClass *klass, const void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);

    SYS_BUS_DEVICE_CLASS(klass)->parent_unparent = klass->unparent;
    klass->unparent = sysbus_device_unparent;
    dc->bus_type = TYPE_SYSTEM_BUS;
    /* Its address and irqs are the board's to give: -device could not connect it. */
    dc->user_creatable = false;
}

static void sysbus_print_dev(GString *out, DeviceState *dev, int indent)
{
    SysBusDevice *s = SYS_BUS_DEVICE(dev);

    for (int i = 0; i < s->num_mmio; i++) {
        g_string_append_printf(out, "%*smmio %016" PRIx64 "/%016" PRIx64 "\n", indent, "",
                               s->mmio[i].addr, memory_region_size(s->mmio[i].memory));
    }
}

static void system_bus_class_init(ObjectClass *klass, const void *data)
{
    BUS_CLASS(klass)->print_dev = sysbus_print_dev;
}

static const TypeInfo sysbus_types[] = {
    {
        .name = TYPE_SYSTEM_BUS,
        .parent = TYPE_BUS,
        .instance_size = sizeof(BusState),
        .class_init = system_bus_class_init,
    },
    {
        .name = TYPE_SYS_BUS_DEVICE,
        .parent = TYPE_DEVICE,
        .abstract = true,
        .instance_size = sizeof(SysBusDevice),
        .class_size = sizeof(SysBusDeviceClass),
        .class_init = sysbus_device_class_init,
    },
};

DEFINE_TYPES(sysbus_types)
