/* SPDX-License-Identifier: MIT */
/* hw/core/fdt-context.c: nodes, values, phandles, devices that write their node, blobs. */
#include "qemu/osdep.h"
#include "hw/core/fdt-context.h"

#include <libfdt.h>

static void check_bytes(const FDTNode *node, const char *prop, const void *expected, size_t size)
{
    size_t length;
    const void *value = fdt_node_get(node, prop, &length);

    g_assert_nonnull(value);
    g_assert_cmpmem(value, length, expected, size);
}

static void test_values(void)
{
    g_autoptr(FDTContext) ctx = fdt_context_new();
    FDTNode *node = fdt_node_add(fdt_context_root(ctx), "n%d", 1);

    fdt_node_set_empty(node, "empty");
    fdt_node_set_u32(node, "u32", 0x01020304);
    fdt_node_set_u64(node, "u64", UINT64_C(0x0102030405060708));
    fdt_node_set_string(node, "string", "ab");
    fdt_node_set_strings(node, "strings", "a", "", "b");
    fdt_node_set_cells(node, "cells", 1, 0xff);
    check_bytes(node, "empty", "", 0);
    check_bytes(node, "u32", "\1\2\3\4", 4);
    check_bytes(node, "u64", "\1\2\3\4\5\6\7\10", 8);
    check_bytes(node, "string", "ab", 3);
    check_bytes(node, "strings", "a\0\0b", 5);
    check_bytes(node, "cells", "\0\0\0\1\0\0\0\377", 8);
    g_assert_null(fdt_node_get(node, "none", NULL));
    g_assert_cmpuint(fdt_node_get_u32(node, "u32", 7), ==, 0x01020304);
    g_assert_cmpuint(fdt_node_get_u32(node, "u64", 7), ==, 7);
    g_assert_cmpuint(fdt_node_get_u32(node, "none", 7), ==, 7);
}

static void test_reg(void)
{
    g_autoptr(FDTContext) ctx = fdt_context_new();
    FDTNode *soc = fdt_node_add(fdt_context_root(ctx), "soc");
    FDTNode *wide, *narrow, *cpu;

    fdt_node_set_u32(soc, "#address-cells", 2);
    fdt_node_set_u32(soc, "#size-cells", 2);
    wide = fdt_node_add(soc, "wide");
    fdt_node_set_regs(wide, (const FDTReg[]){{UINT64_C(0x100000002), 3}, {4, 5}}, 2);
    check_bytes(wide, "reg",
                "\0\0\0\1\0\0\0\2\0\0\0\0\0\0\0\3"
                "\0\0\0\0\0\0\0\4\0\0\0\0\0\0\0\5",
                32);
    /* The specification's defaults are two cells and one. */
    narrow = fdt_node_add(wide, "narrow");
    fdt_node_set_reg(narrow, 1, 2);
    check_bytes(narrow, "reg", "\0\0\0\0\0\0\0\1\0\0\0\2", 12);
    fdt_node_set_u32(narrow, "#address-cells", 1);
    fdt_node_set_u32(narrow, "#size-cells", 0);
    cpu = fdt_node_add(narrow, "cpu@3");
    fdt_node_set_reg(cpu, 3, 0);
    check_bytes(cpu, "reg", "\0\0\0\3", 4);
}

static void test_tree(void)
{
    g_autoptr(FDTContext) ctx = fdt_context_new();
    FDTNode *soc = fdt_node_add(fdt_context_root(ctx), "soc");
    FDTNode *uart = fdt_node_add(soc, "serial@%x", 0x10000000);
    g_autofree char *path = fdt_node_path(uart);
    g_autofree char *soc_path = fdt_node_path(soc);
    g_autofree char *root_path = fdt_node_path(fdt_context_root(ctx));

    g_assert_cmpstr(path, ==, "/soc/serial@10000000");
    g_assert_cmpstr(soc_path, ==, "/soc");
    g_assert_cmpstr(root_path, ==, "/");
    g_assert_true(fdt_context_find(ctx, path) == uart);
    g_assert_true(fdt_context_find(ctx, "/") == fdt_context_root(ctx));
    g_assert_null(fdt_context_find(ctx, "/soc/serial"));
    g_assert_null(fdt_node_find(soc, "soc"));
}

static void test_phandles(void)
{
    g_autoptr(FDTContext) ctx = fdt_context_new();
    int a, b, c;

    fdt_context_set_phandle(ctx, &a, 7);
    g_assert_cmpuint(fdt_context_get_phandle(ctx, &a), ==, 7);
    g_assert_cmpuint(fdt_context_get_phandle(ctx, &b), ==, 1);
    g_assert_cmpuint(fdt_context_alloc_phandle(ctx), ==, 2);
    fdt_context_reserve_phandles(ctx, 16);
    fdt_context_reserve_phandles(ctx, 4);
    g_assert_cmpuint(fdt_context_get_phandle(ctx, &c), ==, 16);
    g_assert_cmpuint(fdt_context_get_phandle(ctx, &b), ==, 1);
}

/* ---- Devices ---- */

static void part_fdt(DeviceState *dev, FDTContext *ctx)
{
    FDTNode *node = fdt_context_add_node(ctx, "part");

    fdt_context_set_node_phandle(ctx, node, dev);
    fdt_context_set_interrupts(ctx, node);
    fdt_context_set_reg(ctx, node);
}

static void part_class_init(ObjectClass *klass, const void *data)
{
    DEVICE_CLASS(klass)->fdt = part_fdt;
}

static const TypeInfo types[] = {
    {.name = "test-plain", .parent = TYPE_DEVICE, .instance_size = sizeof(DeviceState)},
    {.name = "test-part", .parent = "test-plain", .class_init = part_class_init},
};

DEFINE_TYPES(types)

static void test_device(void)
{
    g_autoptr(DeviceState) dev = qdev_new("test-part"), plain = qdev_new("test-plain");
    g_autoptr(FDTContext) ctx = fdt_context_new();
    FDTNode *root = fdt_context_root(ctx);
    const FDTReg reg = {0x1000, 0x100};
    const FDTIrq irqs[] = {{5, FDT_IRQ_LEVEL_HIGH}, {6, FDT_IRQ_EDGE_RISING}};
    FDTPlace place = {
        .parent = fdt_node_add(root, "one"),
        .regs = &reg,
        .num_regs = 1,
        .irqs = irqs,
        .num_irqs = 2,
    };
    int plic, aplic;
    FDTNode *node;

    fdt_context_set_phandle(ctx, dev, 9);
    fdt_context_add_irq_controller(ctx, &plic, 1);
    fdt_context_add_irq_controller(ctx, &aplic, 2);

    place.irq_parent = &plic;
    fdt_context_write_device(ctx, dev, &place);
    fdt_context_write_device(ctx, plain, &place);
    node = fdt_context_find(ctx, "/one/part@1000");
    g_assert_nonnull(node);
    check_bytes(node, "interrupts", "\0\0\0\5\0\0\0\6", 8);
    g_assert_cmpuint(fdt_node_get_u32(node, "interrupt-parent", 0), ==, 1);
    g_assert_cmpuint(fdt_node_get_u32(node, "phandle", 0), ==, 9);

    place.parent = fdt_node_add(root, "two");
    place.irq_parent = &aplic;
    fdt_context_write_device(ctx, dev, &place);
    node = fdt_context_find(ctx, "/two/part@1000");
    check_bytes(node, "interrupts", "\0\0\0\5\0\0\0\4\0\0\0\6\0\0\0\1", 16);

    place.parent = fdt_node_add(root, "three");
    place.num_irqs = 0;
    fdt_context_write_device(ctx, dev, &place);
    node = fdt_context_find(ctx, "/three/part@1000");
    g_assert_null(fdt_node_get(node, "interrupts", NULL));
}

/* ---- Blobs ---- */

static void *make_blob(size_t *size)
{
    g_autoptr(FDTContext) ctx = fdt_context_new();
    FDTNode *root = fdt_context_root(ctx);
    FDTNode *first = fdt_node_add(root, "first");

    fdt_node_set_string(root, "model", "m");
    fdt_node_set_empty(first, "flag");
    fdt_node_set_u32(first, "phandle", 41);
    fdt_node_set_string(fdt_node_add(first, "inner@1"), "model", "m");
    fdt_node_add(root, "second");
    /* Again: in its place, with another length. */
    fdt_node_set_string(root, "model", "machine");
    return fdt_context_flatten(ctx, size);
}

static void test_flatten(void)
{
    size_t size;
    g_autofree void *blob = make_blob(&size);
    int first, inner, length;

    g_assert_cmpint(fdt_check_full(blob, size), ==, 0);
    g_assert_cmpuint(fdt_totalsize(blob), ==, size);
    g_assert_cmpstr(fdt_getprop(blob, 0, "model", NULL), ==, "machine");
    first = fdt_first_subnode(blob, 0);
    g_assert_cmpstr(fdt_get_name(blob, first, NULL), ==, "first");
    g_assert_cmpstr(fdt_get_name(blob, fdt_next_subnode(blob, first), NULL), ==, "second");
    g_assert_nonnull(fdt_getprop(blob, first, "flag", &length));
    g_assert_cmpint(length, ==, 0);
    inner = fdt_path_offset(blob, "/first/inner@1");
    g_assert_cmpstr(fdt_getprop(blob, inner, "model", NULL), ==, "m");
}

static void test_load(void)
{
    size_t size, again_size;
    g_autofree void *blob = make_blob(&size);
    g_autofree void *again = NULL;
    g_autoptr(FDTContext) ctx = fdt_context_new();

    g_assert_true(fdt_context_load(ctx, blob, size, NULL));
    g_assert_cmpuint(fdt_context_alloc_phandle(ctx), ==, 42);
    g_assert_nonnull(fdt_context_find(ctx, "/first/inner@1"));
    again = fdt_context_flatten(ctx, &again_size);
    g_assert_cmpmem(blob, size, again, again_size);
}

static void test_load_reserved(void)
{
    char blob[512];
    size_t size;
    g_autofree void *again = NULL;
    g_autoptr(FDTContext) ctx = fdt_context_new();
    uint64_t base, length;

    g_assert_cmpint(fdt_create(blob, sizeof(blob)), ==, 0);
    fdt_add_reservemap_entry(blob, 0x1000, 0x2000);
    fdt_finish_reservemap(blob);
    fdt_begin_node(blob, "");
    fdt_end_node(blob);
    g_assert_cmpint(fdt_finish(blob), ==, 0);

    g_assert_true(fdt_context_load(ctx, blob, fdt_totalsize(blob), NULL));
    again = fdt_context_flatten(ctx, &size);
    g_assert_cmpint(fdt_num_mem_rsv(again), ==, 1);
    g_assert_cmpint(fdt_get_mem_rsv(again, 0, &base, &length), ==, 0);
    g_assert_cmphex(base, ==, 0x1000);
    g_assert_cmphex(length, ==, 0x2000);
}

static void test_load_bad(void)
{
    size_t size;
    g_autofree char *blob = make_blob(&size);
    g_autoptr(FDTContext) ctx = fdt_context_new();
    GError *error = NULL;

    g_assert_false(fdt_context_load(ctx, "", 0, &error));
    g_assert_cmpstr(error->message, ==, "invalid device tree");
    g_clear_error(&error);
    g_assert_false(fdt_context_load(ctx, blob, size - 1, &error));
    g_clear_error(&error);
    g_assert_nonnull(fdt_context_root(ctx));

    /* Any damage is refused or makes another good tree; nothing worse. */
    for (int i = 0; i < 20000; i++) {
        g_autofree char *damaged = g_memdup2(blob, size);
        g_autofree void *again = NULL;
        size_t again_size;

        for (int n = g_test_rand_int_range(1, 4); n > 0; n--) {
            damaged[g_test_rand_int_range(0, size)] = g_test_rand_int();
        }
        if (fdt_context_load(ctx, damaged, size, NULL)) {
            again = fdt_context_flatten(ctx, &again_size);
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/hw/core/fdt-context/values", test_values);
    g_test_add_func("/hw/core/fdt-context/reg", test_reg);
    g_test_add_func("/hw/core/fdt-context/tree", test_tree);
    g_test_add_func("/hw/core/fdt-context/phandles", test_phandles);
    g_test_add_func("/hw/core/fdt-context/device", test_device);
    g_test_add_func("/hw/core/fdt-context/flatten", test_flatten);
    g_test_add_func("/hw/core/fdt-context/load", test_load);
    g_test_add_func("/hw/core/fdt-context/load-reserved", test_load_reserved);
    g_test_add_func("/hw/core/fdt-context/load-bad", test_load_bad);
    return g_test_run();
}
