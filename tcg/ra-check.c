/* SPDX-License-Identifier: MIT */
/*
 * The symbolic check of the register allocator: see ra-check.h for the model.
 *
 * One replay walks all events in order; where an edge into a label that stands before it takes
 * something away from what was believed there, it walks again. What was believed at first is
 * everything, so a failure in any walk is one.
 *
 * Not checked: whether an emitter does what its op says (tests/fuzz/tcg-fuzz.c runs that).
 * Threads: one RACheck a TCGContext. Tests: tests/unit/tcg/test-ra-check.c.
 */
#include "qemu/osdep.h"

#include "ra-check.h"

/* Cells. */
enum {
    CELL_GLOBAL,                                /* the value that a global has by the IR */
    CELL_CROSS = CELL_GLOBAL + TCG_MAX_GLOBALS, /* likewise a local that crosses blocks */
    CELL_HOME = CELL_CROSS + TCG_MAX_CROSS,     /* what env has of a global */
    CELL_REG = CELL_HOME + TCG_MAX_GLOBALS,
    CELL_SLOT = CELL_REG + HOST_MAX_REGS,
    NR_CELLS = CELL_SLOT + HOST_SLOTS,
};

/*
 * Values. 0 is garbage, equal to nothing. In a state that is kept for a label a number is the first
 * cell that has the value, plus one. Numbers mean nothing across labels, but for constants.
 */
typedef uint32_t Value;

enum {
    GARBAGE = 0,
    FIRST_FRESH = NR_CELLS + 1,
    FIRST_CONST = 1 << 24,
};

typedef struct State {
    Value cell[NR_CELLS];
    uint16_t op; /* the next to be done, marks and br skipped; TCG_NONE: code ends */
    bool reached;
} State;

typedef struct Cut {
    Value of, low;
} Cut;

struct RACheck {
    TCGContext *c;
    RACheckHost host;
    TCGOp *ops; /* as they were before allocation */
    uint16_t block_of[TCG_MAX_OPS];
    GArray *log;      /* RAEvent */
    GArray *args;     /* HostArg, of GEN and CALL */
    GByteArray *maps; /* of MAP */
    GArray *consts;   /* uint64_t: value FIRST_CONST + index */

    /* replay */
    unsigned at; /* in log */
    State now;
    bool alive;
    bool again;
    Value fresh;
    Value local[TCG_MAX_TEMPS];    /* of locals of one block */
    GArray *cuts;                  /* Cut */
    const TCGOp *op;               /* being done */
    Value result;                  /* of it, from its end on */
    int label_at[HOST_MAX_LABELS]; /* in log, or -1 */
    int32_t alias[HOST_MAX_LABELS];
    State in[HOST_MAX_LABELS];
    GString *why;
};

/* ---- notes ----------------------------------------------------------------------------------- */

RACheck *ra_check_new(void)
{
    RACheck *k = g_new0(RACheck, 1);

    k->ops = g_new(TCGOp, TCG_MAX_OPS);
    k->log = g_array_new(FALSE, FALSE, sizeof(RAEvent));
    k->args = g_array_new(FALSE, FALSE, sizeof(HostArg));
    k->maps = g_byte_array_new();
    k->consts = g_array_new(FALSE, FALSE, sizeof(uint64_t));
    k->cuts = g_array_new(FALSE, FALSE, sizeof(Cut));
    return k;
}

void ra_check_free(RACheck *k)
{
    if (!k) {
        return;
    }
    g_free(k->ops);
    g_array_free(k->log, TRUE);
    g_array_free(k->args, TRUE);
    g_byte_array_free(k->maps, TRUE);
    g_array_free(k->consts, TRUE);
    g_array_free(k->cuts, TRUE);
    g_free(k);
}

void ra_check_begin(RACheck *k, TCGContext *c, const RACheckHost *host)
{
    k->c = c;
    k->host = *host;
    memcpy(k->ops, c->ops, c->nops * sizeof(c->ops[0]));
    for (unsigned i = 0; i < c->norder; i++) {
        const TCGBlock *b = &c->blocks[c->order[i]];

        for (unsigned at = b->first; at < b->end; at++) {
            k->block_of[at] = c->order[i];
        }
    }
    g_array_set_size(k->log, 0);
    g_array_set_size(k->args, 0);
    g_byte_array_set_size(k->maps, 0);
    g_array_set_size(k->consts, 0);
}

void ra_check_note(RACheck *k, RAEvent ev)
{
    g_array_append_val(k->log, ev);
}

static uint32_t keep_args(RACheck *k, const TCGOp *op, const HostArg *in)
{
    const uint32_t at = k->args->len;

    g_array_append_vals(k->args, in, op->nin);
    return at;
}

void ra_check_note_gen(RACheck *k, const TCGOp *op, unsigned out, const HostArg *in,
                       const char *want, unsigned label)
{
    ra_check_note(k, (RAEvent){.kind = RA_EV_GEN,
                               .dst = (uint8_t)out,
                               .src = op->nin,
                               .n = (int32_t)label,
                               .cond = op->imm[0],
                               .data = keep_args(k, op, in),
                               .want = want});
}

void ra_check_note_call(RACheck *k, const TCGOp *op, const HostArg *in)
{
    ra_check_note(k, (RAEvent){.kind = RA_EV_CALL, .src = op->nin, .data = keep_args(k, op, in)});
}

void ra_check_note_map(RACheck *k, const uint8_t *map, unsigned len)
{
    const RAEvent ev = {.kind = RA_EV_MAP, .data = k->maps->len};

    g_byte_array_append(k->maps, map, len);
    ra_check_note(k, ev);
}

/* ---- failing --------------------------------------------------------------------------------- */

static void append_arg(const HostArg *arg, GString *out)
{
    static const char *const kinds[] = {" r", " $", " env+", " slot "};
    const int64_t what = arg->kind == HOST_REG ? arg->reg :
                         arg->kind == HOST_IMM ? (int64_t)arg->imm :
                                                 arg->disp;

    g_string_append_printf(out, "%s%" PRId64, kinds[arg->kind], what);
}

static void append_event(const RACheck *k, const RAEvent *ev, GString *out)
{
    static const char *const names[] = {
        [RA_EV_OP] = "op",
        [RA_EV_OP_END] = "op ends",
        [RA_EV_GEN] = "emit",
        [RA_EV_GEN_END] = "emitted",
        [RA_EV_MAP] = "exit map",
        [RA_EV_CALL] = "call",
        [RA_EV_RESULT] = "call's result",
        [RA_EV_LABEL] = "label",
        [RA_EV_ALIAS] = "label elsewhere",
        [RA_EV_JUMP] = "jump to label",
        [RA_EV_MOV] = "mov",
        [RA_EV_MOV32] = "mov32",
        [RA_EV_LOAD_IMM] = "load immediate",
        [RA_EV_LOAD_ENV] = "load env",
        [RA_EV_STORE_ENV] = "store env",
        [RA_EV_STORE_ENV_IMM] = "store immediate to env",
        [RA_EV_LOAD_SLOT] = "load slot",
        [RA_EV_STORE_SLOT] = "store slot",
    };

    g_string_append_printf(out, "    %s", names[ev->kind]);
    if (ev->kind == RA_EV_OP) {
        g_string_append_printf(out, " %d: ", ev->n);
        tcg_dump_op(k->c, &k->ops[ev->n], out);
    } else if (ev->kind == RA_EV_GEN || ev->kind == RA_EV_CALL) {
        if (ev->kind == RA_EV_GEN) {
            g_string_append_printf(out, " to r%u from", ev->dst);
        }
        for (unsigned i = 0; i < ev->src; i++) {
            append_arg(&g_array_index(k->args, HostArg, ev->data + i), out);
        }
    } else {
        g_string_append_printf(out, " dst=r%u src=r%u n=%d imm=0x%" PRIx64, ev->dst, ev->src, ev->n,
                               ev->imm);
    }
    g_string_append_c(out, '\n');
}

static void G_GNUC_PRINTF(2, 3) fail(RACheck *k, const char *format, ...)
{
    va_list ap;

    if (k->why->len) {
        return;
    }
    va_start(ap, format);
    g_string_append_vprintf(k->why, format, ap);
    va_end(ap);
    g_string_append(k->why, "; the last events:\n");
    for (unsigned i = k->at < 20 ? 0 : k->at - 20; i <= k->at && i < k->log->len; i++) {
        append_event(k, &g_array_index(k->log, RAEvent, i), k->why);
    }
}

/* ---- values ---------------------------------------------------------------------------------- */

static Value constant(RACheck *k, uint64_t value)
{
    unsigned i = 0;

    while (i < k->consts->len && g_array_index(k->consts, uint64_t, i) != value) {
        i++;
    }
    if (i == k->consts->len) {
        g_array_append_val(k->consts, value);
    }
    return FIRST_CONST + i;
}

static bool is_constant(Value v)
{
    return v >= FIRST_CONST;
}

static uint64_t constant_value(const RACheck *k, Value v)
{
    return g_array_index(k->consts, uint64_t, v - FIRST_CONST);
}

/* The low half of @v, zero-extended. */
static Value low_half(RACheck *k, Value v)
{
    Cut cut = {.of = v, .low = k->fresh};

    if (v == GARBAGE) {
        return GARBAGE;
    }
    if (is_constant(v)) {
        return constant(k, (uint32_t)constant_value(k, v));
    }
    for (unsigned i = 0; i < k->cuts->len; i++) {
        const Cut *known = &g_array_index(k->cuts, Cut, i);

        if (known->of == v || known->low == v) {
            return known->low;
        }
    }
    k->fresh++;
    g_array_append_val(k->cuts, cut);
    return cut.low;
}

/* Where the value is kept that @t has by the IR; NULL for a constant. */
static Value *temp_cell(RACheck *k, uint16_t t)
{
    const TCGTemp *temp = &k->c->temps[t];

    if (temp->kind == TCG_TEMP_CONST) {
        return NULL;
    }
    if (temp->kind == TCG_TEMP_GLOBAL) {
        return &k->now.cell[CELL_GLOBAL + t];
    }
    return temp->cross == TCG_NO_CROSS ? &k->local[t] : &k->now.cell[CELL_CROSS + temp->cross];
}

static Value temp_value(RACheck *k, uint16_t t)
{
    const Value *cell = temp_cell(k, t);

    return cell ? *cell : constant(k, k->c->temps[t].value);
}

/* The home at env + @offset. */
static Value *home_cell(RACheck *k, int32_t offset)
{
    for (unsigned g = 0; g < k->c->nglobals; g++) {
        if (k->c->temps[g].offset == offset) {
            return &k->now.cell[CELL_HOME + g];
        }
    }
    fail(k, "no global lives at env + %d", offset);
    return &k->now.cell[CELL_HOME];
}

static Value *slot_cell(RACheck *k, int32_t slot)
{
    if (slot < 0 || slot >= HOST_SLOTS) {
        fail(k, "no slot %d", slot);
        slot = 0;
    }
    return &k->now.cell[CELL_SLOT + slot];
}

static Value *reg_cell(RACheck *k, TCGClass cls, unsigned reg)
{
    if (reg >= HOST_MAX_REGS || !(k->host.class_regs[cls] >> reg & 1)) {
        fail(k, "register %u is not one of class %u", reg, (unsigned)cls);
        reg = 0;
    }
    return &k->now.cell[CELL_REG + reg];
}

/* A register of a move. */
static Value *mov_cell(RACheck *k, TCGClass cls, unsigned reg)
{
    return reg == k->host.scratch[cls] ? &k->now.cell[CELL_REG + reg] : reg_cell(k, cls, reg);
}

/* ---- the IR's order -------------------------------------------------------------------------- */

/* The first op with code at or behind position @at of @block, along br and falling through. */
static uint16_t next_op(const RACheck *k, unsigned block, unsigned at)
{
    for (unsigned steps = 0; steps < TCG_MAX_OPS + TCG_MAX_BLOCKS; steps++) {
        const TCGBlock *b = &k->c->blocks[block];

        if (at < b->end && k->ops[at].opc != TCG_OP_br) {
            if (k->ops[at].opc != TCG_OP_nop && k->ops[at].opc != TCG_OP_insn_start) {
                return (uint16_t)at;
            }
            at++;
        } else if (b->succ[0] == TCG_NONE) {
            break;
        } else {
            block = b->succ[0];
            at = k->c->blocks[block].first;
        }
    }
    return TCG_NONE;
}

static uint16_t first_op(const RACheck *k, unsigned block)
{
    return next_op(k, block, k->c->blocks[block].first);
}

/* ---- edges ----------------------------------------------------------------------------------- */

typedef struct Pair {
    Value a, b, both;
} Pair;

#define PAIRS 1024 /* power of two, more than cells */

/* The number for what is @a on some edges and @b on another: @cell + 1 if it is the first such. */
static Value meet_value(Pair *pairs, Value a, Value b, unsigned cell)
{
    unsigned h = (a * 31 + b) * 0x9e3779b1u >> 22;

    if (a == GARBAGE || b == GARBAGE) {
        return GARBAGE;
    }
    if (a == b && is_constant(a)) {
        return a;
    }
    while (pairs[h].both && (pairs[h].a != a || pairs[h].b != b)) {
        h = (h + 1) % PAIRS;
    }
    if (!pairs[h].both) {
        pairs[h] = (Pair){a, b, cell + 1};
    }
    return pairs[h].both;
}

/* The state of now, the IR going on at @op, reaches @label. */
static void edge(RACheck *k, int32_t label, uint16_t op)
{
    Pair pairs[PAIRS] = {{0}};
    State *in;
    bool changed = false;

    if (label >= 0 && label < HOST_MAX_LABELS) {
        label = k->alias[label];
    }
    if (label < 0 || label >= HOST_MAX_LABELS || k->label_at[label] < 0) {
        fail(k, "label %d is nowhere", label);
        return;
    }
    in = &k->in[label];
    if (label < (int32_t)k->c->nblocks && first_op(k, (unsigned)label) != op) {
        fail(k, "block %d is reached where op %u is next", label, op);
    } else if (in->reached && in->op != op) {
        fail(k, "label %d is reached for op %u and for op %u", label, in->op, op);
    }
    for (unsigned i = 0; i < NR_CELLS; i++) {
        const Value now = k->now.cell[i];
        const Value both = meet_value(pairs, in->reached ? in->cell[i] : now, now, i);

        changed |= !in->reached || both != in->cell[i];
        in->cell[i] = both;
    }
    in->reached = true;
    in->op = op;
    k->again |= changed && k->label_at[label] <= (int)k->at;
}

static void do_label(RACheck *k, int32_t label)
{
    if (k->alive) {
        edge(k, label, k->now.op);
    }
    k->now = k->in[label];
    k->alive = k->now.reached;
    k->fresh = FIRST_FRESH;
    g_array_set_size(k->cuts, 0);
    memset(k->local, 0, k->c->ntemps * sizeof(k->local[0]));
}

static void do_branch(RACheck *k, const RAEvent *ev)
{
    const TCGBlock *b = &k->c->blocks[k->block_of[k->now.op]];
    const bool inverted = ev->cond != k->op->imm[0];

    if (inverted && ev->cond != (int32_t)tcg_invert_cond((TCGCond)k->op->imm[0])) {
        fail(k, "a branch on another condition");
    }
    edge(k, ev->n, first_op(k, b->succ[!inverted]));
    if (inverted) {
        k->now.op = first_op(k, b->succ[1]);
    }
}

/* ---- ops ------------------------------------------------------------------------------------- */

static void do_op(RACheck *k, int32_t n)
{
    const TCGOp *op = &k->c->ops[n], *was = &k->ops[n];
    const bool swapped = (tcg_op_defs[was->opc].effects & TCG_EF_COMMUTES) &&
                         op->in[0] == was->in[1] && op->in[1] == was->in[0];
    Value v;

    if (was->opc == TCG_OP_nop || was->opc == TCG_OP_insn_start || was->opc == TCG_OP_br) {
        return;
    }
    if (k->now.op != n) {
        fail(k, "op %d is emitted where op %u is next", n, k->now.op);
    }
    if (op->opc != was->opc || op->nin != was->nin || op->out != was->out ||
        (!swapped && memcmp(op->in, was->in, op->nin * sizeof(op->in[0])) != 0)) {
        fail(k, "op %d has been changed", n);
    }
    k->op = op;
    k->result = GARBAGE;
    if (op->opc == TCG_OP_mov || op->opc == TCG_OP_fmov) {
        v = temp_value(k, op->in[0]);
        k->result = op->opc == TCG_OP_mov && op->type == TCG_I32 ? low_half(k, v) : v;
    }
}

static void do_op_end(RACheck *k, int32_t n)
{
    if (!k->op) {
        return;
    }
    if (k->op->out != TCG_NONE) {
        if (k->result == GARBAGE) {
            fail(k, "op %d has no result", n);
        }
        *temp_cell(k, k->op->out) = k->result;
    }
    if (tcg_op_defs[k->op->opc].effects & TCG_EF_EXIT) {
        k->alive = false;
    }
    if (k->now.op == n) {
        k->now.op = next_op(k, k->block_of[n], (unsigned)n + 1);
    }
    k->op = NULL;
}

/* Only the low half of operand @i is read. */
static bool reads_low_half(const RACheck *k, unsigned i)
{
    if (k->op->opc == TCG_OP_call) {
        return k->c->helpers[k->op->imm[0]].args[i] == 'i';
    }
    return k->op->type == TCG_I32 && (tcg_op_defs[k->op->opc].types != 'C' || i < 2);
}

static void check_arg(RACheck *k, unsigned i, const HostArg *arg)
{
    const Value due = temp_value(k, k->op->in[i]);
    Value found = GARBAGE;

    switch (arg->kind) {
    case HOST_REG:
        /* to a call, a constant is one in a register of either class */
        found = !host_op_defs[k->op->opc].gen && tcg_temp_is_const(k->c, k->op->in[i]) ?
                    k->now.cell[CELL_REG + arg->reg % HOST_MAX_REGS] :
                    *reg_cell(k, tcg_op_in_class(k->c, k->op, i), arg->reg);
        break;
    case HOST_IMM:
        found = constant(k, arg->imm);
        if (is_constant(due) && reads_low_half(k, i) &&
            (uint32_t)constant_value(k, due) == (uint32_t)arg->imm) {
            found = due;
        }
        break;
    case HOST_MEM:
        found = *home_cell(k, arg->disp);
        break;
    default:
        found = *slot_cell(k, arg->disp);
        break;
    }
    if (found == GARBAGE || found != due) {
        fail(k, "operand %u is not where it is read", i);
    }
}

/* Letters as in regalloc.h. */
static void check_constraint(RACheck *k, unsigned i, const HostArg *arg, char want)
{
    const bool is_short = (int64_t)arg->imm == (int32_t)arg->imm;
    bool fits = arg->kind == HOST_REG;

    if (arg->kind == HOST_IMM) {
        fits = want == 'c' || want == 'g' || ((want == 'i' || want == 'm') && is_short);
    } else if (arg->kind == HOST_MEM) {
        fits = want == 'm' || want == 'g';
    }
    if (!fits) {
        fail(k, "operand %u is not as '%c' wants it", i, want);
    }
}

static void check_homes(RACheck *k, uint64_t globals, const char *who)
{
    for (unsigned g = 0; g < k->c->nglobals; g++) {
        const Value home = k->now.cell[CELL_HOME + g];

        if ((globals >> g & 1) && (home == GARBAGE || home != k->now.cell[CELL_GLOBAL + g])) {
            fail(k, "%s finds an old value of %s in env", who, k->c->global_names[g]);
        }
    }
}

static void do_gen(RACheck *k, const RAEvent *ev)
{
    const TCGOp *op = k->op;
    const HostArg *in = &g_array_index(k->args, HostArg, ev->data);
    const char *want = ev->want;
    const unsigned effects = tcg_op_defs[op->opc].effects;
    const char out_want = tcg_op_defs[op->opc].nout ? *want++ : 0;

    for (unsigned i = 0; i < op->nin; i++) {
        check_constraint(k, i, &in[i], want[i]);
        check_arg(k, i, &in[i]);
        if (in[i].kind == HOST_REG && in[i].reg == ev->dst &&
            (out_want == '&' || (out_want == '0' && i > 0))) {
            fail(k, "the result overwrites operand %u", i);
        }
    }
    if (effects & TCG_EF_EXIT) {
        check_homes(k, k->c->all_globals, "who comes next");
    }
    if (effects & TCG_EF_COND_BRANCH) {
        do_branch(k, ev);
    }
    if (out_want) {
        k->result = k->fresh++;
    }
}

static void do_gen_end(RACheck *k, const RAEvent *gen)
{
    if (k->op->out != TCG_NONE) {
        *reg_cell(k, tcg_op_out_class(k->c, k->op), gen->dst) = k->result;
    }
}

static void do_call(RACheck *k, const RAEvent *ev)
{
    const HostArg *in = &g_array_index(k->args, HostArg, ev->data);
    const TCGHelperInfo *info = k->op->opc == TCG_OP_call ? &k->c->helpers[k->op->imm[0]] : NULL;

    for (unsigned i = 0; i < k->op->nin; i++) {
        check_arg(k, i, &in[i]);
    }
    for (unsigned reg = 0; reg < HOST_MAX_REGS; reg++) {
        if (k->host.call_clobbered >> reg & 1) {
            k->now.cell[CELL_REG + reg] = GARBAGE;
        }
    }
    if (info) {
        check_homes(k, info->reads | info->writes, info->name);
        for (unsigned g = 0; g < k->c->nglobals; g++) {
            if (info->writes >> g & 1) {
                k->now.cell[CELL_GLOBAL + g] = k->now.cell[CELL_HOME + g] = k->fresh++;
            }
        }
    }
    k->result = k->fresh++;
}

/* What stands for a value when env is built from a map. */
static uint64_t token(const RACheck *k, Value v)
{
    return is_constant(v) ? constant_value(k, v) : (v + 1) * UINT64_C(0x9e3779b97f4a7c15);
}

static void do_map(RACheck *k, const RAEvent *ev)
{
    int32_t offsets[TCG_MAX_GLOBALS];
    uint64_t regs[HOST_MAX_REGS], env[TCG_MAX_GLOBALS];

    if (!(tcg_op_effects(k->c, k->op) & TCG_EF_TRAP)) {
        return; /* the slow path of an op that does not leave */
    }
    for (unsigned g = 0; g < TCG_MAX_GLOBALS; g++) {
        offsets[g] = (int32_t)(g * sizeof(env[0]));
        env[g] = token(k, k->now.cell[CELL_HOME + g]);
    }
    for (unsigned reg = 0; reg < HOST_MAX_REGS; reg++) {
        regs[reg] = token(k, k->now.cell[CELL_REG + reg]);
    }
    k->host.map_restore(k->maps->data + ev->data, offsets, regs, env);
    for (unsigned g = 0; g < k->c->nglobals; g++) {
        if (env[g] != token(k, k->now.cell[CELL_GLOBAL + g])) {
            fail(k, "the exit map does not give %s its value", k->c->global_names[g]);
        }
    }
}

/* ---- replay ---------------------------------------------------------------------------------- */

/* Events of the op at hand. */
static void do_part_of_op(RACheck *k, const RAEvent *ev)
{
    if (!k->op) {
        fail(k, "this is part of no op");
        return;
    }
    switch (ev->kind) {
    case RA_EV_GEN:
        do_gen(k, ev);
        break;
    case RA_EV_GEN_END:
        while (ev->kind != RA_EV_GEN) {
            ev--;
        }
        do_gen_end(k, ev);
        break;
    case RA_EV_MAP:
        do_map(k, ev);
        break;
    case RA_EV_CALL:
        do_call(k, ev);
        break;
    default:
        *reg_cell(k, (TCGClass)ev->cls, ev->dst) = k->result;
        break;
    }
}

static void do_event(RACheck *k, const RAEvent *ev)
{
    const TCGClass cls = (TCGClass)ev->cls;

    if (ev->kind != RA_EV_MOV) {
        k->now.cell[CELL_REG + k->host.scratch[0]] = GARBAGE;
        k->now.cell[CELL_REG + k->host.scratch[1]] = GARBAGE;
    }
    switch (ev->kind) {
    case RA_EV_OP:
        do_op(k, ev->n);
        break;
    case RA_EV_OP_END:
        do_op_end(k, ev->n);
        break;
    case RA_EV_JUMP:
        edge(k, ev->n, k->now.op);
        k->alive = false;
        break;
    case RA_EV_MOV:
        *mov_cell(k, cls, ev->dst) = *mov_cell(k, cls, ev->src);
        break;
    case RA_EV_MOV32:
        *reg_cell(k, cls, ev->dst) = low_half(k, *reg_cell(k, cls, ev->src));
        break;
    case RA_EV_LOAD_IMM:
        *reg_cell(k, cls, ev->dst) = constant(k, ev->imm);
        break;
    case RA_EV_LOAD_ENV:
        *reg_cell(k, cls, ev->dst) = *home_cell(k, ev->n);
        break;
    case RA_EV_STORE_ENV:
        *home_cell(k, ev->n) = *reg_cell(k, cls, ev->src);
        break;
    case RA_EV_STORE_ENV_IMM:
        *home_cell(k, ev->n) = constant(k, ev->imm);
        break;
    case RA_EV_LOAD_SLOT:
        *reg_cell(k, cls, ev->dst) = *slot_cell(k, ev->n);
        break;
    case RA_EV_STORE_SLOT:
        *slot_cell(k, ev->n) = *reg_cell(k, cls, ev->src);
        break;
    default:
        do_part_of_op(k, ev);
        break;
    }
}

static void find_labels(RACheck *k)
{
    for (unsigned i = 0; i < HOST_MAX_LABELS; i++) {
        k->label_at[i] = -1;
        k->alias[i] = (int32_t)i;
        k->in[i].reached = false;
    }
    for (k->at = 0; k->at < k->log->len; k->at++) {
        const RAEvent *ev = &g_array_index(k->log, RAEvent, k->at);

        if (ev->kind != RA_EV_LABEL && ev->kind != RA_EV_ALIAS) {
            continue;
        }
        if (ev->n < 0 || ev->n >= HOST_MAX_LABELS || k->label_at[ev->n] >= 0) {
            fail(k, "label %d is out of range, or stands twice", ev->n);
            return;
        }
        k->label_at[ev->n] = (int)k->at;
        if (ev->kind == RA_EV_ALIAS) {
            k->alias[ev->n] = (int32_t)ev->imm;
        }
    }
}

/* Every global is in env, all else is garbage. */
static void enter(RACheck *k)
{
    memset(&k->now, 0, sizeof(k->now));
    memset(k->local, 0, k->c->ntemps * sizeof(k->local[0]));
    for (unsigned g = 0; g < k->c->nglobals; g++) {
        k->now.cell[CELL_GLOBAL + g] = k->now.cell[CELL_HOME + g] = CELL_GLOBAL + g + 1;
    }
    k->now.op = first_op(k, k->c->order[0]);
    k->alive = true;
    k->fresh = FIRST_FRESH;
    k->op = NULL;
    g_array_set_size(k->cuts, 0);
}

bool ra_check_end(RACheck *k, GString *why)
{
    k->why = why;
    find_labels(k);
    for (k->again = true; k->again && !why->len;) {
        k->again = false;
        enter(k);
        for (k->at = 0; k->at < k->log->len && !why->len; k->at++) {
            const RAEvent *ev = &g_array_index(k->log, RAEvent, k->at);

            if (ev->kind == RA_EV_LABEL) {
                do_label(k, ev->n);
            } else if (k->alive && ev->kind != RA_EV_ALIAS) {
                do_event(k, ev);
            }
        }
        if (k->alive) {
            fail(k, "execution runs off the end");
        }
    }
    return why->len == 0;
}

void ra_check_finish(RACheck *k)
{
    g_autoptr(GString) why = g_string_new(NULL);

    if (!ra_check_end(k, why)) {
        tcg_dump(k->c, why);
        g_error("tcg: bad register allocation: %s", why->str);
    }
}
