/* SPDX-License-Identifier: MIT */
/*
 * Checks of what every disk has; see hw/block/block.h.
 *
 * Threads: BQL, at realize. Tests: tests/unit/hw/block/test-virtio-blk.c.
 */
#include "qemu/osdep.h"

#include "hw/block/block.h"
#include "qemu/error.h"
#include "qemu/units.h"

static bool check_multiple(const char *name, uint64_t value, uint32_t unit, GError **error)
{
    if (value % unit) {
        error_setg(error, "%s must be a multiple of logical_block_size", name);
        return false;
    }
    return true;
}

static bool complete_sizes(BlockConf *conf, GError **error)
{
    uint32_t logical;

    conf->logical_block_size = conf->logical_block_size ?: BDRV_SECTOR_SIZE;
    conf->physical_block_size = conf->physical_block_size ?: BDRV_SECTOR_SIZE;
    logical = conf->logical_block_size;
    if (logical > conf->physical_block_size) {
        error_setg(error, "logical_block_size > physical_block_size not supported");
        return false;
    }
    if (!check_multiple("min_io_size", conf->min_io_size, logical, error)) {
        return false;
    }
    if (conf->min_io_size / logical > UINT16_MAX) {
        error_setg(error, "min_io_size must not exceed %u logical blocks", UINT16_MAX);
        return false;
    }
    if (!check_multiple("opt_io_size", conf->opt_io_size, logical, error)) {
        return false;
    }
    if (conf->opt_io_size / logical > UINT32_MAX) {
        error_setg(error, "opt_io_size must not exceed %u logical blocks", UINT32_MAX);
        return false;
    }
    return conf->discard_granularity == UINT32_MAX ||
           check_multiple("discard_granularity", conf->discard_granularity, logical, error);
}

static bool check_range(const char *name, uint32_t value, uint32_t max, GError **error)
{
    if (value < 1 || value > max) {
        error_setg(error, "%s must be between 1 and %u", name, max);
        return false;
    }
    return true;
}

/*
 * Nobody has used cylinders for long, but drivers ask for them: the largest heads and sectors that
 * a PC's BIOS could express, and as many cylinders as that makes, within what ATA could express.
 */
static void guess_geometry(BlockConf *conf)
{
    uint64_t sectors;

    blk_get_geometry(conf->blk, &sectors);
    conf->heads = 16;
    conf->secs = 63;
    conf->cyls = CLAMP(sectors / (conf->heads * conf->secs), 2, 16383);
}

bool blkconf_complete(BlockConf *conf, uint32_t max_cyls, uint32_t max_heads, uint32_t max_secs,
                      GError **error)
{
    if (!complete_sizes(conf, error)) {
        return false;
    }
    if (!conf->cyls && !conf->heads && !conf->secs) {
        guess_geometry(conf);
    } else if (!check_range("cyls", conf->cyls, max_cyls, error) ||
               !check_range("heads", conf->heads, max_heads, error) ||
               !check_range("secs", conf->secs, max_secs, error)) {
        return false;
    }
    if (conf->write_cache != ON_OFF_AUTO_AUTO) {
        blk_set_enable_write_cache(conf->blk, conf->write_cache == ON_OFF_AUTO_ON);
    }
    return true;
}
