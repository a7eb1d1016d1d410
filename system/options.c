/* SPDX-License-Identifier: MIT */
/*
 * The command line's parser. Contracts are in options.h, the table is options.def.
 *
 * Threads: none but main. Tests: tests/unit/system/test-options.c, tests/system/bad-input.tsv
 */
#include "qemu/osdep.h"
#include "config.h"
#include "hw/core/runstate.h"
#include "options.h"
#include "qemu/error.h"
#include "qemu/version.h"

enum {
    NO_ARG = false,
    ARG = true
};

static const OptionRow options[] = {
#define HEADING(title) {.help = title},
#define OPTION(name_, arg_, handler_, help_, doc_) {name_, arg_, option_##handler_, help_},
#define LATER(name_, arg_, what_) {name_, arg_, NULL, what_},
#include "options.def"
#undef HEADING
#undef OPTION
#undef LATER
};

/* "-name" and "--name" are the same. */
static const char *strip_dashes(const char *text)
{
    if (*text == '-') {
        text++;
        if (*text == '-') {
            text++;
        }
    }
    return text;
}

const OptionRow *option_find(const char *text)
{
    const char *name = strip_dashes(text);

    for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
        if (options[i].name && g_str_equal(options[i].name, name)) {
            return &options[i];
        }
    }
    return NULL;
}

/* Insertions, removals and changes of one character that make @a into @b (Levenshtein). */
static unsigned edit_distance(const char *a, const char *b)
{
    size_t len_b = strlen(b);
    g_autofree unsigned *row = g_new(unsigned, len_b + 1);

    for (size_t j = 0; j <= len_b; j++) {
        row[j] = j;
    }
    for (size_t i = 1; a[i - 1]; i++) {
        unsigned diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= len_b; j++) {
            unsigned change = diagonal + (a[i - 1] != b[j - 1]);

            diagonal = row[j];
            row[j] = MIN(MIN(row[j], row[j - 1]) + 1, change);
        }
    }
    return row[len_b];
}

const char *option_suggest(const char *text)
{
    const char *name = strip_dashes(text);
    const char *best = NULL;
    /* One slip in three letters, at most two: of something short, everything short is near. */
    unsigned best_distance = 1 + MIN(strlen(name) / 3, 2);

    if (strlen(name) > 64) {
        return NULL;
    }
    for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
        unsigned distance = options[i].name ? edit_distance(name, options[i].name) : best_distance;

        if (distance < best_distance) {
            best = options[i].name;
            best_distance = distance;
        }
    }
    return best;
}

bool option_run(QemuConfig *config, const OptionRow *row, const char *option, const char *value,
                GError **error)
{
    ErrorLocation location;
    bool ok;

    if (!row->handler) {
        error_setg(error, "%s: this option of QEMU is not supported yet", option);
        error_append_hint(error, "There is no %s in Tinamou %s: leave the option out.\n", row->help,
                          TINAMOU_VERSION);
        return false;
    }
    error_location_push(&location, "%s%s%s", option, value ? " " : "", value ? value : "");
    ok = row->handler(config, option, value, error);
    error_location_pop(&location);
    return ok;
}

static bool unknown_option(const char *text, GError **error)
{
    const char *near = option_suggest(text);

    error_setg(error, "%s: invalid option", text);
    if (near) {
        error_append_hint(error, "Did you mean -%s? '-help' lists all.\n", near);
    } else {
        error_append_hint(error, "'-help' lists all.\n");
    }
    return false;
}

bool options_parse(QemuConfig *config, int argc, char **argv, GError **error)
{
    for (int i = 1; i < argc && !config->done; i++) {
        const char *text = argv[i];
        const char *value = NULL;
        const OptionRow *row;

        if (text[0] != '-') {
            if (!option_disk_image(config, text, text, error)) {
                return false;
            }
            continue;
        }
        row = option_find(text);
        if (!row) {
            return unknown_option(text, error);
        }
        if (row->has_arg) {
            value = i + 1 < argc ? argv[++i] : NULL;
            if (!value) {
                error_setg(error, "%s: requires an argument", text);
                return false;
            }
        }
        if (!option_run(config, row, text, value, error)) {
            return false;
        }
    }
    return true;
}

void options_print_version(GString *out)
{
    g_string_append(out,
                    "QEMU emulator version " QEMU_COMPAT_VERSION " (Tinamou " TINAMOU_VERSION ")\n"
                    "Copyright (c) 2026 the Tinamou developers\n");
}

void options_print_help(GString *out)
{
    options_print_version(out);
    g_string_append_printf(out,
                           "usage: %s [options] [disk_image]\n\n"
                           "'disk_image' is a raw disk image\n",
                           error_get_progname());
    for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
        if (!options[i].name) {
            g_string_append_printf(out, "\n%s\n", options[i].help);
        } else if (options[i].handler) {
            g_string_append(out, options[i].help);
        }
    }
    g_string_append(out, "\nWhen using -nographic, press 'ctrl-a h' to get some help.\n");
}
