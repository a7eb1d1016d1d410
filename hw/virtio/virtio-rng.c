/* SPDX-License-Identifier: MIT */
/*
 * Virtio entropy device: random bytes from a backend (-object rng-...), at most "max-bytes" in each
 * "period" of milliseconds of guest time. One buffer is filled at a time.
 *
 * VIRTIO 1.3, "Entropy Device". Runs under the BQL in the main loop. Tests:
 * tests/unit/hw/virtio/test-virtio-rng.c.
 */
#include "qemu/osdep.h"

#include "hw/virtio/virtio.h"
#include "qemu/error.h"
#include "qemu/iov.h"
#include "qemu/timer.h"
#include "qom/object_interfaces.h"
#include "system/rng.h"

#define TYPE_VIRTIO_RNG "virtio-rng-device"
OBJECT_DECLARE_SIMPLE_TYPE(VirtIORNG, VIRTIO_RNG)

#define RNG_QUEUE_SIZE 8

struct VirtIORNG {
    VirtIODevice parent_obj;

    /* [const] after realize */
    RngBackend *rng;
    uint64_t max_bytes;
    uint32_t period_ms;
    VirtQueue *vq;
    QEMUTimer *quota_timer; /* pending while a period runs */

    /* [bql] */
    VirtQueueElement *elem; /* being filled: its bytes are on order; or NULL */
    uint64_t quota;         /* bytes left in this period */
};

static void rng_process(VirtIORNG *s);

static void rng_receive(void *opaque, const void *data, size_t size)
{
    VirtIORNG *s = opaque;
    g_autofree VirtQueueElement *elem = g_steal_pointer(&s->elem);

    if (!virtio_is_live(&s->parent_obj)) {
        /* The machine has stopped meanwhile; when it goes on the queue is looked at anew. */
        virtqueue_unpop(s->vq, elem);
        return;
    }
    s->quota -= MIN(s->quota, size);
    virtqueue_push(s->vq, elem, iov_from_buf(elem->in_sg, elem->in_num, 0, data, size));
    virtio_notify(&s->parent_obj, s->vq);
    rng_process(s);
}

/* Whether bytes may be given out; begins a period if none runs. */
static bool rng_has_quota(VirtIORNG *s)
{
    if (!timer_pending(s->quota_timer)) {
        s->quota = s->max_bytes;
        timer_mod(s->quota_timer, qemu_clock_get_ms(QEMU_CLOCK_VIRTUAL) + s->period_ms);
    }
    return s->quota > 0;
}

/* The next buffer to fill, or NULL; then the driver notifies of one. */
static VirtQueueElement *rng_next_buffer(VirtIORNG *s)
{
    VirtQueueElement *elem = virtqueue_pop(s->vq, sizeof(*elem));

    if (!elem) {
        virtio_queue_set_notification(s->vq, true);
        elem = virtqueue_pop(s->vq, sizeof(*elem));
    }
    return elem;
}

static void rng_process(VirtIORNG *s)
{
    VirtQueueElement *elem;

    if (s->elem || !virtio_is_live(&s->parent_obj) || !rng_has_quota(s)) {
        return;
    }
    elem = rng_next_buffer(s);
    if (elem && elem->in_size == 0) {
        virtio_error(&s->parent_obj, "buffer without room");
        virtqueue_detach_element(s->vq, elem);
        virtqueue_element_free(elem);
    } else if (elem) {
        s->elem = elem;
        rng_backend_request_entropy(s->rng, MIN(MIN(elem->in_size, s->quota), RNG_REQUEST_MAX),
                                    rng_receive, s);
    }
}

static void rng_handle_output(VirtIODevice *vdev, VirtQueue *vq)
{
    rng_process(VIRTIO_RNG(vdev));
}

static void rng_period_over(void *opaque)
{
    rng_process(opaque);
}

static void rng_drop_request(VirtIORNG *s)
{
    rng_backend_cancel_requests(s->rng, s);
    if (s->elem) {
        virtqueue_detach_element(s->vq, s->elem);
        g_clear_pointer(&s->elem, virtqueue_element_free);
    }
}

static void rng_reset(VirtIODevice *vdev)
{
    VirtIORNG *s = VIRTIO_RNG(vdev);

    rng_drop_request(s);
    timer_del(s->quota_timer);
}

static void rng_queue_reset(VirtIODevice *vdev, VirtQueue *vq)
{
    rng_drop_request(VIRTIO_RNG(vdev));
}

/* A device without rng= has a source of its own, its child. */
static bool rng_make_default_backend(VirtIORNG *s, GError **error)
{
    g_autoptr(Object) backend = object_new(TYPE_RNG_BUILTIN);

    if (!user_creatable_complete(USER_CREATABLE(backend), error)) {
        return false;
    }
    object_property_add_child(OBJECT(s), "default-backend", backend);
    return object_property_set_link(OBJECT(s), "rng", backend, error);
}

static bool rng_realize(VirtIODevice *vdev, GError **error)
{
    VirtIORNG *s = VIRTIO_RNG(vdev);

    if (s->period_ms == 0) {
        error_setg(error, "'period' parameter expects a positive integer");
        return false;
    }
    if (s->max_bytes == 0 || s->max_bytes > INT64_MAX) {
        error_setg(error, "'max-bytes' parameter must be positive, and less than 2^63");
        return false;
    }
    if (!s->rng && !rng_make_default_backend(s, error)) {
        return false;
    }
    virtio_init(vdev, VIRTIO_ID_RNG, 0);
    s->vq = virtio_add_queue(vdev, RNG_QUEUE_SIZE, rng_handle_output);
    s->quota_timer = timer_new_ms(QEMU_CLOCK_VIRTUAL, rng_period_over, s);
    return true;
}

static void rng_unrealize(VirtIODevice *vdev)
{
    g_clear_pointer(&VIRTIO_RNG(vdev)->quota_timer, timer_free);
    virtio_cleanup(vdev);
}

static const Property rng_properties[] = {
    DEFINE_PROP_LINK("rng", VirtIORNG, rng, TYPE_RNG_BACKEND, RngBackend *),
    DEFINE_PROP_UINT64("max-bytes", VirtIORNG, max_bytes, INT64_MAX),
    DEFINE_PROP_UINT32("period", VirtIORNG, period_ms, 1 << 16),
};

static void rng_class_init(ObjectClass *klass, const void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    VirtioDeviceClass *vdc = VIRTIO_DEVICE_CLASS(klass);

    vdc->realize = rng_realize;
    vdc->unrealize = rng_unrealize;
    vdc->reset = rng_reset;
    vdc->queue_reset = rng_queue_reset;
    set_bit(DEVICE_CATEGORY_MISC, dc->categories);
    device_class_set_props(dc, rng_properties);
}

static const TypeInfo rng_types[] = {
    {
        .name = TYPE_VIRTIO_RNG,
        .parent = TYPE_VIRTIO_DEVICE,
        .instance_size = sizeof(VirtIORNG),
        .class_init = rng_class_init,
    },
};
DEFINE_TYPES(rng_types)
