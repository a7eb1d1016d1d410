/* SPDX-License-Identifier: MIT */
/*
 * BlockBackend: what a device holds of a node, and its requests in flight
 *
 * A request is checked here, runs on a worker thread, and completes in the main loop; what fails
 * the check completes there too, never within the call.
 *
 * Locks: under the BQL, but for the worker's part. Tests: tests/unit/system/backends/test-block.c.
 */

#include "qemu/osdep.h"
#include "block-internal.h"
#include "qemu/error.h"
#include "qemu/iov.h"
#include "qemu/main-loop.h"

struct BlockBackend {
    char *name;      /* [const] */
    BlockNode *node; /* [const] NULL: no medium */

    /* [bql] */
    void *dev;
    unsigned in_flight;
    bool write_cache;
    BlockdevOnError on_read_error;
    BlockdevOnError on_write_error;
};

static GPtrArray *backends; /* [bql] of BlockBackend, in the order of creation */

/* ---- Names and owners ---- */

static void blk_free(gpointer data)
{
    BlockBackend *blk = data;

    if (blk->node) {
        block_node_unref(blk->node);
    }
    g_free(blk->name);
    g_free(blk);
}

BlockBackend *blk_new(const char *name, BlockNode *node)
{
    BlockBackend *blk = g_new(BlockBackend, 1);

    *blk = (BlockBackend){
        .name = g_strdup(name),
        .node = node,
        .write_cache = true,
        .on_read_error = BLOCKDEV_ON_ERROR_REPORT,
        .on_write_error = BLOCKDEV_ON_ERROR_ENOSPC,
    };
    if (!backends) {
        backends = g_ptr_array_new_with_free_func(blk_free);
    }
    g_ptr_array_add(backends, blk);
    return blk;
}

BlockBackend *blk_by_name(const char *name)
{
    BlockNode *node;

    for (unsigned i = 0; backends && i < backends->len; i++) {
        BlockBackend *blk = g_ptr_array_index(backends, i);

        if (strcmp(blk->name, name) == 0) {
            return blk;
        }
    }
    /* Kept under the node's name: a second device finds it taken. */
    node = block_node_find(name);
    return node ? blk_new(name, block_node_ref(node)) : NULL;
}

const char *blk_name(const BlockBackend *blk)
{
    return blk->name;
}

void blk_foreach(blk_visit_fn fn, void *opaque)
{
    for (unsigned i = 0; backends && i < backends->len; i++) {
        fn(g_ptr_array_index(backends, i), opaque);
    }
}

bool blk_attach_dev(BlockBackend *blk, void *dev, GError **error)
{
    if (blk->dev) {
        error_setg(error, "Drive '%s' is already in use by another device", blk->name);
        return false;
    }
    if (blk->node && !block_node_set_perm(blk->node, true, blk_is_writable(blk), error)) {
        return false;
    }
    blk->dev = dev;
    return true;
}

void blk_detach_dev(BlockBackend *blk, void *dev)
{
    g_assert(blk->dev == dev);
    blk_drain(blk);
    if (blk->node) {
        /* Giving up cannot conflict with anybody. */
        block_node_set_perm(blk->node, false, false, NULL);
    }
    blk->dev = NULL;
}

void *blk_get_attached_dev(const BlockBackend *blk)
{
    return blk->dev;
}

void blk_cleanup(void)
{
    blk_flush_all();
    drive_forget_all();
    g_clear_pointer(&backends, g_ptr_array_unref);
    block_node_forget_all();
}

/* ---- Properties ---- */

int64_t blk_getlength(BlockBackend *blk)
{
    return blk->node ? blk->node->drv->getlength(blk->node) : -ENOMEDIUM;
}

void blk_get_geometry(BlockBackend *blk, uint64_t *nb_sectors)
{
    int64_t length = blk_getlength(blk);

    *nb_sectors = length < 0 ? 0 : (uint64_t)length >> BDRV_SECTOR_BITS;
}

bool blk_is_writable(const BlockBackend *blk)
{
    return blk->node && !blk->node->read_only;
}

bool blk_is_inserted(const BlockBackend *blk)
{
    return blk->node != NULL;
}

const char *blk_get_filename(const BlockBackend *blk)
{
    return blk->node && blk->node->filename ? blk->node->filename : "";
}

const char *blk_get_format(const BlockBackend *blk)
{
    return blk->node ? blk->node->drv->names[0] : "";
}

bool blk_enable_write_cache(const BlockBackend *blk)
{
    return blk->write_cache;
}

void blk_set_enable_write_cache(BlockBackend *blk, bool enable)
{
    blk->write_cache = enable;
}

void blk_set_on_error(BlockBackend *blk, BlockdevOnError on_read, BlockdevOnError on_write)
{
    blk->on_read_error = on_read;
    blk->on_write_error = on_write;
}

BlockErrorAction blk_get_error_action(const BlockBackend *blk, bool is_read, int err)
{
    switch (is_read ? blk->on_read_error : blk->on_write_error) {
    case BLOCKDEV_ON_ERROR_IGNORE:
        return BLOCK_ERROR_ACTION_IGNORE;
    case BLOCKDEV_ON_ERROR_STOP:
        return BLOCK_ERROR_ACTION_STOP;
    case BLOCKDEV_ON_ERROR_ENOSPC:
        return err == ENOSPC ? BLOCK_ERROR_ACTION_STOP : BLOCK_ERROR_ACTION_REPORT;
    default:
        return BLOCK_ERROR_ACTION_REPORT;
    }
}

/* ---- Requests ---- */

void qemu_iovec_init_external(QEMUIOVector *qiov, struct iovec *iov, int niov)
{
    *qiov = (QEMUIOVector){.iov = iov, .niov = niov, .size = iov_size(iov, niov)};
}

typedef enum RequestKind {
    REQUEST_READ,
    REQUEST_WRITE,
    REQUEST_FLUSH,
    REQUEST_DISCARD,
    REQUEST_WRITE_ZEROES,
} RequestKind;

typedef struct Request {
    BlockBackend *blk;
    RequestKind kind;
    BdrvRequestFlags flags;
    int64_t offset;
    int64_t bytes;
    QEMUIOVector *qiov;
    BlockCompletionFunc *cb;
    void *opaque;
    int ret;
} Request;

/* Why a request cannot be done at all; 0 if it can. */
static int request_check(const BlockBackend *blk, RequestKind kind, int64_t offset, int64_t bytes)
{
    int64_t length;

    if (!blk->node) {
        return -ENOMEDIUM;
    }
    if (kind == REQUEST_FLUSH) {
        return 0;
    }
    if (kind != REQUEST_READ && blk->node->read_only) {
        return -EACCES;
    }
    length = blk->node->drv->getlength(blk->node);
    if (length < 0) {
        return length;
    }
    return offset < 0 || bytes < 0 || offset > length || bytes > length - offset ? -EIO : 0;
}

static int request_work(BlockNode *node, const Request *r)
{
    int ret;

    switch (r->kind) {
    case REQUEST_READ:
        return node->drv->preadv(node, r->offset, r->bytes, r->qiov->iov, r->qiov->niov);
    case REQUEST_WRITE:
        ret = node->drv->pwritev(node, r->offset, r->bytes, r->qiov->iov, r->qiov->niov);
        break;
    case REQUEST_FLUSH:
        return block_node_flush(node);
    case REQUEST_DISCARD:
        return block_node_pdiscard(node, r->offset, r->bytes);
    case REQUEST_WRITE_ZEROES:
        ret = block_node_pwrite_zeroes(node, r->offset, r->bytes, r->flags & BDRV_REQ_MAY_UNMAP);
        break;
    default:
        g_assert_not_reached();
    }
    return ret == 0 && (r->flags & BDRV_REQ_FUA) ? block_node_flush(node) : ret;
}

static int request_run(void *opaque)
{
    Request *r = opaque;

    if (r->ret < 0) {
        return r->ret;
    }
    return r->bytes == 0 && r->kind != REQUEST_FLUSH ? 0 : request_work(r->blk->node, r);
}

static void request_done(void *opaque, int ret)
{
    Request *r = opaque;
    BlockBackend *blk = r->blk;

    /* Before the callback, which may wait for the others. */
    blk->in_flight--;
    r->cb(r->opaque, ret);
    g_free(r);
}

static void request_submit(BlockBackend *blk, RequestKind kind, int64_t offset, int64_t bytes,
                           QEMUIOVector *qiov, BdrvRequestFlags flags, BlockCompletionFunc *cb,
                           void *opaque)
{
    Request *r = g_new(Request, 1);

    *r = (Request){
        .blk = blk,
        .kind = kind,
        .flags = flags | (blk->write_cache ? 0 : BDRV_REQ_FUA),
        .offset = offset,
        .bytes = bytes,
        .qiov = qiov,
        .cb = cb,
        .opaque = opaque,
        .ret = request_check(blk, kind, offset, bytes),
    };
    blk->in_flight++;
    /* Also what cannot be done: the caller hears of it later, like of all else. */
    thread_pool_submit(request_run, request_done, r);
}

void blk_aio_preadv(BlockBackend *blk, int64_t offset, QEMUIOVector *qiov, BdrvRequestFlags flags,
                    BlockCompletionFunc *cb, void *opaque)
{
    request_submit(blk, REQUEST_READ, offset, qiov->size, qiov, flags, cb, opaque);
}

void blk_aio_pwritev(BlockBackend *blk, int64_t offset, QEMUIOVector *qiov, BdrvRequestFlags flags,
                     BlockCompletionFunc *cb, void *opaque)
{
    request_submit(blk, REQUEST_WRITE, offset, qiov->size, qiov, flags, cb, opaque);
}

void blk_aio_flush(BlockBackend *blk, BlockCompletionFunc *cb, void *opaque)
{
    request_submit(blk, REQUEST_FLUSH, 0, 0, NULL, 0, cb, opaque);
}

void blk_aio_pdiscard(BlockBackend *blk, int64_t offset, int64_t bytes, BlockCompletionFunc *cb,
                      void *opaque)
{
    request_submit(blk, REQUEST_DISCARD, offset, bytes, NULL, 0, cb, opaque);
}

void blk_aio_pwrite_zeroes(BlockBackend *blk, int64_t offset, int64_t bytes, BdrvRequestFlags flags,
                           BlockCompletionFunc *cb, void *opaque)
{
    request_submit(blk, REQUEST_WRITE_ZEROES, offset, bytes, NULL, flags, cb, opaque);
}

int blk_pread(BlockBackend *blk, int64_t offset, int64_t bytes, void *buf)
{
    int ret = request_check(blk, REQUEST_READ, offset, bytes);

    return ret < 0 ? ret : block_node_pread(blk->node, offset, bytes, buf);
}

int blk_pwrite(BlockBackend *blk, int64_t offset, int64_t bytes, const void *buf)
{
    int ret = request_check(blk, REQUEST_WRITE, offset, bytes);

    if (ret == 0) {
        ret = block_node_pwrite(blk->node, offset, bytes, buf);
    }
    return ret == 0 && !blk->write_cache ? block_node_flush(blk->node) : ret;
}

/* ---- Waiting ---- */

void blk_drain(BlockBackend *blk)
{
    while (blk->in_flight > 0) {
        thread_pool_wait_done();
    }
}

void blk_drain_all(void)
{
    for (unsigned i = 0; backends && i < backends->len; i++) {
        blk_drain(g_ptr_array_index(backends, i));
    }
}

int blk_flush_all(void)
{
    int result = 0;

    blk_drain_all();
    for (unsigned i = 0; backends && i < backends->len; i++) {
        BlockBackend *blk = g_ptr_array_index(backends, i);
        int ret = blk_is_writable(blk) ? block_node_flush(blk->node) : 0;

        result = result ? result : ret;
    }
    return result;
}
