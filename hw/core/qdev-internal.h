/* SPDX-License-Identifier: MIT */
/* What the files about devices in hw/core/ share with each other and with nobody else. */
#ifndef HW_CORE_QDEV_INTERNAL_H
#define HW_CORE_QDEV_INTERNAL_H

#include "hw/core/qdev-properties.h"

/* Puts @dev on @bus; "Bus 'x' is full", or what the bus class says about its address. */
bool bus_plug(BusState *bus, DeviceState *dev, GError **error);
/* Takes @dev off its bus. */
void bus_unplug(DeviceState *dev);

/* Stores the defaults of all property tables; releases what the fields hold. */
void device_set_property_defaults(DeviceState *dev);
void device_release_properties(DeviceState *dev);

/* Whether @prop comes from a property table: those are what users see. */
bool property_is_from_table(const ObjectProperty *prop);

void device_release_gpios(DeviceState *dev);

#endif
