/* SPDX-License-Identifier: MIT */
/*
 * Bitmaps: arrays of unsigned long, bit n in word n / BITS_PER_LONG. Not atomic unless the
 * name says so; the caller provides the lock. Sizes and positions are in bits. Memory is
 * GLib's: free with g_free().
 */
#ifndef QEMU_BITMAP_H
#define QEMU_BITMAP_H

#include "qemu/atomic.h"
#include "qemu/bitops.h"

#define BIT_WORD(nr) ((nr) / BITS_PER_LONG)
#define BIT_MASK(nr) (1UL << ((nr) % BITS_PER_LONG))
#define BITS_TO_LONGS(nbits) DIV_ROUND_UP((nbits), BITS_PER_LONG)

#define DECLARE_BITMAP(name, nbits) unsigned long name[BITS_TO_LONGS(nbits)]

static inline void set_bit(size_t nr, unsigned long *map)
{
    map[BIT_WORD(nr)] |= BIT_MASK(nr);
}

static inline void clear_bit(size_t nr, unsigned long *map)
{
    map[BIT_WORD(nr)] &= ~BIT_MASK(nr);
}

static inline void change_bit(size_t nr, unsigned long *map)
{
    map[BIT_WORD(nr)] ^= BIT_MASK(nr);
}

static inline bool test_bit(size_t nr, const unsigned long *map)
{
    return map[BIT_WORD(nr)] & BIT_MASK(nr);
}

/* Sets or clears and returns the bit's previous value. */
static inline bool test_and_set_bit(size_t nr, unsigned long *map)
{
    bool old = test_bit(nr, map);
    set_bit(nr, map);
    return old;
}

static inline bool test_and_clear_bit(size_t nr, unsigned long *map)
{
    bool old = test_bit(nr, map);
    clear_bit(nr, map);
    return old;
}

/* Atomic read-modify-write, sequentially consistent. */
static inline void set_bit_atomic(size_t nr, unsigned long *map)
{
    qatomic_or(&map[BIT_WORD(nr)], BIT_MASK(nr));
}

static inline void clear_bit_atomic(size_t nr, unsigned long *map)
{
    qatomic_and(&map[BIT_WORD(nr)], ~BIT_MASK(nr));
}

/* A cleared bitmap of @nbits. Never NULL, also for 0 bits. */
unsigned long *bitmap_new(size_t nbits);

/* Positions below @nbits; each returns @nbits when there is no such bit. */
size_t find_next_bit(const unsigned long *map, size_t nbits, size_t from);
size_t find_next_zero_bit(const unsigned long *map, size_t nbits, size_t from);

static inline size_t find_first_bit(const unsigned long *map, size_t nbits)
{
    return find_next_bit(map, nbits, 0);
}

static inline size_t find_first_zero_bit(const unsigned long *map, size_t nbits)
{
    return find_next_zero_bit(map, nbits, 0);
}

/* The highest set bit below @nbits, or @nbits. */
size_t find_last_bit(const unsigned long *map, size_t nbits);

/* Ranges [@start, @start + @nr). */
void bitmap_set(unsigned long *map, size_t start, size_t nr);
void bitmap_clear(unsigned long *map, size_t start, size_t nr);

/* Set a range atomically, one word at a time; each word is a full barrier. */
void bitmap_set_atomic(unsigned long *map, size_t start, size_t nr);

/*
 * Clear a range and say whether any bit of it was set. Sequentially consistent per word,
 * so that a bit set concurrently is either seen here or left set.
 */
bool bitmap_test_and_clear_atomic(unsigned long *map, size_t start, size_t nr);

/* Copy bits out of @src into @dst and clear them in @src; whole words, @start aligned. */
void bitmap_copy_and_clear_atomic(unsigned long *dst, unsigned long *src, size_t nbits);

void bitmap_copy(unsigned long *dst, const unsigned long *src, size_t nbits);
bool bitmap_empty(const unsigned long *map, size_t nbits);
bool bitmap_full(const unsigned long *map, size_t nbits);
size_t bitmap_count_one(const unsigned long *map, size_t nbits);

#endif
