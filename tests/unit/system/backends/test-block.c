/* SPDX-License-Identifier: MIT */
/*
 * Block backends: random requests against an array of bytes, for each kind of image; what must
 * fail; locks between two that open one image; the restriction of the first sector; waiting.
 */

#include "qemu/osdep.h"
#include "qemu/error.h"
#include "qemu/main-loop.h"
#include "system/block.h"

#define IMAGE_SIZE (600 * 1024 + 512 * 3)

/* ---- Help ---- */

static char *image_path;

static void image_create(size_t size)
{
    g_autofree char *bytes = g_malloc(size);
    int fd = g_file_open_tmp("block-test-XXXXXX", &image_path, NULL);

    g_assert_cmpint(fd, >=, 0);
    for (size_t i = 0; i < size; i++) {
        bytes[i] = i * 7 + (i >> 8);
    }
    g_assert_true(qemu_write_full(fd, bytes, size));
    close(fd);
}

static void image_remove(void)
{
    unlink(image_path);
    g_clear_pointer(&image_path, g_free);
}

/* "%s" in @format is the image's path. */
static BlockBackend *open_drive(const char *format, GError **error)
{
    g_autofree char *text = g_strconcat(format, ",if=none", NULL);
    g_autofree char *params = g_strdup(text);
    g_autoptr(QemuOpts) opts = NULL;
    char *mark = strstr(text, "%s");
    DriveInfo *info;

    if (mark) {
        *mark = '\0';
        g_free(params);
        params = g_strconcat(text, image_path, mark + 2, NULL);
    }
    opts = qemu_opts_parse(params, NULL, QEMU_OPTS_NONE, error);
    g_assert_nonnull(opts);
    info = drive_new(opts, "-drive", IF_NONE, error);
    return info ? info->blk : NULL;
}

typedef struct Waiter {
    bool done;
    int ret;
} Waiter;

static void waiter_cb(void *opaque, int ret)
{
    Waiter *w = opaque;

    g_assert_true(bql_locked());
    w->done = true;
    w->ret = ret;
}

static int wait_for(Waiter *w)
{
    /* Never from within the call. */
    g_assert_false(w->done);
    while (!w->done) {
        main_loop_wait(false);
    }
    return w->ret;
}

/* Splits @buf into pieces of odd sizes. */
static int split(struct iovec *iov, int max, uint8_t *buf, size_t bytes)
{
    int n = 0;

    while (bytes > 0) {
        size_t len = g_test_rand_int_range(1, 5000);

        len = n == max - 1 ? bytes : MIN(bytes, len);
        iov[n++] = (struct iovec){.iov_base = buf, .iov_len = len};
        buf += len;
        bytes -= len;
    }
    return n;
}

static int do_read(BlockBackend *blk, int64_t offset, uint8_t *buf, size_t bytes)
{
    struct iovec iov[8];
    QEMUIOVector qiov;
    Waiter w = {.done = false};

    qemu_iovec_init_external(&qiov, iov, split(iov, 8, buf, bytes));
    blk_aio_preadv(blk, offset, &qiov, 0, waiter_cb, &w);
    return wait_for(&w);
}

static int do_write(BlockBackend *blk, int64_t offset, uint8_t *buf, size_t bytes)
{
    struct iovec iov[8];
    QEMUIOVector qiov;
    Waiter w = {.done = false};

    qemu_iovec_init_external(&qiov, iov, split(iov, 8, buf, bytes));
    blk_aio_pwritev(blk, offset, &qiov, 0, waiter_cb, &w);
    return wait_for(&w);
}

static int do_zero(BlockBackend *blk, int64_t offset, int64_t bytes)
{
    Waiter w = {.done = false};

    blk_aio_pwrite_zeroes(blk, offset, bytes, BDRV_REQ_MAY_UNMAP, waiter_cb, &w);
    return wait_for(&w);
}

static int do_discard(BlockBackend *blk, int64_t offset, int64_t bytes)
{
    Waiter w = {.done = false};

    blk_aio_pdiscard(blk, offset, bytes, waiter_cb, &w);
    return wait_for(&w);
}

static int do_flush(BlockBackend *blk)
{
    Waiter w = {.done = false};

    blk_aio_flush(blk, waiter_cb, &w);
    return wait_for(&w);
}

/* ---- Random requests ---- */

static void random_requests(BlockBackend *blk, uint8_t *model, size_t size, unsigned rounds)
{
    g_autofree uint8_t *buf = g_malloc(size);

    for (unsigned round = 0; round < rounds; round++) {
        int64_t offset = g_test_rand_int_range(0, size);
        int64_t bytes = g_test_rand_int_range(0, g_test_rand_bit() ? 200000 : 1500);

        bytes = MIN(bytes, (int64_t)size - offset);
        switch (g_test_rand_int_range(0, 5)) {
        case 0:
        case 1:
            for (int64_t i = 0; i < bytes; i++) {
                buf[i] = g_test_rand_int();
            }
            g_assert_cmpint(do_write(blk, offset, buf, bytes), ==, 0);
            memcpy(model + offset, buf, bytes);
            break;
        case 2:
            g_assert_cmpint(do_zero(blk, offset, bytes), ==, 0);
            memset(model + offset, 0, bytes);
            break;
        default:
            memset(buf, 0xcc, bytes);
            g_assert_cmpint(do_read(blk, offset, buf, bytes), ==, 0);
            g_assert_cmpmem(buf, bytes, model + offset, bytes);
            break;
        }
    }
    g_assert_cmpint(do_flush(blk), ==, 0);
    g_assert_cmpint(blk_pread(blk, 0, size, buf), ==, 0);
    g_assert_cmpmem(buf, size, model, size);
}

/* @keeps: what is written must be in the file afterwards; else the file must be unchanged. */
static void check_image(const char *format, bool keeps)
{
    g_autofree uint8_t *model = g_malloc0(IMAGE_SIZE);
    g_autofree char *before = NULL, *after = NULL;
    GError *error = NULL;
    BlockBackend *blk;
    gsize len;

    image_create(IMAGE_SIZE);
    blk = open_drive(format, &error);
    if (!blk && strstr(error->message, "Invalid argument")) {
        g_test_skip("no O_DIRECT in this folder");
        g_error_free(error);
        image_remove();
        return;
    }
    g_assert_no_error(error);
    g_assert_cmpint(blk_getlength(blk), ==, IMAGE_SIZE);
    g_assert_true(g_file_get_contents(image_path, &before, &len, NULL));
    memcpy(model, before, IMAGE_SIZE);
    random_requests(blk, model, IMAGE_SIZE, 300);
    blk_cleanup();
    g_assert_true(g_file_get_contents(image_path, &after, &len, NULL));
    g_assert_cmpuint(len, ==, IMAGE_SIZE);
    g_assert_cmpmem(after, len, keeps ? (char *)model : before, len);
    image_remove();
}

static void test_raw(void)
{
    check_image("file=%s,format=raw", true);
    check_image("file=%s,format=raw,cache=writethrough,discard=unmap", true);
    check_image("file=%s,format=raw,cache=unsafe", true);
    check_image("driver=file,file=%s", true);
}

static void test_direct(void)
{
    check_image("file=%s,format=raw,cache=none", true);
}

static void test_snapshot(void)
{
    check_image("file=%s,format=raw,snapshot=on", false);
    check_image("file=%s,snapshot=on,readonly=off", false);
}

static void test_odd_size(void)
{
    uint8_t buf[512];
    BlockBackend *blk;
    struct stat st;

    image_create(1000);
    blk = open_drive("file=%s,format=raw", NULL);
    g_assert_cmpint(blk_getlength(blk), ==, 1024);
    memset(buf, 0xff, sizeof(buf));
    g_assert_cmpint(do_read(blk, 512, buf, 512), ==, 0);
    g_assert_cmphex(buf[487], !=, 0);
    for (unsigned i = 488; i < 512; i++) {
        g_assert_cmphex(buf[i], ==, 0);
    }
    g_assert_cmpint(do_write(blk, 512, buf, 512), ==, 0);
    g_assert_cmpint(stat(image_path, &st), ==, 0);
    g_assert_cmpint(st.st_size, ==, 1024);
    blk_cleanup();
    image_remove();
}

static void test_null(void)
{
    uint8_t buf[100];
    BlockBackend *blk = open_drive("driver=null-co,size=1M,read-zeroes=on", NULL);

    g_assert_cmpint(blk_getlength(blk), ==, 1 << 20);
    memset(buf, 1, sizeof(buf));
    g_assert_cmpint(do_write(blk, 0, buf, sizeof(buf)), ==, 0);
    g_assert_cmpint(do_read(blk, 0, buf, sizeof(buf)), ==, 0);
    g_assert_cmphex(buf[0] | buf[99], ==, 0);
    g_assert_cmpstr(blk_get_format(blk), ==, "null-co");
    blk_cleanup();
}

static void test_discard(void)
{
    uint8_t buf[65536];
    BlockBackend *blk;

    image_create(IMAGE_SIZE);
    blk = open_drive("file=%s,format=raw", NULL);
    g_assert_cmpint(do_discard(blk, 65536, 65536), ==, 0);
    g_assert_cmpint(do_read(blk, 65536, buf, 65536), ==, 0);
    g_assert_cmphex(buf[1], ==, 7);
    blk_cleanup();
    blk = open_drive("file=%s,format=raw,discard=unmap", NULL);
    g_assert_cmpint(do_discard(blk, 65536, 65536), ==, 0);
    g_assert_cmpint(do_read(blk, 65536, buf, 65536), ==, 0);
    g_assert_cmphex(buf[1], ==, 0);
    blk_cleanup();
    image_remove();
}

/* ---- What must fail ---- */

static void test_bounds(void)
{
    uint8_t buf[1024] = {0};
    BlockBackend *blk;

    image_create(4096);
    blk = open_drive("file=%s,format=raw", NULL);
    g_assert_cmpint(do_read(blk, 3584, buf, 512), ==, 0);
    g_assert_cmpint(do_read(blk, 4096, buf, 0), ==, 0);
    g_assert_cmpint(do_read(blk, 3584, buf, 1024), ==, -EIO);
    g_assert_cmpint(do_write(blk, 4096, buf, 1), ==, -EIO);
    g_assert_cmpint(do_write(blk, -1, buf, 1), ==, -EIO);
    g_assert_cmpint(do_read(blk, INT64_MAX, buf, 1024), ==, -EIO);
    g_assert_cmpint(do_discard(blk, 0, INT64_MAX), ==, -EIO);
    g_assert_cmpint(do_zero(blk, INT64_MAX - 5, 10), ==, -EIO);
    blk_cleanup();

    blk = open_drive("file=%s,format=raw,readonly=on", NULL);
    g_assert_false(blk_is_writable(blk));
    g_assert_cmpint(do_write(blk, 0, buf, 512), ==, -EACCES);
    g_assert_cmpint(do_discard(blk, 0, 512), ==, -EACCES);
    g_assert_cmpint(do_read(blk, 0, buf, 512), ==, 0);
    blk_cleanup();

    blk = open_drive("id=empty", NULL);
    g_assert_false(blk_is_inserted(blk));
    g_assert_cmpint(blk_getlength(blk), ==, -ENOMEDIUM);
    g_assert_cmpint(do_read(blk, 0, buf, 512), ==, -ENOMEDIUM);
    g_assert_cmpint(do_flush(blk), ==, -ENOMEDIUM);
    blk_cleanup();
    image_remove();
}

static void test_sector0(void)
{
    uint8_t sector[512] = {0};
    BlockBackend *blk;

    image_create(65536);
    blk = open_drive("file=%s", NULL);
    memcpy(sector, "QFI\xfb", 4);
    g_assert_cmpint(do_write(blk, 0, sector, 512), ==, -EPERM);
    /* Not in two steps either. */
    g_assert_cmpint(do_write(blk, 0, sector, 3), ==, 0);
    g_assert_cmpint(do_write(blk, 3, sector + 3, 100), ==, -EPERM);
    g_assert_cmpint(do_write(blk, 512, sector, 512), ==, 0);
    memset(sector, 0x55, sizeof(sector));
    g_assert_cmpint(do_write(blk, 0, sector, 512), ==, 0);
    blk_cleanup();

    blk = open_drive("file=%s,format=raw", NULL);
    memcpy(sector, "QFI\xfb", 4);
    g_assert_cmpint(do_write(blk, 0, sector, 512), ==, 0);
    blk_cleanup();
    image_remove();
}

/* ---- Devices ---- */

static void test_attach(void)
{
    int dev1, dev2;
    g_autoptr(GError) error = NULL;
    BlockBackend *blk = open_drive("driver=null-co,id=a", NULL);

    g_assert_true(blk_by_name("a") == blk);
    g_assert_null(blk_by_name("b"));
    g_assert_true(blk_attach_dev(blk, &dev1, NULL));
    g_assert_false(blk_attach_dev(blk, &dev2, &error));
    g_assert_cmpstr(error->message, ==, "Drive 'a' is already in use by another device");
    blk_detach_dev(blk, &dev1);
    g_assert_true(blk_attach_dev(blk, &dev2, NULL));
    g_assert_true(blk_get_attached_dev(blk) == &dev2);
    blk_detach_dev(blk, &dev2);
    blk_cleanup();
}

static void test_locks(void)
{
    int dev1, dev2;
    GError *error = NULL;
    BlockBackend *writer, *second, *reader, *unlocked;
    g_autofree char *hint = NULL;

    image_create(65536);
    writer = open_drive("file=%s,format=raw,id=w", NULL);
    second = open_drive("file=%s,format=raw,id=s", NULL);
    reader = open_drive("file=%s,format=raw,id=r,readonly=on", NULL);
    unlocked = open_drive("file=%s,format=raw,id=u,file.locking=off", NULL);
    g_assert_nonnull(unlocked);
    g_assert_true(blk_attach_dev(writer, &dev1, NULL));
    g_assert_false(blk_attach_dev(second, &dev2, &error));
    g_assert_cmpstr(error->message, ==, "Failed to get \"write\" lock");
    hint = g_strdup_printf("Is another process using the image [%s]?", image_path);
    g_assert_cmpstr(g_strchomp((char *)error_get_hint(error)), ==, hint);
    g_clear_error(&error);
    g_assert_false(blk_attach_dev(reader, &dev2, &error));
    g_assert_cmpstr(error->message, ==, "Failed to get shared \"write\" lock");
    g_clear_error(&error);
    g_assert_true(blk_attach_dev(unlocked, &dev2, NULL));
    blk_detach_dev(unlocked, &dev2);
    blk_detach_dev(writer, &dev1);
    g_assert_true(blk_attach_dev(reader, &dev2, NULL));
    g_assert_false(blk_attach_dev(writer, &dev1, NULL));
    blk_detach_dev(reader, &dev2);
    g_assert_true(blk_attach_dev(second, &dev1, NULL));
    blk_detach_dev(second, &dev1);
    blk_cleanup();
    image_remove();
}

static void test_write_cache(void)
{
    BlockBackend *blk = open_drive("driver=null-co,cache=writethrough", NULL);

    g_assert_false(blk_enable_write_cache(blk));
    blk_set_enable_write_cache(blk, true);
    g_assert_true(blk_enable_write_cache(blk));
    blk_cleanup();
    blk = open_drive("driver=null-co,cache=directsync,cache.writeback=on", NULL);
    g_assert_true(blk_enable_write_cache(blk));
    blk_cleanup();
}

static void test_error_action(void)
{
    BlockBackend *blk = open_drive("driver=null-co", NULL);

    g_assert_cmpint(blk_get_error_action(blk, true, EIO), ==, BLOCK_ERROR_ACTION_REPORT);
    g_assert_cmpint(blk_get_error_action(blk, false, EIO), ==, BLOCK_ERROR_ACTION_REPORT);
    g_assert_cmpint(blk_get_error_action(blk, false, ENOSPC), ==, BLOCK_ERROR_ACTION_STOP);
    blk_cleanup();
    blk = open_drive("driver=null-co,werror=ignore,rerror=stop", NULL);
    g_assert_cmpint(blk_get_error_action(blk, true, EIO), ==, BLOCK_ERROR_ACTION_STOP);
    g_assert_cmpint(blk_get_error_action(blk, false, ENOSPC), ==, BLOCK_ERROR_ACTION_IGNORE);
    blk_cleanup();
}

/* ---- Waiting ---- */

static void count_cb(void *opaque, int ret)
{
    g_assert_cmpint(ret, ==, 0);
    (*(unsigned *)opaque)++;
}

static void expect_eio(void *opaque, int ret)
{
    g_assert_cmpint(ret, ==, -EIO);
    (*(unsigned *)opaque)++;
}

static void test_drain(void)
{
    enum {
        N = 200
    };
    static uint8_t buf[N][512];
    struct iovec iov[N];
    QEMUIOVector qiov[N];
    unsigned count = 0;
    BlockBackend *blk;

    image_create(N * 512);
    blk = open_drive("file=%s,format=raw", NULL);
    for (unsigned i = 0; i < N; i++) {
        iov[i] = (struct iovec){.iov_base = buf[i], .iov_len = 512};
        qemu_iovec_init_external(&qiov[i], &iov[i], 1);
        blk_aio_pwritev(blk, i * 512, &qiov[i], 0, count_cb, &count);
    }
    g_assert_cmpuint(count, ==, 0);
    blk_drain(blk);
    g_assert_cmpuint(count, ==, N);
    blk_aio_pwritev(blk, N * 512, &qiov[0], 0, expect_eio, &count); /* never sent, yet later */
    g_assert_cmpuint(count, ==, N);
    blk_drain(blk);
    g_assert_cmpuint(count, ==, N + 1);
    g_assert_cmpint(blk_flush_all(), ==, 0);
    blk_cleanup();
    image_remove();
}

int main(int argc, char **argv)
{
    int ret;

    g_test_init(&argc, &argv, NULL);
    if (!main_loop_init(NULL)) {
        return 1;
    }
    g_test_add_func("/block/raw", test_raw);
    g_test_add_func("/block/direct", test_direct);
    g_test_add_func("/block/snapshot", test_snapshot);
    g_test_add_func("/block/odd-size", test_odd_size);
    g_test_add_func("/block/null", test_null);
    g_test_add_func("/block/discard", test_discard);
    g_test_add_func("/block/bounds", test_bounds);
    g_test_add_func("/block/sector0", test_sector0);
    g_test_add_func("/block/attach", test_attach);
    g_test_add_func("/block/locks", test_locks);
    g_test_add_func("/block/write-cache", test_write_cache);
    g_test_add_func("/block/error-action", test_error_action);
    g_test_add_func("/block/drain", test_drain);
    ret = g_test_run();
    main_loop_cleanup();
    return ret;
}
