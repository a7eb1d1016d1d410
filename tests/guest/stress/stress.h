/* SPDX-License-Identifier: MIT */
/* What the stress guests share: the machine's addresses, CSRs, the console, the end, chance. */
#ifndef STRESS_H
#define STRESS_H

typedef unsigned long u64;
typedef unsigned int u32;
typedef unsigned char u8;

#define NULL ((void *)0)

#define PARAMETERS 0x80700000UL
#define UART 0x10000000UL
#define CLINT 0x2000000UL
#define MTIME 0x200bff8UL
#define MTIMECMP(hart) (0x2004000UL + 8 * (hart))
#define TEST_DEVICE 0x100000UL
#define HOLE 0x20000000UL
#define TICKS_PER_SECOND 10000000UL
#define MAX_HARTS 8
#define MSIE 8UL
#define MTIE 128UL
#define INTERRUPT (1UL << 63)

#define PARAMETER(n) (((volatile u64 *)PARAMETERS)[n])
#define csr_read(name)                                                                             \
    ({                                                                                             \
        u64 value_;                                                                                \
        __asm__ volatile("csrr %0, " #name : "=r"(value_)::"memory");                              \
        value_;                                                                                    \
    })
#define csr_write(name, value) __asm__ volatile("csrw " #name ", %0" ::"r"(value) : "memory")
#define csr_set(name, value) __asm__ volatile("csrs " #name ", %0" ::"r"(value) : "memory")
#define csr_clear(name, value) __asm__ volatile("csrc " #name ", %0" ::"r"(value) : "memory")
#define load_relaxed(p) __atomic_load_n(p, __ATOMIC_RELAXED)
#define load_acquire(p) __atomic_load_n(p, __ATOMIC_ACQUIRE)
#define store_release(p, v) __atomic_store_n(p, v, __ATOMIC_RELEASE)

static inline void put(const char *text)
{
    for (; *text; text++) {
        while (!(*(volatile u8 *)(UART + 5) & 0x20)) {
        }
        *(volatile u8 *)UART = (u8)*text;
    }
}

static inline void put_number(u64 n)
{
    char text[20];
    int i = sizeof(text) - 1;

    text[i] = '\0';
    do {
        text[--i] = (char)('0' + n % 10);
    } while ((n /= 10) && i);
    put(text + i);
}

static inline void end(u32 code)
{
    for (;;) {
        *(volatile u32 *)TEST_DEVICE = code;
    }
}

static inline u64 random_next(u64 *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* Others may need the host's processor more. */
static inline void relax(void)
{
    __asm__ volatile(".insn 0x0100000f"); /* pause */
}

static inline u64 time_now(void)
{
    return *(volatile u64 *)MTIME;
}

/* Mode mix (mix.h): a hart in it does not come back. */
void mix(u64 hart);

#endif
