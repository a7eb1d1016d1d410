/* SPDX-License-Identifier: MIT */
/*
 * Character devices: the byte streams behind a UART, a console or a monitor.
 *
 * A Chardev is the host side (terminal, file, socket, ...). A CharBackend is the plug which a
 * device, a monitor or the gdb stub embeds in its own state and puts into one Chardev; it is called
 * the frontend below. A Chardev takes one frontend, a "mux" Chardev several.
 *
 * This layer knows no device and no machine.
 * Threads: every function here is called with the BQL held, and every handler is called with it.
 * Nothing here blocks, except qemu_chr_fe_write_all() and a server socket that was asked to wait at
 * start-up.
 * Tests: tests/unit/system/test-chardev.c
 */
#ifndef SYSTEM_CHARDEV_H
#define SYSTEM_CHARDEV_H

#include "qom/object.h"

#define TYPE_CHARDEV "chardev"
OBJECT_DECLARE_TYPE(Chardev, ChardevClass, CHARDEV)

typedef enum {
    CHR_EVENT_BREAK,   /* the peer sent a break condition */
    CHR_EVENT_OPENED,  /* a peer is there; told to a frontend that attaches, too */
    CHR_EVENT_MUX_IN,  /* this frontend of a mux now has the focus */
    CHR_EVENT_MUX_OUT, /* this frontend of a mux has lost the focus */
    CHR_EVENT_CLOSED,  /* the peer went away */
} QEMUChrEvent;

/* How many bytes the frontend takes now; 0 pauses input until qemu_chr_fe_accept_input(). */
typedef int IOCanReadHandler(void *opaque);
/* @size is at most what IOCanReadHandler() just returned. */
typedef void IOReadHandler(void *opaque, const uint8_t *buf, int size);
typedef void IOEventHandler(void *opaque, QEMUChrEvent event);
/* Output is possible again; returns G_SOURCE_CONTINUE to stay, G_SOURCE_REMOVE to be dropped. */
typedef gboolean FEWatchFunc(void *unused, GIOCondition condition, void *opaque);

/* Requests to the host's line. A Chardev without a real line answers -ENOTSUP. */
typedef enum {
    CHR_IOCTL_SERIAL_SET_PARAMS = 1, /* QEMUSerialSetParams * */
    CHR_IOCTL_SERIAL_SET_BREAK,      /* int *: 1 starts, 0 ends the break condition */
    CHR_IOCTL_SERIAL_GET_TIOCM,      /* int *: CHR_TIOCM_* */
    CHR_IOCTL_SERIAL_SET_TIOCM,      /* int *: CHR_TIOCM_* */
} ChrIoctl;

typedef struct QEMUSerialSetParams {
    int speed;     /* baud */
    int parity;    /* 'N', 'E' or 'O' */
    int data_bits; /* 5 to 8 */
    int stop_bits; /* 1 or 2 */
} QEMUSerialSetParams;

#define CHR_TIOCM_DTR 0x002
#define CHR_TIOCM_RTS 0x004
#define CHR_TIOCM_CTS 0x020
#define CHR_TIOCM_CAR 0x040
#define CHR_TIOCM_RI 0x080
#define CHR_TIOCM_DSR 0x100

/**
 * CharBackend - embedded in the user of a Chardev, zero-initialised; its fields are the core's
 *
 * A frontend with no Chardev (chr == NULL) is legal everywhere below: writes are swallowed, nothing
 * is ever read.
 */
struct CharBackend {
    Chardev *chr; /* [bql] NULL: not connected */
    IOCanReadHandler *chr_can_read;
    IOReadHandler *chr_read;
    IOEventHandler *chr_event;
    void *opaque;
    unsigned tag; /* [const] after init: which frontend of a mux */
    bool fe_open; /* [bql] the guest side wants the line up */
};

/* The name of the same thing since QEMU 10.1. */
typedef CharBackend CharFrontend;

/**
 * qemu_chr_fe_init - plug a frontend into a Chardev
 * @chr: may be NULL: the frontend then swallows output
 *
 * False, with "chardev 'ID' is already in use" in @error, when @chr has a frontend already and is
 * no mux, or the mux is full.
 */
bool qemu_chr_fe_init(CharBackend *fe, Chardev *chr, GError **error);

/* Unplug; handlers are not called any more. @del also deletes the Chardev. Nothing without one. */
void qemu_chr_fe_deinit(CharBackend *fe, bool del);

/**
 * qemu_chr_fe_set_handlers - say who takes input and events; all NULL stops both
 *
 * If the Chardev is open, @event sees CHR_EVENT_OPENED before this returns. On a mux the frontend
 * that sets handlers last takes the focus (MUX_IN to it, MUX_OUT to the former one).
 */
void qemu_chr_fe_set_handlers(CharBackend *fe, IOCanReadHandler *can_read, IOReadHandler *read,
                              IOEventHandler *event, void *opaque);

/**
 * qemu_chr_fe_write - offer bytes to the host, without ever blocking
 *
 * Returns how many of @len bytes were taken, 0 to @len; never negative. Fewer than @len means the
 * host is slow: keep the rest and qemu_chr_fe_add_watch(G_IO_OUT). With no Chardev, or a peer that
 * is gone, everything is taken and lost.
 */
int qemu_chr_fe_write(CharBackend *fe, const uint8_t *buf, int len);

/* As above, but sleeps, holding the BQL, until all is written or the host has taken nothing for two
 * seconds. For messages at start-up and exit, not for guests. */
int qemu_chr_fe_write_all(CharBackend *fe, const uint8_t *buf, int len);

/**
 * qemu_chr_fe_add_watch - be told when output is possible
 * @condition: G_IO_OUT, optionally | G_IO_HUP
 *
 * Returns a tag for g_source_remove(), or 0 when this Chardev cannot tell (it then never takes
 * fewer bytes than offered): drop what was not taken.
 */
guint qemu_chr_fe_add_watch(CharBackend *fe, GIOCondition condition, FEWatchFunc *func,
                            void *opaque);

/* The frontend's IOCanReadHandler() would return more than 0 again: resume input. */
void qemu_chr_fe_accept_input(CharBackend *fe);

/* Returns 0, or -ENOTSUP when the Chardev has no such control or is absent. */
int qemu_chr_fe_ioctl(CharBackend *fe, ChrIoctl cmd, void *arg);

/* Is a Chardev plugged in; is its peer there. */
bool qemu_chr_fe_backend_connected(CharBackend *fe);
bool qemu_chr_fe_backend_open(CharBackend *fe);

/* Whether the guest has opened its end (a virtio port): management tools ask for it. */
void qemu_chr_fe_set_open(CharBackend *fe, bool is_open);

/* On a mux, take the focus. Elsewhere nothing. */
void qemu_chr_fe_take_focus(CharBackend *fe);

/* The Chardev plugged in, or NULL. */
Chardev *qemu_chr_fe_get_driver(CharBackend *fe);

/* ---- making and finding them (system/vl.c, gdb stub) ---- */

/**
 * qemu_chr_new - make a Chardev from the text of -serial, -monitor or -gdb
 * @label:        id of the new Chardev ("serial0")
 * @text:         "stdio", "mon:stdio", "null", "file:PATH", "pipe:PATH", "pty",
 *                "tcp:HOST:PORT[,server=on][,wait=off]", "telnet:...", "unix:PATH[,...]",
 *                "chardev:ID" (an existing one; @label is not used)
 * @with_monitor: set when @text began with "mon:": the Chardev is a mux and the caller is to put a
 *                monitor on it. NULL where that makes no sense; "mon:" is then refused.
 *
 * Returns a Chardev owned by the registry, or NULL with @error set. "none" is the caller's affair.
 */
Chardev *qemu_chr_new(const char *label, const char *text, bool *with_monitor, GError **error);

/* Make a Chardev from the text of -chardev: "stdio,id=con,mux=on". */
Chardev *qemu_chr_new_from_opts(const char *text, GError **error);

/* By id, or NULL. */
Chardev *qemu_chr_find(const char *id);

/* Remove from the registry and close. Its frontends must be gone. */
void qemu_chr_delete(Chardev *chr);

/* As if the peer had sent a break. */
void qemu_chr_send_break(Chardev *chr);

/* Close everything: terminals back to their state, sockets removed. Called once, at exit. */
void qemu_chr_cleanup(void);

/* What -serial number @index named, or NULL. For boards. */
Chardev *serial_hd(unsigned index);

/* Called by vl.c for each -serial, in order; NULL for "none". False: too many. */
bool serial_hd_add(Chardev *chr);

/* `-chardev help` and `info chardev`. */
void qemu_chr_print_types(GString *out);
void qemu_chr_print_all(GString *out);

/* Takes up to @max bytes out of a ringbuf Chardev; NULL with @error for another kind. */
GString *qemu_chr_ringbuf_read(Chardev *chr, size_t max, GError **error);

/* ---- -nographic and friends: settings of the console, made by vl.c before any is opened ---- */

/* -echr: the character, 1 to 255, that begins a command to a mux; Ctrl-A unless told. */
void chardev_mux_set_escape(int c);
/* Terminals do not send SIGINT and friends for Ctrl-C unless signal=on was given. */
void chardev_stdio_set_signal_default(bool signal);
/* -daemonize: refuse stdio. */
void chardev_stdio_forbid(void);
/* What Ctrl-A x and Ctrl-A s do: the layers above own the machine and its disks. */
void chardev_mux_set_hooks(void (*quit)(void), void (*commit)(void));

#endif
