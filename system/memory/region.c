/* SPDX-License-Identifier: MIT */
/*
 * MemoryRegion: the tree of regions, its construction and its changes
 *
 * Changes only mark the rendered views as stale; address-space.c renders at the end of the
 * outermost transaction. Accesses are in access.c.
 *
 * Locks: everything here runs under the BQL, except the questions and reference counting.
 * Tests: tests/unit/system/memory/test-region.c.
 */

#include "qemu/osdep.h"
#include "memory-internal.h"
#include "qemu/atomic.h"
#include "system/address-spaces.h"
#include "system/dirty.h"

MemoryRegion io_mem_unassigned;
MemoryRegion io_mem_rom;

/* ---- The two regions behind nothing and behind readonly aliases ---- */

static bool unassigned_accepts(void *opaque, hwaddr addr, unsigned size, bool is_write,
                               MemTxAttrs attrs)
{
    return false;
}

static const MemoryRegionOps unassigned_mem_ops = {
    .valid.accepts = unassigned_accepts,
    .valid.unaligned = true,
};

static uint64_t rom_alias_read(void *opaque, hwaddr addr, unsigned size)
{
    return 0;
}

static void rom_alias_write(void *opaque, hwaddr addr, uint64_t data, unsigned size)
{
    memory_region_log_rom_write(&io_mem_rom, addr, size);
}

static const MemoryRegionOps rom_alias_ops = {
    .read = rom_alias_read,
    .write = rom_alias_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid.unaligned = true,
    .impl.max_access_size = 8,
    .impl.unaligned = true,
};

static uint64_t unassigned_io_read(void *opaque, hwaddr addr, unsigned size)
{
    return UINT64_MAX;
}

static void unassigned_io_write(void *opaque, hwaddr addr, uint64_t data, unsigned size)
{
}

const MemoryRegionOps unassigned_io_ops = {
    .read = unassigned_io_read,
    .write = unassigned_io_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid.unaligned = true,
    .impl.max_access_size = 8,
    .impl.unaligned = true,
};

void memory_special_regions_init(void)
{
    if (io_mem_unassigned.ops) {
        return;
    }
    memory_region_init_io(&io_mem_unassigned, NULL, &unassigned_mem_ops, NULL, NULL, UINT64_MAX);
    memory_region_clear_global_locking(&io_mem_unassigned);
    memory_region_init_io(&io_mem_rom, NULL, &rom_alias_ops, NULL, "rom", UINT64_MAX);
    memory_region_clear_global_locking(&io_mem_rom);
}

/* ---- Initialisation ---- */

static void region_set_extent(MemoryRegion *mr, uint64_t size)
{
    mr->empty = size == 0;
    mr->last = size == UINT64_MAX ? HWADDR_MAX : size - 1;
}

/* A QOM path component: '/' would begin another one, brackets are for the running number. */
static char *qom_name_of(const char *name)
{
    GString *out = g_string_new(NULL);

    for (const char *p = name ? name : "anonymous"; *p; p++) {
        if (strchr("/[]\\", *p)) {
            g_string_append_printf(out, "\\x%02x", *p);
        } else {
            g_string_append_c(out, *p);
        }
    }
    g_string_append(out, "[*]");
    return g_string_free(out, false);
}

void memory_region_init(MemoryRegion *mr, Object *owner, const char *name, uint64_t size)
{
    object_initialize(mr, sizeof(*mr), TYPE_MEMORY_REGION);
    mr->owner = owner;
    mr->name = g_strdup(name);
    region_set_extent(mr, size);
    if (owner) {
        g_autofree char *child_name = qom_name_of(name);

        object_property_add_child(owner, child_name, OBJECT(mr));
        object_unref(mr); /* the owner's property holds it from now on */
    }
}

void memory_region_init_io(MemoryRegion *mr, Object *owner, const MemoryRegionOps *ops,
                           void *opaque, const char *name, uint64_t size)
{
    g_assert(ops);
    memory_region_init(mr, owner, name, size);
    mr->ops = ops;
    mr->opaque = opaque;
    mr->terminates = true;
}

void memory_region_init_alias(MemoryRegion *mr, Object *owner, const char *name, MemoryRegion *orig,
                              hwaddr offset, uint64_t size)
{
    memory_region_init(mr, owner, name, size);
    mr->alias = orig;
    mr->alias_offset = offset;
    /* A reference of an owner on itself would keep it alive for ever. */
    if (orig->owner != owner) {
        memory_region_ref(orig);
    }
}

/* Gives @mr host memory: fresh, or @host. On failure @mr is as before any init. */
static bool region_attach_ram(MemoryRegion *mr, const char *name, uint64_t size, void *host,
                              GError **error)
{
    mr->ram_block = ram_block_new(mr, name, size, host, error);
    if (mr->ram_block) {
        mr->terminates = true;
        return true;
    }
    if (mr->owner) {
        object_unparent(OBJECT(mr));
    } else {
        object_unref(mr);
    }
    return false;
}

bool memory_region_init_ram(MemoryRegion *mr, Object *owner, const char *name, uint64_t size,
                            GError **error)
{
    memory_region_init(mr, owner, name, size);
    mr->ram = true;
    return region_attach_ram(mr, name, size, NULL, error);
}

void memory_region_init_ram_ptr(MemoryRegion *mr, Object *owner, const char *name, uint64_t size,
                                void *ptr)
{
    bool ok;

    g_assert(ptr);
    memory_region_init(mr, owner, name, size);
    mr->ram = true;
    ok = region_attach_ram(mr, name, size, ptr, NULL);
    g_assert(ok);
}

bool memory_region_init_rom(MemoryRegion *mr, Object *owner, const char *name, uint64_t size,
                            GError **error)
{
    if (!memory_region_init_ram(mr, owner, name, size, error)) {
        return false;
    }
    mr->readonly = true;
    return true;
}

bool memory_region_init_rom_device(MemoryRegion *mr, Object *owner, const MemoryRegionOps *ops,
                                   void *opaque, const char *name, uint64_t size, GError **error)
{
    memory_region_init_io(mr, owner, ops, opaque, name, size);
    mr->rom_device = true;
    return region_attach_ram(mr, name, size, NULL, error);
}

/* ---- Mapping ---- */

/* Holds @mr because @by points to it. */
static void ref_unless_sibling(MemoryRegion *mr, const MemoryRegion *by)
{
    if (mr->owner != by->owner) {
        memory_region_ref(mr);
    }
}

static void unref_unless_sibling(MemoryRegion *mr, const MemoryRegion *by)
{
    if (mr->owner != by->owner) {
        memory_region_unref(mr);
    }
}

/* Puts @sub where its priority belongs, in front of its equals. */
static void subregions_insert(MemoryRegion *mr, MemoryRegion *sub)
{
    unsigned i = 0;

    if (!mr->subregions) {
        mr->subregions = g_ptr_array_new();
    }
    while (i < mr->subregions->len &&
           ((MemoryRegion *)g_ptr_array_index(mr->subregions, i))->priority > sub->priority) {
        i++;
    }
    g_ptr_array_insert(mr->subregions, i, sub);
}

/* Aliases that are mapped are counted in what they show. */
static void note_alias_mapping(MemoryRegion *mr, int delta)
{
    for (MemoryRegion *target = mr->alias; target; target = target->alias) {
        target->mapped_via_alias += delta;
    }
}

void memory_region_add_subregion_overlap(MemoryRegion *mr, hwaddr offset, MemoryRegion *subregion,
                                         int priority)
{
    g_assert(!subregion->container && !mr->alias);
    memory_region_transaction_begin();
    subregion->container = mr;
    subregion->addr = offset;
    subregion->priority = priority;
    ref_unless_sibling(subregion, mr);
    note_alias_mapping(subregion, 1);
    subregions_insert(mr, subregion);
    memory_region_set_pending();
    memory_region_transaction_commit();
}

void memory_region_add_subregion(MemoryRegion *mr, hwaddr offset, MemoryRegion *subregion)
{
    memory_region_add_subregion_overlap(mr, offset, subregion, 0);
}

void memory_region_del_subregion(MemoryRegion *mr, MemoryRegion *subregion)
{
    bool found;

    g_assert(subregion->container == mr);
    memory_region_transaction_begin();
    found = g_ptr_array_remove(mr->subregions, subregion);
    g_assert(found);
    subregion->container = NULL;
    note_alias_mapping(subregion, -1);
    memory_region_set_pending();
    memory_region_transaction_commit();
    unref_unless_sibling(subregion, mr);
}

/* ---- Changes ---- */

#define SET_AND_RENDER(mr, field, value)                                                           \
    do {                                                                                           \
        if ((mr)->field != (value)) {                                                              \
            memory_region_transaction_begin();                                                     \
            (mr)->field = (value);                                                                 \
            memory_region_set_pending();                                                           \
            memory_region_transaction_commit();                                                    \
        }                                                                                          \
    } while (0)

void memory_region_set_enabled(MemoryRegion *mr, bool enabled)
{
    SET_AND_RENDER(mr, enabled, enabled);
}

void memory_region_set_alias_offset(MemoryRegion *mr, hwaddr offset)
{
    g_assert(mr->alias);
    SET_AND_RENDER(mr, alias_offset, offset);
}

void memory_region_set_readonly(MemoryRegion *mr, bool readonly)
{
    SET_AND_RENDER(mr, readonly, readonly);
}

void memory_region_set_nonvolatile(MemoryRegion *mr, bool nonvolatile)
{
    SET_AND_RENDER(mr, nonvolatile, nonvolatile);
}

void memory_region_rom_device_set_romd(MemoryRegion *mr, bool romd_mode)
{
    g_assert(mr->rom_device);
    SET_AND_RENDER(mr, romd_mode, romd_mode);
}

void memory_region_set_address(MemoryRegion *mr, hwaddr addr)
{
    MemoryRegion *container = mr->container;

    if (addr == mr->addr) {
        return;
    }
    memory_region_transaction_begin();
    mr->addr = addr;
    if (container) {
        /* As if added anew: in front of those with the same priority. */
        g_ptr_array_remove(container->subregions, mr);
        subregions_insert(container, mr);
        memory_region_set_pending();
    }
    memory_region_transaction_commit();
}

void memory_region_set_size(MemoryRegion *mr, uint64_t size)
{
    if (size == memory_region_size(mr)) {
        return;
    }
    g_assert(!mr->ram_block || size <= mr->ram_block->used_length);
    memory_region_transaction_begin();
    region_set_extent(mr, size);
    memory_region_set_pending();
    memory_region_transaction_commit();
}

void memory_region_set_log(MemoryRegion *mr, bool log, unsigned client)
{
    uint8_t bit = 1u << client;
    uint8_t mask = log ? mr->dirty_log_mask | bit : mr->dirty_log_mask & ~bit;

    g_assert(client == DIRTY_MEMORY_VGA || client == DIRTY_MEMORY_MIGRATION);
    SET_AND_RENDER(mr, dirty_log_mask, mask);
}

void memory_region_clear_global_locking(MemoryRegion *mr)
{
    mr->global_locking = false;
}

void memory_region_disable_reentrancy_guard(MemoryRegion *mr)
{
    mr->disable_reentrancy_guard = true;
}

/* ---- Questions ---- */

uint64_t memory_region_size(MemoryRegion *mr)
{
    if (mr->empty) {
        return 0;
    }
    return mr->last == HWADDR_MAX ? UINT64_MAX : mr->last + 1;
}

const char *memory_region_name(const MemoryRegion *mr)
{
    return mr->name;
}

Object *memory_region_owner(MemoryRegion *mr)
{
    return mr->owner;
}

bool memory_region_is_ram(const MemoryRegion *mr)
{
    return mr->ram;
}

bool memory_region_is_rom(const MemoryRegion *mr)
{
    return mr->ram && qatomic_read(&mr->readonly);
}

bool memory_region_is_romd(const MemoryRegion *mr)
{
    return mr->rom_device && qatomic_read(&mr->romd_mode);
}

bool memory_region_is_unassigned(const MemoryRegion *mr)
{
    return mr == &io_mem_unassigned;
}

bool memory_region_is_mapped(MemoryRegion *mr)
{
    return mr->container || mr->mapped_via_alias > 0;
}

bool memory_region_needs_bql(const MemoryRegion *mr)
{
    return mr->global_locking;
}

bool memory_region_access_is_direct(const MemoryRegion *mr, bool is_write)
{
    if (is_write) {
        return mr->ram && !qatomic_read(&mr->readonly);
    }
    return mr->ram || memory_region_is_romd(mr);
}

void *memory_region_get_ram_ptr(MemoryRegion *mr)
{
    hwaddr offset = 0;

    while (mr->alias) {
        offset += mr->alias_offset;
        mr = mr->alias;
    }
    return mr->ram_block ? ramblock_ptr(mr->ram_block, offset) : NULL;
}

ram_addr_t memory_region_get_ram_addr(MemoryRegion *mr)
{
    return mr->ram_block ? mr->ram_block->offset : RAM_ADDR_INVALID;
}

MemoryRegion *memory_region_from_host(void *ptr, hwaddr *offset)
{
    RAMBlock *block = qemu_ram_block_from_host(ptr, offset);

    return block ? block->mr : NULL;
}

void memory_region_set_dirty(MemoryRegion *mr, hwaddr addr, hwaddr size)
{
    g_assert(mr->ram_block);
    RCU_READ_LOCK_GUARD();
    dirty_note_write(mr->ram_block, addr, size);
}

void memory_region_ref(MemoryRegion *mr)
{
    if (mr->owner) {
        object_ref(mr->owner);
    }
}

void memory_region_unref(MemoryRegion *mr)
{
    if (mr->owner) {
        object_unref(mr->owner);
    }
}

/* ---- QOM ---- */

static void memory_region_instance_init(Object *obj)
{
    MemoryRegion *mr = MEMORY_REGION(obj);

    mr->empty = true;
    mr->enabled = true;
    mr->romd_mode = true;
    mr->global_locking = true;
}

static void memory_region_instance_finalize(Object *obj)
{
    MemoryRegion *mr = MEMORY_REGION(obj);

    g_assert(!mr->container);
    memory_region_transaction_begin();
    while (mr->subregions && mr->subregions->len > 0) {
        memory_region_del_subregion(mr, g_ptr_array_index(mr->subregions, 0));
    }
    memory_region_transaction_commit();
    g_clear_pointer(&mr->subregions, g_ptr_array_unref);
    if (mr->alias) {
        unref_unless_sibling(mr->alias, mr);
    }
    if (mr->ram_block) {
        ram_block_free(mr->ram_block);
    }
    g_free(mr->name);
}

static GVariant *get_addr(Object *obj, const char *name, void *opaque, GError **error)
{
    return g_variant_new_uint64(MEMORY_REGION(obj)->addr);
}

static GVariant *get_size(Object *obj, const char *name, void *opaque, GError **error)
{
    return g_variant_new_uint64(memory_region_size(MEMORY_REGION(obj)));
}

static GVariant *get_priority(Object *obj, const char *name, void *opaque, GError **error)
{
    return g_variant_new_int64(MEMORY_REGION(obj)->priority);
}

static GVariant *get_container(Object *obj, const char *name, void *opaque, GError **error)
{
    MemoryRegion *container = MEMORY_REGION(obj)->container;
    g_autofree char *path = container ? object_get_canonical_path(OBJECT(container)) : NULL;

    return g_variant_new_string(path ? path : "");
}

static void memory_region_class_init(ObjectClass *klass, const void *data)
{
    object_class_property_add(klass, "container", "link<" TYPE_MEMORY_REGION ">", get_container,
                              NULL, NULL);
    object_class_property_add(klass, "addr", "uint64", get_addr, NULL, NULL);
    object_class_property_add(klass, "priority", "int32", get_priority, NULL, NULL);
    object_class_property_add(klass, "size", "uint64", get_size, NULL, NULL);
}

static const TypeInfo memory_region_types[] = {
    {
        .name = TYPE_MEMORY_REGION,
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(MemoryRegion),
        .instance_init = memory_region_instance_init,
        .instance_finalize = memory_region_instance_finalize,
        .class_init = memory_region_class_init,
    },
};

DEFINE_TYPES(memory_region_types)
