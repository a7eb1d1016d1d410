/* SPDX-License-Identifier: MIT */
/*
 * Threads, mutexes and condition variables over pthreads: see qemu/thread.h. Events are in
 * event.c. Tests: tests/unit/util/test-thread.c.
 *
 * The lock functions are exempt from the thread safety analysis: they are what it trusts.
 */
#include "qemu/osdep.h"
#include <signal.h>
#include <sys/syscall.h>
#include "qemu/error.h"
#include "qemu/rcu.h"
#include "qemu/thread.h"
#include "qemu/units.h"

static void check(int err)
{
    g_assert_cmpint(err, ==, 0);
}

void qemu_mutex_init(QemuMutex *mutex)
{
    check(pthread_mutex_init(&mutex->lock, NULL));
}

void qemu_mutex_destroy(QemuMutex *mutex)
{
    check(pthread_mutex_destroy(&mutex->lock));
}

void qemu_mutex_lock(QemuMutex *mutex) TSA_NO_ANALYSIS
{
    check(pthread_mutex_lock(&mutex->lock));
}

bool qemu_mutex_trylock(QemuMutex *mutex) TSA_NO_ANALYSIS
{
    int err = pthread_mutex_trylock(&mutex->lock);
    if (err != EBUSY) {
        check(err);
    }
    return err == 0;
}

void qemu_mutex_unlock(QemuMutex *mutex) TSA_NO_ANALYSIS
{
    check(pthread_mutex_unlock(&mutex->lock));
}

void qemu_rec_mutex_init(QemuRecMutex *mutex)
{
    pthread_mutexattr_t attr;
    pthread_mutexattr_init(&attr);
    pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
    check(pthread_mutex_init(&mutex->lock, &attr));
    pthread_mutexattr_destroy(&attr);
}

void qemu_rec_mutex_destroy(QemuRecMutex *mutex)
{
    check(pthread_mutex_destroy(&mutex->lock));
}

void qemu_rec_mutex_lock(QemuRecMutex *mutex) TSA_NO_ANALYSIS
{
    check(pthread_mutex_lock(&mutex->lock));
}

void qemu_rec_mutex_unlock(QemuRecMutex *mutex) TSA_NO_ANALYSIS
{
    check(pthread_mutex_unlock(&mutex->lock));
}

void qemu_cond_init(QemuCond *cond)
{
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    check(pthread_cond_init(&cond->cond, &attr));
    pthread_condattr_destroy(&attr);
}

void qemu_cond_destroy(QemuCond *cond)
{
    check(pthread_cond_destroy(&cond->cond));
}

void qemu_cond_signal(QemuCond *cond)
{
    check(pthread_cond_signal(&cond->cond));
}

void qemu_cond_broadcast(QemuCond *cond)
{
    check(pthread_cond_broadcast(&cond->cond));
}

void qemu_cond_wait(QemuCond *cond, QemuMutex *mutex)
{
    check(pthread_cond_wait(&cond->cond, &mutex->lock));
}

bool qemu_cond_timedwait_ns(QemuCond *cond, QemuMutex *mutex, int64_t timeout_ns)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += timeout_ns / NANOSECONDS_PER_SECOND;
    until.tv_nsec += timeout_ns % NANOSECONDS_PER_SECOND;
    if (until.tv_nsec >= NANOSECONDS_PER_SECOND) {
        until.tv_sec++;
        until.tv_nsec -= NANOSECONDS_PER_SECOND;
    }
    int err = pthread_cond_timedwait(&cond->cond, &mutex->lock, &until);
    if (err != ETIMEDOUT) {
        check(err);
    }
    return err == 0;
}

/* What a new thread needs to know; freed by it. */
typedef struct ThreadStart {
    void *(*start)(void *);
    void *arg;
    char name[16]; /* the kernel's limit, with the terminator */
} ThreadStart;

static void *thread_main(void *opaque)
{
    g_autofree ThreadStart *ts = opaque;
    pthread_setname_np(pthread_self(), ts->name);
    rcu_register_thread();
    void *ret = ts->start(ts->arg);
    rcu_unregister_thread();
    return ret;
}

/* Blocks what the main thread is to handle; *@old is the mask to go back to. */
static void block_asynchronous_signals(sigset_t *old)
{
    static const int synchronous[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP};
    sigset_t set;
    sigfillset(&set);
    for (int i = 0; i < ARRAY_SIZE(synchronous); i++) {
        sigdelset(&set, synchronous[i]);
    }
    check(pthread_sigmask(SIG_SETMASK, &set, old));
}

bool qemu_thread_create(QemuThread *thread, const char *name, void *(*start)(void *), void *arg,
                        int mode, GError **error)
{
    ThreadStart *ts = g_new0(ThreadStart, 1);
    ts->start = start;
    ts->arg = arg;
    g_strlcpy(ts->name, name, sizeof(ts->name));

    pthread_attr_t attr;
    check(pthread_attr_init(&attr));
    if (mode == QEMU_THREAD_DETACHED) {
        check(pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED));
    }
    sigset_t old;
    block_asynchronous_signals(&old);
    int err = pthread_create(&thread->thread, &attr, thread_main, ts);
    check(pthread_sigmask(SIG_SETMASK, &old, NULL));
    pthread_attr_destroy(&attr);

    if (err) {
        g_free(ts);
        error_setg_errno(error, err, "Could not start thread '%s'", name);
    }
    return err == 0;
}

void *qemu_thread_join(QemuThread *thread)
{
    void *ret;
    check(pthread_join(thread->thread, &ret));
    return ret;
}

void qemu_thread_get_self(QemuThread *thread)
{
    thread->thread = pthread_self();
}

bool qemu_thread_is_self(const QemuThread *thread)
{
    return pthread_equal(pthread_self(), thread->thread);
}

int qemu_get_thread_id(void)
{
    return syscall(SYS_gettid);
}
