/* SPDX-License-Identifier: MIT */
/* What the files of qom/ share with each other and with nobody else. */
#ifndef QOM_OBJECT_INTERNAL_H
#define QOM_OBJECT_INTERNAL_H

#include "qom/object.h"

struct TypeImpl {
    TypeInfo info;
    TypeImpl *parent;   /* [const] once the class exists */
    ObjectClass *class; /* [bql] NULL until first used */
    bool is_interface;  /* [const] once the class exists */
    bool initializing;  /* a class_init that needs its own class is a bug */
};

/* NULL if there is no such type; else its class exists afterwards. */
TypeImpl *type_get_initialized(const char *name);

/* Takes @prop out of @obj's table and releases it. */
void object_property_remove(Object *obj, ObjectProperty *prop);
/* Removes all instance properties, those added last first. */
void object_property_remove_all(Object *obj);

bool object_property_is_child(const ObjectProperty *prop);

/**
 * property_value_from_text - what command-line text @text means for @prop
 *
 * Returns a value in canonical form, floating or with a reference (g_variant_take_ref), or NULL
 * with @error set.
 */
GVariant *property_value_from_text(const ObjectProperty *prop, const char *text, GError **error);

/* Checks a typed value and brings it into canonical form; returns as above. */
GVariant *property_value_normalize(const ObjectProperty *prop, GVariant *value, GError **error);

/* As text; @human adds hexadecimal and units and quotes strings, as `info qtree` shows them. */
char *property_value_print(const ObjectProperty *prop, GVariant *value, bool human);

#endif
