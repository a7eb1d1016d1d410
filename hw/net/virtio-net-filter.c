/* SPDX-License-Identifier: MIT */
/*
 * Receive filter of a virtio network device.
 *
 * VIRTIO 1.3, "Network Device", "Control Virtqueue": packet receive filtering, setting MAC address
 * filtering, VLAN filtering. Runs under the BQL. Tests: tests/unit/hw/net/test-virtio-net.c.
 */
#include "qemu/osdep.h"

#include "qemu/bswap.h"
#include "virtio-net-internal.h"

enum {
    CTRL_RX = 0,
    CTRL_RX_PROMISC = 0,
    CTRL_RX_ALLMULTI = 1,
    CTRL_RX_ALLUNI = 2,
    CTRL_RX_NOMULTI = 3,
    CTRL_RX_NOUNI = 4,
    CTRL_RX_NOBCAST = 5,
    CTRL_MAC = 1,
    CTRL_MAC_TABLE_SET = 0,
    CTRL_MAC_ADDR_SET = 1,
    CTRL_VLAN = 2,
    CTRL_VLAN_ADD = 0,
    CTRL_VLAN_DEL = 1,
};

#define MAC_SIZE 6

/* An Ethernet header: destination, source, then a type, or a VLAN tag of type and number. */
enum {
    ETH_TYPE = 2 * MAC_SIZE,
    ETH_VLAN_ID = ETH_TYPE + 2,
    ETH_VLAN_END = ETH_VLAN_ID + 2,
    ETH_TYPE_VLAN = 0x8100,
};

void virtio_net_filter_reset(VirtIONetFilter *filter)
{
    *filter = (VirtIONetFilter){.promisc = true};
}

static bool mac_list_has(const NetMacList *list, const uint8_t *mac)
{
    for (unsigned i = 0; i < list->num; i++) {
        if (memcmp(list->macs[i].a, mac, MAC_SIZE) == 0) {
            return true;
        }
    }
    return list->is_overflowed;
}

static bool accepts_vlan(const VirtIONetFilter *filter, const uint8_t *packet, size_t size)
{
    if (!filter->filters_vlans || size < ETH_VLAN_END ||
        lduw_be_p(packet + ETH_TYPE) != ETH_TYPE_VLAN) {
        return true;
    }
    return test_bit(lduw_be_p(packet + ETH_VLAN_ID) % NET_FILTER_VLANS, filter->vlans);
}

bool virtio_net_filter_accepts(const VirtIONetFilter *filter, const MACAddr *mac,
                               const uint8_t *packet, size_t size)
{
    static const uint8_t broadcast[MAC_SIZE] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

    if (filter->promisc) {
        return true;
    }
    if (size < MAC_SIZE || !accepts_vlan(filter, packet, size)) {
        return false;
    }
    if (memcmp(packet, broadcast, MAC_SIZE) == 0) {
        return !filter->no_broadcast;
    }
    if (packet[0] & 1) {
        return !filter->no_multi && (filter->all_multi || mac_list_has(&filter->multi, packet));
    }
    return !filter->no_uni && (filter->all_uni || memcmp(packet, mac->a, MAC_SIZE) == 0 ||
                               mac_list_has(&filter->uni, packet));
}

static bool command_rx(VirtIONetFilter *filter, uint8_t command, const uint8_t *data, size_t size)
{
    bool *switches[] = {
        [CTRL_RX_PROMISC] = &filter->promisc, [CTRL_RX_ALLMULTI] = &filter->all_multi,
        [CTRL_RX_ALLUNI] = &filter->all_uni,  [CTRL_RX_NOMULTI] = &filter->no_multi,
        [CTRL_RX_NOUNI] = &filter->no_uni,    [CTRL_RX_NOBCAST] = &filter->no_broadcast,
    };

    if (command >= ARRAY_SIZE(switches) || size != 1) {
        return false;
    }
    *switches[command] = data[0] != 0;
    return true;
}

/* A number and so many addresses; advances *@data. */
static bool read_mac_list(NetMacList *list, const uint8_t **data, size_t *size)
{
    uint32_t num;

    if (*size < sizeof(num)) {
        return false;
    }
    num = ldl_le_p(*data);
    *data += sizeof(num);
    *size -= sizeof(num);
    if (num > *size / MAC_SIZE) {
        return false;
    }
    list->is_overflowed = num > NET_FILTER_MACS;
    list->num = list->is_overflowed ? 0 : num;
    memcpy(list->macs, *data, list->num * MAC_SIZE);
    *data += num * MAC_SIZE;
    *size -= num * MAC_SIZE;
    return true;
}

static bool command_mac(VirtIONetFilter *filter, MACAddr *mac, uint8_t command, const uint8_t *data,
                        size_t size)
{
    NetMacList uni, multi;

    if (command == CTRL_MAC_ADDR_SET && size == MAC_SIZE) {
        memcpy(mac->a, data, MAC_SIZE);
        return true;
    }
    if (command == CTRL_MAC_TABLE_SET && read_mac_list(&uni, &data, &size) &&
        read_mac_list(&multi, &data, &size) && size == 0) {
        filter->uni = uni;
        filter->multi = multi;
        return true;
    }
    return false;
}

static bool command_vlan(VirtIONetFilter *filter, uint8_t command, const uint8_t *data, size_t size)
{
    uint16_t id;

    if (size != sizeof(id) || lduw_le_p(data) >= NET_FILTER_VLANS) {
        return false;
    }
    id = lduw_le_p(data);
    if (command == CTRL_VLAN_ADD) {
        set_bit(id, filter->vlans);
    } else if (command == CTRL_VLAN_DEL) {
        clear_bit(id, filter->vlans);
    } else {
        return false;
    }
    return true;
}

bool virtio_net_filter_command(VirtIONetFilter *filter, MACAddr *mac, uint8_t class,
                               uint8_t command, const uint8_t *data, size_t size)
{
    switch (class) {
    case CTRL_RX:
        return command_rx(filter, command, data, size);
    case CTRL_MAC:
        return command_mac(filter, mac, command, data, size);
    case CTRL_VLAN:
        return command_vlan(filter, command, data, size);
    default:
        return false;
    }
}
