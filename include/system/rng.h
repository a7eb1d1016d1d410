/* SPDX-License-Identifier: MIT */
/*
 * Sources of random bytes for random-number devices: -object rng-builtin and -object rng-random.
 *
 * A device asks for bytes and gets them later, in the order of the requests.
 * Threads: BQL; bytes are delivered in the main loop, never from within a call.
 * Tests: tests/unit/system/backends/test-rng.c.
 */
#ifndef SYSTEM_RNG_H
#define SYSTEM_RNG_H

#include "qom/object.h"

#define TYPE_RNG_BACKEND "rng-backend"
OBJECT_DECLARE_TYPE(RngBackend, RngBackendClass, RNG_BACKEND)

#define TYPE_RNG_BUILTIN "rng-builtin"
#define TYPE_RNG_RANDOM "rng-random"

/* At most so many bytes a request. */
#define RNG_REQUEST_MAX 65536

/* @size is at least 1 and at most what was asked for. */
typedef void EntropyReceiveFunc(void *opaque, const void *data, size_t size);

/**
 * rng_backend_request_entropy - ask for up to @size bytes, 1 to RNG_REQUEST_MAX
 *
 * @receive is called once, unless the request is cancelled first. A source that has run dry keeps
 * the request for ever.
 */
void rng_backend_request_entropy(RngBackend *s, size_t size, EntropyReceiveFunc *receive,
                                 void *opaque);

/* Forgets all requests made with @opaque. */
void rng_backend_cancel_requests(RngBackend *s, const void *opaque);

#endif
