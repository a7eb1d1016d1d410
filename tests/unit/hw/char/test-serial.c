/* SPDX-License-Identifier: MIT */
/*
 * The 16550A UART through the registers of serial-mm: PC16550D data sheet, and what happens when
 * the back end is slow.
 */
#include "qemu/osdep.h"

#include "../hw-test.h"
#include "hw/core/qdev-properties.h"
#include "qemu/units.h"

#define BASE 0x10000000

enum {
    RBR,
    IER,
    IIR,
    LCR,
    MCR,
    LSR,
    MSR,
    SCR,
    THR = RBR,
    FCR = IIR,
    DLL = RBR,
    DLM = IER
};

enum {
    IIR_NONE = 1,
    IIR_THRE = 2,
    IIR_RDA = 4,
    IIR_RLS = 6,
    IIR_TIMEOUT = 0xc,
    LSR_DR = 1,
    LSR_OE = 2,
    LSR_BI = 0x10,
    LSR_THRE = 0x20,
    LSR_TEMT = 0x40,
    LSR_FIFO_ERROR = 0x80,
    MCR_LOOP = 0x10,
};

/* 115200 baud at divisor 1, eight data bits and one stop bit: 10 bits a character. */
#define BAUD 115200
#define CHAR_NS (10 * NANOSECONDS_PER_SECOND / BAUD)

typedef struct Fixture {
    DeviceState *dev;
    HwTestChardev *chr;
    HwTestSink irq;
} Fixture;

static uint8_t rd(unsigned reg)
{
    return hw_test_read(BASE + reg, 1);
}

static void wr(unsigned reg, uint8_t value)
{
    hw_test_write(BASE + reg, 1, value);
}

static void set_up(Fixture *f, const void *data)
{
    f->chr = hw_test_chardev_new();
    f->dev = qdev_new("serial-mm");
    qdev_prop_set_uint32(f->dev, "baudbase", BAUD);
    g_assert_true(qdev_prop_set_chr(f->dev, "chardev", CHARDEV(f->chr), NULL));
    hw_test_map(f->dev, BASE);
    sysbus_connect_irq(SYS_BUS_DEVICE(f->dev), 0, hw_test_sink(&f->irq));
    wr(LCR, 0x80);
    wr(DLL, 1);
    wr(DLM, 0);
    wr(LCR, 0x03);
}

static void tear_down(Fixture *f, const void *data)
{
    hw_test_unmap(f->dev);
    hw_test_free_sinks();
    qemu_chr_delete(CHARDEV(f->chr));
}

static void input(Fixture *f, const char *bytes)
{
    g_assert_cmpint(hw_test_chardev_input(f->chr, bytes, strlen(bytes)), ==, strlen(bytes));
}

static void test_reset_values(Fixture *f, const void *data)
{
    device_cold_reset(f->dev);
    g_assert_cmphex(rd(IER), ==, 0);
    g_assert_cmphex(rd(IIR), ==, IIR_NONE);
    g_assert_cmphex(rd(LCR), ==, 0);
    g_assert_cmphex(rd(MCR), ==, 0);
    g_assert_cmphex(rd(LSR), ==, LSR_THRE | LSR_TEMT);
    g_assert_cmphex(rd(MSR), ==, 0xb0); /* CTS, DSR, DCD: a peer that is ready */
    g_assert_cmpint(f->irq.level, ==, 0);
}

static void test_scratch_and_divisor(Fixture *f, const void *data)
{
    wr(SCR, 0x5a);
    g_assert_cmphex(rd(SCR), ==, 0x5a);
    wr(IER, 0xff);
    g_assert_cmphex(rd(IER), ==, 0x0f);
    wr(LCR, 0x83);
    wr(DLL, 0x34);
    wr(DLM, 0x12);
    g_assert_cmphex(rd(DLL), ==, 0x34);
    g_assert_cmphex(rd(DLM), ==, 0x12);
    wr(LCR, 0x03);
    g_assert_cmphex(rd(IER), ==, 0x0f);
    g_assert_cmpuint(f->chr->written->len, ==, 0);
}

static void test_output(Fixture *f, const void *data)
{
    for (const char *p = "hello"; *p; p++) {
        g_assert_cmphex(rd(LSR), ==, LSR_THRE | LSR_TEMT);
        wr(THR, *p);
    }
    hw_test_run_main_loop();
    g_assert_cmpstr(f->chr->written->str, ==, "hello");
}

/* More than the line holds between two rounds of the main loop. */
static void test_output_bulk(Fixture *f, const void *data)
{
    for (int i = 0; i < 10000; i++) {
        g_assert_cmphex(rd(LSR) & LSR_THRE, ==, LSR_THRE);
        wr(THR, i % 251);
    }
    hw_test_run_main_loop();
    g_assert_cmpuint(f->chr->written->len, ==, 10000);
    for (int i = 0; i < 10000; i++) {
        g_assert_cmpuint((uint8_t)f->chr->written->str[i], ==, i % 251);
    }
}

/* A slow back end: the guest waits for THRE, and nothing is lost or reordered. */
static void test_output_slow(Fixture *f, const void *data)
{
    unsigned sent = 0;

    wr(FCR, 0x01);
    f->chr->room = 3;
    while (sent < 5000) {
        if (rd(LSR) & LSR_THRE) {
            for (int i = 0; i < 16; i++, sent++) {
                wr(THR, sent % 251);
            }
        } else {
            g_assert_cmphex(rd(LSR) & LSR_TEMT, ==, 0);
            hw_test_chardev_set_room(f->chr, 700);
        }
        hw_test_run_main_loop();
    }
    hw_test_chardev_set_room(f->chr, -1);
    g_assert_cmphex(rd(LSR), ==, LSR_THRE | LSR_TEMT);
    g_assert_cmpuint(f->chr->written->len, ==, sent);
    for (unsigned i = 0; i < sent; i++) {
        g_assert_cmpuint((uint8_t)f->chr->written->str[i], ==, i % 251);
    }
}

/* A full transmitter loses what is written to it, and nothing else. */
static void test_output_overflow(Fixture *f, const void *data)
{
    f->chr->room = 0;
    wr(FCR, 0x01);
    wr(THR, 'a');
    hw_test_run_main_loop(); /* 'a' is on the line, which is blocked now */
    for (char c = 'b'; c < 'b' + 16; c++) {
        wr(THR, c);
    }
    wr(THR, 'X');
    hw_test_chardev_set_room(f->chr, -1);
    g_assert_cmpstr(f->chr->written->str, ==, "abcdefghijklmnopq");
}

/* What a slow back end has not taken is waited for before the process ends. */
static void test_output_at_exit(Fixture *f, const void *data)
{
    f->chr->room = 1;
    wr(FCR, 0x01);
    wr(THR, 'a');
    wr(THR, 'b');
    hw_test_run_main_loop();
    for (const char *p = "cdefgh"; *p; p++) {
        wr(THR, *p);
    }
    f->chr->room = -1;
    hw_test_set_run_state(RUN_STATE_SHUTDOWN);
    g_assert_cmpstr(f->chr->written->str, ==, "abcdefgh");
    g_assert_cmphex(rd(LSR), ==, LSR_THRE | LSR_TEMT);
    hw_test_set_run_state(RUN_STATE_RUNNING);
}

/* A stop shows what has been printed before it, at once. */
static void test_output_at_stop(Fixture *f, const void *data)
{
    wr(THR, 'x');
    g_assert_cmpstr(f->chr->written->str, ==, "");
    hw_test_set_run_state(RUN_STATE_PAUSED);
    g_assert_cmpstr(f->chr->written->str, ==, "x");
    hw_test_set_run_state(RUN_STATE_RUNNING);
}

static void test_thre_interrupt(Fixture *f, const void *data)
{
    wr(IER, 0x02);
    g_assert_cmpint(f->irq.level, ==, 1);
    g_assert_cmphex(rd(IIR), ==, IIR_THRE);
    /* Reading IIR took it away. */
    g_assert_cmpint(f->irq.level, ==, 0);
    g_assert_cmphex(rd(IIR), ==, IIR_NONE);
    wr(THR, 'x');
    g_assert_cmphex(rd(IIR), ==, IIR_THRE);
    /* Enabling it again while THRE is set raises it again. */
    wr(IER, 0);
    wr(IER, 0x02);
    g_assert_cmpint(f->irq.level, ==, 1);
}

static void test_thre_waits_for_back_end(Fixture *f, const void *data)
{
    f->chr->room = 0;
    wr(FCR, 0x01);
    wr(THR, 'a');
    hw_test_run_main_loop();
    wr(THR, 'b');
    wr(IER, 0x02);
    g_assert_cmpint(f->irq.level, ==, 0);
    hw_test_chardev_set_room(f->chr, -1);
    g_assert_cmpint(f->irq.level, ==, 1);
    g_assert_cmpstr(f->chr->written->str, ==, "ab");
}

static void test_input_single(Fixture *f, const void *data)
{
    wr(IER, 0x01);
    /* Without FIFO there is room for one character: the rest stays at the back end. */
    g_assert_cmpint(hw_test_chardev_input(f->chr, "ab", 2), ==, 1);
    g_assert_cmpint(f->irq.level, ==, 1);
    g_assert_cmphex(rd(IIR), ==, IIR_RDA);
    g_assert_cmphex(rd(LSR) & LSR_DR, ==, LSR_DR);
    g_assert_cmphex(rd(RBR), ==, 'a');
    g_assert_cmpint(f->irq.level, ==, 0);
    g_assert_cmphex(rd(LSR) & LSR_DR, ==, 0);
    g_assert_cmphex(rd(RBR), ==, 'a');
}

static void test_input_trigger(Fixture *f, const void *data)
{
    static const struct {
        uint8_t fcr;
        unsigned level;
    } triggers[] = {{0x01, 1}, {0x41, 4}, {0x81, 8}, {0xc1, 14}};

    wr(IER, 0x01);
    for (unsigned t = 0; t < G_N_ELEMENTS(triggers); t++) {
        wr(FCR, triggers[t].fcr | 0x02);
        for (unsigned i = 1; i <= 16; i++) {
            input(f, "x");
            g_assert_cmpint(f->irq.level, ==, i >= triggers[t].level);
        }
        g_assert_cmpint(hw_test_chardev_input(f->chr, "y", 1), ==, 0);
        g_assert_cmphex(rd(IIR), ==, 0xc0 | IIR_RDA);
        for (unsigned i = 16; i > 0; i--) {
            g_assert_cmpint(f->irq.level, ==, i >= triggers[t].level);
            rd(RBR);
        }
        g_assert_cmphex(rd(LSR) & LSR_DR, ==, 0);
    }
}

static void test_input_timeout(Fixture *f, const void *data)
{
    wr(FCR, 0xc1);
    wr(IER, 0x01);
    input(f, "ab");
    hw_test_clock_step(4 * CHAR_NS - 1000);
    g_assert_cmpint(f->irq.level, ==, 0);
    hw_test_clock_step(2000);
    g_assert_cmpint(f->irq.level, ==, 1);
    g_assert_cmphex(rd(IIR), ==, 0xc0 | IIR_TIMEOUT);
    /* A read ends it and starts the time anew. */
    g_assert_cmphex(rd(RBR), ==, 'a');
    g_assert_cmpint(f->irq.level, ==, 0);
    hw_test_clock_step(4 * CHAR_NS + 1000);
    g_assert_cmphex(rd(IIR), ==, 0xc0 | IIR_TIMEOUT);
    g_assert_cmphex(rd(RBR), ==, 'b');
    hw_test_clock_step(10 * CHAR_NS);
    g_assert_cmpint(f->irq.level, ==, 0);
}

static void test_fcr(Fixture *f, const void *data)
{
    wr(FCR, 0x01);
    g_assert_cmphex(rd(IIR), ==, 0xc0 | IIR_NONE);
    input(f, "abc");
    wr(FCR, 0x03); /* clears the receiver and itself */
    g_assert_cmphex(rd(LSR) & LSR_DR, ==, 0);
    input(f, "abc");
    wr(FCR, 0x00); /* so does leaving FIFO mode */
    g_assert_cmphex(rd(LSR) & LSR_DR, ==, 0);
    g_assert_cmphex(rd(IIR), ==, IIR_NONE);
    input(f, "d");
    wr(FCR, 0x02); /* not programmed without the enable bit */
    g_assert_cmphex(rd(LSR) & LSR_DR, ==, LSR_DR);
}

static void test_break(Fixture *f, const void *data)
{
    wr(FCR, 0x01);
    wr(IER, 0x04);
    input(f, "a");
    qemu_chr_be_event(CHARDEV(f->chr), CHR_EVENT_BREAK);
    /* Told by LSR bit 7 at once, by bit 4 and an interrupt when it comes to the head. */
    g_assert_cmphex(rd(LSR) & (LSR_FIFO_ERROR | LSR_BI), ==, LSR_FIFO_ERROR);
    g_assert_cmpint(f->irq.level, ==, 0);
    g_assert_cmphex(rd(RBR), ==, 'a');
    g_assert_cmphex(rd(IIR), ==, 0xc0 | IIR_RLS);
    g_assert_cmphex(rd(LSR) & (LSR_FIFO_ERROR | LSR_BI), ==, LSR_FIFO_ERROR | LSR_BI);
    g_assert_cmpint(f->irq.level, ==, 0);
    g_assert_cmphex(rd(LSR) & (LSR_FIFO_ERROR | LSR_BI), ==, 0);
    g_assert_cmphex(rd(RBR), ==, 0);
}

static void test_loopback_data(Fixture *f, const void *data)
{
    wr(FCR, 0x01);
    wr(MCR, MCR_LOOP);
    wr(THR, 'q');
    g_assert_cmphex(rd(LSR), ==, LSR_THRE | LSR_TEMT | LSR_DR);
    g_assert_cmphex(rd(RBR), ==, 'q');
    g_assert_cmpint(hw_test_chardev_input(f->chr, "z", 1), ==, 0);
    wr(MCR, 0);
    g_assert_cmpint(hw_test_chardev_input(f->chr, "z", 1), ==, 1);
    hw_test_run_main_loop();
    g_assert_cmpuint(f->chr->written->len, ==, 0);
}

static void test_overrun(Fixture *f, const void *data)
{
    /* In FIFO mode the FIFO keeps its contents... */
    wr(FCR, 0x01);
    wr(MCR, MCR_LOOP);
    wr(IER, 0x04);
    for (int i = 0; i < 17; i++) {
        wr(THR, 'a' + i);
    }
    g_assert_cmphex(rd(IIR), ==, 0xc0 | IIR_RLS);
    g_assert_cmphex(rd(LSR) & LSR_OE, ==, LSR_OE);
    g_assert_cmphex(rd(LSR) & LSR_OE, ==, 0);
    for (int i = 0; i < 16; i++) {
        g_assert_cmphex(rd(RBR), ==, 'a' + i);
    }
    /* ... else the new character replaces the old. */
    wr(FCR, 0x00);
    wr(THR, '1');
    wr(THR, '2');
    g_assert_cmphex(rd(LSR) & LSR_OE, ==, LSR_OE);
    g_assert_cmphex(rd(RBR), ==, '2');
}

static void test_modem_loopback(Fixture *f, const void *data)
{
    wr(MCR, MCR_LOOP);
    rd(MSR);
    g_assert_cmphex(rd(MSR), ==, 0);
    wr(IER, 0x08);
    wr(MCR, MCR_LOOP | 0x02); /* RTS: CTS */
    g_assert_cmpint(f->irq.level, ==, 1);
    g_assert_cmphex(rd(IIR), ==, 0);
    g_assert_cmphex(rd(MSR), ==, 0x11);
    g_assert_cmpint(f->irq.level, ==, 0);
    wr(MCR, MCR_LOOP | 0x0f);
    g_assert_cmphex(rd(MSR), ==, 0xfa); /* DSR, RI and DCD rose; the ring has not ended */
    wr(MCR, MCR_LOOP | 0x0b);
    g_assert_cmphex(rd(MSR), ==, 0xb4); /* now it has */
}

static void test_priorities(Fixture *f, const void *data)
{
    wr(FCR, 0x01);
    wr(MCR, MCR_LOOP);
    rd(MSR);
    wr(MCR, MCR_LOOP | 0x01);
    for (int i = 0; i < 17; i++) {
        wr(THR, i);
    }
    wr(IER, 0x0f);
    g_assert_cmphex(rd(IIR) & 0xf, ==, IIR_RLS);
    rd(LSR);
    g_assert_cmphex(rd(IIR) & 0xf, ==, IIR_RDA);
    wr(FCR, 0x03);
    g_assert_cmphex(rd(IIR) & 0xf, ==, IIR_THRE);
    g_assert_cmphex(rd(IIR) & 0xf, ==, 0);
    rd(MSR);
    g_assert_cmphex(rd(IIR) & 0xf, ==, IIR_NONE);
}

/* A back end with a real line gets speed, format, break and modem lines. */
static void test_real_line(Fixture *f, const void *data)
{
    f->chr->has_lines = true;
    f->chr->tiocm_in = CHR_TIOCM_CTS;
    g_assert_cmphex(rd(MSR) & 0xf0, ==, 0x10);
    wr(LCR, 0x80);
    wr(DLL, 12);
    wr(LCR, 0x1e); /* seven bits, even parity, two stop bits */
    g_assert_cmpint(f->chr->params.speed, ==, 9600);
    g_assert_cmpint(f->chr->params.data_bits, ==, 7);
    g_assert_cmpint(f->chr->params.parity, ==, 'E');
    g_assert_cmpint(f->chr->params.stop_bits, ==, 2);
    wr(LCR, 0x5e);
    g_assert_cmpint(f->chr->is_break, ==, 1);
    wr(MCR, 0x03);
    g_assert_cmphex(f->chr->tiocm_out, ==, CHR_TIOCM_DTR | CHR_TIOCM_RTS);
    rd(MSR);
    wr(IER, 0x08);
    f->chr->tiocm_in = CHR_TIOCM_CTS | CHR_TIOCM_CAR;
    hw_test_clock_step(20 * SCALE_MS);
    g_assert_cmpint(f->irq.level, ==, 1);
    g_assert_cmphex(rd(MSR), ==, 0x98);
}

/* An access of any size reaches one register. */
static void test_access_sizes(Fixture *f, const void *data)
{
    hw_test_write(BASE + SCR, 1, 0x77);
    g_assert_cmphex(hw_test_read(BASE + SCR, 1), ==, 0x77);
    hw_test_write(BASE + THR, 4, 0x11223341);
    hw_test_run_main_loop();
    g_assert_cmpstr(f->chr->written->str, ==, "A");
    g_assert_cmphex(hw_test_read(BASE + LCR - 1, 2), ==, rd(IIR));
}

static void test_fuzz(Fixture *f, const void *data)
{
    f->chr->has_lines = g_test_rand_bit();
    for (int i = 0; i < 50; i++) {
        f->chr->room = g_test_rand_int_range(-1, 40);
        hw_test_chardev_input(f->chr, "0123456789abcdefghijklmnopqrstuv", 32);
        qemu_chr_be_event(CHARDEV(f->chr), CHR_EVENT_BREAK);
        hw_test_fuzz(BASE, 8, 1000);
    }
}

int main(int argc, char **argv)
{
    hw_test_init(&argc, &argv);
#define ADD(name, func) g_test_add("/serial/" name, Fixture, NULL, set_up, func, tear_down)
    ADD("reset-values", test_reset_values);
    ADD("scratch-and-divisor", test_scratch_and_divisor);
    ADD("output", test_output);
    ADD("output-bulk", test_output_bulk);
    ADD("output-slow", test_output_slow);
    ADD("output-overflow", test_output_overflow);
    ADD("output-at-exit", test_output_at_exit);
    ADD("output-at-stop", test_output_at_stop);
    ADD("thre-interrupt", test_thre_interrupt);
    ADD("thre-waits-for-back-end", test_thre_waits_for_back_end);
    ADD("input-single", test_input_single);
    ADD("input-trigger", test_input_trigger);
    ADD("input-timeout", test_input_timeout);
    ADD("fcr", test_fcr);
    ADD("break", test_break);
    ADD("loopback-data", test_loopback_data);
    ADD("overrun", test_overrun);
    ADD("modem-loopback", test_modem_loopback);
    ADD("priorities", test_priorities);
    ADD("real-line", test_real_line);
    ADD("access-sizes", test_access_sizes);
    ADD("fuzz", test_fuzz);
    return g_test_run();
}
