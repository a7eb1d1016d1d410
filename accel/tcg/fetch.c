/* SPDX-License-Identifier: MIT */
/*
 * The fetch context: for how long what was looked up by virtual address is found again.
 *
 * Jump cache entries hold for (pc, key); the key stands for the flags word, the fetch context
 * and the last fence.i that mattered. Each address space has a context. Fetch modes that have so
 * far fetched from mappings only that are the same in all spaces (a kernel's) share one, so that
 * their entries are found whatever space is selected. A context ends when a flush names a page
 * that code was fetched from in it, not for other pages.
 *
 * Threads: only the hart's own, but for fetch_forget(). Tests: tests/unit/accel/tcg/test-tlb.c
 */
#include "qemu/osdep.h"

#include "tcg-internal.h"

/* Entries by which the windows of spaces in the jump cache lie apart; the shared one is first. */
#define JC_WINDOW_STEP ((1u << CPU_JC_BITS) / TLB_SPACES)
#define JC_TOTAL (2u << CPU_JC_BITS)
#define JC_BYTES (JC_TOTAL * sizeof(CPUJumpCacheEntry))

/* The context that code is fetched in: a space's number, or TLB_COMMON. */
static unsigned fetch_context(const CPUTCGState *env)
{
    const CPUTCGPrivate *priv = env->priv;

    return priv->fetch_private[env->fetch_mmu_idx] ? (unsigned)(priv->space - priv->spaces) :
                                                     TLB_COMMON;
}

/* One that no entry has. */
static uint32_t new_key(CPUTCGPrivate *priv)
{
    if (++priv->next_key == JC_KEY_NONE) {
        /* they come round again, and must find nothing that they were given for */
        memset(priv->jc_base, 0, JC_BYTES);
        memset(priv->memo, 0, sizeof(priv->memo));
        priv->next_key = 1;
    }
    return priv->next_key;
}

void cpu_flags_changed(CPUTCGState *env)
{
    CPUTCGPrivate *priv = env->priv;
    unsigned context = fetch_context(env);
    uint64_t epoch = priv->spaces[context].fetch_epoch;
    uint64_t hash = env->tb_flags ^ env->tb_flags >> 9 ^ env->tb_flags >> 23 ^ epoch * 7;

    env->jc_table = priv->jc_base + (context == TLB_COMMON ? 0 : (context + 1) * JC_WINDOW_STEP);
    if (priv->no_chain) {
        env->jump.key = JC_KEY_NONE;
        return;
    }
    for (unsigned way = 0; way < 4; way++) {
        CPUFlagsMemo *memo = &priv->memo[(hash * 4 + way) % JC_MEMO_SIZE];

        if (memo->flags == env->tb_flags && memo->epoch == epoch &&
            memo->code == priv->code_epoch) {
            env->jump.key = memo->key;
            return;
        }
        if (memo->code != priv->code_epoch || way == 3) {
            *memo = (CPUFlagsMemo){.flags = env->tb_flags,
                                   .epoch = epoch,
                                   .code = priv->code_epoch,
                                   .key = new_key(priv)};
            env->jump.key = memo->key;
            return;
        }
    }
}

/* ---- fetch TLB ------------------------------------------------------------------------------- */

static CPUFetchTLBEntry *fetch_tlb_entry(CPUTCGState *env, vaddr pc)
{
    unsigned index = (pc >> TARGET_PAGE_BITS) & ((1u << CPU_FETCH_TLB_BITS) - 1);

    return &env->fetch_tlb[((unsigned)env->fetch_mmu_idx << CPU_FETCH_TLB_BITS) + index];
}

static void fetch_tlb_clear(CPUTCGState *env, unsigned mode)
{
    CPUTCGPrivate *priv = env->priv;
    CPUFetchTLBEntry *table = &env->fetch_tlb[mode << CPU_FETCH_TLB_BITS];

    priv->stats.fetch_flushes++;
    if (priv->fetch_nused[mode] > FETCH_USED_MAX) {
        for (unsigned i = 0; i < 1u << CPU_FETCH_TLB_BITS; i++) {
            table[i].tag = TLB_INVALID;
        }
    } else {
        for (unsigned i = 0; i < priv->fetch_nused[mode]; i++) {
            table[priv->fetch_used[mode][i]].tag = TLB_INVALID;
        }
    }
    priv->fetch_nused[mode] = 0;
}

bool fetch_tlb_find(CPUTCGState *env, vaddr pc, hwaddr *phys)
{
    const CPUFetchTLBEntry *entry = fetch_tlb_entry(env, pc);

    if (entry->tag != (pc & TARGET_PAGE_MASK)) {
        return false;
    }
    *phys = entry->ppn << TARGET_PAGE_BITS | (pc & ~TARGET_PAGE_MASK);
    return true;
}

void fetch_tlb_set(CPUTCGState *env, vaddr pc, hwaddr phys)
{
    CPUTCGPrivate *priv = env->priv;
    CPUFetchTLBEntry *entry = fetch_tlb_entry(env, pc);
    unsigned mode = env->fetch_mmu_idx;

    if (phys >> TARGET_PAGE_BITS > UINT32_MAX || entry->tag == (pc & TARGET_PAGE_MASK)) {
        return;
    }
    if (entry->tag == TLB_INVALID) {
        if (priv->fetch_nused[mode] < FETCH_USED_MAX) {
            priv->fetch_used[mode][priv->fetch_nused[mode]] =
                (uint16_t)(entry - &env->fetch_tlb[mode << CPU_FETCH_TLB_BITS]);
        }
        priv->fetch_nused[mode] = (uint8_t)MIN(priv->fetch_nused[mode] + 1, FETCH_USED_MAX + 1);
    }
    entry->tag = pc & TARGET_PAGE_MASK;
    entry->ppn = phys >> TARGET_PAGE_BITS;
}

/* ---- contexts -------------------------------------------------------------------------------- */

/* Pages that code was fetched from: by two hashes, each a mask of contexts. */
static uint32_t *fetch_seen_at(CPUTCGPrivate *priv, vaddr va, unsigned which)
{
    uint64_t page = va >> TARGET_PAGE_BITS;
    uint64_t h = which ? page * UINT64_C(0x9e3779b97f4a7c15) >> 48 : page ^ page >> 13;

    return &priv->fetch_seen[h % FETCH_SEEN_SIZE];
}

uint32_t fetch_seen_contexts(CPUTCGPrivate *priv, vaddr va)
{
    return *fetch_seen_at(priv, va, 0) & *fetch_seen_at(priv, va, 1);
}

void fetch_seen_add(CPUState *cpu, vaddr pc, const CPUTLBFill *fill)
{
    CPUTCGState *env = cpu_tcg(cpu);
    CPUTCGPrivate *priv = env->priv;
    CPUTLBLarge *large =
        fill->size_log2 > TARGET_PAGE_BITS ? tlb_large_add(cpu, pc, fill->size_log2) : NULL;
    uint32_t bit;

    if (!fill->global && !priv->fetch_private[env->fetch_mmu_idx]) {
        /* its entries were noted in the common context */
        fetch_tlb_clear(env, env->fetch_mmu_idx);
        priv->fetch_private[env->fetch_mmu_idx] = true;
        cpu_flags_changed(env);
    }
    bit = 1u << fetch_context(env);
    priv->space->is_idle = false;
    priv->fetch_seen_any |= bit;
    if (large) {
        large->fetch |= bit;
    } else {
        *fetch_seen_at(priv, pc, 0) |= bit;
        *fetch_seen_at(priv, pc, 1) |= bit;
    }
}

void fetch_contexts_end(CPUTCGState *env, uint32_t contexts)
{
    CPUTCGPrivate *priv = env->priv;

    contexts &= priv->fetch_seen_any;
    if (!contexts) {
        return;
    }
    for (unsigned i = 0; i < FETCH_SEEN_SIZE; i++) {
        priv->fetch_seen[i] &= ~contexts;
    }
    priv->fetch_seen_any &= ~contexts;
    for (uint32_t todo = contexts; todo; todo &= todo - 1) {
        priv->spaces[__builtin_ctz(todo)].fetch_epoch = ++priv->next_epoch;
    }
    if (contexts & (1u << (priv->space - priv->spaces) | 1u << TLB_COMMON)) {
        for (unsigned mode = 0; mode < NB_FETCH_MODES; mode++) {
            fetch_tlb_clear(env, mode);
        }
        cpu_flags_changed(env);
    }
}

void fetch_flush(CPUTCGState *env)
{
    fetch_contexts_end(env, UINT32_MAX);
    memset(env->priv->fetch_private, 0, sizeof(env->priv->fetch_private));
    cpu_flags_changed(env);
}

void fetch_space_selected(CPUTCGState *env)
{
    for (unsigned mode = 0; mode < NB_FETCH_MODES; mode++) {
        if (env->priv->fetch_private[mode]) {
            fetch_tlb_clear(env, mode);
        }
    }
    cpu_flags_changed(env);
}

void fetch_forget(CPUTCGState *env)
{
    env->priv->code_epoch++;
    cpu_flags_changed(env);
}

void fetch_init(CPUTCGState *env)
{
    CPUTCGPrivate *priv = env->priv;

    priv->code_epoch = 1; /* a memo's zero is never current */
    /* all zero: no key is */
    priv->jc_base = tcg_table_new(JC_BYTES, "jump targets");
    for (unsigned n = 0; n <= TLB_SPACES; n++) {
        priv->spaces[n].fetch_epoch = ++priv->next_epoch;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(env->fetch_tlb); i++) {
        env->fetch_tlb[i].tag = TLB_INVALID;
    }
    cpu_flags_changed(env);
}
