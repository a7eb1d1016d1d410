/* SPDX-License-Identifier: MIT */
/* A driver for virtio devices; see virtio-test.h. */
#include "qemu/osdep.h"

#include "virtio-test.h"
#include "qemu/main-loop.h"
#include "qemu/rcu.h"
#include "qemu/timer.h"
#include "system/address-spaces.h"

#define LEGACY_ALIGN 4096
#define TIMEOUT_NS (10 * NANOSECONDS_PER_SECOND)

static MemoryRegion ram;

void vt_init(int *argc, char ***argv)
{
    g_autoptr(GError) error = NULL;

    hw_test_init(argc, argv);
    memory_region_init_ram(&ram, NULL, "ram", VT_RAM_SIZE, &error);
    g_assert_no_error(error);
    memory_region_add_subregion(get_system_memory(), VT_RAM_BASE, &ram);
}

bool vt_try_plug(VtDevice *d, DeviceState *dev, bool is_legacy, GError **error)
{
    bool ok;

    *d = (VtDevice){.is_legacy = is_legacy, .free = VT_RAM_BASE};
    d->transport = qdev_new("virtio-mmio");
    object_property_set_bool(OBJECT(d->transport), "force-legacy", is_legacy, NULL);
    hw_test_map(d->transport, VT_MMIO_BASE);
    sysbus_connect_irq(SYS_BUS_DEVICE(d->transport), 0, hw_test_sink(&d->irq));
    ok = qdev_realize_and_unref(dev, g_queue_peek_head(&d->transport->child_buses), error);
    if (ok) {
        d->vdev = VIRTIO_DEVICE(dev);
        device_cold_reset(d->transport);
    }
    memset(vt_host(VT_RAM_BASE), 0, VT_RAM_SIZE);
    return ok;
}

void vt_plug(VtDevice *d, DeviceState *dev, bool is_legacy)
{
    g_autoptr(GError) error = NULL;

    vt_try_plug(d, dev, is_legacy, &error);
    g_assert_no_error(error);
}

void vt_unplug(VtDevice *d)
{
    hw_test_unmap(d->transport);
    hw_test_free_sinks();
}

uint32_t vt_read(VtDevice *d, unsigned offset)
{
    return hw_test_read(VT_MMIO_BASE + offset, 4);
}

void vt_write(VtDevice *d, unsigned offset, uint32_t value)
{
    hw_test_write(VT_MMIO_BASE + offset, 4, value);
}

static void write_address(VtDevice *d, unsigned offset, hwaddr value)
{
    vt_write(d, offset, value);
    vt_write(d, offset + 4, value >> 32);
}

uint64_t vt_device_features(VtDevice *d)
{
    uint64_t features;

    vt_write(d, VT_DEVICE_FEATURES_SEL, 1);
    features = (uint64_t)vt_read(d, VT_DEVICE_FEATURES) << 32;
    vt_write(d, VT_DEVICE_FEATURES_SEL, 0);
    return features | vt_read(d, VT_DEVICE_FEATURES);
}

void vt_negotiate(VtDevice *d, uint64_t wanted)
{
    if (d->is_legacy) {
        /* As Linux does: before the reset, which keeps it. */
        vt_write(d, VT_GUEST_PAGE_SIZE, 4096);
    }
    vt_write(d, VT_STATUS, 0);
    vt_write(d, VT_STATUS, VIRTIO_CONFIG_S_ACKNOWLEDGE);
    vt_write(d, VT_STATUS, VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER);
    d->features = vt_device_features(d) & (wanted | BIT_ULL(VIRTIO_F_VERSION_1));
    vt_write(d, VT_DRIVER_FEATURES_SEL, 0);
    vt_write(d, VT_DRIVER_FEATURES, d->features);
    if (d->is_legacy) {
        return;
    }
    vt_write(d, VT_DRIVER_FEATURES_SEL, 1);
    vt_write(d, VT_DRIVER_FEATURES, d->features >> 32);
    vt_write(d, VT_STATUS, vt_read(d, VT_STATUS) | VIRTIO_CONFIG_S_FEATURES_OK);
    g_assert_cmphex(vt_read(d, VT_STATUS) & VIRTIO_CONFIG_S_FEATURES_OK, !=, 0);
}

void vt_driver_ok(VtDevice *d)
{
    vt_write(d, VT_STATUS, vt_read(d, VT_STATUS) | VIRTIO_CONFIG_S_DRIVER_OK);
}

hwaddr vt_alloc(VtDevice *d, size_t size)
{
    hwaddr gpa = d->free;

    d->free = QEMU_ALIGN_UP(gpa + size, (hwaddr)4096);
    g_assert_cmphex(d->free, <=, VT_RAM_BASE + VT_RAM_SIZE);
    memset(vt_host(gpa), 0, size);
    return gpa;
}

void *vt_host(hwaddr gpa)
{
    g_assert(gpa >= VT_RAM_BASE && gpa < VT_RAM_BASE + VT_RAM_SIZE);
    return (char *)memory_region_get_ram_ptr(&ram) + (gpa - VT_RAM_BASE);
}

void vt_queue_init(VtDevice *d, VtQueue *q, unsigned index, unsigned num)
{
    *q = (VtQueue){.d = d, .index = index};
    vt_write(d, VT_QUEUE_SEL, index);
    q->num = num ? num : vt_read(d, VT_QUEUE_SIZE_MAX);
    q->desc_gpa = vt_alloc(d, 16 * q->num + 6 + 2 * q->num);
    q->avail_gpa = q->desc_gpa + 16 * q->num;
    /* In the legacy layout the used ring must be just where this puts it. */
    q->used_gpa = vt_alloc(d, 6 + 8 * q->num);
    q->desc = vt_host(q->desc_gpa);
    q->avail = vt_host(q->avail_gpa);
    q->used = vt_host(q->used_gpa);
    vt_write(d, VT_QUEUE_SIZE, q->num);
    if (d->is_legacy) {
        vt_write(d, VT_QUEUE_ALIGN, LEGACY_ALIGN);
    } else {
        write_address(d, VT_QUEUE_DESC, q->desc_gpa);
        write_address(d, VT_QUEUE_DRIVER, q->avail_gpa);
        write_address(d, VT_QUEUE_DEVICE, q->used_gpa);
    }
    vt_queue_set_ready(q);
}

void vt_queue_set_ready(VtQueue *q)
{
    VtDevice *d = q->d;

    vt_write(d, VT_QUEUE_SEL, q->index);
    if (d->is_legacy) {
        vt_write(d, VT_QUEUE_PFN, q->desc_gpa / 4096);
    } else {
        vt_write(d, VT_QUEUE_READY, 1);
    }
}

static void write_desc(VtDesc *desc, const VtBuffer *buffer, unsigned next, bool is_last)
{
    *desc = (VtDesc){
        .addr = buffer->gpa,
        .len = buffer->len,
        .flags = (buffer->is_write ? VT_DESC_WRITE : 0) | (is_last ? 0 : VT_DESC_NEXT),
        .next = is_last ? 0 : next,
    };
}

/* Descriptors are taken round and round: a test has never more chains than fit. */
static unsigned take_desc(VtQueue *q)
{
    return q->next_desc++ % q->num;
}

void vt_offer(VtQueue *q, uint16_t head)
{
    q->avail[2 + q->avail[1] % q->num] = head;
    q->avail[1]++;
}

unsigned vt_add(VtQueue *q, const VtBuffer *buffers, unsigned num)
{
    unsigned head = take_desc(q);
    unsigned at = head;

    for (unsigned i = 0; i < num; i++) {
        bool is_last = i == num - 1;
        unsigned next = is_last ? 0 : take_desc(q);

        write_desc(&q->desc[at], &buffers[i], next, is_last);
        at = next;
    }
    vt_offer(q, head);
    return head;
}

unsigned vt_add_indirect(VtQueue *q, const VtBuffer *buffers, unsigned num)
{
    unsigned head = take_desc(q);
    hwaddr gpa = vt_alloc(q->d, num * sizeof(VtDesc));
    VtDesc *table = vt_host(gpa);

    for (unsigned i = 0; i < num; i++) {
        write_desc(&table[i], &buffers[i], i + 1, i == num - 1);
    }
    q->desc[head] = (VtDesc){gpa, num * sizeof(VtDesc), VT_DESC_INDIRECT, 0};
    vt_offer(q, head);
    return head;
}

void vt_notify(VtQueue *q)
{
    vt_write(q->d, VT_QUEUE_NOTIFY, q->index);
}

void vt_kick(VtQueue *q)
{
    vt_notify(q);
    hw_test_run_main_loop();
}

unsigned vt_num_used(const VtQueue *q)
{
    return (uint16_t)(q->used[1] - q->seen_used);
}

uint32_t vt_get_used(VtQueue *q, uint32_t *id)
{
    int64_t end = get_clock() + TIMEOUT_NS;
    uint32_t entry[2];

    while (vt_num_used(q) == 0 && get_clock() < end) {
        main_loop_wait(true);
    }
    g_assert_cmpuint(vt_num_used(q), !=, 0);
    memcpy(entry, &q->used[2 + 4 * (q->seen_used % q->num)], sizeof(entry));
    q->seen_used++;
    if (id) {
        *id = entry[0];
    }
    return entry[1];
}

uint32_t vt_do(VtQueue *q, const VtBuffer *buffers, unsigned num)
{
    unsigned head = vt_add(q, buffers, num);
    uint32_t id, len;

    vt_notify(q);
    len = vt_get_used(q, &id);
    g_assert_cmpuint(id, ==, head);
    return len;
}

uint16_t vt_avail_event(const VtQueue *q)
{
    return q->used[2 + 4 * q->num];
}

void vt_set_used_event(VtQueue *q, uint16_t event)
{
    q->avail[2 + q->num] = event;
}

void vt_wait(const unsigned *counter, unsigned value)
{
    int64_t end = get_clock() + TIMEOUT_NS;

    while (*counter < value && get_clock() < end) {
        main_loop_wait(true);
    }
    g_assert_cmpuint(*counter, >=, value);
}
