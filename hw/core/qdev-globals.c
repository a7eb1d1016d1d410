/* SPDX-License-Identifier: MIT */
/*
 * -global driver.property=value, and what -cpu's features become.
 *
 * Threads: BQL. Tests: tests/unit/hw/core/test-qdev-properties.c.
 */
#include "qemu/osdep.h"
#include "qemu/error.h"
#include "hw/core/qdev-properties.h"

typedef struct GlobalProperty {
    char *driver;
    char *property;
    char *value;
} GlobalProperty;

/* In the order of registration. */
static GQueue globals = G_QUEUE_INIT;

static void global_free(void *opaque)
{
    GlobalProperty *global = opaque;

    g_free(global->driver);
    g_free(global->property);
    g_free(global->value);
    g_free(global);
}

void qdev_prop_register_global(const char *driver, const char *property, const char *value)
{
    GlobalProperty *global = g_new0(GlobalProperty, 1);

    global->driver = g_strdup(driver);
    global->property = g_strdup(property);
    global->value = g_strdup(value);
    g_queue_push_tail(&globals, global);
}

void qdev_prop_clear_globals(void)
{
    g_queue_clear_full(&globals, global_free);
}

bool qdev_prop_set_globals(Object *obj, GError **error)
{
    for (GList *l = globals.head; l; l = l->next) {
        const GlobalProperty *global = l->data;

        if (!object_dynamic_cast(obj, global->driver)) {
            continue;
        }
        if (!object_property_parse(obj, global->property, global->value, error)) {
            error_prefix(error, "can't apply global %s.%s=%s: ", global->driver, global->property,
                         global->value);
            return false;
        }
    }
    return true;
}

bool qdev_prop_check_globals(void)
{
    bool found = false;

    for (GList *l = globals.head; l; l = l->next) {
        const GlobalProperty *global = l->data;

        if (!object_class_dynamic_cast(object_class_by_name(global->driver), TYPE_DEVICE)) {
            warn_report("global %s.%s has invalid class name", global->driver, global->property);
            found = true;
        }
    }
    return found;
}
