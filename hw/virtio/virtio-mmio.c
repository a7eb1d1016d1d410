/* SPDX-License-Identifier: MIT */
/*
 * Virtio over MMIO: 256 bytes of registers, then the device's configuration space, and one
 * interrupt line.
 *
 * "force-legacy" chooses between the layout before VIRTIO 1.0 (version 1: the queue in one piece,
 * named by a page number) and the present one (version 2). A transport without a device answers
 * with device ID 0.
 *
 * VIRTIO 1.4, "Virtio Over MMIO". Runs under the BQL, which the register handlers take by
 * themselves: the most frequent accesses, to notify and to ask why it interrupts, do without.
 * Tests: tests/unit/hw/virtio/test-virtio-mmio.c.
 */
#include "qemu/osdep.h"

#include "hw/core/fdt-context.h"
#include "hw/core/irq.h"
#include "hw/core/qdev-properties.h"
#include "hw/core/sysbus.h"
#include "hw/virtio/virtio-bus.h"
#include "qemu/atomic.h"
#include "qemu/bql.h"
#include "qemu/host-utils.h"
#include "qemu/log.h"

#define TYPE_VIRTIO_MMIO "virtio-mmio"
OBJECT_DECLARE_SIMPLE_TYPE(VirtioMMIOState, VIRTIO_MMIO)

#define TYPE_VIRTIO_MMIO_BUS "virtio-mmio-bus"

enum {
    MMIO_MAGIC = 0x000,
    MMIO_VERSION = 0x004,
    MMIO_DEVICE_ID = 0x008,
    MMIO_VENDOR_ID = 0x00c,
    MMIO_DEVICE_FEATURES = 0x010,
    MMIO_DEVICE_FEATURES_SEL = 0x014,
    MMIO_DRIVER_FEATURES = 0x020,
    MMIO_DRIVER_FEATURES_SEL = 0x024,
    MMIO_GUEST_PAGE_SIZE = 0x028, /* legacy */
    MMIO_QUEUE_SEL = 0x030,
    MMIO_QUEUE_SIZE_MAX = 0x034,
    MMIO_QUEUE_SIZE = 0x038,
    MMIO_QUEUE_ALIGN = 0x03c, /* legacy */
    MMIO_QUEUE_PFN = 0x040,   /* legacy */
    MMIO_QUEUE_READY = 0x044,
    MMIO_QUEUE_NOTIFY = 0x050,
    MMIO_INTERRUPT_STATUS = 0x060,
    MMIO_INTERRUPT_ACK = 0x064,
    MMIO_STATUS = 0x070,
    MMIO_QUEUE_DESC_LOW = 0x080,
    MMIO_QUEUE_DESC_HIGH = 0x084,
    MMIO_QUEUE_DRIVER_LOW = 0x090,
    MMIO_QUEUE_DRIVER_HIGH = 0x094,
    MMIO_QUEUE_DEVICE_LOW = 0x0a0,
    MMIO_QUEUE_DEVICE_HIGH = 0x0a4,
    MMIO_SHM_SEL = 0x0ac,
    MMIO_SHM_LEN_LOW = 0x0b0,
    MMIO_SHM_LEN_HIGH = 0x0b4,
    MMIO_SHM_BASE_LOW = 0x0b8,
    MMIO_SHM_BASE_HIGH = 0x0bc,
    MMIO_QUEUE_RESET = 0x0c0,
    MMIO_CONFIG_GENERATION = 0x0fc,
    MMIO_CONFIG = 0x100,
    MMIO_SIZE = 0x200,
};

#define MMIO_MAGIC_VALUE 0x74726976  /* "virt" */
#define MMIO_VENDOR_VALUE 0x554d4551 /* "QEMU", which drivers' quirks and users' scripts know */

#define LEGACY_DEFAULT_ALIGN 4096

/* Addresses that the driver is writing by halves. */
typedef struct MMIOQueue {
    uint64_t desc;
    uint64_t driver;
    uint64_t device;
    uint32_t align; /* legacy */
    uint32_t pfn;   /* legacy */
} MMIOQueue;

struct VirtioMMIOState {
    SysBusDevice parent_obj;

    /* [const] after realize */
    MemoryRegion mmio;
    qemu_irq irq;
    VirtioBusState bus;
    bool is_legacy;

    VirtIODevice *vdev; /* [atomic] the device that is plugged in, or NULL */

    /* [bql] */
    MMIOQueue *queues; /* as many as the device has */
    uint32_t device_features_sel;
    uint32_t driver_features_sel;
    uint32_t driver_features[2];
    uint32_t queue_sel;
    unsigned page_bits; /* legacy */
};

static void mmio_log(hwaddr addr, const char *what)
{
    qemu_log_mask(LOG_GUEST_ERROR, "%s: %s at offset 0x%" HWADDR_PRIx "\n", TYPE_VIRTIO_MMIO, what,
                  addr);
}

/* Registers of the other layout do not exist. */
static bool mmio_has_register(const VirtioMMIOState *s, hwaddr addr)
{
    switch (addr) {
    case MMIO_GUEST_PAGE_SIZE:
    case MMIO_QUEUE_ALIGN:
    case MMIO_QUEUE_PFN:
        return s->is_legacy;
    case MMIO_QUEUE_READY:
    case MMIO_QUEUE_DESC_LOW ... MMIO_CONFIG_GENERATION:
        return !s->is_legacy;
    default:
        return true;
    }
}

/* What was latched about the selected queue, or NULL if the device has no such queue. */
static MMIOQueue *mmio_queue(VirtioMMIOState *s, VirtIODevice *vdev)
{
    return s->queue_sel < vdev->num_queues ? &s->queues[s->queue_sel] : NULL;
}

/*
 * The driver has reset the device. The page size stays: drivers write it when they find the
 * transport, and reset the device after that.
 */
static void mmio_clear(VirtioMMIOState *s)
{
    VirtIODevice *vdev = s->vdev;

    s->device_features_sel = 0;
    s->driver_features_sel = 0;
    s->driver_features[0] = s->driver_features[1] = 0;
    s->queue_sel = 0;
    for (unsigned n = 0; vdev && n < vdev->num_queues; n++) {
        s->queues[n] = (MMIOQueue){.align = LEGACY_DEFAULT_ALIGN};
    }
}

/* ---- Reading ---- */

static uint32_t mmio_read_device_features(const VirtioMMIOState *s, const VirtIODevice *vdev)
{
    return s->device_features_sel < 2 ? vdev->host_features >> (32 * s->device_features_sel) : 0;
}

static uint32_t mmio_read_register(VirtioMMIOState *s, VirtIODevice *vdev, hwaddr addr)
{
    switch (addr) {
    case MMIO_DEVICE_ID:
        return vdev->device_id;
    case MMIO_DEVICE_FEATURES:
        return mmio_read_device_features(s, vdev);
    case MMIO_QUEUE_SIZE_MAX:
        return virtio_queue_max_num(vdev, s->queue_sel);
    case MMIO_QUEUE_PFN:
        return virtio_queue_is_ready(vdev, s->queue_sel) ? mmio_queue(s, vdev)->pfn : 0;
    case MMIO_QUEUE_READY:
        return virtio_queue_is_ready(vdev, s->queue_sel);
    case MMIO_STATUS:
        return vdev->status;
    case MMIO_SHM_LEN_LOW ... MMIO_SHM_BASE_HIGH:
        return UINT32_MAX; /* no device here has shared memory */
    case MMIO_QUEUE_RESET:
        return 0; /* it is done when the write returns */
    case MMIO_CONFIG_GENERATION:
        return vdev->generation;
    default:
        mmio_log(addr, "read of a write-only or reserved register");
        return 0;
    }
}

static uint64_t mmio_read_locked(VirtioMMIOState *s, hwaddr addr, unsigned size)
{
    VirtIODevice *vdev = s->vdev;

    if (addr >= MMIO_CONFIG) {
        return vdev ? virtio_config_read(vdev, addr - MMIO_CONFIG, size) : 0;
    }
    if (size != 4 || !mmio_has_register(s, addr)) {
        mmio_log(addr, "read of no register, or of a part");
        return 0;
    }
    switch (addr) {
    case MMIO_MAGIC:
        return MMIO_MAGIC_VALUE;
    case MMIO_VERSION:
        return s->is_legacy ? 1 : 2;
    case MMIO_VENDOR_ID:
        return MMIO_VENDOR_VALUE;
    default:
        return vdev ? mmio_read_register(s, vdev, addr) : 0;
    }
}

/* Conditional locks are beyond the thread safety analysis. */
static uint64_t mmio_read(void *opaque, hwaddr addr, unsigned size) TSA_NO_ANALYSIS
{
    VirtioMMIOState *s = opaque;
    VirtIODevice *vdev = qatomic_read(&s->vdev);
    uint64_t value;
    bool locked;

    if (addr == MMIO_INTERRUPT_STATUS && size == 4 && vdev) {
        return virtio_isr(vdev);
    }
    locked = !bql_locked();
    if (locked) {
        bql_lock();
    }
    value = mmio_read_locked(s, addr, size);
    if (locked) {
        bql_unlock();
    }
    return value;
}

/* ---- Writing ---- */

static void mmio_write_driver_features(VirtioMMIOState *s, VirtIODevice *vdev, uint32_t value)
{
    if (s->driver_features_sel >= (s->is_legacy ? 1 : 2)) {
        if (value) {
            mmio_log(MMIO_DRIVER_FEATURES, "features beyond those that exist");
        }
        return;
    }
    s->driver_features[s->driver_features_sel] = value;
    if (s->is_legacy) {
        /* There is no moment at which the choice is final. */
        virtio_set_features(vdev, value);
    }
}

static void mmio_write_status(VirtioMMIOState *s, VirtIODevice *vdev, uint8_t status)
{
    uint64_t features = (uint64_t)s->driver_features[1] << 32 | s->driver_features[0];

    if (!s->is_legacy && (status & ~vdev->status & VIRTIO_CONFIG_S_FEATURES_OK) &&
        !virtio_set_features(vdev, features)) {
        status &= ~VIRTIO_CONFIG_S_FEATURES_OK;
    }
    virtio_set_status(vdev, status);
    if (status == 0) {
        mmio_clear(s);
    }
}

static void mmio_write_page_size(VirtioMMIOState *s, uint32_t value)
{
    if (!is_power_of_2(value)) {
        mmio_log(MMIO_GUEST_PAGE_SIZE, "page size is no power of 2");
        return;
    }
    s->page_bits = ctz32(value);
}

static void mmio_write_pfn(VirtioMMIOState *s, VirtIODevice *vdev, uint32_t pfn)
{
    MMIOQueue *queue = mmio_queue(s, vdev);

    if (!queue) {
        return;
    }
    if (pfn == 0) {
        /* How a legacy driver takes a queue down: all that it said about it is void. */
        virtio_queue_reset(vdev, s->queue_sel);
        *queue = (MMIOQueue){.align = LEGACY_DEFAULT_ALIGN};
        return;
    }
    queue->pfn = pfn;
    virtio_queue_set_legacy_rings(vdev, s->queue_sel, (hwaddr)pfn << s->page_bits, queue->align);
    virtio_queue_set_ready(vdev, s->queue_sel, true);
}

static void mmio_write_ready(VirtioMMIOState *s, VirtIODevice *vdev, bool ready)
{
    MMIOQueue *queue = mmio_queue(s, vdev);

    if (queue && ready && !virtio_queue_is_ready(vdev, s->queue_sel)) {
        virtio_queue_set_rings(vdev, s->queue_sel, queue->desc, queue->driver, queue->device);
    }
    virtio_queue_set_ready(vdev, s->queue_sel, ready);
}

/* What is latched about the selected queue. False: it is another register. */
static bool mmio_write_latch(MMIOQueue *queue, hwaddr addr, uint32_t value)
{
    uint64_t *half;

    switch (addr) {
    case MMIO_QUEUE_ALIGN:
        if (is_power_of_2(value)) {
            queue->align = value;
        } else {
            mmio_log(addr, "alignment is no power of 2");
        }
        return true;
    case MMIO_QUEUE_DESC_LOW:
    case MMIO_QUEUE_DESC_HIGH:
        half = &queue->desc;
        break;
    case MMIO_QUEUE_DRIVER_LOW:
    case MMIO_QUEUE_DRIVER_HIGH:
        half = &queue->driver;
        break;
    case MMIO_QUEUE_DEVICE_LOW:
    case MMIO_QUEUE_DEVICE_HIGH:
        half = &queue->device;
        break;
    default:
        return false;
    }
    *half = deposit64(*half, addr & 4 ? 32 : 0, 32, value);
    return true;
}

static void mmio_write_register(VirtioMMIOState *s, VirtIODevice *vdev, hwaddr addr, uint32_t value)
{
    MMIOQueue *queue = mmio_queue(s, vdev);

    if (queue && mmio_write_latch(queue, addr, value)) {
        return;
    }
    switch (addr) {
    case MMIO_DEVICE_FEATURES_SEL:
        s->device_features_sel = value;
        break;
    case MMIO_DRIVER_FEATURES:
        mmio_write_driver_features(s, vdev, value);
        break;
    case MMIO_DRIVER_FEATURES_SEL:
        s->driver_features_sel = value;
        break;
    case MMIO_GUEST_PAGE_SIZE:
        mmio_write_page_size(s, value);
        break;
    case MMIO_QUEUE_SEL:
        s->queue_sel = value;
        break;
    case MMIO_QUEUE_SIZE:
        virtio_queue_set_num(vdev, s->queue_sel, value);
        break;
    case MMIO_QUEUE_PFN:
        mmio_write_pfn(s, vdev, value);
        break;
    case MMIO_QUEUE_READY:
        mmio_write_ready(s, vdev, value & 1);
        break;
    case MMIO_INTERRUPT_ACK:
        virtio_ack_isr(vdev, value);
        break;
    case MMIO_STATUS:
        mmio_write_status(s, vdev, value);
        break;
    case MMIO_SHM_SEL:
        break;
    case MMIO_QUEUE_RESET:
        if ((value & 1) && virtio_vdev_has_feature(vdev, VIRTIO_F_RING_RESET)) {
            virtio_queue_reset(vdev, s->queue_sel);
        }
        break;
    default:
        mmio_log(addr, "write of a read-only or reserved register, or for no queue");
        break;
    }
}

static void mmio_write_locked(VirtioMMIOState *s, hwaddr addr, uint64_t value, unsigned size)
{
    VirtIODevice *vdev = s->vdev;

    if (!vdev) {
        return;
    }
    if (addr >= MMIO_CONFIG) {
        virtio_config_write(vdev, addr - MMIO_CONFIG, value, size);
    } else if (size != 4 || !mmio_has_register(s, addr)) {
        mmio_log(addr, "write of no register, or of a part");
    } else {
        mmio_write_register(s, vdev, addr, value);
    }
}

/* Conditional locks are beyond the thread safety analysis. */
static void mmio_write(void *opaque, hwaddr addr, uint64_t value, unsigned size) TSA_NO_ANALYSIS
{
    VirtioMMIOState *s = opaque;
    VirtIODevice *vdev = qatomic_read(&s->vdev);
    bool locked;

    if (addr == MMIO_QUEUE_NOTIFY && size == 4 && vdev) {
        virtio_queue_notify(vdev, value);
        return;
    }
    locked = !bql_locked();
    if (locked) {
        bql_lock();
    }
    mmio_write_locked(s, addr, value, size);
    if (locked) {
        bql_unlock();
    }
}

static const MemoryRegionOps mmio_ops = {
    .read = mmio_read,
    .write = mmio_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = {.min_access_size = 1, .max_access_size = 4},
    .impl = {.min_access_size = 1, .max_access_size = 4},
};

/* ---- The bus ---- */

static void mmio_bus_notify(DeviceState *transport)
{
    VirtioMMIOState *s = VIRTIO_MMIO(transport);

    qemu_set_irq(s->irq, s->vdev && virtio_isr(s->vdev) != 0);
}

static uint64_t mmio_bus_features(DeviceState *transport)
{
    return VIRTIO_MMIO(transport)->is_legacy ? 0 : BIT_ULL(VIRTIO_F_VERSION_1);
}

static void mmio_bus_plugged(DeviceState *transport, VirtIODevice *vdev)
{
    VirtioMMIOState *s = VIRTIO_MMIO(transport);

    s->queues = g_new0(MMIOQueue, vdev->num_queues);
    qatomic_set(&s->vdev, vdev);
    mmio_clear(s);
}

static void mmio_bus_unplugged(DeviceState *transport)
{
    VirtioMMIOState *s = VIRTIO_MMIO(transport);

    qatomic_set(&s->vdev, NULL);
    g_clear_pointer(&s->queues, g_free);
}

static void mmio_bus_class_init(ObjectClass *klass, const void *data)
{
    VirtioBusClass *vbc = VIRTIO_BUS_CLASS(klass);

    vbc->notify = mmio_bus_notify;
    vbc->features = mmio_bus_features;
    vbc->plugged = mmio_bus_plugged;
    vbc->unplugged = mmio_bus_unplugged;
}

/* ---- The transport ---- */

static void mmio_fdt(DeviceState *dev, FDTContext *ctx)
{
    FDTNode *node = fdt_context_add_node(ctx, "virtio_mmio");

    fdt_context_set_interrupts(ctx, node);
    fdt_context_set_reg(ctx, node);
    fdt_node_set_string(node, "compatible", "virtio,mmio");
}

/* What the driver latched; the device is reset by the bus. */
static void mmio_reset_enter(Object *obj, ResetType type)
{
    VirtioMMIOState *s = VIRTIO_MMIO(obj);

    mmio_clear(s);
    s->page_bits = 0;
}

static bool mmio_realize(DeviceState *dev, GError **error)
{
    VirtioMMIOState *s = VIRTIO_MMIO(dev);

    qbus_init(&s->bus, sizeof(s->bus), TYPE_VIRTIO_MMIO_BUS, dev, NULL);
    memory_region_init_io(&s->mmio, OBJECT(dev), &mmio_ops, s, TYPE_VIRTIO_MMIO, MMIO_SIZE);
    memory_region_clear_global_locking(&s->mmio);
    sysbus_init_mmio(SYS_BUS_DEVICE(dev), &s->mmio);
    sysbus_init_irq(SYS_BUS_DEVICE(dev), &s->irq);
    return true;
}

static const Property mmio_properties[] = {
    DEFINE_PROP_BOOL("force-legacy", VirtioMMIOState, is_legacy, true),
};

static void mmio_class_init(ObjectClass *klass, const void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);

    dc->realize = mmio_realize;
    dc->fdt = mmio_fdt;
    set_bit(DEVICE_CATEGORY_MISC, dc->categories);
    RESETTABLE_CLASS(klass)->phases.enter = mmio_reset_enter;
    device_class_set_props(dc, mmio_properties);
}

static const TypeInfo mmio_types[] = {
    {
        .name = TYPE_VIRTIO_MMIO_BUS,
        .parent = TYPE_VIRTIO_BUS,
        .class_init = mmio_bus_class_init,
    },
    {
        .name = TYPE_VIRTIO_MMIO,
        .parent = TYPE_SYS_BUS_DEVICE,
        .instance_size = sizeof(VirtioMMIOState),
        .class_init = mmio_class_init,
    },
};
DEFINE_TYPES(mmio_types)
