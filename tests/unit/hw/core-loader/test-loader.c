/* SPDX-License-Identifier: MIT */
/*
 * The registry of ROM blobs: checks, the copy at reset, `info roms`.
 */
#include "qemu/osdep.h"

#include "../hw-test.h"
#include "hw/core/loader.h"
#include "hw/core/reset.h"
#include "qemu/error.h"
#include "system/address-spaces.h"

#define RAM_BASE 0x80000000
#define RAM_SIZE 0x10000
#define ROM_BASE 0x1000
#define ROM_SIZE 0x1000

static MemoryRegion ram, rom;

static void add(const char *name, const char *text, uint64_t size, hwaddr addr)
{
    g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));

    rom_add_bytes(name, bytes, MAX(size, strlen(text)), addr);
}

static void expect_error(const char *message)
{
    g_autoptr(GError) error = NULL;

    g_assert_false(rom_check_and_register_reset(&error));
    g_assert_cmpstr(error->message, ==, message);
    rom_clear();
}

static void expect_ok(void)
{
    g_autoptr(GError) error = NULL;

    g_assert_true(rom_check_and_register_reset(&error));
    g_assert_no_error(error);
}

static void expect_memory(hwaddr addr, const char *text, size_t size)
{
    g_autofree char *bytes = g_malloc(size);

    address_space_read(&address_space_memory, addr, MEMTXATTRS_UNSPECIFIED, bytes, size);
    g_assert_cmpmem(bytes, size, text, size);
}

static void test_copy(void)
{
    add("rom", "reset", 0, ROM_BASE);
    add("ram", "kernel", 8, RAM_BASE + 0x100);
    g_assert_true(rom_covers(RAM_BASE + 0x107));
    g_assert_false(rom_covers(RAM_BASE + 0x108));
    g_assert_false(rom_covers(RAM_BASE + 0xff));
    expect_ok();
    for (int i = 0; i < 2; i++) {
        address_space_set(&address_space_memory, RAM_BASE, 0xee, RAM_SIZE, MEMTXATTRS_UNSPECIFIED);
        qemu_devices_reset(RESET_TYPE_COLD);
        expect_memory(ROM_BASE, "reset", 5);
        expect_memory(RAM_BASE + 0xfe, "\xee\xeekernel\0\0\xee", 11);
    }
    rom_clear();
    address_space_set(&address_space_memory, RAM_BASE, 0, RAM_SIZE, MEMTXATTRS_UNSPECIFIED);
    qemu_devices_reset(RESET_TYPE_COLD);
    expect_memory(RAM_BASE + 0x100, "\0\0\0\0", 4);
}

static void test_print(void)
{
    g_autoptr(GString) out = g_string_new(NULL);

    add("fdt", "xxxx", 0x13b4, RAM_BASE + 0x2000);
    add("mrom.reset", "y", 0x28, ROM_BASE);
    expect_ok();
    rom_print_all(out);
    g_assert_cmpstr(out->str, ==,
                    "addr=0000000000001000 size=0x000028 mem=rom name=\"mrom.reset\"\n"
                    "addr=0000000080002000 size=0x0013b4 mem=ram name=\"fdt\"\n");
    rom_clear();
}

static void test_overlap(void)
{
    g_autoptr(GError) error = NULL;

    add("k.elf ELF program header segment 1", "x", 0x10e0, RAM_BASE + 0x100);
    add("fw.bin", "x", 0x3d68, RAM_BASE);
    g_assert_false(rom_check_and_register_reset(&error));
    g_assert_cmpstr(error->message, ==, "Some ROM regions are overlapping");
    g_assert_cmpstr(
        error_get_hint(error), ==,
        "These ROM regions might have been loaded by direct user request or by default.\n"
        "They could be BIOS/firmware images, a guest kernel, initrd or some other file loaded into "
        "guest memory.\n"
        "Check whether you intended to load all this guest code, and whether it has been built to "
        "load to the correct addresses.\n"
        "\n"
        "The following two regions overlap (in the memory address space):\n"
        "  fw.bin (addresses 0x0000000080000000 - 0x0000000080003d68)\n"
        "  k.elf ELF program header segment 1 (addresses 0x0000000080000100 - "
        "0x00000000800011e0)\n");
    rom_clear();

    /* One that reaches over the next is compared with the one after that. */
    add("a", "x", 0x1000, RAM_BASE);
    add("b", "x", 0x10, RAM_BASE + 0x100);
    add("c", "x", 0x10, RAM_BASE + 0x200);
    expect_error("Some ROM regions are overlapping");

    add("a", "x", 0x100, RAM_BASE);
    add("b", "x", 0x100, RAM_BASE + 0x100);
    add("empty", "", 0, RAM_BASE + 0x80);
    expect_ok();
    rom_clear();
}

static void test_no_memory(void)
{
    add("high", "xxxx", 0, RAM_BASE + RAM_SIZE - 2);
    expect_error("high (addresses 0x000000008000fffe - 0x0000000080010002) does not fit: there is "
                 "no RAM or ROM at 0x80010000");
    add("nowhere", "x", 0, 0x40000000);
    expect_error("nowhere (addresses 0x0000000040000000 - 0x0000000040000001) does not fit: there "
                 "is no RAM or ROM at 0x40000000");
    add("before", "xx", 0, RAM_BASE - 1);
    expect_error("before (addresses 0x000000007fffffff - 0x0000000080000001) does not fit: there "
                 "is no RAM or ROM at 0x7fffffff");
    add("wraps", "x", UINT64_MAX, RAM_BASE);
    expect_error("wraps (addresses 0x0000000080000000 - 0x000000007fffffff) does not fit: there is "
                 "no RAM or ROM at 0x80010000");
}

int main(int argc, char **argv)
{
    hw_test_init(&argc, &argv);
    memory_region_init_ram(&ram, NULL, "ram", RAM_SIZE, NULL);
    memory_region_add_subregion(get_system_memory(), RAM_BASE, &ram);
    memory_region_init_rom(&rom, NULL, "rom", ROM_SIZE, NULL);
    memory_region_add_subregion(get_system_memory(), ROM_BASE, &rom);
    g_test_add_func("/loader/copy", test_copy);
    g_test_add_func("/loader/print", test_print);
    g_test_add_func("/loader/overlap", test_overlap);
    g_test_add_func("/loader/no-memory", test_no_memory);
    return g_test_run();
}
