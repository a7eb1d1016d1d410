/* SPDX-License-Identifier: MIT */
/*
 * Buses: made with their device, hold devices, reset with them.
 *
 * Threads: BQL. Tests: tests/unit/hw/core/test-qdev.c.
 */
#include "qemu/osdep.h"
#include "qemu/error.h"
#include "hw/core/qdev.h"
#include "qdev-internal.h"

static char *bus_make_name(BusState *bus)
{
    BusClass *bc = BUS_GET_CLASS(bus);
    g_autofree char *type = NULL;

    if (bus->parent && bus->parent->id) {
        return g_strdup_printf("%s.%u", bus->parent->id, bus->parent->child_buses.length);
    }
    type = g_ascii_strdown(object_get_typename(OBJECT(bus)), -1);
    return g_strdup_printf("%s.%u", type, bc->next_id++);
}

static void bus_attach(BusState *bus, DeviceState *parent, const char *name)
{
    bus->parent = parent;
    bus->name = name ? g_strdup(name) : bus_make_name(bus);
    if (parent) {
        bus->in_parent.data = bus;
        g_queue_push_tail_link(&parent->child_buses, &bus->in_parent);
        object_property_add_child(OBJECT(parent), bus->name, OBJECT(bus));
        object_unref(bus);
    }
}

BusState *qbus_new(const char *type, DeviceState *parent, const char *name)
{
    BusState *bus = BUS(object_new(type));

    bus_attach(bus, parent, name);
    return bus;
}

void qbus_init(void *bus, size_t size, const char *type, DeviceState *parent, const char *name)
{
    object_initialize(bus, size, type);
    bus_attach(bus, parent, name);
}

bool qbus_realize(BusState *bus, GError **error)
{
    BusClass *bc = BUS_GET_CLASS(bus);

    if (!bus->realized && bc->realize && !bc->realize(bus, error)) {
        return false;
    }
    bus->realized = true;
    return true;
}

void qbus_unrealize(BusState *bus)
{
    BusClass *bc = BUS_GET_CLASS(bus);
    GList *last;

    while ((last = bus->children.tail)) {
        qdev_unrealize(last->data);
    }
    if (bus->realized && bc->unrealize) {
        bc->unrealize(bus);
    }
    bus->realized = false;
}

void qbus_mark_full(BusState *bus)
{
    bus->full = true;
}

bool qbus_is_full(const BusState *bus)
{
    unsigned max_dev = BUS_GET_CLASS(bus)->max_dev;

    return bus->full || (max_dev && bus->children.length >= max_dev);
}

BusState *qdev_get_child_bus(DeviceState *dev, const char *name)
{
    for (GList *l = dev->child_buses.head; l; l = l->next) {
        BusState *bus = l->data;

        if (strcmp(bus->name, name) == 0) {
            return bus;
        }
    }
    return NULL;
}

bool bus_plug(BusState *bus, DeviceState *dev, GError **error)
{
    BusClass *bc = BUS_GET_CLASS(bus);

    if (qbus_is_full(bus)) {
        error_setg(error, "Bus '%s' is full", bus->name);
        return false;
    }
    if (bc->check_address && !bc->check_address(bus, dev, error)) {
        return false;
    }
    object_ref(bus);
    dev->parent_bus = bus;
    object_ref(dev);
    g_queue_push_tail_link(&bus->children, &dev->on_bus);
    return true;
}

void bus_unplug(DeviceState *dev)
{
    BusState *bus = dev->parent_bus;

    g_queue_unlink(&bus->children, &dev->on_bus);
    dev->parent_bus = NULL;
    object_unref(dev);
    object_unref(bus);
}

void bus_cold_reset(BusState *bus)
{
    resettable_reset(OBJECT(bus), RESET_TYPE_COLD);
}

static void bus_reset_foreach(Object *obj, ResettableChildVisit *visit, void *opaque,
                              ResetType type)
{
    for (GList *l = BUS(obj)->children.head; l; l = l->next) {
        visit(l->data, type, opaque);
    }
}

static void bus_unparent(Object *obj)
{
    BusState *bus = BUS(obj);
    GList *last;

    while ((last = bus->children.tail)) {
        g_autoptr(DeviceState) dev = DEVICE(object_ref(last->data));

        /* In this order what sits on its own buses leaves the tree too. */
        object_unparent(OBJECT(dev));
        qdev_unrealize(dev);
    }
    qbus_unrealize(bus);
    if (bus->parent) {
        g_queue_unlink(&bus->parent->child_buses, &bus->in_parent);
    }
}

static void bus_instance_finalize(Object *obj)
{
    g_free(BUS(obj)->name);
}

static void bus_class_init(ObjectClass *klass, const void *data)
{
    klass->unparent = bus_unparent;
    RESETTABLE_CLASS(klass)->child_foreach = bus_reset_foreach;
}

static void bus_class_base_init(ObjectClass *klass, const void *data)
{
    BUS_CLASS(klass)->next_id = 0;
}

static const TypeInfo bus_types[] = {
    {
        .name = TYPE_BUS,
        .parent = TYPE_OBJECT,
        .abstract = true,
        .instance_size = sizeof(BusState),
        .instance_finalize = bus_instance_finalize,
        .class_size = sizeof(BusClass),
        .class_init = bus_class_init,
        .class_base_init = bus_class_base_init,
        .interfaces = (const InterfaceInfo[]){{TYPE_RESETTABLE_INTERFACE}, {}},
    },
};

DEFINE_TYPES(bus_types)
