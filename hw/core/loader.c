/* SPDX-License-Identifier: MIT */
/*
 * The registry of ROM blobs: what is copied into guest memory at each reset.
 *
 * Blobs are collected while the machine is set up, checked once it is complete, and written by a
 * reset handler, into ROM as well. The bytes stay in host memory for the next reset. Runs under the
 * BQL. Tests: tests/unit/hw/core-loader/test-loader.c.
 */
#include "qemu/osdep.h"

#include "hw/core/loader.h"
#include "hw/core/reset.h"
#include "qemu/error.h"
#include "system/address-spaces.h"

typedef struct Rom {
    char *name;
    GBytes *data;
    hwaddr addr;
    uint64_t size; /* at least that of @data: the rest is zero */
} Rom;

static GPtrArray *roms; /* [bql] of Rom; sorted by address once registered for reset */
static bool roms_registered;

static void rom_free(void *opaque)
{
    Rom *rom = opaque;

    g_bytes_unref(rom->data);
    g_free(rom->name);
    g_free(rom);
}

void rom_add_bytes(const char *name, GBytes *data, uint64_t size, hwaddr addr)
{
    Rom *rom;

    g_assert(!roms_registered && size >= g_bytes_get_size(data));
    if (size == 0) {
        return;
    }
    if (!roms) {
        roms = g_ptr_array_new_with_free_func(rom_free);
    }
    rom = g_new(Rom, 1);
    *rom = (Rom){
        .name = g_strdup(name),
        .data = g_bytes_ref(data),
        .addr = addr,
        .size = size,
    };
    g_ptr_array_add(roms, rom);
}

bool rom_covers(hwaddr addr)
{
    for (unsigned i = 0; roms && i < roms->len; i++) {
        const Rom *rom = g_ptr_array_index(roms, i);

        if (addr >= rom->addr && addr - rom->addr < rom->size) {
            return true;
        }
    }
    return false;
}

/* How many bytes from @addr, at most @max, no blob lies in. */
static uint64_t rom_free_bytes(hwaddr addr, uint64_t max)
{
    if (rom_covers(addr)) {
        return 0;
    }
    for (unsigned i = 0; roms && i < roms->len; i++) {
        const Rom *rom = g_ptr_array_index(roms, i);

        if (rom->addr > addr) {
            max = MIN(max, rom->addr - addr);
        }
    }
    return max;
}

void rom_find_gap(hwaddr base, uint64_t size, hwaddr *gap, uint64_t *gap_size)
{
    *gap = base;
    *gap_size = size ? rom_free_bytes(base, size) : 0;
    /* a gap begins where the range does or where a blob ends */
    for (unsigned i = 0; roms && i < roms->len; i++) {
        const Rom *rom = g_ptr_array_index(roms, i);
        hwaddr end = rom->addr + rom->size;
        uint64_t free_bytes;

        if (end < base || end - base >= size) {
            continue;
        }
        free_bytes = rom_free_bytes(end, size - (end - base));
        if (free_bytes > *gap_size) {
            *gap = end;
            *gap_size = free_bytes;
        }
    }
}

static int rom_compare(const void *pa, const void *pb)
{
    const Rom *a = *(const Rom *const *)pa;
    const Rom *b = *(const Rom *const *)pb;

    return a->addr < b->addr ? -1 : a->addr > b->addr;
}

/* Text that users and their tools know; the first line is the message, the rest its hint. */
static bool rom_check_overlaps(GError **error)
{
    g_autoptr(GString) pairs = g_string_new(NULL);
    const Rom *prev = NULL;

    for (unsigned i = 0; i < roms->len; i++) {
        const Rom *rom = g_ptr_array_index(roms, i);

        if (prev && rom->addr - prev->addr < prev->size) {
            g_string_append_printf(
                pairs,
                "\nThe following two regions overlap (in the memory address space):\n"
                "  %s (addresses 0x%016" PRIx64 " - 0x%016" PRIx64 ")\n"
                "  %s (addresses 0x%016" PRIx64 " - 0x%016" PRIx64 ")\n",
                prev->name, prev->addr, prev->addr + prev->size, rom->name, rom->addr,
                rom->addr + rom->size);
            if (prev->size - (rom->addr - prev->addr) >= rom->size) {
                continue; /* the next one is compared with what reaches further */
            }
        }
        prev = rom;
    }
    if (pairs->len == 0) {
        return true;
    }
    error_setg(error, "Some ROM regions are overlapping");
    error_append_hint(
        error,
        "These ROM regions might have been loaded by direct user request or by default.\n"
        "They could be BIOS/firmware images, a guest kernel, initrd or some other file loaded "
        "into guest memory.\n"
        "Check whether you intended to load all this guest code, and whether it has been built "
        "to load to the correct addresses.\n"
        "%s",
        pairs->str);
    return false;
}

/* The kind of memory at @addr, and in *@len how many of *@len bytes from there on are of it. */
static const char *rom_memory_kind(hwaddr addr, uint64_t *len)
{
    MemoryRegionSection section = memory_region_find(get_system_memory(), addr, *len);
    const char *kind = NULL;

    if (!section.mr) {
        return NULL;
    }
    if (section.offset_within_address_space == addr) {
        kind = memory_region_is_rom(section.mr) || memory_region_is_romd(section.mr) ? "rom" :
               memory_region_is_ram(section.mr)                                      ? "ram" :
                                                                                       NULL;
        *len = MIN(*len, section.size);
    }
    memory_region_unref(section.mr);
    return kind;
}

static bool rom_check_memory(const Rom *rom, GError **error)
{
    uint64_t done = 0;

    while (done < rom->size) {
        uint64_t len = rom->size - done;

        if (rom->addr + done < rom->addr || !rom_memory_kind(rom->addr + done, &len)) {
            error_setg(error,
                       "%s (addresses 0x%016" PRIx64 " - 0x%016" PRIx64
                       ") does not fit: there is no RAM or ROM at 0x%" PRIx64,
                       rom->name, rom->addr, rom->addr + rom->size, rom->addr + done);
            return false;
        }
        done += len;
    }
    return true;
}

static void rom_reset(void *opaque)
{
    for (unsigned i = 0; i < roms->len; i++) {
        const Rom *rom = g_ptr_array_index(roms, i);
        size_t len = 0;
        const void *data = g_bytes_get_data(rom->data, &len);

        address_space_write_rom(&address_space_memory, rom->addr, MEMTXATTRS_UNSPECIFIED, data,
                                len);
        if (rom->size > len) {
            address_space_set(&address_space_memory, rom->addr + len, 0, rom->size - len,
                              MEMTXATTRS_UNSPECIFIED);
        }
    }
}

bool rom_check_and_register_reset(GError **error)
{
    if (!roms) {
        return true;
    }
    g_ptr_array_sort(roms, rom_compare);
    if (!rom_check_overlaps(error)) {
        return false;
    }
    for (unsigned i = 0; i < roms->len; i++) {
        if (!rom_check_memory(g_ptr_array_index(roms, i), error)) {
            return false;
        }
    }
    qemu_register_reset(rom_reset, NULL);
    roms_registered = true;
    return true;
}

void rom_print_all(GString *out)
{
    for (unsigned i = 0; roms && i < roms->len; i++) {
        const Rom *rom = g_ptr_array_index(roms, i);
        uint64_t len = rom->size;

        g_string_append_printf(out, "addr=%016" PRIx64 " size=0x%06" PRIx64 " mem=%s name=\"%s\"\n",
                               rom->addr, rom->size, rom_memory_kind(rom->addr, &len) ?: "none",
                               rom->name);
    }
}

void rom_clear(void)
{
    if (roms_registered) {
        qemu_unregister_reset(rom_reset, NULL);
        roms_registered = false;
    }
    g_clear_pointer(&roms, g_ptr_array_unref);
}
