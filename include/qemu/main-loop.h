/* SPDX-License-Identifier: MIT */
/*
 * The main loop: file descriptors, bottom halves, timers (qemu/timer.h) and finished
 * work of the pool, all dispatched by one thread under the BQL. It runs GLib's default
 * GMainContext, so GSources and GIO work too, but GLib's millisecond timeouts are not for
 * guest-visible time.
 */
#ifndef QEMU_MAIN_LOOP_H
#define QEMU_MAIN_LOOP_H

#include "qemu/bql.h"
#include "qemu/event_notifier.h"
#include "qemu/notify.h"

/**
 * main_loop_init - create the main loop; the calling thread becomes the main thread
 *
 * Registers the thread with RCU, takes the BQL (also when it fails) and asks the kernel for
 * exact wake-ups. Once, before any other call here, and after the last fork().
 */
bool main_loop_init(GError **error);

/* Waits for the pool, then releases the BQL and what main_loop_init() made. BQL. */
void main_loop_cleanup(void);

/**
 * main_loop_wait - one iteration: sleep until something is due, then dispatch it
 * @nonblocking: look, but do not sleep
 *
 * Main thread, BQL held; it is released during the sleep. With nothing pending the thread
 * sleeps without a time limit.
 */
void main_loop_wait(bool nonblocking);

/* Makes main_loop_wait() return soon. Any thread, signal handlers too. */
void qemu_notify_event(void);

bool qemu_in_main_thread(void);

/**
 * qemu_set_fd_handler - watch a descriptor
 * @fd_read:  called while @fd is readable or hung up, NULL not to watch
 * @fd_write: called while @fd is writable or in error, NULL not to watch
 *
 * Replaces the handlers of @fd; both NULL removes it, which must happen before close(fd).
 * Handlers run under the BQL and may call this function, also to remove themselves. After
 * a removal no handler of @fd runs any more. BQL.
 */
typedef void IOHandler(void *opaque);
void qemu_set_fd_handler(int fd, IOHandler *fd_read, IOHandler *fd_write, void *opaque);

/*
 * Bottom halves: callbacks that run once in the main loop for each time they are scheduled
 * (scheduling twice before it ran is one run). In order of scheduling.
 */
typedef void QEMUBHFunc(void *opaque);

/* Any thread. @name for debugging: the callback's name. */
QEMUBH *qemu_bh_new_full(QEMUBHFunc *cb, void *opaque, const char *name);
#define qemu_bh_new(cb, opaque) qemu_bh_new_full((cb), (opaque), #cb)

/* Any thread. What was written before is visible to the callback. */
void qemu_bh_schedule(QEMUBH *bh);

/* Not run unless scheduled again. With the BQL held it is certain not to be running elsewhere. */
void qemu_bh_cancel(QEMUBH *bh);

/* Cancels and frees; allowed inside its own callback. NULL does nothing. */
void qemu_bh_delete(QEMUBH *bh);

/* A bottom half that frees itself. Any thread. */
void qemu_bh_schedule_oneshot(QEMUBHFunc *cb, void *opaque);

/**
 * thread_pool_submit - run @func on a worker thread, then @done in the main loop
 * @func: without any lock; returns a value for @done, by habit 0 or -errno
 * @done: under the BQL, in the main loop or in thread_pool_wait_done(); NULL for none
 *
 * Any thread. For blocking host calls: at most THREAD_POOL_MAX run at a time, in order of
 * submission. Idle workers end after a while.
 */
#define THREAD_POOL_MAX 64
typedef int ThreadPoolFunc(void *opaque);
typedef void ThreadPoolDone(void *opaque, int ret);
void thread_pool_submit(ThreadPoolFunc *func, ThreadPoolDone *done, void *opaque);

/**
 * thread_pool_wait_done - wait until a @done has run, and run those that are due
 *
 * With the BQL, which is dropped while waiting; any thread. Runs nothing else of the main loop and
 * does not need it: the main thread may be waiting for this one meanwhile. Not inside a @done whose
 * own work the caller waits for. Returns false when nothing is submitted.
 */
bool thread_pool_wait_done(void);

/* Returns when all submitted work is done. Otherwise as above. */
void thread_pool_drain(void);

/*
 * For libraries that bring their own descriptors and timeouts (libslirp): called around
 * each poll, under the BQL, with a MainLoopPoll as data. BQL.
 */
typedef struct MainLoopPoll {
    enum {
        MAIN_LOOP_POLL_FILL, /* before: append to pollfds, lower timeout_ns */
        MAIN_LOOP_POLL_DONE, /* after: revents are valid for what this callback appended */
    } state;
    GArray *pollfds;    /* of GPollFD */
    int64_t timeout_ns; /* -1 for none */
} MainLoopPoll;

void main_loop_poll_add_notifier(Notifier *notify);
void main_loop_poll_remove_notifier(Notifier *notify);

#endif
