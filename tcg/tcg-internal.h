/* SPDX-License-Identifier: MIT */
/*
 * What the parts of the code generator share: the records of the IR, the results of the passes, and
 * the entry points between builder, passes, register allocator and back ends.
 *
 * Everything lives in arrays inside TCGContext, addressed by 16-bit indices, and is reset in time
 * proportional to what was used. Nothing is allocated per op.
 *
 * Order of work (tcg.c):
 *   build        the emitters fold, number values and propagate copies as they append ops
 *   tcg_copyprop TCG_OPT_FULL only: replays the ops through the emitters, with what is known on
 *                every edge into a block
 *   tcg_dce      TCG_OPT_FULL only: unreachable blocks, jumps to the next block
 *   tcg_narrow   TCG_OPT_FULL only: ops of 32 bits where these are enough
 *   tcg_share    one TLB check for several accesses
 *   tcg_liveness one backward walk: removes dead ops (they become TCG_OP_nop), fills TCGLife and
 *                the live masks of TCGBlock
 *   tcg_host_compile or tcg_interp_compile: one forward walk a block
 */
#ifndef TCG_TCG_INTERNAL_H
#define TCG_TCG_INTERNAL_H

#include "tcg/tcg.h"
#include "tcg/tcg-opcodes.h"

#define TCG_NONE 0xffff

#define TCG_MAX_INS 6
#define TCG_MAX_CROSS 64 /* locals that live across the end of a block: one bit each */
#define TCG_NO_CROSS 0xff
#define TCG_HASH_LOG2 10
#define TCG_HASH_SIZE (1 << TCG_HASH_LOG2)
#define TCG_ALIAS_NR 6

/* ---- temps ------------------------------------------------------------------------------- */

typedef enum TCGTempKind {
    TCG_TEMP_GLOBAL,
    TCG_TEMP_LOCAL,
    TCG_TEMP_CONST, /* belongs to both register classes */
} TCGTempKind;

typedef enum TCGClass {
    TCG_CLASS_INT,
    TCG_CLASS_FP,
} TCGClass;

enum {
    /* Builder only: a local that no op defines, its value went straight into a global. */
    TCG_TEMP_VIRTUAL = 1 << 0,
    TCG_TEMP_BOXED = 1 << 1, /* FP class: the upper half is all ones (a boxed F32) */
    /* A host address by tlb_test: slow paths of accesses set it to 0. */
    TCG_TEMP_HADDR = 1 << 2,
};

typedef struct TCGTemp {
    uint64_t value; /* of a constant */
    int32_t offset; /* of a global, in env */
    uint16_t block; /* where a local is defined */
    uint16_t def;   /* the op that defines a local */
    uint8_t kind;   /* TCGTempKind */
    uint8_t cls;    /* TCGClass */
    uint8_t flags;
    uint8_t cross; /* index into TCGContext.cross, or TCG_NO_CROSS: one block only */
    /* Value numbering. A value is named by a temp: a local by itself, a global's value at the
     * block's start by the global. */
    uint16_t val;    /* name of the value that the temp has here */
    uint16_t holder; /* as a name: the global that was last assigned this value, or TCG_NONE;
                         * it still has it if its val says so */
    /* As a name: 64-bit value == its low ubits zero-extended == its low sbits sign-extended. */
    uint8_t ubits;
    uint8_t sbits;
} TCGTemp;
QEMU_BUILD_BUG_ON(sizeof(TCGTemp) > 32);

/* ---- ops --------------------------------------------------------------------------------- */

typedef struct TCGOp {
    uint8_t opc;  /* TCGOpcode; TCG_OP_nop = removed, to be skipped */
    uint8_t type; /* TCGType: the width it works on */
    uint8_t nin;
    uint8_t flags; /* the back end's */
    uint16_t out;  /* temp, or TCG_NONE */
    uint16_t aux;  /* the back end's */
    int32_t imm[3];
    uint16_t in[TCG_MAX_INS];
} TCGOp;
QEMU_BUILD_BUG_ON(sizeof(TCGOp) != 32);

/*
 * Liveness of one op, filled by tcg_liveness(), in ops' order. Positions are indices into
 * TCGContext.ops; TCG_NONE = not read again as an operand before it is assigned or the code ends.
 * A read in another block counts as one at the end of this block. If a temp is several operands of
 * one op, their entries are alike.
 *
 * "After" an op means that it has not left. An op that may leave does so with every global as it
 * was before: its exit map is made before dead operands are given up. For a call the globals that
 * its row reads or writes must be in env before; registers of those that it writes are stale after.
 */
typedef struct TCGLife {
    uint16_t next[TCG_MAX_INS]; /* where in[k] is read next */
    uint16_t out_next;          /* where out is read next */
    /*
     * Bit k: the value of in[k] is dead after this op. A local's register is free. A global's
     * register is free and *need not be stored*: it is assigned again before anything can observe
     * it. A global with next == TCG_NONE and no dead bit is not read again, but has to reach env
     * (if dirty) or be named by exit maps.
     */
    uint8_t dead;
    bool out_dead; /* out is neither read nor observable; kept for the op's effects */
} TCGLife;
QEMU_BUILD_BUG_ON(sizeof(TCGLife) != 16);

/* ---- blocks ------------------------------------------------------------------------------ */

typedef struct TCGBlock {
    uint16_t first, end; /* ops [first, end); only an op at end - 1 may end or branch */
    uint16_t succ[2];    /* [0]: br's target or the block fallen into, [1]: brcond's target */
    uint16_t order;      /* position in TCGContext.order, TCG_NONE = not placed */
    uint16_t npred;      /* edges into it; the entry block counts the entry as one */
    uint8_t loop_depth;  /* 0 = outside any loop */
    bool loop_header;    /* target of a back edge */
    bool has_poll;
    bool reachable;
    /* Filled by tcg_liveness(). Bit n is global n. */
    uint64_t use_in;            /* may be read as an operand before it is assigned */
    uint64_t live_in;           /* use_in, or observable by a trap or exit before it is assigned */
    uint64_t use_out, live_out; /* union over the successors; 0 for a block that exits */
    uint64_t cross_in, cross_out; /* the same of TCGContext.cross */
    uint64_t used, assigned;      /* globals that ops of this block read, assign */
} TCGBlock;

/* ---- definitions ------------------------------------------------------------------------- */

typedef struct TCGOpDef {
    const char *name;
    uint8_t nout, nin, nimm;
    char types; /* I, C, L, F or N, see tcg-opc.def */
    bool has_eval;
    uint16_t effects;
    const char *imms; /* a letter each */
    const char *cls;  /* "*" for call */
} TCGOpDef;

extern const TCGOpDef tcg_op_defs[TCG_NB_OPS];

/* A helper row, parsed once by tcg_context_new(). */
typedef struct TCGHelperInfo {
    const char *name;
    void *func;
    uint64_t reads, writes; /* globals that it accesses in env */
    uint32_t alias;
    uint16_t flags;               /* TCG_HF_* */
    uint8_t nparams;              /* C parameters, env included */
    uint8_t nargs;                /* operands of the op: parameters without env */
    char ret;                     /* 'v', 'i', 'l', 'f' */
    char params[TCG_MAX_INS + 1]; /* 'i', 'l', 'f', 'e' in C order */
    char args[TCG_MAX_INS];       /* params without 'e': class of in[k] is FP if 'f' */
} TCGHelperInfo;

/* Effects of @op, a call's row taken into account. */
unsigned tcg_op_effects(const TCGContext *c, const TCGOp *op);

/* ---- context ----------------------------------------------------------------------------- */

typedef struct RACheck RACheck; /* ra-check.h */
typedef struct TCGDirect TCGDirect;

struct TCGContext {
    const TCGLayout *layout;
    TCGHelperInfo *helpers;
    unsigned nhelpers;

    uint64_t cookie, pc;
    unsigned mmu_idx;
    bool pcrel; /* tcg_set_pcrel() */

    unsigned nglobals, ntemps, nops, nblocks, norder, ncross;
    unsigned naccesses;   /* accesses to guest memory: no more than these */
    uint64_t all_globals; /* mask of the declared ones */
    uint64_t renamed;     /* builder: globals whose value has another name than their own */
    bool has_back_edge;
    bool overflow; /* a limit was hit: emitters do nothing, compile says TCG_E_LIMIT */
    TCGOptLevel build_level;
    TCGOptLevel level; /* of the passes, and of what the back end does */
    bool for_interp;

    /* Builder state. */
    uint16_t cur_block;          /* TCG_NONE after an end: ops are dropped until tcg_place() */
    bool keep_marks;             /* all insn_starts, for the reader of -d op */
    bool mark_pending;           /* mark is the last insn_start, and no op has needed it yet */
    uint16_t gen_const, gen_cse; /* entries of another generation are empty */
    uint16_t alias_version[TCG_ALIAS_NR];
    uint32_t const_hash[TCG_HASH_SIZE]; /* generation << 16 | temp */
    uint32_t cse_hash[TCG_HASH_SIZE];   /* generation << 16 | op */
    uint16_t cross[TCG_MAX_CROSS];

    uint16_t order[TCG_MAX_BLOCKS]; /* blocks in layout order */
    TCGBlock blocks[TCG_MAX_BLOCKS];
    TCGTemp temps[TCG_MAX_TEMPS];
    TCGOp ops[TCG_MAX_OPS];
    TCGLife life[TCG_MAX_OPS];
    TCGOp mark;
    uint64_t op_vals[TCG_MAX_OPS];    /* names of up to four operand values: key of the CSE */
    uint16_t op_val[TCG_MAX_OPS];     /* name of the result's value */
    uint16_t next_use[TCG_MAX_TEMPS]; /* liveness's cursor */
    const char *global_names[TCG_MAX_GLOBALS];

    TCGDirect *direct; /* NULL: ops are appended; else carried out at once (direct.c) */
    TCGDirect *direct_memory;
    struct Share *share_memory; /* share.c's */
    RACheck *ra_check;          /* NULL: register allocation is not checked */
    void *host;                 /* the host back end's per-context memory; see tcg_host_init() */
};

static inline const TCGTemp *tcg_temp(const TCGContext *c, uint16_t idx)
{
    return &c->temps[idx];
}

static inline bool tcg_temp_is_const(const TCGContext *c, uint16_t idx)
{
    return c->temps[idx].kind == TCG_TEMP_CONST;
}

/* Class of @op's result. */
static inline TCGClass tcg_op_out_class(const TCGContext *c, const TCGOp *op)
{
    char letter = op->opc == TCG_OP_call ? c->helpers[op->imm[0]].ret : tcg_op_defs[op->opc].cls[0];

    return letter == 'f' ? TCG_CLASS_FP : TCG_CLASS_INT;
}

/* Class of its operand @k. */
static inline TCGClass tcg_op_in_class(const TCGContext *c, const TCGOp *op, unsigned k)
{
    const TCGOpDef *def = &tcg_op_defs[op->opc];
    char letter = op->opc == TCG_OP_call ? c->helpers[op->imm[0]].args[k] : def->cls[def->nout + k];

    return letter == 'f' ? TCG_CLASS_FP : TCG_CLASS_INT;
}

/* ---- evaluation, folding ------------------------------------------------------------------- */

/*
 * The value of a pure op (has_eval) for operand values @in, by its EVAL column. Operands may have
 * any upper half; the result is what a temp holds. @bits 32 or 64 (the fold tests use 8).
 */
uint64_t tcg_op_eval(unsigned opc, unsigned bits, const uint64_t in[4], int32_t i0, int32_t i1);

/* Builds for debugging and sanitizers verify the IR after every pass, and register allocation. */
#if !defined(__OPTIMIZE__) || defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TCG_CHECK 1
#else
#define TCG_CHECK 0
#endif

/* ---- passes -------------------------------------------------------------------------------- */

/* False, and a message naming block and op, if the IR breaks an invariant of docs/tcg.md. */
bool tcg_verify(TCGContext *c, GString *why);
/* Recomputes successors, predecessor counts, loop depth and reachability of all blocks. */
void tcg_flow(TCGContext *c);
/*
 * Insert @n ops, from the end on. @insert is given each op, number @i in block @block, as pair[1];
 * where it adds one it puts the two into pair, in their order, and returns true.
 */
typedef bool TCGInsertFn(void *opaque, unsigned block, unsigned i, TCGOp *pair);
void tcg_insert_ops(TCGContext *c, unsigned n, TCGInsertFn *insert, void *opaque);

/*
 * Position in the layout behind the last back edge to @header from before position @limit, as
 * tcg_flow() has found it; the header's own: there is none. Nested loops may have one header.
 */
unsigned tcg_loop_end(const TCGContext *c, unsigned header, unsigned limit);
/* What the emitters do to ops as they are appended, for code that was appended as it is. */
void tcg_fold(TCGContext *c);
void tcg_copyprop(TCGContext *c);
void tcg_dce(TCGContext *c);
/* 32-bit operations where upper halves are not wanted; rotations. */
void tcg_narrow(TCGContext *c);
/* Accesses near each other make one check. */
void tcg_share(TCGContext *c);
/* @remove_dead: dead ops become TCG_OP_nop */
void tcg_liveness(TCGContext *c, bool remove_dead);
/* The passes of @level in order. */
void tcg_optimize(TCGContext *c, TCGOptLevel level);

/* ---- text IR ------------------------------------------------------------------------------- */

/* Appends one op's text, without newline. */
void tcg_dump_op(const TCGContext *c, const TCGOp *op, GString *out);
/**
 * tcg_parse - build code from text IR, exactly as written: nothing is folded
 * Starts with tcg_begin(). Globals and helpers are looked up by name in @c.
 * On failure returns false and says in @why which line is wrong.
 */
bool tcg_parse(TCGContext *c, const char *text, GString *why);

/* ---- back ends ----------------------------------------------------------------------------- */

/* Called by tcg_context_new() and tcg_context_free(). Fills c->host. */
void tcg_host_init(TCGContext *c);
void tcg_host_finalize(TCGContext *c);
/* After tcg_liveness(). As tcg_compile(): @buf is advanced on TCG_OK only. */
TCGResult tcg_host_compile(TCGContext *c, TCGCodeBuf *buf, TCGCode *code);
TCGResult tcg_interp_compile(TCGContext *c, TCGCodeBuf *buf, TCGCode *code);
/* tcg_host_available(), tcg_prologue_gen(), tcg_exec() and tcg_link_set() (tcg.h) are the host back
 * end's as well; host-none.c has them where there is none. */

#endif
