/* SPDX-License-Identifier: MIT */
/*
 * Regions: hot code translated a second time, several basic blocks with the jumps between them, so
 * that loops keep guest registers in the host's.
 *
 * Links that go backward or to another page count, one counter for each hash of their target. Where
 * one runs out the hart leaves code and makes a region that starts there: everything that direct
 * jumps reach within the page and that has been translated. It takes the place of the block that
 * began there; who runs that block at the moment goes on with it until it looks up the next time.
 *
 * Calls within the region are jumps into the function, and its return compares the link register
 * with where they end.
 *
 * Where code goes on in a neighbour of the page, the region may take that in too. It is then
 * entered only while the fetch TLB maps the neighbour as it was, which its first instructions
 * compare: a lookup sees to the entry, or finds the block of one page.
 *
 * The code is found by translating it. Places that jumps lead to are *leaders*; they are translated
 * in the order of their addresses. A jump back into the middle of what has been translated makes
 * its target a leader, and the translation starts over, as every place has one translation only.
 * Backward jumps poll: tb_poll(), or tb_goto_link() for those that leave. Passes take for a loop
 * what lies between its start and its backward jump in that order (tcg/flow.c). So where a loop
 * turns out to be entered at its end, its body comes right behind that; and where the start turns
 * out to lie in an inner loop, all is laid out once more from the lowest address.
 *
 * Threads: the hart's own, in_code. Tests: all with -accel tcg,cold=0,hot=1.
 */
#include "qemu/osdep.h"

#include "qemu/bswap.h"
#include "qemu/timer.h"
#include "tcg/tcg-op.h"
#include "tcg-internal.h"

#define REGION_MAX_INSNS 500
#define REGION_MAX_LEADERS 48
#define REGION_MAX_EXITS 64
#define REGION_MAX_CALLS 4
#define REGION_MAX_PASSES 8
/* Ops that one instruction may need at most, and blocks; the region ends when fewer are left. */
#define REGION_OPS_RESERVE 512

typedef struct RegionLeader {
    vaddr pc;
    TCGLabel label;
    bool placed;
    bool used; /* something jumps there */
} RegionLeader;

typedef struct RegionExit {
    TCGLabel label;
    vaddr pc;
} RegionExit;

/* What comes first in the layout. */
typedef enum RegionOrder {
    ORDER_START,  /* where the region starts; leaders are not known yet */
    ORDER_LOWEST, /* the lowest leader */
    ORDER_CUT,    /* where it starts: from the lowest on it was cut off */
} RegionOrder;

typedef struct TBRegion {
    CPUState *cpu;
    unsigned npages;     /* 1, or 2 neighbours; the arrays have the lower first */
    unsigned start;      /* the page in which the region begins */
    hwaddr phys_page[2]; /* physical addresses */
    int wanted;          /* npages 1: -1 or 1: code goes on in that neighbour... */
    hwaddr wanted_phys;  /* ...which lies there */
    unsigned first[2];   /* offsets in the page of what has been translated... */
    unsigned last[2];    /* ...less than first: nothing */
    unsigned nleaders;
    RegionLeader leader[REGION_MAX_LEADERS];
    unsigned nexits;
    RegionExit exit[REGION_MAX_EXITS];
    unsigned ncalls;
    vaddr call_end[REGION_MAX_CALLS];     /* where calls return to */
    bool returned;                        /* a return has been translated */
    uint64_t seen[TARGET_PAGE_SIZE / 64]; /* an instruction that begins there is translated */
    bool pcrel;                           /* [const] */
    bool counting;                        /* -icount: a piece of code has begun... */
    unsigned counted;                     /* ...behind so many instructions */
    bool again; /* it has to be made anew: a new leader lies in it, or its order is to be another */
    bool cut;   /* a limit was hit */
    RegionOrder order;
    bool falls_on;                      /* the instruction was a branch: go on without a label... */
    vaddr falls_to;                     /* ...there */
    bool built;                         /* the IR is what is to be compiled */
    uint8_t code[2 * TARGET_PAGE_SIZE]; /* last: the rest is cleared */
} TBRegion;

/* ---- counters -------------------------------------------------------------------------------- */

/* Counting starts over: places share counters, and none may keep another from becoming a region. */
static void hot_counter_restart(CPUTCGState *env)
{
    env->hot[env->hot_hit] = (int32_t)tcg_accel.hot - 1;
}

void region_counters_init(CPUTCGState *env)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(env->hot); i++) {
        env->hot[i] = (int32_t)tcg_accel.hot - 1;
    }
}

/* ---- leaders --------------------------------------------------------------------------------- */

static unsigned page_offset(vaddr pc)
{
    return pc & ~TARGET_PAGE_MASK;
}

static bool is_inside(const DisasContextBase *db, vaddr pc)
{
    return pc - db->code_pc < db->code_len;
}

/* Which of the region's pages. */
static unsigned page_number(const DisasContextBase *db, vaddr pc)
{
    return (unsigned)((pc - db->code_pc) / TARGET_PAGE_SIZE);
}

static bool was_seen(const DisasContextBase *db, vaddr pc)
{
    unsigned n = (unsigned)(pc - db->code_pc) / 2;

    return db->region->seen[n / 64] >> (n % 64) & 1;
}

/* The instruction from @pc to @end is being translated. */
static void note_seen(DisasContextBase *db, vaddr pc, vaddr end)
{
    TBRegion *r = db->region;
    unsigned n = (unsigned)(pc - db->code_pc) / 2;

    r->seen[n / 64] |= UINT64_C(1) << (n % 64);
    for (unsigned i = page_number(db, pc); i <= page_number(db, end - 1); i++) {
        vaddr page = db->code_pc + i * TARGET_PAGE_SIZE;

        r->first[i] = MIN(r->first[i], page_offset(MAX(pc, page)));
        r->last[i] = MAX(r->last[i], page_offset(MIN(end, page + TARGET_PAGE_SIZE) - 1));
    }
}

static RegionLeader *leader_find(TBRegion *r, vaddr pc)
{
    for (unsigned i = 0; i < r->nleaders; i++) {
        if (r->leader[i].pc == pc) {
            return &r->leader[i];
        }
    }
    return NULL;
}

/* Is it worth the room: has the code at @pc been executed so often that it is translated? */
static bool was_executed(const DisasContextBase *db, vaddr pc, hwaddr phys)
{
    return tcg_accel.hot == 1 ||
           tb_peek(db->region->cpu, phys, pc, db->tb_flags, db->region->pcrel);
}

static bool is_wanted(const DisasContextBase *db, vaddr pc)
{
    return is_inside(db, pc) &&
           was_executed(db, pc, db->region->phys_page[page_number(db, pc)] | page_offset(pc));
}

/*
 * Code goes on at @pc outside: is that in a neighbour that has been fetched from lately, and
 * (@is_jump) at a place that has been executed? Then the region is made anew with that page.
 */
static void want_neighbour(DisasContextBase *db, vaddr pc, bool is_jump)
{
    TBRegion *r = db->region;
    int64_t step = (int64_t)((pc & TARGET_PAGE_MASK) - db->code_pc);
    hwaddr phys;

    if (r->npages == 1 && !r->wanted &&
        (step == TARGET_PAGE_SIZE || step == -(int64_t)TARGET_PAGE_SIZE) &&
        fetch_tlb_find(cpu_tcg(r->cpu), pc, &phys) && (!is_jump || was_executed(db, pc, phys))) {
        r->wanted = step < 0 ? -1 : 1;
        r->wanted_phys = phys & TARGET_PAGE_MASK;
    }
}

/* The leader at @pc, a new one if it can be part of the region; or NULL. */
static RegionLeader *leader_get(DisasContextBase *db, vaddr pc)
{
    TBRegion *r = db->region;
    RegionLeader *l = leader_find(r, pc);

    if (l) {
        return l;
    }
    if (!is_inside(db, pc)) {
        want_neighbour(db, pc, true);
        return NULL;
    }
    if (r->nleaders == REGION_MAX_LEADERS || db->num_insns >= REGION_MAX_INSNS ||
        tb_has_breakpoint(r->cpu, pc) || !is_wanted(db, pc)) {
        return NULL;
    }
    r->again |= was_seen(db, pc);
    l = &r->leader[r->nleaders++];
    *l = (RegionLeader){.pc = pc, .label = tcg_label_new(db->tcg)};
    return l;
}

/* The one to translate next: the first behind @pc, else the first. NULL: all have been. */
static RegionLeader *leader_next(TBRegion *r, vaddr pc)
{
    RegionLeader *best = NULL;

    for (unsigned i = 0; i < r->nleaders; i++) {
        RegionLeader *l = &r->leader[i];

        if (!l->placed && l->used &&
            (!best || (l->pc > pc) > (best->pc > pc) ||
             ((l->pc > pc) == (best->pc > pc) && l->pc < best->pc))) {
            best = l;
        }
    }
    return best;
}

/* Does the region jump to places before its start? */
static bool has_lower(const TBRegion *r)
{
    for (unsigned i = 1; i < r->nleaders; i++) {
        if (r->leader[i].used && r->leader[i].pc < r->leader[0].pc) {
            return true;
        }
    }
    return false;
}

/* ---- jumps ----------------------------------------------------------------------------------- */

/* Leave for @pc. */
static void gen_leave(DisasContextBase *db, vaddr pc)
{
    if (db->next_slot < TB_MAX_REGION_LINKS) {
        tb_goto_link(db, pc);
    } else {
        tcg_goto_indirect(db->tcg, tcg_pc(db->tcg, pc));
    }
}

void region_goto(DisasContextBase *db, vaddr pc)
{
    RegionLeader *l = leader_get(db, pc);

    if (!l) {
        gen_leave(db, pc);
        return;
    }
    l->used = true;
    if (pc <= db->pc_next) {
        tb_poll(db);
    }
    tcg_br(db->tcg, l->label);
}

/* A label that leads to @pc: to @l there, or out of the region. */
static TCGLabel label_of(DisasContextBase *db, RegionLeader *l, vaddr pc)
{
    TBRegion *r = db->region;
    TCGLabel label;

    if (l) {
        l->used = true;
        return l->label;
    }
    label = tcg_label_new(db->tcg);
    r->exit[r->nexits++] = (RegionExit){label, pc};
    return label;
}

void region_branch(DisasContextBase *db, TCGType type, TCGCond cond, TCGv a, TCGv b, vaddr taken,
                   vaddr next)
{
    TBRegion *r = db->region;
    TCGContext *c = db->tcg;
    RegionLeader *l = leader_get(db, taken);

    if (l && taken <= db->pc_next) {
        tb_poll(db);
        if (!l->placed && !was_seen(db, taken)) {
            /* the body of a loop that was entered at its end: what follows is part of the loop */
            cond = tcg_invert_cond(cond);
            tcg_brcond(c, type, cond, a, b, label_of(db, leader_get(db, next), next));
            l->used = r->falls_on = true;
            r->falls_to = taken;
            return;
        }
    }
    tcg_brcond(c, type, cond, a, b, label_of(db, l, taken));
    if (leader_find(r, next) || is_wanted(db, next)) {
        r->falls_on = true;
        r->falls_to = next;
    } else {
        gen_leave(db, next);
    }
}

void region_call(DisasContextBase *db, vaddr next)
{
    TBRegion *r = db->region;

    for (unsigned i = 0; i < r->ncalls; i++) {
        if (r->call_end[i] == next) {
            return;
        }
    }
    if (r->ncalls < REGION_MAX_CALLS && is_wanted(db, next)) {
        r->call_end[r->ncalls++] = next;
        r->again |= r->returned;
    }
}

void region_return(DisasContextBase *db, TCGType type, TCGv link)
{
    TBRegion *r = db->region;
    TCGContext *c = db->tcg;
    RegionLeader *l[REGION_MAX_CALLS];
    bool back = false;

    for (unsigned i = 0; i < r->ncalls; i++) {
        l[i] = leader_get(db, r->call_end[i]);
        back |= l[i] && l[i]->pc <= db->pc_next;
    }
    if (back) {
        tb_poll(db);
    }
    for (unsigned i = 0; i < r->ncalls; i++) {
        if (l[i]) {
            l[i]->used = true;
            tcg_brcond(c, type, TCG_COND_EQ, link, tcg_pc(c, l[i]->pc), l[i]->label);
        }
    }
    r->returned = true;
}

/* ---- translation ----------------------------------------------------------------------------- */

/* Is there a whole instruction at db->pc_next that may be part of the region? */
static bool has_insn(const DisasContextBase *db, const TCGCPUOps *ops)
{
    uint64_t offset = db->pc_next - db->code_pc;

    return offset + 2 <= db->code_len &&
           offset + ops->insn_len(lduw_le_p(db->code + offset)) <= db->code_len &&
           !tb_has_breakpoint(db->cpu, db->pc_next);
}

/* Code runs out of the region. */
static void gen_run_out(DisasContextBase *db)
{
    vaddr end = db->code_pc + db->code_len;

    if (end - db->pc_next < 4) {
        want_neighbour(db, end, false);
    }
    tcg_goto_indirect(db->tcg, tcg_pc(db->tcg, db->pc_next));
}

/* Code has run into leader @l: false if it ends here by a jump to it. */
static bool run_into(DisasContextBase *db, RegionLeader *l)
{
    l->used = true;
    if (l->placed) {
        tcg_br(db->tcg, l->label);
        return false;
    }
    tcg_place(db->tcg, l->label);
    l->placed = true;
    return true;
}

/* With -icount each straight piece counts its own instructions: here it ends. */
static void count_end(DisasContextBase *db)
{
    TBRegion *r = db->region;

    if (r->counting) {
        tcg_icount_set(db->tcg, db->num_insns - r->counted);
        r->counting = false;
    }
}

/* The mark of the instruction at db->pc_next, which may begin a piece. */
static void insn_begin(DisasContextBase *db)
{
    TBRegion *r = db->region;

    tcg_insn_start(db->tcg, db->pc_next, db->num_insns);
    if (tcg_accel.icount && !r->counting) {
        tb_count(db);
        r->counting = true;
        r->counted = db->num_insns;
    }
}

/* Translate from leader @first to where code goes on elsewhere. */
static void region_run(DisasContextBase *db, const TCGCPUOps *ops, RegionLeader *first)
{
    TBRegion *r = db->region;
    TCGContext *c = db->tcg;
    TranslatorEnd end = TRANSLATE_NEXT;

    /* who jumps here has not been through what was translated before */
    ops->translate_init(db);
    tcg_place(c, first->label);
    first->placed = true;
    db->pc_next = first->pc;
    while (end == TRANSLATE_NEXT) {
        RegionLeader *l = leader_find(r, db->pc_next);
        vaddr pc = db->pc_next;

        if (l && l != first) {
            count_end(db);
            if (!run_into(db, l)) {
                return;
            }
        }
        if (!has_insn(db, ops)) {
            gen_run_out(db);
            break;
        }
        if (db->num_insns >= REGION_MAX_INSNS || r->nexits == G_N_ELEMENTS(r->exit) ||
            tcg_ops_left(c) < REGION_OPS_RESERVE) {
            r->cut = true;
            gen_leave(db, db->pc_next);
            break;
        }
        first = NULL;
        insn_begin(db);
        r->falls_on = false;
        end = ops->translate_insn(db);
        db->num_insns++;
        note_seen(db, pc, db->pc_next);
        if (end == TRANSLATE_END && r->falls_on) {
            count_end(db);
            db->pc_next = r->falls_to;
            end = TRANSLATE_NEXT;
        }
    }
    count_end(db);
    if (end == TRANSLATE_STOP) {
        tcg_goto_indirect(c, tcg_pc(c, db->pc_next));
    }
}

/* One pass. */
static void region_build(DisasContextBase *db, const TCGCPUOps *ops, const TranslationBlock *tb)
{
    TBRegion *r = db->region;
    TCGContext *c = db->tcg;
    RegionLeader *l;

    tb_begin(db, tb);
    db->pc_next = r->order == ORDER_LOWEST ? db->code_pc : db->pc_first;
    db->num_insns = 0;
    db->next_slot = 0;
    r->nexits = 0;
    r->again = r->returned = r->cut = false;
    r->first[0] = r->first[1] = TARGET_PAGE_SIZE;
    r->last[0] = r->last[1] = 0;
    memset(r->seen, 0, sizeof(r->seen));
    for (unsigned i = 0; i < r->nleaders; i++) {
        r->leader[i].label = tcg_label_new(c);
        r->leader[i].placed = false;
        r->leader[i].used = i == 0 || (r->order == ORDER_LOWEST && r->leader[i].used);
    }
    tcg_insn_start(c, db->pc_first, 0);
    if (r->npages == 2) {
        hwaddr other = r->phys_page[!r->start];

        tcg_guard_page(c, r->start ? -1 : 1, (uint32_t)(other >> TARGET_PAGE_BITS));
    }
    tcg_br(c, r->leader[0].label);
    while ((l = leader_next(r, db->pc_next - 1))) {
        region_run(db, ops, l);
    }
    for (unsigned i = 0; i < r->nexits; i++) {
        tcg_place(c, r->exit[i].label);
        gen_leave(db, r->exit[i].pc);
    }
}

/*
 * All passes. A region may start in an inner loop, as that is what gets hot first: so that the
 * loops around it are contiguous as well, the last pass begins with the lowest address. Where
 * limits would keep the start from being translated then, that comes first after all.
 */
static void region_translate(DisasContextBase *db, const TranslationBlock *tb)
{
    TBRegion *r = db->region;
    unsigned passes = 0;
    bool no_start;

    do {
        region_build(db, cpu_priv(db->cpu)->ops, tb);
        no_start = r->order == ORDER_LOWEST && r->cut;
        if (no_start) {
            r->order = ORDER_CUT;
        } else if (r->order == ORDER_START && !r->again && !r->cut && !r->wanted && has_lower(r)) {
            r->order = ORDER_LOWEST;
            r->again = true;
        }
    } while (no_start || (r->again && ++passes < REGION_MAX_PASSES));
}

static void region_log(const DisasContextBase *db)
{
    const TBRegion *r = db->region;

    for (unsigned i = 0; i < r->npages; i++) {
        if (r->first[i] <= r->last[i]) {
            vaddr page = db->code_pc + i * TARGET_PAGE_SIZE;

            tb_log_in_asm(db, page + r->first[i], page + r->last[i] + 1);
        }
    }
    tb_log_op(db);
}

/* What it was made of, into @tb and @src. */
static void region_note_code(const DisasContextBase *db, TranslationBlock *tb, TBSource src[2])
{
    const TBRegion *r = db->region;

    tb->size = 0;
    tb->icount = (uint16_t)db->num_insns;
    for (unsigned n = 0; n < r->npages; n++) {
        unsigned i = n ^ r->start;

        if (r->first[i] > r->last[i]) {
            tb->page[n].page = TB_RAM_PAGE_NONE;
            continue;
        }
        tb->size += (uint16_t)(r->last[i] + 1 - r->first[i]);
        tb->page[n].first = (uint16_t)r->first[i];
        tb->page[n].last = (uint16_t)r->last[i];
        src[n].copy = r->code + i * TARGET_PAGE_SIZE + r->first[i];
    }
}

static TCGResult region_compile(DisasContextBase *db, TranslationBlock *tb, TBSource src[2],
                                TCGCodeBuf *buf, TCGCode *code)
{
    TCGOptLevel level = tcg_accel.optimise ? TCG_OPT_FULL : TCG_OPT_NONE;
    TCGResult result;

    if (db->region->built) {
        tcg_set_cookie(db->tcg, (uintptr_t)tb);
    } else {
        region_translate(db, tb);
    }
    db->region->built = false; /* compiling changes it */
    region_log(db);
    result = tcg_compile(db->tcg, level, tcg_accel.interp, buf, code);
    if (result == TCG_OK) {
        tb_take_code(tb, code);
        region_note_code(db, tb, src);
    }
    return result;
}

/*
 * Compile into code memory; NULL: there is none, which *@full says, or the region has other limits.
 */
static TranslationBlock *region_emit(DisasContextBase *db, const TranslationBlock *proto,
                                     TBSource src[2], TCGCode *code, bool *full)
{
    TranslationBlock *tb;
    TCGCodeBuf buf;
    TCGResult result;

    do {
        *full = !tb_code_begin(&buf, &tb, TB_MAX_REGION_LINKS);
        if (*full) {
            return NULL;
        }
        *tb = *proto;
        result = region_compile(db, tb, src, &buf, code);
    } while (result == TCG_E_BUFFER && tb_code_give_up());
    return result == TCG_OK ? tb : NULL;
}

/*
 * Find out whether the region goes on in a neighbour, and open that. Code memory is not held here:
 * the hart may be out of code meanwhile.
 */
static void region_plan(DisasContextBase *db, TranslationBlock *proto, TBSource src[2])
{
    TBRegion *r = db->region;

    region_translate(db, proto);
    if (!r->wanted || !tb_source_open(r->cpu, r->wanted_phys, &src[1])) {
        r->built = !r->again;
        return;
    }
    r->npages = 2;
    r->order = ORDER_START;
    r->start = r->wanted < 0;
    r->phys_page[r->start] = proto->phys & TARGET_PAGE_MASK;
    r->phys_page[!r->start] = r->wanted_phys;
    for (unsigned n = 0; n < 2; n++) {
        tb_code_copy(r->code + (n ^ r->start) * TARGET_PAGE_SIZE, src[n].host, TARGET_PAGE_SIZE);
    }
    db->code_pc -= r->start * TARGET_PAGE_SIZE;
    db->code_len = 2 * TARGET_PAGE_SIZE;
    proto->phys_page2 = r->wanted_phys;
    proto->page2_before = r->start;
    proto->page[1].page = (uint32_t)(src[1].page >> TARGET_PAGE_BITS);
}

/* The region of which @proto says what it stands for. The result may be another hart's. */
static TranslationBlock *region_gen(CPUState *cpu, TranslationBlock *proto, TBSource src[2],
                                    bool *full)
{
    CPUTCGState *env = cpu_tcg(cpu);
    g_autofree DisasContextBase *db = g_malloc0(env->priv->ops->disas_context_size);
    g_autofree TBRegion *r = g_new(TBRegion, 1);
    TranslationBlock *tb, *published;
    TCGCode code = {0};

    memset(r, 0, offsetof(TBRegion, code));
    r->cpu = cpu;
    r->pcrel = proto->pcrel;
    r->npages = 1;
    r->phys_page[0] = proto->phys & TARGET_PAGE_MASK;
    r->leader[0] = (RegionLeader){.pc = proto->pc};
    r->nleaders = 1;
    tb_code_copy(r->code, src[0].host, TARGET_PAGE_SIZE);
    db->tcg = tcg_thread_context(cpu);
    db->cpu = cpu;
    db->region = r;
    db->pc_first = proto->pc;
    db->tb_flags = proto->flags;
    db->code = r->code;
    db->code_pc = proto->pc & TARGET_PAGE_MASK;
    db->code_len = TARGET_PAGE_SIZE;
    region_plan(db, proto, src);
    tb = region_emit(db, proto, src, &code, full);
    if (!tb) {
        return NULL;
    }
    switch (tb_publish(tb, src, &published)) {
    case TB_PUBLISHED:
        tb_code_commit(tb);
        perf_report_tb(tb, &code);
        env->priv->stats.regions++;
        return tb;
    case TB_PUBLISH_EXISTS:
        return published;
    default:
        return NULL;
    }
}

TranslationBlock *region_make(CPUState *cpu, TranslationBlock *tb)
{
    CPUTCGState *env = cpu_tcg(cpu);
    TBSource src[2] = {{0}, {0}};
    int64_t start = get_clock();
    TranslationBlock proto = {
        .pc = env->pc,
        .flags = tb->flags,
        .phys = tb->phys,
        .pcrel = tb->pcrel,
        .phys_page2 = TB_PAGE_NONE,
        .is_region = true,
        .code_offset = (uint16_t)tb_code_offset(TB_MAX_REGION_LINKS),
        .page = {{.page = TB_RAM_PAGE_NONE}, {.page = TB_RAM_PAGE_NONE}},
    };
    TranslationBlock *region;
    bool full = false;

    hot_counter_restart(env);
    region = tb_peek(cpu, tb->phys, env->pc, tb->flags, tb->pcrel);
    if (region && region->is_region) {
        return region;
    }
    if (tb->fine || tb->cflags || qatomic_read(&tb->no_region) || tb->phys_page2 != TB_PAGE_NONE ||
        !tb_source_open(cpu, tb->phys, &src[0])) {
        return NULL;
    }
    /* from here on @tb may be gone */
    proto.page[0].page = (uint32_t)(src[0].page >> TARGET_PAGE_BITS);
    region = region_gen(cpu, &proto, src, &full);
    if (full) {
        tb_evict(cpu);
    } else if (!region) {
        TranslationBlock *old = tb_peek(cpu, proto.phys, proto.pc, proto.flags, proto.pcrel);

        if (old) {
            qatomic_set(&old->no_region, true);
        }
    }
    env->priv->stats.translate_ns += (uint64_t)(get_clock() - start);
    return region;
}
