/* SPDX-License-Identifier: MIT */
/*
 * Finding the translation of the code at a hart's pc: jump cache, then the hash table of all
 * blocks, then the translator.
 *
 * Threads: the hart's own; no lock. The jump cache is this hart's; its key (jc_key) changes with
 * flags and fetch mappings, so that a stale entry is never matched.
 */
#include "qemu/osdep.h"

#include "tcg-internal.h"

bool tb_fetch_translate(CPUState *cpu, vaddr pc, hwaddr *phys, bool *fine)
{
    CPUTCGState *env = cpu_tcg(cpu);
    CPUTLBFill fill;

    *fine = false;
    if (likely(fetch_tlb_find(env, pc, phys))) {
        return true;
    }
    if (!env->priv->ops->tlb_fill(cpu, pc, 2, MMU_INST_FETCH, env->fetch_mmu_idx, false, &fill)) {
        return false;
    }
    fetch_seen_add(cpu, pc, &fill);
    *phys = fill.phys;
    *fine = fill.size_log2 < TARGET_PAGE_BITS;
    if (!*fine) {
        fetch_tlb_set(env, pc, fill.phys);
    }
    return true;
}

bool tb_fetch_rest(CPUState *cpu, vaddr pc, unsigned size)
{
    hwaddr phys;
    bool fine;

    return size <= 2 || tb_fetch_translate(cpu, pc + 2, &phys, &fine);
}

/* What a lookup compares with. */
typedef struct TBKey {
    CPUState *cpu;
    hwaddr phys;
    vaddr pc;
    uint64_t flags;
    uint32_t cflags;
    bool fault; /* the second page of a candidate cannot be fetched: the exception is recorded */
} TBKey;

/* Of blocks on one page. */
static int tb_key_match_page(struct cds_lfht_node *node, const void *opaque)
{
    const TranslationBlock *tb = container_of(node, TranslationBlock, hash_node);
    const TBKey *key = opaque;

    /* pairs with the release in tb_publish(): what is found is complete */
    return !qatomic_load_acquire(&tb->invalid) && tb->phys == key->phys && tb->pc == key->pc &&
           tb->flags == key->flags && tb->cflags == key->cflags;
}

static int tb_key_match(struct cds_lfht_node *node, const void *opaque)
{
    const TranslationBlock *tb = container_of(node, TranslationBlock, hash_node);
    TBKey *key = (TBKey *)opaque;
    hwaddr phys2;
    bool fine;

    if (!tb_key_match_page(node, opaque)) {
        return 0;
    }
    if (tb->phys_page2 == TB_PAGE_NONE) {
        return 1;
    }
    if (!tb_fetch_translate(key->cpu, (tb->pc & TARGET_PAGE_MASK) + TARGET_PAGE_SIZE, &phys2,
                            &fine)) {
        key->fault = true;
        return 1;
    }
    return phys2 == tb->phys_page2;
}

static CPUJumpCacheEntry *tb_jump_cache_entry(CPUTCGState *env, vaddr pc)
{
    return &env->jc_table[(pc >> 1) & ((1u << CPU_JC_BITS) - 1)];
}

TranslationBlock *tb_peek(CPUState *cpu, hwaddr phys, vaddr pc, uint64_t flags, uint32_t cflags)
{
    TBKey key = {.cpu = cpu, .phys = phys, .pc = pc, .flags = flags, .cflags = cflags};
    struct cds_lfht_iter iter;
    struct cds_lfht_node *node;

    rcu_read_lock();
    cds_lfht_lookup(tcg_accel.htable, tb_hash(phys, pc, flags, cflags), tb_key_match_page, &key,
                    &iter);
    node = cds_lfht_iter_get_node(&iter);
    rcu_read_unlock();
    return node ? container_of(node, TranslationBlock, hash_node) : NULL;
}

void tb_remember(CPUTCGState *env, TranslationBlock *tb)
{
    CPUJumpCacheEntry *jc = tb_jump_cache_entry(env, tb->pc);

    if (env->jc_key && !tb->fine && !qatomic_read(&tb->invalid)) {
        *jc = (CPUJumpCacheEntry){.pc = tb->pc, .key = env->jc_key, .code = tb->entry, .tb = tb};
    }
}

TranslationBlock *tb_find(CPUState *cpu, uint32_t cflags)
{
    CPUTCGState *env = cpu_tcg(cpu);
    CPUTCGPrivate *priv = env->priv;
    vaddr pc = env->pc;
    CPUJumpCacheEntry *jc = tb_jump_cache_entry(env, pc);
    struct cds_lfht_iter iter;
    struct cds_lfht_node *node;
    TranslationBlock *tb;
    TBKey key = {.cpu = cpu, .pc = pc, .flags = env->tb_flags, .cflags = cflags};
    bool fine;

    priv->stats.lookups++;
    if (jc->pc == pc && jc->key == env->jc_key && env->jc_key) {
        priv->stats.jc_hits++;
        /* a guarded link may have come here for want of it */
        fetch_tlb_set(env, pc, jc->tb->phys);
        return jc->tb;
    }
    for (;;) {
        TBGenResult result;

        if (!tb_fetch_translate(cpu, pc, &key.phys, &fine)) {
            return NULL;
        }
        rcu_read_lock();
        cds_lfht_lookup(tcg_accel.htable, tb_hash(key.phys, pc, key.flags, cflags), tb_key_match,
                        &key, &iter);
        node = cds_lfht_iter_get_node(&iter);
        rcu_read_unlock();
        if (key.fault) {
            return NULL;
        }
        if (node) {
            tb = container_of(node, TranslationBlock, hash_node);
            priv->stats.hash_hits++;
            if (fine && !tb_fetch_rest(cpu, pc, tb->size)) {
                return NULL;
            }
            break;
        }
        result = tb_gen(cpu, key.phys, fine, cflags, &tb);
        if (result == TB_GEN_OK) {
            break;
        }
        if (result == TB_GEN_EXCEPTION) {
            return NULL;
        }
        tb_flush(cpu);
    }
    /* by now the fetch context may be another one */
    tb_remember(env, tb);
    return tb;
}
