/* SPDX-License-Identifier: MIT */
/*
 * Tables of device properties.
 *
 *     static const Property foo_properties[] = {
 *         DEFINE_PROP_UINT32("clock", FooState, clock_hz, 1000000),
 *         DEFINE_PROP_CHR("chardev", FooState, chr),
 *     };
 *     device_class_set_props(dc, foo_properties);
 *
 * Defaults are set when an instance is made, before -global and before the user's values. A
 * property cannot be set once the device is realized.
 *
 * Threads: BQL. Tests: tests/unit/hw/core/test-qdev-properties.c.
 */
#ifndef HW_CORE_QDEV_PROPERTIES_H
#define HW_CORE_QDEV_PROPERTIES_H

#include "hw/core/qdev.h"

typedef struct Property Property;
typedef struct PropertyInfo PropertyInfo;

/**
 * PropertyInfo - a kind of property
 * @type:        decides what @set receives, see qom/object.h; shown by help
 * @description: shown by help, or NULL
 * @enum_table:  enumerations only
 * @get, @set:   @value is in canonical form; @set NULL: read only
 * @set_default: stores prop->defval in a new instance; NULL: nothing (the memory is zero)
 * @default_value: what help shows, floating, or NULL
 * @release:     frees what the field holds, at finalize; or NULL
 */
struct PropertyInfo {
    const char *type;
    const char *description;
    const QEnumLookup *enum_table;
    GVariant *(*get)(Object *obj, const Property *prop);
    bool (*set)(Object *obj, const Property *prop, GVariant *value, GError **error);
    void (*set_default)(Object *obj, const Property *prop);
    GVariant *(*default_value)(const Property *prop);
    void (*release)(Object *obj, const Property *prop);
};

struct Property {
    const char *name;
    const PropertyInfo *info;
    ptrdiff_t offset;      /* of the field in the instance */
    const char *link_type; /* links: the type of object */
    uint8_t bitnr;         /* bits of a word */
    bool set_default;
    union {
        int64_t i;
        uint64_t u;
    } defval;
};

/* The field. */
void *object_field_prop_ptr(Object *obj, const Property *prop);

/* Adds @num properties to a class; @props must be static. */
void device_class_set_props_n(DeviceClass *dc, const Property *props, size_t num);
#define device_class_set_props(dc, props)                                                          \
    device_class_set_props_n((dc), (props), G_N_ELEMENTS(props))

/* ---- Kinds ---- */

extern const PropertyInfo qdev_prop_bit;
extern const PropertyInfo qdev_prop_bit64;
extern const PropertyInfo qdev_prop_bool;
extern const PropertyInfo qdev_prop_uint8;
extern const PropertyInfo qdev_prop_uint16;
extern const PropertyInfo qdev_prop_uint32;
extern const PropertyInfo qdev_prop_int32;
extern const PropertyInfo qdev_prop_uint64;
extern const PropertyInfo qdev_prop_int64;
extern const PropertyInfo qdev_prop_size;
extern const PropertyInfo qdev_prop_string;
extern const PropertyInfo qdev_prop_link;
extern const PropertyInfo qdev_prop_on_off_auto;
/* Those that name a backend or need its layer: qdev-properties-system.c. */
extern const PropertyInfo qdev_prop_chr;
extern const PropertyInfo qdev_prop_drive;
extern const PropertyInfo qdev_prop_netdev;
extern const PropertyInfo qdev_prop_macaddr;
extern const PropertyInfo qdev_prop_blocksize;

/* For the PropertyInfo of another enumeration, whose field is an int: .enum_table and these. */
GVariant *qdev_propinfo_get_enum(Object *obj, const Property *prop);
bool qdev_propinfo_set_enum(Object *obj, const Property *prop, GVariant *value, GError **error);
void qdev_propinfo_set_default_enum(Object *obj, const Property *prop);
GVariant *qdev_propinfo_default_enum(const Property *prop);

typedef enum OnOffAuto {
    ON_OFF_AUTO_AUTO,
    ON_OFF_AUTO_ON,
    ON_OFF_AUTO_OFF,
    ON_OFF_AUTO__MAX,
} OnOffAuto;
extern const QEnumLookup OnOffAuto_lookup;

/* Fails to compile unless the field has the type. */
#define QDEV_PROP_OFFSET(_state, _field, _type)                                                    \
    (offsetof(_state, _field) + 0 * sizeof((_type *)0 == &((_state *)0)->_field))

#define DEFINE_PROP(_name, _state, _field, _info, _type, ...)                                      \
    {                                                                                              \
        .name = (_name), .info = &(_info), .offset = QDEV_PROP_OFFSET(_state, _field, _type),      \
        __VA_ARGS__                                                                                \
    }
#define DEFINE_PROP_SIGNED(_name, _state, _field, _default, _info, _type)                          \
    DEFINE_PROP(_name, _state, _field, _info, _type, .set_default = true, .defval.i = (_default))
#define DEFINE_PROP_UNSIGNED(_name, _state, _field, _default, _info, _type)                        \
    DEFINE_PROP(_name, _state, _field, _info, _type, .set_default = true, .defval.u = (_default))

#define DEFINE_PROP_BOOL(_n, _s, _f, _d) DEFINE_PROP_UNSIGNED(_n, _s, _f, _d, qdev_prop_bool, bool)
#define DEFINE_PROP_UINT8(_n, _s, _f, _d)                                                          \
    DEFINE_PROP_UNSIGNED(_n, _s, _f, _d, qdev_prop_uint8, uint8_t)
#define DEFINE_PROP_UINT16(_n, _s, _f, _d)                                                         \
    DEFINE_PROP_UNSIGNED(_n, _s, _f, _d, qdev_prop_uint16, uint16_t)
#define DEFINE_PROP_UINT32(_n, _s, _f, _d)                                                         \
    DEFINE_PROP_UNSIGNED(_n, _s, _f, _d, qdev_prop_uint32, uint32_t)
#define DEFINE_PROP_INT32(_n, _s, _f, _d)                                                          \
    DEFINE_PROP_SIGNED(_n, _s, _f, _d, qdev_prop_int32, int32_t)
#define DEFINE_PROP_UINT64(_n, _s, _f, _d)                                                         \
    DEFINE_PROP_UNSIGNED(_n, _s, _f, _d, qdev_prop_uint64, uint64_t)
#define DEFINE_PROP_INT64(_n, _s, _f, _d)                                                          \
    DEFINE_PROP_SIGNED(_n, _s, _f, _d, qdev_prop_int64, int64_t)
#define DEFINE_PROP_SIZE(_n, _s, _f, _d)                                                           \
    DEFINE_PROP_UNSIGNED(_n, _s, _f, _d, qdev_prop_size, uint64_t)
#define DEFINE_PROP_ON_OFF_AUTO(_n, _s, _f, _d)                                                    \
    DEFINE_PROP_SIGNED(_n, _s, _f, _d, qdev_prop_on_off_auto, OnOffAuto)
/* Bit @_bit of a uint32_t, or of a uint64_t: feature words. */
#define DEFINE_PROP_BIT(_n, _s, _f, _bit, _d)                                                      \
    DEFINE_PROP(_n, _s, _f, qdev_prop_bit, uint32_t, .bitnr = (_bit), .set_default = true,         \
                .defval.u = (_d))
#define DEFINE_PROP_BIT64(_n, _s, _f, _bit, _d)                                                    \
    DEFINE_PROP(_n, _s, _f, qdev_prop_bit64, uint64_t, .bitnr = (_bit), .set_default = true,       \
                .defval.u = (_d))
/* An int of an enumeration, by the user's own PropertyInfo. */
#define DEFINE_PROP_ENUM(_n, _s, _f, _d, _info, _type)                                             \
    DEFINE_PROP_SIGNED(_n, _s, _f, _d, _info, _type)
/* char *, g_malloc()ed, owned by the property; NULL if not set. */
#define DEFINE_PROP_STRING(_n, _s, _f) DEFINE_PROP(_n, _s, _f, qdev_prop_string, char *)
/* A pointer to an object of @_type; holds a reference. */
#define DEFINE_PROP_LINK(_n, _s, _f, _type, _ptr_type)                                             \
    DEFINE_PROP(_n, _s, _f, qdev_prop_link, _ptr_type, .link_type = (_type))

/*
 * The field is what the backend's layer wants. A drive is attached to the device, with nothing said
 * about writing: realize asks blk_is_writable(). A netdev is only looked up: realize makes the NIC.
 */
#define DEFINE_PROP_CHR(_n, _s, _f) DEFINE_PROP(_n, _s, _f, qdev_prop_chr, CharBackend)
#define DEFINE_PROP_DRIVE(_n, _s, _f) DEFINE_PROP(_n, _s, _f, qdev_prop_drive, BlockBackend *)
#define DEFINE_PROP_NETDEV(_n, _s, _f) DEFINE_PROP(_n, _s, _f, qdev_prop_netdev, NICPeers)
#define DEFINE_PROP_MACADDR(_n, _s, _f) DEFINE_PROP(_n, _s, _f, qdev_prop_macaddr, MACAddr)
#define DEFINE_PROP_BLOCKSIZE(_n, _s, _f)                                                          \
    DEFINE_PROP_UNSIGNED(_n, _s, _f, 0, qdev_prop_blocksize, uint32_t)

/* ---- Setting them from code (boards). A refusal is a bug of ours and aborts. ---- */

void qdev_prop_set_bit(DeviceState *dev, const char *name, bool value);
void qdev_prop_set_uint8(DeviceState *dev, const char *name, uint8_t value);
void qdev_prop_set_uint16(DeviceState *dev, const char *name, uint16_t value);
void qdev_prop_set_uint32(DeviceState *dev, const char *name, uint32_t value);
void qdev_prop_set_int32(DeviceState *dev, const char *name, int32_t value);
void qdev_prop_set_uint64(DeviceState *dev, const char *name, uint64_t value);
void qdev_prop_set_string(DeviceState *dev, const char *name, const char *value);
void qdev_prop_set_enum(DeviceState *dev, const char *name, int value);
/* The value comes from the user (-serial), so this can fail. NULL: leave it unconnected. */
bool qdev_prop_set_chr(DeviceState *dev, const char *name, Chardev *value, GError **error);

/* ---- -global driver.property=value ---- */

/*
 * Strings are copied. Applied to each new object of @driver's type or derived from it, in the order
 * of registration.
 */
void qdev_prop_register_global(const char *driver, const char *property, const char *value);
/*
 * Applies them to @obj; "can't apply global D.P=V: ...". Devices do it by themselves when they are
 * made.
 */
bool qdev_prop_set_globals(Object *obj, GError **error);
/*
 * Warns about those naming no device type: "global x.y has invalid class name". Returns whether
 * there was one.
 */
bool qdev_prop_check_globals(void);
/* Forgets all (unit tests). */
void qdev_prop_clear_globals(void);

#endif
