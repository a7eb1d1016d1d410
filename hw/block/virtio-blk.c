/* SPDX-License-Identifier: MIT */
/*
 * Virtio block device.
 *
 * Requests go to the drive as they come and complete in any order; the driver is interrupted once
 * for all that complete in one turn of the main loop. Host errors follow the drive's rerror= and
 * werror=: a request that shall "stop" the machine is kept and sent again when it goes on.
 *
 * Not here: SCSI commands, zones, secure erase, lifetime.
 *
 * VIRTIO 1.3, "Block Device". Runs under the BQL in the main loop. Tests:
 * tests/unit/hw/block/test-virtio-blk.c.
 */
#include "qemu/osdep.h"

#include "hw/block/block.h"
#include "hw/virtio/virtio.h"
#include "qemu/bswap.h"
#include "qemu/error.h"
#include "qemu/host-utils.h"
#include "qemu/iov.h"
#include "qemu/main-loop.h"
#include "qemu/trace.h"

#define TYPE_VIRTIO_BLK "virtio-blk-device"
OBJECT_DECLARE_SIMPLE_TYPE(VirtIOBlock, VIRTIO_BLK)

/* "Feature bits". */
enum {
    VIRTIO_BLK_F_SEG_MAX = 2,
    VIRTIO_BLK_F_GEOMETRY = 4,
    VIRTIO_BLK_F_RO = 5,
    VIRTIO_BLK_F_BLK_SIZE = 6,
    VIRTIO_BLK_F_FLUSH = 9,
    VIRTIO_BLK_F_TOPOLOGY = 10,
    VIRTIO_BLK_F_CONFIG_WCE = 11,
    VIRTIO_BLK_F_MQ = 12,
    VIRTIO_BLK_F_DISCARD = 13,
    VIRTIO_BLK_F_WRITE_ZEROES = 14,
};

/* "Device Operation". */
enum {
    VIRTIO_BLK_T_IN = 0,
    VIRTIO_BLK_T_OUT = 1,
    VIRTIO_BLK_T_FLUSH = 4,
    VIRTIO_BLK_T_FLUSH_OUT = 5, /* legacy: the same */
    VIRTIO_BLK_T_GET_ID = 8,
    VIRTIO_BLK_T_DISCARD = 11,
    VIRTIO_BLK_T_WRITE_ZEROES = 13,
};

enum {
    VIRTIO_BLK_S_OK = 0,
    VIRTIO_BLK_S_IOERR = 1,
    VIRTIO_BLK_S_UNSUPP = 2,
};

#define VIRTIO_BLK_ID_BYTES 20

/* flags of a segment to discard or to zero */
#define VIRTIO_BLK_SEGMENT_F_UNMAP 1

typedef struct QEMU_PACKED VirtIOBlkHeader {
    uint32_t type;
    uint32_t reserved;
    uint64_t sector;
} VirtIOBlkHeader;

typedef struct QEMU_PACKED VirtIOBlkSegment {
    uint64_t sector;
    uint32_t num_sectors;
    uint32_t flags;
} VirtIOBlkSegment;

/* "Device configuration layout". */
typedef struct QEMU_PACKED VirtIOBlkConfig {
    uint64_t capacity;
    uint32_t size_max;
    uint32_t seg_max;
    uint16_t cylinders;
    uint8_t heads;
    uint8_t sectors;
    uint32_t blk_size;
    uint8_t physical_block_exp;
    uint8_t alignment_offset;
    uint16_t min_io_size;
    uint32_t opt_io_size;
    uint8_t writeback;
    uint8_t unused0;
    uint16_t num_queues;
    uint32_t max_discard_sectors;
    uint32_t max_discard_seg;
    uint32_t discard_sector_alignment;
    uint32_t max_write_zeroes_sectors;
    uint32_t max_write_zeroes_seg;
    uint8_t write_zeroes_may_unmap;
} VirtIOBlkConfig;

/* num-queues: as many as the transport likes best. One: there is one interrupt line. */
#define AUTO_NUM_QUEUES UINT16_MAX

#define MAX_DISCARD_SECTORS (INT32_MAX >> BDRV_SECTOR_BITS)

struct VirtIOBlock {
    VirtIODevice parent_obj;

    /* [const] after realize */
    BlockConf conf;
    char *serial;
    uint64_t features; /* VIRTIO_BLK_F_* that properties can take away */
    uint16_t num_queues;
    uint16_t queue_size;
    bool seg_max_adjust;
    bool report_discard_granularity;
    uint32_t max_discard_sectors;
    uint32_t max_write_zeroes_sectors;
    bool original_wce;
    QEMUBH *notify_bh;
    VMChangeStateEntry *vm_state;

    /* [bql] */
    DECLARE_BITMAP(to_notify, VIRTIO_QUEUE_MAX); /* queues with completions not yet told of */
    GQueue to_retry;                             /* of VirtIOBlkReq: when the machine goes on */
};

typedef struct VirtIOBlkReq {
    VirtQueueElement elem;
    VirtIOBlock *s;
    VirtQueue *vq;
    GList link; /* in to_retry */
    uint32_t type;
    uint32_t flags; /* of a segment */
    int64_t offset; /* bytes */
    int64_t bytes;
    struct iovec *data_copy; /* where the header or status shares a buffer with data; else NULL */
    QEMUIOVector qiov;
} VirtIOBlkReq;

static bool is_writable(const VirtIOBlock *s)
{
    return blk_is_writable(s->conf.blk);
}

/* ---- Completion ---- */

static void req_free(VirtIOBlkReq *req)
{
    g_free(req->data_copy);
    virtqueue_element_free(req);
}

static void notify_queues(void *opaque)
{
    VirtIOBlock *s = opaque;
    size_t n = 0;

    while ((n = find_next_bit(s->to_notify, s->num_queues, n)) < s->num_queues) {
        clear_bit(n, s->to_notify);
        virtio_notify(&s->parent_obj, virtio_get_queue(&s->parent_obj, n));
    }
}

static void req_complete(VirtIOBlkReq *req, uint8_t status)
{
    VirtIOBlock *s = req->s;
    const VirtQueueElement *elem = &req->elem;
    /* What an error leaves in the data nobody knows; the status is behind it. */
    size_t len = status == VIRTIO_BLK_S_OK || elem->in_size == 1 ? elem->in_size : 0;

    TRACE(virtio_blk_req_complete, "vdev:%p req:%p status:%u", (void *)s, (void *)req, status);
    iov_from_buf(elem->in_sg, elem->in_num, elem->in_size - 1, &status, 1);
    virtqueue_push(req->vq, elem, len);
    set_bit(virtio_get_queue_index(req->vq), s->to_notify);
    qemu_bh_schedule(s->notify_bh);
    req_free(req);
}

static void req_done(void *opaque, int ret)
{
    VirtIOBlkReq *req = opaque;
    VirtIOBlock *s = req->s;
    BlockErrorAction action = BLOCK_ERROR_ACTION_IGNORE;

    if (ret < 0) {
        action = blk_get_error_action(s->conf.blk, req->type == VIRTIO_BLK_T_IN, -ret);
    }
    if (action == BLOCK_ERROR_ACTION_STOP) {
        g_queue_push_tail_link(&s->to_retry, &req->link);
        qemu_system_vmstop_request(RUN_STATE_IO_ERROR);
        return;
    }
    req_complete(req, action == BLOCK_ERROR_ACTION_REPORT ? VIRTIO_BLK_S_IOERR : VIRTIO_BLK_S_OK);
}

/* ---- Requests ---- */

static void req_submit(VirtIOBlkReq *req)
{
    BlockBackend *blk = req->s->conf.blk;

    switch (req->type) {
    case VIRTIO_BLK_T_IN:
        blk_aio_preadv(blk, req->offset, &req->qiov, 0, req_done, req);
        break;
    case VIRTIO_BLK_T_OUT:
        blk_aio_pwritev(blk, req->offset, &req->qiov, 0, req_done, req);
        break;
    case VIRTIO_BLK_T_FLUSH:
        blk_aio_flush(blk, req_done, req);
        break;
    case VIRTIO_BLK_T_DISCARD:
        blk_aio_pdiscard(blk, req->offset, req->bytes, req_done, req);
        break;
    case VIRTIO_BLK_T_WRITE_ZEROES:
        blk_aio_pwrite_zeroes(blk, req->offset, req->bytes,
                              req->flags & VIRTIO_BLK_SEGMENT_F_UNMAP ? BDRV_REQ_MAY_UNMAP : 0,
                              req_done, req);
        break;
    default:
        g_assert_not_reached();
    }
}

/* Sets where on the disk; false if that is not within it, or not in whole blocks. */
static bool req_set_range(VirtIOBlkReq *req, uint64_t sector, uint64_t bytes)
{
    uint32_t block_size = req->s->conf.logical_block_size;
    uint64_t num_sectors;

    blk_get_geometry(req->s->conf.blk, &num_sectors);
    if (sector > num_sectors || DIV_ROUND_UP(bytes, BDRV_SECTOR_SIZE) > num_sectors - sector) {
        return false;
    }
    req->offset = sector << BDRV_SECTOR_BITS;
    req->bytes = bytes;
    return req->offset % block_size == 0 && bytes % block_size == 0;
}

/*
 * The data of a read or write: all buffers but the header at the front, or the status at the end.
 * Usually those have buffers of their own.
 */
static void req_set_data(VirtIOBlkReq *req, struct iovec *sg, unsigned num, size_t skip)
{
    if (skip > 0 && sg[0].iov_len == skip) {
        qemu_iovec_init_external(&req->qiov, sg + 1, num - 1);
    } else if (skip == 0 && sg[num - 1].iov_len == 1) {
        qemu_iovec_init_external(&req->qiov, sg, num - 1);
    } else {
        req->data_copy = g_new(struct iovec, num);
        num = iov_slice(req->data_copy, num, sg, num, skip, req->bytes);
        qemu_iovec_init_external(&req->qiov, req->data_copy, num);
    }
}

static void handle_read_write(VirtIOBlkReq *req, uint64_t sector)
{
    VirtQueueElement *elem = &req->elem;
    bool is_write = req->type == VIRTIO_BLK_T_OUT;
    size_t bytes = is_write ? elem->out_size - sizeof(VirtIOBlkHeader) : elem->in_size - 1;

    if ((is_write && !is_writable(req->s)) || !req_set_range(req, sector, bytes)) {
        req_complete(req, VIRTIO_BLK_S_IOERR);
        return;
    }
    if (bytes == 0) {
        req_complete(req, VIRTIO_BLK_S_OK);
        return;
    }
    if (is_write) {
        req_set_data(req, elem->out_sg, elem->out_num, sizeof(VirtIOBlkHeader));
    } else {
        req_set_data(req, elem->in_sg, elem->in_num, 0);
    }
    req_submit(req);
}

static void handle_segment(VirtIOBlkReq *req)
{
    VirtIOBlock *s = req->s;
    bool is_discard = req->type == VIRTIO_BLK_T_DISCARD;
    uint32_t max = is_discard ? s->max_discard_sectors : s->max_write_zeroes_sectors;
    uint32_t flags_allowed = is_discard ? 0 : VIRTIO_BLK_SEGMENT_F_UNMAP;
    size_t size = req->elem.out_size - sizeof(VirtIOBlkHeader);
    VirtIOBlkSegment segment = {0};
    uint32_t num_sectors;

    iov_to_buf(req->elem.out_sg, req->elem.out_num, sizeof(VirtIOBlkHeader), &segment,
               sizeof(segment));
    req->flags = le32_to_cpu(segment.flags);
    num_sectors = le32_to_cpu(segment.num_sectors);
    if (size > sizeof(segment) || (req->flags & ~flags_allowed)) {
        req_complete(req, VIRTIO_BLK_S_UNSUPP); /* one segment is all that we offer */
    } else if (size < sizeof(segment) || num_sectors > max || !is_writable(s) ||
               !req_set_range(req, le64_to_cpu(segment.sector),
                              (uint64_t)num_sectors << BDRV_SECTOR_BITS)) {
        req_complete(req, VIRTIO_BLK_S_IOERR);
    } else if (num_sectors == 0) {
        req_complete(req, VIRTIO_BLK_S_OK);
    } else {
        req_submit(req);
    }
}

static void handle_get_id(VirtIOBlkReq *req)
{
    char id[VIRTIO_BLK_ID_BYTES + 1] = "";
    size_t room = req->elem.in_size - 1;

    g_strlcpy(id, req->s->serial ?: "", sizeof(id));
    iov_memset(req->elem.in_sg, req->elem.in_num, 0, 0, room);
    iov_from_buf(req->elem.in_sg, req->elem.in_num, 0, id, MIN(room, VIRTIO_BLK_ID_BYTES));
    req_complete(req, VIRTIO_BLK_S_OK);
}

static void handle_request(VirtIOBlkReq *req)
{
    VirtIOBlock *s = req->s;
    VirtIOBlkHeader header;
    bool is_offered = true;

    if (req->elem.in_size < 1 || iov_to_buf(req->elem.out_sg, req->elem.out_num, 0, &header,
                                            sizeof(header)) < sizeof(header)) {
        virtio_error(&s->parent_obj, "request without header or status");
        virtqueue_detach_element(req->vq, &req->elem);
        req_free(req);
        return;
    }
    req->type = le32_to_cpu(header.type);
    TRACE(virtio_blk_request, "vdev:%p req:%p type:%u sector:%" PRIu64, (void *)s, (void *)req,
          req->type, le64_to_cpu(header.sector));

    switch (req->type) {
    case VIRTIO_BLK_T_IN:
    case VIRTIO_BLK_T_OUT:
        handle_read_write(req, le64_to_cpu(header.sector));
        return;
    case VIRTIO_BLK_T_FLUSH:
    case VIRTIO_BLK_T_FLUSH_OUT:
        req->type = VIRTIO_BLK_T_FLUSH;
        req_submit(req);
        return;
    case VIRTIO_BLK_T_GET_ID:
        handle_get_id(req);
        return;
    case VIRTIO_BLK_T_DISCARD:
        is_offered = virtio_has_feature(s->features, VIRTIO_BLK_F_DISCARD);
        break;
    case VIRTIO_BLK_T_WRITE_ZEROES:
        is_offered = virtio_has_feature(s->features, VIRTIO_BLK_F_WRITE_ZEROES);
        break;
    default:
        is_offered = false;
        break;
    }
    if (is_offered) {
        handle_segment(req);
    } else {
        req_complete(req, VIRTIO_BLK_S_UNSUPP);
    }
}

static void blk_handle_output(VirtIODevice *vdev, VirtQueue *vq)
{
    unsigned budget = virtio_queue_get_num(vq);
    VirtIOBlkReq *req;

    do {
        virtio_queue_set_notification(vq, false);
        while (budget > 0 && (req = virtqueue_pop(vq, sizeof(*req)))) {
            req->s = VIRTIO_BLK(vdev);
            req->vq = vq;
            req->link.data = req;
            handle_request(req);
            budget--;
        }
        virtio_queue_set_notification(vq, true);
    } while (budget > 0 && !virtio_queue_empty(vq));
    if (!virtio_queue_empty(vq)) {
        virtio_queue_schedule(vq);
    }
}

/* ---- Stop and go, reset ---- */

static void blk_vm_state_changed(void *opaque, bool running, RunState state)
{
    VirtIOBlock *s = opaque;
    GQueue again = s->to_retry;

    if (running) {
        g_queue_init(&s->to_retry);
        while (!g_queue_is_empty(&again)) {
            req_submit(g_queue_pop_head_link(&again)->data);
        }
    }
}

/* Waits for what is on its way, and drops what waits to be sent again: of @vq, or all if NULL. */
static void drop_requests(VirtIOBlock *s, VirtQueue *vq)
{
    GQueue kept = G_QUEUE_INIT;

    blk_drain(s->conf.blk);
    while (!g_queue_is_empty(&s->to_retry)) {
        GList *link = g_queue_pop_head_link(&s->to_retry);
        VirtIOBlkReq *req = link->data;

        if (vq && req->vq != vq) {
            g_queue_push_tail_link(&kept, link);
        } else {
            virtqueue_detach_element(req->vq, &req->elem);
            req_free(req);
        }
    }
    s->to_retry = kept;
}

static void blk_queue_reset(VirtIODevice *vdev, VirtQueue *vq)
{
    drop_requests(VIRTIO_BLK(vdev), vq);
}

static void blk_reset(VirtIODevice *vdev)
{
    VirtIOBlock *s = VIRTIO_BLK(vdev);

    drop_requests(s, NULL);
    blk_set_enable_write_cache(s->conf.blk, s->original_wce);
}

/* ---- Features, status, configuration space ---- */

static uint64_t blk_get_features(VirtIODevice *vdev, uint64_t features)
{
    VirtIOBlock *s = VIRTIO_BLK(vdev);

    features |= s->features | BIT_ULL(VIRTIO_BLK_F_SEG_MAX) | BIT_ULL(VIRTIO_BLK_F_GEOMETRY) |
                BIT_ULL(VIRTIO_BLK_F_BLK_SIZE) | BIT_ULL(VIRTIO_BLK_F_TOPOLOGY);
    if (!is_writable(s)) {
        features |= BIT_ULL(VIRTIO_BLK_F_RO);
    }
    if (s->num_queues > 1) {
        features |= BIT_ULL(VIRTIO_BLK_F_MQ);
    }
    if (s->original_wce || virtio_has_feature(features, VIRTIO_BLK_F_CONFIG_WCE)) {
        features |= BIT_ULL(VIRTIO_BLK_F_FLUSH);
    }
    return features;
}

static void blk_set_features(VirtIODevice *vdev)
{
    /* A driver that cannot flush must not find a cache that needs it. Not for legacy drivers. */
    if (virtio_vdev_has_feature(vdev, VIRTIO_F_VERSION_1) &&
        virtio_vdev_has_feature(vdev, VIRTIO_BLK_F_CONFIG_WCE) &&
        !virtio_vdev_has_feature(vdev, VIRTIO_BLK_F_FLUSH)) {
        blk_set_enable_write_cache(VIRTIO_BLK(vdev)->conf.blk, false);
    }
}

static void blk_set_status(VirtIODevice *vdev)
{
    VirtIOBlock *s = VIRTIO_BLK(vdev);

    /* A driver that cannot set the cache mode says by FLUSH whether it copes with a cache. */
    if ((vdev->status & VIRTIO_CONFIG_S_DRIVER_OK) &&
        !virtio_vdev_has_feature(vdev, VIRTIO_BLK_F_CONFIG_WCE)) {
        blk_set_enable_write_cache(s->conf.blk, virtio_vdev_has_feature(vdev, VIRTIO_BLK_F_FLUSH));
    }
}

static void blk_get_config(VirtIODevice *vdev)
{
    VirtIOBlock *s = VIRTIO_BLK(vdev);
    const BlockConf *conf = &s->conf;
    uint32_t block_size = conf->logical_block_size;
    uint64_t granularity = conf->discard_granularity;
    VirtIOBlkConfig config = {0};
    uint64_t capacity;

    if (granularity == UINT32_MAX || granularity == 0 || !s->report_discard_granularity) {
        granularity = block_size;
    }
    blk_get_geometry(conf->blk, &capacity);
    config.capacity = cpu_to_le64(capacity);
    config.seg_max = cpu_to_le32(s->seg_max_adjust ? s->queue_size - 2 : 128 - 2);
    config.cylinders = cpu_to_le16(conf->cyls);
    config.heads = conf->heads;
    /* A track is a whole number of blocks. */
    config.sectors = conf->secs & ~(block_size / BDRV_SECTOR_SIZE - 1);
    config.blk_size = cpu_to_le32(block_size);
    config.physical_block_exp = ctz32(conf->physical_block_size / block_size);
    config.min_io_size = cpu_to_le16(conf->min_io_size / block_size);
    config.opt_io_size = cpu_to_le32(conf->opt_io_size / block_size);
    config.writeback = blk_enable_write_cache(conf->blk);
    config.num_queues = cpu_to_le16(s->num_queues);
    config.max_discard_sectors = cpu_to_le32(s->max_discard_sectors);
    config.max_discard_seg = cpu_to_le32(1);
    config.discard_sector_alignment = cpu_to_le32(granularity >> BDRV_SECTOR_BITS);
    config.max_write_zeroes_sectors = cpu_to_le32(s->max_write_zeroes_sectors);
    config.max_write_zeroes_seg = cpu_to_le32(1);
    config.write_zeroes_may_unmap = 1;
    memcpy(vdev->config, &config, vdev->config_len);
}

static void blk_set_config(VirtIODevice *vdev, unsigned offset, unsigned size)
{
    unsigned wce = offsetof(VirtIOBlkConfig, writeback);

    if (wce >= offset && wce < offset + size &&
        virtio_has_feature(vdev->host_features, VIRTIO_BLK_F_CONFIG_WCE)) {
        blk_set_enable_write_cache(VIRTIO_BLK(vdev)->conf.blk, vdev->config[wce] & 1);
    }
}

/* As far as fields of features that exist go. */
static size_t blk_config_len(const VirtIOBlock *s)
{
    if (virtio_has_feature(s->features, VIRTIO_BLK_F_WRITE_ZEROES)) {
        return sizeof(VirtIOBlkConfig);
    }
    if (virtio_has_feature(s->features, VIRTIO_BLK_F_DISCARD)) {
        return offsetofend(VirtIOBlkConfig, discard_sector_alignment);
    }
    return offsetofend(VirtIOBlkConfig, num_queues);
}

/* ---- Life ---- */

static bool check_max_sectors(const char *name, uint32_t value, GError **error)
{
    if (value < 1 || value > MAX_DISCARD_SECTORS) {
        error_setg(error, "invalid %s property (%u), must be between 1 and %d", name, value,
                   MAX_DISCARD_SECTORS);
        return false;
    }
    return true;
}

static bool blk_check_properties(VirtIOBlock *s, GError **error)
{
    if (!s->conf.blk) {
        error_setg(error, "drive property not set");
        return false;
    }
    if (!blk_is_inserted(s->conf.blk)) {
        error_setg(error, "Device needs media, but drive is empty");
        return false;
    }
    if (s->num_queues == AUTO_NUM_QUEUES) {
        s->num_queues = 1;
    }
    if (s->num_queues == 0) {
        error_setg(error, "num-queues property must be larger than 0");
        return false;
    }
    if (s->num_queues > VIRTIO_QUEUE_MAX) {
        error_setg(error, "num-queues property must not be larger than %d", VIRTIO_QUEUE_MAX);
        return false;
    }
    if (s->queue_size <= 2) {
        error_setg(error, "invalid queue-size property (%u), must be > 2", s->queue_size);
        return false;
    }
    if (!is_power_of_2(s->queue_size) || s->queue_size > VIRTQUEUE_MAX_SIZE) {
        error_setg(error, "invalid queue-size property (%u), must be a power of 2 (max %d)",
                   s->queue_size, VIRTQUEUE_MAX_SIZE);
        return false;
    }
    return check_max_sectors("max-discard-sectors", s->max_discard_sectors, error) &&
           check_max_sectors("max-write-zeroes-sectors", s->max_write_zeroes_sectors, error) &&
           blkconf_complete(&s->conf, UINT16_MAX, UINT8_MAX, UINT8_MAX, error);
}

static bool blk_realize(VirtIODevice *vdev, GError **error)
{
    VirtIOBlock *s = VIRTIO_BLK(vdev);

    if (!blk_check_properties(s, error)) {
        return false;
    }
    s->original_wce = blk_enable_write_cache(s->conf.blk);
    virtio_init(vdev, VIRTIO_ID_BLOCK, blk_config_len(s));
    for (unsigned n = 0; n < s->num_queues; n++) {
        virtio_add_queue(vdev, s->queue_size, blk_handle_output);
    }
    s->notify_bh = qemu_bh_new(notify_queues, s);
    s->vm_state = qemu_add_vm_change_state_handler(blk_vm_state_changed, s);
    return true;
}

static void blk_unrealize(VirtIODevice *vdev)
{
    VirtIOBlock *s = VIRTIO_BLK(vdev);

    qemu_del_vm_change_state_handler(g_steal_pointer(&s->vm_state));
    g_clear_pointer(&s->notify_bh, qemu_bh_delete);
    virtio_cleanup(vdev);
}

static const Property blk_properties[] = {
    DEFINE_BLOCK_PROPERTIES(VirtIOBlock, conf),
    DEFINE_PROP_STRING("serial", VirtIOBlock, serial),
    DEFINE_PROP_BIT64("config-wce", VirtIOBlock, features, VIRTIO_BLK_F_CONFIG_WCE, true),
    DEFINE_PROP_BIT64("discard", VirtIOBlock, features, VIRTIO_BLK_F_DISCARD, true),
    DEFINE_PROP_BIT64("write-zeroes", VirtIOBlock, features, VIRTIO_BLK_F_WRITE_ZEROES, true),
    DEFINE_PROP_UINT16("num-queues", VirtIOBlock, num_queues, AUTO_NUM_QUEUES),
    DEFINE_PROP_UINT16("queue-size", VirtIOBlock, queue_size, 256),
    DEFINE_PROP_BOOL("seg-max-adjust", VirtIOBlock, seg_max_adjust, true),
    DEFINE_PROP_BOOL("report-discard-granularity", VirtIOBlock, report_discard_granularity, true),
    DEFINE_PROP_UINT32("max-discard-sectors", VirtIOBlock, max_discard_sectors,
                       MAX_DISCARD_SECTORS),
    DEFINE_PROP_UINT32("max-write-zeroes-sectors", VirtIOBlock, max_write_zeroes_sectors,
                       MAX_DISCARD_SECTORS),
};

static void blk_class_init(ObjectClass *klass, const void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    VirtioDeviceClass *vdc = VIRTIO_DEVICE_CLASS(klass);

    vdc->realize = blk_realize;
    vdc->unrealize = blk_unrealize;
    vdc->get_features = blk_get_features;
    vdc->set_features = blk_set_features;
    vdc->get_config = blk_get_config;
    vdc->set_config = blk_set_config;
    vdc->set_status = blk_set_status;
    vdc->reset = blk_reset;
    vdc->queue_reset = blk_queue_reset;
    set_bit(DEVICE_CATEGORY_STORAGE, dc->categories);
    device_class_set_props(dc, blk_properties);
}

static const TypeInfo blk_types[] = {
    {
        .name = TYPE_VIRTIO_BLK,
        .parent = TYPE_VIRTIO_DEVICE,
        .instance_size = sizeof(VirtIOBlock),
        .class_init = blk_class_init,
    },
};
DEFINE_TYPES(blk_types)
