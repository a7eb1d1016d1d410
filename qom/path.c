/* SPDX-License-Identifier: MIT */
/*
 * Paths: the root, canonical paths, finding objects by path, printing the tree.
 *
 * Threads: BQL. Tests: tests/unit/qom/test-path.c.
 */
#include "qemu/osdep.h"
#include "object-internal.h"

Object *object_get_root(void)
{
    static Object *root;

    if (!root) {
        root = object_new(TYPE_CONTAINER);
    }
    return root;
}

Object *object_get_objects_root(void)
{
    return container_get(object_get_root(), "/objects");
}

Object *object_get_machine(void)
{
    return object_resolve_path_component(object_get_root(), "machine");
}

/* The components of @path without empty ones; g_strfreev() it. */
static char **path_split(const char *path)
{
    char **parts = g_strsplit(path, "/", -1);
    size_t used = 0;

    for (size_t i = 0; parts[i]; i++) {
        if (*parts[i]) {
            parts[used++] = parts[i];
        } else {
            g_free(parts[i]);
        }
    }
    parts[used] = NULL;
    return parts;
}

Object *container_get(Object *root, const char *path)
{
    g_auto(GStrv) parts = path_split(path);
    Object *obj = root;

    for (char **part = parts; *part; part++) {
        Object *child = object_resolve_path_component(obj, *part);

        if (!child) {
            child = object_new(TYPE_CONTAINER);
            object_property_add_child(obj, *part, child);
            object_unref(child);
        }
        obj = child;
    }
    return obj;
}

const char *object_get_canonical_path_component(const Object *obj)
{
    return obj->in_parent ? obj->in_parent->name : NULL;
}

char *object_get_canonical_path(const Object *obj)
{
    const Object *root = object_get_root();
    char *path = NULL;

    if (obj == root) {
        return g_strdup("/");
    }
    for (; obj && obj != root; obj = obj->parent) {
        const char *component = object_get_canonical_path_component(obj);
        char *longer;

        if (!component) {
            g_free(path);
            return NULL;
        }
        longer = g_strdup_printf("/%s%s", component, path ? path : "");
        g_free(path);
        path = longer;
    }
    return path;
}

Object *object_resolve_path_component(Object *parent, const char *part)
{
    ObjectProperty *prop = object_property_find(parent, part);

    return prop && prop->resolve ? prop->resolve(parent, part, prop->opaque) : NULL;
}

static Object *resolve_parts(Object *obj, char **parts)
{
    for (; obj && *parts; parts++) {
        obj = object_resolve_path_component(obj, *parts);
    }
    return obj;
}

/* A search for the tail of a path, over the tree. */
typedef struct PartialSearch {
    char **parts;
    const char *type;
    Object *found;
    bool ambiguous;
} PartialSearch;

static int partial_search_below(Object *start, void *opaque)
{
    PartialSearch *search = opaque;
    Object *obj = resolve_parts(start, search->parts);

    if (!obj || obj == search->found || !object_dynamic_cast(obj, search->type)) {
        return 0;
    }
    if (search->found) {
        search->found = NULL;
        search->ambiguous = true;
        return 1;
    }
    search->found = obj;
    return 0;
}

Object *object_resolve_path_type(const char *path, const char *type, bool *ambiguous)
{
    g_auto(GStrv) parts = path_split(path);
    PartialSearch search = {.parts = parts, .type = type};

    if (g_path_is_absolute(path)) {
        search.found = object_dynamic_cast(resolve_parts(object_get_root(), parts), type);
    } else if (!partial_search_below(object_get_root(), &search)) {
        object_child_foreach_recursive(object_get_root(), partial_search_below, &search);
    }
    if (ambiguous) {
        *ambiguous = search.ambiguous;
    }
    return search.found;
}

Object *object_resolve_path(const char *path, bool *ambiguous)
{
    return object_resolve_path_type(path, TYPE_OBJECT, ambiguous);
}

Object *object_resolve_path_at(Object *parent, const char *path)
{
    g_auto(GStrv) parts = path_split(path);

    return resolve_parts(g_path_is_absolute(path) ? object_get_root() : parent, parts);
}

static int collect_child(Object *child, void *opaque)
{
    g_ptr_array_add(opaque, child);
    return 0;
}

static int compare_components(gconstpointer a, gconstpointer b)
{
    return strcmp(object_get_canonical_path_component(*(Object *const *)a),
                  object_get_canonical_path_component(*(Object *const *)b));
}

void object_print_tree(Object *obj, int indent, GString *out)
{
    g_autoptr(GPtrArray) children = g_ptr_array_new();
    const char *component = object_get_canonical_path_component(obj);

    g_string_append_printf(out, "%*s/%s (%s)\n", indent, "", component ? component : "",
                           object_get_typename(obj));
    object_child_foreach(obj, collect_child, children);
    g_ptr_array_sort(children, compare_components);
    for (guint i = 0; i < children->len; i++) {
        object_print_tree(g_ptr_array_index(children, i), indent + 2, out);
    }
}
