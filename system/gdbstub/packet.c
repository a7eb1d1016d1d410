/* SPDX-License-Identifier: MIT */
/*
 * Packets of gdb's remote protocol. Contracts are in packet.h.
 *
 * A packet is $data#checksum; in data the bytes $ # } (and * in what we send, since there it would
 * announce a repetition) are sent as } and the byte with bit 5 changed.
 * Tests: tests/unit/system/gdbstub/test-packet.c
 */
#include "qemu/osdep.h"
#include "packet.h"

#define ESCAPE '}'
#define ESCAPE_BIT 0x20
#define INTERRUPT 0x03

/* ---- receiving ---- */

void gdb_reader_reset(GDBReader *reader)
{
    reader->state = GDB_READER_IDLE;
}

static void begin(GDBReader *reader)
{
    reader->state = GDB_READER_DATA;
    reader->escaped = false;
    reader->too_long = false;
    reader->sum = 0;
    reader->len = 0;
}

static GDBEvent idle_byte(GDBReader *reader, uint8_t byte)
{
    switch (byte) {
    case '$':
        begin(reader);
        return GDB_EVENT_NONE;
    case '+':
        return GDB_EVENT_ACK;
    case '-':
        return GDB_EVENT_NAK;
    case INTERRUPT:
        return GDB_EVENT_INTERRUPT;
    default:
        return GDB_EVENT_NONE; /* noise of the line */
    }
}

static void data_byte(GDBReader *reader, uint8_t byte)
{
    if (byte == '$') {
        begin(reader); /* the end of the one before was lost */
        return;
    }
    if (byte == '#') {
        reader->state = GDB_READER_SUM_HIGH;
        return;
    }
    reader->sum += byte;
    if (byte == ESCAPE && !reader->escaped) {
        reader->escaped = true;
        return;
    }
    if (reader->len == GDB_PACKET_MAX) {
        reader->too_long = true;
    } else {
        reader->data[reader->len++] = reader->escaped ? byte ^ ESCAPE_BIT : byte;
    }
    reader->escaped = false;
}

static GDBEvent end(GDBReader *reader)
{
    reader->state = GDB_READER_IDLE;
    reader->data[reader->len] = '\0';
    if (reader->given_sum != reader->sum) {
        return GDB_EVENT_CORRUPT;
    }
    return reader->too_long ? GDB_EVENT_TOO_LONG : GDB_EVENT_PACKET;
}

GDBEvent gdb_reader_byte(GDBReader *reader, uint8_t byte)
{
    int digit;

    switch (reader->state) {
    case GDB_READER_IDLE:
        return idle_byte(reader, byte);
    case GDB_READER_DATA:
        data_byte(reader, byte);
        return GDB_EVENT_NONE;
    case GDB_READER_SUM_HIGH:
        /* Without a digit here it stays negative, whatever the second one is. */
        reader->given_sum = g_ascii_xdigit_value(byte) * 16;
        reader->state = GDB_READER_SUM_LOW;
        return GDB_EVENT_NONE;
    case GDB_READER_SUM_LOW:
        digit = g_ascii_xdigit_value(byte);
        reader->given_sum = digit < 0 ? -1 : reader->given_sum + digit;
        return end(reader);
    }
    g_assert_not_reached();
}

/* ---- sending ---- */

static bool needs_escape(char c)
{
    return c == '$' || c == '#' || c == '*' || c == ESCAPE;
}

void gdb_packet_append(GString *out, const char *data, size_t len)
{
    size_t start = out->len + 1;
    uint8_t sum = 0;

    g_string_append_c(out, '$');
    for (size_t i = 0; i < len; i++) {
        if (needs_escape(data[i])) {
            g_string_append_c(out, ESCAPE);
            g_string_append_c(out, data[i] ^ ESCAPE_BIT);
        } else {
            g_string_append_c(out, data[i]);
        }
    }
    for (size_t i = start; i < out->len; i++) {
        sum += (uint8_t)out->str[i];
    }
    g_string_append_printf(out, "#%02x", sum);
}

size_t gdb_escape_len(const char *data, size_t len, size_t max)
{
    size_t used = 0;

    for (size_t i = 0; i < len; i++) {
        used += needs_escape(data[i]) ? 2 : 1;
        if (used > max) {
            return i;
        }
    }
    return len;
}

/* ---- numbers ---- */

bool gdb_parse_hex(const char **pos, uint64_t *value)
{
    const char *p = *pos;
    uint64_t n = 0;

    for (; g_ascii_isxdigit(*p); p++) {
        if (p - *pos == 16) {
            return false;
        }
        n = n << 4 | (unsigned)g_ascii_xdigit_value(*p);
    }
    if (p == *pos) {
        return false;
    }
    *pos = p;
    *value = n;
    return true;
}

GByteArray *gdb_parse_bytes(const char *text)
{
    size_t len = strlen(text);
    g_autoptr(GByteArray) bytes = g_byte_array_sized_new(len / 2);

    if (len % 2) {
        return NULL;
    }
    for (size_t i = 0; i < len; i += 2) {
        int high = g_ascii_xdigit_value(text[i]), low = g_ascii_xdigit_value(text[i + 1]);
        uint8_t byte = (uint8_t)(high * 16 + low);

        if (high < 0 || low < 0) {
            return NULL;
        }
        g_byte_array_append(bytes, &byte, 1);
    }
    return g_steal_pointer(&bytes);
}

void gdb_append_bytes(GString *out, const void *data, size_t len)
{
    const uint8_t *bytes = data;

    for (size_t i = 0; i < len; i++) {
        g_string_append_printf(out, "%02x", bytes[i]);
    }
}
