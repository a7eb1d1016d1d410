/* SPDX-License-Identifier: MIT */
/*
 * The execution loop of one hart: poll, find code, run it, act on why it came back.
 *
 * Traps are statuses, not jumps: generated code and helpers return here with env exact, the target
 * takes the exception, the loop goes on. Nothing here holds a lock while code runs.
 *
 * Threads: the hart's own, without the BQL. Tests: all guest tests.
 */
#include "qemu/osdep.h"

#include <sched.h>

#include "qemu/host-utils.h"
#include "qemu/log.h"
#include "tcg-internal.h"

/*
 * Of a guest's spin hints, one in so many gives the host's processor away: the hart that is waited
 * for may want it, or other programs do.
 */
#define SPINS_PER_YIELD 64

#define LOG_EVERY_BLOCK (CPU_LOG_EXEC | CPU_LOG_TB_CPU | CPU_LOG_TB_NOCHAIN)

/*
 * The poll word was set. true: go on; false: come back with *@result.
 */
static bool exec_poll(CPUState *cpu, CPUExecResult *result)
{
    CPUTCGState *env = cpu_tcg(cpu);
    CPUTCGPrivate *priv = env->priv;

    /* full barrier: pairs with those of cpu_interrupt(), cpu_wake() and the requests in sync.c */
    qatomic_set_mb(&env->jump.poll, 0);
    cpu_sync_process(cpu);
    if (qatomic_read(&cpu->exit_request) || cpu_has_queued_work(cpu)) {
        *result = EXEC_REQUEST;
        return false;
    }
    if (qatomic_xchg(&priv->budget_stale, false)) {
        *result = EXEC_BUDGET;
        return false;
    }
    if (qatomic_read(&cpu->interrupt_request) & CPU_INTERRUPT_DEBUG) {
        cpu_reset_interrupt(cpu, CPU_INTERRUPT_DEBUG);
        *result = EXEC_DEBUG;
        return false;
    }
    if (!(cpu->singlestep_enabled & SSTEP_NOIRQ) && priv->ops->exec_interrupt(cpu)) {
        priv->stats.interrupts++;
    }
    return true;
}

static void log_cpu_print(void *opaque, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vfprintf(opaque, fmt, ap);
    va_end(ap);
}

static void log_exec(CPUState *cpu, const TranslationBlock *tb)
{
    g_autoptr(GString) flags = g_string_new(NULL);
    vaddr pc = cpu_tcg(cpu)->pc;
    FILE *f;

    if (!qemu_log_in_addr_range(pc)) {
        return;
    }
    f = qemu_log_lock();
    if (!f) {
        return;
    }
    if (qemu_loglevel_mask(CPU_LOG_EXEC)) {
        if (cpu_priv(cpu)->ops->describe) {
            cpu_priv(cpu)->ops->describe(cpu, flags);
        }
        fprintf(f, "Trace %d: %p [%016" PRIx64 "/%016" PRIx64 "/%08x] %s\n", cpu->cpu_index,
                tb_code(tb), tb->flags, pc, tb->cflags, flags->str);
    }
    if (qemu_loglevel_mask(CPU_LOG_TB_CPU)) {
        int dump = (qemu_loglevel_mask(CPU_LOG_TB_FPU) ? CPU_DUMP_FPU : 0) |
                   (qemu_loglevel_mask(CPU_LOG_TB_VPU) ? CPU_DUMP_VPU : 0);

        CPU_GET_CLASS(cpu)->dump_state(cpu, log_cpu_print, f, dump);
    }
    qemu_log_unlock(f);
}

static uint64_t exec_code(CPUTCGState *env, const TranslationBlock *tb)
{
    env->code_page = env->pc & TARGET_PAGE_MASK;
    return tcg_accel.interp ? tcg_interp(&tcg_accel.layout, tb_entry(tb), env) :
                              tcg_exec(tcg_accel.prologue, tb_entry(tb), env);
}

/* The guest waits for an interrupt. true: there is one already. */
static bool exec_halt(CPUState *cpu)
{
    qatomic_set_mb(&cpu->halted, 1);
    if (CPU_GET_CLASS(cpu)->has_work(cpu)) {
        qatomic_set(&cpu->halted, 0);
        cpu_poll_request(cpu);
        return true;
    }
    return false;
}

/* With thread=single another hart may be what this one spins for; else its thread may be. */
static bool exec_yield(CPUState *cpu)
{
    if (tcg_accel.single_thread) {
        return true;
    }
    if (cpu_count() > tcg_accel.host_cpus || ++cpu_priv(cpu)->spins % SPINS_PER_YIELD == 0) {
        sched_yield();
    } else {
        cpu_relax();
    }
    return false;
}

/* Act on an exit that is no link. true: go on; false: come back with *@result. */
static bool exec_status(CPUState *cpu, uint64_t status, CPUExecResult *result)
{
    CPUTCGPrivate *priv = cpu_priv(cpu);

    switch (status) {
    case TCG_EXIT_TRAP:
        if (cpu->watchpoint_hit.len) {
            *result = EXEC_DEBUG;
            return false;
        }
        if (priv->run_alone) {
            return true;
        }
        priv->stats.exceptions++;
        priv->ops->do_exception(cpu);
        return true;
    case TCG_EXIT_HALT:
        if (cpu->singlestep_enabled & SSTEP_ENABLE) {
            return true; /* one that has been woken at once, so that the step ends */
        }
        *result = EXEC_HALTED;
        return exec_halt(cpu);
    case TCG_EXIT_ICOUNT:
        *result = EXEC_BUDGET;
        priv->budget_short = cpu_tcg(cpu)->icount_left > 0;
        return priv->budget_short;
    case TCG_EXIT_DEBUG:
        *result = EXEC_DEBUG;
        return false;
    case TCG_EXIT_YIELD:
        *result = EXEC_YIELD;
        return !exec_yield(cpu);
    default:
        return true;
    }
}

/* Blocks that come back after each, and whether jumps may go from one to the next. */
static uint32_t exec_mode(CPUState *cpu)
{
    CPUTCGState *env = cpu_tcg(cpu);
    CPUTCGPrivate *priv = env->priv;
    uint32_t cflags = 0;

    if (cpu->singlestep_enabled & SSTEP_ENABLE) {
        cflags = CF_SINGLE_STEP | CF_NO_CHAIN;
    } else if (qemu_loglevel_mask(LOG_EVERY_BLOCK)) {
        cflags = CF_NO_CHAIN;
    }
    priv->no_chain = cflags != 0;
    cpu_flags_changed(env);
    return cflags;
}

/* @cflags, and with -icount how many instructions at most, where that is not left to the block. */
static uint32_t exec_cflags(CPUState *cpu, uint32_t cflags)
{
    CPUTCGPrivate *priv = cpu_priv(cpu);
    uint32_t count = 0;

    if (likely(!priv->run_alone && !priv->budget_short)) {
        return cflags;
    }
    if (priv->run_alone) {
        count = 1;
    } else if (cpu_tcg(cpu)->icount_left > 0) {
        /* powers of two: few different blocks for one pc */
        count = 64 - (uint32_t)clz64((uint64_t)MIN(cpu_tcg(cpu)->icount_left, CF_COUNT_MAX));
    }
    priv->run_alone = priv->budget_short = false;
    return cflags | count << CF_COUNT_SHIFT;
}

/* What to run instead of @tb, which is hot. NULL: look it up again. */
static TranslationBlock *exec_hot(CPUState *cpu, TranslationBlock *tb)
{
    uint64_t evictions = qatomic_read(&tcg_accel.tb_evict_count);
    TranslationBlock *region = region_make(cpu, tb);

    if (!region) {
        return evictions == qatomic_read(&tcg_accel.tb_evict_count) ? tb : NULL;
    }
    tb_remember(cpu_tcg(cpu), region);
    return region;
}

static CPUExecResult exec_loop(CPUState *cpu)
{
    CPUTCGState *env = cpu_tcg(cpu);
    CPUTCGPrivate *priv = env->priv;
    uint32_t cflags = exec_mode(cpu);
    CPUExecResult result;
    TranslationBlock *last = NULL; /* left by its link number @slot */
    uint64_t evictions = 0;        /* when it was left */
    unsigned slot = 0;
    bool hot = false; /* left because the code at pc has been jumped to often */

    /* what happened while the hart was out of code did not see its poll word */
    qatomic_set(&env->jump.poll, 1);
    for (;;) {
        TranslationBlock *tb;
        uint64_t status;
        hwaddr cold;

        if (qatomic_read(&env->jump.poll)) {
            last = NULL;
            hot = false;
            if (!exec_poll(cpu, &result)) {
                return result;
            }
        }
        tb = tb_find(cpu, exec_cflags(cpu, cflags), &cold);
        if (tb && unlikely(hot)) {
            tb = exec_hot(cpu, tb);
            hot = false;
            if (!tb) {
                continue;
            }
        }
        if (tb) {
            if (last && evictions == qatomic_read(&tcg_accel.tb_evict_count)) {
                tb_link(last, slot, tb);
            }
            if (qemu_loglevel_mask(CPU_LOG_EXEC | CPU_LOG_TB_CPU)) {
                log_exec(cpu, tb);
            }
            priv->current_tb = tb;
            status = exec_code(env, tb);
        } else if (cold != TB_NOT_COLD) {
            status = direct_exec(cpu, cold);
        } else {
            status = TCG_EXIT_TRAP;
        }
        if (tcg_accel.icount) {
            icount_left_code(cpu, status,
                             status == TCG_EXIT_TRAP && !priv->run_alone &&
                                 !cpu->watchpoint_hit.len);
        }
        last = NULL;
        hot = status == TCG_EXIT_HOT;
        if (status >= TCG_EXIT_LINK_MIN) {
            last = (TranslationBlock *)(uintptr_t)(status & ~UINT64_C(15));
            slot = status & 15;
            evictions = qatomic_read(&tcg_accel.tb_evict_count);
            priv->stats.links++;
        } else {
            priv->stats.exits[status]++;
            if (!exec_status(cpu, status, &result)) {
                return result;
            }
        }
        if ((cflags & CF_SINGLE_STEP) && status != TCG_EXIT_POLL && !priv->run_alone) {
            return EXEC_DEBUG;
        }
    }
}

CPUExecResult cpu_exec(CPUState *cpu)
{
    CPUExecResult result;

    if (qatomic_read(&cpu->halted)) {
        if (!CPU_GET_CLASS(cpu)->has_work(cpu)) {
            return EXEC_HALTED;
        }
        qatomic_set(&cpu->halted, 0);
    }
    cpu_code_enter(cpu);
    result = exec_loop(cpu);
    cpu_code_leave(cpu);
    return result;
}

void cpu_exec_done(CPUState *cpu, CPUExecResult result)
{
    if (result == EXEC_DEBUG) {
        cpu_debug_stop(cpu);
    }
}
