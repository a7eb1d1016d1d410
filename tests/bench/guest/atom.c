/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "bench.h"
#include <pthread.h>
#include <stdatomic.h>
static _Alignas(128) _Atomic uint64_t shared;
static _Alignas(128) struct {
    _Alignas(128) _Atomic uint64_t v;
} priv[8];
static pthread_mutex_t mtx = PTHREAD_MUTEX_INITIALIZER;
static uint64_t prot;
static void lrsc_add(_Atomic uint64_t *p)
{
#ifdef __riscv
    uint64_t t;
    int f;
    do {
        __asm__ volatile("lr.d %0,(%2)\n\taddi %0,%0,1\n\tsc.d %1,%0,(%2)"
                         : "=&r"(t), "=&r"(f)
                         : "r"(p)
                         : "memory");
    } while (f);
#else
    uint64_t t = atomic_load_explicit(p, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(p, &t, t + 1, memory_order_relaxed,
                                                  memory_order_relaxed))
        ;
#endif
}
struct arg {
    long n;
    int mode, id;
};
static void *worker(void *v)
{
    struct arg *a = v;
    for (long i = 0; i < a->n; i++)
        switch (a->mode) {
        case 0:
            atomic_fetch_add_explicit(&priv[a->id].v, 1, memory_order_relaxed);
            break;
        case 1:
            lrsc_add(&priv[a->id].v);
            break;
        case 2:
            atomic_fetch_add_explicit(&shared, 1, memory_order_relaxed);
            break;
        case 3:
            lrsc_add(&shared);
            break;
        case 4:
            pthread_mutex_lock(&mtx);
            prot++;
            pthread_mutex_unlock(&mtx);
            break;
        case 5:
            atomic_store_explicit(&priv[a->id].v, i, memory_order_release);
            atomic_thread_fence(memory_order_seq_cst);
            break;
        }
    return 0;
}
static uint64_t go(int th, int mode, long n)
{
    pthread_t t[8];
    struct arg a[8];
    shared = 0;
    prot = 0;
    for (int i = 0; i < 8; i++)
        priv[i].v = 0;
    for (int i = 0; i < th; i++) {
        a[i] = (struct arg){n, mode, i};
        pthread_create(&t[i], 0, worker, &a[i]);
    }
    for (int i = 0; i < th; i++)
        pthread_join(t[i], 0);
    uint64_t o = shared + prot;
    for (int i = 0; i < 8; i++)
        o += priv[i].v;
    return o;
}
#define B(nm, th, m)                                                                               \
    static uint64_t nm(long n)                                                                     \
    {                                                                                              \
        return go(th, m, n * 100000);                                                              \
    }
/* clang-format off */
B(amo1, 1, 0)
B(lrsc1, 1, 1)
B(amo2u, 2, 0)
B(amo2c, 2, 2)
B(lrsc2u, 2, 1)
B(mutex1, 1, 4)
B(fence1, 1, 5)
/* clang-format on */
const struct bench atom_benches[] = {
    {"amo1", "atom", amo1, 100},     {"lrsc1", "atom", lrsc1, 200},
    {"amo2u", "atom", amo2u, 100},   {"amo2c", "atom", amo2c, 50},
    {"lrsc2u", "atom", lrsc2u, 200}, {"mutex1", "atom", mutex1, 50},
    {"fence1", "atom", fence1, 150}, {0}};
