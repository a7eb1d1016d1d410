/* SPDX-License-Identifier: MIT */
/*
 * Code that is run a few times only: carried out as it is decoded (tcg/direct.c), not translated.
 *
 * A boot runs a third of its code once. Each place where a block would begin is counted; the first
 * times that a hart comes there, it runs the code directly, up to the next jump. Counters are
 * shared and hashed from the physical address: a collision costs an early translation. What is
 * written anew in the same place again and again, as just-in-time compilers do, runs directly more
 * and more often, for as long as that costs less than translations that are soon void. Memory
 * that is used for something else is cold again sooner or later: each translation clears a few
 * counters in turn.
 *
 * Nothing is remembered of such code: no page is watched, and a store to it is seen at once. What
 * begins at the very end of a page, or where fetches need a check each, is translated.
 *
 * Threads: the hart's own, in_code; counters are any hart's. Tests: all guests; cold=255 runs
 * everything so.
 */
#include "qemu/osdep.h"

#include "qemu/bswap.h"
#include "qemu/log.h"
#include "tcg-internal.h"

/* Whoever reads these wants to see all code. */
#define LOGS_TRANSLATION                                                                           \
    (CPU_LOG_TB_IN_ASM | CPU_LOG_TB_OUT_ASM | CPU_LOG_TB_OP | CPU_LOG_TB_OP_OPT)

#define COUNTERS_LOG2 18
#define COUNTERS_CLEARED 4
/* Then the hart looks whether anyone wants something. */
#define DIRECT_INSNS_MAX 64

/* Low byte: how often the place was run; above: how often lately what was there was replaced. */
static uint16_t counters[1u << COUNTERS_LOG2]; /* [atomic] */
#define COUNTER_REPLACED 0x100
#define REPLACED_MAX 3

/* How often a place with counter @n is run before it is translated. */
static unsigned runs_of(unsigned n)
{
    unsigned replaced = n / COUNTER_REPLACED;

    return replaced ? MAX(4u << replaced, tcg_accel.cold) : tcg_accel.cold;
}

static uint16_t *counter_of(hwaddr phys)
{
    return &counters[phys * UINT64_C(0x9e3779b97f4a7c15) >> (64 - COUNTERS_LOG2)];
}

void direct_note_translation(void)
{
    static uint32_t hand; /* [atomic] */
    uint32_t first = qatomic_fetch_add(&hand, COUNTERS_CLEARED) % ARRAY_SIZE(counters);

    for (unsigned i = 0; i < COUNTERS_CLEARED; i++) {
        qatomic_set(&counters[first + i], 0);
    }
}

void direct_note_replaced(hwaddr phys)
{
    uint16_t *counter = counter_of(phys);
    unsigned replaced = qatomic_read(counter) / COUNTER_REPLACED + 1;

    qatomic_set(counter, (uint16_t)(MIN(replaced, REPLACED_MAX) * COUNTER_REPLACED));
}

/* The bytes from @phys to the end of its page; NULL: they are not all RAM. */
static const uint8_t *rest_of_page(CPUState *cpu, hwaddr phys, unsigned *left)
{
    *left = TARGET_PAGE_SIZE - (phys & ~TARGET_PAGE_MASK);
    return cpu_ram_ptr(cpu_tcg(cpu), phys, *left);
}

bool direct_count(CPUState *cpu, hwaddr phys, uint32_t cflags)
{
    uint16_t *counter = counter_of(phys);
    unsigned left, n;

    if (cflags || !tcg_accel.cold || tcg_accel.icount || tcg_accel.one_insn_per_tb ||
        qemu_loglevel_mask(LOGS_TRANSLATION) || cpu->breakpoints->len) {
        return false;
    }
    n = qatomic_read(counter);
    if (n % COUNTER_REPLACED >= runs_of(n) && tcg_accel.cold < TCG_COLD_ALWAYS) {
        return false;
    }
    /* an instruction across the page's end is the translator's */
    if (!rest_of_page(cpu, phys, &left) || left < TB_MAX_INSN_BYTES) {
        return false;
    }
    if (tcg_accel.cold < TCG_COLD_ALWAYS) {
        qatomic_set(counter, (uint16_t)(n + 1));
    }
    return true;
}

/*
 * Copy the instruction at @code, of which @left bytes are in its page, and maybe some behind it.
 * Returns how many bytes; 0: the instruction does not end in the page.
 */
static unsigned insn_fetch(const TCGCPUOps *ops, uint8_t *insn, const uint8_t *code, unsigned left)
{
    unsigned len = MIN(left, TB_MAX_INSN_BYTES);

    if (!len) {
        return 0;
    }
    tb_code_copy(insn, code, len);
    return ops->insn_len(lduw_le_p(insn)) <= len ? len : 0;
}

uint64_t direct_exec(CPUState *cpu, hwaddr phys)
{
    CPUTCGState *env = cpu_tcg(cpu);
    CPUTCGPrivate *priv = env->priv;
    const TCGCPUOps *ops = priv->ops;
    DisasContextBase *db = tcg_thread_disas_context(cpu);
    TCGContext *c = tcg_thread_context(cpu);
    unsigned left, done = 0; /* bytes */
    const uint8_t *code = rest_of_page(cpu, phys, &left);
    uint8_t insn[TB_MAX_INSN_BYTES];
    uint64_t status, generation = priv->generation;
    bool has_left = false;

    *db = (DisasContextBase){
        .tcg = c,
        .cpu = cpu,
        .pc_first = env->pc,
        .pc_next = env->pc,
        .tb_flags = env->tb_flags,
        .code = insn,
    };
    tcg_direct_begin(c, env);
    ops->translate_init(db);
    while ((db->code_len = insn_fetch(ops, insn, code + done, left - done)) != 0) {
        TranslatorEnd end;

        db->code_pc = db->pc_next;
        tcg_direct_insn(c, db->pc_next, db->num_insns);
        end = ops->translate_insn(db);
        has_left = tcg_direct_has_left(c, &status);
        g_assert(has_left || end != TRANSLATE_END);
        /* @code is good until a flush, which a device may bring about */
        if (++db->num_insns == DIRECT_INSNS_MAX || has_left || end != TRANSLATE_NEXT ||
            priv->generation != generation) {
            break;
        }
        done = (unsigned)(db->pc_next - db->pc_first);
    }
    if (!has_left) {
        env->pc = db->pc_next;
        status = TCG_EXIT_LOOKUP;
    }
    tcg_direct_end(c);
    priv->stats.direct++;
    priv->stats.direct_insns += db->num_insns;
    return status;
}
