/* SPDX-License-Identifier: MIT */
/* qom/link.c: links with and without reference, checks, children, iteration. */
#include "qemu/osdep.h"
#include "qemu/error.h"
#include "qom/object.h"

typedef struct Node {
    Object parent_obj;
    Object *peer;
} Node;

static bool finalized;

static void node_finalize(Object *obj)
{
    finalized = true;
}

static void node_class_init(ObjectClass *klass, const void *data)
{
    object_class_property_add_link(klass, "peer", "test-node", offsetof(Node, peer),
                                   object_property_allow_set_link);
}

static const TypeInfo types[] = {
    {
        .name = "test-node",
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(Node),
        .instance_finalize = node_finalize,
        .class_init = node_class_init,
    },
};

DEFINE_TYPES(types)

/* A new node at /<name>, owned by the root. */
static Object *node_at_root(const char *name)
{
    Object *node = object_new("test-node");

    object_property_add_child(object_get_root(), name, node);
    object_unref(node);
    return node;
}

static void test_class_link(void)
{
    Object *a = node_at_root("a"), *b = node_at_root("b");
    g_autofree char *path = NULL;
    GError *error = NULL;

    g_assert_true(object_property_set_link(a, "peer", b, &error));
    g_assert_true(((Node *)a)->peer == b);
    g_assert_true(object_property_get_link(a, "peer", &error) == b);
    path = object_property_get_str(a, "peer", &error);
    g_assert_cmpstr(path, ==, "/b");
    g_assert_cmpint(b->ref, ==, 1);
    g_assert_true(object_resolve_path("/a/peer", NULL) == b);

    g_assert_true(object_property_set_link(a, "peer", NULL, &error));
    g_assert_null(((Node *)a)->peer);
    object_unparent(a);
    object_unparent(b);
}

static void test_refusals(void)
{
    Object *a = node_at_root("a");
    Object *other = container_get(object_get_root(), "/other");
    GError *error = NULL;

    g_assert_false(object_property_parse(a, "peer", "zz", &error));
    g_assert_cmpstr(error->message, ==, "Device 'zz' not found");
    g_assert_cmpint(error->code, ==, ERROR_CLASS_DEVICE_NOT_FOUND);
    g_clear_error(&error);
    g_assert_false(object_property_parse(a, "peer", "/other", &error));
    g_assert_cmpstr(error->message, ==, "Invalid parameter type for 'peer', expected: test-node");
    g_clear_error(&error);
    object_unparent(other);
    object_unparent(a);
}

static bool refuse(const Object *obj, const char *name, Object *value, GError **error)
{
    error_setg(error, "not %s", name);
    return false;
}

static void test_instance_links(void)
{
    Object *a = node_at_root("a"), *b = node_at_root("b");
    Object *strong = NULL, *checked = NULL;
    GError *error = NULL;

    object_property_add_link(a, "strong", "test-node", &strong, object_property_allow_set_link,
                             OBJ_PROP_LINK_STRONG);
    object_property_add_link(a, "checked", "test-node", &checked, refuse, 0);
    g_assert_true(object_property_parse(a, "strong", "b", &error));
    g_assert_cmpint(b->ref, ==, 2);
    g_assert_true(object_property_parse(a, "strong", "b", &error));
    g_assert_cmpint(b->ref, ==, 2);
    g_assert_false(object_property_parse(a, "checked", "b", &error));
    g_assert_cmpstr(error->message, ==, "not checked");
    g_clear_error(&error);
    g_assert_null(checked);

    finalized = false;
    object_unparent(b);
    g_assert_false(finalized);
    object_unparent(a);
    g_assert_null(strong);
    g_assert_true(finalized);
}

static void test_duplicate_child(void)
{
    Object *a = node_at_root("a");
    g_autoptr(Object) second = object_new("test-node");
    GError *error = NULL;

    g_assert_false(object_property_try_add_child(object_get_root(), "a", second, &error));
    g_assert_cmpstr(error->message, ==,
                    "attempt to add duplicate property 'a' to object (type 'container')");
    g_clear_error(&error);
    g_assert_null(second->parent);
    object_unparent(a);
}

static int note_and_unparent(Object *child, void *opaque)
{
    g_string_append_printf(opaque, "%s ", object_get_canonical_path_component(child));
    object_unparent(child);
    return 0;
}

static int stop_at_second(Object *child, void *opaque)
{
    return ++*(int *)opaque == 2 ? 9 : 0;
}

static void test_foreach(void)
{
    Object *root = container_get(object_get_root(), "/tree");
    GString *names = g_string_new(NULL);
    int count = 0;

    container_get(root, "b/x");
    container_get(root, "a/y");
    g_assert_cmpint(object_child_foreach_recursive(root, stop_at_second, &count), ==, 9);
    g_assert_cmpint(count, ==, 2);
    object_child_foreach(root, note_and_unparent, names);
    g_assert_cmpstr(names->str, ==, "b a ");
    g_assert_null(object_resolve_path("/tree/a", NULL));
    g_string_free(names, TRUE);
    object_unparent(root);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/qom/link/class", test_class_link);
    g_test_add_func("/qom/link/refusals", test_refusals);
    g_test_add_func("/qom/link/instance", test_instance_links);
    g_test_add_func("/qom/link/duplicate-child", test_duplicate_child);
    g_test_add_func("/qom/link/foreach", test_foreach);
    return g_test_run();
}
