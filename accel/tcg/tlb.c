/* SPDX-License-Identifier: MIT */
/*
 * The softmmu TLB of a hart: fill, and what a page of the memory map is.
 *
 * A direct-mapped table per address space and MMU index, of which generated code reads
 * CPUTLBEntry. Tables come into being at the first fill; until then a shared table of invalid
 * entries stands in. All entries are of 4 KiB. What falls out of the tables goes
 * to a second level, tlb-second.c. Spaces and flushes: tlb-flush.c.
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

/* ---- RAM ------------------------------------------------------------------------------------- */

/* The range around @pa becomes the one that is remembered; false: it is not RAM or ROM. */
static bool ram_range_load(CPUState *cpu, hwaddr pa)
{
    CPUTCGPrivate *priv = cpu_priv(cpu);
    MemoryRegionSection s;

    RCU_READ_LOCK_GUARD();
    s = flatview_lookup(address_space_to_flatview(cpu->as), pa);
    if (!memory_region_access_is_direct(s.mr, false)) {
        return false;
    }
    priv->ram_range = (CPURamRange){
        .first = s.offset_within_address_space,
        .last = s.offset_within_address_space + s.size - 1,
        .host = (uint8_t *)memory_region_get_ram_ptr(s.mr) + s.offset_within_region,
        .block = qemu_get_ram_block(memory_region_get_ram_addr(s.mr)),
        .offset = s.offset_within_region,
        .is_rom = s.readonly || !memory_region_access_is_direct(s.mr, true),
    };
    return true;
}

const CPURamRange *tlb_ram_range(CPUState *cpu, hwaddr pa)
{
    const CPURamRange *r = &cpu_priv(cpu)->ram_range;

    return likely(pa >= r->first && pa <= r->last) || ram_range_load(cpu, pa) ? r : NULL;
}

const void *cpu_ram_ptr(CPUTCGState *env, hwaddr pa, hwaddr len)
{
    const CPURamRange *r = tlb_ram_range(env->cpu, pa);

    return r && len - 1 <= r->last - pa ? r->host + (pa - r->first) : NULL;
}

/* ---- fill ------------------------------------------------------------------------------------ */

static bool page_has_watchpoint(CPUState *cpu, vaddr page)
{
    for (unsigned i = 0; i < cpu->watchpoints->len; i++) {
        const CPUWatchpoint *wp = &g_array_index(cpu->watchpoints, CPUWatchpoint, i);

        if (wp->addr < page + TARGET_PAGE_SIZE && wp->addr + wp->len > page) {
            return true;
        }
    }
    return false;
}

/* The entry of a page of RAM or ROM. */
static void tlb_resolve_ram(const CPURamRange *r, vaddr page, hwaddr phys, uint8_t prot,
                            uint64_t slow, CPUTLBEntry *entry)
{
    hwaddr offset = phys - r->first;

    entry->addend = (uintptr_t)r->host + offset - page;
    entry->phys |= r->is_rom ? TLB_IS_RAM | TLB_IS_ROM : TLB_IS_RAM;
    entry->tag_read = prot & PAGE_READ ? page | slow : TLB_INVALID;
    if (!(prot & PAGE_WRITE)) {
        entry->tag_write = TLB_INVALID;
        return;
    }
    if (r->is_rom || dirty_page_is_watched(r->block, r->offset + offset)) {
        slow = TLB_SLOW;
    } else {
        dirty_note_writer(r->block, r->offset + offset);
        if (!dirty_test_block_page(r->block, r->offset + offset, DIRTY_MEMORY_CODE)) {
            slow = TLB_SLOW;
        }
    }
    entry->tag_write = page | slow;
}

/* What the page at physical address @phys is, for direct access or through dispatch. */
static void tlb_resolve(CPUState *cpu, vaddr page, const CPUTLBFill *fill, CPUTLBEntry *entry)
{
    hwaddr phys = fill->phys & TARGET_PAGE_MASK;
    const CPURamRange *r = tlb_ram_range(cpu, phys);
    uint64_t slow = 0;

    entry->phys = phys | (fill->global ? TLB_IS_GLOBAL : 0);
    if (unlikely(cpu->watchpoints->len) && page_has_watchpoint(cpu, page)) {
        entry->phys |= TLB_IS_WATCHED;
        slow = TLB_SLOW;
    }
    /* a region that ends or begins within the page is decoded at each access */
    if (likely(r && r->last - phys >= TARGET_PAGE_SIZE - 1)) {
        tlb_resolve_ram(r, page, phys, fill->prot, slow, entry);
        return;
    }
    entry->addend = -page;
    entry->tag_read = fill->prot & PAGE_READ ? page | TLB_SLOW : TLB_INVALID;
    entry->tag_write = fill->prot & PAGE_WRITE ? page | TLB_SLOW : TLB_INVALID;
}

/* Put @fill into the tables. */
static CPUTLBEntry *tlb_enter(CPUState *cpu, vaddr page, unsigned mmu_idx, const CPUTLBFill *fill)
{
    CPUTCGPrivate *priv = cpu_priv(cpu);
    CPUTLBSpace *space = tlb_space_of(priv, mmu_idx);
    CPUTLBEntry *entry;

    if (fill->size_log2 > TARGET_PAGE_BITS) {
        CPUTLBLarge *large = tlb_large_add(cpu, page, fill->size_log2);

        large->spaces |= 1u << (space - priv->spaces);
    }
    if (!fill->global) {
        space->is_idle = false;
    }
    entry = tlb_slot(cpu, mmu_idx, page);
    tlb_resolve(cpu, page, fill, entry);
    return entry;
}

/* Back into the tables. */
static CPUTLBEntry *tlb_enter_second(CPUState *cpu, vaddr page, unsigned mmu_idx,
                                     CPUTLBEntry second)
{
    CPUTLBEntry *entry = tlb_slot(cpu, mmu_idx, page);

    cpu_priv(cpu)->stats.tlb_second++;
    *entry = second;
    return entry;
}

/*
 * What is rare happens often: entries are gone, the hart is wanted. One miss brings many, as all
 * accesses look here until they have their entries again.
 */
static void tlb_chaos(CPUState *cpu)
{
    CPUTCGPrivate *priv = cpu_priv(cpu);

    priv->chaos ^= priv->chaos << 13;
    priv->chaos ^= priv->chaos >> 17;
    priv->chaos ^= priv->chaos << 5;
    if (priv->chaos % 3 == 0) {
        tlb_forget_tables(cpu);
    }
    if (priv->chaos / 64 % 16 == 0) {
        cpu_poll_request(cpu);
    }
}

CPUTLBEntry *tlb_lookup(CPUState *cpu, vaddr va, unsigned size, MMUAccessType access,
                        unsigned mmu_idx)
{
    CPUTCGState *env = cpu_tcg(cpu);
    CPUTCGPrivate *priv = env->priv;
    CPUTLBEntry *entry = tlb_entry(env, mmu_idx, va);
    vaddr page = va & TARGET_PAGE_MASK;
    const CPUTLBEntry *second;
    uint64_t tag;
    CPUTLBFill fill;

    if (unlikely(priv->chaos)) {
        tlb_chaos(cpu);
    }
    tag = access == MMU_DATA_STORE ? entry->tag_write : entry->tag_read;
    if ((tag & (TARGET_PAGE_MASK | TLB_INVALID)) == page) {
        return entry;
    }
    second =
        tlb_second_find(priv, tlb_space_of(priv, mmu_idx), mmu_idx, page, access == MMU_DATA_STORE);
    if (second) {
        return tlb_enter_second(cpu, page, mmu_idx, *second);
    }
    priv->stats.tlb_fills++;
    if (!priv->ops->tlb_fill(cpu, va, size, access, mmu_idx, false, &fill)) {
        priv->stats.tlb_faults++;
        return NULL;
    }
    priv->attrs[mmu_idx] = fill.attrs;
    if (unlikely(fill.size_log2 < TARGET_PAGE_BITS)) {
        /* protection finer than a page: serves this access only */
        tlb_resolve(cpu, page, &fill, &priv->scratch_entry);
        return &priv->scratch_entry;
    }
    return tlb_enter(cpu, page, mmu_idx, &fill);
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
    CPUTCGPrivate *priv = cpu_priv(cpu);

    priv->ram_range = (CPURamRange){.first = 1, .last = 0};
    tlb_spaces_init(cpu);
    fetch_init(cpu_tcg(cpu));
    priv->listener = (MemoryListener){.name = "tcg", .commit = tlb_map_commit};
    memory_listener_register(&priv->listener, cpu->as);
}
