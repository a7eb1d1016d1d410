/* SPDX-License-Identifier: MIT */
/* accel/tcg/ldst.c: slow paths of loads, stores and atomics. */
#include "qemu/osdep.h"

#include "accel/tcg/tcg-internal.h"
#include "qemu/bswap.h"
#include "riscv-test.h"
#include "system/address-spaces.h"
#include "system/dirty.h"

#define ROOT (TEST_RAM + 0x10000)
#define LEVEL1 (TEST_RAM + 0x11000)
#define LEVEL0 (TEST_RAM + 0x12000)
#define DATA (TEST_RAM + 0x20000) /* virtual page n is page DATA + n, but for those left out */
#define CODE (TEST_RAM + 0x30000)
#define DEVICE UINT64_C(0x30000000)
#define INSN_LW(rd, rs1) (0x2003u | (rd) << 7 | (rs1) << 15)
#define LEAF (PTE_V | PTE_R | PTE_W | PTE_A | PTE_D)
#define OI(memop) make_memop_idx(memop, MMU_IDX_S)

static CPURISCVState *hart;

static void set_leaf(unsigned page, uint64_t bits)
{
    riscv_test_store(LEVEL0 + 8 * page, 8,
                     (DATA + page * TARGET_PAGE_SIZE) >> 12 << PTE_PPN_SHIFT | bits);
    tlb_flush(env_cpu_state(hart));
}

static void set_up(void)
{
    riscv_test_reset(hart);
    csrw(hart, 0x3b0, UINT64_MAX); /* PMP: everything */
    csrw(hart, 0x3a0, PMP_NAPOT | PMP_R | PMP_W | PMP_X);
    riscv_test_store(ROOT, 8, LEVEL1 >> 12 << PTE_PPN_SHIFT | PTE_V);
    riscv_test_store(LEVEL1, 8, LEVEL0 >> 12 << PTE_PPN_SHIFT | PTE_V);
    csrw(hart, 0x180, UINT64_C(8) << 60 | ROOT >> 12);
    for (unsigned page = 0; page < 4; page++) {
        set_leaf(page, LEAF);
    }
    riscv_test_set_priv(hart, PRV_S);
}

/* Every size at every offset around a page's end, against what memory holds byte by byte. */
static void test_across_pages(void)
{
    static const MemOp sizes[] = {MO_UB, MO_UW, MO_UL, MO_UQ};

    set_up();
    for (unsigned i = 0; i < G_N_ELEMENTS(sizes); i++) {
        unsigned size = memop_size(sizes[i]);

        for (vaddr va = 0x1000 - 9; va < 0x1000 + 9; va++) {
            uint64_t value = UINT64_C(0x8182838485868788) + va, got;

            riscv_test_store(DATA + va - 1, 8, 0);
            riscv_test_store(DATA + va + 7, 8, 0);
            g_assert_true(cpu_st(&hart->tcg, va, value, OI(sizes[i])));
            for (unsigned k = 0; k < 8; k++) {
                g_assert_cmphex(riscv_test_load(DATA + va + k, 1), ==,
                                k < size ? value >> (8 * k) & 0xff : 0);
            }
            g_assert_cmphex(riscv_test_load(DATA + va - 1, 1), ==, 0);
            g_assert_true(cpu_ld(&hart->tcg, va, OI(sizes[i]), &got));
            g_assert_cmphex(got, ==, size == 8 ? value : value & ((UINT64_C(1) << 8 * size) - 1));
            g_assert_true(cpu_ld(&hart->tcg, va, OI(sizes[i] | MO_SIGN), &got));
            g_assert_cmphex(got, ==,
                            (uint64_t)((int64_t)(value << (64 - 8 * size)) >> (64 - 8 * size)));
        }
    }
}

/* One of the two pages refuses: the fault names the byte where it begins, and nothing is stored. */
static void test_across_pages_fault(void)
{
    static const unsigned missing[] = {1, 0};
    uint64_t value;

    for (unsigned i = 0; i < 2; i++) {
        set_up();
        riscv_test_store(DATA + 0xff8, 8, 0x1111111111111111);
        riscv_test_store(DATA + 0x1000, 8, 0x2222222222222222);
        set_leaf(missing[i], LEAF & ~PTE_W);
        g_assert_false(cpu_st(&hart->tcg, 0xffd, UINT64_MAX, OI(MO_UQ)));
        g_assert_cmpuint(hart->excp_cause, ==, RISCV_EXCP_STORE_PAGE_FAULT);
        g_assert_cmphex(hart->excp_tval, ==, missing[i] ? 0x1000 : 0xffd);
        g_assert_cmphex(riscv_test_load(DATA + 0xff8, 8), ==, 0x1111111111111111);
        g_assert_cmphex(riscv_test_load(DATA + 0x1000, 8), ==, 0x2222222222222222);
        set_leaf(missing[i], 0);
        g_assert_false(cpu_ld(&hart->tcg, 0xffd, OI(MO_UQ), &value));
        g_assert_cmpuint(hart->excp_cause, ==, RISCV_EXCP_LOAD_PAGE_FAULT);
        g_assert_cmphex(hart->excp_tval, ==, missing[i] ? 0x1000 : 0xffd);
    }
}

static void test_misaligned(void)
{
    uint64_t value;

    set_up();
    g_assert_true(cpu_st(&hart->tcg, 0x101, 0x12345678, OI(MO_UL)));
    g_assert_cmphex(riscv_test_load(DATA + 0x100, 8), ==, 0x1234567800);
    g_assert_false(cpu_st(&hart->tcg, 0x101, 0, OI(MO_UL | MO_ALIGN)));
    g_assert_cmpuint(hart->excp_cause, ==, RISCV_EXCP_STORE_ADDR_MIS);
    g_assert_false(cpu_ld(&hart->tcg, 0x101, OI(MO_UL | MO_ALIGN), &value));
    g_assert_cmpuint(hart->excp_cause, ==, RISCV_EXCP_LOAD_ADDR_MIS);
    g_assert_cmpuint(tcg_rmw_slow(&hart->tcg, 0x102, 0, OI(MO_UL), TCG_RMW_ADD).status, ==,
                     TCG_EXIT_TRAP);
    g_assert_cmpuint(hart->excp_cause, ==, RISCV_EXCP_STORE_ADDR_MIS);
}

static void test_atomics(void)
{
    static const struct {
        TCGRmwOp op;
        uint32_t old, val, new;
    } rows[] = {
        {TCG_RMW_XCHG, 5, 9, 9},
        {TCG_RMW_ADD, 5, 0xffffffff, 4},
        {TCG_RMW_AND, 0xf0f0, 0xff00, 0xf000},
        {TCG_RMW_OR, 0xf0f0, 0xff00, 0xfff0},
        {TCG_RMW_XOR, 0xf0f0, 0xff00, 0x0ff0},
        {TCG_RMW_SMIN, 0xffffffff, 1, 0xffffffff},
        {TCG_RMW_SMAX, 0xffffffff, 1, 1},
        {TCG_RMW_UMIN, 0xffffffff, 1, 1},
        {TCG_RMW_UMAX, 0xffffffff, 1, 0xffffffff},
    };
    TCGRet ret;

    set_up();
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        riscv_test_store(DATA + 8, 8, 0x7777777700000000 | rows[i].old);
        ret = tcg_rmw_slow(&hart->tcg, 8, rows[i].val, OI(MO_SL), rows[i].op);
        g_assert_cmpuint(ret.status, ==, 0);
        g_assert_cmphex(ret.value, ==, (uint64_t)(int32_t)rows[i].old);
        g_assert_cmphex(riscv_test_load(DATA + 8, 8), ==, 0x7777777700000000 | rows[i].new);
    }
    ret = tcg_cas_slow(&hart->tcg, 8, 1, 2, OI(MO_SL));
    g_assert_cmphex(ret.value, ==, UINT64_MAX);
    g_assert_cmphex(riscv_test_load(DATA + 8, 4), ==, 0xffffffff);
    ret = tcg_cas_slow(&hart->tcg, 8, UINT64_MAX, 2, OI(MO_SL));
    g_assert_cmphex(ret.value, ==, UINT64_MAX);
    g_assert_cmphex(riscv_test_load(DATA + 8, 4), ==, 2);
    /* a page that may be read only faults as a store */
    set_leaf(0, LEAF & ~PTE_W);
    g_assert_cmpuint(tcg_rmw_slow(&hart->tcg, 8, 0, OI(MO_UQ), TCG_RMW_OR).status, ==,
                     TCG_EXIT_TRAP);
    g_assert_cmpuint(hart->excp_cause, ==, RISCV_EXCP_STORE_PAGE_FAULT);
}

static const CPUTLBEntry *data_entry(vaddr va)
{
    return tlb_entry(&hart->tcg, MMU_IDX_S, va);
}

/* Stores beside code stay slow; when no code is left they become fast. */
static void test_code_page(void)
{
    uint32_t fence_i = INSN_FENCE_I;

    set_up();
    RISCV_TEST_CODE(DATA, INSN_FENCE_I, INSN_ADDI(10, 0, 1), INSN_WFI);
    riscv_test_set_priv(hart, PRV_M);
    riscv_test_run(hart, DATA);
    riscv_test_set_priv(hart, PRV_S);
    g_assert_true(cpu_st(&hart->tcg, 0x800, 1, OI(MO_UQ)));
    g_assert_cmphex(data_entry(0x800)->tag_write & TLB_SLOW, ==, TLB_SLOW);
    g_assert_cmphex(data_entry(0x800)->tag_read, ==, 0);
    g_assert_true(cpu_st(&hart->tcg, 0, fence_i, OI(MO_UL)));
    g_assert_true(cpu_st(&hart->tcg, 4, INSN_ADDI(10, 0, 7), OI(MO_UL)));
    g_assert_true(cpu_st(&hart->tcg, 8, INSN_WFI, OI(MO_UL)));
    g_assert_cmphex(data_entry(0x800)->tag_write, ==, 0);
    riscv_test_set_priv(hart, PRV_M);
    tb_fence_i(env_cpu_state(hart));
    riscv_test_run(hart, DATA);
    g_assert_cmpuint(hart->gpr[10], ==, 7);
}

/*
 * Who may store to a page without a slow path is noted before, also where code has gone from it;
 * a page that becomes code has none.
 */
static void test_writer(void)
{
    const vaddr page = 0x2000;
    ram_addr_t addr = qemu_ram_addr_from_host(
        (void *)(uintptr_t)cpu_ram_ptr(&hart->tcg, DATA + page, TARGET_PAGE_SIZE));
    uint64_t value;

    set_up();
    dirty_clear_writer(addr);
    set_leaf(page >> 12, LEAF & ~PTE_W);
    g_assert_true(cpu_ld(&hart->tcg, page + 0x800, OI(MO_UQ), &value));
    g_assert_false(dirty_test_writer(addr));
    set_leaf(page >> 12, LEAF);
    g_assert_true(cpu_ld(&hart->tcg, page + 0x800, OI(MO_UQ), &value));
    g_assert_true(dirty_test_writer(addr));
    RISCV_TEST_CODE(DATA + page, INSN_FENCE_I, INSN_ADDI(10, 0, 3), INSN_WFI);
    riscv_test_set_priv(hart, PRV_M);
    riscv_test_run(hart, DATA + page);
    riscv_test_set_priv(hart, PRV_S);
    g_assert_false(dirty_test_writer(addr));
    g_assert_true(cpu_st(&hart->tcg, page + 0x800, 1, OI(MO_UQ)));
    g_assert_false(dirty_test_writer(addr));
    for (unsigned i = 0; i < 12; i += 4) {
        g_assert_true(cpu_st(&hart->tcg, page + i, INSN_WFI, OI(MO_UL)));
    }
    g_assert_cmphex(data_entry(page)->tag_write, ==, page);
    g_assert_true(dirty_test_writer(addr));
}

/* A page that a dirty client watches: the first store tells it. */
static void test_dirty(void)
{
    ram_addr_t addr = qemu_ram_addr_from_host(
        (void *)(uintptr_t)cpu_ram_ptr(&hart->tcg, DATA + 0x3000, TARGET_PAGE_SIZE));

    set_up();
    dirty_test_and_clear(addr, TARGET_PAGE_SIZE, DIRTY_MEMORY_MIGRATION);
    g_assert_true(cpu_st(&hart->tcg, 0x3008, 1, OI(MO_UB)));
    g_assert_true(dirty_test_page(addr, DIRTY_MEMORY_MIGRATION));
}

static void test_rom_and_holes(void)
{
    uint64_t value;
    const MemOpIdx oi = make_memop_idx(MO_UL, MMU_IDX_M);

    set_up();
    riscv_test_set_priv(hart, PRV_M);
    stl_le_p(riscv_test_rom(), 0x1234);
    g_assert_true(cpu_st(&hart->tcg, TEST_ROM, 1, oi));
    g_assert_true(cpu_ld(&hart->tcg, TEST_ROM, oi, &value));
    g_assert_cmphex(value, ==, 0x1234);
    g_assert_false(cpu_ld(&hart->tcg, TEST_HOLE, oi, &value));
    g_assert_cmpuint(hart->excp_cause, ==, RISCV_EXCP_LOAD_ACCESS_FAULT);
    g_assert_false(cpu_st(&hart->tcg, TEST_HOLE + 4, 1, oi));
    g_assert_cmpuint(hart->excp_cause, ==, RISCV_EXCP_STORE_ACCESS_FAULT);
    g_assert_cmphex(hart->excp_tval, ==, TEST_HOLE + 4);
}

/* Rights that change within a page: each access is checked, none is cached. */
static void test_fine_protection(void)
{
    uint64_t value;

    set_up();
    riscv_test_set_priv(hart, PRV_M);
    csrw(hart, 0x3b1, UINT64_MAX);
    csrw(hart, 0x3b0, (DATA + 0x100) >> 2);
    csrw(hart, 0x3a0, (PMP_NAPOT | PMP_R | PMP_W | PMP_X) << 8 | PMP_NA4); /* no rights */
    riscv_test_set_priv(hart, PRV_S);
    for (unsigned round = 0; round < 2; round++) {
        g_assert_true(cpu_ld(&hart->tcg, 0xfc, OI(MO_UL), &value));
        g_assert_false(cpu_ld(&hart->tcg, 0x100, OI(MO_UL), &value));
        g_assert_cmpuint(hart->excp_cause, ==, RISCV_EXCP_LOAD_ACCESS_FAULT);
        g_assert_true(cpu_st(&hart->tcg, 0x104, 1, OI(MO_UL)));
        g_assert_false(cpu_ld(&hart->tcg, 0xfc, OI(MO_UQ), &value)); /* half of it */
        g_assert_false(cpu_st(&hart->tcg, 0x100, 1, OI(MO_UB)));
        g_assert_cmpuint(hart->excp_cause, ==, RISCV_EXCP_STORE_ACCESS_FAULT);
    }
}

static void test_watchpoint(void)
{
    CPUState *cpu = env_cpu_state(hart);
    uint64_t value;

    set_up();
    g_assert_true(cpu_watchpoint_insert(cpu, 0x208, 8, BP_MEM_WRITE, NULL));
    g_assert_true(cpu_ld(&hart->tcg, 0x208, OI(MO_UQ), &value));
    g_assert_true(cpu_st(&hart->tcg, 0x210, 1, OI(MO_UQ)));
    g_assert_cmpuint(cpu->watchpoint_hit.len, ==, 0);
    g_assert_false(cpu_st(&hart->tcg, 0x20c, 1, OI(MO_UB)));
    g_assert_cmphex(cpu->watchpoint_hit.addr, ==, 0x20c);
    cpu->watchpoint_hit.len = 0;
    cpu_watchpoint_remove_all(cpu);
    g_assert_true(cpu_st(&hart->tcg, 0x20c, 1, OI(MO_UB)));
    g_assert_cmphex(data_entry(0x20c)->tag_write, ==, 0);
}

static double tenth_seen;

static uint64_t device_read(void *opaque, hwaddr addr, unsigned size)
{
    volatile double one = 1, ten = 10;

    tenth_seen = one / ten; /* less if rounded towards zero */
    return 0x42;
}

static void device_write(void *opaque, hwaddr addr, uint64_t value, unsigned size)
{
}

/* The guest's rounding mode, which is the host's in generated code, is none of a device's. */
static void test_device_rounding(void)
{
    static const MemoryRegionOps ops = {.read = device_read, .write = device_write};
    static MemoryRegion device;

    memory_region_init_io(&device, NULL, &ops, NULL, "device", TARGET_PAGE_SIZE);
    memory_region_add_subregion(get_system_memory(), DEVICE, &device);
    set_up();
    riscv_test_set_priv(hart, PRV_M);
    csrw(hart, 0x300, MSTATUS_FS);
    csrw(hart, 0x002, 1); /* frm: towards zero */
    RISCV_TEST_CODE(CODE, INSN_FENCE_I, INSN_LW(10, 12), INSN_WFI);
    hart->gpr[12] = DEVICE;
    tenth_seen = 0;
    tb_fence_i(env_cpu_state(hart));
    riscv_test_run(hart, CODE);
    g_assert_cmphex(hart->gpr[10], ==, 0x42);
    g_assert_cmpfloat(tenth_seen, ==, 0.1);
}

int main(int argc, char **argv)
{
    riscv_test_init(&argc, &argv);
    hart = riscv_test_hart("rv64", NULL);
    g_test_add_func("/ldst/across-pages", test_across_pages);
    g_test_add_func("/ldst/across-pages-fault", test_across_pages_fault);
    g_test_add_func("/ldst/misaligned", test_misaligned);
    g_test_add_func("/ldst/atomics", test_atomics);
    g_test_add_func("/ldst/code-page", test_code_page);
    g_test_add_func("/ldst/writer", test_writer);
    g_test_add_func("/ldst/dirty", test_dirty);
    g_test_add_func("/ldst/rom-and-holes", test_rom_and_holes);
    g_test_add_func("/ldst/fine-protection", test_fine_protection);
    g_test_add_func("/ldst/watchpoint", test_watchpoint);
    g_test_add_func("/ldst/device-rounding", test_device_rounding);
    return g_test_run();
}
