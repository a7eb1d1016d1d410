/* SPDX-License-Identifier: MIT */
/*
 * info mtree: the region trees and the flat views as text, in the form tools parse
 *
 * Trees: one per distinct root, headed by the names of its address spaces; then, one per tree, the
 * regions that aliases on the way pointed to. Flat views: one per distinct view, by the name of its
 * first address space. Locks: under the BQL. Tests: tests/unit/system/memory/test-mtree.c.
 */

#include "qemu/osdep.h"
#include "memory-internal.h"

#define INDENT 2

typedef struct MtreePrinter {
    mtree_print_fn print;
    void *opaque;
    bool owner;
    bool disabled;
    GPtrArray *alias_targets; /* of MemoryRegion, in order of appearance */
} MtreePrinter;

/* The word in parentheses. A region nobody contains is called a container, whatever it does. */
static const char *kind_of(const MemoryRegion *mr)
{
    while (mr->alias) {
        mr = mr->alias;
    }
    if (memory_region_is_romd(mr)) {
        return "romd";
    }
    if (memory_region_is_rom(mr)) {
        return "rom";
    }
    if (memory_region_is_ram(mr)) {
        return "ram";
    }
    return mr->container ? "i/o" : "container";
}

static const char *shown_name(const MemoryRegion *mr)
{
    return mr->name && mr->name[0] ? mr->name : "anonymous";
}

static void print_owner(const MtreePrinter *p, const MemoryRegion *mr)
{
    g_autofree char *path = mr->owner ? object_get_canonical_path(mr->owner) : NULL;

    if (path) {
        p->print(p->opaque, " owner:{obj path=%s}", path);
    }
}

static int compare_children(const void *a, const void *b)
{
    const MemoryRegion *x = *(MemoryRegion *const *)a;
    const MemoryRegion *y = *(MemoryRegion *const *)b;

    if (x->addr != y->addr) {
        return x->addr < y->addr ? -1 : 1;
    }
    return x->priority == y->priority ? 0 : x->priority > y->priority ? -1 : 1;
}

/* @hidden: below a disabled region; only looks for alias targets then. */
static void print_region(MtreePrinter *p, const MemoryRegion *mr, hwaddr base, unsigned level,
                         bool hidden)
{
    hwaddr start = base + mr->addr;

    hidden |= !mr->enabled && !p->disabled;
    if (mr->alias && !g_ptr_array_find(p->alias_targets, mr->alias, NULL)) {
        g_ptr_array_add(p->alias_targets, mr->alias);
    }
    if (!hidden) {
        p->print(p->opaque,
                 "%*s%016" HWADDR_PRIx "-%016" HWADDR_PRIx " (prio %d, %s%s): ", level * INDENT, "",
                 start, start + mr->last, mr->priority, mr->nonvolatile ? "nv-" : "", kind_of(mr));
        if (mr->alias) {
            p->print(p->opaque, "alias %s @%s %016" HWADDR_PRIx "-%016" HWADDR_PRIx, shown_name(mr),
                     shown_name(mr->alias), mr->alias_offset, mr->alias_offset + mr->last);
        } else {
            p->print(p->opaque, "%s", shown_name(mr));
        }
        p->print(p->opaque, "%s", mr->enabled ? "" : " [disabled]");
        if (p->owner) {
            print_owner(p, mr);
        }
        p->print(p->opaque, "\n");
    }
    if (mr->subregions) {
        g_autoptr(GPtrArray) children = g_ptr_array_copy(mr->subregions, NULL, NULL);

        g_ptr_array_sort(children, compare_children);
        for (unsigned i = 0; i < children->len; i++) {
            print_region(p, g_ptr_array_index(children, i), start, level + 1, hidden);
        }
    }
}

static int compare_as_names(const void *a, const void *b)
{
    return strcmp((*(AddressSpace *const *)a)->name, (*(AddressSpace *const *)b)->name);
}

/*
 * Address spaces that have the same @key, as a list of GPtrArray of AddressSpace; both in the order
 * of creation.
 */
static GPtrArray *group_spaces(const void *(*key)(const AddressSpace *as))
{
    GPtrArray *groups = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
    GPtrArray *spaces = address_space_list();

    for (unsigned i = 0; spaces && i < spaces->len; i++) {
        AddressSpace *as = g_ptr_array_index(spaces, i);
        GPtrArray *group = NULL;

        for (unsigned j = 0; j < groups->len && !group; j++) {
            GPtrArray *candidate = g_ptr_array_index(groups, j);

            if (key(g_ptr_array_index(candidate, 0)) == key(as)) {
                group = candidate;
            }
        }
        if (!group) {
            group = g_ptr_array_new();
            g_ptr_array_add(groups, group);
        }
        g_ptr_array_add(group, as);
    }
    return groups;
}

static const void *root_of(const AddressSpace *as)
{
    return as->root;
}

static const void *view_of(const AddressSpace *as)
{
    return as->current_map;
}

static void print_trees(MtreePrinter *p)
{
    g_autoptr(GPtrArray) groups = group_spaces(root_of);

    for (unsigned i = 0; i < groups->len; i++) {
        GPtrArray *group = g_ptr_array_index(groups, i);

        g_ptr_array_sort(group, compare_as_names);
        for (unsigned j = 0; j < group->len; j++) {
            AddressSpace *as = g_ptr_array_index(group, j);

            p->print(p->opaque, "address-space: %s\n", as->name);
        }
        print_region(p, ((AddressSpace *)g_ptr_array_index(group, 0))->root, 0, 1, false);
        p->print(p->opaque, "\n");
    }
    /* Grows while it is walked: the targets' own aliases come too. */
    for (unsigned i = 0; i < p->alias_targets->len; i++) {
        MemoryRegion *mr = g_ptr_array_index(p->alias_targets, i);

        p->print(p->opaque, "memory-region: %s\n", shown_name(mr));
        print_region(p, mr, -mr->addr, 1, false);
        p->print(p->opaque, "\n");
    }
}

static void print_range(const MtreePrinter *p, const FlatRange *fr)
{
    const MemoryRegion *mr = fr->mr;

    p->print(p->opaque, "%*s%016" HWADDR_PRIx "-%016" HWADDR_PRIx " (prio %d, %s%s): %s", INDENT,
             "", fr->first, fr->last, mr->priority, fr->nonvolatile ? "nv-" : "",
             fr->readonly && mr->ram ? "rom" : kind_of(mr), shown_name(mr));
    if (fr->offset_in_region) {
        p->print(p->opaque, " @%016" HWADDR_PRIx, fr->offset_in_region);
    }
    if (p->owner) {
        print_owner(p, mr);
    }
    p->print(p->opaque, "\n");
}

static int compare_first_names(const void *a, const void *b)
{
    GPtrArray *x = *(GPtrArray *const *)a, *y = *(GPtrArray *const *)b;

    return compare_as_names(&g_ptr_array_index(x, 0), &g_ptr_array_index(y, 0));
}

static void print_views(const MtreePrinter *p)
{
    g_autoptr(GPtrArray) groups = group_spaces(view_of);

    g_ptr_array_sort(groups, compare_first_names);
    for (unsigned i = 0; i < groups->len; i++) {
        GPtrArray *group = g_ptr_array_index(groups, i);
        const FlatView *fv = ((AddressSpace *)g_ptr_array_index(group, 0))->current_map;
        bool empty = true;

        p->print(p->opaque, "FlatView #%u\n", i);
        for (unsigned j = 0; j < group->len; j++) {
            const AddressSpace *as = g_ptr_array_index(group, j);

            p->print(p->opaque, " AS \"%s\", root: %s\n", as->name, shown_name(as->root));
        }
        p->print(p->opaque, " Root memory region: %s\n",
                 fv->root ? shown_name(fv->root) : "(none)");
        for (unsigned j = 0; j < fv->nr; j++) {
            if (!flat_range_is_hole(&fv->ranges[j])) {
                print_range(p, &fv->ranges[j]);
                empty = false;
            }
        }
        if (empty) {
            p->print(p->opaque, "  No rendered FlatView\n");
        }
        p->print(p->opaque, "\n");
    }
}

void mtree_info(mtree_print_fn print, void *opaque, bool flatview, bool owner, bool disabled)
{
    MtreePrinter printer = {
        .print = print,
        .opaque = opaque,
        .owner = owner,
        .disabled = disabled,
    };

    if (flatview) {
        print_views(&printer);
        return;
    }
    printer.alias_targets = g_ptr_array_new();
    print_trees(&printer);
    g_ptr_array_unref(printer.alias_targets);
}
