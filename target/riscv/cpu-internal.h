/* SPDX-License-Identifier: MIT */
/*
 * What cpu.c takes from its neighbours: configuration checks, ISA strings, register access for
 * people and debuggers.
 */
#ifndef TARGET_RISCV_CPU_INTERNAL_H
#define TARGET_RISCV_CPU_INTERNAL_H

#include "target/riscv/cpu.h"

/*
 * cpu-cfg.c: complete what is implied, refuse what contradicts itself; names property and remedy.
 */
bool riscv_cpu_config_finalize(RISCVCPUConfig *cfg, GError **error);
/* misa's Extensions field. */
uint32_t riscv_misa_letters(const RISCVCPUConfig *cfg);

/* isa-string.c: text for the device tree, allocated. */
char *riscv_isa_string(const RISCVCPUConfig *cfg);
char *riscv_isa_base(const RISCVCPUConfig *cfg);
char *riscv_isa_extensions(const RISCVCPUConfig *cfg);
char *riscv_mmu_type(const RISCVCPUConfig *cfg);

/* dump.c */
void riscv_cpu_dump_state(CPUState *cpu, cpu_print_func print, void *opaque, int flags);
bool riscv_cpu_get_register_by_name(CPUState *cpu, const char *name, uint64_t *value);

/*
 * semihosting.c: is the ebreak at pc a semihosting call that this hart may make? It is then carried
 * out before the hart executes anything else.
 */
bool riscv_semihosting_call(CPURISCVState *env);

/* gdb.c */
void riscv_cpu_gdb_init(RISCVCPU *cpu);
int riscv_cpu_gdb_read_register(CPUState *cpu, GByteArray *buf, int reg);
int riscv_cpu_gdb_write_register(CPUState *cpu, const uint8_t *buf, int reg);
const char *riscv_cpu_gdb_get_xml(CPUState *cpu, const char *name);

#endif
