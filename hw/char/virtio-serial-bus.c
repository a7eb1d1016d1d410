/* SPDX-License-Identifier: MIT */
/*
 * Virtio console device: a bus of ports, each with two queues, and a pair of control queues.
 *
 * What a port has to tell the guest is kept as bits in the port, not as messages in a list: a guest
 * that gives no buffers for them makes nothing grow. A port that opens and closes meanwhile is told
 * of once, in its last state.
 *
 * VIRTIO 1.3, "Console Device". Runs under the BQL in the main loop. Tests:
 * tests/unit/hw/char/test-virtio-serial.c.
 */
#include "qemu/osdep.h"

#include "hw/virtio/virtio-serial.h"
#include "qemu/bswap.h"
#include "qemu/error.h"
#include "qemu/iov.h"
#include "qemu/log.h"
#include "qemu/trace.h"
#include "qemu/units.h"

#define TYPE_VIRTIO_SERIAL "virtio-serial-device"
DECLARE_INSTANCE_CHECKER(VirtIOSerial, VIRTIO_SERIAL, TYPE_VIRTIO_SERIAL)

#define TYPE_VIRTIO_SERIAL_BUS "virtio-serial-bus"

/* "Feature bits". A size is not offered: no back end of ours has one. */
enum {
    VIRTIO_CONSOLE_F_MULTIPORT = 1,
    VIRTIO_CONSOLE_F_EMERG_WRITE = 2,
};

/* "Multiport Device Operation". */
enum {
    VIRTIO_CONSOLE_DEVICE_READY = 0,
    VIRTIO_CONSOLE_PORT_ADD = 1,
    VIRTIO_CONSOLE_PORT_REMOVE = 2,
    VIRTIO_CONSOLE_PORT_READY = 3,
    VIRTIO_CONSOLE_CONSOLE_PORT = 4,
    VIRTIO_CONSOLE_PORT_OPEN = 6,
    VIRTIO_CONSOLE_PORT_NAME = 7,
};

typedef struct QEMU_PACKED VirtIOConsoleControl {
    uint32_t id;
    uint16_t event;
    uint16_t value;
} VirtIOConsoleControl;

typedef struct QEMU_PACKED VirtIOConsoleConfig {
    uint16_t cols;
    uint16_t rows;
    uint32_t max_nr_ports;
    uint32_t emerg_wr;
} VirtIOConsoleConfig;

/* Bits of a port's messages, in the order in which they are sent. */
enum {
    PORT_MSG_ADD = 1 << 0,
    PORT_MSG_CONSOLE = 1 << 1,
    PORT_MSG_NAME = 1 << 2,
    PORT_MSG_OPEN = 1 << 3,
};

#define PORT_QUEUE_SIZE 128
#define CONTROL_QUEUE_SIZE 32

/* Two queues a port, and two of the device. */
#define MAX_PORTS (VIRTIO_QUEUE_MAX / 2 - 1)

/* nr: the first free one. */
#define PORT_NR_AUTO UINT32_MAX

struct VirtIOSerial {
    VirtIODevice parent_obj;

    /* [const] after realize */
    BusState bus;
    uint32_t max_ports;
    VirtQueue *control_rx;    /* to the guest */
    VirtQueue *control_tx;    /* from it */
    VirtIOSerialPort **ports; /* [bql] by number; NULL: none */

    /* [bql] */
    bool guest_ready;       /* the guest has said DEVICE_READY */
    unsigned long *removed; /* ports that have gone and the guest is to be told of */
};

static bool use_multiport(VirtIOSerial *vser)
{
    return virtio_vdev_has_feature(&vser->parent_obj, VIRTIO_CONSOLE_F_MULTIPORT);
}

/* Queues 0 and 1 are port 0's, 2 and 3 the device's, then each two of port 1, 2, ... */
static unsigned port_queue_index(uint32_t nr)
{
    return nr == 0 ? 0 : 2 + 2 * nr;
}

static VirtIOSerialPort *port_of_queue(VirtIOSerial *vser, const VirtQueue *vq)
{
    unsigned index = virtio_get_queue_index(vq);

    return vser->ports[index < 2 ? 0 : index / 2 - 1];
}

/* The next buffer to fill for the guest, or NULL; then it notifies of one. */
static VirtQueueElement *next_buffer(VirtQueue *vq)
{
    VirtQueueElement *elem = virtqueue_pop(vq, sizeof(*elem));

    virtio_queue_set_notification(vq, !elem);
    return elem ?: virtqueue_pop(vq, sizeof(*elem));
}

/* ---- Control messages to the guest ---- */

/* False if there is no buffer for it now. */
static bool send_control(VirtIOSerial *vser, uint32_t id, uint16_t event, uint16_t value,
                         const char *text)
{
    VirtIODevice *vdev = &vser->parent_obj;
    g_autofree VirtQueueElement *elem = next_buffer(vser->control_rx);
    VirtIOConsoleControl control = {cpu_to_le32(id), cpu_to_le16(event), cpu_to_le16(value)};
    size_t len;

    if (!elem) {
        return false;
    }
    TRACE(virtio_serial_control_to_guest, "vdev:%p port:%u event:%u value:%u", (void *)vdev, id,
          event, value);
    len = iov_from_buf(elem->in_sg, elem->in_num, 0, &control, sizeof(control));
    if (text) {
        len += iov_from_buf(elem->in_sg, elem->in_num, sizeof(control), text, strlen(text));
    }
    virtqueue_push(vser->control_rx, elem, len);
    virtio_notify(vdev, vser->control_rx);
    return true;
}

/* Sends the first of the messages that a port has left. */
static bool send_port_message(VirtIOSerial *vser, VirtIOSerialPort *port)
{
    unsigned message = port->messages & -port->messages;
    bool sent;

    switch (message) {
    case PORT_MSG_ADD:
        sent = send_control(vser, port->nr, VIRTIO_CONSOLE_PORT_ADD, 1, NULL);
        break;
    case PORT_MSG_CONSOLE:
        sent = send_control(vser, port->nr, VIRTIO_CONSOLE_CONSOLE_PORT, 1, NULL);
        break;
    case PORT_MSG_NAME:
        sent = send_control(vser, port->nr, VIRTIO_CONSOLE_PORT_NAME, 1, port->name);
        break;
    default:
        sent = send_control(vser, port->nr, VIRTIO_CONSOLE_PORT_OPEN, port->host_connected, NULL);
        break;
    }
    if (sent) {
        port->messages &= ~message;
    }
    return sent;
}

/* Tells the guest what it has buffers for. */
static void send_messages(VirtIOSerial *vser)
{
    size_t nr = 0;

    if (!vser->guest_ready) {
        return;
    }
    while ((nr = find_next_bit(vser->removed, vser->max_ports, nr)) < vser->max_ports) {
        if (!send_control(vser, nr, VIRTIO_CONSOLE_PORT_REMOVE, 1, NULL)) {
            return;
        }
        clear_bit(nr, vser->removed);
    }
    for (nr = 0; nr < vser->max_ports; nr++) {
        VirtIOSerialPort *port = vser->ports[nr];

        while (port && port->messages) {
            if (!send_port_message(vser, port)) {
                return;
            }
        }
    }
}

static void control_rx_handler(VirtIODevice *vdev, VirtQueue *vq)
{
    send_messages(VIRTIO_SERIAL(vdev));
}

/* ---- Control messages from the guest ---- */

static void set_guest_connected(VirtIOSerialPort *port, bool connected)
{
    VirtIOSerialPortClass *pc = VIRTIO_SERIAL_PORT_GET_CLASS(port);

    if (port->guest_connected != connected) {
        port->guest_connected = connected;
        if (pc->set_guest_connected) {
            pc->set_guest_connected(port, connected);
        }
        if (connected && pc->guest_writable) {
            pc->guest_writable(port);
        }
    }
}

static void handle_device_ready(VirtIOSerial *vser, bool success)
{
    if (!success) {
        qemu_log_mask(LOG_GUEST_ERROR, "%s: guest failed to set the device up\n",
                      TYPE_VIRTIO_SERIAL);
        return;
    }
    vser->guest_ready = true;
    for (uint32_t nr = 0; nr < vser->max_ports; nr++) {
        if (vser->ports[nr]) {
            vser->ports[nr]->messages = PORT_MSG_ADD;
        }
    }
}

static void handle_port_ready(VirtIOSerialPort *port, bool success)
{
    if (!success) {
        qemu_log_mask(LOG_GUEST_ERROR, "%s: guest failed to set port %u up\n", TYPE_VIRTIO_SERIAL,
                      port->nr);
        return;
    }
    if (VIRTIO_SERIAL_PORT_GET_CLASS(port)->is_console) {
        port->messages |= PORT_MSG_CONSOLE;
    }
    if (port->name) {
        port->messages |= PORT_MSG_NAME;
    }
    if (port->host_connected) {
        port->messages |= PORT_MSG_OPEN;
    }
}

static void handle_control(VirtIOSerial *vser, const VirtIOConsoleControl *control)
{
    uint32_t id = le32_to_cpu(control->id);
    uint16_t event = le16_to_cpu(control->event);
    uint16_t value = le16_to_cpu(control->value);
    VirtIOSerialPort *port = id < vser->max_ports ? vser->ports[id] : NULL;

    TRACE(virtio_serial_control_from_guest, "vdev:%p port:%u event:%u value:%u", (void *)vser, id,
          event, value);
    if (event == VIRTIO_CONSOLE_DEVICE_READY) {
        handle_device_ready(vser, value);
    } else if (!port) {
        qemu_log_mask(LOG_GUEST_ERROR, "%s: message %u for port %u, which does not exist\n",
                      TYPE_VIRTIO_SERIAL, event, id);
    } else if (event == VIRTIO_CONSOLE_PORT_READY) {
        handle_port_ready(port, value);
    } else if (event == VIRTIO_CONSOLE_PORT_OPEN) {
        set_guest_connected(port, value);
    } else {
        qemu_log_mask(LOG_GUEST_ERROR, "%s: unknown message %u for port %u\n", TYPE_VIRTIO_SERIAL,
                      event, id);
    }
}

static void control_tx_handler(VirtIODevice *vdev, VirtQueue *vq)
{
    VirtIOSerial *vser = VIRTIO_SERIAL(vdev);

    for (unsigned n = virtio_queue_get_num(vq); n > 0; n--) {
        g_autofree VirtQueueElement *elem = virtqueue_pop(vq, sizeof(*elem));
        VirtIOConsoleControl control;

        if (!elem) {
            break;
        }
        if (iov_to_buf(elem->out_sg, elem->out_num, 0, &control, sizeof(control)) ==
            sizeof(control)) {
            handle_control(vser, &control);
        }
        virtqueue_push(vq, elem, 0);
    }
    virtio_notify(vdev, vq);
    send_messages(vser);
    virtio_queue_set_notification(vq, true);
    if (!virtio_queue_empty(vq)) {
        virtio_queue_schedule(vq);
    }
}

/* ---- Bytes from the guest ---- */

/* Bytes that go to the host in one turn: a guest's buffer may be as large as its memory. */
#define TX_BYTES_A_TURN (1 * MiB)

/*
 * Offers what is left of a buffer to the host, at most *@budget bytes, which it counts down;
 * whether all of the buffer has been taken. The host takes no more if there is budget left then.
 */
static bool port_write_out(VirtIOSerialPort *port, size_t *budget)
{
    VirtIOSerialPortClass *pc = VIRTIO_SERIAL_PORT_GET_CLASS(port);
    const VirtQueueElement *elem = port->tx_elem;
    struct iovec piece;

    while (port->tx_offset<elem->out_size && * budget> 0) {
        size_t taken;

        iov_slice(&piece, 1, elem->out_sg, elem->out_num, port->tx_offset, *budget);
        taken = pc->have_data(port, piece.iov_base, piece.iov_len);
        port->tx_offset += taken;
        *budget -= taken;
        if (taken < piece.iov_len) {
            return false;
        }
    }
    return port->tx_offset == elem->out_size;
}

void virtio_serial_flush(VirtIOSerialPort *port)
{
    VirtIODevice *vdev = &port->vser->parent_obj;
    VirtQueue *vq = port->tx_vq;
    unsigned left = virtio_queue_get_num(vq);
    size_t budget = TX_BYTES_A_TURN;

    port->is_throttled = false;
    while (left-- > 0) {
        if (!port->tx_elem) {
            port->tx_elem = virtqueue_pop(vq, sizeof(*port->tx_elem));
            port->tx_offset = 0;
        }
        if (!port->tx_elem) {
            break;
        }
        /* With nobody at the other end what is written is lost, as on a line without a plug. */
        if (port->host_connected && !port_write_out(port, &budget)) {
            port->is_throttled = budget > 0;
            break;
        }
        virtqueue_push(vq, port->tx_elem, 0);
        g_clear_pointer(&port->tx_elem, virtqueue_element_free);
    }
    virtio_notify(vdev, vq);
    virtio_queue_set_notification(vq, true);
    if (!port->is_throttled && (port->tx_elem || !virtio_queue_empty(vq))) {
        virtio_queue_schedule(vq);
    }
}

void virtio_serial_resume(VirtIOSerialPort *port)
{
    port->is_throttled = false;
    virtio_queue_schedule(port->tx_vq);
}

static void tx_handler(VirtIODevice *vdev, VirtQueue *vq)
{
    VirtIOSerialPort *port = port_of_queue(VIRTIO_SERIAL(vdev), vq);

    if (port && !port->is_throttled) {
        virtio_serial_flush(port);
    }
}

/* ---- Bytes for the guest ---- */

size_t virtio_serial_guest_room(VirtIOSerialPort *port)
{
    if (!virtio_is_live(&port->vser->parent_obj) || !port->guest_connected) {
        return 0;
    }
    while (!port->rx_elem) {
        port->rx_elem = next_buffer(port->rx_vq);
        if (!port->rx_elem) {
            return 0;
        }
        if (port->rx_elem->in_size == 0) {
            virtqueue_push(port->rx_vq, port->rx_elem, 0);
            g_clear_pointer(&port->rx_elem, virtqueue_element_free);
        }
    }
    return port->rx_elem->in_size;
}

void virtio_serial_write(VirtIOSerialPort *port, const uint8_t *buf, size_t len)
{
    g_autofree VirtQueueElement *elem = g_steal_pointer(&port->rx_elem);

    g_assert(elem && len <= elem->in_size);
    iov_from_buf(elem->in_sg, elem->in_num, 0, buf, len);
    virtqueue_push(port->rx_vq, elem, len);
    virtio_notify(&port->vser->parent_obj, port->rx_vq);
}

static void rx_handler(VirtIODevice *vdev, VirtQueue *vq)
{
    VirtIOSerialPort *port = port_of_queue(VIRTIO_SERIAL(vdev), vq);

    if (port && VIRTIO_SERIAL_PORT_GET_CLASS(port)->guest_writable) {
        VIRTIO_SERIAL_PORT_GET_CLASS(port)->guest_writable(port);
    }
}

/* ---- The device ---- */

void virtio_serial_set_host_connected(VirtIOSerialPort *port, bool connected)
{
    if (port->host_connected != connected) {
        port->host_connected = connected;
        port->messages |= PORT_MSG_OPEN;
        send_messages(port->vser);
    }
}

static void drop_elem(VirtQueue *vq, VirtQueueElement **elem)
{
    if (*elem) {
        virtqueue_detach_element(vq, *elem);
        g_clear_pointer(elem, virtqueue_element_free);
    }
}

static void serial_queue_reset(VirtIODevice *vdev, VirtQueue *vq)
{
    VirtIOSerial *vser = VIRTIO_SERIAL(vdev);
    VirtIOSerialPort *port = port_of_queue(vser, vq);

    if (vq == vser->control_rx || vq == vser->control_tx || !port) {
        return;
    }
    if (vq == port->rx_vq) {
        drop_elem(vq, &port->rx_elem);
    } else {
        drop_elem(vq, &port->tx_elem);
        port->is_throttled = false;
    }
}

static void serial_reset(VirtIODevice *vdev)
{
    VirtIOSerial *vser = VIRTIO_SERIAL(vdev);

    vser->guest_ready = false;
    bitmap_clear(vser->removed, 0, vser->max_ports);
    for (uint32_t nr = 0; nr < vser->max_ports; nr++) {
        VirtIOSerialPort *port = vser->ports[nr];

        if (port) {
            drop_elem(port->rx_vq, &port->rx_elem);
            drop_elem(port->tx_vq, &port->tx_elem);
            port->is_throttled = false;
            port->messages = 0;
            set_guest_connected(port, false);
        }
    }
}

static void serial_set_status(VirtIODevice *vdev)
{
    VirtIOSerial *vser = VIRTIO_SERIAL(vdev);

    /* Without control queues nobody could say so. */
    if ((vdev->status & VIRTIO_CONFIG_S_DRIVER_OK) && !use_multiport(vser) && vser->ports[0]) {
        set_guest_connected(vser->ports[0], true);
    }
}

static uint64_t serial_get_features(VirtIODevice *vdev, uint64_t features)
{
    features |= BIT_ULL(VIRTIO_CONSOLE_F_EMERG_WRITE);
    if (VIRTIO_SERIAL(vdev)->max_ports > 1) {
        features |= BIT_ULL(VIRTIO_CONSOLE_F_MULTIPORT);
    }
    return features;
}

static void serial_get_config(VirtIODevice *vdev)
{
    VirtIOConsoleConfig config = {
        .max_nr_ports = cpu_to_le32(VIRTIO_SERIAL(vdev)->max_ports),
    };

    memcpy(vdev->config, &config, sizeof(config));
}

static void serial_set_config(VirtIODevice *vdev, unsigned offset, unsigned size)
{
    unsigned emerg_wr = offsetof(VirtIOConsoleConfig, emerg_wr);
    VirtIOSerialPort *port = VIRTIO_SERIAL(vdev)->ports[0];

    if (offset == emerg_wr && port) {
        VIRTIO_SERIAL_PORT_GET_CLASS(port)->have_data(port, vdev->config + emerg_wr, 1);
    }
}

static bool serial_realize(VirtIODevice *vdev, GError **error)
{
    VirtIOSerial *vser = VIRTIO_SERIAL(vdev);

    if (vser->max_ports == 0) {
        error_setg(error, "Maximum number of serial ports not specified");
        return false;
    }
    if (vser->max_ports > MAX_PORTS) {
        error_setg(error, "maximum ports supported: %d", MAX_PORTS);
        return false;
    }
    virtio_init(vdev, VIRTIO_ID_CONSOLE, sizeof(VirtIOConsoleConfig));
    virtio_add_queue(vdev, PORT_QUEUE_SIZE, rx_handler);
    virtio_add_queue(vdev, PORT_QUEUE_SIZE, tx_handler);
    vser->control_rx = virtio_add_queue(vdev, CONTROL_QUEUE_SIZE, control_rx_handler);
    vser->control_tx = virtio_add_queue(vdev, CONTROL_QUEUE_SIZE, control_tx_handler);
    for (uint32_t nr = 1; nr < vser->max_ports; nr++) {
        virtio_add_queue(vdev, PORT_QUEUE_SIZE, rx_handler);
        virtio_add_queue(vdev, PORT_QUEUE_SIZE, tx_handler);
    }
    vser->ports = g_new0(VirtIOSerialPort *, vser->max_ports);
    vser->removed = bitmap_new(vser->max_ports);
    qbus_init(&vser->bus, sizeof(vser->bus), TYPE_VIRTIO_SERIAL_BUS, DEVICE(vdev), NULL);
    vser->bus.hotpluggable = true;
    return true;
}

static void serial_unrealize(VirtIODevice *vdev)
{
    VirtIOSerial *vser = VIRTIO_SERIAL(vdev);

    g_clear_pointer(&vser->removed, g_free);
    g_clear_pointer(&vser->ports, g_free);
    virtio_cleanup(vdev);
}

static const Property serial_properties[] = {
    DEFINE_PROP_UINT32("max_ports", VirtIOSerial, max_ports, 31),
};

static void serial_class_init(ObjectClass *klass, const void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    VirtioDeviceClass *vdc = VIRTIO_DEVICE_CLASS(klass);

    vdc->realize = serial_realize;
    vdc->unrealize = serial_unrealize;
    vdc->get_features = serial_get_features;
    vdc->get_config = serial_get_config;
    vdc->set_config = serial_set_config;
    vdc->set_status = serial_set_status;
    vdc->reset = serial_reset;
    vdc->queue_reset = serial_queue_reset;
    set_bit(DEVICE_CATEGORY_INPUT, dc->categories);
    device_class_set_props(dc, serial_properties);
}

/* ---- Ports as devices ---- */

static bool port_choose_nr(VirtIOSerial *vser, VirtIOSerialPort *port, GError **error)
{
    bool is_console = VIRTIO_SERIAL_PORT_GET_CLASS(port)->is_console;

    if (port->nr == 0 && !is_console) {
        error_setg(error, "Port number 0 on virtio-serial devices reserved for virtconsole devices "
                          "for backward compatibility.");
        return false;
    }
    for (uint32_t nr = 0; port->name && nr < vser->max_ports; nr++) {
        if (vser->ports[nr] && g_strcmp0(vser->ports[nr]->name, port->name) == 0) {
            error_setg(error, "virtio-serial-bus: A port already exists by name %s", port->name);
            return false;
        }
    }
    if (port->nr == PORT_NR_AUTO) {
        port->nr = is_console ? 0 : 1;
        while (port->nr < vser->max_ports && vser->ports[port->nr]) {
            port->nr++;
        }
    }
    if (port->nr >= vser->max_ports) {
        error_setg(error, "virtio-serial-bus: Out-of-range port id specified, max. allowed: %u",
                   vser->max_ports - 1);
        return false;
    }
    if (vser->ports[port->nr]) {
        error_setg(error, "virtio-serial-bus: A port already exists at id %u", port->nr);
        return false;
    }
    return true;
}

static bool port_realize(DeviceState *dev, GError **error)
{
    VirtIOSerialPort *port = VIRTIO_SERIAL_PORT(dev);
    VirtIOSerialPortClass *pc = VIRTIO_SERIAL_PORT_GET_CLASS(port);
    VirtIOSerial *vser = VIRTIO_SERIAL(dev->parent_bus->parent);
    VirtIODevice *vdev = &vser->parent_obj;

    if (!port_choose_nr(vser, port, error)) {
        return false;
    }
    port->vser = vser;
    port->rx_vq = virtio_get_queue(vdev, port_queue_index(port->nr));
    port->tx_vq = virtio_get_queue(vdev, port_queue_index(port->nr) + 1);
    if (!pc->realize(port, error)) {
        return false;
    }
    vser->ports[port->nr] = port;
    /* A guest that is ready already has not been told by DEVICE_READY's answer. */
    port->messages |= PORT_MSG_ADD;
    send_messages(vser);
    return true;
}

static void port_unrealize(DeviceState *dev)
{
    VirtIOSerialPort *port = VIRTIO_SERIAL_PORT(dev);
    VirtIOSerial *vser = port->vser;

    VIRTIO_SERIAL_PORT_GET_CLASS(port)->unrealize(port);
    drop_elem(port->rx_vq, &port->rx_elem);
    drop_elem(port->tx_vq, &port->tx_elem);
    vser->ports[port->nr] = NULL;
    /* If the guest has not been told of it there is nothing to take back. */
    if (vser->guest_ready && !(port->messages & PORT_MSG_ADD)) {
        set_bit(port->nr, vser->removed);
        send_messages(vser);
    }
}

static const Property port_properties[] = {
    DEFINE_PROP_UINT32("nr", VirtIOSerialPort, nr, PORT_NR_AUTO),
    DEFINE_PROP_STRING("name", VirtIOSerialPort, name),
};

static void port_class_init(ObjectClass *klass, const void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);

    dc->realize = port_realize;
    dc->unrealize = port_unrealize;
    dc->bus_type = TYPE_VIRTIO_SERIAL_BUS;
    set_bit(DEVICE_CATEGORY_INPUT, dc->categories);
    device_class_set_props(dc, port_properties);
}

static const TypeInfo serial_types[] = {
    {
        .name = TYPE_VIRTIO_SERIAL_BUS,
        .parent = TYPE_BUS,
        .instance_size = sizeof(BusState),
    },
    {
        .name = TYPE_VIRTIO_SERIAL,
        .parent = TYPE_VIRTIO_DEVICE,
        .instance_size = sizeof(VirtIOSerial),
        .class_init = serial_class_init,
    },
    {
        .name = TYPE_VIRTIO_SERIAL_PORT,
        .parent = TYPE_DEVICE,
        .abstract = true,
        .instance_size = sizeof(VirtIOSerialPort),
        .class_size = sizeof(VirtIOSerialPortClass),
        .class_init = port_class_init,
    },
};
DEFINE_TYPES(serial_types)
