/* SPDX-License-Identifier: MIT */
/* tcg/direct.c: ops carried out as they are built. What ops compute is tests/insns' to see. */
#include "qemu/osdep.h"

#include "tcg-guest.h"

static const TCGv x0 = {0}, x1 = {1}, x2 = {2}, x3 = {3};

typedef struct Fixture {
    TCGContext *c;
    GuestEnv env;
} Fixture;

static void set_up(Fixture *t, gconstpointer unused)
{
    t->c = guest_context_new();
    guest_reset_plain(&t->env);
    tcg_direct_begin(t->c, &t->env);
    tcg_direct_insn(t->c, 0x1000, 3);
}

static void tear_down(Fixture *t, gconstpointer unused)
{
    tcg_direct_end(t->c);
    tcg_context_free(t->c);
}

static void check_goes_on(Fixture *t)
{
    uint64_t status;

    g_assert_false(tcg_direct_has_left(t->c, &status));
}

static void check_left(Fixture *t, uint64_t expected, uint64_t pc)
{
    uint64_t status;

    g_assert_true(tcg_direct_has_left(t->c, &status));
    g_assert_cmphex(status, ==, expected);
    g_assert_cmphex(t->env.pc, ==, pc);
}

/* A global that is read before it is assigned keeps its value in a copy only. */
static void test_globals(Fixture *t, gconstpointer unused)
{
    TCGv copy = tcg_mov(t->c, TCG_I64, x0), sum = tcg_add(t->c, TCG_I64, x0, x1);

    tcg_set_global(t->c, x0, tcg_const(t->c, 5));
    g_assert_cmpuint(t->env.x[0], ==, 5);
    tcg_set_global(t->c, x1, copy);
    tcg_set_global(t->c, x2, sum);
    tcg_set_global(t->c, x3, tcg_addi(t->c, TCG_I32, x0, -6));
    check_goes_on(t);
    g_assert_cmpuint(t->env.x[1], ==, 11);
    g_assert_cmpuint(t->env.x[2], ==, 33);
    g_assert_cmphex(t->env.x[3], ==, UINT32_MAX);
}

static void test_branch(Fixture *t, gconstpointer unused)
{
    TCGLabel skip = tcg_label_new(t->c), never = tcg_label_new(t->c), end = tcg_label_new(t->c);

    tcg_brcond(t->c, TCG_I64, TCG_COND_LT, x0, x1, skip);
    tcg_set_global(t->c, x2, tcg_const(t->c, 1));
    tcg_place(t->c, never); /* another's label ends nothing */
    tcg_set_global(t->c, x2, tcg_const(t->c, 2));
    tcg_place(t->c, skip);
    tcg_brcond(t->c, TCG_I64, TCG_COND_GT, x0, x1, end);
    tcg_set_global(t->c, x3, tcg_const(t->c, 3));
    tcg_br(t->c, end);
    tcg_set_global(t->c, x3, tcg_const(t->c, 4));
    tcg_place(t->c, end);
    check_goes_on(t);
    g_assert_cmpuint(t->env.x[2], ==, 33);
    g_assert_cmpuint(t->env.x[3], ==, 3);
}

/* A comparison of 32 bits sees no more. */
static void test_branch_width(Fixture *t, gconstpointer unused)
{
    TCGLabel equal = tcg_label_new(t->c);

    t->env.x[0] = UINT64_C(1) << 32 | 22;
    tcg_brcond(t->c, TCG_I32, TCG_COND_EQ, x0, x1, equal);
    tcg_set_global(t->c, x2, tcg_const(t->c, 1));
    tcg_place(t->c, equal);
    g_assert_cmpuint(t->env.x[2], ==, 33);
}

/* What stands behind an end, also behind a label there, is not carried out. */
static void test_ends(Fixture *t, gconstpointer unused)
{
    TCGLabel taken = tcg_label_new(t->c);

    tcg_brcond(t->c, TCG_I64, TCG_COND_EQ, x0, x1, taken);
    tcg_goto_link(t->c, 0, TCG_LINK_SAME_PAGE, 0x1004);
    tcg_place(t->c, taken);
    tcg_goto_link(t->c, 1, TCG_LINK_SAME_PAGE, 0x2000);
    tcg_set_global(t->c, x2, tcg_const(t->c, 1));
    check_left(t, TCG_EXIT_LOOKUP, 0x1004);
    g_assert_cmpuint(t->env.x[2], ==, 33);

    tcg_direct_insn(t->c, 0x1004, 4);
    check_goes_on(t);
    tcg_goto_indirect(t->c, x1);
    check_left(t, TCG_EXIT_LOOKUP, 22);

    tcg_direct_insn(t->c, 22, 5);
    tcg_exit(t->c, TCG_EXIT_HALT, tcg_const(t->c, 26));
    check_left(t, TCG_EXIT_HALT, 26);
}

/* An access that faults leaves env exact, and what follows undone. */
static void test_fault(Fixture *t, gconstpointer unused)
{
    const MemOpIdx q = make_memop_idx(MO_LEUQ, 0);
    TCGv base = tcg_const(t->c, GUEST_RAM_VA);

    tcg_qemu_st(t->c, base, 8, tcg_const(t->c, 0x1122334455667788), q);
    tcg_set_global(t->c, x0, tcg_qemu_ld(t->c, base, 8, q));
    check_goes_on(t);
    g_assert_cmphex(t->env.x[0], ==, 0x1122334455667788);
    tcg_set_global(t->c, x1, tcg_qemu_ld(t->c, tcg_const(t->c, 0xdead0000), 0, q));
    check_left(t, TCG_EXIT_TRAP, 0x1000);
    g_assert_cmpuint(t->env.insn_idx, ==, 3);
    g_assert_cmpuint(t->env.x[1], ==, 22);
}

/* More locals than one instruction may have, in many. */
static void test_locals(Fixture *t, gconstpointer unused)
{
    for (unsigned i = 0; i < 1000; i++) {
        tcg_direct_insn(t->c, 0x1000 + 4 * i, i);
        for (unsigned k = 0; k < 10; k++) {
            tcg_set_global(t->c, x0, tcg_addi(t->c, TCG_I64, x0, 1));
        }
    }
    check_goes_on(t);
    g_assert_cmpuint(t->env.x[0], ==, 11 + 10000);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(name, func) g_test_add("/tcg/direct/" name, Fixture, NULL, set_up, func, tear_down)
    TEST("globals", test_globals);
    TEST("branch", test_branch);
    TEST("branch-width", test_branch_width);
    TEST("ends", test_ends);
    TEST("fault", test_fault);
    TEST("locals", test_locals);
    return g_test_run();
}
