/* SPDX-License-Identifier: MIT */
/*
 * MemOp: the shape of one memory access, in one small integer
 *
 * Size, signedness, byte order and alignment demand of a load or store. The same value travels
 * from a target's decoder through tcg IR and the softmmu slow path down to a device's region.
 * Not here: who accesses (MemTxAttrs in system/memattrs.h) and through which translation regime.
 * Values are part of generated code's call interface and of text IR: append, do not renumber.
 */

#ifndef QEMU_MEMOP_H
#define QEMU_MEMOP_H

typedef enum MemOp {
    /* log2 of the size in bytes */
    MO_8 = 0,
    MO_16 = 1,
    MO_32 = 2,
    MO_64 = 3,
    MO_128 = 4,
    MO_SIZE = 0x07, /* mask for the above */

    MO_SIGN = 0x08, /* a load sign-extends to the register; zero-extends when absent */

    /* Byte order in memory. The bit says "other than the host's". */
    MO_BSWAP = 0x10,
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    MO_LE = 0,
    MO_BE = MO_BSWAP,
#else
    MO_LE = MO_BSWAP,
    MO_BE = 0,
#endif

    MO_ALIGN = 0x20, /* an address that is not a multiple of the size traps */

    MO_UB = MO_8,
    MO_UW = MO_16,
    MO_UL = MO_32,
    MO_UQ = MO_64,
    MO_UO = MO_128,
    MO_SB = MO_SIGN | MO_8,
    MO_SW = MO_SIGN | MO_16,
    MO_SL = MO_SIGN | MO_32,
    MO_SQ = MO_SIGN | MO_64,

    MO_LEUW = MO_LE | MO_UW,
    MO_LEUL = MO_LE | MO_UL,
    MO_LEUQ = MO_LE | MO_UQ,
    MO_LESW = MO_LE | MO_SW,
    MO_LESL = MO_LE | MO_SL,
    MO_BEUW = MO_BE | MO_UW,
    MO_BEUL = MO_BE | MO_UL,
    MO_BEUQ = MO_BE | MO_UQ,
    MO_BESW = MO_BE | MO_SW,
    MO_BESL = MO_BE | MO_SL,

    MO_SSIZE = MO_SIZE | MO_SIGN, /* mask: what decides the value in the register */
} MemOp;

/* Bytes that @op touches. */
static inline unsigned memop_size(MemOp op)
{
    return 1u << (op & MO_SIZE);
}

/* The MemOp of an unsigned host-order access of @size bytes; @size is 1, 2, 4, 8 or 16. */
static inline MemOp size_memop(unsigned size)
{
    return (MemOp)__builtin_ctz(size);
}

/* Whether the bytes in memory are big-endian. */
static inline bool memop_big_endian(MemOp op)
{
    return (op & MO_BSWAP) == MO_BE;
}

#endif
