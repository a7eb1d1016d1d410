/* SPDX-License-Identifier: MIT */
/*
 * Guest physical memory: regions, address spaces, and the accesses that go through them
 *
 * A tree of MemoryRegions (RAM, ROM, ROM devices, I/O, aliases, containers) says what is where. An
 * AddressSpace is one initiator's view of a tree; its FlatView is the tree rendered to disjoint
 * sorted ranges. Whoever accesses memory looks the address up in the FlatView.
 *
 * Not here: RAM's host memory (system/ram.h), dirty bitmaps (system/dirty.h), virtual addresses
 * (accel and target).
 *
 * Locks. The tree, listeners and address spaces change under the BQL only: functions marked [bql].
 * Lookups and accesses, marked [any], may run in any thread, with or without the BQL; they use RCU
 * and never wait for a writer. A MemoryRegion pointer that a lookup returned is valid until
 * rcu_read_unlock(), or for as long as the BQL is held, or until memory_region_unref().
 *
 * Behaviour follows the documented API of QEMU's docs/devel/memory.rst. Differences are stated at
 * the function. Tests: tests/unit/system/memory/.
 */

#ifndef SYSTEM_MEMORY_H
#define SYSTEM_MEMORY_H

#include "qemu/memop.h"
#include "qom/object.h"
#include "system/memattrs.h"
#include "system/ram.h"

typedef struct MemoryListener MemoryListener;

#define TYPE_MEMORY_REGION "memory-region"
#define MEMORY_REGION(obj) OBJECT_CHECK(MemoryRegion, (obj), TYPE_MEMORY_REGION)

/* ---- Regions -------------------------------------------------------------------------------- */

/*
 * Byte order of a device's registers. NATIVE is the guest's, which is little-endian here.
 */
enum device_endian {
    DEVICE_NATIVE_ENDIAN,
    DEVICE_BIG_ENDIAN,
    DEVICE_LITTLE_ENDIAN,
};

/**
 * MemoryRegionOps - what an I/O region does
 *
 * Handlers get @addr as an offset in the region and @size of 1, 2, 4 or 8 bytes within what @impl
 * says. The value is in the low bits, in the device's byte order as a number. A region gives either
 * read or read_with_attrs, either write or write_with_attrs (the latter when both are given); one
 * that is missing answers MEMTX_DECODE_ERROR as if the access were not valid.
 * The BQL is held in a handler unless memory_region_clear_global_locking() was called.
 */
struct MemoryRegionOps {
    uint64_t (*read)(void *opaque, hwaddr addr, unsigned size);
    void (*write)(void *opaque, hwaddr addr, uint64_t data, unsigned size);
    MemTxResult (*read_with_attrs)(void *opaque, hwaddr addr, uint64_t *data, unsigned size,
                                   MemTxAttrs attrs);
    MemTxResult (*write_with_attrs)(void *opaque, hwaddr addr, uint64_t data, unsigned size,
                                    MemTxAttrs attrs);

    enum device_endian endianness;

    /*
     * What the guest may do. An access outside is not split or widened: it answers
     * MEMTX_DECODE_ERROR and is logged with -d invalid_mem. Zero sizes mean 1 and 8.
     */
    struct {
        unsigned min_access_size;
        unsigned max_access_size;
        bool unaligned; /* accept addresses that are not a multiple of the size */
        bool (*accepts)(void *opaque, hwaddr addr, unsigned size, bool is_write, MemTxAttrs attrs);
    } valid;

    /*
     * What the handlers can do; a valid access outside is adapted. Zero sizes mean 1 and 4.
     *  - larger than max: split, lowest address first;
     *  - smaller than min: a read takes the bytes out of the aligned unit of min bytes; a write
     *    reads that unit, replaces the bytes and writes it back;
     *  - unaligned, with @unaligned false: split into aligned pieces.
     */
    struct {
        unsigned min_access_size;
        unsigned max_access_size;
        bool unaligned;
    } impl;
};

/**
 * MemoryRegion - a node of the tree
 *
 * Embedded in the device that owns it. Fields are private to system/memory: use the functions.
 * [const]: set at init. [bql]: changed under the BQL; other threads see changes only through
 * FlatViews, except @romd_mode and @readonly which are copied into them.
 */
struct MemoryRegion {
    Object parent_obj;

    /* [const] */
    Object *owner;
    char *name;
    const MemoryRegionOps *ops;
    void *opaque;
    RAMBlock *ram_block; /* RAM, ROM and ROM device; for an alias: NULL */
    MemoryRegion *alias;
    hwaddr alias_offset;
    bool ram;            /* RAM or ROM: loads and, unless readonly, stores go to host memory */
    bool rom_device;     /* loads go to host memory while in romd mode; stores go to ops */
    bool terminates;     /* answers accesses itself: not an alias, not a pure container */
    bool global_locking; /* handlers run under the BQL */
    bool disable_reentrancy_guard;

    /* [bql] */
    MemoryRegion *container;
    GPtrArray *subregions; /* of MemoryRegion, highest priority first; NULL while empty */
    hwaddr addr;           /* in @container */
    hwaddr last;           /* size - 1; meaningless while @empty */
    int32_t priority;
    uint32_t mapped_via_alias;
    uint8_t dirty_log_mask; /* 1 << DIRTY_MEMORY_x */
    bool empty;             /* size is zero */
    bool enabled;
    bool readonly;
    bool romd_mode;
    bool nonvolatile;
};

/**
 * MemoryRegionSection - a part of a region as it appears in an address space
 * @mr:     an enabled region that terminates; never an alias or a container
 * @fv:     the view the section was taken from
 * @size:   bytes. A section that covers all 2^64 bytes says UINT64_MAX
 */
struct MemoryRegionSection {
    MemoryRegion *mr;
    FlatView *fv;
    hwaddr offset_within_region;
    hwaddr offset_within_address_space;
    uint64_t size;
    bool readonly;
    bool nonvolatile;
};

/*
 * Initialisation [bql]. Common to all: @owner may be NULL; else the region becomes a child of
 * @owner in the QOM tree and dies with it, and whoever uses the region holds a reference on @owner.
 * Without an owner the caller keeps the region alive and ends it with object_unref(OBJECT(mr)),
 * after it was removed from all containers and rcu_barrier() returned. @name is shown by info
 * mtree; it need not be unique. @size is in bytes, UINT64_MAX stands for 2^64.
 */

/* A container: it answers nothing itself; its subregions are seen, and holes stay holes. */
void memory_region_init(MemoryRegion *mr, Object *owner, const char *name, uint64_t size);

/* I/O: accesses call @ops with @opaque. May contain subregions, which then win over @ops. */
void memory_region_init_io(MemoryRegion *mr, Object *owner, const MemoryRegionOps *ops,
                           void *opaque, const char *name, uint64_t size);

/*
 * A window on [@offset, @offset + @size) of @orig, which may be of any kind, mapped or not, and may
 * change later. The part of the window beyond @orig is a hole.
 */
void memory_region_init_alias(MemoryRegion *mr, Object *owner, const char *name, MemoryRegion *orig,
                              hwaddr offset, uint64_t size);

/*
 * RAM, zero-filled, allocated lazily by the host. @size is rounded up to a page. Fails with
 * "cannot set up guest memory 'NAME': ...", and then @mr must not be used.
 */
bool memory_region_init_ram(MemoryRegion *mr, Object *owner, const char *name, uint64_t size,
                            GError **error);

/* RAM at @ptr, page-aligned, which the caller keeps alive as long as the region. */
void memory_region_init_ram_ptr(MemoryRegion *mr, Object *owner, const char *name, uint64_t size,
                                void *ptr);

/* RAM that the guest cannot write: its writes are ignored and logged as guest errors. */
bool memory_region_init_rom(MemoryRegion *mr, Object *owner, const char *name, uint64_t size,
                            GError **error);

/*
 * A ROM device: reads come from host memory in romd mode (the initial state) and from @ops outside
 * of it; writes always go to @ops. For flash.
 */
bool memory_region_init_rom_device(MemoryRegion *mr, Object *owner, const MemoryRegionOps *ops,
                                   void *opaque, const char *name, uint64_t size, GError **error);

/*
 * Mapping [bql]. The later added wins where subregions of equal priority overlap.
 */
void memory_region_add_subregion(MemoryRegion *mr, hwaddr offset, MemoryRegion *subregion);
void memory_region_add_subregion_overlap(MemoryRegion *mr, hwaddr offset, MemoryRegion *subregion,
                                         int priority);
void memory_region_del_subregion(MemoryRegion *mr, MemoryRegion *subregion);

/* Changes [bql]: no-ops when nothing changes; each is a transaction of its own if none is open. */
void memory_region_set_enabled(MemoryRegion *mr, bool enabled);
void memory_region_set_address(MemoryRegion *mr, hwaddr addr);
void memory_region_set_size(MemoryRegion *mr, uint64_t size);
void memory_region_set_alias_offset(MemoryRegion *mr, hwaddr offset);
void memory_region_set_readonly(MemoryRegion *mr, bool readonly);
void memory_region_set_nonvolatile(MemoryRegion *mr, bool nonvolatile);
void memory_region_rom_device_set_romd(MemoryRegion *mr, bool romd_mode);

/* Turns dirty logging for @client (DIRTY_MEMORY_VGA or _MIGRATION) on or off [bql]. */
void memory_region_set_log(MemoryRegion *mr, bool log, unsigned client);

/*
 * Lets the handlers of @mr run without the BQL [bql, before it is mapped]. They then synchronise
 * by themselves, and take the BQL themselves if they call something that needs it.
 */
void memory_region_clear_global_locking(MemoryRegion *mr);

/*
 * Lets the handlers of @mr be entered while a handler of the same owner is already running further
 * up the stack of the thread [bql, before it is mapped]. Else such accesses answer
 * MEMTX_ACCESS_ERROR and are logged.
 */
void memory_region_disable_reentrancy_guard(MemoryRegion *mr);

/* Questions [any, on a region that is kept alive]. */
uint64_t memory_region_size(MemoryRegion *mr); /* UINT64_MAX for 2^64 */
const char *memory_region_name(const MemoryRegion *mr);
Object *memory_region_owner(MemoryRegion *mr);
bool memory_region_is_ram(const MemoryRegion *mr);        /* RAM or ROM */
bool memory_region_is_rom(const MemoryRegion *mr);        /* RAM and readonly */
bool memory_region_is_romd(const MemoryRegion *mr);       /* ROM device in romd mode */
bool memory_region_is_unassigned(const MemoryRegion *mr); /* what a hole translates to */
bool memory_region_is_mapped(MemoryRegion *mr);           /* in a container or behind an alias */
bool memory_region_needs_bql(const MemoryRegion *mr);

/* Whether loads (!@is_write) or stores need no handler: memory_region_get_ram_ptr() serves. */
bool memory_region_access_is_direct(const MemoryRegion *mr, bool is_write);

/* Host address of a RAM, ROM or ROM device region's first byte; NULL for others. */
void *memory_region_get_ram_ptr(MemoryRegion *mr);
ram_addr_t memory_region_get_ram_addr(MemoryRegion *mr); /* RAM_ADDR_INVALID for others */

/* The region whose host memory contains @ptr, or NULL; @offset is in the region. Under RCU. */
MemoryRegion *memory_region_from_host(void *ptr, hwaddr *offset);

/*
 * To be called after bytes of a RAM region were changed through memory_region_get_ram_ptr(): marks
 * pages dirty for all clients that log and drops translated code made from them.
 */
void memory_region_set_dirty(MemoryRegion *mr, hwaddr addr, hwaddr size);

/* Keeps @mr usable across RCU sections: a reference on its owner. */
void memory_region_ref(MemoryRegion *mr);
void memory_region_unref(MemoryRegion *mr);

/*
 * Looks [@addr, @addr + @size) of @mr up; the result's mr is NULL when nothing is there, else it is
 * referenced: memory_region_unref(section.mr).
 */
MemoryRegionSection memory_region_find(MemoryRegion *mr, hwaddr addr, uint64_t size);

/*
 * Transactions nest [bql]. Changes between begin and the outermost commit become visible in all
 * address spaces at once; listeners are called during that commit.
 */
void memory_region_transaction_begin(void);
void memory_region_transaction_commit(void);

/* ---- Address spaces ------------------------------------------------------------------------- */

struct AddressSpace {
    /* [const] */
    char *name;
    MemoryRegion *root;
    uint64_t max_bounce_buffer_size; /* bytes; rarely other than the default */

    /* [bql] to change, RCU to read */
    FlatView *current_map;

    /* [bql] */
    GPtrArray *listeners; /* of MemoryListener, lowest priority first */

    /* [atomic] */
    uint64_t bounce_buffer_size;

    /* [lock: map_client_lock in access.c] */
    GSList *map_clients;
};

/* @root is referenced. @name is copied; it need not be unique. [bql] */
void address_space_init(AddressSpace *as, MemoryRegion *root, const char *name);

/*
 * Takes @as out of service [bql]; its listeners must be gone. Readers in other threads have to be
 * stopped before, as they hold the pointer to it.
 */
void address_space_destroy(AddressSpace *as);

/**
 * MemoryListener - is told how an address space's FlatView changes
 *
 * All calls are made under the BQL. A commit of a transaction calls begin once; then, for each
 * address space, region_del for ranges that vanish, then region_add for new ones and region_nop for
 * those that stay, in ascending address order, the latter with log_start and log_stop where logging
 * changed; then commit once. Listeners are called by ascending priority, for del and log_stop
 * by descending.
 * Registering replays the present view as adds; unregistering replays it as dels.
 * When commit is called the new view is already what readers see.
 */
struct MemoryListener {
    void (*begin)(MemoryListener *listener);
    void (*commit)(MemoryListener *listener);
    void (*region_add)(MemoryListener *listener, MemoryRegionSection *section);
    void (*region_del)(MemoryListener *listener, MemoryRegionSection *section);
    void (*region_nop)(MemoryListener *listener, MemoryRegionSection *section);
    /* @old, @new_mask: masks of 1 << DIRTY_MEMORY_x before and after */
    void (*log_start)(MemoryListener *listener, MemoryRegionSection *section, int old,
                      int new_mask);
    void (*log_stop)(MemoryListener *listener, MemoryRegionSection *section, int old, int new_mask);
    /* Asks the listener to put what it knows to be dirty into the bitmaps. */
    void (*log_sync)(MemoryListener *listener, MemoryRegionSection *section);
    void (*log_global_start)(MemoryListener *listener);
    void (*log_global_stop)(MemoryListener *listener);

    int priority;
    const char *name;

    AddressSpace *address_space; /* set by register */
};

void memory_listener_register(MemoryListener *listener, AddressSpace *as);
void memory_listener_unregister(MemoryListener *listener);

/* Turns DIRTY_MEMORY_MIGRATION logging of all RAM on or off [bql]. */
void memory_global_dirty_log_start(void);
void memory_global_dirty_log_stop(void);
/* Calls log_sync for every logged section of every address space [bql]. */
void memory_global_dirty_log_sync(void);

/* ---- Lookup --------------------------------------------------------------------------------- */

/* The view readers see now. Under RCU; valid until rcu_read_unlock(). */
FlatView *address_space_to_flatview(AddressSpace *as);

/**
 * address_space_translate - what is at @addr
 * @xlat: out: offset in the returned region
 * @plen: in: bytes wanted, at least 1; out: how many of them, from @addr on, lie in the same range.
 *        For I/O it says the same: splitting by access size is the dispatcher's work
 *
 * Under RCU. Never NULL: a hole gives the unassigned region, whose offset is the address itself and
 * whose range is the hole. Takes no lock; some tens of ns.
 */
MemoryRegion *address_space_translate(AddressSpace *as, hwaddr addr, hwaddr *xlat, hwaddr *plen,
                                      bool is_write, MemTxAttrs attrs);

/* The same from a view that the caller took with address_space_to_flatview(). */
MemoryRegion *flatview_translate(FlatView *fv, hwaddr addr, hwaddr *xlat, hwaddr *plen,
                                 bool is_write, MemTxAttrs attrs);

/*
 * The whole range around @addr, for those who cache it (a TLB). Under RCU. For a hole section.mr is
 * the unassigned region and the section is the hole.
 */
MemoryRegionSection flatview_lookup(FlatView *fv, hwaddr addr);

/* Calls @fn for each range of the view in ascending order; stops and returns true if @fn does. */
typedef bool (*flatview_cb)(const MemoryRegionSection *section, void *opaque);
bool flatview_for_each_range(FlatView *fv, flatview_cb fn, void *opaque);

/* ---- Access [any] --------------------------------------------------------------------------- */

/**
 * memory_region_dispatch_read - one load from a region
 * @addr: offset in @mr
 * @data: out: zero-extended, in @op's byte order as a number; 0 unless MEMTX_OK
 * @op:   size 1 to 8; MO_LE or MO_BE: the order in which the guest wants the bytes. Sign and
 *        alignment bits are ignored
 *
 * Works on every region that a lookup returns: I/O with the rules of MemoryRegionOps, host memory
 * directly, the unassigned region with MEMTX_DECODE_ERROR. Takes the BQL around the handler if the
 * region wants it and this thread does not hold it. The caller holds @mr (RCU, BQL or reference).
 */
MemTxResult memory_region_dispatch_read(MemoryRegion *mr, hwaddr addr, uint64_t *data, MemOp op,
                                        MemTxAttrs attrs);

/* One store, likewise. A store to ROM is ignored, logged as a guest error, and answers MEMTX_OK. */
MemTxResult memory_region_dispatch_write(MemoryRegion *mr, hwaddr addr, uint64_t data, MemOp op,
                                         MemTxAttrs attrs);

/* Whether @mr would take this access at all (rules of valid above); logs when it would not. */
bool memory_region_access_valid(MemoryRegion *mr, hwaddr addr, unsigned size, bool is_write,
                                MemTxAttrs attrs);

/**
 * address_space_read, _write, _rw - copy bytes
 *
 * Any @len and alignment. What crosses ranges is split; within I/O each piece is the largest
 * naturally aligned access of at most the region's valid.max_access_size. All pieces are tried; the
 * result is the union. Bytes that could not be read are zero.
 */
MemTxResult address_space_read(AddressSpace *as, hwaddr addr, MemTxAttrs attrs, void *buf,
                               hwaddr len);
MemTxResult address_space_write(AddressSpace *as, hwaddr addr, MemTxAttrs attrs, const void *buf,
                                hwaddr len);
MemTxResult address_space_rw(AddressSpace *as, hwaddr addr, MemTxAttrs attrs, void *buf, hwaddr len,
                             bool is_write);

/* As address_space_write, but reaches ROM too: loaders and debuggers. Skips I/O. */
MemTxResult address_space_write_rom(AddressSpace *as, hwaddr addr, MemTxAttrs attrs,
                                    const void *buf, hwaddr len);

/* Fills with @c. */
MemTxResult address_space_set(AddressSpace *as, hwaddr addr, uint8_t c, hwaddr len,
                              MemTxAttrs attrs);

/* Whether every byte would be taken: no hole, and accepted by valid rules. */
bool address_space_access_valid(AddressSpace *as, hwaddr addr, hwaddr len, bool is_write,
                                MemTxAttrs attrs);

/*
 * Single loads and stores in a given byte order. One access to the device when it fits into one
 * range, bytewise when it crosses. @result may be NULL. A failed load gives 0.
 */
uint8_t address_space_ldub(AddressSpace *as, hwaddr addr, MemTxAttrs attrs, MemTxResult *result);
uint16_t address_space_lduw_le(AddressSpace *as, hwaddr addr, MemTxAttrs attrs,
                               MemTxResult *result);
uint32_t address_space_ldl_le(AddressSpace *as, hwaddr addr, MemTxAttrs attrs, MemTxResult *result);
uint64_t address_space_ldq_le(AddressSpace *as, hwaddr addr, MemTxAttrs attrs, MemTxResult *result);
uint16_t address_space_lduw_be(AddressSpace *as, hwaddr addr, MemTxAttrs attrs,
                               MemTxResult *result);
uint32_t address_space_ldl_be(AddressSpace *as, hwaddr addr, MemTxAttrs attrs, MemTxResult *result);
uint64_t address_space_ldq_be(AddressSpace *as, hwaddr addr, MemTxAttrs attrs, MemTxResult *result);
void address_space_stb(AddressSpace *as, hwaddr addr, uint8_t val, MemTxAttrs attrs,
                       MemTxResult *result);
void address_space_stw_le(AddressSpace *as, hwaddr addr, uint16_t val, MemTxAttrs attrs,
                          MemTxResult *result);
void address_space_stl_le(AddressSpace *as, hwaddr addr, uint32_t val, MemTxAttrs attrs,
                          MemTxResult *result);
void address_space_stq_le(AddressSpace *as, hwaddr addr, uint64_t val, MemTxAttrs attrs,
                          MemTxResult *result);
void address_space_stw_be(AddressSpace *as, hwaddr addr, uint16_t val, MemTxAttrs attrs,
                          MemTxResult *result);
void address_space_stl_be(AddressSpace *as, hwaddr addr, uint32_t val, MemTxAttrs attrs,
                          MemTxResult *result);
void address_space_stq_be(AddressSpace *as, hwaddr addr, uint64_t val, MemTxAttrs attrs,
                          MemTxResult *result);

/**
 * address_space_map - host pointer to guest memory for DMA
 * @plen: in: bytes wanted; out: bytes mapped, maybe fewer, 0 if none
 *
 * RAM is mapped directly. Anything else goes through a bounce buffer, filled by a read first when
 * !@is_write and written back by unmap; bytes in bounce buffers are limited per address space, and
 * NULL is returned when the limit is reached: register a map client and try again later.
 * The mapping survives topology changes.
 */
void *address_space_map(AddressSpace *as, hwaddr addr, hwaddr *plen, bool is_write,
                        MemTxAttrs attrs);

/*
 * Ends a mapping. @len is what map returned in *plen; of it @access_len bytes were really written
 * (marked dirty; code made from them is dropped). @is_write as for map.
 */
void address_space_unmap(AddressSpace *as, void *buffer, hwaddr len, bool is_write,
                         hwaddr access_len);

/* Schedules @bh once when bounce buffer space becomes free. Cancel with unregister. */
void address_space_register_map_client(AddressSpace *as, QEMUBH *bh);
void address_space_unregister_map_client(AddressSpace *as, QEMUBH *bh);

/**
 * MemoryRegionCache - a prepared access path to a small fixed piece of memory (a virtqueue ring)
 *
 * Between init and destroy the piece is reachable without a lookup when it is RAM; otherwise each
 * access is dispatched. It keeps pointing to the same RAM even if the map changes: the owner renews
 * it from a MemoryListener's commit. Init and destroy are not synchronised with accesses.
 */
typedef struct MemoryRegionCache {
    uint8_t *ptr;     /* host address of the first byte, or NULL when accesses are dispatched */
    MemoryRegion *mr; /* referenced; NULL when not initialised */
    hwaddr xlat;      /* of the first byte in @mr */
    hwaddr len;
    bool is_write;
} MemoryRegionCache;

#define MEMORY_REGION_CACHE_INVALID ((MemoryRegionCache){.mr = NULL})

/*
 * Returns the bytes reachable through @cache, at most @len: fewer when the range ends. 0 when
 * nothing is at @addr, and then @cache is as destroyed.
 */
int64_t address_space_cache_init(MemoryRegionCache *cache, AddressSpace *as, hwaddr addr,
                                 hwaddr len, bool is_write);
void address_space_cache_destroy(MemoryRegionCache *cache); /* idempotent */

/*
 * Accesses at @addr, an offset in the cache. Beyond its end nothing is stored, 0 is loaded, and the
 * result is MEMTX_DECODE_ERROR. Stores mark dirty and drop code.
 */
MemTxResult address_space_read_cached(MemoryRegionCache *cache, hwaddr addr, void *buf, hwaddr len);
MemTxResult address_space_write_cached(MemoryRegionCache *cache, hwaddr addr, const void *buf,
                                       hwaddr len);
uint16_t lduw_le_phys_cached(MemoryRegionCache *cache, hwaddr addr);
uint32_t ldl_le_phys_cached(MemoryRegionCache *cache, hwaddr addr);
uint64_t ldq_le_phys_cached(MemoryRegionCache *cache, hwaddr addr);
void stw_le_phys_cached(MemoryRegionCache *cache, hwaddr addr, uint16_t val);
void stl_le_phys_cached(MemoryRegionCache *cache, hwaddr addr, uint32_t val);
void stq_le_phys_cached(MemoryRegionCache *cache, hwaddr addr, uint64_t val);

/* ---- info mtree ----------------------------------------------------------------------------- */

typedef void (*mtree_print_fn)(void *opaque, const char *fmt, ...) G_GNUC_PRINTF(2, 3);

/**
 * mtree_info - text of the monitor's info mtree [bql]
 * @flatview: the rendered views (-f), else the trees
 * @owner:    say who owns each region (-o)
 * @disabled: show disabled regions of the trees too (-D)
 */
void mtree_info(mtree_print_fn print, void *opaque, bool flatview, bool owner, bool disabled);

#endif
