/* SPDX-License-Identifier: MIT */
/* Network clients and the queues between them, MAC addresses, links, -netdev's own errors. */

#include "qemu/osdep.h"
#include "qemu/error.h"
#include "qemu/main-loop.h"
#include "system/net.h"

/* ---- A client that keeps what it receives ---- */

typedef struct Sink {
    NetClientState nc;
    GString *got; /* packets, each followed by a '|' */
    bool can_receive;
    ssize_t answer;    /* 1: the packet's size */
    const char *reply; /* sent from within the next receive */
    unsigned link_changes;
} Sink;

static bool sink_can_receive(NetClientState *nc)
{
    return container_of(nc, Sink, nc)->can_receive;
}

static ssize_t sink_receive(NetClientState *nc, const uint8_t *buf, size_t size)
{
    Sink *s = container_of(nc, Sink, nc);
    const char *reply = g_steal_pointer(&s->reply);

    if (s->answer <= 0) {
        return s->answer;
    }
    g_string_append_len(s->got, (const char *)buf, size);
    g_string_append_c(s->got, '|');
    if (reply) {
        qemu_send_packet(nc, (const uint8_t *)reply, strlen(reply));
    }
    return size;
}

static void sink_link_status_changed(NetClientState *nc)
{
    container_of(nc, Sink, nc)->link_changes++;
}

static void sink_cleanup(NetClientState *nc)
{
    g_string_free(container_of(nc, Sink, nc)->got, true);
}

static const NetClientInfo sink_info = {
    .type = NET_CLIENT_DRIVER_USER,
    .size = sizeof(Sink),
    .can_receive = sink_can_receive,
    .receive = sink_receive,
    .cleanup = sink_cleanup,
    .link_status_changed = sink_link_status_changed,
};

static Sink *sink_new(const char *name)
{
    Sink *s = container_of(qemu_new_net_client(&sink_info, "sink", name), Sink, nc);

    s->got = g_string_new(NULL);
    s->can_receive = true;
    s->answer = 1;
    return s;
}

static void sink_expect(Sink *s, const char *got)
{
    g_assert_cmpstr(s->got->str, ==, got);
    g_string_truncate(s->got, 0);
}

/* ---- A NIC, which is a sink's peer ---- */

static GString *nic_got;

static ssize_t nic_receive(NetClientState *nc, const uint8_t *buf, size_t size)
{
    g_string_append_len(nic_got, (const char *)buf, size);
    return size;
}

static const NetClientInfo nic_info = {
    .type = NET_CLIENT_DRIVER_NIC,
    .receive = nic_receive,
};

typedef struct Wire {
    NICConf conf;
    NICState *nic;
    NetClientState *nc; /* the NIC's */
    Sink *sink;
} Wire;

static void wire_init(Wire *w)
{
    nic_got = g_string_new(NULL);
    w->sink = sink_new("net0");
    w->conf = (NICConf){.peers = {.ncs = {&w->sink->nc}, .queues = 1}};
    qemu_macaddr_default_if_unset(&w->conf.macaddr);
    g_assert_true(netdev_is_free(&w->sink->nc));
    w->nic = qemu_new_nic(&nic_info, &w->conf, "fake-nic", "nic0", w);
    w->nc = qemu_get_queue(w->nic);
    g_assert_false(netdev_is_free(&w->sink->nc));
    g_assert_true(qemu_get_nic_opaque(w->nc) == w);
}

static void wire_destroy(Wire *w)
{
    qemu_del_nic(w->nic);
    g_assert_null(w->sink->nc.peer);
    qemu_del_net_client(&w->sink->nc);
    g_string_free(nic_got, true);
}

static ssize_t send_text(NetClientState *nc, const char *text)
{
    return qemu_send_packet(nc, (const uint8_t *)text, strlen(text));
}

/* ---- Tests ---- */

static void test_deliver(void)
{
    struct iovec iov[] = {{(void *)"one", 3}, {(void *)"two", 3}};
    Wire w;

    wire_init(&w);
    g_assert_cmpint(send_text(w.nc, "hello"), ==, 5);
    g_assert_cmpint(qemu_sendv_packet(w.nc, iov, 2), ==, 6);
    sink_expect(w.sink, "hello|onetwo|");
    g_assert_cmpint(send_text(&w.sink->nc, "back"), ==, 4);
    g_assert_cmpstr(nic_got->str, ==, "back");
    wire_destroy(&w);
}

static void test_queue(void)
{
    Wire w;

    wire_init(&w);
    w.sink->can_receive = false;
    g_assert_false(qemu_can_send_packet(w.nc));
    g_assert_cmpint(send_text(w.nc, "a"), ==, 0);
    g_assert_cmpint(send_text(w.nc, "b"), ==, 0);
    w.sink->can_receive = true;
    /* Not past what waits. */
    g_assert_cmpint(send_text(w.nc, "c"), ==, 0);
    sink_expect(w.sink, "");
    qemu_flush_queued_packets(&w.sink->nc);
    sink_expect(w.sink, "a|b|c|");

    /* One that says 0 is not asked again until it says that it can. */
    w.sink->answer = 0;
    g_assert_cmpint(send_text(w.nc, "d"), ==, 0);
    w.sink->answer = 1;
    g_assert_cmpint(send_text(w.nc, "e"), ==, 0);
    sink_expect(w.sink, "");
    qemu_flush_queued_packets(&w.sink->nc);
    sink_expect(w.sink, "d|e|");

    w.sink->answer = -1;
    g_assert_cmpint(send_text(w.nc, "f"), ==, -1);
    w.sink->answer = 1;
    g_assert_cmpint(send_text(w.nc, "g"), ==, 1);
    sink_expect(w.sink, "g|");

    w.sink->can_receive = false;
    send_text(w.nc, "h");
    qemu_purge_queued_packets(w.nc);
    w.sink->can_receive = true;
    qemu_flush_queued_packets(&w.sink->nc);
    sink_expect(w.sink, "");
    wire_destroy(&w);
}

static ssize_t sent_ret;
static unsigned sent_calls;

static void on_sent(NetClientState *sender, ssize_t ret)
{
    sent_ret = ret;
    sent_calls++;
}

static void test_async(void)
{
    Wire w;

    wire_init(&w);
    g_assert_cmpint(qemu_send_packet_async(w.nc, (const uint8_t *)"ab", 2, on_sent), ==, 2);
    g_assert_cmpuint(sent_calls, ==, 0);
    w.sink->can_receive = false;
    g_assert_cmpint(qemu_send_packet_async(w.nc, (const uint8_t *)"abc", 3, on_sent), ==, 0);
    w.sink->can_receive = true;
    qemu_flush_queued_packets(&w.sink->nc);
    g_assert_cmpuint(sent_calls, ==, 1);
    g_assert_cmpint(sent_ret, ==, 3);
    /* The peer goes: the sender is told. */
    w.sink->can_receive = false;
    qemu_send_packet_async(w.nc, (const uint8_t *)"abcd", 4, on_sent);
    wire_destroy(&w);
    g_assert_cmpuint(sent_calls, ==, 2);
    g_assert_cmpint(sent_ret, ==, 0);
}

static void test_limit(void)
{
    g_autofree uint8_t *large = g_malloc0(NET_BUFSIZE + 1);
    Wire w;

    wire_init(&w);
    w.sink->can_receive = false;
    for (unsigned i = 0; i < NET_QUEUE_MAX + 100; i++) {
        send_text(w.nc, "x");
    }
    g_assert_cmpuint(w.sink->nc.incoming.length, ==, NET_QUEUE_MAX);
    qemu_purge_queued_packets(w.nc);
    /* What no wire carries is dropped, and is no error of the sender. */
    g_assert_cmpint(qemu_send_packet(w.nc, large, NET_BUFSIZE + 1), ==, NET_BUFSIZE + 1);
    g_assert_cmpint(qemu_send_packet(w.nc, large, 0), ==, 0);
    g_assert_cmpuint(w.sink->nc.incoming.length, ==, 0);
    wire_destroy(&w);
}

/* Two that answer each other from within receive: in order, and without recursion. */
static void test_reply(void)
{
    Sink *a = sink_new("a"), *b = sink_new("b");

    a->nc.peer = &b->nc;
    b->nc.peer = &a->nc;
    a->reply = "second";
    b->reply = "first";
    send_text(&a->nc, "start");
    sink_expect(b, "start|second|");
    sink_expect(a, "first|");
    qemu_del_net_client(&a->nc);
    qemu_del_net_client(&b->nc);
}

static void test_link(void)
{
    Wire w;

    wire_init(&w);
    qemu_set_link(w.nc, false);
    g_assert_true(w.sink->nc.link_down);
    g_assert_cmpuint(w.sink->link_changes, ==, 1);
    qemu_set_link(w.nc, false);
    g_assert_cmpuint(w.sink->link_changes, ==, 1);
    g_assert_cmpint(send_text(w.nc, "lost"), ==, 4);
    qemu_set_link(&w.sink->nc, true);
    g_assert_cmpint(send_text(w.nc, "seen"), ==, 4);
    sink_expect(w.sink, "seen|");
    wire_destroy(&w);
}

static void test_macaddr(void)
{
    NICConf conf[3] = {0};
    NICState *nic[3];

    g_assert_true(net_parse_macaddr(&conf[1].macaddr, "52:54:00-12:34:57"));
    for (unsigned i = 1; i < 4; i++) {
        NICConf *c = &conf[i % 3];

        qemu_macaddr_default_if_unset(&c->macaddr);
        nic[i % 3] = qemu_new_nic(&nic_info, c, "fake-nic", "n", NULL);
        qemu_format_nic_info_str(qemu_get_queue(nic[i % 3]), &c->macaddr);
    }
    g_assert_cmpstr(nic[1]->nc.info_str, ==, "model=fake-nic,macaddr=52:54:00:12:34:57");
    g_assert_cmpstr(nic[2]->nc.info_str, ==, "model=fake-nic,macaddr=52:54:00:12:34:56");
    g_assert_cmpstr(nic[0]->nc.info_str, ==, "model=fake-nic,macaddr=52:54:00:12:34:58");
    for (unsigned i = 0; i < 3; i++) {
        qemu_del_nic(nic[i]);
    }
    conf[0] = (NICConf){0};
    qemu_macaddr_default_if_unset(&conf[0].macaddr);
    g_assert_cmphex(conf[0].macaddr.a[5], ==, 0x56);

    g_assert_false(net_parse_macaddr(&conf[0].macaddr, ""));
    g_assert_false(net_parse_macaddr(&conf[0].macaddr, "52:54:00:12:34"));
    g_assert_false(net_parse_macaddr(&conf[0].macaddr, "52:54:00:12:34:5"));
    g_assert_false(net_parse_macaddr(&conf[0].macaddr, "52:54:00:12:34:567"));
    g_assert_false(net_parse_macaddr(&conf[0].macaddr, "52:54:00:12:34:5g"));
}

static void keep_message(const char *message, void *opaque)
{
    g_string_append_printf(opaque, "%s\n", message);
}

static void test_check_clients(void)
{
    g_autoptr(GString) messages = g_string_new(NULL);
    NICConf conf = {.peers.queues = 0};
    Sink *sink = sink_new("net0");
    NICState *nic = qemu_new_nic(&nic_info, &conf, "fake-nic", "fake-nic.0", NULL);

    g_assert_true(qemu_find_netdev("net0") == &sink->nc);
    g_assert_null(qemu_find_netdev("fake-nic.0"));
    error_sink_set(keep_message, messages);
    net_check_clients();
    error_sink_set(NULL, NULL);
    g_assert_cmpstr(messages->str, ==,
                    "warning: netdev net0 has no peer\nwarning: nic fake-nic.0 has no peer\n");
    qemu_del_nic(nic);
    net_cleanup();
    g_assert_null(qemu_find_netdev("net0"));
}

int main(int argc, char **argv)
{
    int ret;

    g_test_init(&argc, &argv, NULL);
    if (!main_loop_init(NULL)) {
        return 1;
    }
    g_test_add_func("/net/deliver", test_deliver);
    g_test_add_func("/net/queue", test_queue);
    g_test_add_func("/net/async", test_async);
    g_test_add_func("/net/limit", test_limit);
    g_test_add_func("/net/reply", test_reply);
    g_test_add_func("/net/link", test_link);
    g_test_add_func("/net/macaddr", test_macaddr);
    g_test_add_func("/net/check-clients", test_check_clients);
    ret = g_test_run();
    main_loop_cleanup();
    return ret;
}
