/* SPDX-License-Identifier: MIT */
/*
 * pmpcfgN and pmpaddrN: four or eight entries' configuration a register, by XLEN. Rules: pmp.c.
 *
 * Specification: Privileged ISA 20240411, "Physical Memory Protection CSRs".
 */
#include "qemu/osdep.h"

#include "target/riscv/csr.h"
#include "target/riscv/pmp.h"

#define CSR_PMPCFG0 0x3a0
#define CSR_PMPADDR0 0x3b0

/* Entries in one register; pmpcfgN starts with entry 4N in both. */
static unsigned pmpcfg_count(const CPURISCVState *env)
{
    return env->mxl == 1 ? 4 : 8;
}

uint64_t csr_read_pmpcfg(CPURISCVState *env, unsigned csr)
{
    unsigned first = (csr - CSR_PMPCFG0) * 4;
    uint64_t value = 0;

    for (unsigned i = 0; i < pmpcfg_count(env); i++) {
        value |= (uint64_t)pmp_cfg_read(env, first + i) << (8 * i);
    }
    return value;
}

void csr_write_pmpcfg(CPURISCVState *env, unsigned csr, uint64_t value)
{
    pmp_cfg_write_word(env, (csr - CSR_PMPCFG0) * 4, pmpcfg_count(env), value);
}

uint64_t csr_read_pmpaddr(CPURISCVState *env, unsigned csr)
{
    return pmp_addr_read(env, csr - CSR_PMPADDR0);
}

void csr_write_pmpaddr(CPURISCVState *env, unsigned csr, uint64_t value)
{
    pmp_addr_write(env, csr - CSR_PMPADDR0, value);
}
