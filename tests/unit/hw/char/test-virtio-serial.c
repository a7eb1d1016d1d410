/* SPDX-License-Identifier: MIT */
/*
 * The console device and its ports: control messages, bytes both ways against a slow host and a
 * slow guest, opening and closing, ports that come and go.
 */
#include "qemu/osdep.h"

#include "../virtio/virtio-test.h"
#include "hw/core/qdev-properties.h"
#include "qemu/bswap.h"
#include "qemu/error.h"

enum {
    F_MULTIPORT = 1,
    F_EMERG_WRITE = 2,
};

enum {
    DEVICE_READY = 0,
    PORT_ADD = 1,
    PORT_REMOVE = 2,
    PORT_READY = 3,
    CONSOLE_PORT = 4,
    PORT_OPEN = 6,
    PORT_NAME = 7,
};

enum {
    CONTROL_RX = 2,
    CONTROL_TX = 3,
};

#define BUFFER_SIZE 64

typedef struct Fixture {
    VtDevice d;
    HwTestChardev *chr;
    DeviceState *port;
    VtQueue rx, tx, control_rx, control_tx;
    hwaddr page;
} Fixture;

static BusState *port_bus(Fixture *f)
{
    return g_queue_peek_head(&DEVICE(f->d.vdev)->child_buses);
}

static DeviceState *plug_port(Fixture *f, const char *type, int nr, const char *name,
                              HwTestChardev *chr, GError **error)
{
    DeviceState *dev = qdev_new(type);

    if (nr >= 0) {
        qdev_prop_set_uint32(dev, "nr", nr);
    }
    if (name) {
        qdev_prop_set_string(dev, "name", name);
    }
    if (chr) {
        g_assert_true(qdev_prop_set_chr(dev, "chardev", CHARDEV(chr), NULL));
    }
    return qdev_realize_and_unref(dev, port_bus(f), error) ? dev : NULL;
}

/* A device with one port that leads to the test's back end. */
static void set_up_with(Fixture *f, bool is_legacy, const char *type, const char *name)
{
    g_autoptr(GError) error = NULL;

    f->chr = hw_test_chardev_new();
    vt_plug(&f->d, qdev_new("virtio-serial-device"), is_legacy);
    f->port = plug_port(f, type, -1, name, f->chr, &error);
    g_assert_no_error(error);
}

static void set_up(Fixture *f, const void *legacy)
{
    set_up_with(f, GPOINTER_TO_INT(legacy), "virtconsole", NULL);
}

static void tear_down(Fixture *f, const void *legacy)
{
    vt_unplug(&f->d);
    qemu_chr_delete(CHARDEV(f->chr));
}

/* Sets up port @nr's queues, and with @features the control queues. */
static void start(Fixture *f, uint64_t features, unsigned nr)
{
    unsigned first = nr == 0 ? 0 : 2 + 2 * nr;

    f->d.free = VT_RAM_BASE;
    vt_negotiate(&f->d, features | BIT_ULL(VIRTIO_RING_F_EVENT_IDX));
    vt_queue_init(&f->d, &f->rx, first, 0);
    vt_queue_init(&f->d, &f->tx, first + 1, 0);
    if (features & BIT(F_MULTIPORT)) {
        vt_queue_init(&f->d, &f->control_rx, CONTROL_RX, 0);
        vt_queue_init(&f->d, &f->control_tx, CONTROL_TX, 0);
    }
    vt_driver_ok(&f->d);
    f->page = vt_alloc(&f->d, 65536);
    hw_test_run_main_loop();
}

/* ---- Control messages ---- */

static void say(Fixture *f, uint32_t port, uint16_t event, uint16_t value)
{
    hwaddr gpa = vt_alloc(&f->d, 8);
    uint8_t *message = vt_host(gpa);

    stl_le_p(message, port);
    stw_le_p(message + 4, event);
    stw_le_p(message + 6, value);
    vt_do(&f->control_tx, (VtBuffer[]){{gpa, 8, false}}, 1);
}

/* Offers a buffer and reads the next message from it. */
static void hear(Fixture *f, uint32_t port, uint16_t event, uint16_t value, const char *text)
{
    hwaddr gpa = vt_alloc(&f->d, BUFFER_SIZE);
    uint8_t *message = vt_host(gpa);
    uint32_t len;

    len = vt_do(&f->control_rx, (VtBuffer[]){{gpa, BUFFER_SIZE, true}}, 1);
    g_assert_cmpuint(ldl_le_p(message), ==, port);
    g_assert_cmpuint(lduw_le_p(message + 4), ==, event);
    if (event == PORT_OPEN) {
        g_assert_cmpuint(lduw_le_p(message + 6), ==, value);
    }
    g_assert_cmpmem(message + 8, len - 8, text ? text : "", text ? strlen(text) : 0);
}

/* Nothing is left to be heard. */
static void hear_nothing(Fixture *f)
{
    unsigned used = vt_num_used(&f->control_rx);

    vt_add(&f->control_rx, (VtBuffer[]){{vt_alloc(&f->d, 64), BUFFER_SIZE, true}}, 1);
    vt_kick(&f->control_rx);
    g_assert_cmpuint(vt_num_used(&f->control_rx), ==, used);
}

static void open_console(Fixture *f)
{
    start(f, BIT(F_MULTIPORT), 0);
    say(f, 0, DEVICE_READY, 1);
    hear(f, 0, PORT_ADD, 1, NULL);
    say(f, 0, PORT_READY, 1);
    hear(f, 0, CONSOLE_PORT, 1, NULL);
    hear(f, 0, PORT_OPEN, 1, NULL);
    say(f, 0, PORT_OPEN, 1);
}

static void test_identity(Fixture *f, const void *legacy)
{
    static const unsigned sizes[] = {128, 128, 32, 32, 128};

    g_assert_cmpuint(vt_read(&f->d, VT_DEVICE_ID), ==, 3);
    g_assert_cmphex(vt_device_features(&f->d) & 0xff, ==, BIT(F_MULTIPORT) | BIT(F_EMERG_WRITE));
    for (unsigned n = 0; n < 70; n++) {
        vt_write(&f->d, VT_QUEUE_SEL, n);
        g_assert_cmpuint(vt_read(&f->d, VT_QUEUE_SIZE_MAX), ==,
                         n < G_N_ELEMENTS(sizes) ? sizes[n] :
                         n < 64                  ? 128 :
                                                   0);
    }
    g_assert_cmphex(hw_test_read(VT_MMIO_BASE + VT_CONFIG, 4), ==, 0);
    g_assert_cmphex(hw_test_read(VT_MMIO_BASE + VT_CONFIG + 4, 4), ==, 31);
    g_assert_cmphex(hw_test_read(VT_MMIO_BASE + VT_CONFIG + 12, 4), ==, 0xffffffff);
}

static void test_handshake(Fixture *f, const void *legacy)
{
    open_console(f);
    hear_nothing(f);
    /* What makes no sense is ignored. */
    say(f, 1, PORT_READY, 1);
    say(f, UINT32_MAX, PORT_OPEN, 1);
    say(f, 0, 99, 1);
    say(f, 0, PORT_READY, 0);
    say(f, 0, DEVICE_READY, 0);
    vt_do(&f->control_tx, (VtBuffer[]){{f->page, 7, false}}, 1);
    g_assert_cmpuint(vt_num_used(&f->control_rx), ==, 0);
    g_assert_false(f->d.vdev->broken);
}

/* ---- Bytes ---- */

static void offer_rx(Fixture *f, hwaddr gpa, uint32_t len)
{
    vt_add(&f->rx, (VtBuffer[]){{gpa, len, true}}, 1);
    vt_kick(&f->rx);
}

static void test_output(Fixture *f, const void *legacy)
{
    open_console(f);
    memcpy(vt_host(f->page), "Hello, world", 12);
    g_assert_cmpuint(vt_do(&f->tx, (VtBuffer[]){{f->page, 5, false}}, 1), ==, 0);
    vt_do(&f->tx, (VtBuffer[]){{f->page + 5, 1, false}, {f->page + 6, 6, false}}, 2);
    vt_do(&f->tx, (VtBuffer[]){{f->page, 0, false}}, 1);
    g_assert_cmpstr(f->chr->written->str, ==, "Hello, world");
}

/* The host takes a few bytes now and then: none is lost, and none is given back early. */
static void test_slow_host(Fixture *f, const void *legacy)
{
    uint8_t *bytes;

    open_console(f);
    bytes = vt_host(f->page);
    for (unsigned i = 0; i < 3000; i++) {
        bytes[i] = i * 5;
    }
    f->chr->room = 10;
    for (unsigned i = 0; i < 30; i++) {
        vt_add(&f->tx,
               (VtBuffer[]){{f->page + 100 * i, 60, false}, {f->page + 100 * i + 60, 40, false}},
               2);
    }
    vt_kick(&f->tx);
    g_assert_cmpuint(f->chr->written->len, ==, 10);
    g_assert_cmpuint(vt_num_used(&f->tx), ==, 0);
    vt_kick(&f->tx);
    g_assert_cmpuint(f->chr->written->len, ==, 10);
    hw_test_chardev_set_room(f->chr, 89);
    g_assert_cmpuint(vt_num_used(&f->tx), ==, 0);
    hw_test_chardev_set_room(f->chr, 1);
    g_assert_cmpuint(vt_num_used(&f->tx), ==, 1);
    for (unsigned i = 0; i < 500; i++) {
        hw_test_chardev_set_room(f->chr, 7);
    }
    g_assert_cmpuint(vt_num_used(&f->tx), ==, 30);
    g_assert_cmpmem(f->chr->written->str, f->chr->written->len, bytes, 3000);
}

/* A buffer of megabytes goes out in turns, all of it. */
static void test_large_output(Fixture *f, const void *legacy)
{
    open_console(f);
    vt_add(&f->tx, (VtBuffer[]){{VT_RAM_BASE, 3 * 1024 * 1024, false}}, 1);
    vt_notify(&f->tx);
    vt_get_used(&f->tx, NULL);
    g_assert_cmpuint(f->chr->written->len, ==, 3 * 1024 * 1024);
}

static void test_output_at_exit(Fixture *f, const void *legacy)
{
    open_console(f);
    memcpy(vt_host(f->page), "last words, more last words", 27);
    f->chr->room = 3;
    vt_add(&f->tx, (VtBuffer[]){{f->page, 10, false}}, 1);
    vt_kick(&f->tx);
    vt_add(&f->tx, (VtBuffer[]){{f->page + 10, 17, false}}, 1);
    f->chr->room = -1;
    hw_test_set_run_state(RUN_STATE_SHUTDOWN);
    g_assert_cmpstr(f->chr->written->str, ==, "last words, more last words");
    hw_test_set_run_state(RUN_STATE_RUNNING);
}

static void test_input(Fixture *f, const void *legacy)
{
    open_console(f);
    /* No buffer: the host keeps its bytes. */
    g_assert_cmpint(hw_test_chardev_input(f->chr, "abc", 3), ==, 0);
    offer_rx(f, f->page, 4);
    offer_rx(f, f->page + 100, 4);
    g_assert_cmpint(hw_test_chardev_input(f->chr, "ab", 2), ==, 2);
    g_assert_cmpint(hw_test_chardev_input(f->chr, "cdefgh", 6), ==, 4);
    g_assert_cmpuint(vt_get_used(&f->rx, NULL), ==, 2);
    g_assert_cmpuint(vt_get_used(&f->rx, NULL), ==, 4);
    g_assert_cmpmem(vt_host(f->page), 3, "ab\0", 3);
    g_assert_cmpmem(vt_host(f->page + 100), 4, "cdef", 4);
    g_assert_cmpint(hw_test_chardev_input(f->chr, "gh", 2), ==, 0);
    /* Out of buffers, the device asks to be notified of the next one. */
    g_assert_cmpuint(vt_avail_event(&f->rx), ==, 2);
    /* Buffers without room are given back. */
    offer_rx(f, f->page, 0);
    offer_rx(f, f->page, 1);
    g_assert_cmpint(hw_test_chardev_input(f->chr, "gh", 2), ==, 1);
    g_assert_cmpuint(vt_get_used(&f->rx, NULL), ==, 0);
    g_assert_cmpuint(vt_get_used(&f->rx, NULL), ==, 1);
    /* The guest closes its end. */
    offer_rx(f, f->page, 4);
    say(f, 0, PORT_OPEN, 0);
    g_assert_cmpint(hw_test_chardev_input(f->chr, "x", 1), ==, 0);
    say(f, 0, PORT_OPEN, 1);
    g_assert_cmpint(hw_test_chardev_input(f->chr, "x", 1), ==, 1);
}

static void test_stopped_machine(Fixture *f, const void *legacy)
{
    open_console(f);
    offer_rx(f, f->page, 4);
    hw_test_set_run_state(RUN_STATE_PAUSED);
    g_assert_cmpint(hw_test_chardev_input(f->chr, "abc", 3), ==, 0);
    hw_test_set_run_state(RUN_STATE_RUNNING);
    hw_test_run_main_loop();
    g_assert_cmpint(hw_test_chardev_input(f->chr, "abc", 3), ==, 3);
}

/* A driver that knows one port only. */
static void test_single_port(Fixture *f, const void *legacy)
{
    start(f, 0, 0);
    memcpy(vt_host(f->page), "hi", 2);
    vt_do(&f->tx, (VtBuffer[]){{f->page, 2, false}}, 1);
    g_assert_cmpstr(f->chr->written->str, ==, "hi");
    offer_rx(f, f->page, 10);
    g_assert_cmpint(hw_test_chardev_input(f->chr, "abc", 3), ==, 3);
    g_assert_cmpuint(vt_get_used(&f->rx, NULL), ==, 3);
}

static void test_emergency_write(Fixture *f, const void *legacy)
{
    hw_test_write(VT_MMIO_BASE + VT_CONFIG + 8, 4, 'X');
    hw_test_write(VT_MMIO_BASE + VT_CONFIG + 8, 1, 'Y');
    hw_test_write(VT_MMIO_BASE + VT_CONFIG, 4, 'Z');
    g_assert_cmpstr(f->chr->written->str, ==, "XY");
}

/* With buffers in the device's hands both ways. */
static void test_reset(Fixture *f, const void *legacy)
{
    open_console(f);
    f->chr->room = 0;
    vt_add(&f->tx, (VtBuffer[]){{f->page, 10, false}}, 1);
    vt_kick(&f->tx);
    offer_rx(f, f->page, 4);
    qemu_chr_be_can_write(CHARDEV(f->chr));
    vt_write(&f->d, VT_STATUS, 0);
    g_assert_cmpint(hw_test_chardev_input(f->chr, "x", 1), ==, 0);
    f->chr->room = -1;
    hw_test_run_main_loop();
    g_assert_cmpuint(f->chr->written->len, ==, 0);
    test_output(f, legacy);
}

/* ---- Serial ports ---- */

static void test_serial_port(const void *legacy)
{
    Fixture f = {};
    CharBackend *fe;

    set_up_with(&f, GPOINTER_TO_INT(legacy), "virtserialport", "org.test.0");
    start(&f, BIT(F_MULTIPORT), 1);
    say(&f, 0, DEVICE_READY, 1);
    hear(&f, 1, PORT_ADD, 1, NULL);
    say(&f, 1, PORT_READY, 1);
    hear(&f, 1, PORT_NAME, 1, "org.test.0");
    hear(&f, 1, PORT_OPEN, 1, NULL);
    fe = CHARDEV(f.chr)->be;
    g_assert_false(fe->fe_open);
    say(&f, 1, PORT_OPEN, 1);
    g_assert_true(fe->fe_open);
    memcpy(vt_host(f.page), "port", 4);
    vt_do(&f.tx, (VtBuffer[]){{f.page, 4, false}}, 1);
    g_assert_cmpstr(f.chr->written->str, ==, "port");

    /* The host's peer goes and comes back while the guest has no buffer: the last state counts. */
    qemu_chr_be_event(CHARDEV(f.chr), CHR_EVENT_CLOSED);
    qemu_chr_be_event(CHARDEV(f.chr), CHR_EVENT_OPENED);
    qemu_chr_be_event(CHARDEV(f.chr), CHR_EVENT_CLOSED);
    hear(&f, 1, PORT_OPEN, 0, NULL);
    hear_nothing(&f);
    /* Then what is written is lost. */
    vt_do(&f.tx, (VtBuffer[]){{f.page, 4, false}}, 1);
    g_assert_cmpstr(f.chr->written->str, ==, "port");
    qemu_chr_be_event(CHARDEV(f.chr), CHR_EVENT_OPENED);
    vt_get_used(&f.control_rx, NULL);
    say(&f, 1, PORT_OPEN, 0);
    g_assert_false(fe->fe_open);
    tear_down(&f, legacy);
}

/* Ports that come and go while the guest runs. */
static void test_hotplug(Fixture *f, const void *legacy)
{
    g_autoptr(GError) error = NULL;
    DeviceState *dev;

    open_console(f);
    dev = plug_port(f, "virtserialport", 5, "five", NULL, &error);
    g_assert_no_error(error);
    hear(f, 5, PORT_ADD, 1, NULL);
    say(f, 5, PORT_READY, 1);
    hear(f, 5, PORT_NAME, 1, "five");
    object_unparent(OBJECT(dev));
    hear(f, 5, PORT_REMOVE, 1, NULL);
    /* One that goes before the guest heard of it. */
    dev = plug_port(f, "virtserialport", 6, NULL, NULL, &error);
    object_unparent(OBJECT(dev));
    hear_nothing(f);
}

static void test_port_numbers(Fixture *f, const void *legacy)
{
    static const struct {
        const char *type;
        int nr;
        const char *name;
        const char *message; /* NULL: works */
    } rows[] = {
        {"virtserialport", 0, NULL,
         "Port number 0 on virtio-serial devices reserved for virtconsole devices for backward "
         "compatibility."},
        {"virtserialport", 40, NULL,
         "virtio-serial-bus: Out-of-range port id specified, max. allowed: 30"},
        {"virtconsole", 0, NULL, "virtio-serial-bus: A port already exists at id 0"},
        {"virtserialport", 1, "a", NULL},
        {"virtserialport", -1, "a", "virtio-serial-bus: A port already exists by name a"},
        {"virtserialport", -1, "b", NULL},
        {"virtserialport", 2, NULL, "virtio-serial-bus: A port already exists at id 2"},
        {"virtconsole", -1, NULL, NULL},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;

        plug_port(f, rows[i].type, rows[i].nr, rows[i].name, NULL, &error);
        g_assert_cmpstr(error ? error->message : NULL, ==, rows[i].message);
    }
    for (unsigned i = 4; i < 31; i++) {
        g_assert_nonnull(plug_port(f, "virtserialport", -1, NULL, NULL, NULL));
    }
    g_assert_null(plug_port(f, "virtserialport", -1, NULL, NULL, NULL));
}

static void test_max_ports(void)
{
    static const struct {
        uint32_t max_ports;
        const char *message;
    } rows[] = {
        {0, "Maximum number of serial ports not specified"},
        {512, "maximum ports supported: 511"},
        {1, NULL},
        {511, NULL},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        DeviceState *dev = qdev_new("virtio-serial-device");
        g_autoptr(GError) error = NULL;
        VtDevice d;

        qdev_prop_set_uint32(dev, "max_ports", rows[i].max_ports);
        g_assert_cmpint(vt_try_plug(&d, dev, true, &error), ==, !rows[i].message);
        g_assert_cmpstr(error ? error->message : NULL, ==, rows[i].message);
        if (rows[i].max_ports == 1) {
            g_assert_cmphex(vt_device_features(&d) & BIT(F_MULTIPORT), ==, 0);
        }
        vt_unplug(&d);
    }
}

/* A guest that asks for messages for ever, and gives no buffers for them. */
static void test_message_storm(Fixture *f, const void *legacy)
{
    start(f, BIT(F_MULTIPORT), 0);
    for (unsigned i = 0; i < 1000; i++) {
        f->d.free = f->page;
        say(f, 0, DEVICE_READY, 1);
        say(f, 0, PORT_READY, 1);
    }
    hear(f, 0, PORT_ADD, 1, NULL);
    hear(f, 0, CONSOLE_PORT, 1, NULL);
    hear(f, 0, PORT_OPEN, 1, NULL);
    hear_nothing(f);
}

static void test_fuzz(Fixture *f, const void *legacy)
{
    for (unsigned round = 0; round < 200; round++) {
        VtQueue *queues[] = {&f->rx, &f->tx, &f->control_rx, &f->control_tx};

        start(f, g_test_rand_bit() ? BIT(F_MULTIPORT) : 0, 0);
        for (unsigned i = 0; i < 20; i++) {
            VtQueue *q = queues[g_test_rand_int_range(0, f->d.features & BIT(F_MULTIPORT) ? 4 : 2)];
            hwaddr gpa = f->page + g_test_rand_int_range(0, 32768);
            uint8_t *message = vt_host(gpa);

            stl_le_p(message, g_test_rand_int_range(0, 3));
            stl_le_p(message + 4, g_test_rand_int_range(0, 9) | g_test_rand_int_range(0, 2) << 16);
            vt_add(q,
                   (VtBuffer[]){
                       {gpa, g_test_rand_int_range(0, 100), g_test_rand_bit()},
                       {f->page, g_test_rand_int_range(0, 5000), true},
                   },
                   g_test_rand_int_range(1, 3));
            vt_kick(q);
            hw_test_chardev_input(f->chr, "some bytes from the host", 24);
            hw_test_chardev_set_room(f->chr, g_test_rand_int_range(-1, 100));
        }
        hw_test_fuzz(VT_MMIO_BASE, 0x110, 100);
    }
}

int main(int argc, char **argv)
{
    vt_init(&argc, &argv);
#define ADD(name, func)                                                                            \
    g_test_add("/virtio-serial/legacy/" name, Fixture, GINT_TO_POINTER(1), set_up, func,           \
               tear_down);                                                                         \
    g_test_add("/virtio-serial/modern/" name, Fixture, GINT_TO_POINTER(0), set_up, func, tear_down)
    ADD("identity", test_identity);
    ADD("handshake", test_handshake);
    ADD("output", test_output);
    ADD("slow-host", test_slow_host);
    ADD("large-output", test_large_output);
    ADD("output-at-exit", test_output_at_exit);
    ADD("input", test_input);
    ADD("stopped-machine", test_stopped_machine);
    ADD("single-port", test_single_port);
    ADD("emergency-write", test_emergency_write);
    ADD("reset", test_reset);
    ADD("hotplug", test_hotplug);
    ADD("port-numbers", test_port_numbers);
    ADD("message-storm", test_message_storm);
    ADD("fuzz", test_fuzz);
    g_test_add_data_func("/virtio-serial/legacy/serial-port", GINT_TO_POINTER(1), test_serial_port);
    g_test_add_data_func("/virtio-serial/modern/serial-port", GINT_TO_POINTER(0), test_serial_port);
    g_test_add_func("/virtio-serial/max-ports", test_max_ports);
    return g_test_run();
}
