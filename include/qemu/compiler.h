/* SPDX-License-Identifier: MIT */
/*
 * What we ask of the compiler beyond gnu11, under one name each. gcc >= 10, clang >= 11.
 */
#ifndef QEMU_COMPILER_H
#define QEMU_COMPILER_H

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#define QEMU_PACKED __attribute__((packed))
#define QEMU_ALIGNED(n) __attribute__((aligned(n)))
#define QEMU_NORETURN __attribute__((noreturn))
#define QEMU_NOINLINE __attribute__((noinline))
#define QEMU_ALWAYS_INLINE inline __attribute__((always_inline))
#define QEMU_COLD __attribute__((cold))
#define QEMU_WARN_UNUSED_RESULT __attribute__((warn_unused_result))
#define QEMU_PRINTF(fmt_idx, first_arg) __attribute__((format(printf, fmt_idx, first_arg)))
#define QEMU_FALLTHROUGH __attribute__((fallthrough))

/* Runs at program start, before main(); order between two of them is unspecified. */
#define QEMU_CONSTRUCTOR __attribute__((constructor))

#define QEMU_BUILD_BUG_ON(cond) _Static_assert(!(cond), "not allowed: " #cond)

#define QEMU_CACHELINE_SIZE 64

/*
 * clang's thread safety analysis (a build of its own, -Dthread_safety=true). Elsewhere the
 * annotations are documentation. On a function: TSA_REQUIRES(lock) must hold it,
 * TSA_EXCLUDES(lock) must not, TSA_ACQUIRE/TSA_RELEASE change it. On data: TSA_GUARDED_BY.
 */
#if defined(__clang__)
#define TSA(x) __attribute__((x))
#else
#define TSA(x)
#endif

#define TSA_CAPABILITY(name) TSA(capability(name))
#define TSA_GUARDED_BY(lock) TSA(guarded_by(lock))
#define TSA_PT_GUARDED_BY(lock) TSA(pt_guarded_by(lock))
#define TSA_REQUIRES(...) TSA(requires_capability(__VA_ARGS__))
#define TSA_REQUIRES_SHARED(...) TSA(requires_shared_capability(__VA_ARGS__))
#define TSA_EXCLUDES(...) TSA(locks_excluded(__VA_ARGS__))
#define TSA_ACQUIRE(...) TSA(acquire_capability(__VA_ARGS__))
#define TSA_ACQUIRE_SHARED(...) TSA(acquire_shared_capability(__VA_ARGS__))
#define TSA_RELEASE(...) TSA(release_capability(__VA_ARGS__))
#define TSA_RELEASE_SHARED(...) TSA(release_shared_capability(__VA_ARGS__))
#define TSA_TRY_ACQUIRE(...) TSA(try_acquire_capability(__VA_ARGS__))
#define TSA_ASSERT(lock) TSA(assert_capability(lock))
/* On a function whose locking the analysis cannot follow; say why beside it. */
#define TSA_NO_ANALYSIS TSA(no_thread_safety_analysis)

#endif
