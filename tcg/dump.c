/* SPDX-License-Identifier: MIT */
/*
 * Text IR. parse.c reads what this writes; docs/tcg.md has the grammar. Operands are x1 (a global's
 * name), %7 (a local), $0x10 (a constant); immediates are written by what they mean.
 * Tests: tests/tcg (round trip of every file), tests/fuzz/tcg-fuzz.c.
 */
#include "qemu/osdep.h"
#include "text.h"

const char *const tcg_cond_names[TCG_NR_CONDS] = {
    [TCG_COND_NEVER] = "never", [TCG_COND_ALWAYS] = "always", [TCG_COND_EQ] = "eq",
    [TCG_COND_NE] = "ne",       [TCG_COND_LT] = "lt",         [TCG_COND_GE] = "ge",
    [TCG_COND_LE] = "le",       [TCG_COND_GT] = "gt",         [TCG_COND_LTU] = "ltu",
    [TCG_COND_GEU] = "geu",     [TCG_COND_LEU] = "leu",       [TCG_COND_GTU] = "gtu",
    [TCG_COND_TSTEQ] = "tsteq", [TCG_COND_TSTNE] = "tstne",
};

const char *const tcg_type_names[TCG_NR_TYPES] = {
    [TCG_I32] = "i32", [TCG_I64] = "i64", [TCG_F32] = "f32", [TCG_F64] = "f64", [TCG_VOID] = "",
};

const char *const tcg_alias_names[TCG_ALIAS_NR] = {
    [TCG_ALIAS_OTHER] = "other",         [TCG_ALIAS_CSR] = "csr",
    [TCG_ALIAS_RESERVATION] = "reserve", [TCG_ALIAS_FPSTATUS] = "fpstatus",
    [TCG_ALIAS_COUNT] = "count",         [TCG_ALIAS_VECTOR] = "vector",
};

const char *const tcg_rmw_names[TCG_NR_RMW] = {
    [TCG_RMW_XCHG] = "xchg", [TCG_RMW_ADD] = "add",   [TCG_RMW_AND] = "and",
    [TCG_RMW_OR] = "or",     [TCG_RMW_XOR] = "xor",   [TCG_RMW_SMIN] = "smin",
    [TCG_RMW_SMAX] = "smax", [TCG_RMW_UMIN] = "umin", [TCG_RMW_UMAX] = "umax",
};

/* @names: numbers of locals by temp, or NULL for the temp's own. */
static void dump_temp(const TCGContext *c, uint16_t idx, const uint16_t *names, GString *out)
{
    const TCGTemp *t = &c->temps[idx];

    if (idx >= c->ntemps) {
        /* tcg_verify() shows what it finds. */
        g_string_append_printf(out, "?%u", idx);
        return;
    }
    switch (t->kind) {
    case TCG_TEMP_GLOBAL:
        g_string_append(out, c->global_names[idx]);
        break;
    case TCG_TEMP_CONST:
        g_string_append_printf(out, "$0x%" PRIx64, t->value);
        break;
    default:
        g_string_append_printf(out, "%%%u", names ? names[idx] : idx);
        break;
    }
}

/* u8, s16 and so on; .swap: not the host's byte order, .al: MO_ALIGN, .w: a test of stores. */
static void dump_memop(unsigned op, GString *out)
{
    g_string_append_printf(out, "%c%u", op & MO_SIGN ? 's' : 'u', 8 * memop_size(op));
    g_string_append(out, op & MO_BSWAP ? ".swap" : "");
    g_string_append(out, op & MO_ALIGN ? ".al" : "");
    g_string_append(out, op & TCG_TLB_TEST_WRITE ? ".w" : "");
}

/* Immediate @n of @op; letters as in tcg-opc.def. */
static void dump_imm(const TCGContext *c, const TCGOp *op, unsigned n, GString *out)
{
    const int32_t imm = op->imm[n];

    switch (tcg_op_defs[op->opc].imms[n]) {
    case 'i':
        g_string_append_printf(out, "%" PRId32, imm);
        break;
    case 'p':
        g_string_append_printf(out, "0x%" PRIx64, (uint32_t)imm | (uint64_t)op->imm[1] << 32);
        break;
    case 'c':
        g_string_append(out, tcg_cond_names[imm]);
        break;
    case 'b':
        g_string_append_printf(out, "L%" PRId32, imm);
        break;
    case 'h':
        g_string_append(out, c->helpers[imm].name);
        break;
    case 'a':
        g_string_append(out, tcg_alias_names[imm]);
        break;
    case 'r':
        g_string_append(out, tcg_rmw_names[imm]);
        break;
    case 'm':
        dump_memop(imm, out);
        break;
    case 'x':
        dump_memop(get_memop(imm), out);
        g_string_append_printf(out, "@%u", get_mmuidx(imm));
        break;
    default:
        g_assert_not_reached();
    }
}

static void dump_op(const TCGContext *c, const TCGOp *op, const uint16_t *names, GString *out)
{
    const TCGOpDef *def = &tcg_op_defs[op->opc];
    const char *separator = " ";

    if (op->out != TCG_NONE) {
        dump_temp(c, op->out, names, out);
        g_string_append(out, " = ");
    }
    g_string_append(out, def->name);
    /* Where a row has one width only it goes without saying. */
    if (strchr("ICF", def->types)) {
        g_string_append_printf(out, ".%s", tcg_type_names[op->type]);
    }
    for (unsigned n = 0; n < def->nimm; n++) {
        /* p has written q. */
        if (def->imms[n] != 'q') {
            g_string_append(out, separator);
            dump_imm(c, op, n, out);
            separator = ", ";
        }
    }
    for (unsigned k = 0; k < op->nin; k++) {
        g_string_append(out, separator);
        dump_temp(c, op->in[k], names, out);
        separator = ", ";
    }
}

void tcg_dump_op(const TCGContext *c, const TCGOp *op, GString *out)
{
    dump_op(c, op, NULL, out);
}

/* Locals are numbered in the order of their definitions, so that equal code has equal text. */
void tcg_dump(const TCGContext *c, GString *out)
{
    uint16_t names[TCG_MAX_TEMPS];
    unsigned nlocals = 0;

    memset(names, 0xff, sizeof(names));
    for (unsigned i = 0; i < c->norder; i++) {
        const TCGBlock *b = &c->blocks[c->order[i]];
        const unsigned end = c->order[i] == c->cur_block ? c->nops : b->end;

        g_string_append_printf(out, "L%u:\n", c->order[i]);
        for (unsigned at = b->first; at < end; at++) {
            const TCGOp *op = &c->ops[at];

            if (op->opc == TCG_OP_nop) {
                continue;
            }
            if (op->out != TCG_NONE && c->temps[op->out].kind == TCG_TEMP_LOCAL &&
                names[op->out] == TCG_NONE) {
                names[op->out] = nlocals++;
            }
            g_string_append(out, "    ");
            dump_op(c, op, names, out);
            g_string_append_c(out, '\n');
        }
    }
}
