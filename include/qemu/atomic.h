/* SPDX-License-Identifier: MIT */
/*
 * Atomic access to plain variables, C11's memory model, the order in the name. A variable
 * that more than one thread touches without a lock is accessed only through these.
 *
 * qatomic_read/set are relaxed; load_acquire pairs with store_release; read-modify-write
 * operations are sequentially consistent unless they end in _relaxed. A store_release says
 * in a comment which load_acquire it pairs with.
 */
#ifndef QEMU_ATOMIC_H
#define QEMU_ATOMIC_H

#define qatomic_read(ptr) __atomic_load_n((ptr), __ATOMIC_RELAXED)
#define qatomic_set(ptr, v) __atomic_store_n((ptr), (v), __ATOMIC_RELAXED)

#define qatomic_load_acquire(ptr) __atomic_load_n((ptr), __ATOMIC_ACQUIRE)
#define qatomic_store_release(ptr, v) __atomic_store_n((ptr), (v), __ATOMIC_RELEASE)

/* A store that is ordered before everything after it: the first half of Dekker's pattern. */
#define qatomic_set_mb(ptr, v) ((void)__atomic_exchange_n((ptr), (v), __ATOMIC_SEQ_CST))

/* Pointers published for RCU readers: the reader's dereference follows the data. */
#define qatomic_rcu_read(ptr) __atomic_load_n((ptr), __ATOMIC_CONSUME)
#define qatomic_rcu_set(ptr, v) __atomic_store_n((ptr), (v), __ATOMIC_RELEASE)

#define qatomic_xchg(ptr, v) __atomic_exchange_n((ptr), (v), __ATOMIC_SEQ_CST)

/* Returns the value found: equal to @old exactly when @new was stored. */
#define qatomic_cmpxchg(ptr, old, new)                                                             \
    __extension__({                                                                                \
        __typeof__(*(ptr)) qatomic_expected_ = (old);                                              \
        (void)__atomic_compare_exchange_n((ptr), &qatomic_expected_, (new), false,                 \
                                          __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);                     \
        qatomic_expected_;                                                                         \
    })

#define qatomic_fetch_add(ptr, n) __atomic_fetch_add((ptr), (n), __ATOMIC_SEQ_CST)
#define qatomic_fetch_sub(ptr, n) __atomic_fetch_sub((ptr), (n), __ATOMIC_SEQ_CST)
#define qatomic_fetch_and(ptr, n) __atomic_fetch_and((ptr), (n), __ATOMIC_SEQ_CST)
#define qatomic_fetch_or(ptr, n) __atomic_fetch_or((ptr), (n), __ATOMIC_SEQ_CST)
#define qatomic_fetch_xor(ptr, n) __atomic_fetch_xor((ptr), (n), __ATOMIC_SEQ_CST)
#define qatomic_fetch_inc(ptr) qatomic_fetch_add((ptr), 1)
#define qatomic_fetch_dec(ptr) qatomic_fetch_sub((ptr), 1)
#define qatomic_inc(ptr) ((void)qatomic_fetch_add((ptr), 1))
#define qatomic_dec(ptr) ((void)qatomic_fetch_sub((ptr), 1))
#define qatomic_add(ptr, n) ((void)qatomic_fetch_add((ptr), (n)))
#define qatomic_and(ptr, n) ((void)qatomic_fetch_and((ptr), (n)))
#define qatomic_or(ptr, n) ((void)qatomic_fetch_or((ptr), (n)))

/* For counters that nobody orders anything by. */
#define qatomic_inc_relaxed(ptr) ((void)__atomic_fetch_add((ptr), 1, __ATOMIC_RELAXED))

#define smp_mb() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define smp_rmb() __atomic_thread_fence(__ATOMIC_ACQUIRE)
#define smp_wmb() __atomic_thread_fence(__ATOMIC_RELEASE)

/* Keeps the compiler, not the processor, from moving accesses across. */
#define barrier() __atomic_signal_fence(__ATOMIC_SEQ_CST)

/* In a spin loop: lets the sibling hardware thread run. */
static inline void cpu_relax(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

#endif
