/* SPDX-License-Identifier: MIT */
/*
 * What a device's unit test needs; see hw-test.h.
 */
#include "qemu/osdep.h"

#include <glib-unix.h>

#include "hw-test.h"
#include "qemu/main-loop.h"
#include "qemu/rcu.h"
#include "qemu/timer.h"
#include "system/address-spaces.h"

/* ---- Clock ---- */

static int64_t clock_now;

static int64_t clock_get_ns(void)
{
    return clock_now;
}

static void clock_deadline_changed(void)
{
}

static const VirtualClockSource clock_source = {
    .get_ns = clock_get_ns,
    .deadline_changed = clock_deadline_changed,
};

/* Stops at each deadline on the way, as a real clock would come by it. */
void hw_test_clock_step(int64_t ns)
{
    int64_t end = clock_now + ns;

    while (clock_now < end) {
        int64_t next = qemu_clock_deadline_ns(QEMU_CLOCK_VIRTUAL);

        clock_now = next >= 0 && next < end - clock_now ? clock_now + MAX(next, 1) : end;
        qemu_clock_run_timers(QEMU_CLOCK_VIRTUAL);
    }
}

/* ---- Machine ---- */

void hw_test_init(int *argc, char ***argv)
{
    g_autoptr(GError) error = NULL;

    g_test_init(argc, argv, NULL);
    main_loop_init(&error);
    g_assert_no_error(error);
    memory_map_init();
    qemu_clock_set_virtual_source(&clock_source);
    cpu_enable_ticks();
}

void hw_test_map(DeviceState *dev, hwaddr base)
{
    g_autoptr(GError) error = NULL;

    sysbus_realize(SYS_BUS_DEVICE(dev), &error);
    g_assert_no_error(error);
    sysbus_mmio_map(SYS_BUS_DEVICE(dev), 0, base);
    device_cold_reset(dev);
    object_unref(dev);
}

void hw_test_unmap(DeviceState *dev)
{
    sysbus_mmio_unmap(SYS_BUS_DEVICE(dev), 0);
    object_unparent(OBJECT(dev));
    /* What it owns goes when no reader of the memory map can see it any more. */
    rcu_drain();
    hw_test_run_main_loop();
}

void hw_test_run_main_loop(void)
{
    /* Host timers are short: hand-over of characters. */
    while (qemu_clock_deadline_ns(QEMU_CLOCK_REALTIME) >= 0) {
        main_loop_wait(false);
    }
    /* Bottom halves and watches may follow from one another; three rounds outlast our devices'. */
    for (int i = 0; i < 3; i++) {
        main_loop_wait(true);
    }
}

/* ---- Accesses ---- */

static MemTxResult access_register(hwaddr addr, unsigned size, uint64_t *value, bool is_write)
{
    MemTxResult result;
    hwaddr xlat, len = size;
    MemoryRegion *mr;

    mr = address_space_translate(&address_space_memory, addr, &xlat, &len, is_write,
                                 MEMTXATTRS_UNSPECIFIED);
    if (is_write) {
        result = memory_region_dispatch_write(mr, xlat, *value, size_memop(size) | MO_LE,
                                              MEMTXATTRS_UNSPECIFIED);
    } else {
        result = memory_region_dispatch_read(mr, xlat, value, size_memop(size) | MO_LE,
                                             MEMTXATTRS_UNSPECIFIED);
    }
    return result;
}

MemTxResult hw_test_try_read(hwaddr addr, unsigned size)
{
    uint64_t value;

    return access_register(addr, size, &value, false);
}

MemTxResult hw_test_try_write(hwaddr addr, unsigned size, uint64_t value)
{
    return access_register(addr, size, &value, true);
}

uint64_t hw_test_read(hwaddr addr, unsigned size)
{
    uint64_t value = 0;

    g_assert_cmpuint(access_register(addr, size, &value, false), ==, MEMTX_OK);
    return value;
}

void hw_test_write(hwaddr addr, unsigned size, uint64_t value)
{
    g_assert_cmpuint(access_register(addr, size, &value, true), ==, MEMTX_OK);
}

void hw_test_fuzz(hwaddr base, hwaddr size, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        unsigned width = 1u << g_test_rand_int_range(0, 4);
        hwaddr addr = base + g_test_rand_int_range(0, size);
        uint64_t value = (uint64_t)(uint32_t)g_test_rand_int() << 32 | (uint32_t)g_test_rand_int();

        /* Small numbers hit more: sources, flags, lengths. */
        value >>= g_test_rand_bit() ? 0 : 8 * g_test_rand_int_range(0, 8);
        if (g_test_rand_bit()) {
            addr &= ~(hwaddr)(width - 1);
        }
        if (g_test_rand_bit()) {
            hw_test_try_read(addr, width);
        } else {
            hw_test_try_write(addr, width, value);
        }
        if (i % 64 == 0) {
            hw_test_clock_step(g_test_rand_int_range(1, 1000000));
        }
        if (i % 256 == 0) {
            hw_test_run_main_loop();
        }
    }
}

/* ---- Wires ---- */

static void sink_set(void *opaque, int n, int level)
{
    HwTestSink *sink = opaque;

    sink->rises += level && !sink->level;
    sink->level = level;
}

static GSList *sinks;

qemu_irq hw_test_sink(HwTestSink *sink)
{
    sinks = g_slist_prepend(sinks, qemu_allocate_irq(sink_set, sink, 0));
    return sinks->data;
}

void hw_test_free_sinks(void)
{
    g_slist_free_full(g_steal_pointer(&sinks), (GDestroyNotify)qemu_free_irq);
}

/* ---- Character back end ---- */

#define TYPE_HW_TEST_CHARDEV "chardev-hw-test"
DECLARE_INSTANCE_CHECKER(HwTestChardev, HW_TEST_CHARDEV, TYPE_HW_TEST_CHARDEV)

static int test_chardev_write(Chardev *chr, const uint8_t *buf, int len)
{
    HwTestChardev *s = HW_TEST_CHARDEV(chr);

    if (s->room >= 0) {
        len = MIN(len, s->room);
        s->room -= len;
    }
    g_string_append_len(s->written, (const char *)buf, len);
    return len;
}

/* Ready whenever there is room. */
typedef struct RoomSource {
    GSource source;
    HwTestChardev *chr;
} RoomSource;

static gboolean room_source_check(GSource *source)
{
    return ((RoomSource *)source)->chr->room != 0;
}

static gboolean room_source_prepare(GSource *source, int *timeout)
{
    *timeout = -1;
    return room_source_check(source);
}

static gboolean room_source_dispatch(GSource *source, GSourceFunc callback, void *opaque)
{
    /* The shape of callback that a descriptor's source has. */
    return ((GUnixFDSourceFunc)(void (*)(void))callback)(-1, G_IO_OUT, opaque);
}

static GSourceFuncs room_source_funcs = {
    .prepare = room_source_prepare,
    .check = room_source_check,
    .dispatch = room_source_dispatch,
};

static GSource *test_chardev_add_watch(Chardev *chr, GIOCondition condition)
{
    GSource *source = g_source_new(&room_source_funcs, sizeof(RoomSource));

    ((RoomSource *)source)->chr = HW_TEST_CHARDEV(chr);
    return source;
}

static int test_chardev_ioctl(Chardev *chr, ChrIoctl cmd, void *arg)
{
    HwTestChardev *s = HW_TEST_CHARDEV(chr);

    if (!s->has_lines) {
        return -ENOTSUP;
    }
    switch (cmd) {
    case CHR_IOCTL_SERIAL_SET_PARAMS:
        s->params = *(QEMUSerialSetParams *)arg;
        s->num_params++;
        return 0;
    case CHR_IOCTL_SERIAL_SET_BREAK:
        s->is_break = *(int *)arg;
        return 0;
    case CHR_IOCTL_SERIAL_GET_TIOCM:
        *(int *)arg = s->tiocm_in;
        return 0;
    case CHR_IOCTL_SERIAL_SET_TIOCM:
        s->tiocm_out = *(int *)arg;
        return 0;
    }
    return -ENOTSUP;
}

HwTestChardev *hw_test_chardev_new(void)
{
    HwTestChardev *s = HW_TEST_CHARDEV(object_new(TYPE_HW_TEST_CHARDEV));

    s->parent.label = g_strdup("test");
    object_property_add_child(container_get(object_get_root(), "/chardevs"), s->parent.label,
                              OBJECT(s));
    object_unref(s);
    s->parent.be_open = true;
    s->written = g_string_new(NULL);
    s->room = -1;
    return s;
}

void hw_test_chardev_set_room(HwTestChardev *chr, int room)
{
    chr->room = room;
    hw_test_run_main_loop();
}

int hw_test_chardev_input(HwTestChardev *chr, const char *bytes, int len)
{
    int done = 0;

    while (done < len) {
        int n = MIN(qemu_chr_be_can_write(CHARDEV(chr)), len - done);

        if (n == 0) {
            break;
        }
        qemu_chr_be_write(CHARDEV(chr), (const uint8_t *)bytes + done, n);
        done += n;
    }
    return done;
}

static void test_chardev_class_init(ObjectClass *klass, const void *data)
{
    ChardevClass *cc = CHARDEV_CLASS(klass);

    cc->internal = true;
    cc->write = test_chardev_write;
    cc->add_watch = test_chardev_add_watch;
    cc->ioctl = test_chardev_ioctl;
}

static void test_chardev_finalize(Object *obj)
{
    g_string_free(HW_TEST_CHARDEV(obj)->written, TRUE);
}

static const TypeInfo test_chardev_types[] = {
    {
        .name = TYPE_HW_TEST_CHARDEV,
        .parent = TYPE_CHARDEV,
        .instance_size = sizeof(HwTestChardev),
        .instance_finalize = test_chardev_finalize,
        .class_init = test_chardev_class_init,
    },
};
DEFINE_TYPES(test_chardev_types)
