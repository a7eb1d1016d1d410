/* SPDX-License-Identifier: MIT */
/*
 * Disassembler: for -d in_asm, the monitor's x/i, and gdb-less debugging. Text and columns are
 * those of QEMU's, which people's scripts read: numbers are decimal, the rounding mode stands
 * first, jumps show their offset and, as a comment, their target.
 *
 * Interprets the rows of insn-table.h; constant data only, any thread.
 * Tests: tests/insns/test-disas.c
 */
#include "qemu/osdep.h"

#include "qemu/bitops.h"
#include "qemu/bswap.h"
#include "target/riscv/disas.h"
#include "target/riscv/insn-table.h"

enum {
    WORD_COLUMNS = 18,
    MNEMONIC_COLUMNS = 24,
    OPERAND_COLUMNS = 24,
};

const char *const riscv_gpr_names[32] = {
    "zero", "ra", "sp", "gp", "tp",  "t0",  "t1", "t2", "s0", "s1", "a0",
    "a1",   "a2", "a3", "a4", "a5",  "a6",  "a7", "s2", "s3", "s4", "s5",
    "s6",   "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
};

const char *const riscv_fpr_names[32] = {
    "ft0", "ft1", "ft2", "ft3", "ft4",  "ft5",  "ft6", "ft7", "fs0",  "fs1",  "fa0",
    "fa1", "fa2", "fa3", "fa4", "fa5",  "fa6",  "fa7", "fs2", "fs3",  "fs4",  "fs5",
    "fs6", "fs7", "fs8", "fs9", "fs10", "fs11", "ft8", "ft9", "ft10", "ft11",
};

static const char *const operand_names[RISCV_NB_OPERANDS] = {
#define X(name) #name,
    RISCV_OPERANDS(X)
#undef X
};

static const char *const rounding_names[8] = {
    "rne", "rtz", "rdn", "rup", "rmm", "rsv5", "rsv6", "dyn",
};

/* Values of fli (Unprivileged ISA 20240411, "Zfa", table of fli.s immediates); NULL: see below. */
static const char *const fli_names[32] = {
    "-0x1p+0", "min",      "0x1p-16",  "0x1p-15",  "0x1p-8",  "0x1p-7",   "0x1p-4",   "0x1p-3",
    "0x1p-2",  "0x1.4p-2", "0x1.8p-2", "0x1.cp-2", "0x1p-1",  "0x1.4p-1", "0x1.8p-1", "0x1.cp-1",
    "0x1p+0",  "0x1.4p+0", "0x1.8p+0", "0x1.cp+0", "0x1p+1",  "0x1.4p+1", "0x1.8p+1", "0x1p+2",
    "0x1p+3",  "0x1p+4",   "0x1p+7",   "0x1p+8",   "0x1p+15", "0x1p+16",  "inf",      "nan",
};

/* One decoded instruction. */
typedef struct Decoded {
    const RISCVInsnRow *row;
    int64_t value[RISCV_NB_OPERANDS];
    const char *name, *operands;
} Decoded;

static int64_t field_value(const RISCVInsnField *field, uint32_t word)
{
    uint32_t value = 0;
    unsigned width = 0;

    for (unsigned i = 0; i < field->npieces; i++) {
        unsigned lsb = field->pieces[i].value_lsb;
        unsigned len = field->pieces[i].len;

        value |= extract32(word, field->pieces[i].insn_lsb, len) << lsb;
        width = MAX(width, lsb + len);
    }
    if (field->is_signed && width > 0) {
        return sextract32(value, 0, width);
    }
    return (int64_t)field->base + value;
}

static bool row_matches(const RISCVInsnRow *row, uint32_t word, unsigned xlen, unsigned size)
{
    if (row->size != size || (word & row->mask) != row->value ||
        !(xlen == 32 ? row->rv32 : row->rv64)) {
        return false;
    }
    for (unsigned i = 0; i < row->nreserved; i++) {
        if ((word & row->reserved[i].mask) == row->reserved[i].value) {
            return false;
        }
    }
    return true;
}

static bool alias_matches(const RISCVInsnAlias *alias, const Decoded *d)
{
    for (unsigned i = 0; i < alias->nconditions; i++) {
        const RISCVInsnCondition *c = &riscv_insn_conditions[alias->first_condition + i];
        int64_t wanted = c->is_operand ? d->value[c->value] : c->value;

        if (d->value[c->operand] != wanted) {
            return false;
        }
    }
    return true;
}

/* Find the row of @word; false if there is none. */
static bool decode(Decoded *d, uint32_t word, unsigned xlen, unsigned size)
{
    const RISCVInsnRow *row = riscv_insn_rows;
    const RISCVInsnRow *end = row + riscv_insn_nrows;

    while (row < end && !row_matches(row, word, xlen, size)) {
        row++;
    }
    if (row == end) {
        return false;
    }
    *d = (Decoded){.row = row, .name = row->name, .operands = row->operands};
    for (unsigned i = 0; i < row->nfields; i++) {
        const RISCVInsnField *field = &riscv_insn_fields[row->first_field + i];

        d->value[field->operand] = field_value(field, word);
    }
    for (unsigned i = 0; i < row->naliases; i++) {
        const RISCVInsnAlias *alias = &riscv_insn_aliases[row->first_alias + i];

        if (alias_matches(alias, d)) {
            d->name = alias->name;
            d->operands = alias->operands;
            break;
        }
    }
    return true;
}

/* "pmpaddr" and 3 to "pmpaddr3"; the h of an upper half stays behind: "mhpmcounter3h". */
static void append_numbered(GString *out, const char *name, unsigned number)
{
    int stem = strlen(name) - g_str_has_suffix(name, "h");

    g_string_append_printf(out, "%.*s%u%s", stem, name, number, name + stem);
}

/* All CSRs that we know by name, whether this hart has them or not. */
static void append_csr(GString *out, unsigned csr)
{
    switch (csr) {
#define CSR_NAME(number, name, ...)                                                                \
    case number:                                                                                   \
        g_string_append(out, #name);                                                               \
        break;
#define CSR_FN CSR_NAME
#define CSR_BITS CSR_NAME
#define CSR_RO CSR_NAME
#define CSR_FIELD CSR_NAME
#define CSR_ZERO CSR_NAME
#define CSR_RANGE(first, last, name, base, ...)                                                    \
    case first ... last:                                                                           \
        append_numbered(out, #name, csr - first + base);                                           \
        break;
#include "target/riscv/csr.def"
#undef CSR_NAME
#undef CSR_FN
#undef CSR_BITS
#undef CSR_RO
#undef CSR_FIELD
#undef CSR_ZERO
#undef CSR_RANGE
    default:
        g_string_append_printf(out, "0x%03x", csr);
        break;
    }
}

static void append_operand(GString *out, RISCVOperand operand, int64_t value)
{
    switch (operand) {
    case RISCV_OPERAND_rd:
    case RISCV_OPERAND_rs1:
    case RISCV_OPERAND_rs2:
    case RISCV_OPERAND_rs3:
        g_string_append(out, riscv_gpr_names[value]);
        break;
    case RISCV_OPERAND_fd:
    case RISCV_OPERAND_fs1:
    case RISCV_OPERAND_fs2:
    case RISCV_OPERAND_fs3:
        g_string_append(out, riscv_fpr_names[value]);
        break;
    case RISCV_OPERAND_csr:
        append_csr(out, value);
        break;
    case RISCV_OPERAND_pred:
    case RISCV_OPERAND_succ:
        for (int bit = 3; bit >= 0; bit--) {
            if (value & (1 << bit)) {
                g_string_append_c(out, "wroi"[bit]);
            }
        }
        break;
    case RISCV_OPERAND_rm:
        g_string_append(out, rounding_names[value]);
        break;
    case RISCV_OPERAND_fli:
        g_string_append(out, fli_names[value]);
        break;
    default:
        g_string_append_printf(out, "%" PRId64, value);
        break;
    }
}

/* The operand named at *@text, which is advanced behind the name. */
static RISCVOperand parse_operand(const char **text)
{
    size_t len = strspn(*text, "abcdefghijklmnopqrstuvwxyz0123456789");

    for (unsigned i = 0; i < RISCV_NB_OPERANDS; i++) {
        if (strlen(operand_names[i]) == len && !strncmp(operand_names[i], *text, len)) {
            *text += len;
            return i;
        }
    }
    g_assert_not_reached(); /* decodegen.py has checked the strings */
}

/* Operands as text into @out; true, and the offset, if one is relative to pc. */
static bool append_operands(GString *out, const Decoded *d, int64_t *offset)
{
    const char *text = d->operands;
    const char *rounding = g_str_has_suffix(text, ",rm") ? strrchr(text, ',') : NULL;
    bool is_relative = false;

    if (rounding) {
        append_operand(out, RISCV_OPERAND_rm, d->value[RISCV_OPERAND_rm]);
        g_string_append_c(out, ',');
    }
    while (*text && text != rounding) {
        RISCVOperand operand;
        int64_t value;

        if (!g_ascii_isalnum(*text)) {
            g_string_append_c(out, *text++);
            continue;
        }
        if (g_str_has_prefix(text, "pc+")) {
            text += strlen("pc+");
            is_relative = true;
        }
        operand = parse_operand(&text);
        value = d->value[operand];
        if (is_relative) {
            *offset = value;
        }
        if (g_str_has_prefix(text, ">>")) {
            value >>= strtol(text + strlen(">>"), (char **)&text, 10);
        }
        append_operand(out, operand, value);
    }
    return is_relative;
}

static void pad(GString *out, size_t start, size_t columns)
{
    while (out->len < start + columns) {
        g_string_append_c(out, ' ');
    }
}

static void append_insn(GString *out, const Decoded *d, unsigned xlen, uint64_t pc)
{
    size_t start = out->len;
    int64_t offset = 0;

    g_string_append(out, d->name);
    if (d->value[RISCV_OPERAND_aq]) {
        g_string_append(out, ".aq");
    }
    if (d->value[RISCV_OPERAND_rl]) {
        g_string_append(out, ".rl");
    }
    pad(out, start, MNEMONIC_COLUMNS);
    start = out->len;
    if (append_operands(out, d, &offset)) {
        uint64_t target = xlen == 32 ? (uint32_t)(pc + offset) : pc + offset;

        pad(out, start, OPERAND_COLUMNS);
        g_string_append_printf(out, "# 0x%" PRIx64, target);
    }
}

unsigned riscv_disas(unsigned xlen, uint64_t pc, const uint8_t *code, unsigned len, GString *out)
{
    uint32_t word = lduw_le_p(code);
    unsigned size = (word & 3) == 3 && len >= 4 ? 4 : 2;
    size_t start = out->len;
    Decoded d;

    if (size == 4) {
        word = ldl_le_p(code);
    }
    g_string_append_printf(out, "%0*" PRIx32, (int)size * 2, word);
    pad(out, start, WORD_COLUMNS);
    start = out->len;
    if (decode(&d, word, xlen, size)) {
        append_insn(out, &d, xlen, pc);
    } else {
        g_string_append(out, "illegal");
        pad(out, start, MNEMONIC_COLUMNS);
    }
    return size;
}
