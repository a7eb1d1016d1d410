/* SPDX-License-Identifier: MIT */
/*
 * Regions: hot code translated a second time, several basic blocks with the jumps between them, so
 * that loops keep guest registers in the host's.
 *
 * Links that go backward or to another page count, one counter for each hash of their target. Where
 * one runs out the hart leaves code and makes a region that starts there: everything that direct
 * jumps reach within the page and that has been executed. It takes the place of the block of the
 * same pc, flags and context; who runs that block at the moment goes on with it until it looks up
 * the next time.
 *
 * The code is found by translating it. Places that jumps lead to are *leaders*; they are translated
 * in the order of their addresses. A jump back into the middle of what has been translated makes
 * its target a leader, and the translation starts over, as every place has one translation only.
 * Backward jumps poll.
 *
 * Threads: the hart's own, in_code. Tests: all with -accel tcg,hot=1.
 */
#include "qemu/osdep.h"

#include "qemu/bswap.h"
#include "qemu/timer.h"
#include "tcg/tcg-op.h"
#include "tcg-internal.h"

#define REGION_MAX_INSNS 500
#define REGION_MAX_LEADERS 48
#define REGION_MAX_EXITS 64
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

typedef struct TBRegion {
    CPUState *cpu;
    hwaddr phys_page; /* physical address of the page */
    unsigned nleaders;
    RegionLeader leader[REGION_MAX_LEADERS];
    unsigned nexits;
    RegionExit exit[REGION_MAX_EXITS];
    uint64_t seen[TARGET_PAGE_SIZE / 2 / 64]; /* an instruction that begins there is translated */
    unsigned first, last;                     /* offsets in the page of what has been translated */
    bool counting;                            /* -icount: a piece of code has begun... */
    unsigned counted;                         /* ...behind so many instructions */
    bool again;                               /* a new leader lies in what has been translated */
    bool falls_on; /* the instruction was a branch: go on behind it without a label */
    uint8_t code[TARGET_PAGE_SIZE];
} TBRegion;

/* ---- counters -------------------------------------------------------------------------------- */

/* Counting starts over: places share counters, and none may keep another from becoming a region. */
static void hot_counter_restart(CPUTCGState *env, vaddr pc)
{
    env->hot[tcg_hot_index(&tcg_accel.layout, pc)] = (int32_t)tcg_accel.hot - 1;
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

static bool was_seen(const TBRegion *r, vaddr pc)
{
    unsigned n = page_offset(pc) / 2;

    return r->seen[n / 64] >> (n % 64) & 1;
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

/* Is it worth the room: has the code at @pc ever been executed, as far as one can see? */
static bool is_wanted(const DisasContextBase *db, vaddr pc)
{
    const TBRegion *r = db->region;

    return tcg_accel.hot == 1 ||
           tb_peek(r->cpu, r->phys_page | page_offset(pc), pc, db->tb_flags, 0);
}

/* The leader at @pc, a new one if it can be part of the region; or NULL. */
static RegionLeader *leader_get(DisasContextBase *db, vaddr pc)
{
    TBRegion *r = db->region;
    RegionLeader *l = leader_find(r, pc);

    if (l) {
        return l;
    }
    if ((pc ^ db->pc_first) & TARGET_PAGE_MASK || r->nleaders == REGION_MAX_LEADERS ||
        db->num_insns >= REGION_MAX_INSNS || tb_has_breakpoint(r->cpu, pc) || !is_wanted(db, pc)) {
        return NULL;
    }
    r->again |= was_seen(r, pc);
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

/* ---- jumps ----------------------------------------------------------------------------------- */

/* Leave for @pc. */
static void gen_leave(DisasContextBase *db, vaddr pc)
{
    bool same_page = !((pc ^ db->pc_first) & TARGET_PAGE_MASK);
    int kind = same_page ? TCG_LINK_SAME_PAGE : TCG_LINK_CROSS_PAGE;

    if (db->next_slot < TB_MAX_REGION_LINKS) {
        kind |= pc <= db->pc_next || !same_page ? TCG_LINK_COUNTED : 0;
        tcg_goto_link(db->tcg, db->next_slot++, kind, pc);
    } else {
        tcg_goto_indirect(db->tcg, tcg_const(db->tcg, pc));
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
        tcg_poll(db->tcg);
    }
    tcg_br(db->tcg, l->label);
}

void region_branch(DisasContextBase *db, TCGType type, TCGCond cond, TCGv a, TCGv b, vaddr taken,
                   vaddr next)
{
    TBRegion *r = db->region;
    RegionLeader *l = leader_get(db, taken);
    TCGLabel label;

    if (l) {
        l->used = true;
        label = l->label;
        if (taken <= db->pc_next) {
            tcg_poll(db->tcg);
        }
    } else {
        label = tcg_label_new(db->tcg);
        r->exit[r->nexits++] = (RegionExit){label, taken};
    }
    tcg_brcond(db->tcg, type, cond, a, b, label);
    if (leader_find(r, next) || is_wanted(db, next)) {
        r->falls_on = true;
    } else {
        gen_leave(db, next);
    }
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

    tcg_place(c, first->label);
    first->placed = true;
    db->pc_next = first->pc;
    while (end == TRANSLATE_NEXT) {
        RegionLeader *l = leader_find(r, db->pc_next);
        unsigned offset = page_offset(db->pc_next);

        if (l && l != first) {
            count_end(db);
            if (!run_into(db, l)) {
                return;
            }
        }
        if (!has_insn(db, ops)) {
            tcg_goto_indirect(c, tcg_const(c, db->pc_next));
            break;
        }
        if (db->num_insns >= REGION_MAX_INSNS || r->nexits == G_N_ELEMENTS(r->exit) ||
            tcg_ops_left(c) < REGION_OPS_RESERVE) {
            gen_leave(db, db->pc_next);
            break;
        }
        first = NULL;
        r->seen[offset / 2 / 64] |= UINT64_C(1) << (offset / 2 % 64);
        r->first = MIN(r->first, offset);
        insn_begin(db);
        r->falls_on = false;
        end = ops->translate_insn(db);
        db->num_insns++;
        r->last = MAX(r->last, page_offset(db->pc_next - 1));
        if (end == TRANSLATE_END && r->falls_on) {
            count_end(db);
            end = TRANSLATE_NEXT;
        }
    }
    count_end(db);
    if (end == TRANSLATE_STOP) {
        tcg_goto_indirect(c, tcg_const(c, db->pc_next));
    }
}

/* One pass; r->again: there is a leader more, and it has to be made anew. */
static void region_build(DisasContextBase *db, const TCGCPUOps *ops, uint64_t cookie,
                         unsigned mmu_idx)
{
    TBRegion *r = db->region;
    TCGContext *c = db->tcg;
    RegionLeader *l;

    tcg_begin(c, cookie, db->pc_first, mmu_idx);
    db->pc_next = db->pc_first;
    db->num_insns = 0;
    db->next_slot = 0;
    r->nexits = 0;
    r->again = false;
    r->first = TARGET_PAGE_SIZE;
    r->last = 0;
    memset(r->seen, 0, sizeof(r->seen));
    for (unsigned i = 0; i < r->nleaders; i++) {
        r->leader[i].label = tcg_label_new(c);
        r->leader[i].placed = false;
        r->leader[i].used = i == 0;
    }
    tcg_insn_start(c, db->pc_first, 0);
    tcg_poll(c);
    tcg_br(c, r->leader[0].label);
    ops->translate_init(db);
    while ((l = leader_next(r, db->pc_next - 1))) {
        region_run(db, ops, l);
    }
    for (unsigned i = 0; i < r->nexits; i++) {
        tcg_place(c, r->exit[i].label);
        gen_leave(db, r->exit[i].pc);
    }
}

static TCGResult region_compile(DisasContextBase *db, TranslationBlock *tb, TCGCodeBuf *buf,
                                TCGCode *code)
{
    const TCGCPUOps *ops = cpu_priv(db->cpu)->ops;
    TCGOptLevel level = tcg_accel.optimise ? TCG_OPT_FULL : TCG_OPT_NONE;
    TBRegion *r = db->region;
    unsigned passes = 0;
    TCGResult result;

    r->leader[0] = (RegionLeader){.pc = db->pc_first};
    r->nleaders = 1;
    do {
        region_build(db, ops, (uintptr_t)tb, cpu_tcg(db->cpu)->fetch_mmu_idx);
    } while (r->again && ++passes < REGION_MAX_PASSES);
    tb_log_in_asm(db, db->code_pc + r->first, db->code_pc + r->last + 1);
    tb_log_op(db);
    result = tcg_compile(db->tcg, level, tcg_accel.interp, buf, code);
    if (result == TCG_OK) {
        tb_take_code(tb, code);
        tb->size = (uint16_t)(r->last + 1 - r->first);
        tb->icount = (uint16_t)db->num_insns;
        tb->page[0].first = (uint16_t)r->first;
        tb->page[0].last = (uint16_t)r->last;
    }
    return result;
}

/*
 * Compile into code memory; NULL: there is none, which *@full says, or the region has other limits.
 */
static TranslationBlock *region_emit(DisasContextBase *db, const TranslationBlock *proto,
                                     TCGCode *code, bool *full)
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
        result = region_compile(db, tb, &buf, code);
    } while (result == TCG_E_BUFFER && tb_code_give_up());
    return result == TCG_OK ? tb : NULL;
}

/* The region of which @proto says what it stands for. The result may be another hart's. */
static TranslationBlock *region_gen(CPUState *cpu, const TranslationBlock *proto,
                                    const TBSource src[2], bool *full)
{
    CPUTCGState *env = cpu_tcg(cpu);
    g_autofree DisasContextBase *db = g_malloc0(env->priv->ops->disas_context_size);
    g_autofree TBRegion *r = g_new0(TBRegion, 1);
    TranslationBlock *tb, *published;
    TCGCode code = {0};

    r->cpu = cpu;
    r->phys_page = proto->phys & TARGET_PAGE_MASK;
    tb_code_copy(r->code, src[0].host, TARGET_PAGE_SIZE);
    db->tcg = tcg_thread_context(cpu);
    db->cpu = cpu;
    db->region = r;
    db->pc_first = proto->pc;
    db->tb_flags = proto->flags;
    db->code = r->code;
    db->code_pc = proto->pc & TARGET_PAGE_MASK;
    db->code_len = TARGET_PAGE_SIZE;
    tb = region_emit(db, proto, &code, full);
    if (!tb) {
        return NULL;
    }
    switch (tb_publish(tb, src, r->code + tb->page[0].first, &published)) {
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
        .pc = tb->pc,
        .flags = tb->flags,
        .phys = tb->phys,
        .phys_page2 = TB_PAGE_NONE,
        .is_region = true,
        .code_offset = (uint16_t)tb_code_offset(TB_MAX_REGION_LINKS),
        .page = {{.page = TB_RAM_PAGE_NONE}, {.page = TB_RAM_PAGE_NONE}},
    };
    TranslationBlock *region;
    bool full = false;

    hot_counter_restart(env, tb->pc);
    region = tb_peek(cpu, tb->phys, tb->pc, tb->flags, tb->cflags);
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
        TranslationBlock *old = tb_peek(cpu, proto.phys, proto.pc, proto.flags, 0);

        if (old) {
            qatomic_set(&old->no_region, true);
        }
    }
    env->priv->stats.translate_ns += (uint64_t)(get_clock() - start);
    return region;
}
