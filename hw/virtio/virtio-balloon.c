/* SPDX-License-Identifier: MIT */
/*
 * Virtio memory balloon: pages that the guest does without go back to the host, on request
 * (inflate) or as they become free (free page reporting); and the guest's memory statistics.
 *
 * A page that has been given back reads as zeros. Pages that come out of the balloon need nothing:
 * the host supplies memory when they are touched. Not here: free page hinting, which is a part of
 * migration.
 *
 * VIRTIO 1.3, "Traditional Memory Balloon Device". Runs under the BQL in the main loop. Tests:
 * tests/unit/hw/virtio/test-virtio-balloon.c.
 */
#include "qemu/osdep.h"

#include <sys/mman.h>

#include "hw/core/boards.h"
#include "hw/virtio/balloon.h"
#include "hw/virtio/virtio.h"
#include "qemu/bswap.h"
#include "qemu/error.h"
#include "qemu/iov.h"
#include "qemu/log.h"
#include "qemu/rcu.h"
#include "qemu/timer.h"

#define TYPE_VIRTIO_BALLOON "virtio-balloon-device"
OBJECT_DECLARE_SIMPLE_TYPE(VirtIOBalloon, VIRTIO_BALLOON)

/* "Feature bits". */
enum {
    VIRTIO_BALLOON_F_STATS_VQ = 1,
    VIRTIO_BALLOON_F_DEFLATE_ON_OOM = 2,
    VIRTIO_BALLOON_F_PAGE_POISON = 4,
    VIRTIO_BALLOON_F_PAGE_REPORTING = 5,
};

/* The unit of page numbers, whatever the guest's pages are. */
#define BALLOON_PAGE_BITS 12
#define BALLOON_PAGE_SIZE (UINT64_C(1) << BALLOON_PAGE_BITS)

#define BALLOON_QUEUE_SIZE 128

/* Page numbers in one chain; drivers use a few hundred. */
#define INFLATE_MAX 65536

typedef struct QEMU_PACKED VirtIOBalloonConfig {
    uint32_t num_pages;
    uint32_t actual;
    uint32_t free_page_hint_cmd_id;
    uint32_t poison_val;
} VirtIOBalloonConfig;

typedef struct QEMU_PACKED VirtIOBalloonStat {
    uint16_t tag;
    uint64_t value;
} VirtIOBalloonStat;

/* By tag; as the property guest-stats has them. */
static const char *const stat_names[] = {
    "stat-swap-in",      "stat-swap-out",     "stat-major-faults",     "stat-minor-faults",
    "stat-free-memory",  "stat-total-memory", "stat-available-memory", "stat-disk-caches",
    "stat-htlb-pgalloc", "stat-htlb-pgfail",  "stat-oom-kills",        "stat-alloc-stalls",
    "stat-async-scans",  "stat-direct-scans", "stat-async-reclaims",   "stat-direct-reclaims",
};

#define STAT_UNKNOWN UINT64_MAX

/* A buffer's bytes beyond this are not looked at: every tag some times over. */
#define STATS_SIZE_MAX 4096

struct VirtIOBalloon {
    VirtIODevice parent_obj;

    /* [const] after realize */
    uint64_t features;
    uint64_t ram_size;
    VirtQueue *stats_vq;
    QEMUTimer *stats_timer;

    /* [bql] */
    uint32_t num_pages; /* what the balloon shall have */
    uint32_t actual;    /* what the driver says it has */
    uint32_t poison_val;
    VirtQueueElement *stats_elem; /* given back to ask for new statistics; or NULL */
    bool has_stats;               /* the driver has sent a buffer since the reset */
    uint64_t stats[G_N_ELEMENTS(stat_names)];
    int64_t stats_update_s; /* when, in seconds since 1970 */
    int64_t poll_interval_s;
};

/* The machine has one at most. */
static VirtIOBalloon *the_balloon;
static NotifierList change_notifiers;

/* ---- For the monitor ---- */

static VirtIOBalloon *find_balloon(GError **error)
{
    if (!the_balloon) {
        error_set(error, ERROR_CLASS_DEVICE_NOT_ACTIVE, "No balloon device has been activated");
    }
    return the_balloon;
}

static uint64_t actual_bytes(const VirtIOBalloon *s)
{
    uint64_t taken = (uint64_t)s->actual << BALLOON_PAGE_BITS;

    return s->ram_size - MIN(taken, s->ram_size);
}

bool balloon_set_target(uint64_t bytes, GError **error)
{
    VirtIOBalloon *s = find_balloon(error);

    if (!s) {
        return false;
    }
    s->num_pages = (s->ram_size - MIN(bytes, s->ram_size)) >> BALLOON_PAGE_BITS;
    virtio_notify_config(&s->parent_obj);
    return true;
}

bool balloon_get_actual(uint64_t *bytes, GError **error)
{
    VirtIOBalloon *s = find_balloon(error);

    if (!s) {
        return false;
    }
    *bytes = actual_bytes(s);
    return true;
}

void balloon_add_change_notifier(Notifier *notifier)
{
    notifier_list_add(&change_notifiers, notifier);
}

static void set_actual(VirtIOBalloon *s, uint32_t actual)
{
    uint64_t bytes;

    if (s->actual != actual) {
        s->actual = actual;
        bytes = actual_bytes(s);
        notifier_list_notify(&change_notifiers, &bytes);
    }
}

/* ---- Giving pages back to the host ---- */

/* Whole host pages within the range. */
static void discard_host(uint8_t *host, size_t len)
{
    size_t page = qemu_real_host_page_size();
    uintptr_t begin = QEMU_ALIGN_UP((uintptr_t)host, page);
    uintptr_t end = QEMU_ALIGN_DOWN((uintptr_t)host + len, page);

    /* When the host does not do it the guest has lost nothing. */
    if (begin < end && madvise((void *)begin, end - begin, MADV_DONTNEED) < 0) {
        qemu_log_mask(LOG_UNIMP, "%s: madvise: %s\n", TYPE_VIRTIO_BALLOON, g_strerror(errno));
    }
}

static void discard_guest(VirtIOBalloon *s, hwaddr addr, hwaddr len)
{
    RCU_READ_LOCK_GUARD();
    while (len > 0) {
        hwaddr piece = len, xlat;
        MemoryRegion *mr = address_space_translate(s->parent_obj.dma_as, addr, &xlat, &piece, true,
                                                   MEMTXATTRS_UNSPECIFIED);

        if (!memory_region_access_is_direct(mr, true)) {
            qemu_log_mask(LOG_GUEST_ERROR, "%s: page at 0x%" HWADDR_PRIx " is not RAM\n",
                          TYPE_VIRTIO_BALLOON, addr);
        } else {
            discard_host((uint8_t *)memory_region_get_ram_ptr(mr) + xlat, piece);
            memory_region_set_dirty(mr, xlat, piece);
        }
        addr += piece;
        len -= piece;
    }
}

/* The pages of an array of numbers, neighbours at once. */
static void inflate(VirtIOBalloon *s, const VirtQueueElement *elem)
{
    uint64_t begin = 0, end = 0; /* of pages not yet discarded */
    uint32_t numbers[256];
    size_t offset = 0, size;

    if (elem->out_size > INFLATE_MAX * sizeof(numbers[0])) {
        qemu_log_mask(LOG_GUEST_ERROR, "%s: %zu bytes of page numbers: ignored\n",
                      TYPE_VIRTIO_BALLOON, elem->out_size);
        return;
    }
    while ((size = iov_to_buf(elem->out_sg, elem->out_num, offset, numbers, sizeof(numbers)) &
                   ~(sizeof(numbers[0]) - 1))) {
        for (size_t i = 0; i < size / sizeof(numbers[0]); i++) {
            uint64_t page = le32_to_cpu(numbers[i]);

            if (page != end) {
                discard_guest(s, begin << BALLOON_PAGE_BITS, (end - begin) << BALLOON_PAGE_BITS);
                begin = page;
            }
            end = page + 1;
        }
        offset += size;
    }
    discard_guest(s, begin << BALLOON_PAGE_BITS, (end - begin) << BALLOON_PAGE_BITS);
}

static void report(VirtIOBalloon *s, const VirtQueueElement *elem)
{
    /* The driver relies on what it has written to free pages, unless that is zeros. */
    if (virtio_vdev_has_feature(&s->parent_obj, VIRTIO_BALLOON_F_PAGE_POISON) && s->poison_val) {
        return;
    }
    for (unsigned i = 0; i < elem->in_num; i++) {
        discard_host(elem->in_sg[i].iov_base, elem->in_sg[i].iov_len);
    }
}

/* All that there is in @vq, a queue's worth at a time; @handle may be NULL. */
static void handle_queue(VirtIODevice *vdev, VirtQueue *vq,
                         void (*handle)(VirtIOBalloon *s, const VirtQueueElement *elem))
{
    for (unsigned n = virtio_queue_get_num(vq); n > 0; n--) {
        g_autofree VirtQueueElement *elem = virtqueue_pop(vq, sizeof(*elem));

        if (!elem) {
            break;
        }
        if (handle) {
            handle(VIRTIO_BALLOON(vdev), elem);
        }
        virtqueue_push(vq, elem, 0);
    }
    virtio_notify(vdev, vq);
    virtio_queue_set_notification(vq, true);
    if (!virtio_queue_empty(vq)) {
        virtio_queue_schedule(vq);
    }
}

static void inflate_handler(VirtIODevice *vdev, VirtQueue *vq)
{
    handle_queue(vdev, vq, inflate);
}

static void deflate_handler(VirtIODevice *vdev, VirtQueue *vq)
{
    handle_queue(vdev, vq, NULL);
}

static void report_handler(VirtIODevice *vdev, VirtQueue *vq)
{
    handle_queue(vdev, vq, report);
}

/* ---- Statistics ---- */

static void clear_stats(VirtIOBalloon *s)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(s->stats); i++) {
        s->stats[i] = STAT_UNKNOWN;
    }
}

static void read_stats(VirtIOBalloon *s, const VirtQueueElement *elem)
{
    VirtIOBalloonStat stat;
    size_t offset = 0;

    clear_stats(s);
    while (offset < STATS_SIZE_MAX &&
           iov_to_buf(elem->out_sg, elem->out_num, offset, &stat, sizeof(stat)) == sizeof(stat)) {
        unsigned tag = le16_to_cpu(stat.tag);

        if (tag < G_N_ELEMENTS(s->stats)) {
            s->stats[tag] = le64_to_cpu(stat.value);
        }
        offset += sizeof(stat);
    }
    s->stats_update_s = qemu_clock_get_ms(QEMU_CLOCK_HOST) / 1000;
}

/* Gives the driver's buffer back: a request for new statistics. */
static void ask_for_stats(VirtIOBalloon *s)
{
    if (s->stats_elem) {
        virtqueue_push(s->stats_vq, s->stats_elem, 0);
        g_clear_pointer(&s->stats_elem, virtqueue_element_free);
        virtio_notify(&s->parent_obj, s->stats_vq);
    }
}

static void schedule_poll(VirtIOBalloon *s)
{
    if (s->poll_interval_s) {
        timer_mod(s->stats_timer,
                  qemu_clock_get_ms(QEMU_CLOCK_VIRTUAL) + s->poll_interval_s * 1000);
    }
}

static void poll_stats(void *opaque)
{
    VirtIOBalloon *s = opaque;

    if (s->stats_elem && virtio_is_live(&s->parent_obj)) {
        ask_for_stats(s); /* its answer schedules the next poll */
    } else {
        schedule_poll(s);
    }
}

static void stats_handler(VirtIODevice *vdev, VirtQueue *vq)
{
    VirtIOBalloon *s = VIRTIO_BALLOON(vdev);

    for (unsigned n = virtio_queue_get_num(vq); n > 0; n--) {
        VirtQueueElement *elem = virtqueue_pop(vq, sizeof(*elem));

        if (!elem) {
            break;
        }
        ask_for_stats(s); /* a driver that offers two gets the first one back */
        s->stats_elem = elem;
        /* What legacy drivers offer first has no contents yet. */
        if (s->has_stats || virtio_vdev_has_feature(vdev, VIRTIO_F_VERSION_1)) {
            read_stats(s, elem);
        }
        s->has_stats = true;
        schedule_poll(s);
    }
    virtio_queue_set_notification(vq, true);
    if (!virtio_queue_empty(vq)) {
        virtio_queue_schedule(vq);
    }
}

static GVariant *get_guest_stats(Object *obj, const char *name, void *opaque, GError **error)
{
    VirtIOBalloon *s = VIRTIO_BALLOON(obj);
    GVariantDict stats, result;

    g_variant_dict_init(&stats, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(s->stats); i++) {
        g_variant_dict_insert(&stats, stat_names[i], "t", s->stats[i]);
    }
    g_variant_dict_init(&result, NULL);
    g_variant_dict_insert_value(&result, "stats", g_variant_dict_end(&stats));
    g_variant_dict_insert(&result, "last-update", "x", s->stats_update_s);
    return g_variant_dict_end(&result);
}

static GVariant *get_poll_interval(Object *obj, const char *name, void *opaque, GError **error)
{
    return g_variant_new_int64(VIRTIO_BALLOON(obj)->poll_interval_s);
}

static bool set_poll_interval(Object *obj, const char *name, GVariant *value, void *opaque,
                              GError **error)
{
    VirtIOBalloon *s = VIRTIO_BALLOON(obj);
    int64_t interval_s = g_variant_get_int64(value);

    if (interval_s < 0) {
        error_setg(error, "timer value must be greater than zero");
        return false;
    }
    if (interval_s > UINT32_MAX) {
        error_setg(error, "timer value is too big");
        return false;
    }
    s->poll_interval_s = interval_s;
    if (s->stats_timer && interval_s) {
        timer_mod(s->stats_timer, qemu_clock_get_ms(QEMU_CLOCK_VIRTUAL));
    } else if (s->stats_timer) {
        timer_del(s->stats_timer);
    }
    return true;
}

/* ---- Features, configuration space, life ---- */

static uint64_t balloon_get_features(VirtIODevice *vdev, uint64_t features)
{
    return features | VIRTIO_BALLOON(vdev)->features | BIT_ULL(VIRTIO_BALLOON_F_STATS_VQ);
}

static void balloon_get_config(VirtIODevice *vdev)
{
    VirtIOBalloon *s = VIRTIO_BALLOON(vdev);
    VirtIOBalloonConfig config = {
        .num_pages = cpu_to_le32(s->num_pages),
        .actual = cpu_to_le32(s->actual),
        .poison_val = cpu_to_le32(s->poison_val),
    };

    memcpy(vdev->config, &config, vdev->config_len);
}

static void balloon_set_config(VirtIODevice *vdev, unsigned offset, unsigned size)
{
    VirtIOBalloon *s = VIRTIO_BALLOON(vdev);
    VirtIOBalloonConfig config = {0};

    memcpy(&config, vdev->config, vdev->config_len);
    /* Drivers that write single bytes write the last one last. */
    if (offset + size == offsetofend(VirtIOBalloonConfig, actual)) {
        set_actual(s, le32_to_cpu(config.actual));
    }
    if (virtio_vdev_has_feature(vdev, VIRTIO_BALLOON_F_PAGE_POISON)) {
        s->poison_val = le32_to_cpu(config.poison_val);
    }
}

static void drop_stats_elem(VirtIOBalloon *s)
{
    if (s->stats_elem) {
        virtqueue_detach_element(s->stats_vq, s->stats_elem);
        g_clear_pointer(&s->stats_elem, virtqueue_element_free);
    }
}

static void balloon_reset(VirtIODevice *vdev)
{
    VirtIOBalloon *s = VIRTIO_BALLOON(vdev);

    drop_stats_elem(s);
    s->has_stats = false;
    s->poison_val = 0;
    /* All pages are the guest's again. */
    set_actual(s, 0);
}

static void balloon_queue_reset(VirtIODevice *vdev, VirtQueue *vq)
{
    VirtIOBalloon *s = VIRTIO_BALLOON(vdev);

    if (vq == s->stats_vq) {
        drop_stats_elem(s);
    }
}

static bool balloon_realize(VirtIODevice *vdev, GError **error)
{
    VirtIOBalloon *s = VIRTIO_BALLOON(vdev);
    Object *machine = object_dynamic_cast(object_get_machine(), TYPE_MACHINE);
    bool has_poison = virtio_has_feature(s->features, VIRTIO_BALLOON_F_PAGE_POISON);

    if (the_balloon) {
        error_setg(error, "Only one balloon device is supported");
        return false;
    }
    the_balloon = s;
    s->ram_size = machine ? MACHINE(machine)->ram_size : 0;
    clear_stats(s);
    virtio_init(vdev, VIRTIO_ID_BALLOON,
                has_poison ? sizeof(VirtIOBalloonConfig) :
                             offsetofend(VirtIOBalloonConfig, actual));
    virtio_add_queue(vdev, BALLOON_QUEUE_SIZE, inflate_handler);
    virtio_add_queue(vdev, BALLOON_QUEUE_SIZE, deflate_handler);
    s->stats_vq = virtio_add_queue(vdev, BALLOON_QUEUE_SIZE, stats_handler);
    if (virtio_has_feature(s->features, VIRTIO_BALLOON_F_PAGE_REPORTING)) {
        virtio_add_queue(vdev, BALLOON_QUEUE_SIZE, report_handler);
    }
    s->stats_timer = timer_new_ms(QEMU_CLOCK_VIRTUAL, poll_stats, s);
    schedule_poll(s);
    return true;
}

static void balloon_unrealize(VirtIODevice *vdev)
{
    VirtIOBalloon *s = VIRTIO_BALLOON(vdev);

    the_balloon = NULL;
    g_clear_pointer(&s->stats_timer, timer_free);
    virtio_cleanup(vdev);
}

#define FEATURE_PROPERTY(name, bit, is_default)                                                    \
    DEFINE_PROP_BIT64(name, VirtIOBalloon, features, bit, is_default)

static const Property balloon_properties[] = {
    FEATURE_PROPERTY("deflate-on-oom", VIRTIO_BALLOON_F_DEFLATE_ON_OOM, false),
    FEATURE_PROPERTY("free-page-reporting", VIRTIO_BALLOON_F_PAGE_REPORTING, false),
    FEATURE_PROPERTY("page-poison", VIRTIO_BALLOON_F_PAGE_POISON, true),
};

static void balloon_class_init(ObjectClass *klass, const void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    VirtioDeviceClass *vdc = VIRTIO_DEVICE_CLASS(klass);

    vdc->realize = balloon_realize;
    vdc->unrealize = balloon_unrealize;
    vdc->get_features = balloon_get_features;
    vdc->get_config = balloon_get_config;
    vdc->set_config = balloon_set_config;
    vdc->reset = balloon_reset;
    vdc->queue_reset = balloon_queue_reset;
    set_bit(DEVICE_CATEGORY_MISC, dc->categories);
    device_class_set_props(dc, balloon_properties);
    object_class_property_add(klass, "guest-stats", "guest statistics", get_guest_stats, NULL,
                              NULL);
    object_class_property_add(klass, "guest-stats-polling-interval", "int", get_poll_interval,
                              set_poll_interval, NULL);
}

static const TypeInfo balloon_types[] = {
    {
        .name = TYPE_VIRTIO_BALLOON,
        .parent = TYPE_VIRTIO_DEVICE,
        .instance_size = sizeof(VirtIOBalloon),
        .class_init = balloon_class_init,
    },
};
DEFINE_TYPES(balloon_types)
