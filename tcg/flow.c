/* SPDX-License-Identifier: MIT */
/*
 * Control flow of a piece of code: edges, reachability, loops.
 *
 * A loop is what lies in layout order between the target of a back edge and its source: exact for
 * code laid out as it was translated, and only a weight for the register allocator elsewhere.
 * Tests: tests/unit/tcg/test-liveness.c.
 */
#include "qemu/osdep.h"
#include "tcg-internal.h"

static void block_edges(TCGContext *c, unsigned pos)
{
    TCGBlock *b = &c->blocks[c->order[pos]];
    const TCGOp *last = b->end > b->first ? &c->ops[b->end - 1] : NULL;
    const unsigned effects = last ? tcg_op_defs[last->opc].effects : 0;
    const uint16_t next = pos + 1 < c->norder ? c->order[pos + 1] : TCG_NONE;

    b->succ[0] = b->succ[1] = TCG_NONE;
    if (!(effects & TCG_EF_END)) {
        b->succ[0] = next;
        b->succ[1] = effects & TCG_EF_COND_BRANCH ? last->imm[1] : TCG_NONE;
    } else if (last->opc == TCG_OP_br) {
        b->succ[0] = last->imm[0];
    }
}

static void mark_loop(TCGContext *c, unsigned header, unsigned source)
{
    c->has_back_edge = true;
    c->blocks[c->order[header]].loop_header = true;
    for (unsigned i = header; i <= source; i++) {
        TCGBlock *b = &c->blocks[c->order[i]];

        b->loop_depth += b->loop_depth < UINT8_MAX;
    }
}

static void mark_reachable(TCGContext *c)
{
    uint16_t stack[TCG_MAX_BLOCKS];
    unsigned depth = 1;

    stack[0] = c->order[0];
    c->blocks[stack[0]].reachable = true;
    while (depth) {
        const TCGBlock *b = &c->blocks[stack[--depth]];

        for (unsigned k = 0; k < 2; k++) {
            TCGBlock *s = b->succ[k] == TCG_NONE ? NULL : &c->blocks[b->succ[k]];

            if (s && !s->reachable) {
                s->reachable = true;
                stack[depth++] = b->succ[k];
            }
        }
    }
}

unsigned tcg_loop_end(const TCGContext *c, unsigned header, unsigned limit)
{
    const unsigned start = c->blocks[header].order;

    for (unsigned end = limit; end > start; end--) {
        const TCGBlock *b = &c->blocks[c->order[end - 1]];

        if (b->reachable && (b->succ[0] == header || b->succ[1] == header)) {
            return end;
        }
    }
    return start;
}

void tcg_flow(TCGContext *c)
{
    if (c->cur_block != TCG_NONE) {
        c->blocks[c->cur_block].end = c->nops;
    }
    c->has_back_edge = false;
    for (unsigned i = 0; i < c->norder; i++) {
        TCGBlock *b = &c->blocks[c->order[i]];

        b->npred = i == 0;
        b->loop_depth = 0;
        b->loop_header = b->reachable = false;
    }
    for (unsigned i = 0; i < c->norder; i++) {
        block_edges(c, i);
    }
    mark_reachable(c);
    for (unsigned i = 0; i < c->norder; i++) {
        const TCGBlock *b = &c->blocks[c->order[i]];

        for (unsigned k = 0; k < 2; k++) {
            if (b->reachable && b->succ[k] != TCG_NONE) {
                TCGBlock *s = &c->blocks[b->succ[k]];

                s->npred++;
                if (s->order <= i) {
                    mark_loop(c, s->order, i);
                }
            }
        }
    }
}
