/* SPDX-License-Identifier: MIT */
/*
 * The PLIC, by the chapters of its specification, on two contexts of a 96-source controller.
 */
#include "qemu/osdep.h"

#include "../hw-test.h"
#include "hw/core/qdev-properties.h"
#include "qemu/atomic.h"
#include "qemu/thread.h"

#define BASE 0xc000000
#define NUM_SOURCES 96
#define NUM_CTX 4

typedef struct Fixture {
    DeviceState *dev;
    HwTestSink out[NUM_CTX];
} Fixture;

static Fixture *storm_fixture;

static void set_up(Fixture *f, const void *data)
{
    f->dev = qdev_new("riscv.sifive.plic");
    qdev_prop_set_string(f->dev, "hart-config", "MS,MS");
    qdev_prop_set_uint32(f->dev, "num-sources", NUM_SOURCES);
    qdev_prop_set_uint32(f->dev, "num-priorities", 7);
    qdev_prop_set_uint32(f->dev, "pending-base", 0x1000);
    qdev_prop_set_uint32(f->dev, "enable-base", 0x2000);
    qdev_prop_set_uint32(f->dev, "enable-stride", 0x80);
    qdev_prop_set_uint32(f->dev, "context-base", 0x200000);
    qdev_prop_set_uint32(f->dev, "context-stride", 0x1000);
    qdev_prop_set_uint32(f->dev, "aperture-size", 0x600000);
    hw_test_map(f->dev, BASE);
    for (int i = 0; i < NUM_CTX; i++) {
        qdev_connect_gpio_out(f->dev, i, hw_test_sink(&f->out[i]));
    }
}

static void tear_down(Fixture *f, const void *data)
{
    hw_test_unmap(f->dev);
    hw_test_free_sinks();
}

static void set_level(Fixture *f, int source, int level)
{
    qemu_set_irq(qdev_get_gpio_in(f->dev, source), level);
}

static void set_priority(int source, uint32_t priority)
{
    hw_test_write(BASE + 4 * source, 4, priority);
}

static void enable(int ctx, int source)
{
    hwaddr addr = BASE + 0x2000 + 0x80 * ctx + source / 32 * 4;

    hw_test_write(addr, 4, hw_test_read(addr, 4) | 1u << (source % 32));
}

static void set_threshold(int ctx, uint32_t threshold)
{
    hw_test_write(BASE + 0x200000 + 0x1000 * ctx, 4, threshold);
}

static uint32_t claim(int ctx)
{
    return hw_test_read(BASE + 0x200004 + 0x1000 * ctx, 4);
}

static void complete(int ctx, uint32_t source)
{
    hw_test_write(BASE + 0x200004 + 0x1000 * ctx, 4, source);
}

static bool pending(int source)
{
    return hw_test_read(BASE + 0x1000 + source / 32 * 4, 4) >> (source % 32) & 1;
}

static void test_registers(Fixture *f, const void *data)
{
    set_priority(5, 0xffffffff);
    g_assert_cmphex(hw_test_read(BASE + 20, 4), ==, 7);
    set_priority(0, 7);
    g_assert_cmphex(hw_test_read(BASE, 4), ==, 0);
    set_threshold(1, 0xffffffff);
    g_assert_cmphex(hw_test_read(BASE + 0x201000, 4), ==, 7);
    /* Source 0 cannot be enabled, the last one can, what follows is reserved. */
    for (int word = 0; word < 4; word++) {
        hw_test_write(BASE + 0x2000 + word * 4, 4, 0xffffffff);
    }
    g_assert_cmphex(hw_test_read(BASE + 0x2000, 4), ==, 0xfffffffe);
    g_assert_cmphex(hw_test_read(BASE + 0x2008, 4), ==, 0xffffffff);
    g_assert_cmphex(hw_test_read(BASE + 0x200c, 4), ==, 0);
    g_assert_cmphex(hw_test_read(BASE + 0x2080, 4), ==, 0);
    hw_test_write(BASE + 0x1000, 4, 0xffffffff);
    g_assert_cmphex(hw_test_read(BASE + 0x1000, 4), ==, 0);
    g_assert_cmpuint(hw_test_try_read(BASE, 1), ==, MEMTX_DECODE_ERROR);
    g_assert_cmpuint(hw_test_try_write(BASE, 8, 0), ==, MEMTX_DECODE_ERROR);
}

static void test_claim_complete(Fixture *f, const void *data)
{
    set_priority(10, 1);
    enable(1, 10);
    set_level(f, 10, 1);
    g_assert_true(pending(10));
    g_assert_cmpint(f->out[1].level, ==, 1);
    g_assert_cmpint(f->out[0].level, ==, 0);
    g_assert_cmpuint(claim(1), ==, 10);
    g_assert_false(pending(10));
    g_assert_cmpint(f->out[1].level, ==, 0);
    g_assert_cmpuint(claim(1), ==, 0);
    /* The gateway is closed until completion, then sees that the level is still high. */
    set_level(f, 10, 1);
    g_assert_false(pending(10));
    complete(1, 10);
    g_assert_true(pending(10));
    g_assert_cmpuint(claim(1), ==, 10);
    set_level(f, 10, 0);
    complete(1, 10);
    g_assert_false(pending(10));
    g_assert_cmpint(f->out[1].level, ==, 0);
}

/* "the interrupt request remains present in the IP bit": a level that falls too early. */
static void test_withdrawn_level(Fixture *f, const void *data)
{
    set_priority(3, 1);
    enable(0, 3);
    set_level(f, 3, 1);
    set_level(f, 3, 0);
    g_assert_cmpint(f->out[0].level, ==, 1);
    g_assert_cmpuint(claim(0), ==, 3);
    complete(0, 3);
    g_assert_cmpint(f->out[0].level, ==, 0);
}

static void test_priorities(Fixture *f, const void *data)
{
    static const int sources[] = {95, 1, 64, 33};
    static const uint32_t order[] = {33, 64, 1, 95};

    set_priority(95, 1);
    set_priority(1, 1);
    set_priority(64, 2);
    set_priority(33, 7);
    for (int i = 0; i < 4; i++) {
        enable(2, sources[i]);
        set_level(f, sources[i], 1);
    }
    for (int i = 0; i < 4; i++) {
        g_assert_cmpuint(claim(2), ==, order[i]);
    }
    g_assert_cmpuint(claim(2), ==, 0);
}

static void test_threshold(Fixture *f, const void *data)
{
    set_priority(7, 3);
    enable(0, 7);
    set_threshold(0, 3);
    set_level(f, 7, 1);
    g_assert_cmpint(f->out[0].level, ==, 0);
    set_threshold(0, 2);
    g_assert_cmpint(f->out[0].level, ==, 1);
    set_threshold(0, 7);
    g_assert_cmpint(f->out[0].level, ==, 0);
    /* The threshold masks the notification, not the claim. */
    g_assert_cmpuint(claim(0), ==, 7);
}

static void test_priority_zero(Fixture *f, const void *data)
{
    enable(0, 7);
    set_level(f, 7, 1);
    g_assert_true(pending(7));
    g_assert_cmpint(f->out[0].level, ==, 0);
    g_assert_cmpuint(claim(0), ==, 0);
    set_priority(7, 1);
    g_assert_cmpint(f->out[0].level, ==, 1);
}

static void test_two_contexts(Fixture *f, const void *data)
{
    set_priority(20, 1);
    enable(1, 20);
    enable(3, 20);
    set_level(f, 20, 1);
    g_assert_cmpint(f->out[1].level, ==, 1);
    g_assert_cmpint(f->out[3].level, ==, 1);
    g_assert_cmpuint(claim(3), ==, 20);
    g_assert_cmpint(f->out[1].level, ==, 0);
    g_assert_cmpuint(claim(1), ==, 0);
    set_level(f, 20, 0);
    /* Only a context that has it enabled can complete it. */
    complete(0, 20);
    set_level(f, 20, 1);
    g_assert_false(pending(20));
    complete(1, 20);
    g_assert_true(pending(20));
}

static void test_enable_late(Fixture *f, const void *data)
{
    set_priority(40, 1);
    set_level(f, 40, 1);
    g_assert_cmpint(f->out[2].level, ==, 0);
    enable(2, 40);
    g_assert_cmpint(f->out[2].level, ==, 1);
    hw_test_write(BASE + 0x2100 + 4, 4, 0);
    g_assert_cmpint(f->out[2].level, ==, 0);
    g_assert_true(pending(40));
}

static void test_reset(Fixture *f, const void *data)
{
    set_priority(9, 1);
    enable(0, 9);
    set_level(f, 9, 1);
    claim(0);
    device_cold_reset(f->dev);
    g_assert_cmpint(f->out[0].level, ==, 0);
    g_assert_cmphex(hw_test_read(BASE + 36, 4), ==, 0);
    g_assert_cmphex(hw_test_read(BASE + 0x2000, 4), ==, 0);
    /* The device still drives its line. */
    g_assert_true(pending(9));
}

static void test_bad_properties(void)
{
    static const char *const configs[] = {"", "MS,", "X", "M,,S"};

    for (unsigned i = 0; i < G_N_ELEMENTS(configs); i++) {
        DeviceState *dev = qdev_new("riscv.sifive.plic");
        g_autoptr(GError) error = NULL;

        qdev_prop_set_string(dev, "hart-config", configs[i]);
        g_assert_false(sysbus_realize(SYS_BUS_DEVICE(dev), &error));
        g_assert_nonnull(error);
        object_unref(dev);
    }
}

/* ---- Harts on threads, while this thread holds the BQL: they must not need it ---- */

#define STORM_SOURCES 8
#define STORM_REQUESTS 300

static int in_service[NUM_SOURCES];
static unsigned served[NUM_SOURCES];
static bool storm_over;

static void *serve(void *opaque)
{
    int ctx = GPOINTER_TO_INT(opaque);
    Fixture *f = storm_fixture;

    while (!qatomic_load_acquire(&storm_over)) {
        uint32_t source = claim(ctx);

        if (source == 0) {
            g_thread_yield();
            continue;
        }
        /* No other context has claimed it as well. */
        g_assert_cmpint(qatomic_fetch_inc(&in_service[source]), ==, 0);
        set_level(f, source, 0);
        qatomic_inc(&served[source]);
        qatomic_dec(&in_service[source]);
        complete(ctx, source);
    }
    return NULL;
}

static void test_concurrent(Fixture *f, const void *data)
{
    QemuThread threads[NUM_CTX];

    storm_fixture = f;
    for (int source = 1; source <= STORM_SOURCES; source++) {
        set_priority(source, 1 + source % 7);
        for (int ctx = 0; ctx < NUM_CTX; ctx++) {
            enable(ctx, source);
        }
    }
    for (int ctx = 0; ctx < NUM_CTX; ctx++) {
        g_assert_true(qemu_thread_create(&threads[ctx], "hart", serve, GINT_TO_POINTER(ctx),
                                         QEMU_THREAD_JOINABLE, NULL));
    }
    for (unsigned i = 1; i <= STORM_REQUESTS; i++) {
        for (int source = 1; source <= STORM_SOURCES; source++) {
            set_level(f, source, 1);
        }
        for (int source = 1; source <= STORM_SOURCES; source++) {
            while (qatomic_read(&served[source]) < i) {
                g_thread_yield();
            }
        }
    }
    qatomic_store_release(&storm_over, true); /* pairs with the acquire in serve() */
    for (int ctx = 0; ctx < NUM_CTX; ctx++) {
        qemu_thread_join(&threads[ctx]);
    }
    for (int source = 1; source <= STORM_SOURCES; source++) {
        g_assert_cmpuint(served[source], ==, STORM_REQUESTS);
        g_assert_false(pending(source));
    }
    for (int ctx = 0; ctx < NUM_CTX; ctx++) {
        g_assert_cmpint(f->out[ctx].level, ==, 0);
    }
}

static void test_fuzz(Fixture *f, const void *data)
{
    for (int i = 0; i < 200; i++) {
        set_level(f, g_test_rand_int_range(0, NUM_SOURCES), g_test_rand_bit());
        hw_test_fuzz(BASE, 0x180, 50);
        hw_test_fuzz(BASE + 0x1000, 0x20, 20);
        hw_test_fuzz(BASE + 0x2000, 0x200, 50);
        hw_test_fuzz(BASE + 0x200000, 0x5000, 50);
        hw_test_fuzz(BASE, 0x600000, 50);
    }
}

int main(int argc, char **argv)
{
    hw_test_init(&argc, &argv);
#define ADD(name, func) g_test_add("/plic/" name, Fixture, NULL, set_up, func, tear_down)
    ADD("registers", test_registers);
    ADD("claim-complete", test_claim_complete);
    ADD("withdrawn-level", test_withdrawn_level);
    ADD("priorities", test_priorities);
    ADD("threshold", test_threshold);
    ADD("priority-zero", test_priority_zero);
    ADD("two-contexts", test_two_contexts);
    ADD("enable-late", test_enable_late);
    ADD("reset", test_reset);
    g_test_add_func("/plic/bad-properties", test_bad_properties);
    ADD("concurrent", test_concurrent);
    ADD("fuzz", test_fuzz);
    return g_test_run();
}
