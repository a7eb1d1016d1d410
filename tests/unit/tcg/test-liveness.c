/* SPDX-License-Identifier: MIT */
/* What the backward walk tells the register allocator, and what it removes. */
#include "qemu/osdep.h"
#include "tcg-guest.h"
#include "tcg/tcg-internal.h"

static TCGContext *analyse(const char *text, bool remove_dead)
{
    TCGContext *c = guest_context_new();
    g_autoptr(GString) why = g_string_new(NULL);

    if (!tcg_parse(c, text, why) || !tcg_verify(c, why)) {
        g_error("%s", why->str);
    }
    tcg_liveness(c, remove_dead);
    return c;
}

static uint64_t x(unsigned n)
{
    return UINT64_C(1) << guest_x(n).idx;
}

static void test_positions(void)
{
    TCGContext *c = analyse("L0:\n"
                            " %0 = add.i64 x1, x1\n" /* 0 */
                            " %1 = mul.i64 %0, x2\n" /* 1 */
                            " x1 = mov.i64 %1\n"     /* 2 */
                            " x3 = sub.i64 %0, x2\n" /* 3 */
                            " exit 4, x3\n",         /* 4 */
                            true);

    /* x1 is read twice by op 0, assigned by op 2, and may not be observed in between */
    g_assert_cmphex(c->life[0].dead, ==, 3);
    g_assert_cmpuint(c->life[0].out_next, ==, 1);
    g_assert_cmpuint(c->life[1].next[0], ==, 3);
    g_assert_cmphex(c->life[1].dead, ==, 0);
    g_assert_cmphex(c->life[2].dead, ==, 1);
    /* x1 is not read again, but has to reach env */
    g_assert_cmpuint(c->life[2].out_next, ==, TCG_NONE);
    g_assert_false(c->life[2].out_dead);
    /* %0 ends here; x2 is not read again, but observable */
    g_assert_cmphex(c->life[3].dead, ==, 1);
    g_assert_cmpuint(c->life[3].next[1], ==, TCG_NONE);
    g_assert_cmpuint(c->life[3].out_next, ==, 4);
    g_assert_cmphex(c->blocks[0].use_in, ==, x(1) | x(2));
    g_assert_cmphex(c->blocks[0].assigned, ==, x(1) | x(3));
    tcg_context_free(c);
}

static void test_removal(void)
{
    TCGContext *c = analyse("L0:\n"
                            " x1 = mov.i64 $1\n"          /* 0: dead, x1 is assigned again */
                            " %0 = add.i64 x2, x3\n"      /* 1: dead with 2 */
                            " %1 = shl.i64 %0, $2\n"      /* 2: dead */
                            " %2 = call pure, x1, x2\n"   /* 3: dead */
                            " %3 = qemu_ld u8@0, 0, x2\n" /* 4: may trap; its result is dead */
                            " x1 = mov.i64 $2\n"          /* 5 */
                            " x4 = mov.i64 $3\n"          /* 6: the helper reads x1, x2 only, */
                            " call clobber\n"             /* 7: and writes x2, x3 */
                            " x4 = mov.i64 $4\n"          /* 8 */
                            " x1 = mov.i64 $5\n"
                            " exit 4, x1\n",
                            true);
    static const bool removed[] = {false, true, true, true, false, false, true, false, false};

    for (unsigned i = 0; i < ARRAY_SIZE(removed); i++) {
        g_assert_cmpint(c->ops[i].opc == TCG_OP_nop, ==, removed[i]);
    }
    g_assert_true(c->life[4].out_dead);
    tcg_context_free(c);
}

/* The start of an instruction is of use to what may leave in it. */
static void test_marks(void)
{
    TCGContext *c = analyse("L0:\n"
                            " insn_start 0x1000, 0\n" /* 0: of no use */
                            " x1 = add.i64 x1, x2\n"
                            " insn_start 0x1004, 1\n" /* 2: of the load, in another block */
                            " brcond.i64 eq, L1, x1, x2\n"
                            "L2:\n"
                            " %0 = qemu_ld u8@0, 0, x2\n"
                            " insn_start 0x1008, 2\n" /* 5: of no use */
                            "L1:\n"
                            " exit 4, x1\n",
                            true);

    g_assert_cmpint(c->ops[0].opc, ==, TCG_OP_nop);
    g_assert_cmpint(c->ops[2].opc, ==, TCG_OP_insn_start);
    g_assert_cmpint(c->ops[5].opc, ==, TCG_OP_nop);
    tcg_context_free(c);
}

static void test_kept(void)
{
    TCGContext *c = analyse("L0:\n %0 = add.i64 x2, x3\n exit 4, x1\n", false);

    g_assert_cmpint(c->ops[0].opc, ==, TCG_OP_add);
    g_assert_true(c->life[0].out_dead);
    tcg_context_free(c);
}

static void test_trap_observes(void)
{
    TCGContext *c = analyse("L0:\n"
                            " x1 = mov.i64 $1\n"
                            " %0 = qemu_ld u8@0, 0, x2\n"
                            " x1 = mov.i64 %0\n"
                            " poll\n"
                            " exit 4, x1\n",
                            true);

    g_assert_cmpint(c->ops[0].opc, ==, TCG_OP_mov);
    g_assert_cmphex(c->blocks[0].live_in, ==, c->all_globals & ~x(1));
    tcg_context_free(c);
}

/* x1 is dead in one successor; a local crosses to the other. */
static void test_blocks(void)
{
    TCGContext *c = analyse("L0:\n"
                            " %0 = add.i64 x1, x2\n"       /* 0 */
                            " brcond.i64 eq, L1, x1, x2\n" /* 1 */
                            "L2:\n"
                            " x1 = mov.i64 %0\n" /* 2 */
                            " exit 4, x3\n"      /* 3 */
                            "L1:\n"
                            " exit 4, x4\n", /* 4 */
                            true);

    g_assert_cmphex(c->blocks[2].use_in, ==, x(3));
    g_assert_cmphex(c->blocks[2].live_in, ==, c->all_globals & ~x(1));
    g_assert_cmphex(c->blocks[2].cross_in, ==, 1);
    g_assert_cmphex(c->blocks[1].cross_in, ==, 0);
    g_assert_cmphex(c->blocks[0].cross_out, ==, 1);
    g_assert_cmphex(c->blocks[0].use_out, ==, x(3) | x(4));
    g_assert_cmphex(c->blocks[0].live_out, ==, c->all_globals);
    /* read in another block: at the end of this one */
    g_assert_cmpuint(c->life[0].out_next, ==, c->blocks[0].end);
    g_assert_cmpuint(c->blocks[1].npred, ==, 1);
    tcg_context_free(c);
}

static void test_loop(void)
{
    TCGContext *c = analyse("L0:\n"
                            " x5 = mov.i64 $9\n"
                            "L1:\n"
                            " poll\n"
                            " x1 = add.i64 x1, x6\n"
                            " brcond.i64 ne, L3, x1, x2\n"
                            "L2:\n"
                            " x7 = mov.i64 x8\n"
                            " brcond.i64 ne, L1, x7, x2\n"
                            "L4:\n"
                            " exit 4, x9\n"
                            "L3:\n"
                            " exit 4, x3\n",
                            true);

    g_assert_true(c->has_back_edge);
    g_assert_true(c->blocks[1].loop_header);
    g_assert_cmpuint(c->blocks[0].loop_depth, ==, 0);
    g_assert_cmpuint(c->blocks[1].loop_depth, ==, 1);
    g_assert_cmpuint(c->blocks[2].loop_depth, ==, 1);
    g_assert_cmpuint(c->blocks[4].loop_depth, ==, 0);
    g_assert_cmpuint(c->blocks[1].npred, ==, 2);
    g_assert_cmphex(c->blocks[2].use_out, ==, x(1) | x(2) | x(3) | x(6) | x(8) | x(9));
    g_assert_cmphex(c->blocks[0].use_out, ==, c->blocks[1].use_in);
    tcg_context_free(c);
}

/* Registers of what a helper writes are stale behind it. */
static void test_call(void)
{
    TCGContext *c = analyse("L0:\n"
                            " x4 = add.i64 x2, x3\n"
                            " call clobber\n"
                            " x5 = add.i64 x2, x1\n"
                            " exit 4, x5\n",
                            true);

    g_assert_cmpuint(c->life[0].next[0], ==, TCG_NONE);
    /* it has to be in env for the helper */
    g_assert_cmphex(c->life[0].dead, ==, 0);
    g_assert_cmphex(c->blocks[0].use_in, ==, x(1) | x(2) | x(3));
    tcg_context_free(c);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/tcg/liveness/positions", test_positions);
    g_test_add_func("/tcg/liveness/removal", test_removal);
    g_test_add_func("/tcg/liveness/marks", test_marks);
    g_test_add_func("/tcg/liveness/kept", test_kept);
    g_test_add_func("/tcg/liveness/trap-observes", test_trap_observes);
    g_test_add_func("/tcg/liveness/blocks", test_blocks);
    g_test_add_func("/tcg/liveness/loop", test_loop);
    g_test_add_func("/tcg/liveness/call", test_call);
    return g_test_run();
}
