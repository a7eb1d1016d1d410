/* SPDX-License-Identifier: MIT */
/*
 * A guest that harts wear out each other with, in M mode without firmware, at 0x80000000. Every
 * phase is run by all harts at once and checks what it can count exactly; between phases they meet.
 * When the time is over it says STRESS-OK; what goes wrong it says, and ends with status 1.
 *
 * Mode mix is in files of its own (mix.h).
 *
 * Parameters, 8 bytes each at PARAMETERS, put there by -device loader: seconds, harts, mode, seed,
 * seconds after which mode mix says where it hangs.
 * The modes of HOSTILE end in a state from which no guest comes back: the emulator is what is
 * tested then.
 */
#include "stress.h"

enum Mode {
    ALL = 0,
    GARBAGE = 1,
    FAULT_LOOP = 2,
    JUMP_NOWHERE = 3,
    WFI_FOREVER = 4,
    MIX = 5
};

static u64 num_harts;
static u64 deadline;

/* ---- checks, meeting ------------------------------------------------------------------------- */

static void fail(const char *what, u64 got, u64 expected)
{
    put("STRESS-BAD ");
    put(what);
    put(": ");
    put_number(got);
    put(", not ");
    put_number(expected);
    put("\n");
    end(0x13333);
}

static void check(const char *what, u64 got, u64 expected)
{
    if (got != expected) {
        fail(what, got, expected);
    }
}

/* All harts are here before any goes on. */
static void meet(void)
{
    static u64 arrived, round;
    u64 now = load_acquire(&round);

    if (__atomic_add_fetch(&arrived, 1, __ATOMIC_ACQ_REL) == num_harts) {
        __atomic_store_n(&arrived, 0, __ATOMIC_RELAXED);
        store_release(&round, now + 1);
    }
    while (load_acquire(&round) == now) {
        relax();
    }
}

/* ---- traps ----------------------------------------------------------------------------------- */

static struct PerHart {
    u64 software, timer, faults;
    u64 timer_end; /* of timer: no more interrupts after these */
    u64 period;    /* ticks to the next */
} __attribute__((aligned(64))) per_hart[MAX_HARTS];

void trap(u64 hart);

/* Interrupts are counted; an exception is counted, and its instruction left out. */
void trap(u64 hart)
{
    struct PerHart *me = &per_hart[hart];
    u64 cause = csr_read(mcause);

    if (cause == (INTERRUPT | 3)) {
        *(volatile u32 *)(CLINT + 4 * hart) = 0;
        __atomic_add_fetch(&me->software, 1, __ATOMIC_ACQ_REL);
    } else if (cause == (INTERRUPT | 7)) {
        /* on a slow machine the next is here before this one's end: none would be the last */
        me->timer++;
        *(volatile u64 *)MTIMECMP(hart) = me->timer < me->timer_end ? time_now() + me->period :
                                                                      ~0UL;
    } else {
        u64 pc = csr_read(mepc);

        me->faults++;
        csr_write(mepc, cause == 1 ? csr_read(mscratch) : pc + ((*(u8 *)pc & 3) == 3 ? 4 : 2));
    }
}

/* ---- atomics --------------------------------------------------------------------------------- */

static u64 amo_sum, lrsc_sum, cas_sum;
static u32 narrow_sum[2];

static void phase_atomics(u64 hart)
{
    const u64 rounds = 2000;

    for (u64 i = 0; i < rounds; i++) {
        u64 tmp, fail_;

        __atomic_fetch_add(&amo_sum, 1, __ATOMIC_RELAXED);
        __atomic_fetch_add(&narrow_sum[hart & 1], 1, __ATOMIC_RELAXED);
        __asm__ volatile("1: lr.d %0, (%2)\n"
                         "addi %0, %0, 1\n"
                         "sc.d %1, %0, (%2)\n"
                         "bnez %1, 1b\n"
                         : "=&r"(tmp), "=&r"(fail_)
                         : "r"(&lrsc_sum)
                         : "memory");
        tmp = load_relaxed(&cas_sum);
        while (!__atomic_compare_exchange_n(&cas_sum, &tmp, tmp + 3, 0, __ATOMIC_RELAXED,
                                            __ATOMIC_RELAXED)) {
        }
    }
    meet();
    if (hart == 0) {
        check("amoadd", amo_sum, rounds * num_harts);
        check("lr/sc", lrsc_sum, rounds * num_harts);
        check("compare and swap", cas_sum, 3 * rounds * num_harts);
        check("amoadd.w", narrow_sum[0] + narrow_sum[1], rounds * num_harts);
        amo_sum = lrsc_sum = cas_sum = 0;
        narrow_sum[0] = narrow_sum[1] = 0;
    }
}

/* ---- code that changes ----------------------------------------------------------------------- */

#define LI_A0(n) (0x513u | (u32)(n) << 20)
#define LUI_A0(n) (0x537u | (u32)(n) << 12)
#define RET 0x8067u

static u32 code[16] __attribute__((aligned(64)));
static u64 code_version, code_seen[MAX_HARTS];
static u64 beside_code; /* data in code's page */

static u64 call_code(void)
{
    return ((u64(*)(void))code)();
}

/* Hart 0 writes, all see: after their own fence.i exactly, without one some version. */
static void phase_code(u64 hart)
{
    const u64 versions = 50;

    if (hart == 0) {
        code[1] = RET;
        for (u64 v = 1; v <= versions; v++) {
            __atomic_store_n(&code[0], LI_A0(v), __ATOMIC_RELAXED);
            store_release(&code_version, v);
            __asm__ volatile("fence.i" ::: "memory");
            check("own code", call_code(), v);
            for (u64 h = 1; h < num_harts; h++) {
                while (load_acquire(&code_seen[h]) != v) {
                    __atomic_fetch_add(&beside_code, 1, __ATOMIC_RELAXED);
                    relax();
                }
            }
        }
    } else {
        for (u64 v = 1; v <= versions; v++) {
            while (load_acquire(&code_version) != v) {
                u64 old = v == 1 ? 0 : call_code();

                relax();
                if (old > versions) {
                    fail("stale code", old, v);
                }
            }
            __asm__ volatile("fence.i" ::: "memory");
            check("new code", call_code(), v);
            store_release(&code_seen[hart], v);
        }
    }
    meet();
    code_seen[hart] = 0;
    if (hart == 0) {
        code_version = 0;
    }
}

/*
 * All write, without order: whatever runs is one of the versions, never half of one and half of
 * another (Ziccif). Both halves of lui bear the number: it goes by 17.
 */
static void phase_code_race(u64 hart)
{
    for (u64 i = 0; i < 50; i++) {
        u64 got;

        __atomic_store_n(&code[0], LUI_A0((hart + i) % 16 * 17), __ATOMIC_RELAXED);
        if (i & 1) {
            __asm__ volatile("fence.i" ::: "memory");
        }
        got = call_code();
        if (got > 50 && (got >> 12) % 17) { /* 50: left by phase_code() */
            fail("raced code", got, 0);
        }
    }
}

/* ---- translation ----------------------------------------------------------------------------- */

#define PTES 512
#define SV39 (8UL << 60)
#define PTE_LEAF 0xc7UL /* V R W A D */
#define VA 0x40000000UL

static u64 root[MAX_HARTS][2][PTES] __attribute__((aligned(4096)));
static u64 middle[MAX_HARTS][2][PTES] __attribute__((aligned(4096)));
static u64 leaves[MAX_HARTS][2][PTES] __attribute__((aligned(4096)));
static u64 page[MAX_HARTS][4][PTES] __attribute__((aligned(4096)));

static u64 pte(const void *target, u64 bits)
{
    return (u64)target >> 12 << 10 | bits;
}

/* A load as S mode does it. */
static u64 load_virtual(u64 va)
{
    u64 value;

    __asm__ volatile("csrs mstatus, %2\n"
                     "ld %0, (%1)\n"
                     "csrc mstatus, %2\n"
                     : "=&r"(value)
                     : "r"(va), "r"(1UL << 17)
                     : "memory");
    return value;
}

/* Remap and fence, switch roots, unmap and fault. */
static void phase_paging(u64 hart)
{
    u64 seed = hart + 1, faults;

    for (u64 space = 0; space < 2; space++) {
        root[hart][space][VA >> 30] = pte(middle[hart][space], 1);
        middle[hart][space][0] = pte(leaves[hart][space], 1);
        leaves[hart][space][0] = pte(page[hart][space], PTE_LEAF);
    }
    for (u64 n = 0; n < 4; n++) {
        page[hart][n][5] = hart * 4 + n;
    }
    csr_clear(mstatus, 3UL << 11);
    csr_set(mstatus, 1UL << 11); /* MPP = S */
    for (u64 i = 0; i < 300; i++) {
        u64 n = random_next(&seed) & 3, space = i & 1;

        csr_write(satp, SV39 | space << 44 | (u64)root[hart][space] >> 12);
        leaves[hart][space][0] = pte(page[hart][n], PTE_LEAF);
        if (i & 4) {
            __asm__ volatile("sfence.vma %0, zero" ::"r"(VA) : "memory");
        } else {
            __asm__ volatile("sfence.vma" ::: "memory");
        }
        check("mapping", load_virtual(VA + 40), hart * 4 + n);
        faults = per_hart[hart].faults;
        leaves[hart][space][0] = 0;
        __asm__ volatile("sfence.vma %0, zero" ::"r"(VA) : "memory");
        load_virtual(VA + 40);
        check("page fault", per_hart[hart].faults, faults + 1);
        csr_clear(mstatus, 3UL << 11);
        csr_set(mstatus, 1UL << 11);
    }
    csr_write(satp, 0);
    csr_set(mstatus, 3UL << 11);
}

/* ---- interrupts ------------------------------------------------------------------------------ */

/* Everyone sends to everyone, asleep or not; each request that was waited for has come. */
static void phase_ipi(u64 hart)
{
    u64 seed = hart + 77;

    csr_set(mie, MSIE);
    csr_set(mstatus, 8);
    for (u64 i = 0; i < 50; i++) {
        u64 to = random_next(&seed) % num_harts;
        u64 before = load_acquire(&per_hart[to].software);

        *(volatile u32 *)(CLINT + 4 * to) = 1;
        while (load_acquire(&per_hart[to].software) == before) {
            relax();
        }
    }
    meet(); /* the others may still be waiting for this hart's answer */
    csr_clear(mstatus, 8);
    *(volatile u32 *)(CLINT + 4 * hart) = 0;
}

/* A token goes round; who does not have it sleeps. */
static void phase_wake(u64 hart)
{
    static u64 token;
    const u64 rounds = 25;

    csr_write(mie, MSIE);
    for (u64 i = 0; i < rounds; i++) {
        while (load_acquire(&token) % num_harts != hart) {
            __asm__ volatile("wfi");
            *(volatile u32 *)(CLINT + 4 * hart) = 0;
        }
        __atomic_add_fetch(&token, 1, __ATOMIC_ACQ_REL);
        *(volatile u32 *)(CLINT + 4 * ((hart + 1) % num_harts)) = 1;
    }
    meet();
    *(volatile u32 *)(CLINT + 4 * hart) = 0;
    if (hart == 0) {
        check("token", token, rounds * num_harts);
        token = 0;
    }
}

static void phase_timer(u64 hart)
{
    struct PerHart *me = &per_hart[hart];

    me->timer_end = me->timer + 20;
    me->period = 1 + hart * 50; /* 100 ns: no sooner set than past */
    csr_write(mie, MTIE);
    *(volatile u64 *)MTIMECMP(hart) = 0;
    /* wfi also ends at an interrupt that is off: none comes between the look and it */
    while (*(volatile u64 *)&me->timer < me->timer_end) {
        __asm__ volatile("wfi");
        csr_set(mstatus, 8);
        csr_clear(mstatus, 8);
    }
    csr_write(mie, 0);
    check("timer interrupts", me->timer, me->timer_end);
}

/* ---- modes ----------------------------------------------------------------------------------- */

static void phases(u64 hart)
{
    static void (*const list[])(u64 hart) = {phase_atomics, phase_code, phase_code_race,
                                             phase_paging,  phase_ipi,  phase_wake,
                                             phase_timer};
    static u64 over;
    u64 rounds = 0;

    do {
        for (unsigned i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
            meet();
            list[i](hart);
        }
        rounds++;
        meet();
        if (hart == 0) {
            over = time_now() >= deadline;
        }
        meet();
    } while (!over);
    if (hart == 0) {
        put("STRESS-OK after ");
        put_number(rounds);
        put(" rounds\n");
        end(0x5555);
    }
}

/* Anything to any register of any device, but what would end the run. */
static void garbage(u64 hart)
{
    static const struct {
        u64 base, size;
    } windows[] = {
        {0x0, 0x1000},        {0x1000, 0xf000},     {0x100000, 0x1000},     {0x101000, 0x1000},
        {0x2000000, 0x10000}, {0x2f00000, 0x4000},  {0xc000000, 0x600000},  {0x10000000, 0x100},
        {0x10001000, 0x8000}, {0x10100000, 0x20},   {0x20000000, 0x100000}, {0x30000000, 0x1000},
        {0x40000000, 0x1000}, {0x7ffff000, 0x1000},
    };
    u64 seed = PARAMETER(3) + hart * 7919 + 1;

    for (u64 i = 0; (i & 1023) || time_now() < deadline; i++) {
        u64 r = random_next(&seed), value = random_next(&seed);
        unsigned w = (unsigned)(r % (sizeof(windows) / sizeof(windows[0])));
        u64 addr = windows[w].base + (r >> 16) % windows[w].size;

        if (value & 1) { /* aligned and small more often than chance would have it */
            addr &= ~7UL;
            value &= 0xff;
        }
        if (windows[w].base == TEST_DEVICE && addr < TEST_DEVICE + 8) {
            value = 0;
        }
        if (addr - MTIME + 8 < 16) {
            continue; /* our clock */
        }
        switch (r >> 8 & 7) {
        case 0:
            *(volatile u8 *)addr = (u8)value;
            break;
        case 1:
            *(volatile unsigned short *)addr = (unsigned short)value;
            break;
        case 2:
            *(volatile u32 *)addr = (u32)value;
            break;
        case 3:
            *(volatile u64 *)addr = value;
            break;
        case 4:
            (void)*(volatile u8 *)addr;
            break;
        case 5:
            (void)*(volatile u32 *)addr;
            break;
        case 6:
            (void)*(volatile u64 *)addr;
            break;
        default:
            __atomic_fetch_add((u32 *)(addr & ~3UL), (u32)value, __ATOMIC_RELAXED);
            break;
        }
    }
    meet();
    end(0x5555);
}

void start(u64 hart);

void start(u64 hart)
{
    static u64 ready;
    u64 mode = PARAMETER(2);

    if (hart == 0) {
        num_harts = PARAMETER(1);
        deadline = time_now() + PARAMETER(0) * TICKS_PER_SECOND;
        put("stress: mode ");
        put_number(mode);
        put("\n");
        store_release(&ready, 1);
    }
    while (!load_acquire(&ready)) {
    }
    switch (mode) {
    case GARBAGE:
        garbage(hart);
        break;
    case FAULT_LOOP: /* the handler is where nothing is */
        csr_write(mtvec, HOLE);
        __asm__ volatile("ebreak");
        break;
    case JUMP_NOWHERE:
        csr_write(mtvec, 0UL);
        ((void (*)(void))HOLE)();
        break;
    case MIX:
        mix(hart);
        break;
    case WFI_FOREVER:
        csr_write(mie, 0UL);
        for (;;) {
            __asm__ volatile("wfi");
        }
    default:
        phases(hart);
        break;
    }
    for (;;) {
    }
}
