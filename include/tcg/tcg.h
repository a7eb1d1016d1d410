/* SPDX-License-Identifier: MIT */
/*
 * The code generator: builds, optimises and compiles the intermediate representation.
 *
 * A pure compiler: it knows no CPUState, no guest and no translation block. What it must know of
 * its user (where env keeps the softmmu TLB, the poll word, the jump cache; which C functions
 * serve the slow paths) comes as data in TCGLayout; what it hands back is code, link sites and
 * exit maps.
 *
 * Model
 *   - A temp holds 64 bits. Globals (at most 64) live in env and are mutable; locals are assigned
 *     exactly once, and used where that assignment dominates; constants are interned.
 *   - Ops work on I32 or I64 (F32, F64). An I32 op reads the low halves and zero-extends its
 *     result.
 *   - Code is a list of basic blocks in layout order. Block 0 is the entry: every global is in
 *     env.
 *   - Exact state: an op with TCG_EF_TRAP (and a call whose row says so) may leave in the middle.
 *     It then leaves with the globals as they were assigned before it, and the pc of its
 *     insn_start. So a translator assigns an instruction's destination after its last trapping op.
 *   - Nothing is stored for that on the fast path: the back end writes an exit map per trapping
 *     op, from which C builds env when the code is really left.
 *
 * Threads: a TCGContext belongs to one thread. Code memory is shared; TCGCodeBuf is the caller's
 * to lock. Patching a link is safe against running code.
 */
#ifndef TCG_TCG_H
#define TCG_TCG_H

#include "qemu/memop.h"

typedef struct TCGContext TCGContext;

/* A temp's handle. Index 0 to 63 are the globals. */
typedef struct TCGv {
    uint16_t idx;
} TCGv;

#define TCG_MAX_GLOBALS 64
#define TCG_MAX_TEMPS 4096
#define TCG_MAX_OPS 8192
#define TCG_MAX_BLOCKS 256
#define TCG_MAX_SLOTS 16
#define TCG_NO_EVAL 0

typedef enum TCGType {
    TCG_I32,
    TCG_I64,
    TCG_F32,
    TCG_F64,
    TCG_VOID,
} TCGType;

typedef enum TCGEffect {
    TCG_EF_COMMUTES = 1 << 0,
    TCG_EF_READ_ENV = 1 << 1,
    TCG_EF_WRITE_ENV = 1 << 2,
    TCG_EF_READ_MEM = 1 << 3,
    TCG_EF_WRITE_MEM = 1 << 4,
    TCG_EF_TRAP = 1 << 5,        /* may leave here: every global is observable */
    TCG_EF_CALL = 1 << 6,        /* effects come from the helper's row */
    TCG_EF_MARK = 1 << 7,        /* emits nothing, kept in place */
    TCG_EF_END = 1 << 8,         /* ends its block */
    TCG_EF_COND_BRANCH = 1 << 9, /* ends its block or falls through */
    TCG_EF_EXIT = 1 << 10,       /* leaves the code: every global is in env afterwards */
    TCG_EF_FP = 1 << 11,         /* reads the rounding mode, accumulates flags */
} TCGEffect;

/* In pairs: each is followed by its opposite. */
typedef enum TCGCond {
    TCG_COND_NEVER,
    TCG_COND_ALWAYS,
    TCG_COND_EQ,
    TCG_COND_NE,
    TCG_COND_LT,
    TCG_COND_GE,
    TCG_COND_LE,
    TCG_COND_GT,
    TCG_COND_LTU,
    TCG_COND_GEU,
    TCG_COND_LEU,
    TCG_COND_GTU,
    TCG_COND_TSTEQ, /* (a & b) == 0 */
    TCG_COND_TSTNE, /* (a & b) != 0 */
} TCGCond;

/* Holds where @cond does not. */
static inline TCGCond tcg_invert_cond(TCGCond cond)
{
    return (TCGCond)(cond ^ 1);
}

typedef enum TCGRmwOp {
    TCG_RMW_XCHG,
    TCG_RMW_ADD,
    TCG_RMW_AND,
    TCG_RMW_OR,
    TCG_RMW_XOR,
    TCG_RMW_SMIN,
    TCG_RMW_SMAX,
    TCG_RMW_UMIN,
    TCG_RMW_UMAX,
} TCGRmwOp;

typedef enum TCGBar {
    TCG_BAR_LD_LD = 1,
    TCG_BAR_ST_LD = 2, /* an earlier store before a later load: the only one x86 needs code for */
    TCG_BAR_LD_ST = 4,
    TCG_BAR_ST_ST = 8,
    TCG_BAR_ALL = 15,
    TCG_BAR_RMW_LD = 16, /* an earlier atomic access before a later load */
} TCGBar;

/* Alias classes of env accesses and of helper rows: accesses of different classes never overlap. */
typedef enum TCGAlias {
    TCG_ALIAS_OTHER, /* may overlap any class but the globals */
    TCG_ALIAS_CSR,
    TCG_ALIAS_RESERVATION,
    TCG_ALIAS_FPSTATUS,
    TCG_ALIAS_COUNT,
    TCG_ALIAS_VECTOR,
} TCGAlias;

enum {
    TCG_FMA_NEG_PRODUCT = 1,
    TCG_FMA_NEG_ADDEND = 2
};
enum {
    TCG_FCMP_EQ,
    TCG_FCMP_LT,
    TCG_FCMP_LE
};
enum {
    TCG_FSGNJ_COPY,
    TCG_FSGNJ_NEG,
    TCG_FSGNJ_XOR
};

/* goto_link immediates */
enum {
    TCG_LINK_SAME_PAGE = 0,  /* target in the page of this code: patched jump */
    TCG_LINK_CROSS_PAGE = 1, /* guarded by the fetch TLB's entry of the target's page */
    TCG_LINK_COUNTED = 2,    /* or'ed: counts, and leaves with TCG_EXIT_HOT where that is enough */
    TCG_LINK_POLLS = 4,      /* or'ed: leaves as unlinked if the poll word is set */
};

/* A MemOpIdx: MemOp in bits 0 to 15, MMU index in bits 16 to 23. */
typedef uint32_t MemOpIdx;
/* Of tlb_test only, among the MemOp bits: tests for stores, else for loads. */
enum {
    TCG_TLB_TEST_WRITE = 1 << 15
};
static inline MemOpIdx make_memop_idx(MemOp op, unsigned mmu_idx)
{
    return (uint32_t)op | (mmu_idx << 16);
}
static inline MemOp get_memop(MemOpIdx oi)
{
    return (MemOp)(oi & 0xffff);
}
static inline unsigned get_mmuidx(MemOpIdx oi)
{
    return oi >> 16;
}

/*
 * What generated code returns. Values below TCG_EXIT_LINK_MIN are a TCGExit; any other value is the
 * cookie of the code that was left (tcg_begin(), 16-byte aligned) with the number of the goto_link
 * slot in its low four bits: env.pc is the target, the caller may patch the link.
 */
typedef enum TCGExit {
    TCG_EXIT_LOOKUP, /* go on at env.pc */
    TCG_EXIT_POLL,   /* the poll word was set; go on at env.pc */
    TCG_EXIT_TRAP,  /* a helper or memory access recorded an exception; env.pc is its instruction */
    TCG_EXIT_LEAVE, /* state that translation depends on has changed; go on at env.pc */
    TCG_EXIT_HALT,  /* the guest waits for an interrupt; env.pc is the next instruction */
    TCG_EXIT_DEBUG, /* breakpoint or single step; env.pc is the next instruction to execute */
    TCG_EXIT_YIELD, /* spin hint: let other harts of this thread run; go on at env.pc */
    TCG_EXIT_HOT,   /* a counted link has been taken often; go on at env.pc, its target */
    TCG_EXIT_ICOUNT, /* fewer instructions are allowed than come next; go on at env.pc */
    TCG_EXIT_USER0,  /* first of the translator's own codes */
    TCG_EXIT_LINK_MIN = 16,
} TCGExit;

/*
 * Result of a helper that may trap (row flag TCG_HF_TRAP), and of memory slow paths: both words are
 * returned in registers. @status 0 = go on with @value; else a TCGExit (TCG_EXIT_TRAP,
 * TCG_EXIT_LEAVE...) with which the code is left, env.pc and globals set to the state before the
 * instruction.
 */
typedef struct TCGRet {
    uint64_t value;
    uint64_t status;
} TCGRet;

/* ---- helpers ---------------------------------------------------------------------------- */

typedef enum TCGHelperFlag {
    TCG_HF_PURE = 1 << 0,    /* result depends on operands only: may be folded, merged, removed */
    TCG_HF_TRAP = 1 << 1,    /* returns TCGRet */
    TCG_HF_NO_MEM = 1 << 2,  /* touches no guest memory */
    TCG_HF_USES_FP = 1 << 3, /* uses host floating point: flags are folded around it */
    TCG_HF_BLOCKS = 1 << 4,  /* may block (BQL, device access) */
    TCG_HF_STATE = 1 << 5,   /* may change flags word, TLB or poll word; ends its block soon */
} TCGHelperFlag;

/*
 * One row a helper. @sig: result letter then one a parameter: v none, i int32/uint32 (passed
 * zero-extended), l 64-bit, f 64 raw bits of an FP register, e env. "le ll"-style without spaces,
 * for example "leil": returns 64 bits, takes env, i32, i64. With TCG_HF_TRAP the C function returns
 * TCGRet whatever the letter is.
 * @reads, @writes: masks of globals that it accesses in env (bit = global index); globals not named
 * may stay in registers across the call. @alias: TCGAlias classes that it writes, one bit a class.
 */
typedef struct TCGHelper {
    const char *name;
    void *func;
    const char *sig;
    uint32_t flags;
    uint32_t alias;
    uint64_t reads;
    uint64_t writes;
} TCGHelper;

/* ---- what the compiler is told of its user ------------------------------------------------ */

/*
 * Softmmu TLB: for MMU index m a table at *(void **)(env + tlb_table + m * tlb_table_stride), of
 * (1 << tlb_bits) entries of (1 << tlb_entry_bits) bytes; page_bits + tlb_bits <= 32. The entry of
 * address va is number (va >> page_bits) & ((1 << tlb_bits) - 1). With PAGE = -(1 << page_bits), an
 * access of s bytes hits if the tag for its kind equals
 *     va & (PAGE | (s - 1))    where it must be aligned (MO_ALIGN, atomics),
 *     (va + s - 1) & PAGE      where it need not be.
 * One compare so catches another page, a page crossing and misalignment. Tags of unusable or
 * special entries have a bit set between bit 4 and page_bits: lower ones would match misaligned
 * addresses. The host address is va + addend. Whoever may write may read: atomics
 * look at the tag for writing only.
 *
 * Fetch TLB, for cross-page links and guard_page: the entry of page p, for the MMU index that the
 * code was translated for, is at
 * env + fetch_tlb + ((mmu_idx << fetch_tlb_bits) + ((p >> page_bits) & mask)) * 16:
 * {tag = page address, number = physical address >> page_bits; a guard compares the low 32 bits}.
 *
 * Jump cache: a table at *(void **)(env + jc_table) of (1 << jc_bits) entries of 32 bytes
 * {pc, key, code, unused}; the entry of pc is number (pc >> 1) & mask; it hits if pc and
 * *(uint64_t *)(env + jc_key) match. The code is of the back end that looks. jc_bits == 0: none.
 * goto_indirect polls if the poll word is a part of those eight bytes, zero in all entries.
 *
 * Counters of counted links: int32_t at env + hot_table + 4 * tcg_hot_index(); a link counts down
 * that of its target's pc, and leaves once it is negative, its index in hot_hit. hot_bits == 0:
 * links do not count.
 *
 * code_page: while code of tcg_set_pcrel() runs, the address of the page in which it begins.
 */
typedef struct TCGLayout {
    int32_t env_bias; /* added to env for the host base register: near what is hot */
    int32_t pc;       /* uint64_t: where exits store the guest pc */
    int32_t poll;     /* int32_t */
    int32_t insn_idx; /* uint32_t: exits in the middle store insn_start's index */
    /*
     * Code may count (icount). Slow paths of memory accesses see all globals, the count and
     * insn_idx in env as exits do; insn_idx is 0 after them.
     */
    bool counts;
    int32_t icount; /* int64_t: how many instructions are left */
    /*
     * No two harts run at once: atomic accesses need be so for the hart itself only, and order
     * nothing, except by TCG_BAR_RMW_LD. May change until code is compiled.
     */
    bool one_hart;
    int32_t tlb_table, tlb_table_stride;
    uint8_t tlb_bits, tlb_entry_bits, page_bits;
    uint8_t tlb_tag_read, tlb_tag_write, tlb_addend; /* offsets within an entry */
    int32_t fetch_tlb;
    uint8_t fetch_tlb_bits;
    int32_t jc_table, jc_key;
    uint8_t jc_bits;
    int32_t hot_table;
    uint8_t hot_bits;
    int32_t hot_hit;   /* uint32_t: of the last TCG_EXIT_HOT */
    int32_t code_page; /* uint64_t */
    int32_t fp_rm;     /* uint8_t: rounding mode in RISC-V's encoding */
    int32_t fp_flags;  /* uint8_t: fflags */
    /*
     * Slow paths, called with va complete. Not NULL. The host's floating-point state is the
     * guest's: see tcg_host_fp_begin().
     */
    TCGRet (*ld_slow)(void *env, uint64_t va, MemOpIdx oi);
    TCGRet (*st_slow)(void *env, uint64_t va, uint64_t val, MemOpIdx oi);
    TCGRet (*rmw_slow)(void *env, uint64_t va, uint64_t val, MemOpIdx oi, uint32_t rmw_op);
    TCGRet (*cas_slow)(void *env, uint64_t va, uint64_t cmp, uint64_t val, MemOpIdx oi);
    /* helpers of the translator, NULL name ends the table */
    const TCGHelper *helpers;
} TCGLayout;

/* Offset in env of the fetch TLB's entry for the page of @pc. */
static inline int32_t tcg_fetch_entry(const TCGLayout *l, unsigned mmu_idx, uint64_t pc)
{
    uint32_t page = (uint32_t)(pc >> l->page_bits) & ((1u << l->fetch_tlb_bits) - 1);

    return l->fetch_tlb + (int32_t)((mmu_idx << l->fetch_tlb_bits) + page) * 16;
}

/* The counter of links to guest address @pc. */
static inline unsigned tcg_hot_index(const TCGLayout *l, uint64_t pc)
{
    return (uint32_t)((pc >> 1) * UINT64_C(0x9e3779b97f4a7c15) >> (64 - l->hot_bits));
}

/* ---- context and building ------------------------------------------------------------------ */

/**
 * tcg_context_new - a compiler for one thread
 * @layout: kept by reference, constant
 */
TCGContext *tcg_context_new(const TCGLayout *layout);
void tcg_context_free(TCGContext *c);

/** tcg_global_new - declare a global of class @type (TCG_I64 or TCG_F64) at env + @offset */
TCGv tcg_global_new(TCGContext *c, TCGType type, int32_t offset, const char *name);

typedef enum TCGOptLevel {
    TCG_OPT_NONE,  /* as built: for tests and one-insn-per-tb */
    TCG_OPT_QUICK, /* what is done while ops are appended, checks that are shared, liveness */
    TCG_OPT_FULL,  /* what pays on hot code only */
} TCGOptLevel;

/**
 * tcg_set_opt - how much the emitters simplify, from the next tcg_begin() on
 * TCG_OPT_NONE appends ops as given; any other level folds and numbers values. The default is
 * TCG_OPT_QUICK. Passes are chosen by tcg_compile()'s argument.
 */
void tcg_set_opt(TCGContext *c, TCGOptLevel level);

/**
 * tcg_set_check - replay each register allocation symbolically; a mistake in one aborts
 * On from the start in builds for debugging and sanitizers; costs tens of microseconds a piece.
 */
void tcg_set_check(TCGContext *c, bool on);

/**
 * tcg_begin - start a new piece of code
 * @cookie: what link exits return, 16-byte aligned, >= 16
 * @pc:     guest pc of the code's start: names it in dumps; guard_page and tcg_set_pcrel() count
 *          from its page
 * @mmu_idx: MMU index of instruction fetch
 */
void tcg_begin(TCGContext *c, uint64_t cookie, uint64_t pc, unsigned mmu_idx);
/**
 * tcg_set_pcrel - the code may run wherever its page is mapped
 *
 * Between tcg_begin() and the first op, for code that a host compiles, not the interpreter. Guest
 * addresses that ops name (insn_start, goto_link) are still those at which the code is translated:
 * exits add the distance to where it runs. Values are made by tcg_pc(). TCGCode says where such
 * code is entered.
 */
void tcg_set_pcrel(TCGContext *c);
/* The guest address of what is at @pc now: a constant unless the code is PC-relative. */
TCGv tcg_pc(TCGContext *c, uint64_t pc);
/* Another cookie for the code that has been built, before it is compiled. */
void tcg_set_cookie(TCGContext *c, uint64_t cookie);

/* Constants are interned per piece of code. */
TCGv tcg_const(TCGContext *c, uint64_t value);
/* true, and the value, if @t is a constant (after folding on the fly) */
bool tcg_is_const(TCGContext *c, TCGv t, uint64_t *value);

/* Blocks: created unplaced; tcg_place() ends the current block (falling through) and starts it. */
typedef struct TCGLabel {
    uint16_t idx;
} TCGLabel;
TCGLabel tcg_label_new(TCGContext *c);
void tcg_place(TCGContext *c, TCGLabel label);

/* Generic emitters; the named builders are in tcg-op.h. */
TCGv tcg_emit1(TCGContext *c, unsigned opc, TCGType type, const TCGv *in, unsigned nin, int32_t i0,
               int32_t i1, int32_t i2);
void tcg_emit0(TCGContext *c, unsigned opc, TCGType type, const TCGv *in, unsigned nin, int32_t i0,
               int32_t i1, int32_t i2);
/* dst must be a global: the only way to assign one */
void tcg_set_global(TCGContext *c, TCGv global, TCGv value);
/**
 * tcg_call - call helper row @helper with the operands that its signature lists (env excluded)
 * Returns the result temp, or a temp with idx 0xffff for a void row.
 */
TCGv tcg_call(TCGContext *c, unsigned helper, const TCGv *args, unsigned nargs);

/**
 * tcg_icount_set - the instructions since the last tcg_icount() are @n
 * From the insn_start before it on, each insn_start gets as its index the number of those that have
 * not been completed there, itself included: what an exit adds back to the count.
 */
void tcg_icount_set(TCGContext *c, unsigned n);

/**
 * tcg_direct_begin - from here to tcg_direct_end() ops are carried out on @env when they are built
 *
 * For code that is not worth a translation yet. Nothing is kept, there are no limits but one: a
 * label stands behind the branches to it, within a guest instruction. Each instruction begins with
 * tcg_direct_insn(); behind it tcg_direct_has_left() says whether an op has ended the code, left,
 * or trapped: then env is exact, and @status is what tcg_exec() would have returned
 * (TCG_EXIT_LOOKUP for all jumps). No icount, poll or guard.
 */
void tcg_direct_begin(TCGContext *c, void *env);
void tcg_direct_insn(TCGContext *c, uint64_t pc, unsigned index);
bool tcg_direct_has_left(const TCGContext *c, uint64_t *status);
void tcg_direct_end(TCGContext *c);

/* How many more ops fit; a translator ends the block when fewer than it may need are left. */
unsigned tcg_ops_left(const TCGContext *c);

/* ---- compiling ----------------------------------------------------------------------------- */

/* Code memory to emit into: [ptr, end) writable; code runs at ptr + rx_delta. ptr is advanced. */
typedef struct TCGCodeBuf {
    uint8_t *ptr;
    uint8_t *end;
    ptrdiff_t rx_delta;
} TCGCodeBuf;

typedef struct TCGLinkSite {
    uint32_t jump_offset;   /* of the patchable 4-byte displacement, from code start; 0 = no site */
    uint32_t unlinked : 20; /* where it goes when not linked: bytes behind jump_offset */
    uint32_t guard : 12; /* the guard's 4-byte physical page number: bytes before jump_offset; 0 =
                               unguarded */
} TCGLinkSite;

/* Where the host code of a guest instruction begins; it ends where that of the next one does. */
typedef struct TCGInsnMark {
    uint64_t pc;
    uint32_t offset; /* from the start of the code */
} TCGInsnMark;

typedef struct TCGCode {
    /*
     * Executable address, or the interpreter's program. PC-relative code is entered here by jumps
     * that found it in a jump cache, from which it takes code_page; so many bytes behind by links
     * from other pages, which have got it, and where env has it.
     */
    const void *entry;
    uint8_t crossed, linked;
    uint8_t *rw;              /* writable alias of entry */
    uint32_t size;            /* bytes, with stubs and exit maps */
    uint32_t main_size;       /* bytes before the stubs; all of an interpreter's program */
    unsigned nmarks;          /* 0: of the interpreter */
    const TCGInsnMark *marks; /* by offset, until the context compiles again */
    uint8_t nlinks;
    TCGLinkSite links[TCG_MAX_SLOTS];
} TCGCode;

typedef enum TCGResult {
    TCG_OK,
    TCG_E_BUFFER, /* code memory full: evict and try again */
    TCG_E_LIMIT,  /* too many ops, temps or blocks: translate fewer instructions */
} TCGResult;

/**
 * tcg_compile - optimise and turn the built code into host code (or an interpreter program)
 * @buf: advanced past the code on success, untouched otherwise
 * @interp: build a program for tcg_exec's portable back end instead of host code
 */
TCGResult tcg_compile(TCGContext *c, TCGOptLevel level, bool interp, TCGCodeBuf *buf, TCGCode *out);

/**
 * tcg_prologue_gen - write entry, exit and slow-path thunks once into @buf, before any compile
 * The returned handle is passed to tcg_exec(); shared by all threads.
 */
typedef struct TCGPrologue TCGPrologue;
TCGPrologue *tcg_prologue_gen(const TCGLayout *layout, TCGCodeBuf *buf);

/* Is there a back end for this host? If not, tcg_compile() needs @interp. */
bool tcg_host_available(void);

/** tcg_exec - run code at @entry with @env; returns a TCGExit or cookie | slot (see TCGExit) */
uint64_t tcg_exec(const TCGPrologue *p, const void *entry, void *env);
/** tcg_interp - the same for an interpreter program */
uint64_t tcg_interp(const TCGLayout *layout, const void *program, void *env);

/**
 * tcg_host_fp_begin, tcg_host_fp_end - around foreign code that a slow path or a helper calls
 * In between, rounding mode and flags of the host's floating point are those that C code expects;
 * afterwards they are the guest's again. Costs some 20 ns, which a TLB miss is spared.
 */
uint32_t tcg_host_fp_begin(void);
void tcg_host_fp_end(uint32_t saved);

/**
 * tcg_link_set - direct a link site to @target, or NULL to unlink
 * @target: executable address: TCGCode.entry + crossed for a guarded site, + linked for others
 * @code_rw: writable address of the code that holds the site (TCGCode.rw)
 * @rx_delta: executable address - writable address
 * @phys_page: physical page address of the target, for guarded links
 * Atomic for running code; the caller serialises writers.
 */
void tcg_link_set(uint8_t *code_rw, ptrdiff_t rx_delta, const TCGLinkSite *site, const void *target,
                  uint64_t phys_page);

/* Text IR, for -d op/op_opt and golden tests. Appends to @out. */
void tcg_dump(const TCGContext *c, GString *out);

#endif
