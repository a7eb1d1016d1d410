/* SPDX-License-Identifier: MIT */
/*
 * Property tables of device classes, and the kinds of property that need no backend.
 *
 * The setters get values that qom/value.c has checked. Threads: BQL.
 * Tests: tests/unit/hw/core/test-qdev-properties.c.
 */
#include "qemu/osdep.h"
#include "qemu/error.h"
#include "hw/core/qdev-properties.h"
#include "qdev-internal.h"

void *object_field_prop_ptr(Object *obj, const Property *prop)
{
    return (char *)obj + prop->offset;
}

/* ---- Tables ---- */

static GVariant *table_property_get(Object *obj, const char *name, void *opaque, GError **error)
{
    const Property *prop = opaque;

    return prop->info->get(obj, prop);
}

static bool table_property_set(Object *obj, const char *name, GVariant *value, void *opaque,
                               GError **error)
{
    const Property *prop = opaque;
    DeviceState *dev = DEVICE(obj);

    if (!dev->realized) {
        return prop->info->set(obj, prop, value, error);
    }
    if (dev->id) {
        error_setg(error,
                   "Attempt to set property '%s' on device '%s' (type '%s') after it was realized",
                   name, dev->id, object_get_typename(obj));
    } else {
        error_setg(error,
                   "Attempt to set property '%s' on anonymous device (type '%s') after it was "
                   "realized",
                   name, object_get_typename(obj));
    }
    return false;
}

static Object *table_link_resolve(Object *obj, const char *part, void *opaque)
{
    return *(Object **)object_field_prop_ptr(obj, opaque);
}

bool property_is_from_table(const ObjectProperty *prop)
{
    return prop->get == table_property_get || prop->set == table_property_set;
}

static void class_add_table_property(ObjectClass *klass, const Property *prop)
{
    const PropertyInfo *info = prop->info;
    g_autofree char *link_type = prop->link_type ? g_strdup_printf("link<%s>", prop->link_type) :
                                                   NULL;
    ObjectProperty *op = object_class_property_add(
        klass, prop->name, link_type ? link_type : info->type,
        info->get ? table_property_get : NULL, info->set ? table_property_set : NULL, (void *)prop);

    op->description = g_strdup(info->description);
    op->enum_lookup = info->enum_table;
    op->resolve = link_type ? table_link_resolve : NULL;
    if (prop->set_default && info->default_value) {
        object_property_set_default(op, info->default_value(prop));
    }
}

void device_class_set_props_n(DeviceClass *dc, const Property *props, size_t num)
{
    g_assert(!dc->props);
    dc->props = props;
    dc->num_props = num;
    for (size_t i = 0; i < num; i++) {
        class_add_table_property(OBJECT_CLASS(dc), &props[i]);
    }
}

static void class_set_defaults(DeviceState *dev, ObjectClass *klass)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    ObjectClass *parent = object_class_get_parent(klass);

    if (object_class_dynamic_cast(parent, TYPE_DEVICE)) {
        class_set_defaults(dev, parent);
    }
    for (size_t i = 0; i < dc->num_props; i++) {
        const Property *prop = &dc->props[i];

        if (prop->set_default && prop->info->set_default) {
            prop->info->set_default(OBJECT(dev), prop);
        }
    }
}

void device_set_property_defaults(DeviceState *dev)
{
    class_set_defaults(dev, object_get_class(OBJECT(dev)));
}

void device_release_properties(DeviceState *dev)
{
    ObjectClass *klass = object_get_class(OBJECT(dev));

    for (; object_class_dynamic_cast(klass, TYPE_DEVICE); klass = object_class_get_parent(klass)) {
        DeviceClass *dc = DEVICE_CLASS(klass);

        for (size_t i = 0; i < dc->num_props; i++) {
            if (dc->props[i].info->release) {
                dc->props[i].info->release(OBJECT(dev), &dc->props[i]);
            }
        }
    }
}

/* ---- Numbers ---- */

static GVariant *default_value_bool(const Property *prop)
{
    return g_variant_new_boolean(prop->defval.u);
}

static GVariant *default_value_unsigned(const Property *prop)
{
    return g_variant_new_uint64(prop->defval.u);
}

static GVariant *default_value_signed(const Property *prop)
{
    return g_variant_new_int64(prop->defval.i);
}

/* variant_kind: boolean, uint64 or int64; union_member: u or i. */
#define DEFINE_PLAIN_KIND(kind, c_type, type_name, text, variant_kind, union_member, default_fn)   \
    static GVariant *kind##_get(Object *obj, const Property *prop)                                 \
    {                                                                                              \
        return g_variant_new_##variant_kind(*(c_type *)object_field_prop_ptr(obj, prop));          \
    }                                                                                              \
    static bool kind##_set(Object *obj, const Property *prop, GVariant *value, GError **error)     \
    {                                                                                              \
        *(c_type *)object_field_prop_ptr(obj, prop) = g_variant_get_##variant_kind(value);         \
        return true;                                                                               \
    }                                                                                              \
    static void kind##_set_default(Object *obj, const Property *prop)                              \
    {                                                                                              \
        *(c_type *)object_field_prop_ptr(obj, prop) = prop->defval.union_member;                   \
    }                                                                                              \
    const PropertyInfo qdev_prop_##kind = {                                                        \
        .type = (type_name),                                                                       \
        .description = (text),                                                                     \
        .get = kind##_get,                                                                         \
        .set = kind##_set,                                                                         \
        .set_default = kind##_set_default,                                                         \
        .default_value = (default_fn),                                                             \
    };

DEFINE_PLAIN_KIND(bool, bool, "bool", "on/off", boolean, u, default_value_bool)
DEFINE_PLAIN_KIND(uint8, uint8_t, "uint8", NULL, uint64, u, default_value_unsigned)
DEFINE_PLAIN_KIND(uint16, uint16_t, "uint16", NULL, uint64, u, default_value_unsigned)
DEFINE_PLAIN_KIND(uint32, uint32_t, "uint32", NULL, uint64, u, default_value_unsigned)
DEFINE_PLAIN_KIND(int32, int32_t, "int32", NULL, int64, i, default_value_signed)
DEFINE_PLAIN_KIND(uint64, uint64_t, "uint64", NULL, uint64, u, default_value_unsigned)
DEFINE_PLAIN_KIND(int64, int64_t, "int64", NULL, int64, i, default_value_signed)
DEFINE_PLAIN_KIND(size, uint64_t, "size", NULL, uint64, u, default_value_unsigned)

/* ---- Bits of a word ---- */

#define DEFINE_BIT_KIND(kind, c_type)                                                              \
    static void kind##_store(Object *obj, const Property *prop, bool on)                           \
    {                                                                                              \
        c_type *word = object_field_prop_ptr(obj, prop);                                           \
        c_type mask = (c_type)1 << prop->bitnr;                                                    \
                                                                                                   \
        *word = on ? *word | mask : *word & ~mask;                                                 \
    }                                                                                              \
    static GVariant *kind##_get(Object *obj, const Property *prop)                                 \
    {                                                                                              \
        const c_type *word = object_field_prop_ptr(obj, prop);                                     \
                                                                                                   \
        return g_variant_new_boolean(*word >> prop->bitnr & 1);                                    \
    }                                                                                              \
    static bool kind##_set(Object *obj, const Property *prop, GVariant *value, GError **error)     \
    {                                                                                              \
        kind##_store(obj, prop, g_variant_get_boolean(value));                                     \
        return true;                                                                               \
    }                                                                                              \
    static void kind##_set_default(Object *obj, const Property *prop)                              \
    {                                                                                              \
        kind##_store(obj, prop, prop->defval.u);                                                   \
    }                                                                                              \
    const PropertyInfo qdev_prop_##kind = {                                                        \
        .type = "bool",                                                                            \
        .description = "on/off",                                                                   \
        .get = kind##_get,                                                                         \
        .set = kind##_set,                                                                         \
        .set_default = kind##_set_default,                                                         \
        .default_value = default_value_bool,                                                       \
    };

DEFINE_BIT_KIND(bit, uint32_t)
DEFINE_BIT_KIND(bit64, uint64_t)

/* ---- Strings ---- */

static GVariant *string_get(Object *obj, const Property *prop)
{
    const char *text = *(char **)object_field_prop_ptr(obj, prop);

    return g_variant_new_string(text ? text : "");
}

static bool string_set(Object *obj, const Property *prop, GVariant *value, GError **error)
{
    char **field = object_field_prop_ptr(obj, prop);

    g_free(*field);
    *field = g_variant_dup_string(value, NULL);
    return true;
}

static void string_release(Object *obj, const Property *prop)
{
    g_clear_pointer((char **)object_field_prop_ptr(obj, prop), g_free);
}

const PropertyInfo qdev_prop_string = {
    .type = "str",
    .get = string_get,
    .set = string_set,
    .release = string_release,
};

/* ---- Links ---- */

static GVariant *link_get(Object *obj, const Property *prop)
{
    Object *target = *(Object **)object_field_prop_ptr(obj, prop);
    char *path = target ? object_get_canonical_path(target) : NULL;

    return g_variant_new_take_string(path ? path : g_strdup(""));
}

static bool link_set(Object *obj, const Property *prop, GVariant *value, GError **error)
{
    Object **field = object_field_prop_ptr(obj, prop);
    const char *path = g_variant_get_string(value, NULL);
    Object *target = NULL;

    if (*path) {
        target = object_resolve_link(path, prop->link_type, prop->name, error);
        if (!target) {
            return false;
        }
    }
    object_ref(target);
    object_unref(*field);
    *field = target;
    return true;
}

static void link_release(Object *obj, const Property *prop)
{
    g_clear_pointer((Object **)object_field_prop_ptr(obj, prop), object_unref);
}

const PropertyInfo qdev_prop_link = {
    .type = "link",
    .get = link_get,
    .set = link_set,
    .release = link_release,
};

/* ---- Enumerations ---- */

GVariant *qdev_propinfo_get_enum(Object *obj, const Property *prop)
{
    int value = *(int *)object_field_prop_ptr(obj, prop);

    return g_variant_new_string(qapi_enum_lookup(prop->info->enum_table, value));
}

bool qdev_propinfo_set_enum(Object *obj, const Property *prop, GVariant *value, GError **error)
{
    int member = qapi_enum_parse(prop->info->enum_table, g_variant_get_string(value, NULL),
                                 prop->name, error);

    if (member < 0) {
        return false;
    }
    *(int *)object_field_prop_ptr(obj, prop) = member;
    return true;
}

void qdev_propinfo_set_default_enum(Object *obj, const Property *prop)
{
    *(int *)object_field_prop_ptr(obj, prop) = prop->defval.i;
}

GVariant *qdev_propinfo_default_enum(const Property *prop)
{
    return g_variant_new_string(qapi_enum_lookup(prop->info->enum_table, prop->defval.i));
}

const QEnumLookup OnOffAuto_lookup = {
    .array =
        (const char *const[]){
            [ON_OFF_AUTO_AUTO] = "auto",
            [ON_OFF_AUTO_ON] = "on",
            [ON_OFF_AUTO_OFF] = "off",
        },
    .size = ON_OFF_AUTO__MAX,
};

QEMU_BUILD_BUG_ON(sizeof(OnOffAuto) != sizeof(int));

const PropertyInfo qdev_prop_on_off_auto = {
    .type = "OnOffAuto",
    .description = "on/off/auto",
    .enum_table = &OnOffAuto_lookup,
    .get = qdev_propinfo_get_enum,
    .set = qdev_propinfo_set_enum,
    .set_default = qdev_propinfo_set_default_enum,
    .default_value = qdev_propinfo_default_enum,
};

/* ---- Setting from code ---- */

/* Boards give names and values that exist: anything else is our own bug. */
static void prop_set_checked(DeviceState *dev, const char *name, GVariant *value)
{
    GError *error = NULL;

    if (!object_property_set(OBJECT(dev), name, value, &error)) {
        g_error("%s", error->message);
    }
}

void qdev_prop_set_bit(DeviceState *dev, const char *name, bool value)
{
    prop_set_checked(dev, name, g_variant_new_boolean(value));
}

void qdev_prop_set_uint8(DeviceState *dev, const char *name, uint8_t value)
{
    prop_set_checked(dev, name, g_variant_new_uint64(value));
}

void qdev_prop_set_uint16(DeviceState *dev, const char *name, uint16_t value)
{
    prop_set_checked(dev, name, g_variant_new_uint64(value));
}

void qdev_prop_set_uint32(DeviceState *dev, const char *name, uint32_t value)
{
    prop_set_checked(dev, name, g_variant_new_uint64(value));
}

void qdev_prop_set_int32(DeviceState *dev, const char *name, int32_t value)
{
    prop_set_checked(dev, name, g_variant_new_int64(value));
}

void qdev_prop_set_uint64(DeviceState *dev, const char *name, uint64_t value)
{
    prop_set_checked(dev, name, g_variant_new_uint64(value));
}

void qdev_prop_set_string(DeviceState *dev, const char *name, const char *value)
{
    prop_set_checked(dev, name, g_variant_new_string(value));
}

void qdev_prop_set_enum(DeviceState *dev, const char *name, int value)
{
    ObjectProperty *prop = object_property_find(OBJECT(dev), name);

    g_assert(prop && prop->enum_lookup);
    prop_set_checked(dev, name, g_variant_new_string(qapi_enum_lookup(prop->enum_lookup, value)));
}
