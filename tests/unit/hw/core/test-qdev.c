/* SPDX-License-Identifier: MIT */
/* hw/core/qdev.c, hw/core/bus.c: realize and its failures, buses, taking things away. */
#include "qemu/osdep.h"
#include "qemu/error.h"
#include "hw/core/qdev-properties.h"

typedef struct Part {
    DeviceState parent_obj;
    bool refuse;
    int live; /* realized minus unrealized */
} Part;

static int finalized;

static bool part_realize(DeviceState *dev, GError **error)
{
    Part *part = (Part *)dev;

    if (part->refuse) {
        error_setg(error, "refused");
        return false;
    }
    part->live++;
    return true;
}

static void part_unrealize(DeviceState *dev)
{
    ((Part *)dev)->live--;
}

static void part_finalize(Object *obj)
{
    g_assert_cmpint(((Part *)obj)->live, ==, 0);
    finalized++;
}

static const Property part_properties[] = {
    DEFINE_PROP_BOOL("refuse", Part, refuse, false),
};

static void part_class_init(ObjectClass *klass, const void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);

    dc->realize = part_realize;
    dc->unrealize = part_unrealize;
    dc->bus_type = data;
    device_class_set_props(dc, part_properties);
}

static DeviceRealize parent_realize;

static bool derived_realize(DeviceState *dev, GError **error)
{
    return parent_realize(dev, error) && parent_realize(dev, error);
}

static DeviceUnrealize parent_unrealize;

static void derived_unrealize(DeviceState *dev)
{
    parent_unrealize(dev);
    parent_unrealize(dev);
}

static void derived_class_init(ObjectClass *klass, const void *data)
{
    device_class_set_parent_realize(DEVICE_CLASS(klass), derived_realize, &parent_realize);
    device_class_set_parent_unrealize(DEVICE_CLASS(klass), derived_unrealize, &parent_unrealize);
}

static bool bus_refuses;

static bool bus_realize(BusState *bus, GError **error)
{
    if (bus_refuses) {
        error_setg(error, "bus refused");
        return false;
    }
    return true;
}

static bool bus_check_address(BusState *bus, DeviceState *dev, GError **error)
{
    if (dev->id && strcmp(dev->id, "misplaced") == 0) {
        error_setg(error, "no such slot");
        return false;
    }
    return true;
}

static void bus_class_init(ObjectClass *klass, const void *data)
{
    BUS_CLASS(klass)->max_dev = 2;
    BUS_CLASS(klass)->realize = bus_realize;
    BUS_CLASS(klass)->check_address = bus_check_address;
}

static const TypeInfo types[] = {
    {
        .name = "Test-Bus",
        .parent = TYPE_BUS,
        .instance_size = sizeof(BusState),
        .class_init = bus_class_init,
    },
    {
        .name = "test-root",
        .parent = TYPE_DEVICE,
        .instance_size = sizeof(Part),
        .class_init = part_class_init,
        .instance_finalize = part_finalize,
    },
    {
        .name = "test-part",
        .parent = TYPE_DEVICE,
        .instance_size = sizeof(Part),
        .class_init = part_class_init,
        .class_data = "Test-Bus",
        .instance_finalize = part_finalize,
    },
    {.name = "test-derived", .parent = "test-part", .class_init = derived_class_init},
};

DEFINE_TYPES(types)

static void test_realize(void)
{
    DeviceState *dev = qdev_new("test-root");
    g_autofree char *path = NULL;

    g_assert_false(qdev_is_realized(dev));
    g_assert_true(qdev_realize(dev, NULL, NULL));
    g_assert_true(qdev_is_realized(dev));
    g_assert_true(object_property_get_bool(OBJECT(dev), "realized", NULL));
    path = object_get_canonical_path(OBJECT(dev));
    g_assert_cmpstr(path, ==, "/machine/unattached/device[0]");

    qdev_unrealize(dev);
    g_assert_cmpint(((Part *)dev)->live, ==, 0);
    qdev_unrealize(dev);
    g_assert_true(qdev_realize(dev, NULL, NULL));

    finalized = 0;
    object_unparent(OBJECT(dev));
    g_assert_false(qdev_is_realized(dev));
    g_assert_cmpint(finalized, ==, 0);
    object_unref(dev);
    g_assert_cmpint(finalized, ==, 1);
    g_assert_null(qdev_try_new("test-nothing"));
}

static void test_refused(void)
{
    DeviceState *root = qdev_new("test-root"), *part = qdev_new("test-part");
    BusState *bus = qbus_new("Test-Bus", root, "b");
    GError *error = NULL;

    g_assert_true(qdev_realize_and_unref(root, NULL, NULL));
    qdev_prop_set_bit(part, "refuse", true);
    g_assert_false(qdev_realize(part, bus, &error));
    g_assert_cmpstr(error->message, ==, "refused");
    g_clear_error(&error);
    /* Nothing is left: not on the bus, not in the tree; and it can be tried again. */
    g_assert_cmpuint(bus->children.length, ==, 0);
    g_assert_null(part->parent_bus);
    g_assert_null(OBJECT(part)->parent);
    qdev_prop_set_bit(part, "refuse", false);
    g_assert_true(qdev_realize_and_unref(part, bus, &error));
    object_unparent(OBJECT(root));
}

static void test_bus_refused(void)
{
    DeviceState *root = qdev_new("test-root");
    GError *error = NULL;

    qbus_new("Test-Bus", root, "b");
    bus_refuses = true;
    g_assert_false(qdev_realize(root, NULL, &error));
    bus_refuses = false;
    g_assert_cmpstr(error->message, ==, "bus refused");
    g_clear_error(&error);
    g_assert_cmpint(((Part *)root)->live, ==, 0);
    g_assert_false(qdev_is_realized(root));
    object_unref(root);
}

static void test_bus_names(void)
{
    DeviceState *named = qdev_new("test-root"), *anonymous = qdev_new("test-root");

    named->id = g_strdup("hub");
    g_assert_cmpstr(qbus_new("Test-Bus", named, NULL)->name, ==, "hub.0");
    g_assert_cmpstr(qbus_new("Test-Bus", named, NULL)->name, ==, "hub.1");
    g_assert_cmpstr(qbus_new("Test-Bus", anonymous, NULL)->name, ==, "test-bus.0");
    g_assert_cmpstr(qbus_new("Test-Bus", anonymous, NULL)->name, ==, "test-bus.1");
    g_assert_cmpstr(qbus_new("Test-Bus", anonymous, "given")->name, ==, "given");
    g_assert_true(qdev_get_child_bus(anonymous, "given") ==
                  BUS(object_resolve_path_component(OBJECT(anonymous), "given")));
    g_assert_null(qdev_get_child_bus(anonymous, "hub.0"));
    object_unparent(OBJECT(qdev_get_child_bus(anonymous, "given")));
    g_assert_null(qdev_get_child_bus(anonymous, "given"));
    qdev_unrealize(named);
    while (anonymous->child_buses.head) {
        object_unparent(anonymous->child_buses.head->data);
    }
    while (named->child_buses.head) {
        object_unparent(named->child_buses.head->data);
    }
    object_unref(named);
    object_unref(anonymous);
}

static void test_full(void)
{
    DeviceState *root = qdev_new("test-root");
    BusState *bus = qbus_new("Test-Bus", root, "b");
    g_autoptr(DeviceState) third = qdev_new("test-part");
    g_autoptr(DeviceState) misplaced = qdev_new("test-part");
    GError *error = NULL;

    g_assert_true(qdev_realize_and_unref(root, NULL, NULL));
    misplaced->id = g_strdup("misplaced");
    g_assert_false(qdev_realize(misplaced, bus, &error));
    g_assert_cmpstr(error->message, ==, "no such slot");
    g_clear_error(&error);
    for (int i = 0; i < 2; i++) {
        g_assert_false(qbus_is_full(bus));
        g_assert_true(qdev_realize_and_unref(qdev_new("test-part"), bus, &error));
    }
    g_assert_true(qbus_is_full(bus));
    g_assert_false(qdev_realize(third, bus, &error));
    g_assert_cmpstr(error->message, ==, "Bus 'b' is full");
    g_clear_error(&error);
    object_unparent(OBJECT(root));
}

static void test_derived(void)
{
    DeviceState *root = qdev_new("test-root"), *dev = qdev_new("test-derived");
    BusState *bus = qbus_new("Test-Bus", root, "b");

    g_assert_true(qdev_realize_and_unref(root, NULL, NULL));
    g_assert_true(qdev_realize_and_unref(dev, bus, NULL));
    g_assert_cmpint(((Part *)dev)->live, ==, 2);
    g_assert_true(qdev_get_parent_bus(dev) == bus);

    /* Taking the root away takes all that hangs on it, wherever it is in the tree. */
    finalized = 0;
    object_unparent(OBJECT(root));
    g_assert_cmpint(finalized, ==, 2);
}

static void test_full_marked(void)
{
    DeviceState *root = qdev_new("test-root");
    BusState *bus = qbus_new("Test-Bus", root, "b");

    g_assert_true(qdev_realize_and_unref(root, NULL, NULL));
    qbus_mark_full(bus);
    g_assert_true(qbus_is_full(bus));
    object_unparent(OBJECT(root));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/hw/core/qdev/realize", test_realize);
    g_test_add_func("/hw/core/qdev/refused", test_refused);
    g_test_add_func("/hw/core/qdev/bus-refused", test_bus_refused);
    g_test_add_func("/hw/core/qdev/bus-names", test_bus_names);
    g_test_add_func("/hw/core/qdev/full", test_full);
    g_test_add_func("/hw/core/qdev/full-marked", test_full_marked);
    g_test_add_func("/hw/core/qdev/derived", test_derived);
    return g_test_run();
}
