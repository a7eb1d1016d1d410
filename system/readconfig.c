/* SPDX-License-Identifier: MIT */
/*
 * -readconfig: options from a file.
 *
 * A group is an option, its lines are the keys of the option's argument:
 *     [device "net0"]
 *       driver = "virtio-net-device"
 * is "-device driver=virtio-net-device,id=net0". A few groups have other names than their option.
 *
 * Threads: none but main. Tests: tests/unit/system/test-options.c
 */
#include "qemu/osdep.h"
#include "config.h"
#include "qemu/error.h"

/* Groups that are not called like their option. */
static const struct {
    const char *group, *option;
} group_names[] = {
    {"memory", "m"},
    {"smp-opts", "smp"},
    {"boot-opts", "boot"},
};

/* One group being read. */
typedef struct ConfigGroup {
    const OptionRow *row; /* NULL: no group yet */
    char *option;         /* "-device", for messages */
    QemuOpts *pairs;
} ConfigGroup;

static void group_clear(ConfigGroup *group)
{
    group->row = NULL;
    g_clear_pointer(&group->option, g_free);
    g_clear_pointer(&group->pairs, qemu_opts_free);
}

/* The group is complete: run it as an option. */
static bool group_run(ConfigGroup *group, QemuConfig *config, GError **error)
{
    g_autofree char *value = NULL;
    bool ok = true;

    if (group->row) {
        value = qemu_opts_to_string(group->pairs);
        ok = option_run(config, group->row, group->option, value, error);
    }
    group_clear(group);
    return ok;
}

/* [name "id"] or [name] */
static bool group_begin(ConfigGroup *group, const char *line, GError **error)
{
    g_autoptr(GRegex)
        regex = g_regex_new("^\\[\\s*([-\\w]+)\\s*(?:\"([^\"]*)\")?\\s*\\]$", 0, 0, NULL);
    g_autoptr(GMatchInfo) match = NULL;
    g_autofree char *name = NULL, *id = NULL;

    if (!g_regex_match(regex, line, 0, &match)) {
        error_setg(error, "parse error: '%s'", line);
        return false;
    }
    name = g_match_info_fetch(match, 1);
    id = g_match_info_fetch(match, 2);
    for (size_t i = 0; i < ARRAY_SIZE(group_names); i++) {
        if (g_str_equal(name, group_names[i].group)) {
            g_free(name);
            name = g_strdup(group_names[i].option);
        }
    }
    group->row = option_find(name);
    if (!group->row || !group->row->has_arg) {
        error_setg(error, "There is no option group '%s'", name);
        return false;
    }
    group->option = g_strconcat("-", name, NULL);
    group->pairs = qemu_opts_new();
    if (id && *id) {
        qemu_opt_set(group->pairs, "id", id);
    }
    return true;
}

/* key = "value" */
static bool group_add(ConfigGroup *group, const char *line, GError **error)
{
    g_autoptr(GRegex) regex = g_regex_new("^([-.\\w]+)\\s*=\\s*\"([^\"]*)\"$", 0, 0, NULL);
    g_autoptr(GMatchInfo) match = NULL;
    g_autofree char *key = NULL, *value = NULL;

    if (!group->row) {
        error_setg(error, "no group defined");
        return false;
    }
    if (!g_regex_match(regex, line, 0, &match)) {
        error_setg(error, "parse error: '%s'", line);
        return false;
    }
    key = g_match_info_fetch(match, 1);
    value = g_match_info_fetch(match, 2);
    qemu_opt_set(group->pairs, key, value);
    return true;
}

static bool read_lines(QemuConfig *config, char **lines, GError **error)
{
    ConfigGroup group = {NULL};
    bool ok = true;

    for (unsigned i = 0; ok && lines[i]; i++) {
        const char *line = g_strstrip(lines[i]);

        if (*line == '[') {
            ok = group_run(&group, config, error) && group_begin(&group, line, error);
        } else if (*line && *line != '#') {
            ok = group_add(&group, line, error);
        }
        if (!ok) {
            error_prefix(error, "line %u: ", i + 1);
        }
    }
    ok = ok && group_run(&group, config, error);
    group_clear(&group);
    return ok;
}

bool option_readconfig(QemuConfig *config, const char *option, const char *value, GError **error)
{
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;
    int fd = qemu_open(value, O_RDONLY, error);
    bool ok = fd >= 0;

    if (ok) {
        close(fd);
        ok = g_file_get_contents(value, &text, NULL, error);
    }
    if (ok) {
        lines = g_strsplit(text, "\n", -1);
        ok = read_lines(config, lines, error);
    }
    if (!ok) {
        error_prefix(error, "%s %s: ", option, value);
    }
    return ok;
}
