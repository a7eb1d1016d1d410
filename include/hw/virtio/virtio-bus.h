/* SPDX-License-Identifier: MIT */
/*
 * What a virtio transport has to do with: the bus that its device sits on, and the device seen from
 * the registers.
 *
 * A transport is a device with a VirtioBusState. It forwards what the driver writes and supplies
 * the interrupt. Nothing here asserts on what the driver says: bad values are logged and ignored.
 *
 * Threads: the BQL, except virtio_queue_notify() and virtio_isr(): any.
 * VIRTIO 1.3, "Virtio Transport Options".
 */
#ifndef HW_VIRTIO_VIRTIO_BUS_H
#define HW_VIRTIO_VIRTIO_BUS_H

#include "hw/virtio/virtio.h"

#define TYPE_VIRTIO_BUS "virtio-bus"
OBJECT_DECLARE_TYPE(VirtioBusState, VirtioBusClass, VIRTIO_BUS)

/**
 * VirtioBusClass - a transport's side; all [const]
 * @notify:   the interrupt status has changed: bits of vdev->isr were set or cleared
 * @features: bits that this transport adds for a device: VIRTIO_F_VERSION_1 where it is modern
 * @plugged:  a device has been realized on the bus; or NULL
 * @unplugged: before it goes; or NULL
 */
struct VirtioBusClass {
    BusClass parent_class;
    void (*notify)(DeviceState *transport);
    uint64_t (*features)(DeviceState *transport);
    void (*plugged)(DeviceState *transport, VirtIODevice *vdev);
    void (*unplugged)(DeviceState *transport);
};

struct VirtioBusState {
    BusState parent_obj;
    AddressSpace *dma_as; /* [const] NULL: the machine's memory */
};

/* ---- The device as the driver drives it ---- */

/* A device or machine reset: as when the driver writes 0 to the status. */
void virtio_reset(VirtIODevice *vdev);

/*
 * 0 resets. A transport leaves FEATURES_OK out if virtio_set_features() did not like the choice.
 */
void virtio_set_status(VirtIODevice *vdev, uint8_t status);

/*
 * What the driver accepts. False if it chose what was not offered, which is then left out, or if it
 * has chosen already.
 */
bool virtio_set_features(VirtIODevice *vdev, uint64_t features);

/*
 * The configuration space; @size is 1, 2 or 4. Reading beyond its end gives all ones, writing does
 * nothing.
 */
uint32_t virtio_config_read(VirtIODevice *vdev, hwaddr offset, unsigned size);
void virtio_config_write(VirtIODevice *vdev, hwaddr offset, uint32_t value, unsigned size);

/* Bits of the interrupt status. */
uint32_t virtio_isr(VirtIODevice *vdev);
void virtio_ack_isr(VirtIODevice *vdev, uint32_t bits);

/* ---- Queues by number; those that do not exist have a size of 0 and are never ready ---- */

unsigned virtio_queue_max_num(VirtIODevice *vdev, unsigned n);
void virtio_queue_set_num(VirtIODevice *vdev, unsigned n, uint32_t num);

/*
 * The addresses of the three parts; ignored while the queue is ready. The second form is the
 * legacy layout: all parts in one piece from @base, the used ring aligned to @align, a power of
 * two.
 */
void virtio_queue_set_rings(VirtIODevice *vdev, unsigned n, hwaddr desc, hwaddr avail, hwaddr used);
void virtio_queue_set_legacy_rings(VirtIODevice *vdev, unsigned n, hwaddr base, uint32_t align);

/* Starts or stops. A queue that is not in RAM breaks the device. */
void virtio_queue_set_ready(VirtIODevice *vdev, unsigned n, bool ready);
bool virtio_queue_is_ready(VirtIODevice *vdev, unsigned n);

/* Forgets all that the driver has said about the queue; the device drops its buffers. */
void virtio_queue_reset(VirtIODevice *vdev, unsigned n);

/* The driver has added buffers: schedules the handler. Any thread, no lock. */
void virtio_queue_notify(VirtIODevice *vdev, unsigned n);

#endif
