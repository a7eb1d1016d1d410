/* SPDX-License-Identifier: MIT */
/*
 * End to end: build with the public interface, compile for the interpreter, run.
 * Each case runs at every level: the results must not depend on it.
 */
#include "qemu/osdep.h"
#include "qemu/fpu.h"
#include "tcg/tcg-op.h"

enum {
    PAGE_BITS = 12,
    TLB_BITS = 4,
    JC_BITS = 4,
    RAM_SIZE = 2 << PAGE_BITS
};
enum {
    RAM_VA = 0x4000,
    COOKIE = 0x100
};

typedef struct TlbEntry {
    uint64_t read, write, addend, unused;
} TlbEntry;

typedef struct JumpEntry {
    uint64_t pc, key, code, unused;
} JumpEntry;

typedef struct Env {
    uint64_t x[4], f[2];
    uint64_t pc, jc_key;
    int32_t poll;
    uint32_t insn_idx, field;
    uint8_t rm, fflags;
    TlbEntry *tlb;
    JumpEntry *jc;
    uint64_t fault_va;
    unsigned calls;
} Env;

static uint8_t ram[RAM_SIZE] QEMU_ALIGNED(16);
static TlbEntry tlb[1 << TLB_BITS];
static JumpEntry jump_cache[1 << JC_BITS];

static TCGRet ld_slow(void *env, uint64_t va, MemOpIdx oi)
{
    ((Env *)env)->fault_va = va;
    /* One address reads as a device would. */
    return va == 0x9000 ? (TCGRet){0x1234, 0} : (TCGRet){0, TCG_EXIT_TRAP};
}

static TCGRet st_slow(void *env, uint64_t va, uint64_t val, MemOpIdx oi)
{
    ((Env *)env)->fault_va = va;
    return (TCGRet){0, TCG_EXIT_TRAP};
}

static TCGRet rmw_slow(void *env, uint64_t va, uint64_t val, MemOpIdx oi, uint32_t op)
{
    ((Env *)env)->fault_va = va;
    return (TCGRet){op, 0};
}

static TCGRet cas_slow(void *env, uint64_t va, uint64_t cmp, uint64_t val, MemOpIdx oi)
{
    ((Env *)env)->fault_va = va;
    return (TCGRet){cmp, 0};
}

static uint64_t helper_mix(void *env, uint32_t a, uint64_t b)
{
    ((Env *)env)->calls++;
    return a * UINT64_C(1000) + b;
}

static TCGRet helper_maybe(void *env, uint64_t a)
{
    return a == 7 ? (TCGRet){0, TCG_EXIT_LEAVE} : (TCGRet){a + 1, 0};
}

static void helper_clobber(void *env)
{
    ((Env *)env)->x[1] = 77;
}

static uint64_t helper_six(uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f)
{
    return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f;
}

enum {
    H_MIX,
    H_MAYBE,
    H_CLOBBER,
    H_SIX
};
static const TCGHelper helpers[] = {
    [H_MIX] = {"mix", helper_mix, "leil", TCG_HF_NO_MEM, 0, 0, 0},
    [H_MAYBE] = {"maybe", helper_maybe, "lel", TCG_HF_TRAP, 0, 0, 0},
    [H_CLOBBER] = {"clobber", helper_clobber, "ve", TCG_HF_NO_MEM, 0, 0, 1 << 1},
    [H_SIX] = {"six", helper_six, "lllllll", TCG_HF_PURE | TCG_HF_NO_MEM, 0, 0, 0},
    {NULL},
};

static const TCGLayout layout = {
    .pc = offsetof(Env, pc),
    .poll = offsetof(Env, poll),
    .insn_idx = offsetof(Env, insn_idx),
    .tlb_table = offsetof(Env, tlb),
    .tlb_bits = TLB_BITS,
    .tlb_entry_bits = 5,
    .page_bits = PAGE_BITS,
    .tlb_tag_read = offsetof(TlbEntry, read),
    .tlb_tag_write = offsetof(TlbEntry, write),
    .tlb_addend = offsetof(TlbEntry, addend),
    .jc_table = offsetof(Env, jc),
    .jc_key = offsetof(Env, jc_key),
    .jc_bits = JC_BITS,
    .fp_rm = offsetof(Env, rm),
    .fp_flags = offsetof(Env, fflags),
    .ld_slow = ld_slow,
    .st_slow = st_slow,
    .rmw_slow = rmw_slow,
    .cas_slow = cas_slow,
    .helpers = helpers,
};

typedef struct Fixture {
    TCGContext *c;
    TCGv x[4], f[2];
    TCGOptLevel level;
    Env env;
    uint8_t code[65536] QEMU_ALIGNED(16);
    TCGCodeBuf buf;
} Fixture;

static void set_up(Fixture *t, gconstpointer level)
{
    static const char *const names[] = {"x0", "x1", "x2", "x3", "f0", "f1"};

    t->level = GPOINTER_TO_INT(level);
    t->c = tcg_context_new(&layout);
    for (unsigned i = 0; i < 4; i++) {
        t->x[i] = tcg_global_new(t->c, TCG_I64, offsetof(Env, x) + 8 * i, names[i]);
    }
    for (unsigned i = 0; i < 2; i++) {
        t->f[i] = tcg_global_new(t->c, TCG_F64, offsetof(Env, f) + 8 * i, names[4 + i]);
    }
    tcg_set_opt(t->c, t->level);
    t->buf = (TCGCodeBuf){.ptr = t->code, .end = t->code + sizeof(t->code)};
    t->env = (Env){.x = {11, 22, 33, 44}, .tlb = tlb, .jc = jump_cache};
    for (unsigned i = 0; i < ARRAY_SIZE(tlb); i++) {
        tlb[i] = (TlbEntry){UINT64_MAX, UINT64_MAX, 0, 0};
    }
    for (unsigned i = 0; i < RAM_SIZE >> PAGE_BITS; i++) {
        const uint64_t va = RAM_VA + (i << PAGE_BITS);

        tlb[va >> PAGE_BITS & ((1 << TLB_BITS) - 1)] =
            (TlbEntry){va, va, (uintptr_t)ram - RAM_VA, 0};
    }
    memset(jump_cache, 0, sizeof(jump_cache));
    memset(ram, 0, sizeof(ram));
    tcg_begin(t->c, COOKIE, 0x1000, 0);
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
    return tcg_interp(&layout, compile(t), &t->env);
}

static void finish(Fixture *t)
{
    tcg_exit(t->c, TCG_EXIT_HALT, tcg_const(t->c, 0x2000));
}

static void test_arith(Fixture *t, gconstpointer level)
{
    TCGContext *c = t->c;
    TCGv sum = tcg_add(c, TCG_I64, t->x[0], t->x[1]);

    tcg_set_global(c, t->x[2], sum);
    tcg_set_global(c, t->x[0], tcg_shli(c, TCG_I64, sum, 4));
    /* sum is still what it was, and x2 as well */
    tcg_set_global(c, t->x[2], tcg_const(c, 5));
    tcg_set_global(c, t->x[3], tcg_addi(c, TCG_I64, sum, 1));
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
    TCGv a = tcg_mov(c, TCG_I64, t->x[0]), b = tcg_mov(c, TCG_I64, t->x[1]);

    tcg_set_global(c, t->x[0], b);
    tcg_set_global(c, t->x[1], a);
    finish(t);
    run(t);
    g_assert_cmphex(t->env.x[0], ==, 22);
    g_assert_cmphex(t->env.x[1], ==, 11);
}

static void test_branch(Fixture *t, gconstpointer level)
{
    TCGContext *c = t->c;
    TCGLabel loop = tcg_label_new(c), out = tcg_label_new(c);
    TCGv once = tcg_addi(c, TCG_I64, t->x[3], 100);

    tcg_set_global(c, t->x[1], tcg_const(c, 0));
    tcg_set_global(c, t->x[0], tcg_const(c, 10));
    tcg_place(c, loop);
    tcg_poll(c);
    tcg_set_global(c, t->x[1], tcg_add(c, TCG_I64, t->x[1], t->x[0]));
    tcg_set_global(c, t->x[0], tcg_addi(c, TCG_I64, t->x[0], -1));
    tcg_brcond(c, TCG_I64, TCG_COND_EQ, t->x[0], tcg_const(c, 0), out);
    tcg_br(c, loop);
    tcg_place(c, out);
    tcg_set_global(c, t->x[2], once);
    finish(t);
    g_assert_cmphex(run(t), ==, TCG_EXIT_HALT);
    g_assert_cmphex(t->env.x[1], ==, 55);
    g_assert_cmphex(t->env.x[2], ==, 144);
}

static void test_memory(Fixture *t, gconstpointer level)
{
    TCGContext *c = t->c;
    const MemOpIdx w = make_memop_idx(MO_LESL, 0), q = make_memop_idx(MO_LEUQ, 0);
    TCGv base = tcg_const(c, RAM_VA);

    tcg_qemu_st(c, base, 8, tcg_const(c, 0x80000000deadbeef), q);
    tcg_set_global(c, t->x[0], tcg_qemu_ld(c, base, 8, w));
    tcg_set_global(c, t->x[1], tcg_qemu_ld(c, base, 9, q));
    /* across a page: the slow path */
    tcg_insn_start(c, 0x1004, 1);
    tcg_set_global(c, t->x[2], tcg_qemu_ld(c, tcg_const(c, 0x9000), 0, w));
    tcg_insn_start(c, 0x1008, 2);
    tcg_set_global(c, t->x[3], tcg_qemu_ld(c, base, 0xffd, w));
    finish(t);
    g_assert_cmphex(run(t), ==, TCG_EXIT_TRAP);
    g_assert_cmphex(t->env.x[0], ==, 0xffffffffdeadbeef);
    g_assert_cmphex(t->env.x[1], ==, 0x0080000000deadbe);
    g_assert_cmphex(t->env.x[2], ==, 0x1234);
    g_assert_cmphex(t->env.x[3], ==, 44);
    g_assert_cmphex(t->env.pc, ==, 0x1008);
    g_assert_cmphex(t->env.insn_idx, ==, 2);
    g_assert_cmphex(t->env.fault_va, ==, RAM_VA + 0xffd);
}

static void test_misaligned(Fixture *t, gconstpointer level)
{
    TCGContext *c = t->c;
    const MemOpIdx aligned = make_memop_idx(MO_LEUL | MO_ALIGN, 0);

    tcg_insn_start(c, 0x1004, 1);
    tcg_qemu_st(c, tcg_const(c, RAM_VA + 2), 0, t->x[0], aligned);
    finish(t);
    g_assert_cmphex(run(t), ==, TCG_EXIT_TRAP);
    g_assert_cmphex(t->env.fault_va, ==, RAM_VA + 2);
    g_assert_cmphex(t->env.pc, ==, 0x1004);
}

static void test_atomics(Fixture *t, gconstpointer level)
{
    TCGContext *c = t->c;
    const MemOpIdx w = make_memop_idx(MO_LESL | MO_ALIGN, 0);
    TCGv base = tcg_const(c, RAM_VA);

    memcpy(ram, &(int32_t){-5}, 4);
    tcg_set_global(c, t->x[0], tcg_qemu_rmw(c, TCG_RMW_SMAX, base, tcg_const(c, 3), w));
    tcg_set_global(c, t->x[1], tcg_qemu_rmw(c, TCG_RMW_UMAX, base, tcg_const(c, -1), w));
    tcg_set_global(c, t->x[2], tcg_qemu_cas(c, base, tcg_const(c, -1), tcg_const(c, 9), w));
    tcg_set_global(c, t->x[3], tcg_qemu_rmw(c, TCG_RMW_ADD, base, tcg_const(c, 1), w));
    finish(t);
    run(t);
    g_assert_cmphex(t->env.x[0], ==, -5);
    g_assert_cmphex(t->env.x[1], ==, 3);
    g_assert_cmphex(t->env.x[2], ==, -1);
    g_assert_cmphex(t->env.x[3], ==, 9);
    g_assert_cmphex(ram[0], ==, 10);
}

static void test_calls(Fixture *t, gconstpointer level)
{
    TCGContext *c = t->c;
    const TCGv mix[] = {tcg_const(c, 0x500000003), t->x[0]};
    const TCGv six[] = {t->x[0], t->x[1], t->x[2], t->x[0], t->x[1], t->x[2]};

    tcg_set_global(c, t->x[2], tcg_call(c, H_MIX, mix, 2));
    tcg_set_global(c, t->x[3], tcg_call(c, H_SIX, six, 6));
    tcg_call(c, H_CLOBBER, NULL, 0);
    tcg_set_global(c, t->x[0], tcg_addi(c, TCG_I64, t->x[1], 1));
    finish(t);
    g_assert_cmphex(run(t), ==, TCG_EXIT_HALT);
    g_assert_cmpuint(t->env.calls, ==, 1);
    g_assert_cmphex(t->env.x[2], ==, 3011);
    g_assert_cmphex(t->env.x[3], ==, 5 * 11 + 7 * 22 + 9 * 3011);
    g_assert_cmphex(t->env.x[0], ==, 78);
}

static void test_call_leaves(Fixture *t, gconstpointer level)
{
    TCGContext *c = t->c;
    TCGv arg = tcg_const(c, 6);

    tcg_set_global(c, t->x[0], tcg_call(c, H_MAYBE, &arg, 1));
    tcg_insn_start(c, 0x1002, 1);
    tcg_set_global(c, t->x[1], tcg_call(c, H_MAYBE, &t->x[0], 1));
    finish(t);
    g_assert_cmphex(run(t), ==, TCG_EXIT_LEAVE);
    g_assert_cmphex(t->env.x[0], ==, 7);
    g_assert_cmphex(t->env.x[1], ==, 22);
    g_assert_cmphex(t->env.pc, ==, 0x1002);
}

static void test_poll(Fixture *t, gconstpointer level)
{
    tcg_poll(t->c);
    tcg_set_global(t->c, t->x[0], tcg_const(t->c, 1));
    finish(t);
    t->env.poll = 1;
    g_assert_cmphex(run(t), ==, TCG_EXIT_POLL);
    g_assert_cmphex(t->env.x[0], ==, 11);
    g_assert_cmphex(t->env.pc, ==, 0x1000);
}

static void test_links(Fixture *t, gconstpointer level)
{
    TCGContext *c = t->c;
    const void *first, *second;

    tcg_set_global(c, t->x[0], tcg_const(c, 1));
    tcg_goto_link(c, 3, TCG_LINK_SAME_PAGE, 0x1010);
    first = compile(t);
    tcg_begin(c, COOKIE + 16, 0x1010, 0);
    tcg_set_global(c, t->x[1], tcg_const(c, 2));
    tcg_goto_indirect(c, t->x[2]);
    second = compile(t);

    g_assert_cmphex(tcg_interp(&layout, first, &t->env), ==, COOKIE | 3);
    g_assert_cmphex(t->env.pc, ==, 0x1010);
    g_assert_cmphex(t->env.x[1], ==, 22);
    jump_cache[0x1010 >> 1 & 15] = (JumpEntry){0x1010, 0, (uintptr_t)second, 0};
    g_assert_cmphex(tcg_interp(&layout, first, &t->env), ==, TCG_EXIT_LOOKUP);
    g_assert_cmphex(t->env.x[1], ==, 2);
    g_assert_cmphex(t->env.pc, ==, 33);
    /* Another translation context: not this entry. */
    t->env.jc_key = 1;
    g_assert_cmphex(tcg_interp(&layout, first, &t->env), ==, COOKIE | 3);
}

static void test_float(Fixture *t, gconstpointer level)
{
    TCGContext *c = t->c;
    const double one = 1, three = 3, third = 1.0 / 3;

    memcpy(&t->env.f[0], &one, 8);
    memcpy(&t->env.f[1], &three, 8);
    tcg_set_global(c, t->f[0], tcg_fdiv(c, TCG_F64, t->f[0], t->f[1]));
    tcg_set_global(c, t->x[0], tcg_f2i(c, t->f[0]));
    tcg_set_global(c, t->x[1], tcg_fcvt_int(c, TCG_OP_fcvt_i32, TCG_F64, t->f[1], false));
    tcg_set_global(c, t->x[2], tcg_f2i(c, tcg_fcvt_f(c, TCG_F64, t->f[1])));
    tcg_set_global(c, t->x[3], tcg_fcmp(c, TCG_F64, TCG_FCMP_LE, t->f[0], t->f[1]));
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
    const int32_t at = offsetof(Env, field);

    t->env.field = 0x80000000;
    tcg_set_global(c, t->x[0], tcg_ld_env(c, at, MO_SL, TCG_ALIAS_CSR));
    tcg_st_env(c, tcg_const(c, 7), at, MO_UW, TCG_ALIAS_CSR);
    tcg_set_global(c, t->x[1], tcg_ld_env(c, at, MO_UL, TCG_ALIAS_CSR));
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
        tcg_qemu_st(c, t->x[0], i, t->x[1], make_memop_idx(MO_UB, 0));
    }
    g_assert_cmpuint(tcg_ops_left(c), ==, 0);
    finish(t);
    g_assert_cmpint(tcg_compile(c, t->level, true, &t->buf, &code), ==, TCG_E_LIMIT);
    g_assert_true(t->buf.ptr == t->code);
    /* The context is usable again. */
    tcg_begin(c, COOKIE, 0, 0);
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
    add("links", test_links);
    add("float", test_float);
    add("env-fields", test_env_fields);
    add("limits", test_limits);
    return g_test_run();
}
