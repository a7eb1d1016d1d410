/* SPDX-License-Identifier: MIT */
/*
 * The register allocator: see regalloc.h for the model.
 *
 * Linear in the number of ops. The victim of an eviction is the value whose next read is farthest;
 * among equals one whose home is up to date. A dirty global that is evicted is stored and thereby
 * clean; that costs what its exit would have cost.
 *
 * Threads: one RAContext a TCGContext. Tests: tests/fuzz/tcg-fuzz.c (against the interpreter), all
 * guests.
 */
#include "qemu/osdep.h"

#include "qemu/bitops.h"
#include "ra-check.h"
#include "regalloc.h"

/* ---- small parts ----------------------------------------------------------------------------- */

void ra_reg_free(RAContext *ra, unsigned reg)
{
    ra->reg_temp[reg] = TCG_NONE;
    ra->busy &= ~(1u << reg);
}

void ra_reg_give(RAContext *ra, unsigned reg, uint16_t t)
{
    ra->reg_temp[reg] = t;
    ra->busy |= 1u << reg;
    ra->used |= 1u << reg;
    ra->loc[t].reg = (uint8_t)reg;
}

void ra_loc_reset(RAContext *ra, uint16_t t, bool in_home)
{
    ra->loc[t] = (RALoc){.reg = HOST_NO_REG, .in_home = in_home, .cst = TCG_NONE, .slot = TCG_NONE};
}

static unsigned slot_take(RAContext *ra)
{
    for (unsigned w = 0; w < G_N_ELEMENTS(ra->slots_free); w++) {
        if (ra->slots_free[w]) {
            unsigned bit = (unsigned)__builtin_ctzll(ra->slots_free[w]);

            ra->slots_free[w] &= ra->slots_free[w] - 1;
            return w * 64 + bit;
        }
    }
    ra->failed = true;
    return 0;
}

static void slot_give_back(RAContext *ra, uint16_t t)
{
    unsigned slot = ra->loc[t].slot;

    if (slot != TCG_NONE) {
        ra->slots_free[slot / 64] |= UINT64_C(1) << (slot % 64);
        ra->loc[t].slot = TCG_NONE;
    }
}

/* ---- homes ----------------------------------------------------------------------------------- */

/* Make @t's home up to date; the register keeps the value. */
void ra_sync_temp(RAContext *ra, uint16_t t)
{
    RALoc *loc = &ra->loc[t];
    const TCGTemp *temp = &ra->c->temps[t];

    if (loc->in_home || temp->kind == TCG_TEMP_CONST) {
        return;
    }
    loc->in_home = true;
    if (ra_is_global(ra, t)) {
        ra->dirty &= ~(UINT64_C(1) << t);
        if (loc->reg != HOST_NO_REG) {
            emit_store_env(ra, temp->cls, temp->offset, loc->reg);
        } else {
            emit_store_env_imm(ra, temp->offset, ra->c->temps[loc->cst].value);
        }
        return;
    }
    loc->slot = (uint16_t)slot_take(ra);
    emit_store_slot(ra, temp->cls, loc->slot, loc->reg);
}

static void evict(RAContext *ra, unsigned reg)
{
    uint16_t t = ra->reg_temp[reg];

    ra_sync_temp(ra, t);
    ra->loc[t].reg = HOST_NO_REG;
    ra_reg_free(ra, reg);
}

void ra_sync_globals(RAContext *ra, uint64_t mask)
{
    for (uint64_t todo = ra->dirty & mask; todo; todo &= todo - 1) {
        ra_sync_temp(ra, (uint16_t)__builtin_ctzll(todo));
    }
}

static void haddr_forget(RAContext *ra, uint16_t t)
{
    for (unsigned i = 0; i < ra->nhaddrs; i++) {
        if (ra->haddr[i] == t) {
            ra->haddr[i] = ra->haddr[--ra->nhaddrs];
            return;
        }
    }
}

/* The value of @t is not wanted any more. */
static void kill_temp(RAContext *ra, uint16_t t)
{
    RALoc *loc = &ra->loc[t];

    if (loc->reg != HOST_NO_REG) {
        ra_reg_free(ra, loc->reg);
        loc->reg = HOST_NO_REG;
    }
    if (ra_is_global(ra, t)) {
        /* assigned again before anyone looks: what env has does not matter, and must not be read */
        ra->dirty &= ~(UINT64_C(1) << t);
        loc->in_home = true;
        loc->cst = TCG_NONE;
    } else if (ra->c->temps[t].cross == TCG_NO_CROSS) {
        slot_give_back(ra, t);
        loc->in_home = false;
        if (ra->c->temps[t].flags & TCG_TEMP_HADDR) {
            haddr_forget(ra, t);
        }
    }
    /* the slot of a local that crosses blocks stays: another path may still read it */
}

/* ---- taking registers ------------------------------------------------------------------------ */

static unsigned choose_victim(RAContext *ra, uint32_t candidates)
{
    unsigned best = HOST_NO_REG;
    unsigned best_score = 0;

    for (uint32_t todo = candidates; todo; todo &= todo - 1) {
        unsigned reg = (unsigned)__builtin_ctz(todo);
        uint16_t t = ra->reg_temp[reg];
        unsigned next = ra->next[t];
        bool free_to_drop = ra->loc[t].in_home || ra->c->temps[t].kind == TCG_TEMP_CONST;
        unsigned score = 1 + (unsigned)(next - ra->pos) * 2 + free_to_drop;

        if (score > best_score) {
            best = reg;
            best_score = score;
        }
    }
    g_assert(best != HOST_NO_REG);
    return best;
}

/*
 * A register of @cls outside of @avoid for @t: where the loop around wants that global, else one
 * that it wants for no other, else the one whose value is read last.
 */
static unsigned take_reg(RAContext *ra, TCGClass cls, uint32_t avoid, uint16_t t)
{
    uint32_t all = ra_regs(ra, cls) & ~avoid & ~ra->pinned;
    uint32_t idle = all & ~ra->busy;
    unsigned reg = ra_is_global(ra, t) ? ra->pref[t] : HOST_NO_REG;

    if (reg != HOST_NO_REG && (idle >> reg & 1)) {
        return reg;
    }
    if (idle & ~ra->reserved) {
        return (unsigned)__builtin_ctz(idle & ~ra->reserved);
    }
    if (idle) {
        return (unsigned)__builtin_ctz(idle);
    }
    reg = choose_victim(ra, all);
    evict(ra, reg);
    return reg;
}

/* The value of @t in a register of class @cls. */
static unsigned use_reg(RAContext *ra, uint16_t t, TCGClass cls)
{
    RALoc *loc = &ra->loc[t];
    const TCGTemp *temp = &ra->c->temps[t];
    unsigned reg;

    if (loc->reg != HOST_NO_REG &&
        (temp->kind != TCG_TEMP_CONST || (host_class_regs[cls] >> loc->reg & 1))) {
        return loc->reg;
    }
    if (temp->kind == TCG_TEMP_CONST) {
        if (loc->reg != HOST_NO_REG) {
            /* a constant serves both classes, but is kept in one register only */
            ra_reg_free(ra, loc->reg);
            loc->reg = HOST_NO_REG;
        }
        reg = take_reg(ra, cls, 0, t);
        emit_load_imm(ra, cls, reg, temp->value);
    } else if (loc->cst != TCG_NONE) {
        reg = take_reg(ra, cls, 0, t);
        emit_load_imm(ra, cls, reg, ra->c->temps[loc->cst].value);
        loc->cst = TCG_NONE;
    } else if (ra_is_global(ra, t)) {
        g_assert(loc->in_home);
        reg = take_reg(ra, cls, 0, t);
        emit_load_env(ra, cls, reg, temp->offset);
    } else {
        g_assert(loc->in_home && loc->slot != TCG_NONE);
        reg = take_reg(ra, cls, 0, t);
        emit_load_slot(ra, cls, reg, loc->slot);
    }
    ra_reg_give(ra, reg, t);
    return reg;
}

/* ---- operands -------------------------------------------------------------------------------- */

static bool fits_imm(uint64_t value, TCGType type)
{
    return (int64_t)value == (int32_t)value || (type == TCG_I32 && (uint32_t)value == value);
}

/* Is @t a constant here: by itself, or a global that has just been assigned one. */
static bool known_constant(const RAContext *ra, uint16_t t, uint64_t *value)
{
    if (ra->c->temps[t].kind == TCG_TEMP_CONST) {
        *value = ra->c->temps[t].value;
        return true;
    }
    if (ra_is_global(ra, t) && ra->loc[t].cst != TCG_NONE && ra->loc[t].reg == HOST_NO_REG) {
        *value = ra->c->temps[ra->loc[t].cst].value;
        return true;
    }
    return false;
}

/* Is there a register of @cls that holds nothing? */
static bool has_idle(const RAContext *ra, TCGClass cls)
{
    return (ra_regs(ra, cls) & ~ra->busy & ~ra->pinned) != 0;
}

static HostArg get_arg(RAContext *ra, const TCGOp *op, unsigned k, char want, bool last)
{
    uint16_t t = op->in[k];
    const RALoc *loc = &ra->loc[t];
    TCGClass cls = tcg_op_in_class(ra->c, op, k);
    uint64_t value;
    unsigned reg;

    if (want != 'r' && cls == TCG_CLASS_INT && known_constant(ra, t, &value) &&
        (want == 'c' || want == 'g' || fits_imm(value, op->type))) {
        if (op->type == TCG_I32) {
            value = (uint64_t)(int64_t)(int32_t)value;
        }
        return (HostArg){.kind = HOST_IMM, .imm = value};
    }
    if ((want == 'm' || want == 'g') && loc->reg == HOST_NO_REG && ra_is_global(ra, t) &&
        loc->in_home && cls == TCG_CLASS_INT && (last || !has_idle(ra, cls))) {
        return (HostArg){.kind = HOST_MEM, .disp = ra->c->temps[t].offset};
    }
    reg = use_reg(ra, t, cls);
    ra->pinned |= 1u << reg;
    return (HostArg){.kind = HOST_REG, .reg = (uint8_t)reg};
}

/* May the register of operand @k be overwritten by the op? */
static bool arg_dies(const RAContext *ra, const TCGOp *op, const TCGLife *life, unsigned k)
{
    uint16_t t = op->in[k];

    if (life->dead >> k & 1) {
        return true;
    }
    return life->next[k] == TCG_NONE && (ra->loc[t].in_home || tcg_temp_is_const(ra->c, t)) &&
           (ra_is_global(ra, t) || tcg_temp_is_const(ra->c, t));
}

/* Operands have been read: let go of the registers of those that end here. */
static void release_args(RAContext *ra, const TCGOp *op, const TCGLife *life)
{
    for (unsigned k = 0; k < op->nin; k++) {
        uint16_t t = op->in[k];

        ra->next[t] = life->next[k];
        if (tcg_temp_is_const(ra->c, t)) {
            if (life->next[k] == TCG_NONE && ra->loc[t].reg != HOST_NO_REG) {
                ra_reg_free(ra, ra->loc[t].reg);
                ra->loc[t].reg = HOST_NO_REG;
            }
        } else if (life->dead >> k & 1) {
            kill_temp(ra, t);
        }
    }
}

/* @t gets a new value, which is in @reg. */
static void define(RAContext *ra, uint16_t t, unsigned reg, const TCGLife *life)
{
    RALoc *loc = &ra->loc[t];

    if (loc->reg != HOST_NO_REG && loc->reg != reg) {
        ra_reg_free(ra, loc->reg);
    }
    if (ra->reg_temp[reg] != TCG_NONE && ra->reg_temp[reg] != t) {
        /* the register of an operand that was clean and is not read again */
        ra->loc[ra->reg_temp[reg]].reg = HOST_NO_REG;
    }
    ra_reg_give(ra, reg, t);
    loc->in_home = false;
    loc->cst = TCG_NONE;
    if (ra_is_global(ra, t)) {
        ra->dirty |= UINT64_C(1) << t;
    } else if (ra->c->temps[t].flags & TCG_TEMP_HADDR) {
        if (ra->nhaddrs == RA_MAX_HADDRS) {
            ra->failed = true;
        } else {
            ra->haddr[ra->nhaddrs++] = t;
        }
    }
    ra->next[t] = life->out_next;
    if (life->out_dead) {
        kill_temp(ra, t);
    }
}

/* Does the loop around want @t in a register that is free for it now? */
static bool wanted_elsewhere(const RAContext *ra, uint16_t t, uint32_t operands)
{
    unsigned reg = ra_is_global(ra, t) ? ra->pref[t] : HOST_NO_REG;

    return reg != HOST_NO_REG && !(operands >> reg & 1) &&
           (ra->reg_temp[reg] == TCG_NONE || ra->reg_temp[reg] == t);
}

static unsigned choose_out(RAContext *ra, const TCGOp *op, const TCGLife *life, char want,
                           const HostArg *in)
{
    TCGClass cls = tcg_op_out_class(ra->c, op);
    uint32_t operands = 0;

    for (unsigned k = 0; k < op->nin; k++) {
        if (in[k].kind == HOST_REG) {
            operands |= 1u << in[k].reg;
        }
    }
    if (want == '0' && op->nin && in[0].kind == HOST_REG && arg_dies(ra, op, life, 0) &&
        (host_class_regs[cls] >> in[0].reg & 1)) {
        bool read_later = false;

        for (unsigned k = 1; k < op->nin; k++) {
            read_later |= in[k].kind == HOST_REG && in[k].reg == in[0].reg;
        }
        if (!read_later) {
            return in[0].reg;
        }
    }
    if (want == 'r' && !wanted_elsewhere(ra, op->out, operands)) {
        for (unsigned k = 0; k < op->nin; k++) {
            if (in[k].kind == HOST_REG && arg_dies(ra, op, life, k) &&
                (host_class_regs[cls] >> in[k].reg & 1)) {
                return in[k].reg;
            }
        }
    }
    /* the old register of a global that is assigned anew */
    if (ra->loc[op->out].reg != HOST_NO_REG && ra_is_global(ra, op->out) &&
        !(operands >> ra->loc[op->out].reg & 1)) {
        return ra->loc[op->out].reg;
    }
    return take_reg(ra, cls, operands, op->out);
}

/* ---- ops ------------------------------------------------------------------------------------- */

static void swap_if_better(RAContext *ra, TCGOp *op, TCGLife *life)
{
    uint16_t first = op->in[0], second = op->in[1];
    uint16_t first_next = life->next[0], second_next = life->next[1];
    bool first_dies = arg_dies(ra, op, life, 0) && ra->loc[op->in[0]].reg != HOST_NO_REG;
    bool second_dies = arg_dies(ra, op, life, 1) && ra->loc[op->in[1]].reg != HOST_NO_REG;

    if (tcg_temp_is_const(ra->c, op->in[1]) || first_dies || !second_dies) {
        return;
    }
    op->in[0] = second;
    op->in[1] = first;
    life->next[0] = second_next;
    life->next[1] = first_next;
    life->dead = (uint8_t)((life->dead & ~3u) | (life->dead & 1) << 1 | (life->dead >> 1 & 1));
}

static void ra_normal(RAContext *ra, TCGOp *op, TCGLife *life)
{
    const HostOpDef *def = &host_op_defs[op->opc];
    const TCGOpDef *ir = &tcg_op_defs[op->opc];
    const char *want = def->constraint;
    HostArg in[TCG_MAX_INS];
    unsigned out = HOST_NO_REG;
    char out_want = ir->nout ? *want++ : 0;

    if ((ir->effects & TCG_EF_COMMUTES) && op->nin == 2) {
        swap_if_better(ra, op, life);
    }
    for (unsigned k = 0; k < op->nin; k++) {
        in[k] = get_arg(ra, op, k, want[k], life->next[k] == TCG_NONE);
    }
    if (ir->nout) {
        out = choose_out(ra, op, life, out_want, in);
        ra->pinned |= 1u << out;
    }
    emit_op(ra, op, out, in);
    ra->pinned = 0;
    release_args(ra, op, life);
    if (ir->nout) {
        define(ra, op->out, out, life);
    }
}

/* mov, fmov: a renaming where it can be. */
static void ra_mov(RAContext *ra, const TCGOp *op, const TCGLife *life)
{
    uint16_t src = op->in[0], dst = op->out;
    TCGClass cls = ra_temp_class(ra, dst);
    bool cut = op->opc == TCG_OP_mov && op->type == TCG_I32;
    uint64_t value;
    unsigned from, to;

    if (ra_is_global(ra, dst) && known_constant(ra, src, &value) &&
        (!cut || (uint32_t)value == value)) {
        uint16_t cst = tcg_temp_is_const(ra->c, src) ? src : ra->loc[src].cst;
        RALoc *loc = &ra->loc[dst];

        release_args(ra, op, life);
        kill_temp(ra, dst);
        loc->in_home = false;
        loc->cst = cst;
        ra->dirty |= UINT64_C(1) << dst;
        ra->next[dst] = life->out_next;
        if (life->out_dead) {
            kill_temp(ra, dst);
        }
        return;
    }
    from = use_reg(ra, src, cls);
    if (!cut && arg_dies(ra, op, life, 0) && src != dst) {
        ra->loc[src].reg = HOST_NO_REG;
        ra_reg_free(ra, from);
        release_args(ra, op, life);
        define(ra, dst, from, life);
        return;
    }
    ra->pinned = 1u << from;
    to = take_reg(ra, cls, 0, dst);
    if (cut) {
        emit_mov32(ra, to, from);
    } else {
        emit_mov(ra, cls, to, from);
    }
    ra->pinned = 0;
    release_args(ra, op, life);
    define(ra, dst, to, life);
}

/* ---- calls ----------------------------------------------------------------------------------- */

static void call_prepare(RAContext *ra, const TCGOp *op, const TCGLife *life, uint64_t reads,
                         uint64_t writes, bool traps)
{
    ra_sync_globals(ra, reads | writes);
    for (uint32_t todo = ra->busy & host_call_clobbered; todo; todo &= todo - 1) {
        unsigned reg = (unsigned)__builtin_ctz(todo);
        uint16_t t = ra->reg_temp[reg];
        bool ends = false;

        for (unsigned k = 0; k < op->nin; k++) {
            ends |= op->in[k] == t && (life->dead >> k & 1);
        }
        /* what is assigned anew afterwards is seen if the call traps */
        ends &= !(traps && ra_is_global(ra, t));
        if (!ends) {
            ra_sync_temp(ra, t);
        }
    }
}

static void call_done(RAContext *ra, uint64_t writes)
{
    for (uint32_t todo = ra->busy & host_call_clobbered; todo; todo &= todo - 1) {
        unsigned reg = (unsigned)__builtin_ctz(todo);

        ra->loc[ra->reg_temp[reg]].reg = HOST_NO_REG;
        ra_reg_free(ra, reg);
    }
    for (uint64_t todo = writes & ra->c->all_globals; todo; todo &= todo - 1) {
        uint16_t t = (uint16_t)__builtin_ctzll(todo);

        if (ra->loc[t].reg != HOST_NO_REG) {
            ra_reg_free(ra, ra->loc[t].reg);
        }
        ra_loc_reset(ra, t, true);
        ra->dirty &= ~(UINT64_C(1) << t);
    }
}

/* Where an operand of a call is; constants as immediates. */
static HostArg call_arg(RAContext *ra, uint16_t t)
{
    const RALoc *loc = &ra->loc[t];
    uint64_t value;

    if (loc->reg != HOST_NO_REG) {
        return (HostArg){.kind = HOST_REG, .reg = loc->reg};
    }
    if (known_constant(ra, t, &value)) {
        return (HostArg){.kind = HOST_IMM, .imm = value};
    }
    if (ra_is_global(ra, t)) {
        return (HostArg){.kind = HOST_MEM, .disp = ra->c->temps[t].offset};
    }
    return (HostArg){.kind = HOST_SLOT, .disp = loc->slot};
}

/* A call of a C function: a helper's, or one that stands for an op. */
static void ra_call(RAContext *ra, const TCGOp *op, const TCGLife *life)
{
    bool helper = op->opc == TCG_OP_call;
    const TCGHelperInfo *info = helper ? &ra->c->helpers[op->imm[0]] : NULL;
    uint64_t reads = helper ? info->reads : 0;
    uint64_t writes = helper ? info->writes : 0;
    bool traps = helper && (info->flags & TCG_HF_TRAP);
    HostArg in[TCG_MAX_INS];
    unsigned out;

    call_prepare(ra, op, life, reads, writes, traps);
    for (unsigned k = 0; k < op->nin; k++) {
        in[k] = call_arg(ra, op->in[k]);
    }
    emit_call(ra, op, in);
    call_done(ra, writes);
    if (traps) {
        host_call_check(ra);
    }
    release_args(ra, op, life);
    if (op->out == TCG_NONE) {
        return;
    }
    out = take_reg(ra, tcg_op_out_class(ra->c, op), 0, op->out);
    emit_call_result(ra, tcg_op_out_class(ra->c, op), out);
    define(ra, op->out, out, life);
}

/* ---- blocks ---------------------------------------------------------------------------------- */

static void ra_one(RAContext *ra, TCGOp *op, TCGLife *life)
{
    const HostOpDef *def = &host_op_defs[op->opc];

    ra_note(ra, (RAEvent){.kind = RA_EV_OP, .n = ra->pos});
    switch (op->opc) {
    case TCG_OP_nop:
        break;
    case TCG_OP_insn_start:
        ra->insn_pc = (uint32_t)op->imm[0] | (uint64_t)(uint32_t)op->imm[1] << 32;
        ra->insn_idx = (uint16_t)op->imm[2];
        host_insn_start(ra);
        break;
    case TCG_OP_mov:
    case TCG_OP_fmov:
        ra_mov(ra, op, life);
        break;
    case TCG_OP_br:
        break;
    default:
        if (def->gen) {
            ra_normal(ra, op, life);
        } else {
            ra_call(ra, op, life);
        }
        break;
    }
    ra_note(ra, (RAEvent){.kind = RA_EV_OP_END, .n = ra->pos});
}

static void ra_block(RAContext *ra, unsigned n)
{
    TCGContext *c = ra->c;
    unsigned next = n + 1 < c->norder ? c->order[n + 1] : TCG_NONE;
    const TCGBlock *b = &c->blocks[c->order[n]];
    const TCGOp *last = b->end > b->first ? &c->ops[b->end - 1] : NULL;
    unsigned effects = last ? tcg_op_defs[last->opc].effects : 0;
    const TCGOp *ending = effects & (TCG_EF_END | TCG_EF_COND_BRANCH) ? last : NULL;

    for (unsigned i = b->first; i < b->end && !ra->failed; i++) {
        ra->pos = (uint16_t)i;
        if (&c->ops[i] == ending) {
            ra_before_end(ra, b, ending);
        }
        ra_one(ra, &c->ops[i], &c->life[i]);
    }
    if (!(effects & TCG_EF_EXIT)) {
        if (!ending) {
            ra_before_end(ra, b, NULL);
        }
        ra_block_end(ra, b, ending, next);
    }
}

void ra_init(RAContext *ra)
{
    for (unsigned g = 0; g < TCG_MAX_GLOBALS; g++) {
        ra_loc_reset(ra, (uint16_t)g, true);
    }
    memcpy(ra->fresh, ra->loc, sizeof(ra->fresh));
}

bool ra_run(RAContext *ra)
{
    TCGContext *c = ra->c;
    bool fallen_into = true;

    note_begin(ra);
    ra->dirty = 0;
    ra->busy = ra->pinned = ra->used = 0;
    ra->failed = false;
    ra->slots_free[0] = ~UINT64_C(0);
    ra->slots_free[1] = MAKE_64BIT_MASK(0, HOST_SLOTS - 64);
    for (unsigned r = 0; r < HOST_MAX_REGS; r++) {
        ra->reg_temp[r] = TCG_NONE;
    }
    memcpy(ra->loc, ra->fresh, c->nglobals * sizeof(ra->loc[0]));
    memset(ra->next, 0xff, c->ntemps * sizeof(ra->next[0]));
    for (unsigned t = c->nglobals; t < c->ntemps; t++) {
        ra_loc_reset(ra, (uint16_t)t, tcg_temp_is_const(c, (uint16_t)t));
    }
    ra->nhaddrs = 0;
    ra_edges_reset(ra);
    for (unsigned n = 0; n < c->norder && !ra->failed; n++) {
        unsigned block = c->order[n];
        const TCGBlock *b = &c->blocks[block];

        if (!b->reachable) {
            fallen_into = false;
            continue;
        }
        ra_block_start(ra, block, fallen_into);
        ra_block(ra, n);
        fallen_into = n + 1 < c->norder && b->succ[0] == c->order[n + 1];
    }
    if (!ra->failed) {
        ra_edges_emit(ra);
    }
    note_end(ra);
    return !ra->failed;
}

/* ---- exit maps ------------------------------------------------------------------------------- */

/*
 * Format: number of entries, then for each: global, register; or global | RA_MAP_CONST and the
 * constant as a signed number.
 */
unsigned ra_exit_map(const RAContext *ra, uint8_t *out)
{
    uint8_t *p = out + 1;
    unsigned n = 0;

    for (uint64_t todo = ra->dirty; todo; todo &= todo - 1, n++) {
        unsigned g = (unsigned)__builtin_ctzll(todo);
        const RALoc *loc = &ra->loc[g];

        if (loc->reg != HOST_NO_REG) {
            *p++ = (uint8_t)g;
            *p++ = loc->reg;
        } else {
            int64_t value = (int64_t)ra->c->temps[loc->cst].value;

            *p++ = (uint8_t)(g | RA_MAP_CONST);
            p = ra_put_signed(p, value);
        }
    }
    *out = (uint8_t)n;
    if (unlikely(ra->check)) {
        ra_check_note_map(ra->check, out, (unsigned)(p - out));
    }
    return (unsigned)(p - out);
}

void ra_map_restore(const uint8_t *map, const int32_t *offsets, const uint64_t *regs, void *env)
{
    unsigned n = *map++;

    while (n--) {
        unsigned g = *map++;
        uint8_t *home = (uint8_t *)env + offsets[g % TCG_MAX_GLOBALS];
        int64_t value;

        if (g & RA_MAP_CONST) {
            map = ra_get_signed(map, &value);
            memcpy(home, &value, 8);
        } else {
            memcpy(home, &regs[*map++], 8);
        }
    }
}
