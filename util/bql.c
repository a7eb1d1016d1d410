/* SPDX-License-Identifier: MIT */
/*
 * The big lock: see qemu/bql.h. Each thread knows whether it holds it, so that taking
 * it twice or releasing it wrongly is found at once.
 */
#include "qemu/osdep.h"
#include "qemu/bql.h"

QemuMutex bql = QEMU_MUTEX_INITIALIZER;

static __thread bool bql_is_locked;

bool bql_locked(void)
{
    return bql_is_locked;
}

void bql_assert_locked(void)
{
    g_assert(bql_is_locked);
}

void bql_lock(void)
{
    g_assert(!bql_is_locked);
    qemu_mutex_lock(&bql);
    bql_is_locked = true;
}

void bql_unlock(void)
{
    g_assert(bql_is_locked);
    bql_is_locked = false;
    qemu_mutex_unlock(&bql);
}

void qemu_cond_wait_bql(QemuCond *cond)
{
    bql_assert_locked();
    bql_is_locked = false;
    qemu_cond_wait(cond, &bql);
    bql_is_locked = true;
}
