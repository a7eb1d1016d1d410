/* SPDX-License-Identifier: MIT */
/*
 * A device's named groups of input and output lines.
 *
 * An input is a child of the device ("unnamed-gpio-in[3]", "name[3]"); an output is a link whose
 * pointer is the device's own qemu_irq variable. Threads: BQL.
 * Tests: tests/unit/hw/core/test-gpio.c.
 */
#include "qemu/osdep.h"
#include "hw/core/qdev.h"
#include "qdev-internal.h"

static NamedGPIOList *gpio_list_find(DeviceState *dev, const char *name)
{
    for (guint i = 0; i < dev->gpios->len; i++) {
        NamedGPIOList *list = g_ptr_array_index(dev->gpios, i);

        if (g_strcmp0(list->name, name) == 0) {
            return list;
        }
    }
    return NULL;
}

static NamedGPIOList *gpio_list_get(DeviceState *dev, const char *name)
{
    NamedGPIOList *list = gpio_list_find(dev, name);

    if (!list) {
        list = g_new0(NamedGPIOList, 1);
        list->name = g_strdup(name);
        list->in = g_ptr_array_new();
        list->out = g_ptr_array_new();
        g_ptr_array_add(dev->gpios, list);
    }
    return list;
}

void device_release_gpios(DeviceState *dev)
{
    for (guint i = 0; i < dev->gpios->len; i++) {
        NamedGPIOList *list = g_ptr_array_index(dev->gpios, i);

        g_ptr_array_unref(list->in);
        g_ptr_array_unref(list->out);
        g_free(list->name);
        g_free(list);
    }
    g_ptr_array_unref(dev->gpios);
}

void qdev_init_gpio_in_named_with_opaque(DeviceState *dev, qemu_irq_handler handler, void *opaque,
                                         const char *name, int n)
{
    NamedGPIOList *list = gpio_list_get(dev, name);

    g_assert(!name || list->out->len == 0);
    for (int i = 0; i < n; i++) {
        guint index = list->in->len;
        g_autofree char *child = g_strdup_printf("%s[%u]", name ? name : "unnamed-gpio-in", index);
        qemu_irq irq = qemu_allocate_irq(handler, opaque, index);

        object_property_add_child(OBJECT(dev), child, OBJECT(irq));
        object_unref(irq);
        g_ptr_array_add(list->in, irq);
    }
}

void qdev_init_gpio_in_named(DeviceState *dev, qemu_irq_handler handler, const char *name, int n)
{
    qdev_init_gpio_in_named_with_opaque(dev, handler, dev, name, n);
}

void qdev_init_gpio_in(DeviceState *dev, qemu_irq_handler handler, int n)
{
    qdev_init_gpio_in_named(dev, handler, NULL, n);
}

void qdev_init_gpio_out_named(DeviceState *dev, qemu_irq *pins, const char *name, int n)
{
    NamedGPIOList *list = gpio_list_get(dev, name);

    g_assert(!name || list->in->len == 0);
    for (int i = 0; i < n; i++) {
        g_autofree char *link =
            g_strdup_printf("%s[%u]", name ? name : "unnamed-gpio-out", list->out->len);

        pins[i] = NULL;
        object_property_add_link(OBJECT(dev), link, TYPE_IRQ, (Object **)&pins[i], NULL, 0);
        g_ptr_array_add(list->out, &pins[i]);
    }
}

void qdev_init_gpio_out(DeviceState *dev, qemu_irq *pins, int n)
{
    qdev_init_gpio_out_named(dev, pins, NULL, n);
}

qemu_irq qdev_get_gpio_in_named(DeviceState *dev, const char *name, int n)
{
    NamedGPIOList *list = gpio_list_find(dev, name);

    g_assert(list && n >= 0 && n < list->in->len);
    return g_ptr_array_index(list->in, n);
}

qemu_irq qdev_get_gpio_in(DeviceState *dev, int n)
{
    return qdev_get_gpio_in_named(dev, NULL, n);
}

static qemu_irq *gpio_out_pin(DeviceState *dev, const char *name, int n)
{
    NamedGPIOList *list = gpio_list_find(dev, name);

    g_assert(list && n >= 0 && n < list->out->len);
    return g_ptr_array_index(list->out, n);
}

qemu_irq qdev_get_gpio_out_connector(DeviceState *dev, const char *name, int n)
{
    return *gpio_out_pin(dev, name, n);
}

int qdev_num_gpio_out(DeviceState *dev, const char *name)
{
    NamedGPIOList *list = gpio_list_find(dev, name);

    return list ? list->out->len : 0;
}

void qdev_connect_gpio_out_named(DeviceState *dev, const char *name, int n, qemu_irq input)
{
    *gpio_out_pin(dev, name, n) = input;
}

void qdev_connect_gpio_out(DeviceState *dev, int n, qemu_irq input)
{
    qdev_connect_gpio_out_named(dev, NULL, n, input);
}
