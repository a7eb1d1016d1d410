/* SPDX-License-Identifier: MIT */
/*
 * Register allocation and the seam to a host's emitters.
 *
 * One forward walk a block, guided by tcg_liveness(): an operand is put where the op's constraint
 * wants it, dying registers are freed, the result gets one, and the host's tgen_ function for the
 * op emits the code.
 *
 * Where values are: a global in env (its home), in a register (then env may be stale: dirty), or it
 * is a known constant that env does not have yet; a local in a register or in its spill slot. What
 * is dirty where an op may leave goes into that op's exit map instead of being stored.
 *
 * At edges (ra-edge.c): a successor with one predecessor inherits the state at the branch. A block
 * with several gets an entry state when the first edge into it is walked; moves, loads and stores
 * on the others bring that about. Globals that a loop uses stay in registers round its back edge,
 * dirty or not. Locals that cross an edge are in their slots.
 */
#ifndef TCG_REGALLOC_H
#define TCG_REGALLOC_H

#include "tcg-internal.h"

#define HOST_MAX_REGS 32
#define HOST_NO_REG 0xff
#define HOST_SLOTS 96 /* spill slots in the frame, 8 bytes each */

typedef enum HostArgKind {
    HOST_REG,
    HOST_IMM,
    HOST_MEM,  /* env + disp */
    HOST_SLOT, /* spill slot number disp; calls only */
} HostArgKind;

typedef struct HostArg {
    uint8_t kind;
    uint8_t reg;
    int32_t disp;
    uint64_t imm;
} HostArg;

/* Where a temp's value is. */
typedef struct RALoc {
    uint8_t reg;   /* or HOST_NO_REG */
    bool in_home;  /* env, or the spill slot, has it */
    uint16_t cst;  /* a global's value is this constant temp; or TCG_NONE */
    uint16_t slot; /* a local's spill slot, or TCG_NONE */
} RALoc;

/* Where values are at an edge. Locals in it are in their slots as well. */
typedef struct RAState {
    uint16_t reg_temp[HOST_MAX_REGS];
    uint64_t dirty;                /* globals whose env copy is stale */
    uint64_t cst_mask;             /* those of them that are constants and in no register */
    uint16_t cst[TCG_MAX_GLOBALS]; /* of the globals in cst_mask */
} RAState;

/* The way of a conditional branch into a block that expects another state. */
typedef struct RAEdge {
    RAState state;
    uint16_t block;
    bool needs_code;
} RAEdge;

/* Labels of edges are numbered behind those of blocks. */
#define HOST_MAX_LABELS (2 * TCG_MAX_BLOCKS)

#define RA_MAX_HADDRS 16 /* tcg_share() opens no more groups at a time */

typedef struct HostEmitter HostEmitter; /* the back end's: code pointer, stubs */

typedef struct RAContext {
    TCGContext *c;
    HostEmitter *e;
    RACheck *check;                   /* or NULL: ra-check.h */
    uint64_t dirty;                   /* globals whose env copy is stale */
    uint16_t reg_temp[HOST_MAX_REGS]; /* what a register holds, or TCG_NONE */
    uint32_t busy;                    /* registers that hold something */
    uint32_t pinned;                  /* not to be taken while one op is emitted */
    uint32_t used;                    /* callee-saved or not, ever taken: for reports */
    uint32_t nslots;
    uint64_t slots_free[2];
    uint16_t nhaddrs; /* living temps with TCG_TEMP_HADDR */
    uint16_t haddr[RA_MAX_HADDRS];
    bool failed;      /* no slot left: TCG_E_LIMIT */
    uint64_t insn_pc; /* of the last insn_start */
    uint16_t insn_idx;
    uint16_t pos;                 /* index of the op being emitted */
    RALoc fresh[TCG_MAX_GLOBALS]; /* [const] where globals are at the start */
    RALoc loc[TCG_MAX_TEMPS];
    uint16_t
        next[TCG_MAX_TEMPS]; /* position of the temp's next read in this block, TCG_NONE = none */
    uint32_t reserved;       /* registers that the loop around keeps globals in */
    uint8_t pref[TCG_MAX_GLOBALS]; /* where that loop wants a global, or HOST_NO_REG */
    uint16_t branch_label;         /* where the brcond being emitted goes */
    uint16_t nedges;
    bool has_entry[TCG_MAX_BLOCKS]; /* entry[] of the block is set */
    RAState entry[TCG_MAX_BLOCKS];
    RAEdge edge[TCG_MAX_BLOCKS];
} RAContext;

/* ---- what a host provides; regalloc.c calls it by way of ra-check.h -------------------------- */

/*
 * Constraint of an op: one letter a temp operand, results first.
 *   results: r any register of its class, may be that of an operand that dies
 *            & distinct from every operand
 *            0 the register of the first operand if that dies, else distinct from the others;
 *              the emitter moves the first operand there
 * operands: r register; i register or 32-bit signed immediate; m register, such an immediate or
 * env;
 *            g register, any immediate or env; c register or any immediate (shift counts)
 */
typedef void (*TGenFn)(RAContext *ra, const TCGOp *op, unsigned out, const HostArg *in);

typedef struct HostOpDef {
    const char *constraint;
    TGenFn gen; /* NULL: the op is a C call, made by host_call() */
} HostOpDef;

extern const HostOpDef host_op_defs[TCG_NB_OPS];
extern const uint32_t host_class_regs[2];  /* allocatable, by TCGClass */
extern const uint32_t host_count_reg;      /* not allocatable where layout.counts */
extern const uint32_t host_call_clobbered; /* lost across a C call */
extern const uint8_t host_scratch[2];      /* by TCGClass: free between ops */

void host_mov(RAContext *ra, TCGClass cls, unsigned dst, unsigned src);
/* The low half, zero-extended. */
void host_mov32(RAContext *ra, unsigned dst, unsigned src);
void host_load_imm(RAContext *ra, TCGClass cls, unsigned dst, uint64_t imm);
void host_load_env(RAContext *ra, TCGClass cls, unsigned dst, int32_t offset);
void host_store_env(RAContext *ra, TCGClass cls, int32_t offset, unsigned src);
void host_store_env_imm(RAContext *ra, int32_t offset, uint64_t imm);
void host_load_slot(RAContext *ra, TCGClass cls, unsigned dst, unsigned slot);
void host_store_slot(RAContext *ra, TCGClass cls, unsigned slot, unsigned src);
/* Code of the guest instruction at insn_pc begins here. */
void host_insn_start(RAContext *ra);
/* @label, the number of a block or edge, is here; or where @other is. */
void host_label(RAContext *ra, unsigned label);
void host_label_alias(RAContext *ra, unsigned label, unsigned other);
/* Unconditional jump to @label. */
void host_jump(RAContext *ra, unsigned label);
/*
 * The C call that @op is or stands for, operands where @in says; its result stays in the ABI's
 * register...
 */
void host_call(RAContext *ra, const TCGOp *op, const HostArg *in);
/* ...until it is fetched. host_call_check() leaves by an exit map if the status is not zero. */
void host_call_check(RAContext *ra);
void host_call_result(RAContext *ra, TCGClass cls, unsigned dst);

/* ---- for emitters ---------------------------------------------------------------------------- */

/* Once, before the first ra_run(). */
void ra_init(RAContext *ra);
/* Translate the whole of @c; false: out of slots or states. */
bool ra_run(RAContext *ra);

/* Bring all dirty globals home; they stay in registers. */
void ra_sync_globals(RAContext *ra, uint64_t mask);
/* Writes the exit map of this point to @out, at most RA_MAP_MAX bytes; returns its length. */
unsigned ra_exit_map(const RAContext *ra, uint8_t *out);
#define RA_MAP_MAX (1 + TCG_MAX_GLOBALS * 11)
#define RA_MAP_CONST TCG_MAX_GLOBALS
/*
 * Numbers of variable length in exit maps and stubs: seven bits a byte, the least significant
 * first, signed ones with the sign in bit 0; at most ten bytes. All return where they end.
 */
static inline uint8_t *ra_put_number(uint8_t *p, uint64_t n)
{
    for (; n >= 0x80; n >>= 7) {
        *p++ = (uint8_t)(n | 0x80);
    }
    *p++ = (uint8_t)n;
    return p;
}

static inline const uint8_t *ra_get_number(const uint8_t *p, uint64_t *n)
{
    unsigned shift = 0;

    for (*n = 0; unlikely(*p & 0x80); shift += 7) {
        *n |= (uint64_t)(*p++ & 0x7f) << shift;
    }
    *n |= (uint64_t)*p << shift;
    return p + 1;
}

static inline uint8_t *ra_put_signed(uint8_t *p, int64_t n)
{
    return ra_put_number(p, (uint64_t)n << 1 ^ (uint64_t)(n >> 63));
}

static inline const uint8_t *ra_get_signed(const uint8_t *p, int64_t *n)
{
    uint64_t u;

    p = ra_get_number(p, &u);
    *n = (int64_t)(u >> 1 ^ -(u & 1));
    return p;
}

/* Build env from a map. @offsets: of globals in env; @regs: saved registers by number. */
void ra_map_restore(const uint8_t *map, const int32_t *offsets, const uint64_t *regs, void *env);

/* Registers of @cls that this code may use. */
static inline uint32_t ra_regs(const RAContext *ra, TCGClass cls)
{
    return host_class_regs[cls] & ~(ra->c->layout->counts ? host_count_reg : 0);
}

/* ---- between regalloc.c and ra-edge.c -------------------------------------------------------- */

void ra_reg_free(RAContext *ra, unsigned reg);
void ra_reg_give(RAContext *ra, unsigned reg, uint16_t t);
void ra_loc_reset(RAContext *ra, uint16_t t, bool in_home);
/* Make @t's home up to date; the register keeps the value. */
void ra_sync_temp(RAContext *ra, uint16_t t);

/* No edge has been walked. */
void ra_edges_reset(RAContext *ra);
/* The state at the start of @block; @fallen_into: the code of its predecessor ends here. */
void ra_block_start(RAContext *ra, unsigned block, bool fallen_into);
/* Before the op that ends block @b is emitted, or NULL where it has none. */
void ra_before_end(RAContext *ra, const TCGBlock *b, const TCGOp *ending);
/* Behind the last op of @b; @next: the block that follows in the layout, or TCG_NONE. */
void ra_block_end(RAContext *ra, const TCGBlock *b, const TCGOp *ending, unsigned next);
/* The code of edges that need some. */
void ra_edges_emit(RAContext *ra);

static inline bool ra_is_global(const RAContext *ra, uint16_t t)
{
    return t < ra->c->nglobals;
}

static inline TCGClass ra_temp_class(const RAContext *ra, uint16_t t)
{
    return (TCGClass)ra->c->temps[t].cls;
}

#endif
