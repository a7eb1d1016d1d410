/* SPDX-License-Identifier: MIT */
/* hw/core/sysbus.c: mapping, remapping, priorities, irqs, what is left when a device goes. */
#include "qemu/osdep.h"
#include "../hw-test.h"

typedef struct Part {
    SysBusDevice parent_obj;
    MemoryRegion regs, more;
    qemu_irq irq[2];
    uint64_t answer;
} Part;

static uint64_t part_read(void *opaque, hwaddr addr, unsigned size)
{
    return ((Part *)opaque)->answer + addr;
}

static void part_write(void *opaque, hwaddr addr, uint64_t value, unsigned size)
{
}

static const MemoryRegionOps part_ops = {
    .read = part_read,
    .write = part_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
};

static void part_init(Object *obj)
{
    Part *part = (Part *)obj;
    SysBusDevice *sbd = SYS_BUS_DEVICE(obj);

    memory_region_init_io(&part->regs, obj, &part_ops, part, "regs", 0x1000);
    memory_region_init_io(&part->more, obj, &part_ops, part, "more", 0x1000);
    sysbus_init_mmio(sbd, &part->regs);
    sysbus_init_mmio(sbd, &part->more);
    sysbus_init_irq(sbd, &part->irq[0]);
    sysbus_init_irq(sbd, &part->irq[1]);
}

static const TypeInfo types[] = {
    {
        .name = "test-part",
        .parent = TYPE_SYS_BUS_DEVICE,
        .instance_size = sizeof(Part),
        .instance_init = part_init,
    },
};

DEFINE_TYPES(types)

static DeviceState *part_new(uint64_t answer)
{
    DeviceState *dev = qdev_new("test-part");

    ((Part *)dev)->answer = answer;
    g_assert_true(sysbus_realize_and_unref(SYS_BUS_DEVICE(dev), NULL));
    return dev;
}

static void test_map(void)
{
    DeviceState *dev = part_new(0x100);
    SysBusDevice *sbd = SYS_BUS_DEVICE(dev);

    g_assert_true(qdev_get_parent_bus(dev) == sysbus_get_default());
    g_assert_true(sysbus_mmio_get_region(sbd, 1) == &((Part *)dev)->more);
    sysbus_mmio_map(sbd, 0, 0x10000000);
    sysbus_mmio_map(sbd, 1, 0x10001000);
    g_assert_cmphex(hw_test_read(0x10000004, 4), ==, 0x104);
    g_assert_cmphex(hw_test_read(0x10001008, 4), ==, 0x108);

    sysbus_mmio_map(sbd, 0, 0x20000000);
    g_assert_cmphex(hw_test_read(0x20000004, 4), ==, 0x104);
    g_assert_cmpint(hw_test_try_read(0x10000004, 4), !=, MEMTX_OK);
    sysbus_mmio_unmap(sbd, 0);
    sysbus_mmio_unmap(sbd, 0);
    g_assert_cmpint(hw_test_try_read(0x20000004, 4), !=, MEMTX_OK);

    object_unparent(OBJECT(dev));
    g_assert_cmpint(hw_test_try_read(0x10001008, 4), !=, MEMTX_OK);
}

static void test_overlap(void)
{
    DeviceState *low = part_new(0x100), *high = part_new(0x200);

    sysbus_mmio_map_overlap(SYS_BUS_DEVICE(high), 0, 0x10000000, 1);
    sysbus_mmio_map_overlap(SYS_BUS_DEVICE(low), 0, 0x10000000, 0);
    g_assert_cmphex(hw_test_read(0x10000000, 4), ==, 0x200);
    object_unparent(OBJECT(high));
    g_assert_cmphex(hw_test_read(0x10000000, 4), ==, 0x100);
    object_unparent(OBJECT(low));
}

static void test_irqs(void)
{
    DeviceState *dev = part_new(0);
    SysBusDevice *sbd = SYS_BUS_DEVICE(dev);
    HwTestSink sink = {0};
    qemu_irq line = hw_test_sink(&sink);

    g_assert_true(sysbus_has_irq(sbd, 1));
    g_assert_false(sysbus_has_irq(sbd, 2));
    g_assert_false(sysbus_is_irq_connected(sbd, 1));
    sysbus_connect_irq(sbd, 1, line);
    g_assert_true(sysbus_is_irq_connected(sbd, 1));
    qemu_irq_raise(((Part *)dev)->irq[1]);
    g_assert_cmpint(sink.level, ==, 1);
    qemu_irq_raise(((Part *)dev)->irq[0]);
    g_assert_cmpuint(sink.rises, ==, 1);
    object_unparent(OBJECT(dev));
    qemu_free_irq(line);
}

static void test_reset(void)
{
    BusState *bus = sysbus_get_default();

    g_assert_true(sysbus_get_default() == bus);
    g_assert_true(object_resolve_path("/machine/unattached/sysbus", NULL) == OBJECT(bus));
    sysbus_drop_default();
    g_assert_null(object_resolve_path("/machine/unattached/sysbus", NULL));
    qemu_devices_reset(RESET_TYPE_COLD);
}

int main(int argc, char **argv)
{
    hw_test_init(&argc, &argv);
    g_test_add_func("/hw/core/sysbus/map", test_map);
    g_test_add_func("/hw/core/sysbus/overlap", test_overlap);
    g_test_add_func("/hw/core/sysbus/irqs", test_irqs);
    g_test_add_func("/hw/core/sysbus/reset", test_reset);
    return g_test_run();
}
