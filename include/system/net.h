/* SPDX-License-Identifier: MIT */
/*
 * Network backends: clients, their peers, and packets between them
 *
 * A client is one end of a wire: a network card of the guest, or a host-side backend such as
 * -netdev user. Exactly two are peers. A packet sent by one is received by the other at once, or
 * queued, in order, when that cannot take it now; a bounded number is queued, further ones are
 * dropped, as on a real wire.
 *
 * Threads: under the BQL throughout. Tests: tests/unit/system/backends/test-net.c.
 */

#ifndef SYSTEM_NET_H
#define SYSTEM_NET_H

#include <sys/uio.h>

#include "qemu/option.h"

/* Largest packet between clients: 64 KiB of payload, headers, and a virtio header. */
#define NET_BUFSIZE (4096 + 65536)

/* Packets waiting for one client. */
#define NET_QUEUE_MAX 10000

typedef struct NetClientState NetClientState;
typedef struct NetClientInfo NetClientInfo;
typedef struct NICState NICState;

typedef struct MACAddr {
    uint8_t a[6];
} MACAddr;

/* ---- Clients -------------------------------------------------------------------------------- */

typedef enum NetClientDriver {
    NET_CLIENT_DRIVER_NIC,
    NET_CLIENT_DRIVER_USER,
} NetClientDriver;

/* Tells that a packet that was queued has been delivered. */
typedef void NetPacketSent(NetClientState *sender, ssize_t ret);

/**
 * NetClientInfo - what a kind of client does
 * @size: of its state, which begins with a NetClientState (backends; a NIC's is NICState)
 * @can_receive: NULL means always. When it starts to return true again, the client calls
 *               qemu_flush_queued_packets()
 * @receive: takes one packet. Returns its size, 0 if it cannot now (the packet is queued, and the
 *           client calls qemu_flush_queued_packets() later), or -1 to have it dropped
 * @receive_iov: the same for a packet in pieces; used in preference when present
 */
struct NetClientInfo {
    NetClientDriver type;
    size_t size;
    bool (*can_receive)(NetClientState *nc);
    ssize_t (*receive)(NetClientState *nc, const uint8_t *buf, size_t size);
    ssize_t (*receive_iov)(NetClientState *nc, const struct iovec *iov, int iovcnt);
    void (*cleanup)(NetClientState *nc);
    void (*link_status_changed)(NetClientState *nc);
};

struct NetClientState {
    const NetClientInfo *info; /* [const] */
    char *name;                /* [const] a netdev's id, or a NIC's device name */
    char *model;               /* [const] "user", "virtio-net-device" */
    char *info_str;            /* [bql] for info network: what follows "type=..." */
    NetClientState *peer;      /* [bql] */
    GQueue incoming;           /* [bql] packets for this client that it could not take yet */
    bool link_down;            /* [bql] */
    bool delivering;           /* [bql] a packet is being received: others are queued behind it */
    bool receive_disabled;     /* [bql] the last receive said 0 */
};

/* The client on the other end. */
static inline NetClientState *qemu_get_peer(NetClientState *nc)
{
    return nc->peer;
}

/* The backend called @id (-netdev), or NULL. */
NetClientState *qemu_find_netdev(const char *id);

/* Calls @fn for each client in the order of creation; NICs included. For info network. */
typedef void (*net_client_fn)(NetClientState *nc, void *opaque);
void net_client_foreach(net_client_fn fn, void *opaque);

/* New backend, without a peer. @info->size bytes, zeroed but for the NetClientState. */
NetClientState *qemu_new_net_client(const NetClientInfo *info, const char *model, const char *name);

/* Calls cleanup, drops its packets, separates it from its peer, frees it. */
void qemu_del_net_client(NetClientState *nc);

/* ---- Network cards -------------------------------------------------------------------------- */

/* What a netdev= property holds: as many backend clients as the NIC has queues, here always one. */
#define MAX_QUEUE_NUM 1
typedef struct NICPeers {
    NetClientState *ncs[MAX_QUEUE_NUM]; /* NULL: not connected */
    int32_t queues;                     /* how many are set */
} NICPeers;

/* Properties of a device that is a NIC. */
typedef struct NICConf {
    MACAddr macaddr; /* property mac */
    NICPeers peers;  /* property netdev */
} NICConf;

struct NICState {
    NetClientState nc;
    NICConf *conf;
    void *opaque;
};

/**
 * qemu_new_nic - the network side of a device
 * @conf: its peers must be free: the property's setter has checked with netdev_is_free()
 */
NICState *qemu_new_nic(const NetClientInfo *info, NICConf *conf, const char *model,
                       const char *name, void *opaque);
void qemu_del_nic(NICState *nic);
NetClientState *qemu_get_queue(NICState *nic);
NICState *qemu_get_nic(NetClientState *nc);
void *qemu_get_nic_opaque(NetClientState *nc);

/* Whether a NIC may still take this backend as its peer; "it's in use" is the caller's wording. */
bool netdev_is_free(const NetClientState *nc);

/*
 * 52:54:00:12:34:56 and following, unless the address is set. One is not given twice, nor given
 * when it was set for another; qemu_del_nic() makes it free again.
 */
void qemu_macaddr_default_if_unset(MACAddr *macaddr);
/* "52:54:00:12:34:56", also with '-'. Returns false if @text is not an address. */
bool net_parse_macaddr(MACAddr *macaddr, const char *text);
/* Puts "model=...,macaddr=..." into @nc's info_str. */
void qemu_format_nic_info_str(NetClientState *nc, const MACAddr *macaddr);

/* ---- Packets -------------------------------------------------------------------------------- */

/* Whether the peer would take a packet now rather than queue it. */
bool qemu_can_send_packet(NetClientState *sender);
/* Whether @nc can take one. */
bool qemu_can_receive_packet(NetClientState *nc);

/* Sends to the peer. What cannot be taken is queued or, when the queue is full, dropped. */
ssize_t qemu_send_packet(NetClientState *sender, const uint8_t *buf, size_t size);

/*
 * The same; returns 0 if the packet was queued, and then @sent_cb is called once it is delivered:
 * the sender stops sending until then. A full queue does not drop packets with a callback.
 */
ssize_t qemu_send_packet_async(NetClientState *sender, const uint8_t *buf, size_t size,
                               NetPacketSent *sent_cb);
ssize_t qemu_sendv_packet(NetClientState *sender, const struct iovec *iov, int iovcnt);
ssize_t qemu_sendv_packet_async(NetClientState *sender, const struct iovec *iov, int iovcnt,
                                NetPacketSent *sent_cb);

/* @nc can receive again: delivers what was queued for it. */
void qemu_flush_queued_packets(NetClientState *nc);
/* Drops what @nc has sent and its peer has not taken; callbacks are called with 0. */
void qemu_purge_queued_packets(NetClientState *nc);

/* set_link: both ends of the wire. */
void qemu_set_link(NetClientState *nc, bool up);

/* ---- Command line --------------------------------------------------------------------------- */

/**
 * net_client_init - carry out one -netdev
 * @opts: parsed with the implied key "type" and QEMU_OPTS_LEGACY_NO; type, id, and of the type
 *
 * Type user: net, host, dhcpstart, dns, hostname, domainname, restrict, ipv4, ipv6, ipv6-net,
 * ipv6-host, ipv6-dns, dnssearch, tftp, tftp-server-name, bootfile, hostfwd.
 * Errors, among them: "Parameter 'id' is missing", "Parameter 'type' does not accept value 'x'",
 * "Duplicate ID 'x' for netdev", "Could not set up host forwarding rule 'x'".
 */
bool net_client_init(QemuOpts *opts, GError **error);

/* -netdev help: what exists, one a line. */
void net_client_help(FILE *f);

/* After all devices exist: warns "netdev x has no peer" for each backend without one. */
void net_check_clients(void);

/* hostfwd_add and hostfwd_remove of the monitor; @id NULL: the only -netdev user there is. */
bool net_user_hostfwd_add(const char *id, const char *rule, GError **error);
bool net_user_hostfwd_remove(const char *id, const char *rule, GError **error);

/* Connections of each -netdev user, for info usernet. */
void net_user_info(GString *out);

/* Deletes all backends. At the end of the program. */
void net_cleanup(void);

#endif
