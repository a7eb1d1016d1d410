/* SPDX-License-Identifier: MIT */
/*
 * The softmmu TLB of a hart: fill, flush, and the protection of pages that hold code.
 *
 * A direct-mapped table per MMU index, of which generated code reads CPUTLBEntry; the parallel
 * CPUTLBEntryFull tells slow paths the rest. Tables come into being at the first fill of their MMU
 * index; until then a shared table of invalid entries stands in. All entries are of 4 KiB;
 * has_large remembers that some came from a larger mapping, so that a flush of one page finds all
 * of them.
 *
 * Threads: only the hart's own. What others want changed is queued (sync.c). A page that holds
 * code, or that some dirty client watches, has TLB_SLOW in tag_write.
 *
 * Tests: tests/unit/accel/tcg/test-tlb.c
 */
#include "qemu/osdep.h"

#include "hw/core/cpu.h"
#include "system/dirty.h"
#include "tcg-internal.h"

/* Stands in for tables that have no entry yet. Never written after start-up. */
static CPUTLBEntry tlb_empty[CPU_TLB_ENTRIES];

/* ---- fetch context --------------------------------------------------------------------------- */

void cpu_flags_changed(CPUTCGState *env)
{
    CPUTCGPrivate *priv = env->priv;
    uint64_t hash = (env->tb_flags ^ env->tb_flags >> 9 ^ env->tb_flags >> 23) * 4;

    if (priv->no_chain) {
        env->jc_key = 0;
        return;
    }
    for (unsigned way = 0; way < 4; way++) {
        CPUFlagsMemo *memo = &priv->memo[(hash + way) % JC_MEMO_SIZE];

        if (memo->flags == env->tb_flags && memo->epoch == priv->ctx_epoch) {
            env->jc_key = memo->key;
            return;
        }
        if (memo->epoch != priv->ctx_epoch || way == 3) {
            memo->flags = env->tb_flags;
            memo->epoch = priv->ctx_epoch;
            memo->key = ++priv->next_key;
            env->jc_key = memo->key;
            return;
        }
    }
}

static void fetch_tlb_clear(CPUTCGState *env)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(env->fetch_tlb); i++) {
        env->fetch_tlb[i].tag = TLB_INVALID;
    }
}

/* Fetch mappings may have changed: nothing that was looked up before is found again. */
static void fetch_context_new(CPUTCGState *env)
{
    fetch_tlb_clear(env);
    memset(&env->priv->fetch_seen, 0, sizeof(env->priv->fetch_seen));
    env->priv->ctx_epoch++;
    cpu_flags_changed(env);
}

static unsigned fetch_seen_hash(vaddr va)
{
    return (va >> TARGET_PAGE_BITS ^ va >> 24) % FETCH_SEEN_BITS;
}

void fetch_seen_add(CPUTCGPrivate *priv, vaddr pc, unsigned size_log2)
{
    FetchSeen *seen = &priv->fetch_seen;
    unsigned bit = fetch_seen_hash(pc);

    seen->page[bit / 64] |= UINT64_C(1) << (bit % 64);
    if (size_log2 <= TARGET_PAGE_BITS || seen->nlarge > FETCH_SEEN_LARGE) {
        return;
    }
    for (unsigned i = 0; i < seen->nlarge; i++) {
        if (seen->large[i].size_log2 == size_log2 && !((seen->large[i].base ^ pc) >> size_log2)) {
            return;
        }
    }
    if (seen->nlarge < FETCH_SEEN_LARGE) {
        seen->large[seen->nlarge].base = pc;
        seen->large[seen->nlarge].size_log2 = (uint8_t)size_log2;
    }
    seen->nlarge++;
}

/* May code have been fetched from the mapping that @va lies in? */
static bool fetch_seen_test(const FetchSeen *seen, vaddr va)
{
    unsigned bit = fetch_seen_hash(va);

    if (seen->page[bit / 64] >> (bit % 64) & 1 || seen->nlarge > FETCH_SEEN_LARGE) {
        return true;
    }
    for (unsigned i = 0; i < seen->nlarge; i++) {
        if (!((seen->large[i].base ^ va) >> seen->large[i].size_log2)) {
            return true;
        }
    }
    return false;
}

/* ---- flush ----------------------------------------------------------------------------------- */

static void tlb_entry_clear(CPUTLBEntry *entry)
{
    entry->tag_read = TLB_INVALID;
    entry->tag_write = TLB_INVALID;
}

static void tlb_mode_flush(CPUTCGState *env, unsigned mmu_idx)
{
    CPUTLBMode *mode = &env->priv->mode[mmu_idx];
    CPUTLBEntry *table = env->tlb_table[mmu_idx];

    if (mode->nused > TLB_USED_MAX) {
        for (unsigned i = 0; i < CPU_TLB_ENTRIES; i++) {
            tlb_entry_clear(&table[i]);
        }
    } else {
        for (unsigned i = 0; i < mode->nused; i++) {
            tlb_entry_clear(&table[mode->used[i]]);
        }
    }
    mode->nused = 0;
    mode->has_large = false;
}

void tlb_flush_by_mmuidx(CPUState *cpu, unsigned mmu_idx_mask)
{
    CPUTCGState *env = cpu_tcg(cpu);
    CPUTCGPrivate *priv = env->priv;

    for (unsigned m = 0; m < NB_MMU_MODES; m++) {
        if (mmu_idx_mask & (1u << m)) {
            if (priv->mode[m].nused) {
                tlb_mode_flush(env, m);
                priv->stats.tlb_flushes++;
            } else {
                priv->stats.tlb_flushes_elided++;
            }
        }
    }
    fetch_context_new(env);
}

void tlb_flush(CPUState *cpu)
{
    tlb_flush_by_mmuidx(cpu, (1u << NB_MMU_MODES) - 1);
}

/* Entries of the mapping that @va lies in, if it is larger than a page. */
static void tlb_flush_large(CPUTCGState *env, unsigned mmu_idx, vaddr va)
{
    const CPUTLBMode *mode = &env->priv->mode[mmu_idx];
    CPUTLBEntry *table = env->tlb_table[mmu_idx];

    for (unsigned i = 0; i < CPU_TLB_ENTRIES; i++) {
        uint64_t tag = table[i].tag_read & TLB_INVALID ? table[i].tag_write : table[i].tag_read;

        if (!(tag & TLB_INVALID) && mode->full[i].size_log2 > TARGET_PAGE_BITS &&
            !((tag ^ va) >> mode->full[i].size_log2)) {
            tlb_entry_clear(&table[i]);
        }
    }
}

void tlb_flush_page(CPUState *cpu, vaddr va)
{
    CPUTCGState *env = cpu_tcg(cpu);
    vaddr page = va & TARGET_PAGE_MASK;

    env->priv->stats.tlb_page_flushes++;
    for (unsigned m = 0; m < NB_MMU_MODES; m++) {
        CPUTLBMode *mode = &env->priv->mode[m];
        CPUTLBEntry *entry = tlb_entry(env, m, page);

        if (!mode->nused) {
            continue;
        }
        if ((entry->tag_read & (TARGET_PAGE_MASK | TLB_INVALID)) == page ||
            (entry->tag_write & (TARGET_PAGE_MASK | TLB_INVALID)) == page) {
            tlb_entry_clear(entry);
        }
        if (mode->has_large) {
            tlb_flush_large(env, m, page);
        }
    }
    if (fetch_seen_test(&env->priv->fetch_seen, page)) {
        fetch_context_new(env);
    }
}

void tlb_protect_page(CPUState *cpu, ram_addr_t page)
{
    CPUTCGState *env = cpu_tcg(cpu);

    for (unsigned m = 0; m < NB_MMU_MODES; m++) {
        CPUTLBMode *mode = &env->priv->mode[m];
        CPUTLBEntry *table = env->tlb_table[m];
        bool listed = mode->nused <= TLB_USED_MAX;
        unsigned n = listed ? mode->nused : CPU_TLB_ENTRIES;

        for (unsigned i = 0; i < n; i++) {
            unsigned idx = listed ? mode->used[i] : i;
            CPUTLBEntryFull *full = &mode->full[idx];

            if (!(table[idx].tag_write & (TLB_INVALID | TLB_SLOW)) && full->is_ram &&
                memory_region_get_ram_addr(full->mr) + full->xlat_page == page) {
                table[idx].tag_write |= TLB_SLOW;
            }
        }
    }
}

/* ---- fill ------------------------------------------------------------------------------------ */

static bool page_has_watchpoint(CPUState *cpu, vaddr page)
{
    for (unsigned i = 0; cpu->watchpoints && i < cpu->watchpoints->len; i++) {
        const CPUWatchpoint *wp = &g_array_index(cpu->watchpoints, CPUWatchpoint, i);

        if (wp->addr < page + TARGET_PAGE_SIZE && wp->addr + wp->len > page) {
            return true;
        }
    }
    return false;
}

/* What the page at physical address @phys is, for direct access or through dispatch. */
static void tlb_resolve(CPUState *cpu, vaddr page, const CPUTLBFill *fill, CPUTLBEntry *entry,
                        CPUTLBEntryFull *full)
{
    hwaddr phys = fill->phys & TARGET_PAGE_MASK;
    hwaddr xlat, len = TARGET_PAGE_SIZE;
    MemoryRegion *mr;
    uint8_t *host = NULL;
    uint64_t slow = 0;

    RCU_READ_LOCK_GUARD();
    mr = address_space_translate(cpu->as, phys, &xlat, &len, false, fill->attrs);
    full->mr = mr;
    full->xlat_page = xlat;
    full->attrs = fill->attrs;
    full->prot = fill->prot;
    full->size_log2 = fill->size_log2;
    full->watched = page_has_watchpoint(cpu, page);
    /* a region that ends or begins within the page is decoded at each access */
    full->is_ram = len == TARGET_PAGE_SIZE && memory_region_access_is_direct(mr, false);
    full->is_rom = full->is_ram && !memory_region_access_is_direct(mr, true);
    if (full->is_ram) {
        host = (uint8_t *)memory_region_get_ram_ptr(mr) + xlat;
    } else {
        slow = TLB_SLOW;
    }
    if (full->watched) {
        slow = TLB_SLOW;
    }
    entry->addend = (uintptr_t)host - page;
    entry->phys = phys;
    entry->tag_read = fill->prot & PAGE_READ ? page | slow : TLB_INVALID;
    if (!(fill->prot & PAGE_WRITE)) {
        entry->tag_write = TLB_INVALID;
        return;
    }
    if (full->is_rom) {
        slow = TLB_SLOW;
    } else if (full->is_ram) {
        ram_addr_t addr = memory_region_get_ram_addr(mr) + xlat;
        RAMBlock *block = qemu_get_ram_block(addr);

        if (block && dirty_page_is_watched(block, addr - block->offset)) {
            slow = TLB_SLOW;
        }
    }
    entry->tag_write = page | slow;
}

/* Make room for entry @idx of @mmu_idx. */
static void tlb_mode_prepare(CPUTCGState *env, unsigned mmu_idx, unsigned idx)
{
    CPUTLBMode *mode = &env->priv->mode[mmu_idx];

    if (!mode->full) {
        CPUTLBEntry *table = g_new(CPUTLBEntry, CPU_TLB_ENTRIES);

        memcpy(table, tlb_empty, sizeof(tlb_empty));
        mode->full = g_new0(CPUTLBEntryFull, CPU_TLB_ENTRIES);
        env->tlb_table[mmu_idx] = table;
    }
    if (mode->nused < TLB_USED_MAX) {
        mode->used[mode->nused] = (uint16_t)idx;
    }
    mode->nused = MIN(mode->nused + 1, TLB_USED_MAX + 1);
}

CPUTLBEntry *tlb_lookup(CPUState *cpu, vaddr va, unsigned size, MMUAccessType access,
                        unsigned mmu_idx, CPUTLBEntryFull **full)
{
    CPUTCGState *env = cpu_tcg(cpu);
    CPUTCGPrivate *priv = env->priv;
    CPUTLBMode *mode = &priv->mode[mmu_idx];
    CPUTLBEntry *entry = tlb_entry(env, mmu_idx, va);
    vaddr page = va & TARGET_PAGE_MASK;
    uint64_t tag = access == MMU_DATA_STORE ? entry->tag_write : entry->tag_read;
    CPUTLBFill fill;

    if ((tag & (TARGET_PAGE_MASK | TLB_INVALID)) == page) {
        *full = &mode->full[tlb_index(va)];
        return entry;
    }
    priv->stats.tlb_fills++;
    if (!priv->ops->tlb_fill(cpu, va, size, access, mmu_idx, false, &fill)) {
        return NULL;
    }
    if (fill.size_log2 < TARGET_PAGE_BITS) {
        /* protection finer than a page: serves this access only */
        *full = &priv->scratch_full;
        tlb_resolve(cpu, page, &fill, &priv->scratch_entry, &priv->scratch_full);
        return &priv->scratch_entry;
    }
    tlb_mode_prepare(env, mmu_idx, tlb_index(va));
    entry = tlb_entry(env, mmu_idx, va);
    *full = &mode->full[tlb_index(va)];
    tlb_resolve(cpu, page, &fill, entry, *full);
    mode->has_large |= fill.size_log2 > TARGET_PAGE_BITS;
    return entry;
}

/* ---- memory map ------------------------------------------------------------------------------ */

static void tlb_flush_work(CPUState *cpu, void *data)
{
    tlb_flush(cpu);
}

static void tlb_map_commit(MemoryListener *listener)
{
    CPUTCGPrivate *priv = container_of(listener, CPUTCGPrivate, listener);

    async_run_on_cpu(priv->cpu, tlb_flush_work, NULL);
}

void tlb_init(CPUState *cpu)
{
    CPUTCGState *env = cpu_tcg(cpu);

    for (unsigned i = 0; i < CPU_TLB_ENTRIES; i++) {
        tlb_entry_clear(&tlb_empty[i]);
    }
    for (unsigned m = 0; m < NB_MMU_MODES; m++) {
        env->tlb_table[m] = tlb_empty;
    }
    fetch_tlb_clear(env);
    env->priv->listener = (MemoryListener){.name = "tcg", .commit = tlb_map_commit};
    memory_listener_register(&env->priv->listener, cpu->as);
}
