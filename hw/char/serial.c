/* SPDX-License-Identifier: MIT */
/*
 * 16550A UART: registers, FIFOs and interrupts.
 *
 * Specification: National Semiconductor PC16550D data sheet, June 1995; section and table names
 * below are its own. Where we differ, on purpose:
 *   - Transmission takes no time: a character leaves the FIFO at once. Only a back end that takes
 *     no more holds characters back; THRE and TEMT then tell the guest to wait, nothing is dropped.
 *   - All eight data bits pass at every word length: bare-metal guests print without ever writing
 *     LCR, whose reset value asks for five bits.
 *   - The back end delivers input only while the receiver has room, so an overrun happens in
 *     loopback mode only.
 * The divisor sets the pace of the receiver's character timeout and the speed of a real line.
 *
 * Runs under the BQL. Tests: tests/unit/hw/char/test-serial.c.
 */
#include "qemu/osdep.h"

#include "hw/char/serial.h"
#include "hw/core/qdev-properties.h"
#include "hw/core/reset.h"
#include "hw/core/runstate.h"
#include "qemu/error.h"
#include "qemu/log.h"

/* Register offsets. The first two depend on LCR.DLAB; 2 is IIR when read and FCR when written. */
enum {
    REG_RBR_THR = 0,
    REG_IER = 1,
    REG_IIR_FCR = 2,
    REG_LCR = 3,
    REG_MCR = 4,
    REG_LSR = 5,
    REG_MSR = 6,
    REG_SCR = 7,
};

enum {
    IER_RDA = 0x01,  /* received data available, and character timeout */
    IER_THRE = 0x02, /* transmitter holding register empty */
    IER_RLS = 0x04,  /* receiver line status */
    IER_MODEM = 0x08,
    IER_MASK = 0x0f,

    IIR_MODEM = 0x00,
    IIR_NONE = 0x01,
    IIR_THRE = 0x02,
    IIR_RDA = 0x04,
    IIR_RLS = 0x06,
    IIR_TIMEOUT = 0x0c,
    IIR_FIFO_ENABLED = 0xc0,

    FCR_ENABLE = 0x01,
    FCR_RX_RESET = 0x02,
    FCR_TX_RESET = 0x04,
    FCR_KEPT = 0xc9, /* enable, DMA mode, receiver trigger: the other bits clear themselves */

    LCR_WORD_LENGTH = 0x03,
    LCR_STOP_BITS = 0x04,
    LCR_PARITY = 0x08,
    LCR_EVEN = 0x10,
    LCR_BREAK = 0x40,
    LCR_DLAB = 0x80,

    MCR_DTR = 0x01,
    MCR_RTS = 0x02,
    MCR_OUT1 = 0x04,
    MCR_OUT2 = 0x08,
    MCR_LOOP = 0x10,
    MCR_MASK = 0x1f,

    LSR_DR = 0x01,
    LSR_OE = 0x02,
    LSR_PE = 0x04,
    LSR_FE = 0x08,
    LSR_BI = 0x10,
    LSR_THRE = 0x20,
    LSR_TEMT = 0x40,
    LSR_FIFO_ERROR = 0x80,
    LSR_CHAR_ERRORS = LSR_PE | LSR_FE | LSR_BI,

    MSR_DCTS = 0x01,
    MSR_DDSR = 0x02,
    MSR_TERI = 0x04,
    MSR_DDCD = 0x08,
    MSR_DELTAS = 0x0f,
    MSR_CTS = 0x10,
    MSR_DSR = 0x20,
    MSR_RI = 0x40,
    MSR_DCD = 0x80,
    MSR_LINES = 0xf0,
};

/* Not defined by the data sheet; 9600 baud at the PC's clock, as firmware of the time left it. */
#define RESET_DIVISOR 12

#define MODEM_POLL_NS (10 * 1000 * 1000)

/*
 * How long a byte waits for others before it is handed to the back end. Waking the main loop for
 * each byte cost half of the time in lock hand-overs; a person or a script does not notice 1 ms.
 */
#define LINE_DELAY_NS (1000 * 1000)

static bool serial_fifo_enabled(const SerialState *s)
{
    return s->fcr & FCR_ENABLE;
}

/* How many characters the receiver, and as many the transmitter, can hold. */
static unsigned serial_depth(const SerialState *s)
{
    return serial_fifo_enabled(s) ? SERIAL_FIFO_SIZE : 1;
}

static unsigned serial_rx_trigger(const SerialState *s)
{
    static const uint8_t levels[4] = {1, 4, 8, 14};

    return serial_fifo_enabled(s) ? levels[s->fcr >> 6] : 1;
}

/* Start bit, data bits, parity bit and stop bits (one and a half count as two) of a character. */
static unsigned serial_char_bits(const SerialState *s)
{
    return 1 + 5 + (s->lcr & LCR_WORD_LENGTH) + !!(s->lcr & LCR_PARITY) +
           (s->lcr & LCR_STOP_BITS ? 2 : 1);
}

static int64_t serial_char_ns(const SerialState *s)
{
    uint64_t divisor = MAX(s->divisor, 1);

    return divisor * serial_char_bits(s) * NANOSECONDS_PER_SECOND / s->baudbase;
}

/* ---- Interrupts: the table "Interrupt Control Functions" ---- */

static uint8_t serial_interrupt_id(const SerialState *s)
{
    if ((s->ier & IER_RLS) && s->lsr_errors) {
        return IIR_RLS;
    }
    if ((s->ier & IER_RDA) && s->rx_count >= serial_rx_trigger(s)) {
        return IIR_RDA;
    }
    if ((s->ier & IER_RDA) && s->rx_timeout_pending) {
        return IIR_TIMEOUT;
    }
    if ((s->ier & IER_THRE) && s->thre_pending) {
        return IIR_THRE;
    }
    if ((s->ier & IER_MODEM) && (s->msr & MSR_DELTAS)) {
        return IIR_MODEM;
    }
    return IIR_NONE;
}

/* Most accesses change nothing: the interrupt controller, which locks, is told of changes only. */
static void serial_update_irq(SerialState *s)
{
    bool level = serial_interrupt_id(s) != IIR_NONE;

    if (level != s->irq_level) {
        s->irq_level = level;
        qemu_set_irq(s->irq, level);
    }
}

/* ---- Receiver ---- */

/*
 * Four character times from now, unless something is read or received ("FIFO Interrupt Mode
 * Operation").
 */
static void serial_rx_timeout_restart(SerialState *s)
{
    s->rx_timeout_pending = false;
    if (serial_fifo_enabled(s) && s->rx_count > 0) {
        timer_mod(s->rx_timeout, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + 4 * serial_char_ns(s));
    } else {
        timer_del(s->rx_timeout);
    }
}

static void serial_rx_timeout_expired(void *opaque)
{
    SerialState *s = opaque;

    s->rx_timeout_pending = s->rx_count > 0;
    serial_update_irq(s);
}

/* The character at the head of the FIFO shows its errors in LSR, once. */
static void serial_rx_reveal_errors(SerialState *s)
{
    if (s->rx_count > 0) {
        s->lsr_errors |= s->rx[s->rx_head].errors;
        s->rx[s->rx_head].errors = 0;
    }
}

static void serial_rx_clear(SerialState *s)
{
    s->rx_head = 0;
    s->rx_count = 0;
    s->lsr_errors &= ~LSR_CHAR_ERRORS;
    serial_rx_timeout_restart(s);
}

static void serial_rx_push(SerialState *s, uint8_t data, uint8_t errors)
{
    if (s->rx_count == serial_depth(s)) {
        s->lsr_errors |= LSR_OE;
        if (!serial_fifo_enabled(s)) {
            /*
             * The new character overwrites RBR; a full FIFO stays as it is ("Line Status Register",
             * bit 1).
             */
            s->rx[s->rx_head].data = data;
            s->lsr_errors |= errors;
        }
    } else {
        s->rx[(s->rx_head + s->rx_count++) % SERIAL_FIFO_SIZE] =
            (SerialRxChar){.data = data, .errors = errors};
        serial_rx_reveal_errors(s);
    }
    serial_rx_timeout_restart(s);
}

static uint8_t serial_rx_pop(SerialState *s)
{
    uint8_t data = s->rx[s->rx_head].data;

    /* An empty receiver gives the last character again. */
    if (s->rx_count > 0) {
        s->rx_head = (s->rx_head + 1) % SERIAL_FIFO_SIZE;
        s->rx_count--;
        serial_rx_reveal_errors(s);
        /* The slot just read is the last one when the FIFO is empty: keep RBR readable. */
        if (s->rx_count == 0) {
            s->rx[s->rx_head].data = data;
        }
    }
    serial_rx_timeout_restart(s);
    return data;
}

static int serial_chr_can_read(void *opaque)
{
    SerialState *s = opaque;

    /* In loopback mode the receiver is disconnected from the line: input waits at the back end. */
    return s->mcr & MCR_LOOP ? 0 : serial_depth(s) - s->rx_count;
}

static void serial_chr_read(void *opaque, const uint8_t *buf, int size)
{
    SerialState *s = opaque;

    for (int i = 0; i < size; i++) {
        serial_rx_push(s, buf[i], 0);
    }
    serial_update_irq(s);
}

static void serial_chr_event(void *opaque, QEMUChrEvent event)
{
    SerialState *s = opaque;

    if (event == CHR_EVENT_BREAK && !(s->mcr & MCR_LOOP)) {
        serial_rx_push(s, 0, LSR_BI);
        serial_update_irq(s);
    }
}

/* ---- Transmitter ---- */

static gboolean serial_line_writable(void *unused, GIOCondition condition, void *opaque);

/* Move the FIFO to the line, or in loopback mode to the receiver. */
static void serial_tx_drain(SerialState *s)
{
    bool was_empty = s->tx_count == 0;

    while (s->tx_count > 0) {
        uint8_t data = s->tx[s->tx_head];

        if (s->mcr & MCR_LOOP) {
            serial_rx_push(s, data, 0);
        } else if (s->line_watch || s->line_len == SERIAL_LINE_SIZE) {
            break;
        } else {
            s->line[s->line_len++] = data;
        }
        s->tx_head = (s->tx_head + 1) % SERIAL_FIFO_SIZE;
        s->tx_count--;
    }
    if (s->tx_count == 0 && !was_empty) {
        s->thre_pending = true;
    }
}

/* Offer the line to the back end, and refill it from the FIFO for as long as all is taken. */
static void serial_line_flush(SerialState *s)
{
    while (s->line_len > 0 && !s->line_watch) {
        unsigned taken = qemu_chr_fe_write(&s->chr, s->line, s->line_len);

        s->line_len -= taken;
        memmove(s->line, s->line + taken, s->line_len);
        if (s->line_len > 0) {
            s->line_watch =
                qemu_chr_fe_add_watch(&s->chr, G_IO_OUT | G_IO_HUP, serial_line_writable, s);
            if (!s->line_watch) {
                /*
                 * The back end cannot tell when it is ready again, so it takes all or wants none.
                 */
                s->line_len = 0;
            }
        }
        serial_tx_drain(s);
    }
    serial_update_irq(s);
}

static gboolean serial_line_writable(void *unused, GIOCondition condition, void *opaque)
{
    SerialState *s = opaque;

    s->line_watch = 0;
    serial_line_flush(s);
    return G_SOURCE_REMOVE;
}

static void serial_line_due(void *opaque)
{
    serial_line_flush(opaque);
}

/*
 * Wait for a slow back end: the process is about to end, and the guest's last words are not to be
 * lost. qemu_chr_fe_write_all() gives up on one that takes nothing at all.
 */
static void serial_line_write_all(SerialState *s)
{
    unsigned taken;

    if (s->line_watch) {
        g_source_remove(s->line_watch);
        s->line_watch = 0;
    }
    do {
        taken = qemu_chr_fe_write_all(&s->chr, s->line, s->line_len);
        s->line_len -= taken;
        memmove(s->line, s->line + taken, s->line_len);
        serial_tx_drain(s);
    } while (taken > 0 && s->line_len > 0);
    serial_update_irq(s);
}

static void serial_vm_state_changed(void *opaque, bool running, RunState state)
{
    SerialState *s = opaque;

    if (!running && state == RUN_STATE_SHUTDOWN) {
        serial_line_write_all(s);
    } else if (!running) {
        serial_line_flush(s);
    }
}

static void serial_tx_push(SerialState *s, uint8_t data)
{
    s->thre_pending = false;
    if (s->tx_count == serial_depth(s)) {
        qemu_log_mask(LOG_GUEST_ERROR, "serial: write to a full transmitter, 0x%02x is lost\n",
                      data);
        return;
    }
    s->tx[(s->tx_head + s->tx_count++) % SERIAL_FIFO_SIZE] = data;
    serial_tx_drain(s);
    if (s->line_len == SERIAL_LINE_SIZE) {
        serial_line_flush(s);
    } else if (s->line_len == 1 && !s->line_watch) {
        /* The first byte of a batch. */
        timer_mod(s->line_timer, qemu_clock_get_ns(QEMU_CLOCK_REALTIME) + LINE_DELAY_NS);
    }
}

static void serial_tx_clear(SerialState *s)
{
    s->tx_head = 0;
    s->tx_count = 0;
    s->thre_pending = true;
}

/* ---- Line parameters and modem lines ---- */

static void serial_update_parameters(SerialState *s)
{
    QEMUSerialSetParams params = {
        .speed = s->baudbase / MAX(s->divisor, 1),
        .parity = !(s->lcr & LCR_PARITY) ? 'N' :
                  s->lcr & LCR_EVEN      ? 'E' :
                                           'O',
        .data_bits = 5 + (s->lcr & LCR_WORD_LENGTH),
        .stop_bits = s->lcr & LCR_STOP_BITS ? 2 : 1,
    };

    qemu_chr_fe_ioctl(&s->chr, CHR_IOCTL_SERIAL_SET_PARAMS, &params);
}

/*
 * The modem inputs now: MCR's outputs in loopback mode, the back end's lines, or a peer that is
 * ready.
 */
static uint8_t serial_modem_inputs(SerialState *s)
{
    int tiocm;

    if (s->mcr & MCR_LOOP) {
        return (s->mcr & MCR_RTS ? MSR_CTS : 0) | (s->mcr & MCR_DTR ? MSR_DSR : 0) |
               (s->mcr & MCR_OUT1 ? MSR_RI : 0) | (s->mcr & MCR_OUT2 ? MSR_DCD : 0);
    }
    if (qemu_chr_fe_ioctl(&s->chr, CHR_IOCTL_SERIAL_GET_TIOCM, &tiocm) == 0) {
        return (tiocm & CHR_TIOCM_CTS ? MSR_CTS : 0) | (tiocm & CHR_TIOCM_DSR ? MSR_DSR : 0) |
               (tiocm & CHR_TIOCM_RI ? MSR_RI : 0) | (tiocm & CHR_TIOCM_CAR ? MSR_DCD : 0);
    }
    return MSR_CTS | MSR_DSR | MSR_DCD;
}

static void serial_update_modem_inputs(SerialState *s)
{
    uint8_t lines = serial_modem_inputs(s);
    uint8_t changed = (s->msr ^ lines) & MSR_LINES;

    /* TERI tells the end of a ring only. */
    s->msr = lines | (s->msr & MSR_DELTAS) | (changed & MSR_CTS ? MSR_DCTS : 0) |
             (changed & MSR_DSR ? MSR_DDSR : 0) | (changed & ~lines & MSR_RI ? MSR_TERI : 0) |
             (changed & MSR_DCD ? MSR_DDCD : 0);
}

/* Real lines change without notice: look at them while the guest wants an interrupt from them. */
static void serial_modem_poll_restart(SerialState *s)
{
    int tiocm;

    if ((s->ier & IER_MODEM) && !(s->mcr & MCR_LOOP) &&
        qemu_chr_fe_ioctl(&s->chr, CHR_IOCTL_SERIAL_GET_TIOCM, &tiocm) == 0) {
        timer_mod(s->modem_poll, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + MODEM_POLL_NS);
    } else {
        timer_del(s->modem_poll);
    }
}

static void serial_modem_poll(void *opaque)
{
    SerialState *s = opaque;

    serial_update_modem_inputs(s);
    serial_modem_poll_restart(s);
    serial_update_irq(s);
}

/* ---- Registers ---- */

static void serial_write_ier(SerialState *s, uint8_t value)
{
    uint8_t enabled = value & ~s->ier;

    s->ier = value & IER_MASK;
    /* Enabling the interrupt while THRE is set raises it ("Interrupt Enable Register", bit 1). */
    if ((enabled & IER_THRE) && s->tx_count == 0) {
        s->thre_pending = true;
    }
    if (enabled & IER_MODEM) {
        serial_update_modem_inputs(s);
    }
    serial_modem_poll_restart(s);
}

static void serial_write_fcr(SerialState *s, uint8_t value)
{
    bool toggled = (value ^ s->fcr) & FCR_ENABLE;

    if (toggled || (value & FCR_ENABLE && value & FCR_RX_RESET)) {
        serial_rx_clear(s);
    }
    if (toggled || (value & FCR_ENABLE && value & FCR_TX_RESET)) {
        serial_tx_clear(s);
    }
    /* The other bits are programmed only together with a set enable bit. */
    s->fcr = value & FCR_ENABLE ? value & FCR_KEPT : 0;
}

static void serial_write_lcr(SerialState *s, uint8_t value)
{
    uint8_t changed = s->lcr ^ value;

    s->lcr = value;
    if (changed & LCR_BREAK) {
        int on = !!(value & LCR_BREAK);

        qemu_chr_fe_ioctl(&s->chr, CHR_IOCTL_SERIAL_SET_BREAK, &on);
    }
    if (changed & ~(LCR_BREAK | LCR_DLAB)) {
        serial_update_parameters(s);
    }
}

static void serial_write_mcr(SerialState *s, uint8_t value)
{
    s->mcr = value & MCR_MASK;
    if (!(s->mcr & MCR_LOOP)) {
        int tiocm = (s->mcr & MCR_DTR ? CHR_TIOCM_DTR : 0) | (s->mcr & MCR_RTS ? CHR_TIOCM_RTS : 0);

        qemu_chr_fe_ioctl(&s->chr, CHR_IOCTL_SERIAL_SET_TIOCM, &tiocm);
    }
    serial_update_modem_inputs(s);
    serial_modem_poll_restart(s);
    serial_tx_drain(s);
}

static void serial_write_divisor(SerialState *s, uint16_t divisor)
{
    if (divisor != s->divisor) {
        s->divisor = divisor;
        serial_update_parameters(s);
    }
}

void serial_write(SerialState *s, unsigned reg, uint8_t value)
{
    bool dlab = s->lcr & LCR_DLAB;

    switch (reg) {
    case REG_RBR_THR:
        if (dlab) {
            serial_write_divisor(s, (s->divisor & 0xff00) | value);
        } else {
            serial_tx_push(s, value);
        }
        break;
    case REG_IER:
        if (dlab) {
            serial_write_divisor(s, (s->divisor & 0x00ff) | value << 8);
        } else {
            serial_write_ier(s, value);
        }
        break;
    case REG_IIR_FCR:
        serial_write_fcr(s, value);
        break;
    case REG_LCR:
        serial_write_lcr(s, value);
        break;
    case REG_MCR:
        serial_write_mcr(s, value);
        break;
    case REG_SCR:
        s->scr = value;
        break;
    default:
        /* LSR and MSR: writes are for factory tests only. */
        qemu_log_mask(LOG_GUEST_ERROR, "serial: write of 0x%02x to read-only register %u\n", value,
                      reg);
        break;
    }
    serial_update_irq(s);
    if (reg == REG_IIR_FCR || reg == REG_MCR) {
        /* The receiver may have room now, or be back on the line. */
        qemu_chr_fe_accept_input(&s->chr);
    }
}

static uint8_t serial_read_iir(SerialState *s)
{
    uint8_t id = serial_interrupt_id(s);

    if (id == IIR_THRE) {
        s->thre_pending = false;
    }
    return id | (serial_fifo_enabled(s) ? IIR_FIFO_ENABLED : 0);
}

static uint8_t serial_read_lsr(SerialState *s)
{
    uint8_t lsr = s->lsr_errors;
    uint8_t errors = s->lsr_errors & LSR_CHAR_ERRORS;

    for (unsigned i = 0; i < s->rx_count; i++) {
        errors |= s->rx[(s->rx_head + i) % SERIAL_FIFO_SIZE].errors;
    }
    lsr |= s->rx_count > 0 ? LSR_DR : 0;
    lsr |= errors && serial_fifo_enabled(s) ? LSR_FIFO_ERROR : 0;
    lsr |= s->tx_count == 0 ? LSR_THRE : 0;
    lsr |= s->tx_count == 0 && !s->line_watch ? LSR_TEMT : 0;
    s->lsr_errors = 0;
    return lsr;
}

static uint8_t serial_read_msr(SerialState *s)
{
    uint8_t msr;

    serial_update_modem_inputs(s);
    msr = s->msr;
    s->msr &= ~MSR_DELTAS;
    return msr;
}

uint8_t serial_read(SerialState *s, unsigned reg)
{
    bool dlab = s->lcr & LCR_DLAB;
    uint8_t value = 0;

    switch (reg) {
    case REG_RBR_THR:
        if (dlab) {
            return s->divisor & 0xff;
        }
        value = serial_rx_pop(s);
        serial_update_irq(s);
        qemu_chr_fe_accept_input(&s->chr);
        return value;
    case REG_IER:
        return dlab ? s->divisor >> 8 : s->ier;
    case REG_IIR_FCR:
        value = serial_read_iir(s);
        break;
    case REG_LCR:
        return s->lcr;
    case REG_MCR:
        return s->mcr;
    case REG_LSR:
        value = serial_read_lsr(s);
        break;
    case REG_MSR:
        value = serial_read_msr(s);
        break;
    case REG_SCR:
        return s->scr;
    default:
        break;
    }
    serial_update_irq(s);
    return value;
}

/* ---- Device ---- */

/* What the line still holds is on its way already: a reset of the machine does not lose it. */
static void serial_reset_enter(Object *obj, ResetType type)
{
    SerialState *s = SERIAL(obj);

    s->ier = 0;
    s->fcr = 0;
    s->lcr = 0;
    s->mcr = 0;
    s->scr = 0;
    s->divisor = RESET_DIVISOR;
    serial_rx_clear(s);
    s->lsr_errors = 0;
    serial_tx_clear(s);
    s->thre_pending = false;
    s->msr = serial_modem_inputs(s);
    timer_del(s->modem_poll);
}

static void serial_reset_hold(Object *obj, ResetType type)
{
    serial_update_irq(SERIAL(obj));
}

static void serial_reset_exit(Object *obj, ResetType type)
{
    qemu_chr_fe_accept_input(&SERIAL(obj)->chr);
}

static bool serial_realize(DeviceState *dev, GError **error)
{
    SerialState *s = SERIAL(dev);

    if (s->baudbase == 0) {
        error_setg(error, "baudbase must not be 0");
        return false;
    }
    s->rx_timeout = timer_new_ns(QEMU_CLOCK_VIRTUAL, serial_rx_timeout_expired, s);
    s->modem_poll = timer_new_ns(QEMU_CLOCK_VIRTUAL, serial_modem_poll, s);
    s->line_timer = timer_new_ns(QEMU_CLOCK_REALTIME, serial_line_due, s);
    s->vm_state = qemu_add_vm_change_state_handler(serial_vm_state_changed, s);
    qemu_chr_fe_set_handlers(&s->chr, serial_chr_can_read, serial_chr_read, serial_chr_event, s);
    return true;
}

static void serial_unrealize(DeviceState *dev)
{
    SerialState *s = SERIAL(dev);

    if (s->line_watch) {
        g_source_remove(s->line_watch);
        s->line_watch = 0;
    }
    serial_line_flush(s);
    qemu_chr_fe_deinit(&s->chr, false);
    g_clear_pointer(&s->vm_state, qemu_del_vm_change_state_handler);
    g_clear_pointer(&s->line_timer, timer_free);
    g_clear_pointer(&s->rx_timeout, timer_free);
    g_clear_pointer(&s->modem_poll, timer_free);
}

static const Property serial_properties[] = {
    DEFINE_PROP_CHR("chardev", SerialState, chr),
    DEFINE_PROP_UINT32("baudbase", SerialState, baudbase, 115200),
};

static void serial_class_init(ObjectClass *klass, const void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    ResettableClass *rc = RESETTABLE_CLASS(klass);

    dc->desc = "16550A UART";
    dc->user_creatable = false;
    dc->realize = serial_realize;
    dc->unrealize = serial_unrealize;
    rc->phases.enter = serial_reset_enter;
    rc->phases.hold = serial_reset_hold;
    rc->phases.exit = serial_reset_exit;
    device_class_set_props(dc, serial_properties);
}

static const TypeInfo serial_types[] = {
    {
        .name = TYPE_SERIAL,
        .parent = TYPE_DEVICE,
        .instance_size = sizeof(SerialState),
        .class_init = serial_class_init,
    },
};
DEFINE_TYPES(serial_types)
