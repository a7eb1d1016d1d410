/* SPDX-License-Identifier: MIT */
/* Dirty bitmaps by client against a plain array of bool, threads, and the hook for code. */

#include "qemu/osdep.h"
#include "memory-test.h"
#include "qemu/bitmap.h"
#include "system/dirty.h"

#define PAGES 300
#define SIZE (PAGES * RAM_PAGE_SIZE)

static void test_model(void)
{
    bool model[PAGES];
    MemoryRegion mr;
    ram_addr_t base;

    g_assert_true(memory_region_init_ram(&mr, NULL, "ram", SIZE, NULL));
    base = memory_region_get_ram_addr(&mr);
    RCU_READ_LOCK_GUARD();
    for (unsigned i = 0; i < PAGES; i++) {
        model[i] = true;
    }
    for (unsigned round = 0; round < 3000; round++) {
        ram_addr_t start = g_test_rand_int_range(0, SIZE);
        ram_addr_t len = g_test_rand_int_range(0, g_test_rand_bit() ? SIZE : 0x3000);
        unsigned first = start / RAM_PAGE_SIZE;
        unsigned end = len == 0 ? first :
                                  MIN((start + len - 1) / RAM_PAGE_SIZE + 1, (ram_addr_t)PAGES);
        bool any = false, all = true, set;

        for (unsigned i = first; i < end; i++) {
            any |= model[i];
            all &= model[i];
        }
        g_assert_cmpint(dirty_test_range_any(base + start, len, DIRTY_MEMORY_VGA), ==, any);
        g_assert_cmpint(dirty_test_range_all(base + start, len, DIRTY_MEMORY_VGA), ==, all);
        g_assert_cmpint(dirty_test_page(base + start, DIRTY_MEMORY_VGA), ==, model[first]);
        set = g_test_rand_bit();
        if (set) {
            dirty_set_range(base + start, len, 1u << DIRTY_MEMORY_VGA);
        } else {
            g_assert_cmpint(dirty_test_and_clear(base + start, len, DIRTY_MEMORY_VGA), ==, any);
        }
        for (unsigned i = first; i < end; i++) {
            model[i] = set;
        }
        for (unsigned i = 0; i < PAGES; i++) {
            g_assert_cmpint(dirty_test_page(base + i * RAM_PAGE_SIZE, DIRTY_MEMORY_VGA), ==,
                            model[i]);
            g_assert_true(dirty_test_page(base + i * RAM_PAGE_SIZE, DIRTY_MEMORY_MIGRATION));
        }
    }
    object_unref(&mr);
}

static void test_set_and_clear(void)
{
    MemoryRegion mr;
    ram_addr_t base;

    g_assert_true(memory_region_init_ram(&mr, NULL, "ram", SIZE, NULL));
    base = memory_region_get_ram_addr(&mr);
    RCU_READ_LOCK_GUARD();
    g_assert_true(dirty_test_and_clear(base, SIZE, DIRTY_MEMORY_MIGRATION));
    g_assert_false(dirty_test_range_any(base, SIZE, DIRTY_MEMORY_MIGRATION));
    dirty_set_range(base + 64 * RAM_PAGE_SIZE - 1, 2, 1u << DIRTY_MEMORY_MIGRATION);
    for (unsigned i = 0; i < PAGES; i++) {
        g_assert_cmpint(dirty_test_page(base + i * RAM_PAGE_SIZE, DIRTY_MEMORY_MIGRATION), ==,
                        i == 63 || i == 64);
    }
    g_assert_true(dirty_page_is_watched(mr.ram_block, 0));
    g_assert_false(dirty_page_is_watched(mr.ram_block, 64 * RAM_PAGE_SIZE));
    /* What lies outside of RAM or beyond the block counts as dirty and changes nothing. */
    g_assert_true(dirty_test_page(base + SIZE, DIRTY_MEMORY_VGA));
    dirty_set_range(base + SIZE - 1, UINT64_MAX - base - SIZE, DIRTY_CLIENTS_ALL);
    g_assert_true(dirty_test_page(base + SIZE - 1, DIRTY_MEMORY_MIGRATION));
    object_unref(&mr);
}

static void test_fetch(void)
{
    g_autofree unsigned long *bitmap = bitmap_new(PAGES);
    MemoryRegion mr;
    ram_addr_t base;

    g_assert_true(memory_region_init_ram(&mr, NULL, "ram", SIZE, NULL));
    base = memory_region_get_ram_addr(&mr);
    RCU_READ_LOCK_GUARD();
    dirty_test_and_clear(base, SIZE, DIRTY_MEMORY_VGA);
    dirty_set_range(base + 70 * RAM_PAGE_SIZE, 3 * RAM_PAGE_SIZE, DIRTY_CLIENTS_NOCODE);
    dirty_set_range(base + 2 * RAM_PAGE_SIZE, 1, DIRTY_CLIENTS_NOCODE);
    /* From page 5 on. */
    g_assert_cmpuint(dirty_fetch_and_clear(base + 5 * RAM_PAGE_SIZE, 100 * RAM_PAGE_SIZE,
                                           DIRTY_MEMORY_VGA, bitmap),
                     ==, 3);
    for (unsigned i = 0; i < 100; i++) {
        g_assert_cmpint(test_bit(i, bitmap), ==, i >= 65 && i < 68);
    }
    g_assert_true(dirty_test_page(base + 2 * RAM_PAGE_SIZE, DIRTY_MEMORY_VGA));
    g_assert_false(
        dirty_test_range_any(base + 70 * RAM_PAGE_SIZE, 3 * RAM_PAGE_SIZE, DIRTY_MEMORY_VGA));
    object_unref(&mr);
}

/* ---- The hook ---- */

static ram_addr_t hook_start, hook_len;
static unsigned hook_calls;

static void hook(ram_addr_t start, ram_addr_t len)
{
    hook_start = start;
    hook_len = len;
    hook_calls++;
    dirty_set_range(start, len, 1u << DIRTY_MEMORY_CODE);
}

static void test_code_hook(void)
{
    uint8_t buf[16] = {0};
    MemoryRegion mr;
    ram_addr_t base;
    hwaddr len = 0x2000;
    void *p;
    Space s;

    space_init(&s, UINT64_MAX);
    g_assert_true(memory_region_init_ram(&mr, NULL, "ram", SIZE, NULL));
    memory_region_add_subregion(&s.root, 0, &mr);
    base = memory_region_get_ram_addr(&mr);
    ram_set_code_invalidate_hook(hook);

    address_space_write(&s.as, 0x1ff8, MEMTXATTRS_UNSPECIFIED, buf, 16);
    g_assert_cmpuint(hook_calls, ==, 0);

    g_assert_true(dirty_test_and_clear(base + 0x2000, 1, DIRTY_MEMORY_CODE));
    address_space_stb(&s.as, 0x1fff, 0, MEMTXATTRS_UNSPECIFIED, NULL);
    g_assert_cmpuint(hook_calls, ==, 0);
    address_space_write(&s.as, 0x1ff8, MEMTXATTRS_UNSPECIFIED, buf, 16);
    g_assert_cmpuint(hook_calls, ==, 1);
    g_assert_cmphex(hook_start, ==, base + 0x1ff8);
    g_assert_cmphex(hook_len, ==, 16);

    dirty_test_and_clear(base + 0x2000, 1, DIRTY_MEMORY_CODE);
    p = address_space_map(&s.as, 0x2000, &len, true, MEMTXATTRS_UNSPECIFIED);
    address_space_unmap(&s.as, p, len, true, 0);
    g_assert_cmpuint(hook_calls, ==, 1);
    p = address_space_map(&s.as, 0x2000, &len, true, MEMTXATTRS_UNSPECIFIED);
    address_space_unmap(&s.as, p, len, true, 4);
    g_assert_cmpuint(hook_calls, ==, 2);

    dirty_test_and_clear(base + 0x2000, 1, DIRTY_MEMORY_CODE);
    memory_region_set_dirty(&mr, 0x2004, 4);
    g_assert_cmpuint(hook_calls, ==, 3);

    ram_set_code_invalidate_hook(NULL);
    memory_region_del_subregion(&s.root, &mr);
    memory_test_settle();
    object_unref(&mr);
    space_destroy(&s);
}

/* ---- Threads ---- */

typedef struct Setter {
    QemuThread thread;
    ram_addr_t addr;
    unsigned rounds;
} Setter;

static void *setter_thread(void *opaque)
{
    Setter *s = opaque;

    RCU_READ_LOCK_GUARD();
    for (unsigned i = 0; i < s->rounds; i++) {
        dirty_set_range(s->addr, 1, 1u << DIRTY_MEMORY_VGA);
    }
    return NULL;
}

/* Neighbours in one word: clearing one page never loses the bit of another. */
static void test_threads(void)
{
    Setter s = {.rounds = 200000};
    MemoryRegion mr;
    ram_addr_t base;

    g_assert_true(memory_region_init_ram(&mr, NULL, "ram", SIZE, NULL));
    base = memory_region_get_ram_addr(&mr);
    WITH_RCU_READ_LOCK_GUARD() {
        dirty_test_and_clear(base, SIZE, DIRTY_MEMORY_VGA);
    }
    s.addr = base;
    g_assert_true(
        qemu_thread_create(&s.thread, "setter", setter_thread, &s, QEMU_THREAD_JOINABLE, NULL));
    WITH_RCU_READ_LOCK_GUARD() {
        for (unsigned i = 0; i < s.rounds; i++) {
            dirty_set_range(base + RAM_PAGE_SIZE, 1, 1u << DIRTY_MEMORY_VGA);
            g_assert_true(dirty_test_and_clear(base + RAM_PAGE_SIZE, 1, DIRTY_MEMORY_VGA));
        }
    }
    qemu_thread_join(&s.thread);
    WITH_RCU_READ_LOCK_GUARD() {
        g_assert_true(dirty_test_page(base, DIRTY_MEMORY_VGA));
        g_assert_false(dirty_test_page(base + RAM_PAGE_SIZE, DIRTY_MEMORY_VGA));
    }
    object_unref(&mr);
}

static void add_tests(void)
{
    g_test_add_func("/memory/dirty/model", test_model);
    g_test_add_func("/memory/dirty/set-and-clear", test_set_and_clear);
    g_test_add_func("/memory/dirty/fetch", test_fetch);
    g_test_add_func("/memory/dirty/code-hook", test_code_hook);
    g_test_add_func("/memory/dirty/threads", test_threads);
}

int main(int argc, char **argv)
{
    return memory_test_run(&argc, &argv, add_tests);
}
