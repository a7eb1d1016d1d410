/* SPDX-License-Identifier: MIT */
/*
 * The human monitor's commands: the table, the parsing of a line by a command's argument types,
 * help and completion. Contracts are in monitor-internal.h, the table is hmp-commands.def.
 *
 * Threads: BQL. Tests: tests/unit/system/test-hmp.c
 */
#include "qemu/osdep.h"
#include "monitor-internal.h"
#include "qemu/cutils.h"
#include "system/cpus.h"

#define MAX_ARGS 8

struct HMPArgs {
    unsigned count;
    struct HMPArg {
        char *name;
        char *text;     /* of s and S */
        int64_t number; /* of l and b; 1 for a flag */
        HMPFormatArg format;
    } args[MAX_ARGS];
};

static const HMPCommand commands[] = {
#define HMP_COMMAND(name, alias, args, params, help, handler)                                      \
    {name, alias, args, params, help, handler},
#define HMP_INFO(name, args, params, help, handler)
#include "hmp-commands.def"
#undef HMP_COMMAND
#undef HMP_INFO
};

static const HMPCommand info_commands[] = {
#define HMP_COMMAND(name, alias, args, params, help, handler)
#define HMP_INFO(name, args, params, help, handler) {name, NULL, args, params, help, handler},
#include "hmp-commands.def"
#undef HMP_COMMAND
#undef HMP_INFO
};

/* ---- finding ---- */

static const HMPCommand *find_in(const HMPCommand *table, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (g_str_equal(table[i].name, name) ||
            (table[i].alias && g_str_equal(table[i].alias, name))) {
            return &table[i];
        }
    }
    return NULL;
}

static const HMPCommand *find_command(const char *name)
{
    return find_in(commands, ARRAY_SIZE(commands), name);
}

static const HMPCommand *find_info(const char *name)
{
    return find_in(info_commands, ARRAY_SIZE(info_commands), name);
}

/* ---- arguments ---- */

static const struct HMPArg *find_arg(const HMPArgs *args, const char *name)
{
    for (unsigned i = 0; i < args->count; i++) {
        if (g_str_equal(args->args[i].name, name)) {
            return &args->args[i];
        }
    }
    return NULL;
}

bool hmp_has(const HMPArgs *args, const char *name)
{
    return find_arg(args, name) != NULL;
}

const char *hmp_str(const HMPArgs *args, const char *name)
{
    const struct HMPArg *arg = find_arg(args, name);

    return arg ? arg->text : NULL;
}

uint64_t hmp_int(const HMPArgs *args, const char *name)
{
    const struct HMPArg *arg = find_arg(args, name);

    return arg ? arg->number : 0;
}

bool hmp_bool(const HMPArgs *args, const char *name)
{
    return hmp_int(args, name) != 0;
}

HMPFormatArg hmp_format(const HMPArgs *args)
{
    return find_arg(args, "fmt")->format;
}

static void clear_args(HMPArgs *args)
{
    for (unsigned i = 0; i < args->count; i++) {
        g_free(args->args[i].name);
        g_free(args->args[i].text);
    }
    args->count = 0;
}

static void skip_blanks(const char **pos)
{
    while (g_ascii_isspace(**pos)) {
        (*pos)++;
    }
}

/* A word, or a text in double quotes with \n \r \\ \' \" in it. */
static char *parse_word(const char **pos, GError **error)
{
    g_autoptr(GString) word = g_string_new(NULL);
    const char *p = *pos;

    if (*p != '"') {
        while (*p && !g_ascii_isspace(*p)) {
            g_string_append_c(word, *p++);
        }
        *pos = p;
        return g_strdup(word->str);
    }
    for (p++; *p && *p != '"'; p++) {
        if (*p != '\\') {
            g_string_append_c(word, *p);
            continue;
        }
        switch (*++p) {
        case 'n':
            g_string_append_c(word, '\n');
            break;
        case 'r':
            g_string_append_c(word, '\r');
            break;
        case '\\':
        case '\'':
        case '"':
            g_string_append_c(word, *p);
            break;
        default:
            error_setg(error, "unsupported escape code: '\\%c'", *p);
            return NULL;
        }
    }
    if (*p != '"') {
        error_setg(error, "unterminated string");
        return NULL;
    }
    *pos = p + 1;
    return g_strdup(word->str);
}

/* "/4xw": count, format and size in this order, each may be missing. */
static bool parse_format(Monitor *mon, const char **pos, struct HMPArg *arg, GError **error)
{
    const char *p = *pos;
    uint64_t count = 1;

    arg->format.format = mon->format;
    if (*p == '/') {
        p++;
        if (g_ascii_isdigit(*p)) {
            qemu_strtou64(p, &p, 10, &count);
        }
        for (; *p && !g_ascii_isspace(*p); p++) {
            static const char sizes[] = "bhwg";

            if (strchr("xduoci", *p)) {
                arg->format.format.format = *p;
            } else if (strchr(sizes, *p)) {
                arg->format.format.size = 1 << (strchr(sizes, *p) - sizes);
            } else {
                error_setg(error, "invalid char in format: '%c'", *p);
                return false;
            }
        }
        mon->format = arg->format.format;
    }
    arg->format.count = MIN(count, UINT32_MAX);
    *pos = p;
    return true;
}

static bool parse_bool(const char **pos, const char *command, struct HMPArg *arg, GError **error)
{
    g_autofree char *word = parse_word(pos, error);

    if (!word) {
        return false;
    }
    if (!g_str_equal(word, "on") && !g_str_equal(word, "off")) {
        error_setg(error, "%s: Expected 'on' or 'off'", command);
        return false;
    }
    arg->number = g_str_equal(word, "on");
    return true;
}

/* One argument of type @type, which is there or must be. */
static bool parse_arg(Monitor *mon, const HMPCommand *cmd, char type, struct HMPArg *arg,
                      const char **pos, GError **error)
{
    switch (type) {
    case 'l':
        return hmp_parse_expression(pos, monitor_get_cpu(mon), &arg->number, error);
    case 'b':
        return parse_bool(pos, cmd->name, arg, error);
    case 's':
    case 'S':
        if (!**pos) {
            error_setg(error, "%s: %s expected", cmd->name,
                       g_str_equal(arg->name, "filename") ? "filename" : "string");
            return false;
        }
        if (type == 'S' && **pos != '"') {
            arg->text = g_strchomp(g_strdup(*pos));
            *pos += strlen(*pos);
        } else {
            arg->text = parse_word(pos, error);
        }
        return arg->text != NULL;
    }
    g_assert_not_reached();
}

/* "-f" of a row with "name:-f", if it is next. */
static bool take_flag(const char **pos, char letter)
{
    const char *p = *pos;

    if (p[0] == '-' && p[1] == letter && (!p[2] || g_ascii_isspace(p[2]))) {
        *pos = p + 2;
        return true;
    }
    return false;
}

/* One "name:type" of a row. */
static bool parse_spec(Monitor *mon, const HMPCommand *cmd, const char *spec, HMPArgs *args,
                       const char **pos, GError **error)
{
    const char *colon = strchr(spec, ':');
    const char *type = colon + 1;
    struct HMPArg *arg = &args->args[args->count];

    g_assert(args->count < MAX_ARGS);
    skip_blanks(pos);
    if (type[0] == '-' ? !take_flag(pos, type[1]) : type[1] == '?' && !**pos) {
        return true;
    }
    *arg = (struct HMPArg){.name = g_strndup(spec, colon - spec), .number = 1};
    args->count++;
    if (type[0] == '-') {
        return true;
    }
    return type[0] == '/' ? parse_format(mon, pos, arg, error) :
                            parse_arg(mon, cmd, type[0], arg, pos, error);
}

static bool parse_args(Monitor *mon, const HMPCommand *cmd, const char *text, HMPArgs *args,
                       GError **error)
{
    g_auto(GStrv) specs = g_strsplit(cmd->args, ",", -1);

    for (char **spec = specs; *spec; spec++) {
        if (!parse_spec(mon, cmd, *spec, args, &text, error)) {
            return false;
        }
    }
    skip_blanks(&text);
    if (*text) {
        error_setg(error, "%s%s%s: extraneous characters at the end of line", cmd->name,
                   cmd->alias ? "|" : "", cmd->alias ? cmd->alias : "");
        return false;
    }
    return true;
}

/* ---- running ---- */

/* An expression may name registers, and what a running hart's are only the hart knows. */
static bool reads_harts(const HMPCommand *cmd)
{
    return strstr(cmd->args, ":l") || strstr(cmd->args, ":/");
}

static void sink(const char *message, void *opaque)
{
    monitor_printf(opaque, "%s\n", message);
}

/* `info` takes another row's arguments: where that row's text begins. */
static const HMPCommand *resolve(const char **text, char **name, bool *is_info)
{
    const char *p = *text;
    const char *start;
    g_autofree char *word = NULL;

    skip_blanks(&p);
    start = p;
    /* "x/4xw": the format may follow at once. */
    while (*p && !g_ascii_isspace(*p) && *p != '/') {
        p++;
    }
    word = g_strndup(start, p - start);
    *is_info = false;
    if (g_str_equal(word, "info")) {
        const char *item = p, *end;

        skip_blanks(&item);
        for (end = item; *end && !g_ascii_isspace(*end); end++) {
        }
        if (end > item) {
            g_autofree char *subcommand = g_strndup(item, end - item);

            *is_info = true;
            *name = g_strdup_printf("info %s", subcommand);
            *text = end;
            return find_info(subcommand);
        }
    }
    *name = g_steal_pointer(&word);
    *text = p;
    return find_command(*name);
}

void hmp_run(Monitor *mon, const char *line)
{
    g_autofree char *name = NULL;
    GError *error = NULL;
    HMPArgs args = {0};
    bool is_info;
    const HMPCommand *cmd = resolve(&line, &name, &is_info);

    if (!*name) {
        return;
    }
    if (!cmd) {
        monitor_printf(mon, "unknown command: '%s'\n", name);
        return;
    }
    error_sink_set(sink, mon);
    if (reads_harts(cmd)) {
        pause_all_vcpus();
    }
    if (!parse_args(mon, cmd, line, &args, &error)) {
        monitor_printf(mon, "%s\nTry \"help %s\" for more information\n", error->message, name);
    } else if (!cmd->handler(mon, &args, &error)) {
        monitor_printf(mon, "Error: %s\n%s", error->message, error_get_hint(error));
    }
    if (reads_harts(cmd)) {
        resume_all_vcpus();
    }
    g_clear_error(&error);
    error_sink_set(NULL, NULL);
    clear_args(&args);
}

/* ---- help and completion ---- */

static void print_row(Monitor *mon, const char *prefix, const HMPCommand *cmd)
{
    monitor_printf(mon, "%s%s%s%s %s -- %s\n", prefix, cmd->name, cmd->alias ? "|" : "",
                   cmd->alias ? cmd->alias : "", cmd->params, cmd->help);
}

static void print_table(Monitor *mon, const char *prefix, const HMPCommand *table, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        print_row(mon, prefix, &table[i]);
    }
}

bool hmp_info(Monitor *mon, const HMPArgs *args, GError **error)
{
    print_table(mon, "info ", info_commands, ARRAY_SIZE(info_commands));
    return true;
}

bool hmp_help(Monitor *mon, const HMPArgs *args, GError **error)
{
    const char *name = hmp_str(args, "name");
    const char *item;
    const HMPCommand *cmd;

    if (!name) {
        print_table(mon, "", commands, ARRAY_SIZE(commands));
        return true;
    }
    if (g_str_equal(name, "info")) {
        return hmp_info(mon, args, error);
    }
    if (strstart(name, "info ", &item)) {
        skip_blanks(&item);
        cmd = find_info(item);
    } else {
        item = NULL;
        cmd = find_command(name);
    }
    if (cmd) {
        print_row(mon, item ? "info " : "", cmd);
    } else {
        monitor_printf(mon, "unknown command: '%s'\n", name);
    }
    return true;
}

static void complete_from(const HMPCommand *table, size_t count, const char *prefix,
                          GPtrArray *words)
{
    for (size_t i = 0; i < count; i++) {
        if (g_str_has_prefix(table[i].name, prefix)) {
            g_ptr_array_add(words, g_strdup(table[i].name));
        }
    }
}

void hmp_complete(const char *text, GPtrArray *words)
{
    g_auto(GStrv) parts = NULL;
    guint count;

    skip_blanks(&text);
    parts = g_strsplit(text, " ", -1);
    count = g_strv_length(parts);
    if (count <= 1) {
        complete_from(commands, ARRAY_SIZE(commands), count ? parts[0] : "", words);
    } else if (count == 2 && g_str_equal(parts[0], "info")) {
        complete_from(info_commands, ARRAY_SIZE(info_commands), parts[1], words);
    } else if (count == 2 && find_command(parts[0]) == find_command("help")) {
        complete_from(commands, ARRAY_SIZE(commands), parts[1], words);
    }
}
