/* SPDX-License-Identifier: MIT */
/*
 * The hart's state and what the files of target/riscv share.
 *
 * XLEN is data: registers are 64 bits wide. Where the effective XLEN is 32 they hold the
 * sign-extended 32-bit value (Privileged ISA 20240411, "Base ISA Control in mstatus Register": how
 * wider CSRs and registers read is defined by that rule).
 *
 * Threads: all of env belongs to the hart's own thread, except the fields marked [atomic].
 */
#ifndef TARGET_RISCV_CPU_H
#define TARGET_RISCV_CPU_H

#include "accel/tcg/cpu-ops.h"
#include "hw/core/time-base.h"
#include "qemu/timer.h"
#include "target/riscv/cpu-bits.h"
#include "target/riscv/cpu-cfg.h"
#include "target/riscv/cpu-qom.h"

#define RV_MAX_PMP 64
#define RV_MAX_MHPM                                                                                \
    32 /* indexed by counter number; 0 and 2 are cycle and instret, 1 is not a counter */

#define RISCV_NO_RESERVATION UINT64_MAX

/* Privilege modes as the manual encodes them. */
enum {
    PRV_U = 0,
    PRV_S = 1,
    PRV_M = 3,
};

/* One PMP entry, decoded when its CSRs are written. */
typedef struct RISCVPMPEntry {
    uint64_t addr;        /* pmpaddr as written and legalised */
    uint8_t cfg;          /* pmpcfg byte */
    uint64_t first, last; /* physical bytes it matches, inclusive; first > last: none */
} RISCVPMPEntry;

/* Bytes [first, last] have the same rights. */
typedef struct RISCVPMPRange {
    uint64_t first, last;
    uint8_t rights; /* PAGE_* */
} RISCVPMPRange;

/*
 * What a walk found on its way down: the page table of the last level (or of the one before) for a
 * stretch of addresses. Never an entry of it: those are read each time. See mmu.c.
 */
typedef struct RISCVWalkEntry {
    uint64_t satp;
    uint64_t va_tag;     /* va >> the stretch's size */
    uint64_t generation; /* RISCVWalkCache.generation; else void */
    const void *host;    /* the table */
    hwaddr pa;
    bool global; /* a pointer above it says so */
} RISCVWalkEntry;

#define RISCV_WALK_LEVELS 2
#define RISCV_WALK_SETS 64
#define RISCV_WALK_WAYS 2

typedef struct RISCVWalkCache {
    uint64_t generation; /* not 0 */
    RISCVWalkEntry entry[RISCV_WALK_LEVELS][RISCV_WALK_SETS][RISCV_WALK_WAYS];
} RISCVWalkCache;

typedef struct CPURISCVState {
    CPUTCGState tcg; /* first: pc, tb_flags, TLBs */

    uint64_t gpr[32]; /* gpr[0] is never written */
    uint64_t fpr[32]; /* NaN-boxed */

    /* floating-point control: read and written by generated code */
    uint8_t frm; /* 0 to 7 */
    uint8_t fflags;

    /*
     * LR/SC: the reservation is keyed by virtual address; cleared by SC, xRET, traps, satp and
     * sfence.vma
     */
    uint64_t reservation_addr; /* ~0: none */
    uint64_t reservation_val;

    uint8_t priv;       /* PRV_* */
    uint8_t xl;         /* effective XLEN of the current mode: 1 = 32, 2 = 64 bits, as misa.MXL */
    uint8_t mxl;        /* misa.MXL */
    uint32_t misa_ext;  /* current letters */
    uint32_t misa_mask; /* letters that this model has */

    /* the recorded synchronous exception, between a helper's TRAP and do_exception() */
    uint64_t excp_cause;
    uint64_t excp_tval;
    bool excp_tval_is_insn; /* tval is the instruction at pc */

    uint64_t mstatus; /* both halves in one word also for RV32 */
    uint64_t mie, mideleg, medeleg;
    /*
     * [atomic] Interrupt pending bits. mip_lines: what the input lines say; mip_sw: what CSR writes
     * set (SSIP, STIP, SEIP) and what a rise of the SSIP input sets; stimecmp's STIP is in
     * mip_lines too. mip as read = their or.
     */
    uint64_t mip_lines;
    uint64_t mip_sw;
    uint64_t mtvec, mscratch, mepc, mcause, mtval, mtval2, mtinst;
    uint64_t stvec, sscratch, sepc, scause, stval, satp;
    uint64_t mcounteren, scounteren, mcountinhibit;
    uint64_t menvcfg, senvcfg, mseccfg;
    uint64_t stimecmp;
    uint64_t mhpmevent[RV_MAX_MHPM];
    uint64_t mhpmcounter[RV_MAX_MHPM]; /* offset or value: see csr-counters.c */
    uint64_t tselect, tdata1[2], tdata2[2];

    RISCVPMPEntry pmp[RV_MAX_PMP];
    bool pmp_active; /* some entry is on: M-mode checks needed for locked ones, S/U always */
    RISCVPMPRange pmp_range[2]; /* what pmp_check() found last, below M mode and in it */
    RISCVWalkCache walk_cache;

    const RISCVCPUConfig *cfg; /* [const] after realize */
    RISCVCPU *cpu;             /* [const] */
    TimeBase *time_base;       /* [const] NULL: no time CSR */
    QEMUTimer *stimecmp_timer; /* [const] NULL: no stimecmp */
    QemuMutex stimecmp_lock;   /* [const] see csr-timer.c */
    uint64_t resetvec;         /* [const] */
    uint64_t mhartid;          /* [const] */
} CPURISCVState;

struct RISCVCPU {
    CPUState parent_obj;
    CPURISCVState env;
    RISCVCPUConfig cfg;
    const char *priv_spec;       /* as given, or NULL */
    bool satp_mode_given;        /* some svNN=on was given: the largest wins */
    char *gdb_xml[5];            /* riscv_cpu_gdb_get_xml()'s texts, made when first asked for */
    Notifier time_base_notifier; /* the time base jumped: csr-timer.c */
};

struct RISCVCPUClass {
    CPUClass parent_class;
    DeviceRealize parent_realize;
    const void *model; /* row of the model table */
};

static inline RISCVCPU *env_cpu(CPURISCVState *env)
{
    return env->cpu;
}
static inline CPUState *env_cpu_state(CPURISCVState *env)
{
    return env->tcg.cpu;
}

/* ---- tb_flags: everything that translation depends on besides pc ----------------------------- */

enum {
    TB_FLAGS_PRIV_SHIFT = 0, /* 2 bits */
    TB_FLAGS_XL_SHIFT = 2,   /* 2 bits: as env->xl */
    TB_FLAGS_MEM_SHIFT = 4,  /* 3 bits: MMU index of data accesses */
    TB_FLAGS_FS_SHIFT =
        7, /* 2 bits: mstatus.FS; 0 = FP instructions are illegal, 3 = dirty already */
    TB_FLAGS_FRM_SHIFT = 9, /* 3 bits: frm */
    TB_FLAGS_VIRT = 1 << 12,
    TB_FLAGS_TVM = 1 << 13, /* S-mode satp and sfence.vma are illegal */
    TB_FLAGS_TSR = 1 << 14, /* S-mode sret is illegal */
    TB_FLAGS_TW = 1 << 15,  /* wfi below M is illegal */
    TB_FLAGS_CBIE_SHIFT =
        16, /* 2 bits: effective cbo.inval permission: 0 illegal, 1 flush, 3 inval */
    TB_FLAGS_CBCFE = 1 << 18, /* cbo.clean and cbo.flush allowed */
    TB_FLAGS_CBZE = 1 << 19,  /* cbo.zero allowed */
    TB_FLAGS_ITRIGGER = 1 << 20,
    TB_FLAGS_EXT_SHIFT =
        24, /* 8 bits: misa letters that can be switched off: A C D F M ... (misa.c) */
};

/*
 * MMU indices. Data accesses of a mode under translation, SUM and MXR in the index, so that no
 * change of them flushes anything.
 */
enum {
    MMU_IDX_U = 0,
    MMU_IDX_S = 1, /* SUM = 0 */
    MMU_IDX_S_SUM = 2,
    MMU_IDX_M = 3,   /* no translation; PMP as for M */
    MMU_IDX_MXR = 4, /* or-ed: loads also from execute-only pages */
};

/*
 * Recompute tcg.tb_flags, tcg.fetch_mmu_idx, env->xl and tell accel. After any change of an input.
 */
void riscv_cpu_update_flags(CPURISCVState *env);

/* ---- traps (trap.c) -------------------------------------------------------------------------- */

/*
 * Record a synchronous exception for the instruction at env->tcg.pc; the caller returns
 * TCG_EXIT_TRAP (or the value of riscv_trap(), which is a TCGRet saying so).
 */
void riscv_raise_exception(CPURISCVState *env, uint64_t cause, uint64_t tval);
static inline TCGRet riscv_trap(CPURISCVState *env, uint64_t cause, uint64_t tval)
{
    riscv_raise_exception(env, cause, tval);
    return (TCGRet){.value = 0, .status = TCG_EXIT_TRAP};
}

/*
 * "Illegal instruction" from a helper, which does not know the instruction's bits: tval becomes
 * these.
 */
TCGRet riscv_trap_illegal(CPURISCVState *env);

/* mip as an instruction reads it. Any thread. */
uint64_t riscv_cpu_mip(CPURISCVState *env);
/* Set or clear bits of mip_lines and let the hart look at them. Any thread. */
void riscv_cpu_set_mip_lines(CPURISCVState *env, uint64_t mask, bool level);

/* Set mip.SSIP, which only software clears. Any thread. */
void riscv_cpu_raise_ssip(CPURISCVState *env);

/* CPUClass and TCGCPUOps methods, and the text of a trap for logs. */
void riscv_cpu_do_exception(CPUState *cpu);
bool riscv_cpu_exec_interrupt(CPUState *cpu);
bool riscv_cpu_has_work(CPUState *cpu);
const char *riscv_trap_name(uint64_t cause, bool is_interrupt);

/*
 * An interrupt may have become takeable by this instruction: have the hart look at its next poll.
 */
void riscv_cpu_check_interrupts(CPURISCVState *env);

/* xepc as a trap return uses it: the low bits that IALIGN does not allow read as zero. */
static inline uint64_t riscv_pc_mask(const CPURISCVState *env)
{
    return env->cfg->ext_zca && (env->misa_ext & (1u << ('c' - 'a'))) ? ~UINT64_C(1) : ~UINT64_C(3);
}

/* ---- address translation (mmu.c) ------------------------------------------------------------- */

bool riscv_cpu_tlb_fill(CPUState *cpu, vaddr va, unsigned size, MMUAccessType access,
                        unsigned mmu_idx, bool probe, CPUTLBFill *fill);
void riscv_cpu_bus_error(CPUState *cpu, vaddr va, unsigned size, MMUAccessType access,
                         MemTxResult result);
void riscv_cpu_unaligned(CPUState *cpu, vaddr va, MMUAccessType access, bool is_atomic);
/* satp has another value. [vcpu] */
void riscv_mmu_satp_written(CPURISCVState *env);
/* sfence.vma; NULL: all addresses, all address spaces. [vcpu] */
void riscv_mmu_fence(CPURISCVState *env, const uint64_t *va, const uint64_t *asid);
/* Forget page tables that walks have found. [vcpu] */
void riscv_walk_cache_flush(CPUState *cpu);
hwaddr riscv_cpu_get_phys_page_debug(CPUState *cpu, vaddr va);
/* The same for code: MPRV does not count. */
hwaddr riscv_cpu_get_code_page_debug(CPUState *cpu, vaddr va);

/* ---- helpers called by generated code: rows in helper.def ------------------------------------ */

typedef enum RISCVHelper {
#define HELPER(name, sig, flags, alias, reads, writes) HELPER_##name,
#include "target/riscv/helper.def"
#undef HELPER
    NB_RISCV_HELPERS,
} RISCVHelper;
extern const TCGHelper riscv_helpers[];

/*
 * gpr global n is TCG global n - 1 (x1 = 0 ... x31 = 30); fpr n is global 31 + n (f0 = 31 ... f31 =
 * 62).
 */
#define RV_GLOBAL_GPR(n) ((n)-1)
#define RV_GLOBAL_FPR(n) (31 + (n))

#endif
