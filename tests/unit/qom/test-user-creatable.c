/* SPDX-License-Identifier: MIT */
/* qom/user-creatable.c: -object with good and bad options, deletion, help. */
#include "qemu/osdep.h"
#include "qemu/error.h"
#include "qom/object_interfaces.h"

typedef struct Gadget {
    Object parent_obj;
    uint32_t size;
    bool completed;
    bool in_use;
} Gadget;

static bool gadget_complete(UserCreatable *uc, GError **error)
{
    Gadget *gadget = (Gadget *)uc;

    if (!gadget->size) {
        error_setg(error, "Parameter 'size' is missing");
        return false;
    }
    gadget->completed = true;
    return true;
}

static bool gadget_can_be_deleted(UserCreatable *uc)
{
    return !((Gadget *)uc)->in_use;
}

static void gadget_init(Object *obj)
{
    object_property_add_uint32_ptr(obj, "size", &((Gadget *)obj)->size, OBJ_PROP_FLAG_READWRITE);
}

static void gadget_class_init(ObjectClass *klass, const void *data)
{
    USER_CREATABLE_CLASS(klass)->complete = gadget_complete;
    USER_CREATABLE_CLASS(klass)->can_be_deleted = gadget_can_be_deleted;
}

static const TypeInfo types[] = {
    {
        .name = "test-gadget",
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(Gadget),
        .instance_init = gadget_init,
        .class_init = gadget_class_init,
        .interfaces = (const InterfaceInfo[]){{TYPE_USER_CREATABLE}, {}},
    },
    {
        .name = "test-plain-gadget",
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(Object),
        .interfaces = (const InterfaceInfo[]){{TYPE_USER_CREATABLE}, {}},
    },
};

DEFINE_TYPES(types)

static Object *add(const char *text, GError **error)
{
    g_autoptr(QemuOpts) opts = qemu_opts_parse(text, "qom-type", QEMU_OPTS_NONE, NULL);
    size_t num;
    ObjectOption *options = object_options_from_opts(opts, &num);
    Object *obj = user_creatable_add(options, num, error);

    object_options_free(options, num);
    return obj;
}

static void test_add(void)
{
    GError *error = NULL;
    Object *obj = add("test-gadget,id=g,size=16", &error);

    g_assert_no_error(error);
    g_assert_cmpuint(((Gadget *)obj)->size, ==, 16);
    g_assert_true(((Gadget *)obj)->completed);
    g_assert_true(object_resolve_path("/objects/g", NULL) == obj);

    ((Gadget *)obj)->in_use = true;
    g_assert_false(user_creatable_del("g", &error));
    g_assert_cmpstr(error->message, ==, "object 'g' is in use, can not be deleted");
    g_clear_error(&error);
    ((Gadget *)obj)->in_use = false;
    g_assert_true(user_creatable_del("g", &error));
    g_assert_false(user_creatable_del("g", &error));
    g_assert_cmpstr(error->message, ==, "object 'g' not found");
    g_clear_error(&error);
}

static void test_refusals(void)
{
    static const struct {
        const char *option;
        const char *message;
    } rows[] = {
        {"foo,id=a", "Parameter 'qom-type' does not accept value 'foo'"},
        {"container,id=a", "Parameter 'qom-type' does not accept value 'container'"},
        {"id=a", "Parameter 'qom-type' is missing"},
        {"test-gadget", "Parameter 'id' is missing"},
        {"test-gadget,id=1a", "Parameter 'id' expects an identifier"},
        {"test-gadget,id=a,foo=1", "Invalid parameter 'foo'"},
        {"test-gadget,id=a,size=zz", "Parameter 'size' expects integer"},
        {"test-gadget,id=a", "Parameter 'size' is missing"},
        {"test-gadget,id=taken,size=1", "Duplicate ID 'taken' for object"},
    };

    add("test-plain-gadget,id=taken", NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(add(rows[i].option, &error));
        g_assert_cmpstr(error->message, ==, rows[i].message);
        g_assert_null(object_resolve_path("/objects/a", NULL));
    }
    user_creatable_cleanup();
    g_assert_null(object_resolve_path("/objects/taken", NULL));
}

static void test_typed_options(void)
{
    ObjectOption options[] = {
        {.name = (char *)"qom-type", .value = g_variant_new_string("test-gadget")},
        {.name = (char *)"id", .value = g_variant_new_string("j")},
        {.name = (char *)"size", .value = g_variant_new_int64(3)},
        {.name = (char *)"foo", .value = g_variant_new_int64(3)},
    };
    GError *error = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(options); i++) {
        g_variant_ref_sink(options[i].value);
    }
    g_assert_null(user_creatable_add(options, 4, &error));
    g_assert_cmpstr(error->message, ==, "Parameter 'foo' is unexpected");
    g_clear_error(&error);
    g_assert_nonnull(user_creatable_add(options, 3, &error));
    g_assert_cmpstr(object_option_get_str(options, 4, "id"), ==, "j");
    g_assert_null(object_option_get_str(options, 4, "size"));
    for (size_t i = 0; i < G_N_ELEMENTS(options); i++) {
        g_variant_unref(options[i].value);
    }
    user_creatable_cleanup();
}

static void test_help(void)
{
    g_autofree char *list = user_creatable_list_help();
    g_autofree char *gadget = user_creatable_type_help("test-gadget", NULL);
    g_autofree char *plain = user_creatable_type_help("test-plain-gadget", NULL);

    g_assert_cmpstr(list, ==,
                    "List of user creatable objects:\n  test-gadget\n  test-plain-gadget\n");
    g_assert_cmpstr(gadget, ==, "test-gadget options:\n  size=<uint32>\n");
    g_assert_cmpstr(plain, ==, "There are no options for test-plain-gadget.\n");
    g_assert_null(user_creatable_type_help("foo", NULL));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/qom/user-creatable/add", test_add);
    g_test_add_func("/qom/user-creatable/refusals", test_refusals);
    g_test_add_func("/qom/user-creatable/typed", test_typed_options);
    g_test_add_func("/qom/user-creatable/help", test_help);
    return g_test_run();
}
