/* SPDX-License-Identifier: MIT */
/* Physical memory protection: see pmp.c. */
#ifndef TARGET_RISCV_PMP_H
#define TARGET_RISCV_PMP_H

#include "target/riscv/cpu.h"

void pmp_reset(CPURISCVState *env);

/* CSR views. Writes obey locks and legal values, and flush the TLB where something changed. */
uint8_t pmp_cfg_read(const CPURISCVState *env, unsigned n);
void pmp_cfg_write_word(CPURISCVState *env, unsigned first, unsigned count, uint64_t value);
uint64_t pmp_addr_read(const CPURISCVState *env, unsigned n);
void pmp_addr_write(CPURISCVState *env, unsigned n, uint64_t value);

/**
 * pmp_check - rights of @priv on [@pa, @pa + @size)
 * @size_log2: in: size of the naturally aligned block around @pa that is wanted (2 to 63); out: of
 *             the largest one, not above it, for which the answer holds
 *
 * Returns PAGE_* bits. An access of which only part matches an entry has no rights. Cheap where the
 * same entries decide as last time. [vcpu]
 */
uint8_t pmp_check(CPURISCVState *env, hwaddr pa, unsigned size, uint8_t priv, unsigned *size_log2);

#endif
