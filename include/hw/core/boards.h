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
 * @init:             builds the board: harts, devices, device tree. On failure the program ends.
 * @reset:            NULL: qemu_devices_reset(); else it calls that
 * @max_cpus:         how many harts -smp may ask for
 * @min_cpus, @default_cpus: 0 means 1
 * @default_cpu_type: QOM type; NULL: the machine has no harts
 * @default_ram_size: bytes
 * @default_ram_id:   name of the RAM region ("riscv_virt_board.ram"); NULL: no RAM
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
    bool dump_guest_core; /* RAM is in a core dump of this process */
    bool mem_merge;       /* RAM may be merged with that of others (KSM) */
    bool usb;
    uint64_t ram_size;    /* bytes */
    uint64_t maxram_size; /* bytes, >= ram_size */
    uint64_t ram_slots;
    CpuTopology smp;
    char *cpu_type; /* QOM type, chosen by -cpu; the class's default otherwise */

    /* [bql] */
    MemoryRegion *ram; /* all of the machine's RAM, made before init; NULL if it has none */
    void *fdt;         /* flattened device tree, g_malloc()ed, or NULL */
    size_t fdt_size;
    bool init_done; /* what comes now is hot-plugged */
};

/* In a .c file: DEFINE_MACHINE("virt", virt_class_init) for a machine without state of its own. */
#define DEFINE_MACHINE(namestr, machine_class_init)                                                \
    static const TypeInfo machine_class_init##_info = {                                            \
        .name = MACHINE_TYPE_NAME(namestr),                                                        \
        .parent = TYPE_MACHINE,                                                                    \
        .class_init = (machine_class_init),                                                        \
    };                                                                                             \
    static void machine_class_init##_register(void)                                                \
    {                                                                                              \
        type_register_static(&machine_class_init##_info);                                          \
    }                                                                                              \
    type_init(machine_class_init##_register)

/* The machine, or NULL before there is one. */
MachineState *machine_get_current(void);

/* "virt" of "virt-machine"; g_free() it. */
char *machine_class_get_name(const MachineClass *mc);

/*
 * By name or alias; NULL with @error set: `unsupported machine type: "foo"`, and how to list them.
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
 * @options: type= is skipped; "smp.cpus" is a member of the property "smp", and all members of one
 *           property are set together. -m and -smp are "memory.size", "smp.cpus" and so on.
 */
bool machine_set_options(MachineState *machine, const ObjectOption *options, size_t num_options,
                         GError **error);

/* Checks the options against each other, makes the RAM, and runs the class's init. */
bool machine_run_board_init(MachineState *machine, GError **error);

/* Resets the machine: its class's way, or all that is registered. */
void machine_reset(MachineState *machine, ResetType type);

/* What the user said about harts. */
typedef struct SMPConfiguration {
    bool has_cpus, has_max_cpus, has_sockets, has_cores, has_threads;
    uint64_t cpus, max_cpus, sockets, cores, threads;
} SMPConfiguration;

/**
 * machine_parse_smp_config - fill in what the user left out
 *
 * Cores are preferred over sockets, those over threads. False with @error set if the numbers do not
 * fit each other or the machine.
 */
bool machine_parse_smp_config(const MachineClass *mc, const SMPConfiguration *config,
                              CpuTopology *topology, GError **error);

#endif
