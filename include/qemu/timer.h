/* SPDX-License-Identifier: MIT */
/*
 * Clocks and timers. Deadlines are absolute, in nanoseconds of their clock.
 *
 * Functions may be called from any thread unless they say so. Callbacks run in the main loop (with
 * -icount those of QEMU_CLOCK_VIRTUAL in the harts' thread) under the BQL, in the order of their
 * deadlines (equal ones in the order they were set), each at most once per timer_mod(). On an idle
 * host one runs within about 50 us after its deadline. With no timer pending the main loop sleeps
 * for good.
 */
#ifndef QEMU_TIMER_H
#define QEMU_TIMER_H

#include "qemu/units.h"

typedef enum {
    /* Monotonic host time; runs always. For the emulator itself. */
    QEMU_CLOCK_REALTIME,
    /* Guest time: starts at 0, stands still while the machine is stopped. For devices. */
    QEMU_CLOCK_VIRTUAL,
    /* The host's wall clock since 1970; jumps when the host's does. */
    QEMU_CLOCK_HOST,
    /* Guest time even when QEMU_CLOCK_VIRTUAL counts instructions: host speed, stops too. */
    QEMU_CLOCK_VIRTUAL_RT,
    QEMU_CLOCK_MAX
} QEMUClockType;

typedef void QEMUTimerCB(void *opaque);

/* Embeddable. Fields are private; [lock] that of the clock. */
struct QEMUTimer {
    int64_t expire_ns;  /* [lock] INT64_MAX while not pending */
    uint64_t sequence;  /* [lock] breaks ties in order of setting */
    size_t heap_idx;    /* [lock] in the clock's heap while pending */
    QEMUTimerCB *cb;    /* [const] */
    void *opaque;       /* [const] */
    int scale;          /* [const] nanoseconds per unit of timer_mod() */
    QEMUClockType type; /* [const] */
};

/* Current time. Never goes backwards but for QEMU_CLOCK_HOST. */
int64_t qemu_clock_get_ns(QEMUClockType type);

static inline int64_t qemu_clock_get_us(QEMUClockType type)
{
    return qemu_clock_get_ns(type) / SCALE_US;
}

static inline int64_t qemu_clock_get_ms(QEMUClockType type)
{
    return qemu_clock_get_ns(type) / SCALE_MS;
}

/* Monotonic and wall-clock host time, without the indirection. */
int64_t get_clock(void);
int64_t get_clock_realtime(void);

/**
 * timer_init - prepare an embedded timer, not pending
 * @scale: SCALE_NS, SCALE_US or SCALE_MS: the unit of timer_mod()
 */
void timer_init(QEMUTimer *ts, QEMUClockType type, int scale, QEMUTimerCB *cb, void *opaque);

static inline void timer_init_ns(QEMUTimer *ts, QEMUClockType type, QEMUTimerCB *cb, void *opaque)
{
    timer_init(ts, type, SCALE_NS, cb, opaque);
}

static inline void timer_init_ms(QEMUTimer *ts, QEMUClockType type, QEMUTimerCB *cb, void *opaque)
{
    timer_init(ts, type, SCALE_MS, cb, opaque);
}

/* Allocated: free with timer_free(), which deletes it first and takes NULL. */
QEMUTimer *timer_new(QEMUClockType type, int scale, QEMUTimerCB *cb, void *opaque);
void timer_free(QEMUTimer *ts);

static inline QEMUTimer *timer_new_ns(QEMUClockType type, QEMUTimerCB *cb, void *opaque)
{
    return timer_new(type, SCALE_NS, cb, opaque);
}

static inline QEMUTimer *timer_new_us(QEMUClockType type, QEMUTimerCB *cb, void *opaque)
{
    return timer_new(type, SCALE_US, cb, opaque);
}

static inline QEMUTimer *timer_new_ms(QEMUClockType type, QEMUTimerCB *cb, void *opaque)
{
    return timer_new(type, SCALE_MS, cb, opaque);
}

/*
 * Set the deadline, replacing any earlier one. One in the past runs in the next iteration.
 * timer_mod() takes the timer's unit and saturates; negative deadlines count as 0.
 */
void timer_mod_ns(QEMUTimer *ts, int64_t expire_ns);
void timer_mod(QEMUTimer *ts, int64_t expire);

/* Set it only if that is earlier than the pending deadline. */
void timer_mod_anticipate_ns(QEMUTimer *ts, int64_t expire_ns);
void timer_mod_anticipate(QEMUTimer *ts, int64_t expire);

/* Not pending any more. With the BQL held its callback is certain not to run afterwards. */
void timer_del(QEMUTimer *ts);

bool timer_pending(QEMUTimer *ts);
/* UINT64_MAX when not pending. */
uint64_t timer_expire_time_ns(QEMUTimer *ts);

/*
 * The virtual clocks run between cpu_enable_ticks() and cpu_disable_ticks(); at start they
 * stand. BQL.
 */
void cpu_enable_ticks(void);
void cpu_disable_ticks(void);

/**
 * struct VirtualClockSource - what drives QEMU_CLOCK_VIRTUAL instead of host time
 * @get_ns:           guest time now; any thread, must not go backwards
 * @deadline_changed: the earliest virtual deadline has changed; any thread, no lock held
 *
 * With a source set the main loop does not sleep for virtual deadlines: who advances the
 * clock calls qemu_clock_notify() when one has come.
 */
typedef struct VirtualClockSource {
    int64_t (*get_ns)(void);
    void (*deadline_changed)(void);
} VirtualClockSource;

/* NULL goes back to host time, from the value reached. With no hart running. BQL. */
void qemu_clock_set_virtual_source(const VirtualClockSource *source);

/* Nanoseconds until the earliest deadline of the clock, 0 when due, -1 when none or stopped. */
int64_t qemu_clock_deadline_ns(QEMUClockType type);

/* Makes the main loop look at the clock's timers again. */
void qemu_clock_notify(QEMUClockType type);

/* For the main loop, and who drives the clock: runs what is due. Was anything? [bql] */
bool qemu_clock_run_timers(QEMUClockType type);
bool qemu_clock_run_all_timers(void);

/* For the main loop: how long it may sleep, in ns; -1 forever. */
int64_t timer_main_loop_deadline_ns(void);

#endif
