/* SPDX-License-Identifier: MIT */
/*
 * QemuEvent: see qemu/thread.h. One futex word with three states:
 *
 *     SET --reset--> RESET --wait--> WAITED --set--> SET
 *                    RESET ---------- set ---------> SET
 *
 * set() needs a system call only when it finds WAITED. All changes are sequentially
 * consistent: reset(), then a look at the condition, must not be reordered.
 * Tests: tests/unit/util/test-thread.c.
 */
#include "qemu/osdep.h"
#include <linux/futex.h>
#include <sys/syscall.h>
#include "qemu/thread.h"
#include "qemu/timer.h"

enum {
    EVENT_WAITED = -1,
    EVENT_SET = 0,
    EVENT_RESET = 1,
};

static void futex_wake_all(int *word)
{
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

/* Returns when woken, interrupted, timed out, or *@word is not @expected. NULL: forever. */
static void futex_wait(int *word, int expected, const struct timespec *relative)
{
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, relative, NULL, 0);
}

void qemu_event_init(QemuEvent *ev, bool set)
{
    ev->value = set ? EVENT_SET : EVENT_RESET;
}

void qemu_event_set(QemuEvent *ev)
{
    if (qatomic_xchg(&ev->value, EVENT_SET) == EVENT_WAITED) {
        futex_wake_all(&ev->value);
    }
}

void qemu_event_reset(QemuEvent *ev)
{
    /* SET becomes RESET; the other two stay, RESET | 1 and WAITED | 1 being themselves. */
    qatomic_fetch_or(&ev->value, EVENT_RESET);
}

void qemu_event_wait(QemuEvent *ev)
{
    qemu_event_timedwait_ns(ev, -1);
}

bool qemu_event_timedwait_ns(QemuEvent *ev, int64_t timeout_ns)
{
    /* The acquire pairs with the release in qemu_event_set()'s exchange. */
    if (qatomic_load_acquire(&ev->value) == EVENT_SET) {
        return true;
    }
    int64_t start = timeout_ns >= 0 ? get_clock() : 0;
    while (qatomic_cmpxchg(&ev->value, EVENT_RESET, EVENT_WAITED) != EVENT_SET) {
        struct timespec left_ts, *relative = NULL;
        if (timeout_ns >= 0) {
            int64_t left = timeout_ns - (get_clock() - start);
            if (left <= 0) {
                return false;
            }
            left_ts.tv_sec = left / NANOSECONDS_PER_SECOND;
            left_ts.tv_nsec = left % NANOSECONDS_PER_SECOND;
            relative = &left_ts;
        }
        futex_wait(&ev->value, EVENT_WAITED, relative);
    }
    return true;
}
