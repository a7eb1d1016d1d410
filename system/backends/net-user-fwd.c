/* SPDX-License-Identifier: MIT */
/*
 * Forwarding rules of -netdev user: [tcp|udp]:[hostaddr]:hostport-[guestaddr]:guestport
 *
 * Messages are QEMU's: "Invalid host forwarding rule 'RULE' (REASON)" and "Could not set up host
 * forwarding rule 'RULE'". Under the BQL. Tests: tests/unit/system/backends/test-net-user.c.
 */

#include "qemu/osdep.h"

#include <arpa/inet.h>
#include <libslirp.h>

#include "net-internal.h"
#include "qemu/cutils.h"
#include "qemu/error.h"

typedef struct HostForward {
    bool udp;
    struct in_addr host_addr;
    struct in_addr guest_addr;
    int host_port;
    int guest_port;
} HostForward;

/* Cuts the text up to @separator off *@rest; NULL when there is none. */
static char *take_part(const char **rest, char separator)
{
    const char *end = strchr(*rest, separator);
    char *part;

    if (!end) {
        return NULL;
    }
    part = g_strndup(*rest, end - *rest);
    *rest = end + 1;
    return part;
}

/* Empty means any address. */
static bool parse_addr(const char *text, struct in_addr *addr)
{
    addr->s_addr = INADDR_ANY;
    return !*text || inet_pton(AF_INET, text, addr) == 1;
}

static bool parse_port(const char *text, int min, int *port)
{
    return qemu_strtoi(text, NULL, 0, port) == 0 && *port >= min && *port <= 65535;
}

/* Protocol and host side, which end in @separator or, when that is 0, with the text. */
static const char *parse_host_side(const char **rest, char separator, HostForward *fwd)
{
    g_autofree char *protocol = take_part(rest, ':');
    g_autofree char *addr = NULL;
    g_autofree char *port = NULL;

    if (!protocol) {
        return "No : separators";
    }
    fwd->udp = strcmp(protocol, "udp") == 0;
    if (!fwd->udp && *protocol && strcmp(protocol, "tcp") != 0) {
        return "Bad protocol name";
    }
    addr = take_part(rest, ':');
    if (!addr) {
        return "Missing : separator after host address";
    }
    if (!parse_addr(addr, &fwd->host_addr)) {
        return "Bad host address";
    }
    port = separator ? take_part(rest, separator) : g_strdup(*rest);
    if (!port) {
        return "Bad host port separator";
    }
    return parse_port(port, 0, &fwd->host_port) && *port ? NULL : "Bad host port";
}

static const char *parse_rule(const char *rule, HostForward *fwd)
{
    const char *reason = parse_host_side(&rule, '-', fwd);
    g_autofree char *addr = NULL;

    if (reason) {
        return reason;
    }
    addr = take_part(&rule, ':');
    if (!addr) {
        return "Missing guest address";
    }
    if (!parse_addr(addr, &fwd->guest_addr)) {
        return "Bad guest address";
    }
    return parse_port(rule, 1, &fwd->guest_port) ? NULL : "Bad guest port";
}

bool net_user_add_rule(Slirp *slirp, const char *rule, GError **error)
{
    HostForward fwd = {.udp = false};
    const char *reason = parse_rule(rule, &fwd);

    if (reason) {
        error_setg(error, "Invalid host forwarding rule '%s' (%s)", rule, reason);
        return false;
    }
    if (slirp_add_hostfwd(slirp, fwd.udp, fwd.host_addr, fwd.host_port, fwd.guest_addr,
                          fwd.guest_port) < 0) {
        int err = errno;

        error_setg(error, "Could not set up host forwarding rule '%s'", rule);
        error_append_hint(error, "Port %d of the host: %s", fwd.host_port, g_strerror(err));
        return false;
    }
    return true;
}

bool net_user_hostfwd_add(const char *id, const char *rule, GError **error)
{
    Slirp *slirp = net_user_find(id, error);

    return slirp && net_user_add_rule(slirp, rule, error);
}

bool net_user_hostfwd_remove(const char *id, const char *rule, GError **error)
{
    Slirp *slirp = net_user_find(id, error);
    HostForward fwd = {.udp = false};
    const char *rest = rule;

    if (!slirp) {
        return false;
    }
    if (parse_host_side(&rest, '\0', &fwd)) {
        error_setg(error, "invalid format");
        return false;
    }
    if (slirp_remove_hostfwd(slirp, fwd.udp, fwd.host_addr, fwd.host_port) < 0) {
        error_setg(error, "host forwarding rule for %s not found", rule);
        return false;
    }
    return true;
}
