/* SPDX-License-Identifier: MIT */
/*
 * The worker pool: see qemu/main-loop.h. Workers are started when work finds none idle, up
 * to THREAD_POOL_MAX, and end after IDLE_NS without work. Finished work goes to a list that
 * one bottom half empties.
 *
 * Locks: pool_lock guards everything here and is held over no callback.
 * Tests: tests/unit/util/test-main-loop.c.
 */
#include "qemu/osdep.h"
#include "main-loop-internal.h"
#include "qemu/error.h"
#include "qemu/units.h"

#define IDLE_NS (10 * NANOSECONDS_PER_SECOND)

typedef struct PoolWork {
    ThreadPoolFunc *func;
    ThreadPoolDone *done;
    void *opaque;
    int ret;
} PoolWork;

static QemuMutex pool_lock = QEMU_MUTEX_INITIALIZER;
static GQueue submitted TSA_GUARDED_BY(pool_lock) = G_QUEUE_INIT; /* of PoolWork */
static GQueue finished TSA_GUARDED_BY(pool_lock) = G_QUEUE_INIT;  /* of PoolWork */
static unsigned n_unfinished TSA_GUARDED_BY(pool_lock);           /* until done has run */
static unsigned n_done TSA_GUARDED_BY(pool_lock);                 /* in all; wraps */
static unsigned n_workers TSA_GUARDED_BY(pool_lock);
static unsigned n_idle TSA_GUARDED_BY(pool_lock);
static bool stopping TSA_GUARDED_BY(pool_lock);
static QemuCond work_cond;     /* something was submitted, or stopping */
static QemuCond exited_cond;   /* n_workers went down */
static QemuCond finished_cond; /* something is in finished, or n_done went up */

static void QEMU_CONSTRUCTOR thread_pool_init(void)
{
    qemu_cond_init(&work_cond);
    qemu_cond_init(&exited_cond);
    qemu_cond_init(&finished_cond);
}

static PoolWork *take_finished(void)
{
    qemu_mutex_lock(&pool_lock);
    PoolWork *work = g_queue_pop_head(&finished);
    qemu_mutex_unlock(&pool_lock);
    return work;
}

/* In the main loop, or in whoever waits for it. [bql] */
static void run_done(void *opaque)
{
    PoolWork *work;
    while ((work = take_finished())) {
        if (work->done) {
            work->done(work->opaque, work->ret);
        }
        g_free(work);
        qemu_mutex_lock(&pool_lock);
        n_unfinished--;
        n_done++;
        qemu_cond_broadcast(&finished_cond);
        qemu_mutex_unlock(&pool_lock);
    }
}

static void run_work(PoolWork *work)
{
    work->ret = work->func(work->opaque);
    qemu_mutex_lock(&pool_lock);
    bool is_first = g_queue_is_empty(&finished);
    g_queue_push_tail(&finished, work);
    qemu_cond_broadcast(&finished_cond);
    qemu_mutex_unlock(&pool_lock);
    if (is_first) {
        qemu_bh_schedule_oneshot(run_done, NULL);
    }
}

/* The next work, or NULL when this worker is to end. */
static PoolWork *wait_for_work(void) TSA_REQUIRES(pool_lock)
{
    bool in_time = true;
    n_idle++;
    while (g_queue_is_empty(&submitted) && in_time && !stopping) {
        in_time = qemu_cond_timedwait_ns(&work_cond, &pool_lock, IDLE_NS);
    }
    n_idle--;
    return g_queue_pop_head(&submitted);
}

static void *worker_main(void *opaque)
{
    PoolWork *work;
    qemu_mutex_lock(&pool_lock);
    while ((work = wait_for_work())) {
        qemu_mutex_unlock(&pool_lock);
        run_work(work);
        qemu_mutex_lock(&pool_lock);
    }
    n_workers--;
    qemu_cond_signal(&exited_cond);
    qemu_mutex_unlock(&pool_lock);
    return NULL;
}

/* Accounts for a new worker when one is needed. */
static bool want_worker(void) TSA_REQUIRES(pool_lock)
{
    bool wanted = g_queue_get_length(&submitted) > n_idle && n_workers < THREAD_POOL_MAX;
    n_workers += wanted;
    return wanted;
}

/* The host refused a thread. Without any worker the work is done here, or it never would be. */
static void worker_failed(GError *err)
{
    PoolWork *work = NULL;
    qemu_mutex_lock(&pool_lock);
    n_workers--;
    if (n_workers == 0) {
        work = g_queue_pop_tail(&submitted);
    }
    qemu_mutex_unlock(&pool_lock);
    warn_report_once("%s", err->message);
    g_error_free(err);
    if (work) {
        run_work(work);
    }
}

void thread_pool_submit(ThreadPoolFunc *func, ThreadPoolDone *done, void *opaque)
{
    PoolWork *work = g_new0(PoolWork, 1);
    work->func = func;
    work->done = done;
    work->opaque = opaque;

    qemu_mutex_lock(&pool_lock);
    g_queue_push_tail(&submitted, work);
    n_unfinished++;
    bool wanted = want_worker();
    qemu_cond_signal(&work_cond);
    qemu_mutex_unlock(&pool_lock);

    if (wanted) {
        QemuThread thread;
        GError *err = NULL;
        if (!qemu_thread_create(&thread, "worker", worker_main, NULL, QEMU_THREAD_DETACHED, &err)) {
            worker_failed(err);
        }
    }
}

/* Lets go of the BQL that its caller holds, and takes it again: as the caller sees it, it stays. */
bool thread_pool_wait_done(void) TSA_NO_ANALYSIS
{
    bql_assert_locked();
    qemu_mutex_lock(&pool_lock);
    bool unfinished = n_unfinished > 0;
    unsigned before = n_done;
    qemu_mutex_unlock(&pool_lock);
    if (!unfinished) {
        return false;
    }
    /* What another thread runs it runs under the BQL: n_done tells of it from here on. */
    bql_unlock();
    qemu_mutex_lock(&pool_lock);
    while (g_queue_is_empty(&finished) && n_done == before) {
        qemu_cond_wait(&finished_cond, &pool_lock);
    }
    qemu_mutex_unlock(&pool_lock);
    bql_lock();
    run_done(NULL);
    return true;
}

void thread_pool_drain(void)
{
    while (thread_pool_wait_done()) {
    }
}

void thread_pool_stop(void)
{
    qemu_mutex_lock(&pool_lock);
    stopping = true;
    qemu_cond_broadcast(&work_cond);
    while (n_workers > 0) {
        qemu_cond_wait(&exited_cond, &pool_lock);
    }
    stopping = false;
    qemu_mutex_unlock(&pool_lock);
}
