/* SPDX-License-Identifier: MIT */
/*
 * What every disk has: a drive, block sizes and a geometry, as properties.
 *
 *     DEFINE_BLOCK_PROPERTIES(FooState, conf),
 *
 * Threads: BQL. Tests: tests/unit/hw/block/test-virtio-blk.c.
 */
#ifndef HW_BLOCK_BLOCK_H
#define HW_BLOCK_BLOCK_H

#include "hw/core/qdev-properties.h"
#include "system/block.h"

typedef struct BlockConf {
    BlockBackend *blk;
    uint32_t logical_block_size;  /* 0: 512 */
    uint32_t physical_block_size; /* 0: 512 */
    uint64_t min_io_size;
    uint64_t opt_io_size;
    uint64_t discard_granularity; /* UINT32_MAX: the device chooses */
    uint32_t cyls;                /* the geometry: all three 0, or all given */
    uint32_t heads;
    uint32_t secs;
    OnOffAuto write_cache; /* auto: what the drive says */
    int32_t bootindex;     /* among the devices to boot from; -1: none of them */
} BlockConf;

#define DEFINE_BLOCK_PROPERTIES(_state, _conf)                                                     \
    DEFINE_PROP_DRIVE("drive", _state, _conf.blk),                                                 \
        DEFINE_PROP_BLOCKSIZE("logical_block_size", _state, _conf.logical_block_size),             \
        DEFINE_PROP_BLOCKSIZE("physical_block_size", _state, _conf.physical_block_size),           \
        DEFINE_PROP_SIZE("min_io_size", _state, _conf.min_io_size, 0),                             \
        DEFINE_PROP_SIZE("opt_io_size", _state, _conf.opt_io_size, 0),                             \
        DEFINE_PROP_SIZE("discard_granularity", _state, _conf.discard_granularity, UINT32_MAX),    \
        DEFINE_PROP_UINT32("cyls", _state, _conf.cyls, 0),                                         \
        DEFINE_PROP_UINT32("heads", _state, _conf.heads, 0),                                       \
        DEFINE_PROP_UINT32("secs", _state, _conf.secs, 0),                                         \
        DEFINE_PROP_ON_OFF_AUTO("write-cache", _state, _conf.write_cache, ON_OFF_AUTO_AUTO),       \
        DEFINE_PROP_INT32("bootindex", _state, _conf.bootindex, -1)

/**
 * blkconf_complete - check what the user said and fill in what was left open
 * @max_cyls, @max_heads, @max_secs: what the device can express
 *
 * There must be a drive with a medium. Changes nothing but @conf, and the drive's write cache.
 */
bool blkconf_complete(BlockConf *conf, uint32_t max_cyls, uint32_t max_heads, uint32_t max_secs,
                      GError **error);

#endif
