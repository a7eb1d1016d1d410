/* SPDX-License-Identifier: MIT */
/*
 * Driver file: a regular file or block device of the host
 *
 * With cache.direct the host's page cache is bypassed (O_DIRECT): what is not aligned for that goes
 * through an aligned buffer, for writes with a read of what surrounds it. A file whose size is no
 * multiple of 512 is shown padded with zeros, and grows when the padding is written.
 *
 * Threads: input and output on workers, several at a time; opening and locks under the BQL.
 */

#include "qemu/osdep.h"

#include <sys/ioctl.h>
#include <linux/falloc.h>
#include <linux/fs.h>

#include "block-internal.h"
#include "qemu/cutils.h"
#include "qemu/error.h"
#include "qemu/iov.h"
#include "qemu/thread.h"

/* Good for every device that O_DIRECT reaches: no sector is larger. */
#define DIRECT_ALIGN 4096
/* Bytes that go through the aligned buffer at a time. */
#define DIRECT_PIECE (1 << 20)

typedef struct FileState {
    int fd;             /* [const] */
    bool is_device;     /* [const] a block device, not a file */
    bool locking;       /* [const] */
    int64_t length;     /* [const] multiple of 512 */
    QemuMutex rmw_lock; /* a read-modify-write under O_DIRECT is one step */
} FileState;

/* ---- Opening ---- */

static int64_t host_length(int fd)
{
    off_t end = lseek(fd, 0, SEEK_END);

    return end < 0 ? -errno : (int64_t)ROUND_UP((uint64_t)end, BDRV_SECTOR_SIZE);
}

static bool check_kind(FileState *s, const char *filename, GError **error)
{
    struct stat st;

    if (fstat(s->fd, &st) < 0) {
        error_setg_errno(error, errno, "Could not stat '%s'", filename);
        return false;
    }
    s->is_device = S_ISBLK(st.st_mode);
    if (!s->is_device && !S_ISREG(st.st_mode)) {
        error_setg(error, "'file' driver requires '%s' to be a regular file", filename);
        return false;
    }
    s->length = host_length(s->fd);
    if (s->length < 0) {
        error_setg_errno(error, -s->length, "Could not get the size of '%s'", filename);
        return false;
    }
    return true;
}

static bool parse_locking(FileState *s, const NodeOpts *no, GError **error)
{
    const char *text = node_opt_get(no, "locking");

    s->locking = true;
    if (text && strcmp(text, "off") == 0) {
        s->locking = false;
    } else if (text && strcmp(text, "on") != 0 && strcmp(text, "auto") != 0) {
        error_setg(error, "invalid parameter value: %s", text);
        return false;
    }
    return true;
}

static bool parse_aio(BlockNode *node, const NodeOpts *no, GError **error)
{
    const char *text = node_opt_get(no, "aio");

    if (!text || strcmp(text, "threads") == 0) {
        return true;
    }
    if (strcmp(text, "native") == 0 && !node->direct) {
        error_setg(error, "aio=native was specified, but it requires cache.direct=on, which was "
                          "not specified.");
    } else if (strcmp(text, "native") == 0 || strcmp(text, "io_uring") == 0) {
        error_setg(error, "aio=%s was specified, but is not supported in this build.", text);
    } else {
        error_setg(error, "invalid aio option");
    }
    return false;
}

static int open_host(BlockNode *node, GError **error)
{
    int flags = (node->read_only ? O_RDONLY : O_RDWR) | (node->direct ? O_DIRECT : 0);
    struct stat st;
    int fd;

    /* Told apart from EISDIR, which only comes for writing. */
    if (stat(node->filename, &st) == 0 && S_ISDIR(st.st_mode)) {
        error_setg(error, "'file' driver requires '%s' to be a regular file", node->filename);
        return -1;
    }
    fd = qemu_open(node->filename, flags, error);
    if (fd < 0 && errno == EINVAL && node->direct) {
        error_append_hint(error, "The file system may not support O_DIRECT: use another cache "
                                 "mode than none or directsync.");
    }
    return fd;
}

static bool file_open(BlockNode *node, const NodeOpts *no, GError **error)
{
    const char *filename = node_opt_get(no, "filename");
    FileState *s;

    if (!filename) {
        error_setg(error, "Parameter 'filename' is missing");
        return false;
    }
    strstart(filename, "file:", &filename);
    node->filename = g_strdup(filename);
    s = g_new0(FileState, 1);
    s->fd = -1;
    if (!parse_locking(s, no, error) || !parse_aio(node, no, error) ||
        (s->fd = open_host(node, error)) < 0 || !check_kind(s, filename, error)) {
        goto fail;
    }
    s->locking = s->locking && block_lock_supported(s->fd);
    if (s->locking && !block_lock_set(s->fd, filename, false, false, error)) {
        goto fail;
    }
    qemu_mutex_init(&s->rmw_lock);
    node->state = s;
    return true;

fail:
    if (s->fd >= 0) {
        close(s->fd);
    }
    g_free(s);
    return false;
}

static void file_close(BlockNode *node)
{
    FileState *s = node->state;

    qemu_mutex_destroy(&s->rmw_lock);
    close(s->fd);
    g_free(s);
}

static bool file_set_perm(BlockNode *node, bool in_use, bool write, GError **error)
{
    FileState *s = node->state;

    return !s->locking || block_lock_set(s->fd, node->filename, in_use, write, error);
}

static int64_t file_getlength(BlockNode *node)
{
    return ((FileState *)node->state)->length;
}

/* ---- Input and output ---- */

/* All of @bytes, in as many system calls as it takes; a read beyond the end gives zeros. */
static int transfer(int fd, bool is_write, int64_t offset, int64_t bytes, const struct iovec *iov,
                    int niov)
{
    g_autofree struct iovec *part = g_new(struct iovec, niov);
    int64_t done = 0;

    while (done < bytes) {
        int n = iov_slice(part, niov, iov, niov, done, bytes - done);
        ssize_t ret;

        n = MIN(n, IOV_MAX);
        ret = is_write ? pwritev(fd, part, n, offset + done) : preadv(fd, part, n, offset + done);
        if (ret < 0) {
            if (errno == EINTR) {
                continue;
            }
            return -errno;
        }
        if (ret == 0) {
            if (is_write) {
                return -ENOSPC;
            }
            iov_memset(iov, niov, done, 0, bytes - done);
            return 0;
        }
        done += ret;
    }
    return 0;
}

static bool aligned_for_direct(int64_t offset, int64_t bytes, const struct iovec *iov, int niov)
{
    uintptr_t bits = offset | bytes;

    for (int i = 0; i < niov; i++) {
        bits |= (uintptr_t)iov[i].iov_base | iov[i].iov_len;
    }
    return QEMU_IS_ALIGNED(bits, DIRECT_ALIGN);
}

/*
 * Writes whole units of DIRECT_ALIGN, of which the last may reach beyond an image that is no
 * multiple of it: the file is cut to its size again, unless someone else has made it longer.
 */
static int write_units(FileState *s, int64_t start, const struct iovec *whole)
{
    struct stat st;
    int ret;

    if (s->is_device || start + (int64_t)whole->iov_len <= s->length) {
        return transfer(s->fd, true, start, whole->iov_len, whole, 1);
    }
    if (fstat(s->fd, &st) < 0) {
        return -errno;
    }
    ret = transfer(s->fd, true, start, whole->iov_len, whole, 1);
    if (ret == 0 && st.st_size <= s->length && ftruncate(s->fd, s->length) < 0) {
        ret = -errno;
    }
    return ret;
}

/* The part of an access under O_DIRECT that goes through the aligned buffer at once. */
typedef struct BouncePiece {
    struct iovec whole; /* the buffer: whole units around the piece */
    int64_t start;      /* of the buffer's contents in the image */
    int64_t offset;     /* of the piece in the image */
    int64_t bytes;      /* of the piece */
    int64_t done;       /* bytes of the access before the piece */
} BouncePiece;

static int bounce_read(FileState *s, const BouncePiece *p, const struct iovec *iov, int niov)
{
    int ret = transfer(s->fd, false, p->start, p->whole.iov_len, &p->whole, 1);

    if (ret == 0) {
        iov_from_buf(iov, niov, p->done, (char *)p->whole.iov_base + (p->offset - p->start),
                     p->bytes);
    }
    return ret;
}

static int bounce_write(FileState *s, const BouncePiece *p, const struct iovec *iov, int niov)
{
    bool covers_all = p->start == p->offset && (int64_t)p->whole.iov_len == p->bytes;
    int ret = 0;

    qemu_mutex_lock(&s->rmw_lock);
    if (!covers_all) {
        ret = transfer(s->fd, false, p->start, p->whole.iov_len, &p->whole, 1);
    }
    if (ret == 0) {
        iov_to_buf(iov, niov, p->done, (char *)p->whole.iov_base + (p->offset - p->start),
                   p->bytes);
        ret = write_units(s, p->start, &p->whole);
    }
    qemu_mutex_unlock(&s->rmw_lock);
    return ret;
}

static int transfer_bounced(FileState *s, bool is_write, int64_t offset, int64_t bytes,
                            const struct iovec *iov, int niov)
{
    void *buffer = NULL;
    int ret = 0;

    if (posix_memalign(&buffer, DIRECT_ALIGN, DIRECT_PIECE) != 0) {
        return -ENOMEM;
    }
    for (int64_t done = 0; done < bytes && ret == 0;) {
        BouncePiece p = {.offset = offset + done, .done = done};

        p.start = QEMU_ALIGN_DOWN(p.offset, DIRECT_ALIGN);
        p.bytes = MIN(bytes - done, p.start + DIRECT_PIECE - p.offset);
        p.whole.iov_base = buffer;
        p.whole.iov_len = QEMU_ALIGN_UP(p.offset + p.bytes - p.start, DIRECT_ALIGN);
        ret = is_write ? bounce_write(s, &p, iov, niov) : bounce_read(s, &p, iov, niov);
        done += p.bytes;
    }
    free(buffer);
    return ret;
}

static int file_rw(BlockNode *node, bool is_write, int64_t offset, int64_t bytes,
                   const struct iovec *iov, int niov)
{
    FileState *s = node->state;

    if (node->direct && !aligned_for_direct(offset, bytes, iov, niov)) {
        return transfer_bounced(s, is_write, offset, bytes, iov, niov);
    }
    return transfer(s->fd, is_write, offset, bytes, iov, niov);
}

static int file_preadv(BlockNode *node, int64_t offset, int64_t bytes, const struct iovec *iov,
                       int niov)
{
    return file_rw(node, false, offset, bytes, iov, niov);
}

static int file_pwritev(BlockNode *node, int64_t offset, int64_t bytes, const struct iovec *iov,
                        int niov)
{
    return file_rw(node, true, offset, bytes, iov, niov);
}

static int file_flush(BlockNode *node)
{
    FileState *s = node->state;

    if (node->no_flush) {
        return 0;
    }
    return fdatasync(s->fd) < 0 ? -errno : 0;
}

static int file_pdiscard(BlockNode *node, int64_t offset, int64_t bytes)
{
    FileState *s = node->state;
    uint64_t range[2] = {offset, bytes};
    int ret;

    ret = s->is_device ?
              ioctl(s->fd, BLKDISCARD, range) :
              fallocate(s->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, bytes);
    return ret < 0 ? -errno : 0;
}

static int file_pwrite_zeroes(BlockNode *node, int64_t offset, int64_t bytes, bool may_unmap)
{
    FileState *s = node->state;
    uint64_t range[2] = {offset, bytes};
    int ret;

    if (s->is_device) {
        ret = ioctl(s->fd, BLKZEROOUT, range);
    } else if (may_unmap) {
        ret = fallocate(s->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, bytes);
    } else {
        ret = fallocate(s->fd, FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE, offset, bytes);
    }
    /* ENOTTY, ENODEV, EINVAL: this host cannot do that here; zeros are written instead. */
    return ret == 0 ? 0 : errno == EIO || errno == ENOSPC ? -errno : -ENOTSUP;
}

const BlockDriver block_driver_file = {
    .names = {"file", "host_device"},
    .open = file_open,
    .close = file_close,
    .preadv = file_preadv,
    .pwritev = file_pwritev,
    .flush = file_flush,
    .pdiscard = file_pdiscard,
    .pwrite_zeroes = file_pwrite_zeroes,
    .getlength = file_getlength,
    .set_perm = file_set_perm,
};
