/* SPDX-License-Identifier: MIT */
/*
 * Requests for random bytes, and the type that all sources derive from.
 *
 * Threads: BQL. Tests: tests/unit/system/backends/test-rng.c.
 */
#include "qemu/osdep.h"

#include "qom/object_interfaces.h"
#include "rng-internal.h"

typedef struct RngRequest {
    size_t size;
    EntropyReceiveFunc *receive;
    void *opaque;
} RngRequest;

static void set_activity(RngBackend *s, bool wanted)
{
    RngBackendClass *rbc = RNG_BACKEND_GET_CLASS(s);

    rbc->activity(s, wanted);
}

void rng_backend_request_entropy(RngBackend *s, size_t size, EntropyReceiveFunc *receive,
                                 void *opaque)
{
    RngRequest *request = g_new(RngRequest, 1);

    g_assert(size > 0 && size <= RNG_REQUEST_MAX);
    *request = (RngRequest){size, receive, opaque};
    g_queue_push_tail(&s->requests, request);
    if (s->requests.length == 1) {
        set_activity(s, true);
    }
}

void rng_backend_cancel_requests(RngBackend *s, const void *opaque)
{
    bool was_active = !g_queue_is_empty(&s->requests);

    for (GList *l = s->requests.head, *next; l; l = next) {
        RngRequest *request = l->data;

        next = l->next;
        if (request->opaque == opaque) {
            g_free(request);
            g_queue_delete_link(&s->requests, l);
        }
    }
    if (was_active && g_queue_is_empty(&s->requests)) {
        set_activity(s, false);
    }
}

size_t rng_backend_wanted(const RngBackend *s)
{
    const RngRequest *request = s->requests.head ? s->requests.head->data : NULL;

    return request ? request->size : 0;
}

void rng_backend_deliver(RngBackend *s, const void *data, size_t size)
{
    g_autofree RngRequest *request = g_queue_pop_head(&s->requests);

    g_assert(request && size > 0 && size <= request->size);
    if (g_queue_is_empty(&s->requests)) {
        set_activity(s, false);
    }
    request->receive(request->opaque, data, size);
}

static bool rng_backend_complete(UserCreatable *uc, GError **error)
{
    RngBackend *s = RNG_BACKEND(uc);
    RngBackendClass *rbc = RNG_BACKEND_GET_CLASS(s);

    return !rbc->open || rbc->open(s, error);
}

static void rng_backend_finalize(Object *obj)
{
    g_queue_clear_full(&RNG_BACKEND(obj)->requests, g_free);
}

static void rng_backend_class_init(ObjectClass *klass, const void *data)
{
    USER_CREATABLE_CLASS(klass)->complete = rng_backend_complete;
}

static const TypeInfo rng_backend_types[] = {
    {
        .name = TYPE_RNG_BACKEND,
        .parent = TYPE_OBJECT,
        .abstract = true,
        .instance_size = sizeof(RngBackend),
        .instance_finalize = rng_backend_finalize,
        .class_size = sizeof(RngBackendClass),
        .class_init = rng_backend_class_init,
        .interfaces = (const InterfaceInfo[]){{TYPE_USER_CREATABLE}, {}},
    },
};
DEFINE_TYPES(rng_backend_types)
