/* SPDX-License-Identifier: MIT */
/*
 * Harts for tests of boards and loaders: the types, properties and inputs that
 * target/riscv/cpu-qom.h promises, and nothing that executes.
 *
 * Types "rv64-riscv-cpu" and "rv32-riscv-cpu". Not to be linked with target/.
 */
#ifndef TESTS_UNIT_HW_FAKE_HART_H
#define TESTS_UNIT_HW_FAKE_HART_H

#include "hw/core/cpu.h"
#include "hw/core/time-base.h"

/* In the order of mip's bits: SSIP, MSIP, MTIP, SEIP, MEIP. */
enum {
    FAKE_SSIP,
    FAKE_MSIP,
    FAKE_MTIP,
    FAKE_SEIP,
    FAKE_MEIP,
    FAKE_INPUTS
};

typedef struct FakeHart {
    CPUState parent_obj;
    uint64_t hartid, resetvec, pc;
    uint8_t xlen;
    bool pmu_events;
    TimeBase *time_base;
    int levels[FAKE_INPUTS];
} FakeHart;

FakeHart *fake_hart(int index);

#endif
