/* SPDX-License-Identifier: MIT */
/*
 * Reading files, and unpacking gzip and EFI zboot.
 */
#include "qemu/osdep.h"

#include <zlib.h>

#include "hw/core/loader.h"
#include "qemu/bswap.h"
#include "qemu/error.h"

/* What @text becomes when packed as a gzip file. */
static GBytes *gzip(const void *data, size_t size)
{
    z_stream z = {.next_in = (Bytef *)data, .avail_in = size};
    size_t room = size + 100;
    uint8_t *out = g_malloc(room);

    g_assert_cmpint(deflateInit2(&z, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), ==,
                    Z_OK);
    z.next_out = out;
    z.avail_out = room;
    g_assert_cmpint(deflate(&z, Z_FINISH), ==, Z_STREAM_END);
    deflateEnd(&z);
    return g_bytes_new_take(out, room - z.avail_out);
}

static void expect_error(GBytes *file, uint64_t max_size, const char *message)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(load_unpack("k", file, max_size, &error));
    g_assert_cmpstr(error->message, ==, message);
}

static void expect_unpacked(GBytes *file, uint64_t max_size, const void *data, size_t size)
{
    g_autoptr(GBytes) got = load_unpack("k", file, max_size, NULL);
    size_t got_size = 0;
    const void *got_data = got ? g_bytes_get_data(got, &got_size) : NULL;

    g_assert_cmpmem(got_data, got_size, data, size);
}

static void test_gzip(void)
{
    size_t size = 5000000;
    g_autofree uint8_t *data = g_malloc(size);
    g_autoptr(GBytes) packed = NULL;
    g_autoptr(GBytes) cut = NULL;
    g_autoptr(GBytes) damaged = NULL;
    g_autofree uint8_t *copy = NULL;

    for (size_t i = 0; i < size; i++) {
        data[i] = i / 777;
    }
    packed = gzip(data, size);
    expect_unpacked(packed, size, data, size);
    expect_unpacked(packed, UINT64_MAX, data, size);
    expect_error(packed, size - 1, "'k' is too large when unpacked: more than 4999999 bytes");
    expect_error(packed, 1, "'k' is too large when unpacked: more than 1 bytes");

    cut = g_bytes_new_from_bytes(packed, 0, g_bytes_get_size(packed) - 1);
    expect_error(cut, size, "'k': damaged gzip data (truncated)");
    copy = g_memdup2(g_bytes_get_data(packed, NULL), g_bytes_get_size(packed));
    copy[g_bytes_get_size(packed) - 6] ^= 1;
    damaged = g_bytes_new(copy, g_bytes_get_size(packed));
    expect_error(damaged, size, "'k': damaged gzip data (incorrect data check)");
}

static void test_zboot(void)
{
    g_autoptr(GBytes) packed = gzip("kernel", 6);
    size_t packed_size = g_bytes_get_size(packed);
    uint8_t file[512] = "MZ";
    g_autoptr(GBytes) bytes = NULL;

    memcpy(file + 4, "zimg", 4);
    stl_le_p(file + 8, 128);
    stl_le_p(file + 12, packed_size);
    strcpy((char *)file + 24, "gzip");
    memcpy(file + 128, g_bytes_get_data(packed, NULL), packed_size);
    bytes = g_bytes_new(file, sizeof(file));
    expect_unpacked(bytes, 6, "kernel", 6);

    g_bytes_unref(bytes);
    stl_le_p(file + 12, 512 - 128 + 1);
    bytes = g_bytes_new(file, sizeof(file));
    expect_error(bytes, 6, "'k': damaged EFI zboot header");

    g_bytes_unref(bytes);
    strcpy((char *)file + 24, "zstd22");
    stl_le_p(file + 12, packed_size);
    bytes = g_bytes_new(file, sizeof(file));
    expect_error(bytes, 6,
                 "'k' is an EFI zboot image compressed by \"zstd22\"; only gzip is supported: give "
                 "the unpacked Image");
}

static void test_plain(void)
{
    static const char text[] = "\x1f\x8b";
    g_autoptr(GBytes) file = g_bytes_new_static(text, 2);
    g_autoptr(GBytes) got = load_unpack("k", file, 10, NULL);

    g_assert_true(got == file);
}

static void test_file(void)
{
    g_autofree char *path = NULL;
    int fd = g_file_open_tmp("loader-XXXXXX", &path, NULL);
    g_autoptr(GError) error = NULL;
    g_autofree char *message = NULL;
    g_autoptr(GBytes) bytes = NULL;

    g_assert_null(load_file_bytes(path, 10, &error));
    message = g_strdup_printf("'%s' is empty", path);
    g_assert_cmpstr(error->message, ==, message);
    g_clear_error(&error);

    g_assert_cmpint(write(fd, "0123456789", 10), ==, 10);
    bytes = load_file_bytes(path, 10, &error);
    g_assert_no_error(error);
    g_assert_cmpmem(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), "0123456789", 10);
    g_assert_null(load_file_bytes(path, 9, &error));
    g_free(message);
    message = g_strdup_printf("'%s' is too large: 10 bytes, at most 9", path);
    g_assert_cmpstr(error->message, ==, message);
    g_clear_error(&error);

    close(fd);
    unlink(path);
    g_assert_null(load_file_bytes(path, 10, &error));
    g_free(message);
    message = g_strdup_printf("Could not open '%s': No such file or directory", path);
    g_assert_cmpstr(error->message, ==, message);
    g_clear_error(&error);
    g_assert_null(load_file_bytes("/", 10, &error));
    g_assert_cmpstr(error->message, ==, "'/' is not a regular file");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/loader-file/gzip", test_gzip);
    g_test_add_func("/loader-file/zboot", test_zboot);
    g_test_add_func("/loader-file/plain", test_plain);
    g_test_add_func("/loader-file/file", test_file);
    return g_test_run();
}
