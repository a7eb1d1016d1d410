/* SPDX-License-Identifier: MIT */
/*
 * Stream sockets for character devices: addresses, listening and connecting, without any Chardev.
 *
 * Threads: BQL. Tests: tests/unit/system/test-chardev-socket.c
 */
#ifndef STREAM_SOCKET_H
#define STREAM_SOCKET_H

#include <sys/socket.h>

/* One way to reach, or to be reached under, the name the user gave. */
typedef struct StreamAddress {
    struct sockaddr_storage sa;
    socklen_t len;
} StreamAddress;

/**
 * stream_resolve_inet - the addresses of HOST:PORT, in the order of preference
 * @host:    NULL or "" for all of ours (a server) or localhost (a client)
 * @family:  AF_INET, AF_INET6 or AF_UNSPEC
 *
 * Returns an array of StreamAddress with at least one element, or NULL with @error set. May block
 * for as long as the resolver takes.
 */
GArray *stream_resolve_inet(const char *host, const char *port, int family, bool server,
                            GError **error);
/* The same for a path. */
GArray *stream_resolve_unix(const char *path, GError **error);

/* "127.0.0.1:4444", "[::1]:4444", or the path. */
char *stream_address_text(const StreamAddress *address);

/*
 * A listening socket in O_NONBLOCK, or -1. A port of 0 in @address becomes the one chosen; a path
 * whose server is gone is taken over.
 */
int stream_listen(StreamAddress *address, GError **error);

/*
 * A connecting socket in O_NONBLOCK, or -1 with errno. *@in_progress says that it is writable once
 * done, and then stream_connect_result() tells how it went: 0 or an errno.
 */
int stream_connect(const StreamAddress *address, bool *in_progress);
int stream_connect_result(int fd);

/* The next client of @listen_fd in O_NONBLOCK, or -1 with errno. */
int stream_accept(int listen_fd);

/* Small writes go out at once; nothing on a Unix socket. */
void stream_set_nodelay(int fd);

#endif
