/* SPDX-License-Identifier: MIT */
/* hw/core/reset.c: phases, order over a tree of devices and buses, registration. */
#include "qemu/osdep.h"
#include "hw/core/qdev.h"

static GString *events;

typedef struct Part {
    DeviceState parent_obj;
    BusState *bus;
} Part;

static void note(Object *obj, const char *phase)
{
    g_string_append_printf(events, "%s:%s ", DEVICE(obj)->id, phase);
}

static void part_enter(Object *obj, ResetType type)
{
    note(obj, "e");
}

static void part_hold(Object *obj, ResetType type)
{
    g_assert_cmpint(type, ==, RESET_TYPE_COLD);
    note(obj, "h");
}

static void part_exit(Object *obj, ResetType type)
{
    note(obj, "x");
}

static void part_class_init(ObjectClass *klass, const void *data)
{
    ResettableClass *rc = RESETTABLE_CLASS(klass);

    rc->phases.enter = part_enter;
    rc->phases.hold = part_hold;
    rc->phases.exit = part_exit;
    DEVICE_CLASS(klass)->bus_type = data;
}

static ResettablePhases parent_phases;

static void derived_hold(Object *obj, ResetType type)
{
    note(obj, "d");
    parent_phases.hold(obj, type);
}

static void derived_class_init(ObjectClass *klass, const void *data)
{
    resettable_class_set_parent_phases(RESETTABLE_CLASS(klass), NULL, derived_hold, NULL,
                                       &parent_phases);
}

static const TypeInfo types[] = {
    {.name = "test-bus", .parent = TYPE_BUS, .instance_size = sizeof(BusState)},
    {
        .name = "test-root",
        .parent = TYPE_DEVICE,
        .instance_size = sizeof(Part),
        .class_init = part_class_init,
    },
    {
        .name = "test-part",
        .parent = TYPE_DEVICE,
        .instance_size = sizeof(Part),
        .class_init = part_class_init,
        .class_data = "test-bus",
    },
    {.name = "test-derived", .parent = "test-part", .class_init = derived_class_init},
};

DEFINE_TYPES(types)

static DeviceState *part_new(const char *type, const char *id, BusState *bus)
{
    DeviceState *dev = qdev_new(type);

    dev->id = g_strdup(id);
    g_assert_true(qdev_realize_and_unref(dev, bus, NULL));
    return dev;
}

static DeviceState *root_new(BusState **bus)
{
    DeviceState *root = qdev_new("test-root");

    root->id = g_strdup("root");
    *bus = qbus_new("test-bus", root, NULL);
    g_assert_true(qdev_realize_and_unref(root, NULL, NULL));
    return root;
}

static void test_tree(void)
{
    BusState *bus;
    DeviceState *root = root_new(&bus);

    part_new("test-part", "a", bus);
    part_new("test-derived", "b", bus);
    g_string_truncate(events, 0);
    device_cold_reset(root);
    g_assert_cmpstr(events->str, ==,
                    "a:e b:e root:e "
                    "a:h b:d b:h root:h "
                    "a:x b:x root:x ");
    g_string_truncate(events, 0);
    bus_cold_reset(bus);
    g_assert_cmpstr(events->str, ==, "a:e b:e a:h b:d b:h a:x b:x ");
    object_unparent(OBJECT(root));
}

static void function(void *opaque)
{
    g_string_append_printf(events, "%s ", (const char *)opaque);
}

static void function_once(void *opaque)
{
    function(opaque);
    qemu_unregister_reset(function_once, opaque);
}

static void test_registered(void)
{
    BusState *bus;
    DeviceState *root = root_new(&bus);

    qemu_register_reset(function, (void *)"first");
    qemu_register_resettable(OBJECT(root));
    qemu_register_reset(function_once, (void *)"once");
    qemu_register_reset(function, (void *)"last");

    g_string_truncate(events, 0);
    qemu_devices_reset(RESET_TYPE_COLD);
    g_assert_cmpstr(events->str, ==, "root:e first root:h once last root:x ");

    qemu_unregister_reset(function, (void *)"first");
    qemu_unregister_reset(function, (void *)"never registered");
    g_string_truncate(events, 0);
    qemu_devices_reset(RESET_TYPE_COLD);
    g_assert_cmpstr(events->str, ==, "root:e root:h last root:x ");

    qemu_unregister_resettable(OBJECT(root));
    qemu_unregister_reset(function, (void *)"last");
    g_string_truncate(events, 0);
    qemu_devices_reset(RESET_TYPE_COLD);
    g_assert_cmpstr(events->str, ==, "");
    object_unparent(OBJECT(root));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    events = g_string_new(NULL);
    g_test_add_func("/hw/core/reset/tree", test_tree);
    g_test_add_func("/hw/core/reset/registered", test_registered);
    return g_test_run();
}
