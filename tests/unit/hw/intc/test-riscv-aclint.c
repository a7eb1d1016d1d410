/* SPDX-License-Identifier: MIT */
/*
 * The ACLINT's software interrupt devices and machine timer, and the time base it is.
 */
#include "qemu/osdep.h"

#include "../hw-test.h"
#include "hw/core/qdev-properties.h"
#include "hw/core/time-base.h"
#include "qemu/thread.h"
#include "qemu/timer.h"

#define SWI 0x2000000
#define MTIMER 0x2004000
#define MTIME (MTIMER + 0x7ff8)
#define NUM_HARTS 3
#define TICK_NS 100 /* at 10 MHz */

typedef struct Fixture {
    DeviceState *swi, *mtimer;
    HwTestSink msip[NUM_HARTS], mtip[NUM_HARTS];
} Fixture;

static void set_up(Fixture *f, const void *sswi)
{
    f->swi = qdev_new("riscv.aclint.swi");
    qdev_prop_set_uint32(f->swi, "num-harts", NUM_HARTS);
    qdev_prop_set_uint32(f->swi, "sswi", sswi != NULL);
    hw_test_map(f->swi, SWI);
    f->mtimer = qdev_new("riscv.aclint.mtimer");
    qdev_prop_set_uint32(f->mtimer, "num-harts", NUM_HARTS);
    qdev_prop_set_uint32(f->mtimer, "timebase-freq", 10000000);
    hw_test_map(f->mtimer, MTIMER);
    for (int i = 0; i < NUM_HARTS; i++) {
        qdev_connect_gpio_out(f->swi, i, hw_test_sink(&f->msip[i]));
        qdev_connect_gpio_out(f->mtimer, i, hw_test_sink(&f->mtip[i]));
    }
    device_cold_reset(f->mtimer);
}

static void tear_down(Fixture *f, const void *sswi)
{
    hw_test_unmap(f->swi);
    hw_test_unmap(f->mtimer);
    hw_test_free_sinks();
}

static void test_mswi(Fixture *f, const void *data)
{
    hw_test_write(SWI + 4, 4, 0xffffffff);
    g_assert_cmphex(hw_test_read(SWI + 4, 4), ==, 1);
    g_assert_cmphex(hw_test_read(SWI, 4), ==, 0);
    g_assert_cmpint(f->msip[1].level, ==, 1);
    hw_test_write(SWI + 4, 4, 0xfffffffe);
    g_assert_cmpint(f->msip[1].level, ==, 0);
    hw_test_write(SWI + 8, 4, 1);
    device_cold_reset(f->swi);
    g_assert_cmpint(f->msip[2].level, ==, 0);
    g_assert_cmphex(hw_test_read(SWI + 8, 4), ==, 0);
    /* Beyond the last hart there is nothing. */
    hw_test_write(SWI + 4 * NUM_HARTS, 4, 1);
    g_assert_cmphex(hw_test_read(SWI + 4 * NUM_HARTS, 4), ==, 0);
    g_assert_cmpuint(hw_test_try_write(SWI, 8, 0), ==, MEMTX_DECODE_ERROR);
}

static void test_sswi(Fixture *f, const void *data)
{
    hw_test_write(SWI + 4, 4, 0);
    g_assert_cmpuint(f->msip[1].rises, ==, 0);
    hw_test_write(SWI + 4, 4, 1);
    g_assert_cmpuint(f->msip[1].rises, ==, 1);
    g_assert_cmphex(hw_test_read(SWI + 4, 4), ==, 0);
}

static void test_mtime(Fixture *f, const void *data)
{
    uint64_t start = hw_test_read(MTIME, 8);

    g_assert_cmpuint(start, ==, 0);
    hw_test_clock_step(12345 * TICK_NS);
    g_assert_cmpuint(hw_test_read(MTIME, 8), ==, 12345);
    hw_test_write(MTIME, 8, 0x123456789abcdef0);
    hw_test_clock_step(TICK_NS);
    g_assert_cmphex(hw_test_read(MTIME, 8), ==, 0x123456789abcdef1);
    g_assert_cmphex(hw_test_read(MTIME, 4), ==, 0x9abcdef1);
    g_assert_cmphex(hw_test_read(MTIME + 4, 4), ==, 0x12345678);
    hw_test_write(MTIME + 4, 4, 0xaa);
    g_assert_cmphex(hw_test_read(MTIME, 8), ==, 0xaa9abcdef1);
    hw_test_write(MTIME, 4, 0xffffffff);
    hw_test_clock_step(TICK_NS);
    g_assert_cmphex(hw_test_read(MTIME, 8), ==, 0xab00000000);
    device_cold_reset(f->mtimer);
    g_assert_cmpuint(hw_test_read(MTIME, 8), ==, 0);
    g_assert_cmpuint(hw_test_try_read(MTIME, 2), ==, MEMTX_DECODE_ERROR);
    g_assert_cmpuint(hw_test_try_read(MTIME + 4, 8), ==, MEMTX_DECODE_ERROR);
}

static void test_mtimecmp(Fixture *f, const void *data)
{
    /* 0 after reset, as mtime is: pending. */
    g_assert_cmpint(f->mtip[0].level, ==, 1);
    hw_test_write(MTIMER, 8, UINT64_MAX);
    g_assert_cmpint(f->mtip[0].level, ==, 0);
    hw_test_write(MTIMER, 8, 1000);
    hw_test_clock_step(1000 * TICK_NS - 1);
    g_assert_cmpint(f->mtip[0].level, ==, 0);
    hw_test_clock_step(1);
    g_assert_cmpint(f->mtip[0].level, ==, 1);
    /* Halves, in the order the manual gives for 32-bit harts. */
    hw_test_write(MTIMER + 8, 4, UINT32_MAX);
    hw_test_write(MTIMER + 12, 4, 1);
    hw_test_write(MTIMER + 8, 4, 5);
    g_assert_cmphex(hw_test_read(MTIMER + 8, 8), ==, 0x100000005);
    g_assert_cmpint(f->mtip[1].level, ==, 0);
    /* Setting the time moves every hart's comparison. */
    hw_test_write(MTIME, 8, 0x100000004);
    g_assert_cmpint(f->mtip[1].level, ==, 0);
    hw_test_clock_step(TICK_NS);
    g_assert_cmpint(f->mtip[1].level, ==, 1);
    hw_test_write(MTIME, 8, 0);
    g_assert_cmpint(f->mtip[1].level, ==, 0);
    g_assert_cmpint(f->mtip[0].level, ==, 0);
    g_assert_cmpint(f->mtip[2].level, ==, 1);
}

static unsigned changes;

static void changed(Notifier *notifier, void *data)
{
    changes++;
}

static void test_time_base(Fixture *f, const void *data)
{
    TimeBase *tb = TIME_BASE(f->mtimer);
    static Notifier notifier = {.notify = changed};
    int64_t now = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);

    g_assert_cmpuint(time_base_frequency_hz(tb), ==, 10000000);
    g_assert_cmpuint(time_base_read(tb), ==, hw_test_read(MTIME, 8));
    g_assert_cmpint(time_base_deadline_ns(tb, 0), <=, now);
    g_assert_cmpint(time_base_deadline_ns(tb, UINT64_MAX), ==, INT64_MAX);
    /* The deadline is the first moment at which the counter has the value. */
    for (uint64_t ticks = 1; ticks < 1000000; ticks = ticks * 7 + 1) {
        int64_t deadline = time_base_deadline_ns(tb, time_base_read(tb) + ticks);
        uint64_t target = time_base_read(tb) + ticks;

        hw_test_clock_step(deadline - qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) - 1);
        g_assert_cmpuint(time_base_read(tb), ==, target - 1);
        hw_test_clock_step(1);
        g_assert_cmpuint(time_base_read(tb), ==, target);
    }
    time_base_add_change_notifier(tb, &notifier);
    hw_test_write(MTIME, 8, 99);
    g_assert_cmpuint(changes, ==, 1);
    device_cold_reset(f->mtimer);
    g_assert_cmpuint(changes, ==, 2);
    hw_test_write(MTIMER, 8, 1);
    g_assert_cmpuint(changes, ==, 2);
    notifier_remove(&notifier);
}

/* ---- Harts on threads, while this thread holds the BQL: they must not need it ---- */

static void *storm(void *opaque)
{
    GRand *rand = g_rand_new_with_seed(GPOINTER_TO_UINT(opaque));

    for (int i = 0; i < 20000; i++) {
        int hart = g_rand_int_range(rand, 0, NUM_HARTS);

        switch (g_rand_int_range(rand, 0, 5)) {
        case 0:
            hw_test_write(SWI + 4 * hart, 4, g_rand_int(rand));
            break;
        case 1:
            hw_test_read(SWI + 4 * hart, 4);
            break;
        case 2:
            hw_test_write(MTIMER + 8 * hart, 8, g_rand_int(rand));
            break;
        case 3:
            hw_test_write(MTIME, 4, g_rand_int(rand));
            break;
        default:
            hw_test_read(MTIME, 8);
            break;
        }
    }
    g_rand_free(rand);
    return NULL;
}

/* However writes race: in the end each line has the level that the registers say. */
static void test_concurrent(Fixture *f, const void *data)
{
    QemuThread threads[4];
    uint64_t mtime;

    for (unsigned i = 0; i < G_N_ELEMENTS(threads); i++) {
        g_assert_true(qemu_thread_create(&threads[i], "hart", storm, GUINT_TO_POINTER(i),
                                         QEMU_THREAD_JOINABLE, NULL));
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(threads); i++) {
        qemu_thread_join(&threads[i]);
    }
    mtime = hw_test_read(MTIME, 8);
    for (int i = 0; i < NUM_HARTS; i++) {
        g_assert_cmpint(f->msip[i].level, ==, hw_test_read(SWI + 4 * i, 4));
        g_assert_cmpint(f->mtip[i].level, ==, mtime >= hw_test_read(MTIMER + 8 * i, 8));
    }
}

static void test_bad_properties(void)
{
    static const struct {
        const char *type, *property;
        uint32_t value;
    } bad[] = {
        {"riscv.aclint.swi", "num-harts", 0},
        {"riscv.aclint.swi", "num-harts", 4096},
        {"riscv.aclint.mtimer", "timebase-freq", 0},
        {"riscv.aclint.mtimer", "time-base", 0x7ffc},
        {"riscv.aclint.mtimer", "time-base", 0x8000},
        {"riscv.aclint.mtimer", "timecmp-base", 0xfffffff8},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        DeviceState *dev = qdev_new(bad[i].type);
        g_autoptr(GError) error = NULL;

        if (g_str_equal(bad[i].type, "riscv.aclint.mtimer")) {
            qdev_prop_set_uint32(dev, "timebase-freq", 1);
        }
        qdev_prop_set_uint32(dev, bad[i].property, bad[i].value);
        g_assert_false(sysbus_realize(SYS_BUS_DEVICE(dev), &error));
        g_assert_nonnull(error);
        object_unref(dev);
    }
}

static void test_fuzz(Fixture *f, const void *data)
{
    hw_test_fuzz(SWI, 0x4000, 5000);
    hw_test_fuzz(SWI, 4 * NUM_HARTS + 4, 5000);
    hw_test_fuzz(MTIMER, 0x8000, 5000);
    hw_test_fuzz(MTIMER, 8 * NUM_HARTS + 8, 5000);
    hw_test_fuzz(MTIME, 8, 5000);
}

int main(int argc, char **argv)
{
    hw_test_init(&argc, &argv);
#define ADD(name, func) g_test_add("/aclint/" name, Fixture, NULL, set_up, func, tear_down)
    ADD("mswi", test_mswi);
    g_test_add("/aclint/sswi", Fixture, "sswi", set_up, test_sswi, tear_down);
    ADD("mtime", test_mtime);
    ADD("mtimecmp", test_mtimecmp);
    ADD("time-base", test_time_base);
    g_test_add_func("/aclint/bad-properties", test_bad_properties);
    ADD("concurrent", test_concurrent);
    ADD("fuzz", test_fuzz);
    return g_test_run();
}
