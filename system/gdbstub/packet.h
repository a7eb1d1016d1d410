/* SPDX-License-Identifier: MIT */
/*
 * Packets of gdb's remote protocol: bytes to packets and back.
 *
 * Threads: none of its own. Specification: GDB manual, "GDB Remote Serial Protocol: Overview",
 * "Packet Acknowledgment". Tests: tests/unit/system/gdbstub/test-packet.c
 */
#ifndef GDBSTUB_PACKET_H
#define GDBSTUB_PACKET_H

#include <glib.h>
#include <stdint.h>

/* PacketSize of qSupported: no packet to or from us is longer, frame and escapes included. */
#define GDB_PACKET_MAX 0x20020

/* What a byte has completed. */
typedef enum GDBEvent {
    GDB_EVENT_NONE,
    GDB_EVENT_PACKET,    /* GDBReader.data, .len */
    GDB_EVENT_CORRUPT,   /* a packet with a wrong checksum: ask for it again */
    GDB_EVENT_TOO_LONG,  /* a packet of more than GDB_PACKET_MAX bytes, which is lost */
    GDB_EVENT_INTERRUPT, /* Ctrl-C outside of a packet */
    GDB_EVENT_ACK,
    GDB_EVENT_NAK,
} GDBEvent;

typedef struct GDBReader {
    enum {
        GDB_READER_IDLE,
        GDB_READER_DATA,
        GDB_READER_SUM_HIGH,
        GDB_READER_SUM_LOW,
    } state;
    bool escaped;                  /* the next byte is one that had to be escaped */
    bool too_long;                 /* what does not fit is dropped */
    uint8_t sum;                   /* of the packet's bytes as sent */
    int given_sum;                 /* as the packet says; negative: no number */
    size_t len;                    /* bytes of data */
    char data[GDB_PACKET_MAX + 1]; /* unescaped, and with a NUL behind */
} GDBReader;

/* Forget what has been received of a packet. */
void gdb_reader_reset(GDBReader *reader);

/* Take one byte. After GDB_EVENT_PACKET the data is valid until the next call. */
GDBEvent gdb_reader_byte(GDBReader *reader, uint8_t byte);

/* Append @len bytes as a packet: framed, escaped, with its checksum. */
void gdb_packet_append(GString *out, const char *data, size_t len);

/**
 * gdb_escape_len - how many of @len bytes fit into @max bytes of a packet
 *
 * For binary data, which grows by what has to be escaped.
 */
size_t gdb_escape_len(const char *data, size_t len, size_t max);

/* ---- numbers, all hexadecimal ---- */

/* 1 to 16 digits; @pos is moved behind them. False: none, or more. */
bool gdb_parse_hex(const char **pos, uint64_t *value);

/* Pairs of digits to the end of @text. NULL: something else is there. */
GByteArray *gdb_parse_bytes(const char *text);

void gdb_append_bytes(GString *out, const void *data, size_t len);

#endif
