/* SPDX-License-Identifier: MIT */
/*
 * RAMBlock: host memory of the guest, and lookups by ram_addr_t and by host pointer
 *
 * Memory is anonymous, reserved without commitment, with huge pages advised where a block is large
 * enough to hold one. The list of blocks is a sorted array that is replaced as a whole, so that
 * readers search it under RCU without a lock.
 *
 * Locks: blocks are made and freed under the BQL. Tests: tests/unit/system/memory/test-ram.c.
 */

#include "qemu/osdep.h"

#include <sys/mman.h>

#include "memory-internal.h"
#include "qemu/atomic.h"
#include "qemu/bitmap.h"
#include "qemu/cutils.h"
#include "qemu/error.h"
#include "system/dirty.h"

/* A RAMBlock as allocated here: the tail is nobody else's business. */
typedef struct OwnedBlock {
    RAMBlock block;
    struct rcu_head rcu;
} OwnedBlock;

typedef struct RAMBlockList {
    unsigned nr;
    RAMBlock *blocks[]; /* ascending by offset; ranges of ram_addr_t are disjoint */
} RAMBlockList;

QEMU_BUILD_BUG_ON(ARRAY_SIZE(((RAMBlock *)0)->clean) != DIRTY_MEMORY_NUM);

static RAMBlockList *ram_list;                 /* [bql] to change, RCU to read; NULL when empty */
static ram_code_invalidate_fn code_invalidate; /* [atomic] */

/* ---- Host memory ---- */

static bool block_alloc_host(RAMBlock *block, GError **error)
{
    size_t page = qemu_real_host_page_size();
    bool huge = block->used_length >= RAM_ALIGN;
    size_t length = QEMU_ALIGN_UP(block->used_length, page);
    void *host = qemu_map_aligned(length, huge ? RAM_ALIGN : page);

    if (host == MAP_FAILED) {
        g_autofree char *size = size_to_str(block->used_length);

        error_setg_errno(error, errno, "cannot set up guest memory '%s'", block->idstr);
        error_append_hint(error,
                          "%s were asked for. Give the machine less with -m, or lift the "
                          "host's limit (ulimit -v, vm.overcommit_memory).",
                          size);
        return false;
    }
    if (huge) {
        madvise(host, length, MADV_HUGEPAGE); /* advice: a kernel without it is slower, no more */
    }
    block->host = host;
    block->map_length = length;
    return true;
}

/* ---- The list ---- */

/* Lowest multiple of RAM_ALIGN from which @length bytes of ram_addr_t are free. */
static ram_addr_t find_offset(const RAMBlockList *list, uint64_t length, unsigned *index)
{
    ram_addr_t candidate = 0;
    unsigned i;

    for (i = 0; list && i < list->nr; i++) {
        const RAMBlock *block = list->blocks[i];

        if (block->offset - candidate >= length) {
            break;
        }
        candidate = QEMU_ALIGN_UP(block->offset + block->used_length, RAM_ALIGN);
    }
    *index = i;
    return candidate;
}

static void ram_list_publish(RAMBlockList *list)
{
    RAMBlockList *old = ram_list;

    /* Pairs with qatomic_rcu_read(&ram_list) in the lookups. */
    qatomic_rcu_set(&ram_list, list);
    rcu_free(old);
}

static void ram_list_insert(RAMBlock *block, unsigned index)
{
    unsigned nr = ram_list ? ram_list->nr : 0;
    RAMBlockList *list = g_malloc(sizeof(*list) + (nr + 1) * sizeof(list->blocks[0]));

    list->nr = nr + 1;
    for (unsigned i = 0; i < list->nr; i++) {
        list->blocks[i] = i < index  ? ram_list->blocks[i] :
                          i == index ? block :
                                       ram_list->blocks[i - 1];
    }
    ram_list_publish(list);
}

static void ram_list_remove(RAMBlock *block)
{
    RAMBlockList *list = g_malloc(sizeof(*list) + ram_list->nr * sizeof(list->blocks[0]));

    list->nr = 0;
    for (unsigned i = 0; i < ram_list->nr; i++) {
        if (ram_list->blocks[i] != block) {
            list->blocks[list->nr++] = ram_list->blocks[i];
        }
    }
    g_assert(list->nr == ram_list->nr - 1);
    ram_list_publish(list);
}

/* ---- Blocks ---- */

static void block_release(RAMBlock *block)
{
    OwnedBlock *owned = container_of(block, OwnedBlock, block);

    for (unsigned client = 0; client < DIRTY_MEMORY_NUM; client++) {
        g_free(block->clean[client]);
    }
    g_free(block->writers);
    if (block->map_length) {
        munmap(block->host, block->map_length);
    }
    g_free(block->idstr);
    g_free(owned);
}

static bool block_alloc_bitmaps(RAMBlock *block, GError **error)
{
    size_t longs = BITS_TO_LONGS(block->used_length >> RAM_PAGE_BITS);

    bool ok;

    for (unsigned client = 0; client < DIRTY_MEMORY_NUM; client++) {
        block->clean[client] = g_try_malloc0_n(longs, sizeof(unsigned long));
    }
    block->writers = g_try_malloc0_n(longs, sizeof(unsigned long));
    ok = block->writers != NULL;
    for (unsigned client = 0; client < DIRTY_MEMORY_NUM; client++) {
        ok &= block->clean[client] != NULL;
    }
    if (!ok) {
        error_setg_errno(error, ENOMEM, "cannot set up guest memory '%s'", block->idstr);
    }
    return ok;
}

RAMBlock *ram_block_new(MemoryRegion *mr, const char *name, uint64_t size, void *host,
                        GError **error)
{
    OwnedBlock *owned;
    RAMBlock *block;
    unsigned index;

    if (size == 0 || size > RAM_SIZE_MAX) {
        error_setg(error,
                   "cannot set up guest memory '%s': size 0x%" PRIx64
                   " is not between 1 byte and 256 TiB",
                   name, size);
        return NULL;
    }
    owned = g_new0(OwnedBlock, 1);
    block = &owned->block;
    block->mr = mr;
    block->idstr = g_strdup(name);
    block->used_length = QEMU_ALIGN_UP(size, RAM_PAGE_SIZE);
    block->host = host;
    if ((!host && !block_alloc_host(block, error)) || !block_alloc_bitmaps(block, error)) {
        block_release(block);
        return NULL;
    }
    block->offset = find_offset(ram_list, block->used_length, &index);
    ram_list_insert(block, index);
    return block;
}

static void block_unread(struct rcu_head *head)
{
    block_release(&container_of(head, OwnedBlock, rcu)->block);
}

void ram_block_free(RAMBlock *block)
{
    ram_list_remove(block);
    call_rcu_head(&container_of(block, OwnedBlock, block)->rcu, block_unread);
}

/* ---- Lookups ---- */

RAMBlock *qemu_get_ram_block(ram_addr_t addr)
{
    RAMBlockList *list = qatomic_rcu_read(&ram_list);

    for (unsigned i = 0; list && i < list->nr; i++) {
        if (addr - list->blocks[i]->offset < list->blocks[i]->used_length) {
            return list->blocks[i];
        }
    }
    return NULL;
}

void *qemu_get_ram_ptr(ram_addr_t addr)
{
    RAMBlock *block = qemu_get_ram_block(addr);

    return block ? ramblock_ptr(block, addr - block->offset) : NULL;
}

RAMBlock *qemu_ram_block_from_host(const void *ptr, uint64_t *offset)
{
    RAMBlockList *list = qatomic_rcu_read(&ram_list);

    for (unsigned i = 0; list && i < list->nr; i++) {
        uintptr_t distance = (uintptr_t)ptr - (uintptr_t)list->blocks[i]->host;

        if (distance < list->blocks[i]->used_length) {
            *offset = distance;
            return list->blocks[i];
        }
    }
    return NULL;
}

ram_addr_t qemu_ram_addr_from_host(const void *ptr)
{
    uint64_t offset;
    RAMBlock *block = qemu_ram_block_from_host(ptr, &offset);

    return block ? block->offset + offset : RAM_ADDR_INVALID;
}

bool ram_block_for_each(ram_block_cb fn, void *opaque)
{
    RAMBlockList *list = qatomic_rcu_read(&ram_list);

    for (unsigned i = 0; list && i < list->nr; i++) {
        if (fn(list->blocks[i], opaque)) {
            return true;
        }
    }
    return false;
}

ram_addr_t ram_last_offset(void)
{
    RAMBlockList *list = qatomic_rcu_read(&ram_list);
    const RAMBlock *last;

    if (!list || list->nr == 0) {
        return 0;
    }
    last = list->blocks[list->nr - 1];
    return last->offset + last->used_length;
}

/* ---- Translated code ---- */

void ram_set_code_invalidate_hook(ram_code_invalidate_fn fn)
{
    qatomic_set(&code_invalidate, fn);
}

void ram_invalidate_code(ram_addr_t start, ram_addr_t len)
{
    ram_code_invalidate_fn fn = qatomic_read(&code_invalidate);

    if (fn) {
        fn(start, len);
    }
}
