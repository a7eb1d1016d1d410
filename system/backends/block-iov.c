/* SPDX-License-Identifier: MIT */
/* Lists of buffers: parts of them, and copies out of and into them. No state, any thread. */

#include "qemu/osdep.h"
#include "block-internal.h"

void qemu_iovec_init_external(QEMUIOVector *qiov, struct iovec *iov, int niov)
{
    *qiov = (QEMUIOVector){.iov = iov, .niov = niov};
    for (int i = 0; i < niov; i++) {
        qiov->size += iov[i].iov_len;
    }
}

int block_iov_slice(struct iovec *out, const struct iovec *iov, int niov, size_t skip, size_t bytes)
{
    int n = 0;

    for (int i = 0; i < niov && bytes > 0; i++) {
        size_t len;

        if (skip >= iov[i].iov_len) {
            skip -= iov[i].iov_len;
            continue;
        }
        len = MIN(iov[i].iov_len - skip, bytes);
        out[n++] = (struct iovec){.iov_base = (char *)iov[i].iov_base + skip, .iov_len = len};
        bytes -= len;
        skip = 0;
    }
    return n;
}

void block_iov_to_buf(const struct iovec *iov, int niov, size_t skip, void *buf, size_t bytes)
{
    g_autofree struct iovec *part = g_new(struct iovec, niov);
    int n = block_iov_slice(part, iov, niov, skip, bytes);

    for (int i = 0; i < n; i++) {
        buf = (char *)memcpy(buf, part[i].iov_base, part[i].iov_len) + part[i].iov_len;
    }
}

void block_iov_from_buf(const struct iovec *iov, int niov, size_t skip, const void *buf,
                        size_t bytes)
{
    g_autofree struct iovec *part = g_new(struct iovec, niov);
    int n = block_iov_slice(part, iov, niov, skip, bytes);

    for (int i = 0; i < n; i++) {
        memcpy(part[i].iov_base, buf, part[i].iov_len);
        buf = (const char *)buf + part[i].iov_len;
    }
}
