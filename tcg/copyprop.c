/* SPDX-License-Identifier: MIT */
/*
 * Replaying code through the emitters (op-build.c).
 *
 * tcg_fold() gives code that was built with TCG_OPT_NONE, or read as text, what the emitters would
 * have made of it at once. tcg_copyprop() does it with knowledge across blocks: a block starts not
 * with nothing, but with the constants that globals hold at the end of all its predecessors.
 * Predecessors that come later in layout order (back edges) say nothing, so a loop header knows
 * nothing of its globals.
 *
 * Tests: tests/tcg, tests/fuzz/tcg-fuzz.c.
 */
#include "qemu/osdep.h"
#include "build.h"

/* What each global holds at the end of a block: the name of a constant, or nothing known. */
typedef struct Exit {
    uint16_t val[TCG_MAX_GLOBALS];
    bool seen;
} Exit;

typedef struct Replay {
    TCGContext *c;
    TCGOp *ops; /* the old code */
    TCGBlock *blocks;
    uint16_t *order;
    uint64_t *consts; /* values of old constants, by old temp */
    uint8_t *kinds;
    uint16_t *map; /* old temp -> new handle */
    Exit *exits;
    bool across_blocks;
} Replay;

static void save_exit(Replay *r, uint16_t block)
{
    const TCGContext *c = r->c;
    Exit *e = &r->exits[block];

    e->seen = true;
    for (unsigned g = 0; g < c->nglobals; g++) {
        const uint16_t val = c->temps[g].val;

        e->val[g] = c->temps[val].kind == TCG_TEMP_CONST ? val : TCG_NONE;
    }
}

/* Start @block with the constants that all its predecessors agree on. */
static void load_entry(Replay *r, uint16_t block)
{
    TCGContext *c = r->c;
    const Exit *from = NULL;
    Exit known = {.seen = true};

    tcg_forget_globals(c);
    if (block == 0 || !r->across_blocks) {
        return;
    }
    for (unsigned i = 0; i < c->nblocks; i++) {
        const TCGBlock *b = &r->blocks[i];

        if (b->order == TCG_NONE || !b->reachable || (b->succ[0] != block && b->succ[1] != block)) {
            continue;
        }
        if (!r->exits[i].seen) {
            return;
        }
        for (unsigned g = 0; g < c->nglobals; g++) {
            known.val[g] = !from || known.val[g] == r->exits[i].val[g] ? r->exits[i].val[g] :
                                                                         TCG_NONE;
        }
        from = &r->exits[i];
    }
    for (unsigned g = 0; from && g < c->nglobals; g++) {
        if (known.val[g] != TCG_NONE) {
            c->temps[g].val = known.val[g];
            c->renamed |= UINT64_C(1) << g;
        }
    }
}

static void replay_op(Replay *r, const TCGOp *old)
{
    TCGContext *c = r->c;
    TCGOp op = *old;
    TCGv res;

    for (unsigned k = 0; k < op.nin; k++) {
        const uint16_t t = old->in[k];

        op.in[k] = r->kinds[t] == TCG_TEMP_CONST  ? tcg_const(c, r->consts[t]).idx :
                   r->kinds[t] == TCG_TEMP_GLOBAL ? t :
                                                    r->map[t];
    }
    if ((old->opc == TCG_OP_mov || old->opc == TCG_OP_fmov) && old->type == TCG_I64 &&
        old->out < c->nglobals) {
        tcg_set_global(c, (TCGv){old->out}, (TCGv){op.in[0]});
        return;
    }
    res = tcg_build(c, &op);
    if (c->overflow || old->out == TCG_NONE) {
        return;
    }
    if (old->out < c->nglobals) {
        tcg_set_global(c, (TCGv){old->out}, res);
    } else {
        r->map[old->out] = res.idx;
    }
}

static void replay_blocks(Replay *r, unsigned norder)
{
    TCGContext *c = r->c;

    for (unsigned i = 0; i < norder && !c->overflow; i++) {
        const TCGBlock *b = &r->blocks[r->order[i]];

        tcg_enter_block(c, r->order[i]);
        load_entry(r, r->order[i]);
        for (unsigned at = b->first; b->reachable && at < b->end && !c->overflow; at++) {
            /* A branch that is always taken has ended the block. */
            if (r->ops[at].opc != TCG_OP_nop && c->cur_block != TCG_NONE) {
                replay_op(r, &r->ops[at]);
            }
        }
        save_exit(r, r->order[i]);
        if (c->cur_block == TCG_NONE) {
            continue;
        }
        c->blocks[c->cur_block].end = c->nops;
    }
}

static void replay(TCGContext *c, bool across_blocks)
{
    const unsigned norder = c->norder, nblocks = c->nblocks;
    const TCGOptLevel built = c->build_level;
    g_autofree TCGOp *ops = g_memdup2(c->ops, c->nops * sizeof(*ops));
    g_autofree TCGBlock *blocks = NULL;
    g_autofree uint16_t *order = g_memdup2(c->order, norder * sizeof(*order));
    g_autofree uint64_t *consts = g_new(uint64_t, c->ntemps);
    g_autofree uint8_t *kinds = g_new(uint8_t, c->ntemps);
    g_autofree uint16_t *map = g_new0(uint16_t, c->ntemps);
    g_autofree Exit *exits = g_new0(Exit, nblocks);
    Replay r = {c, ops, NULL, order, consts, kinds, map, exits, across_blocks};

    tcg_flow(c);
    r.blocks = blocks = g_memdup2(c->blocks, nblocks * sizeof(*blocks));
    for (unsigned i = 0; i < c->ntemps; i++) {
        consts[i] = c->temps[i].value;
        kinds[i] = c->temps[i].kind;
    }
    tcg_restart(c);
    for (unsigned i = 0; i < nblocks; i++) {
        tcg_label_new(c);
    }
    c->build_level = TCG_OPT_FULL;
    replay_blocks(&r, norder);
    c->build_level = built;
}

void tcg_fold(TCGContext *c)
{
    replay(c, false);
}

void tcg_copyprop(TCGContext *c)
{
    replay(c, true);
}
