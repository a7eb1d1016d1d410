/* SPDX-License-Identifier: MIT */
/* qom/property.c, qom/property-types.c: tables, typed properties, aliases, defaults, help. */
#include "qemu/osdep.h"
#include "qom/object.h"

typedef struct Thing {
    Object parent_obj;
    bool flag;
    char *text;
    int colour;
    uint8_t small;
    uint64_t large;
} Thing;

static const QEnumLookup colours = {
    .array = (const char *const[]){"red", "green"},
    .size = 2,
};

static bool get_flag(Object *obj, GError **error)
{
    return ((Thing *)obj)->flag;
}

static bool set_flag(Object *obj, bool value, GError **error)
{
    ((Thing *)obj)->flag = value;
    return true;
}

static char *get_text(Object *obj, GError **error)
{
    return g_strdup(((Thing *)obj)->text);
}

static bool set_text(Object *obj, const char *value, GError **error)
{
    if (strcmp(value, "bad") == 0) {
        g_set_error(error, g_quark_from_static_string("test"), 0, "refused");
        return false;
    }
    g_free(((Thing *)obj)->text);
    ((Thing *)obj)->text = g_strdup(value);
    return true;
}

static int get_colour(Object *obj, GError **error)
{
    return ((Thing *)obj)->colour;
}

static bool set_colour(Object *obj, int value, GError **error)
{
    ((Thing *)obj)->colour = value;
    return true;
}

static void thing_init(Object *obj)
{
    Thing *thing = (Thing *)obj;

    object_property_add_uint8_ptr(obj, "small", &thing->small, OBJ_PROP_FLAG_READWRITE);
    object_property_add_uint64_ptr(obj, "large", &thing->large, OBJ_PROP_FLAG_READ);
}

static void thing_finalize(Object *obj)
{
    g_free(((Thing *)obj)->text);
}

static void thing_class_init(ObjectClass *klass, const void *data)
{
    object_class_property_add_bool(klass, "flag", get_flag, set_flag);
    object_class_property_set_description(klass, "flag", "on/off");
    object_property_set_default(object_class_property_find(klass, "flag"),
                                g_variant_new_boolean(false));
    object_class_property_add_str(klass, "text", get_text, set_text);
    object_class_property_add_enum(klass, "colour", "Colour", &colours, get_colour, set_colour);
    object_class_property_add_str(klass, "write-only", NULL, set_text);
}

static const TypeInfo types[] = {
    {
        .name = "test-thing",
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(Thing),
        .instance_init = thing_init,
        .instance_finalize = thing_finalize,
        .class_init = thing_class_init,
    },
    {.name = "test-derived-thing", .parent = "test-thing"},
};

DEFINE_TYPES(types)

static void assert_error(GError **error, const char *message)
{
    g_assert_nonnull(*error);
    g_assert_cmpstr((*error)->message, ==, message);
    g_clear_error(error);
}

static void test_typed(void)
{
    g_autoptr(Object) obj = object_new("test-derived-thing");
    Thing *thing = (Thing *)obj;
    g_autofree char *text = NULL;
    GError *error = NULL;

    g_assert_true(object_property_set_bool(obj, "flag", true, &error));
    g_assert_true(thing->flag);
    g_assert_true(object_property_get_bool(obj, "flag", &error));
    g_assert_true(object_property_parse(obj, "flag", "off", &error));
    g_assert_false(thing->flag);

    g_assert_true(object_property_set_str(obj, "text", "hello", &error));
    text = object_property_get_str(obj, "text", &error);
    g_assert_cmpstr(text, ==, "hello");
    g_assert_false(object_property_set_str(obj, "text", "bad", &error));
    assert_error(&error, "refused");

    g_assert_true(object_property_parse(obj, "colour", "green", &error));
    g_assert_cmpint(thing->colour, ==, 1);
    g_assert_cmpint(object_property_get_enum(obj, "colour", &error), ==, 1);
    g_assert_false(object_property_parse(obj, "colour", "blue", &error));
    assert_error(&error, "Parameter 'colour' does not accept value 'blue'");
    g_assert_cmpint(thing->colour, ==, 1);

    g_assert_true(object_property_set_uint(obj, "small", 255, &error));
    g_assert_cmpint(thing->small, ==, 255);
    g_assert_false(object_property_set_uint(obj, "small", 256, &error));
    assert_error(&error, "Parameter 'small' expects uint8_t");
    g_assert_cmpint(thing->small, ==, 255);
    g_assert_cmpint(object_property_get_int(obj, "small", &error), ==, 255);

    thing->large = UINT64_MAX;
    g_assert_cmpuint(object_property_get_uint(obj, "large", &error), ==, UINT64_MAX);
    g_assert_cmpint(object_property_get_int(obj, "large", &error), ==, -1);
    assert_error(&error, "Invalid parameter type for 'large', expected: integer");
}

static void test_refusals(void)
{
    g_autoptr(Object) obj = object_new("test-thing");
    GError *error = NULL;

    g_assert_false(object_property_parse(obj, "nope", "1", &error));
    assert_error(&error, "Property 'test-thing.nope' not found");
    g_assert_false(object_property_set_uint(obj, "large", 1, &error));
    assert_error(&error, "Property 'test-thing.large' is not writable");
    g_assert_null(object_property_get(obj, "write-only", &error));
    assert_error(&error, "Property 'test-thing.write-only' is not readable");
    g_assert_null(object_property_get_str(obj, "flag", &error));
    assert_error(&error, "Invalid parameter type for 'flag', expected: string");
    g_assert_cmpint(object_property_get_enum(obj, "write-only", &error), ==, -1);
    g_clear_error(&error);
    /* Without anybody to tell, a refusal is still one. */
    g_assert_false(object_property_parse(obj, "nope", "1", NULL));
    g_assert_false(object_property_parse(obj, "colour", "blue", NULL));
}

static void note_name(ObjectProperty *prop, void *opaque)
{
    g_string_append_printf(opaque, "%s ", prop->name);
}

static void test_order(void)
{
    g_autoptr(Object) obj = object_new("test-derived-thing");
    GString *names = g_string_new(NULL);

    object_property_foreach(obj, note_name, names);
    g_assert_cmpstr(names->str, ==, "small large flag text colour write-only type ");
    object_property_del(obj, "small");
    g_string_truncate(names, 0);
    object_property_foreach(obj, note_name, names);
    g_assert_cmpstr(names->str, ==, "large flag text colour write-only type ");
    g_string_free(names, TRUE);
}

static void test_wildcard(void)
{
    g_autoptr(Object) obj = object_new("test-thing");
    ObjectProperty *first = object_property_add(obj, "x[*]", "bool", NULL, NULL, NULL, NULL);
    ObjectProperty *second = object_property_add(obj, "x[*]", "bool", NULL, NULL, NULL, NULL);

    g_assert_cmpstr(first->name, ==, "x[0]");
    g_assert_cmpstr(second->name, ==, "x[1]");
    object_property_del(obj, "x[0]");
    first = object_property_add(obj, "x[*]", "bool", NULL, NULL, NULL, NULL);
    g_assert_cmpstr(first->name, ==, "x[0]");
}

static void test_alias(void)
{
    g_autoptr(Object) target = object_new("test-thing");
    Object *obj = object_new(TYPE_CONTAINER);
    GError *error = NULL;

    object_property_add_alias(obj, "other", target, "colour");
    g_assert_true(object_property_parse(obj, "other", "green", &error));
    g_assert_cmpint(((Thing *)target)->colour, ==, 1);
    g_assert_cmpint(object_property_get_enum(obj, "other", &error), ==, 1);
    g_assert_cmpstr(object_property_get_type(obj, "other", &error), ==, "Colour");
    object_unref(obj);
}

static bool set_any(Object *obj, const char *name, GVariant *value, void *opaque, GError **error)
{
    return true;
}

static void test_help(void)
{
    g_autoptr(Object) obj = object_new("test-thing");
    GString *out = g_string_new(NULL);
    ObjectProperty *prop;

    prop = object_property_add(obj, "quite-a-long-name-here", "uint32", NULL, set_any, NULL, NULL);
    object_property_set_default(prop, g_variant_new_uint64(9));
    g_assert_cmpuint(object_append_help(obj, NULL, out), ==, 6);
    g_assert_cmpstr(out->str, ==,
                    "  colour=<Colour>\n"
                    "  flag=<bool>            - on/off (default: off)\n"
                    "  quite-a-long-name-here=<uint32> -  (default: 9)\n"
                    "  small=<uint8>\n"
                    "  text=<string>\n"
                    "  write-only=<string>\n");
    g_string_free(out, TRUE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/qom/property/typed", test_typed);
    g_test_add_func("/qom/property/refusals", test_refusals);
    g_test_add_func("/qom/property/order", test_order);
    g_test_add_func("/qom/property/wildcard", test_wildcard);
    g_test_add_func("/qom/property/alias", test_alias);
    g_test_add_func("/qom/property/help", test_help);
    return g_test_run();
}
