/* SPDX-License-Identifier: MIT */
/*
 * qom/value.c: what text and typed values mean for each type of property, what is refused and how,
 * and how values are shown. The wordings are QEMU 11.1.3's, observed.
 */
#include "qemu/osdep.h"
#include "qom/object.h"

typedef struct Row {
    const char *type;
    const char *input;  /* text, or a value in GVariant's text format */
    const char *result; /* in GVariant's text format, or the message */
    bool ok;
} Row;

static const Row from_text[] = {
    {"bool", "on", "true", true},
    {"bool", "yes", "true", true},
    {"bool", "y", "true", true},
    {"bool", "true", "true", true},
    {"bool", "off", "false", true},
    {"bool", "n", "false", true},
    {"bool", "1", "Parameter 'p' expects 'on' or 'off'", false},
    {"bool", "Y", "Parameter 'p' expects 'on' or 'off'", false},
    {"bool", "", "Parameter 'p' expects 'on' or 'off'", false},
    {"int32", "-5", "int64 -5", true},
    {"int32", "0x10", "int64 16", true},
    {"int32", "010", "int64 8", true},
    {"int32", "2147483648", "Parameter 'p' expects int32_t", false},
    {"int32", "-2147483649", "Parameter 'p' expects int32_t", false},
    {"int32", "zz", "Parameter 'p' expects integer", false},
    {"int32", "5x", "Parameter 'p' expects integer", false},
    {"int8", "-128", "int64 -128", true},
    {"int8", "128", "Parameter 'p' expects int8_t", false},
    {"int", "-9223372036854775808", "int64 -9223372036854775808", true},
    {"int", "9223372036854775808", "Parameter 'p' expects integer", false},
    {"uint16", "65535", "uint64 65535", true},
    {"uint16", "65536", "Parameter 'p' expects uint16_t", false},
    {"uint16", "-1", "Parameter 'p' expects uint16_t", false},
    {"uint16", "", "Parameter 'p' expects integer", false},
    {"uint64", "0xffffffffffffffff", "uint64 18446744073709551615", true},
    {"uint64", "-1", "uint64 18446744073709551615", true},
    {"uint64", "18446744073709551616", "Parameter 'p' expects uint64", false},
    {"uint64", "zz", "Parameter 'p' expects uint64", false},
    {"size", "64k", "uint64 65536", true},
    {"size", "1.5G", "uint64 1610612736", true},
    {"size", "-1", "Parameter 'p' expects size", false},
    {"size", " -1", "Parameter 'p' expects size", false},
    {"size", "16E", "Parameter 'p' expects size", false},
    {"size", "1q", "Parameter 'p' expects size", false},
    {"str", "", "''", true},
    {"string", "a b", "'a b'", true},
    {"link<device>", "/x", "'/x'", true},
    {"SomeStruct", "12", "'12'", true},
};

static const Row from_value[] = {
    {"bool", "true", "true", true},
    {"bool", "'on'", "Invalid parameter type for 'p', expected: boolean", false},
    {"bool", "int64 1", "Invalid parameter type for 'p', expected: boolean", false},
    {"int32", "byte 0x07", "int64 7", true},
    {"int32", "int16 -7", "int64 -7", true},
    {"int32", "uint32 7", "int64 7", true},
    {"int32", "'7'", "Invalid parameter type for 'p', expected: integer", false},
    {"int32", "7.0", "Invalid parameter type for 'p', expected: integer", false},
    {"int32", "uint64 18446744073709551615", "Parameter 'p' expects int32_t", false},
    {"int64", "uint64 9223372036854775808", "Parameter 'p' expects int64", false},
    {"uint16", "int64 70000", "Parameter 'p' expects uint16_t", false},
    {"uint16", "int64 -1", "Parameter 'p' expects uint16_t", false},
    {"uint16", "1.5", "Parameter 'p' expects uint64", false},
    {"uint32", "'x'", "Parameter 'p' expects uint64", false},
    {"size", "int64 4096", "uint64 4096", true},
    {"size", "'4k'", "Parameter 'p' expects uint64", false},
    {"str", "int64 5", "Invalid parameter type for 'p', expected: string", false},
    {"str", "'5'", "'5'", true},
    {"SomeStruct", "{'a': <int64 1>}", "{'a': <int64 1>}", true},
};

typedef GVariant *Convert(const Row *row, GError **error);

static GVariant *convert_text(const Row *row, GError **error)
{
    return object_value_from_text("p", row->type, row->input, error);
}

static GVariant *convert_value(const Row *row, GError **error)
{
    g_autoptr(GVariant) input = g_variant_parse(NULL, row->input, NULL, NULL, NULL);

    g_assert_nonnull(input);
    return object_value_normalize("p", row->type, input, error);
}

static void check_rows(const Row *rows, size_t num_rows, Convert *convert)
{
    for (size_t i = 0; i < num_rows; i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GVariant) value = convert(&rows[i], &error);
        g_autofree char *text = value ? g_variant_print(value, TRUE) : NULL;

        g_test_message("%s: %s", rows[i].type, rows[i].input);
        g_assert_true(!value == !!error);
        g_assert_cmpstr(value ? text : error->message, ==, rows[i].result);
        g_assert_true(!!value == rows[i].ok);
    }
}

static void test_from_text(void)
{
    check_rows(from_text, G_N_ELEMENTS(from_text), convert_text);
}

static void test_from_value(void)
{
    check_rows(from_value, G_N_ELEMENTS(from_value), convert_value);
}

static GVariant *get_opaque(Object *obj, const char *name, void *opaque, GError **error)
{
    return g_variant_ref(opaque);
}

static void check_print(const char *type, GVariant *value, const char *plain, const char *human)
{
    g_autoptr(Object) obj = object_new(TYPE_CONTAINER);
    g_autofree char *text = NULL, *human_text = NULL;

    g_variant_ref_sink(value);
    object_property_add(obj, "p", type, get_opaque, NULL, NULL, value);
    text = object_property_print(obj, "p", false, NULL);
    human_text = object_property_print(obj, "p", true, NULL);
    g_assert_cmpstr(text, ==, plain);
    g_assert_cmpstr(human_text, ==, human);
    g_variant_unref(value);
}

static void test_print(void)
{
    check_print("bool", g_variant_new_boolean(true), "true", "true");
    check_print("str", g_variant_new_string("x"), "x", "\"x\"");
    check_print("uint32", g_variant_new_uint64(128), "128", "128 (0x80)");
    check_print("int32", g_variant_new_int64(-1), "-1", "-1 (0xffffffffffffffff)");
    check_print("size", g_variant_new_uint64(65536), "65536", "65536 (64 KiB)");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/qom/value/from-text", test_from_text);
    g_test_add_func("/qom/value/from-value", test_from_value);
    g_test_add_func("/qom/value/print", test_print);
    return g_test_run();
}
