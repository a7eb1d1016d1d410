/* SPDX-License-Identifier: MIT */
/*
 * Which hart inputs an interrupt device drives, as its device-tree node says it.
 *
 * FDTPlace.board_data of the ACLINT and PLIC devices: only the board knows the phandles of the
 * harts' interrupt controllers and which output it connected to which input.
 */
#ifndef HW_INTC_RISCV_IRQ_TARGETS_H
#define HW_INTC_RISCV_IRQ_TARGETS_H

/* The value of "interrupts-extended": pairs of phandle and interrupt number, in output order. */
typedef struct RISCVIrqTargets {
    const uint32_t *cells;
    size_t num_cells;
} RISCVIrqTargets;

#endif
