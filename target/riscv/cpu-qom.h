/* SPDX-License-Identifier: MIT */
/*
 * The hart as boards see it: type names, named inputs, properties. Boards include this header of
 * the target and no other.
 *
 * A board creates an object of type "<model>-riscv-cpu" (riscv_cpu_type_name()), sets properties,
 * connects its inputs after realize, and reads what the device tree must say:
 *   "hartid" uint64, "resetvec" uint64, "time-base" link<time-base>,
 *   "riscv,isa", "riscv,isa-base", "mmu-type" str, "riscv,isa-extensions" str (comma-separated),
 *   "cbom_blocksize", "cbop_blocksize", "cboz_blocksize" uint16,
 *   "xlen" uint8 (32 or 64), "pmu-events" bool (a riscv,pmu node makes sense)
 */
#ifndef TARGET_RISCV_CPU_QOM_H
#define TARGET_RISCV_CPU_QOM_H

#include "hw/core/cpu.h"

#define TYPE_RISCV_CPU "riscv-cpu"
#define RISCV_CPU_TYPE_SUFFIX "-" TYPE_RISCV_CPU
#define RISCV_CPU_TYPE_NAME(model) model RISCV_CPU_TYPE_SUFFIX

OBJECT_DECLARE_TYPE(RISCVCPU, RISCVCPUClass, RISCV_CPU)

/*
 * Names of a hart's interrupt inputs, one line each: level, active high; but SSIP, of which a rise
 * sets mip.SSIP until software clears it.
 */
#define RISCV_CPU_INPUT_MSIP "MSIP"
#define RISCV_CPU_INPUT_MTIP "MTIP"
#define RISCV_CPU_INPUT_SSIP "SSIP"
#define RISCV_CPU_INPUT_SEIP "SEIP"
#define RISCV_CPU_INPUT_MEIP "MEIP"

#endif
