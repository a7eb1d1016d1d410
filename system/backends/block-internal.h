/* SPDX-License-Identifier: MIT */
/*
 * Nodes and drivers of the block layer, shared by system/backends/block-*.c
 *
 * A driver's input and output functions block and run on worker threads, several at a time on one
 * node; a node calls its child's directly. Everything else is under the BQL.
 */

#ifndef BACKENDS_BLOCK_INTERNAL_H
#define BACKENDS_BLOCK_INTERNAL_H

#include "system/block.h"

typedef struct BlockNode BlockNode;

/*
 * Options of one node: those keys of @opts that begin with @prefix, without it. "file." for a child
 * that is described inline, "" for a node's own.
 */
typedef struct NodeOpts {
    QemuOpts *opts;
    const char *prefix;
} NodeOpts;

const char *node_opt_get(const NodeOpts *no, const char *name);
bool node_opt_get_bool(const NodeOpts *no, const char *name, bool *value, GError **error);
bool node_opt_get_size(const NodeOpts *no, const char *name, uint64_t *value, GError **error);

/**
 * BlockDriver - one kind of node
 * @names:     of which the first is shown; a NULL ends them
 * @open:      reads its options and fills @node->state; the node's common fields are set
 * @close:     undoes a successful open
 * @preadv, @pwritev: @bytes at @offset, within the length; 0 or -errno, all or nothing
 * @flush:     NULL: nothing to do
 * @pdiscard:  NULL: the hint is ignored
 * @pwrite_zeroes: NULL or -ENOTSUP: zeros are written
 * @getlength: bytes or -errno, any thread
 * @set_perm:  takes or gives up the right to use, and to write, the image; NULL: always granted
 */
typedef struct BlockDriver {
    const char *names[3];
    bool (*open)(BlockNode *node, const NodeOpts *no, GError **error);
    void (*close)(BlockNode *node);
    int (*preadv)(BlockNode *node, int64_t offset, int64_t bytes, const struct iovec *iov,
                  int niov);
    int (*pwritev)(BlockNode *node, int64_t offset, int64_t bytes, const struct iovec *iov,
                   int niov);
    int (*flush)(BlockNode *node);
    int (*pdiscard)(BlockNode *node, int64_t offset, int64_t bytes);
    int (*pwrite_zeroes)(BlockNode *node, int64_t offset, int64_t bytes, bool may_unmap);
    int64_t (*getlength)(BlockNode *node);
    bool (*set_perm)(BlockNode *node, bool in_use, bool write, GError **error);
} BlockDriver;

struct BlockNode {
    /* [const] after open */
    const BlockDriver *drv;
    char *name;      /* given with node-name, or generated with a leading '#' */
    char *filename;  /* of the image, or NULL */
    BlockNode *file; /* child that holds the bytes, or NULL; referenced */
    void *state;     /* the driver's */
    bool read_only;
    bool direct;        /* cache.direct: O_DIRECT */
    bool no_flush;      /* cache.no-flush: the host crashing may lose everything */
    bool discard_unmap; /* discard=unmap: the guest may deallocate */

    /* [bql] */
    unsigned ref;
};

extern const BlockDriver block_driver_file;
extern const BlockDriver block_driver_null;
extern const BlockDriver block_driver_raw;

/* ---- block-node.c ---- */

/* What a node gets when its own options do not say otherwise. */
typedef struct NodeDefaults {
    bool read_only;
    bool direct;
    bool no_flush;
    bool discard_unmap;
} NodeDefaults;

/* NULL when there is none of that name. */
const BlockDriver *block_driver_find(const char *name);

/* discard=unmap or =ignore. */
bool block_parse_discard(const NodeOpts *no, bool *unmap, GError **error);

/* Opens a node of @drv; @name NULL: anonymous. One reference for the caller. */
BlockNode *block_node_open(const BlockDriver *drv, const char *name, const NodeOpts *no,
                           const NodeDefaults *defaults, GError **error);
/* The same for a node around @file, whose reference is taken over, also on failure. */
BlockNode *block_node_open_on(const BlockDriver *drv, BlockNode *file, const NodeOpts *no,
                              const NodeDefaults *defaults, GError **error);
BlockNode *block_node_ref(BlockNode *node);
void block_node_unref(BlockNode *node);
BlockNode *block_node_find(const char *name);

/* Drops the references that blockdev_add() holds. */
void block_node_forget_all(void);

/* Requests within the length, on a worker thread or anywhere blocking is fine. 0 or -errno. */
int block_node_pread(BlockNode *node, int64_t offset, int64_t bytes, void *buf);
int block_node_pwrite(BlockNode *node, int64_t offset, int64_t bytes, const void *buf);
int block_node_flush(BlockNode *node);
int block_node_pdiscard(BlockNode *node, int64_t offset, int64_t bytes);
int block_node_pwrite_zeroes(BlockNode *node, int64_t offset, int64_t bytes, bool may_unmap);
bool block_node_set_perm(BlockNode *node, bool in_use, bool write, GError **error);

/* ---- block-raw.c ---- */

/* Name of the format that an image beginning with these bytes has; NULL for raw. */
const char *block_probe_format(const uint8_t *buf, size_t size);
#define BLOCK_PROBE_SIZE 512

/* From now on the first sector may not be made to look like another format. */
void block_raw_restrict_sector0(BlockNode *raw);

/* ---- block-overlay.c ---- */

/*
 * A node that shows @base and keeps what is written in an unlinked temporary file. Takes over the
 * reference on @base, also on failure.
 */
BlockNode *block_overlay_new(BlockNode *base, const NodeDefaults *defaults, GError **error);

/* ---- block-lock.c ---- */

/*
 * Advisory locks on the bytes of an image that QEMU's tools use: who does what, who tolerates whom.
 * Replaces what @fd held. @in_use: a device uses the image, so nobody else may write to it; @write:
 * it is written to.
 */
bool block_lock_set(int fd, const char *filename, bool in_use, bool write, GError **error);
/* Whether the host's files can be locked this way. */
bool block_lock_supported(int fd);

/* ---- block-backend.c ---- */

/* @node may be NULL: no medium. Takes over the reference. @name is copied. */
BlockBackend *blk_new(const char *name, BlockNode *node);
/* Policies from werror= and rerror=. */
typedef enum BlockdevOnError {
    BLOCKDEV_ON_ERROR_REPORT,
    BLOCKDEV_ON_ERROR_IGNORE,
    BLOCKDEV_ON_ERROR_ENOSPC,
    BLOCKDEV_ON_ERROR_STOP,
} BlockdevOnError;
void blk_set_on_error(BlockBackend *blk, BlockdevOnError on_read, BlockdevOnError on_write);

/* ---- block-drive.c ---- */

void drive_forget_all(void);

#endif
