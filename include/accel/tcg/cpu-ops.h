/* SPDX-License-Identifier: MIT */
/*
 * TCGCPUOps: what a target gives to the translating accelerator, and CPUTCGState, the part of a
 * hart's env that accel/tcg owns. The two meet only here.
 *
 * A target's env begins with a CPUTCGState, so that generated code reaches both by one pointer.
 */
#ifndef ACCEL_TCG_CPU_OPS_H
#define ACCEL_TCG_CPU_OPS_H

#include "hw/core/cpu.h"
#include "qemu/bswap.h"
#include "tcg/tcg.h"

/* ---- sizes of the fixed tables; TCGLayout tells them to the compiler ------------------------- */

#define TARGET_PAGE_BITS 12
#define TARGET_PAGE_SIZE (UINT64_C(1) << TARGET_PAGE_BITS)
#define TARGET_PAGE_MASK (~(TARGET_PAGE_SIZE - 1))

#define NB_MMU_MODES 8
#define CPU_TLB_BITS 10
#define CPU_TLB_ENTRIES (1u << CPU_TLB_BITS)
#define CPU_TLB_ENTRY_BITS 5
#define CPU_FETCH_TLB_BITS 10
#define NB_FETCH_MODES 4 /* fetch_mmu_idx is below: modifiers of data accesses do not count */
#define CPU_JC_BITS 15
#define CPU_HOT_BITS 12

/*
 * Bits of a TLB tag, each of which makes the inline compare fail. Not below bit 4: an access that
 * must be aligned is compared with its low address bits (TCGLayout).
 */
#define TLB_INVALID (UINT64_C(1) << 4)
#define TLB_SLOW                                                                                   \
    (UINT64_C(1) << 5) /* I/O, ROM write, watchpoint, page with code, sub-page protection */

/* What slow paths know of an entry beyond that: in CPUTLBEntry.phys. */
#define TLB_IS_RAM UINT64_C(1)     /* RAM or ROM: direct for loads */
#define TLB_IS_ROM UINT64_C(2)     /* stores go to the region's dispatch */
#define TLB_IS_WATCHED UINT64_C(4) /* a watchpoint lies in the page */
#define TLB_IS_GLOBAL UINT64_C(8)  /* the same in all address spaces */

typedef struct CPUTLBEntry {
    uint64_t tag_read; /* page address | TLB_* */
    uint64_t tag_write;
    uint64_t addend; /* host address - va */
    uint64_t phys;   /* physical page address | TLB_IS_* */
} CPUTLBEntry;

typedef struct CPUFetchTLBEntry {
    uint64_t tag; /* page address, or 1 */
    uint64_t
        /* physical address >> TARGET_PAGE_BITS; below 2^32, so that guards may compare that much */
        ppn;
} CPUFetchTLBEntry;

typedef struct CPUJumpCacheEntry {
    uint64_t pc;
    uint64_t key;
    const void *code;
    struct TranslationBlock *tb;
} CPUJumpCacheEntry;

/*
 * What generated code compares with an entry's key, all eight bytes at once: jumps through the jump
 * cache find nothing while the poll word is set, and so need no poll of their own.
 */
typedef struct CPUJumpKey {
#if HOST_BIG_ENDIAN
    int32_t poll; /* [atomic] 1: leave at the next poll; else 0 */
    uint32_t key; /* [vcpu] stands for (tb_flags, fetch context): see cpu_flags_changed() */
#else
    uint32_t key;
    int32_t poll;
#endif
} __attribute__((aligned(8))) CPUJumpKey;

/*
 * First member of every target's env. All of it belongs to accel/tcg, except where a field says who
 * else may touch it.
 */
typedef struct CPUTCGState {
    CPUState *cpu;              /* [const] */
    struct CPUTCGPrivate *priv; /* [const] the rest of accel's state of this hart */
    CPUFetchTLBEntry fetch_tlb[NB_FETCH_MODES << CPU_FETCH_TLB_BITS]; /* [vcpu] */
    int32_t hot[1 << CPU_HOT_BITS]; /* [vcpu] counters of links: see region.c... */
    uint32_t hot_hit;               /* [vcpu] ...and which of them has run out last */
    /*
     * [vcpu] Everything that code generation depends on beyond pc: privilege, XLEN, FS, effective
     * data mode, frm... The target recomputes it whenever an input changes, then calls
     * cpu_flags_changed().
     */
    uint64_t tb_flags;
    uint8_t fetch_mmu_idx; /* [vcpu] set by the target with tb_flags */
    int64_t icount_left;   /* [vcpu] of the budget of instructions: TCGLayout.icount, icount.c */
    /*
     * What generated code touches all the time. Last, so that the host's base register can be set
     * to reach these fields and the target's first ones by short displacements
     * (TCGLayout.env_bias).
     */
    uint64_t pc; /* [vcpu] the target reads and writes it outside of generated code */
    /*
     * [vcpu] Where code has been left in the middle, index in its block of that instruction. With
     * -icount instead: those of its block that have not been completed, itself included; 0 where
     * all that have been taken off icount_left have been.
     */
    uint32_t insn_idx;
    uint64_t code_page; /* [vcpu] the page in which the code begins that is being run */
    CPUJumpKey jump;
    CPUJumpCacheEntry *jc_table;   /* [vcpu] */
    void *tlb_table[NB_MMU_MODES]; /* [vcpu] of CPUTLBEntry[CPU_TLB_ENTRIES] */
} CPUTCGState;

typedef enum MMUAccessType {
    MMU_DATA_LOAD,
    MMU_DATA_STORE,
    MMU_INST_FETCH,
} MMUAccessType;

enum {
    PAGE_READ = 1,
    PAGE_WRITE = 2,
    PAGE_EXEC = 4,
};

/* Result of a successful translation. */
typedef struct CPUTLBFill {
    hwaddr phys;       /* physical address of the accessed byte */
    uint8_t prot;      /* PAGE_* that this mapping allows for this MMU index without another walk */
    uint8_t size_log2; /* of the naturally aligned range that is mapped alike: >= 12, or less where
                          protection is finer than a page: then the entry serves this access only */
    bool global;       /* the mapping is the same in all address spaces */
    MemTxAttrs attrs;  /* the same for all data accesses by one MMU index */
} CPUTLBFill;

/* ---- translation ----------------------------------------------------------------------------- */

typedef enum TranslatorEnd {
    TRANSLATE_NEXT, /* go on with the next instruction */
    TRANSLATE_END,  /* the instruction has ended the block itself (goto_link, exit...) */
    /*
     * End the block here, go on at the next instruction. State may have changed: the next block is
     * looked up for the flags as they are then, and polls.
     */
    TRANSLATE_STOP,
} TranslatorEnd;

/* One translation in progress: common part, first member of the target's DisasContext. */
typedef struct DisasContextBase {
    TCGContext *tcg;     /* [const] */
    CPUState *cpu;       /* [const] */
    uint64_t pc_first;   /* [const] guest pc of the block */
    uint64_t tb_flags;   /* [const] */
    uint64_t pc_next;    /* pc of the instruction being translated; insn() advances it */
    unsigned num_insns;  /* translated before this one */
    unsigned max_insns;  /* [const] */
    const uint8_t *code; /* [const] a copy of the guest's bytes from @code_pc on */
    uint64_t code_pc;
    unsigned
        /* bytes that may be read there: to the end of the page, or one instruction across it */
        code_len;
    uint8_t next_slot;       /* next free goto_link slot */
    bool may_link;           /* [const] jumps may go on without the run loop */
    struct TBRegion *region; /* NULL: one straight line; see region.c */
} DisasContextBase;

/* The bytes of the instruction being translated. */
static inline const uint8_t *translator_code(const DisasContextBase *db)
{
    return db->code + (db->pc_next - db->code_pc);
}

/*
 * End the block at a jump to constant @pc, or at a branch: to @taken if cond(a, b), else to @next.
 * Where the target is in the region, that goes on there; else by a link. All globals are assigned.
 * The target's translate_insn() then returns TRANSLATE_END.
 */
void translator_goto(DisasContextBase *db, uint64_t pc);
void translator_branch(DisasContextBase *db, TCGType type, TCGCond cond, TCGv a, TCGv b,
                       uint64_t taken, uint64_t next);

/*
 * Before translator_goto() for a call: the code called may be left for @next. And before a jump to
 * @link, a global or an operand of the instruction, that may be such a return, compared as @type: a
 * region goes on where one of its calls ends, if that is it; else what follows is executed.
 */
void translator_call(DisasContextBase *db, uint64_t next);
void translator_return(DisasContextBase *db, TCGType type, TCGv link);

/*
 * Around the call of a helper that reads the virtual clock or icount_retired(), or sets a timer:
 * with -icount the helper sees the count as before this instruction. True from _end() if the
 * instruction must be the last one of its block, TRANSLATE_STOP.
 */
void translator_io_begin(DisasContextBase *db);
bool translator_io_end(DisasContextBase *db);

typedef struct TCGCPUOps {
    /* Declare the globals of @c. The same sequence for every context. */
    void (*init_context)(TCGContext *c);
    const TCGHelper *helpers; /* [const] rows for tcg_call(), NULL name ends them */
    int32_t fp_rm, fp_flags;  /* [const] env offsets: see TCGLayout */
    size_t disas_context_size;
    uint32_t common_mmu_idx; /* [const] bit n: MMU index n is the same in all address spaces */

    /* Prepare the target's part of @db. */
    void (*translate_init)(DisasContextBase *db);
    /*
     * Length in bytes of the instruction that starts with the 16 bits @low.
     */
    unsigned (*insn_len)(uint16_t low);
    /*
     * Translate one instruction, of which all bytes are there; insn_start has been emitted. Ops may
     * be carried out at once (tcg_direct_begin()).
     */
    TranslatorEnd (*translate_insn)(DisasContextBase *db);

    /*
     * Is what the hart executes now code of programs, which each process may have elsewhere in an
     * address space of 64 bits? Depends on tb_flags only. NULL: it never is. [vcpu]
     */
    bool (*runs_programs)(const CPUState *cpu);

    /*
     * Translate an address. On success fills @fill; else records the exception in env (unless
     * @probe) and returns false. [vcpu]; may take no lock. Page-table accesses go through cpu->as.
     */
    bool (*tlb_fill)(CPUState *cpu, vaddr va, unsigned size, MMUAccessType access, unsigned mmu_idx,
                     bool probe, CPUTLBFill *fill);
    /*
     * All of the hart's TLB has been emptied, maybe as the memory map has changed: what
     * cpu_ram_ptr() returned is void. May be NULL. [vcpu]
     */
    void (*tlb_flushed)(CPUState *cpu);
    /*
     * Record the exception for an access that the bus refused, or that is misaligned where it must
     * not be. [vcpu]
     */
    void (*bus_error)(CPUState *cpu, vaddr va, unsigned size, MMUAccessType access,
                      MemTxResult result);
    void (*unaligned)(CPUState *cpu, vaddr va, MMUAccessType access, bool is_atomic);

    /* Take the recorded synchronous exception: state as after the trap. [vcpu] */
    void (*do_exception)(CPUState *cpu);
    /* Take an interrupt if one is pending and enabled; true if so. [vcpu] */
    bool (*exec_interrupt)(CPUState *cpu);
    /* For -d exec: flags etc. in text. May be NULL. */
    void (*describe)(CPUState *cpu, GString *out);
} TCGCPUOps;

/* ---- what the target must call once ---------------------------------------------------------- */

/*
 * The last but one step of a hart's realize, before qemu_init_vcpu() and the first reset: sets up
 * the CPUTCGState that env_ptr points to. A target's reset leaves that part of env alone, except
 * pc. [bql]
 */
bool tcg_cpu_realize(CPUState *cpu, GError **error);

/* ---- what the target may call ---------------------------------------------------------------- */

/*
 * tb_flags or fetch_mmu_idx has changed, or the fetch mapping as a whole (satp): recomputes
 * jump.key.
 * Cheap when the combination has been seen. [vcpu]
 */
void cpu_flags_changed(CPUTCGState *env);

/*
 * Flush this hart's TLB: everything; or, in all address spaces, what the mapping of @va's page
 * gave. [vcpu]
 */
void tlb_flush(CPUState *cpu);
void tlb_flush_page(CPUState *cpu, vaddr va);
/*
 * The same in address spaces that agree with @id in the bits of @id_mask: all but global mappings;
 * or what the mapping of @va's page gave there. [vcpu]
 */
void tlb_flush_space(CPUState *cpu, uint64_t id, uint64_t id_mask);
void tlb_flush_page_space(CPUState *cpu, vaddr va, uint64_t id, uint64_t id_mask);

/*
 * Addresses are translated in space @id from now on, any number but ~0; @flush: what is kept of it
 * is void. Entries of MMU indices in TCGCPUOps.common_mmu_idx stay. [vcpu]
 */
void tlb_select_space(CPUState *cpu, uint64_t id, bool flush);

/*
 * Host address of guest physical [pa, pa + len) where RAM or ROM serves all of it, else NULL. For
 * reading by the target's page-table walker; good until TCGCPUOps.tlb_flushed. [vcpu]
 */
const void *cpu_ram_ptr(CPUTCGState *env, hwaddr pa, hwaddr len);

/* Does guest time count instructions (-icount)? Then how many has this hart completed. [vcpu] */
bool icount_enabled(void);
uint64_t icount_retired(CPUTCGState *env);

/* fence.i: what this hart executes from now on sees all stores before. [vcpu] */
void tb_fence_i(CPUState *cpu);

/*
 * Loads and stores by the hart on behalf of an instruction (helpers): through the TLB like
 * generated code. false: an exception has been recorded, return TCG_EXIT_TRAP. [vcpu, no BQL]
 */
bool cpu_ld(CPUTCGState *env, vaddr va, MemOpIdx oi, uint64_t *value);
bool cpu_st(CPUTCGState *env, vaddr va, uint64_t value, MemOpIdx oi);
/*
 * Host address of [va, va + len) within one page if plain RAM serves it; *haddr NULL: use
 * cpu_ld/cpu_st.
 */
bool cpu_probe(CPUTCGState *env, vaddr va, unsigned len, MMUAccessType access, unsigned mmu_idx,
               void **haddr);

/* Host address for stores to @va and on in its page, if the TLB has it as plain RAM. [vcpu] */
static inline void *cpu_store_ptr(CPUTCGState *env, vaddr va, unsigned mmu_idx)
{
    const CPUTLBEntry *entry = (const CPUTLBEntry *)env->tlb_table[mmu_idx] +
                               ((va >> TARGET_PAGE_BITS) & (CPU_TLB_ENTRIES - 1));

    return entry->tag_write == (va & TARGET_PAGE_MASK) ? (void *)(uintptr_t)(va + entry->addend) :
                                                         NULL;
}

#endif
