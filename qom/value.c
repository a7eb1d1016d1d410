/* SPDX-License-Identifier: MIT */
/*
 * Property values: from text, from a typed value, and to text.
 *
 * What a property takes follows from its type's name and, for an enumeration, its table; the
 * canonical forms are listed at the top of qom/object.h. No state. Tests:
 * tests/unit/qom/test-value.c.
 */
#include "qemu/osdep.h"
#include "qemu/cutils.h"
#include "qemu/error.h"
#include "object-internal.h"

typedef enum {
    VALUE_BOOL,
    VALUE_SIGNED,
    VALUE_UNSIGNED,
    VALUE_SIZE,
    VALUE_STRING,
    VALUE_OTHER, /* the setter takes it as it comes */
} ValueKind;

typedef struct ValueType {
    const char *name;
    ValueKind kind;
    int64_t min;            /* VALUE_SIGNED */
    uint64_t max;           /* VALUE_SIGNED, VALUE_UNSIGNED, VALUE_SIZE */
    const char *range_name; /* what "expects" names when the number does not fit */
} ValueType;

static const ValueType value_types[] = {
    {"bool", VALUE_BOOL},
    {"int8", VALUE_SIGNED, INT8_MIN, INT8_MAX, "int8_t"},
    {"int16", VALUE_SIGNED, INT16_MIN, INT16_MAX, "int16_t"},
    {"int32", VALUE_SIGNED, INT32_MIN, INT32_MAX, "int32_t"},
    {"int64", VALUE_SIGNED, INT64_MIN, INT64_MAX, "int64"},
    {"int", VALUE_SIGNED, INT64_MIN, INT64_MAX, "int64"},
    {"uint8", VALUE_UNSIGNED, 0, UINT8_MAX, "uint8_t"},
    {"uint16", VALUE_UNSIGNED, 0, UINT16_MAX, "uint16_t"},
    {"uint32", VALUE_UNSIGNED, 0, UINT32_MAX, "uint32_t"},
    {"uint64", VALUE_UNSIGNED, 0, UINT64_MAX, "uint64"},
    {"size", VALUE_SIZE, 0, UINT64_MAX, "size"},
    {"str", VALUE_STRING},
    {"string", VALUE_STRING},
};

static const ValueType value_type_string = {"string", VALUE_STRING};
static const ValueType value_type_other = {NULL, VALUE_OTHER};

static const ValueType *value_type_of(const ObjectProperty *prop)
{
    if (prop->enum_lookup || g_str_has_prefix(prop->type, "link<") ||
        g_str_has_prefix(prop->type, "child<")) {
        return &value_type_string;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(value_types); i++) {
        if (strcmp(value_types[i].name, prop->type) == 0) {
            return &value_types[i];
        }
    }
    return &value_type_other;
}

static GVariant *value_from_string(const ObjectProperty *prop, const char *text, GError **error)
{
    if (prop->enum_lookup && qapi_enum_parse(prop->enum_lookup, text, prop->name, error) < 0) {
        return NULL;
    }
    return g_variant_new_string(text);
}

static GVariant *value_expects(const ObjectProperty *prop, const char *what, GError **error)
{
    error_setg(error, "Parameter '%s' expects %s", prop->name, what);
    return NULL;
}

static GVariant *value_wrong_type(const ObjectProperty *prop, const char *what, GError **error)
{
    error_setg(error, "Invalid parameter type for '%s', expected: %s", prop->name, what);
    return NULL;
}

static GVariant *value_signed(const ObjectProperty *prop, const ValueType *vt, int64_t number,
                              GError **error)
{
    if (number < vt->min || number > (int64_t)vt->max) {
        return value_expects(prop, vt->range_name, error);
    }
    return g_variant_new_int64(number);
}

static GVariant *value_unsigned(const ObjectProperty *prop, const ValueType *vt, uint64_t number,
                                GError **error)
{
    if (number > vt->max) {
        return value_expects(prop, vt->range_name, error);
    }
    return g_variant_new_uint64(number);
}

static bool text_is_negative(const char *text)
{
    while (g_ascii_isspace(*text)) {
        text++;
    }
    return *text == '-';
}

GVariant *property_value_from_text(const ObjectProperty *prop, const char *text, GError **error)
{
    const ValueType *vt = value_type_of(prop);
    uint64_t u;
    int64_t i;
    bool b;

    switch (vt->kind) {
    case VALUE_BOOL:
        return parse_option_bool(prop->name, text, &b, error) ? g_variant_new_boolean(b) : NULL;
    case VALUE_SIGNED:
        if (qemu_strtoi64(text, NULL, 0, &i) != 0) {
            return value_expects(prop, "integer", error);
        }
        return value_signed(prop, vt, i, error);
    case VALUE_UNSIGNED:
        /* A negative number is one of 64 bits, as in QEMU: it fits a uint64 property only. */
        if (qemu_strtou64(text, NULL, 0, &u) != 0) {
            return value_expects(prop, vt->max == UINT64_MAX ? vt->range_name : "integer", error);
        }
        return value_unsigned(prop, vt, u, error);
    case VALUE_SIZE:
        if (text_is_negative(text) || qemu_strtosz(text, NULL, &u) != 0) {
            return value_expects(prop, vt->range_name, error);
        }
        return g_variant_new_uint64(u);
    case VALUE_STRING:
        return value_from_string(prop, text, error);
    case VALUE_OTHER:
        return g_variant_new_string(text);
    }
    g_assert_not_reached();
}

/* An integer of any width. @negative: the value in @bits is that of an int64_t below zero. */
static bool value_get_integer(GVariant *value, uint64_t *bits, bool *negative)
{
    int64_t i;

    switch (g_variant_classify(value)) {
    case G_VARIANT_CLASS_BYTE:
        *bits = g_variant_get_byte(value);
        *negative = false;
        return true;
    case G_VARIANT_CLASS_UINT16:
        *bits = g_variant_get_uint16(value);
        *negative = false;
        return true;
    case G_VARIANT_CLASS_UINT32:
        *bits = g_variant_get_uint32(value);
        *negative = false;
        return true;
    case G_VARIANT_CLASS_UINT64:
        *bits = g_variant_get_uint64(value);
        *negative = false;
        return true;
    case G_VARIANT_CLASS_INT16:
        i = g_variant_get_int16(value);
        break;
    case G_VARIANT_CLASS_INT32:
        i = g_variant_get_int32(value);
        break;
    case G_VARIANT_CLASS_INT64:
        i = g_variant_get_int64(value);
        break;
    default:
        return false;
    }
    *bits = i;
    *negative = i < 0;
    return true;
}

GVariant *property_value_normalize(const ObjectProperty *prop, GVariant *value, GError **error)
{
    const ValueType *vt = value_type_of(prop);
    uint64_t bits;
    bool negative;

    switch (vt->kind) {
    case VALUE_BOOL:
        if (!g_variant_is_of_type(value, G_VARIANT_TYPE_BOOLEAN)) {
            return value_wrong_type(prop, "boolean", error);
        }
        return g_variant_new_boolean(g_variant_get_boolean(value));
    case VALUE_SIGNED:
        if (!value_get_integer(value, &bits, &negative)) {
            return value_wrong_type(prop, "integer", error);
        }
        if (!negative && bits > INT64_MAX) {
            return value_expects(prop, vt->range_name, error);
        }
        return value_signed(prop, vt, (int64_t)bits, error);
    case VALUE_UNSIGNED:
    case VALUE_SIZE:
        if (!value_get_integer(value, &bits, &negative)) {
            return value_expects(prop, "uint64", error);
        }
        return value_unsigned(prop, vt, bits, error);
    case VALUE_STRING:
        if (!g_variant_is_of_type(value, G_VARIANT_TYPE_STRING)) {
            return value_wrong_type(prop, "string", error);
        }
        return value_from_string(prop, g_variant_get_string(value, NULL), error);
    case VALUE_OTHER:
        return g_variant_ref(value);
    }
    g_assert_not_reached();
}

GVariant *object_value_from_text(const char *name, const char *type, const char *text,
                                 GError **error)
{
    const ObjectProperty prop = {.name = (char *)name, .type = (char *)type};
    GVariant *value = property_value_from_text(&prop, text, error);

    return value ? g_variant_take_ref(value) : NULL;
}

GVariant *object_value_normalize(const char *name, const char *type, GVariant *value,
                                 GError **error)
{
    const ObjectProperty prop = {.name = (char *)name, .type = (char *)type};
    GVariant *normal = property_value_normalize(&prop, value, error);

    return normal ? g_variant_take_ref(normal) : NULL;
}

static char *print_number(const char *decimal, uint64_t bits, const ValueType *vt)
{
    g_autofree char *size = NULL;

    if (vt->kind == VALUE_SIZE) {
        size = size_to_str(bits);
        return g_strdup_printf("%s (%s)", decimal, size);
    }
    return g_strdup_printf("%s (0x%" PRIx64 ")", decimal, bits);
}

char *property_value_print(const ObjectProperty *prop, GVariant *value, bool human)
{
    const ValueType *vt = value_type_of(prop);
    g_autofree char *decimal = NULL;
    uint64_t bits;
    bool negative;

    if (g_variant_is_of_type(value, G_VARIANT_TYPE_BOOLEAN)) {
        return g_strdup(g_variant_get_boolean(value) ? "true" : "false");
    }
    if (g_variant_is_of_type(value, G_VARIANT_TYPE_STRING)) {
        return g_strdup_printf(human ? "\"%s\"" : "%s", g_variant_get_string(value, NULL));
    }
    if (value_get_integer(value, &bits, &negative)) {
        decimal = negative ? g_strdup_printf("%" PRId64, (int64_t)bits) :
                             g_strdup_printf("%" PRIu64, bits);
        return human ? print_number(decimal, bits, vt) : g_steal_pointer(&decimal);
    }
    return g_variant_print(value, FALSE);
}

int qapi_enum_parse(const QEnumLookup *lookup, const char *name, const char *what, GError **error)
{
    for (int i = 0; i < lookup->size; i++) {
        if (strcmp(lookup->array[i], name) == 0) {
            return i;
        }
    }
    error_setg(error, "Parameter '%s' does not accept value '%s'", what, name);
    return -1;
}

const char *qapi_enum_lookup(const QEnumLookup *lookup, int value)
{
    g_assert(value >= 0 && value < lookup->size);
    return lookup->array[value];
}
