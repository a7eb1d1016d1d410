/* SPDX-License-Identifier: MIT */
/*
 * gdb's packets: framing, checksums, escapes, what is too long or damaged, numbers; and bytes that
 * mean nothing.
 */
#include "qemu/osdep.h"
#include "system/gdbstub/packet.h"

static GDBReader reader;

/* Feed @len bytes; each event but GDB_EVENT_NONE becomes a letter of the result. */
static char *feed(const char *bytes, size_t len)
{
    static const char letters[] = {
        [GDB_EVENT_NONE] = '.',     [GDB_EVENT_PACKET] = 'P',    [GDB_EVENT_CORRUPT] = 'C',
        [GDB_EVENT_TOO_LONG] = 'L', [GDB_EVENT_INTERRUPT] = 'I', [GDB_EVENT_ACK] = '+',
        [GDB_EVENT_NAK] = '-',
    };
    GString *events = g_string_new(NULL);

    for (size_t i = 0; i < len; i++) {
        GDBEvent event = gdb_reader_byte(&reader, (uint8_t)bytes[i]);

        if (event != GDB_EVENT_NONE) {
            g_string_append_c(events, letters[event]);
        }
    }
    return g_string_free(events, false);
}

static void expect(const char *bytes, const char *events)
{
    g_autofree char *seen = feed(bytes, strlen(bytes));

    g_assert_cmpstr(seen, ==, events);
}

/* ---- receiving ---- */

static void test_receive(void)
{
    expect("$OK#9a", "P");
    g_assert_cmpstr(reader.data, ==, "OK");
    g_assert_cmpuint(reader.len, ==, 2);
    expect("$OK#9A", "P");
    expect("$#00", "P");
    g_assert_cmpuint(reader.len, ==, 0);
    expect("+-\003+", "+-I+");
    expect("noise$g#67more$?#3f", "PP");
    g_assert_cmpstr(reader.data, ==, "?");
    /* a Ctrl-C in a packet is a byte of it */
    expect("$\003#03", "P");
}

static void test_damaged(void)
{
    expect("$OK#9b", "C");
    expect("$OK#0a", "C");
    expect("$OK#x9", "C");
    expect("$OK#9x", "C");
    expect("$\x0f#1z", "C");    /* not 0x10 - 1 */
    expect("$OK##$OK#9a", "C"); /* "#$" is the checksum, and what follows is noise */
    gdb_reader_reset(&reader);
    /* the end was lost */
    expect("$lost$OK#9a", "P");
    g_assert_cmpstr(reader.data, ==, "OK");
    expect("$gone", "");
    gdb_reader_reset(&reader);
    expect("+$OK#9a", "+P");
}

static void test_escapes(void)
{
    /* } 3 is #, } ] is }, } 4 is $ */
    expect("$a}\003b#43", "P");
    g_assert_cmpstr(reader.data, ==, "a#b");
    expect("$}]}\004#5b", "P");
    g_assert_cmpstr(reader.data, ==, "}$");
    /* an escape with nothing behind it */
    expect("$}#7d", "P");
    g_assert_cmpuint(reader.len, ==, 0);
    /* NUL */
    expect("$} #9d", "P");
    g_assert_cmpuint(reader.len, ==, 1);
    g_assert_cmpint(reader.data[0], ==, 0);
}

static void test_length(void)
{
    g_autofree char *longest = g_strnfill(GDB_PACKET_MAX, 'a');
    g_autofree char *longer = g_strnfill(3 * GDB_PACKET_MAX, 'a');
    unsigned sum = ('a' * (unsigned)GDB_PACKET_MAX) & 0xff;
    g_autofree char *fits = g_strdup_printf("$%s#%02x", longest, sum);
    g_autofree char *lost = g_strdup_printf("$%s#%02x$OK#9a", longer, (3 * sum) & 0xff);

    expect(fits, "P");
    g_assert_cmpuint(reader.len, ==, GDB_PACKET_MAX);
    g_assert_cmpstr(reader.data, ==, longest);
    expect(lost, "LP");
}

/* Whatever comes: the data ends within the buffer, and after a good packet all is well again. */
static void test_noise(void)
{
    static const char alphabet[] = "$$##}++-\003*0a%";

    for (int round = 0; round < 20000; round++) {
        char noise[64];

        for (size_t i = 0; i < sizeof(noise); i++) {
            noise[i] = g_test_rand_int_range(0, 4) ?
                           alphabet[g_test_rand_int_range(0, sizeof(alphabet) - 1)] :
                           (char)g_test_rand_int_range(0, 256);
        }
        g_free(feed(noise, sizeof(noise)));
        g_assert_cmpuint(reader.len, <=, GDB_PACKET_MAX);
        gdb_reader_reset(&reader);
        expect("$OK#9a", "P");
        g_assert_cmpstr(reader.data, ==, "OK");
    }
}

/* ---- sending ---- */

static void test_send(void)
{
    g_autoptr(GString) out = g_string_new(NULL);

    gdb_packet_append(out, "OK", 2);
    gdb_packet_append(out, "", 0);
    g_assert_cmpstr(out->str, ==, "$OK#9a$#00");
}

static void test_send_escapes(void)
{
    static const char data[] = "a#$*}z";
    g_autoptr(GString) out = g_string_new(NULL);

    gdb_packet_append(out, data, sizeof(data)); /* with its NUL */
    expect("", "");
    g_free(feed(out->str, out->len));
    g_assert_cmpmem(reader.data, reader.len, data, sizeof(data));
    g_assert_null(memchr(out->str, '*', out->len));
    g_assert_cmpuint(gdb_escape_len(data, 6, 100), ==, 6);
    g_assert_cmpuint(gdb_escape_len(data, 6, 1), ==, 1);
    g_assert_cmpuint(gdb_escape_len(data, 6, 2), ==, 1); /* not half of an escape */
    g_assert_cmpuint(gdb_escape_len(data, 6, 3), ==, 2);
    g_assert_cmpuint(gdb_escape_len(data, 6, 0), ==, 0);
}

/* ---- numbers ---- */

static void test_numbers(void)
{
    static const struct {
        const char *text;
        bool ok;
        uint64_t value;
        const char *rest;
    } rows[] = {
        {"0", true, 0, ""},
        {"1f,2", true, 0x1f, ",2"},
        {"FFFFFFFFFFFFFFFF", true, UINT64_MAX, ""},
        {"10000000000000000", false, 0, ""},
        {"", false, 0, ""},
        {",", false, 0, ""},
        {"-1", false, 0, ""},
        {"0x1", true, 0, "x1"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        const char *pos = rows[i].text;
        uint64_t value;

        g_assert_cmpint(gdb_parse_hex(&pos, &value), ==, rows[i].ok);
        if (rows[i].ok) {
            g_assert_cmphex(value, ==, rows[i].value);
            g_assert_cmpstr(pos, ==, rows[i].rest);
        } else {
            g_assert_true(pos == rows[i].text);
        }
    }
}

static void test_bytes(void)
{
    static const char *const bad[] = {"0", "0g", "g0", "00 ", "0x00", "-1"};
    g_autoptr(GByteArray) bytes = gdb_parse_bytes("00fF7e");
    g_autoptr(GByteArray) none = gdb_parse_bytes("");
    g_autoptr(GString) text = g_string_new("m");

    g_assert_cmpmem(bytes->data, bytes->len, "\x00\xff\x7e", 3);
    g_assert_cmpuint(none->len, ==, 0);
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        g_assert_null(gdb_parse_bytes(bad[i]));
    }
    gdb_append_bytes(text, "\x00\xff\x7e", 3);
    g_assert_cmpstr(text->str, ==, "m00ff7e");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/gdbstub/packet/receive", test_receive);
    g_test_add_func("/gdbstub/packet/damaged", test_damaged);
    g_test_add_func("/gdbstub/packet/escapes", test_escapes);
    g_test_add_func("/gdbstub/packet/length", test_length);
    g_test_add_func("/gdbstub/packet/noise", test_noise);
    g_test_add_func("/gdbstub/packet/send", test_send);
    g_test_add_func("/gdbstub/packet/send-escapes", test_send_escapes);
    g_test_add_func("/gdbstub/packet/numbers", test_numbers);
    g_test_add_func("/gdbstub/packet/bytes", test_bytes);
    return g_test_run();
}
