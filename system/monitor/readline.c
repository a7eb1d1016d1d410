/* SPDX-License-Identifier: MIT */
/* A line editor. Contracts are in readline.h. */
#include "qemu/osdep.h"
#include "readline.h"

/* Where we are in an escape sequence. */
typedef enum {
    ESC_NONE,
    ESC_SEEN,
    ESC_CSI,
    ESC_SS3
} EscState;

struct ReadLine {
    const ReadLineOps *ops;
    void *opaque;
    char *prompt;

    GString *line;
    gsize cursor;       /* bytes before it */
    gsize shown_cursor; /* where the terminal's cursor is */
    EscState esc;
    unsigned esc_param; /* the number in ESC [ n ~ */

    GPtrArray *history;   /* of char *, the oldest first */
    unsigned history_pos; /* the element shown; history->len: none */
};

/* Control characters by what they do. */
enum {
    KEY_CTRL_A = 1,
    KEY_CTRL_B = 2,
    KEY_CTRL_D = 4,
    KEY_CTRL_E = 5,
    KEY_CTRL_F = 6,
    KEY_BACKSPACE = 8,
    KEY_TAB = 9,
    KEY_LF = 10,
    KEY_CTRL_K = 11,
    KEY_CR = 13,
    KEY_CTRL_N = 14,
    KEY_CTRL_P = 16,
    KEY_CTRL_U = 21,
    KEY_CTRL_W = 23,
    KEY_ESC = 27,
    KEY_DELETE = 127,
};

ReadLine *readline_new(const ReadLineOps *ops, void *opaque, const char *prompt)
{
    ReadLine *rs = g_new0(ReadLine, 1);

    rs->ops = ops;
    rs->opaque = opaque;
    rs->prompt = g_strdup(prompt);
    rs->line = g_string_new(NULL);
    rs->history = g_ptr_array_new_with_free_func(g_free);
    return rs;
}

void readline_free(ReadLine *rs)
{
    g_string_free(rs->line, true);
    g_ptr_array_unref(rs->history);
    g_free(rs->prompt);
    g_free(rs);
}

static void append_cursor_left(GString *out, gsize n)
{
    for (; n > 0; n--) {
        g_string_append(out, "\033[D");
    }
}

static void redraw(ReadLine *rs)
{
    g_autoptr(GString) out = g_string_new(NULL);

    append_cursor_left(out, rs->shown_cursor);
    g_string_append_len(out, rs->line->str, rs->line->len);
    g_string_append(out, "\033[K");
    append_cursor_left(out, rs->line->len - rs->cursor);
    rs->shown_cursor = rs->cursor;
    rs->ops->print(rs->opaque, out->str);
}

/* The text is as shown, the cursor is not. */
static void move_cursor(ReadLine *rs, gsize to)
{
    g_autoptr(GString) out = g_string_new(NULL);

    rs->cursor = to;
    append_cursor_left(out, rs->shown_cursor > to ? rs->shown_cursor - to : 0);
    for (gsize i = rs->shown_cursor; i < to; i++) {
        g_string_append(out, "\033[C");
    }
    rs->shown_cursor = to;
    rs->ops->print(rs->opaque, out->str);
}

static void insert(ReadLine *rs, const char *text)
{
    if (rs->line->len + strlen(text) <= READLINE_MAX_LINE) {
        g_string_insert(rs->line, rs->cursor, text);
        rs->cursor += strlen(text);
        redraw(rs);
    }
}

/* The bytes from @from to @to, one of which is the cursor. */
static void erase(ReadLine *rs, gsize from, gsize to)
{
    if (from < to) {
        g_string_erase(rs->line, from, to - from);
        rs->cursor = from;
        redraw(rs);
    }
}

static gsize word_start(const ReadLine *rs)
{
    gsize i = rs->cursor;

    while (i > 0 && g_ascii_isspace(rs->line->str[i - 1])) {
        i--;
    }
    while (i > 0 && !g_ascii_isspace(rs->line->str[i - 1])) {
        i--;
    }
    return i;
}

/* ---- history ---- */

static void history_add(ReadLine *rs, const char *line)
{
    guint len = rs->history->len;

    if (*line && (!len || !g_str_equal(rs->history->pdata[len - 1], line))) {
        if (len == READLINE_MAX_HISTORY) {
            g_ptr_array_remove_index(rs->history, 0);
        }
        g_ptr_array_add(rs->history, g_strdup(line));
    }
    rs->history_pos = rs->history->len;
}

static void history_show(ReadLine *rs, unsigned pos)
{
    if (pos <= rs->history->len) {
        rs->history_pos = pos;
        g_string_assign(rs->line, pos < rs->history->len ? rs->history->pdata[pos] : "");
        rs->cursor = rs->line->len;
        redraw(rs);
    }
}

const char *readline_history(const ReadLine *rs, unsigned i)
{
    return i < rs->history->len ? rs->history->pdata[i] : NULL;
}

/* ---- completion ---- */

static gsize common_prefix(const GPtrArray *words)
{
    gsize len = strlen(words->pdata[0]);

    for (guint i = 1; i < words->len; i++) {
        gsize n = 0;

        while (n < len && ((char *)words->pdata[i])[n] == ((char *)words->pdata[0])[n]) {
            n++;
        }
        len = n;
    }
    return len;
}

static void show_words(ReadLine *rs, const GPtrArray *words)
{
    g_autoptr(GString) out = g_string_new("\n");

    for (guint i = 0; i < words->len; i++) {
        g_string_append_printf(out, "%-24s%s", (char *)words->pdata[i],
                               i % 3 == 2 || i + 1 == words->len ? "\n" : "");
    }
    rs->ops->print(rs->opaque, out->str);
    readline_show_prompt(rs);
}

static void complete(ReadLine *rs)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *before = g_strndup(rs->line->str, rs->cursor);
    const char *space = strrchr(before, ' ');
    gsize typed = strlen(space ? space + 1 : before);
    gsize common;
    g_autofree char *rest = NULL;

    rs->ops->complete(rs->opaque, before, words);
    if (!words->len) {
        return;
    }
    common = common_prefix(words);
    if (common > typed || words->len == 1) {
        rest = g_strndup((char *)words->pdata[0] + typed, common - typed);
        insert(rs, rest);
    }
    if (words->len == 1) {
        insert(rs, " ");
    } else if (common == typed) {
        show_words(rs, words);
    }
}

/* ---- input ---- */

static void end_line(ReadLine *rs)
{
    g_autofree char *text = g_strdup(rs->line->str);

    rs->ops->print(rs->opaque, "\n");
    g_string_truncate(rs->line, 0);
    rs->cursor = rs->shown_cursor = 0;
    history_add(rs, text);
    rs->ops->line(rs->opaque, text);
}

static void handle_plain(ReadLine *rs, uint8_t c)
{
    switch (c) {
    case KEY_CTRL_A:
        move_cursor(rs, 0);
        break;
    case KEY_CTRL_E:
        move_cursor(rs, rs->line->len);
        break;
    case KEY_CTRL_B:
        move_cursor(rs, rs->cursor - (rs->cursor > 0));
        break;
    case KEY_CTRL_F:
        move_cursor(rs, rs->cursor + (rs->cursor < rs->line->len));
        break;
    case KEY_CTRL_D:
        erase(rs, rs->cursor, MIN(rs->cursor + 1, rs->line->len));
        break;
    case KEY_BACKSPACE:
    case KEY_DELETE:
        erase(rs, rs->cursor - (rs->cursor > 0), rs->cursor);
        break;
    case KEY_CTRL_K:
        erase(rs, rs->cursor, rs->line->len);
        break;
    case KEY_CTRL_U:
        erase(rs, 0, rs->cursor);
        break;
    case KEY_CTRL_W:
        erase(rs, word_start(rs), rs->cursor);
        break;
    case KEY_CTRL_N:
        history_show(rs, rs->history_pos + 1);
        break;
    case KEY_CTRL_P:
        history_show(rs, rs->history_pos - 1);
        break;
    case KEY_TAB:
        complete(rs);
        break;
    case KEY_CR:
    case KEY_LF:
        end_line(rs);
        break;
    case KEY_ESC:
        rs->esc = ESC_SEEN;
        break;
    default:
        if (c >= ' ') {
            insert(rs, (char[]){c, '\0'});
        }
    }
}

/* The final character of ESC [ ... or ESC O, as the control character that does the same. */
static int key_of_sequence(uint8_t c, unsigned param)
{
    switch (c) {
    case 'A':
        return KEY_CTRL_P;
    case 'B':
        return KEY_CTRL_N;
    case 'C':
        return KEY_CTRL_F;
    case 'D':
        return KEY_CTRL_B;
    case 'H':
        return KEY_CTRL_A;
    case 'F':
        return KEY_CTRL_E;
    case '~':
        return param == 1 || param == 7 ? KEY_CTRL_A :
               param == 3               ? KEY_CTRL_D :
               param == 4 || param == 8 ? KEY_CTRL_E :
                                          0;
    }
    return 0;
}

void readline_handle_byte(ReadLine *rs, uint8_t c)
{
    int key;

    switch (rs->esc) {
    case ESC_NONE:
        handle_plain(rs, c);
        break;
    case ESC_SEEN:
        rs->esc = c == '[' ? ESC_CSI : c == 'O' ? ESC_SS3 : ESC_NONE;
        rs->esc_param = 0;
        break;
    case ESC_CSI:
        if (g_ascii_isdigit(c)) {
            rs->esc_param = MIN(rs->esc_param * 10 + (c - '0'), 99);
            break;
        }
        if (c == ';') {
            break;
        }
        QEMU_FALLTHROUGH;
    case ESC_SS3:
        rs->esc = ESC_NONE;
        key = key_of_sequence(c, rs->esc_param);
        if (key) {
            handle_plain(rs, key);
        }
        break;
    }
}

void readline_show_prompt(ReadLine *rs)
{
    rs->ops->print(rs->opaque, rs->prompt);
    rs->shown_cursor = 0;
    if (rs->line->len) {
        redraw(rs);
    }
}
