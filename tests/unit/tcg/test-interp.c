/* SPDX-License-Identifier: MIT */
/*
 * End to end: build with the public interface, compile for the interpreter, run.
 * Each case runs at every level: the results must not depend on it.
 */
#include "qemu/osdep.h"
#include "qemu/fpu.h"
#include "tcg-guest.h"

static const TCGv x0 = {0}, x1 = {1}, x2 = {2}, x3 = {3}, f0 = {GUEST_NX}, f1 = {GUEST_NX + 1};

typedef struct Fixture {
    TCGContext *c;
    TCGOptLevel level;
    GuestEnv env;
    uint8_t code[65536] QEMU_ALIGNED(16);
    TCGCodeBuf buf;
} Fixture;

static void set_up(Fixture *t, gconstpointer level)
{
    t->level = GPOINTER_TO_INT(level);
    t->c = guest_context_new();
    tcg_set_opt(t->c, t->level);
    t->buf = (TCGCodeBuf){.ptr = t->code, .end = t->code + sizeof(t->code)};
    guest_reset_plain(&t->env);
    tcg_begin(t->c, GUEST_COOKIE, 0x1000, 0);
    tcg_insn_start(t->c, 0x1000, 0);
}

static void tear_down(Fixture *t, gconstpointer level)
{
    tcg_context_free(t->c);
}

static const void *compile(Fixture *t)
{
    TCGCode code;

    g_assert_cmpint(tcg_compile(t->c, t->level, true, &t->buf, &code), ==, TCG_OK);
    g_assert_cmphex(code.size, >, 0);
    return code.entry;
}

static uint64_t run(Fixture *t)
{
    return tcg_interp(&guest_layout, compile(t), &t->env);
}

static void finish(Fixture *t)
{
    tcg_exit(t->c, TCG_EXIT_HALT, tcg_const(t->c, 0x2000));
}

static void test_arith(Fixture *t, gconstpointer level)
{
    TCGContext *c = t->c;
    TCGv sum = tcg_add(c, TCG_I64, x0, x1);

    tcg_set_global(c, x2, sum);
    tcg_set_global(c, x0, tcg_shli(c, TCG_I64, sum, 4));
    /* sum is still what it was, and x2 as well */
    tcg_set_global(c, x2, tcg_const(c, 5));
    tcg_set_global(c, x3, tcg_addi(c, TCG_I64, sum, 1));
    finish(t);
    g_assert_cmphex(run(t), ==, TCG_EXIT_HALT);
    g_assert_cmphex(t->env.pc, ==, 0x2000);
    g_assert_cmphex(t->env.x[0], ==, 33 << 4);
    g_assert_cmphex(t->env.x[2], ==, 5);
    g_assert_cmphex(t->env.x[3], ==, 34);
}

static void test_swap(Fixture *t, gconstpointer level)
{
    TCGContext *c = t->c;
    TCGv a = tcg_mov(c, TCG_I64, x0), b = tcg_mov(c, TCG_I64, x1);

    tcg_set_global(c, x0, b);
    tcg_set_global(c, x1, a);
    finish(t);
    run(t);
    g_assert_cmphex(t->env.x[0], ==, 22);
    g_assert_cmphex(t->env.x[1], ==, 11);
}

static void test_branch(Fixture *t, gconstpointer level)
{
    TCGContext *c = t->c;
    TCGLabel loop = tcg_label_new(c), out = tcg_label_new(c);
    TCGv once = tcg_addi(c, TCG_I64, x3, 100);

    tcg_set_global(c, x1, tcg_const(c, 0));
    tcg_set_global(c, x0, tcg_const(c, 10));
    tcg_place(c, loop);
    tcg_poll(c);
    tcg_set_global(c, x1, tcg_add(c, TCG_I64, x1, x0));
    tcg_set_global(c, x0, tcg_addi(c, TCG_I64, x0, -1));
    tcg_brcond(c, TCG_I64, TCG_COND_EQ, x0, tcg_const(c, 0), out);
    tcg_br(c, loop);
    tcg_place(c, out);
    tcg_set_global(c, x2, once);
    finish(t);
    g_assert_cmphex(run(t), ==, TCG_EXIT_HALT);
    g_assert_cmphex(t->env.x[1], ==, 55);
    g_assert_cmphex(t->env.x[2], ==, 144);
}

static void test_memory(Fixture *t, gconstpointer level)
{
    TCGContext *c = t->c;
    const MemOpIdx w = make_memop_idx(MO_LESL, 0), q = make_memop_idx(MO_LEUQ, 0);
    TCGv base = tcg_const(c, GUEST_RAM_VA);

    tcg_qemu_st(c, base, 8, tcg_const(c, 0x80000000deadbeef), q);
    tcg_set_global(c, x0, tcg_qemu_ld(c, base, 8, w));
    tcg_set_global(c, x1, tcg_qemu_ld(c, base, 9, q));
    /* the slow path */
    tcg_insn_start(c, 0x1004, 1);
    tcg_set_global(c, x2, tcg_qemu_ld(c, tcg_const(c, GUEST_DEVICE_VA), 0, w));
    tcg_insn_start(c, 0x1008, 2);
    tcg_set_global(c, x3, tcg_qemu_ld(c, base, -1, w));
    finish(t);
    g_assert_cmphex(run(t), ==, TCG_EXIT_TRAP);
    g_assert_cmphex(t->env.x[0], ==, 0xffffffffdeadbeef);
    g_assert_cmphex(t->env.x[1], ==, 0x0080000000deadbe);
    g_assert_cmphex(t->env.x[2], ==, GUEST_DEVICE_VA ^ 3);
    g_assert_cmphex(t->env.x[3], ==, 44);
    g_assert_cmphex(t->env.pc, ==, 0x1008);
    g_assert_cmphex(t->env.insn_idx, ==, 2);
    g_assert_cmphex(t->env.fault_va, ==, GUEST_RAM_VA - 1);
}

static void test_misaligned(Fixture *t, gconstpointer level)
{
    TCGContext *c = t->c;
    const MemOpIdx aligned = make_memop_idx(MO_LEUL | MO_ALIGN, 0);

    tcg_insn_start(c, 0x1004, 1);
    tcg_qemu_st(c, tcg_const(c, GUEST_RAM_VA + 2), 0, x0, aligned);
    finish(t);
    g_assert_cmphex(run(t), ==, TCG_EXIT_TRAP);
    g_assert_cmphex(t->env.fault_va, ==, GUEST_RAM_VA + 2);
    g_assert_cmphex(t->env.pc, ==, 0x1004);
}

static void test_atomics(Fixture *t, gconstpointer level)
{
    TCGContext *c = t->c;
    const MemOpIdx w = make_memop_idx(MO_LESL | MO_ALIGN, 0);
    TCGv base = tcg_const(c, GUEST_RAM_VA);

    memcpy(guest_ram, &(int32_t){-5}, 4);
    tcg_set_global(c, x0, tcg_qemu_rmw(c, TCG_RMW_SMAX, base, tcg_const(c, 3), w));
    tcg_set_global(c, x1, tcg_qemu_rmw(c, TCG_RMW_UMAX, base, tcg_const(c, -1), w));
    tcg_set_global(c, x2, tcg_qemu_cas(c, base, tcg_const(c, -1), tcg_const(c, 9), w));
    tcg_set_global(c, x3, tcg_qemu_rmw(c, TCG_RMW_ADD, base, tcg_const(c, 1), w));
    finish(t);
    run(t);
    g_assert_cmphex(t->env.x[0], ==, -5);
    g_assert_cmphex(t->env.x[1], ==, 3);
    g_assert_cmphex(t->env.x[2], ==, -1);
    g_assert_cmphex(t->env.x[3], ==, 9);
    g_assert_cmphex(guest_ram[0], ==, 10);
}

static void test_calls(Fixture *t, gconstpointer level)
{
    TCGContext *c = t->c;
    const TCGv pair[] = {tcg_const(c, 0x500000003), x0};
    const TCGv six[] = {x0, x1, x2, x0, x1, x2};
    const TCGv in_float[] = {f0, x0};

    t->env.f[0] = 1;
    tcg_set_global(c, x0, tcg_call(c, GUEST_H_FIELD, pair, 1));
    tcg_set_global(c, x0, tcg_call(c, GUEST_H_FIELD, pair, 1));
    tcg_set_global(c, x3, tcg_call(c, GUEST_H_SIX, six, 6));
    tcg_set_global(c, f1, tcg_call(c, GUEST_H_FLOAT, in_float, 2));
    tcg_call(c, GUEST_H_CLOBBER, NULL, 0);
    tcg_set_global(c, x0, tcg_addi(c, TCG_I64, x2, 1));
    finish(t);
    g_assert_cmphex(run(t), ==, TCG_EXIT_HALT);
    g_assert_cmphex(t->env.x[3], ==, 6 + 3 * 22 + 5 * 33 + 7 * 6 + 11 * 22 + 13 * 33);
    g_assert_cmphex(t->env.x[0], ==, 56);
    g_assert_cmphex(t->env.f[1], ==, 1 ^ UINT64_C(6) << 52);
    g_assert_cmphex(t->env.field[0], ==, 6);
}

static void test_call_leaves(Fixture *t, gconstpointer level)
{
    TCGContext *c = t->c;
    TCGv arg = tcg_const(c, 130);

    tcg_set_global(c, x0, tcg_call(c, GUEST_H_TRAP, &arg, 1));
    tcg_insn_start(c, 0x1002, 1);
    tcg_set_global(c, x1, tcg_call(c, GUEST_H_TRAP, &x0, 1));
    finish(t);
    g_assert_cmphex(run(t), ==, TCG_EXIT_TRAP);
    g_assert_cmphex(t->env.x[0], ==, 16);
    g_assert_cmphex(t->env.x[1], ==, 22);
    g_assert_cmphex(t->env.pc, ==, 0x1002);
}

static void test_poll(Fixture *t, gconstpointer level)
{
    tcg_poll(t->c);
    tcg_set_global(t->c, x0, tcg_const(t->c, 1));
    finish(t);
    t->env.poll = 1;
    g_assert_cmphex(run(t), ==, TCG_EXIT_POLL);
    g_assert_cmphex(t->env.x[0], ==, 11);
    g_assert_cmphex(t->env.pc, ==, 0x1000);
}

/* Each instruction knows how many of the counted ones are left, itself included. */
static void test_icount(Fixture *t, gconstpointer level)
{
    TCGContext *c = t->c;

    guest_layout.counts = true;
    tcg_icount(c);
    tcg_set_global(c, x1, tcg_addi(c, TCG_I64, x1, 1));
    tcg_insn_start(c, 0x1004, 1);
    tcg_set_global(c, x2, tcg_call(c, GUEST_H_TRAP, &x0, 1));
    tcg_insn_start(c, 0x1008, 2);
    tcg_icount_set(c, 3);
    finish(t);
    t->env.icount = 2;
    g_assert_cmphex(run(t), ==, TCG_EXIT_ICOUNT);
    g_assert_cmpint(t->env.icount, ==, 2);
    g_assert_cmphex(t->env.pc, ==, 0x1000);
    g_assert_cmphex(t->env.x[1], ==, 22);

    t->env.icount = 3;
    t->env.x[0] = 16;
    g_assert_cmphex(run(t), ==, TCG_EXIT_TRAP);
    g_assert_cmpint(t->env.icount + (int)t->env.insn_idx, ==, 2);
    g_assert_cmphex(t->env.pc, ==, 0x1004);
    g_assert_cmphex(t->env.x[1], ==, 23);
    guest_layout.counts = false;
}

static void test_links(Fixture *t, gconstpointer level)
{
    TCGContext *c = t->c;
    const void *first, *second;

    tcg_set_global(c, x0, tcg_const(c, 1));
    tcg_goto_link(c, 3, TCG_LINK_SAME_PAGE, 0x1010);
    first = compile(t);
    tcg_begin(c, GUEST_COOKIE + 16, 0x1010, 0);
    tcg_set_global(c, x1, tcg_const(c, 2));
    tcg_goto_indirect(c, x2);
    second = compile(t);

    g_assert_cmphex(tcg_interp(&guest_layout, first, &t->env), ==, GUEST_COOKIE | 3);
    g_assert_cmphex(t->env.pc, ==, 0x1010);
    g_assert_cmphex(t->env.x[1], ==, 22);
    t->env.jc[0x1010 >> 1 & 15] = (GuestJumpEntry){0x1010, 0, (uintptr_t)second, 0};
    g_assert_cmphex(tcg_interp(&guest_layout, first, &t->env), ==, TCG_EXIT_LOOKUP);
    g_assert_cmphex(t->env.x[1], ==, 2);
    g_assert_cmphex(t->env.pc, ==, 33);
    /* Another translation context, or polled: not this entry. */
    t->env.jc_key = 1;
    g_assert_cmphex(tcg_interp(&guest_layout, first, &t->env), ==, GUEST_COOKIE | 3);
    t->env.jc_key = 0;
    t->env.poll = 1;
    g_assert_cmphex(tcg_interp(&guest_layout, first, &t->env), ==, GUEST_COOKIE | 3);
}

/* A link that polls does so before it looks for its target, which is there. */
static void test_link_polls(Fixture *t, gconstpointer level)
{
    TCGContext *c = t->c;
    const void *code;

    tcg_set_global(c, x0, tcg_addi(c, TCG_I64, x0, 1));
    tcg_goto_link(c, 3, TCG_LINK_SAME_PAGE | TCG_LINK_POLLS, 0x1000);
    code = compile(t);
    t->env.jc[0x1000 >> 1 & 15] = (GuestJumpEntry){0x1000, UINT64_C(1) << 32, (uintptr_t)code, 0};
    t->env.poll = 1;
    g_assert_cmphex(tcg_interp(&guest_layout, code, &t->env), ==, GUEST_COOKIE | 3);
    g_assert_cmphex(t->env.pc, ==, 0x1000);
    g_assert_cmphex(t->env.x[0], ==, 12);
}

static void test_float(Fixture *t, gconstpointer level)
{
    TCGContext *c = t->c;
    const double one = 1, three = 3, third = 1.0 / 3;

    memcpy(&t->env.f[0], &one, 8);
    memcpy(&t->env.f[1], &three, 8);
    tcg_set_global(c, f0, tcg_fdiv(c, TCG_F64, f0, f1));
    tcg_set_global(c, x0, tcg_f2i(c, f0));
    tcg_set_global(c, x1, tcg_fcvt_int(c, TCG_OP_fcvt_i32, TCG_F64, f1, false));
    tcg_set_global(c, x2, tcg_f2i(c, tcg_fcvt_f(c, TCG_F64, f1)));
    tcg_set_global(c, x3, tcg_fcmp(c, TCG_F64, TCG_FCMP_LE, f0, f1));
    finish(t);
    run(t);
    g_assert_cmpmem(&t->env.x[0], 8, &third, 8);
    g_assert_cmphex(t->env.x[1], ==, 3);
    g_assert_cmphex(t->env.x[2], ==, 0xffffffff40400000);
    g_assert_cmphex(t->env.x[3], ==, 1);
    g_assert_cmphex(t->env.fflags, ==, FLOAT_FLAG_NX);
}

static void test_env_fields(Fixture *t, gconstpointer level)
{
    TCGContext *c = t->c;
    const int32_t at = offsetof(GuestEnv, field);

    t->env.field[0] = 0x80000000;
    tcg_set_global(c, x0, tcg_ld_env(c, at, MO_SL, TCG_ALIAS_CSR));
    tcg_st_env(c, tcg_const(c, 7), at, MO_UW, TCG_ALIAS_CSR);
    tcg_set_global(c, x1, tcg_ld_env(c, at, MO_UL, TCG_ALIAS_CSR));
    finish(t);
    run(t);
    g_assert_cmphex(t->env.x[0], ==, 0xffffffff80000000);
    g_assert_cmphex(t->env.x[1], ==, 0x80000007);
}

static void test_limits(Fixture *t, gconstpointer level)
{
    TCGContext *c = t->c;
    TCGCode code;

    for (unsigned i = 0; i < 2 * TCG_MAX_OPS; i++) {
        tcg_qemu_st(c, x0, i, x1, make_memop_idx(MO_UB, 0));
    }
    g_assert_cmpuint(tcg_ops_left(c), ==, 0);
    finish(t);
    g_assert_cmpint(tcg_compile(c, t->level, true, &t->buf, &code), ==, TCG_E_LIMIT);
    g_assert_true(t->buf.ptr == t->code);
    /* The context is usable again. */
    tcg_begin(c, GUEST_COOKIE, 0, 0);
    finish(t);
    t->buf.end = t->code + 8;
    g_assert_cmpint(tcg_compile(c, t->level, true, &t->buf, &code), ==, TCG_E_BUFFER);
    g_assert_true(t->buf.ptr == t->code);
}

static void add(const char *name, void (*test)(Fixture *, gconstpointer))
{
    static const char *const levels[] = {"none", "quick", "full"};

    for (unsigned i = 0; i < ARRAY_SIZE(levels); i++) {
        g_autofree char *path = g_strdup_printf("/tcg/interp/%s/%s", name, levels[i]);

        g_test_add(path, Fixture, GINT_TO_POINTER(i), set_up, test, tear_down);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add("arith", test_arith);
    add("swap", test_swap);
    add("branch", test_branch);
    add("memory", test_memory);
    add("misaligned", test_misaligned);
    add("atomics", test_atomics);
    add("calls", test_calls);
    add("call-leaves", test_call_leaves);
    add("poll", test_poll);
    add("icount", test_icount);
    add("links", test_links);
    add("link-polls", test_link_polls);
    add("float", test_float);
    add("env-fields", test_env_fields);
    add("limits", test_limits);
    return g_test_run();
}
