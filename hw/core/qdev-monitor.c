/* SPDX-License-Identifier: MIT */
/*
 * The user's devices: -device, device_add, device_del.
 *
 * Everything is checked before a device is made, as far as it can be; what a device refuses later
 * takes it away again. Threads: BQL. Tests: tests/unit/hw/core/test-qdev-monitor.c.
 */
#include "qemu/osdep.h"
#include "qemu/error.h"
#include "qemu/id.h"
#include "hw/core/qdev.h"

DeviceState *qdev_find_by_id(const char *id)
{
    Object *obj = object_resolve_path_component(qdev_get_peripheral(), id);

    return (DeviceState *)object_dynamic_cast(obj, TYPE_DEVICE);
}

/* ---- Finding a bus ---- */

/* A search over all buses from the main system bus. */
typedef struct BusSearch {
    const char *name; /* or NULL: any */
    const char *type; /* or NULL: any */
    BusState *full;   /* one that matched but has no room */
} BusSearch;

static bool bus_matches(const BusState *bus, const BusSearch *search)
{
    return (!search->name || strcmp(bus->name, search->name) == 0) &&
           (!search->type || object_dynamic_cast(OBJECT(bus), search->type));
}

/*
 * The first match with room: a bus before what is below it, devices plugged last first. That puts
 * the first -device on the last virtio-mmio transport, where QEMU's users expect it.
 */
static BusState *bus_search(BusState *bus, BusSearch *search)
{
    if (bus_matches(bus, search)) {
        if (!qbus_is_full(bus)) {
            return bus;
        }
        search->full = search->full ? search->full : bus;
    }
    for (GList *d = bus->children.tail; d; d = d->prev) {
        DeviceState *dev = d->data;

        for (GList *b = dev->child_buses.head; b; b = b->next) {
            BusState *found = bus_search(b->data, search);

            if (found) {
                return found;
            }
        }
    }
    return NULL;
}

static BusState *find_named_bus(const char *name, const char *driver, const char *type,
                                GError **error)
{
    BusSearch search = {.name = name};
    BusState *bus;

    if (*name == '/') {
        bus = (BusState *)object_dynamic_cast(object_resolve_path(name, NULL), TYPE_BUS);
    } else {
        bus = bus_search(sysbus_get_default(), &search);
        bus = bus ? bus : search.full;
    }
    if (!bus) {
        error_setg(error, "Bus '%s' not found", name);
        return NULL;
    }
    if (!type || !object_dynamic_cast(OBJECT(bus), type)) {
        error_setg(error, "Device '%s' can't go on %s bus", driver,
                   object_get_typename(OBJECT(bus)));
        return NULL;
    }
    if (qbus_is_full(bus)) {
        error_setg(error, "Bus '%s' is full", bus->name);
        return NULL;
    }
    return bus;
}

static BusState *find_bus_of_type(const char *driver, const char *type, GError **error)
{
    BusSearch search = {.type = type};
    BusState *bus = bus_search(sysbus_get_default(), &search);

    if (!bus && search.full) {
        error_setg(error, "A '%s' bus was found but is full", type);
    } else if (!bus) {
        error_setg(error, "No '%s' bus found for device '%s'", type, driver);
    }
    return bus;
}

/* The bus for a device of @dc; *@bus is NULL if it needs none. */
static bool find_bus(const DeviceClass *dc, const char *driver, const char *name, bool hotplug,
                     BusState **bus, GError **error)
{
    *bus = NULL;
    if (name) {
        *bus = find_named_bus(name, driver, dc->bus_type, error);
    } else if (dc->bus_type) {
        *bus = find_bus_of_type(driver, dc->bus_type, error);
    } else {
        return true;
    }
    if (*bus && hotplug && !(*bus)->hotpluggable) {
        error_setg(error, "Bus '%s' does not support hotplugging", (*bus)->name);
        return false;
    }
    return *bus;
}

/* ---- Adding ---- */

static DeviceClass *find_driver(const char *driver, bool hotplug, GError **error)
{
    ObjectClass *klass = object_class_by_name(driver);
    DeviceClass *dc;

    if (!object_class_dynamic_cast(klass, TYPE_DEVICE)) {
        error_setg(error, "'%s' is not a valid device model name", driver);
        return NULL;
    }
    if (object_class_is_abstract(klass)) {
        error_setg(error, "Parameter 'driver' expects a non-abstract device type");
        return NULL;
    }
    dc = DEVICE_CLASS(klass);
    if (!dc->user_creatable || (hotplug && !dc->hotpluggable)) {
        error_setg(error, "Parameter 'driver' expects a pluggable device type");
        return NULL;
    }
    return dc;
}

static bool check_id(const char *id, GError **error)
{
    if (!id) {
        return true;
    }
    if (!id_check(id, error)) {
        return false;
    }
    if (object_property_find(qdev_get_peripheral(), id)) {
        error_setg(error, "Duplicate ID '%s' for device", id);
        return false;
    }
    return true;
}

static bool is_own_option(const char *name)
{
    return strcmp(name, "driver") == 0 || strcmp(name, "id") == 0 || strcmp(name, "bus") == 0;
}

static bool set_options(DeviceState *dev, const ObjectOption *options, size_t num_options,
                        GError **error)
{
    for (size_t i = 0; i < num_options; i++) {
        if (!is_own_option(options[i].name) &&
            !object_set_option(OBJECT(dev), &options[i], error)) {
            return false;
        }
    }
    return true;
}

DeviceState *qdev_device_add(const ObjectOption *options, size_t num_options, bool hotplug,
                             GError **error)
{
    const char *driver = object_option_get_str(options, num_options, "driver");
    const char *id = object_option_get_str(options, num_options, "id");
    const char *bus_name = object_option_get_str(options, num_options, "bus");
    g_autoptr(DeviceState) dev = NULL;
    DeviceClass *dc;
    BusState *bus;

    if (!check_id(id, error)) {
        return NULL;
    }
    if (!driver || !*driver) {
        error_setg(error, "Parameter 'driver' is missing");
        return NULL;
    }
    dc = find_driver(driver, hotplug, error);
    if (!dc || !find_bus(dc, driver, bus_name, hotplug, &bus, error)) {
        return NULL;
    }

    dev = DEVICE(object_new_with_class(OBJECT_CLASS(dc)));
    dev->hotplugged = hotplug;
    dev->id = g_strdup(id);
    /* In the tree first: a property may make children, and messages name the path. */
    object_property_add_child(id ? qdev_get_peripheral() : qdev_get_peripheral_anon(),
                              id ? id : "device[*]", OBJECT(dev));
    if (!set_options(dev, options, num_options, error) || !qdev_realize(dev, bus, error)) {
        object_unparent(OBJECT(dev));
        return NULL;
    }
    return dev;
}

/* ---- Taking out ---- */

bool qdev_device_del(const char *id, GError **error)
{
    DeviceState *dev = *id == '/' ? (DeviceState *)object_dynamic_cast(
                                        object_resolve_path(id, NULL), TYPE_DEVICE) :
                                    qdev_find_by_id(id);

    if (!dev) {
        error_set(error, ERROR_CLASS_DEVICE_NOT_FOUND, "Device '%s' not found", id);
        return false;
    }
    if (dev->parent_bus && !dev->parent_bus->hotpluggable) {
        error_setg(error, "Bus '%s' does not support hotplugging", dev->parent_bus->name);
        return false;
    }
    if (!DEVICE_GET_CLASS(dev)->hotpluggable) {
        error_setg(error, "Device '%s' does not support hotplugging",
                   object_get_typename(OBJECT(dev)));
        return false;
    }
    object_unparent(OBJECT(dev));
    return true;
}
