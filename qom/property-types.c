/* SPDX-License-Identifier: MIT */
/*
 * Properties with a typed getter and setter, or that are a variable; typed access to any property.
 *
 * Threads: BQL. Tests: tests/unit/qom/test-property.c.
 */
#include "qemu/osdep.h"
#include "qemu/error.h"
#include "object-internal.h"

/* ---- Typed access ---- */

bool object_property_set_bool(Object *obj, const char *name, bool value, GError **error)
{
    return object_property_set(obj, name, g_variant_new_boolean(value), error);
}

bool object_property_set_int(Object *obj, const char *name, int64_t value, GError **error)
{
    return object_property_set(obj, name, g_variant_new_int64(value), error);
}

bool object_property_set_uint(Object *obj, const char *name, uint64_t value, GError **error)
{
    return object_property_set(obj, name, g_variant_new_uint64(value), error);
}

bool object_property_set_str(Object *obj, const char *name, const char *value, GError **error)
{
    return object_property_set(obj, name, g_variant_new_string(value), error);
}

/* The value if it is of @type, else NULL with @error set. */
static GVariant *property_get_typed(Object *obj, const char *name, const GVariantType *type,
                                    const char *type_name, GError **error)
{
    GVariant *value = object_property_get(obj, name, error);

    if (value && !g_variant_is_of_type(value, type)) {
        g_variant_unref(value);
        error_setg(error, "Invalid parameter type for '%s', expected: %s", name, type_name);
        return NULL;
    }
    return value;
}

bool object_property_get_bool(Object *obj, const char *name, GError **error)
{
    g_autoptr(GVariant)
        value = property_get_typed(obj, name, G_VARIANT_TYPE_BOOLEAN, "boolean", error);

    return value && g_variant_get_boolean(value);
}

int64_t object_property_get_int(Object *obj, const char *name, GError **error)
{
    g_autoptr(GVariant) value = object_property_get(obj, name, error);

    if (!value) {
        return -1;
    }
    if (g_variant_is_of_type(value, G_VARIANT_TYPE_INT64)) {
        return g_variant_get_int64(value);
    }
    if (g_variant_is_of_type(value, G_VARIANT_TYPE_UINT64) &&
        g_variant_get_uint64(value) <= INT64_MAX) {
        return g_variant_get_uint64(value);
    }
    error_setg(error, "Invalid parameter type for '%s', expected: %s", name, "integer");
    return -1;
}

uint64_t object_property_get_uint(Object *obj, const char *name, GError **error)
{
    g_autoptr(GVariant) value = object_property_get(obj, name, error);

    if (!value) {
        return 0;
    }
    if (g_variant_is_of_type(value, G_VARIANT_TYPE_UINT64)) {
        return g_variant_get_uint64(value);
    }
    if (g_variant_is_of_type(value, G_VARIANT_TYPE_INT64) && g_variant_get_int64(value) >= 0) {
        return g_variant_get_int64(value);
    }
    error_setg(error, "Parameter '%s' expects uint64", name);
    return 0;
}

char *object_property_get_str(Object *obj, const char *name, GError **error)
{
    g_autoptr(GVariant)
        value = property_get_typed(obj, name, G_VARIANT_TYPE_STRING, "string", error);

    return value ? g_variant_dup_string(value, NULL) : NULL;
}

int object_property_get_enum(Object *obj, const char *name, GError **error)
{
    g_autofree char *text = object_property_get_str(obj, name, error);
    ObjectProperty *prop;

    if (!text) {
        return -1;
    }
    prop = object_property_find(obj, name);
    if (!prop->enum_lookup) {
        error_setg(error, "Property '%s.%s' is not an enumeration", object_get_typename(obj), name);
        return -1;
    }
    return qapi_enum_parse(prop->enum_lookup, text, name, error);
}

/* ---- bool ---- */

/* What the opaque of a bool, string or enumeration property is: never freed with a class. */
typedef struct TypedAccess {
    union {
        bool (*get_bool)(Object *, GError **);
        char *(*get_str)(Object *, GError **);
        int (*get_enum)(Object *, GError **);
    };
    union {
        bool (*set_bool)(Object *, bool, GError **);
        bool (*set_str)(Object *, const char *, GError **);
        bool (*set_enum)(Object *, int, GError **);
    };
    const QEnumLookup *lookup;
} TypedAccess;

static void release_opaque(Object *obj, const char *name, void *opaque)
{
    g_free(opaque);
}

static GVariant *access_get_bool(Object *obj, const char *name, void *opaque, GError **error)
{
    const TypedAccess *access = opaque;
    GError *err = NULL;
    bool value = access->get_bool(obj, &err);

    if (err) {
        g_propagate_error(error, err);
        return NULL;
    }
    return g_variant_new_boolean(value);
}

static bool access_set_bool(Object *obj, const char *name, GVariant *value, void *opaque,
                            GError **error)
{
    const TypedAccess *access = opaque;

    return access->set_bool(obj, g_variant_get_boolean(value), error);
}

static TypedAccess *access_new_bool(bool (*get)(Object *, GError **),
                                    bool (*set)(Object *, bool, GError **))
{
    TypedAccess *access = g_new0(TypedAccess, 1);

    access->get_bool = get;
    access->set_bool = set;
    return access;
}

ObjectProperty *object_property_add_bool(Object *obj, const char *name,
                                         bool (*get)(Object *, GError **),
                                         bool (*set)(Object *, bool, GError **))
{
    return object_property_add(obj, name, "bool", get ? access_get_bool : NULL,
                               set ? access_set_bool : NULL, release_opaque,
                               access_new_bool(get, set));
}

ObjectProperty *object_class_property_add_bool(ObjectClass *klass, const char *name,
                                               bool (*get)(Object *, GError **),
                                               bool (*set)(Object *, bool, GError **))
{
    return object_class_property_add(klass, name, "bool", get ? access_get_bool : NULL,
                                     set ? access_set_bool : NULL, access_new_bool(get, set));
}

/* ---- string ---- */

static GVariant *access_get_str(Object *obj, const char *name, void *opaque, GError **error)
{
    const TypedAccess *access = opaque;
    GError *err = NULL;
    char *value = access->get_str(obj, &err);

    if (err) {
        g_propagate_error(error, err);
        return NULL;
    }
    return g_variant_new_take_string(value ? value : g_strdup(""));
}

static bool access_set_str(Object *obj, const char *name, GVariant *value, void *opaque,
                           GError **error)
{
    const TypedAccess *access = opaque;

    return access->set_str(obj, g_variant_get_string(value, NULL), error);
}

static TypedAccess *access_new_str(char *(*get)(Object *, GError **),
                                   bool (*set)(Object *, const char *, GError **))
{
    TypedAccess *access = g_new0(TypedAccess, 1);

    access->get_str = get;
    access->set_str = set;
    return access;
}

ObjectProperty *object_property_add_str(Object *obj, const char *name,
                                        char *(*get)(Object *, GError **),
                                        bool (*set)(Object *, const char *, GError **))
{
    return object_property_add(obj, name, "string", get ? access_get_str : NULL,
                               set ? access_set_str : NULL, release_opaque,
                               access_new_str(get, set));
}

ObjectProperty *object_class_property_add_str(ObjectClass *klass, const char *name,
                                              char *(*get)(Object *, GError **),
                                              bool (*set)(Object *, const char *, GError **))
{
    return object_class_property_add(klass, name, "string", get ? access_get_str : NULL,
                                     set ? access_set_str : NULL, access_new_str(get, set));
}

/* ---- enumerations ---- */

static GVariant *access_get_enum(Object *obj, const char *name, void *opaque, GError **error)
{
    const TypedAccess *access = opaque;
    GError *err = NULL;
    int value = access->get_enum(obj, &err);

    if (err) {
        g_propagate_error(error, err);
        return NULL;
    }
    return g_variant_new_string(qapi_enum_lookup(access->lookup, value));
}

static bool access_set_enum(Object *obj, const char *name, GVariant *value, void *opaque,
                            GError **error)
{
    const TypedAccess *access = opaque;
    int member = qapi_enum_parse(access->lookup, g_variant_get_string(value, NULL), name, error);

    return member >= 0 && access->set_enum(obj, member, error);
}

static TypedAccess *access_new_enum(const QEnumLookup *lookup, int (*get)(Object *, GError **),
                                    bool (*set)(Object *, int, GError **))
{
    TypedAccess *access = g_new0(TypedAccess, 1);

    access->lookup = lookup;
    access->get_enum = get;
    access->set_enum = set;
    return access;
}

ObjectProperty *object_property_add_enum(Object *obj, const char *name, const char *type,
                                         const QEnumLookup *lookup, int (*get)(Object *, GError **),
                                         bool (*set)(Object *, int, GError **))
{
    ObjectProperty *prop = object_property_add(obj, name, type, get ? access_get_enum : NULL,
                                               set ? access_set_enum : NULL, release_opaque,
                                               access_new_enum(lookup, get, set));

    prop->enum_lookup = lookup;
    return prop;
}

ObjectProperty *object_class_property_add_enum(ObjectClass *klass, const char *name,
                                               const char *type, const QEnumLookup *lookup,
                                               int (*get)(Object *, GError **),
                                               bool (*set)(Object *, int, GError **))
{
    ObjectProperty *prop =
        object_class_property_add(klass, name, type, get ? access_get_enum : NULL,
                                  set ? access_set_enum : NULL, access_new_enum(lookup, get, set));

    prop->enum_lookup = lookup;
    return prop;
}

/* ---- variables ---- */

#define DEFINE_VARIABLE_PROPERTY(bits)                                                             \
    static GVariant *variable_get_uint##bits(Object *obj, const char *name, void *opaque,          \
                                             GError **error)                                       \
    {                                                                                              \
        return g_variant_new_uint64(*(uint##bits##_t *)opaque);                                    \
    }                                                                                              \
    static bool variable_set_uint##bits(Object *obj, const char *name, GVariant *value,            \
                                        void *opaque, GError **error)                              \
    {                                                                                              \
        *(uint##bits##_t *)opaque = g_variant_get_uint64(value);                                   \
        return true;                                                                               \
    }                                                                                              \
    ObjectProperty *object_property_add_uint##bits##_ptr(                                          \
        Object *obj, const char *name, uint##bits##_t *v, ObjectPropertyFlags flags)               \
    {                                                                                              \
        return object_property_add(                                                                \
            obj, name, "uint" #bits, flags & OBJ_PROP_FLAG_READ ? variable_get_uint##bits : NULL,  \
            flags & OBJ_PROP_FLAG_WRITE ? variable_set_uint##bits : NULL, NULL, v);                \
    }

DEFINE_VARIABLE_PROPERTY(8)
DEFINE_VARIABLE_PROPERTY(16)
DEFINE_VARIABLE_PROPERTY(32)
DEFINE_VARIABLE_PROPERTY(64)

/* ---- aliases ---- */

typedef struct AliasAccess {
    Object *target;
    char *target_name;
} AliasAccess;

static GVariant *alias_get(Object *obj, const char *name, void *opaque, GError **error)
{
    const AliasAccess *alias = opaque;

    return object_property_get(alias->target, alias->target_name, error);
}

static bool alias_set(Object *obj, const char *name, GVariant *value, void *opaque, GError **error)
{
    const AliasAccess *alias = opaque;

    return object_property_set(alias->target, alias->target_name, value, error);
}

static Object *alias_resolve(Object *obj, const char *part, void *opaque)
{
    const AliasAccess *alias = opaque;

    return object_resolve_path_component(alias->target, alias->target_name);
}

static void alias_release(Object *obj, const char *name, void *opaque)
{
    AliasAccess *alias = opaque;

    g_free(alias->target_name);
    g_free(alias);
}

ObjectProperty *object_property_add_alias(Object *obj, const char *name, Object *target,
                                          const char *target_name)
{
    ObjectProperty *to = object_property_find(target, target_name);
    AliasAccess *alias = g_new0(AliasAccess, 1);
    ObjectProperty *prop;

    g_assert(to);
    alias->target = target;
    alias->target_name = g_strdup(target_name);
    /* An alias of a child must not look like a second parent. */
    prop = object_property_add(
        obj, name, object_property_is_child(to) ? "link<" TYPE_OBJECT ">" : to->type,
        to->get ? alias_get : NULL, to->set ? alias_set : NULL, alias_release, alias);
    prop->resolve = to->resolve ? alias_resolve : NULL;
    prop->enum_lookup = to->enum_lookup;
    prop->description = g_strdup(to->description);
    if (to->defval) {
        object_property_set_default(prop, to->defval);
    }
    return prop;
}
