/* SPDX-License-Identifier: MIT */
/*
 * The instructions as data, for the disassembler: rows made by decodegen.py from the .insn files.
 * All tables are constant.
 */
#ifndef TARGET_RISCV_INSN_TABLE_H
#define TARGET_RISCV_INSN_TABLE_H

/* Operands of all instructions: the names of insnfile.py. */
/* clang-format off */
#define RISCV_OPERANDS(X)                                                                          \
    X(rd) X(rs1) X(rs2) X(rs3) X(fd) X(fs1) X(fs2) X(fs3) X(imm) X(uimm) X(shamt) X(csr) X(rm)     \
    X(aq) X(rl) X(fli) X(fm) X(pred) X(succ)
/* clang-format on */

typedef enum RISCVOperand {
#define X(name) RISCV_OPERAND_##name,
    RISCV_OPERANDS(X)
#undef X
    RISCV_NB_OPERANDS,
} RISCVOperand;

/*
 * Value = base + the pieces, each @len bits from @insn_lsb of the word to @value_lsb of the value.
 */
typedef struct RISCVInsnField {
    uint8_t operand; /* RISCVOperand */
    uint8_t base;
    bool is_signed;
    uint8_t npieces;
    struct {
        uint8_t insn_lsb, value_lsb, len;
    } pieces[8];
} RISCVInsnField;

/* @operand has the value @value, or of the operand numbered @value. */
typedef struct RISCVInsnCondition {
    uint8_t operand;
    bool is_operand;
    int32_t value;
} RISCVInsnCondition;

/* Shown instead of the row's own name and operands where all conditions hold. */
typedef struct RISCVInsnAlias {
    const char *name;
    const char *operands;
    uint16_t first_condition;
    uint8_t nconditions;
} RISCVInsnAlias;

typedef struct RISCVInsnRow {
    const char *name;
    const char *operands; /* of insnfile.py's operand strings, without spaces */
    uint32_t mask, value; /* fixed bits */
    struct {
        uint32_t mask, value;
    } reserved[2]; /* words that are not this instruction */
    uint8_t nreserved;
    uint8_t size; /* bytes */
    bool rv32, rv64;
    uint16_t first_field;
    uint8_t nfields;
    uint16_t first_alias;
    uint8_t naliases;
} RISCVInsnRow;

extern const RISCVInsnField riscv_insn_fields[];
extern const RISCVInsnCondition riscv_insn_conditions[];
extern const RISCVInsnAlias riscv_insn_aliases[];
/* The first row that matches a word is the instruction. */
extern const RISCVInsnRow riscv_insn_rows[];
extern const unsigned riscv_insn_nrows;

#endif
