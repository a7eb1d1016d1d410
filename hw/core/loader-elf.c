/* SPDX-License-Identifier: MIT */
/*
 * The ELF loader: loadable segments of an executable become ROM blobs at their physical addresses.
 *
 * Both classes are read into one form first. Every number of the file is checked before it is
 * used; nothing is registered until all segments are known to be good. Specification: System V
 * Application Binary Interface (gABI), chapters "Object Files" and "Program Loading and Dynamic
 * Linking"; RISC-V ELF psABI 1.0. No state; set-up only.
 * Tests: tests/unit/hw/core-loader/test-loader-elf.c.
 */
#include "qemu/osdep.h"

#include <elf.h>

#include "hw/core/loader.h"
#include "qemu/bswap.h"
#include "qemu/error.h"
#include "system/address-spaces.h"

/* A file of one page has room for no more program headers; kernels have under ten. */
#define ELF_MAX_PHNUM 1024

/* The largest page that a linker aligns text to by default. */
#define MAX_PAGE 0x10000

typedef struct ElfHeader {
    uint16_t type;
    uint16_t machine;
    uint64_t entry;
    uint64_t phoff;
    uint16_t phentsize;
    uint16_t phnum;
} ElfHeader;

typedef struct ElfSegment {
    uint32_t type;
    uint64_t offset;
    uint64_t vaddr;
    uint64_t paddr;
    uint64_t filesz;
    uint64_t memsz;
} ElfSegment;

bool elf_is_elf(GBytes *file)
{
    size_t size;
    const uint8_t *data = g_bytes_get_data(file, &size);

    return size >= SELFMAG && memcmp(data, ELFMAG, SELFMAG) == 0;
}

/* Names of what people confuse with RISC-V; the number says the rest. */
static const char *elf_machine_name(uint16_t machine)
{
    switch (machine) {
    case EM_386:
        return "i386";
    case EM_ARM:
        return "ARM";
    case EM_X86_64:
        return "x86-64";
    case EM_AARCH64:
        return "AArch64";
    case EM_MIPS:
        return "MIPS";
    case EM_PPC64:
        return "PowerPC64";
    case EM_S390:
        return "S/390";
    case EM_RISCV:
        return "RISC-V";
    case EM_LOONGARCH:
        return "LoongArch";
    default:
        return "unknown";
    }
}

/* Copied first: in a damaged file they may lie at any offset. */
static void elf_read_header(const uint8_t *data, bool is64, ElfHeader *h)
{
    if (is64) {
        Elf64_Ehdr e;

        memcpy(&e, data, sizeof(e));
        *h = (ElfHeader){
            .type = le16_to_cpu(e.e_type),
            .machine = le16_to_cpu(e.e_machine),
            .entry = le64_to_cpu(e.e_entry),
            .phoff = le64_to_cpu(e.e_phoff),
            .phentsize = le16_to_cpu(e.e_phentsize),
            .phnum = le16_to_cpu(e.e_phnum),
        };
    } else {
        Elf32_Ehdr e;

        memcpy(&e, data, sizeof(e));
        *h = (ElfHeader){
            .type = le16_to_cpu(e.e_type),
            .machine = le16_to_cpu(e.e_machine),
            .entry = le32_to_cpu(e.e_entry),
            .phoff = le32_to_cpu(e.e_phoff),
            .phentsize = le16_to_cpu(e.e_phentsize),
            .phnum = le16_to_cpu(e.e_phnum),
        };
    }
}

static void elf_read_segment(const uint8_t *data, bool is64, ElfSegment *s)
{
    if (is64) {
        Elf64_Phdr p;

        memcpy(&p, data, sizeof(p));
        *s = (ElfSegment){
            .type = le32_to_cpu(p.p_type),
            .offset = le64_to_cpu(p.p_offset),
            .vaddr = le64_to_cpu(p.p_vaddr),
            .paddr = le64_to_cpu(p.p_paddr),
            .filesz = le64_to_cpu(p.p_filesz),
            .memsz = le64_to_cpu(p.p_memsz),
        };
    } else {
        Elf32_Phdr p;

        memcpy(&p, data, sizeof(p));
        *s = (ElfSegment){
            .type = le32_to_cpu(p.p_type),
            .offset = le32_to_cpu(p.p_offset),
            .vaddr = le32_to_cpu(p.p_vaddr),
            .paddr = le32_to_cpu(p.p_paddr),
            .filesz = le32_to_cpu(p.p_filesz),
            .memsz = le32_to_cpu(p.p_memsz),
        };
    }
}

/* The identification and the header: is this a file we can load at all. */
static bool elf_check_header(const char *name, const uint8_t *data, size_t size, uint16_t machine,
                             unsigned xlen, ElfHeader *h, GError **error)
{
    bool is64 = xlen == 64;
    size_t header_size = is64 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);
    size_t phdr_size = is64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);

    /* e_machine is at the same place in both classes; it is the more helpful thing to say first. */
    if (size < sizeof(Elf32_Ehdr)) {
        error_setg(error, "'%s': truncated ELF file: no complete header", name);
        return false;
    }
    elf_read_header(data, false, h);
    if (data[EI_DATA] != ELFDATA2LSB) {
        error_setg(error, "'%s' is a big-endian ELF file", name);
        return false;
    }
    if (h->machine != machine) {
        error_setg(error, "'%s' is an ELF file for another machine: %s (%u), not %s", name,
                   elf_machine_name(h->machine), h->machine, elf_machine_name(machine));
        return false;
    }
    if (data[EI_CLASS] != (is64 ? ELFCLASS64 : ELFCLASS32)) {
        error_setg(error, "'%s' is a %s ELF file, but the harts are %u-bit", name,
                   data[EI_CLASS] == ELFCLASS64 ? "64-bit" :
                   data[EI_CLASS] == ELFCLASS32 ? "32-bit" :
                                                  "damaged",
                   xlen);
        return false;
    }
    if (size < header_size) {
        error_setg(error, "'%s': truncated ELF file: no complete header", name);
        return false;
    }
    elf_read_header(data, is64, h);
    if (h->type != ET_EXEC && h->type != ET_DYN) {
        error_setg(error, "'%s' is an ELF file of type %u, not an executable", name, h->type);
        return false;
    }
    if (h->phnum == 0 || h->phnum > ELF_MAX_PHNUM || h->phentsize != phdr_size) {
        error_setg(error, "'%s': damaged ELF file: %u program headers of %u bytes", name, h->phnum,
                   h->phentsize);
        return false;
    }
    if (h->phoff > size || h->phnum * phdr_size > size - h->phoff) {
        error_setg(error, "'%s': truncated ELF file: %zu bytes, program headers at 0x%" PRIx64,
                   name, size, h->phoff);
        return false;
    }
    return true;
}

static bool elf_check_segment(const char *name, const ElfSegment *s, unsigned index,
                              size_t file_size, const LoadRange *range, GError **error)
{
    if (s->filesz > s->memsz) {
        error_setg(error, "'%s': damaged ELF file: segment %u is larger in the file than in memory",
                   name, index);
        return false;
    }
    if (s->offset > file_size || s->filesz > file_size - s->offset) {
        error_setg(error,
                   "'%s': truncated ELF file: segment %u needs bytes 0x%" PRIx64 " - 0x%" PRIx64
                   " of %zu",
                   name, index, s->offset, s->offset + s->filesz, file_size);
        return false;
    }
    if (s->paddr + s->memsz < s->paddr ||
        (range->size != 0 && (s->paddr < range->base || s->paddr - range->base > range->size ||
                              s->memsz > range->size - (s->paddr - range->base)))) {
        error_setg(error,
                   "'%s': segment %u (addresses 0x%016" PRIx64 " - 0x%016" PRIx64
                   ") is outside of %s (0x%016" PRIx64 " - 0x%016" PRIx64 ")",
                   name, index, s->paddr, s->paddr + s->memsz, range->name, range->base,
                   range->base + range->size);
        return false;
    }
    return true;
}

/*
 * Linkers put a file's headers into its first segment: in the page before the text, or at the
 * default address of programs for an operating system. Where that is not RAM, leave it out, if
 * there is nothing in it but headers, notes and padding.
 */
static void elf_trim_headers(const uint8_t *data, size_t size, const ElfHeader *h,
                             const ElfSegment *all, ElfSegment *s, hwaddr ram_base)
{
    size_t phdrs_end = h->phoff + h->phnum * h->phentsize;
    uint64_t cut;

    if (s->offset != 0 || s->paddr >= ram_base || s->filesz > size || s->filesz > s->memsz) {
        return;
    }
    cut = MIN(ram_base - s->paddr, s->filesz);
    if (cut > MAX_PAGE) {
        return;
    }
    for (uint64_t i = phdrs_end; i < cut; i++) {
        bool is_note = false;

        for (unsigned n = 0; n < h->phnum && data[i] != 0 && !is_note; n++) {
            is_note = all[n].type == PT_NOTE && i - all[n].offset < all[n].filesz;
        }
        if (data[i] != 0 && !is_note) {
            return;
        }
    }
    s->offset += cut;
    s->vaddr += cut;
    s->paddr += cut;
    s->filesz -= cut;
    s->memsz -= cut;
}

/* Where memory begins in the range that a segment wants; the end of it if there is none. */
static hwaddr elf_memory_base(const ElfSegment *s, const LoadRange *range)
{
    MemoryRegionSection section;
    hwaddr base = s->paddr + s->memsz;

    if (range->size != 0) {
        return range->base;
    }
    section = memory_region_find(get_system_memory(), s->paddr, s->memsz);
    if (section.mr) {
        base = section.offset_within_address_space;
        memory_region_unref(section.mr);
    }
    return base;
}

static void elf_register(const char *name, GBytes *file, const ElfSegment *s, unsigned index)
{
    g_autofree char *rom = g_strdup_printf("%s ELF program header segment %u", name, index);
    g_autoptr(GBytes) bytes = g_bytes_new_from_bytes(file, s->offset, s->filesz);

    rom_add_bytes(rom, bytes, s->memsz, s->paddr);
}

bool elf_load(const char *name, GBytes *file, uint16_t machine, unsigned xlen,
              const LoadRange *range, LoadedElf *elf, GError **error)
{
    size_t size;
    const uint8_t *data = g_bytes_get_data(file, &size);
    g_autofree ElfSegment *segments = NULL;
    ElfHeader h;

    if (!elf_check_header(name, data, size, machine, xlen, &h, error)) {
        return false;
    }
    segments = g_new(ElfSegment, h.phnum);
    for (unsigned i = 0; i < h.phnum; i++) {
        elf_read_segment(data + h.phoff + (size_t)i * h.phentsize, xlen == 64, &segments[i]);
    }
    *elf = (LoadedElf){.entry = h.entry, .low = HWADDR_MAX};
    for (unsigned i = 0; i < h.phnum; i++) {
        ElfSegment *s = &segments[i];

        if (s->type != PT_LOAD || s->memsz == 0) {
            continue;
        }
        elf_trim_headers(data, size, &h, segments, s, elf_memory_base(s, range));
        if (s->memsz == 0) {
            continue;
        }
        if (!elf_check_segment(name, s, i, size, range, error)) {
            return false;
        }
        elf->low = MIN(elf->low, s->paddr);
        elf->end = MAX(elf->end, s->paddr + s->memsz);
        if (h.entry >= s->vaddr && h.entry - s->vaddr < s->memsz) {
            elf->entry = h.entry - s->vaddr + s->paddr;
        }
    }
    if (elf->end == 0) {
        error_setg(error, "'%s': ELF file without a loadable segment", name);
        return false;
    }
    for (unsigned i = 0; i < h.phnum; i++) {
        if (segments[i].type == PT_LOAD && segments[i].memsz != 0) {
            elf_register(name, file, &segments[i], i);
        }
    }
    return true;
}
