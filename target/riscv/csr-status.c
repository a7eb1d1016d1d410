/* SPDX-License-Identifier: MIT */
/*
 * CSRs of status, traps and interrupts: mstatus, misa, delegation, enables, vectors, return
 * addresses, satp, identity.
 *
 * Every write legalises its value (WARL) and, where translation depends on it, recomputes the flags
 * word.
 * Specification: Privileged ISA 20240411, "Machine-Level CSRs", "Supervisor CSRs".
 * Threads: the hart's own. Tests: tests/unit/target/riscv/test-csr.c
 */
#include "qemu/osdep.h"

#include "target/riscv/csr.h"

/* ---- mstatus, sstatus ------------------------------------------------------------------------ */

static uint64_t mstatus_writable(const CPURISCVState *env)
{
    uint64_t mask = MSTATUS_MIE | MSTATUS_MPIE | MSTATUS_MPP;

    if (env->cfg->ext_u) {
        mask |= MSTATUS_MPRV | MSTATUS_TW;
    }
    if (env->cfg->ext_s) {
        mask |= MSTATUS_SIE | MSTATUS_SPIE | MSTATUS_SPP | MSTATUS_TSR;
    }
    if (env->cfg->ext_s && env->cfg->mmu) {
        mask |= MSTATUS_SUM | MSTATUS_MXR | MSTATUS_TVM;
    }
    if (env->cfg->ext_f || env->cfg->ext_s) {
        mask |= MSTATUS_FS;
    }
    return mask;
}

static bool priv_is_legal(const CPURISCVState *env, unsigned priv)
{
    return priv == PRV_M || (priv == PRV_S && env->cfg->ext_s) ||
           (priv == PRV_U && env->cfg->ext_u);
}

uint64_t csr_read_mstatus(CPURISCVState *env, unsigned csr)
{
    uint64_t s = env->mstatus;

    if ((s & MSTATUS_FS) == MSTATUS_FS) {
        s |= env->xl == 1 ? BIT_ULL(31) : MSTATUS_SD;
    }
    return s;
}

static void mstatus_set(CPURISCVState *env, uint64_t value, uint64_t mask)
{
    uint64_t new = (env->mstatus & ~mask) | (value & mask);

    if (!priv_is_legal(env, extract64(new, MSTATUS_MPP_SHIFT, 2))) {
        new = (new & ~MSTATUS_MPP) | (env->mstatus & MSTATUS_MPP);
    }
    env->mstatus = new;
    riscv_cpu_update_flags(env);
    riscv_cpu_check_interrupts(env);
}

void csr_write_mstatus(CPURISCVState *env, unsigned csr, uint64_t value)
{
    mstatus_set(env, value, mstatus_writable(env));
}

/* MBE and SBE, the only fields there, are zero: this hart is little-endian. */
uint64_t csr_read_mstatush(CPURISCVState *env, unsigned csr)
{
    return 0;
}

void csr_write_mstatush(CPURISCVState *env, unsigned csr, uint64_t value)
{
}

uint64_t csr_read_sstatus(CPURISCVState *env, unsigned csr)
{
    uint64_t sd = env->xl == 1 ? BIT_ULL(31) : MSTATUS_SD;

    return csr_read_mstatus(env, csr) & (SSTATUS_MASK | sd);
}

void csr_write_sstatus(CPURISCVState *env, unsigned csr, uint64_t value)
{
    mstatus_set(env, value, mstatus_writable(env) & SSTATUS_MASK);
}

/* ---- misa ------------------------------------------------------------------------------------ */

uint64_t csr_read_misa(CPURISCVState *env, unsigned csr)
{
    unsigned mxl_shift = env->mxl == 1 ? 30 : 62;

    return (uint64_t)env->mxl << mxl_shift | env->misa_ext;
}

/* Writes are legal and change nothing: the manual lets a hart keep every extension on. */
void csr_write_misa(CPURISCVState *env, unsigned csr, uint64_t value)
{
}

/* ---- delegation, interrupts ------------------------------------------------------------------ */

uint64_t csr_read_mideleg(CPURISCVState *env, unsigned csr)
{
    return env->mideleg;
}

void csr_write_mideleg(CPURISCVState *env, unsigned csr, uint64_t value)
{
    env->mideleg = value & MIP_S_MASK;
    riscv_cpu_check_interrupts(env);
}

static uint64_t mie_writable(const CPURISCVState *env)
{
    return MIP_M_MASK | (env->cfg->ext_s ? MIP_S_MASK : 0);
}

static void mie_set(CPURISCVState *env, uint64_t value, uint64_t mask)
{
    qatomic_set(&env->mie, (env->mie & ~mask) | (value & mask));
    riscv_cpu_check_interrupts(env);
}

uint64_t csr_read_mie(CPURISCVState *env, unsigned csr)
{
    return env->mie;
}

void csr_write_mie(CPURISCVState *env, unsigned csr, uint64_t value)
{
    mie_set(env, value, mie_writable(env));
}

uint64_t csr_read_sie(CPURISCVState *env, unsigned csr)
{
    return env->mie & env->mideleg;
}

void csr_write_sie(CPURISCVState *env, unsigned csr, uint64_t value)
{
    mie_set(env, value, env->mideleg & MIP_S_MASK);
}

static void mip_set(CPURISCVState *env, uint64_t value, uint64_t mask)
{
    qatomic_and(&env->mip_sw, ~(mask & ~value));
    qatomic_or(&env->mip_sw, value & mask);
    riscv_cpu_check_interrupts(env);
}

/*
 * Bits that software sets in mip. STIP is the timer's with Sstc on. For SEIP a read shows the or
 * with the controller's line, of which CSRRS and CSRRC must not write anything back; and SSIP may
 * be set by another hart at any moment. So a write changes the bits that the instruction names.
 */
static uint64_t mip_writable(const CPURISCVState *env)
{
    uint64_t mask = env->cfg->ext_s ? MIP_S_MASK : 0;

    return env->menvcfg & MENVCFG_STCE ? mask & ~MIP_STIP : mask;
}

uint64_t csr_read_mip(CPURISCVState *env, unsigned csr)
{
    return riscv_cpu_mip(env);
}

void csr_write_mip(CPURISCVState *env, unsigned csr, uint64_t value, uint64_t mask)
{
    mip_set(env, value, mask & mip_writable(env));
}

uint64_t csr_read_sip(CPURISCVState *env, unsigned csr)
{
    return riscv_cpu_mip(env) & env->mideleg;
}

void csr_write_sip(CPURISCVState *env, unsigned csr, uint64_t value, uint64_t mask)
{
    mip_set(env, value, mask & env->mideleg & MIP_SSIP);
}

/* ---- vectors and return addresses ------------------------------------------------------------ */

/* MODE 2 and 3 are reserved: the register keeps its value. */
static void tvec_set(uint64_t *tvec, uint64_t value)
{
    if ((value & 3) < 2) {
        *tvec = value;
    }
}

uint64_t csr_read_mtvec(CPURISCVState *env, unsigned csr)
{
    return env->mtvec;
}

void csr_write_mtvec(CPURISCVState *env, unsigned csr, uint64_t value)
{
    tvec_set(&env->mtvec, value);
}

uint64_t csr_read_stvec(CPURISCVState *env, unsigned csr)
{
    return env->stvec;
}

void csr_write_stvec(CPURISCVState *env, unsigned csr, uint64_t value)
{
    tvec_set(&env->stvec, value);
}

uint64_t csr_read_mepc(CPURISCVState *env, unsigned csr)
{
    return env->mepc & riscv_pc_mask(env);
}

void csr_write_mepc(CPURISCVState *env, unsigned csr, uint64_t value)
{
    env->mepc = value & ~UINT64_C(1);
}

uint64_t csr_read_sepc(CPURISCVState *env, unsigned csr)
{
    return env->sepc & riscv_pc_mask(env);
}

void csr_write_sepc(CPURISCVState *env, unsigned csr, uint64_t value)
{
    env->sepc = value & ~UINT64_C(1);
}

/* ---- satp ------------------------------------------------------------------------------------ */

static bool satp_mode_is_legal(const CPURISCVState *env, unsigned mode)
{
    return mode == VM_BARE || (env->cfg->mmu && mode >= VM_SV39 && mode <= env->cfg->satp_mode_max);
}

uint64_t csr_read_satp(CPURISCVState *env, unsigned csr)
{
    return env->satp;
}

/* "If satp is written with an unsupported MODE, the entire write has no effect." */
void csr_write_satp(CPURISCVState *env, unsigned csr, uint64_t value)
{
    if (env->mxl == 1) {
        if (!env->cfg->mmu) {
            value = 0;
        }
    } else if (!satp_mode_is_legal(env, value >> SATP64_MODE_SHIFT)) {
        return;
    }
    if (env->satp == value) {
        return;
    }
    env->satp = value;
    env->reservation_addr = RISCV_NO_RESERVATION;
    riscv_mmu_satp_written(env);
}

/* ---- identity -------------------------------------------------------------------------------- */

uint64_t csr_read_mvendorid(CPURISCVState *env, unsigned csr)
{
    return env->cfg->mvendorid;
}

uint64_t csr_read_marchid(CPURISCVState *env, unsigned csr)
{
    return env->cfg->marchid;
}

uint64_t csr_read_mimpid(CPURISCVState *env, unsigned csr)
{
    return env->cfg->mimpid;
}

uint64_t csr_read_mhartid(CPURISCVState *env, unsigned csr)
{
    return env->mhartid;
}
