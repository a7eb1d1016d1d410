/* SPDX-License-Identifier: MIT */
/*
 * -drive: one option that says what the image is, where it goes, and how errors are treated
 *
 * Rewritten to nodes (block-node.c) under a BlockBackend of the drive's name. The order of checks
 * and the messages are QEMU's, which scripts know.
 *
 * Locks: under the BQL. Tests: tests/unit/system/backends/test-drive.c.
 */

#include "qemu/osdep.h"
#include "block-internal.h"
#include "qemu/cutils.h"
#include "qemu/error.h"
#include "qemu/id.h"

/* How many units a bus of an interface has; 0: one bus without end. */
typedef struct InterfaceRow {
    const char *name;
    int max_units;
    bool has_error_policy;
    bool has_media_name; /* generated ids say whether it is a disk or a CD */
} InterfaceRow;

static const InterfaceRow interfaces[IF_COUNT] = {
    [IF_NONE] = {"none", 0, true, false},      [IF_VIRTIO] = {"virtio", 0, true, false},
    [IF_SCSI] = {"scsi", 7, true, true},       [IF_IDE] = {"ide", 2, true, true},
    [IF_FLOPPY] = {"floppy", 0, false, false}, [IF_PFLASH] = {"pflash", 0, false, false},
    [IF_MTD] = {"mtd", 0, false, false},       [IF_SD] = {"sd", 0, false, false},
    [IF_XEN] = {"xen", 0, false, false},
};

/* What one -drive says. */
typedef struct DriveSpec {
    QemuOpts *opts;
    const char *id;
    BlockInterfaceType type;
    int bus;
    int unit;
    bool media_cd;
    bool snapshot;
    bool write_cache;
    NodeDefaults defaults;
    BlockdevOnError on_read;
    BlockdevOnError on_write;
} DriveSpec;

static GPtrArray *drives; /* [bql] of DriveInfo */
static bool snapshot_default;

void drive_set_snapshot_default(bool snapshot)
{
    snapshot_default = snapshot;
}

/* ---- Parsing ---- */

static bool parse_interface(DriveSpec *d, GError **error)
{
    const char *name = qemu_opt_get(d->opts, "if");

    for (unsigned type = 0; name && type < IF_COUNT; type++) {
        if (strcmp(interfaces[type].name, name) == 0) {
            d->type = type;
            return true;
        }
    }
    if (name) {
        error_setg(error, "unsupported bus type '%s'", name);
        return false;
    }
    return true;
}

static DriveInfo *find_drive(BlockInterfaceType type, int bus, int unit)
{
    for (unsigned i = 0; drives && i < drives->len; i++) {
        DriveInfo *info = g_ptr_array_index(drives, i);

        if (info->type == type && info->bus == bus && info->unit == unit) {
            return info;
        }
    }
    return NULL;
}

/* bus=, unit= and index=, or the first free place. */
static bool parse_place(DriveSpec *d, GError **error)
{
    int max = interfaces[d->type].max_units;
    uint64_t bus = 0, unit = UINT64_MAX, index = UINT64_MAX;

    if (!qemu_opt_get_range(d->opts, "bus", 0, INT_MAX, &bus, error) ||
        !qemu_opt_get_range(d->opts, "unit", 0, INT_MAX, &unit, error) ||
        !qemu_opt_get_range(d->opts, "index", 0, INT_MAX, &index, error)) {
        return false;
    }
    if (index != UINT64_MAX) {
        if (bus != 0 || unit != UINT64_MAX) {
            error_setg(error, "index cannot be used with bus and unit");
            return false;
        }
        bus = max ? index / max : 0;
        unit = max ? index % max : index;
    }
    if (unit == UINT64_MAX) {
        for (unit = 0; find_drive(d->type, bus, unit); unit++) {
            if (max && (int)unit == max - 1) {
                unit = UINT64_MAX;
                bus++;
            }
        }
    }
    if (max && unit >= (uint64_t)max) {
        error_setg(error, "unit %" PRIu64 " too big (max is %d)", unit, max - 1);
        return false;
    }
    if (find_drive(d->type, bus, unit)) {
        error_setg(error, "drive with bus=%" PRIu64 ", unit=%" PRIu64 " (index=%" PRId64 ") exists",
                   bus, unit, (int64_t)index);
        return false;
    }
    d->bus = bus;
    d->unit = unit;
    return true;
}

static bool parse_media(DriveSpec *d, GError **error)
{
    const char *media = qemu_opt_get(d->opts, "media");

    if (media && strcmp(media, "cdrom") == 0) {
        d->media_cd = true;
        d->defaults.read_only = true;
    } else if (media && strcmp(media, "disk") != 0) {
        error_setg(error, "'%s' invalid media", media);
        return false;
    }
    return true;
}

/* cache=MODE sets three properties, each of which has a name of its own too. */
static bool parse_cache(DriveSpec *d, GError **error)
{
    static const struct {
        const char *name;
        bool direct, no_flush, writeback;
    } modes[] = {
        {"none", true, false, true},        {"off", true, false, true},
        {"directsync", true, false, false}, {"writeback", false, false, true},
        {"unsafe", false, true, true},      {"writethrough", false, false, false},
    };
    const char *mode = qemu_opt_get(d->opts, "cache");
    bool found = !mode;

    d->write_cache = true;
    for (unsigned i = 0; !found && i < ARRAY_SIZE(modes); i++) {
        if (strcmp(mode, modes[i].name) == 0) {
            d->defaults.direct = modes[i].direct;
            d->defaults.no_flush = modes[i].no_flush;
            d->write_cache = modes[i].writeback;
            found = true;
        }
    }
    if (!found) {
        error_setg(error, "invalid cache option");
        return false;
    }
    return qemu_opt_get_bool(d->opts, "cache.writeback", &d->write_cache, error) &&
           qemu_opt_get_bool(d->opts, "cache.direct", &d->defaults.direct, error) &&
           qemu_opt_get_bool(d->opts, "cache.no-flush", &d->defaults.no_flush, error);
}

static bool parse_on_error(DriveSpec *d, const char *option, bool is_read, BlockdevOnError *policy,
                           GError **error)
{
    const char *text = qemu_opt_get(d->opts, option);

    if (!text) {
        return true;
    }
    if (!interfaces[d->type].has_error_policy) {
        error_setg(error, "%s is not supported by this bus type", option);
        return false;
    }
    if (strcmp(text, "ignore") == 0) {
        *policy = BLOCKDEV_ON_ERROR_IGNORE;
    } else if (strcmp(text, "stop") == 0) {
        *policy = BLOCKDEV_ON_ERROR_STOP;
    } else if (strcmp(text, "report") == 0) {
        *policy = BLOCKDEV_ON_ERROR_REPORT;
    } else if (strcmp(text, "enospc") == 0 && !is_read) {
        *policy = BLOCKDEV_ON_ERROR_ENOSPC;
    } else {
        error_setg(error, "'%s' invalid %s error action", text, is_read ? "read" : "write");
        return false;
    }
    return true;
}

/* Old spellings become the block layer's keys. An empty file= is as good as none. */
static void rename_key(QemuOpts *opts, const char *from, const char *to)
{
    const char *value = qemu_opt_get(opts, from);

    if (value && *value) {
        g_autofree char *copy = g_strdup(value);

        qemu_opt_set(opts, to, copy);
    }
}

static bool parse_spec(DriveSpec *d, GError **error)
{
    const NodeOpts no = {.opts = d->opts, .prefix = ""};

    rename_key(d->opts, "readonly", "read-only");
    rename_key(d->opts, "file", "file.filename");
    rename_key(d->opts, "aio", "file.aio");
    d->snapshot = snapshot_default;
    d->on_read = BLOCKDEV_ON_ERROR_REPORT;
    d->on_write = BLOCKDEV_ON_ERROR_ENOSPC;
    d->id = qemu_opts_id(d->opts);
    if (d->id && !id_check(d->id, error)) {
        return false;
    }
    if (d->id && block_node_find(d->id)) {
        error_setg(error, "Device name '%s' conflicts with an existing node name", d->id);
        return false;
    }
    if (d->id && blk_by_name(d->id)) {
        error_setg(error, "Duplicate ID '%s' for drive", d->id);
        return false;
    }
    return parse_interface(d, error) && parse_media(d, error) && parse_cache(d, error) &&
           block_parse_discard(&no, &d->defaults.discard_unmap, error) &&
           qemu_opt_get_bool(d->opts, "read-only", &d->defaults.read_only, error) &&
           qemu_opt_get_bool(d->opts, "snapshot", &d->snapshot, error) &&
           parse_on_error(d, "werror", false, &d->on_write, error) &&
           parse_on_error(d, "rerror", true, &d->on_read, error) && parse_place(d, error);
}

/* ---- Opening ---- */

static void warn_probed(const char *filename)
{
    fprintf(stderr,
            "WARNING: Image format was not specified for '%s' and probing guessed raw.\n"
            "         Automatically detecting the format is dangerous for raw images, write "
            "operations on block 0 will be restricted.\n"
            "         Specify the 'raw' format explicitly to remove the restrictions.\n",
            filename);
}

static bool unknown_driver(const char *name, const char *filename, GError **error)
{
    error_setg(error, "Unknown driver '%s'", name);
    if (filename) {
        error_append_hint(error, "Convert the image: qemu-img convert -O raw '%s' NEW", filename);
    }
    return false;
}

/* Looks at the beginning of an image that nobody named a format for. */
static bool probe_raw(BlockNode *file, bool *guessed, GError **error)
{
    uint8_t buf[BLOCK_PROBE_SIZE] = {0};
    int64_t length = file->drv->getlength(file);
    const char *format = NULL;
    int ret;

    if (file->drv != &block_driver_file) {
        return true;
    }
    ret = block_node_pread(file, 0, CLAMP(length, 0, (int64_t)sizeof(buf)), buf);
    if (ret < 0) {
        error_setg_errno(error, -ret, "Could not read image for determining its format");
        return false;
    }
    format = block_probe_format(buf, sizeof(buf));
    *guessed = !format;
    return !format || unknown_driver(format, file->filename, error);
}

/* The protocol below the format: file, unless file.driver= or the name says otherwise. */
static BlockNode *open_protocol(DriveSpec *d, const NodeDefaults *defaults, GError **error)
{
    const NodeOpts no = {.opts = d->opts, .prefix = "file."};
    const char *name = node_opt_get(&no, "driver");
    const char *filename = node_opt_get(&no, "filename");
    const BlockDriver *drv = &block_driver_file;

    if (name) {
        drv = block_driver_find(name);
        if (!drv) {
            unknown_driver(name, NULL, error);
            return NULL;
        }
    } else if (filename && (strstart(filename, "null-co://", NULL) ||
                            strstart(filename, "null-aio://", NULL))) {
        drv = &block_driver_null;
    }
    return block_node_open(drv, NULL, &no, defaults, error);
}

static BlockNode *open_raw(DriveSpec *d, const NodeDefaults *defaults, bool probe, GError **error)
{
    const NodeOpts no = {.opts = d->opts, .prefix = ""};
    BlockNode *file = open_protocol(d, defaults, error);
    bool guessed = false;
    BlockNode *raw;

    if (!file) {
        return NULL;
    }
    if (probe && !probe_raw(file, &guessed, error)) {
        block_node_unref(file);
        return NULL;
    }
    raw = block_node_open_on(&block_driver_raw, file, &no, defaults, error);
    if (raw && guessed && !raw->read_only) {
        block_raw_restrict_sector0(raw);
        warn_probed(raw->filename);
    }
    return raw;
}

/* The drive's image without its overlay; NULL with @error unset: no medium. */
static BlockNode *open_image(DriveSpec *d, const NodeDefaults *defaults, GError **error)
{
    const char *driver = qemu_opt_get(d->opts, "driver");
    const char *format = qemu_opt_get(d->opts, "format");
    const char *name = driver ? driver : format;
    const BlockDriver *drv;

    if (driver && format) {
        error_setg(error, "Cannot specify both 'driver' and 'format'");
        return NULL;
    }
    if (!name) {
        bool any = qemu_opt_has(d->opts, "file.filename") || qemu_opt_has(d->opts, "file.driver");

        return any ? open_raw(d, defaults, true, error) : NULL;
    }
    drv = block_driver_find(name);
    if (!drv) {
        unknown_driver(name, NULL, error);
        return NULL;
    }
    if (drv == &block_driver_raw) {
        return open_raw(d, defaults, false, error);
    }
    return block_node_open(
        drv, NULL, &(NodeOpts){.opts = d->opts, .prefix = drv == &block_driver_file ? "file." : ""},
        defaults, error);
}

static bool open_drive(DriveSpec *d, BlockNode **node, GError **error)
{
    NodeDefaults defaults = d->defaults;
    GError *failure = NULL;

    if (d->snapshot) {
        qemu_opt_unset(d->opts, "read-only"); /* the image is, whatever the drive is */
        defaults.read_only = true;
    }
    *node = open_image(d, &defaults, &failure);
    if (*node && d->snapshot) {
        *node = block_overlay_new(*node, &d->defaults, &failure);
    }
    if (failure) {
        g_propagate_error(error, failure);
        return false;
    }
    if (!qemu_opts_check_unused(d->opts, error)) {
        if (*node) {
            block_node_unref(*node);
        }
        return false;
    }
    return true;
}

/* ---- Drives ---- */

static char *generated_name(const DriveSpec *d)
{
    const InterfaceRow *row = &interfaces[d->type];
    const char *media = !row->has_media_name ? "" : d->media_cd ? "-cd" : "-hd";

    if (row->max_units) {
        return g_strdup_printf("%s%d%s%d", row->name, d->bus, media, d->unit);
    }
    return g_strdup_printf("%s%s%d", row->name, media, d->unit);
}

static void drive_free(gpointer data)
{
    DriveInfo *info = data;

    g_free(info->option);
    g_free(info);
}

DriveInfo *drive_new(QemuOpts *opts, const char *option, BlockInterfaceType default_type,
                     GError **error)
{
    DriveSpec d = {.opts = opts, .type = default_type};
    g_autofree char *name = NULL;
    DriveInfo *info;
    BlockNode *node;

    if (!parse_spec(&d, error) || !open_drive(&d, &node, error)) {
        return NULL;
    }
    name = d.id ? g_strdup(d.id) : generated_name(&d);
    info = g_new(DriveInfo, 1);
    *info = (DriveInfo){
        .blk = blk_new(name, node),
        .type = d.type,
        .bus = d.bus,
        .unit = d.unit,
        .media_cd = d.media_cd,
        .option = g_strdup(option),
    };
    blk_set_enable_write_cache(info->blk, d.write_cache);
    blk_set_on_error(info->blk, d.on_read, d.on_write);
    if (!drives) {
        drives = g_ptr_array_new_with_free_func(drive_free);
    }
    g_ptr_array_add(drives, info);
    return info;
}

DriveInfo *drive_get(BlockInterfaceType type, int bus, int unit)
{
    DriveInfo *info = find_drive(type, bus, unit);

    if (info) {
        info->claimed = true;
    }
    return info;
}

DriveInfo *blk_legacy_dinfo(BlockBackend *blk)
{
    for (unsigned i = 0; drives && i < drives->len; i++) {
        DriveInfo *info = g_ptr_array_index(drives, i);

        if (info->blk == blk) {
            return info;
        }
    }
    return NULL;
}

bool drive_check_orphaned(void)
{
    bool none = true;

    for (unsigned i = 0; drives && i < drives->len; i++) {
        const DriveInfo *info = g_ptr_array_index(drives, i);
        ErrorLocation loc;

        if (info->type == IF_NONE || info->claimed || blk_get_attached_dev(info->blk)) {
            continue;
        }
        error_location_push(&loc, "%s", info->option);
        error_report("machine type does not support if=%s,bus=%d,unit=%d",
                     interfaces[info->type].name, info->bus, info->unit);
        error_location_pop(&loc);
        none = false;
    }
    return none;
}

void drive_forget_all(void)
{
    g_clear_pointer(&drives, g_ptr_array_unref);
}
