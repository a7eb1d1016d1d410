/* SPDX-License-Identifier: MIT */
/* target/riscv/pmp.c: which bytes an entry matches, for whom, locks, accesses half matched. */
#include "qemu/osdep.h"

#include "riscv-test.h"
#include "target/riscv/pmp.h"

#define ALL (PAGE_READ | PAGE_WRITE | PAGE_EXEC)
#define RWX (PMP_R | PMP_W | PMP_X)
#define PMPCFG0 0x3a0
#define PMPADDR(n) (0x3b0 + (n))

static CPURISCVState *fine, *coarse; /* granule 4 bytes, 64 bytes */

static void set(CPURISCVState *env, unsigned n, uint64_t addr, uint8_t cfg)
{
    uint64_t word = csrr(env, PMPCFG0);

    csrw(env, PMPADDR(n), addr);
    csrw(env, PMPCFG0, deposit64(word, 8 * (int)n, 8, cfg));
}

static uint8_t rights(CPURISCVState *env, hwaddr pa, unsigned size, uint8_t priv)
{
    unsigned size_log2 = TARGET_PAGE_BITS;

    return pmp_check(env, pa, size, priv, &size_log2);
}

static void test_no_match(void)
{
    riscv_test_reset(fine);
    g_assert_cmphex(rights(fine, 0x1000, 8, PRV_M), ==, ALL);
    g_assert_cmphex(rights(fine, 0x1000, 8, PRV_S), ==, 0);
    g_assert_cmphex(rights(fine, 0x1000, 8, PRV_U), ==, 0);
}

static void test_tor(void)
{
    riscv_test_reset(fine);
    /* entry 0 begins at 0 */
    set(fine, 0, 0x1004 >> 2, PMP_TOR | PMP_R);
    g_assert_cmphex(rights(fine, 0, 8, PRV_S), ==, PAGE_READ);
    g_assert_cmphex(rights(fine, 0x1000, 4, PRV_S), ==, PAGE_READ);
    g_assert_cmphex(rights(fine, 0x1004, 4, PRV_S), ==, 0);
    /* half of it matches: no, whoever asks and whatever the entry allows */
    set(fine, 0, 0x1004 >> 2, PMP_TOR | RWX);
    g_assert_cmphex(rights(fine, 0x1000, 8, PRV_S), ==, 0);
    g_assert_cmphex(rights(fine, 0x1000, 8, PRV_M), ==, 0);
    g_assert_cmphex(rights(fine, 0x1002, 4, PRV_S), ==, 0);
    /* an empty range matches nothing */
    set(fine, 1, 0x1000 >> 2, PMP_TOR | RWX);
    set(fine, 2, UINT64_C(0x3fffffffffffff), PMP_NAPOT | PMP_X);
    g_assert_cmphex(rights(fine, 0x1004, 4, PRV_S), ==, PAGE_EXEC);
}

static void test_napot(void)
{
    riscv_test_reset(fine);
    set(fine, 0, 0x2000 >> 2, PMP_NAPOT | PMP_R); /* 8 bytes */
    g_assert_cmphex(rights(fine, 0x2000, 8, PRV_U), ==, PAGE_READ);
    g_assert_cmphex(rights(fine, 0x2008, 1, PRV_U), ==, 0);
    set(fine, 0, (0x4000 >> 2) | 0x1ff, PMP_NAPOT | PMP_W | PMP_R); /* a page */
    g_assert_cmphex(rights(fine, 0x4ff8, 8, PRV_U), ==, PAGE_READ | PAGE_WRITE);
    g_assert_cmphex(rights(fine, 0x5000, 1, PRV_U), ==, 0);
    set(fine, 0, 0x1000 >> 2, PMP_NA4 | PMP_X);
    g_assert_cmphex(rights(fine, 0x1000, 4, PRV_U), ==, PAGE_EXEC);
    g_assert_cmphex(rights(fine, 0x0ffc, 4, PRV_U), ==, 0);
    /* all ones, and with the top bit clear: everything */
    for (uint64_t addr = UINT64_C(0x1fffffffffffff); addr < UINT64_C(1) << 54;
         addr = addr * 2 + 1) {
        set(fine, 0, addr, PMP_NAPOT | RWX);
        g_assert_cmphex(rights(fine, 0, 8, PRV_U), ==, ALL);
        g_assert_cmphex(rights(fine, UINT64_C(0xfffffffffffff8), 8, PRV_U), ==, ALL);
    }
}

/* A misaligned access does not slip over the end of what is allowed. */
static void test_misaligned(void)
{
    riscv_test_reset(fine);
    set(fine, 0, 0x3010 >> 2, PMP_TOR | RWX);
    for (unsigned offset = 0; offset < 16; offset++) {
        g_assert_cmphex(rights(fine, 0x3000 + offset, 8, PRV_S), ==, offset <= 8 ? ALL : 0);
    }
}

static void test_order(void)
{
    riscv_test_reset(fine);
    set(fine, 0, 0x6000 >> 2, PMP_NA4);
    set(fine, 1, UINT64_C(0x3fffffffffffff), PMP_NAPOT | RWX);
    g_assert_cmphex(rights(fine, 0x6000, 4, PRV_S), ==, 0);
    g_assert_cmphex(rights(fine, 0x6000, 8, PRV_S), ==, 0);
    g_assert_cmphex(rights(fine, 0x6004, 4, PRV_S), ==, ALL);
    g_assert_cmphex(rights(fine, 0x6000, 4, PRV_M), ==, ALL);
}

static void test_size(void)
{
    unsigned size_log2 = 21;

    riscv_test_reset(fine);
    set(fine, 0, UINT64_C(0x3fffffffffffff), PMP_NAPOT | RWX);
    pmp_check(fine, 0x200000, 8, PRV_S, &size_log2);
    g_assert_cmpuint(size_log2, ==, 21);
    set(fine, 0, (0x200000 >> 2) | 0x1ff, PMP_NAPOT | RWX);
    pmp_check(fine, 0x200000, 8, PRV_S, &size_log2);
    g_assert_cmpuint(size_log2, ==, 12);
    set(fine, 0, (0x200000 >> 2) | 7, PMP_NAPOT | RWX); /* 64 bytes */
    pmp_check(fine, 0x200000, 8, PRV_S, &size_log2);
    g_assert_cmpuint(size_log2, ==, 6);
}

static void test_locks(void)
{
    riscv_test_reset(fine);
    set(fine, 0, 0x1000 >> 2, PMP_OFF);
    set(fine, 1, 0x2000 >> 2, PMP_TOR | PMP_R | PMP_L);
    g_assert_cmphex(rights(fine, 0x1000, 4, PRV_M), ==, PAGE_READ);
    csrw(fine, PMPADDR(0), 0); /* the bottom of a locked TOR entry */
    csrw(fine, PMPADDR(1), 0);
    csrw(fine, PMPCFG0, 0);
    g_assert_cmphex(csrr(fine, PMPADDR(0)), ==, 0x1000 >> 2);
    g_assert_cmphex(csrr(fine, PMPADDR(1)), ==, 0x2000 >> 2);
    g_assert_cmphex(csrr(fine, PMPCFG0), ==, (PMP_TOR | PMP_R | PMP_L) << 8);
    /* only a reset unlocks */
    riscv_test_reset(fine);
    g_assert_cmphex(csrr(fine, PMPCFG0), ==, 0);
}

static void test_legal_values(void)
{
    riscv_test_reset(fine);
    csrw(fine, PMPCFG0, 0x66); /* bits that do not exist; W without R keeps what was */
    g_assert_cmphex(csrr(fine, PMPCFG0), ==, 0x00 | 0);
    csrw(fine, PMPCFG0, 0x60 | PMP_R);
    g_assert_cmphex(csrr(fine, PMPCFG0), ==, PMP_R);
    csrw(fine, PMPADDR(3), UINT64_MAX);
    g_assert_cmphex(csrr(fine, PMPADDR(3)), ==, UINT64_C(0x3fffffffffffff));
    csrw(fine, PMPADDR(16), 1); /* there are 16 */
    g_assert_cmphex(csrr(fine, PMPADDR(16)), ==, 0);
}

/* pmpaddr's bits below the granule neither count nor get lost. */
static void test_granule(void)
{
    riscv_test_reset(coarse);
    csrw(coarse, PMPADDR(0), 0x10ff);
    g_assert_cmphex(csrr(coarse, PMPADDR(0)), ==, 0x10f0);
    csrw(coarse, PMPCFG0, PMP_NA4 | PMP_R); /* does not exist */
    g_assert_cmphex(csrr(coarse, PMPCFG0), ==, 0);
    csrw(coarse, PMPCFG0, PMP_TOR | PMP_R);
    g_assert_cmphex(rights(coarse, 0x43bf, 1, PRV_S), ==, PAGE_READ);
    g_assert_cmphex(rights(coarse, 0x43c0, 1, PRV_S), ==, 0);
    csrw(coarse, PMPADDR(0), 0x1100);
    csrw(coarse, PMPCFG0, PMP_NAPOT | PMP_R);
    g_assert_cmphex(csrr(coarse, PMPADDR(0)), ==, 0x1107);
    g_assert_cmphex(rights(coarse, 0x4400, 8, PRV_S), ==, PAGE_READ);
    g_assert_cmphex(rights(coarse, 0x443f, 1, PRV_S), ==, PAGE_READ);
    g_assert_cmphex(rights(coarse, 0x4440, 1, PRV_S), ==, 0);
}

/* Execution: of an instruction of four bytes both halves must be allowed. */
static void test_fetch(void)
{
    uint64_t pc = TEST_RAM + 0x1000, handler = TEST_RAM + 0x2000;

    riscv_test_reset(fine);
    RISCV_TEST_CODE(handler, INSN_WFI);
    /* c.nop, then nop across the limit at pc + 4 */
    riscv_test_store(pc, 2, 0x0001);
    riscv_test_store(pc + 2, 4, INSN_NOP);
    csrw(fine, 0x305, handler);
    set(fine, 0, (pc + 4) >> 2, PMP_TOR | PMP_X);
    fine->mepc = pc;
    RISCV_TEST_CODE(TEST_RAM, INSN_MRET);
    for (unsigned i = 0; i < 2; i++) { /* translated, and found */
        fine->mcause = fine->mtval = 0;
        csrw(fine, 0x300, 0);
        fine->mepc = pc;
        riscv_test_set_priv(fine, PRV_M);
        riscv_test_run(fine, TEST_RAM);
        g_assert_cmpuint(fine->mcause, ==, RISCV_EXCP_INST_ACCESS_FAULT);
        g_assert_cmphex(fine->mtval, ==, pc + 4);
        g_assert_cmphex(fine->mepc, ==, pc + 2);
    }
}

int main(int argc, char **argv)
{
    riscv_test_init(&argc, &argv);
    fine = riscv_test_hart("rv64", NULL);
    coarse = riscv_test_hart("rv64", "pmp-granularity=64");
    g_test_add_func("/pmp/no-match", test_no_match);
    g_test_add_func("/pmp/tor", test_tor);
    g_test_add_func("/pmp/napot", test_napot);
    g_test_add_func("/pmp/misaligned", test_misaligned);
    g_test_add_func("/pmp/order", test_order);
    g_test_add_func("/pmp/size", test_size);
    g_test_add_func("/pmp/locks", test_locks);
    g_test_add_func("/pmp/legal-values", test_legal_values);
    g_test_add_func("/pmp/granule", test_granule);
    g_test_add_func("/pmp/fetch", test_fetch);
    return g_test_run();
}
