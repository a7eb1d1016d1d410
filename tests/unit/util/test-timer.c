/* SPDX-License-Identifier: MIT */
/*
 * Clocks and timers. What can be tested without waiting is driven by a virtual clock that
 * the test moves; real time is used where lateness itself is the subject, and then the loop
 * sleeps until a deadline and not for a fixed time.
 */
#include "qemu/osdep.h"
#include "qemu/main-loop.h"
#include "qemu/timer.h"

static int64_t fake_now;       /* [atomic] */
static int n_deadline_changes; /* [atomic] */

static int64_t fake_get_ns(void)
{
    return qatomic_read(&fake_now);
}

static void fake_deadline_changed(void)
{
    qatomic_inc(&n_deadline_changes);
}

static const VirtualClockSource fake_source = {fake_get_ns, fake_deadline_changed};

/* A clock that has gone on between any two looks at it, as the host's does. */
static int64_t moving_get_ns(void)
{
    return qatomic_fetch_inc(&fake_now);
}

static const VirtualClockSource moving_source = {moving_get_ns, fake_deadline_changed};

/* Each test of virtual time starts at 0 with the clock running. */
static void fake_clock_begin(void)
{
    qatomic_set(&fake_now, 0);
    qemu_clock_set_virtual_source(&fake_source);
    cpu_enable_ticks();
    n_deadline_changes = 0;
}

static void fake_clock_end(void)
{
    cpu_disable_ticks();
    qemu_clock_set_virtual_source(NULL);
}

static GString *fired;

static void record(void *opaque)
{
    g_assert_true(bql_locked() && qemu_in_main_thread());
    g_string_append(fired, opaque);
}

static void run_until(int64_t now, const char *expected)
{
    qatomic_set(&fake_now, now);
    main_loop_wait(true);
    g_assert_cmpstr(fired->str, ==, expected);
    g_string_truncate(fired, 0);
}

static void test_order(void)
{
    fake_clock_begin();
    QEMUTimer *a = timer_new_ns(QEMU_CLOCK_VIRTUAL, record, (void *)"a");
    QEMUTimer *b = timer_new_ns(QEMU_CLOCK_VIRTUAL, record, (void *)"b");
    QEMUTimer *c = timer_new_ns(QEMU_CLOCK_VIRTUAL, record, (void *)"c");

    g_assert_false(timer_pending(a));
    g_assert_cmpuint(timer_expire_time_ns(a), ==, UINT64_MAX);
    g_assert_cmpint(qemu_clock_deadline_ns(QEMU_CLOCK_VIRTUAL), ==, -1);
    timer_mod(c, 300);
    timer_mod(a, 100);
    timer_mod(b, 100); /* equal deadlines: in the order they were set */
    g_assert_true(timer_pending(a));
    g_assert_cmpuint(timer_expire_time_ns(c), ==, 300);
    g_assert_cmpint(qemu_clock_deadline_ns(QEMU_CLOCK_VIRTUAL), ==, 100);
    run_until(99, "");
    g_assert_cmpint(qemu_clock_deadline_ns(QEMU_CLOCK_VIRTUAL), ==, 1);
    run_until(100, "ab");
    g_assert_false(timer_pending(a));
    run_until(1000, "c");

    timer_mod(a, 2000);
    timer_mod(b, 2000);
    timer_mod(a, 2000); /* set again: now after b */
    timer_del(c);
    run_until(2000, "ba");
    timer_mod(a, 2500);
    timer_del(a);
    timer_del(a);
    run_until(3000, "");
    timer_mod(a, 0); /* in the past: due at once */
    g_assert_cmpint(qemu_clock_deadline_ns(QEMU_CLOCK_VIRTUAL), ==, 0);
    run_until(3000, "a");

    timer_free(a);
    timer_free(b);
    timer_mod(c, 5000);
    timer_free(c);
    timer_free(NULL);
    fake_clock_end();
}

/* A deadline that passes while it is looked at is now, not never. */
static void test_deadline_passes(void)
{
    fake_clock_begin();
    qemu_clock_set_virtual_source(&moving_source);
    QEMUTimer *a = timer_new_ns(QEMU_CLOCK_VIRTUAL, record, (void *)"a");

    timer_mod(a, 100);
    for (int i = 0; i < 200; i++) {
        g_assert_cmpint(qemu_clock_deadline_ns(QEMU_CLOCK_VIRTUAL), ==, MAX(100 - i, 0));
    }
    timer_free(a);
    fake_clock_end();
}

static void test_anticipate(void)
{
    fake_clock_begin();
    QEMUTimer t;
    timer_init_ns(&t, QEMU_CLOCK_VIRTUAL, record, (void *)"t");
    timer_mod_anticipate_ns(&t, 500);
    g_assert_cmpuint(timer_expire_time_ns(&t), ==, 500);
    timer_mod_anticipate_ns(&t, 600);
    g_assert_cmpuint(timer_expire_time_ns(&t), ==, 500);
    timer_mod_anticipate(&t, 400);
    g_assert_cmpuint(timer_expire_time_ns(&t), ==, 400);
    timer_del(&t);
    fake_clock_end();
}

static void test_scale(void)
{
    QEMUTimer *ms = timer_new_ms(QEMU_CLOCK_VIRTUAL, record, (void *)"ms");
    QEMUTimer *us = timer_new_us(QEMU_CLOCK_VIRTUAL, record, (void *)"us");
    timer_mod(ms, 5);
    g_assert_cmpuint(timer_expire_time_ns(ms), ==, 5000000);
    timer_mod(us, 5);
    g_assert_cmpuint(timer_expire_time_ns(us), ==, 5000);
    timer_mod(ms, INT64_MAX); /* saturates, stays pending */
    g_assert_true(timer_pending(ms));
    timer_mod(ms, INT64_MIN);
    g_assert_cmpuint(timer_expire_time_ns(ms), ==, 0);
    timer_free(ms);
    timer_free(us);
}

static QEMUTimer *periodic;
static int n_periods;

static void rearm(void *opaque)
{
    n_periods++;
    timer_mod_ns(periodic, 0);
}

/* A timer that sets itself into the past runs once an iteration and starves nobody. */
static void test_rearm(void)
{
    fake_clock_begin();
    QEMUTimer *other = timer_new_ns(QEMU_CLOCK_VIRTUAL, record, (void *)"o");
    periodic = timer_new_ns(QEMU_CLOCK_VIRTUAL, rearm, NULL);
    timer_mod_ns(periodic, 0);
    timer_mod_ns(other, 10);
    run_until(20, "");
    g_assert_cmpint(n_periods, ==, 1);
    timer_del(periodic);
    run_until(20, "o");
    timer_free(periodic);
    timer_free(other);
    fake_clock_end();
}

/* The heap against a sorted array, with changes in the middle. */
static void test_many(void)
{
    enum {
        N = 200
    };
    static QEMUTimer timers[N];
    static int64_t deadlines[N];
    g_autoptr(GRand) rnd = g_rand_new_with_seed(1);

    fake_clock_begin();
    for (int i = 0; i < N; i++) {
        timer_init_ns(&timers[i], QEMU_CLOCK_VIRTUAL, record, (void *)".");
        deadlines[i] = -1;
    }
    for (int round = 0; round < 5000; round++) {
        int i = g_rand_int_range(rnd, 0, N);
        if (g_rand_int_range(rnd, 0, 3) == 0) {
            timer_del(&timers[i]);
            deadlines[i] = -1;
        } else {
            deadlines[i] = g_rand_int_range(rnd, 1, 1000);
            timer_mod_ns(&timers[i], deadlines[i]);
        }
        int64_t earliest = -1;
        for (int k = 0; k < N; k++) {
            if (deadlines[k] >= 0 && (earliest < 0 || deadlines[k] < earliest)) {
                earliest = deadlines[k];
            }
        }
        g_assert_cmpint(qemu_clock_deadline_ns(QEMU_CLOCK_VIRTUAL), ==, earliest);
    }
    for (int64_t now = 1; now < 1000; now++) {
        size_t due = 0;
        for (int k = 0; k < N; k++) {
            due += deadlines[k] == now;
        }
        qatomic_set(&fake_now, now);
        main_loop_wait(true);
        g_assert_cmpuint(fired->len, ==, due);
        g_string_truncate(fired, 0);
    }
    g_assert_cmpint(qemu_clock_deadline_ns(QEMU_CLOCK_VIRTUAL), ==, -1);
    fake_clock_end();
}

/* A driver of virtual time hears of earlier deadlines, and the loop does not sleep for them. */
static void test_source(void)
{
    fake_clock_begin();
    QEMUTimer *t = timer_new_ns(QEMU_CLOCK_VIRTUAL, record, (void *)"t");
    timer_mod_ns(t, 1000);
    g_assert_cmpint(n_deadline_changes, ==, 1);
    QEMUTimer *later = timer_new_ns(QEMU_CLOCK_VIRTUAL, record, (void *)"l");
    timer_mod_ns(later, 2000);
    g_assert_cmpint(n_deadline_changes, ==, 1);
    timer_mod_ns(later, 500);
    g_assert_cmpint(n_deadline_changes, ==, 2);
    g_assert_cmpint(timer_main_loop_deadline_ns(), ==, -1);
    timer_free(t);
    timer_free(later);
    /* Back to host time: goes on from the value reached. */
    qatomic_set(&fake_now, INT64_C(5000000000000));
    qemu_clock_set_virtual_source(NULL);
    g_assert_cmpint(qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL), >=, INT64_C(5000000000000));
    g_assert_cmpint(qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL_RT), <, INT64_C(5000000000000));
    cpu_disable_ticks();
}

static void test_stop(void)
{
    int64_t t0 = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
    g_assert_cmpint(qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL), ==, t0);
    QEMUTimer *t = timer_new_ns(QEMU_CLOCK_VIRTUAL, record, (void *)"t");
    timer_mod_ns(t, t0); /* due, but time stands */
    g_assert_cmpint(qemu_clock_deadline_ns(QEMU_CLOCK_VIRTUAL), ==, -1);
    main_loop_wait(true);
    g_assert_cmpstr(fired->str, ==, "");

    cpu_enable_ticks();
    cpu_enable_ticks();
    main_loop_wait(false);
    g_assert_cmpstr(fired->str, ==, "t");
    g_string_truncate(fired, 0);
    int64_t t1 = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
    g_assert_cmpint(t1, >=, t0);
    cpu_disable_ticks();
    cpu_disable_ticks();
    int64_t t2 = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
    g_assert_cmpint(t2, >=, t1);
    g_assert_cmpint(qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL), ==, t2);
    timer_free(t);
}

static int64_t fired_at;

static void note_time(void *opaque)
{
    fired_at = get_clock();
}

static int compare_int64(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/*
 * Never early, and late by less than a millisecond in the median of many: a busy test host
 * may delay some, a loop that rounds to milliseconds delays half of them by more. The
 * figure on an idle host is printed.
 */
static void test_precision(void)
{
    enum {
        N = 51
    };
    int64_t late[N];
    QEMUTimer *t = timer_new_ns(QEMU_CLOCK_REALTIME, note_time, NULL);
    for (int i = 0; i < N; i++) {
        int64_t deadline = get_clock() + 200 * SCALE_US + i * 7919;
        fired_at = 0;
        timer_mod_ns(t, deadline);
        while (!fired_at) {
            main_loop_wait(false);
        }
        late[i] = fired_at - deadline;
        g_assert_cmpint(late[i], >=, 0);
    }
    timer_free(t);
    qsort(late, N, sizeof(late[0]), compare_int64);
    g_test_message("lateness in ns: best %" PRId64 ", median %" PRId64 ", worst %" PRId64, late[0],
                   late[N / 2], late[N - 1]);
    g_assert_cmpint(late[0], <, 500 * SCALE_US);
}

typedef struct Setter {
    QEMUTimer *timer;
    int64_t deadline;
} Setter;

static void *set_from_thread(void *opaque)
{
    Setter *s = opaque;
    s->deadline = get_clock() + 100 * SCALE_US;
    timer_mod_ns(s->timer, s->deadline);
    return NULL;
}

/* A deadline set by another thread wakes a loop that sleeps without a limit. */
static void test_thread(void)
{
    Setter s = {.timer = timer_new_ns(QEMU_CLOCK_REALTIME, note_time, NULL)};
    for (int i = 0; i < 50; i++) {
        QemuThread thread;
        GError *err = NULL;
        fired_at = 0;
        qemu_thread_create(&thread, "setter", set_from_thread, &s, QEMU_THREAD_JOINABLE, &err);
        g_assert_no_error(err);
        while (!fired_at) {
            main_loop_wait(false);
        }
        qemu_thread_join(&thread);
        g_assert_cmpint(fired_at, >=, s.deadline);
    }
    timer_free(s.timer);
}

static void test_host_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t ns = qemu_clock_get_ns(QEMU_CLOCK_HOST);
    g_assert_cmpint(ns / NANOSECONDS_PER_SECOND - now.tv_sec, <=, 1);
    g_assert_cmpint(qemu_clock_get_ms(QEMU_CLOCK_HOST), >=, ns / SCALE_MS);
    g_assert_cmpint(qemu_clock_get_us(QEMU_CLOCK_REALTIME), >, 0);
}

int main(int argc, char **argv)
{
    GError *err = NULL;
    g_test_init(&argc, &argv, NULL);
    fired = g_string_new(NULL);
    main_loop_init(&err);
    g_assert_no_error(err);
    g_test_add_func("/timer/order", test_order);
    g_test_add_func("/timer/deadline-passes", test_deadline_passes);
    g_test_add_func("/timer/anticipate", test_anticipate);
    g_test_add_func("/timer/scale", test_scale);
    g_test_add_func("/timer/rearm", test_rearm);
    g_test_add_func("/timer/many", test_many);
    g_test_add_func("/clock/source", test_source);
    g_test_add_func("/clock/stop", test_stop);
    g_test_add_func("/clock/host", test_host_clock);
    g_test_add_func("/timer/precision", test_precision);
    g_test_add_func("/timer/thread", test_thread);
    int ret = g_test_run();
    main_loop_cleanup();
    g_string_free(fired, true);
    return ret;
}
