/* SPDX-License-Identifier: MIT */
/* Text of instructions, and the names of registers by the calling convention. */
#ifndef TARGET_RISCV_DISAS_H
#define TARGET_RISCV_DISAS_H

extern const char *const riscv_gpr_names[32]; /* "zero", "ra" ... */
extern const char *const riscv_fpr_names[32]; /* "ft0" ... */

/**
 * riscv_disas - append the text of one instruction
 * @xlen: 32 or 64: which encodings exist
 * @pc:   its address: jumps show their target
 * @code: its bytes
 * @len:  how many of them may be read, at least 2
 * @out:  gets the instruction word, mnemonic and operands in columns, without address and newline
 *
 * Every instruction that the decoder knows is shown, whether this hart has it or not; compressed
 * ones as what they stand for. Returns the length in bytes: 2 or 4; 2 where @len cuts a longer one
 * short.
 */
unsigned riscv_disas(unsigned xlen, uint64_t pc, const uint8_t *code, unsigned len, GString *out);

#endif
