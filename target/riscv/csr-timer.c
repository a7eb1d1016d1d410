/* SPDX-License-Identifier: MIT */
/*
 * time and stimecmp (Sstc): the supervisor's own timer interrupt.
 *
 * The time base is the platform's (include/hw/core/time-base.h). STIP, while menvcfg.STCE is on, is
 * the comparison time >= stimecmp; it is kept in mip_lines by a timer of QEMU_CLOCK_VIRTUAL that is
 * set to the moment of equality.
 *
 * Specification: Privileged ISA 20240411, "Sstc", "Supervisor Timer (stimecmp) Register".
 * Threads: writes in the hart's thread, the timer in the main loop, jumps of the time base in the
 * thread that makes them. Each compares afresh and moves line and timer under stimecmp_lock, so
 * that the last one to come decides by the newest values.
 */
#include "qemu/osdep.h"

#include "target/riscv/csr.h"

static bool stimecmp_on(const CPURISCVState *env)
{
    return env->cfg->ext_sstc && env->time_base && (qatomic_read(&env->menvcfg) & MENVCFG_STCE);
}

static void stimecmp_update_locked(CPURISCVState *env) TSA_REQUIRES(env->stimecmp_lock)
{
    uint64_t stimecmp = qatomic_read(&env->stimecmp);

    if (!stimecmp_on(env)) {
        timer_del(env->stimecmp_timer);
        riscv_cpu_set_mip_lines(env, MIP_STIP, false);
        return;
    }
    /* what software has set before does not show while the comparison decides */
    qatomic_and(&env->mip_sw, ~MIP_STIP);
    if (time_base_read(env->time_base) >= stimecmp) {
        timer_del(env->stimecmp_timer);
        riscv_cpu_set_mip_lines(env, MIP_STIP, true);
        return;
    }
    riscv_cpu_set_mip_lines(env, MIP_STIP, false);
    timer_mod_ns(env->stimecmp_timer, time_base_deadline_ns(env->time_base, stimecmp));
}

void riscv_stimecmp_update(CPURISCVState *env)
{
    if (env->stimecmp_timer) {
        qemu_mutex_lock(&env->stimecmp_lock);
        stimecmp_update_locked(env);
        qemu_mutex_unlock(&env->stimecmp_lock);
    }
}

static void stimecmp_expired(void *opaque)
{
    riscv_stimecmp_update(opaque);
}

static void time_base_jumped(Notifier *notifier, void *data)
{
    RISCVCPU *cpu = container_of(notifier, RISCVCPU, time_base_notifier);

    riscv_stimecmp_update(&cpu->env);
}

void riscv_timer_init(CPURISCVState *env)
{
    RISCVCPU *cpu = env_cpu(env);

    if (!env->time_base || !env->cfg->ext_sstc) {
        return;
    }
    qemu_mutex_init(&env->stimecmp_lock);
    env->stimecmp_timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, stimecmp_expired, env);
    cpu->time_base_notifier.notify = time_base_jumped;
    time_base_add_change_notifier(env->time_base, &cpu->time_base_notifier);
}

uint64_t csr_read_time(CPURISCVState *env, unsigned csr)
{
    return time_base_read(env->time_base);
}

uint64_t csr_read_timeh(CPURISCVState *env, unsigned csr)
{
    return time_base_read(env->time_base) >> 32;
}

uint64_t csr_read_stimecmp(CPURISCVState *env, unsigned csr)
{
    return env->stimecmp;
}

void csr_write_stimecmp(CPURISCVState *env, unsigned csr, uint64_t value)
{
    if (env->xl == 1) {
        value = deposit64(env->stimecmp, 0, 32, value);
    }
    qatomic_set(&env->stimecmp, value);
    riscv_stimecmp_update(env);
}

uint64_t csr_read_stimecmph(CPURISCVState *env, unsigned csr)
{
    return env->stimecmp >> 32;
}

void csr_write_stimecmph(CPURISCVState *env, unsigned csr, uint64_t value)
{
    qatomic_set(&env->stimecmp, deposit64(env->stimecmp, 32, 32, value));
    riscv_stimecmp_update(env);
}
