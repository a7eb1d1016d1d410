/* SPDX-License-Identifier: MIT */
/*
 * A 16550A UART (hw/char/serial.c) as memory-mapped registers: "ns16550a".
 *
 * Registers are 1 << regshift bytes apart. An access of any size reaches the one register at its
 * address, in the low byte of the bus. Runs under the BQL. Tests: tests/unit/hw/char/test-serial.c.
 */
#include "qemu/osdep.h"

#include "hw/char/serial.h"
#include "hw/core/fdt-context.h"
#include "hw/core/qdev-properties.h"
#include "hw/core/sysbus.h"
#include "qemu/error.h"

#define TYPE_SERIAL_MM "serial-mm"
OBJECT_DECLARE_SIMPLE_TYPE(SerialMM, SERIAL_MM)

struct SerialMM {
    SysBusDevice parent_obj;

    SerialState serial;
    MemoryRegion io;    /* [const] */
    uint8_t regshift;   /* [const] */
    uint8_t endianness; /* [const] an enum device_endian, only shown: all registers are bytes */
};

/*
 * The divisor runs on a clock of 16 times the baud rate at divisor 1 (PC16550D, "Programmable Baud
 * Generator").
 */
#define SERIAL_CLOCK_PER_BAUD 16

static uint64_t serial_mm_read(void *opaque, hwaddr addr, unsigned size)
{
    SerialMM *s = opaque;

    return serial_read(&s->serial, addr >> s->regshift);
}

static void serial_mm_write(void *opaque, hwaddr addr, uint64_t value, unsigned size)
{
    SerialMM *s = opaque;

    serial_write(&s->serial, addr >> s->regshift, value & 0xff);
}

static const MemoryRegionOps serial_mm_ops = {
    .read = serial_mm_read,
    .write = serial_mm_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = {.min_access_size = 1, .max_access_size = 8},
    .impl = {.min_access_size = 1, .max_access_size = 8},
};

/* Linux' "ns16550a" binding. The window is the board's: it may be wider than the registers. */
static void serial_mm_fdt(DeviceState *dev, FDTContext *ctx)
{
    SerialMM *s = SERIAL_MM(dev);
    FDTNode *node = fdt_context_add_node(ctx, "serial");

    fdt_context_set_interrupts(ctx, node);
    fdt_node_set_u32(node, "clock-frequency", s->serial.baudbase * SERIAL_CLOCK_PER_BAUD);
    fdt_context_set_reg(ctx, node);
    fdt_node_set_string(node, "compatible", "ns16550a");
}

static bool serial_mm_realize(DeviceState *dev, GError **error)
{
    SerialMM *s = SERIAL_MM(dev);

    if (s->regshift > 3) {
        error_setg(error, "regshift %u is not in 0..3", s->regshift);
        return false;
    }
    if (!qdev_realize(DEVICE(&s->serial), NULL, error)) {
        return false;
    }
    memory_region_init_io(&s->io, OBJECT(dev), &serial_mm_ops, s, "serial",
                          SERIAL_NUM_REGS << s->regshift);
    sysbus_init_mmio(SYS_BUS_DEVICE(dev), &s->io);
    sysbus_init_irq(SYS_BUS_DEVICE(dev), &s->serial.irq);
    return true;
}

static void serial_mm_unrealize(DeviceState *dev)
{
    qdev_unrealize(DEVICE(&SERIAL_MM(dev)->serial));
}

static void serial_mm_init(Object *obj)
{
    SerialMM *s = SERIAL_MM(obj);

    object_initialize_child(obj, "serial", &s->serial, TYPE_SERIAL);
    object_property_add_alias(obj, "chardev", OBJECT(&s->serial), "chardev");
    object_property_add_alias(obj, "baudbase", OBJECT(&s->serial), "baudbase");
}

static void serial_mm_reset_child(Object *obj, ResettableChildVisit *visit, void *opaque,
                                  ResetType type)
{
    visit(OBJECT(&SERIAL_MM(obj)->serial), type, opaque);
}

static const Property serial_mm_properties[] = {
    DEFINE_PROP_UINT8("regshift", SerialMM, regshift, 0),
    DEFINE_PROP_UINT8("endianness", SerialMM, endianness, DEVICE_LITTLE_ENDIAN),
};

static void serial_mm_class_init(ObjectClass *klass, const void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);

    dc->desc = "16550A UART, memory-mapped";
    dc->realize = serial_mm_realize;
    dc->unrealize = serial_mm_unrealize;
    dc->fdt = serial_mm_fdt;
    set_bit(DEVICE_CATEGORY_INPUT, dc->categories);
    RESETTABLE_CLASS(klass)->child_foreach = serial_mm_reset_child;
    device_class_set_props(dc, serial_mm_properties);
}

static const TypeInfo serial_mm_types[] = {
    {
        .name = TYPE_SERIAL_MM,
        .parent = TYPE_SYS_BUS_DEVICE,
        .instance_size = sizeof(SerialMM),
        .instance_init = serial_mm_init,
        .class_init = serial_mm_class_init,
    },
};
DEFINE_TYPES(serial_mm_types)
