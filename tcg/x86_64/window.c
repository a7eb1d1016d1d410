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
 * A window serves accesses whose base is one global that the innermost loop around changes only by
 * adding constants up to STEP_MAX: anything else, a pointer that is loaded say, would miss too
 * often. Loads and stores have windows of their own, as do checks of different spans. Those of the
 * deepest loops come first.
 */
#include "qemu/osdep.h"

#include "emit.h"

#define STEP_MAX 512

typedef struct Candidate {
    uint16_t base; /* a global */
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
        if (list[i].base == wanted->base && list[i].span == wanted->span &&
            list[i].is_store == wanted->is_store) {
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

/* Globals that @b changes by more than a small step. */
static uint64_t leaps(const TCGContext *c, const TCGBlock *b)
{
    uint64_t mask = 0;

    for (unsigned i = b->first; i < b->end; i++) {
        const TCGOp *op = &c->ops[i];

        if (op->opc == TCG_OP_call) {
            mask |= c->helpers[op->imm[0]].writes;
        }
        if (op->out < c->nglobals) {
            bool steps = op->opc == TCG_OP_add && op->type == TCG_I64 && op->in[0] == op->out &&
                         tcg_temp_is_const(c, op->in[1]) &&
                         c->temps[op->in[1]].value + STEP_MAX <= 2 * STEP_MAX;

            mask |= (uint64_t)!steps << op->out;
        }
    }
    return mask;
}

/*
 * For each block in the layout, what the innermost loop around it changes by more than small steps;
 * all globals outside of loops.
 */
static void find_leaps(const TCGContext *c, uint64_t *out)
{
    for (unsigned n = 0; n < c->norder; n++) {
        out[n] = UINT64_MAX;
    }
    /* inner loops have later headers, and overwrite what the outer ones have said */
    for (unsigned h = 0; h < c->norder; h++) {
        unsigned header = c->order[h];
        unsigned end = c->blocks[header].loop_header ? tcg_loop_end(c, header) : h;
        uint64_t mask = 0;

        for (unsigned n = h; n < end; n++) {
            mask |= leaps(c, &c->blocks[c->order[n]]);
        }
        for (unsigned n = h; n < end; n++) {
            out[n] = mask;
        }
    }
}

/* What window the check of @op may use where @leap are leaping; false: none. */
static bool describe(const TCGContext *c, const TCGOp *op, uint64_t leap, Candidate *out)
{
    if (!op->nin || op->in[0] >= c->nglobals || (leap >> op->in[0] & 1)) {
        return false;
    }
    out->span = (uint16_t)window_span(op, &out->is_store);
    out->base = op->in[0];
    out->weight = 0;
    return out->span != 0;
}

void x86_windows_assign(HostEmitter *e, TCGContext *c)
{
    Candidate list[CANDIDATES_MAX];
    uint64_t leap[TCG_MAX_BLOCKS];
    unsigned n = 0;

    e->nwindows = 0;
    if (!c->has_back_edge) {
        return;
    }
    find_leaps(c, leap);
    for (unsigned pass = 0; pass < 2; pass++) {
        for (unsigned k = 0; k < c->norder; k++) {
            const TCGBlock *b = &c->blocks[c->order[k]];

            for (unsigned i = b->first; b->reachable && i < b->end; i++) {
                Candidate one, *found;

                c->ops[i].aux = 0;
                if (!describe(c, &c->ops[i], leap[k], &one)) {
                    continue;
                }
                found = candidate_for(list, &n, &one);
                if (found && pass == 0) {
                    found->weight += 1u << 3 * MIN(b->loop_depth, 6);
                } else if (found) {
                    c->ops[i].aux = (uint16_t)rank(list, n, found);
                }
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
