/* SPDX-License-Identifier: MIT */
/*
 * Block backends: where a disk's bytes are, and asynchronous requests to them
 *
 * A node is one layer of storage: driver file (a host file or block device), null-co, raw (a format
 * on top of another node) or the overlay of snapshot=on. A BlockBackend is what one device holds: a
 * node plus cache mode, error policy and requests in flight. -drive makes a backend with its nodes
 * and names the backend; -blockdev makes nodes and names those.
 *
 * Threads: everything is called under the BQL, from any thread; completions come in the main
 * thread. Host input and output runs on the worker pool of qemu/main-loop.h. Guest-made requests
 * may have any offset and length: those beyond the end complete with -EIO.
 *
 * Messages are QEMU's where tools know them. Tests: tests/unit/system/backends/test-block.c.
 */

#ifndef SYSTEM_BLOCK_H
#define SYSTEM_BLOCK_H

#include <sys/uio.h>

#include "qemu/option.h"

#define BDRV_SECTOR_BITS 9
#define BDRV_SECTOR_SIZE (UINT64_C(1) << BDRV_SECTOR_BITS)

/* ---- Creation and names --------------------------------------------------------------------- */

/* Where -drive's if= says the disk goes. The order is that of the names in if=. */
typedef enum BlockInterfaceType {
    IF_NONE,
    IF_VIRTIO,
    IF_SCSI,
    IF_IDE,
    IF_FLOPPY,
    IF_PFLASH,
    IF_MTD,
    IF_SD,
    IF_XEN,
    IF_COUNT
} BlockInterfaceType;

/* One -drive (or -hda, -cdrom, ... which are rewritten to it). */
typedef struct DriveInfo {
    BlockBackend *blk;
    BlockInterfaceType type;
    int bus;
    int unit;
    bool media_cd;
    bool claimed; /* a board or device took it */
    char *option; /* as the user gave it, for messages */
} DriveInfo;

/**
 * drive_new - carry out one -drive
 * @opts:   its pairs: file, driver, format, if, bus, unit, index, id, media, readonly, snapshot,
 *          cache, cache.direct, cache.no-flush, cache.writeback, aio, discard, werror, rerror,
 *          file.locking, and those of the driver; others are the error "Invalid parameter 'x'"
 * @option: option and argument for later messages, such as "-drive file=x,if=sd"
 * @default_type: of the machine, when if= is absent
 *
 * The drive is registered until blk_cleanup(). Without file and driver it is a drive without a
 * medium. Errors, among them: "invalid cache option", "Could not open 'FILE': REASON". A raw image
 * whose format had to be guessed is warned about.
 */
DriveInfo *drive_new(QemuOpts *opts, const char *option, BlockInterfaceType default_type,
                     GError **error);

/* -snapshot: snapshot=on for each later drive_new() that does not say otherwise. */
void drive_set_snapshot_default(bool snapshot);

/* The drive at a place, marked as claimed; or NULL. */
DriveInfo *drive_get(BlockInterfaceType type, int bus, int unit);
/* The drive that made @blk, or NULL. */
DriveInfo *blk_legacy_dinfo(BlockBackend *blk);

/*
 * After all devices exist: for each drive with an if= other than none that nobody claimed, reports
 * "machine type does not support if=sd,bus=0,unit=0". Returns whether there was none.
 */
bool drive_check_orphaned(void);

/**
 * blockdev_add - carry out one -blockdev: one node, or a format node with its file node inline
 * @opts: driver, node-name, read-only, discard, cache.direct, cache.no-flush, and of the driver:
 *        file: filename, locking, aio; null-co: size, read-zeroes; raw: file (a node's name) or
 *        file.driver, file.filename, ..., offset, size
 *
 * Errors, among them: "'node-name' must be specified for the root node", "Unknown driver 'x'".
 */
bool blockdev_add(QemuOpts *opts, GError **error);

/*
 * The backend that a device's drive= names: that of a -drive's id, or a new one for a node's name.
 * NULL when there is none of that name; the caller words the error. Follow with blk_attach_dev().
 */
BlockBackend *blk_by_name(const char *name);

/* A drive's id, or the name of the node the backend was made for. */
const char *blk_name(const BlockBackend *blk);

/**
 * blk_attach_dev - one device takes a backend for itself
 * @dev: the device; only compared
 *
 * From now on no other process that plays by the same rules may write to the image, nor attach it
 * to a device if this backend is writable. Errors:
 *   Drive 'ID' is already in use by another device
 *   Failed to get "write" lock, Failed to get shared "write" lock
 *     with the hint: Is another process using the image [FILE]?
 */
bool blk_attach_dev(BlockBackend *blk, void *dev, GError **error);
/* Waits for requests in flight and lets others have the image. */
void blk_detach_dev(BlockBackend *blk, void *dev);
void *blk_get_attached_dev(const BlockBackend *blk);

/* Calls @fn for each backend, in the order of creation. For info block. */
typedef void (*blk_visit_fn)(BlockBackend *blk, void *opaque);
void blk_foreach(blk_visit_fn fn, void *opaque);

/* Completes everything in flight, flushes, closes and forgets all. At the end of the program. */
void blk_cleanup(void);

/* ---- Properties ----------------------------------------------------------------------------- */

/* Bytes, a multiple of 512 (a file's odd tail is padded with zeros); or -errno. */
int64_t blk_getlength(BlockBackend *blk);
/* The same in sectors; 0 on error. */
void blk_get_geometry(BlockBackend *blk, uint64_t *nb_sectors);

bool blk_is_writable(const BlockBackend *blk);
bool blk_is_inserted(const BlockBackend *blk);
const char *blk_get_filename(const BlockBackend *blk); /* "" without one, as for null-co */
const char *blk_get_format(const BlockBackend *blk);   /* name of the topmost driver */

/*
 * Write cache: with it writes are durable after a flush; without, when they complete. Set by
 * cache= and changed by the guest.
 */
bool blk_enable_write_cache(const BlockBackend *blk);
void blk_set_enable_write_cache(BlockBackend *blk, bool enable);

/* What werror= or rerror= makes of an error. STOP: keep the request, stop the machine, retry. */
typedef enum BlockErrorAction {
    BLOCK_ERROR_ACTION_REPORT, /* tell the guest */
    BLOCK_ERROR_ACTION_IGNORE, /* tell the guest that all went well */
    BLOCK_ERROR_ACTION_STOP,
} BlockErrorAction;

/* @err: positive errno of the request that failed. */
BlockErrorAction blk_get_error_action(const BlockBackend *blk, bool is_read, int err);

/* ---- Requests ------------------------------------------------------------------------------- */

/* A list of buffers. The array belongs to whoever made it and must outlive the request. */
typedef struct QEMUIOVector {
    struct iovec *iov;
    int niov;
    size_t size; /* bytes in all */
} QEMUIOVector;

void qemu_iovec_init_external(QEMUIOVector *qiov, struct iovec *iov, int niov);

/* Under the BQL, in the main loop or in blk_drain(); @ret is 0 or -errno. Never within the call. */
typedef void BlockCompletionFunc(void *opaque, int ret);

typedef enum BdrvRequestFlags {
    BDRV_REQ_FUA = 1 << 0,       /* durable on completion */
    BDRV_REQ_MAY_UNMAP = 1 << 1, /* write_zeroes may deallocate */
} BdrvRequestFlags;

/*
 * Offsets and lengths in bytes, of any alignment. Requests in flight run in any order. Write to a
 * read-only backend: -EACCES; beyond the end: -EIO; discard where discard=ignore: 0.
 */
void blk_aio_preadv(BlockBackend *blk, int64_t offset, QEMUIOVector *qiov, BdrvRequestFlags flags,
                    BlockCompletionFunc *cb, void *opaque);
void blk_aio_pwritev(BlockBackend *blk, int64_t offset, QEMUIOVector *qiov, BdrvRequestFlags flags,
                     BlockCompletionFunc *cb, void *opaque);
void blk_aio_flush(BlockBackend *blk, BlockCompletionFunc *cb, void *opaque);
void blk_aio_pdiscard(BlockBackend *blk, int64_t offset, int64_t bytes, BlockCompletionFunc *cb,
                      void *opaque);
void blk_aio_pwrite_zeroes(BlockBackend *blk, int64_t offset, int64_t bytes, BdrvRequestFlags flags,
                           BlockCompletionFunc *cb, void *opaque);

/* Synchronous, for realize and loaders: 0 or -errno. Blocks the calling thread. */
int blk_pread(BlockBackend *blk, int64_t offset, int64_t bytes, void *buf);
int blk_pwrite(BlockBackend *blk, int64_t offset, int64_t bytes, const void *buf);

/*
 * Waits until nothing is in flight, with the BQL released, and completes requests itself. Any
 * thread: a hart that resets its disk may be waited for by the main thread, which stops the harts.
 */
void blk_drain(BlockBackend *blk);
void blk_drain_all(void);
/* Flushes every backend, after draining: when the machine stops. Returns 0 or the first -errno. */
int blk_flush_all(void);

#endif
