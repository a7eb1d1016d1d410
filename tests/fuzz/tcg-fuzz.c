/* SPDX-License-Identifier: MIT */
/*
 * Random IR programs: optimised and not, on the interpreter and on host code, from builder calls
 * and from text, all must end in the same env, RAM and exit. Register allocations are checked
 * symbolically as well (tcg/ra-check.h).
 *
 *   tcg-fuzz [--seed=N] [--count=N] [--dump]
 *
 * A program follows from its seed alone: the generator never looks at what the builder returns, so
 * that it makes the same calls whatever the builder folds. Programs end: a loop spends fuel. A
 * failure prints the seed and both forms of the IR, and the status is 1.
 */
#include "qemu/osdep.h"
#include "tcg-guest.h"
#include "tcg/tcg-internal.h"

enum {
    MAX_LOCALS = 24,
    MAX_LABELS = 6,
    FUEL = GUEST_NX - 1
};

static const unsigned int_ops[] = {
    TCG_OP_add, TCG_OP_sub, TCG_OP_mul,  TCG_OP_divs, TCG_OP_divu,  TCG_OP_rems,  TCG_OP_remu,
    TCG_OP_and, TCG_OP_or,  TCG_OP_xor,  TCG_OP_andc, TCG_OP_orc,   TCG_OP_eqv,   TCG_OP_shl,
    TCG_OP_shr, TCG_OP_sar, TCG_OP_rotl, TCG_OP_rotr, TCG_OP_add,   TCG_OP_shl,   TCG_OP_shr,
    TCG_OP_sar, TCG_OP_and, TCG_OP_sub,  TCG_OP_xor,  TCG_OP_muluh, TCG_OP_mulsh, TCG_OP_mulsuh,
};
static const unsigned unary_ops[] = {
    TCG_OP_not, TCG_OP_neg, TCG_OP_clz, TCG_OP_ctz, TCG_OP_ctpop, TCG_OP_bswap, TCG_OP_mov,
};
static const unsigned float_ops[] = {
    TCG_OP_fadd, TCG_OP_fsub, TCG_OP_fmul, TCG_OP_fdiv, TCG_OP_fmin, TCG_OP_fmax,
};

typedef struct Gen {
    TCGContext *c;
    uint64_t state;
    TCGv ints[MAX_LOCALS], floats[MAX_LOCALS];
    unsigned nints, nfloats;
    TCGv early[4]; /* locals of the entry block: they dominate everything */
    unsigned nearly;
    TCGLabel labels[MAX_LABELS];
    unsigned nlabels, placed; /* labels [0, placed) stand already */
    unsigned slots;           /* link slots used */
    unsigned insns;
} Gen;

static uint64_t below(Gen *g, uint64_t n)
{
    return guest_random(&g->state) % n;
}

static TCGType any_type(Gen *g)
{
    return below(g, 3) ? TCG_I64 : TCG_I32;
}

static uint64_t any_value(Gen *g)
{
    const unsigned n = below(g, 64);

    switch (below(g, 7)) {
    case 0:
        return below(g, 4);
    case 1:
        return UINT64_C(1) << n;
    case 2:
        return UINT64_MAX >> n;
    case 3:
        return UINT64_MAX << n;
    case 4:
        return n;
    case 5:
        return (uint64_t)(int64_t)(int16_t)guest_random(&g->state);
    default:
        return guest_random(&g->state);
    }
}

static TCGv any_int(Gen *g)
{
    switch (below(g, 8)) {
    case 0:
    case 1:
        return tcg_const(g->c, any_value(g));
    case 2:
    case 3:
    case 4:
        return g->nints ? g->ints[below(g, g->nints)] : guest_x(0);
    default:
        return guest_x(below(g, FUEL));
    }
}

static TCGv any_float(Gen *g)
{
    return below(g, 2) && g->nfloats ? g->floats[below(g, g->nfloats)] :
                                       guest_f(below(g, GUEST_NF));
}

/* Keep @t as an operand for later, and maybe assign it. */
static void keep_int(Gen *g, TCGv t)
{
    const unsigned at = g->nints < MAX_LOCALS ? g->nints++ : below(g, MAX_LOCALS);

    g->ints[at] = t;
    if (below(g, 2)) {
        tcg_set_global(g->c, guest_x(below(g, FUEL)), t);
    }
}

static void keep_float(Gen *g, TCGv t)
{
    const unsigned at = g->nfloats < MAX_LOCALS ? g->nfloats++ : below(g, MAX_LOCALS);

    g->floats[at] = t;
    if (below(g, 2)) {
        tcg_set_global(g->c, guest_f(below(g, GUEST_NF)), t);
    }
}

static TCGCond any_cond(Gen *g)
{
    return below(g, TCG_COND_TSTNE + 1);
}

/* ---- ops ----------------------------------------------------------------------------------- */

static void gen_binary(Gen *g)
{
    const unsigned opc = int_ops[below(g, ARRAY_SIZE(int_ops))];
    const TCGv a = any_int(g), b = any_int(g), in[2] = {a, b};
    const TCGType type = any_type(g);

    keep_int(g,
             tcg_emit1(g->c, opc, tcg_op_defs[opc].types == 'L' ? TCG_I64 : type, in, 2, 0, 0, 0));
}

static void gen_unary(Gen *g)
{
    const TCGv a = any_int(g);
    const unsigned opc = unary_ops[below(g, ARRAY_SIZE(unary_ops))];

    keep_int(g, tcg_emit1(g->c, opc, any_type(g), &a, 1, 0, 0, 0));
}

static void gen_field(Gen *g)
{
    const TCGType type = any_type(g);
    const unsigned bits = type == TCG_I32 ? 32 : 64, pos = below(g, 2) ? 0 : below(g, bits);
    const unsigned len = below(g, 2) && bits - pos > 8 ? 8 : 1 + below(g, bits - pos);
    const TCGv a = any_int(g), b = any_int(g);

    switch (below(g, 3)) {
    case 0:
        keep_int(g, tcg_extract(g->c, type, a, pos, len));
        break;
    case 1:
        keep_int(g, tcg_sextract(g->c, type, a, pos, len));
        break;
    default:
        keep_int(g, tcg_deposit(g->c, type, a, b, pos, len));
        break;
    }
}

static void gen_cond(Gen *g)
{
    const TCGv a = any_int(g), b = any_int(g), x = any_int(g), y = any_int(g);
    const TCGCond cond = any_cond(g);

    if (below(g, 2)) {
        keep_int(g, tcg_setcond(g->c, any_type(g), cond, a, b));
    } else {
        keep_int(g, tcg_movcond(g->c, any_type(g), cond, a, b, x, y));
    }
}

static TCGv gen_address_in(Gen *g, uint64_t base, uint64_t mask)
{
    return tcg_ori(g->c, TCG_I64, tcg_andi(g->c, TCG_I64, any_int(g), mask), base);
}

static TCGv gen_device_address(Gen *g)
{
    return gen_address_in(g, GUEST_DEVICE_VA, 0xff8);
}

/* An address that usually hits: a value cut to the mapped pages, or to the device's. */
static TCGv gen_address(Gen *g)
{
    const uint64_t mask = below(g, 4) ? 0x2ff8 : 0x6fff;

    switch (below(g, 8)) {
    case 0:
        return any_int(g);
    case 1:
        return gen_device_address(g);
    default:
        break;
    }
    return gen_address_in(g, GUEST_RAM_VA, mask);
}

static MemOpIdx any_memop(Gen *g)
{
    const MemOp op = below(g, 4) | (below(g, 2) ? MO_SIGN : 0) | (below(g, 4) ? 0 : MO_ALIGN) |
                     (below(g, 8) ? 0 : MO_BSWAP);

    return make_memop_idx(op, 0);
}

static void gen_access(Gen *g, TCGv va)
{
    const TCGv value = any_int(g), other = any_int(g);
    const MemOpIdx oi = any_memop(g), atomic = (oi | MO_ALIGN) & ~(MemOpIdx)MO_BSWAP;
    const int32_t disp = below(g, 3) ? 8 * below(g, 8) : 0;

    switch (below(g, 8)) {
    case 0:
    case 1:
    case 2:
        keep_int(g, tcg_qemu_ld(g->c, va, disp, oi));
        break;
    case 3:
    case 4:
        tcg_qemu_st(g->c, va, disp, value, oi);
        break;
    case 5:
        keep_int(g, tcg_qemu_rmw(g->c, below(g, TCG_RMW_UMAX + 1), va, value, atomic));
        break;
    case 6:
        keep_int(g, tcg_qemu_cas(g->c, va, other, value, atomic));
        break;
    default:
        if (below(g, 2)) {
            keep_float(g, tcg_qemu_fld(g->c, va, disp,
                                       make_memop_idx(below(g, 2) ? MO_LEUL : MO_LEUQ, 0)));
        } else {
            tcg_qemu_fst(g->c, va, disp, any_float(g),
                         make_memop_idx(below(g, 2) ? MO_LEUL : MO_LEUQ, 0));
        }
        break;
    }
}

/*
 * Accesses off one base, some of which may share a check; the base moves on at times, and a device
 * is accessed between them.
 */
static void gen_memory(Gen *g)
{
    TCGv va = gen_address(g);

    for (unsigned n = below(g, 3) ? 1 : 1 + below(g, 5); n > 0; n--) {
        gen_access(g, below(g, 6) ? va : gen_device_address(g));
        if (below(g, 3) == 0) {
            va = tcg_addi(g->c, TCG_I64, va, 8 * below(g, 300) - 800);
        }
    }
}

static void gen_env(Gen *g)
{
    /* Fields 0 to 3 are of class CSR, the others of VECTOR. Few, so that accesses meet. */
    const unsigned n = below(g, 2) * 4;
    const int32_t offset = offsetof(GuestEnv, field) + 4 * (int32_t)n;
    const TCGAlias alias = below(g, 3) == 0 ? TCG_ALIAS_OTHER :
                           n < 4            ? TCG_ALIAS_CSR :
                                              TCG_ALIAS_VECTOR;
    const MemOp op = below(g, 4) ? MO_UL : below(g, 3) | (below(g, 2) ? MO_SIGN : 0);

    if (below(g, 2)) {
        keep_int(g, tcg_ld_env(g->c, offset, op, alias));
    } else {
        tcg_st_env(g->c, any_int(g), offset, op & ~MO_SIGN, alias);
    }
}

static void gen_call(Gen *g)
{
    TCGv args[6];

    for (unsigned k = 0; k < ARRAY_SIZE(args); k++) {
        args[k] = any_int(g);
    }
    switch (below(g, GUEST_NR_HELPERS)) {
    case GUEST_H_PURE:
        keep_int(g, tcg_call(g->c, GUEST_H_PURE, args, 2));
        break;
    case GUEST_H_LOG:
        keep_int(g, tcg_call(g->c, GUEST_H_LOG, args, 2));
        break;
    case GUEST_H_TRAP:
        keep_int(g, tcg_call(g->c, GUEST_H_TRAP, args, 1));
        break;
    case GUEST_H_CLOBBER:
        tcg_call(g->c, GUEST_H_CLOBBER, NULL, 0);
        break;
    case GUEST_H_FIELD:
        keep_int(g, tcg_call(g->c, GUEST_H_FIELD, args, 1));
        break;
    case GUEST_H_FLOAT:
        args[0] = any_float(g);
        keep_float(g, tcg_call(g->c, GUEST_H_FLOAT, args, 2));
        break;
    default:
        keep_int(g, tcg_call(g->c, GUEST_H_SIX, args, 6));
        break;
    }
}

/* Operands of F32 ops are unboxed first, as a translator does. */
static TCGv float_operand(Gen *g, TCGType type)
{
    const TCGv t = any_float(g);

    return type == TCG_F32 ? tcg_funbox(g->c, t) : t;
}

static void gen_float(Gen *g)
{
    const TCGType type = below(g, 2) ? TCG_F64 : TCG_F32;
    const TCGv a = float_operand(g, type), b = float_operand(g, type), d = float_operand(g, type);
    const TCGv in[2] = {a, b}, i = any_int(g);

    switch (below(g, 13)) {
    case 0:
        keep_float(g, tcg_fsqrt(g->c, type, a));
        break;
    case 1:
        keep_float(g, tcg_fma(g->c, type, a, b, d, below(g, 4)));
        break;
    case 2:
        keep_int(g, tcg_fcmp(g->c, type, below(g, 3), a, b));
        break;
    case 3:
        keep_int(g, tcg_fcvt_int(g->c, below(g, 2) ? TCG_OP_fcvt_i32 : TCG_OP_fcvt_i64, type, a,
                                 below(g, 2)));
        break;
    case 4:
        keep_float(g, tcg_fcvt_int(g->c, below(g, 2) ? TCG_OP_fcvt_fi32 : TCG_OP_fcvt_fi64, type, i,
                                   below(g, 2)));
        break;
    case 5:
        keep_float(g, tcg_fcvt_f(g->c, type, a));
        break;
    case 6:
        keep_float(g, tcg_fsgnj(g->c, type, below(g, 3), a, b));
        break;
    case 7:
        keep_float(g, tcg_i2f(g->c, i));
        break;
    case 8:
        keep_int(g, tcg_f2i(g->c, a));
        break;
    case 9:
        keep_int(g, tcg_fflags_get(g->c));
        break;
    case 10:
        tcg_fflags_set(g->c, i);
        break;
    default:
        keep_float(
            g, tcg_emit1(g->c, float_ops[below(g, ARRAY_SIZE(float_ops))], type, in, 2, 0, 0, 0));
        break;
    }
}

static void gen_insn_start(Gen *g)
{
    g->insns++;
    tcg_insn_start(g->c, 0x1000 + 4 * g->insns, g->insns);
    if (guest_layout.counts && below(g, 4) == 0) {
        tcg_emit0(g->c, TCG_OP_icount, TCG_VOID, NULL, 0, below(g, 100), 0, 0);
    }
}

static void gen_rare(Gen *g)
{
    const TCGv a = any_int(g), b = any_int(g), in[2] = {a, b};

    switch (below(g, 5)) {
    case 0:
        tcg_poll(g->c);
        break;
    case 1:
        /* mostly passes */
        tcg_emit0(g->c, TCG_OP_guard, any_type(g), in, 2, below(g, 4) ? TCG_COND_GEU : any_cond(g),
                  0, 0);
        break;
    case 2:
        tcg_mb(g->c, 1 + below(g, TCG_BAR_ALL));
        break;
    case 3:
        if (guest_layout.counts) {
            tcg_icount_sync(g->c);
            keep_int(g, tcg_call(g->c, GUEST_H_COUNT, NULL, 0));
        }
        break;
    default:
        tcg_set_global(g->c, guest_x(below(g, FUEL)), any_int(g));
        break;
    }
}

/* Around the helper that reads and writes globals in env: assign them, call, read them. */
static void gen_clobber(Gen *g)
{
    const unsigned before = 1 + below(g, 3), after = 1 + below(g, 3);

    tcg_set_global(g->c, guest_x(before), any_int(g));
    tcg_call(g->c, GUEST_H_CLOBBER, NULL, 0);
    keep_int(g, tcg_addi(g->c, TCG_I64, guest_x(after), below(g, 4)));
}

static void gen_op(Gen *g)
{
    static const struct {
        void (*gen)(Gen *g);
        unsigned weight;
    } kinds[] = {
        {gen_binary, 10},    {gen_unary, 2}, {gen_field, 3},   {gen_cond, 3},
        {gen_memory, 4},     {gen_env, 3},   {gen_call, 2},    {gen_float, 3},
        {gen_insn_start, 2}, {gen_rare, 2},  {gen_clobber, 1},
    };
    unsigned total = 0, pick;

    for (unsigned i = 0; i < ARRAY_SIZE(kinds); i++) {
        total += kinds[i].weight;
    }
    pick = below(g, total);
    for (unsigned i = 0; i < ARRAY_SIZE(kinds); i++) {
        if (pick < kinds[i].weight) {
            kinds[i].gen(g);
            return;
        }
        pick -= kinds[i].weight;
    }
}

/* ---- control flow -------------------------------------------------------------------------- */

/* What later blocks may use of the entry block's locals. */
static void forget_locals(Gen *g)
{
    g->nints = g->nfloats = 0;
    for (unsigned i = 0; i < g->nearly; i++) {
        g->ints[g->nints++] = g->early[i];
    }
}

static TCGLabel any_label(Gen *g)
{
    return g->labels[below(g, g->nlabels)];
}

/* Leave the code. */
static void gen_leave(Gen *g)
{
    const uint64_t kind = below(g, 4);

    if (kind == 0 && g->slots < TCG_MAX_SLOTS) {
        tcg_goto_link(g->c, g->slots++, below(g, 2) | (below(g, 2) ? TCG_LINK_POLLS : 0),
                      0x2000 + 4 * below(g, 16));
    } else if (kind == 1) {
        tcg_goto_indirect(g->c, any_int(g));
    } else {
        tcg_exit(g->c, TCG_EXIT_USER0 + below(g, 2), any_int(g));
    }
}

static void gen_end(Gen *g)
{
    const TCGv a = any_int(g), b = any_int(g);

    switch (below(g, 5)) {
    case 0:
    case 1:
        tcg_brcond(g->c, any_type(g), any_cond(g), a, b, any_label(g));
        break;
    case 2:
        tcg_br(g->c, any_label(g));
        break;
    case 3:
        gen_leave(g);
        break;
    default:
        break;
    }
}

/* Every label stands at a poll and spends fuel, so that every cycle does. */
static void gen_label(Gen *g, TCGLabel out)
{
    tcg_place(g->c, g->labels[g->placed++]);
    forget_locals(g);
    gen_insn_start(g);
    tcg_poll(g->c);
    tcg_set_global(g->c, guest_x(FUEL), tcg_addi(g->c, TCG_I64, guest_x(FUEL), -1));
    tcg_brcond(g->c, TCG_I64, TCG_COND_LE, guest_x(FUEL), tcg_const(g->c, 0), out);
}

static void generate(TCGContext *c, uint64_t seed)
{
    Gen g = {.c = c, .state = seed};
    TCGLabel out;

    tcg_begin(c, GUEST_COOKIE, 0x1000, 0);
    out = tcg_label_new(c);
    g.nlabels = 1 + below(&g, MAX_LABELS);
    for (unsigned i = 0; i < g.nlabels; i++) {
        g.labels[i] = tcg_label_new(c);
    }
    tcg_insn_start(c, 0x1000, 0);
    tcg_set_global(c, guest_x(FUEL), tcg_const(c, 20));
    for (unsigned i = 2 + below(&g, 12); i > 0; i--) {
        gen_op(&g);
    }
    g.nearly = MIN(g.nints, ARRAY_SIZE(g.early));
    memcpy(g.early, g.ints, g.nearly * sizeof(g.early[0]));
    for (;;) {
        gen_end(&g);
        if (g.placed == g.nlabels) {
            break;
        }
        if (below(&g, 3)) {
            gen_label(&g, out);
        }
        for (unsigned i = below(&g, 12); i > 0; i--) {
            gen_op(&g);
        }
    }
    gen_leave(&g);
    tcg_place(c, out);
    forget_locals(&g);
    tcg_exit(c, TCG_EXIT_HALT, any_int(&g));
}

/* ---- comparing ----------------------------------------------------------------------------- */

typedef struct Outcome {
    uint64_t status;
    GuestEnv env;
    uint8_t ram[sizeof(guest_ram)];
} Outcome;

/* How a program is made and run. */
typedef struct Way {
    const char *name;
    TCGOptLevel build, passes;
    bool through_text;
    GuestEngine engine;
} Way;

static const Way ways[] = {
    {"as built, interpreter", TCG_OPT_NONE, TCG_OPT_NONE, false, GUEST_INTERP},
    {"only liveness, interpreter", TCG_OPT_NONE, TCG_OPT_QUICK, false, GUEST_INTERP},
    {"quick, interpreter", TCG_OPT_QUICK, TCG_OPT_QUICK, false, GUEST_INTERP},
    {"full, interpreter", TCG_OPT_QUICK, TCG_OPT_FULL, false, GUEST_INTERP},
    {"full from raw text, interpreter", TCG_OPT_NONE, TCG_OPT_FULL, true, GUEST_INTERP},
    {"quick from text, interpreter", TCG_OPT_QUICK, TCG_OPT_QUICK, true, GUEST_INTERP},
    {"as built, host", TCG_OPT_NONE, TCG_OPT_NONE, false, GUEST_HOST},
    {"quick, host", TCG_OPT_QUICK, TCG_OPT_QUICK, false, GUEST_HOST},
    {"full, host", TCG_OPT_QUICK, TCG_OPT_FULL, false, GUEST_HOST},
};

static void die(TCGContext *c, uint64_t seed, const char *way, const char *what)
{
    g_autoptr(GString) text = g_string_new(NULL);

    tcg_dump(c, text);
    fprintf(stderr, "seed %" PRIu64 ": %s: %s\n%s", seed, way, what, text->str);
    exit(1);
}

static void run_way(TCGContext *c, uint64_t seed, const Way *way, Outcome *o, bool dump)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GString) why = g_string_new(NULL);

    tcg_set_opt(c, way->build);
    generate(c, seed);
    if (!tcg_verify(c, why)) {
        die(c, seed, way->name, why->str);
    }
    if (way->through_text || dump) {
        tcg_dump(c, text);
    }
    if (way->through_text && !tcg_parse(c, text->str, why)) {
        die(c, seed, way->name, why->str);
    }
    guest_reset(&o->env, seed);
    o->status = guest_run(c, way->passes, way->engine, &o->env, NULL);
    memcpy(o->ram, guest_ram, sizeof(guest_ram));
    if (!tcg_verify(c, why)) {
        die(c, seed, way->name, why->str);
    }
    /* Not part of the guest's state. */
    if (dump) {
        printf("# %s\n%s", way->name, text->str);
        g_string_truncate(text, 0);
        tcg_dump(c, text);
        printf("# after passes\n%s", text->str);
    }
}

static void explain(const Outcome *a, const Outcome *b)
{
    const uint64_t *p = (const uint64_t *)&a->env, *q = (const uint64_t *)&b->env;

    fprintf(stderr, "status 0x%" PRIx64 " and 0x%" PRIx64 "\n", a->status, b->status);
    for (unsigned i = 0; i < sizeof(a->env) / 8; i++) {
        if (p[i] != q[i]) {
            fprintf(stderr, "env + %u: 0x%" PRIx64 " and 0x%" PRIx64 "\n", i * 8, p[i], q[i]);
        }
    }
    for (unsigned i = 0; i < sizeof(a->ram); i++) {
        if (a->ram[i] != b->ram[i]) {
            fprintf(stderr, "ram + 0x%x: %02x and %02x\n", i, a->ram[i], b->ram[i]);
        }
    }
}

static void check_seed(TCGContext *c, uint64_t seed, bool dump)
{
    static Outcome expected, actual;

    guest_layout.one_hart = seed & 1;
    guest_layout.counts = seed >> 1 & 1;
    for (unsigned i = 0; i < ARRAY_SIZE(ways); i++) {
        if (ways[i].engine == GUEST_HOST && !tcg_host_available()) {
            continue;
        }
        run_way(c, seed, &ways[i], i ? &actual : &expected, dump);
        if (i && (expected.status != actual.status ||
                  memcmp(&expected.env, &actual.env, sizeof(GuestEnv)) != 0 ||
                  memcmp(expected.ram, actual.ram, sizeof(guest_ram)) != 0)) {
            explain(&expected, &actual);
            die(c, seed, ways[i].name, "differs from the code as built");
        }
    }
}

int main(int argc, char **argv)
{
    int64_t seed = 1, count = 20000;
    gboolean dump = false;
    const GOptionEntry options[] = {
        {"seed", 0, 0, G_OPTION_ARG_INT64, &seed, "first program", "N"},
        {"count", 0, 0, G_OPTION_ARG_INT64, &count, "how many programs", "N"},
        {"dump", 0, 0, G_OPTION_ARG_NONE, &dump, "print the IR", NULL},
        {NULL},
    };
    g_autoptr(GOptionContext) parser = g_option_context_new(NULL);
    g_autoptr(GError) error = NULL;
    TCGContext *c;

    g_option_context_add_main_entries(parser, options, NULL);
    if (!g_option_context_parse(parser, &argc, &argv, &error)) {
        fprintf(stderr, "tcg-fuzz: %s\n", error->message);
        return 2;
    }
    c = guest_context_new();
    tcg_set_check(c, true);
    for (int64_t i = 0; i < count; i++) {
        check_seed(c, seed + i, dump);
    }
    tcg_context_free(c);
    printf("%" PRId64 " programs from seed %" PRId64 "\n", count, seed);
    return 0;
}
