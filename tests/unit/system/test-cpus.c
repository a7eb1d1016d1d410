/* SPDX-License-Identifier: MIT */
/*
 * Stopping and starting harts, which count instead of executing anything.
 */
#include "qemu/osdep.h"
#include "fake-accel.h"
#include "hw/core/runstate.h"
#include "qemu/error.h"
#include "qemu/main-loop.h"
#include "system/address-spaces.h"
#include "system/block.h"
#include "system/cpus.h"
#include "system/runstate.h"

#define NUM_HARTS 3

/* ---- a hart that counts ---- */

#define TYPE_FAKE_CPU "fake-cpu"
OBJECT_DECLARE_SIMPLE_TYPE(FakeCPU, FAKE_CPU)

struct FakeCPU {
    CPUState parent_obj;

    unsigned rounds;     /* [atomic] of "guest code" */
    bool stops_itself;   /* [atomic] by a request, in its next round */
    bool asks_for_debug; /* [atomic] the same, by qemu_system_debug_request() */
    bool resets_disk;    /* [atomic] with a request in flight, as a device's reset does */
};

static bool fake_has_work(CPUState *cpu)
{
    return qatomic_read(&cpu->interrupt_request) != 0;
}

static void fake_cpu_class_init(ObjectClass *oc, const void *data)
{
    CPU_CLASS(oc)->has_work = fake_has_work;
}

static BlockBackend *disk;
static bool disk_is_busy; /* [bql] its reset waits */

static void disk_done(void *opaque, int ret)
{
    g_assert_cmpint(ret, ==, 0);
    disk_is_busy = false;
}

static void reset_disk(void)
{
    bql_lock();
    disk_is_busy = true;
    blk_aio_flush(disk, disk_done, NULL);
    blk_drain(disk);
    g_assert_false(disk_is_busy);
    bql_unlock();
}

static void fake_round(CPUState *cpu)
{
    FakeCPU *fake = FAKE_CPU(cpu);

    qatomic_inc(&fake->rounds);
    if (qatomic_read(&fake->resets_disk)) {
        reset_disk();
    }
    if (qatomic_xchg(&fake->asks_for_debug, false)) {
        bql_lock();
        qemu_system_debug_request();
        bql_unlock();
    }
    if (qatomic_xchg(&fake->stops_itself, false)) {
        bql_lock();
        vm_stop(RUN_STATE_PAUSED); /* from a hart: a request */
        bql_unlock();
    }
}

static const TypeInfo fake_types[] = {
    {
        .name = TYPE_FAKE_CPU,
        .parent = TYPE_CPU,
        .instance_size = sizeof(FakeCPU),
        .class_init = fake_cpu_class_init,
    },
};
DEFINE_TYPES(fake_types)

/* ---- helpers ---- */

static FakeCPU *harts[NUM_HARTS];

/* Let the harts run until each has done @n more rounds. */
static void wait_for_rounds(unsigned n)
{
    for (int i = 0; i < NUM_HARTS; i++) {
        unsigned until = qatomic_read(&harts[i]->rounds) + n;

        while (qatomic_read(&harts[i]->rounds) < until) {
            main_loop_wait(true);
        }
    }
}

static void assert_all_stand(void)
{
    unsigned before[NUM_HARTS];

    for (int i = 0; i < NUM_HARTS; i++) {
        g_assert_true(cpu_is_stopped(CPU(harts[i])));
        before[i] = qatomic_read(&harts[i]->rounds);
    }
    /* Whoever still ran would need the BQL no more than now. */
    for (int i = 0; i < 20; i++) {
        main_loop_wait(true);
        g_usleep(500);
    }
    for (int i = 0; i < NUM_HARTS; i++) {
        g_assert_cmpuint(qatomic_read(&harts[i]->rounds), ==, before[i]);
    }
}

static void run_main_loop_until(RunState state)
{
    int status;

    while (!runstate_check(state)) {
        main_loop_wait(true);
        g_assert_false(main_loop_should_exit(&status));
    }
}

/* ---- tests ---- */

static void test_accel(void)
{
    GError *error = NULL;

    g_assert_false(accel_exists("nosuch"));
    g_assert_false(accel_init_machine("nosuch", NULL, &error));
    g_assert_cmpstr(error->message, ==, "invalid accelerator nosuch");
    g_clear_error(&error);
    g_assert_true(accel_exists("fake"));
    fake_accel_init(fake_round);
    g_assert_nonnull(current_accel());
}

static void test_create(void)
{
    for (int i = 0; i < NUM_HARTS; i++) {
        harts[i] = FAKE_CPU(fake_accel_hart(TYPE_FAKE_CPU));
    }
    g_assert_false(qemu_in_vcpu_thread());
    assert_all_stand();
}

static void test_start_stop(void)
{
    for (int i = 0; i < 50; i++) {
        vm_start();
        wait_for_rounds(2);
        vm_stop(RUN_STATE_PAUSED);
    }
    assert_all_stand();
}

/* A pause within a run, as the monitor and a reset do it. */
static void test_pause(void)
{
    vm_start();
    wait_for_rounds(1);
    pause_all_vcpus();
    assert_all_stand();
    pause_all_vcpus(); /* all stand already */
    resume_all_vcpus();
    wait_for_rounds(1);
    vm_stop(RUN_STATE_PAUSED);
    resume_all_vcpus(); /* not while the machine stands */
    assert_all_stand();
}

static void test_hart_stops_machine(void)
{
    vm_start();
    qatomic_set(&harts[1]->stops_itself, true);
    run_main_loop_until(RUN_STATE_PAUSED);
    assert_all_stand();
    vm_start();
    qatomic_set(&harts[2]->asks_for_debug, true);
    run_main_loop_until(RUN_STATE_DEBUG);
    assert_all_stand();
    vm_start();
    wait_for_rounds(1);
    vm_stop(RUN_STATE_PAUSED);
}

/* The main thread waits for a hart that waits for its disk. */
static void test_pause_during_io(void)
{
    g_autoptr(QemuOpts)
        opts = qemu_opts_parse("driver=null-co,if=none", NULL, QEMU_OPTS_NONE, NULL);

    disk = drive_new(opts, "-drive", IF_NONE, NULL)->blk;
    qatomic_set(&harts[1]->resets_disk, true);
    for (int i = 0; i < 50; i++) {
        unsigned before;

        vm_start();
        wait_for_rounds(1);
        before = qatomic_read(&harts[1]->rounds);
        while (!disk_is_busy && qatomic_read(&harts[1]->rounds) < before + 100) {
            bql_unlock();
            g_thread_yield();
            bql_lock();
        }
        vm_stop(RUN_STATE_PAUSED);
    }
    qatomic_set(&harts[1]->resets_disk, false);
    assert_all_stand();
}

/* A hart in WFI sleeps until something is there for it. */
static void test_halted(void)
{
    CPUState *cpu = CPU(harts[0]);
    unsigned before;

    qatomic_set(&cpu->halted, 1);
    vm_start();
    g_assert_true(cpu_thread_is_idle(cpu));
    g_assert_false(all_cpu_threads_idle());
    before = qatomic_read(&harts[0]->rounds);
    for (int i = 0; i < 20; i++) {
        main_loop_wait(true);
        g_usleep(500);
    }
    g_assert_cmpuint(qatomic_read(&harts[0]->rounds), <=, before + 1);
    cpu_interrupt(cpu, CPU_INTERRUPT_HARD);
    while (qatomic_read(&harts[0]->rounds) < before + 5) {
        main_loop_wait(true);
    }
    qatomic_set(&cpu->halted, 0);
    cpu_reset_interrupt(cpu, CPU_INTERRUPT_HARD);
    vm_stop(RUN_STATE_PAUSED);
}

static void note_thread(CPUState *cpu, void *data)
{
    g_assert_true(qemu_cpu_is_self(cpu));
    g_assert_true(qemu_in_vcpu_thread());
    ++*(int *)data;
}

static void test_work(void)
{
    int calls = 0;

    /* Stopped or not: the thread wakes up for it. */
    run_on_cpu(CPU(harts[0]), note_thread, &calls);
    vm_start();
    run_on_cpu(CPU(harts[1]), note_thread, &calls);
    g_assert_cmpint(calls, ==, 2);
    vm_stop(RUN_STATE_PAUSED);
}

static void test_shutdown(void)
{
    vm_start();
    wait_for_rounds(1);
    vm_shutdown();
    assert_all_stand();
    vm_shutdown(); /* as a second exit would */
}

int main(int argc, char **argv)
{
    GError *error = NULL;

    g_test_init(&argc, &argv, NULL);
    g_assert_true(main_loop_init(&error));
    memory_map_init();
    g_test_add_func("/cpus/accel", test_accel);
    g_test_add_func("/cpus/create", test_create);
    g_test_add_func("/cpus/start-stop", test_start_stop);
    g_test_add_func("/cpus/pause", test_pause);
    g_test_add_func("/cpus/pause-during-io", test_pause_during_io);
    g_test_add_func("/cpus/hart-stops-machine", test_hart_stops_machine);
    g_test_add_func("/cpus/halted", test_halted);
    g_test_add_func("/cpus/work", test_work);
    g_test_add_func("/cpus/shutdown", test_shutdown);
    return g_test_run();
}
