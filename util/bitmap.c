/* SPDX-License-Identifier: MIT */
/*
 * Bitmaps of any length: see qemu/bitmap.h. Ranges are worked a word at a time: each
 * function walks the words that a range touches with the mask of its bits in that word.
 */
#include "qemu/osdep.h"
#include "qemu/bitmap.h"

/* The part of [start, start + nr) that lies in the word of bit @start. */
static unsigned long range_mask(size_t start, size_t nr, size_t *covered)
{
    size_t offset = start % BITS_PER_LONG;
    *covered = MIN(nr, BITS_PER_LONG - offset);
    return (~0UL >> (BITS_PER_LONG - *covered)) << offset;
}

unsigned long *bitmap_new(size_t nbits)
{
    return g_new0(unsigned long, MAX(BITS_TO_LONGS(nbits), 1));
}

/* First bit at or after @from that is set in @map ^ @flip. */
static size_t find_next(const unsigned long *map, size_t nbits, size_t from, unsigned long flip)
{
    if (from >= nbits) {
        return nbits;
    }
    size_t idx = BIT_WORD(from);
    unsigned long word = (map[idx] ^ flip) & (~0UL << (from % BITS_PER_LONG));
    while (!word) {
        idx++;
        if (idx * BITS_PER_LONG >= nbits) {
            return nbits;
        }
        word = map[idx] ^ flip;
    }
    return MIN(nbits, idx * BITS_PER_LONG + __builtin_ctzl(word));
}

size_t find_next_bit(const unsigned long *map, size_t nbits, size_t from)
{
    return find_next(map, nbits, from, 0);
}

size_t find_next_zero_bit(const unsigned long *map, size_t nbits, size_t from)
{
    return find_next(map, nbits, from, ~0UL);
}

size_t find_last_bit(const unsigned long *map, size_t nbits)
{
    for (size_t end = nbits; end > 0;) {
        size_t idx = BIT_WORD(end - 1);
        unsigned long word = map[idx] & (~0UL >> (BITS_PER_LONG - (end - idx * BITS_PER_LONG)));
        if (word) {
            return idx * BITS_PER_LONG + (BITS_PER_LONG - 1 - __builtin_clzl(word));
        }
        end = idx * BITS_PER_LONG;
    }
    return nbits;
}

void bitmap_set(unsigned long *map, size_t start, size_t nr)
{
    for (size_t n; nr > 0; start += n, nr -= n) {
        unsigned long mask = range_mask(start, nr, &n);
        map[BIT_WORD(start)] |= mask;
    }
}

void bitmap_clear(unsigned long *map, size_t start, size_t nr)
{
    for (size_t n; nr > 0; start += n, nr -= n) {
        unsigned long mask = range_mask(start, nr, &n);
        map[BIT_WORD(start)] &= ~mask;
    }
}

void bitmap_set_atomic(unsigned long *map, size_t start, size_t nr)
{
    for (size_t n; nr > 0; start += n, nr -= n) {
        unsigned long mask = range_mask(start, nr, &n);
        qatomic_or(&map[BIT_WORD(start)], mask);
    }
}

bool bitmap_test_and_clear_atomic(unsigned long *map, size_t start, size_t nr)
{
    unsigned long found = 0;
    for (size_t n; nr > 0; start += n, nr -= n) {
        unsigned long mask = range_mask(start, nr, &n);
        /* The plain read spares clean words, the common case, the locked operation. */
        if (qatomic_read(&map[BIT_WORD(start)]) & mask) {
            found |= qatomic_fetch_and(&map[BIT_WORD(start)], ~mask) & mask;
        }
    }
    /* Orders the caller's reads of what the bits stand for after the reads of clean words. */
    smp_mb();
    return found != 0;
}

void bitmap_copy_and_clear_atomic(unsigned long *dst, unsigned long *src, size_t nbits)
{
    size_t start = 0;
    for (size_t n; nbits > 0; start += n, nbits -= n) {
        unsigned long mask = range_mask(start, nbits, &n);
        size_t idx = BIT_WORD(start);
        unsigned long got =
            qatomic_read(&src[idx]) & mask ? qatomic_fetch_and(&src[idx], ~mask) & mask : 0;
        dst[idx] = (dst[idx] & ~mask) | got;
    }
    smp_mb();
}

void bitmap_copy(unsigned long *dst, const unsigned long *src, size_t nbits)
{
    memcpy(dst, src, BITS_TO_LONGS(nbits) * sizeof(long));
}

bool bitmap_empty(const unsigned long *map, size_t nbits)
{
    return find_first_bit(map, nbits) == nbits;
}

bool bitmap_full(const unsigned long *map, size_t nbits)
{
    return find_first_zero_bit(map, nbits) == nbits;
}

size_t bitmap_count_one(const unsigned long *map, size_t nbits)
{
    size_t count = 0, start = 0;
    for (size_t n; nbits > 0; start += n, nbits -= n) {
        unsigned long mask = range_mask(start, nbits, &n);
        count += __builtin_popcountl(map[BIT_WORD(start)] & mask);
    }
    return count;
}
