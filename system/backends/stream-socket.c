/* SPDX-License-Identifier: MIT */
/*
 * Stream sockets for character devices. Contracts are in stream-socket.h.
 *
 * Threads: BQL. Tests: tests/unit/system/test-chardev-socket.c
 */
#include "qemu/osdep.h"
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/un.h>
#include "stream-socket.h"
#include "qemu/error.h"

GArray *stream_resolve_inet(const char *host, const char *port, int family, bool server,
                            GError **error)
{
    struct addrinfo hints = {
        .ai_socktype = SOCK_STREAM,
        .ai_family = family,
        .ai_flags = server ? AI_PASSIVE : AI_ADDRCONFIG,
    };
    struct addrinfo *list;
    GArray *addresses;
    char *end;
    unsigned long number = strtoul(port, &end, 10);
    int rc;

    if (!*end && number > UINT16_MAX) {
        error_setg(error, "port '%s' is out of range", port);
        error_append_hint(error, "Ports are 1 to 65535, and 0 for any that is free.\n");
        return NULL;
    }
    rc = getaddrinfo(host && *host ? host : server ? NULL : "localhost", port, &hints, &list);
    if (rc != 0) {
        error_setg(error, "address resolution failed for %s:%s: %s", host ? host : "", port,
                   gai_strerror(rc));
        return NULL;
    }
    addresses = g_array_new(false, true, sizeof(StreamAddress));
    for (struct addrinfo *ai = list; ai; ai = ai->ai_next) {
        StreamAddress address = {.len = ai->ai_addrlen};

        memcpy(&address.sa, ai->ai_addr, ai->ai_addrlen);
        g_array_append_val(addresses, address);
    }
    freeaddrinfo(list);
    return addresses;
}

GArray *stream_resolve_unix(const char *path, GError **error)
{
    struct sockaddr_un sun = {.sun_family = AF_UNIX};
    StreamAddress address = {.len = sizeof(sun)};
    GArray *addresses;

    if (strlen(path) >= sizeof(sun.sun_path)) {
        error_setg(error, "UNIX socket path '%s' is too long", path);
        error_append_hint(error, "Path must be less than %zu bytes\n", sizeof(sun.sun_path));
        return NULL;
    }
    strcpy(sun.sun_path, path);
    memcpy(&address.sa, &sun, sizeof(sun));
    addresses = g_array_new(false, true, sizeof(StreamAddress));
    g_array_append_val(addresses, address);
    return addresses;
}

char *stream_address_text(const StreamAddress *address)
{
    char host[NI_MAXHOST], port[NI_MAXSERV];

    if (address->sa.ss_family == AF_UNIX) {
        return g_strdup(((const struct sockaddr_un *)&address->sa)->sun_path);
    }
    if (getnameinfo((const struct sockaddr *)&address->sa, address->len, host, sizeof(host), port,
                    sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
        return g_strdup("unknown");
    }
    return g_strdup_printf(strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, port);
}

static int new_socket(const StreamAddress *address)
{
    return socket(address->sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/* A socket file nobody listens on any more is a leftover of a crash: remove it. */
static void remove_stale(const StreamAddress *address)
{
    const char *path = ((const struct sockaddr_un *)&address->sa)->sun_path;
    struct stat st;
    int fd;

    if (lstat(path, &st) != 0 || !S_ISSOCK(st.st_mode)) {
        return;
    }
    fd = new_socket(address);
    if (fd < 0) {
        return;
    }
    if (connect(fd, (const struct sockaddr *)&address->sa, address->len) != 0 &&
        errno == ECONNREFUSED) {
        unlink(path);
    }
    close(fd);
}

static void set_listener_error(const StreamAddress *address, GError **error)
{
    int err = errno;
    g_autofree char *text = stream_address_text(address);

    if (address->sa.ss_family == AF_UNIX) {
        error_setg_errno(error, err, "Failed to bind socket to %s", text);
    } else {
        error_setg_errno(error, err, "Failed to find an available port");
        error_append_hint(error, "%s cannot be listened on: end its user, or choose another.\n",
                          text);
    }
}

int stream_listen(StreamAddress *address, GError **error)
{
    int on = 1, fd;

    if (address->sa.ss_family == AF_UNIX) {
        remove_stale(address);
    }
    fd = new_socket(address);
    if (fd < 0) {
        error_setg_errno(error, errno, "Failed to create a socket");
        return -1;
    }
    if (address->sa.ss_family != AF_UNIX) {
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    }
    if (address->sa.ss_family == AF_INET6) {
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
    }
    if (bind(fd, (struct sockaddr *)&address->sa, address->len) != 0 || listen(fd, 1) != 0) {
        set_listener_error(address, error);
        close(fd);
        return -1;
    }
    if (address->sa.ss_family != AF_UNIX) {
        address->len = sizeof(address->sa);
        getsockname(fd, (struct sockaddr *)&address->sa, &address->len);
    }
    return fd;
}

int stream_connect(const StreamAddress *address, bool *in_progress)
{
    int fd = new_socket(address);

    *in_progress = false;
    if (fd < 0 || connect(fd, (const struct sockaddr *)&address->sa, address->len) == 0) {
        return fd;
    }
    if (errno == EINPROGRESS) {
        *in_progress = true;
        return fd;
    }
    int err = errno;
    close(fd);
    errno = err;
    return -1;
}

int stream_connect_result(int fd)
{
    int err = 0;
    socklen_t len = sizeof(err);

    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) == 0 ? err : errno;
}

int stream_accept(int listen_fd)
{
    return accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

void stream_set_nodelay(int fd)
{
    int on = 1;

    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}
