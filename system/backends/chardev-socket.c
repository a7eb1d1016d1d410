/* SPDX-License-Identifier: MIT */
/*
 * Character device "socket": TCP or Unix stream sockets, as server (one client at a time) or
 * client, optionally speaking telnet.
 *
 * A server with wait=on accepts its first client before the machine is built. A client that cannot
 * connect is an error, unless reconnect-ms= says to try again. While nobody is connected output is
 * lost and nothing is read. Names are resolved once, at the start.
 *
 * Threads: BQL. Tests: tests/unit/system/test-chardev-socket.c
 */
#include "qemu/osdep.h"
#include <glib-unix.h>
#include <poll.h>
#include "chardev-internal.h"
#include "chardev-telnet.h"
#include "qemu/error.h"
#include "stream-socket.h"

#define TYPE_CHARDEV_SOCKET CHARDEV_TYPE("socket")
OBJECT_DECLARE_SIMPLE_TYPE(ChardevSocket, CHARDEV_SOCKET)

#define MAX_LISTENERS 8

struct ChardevSocket {
    ChardevFd parent;

    /* [const] after parse */
    char *host, *port, *path;
    bool server, wait, nodelay, telnet;
    int family;
    uint64_t reconnect_ms;

    /* [bql] */
    GArray *addresses; /* of StreamAddress; [const] after open */
    int listen_fds[MAX_LISTENERS];
    GSource *listen_watches[MAX_LISTENERS]; /* while nobody is connected */
    unsigned num_listeners;
    int connecting_fd;      /* client: a connection being made, or -1 */
    GSource *connect_watch; /* waits for it */
    guint retry_tag;        /* client: until the next attempt; 0: none */
    TelnetFilter filter;
};

static void listen_start(ChardevSocket *s);
static void connect_start(ChardevSocket *s);

/* "tcp:127.0.0.1:4444,server=on", with "disconnected:" before it while that is so. */
static void update_filename(ChardevSocket *s, bool connected)
{
    g_autofree char *address = stream_address_text(&g_array_index(s->addresses, StreamAddress, 0));

    chardev_set_filename(CHARDEV(s), "%s%s:%s%s", connected ? "" : "disconnected:",
                         s->path   ? "unix" :
                         s->telnet ? "telnet" :
                                     "tcp",
                         address, s->server ? ",server=on" : "");
}

/* ---- coming and going of the peer ---- */

static void socket_connected(ChardevSocket *s, int fd)
{
    if (s->nodelay) {
        stream_set_nodelay(fd);
    }
    update_filename(s, true);
    if (s->telnet) {
        telnet_filter_start(&s->filter, fd);
    }
    chardev_fd_start(CHARDEV_FD(s), fd, fd);
    qemu_chr_be_event(CHARDEV(s), CHR_EVENT_OPENED);
}

static gboolean retry_now(void *opaque)
{
    ChardevSocket *s = opaque;

    s->retry_tag = 0;
    connect_start(s);
    return G_SOURCE_REMOVE;
}

static void socket_hangup(ChardevFd *fd_chr)
{
    ChardevSocket *s = CHARDEV_SOCKET(fd_chr);

    chardev_fd_stop(fd_chr);
    update_filename(s, false);
    qemu_chr_be_event(CHARDEV(s), CHR_EVENT_CLOSED);
    if (s->server) {
        listen_start(s);
    } else if (s->reconnect_ms) {
        s->retry_tag = g_timeout_add(s->reconnect_ms, retry_now, s);
    }
}

/* ---- server ---- */

static void listen_stop(ChardevSocket *s)
{
    for (unsigned i = 0; i < s->num_listeners; i++) {
        if (s->listen_watches[i]) {
            g_source_destroy(s->listen_watches[i]);
            g_clear_pointer(&s->listen_watches[i], g_source_unref);
        }
    }
}

static gboolean client_waits(int fd, GIOCondition condition, void *opaque)
{
    ChardevSocket *s = opaque;
    int client = stream_accept(fd);

    if (client < 0) {
        return G_SOURCE_CONTINUE; /* it went away again */
    }
    listen_stop(s);
    socket_connected(s, client);
    return G_SOURCE_REMOVE;
}

static void listen_start(ChardevSocket *s)
{
    for (unsigned i = 0; i < s->num_listeners; i++) {
        s->listen_watches[i] = g_unix_fd_source_new(s->listen_fds[i], G_IO_IN);
        g_source_set_callback(s->listen_watches[i], G_SOURCE_FUNC(client_waits), s, NULL);
        g_source_attach(s->listen_watches[i], NULL);
    }
}

/* All addresses of the name, on one port: the first one's if the user left the choice to us. */
static bool open_listeners(ChardevSocket *s, GError **error)
{
    GError *first = NULL;

    for (guint i = 0; i < s->addresses->len && s->num_listeners < MAX_LISTENERS; i++) {
        StreamAddress *address = &g_array_index(s->addresses, StreamAddress, i);
        int fd = stream_listen(address, first ? NULL : &first);

        if (fd >= 0) {
            s->listen_fds[s->num_listeners++] = fd;
        }
        if (!s->path && g_str_equal(s->port, "0")) {
            break;
        }
    }
    if (!s->num_listeners) {
        g_propagate_error(error, first);
        return false;
    }
    g_clear_error(&first); /* a host without IPv6 listens on IPv4 only */
    return true;
}

/* Sleeps until the first client has come. */
static void wait_for_client(ChardevSocket *s)
{
    struct pollfd pfds[MAX_LISTENERS];
    int client = -1;

    info_report("QEMU waiting for connection on: %s", CHARDEV(s)->filename);
    for (unsigned i = 0; i < s->num_listeners; i++) {
        pfds[i] = (struct pollfd){.fd = s->listen_fds[i], .events = POLLIN};
    }
    while (client < 0) {
        poll(pfds, s->num_listeners, -1);
        for (unsigned i = 0; i < s->num_listeners && client < 0; i++) {
            client = pfds[i].revents ? stream_accept(s->listen_fds[i]) : -1;
        }
    }
    socket_connected(s, client);
}

static bool open_server(ChardevSocket *s, GError **error)
{
    if (!open_listeners(s, error)) {
        return false;
    }
    update_filename(s, false);
    if (s->wait) {
        wait_for_client(s);
    } else {
        listen_start(s);
    }
    return true;
}

/* ---- client ---- */

static void connect_failed(ChardevSocket *s)
{
    s->retry_tag = g_timeout_add(s->reconnect_ms, retry_now, s);
}

static gboolean connect_done(int fd, GIOCondition condition, void *opaque)
{
    ChardevSocket *s = opaque;

    g_clear_pointer(&s->connect_watch, g_source_unref);
    s->connecting_fd = -1;
    if (stream_connect_result(fd) == 0) {
        socket_connected(s, fd);
    } else {
        close(fd);
        connect_failed(s);
    }
    return G_SOURCE_REMOVE;
}

/* One attempt in the background, at the first address. */
static void connect_start(ChardevSocket *s)
{
    bool in_progress;
    int fd = stream_connect(&g_array_index(s->addresses, StreamAddress, 0), &in_progress);

    if (fd < 0) {
        connect_failed(s);
    } else if (in_progress) {
        s->connecting_fd = fd;
        s->connect_watch = g_unix_fd_source_new(fd, G_IO_OUT | G_IO_ERR | G_IO_HUP);
        g_source_set_callback(s->connect_watch, G_SOURCE_FUNC(connect_done), s, NULL);
        g_source_attach(s->connect_watch, NULL);
    } else {
        socket_connected(s, fd);
    }
}

/* Sleeps until connected or refused; returns the socket, or -1 with errno. */
static int connect_and_wait(const StreamAddress *address)
{
    bool in_progress;
    int fd = stream_connect(address, &in_progress);

    if (fd >= 0 && in_progress) {
        struct pollfd pfd = {.fd = fd, .events = POLLOUT};
        int err;

        while (poll(&pfd, 1, -1) < 0 && errno == EINTR) {
        }
        err = stream_connect_result(fd);
        if (err) {
            close(fd);
            errno = err;
            return -1;
        }
    }
    return fd;
}

static bool open_client(ChardevSocket *s, GError **error)
{
    int fd = -1;

    update_filename(s, false);
    if (s->reconnect_ms) {
        connect_start(s);
        return true;
    }
    for (guint i = 0; i < s->addresses->len && fd < 0; i++) {
        fd = connect_and_wait(&g_array_index(s->addresses, StreamAddress, i));
    }
    if (fd < 0) {
        int err = errno;
        g_autofree char *name = s->path ? g_strdup(s->path) :
                                          g_strdup_printf("%s:%s", s->host ? s->host : "", s->port);

        error_setg_errno(error, err, "Failed to connect to '%s'", name);
        error_append_hint(error, "'server=on' listens instead, 'reconnect-ms=1000' tries again.\n");
        return false;
    }
    socket_connected(s, fd);
    return true;
}

/* ---- the type ---- */

static bool parse_target(ChardevSocket *s, GError **error)
{
    if (s->path && s->port) {
        error_setg(error, "chardev: socket: 'path' and 'port' exclude each other");
        return false;
    }
    if (!s->path && !s->port) {
        error_setg(error, "chardev: socket: no port given");
        error_append_hint(error, "Give 'host=H,port=P' for TCP or 'path=FILE' for a Unix "
                                 "socket.\n");
        return false;
    }
    if (s->wait && !s->server) {
        error_setg(error, "'wait' option is incompatible with socket in client connect mode");
        return false;
    }
    if (s->reconnect_ms && s->server) {
        error_setg(error, "'reconnect-ms' option is incompatible with socket in server listen "
                          "mode");
        return false;
    }
    return true;
}

static bool socket_parse(Chardev *chr, QemuOpts *opts, GError **error)
{
    ChardevSocket *s = CHARDEV_SOCKET(chr);
    bool ipv4 = false, ipv6 = false;

    s->host = g_strdup(qemu_opt_get(opts, "host"));
    s->port = g_strdup(qemu_opt_get(opts, "port"));
    s->path = g_strdup(qemu_opt_get(opts, "path"));
    if (!qemu_opt_get_bool(opts, "server", &s->server, error)) {
        return false;
    }
    s->wait = s->server;
    if (!qemu_opt_get_bool(opts, "wait", &s->wait, error) ||
        !qemu_opt_get_bool(opts, "nodelay", &s->nodelay, error) ||
        !qemu_opt_get_bool(opts, "telnet", &s->telnet, error) ||
        !qemu_opt_get_bool(opts, "ipv4", &ipv4, error) ||
        !qemu_opt_get_bool(opts, "ipv6", &ipv6, error) ||
        !qemu_opt_get_range(opts, "reconnect-ms", 0, INT_MAX, &s->reconnect_ms, error)) {
        return false;
    }
    s->family = ipv4 == ipv6 ? AF_UNSPEC : ipv4 ? AF_INET : AF_INET6;
    return parse_target(s, error);
}

static bool socket_open(Chardev *chr, GError **error)
{
    ChardevSocket *s = CHARDEV_SOCKET(chr);

    s->addresses = s->path ? stream_resolve_unix(s->path, error) :
                             stream_resolve_inet(s->host, s->port, s->family, s->server, error);
    if (!s->addresses) {
        return false;
    }
    return s->server ? open_server(s, error) : open_client(s, error);
}

static int socket_filter_input(ChardevFd *fd_chr, uint8_t *buf, int len)
{
    ChardevSocket *s = CHARDEV_SOCKET(fd_chr);
    bool is_break = false;

    if (s->telnet) {
        len = telnet_filter_input(&s->filter, buf, len, &is_break);
        if (is_break) {
            qemu_chr_be_event(CHARDEV(s), CHR_EVENT_BREAK);
        }
    }
    return len;
}

static int socket_write(Chardev *chr, const uint8_t *buf, int len)
{
    ChardevSocket *s = CHARDEV_SOCKET(chr);
    int fd = CHARDEV_FD(s)->fd_out;

    return s->telnet && fd >= 0 ? telnet_filter_write(&s->filter, fd, buf, len) :
                                  chardev_fd_write(chr, buf, len);
}

static void socket_init(Object *obj)
{
    CHARDEV_SOCKET(obj)->connecting_fd = -1;
}

static void socket_finalize(Object *obj)
{
    ChardevSocket *s = CHARDEV_SOCKET(obj);

    listen_stop(s);
    for (unsigned i = 0; i < s->num_listeners; i++) {
        close(s->listen_fds[i]);
    }
    if (s->num_listeners && s->path) {
        unlink(s->path);
    }
    if (s->retry_tag) {
        g_source_remove(s->retry_tag);
    }
    if (s->connect_watch) {
        g_source_destroy(s->connect_watch);
        g_source_unref(s->connect_watch);
        close(s->connecting_fd);
    }
    g_clear_pointer(&s->addresses, g_array_unref);
    g_free(s->host);
    g_free(s->port);
    g_free(s->path);
}

static void socket_class_init(ObjectClass *oc, const void *data)
{
    ChardevClass *cc = CHARDEV_CLASS(oc);

    cc->internal = false;
    cc->parse = socket_parse;
    cc->open = socket_open;
    cc->write = socket_write;
    CHARDEV_FD_CLASS(oc)->hangup = socket_hangup;
    CHARDEV_FD_CLASS(oc)->filter_input = socket_filter_input;
}

static const TypeInfo chardev_socket_types[] = {
    {
        .name = TYPE_CHARDEV_SOCKET,
        .parent = TYPE_CHARDEV_FD,
        .instance_size = sizeof(ChardevSocket),
        .instance_init = socket_init,
        .instance_finalize = socket_finalize,
        .class_init = socket_class_init,
    },
};

DEFINE_TYPES(chardev_socket_types)
