/* SPDX-License-Identifier: MIT */
/*
 * AddressSpace: transactions, listeners, and the switch from one FlatView to the next
 *
 * The outermost commit renders each distinct root once, tells listeners what differs, and publishes
 * the new view; readers go from the old to the new one at their next rcu_read_lock().
 *
 * Locks: all under the BQL, except address_space_to_flatview() and _translate().
 * Tests: tests/unit/system/memory/test-address-space.c.
 */

#include "qemu/osdep.h"
#include "memory-internal.h"
#include "qemu/atomic.h"
#include "qemu/main-loop.h"
#include "system/address-spaces.h"
#include "system/dirty.h"

/* Bytes of bounce buffers that one address space may have in flight: one page, as QEMU. */
#define BOUNCE_BUFFER_SIZE_DEFAULT 4096

AddressSpace address_space_memory;
AddressSpace address_space_io;
static MemoryRegion *system_memory;
static MemoryRegion *system_io;

static GPtrArray *address_spaces;  /* [bql] of AddressSpace */
static GPtrArray *all_listeners;   /* [bql] of MemoryListener, lowest priority first */
static unsigned transaction_depth; /* [bql] */
static bool update_pending;        /* [bql] */
static bool global_dirty_log;      /* [bql] */

/* ---- Telling listeners ---- */

static void listeners_insert(GPtrArray *list, MemoryListener *listener)
{
    unsigned i = list->len;

    while (i > 0 &&
           ((MemoryListener *)g_ptr_array_index(list, i - 1))->priority > listener->priority) {
        i--;
    }
    g_ptr_array_insert(list, i, listener);
}

/* Calls @callback of each listener of @list that has it: by priority, or against it. */
#define TELL(list, callback, ...)                                                                  \
    do {                                                                                           \
        for (unsigned i_ = 0; i_ < (list)->len; i_++) {                                            \
            MemoryListener *l_ = g_ptr_array_index((list), i_);                                    \
            if (l_->callback) {                                                                    \
                l_->callback(l_, ##__VA_ARGS__);                                                   \
            }                                                                                      \
        }                                                                                          \
    } while (0)

#define TELL_REVERSE(list, callback, ...)                                                          \
    do {                                                                                           \
        for (unsigned i_ = (list)->len; i_-- > 0;) {                                               \
            MemoryListener *l_ = g_ptr_array_index((list), i_);                                    \
            if (l_->callback) {                                                                    \
                l_->callback(l_, ##__VA_ARGS__);                                                   \
            }                                                                                      \
        }                                                                                          \
    } while (0)

static void tell_log_change(AddressSpace *as, MemoryRegionSection *section, int old, int now)
{
    if (now & ~old) {
        TELL(as->listeners, log_start, section, old, now);
    }
    if (old & ~now) {
        TELL_REVERSE(as->listeners, log_stop, section, old, now);
    }
}

/*
 * Walks two views side by side and tells what vanished (@adding false), or what came and what
 * stayed. Two passes, so that a range that moves is gone from its old place first.
 */
static void tell_differences(AddressSpace *as, FlatView *old, FlatView *new_fv, bool adding)
{
    unsigned i = 0, j = 0;

    while (i < old->nr || j < new_fv->nr) {
        const FlatRange *o = i < old->nr ? &old->ranges[i] : NULL;
        const FlatRange *n = j < new_fv->nr ? &new_fv->ranges[j] : NULL;
        bool stays = o && n && flat_range_same_place(o, n);
        bool advance_old = stays || !n || (o && o->first <= n->first);
        bool advance_new = stays || !o || (n && n->first <= o->first);

        if (stays) {
            if (adding && !flat_range_is_hole(n)) {
                MemoryRegionSection section = flat_range_section(new_fv, n);

                TELL(as->listeners, region_nop, &section);
                tell_log_change(as, &section, o->dirty_log_mask, n->dirty_log_mask);
            }
        } else if (!adding && advance_old && !flat_range_is_hole(o)) {
            MemoryRegionSection section = flat_range_section(old, o);

            TELL_REVERSE(as->listeners, region_del, &section);
        } else if (adding && advance_new && !flat_range_is_hole(n)) {
            MemoryRegionSection section = flat_range_section(new_fv, n);

            TELL(as->listeners, region_add, &section);
            tell_log_change(as, &section, 0, n->dirty_log_mask);
        }
        i += advance_old;
        j += advance_new;
    }
}

/* ---- Transactions ---- */

/* A view of @root, which is the present one of some address space if nothing changed in it. */
static FlatView *render(MemoryRegion *root)
{
    FlatView *fv = flatview_new(root);

    for (unsigned i = 0; i < address_spaces->len; i++) {
        FlatView *present = ((AddressSpace *)g_ptr_array_index(address_spaces, i))->current_map;

        if (present && flatview_equal(present, fv)) {
            flatview_unref(fv);
            flatview_ref(present);
            return present;
        }
    }
    return fv;
}

/* The view of @as's root out of @views, rendered there if nobody needed it before. */
static FlatView *view_for(AddressSpace *as, GHashTable *views)
{
    MemoryRegion *root = flatview_physical_root(as->root);
    FlatView *fv = g_hash_table_lookup(views, root);

    if (!fv) {
        fv = render(root);
        g_hash_table_insert(views, root, fv);
    }
    return fv;
}

static void address_space_switch(AddressSpace *as, FlatView *new_fv)
{
    FlatView *old = as->current_map;

    flatview_ref(new_fv);
    if (old && as->listeners->len > 0) {
        tell_differences(as, old, new_fv, false);
        tell_differences(as, old, new_fv, true);
    }
    /* Pairs with the readers' qatomic_rcu_read() in address_space_to_flatview(). */
    qatomic_rcu_set(&as->current_map, new_fv);
    if (old) {
        flatview_unref(old);
    }
}

static void render_all(void)
{
    g_autoptr(GHashTable)
        views = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)flatview_unref);

    TELL(all_listeners, begin);
    for (unsigned i = 0; i < address_spaces->len; i++) {
        AddressSpace *as = g_ptr_array_index(address_spaces, i);

        address_space_switch(as, view_for(as, views));
    }
    TELL(all_listeners, commit);
}

void memory_region_set_pending(void)
{
    update_pending = true;
}

void memory_region_transaction_begin(void)
{
    transaction_depth++;
}

void memory_region_transaction_commit(void)
{
    g_assert(transaction_depth > 0);
    if (transaction_depth == 1) {
        /* A listener may change the map in turn: that is a further round, not a recursion. */
        while (update_pending && address_spaces) {
            update_pending = false;
            render_all();
        }
    }
    transaction_depth--;
}

/* ---- Address spaces ---- */

GPtrArray *address_space_list(void)
{
    return address_spaces;
}

static void registries_init(void)
{
    if (!address_spaces) {
        address_spaces = g_ptr_array_new();
        all_listeners = g_ptr_array_new();
        memory_special_regions_init();
    }
}

void address_space_init(AddressSpace *as, MemoryRegion *root, const char *name)
{
    registries_init();
    *as = (AddressSpace){
        .name = g_strdup(name),
        .root = root,
        .max_bounce_buffer_size = BOUNCE_BUFFER_SIZE_DEFAULT,
        .listeners = g_ptr_array_new(),
    };
    memory_region_ref(root);
    memory_region_transaction_begin();
    g_ptr_array_add(address_spaces, as);
    memory_region_set_pending();
    memory_region_transaction_commit();
    if (!as->current_map) {
        /* Inside an open transaction: readers need something until it commits. */
        as->current_map = flatview_new(NULL);
    }
}

void address_space_destroy(AddressSpace *as)
{
    g_assert(as->listeners->len == 0);
    g_assert(!as->map_clients);
    g_ptr_array_remove(address_spaces, as);
    flatview_unref(as->current_map);
    memory_region_unref(as->root);
    g_ptr_array_unref(as->listeners);
    g_free(as->name);
    *as = (AddressSpace){0};
}

FlatView *address_space_to_flatview(AddressSpace *as)
{
    return qatomic_rcu_read(&as->current_map);
}

MemoryRegion *address_space_translate(AddressSpace *as, hwaddr addr, hwaddr *xlat, hwaddr *plen,
                                      bool is_write, MemTxAttrs attrs)
{
    return flatview_translate(address_space_to_flatview(as), addr, xlat, plen, is_write, attrs);
}

MemoryRegionSection memory_region_find(MemoryRegion *mr, hwaddr addr, uint64_t size)
{
    MemoryRegionSection section = {0};
    FlatView *fv;

    memory_special_regions_init();
    fv = flatview_new(mr);
    for (unsigned i = 0; i < fv->nr && size > 0; i++) {
        const FlatRange *fr = &fv->ranges[i];
        hwaddr first = MAX(fr->first, addr);
        hwaddr last = MIN(fr->last, size - 1 > HWADDR_MAX - addr ? HWADDR_MAX : addr + size - 1);

        if (!flat_range_is_hole(fr) && first <= last) {
            section = flat_range_section(fv, fr);
            section.fv = NULL; /* made for this question only */
            section.offset_within_region += first - fr->first;
            section.offset_within_address_space = first;
            section.size = last - first == HWADDR_MAX ? HWADDR_MAX : last - first + 1;
            memory_region_ref(section.mr);
            break;
        }
    }
    flatview_unref(fv);
    return section;
}

/* ---- Registering listeners ---- */

static void replay(MemoryListener *listener, AddressSpace *as, bool adding)
{
    FlatView *fv = as->current_map;

    if (listener->begin) {
        listener->begin(listener);
    }
    for (unsigned i = 0; i < fv->nr; i++) {
        const FlatRange *fr = &fv->ranges[i];
        MemoryRegionSection section = flat_range_section(fv, fr);

        if (flat_range_is_hole(fr)) {
            continue;
        }
        if (adding) {
            if (listener->region_add) {
                listener->region_add(listener, &section);
            }
            if (fr->dirty_log_mask && listener->log_start) {
                listener->log_start(listener, &section, 0, fr->dirty_log_mask);
            }
        } else {
            if (fr->dirty_log_mask && listener->log_stop) {
                listener->log_stop(listener, &section, fr->dirty_log_mask, 0);
            }
            if (listener->region_del) {
                listener->region_del(listener, &section);
            }
        }
    }
    if (listener->commit) {
        listener->commit(listener);
    }
}

void memory_listener_register(MemoryListener *listener, AddressSpace *as)
{
    listener->address_space = as;
    listeners_insert(all_listeners, listener);
    listeners_insert(as->listeners, listener);
    if (global_dirty_log && listener->log_global_start) {
        listener->log_global_start(listener);
    }
    replay(listener, as, true);
}

void memory_listener_unregister(MemoryListener *listener)
{
    AddressSpace *as = listener->address_space;

    if (!as) {
        return;
    }
    replay(listener, as, false);
    if (global_dirty_log && listener->log_global_stop) {
        listener->log_global_stop(listener);
    }
    g_ptr_array_remove(all_listeners, listener);
    g_ptr_array_remove(as->listeners, listener);
    listener->address_space = NULL;
}

/* ---- Logging of all RAM ---- */

void memory_global_dirty_log_start(void)
{
    g_assert(!global_dirty_log);
    global_dirty_log = true;
    TELL(all_listeners, log_global_start);
}

void memory_global_dirty_log_stop(void)
{
    g_assert(global_dirty_log);
    global_dirty_log = false;
    TELL_REVERSE(all_listeners, log_global_stop);
}

void memory_global_dirty_log_sync(void)
{
    for (unsigned i = 0; i < address_spaces->len; i++) {
        AddressSpace *as = g_ptr_array_index(address_spaces, i);
        FlatView *fv = as->current_map;

        for (unsigned j = 0; j < fv->nr; j++) {
            const FlatRange *fr = &fv->ranges[j];

            if (fr->mr->ram && (fr->dirty_log_mask || global_dirty_log)) {
                MemoryRegionSection section = flat_range_section(fv, fr);

                TELL(as->listeners, log_sync, &section);
            }
        }
    }
}

/* ---- The machine's address spaces ---- */

MemoryRegion *get_system_memory(void)
{
    return system_memory;
}

MemoryRegion *get_system_io(void)
{
    return system_io;
}

void memory_map_init(void)
{
    system_memory = g_new0(MemoryRegion, 1);
    memory_region_init(system_memory, NULL, "system", UINT64_MAX);
    address_space_init(&address_space_memory, system_memory, "memory");

    system_io = g_new0(MemoryRegion, 1);
    memory_region_init_io(system_io, NULL, &unassigned_io_ops, NULL, "io", 65536);
    address_space_init(&address_space_io, system_io, "I/O");
}
