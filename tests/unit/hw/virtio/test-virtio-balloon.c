/* SPDX-License-Identifier: MIT */
/*
 * The memory balloon: pages that go back to the host read as zeros, what is no RAM is left alone,
 * statistics are asked for and read, the monitor's questions.
 */
#include "qemu/osdep.h"

#include "virtio-test.h"
#include "hw/core/boards.h"
#include "hw/virtio/balloon.h"
#include "qemu/bswap.h"
#include "qemu/error.h"
#include "qemu/units.h"

enum {
    F_STATS_VQ = 1,
    F_PAGE_POISON = 4,
    F_PAGE_REPORTING = 5,
};

enum {
    INFLATE = 0,
    DEFLATE = 1,
    STATS = 2,
    REPORT = 3,
};

#define PAGE 4096

typedef struct Fixture {
    VtDevice d;
    VtQueue inflate, deflate, stats, report;
    hwaddr numbers, pages; /* pages: 16 of them */
} Fixture;

static void machine_class_init(ObjectClass *klass, const void *data)
{
    MACHINE_CLASS(klass)->desc = "for the balloon";
}
DEFINE_MACHINE("balloon-test", machine_class_init)

static void start(Fixture *f, uint64_t features)
{
    f->d.free = VT_RAM_BASE;
    vt_negotiate(&f->d, features);
    vt_queue_init(&f->d, &f->inflate, INFLATE, 0);
    vt_queue_init(&f->d, &f->deflate, DEFLATE, 0);
    vt_queue_init(&f->d, &f->stats, STATS, 0);
    vt_queue_init(&f->d, &f->report, REPORT, 0);
    vt_driver_ok(&f->d);
    hw_test_run_main_loop();
    f->numbers = vt_alloc(&f->d, PAGE);
    f->pages = vt_alloc(&f->d, 16 * PAGE);
    memset(vt_host(f->pages), 0xee, 16 * PAGE);
}

static void set_up(Fixture *f, const void *legacy)
{
    DeviceState *dev = qdev_new("virtio-balloon-device");

    qdev_prop_set_bit(dev, "free-page-reporting", true);
    vt_plug(&f->d, dev, GPOINTER_TO_INT(legacy));
    start(f, UINT64_MAX & ~BIT_ULL(F_PAGE_POISON));
}

static void tear_down(Fixture *f, const void *legacy)
{
    vt_unplug(&f->d);
}

/* Which of the 16 pages are still as they were: a bit each. The others are zero. */
static unsigned kept(Fixture *f)
{
    unsigned bits = 0;

    for (unsigned i = 0; i < 16; i++) {
        const uint8_t *page = vt_host(f->pages + i * PAGE);

        g_assert_true(page[0] == 0xee || page[0] == 0);
        g_assert_true(memcmp(page, page + 1, PAGE - 1) == 0);
        bits |= page[0] == 0xee ? 1u << i : 0;
    }
    return bits;
}

static void set_number(Fixture *f, unsigned i, hwaddr gpa)
{
    stl_le_p((uint8_t *)vt_host(f->numbers) + 4 * i, gpa / PAGE);
}

static void test_identity(Fixture *f, const void *legacy)
{
    g_assert_cmpuint(vt_read(&f->d, VT_DEVICE_ID), ==, 5);
    g_assert_cmphex(vt_device_features(&f->d) & 0xff, ==,
                    BIT(F_STATS_VQ) | BIT(F_PAGE_POISON) | BIT(F_PAGE_REPORTING));
    g_assert_cmphex(hw_test_read(VT_MMIO_BASE + VT_CONFIG, 4), ==, 0);
    g_assert_cmphex(hw_test_read(VT_MMIO_BASE + VT_CONFIG + 16, 4), ==, 0xffffffff);
}

static void test_inflate(Fixture *f, const void *legacy)
{
    set_number(f, 0, f->pages + 3 * PAGE);
    set_number(f, 1, f->pages + 4 * PAGE);
    set_number(f, 2, f->pages + 1 * PAGE);
    set_number(f, 3, f->pages + 9 * PAGE);
    g_assert_cmpuint(vt_do(&f->inflate, (VtBuffer[]){{f->numbers, 16, false}}, 1), ==, 0);
    g_assert_cmphex(kept(f), ==, 0xffff & ~(1u << 3 | 1u << 4 | 1u << 1 | 1u << 9));
    g_assert_cmpuint(vt_do(&f->deflate, (VtBuffer[]){{f->numbers, 16, false}}, 1), ==, 0);
    /* The memory is there again. */
    memset(vt_host(f->pages + 3 * PAGE), 0xee, PAGE);
    g_assert_cmphex(kept(f), ==, 0xffff & ~(1u << 4 | 1u << 1 | 1u << 9));
}

static void test_inflate_nonsense(Fixture *f, const void *legacy)
{
    set_number(f, 0, 0);
    set_number(f, 1, VT_MMIO_BASE);
    set_number(f, 2, UINT64_C(0xffffffff) * PAGE);
    set_number(f, 3, f->pages);
    /* Half a number at the end; no numbers; far too many. */
    vt_do(&f->inflate, (VtBuffer[]){{f->numbers, 18, false}}, 1);
    vt_do(&f->inflate, (VtBuffer[]){{f->numbers, 2, false}}, 1);
    vt_do(&f->inflate, (VtBuffer[]){{f->numbers, 16, true}}, 1);
    vt_do(&f->inflate, (VtBuffer[]){{VT_RAM_BASE, 1 * MiB, false}}, 1);
    g_assert_cmphex(kept(f), ==, 0xfffe);
    g_assert_false(f->d.vdev->broken);
}

static void test_report(Fixture *f, const void *legacy)
{
    /* Whole pages only. */
    vt_do(&f->report,
          (VtBuffer[]){
              {f->pages + 2 * PAGE, 2 * PAGE, true},
              {f->pages + 7 * PAGE + 10, 2 * PAGE, true},
          },
          2);
    g_assert_cmphex(kept(f), ==, 0xffff & ~(1u << 2 | 1u << 3 | 1u << 8));
    /* Pages that must keep what the driver wrote to them. */
    start(f, UINT64_MAX);
    hw_test_write(VT_MMIO_BASE + VT_CONFIG + 12, 4, 0xaaaaaaaa);
    vt_do(&f->report, (VtBuffer[]){{f->pages, 16 * PAGE, true}}, 1);
    g_assert_cmphex(kept(f), ==, 0xffff);
    hw_test_write(VT_MMIO_BASE + VT_CONFIG + 12, 4, 0);
    vt_do(&f->report, (VtBuffer[]){{f->pages, 16 * PAGE, true}}, 1);
    g_assert_cmphex(kept(f), ==, 0);
}

/* ---- Statistics ---- */

static uint64_t get_stat(Fixture *f, const char *name)
{
    g_autoptr(GVariant) all = object_property_get(OBJECT(f->d.vdev), "guest-stats", NULL);
    g_autoptr(GVariant) stats = g_variant_lookup_value(all, "stats", G_VARIANT_TYPE_VARDICT);
    uint64_t value;

    g_assert_true(g_variant_lookup(stats, name, "t", &value));
    return value;
}

static void offer_stats(Fixture *f, uint16_t tag, uint64_t value)
{
    uint8_t *stats = vt_host(f->numbers);

    stw_le_p(stats, 999);
    stq_le_p(stats + 2, 1);
    stw_le_p(stats + 10, tag);
    stq_le_p(stats + 12, value);
    vt_add(&f->stats, (VtBuffer[]){{f->numbers, 25, false}}, 1);
    vt_kick(&f->stats);
}

static void set_interval(Fixture *f, int64_t seconds)
{
    g_autoptr(GError) error = NULL;

    object_property_set_int(OBJECT(f->d.vdev), "guest-stats-polling-interval", seconds, &error);
    g_assert_no_error(error);
}

static void test_stats(Fixture *f, const void *legacy)
{
    g_assert_cmphex(get_stat(f, "stat-free-memory"), ==, UINT64_MAX);
    offer_stats(f, 4, 1000);
    /* What a legacy driver offers first has no contents. */
    g_assert_cmphex(get_stat(f, "stat-free-memory"), ==, legacy ? UINT64_MAX : 1000);
    hw_test_clock_step(100 * NANOSECONDS_PER_SECOND);
    g_assert_cmpuint(vt_num_used(&f->stats), ==, 0);

    set_interval(f, 2);
    hw_test_clock_step(1);
    vt_get_used(&f->stats, NULL);
    offer_stats(f, 4, 2000);
    g_assert_cmphex(get_stat(f, "stat-free-memory"), ==, 2000);
    g_assert_cmphex(get_stat(f, "stat-total-memory"), ==, UINT64_MAX);
    hw_test_clock_step(1999 * (int64_t)SCALE_MS);
    g_assert_cmpuint(vt_num_used(&f->stats), ==, 0);
    hw_test_clock_step(2 * SCALE_MS);
    g_assert_cmpuint(vt_num_used(&f->stats), ==, 1);
    vt_get_used(&f->stats, NULL);
    set_interval(f, 0);
    offer_stats(f, 5, 3000);
    hw_test_clock_step(100 * NANOSECONDS_PER_SECOND);
    g_assert_cmpuint(vt_num_used(&f->stats), ==, 0);
    g_assert_cmphex(get_stat(f, "stat-total-memory"), ==, 3000);
    /* One buffer too many. */
    offer_stats(f, 5, 3001);
    g_assert_cmpuint(vt_num_used(&f->stats), ==, 1);
    vt_write(&f->d, VT_STATUS, 0);
    start(f, UINT64_MAX);
}

static void test_interval_refused(Fixture *f, const void *legacy)
{
    static const struct {
        int64_t value;
        const char *message;
    } rows[] = {
        {-1, "timer value must be greater than zero"},
        {UINT32_MAX + INT64_C(1), "timer value is too big"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_false(object_property_set_int(OBJECT(f->d.vdev), "guest-stats-polling-interval",
                                               rows[i].value, &error));
        g_assert_cmpstr(error->message, ==, rows[i].message);
    }
}

/* ---- The monitor ---- */

static uint64_t notified_bytes;

static void note_change(Notifier *notifier, void *data)
{
    notified_bytes = *(uint64_t *)data;
}

static void test_monitor(Fixture *f, const void *legacy)
{
    Notifier notifier = {.notify = note_change};
    hwaddr config = VT_MMIO_BASE + VT_CONFIG;
    uint64_t bytes;

    balloon_add_change_notifier(&notifier);
    g_assert_true(balloon_get_actual(&bytes, NULL));
    g_assert_cmpuint(bytes, ==, VT_RAM_SIZE);
    g_assert_true(balloon_set_target(VT_RAM_SIZE - 1 * MiB, NULL));
    g_assert_cmphex(vt_read(&f->d, VT_INTERRUPT_STATUS), ==, VIRTIO_ISR_CONFIG);
    g_assert_cmpuint(hw_test_read(config, 4), ==, 256);
    hw_test_write(config + 4, 4, 256);
    g_assert_cmpuint(notified_bytes, ==, VT_RAM_SIZE - 1 * MiB);
    g_assert_true(balloon_get_actual(&bytes, NULL));
    g_assert_cmpuint(bytes, ==, notified_bytes);
    /* By bytes: the last one counts. */
    hw_test_write(config + 4, 1, 0);
    hw_test_write(config + 5, 1, 2);
    g_assert_cmpuint(notified_bytes, ==, VT_RAM_SIZE - 1 * MiB);
    hw_test_write(config + 7, 1, 0);
    g_assert_cmpuint(notified_bytes, ==, VT_RAM_SIZE - 1 * MiB);
    /* Only the driver's field can be written, and a lie is cut. */
    hw_test_write(config, 4, 7);
    g_assert_cmpuint(hw_test_read(config, 4), ==, 256);
    hw_test_write(config + 4, 4, UINT32_MAX);
    g_assert_cmpuint(notified_bytes, ==, 0);
    g_assert_true(balloon_set_target(UINT64_MAX, NULL));
    g_assert_cmpuint(hw_test_read(config, 4), ==, 0);
    vt_write(&f->d, VT_STATUS, 0);
    g_assert_cmpuint(notified_bytes, ==, VT_RAM_SIZE);
    notifier_remove(&notifier);
}

static void test_second(Fixture *f, const void *legacy)
{
    g_autoptr(GError) error = NULL;
    DeviceState *transport = qdev_new("virtio-mmio");
    DeviceState *dev = qdev_new("virtio-balloon-device");

    hw_test_map(transport, VT_MMIO_BASE + 0x1000);
    g_assert_false(qdev_realize_and_unref(dev, g_queue_peek_head(&transport->child_buses), &error));
    g_assert_cmpstr(error->message, ==, "Only one balloon device is supported");
    hw_test_unmap(transport);
}

static void test_none(void)
{
    g_autoptr(GError) error = NULL;
    uint64_t bytes;

    g_assert_false(balloon_set_target(0, &error));
    g_assert_cmpstr(error->message, ==, "No balloon device has been activated");
    g_assert_cmpstr(error_class_name(error), ==, "DeviceNotActive");
    g_assert_false(balloon_get_actual(&bytes, NULL));
}

static void test_fuzz(Fixture *f, const void *legacy)
{
    VtQueue *queues[] = {&f->inflate, &f->deflate, &f->stats, &f->report};

    set_interval(f, 1);
    for (unsigned i = 0; i < 2000; i++) {
        VtQueue *q = queues[g_test_rand_int_range(0, 4)];

        for (unsigned n = 0; n < 100; n++) {
            set_number(f, n, f->pages + (hwaddr)g_test_rand_int_range(-16, 32) * PAGE);
        }
        vt_add(q,
               (VtBuffer[]){
                   {f->numbers, g_test_rand_int_range(0, 400), g_test_rand_bit()},
                   {f->pages, g_test_rand_int_range(0, 16 * PAGE), true},
               },
               g_test_rand_int_range(1, 3));
        vt_kick(q);
        hw_test_clock_step(g_test_rand_int_range(0, 1000000000));
        if (g_test_rand_int_range(0, 30) == 0 || f->d.vdev->broken) {
            hw_test_fuzz(VT_MMIO_BASE, 0x120, 50);
            start(f, UINT64_MAX);
        }
    }
}

int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    MachineState *machine;

    vt_init(&argc, &argv);
    machine = machine_new(machine_class_find("balloon-test", &error));
    g_assert_no_error(error);
    machine->ram_size = VT_RAM_SIZE;
    g_test_add_func("/virtio-balloon/none", test_none);
#define ADD(name, func)                                                                            \
    g_test_add("/virtio-balloon/legacy/" name, Fixture, GINT_TO_POINTER(1), set_up, func,          \
               tear_down);                                                                         \
    g_test_add("/virtio-balloon/modern/" name, Fixture, GINT_TO_POINTER(0), set_up, func, tear_down)
    ADD("identity", test_identity);
    ADD("inflate", test_inflate);
    ADD("inflate-nonsense", test_inflate_nonsense);
    ADD("report", test_report);
    ADD("stats", test_stats);
    ADD("interval-refused", test_interval_refused);
    ADD("monitor", test_monitor);
    ADD("second", test_second);
    ADD("fuzz", test_fuzz);
    return g_test_run();
}
