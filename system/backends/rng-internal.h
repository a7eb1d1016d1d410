/* SPDX-License-Identifier: MIT */
/*
 * What the kinds of random source share with rng.c.
 */
#ifndef SYSTEM_BACKENDS_RNG_INTERNAL_H
#define SYSTEM_BACKENDS_RNG_INTERNAL_H

#include "system/rng.h"

/**
 * RngBackendClass
 * @open:     all properties are set; or NULL
 * @activity: called when the first request comes (@wanted) and when the last one has gone. While
 *            wanted, the source calls rng_backend_deliver() whenever it has bytes
 */
struct RngBackendClass {
    ObjectClass parent_class;
    bool (*open)(RngBackend *s, GError **error);
    void (*activity)(RngBackend *s, bool wanted);
};

struct RngBackend {
    Object parent_obj;
    GQueue requests; /* [bql] of RngRequest */
};

/* Bytes the first request wants; 0 if there is none. */
size_t rng_backend_wanted(const RngBackend *s);
/* Answers the first request with @size bytes, 1 to what it wants. */
void rng_backend_deliver(RngBackend *s, const void *data, size_t size);

#endif
