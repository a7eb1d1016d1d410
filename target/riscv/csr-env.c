/* SPDX-License-Identifier: MIT */
/*
 * Environment configuration and counter enables.
 *
 * Specification: Privileged ISA 20240411, "Machine Environment Configuration (menvcfg) Register",
 * "Supervisor Environment Configuration (senvcfg) Register", "Counter-Enable".
 * Threads: the hart's own. Tests: tests/unit/target/riscv/test-csr.c
 */
#include "qemu/osdep.h"

#include "target/riscv/csr.h"

/* What both levels configure. CBIE = 2 is reserved: the field keeps its value. */
static uint64_t envcfg_common(const CPURISCVState *env, uint64_t old, uint64_t value)
{
    uint64_t mask = ENVCFG_FIOM;

    if (env->cfg->ext_zicbom) {
        mask |= ENVCFG_CBCFE;
        if ((value & ENVCFG_CBIE) >> ENVCFG_CBIE_SHIFT != 2) {
            mask |= ENVCFG_CBIE;
        }
    }
    if (env->cfg->ext_zicboz) {
        mask |= ENVCFG_CBZE;
    }
    return (old & ~mask) | (value & mask);
}

uint64_t csr_read_menvcfg(CPURISCVState *env, unsigned csr)
{
    return env->menvcfg;
}

void csr_write_menvcfg(CPURISCVState *env, unsigned csr, uint64_t value)
{
    uint64_t mask = (env->cfg->ext_svadu ? MENVCFG_ADUE : 0) |
                    (env->cfg->ext_sstc && env->time_base ? MENVCFG_STCE : 0);
    uint64_t old = env->menvcfg;

    /* a 32-bit write reaches the low half only */
    if (env->xl == 1) {
        mask = 0;
    }
    qatomic_set(&env->menvcfg, (envcfg_common(env, old, value) & ~mask) | (value & mask));
    if ((old ^ env->menvcfg) & MENVCFG_ADUE) {
        tlb_flush(env_cpu_state(env));
    }
    riscv_cpu_update_flags(env);
    riscv_stimecmp_update(env);
}

uint64_t csr_read_menvcfgh(CPURISCVState *env, unsigned csr)
{
    return env->menvcfg >> 32;
}

void csr_write_menvcfgh(CPURISCVState *env, unsigned csr, uint64_t value)
{
    uint64_t mask = (env->cfg->ext_svadu ? MENVCFG_ADUE : 0) |
                    (env->cfg->ext_sstc && env->time_base ? MENVCFG_STCE : 0);

    qatomic_set(&env->menvcfg, (env->menvcfg & ~mask) | (value << 32 & mask));
    tlb_flush(env_cpu_state(env));
    riscv_stimecmp_update(env);
}

uint64_t csr_read_senvcfg(CPURISCVState *env, unsigned csr)
{
    return env->senvcfg;
}

void csr_write_senvcfg(CPURISCVState *env, unsigned csr, uint64_t value)
{
    env->senvcfg = envcfg_common(env, env->senvcfg, value);
    riscv_cpu_update_flags(env);
}

/* CY, TM, IR and the programmable counters that exist. */
static uint64_t counteren_mask(const CPURISCVState *env)
{
    uint64_t mask = env->cfg->ext_zicntr ? 7 : 0;

    if (env->cfg->ext_zihpm && env->cfg->pmu_num) {
        mask |= MAKE_64BIT_MASK(3, env->cfg->pmu_num);
    }
    return mask;
}

uint64_t csr_read_mcounteren(CPURISCVState *env, unsigned csr)
{
    return env->mcounteren;
}

void csr_write_mcounteren(CPURISCVState *env, unsigned csr, uint64_t value)
{
    env->mcounteren = value & counteren_mask(env);
}

uint64_t csr_read_scounteren(CPURISCVState *env, unsigned csr)
{
    return env->scounteren;
}

void csr_write_scounteren(CPURISCVState *env, unsigned csr, uint64_t value)
{
    env->scounteren = value & counteren_mask(env);
}

void csr_reset(CPURISCVState *env)
{
    /* "Svadu": with both, software chooses, and A/D updates start switched off */
    env->menvcfg = env->cfg->ext_svadu && !env->cfg->ext_svade ? MENVCFG_ADUE : 0;
    env->stimecmp = 0;
    riscv_stimecmp_update(env);
}
