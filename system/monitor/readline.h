/* SPDX-License-Identifier: MIT */
/*
 * A line editor for terminals: echo, cursor keys, history, completion. Knows no monitor.
 *
 * After each change the line is drawn again the way QEMU's monitor does, since test harnesses match
 * its output: cursor left to the start of the line, the text, ESC [ K, cursor left to its place.
 * Threads: BQL. Tests: tests/unit/system/test-readline.c
 */
#ifndef MONITOR_READLINE_H
#define MONITOR_READLINE_H

#include <glib.h>

#define READLINE_MAX_LINE 4095 /* bytes; what is typed beyond that is dropped */
#define READLINE_MAX_HISTORY 64

/**
 * ReadLineOps - what the editor asks of its owner
 * @print:    show text on the terminal
 * @line:     a line is complete; the editor has cleared its own before it calls
 * @complete: append to @words (of char *) what may stand for the last word of @text
 */
typedef struct ReadLineOps {
    void (*print)(void *opaque, const char *text);
    void (*line)(void *opaque, const char *text);
    void (*complete)(void *opaque, const char *text, GPtrArray *words);
} ReadLineOps;

typedef struct ReadLine ReadLine;

ReadLine *readline_new(const ReadLineOps *ops, void *opaque, const char *prompt);
void readline_free(ReadLine *rs);

/* Show the prompt, and the line as far as it is typed. */
void readline_show_prompt(ReadLine *rs);
/* One byte from the terminal. */
void readline_handle_byte(ReadLine *rs, uint8_t c);
/* The lines before, the oldest first: borrowed, NULL behind the last. */
const char *readline_history(const ReadLine *rs, unsigned i);

#endif
