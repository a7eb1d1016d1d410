/* SPDX-License-Identifier: MIT */
/* DMA mappings, bounce buffers and their limit, ring caches. */

#include "qemu/osdep.h"
#include "memory-test.h"
#include "system/dirty.h"

#define ATTRS MEMTXATTRS_UNSPECIFIED

static const MemoryRegionOps device_ops = {
    .read_with_attrs = device_read,
    .write_with_attrs = device_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
};

typedef struct Board {
    Space s;
    MemoryRegion ram;
    Device d;
} Board;

static void board_init(Board *b)
{
    space_init(&b->s, UINT64_MAX);
    g_assert_true(memory_region_init_ram(&b->ram, NULL, "ram", 0x4000, NULL));
    device_init(&b->d, NULL, &device_ops, "device");
    memory_region_add_subregion(&b->s.root, 0, &b->ram);
    memory_region_add_subregion(&b->s.root, 0x4000, &b->d.mr);
}

static void board_destroy(Board *b)
{
    memory_region_del_subregion(&b->s.root, &b->ram);
    memory_region_del_subregion(&b->s.root, &b->d.mr);
    memory_test_settle();
    object_unref(&b->ram);
    device_destroy(&b->d);
    space_destroy(&b->s);
}

static void test_map_ram(void)
{
    ram_addr_t base;
    hwaddr len = 0x10000;
    uint8_t *p;
    Board b;

    board_init(&b);
    base = memory_region_get_ram_addr(&b.ram);
    p = address_space_map(&b.s.as, 0x1000, &len, true, ATTRS);
    g_assert_cmphex(len, ==, 0x3000);
    g_assert_true(p == (uint8_t *)memory_region_get_ram_ptr(&b.ram) + 0x1000);

    dirty_test_and_clear(base, 0x4000, DIRTY_MEMORY_VGA);
    memset(p, 1, 0x1800);
    address_space_unmap(&b.s.as, p, len, true, 0x1800);
    g_assert_false(dirty_test_page(base, DIRTY_MEMORY_VGA));
    g_assert_true(dirty_test_page(base + 0x1000, DIRTY_MEMORY_VGA));
    g_assert_true(dirty_test_page(base + 0x2000, DIRTY_MEMORY_VGA));
    g_assert_false(dirty_test_page(base + 0x3000, DIRTY_MEMORY_VGA));

    len = 0;
    g_assert_null(address_space_map(&b.s.as, 0x1000, &len, true, ATTRS));
    board_destroy(&b);
}

static unsigned woken;

static void on_room(void *opaque)
{
    woken++;
}

static void test_bounce(void)
{
    hwaddr len = 16, len2 = 100, len3 = 1;
    uint8_t *p, *p2;
    QEMUBH *bh = qemu_bh_new(on_room, NULL);
    Board b;

    board_init(&b);
    p = address_space_map(&b.s.as, 0x4000, &len, false, ATTRS);
    g_assert_cmpuint(len, ==, 16);
    device_expect(&b.d, "r4@0 r4@4 r4@8 r4@c ");
    g_assert_cmphex(p[5], ==, 0x15);
    address_space_unmap(&b.s.as, p, len, false, 16);
    device_expect(&b.d, "");

    /* Only what was written goes back. */
    len = 16;
    p = address_space_map(&b.s.as, 0x4000, &len, true, ATTRS);
    device_expect(&b.d, "");
    memcpy(p, "\x1\x2\x3\x4\x5\x6\x7\x8", 8);
    address_space_unmap(&b.s.as, p, len, true, 4);
    device_expect(&b.d, "w4@0=4030201 ");

    /* The limit is shared by all mappings of the space. */
    b.s.as.max_bounce_buffer_size = 48;
    len = 32;
    p = address_space_map(&b.s.as, 0x4000, &len, true, ATTRS);
    p2 = address_space_map(&b.s.as, 0x8000, &len2, true, ATTRS);
    g_assert_cmpuint(len, ==, 32);
    g_assert_cmpuint(len2, ==, 16);
    g_assert_null(address_space_map(&b.s.as, 0x8000, &len3, true, ATTRS));
    g_assert_cmpuint(len3, ==, 0);
    address_space_register_map_client(&b.s.as, bh);
    main_loop_wait(true);
    g_assert_cmpuint(woken, ==, 0);
    address_space_unmap(&b.s.as, p2, len2, true, 0);
    main_loop_wait(true);
    g_assert_cmpuint(woken, ==, 1);
    /* There is room now: told at once. */
    address_space_register_map_client(&b.s.as, bh);
    main_loop_wait(true);
    g_assert_cmpuint(woken, ==, 2);
    address_space_unregister_map_client(&b.s.as, bh);
    address_space_unmap(&b.s.as, p, len, true, 0);
    main_loop_wait(true);
    g_assert_cmpuint(woken, ==, 2);
    g_assert_cmpuint(b.s.as.bounce_buffer_size, ==, 0);
    qemu_bh_delete(bh);
    board_destroy(&b);
}

static void test_cache_ram(void)
{
    MemoryRegionCache cache;
    uint8_t buf[8];
    ram_addr_t base;
    Board b;

    board_init(&b);
    base = memory_region_get_ram_addr(&b.ram);
    g_assert_cmpint(address_space_cache_init(&cache, &b.s.as, 0x3ff0, 0x100, true), ==, 0x10);
    address_space_cache_destroy(&cache);
    g_assert_cmpint(address_space_cache_init(&cache, &b.s.as, 0x1000, 0x20, true), ==, 0x20);

    dirty_test_and_clear(base, 0x4000, DIRTY_MEMORY_MIGRATION);
    stq_le_phys_cached(&cache, 8, 0x1122334455667788);
    g_assert_true(dirty_test_page(base + 0x1000, DIRTY_MEMORY_MIGRATION));
    g_assert_cmphex(ldq_le_phys_cached(&cache, 8), ==, 0x1122334455667788);
    g_assert_cmphex(ldl_le_phys_cached(&cache, 12), ==, 0x11223344);
    g_assert_cmphex(lduw_le_phys_cached(&cache, 8), ==, 0x7788);
    g_assert_cmphex(address_space_ldq_le(&b.s.as, 0x1008, ATTRS, NULL), ==, 0x1122334455667788);
    g_assert_cmphex(address_space_write_cached(&cache, 0x18, "ABCDEFGH", 8), ==, MEMTX_OK);
    g_assert_cmphex(address_space_read_cached(&cache, 0x18, buf, 8), ==, MEMTX_OK);
    g_assert_cmpmem(buf, 8, "ABCDEFGH", 8);

    /* Beyond the end, and where offset plus length wraps. */
    stl_le_phys_cached(&cache, 0x1e, 0);
    g_assert_cmphex(ldl_le_phys_cached(&cache, 0x1e), ==, 0);
    g_assert_cmphex(address_space_read_cached(&cache, 0x19, buf, 8), ==, MEMTX_DECODE_ERROR);
    g_assert_cmphex(address_space_write_cached(&cache, UINT64_MAX, buf, 8), ==, MEMTX_DECODE_ERROR);
    g_assert_cmphex(lduw_le_phys_cached(&cache, 0x1e), ==, 'G' | 'H' << 8);
    address_space_cache_destroy(&cache);
    address_space_cache_destroy(&cache);
    g_assert_cmphex(lduw_le_phys_cached(&cache, 0), ==, 0);
    board_destroy(&b);
}

static void test_cache_io(void)
{
    MemoryRegionCache cache;
    uint8_t buf[2];
    Board b;

    board_init(&b);
    g_assert_cmpint(address_space_cache_init(&cache, &b.s.as, 0x9000, 1, false), ==, 0);
    g_assert_cmpint(address_space_cache_init(&cache, &b.s.as, 0x4010, 0x10, true), ==, 0x10);
    g_assert_cmphex(ldl_le_phys_cached(&cache, 4), ==, 0x27262524);
    stw_le_phys_cached(&cache, 2, 0xabcd);
    g_assert_cmphex(address_space_read_cached(&cache, 0, buf, 2), ==, MEMTX_OK);
    device_expect(&b.d, "r4@14 w2@12=abcd r1@10 r1@11 ");
    address_space_cache_destroy(&cache);
    board_destroy(&b);
}

static void add_tests(void)
{
    g_test_add_func("/memory/map/ram", test_map_ram);
    g_test_add_func("/memory/map/bounce", test_bounce);
    g_test_add_func("/memory/map/cache-ram", test_cache_ram);
    g_test_add_func("/memory/map/cache-io", test_cache_io);
}

int main(int argc, char **argv)
{
    return memory_test_run(&argc, &argv, add_tests);
}
