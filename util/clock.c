/* SPDX-License-Identifier: MIT */
/*
 * The four clocks: see qemu/timer.h. Host time comes from clock_gettime(); the virtual
 * clocks are host time less what passed while they stood.
 *
 * Threads: reading is lock-free (a sequence counter), since every rdtime of every hart
 * comes here; the BQL serialises the writers. Tests: tests/unit/util/test-timer.c.
 */
#include "qemu/osdep.h"
#include "clock-internal.h"
#include "qemu/main-loop.h"

/*
 * [atomic] written under the BQL. While the clock runs its value is host time + base_ns,
 * while it stands it is base_ns.
 */
static struct {
    unsigned sequence; /* odd while being written */
    bool is_running;
    int64_t base_ns;
} virtual_rt;

/* [atomic] written under the BQL: QEMU_CLOCK_VIRTUAL's distance when host time drives it. */
static int64_t virtual_ahead_ns;

/* [atomic] written under the BQL; NULL for host time. */
static const VirtualClockSource *virtual_source;

static int64_t read_host_clock(clockid_t id)
{
    struct timespec ts;
    clock_gettime(id, &ts);
    return ts.tv_sec * NANOSECONDS_PER_SECOND + ts.tv_nsec;
}

int64_t get_clock(void)
{
    return read_host_clock(CLOCK_MONOTONIC);
}

int64_t get_clock_realtime(void)
{
    return read_host_clock(CLOCK_REALTIME);
}

static int64_t virtual_rt_get(void)
{
    unsigned sequence;
    bool is_running;
    int64_t base_ns;
    do {
        /* Pairs with the release in virtual_rt_set(). */
        sequence = qatomic_load_acquire(&virtual_rt.sequence);
        is_running = qatomic_read(&virtual_rt.is_running);
        base_ns = qatomic_read(&virtual_rt.base_ns);
        smp_rmb();
    } while ((sequence & 1) || sequence != qatomic_read(&virtual_rt.sequence));
    return is_running ? get_clock() + base_ns : base_ns;
}

static void virtual_rt_set(bool is_running, int64_t base_ns)
{
    unsigned sequence = virtual_rt.sequence;
    qatomic_set(&virtual_rt.sequence, sequence + 1);
    smp_wmb();
    qatomic_set(&virtual_rt.is_running, is_running);
    qatomic_set(&virtual_rt.base_ns, base_ns);
    /* Pairs with the acquire in virtual_rt_get(). */
    qatomic_store_release(&virtual_rt.sequence, sequence + 2);
}

int64_t qemu_clock_get_ns(QEMUClockType type)
{
    switch (type) {
    case QEMU_CLOCK_REALTIME:
        return get_clock();
    case QEMU_CLOCK_HOST:
        return get_clock_realtime();
    case QEMU_CLOCK_VIRTUAL_RT:
        return virtual_rt_get();
    case QEMU_CLOCK_VIRTUAL: {
        /* Pairs with the release in qemu_clock_set_virtual_source(). */
        const VirtualClockSource *source = qatomic_load_acquire(&virtual_source);
        return source ? source->get_ns() : virtual_rt_get() + qatomic_read(&virtual_ahead_ns);
    }
    default:
        g_assert_not_reached();
    }
}

bool clock_is_running(QEMUClockType type)
{
    bool is_virtual = type == QEMU_CLOCK_VIRTUAL || type == QEMU_CLOCK_VIRTUAL_RT;
    return !is_virtual || qatomic_read(&virtual_rt.is_running);
}

bool clock_has_source(QEMUClockType type)
{
    return type == QEMU_CLOCK_VIRTUAL && qatomic_read(&virtual_source);
}

void clock_deadline_changed(QEMUClockType type)
{
    const VirtualClockSource *source = qatomic_load_acquire(&virtual_source);
    if (type == QEMU_CLOCK_VIRTUAL && source) {
        source->deadline_changed();
    } else if (clock_is_running(type)) {
        qemu_clock_notify(type);
    }
}

void qemu_clock_notify(QEMUClockType type)
{
    /* The main thread looks at the deadlines before it sleeps. */
    if (!qemu_in_main_thread()) {
        qemu_notify_event();
    }
}

void cpu_enable_ticks(void)
{
    if (!virtual_rt.is_running) {
        virtual_rt_set(true, virtual_rt.base_ns - get_clock());
        qemu_clock_notify(QEMU_CLOCK_VIRTUAL);
    }
}

void cpu_disable_ticks(void)
{
    if (virtual_rt.is_running) {
        virtual_rt_set(false, virtual_rt_get());
    }
}

void qemu_clock_set_virtual_source(const VirtualClockSource *source)
{
    if (!source && virtual_source) {
        qatomic_set(&virtual_ahead_ns, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) - virtual_rt_get());
    }
    /* Pairs with the acquires of its readers. */
    qatomic_store_release(&virtual_source, source);
    qemu_clock_notify(QEMU_CLOCK_VIRTUAL);
}
