/* SPDX-License-Identifier: MIT */
/*
 * The life of a device: made, realized on a bus, reset, unrealized, ended.
 *
 * Buses are in bus.c, lines in gpio.c, property tables in qdev-properties.c, -device in
 * qdev-monitor.c. Threads: BQL. Tests: tests/unit/hw/core/test-qdev.c.
 */
#include "qemu/osdep.h"
#include "qemu/error.h"
#include "hw/core/qdev.h"
#include "hw/core/qdev-properties.h"
#include "qdev-internal.h"

Object *qdev_get_unattached(void)
{
    return container_get(object_get_root(), "/machine/unattached");
}

Object *qdev_get_peripheral(void)
{
    return container_get(object_get_root(), "/machine/peripheral");
}

Object *qdev_get_peripheral_anon(void)
{
    return container_get(object_get_root(), "/machine/peripheral-anon");
}

DeviceState *qdev_new(const char *type)
{
    return DEVICE(object_new(type));
}

DeviceState *qdev_try_new(const char *type)
{
    ObjectClass *klass = object_class_by_name(type);

    return klass ? DEVICE(object_new_with_class(klass)) : NULL;
}

void device_class_set_parent_realize(DeviceClass *dc, DeviceRealize realize,
                                     DeviceRealize *parent_realize)
{
    *parent_realize = dc->realize;
    dc->realize = realize;
}

void device_class_set_parent_unrealize(DeviceClass *dc, DeviceUnrealize unrealize,
                                       DeviceUnrealize *parent_unrealize)
{
    *parent_unrealize = dc->unrealize;
    dc->unrealize = unrealize;
}

BusState *qdev_get_parent_bus(const DeviceState *dev)
{
    return dev->parent_bus;
}

/* Realizes @dev's buses; on failure none of them is. */
static bool device_realize_buses(DeviceState *dev, GError **error)
{
    for (GList *l = dev->child_buses.head; l; l = l->next) {
        if (!qbus_realize(l->data, error)) {
            while ((l = l->prev)) {
                qbus_unrealize(l->data);
            }
            return false;
        }
    }
    return true;
}

static void device_undo_realize(DeviceState *dev)
{
    DeviceClass *dc = DEVICE_GET_CLASS(dev);

    if (dc->unrealize) {
        dc->unrealize(dev);
    }
}

/* All of realize but the bus and the place in the tree. */
static bool device_do_realize(DeviceState *dev, GError **error)
{
    DeviceClass *dc = DEVICE_GET_CLASS(dev);

    if (dc->realize && !dc->realize(dev, error)) {
        return false;
    }
    if (!device_realize_buses(dev, error)) {
        device_undo_realize(dev);
        return false;
    }
    dev->realized = true;
    if (dev->hotplugged) {
        device_cold_reset(dev);
    }
    return true;
}

bool qdev_realize(DeviceState *dev, BusState *bus, GError **error)
{
    DeviceClass *dc = DEVICE_GET_CLASS(dev);
    bool adopted = false;

    g_assert(!dev->realized && !dev->parent_bus);
    g_assert(!bus == !dc->bus_type);
    g_assert(!bus || object_dynamic_cast(OBJECT(bus), dc->bus_type));

    if (dev->global_error) {
        g_propagate_error(error, g_error_copy(dev->global_error));
        return false;
    }
    if (bus && !bus_plug(bus, dev, error)) {
        return false;
    }
    if (!OBJECT(dev)->parent) {
        object_property_add_child(qdev_get_unattached(), "device[*]", OBJECT(dev));
        adopted = true;
    }
    if (device_do_realize(dev, error)) {
        return true;
    }
    if (bus) {
        bus_unplug(dev);
    }
    if (adopted) {
        object_unparent(OBJECT(dev));
    }
    return false;
}

bool qdev_realize_and_unref(DeviceState *dev, BusState *bus, GError **error)
{
    bool ok = qdev_realize(dev, bus, error);

    object_unref(dev);
    return ok;
}

void qdev_unrealize(DeviceState *dev)
{
    if (dev->realized) {
        for (GList *l = dev->child_buses.tail; l; l = l->prev) {
            qbus_unrealize(l->data);
        }
        device_undo_realize(dev);
        dev->realized = false;
    }
    if (dev->parent_bus) {
        bus_unplug(dev);
    }
}

void device_cold_reset(DeviceState *dev)
{
    resettable_reset(OBJECT(dev), RESET_TYPE_COLD);
}

static void device_reset_foreach(Object *obj, ResettableChildVisit *visit, void *opaque,
                                 ResetType type)
{
    for (GList *l = DEVICE(obj)->child_buses.head; l; l = l->next) {
        visit(l->data, type, opaque);
    }
}

/* When a device leaves the tree it stops working, and what sits on its buses leaves with it. */
static void device_unparent(Object *obj)
{
    DeviceState *dev = DEVICE(obj);
    GList *last;

    while ((last = dev->child_buses.tail)) {
        object_unparent(last->data);
    }
    qdev_unrealize(dev);
}

static void device_instance_init(Object *obj)
{
    DeviceState *dev = DEVICE(obj);

    dev->on_bus.data = dev;
    dev->gpios = g_ptr_array_new();
    device_set_property_defaults(dev);
}

static void device_instance_post_init(Object *obj)
{
    qdev_prop_set_globals(obj, &DEVICE(obj)->global_error);
}

static void device_instance_finalize(Object *obj)
{
    DeviceState *dev = DEVICE(obj);

    g_assert(!dev->parent_bus && g_queue_is_empty(&dev->child_buses));
    device_release_gpios(dev);
    device_release_properties(dev);
    g_clear_error(&dev->global_error);
    g_free(dev->id);
}

static bool device_get_realized(Object *obj, GError **error)
{
    return DEVICE(obj)->realized;
}

static bool device_get_hotplugged(Object *obj, GError **error)
{
    return DEVICE(obj)->hotplugged;
}

static bool device_get_hotpluggable(Object *obj, GError **error)
{
    DeviceState *dev = DEVICE(obj);

    return DEVICE_GET_CLASS(dev)->hotpluggable &&
           (!dev->parent_bus || dev->parent_bus->hotpluggable);
}

static void device_class_init(ObjectClass *klass, const void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);

    klass->unparent = device_unparent;
    dc->user_creatable = true;
    dc->hotpluggable = true;
    RESETTABLE_CLASS(klass)->child_foreach = device_reset_foreach;
    object_class_property_add_bool(klass, "realized", device_get_realized, NULL);
    object_class_property_add_bool(klass, "hotplugged", device_get_hotplugged, NULL);
    object_class_property_add_bool(klass, "hotpluggable", device_get_hotpluggable, NULL);
    object_class_property_add_link(klass, "parent_bus", TYPE_BUS, offsetof(DeviceState, parent_bus),
                                   NULL);
}

static void device_class_base_init(ObjectClass *klass, const void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);

    dc->props = NULL;
    dc->num_props = 0;
}

static const TypeInfo device_types[] = {
    {
        .name = TYPE_DEVICE,
        .parent = TYPE_OBJECT,
        .abstract = true,
        .instance_size = sizeof(DeviceState),
        .instance_init = device_instance_init,
        .instance_post_init = device_instance_post_init,
        .instance_finalize = device_instance_finalize,
        .class_size = sizeof(DeviceClass),
        .class_init = device_class_init,
        .class_base_init = device_class_base_init,
        .interfaces = (const InterfaceInfo[]){{TYPE_RESETTABLE_INTERFACE}, {}},
    },
};

DEFINE_TYPES(device_types)
