/* SPDX-License-Identifier: MIT */
/*
 * qemu_set_fd_handler(): one GSource for each watched descriptor, found by its number.
 * Everything here is under the BQL; the sources are dispatched by main_loop_wait().
 * Tests: tests/unit/util/test-main-loop.c.
 */
#include "qemu/osdep.h"
#include "main-loop-internal.h"

typedef struct FdSource {
    GSource source;
    void *tag;           /* of the descriptor within the source */
    IOHandler *fd_read;  /* [bql] */
    IOHandler *fd_write; /* [bql] */
    void *opaque;        /* [bql] */
} FdSource;

/* fd -> FdSource, which it owns a reference of. Created when first needed. */
static GHashTable *fd_sources TSA_GUARDED_BY(bql);

static gboolean fd_source_dispatch(GSource *source, GSourceFunc callback, gpointer user_data)
{
    FdSource *fs = (FdSource *)source;
    GIOCondition cond = g_source_query_unix_fd(source, fs->tag);
    const GIOCondition readable = G_IO_IN | G_IO_HUP | G_IO_ERR;
    /* A hang-up alone must reach somebody, or poll would return for it again and again. */
    const GIOCondition writable = G_IO_OUT | G_IO_ERR | (fs->fd_read ? 0 : G_IO_HUP);

    if (fs->fd_read && (cond & readable)) {
        fs->fd_read(fs->opaque);
    }
    /* The reader may have changed or removed the handlers. */
    if (!g_source_is_destroyed(source) && fs->fd_write && (cond & writable)) {
        fs->fd_write(fs->opaque);
    }
    return G_SOURCE_CONTINUE;
}

static GSourceFuncs fd_source_funcs = {.dispatch = fd_source_dispatch};

static void fd_source_destroy(void *data)
{
    GSource *source = data;
    g_source_destroy(source);
    g_source_unref(source);
}

static FdSource *fd_source_new(int fd)
{
    FdSource *fs = (FdSource *)g_source_new(&fd_source_funcs, sizeof(FdSource));
    g_source_set_name(&fs->source, "fd handler");
    fs->tag = g_source_add_unix_fd(&fs->source, fd, 0);
    g_source_attach(&fs->source, NULL);
    return fs;
}

void qemu_set_fd_handler(int fd, IOHandler *fd_read, IOHandler *fd_write, void *opaque)
{
    bql_assert_locked();
    g_assert(fd >= 0);
    if (!fd_sources) {
        fd_sources = g_hash_table_new_full(NULL, NULL, NULL, fd_source_destroy);
    }
    void *key = GINT_TO_POINTER(fd);
    if (!fd_read && !fd_write) {
        g_hash_table_remove(fd_sources, key);
        return;
    }
    FdSource *fs = g_hash_table_lookup(fd_sources, key);
    if (!fs) {
        fs = fd_source_new(fd);
        g_hash_table_insert(fd_sources, key, fs);
    }
    fs->fd_read = fd_read;
    fs->fd_write = fd_write;
    fs->opaque = opaque;
    g_source_modify_unix_fd(&fs->source, fs->tag,
                            (fd_read ? G_IO_IN | G_IO_HUP | G_IO_ERR : 0) |
                                (fd_write ? G_IO_OUT | G_IO_ERR : 0));
}

void fd_handlers_cleanup(void)
{
    g_clear_pointer(&fd_sources, g_hash_table_destroy);
}
