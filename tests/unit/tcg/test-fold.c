/* SPDX-License-Identifier: MIT */
/*
 * Proof of fold.def: each rule, exhaustively on 8 bits and on random 32- and 64-bit operands, gives
 * the value that the op's EVAL column gives; each rule applies somewhere. Likewise for knownbits.c.
 *
 * What a rule sees beforehand (constants, immediates, known bits) is enumerated apart from the
 * values that only show when the code runs: the rule is asked once, its result is checked for all
 * of them. Where a fact is withheld from the rule, its field holds a wrong value.
 */
#include "qemu/osdep.h"
#include "tcg/build.h"
#include "tcg/eval.h"

typedef struct Pair {
    unsigned op, inner;
} Pair;

#define FOLD_OP(op)
#define FOLD_END
#define FOLD(op, name, when, ...) {TCG_OP_##op, TCG_NB_OPS},
#define FOLD_INNER(op, in, name, when, ...) {TCG_OP_##op, TCG_OP_##in},
static const Pair pairs[TCG_NB_FOLD_RULES] = {
#include "tcg/fold.def"
};
#undef FOLD
#undef FOLD_INNER

/* Rules of these are about bits 32 to 63, or have no narrow form. */
static bool is_narrow(unsigned opc)
{
    return opc != TCG_OP_funbox && opc != TCG_OP_i2f && opc != TCG_OP_f2i && opc != TCG_OP_fsgnj;
}

static unsigned applied[TCG_NB_FOLD_RULES];

/* One question to the rules, and the values behind it. */
typedef struct Case {
    TCGFoldIn in;
    /* by TCG_FOLD_*; A is computed if there is an inner op; eval() reads four from X on */
    uint64_t v[TCG_FOLD_X + 4];
} Case;

static uint64_t eval(unsigned opc, unsigned bits, const uint64_t *v, int32_t i0, int32_t i1)
{
    const uint64_t in[4] = {v[0], v[1], v[2], v[3]};

    return tcg_op_eval(opc == TCG_OP_brcond ? TCG_OP_setcond : opc, bits, in, i0, i1);
}

static void check_values(const Case *t, const TCGFoldTo *to)
{
    const TCGFoldIn *in = &t->in;
    const bool cut = tcg_op_defs[in->opc].types == 'I';
    uint64_t v[TCG_FOLD_OPERANDS], expected, actual, operand[4] = {0};

    memcpy(v, t->v, sizeof(v));
    if (in->inner != TCG_NB_OPS) {
        v[TCG_FOLD_A] = eval(in->inner, in->inner_bits, &t->v[TCG_FOLD_X], in->j0, in->j1);
    }
    expected = eval(in->opc, in->bits, &v[TCG_FOLD_A], in->i0, in->i1);
    for (unsigned k = 0; k < to->nin; k++) {
        operand[k] = to->in[k] == TCG_FOLD_CONST ? to->k : v[to->in[k]];
    }
    if (to->opc == TCG_OP_mov) {
        actual = cut ? operand[0] & tcg_eval_mask(in->bits) : operand[0];
    } else {
        actual = eval(to->opc, to->inner_type ? in->inner_bits : in->bits, operand, to->i0, to->i1);
    }
    if (expected != actual) {
        g_error("rule %s, %u bits: a=%" PRIx64 " b=%" PRIx64 " x=%" PRIx64 " y=%" PRIx64
                " i0=%d i1=%d j0=%d j1=%d: 0x%" PRIx64 " should be 0x%" PRIx64,
                tcg_fold_rule_name(to->rule), in->bits, v[TCG_FOLD_A], v[TCG_FOLD_B], v[TCG_FOLD_X],
                v[TCG_FOLD_Y], in->i0, in->i1, in->j0, in->j1, actual, expected);
    }
    applied[to->rule]++;
}

/* ---- exhaustive, 8 bits -------------------------------------------------------------------- */

enum {
    BITS = 8,
    VALUES = 1 << BITS
};

static bool fits(const TCGFoldIn *in, uint64_t a)
{
    return a == (a & tcg_eval_mask(in->ua)) &&
           a == ((uint64_t)tcg_eval_signed(a, in->sa) & tcg_eval_mask(BITS));
}

/* All run-time values of a case without an inner op. */
static void run_plain(Case *t)
{
    TCGFoldIn *in = &t->in;
    TCGFoldTo to;
    const unsigned nin = tcg_op_defs[in->opc].nin;

    if (!tcg_fold_match(in, &to)) {
        return;
    }
    for (unsigned a = in->ka ? in->a : 0; a < (in->ka ? in->a + 1 : VALUES); a++) {
        if (!fits(in, a)) {
            continue;
        }
        for (unsigned b = in->kb ? in->b : 0; b < (in->kb  ? in->b + 1 :
                                                   nin > 1 ? VALUES :
                                                             1);
             b++) {
            if (in->same && a != b) {
                continue;
            }
            t->v[TCG_FOLD_A] = a;
            t->v[TCG_FOLD_B] = b;
            t->v[TCG_FOLD_C] = 0x5a;
            t->v[TCG_FOLD_D] = in->same_cd ? 0x5a : 0xc3;
            check_values(t, &to);
        }
    }
}

static void run_inner(Case *t)
{
    TCGFoldIn *in = &t->in;
    TCGFoldTo to;
    const unsigned nin = tcg_op_defs[in->opc].nin, inner_nin = tcg_op_defs[in->inner].nin;

    /* Rules that do not look at the inner op are proved by themselves. */
    if (!tcg_fold_match(in, &to) || pairs[to.rule].inner == TCG_NB_OPS) {
        return;
    }
    for (unsigned x = 0; x < VALUES; x++) {
        for (unsigned y = in->kj ? in->j : 0; y < (in->kj        ? in->j + 1 :
                                                   inner_nin > 1 ? VALUES :
                                                                   1);
             y++) {
            for (unsigned b = in->kb ? in->b : 0; b < (in->kb  ? in->b + 1 :
                                                       nin > 1 ? VALUES :
                                                                 1);
                 b++) {
                t->v[TCG_FOLD_X] = x;
                t->v[TCG_FOLD_Y] = y;
                t->v[TCG_FOLD_B] = b;
                t->v[TCG_FOLD_C] = 0x5a;
                t->v[TCG_FOLD_D] = 0xc3;
                check_values(t, &to);
            }
        }
    }
}

/* How many values of a constant second operand of @opc differ: counts are taken modulo 8. */
static unsigned nr_constants(unsigned opc)
{
    switch (opc) {
    case TCG_OP_shl:
    case TCG_OP_shr:
    case TCG_OP_sar:
    case TCG_OP_rotl:
    case TCG_OP_rotr:
        return 4 * BITS;
    default:
        return VALUES;
    }
}

/* The immediates that @opc can have at 8 bits, one set after the other; false behind the last. */
static bool next_imms(unsigned opc, int32_t *i0, int32_t *i1)
{
    const char *imms = tcg_op_defs[opc].imms;

    if (imms[0] == 'c') {
        return ++*i0 <= TCG_COND_TSTNE;
    }
    if (strcmp(imms, "ii") == 0) {
        if (*i0 + ++*i1 > BITS) {
            *i1 = 1;
            ++*i0;
        }
        return *i0 < BITS;
    }
    return ++*i0 == 0;
}

static void first_imms(unsigned opc, int32_t *i0, int32_t *i1)
{
    *i0 = strcmp(tcg_op_defs[opc].imms, "ii") == 0 ? 0 : -1;
    *i1 = 0;
}

static void prove_known(Case *t)
{
    TCGFoldIn *in = &t->in;

    for (unsigned n = 1; n <= BITS; n++) {
        in->ua = n;
        in->sa = BITS;
        run_plain(t);
        in->ua = BITS;
        in->sa = n;
        run_plain(t);
        in->ua = n;
        in->sa = MIN(n + 1, BITS);
        run_plain(t);
    }
}

static void prove_plain(unsigned opc)
{
    const unsigned nin = tcg_op_defs[opc].nin;
    Case t = {.in = {.opc = opc, .bits = BITS, .inner = TCG_NB_OPS}};

    first_imms(opc, &t.in.i0, &t.in.i1);
    while (next_imms(opc, &t.in.i0, &t.in.i1)) {
        for (unsigned flags = 0; flags < 16; flags++) {
            t.in.ka = flags & 1;
            t.in.kb = flags & 2 && nin > 1;
            t.in.same = flags & 4 && nin > 1 && !t.in.ka && !t.in.kb;
            t.in.same_cd = flags & 8 && nin > 3;
            /* Two constants never get here, and what the op does not have is not tried twice. */
            if ((t.in.ka && t.in.kb) ||
                flags != (t.in.ka | t.in.kb << 1 | t.in.same << 2 | t.in.same_cd << 3)) {
                continue;
            }
            for (unsigned a = 0; a < (t.in.ka ? VALUES : 1); a++) {
                t.in.a = t.in.ka ? a : 0xffff0001;
                for (unsigned b = 0; b < (t.in.kb ? nr_constants(opc) : 1); b++) {
                    t.in.b = t.in.kb ? b : 0xffff0001;
                    prove_known(&t);
                }
            }
        }
    }
}

static void prove_inner(unsigned opc, unsigned inner)
{
    const unsigned nin = tcg_op_defs[opc].nin, inner_nin = tcg_op_defs[inner].nin;
    Case t = {
        .in = {
            .opc = opc, .inner = inner, .bits = BITS, .inner_bits = BITS, .ua = BITS, .sa = BITS}};

    first_imms(opc, &t.in.i0, &t.in.i1);
    while (next_imms(opc, &t.in.i0, &t.in.i1)) {
        first_imms(inner, &t.in.j0, &t.in.j1);
        while (next_imms(inner, &t.in.j0, &t.in.j1)) {
            for (unsigned flags = 0; flags < 4; flags++) {
                t.in.kb = flags & 1 && nin > 1;
                t.in.kj = flags & 2 && inner_nin > 1;
                for (unsigned b = 0; b < (t.in.kb ? nr_constants(opc) : 1); b++) {
                    t.in.b = t.in.kb ? b : 0xffff0001;
                    for (unsigned j = 0; j < (t.in.kj ? nr_constants(inner) : 1); j++) {
                        t.in.j = t.in.kj ? j : 0xffff0001;
                        run_inner(&t);
                    }
                }
            }
        }
    }
}

static void test_exhaustive(void)
{
    for (unsigned i = 0; i < ARRAY_SIZE(pairs); i++) {
        bool seen = false;

        for (unsigned n = 0; n < i; n++) {
            seen |= pairs[n].op == pairs[i].op && pairs[n].inner == pairs[i].inner;
        }
        if (seen || !is_narrow(pairs[i].op)) {
            continue;
        }
        if (pairs[i].inner == TCG_NB_OPS) {
            prove_plain(pairs[i].op);
        } else {
            prove_inner(pairs[i].op, pairs[i].inner);
        }
    }
}

/* ---- random, 32 and 64 bits ---------------------------------------------------------------- */

static uint64_t random_64(void)
{
    return (uint64_t)g_test_rand_int() << 32 ^ (uint32_t)g_test_rand_int();
}

/* Values that rules are about: small, powers, masks, negatives; else anything. */
static uint64_t random_value(void)
{
    const unsigned n = random_64() % 64;

    switch (random_64() % 8) {
    case 0:
        return random_64() % 4;
    case 1:
        return UINT64_C(1) << n;
    case 2:
        return UINT64_MAX >> n;
    case 3:
        return UINT64_MAX << n;
    case 4:
        return n;
    case 5:
        return random_64() >> n;
    default:
        return random_64();
    }
}

static void random_imms(unsigned opc, unsigned bits, int32_t *i0, int32_t *i1)
{
    const char *imms = tcg_op_defs[opc].imms;

    *i0 = *i1 = 0;
    if (imms[0] == 'c') {
        *i0 = random_64() % (TCG_COND_TSTNE + 1);
    } else if (strcmp(imms, "ii") == 0) {
        *i0 = random_64() % bits;
        *i1 = 1 + random_64() % (bits - *i0);
    } else if (opc == TCG_OP_fsgnj) {
        *i0 = random_64() % 3;
    }
}

static unsigned unsigned_bits(uint64_t v)
{
    return MAX(64 - clz64(v), 1);
}

static unsigned signed_bits(uint64_t v)
{
    return 64 - clrsb64((int64_t)v);
}

static void random_case(const Pair *pair)
{
    const bool is_wide = tcg_op_defs[pair->op].types == 'L' || tcg_op_defs[pair->op].types == 'N';
    const unsigned bits = is_wide || random_64() % 2 ? 64 : 32;
    const uint64_t mask = tcg_eval_mask(bits), wrong = random_value();
    Case t = {.in = {.opc = pair->op, .inner = pair->inner, .bits = bits, .inner_bits = bits}};
    TCGFoldIn *in = &t.in;
    TCGFoldTo to;
    uint64_t a;

    for (unsigned k = TCG_FOLD_A; k < TCG_FOLD_OPERANDS; k++) {
        t.v[k] = random_value();
    }
    random_imms(in->opc, bits, &in->i0, &in->i1);
    if (in->inner != TCG_NB_OPS) {
        if (in->inner == TCG_OP_setcond) {
            in->inner_bits = random_64() % 2 ? 64 : 32;
        }
        random_imms(in->inner, in->inner_bits, &in->j0, &in->j1);
        in->kj = tcg_op_defs[in->inner].nin > 1 && random_64() % 2;
        in->j = in->kj ? t.v[TCG_FOLD_Y] & mask : wrong;
    } else {
        in->ka = random_64() % 4 == 0;
    }
    in->kb = tcg_op_defs[in->opc].nin > 1 && random_64() % 2;
    in->same = tcg_op_defs[in->opc].nin > 1 && in->inner == TCG_NB_OPS && random_64() % 4 == 0;
    in->same_cd = tcg_op_defs[in->opc].nin > 3 && random_64() % 4 == 0;
    if (in->same) {
        t.v[TCG_FOLD_B] = t.v[TCG_FOLD_A];
        in->ka = in->kb = false;
    }
    if (in->same_cd) {
        t.v[TCG_FOLD_D] = t.v[TCG_FOLD_C];
    }
    if (in->opc == TCG_OP_funbox || in->opc == TCG_OP_fsgnj) {
        t.v[TCG_FOLD_A] |= random_64() % 2 ? UINT64_MAX << 32 : 0;
        t.v[TCG_FOLD_B] = in->same ? t.v[TCG_FOLD_A] : t.v[TCG_FOLD_B];
    }
    a = t.v[TCG_FOLD_A];
    in->boxed = a >> 32 == UINT32_MAX && random_64() % 2;
    in->a = in->ka ? a & mask : wrong;
    in->b = in->kb ? t.v[TCG_FOLD_B] & mask : wrong;
    in->ua = in->sa = bits;
    if (in->inner == TCG_NB_OPS && random_64() % 2) {
        in->ua = MIN(unsigned_bits(a), bits);
        in->sa = MIN(signed_bits(a), bits);
    }
    if (tcg_fold_match(in, &to)) {
        check_values(&t, &to);
    }
}

static void test_random(void)
{
    for (unsigned i = 0; i < ARRAY_SIZE(pairs); i++) {
        for (unsigned n = 0; n < 20000; n++) {
            random_case(&pairs[i]);
        }
    }
}

static void test_all_applied(void)
{
    for (unsigned i = 0; i < TCG_NB_FOLD_RULES; i++) {
        if (applied[i] == 0) {
            g_test_message("rule %s never applies", tcg_fold_rule_name(i));
            g_test_fail();
        }
    }
}

/* ---- known bits ---------------------------------------------------------------------------- */

static uint16_t temp_with_value(TCGContext *c, uint64_t v, bool is_const)
{
    uint16_t idx = is_const ? tcg_const(c, v).idx : tcg_temp_new(c, TCG_TEMP_LOCAL, TCG_CLASS_INT);

    if (!is_const && random_64() % 4) {
        const unsigned slack = random_64() % 3;

        c->temps[idx].ubits = MIN(unsigned_bits(v) + slack, 64);
        c->temps[idx].sbits = MIN(signed_bits(v) + slack, 64);
    }
    return idx;
}

static void known_case(TCGContext *c, unsigned opc)
{
    const char types = tcg_op_defs[opc].types;
    const unsigned bits = types != 'L' && random_64() % 2 ? 32 : 64;
    const uint64_t v[4] = {random_value(), random_value(), random_value(), random_value()};
    uint16_t val[4];
    TCGTemp out = {.ubits = 64, .sbits = 64};
    TCGOp op = {.opc = opc, .type = bits == 32 ? TCG_I32 : TCG_I64, .nin = tcg_op_defs[opc].nin};
    uint64_t r;

    for (unsigned k = 0; k < 4; k++) {
        val[k] = temp_with_value(c, v[k], random_64() % 3 == 0);
    }
    random_imms(opc, bits, &op.imm[0], &op.imm[1]);
    r = tcg_op_eval(opc, bits, v, op.imm[0], op.imm[1]);
    tcg_known_bits(c, &op, val, &out);
    if (r != (r & tcg_eval_mask(out.ubits)) || r != (uint64_t)tcg_eval_signed(r, out.sbits)) {
        g_error("%s, %u bits, %" PRIx64 " %" PRIx64 " i0=%d i1=%d: %" PRIx64
                " is not of %u unsigned, %u signed bits",
                tcg_op_defs[opc].name, bits, v[0], v[1], op.imm[0], op.imm[1], r, out.ubits,
                out.sbits);
    }
}

static void test_known_bits(void)
{
    static const TCGLayout layout;
    TCGContext *c = tcg_context_new(&layout);

    for (unsigned opc = 0; opc < TCG_NB_OPS; opc++) {
        if (!tcg_op_defs[opc].has_eval || strchr(tcg_op_defs[opc].cls, 'f')) {
            continue;
        }
        for (unsigned n = 0; n < 20000; n++) {
            if (n % 500 == 0) {
                tcg_begin(c, TCG_EXIT_LINK_MIN, 0, 0);
            }
            known_case(c, opc);
        }
    }
    tcg_context_free(c);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/tcg/fold/exhaustive", test_exhaustive);
    g_test_add_func("/tcg/fold/random", test_random);
    g_test_add_func("/tcg/fold/all-applied", test_all_applied);
    g_test_add_func("/tcg/fold/known-bits", test_known_bits);
    return g_test_run();
}
