/* SPDX-License-Identifier: MIT */
/* The parts of qemu/rcu.h that are not inline. Any registered thread. */
#include "qemu/osdep.h"
#include "qemu/rcu.h"

typedef struct RcuFree {
    struct rcu_head head;
    void *ptr;
} RcuFree;

static void rcu_free_cb(struct rcu_head *head)
{
    RcuFree *rf = container_of(head, RcuFree, head);
    g_free(rf->ptr);
    g_free(rf);
}

void rcu_free(void *ptr)
{
    if (ptr) {
        RcuFree *rf = g_new(RcuFree, 1);
        rf->ptr = ptr;
        call_rcu_head(&rf->head, rcu_free_cb);
    }
}

void rcu_drain(void)
{
    urcu_memb_barrier();
}
