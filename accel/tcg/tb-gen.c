/* SPDX-License-Identifier: MIT */
/*
 * The translator loop: guest instructions of one block, through the target's translate_insn() and
 * tcg, to a published TranslationBlock.
 *
 * A block is a straight line of instructions within one page. An instruction across a page boundary
 * is a block of its own, known by both physical pages. Bytes are read only after the page is marked
 * as code and every hart has dropped its writable entries. They are copied first, as other harts
 * may change them at any time, and compared when the block is done: a block whose bytes have
 * changed is run once and forgotten. So no guest can make a translation start over.
 *
 * Threads: the hart's own, in_code. Tests: tests/unit/accel/tcg/, all guest tests.
 */
#include "qemu/osdep.h"

#include "qemu/bswap.h"
#include "qemu/log.h"
#include "tcg/tcg-op.h"
#include "tcg-internal.h"

#define TB_MAX_INSNS 128
/* Ops that one instruction may need at most; the block ends when fewer are left. */
#define TB_OPS_RESERVE 512

/* Bytes that a block may be made of, and a little more, so that the end is never in the way. */
#define TB_MAX_BYTES (TB_MAX_INSNS * 4 + TB_MAX_INSN_BYTES)
/*
 * Code is read in naturally aligned words: who replaces an instruction of four bytes by one store
 * while others run it has it seen whole (RISC-V Profiles 1.0, "RVA20U64 Mandatory Extensions":
 * Ziccif).
 */
#define FETCH_WORD 4
#define FETCH_AHEAD 32 /* bytes; a block has 20 on average */

/*
 * What a thread translates with, kept from block to block.
 */
typedef struct Translator {
    TCGContext *tcg;
    DisasContextBase *db; /* the target's DisasContext */
    TBSource src[2];
    /* copies of the guest's bytes, as far as they were looked at and FETCH_AHEAD further at most */
    uint8_t code[TB_MAX_BYTES + FETCH_WORD];
    unsigned copied; /* bytes */
} Translator;

static void translator_free(void *opaque)
{
    Translator *t = opaque;

    tcg_context_free(t->tcg);
    g_free(t->db);
    g_free(t);
}

/* One a thread, until that ends. */
static GPrivate thread_translator = G_PRIVATE_INIT(translator_free);

void tb_count(DisasContextBase *db)
{
    if (tcg_accel.icount) {
        tcg_icount(db->tcg);
    }
}

void tb_begin(DisasContextBase *db, const TranslationBlock *tb)
{
    tcg_begin(db->tcg, (uintptr_t)tb, db->pc_first, cpu_tcg(db->cpu)->fetch_mmu_idx);
    if (tb->pcrel) {
        tcg_set_pcrel(db->tcg);
    }
}

static Translator *translator_get(CPUState *cpu)
{
    const TCGCPUOps *ops = cpu_priv(cpu)->ops;
    Translator *t = g_private_get(&thread_translator);

    if (!t) {
        t = g_new0(Translator, 1);
        t->tcg = tcg_context_new(&tcg_accel.layout);
        ops->init_context(t->tcg);
        t->db = g_malloc0(ops->disas_context_size);
        g_private_set(&thread_translator, t);
    }
    return t;
}

TCGContext *tcg_thread_context(CPUState *cpu)
{
    return translator_get(cpu)->tcg;
}

DisasContextBase *tcg_thread_disas_context(CPUState *cpu)
{
    return translator_get(cpu)->db;
}

void tb_code_copy(uint8_t *to, const uint8_t *from, unsigned len)
{
    for (unsigned i = 0, n; i < len; i += n) {
        const uint8_t *p = from + i;

        if (len - i >= 8 && (uintptr_t)p % 8 == 0) {
            uint64_t bytes = qatomic_read((const uint64_t *)p);

            n = sizeof(bytes);
            memcpy(to + i, &bytes, sizeof(bytes));
        } else if (len - i >= FETCH_WORD && (uintptr_t)p % FETCH_WORD == 0) {
            uint32_t bytes = qatomic_read((const uint32_t *)p);

            n = sizeof(bytes);
            memcpy(to + i, &bytes, sizeof(bytes));
        } else {
            uint16_t bytes = qatomic_read((const uint16_t *)p);

            n = sizeof(bytes);
            memcpy(to + i, &bytes, sizeof(bytes));
        }
    }
}

/*
 * Copy the block's bytes up to @end, which lies in its first page; no word in two steps. Some more
 * as well, so that most blocks need one copy.
 */
static void code_fetch(Translator *t, unsigned end)
{
    unsigned first = t->db->pc_first & ~TARGET_PAGE_MASK;

    if (unlikely(end > t->copied)) {
        end = ROUND_UP(first + MIN(end + FETCH_AHEAD, t->db->code_len), FETCH_WORD) - first;
        tb_code_copy(t->code + t->copied, t->src[0].host + first + t->copied, end - t->copied);
        t->copied = end;
    }
}

bool tb_source_open(CPUState *cpu, hwaddr phys, TBSource *src)
{
    hwaddr xlat, len = TARGET_PAGE_SIZE;
    MemoryRegion *mr;
    bool direct;

    phys &= TARGET_PAGE_MASK;
    rcu_read_lock();
    mr = address_space_translate(cpu->as, phys, &xlat, &len, false, (MemTxAttrs){.is_fetch = 1});
    direct = len == TARGET_PAGE_SIZE && memory_region_access_is_direct(mr, false);
    if (direct) {
        src->host = (const uint8_t *)memory_region_get_ram_ptr(mr) + xlat;
        src->page = memory_region_get_ram_addr(mr) + xlat;
    }
    rcu_read_unlock();
    if (!direct) {
        return false;
    }
    tb_page_protect(cpu, src->page);
    return true;
}

bool tb_has_breakpoint(CPUState *cpu, vaddr pc)
{
    for (unsigned i = 0; cpu->breakpoints && i < cpu->breakpoints->len; i++) {
        if (g_array_index(cpu->breakpoints, CPUBreakpoint, i).pc == pc) {
            return true;
        }
    }
    return false;
}

/* With -icount budgets end soon enough for whoever asks from outside. */
void tb_poll(DisasContextBase *db)
{
    if (!tcg_accel.icount) {
        tcg_poll(db->tcg);
    }
}

void tb_goto_link(DisasContextBase *db, uint64_t pc)
{
    bool same_page = !((pc ^ db->pc_first) & TARGET_PAGE_MASK);
    int kind = same_page ? TCG_LINK_SAME_PAGE : TCG_LINK_CROSS_PAGE;

    /* loops and calls: what may be worth a region */
    kind |= pc <= db->pc_next || !same_page ? TCG_LINK_COUNTED : 0;
    /* forward, from the start of a piece to the next, goes on for so long only */
    kind |= pc <= db->pc_first && !tcg_accel.icount ? TCG_LINK_POLLS : 0;
    tcg_goto_link(db->tcg, db->next_slot++, kind, pc);
}

void translator_goto(DisasContextBase *db, uint64_t pc)
{
    if (db->region) {
        region_goto(db, pc);
    } else if (!db->may_link || db->next_slot >= TB_MAX_LINKS) {
        tcg_exit(db->tcg, TCG_EXIT_LOOKUP, tcg_pc(db->tcg, pc));
    } else {
        tb_goto_link(db, pc);
    }
}

void translator_branch(DisasContextBase *db, TCGType type, TCGCond cond, TCGv a, TCGv b,
                       uint64_t taken, uint64_t next)
{
    TCGLabel label;

    if (db->region) {
        region_branch(db, type, cond, a, b, taken, next);
        return;
    }
    label = tcg_label_new(db->tcg);
    tcg_brcond(db->tcg, type, cond, a, b, label);
    translator_goto(db, next);
    tcg_place(db->tcg, label);
    translator_goto(db, taken);
}

void translator_call(DisasContextBase *db, uint64_t next)
{
    if (db->region) {
        region_call(db, next);
    }
}

void translator_return(DisasContextBase *db, TCGType type, TCGv link)
{
    if (db->region) {
        region_return(db, type, link);
    }
}

void translator_io_begin(DisasContextBase *db)
{
    if (tcg_accel.icount) {
        tcg_icount_sync(db->tcg);
        tcg_st_env(db->tcg, tcg_const(db->tcg, 1), offsetof(CPUTCGState, insn_idx), MO_32,
                   TCG_ALIAS_OTHER);
    }
}

bool translator_io_end(DisasContextBase *db)
{
    if (tcg_accel.icount) {
        tcg_st_env(db->tcg, tcg_const(db->tcg, 0), offsetof(CPUTCGState, insn_idx), MO_32,
                   TCG_ALIAS_OTHER);
    }
    return tcg_accel.icount;
}

/*
 * Build the IR of one block. On return db->pc_next is the end of the guest code and db->num_insns
 * its length. What may be read are db->code_len bytes: to the end of the page, or one instruction
 * across it. Returns how many of the instructions are executed when it runs to its end.
 */
static unsigned tb_build(Translator *t, const TCGCPUOps *ops, uint32_t cflags)
{
    DisasContextBase *db = t->db;
    TCGContext *c = t->tcg;
    TranslatorEnd end = TRANSLATE_NEXT;

    tcg_insn_start(c, db->pc_first, 0);
    tb_count(db);
    ops->translate_init(db);
    while (end == TRANSLATE_NEXT) {
        uint64_t offset = db->pc_next - db->pc_first;
        bool room = offset + 2 <= db->code_len;

        if (room) {
            unsigned next;

            code_fetch(t, offset + 2);
            next = offset + ops->insn_len(lduw_le_p(t->code + offset));
            room = next <= db->code_len;
            if (room) {
                code_fetch(t, next);
            }
        }
        if (db->num_insns && tb_has_breakpoint(db->cpu, db->pc_next)) {
            room = false;
        }
        if (!room && offset < db->code_len && db->num_insns) {
            /* the next one straddles the page, or has a breakpoint: it is a block of its own */
            tcg_goto_indirect(c, tcg_pc(c, db->pc_next));
            return db->num_insns;
        }
        if (!room || db->num_insns >= db->max_insns || tcg_ops_left(c) < TB_OPS_RESERVE) {
            translator_goto(db, db->pc_next);
            return db->num_insns;
        }
        if (db->num_insns) {
            tcg_insn_start(c, db->pc_next, db->num_insns);
        } else if (!(cflags & CF_SINGLE_STEP) && tb_has_breakpoint(db->cpu, db->pc_next)) {
            tcg_exit(c, TCG_EXIT_DEBUG, tcg_pc(c, db->pc_next));
            db->num_insns = 1;
            db->pc_next += ops->insn_len(lduw_le_p(db->code + offset));
            return 0;
        }
        end = ops->translate_insn(db);
        db->num_insns++;
    }
    if (end == TRANSLATE_STOP) {
        /* by the jump cache: its key follows the flags, and it polls */
        tcg_goto_indirect(c, tcg_pc(c, db->pc_next));
    }
    return db->num_insns;
}

void tb_log_in_asm(const DisasContextBase *db, vaddr pc, vaddr end)
{
    FILE *f;

    if (!qemu_loglevel_mask(CPU_LOG_TB_IN_ASM) || !qemu_log_in_addr_range(pc)) {
        return;
    }
    f = qemu_log_lock();
    if (f) {
        g_autoptr(GString) text = g_string_new("----------------\nIN: \n");

        while (pc < end) {
            uint64_t offset = pc - db->code_pc;

            g_string_append_printf(text, "0x%08" PRIx64 ":  ", pc);
            pc += CPU_GET_CLASS(db->cpu)->disas(db->cpu, pc, db->code + offset,
                                                db->code_len - offset, text);
            g_string_append_c(text, '\n');
        }
        fprintf(f, "%s\n", text->str);
        qemu_log_unlock(f);
    }
}

void tb_log_op(const DisasContextBase *db)
{
    FILE *f;

    if (!qemu_loglevel_mask(CPU_LOG_TB_OP) || !qemu_log_in_addr_range(db->pc_first)) {
        return;
    }
    f = qemu_log_lock();
    if (f) {
        g_autoptr(GString) text = g_string_new("OP:\n");

        tcg_dump(db->tcg, text);
        fprintf(f, "%s\n", text->str);
        qemu_log_unlock(f);
    }
}

void tb_take_code(TranslationBlock *tb, const TCGCode *code)
{
    g_assert(code->rw == tb_code_rw(tb));
    tb->code_size = code->size;
    tb->crossed = code->crossed;
    tb->linked = code->linked;
    tb->nlinks = code->nlinks;
    for (unsigned n = 0; n < code->nlinks; n++) {
        tb->link[n] = (TBLink){.site = code->links[n]};
    }
}

/* Translate into @tb, @buf; halves the block until it fits tcg's limits. */
static TCGResult tb_compile(CPUState *cpu, Translator *t, TranslationBlock *tb, TCGCodeBuf *buf,
                            unsigned max_insns, TCGCode *code)
{
    DisasContextBase *db = t->db;
    const TCGCPUOps *ops = cpu_priv(cpu)->ops;
    TCGOptLevel level = tcg_accel.optimise ? TCG_OPT_QUICK : TCG_OPT_NONE;
    TCGResult result;
    unsigned executed;

    for (;; max_insns = MAX(1, max_insns / 2)) {
        db->pc_next = db->pc_first;
        db->num_insns = 0;
        db->max_insns = max_insns;
        db->next_slot = 0;
        db->may_link = !tb->cflags;
        tb_begin(db, tb);
        executed = tb_build(t, ops, tb->cflags);
        if (tcg_accel.icount) {
            tcg_icount_set(t->tcg, executed);
        }
        tb_log_in_asm(db, db->pc_first, db->pc_next);
        tb_log_op(db);
        result = tcg_compile(db->tcg, level, tcg_accel.interp, buf, code);
        if (result != TCG_E_LIMIT || max_insns == 1) {
            break;
        }
    }
    if (result == TCG_OK) {
        unsigned first = tb->phys & ~TARGET_PAGE_MASK;
        unsigned last = first + (unsigned)(db->pc_next - db->pc_first) - 1;

        tb_take_code(tb, code);
        tb->size = (uint16_t)(db->pc_next - db->pc_first);
        tb->icount = (uint16_t)db->num_insns;
        tb->page[0].first = (uint16_t)first;
        tb->page[0].last = (uint16_t)MIN(last, TARGET_PAGE_SIZE - 1);
        tb->page[1].first = 0;
        tb->page[1].last = (uint16_t)(last & ~TARGET_PAGE_MASK);
    }
    return result;
}

/*
 * Open what the block is to be made of; where its first instruction crosses a page, copy that.
 * false: an exception is recorded.
 */
static bool tb_open_code(CPUState *cpu, Translator *t, TranslationBlock *tb)
{
    const TCGCPUOps *ops = cpu_priv(cpu)->ops;
    DisasContextBase *db = t->db;
    unsigned left = TARGET_PAGE_SIZE - (tb->phys & ~TARGET_PAGE_MASK), len;
    vaddr page2 = (db->pc_first & TARGET_PAGE_MASK) + TARGET_PAGE_SIZE;
    hwaddr phys2;
    bool fine;

    if (!tb_source_open(cpu, tb->phys, &t->src[0])) {
        ops->bus_error(cpu, db->pc_first, 2, MMU_INST_FETCH, MEMTX_DECODE_ERROR);
        return false;
    }
    db->code_len = MIN(left, TB_MAX_BYTES);
    code_fetch(t, 2);
    len = ops->insn_len(lduw_le_p(t->code));
    if (len <= left) {
        return !tb->fine || tb_fetch_rest(cpu, db->pc_first, len);
    }
    code_fetch(t, left);
    if (!tb_fetch_translate(cpu, page2, &phys2, &fine)) {
        return false;
    }
    if (!tb_source_open(cpu, phys2, &t->src[1])) {
        ops->bus_error(cpu, page2, 2, MMU_INST_FETCH, MEMTX_DECODE_ERROR);
        return false;
    }
    tb_code_copy(t->code + left, t->src[1].host, len - left);
    t->copied = len;
    tb->phys_page2 = phys2 & TARGET_PAGE_MASK;
    tb->fine |= fine;
    db->code_len = len;
    return true;
}

static unsigned tb_max_insns(const TranslationBlock *tb)
{
    bool one = tb->fine || (tb->cflags & CF_SINGLE_STEP) || tcg_accel.one_insn_per_tb;
    unsigned count = (tb->cflags & CF_COUNT_MASK) >> CF_COUNT_SHIFT;

    return one ? 1 : count ? 1u << (count - 1) : TB_MAX_INSNS;
}

static uint32_t ram_page_of(const TBSource *src)
{
    return src->host ? (uint32_t)(src->page >> TARGET_PAGE_BITS) : TB_RAM_PAGE_NONE;
}

static TBGenResult tb_gen_from(CPUState *cpu, Translator *t, const TranslationBlock *proto,
                               TranslationBlock **out)
{
    unsigned max_insns = tb_max_insns(proto);
    TranslationBlock *tb;
    TCGCodeBuf buf;
    TCGCode code = {0};
    TCGResult result;

    /* from here to the end the hart stays in_code: no chunk is emptied under it */
    do {
        if (!tb_code_begin(&buf, &tb, TB_MAX_LINKS)) {
            return TB_GEN_FULL;
        }
        *tb = *proto;
        tb->code_offset = (uint16_t)tb_code_offset(TB_MAX_LINKS);
        tb->page[0].page = ram_page_of(&t->src[0]);
        tb->page[1].page = ram_page_of(&t->src[1]);
        result = tb_compile(cpu, t, tb, &buf, max_insns, &code);
        g_assert(result != TCG_E_LIMIT); /* one instruction always fits */
        if (result == TCG_E_BUFFER && !tb_code_give_up()) {
            max_insns = MAX(1, max_insns / 2);
        }
    } while (result != TCG_OK);
    t->src[0].copy = t->code;
    t->src[1].copy = t->code + (tb->page[0].last + 1 - tb->page[0].first);
    if (tb_publish(tb, t->src, out) != TB_PUBLISH_EXISTS) {
        tb_code_commit(tb);
        perf_report_tb(tb, &code);
    }
    return TB_GEN_OK;
}

/*
 * Two reads of a clock are a good part of what a short block costs: only every so manyth
 * translation is measured, and counts for all.
 */
#define CLOCK_EVERY 16

static int64_t thread_cpu_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

TBGenResult tb_gen(CPUState *cpu, hwaddr phys, bool fine, bool pcrel, uint32_t cflags,
                   TranslationBlock **out)
{
    CPUTCGState *env = cpu_tcg(cpu);
    CPUTCGStats *stats = &env->priv->stats;
    Translator *t = translator_get(cpu);
    bool timed = stats->translations++ % CLOCK_EVERY == 0;
    int64_t start = timed ? thread_cpu_ns() : 0;
    TBGenResult result = TB_GEN_EXCEPTION;
    TranslationBlock proto = {
        .pc = env->pc,
        .flags = env->tb_flags,
        .phys = phys,
        .phys_page2 = TB_PAGE_NONE,
        .cflags = (uint8_t)cflags,
        .fine = fine,
        .pcrel = pcrel,
    };

    *t->db = (DisasContextBase){
        .tcg = t->tcg,
        .cpu = cpu,
        .pc_first = env->pc,
        .tb_flags = env->tb_flags,
        .code = t->code,
        .code_pc = env->pc,
    };
    t->src[0].host = t->src[1].host = NULL;
    t->copied = 0;
    direct_note_translation();
    if (tb_open_code(cpu, t, &proto)) {
        result = tb_gen_from(cpu, t, &proto, out);
    }
    if (timed) {
        stats->translate_ns += CLOCK_EVERY * (uint64_t)(thread_cpu_ns() - start);
    }
    return result;
}
