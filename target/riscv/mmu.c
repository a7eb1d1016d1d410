/* SPDX-License-Identifier: MIT */
/*
 * Address translation: page-table walks, their protection, and the exceptions that accesses raise.
 *
 * Specification: Privileged ISA 20240411, "Sv32", "Sv39", "Sv48", "Sv57", "Virtual Address
 * Translation Process", "Svade", "Svadu"; "Physical Memory Protection" for the walker's own
 * accesses.
 * Threads: the hart's own. A and D bits are set by compare-and-swap: other harts walk the same
 * tables.
 * Tests: tests/unit/target/riscv/test-mmu.c; Linux.
 */
#include "qemu/osdep.h"

#include "qemu/log.h"
#include "qemu/rcu.h"
#include "system/memory.h"
#include "target/riscv/cpu.h"
#include "target/riscv/helper.h"
#include "target/riscv/pmp.h"

/* One scheme's geometry. */
typedef struct VMScheme {
    uint8_t levels;
    uint8_t vpn_bits; /* per level */
    uint8_t pte_log2; /* bytes */
} VMScheme;

/* That of satp; NULL: no translation. */
static const VMScheme *vm_scheme(const CPURISCVState *env)
{
    static const VMScheme sv32 = {.levels = 2, .vpn_bits = 10, .pte_log2 = 2};
    static const VMScheme by_mode[16] = {
        [VM_SV39] = {.levels = 3, .vpn_bits = 9, .pte_log2 = 3},
        [VM_SV48] = {.levels = 4, .vpn_bits = 9, .pte_log2 = 3},
        [VM_SV57] = {.levels = 5, .vpn_bits = 9, .pte_log2 = 3},
    };
    const VMScheme *scheme;

    if (unlikely(env->mxl == 1)) {
        return env->satp & SATP32_MODE ? &sv32 : NULL;
    }
    scheme = &by_mode[env->satp >> SATP64_MODE_SHIFT];
    return scheme->levels ? scheme : NULL;
}

static hwaddr vm_root(const CPURISCVState *env)
{
    return (env->satp & (env->mxl == 1 ? SATP32_PPN : SATP64_PPN)) << TARGET_PAGE_BITS;
}

/* What a walk is for. */
typedef struct Walk {
    CPURISCVState *env;
    vaddr va;
    MMUAccessType access;
    uint8_t priv;
    bool sum, mxr;
    bool debug; /* no side effects, no protection */
} Walk;

typedef enum WalkResult {
    WALK_OK,
    WALK_PAGE_FAULT,
    WALK_ACCESS_FAULT,
    WALK_AGAIN, /* an entry changed under the walk */
} WalkResult;

/* A page table on the way down. */
typedef struct WalkTable {
    hwaddr pa;
    const uint8_t *host; /* all of it may be read there; NULL: to be found out for each entry */
    bool global;         /* a pointer that led here says so */
} WalkTable;

/* ---- table entries --------------------------------------------------------------------------- */

/* Where an entry lies. */
typedef struct PTEPlace {
    MemoryRegion *mr;
    hwaddr offset; /* in mr */
    void *host;
} PTEPlace;

/*
 * The entry at @pa, of @size bytes; false where no RAM or ROM is. Entries in I/O space are not
 * supported: an access fault, as the manual allows for regions without the PMA "page-table reads".
 * Under RCU.
 */
static bool pte_find(const Walk *w, hwaddr pa, unsigned size, PTEPlace *place)
{
    CPUState *cpu = env_cpu_state(w->env);
    hwaddr len = size;

    place->mr =
        address_space_translate(cpu->as, pa, &place->offset, &len, false, MEMTXATTRS_UNSPECIFIED);
    if (len < size || !memory_region_access_is_direct(place->mr, false)) {
        return false;
    }
    place->host = (uint8_t *)memory_region_get_ram_ptr(place->mr) + place->offset;
    return true;
}

static uint64_t pte_read(const void *host, unsigned pte_log2)
{
    return pte_log2 == 2 ? GUINT32_FROM_LE(qatomic_read((const uint32_t *)host)) :
                           GUINT64_FROM_LE(qatomic_read((const uint64_t *)host));
}

static bool pte_cas(void *host, unsigned pte_log2, uint64_t old, uint64_t new)
{
    if (pte_log2 == 2) {
        return qatomic_cmpxchg((uint32_t *)host, GUINT32_TO_LE((uint32_t)old),
                               GUINT32_TO_LE((uint32_t) new)) == GUINT32_TO_LE((uint32_t)old);
    }
    return qatomic_cmpxchg((uint64_t *)host, GUINT64_TO_LE(old), GUINT64_TO_LE(new)) ==
           GUINT64_TO_LE(old);
}

static bool walker_allowed(const Walk *w, hwaddr pa, unsigned size, uint8_t need)
{
    unsigned size_log2 = 3;

    return w->debug || (pmp_check(w->env, pa, size, PRV_S, &size_log2) & need) == need;
}

/* The entry at @pa; false: the walker may not read there. */
static bool pte_fetch(const Walk *w, hwaddr pa, unsigned pte_log2, uint64_t *pte)
{
    PTEPlace place;

    RCU_READ_LOCK_GUARD();
    if (!walker_allowed(w, pa, 1u << pte_log2, PAGE_READ) ||
        !pte_find(w, pa, 1u << pte_log2, &place)) {
        return false;
    }
    *pte = pte_read(place.host, pte_log2);
    return true;
}

/* Steps 5 to 7 of the process: may this access use this leaf? */
static bool leaf_allows(const Walk *w, uint64_t pte)
{
    if (w->debug) {
        return true;
    }
    if (pte & PTE_U) {
        if (w->priv != PRV_U && (!w->sum || w->access == MMU_INST_FETCH)) {
            return false;
        }
    } else if (w->priv == PRV_U) {
        return false;
    }
    switch (w->access) {
    case MMU_DATA_LOAD:
        return (pte & PTE_R) || (w->mxr && (pte & PTE_X));
    case MMU_DATA_STORE:
        return (pte & PTE_W) != 0;
    default:
        return (pte & PTE_X) != 0;
    }
}

/*
 * Step 9: A, and D for a store, in the entry at @pa. Updates *@pte. ROM lacks the PMA "page-table
 * writes".
 */
static WalkResult leaf_set_ad(const Walk *w, hwaddr pa, unsigned pte_log2, uint64_t *pte)
{
    uint64_t want = *pte | PTE_A | (w->access == MMU_DATA_STORE ? PTE_D : 0);
    PTEPlace place;

    if (likely(want == *pte) || w->debug) {
        return WALK_OK;
    }
    if (!(w->env->menvcfg & MENVCFG_ADUE)) {
        return WALK_PAGE_FAULT;
    }
    RCU_READ_LOCK_GUARD();
    if (!walker_allowed(w, pa, 1u << pte_log2, PAGE_READ | PAGE_WRITE) ||
        !pte_find(w, pa, 1u << pte_log2, &place) ||
        !memory_region_access_is_direct(place.mr, true)) {
        return WALK_ACCESS_FAULT;
    }
    if (!pte_cas(place.host, pte_log2, *pte, want)) {
        return WALK_AGAIN;
    }
    memory_region_set_dirty(place.mr, place.offset, 1u << pte_log2);
    *pte = want;
    return WALK_OK;
}

static uint8_t leaf_prot(const Walk *w, uint64_t pte)
{
    uint8_t prot = 0;

    if ((pte & PTE_R) || (w->mxr && (pte & PTE_X))) {
        prot |= PAGE_READ;
    }
    /* not until D is set: the first store has to come here */
    if ((pte & PTE_W) && (pte & PTE_D)) {
        prot |= PAGE_WRITE;
    }
    if (pte & PTE_X) {
        prot |= PAGE_EXEC;
    }
    return prot;
}

static bool va_is_canonical(const VMScheme *scheme, vaddr va)
{
    unsigned bits = TARGET_PAGE_BITS + scheme->levels * scheme->vpn_bits;

    return bits >= 64 || scheme->pte_log2 == 2 ||
           (int64_t)va == (int64_t)(va << (64 - bits)) >> (64 - bits);
}

/* ---- walk cache ------------------------------------------------------------------------------ */

/*
 * Pointers to page tables of the two last levels, by address and satp. Entries of the tables
 * themselves are read from memory at each walk. "If software modifies a non-leaf PTE, it should
 * execute SFENCE.VMA with rs1=x0": that drops everything, and one with an address what is on the
 * way to it, for software that knows no better.
 *
 * Host addresses are good until accel empties its TLB as a whole (TCGCPUOps.tlb_flushed).
 */

static unsigned walk_stretch_log2(const VMScheme *scheme, unsigned level)
{
    return TARGET_PAGE_BITS + (level + 1) * scheme->vpn_bits;
}

static RISCVWalkEntry *walk_cache_set(CPURISCVState *env, unsigned level, uint64_t va_tag)
{
    return env->walk_cache.entry[level][va_tag % RISCV_WALK_SETS];
}

/* Levels below this one are kept; the root is no news. */
static unsigned walk_cache_levels(const VMScheme *scheme)
{
    return MIN(RISCV_WALK_LEVELS, scheme->levels - 1u);
}

/* The level from which to walk on, with its table; -1: from the root. */
static int walk_cache_find(const Walk *w, const VMScheme *scheme, WalkTable *table)
{
    CPURISCVState *env = w->env;

    for (unsigned level = 0; level < walk_cache_levels(scheme); level++) {
        uint64_t va_tag = w->va >> walk_stretch_log2(scheme, level);
        const RISCVWalkEntry *set = walk_cache_set(env, level, va_tag);

        for (unsigned way = 0; way < RISCV_WALK_WAYS; way++) {
            const RISCVWalkEntry *e = &set[way];

            if (e->va_tag == va_tag && e->satp == env->satp &&
                e->generation == env->walk_cache.generation) {
                *table = (WalkTable){.pa = e->pa, .host = e->host, .global = e->global};
                return (int)level;
            }
        }
    }
    return -1;
}

static void walk_cache_add(const Walk *w, const VMScheme *scheme, unsigned level,
                           const WalkTable *table)
{
    CPURISCVState *env = w->env;
    uint64_t va_tag = w->va >> walk_stretch_log2(scheme, level);
    RISCVWalkEntry *set = walk_cache_set(env, level, va_tag);

    /* the newest first */
    memmove(&set[1], &set[0], (RISCV_WALK_WAYS - 1) * sizeof(set[0]));
    set[0] = (RISCVWalkEntry){
        .satp = env->satp,
        .va_tag = va_tag,
        .generation = env->walk_cache.generation,
        .host = table->host,
        .pa = table->pa,
        .global = table->global,
    };
}

void riscv_walk_cache_flush(CPUState *cpu)
{
    CPURISCVState *env = cpu->env_ptr;

    env->walk_cache.generation++;
}

static void walk_cache_flush_va(CPURISCVState *env, vaddr va)
{
    const VMScheme *scheme = vm_scheme(env);

    if (!scheme) {
        env->walk_cache.generation++;
        return;
    }
    for (unsigned level = 0; level < walk_cache_levels(scheme); level++) {
        uint64_t va_tag = va >> walk_stretch_log2(scheme, level);
        RISCVWalkEntry *set = walk_cache_set(env, level, va_tag);

        for (unsigned way = 0; way < RISCV_WALK_WAYS; way++) {
            if (set[way].va_tag == va_tag) {
                set[way].generation = 0;
            }
        }
    }
}

/* ---- address spaces -------------------------------------------------------------------------- */

/*
 * An address space is what all of satp says: a change of its root alone, too, leads to another one.
 * Those of ASID 0 keep nothing while they are not selected: software that makes no use of ASIDs
 * might rely on a write to satp, which all simple harts let flush.
 */
static uint64_t satp_asid_mask(const CPURISCVState *env)
{
    return env->mxl == 1 ? SATP32_ASID : SATP64_ASID;
}

void riscv_mmu_satp_written(CPURISCVState *env)
{
    bool flush = !(env->satp & satp_asid_mask(env));

    if (flush) {
        env->walk_cache.generation++;
    }
    tlb_select_space(env_cpu_state(env), env->satp, flush);
}

/* "Supervisor Memory-Management Fence Instruction" */
void riscv_mmu_fence(CPURISCVState *env, const uint64_t *va, const uint64_t *asid)
{
    CPUState *cpu = env_cpu_state(env);
    uint64_t mask = satp_asid_mask(env);
    uint64_t id = asid ? *asid << __builtin_ctzll(mask) : 0;

    if (va) {
        walk_cache_flush_va(env, *va);
    } else {
        env->walk_cache.generation++;
    }
    if (va && asid) {
        tlb_flush_page_space(cpu, *va, id, mask);
    } else if (va) {
        tlb_flush_page(cpu, *va);
    } else if (asid) {
        tlb_flush_space(cpu, id, mask);
    } else {
        tlb_flush(cpu);
    }
}

/* ---- the walk -------------------------------------------------------------------------------- */

/* Go down to the table at @pa. */
static void walk_descend(const Walk *w, const VMScheme *scheme, unsigned level, hwaddr pa,
                         WalkTable *table)
{
    unsigned size_log2 = TARGET_PAGE_BITS;

    table->pa = pa;
    table->host = NULL;
    /* a debugger looks on from another thread */
    if (w->debug || !(pmp_check(w->env, pa, 1, PRV_S, &size_log2) & PAGE_READ) ||
        size_log2 < TARGET_PAGE_BITS) {
        return;
    }
    table->host = cpu_ram_ptr(&w->env->tcg, pa, TARGET_PAGE_SIZE);
    if (table->host && level < walk_cache_levels(scheme)) {
        walk_cache_add(w, scheme, level, table);
    }
}

static bool pte_is_valid(const VMScheme *scheme, uint64_t pte)
{
    return (pte & PTE_V) && (pte & (PTE_R | PTE_W)) != PTE_W &&
           !(scheme->pte_log2 == 3 && (pte & PTE64_RESERVED));
}

static hwaddr pte_target(const VMScheme *scheme, uint64_t pte)
{
    return (scheme->pte_log2 == 3 ? (pte & PTE64_PPN) >> PTE_PPN_SHIFT : pte >> PTE_PPN_SHIFT)
           << TARGET_PAGE_BITS;
}

/* The leaf @pte at @pte_pa, of size @shift. */
static WalkResult walk_leaf(const Walk *w, const VMScheme *scheme, unsigned shift, hwaddr pte_pa,
                            uint64_t pte, CPUTLBFill *fill)
{
    hwaddr pa = pte_target(scheme, pte);
    WalkResult result;

    /* a superpage's lower PPN bits must be zero */
    if (!leaf_allows(w, pte) || (pa & MAKE_64BIT_MASK(0, shift))) {
        return WALK_PAGE_FAULT;
    }
    result = leaf_set_ad(w, pte_pa, scheme->pte_log2, &pte);
    if (result != WALK_OK) {
        return result;
    }
    fill->phys = pa | (w->va & MAKE_64BIT_MASK(0, shift));
    fill->prot = leaf_prot(w, pte);
    fill->size_log2 = (uint8_t)shift;
    fill->global |= (pte & PTE_G) != 0;
    return WALK_OK;
}

/* From @level's @table on down. */
static WalkResult walk_from(const Walk *w, const VMScheme *scheme, int level, WalkTable *table,
                            CPUTLBFill *fill)
{
    for (;; level--) {
        unsigned shift = TARGET_PAGE_BITS + (unsigned)level * scheme->vpn_bits;
        hwaddr offset = extract64(w->va, shift, scheme->vpn_bits) << scheme->pte_log2;
        uint64_t pte;

        if (likely(table->host)) {
            pte = pte_read(table->host + offset, scheme->pte_log2);
        } else if (!pte_fetch(w, table->pa + offset, scheme->pte_log2, &pte)) {
            return WALK_ACCESS_FAULT;
        }
        if (!pte_is_valid(scheme, pte)) {
            return WALK_PAGE_FAULT;
        }
        if (pte & (PTE_R | PTE_W | PTE_X)) {
            fill->global = table->global;
            return walk_leaf(w, scheme, shift, table->pa + offset, pte, fill);
        }
        if ((pte & (PTE_U | PTE_A | PTE_D)) || level == 0) {
            return WALK_PAGE_FAULT;
        }
        table->global |= (pte & PTE_G) != 0;
        walk_descend(w, scheme, (unsigned)level - 1, pte_target(scheme, pte), table);
    }
}

static WalkResult walk(const Walk *w, CPUTLBFill *fill)
{
    const VMScheme *scheme = vm_scheme(w->env);
    WalkResult result;

    if (w->priv == PRV_M || !scheme) {
        fill->phys = w->env->mxl == 1 ? (uint32_t)w->va : w->va;
        fill->prot = PAGE_READ | PAGE_WRITE | PAGE_EXEC;
        fill->size_log2 = TARGET_PAGE_BITS;
        fill->global = w->priv == PRV_M;
        return WALK_OK;
    }
    do {
        WalkTable table = {0};
        int level = w->debug ? -1 : walk_cache_find(w, scheme, &table);

        if (level < 0) {
            if (!va_is_canonical(scheme, w->va)) {
                return WALK_PAGE_FAULT;
            }
            level = scheme->levels - 1;
            walk_descend(w, scheme, (unsigned)level, vm_root(w->env), &table);
        }
        result = walk_from(w, scheme, level, &table, fill);
    } while (result == WALK_AGAIN);
    return result;
}

/* ---- exceptions of accesses ------------------------------------------------------------------ */

static uint64_t page_fault_cause(MMUAccessType access)
{
    return access == MMU_DATA_LOAD  ? RISCV_EXCP_LOAD_PAGE_FAULT :
           access == MMU_DATA_STORE ? RISCV_EXCP_STORE_PAGE_FAULT :
                                      RISCV_EXCP_INST_PAGE_FAULT;
}

static uint64_t access_fault_cause(MMUAccessType access)
{
    return access == MMU_DATA_LOAD  ? RISCV_EXCP_LOAD_ACCESS_FAULT :
           access == MMU_DATA_STORE ? RISCV_EXCP_STORE_ACCESS_FAULT :
                                      RISCV_EXCP_INST_ACCESS_FAULT;
}

void riscv_cpu_bus_error(CPUState *cpu, vaddr va, unsigned size, MMUAccessType access,
                         MemTxResult result)
{
    riscv_raise_exception(cpu->env_ptr, access_fault_cause(access), va);
}

void riscv_cpu_unaligned(CPUState *cpu, vaddr va, MMUAccessType access, bool is_atomic)
{
    uint64_t cause = access == MMU_DATA_STORE ? RISCV_EXCP_STORE_ADDR_MIS :
                                                RISCV_EXCP_LOAD_ADDR_MIS;

    riscv_raise_exception(cpu->env_ptr, cause, va);
}

bool riscv_cpu_tlb_fill(CPUState *cpu, vaddr va, unsigned size, MMUAccessType access,
                        unsigned mmu_idx, bool probe, CPUTLBFill *fill)
{
    static const uint8_t need[] = {
        [MMU_DATA_LOAD] = PAGE_READ, [MMU_DATA_STORE] = PAGE_WRITE, [MMU_INST_FETCH] = PAGE_EXEC};
    static const uint8_t priv_of_idx[] = {
        [MMU_IDX_U] = PRV_U, [MMU_IDX_S] = PRV_S, [MMU_IDX_S_SUM] = PRV_S, [MMU_IDX_M] = PRV_M};
    CPURISCVState *env = cpu->env_ptr;
    unsigned idx = mmu_idx & ~MMU_IDX_MXR;
    Walk w = {
        .env = env,
        .va = va,
        .access = access,
        .priv = priv_of_idx[idx],
        .sum = idx == MMU_IDX_S_SUM,
        .mxr = (mmu_idx & MMU_IDX_MXR) != 0,
    };
    WalkResult result = walk(&w, fill);

    if (result == WALK_OK) {
        unsigned size_log2 = fill->size_log2;

        fill->prot &= pmp_check(env, fill->phys, size, w.priv, &size_log2);
        fill->size_log2 = (uint8_t)size_log2;
        fill->attrs = (MemTxAttrs){.user = w.priv == PRV_U,
                                   .is_fetch = access == MMU_INST_FETCH,
                                   .requester_id = (uint16_t)cpu->cpu_index};
        if (fill->prot & need[access]) {
            return true;
        }
        result = WALK_ACCESS_FAULT;
    }
    qemu_log_mask(CPU_LOG_MMU, "%s ad %" PRIx64 " rw %d mmu_idx %u: %s\n", __func__, va, access,
                  mmu_idx, result == WALK_PAGE_FAULT ? "page fault" : "access fault");
    if (!probe) {
        riscv_raise_exception(
            env, result == WALK_PAGE_FAULT ? page_fault_cause(access) : access_fault_cause(access),
            va);
    }
    return false;
}

static hwaddr phys_page_debug(CPURISCVState *env, vaddr va, uint8_t priv)
{
    CPUTLBFill fill;

    if (walk(&(Walk){.env = env, .va = va, .priv = priv, .debug = true}, &fill) != WALK_OK) {
        return HWADDR_MAX;
    }
    return fill.phys & TARGET_PAGE_MASK;
}

hwaddr riscv_cpu_get_phys_page_debug(CPUState *cpu, vaddr va)
{
    CPURISCVState *env = cpu->env_ptr;
    uint8_t priv = env->priv;

    if (priv == PRV_M && (env->mstatus & MSTATUS_MPRV)) {
        priv = extract64(env->mstatus, MSTATUS_MPP_SHIFT, 2);
    }
    return phys_page_debug(env, va, priv);
}

hwaddr riscv_cpu_get_code_page_debug(CPUState *cpu, vaddr va)
{
    CPURISCVState *env = cpu->env_ptr;

    return phys_page_debug(env, va, env->priv);
}

/* ---- cache-block operations ------------------------------------------------------------------ */

static unsigned data_mmu_idx(const CPURISCVState *env)
{
    return extract64(env->tcg.tb_flags, TB_FLAGS_MEM_SHIFT, 3);
}

TCGRet helper_cbo_zero(CPURISCVState *env, uint64_t va)
{
    unsigned len = env->cfg->cboz_blocksize;
    MemOpIdx oi = make_memop_idx(MO_UQ, data_mmu_idx(env));
    void *host;

    va &= ~(uint64_t)(len - 1);
    host = cpu_store_ptr(&env->tcg, va, get_mmuidx(oi));
    if (likely(host && len == 64)) {
        memset(host, 0, 64);
        return (TCGRet){0};
    }
    if (!cpu_probe(&env->tcg, va, len, MMU_DATA_STORE, get_mmuidx(oi), &host)) {
        return (TCGRet){.status = TCG_EXIT_TRAP};
    }
    if (host) {
        memset(host, 0, len);
        return (TCGRet){0};
    }
    for (unsigned i = 0; i < len; i += 8) {
        if (!cpu_st(&env->tcg, va + i, 0, oi)) {
            return (TCGRet){.status = TCG_EXIT_TRAP};
        }
    }
    return (TCGRet){0};
}

/*
 * Management instructions do nothing to coherent memory but check the access: allowed if loads or
 * stores are ("Cache-Block Management Instructions"; a failure is reported as a store's).
 */
TCGRet helper_cbo_check(CPURISCVState *env, uint64_t va)
{
    CPUState *cpu = env_cpu_state(env);
    unsigned idx = data_mmu_idx(env);
    unsigned len = env->cfg->cbom_blocksize;
    CPUTLBFill fill;
    void *host;

    va &= ~(uint64_t)(len - 1);
    if (riscv_cpu_tlb_fill(cpu, va, len, MMU_DATA_LOAD, idx, true, &fill)) {
        return (TCGRet){0};
    }
    if (cpu_probe(&env->tcg, va, len, MMU_DATA_STORE, idx, &host)) {
        return (TCGRet){0};
    }
    return (TCGRet){.status = TCG_EXIT_TRAP};
}
