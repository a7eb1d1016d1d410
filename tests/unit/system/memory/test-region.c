/* SPDX-License-Identifier: MIT */
/* MemoryRegion as an object, and the questions one can ask it. */

#include "qemu/osdep.h"
#include "memory-test.h"
#include "qemu/units.h"

static const MemoryRegionOps no_ops;

static void test_sizes(void)
{
    static const uint64_t sizes[] = {0, 1, 0x1000, UINT64_MAX - 1, UINT64_MAX};

    for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
        MemoryRegion mr;

        memory_region_init(&mr, NULL, "mr", sizes[i]);
        g_assert_cmphex(memory_region_size(&mr), ==, sizes[i]);
        memory_region_set_size(&mr, 0x2000);
        g_assert_cmphex(memory_region_size(&mr), ==, 0x2000);
        object_unref(&mr);
    }
}

static void test_kinds(void)
{
    MemoryRegion ram, rom, romd, io;

    g_assert_true(memory_region_init_ram(&ram, NULL, "ram", KiB, NULL));
    g_assert_true(memory_region_init_rom(&rom, NULL, "rom", KiB, NULL));
    g_assert_true(memory_region_init_rom_device(&romd, NULL, &no_ops, NULL, "romd", KiB, NULL));
    memory_region_init_io(&io, NULL, &no_ops, NULL, "io", KiB);

    g_assert_true(memory_region_is_ram(&ram) && !memory_region_is_rom(&ram));
    g_assert_true(memory_region_is_ram(&rom) && memory_region_is_rom(&rom));
    g_assert_true(memory_region_is_romd(&romd) && !memory_region_is_ram(&romd));
    g_assert_false(memory_region_is_ram(&io) || memory_region_is_romd(&io));

    g_assert_true(memory_region_access_is_direct(&ram, true));
    g_assert_true(memory_region_access_is_direct(&rom, false));
    g_assert_false(memory_region_access_is_direct(&rom, true));
    g_assert_true(memory_region_access_is_direct(&romd, false));
    g_assert_false(memory_region_access_is_direct(&romd, true));
    memory_region_rom_device_set_romd(&romd, false);
    g_assert_false(memory_region_access_is_direct(&romd, false));
    g_assert_false(memory_region_access_is_direct(&io, false));
    g_assert_null(memory_region_get_ram_ptr(&io));
    g_assert_cmphex(memory_region_get_ram_addr(&io), ==, RAM_ADDR_INVALID);
    g_assert_true(memory_region_needs_bql(&io));
    memory_region_clear_global_locking(&io);
    g_assert_false(memory_region_needs_bql(&io));

    object_unref(&ram);
    object_unref(&rom);
    object_unref(&romd);
    object_unref(&io);
}

static void test_alias_pointer(void)
{
    MemoryRegion ram, half, quarter;

    g_assert_true(memory_region_init_ram(&ram, NULL, "ram", 4 * MiB, NULL));
    memory_region_init_alias(&half, NULL, "half", &ram, 2 * MiB, 2 * MiB);
    memory_region_init_alias(&quarter, NULL, "quarter", &half, MiB, MiB);
    g_assert_true(memory_region_get_ram_ptr(&quarter) ==
                  (uint8_t *)memory_region_get_ram_ptr(&ram) + 3 * MiB);
    object_unref(&quarter);
    object_unref(&half);
    object_unref(&ram);
}

static void test_qom(void)
{
    Object *owner = object_new(TYPE_CONTAINER);
    MemoryRegion *mr = g_new0(MemoryRegion, 3);
    Object *found;
    uint64_t size;

    object_property_add_child(object_get_root(), "dev", owner);
    memory_region_init(&mr[0], owner, "regs", 0x1000);
    memory_region_init(&mr[1], owner, "regs", 0x2000);
    memory_region_init(&mr[2], owner, "a/b[0]", 0x3000);
    found = object_resolve_path("/dev/regs[1]", NULL);
    g_assert_true(found == OBJECT(&mr[1]));
    size = object_property_get_uint(found, "size", NULL);
    g_assert_cmphex(size, ==, 0x2000);
    g_assert_true(object_resolve_path("/dev/a\\x2fb\\x5b0\\x5d[0]", NULL) == OBJECT(&mr[2]));

    memory_region_add_subregion_overlap(&mr[0], 0x800, &mr[1], 3);
    g_assert_cmphex(object_property_get_uint(found, "addr", NULL), ==, 0x800);
    g_assert_cmpint(object_property_get_int(found, "priority", NULL), ==, 3);
    /* Siblings hold no references on their common owner: it can go with all it has. */
    g_assert_cmpuint(owner->ref, ==, 2);
    memory_region_del_subregion(&mr[0], &mr[1]);
    object_unparent(owner);
    object_unref(owner);
    g_free(mr);
}

static void add_tests(void)
{
    g_test_add_func("/memory/region/sizes", test_sizes);
    g_test_add_func("/memory/region/kinds", test_kinds);
    g_test_add_func("/memory/region/alias-pointer", test_alias_pointer);
    g_test_add_func("/memory/region/qom", test_qom);
}

int main(int argc, char **argv)
{
    return memory_test_run(&argc, &argv, add_tests);
}
