/* SPDX-License-Identifier: MIT */
/*
 * What the virt board's memory holds when the harts start: firmware, kernel, initrd, device tree,
 * reset vector.
 *
 * Places are those that QEMU's users know. Formats: a firmware is ELF or raw; a kernel is ELF, a
 * Linux Image or raw, and may be packed by gzip. Where a kernel could not possibly run (made for
 * another machine, damaged, outside of RAM, S-mode without firmware) we say so and do not start.
 *
 * Specifications: Linux, Documentation/arch/riscv/boot-image-header.rst and boot.rst; OpenSBI,
 * docs/firmware/fw_dynamic.md. Runs under the BQL, at set-up and reset.
 * Tests: tests/unit/hw/riscv/test-virt-boot.c.
 */
#include "qemu/osdep.h"

#include <elf.h>
#include <libfdt.h>

#include "hw/core/datadir.h"
#include "hw/core/loader.h"
#include "hw/core/reset.h"
#include "hw/riscv/virt-internal.h"
#include "qemu/bswap.h"
#include "qemu/error.h"
#include "qemu/guest-random.h"
#include "qemu/units.h"

/* Linux' Image header: offsets of what we look at. */
enum {
    IMAGE_TEXT_OFFSET = 8, /* u64: from the start of RAM; 0 in an M-mode kernel, else not */
    IMAGE_SIZE = 16,       /* u64: with bss */
    IMAGE_MAGIC2 = 56,     /* u32 "RSC\x05" */
    IMAGE_HEADER_SIZE = 64,
};
#define IMAGE_MAGIC2_VALUE 0x05435352

/* OpenSBI's fw_dynamic_info. */
#define FW_DYNAMIC_MAGIC 0x4942534f /* "OSBI" */
#define FW_DYNAMIC_VERSION 2
enum {
    FW_DYNAMIC_NEXT_MODE_S = 1,
    FW_DYNAMIC_WORDS = 6,
};

/*
 * The S-mode kernel begins at a multiple of this, after the firmware: a superpage of Sv39 or Sv32.
 */
#define KERNEL_ALIGN_64 (2 * MiB)
#define KERNEL_ALIGN_32 (4 * MiB)

/* The initrd leaves the kernel half of RAM, but no more than this. */
#define INITRD_MAX_DISTANCE (512 * MiB)

#define DTB_ALIGN (2 * MiB)
/* 32-bit kernels reach this far with their first page table. */
#define DTB_MAX_END_32 (3 * GiB)

typedef struct VirtBoot {
    VirtMachineState *s;
    hwaddr ram_base;
    hwaddr ram_end;
    hwaddr start;        /* where the reset vector jumps to */
    hwaddr firmware_end; /* first byte after it; the start of RAM if there is none */
    bool has_firmware;
    hwaddr kernel_entry; /* 0: no kernel */
    hwaddr kernel_low;
    hwaddr used_end; /* first byte after kernel and initrd */
} VirtBoot;

/* ---- Firmware ---- */

static const char *virt_default_firmware(const VirtMachineState *s)
{
    return s->xlen == 64 ? "opensbi-riscv64-generic-fw_dynamic.bin" :
                           "opensbi-riscv32-generic-fw_dynamic.bin";
}

static bool virt_load_firmware(VirtBoot *boot, GError **error)
{
    const char *option = MACHINE(boot->s)->firmware ?: "default";
    bool is_default = g_str_equal(option, "default");
    const char *name = is_default ? virt_default_firmware(boot->s) : option;
    LoadRange ram = {"RAM", boot->ram_base, boot->ram_end - boot->ram_base};
    g_autofree char *path = NULL;
    g_autoptr(GBytes) file = NULL;
    LoadedElf elf;

    boot->start = boot->ram_base;
    boot->firmware_end = boot->ram_base;
    if (g_str_equal(option, "none")) {
        return true;
    }
    path = qemu_find_file(name);
    if (!path) {
        error_setg(error, "Unable to find the RISC-V BIOS \"%s\"", name);
        if (is_default) {
            error_append_hint(error, "Install OpenSBI (Debian: apt install opensbi), or name its "
                                     "directory with -L, or give a file with -bios\n");
        }
        return false;
    }
    boot->has_firmware = true;
    file = load_file_bytes(path, ram.size, error);
    if (file && elf_is_elf(file)) {
        if (elf_load(path, file, EM_RISCV, boot->s->xlen, &ram, &elf, error)) {
            boot->start = elf.entry;
            boot->firmware_end = elf.end;
            return true;
        }
    } else if (file) {
        rom_add_bytes(path, file, g_bytes_get_size(file), boot->ram_base);
        boot->firmware_end = boot->ram_base + g_bytes_get_size(file);
        return true;
    }
    error_prefix(error, "could not load firmware '%s': ", path);
    return false;
}

/* ---- Kernel ---- */

/* A Linux Image without firmware starts in M-mode: it must be a kernel made for that. */
static bool virt_check_image(const VirtBoot *boot, GBytes *file, uint64_t room, GError **error)
{
    size_t size;
    const uint8_t *data = g_bytes_get_data(file, &size);

    if (size < IMAGE_HEADER_SIZE || ldl_le_p(data + IMAGE_MAGIC2) != IMAGE_MAGIC2_VALUE) {
        return true;
    }
    if (!boot->has_firmware && ldq_le_p(data + IMAGE_TEXT_OFFSET) != 0) {
        error_setg(error, "this Linux Image is for S-mode and needs SBI firmware");
        error_append_hint(error, "Leave out \"-bios none\"\n");
        return false;
    }
    if (ldq_le_p(data + IMAGE_SIZE) > room) {
        error_setg(error,
                   "this Linux Image needs %" PRIu64 " bytes of memory, but only %" PRIu64
                   " follow the firmware",
                   ldq_le_p(data + IMAGE_SIZE), room);
        error_append_hint(error, "Give the machine more memory with -m\n");
        return false;
    }
    return true;
}

static bool virt_load_raw_kernel(VirtBoot *boot, const char *name, GBytes *file, GError **error)
{
    uint64_t align = boot->s->xlen == 64 ? KERNEL_ALIGN_64 : KERNEL_ALIGN_32;
    hwaddr base = QEMU_ALIGN_UP(boot->firmware_end, align);
    uint64_t room = base < boot->ram_end ? boot->ram_end - base : 0;
    size_t size = g_bytes_get_size(file);

    if (size > room) {
        error_setg(error,
                   "%zu bytes do not fit between 0x%" PRIx64 " and the end of RAM at 0x%" PRIx64,
                   size, base, boot->ram_end);
        return false;
    }
    if (!virt_check_image(boot, file, room, error)) {
        return false;
    }
    rom_add_bytes(name, file, size, base);
    boot->kernel_entry = base;
    boot->kernel_low = base;
    boot->used_end = base + size;
    return true;
}

static bool virt_load_elf_kernel(VirtBoot *boot, const char *name, GBytes *file, GError **error)
{
    LoadRange ram = {"RAM", boot->ram_base, boot->ram_end - boot->ram_base};
    LoadedElf elf;

    if (!elf_load(name, file, EM_RISCV, boot->s->xlen, &ram, &elf, error)) {
        return false;
    }
    boot->kernel_entry = elf.entry;
    boot->kernel_low = elf.low;
    boot->used_end = elf.end;
    /*
     * Without firmware the harts start at the start of RAM, wherever ELF says; but not in nothing.
     */
    if (!boot->has_firmware && !rom_covers(boot->start)) {
        boot->start = elf.entry;
    }
    return true;
}

static bool virt_load_kernel(VirtBoot *boot, GError **error)
{
    const char *name = MACHINE(boot->s)->kernel_filename;
    uint64_t ram_size = boot->ram_end - boot->ram_base;
    g_autoptr(GBytes) file = NULL;
    g_autoptr(GBytes) kernel = NULL;

    boot->used_end = boot->firmware_end;
    if (!name) {
        return true;
    }
    file = load_file_bytes(name, ram_size, error);
    kernel = file ? load_unpack(name, file, ram_size, error) : NULL;
    if (kernel && (elf_is_elf(kernel) ? virt_load_elf_kernel(boot, name, kernel, error) :
                                        virt_load_raw_kernel(boot, name, kernel, error))) {
        return true;
    }
    error_prefix(error, "could not load kernel '%s': ", name);
    return false;
}

/* ---- Initrd and device tree ---- */

static bool virt_load_initrd(VirtBoot *boot, FDTContext *ctx, GError **error)
{
    const char *name = MACHINE(boot->s)->initrd_filename;
    uint64_t ram_size = boot->ram_end - boot->ram_base;
    hwaddr base = boot->kernel_low + MIN(ram_size / 2, INITRD_MAX_DISTANCE);
    g_autoptr(GBytes) file = NULL;

    if (!name || !boot->kernel_entry) {
        return true;
    }
    file = load_file_bytes(name, ram_size, error);
    if (!file) {
        error_prefix(error, "could not load ramdisk '%s': ", name);
        return false;
    }
    rom_add_bytes(name, file, g_bytes_get_size(file), base);
    boot->used_end = MAX(boot->used_end, base + g_bytes_get_size(file));
    virt_fdt_set_initrd(ctx, base, base + g_bytes_get_size(file));
    return true;
}

/* As high in RAM as it goes. */
static bool virt_place_dtb(const VirtBoot *boot, size_t size, hwaddr *addr, GError **error)
{
    hwaddr end = boot->s->xlen == 64 ? boot->ram_end : MIN(boot->ram_end, DTB_MAX_END_32);

    *addr = QEMU_ALIGN_DOWN(end - size, DTB_ALIGN);
    if (boot->kernel_entry && (end < boot->used_end || *addr < boot->used_end)) {
        error_setg(error, "Not enough memory to place DTB after kernel/initrd");
        error_append_hint(error, "Give the machine more memory with -m\n");
        return false;
    }
    return true;
}

/* Each start gets a new seed: this runs before the blobs are copied. */
static void virt_reset_seed(void *opaque)
{
    MachineState *machine = opaque;
    int chosen = fdt_path_offset(machine->fdt, "/chosen");
    int len = 0;
    void *seed = chosen < 0 ? NULL : fdt_getprop_w(machine->fdt, chosen, "rng-seed", &len);

    if (seed) {
        qemu_guest_getrandom(seed, len, NULL);
    }
}

static bool virt_load_dtb(VirtBoot *boot, FDTContext *ctx, hwaddr *addr, GError **error)
{
    MachineState *machine = MACHINE(boot->s);
    g_autoptr(GBytes) blob = NULL;

    machine->fdt = fdt_context_flatten(ctx, &machine->fdt_size);
    if (!virt_place_dtb(boot, machine->fdt_size, addr, error)) {
        return false;
    }
    /* The bytes stay the machine's, so that a new seed reaches the copy made at reset. */
    blob = g_bytes_new_static(machine->fdt, machine->fdt_size);
    rom_add_bytes("fdt", blob, machine->fdt_size, *addr);
    if (!machine->dtb) {
        qemu_register_reset(virt_reset_seed, machine);
    }
    return true;
}

/* ---- Reset vector ---- */

/* a0: hart, a1: device tree, a2: fw_dynamic_info; the two addresses follow the code. */
static void virt_add_reset_vector(const VirtBoot *boot, hwaddr dtb)
{
    bool is64 = boot->s->xlen == 64;
    uint32_t vector[] = {
        0x00000297,                     /*      auipc t0, 0              */
        0x02828613,                     /*      addi  a2, t0, info - .   */
        0xf1402573,                     /*      csrr  a0, mhartid        */
        is64 ? 0x0202b583 : 0x0202a583, /*      ld/lw a1, dtb - .(t0)    */
        is64 ? 0x0182b283 : 0x0182a283, /*      ld/lw t0, start - .(t0)  */
        0x00028067,                     /*      jr    t0                 */
        boot->start,
        boot->start >> 32, /* start                         */
        dtb,
        dtb >> 32, /* dtb                           */
    };             /* info: fw_dynamic_info         */
    const uint64_t info[FW_DYNAMIC_WORDS] = {
        FW_DYNAMIC_MAGIC,       FW_DYNAMIC_VERSION, boot->kernel_entry,
        FW_DYNAMIC_NEXT_MODE_S, 0 /* options */,    0 /* boot hart */,
    };
    uint8_t info_bytes[sizeof(info)];
    size_t word = boot->s->xlen / 8;
    g_autoptr(GBytes) vector_blob = NULL;
    g_autoptr(GBytes) info_blob = NULL;

    for (unsigned i = 0; i < ARRAY_SIZE(vector); i++) {
        vector[i] = cpu_to_le32(vector[i]);
    }
    for (unsigned i = 0; i < FW_DYNAMIC_WORDS; i++) {
        stn_le_p(info_bytes + i * word, word, info[i]);
    }
    vector_blob = g_bytes_new(vector, sizeof(vector));
    info_blob = g_bytes_new(info_bytes, FW_DYNAMIC_WORDS * word);
    rom_add_bytes("mrom.reset", vector_blob, sizeof(vector), virt_map[VIRT_MROM].base);
    rom_add_bytes("mrom.finfo", info_blob, FW_DYNAMIC_WORDS * word,
                  virt_map[VIRT_MROM].base + sizeof(vector));
}

bool virt_boot_load(VirtMachineState *s, FDTContext *ctx, GError **error)
{
    VirtBoot boot = {
        .s = s,
        .ram_base = virt_map[VIRT_DRAM].base,
        .ram_end = virt_map[VIRT_DRAM].base + MACHINE(s)->ram_size,
    };
    hwaddr dtb;

    if (!virt_load_firmware(&boot, error) || !virt_load_kernel(&boot, error) ||
        !virt_load_initrd(&boot, ctx, error) || !virt_load_dtb(&boot, ctx, &dtb, error)) {
        return false;
    }
    virt_add_reset_vector(&boot, dtb);
    return true;
}
