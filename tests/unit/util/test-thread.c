/* SPDX-License-Identifier: MIT */
/* Threads, locks, events and RCU: what each promises to another thread. */
#include "qemu/osdep.h"
#include <signal.h>
#include "qemu/bql.h"
#include "qemu/rcu.h"
#include "qemu/thread.h"
#include "qemu/units.h"

enum {
    N_THREADS = 4,
    N_ROUNDS = 20000
};

static QemuThread start(const char *name, void *(*fn)(void *), void *arg)
{
    QemuThread thread;
    GError *err = NULL;
    qemu_thread_create(&thread, name, fn, arg, QEMU_THREAD_JOINABLE, &err);
    g_assert_no_error(err);
    return thread;
}

static QemuMutex count_lock = QEMU_MUTEX_INITIALIZER;
static int count;

static void *count_up(void *arg)
{
    for (int i = 0; i < N_ROUNDS; i++) {
        qemu_mutex_lock(&count_lock);
        count++;
        qemu_mutex_unlock(&count_lock);
    }
    return arg;
}

static void test_mutex(void)
{
    QemuThread threads[N_THREADS];
    count = 0;
    for (int i = 0; i < N_THREADS; i++) {
        threads[i] = start("count", count_up, &threads[i]);
    }
    for (int i = 0; i < N_THREADS; i++) {
        g_assert_true(qemu_thread_join(&threads[i]) == &threads[i]);
    }
    g_assert_cmpint(count, ==, N_THREADS * N_ROUNDS);
}

static void test_mutex_again(void)
{
    g_assert_true(qemu_mutex_trylock(&count_lock));
    g_assert_false(qemu_mutex_trylock(&count_lock));
    qemu_mutex_unlock(&count_lock);

    QemuRecMutex rec;
    qemu_rec_mutex_init(&rec);
    qemu_rec_mutex_lock(&rec);
    qemu_rec_mutex_lock(&rec);
    qemu_rec_mutex_unlock(&rec);
    qemu_rec_mutex_unlock(&rec);
    qemu_rec_mutex_destroy(&rec);
}

/* Two events and a plain variable: set() publishes what was written before it. */
typedef struct PingPong {
    QemuEvent ping, pong;
    int value;
} PingPong;

static void *answer(void *arg)
{
    PingPong *pp = arg;
    for (int i = 0; i < N_ROUNDS; i++) {
        qemu_event_wait(&pp->ping);
        qemu_event_reset(&pp->ping);
        g_assert_cmpint(pp->value, ==, 2 * i + 1);
        pp->value++;
        qemu_event_set(&pp->pong);
    }
    return NULL;
}

static void test_event(void)
{
    PingPong pp = {.value = 0};
    qemu_event_init(&pp.ping, false);
    qemu_event_init(&pp.pong, false);
    QemuThread thread = start("answer", answer, &pp);
    for (int i = 0; i < N_ROUNDS; i++) {
        pp.value++;
        qemu_event_set(&pp.ping);
        qemu_event_wait(&pp.pong);
        qemu_event_reset(&pp.pong);
        g_assert_cmpint(pp.value, ==, 2 * i + 2);
    }
    qemu_thread_join(&thread);
}

static void test_event_timeout(void)
{
    QemuEvent ev;
    qemu_event_init(&ev, false);
    g_assert_false(qemu_event_timedwait_ns(&ev, 0));
    g_assert_false(qemu_event_timedwait_ns(&ev, SCALE_MS));
    qemu_event_set(&ev);
    g_assert_true(qemu_event_timedwait_ns(&ev, 0));
    qemu_event_wait(&ev);
    qemu_event_reset(&ev);
    g_assert_false(qemu_event_timedwait_ns(&ev, 0));
}

static void test_cond_timeout(void)
{
    QemuCond cond;
    qemu_cond_init(&cond);
    qemu_mutex_lock(&count_lock);
    g_assert_false(qemu_cond_timedwait_ns(&cond, &count_lock, SCALE_MS));
    qemu_mutex_unlock(&count_lock);
    qemu_cond_destroy(&cond);
}

static void *inspect_self(void *arg)
{
    QemuThread *creator = arg;
    char name[16];
    sigset_t mask;
    g_assert_false(qemu_thread_is_self(creator));
    pthread_getname_np(pthread_self(), name, sizeof(name));
    g_assert_cmpstr(name, ==, "a-name-that-is-");
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    g_assert_true(sigismember(&mask, SIGTERM));
    g_assert_true(sigismember(&mask, SIGUSR1));
    g_assert_false(sigismember(&mask, SIGSEGV));
    g_assert_cmpint(qemu_get_thread_id(), !=, getpid());
    rcu_read_lock();
    rcu_read_unlock();
    return NULL;
}

static void test_create(void)
{
    QemuThread self;
    sigset_t before, after;
    qemu_thread_get_self(&self);
    g_assert_true(qemu_thread_is_self(&self));
    pthread_sigmask(SIG_SETMASK, NULL, &before);
    QemuThread thread = start("a-name-that-is-too-long", inspect_self, &self);
    qemu_thread_join(&thread);
    pthread_sigmask(SIG_SETMASK, NULL, &after);
    g_assert_cmpint(sigismember(&after, SIGTERM), ==, sigismember(&before, SIGTERM));
}

typedef struct BqlWait {
    QemuCond cond;
    bool wanted;
    bool done;
} BqlWait;

static void *bql_partner(void *arg)
{
    BqlWait *w = arg;
    bql_lock();
    while (!w->wanted) {
        qemu_cond_wait_bql(&w->cond);
        g_assert_true(bql_locked());
    }
    w->done = true;
    qemu_cond_broadcast(&w->cond);
    bql_unlock();
    return NULL;
}

static void test_bql(void)
{
    BqlWait w = {.wanted = false};
    qemu_cond_init(&w.cond);
    g_assert_false(bql_locked());
    QemuThread thread = start("partner", bql_partner, &w);
    bql_lock();
    g_assert_true(bql_locked());
    w.wanted = true;
    qemu_cond_broadcast(&w.cond);
    while (!w.done) {
        qemu_cond_wait_bql(&w.cond);
    }
    bql_unlock();
    g_assert_false(bql_locked());
    qemu_thread_join(&thread);
    qemu_cond_destroy(&w.cond);
}

static void test_bql_misuse(void)
{
    if (g_test_subprocess()) {
        bql_assert_locked();
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_failed();
}

/* A reader sees the old object or the new one, never one that has been freed. */
typedef struct Shared {
    struct rcu_head rcu;
    int alive;
} Shared;

static Shared *shared;
static bool stop_readers;

static void shared_free(struct rcu_head *head)
{
    Shared *s = container_of(head, Shared, rcu);
    s->alive = 0;
    g_free(s);
}

static Shared *shared_new(void)
{
    Shared *s = g_new0(Shared, 1);
    s->alive = 0x600d;
    return s;
}

static void *reader(void *arg)
{
    int n = 0;
    while (!qatomic_read(&stop_readers)) {
        WITH_RCU_READ_LOCK_GUARD() {
            RCU_READ_LOCK_GUARD();
            g_assert_cmphex(qatomic_rcu_read(&shared)->alive, ==, 0x600d);
        }
        n++;
    }
    return NULL;
}

static void test_rcu(void)
{
    QemuThread threads[N_THREADS];
    shared = shared_new();
    stop_readers = false;
    for (int i = 0; i < N_THREADS; i++) {
        threads[i] = start("reader", reader, NULL);
    }
    for (int i = 0; i < 500; i++) {
        Shared *old = qatomic_xchg(&shared, shared_new());
        if (i % 2) {
            call_rcu_head(&old->rcu, shared_free);
        } else {
            rcu_free(old);
        }
    }
    rcu_free(NULL);
    synchronize_rcu();
    qatomic_set(&stop_readers, true);
    for (int i = 0; i < N_THREADS; i++) {
        qemu_thread_join(&threads[i]);
    }
    rcu_free(shared);
    rcu_drain();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/thread/mutex", test_mutex);
    g_test_add_func("/thread/mutex-again", test_mutex_again);
    g_test_add_func("/thread/event", test_event);
    g_test_add_func("/thread/event-timeout", test_event_timeout);
    g_test_add_func("/thread/cond-timeout", test_cond_timeout);
    g_test_add_func("/thread/create", test_create);
    g_test_add_func("/bql/wait", test_bql);
    g_test_add_func("/bql/misuse", test_bql_misuse);
    g_test_add_func("/rcu/publish", test_rcu);
    return g_test_run();
}
