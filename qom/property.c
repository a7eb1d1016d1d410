/* SPDX-License-Identifier: MIT */
/*
 * Properties: the tables of objects and classes, setting and getting.
 *
 * The values are checked and brought into canonical form in value.c before a setter sees them;
 * typed convenience is in property-types.c, links and children in link.c. Threads: BQL. Tests:
 * tests/unit/qom/test-property.c.
 */
#include "qemu/osdep.h"
#include "qemu/error.h"
#include "object-internal.h"

static ObjectProperty *property_new(GHashTable *table, GQueue *order, char *name, const char *type)
{
    ObjectProperty *prop = g_new0(ObjectProperty, 1);

    prop->name = name;
    prop->type = g_strdup(type);
    prop->order.data = prop;
    g_hash_table_insert(table, prop->name, prop);
    g_queue_push_tail_link(order, &prop->order);
    return prop;
}

static void property_free(ObjectProperty *prop)
{
    g_clear_pointer(&prop->defval, g_variant_unref);
    g_free(prop->name);
    g_free(prop->type);
    g_free(prop->description);
    g_free(prop);
}

/* "x[*]" is the first of x[0], x[1]... that is free. */
static char *property_free_name(Object *obj, const char *name)
{
    g_autofree char *stem = NULL;

    if (!g_str_has_suffix(name, "[*]")) {
        return g_strdup(name);
    }
    stem = g_strndup(name, strlen(name) - 3);
    for (unsigned i = 0;; i++) {
        char *candidate = g_strdup_printf("%s[%u]", stem, i);

        if (!object_property_find(obj, candidate)) {
            return candidate;
        }
        g_free(candidate);
    }
}

ObjectProperty *object_property_add(Object *obj, const char *name, const char *type,
                                    ObjectPropertyGet *get, ObjectPropertySet *set,
                                    ObjectPropertyRelease *release, void *opaque)
{
    char *full_name = property_free_name(obj, name);
    ObjectProperty *prop;

    if (object_property_find(obj, full_name)) {
        g_error("object of type '%s' has a property '%s' already", object_get_typename(obj),
                full_name);
    }
    if (!obj->properties) {
        obj->properties = g_hash_table_new(g_str_hash, g_str_equal);
    }
    prop = property_new(obj->properties, &obj->property_order, full_name, type);
    prop->get = get;
    prop->set = set;
    prop->release = release;
    prop->opaque = opaque;
    return prop;
}

ObjectProperty *object_class_property_add(ObjectClass *klass, const char *name, const char *type,
                                          ObjectPropertyGet *get, ObjectPropertySet *set,
                                          void *opaque)
{
    ObjectProperty *prop;

    if (object_class_property_find(klass, name)) {
        g_error("class '%s' has a property '%s' already", object_class_get_name(klass), name);
    }
    prop = property_new(klass->properties, &klass->property_order, g_strdup(name), type);
    prop->get = get;
    prop->set = set;
    prop->opaque = opaque;
    return prop;
}

void object_property_remove(Object *obj, ObjectProperty *prop)
{
    /* Out of the table first: releasing a child runs code that may look at the tree. */
    g_hash_table_remove(obj->properties, prop->name);
    g_queue_unlink(&obj->property_order, &prop->order);
    if (prop->release) {
        prop->release(obj, prop->name, prop->opaque);
    }
    property_free(prop);
}

void object_property_remove_all(Object *obj)
{
    GList *last;

    while ((last = g_queue_peek_tail_link(&obj->property_order))) {
        object_property_remove(obj, last->data);
    }
    g_clear_pointer(&obj->properties, g_hash_table_unref);
}

void object_property_del(Object *obj, const char *name)
{
    ObjectProperty *prop = obj->properties ? g_hash_table_lookup(obj->properties, name) : NULL;

    g_assert(prop);
    object_property_remove(obj, prop);
}

ObjectProperty *object_class_property_find(ObjectClass *klass, const char *name)
{
    for (; klass; klass = object_class_get_parent(klass)) {
        ObjectProperty *prop = g_hash_table_lookup(klass->properties, name);

        if (prop) {
            return prop;
        }
    }
    return NULL;
}

ObjectProperty *object_property_find(Object *obj, const char *name)
{
    ObjectProperty *prop = obj->properties ? g_hash_table_lookup(obj->properties, name) : NULL;

    return prop ? prop : object_class_property_find(obj->class, name);
}

ObjectProperty *object_property_find_err(Object *obj, const char *name, GError **error)
{
    ObjectProperty *prop = object_property_find(obj, name);

    if (!prop) {
        error_setg(error, "Property '%s.%s' not found", object_get_typename(obj), name);
    }
    return prop;
}

static void property_queue_foreach(GQueue *order, ObjectPropertyVisit *fn, void *opaque)
{
    for (GList *l = g_queue_peek_head_link(order), *next; l; l = next) {
        next = l->next;
        fn(l->data, opaque);
    }
}

void object_class_property_foreach(ObjectClass *klass, ObjectPropertyVisit *fn, void *opaque)
{
    for (; klass; klass = object_class_get_parent(klass)) {
        property_queue_foreach(&klass->property_order, fn, opaque);
    }
}

void object_property_foreach(Object *obj, ObjectPropertyVisit *fn, void *opaque)
{
    property_queue_foreach(&obj->property_order, fn, opaque);
    object_class_property_foreach(obj->class, fn, opaque);
}

static ObjectProperty *property_find_settable(Object *obj, const char *name, GError **error)
{
    ObjectProperty *prop = object_property_find_err(obj, name, error);

    if (prop && !prop->set) {
        error_setg(error, "Property '%s.%s' is not writable", object_get_typename(obj), name);
        return NULL;
    }
    return prop;
}

/* Takes @value over; NULL if there was none (then @error is set). */
static bool property_store(Object *obj, ObjectProperty *prop, GVariant *value, GError **error)
{
    bool ok;

    if (!value) {
        return false;
    }
    g_variant_take_ref(value);
    ok = prop->set(obj, prop->name, value, prop->opaque, error);
    g_variant_unref(value);
    return ok;
}

bool object_property_set(Object *obj, const char *name, GVariant *value, GError **error)
{
    ObjectProperty *prop;
    bool ok = false;

    g_variant_ref_sink(value);
    prop = property_find_settable(obj, name, error);
    if (prop) {
        ok = property_store(obj, prop, property_value_normalize(prop, value, error), error);
    }
    g_variant_unref(value);
    return ok;
}

bool object_property_parse(Object *obj, const char *name, const char *string, GError **error)
{
    ObjectProperty *prop = property_find_settable(obj, name, error);

    return prop && property_store(obj, prop, property_value_from_text(prop, string, error), error);
}

GVariant *object_property_get(Object *obj, const char *name, GError **error)
{
    ObjectProperty *prop = object_property_find_err(obj, name, error);
    GVariant *value;

    if (!prop) {
        return NULL;
    }
    if (!prop->get) {
        error_setg(error, "Property '%s.%s' is not readable", object_get_typename(obj), name);
        return NULL;
    }
    value = prop->get(obj, prop->name, prop->opaque, error);
    return value ? g_variant_take_ref(value) : NULL;
}

char *object_property_print(Object *obj, const char *name, bool human, GError **error)
{
    g_autoptr(GVariant) value = object_property_get(obj, name, error);

    return value ? property_value_print(object_property_find(obj, name), value, human) : NULL;
}

const char *object_property_get_type(Object *obj, const char *name, GError **error)
{
    ObjectProperty *prop = object_property_find_err(obj, name, error);

    return prop ? prop->type : NULL;
}

void object_property_set_description(Object *obj, const char *name, const char *description)
{
    ObjectProperty *prop = object_property_find(obj, name);

    g_assert(prop);
    g_free(prop->description);
    prop->description = g_strdup(description);
}

void object_class_property_set_description(ObjectClass *klass, const char *name,
                                           const char *description)
{
    ObjectProperty *prop = object_class_property_find(klass, name);

    g_assert(prop);
    g_free(prop->description);
    prop->description = g_strdup(description);
}

void object_property_set_default(ObjectProperty *prop, GVariant *defval)
{
    g_clear_pointer(&prop->defval, g_variant_unref);
    prop->defval = g_variant_ref_sink(defval);
}

char *object_property_help(const ObjectProperty *prop)
{
    GString *line = g_string_new(NULL);

    g_string_append_printf(line, "  %s=<%s>", prop->name, prop->type);
    if (!prop->description && !prop->defval) {
        return g_string_free(line, FALSE);
    }
    /* Descriptions begin in column 25, or after the name if that is longer. */
    g_string_append_printf(line, "%*s - ", MAX(0, 24 - (int)line->len), "");
    if (prop->description) {
        g_string_append(line, prop->description);
    }
    if (prop->defval) {
        g_autofree char *text = property_value_print(prop, prop->defval, false);
        bool is_bool = g_variant_is_of_type(prop->defval, G_VARIANT_TYPE_BOOLEAN);

        g_string_append_printf(line, " (default: %s)",
                               is_bool ? (g_variant_get_boolean(prop->defval) ? "on" : "off") :
                                         text);
    }
    return g_string_free(line, FALSE);
}

typedef struct HelpLines {
    GPtrArray *lines;
    bool (*wanted)(const ObjectProperty *prop);
} HelpLines;

static void collect_help(ObjectProperty *prop, void *opaque)
{
    HelpLines *help = opaque;

    if (prop->set && (!help->wanted || help->wanted(prop))) {
        g_ptr_array_add(help->lines, object_property_help(prop));
    }
}

static int compare_lines(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

unsigned object_append_help(Object *obj, bool (*wanted)(const ObjectProperty *prop), GString *out)
{
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
    HelpLines help = {.lines = lines, .wanted = wanted};

    object_property_foreach(obj, collect_help, &help);
    g_ptr_array_sort(lines, compare_lines);
    for (guint i = 0; i < lines->len; i++) {
        g_string_append_printf(out, "%s\n", (char *)g_ptr_array_index(lines, i));
    }
    return lines->len;
}
