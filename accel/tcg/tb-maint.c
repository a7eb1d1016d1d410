/* SPDX-License-Identifier: MIT */
/*
 * The life of translation blocks: code memory, publication, pages, links, invalidation, and
 * emptying the region.
 *
 * Code memory is one region, handed out in chunks: a thread translates into its own chunk without a
 * lock. A block and its code lie side by side and live until the whole region is emptied while no
 * hart runs; an invalidated block is only unreachable. Its code may still be run by a hart that is
 * in it, or that finds it in its jump cache, until that hart's next fence.i: RISC-V asks for no
 * more.
 *
 * Locks: tb_lock for all but lookups.
 * Tests: tests/unit/accel/tcg/test-tb.c; guest stress with self-modifying code.
 */
#include "qemu/osdep.h"

#include "system/dirty.h"
#include "tcg-internal.h"

static QemuMutex tb_lock = QEMU_MUTEX_INITIALIZER;

/* ---- code memory ----------------------------------------------------------------------------- */

#define TB_CHUNK_MAX (UINT64_C(1) << 20)
/* What one translation may need at most; a chunk with less left is given up. */
#define TB_CODE_MAX (UINT64_C(128) << 10)

static uint64_t region_used; /* [lock:tb_lock] bytes of the region handed out, prologue included */

typedef struct TBChunk {
    uint8_t *ptr, *end;
    uint64_t flush_count; /* chunk is void when the region has been emptied since */
} TBChunk;
static __thread TBChunk chunk;

/* Where the region begins for blocks: set once the prologue is written. */
static uint64_t region_first;

void tb_region_init(uint64_t used)
{
    region_first = ROUND_UP(used, 4096);
    region_used = region_first;
}

/* A chunk: so small that a small region still has several for each thread. */
static uint64_t chunk_size(void)
{
    uint64_t share = tcg_accel.jitmem->size / 4 / MAX(cpu_count(), 1);

    return ROUND_UP(CLAMP(share, 2 * TB_CODE_MAX, TB_CHUNK_MAX), 4096);
}

bool tb_region_begin(TCGCodeBuf *buf, TranslationBlock **tb, unsigned max_links)
{
    uint8_t *p;

    if (chunk.flush_count != qatomic_read(&tcg_accel.tb_flush_count) + 1 ||
        chunk.end - chunk.ptr < (ptrdiff_t)TB_CODE_MAX) {
        uint64_t size = chunk_size();
        bool ok;

        qemu_mutex_lock(&tb_lock);
        ok = region_used + size <= tcg_accel.jitmem->size;
        if (ok) {
            chunk.ptr = tcg_accel.jitmem->rw + region_used;
            chunk.end = chunk.ptr + size;
            chunk.flush_count = tcg_accel.tb_flush_count + 1;
            qatomic_set(&region_used, region_used + size);
        }
        qemu_mutex_unlock(&tb_lock);
        if (!ok) {
            return false;
        }
    }
    p = (uint8_t *)ROUND_UP((uintptr_t)chunk.ptr, 64);
    *tb = (TranslationBlock *)p;
    *buf = (TCGCodeBuf){
        .ptr = (uint8_t *)ROUND_UP((uintptr_t)(&(*tb)->link[max_links]), 16),
        .end = chunk.end,
        .rx_delta = tcg_accel.jitmem->diff,
    };
    return true;
}

void tb_region_commit(TranslationBlock *tb, const TCGCodeBuf *buf)
{
    chunk.ptr = buf->ptr;
    jitmem_flush(tcg_accel.jitmem, tb->rw, tb->code_size);
}

uint64_t tb_region_used(void)
{
    return qatomic_read(&region_used);
}

/* ---- pages with code ------------------------------------------------------------------------- */

typedef struct TBPage {
    ram_addr_t page;
    TranslationBlock *first; /* [lock:tb_lock] list of blocks, by page[n].next */
    uint8_t first_n;
    uint32_t pins; /* [lock:tb_lock] translations in progress */
    bool settled;  /* [lock:tb_lock] protected, and every hart has acknowledged it */
} TBPage;

static GHashTable *pages; /* [lock:tb_lock] ram_addr_t -> TBPage */

static TBPage *tb_page_get_locked(ram_addr_t page, bool create)
{
    TBPage *p;

    if (!pages) {
        pages = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free);
    }
    p = g_hash_table_lookup(pages, &page);
    if (!p && create) {
        p = g_new0(TBPage, 1);
        p->page = page;
        g_hash_table_insert(pages, &p->page, p);
    }
    return p;
}

void tb_page_protect(CPUState *cpu, ram_addr_t page)
{
    TBPage *p;
    bool settled, has_writer;

    qemu_mutex_lock(&tb_lock);
    p = tb_page_get_locked(page, true);
    p->pins++;
    settled = p->settled;
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
        WITH_RCU_READ_LOCK_GUARD() {
            dirty_clear_writer(page);
        }
    }
    qemu_mutex_lock(&tb_lock);
    p->settled = true;
    qemu_mutex_unlock(&tb_lock);
}

void tb_page_release(ram_addr_t page)
{
    qemu_mutex_lock(&tb_lock);
    tb_page_get_locked(page, false)->pins--;
    qemu_mutex_unlock(&tb_lock);
}

/* Nothing was made of the page: stores need no check any more. */
static void tb_page_unprotect_locked(TBPage *p)
{
    if (!p->pins) {
        p->settled = false;
        dirty_set_range(p->page, TARGET_PAGE_SIZE, 1u << DIRTY_MEMORY_CODE);
    }
}

/* ---- links ----------------------------------------------------------------------------------- */

static void tb_unlink_locked(TranslationBlock *from, unsigned slot)
{
    TBLink *link = &from->link[slot];

    tcg_link_set(from->rw, tcg_accel.jitmem->diff, &link->site, NULL, 0);
    link->dest = NULL;
}

void tb_link(TranslationBlock *from, unsigned slot, TranslationBlock *to)
{
    TBLink *link = &from->link[slot];

    /* a block on two pages is valid for both mappings only when it was looked up: never linked */
    if (slot >= from->nlinks || !link->site.jump_offset || to->phys_page2 != TB_PAGE_NONE ||
        to->fine) {
        return;
    }
    qemu_mutex_lock(&tb_lock);
    /*
     * A guarded link is never led to another page than before: a hart may be between guard and
     * jump.
     */
    if (link->site.guard_offset && link->guard_page &&
        link->guard_page != (to->phys & TARGET_PAGE_MASK)) {
        qemu_mutex_unlock(&tb_lock);
        return;
    }
    if (!link->dest && !from->invalid && !to->invalid) {
        link->guard_page = to->phys & TARGET_PAGE_MASK;
        link->dest = to;
        link->next_tb = to->in_tb;
        link->next_slot = to->in_slot;
        to->in_tb = from;
        to->in_slot = (uint8_t)slot;
        tcg_link_set(from->rw, tcg_accel.jitmem->diff, &link->site, to->entry,
                     to->phys & TARGET_PAGE_MASK);
    }
    qemu_mutex_unlock(&tb_lock);
}

/* Take @tb's outgoing link @slot out of its target's list. */
static void tb_forget_link_locked(TranslationBlock *tb, unsigned slot)
{
    TranslationBlock *dest = tb->link[slot].dest;
    TranslationBlock **prev_tb = &dest->in_tb;
    uint8_t *prev_slot = &dest->in_slot;

    while (*prev_tb != tb || *prev_slot != slot) {
        TBLink *link = &(*prev_tb)->link[*prev_slot];

        prev_tb = &link->next_tb;
        prev_slot = &link->next_slot;
    }
    *prev_tb = tb->link[slot].next_tb;
    *prev_slot = tb->link[slot].next_slot;
    tb->link[slot].dest = NULL;
}

/* ---- invalidation ---------------------------------------------------------------------------- */

/* Nobody finds or enters @tb any more but those who know it already. */
static void tb_withdraw_locked(TranslationBlock *tb)
{
    qatomic_set(&tb->invalid, true);
    rcu_read_lock();
    cds_lfht_del(tcg_accel.htable, &tb->hash_node);
    rcu_read_unlock();
    for (unsigned slot = 0; slot < tb->nlinks; slot++) {
        if (tb->link[slot].dest) {
            tb_forget_link_locked(tb, slot);
        }
    }
    while (tb->in_tb) {
        TranslationBlock *from = tb->in_tb;
        unsigned slot = tb->in_slot;

        tb->in_tb = from->link[slot].next_tb;
        tb->in_slot = from->link[slot].next_slot;
        tb_unlink_locked(from, slot);
    }
}

/* Take @tb out of the list of the page that is its n-th. */
static void tb_page_remove_locked(TranslationBlock *tb, unsigned n)
{
    TBPage *p = tb_page_get_locked(tb->page[n].page, false);
    TranslationBlock **prev = &p->first;
    uint8_t *prev_n = &p->first_n;

    while (*prev != tb || *prev_n != n) {
        TBPageRef *ref = &(*prev)->page[*prev_n];

        prev = &ref->next;
        prev_n = &ref->next_n;
    }
    *prev = tb->page[n].next;
    *prev_n = tb->page[n].next_n;
}

static void tb_remove_locked(TranslationBlock *tb)
{
    for (unsigned n = 0; n < 2; n++) {
        if (tb->page[n].page != TB_PAGE_NONE) {
            tb_page_remove_locked(tb, n);
        }
    }
    tb_withdraw_locked(tb);
}

static void tb_invalidate_in_page_locked(TBPage *p, unsigned first, unsigned last)
{
    TranslationBlock *tb = p->first, *next;
    unsigned n = p->first_n;

    for (; tb; tb = next) {
        const TBPageRef *ref = &tb->page[n];

        next = ref->next;
        n = ref->next_n;
        if (ref->first <= last && first <= ref->last) {
            tb_remove_locked(tb);
            qatomic_inc(&tcg_accel.tb_invalidations);
        }
    }
    if (!p->first) {
        tb_page_unprotect_locked(p);
    }
}

void tb_invalidate_range(ram_addr_t start, ram_addr_t len)
{
    ram_addr_t end = start + len;

    qemu_mutex_lock(&tb_lock);
    for (ram_addr_t page = start & TARGET_PAGE_MASK; page < end; page += TARGET_PAGE_SIZE) {
        TBPage *p = tb_page_get_locked(page, false);

        if (p) {
            unsigned first = start > page ? start - page : 0;
            unsigned last = MIN(end - page, TARGET_PAGE_SIZE) - 1;

            tb_invalidate_in_page_locked(p, first, last);
        }
    }
    qemu_mutex_unlock(&tb_lock);
}

void tb_fence_i(CPUState *cpu)
{
    CPUTCGPrivate *priv = cpu_priv(cpu);
    uint64_t seen = qatomic_load_acquire(&tcg_accel.tb_invalidations);

    if (priv->invalidations_seen != seen) {
        priv->invalidations_seen = seen;
        fetch_forget(cpu_tcg(cpu));
    }
}

/* ---- publication ----------------------------------------------------------------------------- */

uint32_t tb_hash(hwaddr phys, vaddr pc, uint64_t flags, uint32_t cflags)
{
    uint64_t h = phys * UINT64_C(0x9e3779b97f4a7c15);

    h ^= (pc ^ h >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
    h ^= (flags ^ cflags ^ h >> 32) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)(h >> 32);
}

static int tb_match(struct cds_lfht_node *node, const void *key)
{
    const TranslationBlock *a = container_of(node, TranslationBlock, hash_node);
    const TranslationBlock *b = key;

    return a->phys == b->phys && a->pc == b->pc && a->flags == b->flags && a->cflags == b->cflags &&
           a->phys_page2 == b->phys_page2;
}

static void tb_page_add_locked(TranslationBlock *tb, unsigned n)
{
    TBPage *p = tb_page_get_locked(tb->page[n].page, true);

    tb->page[n].next = p->first;
    tb->page[n].next_n = p->first_n;
    p->first = tb;
    p->first_n = (uint8_t)n;
}

/* Are the guest's bytes still those that @tb was made of. */
static bool tb_is_current(const TranslationBlock *tb, const TBSource src[2], const uint8_t *code)
{
    for (unsigned n = 0; n < 2; n++) {
        const TBPageRef *ref = &tb->page[n];

        if (ref->page == TB_PAGE_NONE) {
            continue;
        }
        for (unsigned i = ref->first; i < ref->last; i += 2, code += 2) {
            uint16_t parcel = qatomic_read((const uint16_t *)(src[n].host + i));

            if (memcmp(&parcel, code, sizeof(parcel))) {
                return false;
            }
        }
    }
    return true;
}

/* Enter @tb, a region in place of what it was made from; returns what is in the table then. */
static struct cds_lfht_node *tb_hash_add_locked(TranslationBlock *tb)
{
    uint32_t hash = tb_hash(tb->phys, tb->pc, tb->flags, tb->cflags);

    for (;;) {
        struct cds_lfht_node *node =
            cds_lfht_add_unique(tcg_accel.htable, hash, tb_match, tb, &tb->hash_node);
        TranslationBlock *other = container_of(node, TranslationBlock, hash_node);

        if (other == tb || !tb->is_region || other->is_region) {
            return node;
        }
        tb_remove_locked(other);
    }
}

/*
 * A store that changes a byte after the comparison finds the block in the tables: it looks there
 * later, under tb_lock, as the pages are protected.
 */
TBPublishResult tb_publish(TranslationBlock *tb, const TBSource src[2], const uint8_t *code,
                           TranslationBlock **published)
{
    struct cds_lfht_node *node;
    TBPublishResult result = TB_PUBLISHED;

    qemu_mutex_lock(&tb_lock);
    if (!tb_is_current(tb, src, code)) {
        qemu_mutex_unlock(&tb_lock);
        tb->invalid = true;
        *published = tb;
        return TB_PUBLISH_STALE;
    }
    qatomic_store_release(&tb->invalid, false);
    rcu_read_lock();
    node = tb_hash_add_locked(tb);
    rcu_read_unlock();
    *published = container_of(node, TranslationBlock, hash_node);
    if (*published == tb) {
        for (unsigned n = 0; n < 2; n++) {
            if (tb->page[n].page != TB_PAGE_NONE) {
                tb_page_add_locked(tb, n);
            }
        }
        tcg_accel.tb_count++;
        tcg_accel.guest_bytes += tb->size;
        tcg_accel.guest_insns += tb->icount;
        tcg_accel.host_bytes += tb->code_size;
    } else {
        result = TB_PUBLISH_EXISTS;
    }
    qemu_mutex_unlock(&tb_lock);
    return result;
}

/* ---- emptying the region --------------------------------------------------------------------- */

static void tb_page_free_all_locked(void)
{
    GHashTableIter iter;
    gpointer value;

    if (!pages) {
        return;
    }
    g_hash_table_iter_init(&iter, pages);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        TBPage *p = value;

        p->first = NULL;
        tb_page_unprotect_locked(p);
    }
}

void tb_flush_stopped(void)
{
    struct cds_lfht_iter iter;
    struct cds_lfht_node *node;
    CPUState *cpu;

    qemu_mutex_lock(&tb_lock);
    rcu_read_lock();
    cds_lfht_for_each(tcg_accel.htable, &iter, node)
    {
        cds_lfht_del(tcg_accel.htable, node);
    }
    tb_page_free_all_locked();
    rcu_read_unlock();
    qatomic_set(&region_used, region_first);
    tcg_accel.tb_count = 0;
    tcg_accel.guest_bytes = tcg_accel.guest_insns = tcg_accel.host_bytes = 0;
    qatomic_inc(&tcg_accel.tb_flush_count);
    CPU_FOREACH(cpu) {
        CPUTCGState *env = cpu_tcg(cpu);

        if (env->priv) {
            env->priv->current_tb = NULL;
            fetch_forget(env);
        }
    }
    qemu_mutex_unlock(&tb_lock);
    /* the hash table's own thread may be resizing it, and be on a node that lies in the region */
    synchronize_rcu();
}

void tb_flush(CPUState *cpu)
{
    cpu_sync_exclusive(cpu, tb_flush_stopped);
}
