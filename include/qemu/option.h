/* SPDX-License-Identifier: MIT */
/*
 * Option arguments: "virt,aclint=on,id=x". An ordered list of key=value pairs.
 *
 * Syntax: pairs are separated by ','; a comma within a value is doubled. A first element
 * without '=' is the value of the implied key when there is one. Any other element without
 * '=' is KEY=on, or, with QEMU_OPTS_LEGACY_NO and when it starts with "no", KEY=off for
 * what follows. "help" and "?" stay elements of their own: see qemu_opts_has_help().
 *
 * A consumer asks for each key it knows, in any order, with the typed getters; asking is
 * the only description of a key. It then calls qemu_opts_check_unused(), which rejects the
 * keys that nobody asked for. When a key occurs several times the last one counts and all
 * are taken as used.
 *
 * A getter leaves *@value alone when the key is absent: initialise it to the default.
 *
 * No locking: one thread at a time.
 */
#ifndef QEMU_OPTION_H
#define QEMU_OPTION_H

typedef enum {
    QEMU_OPTS_NONE = 0,
    /* "nodelay" means delay=off: sockets' and netdevs' old spelling. */
    QEMU_OPTS_LEGACY_NO = 1 << 0,
    /* An id= that is not an identifier is an error (the default checks nothing). */
    QEMU_OPTS_CHECK_ID = 1 << 1,
} QemuOptsFlags;

/**
 * qemu_opts_parse - parse an option's argument
 * @params:      the text; "" gives an empty list
 * @implied_key: of the first element, or NULL
 *
 * Errors: "Invalid parameter ''" for an empty key, and id_check()'s.
 */
QemuOpts *qemu_opts_parse(const char *params, const char *implied_key, QemuOptsFlags flags,
                          GError **error);
QemuOpts *qemu_opts_new(void);
void qemu_opts_free(QemuOpts *opts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(QemuOpts, qemu_opts_free)

/* Appends a pair, or with qemu_opt_unset() removes all pairs of a key. */
void qemu_opt_set(QemuOpts *opts, const char *name, const char *value);
void qemu_opt_unset(QemuOpts *opts, const char *name);

/* The last value of @name, or NULL; marks the key as used. Valid while @opts lives. */
const char *qemu_opt_get(QemuOpts *opts, const char *name);

/* As qemu_opt_get(); an absent key is the error "Parameter 'NAME' is missing". */
const char *qemu_opt_get_required(QemuOpts *opts, const char *name, GError **error);

/* A copy of the last value, removed from the list; free with g_free(). NULL when absent. */
char *qemu_opt_get_del(QemuOpts *opts, const char *name);

/* Whether the key occurs; does not mark it. */
bool qemu_opt_has(const QemuOpts *opts, const char *name);

/* Typed: see parse_option_bool(), _number() and _size() in qemu/cutils.h for the errors. */
bool qemu_opt_get_bool(QemuOpts *opts, const char *name, bool *value, GError **error);
bool qemu_opt_get_number(QemuOpts *opts, const char *name, uint64_t *value, GError **error);
bool qemu_opt_get_size(QemuOpts *opts, const char *name, uint64_t *value, GError **error);

/* A number in [@min, @max]; else "Value 'TEXT' is out of range for parameter 'NAME'". */
bool qemu_opt_get_range(QemuOpts *opts, const char *name, uint64_t min, uint64_t max,
                        uint64_t *value, GError **error);

/**
 * qemu_opt_get_enum - one of a list of words
 * @words: NULL-terminated; *@value becomes the index
 *
 * Error: "Parameter 'NAME' does not accept value 'TEXT'".
 */
bool qemu_opt_get_enum(QemuOpts *opts, const char *name, const char *const *words, int *value,
                       GError **error);

/* The value of "id", or NULL; marks it. */
const char *qemu_opts_id(QemuOpts *opts);

/* Whether "help" or "?" was given as an element or as a value of the implied key. */
bool qemu_opts_has_help(const QemuOpts *opts);
bool is_help_option(const char *text);

/**
 * qemu_opts_check_unused - reject what no getter has asked for
 *
 * Error: "Invalid parameter 'NAME'", the first such key in the user's order.
 */
bool qemu_opts_check_unused(const QemuOpts *opts, GError **error);

/**
 * qemu_opts_foreach - call @fn for each pair in order, later ones of the same key included
 *
 * Stops at the first false and returns it; @fn has then set @error. Marks every pair.
 */
typedef bool QemuOptsFunc(const char *name, const char *value, void *opaque, GError **error);
bool qemu_opts_foreach(QemuOpts *opts, QemuOptsFunc *fn, void *opaque, GError **error);

/* Number of pairs. */
size_t qemu_opts_count(const QemuOpts *opts);

/* The list in the syntax above; qemu_opts_parse() gives it back. Free with g_free(). */
char *qemu_opts_to_string(const QemuOpts *opts);

#endif
