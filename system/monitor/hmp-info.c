/* SPDX-License-Identifier: MIT */
/*
 * `info`: what the machine and its parts are and do. Each asks the layer that knows.
 *
 * Threads: BQL. Tests: tests/unit/system/test-hmp.c, tests/system/terminal.py
 */
#include "qemu/osdep.h"
#include "hw/core/boards.h"
#include "hw/core/loader.h"
#include "monitor-internal.h"
#include "qemu/log.h"
#include "qemu/trace.h"
#include "qemu/version.h"
#include "system/block.h"
#include "system/cpus.h"
#include "system/identity.h"
#include "system/memory.h"
#include "system/net.h"
#include "system/ram.h"
#include "system/runstate.h"

/* Prints what a function of another layer writes. */
static bool print_with(Monitor *mon, void (*fill)(GString *out))
{
    g_autoptr(GString) out = g_string_new(NULL);

    fill(out);
    monitor_puts(mon, out->str);
    return true;
}

/* A printer for layers that print piece by piece. */
static void print_to_monitor(void *opaque, const char *fmt, ...)
{
    g_autofree char *text = NULL;
    va_list ap;

    va_start(ap, fmt);
    text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    monitor_puts(opaque, text);
}

/* ---- the program ---- */

bool hmp_info_version(Monitor *mon, const HMPArgs *args, GError **error)
{
    monitor_puts(mon, QEMU_COMPAT_VERSION " (Tinamou " TINAMOU_VERSION ")\n");
    return true;
}

bool hmp_info_name(Monitor *mon, const HMPArgs *args, GError **error)
{
    if (qemu_guest_name()) {
        monitor_printf(mon, "%s\n", qemu_guest_name());
    }
    return true;
}

bool hmp_info_uuid(Monitor *mon, const HMPArgs *args, GError **error)
{
    char text[UUID_STR_LEN];

    qemu_uuid_unparse(qemu_uuid(), text);
    monitor_printf(mon, "%s\n", text);
    return true;
}

bool hmp_info_status(Monitor *mon, const HMPArgs *args, GError **error)
{
    RunState state = runstate_get();

    monitor_printf(mon, "VM status: %s", runstate_is_running() ? "running" : "paused");
    if (state != RUN_STATE_RUNNING && state != RUN_STATE_PAUSED) {
        monitor_printf(mon, " (%s)", run_state_name(state));
    }
    monitor_puts(mon, "\n");
    return true;
}

bool hmp_info_history(Monitor *mon, const HMPArgs *args, GError **error)
{
    const char *line;

    for (unsigned i = 0; mon->rs && (line = readline_history(mon->rs, i)); i++) {
        monitor_printf(mon, "%u: '%s'\n", i, line);
    }
    return true;
}

bool hmp_info_accelerators(Monitor *mon, const HMPArgs *args, GError **error)
{
    return print_with(mon, accel_print_types);
}

bool hmp_info_accel(Monitor *mon, const HMPArgs *args, GError **error)
{
    AccelState *accel = current_accel();
    AccelClass *ac = accel ? ACCEL_GET_CLASS(accel) : NULL;

    if (!ac || !ac->print_info) {
        error_setg(error, "no accelerator here has anything to tell");
        return false;
    }
    ac->print_info(print_to_monitor, mon);
    return true;
}

bool hmp_info_kvm(Monitor *mon, const HMPArgs *args, GError **error)
{
    monitor_puts(mon, "kvm support: not compiled\n");
    return true;
}

static void print_event(const char *name, bool enabled, void *opaque)
{
    monitor_printf(opaque, "%s : state %d\n", name, enabled);
}

/* The events whose names match, with * for any text. */
typedef struct EventFilter {
    Monitor *mon;
    const char *pattern;
} EventFilter;

static void print_matching_event(const char *name, bool enabled, void *opaque)
{
    EventFilter *filter = opaque;

    if (!filter->pattern || g_pattern_match_simple(filter->pattern, name)) {
        print_event(name, enabled, filter->mon);
    }
}

bool hmp_info_trace_events(Monitor *mon, const HMPArgs *args, GError **error)
{
    EventFilter filter = {mon, hmp_str(args, "name")};

    trace_foreach(print_matching_event, &filter);
    return true;
}

/* ---- harts ---- */

bool hmp_info_cpus(Monitor *mon, const HMPArgs *args, GError **error)
{
    CPUState *cpu;

    CPU_FOREACH(cpu) {
        const char *type = object_get_typename(OBJECT(cpu));
        int len = (int)strcspn(type, "-");

        monitor_printf(mon, "%c CPU #%d: thread_id=%d model=%.*s\n",
                       cpu->cpu_index == mon->cpu_index ? '*' : ' ', cpu->cpu_index, cpu->thread_id,
                       len, type);
    }
    return true;
}

static void print_registers(Monitor *mon, CPUState *cpu)
{
    monitor_printf(mon, "\nCPU#%d\n", cpu->cpu_index);
    CPU_GET_CLASS(cpu)->dump_state(cpu, print_to_monitor, mon, CPU_DUMP_FPU);
}

bool hmp_info_registers(Monitor *mon, const HMPArgs *args, GError **error)
{
    CPUState *cpu;

    if (hmp_bool(args, "all")) {
        CPU_FOREACH(cpu) {
            print_registers(mon, cpu);
        }
        return true;
    }
    cpu = !hmp_has(args, "vcpu")              ? monitor_get_cpu(mon) :
          hmp_int(args, "vcpu") < cpu_count() ? qemu_get_cpu((int)hmp_int(args, "vcpu")) :
                                                NULL;
    if (cpu) {
        print_registers(mon, cpu);
    } else if (hmp_has(args, "vcpu")) {
        monitor_printf(mon, "CPU#%" PRId64 " not available\n", (int64_t)hmp_int(args, "vcpu"));
    } else {
        monitor_puts(mon, "No CPU available\n");
    }
    return true;
}

/* ---- memory ---- */

bool hmp_info_mtree(Monitor *mon, const HMPArgs *args, GError **error)
{
    mtree_info(print_to_monitor, mon, hmp_bool(args, "flatview"), hmp_bool(args, "owner"),
               hmp_bool(args, "disabled"));
    return true;
}

bool hmp_info_roms(Monitor *mon, const HMPArgs *args, GError **error)
{
    return print_with(mon, rom_print_all);
}

bool hmp_info_memory_size_summary(Monitor *mon, const HMPArgs *args, GError **error)
{
    monitor_printf(mon, "base memory: %" PRIu64 "\n", machine_get_current()->ram_size);
    return true;
}

static bool print_ramblock(RAMBlock *block, void *opaque)
{
    monitor_printf(opaque, "%24s  %#18" PRIx64 "  %#18" PRIx64 "  %p\n", block->idstr,
                   block->offset, block->used_length, (void *)block->host);
    return false;
}

bool hmp_info_ramblock(Monitor *mon, const HMPArgs *args, GError **error)
{
    monitor_printf(mon, "%24s  %18s  %18s  %s\n", "Block Name", "Offset", "Used", "HVA");
    ram_block_for_each(print_ramblock, mon);
    return true;
}

/* ---- devices, objects ---- */

bool hmp_info_qtree(Monitor *mon, const HMPArgs *args, GError **error)
{
    g_autoptr(GString) out = g_string_new(NULL);

    qdev_print_tree(out, hmp_bool(args, "brief"));
    monitor_puts(mon, out->str);
    return true;
}

bool hmp_info_qdm(Monitor *mon, const HMPArgs *args, GError **error)
{
    g_autofree char *text = qdev_help();

    monitor_puts(mon, text);
    return true;
}

bool hmp_info_qom_tree(Monitor *mon, const HMPArgs *args, GError **error)
{
    const char *path = hmp_str(args, "path");
    Object *obj = path ? object_resolve_path(path, NULL) : object_get_machine();
    g_autoptr(GString) out = g_string_new(NULL);

    if (!obj) {
        error_setg(error, "Path '%s' could not be resolved.", path ? path : "/machine");
        return false;
    }
    object_print_tree(obj, 0, out);
    monitor_puts(mon, out->str);
    return true;
}

/* ---- backends ---- */

bool hmp_info_chardev(Monitor *mon, const HMPArgs *args, GError **error)
{
    return print_with(mon, qemu_chr_print_all);
}

/* Which backends, and whether one was shown. */
typedef struct BlockFilter {
    Monitor *mon;
    const char *name; /* NULL: all */
    bool found;
} BlockFilter;

static void print_block(BlockBackend *blk, void *opaque)
{
    BlockFilter *filter = opaque;
    Monitor *mon = filter->mon;
    DeviceState *dev = blk_get_attached_dev(blk);
    g_autofree char *path = dev ? object_get_canonical_path(OBJECT(dev)) : NULL;

    if (filter->name && !g_str_equal(filter->name, blk_name(blk))) {
        return;
    }
    if (filter->found) {
        monitor_puts(mon, "\n");
    }
    filter->found = true;
    monitor_printf(mon, "%s: %s (%s%s)\n", blk_name(blk), blk_get_filename(blk),
                   blk_get_format(blk), blk_is_writable(blk) ? "" : ", read-only");
    if (path) {
        monitor_printf(mon, "    Attached to:      %s\n", path);
    }
    monitor_printf(mon, "    Cache mode:       %s\n",
                   blk_enable_write_cache(blk) ? "writeback" : "writethrough");
}

bool hmp_info_block(Monitor *mon, const HMPArgs *args, GError **error)
{
    BlockFilter filter = {mon, hmp_str(args, "device"), false};

    blk_foreach(print_block, &filter);
    if (filter.name && !filter.found) {
        monitor_printf(mon, "Device '%s' not found\n", filter.name);
    }
    return true;
}

static void print_net_client(NetClientState *nc, void *opaque)
{
    /* A card with its backend below it; a backend alone. */
    if (nc->info->type == NET_CLIENT_DRIVER_NIC || !nc->peer) {
        monitor_printf(opaque, "%s: index=0,type=%s,%s\n", nc->name,
                       nc->info->type == NET_CLIENT_DRIVER_NIC ? "nic" : nc->model, nc->info_str);
        if (nc->peer) {
            monitor_printf(opaque, " \\ %s: index=0,type=%s,%s\n", nc->peer->name, nc->peer->model,
                           nc->peer->info_str);
        }
    }
}

bool hmp_info_network(Monitor *mon, const HMPArgs *args, GError **error)
{
    net_client_foreach(print_net_client, mon);
    return true;
}
