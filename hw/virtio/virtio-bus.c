/* SPDX-License-Identifier: MIT */
/*
 * The bus between a transport and its one device. Each transport derives its own type.
 *
 * Threads: BQL. Tests: tests/unit/hw/virtio/test-virtio-mmio.c.
 */
#include "qemu/osdep.h"

#include "hw/virtio/virtio-bus.h"

static void virtio_bus_class_init(ObjectClass *klass, const void *data)
{
    BUS_CLASS(klass)->max_dev = 1;
}

static const TypeInfo virtio_bus_types[] = {
    {
        .name = TYPE_VIRTIO_BUS,
        .parent = TYPE_BUS,
        .abstract = true,
        .instance_size = sizeof(VirtioBusState),
        .class_size = sizeof(VirtioBusClass),
        .class_init = virtio_bus_class_init,
    },
};
DEFINE_TYPES(virtio_bus_types)
