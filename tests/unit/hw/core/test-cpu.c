/* SPDX-License-Identifier: MIT */
/*
 * hw/core/cpu.c: what is asked of a hart by other threads, and a debugger's marks. The hart's
 * thread sleeps and works as an accelerator's does, and executes nothing; stopping and starting is
 * tests/unit/system/test-cpus.c.
 */
#include "qemu/osdep.h"
#include "../hw-test.h"
#include "hw/core/cpu.h"
#include "qemu/error.h"
#include "qemu/main-loop.h"
#include "system/address-spaces.h"

#define TYPE_PLAIN_CPU "plain-cpu"
OBJECT_DECLARE_SIMPLE_TYPE(PlainCPU, PLAIN_CPU)

struct PlainCPU {
    CPUState parent_obj;

    QemuThread host_thread;
    QemuEvent event;
    int32_t poll_word;
    unsigned wakes; /* [atomic] times that it was awake in WFI */
    unsigned marks; /* changes of breakpoints and watchpoints */
};

static CPUState *harts[2];

static bool plain_has_work(CPUState *cpu)
{
    return qatomic_read(&cpu->interrupt_request) != 0;
}

/* Page 0 is not mapped; all others are where they are. */
static hwaddr plain_get_phys_page(CPUState *cpu, vaddr va)
{
    return va ? va : HWADDR_MAX;
}

static void plain_class_init(ObjectClass *oc, const void *data)
{
    CPU_CLASS(oc)->has_work = plain_has_work;
    CPU_CLASS(oc)->get_phys_page_debug = plain_get_phys_page;
}

static const TypeInfo plain_types[] = {{
    .name = TYPE_PLAIN_CPU,
    .parent = TYPE_CPU,
    .instance_size = sizeof(PlainCPU),
    .class_init = plain_class_init,
}};
DEFINE_TYPES(plain_types)

static void marks_changed(CPUState *cpu)
{
    PLAIN_CPU(cpu)->marks++;
}

static bool is_idle(CPUState *cpu)
{
    return !cpu->unplug && !cpu_has_queued_work(cpu) &&
           !(qatomic_read(&cpu->halted) && plain_has_work(cpu));
}

static void *hart_thread(void *opaque)
{
    CPUState *cpu = opaque;

    bql_lock();
    current_cpu = cpu;
    cpu->created = true;
    while (!cpu->unplug) {
        qemu_event_reset(cpu->wake);
        if (is_idle(cpu)) {
            bql_unlock();
            qemu_event_wait(cpu->wake);
            bql_lock();
        }
        if (qatomic_read(&cpu->halted) && plain_has_work(cpu)) {
            qatomic_set(&cpu->halted, 0);
            qatomic_inc(&PLAIN_CPU(cpu)->wakes);
        }
        process_queued_cpu_work(cpu);
    }
    bql_unlock();
    return NULL;
}

static void start(CPUState *cpu)
{
    PlainCPU *plain = PLAIN_CPU(cpu);

    qemu_event_init(&plain->event, false);
    cpu->wake = &plain->event;
    cpu->poll = &plain->poll_word;
    cpu->thread = &plain->host_thread;
    g_assert_true(
        qemu_thread_create(cpu->thread, "hart", hart_thread, cpu, QEMU_THREAD_JOINABLE, NULL));
    while (!cpu->created) {
        bql_unlock();
        g_thread_yield();
        bql_lock();
    }
}

static void test_list(void)
{
    g_assert_cmpuint(cpu_count(), ==, 0);
    for (int i = 0; i < 2; i++) {
        harts[i] = CPU(object_new(TYPE_PLAIN_CPU));
        g_assert_cmpint(harts[i]->cpu_index, ==, -1);
        harts[i]->debug_marks_changed = marks_changed;
        g_assert_true(qdev_realize(DEVICE(harts[i]), NULL, NULL));
        g_assert_cmpint(harts[i]->cpu_index, ==, i);
    }
    g_assert_cmpuint(cpu_count(), ==, 2);
    g_assert_true(qemu_get_cpu(0) == harts[0] && qemu_get_cpu(1) == harts[1]);
    g_assert_null(qemu_get_cpu(2));
    g_assert_null(qemu_get_cpu(-1));
}

/* ---- work ---- */

static void note_hart(CPUState *cpu, void *data)
{
    g_assert_true(bql_locked());
    *(CPUState **)data = current_cpu;
}

/* Asks of its own hart, which must not wait for itself. */
static void ask_itself(CPUState *cpu, void *data)
{
    run_on_cpu(cpu, note_hart, data);
}

static void test_run_on_cpu(void)
{
    CPUState *ran_on = harts[1];

    run_on_cpu(harts[0], note_hart, &ran_on); /* no thread yet: a plain call */
    g_assert_null(ran_on);
    start(harts[0]);
    start(harts[1]);
    for (int i = 0; i < 100; i++) {
        run_on_cpu(harts[i % 2], note_hart, &ran_on);
        g_assert_true(ran_on == harts[i % 2]);
        g_assert_false(cpu_has_queued_work(harts[i % 2]));
    }
    run_on_cpu(harts[0], ask_itself, &ran_on);
    g_assert_true(ran_on == harts[0]);
}

enum {
    NUM_WORK = 2000
};

static unsigned done[2]; /* [bql] the next number of each thread that asks */

static void check_order(CPUState *cpu, void *data)
{
    unsigned n = GPOINTER_TO_UINT(data);

    g_assert_true(bql_locked() && current_cpu == cpu);
    g_assert_cmpuint(done[n & 1], ==, n / 2);
    done[n & 1]++;
}

static void *ask_much(void *opaque)
{
    for (unsigned i = 0; i < NUM_WORK; i++) {
        async_run_on_cpu(harts[1], check_order, GUINT_TO_POINTER(2 * i + GPOINTER_TO_UINT(opaque)));
    }
    return NULL;
}

/* From threads without the BQL; each finds its own in order, and done before what comes later. */
static void test_async(void)
{
    CPUState *ran_on = NULL;
    QemuThread threads[2];

    bql_unlock();
    for (unsigned i = 0; i < 2; i++) {
        g_assert_true(qemu_thread_create(&threads[i], "asks", ask_much, GUINT_TO_POINTER(i),
                                         QEMU_THREAD_JOINABLE, NULL));
    }
    qemu_thread_join(&threads[0]);
    qemu_thread_join(&threads[1]);
    bql_lock();
    run_on_cpu(harts[1], note_hart, &ran_on);
    g_assert_cmpuint(done[0], ==, NUM_WORK);
    g_assert_cmpuint(done[1], ==, NUM_WORK);
}

/* ---- requests ---- */

/* Halted harts are woken by an interrupt, each time; by a kick they look and sleep on. */
static void test_halt_and_kick(void)
{
    PlainCPU *plain = PLAIN_CPU(harts[0]);
    CPUState *ran_on = NULL;

    bql_unlock();
    for (unsigned i = 1; i <= 1000; i++) {
        qatomic_set(&harts[0]->halted, 1);
        cpu_wake(harts[0]);
        cpu_interrupt(harts[0], CPU_INTERRUPT_HARD);
        while (qatomic_read(&plain->wakes) < i) {
            g_thread_yield();
        }
        g_assert_cmpint(qatomic_xchg(&plain->poll_word, 0), ==, 1);
        cpu_reset_interrupt(harts[0], CPU_INTERRUPT_HARD);
    }
    bql_lock();
    qatomic_set(&harts[0]->halted, 1);
    cpu_wake(harts[0]);
    run_on_cpu(harts[0], note_hart, &ran_on); /* work is done in WFI, which goes on */
    g_assert_cmpuint(plain->wakes, ==, 1000);
    g_assert_cmpuint(qatomic_read(&harts[0]->halted), ==, 1);
    qatomic_set(&harts[0]->halted, 0);
}

static void test_interrupt_bits(void)
{
    CPUState *cpu = harts[1];

    cpu_interrupt(cpu, CPU_INTERRUPT_HARD);
    cpu_interrupt(cpu, CPU_INTERRUPT_DEBUG);
    g_assert_cmphex(cpu->interrupt_request, ==, CPU_INTERRUPT_HARD | CPU_INTERRUPT_DEBUG);
    cpu_reset_interrupt(cpu, CPU_INTERRUPT_HARD);
    g_assert_cmphex(cpu->interrupt_request, ==, CPU_INTERRUPT_DEBUG);
    cpu_reset_interrupt(cpu, CPU_INTERRUPT_DEBUG);
    g_assert_cmphex(cpu->interrupt_request, ==, 0);
}

/* ---- debuggers ---- */

static void test_marks(void)
{
    CPUState *cpu = harts[0];
    unsigned *marks = &PLAIN_CPU(cpu)->marks;
    GError *error = NULL;

    g_assert_true(cpu_breakpoint_insert(cpu, 0x1000));
    g_assert_true(cpu_breakpoint_insert(cpu, 0x1000)); /* once is enough */
    g_assert_cmpuint(cpu->breakpoints->len, ==, 1);
    g_assert_cmpuint(*marks, ==, 1);
    g_assert_false(cpu_breakpoint_remove(cpu, 0x1004));
    g_assert_true(cpu_breakpoint_remove(cpu, 0x1000));
    g_assert_cmpuint(*marks, ==, 2);

    g_assert_false(cpu_watchpoint_insert(cpu, 0x1000, 0, BP_MEM_READ, &error));
    g_assert_cmpstr(error->message, ==, "invalid watchpoint: 0 bytes at 0x1000");
    g_clear_error(&error);
    g_assert_false(cpu_watchpoint_insert(cpu, UINT64_MAX, 2, BP_MEM_READ, NULL));
    g_assert_true(cpu_watchpoint_insert(cpu, UINT64_MAX, 1, BP_MEM_READ, NULL));
    g_assert_true(cpu_watchpoint_insert(cpu, 0x1000, 8, BP_MEM_WRITE, NULL));
    g_assert_false(cpu_watchpoint_remove(cpu, 0x1000, 8, BP_MEM_ACCESS));
    g_assert_true(cpu_watchpoint_remove(cpu, 0x1000, 8, BP_MEM_WRITE));
    g_assert_cmpuint(cpu->watchpoints->len, ==, 1);
    cpu_watchpoint_remove_all(cpu);
    cpu_breakpoint_remove_all(cpu);
    g_assert_cmpuint(cpu->watchpoints->len, ==, 0);

    g_assert_null(cpu_debug_stopped());
    cpu->stopped = false;
    cpu_debug_stop(cpu);
    g_assert_true(cpu->stopped);
    g_assert_true(cpu_debug_stopped() == cpu);
    g_assert_cmpuint(hw_test_take_requests().stops, ==, 1);
}

/* Across a page's end, into ROM, and where nothing is. */
static void test_memory(void)
{
    MemoryRegion *ram = g_new0(MemoryRegion, 1);
    MemoryRegion *rom = g_new0(MemoryRegion, 1);
    char text[] = "across the end";
    char back[sizeof(text)];

    g_assert_true(memory_region_init_ram(ram, NULL, "ram", 0x2000, NULL));
    g_assert_true(memory_region_init_rom(rom, NULL, "rom", 0x1000, NULL));
    memory_region_add_subregion(get_system_memory(), 0, ram);
    memory_region_add_subregion(get_system_memory(), 0x2000, rom);
    for (vaddr va = 0x1ffa; va < 0x2ffa; va += 0xff0) {
        text[0]++;
        g_assert_true(cpu_memory_rw_debug(harts[0], va, text, sizeof(text), true));
        g_assert_true(cpu_memory_rw_debug(harts[0], va, back, sizeof(back), false));
        g_assert_cmpmem(back, sizeof(back), text, sizeof(text));
    }
    g_assert_false(cpu_memory_rw_debug(harts[0], 0x10, back, 1, false));
    g_assert_false(cpu_memory_rw_debug(harts[0], 0x2ffc, back, 8, false));
}

static void test_end(void)
{
    for (int i = 0; i < 2; i++) {
        harts[i]->unplug = true;
        cpu_wake(harts[i]);
        bql_unlock();
        qemu_thread_join(harts[i]->thread);
        bql_lock();
    }
}

int main(int argc, char **argv)
{
    hw_test_init(&argc, &argv);
    g_test_add_func("/cpu/list", test_list);
    g_test_add_func("/cpu/run-on-cpu", test_run_on_cpu);
    g_test_add_func("/cpu/async", test_async);
    g_test_add_func("/cpu/halt-and-kick", test_halt_and_kick);
    g_test_add_func("/cpu/interrupt-bits", test_interrupt_bits);
    g_test_add_func("/cpu/marks", test_marks);
    g_test_add_func("/cpu/memory", test_memory);
    g_test_add_func("/cpu/end", test_end);
    return g_test_run();
}
