/* SPDX-License-Identifier: MIT */
/*
 * Lists of callbacks. The embedder owns the Notifier's memory. No lock of its own: a list
 * belongs to one thread, or to the BQL, as its owner says. A callback may remove itself or
 * any other from the list, and add: what it adds is called in the same round. Rounds of one
 * list do not nest.
 */
#ifndef QEMU_NOTIFY_H
#define QEMU_NOTIFY_H

struct Notifier {
    void (*notify)(Notifier *notifier, void *data);
    /* Private. */
    NotifierList *list; /* NULL while on none */
    Notifier *prev;
    Notifier *next;
};

struct NotifierList {
    /* Private. */
    Notifier *first;
    Notifier *last;
    Notifier *cursor; /* whom a running notify calls next */
    bool notifying;
};

void notifier_list_init(NotifierList *list);

/* At the end; called in the order they were added. @notifier must be on no list. */
void notifier_list_add(NotifierList *list, Notifier *notifier);

/* From its list; nothing when on none. */
void notifier_remove(Notifier *notifier);

void notifier_list_notify(NotifierList *list, void *data);
bool notifier_list_empty(const NotifierList *list);

#endif
