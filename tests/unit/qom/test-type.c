/* SPDX-License-Identifier: MIT */
/* qom/type.c: class creation and inheritance, interfaces, casts, enumeration of classes. */
#include "qemu/osdep.h"
#include "qom/object.h"

#define TYPE_ANIMAL "test-animal"
OBJECT_DECLARE_TYPE(Animal, AnimalClass, ANIMAL)
#define TYPE_DOG "test-dog"
OBJECT_DECLARE_SIMPLE_TYPE(Dog, DOG)

struct Animal {
    Object parent_obj;
    int legs;
};

struct AnimalClass {
    ObjectClass parent_class;
    int inherited;
    int not_inherited;
    const char *sound;
};

struct Dog {
    Animal parent_obj;
    int bones;
};

#define TYPE_SWIMMER "test-swimmer"
DECLARE_INTERFACE(Swimmer, SwimmerClass, SWIMMER)
struct SwimmerClass {
    InterfaceClass parent_class;
    int depth;
};
#define TYPE_DIVER "test-diver"

static void swimmer_class_init(ObjectClass *klass, const void *data)
{
    SWIMMER_CLASS(klass)->depth = 1;
}

static void animal_class_init(ObjectClass *klass, const void *data)
{
    ANIMAL_CLASS(klass)->inherited = 7;
    ANIMAL_CLASS(klass)->not_inherited = 7;
}

static void animal_class_base_init(ObjectClass *klass, const void *data)
{
    ANIMAL_CLASS(klass)->not_inherited = 0;
}

static void dog_class_init(ObjectClass *klass, const void *data)
{
    ANIMAL_CLASS(klass)->sound = data;
    SWIMMER_CLASS(klass)->depth = 2;
}

/* The child comes before its parent, and a type without one is there: order must not matter. */
static const TypeInfo types[] = {
    {.name = "test-puppy", .parent = TYPE_DOG},
    {
        .name = TYPE_DOG,
        .parent = TYPE_ANIMAL,
        .instance_size = sizeof(Dog),
        .class_init = dog_class_init,
        .class_data = "woof",
        .interfaces = (const InterfaceInfo[]){{TYPE_SWIMMER}, {}},
    },
    {.name = "test-cat", .parent = TYPE_ANIMAL},
    {.name = "test-orphan", .parent = "test-nowhere"},
    {
        .name = TYPE_ANIMAL,
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(Animal),
        .class_size = sizeof(AnimalClass),
        .class_init = animal_class_init,
        .class_base_init = animal_class_base_init,
        .abstract = true,
    },
    {
        .name = TYPE_SWIMMER,
        .parent = TYPE_INTERFACE,
        .class_size = sizeof(SwimmerClass),
        .class_init = swimmer_class_init,
    },
    {.name = TYPE_DIVER, .parent = TYPE_SWIMMER},
    {
        .name = "test-otter",
        .parent = TYPE_ANIMAL,
        .interfaces = (const InterfaceInfo[]){{TYPE_DIVER}, {}},
    },
};

DEFINE_TYPES(types)

static void test_inheritance(void)
{
    AnimalClass *dog = ANIMAL_CLASS(object_class_by_name(TYPE_DOG));
    AnimalClass *cat = ANIMAL_CLASS(object_class_by_name("test-cat"));

    g_assert_cmpint(dog->inherited, ==, 7);
    g_assert_cmpint(dog->not_inherited, ==, 0);
    g_assert_cmpstr(dog->sound, ==, "woof");
    g_assert_null(cat->sound);
    g_assert_true(object_class_get_parent(OBJECT_CLASS(dog)) == object_class_by_name(TYPE_ANIMAL));
    g_assert_cmpstr(object_class_get_name(OBJECT_CLASS(cat)), ==, "test-cat");
    g_assert_true(object_class_is_abstract(object_class_by_name(TYPE_ANIMAL)));
    g_assert_false(object_class_is_abstract(OBJECT_CLASS(cat)));
}

static void test_unknown(void)
{
    g_assert_null(object_class_by_name("test-nothing"));
    g_assert_null(object_class_by_name("test-orphan"));
    g_assert_null(object_class_dynamic_cast(NULL, TYPE_DOG));
    g_assert_null(object_dynamic_cast(NULL, TYPE_DOG));
}

static void test_casts(void)
{
    g_autoptr(Object) puppy = object_new("test-puppy");
    g_autoptr(Object) cat = object_new("test-cat");

    /* Twice: the second goes by the cache. */
    for (int i = 0; i < 2; i++) {
        g_assert_true((Object *)DOG(puppy) == puppy);
        g_assert_true((Object *)ANIMAL(puppy) == puppy);
        g_assert_true(OBJECT_CLASS(ANIMAL_GET_CLASS(puppy)) == object_get_class(puppy));
    }
    g_assert_null(object_dynamic_cast(cat, TYPE_DOG));
    g_assert_null(object_dynamic_cast(cat, "test-nothing"));
    g_assert_true(object_dynamic_cast(cat, TYPE_OBJECT) == cat);
    g_assert_null(DOG(NULL));
}

static void test_wrong_cast(void)
{
    if (g_test_subprocess()) {
        DOG(object_new("test-cat"));
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_failed();
    g_test_trap_assert_stderr("*object of type 'test-cat' is not a 'test-dog'*");
}

static void test_interfaces(void)
{
    g_autoptr(Object) dog = object_new(TYPE_DOG);
    g_autoptr(Object) puppy = object_new("test-puppy");
    g_autoptr(Object) otter = object_new("test-otter");
    g_autoptr(Object) cat = object_new("test-cat");

    g_assert_cmpint(SWIMMER_GET_CLASS(dog)->depth, ==, 2);
    g_assert_cmpint(SWIMMER_GET_CLASS(puppy)->depth, ==, 2);
    g_assert_cmpint(SWIMMER_GET_CLASS(otter)->depth, ==, 1);
    g_assert_true(SWIMMER_GET_CLASS(dog) != SWIMMER_GET_CLASS(puppy));
    g_assert_null(object_dynamic_cast(cat, TYPE_SWIMMER));
    g_assert_null(object_dynamic_cast(dog, TYPE_DIVER));
    g_assert_nonnull(object_dynamic_cast(otter, TYPE_DIVER));
    /* Back from the interface to the class that implements it. */
    g_assert_true(object_class_dynamic_cast(OBJECT_CLASS(SWIMMER_GET_CLASS(puppy)), TYPE_ANIMAL) ==
                  object_get_class(puppy));
}

static void test_lists(void)
{
    g_autoptr(GSList) animals = object_class_get_list(TYPE_ANIMAL, false);
    g_autoptr(GSList) all = object_class_get_list(TYPE_ANIMAL, true);
    g_autoptr(GSList) swimmers = object_class_get_list(TYPE_SWIMMER, false);
    const char *const expected[] = {"test-cat", "test-dog", "test-otter", "test-puppy"};
    GSList *l = animals;

    for (size_t i = 0; i < G_N_ELEMENTS(expected); i++, l = l->next) {
        g_assert_cmpstr(object_class_get_name(l->data), ==, expected[i]);
    }
    g_assert_null(l);
    g_assert_cmpuint(g_slist_length(all), ==, 5);
    g_assert_cmpuint(g_slist_length(swimmers), ==, 3);
}

static void test_run_time_type(void)
{
    g_autofree char *name = g_strdup("test-made");
    g_autofree char *parent = g_strdup(TYPE_DOG);
    g_autoptr(Object) obj = NULL;

    type_register(&(TypeInfo){.name = name, .parent = parent});
    memset(name, 'x', strlen(name));
    memset(parent, 'x', strlen(parent));
    obj = object_new("test-made");
    g_assert_nonnull(DOG(obj));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/qom/type/inheritance", test_inheritance);
    g_test_add_func("/qom/type/unknown", test_unknown);
    g_test_add_func("/qom/type/casts", test_casts);
    g_test_add_func("/qom/type/wrong-cast", test_wrong_cast);
    g_test_add_func("/qom/type/interfaces", test_interfaces);
    g_test_add_func("/qom/type/lists", test_lists);
    g_test_add_func("/qom/type/run-time", test_run_time_type);
    return g_test_run();
}
