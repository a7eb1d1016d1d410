/* SPDX-License-Identifier: MIT */
/*
 * Lists of buffers: every part of a list with empty pieces, copied, filled and cut.
 */
#include "qemu/osdep.h"

#include "qemu/iov.h"

#define SIZE 10

static char bytes[SIZE + 1];

/* "abcdefghij" in pieces of 0, 3, 1, 0, 6. */
static struct iovec list[] = {
    {bytes, 0}, {bytes, 3}, {bytes + 3, 1}, {bytes + 4, 0}, {bytes + 4, 6},
};
#define COUNT G_N_ELEMENTS(list)

static void fill(void)
{
    memcpy(bytes, "abcdefghij", sizeof(bytes));
}

static void test_size(void)
{
    g_assert_cmpuint(iov_size(list, COUNT), ==, SIZE);
    g_assert_cmpuint(iov_size(list, 3), ==, 4);
    g_assert_cmpuint(iov_size(NULL, 0), ==, 0);
}

static void test_all_parts(void)
{
    for (size_t offset = 0; offset < SIZE + 2; offset++) {
        for (size_t len = 0; len < SIZE + 3; len++) {
            size_t expected = offset < SIZE ? MIN(len, SIZE - offset) : 0;
            struct iovec part[COUNT];
            char buf[SIZE + 3];
            unsigned n;

            fill();
            g_assert_cmpuint(iov_to_buf(list, COUNT, offset, buf, len), ==, expected);
            g_assert_cmpmem(buf, expected, bytes + MIN(offset, SIZE), expected);

            n = iov_slice(part, COUNT, list, COUNT, offset, len);
            g_assert_cmpuint(iov_size(part, n), ==, expected);
            g_assert_cmpuint(iov_to_buf(part, n, 0, buf, sizeof(buf)), ==, expected);
            g_assert_cmpmem(buf, expected, bytes + MIN(offset, SIZE), expected);

            memset(buf, '#', sizeof(buf));
            g_assert_cmpuint(iov_from_buf(list, COUNT, offset, buf, len), ==, expected);
            for (size_t i = 0; i < SIZE; i++) {
                g_assert_cmpint(bytes[i], ==, i >= offset && i < offset + len ? '#' : 'a' + (int)i);
            }
            fill();
            g_assert_cmpuint(iov_memset(list, COUNT, offset, '#', len), ==, expected);
            for (size_t i = 0; i < SIZE; i++) {
                g_assert_cmpint(bytes[i], ==, i >= offset && i < offset + len ? '#' : 'a' + (int)i);
            }
        }
    }
}

static void test_slice_room(void)
{
    struct iovec part[2];

    g_assert_cmpuint(iov_slice(part, 2, list, COUNT, 1, SIZE_MAX), ==, 2);
    g_assert_cmpuint(iov_size(part, 2), ==, 3);
    g_assert_cmpuint(iov_slice(part, 1, list, COUNT, 4, SIZE_MAX), ==, 1);
    g_assert_true(part[0].iov_base == bytes + 4 && part[0].iov_len == 6);
    g_assert_cmpuint(iov_slice(part, 0, list, COUNT, 0, SIZE_MAX), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/iov/size", test_size);
    g_test_add_func("/iov/all-parts", test_all_parts);
    g_test_add_func("/iov/slice-room", test_slice_room);
    return g_test_run();
}
