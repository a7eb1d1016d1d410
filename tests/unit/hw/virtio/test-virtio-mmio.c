/* SPDX-License-Identifier: MIT */
/*
 * The registers of virtio-mmio in both layouts, feature negotiation, status, configuration space,
 * reset, interrupts, the device tree; with a device of the test's own.
 */
#include "qemu/osdep.h"

#include "virtio-test.h"
#include "hw/core/fdt-context.h"
#include "qemu/bswap.h"
#include "qemu/main-loop.h"

#define TYPE_TEST_DEVICE "virtio-mmio-test-device"
OBJECT_DECLARE_SIMPLE_TYPE(TestDevice, TEST_DEVICE)

#define TEST_FEATURE 3
#define TEST_CONFIG_SIZE 10

struct TestDevice {
    VirtIODevice parent_obj;
    uint8_t config[TEST_CONFIG_SIZE];
    unsigned resets, queue_resets, outputs, config_writes, status_changes;
};

static void test_handle_output(VirtIODevice *vdev, VirtQueue *vq)
{
    TEST_DEVICE(vdev)->outputs++;
}

static bool test_realize(VirtIODevice *vdev, GError **error)
{
    virtio_init(vdev, 42, TEST_CONFIG_SIZE);
    virtio_add_queue(vdev, 16, test_handle_output);
    virtio_add_queue(vdev, 64, test_handle_output);
    return true;
}

static uint64_t test_get_features(VirtIODevice *vdev, uint64_t features)
{
    return features | BIT_ULL(TEST_FEATURE);
}

static void test_get_config(VirtIODevice *vdev)
{
    memcpy(vdev->config, TEST_DEVICE(vdev)->config, TEST_CONFIG_SIZE);
}

static void test_set_config(VirtIODevice *vdev, unsigned offset, unsigned size)
{
    TEST_DEVICE(vdev)->config_writes++;
    /* The first four bytes are read only. */
    memcpy(TEST_DEVICE(vdev)->config + 4, vdev->config + 4, TEST_CONFIG_SIZE - 4);
}

static void test_reset(VirtIODevice *vdev)
{
    TEST_DEVICE(vdev)->resets++;
}

static void test_queue_reset(VirtIODevice *vdev, VirtQueue *vq)
{
    TEST_DEVICE(vdev)->queue_resets++;
}

static void test_set_status(VirtIODevice *vdev)
{
    TEST_DEVICE(vdev)->status_changes++;
}

static void test_class_init(ObjectClass *klass, const void *data)
{
    VirtioDeviceClass *vdc = VIRTIO_DEVICE_CLASS(klass);

    vdc->realize = test_realize;
    vdc->unrealize = virtio_cleanup;
    vdc->get_features = test_get_features;
    vdc->get_config = test_get_config;
    vdc->set_config = test_set_config;
    vdc->set_status = test_set_status;
    vdc->reset = test_reset;
    vdc->queue_reset = test_queue_reset;
}

static const TypeInfo test_types[] = {
    {
        .name = TYPE_TEST_DEVICE,
        .parent = TYPE_VIRTIO_DEVICE,
        .instance_size = sizeof(TestDevice),
        .class_init = test_class_init,
    },
};
DEFINE_TYPES(test_types)

static void set_up(VtDevice *d, const void *legacy)
{
    vt_plug(d, qdev_new(TYPE_TEST_DEVICE), GPOINTER_TO_INT(legacy));
}

static void tear_down(VtDevice *d, const void *legacy)
{
    vt_unplug(d);
}

static TestDevice *device(VtDevice *d)
{
    return TEST_DEVICE(d->vdev);
}

static void test_identity(VtDevice *d, const void *legacy)
{
    g_assert_cmphex(vt_read(d, VT_MAGIC), ==, 0x74726976);
    g_assert_cmpuint(vt_read(d, VT_VERSION), ==, legacy ? 1 : 2);
    g_assert_cmpuint(vt_read(d, VT_DEVICE_ID), ==, 42);
    g_assert_cmphex(vt_read(d, VT_VENDOR_ID), ==, 0x554d4551);
    for (unsigned n = 0; n < 4; n++) {
        static const unsigned sizes[] = {16, 64, 0, 0};

        vt_write(d, VT_QUEUE_SEL, n == 3 ? UINT32_MAX : n);
        g_assert_cmpuint(vt_read(d, VT_QUEUE_SIZE_MAX), ==, sizes[n]);
    }
    /* Registers are 32 bits wide, and no others exist. */
    g_assert_cmphex(hw_test_read(VT_MMIO_BASE, 1), ==, 0);
    g_assert_cmphex(hw_test_read(VT_MMIO_BASE + VT_VERSION, 2), ==, 0);
    g_assert_cmphex(vt_read(d, 0x018), ==, 0);
    g_assert_cmpint(hw_test_try_read(VT_MMIO_BASE, 8), !=, MEMTX_OK);
    g_assert_cmphex(vt_read(d, VT_QUEUE_SEL), ==, 0);
}

static void test_features(VtDevice *d, const void *legacy)
{
    uint64_t common = BIT_ULL(TEST_FEATURE) | BIT_ULL(VIRTIO_RING_F_INDIRECT_DESC) |
                      BIT_ULL(VIRTIO_RING_F_EVENT_IDX);
    uint64_t old = BIT_ULL(VIRTIO_F_NOTIFY_ON_EMPTY) | BIT_ULL(VIRTIO_F_ANY_LAYOUT);
    uint64_t modern = BIT_ULL(VIRTIO_F_VERSION_1) | BIT_ULL(VIRTIO_F_RING_RESET);

    g_assert_cmphex(vt_device_features(d), ==, common | (legacy ? old : modern));
    vt_write(d, VT_DEVICE_FEATURES_SEL, 2);
    g_assert_cmphex(vt_read(d, VT_DEVICE_FEATURES), ==, 0);

    vt_negotiate(d, BIT_ULL(TEST_FEATURE));
    g_assert_cmphex(d->vdev->guest_features, ==, d->features);
    g_assert_true(virtio_vdev_has_feature(d->vdev, TEST_FEATURE));
    g_assert_false(virtio_vdev_has_feature(d->vdev, VIRTIO_RING_F_EVENT_IDX));
}

static void test_features_refused(VtDevice *d, const void *legacy)
{
    vt_write(d, VT_STATUS, 3);
    vt_write(d, VT_DRIVER_FEATURES_SEL, 0);
    vt_write(d, VT_DRIVER_FEATURES, BIT(TEST_FEATURE) | BIT(7));
    if (legacy) {
        /* Nothing can say no; what is not offered does not count. */
        g_assert_cmphex(d->vdev->guest_features, ==, BIT(TEST_FEATURE));
        return;
    }
    vt_write(d, VT_STATUS, 0xb);
    g_assert_cmphex(vt_read(d, VT_STATUS), ==, 3);
    /* A better choice is taken, and is final. */
    vt_write(d, VT_DRIVER_FEATURES, BIT(TEST_FEATURE));
    vt_write(d, VT_STATUS, 0xb);
    g_assert_cmphex(vt_read(d, VT_STATUS), ==, 0xb);
    vt_write(d, VT_DRIVER_FEATURES, 0);
    vt_write(d, VT_STATUS, 0xf);
    g_assert_cmphex(d->vdev->guest_features, ==, BIT(TEST_FEATURE));
    g_assert_cmpuint(device(d)->status_changes, ==, 4);
}

static void test_config(VtDevice *d, const void *legacy)
{
    hwaddr config = VT_MMIO_BASE + VT_CONFIG;

    for (unsigned i = 0; i < TEST_CONFIG_SIZE; i++) {
        device(d)->config[i] = i + 1;
    }
    g_assert_cmphex(hw_test_read(config, 1), ==, 1);
    g_assert_cmphex(hw_test_read(config + 2, 2), ==, 0x0403);
    g_assert_cmphex(hw_test_read(config + 4, 4), ==, 0x08070605);
    g_assert_cmphex(hw_test_read(config + 9, 1), ==, 10);
    /* Beyond its end, and across it. */
    g_assert_cmphex(hw_test_read(config + 10, 1), ==, 0xff);
    g_assert_cmphex(hw_test_read(config + 8, 4), ==, 0xffffffff);
    g_assert_cmphex(hw_test_read(config + 0xfc, 4), ==, 0xffffffff);
    hw_test_write(config + 10, 1, 5);
    hw_test_write(config + 8, 4, 5);
    g_assert_cmpuint(device(d)->config_writes, ==, 0);

    hw_test_write(config + 4, 4, 0xa1b2c3d4);
    hw_test_write(config + 9, 1, 0x77);
    hw_test_write(config, 1, 0x99);
    g_assert_cmpuint(device(d)->config_writes, ==, 3);
    g_assert_cmphex(ldl_le_p(device(d)->config + 4), ==, 0xa1b2c3d4);
    g_assert_cmphex(device(d)->config[9], ==, 0x77);
    g_assert_cmphex(hw_test_read(config, 1), ==, 1);
}

static void test_config_change(VtDevice *d, const void *legacy)
{
    uint32_t generation = legacy ? 0 : vt_read(d, VT_CONFIG_GENERATION);

    /* Not before the driver is ready. */
    virtio_notify_config(d->vdev);
    g_assert_cmpint(d->irq.level, ==, 0);
    vt_negotiate(d, 0);
    vt_driver_ok(d);
    virtio_notify_config(d->vdev);
    g_assert_cmpint(d->irq.level, ==, 1);
    g_assert_cmphex(vt_read(d, VT_INTERRUPT_STATUS), ==, VIRTIO_ISR_CONFIG);
    vt_write(d, VT_INTERRUPT_ACK, VIRTIO_ISR_QUEUE);
    g_assert_cmpint(d->irq.level, ==, 1);
    vt_write(d, VT_INTERRUPT_ACK, VIRTIO_ISR_CONFIG);
    g_assert_cmpint(d->irq.level, ==, 0);
    g_assert_cmphex(vt_read(d, VT_INTERRUPT_STATUS), ==, 0);
    if (!legacy) {
        g_assert_cmpuint(vt_read(d, VT_CONFIG_GENERATION), !=, generation);
    }
}

/* Whether the queue is set up, in either layout's words. */
static bool is_ready(VtDevice *d, unsigned n)
{
    vt_write(d, VT_QUEUE_SEL, n);
    return vt_read(d, d->is_legacy ? VT_QUEUE_PFN : VT_QUEUE_READY) != 0;
}

static void test_queues(VtDevice *d, const void *legacy)
{
    VtQueue q[2];

    vt_negotiate(d, 0);
    vt_queue_init(d, &q[1], 1, 32);
    g_assert_false(is_ready(d, 0));
    g_assert_true(is_ready(d, 1));
    if (legacy) {
        g_assert_cmphex(vt_read(d, VT_QUEUE_PFN), ==, q[1].desc_gpa / 4096);
    }
    g_assert_cmpuint(virtio_queue_get_num(virtio_get_queue(d->vdev, 1)), ==, 32);
    vt_queue_init(d, &q[0], 0, 0);
    vt_driver_ok(d);

    hw_test_run_main_loop();
    device(d)->outputs = 0;
    vt_notify(&q[0]);
    vt_notify(&q[0]);
    g_assert_cmpuint(device(d)->outputs, ==, 0);
    hw_test_run_main_loop();
    g_assert_cmpuint(device(d)->outputs, ==, 1);
    /* Of no queue: logged. */
    vt_write(d, VT_QUEUE_NOTIFY, 2);
    vt_write(d, VT_QUEUE_NOTIFY, UINT32_MAX);

    /* Taken down: the device is told, and does not run it. */
    vt_write(d, VT_QUEUE_SEL, 0);
    vt_write(d, legacy ? VT_QUEUE_PFN : VT_QUEUE_READY, 0);
    g_assert_cmpuint(device(d)->queue_resets, ==, 1);
    vt_kick(&q[0]);
    g_assert_cmpuint(device(d)->outputs, ==, 1);
    g_assert_false(is_ready(d, 0));
}

/* Queues of sizes that cannot be, and what is written for queues that are not. */
static void test_queue_nonsense(VtDevice *d, const void *legacy)
{
    static const uint32_t sizes[] = {0, 3, 32, 65536, UINT32_MAX};

    vt_negotiate(d, 0);
    vt_write(d, VT_QUEUE_SEL, 0);
    for (unsigned i = 0; i < G_N_ELEMENTS(sizes); i++) {
        vt_write(d, VT_QUEUE_SIZE, sizes[i]);
        g_assert_cmpuint(virtio_queue_get_num(virtio_get_queue(d->vdev, 0)), ==, 16);
    }
    vt_write(d, VT_QUEUE_SEL, 77);
    for (unsigned offset = VT_QUEUE_SIZE; offset < 0x100; offset += 4) {
        if (offset != VT_STATUS) {
            vt_write(d, offset, 1);
        }
    }
    vt_write(d, VT_GUEST_PAGE_SIZE, 0);
    vt_write(d, VT_GUEST_PAGE_SIZE, 5000);
    vt_write(d, VT_QUEUE_SEL, 0);
    vt_write(d, VT_QUEUE_ALIGN, 0);
    vt_write(d, VT_QUEUE_ALIGN, 24);
    g_assert_false(is_ready(d, 0));
}

/* Rings where there is no RAM: the device is broken, and works after a reset. */
static void test_rings_nowhere(VtDevice *d, const void *legacy)
{
    VtQueue q = {.d = d, .desc_gpa = 0x40000000};

    vt_negotiate(d, 0);
    vt_driver_ok(d);
    if (!legacy) {
        vt_write(d, VT_QUEUE_SEL, 0);
        vt_write(d, VT_QUEUE_DESC, 0x40000000);
    }
    vt_queue_set_ready(&q);
    g_assert_false(is_ready(d, 0));
    g_assert_true(d->vdev->broken);
    if (!legacy) {
        g_assert_cmphex(vt_read(d, VT_STATUS) & VIRTIO_CONFIG_S_NEEDS_RESET, !=, 0);
        g_assert_cmphex(vt_read(d, VT_INTERRUPT_STATUS), ==, VIRTIO_ISR_CONFIG);
        /* The driver cannot take that bit away. */
        vt_write(d, VT_STATUS, 0xf);
        g_assert_cmphex(vt_read(d, VT_STATUS), ==, 0x4f);
    }
    vt_negotiate(d, 0);
    g_assert_false(d->vdev->broken);
    g_assert_cmpint(d->irq.level, ==, 0);
    vt_queue_init(d, &q, 0, 0);
    g_assert_true(is_ready(d, 0));
}

static void check_reset(VtDevice *d)
{
    g_assert_cmphex(vt_read(d, VT_STATUS), ==, 0);
    g_assert_cmphex(vt_read(d, VT_INTERRUPT_STATUS), ==, 0);
    g_assert_cmpint(d->irq.level, ==, 0);
    g_assert_cmphex(d->vdev->guest_features, ==, 0);
    g_assert_false(is_ready(d, 0));
    g_assert_false(is_ready(d, 1));
    g_assert_cmpuint(virtio_queue_get_num(virtio_get_queue(d->vdev, 1)), ==, 64);
}

static void test_resets(VtDevice *d, const void *legacy)
{
    VtQueue q;
    unsigned resets;

    for (unsigned i = 0; i < 2; i++) {
        vt_negotiate(d, BIT_ULL(TEST_FEATURE));
        vt_queue_init(d, &q, 1, 8);
        vt_driver_ok(d);
        virtio_notify_config(d->vdev);
        resets = device(d)->resets;
        if (i == 0) {
            vt_write(d, VT_STATUS, 0);
        } else {
            device_cold_reset(d->transport);
        }
        g_assert_cmpuint(device(d)->resets, ==, resets + 1);
        check_reset(d);
    }
}

static void test_queue_reset_register(VtDevice *d, const void *legacy)
{
    VtQueue q;

    vt_negotiate(d, 0);
    vt_queue_init(d, &q, 0, 8);
    vt_write(d, VT_QUEUE_RESET, 1);
    g_assert_true(is_ready(d, 0)); /* was not negotiated */
    vt_negotiate(d, BIT_ULL(VIRTIO_F_RING_RESET));
    vt_queue_init(d, &q, 0, 8);
    vt_write(d, VT_QUEUE_RESET, 1);
    g_assert_cmphex(vt_read(d, VT_QUEUE_RESET), ==, 0);
    g_assert_false(is_ready(d, 0));
    g_assert_cmpuint(device(d)->queue_resets, ==, 1);
    vt_queue_init(d, &q, 0, 16);
    g_assert_true(is_ready(d, 0));
}

/* Handlers do not run before the driver is ready, nor while the machine stands. */
static void test_when_handlers_run(VtDevice *d, const void *legacy)
{
    unsigned expected = legacy ? 1 : 0;
    VtQueue q;

    vt_negotiate(d, 0);
    vt_queue_init(d, &q, 0, 0);
    vt_kick(&q);
    g_assert_cmpuint(device(d)->outputs, ==, expected);
    vt_driver_ok(d);
    hw_test_run_main_loop();
    g_assert_cmpuint(device(d)->outputs, ==, 1);

    vt_notify(&q);
    hw_test_set_run_state(RUN_STATE_PAUSED);
    g_assert_cmpuint(device(d)->outputs, ==, 2);
    vt_kick(&q);
    g_assert_cmpuint(device(d)->outputs, ==, 2);
    hw_test_set_run_state(RUN_STATE_RUNNING);
    hw_test_run_main_loop();
    g_assert_cmpuint(device(d)->outputs, ==, 3);
}

static void test_empty_transport(void)
{
    DeviceState *transport = qdev_new("virtio-mmio");
    BusState *bus;

    hw_test_map(transport, VT_MMIO_BASE);
    g_assert_cmphex(hw_test_read(VT_MMIO_BASE + VT_MAGIC, 4), ==, 0x74726976);
    g_assert_cmphex(hw_test_read(VT_MMIO_BASE + VT_VERSION, 4), ==, 1);
    g_assert_cmphex(hw_test_read(VT_MMIO_BASE + VT_DEVICE_ID, 4), ==, 0);
    g_assert_cmphex(hw_test_read(VT_MMIO_BASE + VT_VENDOR_ID, 4), ==, 0x554d4551);
    hw_test_fuzz(VT_MMIO_BASE, 0x200, 5000);
    g_assert_cmphex(hw_test_read(VT_MMIO_BASE + VT_STATUS, 4), ==, 0);
    bus = g_queue_peek_head(&transport->child_buses);
    g_assert_true(g_str_has_prefix(bus->name, "virtio-mmio-bus."));
    hw_test_unmap(transport);
}

static void test_fdt(VtDevice *d, const void *legacy)
{
    g_autoptr(FDTContext) ctx = fdt_context_new();
    FDTReg reg = {VT_MMIO_BASE, 0x1000};
    FDTPlace place = {.parent = fdt_context_root(ctx), .regs = &reg, .num_regs = 1};
    FDTNode *node;

    fdt_context_write_device(ctx, d->transport, &place);
    node = fdt_context_find(ctx, "/virtio_mmio@10008000");
    g_assert_nonnull(node);
    g_assert_cmpstr(fdt_node_get(node, "compatible", NULL), ==, "virtio,mmio");
}

static void test_fuzz(VtDevice *d, const void *legacy)
{
    for (unsigned i = 0; i < 20; i++) {
        hw_test_fuzz(VT_MMIO_BASE, 0x200, 1000);
        vt_write(d, VT_STATUS, g_test_rand_bit() ? 0 : 0xf);
    }
}

int main(int argc, char **argv)
{
    vt_init(&argc, &argv);
#define ADD_ONE(name, func, legacy)                                                                \
    g_test_add("/virtio-mmio/" name, VtDevice, GINT_TO_POINTER(legacy), set_up, func, tear_down)
#define ADD(name, func)                                                                            \
    ADD_ONE("legacy/" name, func, 1);                                                              \
    ADD_ONE("modern/" name, func, 0)
    ADD("identity", test_identity);
    ADD("features", test_features);
    ADD("features-refused", test_features_refused);
    ADD("config", test_config);
    ADD("config-change", test_config_change);
    ADD("queues", test_queues);
    ADD("queue-nonsense", test_queue_nonsense);
    ADD("rings-nowhere", test_rings_nowhere);
    ADD("resets", test_resets);
    ADD_ONE("modern/queue-reset", test_queue_reset_register, 0);
    ADD("when-handlers-run", test_when_handlers_run);
    ADD("fdt", test_fdt);
    ADD("fuzz", test_fuzz);
    g_test_add_func("/virtio-mmio/empty", test_empty_transport);
    return g_test_run();
}
