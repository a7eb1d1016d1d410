/* SPDX-License-Identifier: MIT */
/*
 * Host memory behind RAM, ROM and ROM device regions: RAMBlock and ram_addr_t
 *
 * Every block has a range of ram_addr_t, a numbering of all guest RAM bytes that does not depend on
 * where the guest sees them and does not change while the block lives. Dirty bitmaps
 * (system/dirty.h) and translated code are keyed by it. Blocks begin at multiples of RAM_ALIGN, so
 * that no page belongs to two.
 *
 * Not here: who maps the block where (system/memory.h).
 * Locks: blocks come and go under the BQL; lookups are for any thread under RCU, and take no lock.
 */

#ifndef SYSTEM_RAM_H
#define SYSTEM_RAM_H

typedef uint64_t ram_addr_t;
#define RAM_ADDR_INVALID UINT64_MAX
#define RAM_ADDR_FMT "%" PRIx64

/* Granule of dirty tracking and code protection; the smallest page of every RISC-V scheme. */
#define RAM_PAGE_BITS 12
#define RAM_PAGE_SIZE (UINT64_C(1) << RAM_PAGE_BITS)

/* Alignment of host mappings and ram_addr_t of blocks: an x86 or RISC-V huge page. */
#define RAM_ALIGN (UINT64_C(2) << 20)

/* One block is at most this large; physical addresses of any Sv57 machine have 56 bits. */
#define RAM_SIZE_MAX (UINT64_C(1) << 48)

/**
 * RAMBlock - one contiguous piece of host memory
 *
 * All [const] after creation but the bitmaps' contents, which are [atomic] (see system/dirty.h).
 */
struct RAMBlock {
    uint8_t *host;
    ram_addr_t offset;    /* ram_addr_t of the first byte */
    uint64_t used_length; /* bytes, a multiple of RAM_PAGE_SIZE */
    MemoryRegion *mr;
    char *idstr;             /* the region's name, for messages */
    size_t map_length;       /* of our mapping; 0 when the memory is the caller's */
    unsigned long *clean[3]; /* by DIRTY_MEMORY_x, a bit a page: the complement of dirty */
    unsigned long *writers;  /* a bit a page: see dirty_note_writer() */
};

/* The block that contains @addr, or NULL. Under RCU. */
RAMBlock *qemu_get_ram_block(ram_addr_t addr);

/* Host address of @addr, or NULL when no block contains it. Under RCU. */
void *qemu_get_ram_ptr(ram_addr_t addr);

/* Host address of byte @offset of @block. */
static inline void *ramblock_ptr(const RAMBlock *block, uint64_t offset)
{
    return block->host + offset;
}

/* The block whose host memory contains @ptr, or NULL; *@offset is in the block. Under RCU. */
RAMBlock *qemu_ram_block_from_host(const void *ptr, uint64_t *offset);

/* ram_addr_t of a host address, or RAM_ADDR_INVALID. Under RCU. */
ram_addr_t qemu_ram_addr_from_host(const void *ptr);

/* Calls @fn for every block, in the order of ram_addr_t; stops and returns true if @fn does. */
typedef bool (*ram_block_cb)(RAMBlock *block, void *opaque);
bool ram_block_for_each(ram_block_cb fn, void *opaque);

/* Highest ram_addr_t in use plus one. */
ram_addr_t ram_last_offset(void);

/**
 * ram_set_code_invalidate_hook - who drops translated code
 *
 * @fn is called in the writing thread, under RCU and with or without the BQL, after bytes of
 * [@start, @start + @len) were changed by something other than a hart's own store (DMA, loader,
 * debugger), if any page in it has its DIRTY_MEMORY_CODE bit clear. @fn drops the code and sets the
 * bit once no code is left. accel registers it once; NULL takes it away.
 *
 * Order: the writer writes the bytes, then reads the bit. A translator clears the bit, then reads
 * the bytes. Both have a full barrier between (dirty_test_and_clear() is one): either the writer
 * sees the bit clear or the translator sees the new bytes.
 */
typedef void (*ram_code_invalidate_fn)(ram_addr_t start, ram_addr_t len);
void ram_set_code_invalidate_hook(ram_code_invalidate_fn fn);

#endif
