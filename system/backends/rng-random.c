/* SPDX-License-Identifier: MIT */
/*
 * rng-random: random bytes read from a host file, "/dev/urandom" unless filename= says otherwise.
 *
 * A file that ends, or fails, is not read any more; requests then wait for ever.
 * Threads: BQL. Tests: tests/unit/system/backends/test-rng.c.
 */
#include "qemu/osdep.h"

#include "qemu/error.h"
#include "qemu/main-loop.h"
#include "rng-internal.h"

OBJECT_DECLARE_SIMPLE_TYPE(RngRandom, RNG_RANDOM)

struct RngRandom {
    RngBackend parent;
    char *filename; /* [const] after open */
    int fd;         /* [bql] -1: not open, or finished */
};

static void rng_random_read(void *opaque)
{
    RngRandom *s = opaque;
    size_t wanted = rng_backend_wanted(&s->parent);
    g_autofree uint8_t *bytes = g_malloc(wanted);
    ssize_t got = read(s->fd, bytes, wanted);

    if (got > 0) {
        rng_backend_deliver(&s->parent, bytes, got);
    } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
        warn_report("rng-random: no more bytes from '%s': %s", s->filename,
                    got == 0 ? "end of file" : g_strerror(errno));
        qemu_set_fd_handler(s->fd, NULL, NULL, NULL);
        close(s->fd);
        s->fd = -1;
    }
}

static void rng_random_activity(RngBackend *backend, bool wanted)
{
    RngRandom *s = RNG_RANDOM(backend);

    if (s->fd >= 0) {
        qemu_set_fd_handler(s->fd, wanted ? rng_random_read : NULL, NULL, s);
    }
}

static bool rng_random_open(RngBackend *backend, GError **error)
{
    RngRandom *s = RNG_RANDOM(backend);

    s->fd = qemu_open(s->filename, O_RDONLY | O_NONBLOCK, error);
    return s->fd >= 0;
}

static char *rng_random_get_filename(Object *obj, GError **error)
{
    return g_strdup(RNG_RANDOM(obj)->filename);
}

static bool rng_random_set_filename(Object *obj, const char *filename, GError **error)
{
    RngRandom *s = RNG_RANDOM(obj);

    if (s->fd >= 0) {
        error_setg(error, "Property 'filename' can no longer be set");
        return false;
    }
    g_free(s->filename);
    s->filename = g_strdup(filename);
    return true;
}

static void rng_random_init(Object *obj)
{
    RngRandom *s = RNG_RANDOM(obj);

    s->filename = g_strdup("/dev/urandom");
    s->fd = -1;
}

static void rng_random_finalize(Object *obj)
{
    RngRandom *s = RNG_RANDOM(obj);

    if (s->fd >= 0) {
        qemu_set_fd_handler(s->fd, NULL, NULL, NULL);
        close(s->fd);
    }
    g_free(s->filename);
}

static void rng_random_class_init(ObjectClass *klass, const void *data)
{
    RngBackendClass *rbc = RNG_BACKEND_CLASS(klass);

    rbc->open = rng_random_open;
    rbc->activity = rng_random_activity;
    object_class_property_add_str(klass, "filename", rng_random_get_filename,
                                  rng_random_set_filename);
}

static const TypeInfo rng_random_types[] = {
    {
        .name = TYPE_RNG_RANDOM,
        .parent = TYPE_RNG_BACKEND,
        .instance_size = sizeof(RngRandom),
        .instance_init = rng_random_init,
        .instance_finalize = rng_random_finalize,
        .class_init = rng_random_class_init,
    },
};
DEFINE_TYPES(rng_random_types)
