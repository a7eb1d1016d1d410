/* SPDX-License-Identifier: MIT */
/*
 * Ports of a virtio console device: what the device (hw/char/virtio-serial-bus.c) and a kind of
 * port (hw/char/virtio-console.c) ask of each other.
 *
 * A port is a device on the console device's bus. "Guest" and "host" are its two ends; each can be
 * open or not. Bytes from the guest that the host cannot take now stay in the guest's buffer, and
 * bytes for the guest are taken from the host only when there is a buffer for them.
 *
 * Threads: BQL. Tests: tests/unit/hw/char/test-virtio-serial.c.
 */
#ifndef HW_VIRTIO_VIRTIO_SERIAL_H
#define HW_VIRTIO_VIRTIO_SERIAL_H

#include "hw/virtio/virtio.h"

#define TYPE_VIRTIO_SERIAL_PORT "virtio-serial-port"
OBJECT_DECLARE_TYPE(VirtIOSerialPort, VirtIOSerialPortClass, VIRTIO_SERIAL_PORT)

/**
 * VirtIOSerialPortClass
 * @is_console:  the guest is told to treat it as a console
 * @realize:     as of a device; the port has its number
 * @have_data:   the guest wrote @len bytes; returns how many were taken. If fewer, the rest is
 *               offered again after virtio_serial_resume()
 * @set_guest_connected: the guest has opened or closed its end; or NULL
 * @guest_writable: there may be room for virtio_serial_write() now; or NULL
 */
struct VirtIOSerialPortClass {
    DeviceClass parent_class;
    bool is_console;
    bool (*realize)(VirtIOSerialPort *port, GError **error);
    void (*unrealize)(VirtIOSerialPort *port);
    size_t (*have_data)(VirtIOSerialPort *port, const uint8_t *buf, size_t len);
    void (*set_guest_connected)(VirtIOSerialPort *port, bool connected);
    void (*guest_writable)(VirtIOSerialPort *port);
};

typedef struct VirtIOSerial VirtIOSerial;

struct VirtIOSerialPort {
    DeviceState parent_obj;

    /* [const] after realize */
    VirtIOSerial *vser;
    uint32_t nr;
    char *name; /* or NULL */
    VirtQueue *rx_vq;
    VirtQueue *tx_vq;

    /* [bql] */
    bool host_connected;
    bool guest_connected;
    bool is_throttled;         /* the host has not taken all of @tx_elem */
    VirtQueueElement *tx_elem; /* being written to the host, or NULL */
    size_t tx_offset;          /* bytes of it that the host has taken */
    VirtQueueElement *rx_elem; /* the buffer that virtio_serial_write() fills next, or NULL */
    unsigned messages;         /* PORT_MSG_*: what the guest is still to be told */
};

/* The host's end. */
void virtio_serial_set_host_connected(VirtIOSerialPort *port, bool connected);

/* How many bytes virtio_serial_write() takes now. */
size_t virtio_serial_guest_room(VirtIOSerialPort *port);
/* Gives the guest @len bytes, at most virtio_serial_guest_room(). */
void virtio_serial_write(VirtIOSerialPort *port, const uint8_t *buf, size_t len);

/* The host takes bytes again: goes on with what is left, in the main loop. */
void virtio_serial_resume(VirtIOSerialPort *port);
/* The same, at once. */
void virtio_serial_flush(VirtIOSerialPort *port);

#endif
