/* SPDX-License-Identifier: MIT */
/* accel/tcg/tb-*.c: code that changes is translated again; instructions across pages. */
#include "qemu/osdep.h"

#include "accel/tcg/tcg-internal.h"
#include "riscv-test.h"

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

int main(int argc, char **argv)
{
    riscv_test_init(&argc, &argv);
    hart = riscv_test_hart("rv64", NULL);
    g_test_add_func("/tb/changed-by-others", test_changed_by_others);
    g_test_add_func("/tb/changed-by-itself", test_changed_by_itself);
    g_test_add_func("/tb/across-pages", test_across_pages);
    g_test_add_func("/tb/data-beside-code", test_data_beside_code);
    g_test_add_func("/tb/flush", test_flush);
    g_test_add_func("/tb/refused", test_refused);
    return g_test_run();
}
