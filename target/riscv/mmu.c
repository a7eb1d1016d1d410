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

static bool vm_scheme(const CPURISCVState *env, VMScheme *scheme, hwaddr *root)
{
    if (env->mxl == 1) {
        *scheme = (VMScheme){.levels = 2, .vpn_bits = 10, .pte_log2 = 2};
        *root = (env->satp & SATP32_PPN) << TARGET_PAGE_BITS;
        return (env->satp & SATP32_MODE) != 0;
    }
    *scheme = (VMScheme){.vpn_bits = 9, .pte_log2 = 3};
    *root = (env->satp & SATP64_PPN) << TARGET_PAGE_BITS;
    switch (env->satp >> SATP64_MODE_SHIFT) {
    case VM_SV39:
        scheme->levels = 3;
        return true;
    case VM_SV48:
        scheme->levels = 4;
        return true;
    case VM_SV57:
        scheme->levels = 5;
        return true;
    default:
        return false;
    }
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

/* ---- table entries --------------------------------------------------------------------------- */

/* Where an entry lies. */
typedef struct PTEPlace {
    hwaddr pa;
    MemoryRegion *mr;
    hwaddr offset; /* in mr */
    void *host;
} PTEPlace;

/*
 * The entry at @pa, of @size bytes; false where no RAM or ROM is. Entries in I/O space are not
 * supported: an access fault, as the manual allows for regions without the PMA "page-table reads".
 */
static bool pte_find(const Walk *w, hwaddr pa, unsigned size, PTEPlace *place)
{
    CPUState *cpu = env_cpu_state(w->env);
    hwaddr len = size;

    place->pa = pa;
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

/* Step 9: A, and D for a store. Updates *@pte. ROM lacks the PMA "page-table writes". */
static WalkResult leaf_set_ad(const Walk *w, const PTEPlace *place, unsigned pte_log2,
                              uint64_t *pte)
{
    uint64_t want = *pte | PTE_A | (w->access == MMU_DATA_STORE ? PTE_D : 0);

    if (want == *pte || w->debug) {
        return WALK_OK;
    }
    if (!(w->env->menvcfg & MENVCFG_ADUE)) {
        return WALK_PAGE_FAULT;
    }
    if (!walker_allowed(w, place->pa, 1u << pte_log2, PAGE_READ | PAGE_WRITE) ||
        !memory_region_access_is_direct(place->mr, true)) {
        return WALK_ACCESS_FAULT;
    }
    if (!pte_cas(place->host, pte_log2, *pte, want)) {
        return WALK_AGAIN;
    }
    memory_region_set_dirty(place->mr, place->offset, 1u << pte_log2);
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

static WalkResult walk_once(const Walk *w, const VMScheme *scheme, hwaddr table, CPUTLBFill *fill)
{
    unsigned pte_size = 1u << scheme->pte_log2;

    for (int level = scheme->levels - 1; level >= 0; level--) {
        unsigned shift = TARGET_PAGE_BITS + (unsigned)level * scheme->vpn_bits;
        hwaddr pa = table + (extract64(w->va, shift, scheme->vpn_bits) << scheme->pte_log2);
        WalkResult result;
        PTEPlace place;
        uint64_t pte;

        if (!walker_allowed(w, pa, pte_size, PAGE_READ)) {
            return WALK_ACCESS_FAULT;
        }
        if (!pte_find(w, pa, pte_size, &place)) {
            return WALK_ACCESS_FAULT;
        }
        pte = pte_read(place.host, scheme->pte_log2);
        if (!(pte & PTE_V) || (pte & (PTE_R | PTE_W)) == PTE_W ||
            (scheme->pte_log2 == 3 && (pte & PTE64_RESERVED))) {
            return WALK_PAGE_FAULT;
        }
        table = (scheme->pte_log2 == 3 ? (pte & PTE64_PPN) >> PTE_PPN_SHIFT : pte >> PTE_PPN_SHIFT)
                << TARGET_PAGE_BITS;
        if (!(pte & (PTE_R | PTE_W | PTE_X))) {
            if (pte & (PTE_U | PTE_A | PTE_D)) {
                return WALK_PAGE_FAULT;
            }
            continue;
        }
        /* a superpage's lower PPN bits must be zero */
        if (!leaf_allows(w, pte) || (table & MAKE_64BIT_MASK(0, shift))) {
            return WALK_PAGE_FAULT;
        }
        result = leaf_set_ad(w, &place, scheme->pte_log2, &pte);
        if (result != WALK_OK) {
            return result;
        }
        fill->phys = table | (w->va & MAKE_64BIT_MASK(0, shift));
        fill->prot = leaf_prot(w, pte);
        fill->size_log2 = (uint8_t)shift;
        return WALK_OK;
    }
    return WALK_PAGE_FAULT;
}

static WalkResult walk(const Walk *w, CPUTLBFill *fill)
{
    VMScheme scheme;
    WalkResult result;
    hwaddr root;

    if (w->priv == PRV_M || !vm_scheme(w->env, &scheme, &root)) {
        fill->phys = w->env->mxl == 1 ? (uint32_t)w->va : w->va;
        fill->prot = PAGE_READ | PAGE_WRITE | PAGE_EXEC;
        fill->size_log2 = TARGET_PAGE_BITS;
        return WALK_OK;
    }
    if (!va_is_canonical(&scheme, w->va)) {
        return WALK_PAGE_FAULT;
    }
    RCU_READ_LOCK_GUARD();
    do {
        result = walk_once(w, &scheme, root, fill);
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
    unsigned size_log2 = fill->size_log2;

    if (result == WALK_OK) {
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
    if (!cpu_probe(&env->tcg, va, len, MMU_DATA_STORE, data_mmu_idx(env), &host)) {
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
