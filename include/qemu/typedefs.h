/* SPDX-License-Identifier: MIT */
/*
 * Names of structs that more than one header mentions by pointer only, so that headers
 * need not include each other. Their definitions are in the header of the subject.
 */
#ifndef QEMU_TYPEDEFS_H
#define QEMU_TYPEDEFS_H

/* An address on a guest bus: guest physical, in bytes. */
typedef uint64_t hwaddr;
#define HWADDR_PRIx PRIx64
#define HWADDR_PRIu PRIu64
#define HWADDR_MAX UINT64_MAX

/* A guest virtual address, in bytes. RV32 guests use the low 32 bits, zero-extended. */
typedef uint64_t vaddr;
#define VADDR_PRIx PRIx64
#define VADDR_MAX UINT64_MAX

typedef struct AddressSpace AddressSpace;
typedef struct BlockBackend BlockBackend;
typedef struct BusClass BusClass;
typedef struct BusState BusState;
typedef struct Chardev Chardev;
typedef struct CharBackend CharBackend;
typedef struct CPUClass CPUClass;
typedef struct CPUState CPUState;
typedef struct DeviceClass DeviceClass;
typedef struct DeviceState DeviceState;
typedef struct EventNotifier EventNotifier;
typedef struct FlatView FlatView;
typedef struct InterfaceClass InterfaceClass;
typedef struct IRQState *qemu_irq;
typedef struct JitMem JitMem;
typedef struct MachineClass MachineClass;
typedef struct MachineState MachineState;
typedef struct MemoryRegion MemoryRegion;
typedef struct MemoryRegionOps MemoryRegionOps;
typedef struct MemoryRegionSection MemoryRegionSection;
typedef struct Monitor Monitor;
typedef struct Notifier Notifier;
typedef struct NotifierList NotifierList;
typedef struct Object Object;
typedef struct ObjectClass ObjectClass;
typedef struct ObjectProperty ObjectProperty;
typedef struct Property Property;
typedef struct QEMUBH QEMUBH;
typedef struct QEMUTimer QEMUTimer;
typedef struct QemuOpts QemuOpts;
typedef struct RAMBlock RAMBlock;
typedef struct ResettableClass ResettableClass;
typedef struct SysBusDevice SysBusDevice;
typedef struct TCGContext TCGContext;
typedef struct TranslationBlock TranslationBlock;
typedef struct TypeImpl TypeImpl;
typedef struct TypeInfo TypeInfo;

#endif
