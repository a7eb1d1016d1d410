/* SPDX-License-Identifier: MIT */
/*
 * The check of register allocation is driven by hand: by allocations that are right, in shapes that
 * the allocator may or may not make, and by wrong ones, which it must find.
 *
 * The host has integer registers r0 to r3 and FP registers r4, r5; calls clobber r0, r1 and r4;
 * scratch registers are r6 and r7.
 */
#include "qemu/osdep.h"
#include "tcg-guest.h"
#include "tcg/ra-check.h"

/* As the host's, without constants. */
static void map_restore(const uint8_t *map, const int32_t *offsets, const uint64_t *regs, void *env)
{
    for (unsigned n = *map++; n; n--, map += 2) {
        memcpy((uint8_t *)env + offsets[map[0]], &regs[map[1]], 8);
    }
}

static const RACheckHost host = {{0x0f, 0x30}, 0x13, {6, 7}, map_restore};

/*
 * An allocation is lines of words:
 *   label N, alias N OTHER, jump N
 *   mov D S, mov32 D S, imm D $V, load D X, store X S|$V, load D sN, store sN S
 *   op N                     a mov, done by nothing
 *   gen N WANT OUT IN... [: X=R...] [-> LABEL [COND]]
 *                            op N by its emitter, constraint WANT; an exit map; where a branch goes
 *   call N OUT IN... [: X=R...]
 * Operands are rN, xN, sN, $V; OUT may be -.
 */
typedef struct Case {
    const char *name, *ir, *allocation;
    const char *why; /* part of the message; NULL: it is right */
} Case;

static HostArg parse_arg(const char *word)
{
    const uint64_t n = strtoull(word + 1, NULL, 0);

    switch (*word) {
    case 'r':
        return (HostArg){.kind = HOST_REG, .reg = (uint8_t)n};
    case 'x':
        return (HostArg){.kind = HOST_MEM, .disp = (int32_t)offsetof(GuestEnv, x) + 8 * (int)n};
    case 's':
        return (HostArg){.kind = HOST_SLOT, .disp = (int32_t)n};
    default:
        return (HostArg){.kind = HOST_IMM, .imm = n};
    }
}

static void note_move(RACheck *k, char **w)
{
    const HostArg dst = parse_arg(w[1]), src = parse_arg(w[2]);
    RAEvent ev = {.dst = dst.reg, .src = src.reg, .imm = src.imm, .n = dst.disp + src.disp};

    if (strcmp(w[0], "mov32") == 0) {
        ev.kind = RA_EV_MOV32;
    } else if (strcmp(w[0], "mov") == 0) {
        ev.kind = RA_EV_MOV;
        ev.cls = (0xb0 >> dst.reg & 1) ? TCG_CLASS_FP : TCG_CLASS_INT;
    } else if (strcmp(w[0], "imm") == 0) {
        ev.kind = RA_EV_LOAD_IMM;
    } else if (strcmp(w[0], "load") == 0) {
        ev.kind = src.kind == HOST_SLOT ? RA_EV_LOAD_SLOT : RA_EV_LOAD_ENV;
    } else if (src.kind == HOST_IMM) {
        ev.kind = RA_EV_STORE_ENV_IMM;
    } else {
        ev.kind = dst.kind == HOST_SLOT ? RA_EV_STORE_SLOT : RA_EV_STORE_ENV;
    }
    ra_check_note(k, ev);
}

/* The words from ":" on. */
static void note_map(RACheck *k, char **w)
{
    uint8_t map[16] = {0};

    for (; *w && strcmp(*w, "->") != 0; w++) {
        unsigned g, reg;

        g_assert_cmpint(sscanf(*w, "x%u=r%u", &g, &reg), ==, 2);
        map[1 + 2 * map[0]] = (uint8_t)g;
        map[2 + 2 * map[0]++] = (uint8_t)reg;
    }
    ra_check_note_map(k, map, 1 + 2u * map[0]);
}

static void note_op(RACheck *k, TCGContext *c, char **w)
{
    const bool is_call = strcmp(w[0], "call") == 0;
    const int32_t n = atoi(w[1]);
    const char *const want = is_call ? NULL : g_intern_string(w[2]);
    HostArg in[TCG_MAX_INS] = {{0}};
    TCGOp op = c->ops[n];
    unsigned i, out, label = (unsigned)op.imm[1];

    ra_check_note(k, (RAEvent){.kind = RA_EV_OP, .n = n});
    w += is_call ? 2 : 3;
    out = *w[0] == '-' ? HOST_NO_REG : parse_arg(w[0]).reg;
    for (i = 0, w++; *w && strcmp(*w, ":") != 0 && strcmp(*w, "->") != 0; w++) {
        in[i++] = parse_arg(*w);
    }
    g_assert_cmpuint(i, ==, op.nin);
    for (char **arrow = w; *arrow; arrow++) {
        if (strcmp(*arrow, "->") == 0) {
            label = (unsigned)atoi(arrow[1]);
            op.imm[0] ^= arrow[2] != NULL;
        }
    }
    if (is_call) {
        ra_check_note_call(k, &op, in);
    } else {
        ra_check_note_gen(k, &op, out, in, want, label);
    }
    if (*w && strcmp(*w, ":") == 0) {
        note_map(k, w + 1);
    }
    if (!is_call) {
        ra_check_note(k, (RAEvent){.kind = RA_EV_GEN_END});
    } else if (out != HOST_NO_REG) {
        ra_check_note(k, (RAEvent){.kind = RA_EV_RESULT, .dst = (uint8_t)out});
    }
    ra_check_note(k, (RAEvent){.kind = RA_EV_OP_END, .n = n});
}

static void note_line(RACheck *k, TCGContext *c, const char *line)
{
    g_auto(GStrv) w = g_strsplit(line, " ", -1);

    if (strcmp(w[0], "label") == 0) {
        ra_check_note(k, (RAEvent){.kind = RA_EV_LABEL, .n = atoi(w[1])});
    } else if (strcmp(w[0], "alias") == 0) {
        ra_check_note(
            k, (RAEvent){.kind = RA_EV_ALIAS, .n = atoi(w[1]), .imm = strtoull(w[2], NULL, 0)});
    } else if (strcmp(w[0], "jump") == 0) {
        ra_check_note(k, (RAEvent){.kind = RA_EV_JUMP, .n = atoi(w[1])});
    } else if (strcmp(w[0], "op") == 0) {
        ra_check_note(k, (RAEvent){.kind = RA_EV_OP, .n = atoi(w[1])});
        ra_check_note(k, (RAEvent){.kind = RA_EV_OP_END, .n = atoi(w[1])});
    } else if (strcmp(w[0], "gen") == 0 || strcmp(w[0], "call") == 0) {
        note_op(k, c, w);
    } else {
        note_move(k, w);
    }
}

static void test_case(gconstpointer opaque)
{
    const Case *t = opaque;
    g_autoptr(GString) why = g_string_new(NULL);
    g_auto(GStrv) lines = g_strsplit(t->allocation, "\n", -1);
    TCGContext *c = guest_context_new();
    RACheck *k = ra_check_new();

    if (!tcg_parse(c, t->ir, why) || !tcg_verify(c, why)) {
        g_error("%s", why->str);
    }
    tcg_liveness(c, false);
    ra_check_begin(k, c, &host);
    for (unsigned i = 0; lines[i]; i++) {
        note_line(k, c, lines[i]);
    }
    if (t->why) {
        g_assert_false(ra_check_end(k, why));
        g_assert_nonnull(strstr(why->str, t->why));
    } else {
        ra_check_end(k, why);
        g_assert_cmpstr(why->str, ==, "");
    }
    ra_check_free(k);
    tcg_context_free(c);
}

#define LINE "L0:\n x1 = add.i64 x1, x2\n exit 4, x1\n"
#define SUB "L0:\n x1 = sub.i64 x2, x3\n exit 4, x2\n"
#define TRAP "L0:\n x1 = mov.i64 x2\n x3 = qemu_ld u64@0, 0, x1\n x1 = mov.i64 x3\n exit 4, $0\n"
#define CUT "L0:\n x1 = mov.i32 x2\n exit 4, x2\n"
#define CONSTANT "L0:\n x1 = mov.i64 $5\n %0 = add.i32 x1, $-1\n x2 = mov.i64 %0\n exit 4, $0\n"
#define CALL "L0:\n x4 = add.i64 x1, x2\n call clobber\n x5 = add.i64 x4, x3\n exit 4, $0\n"
#define LOOP                                                                                       \
    "L0:\n x1 = mov.i64 $0\nL1:\n poll\n x1 = add.i64 x1, x2\n brcond.i64 ne, L1, x1, x3\n"        \
    "L2:\n exit 4, x1\n"
#define JOIN                                                                                       \
    "L0:\n brcond.i64 eq, L2, x1, $0\nL1:\n x2 = add.i64 x2, $1\nL2:\n x3 = add.i64 x2, x2\n"      \
    " exit 4, x3\n"
#define LOCAL                                                                                      \
    "L0:\n %0 = add.i64 x1, x2\n brcond.i64 eq, L2, x1, $0\nL1:\n call clobber\n"                  \
    "L2:\n x5 = mov.i64 %0\n exit 4, $0\n"

static const Case cases[] = {
    /* homes, operands */
    {"fine", LINE, "label 0\nload r0 x1\ngen 0 rrm r0 r0 x2\nstore x1 r0\ngen 1 g - r0", NULL},
    {"swapped", SUB,
     "label 0\nload r0 x2\nload r1 x3\ngen 0 0gm r1 r1 r0\nstore x1 r1\ngen 1 g - r0",
     "operand 0 is not where"},
    {"not-stored", LINE, "label 0\nload r0 x1\ngen 0 rrm r0 r0 x2\ngen 1 g - r0",
     "old value of x1"},
    {"stored-elsewhere", LINE,
     "label 0\nload r0 x1\ngen 0 rrm r0 r0 x2\nstore x1 r0\nstore x2 r0\ngen 1 g - r0",
     "old value of x2"},
    {"old-home", LINE,
     "label 0\nload r0 x1\ngen 0 rrm r0 r0 x2\nload r1 x1\nstore x1 r0\ngen 1 g - r1",
     "operand 0 is not where"},
    {"never-loaded", LINE, "label 0\ngen 0 rrm r0 r0 x2\nstore x1 r0\ngen 1 g - r0",
     "operand 0 is not where"},
    {"class", LINE, "label 0\nload r4 x1\ngen 0 rrm r0 r4 x2\nstore x1 r0\ngen 1 g - r0",
     "not one of class"},
    {"left-out", LINE, "label 0\nload r0 x1\ngen 1 g - r0", "op 1 is emitted where op 0"},
    {"runs-off", LINE, "label 0\nload r0 x1\ngen 0 rrm r0 r0 x2\nstore x1 r0", "runs off"},
    /* constraints */
    {"wants-register", LINE, "label 0\nload r0 x1\ngen 0 rrr r0 r0 x2\nstore x1 r0\ngen 1 g - r0",
     "not as 'r' wants"},
    {"overwritten", SUB,
     "label 0\nload r0 x2\nload r1 x3\ngen 0 0gm r1 r0 r1\nstore x1 r1\ngen 1 g - r0",
     "overwrites operand 1"},
    {"early", SUB, "label 0\nload r0 x2\nload r1 x3\ngen 0 &gm r0 r0 r1\nstore x1 r0\ngen 1 g - x2",
     "overwrites operand 0"},
    {"live-overwritten", SUB, "label 0\nload r0 x2\ngen 0 0gm r0 r0 x3\nstore x1 r0\ngen 1 g - r0",
     "operand 0 is not where"},
    {"home-instead", SUB, "label 0\nload r0 x2\ngen 0 0gm r0 r0 x3\nstore x1 r0\ngen 1 g - x2",
     NULL},
    /* movs and constants */
    {"cut", CUT, "label 0\nload r0 x2\nmov32 r1 r0\nop 0\nstore x1 r1\ngen 1 g - r0", NULL},
    {"not-cut", CUT, "label 0\nload r0 x2\nmov r1 r0\nop 0\nstore x1 r1\ngen 1 g - r0",
     "old value of x1"},
    {"constant", CONSTANT,
     "label 0\nop 0\nimm r0 $5\ngen 1 rrm r1 r0 $0xffffffffffffffff\nop 2\nstore x1 $5\n"
     "store x2 r1\ngen 3 g - $0",
     NULL},
    {"other-constant", CONSTANT,
     "label 0\nop 0\nimm r0 $5\ngen 1 rrm r1 r0 $0xfffffffffffffffe\nop 2\nstore x1 $5\n"
     "store x2 r1\ngen 3 g - $0",
     "operand 1 is not where"},
    {"constant-not-stored", CONSTANT,
     "label 0\nop 0\nimm r0 $5\ngen 1 rrm r1 r0 $0xffffffffffffffff\nop 2\nstore x1 $4\n"
     "store x2 r1\ngen 3 g - $0",
     "old value of x1"},
    /* exit maps */
    {"map", TRAP,
     "label 0\nload r0 x2\nop 0\ngen 1 rr r1 r0 : x1=r0\nop 2\nstore x1 r1\nstore x3 r1\n"
     "gen 3 g - $0",
     NULL},
    {"map-too-late", TRAP,
     "label 0\nload r0 x2\nop 0\ngen 1 rr r1 r0 : x1=r0 x3=r1\nop 2\nstore x1 r1\nstore x3 r1\n"
     "gen 3 g - $0",
     "does not give x3"},
    {"map-forgets", TRAP,
     "label 0\nload r0 x2\nop 0\ngen 1 rr r1 r0 :\nop 2\nstore x1 r1\nstore x3 r1\ngen 3 g - $0",
     "does not give x1"},
    {"map-unnecessary", TRAP,
     "label 0\nload r0 x2\nop 0\nstore x1 r0\ngen 1 rr r1 r0 :\nop 2\nstore x1 r1\nstore x3 r1\n"
     "gen 3 g - $0",
     NULL},
    /* calls */
    {"call", CALL,
     "label 0\nload r0 x1\ngen 0 rrm r2 r0 x2\ncall 1 -\ngen 2 rrm r0 r2 x3\nstore x4 r2\n"
     "store x5 r0\n"
     "gen 3 g - $0",
     NULL},
    {"call-clobbers", CALL,
     "label 0\nload r0 x1\ngen 0 rrm r1 r0 x2\ncall 1 -\ngen 2 rrm r0 r1 x3\nstore x4 r1\n"
     "store x5 r0\n"
     "gen 3 g - $0",
     "operand 0 is not where"},
    {"call-writes", CALL,
     "label 0\nload r0 x1\nload r3 x3\ngen 0 rrm r2 r0 x2\ncall 1 -\ngen 2 rrm r0 r2 r3\n"
     "store x4 r2\n"
     "store x5 r0\ngen 3 g - $0",
     "operand 1 is not where"},
    /* edges: a loop that keeps a dirty register */
    {"loop", LOOP,
     "label 0\nop 0\nimm r0 $0\nload r2 x2\nlabel 1\ngen 1  - : x1=r0\ngen 2 rrm r0 r0 r2\n"
     "gen 3 rm - r0 x3\nlabel 2\nstore x1 r0\ngen 4 g - r0",
     NULL},
    {"loop-other-register", LOOP,
     "label 0\nop 0\nimm r0 $0\nload r2 x2\nlabel 1\ngen 1  - : x1=r0\ngen 2 rrm r3 r0 r2\n"
     "gen 3 rm - r3 x3\nlabel 2\nstore x1 r3\ngen 4 g - r3",
     "does not give x1"},
    {"loop-split-edge", LOOP,
     "label 0\nop 0\nimm r0 $0\nload r2 x2\nlabel 1\ngen 1  - : x1=r0\ngen 2 rrm r3 r0 r2\n"
     "gen 3 rm - r3 x3 -> 500\nlabel 2\nstore x1 r3\ngen 4 g - r3\n"
     "label 500\nmov r0 r3\njump 1",
     NULL},
    {"loop-inverted-branch", LOOP,
     "label 0\nop 0\nimm r0 $0\nload r2 x2\nlabel 1\ngen 1  - : x1=r0\ngen 2 rrm r3 r0 r2\n"
     "gen 3 rm - r3 x3 -> 2 inverted\nmov r0 r3\njump 1\nlabel 2\nstore x1 r3\ngen 4 g - r3",
     NULL},
    {"loop-wrong-way", LOOP,
     "label 0\nop 0\nimm r0 $0\nload r2 x2\nlabel 1\ngen 1  - : x1=r0\ngen 2 rrm r3 r0 r2\n"
     "gen 3 rm - r3 x3 -> 2\nmov r0 r3\njump 1\nlabel 2\nstore x1 r3\ngen 4 g - r3",
     "block 2 is reached where op 1"},
    {"loop-clobbered", LOOP,
     "label 0\nop 0\nimm r0 $0\nload r2 x2\nlabel 1\ngen 1  - : x1=r0\ngen 2 rrm r0 r0 r2\n"
     "mov r2 r0\ngen 3 rm - r0 x3\nlabel 2\nstore x1 r0\ngen 4 g - r0",
     "operand 1 is not where"},
    {"loop-constant", LOOP,
     "label 0\nop 0\nstore x1 $0\nload r2 x2\nlabel 1\ngen 1  - :\nimm r0 $0\ngen 2 rrm r0 r0 r2\n"
     "store x1 r0\ngen 3 rm - r0 x3\nlabel 2\ngen 4 g - r0",
     "operand 0 is not where"},
    {"loop-stale-home", LOOP,
     "label 0\nop 0\nimm r0 $0\nstore x1 r0\nload r2 x2\nlabel 1\ngen 1  - :\ngen 2 rrm r0 r0 r2\n"
     "gen 3 rm - r0 x3\nlabel 2\nstore x1 r0\ngen 4 g - r0",
     "does not give x1"},
    {"loop-alias", LOOP,
     "label 0\nop 0\nimm r0 $0\nload r2 x2\nlabel 1\ngen 1  - : x1=r0\ngen 2 rrm r0 r0 r2\n"
     "gen 3 rm - r0 x3 -> 500\nlabel 2\nstore x1 r0\ngen 4 g - r0\nalias 500 1",
     NULL},
    {"loop-alias-of-another", LOOP,
     "label 0\nop 0\nimm r0 $0\nload r2 x2\nlabel 1\ngen 1  - : x1=r0\ngen 2 rrm r0 r0 r2\n"
     "gen 3 rm - r0 x3 -> 500\nlabel 2\nstore x1 r0\ngen 4 g - r0\nalias 500 2",
     "block 2 is reached where op 1"},
    {"loop-exchange", LOOP,
     "label 0\nop 0\nimm r0 $0\nload r2 x2\nlabel 1\ngen 1  - : x1=r0\ngen 2 rrm r3 r0 r2\n"
     "mov r0 r2\nmov r2 r3\ngen 3 rm - r2 x3 -> 500\nlabel 2\nstore x1 r2\ngen 4 g - r2\n"
     "label 500\nmov r6 r0\nmov r0 r2\nmov r2 r6\njump 1",
     NULL},
    {"loop-scratch-lost", LOOP,
     "label 0\nop 0\nimm r0 $0\nload r2 x2\nlabel 1\ngen 1  - : x1=r0\ngen 2 rrm r3 r0 r2\n"
     "mov r0 r2\nmov r2 r3\ngen 3 rm - r2 x3 -> 500\nlabel 2\nstore x1 r2\ngen 4 g - r2\n"
     "label 500\nmov r6 r0\nmov r0 r2\nload r3 x5\nmov r2 r6\njump 1",
     "operand 1 is not where"},
    {"nowhere", LOOP,
     "label 0\nop 0\nimm r0 $0\nload r2 x2\nlabel 1\ngen 1  - : x1=r0\ngen 2 rrm r0 r0 r2\n"
     "gen 3 rm - r0 x3 -> 500\nlabel 2\nstore x1 r0\ngen 4 g - r0",
     "label 500 is nowhere"},
    /* edges: a join where one side has it dirty */
    {"join", JOIN,
     "label 0\nload r1 x1\nload r2 x2\ngen 0 rm - r1 $0\nlabel 1\ngen 1 0gm r2 r2 $1\nlabel 2\n"
     "gen 2 rrm r0 r2 r2\nstore x2 r2\nstore x3 r0\ngen 3 g - r0",
     NULL},
    {"join-clean-on-one-side", JOIN,
     "label 0\nload r1 x1\nload r2 x2\ngen 0 rm - r1 $0\nlabel 1\ngen 1 0gm r2 r2 $1\nlabel 2\n"
     "gen 2 rrm r0 r2 r2\nstore x3 r0\ngen 3 g - r0",
     "old value of x2"},
    {"join-other-register", JOIN,
     "label 0\nload r1 x1\nload r2 x2\ngen 0 rm - r1 $0\nlabel 1\ngen 1 0gm r3 r2 $1\nlabel 2\n"
     "gen 2 rrm r0 r3 r3\nstore x2 r3\nstore x3 r0\ngen 3 g - r0",
     "operand 0 is not where"},
    /* edges: a local */
    {"spilled", LOCAL,
     "label 0\nload r1 x1\ngen 0 rrm r0 r1 x2\nstore s7 r0\ngen 1 rm - r1 $0\nlabel 1\ncall 2 -\n"
     "label 2\nload r0 s7\nop 3\nstore x5 r0\ngen 4 g - $0",
     NULL},
    {"survives", LOCAL,
     "label 0\nload r1 x1\ngen 0 rrm r2 r1 x2\ngen 1 rm - r1 $0\nlabel 1\ncall 2 -\nlabel 2\nop 3\n"
     "store x5 r2\ngen 4 g - $0",
     NULL},
    {"not-spilled", LOCAL,
     "label 0\nload r1 x1\ngen 0 rrm r0 r1 x2\ngen 1 rm - r1 $0\nlabel 1\ncall 2 -\nlabel 2\nop 3\n"
     "store x5 r0\ngen 4 g - $0",
     "old value of x5"},
    {"other-slot", LOCAL,
     "label 0\nload r1 x1\ngen 0 rrm r0 r1 x2\nstore s7 r0\ngen 1 rm - r1 $0\nlabel 1\n"
     "store s7 r1\n"
     "call 2 -\nlabel 2\nload r0 s7\nop 3\nstore x5 r0\ngen 4 g - $0",
     "old value of x5"},
};

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        g_autofree char *path = g_strdup_printf("/tcg/ra-check/%s", cases[i].name);

        g_test_add_data_func(path, &cases[i], test_case);
    }
    return g_test_run();
}
