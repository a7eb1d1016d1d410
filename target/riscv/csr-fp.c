/* SPDX-License-Identifier: MIT */
/*
 * fflags, frm, fcsr. That mstatus.FS is on is checked by their rows' predicate; a write makes it
 * dirty.
 *
 * Specification: Unprivileged ISA 20240411, "Floating-Point Control and Status Register".
 */
#include "qemu/osdep.h"

#include "target/riscv/csr.h"

static void fp_state_written(CPURISCVState *env)
{
    env->mstatus |= MSTATUS_FS;
    riscv_cpu_update_flags(env);
}

uint64_t csr_read_fflags(CPURISCVState *env, unsigned csr)
{
    return env->fflags;
}

void csr_write_fflags(CPURISCVState *env, unsigned csr, uint64_t value)
{
    env->fflags = value & 0x1f;
    fp_state_written(env);
}

uint64_t csr_read_frm(CPURISCVState *env, unsigned csr)
{
    return env->frm;
}

void csr_write_frm(CPURISCVState *env, unsigned csr, uint64_t value)
{
    env->frm = value & 7;
    fp_state_written(env);
}

uint64_t csr_read_fcsr(CPURISCVState *env, unsigned csr)
{
    return (uint64_t)env->frm << 5 | env->fflags;
}

void csr_write_fcsr(CPURISCVState *env, unsigned csr, uint64_t value)
{
    env->fflags = value & 0x1f;
    env->frm = value >> 5 & 7;
    fp_state_written(env);
}
