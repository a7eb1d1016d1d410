/* SPDX-License-Identifier: MIT */
/* qom/object.c: order of construction and destruction, reference counts, embedded children. */
#include "qemu/osdep.h"
#include "qom/object.h"

static GString *events;

typedef struct Base {
    Object parent_obj;
    int number;
} Base;

typedef struct Outer {
    Base parent_obj;
    Base inner;
} Outer;

static void base_init(Object *obj)
{
    g_assert_cmpint(((Base *)obj)->number, ==, 0);
    ((Base *)obj)->number = 5;
    g_string_append(events, "base-init ");
}

static void base_post_init(Object *obj)
{
    g_string_append(events, "base-post ");
}

static void base_finalize(Object *obj)
{
    g_string_append(events, "base-fini ");
}

static void derived_init(Object *obj)
{
    g_assert_cmpint(((Base *)obj)->number, ==, 5);
    g_string_append(events, "derived-init ");
}

static void derived_post_init(Object *obj)
{
    g_string_append(events, "derived-post ");
}

static void derived_finalize(Object *obj)
{
    g_string_append(events, "derived-fini ");
}

static void outer_init(Object *obj)
{
    Outer *outer = (Outer *)obj;

    object_initialize_child(obj, "inner", &outer->inner, "test-derived");
}

static const TypeInfo types[] = {
    {
        .name = "test-base",
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(Base),
        .instance_init = base_init,
        .instance_post_init = base_post_init,
        .instance_finalize = base_finalize,
    },
    {
        .name = "test-derived",
        .parent = "test-base",
        .instance_init = derived_init,
        .instance_post_init = derived_post_init,
        .instance_finalize = derived_finalize,
    },
    {
        .name = "test-outer",
        .parent = "test-base",
        .instance_size = sizeof(Outer),
        .instance_init = outer_init,
    },
};

DEFINE_TYPES(types)

static void test_order(void)
{
    Object *obj;

    g_string_truncate(events, 0);
    obj = object_new("test-derived");
    g_assert_cmpstr(events->str, ==, "base-init derived-init derived-post base-post ");
    g_assert_cmpstr(object_get_typename(obj), ==, "test-derived");

    g_string_truncate(events, 0);
    object_ref(obj);
    object_unref(obj);
    g_assert_cmpstr(events->str, ==, "");
    object_unref(obj);
    g_assert_cmpstr(events->str, ==, "derived-fini base-fini ");
    object_unref(NULL);
}

static void test_embedded(void)
{
    Outer *outer = (Outer *)object_new("test-outer");

    g_assert_true(OBJECT(&outer->inner)->parent == OBJECT(outer));
    g_assert_cmpint(outer->inner.parent_obj.ref, ==, 1);
    g_string_truncate(events, 0);
    object_unref(outer);
    /* The child goes before its owner. */
    g_assert_cmpstr(events->str, ==, "derived-fini base-fini base-fini ");
}

static void test_unparent(void)
{
    Object *parent = object_new(TYPE_CONTAINER);
    Object *child = object_new("test-base");

    object_property_add_child(parent, "x", child);
    g_assert_cmpint(child->ref, ==, 2);
    object_unparent(child);
    object_unparent(child);
    g_assert_null(child->parent);
    g_assert_null(object_property_find(parent, "x"));
    g_assert_cmpint(child->ref, ==, 1);
    object_unref(child);
    object_unref(parent);
}

static void test_abstract(void)
{
    if (g_test_subprocess()) {
        object_new(TYPE_OBJECT);
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_failed();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    events = g_string_new(NULL);
    g_test_add_func("/qom/object/order", test_order);
    g_test_add_func("/qom/object/embedded", test_embedded);
    g_test_add_func("/qom/object/unparent", test_unparent);
    g_test_add_func("/qom/object/abstract", test_abstract);
    return g_test_run();
}
