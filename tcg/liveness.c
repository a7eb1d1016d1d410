/* SPDX-License-Identifier: MIT */
/*
 * Liveness and removal of dead ops: the backward half of the optimiser.
 *
 * Two facts are kept for each temp while walking backwards: where it is read next (next_use), and,
 * for globals, whether its value can be observed: by a trap, an exit, or a helper that reads it in
 * env. A result that is neither is dead; an op without other effects goes with it. So does an
 * insn_start that no op leaves at. Blocks are walked in reverse layout order, so that without loops
 * one walk suffices; with loops, masks per block are brought to a fixpoint first.
 *
 * Tests: tests/unit/tcg/test-liveness.c.
 */
#include "qemu/osdep.h"
#include "qemu/host-utils.h"
#include "tcg-internal.h"

/* An op with other effects than these stays even if its result is dead. */
enum {
    REMOVABLE = TCG_EF_COMMUTES | TCG_EF_READ_ENV | TCG_EF_READ_MEM
};

typedef struct Live {
    uint64_t observable; /* globals */
    uint64_t used;       /* globals with next_use != TCG_NONE */
    bool remove_dead;
    bool may_leave; /* an op between here and the next insn_start may leave in the middle */
} Live;

/* ---- loops: a fixpoint over masks ---------------------------------------------------------- */

typedef struct Summary {
    uint64_t use, kill; /* read before assigned; no longer in a register behind */
    uint64_t observe, assign;
    uint64_t cross_use, cross_def;
} Summary;

static void summarise(const TCGContext *c, const TCGBlock *b, Summary *s)
{
    *s = (Summary){0};
    for (unsigned i = b->first; i < b->end; i++) {
        const TCGOp *op = &c->ops[i];
        const unsigned effects = tcg_op_effects(c, op);

        for (unsigned k = 0; k < op->nin; k++) {
            const TCGTemp *t = &c->temps[op->in[k]];

            if (t->kind == TCG_TEMP_GLOBAL) {
                s->use |= UINT64_C(1) << op->in[k] & ~s->kill;
            } else if (t->cross != TCG_NO_CROSS) {
                s->cross_use |= UINT64_C(1) << t->cross & ~s->cross_def;
            }
        }
        if (effects & (TCG_EF_TRAP | TCG_EF_EXIT)) {
            s->observe |= c->all_globals & ~s->assign;
        }
        if ((effects & TCG_EF_CALL) && (effects & TCG_EF_WRITE_ENV)) {
            const TCGHelperInfo *h = &c->helpers[op->imm[0]];

            s->observe |= (h->reads | h->writes) & ~s->assign;
            s->kill |= h->writes;
        }
        if (op->out != TCG_NONE && c->temps[op->out].kind == TCG_TEMP_GLOBAL) {
            s->assign |= UINT64_C(1) << op->out;
            s->kill |= UINT64_C(1) << op->out;
        } else if (op->out != TCG_NONE && c->temps[op->out].cross != TCG_NO_CROSS) {
            s->cross_def |= UINT64_C(1) << c->temps[op->out].cross;
        }
    }
}

/* The masks behind @b, from what is known in front of its successors. */
static void join(const TCGContext *c, TCGBlock *b)
{
    b->use_out = b->live_out = b->cross_out = 0;
    for (unsigned k = 0; k < 2; k++) {
        if (b->succ[k] != TCG_NONE) {
            const TCGBlock *s = &c->blocks[b->succ[k]];

            b->use_out |= s->use_in;
            b->live_out |= s->live_in;
            b->cross_out |= s->cross_in;
        }
    }
}

static void fixpoint(TCGContext *c)
{
    Summary sum[TCG_MAX_BLOCKS];
    bool changed = true;

    for (unsigned i = 0; i < c->norder; i++) {
        TCGBlock *b = &c->blocks[c->order[i]];

        summarise(c, b, &sum[i]);
        b->use_in = b->live_in = b->cross_in = 0;
    }
    while (changed) {
        changed = false;
        for (unsigned i = c->norder; i-- > 0;) {
            TCGBlock *b = &c->blocks[c->order[i]];
            uint64_t use, live, cross;

            join(c, b);
            use = sum[i].use | (b->use_out & ~sum[i].kill);
            live = use | sum[i].observe | (b->live_out & ~sum[i].assign);
            cross = sum[i].cross_use | (b->cross_out & ~sum[i].cross_def);
            changed |= use != b->use_in || live != b->live_in || cross != b->cross_in;
            b->use_in = use;
            b->live_in = live;
            b->cross_in = cross;
        }
    }
}

/* ---- the walk ------------------------------------------------------------------------------ */

static bool is_removable(const TCGContext *c, const TCGOp *op, unsigned effects)
{
    if (effects & TCG_EF_CALL) {
        return c->helpers[op->imm[0]].flags & TCG_HF_PURE;
    }
    return !(effects & ~REMOVABLE);
}

/* @op assigns its result: false if it is removed. */
static bool walk_out(TCGContext *c, TCGBlock *b, TCGOp *op, TCGLife *life, unsigned effects,
                     Live *live)
{
    const uint16_t out = op->out;
    const uint64_t bit = out < c->nglobals ? UINT64_C(1) << out : 0;

    life->out_next = c->next_use[out];
    life->out_dead = life->out_next == TCG_NONE && !(live->observable & bit);
    if (life->out_dead && live->remove_dead && is_removable(c, op, effects)) {
        op->opc = TCG_OP_nop;
        op->nin = 0;
        op->out = TCG_NONE;
        return false;
    }
    c->next_use[out] = TCG_NONE;
    live->observable &= ~bit;
    live->used &= ~bit;
    b->assigned |= bit;
    return true;
}

/* What a call or a way out asks of globals. */
static void walk_effects(TCGContext *c, const TCGOp *op, unsigned effects, Live *live)
{
    if ((effects & TCG_EF_CALL) && (effects & TCG_EF_WRITE_ENV)) {
        const TCGHelperInfo *h = &c->helpers[op->imm[0]];

        /* It may leave alone what it may write, and later reads find it in env. */
        live->observable |= h->reads | h->writes;
        for (uint64_t m = live->used & h->writes; m; m &= m - 1) {
            c->next_use[ctz64(m)] = TCG_NONE;
        }
        live->used &= ~h->writes;
    }
}

static void walk_in(TCGContext *c, TCGBlock *b, const TCGOp *op, TCGLife *life, unsigned at,
                    Live *live)
{
    life->dead = 0;
    for (unsigned k = 0; k < op->nin; k++) {
        const uint16_t t = op->in[k];
        uint16_t next = c->next_use[t];

        if (next > b->end) {
            /* Constants only: a read in a block behind this one. */
            next = TCG_NONE;
        }
        life->next[k] = next;
        if (next == TCG_NONE && (t >= c->nglobals || !(live->observable >> t & 1))) {
            life->dead |= 1u << k;
        }
    }
    for (unsigned k = 0; k < op->nin; k++) {
        const uint16_t t = op->in[k];

        c->next_use[t] = at;
        if (t < c->nglobals) {
            live->used |= UINT64_C(1) << t;
            b->used |= UINT64_C(1) << t;
        }
    }
}

static void walk_op(TCGContext *c, TCGBlock *b, unsigned at, Live *live)
{
    TCGOp *op = &c->ops[at];
    TCGLife *life = &c->life[at];
    unsigned effects = tcg_op_defs[op->opc].effects;

    if (effects & TCG_EF_MARK) {
        if (live->remove_dead && !live->may_leave && !c->keep_marks) {
            op->opc = TCG_OP_nop;
        }
        live->may_leave = false;
        return;
    }
    if (unlikely(effects & TCG_EF_CALL)) {
        effects = tcg_op_effects(c, op);
    }
    if (op->out != TCG_NONE) {
        if (!walk_out(c, b, op, life, effects, live)) {
            return;
        }
    } else {
        life->out_next = TCG_NONE;
        life->out_dead = false;
    }
    if (effects & TCG_EF_EXIT) {
        live->observable = c->all_globals;
    }
    walk_effects(c, op, effects, live);
    walk_in(c, b, op, life, at, live);
    if (effects & TCG_EF_TRAP) {
        live->observable = c->all_globals;
        live->may_leave = true;
    }
}

/* Set next_use for the end of @b: temps live in a successor are read "at the end". */
static void enter_end(TCGContext *c, TCGBlock *b, Live *live)
{
    for (uint64_t m = live->used & ~b->use_out; m; m &= m - 1) {
        c->next_use[ctz64(m)] = TCG_NONE;
    }
    for (uint64_t m = b->use_out; m; m &= m - 1) {
        c->next_use[ctz64(m)] = b->end;
    }
    for (unsigned k = 0; k < c->ncross; k++) {
        c->next_use[c->cross[k]] = b->cross_out >> k & 1 ? b->end : TCG_NONE;
    }
    live->used = b->use_out;
    live->observable = b->live_out;
    b->used = b->assigned = 0;
}

void tcg_liveness(TCGContext *c, bool remove_dead)
{
    Live live = {.remove_dead = remove_dead};

    tcg_flow(c);
    memset(c->next_use, 0xff, c->ntemps * sizeof(c->next_use[0]));
    if (c->has_back_edge) {
        fixpoint(c);
    }
    for (unsigned i = c->norder; i-- > 0;) {
        TCGBlock *b = &c->blocks[c->order[i]];

        join(c, b);
        enter_end(c, b, &live);
        for (unsigned at = b->end; at-- > b->first;) {
            if (c->ops[at].opc != TCG_OP_nop) {
                walk_op(c, b, at, &live);
            }
        }
        b->use_in = live.used;
        b->live_in = live.used | live.observable;
        b->cross_in = 0;
        for (unsigned k = 0; k < c->ncross; k++) {
            b->cross_in |= (uint64_t)(c->next_use[c->cross[k]] != TCG_NONE) << k;
        }
    }
}
