/* SPDX-License-Identifier: MIT */
/*
 * Lists of callbacks: see qemu/notify.h for who may touch one. A doubly linked list;
 * `cursor` is the pending successor while callbacks run, so that removing it moves on.
 * Tests: tests/unit/util/test-notify.c.
 */
#include "qemu/osdep.h"
#include "qemu/notify.h"

void notifier_list_init(NotifierList *list)
{
    *list = (NotifierList){0};
}

void notifier_list_add(NotifierList *list, Notifier *notifier)
{
    g_assert(!notifier->list);
    notifier->list = list;
    notifier->prev = list->last;
    notifier->next = NULL;
    *(list->last ? &list->last->next : &list->first) = notifier;
    list->last = notifier;
    if (list->notifying && !list->cursor) {
        list->cursor = notifier;
    }
}

void notifier_remove(Notifier *notifier)
{
    NotifierList *list = notifier->list;
    if (!list) {
        return;
    }
    if (list->cursor == notifier) {
        list->cursor = notifier->next;
    }
    *(notifier->prev ? &notifier->prev->next : &list->first) = notifier->next;
    *(notifier->next ? &notifier->next->prev : &list->last) = notifier->prev;
    notifier->list = NULL;
}

void notifier_list_notify(NotifierList *list, void *data)
{
    g_assert(!list->notifying);
    list->notifying = true;
    for (Notifier *n = list->first; n; n = list->cursor) {
        list->cursor = n->next;
        n->notify(n, data);
    }
    list->notifying = false;
}

bool notifier_list_empty(const NotifierList *list)
{
    return !list->first;
}
