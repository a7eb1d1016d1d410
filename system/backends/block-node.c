/* SPDX-License-Identifier: MIT */
/*
 * Nodes of the block layer: registry by name, common options, -blockdev, and requests to a node
 *
 * Locks: the registry is under the BQL; requests run in any thread. Tests: test-block.c.
 */

#include "qemu/osdep.h"
#include "block-internal.h"
#include "qemu/error.h"
#include "qemu/id.h"

/* Zeros are written in pieces of this many bytes when the host offers nothing better. */
#define ZERO_PIECE (UINT64_C(1) << 20)

static const BlockDriver *const drivers[] = {
    &block_driver_file,
    &block_driver_null,
    &block_driver_raw,
};

static GHashTable *nodes;     /* [bql] name to BlockNode, all that are open */
static GPtrArray *user_nodes; /* [bql] those of blockdev_add(), each with a reference */

/* ---- Options ---- */

const char *node_opt_get(const NodeOpts *no, const char *name)
{
    g_autofree char *key = g_strconcat(no->prefix, name, NULL);

    return no->opts ? qemu_opt_get(no->opts, key) : NULL;
}

bool node_opt_get_bool(const NodeOpts *no, const char *name, bool *value, GError **error)
{
    g_autofree char *key = g_strconcat(no->prefix, name, NULL);

    return !no->opts || qemu_opt_get_bool(no->opts, key, value, error);
}

bool node_opt_get_size(const NodeOpts *no, const char *name, uint64_t *value, GError **error)
{
    g_autofree char *key = g_strconcat(no->prefix, name, NULL);

    return !no->opts || qemu_opt_get_size(no->opts, key, value, error);
}

bool block_parse_discard(const NodeOpts *no, bool *unmap, GError **error)
{
    const char *text = node_opt_get(no, "discard");

    if (text) {
        *unmap = strcmp(text, "unmap") == 0 || strcmp(text, "on") == 0;
        if (!*unmap && strcmp(text, "ignore") != 0 && strcmp(text, "off") != 0) {
            error_setg(error, "Invalid discard option");
            return false;
        }
    }
    return true;
}

static bool parse_common(BlockNode *node, const NodeOpts *no, GError **error)
{
    return node_opt_get_bool(no, "read-only", &node->read_only, error) &&
           node_opt_get_bool(no, "cache.direct", &node->direct, error) &&
           node_opt_get_bool(no, "cache.no-flush", &node->no_flush, error) &&
           block_parse_discard(no, &node->discard_unmap, error);
}

/* ---- Nodes ---- */

const BlockDriver *block_driver_find(const char *name)
{
    for (unsigned i = 0; i < ARRAY_SIZE(drivers); i++) {
        for (const char *const *n = drivers[i]->names; *n; n++) {
            if (strcmp(*n, name) == 0) {
                return drivers[i];
            }
        }
    }
    return NULL;
}

BlockNode *block_node_find(const char *name)
{
    return nodes ? g_hash_table_lookup(nodes, name) : NULL;
}

static void node_free(BlockNode *node)
{
    if (node->file) {
        block_node_unref(node->file);
    }
    g_free(node->filename);
    g_free(node->name);
    g_free(node);
}

static BlockNode *node_open(const BlockDriver *drv, const char *name, BlockNode *file,
                            const NodeOpts *no, const NodeDefaults *defaults, GError **error)
{
    BlockNode *node = g_new(BlockNode, 1);

    *node = (BlockNode){
        .drv = drv,
        .name = name ? g_strdup(name) : id_generate("block"),
        .file = file,
        .read_only = defaults->read_only,
        .direct = defaults->direct,
        .no_flush = defaults->no_flush,
        .discard_unmap = defaults->discard_unmap,
        .ref = 1,
    };
    if (!parse_common(node, no, error) || !drv->open(node, no, error)) {
        node_free(node);
        return NULL;
    }
    if (!nodes) {
        nodes = g_hash_table_new(g_str_hash, g_str_equal);
    }
    g_hash_table_insert(nodes, node->name, node);
    return node;
}

/* The child that @no describes: by a node's name, or inline with driver and so on. */
static BlockNode *open_child(const NodeOpts *no, const NodeDefaults *defaults, GError **error)
{
    const char *reference = node_opt_get(no, "file");
    g_autofree char *prefix = g_strconcat(no->prefix, "file.", NULL);
    const NodeOpts child = {.opts = no->opts, .prefix = prefix};
    const BlockDriver *drv;
    const char *driver;
    BlockNode *node;

    if (reference) {
        node = block_node_find(reference);
        if (!node) {
            error_setg(error, "Cannot find device='%s' nor node-name='%s'", reference, reference);
            return NULL;
        }
        return block_node_ref(node);
    }
    driver = node_opt_get(&child, "driver");
    if (!driver) {
        error_setg(error, "Parameter 'file' is missing");
        return NULL;
    }
    drv = block_driver_find(driver);
    if (!drv) {
        error_setg(error, "Parameter 'driver' does not accept value '%s'", driver);
        return NULL;
    }
    return block_node_open(drv, node_opt_get(&child, "node-name"), &child, defaults, error);
}

BlockNode *block_node_open(const BlockDriver *drv, const char *name, const NodeOpts *no,
                           const NodeDefaults *defaults, GError **error)
{
    BlockNode *file = NULL;

    if (name && (!id_wellformed(name) || strlen(name) > 31)) {
        error_setg(error, "Invalid node-name: '%s'", name);
        return NULL;
    }
    if (name && block_node_find(name)) {
        error_setg(error, "Duplicate nodes with node-name='%s'", name);
        return NULL;
    }
    if (drv == &block_driver_raw) {
        NodeDefaults inherited = *defaults;

        if (!node_opt_get_bool(no, "read-only", &inherited.read_only, error)) {
            return NULL;
        }
        file = open_child(no, &inherited, error);
        if (!file) {
            return NULL;
        }
    }
    return node_open(drv, name, file, no, defaults, error);
}

BlockNode *block_node_open_on(const BlockDriver *drv, BlockNode *file, const NodeOpts *no,
                              const NodeDefaults *defaults, GError **error)
{
    return node_open(drv, NULL, file, no, defaults, error);
}

BlockNode *block_node_ref(BlockNode *node)
{
    node->ref++;
    return node;
}

void block_node_unref(BlockNode *node)
{
    if (--node->ref == 0) {
        g_hash_table_remove(nodes, node->name);
        node->drv->close(node);
        node_free(node);
    }
}

void block_node_forget_all(void)
{
    g_clear_pointer(&user_nodes, g_ptr_array_unref);
}

bool blockdev_add(QemuOpts *opts, GError **error)
{
    const NodeOpts no = {.opts = opts, .prefix = ""};
    const NodeDefaults defaults = {.read_only = false};
    const char *driver = qemu_opt_get_required(opts, "driver", error);
    const char *name;
    const BlockDriver *drv;
    BlockNode *node;

    if (!driver) {
        return false;
    }
    drv = block_driver_find(driver);
    if (!drv) {
        error_setg(error, "Parameter 'driver' does not accept value '%s'", driver);
        return false;
    }
    name = qemu_opt_get(opts, "node-name");
    if (!name) {
        error_setg(error, "'node-name' must be specified for the root node");
        return false;
    }
    node = block_node_open(drv, name, &no, &defaults, error);
    if (!node) {
        return false;
    }
    if (!qemu_opts_check_unused(opts, error)) {
        block_node_unref(node);
        return false;
    }
    if (!user_nodes) {
        user_nodes = g_ptr_array_new_with_free_func((GDestroyNotify)block_node_unref);
    }
    g_ptr_array_add(user_nodes, node);
    return true;
}

/* ---- Requests ---- */

int block_node_pread(BlockNode *node, int64_t offset, int64_t bytes, void *buf)
{
    struct iovec iov = {.iov_base = buf, .iov_len = bytes};

    return node->drv->preadv(node, offset, bytes, &iov, 1);
}

int block_node_pwrite(BlockNode *node, int64_t offset, int64_t bytes, const void *buf)
{
    struct iovec iov = {.iov_base = (void *)buf, .iov_len = bytes};

    return node->drv->pwritev(node, offset, bytes, &iov, 1);
}

int block_node_flush(BlockNode *node)
{
    return node->drv->flush ? node->drv->flush(node) : 0;
}

int block_node_pdiscard(BlockNode *node, int64_t offset, int64_t bytes)
{
    int ret;

    if (!node->discard_unmap || !node->drv->pdiscard) {
        return 0;
    }
    ret = node->drv->pdiscard(node, offset, bytes);
    return ret == -ENOTSUP || ret == -EOPNOTSUPP ? 0 : ret;
}

int block_node_pwrite_zeroes(BlockNode *node, int64_t offset, int64_t bytes, bool may_unmap)
{
    g_autofree uint8_t *zeros = NULL;
    int ret = -ENOTSUP;

    if (node->drv->pwrite_zeroes) {
        ret = node->drv->pwrite_zeroes(node, offset, bytes, may_unmap && node->discard_unmap);
    }
    if (ret != -ENOTSUP && ret != -EOPNOTSUPP) {
        return ret;
    }
    zeros = g_malloc0(MIN(bytes, (int64_t)ZERO_PIECE));
    for (int64_t done = 0; done < bytes;) {
        int64_t piece = MIN(bytes - done, (int64_t)ZERO_PIECE);

        ret = block_node_pwrite(node, offset + done, piece, zeros);
        if (ret < 0) {
            return ret;
        }
        done += piece;
    }
    return 0;
}

bool block_node_set_perm(BlockNode *node, bool in_use, bool write, GError **error)
{
    return !node->drv->set_perm || node->drv->set_perm(node, in_use, write, error);
}
