/* SPDX-License-Identifier: MIT */
/*
 * Choosing the accelerator: -accel and -machine accel=. Contracts are in system/cpus.h.
 *
 * Threads: BQL, during set-up. Tests: tests/system/bad-input.tsv
 */
#include "qemu/osdep.h"
#include "qemu/error.h"
#include "system/cpus.h"

/* [const] after set-up */
static AccelState *accel;

AccelState *current_accel(void)
{
    return accel;
}

/* "tcg" of "tcg-accel". */
static char *accel_name_of(const char *type)
{
    return g_strndup(type, strlen(type) - strlen(ACCEL_CLASS_SUFFIX));
}

static ObjectClass *find_class(const char *name)
{
    g_autofree char *type = g_strconcat(name, ACCEL_CLASS_SUFFIX, NULL);
    ObjectClass *oc = object_class_by_name(type);

    return oc && object_class_dynamic_cast(oc, TYPE_ACCEL) ? oc : NULL;
}

bool accel_exists(const char *name)
{
    return find_class(name) != NULL;
}

static bool set_property(const char *name, const char *value, void *opaque, GError **error)
{
    return g_str_equal(name, "accel") || object_property_parse(opaque, name, value, error);
}

bool accel_init_machine(const char *name, QemuOpts *opts, GError **error)
{
    ObjectClass *oc = find_class(name);
    g_autoptr(Object) obj = NULL;
    AccelClass *ac;

    if (!oc) {
        error_setg(error, "invalid accelerator %s", name);
        return false;
    }
    obj = object_new_with_class(oc);
    ac = ACCEL_CLASS(oc);
    if ((opts && !qemu_opts_foreach(opts, set_property, obj, error)) ||
        (ac->init_machine && !ac->init_machine(ACCEL(obj), error))) {
        return false;
    }
    accel = ACCEL(g_steal_pointer(&obj));
    return true;
}

void accel_print_types(GString *out)
{
    GSList *list = object_class_get_list(TYPE_ACCEL, false);

    g_string_append(out, "Accelerators supported in QEMU binary:\n");
    for (GSList *it = list; it; it = it->next) {
        g_autofree char *name = accel_name_of(object_class_get_name(it->data));

        g_string_append_printf(out, "%s\n", name);
    }
    g_slist_free(list);
}

static const TypeInfo accel_types[] = {
    {
        .name = TYPE_ACCEL,
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(AccelState),
        .abstract = true,
        .class_size = sizeof(AccelClass),
    },
};

DEFINE_TYPES(accel_types)
