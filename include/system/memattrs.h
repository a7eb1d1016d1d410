/* SPDX-License-Identifier: MIT */
/*
 * What a guest physical access carries and what comes back: MemTxAttrs, MemTxResult
 *
 * Plain values, no state, any thread. The access functions themselves are in system/memory.h.
 */

#ifndef SYSTEM_MEMATTRS_H
#define SYSTEM_MEMATTRS_H

/*
 * Attributes of one transaction. Passed by value (it is one register).
 */
typedef struct MemTxAttrs {
    unsigned unspecified : 1;   /* nothing is known about the initiator; all else is zero */
    unsigned user : 1;          /* issued in an unprivileged mode */
    unsigned debug : 1;         /* gdbstub, monitor, loader: no side effect is wanted */
    unsigned memory : 1;        /* for memory only: an I/O region answers MEMTX_ACCESS_ERROR */
    unsigned is_fetch : 1;      /* instruction fetch */
    unsigned requester_id : 16; /* bus master: PCI bus/device/function, or hart number */
} MemTxAttrs;

#define MEMTXATTRS_UNSPECIFIED ((MemTxAttrs){.unspecified = 1})

/*
 * Result of a transaction. Bits: a transfer that was split answers the union of its parts.
 */
typedef uint32_t MemTxResult;
#define MEMTX_OK 0u
#define MEMTX_ERROR (1u << 0)        /* the device answered with an error */
#define MEMTX_DECODE_ERROR (1u << 1) /* nothing there, or not for this size and alignment */
#define MEMTX_ACCESS_ERROR (1u << 2) /* this initiator may not: attrs.memory, re-entry */

#endif
