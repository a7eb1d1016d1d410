/* SPDX-License-Identifier: MIT */
/*
 * The little of telnet that a console over it needs: character mode, binary, break.
 *
 * Specification: RFC 854 (commands), 856 (binary), 857 (echo), 858 (suppress go ahead).
 * Tests: tests/unit/system/test-chardev-socket.c
 */
#ifndef CHARDEV_TELNET_H
#define CHARDEV_TELNET_H

typedef struct TelnetFilter {
    int state;     /* where in a command the input is */
    bool owes_iac; /* the second half of an escaped 0xff could not be sent yet */
} TelnetFilter;

/* Ask the new peer @fd for character mode. */
void telnet_filter_start(TelnetFilter *filter, int fd);

/* Take commands out of @buf; returns how many bytes of data are left. */
int telnet_filter_input(TelnetFilter *filter, uint8_t *buf, int len, bool *is_break);

/* As ChardevClass::write: 0xff goes out doubled. */
int telnet_filter_write(TelnetFilter *filter, int fd, const uint8_t *buf, int len);

#endif
