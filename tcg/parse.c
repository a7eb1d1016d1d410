/* SPDX-License-Identifier: MIT */
/*
 * Reads text IR, as dump.c writes it, into a context: for golden tests and fuzz cases.
 *
 * One op or label a line; '#' starts a comment. Nothing is folded, and only the form is checked:
 * whether the code makes sense is tcg_verify()'s question. Labels need not be dense, locals have
 * any 32-bit number. Tests: tests/unit/tcg/test-text.c.
 */
#include "qemu/osdep.h"
#include "build.h"
#include "text.h"

typedef struct Parser {
    TCGContext *c;
    const char *p;      /* rest of the line */
    GHashTable *locals; /* number in the text -> temp */
    const char *error;  /* first one, NULL while all is well */
} Parser;

static bool fail(Parser *s, const char *why)
{
    if (!s->error) {
        s->error = why;
    }
    return false;
}

static void skip_space(Parser *s)
{
    while (*s->p == ' ' || *s->p == '\t') {
        s->p++;
    }
}

static bool accept(Parser *s, const char *token)
{
    skip_space(s);
    if (!g_str_has_prefix(s->p, token)) {
        return false;
    }
    s->p += strlen(token);
    return true;
}

/* The next word of letters, digits and underscores into @word; false if there is none. */
static bool read_word(Parser *s, char *word, size_t size)
{
    size_t n = 0;

    skip_space(s);
    while ((g_ascii_isalnum(*s->p) || *s->p == '_') && n + 1 < size) {
        word[n++] = *s->p++;
    }
    word[n] = '\0';
    return n > 0;
}

static bool read_number(Parser *s, uint64_t *value)
{
    char *end;

    skip_space(s);
    *value = *s->p == '-' ? (uint64_t)g_ascii_strtoll(s->p, &end, 0) :
                            g_ascii_strtoull(s->p, &end, 0);
    if (end == s->p) {
        return fail(s, "number expected");
    }
    s->p = end;
    return true;
}

static bool read_name(Parser *s, const char *const *names, unsigned n, int32_t *value)
{
    char word[32];

    read_word(s, word, sizeof(word));
    for (unsigned i = 0; i < n; i++) {
        if (strcmp(names[i], word) == 0) {
            *value = i;
            return true;
        }
    }
    return fail(s, "unknown name of an immediate");
}

static bool read_label(Parser *s, int32_t *label)
{
    uint64_t n;

    if (!accept(s, "L") || !read_number(s, &n)) {
        return fail(s, "label expected");
    }
    if (n >= TCG_MAX_BLOCKS) {
        return fail(s, "label too large");
    }
    while (s->c->nblocks <= n) {
        tcg_label_new(s->c);
    }
    *label = n;
    return true;
}

/* Local %@n; @define: it is the result of this line. */
static bool read_local(Parser *s, uint64_t n, bool define, unsigned cls, uint16_t *idx)
{
    gpointer key = GUINT_TO_POINTER(n), found;

    if (g_hash_table_lookup_extended(s->locals, key, NULL, &found)) {
        *idx = GPOINTER_TO_UINT(found);
        return true;
    }
    if (!define) {
        return fail(s, "local is not defined");
    }
    *idx = tcg_temp_new(s->c, TCG_TEMP_LOCAL, cls);
    g_hash_table_insert(s->locals, key, GUINT_TO_POINTER(*idx));
    return true;
}

/* The operand's temp in *@idx. @define: it is the result of this line. */
static bool read_temp(Parser *s, bool define, unsigned cls, uint16_t *idx)
{
    TCGContext *c = s->c;
    char word[32];
    uint64_t n;

    if (accept(s, "$")) {
        if (!read_number(s, &n)) {
            return false;
        }
        *idx = tcg_const(c, n).idx;
        return true;
    }
    if (accept(s, "%")) {
        return read_number(s, &n) && read_local(s, n, define, cls, idx);
    }
    if (!read_word(s, word, sizeof(word))) {
        return fail(s, "operand expected");
    }
    for (unsigned g = 0; g < c->nglobals; g++) {
        if (strcmp(c->global_names[g], word) == 0) {
            *idx = g;
            return true;
        }
    }
    return fail(s, "unknown operand");
}

static bool read_memop(Parser *s, int32_t *value)
{
    uint64_t bits;
    unsigned op = 0;

    skip_space(s);
    if (*s->p != 'u' && *s->p != 's') {
        return fail(s, "access size expected");
    }
    op = *s->p++ == 's' ? MO_SIGN : 0;
    if (!read_number(s, &bits)) {
        return false;
    }
    if (bits != 8 && bits != 16 && bits != 32 && bits != 64) {
        return fail(s, "access of 8, 16, 32 or 64 bits expected");
    }
    op |= size_memop(bits / 8);
    op |= accept(s, ".swap") ? MO_BSWAP : 0;
    op |= accept(s, ".al") ? MO_ALIGN : 0;
    op |= accept(s, ".w") ? TCG_TLB_TEST_WRITE : 0;
    *value = op;
    return true;
}

static bool read_helper(Parser *s, int32_t *value)
{
    char word[64];

    read_word(s, word, sizeof(word));
    for (unsigned i = 0; i < s->c->nhelpers; i++) {
        if (strcmp(s->c->helpers[i].name, word) == 0) {
            *value = i;
            return true;
        }
    }
    return fail(s, "unknown helper");
}

/* Immediate @n of @op; letters as in tcg-opc.def. */
static bool read_imm(Parser *s, TCGOp *op, unsigned n)
{
    int32_t *imm = &op->imm[n];
    uint64_t v;

    switch (tcg_op_defs[op->opc].imms[n]) {
    case 'i':
        *imm = read_number(s, &v) ? (int32_t)v : 0;
        return !s->error;
    case 'p':
        if (!read_number(s, &v)) {
            return false;
        }
        op->imm[n] = (int32_t)v;
        op->imm[n + 1] = (int32_t)(v >> 32);
        return true;
    case 'c':
        return read_name(s, tcg_cond_names, TCG_NR_CONDS, imm);
    case 'a':
        return read_name(s, tcg_alias_names, TCG_ALIAS_NR, imm);
    case 'r':
        return read_name(s, tcg_rmw_names, TCG_NR_RMW, imm);
    case 'b':
        return read_label(s, imm);
    case 'h':
        return read_helper(s, imm);
    case 'm':
        return read_memop(s, imm);
    case 'x':
        if (!read_memop(s, imm) || !accept(s, "@") || !read_number(s, &v) || v > UINT8_MAX) {
            return fail(s, "@ and MMU index expected");
        }
        *imm = (int32_t)make_memop_idx((MemOp)*imm, v);
        return true;
    default:
        g_assert_not_reached();
    }
}

static bool read_opcode(Parser *s, TCGOp *op)
{
    char word[32];
    int32_t type;
    char types;

    read_word(s, word, sizeof(word));
    for (op->opc = 0; op->opc < TCG_NB_OPS; op->opc++) {
        if (strcmp(tcg_op_defs[op->opc].name, word) == 0) {
            break;
        }
    }
    if (op->opc == TCG_NB_OPS) {
        return fail(s, "unknown op");
    }
    types = tcg_op_defs[op->opc].types;
    op->type = types == 'L' ? TCG_I64 : TCG_VOID;
    if (accept(s, ".")) {
        if (!read_name(s, tcg_type_names, TCG_NR_TYPES, &type)) {
            return false;
        }
        op->type = type;
    }
    return true;
}

static bool read_op(Parser *s)
{
    TCGContext *c = s->c;
    TCGOp op = {.out = TCG_NONE};
    const char *start = s->p, *equals = strchr(s->p, '=');
    const TCGOpDef *def;
    unsigned nin;

    if (c->cur_block == TCG_NONE) {
        return fail(s, "label expected behind the end of a block");
    }
    s->p = equals ? equals + 1 : start;
    if (!read_opcode(s, &op)) {
        return false;
    }
    def = &tcg_op_defs[op.opc];
    for (unsigned n = 0; def->imms[n]; n++) {
        if (def->imms[n] == 'q') {
            continue;
        }
        if ((n && !accept(s, ",")) || !read_imm(s, &op, n)) {
            return fail(s, "immediates expected");
        }
    }
    nin = op.opc == TCG_OP_call ? c->helpers[op.imm[0]].nargs : def->nin;
    for (op.nin = 0; op.nin < nin; op.nin++) {
        if (((op.nin || def->nimm) && !accept(s, ",")) || !read_temp(s, false, 0, &op.in[op.nin])) {
            return fail(s, "operands expected");
        }
        tcg_note_use(c, op.in[op.nin]);
    }
    skip_space(s);
    if (*s->p) {
        return fail(s, "end of line expected");
    }
    if (equals) {
        s->p = start;
        if (!read_temp(s, true, tcg_op_out_class(c, &op), &op.out) || !accept(s, "=")) {
            return fail(s, "result expected");
        }
    }
    tcg_append(c, &op);
    return true;
}

static bool read_line(Parser *s)
{
    TCGContext *c = s->c;
    const char *colon = strchr(s->p, ':');
    int32_t label;

    skip_space(s);
    if (*s->p == '\0') {
        return true;
    }
    if (!colon) {
        return read_op(s);
    }
    if (!read_label(s, &label)) {
        return false;
    }
    if (label == 0 && c->nops == 0) {
        return true;
    }
    if (c->blocks[label].order != TCG_NONE) {
        return fail(s, "label placed twice");
    }
    tcg_enter_block(c, label);
    return true;
}

bool tcg_parse(TCGContext *c, const char *text, GString *why)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_autoptr(GHashTable) locals = g_hash_table_new(NULL, NULL);
    Parser s = {.c = c, .locals = locals};

    tcg_begin(c, c->cookie ? c->cookie : TCG_EXIT_LINK_MIN, 0, 0);
    for (unsigned i = 0; lines[i]; i++) {
        char *comment = strchr(lines[i], '#');

        if (comment) {
            *comment = '\0';
        }
        g_strchomp(lines[i]);
        s.p = lines[i];
        if (!read_line(&s) || c->overflow) {
            g_string_append_printf(why, "line %u: %s: %s", i + 1,
                                   s.error ? s.error : "too much code", lines[i]);
            return false;
        }
    }
    return true;
}
