/* SPDX-License-Identifier: MIT */
/*
 * The second level of a hart's TLB: what another page with the same index has pushed out of the
 * tables that generated code reads.
 *
 * One direct-mapped table for all spaces and MMU indices. An entry bears its space's stamp, which
 * every flush of the space changes, so that flushes need not look here; that of a page drops the
 * one entry of it that there can be.
 *
 * Threads: only the hart's own. Tests: tests/unit/accel/tcg/test-tlb.c
 */
#include "qemu/osdep.h"

#include "tcg-internal.h"

/* The low bits of a stamp are free for the MMU index. */
#define STAMP_STEP 16
QEMU_BUILD_BUG_ON(NB_MMU_MODES > STAMP_STEP);

static CPUTLBSecond *second_of(CPUTCGPrivate *priv, vaddr page)
{
    return &priv->second[(page >> TARGET_PAGE_BITS) % TLB_SECOND_SIZE];
}

static vaddr page_of(const CPUTLBEntry *entry)
{
    uint64_t tag = entry->tag_read & TLB_INVALID ? entry->tag_write : entry->tag_read;

    return tag & TARGET_PAGE_MASK;
}

void tlb_second_put(CPUTCGPrivate *priv, const CPUTLBSpace *space, unsigned mmu_idx,
                    const CPUTLBEntry *entry)
{
    CPUTLBSecond *s = second_of(priv, page_of(entry));

    s->stamp = space->second_stamp | mmu_idx;
    s->entry = *entry;
}

const CPUTLBEntry *tlb_second_find(CPUTCGPrivate *priv, const CPUTLBSpace *space, unsigned mmu_idx,
                                   vaddr page, bool is_store)
{
    const CPUTLBSecond *s = second_of(priv, page);
    uint64_t tag = is_store ? s->entry.tag_write : s->entry.tag_read;

    return s->stamp == (space->second_stamp | mmu_idx) &&
                   (tag & (TARGET_PAGE_MASK | TLB_INVALID)) == page ?
               &s->entry :
               NULL;
}

void tlb_second_flush_page(CPUTCGPrivate *priv, vaddr page)
{
    CPUTLBSecond *s = second_of(priv, page);

    if (page_of(&s->entry) == page) {
        s->stamp = 0;
    }
}

void tlb_second_flush_space(CPUTCGPrivate *priv, CPUTLBSpace *space)
{
    space->second_stamp = priv->second_stamp += STAMP_STEP;
}

void tlb_second_flush(CPUTCGPrivate *priv)
{
    for (unsigned n = 0; n <= TLB_COMMON; n++) {
        tlb_second_flush_space(priv, &priv->spaces[n]);
    }
}

void tlb_second_init(CPUTCGPrivate *priv)
{
    priv->second = g_new0(CPUTLBSecond, TLB_SECOND_SIZE);
    tlb_second_flush(priv);
}
