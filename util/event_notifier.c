/* SPDX-License-Identifier: MIT */
/* Event notifiers: eventfd(2) in non-blocking mode. See qemu/event_notifier.h. */
#include "qemu/osdep.h"
#include <sys/eventfd.h>
#include "qemu/error.h"
#include "qemu/event_notifier.h"
#include "qemu/main-loop.h"

bool event_notifier_init(EventNotifier *e, bool active, GError **error)
{
    e->handler = NULL;
    e->fd = eventfd(active, EFD_NONBLOCK | EFD_CLOEXEC);
    if (e->fd < 0) {
        error_setg_errno(error, errno, "Could not create an event descriptor");
        return false;
    }
    return true;
}

void event_notifier_cleanup(EventNotifier *e)
{
    if (e->fd >= 0) {
        close(e->fd);
        e->fd = -1;
    }
}

void event_notifier_set(EventNotifier *e)
{
    static const uint64_t one = 1;
    /* EAGAIN: the counter is at its maximum, so the notifier is set already. */
    bool ok = qemu_write_full(e->fd, &one, sizeof(one)) || errno == EAGAIN;
    g_assert(ok);
}

bool event_notifier_test_and_clear(EventNotifier *e)
{
    uint64_t count;
    ssize_t n;
    do {
        n = read(e->fd, &count, sizeof(count));
    } while (n < 0 && errno == EINTR);
    return n == sizeof(count);
}

int event_notifier_get_fd(const EventNotifier *e)
{
    return e->fd;
}

static void event_notifier_ready(void *opaque)
{
    EventNotifier *e = opaque;
    e->handler(e);
}

void event_notifier_set_handler(EventNotifier *e, EventNotifierHandler *handler)
{
    e->handler = handler;
    qemu_set_fd_handler(e->fd, handler ? event_notifier_ready : NULL, NULL, e);
}
