/* SPDX-License-Identifier: MIT */
/*
 * Address spaces of a hart's TLB, and flushes.
 *
 * A space is what the target's translation register names (RISC-V: satp). The tables of the spaces
 * used last are kept, so that going back to one costs a change of pointers. Fences find what they
 * name without a scan:
 *   - page_spaces tells for each index of a table which spaces may have an entry there;
 *   - large tells exactly which mappings larger than a page entries were made from; a flush of a
 *     page within one empties the spaces that used it;
 *   - the second level's entries bear a stamp of their space (tlb-second.c);
 *   - a flush of everything makes the other spaces' generation old: they are emptied when they are
 *     selected again.
 *
 * Threads: only the hart's own. Tests: tests/unit/accel/tcg/test-tlb.c
 */
#include "qemu/osdep.h"

#include "tcg-internal.h"

/* Stands in for tables that have no entry yet. Never written after start-up. */
static CPUTLBEntry tlb_empty[CPU_TLB_ENTRIES];

static void tlb_entry_clear(CPUTLBEntry *entry)
{
    entry->tag_read = TLB_INVALID;
    entry->tag_write = TLB_INVALID;
}

static bool tlb_entry_is_empty(const CPUTLBEntry *entry)
{
    return entry->tag_read & entry->tag_write & TLB_INVALID;
}

/* ---- emptying tables ------------------------------------------------------------------------- */

static void tlb_mode_flush(CPUTLBMode *mode)
{
    if (mode->nused > TLB_USED_MAX) {
        for (unsigned i = 0; i < CPU_TLB_ENTRIES; i++) {
            tlb_entry_clear(&mode->table[i]);
        }
    } else {
        for (unsigned i = 0; i < mode->nused; i++) {
            tlb_entry_clear(&mode->table[mode->used[i]]);
        }
    }
    mode->nused = 0;
}

/* What is not the same in all spaces. */
static void tlb_mode_flush_private(CPUTLBMode *mode)
{
    bool listed = mode->nused <= TLB_USED_MAX;
    unsigned n = listed ? mode->nused : CPU_TLB_ENTRIES, kept = 0;

    for (unsigned i = 0; i < n; i++) {
        unsigned idx = listed ? mode->used[i] : i;
        CPUTLBEntry *entry = &mode->table[idx];

        if (tlb_entry_is_empty(entry)) {
            continue;
        }
        if (!(entry->phys & TLB_IS_GLOBAL)) {
            tlb_entry_clear(entry);
        } else {
            if (kept < TLB_USED_MAX) {
                mode->used[kept] = (uint16_t)idx;
            }
            kept++;
        }
    }
    mode->nused = MIN(kept, TLB_USED_MAX + 1);
}

static void tlb_space_flush(CPUTCGPrivate *priv, CPUTLBSpace *space, bool keep_global)
{
    tlb_second_flush_space(priv, space);
    for (unsigned m = 0; m < NB_MMU_MODES; m++) {
        CPUTLBMode *mode = &space->mode[m];

        if (!mode->nused) {
            priv->stats.tlb_flushes_elided++;
            continue;
        }
        priv->stats.tlb_flushes++;
        if (keep_global) {
            tlb_mode_flush_private(mode);
        } else {
            tlb_mode_flush(mode);
        }
    }
}

void tlb_forget_tables(CPUState *cpu)
{
    CPUTCGPrivate *priv = cpu_priv(cpu);

    for (unsigned m = 0; m < NB_MMU_MODES; m++) {
        tlb_mode_flush(&tlb_space_of(priv, m)->mode[m]);
    }
}

/* ---- mappings larger than a page ------------------------------------------------------------- */

static uint64_t tlb_large_key(vaddr va, unsigned size_log2)
{
    return va >> size_log2 << size_log2 | size_log2;
}

/* Where @key is, or would be put. There is always a free place. */
static CPUTLBLarge *tlb_large_find(CPUTCGPrivate *priv, uint64_t key)
{
    unsigned i = (unsigned)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 32);

    while (priv->large[i % TLB_LARGE_SIZE].key && priv->large[i % TLB_LARGE_SIZE].key != key) {
        i++;
    }
    return &priv->large[i % TLB_LARGE_SIZE];
}

CPUTLBLarge *tlb_large_add(CPUState *cpu, vaddr va, unsigned size_log2)
{
    CPUTCGPrivate *priv = cpu_priv(cpu);
    uint64_t key = tlb_large_key(va, size_log2);
    CPUTLBLarge *large = tlb_large_find(priv, key);

    if (!large->key) {
        if (priv->nlarge >= TLB_LARGE_SIZE / 2) {
            tlb_flush(cpu);
            large = tlb_large_find(priv, key);
        }
        large->key = key;
        priv->nlarge++;
        priv->large_sizes |= UINT64_C(1) << size_log2;
    }
    return large;
}

/* Who uses a larger mapping around @va: ors into the masks, forgets those of @spaces. */
static void tlb_large_take(CPUTCGPrivate *priv, vaddr va, uint32_t spaces, uint32_t *data,
                           uint32_t *fetch)
{
    for (uint64_t sizes = priv->large_sizes; sizes; sizes &= sizes - 1) {
        CPUTLBLarge *large =
            tlb_large_find(priv, tlb_large_key(va, (unsigned)__builtin_ctzll(sizes)));

        if (large->key) {
            *data |= large->spaces;
            *fetch |= large->fetch;
            large->spaces &= ~spaces;
            large->fetch &= ~spaces;
        }
    }
}

/* ---- flush ----------------------------------------------------------------------------------- */

void tlb_flush(CPUState *cpu)
{
    CPUTCGState *env = cpu_tcg(cpu);
    CPUTCGPrivate *priv = env->priv;

    priv->generation++;
    tlb_space_flush(priv, priv->space, false);
    tlb_space_flush(priv, &priv->spaces[TLB_COMMON], false);
    priv->space->generation = priv->spaces[TLB_COMMON].generation = priv->generation;
    tlb_second_flush(priv);
    memset(priv->page_spaces, 0, sizeof(priv->page_spaces));
    if (priv->nlarge) {
        memset(priv->large, 0, sizeof(priv->large));
        priv->nlarge = 0;
        priv->large_sizes = 0;
    }
    priv->ram_range = (CPURamRange){.first = 1, .last = 0};
    fetch_flush(env);
    if (priv->ops->tlb_flushed) {
        priv->ops->tlb_flushed(cpu);
    }
}

/* Entries of @page at its index in @space; false: no other is there either. */
static bool tlb_space_flush_page(CPUTLBSpace *space, vaddr page)
{
    bool others = false;

    for (unsigned m = 0; m < NB_MMU_MODES; m++) {
        CPUTLBEntry *entry = space->mode[m].table;

        if (!space->mode[m].nused) {
            continue;
        }
        entry += tlb_index(page);
        if ((entry->tag_read & (TARGET_PAGE_MASK | TLB_INVALID)) == page ||
            (entry->tag_write & (TARGET_PAGE_MASK | TLB_INVALID)) == page) {
            tlb_entry_clear(entry);
        }
        others |= !tlb_entry_is_empty(entry);
    }
    return others;
}

static void tlb_flush_page_mask(CPUState *cpu, vaddr va, uint32_t mask)
{
    CPUTCGState *env = cpu_tcg(cpu);
    CPUTCGPrivate *priv = env->priv;
    uint32_t *users = &priv->page_spaces[tlb_index(va)];
    uint32_t data = 0, fetch = fetch_seen_contexts(priv, va);

    priv->stats.tlb_page_flushes++;
    tlb_second_flush_page(priv, va & TARGET_PAGE_MASK);
    for (uint32_t todo = *users & mask; todo; todo &= todo - 1) {
        unsigned n = (unsigned)__builtin_ctz(todo);

        if (!tlb_space_flush_page(&priv->spaces[n], va & TARGET_PAGE_MASK)) {
            *users &= ~(1u << n);
        }
    }
    tlb_large_take(priv, va, mask, &data, &fetch);
    for (uint32_t todo = data & mask; todo; todo &= todo - 1) {
        tlb_space_flush(priv, &priv->spaces[__builtin_ctz(todo)], false);
    }
    if (fetch & mask) {
        fetch_contexts_end(env, fetch & mask);
    }
}

void tlb_flush_page(CPUState *cpu, vaddr va)
{
    tlb_flush_page_mask(cpu, va, UINT32_MAX);
}

/* Those whose id agrees with @id in the bits of @id_mask. */
static uint32_t tlb_spaces_named(const CPUTCGPrivate *priv, uint64_t id, uint64_t id_mask)
{
    uint32_t mask = 0;

    for (unsigned n = 0; n < TLB_SPACES; n++) {
        mask |= (uint32_t) !((priv->spaces[n].id ^ id) & id_mask) << n;
    }
    return mask;
}

void tlb_flush_page_space(CPUState *cpu, vaddr va, uint64_t id, uint64_t id_mask)
{
    tlb_flush_page_mask(cpu, va, tlb_spaces_named(cpu_priv(cpu), id, id_mask));
}

void tlb_flush_space(CPUState *cpu, uint64_t id, uint64_t id_mask)
{
    CPUTCGState *env = cpu_tcg(cpu);
    CPUTCGPrivate *priv = env->priv;
    uint32_t mask = tlb_spaces_named(priv, id, id_mask);

    for (uint32_t todo = mask; todo; todo &= todo - 1) {
        CPUTLBSpace *space = &priv->spaces[__builtin_ctz(todo)];

        tlb_space_flush(priv, space, true);
        space->is_idle = true;
    }
    if (mask) {
        fetch_contexts_end(env, mask);
    }
}

/* ---- selection ------------------------------------------------------------------------------- */

/* A space to give up: one that was flushed and not used since, else the one used longest ago. */
static CPUTLBSpace *tlb_space_victim(CPUTCGPrivate *priv)
{
    CPUTLBSpace *victim = NULL;

    for (unsigned n = 0; n < TLB_SPACES; n++) {
        CPUTLBSpace *space = &priv->spaces[n];

        if (space == priv->space) {
            continue;
        }
        if (!victim || space->is_idle > victim->is_idle ||
            (space->is_idle == victim->is_idle && space->last_used < victim->last_used)) {
            victim = space;
        }
    }
    return victim;
}

static CPUTLBSpace *tlb_space_get(CPUTCGState *env, uint64_t id)
{
    CPUTCGPrivate *priv = env->priv;
    CPUTLBSpace *space;

    for (unsigned n = 0; n < TLB_SPACES; n++) {
        if (priv->spaces[n].id == id) {
            return &priv->spaces[n];
        }
    }
    space = tlb_space_victim(priv);
    tlb_space_flush(priv, space, true);
    fetch_contexts_end(env, 1u << (space - priv->spaces));
    space->id = id;
    return space;
}

void tlb_select_space(CPUState *cpu, uint64_t id, bool flush)
{
    CPUTCGState *env = cpu_tcg(cpu);
    CPUTCGPrivate *priv = env->priv;
    CPUTLBSpace *space = tlb_space_get(env, id);

    if (space->generation != priv->generation) {
        tlb_space_flush(priv, space, false);
        fetch_contexts_end(env, 1u << (space - priv->spaces));
    } else if (flush) {
        tlb_space_flush(priv, space, false);
        fetch_contexts_end(env, 1u << (space - priv->spaces) | 1u << TLB_COMMON);
    } else if (space->protections != priv->protections) {
        tlb_space_flush(priv, space, false);
    }
    space->generation = priv->generation;
    space->protections = priv->protections;
    space->last_used = ++priv->selections;
    priv->space = space;
    for (unsigned m = 0; m < NB_MMU_MODES; m++) {
        if (!(priv->ops->common_mmu_idx & (1u << m))) {
            env->tlb_table[m] = space->mode[m].table ? space->mode[m].table : tlb_empty;
        }
    }
    fetch_space_selected(env);
}

CPUTLBEntry *tlb_slot(CPUState *cpu, unsigned mmu_idx, vaddr va)
{
    CPUTCGState *env = cpu_tcg(cpu);
    CPUTCGPrivate *priv = env->priv;
    CPUTLBSpace *space = tlb_space_of(priv, mmu_idx);
    CPUTLBMode *mode = &space->mode[mmu_idx];
    unsigned idx = tlb_index(va);
    CPUTLBEntry *entry;

    if (unlikely(!mode->table)) {
        mode->table = g_memdup2(tlb_empty, sizeof(tlb_empty));
        env->tlb_table[mmu_idx] = mode->table;
    }
    entry = &mode->table[idx];
    if (!tlb_entry_is_empty(entry)) {
        tlb_second_put(priv, space, mmu_idx, entry);
    } else {
        if (mode->nused < TLB_USED_MAX) {
            mode->used[mode->nused] = (uint16_t)idx;
        }
        mode->nused = MIN(mode->nused + 1, TLB_USED_MAX + 1);
    }
    priv->page_spaces[idx] |= 1u << (space - priv->spaces);
    return entry;
}

/* ---- pages with code ------------------------------------------------------------------------- */

static void tlb_mode_protect(CPUTLBMode *mode, uintptr_t host)
{
    bool listed = mode->nused <= TLB_USED_MAX;
    unsigned n = listed ? mode->nused : CPU_TLB_ENTRIES;

    for (unsigned i = 0; i < n; i++) {
        CPUTLBEntry *entry = &mode->table[listed ? mode->used[i] : i];

        if (!(entry->tag_write & (TLB_INVALID | TLB_SLOW)) &&
            entry->tag_write + entry->addend == host) {
            entry->tag_write |= TLB_SLOW;
        }
    }
}

void tlb_protect_page(CPUState *cpu, ram_addr_t page)
{
    CPUTCGPrivate *priv = cpu_priv(cpu);
    uintptr_t host;

    WITH_RCU_READ_LOCK_GUARD() {
        host = (uintptr_t)qemu_get_ram_ptr(page);
    }
    for (unsigned m = 0; m < NB_MMU_MODES; m++) {
        tlb_mode_protect(&tlb_space_of(priv, m)->mode[m], host);
    }
    tlb_second_flush(priv);
    /* other spaces: when they are selected */
    priv->space->protections = ++priv->protections;
}

void tlb_spaces_init(CPUState *cpu)
{
    CPUTCGState *env = cpu_tcg(cpu);
    CPUTCGPrivate *priv = env->priv;

    for (unsigned i = 0; i < CPU_TLB_ENTRIES; i++) {
        tlb_entry_clear(&tlb_empty[i]);
    }
    for (unsigned m = 0; m < NB_MMU_MODES; m++) {
        env->tlb_table[m] = tlb_empty;
    }
    priv->spaces = g_new0(CPUTLBSpace, TLB_SPACES + 1);
    for (unsigned n = 1; n < TLB_SPACES; n++) {
        priv->spaces[n].id = UINT64_MAX; /* no target's */
        priv->spaces[n].is_idle = true;
    }
    priv->space = &priv->spaces[0];
    tlb_second_init(priv);
}
