/* SPDX-License-Identifier: MIT */
/*
 * Locks on image files against other processes, compatible with QEMU and its tools
 *
 * The protocol is visible from outside (docs/system/qemu-block-drivers.rst "Disk image file
 * locking"; /proc/locks): byte 100 + n is share-locked by whoever uses permission n of the image,
 * byte 200 + n by whoever does not tolerate that others use it. Conflicts are found by asking
 * whether a byte could be locked exclusively. Open file description locks, so that they belong to
 * the descriptor and not to the process.
 *
 * Tests: tests/unit/system/backends/test-block.c.
 */

#include "qemu/osdep.h"
#include "block-internal.h"
#include "qemu/error.h"

#define LOCK_USED_BASE 100
#define LOCK_UNSHARED_BASE 200

enum {
    PERM_CONSISTENT_READ,
    PERM_WRITE,
    PERM_COUNT,
};

static const char *const perm_names[PERM_COUNT] = {
    [PERM_CONSISTENT_READ] = "consistent read",
    [PERM_WRITE] = "write",
};

static bool lock_op(int fd, int command, short type, off_t byte, struct flock *result)
{
    *result = (struct flock){
        .l_type = type,
        .l_whence = SEEK_SET,
        .l_start = byte,
        .l_len = 1,
    };
    return fcntl(fd, command, result) == 0;
}

static bool set_byte(int fd, off_t byte, bool lock, GError **error)
{
    struct flock fl;

    if (lock_op(fd, F_OFD_SETLK, lock ? F_RDLCK : F_UNLCK, byte, &fl)) {
        return true;
    }
    error_setg_errno(error, errno, "Failed to lock byte %jd", (intmax_t)byte);
    return false;
}

static bool someone_else_holds(int fd, off_t byte)
{
    struct flock fl;

    return lock_op(fd, F_OFD_GETLK, F_WRLCK, byte, &fl) && fl.l_type != F_UNLCK;
}

bool block_lock_supported(int fd)
{
    struct flock fl;

    return lock_op(fd, F_OFD_GETLK, F_WRLCK, LOCK_USED_BASE, &fl);
}

/* Bits of the two rows that @fd holds from now on. */
static bool hold(int fd, unsigned used, unsigned unshared, GError **error)
{
    for (unsigned perm = 0; perm < PERM_COUNT; perm++) {
        if (!set_byte(fd, LOCK_USED_BASE + perm, used & (1u << perm), error) ||
            !set_byte(fd, LOCK_UNSHARED_BASE + perm, unshared & (1u << perm), error)) {
            return false;
        }
    }
    return true;
}

bool block_lock_set(int fd, const char *filename, bool in_use, bool write, GError **error)
{
    unsigned used = 1u << PERM_CONSISTENT_READ | (write ? 1u << PERM_WRITE : 0);
    unsigned unshared = in_use ? 1u << PERM_WRITE : 0;
    const char *shared = NULL, *conflict = NULL;

    /* Locked first and looked at then: of two that do this at once, at least one sees the other. */
    if (!hold(fd, used, unshared, error)) {
        return false;
    }
    for (unsigned perm = 0; perm < PERM_COUNT && !conflict; perm++) {
        if ((used & (1u << perm)) && someone_else_holds(fd, LOCK_UNSHARED_BASE + perm)) {
            shared = "";
            conflict = perm_names[perm];
        } else if ((unshared & (1u << perm)) && someone_else_holds(fd, LOCK_USED_BASE + perm)) {
            shared = "shared ";
            conflict = perm_names[perm];
        }
    }
    if (!conflict) {
        return true;
    }
    hold(fd, 1u << PERM_CONSISTENT_READ, 0, NULL);
    error_setg(error, "Failed to get %s\"%s\" lock", shared, conflict);
    error_append_hint(error, "Is another process using the image [%s]?", filename);
    return false;
}
