/* SPDX-License-Identifier: MIT */
/*
 * Windows: in a loop, an access off a pointer that does not move, or moves by little, most often
 * goes to the page that the one before it went to.
 *
 * A window is three words of the frame: the address of a page, how much of it may be reached (0:
 * nothing), and the addend to a host address. An access checks its window first: a subtraction, a
 * comparison, and the address of the access does not wait for a table. Where it misses it makes its
 * check in the TLB, out of line, and moves the window there.
 *
 * Windows live while the hart stays in one piece of code. They are closed at its start and wherever
 * C may have changed the TLB: behind calls of helpers and slow paths.
 *
 * A window serves accesses off one value that the innermost loop around changes little: sums of
 * what it does not change and what goes on by constants up to STEP_MAX. Anything else, a pointer
 * that is loaded say, would miss too often. Loads and stores have windows of their own, as do
 * checks of different spans. Those of the deepest loops come first.
 */
#include "qemu/osdep.h"

#include "emit.h"

#define STEP_MAX 512
#define SCALE_MAX 4 /* log2: indices of arrays are multiplied */

typedef struct Candidate {
    uint16_t base;
    uint16_t def;  /* of a global: the op in its block that gave it another value, + 1; 0: none */
    uint16_t span; /* bytes */
    bool is_store;
    uint32_t weight;
} Candidate;

#define CANDIDATES_MAX 64

/* The span of what @op checks, *@is_store; 0: it uses no window. */
static unsigned window_span(const TCGOp *op, bool *is_store)
{
    MemOp memop = get_memop((MemOpIdx)op->imm[0]);

    switch (op->opc) {
    case TCG_OP_qemu_st:
    case TCG_OP_qemu_fst:
        *is_store = true;
        break;
    case TCG_OP_qemu_ld:
    case TCG_OP_qemu_fld:
        *is_store = false;
        break;
    case TCG_OP_tlb_test:
        *is_store = (op->imm[0] & TCG_TLB_TEST_WRITE) != 0;
        return (unsigned)op->imm[2];
    default:
        return 0;
    }
    return memop & (MO_ALIGN | MO_BSWAP) ? 0 : 8;
}

static Candidate *candidate_for(Candidate *list, unsigned *n, const Candidate *wanted)
{
    for (unsigned i = 0; i < *n; i++) {
        if (list[i].base == wanted->base && list[i].def == wanted->def &&
            list[i].span == wanted->span && list[i].is_store == wanted->is_store) {
            return &list[i];
        }
    }
    if (*n == CANDIDATES_MAX) {
        return NULL;
    }
    list[*n] = *wanted;
    return &list[(*n)++];
}

/* The number among the @n heaviest of @list, from 1; 0: not among them. */
static unsigned rank(const Candidate *list, unsigned n, const Candidate *c)
{
    unsigned better = 0;

    for (unsigned i = 0; i < n; i++) {
        better += list[i].weight > c->weight || (list[i].weight == c->weight && &list[i] < c);
    }
    return better < X86_WINDOWS ? better + 1 : 0;
}

/* ---- what moves by little -------------------------------------------------------------------- */

/* Whether temps leap from one round of a loop to the next. */
typedef struct Leaps {
    const TCGContext *c;
    uint64_t globals;
    bool local[TCG_MAX_TEMPS];
} Leaps;

static bool leaps(const Leaps *s, uint16_t temp)
{
    if (temp < s->c->nglobals) {
        return s->globals >> temp & 1;
    }
    return !tcg_temp_is_const(s->c, temp) && s->local[temp];
}

/* The result is that of a sum of what does not leap, a small multiple, a part of it. */
static bool result_leaps(const Leaps *s, const TCGOp *op)
{
    const TCGTemp *b = op->nin > 1 ? &s->c->temps[op->in[1]] : NULL;
    bool by_const = b && b->kind == TCG_TEMP_CONST;

    switch (op->opc) {
    case TCG_OP_mov:
    case TCG_OP_extract:
    case TCG_OP_sextract:
        return leaps(s, op->in[0]);
    case TCG_OP_add:
    case TCG_OP_sub:
        /* what goes by a step that is not known may go far */
        if (op->in[0] == op->out || op->in[1] == op->out) {
            return !by_const || b->value + STEP_MAX > 2 * STEP_MAX || leaps(s, op->in[0]);
        }
        return leaps(s, op->in[0]) || leaps(s, op->in[1]);
    case TCG_OP_shl:
        return !by_const || b->value > SCALE_MAX || leaps(s, op->in[0]);
    case TCG_OP_and:
        return !by_const || leaps(s, op->in[0]);
    default:
        return true;
    }
}

static void note_op(Leaps *s, const TCGOp *op)
{
    if (op->opc == TCG_OP_call) {
        s->globals |= s->c->helpers[op->imm[0]].writes;
    }
    if (op->out == TCG_NONE || op->opc == TCG_OP_nop) {
        return;
    }
    if (op->out < s->c->nglobals) {
        s->globals |= (uint64_t)result_leaps(s, op) << op->out;
    } else {
        s->local[op->out] = result_leaps(s, op);
    }
}

/* The globals that leap in the loop of blocks from @first to before @end in the layout. */
static uint64_t loop_leaps(Leaps *s, unsigned first, unsigned end)
{
    uint64_t before;

    s->globals = 0;
    do {
        before = s->globals;
        for (unsigned n = first; n < end; n++) {
            const TCGBlock *b = &s->c->blocks[s->c->order[n]];

            for (unsigned i = b->first; i < b->end; i++) {
                note_op(s, &s->c->ops[i]);
            }
        }
    } while (s->globals != before);
    return before;
}

/*
 * For each block in the layout, what leaps in the innermost loop around it, which is the shortest;
 * all without.
 */
static void find_leaps(Leaps *s, uint64_t *out)
{
    const TCGContext *c = s->c;
    unsigned len[TCG_MAX_BLOCKS]; /* of the loop that out[] is of */

    for (unsigned n = 0; n < c->norder; n++) {
        out[n] = UINT64_MAX;
        len[n] = UINT_MAX;
    }
    for (unsigned h = 0; h < c->norder; h++) {
        unsigned header = c->order[h], end = c->norder + 1;

        if (!c->blocks[header].loop_header) {
            continue;
        }
        while ((end = tcg_loop_end(c, header, end - 1)) > h) {
            uint64_t mask = loop_leaps(s, h, end);

            for (unsigned n = h; n < end; n++) {
                if (end - h < len[n]) {
                    out[n] = mask;
                    len[n] = end - h;
                }
            }
        }
    }
}

/* ---- assignment ------------------------------------------------------------------------------ */

/* What window the check of @op may use; false: none. */
static bool describe(const Leaps *s, const uint16_t *def, const TCGOp *op, Candidate *out)
{
    if (!op->nin || leaps(s, op->in[0]) || tcg_temp_is_const(s->c, op->in[0])) {
        return false;
    }
    out->span = (uint16_t)window_span(op, &out->is_store);
    out->base = op->in[0];
    out->def = op->in[0] < s->c->nglobals ? def[op->in[0]] : 0;
    out->weight = 0;
    return out->span != 0;
}

/* Candidates of block @b, @leap leaping; in the second pass those that have been found worth it. */
static void block_windows(Leaps *s, TCGContext *c, const TCGBlock *b, uint64_t leap,
                          Candidate *list, unsigned *n, bool assign)
{
    uint16_t def[TCG_MAX_GLOBALS] = {0};

    for (unsigned i = b->first; i < b->end; i++) {
        TCGOp *op = &c->ops[i];
        Candidate one, *found;

        op->aux = 0;
        s->globals = leap;
        if (describe(s, def, op, &one)) {
            found = candidate_for(list, n, &one);
            if (found && assign) {
                op->aux = (uint16_t)rank(list, *n, found);
            } else if (found) {
                found->weight += 1u << 3 * MIN(b->loop_depth, 6);
            }
        }
        note_op(s, op);
        if (op->out < c->nglobals && !(op->nin && op->in[0] == op->out)) {
            def[op->out] = (uint16_t)(i + 1);
        }
    }
}

void x86_windows_assign(HostEmitter *e, TCGContext *c)
{
    g_autofree Leaps *s = NULL;
    Candidate list[CANDIDATES_MAX];
    uint64_t leap[TCG_MAX_BLOCKS];
    unsigned n = 0;

    e->nwindows = 0;
    if (!c->has_back_edge) {
        return;
    }
    s = g_new0(Leaps, 1);
    s->c = c;
    find_leaps(s, leap);
    for (unsigned pass = 0; pass < 2; pass++) {
        for (unsigned k = 0; k < c->norder; k++) {
            const TCGBlock *b = &c->blocks[c->order[k]];

            if (b->reachable) {
                block_windows(s, c, b, leap[k], list, &n, pass == 1);
            }
        }
    }
    e->nwindows = MIN(n, X86_WINDOWS);
}

static X86Mem word(unsigned window, int32_t offset)
{
    return x86_mem(RSP, FRAME_WINDOWS + ((int32_t)window - 1) * X86_WINDOW_SIZE + offset);
}

enum {
    WINDOW_PAGE = 0,
    WINDOW_REACH = 8,
    WINDOW_ADDEND = 16,
};

uint8_t *x86_window_check(RAContext *ra, unsigned window, unsigned addr, int32_t disp)
{
    X86Asm *a = assembler(ra);
    uint8_t *miss;

    if (disp) {
        x86_lea(a, true, RDX, x86_mem(addr, disp));
    } else {
        x86_mov_rr(a, true, RDX, addr);
    }
    x86_alu_rm(a, X86_SUB, true, RDX, word(window, WINDOW_PAGE));
    x86_alu_rm(a, X86_CMP, true, RDX, word(window, WINDOW_REACH));
    miss = x86_jcc32(a, X86_AE);
    x86_mov_rm(a, true, RAX, word(window, WINDOW_ADDEND));
    return miss;
}

void x86_window_move(RAContext *ra, unsigned window, unsigned span)
{
    X86Asm *a = assembler(ra);
    const TCGLayout *l = ra->e->layout;

    x86_mov_rm(a, true, RAX, x86_mem(RAX, l->tlb_addend));
    x86_mov_mr(a, true, word(window, WINDOW_PAGE), RDX);
    x86_mov_mi(a, true, word(window, WINDOW_REACH), (1 << l->page_bits) + 1 - (int32_t)span);
    x86_mov_mr(a, true, word(window, WINDOW_ADDEND), RAX);
}

void x86_windows_close(HostEmitter *e, int32_t stack)
{
    for (unsigned window = 1; window <= e->nwindows; window++) {
        x86_mov_mi(&e->a, true, word(window, WINDOW_REACH + stack), 0);
    }
}
