/* SPDX-License-Identifier: MIT */
/*
 * Virtio devices and their queues: what a device model sees.
 *
 * A VirtIODevice plugs into a bus that a transport has (virtio-mmio, PCI); hw/virtio/virtio-bus.h
 * is the transport's side. The device offers features, has a configuration space, and takes chains
 * of buffers from queues. Queues are split rings with indirect descriptors and event indices.
 *
 * What the driver writes is never trusted. A descriptor is read once; a chain has a bounded number
 * of descriptors and buffers, all in RAM; a ring or chain that breaks the rules makes the device
 * "broken": it stops, asks for a reset (DEVICE_NEEDS_RESET), and the reason is logged as a guest
 * error.
 *
 * Threads: the BQL, except virtio_queue_notify() (any). Queue handlers run in the main loop, never
 * in a hart's thread, and not while the machine is stopped.
 *
 * Virtual I/O Device (VIRTIO) version 1.3, "Basic Facilities of a Virtio Device"; sections named
 * "Legacy Interface" where VIRTIO_F_VERSION_1 is not offered. All fields are little endian, which
 * is the guest's own order. Tests: tests/unit/hw/virtio/.
 */
#ifndef HW_VIRTIO_VIRTIO_H
#define HW_VIRTIO_VIRTIO_H

#include <sys/uio.h>

#include "hw/core/qdev-properties.h"
#include "hw/core/qdev.h"
#include "hw/core/runstate.h"
#include "system/memory.h"

#define TYPE_VIRTIO_DEVICE "virtio-device"
OBJECT_DECLARE_TYPE(VirtIODevice, VirtioDeviceClass, VIRTIO_DEVICE)

/* "Device Types". */
enum {
    VIRTIO_ID_NET = 1,
    VIRTIO_ID_BLOCK = 2,
    VIRTIO_ID_CONSOLE = 3,
    VIRTIO_ID_RNG = 4,
    VIRTIO_ID_BALLOON = 5,
};

/* "Device Status Field". */
enum {
    VIRTIO_CONFIG_S_ACKNOWLEDGE = 0x01,
    VIRTIO_CONFIG_S_DRIVER = 0x02,
    VIRTIO_CONFIG_S_DRIVER_OK = 0x04,
    VIRTIO_CONFIG_S_FEATURES_OK = 0x08,
    VIRTIO_CONFIG_S_NEEDS_RESET = 0x40,
    VIRTIO_CONFIG_S_FAILED = 0x80,
};

/* "Reserved Feature Bits". */
enum {
    VIRTIO_F_NOTIFY_ON_EMPTY = 24, /* legacy */
    VIRTIO_F_ANY_LAYOUT = 27,      /* legacy */
    VIRTIO_RING_F_INDIRECT_DESC = 28,
    VIRTIO_RING_F_EVENT_IDX = 29,
    VIRTIO_F_VERSION_1 = 32,
    VIRTIO_F_ACCESS_PLATFORM = 33,
    VIRTIO_F_RING_RESET = 40,
};

/* Descriptors of a queue, descriptors of a chain, and buffers of a chain: at most that many. */
#define VIRTQUEUE_MAX_SIZE 1024

/* Queues of a device. */
#define VIRTIO_QUEUE_MAX 1024

typedef struct VirtQueue VirtQueue;

/* There may be buffers in @vq: take what there is, or what can be handled now. */
typedef void VirtIOHandleOutput(VirtIODevice *vdev, VirtQueue *vq);

/**
 * VirtioDeviceClass - set in class_init; all [const] after. Any hook may be NULL
 * @realize:      after which queues and configuration space exist (virtio_init, virtio_add_queue);
 *                leaves nothing behind when it fails
 * @unrealize:    undoes it
 * @get_features: completes @features, which holds what the properties and the transport allow
 * @set_features: the driver has made its choice, @vdev->guest_features; it may change its mind
 *                until DRIVER_OK on the legacy interface
 * @get_config:   writes the current configuration space to @vdev->config
 * @set_config:   the driver has written @size bytes at @offset of @vdev->config, which hold the
 *                new value; what a driver may not change is put right by the next @get_config
 * @set_status:   the driver has changed @vdev->status, not to 0
 * @reset:        back to the state after realize. When it returns the device holds no buffers and
 *                nothing reaches guest memory any more. Queues are stopped while it runs
 * @queue_reset:  the same for one queue; NULL: the device never keeps a buffer beyond its handler
 */
struct VirtioDeviceClass {
    DeviceClass parent_class;
    bool (*realize)(VirtIODevice *vdev, GError **error);
    void (*unrealize)(VirtIODevice *vdev);
    uint64_t (*get_features)(VirtIODevice *vdev, uint64_t features);
    void (*set_features)(VirtIODevice *vdev);
    void (*get_config)(VirtIODevice *vdev);
    void (*set_config)(VirtIODevice *vdev, unsigned offset, unsigned size);
    void (*set_status)(VirtIODevice *vdev);
    void (*reset)(VirtIODevice *vdev);
    void (*queue_reset)(VirtIODevice *vdev, VirtQueue *vq);
};

struct VirtIODevice {
    DeviceState parent_obj;

    /* [const] after realize */
    uint16_t device_id;
    size_t config_len;
    VirtQueue **queues;
    unsigned num_queues;
    AddressSpace *dma_as;    /* where rings and buffers are */
    uint64_t host_features;  /* before realize: what properties allow; after: what is offered */
    QEMUBH *bh;              /* runs the handlers of the queues in @notified */
    MemoryListener listener; /* renews the queues' paths to memory */
    VMChangeStateEntry *vm_state;

    /* [bql] */
    uint8_t *config; /* @config_len bytes, as the driver sees them */
    uint32_t generation;
    uint64_t guest_features; /* a subset of @host_features */
    uint8_t status;
    bool broken;       /* stopped until reset */
    bool is_resetting; /* queues stay stopped; BQL may be given up meanwhile */
    bool vm_running;   /* the machine runs */

    /* [atomic] */
    uint32_t isr;                               /* VIRTIO_ISR_* */
    DECLARE_BITMAP(notified, VIRTIO_QUEUE_MAX); /* queues whose handlers are to run */
};

/* "Notifications From The Device": bits of the interrupt status. */
enum {
    VIRTIO_ISR_QUEUE = 1,
    VIRTIO_ISR_CONFIG = 2,
};

/* ---- For a device's realize ---- */

/* First. @config_len 0: no configuration space. */
void virtio_init(VirtIODevice *vdev, uint16_t device_id, size_t config_len);
/* The next queue, of at most @num descriptors: a power of two up to VIRTQUEUE_MAX_SIZE. */
VirtQueue *virtio_add_queue(VirtIODevice *vdev, unsigned num, VirtIOHandleOutput *handle_output);
/* Undoes both: for unrealize, and for a realize that fails after virtio_init(). */
void virtio_cleanup(VirtIODevice *vdev);

/* ---- State ---- */

static inline bool virtio_has_feature(uint64_t features, unsigned bit)
{
    return features >> bit & 1;
}

/* Whether device and driver have agreed on a feature. */
static inline bool virtio_vdev_has_feature(const VirtIODevice *vdev, unsigned bit)
{
    return virtio_has_feature(vdev->guest_features, bit);
}

/*
 * Whether queues may be used now: the driver is ready, the device is not broken, the machine runs.
 * A legacy driver may use them before it says DRIVER_OK.
 */
bool virtio_is_live(const VirtIODevice *vdev);

/* The configuration space has changed: counts its generation up and tells the driver. */
void virtio_notify_config(VirtIODevice *vdev);

/* The driver broke the rules: logs "NAME: text" as a guest error, stops, asks for a reset. */
void virtio_error(VirtIODevice *vdev, const char *fmt, ...) QEMU_PRINTF(2, 3);

/* ---- Queues ---- */

/**
 * VirtQueueElement - a chain of buffers taken from a queue
 *
 * First the buffers that the device reads (out), then those that it writes (in), mapped to host
 * memory. The arrays must stay as they are: take parts with iov_slice(). A device's own request
 * structure begins with this. Ends by virtqueue_push(), virtqueue_fill(), virtqueue_unpop() or
 * virtqueue_detach_element(), and then by virtqueue_element_free().
 */
typedef struct VirtQueueElement {
    unsigned index; /* of the chain's first descriptor */
    unsigned out_num;
    unsigned in_num;
    struct iovec *out_sg;
    struct iovec *in_sg;
    size_t out_size; /* bytes in all */
    size_t in_size;
} VirtQueueElement;

/**
 * virtqueue_pop - take the next chain
 * @size: bytes to allocate, at least sizeof(VirtQueueElement)
 *
 * Returns NULL if there is none, the queue cannot be used now, or the device just broke.
 */
void *virtqueue_pop(VirtQueue *vq, size_t size);

/* Frees the structure only. NULL does nothing. */
void virtqueue_element_free(void *elem);

/*
 * Gives a chain back as used, with @len bytes written from the start of its in buffers. Several can
 * be filled, numbered from @idx = 0, and then flushed at once. virtio_notify() follows, once for a
 * batch.
 */
void virtqueue_push(VirtQueue *vq, const VirtQueueElement *elem, size_t len);
void virtqueue_fill(VirtQueue *vq, const VirtQueueElement *elem, size_t len, unsigned idx);
void virtqueue_flush(VirtQueue *vq, unsigned count);

/* As if the chain had not been popped: it must be the last one that was. Nothing was written. */
void virtqueue_unpop(VirtQueue *vq, const VirtQueueElement *elem);
/* Unmaps a chain that will not be given back, since the queue or device is being reset. */
void virtqueue_detach_element(VirtQueue *vq, const VirtQueueElement *elem);

/* Interrupts the driver if something was pushed since, unless it does not want to know. */
void virtio_notify(VirtIODevice *vdev, VirtQueue *vq);

/* Whether there is nothing to pop. Looks into guest memory only if nothing is known. */
bool virtio_queue_empty(VirtQueue *vq);
/* Whether the driver has set the queue up. */
bool virtio_queue_ready(const VirtQueue *vq);

/*
 * Asks the driver to notify or not to notify of new buffers. After enabling look once more: it may
 * have added some before it saw that.
 */
void virtio_queue_set_notification(VirtQueue *vq, bool enable);

/* Runs the queue's handler again soon: for a handler that has done enough for one turn. */
void virtio_queue_schedule(VirtQueue *vq);

unsigned virtio_get_queue_index(const VirtQueue *vq);
VirtQueue *virtio_get_queue(VirtIODevice *vdev, unsigned n);
/* Descriptors, as the driver has chosen. */
unsigned virtio_queue_get_num(const VirtQueue *vq);

#endif
