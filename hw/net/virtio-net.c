/* SPDX-License-Identifier: MIT */
/*
 * Virtio network device with one pair of queues and a control queue.
 *
 * Packets that the driver sends go to the network back end in the main loop, many in one turn; when
 * the back end queues one, sending pauses until it has gone. Packets that come are put into the
 * driver's buffers, spread over several with VIRTIO_NET_F_MRG_RXBUF; when there are none, the back
 * end keeps them.
 *
 * No back end can leave checksums or segmentation to the other side, so none of these features is
 * offered, whatever their properties say.
 *
 * VIRTIO 1.3, "Network Device". Runs under the BQL in the main loop. Tests:
 * tests/unit/hw/net/test-virtio-net.c.
 */
#include "qemu/osdep.h"

#include "hw/virtio/virtio.h"
#include "qemu/bswap.h"
#include "qemu/error.h"
#include "qemu/host-utils.h"
#include "qemu/iov.h"
#include "qemu/log.h"
#include "virtio-net-internal.h"

#define TYPE_VIRTIO_NET "virtio-net-device"
OBJECT_DECLARE_SIMPLE_TYPE(VirtIONet, VIRTIO_NET)

/* "Feature bits". */
enum {
    VIRTIO_NET_F_CSUM = 0,
    VIRTIO_NET_F_GUEST_CSUM = 1,
    VIRTIO_NET_F_MTU = 3,
    VIRTIO_NET_F_MAC = 5,
    VIRTIO_NET_F_GSO = 6, /* legacy */
    VIRTIO_NET_F_GUEST_TSO4 = 7,
    VIRTIO_NET_F_GUEST_TSO6 = 8,
    VIRTIO_NET_F_GUEST_ECN = 9,
    VIRTIO_NET_F_GUEST_UFO = 10,
    VIRTIO_NET_F_HOST_TSO4 = 11,
    VIRTIO_NET_F_HOST_TSO6 = 12,
    VIRTIO_NET_F_HOST_ECN = 13,
    VIRTIO_NET_F_HOST_UFO = 14,
    VIRTIO_NET_F_MRG_RXBUF = 15,
    VIRTIO_NET_F_STATUS = 16,
    VIRTIO_NET_F_CTRL_VQ = 17,
    VIRTIO_NET_F_CTRL_RX = 18,
    VIRTIO_NET_F_CTRL_VLAN = 19,
    VIRTIO_NET_F_CTRL_RX_EXTRA = 20,
    VIRTIO_NET_F_CTRL_MAC_ADDR = 23,
    VIRTIO_NET_F_SPEED_DUPLEX = 63,
};

/* What needs a back end that takes part. */
#define OFFLOAD_FEATURES                                                                           \
    (BIT_ULL(VIRTIO_NET_F_CSUM) | BIT_ULL(VIRTIO_NET_F_GUEST_CSUM) | BIT_ULL(VIRTIO_NET_F_GSO) |   \
     MAKE_64BIT_MASK(VIRTIO_NET_F_GUEST_TSO4,                                                      \
                     VIRTIO_NET_F_HOST_UFO - VIRTIO_NET_F_GUEST_TSO4 + 1))

/* What there are commands for. */
#define CTRL_FEATURES                                                                              \
    (BIT_ULL(VIRTIO_NET_F_CTRL_RX) | BIT_ULL(VIRTIO_NET_F_CTRL_VLAN) |                             \
     BIT_ULL(VIRTIO_NET_F_CTRL_RX_EXTRA) | BIT_ULL(VIRTIO_NET_F_CTRL_MAC_ADDR))

enum {
    VIRTIO_NET_OK = 0,
    VIRTIO_NET_ERR = 1,
};

/* "Device Operation": what precedes each packet. */
typedef struct QEMU_PACKED VirtIONetHeader {
    uint8_t flags;
    uint8_t gso_type;
    uint16_t hdr_len;
    uint16_t gso_size;
    uint16_t csum_start;
    uint16_t csum_offset;
    uint16_t num_buffers; /* not there on the legacy interface without MRG_RXBUF */
} VirtIONetHeader;

typedef struct QEMU_PACKED VirtIONetConfig {
    uint8_t mac[6];
    uint16_t status;
    uint16_t max_virtqueue_pairs;
    uint16_t mtu;
    uint32_t speed;
    uint8_t duplex;
} VirtIONetConfig;

#define VIRTIO_NET_S_LINK_UP 1

enum {
    DUPLEX_HALF = 0,
    DUPLEX_FULL = 1,
    DUPLEX_UNKNOWN = 0xff,
};

#define SPEED_UNKNOWN (-1)

#define MIN_RX_QUEUE_SIZE 256
#define TX_QUEUE_SIZE 256
#define CTRL_QUEUE_SIZE 64

/* The longest command: two full tables of addresses, and then some. */
#define CTRL_DATA_MAX 4096

struct VirtIONet {
    VirtIODevice parent_obj;

    /* [const] after realize */
    NICConf conf; /* its macaddr: what the device starts with */
    uint64_t features;
    uint16_t rx_queue_size;
    uint16_t tx_queue_size;
    uint16_t mtu;
    int32_t speed; /* Mbit/s */
    char *duplex;
    int32_t bootindex;
    NICState *nic;
    VirtQueue *rx_vq;
    VirtQueue *tx_vq;

    /* [bql] */
    MACAddr mac;
    VirtIONetFilter filter;
    bool is_tx_waiting; /* the back end keeps a packet, and will tell when it has gone */
};

static size_t header_size(VirtIONet *s)
{
    bool is_long = virtio_vdev_has_feature(&s->parent_obj, VIRTIO_F_VERSION_1) ||
                   virtio_vdev_has_feature(&s->parent_obj, VIRTIO_NET_F_MRG_RXBUF);

    return is_long ? sizeof(VirtIONetHeader) : offsetof(VirtIONetHeader, num_buffers);
}

/* ---- Receiving ---- */

static bool net_can_receive(NetClientState *nc)
{
    VirtIONet *s = qemu_get_nic_opaque(nc);

    return virtio_is_live(&s->parent_obj) && virtio_queue_ready(s->rx_vq);
}

/* The buffers that one packet goes to. */
typedef struct RxBuffers {
    VirtQueueElement *elems[VIRTQUEUE_MAX_SIZE];
    unsigned num;
    size_t room;
} RxBuffers;

static void rx_give_back(VirtIONet *s, RxBuffers *buffers)
{
    while (buffers->num > 0) {
        VirtQueueElement *elem = buffers->elems[--buffers->num];

        virtqueue_unpop(s->rx_vq, elem);
        virtqueue_element_free(elem);
    }
    buffers->room = 0;
}

/* Takes buffers for @size bytes; false if the driver has not offered as many. */
static bool rx_take(VirtIONet *s, RxBuffers *buffers, size_t size)
{
    unsigned max = virtio_vdev_has_feature(&s->parent_obj, VIRTIO_NET_F_MRG_RXBUF) ?
                       virtio_queue_get_num(s->rx_vq) :
                       1;

    buffers->num = 0;
    buffers->room = 0;
    while (buffers->room < size && buffers->num < max) {
        VirtQueueElement *elem = virtqueue_pop(s->rx_vq, sizeof(*elem));

        if (!elem) {
            rx_give_back(s, buffers);
            return false;
        }
        buffers->elems[buffers->num++] = elem;
        buffers->room += elem->in_size;
    }
    return true;
}

/* Fills them with a header and a packet, and tells the driver. */
static void rx_fill(VirtIONet *s, RxBuffers *buffers, const uint8_t *packet, size_t size)
{
    VirtIONetHeader header = {.num_buffers = cpu_to_le16(buffers->num)};
    size_t left = header_size(s);
    size_t done = 0;

    for (unsigned i = 0; i < buffers->num; i++) {
        VirtQueueElement *elem = buffers->elems[i];
        size_t len = iov_from_buf(elem->in_sg, elem->in_num, 0,
                                  (uint8_t *)&header + header_size(s) - left, left);
        size_t part;

        left -= len;
        part = iov_from_buf(elem->in_sg, elem->in_num, len, packet + done, size - done);
        done += part;
        virtqueue_fill(s->rx_vq, elem, len + part, i);
        virtqueue_element_free(elem);
    }
    virtqueue_flush(s->rx_vq, buffers->num);
    virtio_notify(&s->parent_obj, s->rx_vq);
}

static ssize_t net_receive(NetClientState *nc, const uint8_t *packet, size_t size)
{
    VirtIONet *s = qemu_get_nic_opaque(nc);
    size_t wanted = header_size(s) + size;
    RxBuffers buffers;

    if (!net_can_receive(nc)) {
        return 0;
    }
    if (!virtio_net_filter_accepts(&s->filter, &s->mac, packet, size)) {
        return size;
    }
    if (!rx_take(s, &buffers, wanted)) {
        /* It may have added some before it saw that we want to be notified. */
        virtio_queue_set_notification(s->rx_vq, true);
        if (!rx_take(s, &buffers, wanted)) {
            return 0;
        }
    }
    virtio_queue_set_notification(s->rx_vq, false);
    if (buffers.room < wanted) {
        qemu_log_mask(LOG_GUEST_ERROR, "%s: %zu bytes of buffers for a packet of %zu: dropped\n",
                      TYPE_VIRTIO_NET, buffers.room, wanted);
        rx_give_back(s, &buffers);
        return size;
    }
    rx_fill(s, &buffers, packet, size);
    return size;
}

static void rx_handler(VirtIODevice *vdev, VirtQueue *vq)
{
    qemu_flush_queued_packets(qemu_get_queue(VIRTIO_NET(vdev)->nic));
}

/* ---- Sending ---- */

static void tx_gone(NetClientState *nc, ssize_t ret)
{
    VirtIONet *s = qemu_get_nic_opaque(nc);

    s->is_tx_waiting = false;
    virtio_queue_schedule(s->tx_vq);
}

/* Sends the packet of a chain. What the back end queues it has copied. */
static void tx_send(VirtIONet *s, const VirtQueueElement *elem)
{
    struct iovec packet[VIRTQUEUE_MAX_SIZE];
    size_t skip = header_size(s);
    unsigned num;

    /* Nothing of what the header may ask for has been offered. An empty packet is none. */
    if (elem->out_size <= skip) {
        return;
    }
    num = iov_slice(packet, ARRAY_SIZE(packet), elem->out_sg, elem->out_num, skip, SIZE_MAX);
    s->is_tx_waiting = qemu_sendv_packet_async(qemu_get_queue(s->nic), packet, num, tx_gone) == 0;
}

static void tx_handler(VirtIODevice *vdev, VirtQueue *vq)
{
    VirtIONet *s = VIRTIO_NET(vdev);
    unsigned budget = virtio_queue_get_num(vq);
    VirtQueueElement *elem;

    do {
        virtio_queue_set_notification(vq, false);
        while (budget > 0 && !s->is_tx_waiting && (elem = virtqueue_pop(vq, sizeof(*elem)))) {
            tx_send(s, elem);
            virtqueue_push(vq, elem, 0);
            virtqueue_element_free(elem);
            budget--;
        }
        if (s->is_tx_waiting) {
            break; /* tx_gone() looks again, notified or not */
        }
        virtio_queue_set_notification(vq, true);
    } while (budget > 0 && !virtio_queue_empty(vq));
    virtio_notify(vdev, vq);
    if (!s->is_tx_waiting && !virtio_queue_empty(vq)) {
        virtio_queue_schedule(vq);
    }
}

/* ---- Control queue ---- */

static void net_update_info(VirtIONet *s)
{
    qemu_format_nic_info_str(qemu_get_queue(s->nic), &s->mac);
}

static uint8_t ctrl_command(VirtIONet *s, const VirtQueueElement *elem)
{
    uint8_t command[2 + CTRL_DATA_MAX];
    size_t size = iov_to_buf(elem->out_sg, elem->out_num, 0, command, sizeof(command));

    if (size < 2 || elem->out_size > sizeof(command) ||
        !virtio_net_filter_command(&s->filter, &s->mac, command[0], command[1], command + 2,
                                   size - 2)) {
        return VIRTIO_NET_ERR;
    }
    net_update_info(s);
    return VIRTIO_NET_OK;
}

static void ctrl_handler(VirtIODevice *vdev, VirtQueue *vq)
{
    VirtIONet *s = VIRTIO_NET(vdev);

    for (unsigned n = virtio_queue_get_num(vq); n > 0; n--) {
        g_autofree VirtQueueElement *elem = virtqueue_pop(vq, sizeof(*elem));
        uint8_t ack;

        if (!elem) {
            break;
        }
        ack = ctrl_command(s, elem);
        virtqueue_push(vq, elem, iov_from_buf(elem->in_sg, elem->in_num, 0, &ack, 1));
    }
    virtio_notify(vdev, vq);
    virtio_queue_set_notification(vq, true);
    if (!virtio_queue_empty(vq)) {
        virtio_queue_schedule(vq);
    }
}

/* ---- Features, configuration, status ---- */

static uint64_t net_get_features(VirtIODevice *vdev, uint64_t features)
{
    VirtIONet *s = VIRTIO_NET(vdev);

    features |= (s->features & ~OFFLOAD_FEATURES) | BIT_ULL(VIRTIO_NET_F_MAC);
    if (!virtio_has_feature(features, VIRTIO_NET_F_CTRL_VQ)) {
        features &= ~CTRL_FEATURES;
    }
    if (!virtio_has_feature(features, VIRTIO_NET_F_CTRL_RX)) {
        features &= ~BIT_ULL(VIRTIO_NET_F_CTRL_RX_EXTRA);
    }
    if (s->mtu) {
        features |= BIT_ULL(VIRTIO_NET_F_MTU);
    }
    if (s->speed != SPEED_UNKNOWN || s->duplex) {
        features |= BIT_ULL(VIRTIO_NET_F_SPEED_DUPLEX);
    }
    /* The legacy interface has no word for features from 32 on. */
    return virtio_has_feature(features, VIRTIO_F_VERSION_1) ? features : (uint32_t)features;
}

static void net_set_features(VirtIODevice *vdev)
{
    VIRTIO_NET(vdev)->filter.filters_vlans = virtio_vdev_has_feature(vdev, VIRTIO_NET_F_CTRL_VLAN);
}

static uint8_t net_duplex(const VirtIONet *s)
{
    if (!s->duplex) {
        return DUPLEX_UNKNOWN;
    }
    return strcmp(s->duplex, "half") == 0 ? DUPLEX_HALF : DUPLEX_FULL;
}

static void net_get_config(VirtIODevice *vdev)
{
    VirtIONet *s = VIRTIO_NET(vdev);
    VirtIONetConfig config = {
        .status = cpu_to_le16(qemu_get_queue(s->nic)->link_down ? 0 : VIRTIO_NET_S_LINK_UP),
        .max_virtqueue_pairs = cpu_to_le16(1),
        .mtu = cpu_to_le16(s->mtu),
        .speed = cpu_to_le32(s->speed),
        .duplex = net_duplex(s),
    };

    memcpy(config.mac, s->mac.a, sizeof(config.mac));
    memcpy(vdev->config, &config, vdev->config_len);
}

static void net_set_config(VirtIODevice *vdev, unsigned offset, unsigned size)
{
    VirtIONet *s = VIRTIO_NET(vdev);

    /* How a legacy driver without a command for it sets the address. */
    if (!virtio_vdev_has_feature(vdev, VIRTIO_F_VERSION_1) &&
        !virtio_vdev_has_feature(vdev, VIRTIO_NET_F_CTRL_MAC_ADDR) &&
        offset < offsetofend(VirtIONetConfig, mac)) {
        memcpy(s->mac.a, vdev->config, sizeof(s->mac.a));
        net_update_info(s);
    }
}

static void net_link_status_changed(NetClientState *nc)
{
    VirtIONet *s = qemu_get_nic_opaque(nc);

    virtio_notify_config(&s->parent_obj);
}

static void net_drop_tx(VirtIONet *s)
{
    qemu_purge_queued_packets(qemu_get_queue(s->nic));
    s->is_tx_waiting = false;
}

static void net_reset(VirtIODevice *vdev)
{
    VirtIONet *s = VIRTIO_NET(vdev);

    net_drop_tx(s);
    s->mac = s->conf.macaddr;
    virtio_net_filter_reset(&s->filter);
    net_update_info(s);
}

static void net_queue_reset(VirtIODevice *vdev, VirtQueue *vq)
{
    VirtIONet *s = VIRTIO_NET(vdev);

    if (vq == s->tx_vq) {
        net_drop_tx(s);
    }
}

/* ---- Life ---- */

static bool check_queue_size(const char *name, unsigned size, unsigned min, unsigned max,
                             const char *stop, GError **error)
{
    if (size < min || size > max || !is_power_of_2(size)) {
        error_setg(error, "Invalid %s (= %u), must be a power of 2 between %u and %u%s", name, size,
                   min, max, stop);
        return false;
    }
    return true;
}

static bool net_check_properties(VirtIONet *s, GError **error)
{
    if (s->duplex && strcmp(s->duplex, "half") != 0 && strcmp(s->duplex, "full") != 0) {
        error_setg(error, "'duplex' must be 'half' or 'full'");
        return false;
    }
    if (s->speed < SPEED_UNKNOWN) {
        error_setg(error, "'speed' must be between 0 and INT_MAX");
        return false;
    }
    return check_queue_size("rx_queue_size", s->rx_queue_size, MIN_RX_QUEUE_SIZE,
                            VIRTQUEUE_MAX_SIZE, ".", error) &&
           check_queue_size("tx_queue_size", s->tx_queue_size, TX_QUEUE_SIZE, TX_QUEUE_SIZE, "",
                            error);
}

/* As far as fields of features that exist go. */
static size_t net_config_len(const VirtIONet *s)
{
    if (s->speed != SPEED_UNKNOWN || s->duplex) {
        return sizeof(VirtIONetConfig);
    }
    if (s->mtu) {
        return offsetofend(VirtIONetConfig, mtu);
    }
    return offsetofend(VirtIONetConfig, status);
}

static const NetClientInfo net_client_info = {
    .type = NET_CLIENT_DRIVER_NIC,
    .size = sizeof(NICState),
    .can_receive = net_can_receive,
    .receive = net_receive,
    .link_status_changed = net_link_status_changed,
};

static bool net_realize(VirtIODevice *vdev, GError **error)
{
    VirtIONet *s = VIRTIO_NET(vdev);
    DeviceState *dev = DEVICE(vdev);

    if (!net_check_properties(s, error)) {
        return false;
    }
    virtio_init(vdev, VIRTIO_ID_NET, net_config_len(s));
    s->rx_vq = virtio_add_queue(vdev, s->rx_queue_size, rx_handler);
    s->tx_vq = virtio_add_queue(vdev, s->tx_queue_size, tx_handler);
    if (virtio_has_feature(s->features, VIRTIO_NET_F_CTRL_VQ)) {
        virtio_add_queue(vdev, CTRL_QUEUE_SIZE, ctrl_handler);
    }
    qemu_macaddr_default_if_unset(&s->conf.macaddr);
    s->nic =
        qemu_new_nic(&net_client_info, &s->conf, TYPE_VIRTIO_NET, dev->id ?: TYPE_VIRTIO_NET, s);
    s->mac = s->conf.macaddr;
    virtio_net_filter_reset(&s->filter);
    net_update_info(s);
    return true;
}

static void net_unrealize(VirtIODevice *vdev)
{
    g_clear_pointer(&VIRTIO_NET(vdev)->nic, qemu_del_nic);
    virtio_cleanup(vdev);
}

#define FEATURE_PROPERTY(name, bit) DEFINE_PROP_BIT64(name, VirtIONet, features, bit, true)

static const Property net_properties[] = {
    DEFINE_PROP_MACADDR("mac", VirtIONet, conf.macaddr),
    DEFINE_PROP_NETDEV("netdev", VirtIONet, conf.peers),
    DEFINE_PROP_INT32("bootindex", VirtIONet, bootindex, -1),
    FEATURE_PROPERTY("csum", VIRTIO_NET_F_CSUM),
    FEATURE_PROPERTY("guest_csum", VIRTIO_NET_F_GUEST_CSUM),
    FEATURE_PROPERTY("gso", VIRTIO_NET_F_GSO),
    FEATURE_PROPERTY("guest_tso4", VIRTIO_NET_F_GUEST_TSO4),
    FEATURE_PROPERTY("guest_tso6", VIRTIO_NET_F_GUEST_TSO6),
    FEATURE_PROPERTY("guest_ecn", VIRTIO_NET_F_GUEST_ECN),
    FEATURE_PROPERTY("guest_ufo", VIRTIO_NET_F_GUEST_UFO),
    FEATURE_PROPERTY("host_tso4", VIRTIO_NET_F_HOST_TSO4),
    FEATURE_PROPERTY("host_tso6", VIRTIO_NET_F_HOST_TSO6),
    FEATURE_PROPERTY("host_ecn", VIRTIO_NET_F_HOST_ECN),
    FEATURE_PROPERTY("host_ufo", VIRTIO_NET_F_HOST_UFO),
    FEATURE_PROPERTY("mrg_rxbuf", VIRTIO_NET_F_MRG_RXBUF),
    FEATURE_PROPERTY("status", VIRTIO_NET_F_STATUS),
    FEATURE_PROPERTY("ctrl_vq", VIRTIO_NET_F_CTRL_VQ),
    FEATURE_PROPERTY("ctrl_rx", VIRTIO_NET_F_CTRL_RX),
    FEATURE_PROPERTY("ctrl_vlan", VIRTIO_NET_F_CTRL_VLAN),
    FEATURE_PROPERTY("ctrl_rx_extra", VIRTIO_NET_F_CTRL_RX_EXTRA),
    FEATURE_PROPERTY("ctrl_mac_addr", VIRTIO_NET_F_CTRL_MAC_ADDR),
    DEFINE_PROP_UINT16("rx_queue_size", VirtIONet, rx_queue_size, MIN_RX_QUEUE_SIZE),
    DEFINE_PROP_UINT16("tx_queue_size", VirtIONet, tx_queue_size, TX_QUEUE_SIZE),
    DEFINE_PROP_UINT16("host_mtu", VirtIONet, mtu, 0),
    DEFINE_PROP_INT32("speed", VirtIONet, speed, SPEED_UNKNOWN),
    DEFINE_PROP_STRING("duplex", VirtIONet, duplex),
};

static void net_class_init(ObjectClass *klass, const void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    VirtioDeviceClass *vdc = VIRTIO_DEVICE_CLASS(klass);

    vdc->realize = net_realize;
    vdc->unrealize = net_unrealize;
    vdc->get_features = net_get_features;
    vdc->set_features = net_set_features;
    vdc->get_config = net_get_config;
    vdc->set_config = net_set_config;
    vdc->reset = net_reset;
    vdc->queue_reset = net_queue_reset;
    set_bit(DEVICE_CATEGORY_NETWORK, dc->categories);
    device_class_set_props(dc, net_properties);
}

static const TypeInfo net_types[] = {
    {
        .name = TYPE_VIRTIO_NET,
        .parent = TYPE_VIRTIO_DEVICE,
        .instance_size = sizeof(VirtIONet),
        .class_init = net_class_init,
    },
};
DEFINE_TYPES(net_types)
