/* SPDX-License-Identifier: MIT */
/*
 * Arithmetic of 64 bits of which only the low half is wanted, and rotations.
 *
 * RV64 code computes 32-bit values in sign-extended registers: between two "W" instructions the
 * upper halves are wanted by nobody. A walk backwards over each block finds where: then a sign
 * extension is a copy, and an operation can be one of 32 bits. What a trap, an exit or another
 * block may see is wanted whole.
 *
 * Bitwise operations on sign-extended values whose result is wanted whole are split where that
 * makes an extension before them unnecessary: done on 32 bits, and the result extended.
 *
 * A walk forwards then joins shl, shr and the or of both into rotl.
 *
 * Tests: tests/tcg/narrow.ir, tests/fuzz/tcg-fuzz.c.
 */
#include "qemu/osdep.h"
#include "build.h"

/* ---- upper halves that nobody wants ---------------------------------------------------------- */

typedef enum Extended {
    EXT_NO,
    EXT_VALUE, /* the value is the sign extension of its low half */
    EXT_OP,    /* and has been made that by an op in this block */
} Extended;

typedef struct Narrow {
    TCGContext *c;
    union {
        bool wanted[TCG_MAX_TEMPS]; /* upper half of the temp's value at this point */
        uint8_t extended[TCG_MAX_TEMPS];
    };
    /* bitwise ops on extended values: which operands are EXT_OP (bits); or SPLIT_DECIDED */
    uint8_t split[TCG_MAX_OPS];
    unsigned nsplits;
} Narrow;

#define SPLIT_DECIDED 0x80

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

/* ---- bitwise operations on extended values --------------------------------------------------- */

static Extended operand_extended(const Narrow *n, uint16_t t)
{
    if (tcg_temp_is_const(n->c, t)) {
        return (int64_t)n->c->temps[t].value == (int32_t)n->c->temps[t].value ? EXT_VALUE : EXT_NO;
    }
    return (Extended)n->extended[t];
}

static Extended result_extended(const Narrow *n, const TCGOp *op)
{
    switch (op->opc) {
    case TCG_OP_sextract:
        return is_extension(op) ? EXT_OP : EXT_NO;
    case TCG_OP_mov:
        return op->type == TCG_I64 ? operand_extended(n, op->in[0]) : EXT_NO;
    case TCG_OP_shr:
        /* zero-extended, and the sign bit is clear */
        return op->type == TCG_I32 && const_below(n->c, op->in[1], 32) &&
                       n->c->temps[op->in[1]].value ?
                   EXT_VALUE :
                   EXT_NO;
    case TCG_OP_qemu_ld:
        return (get_memop((MemOpIdx)op->imm[0]) & MO_SSIZE) == MO_SL ? EXT_VALUE : EXT_NO;
    default:
        return EXT_NO;
    }
}

/* Find the ops of @b that may be split. */
static void find_splits(Narrow *n, const TCGBlock *b)
{
    memset(n->extended, EXT_NO, n->c->ntemps);
    for (unsigned i = b->first; i < b->end; i++) {
        const TCGOp *op = &n->c->ops[i];
        Extended out = EXT_NO;

        n->split[i] = 0;
        if (op->opc == TCG_OP_call) {
            for (uint64_t m = n->c->helpers[op->imm[0]].writes & n->c->all_globals; m; m &= m - 1) {
                n->extended[__builtin_ctzll(m)] = EXT_NO;
            }
        }
        if (op->opc == TCG_OP_nop || op->out == TCG_NONE) {
            continue;
        }
        if (op->type == TCG_I64 &&
            (op->opc == TCG_OP_and || op->opc == TCG_OP_or || op->opc == TCG_OP_xor)) {
            Extended x = operand_extended(n, op->in[0]), y = operand_extended(n, op->in[1]);

            if (x && y) {
                n->split[i] = (uint8_t)((x == EXT_OP) | (y == EXT_OP) << 1);
                out = EXT_OP;
            }
        } else {
            out = result_extended(n, op);
        }
        n->extended[op->out] = (uint8_t)out;
    }
}

/* The result of @op is wanted whole: shall it be split, as an extension before it is in vain? */
static void decide_split(Narrow *n, unsigned i, TCGOp *op)
{
    if (n->c->nops + n->nsplits >= TCG_MAX_OPS || n->c->ntemps + n->nsplits >= TCG_MAX_TEMPS) {
        return;
    }
    for (unsigned k = 0; k < 2; k++) {
        if ((n->split[i] >> k & 1) && !n->wanted[op->in[k]]) {
            op->type = TCG_I32;
            n->split[i] = SPLIT_DECIDED;
            n->nsplits++;
            return;
        }
    }
}

/* TCGInsertFn: an extension behind an op that has been split. */
static bool insert_extension(void *opaque, unsigned block, unsigned i, TCGOp *pair)
{
    const Narrow *n = opaque;
    uint16_t low;

    if (n->split[i] != SPLIT_DECIDED) {
        return false;
    }
    low = tcg_temp_new(n->c, TCG_TEMP_LOCAL, TCG_CLASS_INT);
    n->c->temps[low].block = block;
    pair[0] = pair[1];
    pair[0].out = low;
    pair[1] = (TCGOp){
        .opc = TCG_OP_sextract,
        .type = TCG_I64,
        .nin = 1,
        .out = pair[1].out,
        .imm = {0, 32},
        .in = {low},
    };
    return true;
}

/* ---- blocks ---------------------------------------------------------------------------------- */

static void narrow_block(Narrow *n, const TCGBlock *b)
{
    TCGContext *c = n->c;

    find_splits(n, b);
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
            } else if (n->split[i]) {
                decide_split(n, i, op);
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
        } else if ((op->opc == TCG_OP_mov && op->type == TCG_I64) ||
                   (is_extension(op) && r->shift[op->in[0]].type == TCG_I32)) {
            /* an extension has the low half that a shift of 32 bits is joined with */
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
    u->narrow.nsplits = 0;
    for (unsigned n = 0; n < c->norder; n++) {
        narrow_block(&u->narrow, &c->blocks[c->order[n]]);
    }
    if (u->narrow.nsplits) {
        tcg_insert_ops(c, u->narrow.nsplits, insert_extension, &u->narrow);
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
