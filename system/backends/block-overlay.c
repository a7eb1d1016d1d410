/* SPDX-License-Identifier: MIT */
/*
 * The overlay of snapshot=on: an image that is only read, and what was written since
 *
 * Written clusters go to the same offset of an unlinked sparse temporary file; a bitmap says which
 * ones are there. Nothing survives the process.
 *
 * Threads: reads and writes to clusters that are there run in parallel; a write that brings a new
 * cluster holds the lock until its bit is set, so that its copy of the old contents cannot overtake
 * another's new ones.
 */

#include "qemu/osdep.h"
#include "block-internal.h"
#include "qemu/atomic.h"
#include "qemu/bitmap.h"
#include "qemu/error.h"
#include "qemu/iov.h"
#include "qemu/thread.h"

#define CLUSTER_SIZE (INT64_C(64) << 10)

typedef struct OverlayState {
    int fd;         /* [const] */
    int64_t length; /* [const] */
    QemuMutex alloc_lock;
    unsigned long *present; /* [atomic] a bit a cluster: set after its contents are there */
} OverlayState;

/* ---- Opening ---- */

static int open_temporary(GError **error)
{
    const char *dir = getenv("TMPDIR") ? getenv("TMPDIR") : "/var/tmp";
    g_autofree char *path = g_strdup_printf("%s/vl.XXXXXX", dir);
    int fd = g_mkstemp_full(path, O_RDWR | O_CLOEXEC, 0600);

    if (fd < 0) {
        error_setg_errno(error, errno, "Could not create temporary overlay '%s'", path);
        return -1;
    }
    unlink(path);
    return fd;
}

static bool overlay_open(BlockNode *node, const NodeOpts *no, GError **error)
{
    int64_t length = node->file->drv->getlength(node->file);
    OverlayState *s;
    int fd;

    if (length < 0) {
        error_setg_errno(error, -length, "Could not get the size of '%s'", node->file->name);
        return false;
    }
    fd = open_temporary(error);
    if (fd < 0) {
        return false;
    }
    s = g_new0(OverlayState, 1);
    s->fd = fd;
    s->length = length;
    s->present = bitmap_new(DIV_ROUND_UP(length, CLUSTER_SIZE));
    qemu_mutex_init(&s->alloc_lock);
    node->state = s;
    node->filename = g_strdup(node->file->filename);
    return true;
}

static void overlay_close(BlockNode *node)
{
    OverlayState *s = node->state;

    qemu_mutex_destroy(&s->alloc_lock);
    close(s->fd);
    g_free(s->present);
    g_free(s);
}

/* ---- Input and output ---- */

static bool is_present(const OverlayState *s, int64_t cluster)
{
    /* Pairs with set_bit_atomic() in set_present(). */
    return qatomic_load_acquire(&s->present[BIT_WORD(cluster)]) & BIT_MASK(cluster);
}

/* Bytes from @offset on, at most @bytes, that are all present or all absent. */
static int64_t run_length(const OverlayState *s, int64_t offset, int64_t bytes, bool *present)
{
    int64_t cluster = offset / CLUSTER_SIZE;
    int64_t last = (offset + bytes - 1) / CLUSTER_SIZE;

    *present = is_present(s, cluster);
    while (cluster < last && is_present(s, cluster + 1) == *present) {
        cluster++;
    }
    return MIN(bytes, (cluster + 1) * CLUSTER_SIZE - offset);
}

/* All of a buffer to or from the temporary file. */
static int temporary_io(const OverlayState *s, bool is_write, int64_t offset, char *buf,
                        int64_t bytes)
{
    while (bytes > 0) {
        ssize_t ret = is_write ? pwrite(s->fd, buf, bytes, offset) :
                                 pread(s->fd, buf, bytes, offset);

        if (ret < 0 && errno == EINTR) {
            continue;
        }
        if (ret <= 0) {
            return ret < 0 ? -errno : -EIO;
        }
        buf += ret;
        offset += ret;
        bytes -= ret;
    }
    return 0;
}

static int temporary_iov(const OverlayState *s, bool is_write, int64_t offset,
                         const struct iovec *iov, int niov)
{
    for (int i = 0; i < niov; i++) {
        int ret = temporary_io(s, is_write, offset, iov[i].iov_base, iov[i].iov_len);

        if (ret < 0) {
            return ret;
        }
        offset += iov[i].iov_len;
    }
    return 0;
}

static int overlay_preadv(BlockNode *node, int64_t offset, int64_t bytes, const struct iovec *iov,
                          int niov)
{
    OverlayState *s = node->state;
    g_autofree struct iovec *part = g_new(struct iovec, niov);
    int64_t run;

    for (int64_t done = 0; done < bytes; done += run) {
        bool present;
        int n, ret;

        run = run_length(s, offset + done, bytes - done, &present);
        n = iov_slice(part, niov, iov, niov, done, run);
        ret = present ? temporary_iov(s, false, offset + done, part, n) :
                        node->file->drv->preadv(node->file, offset + done, run, part, n);
        if (ret < 0) {
            return ret;
        }
    }
    return 0;
}

/* Brings the old contents of a cluster that will be written in part. */
static int copy_up(BlockNode *node, int64_t cluster)
{
    OverlayState *s = node->state;
    int64_t start = cluster * CLUSTER_SIZE;
    int64_t bytes = MIN(CLUSTER_SIZE, s->length - start);
    g_autofree char *buf = g_malloc(CLUSTER_SIZE);
    int ret = block_node_pread(node->file, start, bytes, buf);

    /* A whole cluster, also at the end: reads of it must not come up short. */
    memset(buf + bytes, 0, CLUSTER_SIZE - bytes);
    return ret < 0 ? ret : temporary_io(s, true, start, buf, CLUSTER_SIZE);
}

/* A write that touches clusters which are not there yet. Holds alloc_lock. */
static int write_allocating(BlockNode *node, int64_t offset, int64_t bytes, const struct iovec *iov,
                            int niov)
{
    OverlayState *s = node->state;
    int64_t first = offset / CLUSTER_SIZE;
    int64_t last = (offset + bytes - 1) / CLUSTER_SIZE;
    int ret = 0;

    if (!is_present(s, first) && offset % CLUSTER_SIZE) {
        ret = copy_up(node, first);
    }
    if (ret == 0 && !is_present(s, last) && (offset + bytes) % CLUSTER_SIZE &&
        (last != first || offset % CLUSTER_SIZE == 0)) {
        ret = copy_up(node, last);
    }
    if (ret == 0) {
        ret = temporary_iov(s, true, offset, iov, niov);
    }
    for (int64_t cluster = first; ret == 0 && cluster <= last; cluster++) {
        set_bit_atomic(cluster, s->present);
    }
    return ret;
}

static int overlay_pwritev(BlockNode *node, int64_t offset, int64_t bytes, const struct iovec *iov,
                           int niov)
{
    OverlayState *s = node->state;
    bool present;
    int ret;

    if (bytes == 0) {
        return 0;
    }
    if (run_length(s, offset, bytes, &present) == bytes && present) {
        return temporary_iov(s, true, offset, iov, niov);
    }
    qemu_mutex_lock(&s->alloc_lock);
    ret = write_allocating(node, offset, bytes, iov, niov);
    qemu_mutex_unlock(&s->alloc_lock);
    return ret;
}

static int64_t overlay_getlength(BlockNode *node)
{
    return ((OverlayState *)node->state)->length;
}

static bool overlay_set_perm(BlockNode *node, bool in_use, bool write, GError **error)
{
    return block_node_set_perm(node->file, in_use, false, error);
}

static const BlockDriver block_driver_overlay = {
    .names = {"overlay"},
    .open = overlay_open,
    .close = overlay_close,
    .preadv = overlay_preadv,
    .pwritev = overlay_pwritev,
    .getlength = overlay_getlength,
    .set_perm = overlay_set_perm,
};

BlockNode *block_overlay_new(BlockNode *base, const NodeDefaults *defaults, GError **error)
{
    const NodeOpts none = {.opts = NULL, .prefix = ""};

    return block_node_open_on(&block_driver_overlay, base, &none, defaults, error);
}
