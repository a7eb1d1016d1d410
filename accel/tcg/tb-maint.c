/* SPDX-License-Identifier: MIT */
/*
 * The life of translation blocks: publication, pages, links, invalidation. Their memory is
 * tb-code.c's.
 *
 * An invalidated block is only unreachable: its code may still be run by a hart that is in it, or
 * that finds it in its jump cache, until that hart's next fence.i: RISC-V asks for no more.
 *
 * Locks: tb_lock for all but lookups, which read hash chains while these change: a block that is
 * taken out of its chain keeps its own link.
 * Tests: tests/unit/accel/tcg/test-tb.c; guest stress with self-modifying code.
 */
#include "qemu/osdep.h"

#include "qemu/bitops.h"
#include "system/dirty.h"
#include "tcg-internal.h"

QemuMutex tb_lock = QEMU_MUTEX_INITIALIZER;

/* ---- pages with code ------------------------------------------------------------------------- */

/* [lock:tb_lock] */
typedef struct TBPage {
    TBRef first;          /* list of blocks, by page[n].next */
    uint32_t settled : 1; /* protected, and every hart has acknowledged it */
    uint32_t losses : 31; /* how often it has ceased to be protected */
} TBPage;

/* All pages of RAM in two levels: their numbers begin at 0 and are dense. [lock:tb_lock] */
#define TB_LEAF_BITS 9
static TBPage **leaves;
static uint32_t nleaves;

/* NULL: no code was ever fetched from there. */
static TBPage *tb_page_find_locked(uint32_t page)
{
    uint32_t i = page >> TB_LEAF_BITS;

    return i < nleaves && leaves[i] ? &leaves[i][page % (1u << TB_LEAF_BITS)] : NULL;
}

static TBPage *tb_page_get_locked(uint32_t page)
{
    uint32_t i = page >> TB_LEAF_BITS;

    if (i >= nleaves) {
        leaves = g_renew(TBPage *, leaves, i + 1);
        memset(&leaves[nleaves], 0, (i + 1 - nleaves) * sizeof(*leaves));
        nleaves = i + 1;
    }
    if (!leaves[i]) {
        leaves[i] = g_new0(TBPage, 1u << TB_LEAF_BITS);
    }
    return tb_page_find_locked(page);
}

void tb_page_protect(CPUState *cpu, ram_addr_t page)
{
    TBPage *p;
    bool settled, has_writer;
    uint32_t losses;

    qemu_mutex_lock(&tb_lock);
    p = tb_page_get_locked((uint32_t)(page >> TARGET_PAGE_BITS));
    settled = p->settled;
    losses = p->losses;
    qemu_mutex_unlock(&tb_lock);
    if (settled) {
        return;
    }
    WITH_RCU_READ_LOCK_GUARD() {
        dirty_test_and_clear(page, TARGET_PAGE_SIZE, DIRTY_MEMORY_CODE);
        has_writer = dirty_test_writer(page);
    }
    /* also where the bit was clear: whoever cleared it may still be waiting for the others */
    if (has_writer) {
        cpu_sync_protect_page(cpu, page);
    }
    qemu_mutex_lock(&tb_lock);
    /* unless a store has been let through for good since */
    if (p->losses == losses) {
        p->settled = true;
        WITH_RCU_READ_LOCK_GUARD() {
            dirty_clear_writer(page);
        }
    }
    qemu_mutex_unlock(&tb_lock);
}

/* Nothing is made of the page: stores need no check any more. */
static void tb_page_unprotect_locked(TBPage *p, uint32_t page)
{
    p->settled = false;
    p->losses++;
    rcu_read_lock();
    dirty_set_range((ram_addr_t)page << TARGET_PAGE_BITS, TARGET_PAGE_SIZE,
                    1u << DIRTY_MEMORY_CODE);
    rcu_read_unlock();
}

/* ---- links ----------------------------------------------------------------------------------- */

static void tb_unlink_locked(TranslationBlock *from, unsigned slot)
{
    tcg_link_set(tb_code_rw(from), tcg_accel.jitmem->diff, &from->link[slot].site, NULL, 0);
    from->link[slot].dest = 0;
}

void tb_link(TranslationBlock *from, unsigned slot, TranslationBlock *to)
{
    TBLink *link = &from->link[slot];
    uint32_t page = (uint32_t)(to->phys >> TARGET_PAGE_BITS), guard_page;

    /*
     * A block on two pages is valid for both mappings only when it was looked up: never linked,
     * unless it is a region, which compares. And what may run anywhere leads to its like only.
     */
    if (slot >= from->nlinks || !link->site.jump_offset || from->pcrel != to->pcrel ||
        (to->phys_page2 != TB_PAGE_NONE && !to->is_region) || to->fine) {
        return;
    }
    /* Without a guard: the page may have been mapped elsewhere while the hart was in the block. */
    if (!link->site.guard && (from->phys ^ to->phys) & TARGET_PAGE_MASK) {
        return;
    }
    /*
     * A guarded link is never led to another page than before: a hart may be between guard and
     * jump. Code that is shared may come here often.
     */
    guard_page = qatomic_read(&link->guard_page);
    if (link->site.guard && guard_page && guard_page != page) {
        return;
    }
    qemu_mutex_lock(&tb_lock);
    if (!link->dest && !from->invalid && !to->invalid &&
        (!link->guard_page || link->guard_page == page)) {
        qatomic_set(&link->guard_page, page);
        link->dest = tb_ref(to, 0);
        link->next = to->in;
        to->in = tb_ref(from, slot);
        tcg_link_set(tb_code_rw(from), tcg_accel.jitmem->diff, &link->site,
                     link->site.guard ? tb_entry_crossed(to) : tb_entry(to),
                     to->phys & TARGET_PAGE_MASK);
    }
    qemu_mutex_unlock(&tb_lock);
}

/* Take @tb's outgoing link @slot out of its target's list. */
static void tb_forget_link_locked(TranslationBlock *tb, unsigned slot)
{
    TBRef self = tb_ref(tb, slot);
    TBRef *prev = &tb_of_ref(tb->link[slot].dest)->in;

    while (*prev != self) {
        prev = &tb_of_ref(*prev)->link[tb_ref_number(*prev)].next;
    }
    *prev = tb->link[slot].next;
}

/* ---- invalidation ---------------------------------------------------------------------------- */

static TBRef *tb_bucket(const TranslationBlock *tb)
{
    uint32_t hash = tb_hash(tb->phys, tb->pc, tb->pcrel, tb->flags, tb->cflags);

    return &tcg_accel.buckets[hash & tcg_accel.bucket_mask];
}

/* Whoever looks for the block at the same time finds it, or goes on behind it. */
static void tb_hash_remove_locked(TranslationBlock *tb)
{
    TBRef self = tb_ref(tb, 0);
    TBRef *prev = tb_bucket(tb);

    while (*prev != self) {
        prev = &tb_of_ref(*prev)->hash_next;
    }
    qatomic_set(prev, tb->hash_next);
}

/*
 * Nobody finds or enters @tb any more but those who know it already. Its own jumps are led back as
 * well: their targets' memory may be reused while a hart still runs the block.
 */
static void tb_withdraw_locked(TranslationBlock *tb)
{
    qatomic_set(&tb->invalid, true);
    tb_hash_remove_locked(tb);
    for (unsigned slot = 0; slot < tb->nlinks; slot++) {
        if (tb->link[slot].dest) {
            tb_forget_link_locked(tb, slot);
            tb_unlink_locked(tb, slot);
        }
    }
    while (tb->in) {
        TranslationBlock *from = tb_of_ref(tb->in);
        unsigned slot = tb_ref_number(tb->in);

        tb->in = from->link[slot].next;
        tb_unlink_locked(from, slot);
    }
    tcg_accel.tb_count--;
}

/* Take @tb out of the list of the page that is its n-th. */
static void tb_page_remove_locked(TranslationBlock *tb, unsigned n)
{
    TBRef self = tb_ref(tb, n);
    TBPage *p = tb_page_find_locked(tb->page[n].page);
    TBRef *prev = &p->first;

    while (*prev != self) {
        prev = &tb_of_ref(*prev)->page[tb_ref_number(*prev)].next;
    }
    *prev = tb->page[n].next;
    if (!p->first) {
        tb_page_unprotect_locked(p, tb->page[n].page);
    }
}

void tb_remove_locked(TranslationBlock *tb)
{
    if (tb->invalid) {
        return;
    }
    for (unsigned n = 0; n < 2; n++) {
        if (tb->page[n].page != TB_RAM_PAGE_NONE) {
            tb_page_remove_locked(tb, n);
        }
    }
    tb_withdraw_locked(tb);
}

static void tb_invalidate_in_page_locked(TBPage *p, uint32_t page, unsigned first, unsigned last)
{
    TBRef next;

    for (TBRef ref = p->first; ref; ref = next) {
        TranslationBlock *tb = tb_of_ref(ref);
        const TBPageRef *part = &tb->page[tb_ref_number(ref)];

        next = part->next;
        if (part->first <= last && first <= part->last) {
            /* a page written as a whole is put to another use */
            if (last - first < TARGET_PAGE_SIZE - 1) {
                direct_note_replaced(tb->phys);
            }
            tb_remove_locked(tb);
            qatomic_inc(&tcg_accel.tb_invalidations);
        }
    }
    if (!p->first) {
        tb_page_unprotect_locked(p, page);
    }
}

void tb_invalidate_range(ram_addr_t start, ram_addr_t len)
{
    ram_addr_t end = start + len;

    qemu_mutex_lock(&tb_lock);
    for (ram_addr_t page = start & TARGET_PAGE_MASK; page < end; page += TARGET_PAGE_SIZE) {
        TBPage *p = tb_page_find_locked((uint32_t)(page >> TARGET_PAGE_BITS));

        if (p) {
            unsigned first = start > page ? start - page : 0;
            unsigned last = MIN(end - page, TARGET_PAGE_SIZE) - 1;

            tb_invalidate_in_page_locked(p, (uint32_t)(page >> TARGET_PAGE_BITS), first, last);
        }
    }
    qemu_mutex_unlock(&tb_lock);
}

void tb_fence_i(CPUState *cpu)
{
    CPUTCGPrivate *priv = cpu_priv(cpu);
    uint64_t seen;

    smp_mb(); /* loads before it are before the fetches behind it, also those of direct.c */
    seen = qatomic_load_acquire(&tcg_accel.tb_invalidations);

    if (priv->invalidations_seen != seen) {
        priv->invalidations_seen = seen;
        fetch_forget(cpu_tcg(cpu));
    }
}

/* ---- publication ----------------------------------------------------------------------------- */

uint32_t tb_hash(hwaddr phys, vaddr pc, bool pcrel, uint64_t flags, uint32_t cflags)
{
    uint64_t h = phys * UINT64_C(0x9e3779b97f4a7c15);

    h ^= ((pcrel ? 0 : pc) ^ h >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
    h ^= (flags ^ cflags ^ h >> 32) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)(h >> 32);
}

/* Do lookups for @tb find @other as well? It may be made of another second page. */
static bool is_in_same_place(const TranslationBlock *tb, const TranslationBlock *other)
{
    return tb_is_for(other, tb->phys, tb->pc, tb->pcrel, tb->flags, tb->cflags);
}

static TranslationBlock *tb_find_same_locked(const TranslationBlock *tb, hwaddr phys_page2)
{
    for (TBRef ref = *tb_bucket(tb); ref; ref = tb_of_ref(ref)->hash_next) {
        TranslationBlock *other = tb_of_ref(ref);

        if (is_in_same_place(tb, other) && other->phys_page2 == phys_page2 &&
            (phys_page2 == TB_PAGE_NONE || other->page2_before == tb->page2_before)) {
            return other;
        }
    }
    return NULL;
}

/*
 * Where @tb enters its chain: the head, but what needs one page comes behind regions of two, which
 * a lookup passes over where their other page is not mapped.
 */
static TBRef *tb_chain_place_locked(const TranslationBlock *tb)
{
    TBRef *place = tb_bucket(tb);

    for (TBRef ref = *place; ref && tb->phys_page2 == TB_PAGE_NONE;) {
        TranslationBlock *other = tb_of_ref(ref);

        if (other->is_region && other->phys_page2 != TB_PAGE_NONE && is_in_same_place(tb, other)) {
            place = &other->hash_next;
        }
        ref = other->hash_next;
    }
    return place;
}

static void tb_page_add_locked(TranslationBlock *tb, unsigned n)
{
    TBPage *p = tb_page_find_locked(tb->page[n].page);

    tb->page[n].next = p->first;
    p->first = tb_ref(tb, n);
}

/* Are the guest's @len bytes at @host still those at @code. Both are even. */
static bool is_same_code(const uint8_t *host, const uint8_t *code, unsigned len)
{
    uint8_t now[64];

    for (unsigned i = 0, n; i < len; i += n) {
        n = MIN(len - i, sizeof(now));
        tb_code_copy(now, host + i, n);
        if (memcmp(now, code + i, n)) {
            return false;
        }
    }
    return true;
}

static bool tb_is_current_locked(const TranslationBlock *tb, const TBSource src[2])
{
    for (unsigned n = 0; n < 2; n++) {
        const TBPageRef *part = &tb->page[n];
        unsigned len = part->last + 1 - part->first;

        if (part->page == TB_RAM_PAGE_NONE) {
            continue;
        }
        if (!tb_page_find_locked(part->page)->settled ||
            !is_same_code(src[n].host + part->first, src[n].copy, len)) {
            return false;
        }
    }
    return true;
}

static void tb_count_locked(const TranslationBlock *tb)
{
    TBStats *s = &tcg_accel.translated;

    s->count++;
    s->guest_bytes += tb->size;
    s->guest_bytes_max = MAX(s->guest_bytes_max, tb->size);
    s->guest_insns += tb->icount;
    s->host_bytes += tb->code_size;
    s->cross_page += tb->page[1].page != TB_RAM_PAGE_NONE;
    s->one_link += tb->nlinks >= 1;
    s->two_links += tb->nlinks >= 2;
}

/*
 * A store that changes a byte after the comparison finds the block in the tables: it looks there
 * later, under tb_lock, as the pages are protected.
 */
TBPublishResult tb_publish(TranslationBlock *tb, const TBSource *src, TranslationBlock **published)
{
    TBPublishResult result = TB_PUBLISHED;
    TBRef *place;

    qemu_mutex_lock(&tb_lock);
    *published = tb_find_same_locked(tb, tb->phys_page2);
    if (*published && (!tb->is_region || (*published)->is_region)) {
        result = TB_PUBLISH_EXISTS;
    } else if (!tb_is_current_locked(tb, src)) {
        tb->invalid = true;
        *published = tb;
        result = TB_PUBLISH_STALE;
    } else {
        TranslationBlock *old = *published;

        if (!old && tb->is_region) {
            old = tb_find_same_locked(tb, TB_PAGE_NONE);
        }
        for (unsigned n = 0; n < 2; n++) {
            if (tb->page[n].page != TB_RAM_PAGE_NONE) {
                tb_page_add_locked(tb, n);
            }
        }
        place = tb_chain_place_locked(tb);
        tb->hash_next = *place;
        /* pairs with the acquires of lookups: what is found is complete */
        qatomic_store_release(place, tb_ref(tb, 0));
        *published = tb;
        tcg_accel.tb_count++;
        if (old) {
            tb_remove_locked(old);
        }
    }
    tb_count_locked(tb);
    qemu_mutex_unlock(&tb_lock);
    return result;
}

/* ---- forgetting all -------------------------------------------------------------------------- */

void tb_flush_stopped(void)
{
    CPUState *cpu;

    qemu_mutex_lock(&tb_lock);
    memset(tcg_accel.buckets, 0, (tcg_accel.bucket_mask + UINT64_C(1)) * sizeof(TBRef));
    for (uint32_t page = 0; page < nleaves << TB_LEAF_BITS; page++) {
        TBPage *p = tb_page_find_locked(page);

        if (p && p->first) {
            p->first = 0;
            tb_page_unprotect_locked(p, page);
        }
    }
    tb_code_free_all_locked();
    tcg_accel.tb_count = 0;
    qatomic_inc(&tcg_accel.tb_flush_count);
    CPU_FOREACH(cpu) {
        CPUTCGState *env = cpu_tcg(cpu);

        if (env->priv) {
            env->priv->current_tb = NULL;
            fetch_forget(env);
        }
    }
    qemu_mutex_unlock(&tb_lock);
}
