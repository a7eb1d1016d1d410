/* SPDX-License-Identifier: MIT */
/*
 * Network clients: their registry, network cards and their addresses, links, and -netdev
 *
 * Packets are in net-queue.c, the backends in net-user.c. Locks: under the BQL.
 * Tests: tests/unit/system/backends/test-net.c.
 */

#include "qemu/osdep.h"
#include "net-internal.h"
#include "qemu/error.h"
#include "qemu/id.h"

static GPtrArray *clients; /* [bql] of NetClientState, in the order of creation */

/* ---- Clients ---- */

static void client_init(NetClientState *nc, const NetClientInfo *info, const char *model,
                        const char *name)
{
    nc->info = info;
    nc->model = g_strdup(model);
    nc->name = g_strdup(name);
    nc->info_str = g_strdup("");
    g_queue_init(&nc->incoming);
    if (!clients) {
        clients = g_ptr_array_new();
    }
    g_ptr_array_add(clients, nc);
}

NetClientState *qemu_new_net_client(const NetClientInfo *info, const char *model, const char *name)
{
    NetClientState *nc = g_malloc0(info->size);

    g_assert(info->size >= sizeof(*nc));
    client_init(nc, info, model, name);
    return nc;
}

/* Takes @nc off the wire; what is on the way either way is lost. */
static void disconnect(NetClientState *nc)
{
    NetClientState *peer = nc->peer;

    if (!peer) {
        return;
    }
    net_queue_purge(peer, nc);
    net_queue_purge(nc, peer);
    nc->peer = NULL;
    peer->peer = NULL;
}

static void client_free(NetClientState *nc)
{
    disconnect(nc);
    if (nc->info->cleanup) {
        nc->info->cleanup(nc);
    }
    g_ptr_array_remove(clients, nc);
    g_free(nc->model);
    g_free(nc->name);
    g_free(nc->info_str);
}

void qemu_del_net_client(NetClientState *nc)
{
    client_free(nc);
    g_free(nc);
}

NetClientState *qemu_find_netdev(const char *id)
{
    for (unsigned i = 0; clients && i < clients->len; i++) {
        NetClientState *nc = g_ptr_array_index(clients, i);

        if (nc->info->type != NET_CLIENT_DRIVER_NIC && strcmp(nc->name, id) == 0) {
            return nc;
        }
    }
    return NULL;
}

void net_client_foreach(net_client_fn fn, void *opaque)
{
    for (unsigned i = 0; clients && i < clients->len; i++) {
        fn(g_ptr_array_index(clients, i), opaque);
    }
}

bool netdev_is_free(const NetClientState *nc)
{
    return !nc->peer;
}

void qemu_set_link(NetClientState *nc, bool up)
{
    NetClientState *ends[] = {nc, nc->peer};

    for (unsigned i = 0; i < ARRAY_SIZE(ends); i++) {
        if (ends[i] && ends[i]->link_down == up) {
            ends[i]->link_down = !up;
            if (ends[i]->info->link_status_changed) {
                ends[i]->info->link_status_changed(ends[i]);
            }
        }
    }
}

/* ---- Network cards ---- */

/* The last byte of generated addresses: 52:54:00:12:34:56 is the first. */
#define MAC_FIRST 0x56

static const uint8_t mac_prefix[5] = {0x52, 0x54, 0x00, 0x12, 0x34};
static unsigned mac_users[256]; /* [bql] by last byte, NICs with the prefix */

static bool mac_has_prefix(const MACAddr *mac)
{
    return memcmp(mac->a, mac_prefix, sizeof(mac_prefix)) == 0;
}

void qemu_macaddr_default_if_unset(MACAddr *macaddr)
{
    static const MACAddr unset;

    if (memcmp(macaddr, &unset, sizeof(unset)) == 0) {
        unsigned last = MAC_FIRST;

        /* When all 256 are taken they are given again: there is no bus for that many. */
        for (unsigned n = 0; mac_users[last] && n < 256; n++) {
            last = (last + 1) & 0xff;
        }
        memcpy(macaddr->a, mac_prefix, sizeof(mac_prefix));
        macaddr->a[5] = last;
    }
    if (mac_has_prefix(macaddr)) {
        mac_users[macaddr->a[5]]++;
    }
}

bool net_parse_macaddr(MACAddr *macaddr, const char *text)
{
    MACAddr mac;

    for (unsigned i = 0; i < sizeof(mac.a); i++) {
        int hi = g_ascii_xdigit_value(text[0]);
        int lo = hi < 0 ? -1 : g_ascii_xdigit_value(text[1]);

        if (lo < 0) {
            return false;
        }
        mac.a[i] = hi << 4 | lo;
        text += 2;
        if (i + 1 < sizeof(mac.a)) {
            if (*text != ':' && *text != '-') {
                return false;
            }
            text++;
        }
    }
    if (*text) {
        return false;
    }
    *macaddr = mac;
    return true;
}

void qemu_format_nic_info_str(NetClientState *nc, const MACAddr *macaddr)
{
    const uint8_t *a = macaddr->a;

    g_free(nc->info_str);
    nc->info_str = g_strdup_printf("model=%s,macaddr=%02x:%02x:%02x:%02x:%02x:%02x", nc->model,
                                   a[0], a[1], a[2], a[3], a[4], a[5]);
}

NICState *qemu_new_nic(const NetClientInfo *info, NICConf *conf, const char *model,
                       const char *name, void *opaque)
{
    NICState *nic = g_new0(NICState, 1);
    NetClientState *peer = conf->peers.queues > 0 ? conf->peers.ncs[0] : NULL;

    g_assert(info->type == NET_CLIENT_DRIVER_NIC);
    g_assert(!peer || netdev_is_free(peer));
    client_init(&nic->nc, info, model, name);
    nic->conf = conf;
    nic->opaque = opaque;
    if (peer) {
        nic->nc.peer = peer;
        peer->peer = &nic->nc;
        nic->nc.link_down = peer->link_down;
    }
    return nic;
}

void qemu_del_nic(NICState *nic)
{
    const MACAddr *mac = &nic->conf->macaddr;

    if (mac_has_prefix(mac) && mac_users[mac->a[5]] > 0) {
        mac_users[mac->a[5]]--;
    }
    client_free(&nic->nc);
    g_free(nic);
}

NetClientState *qemu_get_queue(NICState *nic)
{
    return &nic->nc;
}

NICState *qemu_get_nic(NetClientState *nc)
{
    return container_of(nc, NICState, nc);
}

void *qemu_get_nic_opaque(NetClientState *nc)
{
    return qemu_get_nic(nc)->opaque;
}

/* ---- -netdev ---- */

/* One row a backend: what -netdev help lists and type= takes. */
static const struct {
    const char *type;
    bool (*init)(QemuOpts *opts, const char *id, GError **error);
} backend_types[] = {
    {"user", net_init_user},
};

bool net_client_init(QemuOpts *opts, GError **error)
{
    const char *type = qemu_opt_get_required(opts, "type", error);
    const char *id;

    if (!type) {
        return false;
    }
    for (unsigned i = 0; i < ARRAY_SIZE(backend_types); i++) {
        if (strcmp(backend_types[i].type, type) != 0) {
            continue;
        }
        id = qemu_opt_get_required(opts, "id", error);
        if (!id || !id_check(id, error)) {
            return false;
        }
        if (qemu_find_netdev(id)) {
            error_setg(error, "Duplicate ID '%s' for netdev", id);
            return false;
        }
        return backend_types[i].init(opts, id, error);
    }
    error_setg(error, "Parameter 'type' does not accept value '%s'", type);
    return false;
}

void net_client_help(FILE *f)
{
    fprintf(f, "Available netdev backend types:\n");
    for (unsigned i = 0; i < ARRAY_SIZE(backend_types); i++) {
        fprintf(f, "%s\n", backend_types[i].type);
    }
}

void net_check_clients(void)
{
    for (unsigned i = 0; clients && i < clients->len; i++) {
        const NetClientState *nc = g_ptr_array_index(clients, i);

        if (!nc->peer) {
            warn_report("%s %s has no peer",
                        nc->info->type == NET_CLIENT_DRIVER_NIC ? "nic" : "netdev", nc->name);
        }
    }
}

void net_cleanup(void)
{
    unsigned i = 0;

    /* NICs go with their devices. */
    while (clients && i < clients->len) {
        NetClientState *nc = g_ptr_array_index(clients, i);

        if (nc->info->type == NET_CLIENT_DRIVER_NIC) {
            i++;
        } else {
            qemu_del_net_client(nc);
        }
    }
    if (clients && clients->len == 0) {
        g_clear_pointer(&clients, g_ptr_array_unref);
    }
}
