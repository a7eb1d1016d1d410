/* SPDX-License-Identifier: MIT */
/*
 * Telnet for character devices. Contracts and specification are in chardev-telnet.h.
 */
#include "qemu/osdep.h"
#include <sys/socket.h>
#include "chardev-telnet.h"

/* Commands and options of RFC 854, 856 to 858. */
enum {
    TELNET_SE = 240,
    TELNET_BREAK = 243,
    TELNET_SB = 250,
    TELNET_WILL = 251,
    TELNET_DO = 253,
    TELNET_DONT = 254,
    TELNET_IAC = 255,

    TELNET_OPT_BINARY = 0,
    TELNET_OPT_ECHO = 1,
    TELNET_OPT_SGA = 3,
};

enum {
    STATE_DATA,
    STATE_COMMAND, /* after IAC */
    STATE_OPTION,  /* after IAC WILL, WONT, DO or DONT */
    STATE_SUB,     /* between IAC SB and IAC SE */
    STATE_SUB_IAC,
};

void telnet_filter_start(TelnetFilter *filter, int fd)
{
    static const uint8_t request[] = {
        TELNET_IAC, TELNET_WILL, TELNET_OPT_ECHO,   TELNET_IAC, TELNET_WILL, TELNET_OPT_SGA,
        TELNET_IAC, TELNET_WILL, TELNET_OPT_BINARY, TELNET_IAC, TELNET_DO,   TELNET_OPT_BINARY,
    };

    *filter = (TelnetFilter){.state = STATE_DATA};
    /* A new socket's buffer has room for this; a peer that is gone already is noticed later. */
    if (send(fd, request, sizeof(request), MSG_NOSIGNAL) < 0) {
        return;
    }
}

int telnet_filter_input(TelnetFilter *filter, uint8_t *buf, int len, bool *is_break)
{
    int kept = 0;

    for (int i = 0; i < len; i++) {
        uint8_t c = buf[i];

        switch (filter->state) {
        case STATE_DATA:
            if (c == TELNET_IAC) {
                filter->state = STATE_COMMAND;
            } else {
                buf[kept++] = c;
            }
            break;
        case STATE_COMMAND:
            filter->state = c >= TELNET_WILL && c <= TELNET_DONT ? STATE_OPTION :
                            c == TELNET_SB                       ? STATE_SUB :
                                                                   STATE_DATA;
            if (c == TELNET_IAC) {
                buf[kept++] = c;
            } else if (c == TELNET_BREAK) {
                *is_break = true;
            }
            break;
        case STATE_OPTION:
            filter->state = STATE_DATA;
            break;
        case STATE_SUB:
            filter->state = c == TELNET_IAC ? STATE_SUB_IAC : STATE_SUB;
            break;
        case STATE_SUB_IAC:
            filter->state = c == TELNET_SE ? STATE_DATA : STATE_SUB;
            break;
        }
    }
    return kept;
}

/* Like write(), but 0 when nothing can go now; a dead peer takes everything. */
static int send_some(int fd, const uint8_t *buf, int len)
{
    ssize_t n = send(fd, buf, len, MSG_NOSIGNAL | MSG_DONTWAIT);

    return n >= 0 ? n : errno == EAGAIN || errno == EINTR ? 0 : len;
}

int telnet_filter_write(TelnetFilter *filter, int fd, const uint8_t *buf, int len)
{
    static const uint8_t iac = TELNET_IAC;
    int done = 0;

    for (;;) {
        const uint8_t *end;
        int run, sent;

        if (filter->owes_iac && send_some(fd, &iac, 1) == 0) {
            return done;
        }
        filter->owes_iac = false;
        if (done >= len) {
            return done;
        }
        end = memchr(buf + done, TELNET_IAC, len - done);
        run = end ? end + 1 - (buf + done) : len - done;
        sent = send_some(fd, buf + done, run);
        done += sent;
        if (sent < run) {
            return done;
        }
        filter->owes_iac = end != NULL;
    }
}
