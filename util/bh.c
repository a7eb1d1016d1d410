/* SPDX-License-Identifier: MIT */
/*
 * Bottom halves: see qemu/main-loop.h. One queue of those that are scheduled, in order,
 * under bh_lock. An entry that is cancelled or deleted while queued stays there and is
 * dropped when its turn comes, so that the queue can be singly linked.
 *
 * Threads: anyone schedules; the main thread runs, under the BQL but without bh_lock.
 * Tests: tests/unit/util/test-main-loop.c.
 */
#include "qemu/osdep.h"
#include "main-loop-internal.h"

struct QEMUBH {
    QEMUBHFunc *cb;   /* [const] */
    void *opaque;     /* [const] */
    const char *name; /* [const] for debuggers */
    QEMUBH *next;     /* [lock:bh_lock] while queued */
    uint64_t turn;    /* [lock:bh_lock] while queued: counts entries of the queue */
    bool is_queued;   /* [lock:bh_lock] */
    bool is_wanted;   /* [lock:bh_lock] is to run when its turn comes */
    bool is_deleted;  /* [lock:bh_lock] is to be freed when its turn comes */
};

static QemuMutex bh_lock = QEMU_MUTEX_INITIALIZER;
static QEMUBH *queue_head TSA_GUARDED_BY(bh_lock);
static QEMUBH *queue_tail TSA_GUARDED_BY(bh_lock);
static uint64_t next_turn TSA_GUARDED_BY(bh_lock);

QEMUBH *qemu_bh_new_full(QEMUBHFunc *cb, void *opaque, const char *name)
{
    QEMUBH *bh = g_new0(QEMUBH, 1);
    bh->cb = cb;
    bh->opaque = opaque;
    bh->name = name;
    return bh;
}

static void bh_enqueue(QEMUBH *bh, bool is_deleted)
{
    qemu_mutex_lock(&bh_lock);
    bool is_new = !bh->is_queued;
    if (is_new) {
        bh->is_queued = true;
        bh->turn = next_turn++;
        bh->next = NULL;
        *(queue_tail ? &queue_tail->next : &queue_head) = bh;
        queue_tail = bh;
    }
    bh->is_wanted = true;
    bh->is_deleted |= is_deleted;
    qemu_mutex_unlock(&bh_lock);
    /* The main thread looks at the queue before it sleeps. */
    if (is_new && !qemu_in_main_thread()) {
        qemu_notify_event();
    }
}

void qemu_bh_schedule(QEMUBH *bh)
{
    bh_enqueue(bh, false);
}

void qemu_bh_schedule_oneshot(QEMUBHFunc *cb, void *opaque)
{
    bh_enqueue(qemu_bh_new_full(cb, opaque, "oneshot"), true);
}

void qemu_bh_cancel(QEMUBH *bh)
{
    qemu_mutex_lock(&bh_lock);
    bh->is_wanted = false;
    qemu_mutex_unlock(&bh_lock);
}

void qemu_bh_delete(QEMUBH *bh)
{
    if (!bh) {
        return;
    }
    qemu_mutex_lock(&bh_lock);
    bool is_queued = bh->is_queued;
    bh->is_wanted = false;
    bh->is_deleted = true;
    qemu_mutex_unlock(&bh_lock);
    if (!is_queued) {
        g_free(bh);
    }
}

bool bh_pending(void)
{
    qemu_mutex_lock(&bh_lock);
    bool pending = queue_head != NULL;
    qemu_mutex_unlock(&bh_lock);
    return pending;
}

/*
 * Takes the first of the queue if its turn is before @limit, else NULL. What to do with it
 * goes to @is_wanted and @is_deleted.
 */
static QEMUBH *bh_dequeue(uint64_t limit, bool *is_wanted, bool *is_deleted)
{
    qemu_mutex_lock(&bh_lock);
    QEMUBH *bh = queue_head;
    if (bh && bh->turn < limit) {
        queue_head = bh->next;
        if (!queue_head) {
            queue_tail = NULL;
        }
        *is_wanted = bh->is_wanted;
        *is_deleted = bh->is_deleted;
        bh->is_queued = bh->is_wanted = false;
    } else {
        bh = NULL;
    }
    qemu_mutex_unlock(&bh_lock);
    return bh;
}

void bh_run(void)
{
    bool is_wanted, is_deleted;

    /* One that schedules itself again waits for the next iteration. A callback may run a
     * nested loop, which then works on the same queue. */
    qemu_mutex_lock(&bh_lock);
    uint64_t limit = next_turn;
    qemu_mutex_unlock(&bh_lock);

    for (QEMUBH *bh; (bh = bh_dequeue(limit, &is_wanted, &is_deleted));) {
        QEMUBHFunc *cb = bh->cb;
        void *opaque = bh->opaque;
        if (is_deleted) {
            g_free(bh);
        }
        /* The callback may delete @bh. */
        if (is_wanted) {
            cb(opaque);
        }
    }
}
