/* SPDX-License-Identifier: MIT */
/* Notifier lists: order, and lists that change while they are being walked. */
#include "qemu/osdep.h"
#include "qemu/notify.h"

typedef struct TestNotifier {
    Notifier notifier;
    char letter;
    Notifier *to_remove; /* when called */
    Notifier *to_add;    /* when called, once */
} TestNotifier;

static NotifierList list;

static void on_notify(Notifier *notifier, void *data)
{
    TestNotifier *t = container_of(notifier, TestNotifier, notifier);
    g_string_append_c(data, t->letter);
    if (t->to_remove) {
        notifier_remove(t->to_remove);
    }
    if (t->to_add) {
        notifier_list_add(&list, g_steal_pointer(&t->to_add));
    }
}

static void assert_round(const char *letters)
{
    g_autoptr(GString) called = g_string_new(NULL);
    notifier_list_notify(&list, called);
    g_assert_cmpstr(called->str, ==, letters);
}

static void test_order(void)
{
    TestNotifier t[3];
    notifier_list_init(&list);
    g_assert_true(notifier_list_empty(&list));
    assert_round("");
    for (int i = 0; i < 3; i++) {
        t[i] = (TestNotifier){.notifier.notify = on_notify, .letter = 'a' + i};
        notifier_list_add(&list, &t[i].notifier);
    }
    assert_round("abc");
    notifier_remove(&t[1].notifier);
    notifier_remove(&t[1].notifier);
    assert_round("ac");
    notifier_list_add(&list, &t[1].notifier);
    assert_round("acb");
    for (int i = 0; i < 3; i++) {
        notifier_remove(&t[i].notifier);
    }
    g_assert_true(notifier_list_empty(&list));
}

/* @who removes @whom during the round; then the rounds are @first and @second. */
static void check_removal(int who, int whom, const char *first, const char *second)
{
    TestNotifier t[3];
    notifier_list_init(&list);
    for (int i = 0; i < 3; i++) {
        t[i] = (TestNotifier){.notifier.notify = on_notify, .letter = 'a' + i};
        notifier_list_add(&list, &t[i].notifier);
    }
    t[who].to_remove = &t[whom].notifier;
    assert_round(first);
    assert_round(second);
}

static void test_removal(void)
{
    check_removal(0, 0, "abc", "bc");
    check_removal(0, 1, "ac", "ac");
    check_removal(0, 2, "ab", "ab");
    check_removal(1, 0, "abc", "bc");
    check_removal(1, 1, "abc", "ac");
    check_removal(2, 2, "abc", "ab");
}

static void test_addition(void)
{
    TestNotifier a = {.notifier.notify = on_notify, .letter = 'a'};
    TestNotifier b = {.notifier.notify = on_notify, .letter = 'b'};
    notifier_list_init(&list);
    notifier_list_add(&list, &a.notifier);
    a.to_add = &b.notifier;
    assert_round("ab");
    assert_round("ab");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/notify/order", test_order);
    g_test_add_func("/notify/removal", test_removal);
    g_test_add_func("/notify/addition", test_addition);
    return g_test_run();
}
