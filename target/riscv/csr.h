/* SPDX-License-Identifier: MIT */
/*
 * CSR access: the engine (csr.c) and the functions that rows of csr.def name.
 */
#ifndef TARGET_RISCV_CSR_H
#define TARGET_RISCV_CSR_H

#include "target/riscv/cpu.h"

/* Number of "no exception" that csr_rw() returns on success. */
#define CSR_OK RISCV_EXCP_NONE

typedef bool (*CSRExists)(const CPURISCVState *env, unsigned csr);
typedef uint64_t (*CSRRead)(CPURISCVState *env, unsigned csr);
/* @value is the complete new value. */
typedef void (*CSRWrite)(CPURISCVState *env, unsigned csr, uint64_t value);
/* @value: new state of the bits in @mask; no other bit may change. */
typedef void (*CSRWriteBits)(CPURISCVState *env, unsigned csr, uint64_t value, uint64_t mask);

/**
 * csr_rw - what a CSR instruction does
 * @old:   out: the value before; reading has no side effects
 * @value: new bits, @mask: which of them are written
 * @write: whether the instruction writes at all (a CSR set by x0 does not)
 * @debug: the access is a debugger's: no privilege check
 *
 * In this order: existence, privilege, read-only, WARL. Returns CSR_OK or RISCV_EXCP_ILLEGAL_INST.
 * Specification: Privileged ISA 20240411, "CSR Address Mapping Conventions".
 */
uint64_t csr_rw(CPURISCVState *env, unsigned csr, uint64_t *old, uint64_t value, uint64_t mask,
                bool write, bool debug);

/**
 * csr_plain_field - may generated code access a CSR itself
 * @env:    hart, at the privilege that the code is for
 * @offset: out: of the field from env
 *
 * True where an instruction on @csr in this mode does nothing but read or write a 64-bit field of
 * env, all bits of it: CSR_FIELD rows, whose existence never depends on what can change.
 */
bool csr_plain_field(const CPURISCVState *env, unsigned csr, int32_t *offset);

/* Name of a CSR that this hart has, or NULL; number by name, or -1. */
const char *csr_name(const CPURISCVState *env, unsigned csr);
int csr_by_name(const CPURISCVState *env, const char *name);
/* Whether the hart has it, at any privilege. */
bool csr_exists(const CPURISCVState *env, unsigned csr);

void csr_reset(CPURISCVState *env);

/* csr-timer.c: the time CSR's source moved, or the comparison value did. */
void riscv_stimecmp_update(CPURISCVState *env);
void riscv_timer_init(CPURISCVState *env);

/* Every function that a row names, declared from the rows. */
#define CSR_DECLARE_READ(fn) uint64_t fn(CPURISCVState *env, unsigned csr);
#define CSR_DECLARE_WRITE(fn) void fn(CPURISCVState *env, unsigned csr, uint64_t value);
#define CSR_FN(number, name, exists, read, write) CSR_DECLARE_READ(read) CSR_DECLARE_WRITE(write)
#define CSR_BITS(number, name, exists, read, write)                                                \
    CSR_DECLARE_READ(read)                                                                         \
    void write(CPURISCVState *env, unsigned csr, uint64_t value, uint64_t mask);
#define CSR_RO(number, name, exists, read) CSR_DECLARE_READ(read)
#define CSR_FIELD(number, name, exists, field, mask)
#define CSR_ZERO(number, name, exists)
#define CSR_RANGE(first, last, name, base, exists, read, write)                                    \
    CSR_DECLARE_READ(read) CSR_DECLARE_WRITE(write)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wredundant-decls"
#include "target/riscv/csr.def"
#pragma GCC diagnostic pop
#undef CSR_FN
#undef CSR_BITS
#undef CSR_RO
#undef CSR_FIELD
#undef CSR_ZERO
#undef CSR_RANGE

#endif
