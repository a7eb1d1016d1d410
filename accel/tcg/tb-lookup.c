/* SPDX-License-Identifier: MIT */
/*
 * Finding the translation of the code at a hart's pc: jump cache, then the hash table of all
 * blocks, then the translator, unless the code is cold (direct.c).
 *
 * Threads: the hart's own; no lock. The jump cache is this hart's; its key changes with
 * flags and fetch mappings, so that a stale entry is never matched.
 */
#include "qemu/osdep.h"

#include "tcg-internal.h"

/* @probe: record no exception; code that cannot be fetched without checks does not count. */
static bool fetch_translate(CPUState *cpu, vaddr pc, bool probe, hwaddr *phys, bool *fine)
{
    CPUTCGState *env = cpu_tcg(cpu);
    CPUTLBFill fill;

    *fine = false;
    if (likely(fetch_tlb_find(env, pc, phys))) {
        return true;
    }
    env->priv->stats.fetch_fills++;
    if (!env->priv->ops->tlb_fill(cpu, pc, 2, MMU_INST_FETCH, env->fetch_mmu_idx, probe, &fill)) {
        env->priv->stats.tlb_faults += !probe;
        return false;
    }
    *phys = fill.phys;
    *fine = fill.size_log2 < TARGET_PAGE_BITS;
    if (probe && *fine) {
        return false;
    }
    fetch_seen_add(cpu, pc, &fill);
    if (!*fine) {
        fetch_tlb_set(env, pc, fill.phys);
    }
    return true;
}

bool tb_fetch_translate(CPUState *cpu, vaddr pc, hwaddr *phys, bool *fine)
{
    return fetch_translate(cpu, pc, false, phys, fine);
}

bool tb_fetch_rest(CPUState *cpu, vaddr pc, unsigned size)
{
    hwaddr phys;
    bool fine;

    return size <= 2 || tb_fetch_translate(cpu, pc + 2, &phys, &fine);
}

/* What a lookup compares with. */
typedef struct TBKey {
    hwaddr phys;
    vaddr pc;
    uint64_t flags;
    uint32_t cflags;
    bool pcrel;
} TBKey;

/* Programs at the bottom of their address space are always there. */
#define PCREL_PC_MIN (UINT64_C(1) << 32)

/* Is code at @pc of the present fetch mode translated PC-relative? */
static bool tb_may_move(const CPUState *cpu, vaddr pc, uint32_t cflags, bool fine)
{
    const CPUTCGState *env = cpu->env_ptr;

    return tcg_accel.pcrel && (pc >= PCREL_PC_MIN || tcg_accel.chaos) && !cflags && !fine &&
           !cpu->breakpoints->len && env->priv->ops->runs_programs &&
           env->priv->ops->runs_programs(cpu);
}

/* From @ref on: the next block that @key is right for, as far as its first page goes, or NULL. */
static TranslationBlock *tb_chain_find(TBRef ref, const TBKey *key)
{
    while (ref) {
        TranslationBlock *tb = tb_of_ref(ref);

        if (tb_is_for(tb, key->phys, key->pc, key->pcrel, key->flags, key->cflags) &&
            !qatomic_read(&tb->invalid)) {
            return tb;
        }
        /* pairs with the release in tb_publish() */
        ref = qatomic_load_acquire(&tb->hash_next);
    }
    return NULL;
}

static TBRef tb_chain(const TBKey *key)
{
    uint32_t hash = tb_hash(key->phys, key->pc, key->pcrel, key->flags, key->cflags);

    /* pairs with the release in tb_publish() */
    return qatomic_load_acquire(&tcg_accel.buckets[hash & tcg_accel.bucket_mask]);
}

/*
 * NULL with *@fault: the second page of a candidate cannot be fetched, the exception is recorded.
 */
static TranslationBlock *tb_hash_find(CPUState *cpu, const TBKey *key, bool *fault)
{
    TranslationBlock *tb = tb_chain_find(tb_chain(key), key);

    while (tb && tb->phys_page2 != TB_PAGE_NONE) {
        hwaddr phys2;
        bool fine;
        bool there = fetch_translate(cpu, tb_page2(tb, key->pc), tb->is_region, &phys2, &fine);

        if (!there && !tb->is_region) {
            *fault = true;
            return NULL;
        }
        if (there && phys2 == tb->phys_page2) {
            return tb;
        }
        tb = tb_chain_find(qatomic_read(&tb->hash_next), key);
    }
    return tb;
}

static CPUJumpCacheEntry *tb_jump_cache_entry(CPUTCGState *env, vaddr pc)
{
    return &env->jc_table[(pc >> 1) & ((1u << CPU_JC_BITS) - 1)];
}

TranslationBlock *tb_peek(CPUState *cpu, hwaddr phys, vaddr pc, uint64_t flags, bool pcrel)
{
    TBKey key = {.phys = phys, .pc = pc, .flags = flags, .pcrel = pcrel};

    return tb_chain_find(tb_chain(&key), &key);
}

/* Is all of @tb known to be mapped as it was, its first page as the caller says? */
static bool is_mapped(CPUTCGState *env, const TranslationBlock *tb)
{
    hwaddr phys;

    return tb->phys_page2 == TB_PAGE_NONE || !tb->is_region ||
           (fetch_tlb_find(env, tb_page2(tb, env->pc), &phys) && phys == tb->phys_page2);
}

void tb_remember(CPUTCGState *env, TranslationBlock *tb)
{
    CPUJumpCacheEntry *jc = tb_jump_cache_entry(env, env->pc);

    if (env->jump.key != JC_KEY_NONE && !tb->fine && !(tb->cflags & CF_COUNT_MASK) &&
        !qatomic_read(&tb->invalid)) {
        if (is_mapped(env, tb)) {
            *jc = (CPUJumpCacheEntry){
                .pc = env->pc, .key = env->jump.key, .code = tb_code(tb), .tb = tb};
        } else {
            jc->pc = 1; /* not the block in the place of which it comes */
        }
    }
}

TranslationBlock *tb_find(CPUState *cpu, uint32_t cflags, hwaddr *cold)
{
    CPUTCGState *env = cpu_tcg(cpu);
    CPUTCGPrivate *priv = env->priv;
    vaddr pc = env->pc;
    CPUJumpCacheEntry *jc = tb_jump_cache_entry(env, pc);
    TBKey key = {.pc = pc, .flags = env->tb_flags, .cflags = cflags};
    TranslationBlock *tb;
    bool fine, fault = false;

    *cold = TB_NOT_COLD;
    priv->stats.lookups++;
    if (!(cflags & CF_COUNT_MASK) && jc->pc == pc && jc->key == env->jump.key) {
        priv->stats.jc_hits++;
        /* a guarded link may have come here for want of it */
        fetch_tlb_set(env, pc, jc->tb->phys);
        if (jc->tb->phys_page2 != TB_PAGE_NONE) {
            fetch_tlb_set(env, tb_page2(jc->tb, pc), jc->tb->phys_page2);
        }
        return jc->tb;
    }
    for (;;) {
        TBGenResult result;

        if (!tb_fetch_translate(cpu, pc, &key.phys, &fine)) {
            return NULL;
        }
        key.pcrel = tb_may_move(cpu, pc, cflags, fine);
        tb = tb_hash_find(cpu, &key, &fault);
        if (fault) {
            return NULL;
        }
        if (tb) {
            priv->stats.hash_hits++;
            if (fine && !tb_fetch_rest(cpu, pc, tb->size)) {
                return NULL;
            }
            break;
        }
        if (!fine && direct_count(cpu, key.phys, cflags)) {
            *cold = key.phys;
            return NULL;
        }
        result = tb_gen(cpu, key.phys, fine, key.pcrel, cflags, &tb);
        if (result == TB_GEN_OK) {
            break;
        }
        if (result == TB_GEN_EXCEPTION) {
            return NULL;
        }
        tb_evict(cpu);
    }
    /* by now the fetch context may be another one */
    tb_remember(env, tb);
    return tb;
}
