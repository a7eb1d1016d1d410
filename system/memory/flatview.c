/* SPDX-License-Identifier: MIT */
/*
 * FlatView: a tree of regions rendered to disjoint sorted ranges, and the lookup in them
 *
 * Rendering walks the tree from the strongest to the weakest claim on an address: children before
 * their parent, high priority before low. Each claim becomes a candidate with its place in that
 * order; one sweep over the addresses then takes, everywhere, the first of the candidates present.
 *
 * Locks: made and dropped under the BQL. Readers are under RCU and see an immutable array.
 * Tests: tests/unit/system/memory/test-flatview.c (against a resolver that asks for each byte).
 */

#include "qemu/osdep.h"
#include "memory-internal.h"
#include "qemu/atomic.h"
#include "qemu/main-loop.h"

/* Positions during rendering: a window's base may lie below 0 or above 2^64. */
typedef __int128 wide_addr;

/* Where the region being walked is, and what its ancestors say about all below them. */
typedef struct RenderContext {
    GArray *candidates; /* of FlatRange, strongest claim first */
    wide_addr base;     /* absolute address of the container's offset 0 */
    wide_addr first;    /* nothing outside of first..last is visible here */
    wide_addr last;
    bool readonly;
    bool nonvolatile;
} RenderContext;

/* ---- Rendering ---- */

static void render_region(RenderContext ctx, MemoryRegion *mr)
{
    if (!mr->enabled || mr->empty) {
        return;
    }
    ctx.base += mr->addr;
    ctx.first = MAX(ctx.first, ctx.base);
    ctx.last = MIN(ctx.last, ctx.base + mr->last);
    if (ctx.first > ctx.last) {
        return;
    }
    ctx.readonly |= mr->readonly;
    ctx.nonvolatile |= mr->nonvolatile;

    if (mr->alias) {
        ctx.base -= (wide_addr)mr->alias->addr + mr->alias_offset;
        render_region(ctx, mr->alias);
        return;
    }
    for (unsigned i = 0; mr->subregions && i < mr->subregions->len; i++) {
        render_region(ctx, g_ptr_array_index(mr->subregions, i));
    }
    if (mr->terminates) {
        FlatRange claim = {
            .first = ctx.first,
            .last = ctx.last,
            .mr = mr,
            .offset_in_region = ctx.first - ctx.base,
            .dirty_log_mask = mr->dirty_log_mask,
            .readonly = ctx.readonly,
            .romd_mode = mr->romd_mode,
            .nonvolatile = ctx.nonvolatile,
        };

        g_array_append_val(ctx.candidates, claim);
    }
}

/* Appends first..last of @claim, joined with the range before it where that continues. */
static void append_range(GArray *ranges, const FlatRange *claim, hwaddr first, hwaddr last)
{
    FlatRange piece = *claim;

    piece.first = first;
    piece.last = last;
    piece.offset_in_region += first - claim->first;
    if (ranges->len > 0) {
        FlatRange *prev = &g_array_index(ranges, FlatRange, ranges->len - 1);

        if (prev->mr == piece.mr && prev->readonly == piece.readonly &&
            prev->nonvolatile == piece.nonvolatile &&
            prev->offset_in_region + (first - prev->first) == piece.offset_in_region) {
            prev->last = last;
            return;
        }
    }
    g_array_append_val(ranges, piece);
}

static int compare_first(const void *a, const void *b, void *candidates)
{
    const FlatRange *x = &g_array_index((GArray *)candidates, FlatRange, *(const unsigned *)a);
    const FlatRange *y = &g_array_index((GArray *)candidates, FlatRange, *(const unsigned *)b);

    return x->first < y->first ? -1 : x->first > y->first;
}

/* Of the candidates in @active, forgets those that end before @pos and returns the strongest. */
static const FlatRange *strongest_at(GArray *candidates, GArray *active, hwaddr pos)
{
    unsigned best = UINT_MAX;

    for (unsigned i = 0; i < active->len;) {
        unsigned c = g_array_index(active, unsigned, i);

        if (g_array_index(candidates, FlatRange, c).last < pos) {
            g_array_remove_index_fast(active, i);
        } else {
            best = MIN(best, c);
            i++;
        }
    }
    return best == UINT_MAX ? NULL : &g_array_index(candidates, FlatRange, best);
}

/* The sweep: sorted disjoint ranges that cover everything, holes included. */
static GArray *resolve_candidates(GArray *candidates)
{
    static const FlatRange hole = {.last = HWADDR_MAX, .mr = &io_mem_unassigned};
    GArray *ranges = g_array_new(false, false, sizeof(FlatRange));
    g_autoptr(GArray) active = g_array_new(false, false, sizeof(unsigned));
    g_autofree unsigned *order = g_new(unsigned, candidates->len);
    unsigned next = 0;
    hwaddr pos = 0;

    for (unsigned i = 0; i < candidates->len; i++) {
        order[i] = i;
    }
    g_qsort_with_data(order, candidates->len, sizeof(*order), compare_first, candidates);

    for (;;) {
        const FlatRange *winner;
        hwaddr last;

        while (next < candidates->len &&
               g_array_index(candidates, FlatRange, order[next]).first == pos) {
            g_array_append_val(active, order[next]);
            next++;
        }
        winner = strongest_at(candidates, active, pos);
        if (!winner) {
            winner = &hole;
        }
        /* The winner stays one until it ends or another candidate begins. */
        last = winner->last;
        if (next < candidates->len) {
            last = MIN(last, g_array_index(candidates, FlatRange, order[next]).first - 1);
        }
        append_range(ranges, winner, pos, last);
        if (last == HWADDR_MAX) {
            return ranges;
        }
        pos = last + 1;
    }
}

MemoryRegion *flatview_physical_root(MemoryRegion *mr)
{
    while (mr->enabled && !mr->empty) {
        MemoryRegion *only = NULL;

        if (mr->terminates || mr->readonly || mr->nonvolatile) {
            return mr;
        }
        if (mr->alias) {
            if (mr->alias_offset != 0 || mr->alias->empty || mr->last < mr->alias->last) {
                return mr;
            }
            mr = mr->alias;
            continue;
        }
        for (unsigned i = 0; mr->subregions && i < mr->subregions->len; i++) {
            MemoryRegion *child = g_ptr_array_index(mr->subregions, i);

            if (!child->enabled || child->empty) {
                continue;
            }
            if (only || child->addr != 0 || mr->last < child->last) {
                return mr;
            }
            only = child;
        }
        if (!only) {
            return NULL;
        }
        mr = only;
    }
    return NULL;
}

FlatView *flatview_new(MemoryRegion *root)
{
    static uint64_t last_id;
    g_autoptr(GArray) candidates = g_array_new(false, false, sizeof(FlatRange));
    FlatView *fv = g_new0(FlatView, 1);
    GArray *ranges;

    if (root) {
        RenderContext ctx = {
            .candidates = candidates,
            .base = -(wide_addr)root->addr, /* a root's own address says nothing */
            .last = HWADDR_MAX,
        };

        render_region(ctx, root);
    }
    ranges = resolve_candidates(candidates);

    fv->id = ++last_id;
    fv->ref = 1;
    fv->root = root;
    fv->nr = ranges->len;
    fv->ranges = (FlatRange *)g_array_free(ranges, false);
    fv->firsts = g_new(hwaddr, fv->nr);
    for (unsigned i = 0; i < fv->nr; i++) {
        fv->firsts[i] = fv->ranges[i].first;
        memory_region_ref(fv->ranges[i].mr);
    }
    if (root) {
        memory_region_ref(root);
    }
    return fv;
}

/* ---- Lifetime ---- */

/* In the main loop: the last reference to a device may go here, and its finalize wants the BQL. */
static void flatview_free(void *opaque)
{
    FlatView *fv = opaque;

    for (unsigned i = 0; i < fv->nr; i++) {
        memory_region_unref(fv->ranges[i].mr);
    }
    if (fv->root) {
        memory_region_unref(fv->root);
    }
    g_free(fv->firsts);
    g_free(fv->ranges);
    g_free(fv);
}

static void flatview_unread(struct rcu_head *head)
{
    qemu_bh_schedule_oneshot(flatview_free, container_of(head, FlatView, rcu));
}

bool flatview_equal(const FlatView *a, const FlatView *b)
{
    if (a->root != b->root || a->nr != b->nr) {
        return false;
    }
    for (unsigned i = 0; i < a->nr; i++) {
        if (!flat_range_same_place(&a->ranges[i], &b->ranges[i]) ||
            a->ranges[i].dirty_log_mask != b->ranges[i].dirty_log_mask) {
            return false;
        }
    }
    return true;
}

void flatview_ref(FlatView *fv)
{
    fv->ref++;
}

void flatview_unref(FlatView *fv)
{
    if (--fv->ref == 0) {
        call_rcu_head(&fv->rcu, flatview_unread);
    }
}

/* ---- Lookup ---- */

const FlatRange *flatview_find(const FlatView *fv, hwaddr addr)
{
    /* The range this thread found last: accesses come in runs. */
    static __thread struct {
        uint64_t id;
        unsigned index;
    } last_hit;
    const hwaddr *firsts = fv->firsts;
    unsigned lo = 0;
    unsigned n = fv->nr;

    if (likely(last_hit.id == fv->id)) {
        const FlatRange *fr = &fv->ranges[last_hit.index];

        if (addr >= fr->first && addr <= fr->last) {
            return fr;
        }
    }
    /* Invariant: firsts[lo] <= addr, and the answer is in [lo, lo + n). */
    while (n > 1) {
        unsigned half = n / 2;

        lo = firsts[lo + half] <= addr ? lo + half : lo;
        n -= half;
    }
    last_hit.id = fv->id;
    last_hit.index = lo;
    return &fv->ranges[lo];
}

bool flat_range_is_hole(const FlatRange *fr)
{
    return fr->mr == &io_mem_unassigned;
}

bool flat_range_same_place(const FlatRange *a, const FlatRange *b)
{
    return a->first == b->first && a->last == b->last && a->mr == b->mr &&
           a->offset_in_region == b->offset_in_region && a->readonly == b->readonly &&
           a->romd_mode == b->romd_mode && a->nonvolatile == b->nonvolatile;
}

MemoryRegionSection flat_range_section(FlatView *fv, const FlatRange *fr)
{
    hwaddr span = fr->last - fr->first;

    return (MemoryRegionSection){
        .mr = fr->mr,
        .fv = fv,
        .offset_within_region = fr->offset_in_region,
        .offset_within_address_space = fr->first,
        .size = span == HWADDR_MAX ? HWADDR_MAX : span + 1,
        .readonly = fr->readonly,
        .nonvolatile = fr->nonvolatile,
    };
}

MemoryRegionSection flatview_lookup(FlatView *fv, hwaddr addr)
{
    return flat_range_section(fv, flatview_find(fv, addr));
}

MemoryRegion *flatview_translate(FlatView *fv, hwaddr addr, hwaddr *xlat, hwaddr *plen,
                                 bool is_write, MemTxAttrs attrs)
{
    const FlatRange *fr = flatview_find(fv, addr);
    hwaddr beyond = fr->last - addr;

    *xlat = fr->offset_in_region + (addr - fr->first);
    if (*plen - 1 > beyond) {
        *plen = beyond + 1;
    }
    if (unlikely(is_write && fr->readonly && !fr->mr->readonly)) {
        return &io_mem_rom;
    }
    return fr->mr;
}

bool flatview_for_each_range(FlatView *fv, flatview_cb fn, void *opaque)
{
    for (unsigned i = 0; i < fv->nr; i++) {
        if (!flat_range_is_hole(&fv->ranges[i])) {
            MemoryRegionSection section = flat_range_section(fv, &fv->ranges[i]);

            if (fn(&section, opaque)) {
                return true;
            }
        }
    }
    return false;
}
