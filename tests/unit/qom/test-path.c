/* SPDX-License-Identifier: MIT */
/* qom/path.c: canonical paths, absolute and partial resolution, ambiguity, the printed tree. */
#include "qemu/osdep.h"
#include "qom/object.h"

static const TypeInfo types[] = {
    {.name = "test-leaf", .parent = TYPE_OBJECT, .instance_size = sizeof(Object)},
};

DEFINE_TYPES(types)

static Object *add_leaf(const char *parent, const char *name)
{
    Object *leaf = object_new("test-leaf");

    object_property_add_child(container_get(object_get_root(), parent), name, leaf);
    object_unref(leaf);
    return leaf;
}

static void test_canonical(void)
{
    Object *leaf = add_leaf("/p/q", "leaf");
    g_autoptr(Object) loose = object_new("test-leaf");
    g_autofree char *path = object_get_canonical_path(leaf);
    g_autofree char *root = object_get_canonical_path(object_get_root());

    g_assert_cmpstr(path, ==, "/p/q/leaf");
    g_assert_cmpstr(root, ==, "/");
    g_assert_null(object_get_canonical_path(loose));
    g_assert_null(object_get_canonical_path_component(loose));
    g_assert_cmpstr(object_get_canonical_path_component(leaf), ==, "leaf");
    object_unparent(object_resolve_path("/p", NULL));
    g_assert_null(object_resolve_path("/p/q/leaf", NULL));
}

static void test_absolute(void)
{
    Object *leaf = add_leaf("/p/q", "leaf");

    g_assert_true(object_resolve_path("/p/q/leaf", NULL) == leaf);
    g_assert_true(object_resolve_path("/p//q/leaf/", NULL) == leaf);
    g_assert_true(object_resolve_path("/", NULL) == object_get_root());
    g_assert_null(object_resolve_path("/p/leaf", NULL));
    g_assert_null(object_resolve_path_type("/p/q", "test-leaf", NULL));
    g_assert_true(object_resolve_path_at(container_get(object_get_root(), "/p"), "q/leaf") == leaf);
    g_assert_null(object_resolve_path_at(container_get(object_get_root(), "/p"), "leaf"));
    /* A property that is no object ends the walk. */
    g_assert_null(object_resolve_path("/p/type", NULL));
    object_unparent(object_resolve_path("/p", NULL));
}

static void test_partial(void)
{
    Object *first = add_leaf("/p/q", "same");
    Object *second = add_leaf("/p/r", "same");
    Object *only = add_leaf("/p/r", "only");
    bool ambiguous;

    g_assert_true(object_resolve_path("only", &ambiguous) == only);
    g_assert_false(ambiguous);
    g_assert_null(object_resolve_path("same", &ambiguous));
    g_assert_true(ambiguous);
    g_assert_true(object_resolve_path("q/same", &ambiguous) == first);
    g_assert_true(object_resolve_path("r/same", &ambiguous) == second);
    g_assert_false(ambiguous);
    g_assert_null(object_resolve_path("nowhere", &ambiguous));
    g_assert_false(ambiguous);
    g_assert_null(object_resolve_path_type("", "test-leaf", &ambiguous));
    g_assert_true(ambiguous);
    object_unparent(first);
    object_unparent(second);
    g_assert_true(object_resolve_path_type("", "test-leaf", &ambiguous) == only);

    /* A link to it makes a second path, not a second object. */
    object_property_add_const_link(object_resolve_path("/p/q", NULL), "only", only);
    g_assert_true(object_resolve_path("only", &ambiguous) == only);
    object_unparent(object_resolve_path("/p", NULL));
}

static void test_roots(void)
{
    Object *objects = object_get_objects_root();

    g_assert_true(object_resolve_path("/objects", NULL) == objects);
    g_assert_true(object_get_objects_root() == objects);
    g_assert_null(object_get_machine());
    g_assert_true(container_get(object_get_root(), "/machine") == object_get_machine());
    object_unparent(object_get_machine());
    object_unparent(objects);
}

static void test_print(void)
{
    GString *out = g_string_new(NULL);

    add_leaf("/p", "x[10]");
    add_leaf("/p", "x[100]");
    add_leaf("/p", "a");
    object_print_tree(object_resolve_path("/p", NULL), 0, out);
    g_assert_cmpstr(out->str, ==,
                    "/p (container)\n"
                    "  /a (test-leaf)\n"
                    "  /x[100] (test-leaf)\n"
                    "  /x[10] (test-leaf)\n");
    g_string_free(out, TRUE);
    object_unparent(object_resolve_path("/p", NULL));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/qom/path/canonical", test_canonical);
    g_test_add_func("/qom/path/absolute", test_absolute);
    g_test_add_func("/qom/path/partial", test_partial);
    g_test_add_func("/qom/path/roots", test_roots);
    g_test_add_func("/qom/path/print", test_print);
    return g_test_run();
}
