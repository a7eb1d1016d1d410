/* SPDX-License-Identifier: MIT */
/*
 * Dead control flow: ops of unreachable blocks, and jumps to where execution goes anyway.
 *
 * Dead values are liveness.c's. Tests: tests/tcg.
 */
#include "qemu/osdep.h"
#include "tcg-internal.h"

static void remove_op(TCGOp *op)
{
    *op = (TCGOp){.opc = TCG_OP_nop, .type = TCG_VOID, .out = TCG_NONE};
}

/* Whether execution that falls out of the block at @pos gets to @target without doing anything. */
static bool falls_into(const TCGContext *c, unsigned pos, uint16_t target)
{
    while (++pos < c->norder) {
        const TCGBlock *b = &c->blocks[c->order[pos]];

        if (c->order[pos] == target) {
            return true;
        }
        if (b->reachable && b->first != b->end) {
            return false;
        }
    }
    return false;
}

void tcg_dce(TCGContext *c)
{
    tcg_flow(c);
    for (unsigned i = 0; i < c->norder; i++) {
        const TCGBlock *b = &c->blocks[c->order[i]];
        TCGOp *last = b->end > b->first ? &c->ops[b->end - 1] : NULL;

        if (!b->reachable) {
            for (unsigned n = b->first; n < b->end; n++) {
                remove_op(&c->ops[n]);
            }
        } else if (last && ((last->opc == TCG_OP_br && falls_into(c, i, last->imm[0])) ||
                            (last->opc == TCG_OP_brcond && falls_into(c, i, last->imm[1])))) {
            remove_op(last);
        }
    }
}
