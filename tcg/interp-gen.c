/* SPDX-License-Identifier: MIT */
/*
 * From optimised IR to the interpreter's program: operands become direct slots, branches numbers of
 * insns, and insn_start a table beside the code.
 *
 * The program is position independent and read only. Slots of locals are reused as soon as liveness
 * says so; locals that cross blocks keep theirs. Tests: tests/unit/tcg/test-interp.c.
 */
#include "qemu/osdep.h"
#include "interp.h"

typedef struct InterpGen {
    TCGContext *c;
    InterpProgram *prog;
    const uint8_t *end;
    unsigned nconsts, ncalls, nslots, nfree;
    bool full; /* the buffer is */
    uint16_t free_slots[INTERP_MAX_SLOTS];
    uint16_t block_insn[TCG_MAX_BLOCKS]; /* first insn of a block */
    uint16_t slot[TCG_MAX_TEMPS];        /* of a local: frame slot; of a constant: its number */
    uint16_t const_temp[TCG_MAX_TEMPS];
    uint16_t call_helper[TCG_MAX_OPS];
} InterpGen;

static bool grow_slots(InterpGen *g, uint16_t temp)
{
    if (g->nfree) {
        g->slot[temp] = g->free_slots[--g->nfree];
        return true;
    }
    if (g->nslots >= INTERP_MAX_SLOTS) {
        return false;
    }
    g->slot[temp] = g->nslots++;
    return true;
}

static uint32_t operand(InterpGen *g, uint16_t temp)
{
    const TCGTemp *t = &g->c->temps[temp];

    switch (t->kind) {
    case TCG_TEMP_GLOBAL:
        return interp_place(INTERP_ENV, t->offset);
    case TCG_TEMP_CONST:
        if (g->slot[temp] == TCG_NONE) {
            g->slot[temp] = g->nconsts;
            g->const_temp[g->nconsts++] = temp;
        }
        return interp_place(INTERP_CONST, g->slot[temp] * sizeof(uint64_t));
    default:
        g_assert(g->slot[temp] != TCG_NONE);
        return interp_place(INTERP_FRAME, g->slot[temp] * sizeof(uint64_t));
    }
}

static bool gen_op(InterpGen *g, unsigned at)
{
    TCGContext *c = g->c;
    const TCGOp *op = &c->ops[at];
    const TCGLife *life = &c->life[at];
    InterpInsn *insn = &g->prog->insns[g->prog->ninsns];

    if ((const uint8_t *)(insn + 1) > g->end) {
        g->full = true;
        return false;
    }
    *insn = (InterpInsn){
        .handler = interp_handler(op->opc, op->type),
    };
    interp_set_immediates(insn, op->opc, op->imm[0], op->imm[1], op->imm[2]);
    if (op->opc == TCG_OP_call) {
        insn->aux = (uint16_t)g->ncalls;
        g->call_helper[g->ncalls++] = (uint16_t)op->imm[0];
    }
    for (unsigned k = 0; k < op->nin; k++) {
        insn->in[k] = operand(g, op->in[k]);
    }
    for (unsigned k = 0; k < op->nin; k++) {
        const TCGTemp *t = &c->temps[op->in[k]];
        bool seen = false;

        for (unsigned n = 0; n < k; n++) {
            seen |= op->in[n] == op->in[k];
        }
        if (t->kind == TCG_TEMP_LOCAL && t->cross == TCG_NO_CROSS && (life->dead >> k & 1) &&
            !seen) {
            g->free_slots[g->nfree++] = g->slot[op->in[k]];
        }
    }
    if (op->out != TCG_NONE) {
        const TCGTemp *t = &c->temps[op->out];

        if (t->kind == TCG_TEMP_LOCAL && g->slot[op->out] == TCG_NONE && !grow_slots(g, op->out)) {
            return false;
        }
        insn->out = operand(g, op->out);
        if (t->kind == TCG_TEMP_LOCAL && t->cross == TCG_NO_CROSS && life->out_dead) {
            g->free_slots[g->nfree++] = g->slot[op->out];
        }
    }
    g->prog->ninsns++;
    return true;
}

static bool gen_insns(InterpGen *g)
{
    TCGContext *c = g->c;
    InterpProgram *prog = g->prog;

    for (unsigned i = 0; i < c->norder; i++) {
        const TCGBlock *b = &c->blocks[c->order[i]];

        g->block_insn[c->order[i]] = prog->ninsns;
        for (unsigned at = b->first; at < b->end; at++) {
            if (c->ops[at].opc == TCG_OP_insn_start) {
                prog->nmarks++;
            } else if (c->ops[at].opc != TCG_OP_nop && b->reachable && !gen_op(g, at)) {
                return false;
            }
        }
    }
    for (unsigned i = 0; i < prog->ninsns; i++) {
        InterpInsn *insn = &prog->insns[i];

        if (insn->handler / 2 == TCG_OP_br || insn->handler / 2 == TCG_OP_brcond) {
            insn->in[4] = g->block_insn[insn->in[4]];
        }
    }
    return true;
}

/* The tables behind the insns; returns their end. */
static uint8_t *gen_tables(InterpGen *g)
{
    TCGContext *c = g->c;
    InterpProgram *prog = g->prog;
    uint8_t *base = (uint8_t *)prog;
    InterpMark *mark;
    InterpCall *calls;
    uint64_t *consts;
    unsigned ninsns = 0;

    prog->marks = sizeof(*prog) + prog->ninsns * sizeof(InterpInsn);
    prog->calls = prog->marks + prog->nmarks * sizeof(InterpMark);
    prog->consts = prog->calls + g->ncalls * sizeof(InterpCall);
    if (base + prog->consts + g->nconsts * sizeof(uint64_t) > g->end) {
        g->full = true;
        return NULL;
    }
    mark = (InterpMark *)(base + prog->marks);
    for (unsigned i = 0; i < c->norder; i++) {
        const TCGBlock *b = &c->blocks[c->order[i]];

        for (unsigned at = b->first; at < b->end; at++) {
            const TCGOp *op = &c->ops[at];

            if (op->opc == TCG_OP_insn_start) {
                *mark++ = (InterpMark){
                    .pc = (uint32_t)op->imm[0] | (uint64_t)op->imm[1] << 32,
                    .insn = ninsns,
                    .idx = op->imm[2],
                };
            } else if (op->opc != TCG_OP_nop && b->reachable) {
                ninsns++;
            }
        }
    }
    calls = (InterpCall *)(base + prog->calls);
    for (unsigned i = 0; i < g->ncalls; i++) {
        calls[i] = interp_call(&c->helpers[g->call_helper[i]]);
    }
    consts = (uint64_t *)(base + prog->consts);
    for (unsigned i = 0; i < g->nconsts; i++) {
        consts[i] = c->temps[g->const_temp[i]].value;
    }
    return (uint8_t *)(consts + g->nconsts);
}

TCGResult tcg_interp_compile(TCGContext *c, TCGCodeBuf *buf, TCGCode *code)
{
    InterpGen g;
    uint8_t *start = (uint8_t *)QEMU_ALIGN_UP((uintptr_t)buf->ptr, 16), *end;

    if (start + sizeof(InterpProgram) > buf->end) {
        return TCG_E_BUFFER;
    }
    g.c = c;
    g.prog = (InterpProgram *)start;
    g.end = buf->end;
    g.nconsts = g.ncalls = g.nslots = g.nfree = 0;
    g.full = false;
    memset(g.slot, 0xff, c->ntemps * sizeof(g.slot[0]));
    *g.prog = (InterpProgram){.cookie = c->cookie, .pc = c->pc, .mmu_idx = c->mmu_idx};
    if (!gen_insns(&g)) {
        return g.full ? TCG_E_BUFFER : TCG_E_LIMIT;
    }
    end = gen_tables(&g);
    if (!end) {
        return TCG_E_BUFFER;
    }
    *code = (TCGCode){
        .entry = start + buf->rx_delta,
        .rw = start,
        .size = end - start,
        .main_size = (uint32_t)(end - start),
    };
    for (unsigned i = 0; i < g.prog->ninsns; i++) {
        code->nlinks += g.prog->insns[i].handler / 2 == TCG_OP_goto_link;
    }
    buf->ptr = end;
    return TCG_OK;
}
