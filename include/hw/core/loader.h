/* SPDX-License-Identifier: MIT */
/*
 * Loading files into guest memory: the registry of ROM blobs, ELF, gzip, plain files.
 *
 * A blob is what the machine finds in its memory after every reset: firmware, kernel, initrd,
 * device tree, reset vector. Boards and devices register blobs while they are set up; nothing is
 * copied until rom_check_and_register_reset(), so that overlaps are found first. What format a
 * kernel has and where it goes is the board's business (hw/riscv/virt-boot.c).
 *
 * All errors are the user's: the text says what is wrong with the file; the caller puts the option
 * before it. Threads: BQL. Tests: tests/unit/hw/core-loader/.
 */
#ifndef HW_CORE_LOADER_H
#define HW_CORE_LOADER_H

#include <glib.h>

#include "qemu/typedefs.h"

/* ---- The registry ---- */

/**
 * rom_add_bytes - put bytes into guest memory at each reset
 * @name: shown to the user: the file's name as given, "fdt", "mrom.reset"; copied
 * @data: referenced
 * @size: bytes that the blob occupies, at least those of @data; the rest is zeroed
 * @addr: in system memory
 *
 * Before rom_check_and_register_reset() only. A blob of size 0 is not registered.
 */
void rom_add_bytes(const char *name, GBytes *data, uint64_t size, hwaddr addr);

/**
 * rom_check_and_register_reset - the memory map is complete: check all blobs, have reset copy them
 *
 * Fails with "Some ROM regions are overlapping" and the pairs as a hint, or when a blob lies, even
 * in part, where there is no RAM or ROM. Called once, when the machine and all its devices exist.
 */
bool rom_check_and_register_reset(GError **error);

/* Whether a registered blob covers the byte at @addr. */
bool rom_covers(hwaddr addr);

/* The largest piece of [base, base + size) that no blob lies in; *@gap_size 0: there is none. */
void rom_find_gap(hwaddr base, uint64_t size, hwaddr *gap, uint64_t *gap_size);

/* `info roms`: a line for each blob, by address. */
void rom_print_all(GString *out);

/* Forgets all blobs: the machine is gone (clean-up, unit tests). */
void rom_clear(void);

/* ---- Files ---- */

/**
 * load_file_bytes - read a whole file
 * @max_size: bytes; a larger file is an error before anything is allocated
 *
 * Returns the bytes, or NULL: "Could not open 'F': reason", "'F' is empty", "'F' is not a regular
 * file", "'F' is too large: N bytes, at most M".
 */
GBytes *load_file_bytes(const char *filename, uint64_t max_size, GError **error);

/**
 * load_unpack - unpack a gzip file, or a Linux EFI zboot image holding one
 * @name:     for messages
 * @max_size: of the result, in bytes
 *
 * Returns @file itself, referenced, if it is neither; NULL with @error set if it is damaged, uses
 * another compression, or its contents exceed @max_size.
 */
GBytes *load_unpack(const char *name, GBytes *file, uint64_t max_size, GError **error);

/* ---- ELF ---- */

/* Where segments may go, and what the message calls it. */
typedef struct LoadRange {
    const char *name; /* "RAM" */
    hwaddr base;
    uint64_t size; /* 0: anywhere, rom_check_and_register_reset() decides */
} LoadRange;

typedef struct LoadedElf {
    hwaddr entry; /* physical */
    hwaddr low;   /* lowest byte of all segments */
    hwaddr end;   /* first byte after them */
} LoadedElf;

/* Whether the file begins with ELF's magic number. */
bool elf_is_elf(GBytes *file);

/**
 * elf_load - register the loadable segments of an ELF executable at their physical addresses
 * @name:    for messages, and of the blobs ("NAME ELF program header segment 1")
 * @machine: e_machine (EM_RISCV)
 * @xlen:    32 or 64: the ELF class
 * @range:   where all segments must lie
 * @elf:     result
 *
 * Little-endian ET_EXEC and ET_DYN (not relocated). Everything in the file is checked; on failure
 * nothing is registered. A virtual entry address is translated by the segment that holds it.
 */
bool elf_load(const char *name, GBytes *file, uint16_t machine, unsigned xlen,
              const LoadRange *range, LoadedElf *elf, GError **error);

#endif
