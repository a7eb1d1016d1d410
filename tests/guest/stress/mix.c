/* SPDX-License-Identifier: MIT */
/*
 * Mode mix: what threads do, in S and U mode.
 *
 * Every action says what must come of it and compares. The loops are short mostly, now and then
 * long enough that an emulator takes trouble with them.
 */
#include "mix.h"

#define POISON 0xdeadbeefUL
#define RET 0x00008067u
#define ADDI(rd, rs, n) (0x13u | (u32)(rd) << 7 | (u32)(rs) << 15 | (u32)(n) << 20)
#define A0 10
#define A1 11
#define IMM_MASK 1023UL /* of an epoch: what the hot page adds */

/* Slots of a thread. */
enum {
    EXEC0,
    EXEC1,
    WRITE0,
    WRITE1,
    DATA,
    RIGHTS,
    SUMS
};

static u64 chance(struct Thread *me, u64 n)
{
    return random_next(&me->seed) % n;
}

/* How often: seldom enough to make something hot. */
static u64 loops(struct Thread *me)
{
    return 1 + chance(me, chance(me, 8) ? 8 : 1500);
}

/* ---- what needs S mode ----------------------------------------------------------------------- */

static void fence_page(struct Thread *me, u64 va)
{
    u64 form = chance(me, 4);

    if (me->user) {
        mix_call(CALL_SFENCE, form, va, ASID_SPACE(me->space));
    } else {
        sfence_vma(form, va, ASID_SPACE(me->space));
    }
}

static void kick(struct Thread *me, u64 hart)
{
    if (me->user) {
        mix_call(CALL_KICK, hart, 0, 0);
    } else {
        *(volatile u32 *)(CLINT + 4 * hart) = 1;
    }
}

/* All harts, also this one: the thread may be on another by now. Back when all have obeyed. */
static void request(struct Thread *me, u64 what, u64 a, u64 b, u64 c)
{
    u64 seq = me->request_seq + 1;

    me->request = what;
    me->request_a = a;
    me->request_b = b;
    me->request_c = c;
    store_release(&me->request_seq, seq);
    __asm__ volatile("fence" ::: "memory");
    for (u64 hart = 0; hart < mix_state.harts; hart++) {
        kick(me, hart);
    }
    for (u64 hart = 0; hart < mix_state.harts; hart++) {
        while (load_acquire(&me->acknowledged[hart]) != seq) {
            relax();
        }
    }
}

static void shoot_down(struct Thread *me, u64 va)
{
    request(me, REMOTE_SFENCE, chance(me, 4), va, ASID_SPACE(me->space));
}

/* ---- epochs ---------------------------------------------------------------------------------- */

static int epoch_try(struct Epochs *epochs)
{
    return !__atomic_exchange_n(&epochs->lock, 1, __ATOMIC_ACQUIRE);
}

static u64 epoch_start(struct Epochs *epochs)
{
    u64 epoch = epochs->done + 1;

    __atomic_store_n(&epochs->started, epoch, __ATOMIC_RELAXED);
    __asm__ volatile("fence w, w" ::: "memory");
    return epoch;
}

static void epoch_end(struct Epochs *epochs)
{
    store_release(&epochs->done, epochs->started);
    store_release(&epochs->lock, 0);
}

/* Look between these. */
static u64 epoch_first(const struct Epochs *epochs)
{
    return load_acquire(&epochs->done);
}

static u64 epoch_last(const struct Epochs *epochs)
{
    __asm__ volatile("fence" ::: "memory");
    return load_relaxed(&epochs->started);
}

/* ---- private pages --------------------------------------------------------------------------- */

static volatile u64 *leaf_of(struct Thread *me, u64 slot)
{
    return &mix_leaves[me->space][me->id * SLOTS + slot];
}

static u64 va_of(struct Thread *me, u64 slot)
{
    return slot_va(me->id * SLOTS + slot);
}

/* With the U bit that lets this thread execute it. */
static void map(struct Thread *me, u64 slot, const void *page, u64 bits)
{
    *leaf_of(me, slot) = pte_of(page, bits | (me->user ? PTE_U : 0));
    fence_page(me, va_of(me, slot) + chance(me, 512) * 8);
}

/* Remap, fence, load, store. */
static void act_data(struct Thread *me)
{
    volatile u64 *data = (volatile u64 *)va_of(me, DATA);
    u64 n = loops(me), stored[4] = {0, 0, 0, 0};

    for (u64 f = 0; f < 4; f++) {
        mix_frame[me->id][f][256] = stamp_of(me->id, f);
        mix_frame[me->id][f][300] = 0;
    }
    for (u64 i = 0; i < n; i++) {
        u64 f = chance(me, 4);

        map(me, DATA, mix_frame[me->id][f], PTE_VAD | PTE_R | PTE_W);
        mix_check(me, "stamp of a remapped page", data[256], stamp_of(me->id, f));
        data[300] += i;
        stored[f] += i;
        mix_check(me, "store to a remapped page", *(volatile u64 *)&mix_frame[me->id][f][300],
                  stored[f]);
    }
    for (u64 f = 0; f < 4; f++) {
        mix_check(me, "stores to all frames", mix_frame[me->id][f][300], stored[f]);
    }
}

/* A page of a large mapping fenced is all of it fenced. */
static void act_mega(struct Thread *me)
{
    u64 base = MEGA(me->id), n = loops(me);
    volatile u64 *entry = &mix_middle[me->space][1 + me->id];

    for (u64 i = 0; i < n; i++) {
        u64 frame = chance(me, MEGA_FRAMES);

        *entry = pte_of((void *)MEGA_FRAME(frame), PTE_VAD | PTE_R | (me->user ? PTE_U : 0));
        fence_page(me, base + chance(me, PTES) * 4096);
        for (u64 look = 0; look < 3; look++) {
            u64 page = look ? chance(me, PTES) : 7;

            mix_check(me, "megapage", *(volatile u64 *)(base + page * 4096), frame * PTES + page);
        }
    }
}

/* ---- rights ---------------------------------------------------------------------------------- */

enum {
    LOAD,
    STORE,
    EXECUTE
};

static u64 probe(struct Thread *me, u64 how, u64 va, u64 value)
{
    me->probing = 1;
    if (how == LOAD) {
        __asm__ volatile(".option push\n.option norvc\nld %0, (%1)\n.option pop"
                         : "+r"(value)
                         : "r"(va)
                         : "memory");
    } else if (how == STORE) {
        __asm__ volatile(".option push\n.option norvc\nsd %0, (%1)\n.option pop" ::"r"(value),
                         "r"(va)
                         : "memory");
    } else {
        value = ((u64(*)(u64))va)(value);
    }
    me->probing = 0;
    return value;
}

static int allowed(const struct Thread *me, u64 how, u64 bits)
{
    if (!(bits & PTE_V) || !(bits & (PTE_R | PTE_W | PTE_X)) || (bits & (PTE_R | PTE_W)) == PTE_W) {
        return 0;
    }
    if (!(bits & PTE_U) ? me->user : !me->user && how == EXECUTE) {
        return 0;
    }
    return (bits & (how == LOAD ? PTE_R : how == STORE ? PTE_W : PTE_X)) != 0;
}

static u64 cause_of(u64 how)
{
    return how == LOAD ? 13 : how == STORE ? 15 : 12;
}

/* A fault that was expected, or none. */
static void check_fault(struct Thread *me, u64 how, u64 va, u64 before, int expected)
{
    static const char which[] = "fault";

    mix_check(me, which, me->faults - before, (u64)expected);
    if (expected) {
        mix_check(me, "cause of a fault", me->fault_cause, cause_of(how));
        mix_check(me, "address of a fault", me->fault_va, va);
    }
}

/* One access under some bits, and the bits after it. */
static void act_rights(struct Thread *me)
{
    u64 n = loops(me), va = va_of(me, RIGHTS) + 8 * 128;
    u64 *frame = mix_frame[me->id][0];

    frame[128] = RET;
    fence_i();
    for (u64 i = 0; i < n; i++) {
        u64 bits = random_next(&me->seed) >> 8 & 0xdf, how = chance(me, 3);
        u64 needed = PTE_A | (how == STORE ? PTE_D : 0), got, faults = me->faults;
        int ok;

        bits |= chance(me, 4) ? PTE_V : 0;
        bits ^= chance(me, 3) && !me->user != !(bits & PTE_U) ? PTE_U : 0;
        *leaf_of(me, RIGHTS) = pte_of(frame, bits);
        fence_page(me, va);
        ok = allowed(me, how, bits) && (mix_state.adue || (bits & needed) == needed);
        me->step = bits << 8 | how;
        got = probe(me, how, va, how == STORE ? RET + (i << 32) : POISON);
        check_fault(me, how, va, faults, !ok);
        if (how == LOAD) {
            mix_check(me, "load", got, ok ? frame[128] : POISON);
        } else if (how == STORE) {
            mix_check(me, "store", (*(volatile u64 *)&frame[128] == RET + (i << 32)) || !ok, 1);
        }
        mix_check(me, "entry's bits", *leaf_of(me, RIGHTS) & 0xff, ok ? bits | needed : bits);
    }
}

/* ---- code ------------------------------------------------------------------------------------ */

static u64 call(u64 va, u64 a0)
{
    return ((u64(*)(u64))va)(a0);
}

/* A word to an address that is even, as two stores if need be. */
static void put_word(u64 va, u32 word)
{
    if (va & 2) {
        *(volatile unsigned short *)va = (unsigned short)word;
        *(volatile unsigned short *)(va + 2) = (unsigned short)(word >> 16);
    } else {
        *(volatile u32 *)va = word;
    }
}

/* The second half of the instruction at a page's end, and what follows on the next page. */
static void put_second_page(u64 page, u64 n)
{
    *(volatile unsigned short *)page = (unsigned short)(ADDI(A1, A1, n) >> 16);
    put_word(page + 2, ADDI(A0, A0, -1));
    put_word(page + 6, 0xfe051ae3); /* bnez a0, -12 */
    put_word(page + 10, ADDI(A0, A1, 0));
    put_word(page + 14, RET);
}

/*
 * A loop over a page's end with an instruction on both pages, called from the first page's last
 * words: li a1, 0; 1: addi a1, a1, FIRST; addi a1, a1, SECOND (on both); addi a0, a0, -1; bnez 1b.
 */
static void put_first_page(u64 page, u64 n)
{
    put_word(page + 0xff6, ADDI(A1, 0, 0));
    put_word(page + 0xffa, ADDI(A1, A1, n));
    *(volatile unsigned short *)(page + 0xffe) = (unsigned short)ADDI(A1, A1, 0);
}

/* Code that is written, patched in place or through another mapping, and remapped. */
static void act_code(struct Thread *me)
{
    u64 f0 = chance(me, 4), f1 = (f0 + 1) & 3, f2 = (f0 + 2) & 3, way = chance(me, 3);
    u64 exec = PTE_VAD | PTE_X | PTE_R | (way == 2 ? PTE_W : 0), entry = va_of(me, EXEC0) + 0xff6;
    u64 first = chance(me, 1000), second = chance(me, 1000), other = chance(me, 1000), faults;
    u64 rounds = 1 + chance(me, 6), page0, page1;

    map(me, EXEC0, mix_frame[me->id][f0], exec);
    map(me, EXEC1, mix_frame[me->id][f1], exec);
    map(me, WRITE0, mix_frame[me->id][f0], PTE_VAD | PTE_R | PTE_W);
    map(me, WRITE1, mix_frame[me->id][f1], PTE_VAD | PTE_R | PTE_W);
    page0 = way == 0 ? (u64)mix_frame[me->id][f0] : va_of(me, way == 1 ? WRITE0 : EXEC0);
    page1 = way == 0 ? (u64)mix_frame[me->id][f1] : va_of(me, way == 1 ? WRITE1 : EXEC1);
    put_first_page(page0, first);
    put_second_page(page1, second);
    put_second_page((u64)mix_frame[me->id][f2], other);
    for (u64 i = 0; i < rounds; i++) {
        u64 n = loops(me);

        me->step = i << 4 | way;
        fence_i();
        mix_check(me, "new code", call(entry, n), n * (first + second));
        map(me, EXEC1, mix_frame[me->id][f2], exec);
        mix_check(me, "code with a remapped second page", call(entry, n), n * (first + other));
        *leaf_of(me, EXEC1) = 0;
        fence_page(me, va_of(me, EXEC1));
        faults = me->faults;
        probe(me, EXECUTE, entry, n);
        check_fault(me, EXECUTE, va_of(me, EXEC1), faults, 1);
        mix_check(me, "pc of a fault", me->fault_pc, va_of(me, EXEC0) + 0xffe);
        map(me, EXEC1, mix_frame[me->id][f1], exec);
        mix_check(me, "code with the first second page", call(entry, n), n * (first + second));
        if (chance(me, 2)) {
            first = chance(me, 1000);
            put_word(page0 + 0xffa, ADDI(A1, A1, first));
        } else {
            second = chance(me, 1000);
            put_second_page(page1, second);
        }
        *(volatile u64 *)(page0 + 8 * 300) = i; /* data beside code */
        mix_check(me, "data beside code", mix_frame[me->id][f0][300], i);
    }
}

/* A loop on one page that calls another, which is remapped, without a fence.i. */
static void act_link(struct Thread *me)
{
    u64 rounds = 1 + chance(me, 12), exec = PTE_VAD | PTE_X, n[4];

    for (u64 i = 0; i < 6; i++) {
        put_word((u64)mix_frame[me->id][0] + 4 * i, mix_common[i]);
    }
    for (u64 f = 1; f < 4; f++) {
        n[f] = chance(me, 1000);
        put_word((u64)mix_frame[me->id][f], ADDI(A1, A1, n[f]));
        put_word((u64)mix_frame[me->id][f] + 4, 0x00028067); /* jr t0 */
    }
    fence_i();
    map(me, EXEC0, mix_frame[me->id][0], exec);
    for (u64 i = 0; i < rounds; i++) {
        u64 f = 1 + chance(me, 3), count = loops(me), repeat = 1 + chance(me, 3);

        map(me, EXEC1, mix_frame[me->id][f], exec);
        for (u64 r = 0; r < repeat; r++) {
            mix_check(me, "jump to a remapped page", call(va_of(me, EXEC0), count), count * n[f]);
        }
    }
}

/* ---- the hot page ---------------------------------------------------------------------------- */

/* A loop that adds the epoch, patched meanwhile: the sum is of epochs that may have been. */
void mix_look_hot(struct Thread *me, u64 entry, u64 count)
{
    u64 first = epoch_first(&mix_state.hot), sum = call(entry, count);
    u64 last = epoch_last(&mix_state.hot);

    if (first / (IMM_MASK + 1) != last / (IMM_MASK + 1)) {
        return; /* it began anew */
    }
    if (sum < (first & IMM_MASK) * count) {
        mix_wrong(me, "stale code, sum", sum, (first & IMM_MASK) * count);
    }
    if (sum > (last & IMM_MASK) * count) {
        mix_wrong(me, "code from the future, sum", sum, (last & IMM_MASK) * count);
    }
}

static void act_look_hot(struct Thread *me)
{
    u64 view = chance(me, 2) ? (u64)mix_hot : slot_va(me->user ? SLOT_HOT_U : SLOT_HOT_S);
    u64 looks = 1 + chance(me, 20);

    for (u64 i = 0; i < looks; i++) {
        mix_look_hot(me, view, loops(me) * 2);
    }
}

/*
 * Now and then often: the page is no code for a moment after each patch, code again when someone
 * looks, and whoever patches has had it writable meanwhile.
 */
static void act_patch_hot(struct Thread *me)
{
    u64 view = chance(me, 2) ? (u64)mix_hot : slot_va(SLOT_HOT_W);
    u64 patches = chance(me, 4) ? 1 : 1 + chance(me, 20);

    for (u64 i = 0; i < patches && epoch_try(&mix_state.hot); i++) {
        u64 epoch = epoch_start(&mix_state.hot);

        *(volatile u32 *)(view + 4) = ADDI(A1, A1, epoch & IMM_MASK);
        request(me, REMOTE_FENCE_I, 0, 0, 0);
        epoch_end(&mix_state.hot);
    }
}

/* ---- code that spaces have in common --------------------------------------------------------- */

/*
 * One page of code in all spaces, which calls the next one, another in each. That one is stored to
 * now and then, what it holds already: the call must never end in another space's page.
 */
static void act_common(struct Thread *me)
{
    u64 entry = slot_va(me->user ? SLOT_COMMON_U : SLOT_COMMON_S), rounds = 1 + chance(me, 20);
    u64 own = mix_common_adds(me->space);

    for (u64 i = 0; i < rounds; i++) {
        u64 count = loops(me);

        mix_check(me, "code of the own space", call(entry, count), count * own);
        if (chance(me, 2)) {
            *(volatile u32 *)&mix_own_code[me->space][0] = ADDI(A1, A1, own);
        }
    }
}

/* ---- gates: an endless loop that another thread makes end ------------------------------------ */

static void lock_gates(void)
{
    while (__atomic_exchange_n(&mix_state.gate_lock, 1, __ATOMIC_ACQUIRE)) {
        relax();
    }
}

static void unlock_gates(void)
{
    store_release(&mix_state.gate_lock, 0);
}

/* Only where another thread stays that opens it. */
static void act_gate(struct Thread *me)
{
    u32 *gate = mix_gate[me->id];
    int may;

    lock_gates();
    may = mix_state.gates_shut + 1 < mix_state.active;
    mix_state.gates_shut += (u64)may;
    unlock_gates();
    if (!may) {
        return;
    }
    gate[0] = ADDI(A0, A0, 1);
    *(volatile u32 *)&gate[1] = 0xffdff06f; /* j -4 */
    fence_i();
    store_release(&me->gate, GATE_SHUT);
    mix_check(me, "turns in a gate", call((u64)gate, 0) != 0, 1);
    mix_check(me, "gate", load_acquire(&me->gate) != GATE_SHUT, 1);
    while (load_acquire(&me->gate) != GATE_OPEN) {
        relax();
    }
    lock_gates();
    mix_state.gates_shut--;
    unlock_gates();
}

static void act_open(struct Thread *me)
{
    u64 n = mix_state.threads, from = chance(me, n);

    for (u64 i = 0; i < n; i++) {
        struct Thread *other = &mix_state.thread[(from + i) % n];
        u64 shut = GATE_SHUT;

        if (load_relaxed(&other->gate) == GATE_SHUT &&
            __atomic_compare_exchange_n(&other->gate, &shut, GATE_OPENING, 0, __ATOMIC_ACQ_REL,
                                        __ATOMIC_RELAXED)) {
            *(volatile u32 *)&mix_gate[other->id][1] = RET;
            request(me, REMOTE_FENCE_I, 0, 0, 0);
            store_release(&other->gate, GATE_OPEN);
            return;
        }
    }
}

/* ---- shared pages ---------------------------------------------------------------------------- */

void mix_look_shared(struct Thread *me, u64 slot)
{
    const struct Epochs *epochs = &mix_state.shared[me->space][slot];
    u64 first = epoch_first(epochs);
    u64 got = *(volatile u64 *)(slot_va(SLOT_SHARED + slot) + 64);
    u64 last = epoch_last(epochs);

    for (u64 epoch = first; epoch <= last; epoch++) {
        if (got == stamp_of(me->space, pool_frame(slot, epoch))) {
            return;
        }
    }
    mix_wrong(me, "shared page after remote sfence.vma", got,
              stamp_of(me->space, pool_frame(slot, last)));
}

static void act_look_shared(struct Thread *me)
{
    u64 n = loops(me) * 4;

    for (u64 i = 0; i < n; i++) {
        mix_look_shared(me, i % SHARED);
    }
}

static void act_remap_shared(struct Thread *me)
{
    u64 slot = chance(me, SHARED);
    struct Epochs *epochs = &mix_state.shared[me->space][slot];

    if (epoch_try(epochs)) {
        u64 epoch = epoch_start(epochs);

        *(volatile u64 *)&mix_leaves[me->space][SLOT_SHARED + slot] =
            pte_of(mix_pool[me->space][pool_frame(slot, epoch)], PTE_VAD | PTE_R | PTE_U);
        shoot_down(me, slot_va(SLOT_SHARED + slot));
        epoch_end(epochs);
    }
}

/* Odd epochs: read-only. Then nobody's store arrives. */
static void act_guard(struct Thread *me)
{
    struct Epochs *epochs = &mix_state.guard[me->space];
    volatile u64 *word = &mix_guard_frame[me->space][9];

    if (epoch_try(epochs)) {
        u64 epoch = epoch_start(epochs), before;

        *(volatile u64 *)&mix_leaves[me->space][SLOT_GUARD] =
            pte_of(mix_guard_frame[me->space], PTE_VAD | PTE_R | PTE_U | (epoch & 1 ? 0 : PTE_W));
        shoot_down(me, slot_va(SLOT_GUARD));
        before = *word;
        for (u64 i = 0; (epoch & 1) && i < 300; i++) {
            mix_check(me, "word on a read-only page", *word, before);
        }
        epoch_end(epochs);
    }
}

static void act_store_guard(struct Thread *me)
{
    struct Epochs *epochs = &mix_state.guard[me->space];
    u64 n = loops(me), va = slot_va(SLOT_GUARD) + 72;

    for (u64 i = 0; i < n; i++) {
        u64 faults = me->faults, first = epoch_first(epochs), last;

        probe(me, STORE, va, me->id << 32 | i);
        last = epoch_last(epochs);
        if (first == last) {
            check_fault(me, STORE, va, faults, (int)(first & 1));
        }
    }
}

/* ---- the rest -------------------------------------------------------------------------------- */

/* One ASID for two roots, fenced; the thread's own space without a fence. */
static void act_spaces(struct Thread *me)
{
    u64 n = loops(me);
    volatile u64 *stable = (volatile u64 *)(slot_va(SLOT_STABLE) + 128);

    if (me->user) {
        return;
    }
    for (u64 i = 0; i < n; i++) {
        u64 k = chance(me, 2), form = chance(me, 4);

        csr_write(satp, SATP(8UL, ASID_SCRATCH(me->id), (u64)mix_scratch_root[me->id][k]));
        sfence_vma(form, (u64)stable, ASID_SCRATCH(me->id));
        mix_check(me, "page after a change of root", *stable, stamp_of(0, 1 + k));
        csr_write(satp, me->own_satp);
        mix_check(me, "page of the own space", *stable, stamp_of(me->space, 0));
    }
}

static void act_count(struct Thread *me)
{
    u64 n = loops(me);
    struct Sums *sums = &mix_sums;

    if (chance(me, 2)) {
        map(me, SUMS, &mix_sums, PTE_VAD | PTE_R | PTE_W);
        sums = (struct Sums *)va_of(me, SUMS);
    }
    for (u64 i = 0; i < n; i++) {
        u64 old, failed;

        __atomic_fetch_add(&sums->amo, 1, __ATOMIC_RELAXED);
        __atomic_fetch_add(&sums->narrow, 1, __ATOMIC_RELAXED);
        __asm__ volatile("1: lr.d %0, (%2)\n"
                         "addi %0, %0, 1\n"
                         "sc.d %1, %0, (%2)\n"
                         "bnez %1, 1b\n"
                         : "=&r"(old), "=&r"(failed)
                         : "r"(&sums->lrsc)
                         : "memory");
    }
    /* the handler of signals counts too, maybe amid these */
    __atomic_fetch_add(&me->counted, n, __ATOMIC_RELAXED);
    __atomic_fetch_add(&me->counted_lrsc, n, __ATOMIC_RELAXED);
}

static void act_traps(struct Thread *me)
{
    u64 n = loops(me);

    for (u64 i = 0; i < n; i++) {
        u64 breaks = me->breaks, illegals = me->illegals, echoes = me->echoes;

        __asm__ volatile(".option push\n.option norvc\nebreak\n.option pop" ::: "memory");
        mix_check(me, "ebreak", me->breaks, breaks + 1);
        __asm__ volatile(".insn 0x0000007b" ::: "memory");
        mix_check(me, "illegal instruction", me->illegals, illegals + 1);
        mix_check(me, "ecall", mix_call(CALL_ECHO, i, 0, 0), echo_of(i));
        mix_check(me, "ecalls", me->echoes, echoes + 1);
    }
}

static void act_hold(struct Thread *me)
{
    mix_check(me, "registers", mix_hold(random_next(&me->seed), 100 + chance(me, 20000)), 0);
}

static void act(struct Thread *me, u64 action)
{
    switch (action) {
#define ACT(n, what)                                                                               \
    case n:                                                                                        \
        what;                                                                                      \
        break
        ACT(0, act_data(me));
        ACT(1, act_mega(me));
        ACT(2, act_rights(me));
        ACT(3, act_code(me));
        ACT(4, act_link(me));
        ACT(5, act_look_hot(me));
        ACT(6, act_patch_hot(me));
        ACT(7, act_gate(me));
        ACT(8, act_open(me));
        ACT(9, act_look_shared(me));
        ACT(10, act_remap_shared(me));
        ACT(11, act_guard(me));
        ACT(12, act_store_guard(me));
        ACT(13, act_spaces(me));
        ACT(14, act_count(me));
        ACT(15, act_traps(me));
        ACT(16, act_hold(me));
        ACT(17, request(me, REMOTE_SIGNAL, chance(me, mix_state.harts), 0, 0));
        ACT(18, mix_call(CALL_YIELD, 0, 0, 0));
        ACT(19, act_common(me));
#undef ACT
    }
}
#define ACTS 20

void mix_thread(struct Thread *me)
{
    int last = 0;

    for (u64 i = 0; i < mix_state.actions; i++) {
        me->action = chance(me, ACTS);
        act(me, me->action);
        act_patch_hot(me);
    }
    me->action = ACTS;
    while (!last) {
        act_open(me);
        lock_gates();
        last = mix_state.gates_shut == 0 || mix_state.gates_shut + 1 < mix_state.active;
        mix_state.active -= (u64)last;
        unlock_gates();
    }
    mix_call(CALL_EXIT, 0, 0, 0);
}
