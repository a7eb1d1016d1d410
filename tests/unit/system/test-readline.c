/* SPDX-License-Identifier: MIT */
/*
 * The monitor's line editor: what it draws, byte for byte as harnesses know it, editing keys,
 * history, completion, and limits.
 */
#include "qemu/osdep.h"
#include "system/monitor/readline.h"

typedef struct Fixture {
    ReadLine *rs;
    GString *out;
    GString *lines; /* each ended by '|' */
} Fixture;

static void print(void *opaque, const char *text)
{
    g_string_append(((Fixture *)opaque)->out, text);
}

static void line(void *opaque, const char *text)
{
    g_string_append_printf(((Fixture *)opaque)->lines, "%s|", text);
}

static void complete(void *opaque, const char *text, GPtrArray *words)
{
    static const char *const known[] = {"info", "inject", "stop"};
    const char *space = strrchr(text, ' ');
    const char *word = space ? space + 1 : text;

    for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
        if (g_str_has_prefix(known[i], word)) {
            g_ptr_array_add(words, g_strdup(known[i]));
        }
    }
}

static const ReadLineOps ops = {print, line, complete};

static void setup(Fixture *f, gconstpointer data)
{
    f->out = g_string_new(NULL);
    f->lines = g_string_new(NULL);
    f->rs = readline_new(&ops, f, "> ");
}

static void teardown(Fixture *f, gconstpointer data)
{
    readline_free(f->rs);
    g_string_free(f->out, true);
    g_string_free(f->lines, true);
}

static void type(Fixture *f, const char *keys)
{
    for (; *keys; keys++) {
        readline_handle_byte(f->rs, *keys);
    }
}

static void test_drawing(Fixture *f, gconstpointer data)
{
    readline_show_prompt(f->rs);
    type(f, "abc\r");
    g_assert_cmpstr(f->out->str, ==,
                    "> a\033[K"
                    "\033[Dab\033[K"
                    "\033[D\033[Dabc\033[K"
                    "\n");
    g_assert_cmpstr(f->lines->str, ==, "abc|");
    g_string_truncate(f->out, 0);
    /* An insertion leaves the cursor where it belongs. */
    type(f, "ac\033[Db");
    g_assert_true(g_str_has_suffix(f->out->str, "\033[Dabc\033[K\033[D"));
}

static void test_keys(Fixture *f, gconstpointer data)
{
    static const struct {
        const char *keys, *line;
    } rows[] = {
        {"abc\177d\r", "abd|"},
        {"abc\010\010\010\010x\r", "x|"},
        {"abc\001x\r", "xabc|"},
        {"abc\001\005x\r", "abcx|"},
        {"abc\033[D\033[Dx\r", "axbc|"},
        {"abc\033[D\033[D\033[D\033[D\033[Cx\r", "axbc|"},
        {"abc\033OHx\033OFy\r", "xabcy|"},
        {"abc\033[1~x\033[4~y\r", "xabcy|"},
        {"abc\001\033[3~\r", "bc|"},
        {"abc\001\004\r", "bc|"},
        {"one two \027x\r", "one x|"},
        {"one two\001\006\006\006\013\r", "one|"},
        {"one two\001\006\006\006\006\025\r", "two|"},
        {"a\033[99;99;99Zb\r", "ab|"},
        {"a\033xb\r", "ab|"},
        {"a\002\002b\n", "ba|"},
        {"a\000b", ""},
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        g_string_truncate(f->lines, 0);
        type(f, rows[i].keys);
        g_assert_cmpstr(f->lines->str, ==, rows[i].line);
    }
}

static void test_history(Fixture *f, gconstpointer data)
{
    type(f, "one\rtwo\rtwo\r\r");
    g_assert_cmpstr(readline_history(f->rs, 0), ==, "one");
    g_assert_cmpstr(readline_history(f->rs, 1), ==, "two");
    g_assert_null(readline_history(f->rs, 2));
    g_string_truncate(f->lines, 0);
    type(f, "\033[A\033[A\033[A\033[A!\r"); /* up, beyond the oldest */
    type(f, "\020\020\016\016\016x\r");     /* down, beyond the newest: an empty line */
    g_assert_cmpstr(f->lines->str, ==, "one!|x|");
    for (int i = 0; i < READLINE_MAX_HISTORY + 5; i++) {
        g_autofree char *text = g_strdup_printf("line %d\r", i);

        type(f, text);
    }
    g_assert_cmpstr(readline_history(f->rs, 0), ==, "line 5");
    g_assert_null(readline_history(f->rs, READLINE_MAX_HISTORY));
}

static void test_completion(Fixture *f, gconstpointer data)
{
    type(f, "s\t\r");
    type(f, "i\tj\t\r");
    type(f, "x st\ty\r");
    type(f, "none\t\r");
    g_assert_cmpstr(f->lines->str, ==, "stop |inject |x stop y|none|");
    g_string_truncate(f->out, 0);
    type(f, "in\t");
    g_assert_nonnull(strstr(f->out->str, "\ninfo                    inject"));
    g_assert_true(g_str_has_suffix(f->out->str, "> in\033[K"));
}

static void test_too_long(Fixture *f, gconstpointer data)
{
    for (int i = 0; i < READLINE_MAX_LINE + 10; i++) {
        readline_handle_byte(f->rs, 'x');
        g_string_truncate(f->out, 0);
    }
    type(f, "\r");
    g_assert_cmpuint(f->lines->len, ==, READLINE_MAX_LINE + 1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, func) g_test_add("/readline/" name, Fixture, NULL, setup, func, teardown)
    ADD("drawing", test_drawing);
    ADD("keys", test_keys);
    ADD("history", test_history);
    ADD("completion", test_completion);
    ADD("too-long", test_too_long);
    return g_test_run();
}
