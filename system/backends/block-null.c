/* SPDX-License-Identifier: MIT */
/*
 * Driver null-co: a disk of a given size that forgets what is written and reads as zeros
 *
 * read-zeroes=off leaves the guest's buffers as they are instead. For benchmarks and tests.
 */

#include "qemu/osdep.h"
#include "block-internal.h"
#include "qemu/iov.h"

/* Without size=: 1 GiB, as QEMU. */
#define NULL_SIZE_DEFAULT (UINT64_C(1) << 30)

typedef struct NullState {
    uint64_t size;
    bool read_zeroes;
} NullState;

static bool null_open(BlockNode *node, const NodeOpts *no, GError **error)
{
    NullState *s = g_new(NullState, 1);

    *s = (NullState){.size = NULL_SIZE_DEFAULT};
    node->state = s;
    if (!node_opt_get_size(no, "size", &s->size, error) ||
        !node_opt_get_bool(no, "read-zeroes", &s->read_zeroes, error)) {
        g_free(s);
        return false;
    }
    s->size = MIN(s->size, (uint64_t)INT64_MAX & ~(BDRV_SECTOR_SIZE - 1));
    return true;
}

static void null_close(BlockNode *node)
{
    g_free(node->state);
}

static int null_preadv(BlockNode *node, int64_t offset, int64_t bytes, const struct iovec *iov,
                       int niov)
{
    NullState *s = node->state;

    if (s->read_zeroes) {
        iov_memset(iov, niov, 0, 0, bytes);
    }
    return 0;
}

static int null_pwritev(BlockNode *node, int64_t offset, int64_t bytes, const struct iovec *iov,
                        int niov)
{
    return 0;
}

static int null_pwrite_zeroes(BlockNode *node, int64_t offset, int64_t bytes, bool may_unmap)
{
    return 0;
}

static int64_t null_getlength(BlockNode *node)
{
    return ((NullState *)node->state)->size;
}

const BlockDriver block_driver_null = {
    .names = {"null-co", "null-aio"},
    .open = null_open,
    .close = null_close,
    .preadv = null_preadv,
    .pwritev = null_pwritev,
    .pwrite_zeroes = null_pwrite_zeroes,
    .getlength = null_getlength,
};
