/* SPDX-License-Identifier: MIT */
/*
 * Dirty bitmaps by client, and what a write by a device means for them
 *
 * The bitmaps hold the complement: a set bit is a clean page. Everything here works on whole words
 * with one atomic operation each.
 *
 * Threads: any, under RCU; no lock. Tests: tests/unit/system/memory/test-dirty.c.
 */

#include "qemu/osdep.h"
#include "memory-internal.h"
#include "qemu/atomic.h"
#include "qemu/bitmap.h"
#include "system/dirty.h"

/* A run of pages of one block: bits first .. first + count - 1 of its bitmaps. Maybe empty. */
typedef struct PageRange {
    RAMBlock *block;
    uint64_t first;
    uint64_t count;
    uint64_t first_word; /* words that hold these bits: from here */
    uint64_t end_word;   /* up to before this */
} PageRange;

static PageRange pages_of(RAMBlock *block, uint64_t offset, uint64_t len)
{
    PageRange range = {.block = block};

    if (block && len > 0 && offset < block->used_length) {
        uint64_t last = offset + MIN(len, block->used_length - offset) - 1;

        range.first = offset >> RAM_PAGE_BITS;
        range.count = (last >> RAM_PAGE_BITS) - range.first + 1;
        range.first_word = range.first / BITS_PER_LONG;
        range.end_word = DIV_ROUND_UP(range.first + range.count, BITS_PER_LONG);
    }
    return range;
}

static PageRange pages_at(ram_addr_t start, ram_addr_t len)
{
    RAMBlock *block = qemu_get_ram_block(start);

    return pages_of(block, block ? start - block->offset : 0, len);
}

/* The bits of word @word that belong to pages @first .. @first + @count - 1. */
static unsigned long word_mask(uint64_t word, uint64_t first, uint64_t count)
{
    uint64_t base = word * BITS_PER_LONG;
    uint64_t lo = MAX(first, base) - base;
    uint64_t hi = MIN(first + count, base + BITS_PER_LONG) - base;

    return MAKE_64BIT_MASK(lo, hi - lo);
}

static bool any_clean(const PageRange *range, unsigned client)
{
    for (uint64_t word = range->first_word; word < range->end_word; word++) {
        if (qatomic_load_acquire(&range->block->clean[client][word]) &
            word_mask(word, range->first, range->count)) {
            return true;
        }
    }
    return false;
}

bool dirty_test_page(ram_addr_t addr, unsigned client)
{
    RAMBlock *block = qemu_get_ram_block(addr);

    return !block || dirty_test_block_page(block, addr - block->offset, client);
}

bool dirty_test_writer(ram_addr_t addr)
{
    RAMBlock *block = qemu_get_ram_block(addr);
    uint64_t page = block ? (addr - block->offset) >> RAM_PAGE_BITS : 0;

    return block && (qatomic_load_acquire(&block->writers[BIT_WORD(page)]) & BIT_MASK(page));
}

void dirty_clear_writer(ram_addr_t addr)
{
    RAMBlock *block = qemu_get_ram_block(addr);
    uint64_t page = block ? (addr - block->offset) >> RAM_PAGE_BITS : 0;

    if (block) {
        qatomic_and(&block->writers[BIT_WORD(page)], ~BIT_MASK(page));
    }
}

bool dirty_test_range_any(ram_addr_t start, ram_addr_t len, unsigned client)
{
    PageRange range = pages_at(start, len);

    for (uint64_t word = range.first_word; word < range.end_word; word++) {
        if (~qatomic_load_acquire(&range.block->clean[client][word]) &
            word_mask(word, range.first, range.count)) {
            return true;
        }
    }
    return false;
}

bool dirty_test_range_all(ram_addr_t start, ram_addr_t len, unsigned client)
{
    PageRange range = pages_at(start, len);

    return !any_clean(&range, client);
}

static void set_pages(const PageRange *range, unsigned client_mask)
{
    for (unsigned client = 0; client < DIRTY_MEMORY_NUM; client++) {
        if (!(client_mask & (1u << client))) {
            continue;
        }
        for (uint64_t word = range->first_word; word < range->end_word; word++) {
            unsigned long *p = &range->block->clean[client][word];
            unsigned long mask = word_mask(word, range->first, range->count);

            /* Most pages are dirty already: do not take the cache line for nothing. */
            if (qatomic_load_acquire(p) & mask) {
                qatomic_and(p, ~mask);
            }
        }
    }
}

void dirty_set_range(ram_addr_t start, ram_addr_t len, unsigned client_mask)
{
    PageRange range = pages_at(start, len);

    set_pages(&range, client_mask);
}

bool dirty_test_and_clear(ram_addr_t start, ram_addr_t len, unsigned client)
{
    PageRange range = pages_at(start, len);
    bool was_dirty = false;

    for (uint64_t word = range.first_word; word < range.end_word; word++) {
        unsigned long mask = word_mask(word, range.first, range.count);

        was_dirty |= (~qatomic_fetch_or(&range.block->clean[client][word], mask) & mask) != 0;
    }
    return was_dirty;
}

uint64_t dirty_fetch_and_clear(ram_addr_t start, ram_addr_t len, unsigned client,
                               unsigned long *bitmap)
{
    PageRange range = pages_at(start, len);
    uint64_t total = 0;

    memset(bitmap, 0, BITS_TO_LONGS(range.count) * sizeof(unsigned long));
    for (uint64_t word = range.first_word; word < range.end_word; word++) {
        unsigned long mask = word_mask(word, range.first, range.count);
        unsigned long dirty = ~qatomic_fetch_or(&range.block->clean[client][word], mask) & mask;

        total += __builtin_popcountl(dirty);
        for (; dirty; dirty &= dirty - 1) {
            set_bit(word * BITS_PER_LONG + __builtin_ctzl(dirty) - range.first, bitmap);
        }
    }
    return total;
}

/* Whether some client has a clean page among these: seldom, so all are asked at once. */
static bool anyone_cares(const PageRange *range)
{
    for (uint64_t word = range->first_word; word < range->end_word; word++) {
        unsigned long clean = 0;

        for (unsigned client = 0; client < DIRTY_MEMORY_NUM; client++) {
            clean |= qatomic_load_acquire(&range->block->clean[client][word]);
        }
        if (clean & word_mask(word, range->first, range->count)) {
            return true;
        }
    }
    return false;
}

void dirty_note_write(RAMBlock *block, uint64_t offset, uint64_t len)
{
    PageRange range = pages_of(block, offset, len);

    /* The bytes before the bit: see ram_set_code_invalidate_hook(). */
    smp_mb();
    if (likely(!anyone_cares(&range))) {
        return;
    }
    if (any_clean(&range, DIRTY_MEMORY_CODE)) {
        ram_invalidate_code(block->offset + offset, len);
    }
    set_pages(&range, DIRTY_CLIENTS_NOCODE);
}
