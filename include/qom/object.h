/* SPDX-License-Identifier: MIT */
/*
 * The object model: types, classes, interfaces, instances, properties and the composition tree.
 *
 * A type is registered once, by a constructor, and made into a class when it is first looked up.
 * Objects are reference counted; an object that has been added as a child<> of another lives at a
 * path below the root "/". Everything a user names on the command line or in the monitor (devices,
 * machines, harts, backends) is an object.
 *
 * Property values are GVariants. A setter receives the canonical form of its declared type:
 *   "bool"                          b
 *   "int8" ... "int64", "int"       x   (range already checked)
 *   "uint8" ... "uint64", "size"    t   (range already checked)
 *   "str", "string", enumerations   s   (member of the enumeration already checked)
 *   "link<T>", "child<T>"           s   (canonical path, "" for none)
 *   any other type name             the value as it came: s from the command line, anything from
 * JSON
 *
 * Threads: the tree and all properties are under the BQL. Types are registered before main() and
 * classes are made under the BQL; after that casts and object_ref/object_unref may be used by any
 * thread.
 *
 * Tests: tests/unit/qom/.
 */
#ifndef QOM_OBJECT_H
#define QOM_OBJECT_H

#include <glib.h>

typedef struct Object Object;
typedef struct ObjectClass ObjectClass;
typedef struct InterfaceClass InterfaceClass;
typedef struct InterfaceInfo InterfaceInfo;
typedef struct ObjectProperty ObjectProperty;
typedef struct TypeInfo TypeInfo;
typedef struct TypeImpl *Type;

#define TYPE_OBJECT "object"
#define TYPE_INTERFACE "interface"
#define TYPE_CONTAINER "container"

/* Succeeding casts are remembered per class: a repeated cast is one load and one compare. */
#define OBJECT_CLASS_CAST_CACHE 8

struct ObjectClass {
    Type type;              /* [const] */
    GSList *interfaces;     /* [const] of InterfaceClass, own and inherited */
    GHashTable *properties; /* [bql] name to ObjectProperty; the parents' are found by walking up */
    GQueue property_order;  /* [bql] the same, in the order in which they were added */
    const char *cast_cache[OBJECT_CLASS_CAST_CACHE]; /* [atomic] */
    /* Called when @obj leaves the tree, before its parent's reference is dropped; or NULL. */
    void (*unparent)(Object *obj);
};

struct Object {
    ObjectClass *class;        /* [const] */
    GDestroyNotify free;       /* [const] frees the memory; NULL: it is part of something larger */
    uint32_t ref;              /* [atomic] */
    GHashTable *properties;    /* [bql] instance properties, NULL if none */
    GQueue property_order;     /* [bql] the same, in the order in which they were added */
    Object *parent;            /* [bql] in the composition tree, or NULL */
    ObjectProperty *in_parent; /* [bql] the child<> property of @parent that holds this object */
};

/*
 * An interface has no instance data; each class which implements it has its own copy of the class
 * structure.
 */
struct InterfaceClass {
    ObjectClass parent_class;
    ObjectClass *concrete_class; /* [const] the implementing class */
};

/* Which interfaces a type implements; ends with {}. */
struct InterfaceInfo {
    const char *type;
};

/**
 * TypeInfo - description of a type; the structure is copied at registration, its strings and
 * arrays are not and must be static
 * @name:          unique; a second registration is a bug of ours and aborts
 * @parent:        name of the parent type; need not be registered yet
 * @instance_size: bytes, 0: as parent
 * @instance_init: called for the parents first; the memory is zeroed before
 * @instance_post_init: called after all instance_init, for the parents last
 * @instance_finalize: called for the parents last; children and instance properties are gone
 * @abstract:      cannot be instantiated
 * @class_size:    bytes, 0: as parent
 * @class_init:    called once on the class, which starts as a copy of its parent's
 * @class_base_init: called on each class derived from this one, before its own class_init, to undo
 *                 what must not be inherited
 * @class_data:    passed to both
 * @interfaces:    ends with {}, or NULL
 */
struct TypeInfo {
    const char *name;
    const char *parent;
    size_t instance_size;
    void (*instance_init)(Object *obj);
    void (*instance_post_init)(Object *obj);
    void (*instance_finalize)(Object *obj);
    bool abstract;
    size_t class_size;
    void (*class_init)(ObjectClass *klass, const void *data);
    void (*class_base_init)(ObjectClass *klass, const void *data);
    const void *class_data;
    const InterfaceInfo *interfaces;
};

/* ---- Registration ---- */

/*
 * Runs @function before main(). Order between files is undefined: types name their parents, so none
 * is needed.
 */
#define type_init(function)                                                                        \
    static void __attribute__((constructor)) type_init_##function(void)                            \
    {                                                                                              \
        function();                                                                                \
    }

/* Registers each element of a static array of TypeInfo before main(). */
#define DEFINE_TYPES(array)                                                                        \
    static void register_types_of_##array(void)                                                    \
    {                                                                                              \
        type_register_static_array(array, G_N_ELEMENTS(array));                                    \
    }                                                                                              \
    type_init(register_types_of_##array)

void type_register_static(const TypeInfo *info);
void type_register_static_array(const TypeInfo *infos, size_t num_infos);

/*
 * As type_register_static, but @info and its strings are copied: for types made at run time (one
 * for each CPU model).
 */
void type_register(const TypeInfo *info);

/* ---- Casts ---- */

#define OBJECT(obj) ((Object *)(obj))
#define OBJECT_CLASS(klass) ((ObjectClass *)(klass))

#define OBJECT_CHECK(type, obj, name)                                                              \
    ((type *)object_dynamic_cast_assert(OBJECT(obj), (name), __FILE__, __LINE__, __func__))
#define OBJECT_CLASS_CHECK(type, klass, name)                                                      \
    ((type *)object_class_dynamic_cast_assert(OBJECT_CLASS(klass), (name), __FILE__, __LINE__,     \
                                              __func__))
#define OBJECT_GET_CLASS(type, obj, name)                                                          \
    OBJECT_CLASS_CHECK(type, object_get_class(OBJECT(obj)), name)

#define DECLARE_INSTANCE_CHECKER(InstanceType, NAME, TYPENAME)                                     \
    static inline G_GNUC_UNUSED InstanceType *NAME(const void *obj)                                \
    {                                                                                              \
        return OBJECT_CHECK(InstanceType, obj, TYPENAME);                                          \
    }

#define DECLARE_CLASS_CHECKERS(ClassType, NAME, TYPENAME)                                          \
    static inline G_GNUC_UNUSED ClassType *NAME##_GET_CLASS(const void *obj)                       \
    {                                                                                              \
        return OBJECT_GET_CLASS(ClassType, obj, TYPENAME);                                         \
    }                                                                                              \
    static inline G_GNUC_UNUSED ClassType *NAME##_CLASS(const void *klass)                         \
    {                                                                                              \
        return OBJECT_CLASS_CHECK(ClassType, klass, TYPENAME);                                     \
    }

#define DECLARE_OBJ_CHECKERS(InstanceType, ClassType, NAME, TYPENAME)                              \
    DECLARE_INSTANCE_CHECKER(InstanceType, NAME, TYPENAME)                                         \
    DECLARE_CLASS_CHECKERS(ClassType, NAME, TYPENAME)

/*
 * What a header says about a type: the typedefs, the casts NAME(), NAME_CLASS() and
 * NAME_GET_CLASS(), and g_autoptr() which drops a reference. TYPE_##NAME must be a defined string.
 */
#define OBJECT_DECLARE_TYPE(InstanceType, ClassType, NAME)                                         \
    typedef struct InstanceType InstanceType;                                                      \
    typedef struct ClassType ClassType;                                                            \
    G_DEFINE_AUTOPTR_CLEANUP_FUNC(InstanceType, object_unref)                                      \
    DECLARE_OBJ_CHECKERS(InstanceType, ClassType, NAME, TYPE_##NAME)

/* The same for a type without a class structure of its own. */
#define OBJECT_DECLARE_SIMPLE_TYPE(InstanceType, NAME)                                             \
    typedef struct InstanceType InstanceType;                                                      \
    G_DEFINE_AUTOPTR_CLEANUP_FUNC(InstanceType, object_unref)                                      \
    DECLARE_INSTANCE_CHECKER(InstanceType, NAME, TYPE_##NAME)

/* An interface: InstanceType stays incomplete, ClassType begins with an InterfaceClass. */
#define DECLARE_INTERFACE(InstanceType, ClassType, NAME)                                           \
    typedef struct InstanceType InstanceType;                                                      \
    typedef struct ClassType ClassType;                                                            \
    DECLARE_OBJ_CHECKERS(InstanceType, ClassType, NAME, TYPE_##NAME)

/* NULL if @obj is NULL or not of type (or interface) @name. */
Object *object_dynamic_cast(Object *obj, const char *name);
ObjectClass *object_class_dynamic_cast(ObjectClass *klass, const char *name);

/* Abort if the cast is wrong, which is a bug of ours; NULL passes. Use OBJECT_CHECK and friends. */
Object *object_dynamic_cast_assert(Object *obj, const char *name, const char *file, int line,
                                   const char *func);
ObjectClass *object_class_dynamic_cast_assert(ObjectClass *klass, const char *name,
                                              const char *file, int line, const char *func);

/* ---- Types and classes ---- */

ObjectClass *object_get_class(const Object *obj);
const char *object_get_typename(const Object *obj);
const char *object_class_get_name(const ObjectClass *klass);
ObjectClass *object_class_get_parent(const ObjectClass *klass);
bool object_class_is_abstract(const ObjectClass *klass);

/* NULL if there is no such type, or its parent is not there. */
ObjectClass *object_class_by_name(const char *name);

/*
 * Calls @fn for each class of type (or interface) @implements (NULL: any), in no particular order.
 */
void object_class_foreach(void (*fn)(ObjectClass *klass, void *opaque), const char *implements,
                          bool include_abstract, void *opaque);

/* The same as a list sorted by name; g_slist_free() it. */
GSList *object_class_get_list(const char *implements, bool include_abstract);

/* ---- Instances ---- */

/*
 * A new instance with one reference, owned by the caller. The type must exist and not be abstract.
 */
Object *object_new(const char *type);
Object *object_new_with_class(ObjectClass *klass);

/*
 * Makes @data, at least @size bytes, an instance; its memory belongs to the caller, who drops the
 * reference.
 */
void object_initialize(void *data, size_t size, const char *type);

/*
 * The same as a child of @parent called @name, which then owns the reference: an object embedded in
 * another.
 */
#define object_initialize_child(parent, name, child, type)                                         \
    object_initialize_child_internal((parent), (name), (child), sizeof(*(child)), (type))
void object_initialize_child_internal(Object *parent, const char *name, void *child, size_t size,
                                      const char *type);

Object *object_ref(void *obj);
void object_unref(void *obj);

/*
 * Takes @obj out of the tree: class unparent hook, then the parent's reference is dropped. No-op
 * without a parent.
 */
void object_unparent(Object *obj);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Object, object_unref)

/* ---- Properties ---- */

/* The names of an enumeration's members, in the order of their values. */
typedef struct QEnumLookup {
    const char *const *array;
    int size;
} QEnumLookup;

/*
 * -1 with @error set ("Parameter 'x' does not accept value 'y'") if @name is not one. @what is 'x'.
 */
int qapi_enum_parse(const QEnumLookup *lookup, const char *name, const char *what, GError **error);
const char *qapi_enum_lookup(const QEnumLookup *lookup, int value);

/* The value as documented at the top, floating; NULL with @error set. */
typedef GVariant *ObjectPropertyGet(Object *obj, const char *name, void *opaque, GError **error);
/* @value is borrowed. */
typedef bool ObjectPropertySet(Object *obj, const char *name, GVariant *value, void *opaque,
                               GError **error);
/* Resolves one path component; borrowed reference, or NULL. */
typedef Object *ObjectPropertyResolve(Object *obj, const char *part, void *opaque);
typedef void ObjectPropertyRelease(Object *obj, const char *name, void *opaque);

struct ObjectProperty {
    char *name;
    char *type;
    char *description;              /* or NULL */
    ObjectPropertyGet *get;         /* NULL: cannot be read */
    ObjectPropertySet *set;         /* NULL: read only */
    ObjectPropertyResolve *resolve; /* child<> and link<> only */
    ObjectPropertyRelease *release; /* or NULL; always NULL for a class property */
    const QEnumLookup *enum_lookup; /* enumerations only */
    GVariant *defval;               /* shown by help, or NULL */
    void *opaque;
    GList order; /* link in the owner's property_order */
};

/**
 * object_property_add - add a property to one object
 * @name: unique within the object and its class, else this aborts; "x[*]" takes the first free of
 * x[0], x[1]...
 * @type: decides what the setter receives, see the top of this file
 *
 * Returns the property, so that description, default and enumeration can be filled in.
 */
ObjectProperty *object_property_add(Object *obj, const char *name, const char *type,
                                    ObjectPropertyGet *get, ObjectPropertySet *set,
                                    ObjectPropertyRelease *release, void *opaque);
ObjectProperty *object_class_property_add(ObjectClass *klass, const char *name, const char *type,
                                          ObjectPropertyGet *get, ObjectPropertySet *set,
                                          void *opaque);

/* Removes an instance property and calls its release; the object at a child<> is unparented. */
void object_property_del(Object *obj, const char *name);

/*
 * Instance first, then class and its parents. The _err form sets "Property 'type.name' not found".
 */
ObjectProperty *object_property_find(Object *obj, const char *name);
ObjectProperty *object_property_find_err(Object *obj, const char *name, GError **error);
ObjectProperty *object_class_property_find(ObjectClass *klass, const char *name);

/*
 * Calls @fn for each property: the instance's, then the class's, then its parents', each in the
 * order of addition.
 */
typedef void ObjectPropertyVisit(ObjectProperty *prop, void *opaque);
void object_property_foreach(Object *obj, ObjectPropertyVisit *fn, void *opaque);
void object_class_property_foreach(ObjectClass *klass, ObjectPropertyVisit *fn, void *opaque);

/**
 * object_property_set - set a property to a typed value (JSON, code)
 * @value: consumed if floating; must have the property's type ("Invalid parameter type for 'x',
 * expected: boolean")
 */
bool object_property_set(Object *obj, const char *name, GVariant *value, GError **error);

/* Sets a property from command-line text, parsed by the property's type. */
bool object_property_parse(Object *obj, const char *name, const char *string, GError **error);

/* A new reference, never floating; NULL with @error set. */
GVariant *object_property_get(Object *obj, const char *name, GError **error);

/* The value as command-line text; g_free() it. Strings are quoted if @human. */
char *object_property_print(Object *obj, const char *name, bool human, GError **error);

const char *object_property_get_type(Object *obj, const char *name, GError **error);

bool object_property_set_bool(Object *obj, const char *name, bool value, GError **error);
bool object_property_set_int(Object *obj, const char *name, int64_t value, GError **error);
bool object_property_set_uint(Object *obj, const char *name, uint64_t value, GError **error);
bool object_property_set_str(Object *obj, const char *name, const char *value, GError **error);
/* @value NULL clears the link; it must have a path. */
bool object_property_set_link(Object *obj, const char *name, Object *value, GError **error);

/*
 * False, -1, 0, NULL (also) if @error is set. The string is g_free()d by the caller, the link is
 * borrowed.
 */
bool object_property_get_bool(Object *obj, const char *name, GError **error);
int64_t object_property_get_int(Object *obj, const char *name, GError **error);
uint64_t object_property_get_uint(Object *obj, const char *name, GError **error);
char *object_property_get_str(Object *obj, const char *name, GError **error);
Object *object_property_get_link(Object *obj, const char *name, GError **error);
/* The member's index, or -1 with @error set. */
int object_property_get_enum(Object *obj, const char *name, GError **error);

/*
 * For members of structured values: what @text, or the typed @value, is for a property of this
 * name and type. A new reference, or NULL with @error set.
 */
GVariant *object_value_from_text(const char *name, const char *type, const char *text,
                                 GError **error);
GVariant *object_value_normalize(const char *name, const char *type, GVariant *value,
                                 GError **error);

/* Typed convenience. NULL get or set: cannot be read or set. */
ObjectProperty *object_property_add_bool(Object *obj, const char *name,
                                         bool (*get)(Object *, GError **),
                                         bool (*set)(Object *, bool, GError **));
ObjectProperty *object_class_property_add_bool(ObjectClass *klass, const char *name,
                                               bool (*get)(Object *, GError **),
                                               bool (*set)(Object *, bool, GError **));
/* The getter returns an allocated string; NULL reads as "". Type "string". */
ObjectProperty *object_property_add_str(Object *obj, const char *name,
                                        char *(*get)(Object *, GError **),
                                        bool (*set)(Object *, const char *, GError **));
ObjectProperty *object_class_property_add_str(ObjectClass *klass, const char *name,
                                              char *(*get)(Object *, GError **),
                                              bool (*set)(Object *, const char *, GError **));
ObjectProperty *object_property_add_enum(Object *obj, const char *name, const char *type,
                                         const QEnumLookup *lookup, int (*get)(Object *, GError **),
                                         bool (*set)(Object *, int, GError **));
ObjectProperty *object_class_property_add_enum(ObjectClass *klass, const char *name,
                                               const char *type, const QEnumLookup *lookup,
                                               int (*get)(Object *, GError **),
                                               bool (*set)(Object *, int, GError **));

/* A property that is a variable, which must live as long as the object. */
typedef enum {
    OBJ_PROP_FLAG_READ = 1,
    OBJ_PROP_FLAG_WRITE = 2,
    OBJ_PROP_FLAG_READWRITE = 3,
} ObjectPropertyFlags;
ObjectProperty *object_property_add_uint8_ptr(Object *obj, const char *name, uint8_t *v,
                                              ObjectPropertyFlags flags);
ObjectProperty *object_property_add_uint16_ptr(Object *obj, const char *name, uint16_t *v,
                                               ObjectPropertyFlags flags);
ObjectProperty *object_property_add_uint32_ptr(Object *obj, const char *name, uint32_t *v,
                                               ObjectPropertyFlags flags);
ObjectProperty *object_property_add_uint64_ptr(Object *obj, const char *name, uint64_t *v,
                                               ObjectPropertyFlags flags);

/* Another name, on @obj, for @target_name of @target, which must outlive @obj. */
ObjectProperty *object_property_add_alias(Object *obj, const char *name, Object *target,
                                          const char *target_name);

void object_property_set_description(Object *obj, const char *name, const char *description);
void object_class_property_set_description(ObjectClass *klass, const char *name,
                                           const char *description);
/* Only what help shows: setting it is the job of instance_init. Consumes a floating @defval. */
void object_property_set_default(ObjectProperty *prop, GVariant *defval);

/* ---- Links and children ---- */

/**
 * object_property_add_link - a property that names another object
 * @type:  that object's type or interface
 * @child: where the pointer is kept; holds a reference if OBJ_PROP_LINK_STRONG
 * @check: may refuse a new value (NULL clears); object_property_allow_set_link accepts all; NULL:
 * read only
 */
typedef enum {
    OBJ_PROP_LINK_STRONG = 1
} ObjectPropertyLinkFlags;
typedef bool ObjectPropertyLinkCheck(const Object *obj, const char *name, Object *value,
                                     GError **error);
ObjectPropertyLinkCheck object_property_allow_set_link;
ObjectProperty *object_property_add_link(Object *obj, const char *name, const char *type,
                                         Object **child, ObjectPropertyLinkCheck *check,
                                         ObjectPropertyLinkFlags flags);
/* The same for every instance: the pointer is at @offset; never a strong link. */
ObjectProperty *object_class_property_add_link(ObjectClass *klass, const char *name,
                                               const char *type, ptrdiff_t offset,
                                               ObjectPropertyLinkCheck *check);
/* What @path means to a link called @name to @type: borrowed, or NULL with @error set. */
Object *object_resolve_link(const char *path, const char *type, const char *name, GError **error);
/* A fixed link: read only, no reference held. */
ObjectProperty *object_property_add_const_link(Object *obj, const char *name, Object *target);

/*
 * Makes @child a child of @obj, which takes a reference. @child must have no parent. The name must
 * be free: aborts.
 */
void object_property_add_child(Object *obj, const char *name, Object *child);
/*
 * The same, but a name in use is an error: "attempt to add duplicate property 'x' to object (type
 * 'y')".
 */
bool object_property_try_add_child(Object *obj, const char *name, Object *child, GError **error);

/* Calls @fn for each child in the order of addition until it returns nonzero, and returns that. */
int object_child_foreach(Object *obj, int (*fn)(Object *child, void *opaque), void *opaque);
/* The same for the whole subtree, parents before children, @obj itself not. */
int object_child_foreach_recursive(Object *obj, int (*fn)(Object *child, void *opaque),
                                   void *opaque);

/* ---- Paths ---- */

Object *object_get_root(void);
/* /objects, where -object puts its instances. */
Object *object_get_objects_root(void);
/* /machine, or NULL before there is one. */
Object *object_get_machine(void);
/* The container at @path (absolute), made if missing. */
Object *container_get(Object *root, const char *path);

/* "/machine/unattached/device[0]"; NULL if @obj does not hang below the root. */
char *object_get_canonical_path(const Object *obj);
/* Its last component; borrowed, NULL without a parent. */
const char *object_get_canonical_path_component(const Object *obj);

/**
 * object_resolve_path - find an object by name
 * @path: absolute ("/machine/soc"), or partial ("soc/uart"): then the tail of exactly one path of
 * the tree
 * @ambiguous: if not NULL, set to whether several match (then NULL is returned)
 *
 * Returns a borrowed reference or NULL.
 */
Object *object_resolve_path(const char *path, bool *ambiguous);
/*
 * The same among objects of type @type only: an empty partial path names the only object of that
 * type.
 */
Object *object_resolve_path_type(const char *path, const char *type, bool *ambiguous);
/* @path from @parent, absolute (from the root) or relative, never partial. */
Object *object_resolve_path_at(Object *parent, const char *path);
Object *object_resolve_path_component(Object *parent, const char *part);

/* ---- Printing ---- */

/* One line of `-device T,help`: "  name=<type> - description (default: x)". g_free() it. */
char *object_property_help(const ObjectProperty *prop);

/**
 * object_append_help - append the help lines of @obj's settable properties, sorted
 * @wanted: which ones; NULL: all
 *
 * Returns how many lines.
 */
unsigned object_append_help(Object *obj, bool (*wanted)(const ObjectProperty *prop), GString *out);

/* `info qom-tree`: the children of @obj, sorted, indented by @indent blanks. */
void object_print_tree(Object *obj, int indent, GString *out);

#endif
