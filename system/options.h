/* SPDX-License-Identifier: MIT */
/*
 * The command line's parser, over the table in options.def.
 *
 * Threads: none but main. Tests: tests/unit/system/test-options.c, tests/system/bad-input.tsv
 */
#ifndef SYSTEM_OPTIONS_H
#define SYSTEM_OPTIONS_H

#include <glib.h>

typedef struct QemuConfig QemuConfig;

/*
 * What an option does: notes what was asked for in @config, at most prints a list for "help".
 * @option is as the user typed it ("-M"), @value its argument or NULL.
 */
typedef bool OptionHandler(QemuConfig *config, const char *option, const char *value,
                           GError **error);

typedef struct OptionRow {
    const char *name; /* NULL: a heading, in @help */
    bool has_arg;
    OptionHandler *handler; /* NULL: refused, there is no @help yet */
    const char *help;
} OptionRow;

/* The row of "-name", "--name" or "name"; NULL if there is none. */
const OptionRow *option_find(const char *text);

/* The name most like @text ("kernal": "kernel"), or NULL if none is near. */
const char *option_suggest(const char *text);

/**
 * options_parse - call the handler of each argument
 *
 * Errors begin with the option as typed; an argument without a dash is option_disk_image()'s.
 * Stops early, with success, when a handler sets @config->done.
 */
bool options_parse(QemuConfig *config, int argc, char **argv, GError **error);

/* Call one option's handler, as if it had been typed. For -readconfig. */
bool option_run(QemuConfig *config, const OptionRow *row, const char *option, const char *value,
                GError **error);

/* What -help prints, and the two lines of -version. */
void options_print_help(GString *out);
void options_print_version(GString *out);

#endif
