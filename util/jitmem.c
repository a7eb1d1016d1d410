/* SPDX-License-Identifier: MIT */
/*
 * Memory for generated code: see qemu/jitmem.h. Split views are two mappings of one memfd.
 * The executable view is placed near our own text, so that a 5-byte call reaches helpers.
 * No locking: create and destroy belong to one thread. Tests: tests/unit/util/test-jitmem.c.
 */
#include "qemu/osdep.h"
#include <sys/mman.h>
#include "qemu/error.h"
#include "qemu/jitmem.h"
#include "qemu/units.h"

/* Since Linux 6.3, where vm.memfd_noexec may demand it; headers of Debian 12 lack it. */
#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

static bool reaches(uintptr_t from, uintptr_t to)
{
    int64_t distance = to - from;
    return distance == (int32_t)distance;
}

static bool range_reaches(uintptr_t start, size_t size, uintptr_t target)
{
    return reaches(start, target) && reaches(start + size, target);
}

/*
 * mmap() within reach of this function where there is room, else anywhere. The places tried
 * are below the text first: the heap grows above it.
 */
static void *map_near_text(size_t size, int prot, int flags, int fd)
{
    const uintptr_t text = QEMU_ALIGN_DOWN((uintptr_t)map_near_text, 2 * MiB);
    const uintptr_t step = 64 * MiB;
    const int n_steps = 31;

    for (int i = 1; i <= 2 * n_steps; i++) {
        uintptr_t offset = (i <= n_steps ? i : i - n_steps) * step;
        uintptr_t addr = i <= n_steps ? text - size - offset : text + offset;
        bool wrapped = i <= n_steps ? addr > text : addr < text;
        if (wrapped || !range_reaches(addr, size, text)) {
            continue;
        }
        void *p = mmap((void *)addr, size, prot, flags | MAP_FIXED_NOREPLACE, fd, 0);
        if (p == (void *)addr) {
            return p;
        }
        if (p != MAP_FAILED) {
            munmap(p, size); /* a kernel before 4.17 took the address as a hint */
        }
    }
    return mmap(NULL, size, prot, flags, fd, 0);
}

static bool map_single(JitMem *jm, GError **error)
{
    void *p = map_near_text(jm->size, PROT_READ | PROT_WRITE | PROT_EXEC,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
    if (p == MAP_FAILED) {
        error_setg_errno(error, errno, "Could not map %zu bytes for generated code", jm->size);
        return false;
    }
    /* a wish: code that is run once pays for page faults and iTLB misses above all */
    madvise(p, jm->size, MADV_HUGEPAGE);
    jm->rw = jm->rx = p;
    return true;
}

static int create_memfd(size_t size, GError **error)
{
    int fd = memfd_create("jit", MFD_CLOEXEC | MFD_EXEC);
    if (fd < 0 && errno == EINVAL) {
        fd = memfd_create("jit", MFD_CLOEXEC);
    }
    if (fd < 0 || ftruncate(fd, size) < 0) {
        error_setg_errno(error, errno, "Could not create %zu bytes of memory for generated code",
                         size);
        if (fd >= 0) {
            close(fd);
        }
        return -1;
    }
    return fd;
}

static bool map_split(JitMem *jm, GError **error)
{
    int fd = create_memfd(jm->size, error);
    if (fd < 0) {
        return false;
    }
    void *rw = mmap(NULL, jm->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    void *rx = rw == MAP_FAILED ? MAP_FAILED :
                                  map_near_text(jm->size, PROT_READ | PROT_EXEC, MAP_SHARED, fd);
    int saved_errno = errno;
    close(fd);
    if (rx == MAP_FAILED) {
        if (rw != MAP_FAILED) {
            munmap(rw, jm->size);
        }
        error_setg_errno(error, saved_errno, "Could not map %zu bytes for generated code twice",
                         jm->size);
        return false;
    }
    jm->rw = rw;
    jm->rx = rx;
    return true;
}

JitMem *jitmem_create(size_t size, JitMemSplit split, GError **error)
{
    g_autofree JitMem *jm = g_new0(JitMem, 1);
    jm->size = QEMU_ALIGN_UP(size, qemu_real_host_page_size());

    bool ok = false;
    switch (split) {
    case JITMEM_SPLIT_AUTO:
        ok = map_single(jm, NULL) || map_split(jm, error);
        break;
    case JITMEM_SPLIT_ON:
        ok = map_split(jm, error);
        break;
    case JITMEM_SPLIT_OFF:
        ok = map_single(jm, error);
        break;
    }
    jm->diff = jm->rx - jm->rw;
    return ok ? g_steal_pointer(&jm) : NULL;
}

void jitmem_destroy(JitMem *jm)
{
    if (!jm) {
        return;
    }
    if (jm->rx != jm->rw) {
        munmap(jm->rx, jm->size);
    }
    munmap(jm->rw, jm->size);
    g_free(jm);
}

bool jitmem_near(const JitMem *jm, const void *target)
{
    return range_reaches((uintptr_t)jm->rx, jm->size, (uintptr_t)target);
}

void jitmem_flush(const JitMem *jm, const void *rw, size_t len)
{
    char *start = jitmem_to_rx(jm, rw);
    __builtin___clear_cache(start, start + len);
    if (jm->diff) {
        __builtin___clear_cache((char *)rw, (char *)rw + len);
    }
}
