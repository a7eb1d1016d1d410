/* SPDX-License-Identifier: MIT */
/*
 * Descriptors, bottom halves, wake-ups, the worker pool and poll notifiers. The loop is
 * run until what is awaited has happened; nothing sleeps for a fixed time.
 */
#include "qemu/osdep.h"
#include "qemu/main-loop.h"
#include "qemu/timer.h"

static QemuThread start(void *(*fn)(void *), void *arg)
{
    QemuThread thread;
    GError *err = NULL;
    qemu_thread_create(&thread, "helper", fn, arg, QEMU_THREAD_JOINABLE, &err);
    g_assert_no_error(err);
    return thread;
}

static GString *events;

static void append(void *opaque)
{
    g_string_append(events, opaque);
}

static void assert_events(const char *text)
{
    g_assert_cmpstr(events->str, ==, text);
    g_string_truncate(events, 0);
}

static void test_bh_order(void)
{
    QEMUBH *a = qemu_bh_new(append, (void *)"a"), *b = qemu_bh_new(append, (void *)"b");
    qemu_bh_schedule(b);
    qemu_bh_schedule(a);
    qemu_bh_schedule(b);
    main_loop_wait(false);
    assert_events("ba");
    main_loop_wait(true);
    assert_events("");
    qemu_bh_schedule(a);
    qemu_bh_cancel(a);
    main_loop_wait(true);
    assert_events("");
    /* Cancelled and scheduled again while still queued: runs once. */
    qemu_bh_schedule(a);
    qemu_bh_cancel(a);
    qemu_bh_schedule(a);
    main_loop_wait(false);
    assert_events("a");
    qemu_bh_schedule(a);
    qemu_bh_delete(a);
    qemu_bh_delete(b);
    qemu_bh_delete(NULL);
    qemu_bh_schedule_oneshot(append, (void *)"once");
    main_loop_wait(false);
    main_loop_wait(true);
    assert_events("once");
}

typedef struct SelfBH {
    QEMUBH *bh;
    int runs;
} SelfBH;

static void reschedule(void *opaque)
{
    SelfBH *self = opaque;
    self->runs++;
    if (self->runs == 3) {
        qemu_bh_delete(self->bh);
    } else {
        qemu_bh_schedule(self->bh);
    }
}

/* One run an iteration, and a bottom half may delete itself. */
static void test_bh_reschedule(void)
{
    SelfBH self = {0};
    self.bh = qemu_bh_new(reschedule, &self);
    qemu_bh_schedule(self.bh);
    for (int i = 1; i <= 3; i++) {
        main_loop_wait(true);
        g_assert_cmpint(self.runs, ==, i);
    }
}

typedef struct Counter {
    QEMUBH *bh;
    int value;     /* written before scheduling */
    int seen;      /* by the bottom half */
    bool finished; /* [atomic] */
} Counter;

static void see(void *opaque)
{
    Counter *c = opaque;
    c->seen = qatomic_load_acquire(&c->value);
}

static void *schedule_many(void *opaque)
{
    Counter *c = opaque;
    for (int i = 1; i <= 20000; i++) {
        qatomic_store_release(&c->value, i);
        qemu_bh_schedule(c->bh);
    }
    return NULL;
}

/* The last of many schedulings from another thread is never lost, the loop asleep or not. */
static void test_bh_thread(void)
{
    Counter c = {0};
    c.bh = qemu_bh_new(see, &c);
    QemuThread thread = start(schedule_many, &c);
    while (c.seen != 20000) {
        main_loop_wait(false);
    }
    qemu_thread_join(&thread);
    main_loop_wait(true);
    qemu_bh_delete(c.bh);
}

static void *notify_once(void *opaque)
{
    qatomic_store_release((bool *)opaque, true);
    qemu_notify_event();
    return NULL;
}

static void test_notify(void)
{
    for (int i = 0; i < 200; i++) {
        bool flag = false;
        QemuThread thread = start(notify_once, &flag);
        while (!qatomic_load_acquire(&flag)) {
            main_loop_wait(false);
        }
        qemu_thread_join(&thread);
    }
}

/* The BQL is free while the loop sleeps: another thread takes it to end the sleep. */
static void *take_bql(void *opaque)
{
    bql_lock();
    *(bool *)opaque = true;
    bql_unlock();
    qemu_notify_event();
    return NULL;
}

static void test_bql_released(void)
{
    bool taken = false;
    QemuThread thread = start(take_bql, &taken);
    while (!taken) {
        main_loop_wait(false);
    }
    qemu_thread_join(&thread);
}

typedef struct Pipe {
    int fds[2];
    char got[16];
    size_t n_got;
    bool got_eof;
    int writable_calls;
} Pipe;

static void pipe_read(void *opaque)
{
    Pipe *p = opaque;
    ssize_t n = read(p->fds[0], p->got + p->n_got, sizeof(p->got) - p->n_got);
    g_assert_cmpint(n, >=, 0);
    p->n_got += n;
    if (n == 0) {
        p->got_eof = true;
        qemu_set_fd_handler(p->fds[0], NULL, NULL, NULL);
    }
}

static void pipe_write(void *opaque)
{
    Pipe *p = opaque;
    p->writable_calls++;
    g_assert_true(qemu_write_full(p->fds[1], "xyz", 3));
    qemu_set_fd_handler(p->fds[1], NULL, NULL, NULL);
}

static void pipe_open(Pipe *p)
{
    memset(p, 0, sizeof(*p));
    g_assert_cmpint(pipe2(p->fds, O_CLOEXEC | O_NONBLOCK), ==, 0);
}

static void test_fd(void)
{
    Pipe p;
    pipe_open(&p);
    qemu_set_fd_handler(p.fds[0], pipe_read, NULL, &p);
    main_loop_wait(true);
    g_assert_cmpint(p.n_got, ==, 0);
    qemu_set_fd_handler(p.fds[1], NULL, pipe_write, &p);
    while (p.n_got < 3) {
        main_loop_wait(false);
    }
    g_assert_cmpint(p.writable_calls, ==, 1);
    g_assert_cmpmem(p.got, p.n_got, "xyz", 3);
    close(p.fds[1]);
    while (!p.got_eof) {
        main_loop_wait(false);
    }
    close(p.fds[0]);
    /* The number is free again: a new file with it is watched by new handlers only. */
    Pipe q;
    pipe_open(&q);
    main_loop_wait(true);
    g_assert_cmpint(q.n_got, ==, 0);
    close(q.fds[0]);
    close(q.fds[1]);
}

static Pipe *victim;

static void remove_victim(void *opaque)
{
    pipe_read(opaque);
    if (victim) {
        qemu_set_fd_handler(victim->fds[0], NULL, NULL, NULL);
        victim = NULL;
    }
}

/* Two descriptors are ready; whichever runs first removes the other, which must not run. */
static void test_fd_removal(void)
{
    Pipe a, b;
    pipe_open(&a);
    pipe_open(&b);
    g_assert_true(qemu_write_full(a.fds[1], "a", 1) && qemu_write_full(b.fds[1], "b", 1));
    qemu_set_fd_handler(a.fds[0], remove_victim, NULL, &a);
    qemu_set_fd_handler(b.fds[0], pipe_read, NULL, &b);
    victim = &b;
    while (a.n_got == 0) {
        main_loop_wait(false);
    }
    bool b_ran_first = b.n_got == 1;
    main_loop_wait(true);
    g_assert_cmpint(b.n_got, ==, b_ran_first);
    g_assert_null(victim);
    qemu_set_fd_handler(a.fds[0], NULL, NULL, NULL);
    for (int i = 0; i < 2; i++) {
        close(a.fds[i]);
        close(b.fds[i]);
    }
}

static int n_notified;

static void on_event(EventNotifier *e)
{
    g_assert_true(event_notifier_test_and_clear(e));
    n_notified++;
}

static void test_event_notifier(void)
{
    EventNotifier e;
    GError *err = NULL;
    event_notifier_init(&e, true, &err);
    g_assert_no_error(err);
    g_assert_true(event_notifier_test_and_clear(&e));
    g_assert_false(event_notifier_test_and_clear(&e));
    event_notifier_set_handler(&e, on_event);
    main_loop_wait(true);
    g_assert_cmpint(n_notified, ==, 0);
    event_notifier_set(&e);
    event_notifier_set(&e);
    main_loop_wait(false);
    main_loop_wait(true);
    g_assert_cmpint(n_notified, ==, 1);
    event_notifier_set_handler(&e, NULL);
    event_notifier_cleanup(&e);
}

enum {
    N_WORK = 500
};

typedef struct Work {
    int n_func; /* [atomic] */
    int n_done;
    int sum;
} Work;

static Work work;

static int work_func(void *opaque)
{
    g_assert_false(qemu_in_main_thread());
    g_assert_false(bql_locked());
    qatomic_inc(&work.n_func);
    return *(int *)opaque;
}

static void work_done(void *opaque, int ret)
{
    g_assert_true(bql_locked());
    work.n_done++;
    work.sum += ret;
}

static void test_pool(void)
{
    static int numbers[N_WORK];
    for (int i = 0; i < N_WORK; i++) {
        numbers[i] = i;
        thread_pool_submit(work_func, i % 2 ? work_done : NULL, &numbers[i]);
    }
    thread_pool_drain();
    g_assert_cmpint(work.n_func, ==, N_WORK);
    g_assert_cmpint(work.n_done, ==, N_WORK / 2);
    g_assert_cmpint(work.sum, ==, N_WORK / 2 * (N_WORK / 2));
}

static QemuEvent gate;

static int wait_at_gate(void *opaque)
{
    qemu_event_wait(&gate);
    return 0;
}

static int open_gate(void *opaque)
{
    qemu_event_set(&gate);
    return 0;
}

/* Work that blocks does not hold up other work. */
static void test_pool_concurrent(void)
{
    qemu_event_init(&gate, false);
    for (int i = 0; i < 8; i++) {
        thread_pool_submit(wait_at_gate, NULL, NULL);
    }
    thread_pool_submit(open_gate, NULL, NULL);
    thread_pool_drain();
}

static void count_done(void *opaque, int ret)
{
    g_assert_true(bql_locked());
    ++*(int *)opaque;
}

static int return_zero(void *opaque)
{
    return 0;
}

static void *wait_for_work(void *opaque)
{
    int *count = opaque;

    bql_lock();
    for (int i = 1; i <= 100; i++) {
        thread_pool_submit(return_zero, count_done, count);
        while (qatomic_read(count) < i) {
            g_assert_true(thread_pool_wait_done());
        }
    }
    bql_unlock();
    return NULL;
}

/* Whoever waits for work needs neither the main loop nor to be alone. */
static void test_pool_wait_done(void)
{
    int counts[3] = {};
    QemuThread threads[3];

    bql_unlock();
    for (int i = 0; i < 3; i++) {
        g_assert_true(qemu_thread_create(&threads[i], "waiter", wait_for_work, &counts[i],
                                         QEMU_THREAD_JOINABLE, NULL));
    }
    for (int i = 0; i < 3; i++) {
        qemu_thread_join(&threads[i]);
        g_assert_cmpint(counts[i], ==, 100);
    }
    bql_lock();
    g_assert_false(thread_pool_wait_done());
}

typedef struct PollUser {
    Notifier notifier;
    int fd;
    guint idx;
    bool ready;
    int64_t timeout_ns;
} PollUser;

static void poll_user_notify(Notifier *notifier, void *data)
{
    PollUser *pu = container_of(notifier, PollUser, notifier);
    MainLoopPoll *mlp = data;
    if (mlp->state == MAIN_LOOP_POLL_FILL) {
        GPollFD pfd = {.fd = pu->fd, .events = G_IO_IN};
        pu->idx = mlp->pollfds->len;
        g_array_append_val(mlp->pollfds, pfd);
        mlp->timeout_ns = pu->timeout_ns;
    } else {
        pu->ready = g_array_index(mlp->pollfds, GPollFD, pu->idx).revents & G_IO_IN;
    }
}

static void test_poll_notifier(void)
{
    Pipe p;
    pipe_open(&p);
    PollUser pu = {
        .notifier.notify = poll_user_notify,
        .fd = p.fds[0],
        .timeout_ns = SCALE_MS,
    };
    main_loop_poll_add_notifier(&pu.notifier);
    main_loop_wait(true); /* takes wake-ups that earlier tests left */
    int64_t before = get_clock();
    main_loop_wait(false);
    g_assert_cmpint(get_clock() - before, >=, SCALE_MS);
    g_assert_false(pu.ready);
    pu.timeout_ns = -1;
    g_assert_true(qemu_write_full(p.fds[1], "x", 1));
    main_loop_wait(false);
    g_assert_true(pu.ready);
    main_loop_poll_remove_notifier(&pu.notifier);
    close(p.fds[0]);
    close(p.fds[1]);
}

static gboolean on_idle(gpointer data)
{
    append(data);
    return G_SOURCE_REMOVE;
}

/* Sources of GLib's own run in the loop too. */
static void test_glib_source(void)
{
    g_idle_add(on_idle, (void *)"idle");
    main_loop_wait(false);
    assert_events("idle");
}

/* Registered like a test, under the BQL that main_loop_init() took. */
int main(int argc, char **argv)
{
    GError *err = NULL;
    g_test_init(&argc, &argv, NULL);
    events = g_string_new(NULL);
    main_loop_init(&err);
    g_assert_no_error(err);
    g_test_add_func("/bh/order", test_bh_order);
    g_test_add_func("/bh/reschedule", test_bh_reschedule);
    g_test_add_func("/bh/thread", test_bh_thread);
    g_test_add_func("/main-loop/notify", test_notify);
    g_test_add_func("/main-loop/bql-released", test_bql_released);
    g_test_add_func("/main-loop/fd", test_fd);
    g_test_add_func("/main-loop/fd-removal", test_fd_removal);
    g_test_add_func("/main-loop/event-notifier", test_event_notifier);
    g_test_add_func("/main-loop/poll-notifier", test_poll_notifier);
    g_test_add_func("/main-loop/glib-source", test_glib_source);
    g_test_add_func("/thread-pool/all-done", test_pool);
    g_test_add_func("/thread-pool/concurrent", test_pool_concurrent);
    g_test_add_func("/thread-pool/wait-done", test_pool_wait_done);
    int ret = g_test_run();
    main_loop_cleanup();
    g_string_free(events, true);
    return ret;
}
