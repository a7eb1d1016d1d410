/* SPDX-License-Identifier: MIT */
/*
 * A device tree in memory, and its flattened form.
 *
 * Nodes are a tree of pointers with ordered children and properties; libfdt writes the blob in one
 * pass, and reads one that the user gave. See include/hw/core/fdt-context.h for who calls what.
 *
 * Devicetree Specification 0.4. Threads: BQL. Tests: tests/unit/hw/core/test-fdt-context.c.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/error.h"
#include "hw/core/fdt-context.h"

#include <libfdt.h>

/* A blob that nests deeper than any real one is refused: loading it recurses. */
#define FDT_MAX_DEPTH 64

typedef struct FDTProp {
    char *name;
    GBytes *value;
} FDTProp;

struct FDTNode {
    char *name; /* with unit address; "" for the root */
    FDTNode *parent;
    GPtrArray *props;    /* of FDTProp */
    GPtrArray *children; /* of FDTNode */
};

struct FDTContext {
    FDTNode *root;
    GArray *reserved; /* of FDTReg: the memory reservation block of a loaded blob */
    uint32_t next_phandle;
    GHashTable *phandles;  /* owner to phandle */
    GHashTable *irq_cells; /* interrupt controller to number of cells */
    const FDTPlace *place; /* only within fdt_context_write_device() */
};

/* ---- Nodes ---- */

static void fdt_prop_free(void *opaque)
{
    FDTProp *prop = opaque;

    g_bytes_unref(prop->value);
    g_free(prop->name);
    g_free(prop);
}

static void fdt_node_free(void *opaque)
{
    FDTNode *node = opaque;

    g_ptr_array_unref(node->props);
    g_ptr_array_unref(node->children);
    g_free(node->name);
    g_free(node);
}

/* Takes @name over. */
static FDTNode *fdt_node_new(FDTNode *parent, char *name)
{
    FDTNode *node = g_new0(FDTNode, 1);

    node->name = name;
    node->parent = parent;
    node->props = g_ptr_array_new_with_free_func(fdt_prop_free);
    node->children = g_ptr_array_new_with_free_func(fdt_node_free);
    if (parent) {
        g_ptr_array_add(parent->children, node);
    }
    return node;
}

FDTNode *fdt_node_add(FDTNode *parent, const char *name_fmt, ...)
{
    va_list ap;
    char *name;

    va_start(ap, name_fmt);
    name = g_strdup_vprintf(name_fmt, ap);
    va_end(ap);
    g_assert(*name && !strchr(name, '/') && !fdt_node_find(parent, name));
    return fdt_node_new(parent, name);
}

FDTNode *fdt_node_find(FDTNode *parent, const char *name)
{
    for (guint i = 0; i < parent->children->len; i++) {
        FDTNode *child = g_ptr_array_index(parent->children, i);

        if (strcmp(child->name, name) == 0) {
            return child;
        }
    }
    return NULL;
}

char *fdt_node_path(const FDTNode *node)
{
    g_autofree char *above = NULL;

    if (!node->parent) {
        return g_strdup("/");
    }
    if (!node->parent->parent) {
        return g_strdup_printf("/%s", node->name);
    }
    above = fdt_node_path(node->parent);
    return g_strdup_printf("%s/%s", above, node->name);
}

FDTNode *fdt_context_root(FDTContext *ctx)
{
    return ctx->root;
}

FDTNode *fdt_context_find(FDTContext *ctx, const char *path)
{
    g_auto(GStrv) parts = g_strsplit(path, "/", -1);
    FDTNode *node = ctx->root;

    for (char **part = parts; node && *part; part++) {
        if (**part) {
            node = fdt_node_find(node, *part);
        }
    }
    return node;
}

/* ---- Properties ---- */

static FDTProp *fdt_node_find_prop(const FDTNode *node, const char *name)
{
    for (guint i = 0; i < node->props->len; i++) {
        FDTProp *prop = g_ptr_array_index(node->props, i);

        if (strcmp(prop->name, name) == 0) {
            return prop;
        }
    }
    return NULL;
}

void fdt_node_set_bytes(FDTNode *node, const char *name, const void *value, size_t size)
{
    FDTProp *prop = fdt_node_find_prop(node, name);

    g_assert(size <= INT32_MAX);
    if (!prop) {
        prop = g_new0(FDTProp, 1);
        prop->name = g_strdup(name);
        g_ptr_array_add(node->props, prop);
    } else {
        g_bytes_unref(prop->value);
    }
    prop->value = g_bytes_new(value, size);
}

void fdt_node_set_empty(FDTNode *node, const char *prop)
{
    fdt_node_set_bytes(node, prop, NULL, 0);
}

void fdt_node_set_cellv(FDTNode *node, const char *prop, const uint32_t *cells, size_t num_cells)
{
    g_autofree uint32_t *be = g_new(uint32_t, num_cells);

    for (size_t i = 0; i < num_cells; i++) {
        be[i] = cpu_to_be32(cells[i]);
    }
    fdt_node_set_bytes(node, prop, be, num_cells * sizeof(*be));
}

void fdt_node_set_u32(FDTNode *node, const char *prop, uint32_t value)
{
    fdt_node_set_cellv(node, prop, &value, 1);
}

void fdt_node_set_u64(FDTNode *node, const char *prop, uint64_t value)
{
    fdt_node_set_cells(node, prop, value >> 32, (uint32_t)value);
}

void fdt_node_set_string(FDTNode *node, const char *prop, const char *value)
{
    fdt_node_set_bytes(node, prop, value, strlen(value) + 1);
}

void fdt_node_set_stringv(FDTNode *node, const char *prop, const char *const *values)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();

    for (; *values; values++) {
        g_byte_array_append(bytes, (const guint8 *)*values, strlen(*values) + 1);
    }
    fdt_node_set_bytes(node, prop, bytes->data, bytes->len);
}

const void *fdt_node_get(const FDTNode *node, const char *prop, size_t *size)
{
    const FDTProp *found = fdt_node_find_prop(node, prop);
    gsize length = 0;
    const void *value;

    if (!found) {
        return NULL;
    }
    value = g_bytes_get_data(found->value, &length);
    if (size) {
        *size = length;
    }
    /* GLib keeps no data for an empty value; that must not look like an absent one. */
    return length ? value : "";
}

uint32_t fdt_node_get_u32(const FDTNode *node, const char *prop, uint32_t fallback)
{
    size_t size;
    const void *value = fdt_node_get(node, prop, &size);

    return value && size == sizeof(uint32_t) ? ldl_be_p(value) : fallback;
}

/* Appends @value as @cells cells, high part first. */
static void append_number(GArray *out, hwaddr value, unsigned cells)
{
    uint32_t high = value >> 32, low = value;

    g_assert(cells <= 2 && (cells == 2 || high == 0));
    if (cells == 2) {
        g_array_append_val(out, high);
    }
    if (cells >= 1) {
        g_array_append_val(out, low);
    }
}

void fdt_node_set_regs(FDTNode *node, const FDTReg *regs, unsigned num_regs)
{
    unsigned address_cells = fdt_node_get_u32(node->parent, "#address-cells", 2);
    unsigned size_cells = fdt_node_get_u32(node->parent, "#size-cells", 1);
    g_autoptr(GArray) cells = g_array_new(FALSE, FALSE, sizeof(uint32_t));

    for (unsigned i = 0; i < num_regs; i++) {
        append_number(cells, regs[i].base, address_cells);
        append_number(cells, regs[i].size, size_cells);
    }
    fdt_node_set_cellv(node, "reg", (const uint32_t *)(void *)cells->data, cells->len);
}

void fdt_node_set_reg(FDTNode *node, hwaddr base, hwaddr size)
{
    fdt_node_set_regs(node, &(FDTReg){base, size}, 1);
}

/* ---- Phandles and interrupt controllers ---- */

uint32_t fdt_context_alloc_phandle(FDTContext *ctx)
{
    return ctx->next_phandle++;
}

void fdt_context_reserve_phandles(FDTContext *ctx, uint32_t first)
{
    ctx->next_phandle = MAX(ctx->next_phandle, first);
}

void fdt_context_set_phandle(FDTContext *ctx, const void *owner, uint32_t phandle)
{
    g_assert(phandle && !g_hash_table_contains(ctx->phandles, owner));
    g_hash_table_insert(ctx->phandles, (void *)owner, GUINT_TO_POINTER(phandle));
}

uint32_t fdt_context_get_phandle(FDTContext *ctx, const void *owner)
{
    uint32_t phandle = GPOINTER_TO_UINT(g_hash_table_lookup(ctx->phandles, owner));

    if (!phandle) {
        phandle = fdt_context_alloc_phandle(ctx);
        fdt_context_set_phandle(ctx, owner, phandle);
    }
    return phandle;
}

void fdt_context_add_irq_controller(FDTContext *ctx, const void *owner, unsigned cells)
{
    g_assert(cells == 1 || cells == 2);
    g_hash_table_insert(ctx->irq_cells, (void *)owner, GUINT_TO_POINTER(cells));
}

/* ---- Devices ---- */

void fdt_context_write_device(FDTContext *ctx, DeviceState *dev, const FDTPlace *place)
{
    DeviceClass *dc = DEVICE_GET_CLASS(dev);

    if (dc->fdt) {
        const FDTPlace *outer = ctx->place;

        ctx->place = place;
        dc->fdt(dev, ctx);
        ctx->place = outer;
    }
}

const FDTPlace *fdt_context_place(const FDTContext *ctx)
{
    g_assert(ctx->place);
    return ctx->place;
}

FDTNode *fdt_context_add_node(FDTContext *ctx, const char *name)
{
    const FDTPlace *place = fdt_context_place(ctx);

    g_assert(place->num_regs);
    return fdt_node_add(place->parent, "%s@%" PRIx64, name, place->regs[0].base);
}

void fdt_context_set_reg(FDTContext *ctx, FDTNode *node)
{
    const FDTPlace *place = fdt_context_place(ctx);

    fdt_node_set_regs(node, place->regs, place->num_regs);
}

void fdt_context_set_interrupts(FDTContext *ctx, FDTNode *node)
{
    const FDTPlace *place = fdt_context_place(ctx);
    g_autoptr(GArray) cells = NULL;
    unsigned per_irq;

    if (!place->num_irqs) {
        return;
    }
    per_irq = GPOINTER_TO_UINT(g_hash_table_lookup(ctx->irq_cells, place->irq_parent));
    g_assert(per_irq);
    cells = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    for (unsigned i = 0; i < place->num_irqs; i++) {
        g_array_append_val(cells, place->irqs[i].number);
        if (per_irq == 2) {
            g_array_append_val(cells, place->irqs[i].type);
        }
    }
    fdt_node_set_cellv(node, "interrupts", (const uint32_t *)(void *)cells->data, cells->len);
    fdt_node_set_u32(node, "interrupt-parent", fdt_context_get_phandle(ctx, place->irq_parent));
}

void fdt_context_set_node_phandle(FDTContext *ctx, FDTNode *node, const void *owner)
{
    fdt_node_set_u32(node, "phandle", fdt_context_get_phandle(ctx, owner));
}

/* ---- Life ---- */

FDTContext *fdt_context_new(void)
{
    FDTContext *ctx = g_new0(FDTContext, 1);

    ctx->root = fdt_node_new(NULL, g_strdup(""));
    ctx->reserved = g_array_new(FALSE, FALSE, sizeof(FDTReg));
    ctx->next_phandle = 1;
    ctx->phandles = g_hash_table_new(NULL, NULL);
    ctx->irq_cells = g_hash_table_new(NULL, NULL);
    return ctx;
}

void fdt_context_free(FDTContext *ctx)
{
    fdt_node_free(ctx->root);
    g_array_unref(ctx->reserved);
    g_hash_table_unref(ctx->phandles);
    g_hash_table_unref(ctx->irq_cells);
    g_free(ctx);
}

/* ---- The blob ---- */

/* What @node and all below it take at most: tokens, names and values padded to 4 bytes. */
static size_t node_flat_size(const FDTNode *node)
{
    size_t size = 2 * FDT_TAGSIZE + QEMU_ALIGN_UP(strlen(node->name) + 1, FDT_TAGSIZE);

    for (guint i = 0; i < node->props->len; i++) {
        const FDTProp *prop = g_ptr_array_index(node->props, i);

        /* The name goes to the strings block, if it is not there already. */
        size += sizeof(struct fdt_property) + strlen(prop->name) + 1 +
                QEMU_ALIGN_UP(g_bytes_get_size(prop->value), FDT_TAGSIZE);
    }
    for (guint i = 0; i < node->children->len; i++) {
        size += node_flat_size(g_ptr_array_index(node->children, i));
    }
    return size;
}

/* The buffer is large enough and calls are well ordered, so libfdt has nothing to refuse. */
static void must(int ret)
{
    g_assert(ret == 0);
}

static void node_flatten(void *blob, const FDTNode *node)
{
    must(fdt_begin_node(blob, node->name));
    for (guint i = 0; i < node->props->len; i++) {
        const FDTProp *prop = g_ptr_array_index(node->props, i);
        gsize size;
        const void *value = g_bytes_get_data(prop->value, &size);

        must(fdt_property(blob, prop->name, value, size));
    }
    for (guint i = 0; i < node->children->len; i++) {
        node_flatten(blob, g_ptr_array_index(node->children, i));
    }
    must(fdt_end_node(blob));
}

void *fdt_context_flatten(FDTContext *ctx, size_t *size)
{
    size_t room = sizeof(struct fdt_header) +
                  (2 + ctx->reserved->len) * sizeof(struct fdt_reserve_entry) +
                  node_flat_size(ctx->root) + FDT_TAGSIZE;
    void *blob;

    g_assert(room <= INT32_MAX);
    blob = g_malloc0(room);
    must(fdt_create(blob, room));
    for (guint i = 0; i < ctx->reserved->len; i++) {
        const FDTReg *reg = &g_array_index(ctx->reserved, FDTReg, i);

        must(fdt_add_reservemap_entry(blob, reg->base, reg->size));
    }
    must(fdt_finish_reservemap(blob));
    node_flatten(blob, ctx->root);
    must(fdt_finish(blob));
    *size = fdt_totalsize(blob);
    return blob;
}

static bool load_props(const void *blob, int offset, FDTNode *node)
{
    int prop;

    fdt_for_each_property_offset(prop, blob, offset)
    {
        const char *name;
        int length;
        const void *value = fdt_getprop_by_offset(blob, prop, &name, &length);

        if (!value) {
            return false;
        }
        fdt_node_set_bytes(node, name, value, length);
    }
    return prop == -FDT_ERR_NOTFOUND;
}

static bool load_node(const void *blob, int offset, FDTNode *node, int depth)
{
    int child;

    if (depth > FDT_MAX_DEPTH || !load_props(blob, offset, node)) {
        return false;
    }
    fdt_for_each_subnode(child, blob, offset)
    {
        const char *name = fdt_get_name(blob, child, NULL);

        if (!name || !load_node(blob, child, fdt_node_new(node, g_strdup(name)), depth + 1)) {
            return false;
        }
    }
    return child == -FDT_ERR_NOTFOUND;
}

/* fdt_check_full() has been over the block. */
static void load_reserved(const void *blob, GArray *reserved)
{
    g_array_set_size(reserved, fdt_num_mem_rsv(blob));
    for (guint i = 0; i < reserved->len; i++) {
        FDTReg *reg = &g_array_index(reserved, FDTReg, i);

        must(fdt_get_mem_rsv(blob, i, &reg->base, &reg->size));
    }
}

bool fdt_context_load(FDTContext *ctx, const void *blob, size_t size, GError **error)
{
    FDTNode *root;
    uint32_t highest = 0;

    if (fdt_check_full(blob, size) != 0) {
        error_setg(error, "invalid device tree");
        return false;
    }
    root = fdt_node_new(NULL, g_strdup(""));
    if (!load_node(blob, 0, root, 0) || fdt_find_max_phandle(blob, &highest) != 0 ||
        highest >= FDT_MAX_PHANDLE) {
        fdt_node_free(root);
        error_setg(error, "invalid device tree");
        return false;
    }
    fdt_node_free(ctx->root);
    ctx->root = root;
    load_reserved(blob, ctx->reserved);
    fdt_context_reserve_phandles(ctx, highest + 1);
    return true;
}
