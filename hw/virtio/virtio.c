/* SPDX-License-Identifier: MIT */
/*
 * The device between a transport's registers and a device model: status, features, configuration
 * space, reset, and running the queues' handlers. Rings are in virtqueue.c.
 *
 * A notification from a hart takes no lock: it sets a bit and schedules the bottom half, which runs
 * the handlers in the main loop. Many notifications before that are one run.
 *
 * VIRTIO 1.3, "Basic Facilities of a Virtio Device" and "General Initialization And Device
 * Operation". Tests: tests/unit/hw/virtio/test-virtio-mmio.c, test-virtqueue.c.
 */
#include "qemu/osdep.h"

#include "hw/core/reset.h"
#include "hw/virtio/virtio-bus.h"
#include "qemu/atomic.h"
#include "qemu/bswap.h"
#include "qemu/host-utils.h"
#include "qemu/log.h"
#include "qemu/main-loop.h"
#include "qemu/trace.h"
#include "system/address-spaces.h"
#include "virtio-internal.h"

static VirtioBusState *virtio_bus(const VirtIODevice *vdev)
{
    return VIRTIO_BUS(vdev->parent_obj.parent_bus);
}

bool virtio_is_live(const VirtIODevice *vdev)
{
    return vdev->vm_running && !vdev->broken &&
           ((vdev->status & VIRTIO_CONFIG_S_DRIVER_OK) ||
            !virtio_has_feature(vdev->host_features, VIRTIO_F_VERSION_1));
}

/* ---- Interrupts ---- */

static void virtio_interrupt(VirtIODevice *vdev, uint32_t bit)
{
    VirtioBusState *bus = virtio_bus(vdev);

    qatomic_or(&vdev->isr, bit);
    VIRTIO_BUS_GET_CLASS(bus)->notify(bus->parent_obj.parent);
}

uint32_t virtio_isr(VirtIODevice *vdev)
{
    return qatomic_read(&vdev->isr);
}

void virtio_ack_isr(VirtIODevice *vdev, uint32_t bits)
{
    VirtioBusState *bus = virtio_bus(vdev);

    qatomic_and(&vdev->isr, ~bits);
    VIRTIO_BUS_GET_CLASS(bus)->notify(bus->parent_obj.parent);
}

void virtio_notify(VirtIODevice *vdev, VirtQueue *vq)
{
    if (virtqueue_wants_interrupt(vq)) {
        TRACE(virtio_notify, "vdev:%p queue:%u", (void *)vdev, vq->index);
        virtio_interrupt(vdev, VIRTIO_ISR_QUEUE);
    }
}

void virtio_notify_config(VirtIODevice *vdev)
{
    vdev->generation++;
    if (vdev->status & VIRTIO_CONFIG_S_DRIVER_OK) {
        virtio_interrupt(vdev, VIRTIO_ISR_CONFIG);
    }
}

void virtio_error(VirtIODevice *vdev, const char *fmt, ...)
{
    g_autofree char *text = NULL;
    va_list ap;

    va_start(ap, fmt);
    text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    qemu_log_mask(LOG_GUEST_ERROR, "%s: %s\n", object_get_typename(OBJECT(vdev)), text);

    vdev->broken = true;
    if (virtio_has_feature(vdev->host_features, VIRTIO_F_VERSION_1)) {
        vdev->status |= VIRTIO_CONFIG_S_NEEDS_RESET;
        virtio_notify_config(vdev);
    }
}

/* ---- Running the queues ---- */

static void virtio_run_queues(void *opaque)
{
    VirtIODevice *vdev = opaque;
    unsigned num_words = BITS_TO_LONGS(vdev->num_queues);

    for (unsigned word = 0; word < num_words; word++) {
        unsigned long bits = qatomic_xchg(&vdev->notified[word], 0);

        while (bits) {
            VirtQueue *vq = vdev->queues[word * BITS_PER_LONG + ctz64(bits)];

            bits &= bits - 1;
            /* Those that are not run now are when the device or the machine goes on. */
            if (vq->ready && virtio_is_live(vdev)) {
                vq->handle_output(vdev, vq);
            }
        }
    }
}

void virtio_queue_schedule(VirtQueue *vq)
{
    unsigned long bit = BIT_MASK(vq->index);

    /* A bit that was set already has a bottom half on its way. */
    if (!(qatomic_fetch_or(&vq->vdev->notified[BIT_WORD(vq->index)], bit) & bit)) {
        qemu_bh_schedule(vq->vdev->bh);
    }
}

void virtio_queue_notify(VirtIODevice *vdev, unsigned n)
{
    if (n >= vdev->num_queues) {
        qemu_log_mask(LOG_GUEST_ERROR, "%s: notification of queue %u, which does not exist\n",
                      object_get_typename(OBJECT(vdev)), n);
        return;
    }
    TRACE(virtio_queue_notify, "vdev:%p queue:%u", (void *)vdev, n);
    virtio_queue_schedule(vdev->queues[n]);
}

static void virtio_schedule_all(VirtIODevice *vdev)
{
    for (unsigned n = 0; n < vdev->num_queues; n++) {
        if (vdev->queues[n]->ready) {
            virtio_queue_schedule(vdev->queues[n]);
        }
    }
}

static void virtio_vm_state_changed(void *opaque, bool running, RunState state)
{
    VirtIODevice *vdev = opaque;

    if (running) {
        vdev->vm_running = true;
        virtio_schedule_all(vdev);
    } else {
        /* The harts have stopped: what they notified of before belongs to the time before. */
        virtio_run_queues(vdev);
        vdev->vm_running = false;
    }
}

/* ---- Status, features ---- */

bool virtio_set_features(VirtIODevice *vdev, uint64_t features)
{
    VirtioDeviceClass *vdc = VIRTIO_DEVICE_GET_CLASS(vdev);
    uint64_t unknown = features & ~vdev->host_features;

    if (vdev->status & VIRTIO_CONFIG_S_FEATURES_OK) {
        qemu_log_mask(LOG_GUEST_ERROR, "%s: features chosen after FEATURES_OK\n",
                      object_get_typename(OBJECT(vdev)));
        return false;
    }
    vdev->guest_features = features & vdev->host_features;
    if (vdc->set_features) {
        vdc->set_features(vdev);
    }
    if (unknown) {
        qemu_log_mask(LOG_GUEST_ERROR, "%s: features 0x%" PRIx64 " were not offered\n",
                      object_get_typename(OBJECT(vdev)), unknown);
    }
    return !unknown;
}

void virtio_set_status(VirtIODevice *vdev, uint8_t status)
{
    VirtioDeviceClass *vdc = VIRTIO_DEVICE_GET_CLASS(vdev);
    bool was_live = virtio_is_live(vdev);

    TRACE(virtio_set_status, "vdev:%p status:0x%x", (void *)vdev, status);
    if (status == 0) {
        virtio_reset(vdev);
        return;
    }
    /* The device's own bit; only a reset takes it away. */
    vdev->status = (status & ~VIRTIO_CONFIG_S_NEEDS_RESET) |
                   (vdev->status & VIRTIO_CONFIG_S_NEEDS_RESET);
    if (vdc->set_status) {
        vdc->set_status(vdev);
    }
    if (!was_live) {
        virtio_schedule_all(vdev);
    }
}

/* The driver's words about the queue are forgotten; the device holds none of its buffers. */
static void queue_clear(VirtQueue *vq)
{
    virtqueue_unmap_rings(vq);
    virtqueue_reset_indices(vq);
    vq->ready = false;
    vq->num = vq->max_num;
    vq->desc = vq->avail = vq->used = 0;
}

/* Has the device drop the queue's buffers. Waits for host I/O, maybe with the BQL given up. */
static void queue_stop(VirtQueue *vq)
{
    VirtIODevice *vdev = vq->vdev;
    VirtioDeviceClass *vdc = VIRTIO_DEVICE_GET_CLASS(vdev);

    vdev->is_resetting = true;
    vq->ready = false;
    if (vdc->queue_reset) {
        vdc->queue_reset(vdev, vq);
    }
    virtqueue_unmap_rings(vq);
    vdev->is_resetting = false;
}

void virtio_reset(VirtIODevice *vdev)
{
    VirtioDeviceClass *vdc = VIRTIO_DEVICE_GET_CLASS(vdev);

    if (vdev->is_resetting) {
        return;
    }
    vdev->is_resetting = true;
    for (unsigned n = 0; n < vdev->num_queues; n++) {
        vdev->queues[n]->ready = false;
    }
    if (vdc->reset) {
        vdc->reset(vdev);
    }
    for (unsigned n = 0; n < vdev->num_queues; n++) {
        queue_clear(vdev->queues[n]);
    }
    vdev->status = 0;
    vdev->guest_features = 0;
    vdev->broken = false;
    vdev->is_resetting = false;
    virtio_ack_isr(vdev, UINT32_MAX);
}

/* ---- Configuration space ---- */

uint32_t virtio_config_read(VirtIODevice *vdev, hwaddr offset, unsigned size)
{
    VirtioDeviceClass *vdc = VIRTIO_DEVICE_GET_CLASS(vdev);

    if (offset > vdev->config_len || size > vdev->config_len - offset) {
        return MAKE_64BIT_MASK(0, 8 * size);
    }
    if (vdc->get_config) {
        vdc->get_config(vdev);
    }
    return ldn_le_p(vdev->config + offset, size);
}

void virtio_config_write(VirtIODevice *vdev, hwaddr offset, uint32_t value, unsigned size)
{
    VirtioDeviceClass *vdc = VIRTIO_DEVICE_GET_CLASS(vdev);

    if (offset > vdev->config_len || size > vdev->config_len - offset) {
        qemu_log_mask(LOG_GUEST_ERROR,
                      "%s: write beyond the configuration space at 0x%" HWADDR_PRIx "\n",
                      object_get_typename(OBJECT(vdev)), offset);
        return;
    }
    if (vdc->set_config) {
        vdc->get_config(vdev);
        stn_le_p(vdev->config + offset, size, value);
        vdc->set_config(vdev, offset, size);
    }
}

/* ---- Queues ---- */

static VirtQueue *queue_get(VirtIODevice *vdev, unsigned n)
{
    return n < vdev->num_queues ? vdev->queues[n] : NULL;
}

VirtQueue *virtio_get_queue(VirtIODevice *vdev, unsigned n)
{
    g_assert(n < vdev->num_queues);
    return vdev->queues[n];
}

unsigned virtio_queue_max_num(VirtIODevice *vdev, unsigned n)
{
    VirtQueue *vq = queue_get(vdev, n);

    return vq ? vq->max_num : 0;
}

/* The queue, if the driver may still say how it is laid out; else NULL, logged. */
static VirtQueue *queue_get_idle(VirtIODevice *vdev, unsigned n)
{
    VirtQueue *vq = queue_get(vdev, n);

    if (!vq || vq->ready || vdev->is_resetting) {
        qemu_log_mask(LOG_GUEST_ERROR, "%s: set-up of queue %u, which %s\n",
                      object_get_typename(OBJECT(vdev)), n, vq ? "is in use" : "does not exist");
        return NULL;
    }
    return vq;
}

void virtio_queue_set_num(VirtIODevice *vdev, unsigned n, uint32_t num)
{
    VirtQueue *vq = queue_get_idle(vdev, n);

    if (!vq) {
        return;
    }
    if (num > vq->max_num || !is_power_of_2(num)) {
        qemu_log_mask(LOG_GUEST_ERROR, "%s: queue %u cannot have %u descriptors\n",
                      object_get_typename(OBJECT(vdev)), n, num);
        return;
    }
    vq->num = num;
}

void virtio_queue_set_rings(VirtIODevice *vdev, unsigned n, hwaddr desc, hwaddr avail, hwaddr used)
{
    VirtQueue *vq = queue_get_idle(vdev, n);

    if (vq) {
        vq->desc = desc;
        vq->avail = avail;
        vq->used = used;
    }
}

/* "Legacy Interfaces: A Note on Virtqueue Layout". */
void virtio_queue_set_legacy_rings(VirtIODevice *vdev, unsigned n, hwaddr base, uint32_t align)
{
    VirtQueue *vq = queue_get(vdev, n);
    hwaddr avail;

    g_assert(is_power_of_2(align));
    if (vq) {
        avail = base + 16 * vq->num;
        virtio_queue_set_rings(vdev, n, base, avail,
                               QEMU_ALIGN_UP(avail + 2 * (3 + vq->num), align));
    }
}

void virtio_queue_set_ready(VirtIODevice *vdev, unsigned n, bool ready)
{
    VirtQueue *vq = queue_get(vdev, n);

    if (!vq || vdev->is_resetting || vq->ready == ready) {
        return;
    }
    if (!ready) {
        queue_stop(vq);
        return;
    }
    virtqueue_reset_indices(vq);
    if (!virtqueue_map_rings(vq)) {
        virtio_error(vdev, "queue %u: rings at 0x%" HWADDR_PRIx " are not in RAM", n, vq->desc);
        return;
    }
    vq->ready = true;
}

bool virtio_queue_is_ready(VirtIODevice *vdev, unsigned n)
{
    VirtQueue *vq = queue_get(vdev, n);

    return vq && vq->ready;
}

void virtio_queue_reset(VirtIODevice *vdev, unsigned n)
{
    VirtQueue *vq = queue_get(vdev, n);

    if (vq && !vdev->is_resetting) {
        queue_stop(vq);
        queue_clear(vq);
    }
}

/* The memory map has changed: what the caches point to may not be at these addresses any more. */
static void virtio_memory_commit(MemoryListener *listener)
{
    VirtIODevice *vdev = container_of(listener, VirtIODevice, listener);

    for (unsigned n = 0; n < vdev->num_queues; n++) {
        VirtQueue *vq = vdev->queues[n];

        if (vq->ready && !virtqueue_map_rings(vq)) {
            vq->ready = false;
            virtio_error(vdev, "queue %u: rings are not in RAM any more", n);
        }
    }
}

/* ---- Life ---- */

void virtio_init(VirtIODevice *vdev, uint16_t device_id, size_t config_len)
{
    vdev->device_id = device_id;
    vdev->config_len = config_len;
    vdev->config = g_malloc0(config_len);
    vdev->bh = qemu_bh_new(virtio_run_queues, vdev);
}

VirtQueue *virtio_add_queue(VirtIODevice *vdev, unsigned num, VirtIOHandleOutput *handle_output)
{
    VirtQueue *vq = g_new0(VirtQueue, 1);

    g_assert(vdev->num_queues < VIRTIO_QUEUE_MAX);
    g_assert(is_power_of_2(num) && num <= VIRTQUEUE_MAX_SIZE);
    vq->vdev = vdev;
    vq->index = vdev->num_queues;
    vq->max_num = num;
    vq->handle_output = handle_output;
    queue_clear(vq);
    vdev->queues = g_renew(VirtQueue *, vdev->queues, vdev->num_queues + 1);
    vdev->queues[vdev->num_queues++] = vq;
    return vq;
}

void virtio_cleanup(VirtIODevice *vdev)
{
    g_clear_pointer(&vdev->bh, qemu_bh_delete);
    for (unsigned n = 0; n < vdev->num_queues; n++) {
        virtqueue_unmap_rings(vdev->queues[n]);
        g_free(vdev->queues[n]);
    }
    g_clear_pointer(&vdev->queues, g_free);
    vdev->num_queues = 0;
    g_clear_pointer(&vdev->config, g_free);
    vdev->config_len = 0;
}

/* Bits that exist on one of the two interfaces only. */
#define LEGACY_ONLY (BIT_ULL(VIRTIO_F_NOTIFY_ON_EMPTY) | BIT_ULL(VIRTIO_F_ANY_LAYOUT))
#define MODERN_ONLY (BIT_ULL(VIRTIO_F_ACCESS_PLATFORM) | BIT_ULL(VIRTIO_F_RING_RESET))

static bool virtio_device_realize(DeviceState *dev, GError **error)
{
    VirtIODevice *vdev = VIRTIO_DEVICE(dev);
    VirtioDeviceClass *vdc = VIRTIO_DEVICE_GET_CLASS(vdev);
    VirtioBusState *bus = virtio_bus(vdev);
    VirtioBusClass *bc = VIRTIO_BUS_GET_CLASS(bus);

    vdev->dma_as = bus->dma_as ?: &address_space_memory;
    if (vdc->realize && !vdc->realize(vdev, error)) {
        return false;
    }
    vdev->host_features |= bc->features(bus->parent_obj.parent);
    vdev->host_features &=
        virtio_has_feature(vdev->host_features, VIRTIO_F_VERSION_1) ? ~LEGACY_ONLY : ~MODERN_ONLY;
    if (vdc->get_features) {
        vdev->host_features = vdc->get_features(vdev, vdev->host_features);
    }
    vdev->listener = (MemoryListener){.commit = virtio_memory_commit, .name = "virtio"};
    memory_listener_register(&vdev->listener, vdev->dma_as);
    vdev->vm_running = runstate_is_running();
    vdev->vm_state = qemu_add_vm_change_state_handler(virtio_vm_state_changed, vdev);
    if (bc->plugged) {
        bc->plugged(bus->parent_obj.parent, vdev);
    }
    return true;
}

static void virtio_device_unrealize(DeviceState *dev)
{
    VirtIODevice *vdev = VIRTIO_DEVICE(dev);
    VirtioDeviceClass *vdc = VIRTIO_DEVICE_GET_CLASS(vdev);
    VirtioBusState *bus = virtio_bus(vdev);
    VirtioBusClass *bc = VIRTIO_BUS_GET_CLASS(bus);

    virtio_reset(vdev);
    if (bc->unplugged) {
        bc->unplugged(bus->parent_obj.parent);
    }
    qemu_del_vm_change_state_handler(g_steal_pointer(&vdev->vm_state));
    memory_listener_unregister(&vdev->listener);
    if (vdc->unrealize) {
        vdc->unrealize(vdev);
    }
}

static void virtio_device_reset_hold(Object *obj, ResetType type)
{
    virtio_reset(VIRTIO_DEVICE(obj));
}

#define FEATURE_PROPERTY(name, bit, is_default)                                                    \
    DEFINE_PROP_BIT64(name, VirtIODevice, host_features, bit, is_default)

static const Property virtio_device_properties[] = {
    FEATURE_PROPERTY("indirect_desc", VIRTIO_RING_F_INDIRECT_DESC, true),
    FEATURE_PROPERTY("event_idx", VIRTIO_RING_F_EVENT_IDX, true),
    FEATURE_PROPERTY("notify_on_empty", VIRTIO_F_NOTIFY_ON_EMPTY, true),
    FEATURE_PROPERTY("any_layout", VIRTIO_F_ANY_LAYOUT, true),
    FEATURE_PROPERTY("iommu_platform", VIRTIO_F_ACCESS_PLATFORM, false),
    FEATURE_PROPERTY("queue_reset", VIRTIO_F_RING_RESET, true),
};

static void virtio_device_class_init(ObjectClass *klass, const void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);

    dc->realize = virtio_device_realize;
    dc->unrealize = virtio_device_unrealize;
    dc->bus_type = TYPE_VIRTIO_BUS;
    RESETTABLE_CLASS(klass)->phases.hold = virtio_device_reset_hold;
    device_class_set_props(dc, virtio_device_properties);
}

static const TypeInfo virtio_device_types[] = {
    {
        .name = TYPE_VIRTIO_DEVICE,
        .parent = TYPE_DEVICE,
        .abstract = true,
        .instance_size = sizeof(VirtIODevice),
        .class_size = sizeof(VirtioDeviceClass),
        .class_init = virtio_device_class_init,
    },
};
DEFINE_TYPES(virtio_device_types)
