/* SPDX-License-Identifier: MIT */
/*
 * Packets from a client to its peer, and the queue of those that the peer cannot take now
 *
 * A packet is delivered at once if the peer can receive, is not just receiving, and has none
 * waiting; so order is kept. The queue is bounded: the sender is a guest or the network.
 *
 * Locks: under the BQL. Tests: tests/unit/system/backends/test-net.c.
 */

#include "qemu/osdep.h"
#include "net-internal.h"
#include "qemu/iov.h"

typedef struct Packet {
    NetClientState *sender;
    NetPacketSent *sent_cb;
    size_t size;
    uint8_t data[];
} Packet;

bool qemu_can_receive_packet(NetClientState *nc)
{
    return !nc->receive_disabled && (!nc->info->can_receive || nc->info->can_receive(nc));
}

bool qemu_can_send_packet(NetClientState *sender)
{
    NetClientState *peer = sender->peer;

    return !peer || (qemu_can_receive_packet(peer) && !peer->delivering &&
                     g_queue_is_empty(&peer->incoming));
}

/* Hands a packet to @nc: its size, 0 if it could not take it, or negative. */
static ssize_t deliver(NetClientState *nc, const struct iovec *iov, int iovcnt)
{
    size_t size = iov_size(iov, iovcnt);
    ssize_t ret;

    nc->delivering = true;
    if (nc->link_down) {
        ret = size;
    } else if (nc->info->receive_iov) {
        ret = nc->info->receive_iov(nc, iov, iovcnt);
    } else if (iovcnt == 1) {
        ret = nc->info->receive(nc, iov[0].iov_base, iov[0].iov_len);
    } else {
        g_autofree uint8_t *flat = g_malloc(size);

        iov_to_buf(iov, iovcnt, 0, flat, size);
        ret = nc->info->receive(nc, flat, size);
    }
    nc->delivering = false;
    nc->receive_disabled = ret == 0;
    return ret;
}

static void enqueue(NetClientState *nc, NetClientState *sender, const struct iovec *iov, int iovcnt,
                    NetPacketSent *sent_cb)
{
    size_t size = iov_size(iov, iovcnt);
    Packet *packet;

    if (nc->incoming.length >= NET_QUEUE_MAX && !sent_cb) {
        return;
    }
    packet = g_malloc(sizeof(*packet) + size);
    packet->sender = sender;
    packet->sent_cb = sent_cb;
    packet->size = size;
    iov_to_buf(iov, iovcnt, 0, packet->data, size);
    g_queue_push_tail(&nc->incoming, packet);
}

/* Delivers what waits for @nc, as far as it takes it. */
static void drain(NetClientState *nc)
{
    while (!nc->delivering && !g_queue_is_empty(&nc->incoming) && qemu_can_receive_packet(nc)) {
        Packet *packet = g_queue_pop_head(&nc->incoming);
        struct iovec iov = {.iov_base = packet->data, .iov_len = packet->size};
        ssize_t ret = deliver(nc, &iov, 1);

        if (ret == 0) {
            g_queue_push_head(&nc->incoming, packet);
            return;
        }
        if (packet->sent_cb) {
            packet->sent_cb(packet->sender, ret);
        }
        g_free(packet);
    }
}

ssize_t qemu_sendv_packet_async(NetClientState *sender, const struct iovec *iov, int iovcnt,
                                NetPacketSent *sent_cb)
{
    NetClientState *nc = sender->peer;
    size_t size = iov_size(iov, iovcnt);
    ssize_t ret;

    /* A wire that is cut, or a packet no wire carries. */
    if (!nc || sender->link_down || size == 0 || size > NET_BUFSIZE) {
        return size;
    }
    if (!qemu_can_send_packet(sender)) {
        enqueue(nc, sender, iov, iovcnt, sent_cb);
        return 0;
    }
    ret = deliver(nc, iov, iovcnt);
    if (ret == 0) {
        enqueue(nc, sender, iov, iovcnt, sent_cb);
        return 0;
    }
    drain(nc); /* what it sent to itself, by way of its peer, while it was receiving */
    return ret;
}

ssize_t qemu_sendv_packet(NetClientState *sender, const struct iovec *iov, int iovcnt)
{
    return qemu_sendv_packet_async(sender, iov, iovcnt, NULL);
}

ssize_t qemu_send_packet_async(NetClientState *sender, const uint8_t *buf, size_t size,
                               NetPacketSent *sent_cb)
{
    struct iovec iov = {.iov_base = (void *)buf, .iov_len = size};

    return qemu_sendv_packet_async(sender, &iov, 1, sent_cb);
}

ssize_t qemu_send_packet(NetClientState *sender, const uint8_t *buf, size_t size)
{
    return qemu_send_packet_async(sender, buf, size, NULL);
}

void qemu_flush_queued_packets(NetClientState *nc)
{
    nc->receive_disabled = false;
    drain(nc);
}

void net_queue_purge(NetClientState *nc, const NetClientState *sender)
{
    /* Each once: a callback may send, which queues anew. */
    for (unsigned left = nc->incoming.length; left > 0; left--) {
        Packet *packet = g_queue_pop_head(&nc->incoming);

        if (packet->sender == sender) {
            if (packet->sent_cb) {
                packet->sent_cb(packet->sender, 0);
            }
            g_free(packet);
        } else {
            g_queue_push_tail(&nc->incoming, packet);
        }
    }
}

void qemu_purge_queued_packets(NetClientState *nc)
{
    if (nc->peer) {
        net_queue_purge(nc->peer, nc);
    }
}
