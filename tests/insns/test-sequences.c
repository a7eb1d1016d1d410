/* SPDX-License-Identifier: MIT */
/*
 * What a `test` line of one instruction cannot say: reservations, how blocks end, jumps between
 * blocks, exact state at a trap in the middle of a block.
 */
#include "qemu/osdep.h"

#include "hart.h"
#include "qemu/bswap.h"
#include "target/riscv/encode.h"

enum {
    ZERO = 0,
    RA = 1,
    T0 = 5,
    T1 = 6,
    A0 = 10,
    A1 = 11,
    A2 = 12,
    A3 = 13
};

static TestHart hart;

/* Run @words in @mode on the hart as it is. */
static TCGExit run(const HartMode *mode, const uint32_t *words, unsigned count)
{
    uint8_t code[256];

    g_assert_cmpuint(count * 4, <=, sizeof(code));
    for (unsigned i = 0; i < count; i++) {
        stl_le_p(code + 4 * i, words[i]);
    }
    return hart_run(&hart, mode, code, 4 * count, 100);
}
#define RUN(mode, ...)                                                                             \
    run(mode, (const uint32_t[]){__VA_ARGS__}, ARRAY_SIZE(((const uint32_t[]){__VA_ARGS__})))

/* A test body that runs in every mode and at both XLENs. */
typedef void (*Body)(const HartMode *mode, unsigned xlen);

static void in_all_modes(const void *data)
{
    Body body = *(const Body *)data;

    for (const HartMode *mode = hart_modes(); mode->name; mode++) {
        for (unsigned xlen = 32; xlen <= 64; xlen += 32) {
            hart_init(&hart, xlen);
            body(mode, xlen);
        }
    }
}

/* ---- reservations ---------------------------------------------------------------------------- */

static void test_sc_succeeds_once(const HartMode *mode, unsigned xlen)
{
    hart_store(&hart, HART_MEMORY, 4, 0x80000005);
    hart.env.gpr[A1] = HART_MEMORY;
    RUN(mode, rv_lr_w(T0, A1, 0, 0), rv_addi(T1, T0, 1), rv_sc_w(A0, T1, A1, 0, 0),
        rv_sc_w(A2, T0, A1, 0, 0));
    g_assert_cmphex(hart.env.gpr[T0], ==, UINT64_C(0xffffffff80000005));
    g_assert_cmpuint(hart.env.gpr[A0], ==, 0);
    g_assert_cmpuint(hart.env.gpr[A2], ==, 1);
    g_assert_cmphex(hart_load(&hart, HART_MEMORY, 4), ==, 0x80000006);
}

static void test_sc_doubleword(const HartMode *mode, unsigned xlen)
{
    if (xlen == 32) {
        return;
    }
    hart_store(&hart, HART_MEMORY + 8, 8, UINT64_C(0x123456789abcdef0));
    hart.env.gpr[A1] = HART_MEMORY + 8;
    RUN(mode, rv_lr_d(T0, A1, 1, 0), rv_addi(T1, T0, 1), rv_sc_d(A0, T1, A1, 0, 1));
    g_assert_cmpuint(hart.env.gpr[A0], ==, 0);
    g_assert_cmphex(hart_load(&hart, HART_MEMORY + 8, 8), ==, UINT64_C(0x123456789abcdef1));
}

static void test_sc_fails_after_a_store(const HartMode *mode, unsigned xlen)
{
    hart.env.gpr[A1] = HART_MEMORY;
    hart.env.gpr[A2] = 7;
    RUN(mode, rv_lr_w(T0, A1, 0, 0), rv_sw(A2, 0, A1), rv_sc_w(A0, T0, A1, 0, 0));
    g_assert_cmpuint(hart.env.gpr[A0], ==, 1);
    g_assert_cmpuint(hart_load(&hart, HART_MEMORY, 4), ==, 7);
    g_assert_cmphex(hart.env.reservation_addr, ==, RISCV_NO_RESERVATION);
}

static void test_sc_elsewhere_fails(const HartMode *mode, unsigned xlen)
{
    hart.env.gpr[A1] = HART_MEMORY;
    hart.env.gpr[A2] = HART_MEMORY + 4;
    RUN(mode, rv_lr_w(T0, A1, 0, 0), rv_sc_w(A0, A1, A2, 0, 0), rv_sc_w(A3, A1, A1, 0, 0));
    g_assert_cmpuint(hart.env.gpr[A0], ==, 1);
    g_assert_cmpuint(hart.env.gpr[A3], ==, 1);
    g_assert_cmpuint(hart_load(&hart, HART_MEMORY, 8), ==, 0);
}

/* The word is what sc.w compares, though lr.d read twice as much. */
static void test_sc_narrower_than_lr(const HartMode *mode, unsigned xlen)
{
    if (xlen == 32) {
        return;
    }
    hart_store(&hart, HART_MEMORY, 8, UINT64_C(0x100000002));
    hart.env.gpr[A1] = HART_MEMORY;
    RUN(mode, rv_lr_d(T0, A1, 0, 0), rv_sc_w(A0, ZERO, A1, 0, 0));
    g_assert_cmpuint(hart.env.gpr[A0], ==, 0);
    g_assert_cmphex(hart_load(&hart, HART_MEMORY, 8), ==, UINT64_C(0x100000000));
}

static void test_address_is_cut_to_xlen(const HartMode *mode, unsigned xlen)
{
    if (xlen == 64) {
        return;
    }
    hart.env.gpr[A1] = -8;
    hart_store(&hart, HART_MEMORY, 4, 9);
    RUN(mode, rv_lui(A2, HART_MEMORY), rv_addi(A2, A2, 8), rv_add(A2, A2, A1), rv_lw(A0, 0, A2),
        rv_lw(A3, -4, ZERO));
    g_assert_cmpuint(hart.env.gpr[A0], ==, 9);
    g_assert_cmpuint(hart.env.excp_cause, ==, RISCV_EXCP_LOAD_ACCESS_FAULT);
    g_assert_cmphex(hart.env.excp_tval, ==, 0xfffffffc);
}

/* ---- exact state ----------------------------------------------------------------------------- */

static void test_trap_in_the_middle(const HartMode *mode, unsigned xlen)
{
    hart.env.gpr[A1] = HART_MEMORY;
    hart.env.gpr[A2] = 0x100;
    TCGExit status =
        RUN(mode, rv_addi(A0, ZERO, 1), rv_sw(A0, 0, A1), rv_lw(A0, 0, A2), rv_addi(A0, A0, 5));

    g_assert_cmpint(status, ==, TCG_EXIT_TRAP);
    g_assert_cmphex(hart.env.tcg.pc, ==, HART_CODE + 8);
    g_assert_cmpuint(hart.env.tcg.insn_idx, ==, 2);
    g_assert_cmpuint(hart.env.gpr[A0], ==, 1);
    g_assert_cmpuint(hart_load(&hart, HART_MEMORY, 4), ==, 1);
    g_assert_cmpuint(hart.env.excp_cause, ==, RISCV_EXCP_LOAD_ACCESS_FAULT);
    g_assert_cmphex(hart.env.excp_tval, ==, 0x100);
}

/* A load into its own base that faults leaves the base. */
static void test_faulting_load_keeps_base(const HartMode *mode, unsigned xlen)
{
    hart.env.gpr[A1] = 0x100;
    RUN(mode, rv_lw(A1, 4, A1));
    g_assert_cmphex(hart.env.gpr[A1], ==, 0x100);
    g_assert_cmphex(hart.env.excp_tval, ==, 0x104);
}

/* Bit 0 of jalr's target is cleared before its alignment is looked at. */
static void test_jalr_clears_bit_0(const HartMode *mode, unsigned xlen)
{
    hart_extension_off(&hart, "zca");
    hart.env.gpr[A1] = HART_CODE + 7;
    g_assert_cmpint(RUN(mode, rv_jalr(A1, A1, 2)), ==, TCG_EXIT_LOOKUP);
    g_assert_cmphex(hart.env.tcg.pc, ==, HART_CODE + 8);
}

static void test_misaligned_targets(const HartMode *mode, unsigned xlen)
{
    const uint32_t jumps[] = {rv_jal(RA, 6), rv_jalr(RA, A1, 0), rv_beq(A1, A1, 6)};

    for (unsigned i = 0; i < ARRAY_SIZE(jumps); i++) {
        hart_init(&hart, xlen);
        hart_extension_off(&hart, "zca");
        hart.env.gpr[A1] = HART_CODE + 6;
        g_assert_cmpint(RUN(mode, jumps[i]), ==, TCG_EXIT_TRAP);
        g_assert_cmpuint(hart.env.excp_cause, ==, RISCV_EXCP_INST_ADDR_MIS);
        g_assert_cmphex(hart.env.excp_tval, ==, HART_CODE + 6);
        g_assert_cmphex(hart.env.tcg.pc, ==, HART_CODE);
        g_assert_cmphex(hart.env.gpr[RA], ==, 0);
    }
    /* not taken: no exception */
    g_assert_cmpint(RUN(mode, rv_bne(A1, A1, 6)), ==, TCG_EXIT_LOOKUP);
}

/* ---- control flow ---------------------------------------------------------------------------- */

static void test_loop(const HartMode *mode, unsigned xlen)
{
    RUN(mode, rv_addi(T0, ZERO, 10), rv_add(A0, A0, T0), rv_addi(T0, T0, -1), rv_bne(T0, ZERO, -8));
    g_assert_cmpuint(hart.env.gpr[A0], ==, 55);
    g_assert_cmphex(hart.env.tcg.pc, ==, HART_CODE + 16);
}

static void test_call_and_return(const HartMode *mode, unsigned xlen)
{
    RUN(mode, rv_jal(RA, 12), rv_addi(A1, A0, 1), rv_jal(ZERO, 12), rv_addi(A0, ZERO, 5),
        rv_jalr(ZERO, RA, 0));
    g_assert_cmpuint(hart.env.gpr[A0], ==, 5);
    g_assert_cmpuint(hart.env.gpr[A1], ==, 6);
    g_assert_cmphex(hart.env.gpr[RA], ==, HART_CODE + 4);
}

static void test_csr_write_ends_block(const HartMode *mode, unsigned xlen)
{
    RUN(mode, rv_csrrs(A0, 0x305, ZERO), rv_csrrwi(ZERO, 0x305, 7), rv_csrrs(A1, 0x305, ZERO));
    g_assert_cmpuint(hart.blocks, ==, 2);
    g_assert_cmpuint(hart.env.gpr[A0], ==, 0);
    g_assert_cmpuint(hart.env.gpr[A1], ==, 7);
}

/* A CSR that is a mere field is swapped, set and cleared without leaving the block. */
static void test_plain_csr(const HartMode *mode, unsigned xlen)
{
    if (xlen == 32) {
        return;
    }
    hart.env.mscratch = 0x12;
    hart.env.gpr[A0] = 0x30;
    hart.env.gpr[A1] = 0x31;
    RUN(mode, rv_csrrw(A0, HART_PLAIN_CSR, A0), rv_csrrs(T0, HART_PLAIN_CSR, A1),
        rv_csrrci(T1, HART_PLAIN_CSR, 0x10), rv_csrrs(A2, HART_PLAIN_CSR, ZERO));
    g_assert_cmphex(hart.env.gpr[A0], ==, 0x12);
    g_assert_cmphex(hart.env.gpr[T0], ==, 0x30);
    g_assert_cmphex(hart.env.gpr[T1], ==, 0x31);
    g_assert_cmphex(hart.env.gpr[A2], ==, 0x21);
    g_assert_cmphex(hart.env.mscratch, ==, 0x21);
    g_assert_cmpuint(hart.blocks, ==, 1);
}

/* Writing an FP register while FS is not dirty makes it so, once, and ends the block. */
static void test_fs_becomes_dirty(const HartMode *mode, unsigned xlen)
{
    hart_set_flags(&hart, TB_FLAGS_FS_SHIFT, 2, 1);
    hart.env.gpr[A0] = 5;
    RUN(mode, rv_fmv_w_x(1, A0), rv_fmv_w_x(2, A0), rv_fmv_x_w(A1, 1));
    g_assert_cmpint(hart.last_helper, ==, HELPER_fs_dirty);
    g_assert_cmpuint(hart.blocks, ==, 2);
    g_assert_cmpuint(hart.env.gpr[A1], ==, 5);
}

static void test_reading_fp_keeps_fs(const HartMode *mode, unsigned xlen)
{
    hart_set_flags(&hart, TB_FLAGS_FS_SHIFT, 2, 1);
    hart.env.gpr[A1] = HART_MEMORY;
    RUN(mode, rv_fsw(1, 0, A1), rv_fmv_x_w(A0, 1));
    g_assert_cmpint(hart.last_helper, ==, NB_RISCV_HELPERS);
    g_assert_cmpuint(hart.blocks, ==, 1);
}

static void test_faulting_fp_load_keeps_fs(const HartMode *mode, unsigned xlen)
{
    hart_set_flags(&hart, TB_FLAGS_FS_SHIFT, 2, 1);
    RUN(mode, rv_flw(1, 0x100, ZERO));
    g_assert_cmpuint(hart.env.excp_cause, ==, RISCV_EXCP_LOAD_ACCESS_FAULT);
    g_assert_cmpint(hart.last_helper, ==, NB_RISCV_HELPERS);
}

static void test_wfi(const HartMode *mode, unsigned xlen)
{
    g_assert_cmpint(RUN(mode, rv_wfi(), rv_addi(A0, ZERO, 1)), ==, TCG_EXIT_LOOKUP);
    g_assert_cmpuint(hart.env.gpr[A0], ==, 1);
    hart.wfi_halts = true;
    g_assert_cmpint(RUN(mode, rv_wfi(), rv_addi(A0, ZERO, 2)), ==, TCG_EXIT_HALT);
    g_assert_cmphex(hart.env.tcg.pc, ==, HART_CODE + 4);
    g_assert_cmpuint(hart.env.gpr[A0], ==, 1);
}

static void test_yielding_instructions(const HartMode *mode, unsigned xlen)
{
    const uint32_t words[] = {rv_pause(), rv_wrs_nto(), rv_wrs_sto()};

    for (unsigned i = 0; i < ARRAY_SIZE(words); i++) {
        g_assert_cmpint(RUN(mode, words[i], rv_addi(A0, ZERO, 1)), ==, TCG_EXIT_YIELD);
        g_assert_cmphex(hart.env.tcg.pc, ==, HART_CODE + 4);
    }
}

static const struct {
    const char *path;
    Body body;
} tests[] = {
    {"/insns/sequences/sc-succeeds-once", test_sc_succeeds_once},
    {"/insns/sequences/sc-doubleword", test_sc_doubleword},
    {"/insns/sequences/sc-fails-after-a-store", test_sc_fails_after_a_store},
    {"/insns/sequences/sc-elsewhere-fails", test_sc_elsewhere_fails},
    {"/insns/sequences/sc-narrower-than-lr", test_sc_narrower_than_lr},
    {"/insns/sequences/address-is-cut-to-xlen", test_address_is_cut_to_xlen},
    {"/insns/sequences/trap-in-the-middle", test_trap_in_the_middle},
    {"/insns/sequences/faulting-load-keeps-base", test_faulting_load_keeps_base},
    {"/insns/sequences/jalr-clears-bit-0", test_jalr_clears_bit_0},
    {"/insns/sequences/misaligned-targets", test_misaligned_targets},
    {"/insns/sequences/loop", test_loop},
    {"/insns/sequences/call-and-return", test_call_and_return},
    {"/insns/sequences/csr-write-ends-block", test_csr_write_ends_block},
    {"/insns/sequences/plain-csr", test_plain_csr},
    {"/insns/sequences/fs-becomes-dirty", test_fs_becomes_dirty},
    {"/insns/sequences/reading-fp-keeps-fs", test_reading_fp_keeps_fs},
    {"/insns/sequences/faulting-fp-load-keeps-fs", test_faulting_fp_load_keeps_fs},
    {"/insns/sequences/wfi", test_wfi},
    {"/insns/sequences/yielding-instructions", test_yielding_instructions},
};

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < ARRAY_SIZE(tests); i++) {
        g_test_add_data_func(tests[i].path, &tests[i].body, in_all_modes);
    }
    return g_test_run();
}
