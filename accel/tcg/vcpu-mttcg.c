/* SPDX-License-Identifier: MIT */
/*
 * thread=multi: one host thread a hart.
 *
 * The thread runs guest code without the BQL, takes it to obey requests, and sleeps on its own
 * event: a kick is one store and, only if the hart sleeps, a futex.
 */
#include "qemu/osdep.h"

#include "qemu/main-loop.h"
#include "system/cpus.h"
#include "tcg-internal.h"

/* Sleep until there is something to do. [bql; dropped while asleep] */
static void mttcg_wait(CPUState *cpu) TSA_REQUIRES(bql)
{
    while (cpu_thread_is_idle(cpu)) {
        qemu_event_reset(cpu->wake);
        /* what came before the reset is seen now, what comes after it sets the event */
        if (!cpu_thread_is_idle(cpu)) {
            break;
        }
        bql_unlock();
        qemu_event_wait(cpu->wake);
        bql_lock();
    }
}

static void *mttcg_vcpu_thread_fn(void *opaque)
{
    CPUState *cpu = opaque;

    bql_lock();
    current_cpu = cpu;
    cpu->thread_id = qemu_get_thread_id();
    cpu_thread_signal_created(cpu);
    while (!cpu->unplug) {
        if (cpu_can_run(cpu)) {
            CPUExecResult result;

            bql_unlock();
            result = cpu_exec(cpu);
            bql_lock();
            cpu_exec_done(cpu, result);
        }
        qatomic_set(&cpu->exit_request, false);
        mttcg_wait(cpu);
        qemu_wait_io_event_common(cpu);
    }
    bql_unlock();
    return NULL;
}

bool mttcg_create_vcpu_thread(CPUState *cpu, GError **error)
{
    g_autofree char *name = g_strdup_printf("CPU %d/TCG", cpu->cpu_index);

    cpu->wake = g_new(QemuEvent, 1);
    qemu_event_init(cpu->wake, false);
    cpu->thread = g_new0(QemuThread, 1);
    if (!qemu_thread_create(cpu->thread, name, mttcg_vcpu_thread_fn, cpu, QEMU_THREAD_DETACHED,
                            error)) {
        g_clear_pointer(&cpu->thread, g_free);
        g_clear_pointer(&cpu->wake, g_free);
        return false;
    }
    return true;
}
