/* SPDX-License-Identifier: MIT */
/*
 * hw/core/qdev-monitor.c: -device and device_del, good and bad. The layout is the virt board's:
 * several transports with a bus of one place each. Wordings are QEMU 11.1.3's, observed.
 */
#include "qemu/osdep.h"
#include "qemu/error.h"
#include "hw/core/qdev-properties.h"
#include "hw/core/sysbus.h"

#define NUM_TRANSPORTS 3

typedef struct Part {
    DeviceState parent_obj;
    uint32_t drive;
    BusState *bus;
} Part;

static const Property part_properties[] = {
    DEFINE_PROP_UINT32("drive", Part, drive, 1),
};

static bool part_realize(DeviceState *dev, GError **error)
{
    if (!((Part *)dev)->drive) {
        error_setg(error, "drive property not set");
        return false;
    }
    return true;
}

static void part_class_init(ObjectClass *klass, const void *data)
{
    DEVICE_CLASS(klass)->realize = part_realize;
    DEVICE_CLASS(klass)->bus_type = data;
    device_class_set_props(DEVICE_CLASS(klass), part_properties);
}

static void transport_init(Object *obj)
{
    qbus_new("test-mmio-bus", DEVICE(obj), NULL);
}

static void transport_class_init(ObjectClass *klass, const void *data)
{
    DEVICE_CLASS(klass)->user_creatable = data;
}

static void bus_class_init(ObjectClass *klass, const void *data)
{
    BUS_CLASS(klass)->max_dev = 1;
}

static void plug_bus_init(Object *obj)
{
    BUS(obj)->hotpluggable = true;
}

static const TypeInfo types[] = {
    {.name = "test-abstract-bus", .parent = TYPE_BUS, .instance_size = sizeof(BusState)},
    {.name = "test-mmio-bus", .parent = "test-abstract-bus", .class_init = bus_class_init},
    {.name = "test-plug-bus", .parent = "test-abstract-bus", .instance_init = plug_bus_init},
    {.name = "test-other-bus", .parent = TYPE_BUS, .instance_size = sizeof(BusState)},
    {
        .name = "test-transport",
        .parent = TYPE_SYS_BUS_DEVICE,
        .instance_size = sizeof(SysBusDevice),
        .instance_init = transport_init,
        .class_init = transport_class_init,
    },
    {.name = "test-hub", .parent = TYPE_DEVICE, .instance_size = sizeof(DeviceState)},
    {
        .name = "test-part",
        .parent = TYPE_DEVICE,
        .instance_size = sizeof(Part),
        .class_init = part_class_init,
        .class_data = "test-abstract-bus",
    },
    {
        .name = "test-homeless",
        .parent = TYPE_DEVICE,
        .instance_size = sizeof(Part),
        .class_init = part_class_init,
        .class_data = "test-other-bus",
    },
    {
        .name = "test-abstract",
        .parent = TYPE_DEVICE,
        .instance_size = sizeof(Part),
        .abstract = true,
    },
};

DEFINE_TYPES(types)

static DeviceState *add(const char *text, bool hotplug, GError **error)
{
    g_autoptr(QemuOpts) opts = qemu_opts_parse(text, "driver", QEMU_OPTS_NONE, NULL);
    size_t num;
    ObjectOption *options = object_options_from_opts(opts, &num);
    DeviceState *dev = qdev_device_add(options, num, hotplug, error);

    object_options_free(options, num);
    return dev;
}

static void board_new(void)
{
    BUS_CLASS(object_class_by_name("test-mmio-bus"))->next_id = 0;
    for (int i = 0; i < NUM_TRANSPORTS; i++) {
        g_assert_true(sysbus_realize_and_unref(SYS_BUS_DEVICE(qdev_new("test-transport")), NULL));
    }
}

static void board_drop(void)
{
    sysbus_drop_default();
    object_unparent(object_resolve_path("/machine", NULL));
}

static void test_placement(void)
{
    GError *error = NULL;
    DeviceState *dev;
    g_autofree char *path = NULL;

    board_new();
    dev = add("test-part,id=r1", false, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(dev->parent_bus->name, ==, "test-mmio-bus.2");
    g_assert_true(qdev_find_by_id("r1") == dev);
    g_assert_true(object_resolve_path("/machine/peripheral/r1", NULL) == OBJECT(dev));

    dev = add("test-part", false, &error);
    g_assert_cmpstr(dev->parent_bus->name, ==, "test-mmio-bus.1");
    path = object_get_canonical_path(OBJECT(dev));
    g_assert_cmpstr(path, ==, "/machine/peripheral-anon/device[0]");

    dev = add("test-part,bus=test-mmio-bus.0", false, &error);
    g_assert_cmpstr(dev->parent_bus->name, ==, "test-mmio-bus.0");
    g_assert_null(add("test-part", false, &error));
    g_assert_cmpstr(error->message, ==, "A 'test-abstract-bus' bus was found but is full");
    g_clear_error(&error);
    board_drop();
}

static void test_refusals(void)
{
    static const struct {
        const char *option, *message;
    } rows[] = {
        {"foo", "'foo' is not a valid device model name"},
        {"container", "'container' is not a valid device model name"},
        {"", "Parameter 'driver' is missing"},
        {"id=a", "Parameter 'driver' is missing"},
        {"test-part,id=1a", "Parameter 'id' expects an identifier"},
        {"test-part,id=taken", "Duplicate ID 'taken' for device"},
        {"test-abstract", "Parameter 'driver' expects a non-abstract device type"},
        {"test-transport", "Parameter 'driver' expects a pluggable device type"},
        {"test-homeless", "No 'test-other-bus' bus found for device 'test-homeless'"},
        {"test-part,bus=zz", "Bus 'zz' not found"},
        {"test-part,bus=/machine", "Bus '/machine' not found"},
        {"test-homeless,bus=test-mmio-bus.0",
         "Device 'test-homeless' can't go on test-mmio-bus bus"},
        {"test-hub,bus=test-mmio-bus.0", "Device 'test-hub' can't go on test-mmio-bus bus"},
        {"test-part,bus=test-mmio-bus.2", "Bus 'test-mmio-bus.2' is full"},
        {"test-part,foo=1,id=a", "Property 'test-part.foo' not found"},
        {"test-part,drive=zz,id=a", "Parameter 'drive' expects integer"},
        {"test-part,drive=0,id=a", "drive property not set"},
    };

    board_new();
    g_assert_nonnull(add("test-part,id=taken", false, NULL));
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(add(rows[i].option, false, &error));
        g_assert_cmpstr(error->message, ==, rows[i].message);
        g_assert_null(qdev_find_by_id("a"));
    }
    /* Two places are still free: nothing was left behind. */
    g_assert_nonnull(add("test-part", false, NULL));
    g_assert_nonnull(add("test-part", false, NULL));
    board_drop();
}

static void test_no_bus(void)
{
    GError *error = NULL;
    DeviceState *dev = add("test-hub,id=h", false, &error);

    g_assert_no_error(error);
    g_assert_true(qdev_is_realized(dev));
    g_assert_null(dev->parent_bus);
    g_assert_false(dev->hotplugged);
    board_drop();
}

static void test_hotplug(void)
{
    GError *error = NULL;
    DeviceState *dev;

    board_new();
    g_assert_nonnull(add("test-part,id=cold", false, &error));
    g_assert_null(add("test-part", true, &error));
    g_assert_cmpstr(error->message, ==, "Bus 'test-mmio-bus.1' does not support hotplugging");
    g_clear_error(&error);
    g_assert_false(qdev_device_del("cold", &error));
    g_assert_cmpstr(error->message, ==, "Bus 'test-mmio-bus.2' does not support hotplugging");
    g_clear_error(&error);
    g_assert_false(qdev_device_del("zz", &error));
    g_assert_cmpstr(error->message, ==, "Device 'zz' not found");
    g_assert_cmpint(error->code, ==, ERROR_CLASS_DEVICE_NOT_FOUND);
    g_clear_error(&error);

    qbus_new("test-plug-bus", qdev_find_by_id("cold"), "plug");
    dev = add("test-part,id=hot,bus=plug", true, &error);
    g_assert_no_error(error);
    g_assert_true(dev->hotplugged);
    g_assert_true(object_property_get_bool(OBJECT(dev), "hotpluggable", NULL));
    g_assert_false(object_property_get_bool(OBJECT(qdev_find_by_id("cold")), "hotpluggable", NULL));
    g_assert_true(qdev_device_del("/machine/peripheral/hot", &error));
    g_assert_null(qdev_find_by_id("hot"));
    board_drop();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/hw/core/qdev-monitor/placement", test_placement);
    g_test_add_func("/hw/core/qdev-monitor/refusals", test_refusals);
    g_test_add_func("/hw/core/qdev-monitor/no-bus", test_no_bus);
    g_test_add_func("/hw/core/qdev-monitor/hotplug", test_hotplug);
    return g_test_run();
}
