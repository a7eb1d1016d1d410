/* SPDX-License-Identifier: MIT */
/*
 * What tests of a whole hart need: RAM, a ROM, a time base that the test moves, and harts whose
 * threads stay stopped, so that the test itself is the hart's thread.
 */
#ifndef TESTS_UNIT_TARGET_RISCV_RISCV_TEST_H
#define TESTS_UNIT_TARGET_RISCV_RISCV_TEST_H

#include "target/riscv/csr.h"

#define TEST_RAM UINT64_C(0x80000000)
#define TEST_RAM_SIZE (UINT64_C(4) << 20)
#define TEST_ROM UINT64_C(0x10000) /* one page, filled by riscv_test_rom() */
#define TEST_HOLE UINT64_C(0x20000000)

/* Once, first in main(), in place of g_test_init(). The caller then holds the BQL. */
void riscv_test_init(int *argc, char ***argv);

/* A new hart of @model with @properties "name=value,name=value" (or NULL), after reset. */
CPURISCVState *riscv_test_hart(const char *model, const char *properties);
/* Its reset, as the machine does it. */
void riscv_test_reset(CPURISCVState *env);

/* A CSR access at the hart's present privilege; false: illegal instruction. */
bool riscv_test_try_read(CPURISCVState *env, unsigned csr, uint64_t *value);
bool riscv_test_try_write(CPURISCVState *env, unsigned csr, uint64_t value);
/* Those that must work: csrr, csrw, csrs and csrc. */
uint64_t csrr(CPURISCVState *env, unsigned csr);
void csrw(CPURISCVState *env, unsigned csr, uint64_t value);
void csrs(CPURISCVState *env, unsigned csr, uint64_t bits);
void csrc(CPURISCVState *env, unsigned csr, uint64_t bits);

/* Change mode without a trap. */
void riscv_test_set_priv(CPURISCVState *env, uint8_t priv);

/* Guest memory, physical. */
uint64_t riscv_test_load(hwaddr addr, unsigned size);
void riscv_test_store(hwaddr addr, unsigned size, uint64_t value);
/* Host memory of the ROM's page. */
uint8_t *riscv_test_rom(void);

/* The time base: how many ticks of 100 ns; timers that come due are run. */
void riscv_test_set_time(uint64_t ticks);

/**
 * riscv_test_run - execute from @pc until a wfi with nothing pending
 *
 * The hart's own execution loop in the calling thread. A guest that never waits hangs the test.
 */
void riscv_test_run(CPURISCVState *env, uint64_t pc);

/* Writes @n instruction words to @pc. */
void riscv_test_code(hwaddr pc, const uint32_t *words, unsigned n);
#define RISCV_TEST_CODE(pc, ...)                                                                   \
    riscv_test_code(pc, (const uint32_t[]){__VA_ARGS__},                                           \
                    sizeof((const uint32_t[]){__VA_ARGS__}) / 4)

/* A few instructions, as numbers: the tests of encodings are elsewhere. */
#define INSN_WFI 0x10500073u
#define INSN_NOP 0x00000013u
#define INSN_FENCE_I 0x0000100fu
#define INSN_MRET 0x30200073u
#define INSN_ILLEGAL 0xffffffffu
#define INSN_ADDI(rd, rs1, imm) (0x13u | (rd) << 7 | (rs1) << 15 | (uint32_t)(imm) << 20)
#define INSN_LD(rd, rs1, imm) (0x3003u | (rd) << 7 | (rs1) << 15 | (uint32_t)(imm) << 20)
#define INSN_SD(rs2, rs1) (0x3023u | (rs1) << 15 | (rs2) << 20)
#define INSN_SW(rs2, rs1) (0x2023u | (rs1) << 15 | (rs2) << 20)
#define INSN_AMOADD_W(rd, rs2, rs1) (0x202fu | (rd) << 7 | (rs1) << 15 | (rs2) << 20)
#define INSN_JALR(rd, rs1) (0x67u | (rd) << 7 | (rs1) << 15)

#endif
