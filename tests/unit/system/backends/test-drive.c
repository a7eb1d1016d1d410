/* SPDX-License-Identifier: MIT */
/*
 * -drive and -blockdev: messages as QEMU 11.1 prints them for the same options, places and
 * generated names, and the warning about a guessed format.
 */

#include "qemu/osdep.h"
#include "qemu/error.h"
#include "qemu/main-loop.h"
#include "system/block.h"

static char *folder;

/* What the options below name: raw.img of 64 KiB, x.qcow2 with that format's magic, a folder. */
static void files_create(void)
{
    g_autofree char *zeros = g_malloc0(65536);

    folder = g_dir_make_tmp("drive-test-XXXXXX", NULL);
    g_assert_nonnull(folder);
    g_assert_cmpint(chdir(folder), ==, 0);
    g_assert_true(g_file_set_contents("raw.img", zeros, 65536, NULL));
    memcpy(zeros, "QFI\xfb\0\0\0\3", 8);
    g_assert_true(g_file_set_contents("x.qcow2", zeros, 65536, NULL));
    g_assert_cmpint(mkdir("dir", 0700), ==, 0);
}

static void files_remove(void)
{
    unlink("raw.img");
    unlink("x.qcow2");
    rmdir("dir");
    g_assert_cmpint(chdir("/"), ==, 0);
    rmdir(folder);
    g_free(folder);
}

static DriveInfo *drive(const char *params, GError **error)
{
    g_autofree char *option = g_strconcat("-drive ", params, NULL);
    g_autoptr(QemuOpts) opts = qemu_opts_parse(params, NULL, QEMU_OPTS_NONE, error);

    return opts ? drive_new(opts, option, IF_VIRTIO, error) : NULL;
}

static bool blockdev(const char *params, GError **error)
{
    g_autoptr(QemuOpts) opts = qemu_opts_parse(params, NULL, QEMU_OPTS_NONE, error);

    return opts && blockdev_add(opts, error);
}

typedef struct Row {
    const char *params;
    const char *message;
} Row;

static void test_drive_messages(void)
{
    static const Row rows[] = {
        {"file=/nonexist,if=none,id=a", "Could not open '/nonexist': No such file or directory"},
        {"file=raw.img,cache=foo,if=none", "invalid cache option"},
        {"file=raw.img,if=none,format=foo", "Unknown driver 'foo'"},
        {"file=raw.img,if=foo", "unsupported bus type 'foo'"},
        {"file=raw.img,if=none,id=1a", "Parameter 'id' expects an identifier"},
        {"file=raw.img,format=raw,readonly=maybe", "Parameter 'read-only' expects 'on' or 'off'"},
        {"file=raw.img,format=raw,aio=foo", "invalid aio option"},
        {"file=raw.img,format=raw,aio=native",
         "aio=native was specified, but it requires cache.direct=on, which was not specified."},
        {"file=raw.img,format=raw,discard=foo", "Invalid discard option"},
        {"file=raw.img,format=raw,werror=foo", "'foo' invalid write error action"},
        {"file=raw.img,format=raw,rerror=enospc", "'enospc' invalid read error action"},
        {"file=raw.img,format=raw,media=foo", "'foo' invalid media"},
        {"file=raw.img,format=raw,index=x", "Parameter 'index' expects a number"},
        {"file=raw.img,if=sd,format=raw,index=1,unit=1", "index cannot be used with bus and unit"},
        {"file=dir,if=none,format=raw", "'file' driver requires 'dir' to be a regular file"},
        {"file=raw.img,if=none,format=raw,driver=raw", "Cannot specify both 'driver' and 'format'"},
        {"file=raw.img,format=raw,file.locking=maybe", "invalid parameter value: maybe"},
        {"file=raw.img,format=raw,foo=bar", "Invalid parameter 'foo'"},
        {"file=x.qcow2", "Unknown driver 'qcow2'"},
    };

    files_create();
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        g_autoptr(GError) error = NULL;

        g_test_message("%s", rows[i].params);
        g_assert_null(drive(rows[i].params, &error));
        g_assert_cmpstr(error->message, ==, rows[i].message);
    }
    files_remove();
    blk_cleanup();
}

static void test_drive_clashes(void)
{
    GError *error = NULL;

    g_assert_nonnull(drive("driver=null-co,id=a,if=sd", NULL));
    g_assert_null(drive("driver=null-co,id=a", &error));
    g_assert_cmpstr(error->message, ==, "Duplicate ID 'a' for drive");
    g_clear_error(&error);
    g_assert_null(drive("driver=null-co,if=sd,unit=0", &error));
    g_assert_cmpstr(error->message, ==, "drive with bus=0, unit=0 (index=-1) exists");
    g_clear_error(&error);
    g_assert_true(blockdev("driver=null-co,node-name=n", NULL));
    g_assert_null(drive("driver=null-co,id=n", &error));
    g_assert_cmpstr(error->message, ==, "Device name 'n' conflicts with an existing node name");
    g_clear_error(&error);
    blk_cleanup();
}

static void expect_place(const char *params, const char *name, int bus, int unit)
{
    DriveInfo *info = drive(params, NULL);

    g_assert_cmpstr(blk_name(info->blk), ==, name);
    g_assert_cmpint(info->bus, ==, bus);
    g_assert_cmpint(info->unit, ==, unit);
    g_assert_true(blk_legacy_dinfo(info->blk) == info);
}

static void test_places(void)
{
    expect_place("driver=null-co", "virtio0", 0, 0);
    expect_place("driver=null-co", "virtio1", 0, 1);
    expect_place("driver=null-co,if=none", "none0", 0, 0);
    expect_place("driver=null-co,if=ide,index=3", "ide1-hd1", 1, 1);
    expect_place("driver=null-co,if=ide,media=cdrom", "ide0-cd0", 0, 0);
    expect_place("driver=null-co,if=ide", "ide0-hd1", 0, 1);
    expect_place("driver=null-co,if=ide", "ide1-hd0", 1, 0);
    expect_place("driver=null-co,if=pflash,unit=1", "pflash1", 0, 1);
    g_assert_null(drive_get(IF_PFLASH, 0, 0));
    g_assert_nonnull(drive_get(IF_PFLASH, 0, 1));
    blk_cleanup();
}

static void keep_message(const char *message, void *opaque)
{
    g_string_append_printf(opaque, "%s\n", message);
}

static void test_orphaned(void)
{
    g_autoptr(GString) messages = g_string_new(NULL);
    DriveInfo *info;
    int dev;

    drive("driver=null-co,if=none", NULL);
    drive("driver=null-co,if=pflash", NULL);
    info = drive("driver=null-co", NULL);
    g_assert_true(blk_attach_dev(info->blk, &dev, NULL));
    drive_get(IF_PFLASH, 0, 0);
    g_assert_true(drive_check_orphaned());
    drive("driver=null-co,if=sd", NULL);
    error_sink_set(keep_message, messages);
    g_assert_false(drive_check_orphaned());
    error_sink_set(NULL, NULL);
    g_assert_cmpstr(messages->str, ==, "machine type does not support if=sd,bus=0,unit=0\n");
    blk_detach_dev(info->blk, &dev);
    blk_cleanup();
}

static void probe_in_subprocess(void)
{
    files_create();
    g_assert_nonnull(drive("file=raw.img", NULL));
    g_assert_nonnull(drive("file=raw.img,format=raw,if=none", NULL));
    g_assert_nonnull(drive("file=raw.img,if=none,readonly=on", NULL));
    g_assert_nonnull(drive("file=raw.img,if=none,snapshot=on", NULL));
    blk_cleanup();
    files_remove();
}

static void test_probe_warning(void)
{
    if (g_test_subprocess()) {
        probe_in_subprocess();
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_passed();
    /* Once, for the one that is written to. */
    g_test_trap_assert_stderr(
        "WARNING: Image format was not specified for 'raw.img' and probing guessed raw.\n"
        "         Automatically detecting the format is dangerous for raw images, write operations "
        "on block 0 will be restricted.\n"
        "         Specify the 'raw' format explicitly to remove the restrictions.\n");
}

static void test_blockdev_messages(void)
{
    static const Row rows[] = {
        {"driver=foo,node-name=a", "Parameter 'driver' does not accept value 'foo'"},
        {"node-name=a", "Parameter 'driver' is missing"},
        {"driver=file,filename=raw.img", "'node-name' must be specified for the root node"},
        {"driver=file,node-name=a", "Parameter 'filename' is missing"},
        {"driver=raw,node-name=a", "Parameter 'file' is missing"},
        {"driver=raw,node-name=a,file=nosuch",
         "Cannot find device='nosuch' nor node-name='nosuch'"},
        {"driver=null-co,node-name=1a", "Invalid node-name: '1a'"},
        {"driver=null-co,node-name=f", "Duplicate nodes with node-name='f'"},
        {"driver=null-co,node-name=g,foo=1", "Invalid parameter 'foo'"},
        {"driver=raw,node-name=g,file=f,offset=32k,size=48k",
         "The sum of offset (32768) and size (49152) has to be smaller or equal to the actual "
         "size of the containing file (65536)"},
    };

    files_create();
    g_assert_true(blockdev("driver=file,filename=raw.img,node-name=f", NULL));
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        g_autoptr(GError) error = NULL;

        g_test_message("%s", rows[i].params);
        g_assert_false(blockdev(rows[i].params, &error));
        g_assert_cmpstr(error->message, ==, rows[i].message);
    }
    blk_cleanup();
    files_remove();
}

static void test_blockdev(void)
{
    char buf[4] = "";
    BlockBackend *blk;
    int dev;

    files_create();
    g_assert_true(blockdev("driver=file,filename=raw.img,node-name=f", NULL));
    g_assert_true(blockdev("driver=raw,file=f,node-name=part,offset=4k,size=8k", NULL));
    g_assert_true(blockdev("driver=raw,file.driver=null-co,file.size=1M,node-name=inline", NULL));
    blk = blk_by_name("part");
    g_assert_cmpint(blk_getlength(blk), ==, 8192);
    g_assert_true(blk_attach_dev(blk, &dev, NULL));
    g_assert_true(blk_by_name("part") == blk);
    g_assert_false(blk_attach_dev(blk_by_name("part"), buf, NULL));
    g_assert_cmpint(blk_pwrite(blk, 0, 4, "data"), ==, 0);
    g_assert_cmpint(blk_pread(blk_by_name("f"), 4096, 4, buf), ==, 0);
    g_assert_cmpmem(buf, 4, "data", 4);
    g_assert_cmpint(blk_getlength(blk_by_name("inline")), ==, 1 << 20);
    blk_detach_dev(blk, &dev);
    blk_cleanup();
    files_remove();
}

int main(int argc, char **argv)
{
    int ret;

    g_test_init(&argc, &argv, NULL);
    if (!main_loop_init(NULL)) {
        return 1;
    }
    g_test_add_func("/drive/messages", test_drive_messages);
    g_test_add_func("/drive/clashes", test_drive_clashes);
    g_test_add_func("/drive/places", test_places);
    g_test_add_func("/drive/orphaned", test_orphaned);
    g_test_add_func("/drive/probe-warning", test_probe_warning);
    g_test_add_func("/drive/blockdev-messages", test_blockdev_messages);
    g_test_add_func("/drive/blockdev", test_blockdev);
    ret = g_test_run();
    main_loop_cleanup();
    return ret;
}
