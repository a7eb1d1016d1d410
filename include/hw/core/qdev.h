/* SPDX-License-Identifier: MIT */
/*
 * Devices and buses.
 *
 * A DeviceState is made (qdev_new: memory exists, properties can be set), realized (it works and
 * the guest sees it), and possibly unrealized. A device may sit on a bus and may have buses of its
 * own, so that devices and buses form the tree of `info qtree`; independently of that every device
 * has a path in the composition tree (qom/object.h).
 *
 * realize either completes or leaves nothing behind: check everything first, then act.
 *
 * Threads: BQL. Tests: tests/unit/hw/core/test-qdev.c, test-qdev-monitor.c, test-gpio.c.
 */
#ifndef HW_CORE_QDEV_H
#define HW_CORE_QDEV_H

#include "qemu/bitmap.h"
#include "qemu/bitops.h"
#include "qom/object.h"
#include "qom/object_interfaces.h"
#include "hw/core/irq.h"
#include "hw/core/reset.h"

struct FDTContext;
struct Property;

typedef enum DeviceCategory {
    DEVICE_CATEGORY_BRIDGE,
    DEVICE_CATEGORY_USB,
    DEVICE_CATEGORY_STORAGE,
    DEVICE_CATEGORY_NETWORK,
    DEVICE_CATEGORY_INPUT,
    DEVICE_CATEGORY_DISPLAY,
    DEVICE_CATEGORY_SOUND,
    DEVICE_CATEGORY_MISC,
    DEVICE_CATEGORY_CPU,
    DEVICE_CATEGORY_WATCHDOG,
    DEVICE_CATEGORY_MAX
} DeviceCategory;

#define TYPE_DEVICE "device"
OBJECT_DECLARE_TYPE(DeviceState, DeviceClass, DEVICE)

#define TYPE_BUS "bus"
OBJECT_DECLARE_TYPE(BusState, BusClass, BUS)

typedef bool (*DeviceRealize)(DeviceState *dev, GError **error);
typedef void (*DeviceUnrealize)(DeviceState *dev);

/**
 * DeviceClass - set in class_init; all [const] after
 * @categories:     where `-device help` lists the type: set_bit(DEVICE_CATEGORY_X, dc->categories)
 * @desc:           one line for `-device help`, or NULL
 * @user_creatable: -device may make it. True by default, false for sysbus devices and CPUs
 * @hotpluggable:   device_add may make it while the machine runs. True by default
 * @realize:        NULL: nothing to do
 * @unrealize:      NULL: cannot be undone other than by the generic part
 * @fdt:            writes the device's own node, see hw/core/fdt-context.h; NULL: has none
 * @bus_type:       the type of bus it plugs into; NULL: none
 *
 * Reset is the Resettable interface (hw/core/reset.h), set by RESETTABLE_CLASS(klass)->phases.
 */
struct DeviceClass {
    ObjectClass parent_class;
    DECLARE_BITMAP(categories, DEVICE_CATEGORY_MAX);
    const char *desc;
    bool user_creatable;
    bool hotpluggable;
    DeviceRealize realize;
    DeviceUnrealize unrealize;
    void (*fdt)(DeviceState *dev, struct FDTContext *ctx);
    const char *bus_type;
    const struct Property *props; /* device_class_set_props(); not inherited, found by walking up */
    size_t num_props;
};

/* One group of lines of a device. */
typedef struct NamedGPIOList {
    char *name;     /* NULL: the unnamed group */
    GPtrArray *in;  /* of IRQState, children of the device */
    GPtrArray *out; /* of qemu_irq *, the device's own variables */
} NamedGPIOList;

struct DeviceState {
    Object parent_obj;
    char *id;             /* [bql] what the user called it, or NULL */
    bool realized;        /* [bql] */
    bool hotplugged;      /* [const] made by device_add while the machine runs */
    GError *global_error; /* [bql] a -global that did not apply; qdev_realize reports it */
    BusState *parent_bus; /* [bql] referenced while on it */
    GList on_bus;         /* [bql] link in parent_bus->children */
    GQueue child_buses;   /* [bql] of BusState, in the order of creation */
    GPtrArray *gpios;     /* [bql] of NamedGPIOList */
};

/**
 * BusClass
 * @print_dev:     appends `info qtree` lines about @dev, each indented by @indent blanks; or NULL
 * @check_address: refuses a device whose address property is not free, before it goes on the bus;
 *                 or NULL
 * @realize:       or NULL
 * @unrealize:     or NULL
 * @max_dev:       how many devices it takes, 0: any number
 */
struct BusClass {
    ObjectClass parent_class;
    void (*print_dev)(GString *out, DeviceState *dev, int indent);
    bool (*check_address)(BusState *bus, DeviceState *dev, GError **error);
    bool (*realize)(BusState *bus, GError **error);
    void (*unrealize)(BusState *bus);
    unsigned max_dev;
    unsigned next_id; /* [bql] number of the next bus without a name; of each class its own */
};

struct BusState {
    Object parent_obj;
    DeviceState *parent; /* [const] the device whose bus this is; NULL: the main system bus */
    char *name;          /* [const] "virtio-mmio-bus.7" */
    bool hotpluggable;   /* [const] takes and gives devices while the machine runs */
    bool realized;       /* [bql] */
    bool full;           /* [bql] takes no more devices whatever max_dev says */
    GQueue children;     /* [bql] of DeviceState, in the order in which they were plugged */
    GList in_parent;     /* [bql] link in parent->child_buses */
};

/* ---- Life ---- */

/* A new device, with one reference, globals applied. The type must be a device type. */
DeviceState *qdev_new(const char *type);
/* The same, NULL if there is no such type. */
DeviceState *qdev_try_new(const char *type);

/**
 * qdev_realize - make a device work
 * @bus: where it is plugged, NULL exactly if its class has no bus type
 *
 * A device without a parent becomes a child of /machine/unattached. On failure it is off the bus
 * again, unrealized, and still the caller's.
 */
bool qdev_realize(DeviceState *dev, BusState *bus, GError **error);
/* The same and drops the caller's reference in either case. */
bool qdev_realize_and_unref(DeviceState *dev, BusState *bus, GError **error);
/* Undoes it; children and buses first. No-op if not realized. */
void qdev_unrealize(DeviceState *dev);

static inline bool qdev_is_realized(const DeviceState *dev)
{
    return dev->realized;
}

/* For class_init: replaces the function and keeps the parent's, which the new one calls. */
void device_class_set_parent_realize(DeviceClass *dc, DeviceRealize realize,
                                     DeviceRealize *parent_realize);
void device_class_set_parent_unrealize(DeviceClass *dc, DeviceUnrealize unrealize,
                                       DeviceUnrealize *parent_unrealize);

/* Resets one device, with its buses and their devices. */
void device_cold_reset(DeviceState *dev);
void bus_cold_reset(BusState *bus);

/* ---- Buses ---- */

/*
 * A new bus of @parent (may be NULL), and its child. Without @name it is "<id of parent>.N" if the
 * user gave one, else "<type in lower case>.N", counting from 0. Embedded by qbus_init() in memory
 * of the device, of @size bytes.
 */
BusState *qbus_new(const char *type, DeviceState *parent, const char *name);
void qbus_init(void *bus, size_t size, const char *type, DeviceState *parent, const char *name);
bool qbus_realize(BusState *bus, GError **error);
void qbus_unrealize(BusState *bus);
void qbus_mark_full(BusState *bus);
bool qbus_is_full(const BusState *bus);

BusState *qdev_get_parent_bus(const DeviceState *dev);
BusState *qdev_get_child_bus(DeviceState *dev, const char *name);

/* The main system bus, below /machine/unattached; made on first use. */
BusState *sysbus_get_default(void);
/* Forgets it at the end of a machine (unit tests, clean-up). */
void sysbus_drop_default(void);

/* ---- GPIO lines; NULL name is the unnamed group ---- */

/*
 * Inputs: @n more lines at the end of the group; @handler gets the device (or @opaque) and the
 * line's index.
 */
void qdev_init_gpio_in(DeviceState *dev, qemu_irq_handler handler, int n);
void qdev_init_gpio_in_named(DeviceState *dev, qemu_irq_handler handler, const char *name, int n);
void qdev_init_gpio_in_named_with_opaque(DeviceState *dev, qemu_irq_handler handler, void *opaque,
                                         const char *name, int n);
/* Outputs: @n more; @pins are the device's own variables, set by connecting. */
void qdev_init_gpio_out(DeviceState *dev, qemu_irq *pins, int n);
void qdev_init_gpio_out_named(DeviceState *dev, qemu_irq *pins, const char *name, int n);

qemu_irq qdev_get_gpio_in(DeviceState *dev, int n);
qemu_irq qdev_get_gpio_in_named(DeviceState *dev, const char *name, int n);
/* Outputs in the group, 0 if there is no such group. */
int qdev_num_gpio_out(DeviceState *dev, const char *name);
/* What output @n is connected to, or NULL. */
qemu_irq qdev_get_gpio_out_connector(DeviceState *dev, const char *name, int n);
/* @input NULL disconnects. The line is borrowed: it must outlive @dev, or be disconnected. */
void qdev_connect_gpio_out(DeviceState *dev, int n, qemu_irq input);
void qdev_connect_gpio_out_named(DeviceState *dev, const char *name, int n, qemu_irq input);

/* ---- The user's devices: -device, device_add, device_del ---- */

/**
 * qdev_device_add - make and realize a device from a parsed option
 * @options: driver=, bus=, id= and the device's properties
 * @hotplug: the machine has been set up
 *
 * It is put at /machine/peripheral/<id> or /machine/peripheral-anon/device[N]. Without bus= it goes
 * to the first bus of its type that has room, those made last first. Returns a borrowed reference,
 * or NULL with @error set and nothing left behind.
 */
DeviceState *qdev_device_add(const ObjectOption *options, size_t num_options, bool hotplug,
                             GError **error);

/* Takes out the device called @id (an id or a path). */
bool qdev_device_del(const char *id, GError **error);

/* By the id given by the user; borrowed, or NULL. */
DeviceState *qdev_find_by_id(const char *id);

/* `-device help`, and `-device TYPE,help`: text to print, or NULL with @error set. g_free() it. */
char *qdev_help(void);
char *qdev_device_help(const char *type, GError **error);

/* `info qtree`; @brief leaves out the properties. */
void qdev_print_tree(GString *out, bool brief);

/* ---- Containers ---- */

/* /machine/unattached, /machine/peripheral, /machine/peripheral-anon. */
Object *qdev_get_unattached(void);
Object *qdev_get_peripheral(void);
Object *qdev_get_peripheral_anon(void);

#endif
