/* SPDX-License-Identifier: MIT */
/*
 * Harts as threads: stopping, starting, kicking and waiting for them, whatever executes them.
 *
 * Contracts are in system/cpus.h. All under the BQL: a hart's thread sets ::stopped and broadcasts
 * pause_cond; the thread that stops the harts waits there, which drops the BQL.
 * Tests: tests/unit/system/test-cpus.c
 */
#include "qemu/osdep.h"
#include "hw/core/runstate.h"
#include "qemu/main-loop.h"
#include "system/cpus.h"

/* With the BQL: a hart has stopped, or its thread has started. */
static QemuCond pause_cond = {.cond = PTHREAD_COND_INITIALIZER};

static const AccelOpsClass *accel_ops(void)
{
    return ACCEL_GET_CLASS(current_accel())->ops;
}

/* ---- creation ---- */

bool qemu_init_vcpu(CPUState *cpu, GError **error)
{
    cpu->stopped = true;
    if (!accel_ops()->create_vcpu_thread(cpu, error)) {
        return false;
    }
    while (!cpu->created) {
        qemu_cond_wait_bql(&pause_cond);
    }
    return true;
}

void cpu_thread_signal_created(CPUState *cpu)
{
    cpu->created = true;
    qemu_cond_broadcast(&pause_cond);
}

/* ---- questions ---- */

bool qemu_cpu_is_self(CPUState *cpu)
{
    return cpu->thread && qemu_thread_is_self(cpu->thread);
}

bool qemu_in_vcpu_thread(void)
{
    return current_cpu && qemu_cpu_is_self(current_cpu);
}

bool cpu_is_stopped(CPUState *cpu)
{
    return cpu->stopped || !runstate_is_running();
}

bool cpu_can_run(CPUState *cpu)
{
    return !cpu->stop && !cpu_is_stopped(cpu);
}

bool cpu_thread_is_idle(CPUState *cpu)
{
    if (cpu->stop || cpu_has_queued_work(cpu)) {
        return false;
    }
    if (cpu_is_stopped(cpu)) {
        return true;
    }
    return qatomic_read(&cpu->halted) && !CPU_GET_CLASS(cpu)->has_work(cpu);
}

bool all_cpu_threads_idle(void)
{
    CPUState *cpu;

    CPU_FOREACH(cpu) {
        if (!cpu_thread_is_idle(cpu)) {
            return false;
        }
    }
    return true;
}

/* ---- the hart threads' side ---- */

void qemu_wait_io_event_common(CPUState *cpu)
{
    if (cpu->stop) {
        cpu->stop = false;
        cpu->stopped = true;
        qemu_cond_broadcast(&pause_cond);
    }
    process_queued_cpu_work(cpu);
}

void cpu_stop_current(void)
{
    if (qemu_in_vcpu_thread()) {
        current_cpu->stop = true;
        qemu_cpu_kick(current_cpu);
    }
}

/* ---- everybody else's side ---- */

void qemu_cpu_kick(CPUState *cpu)
{
    accel_ops()->kick_vcpu_thread(cpu);
}

static bool all_vcpus_paused(void)
{
    CPUState *cpu;

    CPU_FOREACH(cpu) {
        if (!cpu->stopped) {
            return false;
        }
    }
    return true;
}

void pause_all_vcpus(void)
{
    CPUState *cpu;

    g_assert(!qemu_in_vcpu_thread());
    CPU_FOREACH(cpu) {
        if (!cpu->stopped) {
            cpu->stop = true;
            qemu_cpu_kick(cpu);
        }
    }
    while (!all_vcpus_paused()) {
        qemu_cond_wait_bql(&pause_cond);
    }
}

void resume_all_vcpus(void)
{
    CPUState *cpu;

    if (!runstate_is_running()) {
        return;
    }
    CPU_FOREACH(cpu) {
        if (!cpu->held) {
            cpu->stop = false;
            cpu->stopped = false;
            qemu_cpu_kick(cpu);
        }
    }
}
