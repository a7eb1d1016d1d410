/* SPDX-License-Identifier: MIT */
/*
 * Kinds of property that name a backend.
 *
 * A backend serves one device. A character device is taken when the property is set, and given back
 * when the device ends.
 * Threads: BQL. Tests: tests/unit/hw/core/test-qdev-properties-system.c.
 */
#include "qemu/osdep.h"
#include "qemu/error.h"
#include "hw/core/qdev-properties.h"
#include "system/chardev.h"

/* Always returns false. */
static bool cant_find_value(Object *obj, const Property *prop, const char *value, GError **error)
{
    error_setg(error, "Property '%s.%s' can't find value '%s'", object_get_typename(obj),
               prop->name, value);
    return false;
}

/* ---- Character devices ---- */

static GVariant *chr_get(Object *obj, const Property *prop)
{
    Chardev *chr = qemu_chr_fe_get_driver(object_field_prop_ptr(obj, prop));

    return g_variant_new_string(chr ? object_get_canonical_path_component(OBJECT(chr)) : "");
}

static void chr_release(Object *obj, const Property *prop)
{
    qemu_chr_fe_deinit(object_field_prop_ptr(obj, prop), false);
}

static bool chr_set(Object *obj, const Property *prop, GVariant *value, GError **error)
{
    const char *id = g_variant_get_string(value, NULL);
    Chardev *chr = *id ? qemu_chr_find(id) : NULL;

    if (*id && !chr) {
        return cant_find_value(obj, prop, id, error);
    }
    chr_release(obj, prop);
    if (chr && !qemu_chr_fe_init(object_field_prop_ptr(obj, prop), chr, error)) {
        error_prefix(error, "Property '%s.%s' can't take value '%s': ", object_get_typename(obj),
                     prop->name, id);
        return false;
    }
    return true;
}

const PropertyInfo qdev_prop_chr = {
    .type = "str",
    .description = "ID of a chardev to use as a backend",
    .get = chr_get,
    .set = chr_set,
    .release = chr_release,
};

bool qdev_prop_set_chr(DeviceState *dev, const char *name, Chardev *value, GError **error)
{
    const char *id = value ? object_get_canonical_path_component(OBJECT(value)) : "";

    return object_property_set_str(OBJECT(dev), name, id, error);
}
