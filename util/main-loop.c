/* SPDX-License-Identifier: MIT */
/*
 * The main loop: see qemu/main-loop.h. GLib's default context is driven by hand
 * (prepare, query, check, dispatch), so that the sleep is ours: ppoll() with nanosecond
 * timeouts and with the BQL released. GLib's own sleep knows milliseconds only.
 *
 * Threads: the main thread runs the loop; anyone calls qemu_notify_event().
 * The parts: bh.c, fd-handler.c, thread-pool.c, timer.c.
 * Tests: tests/unit/util/test-main-loop.c, test-timer.c.
 */
#include "qemu/osdep.h"
#include <poll.h>
#include <sys/prctl.h>
#include "main-loop-internal.h"
#include "qemu/rcu.h"
#include "qemu/timer.h"

static EventNotifier wakeup = {.fd = -1}; /* [const] after init */
static bool wakeup_is_set;                /* [atomic] spares writes while one is pending */
static QemuThread main_thread;            /* [const] after init */
static bool main_thread_is_known;         /* [const] after init */
static NotifierList poll_notifiers TSA_GUARDED_BY(bql);
static GArray *pollfds TSA_GUARDED_BY(bql); /* of GPollFD; kept for its memory */

/* Takes the BQL for the caller to keep, which its declaration cannot say of all callers. */
bool main_loop_init(GError **error) TSA_NO_ANALYSIS
{
    if (!event_notifier_init(&wakeup, false, error)) {
        bql_lock();
        return false;
    }
    rcu_register_thread();
    qemu_thread_get_self(&main_thread);
    main_thread_is_known = true;
    bql_lock();
    notifier_list_init(&poll_notifiers);
    pollfds = g_array_new(false, false, sizeof(GPollFD));
    /* The default slack delays every wake-up by up to 50 us. Threads made later inherit. */
    prctl(PR_SET_TIMERSLACK, 1);
    return true;
}

void main_loop_cleanup(void) TSA_NO_ANALYSIS
{
    thread_pool_drain();
    thread_pool_stop();
    fd_handlers_cleanup();
    g_array_free(g_steal_pointer(&pollfds), true);
    bql_unlock();
    main_thread_is_known = false;
    event_notifier_cleanup(&wakeup);
    rcu_unregister_thread();
}

bool qemu_in_main_thread(void)
{
    return main_thread_is_known && qemu_thread_is_self(&main_thread);
}

void qemu_notify_event(void)
{
    if (wakeup.fd >= 0 && !qatomic_xchg(&wakeup_is_set, true)) {
        event_notifier_set(&wakeup);
    }
}

void main_loop_poll_add_notifier(Notifier *notify)
{
    bql_assert_locked();
    notifier_list_add(&poll_notifiers, notify);
}

void main_loop_poll_remove_notifier(Notifier *notify)
{
    bql_assert_locked();
    notifier_remove(notify);
}

/* Both in nanoseconds, -1 for none. */
static int64_t earlier_timeout(int64_t a, int64_t b)
{
    return a < 0 ? b : b < 0 ? a : MIN(a, b);
}

/* Fills pollfds with what the context watches; returns how many, and its timeout in ns. */
static int query_context(GMainContext *ctx, int priority, int64_t *timeout_ns) TSA_REQUIRES(bql)
{
    int n, timeout_ms, room = 16;
    do {
        g_array_set_size(pollfds, room);
        n = g_main_context_query(ctx, priority, &timeout_ms, (GPollFD *)pollfds->data, room);
    } while (n > room && (room = n));
    g_array_set_size(pollfds, n);
    *timeout_ns = timeout_ms < 0 ? -1 : (int64_t)timeout_ms * SCALE_MS;
    return n;
}

/* Sleeps at most @timeout_ns, the BQL released. */
static void poll_unlocked(GPollFD *fds, guint n, int64_t timeout_ns) TSA_REQUIRES(bql)
{
    QEMU_BUILD_BUG_ON(sizeof(GPollFD) != sizeof(struct pollfd));
    struct timespec ts = {
        .tv_sec = timeout_ns / NANOSECONDS_PER_SECOND,
        .tv_nsec = timeout_ns % NANOSECONDS_PER_SECOND,
    };
    bql_unlock();
    int ret = ppoll((struct pollfd *)fds, n, timeout_ns < 0 ? NULL : &ts, NULL);
    bql_lock();
    if (ret < 0) {
        /* Interrupted by a signal: revents were not written. */
        g_assert_cmpint(errno, ==, EINTR);
        for (guint i = 0; i < n; i++) {
            fds[i].revents = 0;
        }
    }
}

/* Sleeping and waking; @ctx is prepared. Returns the number of the context's descriptors. */
static int wait_for_events(GMainContext *ctx, int priority, bool nonblocking) TSA_REQUIRES(bql)
{
    MainLoopPoll mlp = {.state = MAIN_LOOP_POLL_FILL, .pollfds = pollfds};
    int n_ctx = query_context(ctx, priority, &mlp.timeout_ns);
    GPollFD wakeup_fd = {.fd = event_notifier_get_fd(&wakeup), .events = G_IO_IN};
    g_array_append_val(pollfds, wakeup_fd);
    notifier_list_notify(&poll_notifiers, &mlp);

    int64_t timeout_ns = earlier_timeout(mlp.timeout_ns, timer_main_loop_deadline_ns());
    if (nonblocking || bh_pending()) {
        timeout_ns = 0;
    }
    poll_unlocked((GPollFD *)pollfds->data, pollfds->len, timeout_ns);

    if (g_array_index(pollfds, GPollFD, n_ctx).revents) {
        /* In this order: whoever finds the flag set has queued what we look at next. */
        event_notifier_test_and_clear(&wakeup);
        qatomic_set_mb(&wakeup_is_set, false);
    }
    mlp.state = MAIN_LOOP_POLL_DONE;
    notifier_list_notify(&poll_notifiers, &mlp);
    return n_ctx;
}

void main_loop_wait(bool nonblocking)
{
    GMainContext *ctx = g_main_context_default();
    int priority;

    bql_assert_locked();
    g_assert(qemu_in_main_thread());
    bool acquired = g_main_context_acquire(ctx);
    g_assert(acquired);
    g_main_context_prepare(ctx, &priority);
    int n = wait_for_events(ctx, priority, nonblocking);
    if (g_main_context_check(ctx, priority, (GPollFD *)pollfds->data, n)) {
        g_main_context_dispatch(ctx);
    }
    g_main_context_release(ctx);

    bh_run();
    qemu_clock_run_all_timers();
}
