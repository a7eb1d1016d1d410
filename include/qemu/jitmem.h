/* SPDX-License-Identifier: MIT */
/*
 * Memory for generated code. One region, seen writable at rw and executable at rx; with
 * split mappings no page is writable and executable at the same address. Stores through rw
 * are visible at rx + offset; on hosts whose instruction caches are not coherent, call
 * jitmem_flush() before running them.
 */
#ifndef QEMU_JITMEM_H
#define QEMU_JITMEM_H

struct JitMem {
    uint8_t *rw;    /* [const] writable view */
    uint8_t *rx;    /* [const] executable view; equal to rw when not split */
    size_t size;    /* [const] bytes, whole host pages */
    ptrdiff_t diff; /* [const] rx - rw */
};

typedef enum {
    JITMEM_SPLIT_AUTO, /* one mapping where the host allows it, else two */
    JITMEM_SPLIT_ON,   /* writable and executable views apart: `split-wx=on` */
    JITMEM_SPLIT_OFF,  /* one mapping, readable, writable and executable */
} JitMemSplit;

/**
 * jitmem_create - map memory for code
 * @size: bytes; rounded up to host pages. Pages are taken from the host when touched.
 *
 * Zero-filled. On x86-64 the rx view lies within 2 GiB of this program's code whenever
 * there is room, so that calls to helpers can be direct; jitmem_near() says whether.
 */
JitMem *jitmem_create(size_t size, JitMemSplit split, GError **error);

/* Unmaps; nobody may be executing there. NULL does nothing. */
void jitmem_destroy(JitMem *jm);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(JitMem, jitmem_destroy)

/* Whether every byte of rx reaches @target by a signed 32-bit displacement. */
bool jitmem_near(const JitMem *jm, const void *target);

static inline void *jitmem_to_rx(const JitMem *jm, const void *rw)
{
    return (uint8_t *)rw + jm->diff;
}

static inline void *jitmem_to_rw(const JitMem *jm, const void *rx)
{
    return (uint8_t *)rx - jm->diff;
}

/* Makes instructions written at @rw, @len bytes, fetchable at their rx address. */
void jitmem_flush(const JitMem *jm, const void *rw, size_t len);

#endif
