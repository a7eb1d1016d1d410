/* SPDX-License-Identifier: MIT */
/* What the emitters make of their operands, seen as text. */
#include "qemu/osdep.h"
#include "tcg-guest.h"
#include "tcg/tcg-internal.h"

static const TCGv x1 = {1}, x2 = {2}, x3 = {3}, x4 = {4};

static TCGContext *begin(void)
{
    TCGContext *c = guest_context_new();

    tcg_begin(c, GUEST_COOKIE, 0x1000, 0);
    return c;
}

/* Verifies, compares and frees. */
static void end(TCGContext *c, const char *expected)
{
    g_autoptr(GString) why = g_string_new(NULL), text = g_string_new(NULL);

    if (!tcg_verify(c, why)) {
        g_error("%s", why->str);
    }
    tcg_dump(c, text);
    g_assert_cmpstr(text->str, ==, expected);
    tcg_context_free(c);
}

static void leave(TCGContext *c)
{
    tcg_exit(c, TCG_EXIT_HALT, x1);
}

static void test_redirect(void)
{
    TCGContext *c = begin();
    TCGv sum = tcg_add(c, TCG_I64, x1, x2);

    tcg_set_global(c, x3, sum);
    tcg_set_global(c, x4, tcg_shli(c, TCG_I64, sum, 2));
    leave(c);
    end(c, "L0:\n"
           "    x3 = add.i64 x1, x2\n"
           "    x4 = shl.i64 x3, $0x2\n"
           "    exit 4, x1\n");
}

/* The local is wanted once its global has changed, in this block and in another. */
static void test_give_back(void)
{
    TCGContext *c = begin();
    TCGv sum = tcg_add(c, TCG_I64, x1, x2), diff, both;
    TCGLabel out = tcg_label_new(c);

    tcg_set_global(c, x3, sum);
    diff = tcg_sub(c, TCG_I64, x1, x2);
    tcg_set_global(c, x4, diff);
    tcg_set_global(c, x3, tcg_const(c, 1));
    both = tcg_mul(c, TCG_I64, sum, diff);
    tcg_brcond(c, TCG_I64, TCG_COND_EQ, x1, x2, out);
    tcg_set_global(c, x4, tcg_const(c, 2));
    tcg_place(c, out);
    tcg_set_global(c, x2, tcg_xor(c, TCG_I64, diff, both));
    leave(c);
    end(c, "L0:\n"
           "    %0 = add.i64 x1, x2\n"
           "    x3 = mov.i64 %0\n"
           "    %1 = sub.i64 x1, x2\n"
           "    x4 = mov.i64 %1\n"
           "    x3 = mov.i64 $0x1\n"
           "    %2 = mul.i64 %0, x4\n"
           "    brcond.i64 eq, L1, x1, x2\n"
           "L2:\n"
           "    x4 = mov.i64 $0x2\n"
           "L1:\n"
           "    x2 = xor.i64 %1, %2\n"
           "    exit 4, x1\n");
}

static void test_common(void)
{
    TCGContext *c = begin();

    tcg_set_global(c, x3, tcg_add(c, TCG_I64, x1, x2));
    /* the same value, in x3 by now */
    tcg_set_global(c, x4, tcg_add(c, TCG_I64, x1, x2));
    /* nothing holds it any more */
    tcg_set_global(c, x3, tcg_const(c, 0));
    tcg_set_global(c, x4, tcg_const(c, 0));
    tcg_set_global(c, x3, tcg_add(c, TCG_I64, x1, x2));
    /* other operands */
    tcg_set_global(c, x1, tcg_const(c, 7));
    tcg_set_global(c, x4, tcg_add(c, TCG_I64, x1, x2));
    /* it has the value already */
    tcg_set_global(c, x1, tcg_const(c, 7));
    leave(c);
    end(c, "L0:\n"
           "    x3 = add.i64 x1, x2\n"
           "    x4 = mov.i64 x3\n"
           "    x3 = mov.i64 $0x0\n"
           "    x4 = mov.i64 $0x0\n"
           "    x3 = add.i64 x1, x2\n"
           "    x1 = mov.i64 $0x7\n"
           "    x4 = add.i64 x2, $0x7\n"
           "    exit 4, $0x7\n");
}

static void test_constants(void)
{
    TCGContext *c = begin();
    TCGLabel out = tcg_label_new(c), never = tcg_label_new(c);
    uint64_t v;

    g_assert_false(tcg_is_const(c, x1, &v));
    tcg_set_global(c, x1, tcg_const(c, 0x12345000));
    tcg_set_global(c, x1, tcg_addi(c, TCG_I64, x1, 0x678));
    g_assert_true(tcg_is_const(c, x1, &v));
    g_assert_cmphex(v, ==, 0x12345678);
    g_assert_true(tcg_const(c, 5).idx == tcg_const(c, 5).idx);
    tcg_brcond(c, TCG_I64, TCG_COND_LTU, x1, tcg_const(c, 1), never);
    tcg_brcond(c, TCG_I64, TCG_COND_NE, x1, tcg_const(c, 0), out);
    /* nothing gets here, until the label */
    tcg_set_global(c, x2, tcg_const(c, 1));
    g_assert_true(tcg_is_const(c, tcg_qemu_ld(c, x2, 0, 0), &v));
    tcg_place(c, never);
    g_assert_false(tcg_is_const(c, x1, &v));
    leave(c);
    tcg_place(c, out);
    leave(c);
    end(c, "L0:\n"
           "    x1 = mov.i64 $0x12345000\n"
           "    x1 = mov.i64 $0x12345678\n"
           "    br L1\n"
           "L2:\n"
           "    exit 4, x1\n"
           "L1:\n"
           "    exit 4, x1\n");
}

/* A copy stays what it was; results of folding are copies as well. */
static void test_snapshot(void)
{
    TCGContext *c = begin();
    TCGv old = tcg_addi(c, TCG_I64, x1, 0), older = tcg_mov(c, TCG_I64, x2);

    tcg_set_global(c, x1, tcg_const(c, 3));
    tcg_set_global(c, x2, old);
    tcg_set_global(c, x3, older);
    leave(c);
    end(c, "L0:\n"
           "    %0 = mov.i64 x1\n"
           "    %1 = mov.i64 x2\n"
           "    x1 = mov.i64 $0x3\n"
           "    x2 = mov.i64 %0\n"
           "    x3 = mov.i64 %1\n"
           "    exit 4, $0x3\n");
}

static void test_clobber(void)
{
    TCGContext *c = begin();

    tcg_set_global(c, x4, tcg_const(c, 4));
    tcg_set_global(c, x3, tcg_const(c, 3));
    tcg_set_global(c, x2, tcg_add(c, TCG_I64, x1, x4));
    tcg_call(c, GUEST_H_CLOBBER, NULL, 0); /* writes x2 and x3 */
    tcg_set_global(c, x4, tcg_add(c, TCG_I64, x3, x4));
    tcg_set_global(c, x3, tcg_addi(c, TCG_I64, x1, 4));
    leave(c);
    end(c, "L0:\n"
           "    x4 = mov.i64 $0x4\n"
           "    x3 = mov.i64 $0x3\n"
           "    x2 = add.i64 x1, $0x4\n"
           "    call clobber\n"
           "    x4 = add.i64 x3, $0x4\n"
           "    x3 = add.i64 x1, $0x4\n"
           "    exit 4, x1\n");
}

static void test_limits(void)
{
    TCGContext *c = begin();
    unsigned left = tcg_ops_left(c);

    /* Blocks run out. */
    for (unsigned i = 0; i < TCG_MAX_BLOCKS; i++) {
        TCGLabel l = tcg_label_new(c);

        tcg_brcond(c, TCG_I64, TCG_COND_EQ, x1, x2, l);
        tcg_place(c, l);
    }
    g_assert_cmpuint(tcg_ops_left(c), ==, 0);
    g_assert_true(c->overflow);

    /* Temps run out. */
    tcg_begin(c, GUEST_COOKIE, 0, 0);
    g_assert_cmpuint(tcg_ops_left(c), ==, left);
    for (unsigned i = 0; i < 2 * TCG_MAX_TEMPS; i++) {
        tcg_const(c, i);
    }
    g_assert_cmpuint(tcg_ops_left(c), ==, 0);

    /* Locals that cross a block do. */
    tcg_begin(c, GUEST_COOKIE, 0, 0);
    for (unsigned round = 0; round < 2; round++) {
        TCGv t[TCG_MAX_CROSS + 1];
        TCGLabel l = tcg_label_new(c);

        for (unsigned i = 0; i < ARRAY_SIZE(t); i++) {
            t[i] = tcg_qemu_ld(c, x1, i, 0);
        }
        tcg_place(c, l);
        for (unsigned i = 0; i < TCG_MAX_CROSS + round; i++) {
            tcg_qemu_st(c, x1, 0, t[i], 0);
        }
        g_assert_cmpint(c->overflow, ==, round);
        tcg_begin(c, GUEST_COOKIE, 0, 0);
    }
    leave(c);
    end(c, "L0:\n    exit 4, x1\n");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/tcg/build/redirect", test_redirect);
    g_test_add_func("/tcg/build/give-back", test_give_back);
    g_test_add_func("/tcg/build/common", test_common);
    g_test_add_func("/tcg/build/constants", test_constants);
    g_test_add_func("/tcg/build/snapshot", test_snapshot);
    g_test_add_func("/tcg/build/clobber", test_clobber);
    g_test_add_func("/tcg/build/limits", test_limits);
    return g_test_run();
}
