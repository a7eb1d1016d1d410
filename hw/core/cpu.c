/* SPDX-License-Identifier: MIT */
/*
 * CPUState: what all harts have in common. The list of harts, work queues, requests, debugger's
 * marks.
 *
 * Not here: starting and stopping threads (system/cpus.c), executing (accel/), registers (target/).
 * Locks: work_mutex guards a hart's queue and is taken last. Tests: tests/unit/hw/core/test-cpu.c
 */
#include "qemu/osdep.h"

#include "hw/core/cpu.h"
#include "hw/core/runstate.h"
#include "qemu/error.h"
#include "qemu/main-loop.h"
#include "system/address-spaces.h"
#include "system/memory.h"

__thread CPUState *current_cpu;

static GPtrArray *cpus;             /* [bql] to append, during set-up; index = cpu_index */
static CPUState *debug_stopped_cpu; /* [bql] */

/* Bytes that a debugger's access may touch in one go. */
#define DEBUG_CHUNK 4096

CPUState *qemu_get_cpu(int index)
{
    return cpus && index >= 0 && (unsigned)index < cpus->len ? g_ptr_array_index(cpus, index) :
                                                               NULL;
}

unsigned cpu_count(void)
{
    return cpus ? cpus->len : 0;
}

/* ---- requests -------------------------------------------------------------------------------- */

void cpu_wake(CPUState *cpu)
{
    if (cpu->poll) {
        qatomic_set_mb(cpu->poll, 1);
    }
    if (cpu->wake) {
        qemu_event_set(cpu->wake);
    }
}

void cpu_interrupt(CPUState *cpu, uint32_t mask)
{
    qatomic_or(&cpu->interrupt_request, mask);
    cpu_wake(cpu);
}

void cpu_reset_interrupt(CPUState *cpu, uint32_t mask)
{
    qatomic_and(&cpu->interrupt_request, ~mask);
}

/* ---- work for a hart's own thread ------------------------------------------------------------ */

typedef struct CPUWork {
    run_on_cpu_func func;
    void *data;
    bool *done; /* [bql] set, and done_cond signalled, when a waiter is there */
} CPUWork;

static QemuCond done_cond = {.cond = PTHREAD_COND_INITIALIZER}; /* with the BQL */

static void cpu_queue_work(CPUState *cpu, run_on_cpu_func func, void *data, bool *done)
{
    CPUWork *work = g_new(CPUWork, 1);

    *work = (CPUWork){.func = func, .data = data, .done = done};
    qemu_mutex_lock(&cpu->work_mutex);
    g_queue_push_tail(&cpu->work_list, work);
    qatomic_set(&cpu->work_queued, true);
    qemu_mutex_unlock(&cpu->work_mutex);
    cpu_wake(cpu);
}

bool cpu_has_queued_work(CPUState *cpu)
{
    return qatomic_read(&cpu->work_queued);
}

void async_run_on_cpu(CPUState *cpu, run_on_cpu_func func, void *data)
{
    cpu_queue_work(cpu, func, data, NULL);
}

void run_on_cpu(CPUState *cpu, run_on_cpu_func func, void *data)
{
    bool done = false;

    /* with thread=single one thread serves many harts, and must not wait for itself */
    if (cpu == current_cpu || !cpu->created || qemu_thread_is_self(cpu->thread)) {
        func(cpu, data);
        return;
    }
    cpu_queue_work(cpu, func, data, &done);
    while (!done) {
        qemu_cond_wait_bql(&done_cond);
    }
}

void process_queued_cpu_work(CPUState *cpu)
{
    for (;;) {
        CPUWork *work;

        qemu_mutex_lock(&cpu->work_mutex);
        work = g_queue_pop_head(&cpu->work_list);
        if (!work) {
            qatomic_set(&cpu->work_queued, false);
        }
        qemu_mutex_unlock(&cpu->work_mutex);
        if (!work) {
            return;
        }
        work->func(cpu, work->data);
        if (work->done) {
            *work->done = true;
            qemu_cond_broadcast(&done_cond);
        }
        g_free(work);
    }
}

/* ---- debuggers ------------------------------------------------------------------------------- */

void cpu_debug_stop(CPUState *cpu)
{
    debug_stopped_cpu = cpu;
    cpu->stopped = true;
    qemu_system_debug_request();
}

CPUState *cpu_debug_stopped(void)
{
    return debug_stopped_cpu;
}

static int breakpoint_index(CPUState *cpu, vaddr pc)
{
    for (unsigned i = 0; i < cpu->breakpoints->len; i++) {
        if (g_array_index(cpu->breakpoints, CPUBreakpoint, i).pc == pc) {
            return (int)i;
        }
    }
    return -1;
}

static void debug_marks_changed(CPUState *cpu)
{
    if (cpu->debug_marks_changed) {
        cpu->debug_marks_changed(cpu);
    }
}

bool cpu_breakpoint_insert(CPUState *cpu, vaddr pc)
{
    CPUBreakpoint bp = {.pc = pc};

    if (breakpoint_index(cpu, pc) < 0) {
        g_array_append_val(cpu->breakpoints, bp);
        debug_marks_changed(cpu);
    }
    return true;
}

bool cpu_breakpoint_remove(CPUState *cpu, vaddr pc)
{
    int index = breakpoint_index(cpu, pc);

    if (index < 0) {
        return false;
    }
    g_array_remove_index_fast(cpu->breakpoints, (unsigned)index);
    debug_marks_changed(cpu);
    return true;
}

void cpu_breakpoint_remove_all(CPUState *cpu)
{
    g_array_set_size(cpu->breakpoints, 0);
    debug_marks_changed(cpu);
}

bool cpu_watchpoint_insert(CPUState *cpu, vaddr addr, uint64_t len, int flags, GError **error)
{
    CPUWatchpoint wp = {.addr = addr, .len = len, .flags = flags};

    if (len == 0 || addr > UINT64_MAX - (len - 1)) {
        error_setg(error, "invalid watchpoint: %" PRIu64 " bytes at 0x%" PRIx64, len, addr);
        return false;
    }
    g_array_append_val(cpu->watchpoints, wp);
    debug_marks_changed(cpu);
    return true;
}

bool cpu_watchpoint_remove(CPUState *cpu, vaddr addr, uint64_t len, int flags)
{
    for (unsigned i = 0; i < cpu->watchpoints->len; i++) {
        const CPUWatchpoint *wp = &g_array_index(cpu->watchpoints, CPUWatchpoint, i);

        if (wp->addr == addr && wp->len == len && wp->flags == flags) {
            g_array_remove_index_fast(cpu->watchpoints, i);
            debug_marks_changed(cpu);
            return true;
        }
    }
    return false;
}

void cpu_watchpoint_remove_all(CPUState *cpu)
{
    g_array_set_size(cpu->watchpoints, 0);
    debug_marks_changed(cpu);
}

void cpu_single_step(CPUState *cpu, int sstep_flags)
{
    cpu->singlestep_enabled = sstep_flags;
}

bool cpu_memory_rw_debug(CPUState *cpu, vaddr addr, void *buf, size_t len, bool is_write)
{
    const MemTxAttrs attrs = {.debug = 1};
    uint8_t *p = buf;

    while (len) {
        size_t n = MIN(len, DEBUG_CHUNK - (addr & (DEBUG_CHUNK - 1)));
        hwaddr phys =
            CPU_GET_CLASS(cpu)->get_phys_page_debug(cpu, addr & ~(vaddr)(DEBUG_CHUNK - 1));
        MemTxResult result;

        if (phys == HWADDR_MAX) {
            return false;
        }
        phys |= addr & (DEBUG_CHUNK - 1);
        result = is_write ? address_space_write_rom(cpu->as, phys, attrs, p, n) :
                            address_space_read(cpu->as, phys, attrs, p, n);
        if (result != MEMTX_OK) {
            return false;
        }
        addr += n;
        p += n;
        len -= n;
    }
    return true;
}

/* ---- the object ------------------------------------------------------------------------------ */

static bool cpu_common_realize(DeviceState *dev, GError **error)
{
    CPUState *cpu = CPU(dev);
    g_autofree char *name = NULL;

    if (!cpu->memory) {
        cpu->memory = get_system_memory();
    }
    if (!cpus) {
        cpus = g_ptr_array_new();
    }
    cpu->cpu_index = (int)cpus->len;
    g_ptr_array_add(cpus, cpu);
    name = g_strdup_printf("cpu-memory-%d", cpu->cpu_index);
    cpu->as = g_new0(AddressSpace, 1);
    address_space_init(cpu->as, cpu->memory, name);
    return true;
}

static void cpu_common_init(Object *obj)
{
    CPUState *cpu = CPU(obj);

    cpu->cpu_index = -1;
    cpu->stopped = true;
    qemu_mutex_init(&cpu->work_mutex);
    g_queue_init(&cpu->work_list);
    cpu->breakpoints = g_array_new(false, false, sizeof(CPUBreakpoint));
    cpu->watchpoints = g_array_new(false, false, sizeof(CPUWatchpoint));
}

static void cpu_common_finalize(Object *obj)
{
    CPUState *cpu = CPU(obj);

    g_array_free(cpu->breakpoints, true);
    g_array_free(cpu->watchpoints, true);
    qemu_mutex_destroy(&cpu->work_mutex);
}

static void cpu_common_class_init(ObjectClass *oc, const void *data)
{
    DeviceClass *dc = DEVICE_CLASS(oc);

    set_bit(DEVICE_CATEGORY_CPU, dc->categories);
    dc->realize = cpu_common_realize;
    dc->user_creatable = false;
}

static const TypeInfo cpu_types[] = {
    {
        .name = TYPE_CPU,
        .parent = TYPE_DEVICE,
        .instance_size = sizeof(CPUState),
        .instance_init = cpu_common_init,
        .instance_finalize = cpu_common_finalize,
        .abstract = true,
        .class_size = sizeof(CPUClass),
        .class_init = cpu_common_class_init,
    },
};
DEFINE_TYPES(cpu_types)
