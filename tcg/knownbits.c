/* SPDX-License-Identifier: MIT */
/*
 * What is known of a result's bits: how narrow it is, unsigned and signed, and whether it is a
 * NaN-boxed F32. Two small numbers a value: enough to drop the extensions that an ISA with sign-
 * and zero-extending loads and word operations asks for all the time.
 *
 * ubits: all bits from there up are zero. sbits: all bits from there up equal bit sbits - 1. Both
 * are at least 1, and 64 says nothing. Tests: tests/unit/tcg/test-fold.c proves each op on random
 * values.
 */
#include "qemu/osdep.h"
#include "build.h"

typedef struct Known {
    unsigned u, s;
} Known;

static const Known unknown = {64, 64};

static Known known_unsigned(unsigned u)
{
    return (Known){CLAMP(u, 1, 64), MIN(u + 1, 64)};
}

static Known known_signed(unsigned s)
{
    return (Known){64, s};
}

/* Of a value below both bounds: and, or, xor keep the wider of two sign runs. */
static Known known_logic(Known a, Known b)
{
    return (Known){MAX(a.u, b.u), MAX(a.s, b.s)};
}

static Known known_load(MemOp op)
{
    unsigned bits = 8 * memop_size(op);

    return op & MO_SIGN ? known_signed(MIN(bits, 64)) : known_unsigned(bits);
}

static Known known_shift(const TCGContext *c, const TCGOp *op, Known a, uint16_t count)
{
    unsigned n;

    if (c->temps[count].kind != TCG_TEMP_CONST) {
        return op->opc == TCG_OP_shr ? known_unsigned(a.u) :
               op->opc == TCG_OP_sar ? known_signed(a.s) :
                                       unknown;
    }
    n = c->temps[count].value & (op->type == TCG_I32 ? 31 : 63);
    switch (op->opc) {
    case TCG_OP_shl:
        return (Known){MIN(a.u + n, 64), MIN(a.s + n, 64)};
    case TCG_OP_shr:
        return known_unsigned(a.u > n ? a.u - n : 1);
    default:
        return known_signed(a.s > n ? a.s - n : 1);
    }
}

/* Of a 32-bit op, which sees the low halves of its operands: the result is zero-extended. */
static Known known_32(const TCGContext *c, const TCGOp *op, const uint16_t val[4], unsigned a,
                      unsigned b)
{
    const Known low = known_unsigned(MIN(a, 32));

    switch (op->opc) {
    case TCG_OP_and:
        return known_unsigned(MIN(low.u, b));
    case TCG_OP_or:
    case TCG_OP_xor:
        return known_unsigned(MIN(MAX(a, b), 32));
    case TCG_OP_shl:
    case TCG_OP_shr:
        return known_unsigned(MIN(known_shift(c, op, low, val[1]).u, 32));
    default:
        return known_unsigned(32);
    }
}

/* Of a 64-bit op. */
static Known known_64(const TCGContext *c, const TCGOp *op, const uint16_t val[4], Known a, Known b)
{
    switch (op->opc) {
    case TCG_OP_add:
    case TCG_OP_sub:
        return (Known){op->opc == TCG_OP_add ? MIN(MAX(a.u, b.u) + 1, 64) : 64,
                       MIN(MAX(a.s, b.s) + 1, 64)};
    case TCG_OP_and:
        return (Known){MIN(a.u, b.u), MIN(MAX(a.s, b.s), MIN(a.u, b.u) + 1)};
    case TCG_OP_or:
    case TCG_OP_xor:
        return known_logic(a, b);
    case TCG_OP_andc:
        return (Known){a.u, MIN(MAX(a.s, b.s), a.u + 1)};
    case TCG_OP_not:
    case TCG_OP_orc:
    case TCG_OP_eqv:
        return known_signed(MAX(a.s, op->nin > 1 ? b.s : 1));
    case TCG_OP_shl:
    case TCG_OP_shr:
    case TCG_OP_sar:
        return known_shift(c, op, a, val[1]);
    case TCG_OP_divu:
        /* Division by zero gives all ones. */
        return c->temps[val[1]].kind == TCG_TEMP_CONST && c->temps[val[1]].value ?
                   known_unsigned(a.u) :
                   unknown;
    case TCG_OP_clz:
    case TCG_OP_ctz:
    case TCG_OP_ctpop:
        return known_unsigned(7);
    case TCG_OP_extract:
        return known_unsigned(op->imm[1]);
    case TCG_OP_sextract:
        return known_signed(op->imm[1]);
    default:
        return unknown;
    }
}

void tcg_known_bits(const TCGContext *c, const TCGOp *op, const uint16_t val[4], TCGTemp *out)
{
    const Known a = {c->temps[val[0]].ubits, c->temps[val[0]].sbits};
    const Known b = {c->temps[val[1]].ubits, c->temps[val[1]].sbits};
    Known r;

    switch (op->opc) {
    case TCG_OP_setcond:
    case TCG_OP_fcmp:
        r = known_unsigned(1);
        break;
    case TCG_OP_fflags_get:
        r = known_unsigned(5);
        break;
    case TCG_OP_movcond:
        r = known_logic((Known){c->temps[val[2]].ubits, c->temps[val[2]].sbits},
                        (Known){c->temps[val[3]].ubits, c->temps[val[3]].sbits});
        break;
    case TCG_OP_ld_env:
        r = known_load(op->imm[1]);
        break;
    case TCG_OP_qemu_ld:
    case TCG_OP_qemu_ld_at:
    case TCG_OP_qemu_rmw:
    case TCG_OP_qemu_cas:
        r = known_load(get_memop(op->imm[0]));
        break;
    case TCG_OP_qemu_fld:
    case TCG_OP_qemu_fld_at:
        out->flags |= memop_size(get_memop(op->imm[0])) == 4 ? TCG_TEMP_BOXED : 0;
        return;
    case TCG_OP_fcvt_i32:
        r = known_signed(32);
        break;
    case TCG_OP_funbox:
        out->flags |= TCG_TEMP_BOXED;
        return;
    case TCG_OP_call:
        r = c->helpers[op->imm[0]].ret == 'i' ? known_unsigned(32) : unknown;
        break;
    default:
        if (op->type == TCG_I32) {
            r = known_32(c, op, val, a.u, b.u);
        } else if (op->type == TCG_I64) {
            r = known_64(c, op, val, a, b);
        } else {
            /* fcvt_f to F32 has the type of its source. */
            bool boxed = op->type == TCG_F32 ? op->opc != TCG_OP_fcvt_f : op->opc == TCG_OP_fcvt_f;

            out->flags |= boxed && tcg_op_out_class(c, op) == TCG_CLASS_FP ? TCG_TEMP_BOXED : 0;
            return;
        }
        break;
    }
    out->ubits = r.u;
    out->sbits = MIN(r.s, MIN(r.u + 1, 64));
}
