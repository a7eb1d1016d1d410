/* SPDX-License-Identifier: MIT */
/*
 * Lists of buffers (struct iovec) seen as one sequence of bytes. Offsets count from the first byte
 * of the list. What lies beyond its end is not touched, and the return value says how much was. No
 * state, any thread. Tests: tests/unit/util/test-iov.c.
 */
#ifndef QEMU_IOV_H
#define QEMU_IOV_H

#include <sys/uio.h>

/* Bytes in all. */
size_t iov_size(const struct iovec *iov, unsigned count);

/* Copies out of and into the list; returns the bytes copied. */
size_t iov_to_buf(const struct iovec *iov, unsigned count, size_t offset, void *buf, size_t bytes);
size_t iov_from_buf(const struct iovec *iov, unsigned count, size_t offset, const void *buf,
                    size_t bytes);

/* Fills with @c; returns the bytes filled. */
size_t iov_memset(const struct iovec *iov, unsigned count, size_t offset, int c, size_t bytes);

/*
 * The part [@offset, @offset + @bytes) as a list of its own, into @out, which has room for
 * @out_count entries. Returns how many were used; what does not fit is left out.
 */
unsigned iov_slice(struct iovec *out, unsigned out_count, const struct iovec *iov, unsigned count,
                   size_t offset, size_t bytes);

#endif
