/* SPDX-License-Identifier: MIT */
/*
 * Direct execution: ops are carried out when they are built, and not kept.
 *
 * What makes a translator an interpreter: code that runs a few times costs less than translating
 * it would. Globals are in env; locals are slots of a frame that lives for one guest instruction;
 * ops are the interpreter's (interp.c), which thereby stays their only description in C. A branch
 * is taken by dropping ops up to its label, so that labels stand behind the branches to them.
 *
 * Threads: those of TCGContext. Tests: tests/unit/tcg/test-direct.c; all guests with
 * -accel tcg,cold=255.
 */
#include "qemu/osdep.h"

#include "build.h"
#include "interp.h"

/* Locals and constants of one guest instruction. */
#define DIRECT_LOCALS 256

struct TCGDirect {
    Interp interp;
    InterpProgram *one; /* a program of one insn, its mark, and a call */
    InterpMark *mark;
    InterpCall *call;
    uint64_t status;  /* INTERP_GO_ON, or how the hart has left */
    uint16_t skip;    /* label that ops are dropped up to; TCG_NONE: they are carried out */
    uint16_t nlabels; /* of this instruction */
    uint16_t nlocals; /* likewise; the first one stands for results that nobody computes */
    uint32_t global[TCG_MAX_GLOBALS]; /* [const] as operands */
    uint64_t frame[DIRECT_LOCALS];
};

static TCGDirect *direct_new(const TCGContext *c)
{
    const size_t insns = sizeof(InterpProgram) + sizeof(InterpInsn);
    TCGDirect *d = g_new0(TCGDirect, 1);

    d->one = g_malloc0(insns + sizeof(InterpMark) + sizeof(InterpCall));
    d->one->nmarks = 1;
    d->one->marks = insns;
    d->one->calls = insns + sizeof(InterpMark);
    d->mark = (InterpMark *)((uint8_t *)d->one + d->one->marks);
    d->call = (InterpCall *)((uint8_t *)d->one + d->one->calls);
    d->interp.layout = c->layout;
    d->interp.prog = d->one;
    d->interp.base[INTERP_FRAME] = (uint8_t *)d->frame;
    for (unsigned g = 0; g < c->nglobals; g++) {
        d->global[g] = interp_place(INTERP_ENV, (uint32_t)c->temps[g].offset);
    }
    return d;
}

void tcg_direct_free(TCGDirect *d)
{
    if (d) {
        g_free(d->one);
        g_free(d);
    }
}

void tcg_direct_begin(TCGContext *c, void *env)
{
    if (!c->direct_memory) {
        c->direct_memory = direct_new(c);
    }
    c->direct = c->direct_memory;
    c->direct->interp.base[INTERP_ENV] = env;
}

void tcg_direct_end(TCGContext *c)
{
    c->direct = NULL;
}

void tcg_direct_insn(TCGContext *c, uint64_t pc, unsigned index)
{
    TCGDirect *d = c->direct;

    d->status = INTERP_GO_ON;
    d->skip = TCG_NONE;
    d->nlabels = 0;
    d->nlocals = 1;
    d->mark->pc = pc;
    d->mark->idx = index;
}

bool tcg_direct_has_left(const TCGContext *c, uint64_t *status)
{
    const TCGDirect *d = c->direct;

    g_assert(d->status != INTERP_GO_ON || d->skip == TCG_NONE); /* labels stand behind branches */
    *status = d->status;
    return *status != INTERP_GO_ON;
}

/* ---- what builders ask for ------------------------------------------------------------------- */

static TCGv local(TCGDirect *d)
{
    g_assert(d->nlocals < DIRECT_LOCALS);
    return (TCGv){TCG_MAX_GLOBALS + d->nlocals++};
}

static uint32_t operand(const TCGDirect *d, TCGv t)
{
    return t.idx < TCG_MAX_GLOBALS ?
               d->global[t.idx] :
               interp_place(INTERP_FRAME, (t.idx - TCG_MAX_GLOBALS) * sizeof(uint64_t));
}

static uint64_t *value_of(TCGDirect *d, TCGv t)
{
    return t.idx < TCG_MAX_GLOBALS ? interp_slot(&d->interp, d->global[t.idx]) :
                                     &d->frame[t.idx - TCG_MAX_GLOBALS];
}

/* Does the instruction go on here? */
static bool is_open(const TCGDirect *d)
{
    return d->status == INTERP_GO_ON && d->skip == TCG_NONE;
}

TCGv tcg_direct_const(TCGDirect *d, uint64_t value)
{
    TCGv t = local(d);

    d->frame[t.idx - TCG_MAX_GLOBALS] = value;
    return t;
}

TCGLabel tcg_direct_label(TCGDirect *d)
{
    return (TCGLabel){d->nlabels++};
}

void tcg_direct_place(TCGDirect *d, TCGLabel label)
{
    if (d->skip == label.idx) {
        d->skip = TCG_NONE;
    }
}

void tcg_direct_set_global(TCGDirect *d, TCGv global, TCGv value)
{
    if (is_open(d)) {
        *value_of(d, global) = *value_of(d, value);
    }
}

/* The hart goes on at @pc. */
static void go_to(TCGDirect *d, TCGv pc, uint64_t status)
{
    memcpy(d->interp.base[INTERP_ENV] + d->interp.layout->pc, value_of(d, pc), sizeof(uint64_t));
    d->status = status;
}

/* What does not lead elsewhere. */
static TCGv carry_out(TCGContext *c, unsigned opc, TCGType type, const TCGv *in, unsigned nin,
                      int32_t i0, int32_t i1, int32_t i2)
{
    TCGDirect *d = c->direct;
    InterpInsn *insn = d->one->insns;
    TCGv out = {TCG_MAX_GLOBALS};

    g_assert(!(tcg_op_defs[opc].effects & (TCG_EF_END | TCG_EF_COND_BRANCH | TCG_EF_EXIT)));
    insn->handler = interp_handler(opc, type);
    interp_set_immediates(insn, opc, i0, i1, i2);
    for (unsigned k = 0; k < nin; k++) {
        insn->in[k] = operand(d, in[k]);
    }
    if (opc == TCG_OP_call) {
        const TCGHelperInfo *h = &c->helpers[i0];

        insn->aux = 0;
        *d->call = interp_call(h);
        if (h->ret != 'v') {
            out = local(d);
        }
    } else if (tcg_op_defs[opc].nout) {
        out = local(d);
    }
    insn->out = operand(d, out);
    d->status = interp_step(&d->interp, insn);
    return out;
}

TCGv tcg_direct_emit(TCGContext *c, unsigned opc, TCGType type, const TCGv *in, unsigned nin,
                     int32_t i0, int32_t i1, int32_t i2)
{
    TCGDirect *d = c->direct;
    const TCGv none = {TCG_MAX_GLOBALS};

    if (!is_open(d)) {
        return none;
    }
    switch (opc) {
    case TCG_OP_br:
        d->skip = (uint16_t)i0;
        return none;
    case TCG_OP_brcond:
        if (interp_compare(*value_of(d, in[0]), *value_of(d, in[1]), i0, type == TCG_I32)) {
            d->skip = (uint16_t)i1;
        }
        return none;
    case TCG_OP_goto_link:
    case TCG_OP_goto_indirect:
        go_to(d, in[0], TCG_EXIT_LOOKUP);
        return none;
    case TCG_OP_exit:
        go_to(d, in[0], (uint64_t)i0);
        return none;
    default:
        return carry_out(c, opc, type, in, nin, i0, i1, i2);
    }
}
