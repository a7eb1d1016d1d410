/* SPDX-License-Identifier: MIT */
/*
 * A counter one can poll: an eventfd. set() from any thread or signal handler.
 */
#ifndef QEMU_EVENT_NOTIFIER_H
#define QEMU_EVENT_NOTIFIER_H

typedef void EventNotifierHandler(EventNotifier *e);

struct EventNotifier {
    int fd;                        /* [const] -1 while not initialised */
    EventNotifierHandler *handler; /* [bql] */
};

/* @active: whether it starts set. Fails when the process is out of descriptors. */
bool event_notifier_init(EventNotifier *e, bool active, GError **error);
void event_notifier_cleanup(EventNotifier *e);

void event_notifier_set(EventNotifier *e);
/* Returns whether it was set. */
bool event_notifier_test_and_clear(EventNotifier *e);
int event_notifier_get_fd(const EventNotifier *e);

/* Calls @handler in the main loop while set; it must clear the notifier. NULL removes. BQL. */
void event_notifier_set_handler(EventNotifier *e, EventNotifierHandler *handler);

#endif
