/* SPDX-License-Identifier: MIT */
/*
 * The 16550A UART core, for the devices that put it on a bus (hw/char/serial-mm.c).
 *
 * The core is a device without a bus: its owner embeds it, sets its properties ("chardev",
 * "baudbase"), connects its one interrupt output and realizes it; the owner's I/O region hands
 * register accesses down. Everything here needs the BQL.
 */
#ifndef HW_CHAR_SERIAL_H
#define HW_CHAR_SERIAL_H

#include "hw/core/irq.h"
#include "hw/core/qdev.h"
#include "hw/core/runstate.h"
#include "qemu/main-loop.h"
#include "qemu/timer.h"
#include "system/chardev.h"

#define TYPE_SERIAL "serial"
OBJECT_DECLARE_SIMPLE_TYPE(SerialState, SERIAL)

#define SERIAL_NUM_REGS 8
#define SERIAL_FIFO_SIZE 16

/*
 * Bytes that have left the transmitter and wait to be handed to the back end in one write. One
 * write(2) a byte would cap the console below 1 MB/s; at 1 KiB it no longer counts.
 */
#define SERIAL_LINE_SIZE 1024

/* A received character and the line status bits (PE, FE, BI) that arrived with it. */
typedef struct SerialRxChar {
    uint8_t data;
    uint8_t errors;
} SerialRxChar;

struct SerialState {
    DeviceState parent_obj;

    CharBackend chr;   /* [const] the property "chardev" */
    uint32_t baudbase; /* [const] baud rate at divisor 1: a sixteenth of the input clock */
    qemu_irq irq;      /* [const] */

    bool irq_level; /* [bql] of irq */

    /* [bql] Registers, as the guest wrote them. */
    uint8_t ier;
    uint8_t fcr;
    uint8_t lcr;
    uint8_t mcr;
    uint8_t msr;
    uint8_t scr;
    uint16_t divisor;

    /* [bql] Receiver. */
    SerialRxChar rx[SERIAL_FIFO_SIZE];
    unsigned rx_head;
    unsigned rx_count;
    uint8_t lsr_errors; /* OE, and PE, FE, BI of the character at the head, until LSR is read */
    bool rx_timeout_pending;
    QEMUTimer *rx_timeout; /* [const] four character times without traffic, QEMU_CLOCK_VIRTUAL */

    /* [bql] Transmitter. Bytes go from the FIFO to the line unless the back end blocks it. */
    uint8_t tx[SERIAL_FIFO_SIZE];
    unsigned tx_head;
    unsigned tx_count;
    bool thre_pending;
    uint8_t line[SERIAL_LINE_SIZE];
    unsigned line_len;
    guint line_watch;      /* not 0: the back end is full, and will tell when it is not */
    QEMUTimer *line_timer; /* [const] to hand over the line, QEMU_CLOCK_REALTIME */

    QEMUTimer *modem_poll;        /* [const] real modem lines, while their interrupt is enabled */
    VMChangeStateEntry *vm_state; /* [const] */
};

/**
 * serial_read - the guest reads a register
 * @reg: 0 to SERIAL_NUM_REGS - 1
 */
uint8_t serial_read(SerialState *s, unsigned reg);

/** serial_write - the guest writes a register; @reg as above */
void serial_write(SerialState *s, unsigned reg, uint8_t value);

#endif
