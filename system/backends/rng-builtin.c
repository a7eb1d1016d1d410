/* SPDX-License-Identifier: MIT */
/*
 * rng-builtin: random bytes from the emulator's own generator (qemu/guest-random.h), so that -seed
 * makes them repeatable.
 *
 * Threads: BQL. Tests: tests/unit/system/backends/test-rng.c.
 */
#include "qemu/osdep.h"

#include "qemu/error.h"
#include "qemu/guest-random.h"
#include "qemu/main-loop.h"
#include "rng-internal.h"

OBJECT_DECLARE_SIMPLE_TYPE(RngBuiltin, RNG_BUILTIN)

struct RngBuiltin {
    RngBackend parent;
    QEMUBH *bh; /* [const] answers one request */
};

static void rng_builtin_answer(void *opaque)
{
    RngBuiltin *s = opaque;
    size_t size = rng_backend_wanted(&s->parent);
    g_autofree uint8_t *bytes = g_malloc(size);
    GError *error = NULL;

    if (size == 0) {
        return;
    }
    if (!qemu_guest_getrandom(bytes, size, &error)) {
        /* As with any source that has run dry: the guest waits. */
        warn_report_err(error);
        return;
    }
    rng_backend_deliver(&s->parent, bytes, size);
    if (rng_backend_wanted(&s->parent)) {
        qemu_bh_schedule(s->bh);
    }
}

static void rng_builtin_activity(RngBackend *backend, bool wanted)
{
    RngBuiltin *s = RNG_BUILTIN(backend);

    if (wanted) {
        qemu_bh_schedule(s->bh);
    } else {
        qemu_bh_cancel(s->bh);
    }
}

static void rng_builtin_init(Object *obj)
{
    RngBuiltin *s = RNG_BUILTIN(obj);

    s->bh = qemu_bh_new(rng_builtin_answer, s);
}

static void rng_builtin_finalize(Object *obj)
{
    qemu_bh_delete(RNG_BUILTIN(obj)->bh);
}

static void rng_builtin_class_init(ObjectClass *klass, const void *data)
{
    RNG_BACKEND_CLASS(klass)->activity = rng_builtin_activity;
}

static const TypeInfo rng_builtin_types[] = {
    {
        .name = TYPE_RNG_BUILTIN,
        .parent = TYPE_RNG_BACKEND,
        .instance_size = sizeof(RngBuiltin),
        .instance_init = rng_builtin_init,
        .instance_finalize = rng_builtin_finalize,
        .class_init = rng_builtin_class_init,
    },
};
DEFINE_TYPES(rng_builtin_types)
