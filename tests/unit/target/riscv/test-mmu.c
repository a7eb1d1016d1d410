/* SPDX-License-Identifier: MIT */
/* target/riscv/mmu.c: walks, their protection, A and D, superpages, and whose fault it is. */
#include "qemu/osdep.h"

#include "qemu/bswap.h"
#include "riscv-test.h"

#define ROOT (TEST_RAM + 0x10000)
#define LEVEL1 (TEST_RAM + 0x11000)
#define LEVEL0 (TEST_RAM + 0x12000)
#define DATA (TEST_RAM + 0x20000)
#define SATP 0x180
#define MENVCFG 0x30a
#define LEAF (PTE_V | PTE_R | PTE_W | PTE_X | PTE_A | PTE_D)

static CPURISCVState *hart, *svade;

static uint64_t pte(hwaddr pa, uint64_t bits)
{
    return pa >> 12 << PTE_PPN_SHIFT | bits;
}

/* Sv39: va 0 is page DATA with these bits, through all three levels. */
static void map(CPURISCVState *env, uint64_t bits)
{
    riscv_test_reset(env);
    riscv_test_store(ROOT, 8, pte(LEVEL1, PTE_V));
    riscv_test_store(LEVEL1, 8, pte(LEVEL0, PTE_V));
    riscv_test_store(LEVEL0, 8, pte(DATA, bits));
    csrw(env, 0x3b0, UINT64_MAX); /* PMP: everything */
    csrw(env, 0x3a0, PMP_NAPOT | PMP_R | PMP_W | PMP_X);
    csrw(env, SATP, UINT64_C(8) << 60 | ROOT >> 12);
}

/* Cause of the exception for an access, or NONE. */
static uint64_t try_access(CPURISCVState *env, vaddr va, MMUAccessType type, unsigned idx,
                           CPUTLBFill *fill)
{
    env->excp_cause = RISCV_EXCP_NONE;
    if (!riscv_cpu_tlb_fill(env_cpu_state(env), va, 8, type, idx, false, fill)) {
        g_assert_cmphex(env->excp_tval, ==, va);
        return env->excp_cause;
    }
    return RISCV_EXCP_NONE;
}

static uint64_t try_bits(uint64_t bits, MMUAccessType type, unsigned idx)
{
    CPUTLBFill fill;

    map(hart, bits);
    return try_access(hart, 8, type, idx, &fill);
}

static void test_walk(void)
{
    CPUTLBFill fill;

    map(hart, LEAF);
    g_assert_cmpuint(try_access(hart, 0xff8, MMU_DATA_LOAD, MMU_IDX_S, &fill), ==, RISCV_EXCP_NONE);
    g_assert_cmphex(fill.phys, ==, DATA + 0xff8);
    g_assert_cmpuint(fill.size_log2, ==, 12);
    g_assert_cmphex(fill.prot, ==, PAGE_READ | PAGE_WRITE | PAGE_EXEC);
    /* no entry; not canonical; beyond Sv39 */
    g_assert_cmpuint(try_access(hart, 0x1000, MMU_DATA_STORE, MMU_IDX_S, &fill), ==,
                     RISCV_EXCP_STORE_PAGE_FAULT);
    g_assert_cmpuint(try_access(hart, UINT64_C(1) << 38, MMU_INST_FETCH, MMU_IDX_S, &fill), ==,
                     RISCV_EXCP_INST_PAGE_FAULT);
    g_assert_cmpuint(try_access(hart, UINT64_C(1) << 39, MMU_DATA_LOAD, MMU_IDX_S, &fill), ==,
                     RISCV_EXCP_LOAD_PAGE_FAULT);
    /* M mode does not translate */
    g_assert_cmpuint(try_access(hart, DATA, MMU_DATA_LOAD, MMU_IDX_M, &fill), ==, RISCV_EXCP_NONE);
    g_assert_cmphex(fill.phys, ==, DATA);
}

static void test_rights(void)
{
    static const struct {
        uint64_t bits;
        unsigned idx;
        uint64_t load, store, fetch;
    } rows[] = {
#define OK RISCV_EXCP_NONE
#define LD RISCV_EXCP_LOAD_PAGE_FAULT
#define ST RISCV_EXCP_STORE_PAGE_FAULT
#define IF RISCV_EXCP_INST_PAGE_FAULT
        {LEAF, MMU_IDX_S, OK, OK, OK},
        {LEAF, MMU_IDX_U, LD, ST, IF},
        {LEAF | PTE_U, MMU_IDX_U, OK, OK, OK},
        {LEAF | PTE_U, MMU_IDX_S, LD, ST, IF},
        {LEAF | PTE_U, MMU_IDX_S_SUM, OK, OK, IF},
        {LEAF & ~PTE_W, MMU_IDX_S, OK, ST, OK},
        {LEAF & ~PTE_X, MMU_IDX_S, OK, OK, IF},
        {LEAF & ~(PTE_R | PTE_W), MMU_IDX_S, LD, ST, OK},
        {LEAF & ~(PTE_R | PTE_W), MMU_IDX_S | MMU_IDX_MXR, OK, ST, OK},
        {LEAF & ~PTE_R, MMU_IDX_S, LD, ST, IF}, /* W without R is reserved */
        {LEAF & ~PTE_V, MMU_IDX_S, LD, ST, IF},
        {LEAF | BIT_ULL(54), MMU_IDX_S, LD, ST, IF},
        {LEAF | BIT_ULL(61), MMU_IDX_S, LD, ST, IF}, /* PBMT is not there */
        {LEAF | BIT_ULL(63), MMU_IDX_S, LD, ST, IF}, /* nor is NAPOT */
        {PTE_V, MMU_IDX_S, LD, ST, IF},              /* a pointer in the last level */
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_test_message("row %u", i);
        g_assert_cmpuint(try_bits(rows[i].bits, MMU_DATA_LOAD, rows[i].idx), ==, rows[i].load);
        g_assert_cmpuint(try_bits(rows[i].bits, MMU_DATA_STORE, rows[i].idx), ==, rows[i].store);
        g_assert_cmpuint(try_bits(rows[i].bits, MMU_INST_FETCH, rows[i].idx), ==, rows[i].fetch);
    }
}

static void test_accessed_dirty(void)
{
    CPUTLBFill fill;
    uint64_t clean = LEAF & ~(PTE_A | PTE_D);

    /* Svade: a fault */
    map(svade, clean);
    g_assert_cmpuint(try_access(svade, 0, MMU_DATA_LOAD, MMU_IDX_S, &fill), ==,
                     RISCV_EXCP_LOAD_PAGE_FAULT);
    map(svade, clean | PTE_A);
    g_assert_cmpuint(try_access(svade, 0, MMU_DATA_STORE, MMU_IDX_S, &fill), ==,
                     RISCV_EXCP_STORE_PAGE_FAULT);
    g_assert_cmpuint(try_access(svade, 0, MMU_DATA_LOAD, MMU_IDX_S, &fill), ==, RISCV_EXCP_NONE);
    g_assert_cmphex(fill.prot & PAGE_WRITE, ==, 0);
    g_assert_cmphex(riscv_test_load(LEVEL0, 8), ==, pte(DATA, clean | PTE_A));
    /* Svadu with menvcfg.ADUE: set here; a load sets no D and gives no right to store */
    map(hart, clean);
    csrs(hart, MENVCFG, MENVCFG_ADUE);
    g_assert_cmpuint(try_access(hart, 0, MMU_DATA_LOAD, MMU_IDX_S, &fill), ==, RISCV_EXCP_NONE);
    g_assert_cmphex(fill.prot & PAGE_WRITE, ==, 0);
    g_assert_cmphex(riscv_test_load(LEVEL0, 8), ==, pte(DATA, clean | PTE_A));
    g_assert_cmpuint(try_access(hart, 0, MMU_DATA_STORE, MMU_IDX_S, &fill), ==, RISCV_EXCP_NONE);
    g_assert_cmphex(riscv_test_load(LEVEL0, 8), ==, pte(DATA, LEAF));
    /* an access that is refused sets nothing */
    map(hart, clean & ~PTE_W);
    g_assert_cmpuint(try_access(hart, 0, MMU_DATA_STORE, MMU_IDX_S, &fill), ==,
                     RISCV_EXCP_STORE_PAGE_FAULT);
    g_assert_cmphex(riscv_test_load(LEVEL0, 8), ==, pte(DATA, clean & ~PTE_W));
}

static void test_superpage(void)
{
    CPUTLBFill fill;

    map(hart, LEAF);
    riscv_test_store(LEVEL1, 8, pte(TEST_RAM, LEAF));
    g_assert_cmpuint(try_access(hart, 0x12345, MMU_DATA_LOAD, MMU_IDX_S, &fill), ==,
                     RISCV_EXCP_NONE);
    g_assert_cmphex(fill.phys, ==, TEST_RAM + 0x12345);
    g_assert_cmpuint(fill.size_log2, ==, 21);
    riscv_test_store(LEVEL1, 8, pte(TEST_RAM + 0x1000, LEAF)); /* misaligned */
    g_assert_cmpuint(try_access(hart, 0, MMU_DATA_LOAD, MMU_IDX_S, &fill), ==,
                     RISCV_EXCP_LOAD_PAGE_FAULT);
    riscv_test_store(LEVEL1, 8, pte(LEVEL0, PTE_V | PTE_A)); /* reserved in a pointer */
    g_assert_cmpuint(try_access(hart, 0, MMU_DATA_LOAD, MMU_IDX_S, &fill), ==,
                     RISCV_EXCP_LOAD_PAGE_FAULT);
}

/* A table where there is no memory, or where PMP forbids it: an access fault of the access. */
static void test_table_faults(void)
{
    CPUTLBFill fill;

    map(hart, LEAF);
    riscv_test_store(LEVEL1, 8, pte(TEST_HOLE, PTE_V));
    g_assert_cmpuint(try_access(hart, 0, MMU_INST_FETCH, MMU_IDX_S, &fill), ==,
                     RISCV_EXCP_INST_ACCESS_FAULT);
    map(hart, LEAF);
    csrw(hart, 0x3b1, UINT64_MAX);
    csrw(hart, 0x3b0, LEVEL0 >> 2 | 0x1ff);
    csrw(hart, 0x3a0, (PMP_NAPOT | PMP_R | PMP_W | PMP_X) << 8 | PMP_NAPOT);
    g_assert_cmpuint(try_access(hart, 0, MMU_DATA_STORE, MMU_IDX_S, &fill), ==,
                     RISCV_EXCP_STORE_ACCESS_FAULT);
    /* to be read only: enough unless A or D are to be set */
    csrw(hart, 0x3a0, (PMP_NAPOT | PMP_R | PMP_W | PMP_X) << 8 | PMP_NAPOT | PMP_R);
    g_assert_cmpuint(try_access(hart, 0, MMU_DATA_STORE, MMU_IDX_S, &fill), ==, RISCV_EXCP_NONE);
}

/* Entries in ROM translate, but are never written. */
static void test_table_in_rom(void)
{
    CPUTLBFill fill;

    map(hart, LEAF);
    csrs(hart, MENVCFG, MENVCFG_ADUE);
    riscv_test_store(LEVEL1, 8, pte(TEST_ROM, PTE_V));
    stq_le_p(riscv_test_rom(), pte(DATA, LEAF));
    stq_le_p(riscv_test_rom() + 8, pte(DATA, LEAF & ~PTE_A));
    g_assert_cmpuint(try_access(hart, 0, MMU_DATA_LOAD, MMU_IDX_S, &fill), ==, RISCV_EXCP_NONE);
    g_assert_cmpuint(try_access(hart, 0x1000, MMU_DATA_LOAD, MMU_IDX_S, &fill), ==,
                     RISCV_EXCP_LOAD_ACCESS_FAULT);
    g_assert_cmphex(ldq_le_p(riscv_test_rom() + 8), ==, pte(DATA, LEAF & ~PTE_A));
}

/* The debugger's view changes nothing and asks for no rights; MPRV lends data another mode. */
static void test_debug(void)
{
    CPUState *cpu = env_cpu_state(hart);

    map(hart, PTE_V | PTE_X);
    riscv_test_set_priv(hart, PRV_S);
    g_assert_cmphex(riscv_cpu_get_phys_page_debug(cpu, 0x123), ==, DATA);
    g_assert_cmphex(riscv_cpu_get_phys_page_debug(cpu, 0x1123), ==, HWADDR_MAX);
    g_assert_cmphex(riscv_test_load(LEVEL0, 8), ==, pte(DATA, PTE_V | PTE_X));
    riscv_test_set_priv(hart, PRV_M);
    csrw(hart, 0x300, MSTATUS_MPRV | UINT64_C(1) << 11);
    g_assert_cmphex(riscv_cpu_get_phys_page_debug(cpu, 0x123), ==, DATA);
    g_assert_cmphex(riscv_cpu_get_code_page_debug(cpu, 0x123), ==, 0);
}

int main(int argc, char **argv)
{
    riscv_test_init(&argc, &argv);
    hart = riscv_test_hart("rv64", NULL);
    svade = riscv_test_hart("rv64", "svadu=off,svade=on");
    g_test_add_func("/mmu/walk", test_walk);
    g_test_add_func("/mmu/rights", test_rights);
    g_test_add_func("/mmu/accessed-dirty", test_accessed_dirty);
    g_test_add_func("/mmu/superpage", test_superpage);
    g_test_add_func("/mmu/table-faults", test_table_faults);
    g_test_add_func("/mmu/table-in-rom", test_table_in_rom);
    g_test_add_func("/mmu/debug", test_debug);
    return g_test_run();
}
