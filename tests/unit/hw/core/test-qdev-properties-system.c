/* SPDX-License-Identifier: MIT */
/* hw/core/qdev-properties-system.c: naming backends, and refusing what is missing or in use. */
#include "qemu/osdep.h"
#include "hw/core/qdev-properties.h"
#include "system/chardev.h"

typedef struct Part {
    DeviceState parent_obj;
    CharBackend chr;
} Part;

static const Property part_properties[] = {
    DEFINE_PROP_CHR("chardev", Part, chr),
};

static void part_class_init(ObjectClass *klass, const void *data)
{
    device_class_set_props(DEVICE_CLASS(klass), part_properties);
}

static const TypeInfo types[] = {
    {
        .name = "test-part",
        .parent = TYPE_DEVICE,
        .instance_size = sizeof(Part),
        .class_init = part_class_init,
    },
};

DEFINE_TYPES(types)

static void assert_error(GError **error, const char *message)
{
    g_assert_nonnull(*error);
    g_assert_cmpstr((*error)->message, ==, message);
    g_clear_error(error);
}

static void test_chardev(void)
{
    Chardev *chr = qemu_chr_new("a", "null", NULL, NULL);
    DeviceState *first = qdev_new("test-part");
    g_autoptr(DeviceState) second = qdev_new("test-part");
    g_autofree char *name = NULL;
    GError *error = NULL;

    g_assert_nonnull(chr);
    g_assert_false(object_property_parse(OBJECT(first), "chardev", "zz", &error));
    assert_error(&error, "Property 'test-part.chardev' can't find value 'zz'");
    g_assert_true(object_property_parse(OBJECT(first), "chardev", "a", &error));
    name = object_property_get_str(OBJECT(first), "chardev", &error);
    g_assert_cmpstr(name, ==, "a");
    g_assert_true(qemu_chr_fe_get_driver(&((Part *)first)->chr) == chr);

    g_assert_false(object_property_parse(OBJECT(second), "chardev", "a", &error));
    assert_error(&error, "Property 'test-part.chardev' can't take value 'a': chardev 'a' is "
                         "already in use");
    /* Given back by the end of the device that had it. */
    object_unref(first);
    g_assert_true(qdev_prop_set_chr(second, "chardev", chr, &error));
    g_assert_true(qdev_prop_set_chr(second, "chardev", NULL, &error));
    g_assert_null(qemu_chr_fe_get_driver(&((Part *)second)->chr));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/hw/core/qdev-properties-system/chardev", test_chardev);
    return g_test_run();
}
