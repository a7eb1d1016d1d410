/* SPDX-License-Identifier: MIT */
/*
 * The block device on an image in a temporary file: every request, what is refused, errors of the
 * host, reset with requests on their way, configuration.
 */
#include "qemu/osdep.h"

#include <signal.h>
#include <sys/resource.h>

#include <glib/gstdio.h>

#include "../virtio/virtio-test.h"
#include "qemu/bswap.h"
#include "qemu/error.h"
#include "qemu/main-loop.h"
#include "qemu/timer.h"
#include "system/block.h"

#define DISK_SIZE (1024 * 1024)
#define DISK_SECTORS (DISK_SIZE / 512)

enum {
    T_IN = 0,
    T_OUT = 1,
    T_SCSI = 2,
    T_FLUSH = 4,
    T_FLUSH_OUT = 5,
    T_GET_ID = 8,
    T_DISCARD = 11,
    T_WRITE_ZEROES = 13,
    S_OK = 0,
    S_IOERR = 1,
    S_UNSUPP = 2,
    S_UNTOUCHED = 0x55,
};

enum {
    F_SEG_MAX = 2,
    F_GEOMETRY = 4,
    F_RO = 5,
    F_BLK_SIZE = 6,
    F_FLUSH = 9,
    F_TOPOLOGY = 10,
    F_CONFIG_WCE = 11,
    F_MQ = 12,
    F_DISCARD = 13,
    F_WRITE_ZEROES = 14,
};

enum {
    CONFIG_WRITEBACK = 0x20,
};

typedef struct Fixture {
    VtDevice d;
    VtQueue q;
    char *path;
    hwaddr header, status, data; /* data: 64 KiB */
} Fixture;

static unsigned next_id;

/* What -drive and -device would do; @props: "name=value,..." of the device. */
static DeviceState *make_disk(Fixture *f, const char *drive_options, const char *props)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *id = g_strdup_printf("d%u", next_id++);
    g_autofree char *drive =
        strstr(drive_options, "driver=") ?
            g_strdup_printf("if=none,id=%s,%s", id, drive_options) :
            g_strdup_printf("if=none,id=%s,format=raw,file=%s%s", id, f->path, drive_options);
    QemuOpts *opts = qemu_opts_parse(drive, NULL, 0, &error);
    g_auto(GStrv) pairs = g_strsplit(props, ",", -1);
    DeviceState *dev = qdev_new("virtio-blk-device");

    g_assert_no_error(error);
    drive_new(opts, drive, IF_NONE, &error);
    g_assert_no_error(error);
    qemu_opts_free(opts);
    object_property_set_str(OBJECT(dev), "drive", id, &error);
    g_assert_no_error(error);
    for (unsigned i = 0; pairs[i]; i++) {
        g_auto(GStrv) pair = g_strsplit(pairs[i], "=", 2);

        object_property_parse(OBJECT(dev), pair[0], pair[1], &error);
        g_assert_no_error(error);
    }
    return dev;
}

static void make_image(Fixture *f)
{
    g_autofree uint8_t *bytes = g_malloc(DISK_SIZE);
    int fd;

    f->path = g_build_filename(g_get_tmp_dir(), "tinamou-test-blk-XXXXXX", NULL);
    fd = g_mkstemp(f->path);
    for (unsigned i = 0; i < DISK_SIZE; i++) {
        bytes[i] = i / 512 + i % 512;
    }
    g_assert_true(qemu_write_full(fd, bytes, DISK_SIZE));
    close(fd);
}

static void start(Fixture *f, uint64_t features)
{
    f->d.free = VT_RAM_BASE;
    vt_negotiate(&f->d, features);
    vt_queue_init(&f->d, &f->q, 0, 0);
    vt_driver_ok(&f->d);
    f->header = vt_alloc(&f->d, 16);
    f->status = vt_alloc(&f->d, 1);
    f->data = vt_alloc(&f->d, 65536);
}

static void set_up_with(Fixture *f, bool is_legacy, const char *drive_options, const char *props)
{
    make_image(f);
    vt_plug(&f->d, make_disk(f, drive_options, props), is_legacy);
    start(f, UINT64_MAX);
}

static void set_up(Fixture *f, const void *legacy)
{
    set_up_with(f, GPOINTER_TO_INT(legacy), "", "serial=tinamou-0123456789-too-long");
}

static void tear_down(Fixture *f, const void *legacy)
{
    vt_unplug(&f->d);
    g_unlink(f->path);
    g_free(f->path);
    blk_cleanup();
}

static void set_header(Fixture *f, uint32_t type, uint64_t sector)
{
    uint8_t *header = vt_host(f->header);

    stl_le_p(header, type);
    stl_le_p(header + 4, 0);
    stq_le_p(header + 8, sector);
    *(uint8_t *)vt_host(f->status) = S_UNTOUCHED;
}

static uint8_t status(Fixture *f)
{
    return *(uint8_t *)vt_host(f->status);
}

/* One request with @bytes of data; its status. */
static uint8_t request(Fixture *f, uint32_t type, uint64_t sector, uint32_t bytes, bool is_write)
{
    VtBuffer buffers[] = {
        {f->header, 16, false},
        {f->data, bytes, is_write},
        {f->status, 1, true},
    };

    set_header(f, type, sector);
    if (bytes == 0) {
        buffers[1] = buffers[2];
    }
    vt_do(&f->q, buffers, bytes ? 3 : 2);
    return status(f);
}

static void fill_data(Fixture *f, uint8_t seed, size_t len)
{
    uint8_t *data = vt_host(f->data);

    for (size_t i = 0; i < len; i++) {
        data[i] = seed + i * 3;
    }
}

/* The image's bytes, by the host. */
static void check_file(Fixture *f, size_t offset, const void *expected, size_t len)
{
    g_autofree uint8_t *bytes = g_malloc(len);
    int fd = open(f->path, O_RDONLY);

    g_assert_cmpint(pread(fd, bytes, len, offset), ==, len);
    g_assert_cmpmem(bytes, len, expected, len);
    close(fd);
}

static void test_identity(Fixture *f, const void *legacy)
{
    uint64_t features = vt_device_features(&f->d);

    g_assert_cmpuint(vt_read(&f->d, VT_DEVICE_ID), ==, 2);
    g_assert_cmphex(features & 0xffffff, ==,
                    BIT(F_SEG_MAX) | BIT(F_GEOMETRY) | BIT(F_BLK_SIZE) | BIT(F_FLUSH) |
                        BIT(F_TOPOLOGY) | BIT(F_CONFIG_WCE) | BIT(F_DISCARD) | BIT(F_WRITE_ZEROES));
}

static void test_config(Fixture *f, const void *legacy)
{
    static const uint8_t expected[] = {
        0x00, 0x08, 0,    0,  0, 0, 0, 0,             /* capacity: 2048 sectors */
        0,    0,    0,    0,                          /* size_max */
        254,  0,    0,    0,                          /* seg_max */
        2,    0,    16,   63,                         /* geometry */
        0,    2,    0,    0,                          /* blk_size */
        0,    0,    0,    0,  0, 0, 0, 0,             /* topology */
        1,    0,    1,    0,                          /* writeback, num_queues */
        0xff, 0xff, 0x3f, 0,  1, 0, 0, 0, 1, 0, 0, 0, /* discard */
        0xff, 0xff, 0x3f, 0,  1, 0, 0, 0, 1,          /* write zeroes */
        0xff, 0xff,                                   /* no more */
    };

    for (unsigned i = 0; i < sizeof(expected); i++) {
        g_assert_cmphex(hw_test_read(VT_MMIO_BASE + VT_CONFIG + i, 1), ==, expected[i]);
    }
}

static void test_read(Fixture *f, const void *legacy)
{
    VtBuffer pieces[] = {
        {f->header, 16, false},     {f->data, 100, true},       {f->data + 100, 12, true},
        {f->data + 112, 400, true}, {f->data + 512, 513, true},
    };

    g_assert_cmpuint(request(f, T_IN, 3, 65536, true), ==, S_OK);
    check_file(f, 3 * 512, vt_host(f->data), 65536);
    hw_test_run_main_loop();
    g_assert_cmpint(f->d.irq.level, ==, 1);
    g_assert_cmpuint(request(f, T_IN, DISK_SECTORS - 1, 512, true), ==, S_OK);
    check_file(f, DISK_SIZE - 512, vt_host(f->data), 512);
    /* In pieces, the status at the end of the last one. */
    set_header(f, T_IN, 7);
    memset(vt_host(f->data), S_UNTOUCHED, 2048);
    g_assert_cmpuint(vt_do(&f->q, pieces, 5), ==, 1025);
    check_file(f, 7 * 512, vt_host(f->data), 1024);
    g_assert_cmphex(((uint8_t *)vt_host(f->data))[1024], ==, S_OK);
    g_assert_cmphex(((uint8_t *)vt_host(f->data))[1025], ==, S_UNTOUCHED);
}

static void test_write(Fixture *f, const void *legacy)
{
    VtBuffer one_buffer[] = {{f->data, 16 + 512, false}, {f->status, 1, true}};
    VtBuffer split_header[] = {
        {f->header, 5, false},
        {f->header + 5, 11, false},
        {f->data, 512, false},
        {f->status, 1, true},
    };

    fill_data(f, 9, 4096);
    g_assert_cmpuint(request(f, T_OUT, 5, 4096, false), ==, S_OK);
    check_file(f, 5 * 512, vt_host(f->data), 4096);
    /* Header and data in one buffer, and the header in two. */
    set_header(f, T_OUT, 20);
    memcpy(vt_host(f->data), vt_host(f->header), 16);
    g_assert_cmpuint(vt_do(&f->q, one_buffer, 2), ==, 1);
    g_assert_cmpuint(status(f), ==, S_OK);
    check_file(f, 20 * 512, (uint8_t *)vt_host(f->data) + 16, 512);
    fill_data(f, 77, 512);
    set_header(f, T_OUT, 21);
    vt_do(&f->q, split_header, 4);
    g_assert_cmpuint(status(f), ==, S_OK);
    check_file(f, 21 * 512, vt_host(f->data), 512);
}

static void test_flush_and_id(Fixture *f, const void *legacy)
{
    g_assert_cmpuint(request(f, T_FLUSH, 0, 0, false), ==, S_OK);
    g_assert_cmpuint(request(f, T_FLUSH_OUT, 0, 0, false), ==, S_OK);
    memset(vt_host(f->data), 0xff, 64);
    g_assert_cmpuint(request(f, T_GET_ID, 0, 20, true), ==, S_OK);
    g_assert_cmpmem(vt_host(f->data), 20, "tinamou-0123456789-t", 20);
    g_assert_cmpuint(request(f, T_GET_ID, 0, 7, true), ==, S_OK);
    g_assert_cmpuint(request(f, T_GET_ID, 0, 0, true), ==, S_OK);
}

static void set_segment(Fixture *f, uint64_t sector, uint32_t num_sectors, uint32_t flags)
{
    uint8_t *segment = vt_host(f->data);

    stq_le_p(segment, sector);
    stl_le_p(segment + 8, num_sectors);
    stl_le_p(segment + 12, flags);
}

static void test_write_zeroes(Fixture *f, const void *legacy)
{
    static const uint8_t zeros[8 * 512];

    for (unsigned flags = 0; flags < 2; flags++) {
        set_segment(f, 8 + 8 * flags, 8, flags);
        g_assert_cmpuint(request(f, T_WRITE_ZEROES, 0, 16, false), ==, S_OK);
        check_file(f, (8 + 8 * flags) * 512, zeros, sizeof(zeros));
    }
    set_segment(f, 0, 0, 0);
    g_assert_cmpuint(request(f, T_WRITE_ZEROES, 0, 16, false), ==, S_OK);
    set_segment(f, 0, 1, 2);
    g_assert_cmpuint(request(f, T_WRITE_ZEROES, 0, 16, false), ==, S_UNSUPP);
    set_segment(f, DISK_SECTORS - 1, 2, 0);
    g_assert_cmpuint(request(f, T_WRITE_ZEROES, 0, 16, false), ==, S_IOERR);
    set_segment(f, 0, 1, 0);
    g_assert_cmpuint(request(f, T_WRITE_ZEROES, 0, 15, false), ==, S_IOERR);
    g_assert_cmpuint(request(f, T_WRITE_ZEROES, 0, 32, false), ==, S_UNSUPP);
    g_assert_cmpuint(request(f, T_WRITE_ZEROES, 0, 0, false), ==, S_IOERR);
}

static void test_discard(Fixture *f, const void *legacy)
{
    set_segment(f, 8, 8, 0);
    g_assert_cmpuint(request(f, T_DISCARD, 0, 16, false), ==, S_OK);
    set_segment(f, 8, 8, 1);
    g_assert_cmpuint(request(f, T_DISCARD, 0, 16, false), ==, S_UNSUPP);
    set_segment(f, UINT64_MAX, UINT32_MAX, 0);
    g_assert_cmpuint(request(f, T_DISCARD, 0, 16, false), ==, S_IOERR);
    set_segment(f, UINT64_MAX - 7, 8, 0);
    g_assert_cmpuint(request(f, T_DISCARD, 0, 16, false), ==, S_IOERR);
}

static void test_refused(Fixture *f, const void *legacy)
{
    g_assert_cmpuint(request(f, T_SCSI, 0, 512, true), ==, S_UNSUPP);
    g_assert_cmpuint(request(f, 0xdeadbeef, 0, 0, true), ==, S_UNSUPP);
    g_assert_cmpuint(request(f, T_IN, DISK_SECTORS, 512, true), ==, S_IOERR);
    g_assert_cmpuint(request(f, T_IN, DISK_SECTORS - 1, 1024, true), ==, S_IOERR);
    g_assert_cmpuint(request(f, T_IN, UINT64_MAX, 512, true), ==, S_IOERR);
    g_assert_cmpuint(request(f, T_OUT, UINT64_MAX / 512, 512, false), ==, S_IOERR);
    g_assert_cmpuint(request(f, T_IN, 0, 511, true), ==, S_IOERR);
    g_assert_cmpuint(request(f, T_OUT, 0, 100, false), ==, S_IOERR);
    g_assert_cmpuint(request(f, T_IN, 0, 0, true), ==, S_OK);
    g_assert_cmpuint(request(f, T_OUT, 0, 0, false), ==, S_OK);
    /* Data the wrong way round counts as none. */
    g_assert_cmpuint(request(f, T_IN, 0, 512, false), ==, S_OK);
    g_assert_cmpuint(request(f, T_OUT, 0, 512, true), ==, S_OK);
}

static void test_no_frame(Fixture *f, const void *legacy)
{
    VtBuffer short_header[] = {{f->header, 15, false}, {f->status, 1, true}};
    VtBuffer no_status[] = {{f->header, 16, false}};

    set_header(f, T_FLUSH, 0);
    vt_add(&f->q, short_header, 2);
    vt_kick(&f->q);
    g_assert_true(f->d.vdev->broken);
    start(f, UINT64_MAX);
    vt_add(&f->q, no_status, 1);
    vt_kick(&f->q);
    g_assert_true(f->d.vdev->broken);
    start(f, UINT64_MAX);
    g_assert_cmpuint(request(f, T_IN, 0, 512, true), ==, S_OK);
}

/* Many on their way at once, one interrupt for those that finish together. */
static void test_many(Fixture *f, const void *legacy)
{
    hwaddr headers = vt_alloc(&f->d, 64 * 16), statuses = vt_alloc(&f->d, 64);
    g_autofree uint8_t *expected = g_malloc(64 * 512);

    for (unsigned i = 0; i < 64; i++) {
        VtBuffer buffers[] = {
            {headers + 16 * i, 16, false},
            {f->data + 512 * i, 512, true},
            {statuses + i, 1, true},
        };

        stq_le_p((uint8_t *)vt_host(headers) + 16 * i + 8, i);
        vt_add_indirect(&f->q, buffers, 3);
    }
    memset(vt_host(statuses), S_UNTOUCHED, 64);
    vt_notify(&f->q);
    for (unsigned i = 0; i < 64; i++) {
        g_assert_cmpuint(vt_get_used(&f->q, NULL), ==, 513);
    }
    check_file(f, 0, vt_host(f->data), 64 * 512);
    memset(expected, S_OK, 64);
    g_assert_cmpmem(vt_host(statuses), 64, expected, 64);
}

static void add_read(Fixture *f, uint32_t bytes)
{
    set_header(f, T_IN, 0);
    vt_add(&f->q,
           (VtBuffer[]){
               {f->header, 16, false},
               {f->data, bytes, true},
               {f->status, 1, true},
           },
           3);
}

/* After a reset the disk does not touch memory any more. */
static void test_reset_in_flight(Fixture *f, const void *legacy)
{
    for (unsigned i = 0; i < 30; i++) {
        add_read(f, 65536);
        vt_notify(&f->q);
        if (i % 2) {
            main_loop_wait(true);
        }
        vt_write(&f->d, VT_STATUS, 0);
        memset(vt_host(f->data), 0xee, 65536);
        hw_test_run_main_loop();
        for (unsigned n = 0; n < 65536; n++) {
            g_assert_cmphex(((uint8_t *)vt_host(f->data))[n], ==, 0xee);
        }
        start(f, UINT64_MAX);
    }
    g_assert_cmpuint(request(f, T_IN, 0, 512, true), ==, S_OK);
}

static void test_write_cache(Fixture *f, const void *legacy)
{
    hwaddr wce = VT_MMIO_BASE + VT_CONFIG + CONFIG_WRITEBACK;

    g_assert_cmphex(hw_test_read(wce, 1), ==, 1);
    hw_test_write(wce, 1, 0);
    g_assert_cmphex(hw_test_read(wce, 1), ==, 0);
    hw_test_write(wce, 1, 1);
    g_assert_cmphex(hw_test_read(wce, 1), ==, 1);
    /* A driver that neither flushes nor knows of the cache has none. */
    start(f, 0);
    g_assert_cmphex(hw_test_read(wce, 1), ==, 0);
    start(f, BIT(F_FLUSH));
    g_assert_cmphex(hw_test_read(wce, 1), ==, 1);
    start(f, BIT(F_CONFIG_WCE));
    g_assert_cmphex(hw_test_read(wce, 1), ==, legacy ? 1 : 0);
}

static void test_read_only(void)
{
    Fixture f = {};

    set_up_with(&f, true, ",readonly=on", "");
    g_assert_cmphex(vt_device_features(&f.d) & BIT(F_RO), !=, 0);
    g_assert_cmpuint(request(&f, T_IN, 0, 512, true), ==, S_OK);
    g_assert_cmpuint(request(&f, T_OUT, 0, 512, false), ==, S_IOERR);
    set_segment(&f, 8, 8, 0);
    g_assert_cmpuint(request(&f, T_WRITE_ZEROES, 0, 16, false), ==, S_IOERR);
    g_assert_cmpuint(request(&f, T_FLUSH, 0, 0, false), ==, S_OK);
    tear_down(&f, NULL);
}

static void test_properties(void)
{
    Fixture f = {};
    hwaddr config = VT_MMIO_BASE + VT_CONFIG;
    uint64_t features;

    set_up_with(&f, false, "",
                "logical_block_size=4096,physical_block_size=16384,min_io_size=8192,"
                "opt_io_size=65536,num-queues=4,queue-size=64,cyls=100,heads=4,secs=33,discard=off,"
                "write-zeroes=off,config-wce=off,write-cache=off");
    features = vt_device_features(&f.d);
    g_assert_cmphex(features & (BIT(F_MQ) | BIT(F_DISCARD) | BIT(F_WRITE_ZEROES) |
                                BIT(F_CONFIG_WCE) | BIT(F_FLUSH)),
                    ==, BIT(F_MQ));
    g_assert_cmpuint(hw_test_read(config + 0x0c, 4), ==, 62);
    g_assert_cmpuint(hw_test_read(config + 0x10, 4), ==, 100 | 4 << 16 | 32 << 24);
    g_assert_cmpuint(hw_test_read(config + 0x14, 4), ==, 4096);
    g_assert_cmpuint(hw_test_read(config + 0x18, 4), ==, 2 | 2 << 16);
    g_assert_cmpuint(hw_test_read(config + 0x1c, 4), ==, 16);
    g_assert_cmpuint(hw_test_read(config + 0x20, 4), ==, 4 << 16);
    g_assert_cmphex(hw_test_read(config + 0x24, 4), ==, 0xffffffff);
    vt_write(&f.d, VT_QUEUE_SEL, 3);
    g_assert_cmpuint(vt_read(&f.d, VT_QUEUE_SIZE_MAX), ==, 64);
    /* In whole blocks only. */
    g_assert_cmpuint(request(&f, T_IN, 8, 4096, true), ==, S_OK);
    g_assert_cmpuint(request(&f, T_IN, 1, 4096, true), ==, S_IOERR);
    g_assert_cmpuint(request(&f, T_IN, 8, 512, true), ==, S_IOERR);
    g_assert_cmpuint(request(&f, T_DISCARD, 0, 16, false), ==, S_UNSUPP);
    tear_down(&f, NULL);
}

static void test_bad_properties(void)
{
    static const char *const rows[][2] = {
        {"num-queues=0", "num-queues property must be larger than 0"},
        {"num-queues=1025", "num-queues property must not be larger than 1024"},
        {"queue-size=3", "invalid queue-size property (3), must be a power of 2 (max 1024)"},
        {"queue-size=2048", "invalid queue-size property (2048), must be a power of 2 (max 1024)"},
        {"queue-size=2", "invalid queue-size property (2), must be > 2"},
        {"max-discard-sectors=0",
         "invalid max-discard-sectors property (0), must be between 1 and 4194303"},
        {"logical_block_size=4096", "logical_block_size > physical_block_size not supported"},
        {"min_io_size=100", "min_io_size must be a multiple of logical_block_size"},
        {"opt_io_size=100", "opt_io_size must be a multiple of logical_block_size"},
        {"min_io_size=67108864", "min_io_size must not exceed 65535 logical blocks"},
        {"discard_granularity=100", "discard_granularity must be a multiple of logical_block_size"},
        {"cyls=70000,heads=3,secs=9", "cyls must be between 1 and 65535"},
        {"cyls=7", "heads must be between 1 and 255"},
    };
    Fixture f = {};

    make_image(&f);
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_false(vt_try_plug(&f.d, make_disk(&f, ",readonly=on", rows[i][0]), true, &error));
        g_assert_cmpstr(error->message, ==, rows[i][1]);
        vt_unplug(&f.d);
    }
    g_unlink(f.path);
    g_free(f.path);
    blk_cleanup();
}

static void test_no_drive(void)
{
    g_autoptr(GError) error = NULL;
    VtDevice d;

    g_assert_false(vt_try_plug(&d, qdev_new("virtio-blk-device"), true, &error));
    g_assert_cmpstr(error->message, ==, "drive property not set");
    vt_unplug(&d);
}

/* A write beyond what the host lets us write: reported, ignored, or the machine stops. */
static void test_host_error(const void *policy)
{
    g_autofree char *options = g_strdup_printf(",werror=%s", (const char *)policy);
    struct rlimit old, limit;
    Fixture f = {};

    signal(SIGXFSZ, SIG_IGN);
    set_up_with(&f, true, options, "");
    getrlimit(RLIMIT_FSIZE, &old);
    limit = (struct rlimit){4096, old.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
    fill_data(&f, 1, 512);
    if (strcmp(policy, "stop") == 0) {
        set_header(&f, T_OUT, 100);
        vt_add(&f.q,
               (VtBuffer[]){
                   {f.header, 16, false},
                   {f.data, 512, false},
                   {f.status, 1, true},
               },
               3);
        vt_kick(&f.q);
        blk_drain_all();
        g_assert_cmpuint(hw_test_take_requests().stops, ==, 1);
        hw_test_set_run_state(RUN_STATE_IO_ERROR);
        setrlimit(RLIMIT_FSIZE, &old);
        g_assert_cmphex(status(&f), ==, S_UNTOUCHED);
        hw_test_set_run_state(RUN_STATE_RUNNING);
        vt_get_used(&f.q, NULL);
        g_assert_cmpuint(status(&f), ==, S_OK);
        check_file(&f, 100 * 512, vt_host(f.data), 512);
    } else {
        g_assert_cmpuint(request(&f, T_OUT, 100, 512, false), ==,
                         strcmp(policy, "ignore") == 0 ? S_OK : S_IOERR);
    }
    setrlimit(RLIMIT_FSIZE, &old);
    tear_down(&f, NULL);
}

static void test_fuzz(Fixture *f, const void *legacy)
{
    for (unsigned i = 0; i < 3000; i++) {
        VtBuffer buffers[6];
        unsigned num = g_test_rand_int_range(1, 7);
        bool is_write = false;

        set_header(f, g_test_rand_int_range(0, 16), g_test_rand_int_range(0, 2 * DISK_SECTORS));
        for (unsigned n = 0; n < num; n++) {
            is_write |= g_test_rand_bit();
            buffers[n] = (VtBuffer){n == 0 ? f->header : f->data + g_test_rand_int_range(0, 32768),
                                    n == 0 ? 16 : (unsigned)g_test_rand_int_range(0, 64) * 256,
                                    is_write};
        }
        vt_add(&f->q, buffers, num);
        vt_kick(&f->q);
        blk_drain_all();
        if (f->d.vdev->broken || g_test_rand_int_range(0, 20) == 0) {
            start(f, UINT64_MAX);
        }
        f->q.seen_used = f->q.used[1];
    }
    hw_test_fuzz(VT_MMIO_BASE, 0x200, 3000);
}

int main(int argc, char **argv)
{
    vt_init(&argc, &argv);
#define ADD(name, func)                                                                            \
    g_test_add("/virtio-blk/legacy/" name, Fixture, GINT_TO_POINTER(1), set_up, func, tear_down);  \
    g_test_add("/virtio-blk/modern/" name, Fixture, GINT_TO_POINTER(0), set_up, func, tear_down)
    ADD("identity", test_identity);
    ADD("config", test_config);
    ADD("read", test_read);
    ADD("write", test_write);
    ADD("flush-and-id", test_flush_and_id);
    ADD("write-zeroes", test_write_zeroes);
    ADD("discard", test_discard);
    ADD("refused", test_refused);
    ADD("no-frame", test_no_frame);
    ADD("many", test_many);
    ADD("reset-in-flight", test_reset_in_flight);
    ADD("write-cache", test_write_cache);
    ADD("fuzz", test_fuzz);
    g_test_add_func("/virtio-blk/read-only", test_read_only);
    g_test_add_func("/virtio-blk/properties", test_properties);
    g_test_add_func("/virtio-blk/bad-properties", test_bad_properties);
    g_test_add_func("/virtio-blk/no-drive", test_no_drive);
    g_test_add_data_func("/virtio-blk/host-error/report", "report", test_host_error);
    g_test_add_data_func("/virtio-blk/host-error/ignore", "ignore", test_host_error);
    g_test_add_data_func("/virtio-blk/host-error/stop", "stop", test_host_error);
    return g_test_run();
}
