/* SPDX-License-Identifier: MIT */
/*
 * What users are shown about devices: -device help, -device TYPE,help, info qtree.
 *
 * The layouts are QEMU's, which tools parse. Threads: BQL.
 * Tests: tests/unit/hw/core/test-qdev-print.c.
 */
#include "qemu/osdep.h"
#include "qemu/error.h"
#include "hw/core/qdev.h"
#include "qdev-internal.h"

/* ---- -device help ---- */

static const char *const category_names[DEVICE_CATEGORY_MAX] = {
    [DEVICE_CATEGORY_BRIDGE] = "Controller/Bridge/Hub",
    [DEVICE_CATEGORY_USB] = "USB",
    [DEVICE_CATEGORY_STORAGE] = "Storage",
    [DEVICE_CATEGORY_NETWORK] = "Network",
    [DEVICE_CATEGORY_INPUT] = "Input",
    [DEVICE_CATEGORY_DISPLAY] = "Display",
    [DEVICE_CATEGORY_SOUND] = "Sound",
    [DEVICE_CATEGORY_MISC] = "Misc",
    [DEVICE_CATEGORY_CPU] = "CPU",
    [DEVICE_CATEGORY_WATCHDOG] = "Watchdog",
};

static void append_class_line(GString *out, DeviceClass *dc)
{
    g_string_append_printf(out, "name \"%s\"", object_class_get_name(OBJECT_CLASS(dc)));
    if (dc->bus_type) {
        g_string_append_printf(out, ", bus %s", dc->bus_type);
    }
    if (dc->desc) {
        g_string_append_printf(out, ", desc \"%s\"", dc->desc);
    }
    g_string_append_c(out, '\n');
}

/* One paragraph; @category DEVICE_CATEGORY_MAX: those without one. */
static void append_category(GString *out, GSList *classes, int category)
{
    bool titled = false;

    for (GSList *l = classes; l; l = l->next) {
        DeviceClass *dc = l->data;
        bool in_category = category < DEVICE_CATEGORY_MAX ?
                               test_bit(category, dc->categories) :
                               bitmap_empty(dc->categories, DEVICE_CATEGORY_MAX);

        if (!dc->user_creatable || !in_category) {
            continue;
        }
        if (!titled) {
            g_string_append_printf(out, "%s%s devices:\n", out->len ? "\n" : "",
                                   category < DEVICE_CATEGORY_MAX ? category_names[category] :
                                                                    "Uncategorized");
            titled = true;
        }
        append_class_line(out, dc);
    }
}

char *qdev_help(void)
{
    g_autoptr(GSList) classes = object_class_get_list(TYPE_DEVICE, false);
    GString *out = g_string_new(NULL);

    for (int category = 0; category <= DEVICE_CATEGORY_MAX; category++) {
        append_category(out, classes, category);
    }
    return g_string_free(out, FALSE);
}

char *qdev_device_help(const char *type, GError **error)
{
    ObjectClass *klass = object_class_by_name(type);
    g_autoptr(Object) obj = NULL;
    g_autofree char *text = NULL;
    GString *lines;

    if (!klass) {
        error_set(error, ERROR_CLASS_DEVICE_NOT_FOUND, "Device '%s' not found", type);
        return NULL;
    }
    if (!object_class_dynamic_cast(klass, TYPE_DEVICE) || object_class_is_abstract(klass)) {
        error_setg(error, "Parameter 'typename' expects a non-abstract device type");
        return NULL;
    }
    obj = object_new_with_class(klass);
    lines = g_string_new(NULL);
    if (object_append_help(obj, NULL, lines)) {
        text = g_strdup_printf("%s options:\n%s", type, lines->str);
    } else {
        text = g_strdup_printf("There are no options for %s.\n", type);
    }
    g_string_free(lines, TRUE);
    return g_steal_pointer(&text);
}

/* ---- info qtree ---- */

static void G_GNUC_PRINTF(3, 4) append_line(GString *out, int indent, const char *fmt, ...)
{
    va_list ap;

    g_string_append_printf(out, "%*s", indent, "");
    va_start(ap, fmt);
    g_string_append_vprintf(out, fmt, ap);
    va_end(ap);
    g_string_append_c(out, '\n');
}

static void print_gpios(GString *out, DeviceState *dev, int indent)
{
    for (guint i = 0; i < dev->gpios->len; i++) {
        const NamedGPIOList *list = g_ptr_array_index(dev->gpios, i);
        const char *name = list->name ? list->name : "";

        if (list->in->len) {
            append_line(out, indent, "gpio-in \"%s\" %u", name, list->in->len);
        }
        if (list->out->len) {
            append_line(out, indent, "gpio-out \"%s\" %u", name, list->out->len);
        }
    }
}

typedef struct PrintProperties {
    GString *out;
    DeviceState *dev;
    int indent;
} PrintProperties;

static void print_property(ObjectProperty *prop, void *opaque)
{
    PrintProperties *print = opaque;
    g_autoptr(GError) err = NULL;
    g_autofree char *text = NULL;

    if (!property_is_from_table(prop)) {
        return;
    }
    text = object_property_print(OBJECT(print->dev), prop->name, true, &err);
    append_line(print->out, print->indent, "%s = %s", prop->name,
                text ? (*text ? text : "<null>") : err->message);
}

static void print_bus(GString *out, BusState *bus, int indent, bool brief);

static void print_device(GString *out, DeviceState *dev, int indent, bool brief)
{
    PrintProperties print = {.out = out, .dev = dev, .indent = indent + 2};

    append_line(out, indent, "dev: %s, id \"%s\"", object_get_typename(OBJECT(dev)),
                dev->id ? dev->id : "");
    if (!brief) {
        print_gpios(out, dev, indent + 2);
        object_property_foreach(OBJECT(dev), print_property, &print);
        if (dev->parent_bus && BUS_GET_CLASS(dev->parent_bus)->print_dev) {
            BUS_GET_CLASS(dev->parent_bus)->print_dev(out, dev, indent + 2);
        }
    }
    for (GList *l = dev->child_buses.head; l; l = l->next) {
        print_bus(out, l->data, indent + 2, brief);
    }
}

static void print_bus(GString *out, BusState *bus, int indent, bool brief)
{
    append_line(out, indent, "bus: %s", bus->name);
    append_line(out, indent + 2, "type %s", object_get_typename(OBJECT(bus)));
    for (GList *l = bus->children.tail; l; l = l->prev) {
        print_device(out, l->data, indent + 2, brief);
    }
}

void qdev_print_tree(GString *out, bool brief)
{
    print_bus(out, sysbus_get_default(), 0, brief);
}
