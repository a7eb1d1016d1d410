/* SPDX-License-Identifier: MIT */
/*
 * info mtree: the text for a map in the shape of the virt board's, byte for byte as QEMU 11.1
 * prints it for the same kinds of region (memory, aliases into PCI windows, an idle bus master).
 */

#include "qemu/osdep.h"
#include "memory-test.h"
#include "qemu/units.h"
#include "system/address-spaces.h"

static const MemoryRegionOps ops;

typedef struct Board {
    MemoryRegion mrom, test, pio_window, pio, platform, flash, ecam, window, mmio, ecam_alias,
        mmio_alias, high_alias, ram, bus_master, bus_master_window;
    AddressSpace cpu, gpex;
} Board;

static Board b;

static void board_init(void)
{
    MemoryRegion *sysmem = get_system_memory();

    address_space_init(&b.cpu, sysmem, "cpu-memory-0");
    g_assert_true(memory_region_init_rom(&b.mrom, NULL, "riscv_virt_board.mrom", 0xf000, NULL));
    memory_region_init_io(&b.test, NULL, &ops, NULL, "riscv.sifive.test", 0x1000);
    memory_region_init_io(&b.pio_window, NULL, &unassigned_io_ops, NULL, "gpex_ioport_window",
                          0x10000);
    memory_region_init(&b.pio, NULL, "gpex_ioport", 0x10000);
    memory_region_init(&b.platform, NULL, "platform bus", 0x2000000);
    g_assert_true(
        memory_region_init_rom_device(&b.flash, NULL, &ops, NULL, "virt.flash0", 0x2000000, NULL));
    memory_region_init_io(&b.ecam, NULL, &ops, NULL, "pcie-mmcfg-mmio", 0x10000000);
    memory_region_init_io(&b.window, NULL, &unassigned_io_ops, NULL, "gpex_mmio_window",
                          UINT64_MAX);
    memory_region_init(&b.mmio, NULL, "gpex_mmio", UINT64_MAX);
    memory_region_init_alias(&b.ecam_alias, NULL, "pcie-ecam", &b.ecam, 0, 0x10000000);
    memory_region_init_alias(&b.mmio_alias, NULL, "pcie-mmio", &b.window, 0x40000000, 0x40000000);
    memory_region_init_alias(&b.high_alias, NULL, "pcie-mmio-high", &b.window, 16 * GiB, 16 * GiB);
    g_assert_true(memory_region_init_ram(&b.ram, NULL, "riscv_virt_board.ram", 128 * MiB, NULL));

    memory_region_add_subregion(sysmem, 0x1000, &b.mrom);
    memory_region_add_subregion(sysmem, 0x80000000, &b.ram);
    memory_region_add_subregion(sysmem, 0x100000, &b.test);
    memory_region_add_subregion(sysmem, 0x3000000, &b.pio_window);
    memory_region_add_subregion(&b.pio_window, 0, &b.pio);
    memory_region_add_subregion(sysmem, 0x4000000, &b.platform);
    memory_region_add_subregion(sysmem, 0x20000000, &b.flash);
    memory_region_add_subregion(sysmem, 0x30000000, &b.ecam_alias);
    memory_region_add_subregion(sysmem, 0x40000000, &b.mmio_alias);
    memory_region_add_subregion(sysmem, 16 * GiB, &b.high_alias);
    memory_region_add_subregion(&b.window, 0, &b.mmio);

    memory_region_init(&b.bus_master, NULL, "bus master container", UINT64_MAX);
    memory_region_init_alias(&b.bus_master_window, NULL, "bus master", sysmem, 0, UINT64_MAX);
    memory_region_set_enabled(&b.bus_master_window, false);
    memory_region_add_subregion(&b.bus_master, 0, &b.bus_master_window);
    address_space_init(&b.gpex, &b.bus_master, "gpex-root");
}

static void G_GNUC_PRINTF(2, 3) append(void *opaque, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    g_string_append_vprintf(opaque, fmt, ap);
    va_end(ap);
}

#define SYSTEM_TREE                                                                                \
    "  0000000000000000-ffffffffffffffff (prio 0, container): system\n"                            \
    "    0000000000001000-000000000000ffff (prio 0, rom): riscv_virt_board.mrom\n"                 \
    "    0000000000100000-0000000000100fff (prio 0, i/o): riscv.sifive.test\n"                     \
    "    0000000003000000-000000000300ffff (prio 0, i/o): gpex_ioport_window\n"                    \
    "      0000000003000000-000000000300ffff (prio 0, i/o): gpex_ioport\n"                         \
    "    0000000004000000-0000000005ffffff (prio 0, i/o): platform bus\n"                          \
    "    0000000020000000-0000000021ffffff (prio 0, romd): virt.flash0\n"                          \
    "    0000000030000000-000000003fffffff (prio 0, container): alias pcie-ecam "                  \
    "@pcie-mmcfg-mmio 0000000000000000-000000000fffffff\n"                                         \
    "    0000000040000000-000000007fffffff (prio 0, container): alias pcie-mmio "                  \
    "@gpex_mmio_window 0000000040000000-000000007fffffff\n"                                        \
    "    0000000080000000-0000000087ffffff (prio 0, ram): riscv_virt_board.ram\n"                  \
    "    0000000400000000-00000007ffffffff (prio 0, container): alias pcie-mmio-high "             \
    "@gpex_mmio_window 0000000400000000-00000007ffffffff\n\n"

static void test_tree(void)
{
    g_autoptr(GString) text = g_string_new(NULL);

    mtree_info(append, text, false, false, false);
    g_assert_cmpstr(text->str, ==,
                    "address-space: cpu-memory-0\n"
                    "address-space: memory\n" SYSTEM_TREE "address-space: I/O\n"
                    "  0000000000000000-000000000000ffff (prio 0, container): io\n\n"
                    "address-space: gpex-root\n"
                    "  0000000000000000-ffffffffffffffff (prio 0, container): bus master "
                    "container\n\n"
                    "memory-region: pcie-mmcfg-mmio\n"
                    "  0000000000000000-000000000fffffff (prio 0, container): "
                    "pcie-mmcfg-mmio\n\n"
                    "memory-region: gpex_mmio_window\n"
                    "  0000000000000000-ffffffffffffffff (prio 0, container): "
                    "gpex_mmio_window\n"
                    "    0000000000000000-ffffffffffffffff (prio 0, i/o): gpex_mmio\n\n"
                    "memory-region: system\n" SYSTEM_TREE);
}

static void test_disabled(void)
{
    g_autoptr(GString) text = g_string_new(NULL);

    mtree_info(append, text, false, false, true);
    g_assert_nonnull(strstr(text->str,
                            "bus master container\n"
                            "    0000000000000000-ffffffffffffffff (prio 0, container): alias "
                            "bus master @system 0000000000000000-ffffffffffffffff [disabled]\n"));
}

static void test_flat(void)
{
    g_autoptr(GString) text = g_string_new(NULL);

    mtree_info(append, text, true, false, false);
    g_assert_cmpstr(text->str, ==,
                    "FlatView #0\n"
                    " AS \"I/O\", root: io\n"
                    " Root memory region: io\n"
                    "  0000000000000000-000000000000ffff (prio 0, container): io\n"
                    "\n"
                    "FlatView #1\n"
                    " AS \"gpex-root\", root: bus master container\n"
                    " Root memory region: (none)\n"
                    "  No rendered FlatView\n"
                    "\n"
                    "FlatView #2\n"
                    " AS \"memory\", root: system\n"
                    " AS \"cpu-memory-0\", root: system\n"
                    " Root memory region: system\n"
                    "  0000000000001000-000000000000ffff (prio 0, rom): riscv_virt_board.mrom\n"
                    "  0000000000100000-0000000000100fff (prio 0, i/o): riscv.sifive.test\n"
                    "  0000000003000000-000000000300ffff (prio 0, i/o): gpex_ioport_window\n"
                    "  0000000020000000-0000000021ffffff (prio 0, romd): virt.flash0\n"
                    "  0000000030000000-000000003fffffff (prio 0, container): pcie-mmcfg-mmio\n"
                    "  0000000040000000-000000007fffffff (prio 0, container): gpex_mmio_window "
                    "@0000000040000000\n"
                    "  0000000080000000-0000000087ffffff (prio 0, ram): riscv_virt_board.ram\n"
                    "  0000000400000000-00000007ffffffff (prio 0, container): gpex_mmio_window "
                    "@0000000400000000\n"
                    "\n");
}

static void test_owner(void)
{
    g_autoptr(GString) text = g_string_new(NULL);
    Object *owner = object_new(TYPE_CONTAINER);
    MemoryRegion mr;

    object_property_add_child(object_get_root(), "uart", owner);
    memory_region_init_io(&mr, owner, &ops, NULL, "serial", 8);
    memory_region_add_subregion(get_system_memory(), 0x10000000, &mr);
    mtree_info(append, text, true, true, false);
    g_assert_nonnull(strstr(text->str, "  0000000010000000-0000000010000007 (prio 0, i/o): serial "
                                       "owner:{obj path=/uart}\n"));
    memory_region_del_subregion(get_system_memory(), &mr);
    memory_test_settle();
    object_unparent(OBJECT(&mr));
    object_unparent(owner);
    object_unref(owner);
}

static void add_tests(void)
{
    memory_map_init();
    board_init();
    g_test_add_func("/memory/mtree/tree", test_tree);
    g_test_add_func("/memory/mtree/disabled", test_disabled);
    g_test_add_func("/memory/mtree/flat", test_flat);
    g_test_add_func("/memory/mtree/owner", test_owner);
}

int main(int argc, char **argv)
{
    return memory_test_run(&argc, &argv, add_tests);
}
