/* SPDX-License-Identifier: MIT */
/*
 * Dirty bitmaps: which pages of RAM were written, by client
 *
 * One bit for each page of RAM_PAGE_SIZE bytes and each client:
 *   VGA        a display adapter's frame buffer; cleared when it is redrawn
 *   CODE       set: no translated code was made from the page, stores need no check. Clear: a
 *              hart's stores take a slow path, all others call the invalidate hook (system/ram.h)
 *   MIGRATION  live migration and dirty-rate measurement
 * All bits of a new block are set. (The bitmaps hold the complement: a fresh one costs nothing.)
 *
 * Addresses are ram_addr_t; lengths in bytes; every page that the range touches counts. A range
 * lies in one block: parts outside are ignored.
 * Threads: any, under RCU. Bits are changed with atomic read-modify-write operations that are
 * full barriers, read with acquire loads. Tests: tests/unit/system/memory/test-dirty.c.
 */

#ifndef SYSTEM_DIRTY_H
#define SYSTEM_DIRTY_H

#include "qemu/atomic.h"
#include "qemu/bitmap.h"
#include "system/ram.h"

enum {
    DIRTY_MEMORY_VGA = 0,
    DIRTY_MEMORY_CODE = 1,
    DIRTY_MEMORY_MIGRATION = 2,
    DIRTY_MEMORY_NUM = 3,
};

#define DIRTY_CLIENTS_ALL ((1u << DIRTY_MEMORY_NUM) - 1)
#define DIRTY_CLIENTS_NOCODE (DIRTY_CLIENTS_ALL & ~(1u << DIRTY_MEMORY_CODE))

/* Whether the page of @addr is dirty; true outside of RAM. */
bool dirty_test_page(ram_addr_t addr, unsigned client);

/* The same for byte @offset of @block, without a lookup: for a TLB fill. */
static inline bool dirty_test_block_page(const RAMBlock *block, uint64_t offset, unsigned client)
{
    uint64_t page = offset >> RAM_PAGE_BITS;
    unsigned long word = qatomic_load_acquire(&block->clean[client][BIT_WORD(page)]);

    return !(word & BIT_MASK(page));
}

/*
 * Whether a hart's store to the page needs a slow path: some client's bit is clear. The slow path
 * drops code if DIRTY_MEMORY_CODE is among them, stores, and sets the others with
 * dirty_set_range(..., DIRTY_CLIENTS_NOCODE).
 */
static inline bool dirty_page_is_watched(const RAMBlock *block, uint64_t offset)
{
    return !(dirty_test_block_page(block, offset, DIRTY_MEMORY_CODE) &&
             dirty_test_block_page(block, offset, DIRTY_MEMORY_VGA) &&
             dirty_test_block_page(block, offset, DIRTY_MEMORY_MIGRATION));
}

/* Whether any, or every, page of the range is dirty. An empty range: false, true. */
bool dirty_test_range_any(ram_addr_t start, ram_addr_t len, unsigned client);
bool dirty_test_range_all(ram_addr_t start, ram_addr_t len, unsigned client);

/* Sets bits for all clients in @client_mask (1 << DIRTY_MEMORY_x). */
void dirty_set_range(ram_addr_t start, ram_addr_t len, unsigned client_mask);

/* Clears bits and returns whether any was set. */
bool dirty_test_and_clear(ram_addr_t start, ram_addr_t len, unsigned client);

/*
 * Copies the bits of the pages of the range to @bitmap (bit 0 is @start's page) and clears them,
 * each word at once. Returns how many were set. For redraws and for migration.
 */
uint64_t dirty_fetch_and_clear(ram_addr_t start, ram_addr_t len, unsigned client,
                               unsigned long *bitmap);

/*
 * A hart is about to have a TLB entry by which it stores to the page without a slow path. To be
 * called before it reads whether the page is watched: a translator clears the page's CODE bit, then
 * calls dirty_test_writer(). Either it sees the hart, or the hart sees the bit clear.
 */
static inline void dirty_note_writer(RAMBlock *block, uint64_t offset)
{
    uint64_t page = offset >> RAM_PAGE_BITS;
    unsigned long *word = &block->writers[BIT_WORD(page)];

    /* acquire: before the caller's look at the bitmaps */
    if (!(qatomic_load_acquire(word) & BIT_MASK(page))) {
        qatomic_or(word, BIT_MASK(page));
    }
}

/* May any hart have such an entry for the page? After all have dropped theirs: none has. */
bool dirty_test_writer(ram_addr_t addr);
void dirty_clear_writer(ram_addr_t addr);

#endif
