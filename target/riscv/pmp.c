/* SPDX-License-Identifier: MIT */
/*
 * Physical memory protection: who may access what, and over how large a range that answer holds.
 *
 * Specification: Privileged ISA 20240411, "Physical Memory Protection". Granularity (4 bytes or
 * more) is the model's.
 * Threads: the hart's own. Tests: tests/unit/target/riscv/test-pmp.c
 */
#include "qemu/osdep.h"

#include "target/riscv/cpu.h"
#include "target/riscv/pmp.h"

/*
 * Decode entry @n from its CSRs: "Address Matching". Address bits below the granule do not count
 * for TOR, and are ones for NAPOT.
 */
static void pmp_entry_decode(CPURISCVState *env, unsigned n)
{
    RISCVPMPEntry *e = &env->pmp[n];
    uint64_t granule = BIT_ULL(env->cfg->pmp_granularity_log2 - 2) - 1;
    uint64_t below = n ? env->pmp[n - 1].addr & ~granule : 0;
    uint64_t top = e->addr & ~granule;
    uint64_t napot = e->addr | granule >> 1;
    unsigned ones;

    switch (e->cfg & PMP_A) {
    case PMP_TOR:
        e->first = below << 2;
        e->last = (top << 2) - 1;
        if (top <= below) {
            e->first = 1;
            e->last = 0;
        }
        break;
    case PMP_NA4:
        e->first = e->addr << 2;
        e->last = e->first + 3;
        break;
    case PMP_NAPOT:
        ones = (unsigned)__builtin_ctzll(~napot); /* at most 54: pmpaddr has no more bits */
        if (ones >= 53) {
            e->first = 0;
            e->last = UINT64_MAX;
        } else {
            e->first = (napot & ~MAKE_64BIT_MASK(0, ones + 1)) << 2;
            e->last = e->first + (UINT64_C(8) << ones) - 1;
        }
        break;
    default:
        e->first = 1;
        e->last = 0;
        break;
    }
}

static void pmp_forget_ranges(CPURISCVState *env)
{
    for (unsigned m = 0; m < G_N_ELEMENTS(env->pmp_range); m++) {
        env->pmp_range[m] = (RISCVPMPRange){.first = 1, .last = 0};
    }
}

static void pmp_update(CPURISCVState *env)
{
    pmp_forget_ranges(env);
    env->pmp_active = false;
    for (unsigned n = 0; n < env->cfg->pmp_regions; n++) {
        pmp_entry_decode(env, n);
        env->pmp_active |= (env->pmp[n].cfg & PMP_A) != PMP_OFF;
    }
    tlb_flush(env_cpu_state(env));
}

void pmp_reset(CPURISCVState *env)
{
    memset(env->pmp, 0, sizeof(env->pmp));
    for (unsigned n = 0; n < RV_MAX_PMP; n++) {
        pmp_entry_decode(env, n);
    }
    env->pmp_active = false;
    pmp_forget_ranges(env);
}

/* An address CSR is locked with its entry, and with the next one if that is TOR and locked. */
static bool pmp_addr_locked(const CPURISCVState *env, unsigned n)
{
    const RISCVPMPEntry *next = &env->pmp[n + 1];

    if (env->pmp[n].cfg & PMP_L) {
        return true;
    }
    return n + 1 < env->cfg->pmp_regions && (next->cfg & PMP_L) && (next->cfg & PMP_A) == PMP_TOR;
}

uint8_t pmp_cfg_read(const CPURISCVState *env, unsigned n)
{
    return env->pmp[n].cfg;
}

void pmp_cfg_write_word(CPURISCVState *env, unsigned first, unsigned count, uint64_t value)
{
    bool changed = false;

    for (unsigned i = 0; i < count; i++) {
        unsigned n = first + i;
        uint8_t cfg = (value >> (8 * i)) & (PMP_R | PMP_W | PMP_X | PMP_A | PMP_L);

        if (n >= env->cfg->pmp_regions || (env->pmp[n].cfg & PMP_L)) {
            continue;
        }
        /*
         * W without R is reserved; NA4 does not exist where the granule is larger: both keep the
         * old value
         */
        if ((cfg & (PMP_R | PMP_W)) == PMP_W ||
            ((cfg & PMP_A) == PMP_NA4 && env->cfg->pmp_granularity_log2 > 2)) {
            continue;
        }
        changed |= env->pmp[n].cfg != cfg;
        env->pmp[n].cfg = cfg;
    }
    if (changed) {
        pmp_update(env);
    }
}

uint64_t pmp_addr_read(const CPURISCVState *env, unsigned n)
{
    const RISCVPMPEntry *e = &env->pmp[n];
    unsigned g = env->cfg->pmp_granularity_log2 - 2;

    if (g == 0) {
        return e->addr;
    }
    /* "bits pmpaddr[G-2:0] read as all ones" for NAPOT, "pmpaddr[G-1:0] read as all zeros" else */
    if ((e->cfg & PMP_A) == PMP_NAPOT) {
        return g >= 2 ? e->addr | MAKE_64BIT_MASK(0, g - 1) : e->addr;
    }
    return e->addr & ~MAKE_64BIT_MASK(0, g);
}

void pmp_addr_write(CPURISCVState *env, unsigned n, uint64_t value)
{
    unsigned bits = env->mxl == 1 ? 32 : 54;

    if (n >= env->cfg->pmp_regions || pmp_addr_locked(env, n)) {
        return;
    }
    value &= MAKE_64BIT_MASK(0, bits);
    if (env->pmp[n].addr != value) {
        env->pmp[n].addr = value;
        pmp_update(env);
    }
}

/*
 * The largest range around @pa whose bytes all have the same first matching entry, or none: what
 * that entry gives to M mode (@m_mode) or to the others.
 */
static RISCVPMPRange pmp_range_around(const CPURISCVState *env, hwaddr pa, bool m_mode)
{
    uint8_t all = PAGE_READ | PAGE_WRITE | PAGE_EXEC;
    RISCVPMPRange r = {.first = 0, .last = UINT64_MAX, .rights = m_mode ? all : 0};

    for (unsigned n = 0; env->pmp_active && n < env->cfg->pmp_regions; n++) {
        const RISCVPMPEntry *e = &env->pmp[n];

        if (e->first > e->last) {
            continue;
        }
        if (pa > e->last) {
            r.first = MAX(r.first, e->last + 1);
        } else if (pa < e->first) {
            r.last = MIN(r.last, e->first - 1);
        } else {
            r.first = MAX(r.first, e->first);
            r.last = MIN(r.last, e->last);
            if (!m_mode || (e->cfg & PMP_L)) {
                r.rights = (e->cfg & PMP_R ? PAGE_READ : 0) | (e->cfg & PMP_W ? PAGE_WRITE : 0) |
                           (e->cfg & PMP_X ? PAGE_EXEC : 0);
            }
            break;
        }
    }
    return r;
}

uint8_t pmp_check(CPURISCVState *env, hwaddr pa, unsigned size, uint8_t priv, unsigned *size_log2)
{
    RISCVPMPRange *r = &env->pmp_range[priv == PRV_M];
    hwaddr end = pa + size - 1;

    if (!env->cfg->pmp || env->cfg->pmp_regions == 0) {
        return PAGE_READ | PAGE_WRITE | PAGE_EXEC;
    }
    if (unlikely(pa < r->first || pa > r->last)) {
        *r = pmp_range_around(env, pa, priv == PRV_M);
    }
    /* blocks around the access, ever smaller; a misaligned access leaves the small ones */
    while (*size_log2 >= 2 && !((pa ^ end) >> *size_log2)) {
        hwaddr first = pa & ~MAKE_64BIT_MASK(0, *size_log2);

        if (first >= r->first && first + MAKE_64BIT_MASK(0, *size_log2) <= r->last) {
            return r->rights;
        }
        *size_log2 = *size_log2 > TARGET_PAGE_BITS ? TARGET_PAGE_BITS : *size_log2 - 1;
    }
    /*
     * no larger block is covered alike: the access itself decides, and fails where only part of it
     * matches
     */
    return end >= pa && end <= r->last ? r->rights : 0;
}
