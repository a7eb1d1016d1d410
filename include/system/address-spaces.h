/* SPDX-License-Identifier: MIT */
/*
 * The machine's two address spaces: what harts and bus masters see by default
 *
 * Includes only by those who create the machine or have no bus of their own; a device that does DMA
 * takes its AddressSpace from its bus. Functions and roots: system/memory.h.
 */

#ifndef SYSTEM_ADDRESS_SPACES_H
#define SYSTEM_ADDRESS_SPACES_H

#include "system/memory.h"

/* Physical memory, 2^64 bytes; its root is the region "system". */
extern AddressSpace address_space_memory;
MemoryRegion *get_system_memory(void);

/* Port I/O, 64 KiB; its root is the region "io". RISC-V reaches it through a PCI host's window. */
extern AddressSpace address_space_io;
MemoryRegion *get_system_io(void);

/* For regions that behave like a bus nobody answers on: reads give all ones, writes go nowhere. */
extern const MemoryRegionOps unassigned_io_ops;

/* Creates both, empty. Once, before any machine or device [bql]. */
void memory_map_init(void);

#endif
