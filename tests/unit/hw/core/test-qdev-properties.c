/* SPDX-License-Identifier: MIT */
/* hw/core/qdev-properties.c, qdev-globals.c: each kind, defaults, -global, the realized device. */
#include "qemu/osdep.h"
#include "qemu/error.h"
#include "hw/core/qdev-properties.h"

typedef enum {
    MODE_SLOW,
    MODE_FAST
} Mode;

static const QEnumLookup mode_lookup = {
    .array = (const char *const[]){"slow", "fast"},
    .size = 2,
};

static const PropertyInfo mode_info = {
    .type = "Mode",
    .enum_table = &mode_lookup,
    .get = qdev_propinfo_get_enum,
    .set = qdev_propinfo_set_enum,
    .set_default = qdev_propinfo_set_default_enum,
    .default_value = qdev_propinfo_default_enum,
};

typedef struct Part {
    DeviceState parent_obj;
    bool flag;
    uint8_t u8;
    uint16_t u16;
    uint32_t u32;
    int32_t i32;
    uint64_t u64;
    int64_t i64;
    uint64_t size;
    uint32_t bits;
    uint64_t bits64;
    OnOffAuto tri;
    Mode mode;
    char *text;
    Object *link;
    uint32_t extra;
} Part;

static const Property part_properties[] = {
    DEFINE_PROP_BOOL("flag", Part, flag, true),
    DEFINE_PROP_UINT8("u8", Part, u8, 8),
    DEFINE_PROP_UINT16("u16", Part, u16, 16),
    DEFINE_PROP_UINT32("u32", Part, u32, 32),
    DEFINE_PROP_INT32("i32", Part, i32, -32),
    DEFINE_PROP_UINT64("u64", Part, u64, UINT64_MAX),
    DEFINE_PROP_INT64("i64", Part, i64, INT64_MIN),
    DEFINE_PROP_SIZE("size", Part, size, 4096),
    DEFINE_PROP_BIT("bit3", Part, bits, 3, true),
    DEFINE_PROP_BIT("bit31", Part, bits, 31, false),
    DEFINE_PROP_BIT64("bit40", Part, bits64, 40, true),
    DEFINE_PROP_ON_OFF_AUTO("tri", Part, tri, ON_OFF_AUTO_AUTO),
    DEFINE_PROP_ENUM("mode", Part, mode, MODE_FAST, mode_info, Mode),
    DEFINE_PROP_STRING("text", Part, text),
    DEFINE_PROP_LINK("link", Part, link, TYPE_CONTAINER, Object *),
};

static void part_class_init(ObjectClass *klass, const void *data)
{
    device_class_set_props(DEVICE_CLASS(klass), part_properties);
}

static const Property derived_properties[] = {
    DEFINE_PROP_UINT32("extra", Part, extra, 99),
};

static void derived_class_init(ObjectClass *klass, const void *data)
{
    device_class_set_props(DEVICE_CLASS(klass), derived_properties);
}

static const TypeInfo types[] = {
    {
        .name = "test-part",
        .parent = TYPE_DEVICE,
        .instance_size = sizeof(Part),
        .class_init = part_class_init,
    },
    {.name = "test-derived", .parent = "test-part", .class_init = derived_class_init},
    {.name = "test-sibling", .parent = "test-part"},
};

DEFINE_TYPES(types)

static void assert_error(GError **error, const char *message)
{
    g_assert_nonnull(*error);
    g_assert_cmpstr((*error)->message, ==, message);
    g_clear_error(error);
}

static void test_defaults(void)
{
    g_autoptr(DeviceState) dev = qdev_new("test-derived");
    Part *part = (Part *)dev;

    g_assert_true(part->flag);
    g_assert_cmpuint(part->u8, ==, 8);
    g_assert_cmpuint(part->u16, ==, 16);
    g_assert_cmpuint(part->u32, ==, 32);
    g_assert_cmpint(part->i32, ==, -32);
    g_assert_cmpuint(part->u64, ==, UINT64_MAX);
    g_assert_cmpint(part->i64, ==, INT64_MIN);
    g_assert_cmpuint(part->size, ==, 4096);
    g_assert_cmpuint(part->bits, ==, 1 << 3);
    g_assert_cmpuint(part->bits64, ==, UINT64_C(1) << 40);
    g_assert_cmpint(part->tri, ==, ON_OFF_AUTO_AUTO);
    g_assert_cmpint(part->mode, ==, MODE_FAST);
    g_assert_null(part->text);
    g_assert_cmpuint(part->extra, ==, 99);
}

static void test_text_round_trip(void)
{
    static const struct {
        const char *name, *text, *printed;
    } rows[] = {
        {"flag", "off", "false"},
        {"u8", "0xff", "255"},
        {"u16", "1", "1"},
        {"u32", "4294967295", "4294967295"},
        {"i32", "-2147483648", "-2147483648"},
        {"u64", "5", "5"},
        {"i64", "-5", "-5"},
        {"size", "1M", "1048576"},
        {"bit3", "off", "false"},
        {"bit31", "on", "true"},
        {"bit40", "off", "false"},
        {"tri", "on", "on"},
        {"mode", "slow", "slow"},
        {"text", "a,b", "a,b"},
    };
    g_autoptr(DeviceState) dev = qdev_new("test-part");

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *printed = NULL;

        g_assert_true(object_property_parse(OBJECT(dev), rows[i].name, rows[i].text, NULL));
        printed = object_property_print(OBJECT(dev), rows[i].name, false, NULL);
        g_assert_cmpstr(printed, ==, rows[i].printed);
    }
    g_assert_cmpuint(((Part *)dev)->bits, ==, UINT32_C(1) << 31);
    g_assert_cmpuint(((Part *)dev)->bits64, ==, 0);
}

static void test_from_code(void)
{
    g_autoptr(DeviceState) dev = qdev_new("test-part");
    Part *part = (Part *)dev;

    qdev_prop_set_bit(dev, "bit31", true);
    qdev_prop_set_uint8(dev, "u8", 1);
    qdev_prop_set_uint16(dev, "u16", 2);
    qdev_prop_set_uint32(dev, "u32", 3);
    qdev_prop_set_int32(dev, "i32", -4);
    qdev_prop_set_uint64(dev, "u64", 5);
    qdev_prop_set_string(dev, "text", "x");
    qdev_prop_set_string(dev, "text", "y");
    qdev_prop_set_enum(dev, "mode", MODE_SLOW);
    g_assert_cmpuint(part->bits, ==, UINT32_C(1) << 31 | 1 << 3);
    g_assert_cmpuint(part->u8, ==, 1);
    g_assert_cmpuint(part->u16, ==, 2);
    g_assert_cmpuint(part->u32, ==, 3);
    g_assert_cmpint(part->i32, ==, -4);
    g_assert_cmpuint(part->u64, ==, 5);
    g_assert_cmpstr(part->text, ==, "y");
    g_assert_cmpint(part->mode, ==, MODE_SLOW);
}

static void test_link(void)
{
    Object *target = container_get(object_get_root(), "/target");
    DeviceState *dev = qdev_new("test-part");
    GError *error = NULL;

    g_assert_true(object_property_parse(OBJECT(dev), "link", "target", &error));
    g_assert_true(((Part *)dev)->link == target);
    g_assert_cmpint(target->ref, ==, 2);
    g_assert_true(object_property_get_link(OBJECT(dev), "link", &error) == target);
    g_assert_cmpstr(object_property_get_type(OBJECT(dev), "link", &error), ==, "link<container>");
    g_assert_false(object_property_parse(OBJECT(dev), "link", "zz", &error));
    assert_error(&error, "Device 'zz' not found");
    g_assert_true(((Part *)dev)->link == target);
    g_assert_true(object_property_parse(OBJECT(dev), "link", "", &error));
    g_assert_cmpint(target->ref, ==, 1);
    g_assert_true(object_property_parse(OBJECT(dev), "link", "target", &error));
    object_unref(dev);
    g_assert_cmpint(target->ref, ==, 1);
    object_unparent(target);
}

static void test_realized(void)
{
    DeviceState *dev = qdev_new("test-part");
    GError *error = NULL;

    g_assert_true(qdev_realize(dev, NULL, &error));
    g_assert_false(object_property_parse(OBJECT(dev), "u8", "1", &error));
    assert_error(&error, "Attempt to set property 'u8' on anonymous device (type 'test-part') "
                         "after it was realized");
    dev->id = g_strdup("d");
    g_assert_false(object_property_parse(OBJECT(dev), "u8", "1", &error));
    assert_error(&error, "Attempt to set property 'u8' on device 'd' (type 'test-part') after it "
                         "was realized");
    g_assert_cmpuint(((Part *)dev)->u8, ==, 8);
    object_unparent(OBJECT(dev));
    object_unref(dev);
}

static void test_globals(void)
{
    g_autoptr(DeviceState) derived = NULL, sibling = NULL;

    qdev_prop_register_global("test-part", "u8", "1");
    qdev_prop_register_global("test-derived", "u8", "2");
    qdev_prop_register_global("test-derived", "extra", "3");
    derived = qdev_new("test-derived");
    sibling = qdev_new("test-sibling");
    g_assert_cmpuint(((Part *)derived)->u8, ==, 2);
    g_assert_cmpuint(((Part *)derived)->extra, ==, 3);
    g_assert_cmpuint(((Part *)sibling)->u8, ==, 1);
    g_assert_false(qdev_prop_check_globals());
    qdev_prop_clear_globals();
}

static void test_bad_globals(void)
{
    g_autoptr(DeviceState) unknown = NULL, refused = NULL;
    GError *error = NULL;

    qdev_prop_register_global("test-part", "foo", "1");
    unknown = qdev_new("test-part");
    g_assert_false(qdev_realize(unknown, NULL, &error));
    assert_error(&error, "can't apply global test-part.foo=1: Property 'test-part.foo' not found");
    qdev_prop_clear_globals();

    qdev_prop_register_global("test-part", "flag", "zz");
    refused = qdev_new("test-part");
    g_assert_false(qdev_realize(refused, NULL, &error));
    assert_error(&error, "can't apply global test-part.flag=zz: Parameter 'flag' expects 'on' or "
                         "'off'");
    g_assert_null(OBJECT(refused)->parent);
    qdev_prop_clear_globals();
}

static void note_warning(const char *message, void *opaque)
{
    g_string_append(opaque, message);
}

static void test_check_globals(void)
{
    GString *warnings = g_string_new(NULL);

    qdev_prop_register_global("test-nothing", "foo", "1");
    error_sink_set(note_warning, warnings);
    g_assert_true(qdev_prop_check_globals());
    error_sink_set(NULL, NULL);
    g_assert_cmpstr(warnings->str, ==, "warning: global test-nothing.foo has invalid class name");
    qdev_prop_clear_globals();
    g_string_free(warnings, TRUE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/hw/core/qdev-properties/defaults", test_defaults);
    g_test_add_func("/hw/core/qdev-properties/text", test_text_round_trip);
    g_test_add_func("/hw/core/qdev-properties/from-code", test_from_code);
    g_test_add_func("/hw/core/qdev-properties/link", test_link);
    g_test_add_func("/hw/core/qdev-properties/realized", test_realized);
    g_test_add_func("/hw/core/qdev-properties/globals", test_globals);
    g_test_add_func("/hw/core/qdev-properties/bad-globals", test_bad_globals);
    g_test_add_func("/hw/core/qdev-properties/check-globals", test_check_globals);
    return g_test_run();
}
