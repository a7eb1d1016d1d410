/* SPDX-License-Identifier: MIT */
/*
 * -netdev user: messages as QEMU 11.1 prints them for the same options, and packets: ARP for the
 * gateway, and a connection to a forwarded port that arrives at the guest.
 */

#include "qemu/osdep.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include "qemu/error.h"
#include "qemu/main-loop.h"
#include "qemu/timer.h"
#include "system/net.h"

static bool netdev(const char *params, GError **error)
{
    g_autoptr(QemuOpts) opts = qemu_opts_parse(params, "type", QEMU_OPTS_LEGACY_NO, error);

    return opts && net_client_init(opts, error);
}

/* ---- Options ---- */

static const struct {
    const char *params;
    const char *message; /* NULL: accepted */
} rows[] = {
    {"user", "Parameter 'id' is missing"},
    {"id=a", "Parameter 'type' is missing"},
    {"foo,id=a", "Parameter 'type' does not accept value 'foo'"},
    {"user,id=1a", "Parameter 'id' expects an identifier"},
    {"user,id=a,foo=bar", "Invalid parameter 'foo'"},
    {"user,id=a,restrict=maybe", "Parameter 'restrict' expects 'on' or 'off'"},
    {"user,id=a,net=foo", "Failed to parse netmask"},
    {"user,id=a,net=zz/24", "Failed to parse netmask"},
    {"user,id=a,net=10.0.2.0/99", "Invalid netmask provided (must be in range 4-32)"},
    {"user,id=a,net=10.0.2.0/30", "DHCP must be different from host and DNS"},
    {"user,id=a,host=zz", "Failed to parse host"},
    {"user,id=a,host=1.1.1.1", "Host doesn't belong to network"},
    {"user,id=a,dhcpstart=zz", "Failed to parse DHCP start address"},
    {"user,id=a,dhcpstart=1.1.1.1", "DHCP doesn't belong to network"},
    {"user,id=a,dhcpstart=10.0.2.2", "DHCP must be different from host and DNS"},
    {"user,id=a,dns=zz", "Failed to parse DNS"},
    {"user,id=a,dns=10.0.2.2", "DNS must be different from host"},
    {"user,id=a,dns=10.0.2.15", "DHCP must be different from host and DNS"},
    {"user,id=a,net=10.0.3.0,dhcpstart=10.0.2.3", "DHCP must be different from host and DNS"},
    {"user,id=a,ipv4=off,ipv6=off", "IPv4 and IPv6 disabled"},
    {"user,id=a,ipv4=off,net=10.0.2.0/24", "IPv4 disabled but netmask/host/dns provided"},
    {"user,id=a,ipv6=off,ipv6-host=fec0::3", "IPv6 disabled but prefix/host6/dns6 provided"},
    {"user,id=a,ipv6-net=zz::/64", "Failed to parse IPv6 prefix"},
    {"user,id=a,ipv6-host=zz", "Failed to parse IPv6 host"},
    {"user,id=a,ipv6-dns=zz", "Failed to parse IPv6 DNS"},
    {"user,id=a,hostfwd=foo", "Invalid host forwarding rule 'foo' (No : separators)"},
    {"user,id=a,hostfwd=sctp::1-:22",
     "Invalid host forwarding rule 'sctp::1-:22' (Bad protocol name)"},
    {"user,id=a,hostfwd=tcp:zz:5555-:22",
     "Invalid host forwarding rule 'tcp:zz:5555-:22' (Bad host address)"},
    {"user,id=a,hostfwd=tcp::99999-:22",
     "Invalid host forwarding rule 'tcp::99999-:22' (Bad host port)"},
    {"user,id=a,hostfwd=tcp::-22", "Invalid host forwarding rule 'tcp::-22' (Bad host port)"},
    {"user,id=a,hostfwd=tcp::5555",
     "Invalid host forwarding rule 'tcp::5555' (Bad host port separator)"},
    {"user,id=a,hostfwd=tcp::5555-22",
     "Invalid host forwarding rule 'tcp::5555-22' (Missing guest address)"},
    {"user,id=a,hostfwd=tcp::5555-zz:22",
     "Invalid host forwarding rule 'tcp::5555-zz:22' (Bad guest address)"},
    {"user,id=a,hostfwd=tcp::5555-:0",
     "Invalid host forwarding rule 'tcp::5555-:0' (Bad guest port)"},
    {"user,id=a,hostfwd=tcp:1.2.3.4:80-:22",
     "Could not set up host forwarding rule 'tcp:1.2.3.4:80-:22'"},
    {"user,id=a,hostname=foo,domainname=bar,dnssearch=x,dnssearch=y,tftp=/nonexist", NULL},
    {"user,id=b,ipv4=off", NULL},
    {"user,id=c,net=192.168.76.0/24,host=192.168.76.1,restrict=y", NULL},
    {"user,id=d,hostfwd=tcp:127.0.0.1:0-10.0.2.99:22,hostfwd=udp::0-:53", NULL},
    {"user,id=d", "Duplicate ID 'd' for netdev"},
};

static void test_options(void)
{
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        g_autoptr(GError) error = NULL;

        g_test_message("%s", rows[i].params);
        g_assert_cmpint(netdev(rows[i].params, &error), ==, rows[i].message == NULL);
        g_assert_cmpstr(error ? error->message : NULL, ==, rows[i].message);
    }
    g_assert_cmpstr(qemu_find_netdev("a")->info_str, ==, "net=10.0.2.0,restrict=off");
    g_assert_cmpstr(qemu_find_netdev("c")->info_str, ==, "net=192.168.76.0,restrict=on");
    net_cleanup();
}

static void test_name_lengths(void)
{
    static const struct {
        const char *key;
        unsigned max;
    } names[] = {{"domainname", 255}, {"tftp-server-name", 255}, {"bootfile", 127}};

    for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
        g_autofree char *name = g_strnfill(names[i].max + 1, 'x');
        g_autofree char *params = g_strdup_printf("user,id=a,%s=%s", names[i].key, name);
        g_autofree char *message =
            g_strdup_printf("'%s' parameter cannot exceed %u bytes", names[i].key, names[i].max);
        g_autoptr(GError) error = NULL;

        g_assert_false(netdev(params, &error));
        g_assert_cmpstr(error->message, ==, message);
        params[strlen(params) - 1] = '\0';
        if (strcmp(names[i].key, "tftp-server-name") != 0) { /* libslirp 4.7 never frees it */
            g_assert_true(netdev(params, NULL));
            net_cleanup();
        }
    }
}

/* Networks without a mask get their class's. */
static void test_classes(void)
{
    static const char *const nets[][2] = {
        {"10.0.3.0", "net=10.0.0.0,restrict=off"},
        {"192.168.5.0", "net=192.168.0.0,restrict=off"},
        {"172.16.5.0", "net=172.16.0.0,restrict=off"},
        {"130.1.2.0", "net=130.1.0.0,restrict=off"},
        {"10.0.2.0/255.255.0.0", "net=10.0.0.0,restrict=off"},
    };

    for (unsigned i = 0; i < ARRAY_SIZE(nets); i++) {
        g_autofree char *params = g_strdup_printf("user,id=a,net=%s", nets[i][0]);

        g_assert_true(netdev(params, NULL));
        g_assert_cmpstr(qemu_find_netdev("a")->info_str, ==, nets[i][1]);
        net_cleanup();
    }
}

/* ---- Packets ---- */

typedef struct Guest {
    NICConf conf;
    NICState *nic;
    uint8_t last[2048];
    size_t size; /* of the last packet that wait_for() wanted */
    bool (*wanted)(const uint8_t *p, size_t size);
} Guest;

static ssize_t guest_receive(NetClientState *nc, const uint8_t *buf, size_t size)
{
    Guest *g = qemu_get_nic_opaque(nc);

    if (!g->size && size <= sizeof(g->last) && g->wanted && g->wanted(buf, size)) {
        memcpy(g->last, buf, size);
        g->size = size;
    }
    return size;
}

static const NetClientInfo guest_info = {
    .type = NET_CLIENT_DRIVER_NIC,
    .receive = guest_receive,
};

static void guest_init(Guest *g, const char *params)
{
    g_assert_true(netdev(params, NULL));
    *g = (Guest){.conf.peers = {.ncs = {qemu_find_netdev("a")}, .queues = 1}};
    qemu_macaddr_default_if_unset(&g->conf.macaddr);
    g->nic = qemu_new_nic(&guest_info, &g->conf, "guest", "guest", g);
}

static void guest_destroy(Guest *g)
{
    qemu_del_nic(g->nic);
    net_cleanup();
}

static void wait_for(Guest *g, bool (*wanted)(const uint8_t *p, size_t size))
{
    int64_t deadline = qemu_clock_get_ms(QEMU_CLOCK_REALTIME) + 10000;

    g->wanted = wanted;
    while (!g->size) {
        g_assert_cmpint(qemu_clock_get_ms(QEMU_CLOCK_REALTIME), <, deadline);
        main_loop_wait(false);
    }
    g->wanted = NULL;
}

static const uint8_t guest_ip[] = {10, 0, 2, 15};
static const uint8_t gateway_ip[] = {10, 0, 2, 2};

/* Ethernet and ARP (RFC 826) for IPv4: 42 bytes. */
static void arp_packet(uint8_t *p, const MACAddr *from, const uint8_t *from_ip,
                       const uint8_t *to_mac, const uint8_t *to_ip, uint8_t op)
{
    static const uint8_t head[] = {0x08, 0x06, 0, 1, 0x08, 0x00, 6, 4, 0};

    memset(p, 0xff, 6);
    if (to_mac) {
        memcpy(p, to_mac, 6);
    }
    memcpy(p + 6, from->a, 6);
    memcpy(p + 12, head, sizeof(head));
    p[21] = op;
    memcpy(p + 22, from->a, 6);
    memcpy(p + 28, from_ip, 4);
    memset(p + 32, 0, 6);
    if (to_mac) {
        memcpy(p + 32, to_mac, 6);
    }
    memcpy(p + 38, to_ip, 4);
}

static bool is_arp_reply(const uint8_t *p, size_t size)
{
    return size >= 42 && p[12] == 0x08 && p[13] == 0x06 && p[21] == 2;
}

static bool is_arp_request(const uint8_t *p, size_t size)
{
    return size >= 42 && p[12] == 0x08 && p[13] == 0x06 && p[21] == 1 &&
           memcmp(p + 38, guest_ip, 4) == 0;
}

static bool is_tcp_syn(const uint8_t *p, size_t size)
{
    return size >= 54 && p[12] == 0x08 && p[13] == 0x00 && p[23] == IPPROTO_TCP &&
           (p[14 + 20 + 13] & 0x12) == 0x02;
}

static void test_arp(void)
{
    uint8_t packet[42];
    Guest g;

    guest_init(&g, "user,id=a");
    arp_packet(packet, &g.conf.macaddr, guest_ip, NULL, gateway_ip, 1);
    g.wanted = is_arp_reply;
    qemu_send_packet(qemu_get_queue(g.nic), packet, sizeof(packet));
    wait_for(&g, is_arp_reply);
    g_assert_cmpmem(g.last + 28, 4, gateway_ip, 4);
    g_assert_cmpmem(g.last, 6, g.conf.macaddr.a, 6);
    guest_destroy(&g);
}

/* A free TCP port of the host; somebody may take it, but not likely now. */
static uint16_t free_port(void)
{
    struct sockaddr_in sin = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(sin);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    g_assert_cmpint(bind(fd, (struct sockaddr *)&sin, sizeof(sin)), ==, 0);
    g_assert_cmpint(getsockname(fd, (struct sockaddr *)&sin, &len), ==, 0);
    close(fd);
    return ntohs(sin.sin_port);
}

static void test_hostfwd(void)
{
    uint16_t port = free_port();
    g_autofree char *params = g_strdup_printf("user,id=a,hostfwd=tcp:127.0.0.1:%u-:2222", port);
    g_autofree char *rule = g_strdup_printf("tcp:127.0.0.1:%u", port);
    struct sockaddr_in sin = {
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
        .sin_port = htons(port),
    };
    g_autoptr(GString) info = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    uint8_t packet[42];
    Guest g;
    int fd;

    guest_init(&g, params);
    net_user_info(info);
    g_assert_nonnull(strstr(info->str, "Hub -1 (a):\n"));
    g_assert_nonnull(strstr(info->str, "TCP[HOST_FORWARD]"));

    fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    g_assert_cmpint(connect(fd, (struct sockaddr *)&sin, sizeof(sin)), ==, -1);
    g_assert_cmpint(errno, ==, EINPROGRESS);
    wait_for(&g, is_arp_request);
    arp_packet(packet, &g.conf.macaddr, guest_ip, g.last + 6, g.last + 28, 2);
    g.size = 0;
    g.wanted = is_tcp_syn;
    qemu_send_packet(qemu_get_queue(g.nic), packet, sizeof(packet));
    wait_for(&g, is_tcp_syn);
    g_assert_cmpuint(g.last[14 + 20 + 2] << 8 | g.last[14 + 20 + 3], ==, 2222);
    close(fd);

    g_assert_true(net_user_hostfwd_remove(NULL, rule, NULL));
    g_assert_false(net_user_hostfwd_remove("a", rule, &error));
    g_assert_nonnull(strstr(error->message, "not found"));
    g_clear_error(&error);
    g_assert_false(net_user_hostfwd_add("b", "tcp::0-:22", &error));
    g_assert_cmpstr(error->message, ==, "unrecognized netdev id 'b'");
    guest_destroy(&g);
}

/* What a guest may send: anything, of any length. */
static void test_garbage(void)
{
    g_autofree uint8_t *packet = g_malloc(NET_BUFSIZE);
    Guest g;

    guest_init(&g, "user,id=a");
    for (unsigned i = 0; i < 2000; i++) {
        size_t size = g_test_rand_int_range(0, g_test_rand_bit() ? 100 : NET_BUFSIZE);

        for (size_t j = 0; j < MIN(size, 200); j++) {
            packet[j] = g_test_rand_int();
        }
        if (size >= 34 && g_test_rand_bit()) {
            memcpy(packet + 12, "\x08\x00\x45\x00", 4);
            packet[23] = g_test_rand_bit() ? IPPROTO_ICMP : IPPROTO_IGMP;
        }
        qemu_send_packet(qemu_get_queue(g.nic), packet, size);
    }
    main_loop_wait(true);
    guest_destroy(&g);
}

int main(int argc, char **argv)
{
    int ret;

    g_test_init(&argc, &argv, NULL);
    if (!main_loop_init(NULL)) {
        return 1;
    }
    g_test_add_func("/net-user/options", test_options);
    g_test_add_func("/net-user/name-lengths", test_name_lengths);
    g_test_add_func("/net-user/classes", test_classes);
    g_test_add_func("/net-user/arp", test_arp);
    g_test_add_func("/net-user/hostfwd", test_hostfwd);
    g_test_add_func("/net-user/garbage", test_garbage);
    ret = g_test_run();
    main_loop_cleanup();
    return ret;
}
