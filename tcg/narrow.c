/* SPDX-License-Identifier: MIT */
/*
 * Arithmetic of 64 bits of which only the low half is wanted, and rotations.
 *
 * RV64 code computes 32-bit values in sign-extended registers: between two "W" instructions the
 * upper halves are wanted by nobody. A walk backwards over each block finds where: then a sign
 * extension is a copy, and an operation can be one of 32 bits. What a trap, an exit or another
 * block may see is wanted whole.
 *
 * A walk forwards then joins shl, shr and the or of both into rotl.
 *
 * Tests: tests/tcg/narrow.ir, tests/fuzz/tcg-fuzz.c.
 */
#include "qemu/osdep.h"
#include "tcg-internal.h"

/* ---- upper halves that nobody wants ---------------------------------------------------------- */

typedef struct Narrow {
    TCGContext *c;
    bool wanted[TCG_MAX_TEMPS]; /* upper half of the temp's value at this point */
} Narrow;

static bool const_below(const TCGContext *c, uint16_t t, uint64_t limit)
{
    return tcg_temp_is_const(c, t) && c->temps[t].value < limit;
}

/* Are the low 32 bits of the result of 64-bit @op those of the same op on 32 bits? */
static bool low_half_suffices(const TCGContext *c, const TCGOp *op)
{
    switch (op->opc) {
    case TCG_OP_add:
    case TCG_OP_sub:
    case TCG_OP_mul:
    case TCG_OP_and:
    case TCG_OP_or:
    case TCG_OP_xor:
    case TCG_OP_andc:
    case TCG_OP_orc:
    case TCG_OP_eqv:
    case TCG_OP_not:
    case TCG_OP_neg:
        return true;
    case TCG_OP_shl:
        return const_below(c, op->in[1], 32);
    default:
        return false;
    }
}

static bool is_extension(const TCGOp *op)
{
    return (op->opc == TCG_OP_sextract || op->opc == TCG_OP_extract) && op->imm[0] == 0 &&
           op->imm[1] == 32 && op->type == TCG_I64;
}

/* The result's upper half is not wanted: make less of @op. */
static void narrow_op(const TCGContext *c, TCGOp *op)
{
    if (is_extension(op)) {
        op->opc = TCG_OP_mov;
        op->imm[0] = op->imm[1] = 0;
    } else if (op->type == TCG_I64 && low_half_suffices(c, op)) {
        op->type = TCG_I32;
    }
}

/* Does @op look at the upper half of operand @k? @out_wanted: at that of its result. */
static bool wants_upper(const TCGOp *op, unsigned k, bool out_wanted)
{
    switch (op->opc) {
    case TCG_OP_mov:
        return op->type == TCG_I64 && out_wanted;
    case TCG_OP_movcond:
        return k < 2 ? op->type == TCG_I64 : out_wanted;
    case TCG_OP_extract:
    case TCG_OP_sextract:
        return op->imm[0] + op->imm[1] > 32;
    case TCG_OP_qemu_st:
        return k == 0 || memop_size(get_memop((MemOpIdx)op->imm[0])) > 4;
    case TCG_OP_st_env:
        return memop_size((MemOp)op->imm[1]) > 4;
    case TCG_OP_fcvt_fi32:
        return false;
    default:
        return op->type != TCG_I32 || tcg_op_defs[op->opc].types == 'N';
    }
}

static void narrow_block(Narrow *n, const TCGBlock *b)
{
    TCGContext *c = n->c;

    memset(n->wanted, true, c->ntemps);
    for (unsigned i = b->end; i-- > b->first;) {
        TCGOp *op = &c->ops[i];
        bool out_wanted = true;

        if (op->opc == TCG_OP_nop) {
            continue;
        }
        if (op->out != TCG_NONE && c->temps[op->out].cross == TCG_NO_CROSS) {
            out_wanted = n->wanted[op->out];
            /* before it the temp has another value, which nobody has asked for so far */
            n->wanted[op->out] = false;
            if (!out_wanted) {
                narrow_op(c, op);
            }
        }
        if (tcg_op_effects(c, op) & (TCG_EF_TRAP | TCG_EF_EXIT | TCG_EF_CALL)) {
            memset(n->wanted, true, c->nglobals);
        }
        for (unsigned k = 0; k < op->nin; k++) {
            n->wanted[op->in[k]] |= wants_upper(op, k, out_wanted);
        }
    }
}

/* ---- rotations ------------------------------------------------------------------------------- */

/* What a temp holds: a shift by a constant of what another held, or nothing known. */
typedef struct Shift {
    uint16_t opc; /* TCG_OP_shl, TCG_OP_shr, or TCG_NB_OPS */
    uint8_t type;
    uint8_t count;
    uint16_t of;
    uint32_t version; /* of the temp @of then */
} Shift;

typedef struct Rotate {
    TCGContext *c;
    uint32_t version[TCG_MAX_TEMPS];
    Shift shift[TCG_MAX_TEMPS];
} Rotate;

static const Shift *shift_of(const Rotate *r, uint16_t t)
{
    const Shift *s = &r->shift[t];

    return s->opc != TCG_NB_OPS && r->version[s->of] == s->version ? s : NULL;
}

static void rotate_find(const Rotate *r, TCGOp *op, uint16_t *count)
{
    const Shift *a = shift_of(r, op->in[0]), *b = shift_of(r, op->in[1]);
    unsigned bits = op->type == TCG_I32 ? 32 : 64;

    if (!a || !b || a->of != b->of || a->type != op->type || b->type != op->type ||
        a->opc == b->opc || a->count + b->count != bits) {
        return;
    }
    op->opc = TCG_OP_rotl;
    op->in[0] = a->of;
    *count = a->opc == TCG_OP_shl ? a->count : b->count;
}

static void rotate_block(Rotate *r, const TCGBlock *b)
{
    TCGContext *c = r->c;

    for (unsigned t = 0; t < c->ntemps; t++) {
        r->shift[t].opc = TCG_NB_OPS;
    }
    for (unsigned i = b->first; i < b->end; i++) {
        TCGOp *op = &c->ops[i];
        Shift result = {.opc = TCG_NB_OPS};
        uint16_t count = 0;

        if (op->opc == TCG_OP_nop || op->out == TCG_NONE) {
            continue;
        }
        if (op->opc == TCG_OP_or || op->opc == TCG_OP_xor || op->opc == TCG_OP_add) {
            rotate_find(r, op, &count);
            if (op->opc == TCG_OP_rotl) {
                op->in[1] = tcg_const(c, count).idx;
            }
        } else if ((op->opc == TCG_OP_shl || op->opc == TCG_OP_shr) &&
                   const_below(c, op->in[1], op->type == TCG_I32 ? 32 : 64)) {
            result = (Shift){
                .opc = op->opc,
                .type = op->type,
                .count = (uint8_t)c->temps[op->in[1]].value,
                .of = op->in[0],
                .version = r->version[op->in[0]],
            };
        } else if (op->opc == TCG_OP_mov && op->type == TCG_I64) {
            result = r->shift[op->in[0]];
        }
        r->version[op->out]++;
        r->shift[op->out] = result;
    }
}

/* A helper may write globals behind our back: forget what was computed from them. */
static bool has_call(const TCGContext *c, const TCGBlock *b)
{
    for (unsigned i = b->first; i < b->end; i++) {
        if (c->ops[i].opc == TCG_OP_call && !(c->helpers[c->ops[i].imm[0]].flags & TCG_HF_PURE)) {
            return true;
        }
    }
    return false;
}

void tcg_narrow(TCGContext *c)
{
    union {
        Narrow narrow;
        Rotate rotate;
    } * u;

    if (c->overflow) {
        return;
    }
    u = g_malloc(sizeof(*u));
    u->narrow.c = c;
    for (unsigned n = 0; n < c->norder; n++) {
        narrow_block(&u->narrow, &c->blocks[c->order[n]]);
    }
    u->rotate.c = c;
    memset(u->rotate.version, 0, sizeof(u->rotate.version));
    for (unsigned n = 0; n < c->norder; n++) {
        const TCGBlock *b = &c->blocks[c->order[n]];

        if (!has_call(c, b)) {
            rotate_block(&u->rotate, b);
        }
    }
    g_free(u);
}
