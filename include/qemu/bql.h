/* SPDX-License-Identifier: MIT */
/*
 * The BQL ("big lock") guards the device models and everything that says [bql]. The main
 * loop holds it except while it sleeps; a vCPU thread takes it for device access. Lock
 * order: BQL before any other lock, unless docs/locking.md says otherwise.
 */
#ifndef QEMU_BQL_H
#define QEMU_BQL_H

#include "qemu/thread.h"

/* Named here for annotations, TSA_REQUIRES(bql); taken only by the functions below. */
extern QemuMutex bql;

/* Not recursive: bql_lock() asserts that the calling thread does not hold it. */
void bql_lock(void) TSA_ACQUIRE(bql);
void bql_unlock(void) TSA_RELEASE(bql);

/* Whether the calling thread holds it. */
bool bql_locked(void);

/*
 * Asserts that the calling thread holds it. Opens a function that needs the lock and is
 * called through pointers, where annotations do not reach: from here on the thread safety
 * analysis takes the lock as held.
 */
void bql_assert_locked(void) TSA_ASSERT(bql);

/* Waits for @cond with the BQL, which the caller holds, as its mutex. */
void qemu_cond_wait_bql(QemuCond *cond);

#endif
