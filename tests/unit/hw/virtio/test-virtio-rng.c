/* SPDX-License-Identifier: MIT */
/*
 * The entropy device: buffers are filled, at most max-bytes in each period.
 */
#include "qemu/osdep.h"

#include "virtio-test.h"
#include "qemu/units.h"
#include "qom/object_interfaces.h"

typedef struct Fixture {
    VtDevice d;
    VtQueue q;
} Fixture;

static void start(Fixture *f)
{
    vt_negotiate(&f->d, UINT64_MAX);
    vt_queue_init(&f->d, &f->q, 0, 0);
    vt_driver_ok(&f->d);
}

static void set_up_with(Fixture *f, bool is_legacy, uint64_t max_bytes, uint32_t period_ms)
{
    DeviceState *dev = qdev_new("virtio-rng-device");

    object_property_add_child(object_get_root(), "test-rng", OBJECT(dev));
    qdev_prop_set_uint64(dev, "max-bytes", max_bytes);
    qdev_prop_set_uint32(dev, "period", period_ms);
    vt_plug(&f->d, dev, is_legacy);
    start(f);
}

static void set_up(Fixture *f, const void *legacy)
{
    set_up_with(f, GPOINTER_TO_INT(legacy), 10000, 100);
}

static void tear_down(Fixture *f, const void *legacy)
{
    object_unparent(OBJECT(f->d.vdev));
    vt_unplug(&f->d);
}

static bool is_zero(hwaddr gpa, size_t len)
{
    const uint8_t *bytes = vt_host(gpa);

    return len == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, len - 1) == 0);
}

static void test_identity(Fixture *f, const void *legacy)
{
    g_assert_cmpuint(vt_read(&f->d, VT_DEVICE_ID), ==, 4);
    vt_write(&f->d, VT_QUEUE_SEL, 0);
    g_assert_cmpuint(vt_read(&f->d, VT_QUEUE_SIZE_MAX), ==, 8);
    g_assert_cmphex(hw_test_read(VT_MMIO_BASE + VT_CONFIG, 1), ==, 0xff);
}

static void test_fill(Fixture *f, const void *legacy)
{
    hwaddr page = vt_alloc(&f->d, 4096);

    g_assert_cmpuint(vt_do(&f->q, (VtBuffer[]){{page, 64, true}}, 1), ==, 64);
    g_assert_false(is_zero(page, 64));
    g_assert_true(is_zero(page + 64, 4096 - 64));
    g_assert_cmpint(f->d.irq.level, ==, 1);
    /* In pieces; and many at once. */
    g_assert_cmpuint(vt_do(&f->q, (VtBuffer[]){{page, 1, true}, {page + 1, 31, true}}, 2), ==, 32);
    for (unsigned i = 0; i < 8; i++) {
        vt_add(&f->q, (VtBuffer[]){{page + 100 * i, 100, true}}, 1);
    }
    vt_notify(&f->q);
    for (unsigned i = 0; i < 8; i++) {
        g_assert_cmpuint(vt_get_used(&f->q, NULL), ==, 100);
    }
}

static void test_quota(Fixture *f, const void *legacy)
{
    hwaddr page = vt_alloc(&f->d, 16384);

    hw_test_clock_step(100 * SCALE_MS);
    g_assert_cmpuint(vt_do(&f->q, (VtBuffer[]){{page, 16384, true}}, 1), ==, 10000);
    vt_add(&f->q, (VtBuffer[]){{page, 600, true}}, 1);
    vt_kick(&f->q);
    hw_test_clock_step(99 * SCALE_MS);
    hw_test_run_main_loop();
    g_assert_cmpuint(vt_num_used(&f->q), ==, 0);
    hw_test_clock_step(1 * SCALE_MS);
    g_assert_cmpuint(vt_get_used(&f->q, NULL), ==, 600);
}

static void test_no_room(Fixture *f, const void *legacy)
{
    vt_add(&f->q, (VtBuffer[]){{VT_RAM_BASE, 64, false}}, 1);
    vt_kick(&f->q);
    g_assert_true(f->d.vdev->broken);
    start(f);
    test_fill(f, legacy);
}

static void test_reset_while_waiting(Fixture *f, const void *legacy)
{
    hwaddr page = vt_alloc(&f->d, 4096);

    vt_add(&f->q, (VtBuffer[]){{page, 64, true}}, 1);
    vt_notify(&f->q);
    vt_write(&f->d, VT_STATUS, 0);
    hw_test_run_main_loop();
    g_assert_true(is_zero(page, 64));
    start(f);
    test_fill(f, legacy);
}

static void test_stop_while_waiting(Fixture *f, const void *legacy)
{
    hwaddr page = vt_alloc(&f->d, 4096);

    vt_add(&f->q, (VtBuffer[]){{page, 64, true}}, 1);
    vt_notify(&f->q);
    hw_test_set_run_state(RUN_STATE_PAUSED);
    hw_test_run_main_loop();
    g_assert_true(is_zero(page, 64));
    hw_test_set_run_state(RUN_STATE_RUNNING);
    g_assert_cmpuint(vt_get_used(&f->q, NULL), ==, 64);
}

static void test_fuzz(Fixture *f, const void *legacy)
{
    for (unsigned i = 0; i < 50; i++) {
        for (unsigned n = 0; n < f->q.num; n++) {
            f->q.desc[n] = (VtDesc){
                VT_RAM_BASE + g_test_rand_int_range(0, VT_RAM_SIZE),
                (uint32_t)g_test_rand_int() >> g_test_rand_int_range(0, 32),
                g_test_rand_int_range(0, 8),
                g_test_rand_int_range(0, f->q.num + 1),
            };
            f->q.avail[2 + n] = g_test_rand_int_range(0, f->q.num + 1);
        }
        f->q.avail[1] += g_test_rand_int_range(0, f->q.num + 2);
        vt_kick(&f->q);
        hw_test_clock_step(g_test_rand_int_range(0, 100000000));
        if (f->d.vdev->broken) {
            f->d.free = VT_RAM_BASE;
            start(f);
        }
    }
}

static void test_bad_properties(void)
{
    static const struct {
        uint64_t max_bytes;
        uint32_t period_ms;
        const char *message;
    } rows[] = {
        {1, 0, "'period' parameter expects a positive integer"},
        {0, 1, "'max-bytes' parameter must be positive, and less than 2^63"},
        {UINT64_C(1) << 63, 1, "'max-bytes' parameter must be positive, and less than 2^63"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        DeviceState *dev = qdev_new("virtio-rng-device");
        g_autoptr(GError) error = NULL;
        VtDevice d;

        qdev_prop_set_uint64(dev, "max-bytes", rows[i].max_bytes);
        qdev_prop_set_uint32(dev, "period", rows[i].period_ms);
        g_assert_false(vt_try_plug(&d, dev, true, &error));
        g_assert_cmpstr(error->message, ==, rows[i].message);
        vt_unplug(&d);
    }
}

int main(int argc, char **argv)
{
    vt_init(&argc, &argv);
#define ADD(name, func)                                                                            \
    g_test_add("/virtio-rng/legacy/" name, Fixture, GINT_TO_POINTER(1), set_up, func, tear_down);  \
    g_test_add("/virtio-rng/modern/" name, Fixture, GINT_TO_POINTER(0), set_up, func, tear_down)
    ADD("identity", test_identity);
    ADD("fill", test_fill);
    ADD("quota", test_quota);
    ADD("no-room", test_no_room);
    ADD("reset-while-waiting", test_reset_while_waiting);
    ADD("stop-while-waiting", test_stop_while_waiting);
    ADD("fuzz", test_fuzz);
    g_test_add_func("/virtio-rng/bad-properties", test_bad_properties);
    return g_test_run();
}
