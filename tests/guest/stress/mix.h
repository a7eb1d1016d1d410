/* SPDX-License-Identifier: MIT */
/*
 * Mode mix of the stress guest: threads in S and U mode, each in one of three address spaces, and
 * the kernel in M mode that hands them from hart to hart.
 *
 * mix.c holds what threads do, mix-kernel.c the kernel and the handler in S mode, mix-entry.S the
 * ways in and out. Everything runs from one image under three views of it: physical in M mode, the
 * same addresses in S mode, U_OFFSET above in U mode. Code is position independent, so that a
 * function that is used by several takes its pointers from where it runs.
 *
 * A thread's actions follow from seed, round and its number; when they happen does not. What is
 * private to a thread has an exactly known outcome. What is shared has an epoch: `started` is
 * stored before the change, `done` when every hart has acknowledged its fence; who looks reads done
 * before and started after, and must have seen an epoch of these. Mostly they are one.
 *
 * QEMU 11.1 passes with thread=single. With a thread for each hart it runs stale code seldom, also
 * after the remote fence.i: act_look_hot() and the look from M mode see it ("stale code, sum").
 */
#ifndef MIX_H
#define MIX_H

#include "stress.h"

#define MAX_THREADS (2 * MAX_HARTS + 2)
#define SPACES 3 /* Sv39, Sv48, Sv57 */
#define PTES 512
#define U_OFFSET 0x40000000UL

/* Below WINDOW is what is mapped for devices; a page of each thread's SLOTS, then shared ones. */
#define WINDOW 0x40000000UL
#define SLOTS 16
#define SLOT_SHARED 400 /* SHARED of them, remapped while others read */
#define SHARED 4
#define SLOT_GUARD 410 /* writable or not */
#define SLOT_HOT_S 411 /* the hot page again: executable for S, for U, writable */
#define SLOT_HOT_U 412
#define SLOT_HOT_W 413
#define SLOT_COMMON_S 415 /* the common page, and the space's own after it; for S, for U */
#define SLOT_COMMON_U 417
#define SLOT_STABLE 414 /* never changed: says which space it is */
#define MEGA(id) (0x40200000UL + 0x200000UL * (id))
#define MEGA_FRAME(n) (0x81000000UL + 0x200000UL * (n))
#define MEGA_FRAMES 3

#define PTE_V 1UL
#define PTE_R 2UL
#define PTE_W 4UL
#define PTE_X 8UL
#define PTE_U 16UL
#define PTE_G 32UL
#define PTE_A 64UL
#define PTE_D 128UL
#define PTE_VAD (PTE_V | PTE_A | PTE_D)

#define ASID_SPACE(space) ((space) + 1)
#define ASID_SCRATCH(id) (64 + (id))
#define SATP(mode, asid, root) ((mode) << 60 | (asid) << 44 | (root) >> 12)

#define PAGE __attribute__((aligned(4096)))

/* mix-entry.S knows the layout. */
struct Context {
    u64 x[32]; /* x[0] is pc */
    u64 machine_sp;
    u64 status, satp, sepc, scause, stval, sscratch, pending;
};

enum Call {
    CALL_YIELD,
    CALL_EXIT,
    CALL_FAIL,
    CALL_ECHO,
    CALL_SFENCE,
    CALL_KICK
};

enum Remote {
    REMOTE_SFENCE,
    REMOTE_FENCE_I,
    REMOTE_SIGNAL
};

struct Thread {
    struct Context context;
    u64 id, user, space, own_satp, seed;
    u64 action, step;     /* for messages */
    u64 last_hart;        /* [M mode] */
    volatile u64 probing; /* a page fault is expected, and its instruction left out */
    volatile u64 faults, fault_cause, fault_va, fault_pc;
    u64 *fault_frame; /* of a fault that was not expected */
    volatile u64 breaks, illegals, echoes;
    volatile u64 signals;      /* taken */
    u64 counted, counted_lrsc; /* of the sums, this thread's share */
    u64 request_seq, request, request_a, request_b, request_c;
    u64 acknowledged[MAX_HARTS];
    u64 gate; /* GATE_* */
    u64 stack[512];
    u64 handler_stack[512];
    u64 self, unused; /* at sscratch: the handler finds the thread */
} __attribute__((aligned(64)));

enum Gate {
    GATE_OPEN,
    GATE_SHUT,
    GATE_OPENING
};

struct Epochs {
    u64 started, done, lock;
} __attribute__((aligned(64)));

extern struct Mix {
    u64 harts, threads, seed, round, actions, adue;
    u64 gate_lock, gates_shut, active;
    u64 signals_raised, signals_taken;
    struct Epochs shared[SPACES][SHARED], guard[SPACES], hot;
    struct Thread thread[MAX_THREADS];
} mix_state;

extern struct Sums {
    u64 amo, lrsc;
    u32 narrow;
    u64 rest[509];
} mix_sums;

extern u64 mix_middle[SPACES][PTES], mix_leaves[SPACES][PTES];
extern u64 mix_scratch_root[MAX_THREADS][2][PTES], mix_scratch_leaves[MAX_THREADS][2][PTES];
extern u64 mix_frame[MAX_THREADS][4][PTES]; /* of a thread: data and code */
extern u64 mix_pool[SPACES][5][PTES];       /* what shared slots are mapped to */
extern u64 mix_guard_frame[SPACES][PTES];
extern u32 mix_hot[1024], mix_gate[MAX_THREADS][1024];

extern u32 mix_common[1024], mix_own_code[SPACES][1024];

u64 mix_run(struct Context *context);
u64 mix_hold(u64 seed, u64 loops);
void mix_thread_entry(void);
void mix_supervisor_entry(void);
void mix_thread(struct Thread *me);
void mix_supervisor(u64 *frame, struct Thread *me);
void mix_machine_trap(void);

/* A check failed, as seen by @me in S or U mode, or in M mode where it is NULL. */
void mix_wrong(struct Thread *me, const char *what, u64 got, u64 expected);
void mix_fail(const struct Thread *me, const char *what, u64 got, u64 expected);

static inline void mix_check(struct Thread *me, const char *what, u64 got, u64 expected)
{
    if (got != expected) {
        mix_wrong(me, what, got, expected);
    }
}

static inline u64 mix_call(u64 number, u64 a, u64 b, u64 c)
{
    register u64 a0 __asm__("a0") = a;
    register u64 a1 __asm__("a1") = b;
    register u64 a2 __asm__("a2") = c;
    register u64 a7 __asm__("a7") = number;

    __asm__ volatile(".option push\n.option norvc\necall\n.option pop"
                     : "+r"(a0)
                     : "r"(a1), "r"(a2), "r"(a7)
                     : "memory");
    return a0;
}

static inline u64 physical(const volatile void *p)
{
    return 0x80000000UL | ((u64)p & 0x3fffffffUL);
}

static inline u64 pte_of(const volatile void *page, u64 bits)
{
    return physical(page) >> 12 << 10 | bits;
}

static inline u64 slot_va(u64 slot)
{
    return WINDOW + slot * 4096;
}

static inline u64 echo_of(u64 value)
{
    return value * 3 + 1;
}

static inline u64 stamp_of(u64 space, u64 frame)
{
    return 0x57a3b00000UL + space * 256 + frame;
}

/* What a turn in the common code adds. */
static inline u64 mix_common_adds(u64 space)
{
    return 100 + 17 * space;
}

/* The frame of the pool that a shared slot has in an epoch: not a pattern, lest stale ones pass. */
static inline u64 pool_frame(u64 slot, u64 epoch)
{
    u64 hash = (epoch * SHARED + slot + 1) * 0x9e3779b97f4a7c15UL;

    return (hash >> 32) % 5;
}

static inline void sfence_vma(u64 form, u64 va, u64 asid)
{
    switch (form & 3) {
    case 0:
        __asm__ volatile("sfence.vma" ::: "memory");
        break;
    case 1:
        __asm__ volatile("sfence.vma %0, zero" ::"r"(va) : "memory");
        break;
    case 2:
        __asm__ volatile("sfence.vma zero, %0" ::"r"(asid) : "memory");
        break;
    default:
        __asm__ volatile("sfence.vma %0, %1" ::"r"(va), "r"(asid) : "memory");
        break;
    }
}

static inline void fence_i(void)
{
    __asm__ volatile("fence.i" ::: "memory");
}

/* Shared things, also looked at in the handler (and the hot page in M mode). */
void mix_look_shared(struct Thread *me, u64 slot);
void mix_look_hot(struct Thread *me, u64 entry, u64 loops);

#endif
