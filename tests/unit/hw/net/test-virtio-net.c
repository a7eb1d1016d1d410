/* SPDX-License-Identifier: MIT */
/*
 * The network device against a peer of the test's own: packets both ways, buffers that are merged
 * or too small, a peer and a driver that cannot take more, receive filters, link, configuration.
 */
#include "qemu/osdep.h"

#include "../virtio/virtio-test.h"
#include "hw/core/qdev-properties.h"
#include "qemu/bswap.h"
#include "qemu/iov.h"
#include "system/net.h"

enum {
    F_MTU = 3,
    F_MAC = 5,
    F_MRG_RXBUF = 15,
    F_STATUS = 16,
    F_CTRL_VQ = 17,
    F_CTRL_RX = 18,
    F_CTRL_VLAN = 19,
    F_CTRL_RX_EXTRA = 20,
    F_CTRL_MAC_ADDR = 23,
    F_SPEED_DUPLEX = 63,
};

enum {
    RX = 0,
    TX = 1,
    CTRL = 2,
    CTRL_CLASS_RX = 0,
    CTRL_CLASS_MAC = 1,
    CTRL_CLASS_VLAN = 2,
    ACK_OK = 0,
    ACK_ERR = 1,
};

static const uint8_t our_mac[6] = {0x52, 0x54, 0x00, 0xaa, 0xbb, 0xcc};

/* ---- The other end of the wire ---- */

typedef struct Peer {
    NetClientState nc;
    GString *got; /* packets, each after its size as 32 bits */
    unsigned num_packets;
    int room; /* packets; -1: any number */
} Peer;

static ssize_t peer_receive(NetClientState *nc, const uint8_t *buf, size_t size)
{
    Peer *peer = container_of(nc, Peer, nc);
    uint32_t size32 = size;

    if (peer->room == 0) {
        return 0;
    }
    peer->room -= peer->room > 0;
    peer->num_packets++;
    g_string_append_len(peer->got, (const char *)&size32, sizeof(size32));
    g_string_append_len(peer->got, (const char *)buf, size);
    return size;
}

static const NetClientInfo peer_info = {
    .type = NET_CLIENT_DRIVER_USER,
    .size = sizeof(Peer),
    .receive = peer_receive,
};

static Peer *peer_new(void)
{
    Peer *peer = container_of(qemu_new_net_client(&peer_info, "test", "test-peer"), Peer, nc);

    peer->got = g_string_new(NULL);
    peer->room = -1;
    return peer;
}

static void peer_set_room(Peer *peer, int room)
{
    peer->room = room;
    qemu_flush_queued_packets(&peer->nc);
    hw_test_run_main_loop();
}

/* What the peer got is exactly this packet; forgets it. */
static void check_peer(Peer *peer, const void *packet, uint32_t size)
{
    g_assert_cmpuint(peer->got->len, ==, sizeof(size) + size);
    g_assert_cmpmem(peer->got->str, sizeof(size), &size, sizeof(size));
    g_assert_cmpmem(peer->got->str + sizeof(size), size, packet, size);
    g_string_truncate(peer->got, 0);
}

/* ---- The device ---- */

typedef struct Fixture {
    VtDevice d;
    Peer *peer;
    VtQueue rx, tx, ctrl;
    hwaddr page; /* 256 KiB */
} Fixture;

static void set_up_with(Fixture *f, bool is_legacy, void (*configure)(DeviceState *dev))
{
    DeviceState *dev = qdev_new("virtio-net-device");

    f->peer = peer_new();
    object_property_set_str(OBJECT(dev), "netdev", "test-peer", NULL);
    object_property_set_str(OBJECT(dev), "mac", "52:54:00:aa:bb:cc", NULL);
    if (configure) {
        configure(dev);
    }
    vt_plug(&f->d, dev, is_legacy);
}

static void set_up(Fixture *f, const void *legacy)
{
    set_up_with(f, GPOINTER_TO_INT(legacy), NULL);
}

static void tear_down(Fixture *f, const void *legacy)
{
    vt_unplug(&f->d);
    g_string_free(f->peer->got, TRUE);
    qemu_del_net_client(&f->peer->nc);
}

static void start(Fixture *f, uint64_t features)
{
    f->d.free = VT_RAM_BASE;
    vt_negotiate(&f->d, features | BIT_ULL(VIRTIO_RING_F_EVENT_IDX));
    vt_queue_init(&f->d, &f->rx, RX, 0);
    vt_queue_init(&f->d, &f->tx, TX, 0);
    vt_queue_init(&f->d, &f->ctrl, CTRL, 0);
    vt_driver_ok(&f->d);
    f->page = vt_alloc(&f->d, 262144);
    hw_test_run_main_loop();
}

static unsigned header_size(Fixture *f)
{
    return !f->d.is_legacy || f->d.features & BIT(F_MRG_RXBUF) ? 12 : 10;
}

static void make_packet(uint8_t *packet, const uint8_t *to, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        packet[i] = i * 11 + size;
    }
    memcpy(packet, to, 6);
}

/* From the peer. */
static void send_packet(Fixture *f, const uint8_t *packet, size_t size)
{
    qemu_send_packet(&f->peer->nc, packet, size);
    hw_test_run_main_loop();
}

static void test_identity(Fixture *f, const void *legacy)
{
    static const unsigned sizes[] = {256, 256, 64, 0};
    uint64_t features = vt_device_features(&f->d);

    g_assert_cmpuint(vt_read(&f->d, VT_DEVICE_ID), ==, 1);
    g_assert_cmphex(features & 0xffffff, ==,
                    BIT(F_MAC) | BIT(F_MRG_RXBUF) | BIT(F_STATUS) | BIT(F_CTRL_VQ) |
                        BIT(F_CTRL_RX) | BIT(F_CTRL_VLAN) | BIT(F_CTRL_RX_EXTRA) |
                        BIT(F_CTRL_MAC_ADDR));
    for (unsigned n = 0; n < 4; n++) {
        vt_write(&f->d, VT_QUEUE_SEL, n);
        g_assert_cmpuint(vt_read(&f->d, VT_QUEUE_SIZE_MAX), ==, sizes[n]);
    }
    for (unsigned i = 0; i < 6; i++) {
        g_assert_cmphex(hw_test_read(VT_MMIO_BASE + VT_CONFIG + i, 1), ==, our_mac[i]);
    }
    g_assert_cmphex(hw_test_read(VT_MMIO_BASE + VT_CONFIG + 6, 2), ==, 1);
    g_assert_cmphex(hw_test_read(VT_MMIO_BASE + VT_CONFIG + 8, 1), ==, 0xff);
}

/* ---- Sending ---- */

static void test_send(Fixture *f, const void *legacy)
{
    unsigned header;
    uint8_t *packet;

    for (unsigned mergeable = 0; mergeable < 2; mergeable++) {
        start(f, mergeable ? BIT(F_MRG_RXBUF) : 0);
        header = header_size(f);
        packet = (uint8_t *)vt_host(f->page) + header;
        make_packet(packet, our_mac, 1514);
        vt_do(&f->tx, (VtBuffer[]){{f->page, header + 1514, false}}, 1);
        check_peer(f->peer, packet, 1514);
        /* The header on its own, and in the middle of it. */
        vt_do(&f->tx, (VtBuffer[]){{f->page, header, false}, {f->page + header, 60, false}}, 2);
        check_peer(f->peer, packet, 60);
        vt_do(&f->tx,
              (VtBuffer[]){
                  {f->page, 3, false},
                  {f->page + 3, header, false},
                  {f->page + 3 + header, 100, false},
              },
              3);
        check_peer(f->peer, packet, 103);
        /* A header without a packet, and less than that. */
        vt_do(&f->tx, (VtBuffer[]){{f->page, header, false}}, 1);
        vt_do(&f->tx, (VtBuffer[]){{f->page, 5, false}}, 1);
        vt_do(&f->tx, (VtBuffer[]){{f->page, 5, true}}, 1);
        /* Larger than any packet. */
        vt_do(&f->tx, (VtBuffer[]){{f->page, 200000, false}}, 1);
        g_assert_cmpuint(f->peer->got->len, ==, 0);
        vt_do(&f->tx, (VtBuffer[]){{f->page, header + 60, false}}, 1);
        check_peer(f->peer, packet, 60);
    }
}

/* The peer takes a packet now and then: order is kept, none is lost, sending pauses. */
static void test_send_to_slow_peer(Fixture *f, const void *legacy)
{
    unsigned header;

    start(f, 0);
    header = header_size(f);
    f->peer->room = 0;
    for (unsigned i = 0; i < 50; i++) {
        *(uint8_t *)vt_host(f->page + 1000 * i + header) = i;
        vt_add(&f->tx, (VtBuffer[]){{f->page + 1000 * i, header + 60 + i, false}}, 1);
    }
    vt_kick(&f->tx);
    /* One is with the net layer, which has copied it. */
    g_assert_cmpuint(vt_num_used(&f->tx), ==, 1);
    vt_kick(&f->tx);
    g_assert_cmpuint(vt_num_used(&f->tx), ==, 1);
    for (unsigned i = 0; i < 50; i++) {
        peer_set_room(f->peer, 1);
        g_assert_cmpuint(f->peer->num_packets, ==, i + 1);
        g_assert_cmpuint(f->peer->got->len, ==, 4 + 60 + i);
        g_assert_cmpuint((uint8_t)f->peer->got->str[4], ==, i);
        g_string_truncate(f->peer->got, 0);
    }
    g_assert_cmpuint(vt_num_used(&f->tx), ==, 50);
    g_assert_cmpuint(vt_avail_event(&f->tx), ==, 50);
}

static void test_reset_while_waiting(Fixture *f, const void *legacy)
{
    start(f, 0);
    f->peer->room = 0;
    vt_add(&f->tx, (VtBuffer[]){{f->page, 100, false}}, 1);
    vt_kick(&f->tx);
    vt_write(&f->d, VT_STATUS, 0);
    peer_set_room(f->peer, -1);
    g_assert_cmpuint(f->peer->num_packets, ==, 0);
    test_send(f, legacy);
}

/* ---- Receiving ---- */

static void offer(Fixture *f, hwaddr gpa, uint32_t len)
{
    vt_add(&f->rx, (VtBuffer[]){{gpa, len, true}}, 1);
    vt_kick(&f->rx);
}

/* The header of a packet of one buffer is all zero but for the number of buffers. */
static void check_header(Fixture *f, hwaddr gpa, unsigned num_buffers)
{
    uint8_t expected[12] = {[10] = num_buffers};

    g_assert_cmpmem(vt_host(gpa), header_size(f), expected, header_size(f));
}

static void test_receive(Fixture *f, const void *legacy)
{
    uint8_t packet[1514];
    unsigned header;

    start(f, 0);
    header = header_size(f);
    make_packet(packet, our_mac, sizeof(packet));
    memset(vt_host(f->page), 0xee, 4096);
    offer(f, f->page, 2048);
    send_packet(f, packet, sizeof(packet));
    g_assert_cmpuint(vt_get_used(&f->rx, NULL), ==, header + 1514);
    g_assert_cmpint(f->d.irq.level, ==, 1);
    check_header(f, f->page, 1);
    g_assert_cmpmem(vt_host(f->page + header), 1514, packet, 1514);
    /* Header and packet in buffers of their own. */
    vt_add(&f->rx, (VtBuffer[]){{f->page, header, true}, {f->page + 100, 60, true}}, 2);
    send_packet(f, packet, 60);
    g_assert_cmpuint(vt_get_used(&f->rx, NULL), ==, header + 60);
    g_assert_cmpmem(vt_host(f->page + 100), 60, packet, 60);
    /* Too small for it: this packet is lost, not the buffer. */
    offer(f, f->page, 100);
    send_packet(f, packet, 1514);
    g_assert_cmpuint(vt_num_used(&f->rx), ==, 0);
    send_packet(f, packet, 80);
    g_assert_cmpuint(vt_get_used(&f->rx, NULL), ==, header + 80);
}

static void test_receive_merged(Fixture *f, const void *legacy)
{
    uint8_t packet[9000];
    size_t done = 0;

    start(f, BIT(F_MRG_RXBUF));
    make_packet(packet, our_mac, sizeof(packet));
    for (unsigned i = 0; i < 5; i++) {
        offer(f, f->page + 2048 * i, 2048);
    }
    send_packet(f, packet, sizeof(packet));
    g_assert_cmpuint(vt_num_used(&f->rx), ==, 5);
    check_header(f, f->page, 5);
    for (unsigned i = 0; i < 5; i++) {
        unsigned skip = i == 0 ? 12 : 0;
        uint32_t len = vt_get_used(&f->rx, NULL);

        g_assert_cmpuint(len, ==, i < 4 ? 2048 : 9012 - 4 * 2048);
        g_assert_cmpmem(vt_host(f->page + 2048 * i + skip), len - skip, packet + done, len - skip);
        done += len - skip;
    }
    g_assert_cmpuint(done, ==, sizeof(packet));
    /* Not yet enough of them: the packet waits. */
    for (unsigned i = 0; i < 4; i++) {
        offer(f, f->page + 2048 * i, 2048);
    }
    send_packet(f, packet, sizeof(packet));
    g_assert_cmpuint(vt_num_used(&f->rx), ==, 0);
    g_assert_cmpuint(vt_avail_event(&f->rx), ==, 9);
    offer(f, f->page + 8192, 2048);
    g_assert_cmpuint(vt_num_used(&f->rx), ==, 5);
    check_header(f, f->page, 5);
    /* Even a header in pieces of one byte. */
    while (vt_num_used(&f->rx)) {
        vt_get_used(&f->rx, NULL);
    }
    for (unsigned i = 0; i < 12 + 20; i++) {
        offer(f, f->page + i, 1);
    }
    send_packet(f, packet, 20);
    g_assert_cmpuint(vt_num_used(&f->rx), ==, 32);
    check_header(f, f->page, 32);
    g_assert_cmpmem(vt_host(f->page + 12), 20, packet, 20);
}

static void test_receive_waits(Fixture *f, const void *legacy)
{
    uint8_t packet[64];

    /* Before the driver is ready. */
    make_packet(packet, our_mac, sizeof(packet));
    send_packet(f, packet, sizeof(packet));
    start(f, 0);
    offer(f, f->page, 2048);
    vt_get_used(&f->rx, NULL);
    /* No buffer; the machine stands. */
    send_packet(f, packet, sizeof(packet));
    send_packet(f, packet, sizeof(packet));
    hw_test_set_run_state(RUN_STATE_PAUSED);
    offer(f, f->page, 2048);
    g_assert_cmpuint(vt_num_used(&f->rx), ==, 0);
    hw_test_set_run_state(RUN_STATE_RUNNING);
    hw_test_run_main_loop();
    vt_get_used(&f->rx, NULL);
    offer(f, f->page, 2048);
    vt_get_used(&f->rx, NULL);
}

/* A buffer that lies about its size in the ring of the driver's choice breaks the device only. */
static void test_receive_hostile(Fixture *f, const void *legacy)
{
    uint8_t packet[64];

    start(f, 0);
    make_packet(packet, our_mac, sizeof(packet));
    offer(f, 0x40000000, 2048);
    send_packet(f, packet, sizeof(packet));
    g_assert_true(f->d.vdev->broken);
    start(f, 0);
    offer(f, f->page, 2048);
    vt_get_used(&f->rx, NULL);
}

/* ---- Filters ---- */

static uint8_t command(Fixture *f, uint8_t class, uint8_t cmd, const void *data, size_t size)
{
    uint8_t *out = vt_host(f->page);
    uint8_t *ack = vt_host(f->page + 8192);

    out[0] = class;
    out[1] = cmd;
    memcpy(out + 2, data, size);
    *ack = 0x55;
    g_assert_cmpuint(vt_do(&f->ctrl,
                           (VtBuffer[]){
                               {f->page, 2, false},
                               {f->page + 2, size, false},
                               {f->page + 8192, 1, true},
                           },
                           3),
                     ==, 1);
    return *ack;
}

static uint8_t rx_mode(Fixture *f, uint8_t cmd, uint8_t on)
{
    return command(f, CTRL_CLASS_RX, cmd, &on, 1);
}

static bool is_received(Fixture *f, const char *to, int vlan)
{
    uint8_t packet[64] = {0};
    unsigned used = vt_num_used(&f->rx);
    MACAddr mac;

    g_assert_true(net_parse_macaddr(&mac, to));
    make_packet(packet, mac.a, sizeof(packet));
    stw_be_p(packet + 12, vlan >= 0 ? 0x8100 : 0x0800);
    stw_be_p(packet + 14, 0x2000 | vlan);
    offer(f, f->page + 16384, 2048);
    send_packet(f, packet, sizeof(packet));
    if (vt_num_used(&f->rx) == used) {
        return false;
    }
    vt_get_used(&f->rx, NULL);
    return true;
}

#define UNI "52:54:00:aa:bb:cc"
#define OTHER "52:54:00:00:00:07"
#define MULTI "01:00:5e:00:00:01"
#define BROADCAST "ff:ff:ff:ff:ff:ff"

static void check_received(Fixture *f, const char *expected)
{
    static const char *const to[] = {UNI, OTHER, MULTI, BROADCAST};
    char got[5] = "";

    for (unsigned i = 0; i < 4; i++) {
        got[i] = is_received(f, to[i], -1) ? "uomb"[i] : '-';
    }
    g_assert_cmpstr(got, ==, expected);
}

static void test_rx_modes(Fixture *f, const void *legacy)
{
    start(f, UINT64_MAX);
    check_received(f, "uomb"); /* until the driver says what it wants */
    g_assert_cmpuint(rx_mode(f, 0, 0), ==, ACK_OK);
    check_received(f, "u--b");
    rx_mode(f, 1, 1);
    check_received(f, "u-mb");
    rx_mode(f, 2, 1);
    check_received(f, "uomb");
    rx_mode(f, 3, 1);
    check_received(f, "uo-b");
    rx_mode(f, 4, 1);
    check_received(f, "---b");
    rx_mode(f, 5, 1);
    check_received(f, "----");
    rx_mode(f, 0, 1);
    check_received(f, "uomb");
    g_assert_cmpuint(rx_mode(f, 6, 1), ==, ACK_ERR);
    g_assert_cmpuint(command(f, CTRL_CLASS_RX, 0, "", 0), ==, ACK_ERR);
    g_assert_cmpuint(command(f, CTRL_CLASS_RX, 0, "ab", 2), ==, ACK_ERR);
    g_assert_cmpuint(command(f, 77, 0, "a", 1), ==, ACK_ERR);
    start(f, UINT64_MAX);
    rx_mode(f, 0, 0);
    check_received(f, "u--b");
}

static void test_mac_table(Fixture *f, const void *legacy)
{
    static const uint8_t table[] = {
        1, 0, 0, 0, 0x52, 0x54, 0, 0, 0, 7, 1, 0, 0, 0, 1, 0, 0x5e, 0, 0, 1,
    };
    uint8_t large[4 + 65 * 6 + 4] = {65};

    start(f, UINT64_MAX);
    rx_mode(f, 0, 0);
    g_assert_cmpuint(command(f, CTRL_CLASS_MAC, 0, table, sizeof(table)), ==, ACK_OK);
    check_received(f, "uomb");
    g_assert_cmpuint(command(f, CTRL_CLASS_MAC, 0, "\0\0\0\0\0\0\0\0", 8), ==, ACK_OK);
    check_received(f, "u--b");
    /* More than fit: all of that kind. */
    g_assert_cmpuint(command(f, CTRL_CLASS_MAC, 0, large, sizeof(large)), ==, ACK_OK);
    check_received(f, "uo-b");
    /* Tables that are not what they say change nothing. */
    for (size_t size = 0; size < sizeof(table); size++) {
        g_assert_cmpuint(command(f, CTRL_CLASS_MAC, 0, table, size), ==, ACK_ERR);
    }
    g_assert_cmpuint(command(f, CTRL_CLASS_MAC, 0, "\xff\xff\xff\xff\0\0\0\0", 8), ==, ACK_ERR);
    check_received(f, "uo-b");
}

static void test_mac_address(Fixture *f, const void *legacy)
{
    hwaddr config = VT_MMIO_BASE + VT_CONFIG;

    start(f, UINT64_MAX);
    rx_mode(f, 0, 0);
    g_assert_cmpuint(command(f, CTRL_CLASS_MAC, 1, "\x52\x54\0\0\0\x07", 6), ==, ACK_OK);
    check_received(f, "-o-b");
    g_assert_cmphex(hw_test_read(config + 5, 1), ==, 7);
    g_assert_nonnull(strstr(qemu_get_peer(&f->peer->nc)->info_str, OTHER));
    g_assert_cmpuint(command(f, CTRL_CLASS_MAC, 1, "\x52\x54\0\0\0", 5), ==, ACK_ERR);
    hw_test_write(config + 5, 1, 8);
    g_assert_cmphex(hw_test_read(config + 5, 1), ==, 7);
    /* A reset brings the first one back. */
    start(f, BIT(F_CTRL_VQ) | BIT(F_CTRL_RX));
    g_assert_cmphex(hw_test_read(config + 5, 1), ==, 0xcc);
    hw_test_write(config + 5, 1, 8);
    g_assert_cmphex(hw_test_read(config + 5, 1), ==, legacy ? 8 : 0xcc);
}

static void test_vlans(Fixture *f, const void *legacy)
{
    start(f, UINT64_MAX & ~BIT_ULL(F_CTRL_VLAN));
    rx_mode(f, 0, 0);
    g_assert_true(is_received(f, UNI, 5));
    start(f, UINT64_MAX);
    rx_mode(f, 0, 0);
    g_assert_true(is_received(f, UNI, -1));
    g_assert_false(is_received(f, UNI, 5));
    g_assert_cmpuint(command(f, CTRL_CLASS_VLAN, 0, "\5\0", 2), ==, ACK_OK);
    g_assert_true(is_received(f, UNI, 5));
    g_assert_false(is_received(f, UNI, 6));
    g_assert_cmpuint(command(f, CTRL_CLASS_VLAN, 1, "\5\0", 2), ==, ACK_OK);
    g_assert_false(is_received(f, UNI, 5));
    g_assert_cmpuint(command(f, CTRL_CLASS_VLAN, 0, "\0\x10", 2), ==, ACK_ERR);
    g_assert_cmpuint(command(f, CTRL_CLASS_VLAN, 2, "\5\0", 2), ==, ACK_ERR);
    g_assert_cmpuint(command(f, CTRL_CLASS_VLAN, 0, "\5", 1), ==, ACK_ERR);
}

static void test_long_command(Fixture *f, const void *legacy)
{
    uint8_t ack[2] = {0x55, 0x55};

    start(f, UINT64_MAX);
    memcpy(vt_host(f->page + 200000), ack, 2);
    vt_do(&f->ctrl, (VtBuffer[]){{f->page, 100000, false}, {f->page + 200000, 2, true}}, 2);
    g_assert_cmphex(*(uint8_t *)vt_host(f->page + 200000), ==, ACK_ERR);
    g_assert_cmphex(*(uint8_t *)vt_host(f->page + 200001), ==, 0x55);
    /* Nothing to say, nowhere to answer. */
    g_assert_cmpuint(vt_do(&f->ctrl, (VtBuffer[]){{f->page, 1, true}}, 1), ==, 1);
    g_assert_cmpuint(vt_do(&f->ctrl, (VtBuffer[]){{f->page, 3, false}}, 1), ==, 0);
}

/* ---- The rest ---- */

static void test_link(Fixture *f, const void *legacy)
{
    start(f, UINT64_MAX);
    qemu_set_link(&f->peer->nc, false);
    g_assert_cmphex(vt_read(&f->d, VT_INTERRUPT_STATUS), ==, VIRTIO_ISR_CONFIG);
    g_assert_cmphex(hw_test_read(VT_MMIO_BASE + VT_CONFIG + 6, 2), ==, 0);
    vt_write(&f->d, VT_INTERRUPT_ACK, VIRTIO_ISR_CONFIG);
    g_assert_false(is_received(f, UNI, -1));
    vt_do(&f->tx, (VtBuffer[]){{f->page, 100, false}}, 1);
    g_assert_cmpuint(f->peer->num_packets, ==, 0);
    qemu_set_link(&f->peer->nc, true);
    g_assert_cmphex(hw_test_read(VT_MMIO_BASE + VT_CONFIG + 6, 2), ==, 1);
    g_assert_cmpint(f->d.irq.level, ==, 1);
}

static void configure_all(DeviceState *dev)
{
    qdev_prop_set_uint16(dev, "host_mtu", 1400);
    qdev_prop_set_int32(dev, "speed", 10000);
    qdev_prop_set_string(dev, "duplex", "full");
    qdev_prop_set_uint16(dev, "rx_queue_size", 1024);
    qdev_prop_set_bit(dev, "mrg_rxbuf", false);
    qdev_prop_set_bit(dev, "ctrl_rx", false);
}

static void test_properties(void)
{
    Fixture f = {};
    hwaddr config = VT_MMIO_BASE + VT_CONFIG;
    uint64_t features;

    set_up_with(&f, false, configure_all);
    features = vt_device_features(&f.d);
    g_assert_cmphex(features & (BIT(F_MTU) | BIT_ULL(F_SPEED_DUPLEX)), ==,
                    BIT(F_MTU) | BIT_ULL(F_SPEED_DUPLEX));
    g_assert_cmphex(features & (BIT(F_MRG_RXBUF) | BIT(F_CTRL_RX) | BIT(F_CTRL_RX_EXTRA)), ==, 0);
    g_assert_cmpuint(hw_test_read(config + 10, 2), ==, 1400);
    g_assert_cmpuint(hw_test_read(config + 12, 4), ==, 10000);
    g_assert_cmpuint(hw_test_read(config + 16, 1), ==, 1);
    vt_write(&f.d, VT_QUEUE_SEL, RX);
    g_assert_cmpuint(vt_read(&f.d, VT_QUEUE_SIZE_MAX), ==, 1024);
    tear_down(&f, NULL);
}

static void test_bad_properties(void)
{
    static const struct {
        const char *name, *value, *message;
    } rows[] = {
        {"rx_queue_size", "100",
         "Invalid rx_queue_size (= 100), must be a power of 2 between 256 and 1024."},
        {"rx_queue_size", "2048",
         "Invalid rx_queue_size (= 2048), must be a power of 2 between 256 and 1024."},
        {"tx_queue_size", "128",
         "Invalid tx_queue_size (= 128), must be a power of 2 between 256 and 256"},
        {"speed", "-5", "'speed' must be between 0 and INT_MAX"},
        {"duplex", "foo", "'duplex' must be 'half' or 'full'"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        DeviceState *dev = qdev_new("virtio-net-device");
        g_autoptr(GError) error = NULL;
        VtDevice d;

        g_assert_true(object_property_parse(OBJECT(dev), rows[i].name, rows[i].value, NULL));
        g_assert_false(vt_try_plug(&d, dev, true, &error));
        g_assert_cmpstr(error->message, ==, rows[i].message);
        vt_unplug(&d);
    }
}

/* A card that leads nowhere, with an address of the emulator's choice. */
static void test_without_peer(void)
{
    VtDevice d;

    vt_plug(&d, qdev_new("virtio-net-device"), true);
    g_assert_cmphex(hw_test_read(VT_MMIO_BASE + VT_CONFIG, 1), ==, 0x52);
    g_assert_cmphex(hw_test_read(VT_MMIO_BASE + VT_CONFIG + 1, 1), ==, 0x54);
    vt_unplug(&d);
}

static void test_fuzz(Fixture *f, const void *legacy)
{
    uint8_t packet[4096];

    for (unsigned round = 0; round < 200; round++) {
        VtQueue *queues[] = {&f->rx, &f->tx, &f->ctrl};

        start(f, g_test_rand_bit() ? UINT64_MAX : 0);
        for (unsigned i = 0; i < 30; i++) {
            VtBuffer buffers[4];
            unsigned num = g_test_rand_int_range(1, 5);
            bool is_write = false;

            for (unsigned n = 0; n < num; n++) {
                is_write |= g_test_rand_int_range(0, 3) == 0;
                buffers[n] = (VtBuffer){f->page + g_test_rand_int_range(0, 100000),
                                        g_test_rand_int_range(0, g_test_rand_bit() ? 100 : 100000),
                                        is_write};
                stl_le_p(vt_host(buffers[n].gpa), g_test_rand_int_range(0, 0x2020));
            }
            vt_add(queues[g_test_rand_int_range(0, 3)], buffers, num);
            vt_kick(queues[g_test_rand_int_range(0, 3)]);
            make_packet(packet, our_mac, sizeof(packet));
            send_packet(f, packet, g_test_rand_int_range(0, sizeof(packet)));
            if (i % 8 == 0) {
                peer_set_room(f->peer, g_test_rand_int_range(-1, 4));
            }
            g_string_truncate(f->peer->got, 0);
        }
        hw_test_fuzz(VT_MMIO_BASE, 0x110, 50);
    }
}

int main(int argc, char **argv)
{
    vt_init(&argc, &argv);
#define ADD(name, func)                                                                            \
    g_test_add("/virtio-net/legacy/" name, Fixture, GINT_TO_POINTER(1), set_up, func, tear_down);  \
    g_test_add("/virtio-net/modern/" name, Fixture, GINT_TO_POINTER(0), set_up, func, tear_down)
    ADD("identity", test_identity);
    ADD("send", test_send);
    ADD("send-to-slow-peer", test_send_to_slow_peer);
    ADD("reset-while-waiting", test_reset_while_waiting);
    ADD("receive", test_receive);
    ADD("receive-merged", test_receive_merged);
    ADD("receive-waits", test_receive_waits);
    ADD("receive-hostile", test_receive_hostile);
    ADD("rx-modes", test_rx_modes);
    ADD("mac-table", test_mac_table);
    ADD("mac-address", test_mac_address);
    ADD("vlans", test_vlans);
    ADD("long-command", test_long_command);
    ADD("link", test_link);
    ADD("fuzz", test_fuzz);
    g_test_add_func("/virtio-net/properties", test_properties);
    g_test_add_func("/virtio-net/bad-properties", test_bad_properties);
    g_test_add_func("/virtio-net/without-peer", test_without_peer);
    return g_test_run();
}
