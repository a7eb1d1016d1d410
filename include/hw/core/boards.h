/* SPDX-License-Identifier: MIT */
/*
 * Machines: what -M names.
 *
 * A machine is an object at /machine. Its properties are the options of -M; the short options (-m,
 * -smp, -kernel...) set the same properties. MachineClass::init then builds the board from them.
 *
 * Threads: BQL. Tests: tests/unit/hw/core/test-machine.c, test-machine-smp.c.
 */
#ifndef HW_CORE_BOARDS_H
#define HW_CORE_BOARDS_H

#include "hw/core/qdev.h"
#include "system/memory.h"

#define TYPE_MACHINE "machine"
OBJECT_DECLARE_TYPE(MachineState, MachineClass, MACHINE)

#define TYPE_MACHINE_SUFFIX "-machine"
/* MACHINE_TYPE_NAME("virt") is "virt-machine", the QOM type of -M virt. */
#define MACHINE_TYPE_NAME(machine_name) (machine_name TYPE_MACHINE_SUFFIX)

/* Harts: sockets * cores * threads == max_cpus >= cpus > 0. */
typedef struct CpuTopology {
    unsigned cpus; /* present at start */
    unsigned max_cpus;
    unsigned sockets;
    unsigned cores;   /* in a socket */
    unsigned threads; /* in a core */
} CpuTopology;

/**
 * MachineClass - set in class_init; all [const] after
 * @desc:             one line for -M help
 * @alias:            another name, or NULL
 * @is_default:       chosen when no -M is given
 * @init:             builds the board; harts, memory, devices, device tree. On failure the program
 * ends.
 * @reset:            NULL: qemu_devices_reset(). Else calls it.
 * @max_cpus, @min_cpus, @default_cpus: 0 of the latter two means 1
 * @default_cpu_type: QOM type; NULL: the machine has no harts
 * @default_ram_size: bytes
 * @default_ram_id:   name of the RAM object when the user gives none ("riscv_virt_board.ram");
 * NULL: no RAM
 * @default_nic:      model for -nic, or NULL
 * @block_default_type: what -hda and -drive without if= become (enum of block.h, as an int)
 */
struct MachineClass {
    ObjectClass parent_class;
    const char *desc;
    const char *alias;
    bool is_default;
    bool (*init)(MachineState *machine, GError **error);
    void (*reset)(MachineState *machine, ResetType type);
    unsigned max_cpus;
    unsigned min_cpus;
    unsigned default_cpus;
    const char *default_cpu_type;
    uint64_t default_ram_size;
    const char *default_ram_id;
    const char *default_nic;
    int block_default_type;
    bool no_serial;
    bool no_parallel;
    bool no_floppy;
    bool no_cdrom;
};

struct MachineState {
    Object parent_obj;

    /* [const] once init runs: the options. Strings are NULL if not given. */
    char *kernel_filename;
    char *kernel_cmdline;
    char *initrd_filename;
    char *dtb;           /* file that replaces the generated tree */
    char *dumpdtb;       /* file to write the tree to, then exit */
    char *dt_compatible; /* overrides the root's "compatible" */
    char *firmware;      /* -bios */
    int64_t phandle_start;
    bool enable_graphics;
    bool dump_guest_core;
    bool mem_merge;
    bool usb;
    uint64_t ram_size;    /* bytes */
    uint64_t maxram_size; /* bytes, >= ram_size */
    uint64_t ram_slots;
    CpuTopology smp;
    char *memory_backend; /* id of the -object, or NULL */
    char *cpu_type;       /* QOM type, chosen by -cpu */

    /* [bql] */
    MemoryRegion *ram; /* all of the machine's RAM, made before init */
    void *fdt;         /* flattened device tree, or NULL; g_malloc()ed */
    size_t fdt_size;
    bool init_done;
};

/* In a .c file: DEFINE_MACHINE("virt", virt_class_init) for a machine without state of its own. */
#define DEFINE_MACHINE(namestr, machine_class_init)       \
    static const TypeInfo machine_class_init##_info = {   \
        .name = MACHINE_TYPE_NAME(namestr),               \
        .parent = TYPE_MACHINE,                           \
        .class_init = (machine_class_init),               \
    };                                                    \
    static void machine_class_init##_register(void)       \
    {                                                     \
        type_register_static(&machine_class_init##_info); \
    }                                                     \
    type_init(machine_class_init##_register)

/* The machine, or NULL before there is one. */
MachineState *machine_get_current(void);

/* "virt" of "virt-machine", borrowed until the class goes (never). */
const char *machine_class_get_name(const MachineClass *mc);

/* By name or alias; NULL with @error set: `unsupported machine type: "foo"`, and how to list them.
 */
MachineClass *machine_class_find(const char *name, GError **error);
/* The default, or NULL. */
MachineClass *machine_class_default(void);
/* `-M help`, and `-M NAME,help`: text to print. g_free() it. */
char *machine_list_help(void);
char *machine_class_help(MachineClass *mc);

/* Makes the machine object at /machine, with its containers. It becomes the current machine. */
MachineState *machine_new(MachineClass *mc);

/**
 * machine_set_options - set -M's properties, in order
 * @options: without type=; a key "smp.cpus" sets a member of the property "smp"
 */
bool machine_set_options(MachineState *machine, const ObjectOption *options, size_t num_options,
                         GError **error);

/* Checks the options against each other, makes the RAM, and runs the class's init. */
bool machine_run_board_init(MachineState *machine, GError **error);

/* Resets the machine: its class's way, or all that is registered. */
void machine_reset(MachineState *machine, ResetType type);

/* What -smp may leave out; 0 in each field that is not given. */
typedef struct SMPConfiguration {
    bool has_cpus, has_max_cpus, has_sockets, has_cores, has_threads;
    uint64_t cpus, max_cpus, sockets, cores, threads;
} SMPConfiguration;

/* Fills in @topology from @config by the rules of -smp, or says why not. */
bool machine_parse_smp_config(const MachineClass *mc, const SMPConfiguration *config,
                              CpuTopology *topology, GError **error);

#endif
