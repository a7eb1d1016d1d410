/* SPDX-License-Identifier: MIT */
/* hw/core/qdev-print.c: -device help, -device TYPE,help and info qtree, in QEMU's layout. */
#include "qemu/osdep.h"
#include "hw/core/qdev-properties.h"
#include "hw/core/sysbus.h"

typedef struct Part {
    SysBusDevice parent_obj;
    bool flag;
    uint32_t number;
    uint64_t size;
    OnOffAuto tri;
    char *text;
    qemu_irq irq;
} Part;

static const Property part_properties[] = {
    DEFINE_PROP_BOOL("flag", Part, flag, true),
    DEFINE_PROP_UINT32("number", Part, number, 128),
    DEFINE_PROP_SIZE("size", Part, size, 65536),
    DEFINE_PROP_ON_OFF_AUTO("account-failed", Part, tri, ON_OFF_AUTO_AUTO),
    DEFINE_PROP_STRING("text", Part, text),
};

static void part_set(void *opaque, int n, int level)
{
}

static void part_init(Object *obj)
{
    qdev_init_gpio_in(DEVICE(obj), part_set, 3);
    sysbus_init_irq(SYS_BUS_DEVICE(obj), &((Part *)obj)->irq);
    qbus_new("test-bus", DEVICE(obj), NULL);
}

static void part_class_init(ObjectClass *klass, const void *data)
{
    device_class_set_props(DEVICE_CLASS(klass), part_properties);
}

static void leaf_class_init(ObjectClass *klass, const void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);

    dc->bus_type = "test-bus";
    dc->desc = "A leaf";
    set_bit(DEVICE_CATEGORY_MISC, dc->categories);
}

static const TypeInfo types[] = {
    {.name = "test-bus", .parent = TYPE_BUS, .instance_size = sizeof(BusState)},
    {
        .name = "test-part",
        .parent = TYPE_SYS_BUS_DEVICE,
        .instance_size = sizeof(Part),
        .instance_init = part_init,
        .class_init = part_class_init,
    },
    {
        .name = "test-leaf",
        .parent = TYPE_DEVICE,
        .instance_size = sizeof(DeviceState),
        .class_init = leaf_class_init,
    },
    {.name = "test-stray", .parent = TYPE_DEVICE, .instance_size = sizeof(DeviceState)},
};

DEFINE_TYPES(types)

static void test_qtree(void)
{
    DeviceState *part = qdev_new("test-part"), *leaf = qdev_new("test-leaf");
    GString *out = g_string_new(NULL);

    leaf->id = g_strdup("l");
    g_assert_true(sysbus_realize_and_unref(SYS_BUS_DEVICE(part), NULL));
    g_assert_true(qdev_realize_and_unref(leaf, part->child_buses.head->data, NULL));
    g_assert_true(sysbus_realize_and_unref(SYS_BUS_DEVICE(qdev_new("test-part")), NULL));

    qdev_print_tree(out, true);
    g_assert_cmpstr(out->str, ==,
                    "bus: main-system-bus\n"
                    "  type System\n"
                    "  dev: test-part, id \"\"\n"
                    "    bus: test-bus.1\n"
                    "      type test-bus\n"
                    "  dev: test-part, id \"\"\n"
                    "    bus: test-bus.0\n"
                    "      type test-bus\n"
                    "      dev: test-leaf, id \"l\"\n");
    g_string_truncate(out, 0);
    qdev_print_tree(out, false);
    g_assert_nonnull(strstr(out->str, "  dev: test-part, id \"\"\n"
                                      "    gpio-in \"\" 3\n"
                                      "    gpio-out \"sysbus-irq\" 1\n"
                                      "    flag = true\n"
                                      "    number = 128 (0x80)\n"
                                      "    size = 65536 (64 KiB)\n"
                                      "    account-failed = \"auto\"\n"
                                      "    text = \"\"\n"
                                      "    bus: test-bus.1\n"));
    g_string_free(out, TRUE);
    sysbus_drop_default();
}

static void test_help(void)
{
    g_autofree char *list = qdev_help();
    g_autofree char *part = qdev_device_help("test-part", NULL);
    g_autofree char *stray = qdev_device_help("test-stray", NULL);

    g_assert_nonnull(strstr(strstr(list, "Misc devices:\n"),
                            "\nname \"test-leaf\", bus test-bus, desc \"A leaf\"\n"));
    g_assert_nonnull(strstr(list, "\nUncategorized devices:\nname \"test-stray\"\n"));
    g_assert_null(strstr(list, "test-part"));
    g_assert_cmpstr(part, ==,
                    "test-part options:\n"
                    "  account-failed=<OnOffAuto> - on/off/auto (default: auto)\n"
                    "  flag=<bool>            - on/off (default: on)\n"
                    "  number=<uint32>        -  (default: 128)\n"
                    "  size=<size>            -  (default: 65536)\n"
                    "  text=<str>\n");
    g_assert_cmpstr(stray, ==, "There are no options for test-stray.\n");
}

static void test_help_refusals(void)
{
    GError *error = NULL;

    g_assert_null(qdev_device_help("foo", &error));
    g_assert_cmpstr(error->message, ==, "Device 'foo' not found");
    g_clear_error(&error);
    g_assert_null(qdev_device_help("container", &error));
    g_assert_cmpstr(error->message, ==, "Parameter 'typename' expects a non-abstract device type");
    g_clear_error(&error);
    g_assert_null(qdev_device_help(TYPE_DEVICE, &error));
    g_clear_error(&error);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/hw/core/qdev-print/qtree", test_qtree);
    g_test_add_func("/hw/core/qdev-print/help", test_help);
    g_test_add_func("/hw/core/qdev-print/help-refusals", test_help_refusals);
    return g_test_run();
}
