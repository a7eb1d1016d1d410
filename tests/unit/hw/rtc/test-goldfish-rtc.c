/* SPDX-License-Identifier: MIT */
/*
 * The Goldfish RTC, on guest time so that the test can move it.
 */
#include "qemu/osdep.h"

#include "../hw-test.h"
#include "hw/core/qdev-properties.h"
#include "qemu/timer.h"

#define BASE 0x101000

enum {
    TIME_LOW = 0x00,
    TIME_HIGH = 0x04,
    ALARM_LOW = 0x08,
    ALARM_HIGH = 0x0c,
    IRQ_ENABLED = 0x10,
    CLEAR_ALARM = 0x14,
    ALARM_STATUS = 0x18,
    CLEAR_INTERRUPT = 0x1c,
};

#define NS_2006 (UINT64_C(1150560081) * NANOSECONDS_PER_SECOND) /* 2006-06-17T16:01:21 UTC */

typedef struct Fixture {
    DeviceState *dev;
    HwTestSink irq;
} Fixture;

static void set_up(Fixture *f, const void *base)
{
    g_autoptr(GError) error = NULL;

    f->dev = qdev_new("goldfish_rtc");
    object_property_parse(OBJECT(f->dev), "clock", "vm", &error);
    g_assert_no_error(error);
    qdev_prop_set_string(f->dev, "base", base);
    hw_test_map(f->dev, BASE);
    sysbus_connect_irq(SYS_BUS_DEVICE(f->dev), 0, hw_test_sink(&f->irq));
}

static void tear_down(Fixture *f, const void *base)
{
    hw_test_unmap(f->dev);
    hw_test_free_sinks();
}

static uint64_t get_time(void)
{
    uint64_t low = hw_test_read(BASE + TIME_LOW, 4);

    return hw_test_read(BASE + TIME_HIGH, 4) << 32 | low;
}

static void set_time(uint64_t ns)
{
    hw_test_write(BASE + TIME_HIGH, 4, ns >> 32);
    hw_test_write(BASE + TIME_LOW, 4, (uint32_t)ns);
}

static void set_alarm(uint64_t ns)
{
    hw_test_write(BASE + ALARM_HIGH, 4, ns >> 32);
    hw_test_write(BASE + ALARM_LOW, 4, (uint32_t)ns);
}

static void test_time(Fixture *f, const void *base)
{
    g_assert_cmpuint(get_time(), ==, NS_2006);
    hw_test_clock_step(5 * NANOSECONDS_PER_SECOND);
    g_assert_cmpuint(get_time(), ==, NS_2006 + 5 * NANOSECONDS_PER_SECOND);
    /* The upper half is that of the moment at which the lower half was read. */
    set_time(0x1ffffffff);
    g_assert_cmphex(hw_test_read(BASE + TIME_LOW, 4), ==, 0xffffffff);
    hw_test_clock_step(1);
    g_assert_cmphex(hw_test_read(BASE + TIME_HIGH, 4), ==, 1);
    g_assert_cmphex(get_time(), ==, 0x200000000);
    device_cold_reset(f->dev);
    g_assert_cmphex(get_time(), ==, 0x200000000);
}

static void test_alarm(Fixture *f, const void *base)
{
    set_alarm(NS_2006 + 1000);
    g_assert_cmpuint(hw_test_read(BASE + ALARM_STATUS, 4), ==, 1);
    hw_test_clock_step(1000);
    g_assert_cmpuint(hw_test_read(BASE + ALARM_STATUS, 4), ==, 0);
    /* Pending, but not enabled. */
    g_assert_cmpint(f->irq.level, ==, 0);
    hw_test_write(BASE + IRQ_ENABLED, 4, 1);
    g_assert_cmpint(f->irq.level, ==, 1);
    hw_test_write(BASE + CLEAR_INTERRUPT, 4, 1);
    g_assert_cmpint(f->irq.level, ==, 0);

    set_alarm(get_time() + 500);
    hw_test_write(BASE + CLEAR_ALARM, 4, 1);
    hw_test_clock_step(1000);
    g_assert_cmpint(f->irq.level, ==, 0);

    /* In the past: at once. */
    set_alarm(1);
    g_assert_cmpint(f->irq.level, ==, 1);
    hw_test_write(BASE + CLEAR_INTERRUPT, 4, 1);

    /* Setting the time past the alarm. */
    set_alarm(NS_2006 + 3600 * NANOSECONDS_PER_SECOND);
    set_time(NS_2006 + 3599 * NANOSECONDS_PER_SECOND);
    g_assert_cmpint(f->irq.level, ==, 0);
    hw_test_clock_step(NANOSECONDS_PER_SECOND);
    g_assert_cmpint(f->irq.level, ==, 1);

    set_alarm(UINT64_MAX);
    g_assert_cmpuint(hw_test_read(BASE + ALARM_STATUS, 4), ==, 1);
    device_cold_reset(f->dev);
    g_assert_cmpint(f->irq.level, ==, 0);
    g_assert_cmpuint(hw_test_read(BASE + ALARM_STATUS, 4), ==, 0);
}

static void test_base(void)
{
    static const struct {
        const char *base;
        bool valid;
    } rows[] = {
        {"utc", true},         {"localtime", true},
        {"2006-06-17", true},  {"2006-06-17T16:01:21", true},
        {"2006-13-17", false}, {"yesterday", false},
        {"", false},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        DeviceState *dev = qdev_new("goldfish_rtc");
        g_autoptr(GError) error = NULL;

        qdev_prop_set_string(dev, "base", rows[i].base);
        g_assert_cmpint(sysbus_realize(SYS_BUS_DEVICE(dev), &error), ==, rows[i].valid);
        if (rows[i].valid) {
            object_unparent(OBJECT(dev));
        } else {
            g_assert_cmpstr(error->message, ==, "invalid datetime format");
        }
        object_unref(dev);
    }
}

static void test_host_clock(void)
{
    DeviceState *dev = qdev_new("goldfish_rtc");
    uint64_t before, now;

    hw_test_map(dev, BASE);
    before = qemu_clock_get_ns(QEMU_CLOCK_HOST);
    now = get_time();
    g_assert_cmpuint(now, >=, before);
    g_assert_cmpuint(now, <=, qemu_clock_get_ns(QEMU_CLOCK_HOST));
    hw_test_unmap(dev);
}

static void test_fuzz(Fixture *f, const void *base)
{
    hw_test_fuzz(BASE, 0x24, 20000);
}

int main(int argc, char **argv)
{
    hw_test_init(&argc, &argv);
#define ADD(name, func)                                                                            \
    g_test_add("/goldfish-rtc/" name, Fixture, "2006-06-17T16:01:21", set_up, func, tear_down)
    ADD("time", test_time);
    ADD("alarm", test_alarm);
    ADD("fuzz", test_fuzz);
    g_test_add_func("/goldfish-rtc/base", test_base);
    g_test_add_func("/goldfish-rtc/host-clock", test_host_clock);
    return g_test_run();
}
