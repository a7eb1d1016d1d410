/* SPDX-License-Identifier: MIT */
/*
 * A row of harts of one model, with consecutive hart numbers.
 *
 * A board makes one a socket, sets "num-harts", "hartid-base", "cpu-type", "resetvec" and the link
 * "time-base", and realizes it; the harts then exist, are reset with the machine, and wait for it
 * to start. Threads: BQL.
 */
#ifndef HW_RISCV_HART_ARRAY_H
#define HW_RISCV_HART_ARRAY_H

#include "hw/core/cpu.h"
#include "hw/core/sysbus.h"
#include "hw/core/time-base.h"

#define TYPE_RISCV_HART_ARRAY "riscv.hart_array"
OBJECT_DECLARE_SIMPLE_TYPE(RISCVHartArrayState, RISCV_HART_ARRAY)

struct RISCVHartArrayState {
    SysBusDevice parent_obj;

    /* [const] properties */
    uint32_t num_harts;
    uint32_t hartid_base;
    char *cpu_type;
    uint64_t resetvec;
    TimeBase *time_base;

    CPUState **harts; /* [const] after realize: num_harts of them */
};

#endif
