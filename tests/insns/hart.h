/* SPDX-License-Identifier: MIT */
/*
 * A hart for tests of the front end: real translation, real compiler, and nothing else. Memory is
 * two pages, CSRs are an array, and the helpers that need a machine are replaced by ones that say
 * that they were called. No privilege, no traps: an exception is recorded and ends the run.
 */
#ifndef TESTS_INSNS_HART_H
#define TESTS_INSNS_HART_H

#include "target/riscv/translate.h"

#define HART_MEMORY UINT64_C(0x20000) /* "M" of test lines, in the middle of the memory */
#define HART_MEMORY_SIZE 0x2000
#define HART_CODE UINT64_C(0x10000) /* where programs lie */
#define HART_NR_CSRS 4096
#define HART_JC_BITS 2
#define HART_PLAIN_CSR 0x340 /* mscratch: at XLEN 64 in env, not in TestHart.csr */

/* How a program is run: all ways must agree. */
typedef struct HartMode {
    const char *name;
    bool jit;
    TCGOptLevel level;
    bool direct;  /* not compiled: carried out as it is translated, whatever jit and level are */
    bool use_tlb; /* data memory is in the TLB: the inline path serves it */
} HartMode;

/* The modes that this host has, ended by a NULL name. */
const HartMode *hart_modes(void);

typedef struct TestHart {
    CPURISCVState env;
    CPUState cpu;
    RISCVCPUConfig cfg;
    CPUTLBEntry tlb[CPU_TLB_ENTRIES];
    CPUJumpCacheEntry jump_cache[1 << HART_JC_BITS]; /* empty: every indirect jump leaves */
    uint8_t memory[HART_MEMORY_SIZE];
    uint64_t csr[HART_NR_CSRS];
    bool csr_written[HART_NR_CSRS];
    RISCVHelper last_helper; /* one of those that this file replaces; NB_RISCV_HELPERS: none */
    bool wfi_halts;
    unsigned blocks; /* that the program took */
} TestHart;

/* All extensions on, registers and memory zero, M-mode, FS dirty. */
void hart_init(TestHart *hart, unsigned xlen);
/* Switch extension @name off. */
void hart_extension_off(TestHart *hart, const char *name);
/* Bits of tb_flags: replace field [shift, shift + len). */
void hart_set_flags(TestHart *hart, unsigned shift, unsigned len, uint64_t value);

/**
 * hart_run - run a program from HART_CODE until it leaves it, traps or exits
 * @code, @len: its bytes; execution behind them ends the run
 * @max_insns:  instructions a block
 *
 * Returns the status of the last block: TCG_EXIT_LOOKUP also for links. After TCG_EXIT_TRAP
 * env.excp_cause and excp_tval say why and env.tcg.pc where. A program that takes more than 1000
 * blocks fails the test.
 */
TCGExit hart_run(TestHart *hart, const HartMode *mode, const void *code, unsigned len,
                 unsigned max_insns);

/* Guest memory, at an address within it. */
uint64_t hart_load(const TestHart *hart, uint64_t va, unsigned size);
void hart_store(TestHart *hart, uint64_t va, unsigned size, uint64_t value);

#endif
