/* SPDX-License-Identifier: MIT */
/*
 * Which packets the driver of a virtio network device wants, shared by virtio-net.c (packets) and
 * virtio-net-filter.c (the driver's commands about them).
 */
#ifndef HW_NET_VIRTIO_NET_INTERNAL_H
#define HW_NET_VIRTIO_NET_INTERNAL_H

#include "qemu/bitmap.h"
#include "system/net.h"

/* Beyond so many addresses of a kind all of that kind are accepted. */
#define NET_FILTER_MACS 64

#define NET_FILTER_VLANS 4096

typedef struct NetMacList {
    unsigned num;
    bool is_overflowed; /* there were more: all match */
    MACAddr macs[NET_FILTER_MACS];
} NetMacList;

typedef struct VirtIONetFilter {
    bool promisc; /* all packets, whatever else is said */
    bool all_multi;
    bool all_uni;
    bool no_multi;
    bool no_uni;
    bool no_broadcast;
    NetMacList uni;
    NetMacList multi;
    bool filters_vlans; /* VIRTIO_NET_F_CTRL_VLAN has been negotiated */
    DECLARE_BITMAP(vlans, NET_FILTER_VLANS);
} VirtIONetFilter;

/* As after a reset: everything is wanted, until the driver says what. */
void virtio_net_filter_reset(VirtIONetFilter *filter);

/* Whether a packet for the device with address @mac is wanted. */
bool virtio_net_filter_accepts(const VirtIONetFilter *filter, const MACAddr *mac,
                               const uint8_t *packet, size_t size);

/*
 * Carries out a command of class VIRTIO_NET_CTRL_RX, _MAC or _VLAN. @data is what the driver sent
 * with it. @mac is the device's address, which one of them sets. False: not such a command, or
 * wrong; nothing has changed.
 */
bool virtio_net_filter_command(VirtIONetFilter *filter, MACAddr *mac, uint8_t class,
                               uint8_t command, const uint8_t *data, size_t size);

#endif
