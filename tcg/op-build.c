/* SPDX-License-Identifier: MIT */
/*
 * Appending ops: the quick half of the optimiser.
 *
 * Each op is simplified while it is appended, from what is known in its block, so that
 * TCG_OPT_QUICK needs no pass for that. Values are numbered: every temp says the name of the value
 * that it holds (TCGTemp.val), and a name is a temp. That gives at once
 *   - constant folding: an operand whose value is a constant is replaced by it;
 *   - copy propagation: an operand is replaced by the global that holds the same value, so that
 *     the local dies where it was assigned to the global, and the allocator merely renames;
 *   - common subexpressions: a hash of (op, immediates, names of operand values).
 * Assigning a global right after the op that computes the value redirects that op: no mov. The
 * local then is virtual. If it is used once its global has changed, the op is given back its local
 * (give_back()); that is rare, and costs moving the ops behind it. An insn_start is kept back until
 * an op comes that may leave at it.
 *
 * Not here: rules of algebra (fold.def), removal of dead ops (liveness.c). With TCG_OPT_NONE ops
 * are appended as given. Tests: tests/unit/tcg/test-build.c, tests/tcg, tests/fuzz/tcg-fuzz.c.
 */
#include "qemu/osdep.h"
#include "build.h"
#include "eval.h"
#include "tcg-internal.h"

/* Records kept free: the op that is being put together, an insn_start, copies by give_back(). */
enum {
    SPARE_OPS = 3 + TCG_MAX_INS
};

static const TCGv no_result = {TCG_NONE};

void tcg_note_use(TCGContext *c, uint16_t idx)
{
    TCGTemp *t = &c->temps[idx];

    if (likely(t->kind != TCG_TEMP_LOCAL || t->block == c->cur_block || t->cross != TCG_NO_CROSS)) {
        return;
    }
    if (c->ncross >= TCG_MAX_CROSS) {
        c->overflow = true;
        return;
    }
    t->cross = c->ncross;
    c->cross[c->ncross++] = idx;
}

/*
 * An op is put together where it will stand: in the first free record, which next_op() clears and
 * commit() makes part of the code. There is always room: emit() checks.
 */
static inline TCGOp *next_op(TCGContext *c)
{
    TCGOp *op = &c->ops[c->nops];

    memset(op, 0, sizeof(*op));
    op->out = TCG_NONE;
    return op;
}

static inline void commit(TCGContext *c, const TCGOp *op)
{
    const unsigned effects = tcg_op_defs[op->opc].effects;

    c->nops++;
    c->naccesses += (effects & (TCG_EF_READ_MEM | TCG_EF_WRITE_MEM)) != 0;
    if (unlikely(effects & (TCG_EF_END | TCG_EF_COND_BRANCH))) {
        c->blocks[c->cur_block].end = c->nops;
        c->cur_block = TCG_NONE;
    }
}

void tcg_append(TCGContext *c, const TCGOp *op)
{
    if (unlikely(c->nops >= TCG_MAX_OPS - SPARE_OPS)) {
        c->overflow = true;
        return;
    }
    c->ops[c->nops] = *op;
    commit(c, op);
}

/* ---- what is known --------------------------------------------------------------------------- */

/* The temp to read value @name from, or TCG_NONE if no temp holds it for certain. */
static uint16_t temp_of_value(const TCGContext *c, uint16_t name)
{
    const TCGTemp *v = &c->temps[name];

    if (v->kind == TCG_TEMP_CONST) {
        return name;
    }
    if (v->holder != TCG_NONE && c->temps[v->holder].val == name) {
        return v->holder;
    }
    if (v->kind == TCG_TEMP_LOCAL && !(v->flags & TCG_TEMP_VIRTUAL) && v->block == c->cur_block) {
        return name;
    }
    return TCG_NONE;
}

/*
 * Virtual local @idx is wanted after its global has changed: let its op assign the local again,
 * and copy it to the global behind the op.
 */
static void give_back(TCGContext *c, uint16_t idx)
{
    TCGTemp *t = &c->temps[idx];
    const unsigned at = t->def;
    TCGOp *op = &c->ops[at];
    const uint16_t global = op->out;

    t->flags &= ~TCG_TEMP_VIRTUAL;
    op->out = idx;
    /* The op that is being put together moves as well. */
    memmove(op + 2, op + 1, (c->nops - at) * sizeof(*op));
    memmove(&c->op_val[at + 2], &c->op_val[at + 1], (c->nops - at - 1) * sizeof(c->op_val[0]));
    memmove(&c->op_vals[at + 2], &c->op_vals[at + 1], (c->nops - at - 1) * sizeof(c->op_vals[0]));
    op[1] = (TCGOp){
        .opc = t->cls == TCG_CLASS_FP ? TCG_OP_fmov : TCG_OP_mov,
        .type = TCG_I64,
        .nin = 1,
        .out = global,
        .in = {idx},
    };
    c->nops++;
    for (unsigned i = c->nglobals; i < c->ntemps; i++) {
        TCGTemp *u = &c->temps[i];

        if (u->kind == TCG_TEMP_LOCAL && u->def > at && u->def != TCG_NONE) {
            u->def++;
        }
    }
    for (unsigned i = c->blocks[t->block].order; i < c->norder; i++) {
        TCGBlock *b = &c->blocks[c->order[i]];

        b->end++;
        if (b->first > at) {
            b->first++;
        }
    }
    c->op_val[at + 1] = TCG_NONE;
    /* The hash names ops by their number. */
    tcg_forget_ops(c);
}

/* The best temp to read instead of @idx; the name of its value in *@name. */
static inline uint16_t resolve(TCGContext *c, uint16_t idx, uint16_t *name)
{
    TCGTemp *t = &c->temps[idx];
    const TCGTemp *v;

    if (t->kind == TCG_TEMP_LOCAL && t->block != c->cur_block) {
        /* A copy may be called by a global's name, which means another value in this block. */
        t->val = idx;
    }
    *name = t->val;
    v = &c->temps[t->val];
    if (v->kind == TCG_TEMP_CONST) {
        return t->val;
    }
    /* Of several globals that hold it the first: a copy that is only read again then is dead. */
    if (v->holder != TCG_NONE && c->temps[v->holder].val == t->val) {
        return v->holder;
    }
    if (t->kind == TCG_TEMP_GLOBAL) {
        return idx;
    }
    if (unlikely(t->flags & TCG_TEMP_VIRTUAL)) {
        give_back(c, idx);
    }
    if (unlikely(t->block != c->cur_block)) {
        tcg_note_use(c, idx);
    }
    return idx;
}

bool tcg_is_const(TCGContext *c, TCGv t, uint64_t *value)
{
    uint16_t name;

    if (unlikely(c->overflow || c->direct)) {
        return false;
    }
    name = c->temps[t.idx].val;
    if (c->temps[name].kind != TCG_TEMP_CONST) {
        return false;
    }
    *value = c->temps[name].value;
    return true;
}

/* Global @g now holds the value called @name. */
static void name_global(TCGContext *c, uint16_t g, uint16_t name)
{
    TCGTemp *v = &c->temps[name];

    c->temps[g].val = name;
    c->renamed |= UINT64_C(1) << g;
    if (v->holder == TCG_NONE || c->temps[v->holder].val != name) {
        v->holder = g;
    }
}

/* What @op, just appended, changes outside its result. */
static void note_effects(TCGContext *c, const TCGOp *op)
{
    unsigned effects = tcg_op_effects(c, op);
    unsigned classes = 0;

    if (effects & TCG_EF_FP) {
        classes |= 1u << TCG_ALIAS_FPSTATUS;
    }
    if (op->opc == TCG_OP_st_env) {
        classes |= op->imm[2] == TCG_ALIAS_OTHER ? UINT32_MAX : 1u << op->imm[2];
    }
    if ((effects & TCG_EF_CALL) && (effects & TCG_EF_WRITE_ENV)) {
        const TCGHelperInfo *h = &c->helpers[op->imm[0]];

        classes |= h->flags & TCG_HF_STATE ? UINT32_MAX : h->alias;
        classes |= h->alias & 1u << TCG_ALIAS_OTHER ? UINT32_MAX : 0;
        for (uint64_t m = h->writes & c->all_globals; m; m &= m - 1) {
            uint16_t name = tcg_temp_new(c, TCG_TEMP_LOCAL, c->temps[ctz64(m)].cls);

            if (unlikely(c->overflow)) {
                return;
            }
            /* A name alone: no op defines it. */
            c->temps[name].flags = TCG_TEMP_VIRTUAL;
            c->temps[name].def = TCG_NONE;
            name_global(c, ctz64(m), name);
        }
    }
    if (classes) {
        classes |= 1u << TCG_ALIAS_OTHER;
        for (unsigned i = 0; i < TCG_ALIAS_NR; i++) {
            c->alias_version[i] += classes >> i & 1;
        }
    }
}

/* ---- folding ------------------------------------------------------------------------------- */

static TCGCond swap_cond(TCGCond cond)
{
    static const uint8_t swapped[] = {
        [TCG_COND_NEVER] = TCG_COND_NEVER, [TCG_COND_ALWAYS] = TCG_COND_ALWAYS,
        [TCG_COND_EQ] = TCG_COND_EQ,       [TCG_COND_NE] = TCG_COND_NE,
        [TCG_COND_LT] = TCG_COND_GT,       [TCG_COND_GE] = TCG_COND_LE,
        [TCG_COND_LE] = TCG_COND_GE,       [TCG_COND_GT] = TCG_COND_LT,
        [TCG_COND_LTU] = TCG_COND_GTU,     [TCG_COND_GEU] = TCG_COND_LEU,
        [TCG_COND_LEU] = TCG_COND_GEU,     [TCG_COND_GTU] = TCG_COND_LTU,
        [TCG_COND_TSTEQ] = TCG_COND_TSTEQ, [TCG_COND_TSTNE] = TCG_COND_TSTNE,
    };
    return swapped[cond];
}

static bool has_cond(unsigned opc)
{
    return opc == TCG_OP_brcond || opc == TCG_OP_setcond || opc == TCG_OP_movcond ||
           opc == TCG_OP_guard;
}

/* A constant goes second: backends and rules then look there only. */
static void order_operands(TCGContext *c, TCGOp *op, uint16_t val[4])
{
    uint16_t t;

    if (op->nin < 2 || !tcg_temp_is_const(c, op->in[0]) || tcg_temp_is_const(c, op->in[1])) {
        return;
    }
    if (has_cond(op->opc)) {
        op->imm[0] = swap_cond(op->imm[0]);
    } else if (!(tcg_op_defs[op->opc].effects & TCG_EF_COMMUTES)) {
        return;
    }
    t = op->in[0];
    op->in[0] = op->in[1];
    op->in[1] = t;
    t = val[0];
    val[0] = val[1];
    val[1] = t;
}

static unsigned type_bits(unsigned type)
{
    return type == TCG_I32 || type == TCG_F32 ? 32 : 64;
}

/* What rules may know of the op that computed the first operand, if its operands are still held. */
static void fold_inner(const TCGContext *c, uint16_t name, TCGFoldIn *f, uint16_t *operand,
                       unsigned *inner_type)
{
    const TCGTemp *a = &c->temps[name];
    const TCGOp *inner;
    uint16_t x, y = TCG_NONE;

    if (a->kind != TCG_TEMP_LOCAL || a->block != c->cur_block || a->def >= c->nops ||
        c->op_val[a->def] != name) {
        return;
    }
    inner = &c->ops[a->def];
    if (!tcg_op_defs[inner->opc].has_eval) {
        return;
    }
    x = temp_of_value(c, c->op_vals[a->def] & 0xffff);
    if (inner->nin > 1) {
        y = temp_of_value(c, c->op_vals[a->def] >> 16 & 0xffff);
        f->kj = y != TCG_NONE && tcg_temp_is_const(c, y);
        f->j = f->kj ? c->temps[y].value & tcg_eval_mask(f->bits) : 0;
    }
    if (x == TCG_NONE || (inner->nin > 1 && y == TCG_NONE)) {
        return;
    }
    operand[TCG_FOLD_X] = x;
    operand[TCG_FOLD_Y] = y;
    *inner_type = inner->type;
    f->inner = inner->opc;
    f->inner_bits = type_bits(inner->type);
    f->j0 = inner->imm[0];
    f->j1 = inner->imm[1];
}

static TCGv build(TCGContext *c);

/*
 * True, and the result in *@res, if a rule applies: then the op that is being put together has
 * become another.
 */
static bool fold(TCGContext *c, const TCGOp *op, const uint16_t val[4], TCGv *res)
{
    const TCGTemp *a = &c->temps[val[0]], *b = &c->temps[op->nin > 1 ? val[1] : val[0]];
    const unsigned bits = type_bits(op->type);
    unsigned inner_type = op->type;
    uint16_t operand[TCG_FOLD_OPERANDS] = {
        [TCG_FOLD_A] = op->in[0],
        [TCG_FOLD_B] = op->in[1],
        [TCG_FOLD_C] = op->in[2],
        [TCG_FOLD_D] = op->in[3],
    };
    TCGFoldIn in = {
        .opc = op->opc,
        .bits = bits,
        .inner = TCG_NB_OPS,
        .i0 = op->imm[0],
        .i1 = op->imm[1],
        .ka = a->kind == TCG_TEMP_CONST,
        .kb = op->nin > 1 && b->kind == TCG_TEMP_CONST,
        .a = a->value & tcg_eval_mask(bits),
        .b = b->value & tcg_eval_mask(bits),
        .same = op->nin > 1 && val[0] == val[1],
        .same_cd = op->nin > 3 && val[2] == val[3],
        .boxed = a->flags & TCG_TEMP_BOXED,
        /* An op of 32 bits sees the low halves of its operands. */
        .ua = MIN(a->ubits, bits),
        .sa = MIN(a->sbits, bits),
    };
    TCGFoldTo to;
    TCGOp *new_op;

    if (tcg_fold_has_inner(op->opc)) {
        fold_inner(c, val[0], &in, operand, &inner_type);
    }
    if (likely(!tcg_fold_match(&in, &to))) {
        return false;
    }
    if (to.opc == TCG_OP_mov) {
        /* One of the operands, whole where the op's width is not its result's. */
        inner_type = tcg_op_defs[op->opc].types == 'I' ? op->type : TCG_I64;
        to.opc = tcg_op_out_class(c, op) == TCG_CLASS_FP ? TCG_OP_fmov : TCG_OP_mov;
    } else if (!to.inner_type) {
        inner_type = op->type;
    }
    new_op = next_op(c);
    new_op->opc = to.opc;
    new_op->type = inner_type;
    new_op->nin = to.nin;
    new_op->imm[0] = to.i0;
    new_op->imm[1] = to.i1;
    for (unsigned k = 0; k < to.nin; k++) {
        new_op->in[k] = to.in[k] == TCG_FOLD_CONST ? tcg_const(c, to.k).idx : operand[to.in[k]];
    }
    *res = build(c);
    return true;
}

static bool fold_constants(TCGContext *c, const TCGOp *op, TCGv *res)
{
    uint64_t in[4] = {0};

    for (unsigned k = 0; k < op->nin; k++) {
        if (!tcg_temp_is_const(c, op->in[k])) {
            return false;
        }
        in[k] = c->temps[op->in[k]].value;
    }
    *res = tcg_const(c, tcg_op_eval(op->opc, type_bits(op->type), in, op->imm[0], op->imm[1]));
    return true;
}

/* A comparison decided at translation: 1 or 0, else -1. */
static int known_cond(const TCGContext *c, const TCGOp *op, const uint16_t val[4])
{
    uint64_t in[4] = {0};

    if (tcg_temp_is_const(c, op->in[0]) && tcg_temp_is_const(c, op->in[1])) {
        in[0] = c->temps[op->in[0]].value;
        in[1] = c->temps[op->in[1]].value;
    } else if (val[0] != val[1] || op->imm[0] >= TCG_COND_TSTEQ) {
        return op->imm[0] == TCG_COND_ALWAYS ? 1 : op->imm[0] == TCG_COND_NEVER ? 0 : -1;
    }
    return tcg_op_eval(TCG_OP_setcond, type_bits(op->type), in, op->imm[0], 0);
}

/* ---- common subexpressions ----------------------------------------------------------------- */

static uint32_t *cse_slot(TCGContext *c, const TCGOp *op, uint64_t vals)
{
    uint64_t h = vals ^ ((uint64_t)op->opc << 56 | (uint64_t)op->type << 48);

    h ^= (uint64_t)(uint32_t)op->imm[0] * 0x85ebca6b + (uint64_t)(uint32_t)op->imm[1] * 0xc2b2ae35;
    return &c->cse_hash[(h * UINT64_C(0x9e3779b97f4a7c15)) >> (64 - TCG_HASH_LOG2)];
}

/* The local that stands for what @op would compute, or TCG_NONE if nothing holds that value. */
static uint16_t cse_find(TCGContext *c, const TCGOp *op, uint64_t vals, uint32_t entry)
{
    const unsigned at = entry & 0xffff;
    const TCGOp *other = &c->ops[at];

    if (entry >> 16 != c->gen_cse || c->op_vals[at] != vals || other->opc != op->opc ||
        other->type != op->type || other->nin != op->nin || other->imm[0] != op->imm[0] ||
        other->imm[1] != op->imm[1] || other->imm[2] != op->imm[2]) {
        return TCG_NONE;
    }
    /* Its name, not the global that may hold it now: the caller keeps it. */
    return temp_of_value(c, c->op_val[at]) == TCG_NONE ? TCG_NONE : c->op_val[at];
}

/* ---- building ------------------------------------------------------------------------------ */

/* A result of @op: append it, its local takes the name @vals' key is entered under. */
static TCGv append_result(TCGContext *c, TCGOp *op, const uint16_t val[4], uint64_t vals)
{
    const unsigned at = c->nops;
    TCGTemp *t;

    op->out = tcg_temp_new(c, TCG_TEMP_LOCAL, tcg_op_out_class(c, op));
    if (unlikely(c->overflow)) {
        return no_result;
    }
    t = &c->temps[op->out];
    tcg_known_bits(c, op, val, t);
    c->op_vals[at] = vals;
    c->op_val[at] = op->out;
    commit(c, op);
    return (TCGv){op->out};
}

static TCGv build_pure(TCGContext *c, TCGOp *op, uint16_t val[4], uint64_t vals)
{
    uint32_t *slot = cse_slot(c, op, vals);
    uint16_t found = cse_find(c, op, vals, *slot);
    TCGv res;

    if (found != TCG_NONE) {
        return (TCGv){found};
    }
    res = append_result(c, op, val, vals);
    *slot = (uint32_t)c->gen_cse << 16 | (c->nops - 1);
    return res;
}

static TCGv build_copy(TCGContext *c, TCGOp *op, const uint16_t val[4])
{
    TCGv res;

    if (op->type == TCG_I32) {
        op->opc = TCG_OP_extract;
        op->type = TCG_I64;
        op->imm[0] = 0;
        op->imm[1] = 32;
        return build(c);
    }
    if (c->temps[op->in[0]].kind != TCG_TEMP_GLOBAL) {
        return (TCGv){op->in[0]};
    }
    /* A global may change while the copy is in use. */
    res = append_result(c, op, val, val[0]);
    if (likely(!c->overflow)) {
        c->temps[res.idx].val = val[0];
    }
    return res;
}

/* The insn_start that @op, being put together, belongs to goes in front of it. Returns @op. */
static TCGOp *append_mark(TCGContext *c, TCGOp *op)
{
    op[1] = op[0];
    op[0] = c->mark;
    c->nops++;
    c->mark_pending = false;
    return op + 1;
}

static TCGv build_other(TCGContext *c, TCGOp *op, const uint16_t val[4], uint64_t vals)
{
    const unsigned effects = tcg_op_defs[op->opc].effects;
    TCGv res = no_result;
    bool has_out = tcg_op_defs[op->opc].nout;

    if (c->mark_pending && (effects & (TCG_EF_TRAP | TCG_EF_CALL))) {
        op = append_mark(c, op);
    }
    if (op->opc == TCG_OP_call) {
        has_out = c->helpers[op->imm[0]].ret != 'v';
    }
    if (has_out) {
        res = append_result(c, op, val, vals);
    } else {
        commit(c, op);
    }
    if (effects & (TCG_EF_FP | TCG_EF_CALL | TCG_EF_WRITE_ENV)) {
        note_effects(c, op);
    }
    return res;
}

/* A branch or guard: true if it is done with, being decided or made another. */
static bool fold_branch(TCGContext *c, TCGOp *op, const uint16_t val[4], TCGv *res)
{
    const int known = known_cond(c, op, val);

    *res = no_result;
    if (known == (op->opc == TCG_OP_guard)) {
        return true;
    }
    if (known < 0) {
        return fold(c, op, val, res);
    }
    if (op->opc == TCG_OP_brcond) {
        const int32_t label = op->imm[1];

        op = next_op(c);
        op->opc = TCG_OP_br;
        op->type = TCG_VOID;
        op->imm[0] = label;
        commit(c, op);
        return true;
    }
    return false;
}

/* Fold and append the op that has been put together. */
static TCGv build(TCGContext *c)
{
    TCGOp *op = &c->ops[c->nops];
    const TCGOpDef *def = &tcg_op_defs[op->opc];
    const unsigned nin = op->nin;
    uint16_t val[TCG_MAX_INS] = {0};
    uint64_t vals = 0;
    TCGv res;

    for (unsigned k = 0; k < nin; k++) {
        const uint16_t t = resolve(c, c->ops[c->nops].in[k], &val[k]);

        c->ops[c->nops].in[k] = t;
        vals |= (uint64_t)val[k] << 16 * (k % 4);
    }
    op = &c->ops[c->nops];
    if (nin > 1 && tcg_temp_is_const(c, op->in[0])) {
        order_operands(c, op, val);
        vals = val[0] | (uint64_t)val[1] << 16 | (uint64_t)val[2] << 32 | (uint64_t)val[3] << 48;
    }
    if (def->has_eval) {
        if (op->opc == TCG_OP_mov || op->opc == TCG_OP_fmov) {
            return build_copy(c, op, val);
        }
        if ((tcg_temp_is_const(c, op->in[0]) && fold_constants(c, op, &res)) ||
            fold(c, op, val, &res)) {
            return res;
        }
        return build_pure(c, op, val, vals);
    }
    switch (op->opc) {
    case TCG_OP_brcond:
    case TCG_OP_guard:
        return fold_branch(c, op, val, &res) ? res : build_other(c, op, val, vals);
    case TCG_OP_ld_env:
        return build_pure(c, op, val, c->alias_version[op->imm[2]]);
    case TCG_OP_call:
        if (nin <= 4 && (c->helpers[op->imm[0]].flags & TCG_HF_PURE)) {
            return build_pure(c, op, val, vals);
        }
        return build_other(c, op, val, vals);
    default:
        return build_other(c, op, val, vals);
    }
}

/* The op as it was put together: TCG_OPT_NONE. */
static TCGv append_raw(TCGContext *c)
{
    TCGOp *op = &c->ops[c->nops];
    const bool has_out = op->opc == TCG_OP_call ? c->helpers[op->imm[0]].ret != 'v' :
                                                  tcg_op_defs[op->opc].nout;

    for (unsigned k = 0; k < op->nin; k++) {
        tcg_note_use(c, op->in[k]);
    }
    if (has_out) {
        op->out = tcg_temp_new(c, TCG_TEMP_LOCAL, tcg_op_out_class(c, op));
    }
    commit(c, op);
    return (TCGv){op->out};
}

/* False, with nothing to do: behind an end, where nothing gets, or where the limits are hit. */
static inline bool is_open(TCGContext *c)
{
    if (unlikely(c->cur_block == TCG_NONE || c->overflow)) {
        return false;
    }
    if (unlikely(c->nops >= TCG_MAX_OPS - SPARE_OPS)) {
        c->overflow = true;
        return false;
    }
    return true;
}

TCGv tcg_build(TCGContext *c, const TCGOp *op)
{
    if (op->opc == TCG_OP_insn_start && !c->keep_marks) {
        c->mark = *op;
        c->mark_pending = true;
        return no_result;
    }
    if (!is_open(c)) {
        return no_result;
    }
    c->ops[c->nops] = *op;
    c->ops[c->nops].out = TCG_NONE;
    return build(c);
}

TCGv tcg_emit1(TCGContext *c, unsigned opc, TCGType type, const TCGv *in, unsigned nin, int32_t i0,
               int32_t i1, int32_t i2)
{
    TCGOp *op;
    TCGv res;

    if (c->direct) {
        return tcg_direct_emit(c, opc, type, in, nin, i0, i1, i2);
    }
    if (opc == TCG_OP_insn_start && c->build_level != TCG_OPT_NONE && !c->keep_marks) {
        c->mark.imm[0] = i0;
        c->mark.imm[1] = i1;
        c->mark.imm[2] = i2;
        c->mark_pending = true;
        return no_result;
    }
    if (!is_open(c)) {
        return tcg_const(c, 0);
    }
    op = next_op(c);
    op->opc = opc;
    op->type = type;
    op->nin = nin;
    op->imm[0] = i0;
    op->imm[1] = i1;
    op->imm[2] = i2;
    for (unsigned k = 0; k < nin; k++) {
        op->in[k] = in[k].idx;
    }
    res = likely(c->build_level != TCG_OPT_NONE) ? build(c) : append_raw(c);
    if (unlikely(c->cur_block == TCG_NONE) && c->ops[c->nops - 1].opc == TCG_OP_brcond) {
        TCGLabel fallthrough = tcg_label_new(c);

        if (!c->overflow) {
            tcg_enter_block(c, fallthrough.idx);
        }
    }
    return res;
}

void tcg_emit0(TCGContext *c, unsigned opc, TCGType type, const TCGv *in, unsigned nin, int32_t i0,
               int32_t i1, int32_t i2)
{
    tcg_emit1(c, opc, type, in, nin, i0, i1, i2);
}

TCGv tcg_call(TCGContext *c, unsigned helper, const TCGv *args, unsigned nargs)
{
    g_assert(helper < c->nhelpers && nargs == c->helpers[helper].nargs);
    return tcg_emit1(c, TCG_OP_call, TCG_VOID, args, nargs, (int32_t)helper, 0, 0);
}

static void append_mov(TCGContext *c, TCGv global, uint16_t value)
{
    TCGOp *op = next_op(c);

    op->opc = c->temps[global.idx].cls == TCG_CLASS_FP ? TCG_OP_fmov : TCG_OP_mov;
    op->type = TCG_I64;
    op->nin = 1;
    op->out = global.idx;
    op->in[0] = value;
    commit(c, op);
}

void tcg_set_global(TCGContext *c, TCGv global, TCGv value)
{
    uint16_t name, src;
    TCGOp *last;

    if (c->direct) {
        tcg_direct_set_global(c->direct, global, value);
        return;
    }
    if (!is_open(c)) {
        return;
    }
    if (unlikely(c->build_level == TCG_OPT_NONE)) {
        tcg_note_use(c, value.idx);
        append_mov(c, global, value.idx);
        return;
    }
    src = resolve(c, value.idx, &name);
    if (c->temps[global.idx].val == name) {
        return;
    }
    last = c->nops > c->blocks[c->cur_block].first ? &c->ops[c->nops - 1] : NULL;
    if (last && last->out == src && name == src && c->temps[src].kind == TCG_TEMP_LOCAL) {
        last->out = global.idx;
        c->temps[src].flags |= TCG_TEMP_VIRTUAL;
    } else {
        append_mov(c, global, src);
    }
    name_global(c, global.idx, name);
}
