/* SPDX-License-Identifier: MIT */
/*
 * Thin wrappers of system calls on descriptors: see qemu/osdep.h. No state, any thread.
 */
#include "qemu/osdep.h"

#include <sys/mman.h>
#include "qemu/error.h"

void qemu_close_on_exec(int fd)
{
    int flags = fcntl(fd, F_GETFD);
    g_assert(flags >= 0);
    flags = fcntl(fd, F_SETFD, flags | FD_CLOEXEC);
    g_assert(flags >= 0);
}

int qemu_open(const char *path, int flags, GError **error)
{
    int fd;
    do {
        fd = open(path, flags | O_CLOEXEC, 0666);
    } while (fd < 0 && errno == EINTR);
    if (fd < 0) {
        error_setg_file_open(error, errno, path);
    }
    return fd;
}

bool qemu_write_full(int fd, const void *buf, size_t count)
{
    const char *p = buf;
    while (count > 0) {
        ssize_t n = write(fd, p, count);
        if (n < 0) {
            if (errno == EINTR) {
                continue;
            }
            return false;
        }
        p += n;
        count -= n;
    }
    return true;
}

bool qemu_set_blocking(int fd, bool blocking, GError **error)
{
    int flags = fcntl(fd, F_GETFL);
    if (flags >= 0) {
        int wanted = blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK;
        if (wanted == flags || fcntl(fd, F_SETFL, wanted) == 0) {
            return true;
        }
    }
    error_setg_errno(error, errno, "Could not make descriptor %d %s", fd,
                     blocking ? "blocking" : "non-blocking");
    return false;
}

size_t qemu_real_host_page_size(void)
{
    return sysconf(_SC_PAGESIZE);
}

void *qemu_map_aligned(size_t length, size_t align)
{
    size_t reserve = length + align;
    uint8_t *raw, *start;

    raw = mmap(NULL, reserve, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
               -1, 0);
    if (raw == MAP_FAILED) {
        return raw;
    }
    start = (uint8_t *)QEMU_ALIGN_UP((uintptr_t)raw, align);
    if (start > raw) {
        munmap(raw, start - raw);
    }
    if (raw + reserve > start + length) {
        munmap(start + length, raw + reserve - (start + length));
    }
    return start;
}
