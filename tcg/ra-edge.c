/* SPDX-License-Identifier: MIT */
/*
 * The register allocator at the edges between blocks.
 *
 * A block with one predecessor goes on with the state at the branch. A block with several has an
 * *entry state*, decided when the first edge into it is walked: globals that may be read there stay
 * in the registers they are in. The header of a loop also gets what the loop uses most, whether it
 * is in a register by then or not, and counts as dirty what the loop assigns: so a back edge has
 * nothing to store, and little to move. Where a loop is entered behind its start, that place gets
 * what the start has. Every other edge is made to fit by stores, moves and loads, in that order: in
 * line where it ends by a jump, out of line where it is a conditional branch.
 *
 * Threads: those of RAContext. Tests: tests/fuzz/tcg-fuzz.c, ra-check.c in checking builds.
 */
#include "qemu/osdep.h"

#include "qemu/bitops.h"
#include "ra-check.h"
#include "regalloc.h"

/* Registers of each class that the entry state of a loop leaves free. */
#define LOOP_SPARE_REGS 2

static bool inherits(const TCGContext *c, unsigned block)
{
    return c->blocks[block].npred == 1 && !c->blocks[block].loop_header;
}

/* ---- states ---------------------------------------------------------------------------------- */

static void state_clear(RAState *s)
{
    memset(s->reg_temp, 0xff, sizeof(s->reg_temp));
    s->dirty = s->cst_mask = 0;
}

static void state_save(const RAContext *ra, RAState *s)
{
    memcpy(s->reg_temp, ra->reg_temp, sizeof(s->reg_temp));
    s->dirty = ra->dirty;
    s->cst_mask = 0;
    for (uint64_t todo = ra->dirty; todo; todo &= todo - 1) {
        unsigned g = (unsigned)__builtin_ctzll(todo);

        if (ra->loc[g].reg == HOST_NO_REG) {
            s->cst_mask |= UINT64_C(1) << g;
            s->cst[g] = ra->loc[g].cst;
        }
    }
}

/* Does local @t live at the start of @b? */
static bool lives_in(const TCGContext *c, const TCGBlock *b, uint16_t t)
{
    return c->temps[t].cross != TCG_NO_CROSS && (b->cross_in >> c->temps[t].cross & 1);
}

/* The state in which @b starts: of locals it has those that live there. */
static void state_load(RAContext *ra, const RAState *s, const TCGBlock *b)
{
    for (uint32_t todo = ra->busy; todo; todo &= todo - 1) {
        unsigned reg = (unsigned)__builtin_ctz(todo);

        ra->loc[ra->reg_temp[reg]].reg = HOST_NO_REG;
        ra_reg_free(ra, reg);
    }
    memcpy(ra->loc, ra->fresh, ra->c->nglobals * sizeof(ra->loc[0]));
    for (uint64_t todo = s->dirty; todo; todo &= todo - 1) {
        ra->loc[__builtin_ctzll(todo)].in_home = false;
    }
    for (uint64_t todo = s->cst_mask; todo; todo &= todo - 1) {
        unsigned g = (unsigned)__builtin_ctzll(todo);

        ra->loc[g].cst = s->cst[g];
    }
    for (unsigned reg = 0; reg < HOST_MAX_REGS; reg++) {
        uint16_t t = s->reg_temp[reg];

        if (t != TCG_NONE && (ra_is_global(ra, t) || lives_in(ra->c, b, t))) {
            ra_reg_give(ra, reg, t);
        }
    }
    ra->dirty = s->dirty;
}

/* ---- loops ----------------------------------------------------------------------------------- */

typedef struct LoopUse {
    uint32_t weight[TCG_MAX_GLOBALS]; /* reads and assignments, more in inner loops */
    uint64_t assigned;
} LoopUse;

static void loop_count(const TCGContext *c, const TCGBlock *b, unsigned weight, LoopUse *use)
{
    for (unsigned i = b->first; i < b->end; i++) {
        const TCGOp *op = &c->ops[i];

        for (unsigned k = 0; k < op->nin; k++) {
            if (op->in[k] < c->nglobals) {
                use->weight[op->in[k]] += weight;
            }
        }
        if (op->out < c->nglobals) {
            use->weight[op->out] += weight;
            use->assigned |= UINT64_C(1) << op->out;
        }
    }
}

/* What the loop of @header does with globals. */
static void loop_uses(const TCGContext *c, unsigned header, LoopUse *use)
{
    const TCGBlock *h = &c->blocks[header];
    unsigned end = tcg_loop_end(c, header, c->norder);

    memset(use, 0, sizeof(*use));
    for (unsigned n = h->order; n < end; n++) {
        const TCGBlock *b = &c->blocks[c->order[n]];

        if (b->reachable) {
            /* less deep than its header: where loops overlap without nesting */
            loop_count(c, b, 1u << 2 * CLAMP(b->loop_depth - h->loop_depth, 0, 5), use);
        }
    }
}

/* The heaviest of @todo, or TCG_NONE. */
static unsigned heaviest(const LoopUse *use, uint64_t todo)
{
    unsigned best = TCG_NONE;

    for (; todo; todo &= todo - 1) {
        unsigned g = (unsigned)__builtin_ctzll(todo);

        if (use->weight[g] && (best == TCG_NONE || use->weight[g] > use->weight[best])) {
            best = g;
        }
    }
    return best;
}

/*
 * The next global for a register at a loop's start, or TCG_NONE: the heaviest of those that are
 * read with the value from there, then of those that need not be stored then.
 */
static unsigned loop_next(const LoopUse *use, const TCGBlock *header, uint64_t todo)
{
    unsigned g = heaviest(use, todo & header->use_in);

    return g != TCG_NONE ? g : heaviest(use, todo);
}

/* Decide the entry state of a loop header: what the loop uses most. */
static void loop_entry(RAContext *ra, unsigned header)
{
    const TCGBlock *h = &ra->c->blocks[header];
    RAState *s = &ra->entry[header];
    uint64_t todo = h->live_in & ra->c->all_globals;
    uint32_t taken = 0;
    unsigned room[2];
    LoopUse use;
    unsigned g;

    ra->has_entry[header] = true;
    loop_uses(ra->c, header, &use);
    for (unsigned cls = 0; cls < 2; cls++) {
        room[cls] = (unsigned)__builtin_popcount(ra_regs(ra, (TCGClass)cls)) - LOOP_SPARE_REGS;
    }
    state_clear(s);
    while ((g = loop_next(&use, h, todo)) != TCG_NONE) {
        TCGClass cls = ra_temp_class(ra, (uint16_t)g);
        uint32_t idle = ra_regs(ra, cls) & ~taken;
        unsigned reg = ra->loc[g].reg;

        todo &= ~(UINT64_C(1) << g);
        if (!room[cls]) {
            continue;
        }
        room[cls]--;
        if (reg == HOST_NO_REG || (taken >> reg & 1)) {
            /* rather one that no other candidate is in */
            reg = (unsigned)__builtin_ctz(idle & ~ra->busy ? idle & ~ra->busy : idle);
        }
        taken |= 1u << reg;
        s->reg_temp[reg] = (uint16_t)g;
        if ((use.assigned | ra->dirty) >> g & 1) {
            s->dirty |= UINT64_C(1) << g;
        }
    }
}

/* The loop around the code from here on wants its globals where its header has them. */
static void loop_prefer(RAContext *ra, const RAState *s)
{
    memset(ra->pref, HOST_NO_REG, sizeof(ra->pref));
    ra->reserved = 0;
    for (unsigned reg = 0; reg < HOST_MAX_REGS; reg++) {
        if (s->reg_temp[reg] != TCG_NONE && ra_is_global(ra, s->reg_temp[reg])) {
            ra->pref[s->reg_temp[reg]] = (uint8_t)reg;
            ra->reserved |= 1u << reg;
        }
    }
}

/* ---- edges ----------------------------------------------------------------------------------- */

/* The header of the loop around @block that begins last, or TCG_NONE. */
static unsigned header_of(const TCGContext *c, unsigned block)
{
    const unsigned at = c->blocks[block].order;

    for (unsigned n = at; n-- > 0;) {
        unsigned header = c->order[n];

        if (c->blocks[header].loop_header && tcg_loop_end(c, header, c->norder) > at) {
            return header;
        }
    }
    return TCG_NONE;
}

/*
 * The first edge into @block is walked, from block @from: what it has in registers and may be read
 * there stays. If it leads into a loop, but not to its start, then what that has there.
 */
static void entry_decide(RAContext *ra, const TCGBlock *from, unsigned block)
{
    const TCGBlock *b = &ra->c->blocks[block];
    RAState *s = &ra->entry[block];
    const uint16_t *reg_temp = ra->reg_temp;
    uint64_t dirty = ra->dirty;

    if (b->loop_header) {
        loop_entry(ra, block);
        return;
    }
    if (from->loop_depth < b->loop_depth) {
        unsigned header = header_of(ra->c, block);

        if (header != TCG_NONE) {
            if (!ra->has_entry[header]) {
                loop_entry(ra, header);
            }
            reg_temp = ra->entry[header].reg_temp;
            dirty |= ra->entry[header].dirty;
        }
    }
    ra->has_entry[block] = true;
    state_clear(s);
    for (unsigned reg = 0; reg < HOST_MAX_REGS; reg++) {
        uint16_t t = reg_temp[reg];

        if (t != TCG_NONE && ra_is_global(ra, t) && ((b->use_in | (b->live_in & dirty)) >> t & 1)) {
            s->reg_temp[reg] = t;
            s->dirty |= dirty & UINT64_C(1) << t;
        }
    }
}

/* Does the present state serve as that at the start of @block without code? */
static bool edge_fits(const RAContext *ra, unsigned block)
{
    const RAState *to = &ra->entry[block];

    for (unsigned reg = 0; reg < HOST_MAX_REGS; reg++) {
        if (to->reg_temp[reg] != TCG_NONE && to->reg_temp[reg] != ra->reg_temp[reg]) {
            return false;
        }
    }
    return !(ra->dirty & ~to->dirty & ra->c->blocks[block].live_in);
}

typedef struct EdgeMoves {
    uint8_t src[HOST_MAX_REGS]; /* by destination; HOST_NO_REG: no move */
    uint32_t todo;              /* destinations */
} EdgeMoves;

static bool is_source(const EdgeMoves *m, unsigned reg)
{
    for (uint32_t todo = m->todo; todo; todo &= todo - 1) {
        if (m->src[__builtin_ctz(todo)] == reg) {
            return true;
        }
    }
    return false;
}

/* All moves as if at once: a cycle is cut by way of a scratch register. */
static void moves_emit(RAContext *ra, EdgeMoves *m)
{
    while (m->todo) {
        bool moved = false;

        for (uint32_t todo = m->todo; todo; todo &= todo - 1) {
            unsigned dst = (unsigned)__builtin_ctz(todo);
            TCGClass cls = host_class_regs[TCG_CLASS_FP] >> dst & 1;

            if (!is_source(m, dst)) {
                emit_mov(ra, cls, dst, m->src[dst]);
                m->todo &= ~(1u << dst);
                moved = true;
            }
        }
        if (!moved) {
            unsigned dst = (unsigned)__builtin_ctz(m->todo);
            TCGClass cls = host_class_regs[TCG_CLASS_FP] >> dst & 1;
            unsigned src = m->src[dst];

            emit_mov(ra, cls, host_scratch[cls], src);
            for (uint32_t todo = m->todo; todo; todo &= todo - 1) {
                if (m->src[__builtin_ctz(todo)] == src) {
                    m->src[__builtin_ctz(todo)] = host_scratch[cls];
                }
            }
        }
    }
}

/* Emit what makes the present state that at the start of @block. The present one is void then. */
static void edge_emit(RAContext *ra, unsigned block)
{
    const RAState *to = &ra->entry[block];
    EdgeMoves moves = {.todo = 0};

    ra_sync_globals(ra, ~to->dirty & ra->c->blocks[block].live_in);
    for (unsigned reg = 0; reg < HOST_MAX_REGS; reg++) {
        uint16_t t = to->reg_temp[reg];

        if (t != TCG_NONE && ra->loc[t].reg != HOST_NO_REG && ra->loc[t].reg != reg) {
            moves.src[reg] = ra->loc[t].reg;
            moves.todo |= 1u << reg;
        }
    }
    moves_emit(ra, &moves);
    for (unsigned reg = 0; reg < HOST_MAX_REGS; reg++) {
        uint16_t t = to->reg_temp[reg];
        const RALoc *loc = t == TCG_NONE ? NULL : &ra->loc[t];

        if (!loc || loc->reg != HOST_NO_REG) {
            continue;
        }
        if (loc->cst != TCG_NONE) {
            emit_load_imm(ra, ra_temp_class(ra, t), reg, ra->c->temps[loc->cst].value);
        } else {
            g_assert(loc->in_home);
            emit_load_env(ra, ra_temp_class(ra, t), reg, ra->c->temps[t].offset);
        }
    }
}

/* ---- blocks ---------------------------------------------------------------------------------- */

void ra_edges_reset(RAContext *ra)
{
    memset(ra->has_entry, 0, ra->c->nblocks * sizeof(ra->has_entry[0]));
    memset(ra->pref, HOST_NO_REG, sizeof(ra->pref));
    ra->reserved = 0;
    ra->nedges = 0;
}

void ra_block_start(RAContext *ra, unsigned block, bool fallen_into)
{
    const TCGContext *c = ra->c;
    const TCGBlock *b = &c->blocks[block];

    emit_label(ra, block);
    if (!fallen_into || !inherits(c, block)) {
        if (!ra->has_entry[block]) {
            /* the code's start, or a loop's that is reached by back edges only */
            if (b->order) {
                loop_entry(ra, block);
            } else {
                state_clear(&ra->entry[block]);
                ra->has_entry[block] = true;
            }
        }
        state_load(ra, &ra->entry[block], b);
        /* what lives in was spilled on every edge, whatever became of it on the way just walked */
        for (uint64_t todo = b->cross_in; todo; todo &= todo - 1) {
            ra->loc[c->cross[__builtin_ctzll(todo)]].in_home = true;
        }
    }
    if (b->loop_header) {
        loop_prefer(ra, &ra->entry[block]);
    } else if (!b->loop_depth && ra->reserved) {
        memset(ra->pref, HOST_NO_REG, sizeof(ra->pref));
        ra->reserved = 0;
    }
    /* first reads in this block are unknown here: near enough for what is kept in registers */
    for (uint32_t todo = ra->busy; todo; todo &= todo - 1) {
        uint16_t t = ra->reg_temp[__builtin_ctz(todo)];

        ra->next[t] = ra_is_global(ra, t) && !(b->use_in >> t & 1) ? TCG_NONE : b->end;
    }
}

/* Does the code leave for good behind both ways of @b's branch? */
static bool leaves_both_ways(const TCGContext *c, const TCGBlock *b)
{
    for (unsigned k = 0; k < 2; k++) {
        const TCGBlock *s = &c->blocks[b->succ[k]];

        if (s->end == s->first || s->npred != 1 ||
            !(tcg_op_defs[c->ops[s->end - 1].opc].effects & TCG_EF_EXIT)) {
            return false;
        }
    }
    return true;
}

void ra_before_end(RAContext *ra, const TCGBlock *b, const TCGOp *ending)
{
    bool is_branch = ending && ending->opc == TCG_OP_brcond;

    if (ending && (tcg_op_defs[ending->opc].effects & TCG_EF_EXIT)) {
        ra_sync_globals(ra, UINT64_MAX);
        return;
    }
    for (uint64_t todo = b->cross_out; todo; todo &= todo - 1) {
        ra_sync_temp(ra, ra->c->cross[__builtin_ctzll(todo)]);
    }
    if (!is_branch) {
        return;
    }
    if (leaves_both_ways(ra->c, b)) {
        /* stored once, not on both ways */
        ra_sync_globals(ra, UINT64_MAX);
    }
    ra->branch_label = b->succ[1];
    if (!inherits(ra->c, b->succ[1])) {
        ra->branch_label = (uint16_t)(TCG_MAX_BLOCKS + ra->nedges);
    }
}

/* The edge of the branch that has just been emitted. */
static void branch_edge(RAContext *ra, const TCGBlock *from, unsigned block)
{
    RAEdge *edge;

    if (inherits(ra->c, block)) {
        state_save(ra, &ra->entry[block]);
        ra->has_entry[block] = true;
        return;
    }
    if (!ra->has_entry[block]) {
        entry_decide(ra, from, block);
    }
    edge = &ra->edge[ra->nedges++];
    edge->block = (uint16_t)block;
    edge->needs_code = !edge_fits(ra, block);
    if (edge->needs_code) {
        state_save(ra, &edge->state);
    }
}

void ra_block_end(RAContext *ra, const TCGBlock *b, const TCGOp *ending, unsigned next)
{
    unsigned to = b->succ[0];

    if (ending && ending->opc == TCG_OP_brcond) {
        branch_edge(ra, b, b->succ[1]);
    }
    if (inherits(ra->c, to)) {
        if (to != next) {
            state_save(ra, &ra->entry[to]);
            ra->has_entry[to] = true;
            emit_jump(ra, to);
        }
        return;
    }
    if (!ra->has_entry[to]) {
        entry_decide(ra, b, to);
    }
    edge_emit(ra, to);
    if (to != next) {
        emit_jump(ra, to);
    }
}

void ra_edges_emit(RAContext *ra)
{
    for (unsigned n = 0; n < ra->nedges; n++) {
        const RAEdge *edge = &ra->edge[n];

        if (!edge->needs_code) {
            emit_label_alias(ra, TCG_MAX_BLOCKS + n, edge->block);
            continue;
        }
        emit_label(ra, TCG_MAX_BLOCKS + n);
        state_load(ra, &edge->state, &ra->c->blocks[edge->block]);
        edge_emit(ra, edge->block);
        emit_jump(ra, edge->block);
    }
}
