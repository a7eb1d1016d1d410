/* SPDX-License-Identifier: MIT */
/* accel/tcg/tb-*.c: code that changes is translated again; instructions across pages. */
#include "qemu/osdep.h"

#include "accel/tcg/tcg-internal.h"
#include "riscv-test.h"
#include "system/address-spaces.h"

#define CODE (TEST_RAM + 0x1000)
#define DATA (TEST_RAM + 0x5000)

static CPURISCVState *hart;

/* What the test has written is seen by the first instruction already. */
static void run_new(uint64_t pc)
{
    tb_fence_i(env_cpu_state(hart));
    riscv_test_run(hart, pc);
}

static uint64_t run_a0(uint64_t pc)
{
    run_new(pc);
    return hart->gpr[10];
}

/* A write from outside of the hart, as DMA, is seen at the next fence.i. */
static void test_changed_by_others(void)
{
    for (unsigned v = 1; v < 20; v++) {
        RISCV_TEST_CODE(CODE, INSN_FENCE_I, INSN_ADDI(10, 0, v), INSN_WFI);
        g_assert_cmpuint(run_a0(CODE), ==, v);
    }
}

/* The hart writes over an instruction that it has run. */
static void test_changed_by_itself(void)
{
    RISCV_TEST_CODE(CODE, INSN_SW(11, 12), INSN_FENCE_I, INSN_JALR(0, 12));
    RISCV_TEST_CODE(CODE + 0x40, INSN_ADDI(10, 0, 1), INSN_WFI);
    g_assert_cmpuint(run_a0(CODE + 0x40), ==, 1);
    for (unsigned v = 2; v < 20; v++) {
        hart->gpr[11] = INSN_ADDI(10, 0, v);
        hart->gpr[12] = CODE + 0x40;
        g_assert_cmpuint(run_a0(CODE), ==, v);
    }
}

/* An instruction of four bytes, two of them on the next page; each half is replaced. */
static void test_across_pages(void)
{
    uint64_t pc = CODE + 0xffe;

    for (unsigned v = 1; v < 20; v++) {
        riscv_test_store(pc, 4, INSN_ADDI(10, 0, v));
        riscv_test_store(pc + 4, 4, INSN_WFI);
        g_assert_cmpuint(run_a0(pc), ==, v);
    }
}

/* Data beside code: the block stays. */
static void test_data_beside_code(void)
{
    uint64_t before;

    RISCV_TEST_CODE(CODE, INSN_SD(11, 12), INSN_WFI);
    hart->gpr[12] = CODE + 0x800;
    riscv_test_run(hart, CODE);
    before = qatomic_read(&tcg_accel.tb_invalidations);
    riscv_test_run(hart, CODE);
    g_assert_cmpuint(qatomic_read(&tcg_accel.tb_invalidations), ==, before);
}

static void test_flush(void)
{
    RISCV_TEST_CODE(CODE, INSN_FENCE_I, INSN_ADDI(10, 0, 7), INSN_WFI);
    for (unsigned i = 0; i < 3; i++) {
        g_assert_cmpuint(run_a0(CODE), ==, 7);
        tb_flush_stopped();
        g_assert_cmpuint(tcg_accel.tb_count, ==, 0);
    }
}

/*
 * A chain of more blocks than the region holds, each a jump to the next, run round and round: the
 * oldest are given up, and only these; whoever had a link to one of them finds the way.
 */
#define CHAIN (TEST_RAM + 0x100000)
#define CHAIN_BLOCKS 6000
#define INSN_JUMP_12 0x00c0006fu /* jal x0, 12 */

static void test_evict(void)
{
    uint64_t evictions = qatomic_read(&tcg_accel.tb_evict_count);
    uint64_t least = UINT64_MAX, flushes = qatomic_read(&tcg_accel.tb_flush_count);

    for (unsigned i = 0; i < CHAIN_BLOCKS; i++) {
        RISCV_TEST_CODE(CHAIN + i * 16, INSN_ADDI(10, 10, 1), INSN_JUMP_12);
    }
    for (unsigned round = 0; round < 3; round++) {
        /* from the middle to the end, so that both what is there and what is not is met */
        for (unsigned from = 0; from < CHAIN_BLOCKS; from += CHAIN_BLOCKS / 4) {
            uint64_t before = qatomic_read(&tcg_accel.tb_evict_count);

            RISCV_TEST_CODE(CHAIN + CHAIN_BLOCKS * 16, INSN_WFI);
            hart->gpr[10] = 0;
            run_new(CHAIN + from * 16);
            g_assert_cmpuint(hart->gpr[10], ==, CHAIN_BLOCKS - from);
            if (qatomic_read(&tcg_accel.tb_evict_count) > before) {
                least = MIN(least, tcg_accel.tb_count);
            }
        }
    }
    g_assert_cmpuint(qatomic_read(&tcg_accel.tb_evict_count), >=, evictions + 3);
    g_assert_cmpuint(qatomic_read(&tcg_accel.tb_flush_count), ==, flushes);
    g_assert_cmpuint(least, >, CHAIN_BLOCKS / 4);
    g_assert_cmpuint(tb_code_used(), <=, tcg_accel.tb_size);
}

/* Whatever address space a hart was in: what it found there before is not found again. */
static void test_evict_ends_keys(void)
{
    CPUTCGState *env = &hart->tcg;
    CPUState *cpu = env_cpu_state(hart);
    uint64_t evictions, key;

    test_evict(); /* no chunk is free */
    cpu_flags_changed(env);
    key = env->jump.key;
    evictions = qatomic_read(&tcg_accel.tb_evict_count);
    cpu_code_enter(cpu);
    for (unsigned i = 0; qatomic_read(&tcg_accel.tb_evict_count) == evictions; i++) {
        TCGCodeBuf buf;
        TranslationBlock *tb;

        g_assert_cmpuint(i, <, 100);
        if (tb_code_begin(&buf, &tb, TB_MAX_LINKS)) {
            tb_code_give_up();
        } else {
            tb_evict(cpu);
        }
    }
    cpu_code_leave(cpu);
    g_assert_cmpuint(env->jump.key, !=, key);
    cpu_flags_changed(env);
    g_assert_cmpuint(env->jump.key, !=, key);
}

/* A block whose target's memory has been reused does not go there, whatever became of itself. */
static void test_evict_target_of_changed(void)
{
    const uint64_t pc = CODE + 0x100;

    RISCV_TEST_CODE(pc, INSN_ADDI(10, 0, 1), INSN_JUMP_12);
    RISCV_TEST_CODE(pc + 16, INSN_ADDI(10, 10, 1), INSN_WFI);
    g_assert_cmpuint(run_a0(pc), ==, 2);
    g_assert_cmpuint(run_a0(pc), ==, 2); /* linked now */
    test_evict();
    RISCV_TEST_CODE(pc, INSN_ADDI(10, 0, 5), INSN_JUMP_12);
    g_assert_cmpuint(run_a0(pc), ==, 6);
}

/* Atomics that the bus refuses, are store/AMO faults; loads are load faults. */
static void test_refused(void)
{
    RISCV_TEST_CODE(DATA, INSN_WFI);
    hart->mtvec = DATA;
    hart->gpr[12] = TEST_HOLE;
    RISCV_TEST_CODE(CODE, INSN_FENCE_I, INSN_AMOADD_W(10, 11, 12), INSN_WFI);
    run_new(CODE);
    g_assert_cmpuint(hart->mcause, ==, RISCV_EXCP_STORE_ACCESS_FAULT);
    g_assert_cmphex(hart->mtval, ==, TEST_HOLE);
    hart->gpr[12] = TEST_ROM;
    hart->gpr[11] = 1;
    run_new(CODE); /* stores to ROM are ignored, of atomics too */
    g_assert_cmphex(hart->mtval, ==, TEST_HOLE);
    g_assert_cmphex(riscv_test_load(TEST_ROM, 4), ==, 0);
    hart->gpr[12] = TEST_HOLE;
    RISCV_TEST_CODE(CODE, INSN_FENCE_I, INSN_LD(10, 12, 0), INSN_WFI);
    run_new(CODE);
    g_assert_cmpuint(hart->mcause, ==, RISCV_EXCP_LOAD_ACCESS_FAULT);
    run_new(TEST_HOLE);
    g_assert_cmpuint(hart->mcause, ==, RISCV_EXCP_INST_ACCESS_FAULT);
}

/* New code that adds @step is translated when it has run @cold times, and does the same. */
static void check_cold(unsigned step, unsigned cold)
{
    uint64_t count = tcg_accel.translated.count;

    RISCV_TEST_CODE(CODE + 0x200, INSN_ADDI(10, 10, step), INSN_WFI);
    hart->gpr[10] = 0;
    for (unsigned n = 1; n < cold + 4; n++) {
        g_assert_cmpuint(run_a0(CODE + 0x200), ==, n * step);
        g_assert_cmpint(tcg_accel.translated.count > count, ==, n > cold);
    }
}

/* What is run a few times is not translated; still less what takes the place of other code. */
static void test_cold(void)
{
    tcg_accel.cold = 2;
    check_cold(1, 2);
    check_cold(2, 8);
    check_cold(3, 16);
    check_cold(4, 32);
    check_cold(5, 32);
    tcg_accel.cold = 0;
}

/*
 * One page table maps RAM several times, by entries of 1 GiB. What runs there in user mode is
 * translated once; the addresses it computes, within the page and behind a jump to the next one,
 * and where it traps, are those of the mapping.
 */
#define ROOT (TEST_RAM + 0x8000)
#define MOVING (CODE + 0x300)
#define INSN_AUIPC(rd) (0x17u | (rd) << 7)
#define INSN_JUMP_PAGE 0x0000106fu /* jal x0, 0x1000 */
#define INSN_ECALL 0x73u
#define PTE_VRWXUAD 0xdfu
#define SV39 (UINT64_C(8) << 60)

enum {
    SATP = 0x180,
    PMPCFG0 = 0x3a0,
    PMPADDR0 = 0x3b0,
    MSTATUS = 0x300
};

static void run_at(unsigned gib)
{
    uint64_t va = ((uint64_t)gib << 30) + (MOVING - TEST_RAM);

    riscv_test_set_priv(hart, PRV_U);
    run_new(va);
    g_assert_cmpuint(hart->mcause, ==, RISCV_EXCP_U_ECALL);
    g_assert_cmphex(hart->gpr[10], ==, va + 4);
    g_assert_cmphex(hart->gpr[11], ==, va + 0x1008);
    g_assert_cmphex(hart->mepc, ==, va + 0x100c);
}

static void test_moves(void)
{
    CPUState *cpu = env_cpu_state(hart);
    uint64_t count;

    for (unsigned gib = 0; gib < 256; gib++) {
        riscv_test_store(ROOT + 8 * gib, 8, TEST_RAM >> 2 | PTE_VRWXUAD);
    }
    RISCV_TEST_CODE(CODE, INSN_WFI);
    RISCV_TEST_CODE(MOVING, INSN_NOP, INSN_AUIPC(10), INSN_JUMP_PAGE);
    RISCV_TEST_CODE(MOVING + 0x1008, INSN_AUIPC(11), INSN_ECALL);
    hart->mtvec = CODE;
    csrw(hart, PMPADDR0, UINT64_MAX);
    csrw(hart, PMPCFG0, 0x1f);
    csrw(hart, SATP, SV39 | ROOT >> 12);
    run_at(8);
    count = tcg_accel.translated.count;
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned gib = 4; gib < 256; gib += 7) {
            run_at(gib);
            run_at(gib);
        }
    }
    g_assert_cmpuint(tcg_accel.translated.count, ==, tcg_host_available() ? count : count + 72);

    /* what is below 4 GiB stays where it is; and everything while there are breakpoints */
    count = tcg_accel.translated.count;
    run_at(3);
    g_assert_cmpuint(tcg_accel.translated.count, ==, count + 2);
    cpu_breakpoint_insert(cpu, 2);
    count = tcg_accel.translated.count;
    run_at(8);
    run_at(15);
    g_assert_cmpuint(tcg_accel.translated.count, >=, count + 4);
    cpu_breakpoint_remove_all(cpu);
    run_at(15);
    csrw(hart, SATP, 0);
}

#define INSN_BRANCH(f3, rs1, rs2, imm)                                                             \
    (0x63u | (uint32_t)(f3) << 12 | (uint32_t)(rs1) << 15 | (uint32_t)(rs2) << 20 |                \
     ((uint32_t)(imm) >> 12 & 1) << 31 | ((uint32_t)(imm) >> 5 & 0x3f) << 25 |                     \
     ((uint32_t)(imm) >> 1 & 0xf) << 8 | ((uint32_t)(imm) >> 11 & 1) << 7)
#define INSN_BEQ(rs1, rs2, imm) INSN_BRANCH(0, rs1, rs2, imm)
#define INSN_BNEZ(rs1, imm) INSN_BRANCH(1, rs1, 0, imm)

/*
 * A loop in two pages becomes a region for whoever has both, here at 16 GiB. Who has the first
 * only, at 17 GiB, gets a block of that and traps; the region stays everyone else's.
 */
#define TABLES (TEST_RAM + 0x10000)
#define INSN_JAL_BACK_0x1008 0xff9fe06fu

static void map_moving(unsigned gib, hwaddr tables, bool both)
{
    uint64_t page = (MOVING & TARGET_PAGE_MASK) - TEST_RAM;

    riscv_test_store(ROOT + 8 * gib, 8, tables >> 2 | 1);
    riscv_test_store(tables, 8, (tables + 0x1000) >> 2 | 1);
    for (unsigned n = 0; n < 2; n++) {
        riscv_test_store(tables + 0x1000 + 8 * (page / TARGET_PAGE_SIZE + n), 8,
                         n && !both ? 0 :
                                      (TEST_RAM + page + n * TARGET_PAGE_SIZE) >> 2 | PTE_VRWXUAD);
    }
}

static void run_loop(unsigned gib)
{
    hart->gpr[12] = 50;
    riscv_test_set_priv(hart, PRV_U);
    run_new(((uint64_t)gib << 30) + (MOVING - TEST_RAM));
}

static void test_region_of_two_pages(void)
{
    uint64_t count;

    RISCV_TEST_CODE(CODE, INSN_WFI);
    RISCV_TEST_CODE(MOVING, INSN_ADDI(12, 12, -1), INSN_JUMP_PAGE);
    RISCV_TEST_CODE(MOVING + 0x1004, INSN_BEQ(12, 0, 8), INSN_JAL_BACK_0x1008, INSN_ECALL);
    hart->mtvec = CODE;
    map_moving(16, TABLES, true);
    map_moving(17, TABLES + 0x2000, false);
    csrw(hart, SATP, SV39 | ROOT >> 12);
    memset(hart->tcg.hot, 0, sizeof(hart->tcg.hot));
    run_loop(16);
    g_assert_cmpuint(hart->mcause, ==, RISCV_EXCP_U_ECALL);
    g_assert_cmpuint(hart->gpr[12], ==, 0);
    g_assert_cmpuint(hart->tcg.priv->stats.regions, >, 0);
    for (unsigned round = 0; round < 3; round++) {
        memset(hart->tcg.hot, 0, sizeof(hart->tcg.hot));
        run_loop(17);
        g_assert_cmpuint(hart->mcause, ==, RISCV_EXCP_INST_PAGE_FAULT);
        g_assert_cmpuint(hart->gpr[12], ==, 49);
        g_assert_cmphex(hart->mepc, ==, (UINT64_C(17) << 30) + (MOVING + 0x1004 - TEST_RAM));
        memset(hart->tcg.hot, 0, sizeof(hart->tcg.hot));
        run_loop(16);
        g_assert_cmpuint(hart->mcause, ==, RISCV_EXCP_U_ECALL);
        if (round == 0) {
            count = tcg_accel.translated.count;
        }
    }
    g_assert_cmpuint(tcg_accel.translated.count, ==, count);
    csrw(hart, SATP, 0);
}

/* Code in a page of which only a part is RAM cannot be fetched, translated or not. */
static void test_part_of_a_page(void)
{
    static MemoryRegion part;

    memory_region_init_ram(&part, NULL, "part", TARGET_PAGE_SIZE / 2, NULL);
    memory_region_add_subregion(get_system_memory(), TEST_HOLE, &part);
    riscv_test_store(TEST_HOLE, 4, INSN_ADDI(10, 0, 1));
    riscv_test_store(TEST_HOLE + 4, 4, INSN_WFI);
    for (unsigned cold = 0; cold < 3; cold++) {
        tcg_accel.cold = cold;
        hart->mcause = 0;
        RISCV_TEST_CODE(CODE, INSN_WFI);
        hart->mtvec = CODE;
        run_new(TEST_HOLE);
        g_assert_cmpuint(hart->mcause, ==, RISCV_EXCP_INST_ACCESS_FAULT);
    }
    tcg_accel.cold = 0;
    memory_region_del_subregion(get_system_memory(), &part);
}

/* Places get hot at once at @pc, and never elsewhere; 0: nowhere. */
static void hot_only_at(uint64_t pc)
{
    memset(hart->tcg.hot, INT8_MAX, sizeof(hart->tcg.hot));
    if (pc) {
        hart->tcg.hot[tcg_hot_index(&tcg_accel.layout, pc)] = 0;
    }
}

/*
 * Run nested loops at CODE, a1 and a2 the counts of the outer and the inner one: first so that they
 * are translated, then with a region made at @start. a0 is then @a0. The IR that was made last.
 */
static char *nested_loops_region(uint64_t start, uint64_t a1, uint64_t a2, uint64_t a0)
{
    GString *text = g_string_new(NULL);
    uint64_t regions = hart->tcg.priv->stats.regions;

    riscv_test_set_priv(hart, PRV_M);
    tb_fence_i(env_cpu_state(hart));
    for (unsigned run = 0; run < 2; run++) {
        hot_only_at(run ? start : 0);
        hart->gpr[10] = 0;
        hart->gpr[11] = a1;
        hart->gpr[12] = a2;
        riscv_test_run(hart, CODE);
        g_assert_cmpuint(hart->gpr[10], ==, a0);
    }
    g_assert_cmpuint(hart->tcg.priv->stats.regions, ==, regions + 1);
    tcg_dump(tcg_thread_context(env_cpu_state(hart)), text);
    return g_string_free(text, FALSE);
}

/*
 * A loop that is entered by a jump to its condition, at its end: in a region its body comes right
 * behind that, not behind what follows the loop, so that what is known of loops holds for it.
 */
#define INSN_JAL_8 0x0080006fu

static void test_loop_entered_at_its_end(void)
{
    g_autofree char *text = NULL;
    const char *body, *behind;

    RISCV_TEST_CODE(CODE, INSN_JAL_8, INSN_ADDI(10, 10, 1), INSN_ADDI(12, 12, -1),
                    INSN_BNEZ(12, -8), INSN_ADDI(12, 0, 30), INSN_ADDI(11, 11, -1),
                    INSN_BNEZ(11, -24), INSN_WFI);
    text = nested_loops_region(CODE, 4, 30, 4 * 29);
    body = strstr(text, "a0 = add");
    behind = strstr(text, "a1 = add");
    g_assert_true(body && behind && body < behind);
}

/*
 * A region that starts in an inner loop, at X, of a loop of @n additions before it. Its layout
 * begins with these, unless they are so many that X would find no room: then with X, which a
 * region that has not translated it would leave for again and again.
 */
static char *region_of_inner_loop(unsigned n)
{
    const uint64_t x = CODE + 4 * n;

    for (unsigned i = 0; i < n; i++) {
        riscv_test_store(CODE + 4 * i, 4, INSN_ADDI(10, 10, 1));
    }
    RISCV_TEST_CODE(x, INSN_ADDI(12, 12, -1), INSN_BNEZ(12, -4), INSN_ADDI(12, 0, 3),
                    INSN_ADDI(11, 11, -1), INSN_BNEZ(11, -(int)(4 * n + 16)), INSN_WFI);
    return nested_loops_region(x, 5, 3, 5 * n);
}

static void test_region_of_inner_loop(void)
{
    g_autofree char *nested = region_of_inner_loop(3);

    g_assert_cmphex((uintptr_t)strstr(nested, "a0 = add"), <,
                    (uintptr_t)strstr(nested, "a2 = add"));
    g_free(region_of_inner_loop(520)); /* the text is of a block that was made later */
}

/*
 * A region in which two ways make FP state dirty, each of its own, as the flags say that it is
 * clean. The first two runs have both ways translated, the third one makes the region.
 */
static void test_region_dirty_twice(void)
{
    RISCV_TEST_CODE(CODE, INSN_ADDI(8, 8, 1), INSN_BEQ(8, 20, 16), INSN_BEQ(8, 21, 20),
                    INSN_BEQ(8, 19, 16), 0xff1ff06f /* j CODE */);
    RISCV_TEST_CODE(CODE + 0x14, 0xf0000053 /* fmv.w.x f0, x0 */, INSN_WFI);
    RISCV_TEST_CODE(CODE + 0x1c, 0xf00000d3 /* fmv.w.x f1, x0 */, INSN_WFI);
    riscv_test_set_priv(hart, PRV_M);
    tb_fence_i(env_cpu_state(hart));
    for (unsigned run = 0; run < 3; run++) {
        uint64_t regions = hart->tcg.priv->stats.regions;

        hot_only_at(run == 2 ? CODE : 0);
        csrw(hart, MSTATUS, MSTATUS_FS & -MSTATUS_FS); /* Initial */
        hart->gpr[8] = 0;
        hart->gpr[20] = run == 0 ? 3 : 0;
        hart->gpr[21] = run == 1 ? 3 : 0;
        hart->gpr[19] = run == 2 ? 30 : 0;
        riscv_test_run(hart, CODE);
        g_assert_cmpuint(hart->gpr[8], ==, run == 2 ? 30 : 3);
        g_assert_cmphex(hart->mstatus & MSTATUS_FS, ==, MSTATUS_FS);
        g_assert_cmpuint(hart->tcg.priv->stats.regions, ==, regions + (run == 2));
    }
}

int main(int argc, char **argv)
{
    riscv_test_init(&argc, &argv);
    tcg_accel.tb_size = UINT64_C(1) << 20; /* the smallest */
    hart = riscv_test_hart("rv64", NULL);
    g_test_add_func("/tb/changed-by-others", test_changed_by_others);
    g_test_add_func("/tb/changed-by-itself", test_changed_by_itself);
    g_test_add_func("/tb/across-pages", test_across_pages);
    g_test_add_func("/tb/data-beside-code", test_data_beside_code);
    g_test_add_func("/tb/flush", test_flush);
    g_test_add_func("/tb/evict", test_evict);
    g_test_add_func("/tb/evict-ends-keys", test_evict_ends_keys);
    g_test_add_func("/tb/evict-target-of-changed", test_evict_target_of_changed);
    g_test_add_func("/tb/refused", test_refused);
    g_test_add_func("/tb/cold", test_cold);
    g_test_add_func("/tb/moves", test_moves);
    g_test_add_func("/tb/region-of-two-pages", test_region_of_two_pages);
    g_test_add_func("/tb/part-of-a-page", test_part_of_a_page);
    g_test_add_func("/tb/loop-entered-at-its-end", test_loop_entered_at_its_end);
    g_test_add_func("/tb/region-of-inner-loop", test_region_of_inner_loop);
    g_test_add_func("/tb/region-dirty-twice", test_region_dirty_twice);
    return g_test_run();
}
