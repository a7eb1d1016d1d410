/* SPDX-License-Identifier: MIT */
/*
 * Timers: see qemu/timer.h. Each clock has a binary heap of its pending timers, ordered by
 * deadline, then by when they were set; a timer knows its place, so that deleting one is
 * logarithmic too. The clocks themselves are clock.c.
 *
 * Threads: anyone sets and deletes, under the clock's lock; the main thread runs callbacks,
 * under the BQL and without that lock. Tests: tests/unit/util/test-timer.c.
 */
#include "qemu/osdep.h"
#include "clock-internal.h"
#include "qemu/main-loop.h"
#include "qemu/timer.h"

typedef struct TimerHeap {
    QemuMutex lock;
    QEMUTimer **timers; /* [lock] children of i are at 2i+1 and 2i+2 */
    size_t len;         /* [lock] */
    size_t room;        /* [lock] */
    uint64_t sequence;  /* [lock] of the next timer set */
} TimerHeap;

static TimerHeap heaps[QEMU_CLOCK_MAX] = {
    [0 ... QEMU_CLOCK_MAX - 1] = {.lock = QEMU_MUTEX_INITIALIZER},
};

#define NOT_PENDING INT64_MAX

static bool timer_before(const QEMUTimer *a, const QEMUTimer *b)
{
    return a->expire_ns != b->expire_ns ? a->expire_ns < b->expire_ns : a->sequence < b->sequence;
}

static void heap_place(TimerHeap *heap, QEMUTimer *ts, size_t idx)
{
    heap->timers[idx] = ts;
    ts->heap_idx = idx;
}

static void heap_sift_up(TimerHeap *heap, QEMUTimer *ts, size_t idx)
{
    for (; idx > 0; idx = (idx - 1) / 2) {
        QEMUTimer *parent = heap->timers[(idx - 1) / 2];
        if (!timer_before(ts, parent)) {
            break;
        }
        heap_place(heap, parent, idx);
    }
    heap_place(heap, ts, idx);
}

static void heap_sift_down(TimerHeap *heap, QEMUTimer *ts, size_t idx)
{
    for (size_t child; (child = 2 * idx + 1) < heap->len; idx = child) {
        if (child + 1 < heap->len && timer_before(heap->timers[child + 1], heap->timers[child])) {
            child++;
        }
        if (!timer_before(heap->timers[child], ts)) {
            break;
        }
        heap_place(heap, heap->timers[child], idx);
    }
    heap_place(heap, ts, idx);
}

static void heap_insert(TimerHeap *heap, QEMUTimer *ts) TSA_REQUIRES(heap->lock)
{
    if (heap->len == heap->room) {
        heap->room = MAX(16, 2 * heap->room);
        heap->timers = g_renew(QEMUTimer *, heap->timers, heap->room);
    }
    ts->sequence = heap->sequence++;
    heap->len++;
    heap_sift_up(heap, ts, heap->len - 1);
}

/* Nothing when not pending. */
static void heap_remove(TimerHeap *heap, QEMUTimer *ts) TSA_REQUIRES(heap->lock)
{
    if (ts->expire_ns == NOT_PENDING) {
        return;
    }
    ts->expire_ns = NOT_PENDING;
    QEMUTimer *last = heap->timers[--heap->len];
    if (last != ts) {
        size_t idx = ts->heap_idx;
        heap_sift_down(heap, last, idx);
        heap_sift_up(heap, last, last->heap_idx);
    }
    if (heap->len == 0) {
        g_clear_pointer(&heap->timers, g_free);
        heap->room = 0;
    }
}

void timer_init(QEMUTimer *ts, QEMUClockType type, int scale, QEMUTimerCB *cb, void *opaque)
{
    *ts = (QEMUTimer){
        .expire_ns = NOT_PENDING,
        .cb = cb,
        .opaque = opaque,
        .scale = scale,
        .type = type,
    };
}

QEMUTimer *timer_new(QEMUClockType type, int scale, QEMUTimerCB *cb, void *opaque)
{
    QEMUTimer *ts = g_new(QEMUTimer, 1);
    timer_init(ts, type, scale, cb, opaque);
    return ts;
}

void timer_free(QEMUTimer *ts)
{
    if (ts) {
        timer_del(ts);
        g_free(ts);
    }
}

/* @only_earlier: leave a pending earlier deadline alone. */
static void timer_set(QEMUTimer *ts, int64_t expire_ns, bool only_earlier)
{
    TimerHeap *heap = &heaps[ts->type];
    bool is_head = false;

    expire_ns = CLAMP(expire_ns, 0, NOT_PENDING - 1);
    qemu_mutex_lock(&heap->lock);
    if (!only_earlier || expire_ns < ts->expire_ns) {
        heap_remove(heap, ts);
        ts->expire_ns = expire_ns;
        heap_insert(heap, ts);
        is_head = heap->timers[0] == ts;
    }
    qemu_mutex_unlock(&heap->lock);
    /* A later head needs nothing: the main loop wakes at the old one and looks again. */
    if (is_head) {
        clock_deadline_changed(ts->type);
    }
}

/* Timer units to nanoseconds, saturating. */
static int64_t timer_scale(const QEMUTimer *ts, int64_t expire)
{
    int64_t ns;
    return __builtin_mul_overflow(expire, ts->scale, &ns) ? (expire < 0 ? 0 : NOT_PENDING - 1) : ns;
}

void timer_mod_ns(QEMUTimer *ts, int64_t expire_ns)
{
    timer_set(ts, expire_ns, false);
}

void timer_mod(QEMUTimer *ts, int64_t expire)
{
    timer_set(ts, timer_scale(ts, expire), false);
}

void timer_mod_anticipate_ns(QEMUTimer *ts, int64_t expire_ns)
{
    timer_set(ts, expire_ns, true);
}

void timer_mod_anticipate(QEMUTimer *ts, int64_t expire)
{
    timer_set(ts, timer_scale(ts, expire), true);
}

void timer_del(QEMUTimer *ts)
{
    TimerHeap *heap = &heaps[ts->type];
    qemu_mutex_lock(&heap->lock);
    heap_remove(heap, ts);
    qemu_mutex_unlock(&heap->lock);
}

static int64_t timer_get_expire(QEMUTimer *ts)
{
    TimerHeap *heap = &heaps[ts->type];
    qemu_mutex_lock(&heap->lock);
    int64_t expire_ns = ts->expire_ns;
    qemu_mutex_unlock(&heap->lock);
    return expire_ns;
}

bool timer_pending(QEMUTimer *ts)
{
    return timer_get_expire(ts) != NOT_PENDING;
}

uint64_t timer_expire_time_ns(QEMUTimer *ts)
{
    int64_t expire_ns = timer_get_expire(ts);
    return expire_ns == NOT_PENDING ? UINT64_MAX : expire_ns;
}

int64_t qemu_clock_deadline_ns(QEMUClockType type)
{
    TimerHeap *heap = &heaps[type];
    int64_t expire_ns = NOT_PENDING;

    if (clock_is_running(type)) {
        qemu_mutex_lock(&heap->lock);
        expire_ns = heap->len ? heap->timers[0]->expire_ns : NOT_PENDING;
        qemu_mutex_unlock(&heap->lock);
    }
    if (expire_ns == NOT_PENDING) {
        return -1;
    }
    return MAX(expire_ns - qemu_clock_get_ns(type), 0);
}

int64_t timer_main_loop_deadline_ns(void)
{
    int64_t earliest = -1;
    for (QEMUClockType type = 0; type < QEMU_CLOCK_MAX; type++) {
        int64_t deadline = clock_has_source(type) ? -1 : qemu_clock_deadline_ns(type);
        if (deadline >= 0 && (earliest < 0 || deadline < earliest)) {
            earliest = deadline;
        }
    }
    return earliest;
}

/* Takes the first timer if it is due by @now and was set before @limit; else NULL. */
static QEMUTimer *take_due(TimerHeap *heap, int64_t now, uint64_t limit)
{
    QEMUTimer *ts = NULL;
    qemu_mutex_lock(&heap->lock);
    if (heap->len && heap->timers[0]->expire_ns <= now && heap->timers[0]->sequence < limit) {
        ts = heap->timers[0];
        heap_remove(heap, ts);
    }
    qemu_mutex_unlock(&heap->lock);
    return ts;
}

bool qemu_clock_run_timers(QEMUClockType type)
{
    TimerHeap *heap = &heaps[type];
    bool progress = false;

    if (!clock_is_running(type)) {
        return false;
    }
    /* A callback that sets its timer into the past waits for the next iteration. */
    qemu_mutex_lock(&heap->lock);
    uint64_t limit = heap->sequence;
    bool is_empty = heap->len == 0;
    qemu_mutex_unlock(&heap->lock);
    if (is_empty) {
        return false;
    }
    int64_t now = qemu_clock_get_ns(type);
    for (QEMUTimer *ts; (ts = take_due(heap, now, limit));) {
        progress = true;
        ts->cb(ts->opaque);
    }
    return progress;
}

bool qemu_clock_run_all_timers(void)
{
    bool progress = false;
    for (QEMUClockType type = 0; type < QEMU_CLOCK_MAX; type++) {
        progress |= qemu_clock_run_timers(type);
    }
    return progress;
}
