/* SPDX-License-Identifier: MIT */
/*
 * A driver for virtio devices behind virtio-mmio, in both layouts, for unit tests: RAM, rings in
 * it, and the sequences that VIRTIO 1.3, "General Initialization And Device Operation" asks for.
 */
#ifndef TESTS_UNIT_HW_VIRTIO_VIRTIO_TEST_H
#define TESTS_UNIT_HW_VIRTIO_VIRTIO_TEST_H

#include "../hw-test.h"
#include "hw/virtio/virtio.h"

#define VT_RAM_BASE UINT64_C(0x80000000)
#define VT_RAM_SIZE (16 * 1024 * 1024)
#define VT_MMIO_BASE 0x10008000

/* Offsets of registers. */
enum {
    VT_MAGIC = 0x000,
    VT_VERSION = 0x004,
    VT_DEVICE_ID = 0x008,
    VT_VENDOR_ID = 0x00c,
    VT_DEVICE_FEATURES = 0x010,
    VT_DEVICE_FEATURES_SEL = 0x014,
    VT_DRIVER_FEATURES = 0x020,
    VT_DRIVER_FEATURES_SEL = 0x024,
    VT_GUEST_PAGE_SIZE = 0x028,
    VT_QUEUE_SEL = 0x030,
    VT_QUEUE_SIZE_MAX = 0x034,
    VT_QUEUE_SIZE = 0x038,
    VT_QUEUE_ALIGN = 0x03c,
    VT_QUEUE_PFN = 0x040,
    VT_QUEUE_READY = 0x044,
    VT_QUEUE_NOTIFY = 0x050,
    VT_INTERRUPT_STATUS = 0x060,
    VT_INTERRUPT_ACK = 0x064,
    VT_STATUS = 0x070,
    VT_QUEUE_DESC = 0x080,
    VT_QUEUE_DRIVER = 0x090,
    VT_QUEUE_DEVICE = 0x0a0,
    VT_QUEUE_RESET = 0x0c0,
    VT_CONFIG_GENERATION = 0x0fc,
    VT_CONFIG = 0x100,
};

enum {
    VT_DESC_NEXT = 1,
    VT_DESC_WRITE = 2,
    VT_DESC_INDIRECT = 4,
};

typedef struct VtDevice {
    DeviceState *transport;
    VirtIODevice *vdev;
    bool is_legacy;
    uint64_t features; /* negotiated */
    HwTestSink irq;
    hwaddr free; /* RAM from here on is not in use */
} VtDevice;

/* Little-endian, as host memory. */
typedef struct VtDesc {
    uint64_t addr;
    uint32_t len;
    uint16_t flags;
    uint16_t next;
} VtDesc;

typedef struct VtQueue {
    VtDevice *d;
    unsigned index;
    unsigned num;
    hwaddr desc_gpa, avail_gpa, used_gpa;
    VtDesc *desc;
    uint16_t *avail; /* flags, idx, ring[num], used_event */
    uint16_t *used;  /* flags, idx, then (id, len) of 32 bits each, then avail_event */
    unsigned next_desc;
    uint16_t seen_used;
} VtQueue;

/* A part of a chain. */
typedef struct VtBuffer {
    hwaddr gpa;
    uint32_t len;
    bool is_write;
} VtBuffer;

/* Once, in place of hw_test_init(). */
void vt_init(int *argc, char ***argv);

/* Plugs @dev (of qdev_new()) into a new transport. */
void vt_plug(VtDevice *d, DeviceState *dev, bool is_legacy);
bool vt_try_plug(VtDevice *d, DeviceState *dev, bool is_legacy, GError **error);
void vt_unplug(VtDevice *d);

uint32_t vt_read(VtDevice *d, unsigned offset);
void vt_write(VtDevice *d, unsigned offset, uint32_t value);
uint64_t vt_device_features(VtDevice *d);

/* Acknowledges, takes those of @wanted that are offered (and VERSION_1), up to FEATURES_OK. */
void vt_negotiate(VtDevice *d, uint64_t wanted);
void vt_driver_ok(VtDevice *d);

/* Sets a queue of @num descriptors up in new memory; 0: as many as there may be. */
void vt_queue_init(VtDevice *d, VtQueue *q, unsigned index, unsigned num);
void vt_queue_set_ready(VtQueue *q);

/* Bytes of RAM, aligned to 4096, zeroed; and the host's address of guest memory. */
hwaddr vt_alloc(VtDevice *d, size_t size);
void *vt_host(hwaddr gpa);

/* Writes a chain, makes it available; the head. The second form puts it into a table of its own. */
unsigned vt_add(VtQueue *q, const VtBuffer *buffers, unsigned num);
unsigned vt_add_indirect(VtQueue *q, const VtBuffer *buffers, unsigned num);
/* Makes the chain at @head available. */
void vt_offer(VtQueue *q, uint16_t head);
void vt_notify(VtQueue *q);
void vt_kick(VtQueue *q);

/* How many entries have been used that vt_get_used() has not returned. */
unsigned vt_num_used(const VtQueue *q);
/* The next used entry; the main loop runs until there is one, at most some seconds. */
uint32_t vt_get_used(VtQueue *q, uint32_t *id);
/* Adds, kicks, waits: the used length. */
uint32_t vt_do(VtQueue *q, const VtBuffer *buffers, unsigned num);

/* avail_event and used_event. */
uint16_t vt_avail_event(const VtQueue *q);
void vt_set_used_event(VtQueue *q, uint16_t event);

/* The main loop until @counter reaches @value, at most some seconds. */
void vt_wait(const unsigned *counter, unsigned value);

#endif
