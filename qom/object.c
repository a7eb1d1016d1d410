/* SPDX-License-Identifier: MIT */
/*
 * Instances: making, reference counting, ending.
 *
 * Threads: references may be taken and dropped anywhere, but the last one must go under the BQL,
 * because ending an object changes the tree. Tests: tests/unit/qom/test-object.c.
 */
#include "qemu/osdep.h"
#include "object-internal.h"

static void object_init_from_base(Object *obj, TypeImpl *type)
{
    if (type->parent) {
        object_init_from_base(obj, type->parent);
    }
    if (type->info.instance_init) {
        type->info.instance_init(obj);
    }
}

static void object_initialize_with_type(Object *obj, TypeImpl *type)
{
    g_assert(!type->info.abstract && !type->is_interface);
    memset(obj, 0, type->info.instance_size);
    obj->class = type->class;
    obj->ref = 1;
    object_init_from_base(obj, type);
    for (TypeImpl *t = type; t; t = t->parent) {
        if (t->info.instance_post_init) {
            t->info.instance_post_init(obj);
        }
    }
}

static TypeImpl *type_must_exist(const char *name)
{
    TypeImpl *type = type_get_initialized(name);

    if (!type) {
        g_error("unknown type '%s'", name);
    }
    return type;
}

static Object *object_new_with_type(TypeImpl *type)
{
    /* Large instances (a hart) want a cache line to begin with. */
    Object *obj =
        aligned_alloc(QEMU_CACHELINE_SIZE, ROUND_UP(type->info.instance_size, QEMU_CACHELINE_SIZE));

    g_assert(obj);
    object_initialize_with_type(obj, type);
    obj->free = free;
    return obj;
}

Object *object_new(const char *type)
{
    return object_new_with_type(type_must_exist(type));
}

Object *object_new_with_class(ObjectClass *klass)
{
    return object_new_with_type(klass->type);
}

void object_initialize(void *data, size_t size, const char *type)
{
    TypeImpl *impl = type_must_exist(type);

    g_assert(size >= impl->info.instance_size);
    object_initialize_with_type(data, impl);
}

void object_initialize_child_internal(Object *parent, const char *name, void *child, size_t size,
                                      const char *type)
{
    object_initialize(child, size, type);
    object_property_add_child(parent, name, child);
    object_unref(child);
}

Object *object_ref(void *objptr)
{
    Object *obj = objptr;

    if (obj) {
        uint32_t before = __atomic_fetch_add(&obj->ref, 1, __ATOMIC_RELAXED);

        g_assert(before > 0);
    }
    return obj;
}

static void object_finalize(Object *obj)
{
    object_property_remove_all(obj);
    for (TypeImpl *t = obj->class->type; t; t = t->parent) {
        if (t->info.instance_finalize) {
            t->info.instance_finalize(obj);
        }
    }
    g_assert(!obj->parent);
    if (obj->free) {
        obj->free(obj);
    }
}

void object_unref(void *objptr)
{
    Object *obj = objptr;

    if (!obj) {
        return;
    }
    g_assert(__atomic_load_n(&obj->ref, __ATOMIC_RELAXED) > 0);
    /*
     * Release pairs with the acquire of whoever drops the last one: it sees all that was done with
     * the object.
     */
    if (__atomic_fetch_sub(&obj->ref, 1, __ATOMIC_ACQ_REL) == 1) {
        object_finalize(obj);
    }
}

void object_unparent(Object *obj)
{
    if (obj->parent) {
        object_property_remove(obj->parent, obj->in_parent);
    }
}
