/* SPDX-License-Identifier: MIT */
/*
 * The compiler's context: helper rows, globals, constants, blocks.
 *
 * Not here: appending ops (op-build.c). A context belongs to one thread; there are no locks.
 * Tests: tests/unit/tcg/test-build.c.
 */
#include "qemu/osdep.h"
#include "qemu/host-utils.h"
#include "qemu/log.h"
#include "build.h"
#include "ra-check.h"
#include "tcg/tcg-op.h"
#include "tcg-internal.h"

/* A row that cannot be called is a mistake of ours. */
static void parse_helper(TCGHelperInfo *info, const TCGHelper *row)
{
    const char *p = row->sig;

    *info = (TCGHelperInfo){
        .name = row->name,
        .func = row->func,
        .reads = row->reads,
        .writes = row->writes,
        .alias = row->alias,
        .flags = row->flags,
        .ret = *p++,
    };
    g_assert(info->ret && strchr("vilf", info->ret));
    for (; *p; p++) {
        g_assert(strchr("ilfe", *p) && info->nparams < TCG_MAX_INS);
        info->params[info->nparams++] = *p;
        if (*p != 'e') {
            info->args[info->nargs++] = *p;
        }
    }
    g_assert(!(info->flags & TCG_HF_PURE) || (info->ret != 'v' && !(info->flags & TCG_HF_TRAP)));
}

TCGContext *tcg_context_new(const TCGLayout *layout)
{
    TCGContext *c = g_new0(TCGContext, 1);

    c->layout = layout;
    c->build_level = TCG_OPT_QUICK;
    if (layout->helpers) {
        while (layout->helpers[c->nhelpers].name) {
            c->nhelpers++;
        }
    }
    c->helpers = g_new0(TCGHelperInfo, c->nhelpers);
    for (unsigned i = 0; i < c->nhelpers; i++) {
        parse_helper(&c->helpers[i], &layout->helpers[i]);
    }
    c->mark = (TCGOp){.opc = TCG_OP_insn_start, .type = TCG_VOID, .out = TCG_NONE};
    tcg_set_check(c, TCG_CHECK);
    tcg_host_init(c);
    return c;
}

void tcg_context_free(TCGContext *c)
{
    if (c) {
        tcg_host_finalize(c);
        tcg_set_check(c, false);
        tcg_direct_free(c->direct_memory);
        g_free(c->share_memory);
        g_free(c->helpers);
        g_free(c);
    }
}

TCGv tcg_global_new(TCGContext *c, TCGType type, int32_t offset, const char *name)
{
    unsigned g = c->nglobals;

    /* Globals come first: none can follow once code has been built. */
    g_assert(g < TCG_MAX_GLOBALS && c->cookie == 0);
    g_assert(type == TCG_I64 || type == TCG_F64);
    c->temps[g] = (TCGTemp){
        .kind = TCG_TEMP_GLOBAL,
        .cls = type == TCG_F64 ? TCG_CLASS_FP : TCG_CLASS_INT,
        .offset = offset,
        .block = TCG_NONE,
        .def = TCG_NONE,
        .cross = TCG_NO_CROSS,
        .val = g,
        .holder = g,
        .ubits = 64,
        .sbits = 64,
    };
    c->global_names[g] = name;
    c->all_globals |= UINT64_C(1) << g;
    c->nglobals++;
    return (TCGv){g};
}

void tcg_set_opt(TCGContext *c, TCGOptLevel level)
{
    c->build_level = level;
}

void tcg_set_check(TCGContext *c, bool on)
{
    if (on && !c->ra_check) {
        c->ra_check = ra_check_new();
    } else if (!on) {
        g_clear_pointer(&c->ra_check, ra_check_free);
    }
}

static void bump_generation(uint16_t *gen, uint32_t *hash)
{
    if (++*gen == 0) {
        memset(hash, 0, TCG_HASH_SIZE * sizeof(*hash));
        *gen = 1;
    }
}

void tcg_forget_ops(TCGContext *c)
{
    bump_generation(&c->gen_cse, c->cse_hash);
}

void tcg_forget_globals(TCGContext *c)
{
    for (uint64_t m = c->renamed; m; m &= m - 1) {
        unsigned g = ctz64(m);

        c->temps[g].val = c->temps[g].holder = g;
    }
    c->renamed = 0;
    tcg_forget_ops(c);
}

void tcg_restart(TCGContext *c)
{
    c->ntemps = c->nglobals;
    c->nops = c->nblocks = c->norder = c->ncross = c->naccesses = 0;
    c->has_back_edge = c->overflow = c->mark_pending = false;
    c->cur_block = TCG_NONE;
    bump_generation(&c->gen_const, c->const_hash);
    tcg_forget_globals(c);
}

void tcg_set_cookie(TCGContext *c, uint64_t cookie)
{
    g_assert(cookie >= TCG_EXIT_LINK_MIN && (cookie & 15) == 0);
    c->cookie = cookie;
}

void tcg_begin(TCGContext *c, uint64_t cookie, uint64_t pc, unsigned mmu_idx)
{
    tcg_set_cookie(c, cookie);
    c->pc = pc;
    c->mmu_idx = mmu_idx;
    c->pcrel = false;
    c->keep_marks = qemu_loglevel_mask(CPU_LOG_TB_OP | CPU_LOG_TB_OP_OPT);
    tcg_restart(c);
    tcg_place(c, tcg_label_new(c));
}

void tcg_set_pcrel(TCGContext *c)
{
    c->pcrel = true;
}

TCGv tcg_pc(TCGContext *c, uint64_t pc)
{
    uint64_t page = c->pc & (UINT64_MAX << c->layout->page_bits);

    if (c->direct || !c->pcrel) {
        return tcg_const(c, pc);
    }
    return tcg_addi(c, TCG_I64, tcg_ld_env(c, c->layout->code_page, MO_64, TCG_ALIAS_OTHER),
                    (int64_t)(pc - page));
}

uint16_t tcg_temp_new(TCGContext *c, unsigned kind, unsigned cls)
{
    unsigned idx = c->ntemps;

    if (unlikely(idx >= TCG_MAX_TEMPS)) {
        c->overflow = true;
        return 0;
    }
    c->ntemps++;
    c->temps[idx] = (TCGTemp){
        .kind = kind,
        .cls = cls,
        .block = c->cur_block,
        .def = c->nops,
        .cross = TCG_NO_CROSS,
        .val = idx,
        .holder = TCG_NONE,
        .ubits = 64,
        .sbits = 64,
    };
    return idx;
}

static uint16_t const_new(TCGContext *c, uint64_t value)
{
    uint16_t idx = tcg_temp_new(c, TCG_TEMP_CONST, TCG_CLASS_INT);

    if (likely(!c->overflow)) {
        TCGTemp *t = &c->temps[idx];

        t->value = value;
        t->ubits = MAX(64 - clz64(value), 1);
        t->sbits = 64 - clrsb64((int64_t)value);
        t->flags = value >> 32 == UINT32_MAX ? TCG_TEMP_BOXED : 0;
    }
    return idx;
}

TCGv tcg_const(TCGContext *c, uint64_t value)
{
    const uint32_t gen = (uint32_t)c->gen_const << 16;
    unsigned h = (value * UINT64_C(0x9e3779b97f4a7c15)) >> (64 - TCG_HASH_LOG2);

    if (c->direct) {
        return tcg_direct_const(c->direct, value);
    }
    /* Where the table is crowded a constant gets a second temp: it merely loses its sharing. */
    for (unsigned probe = 0; probe < 8; probe++) {
        uint32_t *e = &c->const_hash[(h + probe) % TCG_HASH_SIZE];

        if ((*e & 0xffff0000) != gen) {
            uint16_t idx = const_new(c, value);

            *e = gen | idx;
            return (TCGv){idx};
        }
        if (c->temps[*e & 0xffff].value == value) {
            return (TCGv){*e & 0xffff};
        }
    }
    return (TCGv){const_new(c, value)};
}

TCGLabel tcg_label_new(TCGContext *c)
{
    unsigned idx = c->nblocks;

    if (c->direct) {
        return tcg_direct_label(c->direct);
    }
    if (unlikely(idx >= TCG_MAX_BLOCKS)) {
        c->overflow = true;
        return (TCGLabel){0};
    }
    c->nblocks++;
    c->blocks[idx] = (TCGBlock){
        .succ = {TCG_NONE, TCG_NONE},
        .order = TCG_NONE,
    };
    return (TCGLabel){idx};
}

/* The current block falls into @idx, or has ended before. */
void tcg_enter_block(TCGContext *c, uint16_t idx)
{
    TCGBlock *b = &c->blocks[idx];

    if (c->cur_block != TCG_NONE) {
        c->blocks[c->cur_block].end = c->nops;
    }
    b->first = b->end = c->nops;
    b->order = c->norder;
    c->order[c->norder++] = idx;
    c->cur_block = idx;
}

void tcg_place(TCGContext *c, TCGLabel label)
{
    if (c->direct) {
        tcg_direct_place(c->direct, label);
        return;
    }
    if (unlikely(c->overflow)) {
        return;
    }
    g_assert(c->blocks[label.idx].order == TCG_NONE);
    tcg_enter_block(c, label.idx);
    /* Branches to it may come from anywhere. */
    tcg_forget_globals(c);
}

void tcg_icount_set(TCGContext *c, unsigned n)
{
    unsigned at = c->nops, first;

    while (at > 1 && c->ops[at - 1].opc != TCG_OP_icount) {
        at--;
    }
    if (c->overflow || at <= 1) {
        return;
    }
    c->ops[--at].imm[0] = (int32_t)n;
    g_assert(c->ops[at - 1].opc == TCG_OP_insn_start);
    first = (unsigned)c->ops[at - 1].imm[2];
    for (unsigned i = at - 1; i < c->nops; i++) {
        if (c->ops[i].opc == TCG_OP_insn_start) {
            c->ops[i].imm[2] = (int32_t)(n - ((unsigned)c->ops[i].imm[2] - first));
        }
    }
}

void tcg_insert_ops(TCGContext *c, unsigned n, TCGInsertFn *insert, void *opaque)
{
    c->nops += n;
    for (unsigned k = c->norder; n && k-- > 0;) {
        TCGBlock *b = &c->blocks[c->order[k]];
        unsigned i = b->end;

        b->end = (uint16_t)(b->end + n);
        while (n && i-- > b->first) {
            TCGOp *pair = &c->ops[i + n - 1];

            pair[1] = c->ops[i];
            n -= insert(opaque, c->order[k], i, pair);
        }
        b->first = (uint16_t)(b->first + n);
    }
}

unsigned tcg_ops_left(const TCGContext *c)
{
    /* Blocks and temps run out as well: an op makes at most one temp and reads a few constants. */
    unsigned ops = TCG_MAX_OPS - c->nops, temps = (TCG_MAX_TEMPS - c->ntemps) / 2;

    return c->overflow ? 0 : MIN(ops, temps);
}

unsigned tcg_op_effects(const TCGContext *c, const TCGOp *op)
{
    unsigned effects = tcg_op_defs[op->opc].effects;

    if (effects & TCG_EF_CALL) {
        const TCGHelperInfo *h = &c->helpers[op->imm[0]];

        if (h->flags & TCG_HF_PURE) {
            return TCG_EF_CALL;
        }
        effects |= TCG_EF_READ_ENV | TCG_EF_WRITE_ENV;
        if (!(h->flags & TCG_HF_NO_MEM)) {
            effects |= TCG_EF_READ_MEM | TCG_EF_WRITE_MEM;
        }
        if (h->flags & TCG_HF_TRAP) {
            effects |= TCG_EF_TRAP;
        }
        if (h->flags & TCG_HF_USES_FP) {
            effects |= TCG_EF_FP;
        }
    }
    return effects;
}
