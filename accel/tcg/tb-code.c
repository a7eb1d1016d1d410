/* SPDX-License-Identifier: MIT */
/*
 * Code memory: one region in chunks. A thread translates into a chunk of its own, without a lock;
 * when it is full it takes the next one. Chunks are taken in turn; when none is free, the one that
 * was taken longest ago is emptied, and no other.
 *
 * A block lies before its code. Its memory is used again only after the block has been taken out of
 * all tables, while no hart is in code and none has it in its jump cache.
 *
 * Locks: tb_lock to take and to empty a chunk. Tests: tests/unit/accel/tcg/test-tb.c; guests with a
 * small tb-size.
 */
#include "qemu/osdep.h"

#include "tcg-internal.h"

#define TB_CHUNK_MAX (UINT64_C(1) << 20)
/* A block that does not fit is made shorter. */
#define TB_CHUNK_MIN (UINT64_C(16) << 10)
/* With less left than this a chunk counts as full. */
#define TB_CHUNK_REST 1024

typedef struct TBChunk {
    uint32_t used;   /* [vcpu: its thread's] offset in the region of the end of its last block */
    uint64_t serial; /* [atomic, lock:tb_lock to write] 0: free; else not used for another */
} TBChunk;

static uint64_t chunks_first; /* [const] */
/* [const] once a block has been made: then the number of harts is known */
static TBChunk *chunks;
static unsigned nchunks;
static uint64_t chunk_size;
static unsigned next_chunk;  /* [lock:tb_lock] the next to be taken */
static uint64_t last_serial; /* [lock:tb_lock] */

/* The chunk that this thread fills, if it is still the one that it took. */
static __thread struct {
    unsigned index;
    uint64_t serial;
} mine;

void tb_code_init(uint64_t used)
{
    chunks_first = ROUND_UP(MAX(used, 1), 4096); /* no block lies at 0: TBRef */
}

static void tb_code_divide_locked(void)
{
    uint64_t size = tcg_accel.jitmem->size - chunks_first;

    /* a small region has several for each hart, lest they evict each other's in turn */
    chunk_size = QEMU_ALIGN_DOWN(CLAMP(size / 4 / cpu_count(), TB_CHUNK_MIN, TB_CHUNK_MAX), 4096);
    nchunks = size / chunk_size;
    chunks = g_new0(TBChunk, nchunks);
}

static uint64_t chunk_start(unsigned index)
{
    return chunks_first + index * chunk_size;
}

static bool tb_code_take_chunk(void)
{
    TBChunk *chunk;
    bool ok;

    qemu_mutex_lock(&tb_lock);
    if (!chunks) {
        tb_code_divide_locked();
    }
    chunk = &chunks[next_chunk];
    ok = !chunk->serial;
    if (ok) {
        mine.index = next_chunk;
        mine.serial = ++last_serial;
        qatomic_set(&chunk->used, (uint32_t)chunk_start(next_chunk));
        qatomic_set(&chunk->serial, mine.serial);
        next_chunk = (next_chunk + 1) % nchunks;
    }
    qemu_mutex_unlock(&tb_lock);
    return ok;
}

static bool chunk_is_mine(void)
{
    return mine.serial && qatomic_read(&chunks[mine.index].serial) == mine.serial;
}

bool tb_code_begin(TCGCodeBuf *buf, TranslationBlock **tb, unsigned max_links)
{
    uint8_t *p;

    if (!chunk_is_mine() || chunk_start(mine.index + 1) - chunks[mine.index].used < TB_CHUNK_REST) {
        if (!tb_code_take_chunk()) {
            return false;
        }
    }
    p = tcg_accel.code_base + chunks[mine.index].used;
    *tb = (TranslationBlock *)p;
    *buf = (TCGCodeBuf){
        .ptr = p + tb_code_offset(max_links),
        .end = tcg_accel.code_base + chunk_start(mine.index + 1),
        .rx_delta = tcg_accel.jitmem->diff,
    };
    return true;
}

static uint32_t tb_end(const TranslationBlock *tb)
{
    return ROUND_UP(tb_ref(tb, 0) + tb->code_offset + tb->code_size, TB_ALIGN);
}

void tb_code_commit(TranslationBlock *tb)
{
    qatomic_set(&chunks[mine.index].used, tb_end(tb));
    jitmem_flush(tcg_accel.jitmem, tb_code_rw(tb), tb->code_size);
}

bool tb_code_give_up(void)
{
    bool had_blocks = chunks[mine.index].used != chunk_start(mine.index);

    mine.serial = 0;
    return had_blocks;
}

uint64_t tb_code_used(void)
{
    uint64_t sum = chunks_first;

    for (unsigned i = 0; i < nchunks; i++) {
        if (qatomic_read(&chunks[i].serial)) {
            sum += qatomic_read(&chunks[i].used) - chunk_start(i);
        }
    }
    return sum;
}

/* ---- emptying -------------------------------------------------------------------------------- */

/* No hart finds in its jump cache what it found before. */
static void jump_caches_clear(void)
{
    CPUState *cpu;

    CPU_FOREACH(cpu) {
        CPUTCGState *env = cpu_tcg(cpu);

        if (env->priv) {
            env->priv->current_tb = NULL;
            fetch_forget(env);
        }
    }
}

/*
 * No hart is in code. Where two harts want a chunk at once, the second finds one that is free.
 */
static void tb_evict_locked_out(void)
{
    TBChunk *chunk;
    uint64_t start;

    qemu_mutex_lock(&tb_lock);
    chunk = &chunks[next_chunk];
    start = chunk_start(next_chunk);
    if (chunk->serial) {
        for (uint64_t at = start; at < chunk->used;) {
            TranslationBlock *tb = tb_of_ref((TBRef)at);

            at = tb_end(tb);
            tb_remove_locked(tb);
        }
        jump_caches_clear();
        qatomic_set(&chunk->serial, 0);
        qatomic_inc(&tcg_accel.tb_evict_count);
    }
    qemu_mutex_unlock(&tb_lock);
}

void tb_evict(CPUState *cpu)
{
    cpu_sync_exclusive(cpu, tb_evict_locked_out);
}

void tb_code_free_all_locked(void)
{
    for (unsigned i = 0; i < nchunks; i++) {
        qatomic_set(&chunks[i].serial, 0);
    }
    next_chunk = 0;
}
