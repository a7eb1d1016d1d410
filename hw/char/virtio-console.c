/* SPDX-License-Identifier: MIT */
/*
 * Ports of a virtio console device that lead to a character back end: virtconsole, which the guest
 * uses as a console, and virtserialport, a byte stream by name.
 *
 * A console's host end is always open; a serial port's follows the back end's peer.
 *
 * VIRTIO 1.3, "Console Device". Runs under the BQL in the main loop. Tests:
 * tests/unit/hw/char/test-virtio-serial.c.
 */
#include "qemu/osdep.h"

#include "hw/core/qdev-properties.h"
#include "hw/core/runstate.h"
#include "hw/virtio/virtio-serial.h"
#include "system/chardev.h"

#define TYPE_VIRTIO_SERIAL_CHR_PORT "virtserialport"
OBJECT_DECLARE_SIMPLE_TYPE(VirtConsole, VIRTIO_SERIAL_CHR_PORT)

#define TYPE_VIRTIO_CONSOLE "virtconsole"

struct VirtConsole {
    VirtIOSerialPort parent_obj;
    CharBackend chr;
    VMChangeStateEntry *vm_state; /* [const] */

    /* [bql] */
    guint watch;       /* not 0: waiting until the back end takes bytes */
    bool is_last_call; /* the process ends: wait for a slow back end */
};

static bool is_console(VirtConsole *s)
{
    return VIRTIO_SERIAL_PORT_GET_CLASS(s)->is_console;
}

/* ---- Guest to host ---- */

static void drop_watch(VirtConsole *s)
{
    if (s->watch) {
        g_source_remove(s->watch);
        s->watch = 0;
    }
}

static gboolean chr_can_write(void *unused, GIOCondition condition, void *opaque)
{
    VirtConsole *s = opaque;

    s->watch = 0;
    virtio_serial_resume(&s->parent_obj);
    return G_SOURCE_REMOVE;
}

static size_t console_have_data(VirtIOSerialPort *port, const uint8_t *buf, size_t len)
{
    VirtConsole *s = VIRTIO_SERIAL_CHR_PORT(port);
    int wanted = MIN(len, INT_MAX);
    int taken = s->is_last_call ? qemu_chr_fe_write_all(&s->chr, buf, wanted) :
                                  qemu_chr_fe_write(&s->chr, buf, wanted);

    if (taken < wanted && !s->watch && !s->is_last_call) {
        s->watch = qemu_chr_fe_add_watch(&s->chr, G_IO_OUT | G_IO_HUP, chr_can_write, s);
        if (!s->watch) {
            return len; /* it cannot say when it is ready, so it will not be */
        }
    }
    return taken;
}

/* The guest's last words are not lost. */
static void console_vm_state_changed(void *opaque, bool running, RunState state)
{
    VirtConsole *s = opaque;

    if (!running && state == RUN_STATE_SHUTDOWN) {
        drop_watch(s);
        s->is_last_call = true;
        virtio_serial_flush(&s->parent_obj);
        s->is_last_call = false;
    }
}

/* ---- Host to guest ---- */

static int chr_can_read(void *opaque)
{
    VirtConsole *s = opaque;

    return MIN(virtio_serial_guest_room(&s->parent_obj), INT_MAX);
}

static void chr_read(void *opaque, const uint8_t *buf, int size)
{
    VirtConsole *s = opaque;

    virtio_serial_write(&s->parent_obj, buf, size);
}

static void console_guest_writable(VirtIOSerialPort *port)
{
    qemu_chr_fe_accept_input(&VIRTIO_SERIAL_CHR_PORT(port)->chr);
}

/* ---- Open and closed ends ---- */

static void chr_event(void *opaque, QEMUChrEvent event)
{
    VirtConsole *s = opaque;

    switch (event) {
    case CHR_EVENT_OPENED:
        virtio_serial_set_host_connected(&s->parent_obj, true);
        break;
    case CHR_EVENT_CLOSED:
        drop_watch(s);
        if (!is_console(s)) {
            virtio_serial_set_host_connected(&s->parent_obj, false);
        }
        /* What was waiting for the peer is lost with it; the guest goes on. */
        virtio_serial_resume(&s->parent_obj);
        break;
    default:
        break;
    }
}

static void console_set_guest_connected(VirtIOSerialPort *port, bool connected)
{
    VirtConsole *s = VIRTIO_SERIAL_CHR_PORT(port);

    if (!is_console(s)) {
        qemu_chr_fe_set_open(&s->chr, connected);
    }
}

/* ---- Life ---- */

static bool console_realize(VirtIOSerialPort *port, GError **error)
{
    VirtConsole *s = VIRTIO_SERIAL_CHR_PORT(port);

    port->host_connected = is_console(s);
    qemu_chr_fe_set_handlers(&s->chr, chr_can_read, chr_read, chr_event, s);
    /* When the machine stops this comes before the device does not take buffers any more. */
    s->vm_state = qemu_add_vm_change_state_handler_prio(console_vm_state_changed, s, 1);
    return true;
}

static void console_unrealize(VirtIOSerialPort *port)
{
    VirtConsole *s = VIRTIO_SERIAL_CHR_PORT(port);

    qemu_del_vm_change_state_handler(g_steal_pointer(&s->vm_state));
    drop_watch(s);
    qemu_chr_fe_set_handlers(&s->chr, NULL, NULL, NULL, NULL);
}

static const Property console_properties[] = {
    DEFINE_PROP_CHR("chardev", VirtConsole, chr),
};

static void chr_port_class_init(ObjectClass *klass, const void *data)
{
    VirtIOSerialPortClass *pc = VIRTIO_SERIAL_PORT_CLASS(klass);

    pc->realize = console_realize;
    pc->unrealize = console_unrealize;
    pc->have_data = console_have_data;
    pc->set_guest_connected = console_set_guest_connected;
    pc->guest_writable = console_guest_writable;
    device_class_set_props(DEVICE_CLASS(klass), console_properties);
}

static void console_class_init(ObjectClass *klass, const void *data)
{
    VIRTIO_SERIAL_PORT_CLASS(klass)->is_console = true;
}

static const TypeInfo console_types[] = {
    {
        .name = TYPE_VIRTIO_SERIAL_CHR_PORT,
        .parent = TYPE_VIRTIO_SERIAL_PORT,
        .instance_size = sizeof(VirtConsole),
        .class_init = chr_port_class_init,
    },
    {
        .name = TYPE_VIRTIO_CONSOLE,
        .parent = TYPE_VIRTIO_SERIAL_CHR_PORT,
        .class_init = console_class_init,
    },
};
DEFINE_TYPES(console_types)
