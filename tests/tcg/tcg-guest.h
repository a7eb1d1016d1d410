/* SPDX-License-Identifier: MIT */
/*
 * A guest for tests of the code generator: an env with globals, two pages of RAM behind a softmmu
 * TLB, helpers of several kinds. Everything is deterministic, so that two runs of the same code
 * from guest_reset() must end in the same bytes.
 */
#ifndef TESTS_TCG_GUEST_H
#define TESTS_TCG_GUEST_H

#include "qemu/bswap.h"
#include "tcg/tcg-op.h"

enum {
    GUEST_NX = 12, /* integer globals x0 to x11 */
    GUEST_NF = 4,  /* FP globals f0 to f3 */
    GUEST_PAGE_BITS = 12,
    GUEST_TLB_BITS = 4,
    GUEST_JC_BITS = 4,
    GUEST_RAM_VA = 0x4000, /* two pages, read and write */
    GUEST_RAM_SIZE = 0x2000,
    GUEST_ROM_VA = 0x6000,    /* a page: reads hit, stores take the slow path, and trap */
    GUEST_DEVICE_VA = 0x8000, /* a page: the slow path serves it */
    GUEST_FIELDS = 8,         /* 32-bit env fields that are no globals */
    GUEST_COOKIE = 0x7000,
};

typedef struct GuestTlbEntry {
    uint64_t read, write, addend, unused;
} GuestTlbEntry;

typedef struct GuestJumpEntry {
    uint64_t pc, key, code, unused;
} GuestJumpEntry;

typedef struct GuestEnv {
    uint64_t x[GUEST_NX], f[GUEST_NF];
    uint64_t pc;
#if HOST_BIG_ENDIAN
    int32_t poll;
    uint32_t jc_key;
#else
    uint32_t jc_key;
    int32_t poll;
#endif
    uint32_t insn_idx, unused;
    uint32_t field[GUEST_FIELDS];
    uint8_t rm, fflags;
    int64_t icount;
    GuestTlbEntry *tlb;
    GuestJumpEntry *jc;
    /* What helpers and slow paths have seen. */
    uint64_t device, fault_va, log;
} GuestEnv;

enum {
    GUEST_H_PURE,    /* l: ll, pure */
    GUEST_H_LOG,     /* l: e i l, hashes its operands into env->log */
    GUEST_H_TRAP,    /* l: e l, leaves with TCG_EXIT_TRAP if the operand is a multiple of 8 */
    GUEST_H_CLOBBER, /* v: e, reads x1 and x2, writes x2 and x3 */
    GUEST_H_FIELD,   /* i: e i, adds to field[0] (class CSR) */
    GUEST_H_FLOAT,   /* f: f l */
    GUEST_H_SIX,     /* l: l six times */
    GUEST_H_COUNT,   /* l: e, env->icount: after icount_sync */
    GUEST_NR_HELPERS,
};

extern TCGLayout guest_layout;
extern uint8_t guest_ram[GUEST_RAM_SIZE + (1 << GUEST_PAGE_BITS)];

/* A context with the guest's globals declared, in the order x0..., f0... */
TCGContext *guest_context_new(void);
static inline TCGv guest_x(unsigned n)
{
    return (TCGv){n};
}
static inline TCGv guest_f(unsigned n)
{
    return (TCGv){GUEST_NX + n};
}

/* Fill @env and RAM with what follows from @seed; TLB and jump cache as described above. */
void guest_reset(GuestEnv *env, uint64_t seed);
/* The same with zeros for random numbers, but 11, 22, 33 and 44 in x0 to x3. */
void guest_reset_plain(GuestEnv *env);

/* The next number of a reproducible sequence. */
uint64_t guest_random(uint64_t *state);

/* Back ends. */
typedef enum GuestEngine {
    GUEST_INTERP,
    GUEST_HOST,
} GuestEngine;

/**
 * guest_run - compile what @c holds and run it on @env
 * @code: what was compiled, for its sizes; may be NULL
 * Returns what the code returned. The compiled code is gone afterwards.
 */
uint64_t guest_run(TCGContext *c, TCGOptLevel level, GuestEngine engine, GuestEnv *env,
                   TCGCode *code);

#endif
