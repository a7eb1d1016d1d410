/* SPDX-License-Identifier: MIT */
/* hw/core/irq.c: setting, numbering, inversion, lines that go nowhere. */
#include "qemu/osdep.h"
#include "hw/core/irq.h"

static GString *events;

static void note(void *opaque, int n, int level)
{
    g_string_append_printf(events, "%s%d=%d ", (const char *)opaque, n, level);
}

static void test_set(void)
{
    qemu_irq irq = qemu_allocate_irq(note, (void *)"a", 3);

    g_string_truncate(events, 0);
    qemu_irq_raise(irq);
    qemu_irq_lower(irq);
    qemu_irq_pulse(irq);
    qemu_set_irq(irq, 7);
    g_assert_cmpstr(events->str, ==, "a3=1 a3=0 a3=1 a3=0 a3=7 ");
    qemu_free_irq(irq);
}

static void test_unconnected(void)
{
    g_string_truncate(events, 0);
    qemu_irq_pulse(NULL);
    g_assert_cmpstr(events->str, ==, "");
}

static void test_array(void)
{
    qemu_irq *irqs = qemu_allocate_irqs(note, (void *)"b", 3);

    g_string_truncate(events, 0);
    qemu_irq_raise(irqs[2]);
    qemu_irq_raise(irqs[0]);
    g_assert_cmpstr(events->str, ==, "b2=1 b0=1 ");
    qemu_free_irqs(irqs, 3);
}

static void test_invert(void)
{
    qemu_irq irq = qemu_allocate_irq(note, (void *)"c", 0);
    qemu_irq inverted = qemu_irq_invert(irq);

    g_string_truncate(events, 0);
    qemu_irq_raise(inverted);
    qemu_irq_lower(inverted);
    g_assert_cmpstr(events->str, ==, "c0=0 c0=1 ");
    qemu_free_irq(inverted);
    qemu_free_irq(irq);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    events = g_string_new(NULL);
    g_test_add_func("/hw/core/irq/set", test_set);
    g_test_add_func("/hw/core/irq/unconnected", test_unconnected);
    g_test_add_func("/hw/core/irq/array", test_array);
    g_test_add_func("/hw/core/irq/invert", test_invert);
    return g_test_run();
}
