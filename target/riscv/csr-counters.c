/* SPDX-License-Identifier: MIT */
/*
 * Hardware performance monitor: mcycle, minstret, mhpmcounter3 and up, their events and their
 * inhibit bits.
 *
 * A cycle is a nanosecond of guest time, and so is a retired instruction, unless instructions are
 * counted (-icount): then that counter is exact. Both grow steadily, stand still while the machine
 * is stopped, and can be written. A
 * programmable counter counts if its event is one of these two (codes 1 and 2, the SBI's "hardware
 * general events"); others stand still. A counter's variable holds its value while it is inhibited,
 * else the value minus the source's present count.
 *
 * Specification: Privileged ISA 20240411, "Hardware Performance Monitor", "Machine Counter-Inhibit
 * (mcountinhibit) Register".
 * Threads: the hart's own. Tests: tests/unit/target/riscv/test-csr.c
 */
#include "qemu/osdep.h"

#include "target/riscv/csr.h"

enum {
    COUNTER_CYCLE = 0,
    COUNTER_TIME = 1,
    COUNTER_INSTRET = 2,
};

#define EVENT_CYCLES 1
#define EVENT_INSTRUCTIONS 2

static bool counts_instructions(const CPURISCVState *env, unsigned n)
{
    return icount_enabled() &&
           (n == COUNTER_INSTRET || (n >= 3 && env->mhpmevent[n] == EVENT_INSTRUCTIONS));
}

static uint64_t counter_source(const CPURISCVState *env, unsigned n)
{
    return counts_instructions(env, n) ? icount_retired((CPUTCGState *)&env->tcg) :
                                         (uint64_t)qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
}

static bool counter_runs(const CPURISCVState *env, unsigned n)
{
    if (env->mcountinhibit >> n & 1) {
        return false;
    }
    return n == COUNTER_CYCLE || n == COUNTER_INSTRET || env->mhpmevent[n] == EVENT_CYCLES ||
           env->mhpmevent[n] == EVENT_INSTRUCTIONS;
}

static uint64_t counter_get(const CPURISCVState *env, unsigned n)
{
    return env->mhpmcounter[n] + (counter_runs(env, n) ? counter_source(env, n) : 0);
}

static void counter_set(CPURISCVState *env, unsigned n, uint64_t value)
{
    env->mhpmcounter[n] = value - (counter_runs(env, n) ? counter_source(env, n) : 0);
}

/*
 * By an instruction, which is not counted itself: "any CSR write takes effect after the writing
 * instruction has otherwise completed", "Hardware Performance Monitor".
 */
static void counter_write(CPURISCVState *env, unsigned n, uint64_t value)
{
    counter_set(env, n, value - (counter_runs(env, n) && counts_instructions(env, n)));
}

uint64_t csr_read_counter(CPURISCVState *env, unsigned csr)
{
    return counter_get(env, csr & 31);
}

uint64_t csr_read_counterh(CPURISCVState *env, unsigned csr)
{
    return counter_get(env, csr & 31) >> 32;
}

uint64_t csr_read_mcounter(CPURISCVState *env, unsigned csr)
{
    return counter_get(env, csr & 31);
}

void csr_write_mcounter(CPURISCVState *env, unsigned csr, uint64_t value)
{
    if (env->xl == 1) {
        value = deposit64(counter_get(env, csr & 31), 0, 32, value);
    }
    counter_write(env, csr & 31, value);
}

uint64_t csr_read_mcounterh(CPURISCVState *env, unsigned csr)
{
    return counter_get(env, csr & 31) >> 32;
}

void csr_write_mcounterh(CPURISCVState *env, unsigned csr, uint64_t value)
{
    counter_write(env, csr & 31, deposit64(counter_get(env, csr & 31), 32, 32, value));
}

uint64_t csr_read_mcountinhibit(CPURISCVState *env, unsigned csr)
{
    return env->mcountinhibit;
}

void csr_write_mcountinhibit(CPURISCVState *env, unsigned csr, uint64_t value)
{
    uint64_t count[RV_MAX_MHPM];
    uint64_t mask = 1u << COUNTER_CYCLE | 1u << COUNTER_INSTRET;

    if (env->cfg->pmu_num) {
        mask |= MAKE_64BIT_MASK(3, env->cfg->pmu_num);
    }
    for (unsigned n = 0; n < RV_MAX_MHPM; n++) {
        count[n] = counter_get(env, n);
    }
    env->mcountinhibit = value & mask;
    for (unsigned n = 0; n < RV_MAX_MHPM; n++) {
        counter_set(env, n, count[n]);
    }
}

uint64_t csr_read_mhpmevent(CPURISCVState *env, unsigned csr)
{
    return env->mhpmevent[csr & 31];
}

void csr_write_mhpmevent(CPURISCVState *env, unsigned csr, uint64_t value)
{
    unsigned n = csr & 31;
    uint64_t count = counter_get(env, n);

    if (n >= 3 + env->cfg->pmu_num) {
        return; /* "Hardware Performance Monitor": without its counter, read-only 0 */
    }
    env->mhpmevent[n] = value;
    counter_set(env, n, count);
}
