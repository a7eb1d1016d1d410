/* SPDX-License-Identifier: MIT */
/*
 * Integer arithmetic that C has no operator for, defined for every input: counts of zero
 * give the width, shifts and powers saturate as each says. All inline, no state.
 */
#ifndef QEMU_HOST_UTILS_H
#define QEMU_HOST_UTILS_H

#include "qemu/bswap.h"

typedef unsigned __int128 uint128_t;
typedef __int128 int128_t;

/* Leading and trailing zero bits; 32 or 64 for zero. */
static inline int clz32(uint32_t x)
{
    return x ? __builtin_clz(x) : 32;
}

static inline int clz64(uint64_t x)
{
    return x ? __builtin_clzll(x) : 64;
}

static inline int ctz32(uint32_t x)
{
    return x ? __builtin_ctz(x) : 32;
}

static inline int ctz64(uint64_t x)
{
    return x ? __builtin_ctzll(x) : 64;
}

/* Bits below the top one that equal it: how far a signed value could be shifted left. */
static inline int clrsb32(int32_t x)
{
    return __builtin_clrsb(x);
}

static inline int clrsb64(int64_t x)
{
    return __builtin_clrsbll(x);
}

static inline int ctpop8(uint8_t x)
{
    return __builtin_popcount(x);
}

static inline int ctpop32(uint32_t x)
{
    return __builtin_popcount(x);
}

static inline int ctpop64(uint64_t x)
{
    return __builtin_popcountll(x);
}

/* Bit order reversed within the value, or within each of its bytes. */
static inline uint64_t revbit_bytes64(uint64_t x)
{
    x = ((x >> 1) & 0x5555555555555555ULL) | ((x & 0x5555555555555555ULL) << 1);
    x = ((x >> 2) & 0x3333333333333333ULL) | ((x & 0x3333333333333333ULL) << 2);
    return ((x >> 4) & 0x0f0f0f0f0f0f0f0fULL) | ((x & 0x0f0f0f0f0f0f0f0fULL) << 4);
}

static inline uint8_t revbit8(uint8_t x)
{
    return revbit_bytes64(x);
}

static inline uint16_t revbit16(uint16_t x)
{
    return bswap16(revbit_bytes64(x));
}

static inline uint32_t revbit32(uint32_t x)
{
    return bswap32(revbit_bytes64(x));
}

static inline uint64_t revbit64(uint64_t x)
{
    return bswap64(revbit_bytes64(x));
}

/* Full products: *@hi:*@lo = @a * @b. */
static inline void mulu64(uint64_t *lo, uint64_t *hi, uint64_t a, uint64_t b)
{
    uint128_t r = (uint128_t)a * b;
    *lo = r;
    *hi = r >> 64;
}

static inline void muls64(uint64_t *lo, uint64_t *hi, int64_t a, int64_t b)
{
    int128_t r = (int128_t)a * b;
    *lo = r;
    *hi = (uint128_t)r >> 64;
}

/* High half of signed times unsigned, as RISC-V's mulhsu. */
static inline uint64_t mulhsu64(int64_t a, uint64_t b)
{
    return (uint128_t)((int128_t)a * (int128_t)(uint128_t)b) >> 64;
}

/* @a * @b / @c in 128 bits, truncated to 64. @c not zero. For rates: ticks to nanoseconds. */
static inline uint64_t muldiv64(uint64_t a, uint64_t b, uint64_t c)
{
    return (uint128_t)a * b / c;
}

static inline uint64_t muldiv64_round_up(uint64_t a, uint64_t b, uint64_t c)
{
    return ((uint128_t)a * b + c - 1) / c;
}

/* Carry-less product, 64 x 64 to 128 bits: polynomials over GF(2). */
void clmul64(uint64_t *lo, uint64_t *hi, uint64_t a, uint64_t b);

static inline bool is_power_of_2(uint64_t x)
{
    return x && !(x & (x - 1));
}

/* The largest power of two not above @x; 0 for 0. */
static inline uint64_t pow2floor(uint64_t x)
{
    return x ? 1ULL << (63 - clz64(x)) : 0;
}

/* The smallest power of two not below @x; 1 for 0; 0 when it does not fit 64 bits. */
static inline uint64_t pow2ceil(uint64_t x)
{
    int bits = x > 1 ? 64 - clz64(x - 1) : 0;
    return bits < 64 ? 1ULL << bits : 0;
}

/* Checked arithmetic: true when the result does not fit; *@r is then the wrapped value. */
static inline bool uadd64_overflow(uint64_t a, uint64_t b, uint64_t *r)
{
    return __builtin_add_overflow(a, b, r);
}

static inline bool umul64_overflow(uint64_t a, uint64_t b, uint64_t *r)
{
    return __builtin_mul_overflow(a, b, r);
}

#endif
