/* SPDX-License-Identifier: MIT */
/*
 * The first include of every .c file: the C library, GLib, and the handful of macros that
 * every layer uses. Nothing here has state.
 */
#ifndef QEMU_OSDEP_H
#define QEMU_OSDEP_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include <glib.h>

#include "qemu/compiler.h"
#include "qemu/typedefs.h"

/* Power-of-two alignment of integers. @n and @m of any integer type; @m a power of two. */
#define QEMU_ALIGN_DOWN(n, m) ((n) & ~((__typeof__(n))(m)-1))
#define QEMU_ALIGN_UP(n, m) QEMU_ALIGN_DOWN((n) + (m)-1, (m))
#define QEMU_IS_ALIGNED(n, m) (((n) & ((__typeof__(n))(m)-1)) == 0)
#define QEMU_PTR_IS_ALIGNED(p, m) QEMU_IS_ALIGNED((uintptr_t)(p), (m))

/* Rounding to a multiple of any @d > 0, and division rounding up. */
#define ROUND_UP(n, d) (DIV_ROUND_UP((n), (d)) * (d))
#define DIV_ROUND_UP(n, d) (((n) + (d)-1) / (d))

/*
 * GLib's, but each argument is evaluated once: a clock, or the room in a queue, has another value
 * when it is read again. Only inside functions.
 */
#undef MIN
#undef MAX
#undef CLAMP
#define MIN(a, b) SELECT_(<, a, b, G_PASTE(min_a_, __COUNTER__), G_PASTE(min_b_, __COUNTER__))
#define MAX(a, b) SELECT_(>, a, b, G_PASTE(max_a_, __COUNTER__), G_PASTE(max_b_, __COUNTER__))
#define CLAMP(x, low, high) MIN(MAX(x, low), high)
#define SELECT_(op, a, b, a_, b_)                                                                  \
    ({                                                                                             \
        __typeof__(1 ? (a) : (b)) a_ = (a), b_ = (b);                                              \
        a_ op b_ ? a_ : b_;                                                                        \
    })

#define ARRAY_SIZE(x) G_N_ELEMENTS(x)
#define sizeof_field(type, field) sizeof(((type *)0)->field)
#define offsetofend(type, field) (offsetof(type, field) + sizeof_field(type, field))

/* The struct of @type whose member @member is at @ptr. */
#define container_of(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

/**
 * qemu_close_on_exec - mark a descriptor not to be inherited by programs we start
 * @fd: an open descriptor
 */
void qemu_close_on_exec(int fd);

/**
 * qemu_open - open a file with O_CLOEXEC
 * @path:  host path; "/dev/fdset/N" has no special meaning here
 * @flags: as for open(2); with O_CREAT the mode is 0666 under the umask
 * @error: "Could not open 'PATH': REASON"
 *
 * Returns the descriptor, or -1 with @error set.
 */
int qemu_open(const char *path, int flags, GError **error);

/**
 * qemu_write_full - write all of @count bytes, across interruptions and short writes
 *
 * Returns true when all is written, else false with errno set. On a descriptor in
 * non-blocking mode this fails with EAGAIN: use the main loop's handlers there.
 */
bool qemu_write_full(int fd, const void *buf, size_t count) QEMU_WARN_UNUSED_RESULT;

/**
 * qemu_set_blocking - switch O_NONBLOCK of a descriptor
 * @blocking: true clears O_NONBLOCK
 */
bool qemu_set_blocking(int fd, bool blocking, GError **error);

/* The host's page size in bytes; a power of two. */
size_t qemu_real_host_page_size(void);
/*
 * Maps @length zero bytes, of whole pages, at a multiple of @align; MAP_FAILED with errno set when
 * that fails.
 */
void *qemu_map_aligned(size_t length, size_t align);

#endif
