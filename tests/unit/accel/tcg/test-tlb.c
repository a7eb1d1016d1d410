/* SPDX-License-Identifier: MIT */
/*
 * accel/tcg/tlb.c, tlb-flush.c, fetch.c: what is kept across address spaces, and what each fence
 * takes away. "Not filled again" is seen by the hart's counter of fills.
 */
#include "qemu/osdep.h"

#include "accel/tcg/tcg-internal.h"
#include "riscv-test.h"

/* For space n: three tables of its own, and a page whose first word is n. */
#define TABLES (TEST_RAM + 0x100000)
#define ROOT(n) (TABLES + (n)*0x4000)
#define LEVEL1(n) (ROOT(n) + 0x1000)
#define LEVEL0(n) (ROOT(n) + 0x2000)
#define PAGE(n) (ROOT(n) + 0x3000)
#define NSPACES 40
/* common to all: a table of 2 MiB mappings, a page mapped globally, a page of code */
#define LARGE1 (TEST_RAM + 0x10000)
#define SHARED (TEST_RAM + 0x12000)
#define CODE (TEST_RAM + 0x14000)

/* Virtual addresses. */
#define VA_PAGE 0x1000
#define VA_GLOBAL 0x2000
#define VA_CODE 0x3000
#define VA_USER_CODE 0x4000
#define VA_PRIVATE_CODE 0x5000
#define VA_LARGE (UINT64_C(1) << 30)

#define LEAF (PTE_V | PTE_R | PTE_W | PTE_X | PTE_A | PTE_D)
#define LOAD make_memop_idx(MO_UQ, MMU_IDX_S)

static CPURISCVState *hart;

static uint64_t pte(hwaddr pa, uint64_t bits)
{
    return pa >> 12 << PTE_PPN_SHIFT | bits;
}

static void set_leaf(unsigned n, vaddr va, uint64_t entry)
{
    riscv_test_store(LEVEL0(n) + (va >> 12) * 8, 8, entry);
}

static void select_space(unsigned n, unsigned asid)
{
    riscv_test_set_priv(hart, PRV_S);
    csrw(hart, 0x180, UINT64_C(8) << 60 | (uint64_t)asid << 44 | ROOT(n) >> 12);
}

static uint64_t load(vaddr va)
{
    uint64_t value;

    g_assert_true(cpu_ld(&hart->tcg, va, LOAD, &value));
    return value;
}

static void store(vaddr va, uint64_t value)
{
    g_assert_true(cpu_st(&hart->tcg, va, value, LOAD));
}

static uint64_t fills(void)
{
    return hart->tcg.priv->stats.tlb_fills;
}

/* Loads @va; the result is @expect, and it is found without a fill, or not. */
static void expect_load(vaddr va, uint64_t expect, bool is_kept)
{
    uint64_t before = fills();

    g_assert_cmphex(load(va), ==, expect);
    g_assert_cmpuint(fills() - before, ==, is_kept ? 0 : 1);
}

static void fence(const uint64_t *va, const uint64_t *asid)
{
    riscv_mmu_fence(hart, va, asid);
}

static void fence_page(uint64_t va)
{
    fence(&va, NULL);
}

static void fence_asid(uint64_t asid)
{
    fence(NULL, &asid);
}

static void set_up(void)
{
    riscv_test_reset(hart);
    csrw(hart, 0x3b0, UINT64_MAX); /* PMP: everything */
    csrw(hart, 0x3a0, PMP_NAPOT | PMP_R | PMP_W | PMP_X);
    for (unsigned n = 0; n < NSPACES; n++) {
        riscv_test_store(ROOT(n), 8, pte(LEVEL1(n), PTE_V));
        riscv_test_store(ROOT(n) + 8, 8, pte(LARGE1, PTE_V));
        riscv_test_store(LEVEL1(n), 8, pte(LEVEL0(n), PTE_V));
        set_leaf(n, VA_PAGE, pte(PAGE(n), LEAF));
        set_leaf(n, VA_GLOBAL, pte(SHARED, LEAF | PTE_G));
        set_leaf(n, VA_CODE, pte(CODE, LEAF | PTE_G));
        set_leaf(n, VA_USER_CODE, pte(CODE, LEAF | PTE_U));
        riscv_test_store(PAGE(n), 8, n);
    }
    riscv_test_store(SHARED, 8, 0x5555);
    for (unsigned i = 0; i < 512; i++) {
        riscv_test_store(LARGE1 + 8 * i, 8, pte(TEST_RAM + 0x200000, LEAF));
    }
    riscv_test_store(TEST_RAM + 0x200000, 8, 0x1111);
    riscv_test_store(TEST_RAM + 0x205000, 8, 0x2222);
    riscv_test_set_priv(hart, PRV_S);
}

/* Going back to a space finds its entries; those of the others are not mistaken for them. */
static void test_spaces(void)
{
    set_up();
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned n = 0; n < TLB_SPACES - 1; n++) {
            select_space(n, n + 1);
            expect_load(VA_PAGE, n, round > 0);
        }
    }
    /* the same ASID with another root is another space */
    select_space(7, 1);
    expect_load(VA_PAGE, 7, false);
    /* M mode's entries belong to none */
    riscv_test_set_priv(hart, PRV_M);
    cpu_st(&hart->tcg, PAGE(3), 3, make_memop_idx(MO_UQ, MMU_IDX_M));
    select_space(2, 3);
    g_assert_cmphex(((CPUTLBEntry *)hart->tcg.tlb_table[MMU_IDX_M])[tlb_index(PAGE(3))].tag_read,
                    ==, PAGE(3));
    riscv_test_set_priv(hart, PRV_S);
}

/* Pages with the same index push each other out, and are found again; a fence forgets them. */
static void test_second_level(void)
{
    const vaddr rival = VA_PAGE + CPU_TLB_ENTRIES * TARGET_PAGE_SIZE;

    set_up();
    for (unsigned n = 0; n < 2; n++) {
        /* the leaves once more */
        riscv_test_store(LEVEL1(n) + (rival >> 21) * 8, 8, pte(LEVEL0(n), PTE_V));
    }
    select_space(0, 1);
    expect_load(VA_PAGE, 0, false);
    for (unsigned i = 0; i < 3; i++) {
        expect_load(rival, 0, i > 0);
        expect_load(VA_PAGE, 0, true);
    }
    /* not in another space */
    select_space(1, 2);
    expect_load(rival, 1, false);
    expect_load(VA_PAGE, 1, false);
    select_space(0, 1);
    g_assert_cmphex(load(VA_PAGE), ==, 0);
    g_assert_cmphex(load(rival), ==, 0);
    set_leaf(0, VA_PAGE, pte(PAGE(2), LEAF));
    expect_load(VA_PAGE, 0, true);
    expect_load(rival, 0, true);
    fence_page(VA_PAGE);
    expect_load(VA_PAGE, 2, false);
    expect_load(rival, 0, true);
    set_leaf(0, VA_PAGE, pte(PAGE(3), LEAF));
    fence_asid(1);
    expect_load(VA_PAGE, 3, false);
    expect_load(rival, 3, false);
    tlb_flush(env_cpu_state(hart));
    expect_load(VA_PAGE, 3, false);
}

/* Many more than are kept. */
static void test_eviction(void)
{
    set_up();
    for (unsigned i = 0; i < 10 * NSPACES; i++) {
        unsigned n = i * 7 % NSPACES;

        select_space(n, n + 1);
        g_assert_cmphex(load(VA_PAGE), ==, n);
        g_assert_cmphex(load(VA_GLOBAL), ==, 0x5555);
        if (i % 5 == 0) {
            fence_asid(n + 1);
        }
    }
}

/* Without ASIDs a write to satp leaves nothing of the space that it selects. */
static void test_without_asid(void)
{
    set_up();
    select_space(0, 0);
    expect_load(VA_PAGE, 0, false);
    select_space(1, 0);
    expect_load(VA_PAGE, 1, false);
    set_leaf(0, VA_PAGE, pte(PAGE(5), LEAF));
    select_space(0, 0);
    expect_load(VA_PAGE, 5, false);
}

static void test_fence_page(void)
{
    const uint64_t va = VA_PAGE, asid = 2;

    set_up();
    for (unsigned n = 0; n < 3; n++) {
        select_space(n, n + 1);
        expect_load(VA_PAGE, n, false);
        expect_load(VA_GLOBAL, 0x5555, false);
        set_leaf(n, VA_PAGE, pte(PAGE(n + 10), LEAF));
    }
    /* of one address space */
    fence(&va, &asid);
    expect_load(VA_PAGE, 2, true);
    select_space(1, 2);
    expect_load(VA_PAGE, 11, false);
    expect_load(VA_GLOBAL, 0x5555, true);
    /* of all, also those that are not selected */
    fence_page(VA_PAGE + 0x123);
    for (unsigned n = 0; n < 3; n++) {
        select_space(n, n + 1);
        expect_load(VA_PAGE, n + 10, false);
        expect_load(VA_GLOBAL, 0x5555, true);
    }
    /* a pointer to a table, for software that names an address after changing one */
    riscv_test_store(LEVEL1(2), 8, pte(LEVEL0(4), PTE_V));
    fence_page(VA_PAGE);
    expect_load(VA_PAGE, 4, false);
}

static void test_fence_asid(void)
{
    set_up();
    for (unsigned n = 0; n < 3; n++) {
        select_space(n, n + 1);
        load(VA_PAGE);
        load(VA_GLOBAL);
    }
    fence_asid(2);
    expect_load(VA_PAGE, 2, true);
    select_space(1, 2);
    expect_load(VA_PAGE, 1, false);
    expect_load(VA_GLOBAL, 0x5555, true);
    /* a table that has overflowed its list of entries in use */
    for (unsigned i = 5; i < 500; i++) {
        set_leaf(1, i << 12, pte(PAGE(i % NSPACES), LEAF | (i % 3 ? 0 : PTE_G)));
        g_assert_cmphex(load(i << 12), ==, i % NSPACES);
    }
    fence_asid(2);
    for (unsigned i = 5; i < 500; i++) {
        expect_load(i << 12, i % NSPACES, i % 3 == 0);
    }
    fence_asid(1);
    expect_load(VA_GLOBAL, 0x5555, true);
}

static void test_fence_all(void)
{
    set_up();
    for (unsigned n = 0; n < 3; n++) {
        select_space(n, n + 1);
        load(VA_PAGE);
        load(VA_GLOBAL);
    }
    fence(NULL, NULL);
    for (unsigned n = 0; n < 3; n++) {
        select_space(n, n + 1);
        expect_load(VA_PAGE, n, false);
        expect_load(VA_GLOBAL, 0x5555, false);
    }
}

/* A fence that names any address of a large mapping takes all that was made from it. */
static void test_large(void)
{
    set_up();
    for (unsigned n = 0; n < 2; n++) {
        select_space(n, n + 1);
        expect_load(VA_LARGE, 0x1111, false);
        expect_load(VA_LARGE + 0x5000, 0x2222, false);
        expect_load(VA_LARGE + 0x200000, 0x1111, false);
    }
    riscv_test_store(LARGE1, 8, pte(TEST_RAM, LEAF));
    fence_page(VA_LARGE + 0x77000);
    for (unsigned n = 0; n < 2; n++) {
        select_space(n, n + 1);
        expect_load(VA_LARGE, riscv_test_load(TEST_RAM, 8), false);
        expect_load(VA_LARGE + 0x5000, riscv_test_load(TEST_RAM + 0x5000, 8), false);
    }
}

/* More large mappings than are recorded: then everything goes, and it starts over. */
static void test_large_many(void)
{
    set_up();
    riscv_test_store(ROOT(0) + 16, 8, pte(LARGE1, PTE_V));
    riscv_test_store(ROOT(0) + 24, 8, pte(LARGE1, PTE_V));
    select_space(0, 1);
    for (unsigned i = 0; i < 3 * 512; i++) {
        g_assert_cmphex(load(VA_LARGE + i * UINT64_C(0x200000)), ==, 0x1111);
        g_assert_cmpuint(hart->tcg.priv->nlarge, <=, TLB_LARGE_SIZE / 2);
    }
    riscv_test_store(LARGE1 + 8 * 511, 8, pte(TEST_RAM, LEAF));
    fence_page(VA_LARGE + (3 * 512 - 1) * UINT64_C(0x200000));
    g_assert_cmphex(load(VA_LARGE + (3 * 512 - 1) * UINT64_C(0x200000)), ==,
                    riscv_test_load(TEST_RAM, 8));
}

static uint64_t run_code(void)
{
    riscv_test_set_priv(hart, PRV_M);
    tb_fence_i(env_cpu_state(hart));
    riscv_test_run(hart, CODE);
    riscv_test_set_priv(hart, PRV_S);
    return hart->gpr[10];
}

/* A page becomes code: no space's writable entry of it goes unnoticed, whether selected or not. */
static void test_code_page(void)
{
    set_up();
    RISCV_TEST_CODE(CODE, INSN_FENCE_I, INSN_ADDI(10, 0, 1), INSN_WFI);
    for (unsigned n = 0; n < 3; n++) {
        select_space(n, n + 1);
        store(VA_CODE + 0x800, n);
    }
    g_assert_cmpuint(run_code(), ==, 1);
    for (unsigned n = 0; n < 3; n++) {
        select_space(n, n + 1);
        g_assert_true(cpu_st(&hart->tcg, VA_CODE + 4, INSN_ADDI(10, 0, n + 2),
                             make_memop_idx(MO_UL, MMU_IDX_S)));
        g_assert_cmpuint(run_code(), ==, n + 2);
    }
}

static uint64_t fetch_key(uint8_t priv, vaddr pc)
{
    hwaddr phys;
    bool fine;

    riscv_test_set_priv(hart, priv);
    g_assert_true(tb_fetch_translate(env_cpu_state(hart), pc, &phys, &fine));
    g_assert_cmphex(phys, ==, CODE);
    return hart->tcg.jump.key;
}

/* Code found in a global mapping is found in all spaces, other code in its own again. */
static void test_fetch_context(void)
{
    uint64_t kernel, user[2];
    const CPUJumpCacheEntry *window;

    set_up();
    select_space(0, 1);
    kernel = fetch_key(PRV_S, VA_CODE);
    user[0] = fetch_key(PRV_U, VA_USER_CODE);
    window = hart->tcg.jc_table;
    select_space(1, 2);
    g_assert_cmphex(fetch_key(PRV_S, VA_CODE), ==, kernel);
    user[1] = fetch_key(PRV_U, VA_USER_CODE);
    g_assert_cmphex(user[1], !=, user[0]);
    g_assert_true(hart->tcg.jc_table != window);
    select_space(0, 1);
    g_assert_cmphex(fetch_key(PRV_U, VA_USER_CODE), ==, user[0]);
    g_assert_true(hart->tcg.jc_table == window);
    /* data pages do not matter, pages of code do, in all spaces */
    fence_page(VA_PAGE);
    g_assert_cmphex(fetch_key(PRV_U, VA_USER_CODE), ==, user[0]);
    fence_page(VA_USER_CODE);
    g_assert_cmphex(fetch_key(PRV_U, VA_USER_CODE), !=, user[0]);
    g_assert_cmphex(fetch_key(PRV_S, VA_CODE), ==, kernel);
    select_space(1, 2);
    g_assert_cmphex(fetch_key(PRV_U, VA_USER_CODE), !=, user[1]);
    /* a fence of one space leaves what is global */
    fence_asid(2);
    g_assert_cmphex(fetch_key(PRV_S, VA_CODE), ==, kernel);
    fence_page(VA_CODE);
    g_assert_cmphex(fetch_key(PRV_S, VA_CODE), !=, kernel);
}

/* A mode that fetches from a mapping which is not global has a context in each space from then. */
static void test_fetch_private(void)
{
    uint64_t key;

    set_up();
    set_leaf(0, VA_CODE, pte(CODE, LEAF));
    set_leaf(1, VA_CODE, pte(CODE, LEAF));
    select_space(0, 1);
    key = fetch_key(PRV_S, VA_CODE);
    select_space(1, 2);
    g_assert_cmphex(fetch_key(PRV_S, VA_CODE), !=, key);
    select_space(0, 1);
    g_assert_cmphex(fetch_key(PRV_S, VA_CODE), ==, key);
    fence(NULL, NULL);
    g_assert_cmphex(fetch_key(PRV_S, VA_CODE), !=, key);
    /* what was global before belongs to the new context as well */
    set_leaf(2, VA_PRIVATE_CODE, pte(CODE, LEAF));
    select_space(2, 3);
    fence(NULL, NULL);
    fetch_key(PRV_S, VA_CODE);
    fetch_key(PRV_S, VA_PRIVATE_CODE);
    key = fetch_key(PRV_S, VA_CODE);
    fence_page(VA_CODE);
    g_assert_cmphex(fetch_key(PRV_S, VA_CODE), !=, key);
}

/* Keys that come round again find nothing of what they were given for the first time. */
static void test_key_wraps(void)
{
    const CPUJumpCacheEntry *entry;
    TranslationBlock tb = {.phys = CODE, .phys_page2 = TB_PAGE_NONE};
    uint32_t first, last;

    set_up();
    select_space(0, 1);
    hart->tcg.priv->next_key = 0;
    fetch_forget(&hart->tcg);
    hart->tcg.pc = VA_CODE;
    first = fetch_key(PRV_S, VA_CODE);
    tb_remember(&hart->tcg, &tb);
    entry = &hart->tcg.jc_table[(VA_CODE >> 1) % (1u << CPU_JC_BITS)];
    g_assert_cmphex(entry->key, ==, first);
    hart->tcg.priv->next_key = JC_KEY_NONE - 2;
    fetch_forget(&hart->tcg);
    last = hart->tcg.jump.key;
    g_assert_cmphex(last, ==, JC_KEY_NONE - 1);
    g_assert_cmphex(entry->key, ==, first);
    fetch_forget(&hart->tcg);
    g_assert_cmphex(hart->tcg.jump.key, ==, 1);
    g_assert_cmphex(entry->key, ==, 0);
}

/* What was filled before the hart's PMP or memory map changed is void in every space. */
static void test_flush_everything(void)
{
    set_up();
    for (unsigned n = 0; n < 3; n++) {
        select_space(n, n + 1);
        load(VA_PAGE);
    }
    riscv_test_set_priv(hart, PRV_M);
    csrw(hart, 0x3a0, PMP_NAPOT | PMP_R | PMP_X);
    riscv_test_set_priv(hart, PRV_S);
    for (unsigned n = 0; n < 3; n++) {
        select_space(n, n + 1);
        expect_load(VA_PAGE, n, false);
        g_assert_false(cpu_st(&hart->tcg, VA_PAGE, 0, LOAD));
        g_assert_cmpuint(hart->excp_cause, ==, RISCV_EXCP_STORE_ACCESS_FAULT);
    }
}

int main(int argc, char **argv)
{
    riscv_test_init(&argc, &argv);
    hart = riscv_test_hart("rv64", NULL);
    g_test_add_func("/tlb/spaces", test_spaces);
    g_test_add_func("/tlb/second-level", test_second_level);
    g_test_add_func("/tlb/eviction", test_eviction);
    g_test_add_func("/tlb/without-asid", test_without_asid);
    g_test_add_func("/tlb/fence-page", test_fence_page);
    g_test_add_func("/tlb/fence-asid", test_fence_asid);
    g_test_add_func("/tlb/fence-all", test_fence_all);
    g_test_add_func("/tlb/large", test_large);
    g_test_add_func("/tlb/large-many", test_large_many);
    g_test_add_func("/tlb/code-page", test_code_page);
    g_test_add_func("/tlb/fetch-context", test_fetch_context);
    g_test_add_func("/tlb/fetch-private", test_fetch_private);
    g_test_add_func("/tlb/key-wraps", test_key_wraps);
    g_test_add_func("/tlb/flush-everything", test_flush_everything);
    return g_test_run();
}
