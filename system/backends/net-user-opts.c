/* SPDX-License-Identifier: MIT */
/*
 * Options of -netdev user: the virtual network's addresses and names
 *
 * Defaults, as QEMU documents them: network 10.0.2.0/24, host .2, name server .3, first DHCP
 * address .15, and fec0::/64 with host ::2 and name server ::3; in another network the same low
 * bits. Without a mask a network has that of its class (RFC 791, RFC 1918). Messages are QEMU's.
 *
 * No state. Tests: tests/unit/system/backends/test-net-user.c.
 */

#include "qemu/osdep.h"

#include <arpa/inet.h>
#include <libslirp.h>

#include "net-internal.h"
#include "qemu/cutils.h"
#include "qemu/error.h"

/* Low bits of the addresses that libslirp answers on and gives out. */
#define HOST_LOW 0x0202
#define DNS_LOW 0x0203
#define DHCP_LOW 0x020f

/* Longest names that fit into DHCP options, and the file name of BOOTP (RFC 951). */
#define NAME_MAX_LEN 255
#define BOOTFILE_MAX_LEN 127

/* ---- IPv4 ---- */

/* Mask of a network given without one; both in host order. */
static uint32_t class_mask(uint32_t net)
{
    if ((net & 0xfff00000) == 0xac100000) {
        return 0xfff00000; /* 172.16/12 */
    }
    if ((net & 0xffff0000) == 0xc0a80000) {
        return 0xffff0000; /* 192.168/16 */
    }
    return !(net & 0x80000000)              ? 0xff000000 :
           (net & 0xc0000000) == 0x80000000 ? 0xffff0000 :
                                              0xffffff00;
}

/* "a.b.c.d" or a number of leading bits. */
static bool parse_mask(const char *text, uint32_t *mask, GError **error)
{
    struct in_addr addr;
    int bits;

    if (inet_pton(AF_INET, text, &addr) == 1) {
        *mask = ntohl(addr.s_addr);
        return true;
    }
    if (qemu_strtoi(text, NULL, 10, &bits) < 0) {
        error_setg(error, "Failed to parse netmask");
        return false;
    }
    if (bits < 4 || bits > 32) {
        error_setg(error, "Invalid netmask provided (must be in range 4-32)");
        return false;
    }
    *mask = UINT32_MAX << (32 - bits);
    return true;
}

static bool parse_net(const char *text, SlirpConfig *cfg, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(text, "/", 2);
    struct in_addr addr;
    uint32_t mask;

    if (!parts[0] || inet_pton(AF_INET, parts[0], &addr) != 1) {
        error_setg(error, "Failed to parse netmask");
        return false;
    }
    if (!parts[1]) {
        mask = class_mask(ntohl(addr.s_addr));
    } else if (!parse_mask(parts[1], &mask, error)) {
        return false;
    }
    cfg->vnetmask.s_addr = htonl(mask);
    cfg->vnetwork.s_addr = addr.s_addr & htonl(mask);
    return true;
}

/* An address of the network: given with @key, or @low. */
static bool parse_addr4(QemuOpts *opts, const char *key, uint32_t low, const char *what,
                        const SlirpConfig *cfg, struct in_addr *addr, GError **error)
{
    const char *text = qemu_opt_get(opts, key);

    addr->s_addr = cfg->vnetwork.s_addr | (htonl(low) & ~cfg->vnetmask.s_addr);
    if (text && inet_pton(AF_INET, text, addr) != 1) {
        error_setg(error, "Failed to parse %s", what);
        return false;
    }
    return true;
}

static bool in_network(const SlirpConfig *cfg, struct in_addr addr)
{
    return (addr.s_addr & cfg->vnetmask.s_addr) == cfg->vnetwork.s_addr;
}

static bool check_ipv4(const SlirpConfig *cfg, GError **error)
{
    in_addr_t host = cfg->vhost.s_addr, dns = cfg->vnameserver.s_addr;
    in_addr_t dhcp = cfg->vdhcp_start.s_addr;

    if (!in_network(cfg, cfg->vhost)) {
        error_setg(error, "Host doesn't belong to network");
    } else if (cfg->restricted && !in_network(cfg, cfg->vnameserver)) {
        error_setg(error, "DNS doesn't belong to network");
    } else if (dns == host) {
        error_setg(error, "DNS must be different from host");
    } else if (!in_network(cfg, cfg->vdhcp_start)) {
        error_setg(error, "DHCP doesn't belong to network");
    } else if (dhcp == host || dhcp == dns) {
        error_setg(error, "DHCP must be different from host and DNS");
    } else {
        return true;
    }
    return false;
}

static bool parse_ipv4(QemuOpts *opts, SlirpConfig *cfg, GError **error)
{
    const char *net = qemu_opt_get(opts, "net");

    if (!cfg->in_enabled && (net || qemu_opt_get(opts, "host") || qemu_opt_get(opts, "dns"))) {
        error_setg(error, "IPv4 disabled but netmask/host/dns provided");
        return false;
    }
    return parse_net(net ? net : "10.0.2.0/24", cfg, error) &&
           parse_addr4(opts, "host", HOST_LOW, "host", cfg, &cfg->vhost, error) &&
           parse_addr4(opts, "dns", DNS_LOW, "DNS", cfg, &cfg->vnameserver, error) &&
           parse_addr4(opts, "dhcpstart", DHCP_LOW, "DHCP start address", cfg, &cfg->vdhcp_start,
                       error) &&
           check_ipv4(cfg, error);
}

/* ---- IPv6 ---- */

static bool parse_addr6(QemuOpts *opts, const char *key, uint8_t low, const char *what,
                        const SlirpConfig *cfg, struct in6_addr *addr, GError **error)
{
    const char *text = qemu_opt_get(opts, key);

    *addr = cfg->vprefix_addr6;
    addr->s6_addr[15] |= low;
    if (text && inet_pton(AF_INET6, text, addr) != 1) {
        error_setg(error, "Failed to parse IPv6 %s", what);
        return false;
    }
    return true;
}

static bool parse_prefix6(const char *text, SlirpConfig *cfg, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(text, "/", 2);
    int bits = 64;

    if (!parts[0] || inet_pton(AF_INET6, parts[0], &cfg->vprefix_addr6) != 1) {
        error_setg(error, "Failed to parse IPv6 prefix");
        return false;
    }
    if (parts[1] && (qemu_strtoi(parts[1], NULL, 10, &bits) < 0 || bits < 0 || bits > 126)) {
        error_setg(error, "Invalid IPv6 prefix provided (must be in range 0-126)");
        return false;
    }
    cfg->vprefix_len = bits;
    return true;
}

static bool parse_ipv6(QemuOpts *opts, SlirpConfig *cfg, GError **error)
{
    const char *net = qemu_opt_get(opts, "ipv6-net");

    if (!cfg->in6_enabled &&
        (net || qemu_opt_get(opts, "ipv6-host") || qemu_opt_get(opts, "ipv6-dns"))) {
        error_setg(error, "IPv6 disabled but prefix/host6/dns6 provided");
        return false;
    }
    return parse_prefix6(net ? net : "fec0::/64", cfg, error) &&
           parse_addr6(opts, "ipv6-host", 2, "host", cfg, &cfg->vhost6, error) &&
           parse_addr6(opts, "ipv6-dns", 3, "DNS", cfg, &cfg->vnameserver6, error);
}

/* Asking for one protocol only switches the other off. */
static bool parse_protocols(QemuOpts *opts, SlirpConfig *cfg, GError **error)
{
    bool has4 = qemu_opt_has(opts, "ipv4"), has6 = qemu_opt_has(opts, "ipv6");

    cfg->in_enabled = cfg->in6_enabled = true;
    if (!qemu_opt_get_bool(opts, "ipv4", &cfg->in_enabled, error) ||
        !qemu_opt_get_bool(opts, "ipv6", &cfg->in6_enabled, error)) {
        return false;
    }
    if (!cfg->in_enabled && !cfg->in6_enabled) {
        error_setg(error, "IPv4 and IPv6 disabled");
        return false;
    }
    if (has4 && !has6) {
        cfg->in6_enabled = !cfg->in_enabled;
    } else if (has6 && !has4) {
        cfg->in_enabled = !cfg->in6_enabled;
    }
    return true;
}

/* ---- Names ---- */

static bool parse_name(QemuOpts *opts, const char *key, size_t max, const char **value,
                       GError **error)
{
    *value = qemu_opt_get(opts, key);
    if (*value && strlen(*value) > max) {
        error_setg(error, "'%s' parameter cannot exceed %zu bytes", key, max);
        return false;
    }
    return true;
}

static bool parse_names(QemuOpts *opts, SlirpConfig *cfg, GError **error)
{
    cfg->tftp_path = qemu_opt_get(opts, "tftp");
    return parse_name(opts, "hostname", NAME_MAX_LEN, &cfg->vhostname, error) &&
           parse_name(opts, "domainname", NAME_MAX_LEN, &cfg->vdomainname, error) &&
           parse_name(opts, "tftp-server-name", NAME_MAX_LEN, &cfg->tftp_server_name, error) &&
           parse_name(opts, "bootfile", BOOTFILE_MAX_LEN, &cfg->bootfile, error);
}

static bool collect_dnssearch(const char *name, const char *value, void *opaque, GError **error)
{
    if (strcmp(name, "dnssearch") == 0) {
        g_ptr_array_add(opaque, (char *)value);
    }
    return true;
}

bool net_user_parse_config(QemuOpts *opts, SlirpConfig *cfg, const char ***dnssearch,
                           GError **error)
{
    g_autoptr(GPtrArray) domains = g_ptr_array_new();
    bool restricted = false;

    if (!qemu_opt_get_bool(opts, "restrict", &restricted, error)) {
        return false;
    }
    cfg->restricted = restricted;
    if (!parse_protocols(opts, cfg, error) || !parse_ipv4(opts, cfg, error) ||
        !parse_ipv6(opts, cfg, error) || !parse_names(opts, cfg, error)) {
        return false;
    }
    /* These may come several times: asked for here, read one by one below and by the caller. */
    qemu_opt_get(opts, "dnssearch");
    qemu_opt_get(opts, "hostfwd");
    if (!qemu_opts_check_unused(opts, error)) {
        return false;
    }
    qemu_opts_foreach(opts, collect_dnssearch, domains, NULL);
    if (domains->len > 0) {
        g_ptr_array_add(domains, NULL);
        *dnssearch = (const char **)g_ptr_array_free(g_steal_pointer(&domains), false);
        cfg->vdnssearch = *dnssearch;
    }
    return true;
}
