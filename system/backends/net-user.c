/* SPDX-License-Identifier: MIT */
/*
 * -netdev user: a network in this process, by libslirp, with NAT to the host's
 *
 * libslirp is called under the BQL only: from the guest's sends, from the main loop around each
 * poll (descriptors and timeouts, MainLoopPoll), and from its own timers.
 *
 * Options are parsed in net-user-opts.c, forwarding rules in net-user-fwd.c.
 * Tests: tests/unit/system/backends/test-net-user.c.
 */

#include "qemu/osdep.h"

#include <libslirp.h>

#include "net-internal.h"
#include "qemu/error.h"
#include "qemu/log.h"
#include "qemu/main-loop.h"
#include "qemu/timer.h"

typedef struct NetUser {
    NetClientState nc;
    Slirp *slirp;  /* [const] */
    Notifier poll; /* [const] */
} NetUser;

typedef struct NetUserTimer {
    QEMUTimer timer;
    NetUser *user;
    SlirpTimerId id;
    void *opaque;
} NetUserTimer;

/* ---- What libslirp calls ---- */

static ssize_t user_send_packet(const void *buf, size_t size, void *opaque)
{
    NetUser *user = opaque;

    qemu_send_packet(&user->nc, buf, size);
    return size;
}

static void user_guest_error(const char *msg, void *opaque)
{
    qemu_log_mask(LOG_GUEST_ERROR, "netdev %s: %s\n", ((NetUser *)opaque)->nc.name, msg);
}

static int64_t user_clock_get_ns(void *opaque)
{
    return qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
}

static void user_init_completed(Slirp *slirp, void *opaque)
{
    ((NetUser *)opaque)->slirp = slirp;
}

static void user_timer_expired(void *opaque)
{
    NetUserTimer *t = opaque;

    slirp_handle_timer(t->user->slirp, t->id, t->opaque);
}

static void *user_timer_new(SlirpTimerId id, void *cb_opaque, void *opaque)
{
    NetUserTimer *t = g_new0(NetUserTimer, 1);

    t->user = opaque;
    t->id = id;
    t->opaque = cb_opaque;
    timer_init_ms(&t->timer, QEMU_CLOCK_VIRTUAL, user_timer_expired, t);
    return t;
}

static void user_timer_free(void *timer, void *opaque)
{
    timer_del(&((NetUserTimer *)timer)->timer);
    g_free(timer);
}

static void user_timer_mod(void *timer, int64_t expire_ms, void *opaque)
{
    timer_mod(&((NetUserTimer *)timer)->timer, expire_ms);
}

/* Descriptors are asked for anew before each poll. */
static void user_ignore_fd(int fd, void *opaque)
{
}

static void user_notify(void *opaque)
{
    qemu_notify_event();
}

static const SlirpCb user_callbacks = {
    .send_packet = user_send_packet,
    .guest_error = user_guest_error,
    .clock_get_ns = user_clock_get_ns,
    .timer_free = user_timer_free,
    .timer_mod = user_timer_mod,
    .register_poll_fd = user_ignore_fd,
    .unregister_poll_fd = user_ignore_fd,
    .notify = user_notify,
    .init_completed = user_init_completed,
    .timer_new_opaque = user_timer_new,
};

/* ---- Around each poll ---- */

/* The same bits in libslirp's terms and in GLib's. */
static const struct {
    int slirp;
    gushort glib;
} poll_bits[] = {
    {SLIRP_POLL_IN, G_IO_IN},   {SLIRP_POLL_OUT, G_IO_OUT}, {SLIRP_POLL_PRI, G_IO_PRI},
    {SLIRP_POLL_ERR, G_IO_ERR}, {SLIRP_POLL_HUP, G_IO_HUP},
};

static int user_add_poll(int fd, int events, void *opaque)
{
    GArray *pollfds = ((MainLoopPoll *)opaque)->pollfds;
    GPollFD pfd = {.fd = fd};

    for (unsigned i = 0; i < ARRAY_SIZE(poll_bits); i++) {
        pfd.events |= events & poll_bits[i].slirp ? poll_bits[i].glib : 0;
    }
    g_array_append_val(pollfds, pfd);
    return pollfds->len - 1;
}

static int user_get_revents(int index, void *opaque)
{
    gushort revents = g_array_index(((MainLoopPoll *)opaque)->pollfds, GPollFD, index).revents;
    int events = 0;

    for (unsigned i = 0; i < ARRAY_SIZE(poll_bits); i++) {
        events |= revents & poll_bits[i].glib ? poll_bits[i].slirp : 0;
    }
    return events;
}

static void user_poll(Notifier *notifier, void *data)
{
    NetUser *user = container_of(notifier, NetUser, poll);
    MainLoopPoll *poll = data;
    uint32_t timeout_ms = UINT32_MAX;

    if (poll->state == MAIN_LOOP_POLL_DONE) {
        slirp_pollfds_poll(user->slirp, 0, user_get_revents, poll);
        return;
    }
    if (poll->timeout_ns >= 0) {
        timeout_ms = MIN(poll->timeout_ns / SCALE_MS, (int64_t)UINT32_MAX - 1);
    }
    slirp_pollfds_fill(user->slirp, &timeout_ms, user_add_poll, poll);
    if (timeout_ms != UINT32_MAX) {
        int64_t timeout_ns = (int64_t)timeout_ms * SCALE_MS;

        /* Milliseconds were rounded down: what others asked for stays exact. */
        if (poll->timeout_ns < 0 || timeout_ns < poll->timeout_ns - poll->timeout_ns % SCALE_MS) {
            poll->timeout_ns = timeout_ns;
        }
    }
}

/* ---- The client ---- */

static ssize_t user_receive(NetClientState *nc, const uint8_t *buf, size_t size)
{
    slirp_input(container_of(nc, NetUser, nc)->slirp, buf, size);
    return size;
}

static void user_cleanup(NetClientState *nc)
{
    NetUser *user = container_of(nc, NetUser, nc);

    if (user->slirp) {
        main_loop_poll_remove_notifier(&user->poll);
        slirp_cleanup(user->slirp);
    }
}

static const NetClientInfo net_user_info_ops = {
    .type = NET_CLIENT_DRIVER_USER,
    .size = sizeof(NetUser),
    .receive = user_receive,
    .cleanup = user_cleanup,
};

static void user_describe(NetUser *user, const SlirpConfig *cfg)
{
    char net[INET_ADDRSTRLEN];

    g_free(user->nc.info_str);
    user->nc.info_str = g_strdup_printf("net=%s,restrict=%s",
                                        inet_ntop(AF_INET, &cfg->vnetwork, net, sizeof(net)),
                                        cfg->restricted ? "on" : "off");
}

static bool add_rule(const char *name, const char *value, void *opaque, GError **error)
{
    return strcmp(name, "hostfwd") != 0 ||
           net_user_add_rule(((NetUser *)opaque)->slirp, value, error);
}

bool net_init_user(QemuOpts *opts, const char *id, GError **error)
{
    SlirpConfig cfg = {.version = MIN(4, SLIRP_CONFIG_VERSION_MAX)};
    g_autofree const char **dnssearch = NULL;
    NetUser *user;

    if (!net_user_parse_config(opts, &cfg, &dnssearch, error)) {
        return false;
    }
    user = container_of(qemu_new_net_client(&net_user_info_ops, "user", id), NetUser, nc);
    user_describe(user, &cfg);
    user->slirp = slirp_new(&cfg, &user_callbacks, user);
    if (!user->slirp) {
        error_setg(error, "Could not start the user network '%s'", id);
        qemu_del_net_client(&user->nc);
        return false;
    }
    user->poll.notify = user_poll;
    main_loop_poll_add_notifier(&user->poll);
    if (!qemu_opts_foreach(opts, add_rule, user, error)) {
        qemu_del_net_client(&user->nc);
        return false;
    }
    return true;
}

/* ---- For the monitor ---- */

typedef struct UserSearch {
    const char *id;
    Slirp *found;
    unsigned count;
} UserSearch;

static void match_user(NetClientState *nc, void *opaque)
{
    UserSearch *search = opaque;

    if (nc->info == &net_user_info_ops && (!search->id || strcmp(nc->name, search->id) == 0)) {
        search->found = container_of(nc, NetUser, nc)->slirp;
        search->count++;
    }
}

Slirp *net_user_find(const char *id, GError **error)
{
    UserSearch search = {.id = id};

    net_client_foreach(match_user, &search);
    if (search.count == 1) {
        return search.found;
    }
    if (id) {
        error_setg(error, "unrecognized netdev id '%s'", id);
    } else if (search.count == 0) {
        error_setg(error, "user mode network stack not in use");
    } else {
        error_setg(error, "more than one user mode network: name one");
    }
    return NULL;
}

static void describe_connections(NetClientState *nc, void *opaque)
{
    if (nc->info == &net_user_info_ops) {
        g_autofree char *text = slirp_connection_info(container_of(nc, NetUser, nc)->slirp);

        g_string_append_printf(opaque, "Hub -1 (%s):\n%s", nc->name, text);
    }
}

void net_user_info(GString *out)
{
    net_client_foreach(describe_connections, out);
}
