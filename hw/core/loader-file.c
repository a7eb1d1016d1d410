/* SPDX-License-Identifier: MIT */
/*
 * Reading files for the guest, and unpacking kernels.
 *
 * Sizes come from the user's files: each is checked against the caller's bound before memory is
 * allocated, and unpacking stops at the bound. gzip: RFC 1952 by zlib. EFI zboot: Linux,
 * drivers/firmware/efi/libstub/zboot-header.S, "zimg" header. No state; set-up only.
 * Tests: tests/unit/hw/core-loader/test-loader-file.c.
 */
#include "qemu/osdep.h"

#include <zlib.h>

#include "hw/core/loader.h"
#include "qemu/bswap.h"
#include "qemu/error.h"
#include "qemu/units.h"

/* A kernel is smaller; a file that unpacks to more is a mistake or malice. */
#define UNPACK_MAX GiB
#define UNPACK_FIRST (1 * MiB)

/* EFI zboot header: "MZ", then at fixed offsets. */
enum {
    ZBOOT_MAGIC = 4,   /* "zimg" */
    ZBOOT_PAYLOAD = 8, /* u32 offset in the file */
    ZBOOT_SIZE = 12,   /* u32 bytes */
    ZBOOT_METHOD = 24, /* "gzip", "zstd22", NUL-terminated */
    ZBOOT_METHOD_MAX = 32,
    ZBOOT_HEADER_SIZE = ZBOOT_METHOD + ZBOOT_METHOD_MAX,
};

GBytes *load_file_bytes(const char *filename, uint64_t max_size, GError **error)
{
    int fd = qemu_open(filename, O_RDONLY, error);
    g_autofree uint8_t *data = NULL;
    struct stat st;
    size_t done = 0;

    if (fd < 0) {
        return NULL;
    }
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        error_setg(error, "'%s' is not a regular file", filename);
    } else if (st.st_size == 0) {
        error_setg(error, "'%s' is empty", filename);
    } else if ((uint64_t)st.st_size > max_size) {
        error_setg(error, "'%s' is too large: %" PRIu64 " bytes, at most %" PRIu64, filename,
                   (uint64_t)st.st_size, max_size);
    } else if (!(data = g_try_malloc(st.st_size))) {
        error_setg(error, "'%s': out of memory", filename);
    } else {
        while (done < st.st_size) {
            ssize_t n = read(fd, data + done, st.st_size - done);

            if (n < 0 && errno == EINTR) {
                continue;
            }
            if (n <= 0) {
                error_setg_errno(error, n < 0 ? errno : EIO, "Could not read '%s'", filename);
                break;
            }
            done += n;
        }
    }
    close(fd);
    return data && done == st.st_size ? g_bytes_new_take(g_steal_pointer(&data), done) : NULL;
}

/* The first gzip member at @data; what follows it is ignored, as boot loaders do. */
static GBytes *gunzip(const char *name, const uint8_t *data, size_t size, uint64_t max_size,
                      GError **error)
{
    size_t limit = MIN(max_size, UNPACK_MAX) + 1;
    g_autoptr(GByteArray) out = g_byte_array_new();
    z_stream z = {.next_in = (Bytef *)data};
    size_t done = 0;
    int ret;

    /* 16: a gzip header is required. */
    if (inflateInit2(&z, 16 + MAX_WBITS) != Z_OK) {
        error_setg(error, "'%s': out of memory", name);
        return NULL;
    }
    do {
        size_t room = MIN(limit - done, MAX(done, UNPACK_FIRST));

        g_byte_array_set_size(out, done + room);
        z.next_out = out->data + done;
        z.avail_out = room;
        /* zlib counts in 32 bits. */
        z.avail_in = MIN(size - (z.next_in - data), UINT32_MAX);
        ret = inflate(&z, Z_NO_FLUSH);
        done += room - z.avail_out;
    } while (ret == Z_OK && done < limit);
    if (done == limit) {
        error_setg(error, "'%s' is too large when unpacked: more than %zu bytes", name, limit - 1);
    } else if (ret != Z_STREAM_END) {
        error_setg(error, "'%s': damaged gzip data (%s)", name,
                   ret == Z_BUF_ERROR ? "truncated" :
                   z.msg              ?:
                                        "corrupt");
    }
    inflateEnd(&z);
    if (done == limit || ret != Z_STREAM_END) {
        return NULL;
    }
    g_byte_array_set_size(out, done);
    return g_byte_array_free_to_bytes(g_steal_pointer(&out));
}

GBytes *load_unpack(const char *name, GBytes *file, uint64_t max_size, GError **error)
{
    size_t size;
    const uint8_t *data = g_bytes_get_data(file, &size);

    if (size >= 18 && data[0] == 0x1f && data[1] == 0x8b) {
        return gunzip(name, data, size, max_size, error);
    }
    if (size >= ZBOOT_HEADER_SIZE && memcmp(data, "MZ", 2) == 0 &&
        memcmp(data + ZBOOT_MAGIC, "zimg", 4) == 0) {
        uint32_t offset = ldl_le_p(data + ZBOOT_PAYLOAD);
        uint32_t payload = ldl_le_p(data + ZBOOT_SIZE);
        g_autofree char *method = g_strndup((const char *)data + ZBOOT_METHOD, ZBOOT_METHOD_MAX);

        if (offset > size || payload > size - offset) {
            error_setg(error, "'%s': damaged EFI zboot header", name);
            return NULL;
        }
        if (!g_str_equal(method, "gzip")) {
            g_autofree char *printable = g_strescape(method, NULL);

            error_setg(error,
                       "'%s' is an EFI zboot image compressed by \"%s\"; only gzip is "
                       "supported: give the unpacked Image",
                       name, printable);
            return NULL;
        }
        return gunzip(name, data + offset, payload, max_size, error);
    }
    return g_bytes_ref(file);
}
