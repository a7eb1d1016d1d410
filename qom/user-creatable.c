/* SPDX-License-Identifier: MIT */
/*
 * Objects that users make: options in parsed form, -object and its help.
 *
 * Threads: BQL. Tests: tests/unit/qom/test-user-creatable.c.
 */
#include "qemu/osdep.h"
#include "qemu/error.h"
#include "qemu/id.h"
#include "qom/object_interfaces.h"

static bool collect_option(const char *name, const char *value, void *opaque, GError **error)
{
    ObjectOption option = {
        .name = g_strdup(name),
        .value = g_variant_ref_sink(g_variant_new_string(value)),
        .from_text = true,
    };

    g_array_append_val(opaque, option);
    return true;
}

ObjectOption *object_options_from_opts(QemuOpts *opts, size_t *num_options)
{
    GArray *array = g_array_new(FALSE, FALSE, sizeof(ObjectOption));

    qemu_opts_foreach(opts, collect_option, array, NULL);
    return g_array_steal(array, num_options);
}

void object_options_free(ObjectOption *options, size_t num_options)
{
    for (size_t i = 0; i < num_options; i++) {
        g_free(options[i].name);
        g_variant_unref(options[i].value);
    }
    g_free(options);
}

const char *object_option_get_str(const ObjectOption *options, size_t num_options, const char *name)
{
    for (size_t i = num_options; i-- > 0;) {
        if (strcmp(options[i].name, name) == 0 &&
            g_variant_is_of_type(options[i].value, G_VARIANT_TYPE_STRING)) {
            return g_variant_get_string(options[i].value, NULL);
        }
    }
    return NULL;
}

bool object_set_option(Object *obj, const ObjectOption *option, GError **error)
{
    if (option->from_text) {
        return object_property_parse(obj, option->name, g_variant_get_string(option->value, NULL),
                                     error);
    }
    return object_property_set(obj, option->name, option->value, error);
}

bool user_creatable_complete(UserCreatable *uc, GError **error)
{
    UserCreatableClass *ucc = USER_CREATABLE_GET_CLASS(uc);

    return !ucc->complete || ucc->complete(uc, error);
}

bool user_creatable_can_be_deleted(UserCreatable *uc)
{
    UserCreatableClass *ucc = USER_CREATABLE_GET_CLASS(uc);

    return !ucc->can_be_deleted || ucc->can_be_deleted(uc);
}

/* The class that @type names, if users may make it. */
static ObjectClass *user_creatable_class(const char *type, GError **error)
{
    ObjectClass *klass = object_class_by_name(type);

    if (!klass || object_class_is_abstract(klass) ||
        !object_class_dynamic_cast(klass, TYPE_USER_CREATABLE)) {
        error_setg(error, "Parameter 'qom-type' does not accept value '%s'", type);
        return NULL;
    }
    return klass;
}

static bool user_creatable_set(Object *obj, const ObjectOption *options, size_t num_options,
                               GError **error)
{
    for (size_t i = 0; i < num_options; i++) {
        const char *name = options[i].name;

        if (strcmp(name, "qom-type") == 0 || strcmp(name, "id") == 0) {
            continue;
        }
        if (!object_property_find(obj, name)) {
            error_setg(error,
                       options[i].from_text ? "Invalid parameter '%s'" :
                                              "Parameter '%s' is unexpected",
                       name);
            return false;
        }
        if (!object_set_option(obj, &options[i], error)) {
            return false;
        }
    }
    return true;
}

/* A required option's text, or NULL with @error set. */
static const char *required_option(const ObjectOption *options, size_t num_options,
                                   const char *name, GError **error)
{
    const char *value = object_option_get_str(options, num_options, name);

    if (!value) {
        error_setg(error, "Parameter '%s' is missing", name);
    }
    return value;
}

Object *user_creatable_add(const ObjectOption *options, size_t num_options, GError **error)
{
    Object *objects = object_get_objects_root();
    const char *type = required_option(options, num_options, "qom-type", error);
    ObjectClass *klass = type ? user_creatable_class(type, error) : NULL;
    const char *id = klass ? required_option(options, num_options, "id", error) : NULL;
    g_autoptr(Object) obj = NULL;

    if (!id || !id_check(id, error)) {
        return NULL;
    }
    if (object_property_find(objects, id)) {
        error_setg(error, "Duplicate ID '%s' for object", id);
        return NULL;
    }
    obj = object_new_with_class(klass);
    if (!user_creatable_set(obj, options, num_options, error)) {
        return NULL;
    }
    /* In the tree before it is completed: what it makes may need its path. */
    object_property_add_child(objects, id, obj);
    if (!user_creatable_complete(USER_CREATABLE(obj), error)) {
        object_unparent(obj);
        return NULL;
    }
    return obj;
}

bool user_creatable_del(const char *id, GError **error)
{
    Object *obj = object_resolve_path_component(object_get_objects_root(), id);

    if (!obj || !object_dynamic_cast(obj, TYPE_USER_CREATABLE)) {
        error_setg(error, "object '%s' not found", id);
        return false;
    }
    if (!user_creatable_can_be_deleted(USER_CREATABLE(obj))) {
        error_setg(error, "object '%s' is in use, can not be deleted", id);
        return false;
    }
    object_unparent(obj);
    return true;
}

static int remember_last(Object *child, void *opaque)
{
    *(Object **)opaque = child;
    return 0;
}

void user_creatable_cleanup(void)
{
    Object *objects = object_get_objects_root();

    for (;;) {
        Object *last = NULL;

        object_child_foreach(objects, remember_last, &last);
        if (!last) {
            return;
        }
        object_unparent(last);
    }
}

char *user_creatable_list_help(void)
{
    GString *out = g_string_new("List of user creatable objects:\n");
    g_autoptr(GSList) list = object_class_get_list(TYPE_USER_CREATABLE, false);

    for (GSList *l = list; l; l = l->next) {
        g_string_append_printf(out, "  %s\n", object_class_get_name(l->data));
    }
    return g_string_free(out, FALSE);
}

char *user_creatable_type_help(const char *type, GError **error)
{
    ObjectClass *klass = user_creatable_class(type, error);
    g_autoptr(Object) obj = NULL;
    GString *lines;
    char *text;

    if (!klass) {
        return NULL;
    }
    obj = object_new_with_class(klass);
    lines = g_string_new(NULL);
    if (!object_append_help(obj, NULL, lines)) {
        g_string_free(lines, TRUE);
        return g_strdup_printf("There are no options for %s.\n", type);
    }
    text = g_strdup_printf("%s options:\n%s", type, lines->str);
    g_string_free(lines, TRUE);
    return text;
}

static const TypeInfo user_creatable_types[] = {
    {
        .name = TYPE_USER_CREATABLE,
        .parent = TYPE_INTERFACE,
        .class_size = sizeof(UserCreatableClass),
    },
};

DEFINE_TYPES(user_creatable_types)
