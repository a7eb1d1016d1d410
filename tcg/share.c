/* SPDX-License-Identifier: MIT */
/*
 * One TLB check for several accesses off one base.
 *
 * Within a block, accesses whose addresses are a common value plus constants within SPAN_MAX form a
 * group. Before its first member a tlb_test is put that covers them all, and the members become
 * their _at forms. The test neither fills nor faults: where it fails each member makes its own
 * check, in program order, so that nothing that the guest can see changes. (Host code that is to be
 * small, TCG_OPT_QUICK, leaves that check to the slow path.)
 *
 * A group ends where its root changes, and at calls: what they do may end the life of a host
 * address. (Slow paths of accesses see to that themselves.)
 *
 * Tests: tests/tcg/share.ir, share-quick.ir, tests/fuzz/tcg-fuzz.c.
 */
#include "qemu/osdep.h"
#include "build.h"

#define SPAN_MAX 1024  /* bytes */
#define OPS_MAX 96     /* from a group's first member to its last */
#define GROUPS_OPEN 8  /* at a time; each may keep a register */
#define GROUPS_MAX 256 /* in one piece of code */

/* A temp's value = that of the root when it had this number, plus offset. */
typedef struct Root {
    uint32_t number; /* 0: not known yet */
    int32_t offset;
} Root;

typedef struct Group {
    uint32_t root;
    uint16_t first, last; /* ops */
    uint16_t temp;        /* the test's result */
    uint16_t count;
    uint16_t mmu_idx;
    bool has_store;
    int32_t low, high; /* covers root + [low, high) */
    int32_t base;      /* the first member's temp is the root's value plus this */
} Group;

typedef struct Share {
    TCGContext *c;
    Root root[TCG_MAX_TEMPS];
    uint32_t next_root;
    unsigned min_count; /* of accesses, for which a test pays */
    bool apart;         /* loads and stores have groups of their own */
    unsigned ngroups;
    Group group[GROUPS_MAX];
    unsigned nopen;
    uint16_t open[GROUPS_OPEN];
    uint16_t member[TCG_MAX_OPS]; /* op's group, or TCG_NONE */
    int32_t offset[TCG_MAX_OPS];  /* of the op's address from its root */
} Share;

/* The form of access @opc without its own check, or TCG_NB_OPS. */
static unsigned shared_form(unsigned opc)
{
    switch (opc) {
    case TCG_OP_qemu_ld:
        return TCG_OP_qemu_ld_at;
    case TCG_OP_qemu_st:
        return TCG_OP_qemu_st_at;
    case TCG_OP_qemu_fld:
        return TCG_OP_qemu_fld_at;
    case TCG_OP_qemu_fst:
        return TCG_OP_qemu_fst_at;
    default:
        return TCG_NB_OPS;
    }
}

static Root *root_of(Share *s, uint16_t temp)
{
    Root *r = &s->root[temp];

    if (!r->number) {
        *r = (Root){.number = s->next_root++};
    }
    return r;
}

static void group_close(Share *s, unsigned n)
{
    s->open[n] = s->open[--s->nopen];
}

/* The open group that an access at @r + @disp can join, or a new one; NULL: no room. */
static Group *group_for(Share *s, const Root *r, unsigned at, int32_t low, int32_t high,
                        unsigned mmu_idx, bool is_store)
{
    Group *g;

    for (unsigned n = s->nopen; n-- > 0;) {
        g = &s->group[s->open[n]];
        if (at - g->first > OPS_MAX) {
            group_close(s, n);
        } else if (g->root == r->number && g->mmu_idx == mmu_idx &&
                   (g->has_store == is_store || !s->apart) &&
                   MAX(g->high, high) - MIN(g->low, low) <= SPAN_MAX) {
            return g;
        }
    }
    if (s->nopen == GROUPS_OPEN) {
        group_close(s, 0);
    }
    if (s->ngroups == GROUPS_MAX) {
        return NULL;
    }
    s->open[s->nopen++] = (uint16_t)s->ngroups;
    g = &s->group[s->ngroups++];
    *g = (Group){.root = r->number,
                 .first = (uint16_t)at,
                 .mmu_idx = (uint16_t)mmu_idx,
                 .has_store = is_store,
                 .low = low,
                 .high = high,
                 .base = r->offset};
    return g;
}

static void note_access(Share *s, unsigned at)
{
    const TCGOp *op = &s->c->ops[at];
    MemOpIdx oi = (MemOpIdx)op->imm[0];
    unsigned size = memop_size(get_memop(oi));
    const Root *r;
    int32_t low;
    Group *g;

    if ((get_memop(oi) & (MO_ALIGN | MO_BSWAP)) || tcg_temp_is_const(s->c, op->in[0])) {
        return;
    }
    r = root_of(s, op->in[0]);
    if (r->offset != (int16_t)r->offset || op->imm[1] != (int16_t)op->imm[1]) {
        return;
    }
    low = r->offset + op->imm[1];
    g = group_for(s, r, at, low, low + (int32_t)size, get_mmuidx(oi), op->out == TCG_NONE);
    if (!g) {
        return;
    }
    s->member[at] = (uint16_t)(g - s->group);
    s->offset[at] = low;
    g->low = MIN(g->low, low);
    g->high = MAX(g->high, low + (int32_t)size);
    g->last = (uint16_t)at;
    g->has_store |= op->out == TCG_NONE;
    g->count++;
}

/* The value that @op assigns: a known one plus a constant, or a new one. */
static void note_result(Share *s, const TCGOp *op)
{
    Root *out = &s->root[op->out];
    const TCGTemp *b = op->nin > 1 ? &s->c->temps[op->in[1]] : NULL;

    if (op->opc == TCG_OP_mov && op->type == TCG_I64 && !tcg_temp_is_const(s->c, op->in[0])) {
        *out = *root_of(s, op->in[0]);
        return;
    }
    if (op->opc == TCG_OP_add && op->type == TCG_I64 && b->kind == TCG_TEMP_CONST &&
        (int64_t)b->value == (int16_t)b->value) {
        Root from = *root_of(s, op->in[0]);

        from.offset += (int16_t)b->value;
        if (from.offset == (int16_t)from.offset) {
            *out = from;
            return;
        }
    }
    *out = (Root){.number = 0};
}

static void find_groups(Share *s, const TCGBlock *b)
{
    TCGContext *c = s->c;

    memset(s->root, 0, c->nglobals * sizeof(s->root[0]));
    s->nopen = 0;
    for (unsigned i = b->first; i < b->end; i++) {
        const TCGOp *op = &c->ops[i];

        if (op->opc == TCG_OP_nop) {
            continue;
        }
        if (shared_form(op->opc) != TCG_NB_OPS) {
            note_access(s, i);
        }
        if (op->opc == TCG_OP_call && !(c->helpers[op->imm[0]].flags & TCG_HF_PURE)) {
            for (uint64_t todo = c->helpers[op->imm[0]].writes & c->all_globals; todo;
                 todo &= todo - 1) {
                s->root[__builtin_ctzll(todo)].number = 0;
            }
            s->nopen = 0;
        }
        if (op->out != TCG_NONE) {
            note_result(s, op);
        }
    }
}

/* ---- rewriting ------------------------------------------------------------------------------- */

static void put_test(const Group *g, const TCGOp *access, TCGOp *op)
{
    MemOpIdx oi = make_memop_idx(g->has_store ? TCG_TLB_TEST_WRITE : 0, g->mmu_idx);

    *op = (TCGOp){
        .opc = TCG_OP_tlb_test,
        .type = TCG_I64,
        .nin = 1,
        .out = g->temp,
        .imm = {(int32_t)oi, g->low - g->base, g->high - g->low},
        .in = {access->in[0]},
    };
}

/* @op with the address that its group's test has found. */
static void use_test(const Share *s, const Group *g, unsigned at, TCGOp *op)
{
    op->opc = (uint8_t)shared_form(op->opc);
    op->imm[2] = s->offset[at] - g->base;
    op->in[op->nin++] = g->temp;
}

/* TCGInsertFn: a test before the first access of its group; all use it. */
static bool insert_test(void *opaque, unsigned block, unsigned i, TCGOp *pair)
{
    Share *s = opaque;
    TCGContext *c = s->c;
    Group *g = s->member[i] == TCG_NONE ? NULL : &s->group[s->member[i]];

    if (!g || g->count < s->min_count) {
        return false;
    }
    if (g->last == i) {
        g->temp = tcg_temp_new(c, TCG_TEMP_LOCAL, TCG_CLASS_INT);
        c->temps[g->temp].flags |= TCG_TEMP_HADDR;
        c->temps[g->temp].block = block;
    }
    if (g->first == i) {
        put_test(g, &pair[1], &pair[0]);
    }
    use_test(s, g, i, &pair[1]);
    return g->first == i;
}

void tcg_share(TCGContext *c)
{
    Share *s = c->share_memory;
    const unsigned min_count = c->level == TCG_OPT_FULL ? 2 : 3;
    unsigned ntests = 0;

    if (!c->layout->tlb_bits || c->overflow || c->naccesses < min_count) {
        return;
    }
    if (!s) {
        s = c->share_memory = g_new(Share, 1);
    }
    s->c = c;
    s->min_count = min_count;
    /* a store to a page with code always fails the test: loads need not share that */
    s->apart = c->level != TCG_OPT_FULL;
    s->next_root = 1;
    s->ngroups = 0;
    memset(s->root, 0, c->ntemps * sizeof(s->root[0]));
    memset(s->member, 0xff, c->nops * sizeof(s->member[0]));
    for (unsigned n = 0; n < c->norder; n++) {
        find_groups(s, &c->blocks[c->order[n]]);
    }
    for (unsigned i = 0; i < s->ngroups; i++) {
        ntests += s->group[i].count >= s->min_count;
    }
    if (ntests && c->nops + ntests < TCG_MAX_OPS && c->ntemps + ntests < TCG_MAX_TEMPS) {
        tcg_insert_ops(c, ntests, insert_test, s);
    }
}
