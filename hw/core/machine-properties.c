/* SPDX-License-Identifier: MIT */
/*
 * The properties that all machines have: the options of -M.
 *
 * Threads: BQL. Tests: tests/unit/hw/core/test-machine.c.
 */
#include "qemu/osdep.h"
#include "qemu/error.h"
#include "hw/core/boards.h"

/* ---- Strings and flags, one getter and setter each ---- */

static bool set_string(char **field, const char *value)
{
    g_free(*field);
    *field = g_strdup(value);
    return true;
}

#define DEFINE_STRING_ACCESS(field)                                                                \
    static char *machine_get_##field(Object *obj, GError **error)                                  \
    {                                                                                              \
        return g_strdup(MACHINE(obj)->field);                                                      \
    }                                                                                              \
    static bool machine_set_##field(Object *obj, const char *value, GError **error)                \
    {                                                                                              \
        return set_string(&MACHINE(obj)->field, value);                                            \
    }

DEFINE_STRING_ACCESS(kernel_filename)
DEFINE_STRING_ACCESS(kernel_cmdline)
DEFINE_STRING_ACCESS(initrd_filename)
DEFINE_STRING_ACCESS(dtb)
DEFINE_STRING_ACCESS(dumpdtb)
DEFINE_STRING_ACCESS(dt_compatible)
DEFINE_STRING_ACCESS(firmware)

#define DEFINE_BOOL_ACCESS(field)                                                                  \
    static bool machine_get_##field(Object *obj, GError **error)                                   \
    {                                                                                              \
        return MACHINE(obj)->field;                                                                \
    }                                                                                              \
    static bool machine_set_##field(Object *obj, bool value, GError **error)                       \
    {                                                                                              \
        MACHINE(obj)->field = value;                                                               \
        return true;                                                                               \
    }

DEFINE_BOOL_ACCESS(enable_graphics)
DEFINE_BOOL_ACCESS(dump_guest_core)
DEFINE_BOOL_ACCESS(mem_merge)
DEFINE_BOOL_ACCESS(usb)

static GVariant *machine_get_phandle_start(Object *obj, const char *name, void *opaque,
                                           GError **error)
{
    return g_variant_new_int64(MACHINE(obj)->phandle_start);
}

static bool machine_set_phandle_start(Object *obj, const char *name, GVariant *value, void *opaque,
                                      GError **error)
{
    int64_t start = g_variant_get_int64(value);

    /* Phandles are 32 bits; the upper half is plenty for those given out from here. */
    if (start < 0 || start > INT32_MAX) {
        error_setg(error, "Parameter '%s' expects a number from 0 to %d", name, INT32_MAX);
        return false;
    }
    MACHINE(obj)->phandle_start = start;
    return true;
}

/* ---- Structured values ---- */

typedef struct Member {
    const char *name;
    const char *type; /* as a property's */
    uint64_t *value;
    bool *has;
} Member;

/* Stores @value in the member of @members called @name. */
static bool set_member(const char *property, const char *name, GVariant *value,
                       const Member *members, size_t num_members, GError **error)
{
    g_autofree char *path = g_strdup_printf("%s.%s", property, name);

    for (size_t i = 0; i < num_members; i++) {
        const Member *m = &members[i];
        g_autoptr(GVariant) number = NULL;

        if (strcmp(m->name, name) != 0) {
            continue;
        }
        number =
            g_variant_is_of_type(value, G_VARIANT_TYPE_STRING) ?
                object_value_from_text(path, m->type, g_variant_get_string(value, NULL), error) :
                object_value_normalize(path, m->type, value, error);
        if (!number) {
            return false;
        }
        *m->value = g_variant_get_uint64(number);
        *m->has = true;
        return true;
    }
    error_setg(error, "Parameter '%s' is unexpected", path);
    return false;
}

/* A dictionary from JSON or from dotted keys. */
static bool set_members(const char *property, GVariant *value, const Member *members,
                        size_t num_members, GError **error)
{
    GVariantIter iter;
    const char *name;
    GVariant *member;
    bool ok = true;

    if (!g_variant_is_of_type(value, G_VARIANT_TYPE_VARDICT)) {
        error_setg(error, "Invalid parameter type for '%s', expected: object", property);
        return false;
    }
    g_variant_iter_init(&iter, value);
    while (ok && g_variant_iter_next(&iter, "{&sv}", &name, &member)) {
        ok = set_member(property, name, member, members, num_members, error);
        g_variant_unref(member);
    }
    return ok;
}

static GVariant *machine_get_memory(Object *obj, const char *name, void *opaque, GError **error)
{
    MachineState *machine = MACHINE(obj);
    GVariantDict dict;

    g_variant_dict_init(&dict, NULL);
    g_variant_dict_insert(&dict, "size", "t", machine->ram_size);
    if (machine->ram_slots) {
        g_variant_dict_insert(&dict, "slots", "t", machine->ram_slots);
        g_variant_dict_insert(&dict, "max-size", "t", machine->maxram_size);
    }
    return g_variant_dict_end(&dict);
}

static bool check_memory(uint64_t size, uint64_t max_size, bool has_max_size, uint64_t slots,
                         GError **error)
{
    if (slots && !has_max_size) {
        error_setg(error, "slots specified but no max-size");
        return false;
    }
    if (max_size < size) {
        error_setg(error,
                   "invalid value of maxmem: maximum memory size (0x%" PRIx64
                   ") must be at least the initial memory size (0x%" PRIx64 ")",
                   max_size, size);
        return false;
    }
    return true;
}

static bool machine_set_memory(Object *obj, const char *name, GVariant *value, void *opaque,
                               GError **error)
{
    MachineState *machine = MACHINE(obj);
    uint64_t size = 0, max_size = 0, slots = 0;
    bool has_size = false, has_max_size = false, has_slots = false;
    const Member members[] = {
        {"size", "size", &size, &has_size},
        {"max-size", "size", &max_size, &has_max_size},
        {"slots", "uint64", &slots, &has_slots},
    };

    if (!set_members(name, value, members, G_N_ELEMENTS(members), error)) {
        return false;
    }
    /* -m 0 is the default. */
    if (!size) {
        size = MACHINE_GET_CLASS(machine)->default_ram_size;
    }
    if (!has_max_size) {
        max_size = size;
    }
    if (!check_memory(size, max_size, has_max_size, slots, error)) {
        return false;
    }
    machine->ram_size = size;
    machine->maxram_size = max_size;
    machine->ram_slots = slots;
    return true;
}

static GVariant *machine_get_smp(Object *obj, const char *name, void *opaque, GError **error)
{
    const CpuTopology *smp = &MACHINE(obj)->smp;
    GVariantDict dict;

    g_variant_dict_init(&dict, NULL);
    g_variant_dict_insert(&dict, "cpus", "t", (uint64_t)smp->cpus);
    g_variant_dict_insert(&dict, "maxcpus", "t", (uint64_t)smp->max_cpus);
    g_variant_dict_insert(&dict, "sockets", "t", (uint64_t)smp->sockets);
    g_variant_dict_insert(&dict, "cores", "t", (uint64_t)smp->cores);
    g_variant_dict_insert(&dict, "threads", "t", (uint64_t)smp->threads);
    return g_variant_dict_end(&dict);
}

/* Levels of other machines' hierarchies: accepted when they say nothing. */
static bool check_levels(const char *const *names, const uint64_t *sizes, size_t num_levels,
                         GError **error)
{
    for (size_t i = 0; i < num_levels; i++) {
        if (sizes[i] > 1) {
            error_setg(error, "%s > 1 not supported by this machine's CPU topology", names[i]);
            return false;
        }
    }
    return true;
}

static bool machine_set_smp(Object *obj, const char *name, GVariant *value, void *opaque,
                            GError **error)
{
    static const char *const levels[] = {"drawers", "books", "dies", "clusters", "modules"};
    MachineState *machine = MACHINE(obj);
    SMPConfiguration config = {0};
    uint64_t sizes[G_N_ELEMENTS(levels)] = {0};
    bool has_level;
    const Member members[] = {
        {"cpus", "uint32", &config.cpus, &config.has_cpus},
        {"maxcpus", "uint32", &config.max_cpus, &config.has_max_cpus},
        {"sockets", "uint32", &config.sockets, &config.has_sockets},
        {"cores", "uint32", &config.cores, &config.has_cores},
        {"threads", "uint32", &config.threads, &config.has_threads},
        {levels[0], "uint32", &sizes[0], &has_level},
        {levels[1], "uint32", &sizes[1], &has_level},
        {levels[2], "uint32", &sizes[2], &has_level},
        {levels[3], "uint32", &sizes[3], &has_level},
        {levels[4], "uint32", &sizes[4], &has_level},
    };

    return set_members(name, value, members, G_N_ELEMENTS(members), error) &&
           check_levels(levels, sizes, G_N_ELEMENTS(levels), error) &&
           machine_parse_smp_config(MACHINE_GET_CLASS(machine), &config, &machine->smp, error);
}

/* ---- Options ---- */

/* The property that the option's name begins with, if it is "property.member". */
static char *dotted_prefix(const char *name)
{
    const char *dot = strchr(name, '.');

    return dot ? g_strndup(name, dot - name) : NULL;
}

/* Gathers the options "@property.member" from the first one on into one dictionary, and sets it. */
static bool set_dotted(MachineState *machine, const char *property, const ObjectOption *options,
                       size_t num_options, GError **error)
{
    GVariantDict dict;

    g_variant_dict_init(&dict, NULL);
    for (size_t i = 0; i < num_options; i++) {
        g_autofree char *prefix = dotted_prefix(options[i].name);

        if (g_strcmp0(prefix, property) == 0) {
            g_variant_dict_insert_value(&dict, options[i].name + strlen(property) + 1,
                                        options[i].value);
        }
    }
    return object_property_set(OBJECT(machine), property, g_variant_dict_end(&dict), error);
}

bool machine_set_options(MachineState *machine, const ObjectOption *options, size_t num_options,
                         GError **error)
{
    g_autoptr(GHashTable) done = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (size_t i = 0; i < num_options; i++) {
        char *prefix = dotted_prefix(options[i].name);

        if (!prefix) {
            if (strcmp(options[i].name, "type") != 0 &&
                !object_set_option(OBJECT(machine), &options[i], error)) {
                return false;
            }
        } else if (g_hash_table_contains(done, prefix)) {
            g_free(prefix);
        } else {
            g_hash_table_add(done, prefix);
            if (!set_dotted(machine, prefix, &options[i], num_options - i, error)) {
                return false;
            }
        }
    }
    return true;
}

/* ---- The type ---- */

static void machine_instance_init(Object *obj)
{
    MachineState *machine = MACHINE(obj);
    MachineClass *mc = MACHINE_GET_CLASS(machine);
    unsigned cpus = mc->default_cpus ? mc->default_cpus : 1;

    machine->enable_graphics = true;
    machine->dump_guest_core = true;
    machine->mem_merge = true;
    machine->ram_size = mc->default_ram_size;
    machine->maxram_size = mc->default_ram_size;
    machine->cpu_type = g_strdup(mc->default_cpu_type);
    machine->smp = (CpuTopology){cpus, cpus, 1, cpus, 1};
}

static void machine_instance_finalize(Object *obj)
{
    MachineState *machine = MACHINE(obj);

    g_free(machine->kernel_filename);
    g_free(machine->kernel_cmdline);
    g_free(machine->initrd_filename);
    g_free(machine->dtb);
    g_free(machine->dumpdtb);
    g_free(machine->dt_compatible);
    g_free(machine->firmware);
    g_free(machine->cpu_type);
    g_free(machine->fdt);
    g_free(machine->ram);
}

static void add_string(ObjectClass *klass, const char *name, char *(*get)(Object *, GError **),
                       bool (*set)(Object *, const char *, GError **), const char *description)
{
    object_class_property_add_str(klass, name, get, set);
    object_class_property_set_description(klass, name, description);
}

static void add_bool(ObjectClass *klass, const char *name, bool (*get)(Object *, GError **),
                     bool (*set)(Object *, bool, GError **), const char *description)
{
    object_class_property_add_bool(klass, name, get, set);
    object_class_property_set_description(klass, name, description);
}

static void machine_class_init(ObjectClass *klass, const void *data)
{
    add_string(klass, "kernel", machine_get_kernel_filename, machine_set_kernel_filename,
               "Linux kernel image file");
    add_string(klass, "append", machine_get_kernel_cmdline, machine_set_kernel_cmdline,
               "Linux kernel command line");
    add_string(klass, "initrd", machine_get_initrd_filename, machine_set_initrd_filename,
               "Linux initial ramdisk file");
    add_string(klass, "dtb", machine_get_dtb, machine_set_dtb, "Linux kernel device tree file");
    add_string(klass, "dumpdtb", machine_get_dumpdtb, machine_set_dumpdtb,
               "Dump current dtb to a file and quit");
    add_string(klass, "dt-compatible", machine_get_dt_compatible, machine_set_dt_compatible,
               "Overrides the \"compatible\" property of the dt root node");
    add_string(klass, "firmware", machine_get_firmware, machine_set_firmware, "Firmware image");
    add_bool(klass, "graphics", machine_get_enable_graphics, machine_set_enable_graphics,
             "Set on/off to enable/disable graphics emulation");
    add_bool(klass, "dump-guest-core", machine_get_dump_guest_core, machine_set_dump_guest_core,
             "Include guest memory in a core dump");
    add_bool(klass, "mem-merge", machine_get_mem_merge, machine_set_mem_merge,
             "Enable/disable memory merge support");
    add_bool(klass, "usb", machine_get_usb, machine_set_usb, "Set on/off to enable/disable usb");
    object_class_property_add(klass, "phandle-start", "int", machine_get_phandle_start,
                              machine_set_phandle_start, NULL);
    object_class_property_set_description(klass, "phandle-start",
                                          "The first phandle ID we may generate dynamically");
    object_class_property_add(klass, "memory", "MemorySizeConfiguration", machine_get_memory,
                              machine_set_memory, NULL);
    object_class_property_set_description(klass, "memory", "Memory size configuration");
    object_class_property_add(klass, "smp", "SMPConfiguration", machine_get_smp, machine_set_smp,
                              NULL);
    object_class_property_set_description(klass, "smp", "CPU topology");
}

static const TypeInfo machine_types[] = {
    {
        .name = TYPE_MACHINE,
        .parent = TYPE_OBJECT,
        .abstract = true,
        .instance_size = sizeof(MachineState),
        .instance_init = machine_instance_init,
        .instance_finalize = machine_instance_finalize,
        .class_size = sizeof(MachineClass),
        .class_init = machine_class_init,
    },
};

DEFINE_TYPES(machine_types)
