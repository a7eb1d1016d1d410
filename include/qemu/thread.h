/* SPDX-License-Identifier: MIT */
/*
 * Threads, mutexes, condition variables and one-shot events, over pthreads.
 *
 * Mutexes carry clang's capability, so that TSA_GUARDED_BY(mutex) and TSA_REQUIRES(mutex)
 * are checked by the clang build; lock and unlock in the same function, in plain sight: the
 * analysis cannot see through a scope guard. A failing pthread call on these objects is our
 * own bug and asserts.
 */
#ifndef QEMU_THREAD_H
#define QEMU_THREAD_H

#include <pthread.h>

#include "qemu/atomic.h"

typedef struct TSA_CAPABILITY("mutex") QemuMutex {
    pthread_mutex_t lock;
} QemuMutex;

/* Recursive: for locks that callbacks may take again. */
typedef struct TSA_CAPABILITY("recursive mutex") QemuRecMutex {
    pthread_mutex_t lock;
} QemuRecMutex;

typedef struct QemuCond {
    pthread_cond_t cond; /* waits on CLOCK_MONOTONIC */
} QemuCond;

/* A statically allocated mutex needs no init. */
#define QEMU_MUTEX_INITIALIZER                                                                     \
    {                                                                                              \
        .lock = PTHREAD_MUTEX_INITIALIZER                                                          \
    }

void qemu_mutex_init(QemuMutex *mutex);
void qemu_mutex_destroy(QemuMutex *mutex);
void qemu_mutex_lock(QemuMutex *mutex) TSA_ACQUIRE(*mutex);
bool qemu_mutex_trylock(QemuMutex *mutex) TSA_TRY_ACQUIRE(true, *mutex);
void qemu_mutex_unlock(QemuMutex *mutex) TSA_RELEASE(*mutex);

void qemu_rec_mutex_init(QemuRecMutex *mutex);
void qemu_rec_mutex_destroy(QemuRecMutex *mutex);
void qemu_rec_mutex_lock(QemuRecMutex *mutex) TSA_ACQUIRE(*mutex);
void qemu_rec_mutex_unlock(QemuRecMutex *mutex) TSA_RELEASE(*mutex);

/* Spurious wake-ups happen: wait in a loop on the condition. */
void qemu_cond_init(QemuCond *cond);
void qemu_cond_destroy(QemuCond *cond);
void qemu_cond_signal(QemuCond *cond);
void qemu_cond_broadcast(QemuCond *cond);
void qemu_cond_wait(QemuCond *cond, QemuMutex *mutex) TSA_REQUIRES(*mutex);
/* Returns false when @timeout_ns have passed. */
bool qemu_cond_timedwait_ns(QemuCond *cond, QemuMutex *mutex, int64_t timeout_ns)
    TSA_REQUIRES(*mutex);

/*
 * An event is set or reset; waiting returns once it is set. Setting it when already set,
 * and waiting when set, cost one atomic access. What was written before set() is visible
 * after wait(). One futex word; needs no destroy.
 */
typedef struct QemuEvent {
    int value; /* [atomic] 0 set, 1 reset, -1 reset and somebody may be asleep */
} QemuEvent;

void qemu_event_init(QemuEvent *ev, bool set);
void qemu_event_set(QemuEvent *ev);
/* Reset, then look at the condition, then wait: a set() after the reset is not lost. */
void qemu_event_reset(QemuEvent *ev);
void qemu_event_wait(QemuEvent *ev);
/* Returns whether the event was set; false when @timeout_ns have passed. Negative: forever. */
bool qemu_event_timedwait_ns(QemuEvent *ev, int64_t timeout_ns);

typedef struct QemuThread {
    pthread_t thread;
} QemuThread;

enum {
    QEMU_THREAD_JOINABLE,
    QEMU_THREAD_DETACHED,
};

/**
 * qemu_thread_create - start a thread
 * @name:  shown by debuggers and top; cut to 15 bytes
 * @mode:  QEMU_THREAD_JOINABLE or QEMU_THREAD_DETACHED
 *
 * All signals but the synchronous ones (SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP) are
 * blocked in it: the main thread takes them. It is registered with RCU for its lifetime.
 */
bool qemu_thread_create(QemuThread *thread, const char *name, void *(*start)(void *), void *arg,
                        int mode, GError **error);
void *qemu_thread_join(QemuThread *thread);
void qemu_thread_get_self(QemuThread *thread);
bool qemu_thread_is_self(const QemuThread *thread);

/* The kernel's id of the calling thread, as QMP reports it. */
int qemu_get_thread_id(void);

#endif
