/* SPDX-License-Identifier: MIT */
/*
 * RISCVCPUConfig: what one hart implements. Filled from a CPU model's defaults and the user's
 * properties, checked and completed at realize (cpu-cfg.c), constant afterwards.
 */
#ifndef TARGET_RISCV_CPU_CFG_H
#define TARGET_RISCV_CPU_CFG_H

typedef struct RISCVCPUConfig {
#define MISA(letter, rv64, description) bool ext_##letter;
#define EXT(name, rv64, listed) bool ext_##name;
#include "target/riscv/ext.def"
#undef MISA
#undef EXT
    bool mmu;
    bool pmp;
    uint8_t satp_mode_max;        /* 0 bare, 8 Sv39, 9 Sv48, 10 Sv57 */
    uint8_t pmp_regions;          /* 0 to 64 */
    uint32_t pmp_granularity;     /* bytes */
    uint8_t pmp_granularity_log2; /* made of it by riscv_cpu_config_finalize() */
    uint8_t pmu_num;              /* programmable counters, from mhpmcounter3 on */
    uint16_t cbom_blocksize, cbop_blocksize, cboz_blocksize;
    uint32_t mvendorid;
    uint64_t marchid, mimpid;
    uint8_t xlen_max; /* 32 or 64 */
} RISCVCPUConfig;

#endif
