/* SPDX-License-Identifier: MIT */
/*
 * How harts meet: a page is taken from all others, or the world stands still.
 *
 * A hart is in_code between cpu_code_enter() and cpu_code_leave(): it runs generated code or a
 * helper that uses its TLB. Requests are queued under sync_lock and flagged in sync_request and
 * poll; the hart acts on them at its next poll, or when it enters again. A hart that is not in_code
 * need not be waited for: it cannot use a stale entry before it has seen the request. One that is
 * blocked in a device is in_code, as it returns to generated code, but uses its TLB as little.
 *
 * No deadlock: whoever waits here is not in_code itself, holds neither tb_lock nor BQL, and waits
 * only for harts to reach a poll. There is one on every cycle: the verifier proves it of jumps
 * within a piece of code, and of links; all other jumps go through the jump cache (CPUJumpKey).
 *
 * Tests: tests/unit/accel/tcg/test-sync.c; guest stress.
 */
#include "qemu/osdep.h"

#include "tcg-internal.h"

static QemuMutex sync_lock = QEMU_MUTEX_INITIALIZER;
static QemuCond sync_cond = {.cond = PTHREAD_COND_INITIALIZER};
static uint32_t sync_waiters;      /* [atomic] threads in sync_cond */
static uint32_t exclusive_pending; /* [atomic] someone waits for, or has, all harts out of code */

/* A hart has left code or served a request: whoever waits looks again. */
static void sync_signal(void)
{
    if (qatomic_read(&sync_waiters)) {
        qemu_mutex_lock(&sync_lock);
        qemu_cond_broadcast(&sync_cond);
        qemu_mutex_unlock(&sync_lock);
    }
}

/*
 * Between these, a hart that leaves code or serves a request wakes this thread. The increment is a
 * full barrier before the caller's first look at in_code: pairs with the one in cpu_code_leave().
 */
static void sync_wait_begin(void) TSA_ACQUIRE(sync_lock)
{
    qemu_mutex_lock(&sync_lock);
    qatomic_inc(&sync_waiters);
}

static void sync_wait_end(void) TSA_RELEASE(sync_lock)
{
    qatomic_dec(&sync_waiters);
    qemu_mutex_unlock(&sync_lock);
}

/* Drop what others have asked to be dropped. [vcpu] */
static void sync_serve(CPUState *cpu)
{
    CPUTCGPrivate *priv = cpu_priv(cpu);

    if (likely(!qatomic_load_acquire(&priv->sync_request))) {
        return;
    }
    qemu_mutex_lock(&sync_lock);
    if (priv->sync_npages > SYNC_PAGES_MAX) {
        tlb_flush(cpu);
    } else {
        for (unsigned i = 0; i < priv->sync_npages; i++) {
            tlb_protect_page(cpu, priv->sync_page[i]);
        }
    }
    priv->sync_npages = 0;
    qatomic_store_release(&priv->sync_request, 0);
    qemu_cond_broadcast(&sync_cond);
    qemu_mutex_unlock(&sync_lock);
}

void cpu_code_enter(CPUState *cpu)
{
    CPUTCGPrivate *priv = cpu_priv(cpu);

    for (;;) {
        /*
         * full barrier: pairs with the one between a request's flag and the requester's look at
         * in_code
         */
        qatomic_set_mb(&priv->in_code, 1);
        /* acquire: what was done alone, up to the release in cpu_sync_exclusive() */
        if (likely(!qatomic_load_acquire(&exclusive_pending))) {
            break;
        }
        qatomic_set_mb(&priv->in_code, 0);
        qemu_mutex_lock(&sync_lock);
        qemu_cond_broadcast(&sync_cond);
        while (qatomic_read(&exclusive_pending)) {
            qemu_cond_wait(&sync_cond, &sync_lock);
        }
        qemu_mutex_unlock(&sync_lock);
    }
    sync_serve(cpu);
}

void cpu_code_leave(CPUState *cpu)
{
    qatomic_set_mb(&cpu_priv(cpu)->in_code, 0);
    sync_signal();
}

void cpu_sync_process(CPUState *cpu)
{
    if (unlikely(qatomic_read(&exclusive_pending))) {
        cpu_code_leave(cpu);
        cpu_code_enter(cpu);
    } else {
        sync_serve(cpu);
    }
}

void cpu_code_block(CPUState *cpu)
{
    /* full barrier: pairs with the one between a request's flag and the requester's look */
    qatomic_set_mb(&cpu_priv(cpu)->blocked, 1);
    sync_signal();
}

void cpu_code_unblock(CPUState *cpu)
{
    qatomic_set_mb(&cpu_priv(cpu)->blocked, 0);
    sync_serve(cpu);
}

/* May @cpu still use what it has been asked to give up? */
static bool sync_is_awaited(CPUState *cpu)
{
    CPUTCGPrivate *priv = cpu_priv(cpu);

    return qatomic_load_acquire(&priv->in_code) && !qatomic_load_acquire(&priv->blocked) &&
           qatomic_load_acquire(&priv->sync_request);
}

void cpu_sync_protect_page(CPUState *cpu, ram_addr_t page)
{
    CPUState *other;
    bool asked = false;

    qemu_mutex_lock(&sync_lock);
    CPU_FOREACH(other) {
        CPUTCGPrivate *priv = other == cpu ? NULL : cpu_priv(other);

        if (priv) {
            if (priv->sync_npages < SYNC_PAGES_MAX) {
                priv->sync_page[priv->sync_npages] = page;
            }
            priv->sync_npages = MIN(priv->sync_npages + 1, SYNC_PAGES_MAX + 1);
            qatomic_set_mb(&priv->sync_request, 1);
            cpu_poll_request(other);
            asked = true;
        }
    }
    qemu_mutex_unlock(&sync_lock);
    tlb_protect_page(cpu, page);
    if (!asked) {
        return;
    }

    cpu_code_leave(cpu);
    sync_wait_begin();
    CPU_FOREACH(other) {
        while (other != cpu && sync_is_awaited(other)) {
            qemu_cond_wait(&sync_cond, &sync_lock);
        }
    }
    sync_wait_end();
    cpu_code_enter(cpu);
}

void cpu_sync_exclusive(CPUState *cpu, void (*func)(void))
{
    CPUState *other;

    cpu_code_leave(cpu);
    sync_wait_begin();
    while (qatomic_read(&exclusive_pending)) {
        qemu_cond_wait(&sync_cond, &sync_lock);
    }
    qatomic_set_mb(&exclusive_pending, 1);
    CPU_FOREACH(other) {
        cpu_poll_request(other);
    }
    CPU_FOREACH(other) {
        /* acquire: what the hart did in code, up to the barrier in cpu_code_leave() */
        while (qatomic_load_acquire(&cpu_priv(other)->in_code)) {
            qemu_cond_wait(&sync_cond, &sync_lock);
        }
    }
    sync_wait_end();

    func();

    qemu_mutex_lock(&sync_lock);
    qatomic_store_release(&exclusive_pending, 0);
    qemu_cond_broadcast(&sync_cond);
    qemu_mutex_unlock(&sync_lock);
    cpu_code_enter(cpu);
}
