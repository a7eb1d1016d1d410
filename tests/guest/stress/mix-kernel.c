/* SPDX-License-Identifier: MIT */
/*
 * Mode mix: the kernel in M mode, which every hart runs, and the handler in S mode.
 *
 * A round: each thread does its actions and ends; the sums are compared; again until the time is
 * over. A thread's slice is short, and any hart continues it: who takes a thread that was elsewhere
 * fences its address space and its code, as kernels do.
 */
#include "mix.h"

#define ACTIONS 16
#define MEDELEG (1UL << 2 | 1UL << 3 | 1UL << 8 | 1UL << 12 | 1UL << 13 | 1UL << 15)
#define SSIP 2UL
#define MSTATUS_SIE 2UL
#define MSTATUS_SPIE 32UL
#define MSTATUS_MPP (3UL << 11)
#define MSTATUS_MPP_S (1UL << 11)
#define MSTATUS_SUM (1UL << 18)
#define MENVCFG_ADUE (1UL << 61)

/* Threads that nobody runs. */
static u64 queue_lock, queued;
static struct Thread *queue[MAX_THREADS];
static u64 running; /* threads of the round that have not ended */

static struct Thread *current[MAX_HARTS];
static u64 served[MAX_HARTS][MAX_THREADS]; /* request_seq */
static u64 chance[MAX_HARTS][8];           /* [0], each in its line */

static u64 table_root[SPACES][PTES] PAGE, table_upper[2][SPACES][PTES] PAGE;
static u64 satp_of[SPACES];

struct Mix mix_state;
struct Sums mix_sums PAGE;
u64 mix_middle[SPACES][PTES] PAGE, mix_leaves[SPACES][PTES] PAGE;
u64 mix_scratch_root[MAX_THREADS][2][PTES] PAGE, mix_scratch_leaves[MAX_THREADS][2][PTES] PAGE;
static u64 scratch_middle[MAX_THREADS][2][PTES] PAGE;
u64 mix_frame[MAX_THREADS][4][PTES] PAGE;
u64 mix_pool[SPACES][5][PTES] PAGE;
u64 mix_guard_frame[SPACES][PTES] PAGE;
u32 mix_hot[1024] PAGE, mix_gate[MAX_THREADS][1024] PAGE;

u32 mix_common[1024] PAGE = {
    0x00000593, /* li a1, 0 */
    0x7fd002ef, /* jal t0, 0xffc: the next page */
    0xfff50513, /* addi a0, a0, -1 */
    0xfe051ce3, /* bnez a0, -8 */
    0x00058513, /* mv a0, a1 */
    0x00008067, /* ret */
};
u32 mix_own_code[SPACES][1024] PAGE;

/* ---- failure --------------------------------------------------------------------------------- */

static void put_field(const char *name, u64 value)
{
    put(name);
    put_number(value);
}

/* Registers of mix-entry.S's frame. */
enum {
    FRAME_RA = 0,
    FRAME_A0 = 8,
    FRAME_A1,
    FRAME_A2,
    FRAME_A7 = 15,
    FRAME_REGISTERS
};

/* Where a page fault came from that nobody expected, and with what in the registers. */
static void put_fault(const struct Thread *me)
{
    put_field("fault: pc ", me->fault_pc);
    for (u64 i = 0; i < FRAME_REGISTERS; i++) {
        put_field(i ? ", " : "; ra, t0 to t6, a0 to a7: ", me->fault_frame[i]);
    }
    for (u64 i = 18; i < 28; i++) {
        put_field(i > 18 ? ", " : "; s2 to s11: ", me->context.x[i]);
    }
    put("\n");
}

void mix_fail(const struct Thread *me, const char *what, u64 got, u64 expected)
{
    static u64 once;

    while (__atomic_exchange_n(&once, 1, __ATOMIC_ACQUIRE)) {
    }
    put("STRESS-BAD mix: ");
    put((const char *)physical(what));
    put_field(": ", got);
    put_field(", not ", expected);
    put_field("; hart ", csr_read(mhartid));
    put_field(", seed ", mix_state.seed);
    put_field(", round ", mix_state.round);
    if (me) {
        put_field(", thread ", me->id);
        put(me->user ? " (U, " : " (S, ");
        put(me->space == 0 ? "Sv39)" : me->space == 1 ? "Sv48)" : "Sv57)");
        put_field(", action ", me->action);
        put_field(", step ", me->step);
        put_field(", pc ", me->context.x[0]);
    }
    put("\n");
    if (me && me->fault_frame) {
        put_fault(me);
    }
    end(0x13333);
}

void mix_wrong(struct Thread *me, const char *what, u64 got, u64 expected)
{
    if (me) {
        mix_call(CALL_FAIL, (u64)what, got, expected);
    } else {
        mix_fail(NULL, what, got, expected);
    }
}

void mix_machine_trap(void)
{
    put_field("mcause ", csr_read(mcause));
    put_field(", mtval ", csr_read(mtval));
    mix_fail(NULL, "trap in M mode, mepc", csr_read(mepc), 0);
}

static void watch_dog(u64 round_start)
{
    u64 seconds = PARAMETER(4);

    if (seconds && time_now() - round_start > seconds * TICKS_PER_SECOND) {
        for (u64 t = 0; t < mix_state.threads; t++) {
            const struct Thread *thread = &mix_state.thread[t];

            put_field("thread ", t);
            put_field(": action ", thread->action);
            put_field(", step ", thread->step);
            put_field(", gate ", thread->gate);
            put_field(", last hart ", thread->last_hart);
            put_field(", pc ", thread->context.x[0]);
            put_field(", ra ", thread->context.x[1]);
            put("\n");
        }
        mix_fail(NULL, "seconds without an end of the round", seconds, 0);
    }
}

/* ---- requests from threads to harts ---------------------------------------------------------- */

/* All harts obey all requests and say so; a signal is for one of them. */
static void serve(u64 hart)
{
    *(volatile u32 *)(CLINT + 4 * hart) = 0;
    __asm__ volatile("fence" ::: "memory");
    for (u64 t = 0; t < mix_state.threads; t++) {
        struct Thread *from = &mix_state.thread[t];
        u64 seq = load_acquire(&from->request_seq);

        if (seq == served[hart][t]) {
            continue;
        }
        served[hart][t] = seq;
        switch (from->request) {
        case REMOTE_SFENCE:
            sfence_vma(from->request_a, from->request_b, from->request_c);
            break;
        case REMOTE_FENCE_I:
            fence_i();
            break;
        default:
            if (from->request_a == hart && current[hart] && !(csr_read(mip) & SSIP)) {
                csr_set(mip, SSIP);
                __atomic_fetch_add(&mix_state.signals_raised, 1, __ATOMIC_RELAXED);
            }
            break;
        }
        store_release(&from->acknowledged[hart], seq);
    }
}

/* ---- threads --------------------------------------------------------------------------------- */

static void lock(u64 *word)
{
    while (__atomic_exchange_n(word, 1, __ATOMIC_ACQUIRE)) {
        relax();
    }
}

static void put_back(struct Thread *thread)
{
    lock(&queue_lock);
    queue[queued++] = thread;
    store_release(&queue_lock, 0);
}

static struct Thread *take(u64 hart)
{
    struct Thread *thread = NULL;

    lock(&queue_lock);
    if (queued) {
        u64 n = random_next(chance[hart]) % queued;

        thread = queue[n];
        queue[n] = queue[--queued];
    }
    store_release(&queue_lock, 0);
    return thread;
}

/* What this hart may know of the thread is from before: as a kernel does at a migration. */
static void arrive(u64 hart, struct Thread *thread)
{
    if (thread->last_hart != hart) {
        if (random_next(chance[hart]) & 1) {
            sfence_vma(0, 0, 0);
        } else {
            sfence_vma(2, 0, ASID_SPACE(thread->space));
            sfence_vma(2, 0, ASID_SCRATCH(thread->id));
        }
        fence_i();
        thread->last_hart = hart;
    }
}

static void enter(u64 hart, struct Thread *thread)
{
    struct Context *context = &thread->context;
    u64 dummy = 0, failed, longest;

    csr_write(satp, context->satp);
    arrive(hart, thread);
    csr_write(sepc, context->sepc);
    csr_write(scause, context->scause);
    csr_write(stval, context->stval);
    csr_write(sscratch, context->sscratch);
    csr_clear(mip, SSIP);
    csr_set(mip, context->pending);
    /* a reservation of whoever was here before is not this thread's */
    __asm__ volatile("sc.d %0, zero, (%1)" : "=r"(failed) : "r"(&dummy) : "memory");
    current[hart] = thread;
    longest = random_next(chance[hart]) & 3 ? 4000 : 40000;
    *(volatile u64 *)MTIMECMP(hart) = time_now() + 100 + random_next(chance[hart]) % longest;
}

static void leave(u64 hart, struct Thread *thread)
{
    struct Context *context = &thread->context;

    current[hart] = NULL;
    context->satp = csr_read(satp);
    context->sepc = csr_read(sepc);
    context->scause = csr_read(scause);
    context->stval = csr_read(stval);
    context->sscratch = csr_read(sscratch);
    context->pending = csr_read(mip) & SSIP;
}

/* A call from S mode; false where the thread's slice ends with it. */
static int obey_call(struct Thread *thread)
{
    u64 *x = thread->context.x;

    x[0] += 4;
    switch (x[17]) {
    case CALL_ECHO:
        x[10] = echo_of(x[10]);
        thread->echoes++;
        return 1;
    case CALL_FAIL:
        mix_fail(thread, (const char *)x[10], x[11], x[12]);
        return 0;
    default:
        return 0;
    }
}

static void run_slice(u64 hart, struct Thread *thread)
{
    int on = 1, ended = 0;

    enter(hart, thread);
    while (on) {
        u64 cause;

        csr_write(mstatus, thread->context.status);
        cause = mix_run(&thread->context);
        thread->context.status = csr_read(mstatus);
        switch (cause) {
        case INTERRUPT | 3:
            serve(hart);
            break;
        case INTERRUPT | 7:
            on = 0;
            break;
        case 9:
            on = obey_call(thread);
            ended = !on && thread->context.x[17] == CALL_EXIT;
            break;
        default:
            mix_fail(thread, "trap to M mode", cause, csr_read(mtval));
            break;
        }
    }
    leave(hart, thread);
    if (ended) {
        __atomic_fetch_sub(&running, 1, __ATOMIC_ACQ_REL);
    } else {
        put_back(thread);
    }
}

/* Nothing to run: sleep until someone asks, or look into the hot page from M mode. */
static void idle(u64 hart)
{
    if (random_next(chance[hart]) & 1) {
        mix_look_hot(NULL, (u64)mix_hot, 1 + random_next(chance[hart]) % 100);
    } else {
        *(volatile u64 *)MTIMECMP(hart) = time_now() + 500;
        __asm__ volatile("wfi");
    }
}

/* ---- the handler in S mode ------------------------------------------------------------------- */

/* A signal: its handler touches memory that is shared, and runs code that changes. */
static void take_signal(struct Thread *me)
{
    u64 old, failed, interrupted_satp = csr_read(satp);

    __asm__ volatile("csrci sip, 2" ::: "memory");
    csr_write(satp, me->own_satp); /* act_spaces() may be in another */
    me->signals++;
    __atomic_fetch_add(&mix_state.signals_taken, 1, __ATOMIC_RELAXED);
    mix_look_shared(me, me->signals % SHARED);
    mix_look_hot(me, me->signals & 1 ? (u64)mix_hot : slot_va(SLOT_HOT_S), 20);
    __atomic_fetch_add(&mix_sums.amo, 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(&mix_sums.narrow, 1, __ATOMIC_RELAXED);
    __asm__ volatile("1: lr.d %0, (%2)\n"
                     "addi %0, %0, 1\n"
                     "sc.d %1, %0, (%2)\n"
                     "bnez %1, 1b\n"
                     : "=&r"(old), "=&r"(failed)
                     : "r"(&mix_sums.lrsc)
                     : "memory");
    __atomic_fetch_add(&me->counted, 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(&me->counted_lrsc, 1, __ATOMIC_RELAXED);
    csr_write(satp, interrupted_satp);
}

static void take_call(u64 *frame, struct Thread *me)
{
    u64 a = frame[FRAME_A0], b = frame[FRAME_A1], c = frame[FRAME_A2];

    switch (frame[FRAME_A7]) {
    case CALL_ECHO:
        frame[FRAME_A0] = echo_of(a);
        me->echoes++;
        break;
    case CALL_SFENCE:
        sfence_vma(a, b, c);
        break;
    case CALL_KICK:
        *(volatile u32 *)(CLINT + 4 * a) = 1;
        break;
    default:
        mix_call(frame[FRAME_A7], a, b, c);
        break;
    }
}

void mix_supervisor(u64 *frame, struct Thread *me)
{
    u64 cause = csr_read(scause), pc = csr_read(sepc);

    switch (cause) {
    case INTERRUPT | 1:
        take_signal(me);
        return;
    case 2:
        me->illegals++;
        break;
    case 3:
        me->breaks++;
        break;
    case 8:
        take_call(frame, me);
        break;
    case 12:
    case 13:
    case 15:
        if (!me->probing) {
            me->fault_pc = pc;
            me->fault_frame = frame;
            mix_call(CALL_FAIL, (u64) "unexpected page fault at", csr_read(stval), cause);
        }
        me->faults++;
        me->fault_cause = cause;
        me->fault_va = csr_read(stval);
        me->fault_pc = pc;
        if (cause == 12) {
            csr_write(sepc, frame[FRAME_RA]);
            return;
        }
        break;
    default:
        mix_call(CALL_FAIL, (u64) "scause", cause, 0);
        break;
    }
    csr_write(sepc, pc + 4);
}

/* ---- set-up ---------------------------------------------------------------------------------- */

static void map_gigapages(u64 *root)
{
    root[0] = PTE_VAD | PTE_R | PTE_W | PTE_G;
    root[2] = pte_of((void *)0x80000000UL, PTE_VAD | PTE_R | PTE_W | PTE_X | PTE_G);
    root[3] = pte_of((void *)0x80000000UL, PTE_VAD | PTE_R | PTE_W | PTE_X | PTE_G | PTE_U);
}

static void map_space(u64 space)
{
    u64 *leaves = mix_leaves[space], *upper4 = table_upper[0][space],
        *upper5 = table_upper[1][space];
    u64 roots[] = {(u64)table_root[space], (u64)upper4, (u64)upper5};

    map_gigapages(table_root[space]);
    table_root[space][WINDOW >> 30] = pte_of(mix_middle[space], PTE_V);
    mix_middle[space][0] = pte_of(leaves, PTE_V);
    upper4[0] = pte_of(table_root[space], PTE_V);
    upper5[0] = pte_of(upper4, PTE_V);
    for (u64 n = 0; n < SHARED; n++) {
        leaves[SLOT_SHARED + n] =
            pte_of(mix_pool[space][pool_frame(n, 0)], PTE_VAD | PTE_R | PTE_U);
    }
    for (u64 n = 0; n < 5; n++) {
        for (u64 i = 0; i < PTES; i++) {
            mix_pool[space][n][i] = stamp_of(space, n);
        }
    }
    leaves[SLOT_GUARD] = pte_of(mix_guard_frame[space], PTE_VAD | PTE_R | PTE_W | PTE_U);
    leaves[SLOT_HOT_S] = pte_of(mix_hot, PTE_VAD | PTE_X);
    leaves[SLOT_HOT_U] = pte_of(mix_hot, PTE_VAD | PTE_R | PTE_X | PTE_U);
    leaves[SLOT_HOT_W] = pte_of(mix_hot, PTE_VAD | PTE_R | PTE_W | PTE_U);
    for (u64 n = 0; n < 4; n++) {
        leaves[SLOT_COMMON_S + n] =
            pte_of(n & 1 ? mix_own_code[space] : mix_common, PTE_VAD | PTE_X | (n & 2 ? PTE_U : 0));
    }
    mix_own_code[space][0] = (u32)(0x00058593 | mix_common_adds(space) << 20); /* addi a1, a1 */
    mix_own_code[space][1] = 0x00028067;                                       /* jr t0 */
    leaves[SLOT_STABLE] = pte_of(mix_pool[space][0], PTE_VAD | PTE_R | PTE_U);
    satp_of[space] = SATP(8 + space, ASID_SPACE(space), roots[space]);
    csr_write(satp, satp_of[space]);
    if (csr_read(satp) != satp_of[space]) {
        mix_fail(NULL, "satp", csr_read(satp), satp_of[space]);
    }
    csr_write(satp, 0UL);
}

static void map_scratch(u64 thread)
{
    for (u64 n = 0; n < 2; n++) {
        map_gigapages(mix_scratch_root[thread][n]);
        mix_scratch_root[thread][n][WINDOW >> 30] = pte_of(scratch_middle[thread][n], PTE_V);
        scratch_middle[thread][n][0] = pte_of(mix_scratch_leaves[thread][n], PTE_V);
        mix_scratch_leaves[thread][n][SLOT_STABLE] =
            pte_of(mix_pool[0][1 + n], PTE_VAD | PTE_R | PTE_U);
    }
}

static void set_up(void)
{
    mix_state.harts = PARAMETER(1);
    mix_state.threads = 2 * mix_state.harts + 2;
    mix_state.seed = PARAMETER(3);
    for (u64 space = 0; space < SPACES; space++) {
        map_space(space);
    }
    for (u64 thread = 0; thread < mix_state.threads; thread++) {
        map_scratch(thread);
    }
    for (u64 n = 0; n < MEGA_FRAMES; n++) {
        for (u64 page = 0; page < PTES; page++) {
            *(u64 *)(MEGA_FRAME(n) + page * 4096) = n * PTES + page;
        }
    }
    mix_hot[0] = 0x00000593; /* li a1, 0 */
    mix_hot[1] = 0x00058593; /* addi a1, a1, EPOCH */
    mix_hot[2] = 0xfff50513; /* addi a0, a0, -1 */
    mix_hot[3] = 0xfe051ce3; /* bnez a0, -8 */
    mix_hot[4] = 0x00058513; /* mv a0, a1 */
    mix_hot[5] = 0x00008067; /* ret */
}

static void set_up_hart(u64 hart)
{
    csr_write(medeleg, MEDELEG);
    csr_write(mideleg, SSIP);
    csr_write(stvec, (u64)mix_supervisor_entry);
    csr_write(mie, MSIE | MTIE | SSIP);
    chance[hart][0] = mix_state.seed * 8191 + hart + 1;
}

/* Svadu in every other round, if there is a choice. */
static void choose_adue(void)
{
    if ((mix_state.seed + mix_state.round) & 1) {
        csr_set(menvcfg, MENVCFG_ADUE);
    } else {
        csr_clear(menvcfg, MENVCFG_ADUE);
    }
    sfence_vma(0, 0, 0);
    fence_i();
}

static void begin_thread(u64 id)
{
    struct Thread *thread = &mix_state.thread[id];
    u64 view = id & 1 ? U_OFFSET : 0;

    thread->id = id;
    thread->user = id & 1;
    thread->space = id % SPACES;
    thread->seed = (mix_state.seed * 1000003 + mix_state.round) * 127 + id + 1;
    thread->last_hart = MAX_HARTS;
    thread->counted = thread->counted_lrsc = 0;
    thread->self = (u64)thread;
    thread->context.x[0] = (u64)mix_thread_entry + view;
    thread->context.x[2] = (u64)&thread->stack[512] + view;
    thread->context.x[10] = (u64)thread + view;
    thread->own_satp = thread->context.satp = satp_of[thread->space];
    thread->context.sscratch = (u64)&thread->self;
    thread->context.status = MSTATUS_SUM | MSTATUS_SPIE | MSTATUS_SIE |
                             (thread->user ? 0 : MSTATUS_MPP_S);
    queue[queued++] = thread;
}

static void end_round(void)
{
    u64 counted = 0, counted_lrsc = 0, taken = 0;

    for (u64 t = 0; t < mix_state.threads; t++) {
        struct Thread *thread = &mix_state.thread[t];

        counted += thread->counted;
        counted_lrsc += thread->counted_lrsc;
        taken += (thread->context.pending != 0);
        thread->context.pending = 0;
    }
    taken += mix_state.signals_taken;
    if (mix_sums.amo != counted || mix_sums.narrow != (u32)counted) {
        mix_fail(NULL, "amoadd", mix_sums.amo, counted);
    }
    if (mix_sums.lrsc != counted_lrsc) {
        mix_fail(NULL, "lr/sc", mix_sums.lrsc, counted_lrsc);
    }
    if (mix_state.signals_raised != taken) {
        mix_fail(NULL, "signals", taken, mix_state.signals_raised);
    }
    mix_sums.amo = mix_sums.lrsc = mix_sums.narrow = 0;
    mix_state.signals_raised = mix_state.signals_taken = 0;
    mix_state.round++;
}

/* All harts are here before any goes on; requests are served meanwhile. */
static void gather(u64 hart)
{
    static u64 arrived, round;
    u64 now = load_acquire(&round);

    if (__atomic_add_fetch(&arrived, 1, __ATOMIC_ACQ_REL) == mix_state.harts) {
        __atomic_store_n(&arrived, 0, __ATOMIC_RELAXED);
        store_release(&round, now + 1);
    }
    while (load_acquire(&round) == now) {
        serve(hart);
        relax();
    }
}

void mix(u64 hart)
{
    static u64 ready;
    u64 deadline = time_now() + PARAMETER(0) * TICKS_PER_SECOND, round_start = 0;

    if (hart == 0) {
        set_up();
        store_release(&ready, 1);
    }
    while (!load_acquire(&ready)) {
        relax();
    }
    set_up_hart(hart);
    do {
        gather(hart);
        choose_adue();
        if (hart == 0) {
            mix_state.adue = csr_read(menvcfg) & MENVCFG_ADUE;
            mix_state.actions = ACTIONS;
            mix_state.active = running = mix_state.threads;
            for (u64 t = 0; t < mix_state.threads; t++) {
                begin_thread(t);
            }
        }
        round_start = time_now();
        gather(hart);
        while (load_acquire(&running)) {
            struct Thread *thread = take(hart);

            if (thread) {
                run_slice(hart, thread);
            } else {
                idle(hart);
            }
            serve(hart);
            watch_dog(round_start);
        }
        gather(hart);
        if (hart == 0) {
            end_round();
        }
        gather(hart);
    } while (hart != 0 || time_now() < deadline);
    put("STRESS-OK after ");
    put_number(mix_state.round);
    put(" rounds\n");
    end(0x5555);
}
