/* SPDX-License-Identifier: MIT */
/*
 * The time base: the machine-wide counter that guests read as "time".
 *
 * A time base counts ticks of a fixed frequency while QEMU_CLOCK_VIRTUAL runs. Harts read it for
 * the time CSR and turn comparison values (stimecmp) into timer deadlines; it knows nothing of
 * harts. The platform's timer device implements it (hw/intc/riscv_aclint.c: mtime), and a hart
 * finds it through its link property "time-base".
 *
 * Specification: RISC-V Privileged ISA 20240411, "Machine Timer (mtime and mtimecmp) Registers".
 * Tests: tests/unit/hw/intc/test-riscv-aclint.c.
 */
#ifndef HW_CORE_TIME_BASE_H
#define HW_CORE_TIME_BASE_H

#include "qemu/notify.h"
#include "qom/object.h"

#define TYPE_TIME_BASE "time-base"
DECLARE_INTERFACE(TimeBase, TimeBaseClass, TIME_BASE)

/* What an implementation provides; callers use the functions below. */
struct TimeBaseClass {
    InterfaceClass parent_class;

    uint64_t (*read)(TimeBase *tb);
    uint32_t (*frequency_hz)(TimeBase *tb);
    int64_t (*deadline_ns)(TimeBase *tb, uint64_t ticks);
    void (*add_change_notifier)(TimeBase *tb, Notifier *notifier);
};

/**
 * time_base_read - the counter now, in ticks
 *
 * Wraps at 2^64. Any thread, no lock needed, never waits. A reader never sees a value older than
 * one that any thread has read before, except after a write of the counter.
 */
uint64_t time_base_read(TimeBase *tb);

/**
 * time_base_frequency_hz - ticks in a second of QEMU_CLOCK_VIRTUAL
 *
 * Not zero, constant after realize. Any thread.
 */
uint32_t time_base_frequency_hz(TimeBase *tb);

/**
 * time_base_deadline_ns - when the counter reaches a value
 * @ticks: the comparison value
 *
 * Returns the first moment of QEMU_CLOCK_VIRTUAL, in nanoseconds, at which
 * time_base_read() >= @ticks (unsigned): now or before if that holds already, never below 0;
 * INT64_MAX if it lies beyond what the clock can express. Any thread. The answer holds until the
 * counter is written: see time_base_add_change_notifier().
 */
int64_t time_base_deadline_ns(TimeBase *tb, uint64_t ticks);

/**
 * time_base_add_change_notifier - be told that the counter jumped
 * @notifier: caller's, lives as long as the time base; its notify() gets the TimeBase as data
 *
 * Called after the guest wrote the counter, after a reset and after a snapshot was loaded: every
 * deadline computed before is void then. notify() runs in the thread that made the change, with or
 * without the BQL, and must neither block nor add or remove notifiers. Register during set-up
 * only, with the BQL held.
 */
void time_base_add_change_notifier(TimeBase *tb, Notifier *notifier);

#endif
