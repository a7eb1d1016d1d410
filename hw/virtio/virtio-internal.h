/* SPDX-License-Identifier: MIT */
/*
 * A queue's state, shared by virtqueue.c (the ring) and virtio.c (the device around it).
 */
#ifndef HW_VIRTIO_VIRTIO_INTERNAL_H
#define HW_VIRTIO_VIRTIO_INTERNAL_H

#include "hw/virtio/virtio.h"

struct VirtQueue {
    /* [const] */
    VirtIODevice *vdev;
    unsigned index;
    unsigned max_num;
    VirtIOHandleOutput *handle_output;

    /* [bql] what the driver has said */
    unsigned num; /* descriptors; a power of two */
    hwaddr desc;
    hwaddr avail;
    hwaddr used;
    bool ready;

    /* [bql] while ready: the three parts, all in RAM */
    MemoryRegionCache desc_cache;
    MemoryRegionCache avail_cache;
    MemoryRegionCache used_cache;

    /* [bql] free-running indices, modulo 2^16 */
    uint16_t last_avail;     /* the next entry to pop */
    uint16_t seen_avail;     /* the driver's index when we last looked: entries before it exist */
    uint16_t used_idx;       /* the next used entry to write */
    uint16_t signalled_used; /* used_idx when we last thought about an interrupt */
    bool signalled_valid;    /* less than 2^16 entries have been used since */
    bool has_news;           /* something has been used since */
    bool notification;       /* the driver is asked to notify */
    unsigned inuse;          /* popped and not given back */
};

/* Points the caches at the three parts. False if a part is not in RAM in one piece. */
bool virtqueue_map_rings(VirtQueue *vq);
void virtqueue_unmap_rings(VirtQueue *vq);

/* The ring starts from its beginning. */
void virtqueue_reset_indices(VirtQueue *vq);

/* Whether the driver wants an interrupt for what was used since this was asked last. */
bool virtqueue_wants_interrupt(VirtQueue *vq);

#endif
