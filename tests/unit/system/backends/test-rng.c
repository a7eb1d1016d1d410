/* SPDX-License-Identifier: MIT */
/*
 * Random backends: requests are answered in order, can be cancelled, and a file that ends stops.
 */
#include "qemu/osdep.h"

#include <glib/gstdio.h>

#include "qemu/error.h"
#include "qemu/main-loop.h"
#include "qom/object_interfaces.h"
#include "system/rng.h"

typedef struct Answer {
    unsigned calls;
    GByteArray *bytes;
} Answer;

static void receive(void *opaque, const void *data, size_t size)
{
    Answer *answer = opaque;

    answer->calls++;
    g_byte_array_append(answer->bytes, data, size);
}

static void run_main_loop(void)
{
    for (unsigned i = 0; i < 5; i++) {
        main_loop_wait(true);
    }
}

static RngBackend *backend_new(const char *type, const char *filename, GError **error)
{
    Object *obj = object_new(type);

    if (filename) {
        g_assert_true(object_property_set_str(obj, "filename", filename, NULL));
    }
    if (!user_creatable_complete(USER_CREATABLE(obj), error)) {
        object_unref(obj);
        return NULL;
    }
    return RNG_BACKEND(obj);
}

static void test_answers(const void *type)
{
    g_autoptr(RngBackend) s = backend_new(type, NULL, NULL);
    Answer a = {.bytes = g_byte_array_new()}, b = {.bytes = g_byte_array_new()};

    rng_backend_request_entropy(s, 32, receive, &a);
    rng_backend_request_entropy(s, RNG_REQUEST_MAX, receive, &b);
    rng_backend_request_entropy(s, 32, receive, &a);
    g_assert_cmpuint(a.calls + b.calls, ==, 0);
    run_main_loop();
    g_assert_cmpuint(a.calls, ==, 2);
    g_assert_cmpuint(b.calls, ==, 1);
    g_assert_cmpuint(b.bytes->len, ==, RNG_REQUEST_MAX);
    g_assert_cmpuint(a.bytes->len, ==, 64);
    g_assert_true(memcmp(a.bytes->data, a.bytes->data + 32, 32) != 0);

    rng_backend_request_entropy(s, 8, receive, &a);
    rng_backend_request_entropy(s, 8, receive, &b);
    rng_backend_cancel_requests(s, &a);
    run_main_loop();
    g_assert_cmpuint(a.calls, ==, 2);
    g_assert_cmpuint(b.calls, ==, 2);
    rng_backend_request_entropy(s, 8, receive, &a);
    rng_backend_cancel_requests(s, &a);
    run_main_loop();
    g_assert_cmpuint(a.calls, ==, 2);
    g_byte_array_unref(a.bytes);
    g_byte_array_unref(b.bytes);
}

static void note_message(const char *message, void *opaque)
{
    g_assert_nonnull(strstr(message, "no more bytes"));
    ++*(unsigned *)opaque;
}

/* Bytes come from the file, as many as there are; at its end nothing comes any more. */
static void test_file(void)
{
    g_autofree char *path = g_build_filename(g_get_tmp_dir(), "tinamou-test-rng-XXXXXX", NULL);
    int fd = g_mkstemp(path);
    g_autoptr(RngBackend) s = NULL;
    Answer a = {.bytes = g_byte_array_new()};
    unsigned messages = 0;

    g_assert_true(qemu_write_full(fd, "abcdefgh", 8));
    close(fd);
    s = backend_new(TYPE_RNG_RANDOM, path, NULL);
    rng_backend_request_entropy(s, 5, receive, &a);
    rng_backend_request_entropy(s, 5, receive, &a);
    run_main_loop();
    g_assert_cmpmem(a.bytes->data, a.bytes->len, "abcdefgh", 8);
    error_sink_set(note_message, &messages);
    rng_backend_request_entropy(s, 5, receive, &a);
    run_main_loop();
    error_sink_set(NULL, NULL);
    g_assert_cmpuint(messages, ==, 1);
    g_assert_cmpuint(a.calls, ==, 2);
    g_byte_array_unref(a.bytes);
    g_unlink(path);
}

static void test_missing_file(void)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(backend_new(TYPE_RNG_RANDOM, "/nonexist", &error));
    g_assert_cmpstr(error->message, ==, "Could not open '/nonexist': No such file or directory");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_assert_true(main_loop_init(NULL));
    g_test_add_data_func("/rng/builtin", TYPE_RNG_BUILTIN, test_answers);
    g_test_add_data_func("/rng/random", TYPE_RNG_RANDOM, test_answers);
    g_test_add_func("/rng/file", test_file);
    g_test_add_func("/rng/missing-file", test_missing_file);
    return g_test_run();
}
