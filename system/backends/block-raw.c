/* SPDX-License-Identifier: MIT */
/*
 * Driver raw: the bytes of its child, or offset= and size= of them; and recognising other formats
 *
 * When nobody said that an image is raw, a guest could write another format's header into it and
 * have that interpreted at the next start, with names of host files in it. So the first sector of
 * such an image may not become one that is recognised.
 */

#include "qemu/osdep.h"
#include "block-internal.h"
#include "qemu/error.h"
#include "qemu/iov.h"

typedef struct RawState {
    uint64_t offset; /* of the child */
    uint64_t size;   /* bytes; UINT64_MAX: to the child's end */
    bool restrict_sector0;
} RawState;

/* ---- Recognising formats ---- */

typedef struct FormatMagic {
    const char *format;
    unsigned offset;
    unsigned size;
    const char *magic;
} FormatMagic;

static const FormatMagic magics[] = {
    {"qcow2", 0, 4, "QFI\xfb"},
    {"qed", 0, 4, "QED\0"},
    {"vmdk", 0, 4, "KDMV"},
    {"vmdk", 0, 4, "COWD"},
    {"vmdk", 0, 21, "# Disk DescriptorFile"},
    {"vhdx", 0, 8, "vhdxfile"},
    {"vpc", 0, 8, "conectix"},
    {"vdi", 0x40, 4, "\x7f\x10\xda\xbe"},
    {"luks", 0, 6, "LUKS\xba\xbe"},
    {"parallels", 0, 16, "WithoutFreeSpace"},
    {"parallels", 0, 16, "WithouFreSpacExt"},
    {"bochs", 0, 22, "Bochs Virtual HD Image"},
};

const char *block_probe_format(const uint8_t *buf, size_t size)
{
    for (unsigned i = 0; i < ARRAY_SIZE(magics); i++) {
        const FormatMagic *m = &magics[i];

        if (m->offset + m->size <= size && memcmp(buf + m->offset, m->magic, m->size) == 0) {
            return m->format;
        }
    }
    return NULL;
}

void block_raw_restrict_sector0(BlockNode *raw)
{
    RawState *s = raw->state;

    s->restrict_sector0 = true;
}

/* ---- The driver ---- */

static bool raw_check_window(BlockNode *node, GError **error)
{
    RawState *s = node->state;
    int64_t length = node->file->drv->getlength(node->file);

    if (length < 0) {
        error_setg_errno(error, -length, "Could not get the size of '%s'", node->file->name);
        return false;
    }
    if (s->offset > (uint64_t)length ||
        (s->size != UINT64_MAX && s->size > (uint64_t)length - s->offset)) {
        error_setg(error,
                   "The sum of offset (%" PRIu64 ") and size (%" PRIu64 ") has to be "
                   "smaller or equal to the actual size of the containing file (%" PRId64 ")",
                   s->offset, s->size == UINT64_MAX ? 0 : s->size, length);
        return false;
    }
    if (s->size != UINT64_MAX && s->size % BDRV_SECTOR_SIZE) {
        error_setg(error, "Specified size is not multiple of %" PRIu64, BDRV_SECTOR_SIZE);
        return false;
    }
    return true;
}

static bool raw_open(BlockNode *node, const NodeOpts *no, GError **error)
{
    RawState *s = g_new0(RawState, 1);

    s->size = UINT64_MAX;
    node->state = s;
    if (!node_opt_get_size(no, "offset", &s->offset, error) ||
        !node_opt_get_size(no, "size", &s->size, error) || !raw_check_window(node, error)) {
        g_free(s);
        return false;
    }
    node->filename = g_strdup(node->file->filename);
    return true;
}

static void raw_close(BlockNode *node)
{
    g_free(node->state);
}

static int raw_preadv(BlockNode *node, int64_t offset, int64_t bytes, const struct iovec *iov,
                      int niov)
{
    RawState *s = node->state;

    return node->file->drv->preadv(node->file, offset + s->offset, bytes, iov, niov);
}

/* Whether the first sector would be recognised as another format after this write. */
static bool disguises(BlockNode *node, int64_t offset, int64_t bytes, const struct iovec *iov,
                      int niov)
{
    RawState *s = node->state;
    uint8_t sector[BLOCK_PROBE_SIZE] = {0};
    size_t covered = MIN(bytes, BLOCK_PROBE_SIZE - offset);

    if (covered < BLOCK_PROBE_SIZE) {
        block_node_pread(node->file, s->offset, BLOCK_PROBE_SIZE, sector);
    }
    iov_to_buf(iov, niov, 0, sector + offset, covered);
    return block_probe_format(sector, BLOCK_PROBE_SIZE) != NULL;
}

static int raw_pwritev(BlockNode *node, int64_t offset, int64_t bytes, const struct iovec *iov,
                       int niov)
{
    RawState *s = node->state;

    if (s->restrict_sector0 && offset < BLOCK_PROBE_SIZE && bytes > 0 &&
        disguises(node, offset, bytes, iov, niov)) {
        return -EPERM;
    }
    return node->file->drv->pwritev(node->file, offset + s->offset, bytes, iov, niov);
}

static int raw_flush(BlockNode *node)
{
    return block_node_flush(node->file);
}

static int raw_pdiscard(BlockNode *node, int64_t offset, int64_t bytes)
{
    RawState *s = node->state;

    return block_node_pdiscard(node->file, offset + s->offset, bytes);
}

static int raw_pwrite_zeroes(BlockNode *node, int64_t offset, int64_t bytes, bool may_unmap)
{
    RawState *s = node->state;

    return block_node_pwrite_zeroes(node->file, offset + s->offset, bytes, may_unmap);
}

static int64_t raw_getlength(BlockNode *node)
{
    RawState *s = node->state;
    int64_t length = node->file->drv->getlength(node->file);

    if (length < 0) {
        return length;
    }
    return s->size == UINT64_MAX ? MAX(length - (int64_t)s->offset, 0) : (int64_t)s->size;
}

static bool raw_set_perm(BlockNode *node, bool in_use, bool write, GError **error)
{
    return block_node_set_perm(node->file, in_use, write, error);
}

const BlockDriver block_driver_raw = {
    .names = {"raw"},
    .open = raw_open,
    .close = raw_close,
    .preadv = raw_preadv,
    .pwritev = raw_pwritev,
    .flush = raw_flush,
    .pdiscard = raw_pdiscard,
    .pwrite_zeroes = raw_pwrite_zeroes,
    .getlength = raw_getlength,
    .set_perm = raw_set_perm,
};
