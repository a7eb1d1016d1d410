/* SPDX-License-Identifier: MIT */
/* Lists of buffers; see qemu/iov.h. */
#include "qemu/osdep.h"

#include "qemu/iov.h"

size_t iov_size(const struct iovec *iov, unsigned count)
{
    size_t size = 0;

    for (unsigned i = 0; i < count; i++) {
        size += iov[i].iov_len;
    }
    return size;
}

/* A place in a list, from which pieces are taken in order. */
typedef struct IovCursor {
    const struct iovec *iov;
    const struct iovec *end;
    size_t skip; /* bytes of the list still before the place */
} IovCursor;

/* The next piece, of 1 to @max bytes; its length is 0 at the end of the list. */
static struct iovec iov_next(IovCursor *at, size_t max)
{
    for (; at->iov != at->end; at->iov++) {
        if (at->skip < at->iov->iov_len) {
            struct iovec piece = {
                .iov_base = (char *)at->iov->iov_base + at->skip,
                .iov_len = MIN(at->iov->iov_len - at->skip, max),
            };

            at->skip += piece.iov_len;
            return piece;
        }
        at->skip -= at->iov->iov_len;
    }
    return (struct iovec){NULL, 0};
}

size_t iov_to_buf(const struct iovec *iov, unsigned count, size_t offset, void *buf, size_t bytes)
{
    IovCursor at = {iov, iov + count, offset};
    size_t done = 0;

    while (done < bytes) {
        struct iovec piece = iov_next(&at, bytes - done);

        if (piece.iov_len == 0) {
            break;
        }
        memcpy((char *)buf + done, piece.iov_base, piece.iov_len);
        done += piece.iov_len;
    }
    return done;
}

size_t iov_from_buf(const struct iovec *iov, unsigned count, size_t offset, const void *buf,
                    size_t bytes)
{
    IovCursor at = {iov, iov + count, offset};
    size_t done = 0;

    while (done < bytes) {
        struct iovec piece = iov_next(&at, bytes - done);

        if (piece.iov_len == 0) {
            break;
        }
        memcpy(piece.iov_base, (const char *)buf + done, piece.iov_len);
        done += piece.iov_len;
    }
    return done;
}

size_t iov_memset(const struct iovec *iov, unsigned count, size_t offset, int c, size_t bytes)
{
    IovCursor at = {iov, iov + count, offset};
    size_t done = 0;

    while (done < bytes) {
        struct iovec piece = iov_next(&at, bytes - done);

        if (piece.iov_len == 0) {
            break;
        }
        memset(piece.iov_base, c, piece.iov_len);
        done += piece.iov_len;
    }
    return done;
}

unsigned iov_slice(struct iovec *out, unsigned out_count, const struct iovec *iov, unsigned count,
                   size_t offset, size_t bytes)
{
    IovCursor at = {iov, iov + count, offset};
    size_t done = 0;
    unsigned n = 0;

    while (done < bytes && n < out_count) {
        struct iovec piece = iov_next(&at, bytes - done);

        if (piece.iov_len == 0) {
            break;
        }
        out[n++] = piece;
        done += piece.iov_len;
    }
    return n;
}
