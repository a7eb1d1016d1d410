/* SPDX-License-Identifier: MIT */
/*
 * What the kinds of character devices share; for system/backends/chardev-*.c only.
 *
 * A kind is a QOM type "chardev-<name>" below TYPE_CHARDEV. It reads its options in parse(), acts
 * in open(), takes output in write(), and hands input on with qemu_chr_be_write(). BQL everywhere.
 */
#ifndef CHARDEV_INTERNAL_H
#define CHARDEV_INTERNAL_H

#include "qemu/option.h"
#include "system/chardev.h"

#define CHARDEV_TYPE_PREFIX "chardev-"
#define CHARDEV_TYPE(name) CHARDEV_TYPE_PREFIX name

struct Chardev {
    Object parent;

    char *label;     /* [const] id */
    char *filename;  /* [bql] what `info chardev` shows */
    CharBackend *be; /* [bql] the frontend; on a mux, the one with the focus */
    bool be_open;    /* [bql] last of CHR_EVENT_OPENED, CHR_EVENT_CLOSED */
    int log_fd;      /* [const] a copy of all output goes there, from logfile=; -1: none */
};

struct ChardevClass {
    ObjectClass parent_class;

    bool internal; /* not for -chardev: no such word */

    /* Ask @opts for every key the kind knows, and keep the values; nothing else. NULL: none. */
    bool (*parse)(Chardev *chr, QemuOpts *opts, GError **error);
    /* Open the host side; say CHR_EVENT_OPENED if the peer is there. */
    bool (*open)(Chardev *chr, GError **error);
    /* Attach and detach frontends; NULL: exactly one. */
    bool (*attach)(Chardev *chr, CharBackend *fe, GError **error);
    void (*detach)(Chardev *chr, CharBackend *fe);
    /* 0 to @len bytes taken, without blocking. */
    int (*write)(Chardev *chr, const uint8_t *buf, int len);
    /* A source, not yet attached, that fires on @condition; NULL: write() always takes all. */
    GSource *(*add_watch)(Chardev *chr, GIOCondition condition);
    /* qemu_chr_be_can_write() may have changed. */
    void (*accept_input)(Chardev *chr);
    int (*ioctl)(Chardev *chr, ChrIoctl cmd, void *arg);
    void (*take_focus)(Chardev *chr, CharBackend *fe);
    /* An event of the host side; NULL: the frontend gets it. */
    void (*be_event)(Chardev *chr, QEMUChrEvent event);
};

/* ---- the core, for the kinds ---- */

/* How many bytes the frontend takes now (0: none, or no frontend). */
int qemu_chr_be_can_write(Chardev *chr);
/* Hand @len bytes, at most what qemu_chr_be_can_write() returned, to the frontend. */
void qemu_chr_be_write(Chardev *chr, const uint8_t *buf, int len);
/* Note OPENED or CLOSED, and hand the event to the frontend(s). */
void qemu_chr_be_event(Chardev *chr, QEMUChrEvent event);
/* Offer output to @chr itself, and to its log; as qemu_chr_fe_write(). */
int qemu_chr_write(Chardev *chr, const uint8_t *buf, int len);
/* Make, open and register; the mux of mux=on and its base come from here too. */
Chardev *chardev_create(const char *id, QemuOpts *opts, GError **error);
void chardev_set_filename(Chardev *chr, const char *fmt, ...) QEMU_PRINTF(2, 3);

/* The text of -serial and friends, without "mon:", as options of -chardev (chardev-legacy.c). */
QemuOpts *chardev_opts_from_legacy(const char *text, GError **error);

/* ---- file descriptors: base of stdio, file, pipe, pty and the socket ---- */

#define TYPE_CHARDEV_FD CHARDEV_TYPE("fd")
OBJECT_DECLARE_TYPE(ChardevFd, ChardevFdClass, CHARDEV_FD)

struct ChardevFd {
    Chardev parent;

    int fd_in;         /* [bql] -1: no input */
    int fd_out;        /* [bql] -1: output is lost; may equal fd_in */
    bool out_blocks;   /* fd_out is not in O_NONBLOCK: ask poll() before each write */
    bool at_eof;       /* [bql] nothing more comes from fd_in */
    GSource *in_watch; /* [bql] NULL while input is paused or at its end */
};

struct ChardevFdClass {
    ChardevClass parent_class;

    /* Bytes arrived, may be filtered in place; returns how many are left. NULL: all. */
    int (*filter_input)(ChardevFd *s, uint8_t *buf, int len);
    /* End of input, or an error of the descriptor. The watch is gone already. */
    void (*hangup)(ChardevFd *s);
};

/* Start with these; both belong to @s from now on and are closed with it. */
void chardev_fd_start(ChardevFd *s, int fd_in, int fd_out);
/* ChardevClass::write of this type. */
int chardev_fd_write(Chardev *chr, const uint8_t *buf, int len);
/* Stop input and close what chardev_fd_start() gave. */
void chardev_fd_stop(ChardevFd *s);
/*
 * A descriptor for the same file as @fd that is in O_NONBLOCK without changing @fd's own open file
 * description, which other processes share: a terminal, above all. If that cannot be had, a plain
 * duplicate, and *@blocks is set. -1 with @error when even that fails.
 */
int chardev_fd_private(int fd, int flags, bool *blocks, GError **error);

/* ---- chardev-mux.c ---- */

#define TYPE_CHARDEV_MUX CHARDEV_TYPE("mux")

/* Before open(): what the multiplexer is put before. */
void chardev_mux_set_base(Chardev *mux, Chardev *base);

#endif
