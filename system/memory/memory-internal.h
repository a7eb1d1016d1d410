/* SPDX-License-Identifier: MIT */
/*
 * What the files of system/memory share: FlatView and the hooks between region, view and space
 *
 * Locks and lifetime: see system/memory.h. A FlatView is immutable once published.
 */

#ifndef SYSTEM_MEMORY_INTERNAL_H
#define SYSTEM_MEMORY_INTERNAL_H

#include "qemu/rcu.h"
#include "system/memory.h"

/* A piece of a view. Holes are pieces too, of the unassigned region: a lookup always hits. */
typedef struct FlatRange {
    hwaddr first;
    hwaddr last;
    MemoryRegion *mr;
    hwaddr offset_in_region; /* of @first */
    uint8_t dirty_log_mask;
    bool readonly; /* by the region or by an alias on the way to it */
    bool romd_mode;
    bool nonvolatile;
} FlatRange;

struct FlatView {
    /* [const] */
    uint64_t id;        /* never reused: what per-thread lookup caches are checked against */
    MemoryRegion *root; /* NULL: nothing is mapped */
    unsigned nr;
    hwaddr *firsts;    /* of ranges[], apart, for a dense search */
    FlatRange *ranges; /* cover all 2^64 bytes in ascending order */

    /* [bql] */
    unsigned ref;

    struct rcu_head rcu;
};

/* ---- flatview.c ---- */

/*
 * The region that decides what is seen through @mr: skips containers that show exactly one thing at
 * offset zero, as PCI bus-master containers do. NULL when nothing is seen. Roots with the same
 * result share a view. [bql]
 */
MemoryRegion *flatview_physical_root(MemoryRegion *mr);

/* A new view of @root (maybe NULL) with one reference. References every region in it. [bql] */
FlatView *flatview_new(MemoryRegion *root);
void flatview_ref(FlatView *fv);
/* The last one frees the view after a grace period. [bql] */
void flatview_unref(FlatView *fv);

/* The range of @addr. Under RCU or the BQL. */
const FlatRange *flatview_find(const FlatView *fv, hwaddr addr);

bool flat_range_is_hole(const FlatRange *fr);
/* Whether nothing but logging differs. */
bool flat_range_same_place(const FlatRange *a, const FlatRange *b);
/* Whether two views are interchangeable, logging included. */
bool flatview_equal(const FlatView *a, const FlatView *b);
MemoryRegionSection flat_range_section(FlatView *fv, const FlatRange *fr);

/* ---- region.c ---- */

/* What holes translate to: accepts nothing, has no name, covers 2^64 bytes. */
extern MemoryRegion io_mem_unassigned;

/* What stores to RAM behind a readonly alias go to: logs and ignores. Exists after regions_init. */
extern MemoryRegion io_mem_rom;

/* Creates the two. Idempotent [bql]. */
void memory_special_regions_init(void);

/* ---- dispatch.c ---- */

void memory_region_log_rom_write(const MemoryRegion *mr, hwaddr addr, hwaddr size);

/* ---- address-space.c ---- */

/* Says that some view has become stale; the outermost commit renders all. [bql] */
void memory_region_set_pending(void);

/* All address spaces, in the order of creation. [bql] */
GPtrArray *address_space_list(void);

/* ---- ram.c ---- */

/* Allocates a zero-filled block of at least @size bytes for @mr, or adopts @host. [bql] */
RAMBlock *ram_block_new(MemoryRegion *mr, const char *name, uint64_t size, void *host,
                        GError **error);
/* Out of the list at once; memory goes after a grace period. [bql] */
void ram_block_free(RAMBlock *block);

/* Calls the code hook for a range that has pages with translated code. Under RCU. */
void ram_invalidate_code(ram_addr_t start, ram_addr_t len);

/* ---- dirty.c ---- */

/* Bytes of @block were just written by something other than a hart. Under RCU. */
void dirty_note_write(RAMBlock *block, uint64_t offset, uint64_t len);

#endif
