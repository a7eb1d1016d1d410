/* SPDX-License-Identifier: MIT */
/*
 * UserCreatable: the interface of types that `-object` and QMP object-add may make.
 *
 * Threads: BQL. Tests: tests/unit/qom/test-user-creatable.c.
 */
#ifndef QOM_OBJECT_INTERFACES_H
#define QOM_OBJECT_INTERFACES_H

#include "qom/object.h"

#define TYPE_USER_CREATABLE "user-creatable"
DECLARE_INTERFACE(UserCreatable, UserCreatableClass, USER_CREATABLE)

/**
 * UserCreatableClass
 * @complete: called once all properties are set; opens files and the like. NULL: nothing to do. On
 * failure the object is dropped.
 * @can_be_deleted: whether object-del is allowed now; NULL: always
 */
struct UserCreatableClass {
    InterfaceClass parent_class;
    bool (*complete)(UserCreatable *uc, GError **error);
    bool (*can_be_deleted)(UserCreatable *uc);
};

bool user_creatable_complete(UserCreatable *uc, GError **error);
bool user_creatable_can_be_deleted(UserCreatable *uc);

/* One key of a parsed option: text from the command line, or any GVariant from JSON. */
typedef struct ObjectOption {
    const char *name;
    GVariant *value;
    bool from_text; /* parse @value (s) by the property's type */
} ObjectOption;

/**
 * user_creatable_add - make an object of type @type, set @options, complete it and put it at
 * /objects/@id
 * @options: without qom-type and id
 *
 * Returns a borrowed reference, or NULL with @error set and nothing left behind.
 */
Object *user_creatable_add(const char *type, const char *id, const ObjectOption *options,
                           size_t num_options, GError **error);

/* False with @error set if there is none called @id or it is in use. */
bool user_creatable_del(const char *id, GError **error);

/* Unparents everything below /objects, last made first: for the end of the program. */
void user_creatable_cleanup(void);

/* `-object help` and `-object TYPE,help`, as text to print; NULL if there is no such type. g_free()
 * it. */
char *user_creatable_help(const char *type);

#endif
