/* SPDX-License-Identifier: MIT */
/*
 * Kinds of property that name a backend, or whose values are its layer's.
 *
 * A backend serves one device. Character devices and drives are taken when the property is set, and
 * given back when the device ends; a netdev is only checked, since the NIC takes it at realize.
 * Threads: BQL. Tests: tests/unit/hw/core/test-qdev-properties-system.c.
 */
#include "qemu/osdep.h"
#include "qemu/error.h"
#include "qemu/host-utils.h"
#include "qemu/units.h"
#include "hw/core/qdev-properties.h"
#include "system/block.h"
#include "system/chardev.h"
#include "system/net.h"

/* Always returns false. */
static bool cant_find_value(Object *obj, const Property *prop, const char *value, GError **error)
{
    error_setg(error, "Property '%s.%s' can't find value '%s'", object_get_typename(obj),
               prop->name, value);
    return false;
}

static bool doesnt_take_value(Object *obj, const Property *prop, const char *value, GError **error)
{
    error_setg(error, "Property '%s.%s' doesn't take value '%s'", object_get_typename(obj),
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
    CharBackend *fe = object_field_prop_ptr(obj, prop);
    const char *id = g_variant_get_string(value, NULL);
    Chardev *old = qemu_chr_fe_get_driver(fe);
    Chardev *chr = *id ? qemu_chr_find(id) : NULL;

    if (*id && !chr) {
        return cant_find_value(obj, prop, id, error);
    }
    if (chr == old) {
        return true;
    }
    chr_release(obj, prop);
    if (chr && !qemu_chr_fe_init(fe, chr, error)) {
        error_prefix(error, "Property '%s.%s' can't take value '%s': ", object_get_typename(obj),
                     prop->name, id);
        /* It was ours a moment ago, so it is free. */
        qemu_chr_fe_init(fe, old, NULL);
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

/* ---- Drives ---- */

static GVariant *drive_prop_get(Object *obj, const Property *prop)
{
    BlockBackend *blk = *(BlockBackend **)object_field_prop_ptr(obj, prop);

    return g_variant_new_string(blk ? blk_name(blk) : "");
}

static void drive_prop_release(Object *obj, const Property *prop)
{
    BlockBackend **field = object_field_prop_ptr(obj, prop);

    if (*field) {
        blk_detach_dev(*field, obj);
        *field = NULL;
    }
}

/* Whether the device may write is for its realize to ask: some take read-only drives. */
static bool drive_prop_set(Object *obj, const Property *prop, GVariant *value, GError **error)
{
    BlockBackend **field = object_field_prop_ptr(obj, prop);
    const char *id = g_variant_get_string(value, NULL);
    BlockBackend *blk = *id ? blk_by_name(id) : NULL;

    if (*id && !blk) {
        return cant_find_value(obj, prop, id, error);
    }
    if (blk == *field) {
        return true;
    }
    if (blk && !blk_attach_dev(blk, obj, error)) {
        return false;
    }
    drive_prop_release(obj, prop);
    *field = blk;
    return true;
}

const PropertyInfo qdev_prop_drive = {
    .type = "str",
    .description = "Node name or ID of a block device to use as a backend",
    .get = drive_prop_get,
    .set = drive_prop_set,
    .release = drive_prop_release,
};

/* ---- Netdevs ---- */

static GVariant *netdev_get(Object *obj, const Property *prop)
{
    const NICPeers *peers = object_field_prop_ptr(obj, prop);

    return g_variant_new_string(peers->queues ? peers->ncs[0]->name : "");
}

static bool netdev_set(Object *obj, const Property *prop, GVariant *value, GError **error)
{
    NICPeers *peers = object_field_prop_ptr(obj, prop);
    const char *id = g_variant_get_string(value, NULL);
    NetClientState *nc = qemu_find_netdev(id);

    if (!nc) {
        return cant_find_value(obj, prop, id, error);
    }
    if (!netdev_is_free(nc)) {
        error_setg(error, "Property '%s.%s' can't take value '%s', it's in use",
                   object_get_typename(obj), prop->name, id);
        return false;
    }
    peers->ncs[0] = nc;
    peers->queues = 1;
    return true;
}

const PropertyInfo qdev_prop_netdev = {
    .type = "str",
    .description = "ID of a netdev to use as a backend",
    .get = netdev_get,
    .set = netdev_set,
};

/* ---- MAC addresses ---- */

static GVariant *macaddr_get(Object *obj, const Property *prop)
{
    const MACAddr *mac = object_field_prop_ptr(obj, prop);

    return g_variant_new_take_string(g_strdup_printf("%02x:%02x:%02x:%02x:%02x:%02x", mac->a[0],
                                                     mac->a[1], mac->a[2], mac->a[3], mac->a[4],
                                                     mac->a[5]));
}

static bool macaddr_set(Object *obj, const Property *prop, GVariant *value, GError **error)
{
    const char *text = g_variant_get_string(value, NULL);

    return net_parse_macaddr(object_field_prop_ptr(obj, prop), text) ||
           doesnt_take_value(obj, prop, text, error);
}

const PropertyInfo qdev_prop_macaddr = {
    .type = "str",
    .description = "Ethernet 6-byte MAC Address, example: 52:54:00:12:34:56",
    .get = macaddr_get,
    .set = macaddr_set,
};

/* ---- Block sizes ---- */

#define BLOCK_SIZE_MIN 512
#define BLOCK_SIZE_MAX (2 * MiB)

static GVariant *blocksize_get(Object *obj, const Property *prop)
{
    return g_variant_new_uint64(*(uint32_t *)object_field_prop_ptr(obj, prop));
}

static bool blocksize_set(Object *obj, const Property *prop, GVariant *value, GError **error)
{
    uint64_t size = g_variant_get_uint64(value);

    /* 0: the device chooses. */
    if (size && (size < BLOCK_SIZE_MIN || size > BLOCK_SIZE_MAX || !is_power_of_2(size))) {
        error_setg(error, "parameter %s must be a power of 2 between %d and %d", prop->name,
                   BLOCK_SIZE_MIN, (int)BLOCK_SIZE_MAX);
        return false;
    }
    *(uint32_t *)object_field_prop_ptr(obj, prop) = size;
    return true;
}

static GVariant *blocksize_default(const Property *prop)
{
    return g_variant_new_uint64(prop->defval.u);
}

static void blocksize_set_default(Object *obj, const Property *prop)
{
    *(uint32_t *)object_field_prop_ptr(obj, prop) = prop->defval.u;
}

const PropertyInfo qdev_prop_blocksize = {
    .type = "size",
    .description = "A power of two between 512 B and 2 MiB",
    .get = blocksize_get,
    .set = blocksize_set,
    .set_default = blocksize_set_default,
    .default_value = blocksize_default,
};
