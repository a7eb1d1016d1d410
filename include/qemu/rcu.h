/* SPDX-License-Identifier: MIT */
/*
 * Read-copy-update, liburcu's "memb" flavour: a reader is two plain stores and no barrier
 * (the writer uses membarrier(2)), a grace period waits for all registered threads that
 * are inside a read-side critical section.
 *
 * Publish with qatomic_rcu_set(), read with qatomic_rcu_read() (qemu/atomic.h). Threads of
 * qemu_thread_create() are registered; the main thread is from start-up on; a thread made
 * otherwise must not read. Sections nest. Do not block for long inside one: it
 * holds up every reclamation.
 */
#ifndef QEMU_RCU_H
#define QEMU_RCU_H

/* Lets the read-side functions be inlined, as liburcu's licence allows for ours. */
#ifndef _LGPL_SOURCE
#define _LGPL_SOURCE 1
#endif
#include <urcu/urcu-memb.h>

static inline void rcu_read_lock(void)
{
    urcu_memb_read_lock();
}

static inline void rcu_read_unlock(void)
{
    urcu_memb_read_unlock();
}

/* Waits for a grace period. Not inside a read-side section; not with a lock held that a
 * reader may be waiting for, the BQL above all. */
static inline void synchronize_rcu(void)
{
    urcu_memb_synchronize_rcu();
}

/* For threads that qemu_thread_create() did not make. */
static inline void rcu_register_thread(void)
{
    urcu_memb_register_thread();
}

static inline void rcu_unregister_thread(void)
{
    urcu_memb_unregister_thread();
}

/**
 * call_rcu_head - call @func after a grace period, on liburcu's own thread
 * @head: embedded in what is to be freed
 *
 * @func runs without the BQL: where it needs that, it schedules a bottom half.
 */
static inline void call_rcu_head(struct rcu_head *head, void (*func)(struct rcu_head *head))
{
    urcu_memb_call_rcu(head, func);
}

/**
 * rcu_free - g_free() @ptr after a grace period
 * @ptr: from g_malloc() and friends; NULL does nothing
 *
 * Needs no rcu_head in the object, at the price of a small allocation.
 */
void rcu_free(void *ptr);

/* Waits until everything given to call_rcu_head() and rcu_free() so far has run. */
void rcu_drain(void);

static inline void rcu_read_guard_end(int *unused)
{
    rcu_read_unlock();
}

static inline int rcu_read_guard_begin(void)
{
    rcu_read_lock();
    return 1;
}

/* A read-side section to the end of the enclosing block, or for the statement that follows. */
#define RCU_READ_LOCK_GUARD()                                                                      \
    __attribute__((cleanup(rcu_read_guard_end), unused)) int G_PASTE(rcu_guard_, __LINE__) =       \
        rcu_read_guard_begin()

#define WITH_RCU_READ_LOCK_GUARD()                                                                 \
    for (__attribute__((cleanup(rcu_read_guard_end))) int rcu_guard_ = rcu_read_guard_begin();     \
         rcu_guard_; rcu_guard_ = 0)

#endif
