/* SPDX-License-Identifier: MIT */
/*
 * The functions that EVAL columns of tcg-opc.def call. Operands come cut to @bits (8 in the fold
 * tests, 32 or 64 elsewhere); what is above @bits in a result is cut off by the caller.
 */
#ifndef TCG_EVAL_H
#define TCG_EVAL_H

#include "qemu/host-utils.h"
#include "tcg/tcg.h"

static inline uint64_t tcg_eval_mask(unsigned bits)
{
    return UINT64_MAX >> (64 - bits);
}

/* The low @bits of @a, sign-extended. */
static inline int64_t tcg_eval_signed(uint64_t a, unsigned bits)
{
    return (int64_t)(a << (64 - bits)) >> (64 - bits);
}

static inline uint64_t tcg_eval_muluh(uint64_t a, uint64_t b, unsigned bits)
{
    return (uint128_t)a * b >> bits;
}

static inline uint64_t tcg_eval_mulsh(uint64_t a, uint64_t b, unsigned bits)
{
    return (uint128_t)((int128_t)tcg_eval_signed(a, bits) * tcg_eval_signed(b, bits)) >> bits;
}

static inline uint64_t tcg_eval_mulsuh(uint64_t a, uint64_t b, unsigned bits)
{
    return (uint128_t)((int128_t)tcg_eval_signed(a, bits) * (int128_t)b) >> bits;
}

static inline uint64_t tcg_eval_divu(uint64_t a, uint64_t b, unsigned bits)
{
    return b ? a / b : UINT64_MAX;
}

static inline uint64_t tcg_eval_remu(uint64_t a, uint64_t b, unsigned bits)
{
    return b ? a % b : a;
}

static inline uint64_t tcg_eval_divs(uint64_t a, uint64_t b, unsigned bits)
{
    int64_t sa = tcg_eval_signed(a, bits), sb = tcg_eval_signed(b, bits);

    if (sb == 0) {
        return UINT64_MAX;
    }
    return sb == -1 ? -a : (uint64_t)(sa / sb);
}

static inline uint64_t tcg_eval_rems(uint64_t a, uint64_t b, unsigned bits)
{
    int64_t sa = tcg_eval_signed(a, bits), sb = tcg_eval_signed(b, bits);

    if (sb == 0) {
        return a;
    }
    return sb == -1 ? 0 : (uint64_t)(sa % sb);
}

static inline uint64_t tcg_eval_sar(uint64_t a, uint64_t b, unsigned bits)
{
    return (uint64_t)(tcg_eval_signed(a, bits) >> (b & (bits - 1)));
}

static inline uint64_t tcg_eval_rotl(uint64_t a, uint64_t b, unsigned bits)
{
    unsigned n = b & (bits - 1);
    return n ? a << n | a >> (bits - n) : a;
}

static inline uint64_t tcg_eval_rotr(uint64_t a, uint64_t b, unsigned bits)
{
    unsigned n = b & (bits - 1);
    return n ? a >> n | a << (bits - n) : a;
}

static inline uint64_t tcg_eval_clz(uint64_t a, unsigned bits)
{
    return (uint64_t)clz64(a) - (64 - bits);
}

static inline uint64_t tcg_eval_ctz(uint64_t a, unsigned bits)
{
    return a ? (uint64_t)ctz64(a) : bits;
}

static inline uint64_t tcg_eval_bswap(uint64_t a, unsigned bits)
{
    return bswap64(a) >> (64 - bits);
}

static inline uint64_t tcg_eval_extract(uint64_t a, unsigned pos, unsigned len)
{
    return (a >> pos) & tcg_eval_mask(len);
}

static inline uint64_t tcg_eval_sextract(uint64_t a, unsigned pos, unsigned len)
{
    return (uint64_t)tcg_eval_signed(a >> pos, len);
}

static inline uint64_t tcg_eval_deposit(uint64_t a, uint64_t field, unsigned pos, unsigned len)
{
    uint64_t mask = tcg_eval_mask(len) << pos;
    return (a & ~mask) | ((field << pos) & mask);
}

static inline bool tcg_eval_cond(uint64_t a, uint64_t b, int32_t cond, unsigned bits)
{
    int64_t sa = tcg_eval_signed(a, bits), sb = tcg_eval_signed(b, bits);

    switch ((TCGCond)cond) {
    case TCG_COND_NEVER:
        return false;
    case TCG_COND_ALWAYS:
        return true;
    case TCG_COND_EQ:
        return a == b;
    case TCG_COND_NE:
        return a != b;
    case TCG_COND_LT:
        return sa < sb;
    case TCG_COND_GE:
        return sa >= sb;
    case TCG_COND_LE:
        return sa <= sb;
    case TCG_COND_GT:
        return sa > sb;
    case TCG_COND_LTU:
        return a < b;
    case TCG_COND_GEU:
        return a >= b;
    case TCG_COND_LEU:
        return a <= b;
    case TCG_COND_GTU:
        return a > b;
    case TCG_COND_TSTEQ:
        return (a & b) == 0;
    case TCG_COND_TSTNE:
        return (a & b) != 0;
    }
    g_assert_not_reached();
}

/* An F32 result is NaN-boxed; the caller does not cut it. */
static inline uint64_t tcg_eval_fsgnj(uint64_t a, uint64_t b, int32_t kind, unsigned bits)
{
    uint64_t sign = UINT64_C(1) << (bits - 1);
    uint64_t s = kind == TCG_FSGNJ_COPY ? b : kind == TCG_FSGNJ_NEG ? ~b : a ^ b;
    uint64_t r = (a & ~sign) | (s & sign);

    return bits == 64 ? r : r | UINT64_MAX << 32;
}

#endif
