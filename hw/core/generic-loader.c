/* SPDX-License-Identifier: MIT */
/*
 * -device loader: put a file or a number into guest memory, or start a hart at an address.
 *
 *   loader,file=F[,addr=A][,cpu-num=N][,force-raw=on]   ELF at its own addresses, else F at A
 *   loader,addr=A,data=D,data-len=L[,data-be=on][,cpu-num=N]   L bytes at A
 *   loader,addr=A,cpu-num=N                             hart N starts at A
 *
 * With cpu-num the hart starts at the ELF file's entry, or at A. A file is a ROM blob
 * (hw/core/loader.h) and overlaps nothing; a number is written after all blobs, so it patches them.
 * Runs under the BQL. Tests: tests/unit/hw/core-loader/test-generic-loader.c.
 */
#include "qemu/osdep.h"

#include <elf.h>

#include "hw/core/boards.h"
#include "hw/core/cpu.h"
#include "hw/core/loader.h"
#include "hw/core/qdev-properties.h"
#include "hw/core/reset.h"
#include "qemu/bswap.h"
#include "qemu/error.h"
#include "qemu/units.h"
#include "system/address-spaces.h"

#define TYPE_GENERIC_LOADER "loader"
OBJECT_DECLARE_SIMPLE_TYPE(GenericLoaderState, GENERIC_LOADER)

#define CPU_NUM_NONE UINT32_MAX

/* A file goes to RAM, or to a flash or ROM of at most this size. */
#define MAX_ROM_SIZE ((uint64_t)(64 * MiB))

struct GenericLoaderState {
    DeviceState parent_obj;

    /* [const] properties */
    uint64_t addr;
    uint64_t data;
    uint8_t data_len;
    bool data_be;
    bool force_raw;
    uint32_t cpu_num;
    char *file;

    CPUState *cpu; /* [const] to start at @addr, or NULL */
    bool on_reset; /* [const] registered with reset */
};

/* After the harts' own reset: they were registered before. */
static void generic_loader_reset(void *opaque)
{
    GenericLoaderState *s = opaque;

    if (s->data_len) {
        uint8_t le[sizeof(s->data)], be[sizeof(s->data)];

        stq_le_p(le, s->data);
        stq_be_p(be, s->data);
        address_space_write_rom(&address_space_memory, s->addr, MEMTXATTRS_UNSPECIFIED,
                                s->data_be ? be + sizeof(be) - s->data_len : le, s->data_len);
    }
    if (s->cpu) {
        CPU_GET_CLASS(s->cpu)->set_pc(s->cpu, s->addr);
    }
}

static bool generic_loader_check(GenericLoaderState *s, GError **error)
{
    bool has_cpu = s->cpu_num != CPU_NUM_NONE;

    if (s->data || s->data_len || s->data_be) {
        if (s->file) {
            error_setg(error, "Specifying a file is not supported when loading memory values");
        } else if (s->force_raw) {
            error_setg(error, "Specifying force-raw is not supported when loading memory values");
        } else if (s->data_len == 0) {
            error_setg(error, "Both data and data-len must be specified");
        } else if (s->data_len > sizeof(s->data)) {
            error_setg(error, "data-len cannot be greater then 8 bytes");
        } else {
            return true;
        }
        return false;
    }
    if (!s->file && !s->addr && !has_cpu) {
        error_setg(error, "please include valid arguments");
        return false;
    }
    if (!s->file && !has_cpu) {
        error_setg(error, "cpu_num must be specified when setting a program counter");
        return false;
    }
    return true;
}

static bool generic_loader_load(GenericLoaderState *s, GError **error)
{
    uint64_t max_size = MAX(machine_get_current()->ram_size, MAX_ROM_SIZE);
    g_autoptr(GBytes) file = load_file_bytes(s->file, max_size, error);

    if (file && !s->force_raw && elf_is_elf(file)) {
        const uint8_t *ident = g_bytes_get_data(file, NULL);
        unsigned xlen = g_bytes_get_size(file) > EI_CLASS && ident[EI_CLASS] == ELFCLASS32 ? 32 :
                                                                                             64;
        LoadRange anywhere = {.name = "memory"};
        LoadedElf elf;

        if (elf_load(s->file, file, EM_RISCV, xlen, &anywhere, &elf, error)) {
            s->addr = elf.entry;
            return true;
        }
    } else if (file) {
        rom_add_bytes(s->file, file, g_bytes_get_size(file), s->addr);
        return true;
    }
    error_prefix(error, "Cannot load specified image %s: ", s->file);
    return false;
}

static bool generic_loader_realize(DeviceState *dev, GError **error)
{
    GenericLoaderState *s = GENERIC_LOADER(dev);

    if (!generic_loader_check(s, error)) {
        return false;
    }
    if (s->cpu_num != CPU_NUM_NONE) {
        s->cpu = s->cpu_num <= INT_MAX ? qemu_get_cpu(s->cpu_num) : NULL;
        if (!s->cpu) {
            error_setg(error, "Specified boot CPU#%" PRIu32 " is nonexistent", s->cpu_num);
            return false;
        }
    }
    if (s->file && !generic_loader_load(s, error)) {
        return false;
    }
    if (s->data_len || s->cpu) {
        qemu_register_reset(generic_loader_reset, s);
        s->on_reset = true;
    }
    return true;
}

static void generic_loader_unrealize(DeviceState *dev)
{
    GenericLoaderState *s = GENERIC_LOADER(dev);

    if (s->on_reset) {
        qemu_unregister_reset(generic_loader_reset, s);
    }
}

static const Property generic_loader_properties[] = {
    DEFINE_PROP_UINT64("addr", GenericLoaderState, addr, 0),
    DEFINE_PROP_UINT64("data", GenericLoaderState, data, 0),
    DEFINE_PROP_UINT8("data-len", GenericLoaderState, data_len, 0),
    DEFINE_PROP_BOOL("data-be", GenericLoaderState, data_be, false),
    DEFINE_PROP_UINT32("cpu-num", GenericLoaderState, cpu_num, CPU_NUM_NONE),
    DEFINE_PROP_BOOL("force-raw", GenericLoaderState, force_raw, false),
    DEFINE_PROP_STRING("file", GenericLoaderState, file),
};

static void generic_loader_class_init(ObjectClass *klass, const void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);

    dc->desc = "Generic Loader";
    dc->hotpluggable = false;
    dc->realize = generic_loader_realize;
    dc->unrealize = generic_loader_unrealize;
    set_bit(DEVICE_CATEGORY_MISC, dc->categories);
    device_class_set_props(dc, generic_loader_properties);
}

static const TypeInfo generic_loader_types[] = {
    {
        .name = TYPE_GENERIC_LOADER,
        .parent = TYPE_DEVICE,
        .instance_size = sizeof(GenericLoaderState),
        .class_init = generic_loader_class_init,
    },
};
DEFINE_TYPES(generic_loader_types)
