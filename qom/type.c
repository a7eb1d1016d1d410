/* SPDX-License-Identifier: MIT */
/*
 * Types and classes: the registry, making a class from a type, casts.
 *
 * A class is made when its type is first looked up: a zeroed structure that starts as a copy of the
 * parent's class, then gets its interfaces, then its class_init. Types are never removed.
 *
 * Threads: registration before main() or under the BQL; class creation under the BQL; casts
 * anywhere. A cast's cache is a hint: a lost update costs one slow cast. Tests:
 * tests/unit/qom/test-type.c.
 */
#include "qemu/osdep.h"
#include "object-internal.h"

/*
 * Name (TypeImpl's own) to TypeImpl. Constructors run in any order, so it is made by whoever comes
 * first.
 */
static GHashTable *type_table;

static TypeImpl *type_add(const TypeInfo *info)
{
    TypeImpl *type;

    if (!type_table) {
        type_table = g_hash_table_new(g_str_hash, g_str_equal);
    }
    g_assert(info->name);
    g_assert(!g_hash_table_contains(type_table, info->name));

    type = g_new0(TypeImpl, 1);
    type->info = *info;
    g_hash_table_insert(type_table, (void *)type->info.name, type);
    return type;
}

void type_register_static(const TypeInfo *info)
{
    type_add(info);
}

void type_register_static_array(const TypeInfo *infos, size_t num_infos)
{
    for (size_t i = 0; i < num_infos; i++) {
        type_add(&infos[i]);
    }
}

void type_register(const TypeInfo *info)
{
    TypeInfo copy = *info;

    copy.name = g_strdup(info->name);
    copy.parent = g_strdup(info->parent);
    type_add(&copy);
}

static bool type_is_ancestor(const TypeImpl *type, const TypeImpl *ancestor)
{
    for (; type; type = type->parent) {
        if (type == ancestor) {
            return true;
        }
    }
    return false;
}

static InterfaceClass *class_find_interface(const ObjectClass *klass, const TypeImpl *iface)
{
    for (const GSList *l = klass->interfaces; l; l = l->next) {
        InterfaceClass *ic = l->data;

        if (type_is_ancestor(ic->parent_class.type, iface)) {
            return ic;
        }
    }
    return NULL;
}

/* @type's own copy of the interface class @from: that of its parent, or the interface's. */
static void type_add_interface(TypeImpl *type, const ObjectClass *from)
{
    InterfaceClass *ic = g_malloc0(from->type->info.class_size);

    memcpy(ic, from, from->type->info.class_size);
    memset(&ic->parent_class, 0, sizeof(ic->parent_class));
    ic->parent_class.type = from->type;
    ic->concrete_class = type->class;
    type->class->interfaces = g_slist_append(type->class->interfaces, ic);
}

static void type_add_interfaces(TypeImpl *type)
{
    if (type->parent) {
        for (GSList *l = type->parent->class->interfaces; l; l = l->next) {
            type_add_interface(type, l->data);
        }
    }
    for (const InterfaceInfo *i = type->info.interfaces; i && i->type; i++) {
        TypeImpl *iface = type_get_initialized(i->type);

        g_assert(iface && iface->is_interface);
        if (!class_find_interface(type->class, iface)) {
            type_add_interface(type, iface->class);
        }
    }
}

/* False if an ancestor is not registered. */
static bool type_init_parent(TypeImpl *type)
{
    if (!type->info.parent) {
        type->is_interface = strcmp(type->info.name, TYPE_INTERFACE) == 0;
        g_assert(type->info.class_size && (type->is_interface || type->info.instance_size));
        return true;
    }
    type->parent = type_get_initialized(type->info.parent);
    if (!type->parent) {
        return false;
    }
    type->is_interface = type->parent->is_interface;
    if (!type->info.class_size) {
        type->info.class_size = type->parent->info.class_size;
    }
    if (!type->info.instance_size) {
        type->info.instance_size = type->parent->info.instance_size;
    }
    g_assert(type->info.class_size >= type->parent->info.class_size);
    g_assert(type->info.instance_size >= type->parent->info.instance_size);
    return true;
}

static void type_init_class(TypeImpl *type)
{
    ObjectClass *klass = g_malloc0(type->info.class_size);

    type->class = klass;
    if (type->parent) {
        memcpy(klass, type->parent->class, type->parent->info.class_size);
        klass->interfaces = NULL;
        memset(klass->cast_cache, 0, sizeof(klass->cast_cache));
    }
    klass->type = type;
    klass->properties = g_hash_table_new(g_str_hash, g_str_equal);
    g_queue_init(&klass->property_order);
    type_add_interfaces(type);

    for (TypeImpl *t = type->parent; t; t = t->parent) {
        if (t->info.class_base_init) {
            t->info.class_base_init(klass, type->info.class_data);
        }
    }
    if (type->info.class_init) {
        type->info.class_init(klass, type->info.class_data);
    }
}

TypeImpl *type_get_initialized(const char *name)
{
    TypeImpl *type = type_table ? g_hash_table_lookup(type_table, name) : NULL;

    if (type && !type->class) {
        g_assert(!type->initializing);
        type->initializing = true;
        if (type_init_parent(type)) {
            type_init_class(type);
        }
        type->initializing = false;
    }
    return type && type->class ? type : NULL;
}

ObjectClass *object_get_class(const Object *obj)
{
    return obj->class;
}

const char *object_get_typename(const Object *obj)
{
    return obj->class->type->info.name;
}

const char *object_class_get_name(const ObjectClass *klass)
{
    return klass->type->info.name;
}

ObjectClass *object_class_get_parent(const ObjectClass *klass)
{
    return klass->type->parent ? klass->type->parent->class : NULL;
}

bool object_class_is_abstract(const ObjectClass *klass)
{
    return klass->type->info.abstract;
}

ObjectClass *object_class_by_name(const char *name)
{
    TypeImpl *type = type_get_initialized(name);

    return type ? type->class : NULL;
}

ObjectClass *object_class_dynamic_cast(ObjectClass *klass, const char *name)
{
    TypeImpl *target;

    if (!klass) {
        return NULL;
    }
    /* An interface's class structure stands for the class that implements it. */
    if (klass->type->is_interface && ((InterfaceClass *)klass)->concrete_class) {
        klass = ((InterfaceClass *)klass)->concrete_class;
    }
    target = type_get_initialized(name);
    if (!target) {
        return NULL;
    }
    if (target->is_interface && !klass->type->is_interface) {
        return (ObjectClass *)class_find_interface(klass, target);
    }
    return type_is_ancestor(klass->type, target) ? klass : NULL;
}

Object *object_dynamic_cast(Object *obj, const char *name)
{
    return obj && object_class_dynamic_cast(obj->class, name) ? obj : NULL;
}

/* The names come from string literals, so the same cast in the same file has the same pointer. */
static const char **cast_cache_slot(ObjectClass *klass, const char *name)
{
    uintptr_t bits = (uintptr_t)name;

    return &klass->cast_cache[(bits ^ (bits >> 5)) % OBJECT_CLASS_CAST_CACHE];
}

static QEMU_NORETURN QEMU_COLD void cast_failed(const char *what, const ObjectClass *klass,
                                                const char *name, const char *file, int line,
                                                const char *func)
{
    g_error("%s:%d: %s: %s of type '%s' is not a '%s'", file, line, func, what,
            object_class_get_name(klass), name);
}

Object *object_dynamic_cast_assert(Object *obj, const char *name, const char *file, int line,
                                   const char *func)
{
    const char **slot;

    if (!obj) {
        return NULL;
    }
    slot = cast_cache_slot(obj->class, name);
    if (__atomic_load_n(slot, __ATOMIC_RELAXED) == name) {
        return obj;
    }
    if (!object_dynamic_cast(obj, name)) {
        cast_failed("object", obj->class, name, file, line, func);
    }
    if (object_class_dynamic_cast(obj->class, name) == obj->class) {
        __atomic_store_n(slot, name, __ATOMIC_RELAXED);
    }
    return obj;
}

ObjectClass *object_class_dynamic_cast_assert(ObjectClass *klass, const char *name,
                                              const char *file, int line, const char *func)
{
    const char **slot;
    ObjectClass *result;

    if (!klass) {
        return NULL;
    }
    slot = cast_cache_slot(klass, name);
    if (__atomic_load_n(slot, __ATOMIC_RELAXED) == name) {
        return klass;
    }
    result = object_class_dynamic_cast(klass, name);
    if (!result) {
        cast_failed("class", klass, name, file, line, func);
    }
    if (result == klass) {
        __atomic_store_n(slot, name, __ATOMIC_RELAXED);
    }
    return result;
}

void object_class_foreach(void (*fn)(ObjectClass *klass, void *opaque), const char *implements,
                          bool include_abstract, void *opaque)
{
    g_autoptr(GList) types = type_table ? g_hash_table_get_values(type_table) : NULL;

    /* Making a class may register further types, hence the copy. */
    for (GList *l = types; l; l = l->next) {
        TypeImpl *type = type_get_initialized(((TypeImpl *)l->data)->info.name);

        if (!type || type->is_interface || (type->info.abstract && !include_abstract) ||
            (implements && !object_class_dynamic_cast(type->class, implements))) {
            continue;
        }
        fn(type->class, opaque);
    }
}

static int class_compare_names(const void *a, const void *b)
{
    return strcmp(object_class_get_name(a), object_class_get_name(b));
}

static void class_list_add(ObjectClass *klass, void *opaque)
{
    GSList **list = opaque;

    *list = g_slist_prepend(*list, klass);
}

GSList *object_class_get_list(const char *implements, bool include_abstract)
{
    GSList *list = NULL;

    object_class_foreach(class_list_add, implements, include_abstract, &list);
    return g_slist_sort(list, class_compare_names);
}

static char *object_get_type_property(Object *obj, GError **error)
{
    return g_strdup(object_get_typename(obj));
}

static void object_class_init(ObjectClass *klass, const void *data)
{
    object_class_property_add_str(klass, "type", object_get_type_property, NULL);
}

static const TypeInfo base_types[] = {
    {
        .name = TYPE_OBJECT,
        .instance_size = sizeof(Object),
        .class_size = sizeof(ObjectClass),
        .class_init = object_class_init,
        .abstract = true,
    },
    {
        .name = TYPE_INTERFACE,
        .class_size = sizeof(InterfaceClass),
        .abstract = true,
    },
    {
        .name = TYPE_CONTAINER,
        .parent = TYPE_OBJECT,
    },
};

DEFINE_TYPES(base_types)
