/* SPDX-License-Identifier: MIT */
/*
 * Lists of callbacks. The embedder owns the Notifier's memory. No lock of its own: a list
 * belongs to one thread, or to the BQL, as its owner says. A callback may remove itself or
 * any other from the list, and add; an added one is first called by the next notify.
 */
#ifndef QEMU_NOTIFY_H
#define QEMU_NOTIFY_H

struct Notifier {
    void (*notify)(Notifier *notifier, void *data);
    Notifier *next;
    Notifier **pprev; /* NULL while on no list */
};

struct NotifierList {
    Notifier *first;
    Notifier **cursor; /* the next one to call while notifying, so that removal may move it */
};

void notifier_list_init(NotifierList *list);

/* At the end; called in the order they were added. @notifier must be on no list. */
void notifier_list_add(NotifierList *list, Notifier *notifier);

/* From its list; nothing when on none. */
void notifier_remove(Notifier *notifier);

void notifier_list_notify(NotifierList *list, void *data);
bool notifier_list_empty(const NotifierList *list);

#endif
