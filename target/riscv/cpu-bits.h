/* SPDX-License-Identifier: MIT */
/*
 * Fields of CSRs, exception and interrupt codes, page-table entries. Names are the manual's.
 *
 * Specification: Privileged ISA 20240411, "Machine-Level ISA", "Supervisor-Level ISA".
 */
#ifndef TARGET_RISCV_CPU_BITS_H
#define TARGET_RISCV_CPU_BITS_H

#include "qemu/bitops.h"

/* mstatus */
#define MSTATUS_SIE BIT_ULL(1)
#define MSTATUS_MIE BIT_ULL(3)
#define MSTATUS_SPIE BIT_ULL(5)
#define MSTATUS_UBE BIT_ULL(6)
#define MSTATUS_MPIE BIT_ULL(7)
#define MSTATUS_SPP BIT_ULL(8)
#define MSTATUS_MPP (UINT64_C(3) << 11)
#define MSTATUS_FS (UINT64_C(3) << 13)
#define MSTATUS_MPRV BIT_ULL(17)
#define MSTATUS_SUM BIT_ULL(18)
#define MSTATUS_MXR BIT_ULL(19)
#define MSTATUS_TVM BIT_ULL(20)
#define MSTATUS_TW BIT_ULL(21)
#define MSTATUS_TSR BIT_ULL(22)
#define MSTATUS_UXL (UINT64_C(3) << 32)
#define MSTATUS_SXL (UINT64_C(3) << 34)
#define MSTATUS_SD BIT_ULL(63)
#define MSTATUS_MPP_SHIFT 11
#define MSTATUS_FS_SHIFT 13

/* What sstatus shows of mstatus; SD is computed. */
#define SSTATUS_MASK                                                                               \
    (MSTATUS_SIE | MSTATUS_SPIE | MSTATUS_UBE | MSTATUS_SPP | MSTATUS_FS | MSTATUS_SUM |           \
     MSTATUS_MXR | MSTATUS_UXL)

/* menvcfg, senvcfg */
#define ENVCFG_FIOM BIT_ULL(0)
#define ENVCFG_CBIE (UINT64_C(3) << 4)
#define ENVCFG_CBIE_SHIFT 4
#define ENVCFG_CBCFE BIT_ULL(6)
#define ENVCFG_CBZE BIT_ULL(7)
#define MENVCFG_ADUE BIT_ULL(61)
#define MENVCFG_STCE BIT_ULL(63)

/* interrupts: bit numbers of mip, mie, mideleg */
enum {
    IRQ_S_SOFT = 1,
    IRQ_M_SOFT = 3,
    IRQ_S_TIMER = 5,
    IRQ_M_TIMER = 7,
    IRQ_S_EXT = 9,
    IRQ_M_EXT = 11,
};
#define MIP_SSIP BIT_ULL(IRQ_S_SOFT)
#define MIP_MSIP BIT_ULL(IRQ_M_SOFT)
#define MIP_STIP BIT_ULL(IRQ_S_TIMER)
#define MIP_MTIP BIT_ULL(IRQ_M_TIMER)
#define MIP_SEIP BIT_ULL(IRQ_S_EXT)
#define MIP_MEIP BIT_ULL(IRQ_M_EXT)
#define MIP_S_MASK (MIP_SSIP | MIP_STIP | MIP_SEIP)
#define MIP_M_MASK (MIP_MSIP | MIP_MTIP | MIP_MEIP)

/* synchronous exceptions: codes of mcause */
enum {
    RISCV_EXCP_INST_ADDR_MIS = 0,
    RISCV_EXCP_INST_ACCESS_FAULT = 1,
    RISCV_EXCP_ILLEGAL_INST = 2,
    RISCV_EXCP_BREAKPOINT = 3,
    RISCV_EXCP_LOAD_ADDR_MIS = 4,
    RISCV_EXCP_LOAD_ACCESS_FAULT = 5,
    RISCV_EXCP_STORE_ADDR_MIS = 6,
    RISCV_EXCP_STORE_ACCESS_FAULT = 7,
    RISCV_EXCP_U_ECALL = 8,
    RISCV_EXCP_S_ECALL = 9,
    RISCV_EXCP_M_ECALL = 11,
    RISCV_EXCP_INST_PAGE_FAULT = 12,
    RISCV_EXCP_LOAD_PAGE_FAULT = 13,
    RISCV_EXCP_STORE_PAGE_FAULT = 15,
    RISCV_EXCP_NONE = 64, /* ours: no exception */
};
#define MCAUSE_INTERRUPT(xlen) (UINT64_C(1) << ((xlen)-1))

/* satp */
#define SATP64_MODE_SHIFT 60
#define SATP64_ASID (UINT64_C(0xffff) << 44)
#define SATP64_PPN MAKE_64BIT_MASK(0, 44)
#define SATP32_MODE BIT_ULL(31)
#define SATP32_ASID (UINT64_C(0x1ff) << 22)
#define SATP32_PPN MAKE_64BIT_MASK(0, 22)
enum {
    VM_BARE = 0,
    VM_SV32 = 1,
    VM_SV39 = 8,
    VM_SV48 = 9,
    VM_SV57 = 10,
};

/* page-table entries */
#define PTE_V BIT_ULL(0)
#define PTE_R BIT_ULL(1)
#define PTE_W BIT_ULL(2)
#define PTE_X BIT_ULL(3)
#define PTE_U BIT_ULL(4)
#define PTE_G BIT_ULL(5)
#define PTE_A BIT_ULL(6)
#define PTE_D BIT_ULL(7)
#define PTE_PPN_SHIFT 10
#define PTE64_PPN MAKE_64BIT_MASK(10, 44)
#define PTE64_RESERVED MAKE_64BIT_MASK(54, 10) /* N, PBMT and reserved: none is implemented */

/* pmpcfg bytes */
#define PMP_R 0x01
#define PMP_W 0x02
#define PMP_X 0x04
#define PMP_A 0x18
#define PMP_L 0x80
enum {
    PMP_OFF = 0x00,
    PMP_TOR = 0x08,
    PMP_NA4 = 0x10,
    PMP_NAPOT = 0x18,
};

/* CSR numbers that code names; the list of all is csr.def */
enum {
    CSR_FFLAGS = 0x001,
    CSR_FRM = 0x002,
    CSR_FCSR = 0x003,
    CSR_MCYCLE = 0xb00, /* and its kind, to mhpmcounter31 */
    CSR_MCYCLEH = 0xb80,
    CSR_CYCLE = 0xc00, /* cycle, time, instret, to hpmcounter31 */
    CSR_CYCLEH = 0xc80,
};

#endif
