/* SPDX-License-Identifier: MIT */
/*
 * Objects that users make: parsed options, and UserCreatable, the interface of the types that
 * `-object` and QMP's object-add may make.
 *
 * Threads: BQL. Tests: tests/unit/qom/test-user-creatable.c.
 */
#ifndef QOM_OBJECT_INTERFACES_H
#define QOM_OBJECT_INTERFACES_H

#include "qemu/option.h"
#include "qom/object.h"

/* ---- Parsed options: -object, -device, -machine, in either syntax ---- */

/* One key. */
typedef struct ObjectOption {
    char *name;
    GVariant *value; /* s if @from_text, else anything that JSON can say */
    bool from_text;  /* the property's type says what the text means */
} ObjectOption;

/* All pairs of @opts in order; free with object_options_free(). */
ObjectOption *object_options_from_opts(QemuOpts *opts, size_t *num_options);
void object_options_free(ObjectOption *options, size_t num_options);

/* The last value of @name if it is a string, else NULL; borrowed. */
const char *object_option_get_str(const ObjectOption *options, size_t num_options,
                                  const char *name);

/* Sets the property of the option's name. */
bool object_set_option(Object *obj, const ObjectOption *option, GError **error);

/* ---- -object ---- */

#define TYPE_USER_CREATABLE "user-creatable"
DECLARE_INTERFACE(UserCreatable, UserCreatableClass, USER_CREATABLE)

/**
 * UserCreatableClass
 * @complete: called once all properties are set; opens files and the like. NULL: nothing to do.
 *            When it fails the object is dropped.
 * @can_be_deleted: whether object-del is allowed now; NULL: always
 */
struct UserCreatableClass {
    InterfaceClass parent_class;
    bool (*complete)(UserCreatable *uc, GError **error);
    bool (*can_be_deleted)(UserCreatable *uc);
};

bool user_creatable_complete(UserCreatable *uc, GError **error);
bool user_creatable_can_be_deleted(UserCreatable *uc);

/**
 * user_creatable_add - make the object that -object describes, at /objects/<id>
 * @options: qom-type=, id= and the object's properties
 *
 * Returns a borrowed reference, or NULL with @error set and nothing left behind.
 */
Object *user_creatable_add(const ObjectOption *options, size_t num_options, GError **error);

/* False with @error set if there is none called @id, or it is in use. */
bool user_creatable_del(const char *id, GError **error);

/* Takes out everything below /objects, last made first: for the end of the program. */
void user_creatable_cleanup(void);

/* What `-object help` prints; g_free() it. */
char *user_creatable_list_help(void);
/* What `-object TYPE,help` prints; NULL with @error set if there is no such type. */
char *user_creatable_type_help(const char *type, GError **error);

#endif
