/* SPDX-License-Identifier: MIT */
/*
 * Option arguments: see qemu/option.h for the syntax and for who describes a key. A list is
 * an array of pairs in the user's order; the lists are short, so every look-up is a walk.
 * No locking. Tests: tests/unit/util/test-option.c.
 */
#include "qemu/osdep.h"
#include "qemu/cutils.h"
#include "qemu/error.h"
#include "qemu/id.h"
#include "qemu/option.h"

typedef struct QemuOpt {
    char *name;
    char *value;
    bool bare; /* an element without '=', neither the implied key's value */
    bool used;
} QemuOpt;

struct QemuOpts {
    GArray *list;            /* of QemuOpt */
    const char *implied_key; /* static string; NULL for none */
};

static void opt_clear(void *data)
{
    QemuOpt *opt = data;
    g_free(opt->name);
    g_free(opt->value);
}

static QemuOpt *opt_at(const QemuOpts *opts, size_t idx)
{
    return &g_array_index(opts->list, QemuOpt, idx);
}

QemuOpts *qemu_opts_new(void)
{
    QemuOpts *opts = g_new0(QemuOpts, 1);
    opts->list = g_array_new(false, false, sizeof(QemuOpt));
    g_array_set_clear_func(opts->list, opt_clear);
    return opts;
}

void qemu_opts_free(QemuOpts *opts)
{
    if (opts) {
        g_array_free(opts->list, true);
        g_free(opts);
    }
}

static void opt_append(QemuOpts *opts, char *name, char *value, bool bare)
{
    QemuOpt opt = {.name = name, .value = value, .bare = bare};
    g_array_append_val(opts->list, opt);
}

void qemu_opt_set(QemuOpts *opts, const char *name, const char *value)
{
    opt_append(opts, g_strdup(name), g_strdup(value), false);
}

void qemu_opt_unset(QemuOpts *opts, const char *name)
{
    for (size_t i = opts->list->len; i-- > 0;) {
        if (g_str_equal(opt_at(opts, i)->name, name)) {
            g_array_remove_index(opts->list, i);
        }
    }
}

/* The value that starts at *@p up to a single comma; *@p moves past that comma. */
static char *take_value(const char **p)
{
    g_autoptr(GString) value = g_string_new(NULL);
    const char *s = *p;
    while (*s && (s[0] != ',' || s[1] == ',')) {
        g_string_append_c(value, *s);
        s += s[0] == ',' ? 2 : 1;
    }
    *p = *s ? s + 1 : s;
    return g_string_free(g_steal_pointer(&value), false);
}

static void parse_bare(QemuOpts *opts, char *name, QemuOptsFlags flags)
{
    if ((flags & QEMU_OPTS_LEGACY_NO) && strstart(name, "no", NULL) && name[2]) {
        opt_append(opts, g_strdup(name + 2), g_strdup("off"), true);
        g_free(name);
    } else {
        opt_append(opts, name, g_strdup("on"), true);
    }
}

QemuOpts *qemu_opts_parse(const char *params, const char *implied_key, QemuOptsFlags flags,
                          GError **error)
{
    g_autoptr(QemuOpts) opts = qemu_opts_new();
    opts->implied_key = implied_key;

    for (const char *p = params; *p;) {
        size_t len = strcspn(p, "=,");
        bool has_value = p[len] == '=';
        if (p == params && implied_key && !has_value) {
            opt_append(opts, g_strdup(implied_key), take_value(&p), false);
            continue;
        }
        if (len == 0) {
            error_setg(error, "Invalid parameter ''");
            return NULL;
        }
        char *name = g_strndup(p, len);
        p += len;
        if (has_value) {
            p++;
            opt_append(opts, name, take_value(&p), false);
        } else {
            p += *p == ',';
            parse_bare(opts, name, flags);
        }
    }

    for (size_t i = 0; (flags & QEMU_OPTS_CHECK_ID) && i < opts->list->len; i++) {
        QemuOpt *opt = opt_at(opts, i);
        if (g_str_equal(opt->name, "id") && !id_check(opt->value, error)) {
            return NULL;
        }
    }
    return g_steal_pointer(&opts);
}

const char *qemu_opt_get(QemuOpts *opts, const char *name)
{
    const char *value = NULL;
    for (size_t i = 0; i < opts->list->len; i++) {
        QemuOpt *opt = opt_at(opts, i);
        if (g_str_equal(opt->name, name)) {
            opt->used = true;
            value = opt->value;
        }
    }
    return value;
}

const char *qemu_opt_get_required(QemuOpts *opts, const char *name, GError **error)
{
    const char *value = qemu_opt_get(opts, name);
    if (!value) {
        error_setg(error, "Parameter '%s' is missing", name);
    }
    return value;
}

char *qemu_opt_get_del(QemuOpts *opts, const char *name)
{
    char *value = g_strdup(qemu_opt_get(opts, name));
    qemu_opt_unset(opts, name);
    return value;
}

bool qemu_opt_has(const QemuOpts *opts, const char *name)
{
    for (size_t i = 0; i < opts->list->len; i++) {
        if (g_str_equal(opt_at(opts, i)->name, name)) {
            return true;
        }
    }
    return false;
}

bool qemu_opt_get_bool(QemuOpts *opts, const char *name, bool *value, GError **error)
{
    const char *text = qemu_opt_get(opts, name);
    return !text || parse_option_bool(name, text, value, error);
}

bool qemu_opt_get_number(QemuOpts *opts, const char *name, uint64_t *value, GError **error)
{
    const char *text = qemu_opt_get(opts, name);
    return !text || parse_option_number(name, text, value, error);
}

bool qemu_opt_get_size(QemuOpts *opts, const char *name, uint64_t *value, GError **error)
{
    const char *text = qemu_opt_get(opts, name);
    return !text || parse_option_size(name, text, value, error);
}

bool qemu_opt_get_range(QemuOpts *opts, const char *name, uint64_t min, uint64_t max,
                        uint64_t *value, GError **error)
{
    const char *text = qemu_opt_get(opts, name);
    uint64_t number;
    if (!text) {
        return true;
    }
    if (!parse_option_number(name, text, &number, error)) {
        return false;
    }
    if (number < min || number > max) {
        error_setg(error, "Value '%s' is out of range for parameter '%s'", text, name);
        return false;
    }
    *value = number;
    return true;
}

bool qemu_opt_get_enum(QemuOpts *opts, const char *name, const char *const *words, int *value,
                       GError **error)
{
    const char *text = qemu_opt_get(opts, name);
    if (!text) {
        return true;
    }
    for (int i = 0; words[i]; i++) {
        if (g_str_equal(words[i], text)) {
            *value = i;
            return true;
        }
    }
    error_setg(error, "Parameter '%s' does not accept value '%s'", name, text);
    return false;
}

const char *qemu_opts_id(QemuOpts *opts)
{
    return qemu_opt_get(opts, "id");
}

bool is_help_option(const char *text)
{
    return g_str_equal(text, "help") || g_str_equal(text, "?");
}

bool qemu_opts_has_help(const QemuOpts *opts)
{
    for (size_t i = 0; i < opts->list->len; i++) {
        QemuOpt *opt = opt_at(opts, i);
        bool is_implied = i == 0 && g_strcmp0(opt->name, opts->implied_key) == 0;
        if ((opt->bare && is_help_option(opt->name)) ||
            (is_implied && is_help_option(opt->value))) {
            return true;
        }
    }
    return false;
}

bool qemu_opts_check_unused(const QemuOpts *opts, GError **error)
{
    for (size_t i = 0; i < opts->list->len; i++) {
        QemuOpt *opt = opt_at(opts, i);
        if (!opt->used) {
            error_setg(error, "Invalid parameter '%s'", opt->name);
            return false;
        }
    }
    return true;
}

bool qemu_opts_foreach(QemuOpts *opts, QemuOptsFunc *fn, void *opaque, GError **error)
{
    for (size_t i = 0; i < opts->list->len; i++) {
        QemuOpt *opt = opt_at(opts, i);
        opt->used = true;
        if (!fn(opt->name, opt->value, opaque, error)) {
            return false;
        }
    }
    return true;
}

size_t qemu_opts_count(const QemuOpts *opts)
{
    return opts->list->len;
}

char *qemu_opts_to_string(const QemuOpts *opts)
{
    GString *text = g_string_new(NULL);
    for (size_t i = 0; i < opts->list->len; i++) {
        QemuOpt *opt = opt_at(opts, i);
        g_string_append_printf(text, "%s%s=", i ? "," : "", opt->name);
        for (const char *p = opt->value; *p; p++) {
            g_string_append(text, *p == ',' ? ",," : (char[]){*p, 0});
        }
    }
    return g_string_free(text, false);
}
