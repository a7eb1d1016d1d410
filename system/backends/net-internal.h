/* SPDX-License-Identifier: MIT */
/* What the files of the network backends share. Under the BQL. */

#ifndef BACKENDS_NET_INTERNAL_H
#define BACKENDS_NET_INTERNAL_H

#include "system/net.h"

/* ---- net-queue.c ---- */

/* Drops what waits for @nc, and what waits for its peer from @nc; callbacks are called with 0. */
void net_queue_purge(NetClientState *nc, const NetClientState *sender);

/* ---- net-user.c and its parts ---- */

/**
 * net_init_user - the init function of type user
 * @opts: also checked for keys that do not exist
 */
bool net_init_user(QemuOpts *opts, const char *id, GError **error);

typedef struct Slirp Slirp;
typedef struct SlirpConfig SlirpConfig;

/* The instance of a -netdev user; @id NULL: the only one. Errors name what is missing. */
Slirp *net_user_find(const char *id, GError **error);

/*
 * What the options say of addresses and names. Strings belong to @opts or, the search list, to
 * *@dnssearch: g_free() it.
 */
bool net_user_parse_config(QemuOpts *opts, SlirpConfig *cfg, const char ***dnssearch,
                           GError **error);

/* Sets up one hostfwd= rule. */
bool net_user_add_rule(Slirp *slirp, const char *rule, GError **error);

#endif
