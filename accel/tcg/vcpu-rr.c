/* SPDX-License-Identifier: MIT */
/*
 * thread=single: all harts take turns on one host thread.
 *
 * A hart runs until it halts, yields, is asked something, or has used its slice; then comes the
 * next one. When all are idle the thread sleeps on an event that all harts share.
 *
 * With -icount a slice is a number of instructions, what others ask does not end it, and this
 * thread runs the timers of QEMU_CLOCK_VIRTUAL: harts change and timers run at the same instruction
 * in each run.
 */
#include "qemu/osdep.h"

#include <sched.h>

#include "qemu/main-loop.h"
#include "qemu/timer.h"
#include "system/cpus.h"
#include "tcg-internal.h"

#define RR_SLICE_NS (10 * SCALE_MS)
/*
 * -icount: some hundred times what a change of harts costs; and what a lone hart may run at once,
 * so that other threads see the time go on.
 */
#define RR_SLICE_INSNS 100000
#define RR_LONE_INSNS 1000000

static QemuThread *rr_thread;
static QemuEvent rr_wake;
static QEMUTimer *rr_timer;  /* [bql] */
static CPUState *rr_current; /* [atomic] the hart that is running */

/* The slice is over: the running hart comes back to the loop. */
static void rr_slice_end(void *opaque)
{
    CPUState *cpu = qatomic_read(&rr_current);

    if (cpu) {
        qatomic_set_mb(&cpu->exit_request, true);
        cpu_poll_request(cpu);
        timer_mod_ns(rr_timer, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + RR_SLICE_NS);
    }
}

void rr_notify(void)
{
    if (rr_thread) {
        qemu_event_set(&rr_wake);
    }
}

/* Let the host's clock go by; whatever is asked meanwhile ends it. */
static void rr_sleep(int64_t ns) TSA_REQUIRES(bql)
{
    qemu_event_reset(&rr_wake);
    bql_unlock();
    qemu_event_timedwait_ns(&rr_wake, ns);
    bql_lock();
}

static void rr_run_counted(CPUState *cpu) TSA_REQUIRES(bql)
{
    int64_t slice = cpu_count() > 1 ? RR_SLICE_INSNS : RR_LONE_INSNS;
    CPUExecResult result;
    int64_t ahead_ns;

    do {
        qemu_clock_run_timers(QEMU_CLOCK_VIRTUAL);
        qatomic_set(&cpu->exit_request, false);
        qemu_wait_io_event_common(cpu);
        if (!cpu_can_run(cpu) || cpu_thread_is_idle(cpu)) {
            return;
        }
        icount_begin(cpu, slice);
        bql_unlock();
        result = cpu_exec(cpu);
        bql_lock();
        slice -= icount_end(cpu);
        cpu_exec_done(cpu, result);
        ahead_ns = icount_follow_host();
        if (ahead_ns > 0) {
            rr_sleep(ahead_ns);
        }
    } while (slice > 0 && (result == EXEC_BUDGET || result == EXEC_REQUEST));
}

static void rr_run(CPUState *cpu) TSA_REQUIRES(bql)
{
    CPUExecResult result;

    qatomic_set(&rr_current, cpu);
    current_cpu = cpu;
    if (tcg_accel.icount) {
        rr_run_counted(cpu);
        qatomic_set(&rr_current, NULL);
        return;
    }
    if (cpu_count() > 1 && !timer_pending(rr_timer)) {
        timer_mod_ns(rr_timer, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + RR_SLICE_NS);
    }
    bql_unlock();
    result = cpu_exec(cpu);
    bql_lock();
    qatomic_set(&rr_current, NULL);
    cpu_exec_done(cpu, result);
}

/*
 * The same with -icount, once: until the next deadline at most. The clock goes on by the time that
 * passes on the host, or jumps. [bql; dropped while asleep]
 */
static void rr_wait_counted(void) TSA_REQUIRES(bql)
{
    int64_t ns = qemu_clock_deadline_ns(QEMU_CLOCK_VIRTUAL);
    bool jump = icount_jumps() || ns == 0;
    int64_t start = get_clock();
    bool woken = true;

    bql_unlock();
    if (ns >= 0 && jump) {
        sched_yield(); /* other threads want the BQL as well */
    } else {
        woken = qemu_event_timedwait_ns(&rr_wake, ns);
    }
    bql_lock();
    if (ns >= 0) {
        icount_warp(woken && !jump ? MIN(get_clock() - start, ns) : ns);
        qemu_clock_run_timers(QEMU_CLOCK_VIRTUAL);
    }
}

/* Sleep while no hart has anything to do. [bql; dropped while asleep] */
static void rr_wait(void) TSA_REQUIRES(bql)
{
    while (all_cpu_threads_idle()) {
        qemu_event_reset(&rr_wake);
        if (!all_cpu_threads_idle()) {
            break;
        }
        if (tcg_accel.icount) {
            rr_wait_counted();
            continue;
        }
        bql_unlock();
        qemu_event_wait(&rr_wake);
        bql_lock();
    }
}

static void *rr_vcpu_thread_fn(void *opaque)
{
    CPUState *cpu = opaque;

    bql_lock();
    current_cpu = cpu;
    cpu->thread_id = qemu_get_thread_id();
    cpu_thread_signal_created(cpu);
    for (;;) {
        CPU_FOREACH(cpu) {
            if (!cpu->created) {
                cpu->thread_id = qemu_get_thread_id();
                cpu_thread_signal_created(cpu);
            }
            if (cpu_can_run(cpu) && !cpu_thread_is_idle(cpu)) {
                rr_run(cpu);
            }
            qatomic_set(&cpu->exit_request, false);
            qemu_wait_io_event_common(cpu);
        }
        rr_wait();
    }
    return NULL;
}

bool rr_create_vcpu_thread(CPUState *cpu, GError **error)
{
    if (rr_thread) {
        cpu->wake = &rr_wake;
        cpu->thread = rr_thread;
        qemu_event_set(&rr_wake);
        return true;
    }
    qemu_event_init(&rr_wake, false);
    rr_timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, rr_slice_end, NULL);
    rr_thread = g_new0(QemuThread, 1);
    cpu->wake = &rr_wake;
    cpu->thread = rr_thread;
    if (!qemu_thread_create(rr_thread, "ALL CPUs/TCG", rr_vcpu_thread_fn, cpu, QEMU_THREAD_DETACHED,
                            error)) {
        cpu->thread = NULL;
        cpu->wake = NULL;
        g_clear_pointer(&rr_thread, g_free);
        g_clear_pointer(&rr_timer, timer_free);
        return false;
    }
    return true;
}
