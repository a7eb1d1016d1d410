/* SPDX-License-Identifier: MIT */
/* PC-relative code: translated for one address, run at others, entered in each of its ways. */
#include "qemu/osdep.h"

#include "qemu/jitmem.h"
#include "tcg/tcg-op.h"

enum {
    PAGE = 0x1000,
    FETCH_BITS = 3,
    JC_BITS = 3,
    MMU_IDX = 1,
    HERE = 0x10000, /* where the code is translated... */
    THERE = 0x55000 /* ...and where it runs */
};

typedef struct Env {
    uint64_t fetch_tlb[2 << FETCH_BITS][2];
    int32_t hot[16];
    uint32_t hot_hit;
    uint64_t x[4], code_page, pc;
    uint32_t jc_key; /* this host is little-endian */
    int32_t poll;
    uint32_t insn_idx;
    uint64_t (*jc)[4];
    uint64_t jc_table[1 << JC_BITS][4];
} Env;

static const TCGLayout layout = {
    .env_bias = offsetof(Env, x),
    .pc = offsetof(Env, pc),
    .poll = offsetof(Env, poll),
    .insn_idx = offsetof(Env, insn_idx),
    .page_bits = 12,
    .fetch_tlb = offsetof(Env, fetch_tlb),
    .fetch_tlb_bits = FETCH_BITS,
    .jc_table = offsetof(Env, jc),
    .jc_key = offsetof(Env, jc_key),
    .jc_bits = JC_BITS,
    .hot_table = offsetof(Env, hot),
    .hot_bits = 4,
    .hot_hit = offsetof(Env, hot_hit),
    .code_page = offsetof(Env, code_page),
};

static JitMem *jit;
static TCGPrologue *prologue;
static TCGCodeBuf buf;
static TCGContext *context;
static TCGv x[4];

static void begin(uint64_t pc)
{
    tcg_begin(context, pc << 4, pc, MMU_IDX);
    tcg_set_pcrel(context);
    tcg_insn_start(context, pc, 0);
}

/* The cookie is the pc, shifted. */
static uint64_t left_by(uint64_t pc, unsigned slot)
{
    return pc << 4 | slot;
}

static TCGCode compile(void)
{
    TCGCode code;

    buf.ptr = (uint8_t *)ROUND_UP((uintptr_t)buf.ptr, 16);
    g_assert_cmpint(tcg_compile(context, TCG_OPT_FULL, false, &buf, &code), ==, TCG_OK);
    jitmem_flush(jit, code.rw, code.size);
    return code;
}

static const void *at(const TCGCode *code, unsigned offset)
{
    return (const uint8_t *)code->entry + offset;
}

/* As the run loop does. */
static uint64_t run(const TCGCode *code, Env *env, uint64_t page)
{
    env->code_page = page;
    return tcg_exec(prologue, at(code, code->linked), env);
}

static void reset(Env *env)
{
    memset(env, 0, sizeof(*env));
    env->jc = env->jc_table;
    env->jc_key = 5;
    for (unsigned i = 0; i < ARRAY_SIZE(env->hot); i++) {
        env->hot[i] = 100;
    }
    for (unsigned i = 0; i < ARRAY_SIZE(env->fetch_tlb); i++) {
        env->fetch_tlb[i][0] = 1;
    }
}

static void map(Env *env, uint64_t page, uint64_t number)
{
    uint64_t *entry = env->fetch_tlb[(MMU_IDX << FETCH_BITS) + (page / PAGE) % (1 << FETCH_BITS)];

    entry[0] = page;
    entry[1] = number;
}

/* x0 and x1 take addresses in the page and before it; then to the next page. */
static TCGCode piece_first(void)
{
    begin(HERE + 0x10);
    tcg_poll(context);
    tcg_set_global(context, x[0], tcg_pc(context, HERE + 0x18));
    tcg_set_global(context, x[1], tcg_addi(context, TCG_I64, tcg_pc(context, HERE - 8), 4));
    tcg_goto_link(context, 0, TCG_LINK_CROSS_PAGE | TCG_LINK_COUNTED, HERE + PAGE + 0x20);
    return compile();
}

/* In that page: x2 takes an address; then within the page. */
static TCGCode piece_second(void)
{
    begin(HERE + PAGE + 0x20);
    tcg_set_global(context, x[2], tcg_pc(context, HERE + PAGE + 0x24));
    tcg_goto_link(context, 1, TCG_LINK_SAME_PAGE | TCG_LINK_POLLS, HERE + PAGE);
    return compile();
}

static void test_exits(void)
{
    TCGCode first = piece_first();
    Env env;

    reset(&env);
    g_assert_cmphex(run(&first, &env, THERE), ==, left_by(HERE + 0x10, 0));
    g_assert_cmphex(env.pc, ==, THERE + PAGE + 0x20);
    g_assert_cmphex(env.x[0], ==, THERE + 0x18);
    g_assert_cmphex(env.x[1], ==, THERE - 4);
    env.poll = 1;
    g_assert_cmphex(run(&first, &env, 7 * PAGE), ==, TCG_EXIT_POLL);
    g_assert_cmphex(env.pc, ==, 7 * PAGE + 0x10);
    env.poll = 0;
    /* where it was translated it is right as well */
    g_assert_cmphex(run(&first, &env, HERE), ==, left_by(HERE + 0x10, 0));
    g_assert_cmphex(env.pc, ==, HERE + PAGE + 0x20);
}

/* The counter is the one of the address at which the link was translated, and is named. */
static void test_hot(void)
{
    TCGCode first = piece_first();
    unsigned counter = tcg_hot_index(&layout, HERE + PAGE + 0x20);
    Env env;

    reset(&env);
    env.hot[counter] = 0;
    g_assert_cmphex(run(&first, &env, THERE), ==, TCG_EXIT_HOT);
    g_assert_cmphex(env.pc, ==, THERE + PAGE + 0x20);
    g_assert_cmpuint(env.hot_hit, ==, counter);
}

static void test_links(void)
{
    TCGCode first = piece_first(), second = piece_second();
    Env env;

    g_assert_cmpuint(first.links[0].guard, !=, 0);
    g_assert_cmpuint(second.links[1].guard, ==, 0);
    tcg_link_set(first.rw, buf.rx_delta, &first.links[0], at(&second, second.crossed), 9 * PAGE);
    reset(&env);
    map(&env, THERE + PAGE, 9);
    g_assert_cmphex(run(&first, &env, THERE), ==, left_by(HERE + PAGE + 0x20, 1));
    g_assert_cmphex(env.x[2], ==, THERE + PAGE + 0x24);
    g_assert_cmphex(env.pc, ==, THERE + PAGE);

    /* another page is mapped there; none is */
    map(&env, THERE + PAGE, 10);
    g_assert_cmphex(run(&first, &env, THERE), ==, left_by(HERE + 0x10, 0));
    g_assert_cmphex(env.pc, ==, THERE + PAGE + 0x20);
    map(&env, THERE + PAGE, 9);
    g_assert_cmphex(run(&first, &env, THERE + (PAGE << FETCH_BITS)), ==, left_by(HERE + 0x10, 0));
    g_assert_cmphex(env.pc, ==, THERE + (PAGE << FETCH_BITS) + PAGE + 0x20);

    /* led back: the guard may still let it through */
    tcg_link_set(first.rw, buf.rx_delta, &first.links[0], NULL, 0);
    g_assert_cmphex(run(&first, &env, THERE), ==, left_by(HERE + 0x10, 0));
    g_assert_cmphex(env.pc, ==, THERE + PAGE + 0x20);

    /* within the page */
    tcg_link_set(second.rw, buf.rx_delta, &second.links[1], at(&first, first.linked), 0);
    g_assert_cmphex(run(&second, &env, THERE), ==, left_by(HERE + 0x10, 0));
    g_assert_cmphex(env.x[0], ==, THERE + 0x18);

    /* which polls: not as far as there */
    env.poll = 1;
    env.x[0] = 0;
    g_assert_cmphex(run(&second, &env, THERE + PAGE), ==, left_by(HERE + PAGE + 0x20, 1));
    g_assert_cmphex(env.pc, ==, THERE + PAGE);
    g_assert_cmphex(env.x[0], ==, 0);
}

static void test_jump_cache(void)
{
    TCGCode second = piece_second(), jump;
    uint64_t pc = UINT64_C(0x7fff12345000) + 0x20;
    uint64_t *entry;
    Env env;

    begin(HERE);
    tcg_goto_indirect(context, x[3]);
    jump = compile();
    reset(&env);
    env.x[3] = pc;
    g_assert_cmphex(run(&jump, &env, THERE), ==, TCG_EXIT_LOOKUP);
    g_assert_cmphex(env.pc, ==, pc);
    entry = env.jc_table[(pc >> 1) % (1 << JC_BITS)];
    entry[0] = pc;
    entry[1] = env.jc_key;
    entry[2] = (uintptr_t)second.entry;
    g_assert_cmphex(run(&jump, &env, THERE), ==, left_by(HERE + PAGE + 0x20, 1));
    g_assert_cmphex(env.x[2], ==, pc + 4);
    g_assert_cmphex(env.pc, ==, pc - 0x20);
    env.poll = 1;
    g_assert_cmphex(run(&jump, &env, THERE), ==, TCG_EXIT_LOOKUP);
    g_assert_cmphex(env.pc, ==, pc);
}

static void test_guard_page(void)
{
    Env env;

    for (int behind = -1; behind <= 1; behind += 2) {
        TCGCode code;

        begin(HERE + 0x30);
        tcg_guard_page(context, behind, 9);
        tcg_exit(context, TCG_EXIT_LEAVE, tcg_pc(context, HERE + 0x34));
        code = compile();
        reset(&env);
        g_assert_cmphex(run(&code, &env, THERE), ==, TCG_EXIT_LOOKUP);
        g_assert_cmphex(env.pc, ==, THERE + 0x30);
        map(&env, THERE + (uint64_t)behind * PAGE, 9);
        g_assert_cmphex(run(&code, &env, THERE), ==, TCG_EXIT_LEAVE);
        g_assert_cmphex(env.pc, ==, THERE + 0x34);
        map(&env, THERE + (uint64_t)behind * PAGE, 8);
        g_assert_cmphex(run(&code, &env, THERE), ==, TCG_EXIT_LOOKUP);
    }
}

int main(int argc, char **argv)
{
    static const char *const names[] = {"x0", "x1", "x2", "x3"};
    g_autoptr(GError) error = NULL;

    g_test_init(&argc, &argv, NULL);
    jit = jitmem_create(1 << 20, JITMEM_SPLIT_AUTO, &error);
    g_assert_no_error(error);
    buf = (TCGCodeBuf){jit->rw, jit->rw + jit->size, jit->diff};
    g_assert_true(tcg_host_available());
    prologue = tcg_prologue_gen(&layout, &buf);
    context = tcg_context_new(&layout);
    for (unsigned i = 0; i < ARRAY_SIZE(x); i++) {
        x[i] = tcg_global_new(context, TCG_I64, offsetof(Env, x[i]), names[i]);
    }
    g_test_add_func("/pcrel/exits", test_exits);
    g_test_add_func("/pcrel/hot", test_hot);
    g_test_add_func("/pcrel/links", test_links);
    g_test_add_func("/pcrel/jump-cache", test_jump_cache);
    g_test_add_func("/pcrel/guard-page", test_guard_page);
    return g_test_run();
}
