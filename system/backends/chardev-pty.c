/* SPDX-License-Identifier: MIT */
/*
 * Character device "pty": a new pseudo terminal, whose name is printed for others to open.
 *
 * While nobody has the other end open, output is lost and the kernel reports a hang-up on ours, for
 * which no one can wait: we look again each POLL_MS.
 * Threads: BQL. Tests: tests/system/terminal.py
 */
#include "qemu/osdep.h"
#include <poll.h>
#include <pty.h>
#include <termios.h>
#include "chardev-internal.h"
#include "qemu/error.h"

#define TYPE_CHARDEV_PTY CHARDEV_TYPE("pty")
OBJECT_DECLARE_SIMPLE_TYPE(ChardevPty, CHARDEV_PTY)

#define POLL_MS 200

struct ChardevPty {
    ChardevFd parent;

    char *link;     /* [const] after parse: a symbolic link to make, from path= */
    guint poll_tag; /* [bql] the timeout that looks for a peer; 0: there is one */
};

static bool peer_is_there(ChardevPty *s)
{
    struct pollfd pfd = {.fd = CHARDEV_FD(s)->fd_in, .events = POLLIN};

    return poll(&pfd, 1, 0) >= 0 && !(pfd.revents & POLLHUP);
}

static gboolean look_for_peer(void *opaque)
{
    ChardevPty *s = opaque;

    if (!peer_is_there(s)) {
        return G_SOURCE_CONTINUE;
    }
    s->poll_tag = 0;
    CHARDEV_FD(s)->at_eof = false;
    qemu_chr_be_event(CHARDEV(s), CHR_EVENT_OPENED);
    CHARDEV_GET_CLASS(s)->accept_input(CHARDEV(s));
    return G_SOURCE_REMOVE;
}

static void start_looking(ChardevPty *s)
{
    CHARDEV_FD(s)->at_eof = true;
    s->poll_tag = g_timeout_add(POLL_MS, look_for_peer, s);
}

static void pty_hangup(ChardevFd *fd_chr)
{
    if (!CHARDEV_PTY(fd_chr)->poll_tag) {
        qemu_chr_be_event(CHARDEV(fd_chr), CHR_EVENT_CLOSED);
        start_looking(CHARDEV_PTY(fd_chr));
    }
}

static int pty_write(Chardev *chr, const uint8_t *buf, int len)
{
    ChardevPty *s = CHARDEV_PTY(chr);
    int taken;

    /* A peer that has just come must not miss what is written before we look again. */
    if (s->poll_tag && peer_is_there(s)) {
        g_source_remove(s->poll_tag);
        look_for_peer(s);
    }
    if (s->poll_tag) {
        return len;
    }
    taken = chardev_fd_write(chr, buf, len);
    if (taken < len && !peer_is_there(s)) {
        /* Full, and nobody will empty it: while input is paused this is where we learn it. */
        pty_hangup(CHARDEV_FD(s));
        return len;
    }
    return taken;
}

static bool pty_parse(Chardev *chr, QemuOpts *opts, GError **error)
{
    CHARDEV_PTY(chr)->link = g_strdup(qemu_opt_get(opts, "path"));
    return true;
}

static bool make_link(ChardevPty *s, const char *name, GError **error)
{
    if (s->link && symlink(name, s->link) != 0) {
        error_setg_errno(error, errno, "Failed to create PTY symlink '%s'", s->link);
        g_clear_pointer(&s->link, g_free); /* not ours to remove */
        return false;
    }
    return true;
}

static bool pty_open(Chardev *chr, GError **error)
{
    ChardevPty *s = CHARDEV_PTY(chr);
    char name[PATH_MAX];
    struct termios mode;
    int master, slave;

    if (openpty(&master, &slave, name, NULL, NULL) != 0) {
        error_setg_errno(error, errno, "Failed to create PTY");
        return false;
    }
    /* Raw: what line discipline the peer wants is the peer's affair. */
    tcgetattr(slave, &mode);
    cfmakeraw(&mode);
    tcsetattr(slave, TCSAFLUSH, &mode);
    close(slave);
    qemu_close_on_exec(master);
    if (!qemu_set_blocking(master, false, error) || !make_link(s, name, error)) {
        close(master);
        return false;
    }
    chardev_set_filename(chr, "pty:%s", s->link ? s->link : name);
    printf("char device redirected to %s (label %s)\n", name, chr->label);
    fflush(stdout);
    chardev_fd_start(CHARDEV_FD(s), master, master);
    start_looking(s);
    return true;
}

static void pty_finalize(Object *obj)
{
    ChardevPty *s = CHARDEV_PTY(obj);

    if (s->poll_tag) {
        g_source_remove(s->poll_tag);
    }
    if (s->link) {
        unlink(s->link);
    }
    g_free(s->link);
}

static void pty_class_init(ObjectClass *oc, const void *data)
{
    ChardevClass *cc = CHARDEV_CLASS(oc);

    cc->internal = false;
    cc->parse = pty_parse;
    cc->open = pty_open;
    cc->write = pty_write;
    CHARDEV_FD_CLASS(oc)->hangup = pty_hangup;
}

static const TypeInfo chardev_pty_types[] = {
    {
        .name = TYPE_CHARDEV_PTY,
        .parent = TYPE_CHARDEV_FD,
        .instance_size = sizeof(ChardevPty),
        .instance_finalize = pty_finalize,
        .class_init = pty_class_init,
    },
};

DEFINE_TYPES(chardev_pty_types)
