/* SPDX-License-Identifier: MIT */
/*
 * What the files of accel/tcg share: translation blocks, the parts of a hart's state that generated
 * code does not touch, and the rules by which threads meet.
 *
 * Locks (order: BQL, tb_lock, sync_lock):
 *   tb_lock    the code region, page lists, links and the state of every TranslationBlock
 *   sync_lock  requests to other harts and who waits for them (sync.c)
 * Lookups of translated code take no lock.
 *
 * A hart is `in_code` while it may use its TLB or run generated code. Everything that another
 * thread wants changed there is queued, and done by the hart before it becomes in_code again.
 */
#ifndef ACCEL_TCG_INTERNAL_H
#define ACCEL_TCG_INTERNAL_H

#include "accel/tcg/cpu-ops.h"
#include "qemu/atomic.h"
#include "qemu/jitmem.h"
#include "qemu/rcu.h"
#include "qemu/thread.h"
#include "system/memory.h"
#include "system/ram.h"

/* ---- translation blocks ---------------------------------------------------------------------- */

#define TB_PAGE_NONE UINT64_MAX /* no physical page */
#define TB_RAM_PAGE_NONE UINT32_MAX
#define TB_MAX_LINKS 2
#define TB_MAX_REGION_LINKS TCG_MAX_SLOTS
/* Jumps to a place after which it becomes a region: see region.c. */
#define HOT_DEFAULT 8000
/* How often code is run directly before it is translated, which costs about ten times as much. */
#define COLD_DEFAULT 2
/* Longest instruction that a target may have. */
#define TB_MAX_INSN_BYTES 8
#define TB_ALIGN 16

/*
 * A block and a number below TB_ALIGN, the meaning of which the field says: the block's offset in
 * the code region + the number. 0: none, since the region begins with the prologue.
 */
typedef uint32_t TBRef;

/* One outgoing link. In the list of its target's incoming links while dest is set. */
typedef struct TBLink {
    TBRef dest; /* [lock:tb_lock] */
    TBRef next; /* [lock:tb_lock] next incoming link of dest: its block and slot */
    /* [atomic, lock:tb_lock to write] the physical page a guarded link was made for; 0: none */
    uint32_t guard_page;
    TCGLinkSite site; /* [const] */
} TBLink;

/* A block as member of a page's list. */
typedef struct TBPageRef {
    uint32_t page;        /* [const] ram_addr_t >> TARGET_PAGE_BITS, or TB_RAM_PAGE_NONE */
    TBRef next;           /* [lock:tb_lock] next block of the page, and which of its pages it is */
    uint16_t first, last; /* [const] offsets in it of the first and last byte of code */
} TBPageRef;

/*
 * Lies in the code region, right before its code, so that it costs as little as the code may: there
 * are as many as there are basic blocks in the guest. Its address with a slot number in the low
 * bits is what generated code returns. [const] once published, unless said otherwise. The fields
 * that a lookup compares come first.
 */
typedef struct TranslationBlock {
    uint64_t pc;           /* where it is; @pcrel: where it was when it was translated */
    uint64_t flags;        /* env.tb_flags it was translated for */
    hwaddr phys;           /* physical address of the first byte */
    TBRef hash_next;       /* [atomic, lock:tb_lock to write] */
    uint8_t cflags;        /* CF_* */
    bool fine : 1;         /* see tb_fetch_translate() */
    bool page2_before : 1; /* a region's: its other page is the one before that of @pc */
    bool pcrel : 1;        /* PC-relative: good wherever its page is mapped; see tb_may_move() */
    uint8_t nlinks;        /* entries of link[] in use */
    bool invalid;          /* [atomic] not between @cflags and @fine, which gcc tests by one read */
    hwaddr phys_page2;     /* the physical page of the last byte where the block crosses a page; a
                             region's other page; or TB_PAGE_NONE */
    uint32_t code_size;    /* host bytes */
    uint16_t size;         /* guest bytes; of a region those of its first straight line */
    uint16_t icount;       /* guest instructions */
    TBRef in;              /* [lock:tb_lock] first incoming link: its block and slot */
    uint16_t code_offset;  /* from the block to its code */
    uint8_t crossed, linked; /* TCGCode's */
    bool is_region;
    bool no_region; /* [atomic] what begins here cannot be one */
    TBPageRef page[2];
    TBLink link[]; /* nlinks of them; room for more is there while it is made */
} __attribute__((aligned(TB_ALIGN))) TranslationBlock;

enum {
    CF_SINGLE_STEP = 1 << 0, /* one instruction, then back to the run loop */
    CF_NO_CHAIN = 1 << 1,    /* no links: every block returns to the run loop */
    /* n > 0: at most 2^(n - 1) instructions; for one use, so not to be found by jumps */
    CF_COUNT_SHIFT = 4,
    CF_COUNT_MAX = 64, /* instructions */
    CF_COUNT_MASK = 7 << CF_COUNT_SHIFT,
};

/* ---- a hart's private part ------------------------------------------------------------------- */

/* A range of the memory map that is RAM or ROM, as a TLB fill found it. */
typedef struct CPURamRange {
    hwaddr first, last;
    uint8_t *host;   /* of first; valid until the next flush of the whole TLB */
    RAMBlock *block; /* likewise */
    uint64_t offset; /* of first in block */
    bool is_rom;     /* stores go to the region's dispatch */
} CPURamRange;

#define TLB_USED_MAX 256

/* One MMU index' table in a space. [vcpu] */
typedef struct CPUTLBMode {
    CPUTLBEntry *table;          /* NULL until the first fill */
    uint16_t used[TLB_USED_MAX]; /* entries that may be in use, while they are few */
    uint32_t nused;              /* > TLB_USED_MAX: the list is incomplete */
} CPUTLBMode;

/* Address spaces whose entries are kept; one more holds indices that are the same in all. */
#define TLB_SPACES 16
#define TLB_COMMON TLB_SPACES

typedef struct CPUTLBSpace {
    uint64_t id;           /* what the target calls it */
    uint64_t generation;   /* priv.generation when it was last selected, else it is void */
    uint64_t protections;  /* priv.protections when it was last selected, likewise */
    uint64_t last_used;    /* priv.selections */
    uint64_t second_stamp; /* of its entries in the second level */
    uint64_t fetch_epoch;  /* number of the context of code fetched in it: fetch.c */
    bool is_idle;          /* it was flushed by name and has nothing private since */
    CPUTLBMode mode[NB_MMU_MODES];
} CPUTLBSpace;

/* An entry that was pushed out of the tables. */
typedef struct CPUTLBSecond {
    uint64_t stamp; /* its space's then, and its MMU index; 0: free */
    CPUTLBEntry entry;
} CPUTLBSecond;

#define TLB_SECOND_SIZE 16384

/* A mapping larger than a page, and who has used it: bit n = space n. */
typedef struct CPUTLBLarge {
    uint64_t key;    /* address | log2 of its size; 0: free */
    uint32_t spaces; /* have entries made from it */
    uint32_t fetch;  /* contexts that code was fetched in */
} CPUTLBLarge;

#define TLB_LARGE_SIZE 1024

#define JC_MEMO_SIZE 256
/* No entry of a jump cache has it; nor 0, which all are at first. */
#define JC_KEY_NONE UINT32_MAX
#define FETCH_SEEN_SIZE 4096
#define FETCH_USED_MAX 254

typedef struct CPUFlagsMemo {
    uint64_t flags;
    uint64_t epoch;
    uint64_t code;
    uint32_t key;
} CPUFlagsMemo;

/* Pages that may be queued for a sleeping hart before it is told to flush everything. */
#define SYNC_PAGES_MAX 64

/* Counters of "info jit", one hart's. [vcpu] to write, any to read. */
typedef struct CPUTCGStats {
    uint64_t lookups, jc_hits, hash_hits, links;
    uint64_t exits[TCG_EXIT_LINK_MIN];
    uint64_t tlb_fills, tlb_second, tlb_faults, fetch_fills, tlb_slow;
    uint64_t tlb_flushes, tlb_flushes_elided, tlb_page_flushes, fetch_flushes;
    uint64_t mmio, mmio_bql; /* accesses to devices; those of them that needed the BQL */
    uint64_t interrupts, exceptions;
    uint64_t translations, translate_ns, regions;
    uint64_t direct, direct_insns; /* pieces of cold code, and instructions in them */
} CPUTCGStats;

/* Counters of all blocks so far. [lock:tb_lock] to write, any to read. */
typedef struct TBStats {
    uint64_t count;
    uint64_t guest_bytes, guest_bytes_max, guest_insns, host_bytes;
    uint64_t cross_page, one_link, two_links;
} TBStats;

typedef struct CPUTCGPrivate {
    const TCGCPUOps *ops;           /* [const] */
    CPUState *cpu;                  /* [const] */
    CPUTLBEntry scratch_entry;      /* [vcpu] stands for a mapping finer than a page */
    CPURamRange ram_range;          /* [vcpu] the one that was used last; empty after a flush */
    MemTxAttrs attrs[NB_MMU_MODES]; /* [vcpu] of accesses by each index */
    uint32_t chaos;                 /* [vcpu] state of a random generator; 0: no chaos */

    /* tlb-flush.c [vcpu] */
    CPUTLBSpace *spaces; /* [const] TLB_SPACES and the common one */
    CPUTLBSpace *space;  /* the one selected */
    uint64_t generation, protections, selections;
    CPUTLBSecond *second;                  /* tlb-second.c: TLB_SECOND_SIZE of them */
    uint64_t second_stamp;                 /* the last one given out */
    uint32_t page_spaces[CPU_TLB_ENTRIES]; /* by index: spaces that may have an entry there */
    CPUTLBLarge large[TLB_LARGE_SIZE];     /* hash table */
    uint64_t large_sizes;                  /* bit n: mappings of 1 << n bytes are in it */
    uint32_t nlarge;

    /* fetch.c [vcpu] */
    CPUJumpCacheEntry *jc_base; /* [const] all windows of the jump cache */
    uint32_t fetch_seen[FETCH_SEEN_SIZE];
    uint32_t fetch_seen_any; /* contexts in which anything was fetched */
    bool fetch_private[NB_FETCH_MODES];
    uint16_t fetch_used[NB_FETCH_MODES][FETCH_USED_MAX]; /* entries of the fetch TLB */
    uint8_t fetch_nused[NB_FETCH_MODES];                 /* > FETCH_USED_MAX: incomplete */
    uint64_t next_epoch;
    uint32_t next_key;
    uint64_t code_epoch; /* changes when translations that were found may be void */
    CPUFlagsMemo memo[JC_MEMO_SIZE];
    uint32_t spins;               /* [vcpu] */
    bool no_chain;                /* [vcpu] the key is kept JC_KEY_NONE */
    uint64_t invalidations_seen;  /* [vcpu] tb_invalidations at the last fence.i */
    bool run_alone;               /* [vcpu] the next instruction is a block of its own */
    bool budget_short;            /* [vcpu] the next block has more instructions than are left */
    bool budget_stale;            /* [atomic] to be made anew: there is an earlier deadline */
    uint64_t retired;             /* [vcpu] instructions, without those of the running budget */
    TranslationBlock *current_tb; /* [vcpu] last one entered from the run loop */
    MemoryListener listener;

    /* sync.c */
    uint32_t in_code;                     /* [atomic] */
    uint32_t blocked;                     /* [atomic] between cpu_code_block() and _unblock() */
    uint32_t sync_request;                /* [atomic] sync_npages is not zero */
    uint32_t sync_npages;                 /* [lock:sync_lock] > SYNC_PAGES_MAX: too many to list */
    ram_addr_t sync_page[SYNC_PAGES_MAX]; /* [lock:sync_lock] pages whose writable entries go */

    CPUTCGStats stats;
} CPUTCGPrivate;

static inline CPUTCGState *cpu_tcg(CPUState *cpu)
{
    return cpu->env_ptr;
}
static inline CPUTCGPrivate *cpu_priv(CPUState *cpu)
{
    return cpu_tcg(cpu)->priv;
}

/* ---- the accelerator as a whole -------------------------------------------------------------- */

typedef struct TCGAccel {
    TCGLayout layout;          /* [const] after the first hart */
    TCGPrologue *prologue;     /* [const] */
    JitMem *jitmem;            /* [const] NULL with interp */
    bool interp;               /* [const] -accel tcg,interp=on */
    bool single_thread;        /* [const] thread=single */
    unsigned host_cpus;        /* [const] asking the host opens a file */
    bool icount;               /* [const] -icount: blocks count their instructions */
    bool one_insn_per_tb;      /* [bql] */
    bool optimise;             /* [const] opt=off: for tests */
    bool pcrel;                /* [const] programs' code is translated once for all processes */
    uint32_t hot;              /* [const] hot=N, 0: no regions */
    uint32_t cold;             /* [const] cold=N: so often code is carried out untranslated */
    uint32_t chaos;            /* [const] chaos=SEED, 0: none */
    uint64_t tb_size;          /* [const] bytes of the code region */
    uint8_t *code_base;        /* [const] the region, writable: what TBRef counts from */
    TBRef *buckets;            /* [atomic, lock:tb_lock to write] TBs by place and flags */
    uint32_t bucket_mask;      /* [const] */
    uint64_t tb_invalidations; /* [atomic] blocks invalidated so far */
    uint64_t tb_flush_count;   /* [atomic] */
    uint64_t tb_evict_count;   /* [atomic] chunks of code emptied because the region was full */
    uint64_t tb_count;         /* [lock:tb_lock] blocks that can be found */
    TBStats translated;
} TCGAccel;

extern TCGAccel tcg_accel;
extern QemuMutex tb_lock;

static inline TranslationBlock *tb_of_ref(TBRef ref)
{
    return (TranslationBlock *)(tcg_accel.code_base + (ref & ~(TBRef)(TB_ALIGN - 1)));
}
static inline unsigned tb_ref_number(TBRef ref)
{
    return ref & (TB_ALIGN - 1);
}
static inline TBRef tb_ref(const TranslationBlock *tb, unsigned number)
{
    return (TBRef)((const uint8_t *)tb - tcg_accel.code_base) + number;
}
static inline unsigned tb_code_offset(unsigned max_links)
{
    return ROUND_UP(offsetof(TranslationBlock, link) + max_links * sizeof(TBLink), TB_ALIGN);
}
/* The page that phys_page2 is the physical address of where @tb begins at @pc. */
static inline vaddr tb_page2(const TranslationBlock *tb, vaddr pc)
{
    vaddr page = pc & TARGET_PAGE_MASK;

    return tb->page2_before ? page - TARGET_PAGE_SIZE : page + TARGET_PAGE_SIZE;
}
static inline uint8_t *tb_code_rw(TranslationBlock *tb)
{
    return (uint8_t *)tb + tb->code_offset;
}
/* Where its code begins, which jumps enter that found it in the jump cache: see TCGCode. */
static inline const void *tb_code(const TranslationBlock *tb)
{
    return (const uint8_t *)tb + tb->code_offset + tcg_accel.jitmem->diff;
}
/* Where it is executed with env's code_page set; with the page handed over by a guarded link. */
static inline const void *tb_entry(const TranslationBlock *tb)
{
    return (const uint8_t *)tb_code(tb) + tb->linked;
}
static inline const void *tb_entry_crossed(const TranslationBlock *tb)
{
    return (const uint8_t *)tb_code(tb) + tb->crossed;
}

/* Set up layout, code region and prologue for harts of this kind; done once. [bql] */
bool tcg_accel_init(const TCGCPUOps *ops, GError **error);

/*
 * A table that is looked into all over, of @size bytes, a power of two: all zero, never freed, and
 * a huge page where it is large and the host has one. What is never touched takes no memory.
 */
void *tcg_table_new(size_t size, const char *what);

/* ---- tb-lookup.c, tb-maint.c, tb-gen.c ------------------------------------------------------- */

/*
 * The block at env.pc for the present flags, or NULL: with an exception recorded, or because the
 * code is cold. Then it lies at *@cold, which else is TB_NOT_COLD. [vcpu, in_code]
 */
#define TB_NOT_COLD UINT64_MAX
TranslationBlock *tb_find(CPUState *cpu, uint32_t cflags, hwaddr *cold);

/*
 * Physical address of @pc for fetch; false with an exception recorded. *@fine: rights change within
 * the page, so every fetch is to be checked: one instruction a block, never linked nor cached.
 * [vcpu]
 */
bool tb_fetch_translate(CPUState *cpu, vaddr pc, hwaddr *phys, bool *fine);

/*
 * May the rest of the instruction of @size bytes at @pc be fetched too: asked where rights change
 * within the page. false: an exception is recorded. [vcpu]
 */
bool tb_fetch_rest(CPUState *cpu, vaddr pc, unsigned size);

/*
 * Translate the code at env.pc, at physical address @phys, for the present flags. [vcpu, in_code]
 */
typedef enum TBGenResult {
    TB_GEN_OK,
    TB_GEN_EXCEPTION, /* the bytes cannot be fetched: recorded */
    TB_GEN_FULL,      /* no chunk of code memory is free: tb_evict() */
} TBGenResult;
TBGenResult tb_gen(CPUState *cpu, hwaddr phys, bool fine, bool pcrel, uint32_t cflags,
                   TranslationBlock **out);

/* The block of these properties that lookups find now, or NULL. [vcpu, in_code] */
TranslationBlock *tb_peek(CPUState *cpu, hwaddr phys, vaddr pc, uint64_t flags, bool pcrel);

/* Let this hart's jump cache find @tb. [vcpu] */
void tb_remember(CPUTCGState *env, TranslationBlock *tb);

uint32_t tb_hash(hwaddr phys, vaddr pc, bool pcrel, uint64_t flags, uint32_t cflags);
/* Is @tb what lookups for these want, by its first page? PC-relative code has any pc. */
static inline bool tb_is_for(const TranslationBlock *tb, hwaddr phys, vaddr pc, bool pcrel,
                             uint64_t flags, uint32_t cflags)
{
    return tb->phys == phys && tb->pcrel == pcrel && (pcrel || tb->pc == pc) &&
           tb->flags == flags && tb->cflags == cflags;
}

/* Where the bytes of a page of code are. */
typedef struct TBSource {
    const uint8_t *host; /* of the page's first byte; NULL: not opened */
    ram_addr_t page;
    const uint8_t *copy; /* what was translated, from the block's first byte in the page on */
} TBSource;

/*
 * Put a finished block into the tables. @src: its two pages, protected by tb_page_protect() before
 * they were copied from. *@published is the block to use.
 *
 * A region takes the place of the block that was there.
 *
 * STALE: the bytes have changed since, or a page is not protected any more. The block may then be
 * run once, as if its instructions had been fetched when they were copied; it is marked invalid and
 * never found again.
 */
typedef enum TBPublishResult {
    TB_PUBLISHED,
    TB_PUBLISH_EXISTS, /* another hart was faster: @tb's memory is free again */
    TB_PUBLISH_STALE,
} TBPublishResult;
TBPublishResult tb_publish(TranslationBlock *tb, const TBSource *src, TranslationBlock **published);

/* Link @slot of @from to @to unless either is invalid or it is linked. */
void tb_link(TranslationBlock *from, unsigned slot, TranslationBlock *to);

/*
 * Mark a page as holding code, before its bytes are read. On return no hart can store there but by
 * the slow path. That ends when a store finds no block in the page: tb_publish() notices.
 * [vcpu, in_code; may wait for other harts]
 */
void tb_page_protect(CPUState *cpu, ram_addr_t page);

/* A store by a hart touches [start, start + len): drop the code there. */
void tb_invalidate_range(ram_addr_t start, ram_addr_t len);

/* Forget all translations while all harts are stopped: breakpoints, options. [bql] */
void tb_flush_stopped(void);

/* Take a block out of all tables; its memory is then used by nobody but who runs it. */
void tb_remove_locked(TranslationBlock *tb);

/* Copy guest code that others may be changing; @len and both addresses are even. */
void tb_code_copy(uint8_t *to, const uint8_t *from, unsigned len);
/*
 * Open the page of @phys for reading code. false: nothing that can be executed is there. The hart
 * may have been out of code meanwhile.
 */
bool tb_source_open(CPUState *cpu, hwaddr phys, TBSource *src);
bool tb_has_breakpoint(CPUState *cpu, vaddr pc);
/* -d in_asm of [pc, end); -d op. */
void tb_log_in_asm(const DisasContextBase *db, vaddr pc, vaddr end);
void tb_log_op(const DisasContextBase *db);
/* tcg_begin() for what becomes @tb. */
void tb_begin(DisasContextBase *db, const TranslationBlock *tb);
/* A straight piece of code begins: tcg_icount_set() when it ends. */
void tb_count(DisasContextBase *db);
/* Before a jump backward, at the current instruction. */
void tb_poll(DisasContextBase *db);
/* Leave the piece for @pc by its next link. */
void tb_goto_link(DisasContextBase *db, uint64_t pc);
/* What the compiler made, into @tb. */
void tb_take_code(TranslationBlock *tb, const TCGCode *code);
/* The compiler of the calling thread, and the target's DisasContext for use while it is idle. */
TCGContext *tcg_thread_context(CPUState *cpu);
DisasContextBase *tcg_thread_disas_context(CPUState *cpu);

/* ---- direct.c -------------------------------------------------------------------------------- */

/* -accel tcg,cold=: never translate */
#define TCG_COLD_ALWAYS 255

/*
 * Count that a hart has come to env.pc, which lies at @phys and is no block's. true: carry the code
 * out directly this time. [vcpu]
 */
bool direct_count(CPUState *cpu, hwaddr phys, uint32_t cflags);
/* A block is translated: the more are, the more places are cold again. */
void direct_note_translation(void);
/* Code that was translated at @phys has been written to. */
void direct_note_replaced(hwaddr phys);
/* Carry it out, up to the next jump; what tcg_exec() would return. [vcpu, in_code] */
uint64_t direct_exec(CPUState *cpu, hwaddr phys);

/* ---- region.c -------------------------------------------------------------------------------- */

void region_counters_init(CPUTCGState *env);
/*
 * The code of @tb is hot: the region in its place, made unless there is one. NULL: there can be
 * none, or none now. [vcpu, in_code; may be left meanwhile, so that @tb is evicted]
 */
TranslationBlock *region_make(CPUState *cpu, TranslationBlock *tb);
/* The translator_*() of the same names for code of a region. */
void region_goto(DisasContextBase *db, vaddr pc);
void region_branch(DisasContextBase *db, TCGType type, TCGCond cond, TCGv a, TCGv b, vaddr taken,
                   vaddr next);
void region_call(DisasContextBase *db, vaddr next);
void region_return(DisasContextBase *db, TCGType type, TCGv link);

/* ---- tb-code.c ------------------------------------------------------------------------------- */

/* Blocks use the region from byte @used on. [bql, set-up] */
void tb_code_init(uint64_t used);
/* Bytes of the region that hold something. */
uint64_t tb_code_used(void);

/*
 * Code memory for one translation, and its block; false if there is none. Kept by tb_code_commit().
 * [vcpu, in_code until then]
 */
bool tb_code_begin(TCGCodeBuf *buf, TranslationBlock **tb, unsigned max_links);
void tb_code_commit(TranslationBlock *tb);
/* What was given was too little; the next comes from another chunk. false: it was a whole one. */
bool tb_code_give_up(void);

/* Make a chunk of code memory free: the oldest. [vcpu, in_code: left and entered again] */
void tb_evict(CPUState *cpu);
/* All chunks are free: nobody refers to them any more. [lock:tb_lock] */
void tb_code_free_all_locked(void);

/* ---- tlb.c, ldst.c --------------------------------------------------------------------------- */

static inline unsigned tlb_index(vaddr va)
{
    return (va >> TARGET_PAGE_BITS) & (CPU_TLB_ENTRIES - 1);
}
static inline CPUTLBEntry *tlb_entry(CPUTCGState *env, unsigned mmu_idx, vaddr va)
{
    return (CPUTLBEntry *)env->tlb_table[mmu_idx] + tlb_index(va);
}

/* Empty the present tables of the first level; the second keeps what it has. [vcpu] */
void tlb_forget_tables(CPUState *cpu);

/*
 * The entry for an access of @size bytes that does not cross a page, filled if need be. NULL: an
 * exception is recorded. Valid until the next fill. A mapping finer than a page is served from a
 * scratch entry.
 */
CPUTLBEntry *tlb_lookup(CPUState *cpu, vaddr va, unsigned size, MMUAccessType access,
                        unsigned mmu_idx);
void tlb_init(CPUState *cpu);
/* The RAM or ROM around @pa, or NULL. Valid until the next call, or flush. [vcpu] */
const CPURamRange *tlb_ram_range(CPUState *cpu, hwaddr pa);
/* Drop writable entries of a RAM page, or make code pages slow again. [vcpu] */
void tlb_protect_page(CPUState *cpu, ram_addr_t page);

/* ---- tlb-flush.c [vcpu] ---------------------------------------------------------------------- */

static inline CPUTLBSpace *tlb_space_of(CPUTCGPrivate *priv, unsigned mmu_idx)
{
    return priv->ops->common_mmu_idx >> mmu_idx & 1 ? &priv->spaces[TLB_COMMON] : priv->space;
}
void tlb_spaces_init(CPUState *cpu);
/* The entry for @va, made ready to be filled. */
CPUTLBEntry *tlb_slot(CPUState *cpu, unsigned mmu_idx, vaddr va);
/* The record of the mapping of size @size_log2 around @va. May flush everything. */
CPUTLBLarge *tlb_large_add(CPUState *cpu, vaddr va, unsigned size_log2);

/* ---- tlb-second.c [vcpu] --------------------------------------------------------------------- */

void tlb_second_init(CPUTCGPrivate *priv);
/* @entry gives way to another in the table of @mmu_idx in @space. */
void tlb_second_put(CPUTCGPrivate *priv, const CPUTLBSpace *space, unsigned mmu_idx,
                    const CPUTLBEntry *entry);
/* The entry of @page that serves loads or stores, or NULL. Valid until the next put. */
const CPUTLBEntry *tlb_second_find(CPUTCGPrivate *priv, const CPUTLBSpace *space, unsigned mmu_idx,
                                   vaddr page, bool is_store);
/* Forget @page in every space; a space; everything. */
void tlb_second_flush_page(CPUTCGPrivate *priv, vaddr page);
void tlb_second_flush_space(CPUTCGPrivate *priv, CPUTLBSpace *space);
void tlb_second_flush(CPUTCGPrivate *priv);

/* ---- fetch.c [vcpu] -------------------------------------------------------------------------- */

void fetch_init(CPUTCGState *env);
/* The physical address of @pc if the fetch TLB knows it. */
bool fetch_tlb_find(CPUTCGState *env, vaddr pc, hwaddr *phys);
void fetch_tlb_set(CPUTCGState *env, vaddr pc, hwaddr phys);
/* Code is fetched from @pc's mapping @fill. May change the jump cache's key. */
void fetch_seen_add(CPUState *cpu, vaddr pc, const CPUTLBFill *fill);
/* Contexts, bit n = space n, in which code may have been fetched from the page of @va. */
uint32_t fetch_seen_contexts(CPUTCGPrivate *priv, vaddr va);
/* What was looked up in these is not found again. */
void fetch_contexts_end(CPUTCGState *env, uint32_t contexts);
void fetch_flush(CPUTCGState *env);
void fetch_space_selected(CPUTCGState *env);
/* Translations that were found before are not found again. [vcpu, or all harts stopped] */
void fetch_forget(CPUTCGState *env);

/* ---- ldst.c ---------------------------------------------------------------------------------- */

TCGRet tcg_ld_slow(void *env, uint64_t va, MemOpIdx oi);
TCGRet tcg_st_slow(void *env, uint64_t va, uint64_t val, MemOpIdx oi);
TCGRet tcg_rmw_slow(void *env, uint64_t va, uint64_t val, MemOpIdx oi, uint32_t rmw_op);
TCGRet tcg_cas_slow(void *env, uint64_t va, uint64_t cmp, uint64_t val, MemOpIdx oi);

/* ---- sync.c ---------------------------------------------------------------------------------- */

/*
 * The calling hart may no longer, may again touch its TLB and run code. Nothing of others is held
 * in between.
 */
void cpu_code_enter(CPUState *cpu);
void cpu_code_leave(CPUState *cpu);

/*
 * The same while generated code is to be returned to: for a call that may block. The hart does not
 * touch its TLB in between, but its code must stay: cpu_sync_exclusive() waits for it.
 */
void cpu_code_block(CPUState *cpu);
void cpu_code_unblock(CPUState *cpu);

/*
 * Do what others have asked of this hart, and stand aside for one that wants to be alone. [vcpu,
 * in_code; may leave it and enter again]
 */
void cpu_sync_process(CPUState *cpu);
/*
 * All other harts drop writable entries of @page and acknowledge it. [vcpu, in_code; leaves it
 * meanwhile]
 */
void cpu_sync_protect_page(CPUState *cpu, ram_addr_t page);

/* Run @func while no hart is in_code, nor will be. [vcpu, in_code] */
void cpu_sync_exclusive(CPUState *cpu, void (*func)(void));

/* Make the hart leave generated code soon. Any thread. */
static inline void cpu_poll_request(CPUState *cpu)
{
    /* pairs with the full barrier in exec_poll() between clearing poll and reading requests */
    qatomic_store_release(&cpu_tcg(cpu)->jump.poll, 1);
}

/* ---- cpu-exec.c ------------------------------------------------------------------------------ */

/* Why cpu_exec() came back. */
typedef enum CPUExecResult {
    EXEC_REQUEST, /* stop, queued work or a kick: look at the hart's requests */
    EXEC_HALTED,  /* waits for an interrupt */
    EXEC_DEBUG,   /* breakpoint, watchpoint or single step */
    EXEC_BUDGET,  /* -icount: all instructions that were allowed have been executed */
    EXEC_YIELD,   /* another hart of this thread should run (thread=single) */
} CPUExecResult;
CPUExecResult cpu_exec(CPUState *cpu);

/* After cpu_exec(), for both kinds of threads. [bql] */
void cpu_exec_done(CPUState *cpu, CPUExecResult result);

/*
 * icount.c. Between these, the hart may execute up to @limit instructions; returns how many it has.
 */
void icount_begin(CPUState *cpu, int64_t limit);
int64_t icount_end(CPUState *cpu);
/* After generated code: what it has not executed is not counted, a trap is. [vcpu] */
void icount_left_code(CPUState *cpu, uint64_t status, bool trapped);
/* No hart runs: the clock goes on by @ns, all at once. [bql, harts' thread] */
void icount_warp(int64_t ns);
/* sleep=off */
bool icount_jumps(void);
/* Keep up with the host's clock; returns for how many ns the harts should wait for it. [bql] */
int64_t icount_follow_host(void);

/* The thread of all harts looks at deadlines again. Any thread. */
void rr_notify(void);

/* vcpu-mttcg.c, vcpu-rr.c */
bool mttcg_create_vcpu_thread(CPUState *cpu, GError **error);
bool rr_create_vcpu_thread(CPUState *cpu, GError **error);

/*
 * perf.c: generated code to be named. @code: where instructions begin in @tb, which is complete.
 */
void perf_report_prologue(const uint8_t *rw, size_t size);
void perf_report_tb(const TranslationBlock *tb, const TCGCode *code);

/* jit-info.c: text of "info jit" */
void tcg_info_jit(cpu_print_func print, void *opaque);

#endif
