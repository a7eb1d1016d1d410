/* SPDX-License-Identifier: MIT */
/* Host memory of regions: allocation, its failure, ram_addr_t, lookups, and freeing. */

#include "qemu/osdep.h"
#include "memory-test.h"
#include "qemu/units.h"

static void test_alloc(void)
{
    MemoryRegion small, big;
    uint8_t *p;

    g_assert_true(memory_region_init_ram(&small, NULL, "small", 100, NULL));
    g_assert_true(memory_region_init_ram(&big, NULL, "big", 64 * MiB, NULL));
    g_assert_cmpuint(memory_region_size(&small), ==, 100);
    g_assert_cmpuint(small.ram_block->used_length, ==, RAM_PAGE_SIZE);
    p = memory_region_get_ram_ptr(&big);
    g_assert_true(QEMU_PTR_IS_ALIGNED(p, RAM_ALIGN));
    for (uint64_t i = 0; i < 64 * MiB; i += 16 * MiB) {
        g_assert_cmphex(p[i], ==, 0);
        p[i] = 1;
    }
    object_unref(&small);
    object_unref(&big);
}

static void test_failure(void)
{
    g_autoptr(GError) error = NULL;
    MemoryRegion mr;

    /* 256 TiB are more than an x86-64 process can map. */
    g_assert_false(memory_region_init_ram(&mr, NULL, "mach.ram", RAM_SIZE_MAX, &error));
    g_assert_cmpstr(error->message, ==,
                    "cannot set up guest memory 'mach.ram': Cannot allocate memory");
    g_clear_error(&error);
    g_assert_false(memory_region_init_ram(&mr, NULL, "huge", RAM_SIZE_MAX + 1, &error));
    g_assert_nonnull(error);
    g_clear_error(&error);
    g_assert_false(memory_region_init_rom(&mr, NULL, "none", 0, &error));
    g_assert_nonnull(error);
}

static void test_failure_owner(void)
{
    Object *owner = object_new(TYPE_CONTAINER);
    MemoryRegion *mr = g_new0(MemoryRegion, 1);

    /* Leaves nothing behind in the owner. */
    g_assert_false(memory_region_init_ram(mr, owner, "ram", RAM_SIZE_MAX, NULL));
    g_assert_null(object_resolve_path_component(owner, "ram[0]"));
    g_assert_true(memory_region_init_ram(mr, owner, "ram", MiB, NULL));
    g_assert_true(object_resolve_path_component(owner, "ram[0]") == OBJECT(mr));
    object_unparent(OBJECT(mr));
    object_unref(owner);
    g_free(mr);
}

static void test_lookup(void)
{
    MemoryRegion mr[4];
    uint64_t offset;

    for (unsigned i = 0; i < ARRAY_SIZE(mr); i++) {
        g_assert_true(memory_region_init_ram(&mr[i], NULL, "mr", 3 * MiB, NULL));
    }
    RCU_READ_LOCK_GUARD();
    for (unsigned i = 0; i < ARRAY_SIZE(mr); i++) {
        ram_addr_t addr = memory_region_get_ram_addr(&mr[i]);
        uint8_t *p = memory_region_get_ram_ptr(&mr[i]);

        g_assert_true(QEMU_IS_ALIGNED(addr, RAM_ALIGN));
        g_assert_true(qemu_get_ram_block(addr + 3 * MiB - 1) == mr[i].ram_block);
        g_assert_null(qemu_get_ram_block(addr + 3 * MiB));
        g_assert_true(qemu_get_ram_ptr(addr + 5) == p + 5);
        g_assert_true(qemu_ram_block_from_host(p + 100, &offset) == mr[i].ram_block);
        g_assert_cmpuint(offset, ==, 100);
        g_assert_cmphex(qemu_ram_addr_from_host(p + 3 * MiB - 1), ==, addr + 3 * MiB - 1);
        g_assert_true(memory_region_from_host(p + 7, &offset) == &mr[i]);
        g_assert_cmpuint(offset, ==, 7);
    }
    g_assert_cmphex(qemu_ram_addr_from_host(&offset), ==, RAM_ADDR_INVALID);
    g_assert_null(qemu_get_ram_ptr(RAM_ADDR_INVALID));
    g_assert_cmphex(ram_last_offset(), ==, memory_region_get_ram_addr(&mr[3]) + 3 * MiB);

    /* A gap is used again, and the order is kept. */
    offset = memory_region_get_ram_addr(&mr[1]);
    object_unref(&mr[1]);
    g_assert_null(qemu_get_ram_block(offset));
    g_assert_true(memory_region_init_ram(&mr[1], NULL, "again", 4 * MiB, NULL));
    g_assert_cmphex(memory_region_get_ram_addr(&mr[1]), ==, offset);
    for (unsigned i = 0; i < ARRAY_SIZE(mr); i++) {
        object_unref(&mr[i]);
    }
    g_assert_cmphex(ram_last_offset(), ==, 0);
}

static void test_foreign(void)
{
    size_t page = qemu_real_host_page_size();
    uint8_t *memory = aligned_alloc(page, 2 * page);
    MemoryRegion mr;

    memory_region_init_ram_ptr(&mr, NULL, "foreign", 2 * page, memory);
    g_assert_true(memory_region_get_ram_ptr(&mr) == memory);
    object_unref(&mr);
    memory_test_settle();
    memory[0] = 1; /* still ours */
    free(memory);
}

static bool count_block(RAMBlock *block, void *opaque)
{
    (*(unsigned *)opaque)++;
    return false;
}

static void test_for_each(void)
{
    unsigned count = 0;
    MemoryRegion mr;

    RCU_READ_LOCK_GUARD();
    ram_block_for_each(count_block, &count);
    g_assert_cmpuint(count, ==, 0);
    g_assert_true(memory_region_init_ram(&mr, NULL, "mr", 1, NULL));
    ram_block_for_each(count_block, &count);
    g_assert_cmpuint(count, ==, 1);
    object_unref(&mr);
}

static void add_tests(void)
{
    g_test_add_func("/memory/ram/alloc", test_alloc);
    g_test_add_func("/memory/ram/failure", test_failure);
    g_test_add_func("/memory/ram/failure-owner", test_failure_owner);
    g_test_add_func("/memory/ram/lookup", test_lookup);
    g_test_add_func("/memory/ram/foreign", test_foreign);
    g_test_add_func("/memory/ram/for-each", test_for_each);
}

int main(int argc, char **argv)
{
    return memory_test_run(&argc, &argv, add_tests);
}
