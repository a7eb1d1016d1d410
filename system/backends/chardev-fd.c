/* SPDX-License-Identifier: MIT */
/*
 * Character devices over file descriptors: reading when the frontend has room, writing what the
 * host takes. Base type of stdio, file, pipe, pty and socket, which open the descriptors.
 *
 * Input is watched only while the frontend takes any; a frontend that says 0 is not polled but must
 * call qemu_chr_fe_accept_input(). Sources are in the main loop's context.
 * Threads: BQL. Tests: tests/unit/system/test-chardev.c
 */
#include "qemu/osdep.h"
#include <glib-unix.h>
#include <poll.h>
#include "chardev-internal.h"
#include "qemu/error.h"

/* Bytes read at once: a pipe's atomic size; a UART takes 16. */
#define READ_CHUNK 4096
/* Written at once where write() could block: what poll() promises for pipes, and ttys keep. */
#define BLOCKING_WRITE_CHUNK 256

static void watch_stop(ChardevFd *s)
{
    if (s->in_watch) {
        g_source_destroy(s->in_watch);
        g_clear_pointer(&s->in_watch, g_source_unref);
    }
}

static gboolean fd_readable(int fd, GIOCondition condition, void *opaque)
{
    g_autoptr(ChardevFd) s = CHARDEV_FD(object_ref(opaque)); /* a reader may close us */
    ChardevFdClass *fc = CHARDEV_FD_GET_CLASS(s);
    Chardev *chr = CHARDEV(s);
    uint8_t buf[READ_CHUNK];
    int room = MIN(qemu_chr_be_can_write(chr), (int)sizeof(buf));
    ssize_t len;

    if (room <= 0) {
        watch_stop(s);
        return G_SOURCE_REMOVE;
    }
    len = read(fd, buf, room);
    if (len < 0 && (errno == EAGAIN || errno == EINTR)) {
        return G_SOURCE_CONTINUE;
    }
    if (len <= 0) {
        watch_stop(s);
        s->at_eof = true;
        if (fc->hangup) {
            fc->hangup(s);
        }
        return G_SOURCE_REMOVE;
    }
    if (fc->filter_input) {
        len = fc->filter_input(s, buf, len);
    }
    if (len > 0) {
        qemu_chr_be_write(chr, buf, len);
    }
    return G_SOURCE_CONTINUE;
}

static void chardev_fd_accept_input(Chardev *chr)
{
    ChardevFd *s = CHARDEV_FD(chr);

    if (s->fd_in < 0 || s->at_eof || s->in_watch || qemu_chr_be_can_write(chr) <= 0) {
        return;
    }
    s->in_watch = g_unix_fd_source_new(s->fd_in, G_IO_IN | G_IO_HUP | G_IO_ERR);
    g_source_set_callback(s->in_watch, G_SOURCE_FUNC(fd_readable), s, NULL);
    g_source_attach(s->in_watch, NULL);
}

static bool can_write_now(ChardevFd *s)
{
    struct pollfd pfd = {.fd = s->fd_out, .events = POLLOUT};

    return !s->out_blocks || (poll(&pfd, 1, 0) == 1);
}

int chardev_fd_write(Chardev *chr, const uint8_t *buf, int len)
{
    ChardevFd *s = CHARDEV_FD(chr);
    int done = 0;

    if (s->fd_out < 0) {
        return len;
    }
    while (done < len && can_write_now(s)) {
        int chunk = s->out_blocks ? MIN(len - done, BLOCKING_WRITE_CHUNK) : len - done;
        ssize_t n = write(s->fd_out, buf + done, chunk);

        if (n >= 0) {
            done += n;
        } else if (errno == EAGAIN) {
            break;
        } else if (errno != EINTR) {
            return len; /* the reader is gone, or the disk full: output is lost, not blocked */
        }
    }
    return done;
}

static GSource *chardev_fd_add_watch(Chardev *chr, GIOCondition condition)
{
    ChardevFd *s = CHARDEV_FD(chr);

    return s->fd_out >= 0 ? g_unix_fd_source_new(s->fd_out, condition | G_IO_ERR) : NULL;
}

void chardev_fd_start(ChardevFd *s, int fd_in, int fd_out)
{
    s->fd_in = fd_in;
    s->fd_out = fd_out;
    s->at_eof = false;
    chardev_fd_accept_input(CHARDEV(s));
}

void chardev_fd_stop(ChardevFd *s)
{
    watch_stop(s);
    if (s->fd_out >= 0 && s->fd_out != s->fd_in) {
        close(s->fd_out);
    }
    if (s->fd_in >= 0) {
        close(s->fd_in);
    }
    s->fd_in = s->fd_out = -1;
}

int chardev_fd_private(int fd, int flags, bool *blocks, GError **error)
{
    g_autofree char *self = g_strdup_printf("/proc/self/fd/%d", fd);
    struct stat st;
    int own = -1;

    *blocks = false;
    /* Opening a regular file again would start at its beginning; it never blocks anyway. */
    if (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode)) {
        own = open(self, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        *blocks = own < 0;
    }
    if (own < 0) {
        own = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        if (own < 0) {
            error_setg_errno(error, errno, "cannot use descriptor %d", fd);
        }
    }
    return own;
}

static void chardev_fd_init(Object *obj)
{
    ChardevFd *s = CHARDEV_FD(obj);

    s->fd_in = s->fd_out = -1;
}

static void chardev_fd_finalize(Object *obj)
{
    chardev_fd_stop(CHARDEV_FD(obj));
}

static void chardev_fd_class_init(ObjectClass *oc, const void *data)
{
    ChardevClass *cc = CHARDEV_CLASS(oc);

    cc->internal = true;
    cc->write = chardev_fd_write;
    cc->add_watch = chardev_fd_add_watch;
    cc->accept_input = chardev_fd_accept_input;
}

static const TypeInfo chardev_fd_types[] = {
    {
        .name = TYPE_CHARDEV_FD,
        .parent = TYPE_CHARDEV,
        .instance_size = sizeof(ChardevFd),
        .instance_init = chardev_fd_init,
        .instance_finalize = chardev_fd_finalize,
        .abstract = true,
        .class_size = sizeof(ChardevFdClass),
        .class_init = chardev_fd_class_init,
    },
};

DEFINE_TYPES(chardev_fd_types)
