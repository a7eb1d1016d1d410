/* SPDX-License-Identifier: MIT */
/*
 * Split rings: chains of descriptors in, used buffers out, and who is to be told when.
 *
 * All of a ring and of its buffers must be RAM. Rings and buffers in device registers make no
 * sense, and would let a driver re-enter its own device.
 *
 * The driver runs on another thread at the same time: each descriptor is copied before it is
 * looked at, indices are loaded with acquire and stored with release semantics, and where both
 * sides decide by what the other has last written, a full barrier is between the two accesses.
 *
 * Runs under the BQL. VIRTIO 1.3, "Split Virtqueues". Tests:
 * tests/unit/hw/virtio/test-virtqueue.c.
 */
#include "qemu/osdep.h"

#include "qemu/atomic.h"
#include "qemu/bswap.h"
#include "qemu/rcu.h"
#include "qemu/trace.h"
#include "virtio-internal.h"

/* "The Virtqueue Descriptor Table". */
enum {
    VIRTQ_DESC_F_NEXT = 1,
    VIRTQ_DESC_F_WRITE = 2,
    VIRTQ_DESC_F_INDIRECT = 4,
};

typedef struct VirtqDesc {
    uint64_t addr;
    uint32_t len;
    uint16_t flags;
    uint16_t next;
} VirtqDesc;

#define VIRTQ_DESC_SIZE 16
QEMU_BUILD_BUG_ON(sizeof(VirtqDesc) != VIRTQ_DESC_SIZE);

/* "The Virtqueue Available Ring": flags, idx, ring[num], used_event. */
enum {
    AVAIL_FLAGS = 0,
    AVAIL_IDX = 2,
    AVAIL_RING = 4,
    AVAIL_ENTRY_SIZE = 2,
    VIRTQ_AVAIL_F_NO_INTERRUPT = 1,
};

/* "The Virtqueue Used Ring": flags, idx, ring[num] of (id, len), avail_event. */
enum {
    USED_FLAGS = 0,
    USED_IDX = 2,
    USED_RING = 4,
    USED_ENTRY_SIZE = 8,
    VIRTQ_USED_F_NO_NOTIFY = 1,
};

/* ---- Reaching the ring ---- */

static bool map_part(MemoryRegionCache *cache, AddressSpace *as, hwaddr addr, hwaddr len,
                     bool is_write)
{
    return address_space_cache_init(cache, as, addr, len, is_write) == len && cache->ptr;
}

bool virtqueue_map_rings(VirtQueue *vq)
{
    AddressSpace *as = vq->vdev->dma_as;

    virtqueue_unmap_rings(vq);
    if (map_part(&vq->desc_cache, as, vq->desc, VIRTQ_DESC_SIZE * vq->num, false) &&
        map_part(&vq->avail_cache, as, vq->avail, AVAIL_RING + AVAIL_ENTRY_SIZE * (vq->num + 1),
                 false) &&
        map_part(&vq->used_cache, as, vq->used,
                 USED_RING + USED_ENTRY_SIZE * vq->num + sizeof(uint16_t), true)) {
        return true;
    }
    virtqueue_unmap_rings(vq);
    return false;
}

void virtqueue_unmap_rings(VirtQueue *vq)
{
    address_space_cache_destroy(&vq->desc_cache);
    address_space_cache_destroy(&vq->avail_cache);
    address_space_cache_destroy(&vq->used_cache);
}

void virtqueue_reset_indices(VirtQueue *vq)
{
    vq->last_avail = 0;
    vq->seen_avail = 0;
    vq->used_idx = 0;
    vq->signalled_used = 0;
    vq->signalled_valid = false;
    vq->has_news = false;
    vq->notification = true;
    vq->inuse = 0;
}

/* What the driver writes to the ring's index comes before the index: acquire. */
static uint16_t load_avail_idx(VirtQueue *vq)
{
    uint16_t idx = lduw_le_phys_cached(&vq->avail_cache, AVAIL_IDX);

    smp_rmb();
    return idx;
}

bool virtio_queue_ready(const VirtQueue *vq)
{
    return vq->ready;
}

bool virtio_queue_empty(VirtQueue *vq)
{
    uint16_t idx;

    if (!vq->ready || vq->vdev->broken) {
        return true;
    }
    if (vq->seen_avail != vq->last_avail) {
        return false;
    }
    idx = load_avail_idx(vq);
    if ((uint16_t)(idx - vq->last_avail) > vq->num) {
        virtio_error(vq->vdev, "queue %u: available index jumps from %u to %u", vq->index,
                     vq->last_avail, idx);
        return true;
    }
    vq->seen_avail = idx;
    return vq->seen_avail == vq->last_avail;
}

/* ---- Chains ---- */

/* A chain while it is being collected: out buffers, then in buffers. */
typedef struct Chain {
    unsigned out_num;
    unsigned in_num;
    size_t out_size;
    size_t in_size;
    struct iovec iov[VIRTQUEUE_MAX_SIZE];
} Chain;

static void unmap_buffers(VirtIODevice *vdev, const struct iovec *iov, unsigned num, bool is_write,
                          bool was_written)
{
    for (unsigned i = 0; i < num; i++) {
        address_space_unmap(vdev->dma_as, iov[i].iov_base, iov[i].iov_len, is_write,
                            was_written ? iov[i].iov_len : 0);
    }
}

/* As much of a buffer as is in one piece; NULL if it does not begin in RAM. */
static void *map_ram(AddressSpace *as, hwaddr addr, hwaddr *plen, bool is_write)
{
    MemoryRegion *mr;
    hwaddr xlat;

    RCU_READ_LOCK_GUARD();
    mr = address_space_translate(as, addr, &xlat, plen, is_write, MEMTXATTRS_UNSPECIFIED);
    if (!memory_region_access_is_direct(mr, is_write)) {
        return NULL;
    }
    return address_space_map(as, addr, plen, is_write, MEMTXATTRS_UNSPECIFIED);
}

static bool chain_add_buffer(VirtQueue *vq, Chain *chain, hwaddr addr, hwaddr len, bool is_write)
{
    if (!is_write && chain->in_num > 0) {
        virtio_error(vq->vdev, "queue %u: readable buffer after writable ones", vq->index);
        return false;
    }
    while (len > 0) {
        unsigned n = chain->out_num + chain->in_num;
        hwaddr piece = len;
        void *host;

        if (n == ARRAY_SIZE(chain->iov)) {
            virtio_error(vq->vdev, "queue %u: too many buffers in a chain", vq->index);
            return false;
        }
        host = map_ram(vq->vdev->dma_as, addr, &piece, is_write);
        if (!host) {
            virtio_error(vq->vdev, "queue %u: buffer at 0x%" HWADDR_PRIx " is not in RAM",
                         vq->index, addr);
            return false;
        }
        chain->iov[n] = (struct iovec){.iov_base = host, .iov_len = piece};
        *(is_write ? &chain->in_num : &chain->out_num) += 1;
        *(is_write ? &chain->in_size : &chain->out_size) += piece;
        addr += piece;
        len -= piece;
    }
    return true;
}

/* A table of descriptors: the queue's own, or one that a descriptor refers to. */
typedef struct DescTable {
    MemoryRegionCache *cache;
    unsigned num;
    MemoryRegionCache indirect;
} DescTable;

static bool table_follow_indirect(VirtQueue *vq, DescTable *table, const VirtqDesc *desc)
{
    if (table->cache == &table->indirect || (desc->flags & VIRTQ_DESC_F_NEXT) || desc->len == 0 ||
        desc->len % VIRTQ_DESC_SIZE != 0) {
        virtio_error(vq->vdev, "queue %u: invalid indirect table, %u bytes, flags 0x%x", vq->index,
                     desc->len, desc->flags);
        return false;
    }
    if (!map_part(&table->indirect, vq->vdev->dma_as, desc->addr, desc->len, false)) {
        virtio_error(vq->vdev, "queue %u: indirect table at 0x%" PRIx64 " is not in RAM", vq->index,
                     desc->addr);
        return false;
    }
    table->cache = &table->indirect;
    table->num = desc->len / VIRTQ_DESC_SIZE;
    return true;
}

static bool chain_walk(VirtQueue *vq, Chain *chain, DescTable *table, unsigned next)
{
    /* A chain that is longer than this, or visits more descriptors than there are, has a cycle. */
    unsigned left = VIRTQUEUE_MAX_SIZE;
    unsigned left_in_table = table->num;
    VirtqDesc desc;

    for (;;) {
        if (next >= table->num || left-- == 0 || left_in_table-- == 0) {
            virtio_error(vq->vdev, "queue %u: chain is too long or leaves its table at %u",
                         vq->index, next);
            return false;
        }
        address_space_read_cached(table->cache, VIRTQ_DESC_SIZE * (hwaddr)next, &desc,
                                  sizeof(desc));
        desc.addr = le64_to_cpu(desc.addr);
        desc.len = le32_to_cpu(desc.len);
        desc.flags = le16_to_cpu(desc.flags);
        desc.next = le16_to_cpu(desc.next);
        if (desc.flags & VIRTQ_DESC_F_INDIRECT) {
            if (!table_follow_indirect(vq, table, &desc)) {
                return false;
            }
            left_in_table = table->num;
            left++; /* it stands for those in the table */
            next = 0;
            continue;
        }
        if (!chain_add_buffer(vq, chain, desc.addr, desc.len, desc.flags & VIRTQ_DESC_F_WRITE)) {
            return false;
        }
        if (!(desc.flags & VIRTQ_DESC_F_NEXT)) {
            return true;
        }
        next = desc.next;
    }
}

static bool chain_collect(VirtQueue *vq, Chain *chain, unsigned head)
{
    DescTable table = {
        .cache = &vq->desc_cache,
        .num = vq->num,
        .indirect = MEMORY_REGION_CACHE_INVALID,
    };
    bool ok;

    chain->out_num = chain->in_num = 0;
    chain->out_size = chain->in_size = 0;
    ok = chain_walk(vq, chain, &table, head);
    address_space_cache_destroy(&table.indirect);
    if (!ok) {
        unmap_buffers(vq->vdev, chain->iov, chain->out_num, false, false);
        unmap_buffers(vq->vdev, chain->iov + chain->out_num, chain->in_num, true, false);
    }
    return ok;
}

static VirtQueueElement *element_new(const Chain *chain, size_t size)
{
    unsigned num = chain->out_num + chain->in_num;
    size_t sg_offset = QEMU_ALIGN_UP(size, alignof(struct iovec));
    VirtQueueElement *elem = g_malloc(sg_offset + num * sizeof(struct iovec));
    struct iovec *sg = (struct iovec *)((char *)elem + sg_offset);

    memset(elem, 0, size);
    memcpy(sg, chain->iov, num * sizeof(struct iovec));
    elem->out_num = chain->out_num;
    elem->in_num = chain->in_num;
    elem->out_sg = sg;
    elem->in_sg = sg + chain->out_num;
    elem->out_size = chain->out_size;
    elem->in_size = chain->in_size;
    return elem;
}

void *virtqueue_pop(VirtQueue *vq, size_t size)
{
    VirtQueueElement *elem;
    unsigned head, slot;
    Chain chain;

    g_assert(size >= sizeof(VirtQueueElement));
    if (!virtio_is_live(vq->vdev) || virtio_queue_empty(vq)) {
        return NULL;
    }
    if (vq->inuse == vq->num) {
        virtio_error(vq->vdev, "queue %u: more chains than descriptors", vq->index);
        return NULL;
    }
    slot = vq->last_avail & (vq->num - 1);
    head = lduw_le_phys_cached(&vq->avail_cache, AVAIL_RING + AVAIL_ENTRY_SIZE * slot);
    if (!chain_collect(vq, &chain, head)) {
        return NULL;
    }
    elem = element_new(&chain, size);
    elem->index = head;
    vq->last_avail++;
    vq->inuse++;
    TRACE(virtqueue_pop, "vdev:%p queue:%u head:%u out:%zu in:%zu", (void *)vq->vdev, vq->index,
          head, elem->out_size, elem->in_size);
    return elem;
}

void virtqueue_element_free(void *elem)
{
    g_free(elem);
}

static void unmap_element(VirtQueue *vq, const VirtQueueElement *elem, bool was_written)
{
    unmap_buffers(vq->vdev, elem->out_sg, elem->out_num, false, false);
    unmap_buffers(vq->vdev, elem->in_sg, elem->in_num, true, was_written);
}

void virtqueue_detach_element(VirtQueue *vq, const VirtQueueElement *elem)
{
    unmap_element(vq, elem, true);
    vq->inuse -= MIN(vq->inuse, 1);
}

void virtqueue_unpop(VirtQueue *vq, const VirtQueueElement *elem)
{
    unmap_element(vq, elem, false);
    vq->inuse -= MIN(vq->inuse, 1);
    vq->last_avail--;
}

/* ---- Used buffers ---- */

void virtqueue_fill(VirtQueue *vq, const VirtQueueElement *elem, size_t len, unsigned idx)
{
    unsigned slot = (vq->used_idx + idx) & (vq->num - 1);
    uint32_t entry[2] = {cpu_to_le32(elem->index), cpu_to_le32(len)};

    /* All of it may have been written even where @len says less, as in a read that failed. */
    unmap_element(vq, elem, true);
    if (vq->ready && !vq->vdev->broken) {
        address_space_write_cached(&vq->used_cache, USED_RING + USED_ENTRY_SIZE * slot, entry,
                                   sizeof(entry));
    }
}

void virtqueue_flush(VirtQueue *vq, unsigned count)
{
    vq->inuse -= MIN(vq->inuse, count);
    if (count == 0 || !vq->ready || vq->vdev->broken) {
        return;
    }
    /* Buffers and entries are seen before the index that says so. Pairs with the driver's. */
    smp_wmb();
    vq->used_idx += count;
    vq->has_news = true;
    stw_le_phys_cached(&vq->used_cache, USED_IDX, vq->used_idx);
    if ((uint16_t)(vq->used_idx - vq->signalled_used) < count) {
        vq->signalled_valid = false;
    }
}

void virtqueue_push(VirtQueue *vq, const VirtQueueElement *elem, size_t len)
{
    virtqueue_fill(vq, elem, len, 0);
    virtqueue_flush(vq, 1);
}

/* ---- Suppression of notifications, both ways ---- */

static bool has_event_idx(const VirtQueue *vq)
{
    return virtio_vdev_has_feature(vq->vdev, VIRTIO_RING_F_EVENT_IDX);
}

bool virtqueue_wants_interrupt(VirtQueue *vq)
{
    uint16_t old_used = vq->signalled_used;
    bool was_valid = vq->signalled_valid;
    uint16_t event;

    if (!vq->ready || vq->vdev->broken || !vq->has_news) {
        return false;
    }
    vq->has_news = false;
    /* Our index is seen before we look at what the driver wants; it does the reverse. */
    smp_mb();
    if (virtio_vdev_has_feature(vq->vdev, VIRTIO_F_NOTIFY_ON_EMPTY) && vq->inuse == 0 &&
        virtio_queue_empty(vq)) {
        return true;
    }
    if (!has_event_idx(vq)) {
        return !(lduw_le_phys_cached(&vq->avail_cache, AVAIL_FLAGS) & VIRTQ_AVAIL_F_NO_INTERRUPT);
    }
    vq->signalled_used = vq->used_idx;
    vq->signalled_valid = true;
    event = lduw_le_phys_cached(&vq->avail_cache, AVAIL_RING + AVAIL_ENTRY_SIZE * vq->num);
    /* Whether entry @event is among those from @old_used on: all modulo 2^16. */
    return !was_valid || (uint16_t)(vq->used_idx - event - 1) < (uint16_t)(vq->used_idx - old_used);
}

void virtio_queue_set_notification(VirtQueue *vq, bool enable)
{
    bool changed = vq->notification != enable;

    vq->notification = enable;
    if (!vq->ready || vq->vdev->broken) {
        return;
    }
    if (!has_event_idx(vq)) {
        if (changed) {
            stw_le_phys_cached(&vq->used_cache, USED_FLAGS, enable ? 0 : VIRTQ_USED_F_NO_NOTIFY);
        }
    } else if (enable) {
        /* Not to be told is what an event index that has been passed means. */
        stw_le_phys_cached(&vq->used_cache, USED_RING + USED_ENTRY_SIZE * vq->num,
                           lduw_le_phys_cached(&vq->avail_cache, AVAIL_IDX));
    }
    if (enable) {
        /* The driver sees this, or we see what it added; it does the reverse. */
        smp_mb();
    }
}

/* ---- Facts ---- */

unsigned virtio_get_queue_index(const VirtQueue *vq)
{
    return vq->index;
}

unsigned virtio_queue_get_num(const VirtQueue *vq)
{
    return vq->num;
}
