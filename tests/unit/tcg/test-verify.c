/* SPDX-License-Identifier: MIT */
/* Each invariant of the IR, broken: the verifier must say so, and accept the code unbroken. */
#include "qemu/osdep.h"
#include "tcg-guest.h"
#include "tcg/tcg-internal.h"

typedef struct Bad {
    const char *name;
    const char *text;
    const char *why; /* part of the message; NULL: the code is fine */
    bool counts;
} Bad;

#define END "exit 4, $0\n"

static const Bad cases[] = {
    {"fine", "L0:\n x1 = add.i64 x1, $1\n" END, NULL},
    {"empty", "L0:\n", "falls out"},
    {"falls-out", "L0:\n x1 = mov.i64 $1\n", "falls out"},
    {"branch-falls-out", "L0:\n poll\n brcond.i64 eq, L0, x1, x2\n", "falls out"},
    {"not-placed", "L0:\n brcond.i64 eq, L7, x1, x2\nL1:\n" END, "not placed"},
    {"cycle", "L0:\n x1 = add.i64 x1, $1\n br L0\n", "no poll"},
    {"cycle-of-two", "L0:\n br L2\nL1:\n br L2\nL2:\n brcond.i64 eq, L1, x1, x2\nL3:\n" END,
     "no poll"},
    {"cycle-with-poll",
     "L0:\n br L2\nL1:\n poll\n br L2\nL2:\n brcond.i64 eq, L1, x1, x2\nL3:\n" END, NULL},
    {"type-none", "L0:\n %0 = add x1, x2\n" END, "no integer's"},
    {"type-float", "L0:\n %0 = add.f64 x1, x2\n" END, "no integer's"},
    {"type-wide", "L0:\n %0 = muluh.i32 x1, x2\n" END, "not i64"},
    {"type-int", "L0:\n %0 = fadd.i64 f1, f2\n" END, "no float's"},
    {"type-void", "L0:\n poll.i64\n" END, "not void"},
    {"class-in", "L0:\n %0 = add.i64 x1, f1\n" END, "operand 1: wrong register class"},
    {"class-out", "L0:\n x1 = fadd.f64 f1, f2\n" END, "result: wrong register class"},
    {"class-call", "L0:\n %0 = call float, x1, x2\n" END, "operand 0: wrong register class"},
    {"class-const", "L0:\n %0 = fadd.f64 f1, $1\n" END, NULL},
    {"field-empty", "L0:\n %0 = extract.i64 3, 0, x1\n" END, "outside"},
    {"field-above", "L0:\n %0 = sextract.i32 20, 13, x1\n" END, "outside"},
    {"field-negative", "L0:\n %0 = deposit.i32 -1, 4, x1, x2\n" END, "outside"},
    {"slot", "L0:\n goto_link 16, 0, $0\n", "no such slot"},
    {"slot-twice",
     "L0:\n brcond.i64 eq, L1, x1, x2\nL2:\n goto_link 1, 0, $8\nL1:\n"
     " goto_link 1, 0, $12\n",
     "used twice"},
    {"atomic", "L0:\n %0 = qemu_cas u32.swap.al@0, 0, x1, x2, x3\n" END, "foreign byte order"},
    {"link-forward", "L0:\n goto_link 0, 0, $4\n", NULL},
    {"link-backward", "L0:\n goto_link 0, 0, $0\n", "neither polls nor counts"},
    {"link-backward-polls", "L0:\n goto_link 0, 4, $0\n", NULL},
    {"link-backward-counts", "L0:\n icount 1\n goto_link 0, 0, $0\n", NULL, .counts = true},
    {"link-backward-sometimes-counts",
     "L0:\n brcond.i64 eq, L2, x1, x2\nL1:\n icount 1\nL2:\n goto_link 0, 0, $0\n",
     "neither polls nor counts", .counts = true},
    {"count", "L0:\n icount 1\n" END, "does not count"},
    {"count-sync", "L0:\n icount_sync\n" END, "does not count"},
    {"cycle-counts", "L0:\n icount 1\n br L0\n", NULL, .counts = true},
    {"link-pc", "L0:\n goto_link 0, 0, x1\n", "no constant"},
    {"exit-status", "L0:\n exit 16, $0\n", "no such exit"},
    {"assigned-twice", "L0:\n %0 = mov.i64 x1\n %0 = mov.i64 x2\n" END, "assigned twice"},
    {"one-side",
     "L0:\n brcond.i64 eq, L1, x1, x2\nL2:\n %0 = mov.i64 x1\nL1:\n x2 = mov.i64 %0\n" END,
     "before it is assigned"},
    {"dominates",
     "L0:\n %0 = mov.i64 x1\n brcond.i64 eq, L1, x1, x2\nL2:\n x3 = mov.i64 %0\nL1:\n"
     " x2 = mov.i64 %0\n" END,
     NULL},
    {"loop-carried",
     "L0:\n br L2\nL1:\n %0 = mov.i64 x1\nL2:\n poll\n x2 = mov.i64 %0\n"
     " brcond.i64 eq, L1, x1, x2\nL3:\n" END,
     "before it is assigned"},
    {"unreachable", "L0:\n" END "L1:\n x1 = mov.i64 $2\n" END, NULL},
};

static void test_case(gconstpointer opaque)
{
    const Bad *bad = opaque;
    TCGContext *c = guest_context_new();
    g_autoptr(GString) why = g_string_new(NULL);
    bool fine;

    if (!tcg_parse(c, bad->text, why)) {
        g_error("%s", why->str);
    }
    guest_layout.counts = bad->counts;
    fine = tcg_verify(c, why);
    guest_layout.counts = false;
    if (bad->why) {
        g_assert_false(fine);
        if (!strstr(why->str, bad->why)) {
            g_error("\"%s\" does not say \"%s\"", why->str, bad->why);
        }
    } else {
        g_assert_cmpstr(why->str, ==, "");
        g_assert_true(fine);
    }
    tcg_context_free(c);
}

/* What text cannot express. */
static void test_records(void)
{
    TCGContext *c = guest_context_new();
    g_autoptr(GString) why = g_string_new(NULL);

    g_assert_true(tcg_parse(c, "L0:\n %0 = add.i64 x1, x2\n x3 = mov.i64 %0\n" END, why));
    g_assert_true(tcg_verify(c, why));
    c->ops[0].out = c->ops[2].in[0];
    g_assert_false(tcg_verify(c, why));
    g_assert_nonnull(strstr(why->str, "not assignable"));
    c->ops[0].out = c->ops[1].in[0];
    g_assert_true(tcg_verify(c, why));
    c->ops[1].in[0] = c->ntemps;
    g_assert_false(tcg_verify(c, why));
    g_assert_nonnull(strstr(why->str, "no such temp"));
    c->ops[1].in[0] = c->ops[0].out;
    c->blocks[0].end--;
    g_assert_false(tcg_verify(c, why));
    g_assert_nonnull(strstr(why->str, "outside of blocks"));
    tcg_context_free(c);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        g_autofree char *path = g_strdup_printf("/tcg/verify/%s", cases[i].name);

        g_test_add_data_func(path, &cases[i], test_case);
    }
    g_test_add_func("/tcg/verify/records", test_records);
    return g_test_run();
}
