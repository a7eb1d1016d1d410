/* SPDX-License-Identifier: MIT */
/*
 * Longer-lived paths to guest memory: DMA mappings with bounce buffers, and ring caches
 *
 * Both hold a reference on the region they point into, so that they survive changes of the map.
 * Bounce buffers stand for whatever is not plain RAM; how many bytes of them an address space may
 * have in flight is bounded, since the guest decides how many requests it makes.
 *
 * Threads: any. Tests: tests/unit/system/memory/test-map.c.
 */

#include "qemu/osdep.h"
#include "memory-internal.h"
#include "qemu/atomic.h"
#include "qemu/bswap.h"
#include "qemu/main-loop.h"
#include "system/dirty.h"

/* ---- Mappings ---- */

#define BOUNCE_MAGIC UINT64_C(0x426f756e63654275)

typedef struct BounceBuffer {
    uint64_t magic; /* what unmap was given is a buffer of ours */
    MemTxAttrs attrs;
    hwaddr addr;
    uint64_t len;
    uint8_t data[] QEMU_ALIGNED(16);
} BounceBuffer;

static QemuMutex map_client_lock = QEMU_MUTEX_INITIALIZER;

/* Takes at most @want bytes of the bounce budget; returns how many. */
static uint64_t bounce_reserve(AddressSpace *as, uint64_t want)
{
    uint64_t used = qatomic_read(&as->bounce_buffer_size);

    for (;;) {
        uint64_t left = as->max_bounce_buffer_size - MIN(used, as->max_bounce_buffer_size);
        uint64_t take = MIN(want, left);
        uint64_t seen = qatomic_cmpxchg(&as->bounce_buffer_size, used, used + take);

        if (seen == used) {
            return take;
        }
        used = seen;
    }
}

static void *map_bounce(AddressSpace *as, hwaddr addr, hwaddr *plen, bool is_write,
                        MemTxAttrs attrs)
{
    BounceBuffer *bounce;

    *plen = bounce_reserve(as, *plen);
    if (*plen == 0) {
        return NULL;
    }
    bounce = g_malloc0(sizeof(*bounce) + *plen);
    bounce->magic = BOUNCE_MAGIC;
    bounce->attrs = attrs;
    bounce->addr = addr;
    bounce->len = *plen;
    if (!is_write) {
        address_space_read(as, addr, attrs, bounce->data, *plen);
    }
    return bounce->data;
}

void *address_space_map(AddressSpace *as, hwaddr addr, hwaddr *plen, bool is_write,
                        MemTxAttrs attrs)
{
    MemoryRegion *mr;
    hwaddr xlat;

    if (*plen == 0) {
        return NULL;
    }
    RCU_READ_LOCK_GUARD();
    mr = address_space_translate(as, addr, &xlat, plen, is_write, attrs);
    if (!memory_region_access_is_direct(mr, is_write)) {
        return map_bounce(as, addr, plen, is_write, attrs);
    }
    memory_region_ref(mr);
    return ramblock_ptr(mr->ram_block, xlat);
}

static void notify_map_clients(AddressSpace *as)
{
    qemu_mutex_lock(&map_client_lock);
    for (GSList *l = as->map_clients; l; l = l->next) {
        qemu_bh_schedule(l->data);
    }
    g_clear_pointer(&as->map_clients, g_slist_free);
    qemu_mutex_unlock(&map_client_lock);
}

void address_space_unmap(AddressSpace *as, void *buffer, hwaddr len, bool is_write,
                         hwaddr access_len)
{
    BounceBuffer *bounce;
    uint64_t offset;
    RAMBlock *block;

    WITH_RCU_READ_LOCK_GUARD() {
        block = qemu_ram_block_from_host(buffer, &offset);
        if (block) {
            if (is_write && access_len > 0) {
                dirty_note_write(block, offset, access_len);
            }
            memory_region_unref(block->mr);
            return;
        }
    }
    bounce = container_of(buffer, BounceBuffer, data[0]);
    g_assert(bounce->magic == BOUNCE_MAGIC && access_len <= bounce->len);
    if (is_write && access_len > 0) {
        address_space_write(as, bounce->addr, bounce->attrs, bounce->data, access_len);
    }
    /* Room first, then the wake-up: a client that tries again finds it. */
    qatomic_fetch_sub(&as->bounce_buffer_size, bounce->len);
    bounce->magic = 0;
    g_free(bounce);
    notify_map_clients(as);
}

void address_space_register_map_client(AddressSpace *as, QEMUBH *bh)
{
    qemu_mutex_lock(&map_client_lock);
    as->map_clients = g_slist_append(as->map_clients, bh);
    /* Room may have come between the failed map and now. */
    if (qatomic_read(&as->bounce_buffer_size) < as->max_bounce_buffer_size) {
        as->map_clients = g_slist_remove(as->map_clients, bh);
        qemu_bh_schedule(bh);
    }
    qemu_mutex_unlock(&map_client_lock);
}

void address_space_unregister_map_client(AddressSpace *as, QEMUBH *bh)
{
    qemu_mutex_lock(&map_client_lock);
    as->map_clients = g_slist_remove(as->map_clients, bh);
    qemu_mutex_unlock(&map_client_lock);
}

/* ---- Ring caches ---- */

int64_t address_space_cache_init(MemoryRegionCache *cache, AddressSpace *as, hwaddr addr,
                                 hwaddr len, bool is_write)
{
    MemoryRegion *mr;
    hwaddr xlat;

    *cache = MEMORY_REGION_CACHE_INVALID;
    if (len == 0) {
        return 0;
    }
    RCU_READ_LOCK_GUARD();
    mr = address_space_translate(as, addr, &xlat, &len, is_write, MEMTXATTRS_UNSPECIFIED);
    if (memory_region_is_unassigned(mr)) {
        return 0;
    }
    memory_region_ref(mr);
    *cache = (MemoryRegionCache){
        .ptr = memory_region_access_is_direct(mr, is_write) ? ramblock_ptr(mr->ram_block, xlat) :
                                                              NULL,
        .mr = mr,
        .xlat = xlat,
        .len = len,
        .is_write = is_write,
    };
    return len;
}

void address_space_cache_destroy(MemoryRegionCache *cache)
{
    if (cache->mr) {
        memory_region_unref(cache->mr);
    }
    *cache = MEMORY_REGION_CACHE_INVALID;
}

static bool cache_holds(const MemoryRegionCache *cache, hwaddr addr, hwaddr len)
{
    return addr <= cache->len && len <= cache->len - addr;
}

static void cache_written(MemoryRegionCache *cache, hwaddr addr, hwaddr len)
{
    RCU_READ_LOCK_GUARD();
    dirty_note_write(cache->mr->ram_block, cache->xlat + addr, len);
}

MemTxResult address_space_read_cached(MemoryRegionCache *cache, hwaddr addr, void *buf, hwaddr len)
{
    MemTxResult result = MEMTX_OK;

    if (!cache_holds(cache, addr, len)) {
        memset(buf, 0, len);
        return MEMTX_DECODE_ERROR;
    }
    if (likely(cache->ptr)) {
        memcpy(buf, cache->ptr + addr, len);
        return MEMTX_OK;
    }
    for (hwaddr i = 0; i < len; i++) {
        uint64_t value;

        result |= memory_region_dispatch_read(cache->mr, cache->xlat + addr + i, &value, MO_8,
                                              MEMTXATTRS_UNSPECIFIED);
        ((uint8_t *)buf)[i] = value;
    }
    return result;
}

MemTxResult address_space_write_cached(MemoryRegionCache *cache, hwaddr addr, const void *buf,
                                       hwaddr len)
{
    MemTxResult result = MEMTX_OK;

    g_assert(cache->is_write || !cache->mr);
    if (!cache_holds(cache, addr, len)) {
        return MEMTX_DECODE_ERROR;
    }
    if (likely(cache->ptr)) {
        memcpy(cache->ptr + addr, buf, len);
        cache_written(cache, addr, len);
        return MEMTX_OK;
    }
    for (hwaddr i = 0; i < len; i++) {
        result |= memory_region_dispatch_write(cache->mr, cache->xlat + addr + i,
                                               ((const uint8_t *)buf)[i], MO_8,
                                               MEMTXATTRS_UNSPECIFIED);
    }
    return result;
}

/* One load: in RAM a single host access, so that a hart storing it at the same time is not torn. */
static uint64_t cache_load(MemoryRegionCache *cache, hwaddr addr, MemOp op)
{
    uint64_t value = 0;

    if (!cache_holds(cache, addr, memop_size(op))) {
        return 0;
    }
    if (likely(cache->ptr)) {
        return ldn_le_p(cache->ptr + addr, memop_size(op));
    }
    memory_region_dispatch_read(cache->mr, cache->xlat + addr, &value, op | MO_LE,
                                MEMTXATTRS_UNSPECIFIED);
    return value;
}

static void cache_store(MemoryRegionCache *cache, hwaddr addr, uint64_t value, MemOp op)
{
    g_assert(cache->is_write || !cache->mr);
    if (!cache_holds(cache, addr, memop_size(op))) {
        return;
    }
    if (likely(cache->ptr)) {
        stn_le_p(cache->ptr + addr, memop_size(op), value);
        cache_written(cache, addr, memop_size(op));
    } else {
        memory_region_dispatch_write(cache->mr, cache->xlat + addr, value, op | MO_LE,
                                     MEMTXATTRS_UNSPECIFIED);
    }
}

uint16_t lduw_le_phys_cached(MemoryRegionCache *cache, hwaddr addr)
{
    return cache_load(cache, addr, MO_16);
}

uint32_t ldl_le_phys_cached(MemoryRegionCache *cache, hwaddr addr)
{
    return cache_load(cache, addr, MO_32);
}

uint64_t ldq_le_phys_cached(MemoryRegionCache *cache, hwaddr addr)
{
    return cache_load(cache, addr, MO_64);
}

void stw_le_phys_cached(MemoryRegionCache *cache, hwaddr addr, uint16_t val)
{
    cache_store(cache, addr, val, MO_16);
}

void stl_le_phys_cached(MemoryRegionCache *cache, hwaddr addr, uint32_t val)
{
    cache_store(cache, addr, val, MO_32);
}

void stq_le_phys_cached(MemoryRegionCache *cache, hwaddr addr, uint64_t val)
{
    cache_store(cache, addr, val, MO_64);
}
