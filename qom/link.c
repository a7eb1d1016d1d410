/* SPDX-License-Identifier: MIT */
/*
 * link<> and child<> properties: the edges of the composition tree, and references across it.
 *
 * Threads: BQL. Tests: tests/unit/qom/test-link.c, test-path.c.
 */
#include "qemu/osdep.h"
#include "qemu/error.h"
#include "object-internal.h"

/* ---- Links ---- */

typedef struct LinkAccess {
    char *type;
    ObjectPropertyLinkCheck *check;
    ObjectPropertyLinkFlags flags;
    bool in_class; /* then @offset, else @where */
    union {
        Object **where;
        ptrdiff_t offset;
        Object *target; /* const links */
    };
} LinkAccess;

static Object **link_where(Object *obj, const LinkAccess *access)
{
    return access->in_class ? (Object **)((char *)obj + access->offset) : access->where;
}

static GVariant *path_value(const Object *target)
{
    char *path = target ? object_get_canonical_path(target) : NULL;

    return g_variant_new_take_string(path ? path : g_strdup(""));
}

static GVariant *link_get(Object *obj, const char *name, void *opaque, GError **error)
{
    return path_value(*link_where(obj, opaque));
}

static Object *link_resolve(Object *obj, const char *part, void *opaque)
{
    return *link_where(obj, opaque);
}

bool object_property_allow_set_link(const Object *obj, const char *name, Object *value,
                                    GError **error)
{
    return true;
}

Object *object_resolve_link(const char *path, const char *type, const char *name, GError **error)
{
    bool ambiguous = false;
    Object *target = object_resolve_path_type(path, type, &ambiguous);

    if (target) {
        return target;
    }
    if (ambiguous) {
        error_setg(error, "Path '%s' does not uniquely identify an object", path);
    } else if (object_resolve_path(path, NULL)) {
        error_setg(error, "Invalid parameter type for '%s', expected: %s", name, type);
    } else {
        error_set(error, ERROR_CLASS_DEVICE_NOT_FOUND, "Device '%s' not found", path);
    }
    return NULL;
}

static bool link_set(Object *obj, const char *name, GVariant *value, void *opaque, GError **error)
{
    const LinkAccess *access = opaque;
    const char *path = g_variant_get_string(value, NULL);
    Object **where = link_where(obj, access);
    Object *target = NULL;
    Object *old;

    if (*path) {
        target = object_resolve_link(path, access->type, name, error);
        if (!target) {
            return false;
        }
    }
    if (!access->check(obj, name, target, error)) {
        return false;
    }
    old = *where;
    *where = target;
    if (access->flags & OBJ_PROP_LINK_STRONG) {
        object_ref(target);
        object_unref(old);
    }
    return true;
}

static void link_release(Object *obj, const char *name, void *opaque)
{
    LinkAccess *access = opaque;

    if ((access->flags & OBJ_PROP_LINK_STRONG) && *access->where) {
        object_unref(*access->where);
        *access->where = NULL;
    }
    g_free(access->type);
    g_free(access);
}

static LinkAccess *link_access_new(const char *type, ObjectPropertyLinkCheck *check,
                                   ObjectPropertyLinkFlags flags)
{
    LinkAccess *access = g_new0(LinkAccess, 1);

    access->type = g_strdup(type);
    access->check = check;
    access->flags = flags;
    return access;
}

ObjectProperty *object_property_add_link(Object *obj, const char *name, const char *type,
                                         Object **child, ObjectPropertyLinkCheck *check,
                                         ObjectPropertyLinkFlags flags)
{
    g_autofree char *full_type = g_strdup_printf("link<%s>", type);
    LinkAccess *access = link_access_new(type, check, flags);
    ObjectProperty *prop;

    access->where = child;
    prop = object_property_add(obj, name, full_type, link_get, check ? link_set : NULL,
                               link_release, access);
    prop->resolve = link_resolve;
    return prop;
}

ObjectProperty *object_class_property_add_link(ObjectClass *klass, const char *name,
                                               const char *type, ptrdiff_t offset,
                                               ObjectPropertyLinkCheck *check)
{
    g_autofree char *full_type = g_strdup_printf("link<%s>", type);
    LinkAccess *access = link_access_new(type, check, 0);
    ObjectProperty *prop;

    access->in_class = true;
    access->offset = offset;
    prop = object_class_property_add(klass, name, full_type, link_get, check ? link_set : NULL,
                                     access);
    prop->resolve = link_resolve;
    return prop;
}

bool object_property_set_link(Object *obj, const char *name, Object *value, GError **error)
{
    g_autofree char *path = value ? object_get_canonical_path(value) : g_strdup("");

    g_assert(path);
    return object_property_set_str(obj, name, path, error);
}

Object *object_property_get_link(Object *obj, const char *name, GError **error)
{
    ObjectProperty *prop = object_property_find_err(obj, name, error);

    if (prop && !prop->resolve) {
        error_setg(error, "Property '%s.%s' is not a link", object_get_typename(obj), name);
        return NULL;
    }
    return prop ? prop->resolve(obj, name, prop->opaque) : NULL;
}

static GVariant *target_get(Object *obj, const char *name, void *opaque, GError **error)
{
    return path_value(opaque);
}

static Object *target_resolve(Object *obj, const char *part, void *opaque)
{
    return opaque;
}

ObjectProperty *object_property_add_const_link(Object *obj, const char *name, Object *target)
{
    g_autofree char *type = g_strdup_printf("link<%s>", object_get_typename(target));
    ObjectProperty *prop = object_property_add(obj, name, type, target_get, NULL, NULL, target);

    prop->resolve = target_resolve;
    return prop;
}

/* ---- Children ---- */

static void child_release(Object *obj, const char *name, void *opaque)
{
    Object *child = opaque;

    if (child->class->unparent) {
        child->class->unparent(child);
    }
    child->parent = NULL;
    child->in_parent = NULL;
    object_unref(child);
}

bool object_property_is_child(const ObjectProperty *prop)
{
    return prop->release == child_release;
}

static void child_add(Object *obj, const char *name, Object *child)
{
    g_autofree char *type = g_strdup_printf("child<%s>", object_get_typename(child));
    ObjectProperty *prop;

    g_assert(!child->parent);
    prop = object_property_add(obj, name, type, target_get, NULL, child_release, child);
    prop->resolve = target_resolve;
    object_ref(child);
    child->parent = obj;
    child->in_parent = prop;
}

bool object_property_try_add_child(Object *obj, const char *name, Object *child, GError **error)
{
    if (object_property_find(obj, name)) {
        error_setg(error, "attempt to add duplicate property '%s' to object (type '%s')", name,
                   object_get_typename(obj));
        return false;
    }
    child_add(obj, name, child);
    return true;
}

void object_property_add_child(Object *obj, const char *name, Object *child)
{
    child_add(obj, name, child);
}

static int child_foreach(Object *obj, int (*fn)(Object *child, void *opaque), void *opaque,
                         bool recurse)
{
    GList *l = g_queue_peek_head_link(&obj->property_order);
    int ret = 0;

    while (l && !ret) {
        ObjectProperty *prop = l->data;

        /* @fn may take this child out. */
        l = l->next;
        if (object_property_is_child(prop)) {
            Object *child = object_ref(prop->opaque);

            ret = fn(child, opaque);
            if (!ret && recurse) {
                ret = child_foreach(child, fn, opaque, true);
            }
            object_unref(child);
        }
    }
    return ret;
}

int object_child_foreach(Object *obj, int (*fn)(Object *child, void *opaque), void *opaque)
{
    return child_foreach(obj, fn, opaque, false);
}

int object_child_foreach_recursive(Object *obj, int (*fn)(Object *child, void *opaque),
                                   void *opaque)
{
    return child_foreach(obj, fn, opaque, true);
}
