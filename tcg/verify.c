/* SPDX-License-Identifier: MIT */
/*
 * Every invariant of the IR, checked. docs/tcg.md lists them in the same order.
 *
 * Builds for debugging run it after every pass (tcg.c), the fuzzer and the golden tests always. It
 * is as slow as it likes and changes nothing but the flow facts of blocks.
 * Tests: tests/unit/tcg/test-verify.c breaks each invariant.
 */
#include "qemu/osdep.h"
#include "text.h"

typedef struct Verify {
    TCGContext *c;
    GString *why;
    /* For each local: the op that defines it, or TCG_NONE. */
    uint16_t def[TCG_MAX_TEMPS];
    /* Position of the block of that op, and whether a block is dominated by another. */
    uint16_t def_block[TCG_MAX_TEMPS];
    uint64_t dom[TCG_MAX_BLOCKS][TCG_MAX_BLOCKS / 64];
} Verify;

G_GNUC_PRINTF(3, 4)
static bool bad(Verify *v, const TCGOp *op, const char *fmt, ...)
{
    va_list ap;

    if (op) {
        g_string_append_printf(v->why, "op %td (", op - v->c->ops);
        tcg_dump_op(v->c, op, v->why);
        g_string_append(v->why, "): ");
    }
    va_start(ap, fmt);
    g_string_append_vprintf(v->why, fmt, ap);
    va_end(ap);
    return false;
}

/* ---- blocks -------------------------------------------------------------------------------- */

static bool verify_layout(Verify *v)
{
    TCGContext *c = v->c;
    unsigned at = 0;

    if (c->norder == 0 || c->order[0] != 0) {
        return bad(v, NULL, "block 0 is not the first");
    }
    for (unsigned i = 0; i < c->norder; i++) {
        const TCGBlock *b = &c->blocks[c->order[i]];

        if (b->order != i || b->first != at || b->end < b->first || b->end > c->nops) {
            return bad(v, NULL, "block %u: not in layout order", c->order[i]);
        }
        at = b->end;
        for (unsigned n = b->first; n < b->end; n++) {
            const TCGOp *op = &c->ops[n];

            if (op->opc >= TCG_NB_OPS) {
                return bad(v, NULL, "op %u: no such op", n);
            }
            if ((tcg_op_defs[op->opc].effects & (TCG_EF_END | TCG_EF_COND_BRANCH)) &&
                n + 1 != b->end) {
                return bad(v, op, "a block goes on behind its end");
            }
            for (const char *imm = tcg_op_defs[op->opc].imms; *imm; imm++) {
                const int32_t label = op->imm[imm - tcg_op_defs[op->opc].imms];

                if (*imm == 'b' &&
                    ((uint32_t)label >= c->nblocks || c->blocks[label].order == TCG_NONE)) {
                    return bad(v, op, "label is not placed");
                }
            }
        }
    }
    return at == c->nops || bad(v, NULL, "ops outside of blocks");
}

/* No reachable block falls out of the code, and every cycle polls or counts. */
static bool verify_flow(Verify *v)
{
    TCGContext *c = v->c;
    /* Depth-first over blocks without a poll: a block on the path met again closes a cycle. */
    enum {
        UNSEEN,
        ON_PATH,
        DONE
    } state[TCG_MAX_BLOCKS] = {UNSEEN};
    uint16_t path[TCG_MAX_BLOCKS];
    uint8_t edge[TCG_MAX_BLOCKS];

    for (unsigned i = 0; i < c->norder; i++) {
        TCGBlock *b = &c->blocks[c->order[i]];
        const TCGOp *last = b->end > b->first ? &c->ops[b->end - 1] : NULL;
        const bool ends = last && (tcg_op_defs[last->opc].effects & TCG_EF_END);

        if (b->reachable && !ends && i + 1 == c->norder) {
            return bad(v, last, "execution falls out of the code");
        }
        b->has_poll = false;
        for (unsigned n = b->first; n < b->end; n++) {
            b->has_poll |= c->ops[n].opc == TCG_OP_poll || c->ops[n].opc == TCG_OP_icount;
        }
    }
    for (unsigned i = 0; i < c->norder; i++) {
        unsigned depth = 0;

        if (state[c->order[i]] != UNSEEN || c->blocks[c->order[i]].has_poll) {
            continue;
        }
        path[depth] = c->order[i];
        edge[depth++] = 0;
        state[c->order[i]] = ON_PATH;
        while (depth) {
            const unsigned at = path[depth - 1];
            const uint16_t next = edge[depth - 1] < 2 ? c->blocks[at].succ[edge[depth - 1]] :
                                                        TCG_NONE;

            if (edge[depth - 1] == 2) {
                state[at] = DONE;
                depth--;
                continue;
            }
            edge[depth - 1]++;
            if (next == TCG_NONE || c->blocks[next].has_poll || state[next] == DONE) {
                continue;
            }
            if (state[next] == ON_PATH) {
                return bad(v, NULL, "a cycle through block %u has no poll", next);
            }
            path[depth] = next;
            edge[depth++] = 0;
            state[next] = ON_PATH;
        }
    }
    return true;
}

/* ---- ops ----------------------------------------------------------------------------------- */

static bool verify_type(Verify *v, const TCGOp *op)
{
    switch (tcg_op_defs[op->opc].types) {
    case 'I':
    case 'C':
        return op->type == TCG_I32 || op->type == TCG_I64 || bad(v, op, "type is no integer's");
    case 'L':
        return op->type == TCG_I64 || bad(v, op, "type is not i64");
    case 'F':
        return op->type == TCG_F32 || op->type == TCG_F64 || bad(v, op, "type is no float's");
    default:
        return op->type == TCG_VOID || bad(v, op, "type is not void");
    }
}

static bool verify_imm(Verify *v, const TCGOp *op, char kind, int32_t imm)
{
    switch (kind) {
    case 'c':
        return (uint32_t)imm < TCG_NR_CONDS || bad(v, op, "no such condition");
    case 'a':
        return (uint32_t)imm < TCG_ALIAS_NR || bad(v, op, "no such alias class");
    case 'r':
        return (uint32_t)imm < TCG_NR_RMW || bad(v, op, "no such operation");
    case 'h':
        return (uint32_t)imm < v->c->nhelpers || bad(v, op, "no such helper");
    case 'm':
    case 'x':
        return (imm & MO_SIZE) <= MO_64 || bad(v, op, "access too wide");
    default:
        return true;
    }
}

static bool verify_ranges(Verify *v, const TCGOp *op)
{
    const int bits = op->type == TCG_I32 ? 32 : 64;

    switch (op->opc) {
    case TCG_OP_extract:
    case TCG_OP_sextract:
    case TCG_OP_deposit:
        return (op->imm[0] >= 0 && op->imm[1] > 0 && op->imm[1] <= bits &&
                op->imm[0] <= bits - op->imm[1]) ||
               bad(v, op, "field outside of the operand");
    case TCG_OP_qemu_rmw:
    case TCG_OP_qemu_cas:
        return !(op->imm[0] & MO_BSWAP) || bad(v, op, "atomic access in foreign byte order");
    case TCG_OP_goto_link:
        return (uint32_t)op->imm[0] < TCG_MAX_SLOTS || bad(v, op, "no such slot");
    case TCG_OP_icount:
    case TCG_OP_icount_sync:
        return v->c->layout->counts || bad(v, op, "code does not count");
    case TCG_OP_exit:
        return (uint32_t)op->imm[0] < TCG_EXIT_LINK_MIN || bad(v, op, "no such exit status");
    default:
        return true;
    }
}

static bool verify_operands(Verify *v, const TCGOp *op)
{
    TCGContext *c = v->c;
    const TCGOpDef *def = &tcg_op_defs[op->opc];
    const TCGHelperInfo *h = op->opc == TCG_OP_call ? &c->helpers[op->imm[0]] : NULL;
    const unsigned nin = h ? h->nargs : def->nin;
    const bool has_out = h ? h->ret != 'v' : def->nout;

    if (op->nin != nin || (op->out != TCG_NONE) != has_out) {
        return bad(v, op, "wrong number of operands");
    }
    for (unsigned k = 0; k < op->nin; k++) {
        const TCGTemp *t = &c->temps[op->in[k]];

        if (op->in[k] >= c->ntemps) {
            return bad(v, op, "operand %u: no such temp", k);
        }
        if (t->kind != TCG_TEMP_CONST && t->cls != tcg_op_in_class(c, op, k)) {
            return bad(v, op, "operand %u: wrong register class", k);
        }
    }
    if (!has_out) {
        return true;
    }
    if (op->out >= c->ntemps || c->temps[op->out].kind == TCG_TEMP_CONST) {
        return bad(v, op, "result is not assignable");
    }
    return c->temps[op->out].cls == tcg_op_out_class(c, op) ||
           bad(v, op, "result: wrong register class");
}

static bool verify_op(Verify *v, const TCGOp *op)
{
    const TCGOpDef *def = &tcg_op_defs[op->opc];

    if (op->opc == TCG_OP_nop) {
        return true;
    }
    for (unsigned n = 0; n < def->nimm; n++) {
        if (!verify_imm(v, op, def->imms[n], op->imm[n])) {
            return false;
        }
    }
    if (!verify_type(v, op) || !verify_ranges(v, op) || !verify_operands(v, op)) {
        return false;
    }
    if (op->opc == TCG_OP_goto_link) {
        return v->c->temps[op->in[0]].kind == TCG_TEMP_CONST || bad(v, op, "pc is no constant");
    }
    return true;
}

/* A link slot is one site. */
static bool verify_slots(Verify *v)
{
    const TCGOp *user[TCG_MAX_SLOTS] = {NULL};

    for (unsigned i = 0; i < v->c->nops; i++) {
        const TCGOp *op = &v->c->ops[i];

        if (op->opc == TCG_OP_goto_link) {
            if (user[op->imm[0]]) {
                return bad(v, op, "slot is used twice");
            }
            user[op->imm[0]] = op;
        }
    }
    return true;
}

/* ---- locals: one assignment, which dominates every use ------------------------------------- */

static void find_dominators(Verify *v)
{
    TCGContext *c = v->c;
    bool changed = true;

    memset(v->dom, 0xff, sizeof(v->dom));
    memset(v->dom[0], 0, sizeof(v->dom[0]));
    v->dom[0][0] = 1;
    while (changed) {
        changed = false;
        for (unsigned i = 0; i < c->norder; i++) {
            const TCGBlock *b = &c->blocks[c->order[i]];

            for (unsigned k = 0; k < 2; k++) {
                const uint16_t s = b->succ[k];

                for (unsigned w = 0; b->reachable && s != TCG_NONE && w < ARRAY_SIZE(v->dom[0]);
                     w++) {
                    uint64_t both = v->dom[s][w] & v->dom[c->order[i]][w];

                    both |= w == s / 64u ? UINT64_C(1) << s % 64 : 0;
                    changed |= both != v->dom[s][w];
                    v->dom[s][w] = both;
                }
            }
        }
    }
}

static bool verify_locals(Verify *v)
{
    TCGContext *c = v->c;

    memset(v->def, 0xff, sizeof(v->def));
    for (unsigned i = 0; i < c->norder; i++) {
        const TCGBlock *b = &c->blocks[c->order[i]];

        for (unsigned n = b->first; n < b->end; n++) {
            const uint16_t out = c->ops[n].out;

            if (out == TCG_NONE || c->temps[out].kind != TCG_TEMP_LOCAL) {
                continue;
            }
            if (v->def[out] != TCG_NONE) {
                return bad(v, &c->ops[n], "local is assigned twice");
            }
            v->def[out] = n;
            v->def_block[out] = c->order[i];
        }
    }
    find_dominators(v);
    for (unsigned i = 0; i < c->norder; i++) {
        const TCGBlock *b = &c->blocks[c->order[i]];

        for (unsigned n = b->first; b->reachable && n < b->end; n++) {
            const TCGOp *op = &c->ops[n];

            for (unsigned k = 0; k < op->nin; k++) {
                const TCGTemp *t = &c->temps[op->in[k]];
                const uint16_t d = t->kind == TCG_TEMP_LOCAL ? v->def_block[op->in[k]] : 0;

                if (t->kind != TCG_TEMP_LOCAL) {
                    continue;
                }
                if (v->def[op->in[k]] == TCG_NONE) {
                    return bad(v, op, "operand %u is never assigned", k);
                }
                if (d == c->order[i] ? v->def[op->in[k]] >= n :
                                       !(v->dom[c->order[i]][d / 64] >> d % 64 & 1)) {
                    return bad(v, op, "operand %u is used before it is assigned", k);
                }
                if (d != c->order[i] && t->cross == TCG_NO_CROSS) {
                    return bad(v, op, "operand %u crosses blocks unnoticed", k);
                }
            }
        }
    }
    return true;
}

/* ---- links ---------------------------------------------------------------------------------- */

/* Is there an icount on every way to the end of @block? */
static bool is_counted(const Verify *v, unsigned block)
{
    const TCGContext *c = v->c;

    for (unsigned i = 0; i < c->norder; i++) {
        const TCGBlock *b = &c->blocks[c->order[i]];

        if (!(v->dom[block][c->order[i] / 64] >> c->order[i] % 64 & 1)) {
            continue;
        }
        for (unsigned n = b->first; n < b->end; n++) {
            if (c->ops[n].opc == TCG_OP_icount) {
                return true;
            }
        }
    }
    return false;
}

/*
 * Pieces that are linked in a circle have a link backward, to where its piece begins or before. It
 * polls, or else the piece counts.
 */
static bool verify_links(Verify *v)
{
    const TCGContext *c = v->c;

    for (unsigned i = 0; i < c->norder; i++) {
        const TCGBlock *b = &c->blocks[c->order[i]];
        const TCGOp *last = b->end > b->first ? &c->ops[b->end - 1] : NULL;

        if (b->reachable && last && last->opc == TCG_OP_goto_link &&
            c->temps[last->in[0]].value <= c->pc && !(last->imm[1] & TCG_LINK_POLLS) &&
            !is_counted(v, c->order[i])) {
            return bad(v, last, "a link backward neither polls nor counts");
        }
    }
    return true;
}

bool tcg_verify(TCGContext *c, GString *why)
{
    g_autofree Verify *v = g_new(Verify, 1);

    v->c = c;
    v->why = why;
    if (c->cur_block != TCG_NONE) {
        c->blocks[c->cur_block].end = c->nops;
    }
    if (!verify_layout(v)) {
        return false;
    }
    tcg_flow(c);
    for (unsigned i = 0; i < c->nops; i++) {
        if (!verify_op(v, &c->ops[i])) {
            return false;
        }
    }
    return verify_slots(v) && verify_flow(v) && verify_locals(v) && verify_links(v);
}
