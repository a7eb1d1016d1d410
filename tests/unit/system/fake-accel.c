/* SPDX-License-Identifier: MIT */
/* See fake-accel.h. */
#include "qemu/osdep.h"

#include "fake-accel.h"
#include "qemu/error.h"
#include "qemu/main-loop.h"
#include "system/cpus.h"

static FakeRound *fake_round; /* [const] after fake_accel_init() */

static void *fake_thread(void *opaque)
{
    CPUState *cpu = opaque;

    bql_lock();
    current_cpu = cpu;
    cpu_thread_signal_created(cpu);
    while (!cpu->unplug) {
        if (cpu_can_run(cpu)) {
            bql_unlock();
            fake_round(cpu);
            bql_lock();
        }
        while (cpu_thread_is_idle(cpu)) {
            qemu_event_reset(cpu->wake);
            if (!cpu_thread_is_idle(cpu)) {
                break;
            }
            bql_unlock();
            qemu_event_wait(cpu->wake);
            bql_lock();
        }
        qemu_wait_io_event_common(cpu);
    }
    bql_unlock();
    return NULL;
}

static bool fake_create_thread(CPUState *cpu, GError **error)
{
    cpu->wake = g_new0(QemuEvent, 1);
    qemu_event_init(cpu->wake, false);
    cpu->thread = g_new0(QemuThread, 1);
    return qemu_thread_create(cpu->thread, "fake", fake_thread, cpu, QEMU_THREAD_DETACHED, error);
}

static void fake_kick(CPUState *cpu)
{
    qemu_event_set(cpu->wake);
}

static const AccelOpsClass fake_ops = {
    .create_vcpu_thread = fake_create_thread,
    .kick_vcpu_thread = fake_kick,
};

static void fake_accel_class_init(ObjectClass *oc, const void *data)
{
    ACCEL_CLASS(oc)->ops = &fake_ops;
}

static const TypeInfo fake_accel_types[] = {{
    .name = "fake" ACCEL_CLASS_SUFFIX,
    .parent = TYPE_ACCEL,
    .class_init = fake_accel_class_init,
}};
DEFINE_TYPES(fake_accel_types)

void fake_accel_init(FakeRound *round)
{
    fake_round = round;
    g_assert_true(accel_init_machine("fake", NULL, NULL));
}

CPUState *fake_accel_hart(const char *type)
{
    CPUState *cpu = CPU(object_new(type));

    g_assert_true(qdev_realize(DEVICE(cpu), NULL, NULL));
    g_assert_true(qemu_init_vcpu(cpu, NULL));
    g_assert_true(cpu->created);
    return cpu;
}
