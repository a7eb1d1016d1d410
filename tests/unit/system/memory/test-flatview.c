/* SPDX-License-Identifier: MIT */
/*
 * Rendering of region trees: overlap, priority, aliases, containers; and random trees, for each
 * byte of which the view must give the same answer as a resolver that walks the tree for it alone.
 */

#include "qemu/osdep.h"
#include "memory-test.h"

static const MemoryRegionOps no_ops;

/* "name@offset" of what is at @addr, "-" for a hole. */
static char *what_is_at(AddressSpace *as, hwaddr addr)
{
    hwaddr xlat, len = 1;
    MemoryRegion *mr;

    RCU_READ_LOCK_GUARD();
    mr = address_space_translate(as, addr, &xlat, &len, false, MEMTXATTRS_UNSPECIFIED);
    return memory_region_is_unassigned(mr) ?
               g_strdup("-") :
               g_strdup_printf("%s@%" PRIx64, memory_region_name(mr), xlat);
}

static void expect_at(AddressSpace *as, hwaddr addr, const char *want)
{
    g_autofree char *got = what_is_at(as, addr);

    g_assert_cmpstr(got, ==, want);
}

static void test_priority(void)
{
    Space s;
    MemoryRegion low, high, equal;

    space_init(&s, 0x10000);
    memory_region_init_io(&low, NULL, &no_ops, NULL, "low", 0x1000);
    memory_region_init_io(&high, NULL, &no_ops, NULL, "high", 0x100);
    memory_region_init_io(&equal, NULL, &no_ops, NULL, "equal", 0x100);

    memory_region_add_subregion_overlap(&s.root, 0x1000, &low, -1);
    memory_region_add_subregion_overlap(&s.root, 0x1800, &high, 5);
    expect_at(&s.as, 0x0fff, "-");
    expect_at(&s.as, 0x1000, "low@0");
    expect_at(&s.as, 0x17ff, "low@7ff");
    expect_at(&s.as, 0x1800, "high@0");
    expect_at(&s.as, 0x18ff, "high@ff");
    expect_at(&s.as, 0x1900, "low@900");
    expect_at(&s.as, 0x2000, "-");

    /* The later of equals wins; moving one counts as adding it. */
    memory_region_add_subregion_overlap(&s.root, 0x1880, &equal, 5);
    expect_at(&s.as, 0x187f, "high@7f");
    expect_at(&s.as, 0x1880, "equal@0");
    memory_region_set_address(&high, 0x1810);
    expect_at(&s.as, 0x1880, "high@70");
    expect_at(&s.as, 0x1910, "equal@90");

    memory_region_set_enabled(&high, false);
    expect_at(&s.as, 0x1810, "low@810");
    memory_region_set_size(&low, 0);
    expect_at(&s.as, 0x1810, "-");

    memory_region_del_subregion(&s.root, &low);
    memory_region_del_subregion(&s.root, &high);
    memory_region_del_subregion(&s.root, &equal);
    memory_test_settle();
    object_unref(&low);
    object_unref(&high);
    object_unref(&equal);
    space_destroy(&s);
}

static void test_container(void)
{
    Space s;
    MemoryRegion pure, io, inner, outside;

    space_init(&s, UINT64_MAX);
    memory_region_init(&pure, NULL, "pure", 0x1000);
    memory_region_init_io(&io, NULL, &no_ops, NULL, "io", 0x1000);
    memory_region_init_io(&inner, NULL, &no_ops, NULL, "inner", 0x100);
    memory_region_init_io(&outside, NULL, &no_ops, NULL, "outside", 0x2000);

    /* A hole in a pure container shows what is behind it; one that answers covers its gaps. */
    memory_region_add_subregion_overlap(&s.root, 0, &outside, 0);
    memory_region_add_subregion_overlap(&s.root, 0, &pure, 1);
    memory_region_add_subregion(&pure, 0x800, &inner);
    expect_at(&s.as, 0x7ff, "outside@7ff");
    expect_at(&s.as, 0x800, "inner@0");
    memory_region_del_subregion(&pure, &inner);
    memory_region_add_subregion_overlap(&s.root, 0x800, &io, 2);
    memory_region_add_subregion(&io, 0xf80, &inner);
    expect_at(&s.as, 0x7ff, "outside@7ff");
    expect_at(&s.as, 0x1000, "io@800");
    expect_at(&s.as, 0x1780, "inner@0");
    /* Cut at the container's end. */
    expect_at(&s.as, 0x17ff, "inner@7f");
    expect_at(&s.as, 0x1800, "outside@1800");

    memory_region_del_subregion(&io, &inner);
    memory_region_del_subregion(&s.root, &io);
    memory_region_del_subregion(&s.root, &pure);
    memory_region_del_subregion(&s.root, &outside);
    memory_test_settle();
    object_unref(&pure);
    object_unref(&io);
    object_unref(&inner);
    object_unref(&outside);
    space_destroy(&s);
}

static void test_alias(void)
{
    Space s;
    MemoryRegion target, sub, window, beyond;

    space_init(&s, UINT64_MAX);
    memory_region_init(&target, NULL, "target", 0x10000);
    memory_region_init_io(&sub, NULL, &no_ops, NULL, "sub", 0x1000);
    memory_region_add_subregion(&target, 0x2000, &sub);
    memory_region_init_alias(&window, NULL, "window", &target, 0x2800, 0x1000);
    memory_region_add_subregion(&s.root, 0x80000000, &window);
    expect_at(&s.as, 0x7fffffff, "-");
    expect_at(&s.as, 0x80000000, "sub@800");
    expect_at(&s.as, 0x800007ff, "sub@fff");
    expect_at(&s.as, 0x80000800, "-");
    memory_region_set_alias_offset(&window, 0x1800);
    expect_at(&s.as, 0x800007ff, "-");
    expect_at(&s.as, 0x80000800, "sub@0");
    g_assert_true(memory_region_is_mapped(&target));

    /* Where the target is mapped itself does not matter to the window. */
    memory_region_add_subregion(&s.root, 0x100000, &target);
    expect_at(&s.as, 0x102000, "sub@0");
    expect_at(&s.as, 0x80000800, "sub@0");

    /* At the very top, and a window larger than its target. */
    memory_region_init_alias(&beyond, NULL, "beyond", &sub, 0, UINT64_MAX);
    memory_region_add_subregion(&s.root, UINT64_MAX - 0xf, &beyond);
    expect_at(&s.as, UINT64_MAX, "sub@f");

    memory_region_del_subregion(&s.root, &beyond);
    memory_region_del_subregion(&s.root, &window);
    memory_region_del_subregion(&s.root, &target);
    memory_region_del_subregion(&target, &sub);
    g_assert_false(memory_region_is_mapped(&target));
    memory_test_settle();
    object_unref(&beyond);
    object_unref(&window);
    object_unref(&sub);
    object_unref(&target);
    space_destroy(&s);
}

/* ---- Random trees ---- */

#define RANDOM_SPACE 64
#define RANDOM_NODES 12

/* What is at @addr of @mr by the definition: nothing rendered, nothing cached. */
static MemoryRegion *resolve_byte(MemoryRegion *mr, int64_t addr, int64_t *offset)
{
    if (!mr->enabled || mr->empty || addr < 0 || (hwaddr)addr > mr->last) {
        return NULL;
    }
    if (mr->alias) {
        return resolve_byte(mr->alias, addr + (int64_t)mr->alias_offset, offset);
    }
    for (unsigned i = 0; mr->subregions && i < mr->subregions->len; i++) {
        MemoryRegion *child = g_ptr_array_index(mr->subregions, i);
        MemoryRegion *found = resolve_byte(child, addr - (int64_t)child->addr, offset);

        if (found) {
            return found;
        }
    }
    *offset = addr;
    return mr->terminates ? mr : NULL;
}

static void random_tree(MemoryRegion *nodes, unsigned n)
{
    for (unsigned i = 1; i < n; i++) {
        g_autofree char *name = g_strdup_printf("n%u", i);
        uint64_t size = g_test_rand_int_range(1, RANDOM_SPACE);
        unsigned kind = g_test_rand_int_range(0, 4);

        if (kind == 0 && i > 1) {
            /* Towards lower numbers only, so that no window shows itself. */
            memory_region_init_alias(&nodes[i], NULL, name, &nodes[g_test_rand_int_range(1, i)],
                                     g_test_rand_int_range(0, 32), size);
        } else if (kind == 1) {
            memory_region_init(&nodes[i], NULL, name, size);
        } else {
            memory_region_init_io(&nodes[i], NULL, &no_ops, NULL, name, size);
        }
    }
}

static void random_round(void)
{
    MemoryRegion *nodes = g_new0(MemoryRegion, RANDOM_NODES);
    g_autofree int *parent = g_new0(int, RANDOM_NODES);
    AddressSpace as;

    memory_region_init(&nodes[0], NULL, "n0", RANDOM_SPACE);
    random_tree(nodes, RANDOM_NODES);
    memory_region_transaction_begin();
    for (int i = RANDOM_NODES - 1; i > 0; i--) {
        /* Parents have higher numbers, aliases show lower ones: no cycle. */
        parent[i] = i == RANDOM_NODES - 1 ? 0 : g_test_rand_int_range(i, RANDOM_NODES);
        if (parent[i] == i || nodes[parent[i]].alias) {
            parent[i] = 0;
        }
        memory_region_add_subregion_overlap(&nodes[parent[i]],
                                            g_test_rand_int_range(0, RANDOM_SPACE), &nodes[i],
                                            g_test_rand_int_range(-1, 2));
        memory_region_set_enabled(&nodes[i], g_test_rand_int_range(0, 8) != 0);
    }
    memory_region_transaction_commit();
    address_space_init(&as, &nodes[0], "random");

    for (int64_t addr = 0; addr < 2 * RANDOM_SPACE; addr++) {
        int64_t offset = 0;
        MemoryRegion *mr = resolve_byte(&nodes[0], addr, &offset);
        g_autofree char *want = mr ? g_strdup_printf("%s@%" PRIx64, mr->name, offset) :
                                     g_strdup("-");

        expect_at(&as, addr, want);
    }

    address_space_destroy(&as);
    for (int i = 1; i < RANDOM_NODES; i++) {
        memory_region_del_subregion(&nodes[parent[i]], &nodes[i]);
    }
    memory_test_settle();
    for (int i = RANDOM_NODES - 1; i >= 0; i--) {
        object_unref(&nodes[i]);
    }
    g_free(nodes);
}

static void test_random(void)
{
    for (unsigned i = 0; i < 300; i++) {
        random_round();
    }
}

/* ---- Sharing ---- */

static void test_shared_view(void)
{
    Space s;
    MemoryRegion ram, bus_master, window, empty;
    AddressSpace dma, nothing;

    space_init(&s, UINT64_MAX);
    memory_region_init_io(&ram, NULL, &no_ops, NULL, "ram", 0x1000);
    memory_region_add_subregion(&s.root, 0, &ram);
    memory_region_init(&bus_master, NULL, "bus master", UINT64_MAX);
    memory_region_init_alias(&window, NULL, "window", &s.root, 0, UINT64_MAX);
    memory_region_add_subregion(&bus_master, 0, &window);
    memory_region_init(&empty, NULL, "empty", UINT64_MAX);
    address_space_init(&dma, &bus_master, "dma");
    address_space_init(&nothing, &empty, "nothing");

    WITH_RCU_READ_LOCK_GUARD() {
        FlatView *fv = address_space_to_flatview(&s.as);

        g_assert_true(fv == address_space_to_flatview(&dma));
        g_assert_false(fv == address_space_to_flatview(&nothing));
    }
    /* What changes elsewhere leaves the view as it is. */
    WITH_RCU_READ_LOCK_GUARD() {
        FlatView *fv = address_space_to_flatview(&s.as);

        memory_region_set_enabled(&window, false);
        g_assert_true(fv == address_space_to_flatview(&s.as));
        g_assert_true(address_space_to_flatview(&nothing) == address_space_to_flatview(&dma));
    }
    expect_at(&dma, 0, "-");

    address_space_destroy(&nothing);
    address_space_destroy(&dma);
    memory_region_del_subregion(&bus_master, &window);
    memory_region_del_subregion(&s.root, &ram);
    memory_test_settle();
    object_unref(&empty);
    object_unref(&window);
    object_unref(&bus_master);
    object_unref(&ram);
    space_destroy(&s);
}

static void add_tests(void)
{
    g_test_add_func("/memory/flatview/priority", test_priority);
    g_test_add_func("/memory/flatview/container", test_container);
    g_test_add_func("/memory/flatview/alias", test_alias);
    g_test_add_func("/memory/flatview/random", test_random);
    g_test_add_func("/memory/flatview/shared", test_shared_view);
}

int main(int argc, char **argv)
{
    return memory_test_run(&argc, &argv, add_tests);
}
