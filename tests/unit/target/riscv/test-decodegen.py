#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests of insnfile.py and decodegen.py: what must be refused, and where it is said to be.

    test-decodegen.py target/riscv
"""

import sys
import unittest

RISCV = sys.argv.pop(1)
sys.path.insert(0, RISCV)

import decodegen  # noqa: E402  pylint: disable=wrong-import-position
import insnfile   # noqa: E402  pylint: disable=wrong-import-position

KNOWN = ['m', 'zbb', 'zca']
ADD = 'add 0000000 rs2:5 rs1:5 000 rd:5 0110011 "rd, rs1, rs2"\n'
ADDI = 'addi imm[11:0] rs1:5 000 rd:5 0010011 "rd, rs1, imm"\n'


def read(*texts):
    """The instructions of files a.insn, b.insn ... with these texts."""
    files = insnfile.InsnFile(KNOWN)
    for letter, text in zip('abc', texts):
        files.read(letter + '.insn', text)
    files.finish()
    return files.insns


class Refused(unittest.TestCase):
    def refused(self, text, message, line=2):
        with self.assertRaises(insnfile.InsnError) as caught:
            read('requires base\n' + text)
        self.assertIn(message, str(caught.exception))
        self.assertTrue(str(caught.exception).startswith('a.insn:%d: ' % line),
                        str(caught.exception))

    def test_equal_encodings(self):
        self.refused(ADD + ADD.replace('add', 'sub'), 'sub overlaps add at a.insn:2', 3)

    def test_partly_equal_encodings(self):
        self.refused(ADD + 'x 0000000 00001 rs1:5 ... rd:5 0110011 "rd, rs1"\n',
                     'x overlaps add at a.insn:2', 3)

    def test_overlap_of_two_files(self):
        with self.assertRaisesRegex(insnfile.InsnError, 'b.insn:2: sub overlaps add at a.insn:2'):
            read('requires base\n' + ADD, 'requires m\n' + ADD.replace('add', 'sub'))

    def test_same_name_twice(self):
        self.refused(ADD + ADD, 'add is already described at a.insn:2', 3)

    def test_undefined_field(self):
        self.refused('add 0000000 rs2:5 rt:5 000 rd:5 0110011 "rd, rs2"', "undefined field 'rt'")

    def test_operand_that_is_no_field(self):
        self.refused(ADD.replace('"rd, rs1', '"rd, rs3'), "operand 'rs3' is not a field of add")

    def test_wrong_number_of_bits(self):
        self.refused(ADD.replace('rs2:5', 'rs2:4'), 'add has 31 bits, not 16 or 32')

    def test_size_against_low_bits(self):
        self.refused(ADD.replace('0110011', '0110001'), 'the low two bits do not say 32 bits')

    def test_missing_bits_of_an_immediate(self):
        self.refused(ADDI.replace('imm[11:0]', 'imm[11|9:0] 0'), "bits of 'imm' are missing")

    def test_bits_of_an_immediate_twice(self):
        self.refused(ADDI.replace('imm[11:0]', 'imm[10:0|0]'), "bits of 'imm' are missing or given")

    def test_field_twice(self):
        self.refused(ADD.replace('rs1', 'rs2').replace('"rd, rs2, rs2"', '"rd, rs2"'),
                     "field 'rs2' is given twice")

    def test_bits_in_wrong_order(self):
        self.refused(ADDI.replace('imm[11:0]', 'imm[0:11] 0000000000'), 'bits, not 16 or 32')

    def test_unreadable_token(self):
        self.refused(ADD.replace('rs1:5', 'rs1=5'), "cannot read 'rs1=5' in the encoding")

    def test_unreadable_line(self):
        self.refused('add 0110011\n', 'expected: name encoding "operands"')

    def test_junk_behind_a_stanza(self):
        self.refused(ADD.rstrip() + ' when wet\n', "expected '= instruction' or")

    def test_unknown_extension(self):
        self.refused('requires zfoo\n' + ADD, "'zfoo' is not an extension of ext.def")

    def test_gate_that_never_holds(self):
        self.refused('requires rv32 and rv64\n' + ADD, 'holds for no XLEN')

    def test_gate_with_junk(self):
        self.refused('requires m zbb\n' + ADD, "unexpected 'zbb' in requires")

    def test_gate_that_ends_early(self):
        self.refused('requires m and\n' + ADD, 'requires ends too early')

    def test_unbalanced_gate(self):
        self.refused('requires (m or zbb\n' + ADD, "missing ')' in requires")

    def test_instruction_before_a_gate(self):
        with self.assertRaisesRegex(insnfile.InsnError, 'a.insn:1: an instruction before any'):
            read(ADD)

    def test_detail_of_nothing(self):
        self.refused('  test -> rd=1\n', 'belongs to no instruction')

    def test_unknown_detail(self):
        self.refused(ADD + '  tset -> rd=1\n', "expected 'alias' or 'test'", 3)

    def test_alias_condition_on_no_field(self):
        self.refused(ADD + '  alias mv "rd" imm=0\n', "'imm=0' is no condition on add", 3)

    def test_part_of_nothing(self):
        self.refused(ADD.rstrip() + ' within ori\n', 'add is no part of ori')

    def test_part_of_something_else(self):
        self.refused(ADDI + ADD.rstrip() + ' within addi\n', 'add is no part of addi', 3)

    def test_expansion_to_nothing(self):
        self.refused('c.mv 100 0 rd:5 rs2:5 10 "rd, rs2" = addi rd, rs2, 0\n',
                     "cannot expand to 'addi'")

    def test_expansion_with_other_operands(self):
        self.refused(ADDI + 'c.mv 100 0 rd:5 rs2:5 10 "rd, rs2" = addi rd, rs2\n',
                     'operands of addi are "rd, rs1, imm"', 3)

    def test_expansion_with_undefined_operand(self):
        self.refused(ADDI + 'c.mv 100 0 rd:5 rs2:5 10 "rd, rs2" = addi rd, rs1, 0\n',
                     "operand 'rs1' is not a field of c.mv", 3)

    def test_missing_trans(self):
        insns = read('requires base\n' + ADD + ADDI)
        with self.assertRaisesRegex(insnfile.InsnError, r'a.insn:3: no trans_addi\(\) in a.c'):
            decodegen.check_trans(insns, lambda path: 'bool trans_add(x)\n/* trans_addi */\n')

    def test_trans_of_a_macro_counts(self):
        decodegen.check_trans(read('requires base\n' + ADD),
                              lambda path: 'TRANS_BINARY(add, add, type)\n')


class Accepted(unittest.TestCase):
    def test_exclusive_by_reserved_value(self):
        read('requires zca\n' + ADDI +
             'c.a 100 0 rd:5 rs2:5!=0 10 "rd, rs2" = addi rd, rs2, 0\n'
             'c.b 100 0 rd:5 00000 10 "rd" = addi rd, x0, 0\n')

    def test_exclusive_by_xlen(self):
        read('requires rv32\n' + ADD + 'requires rv64\n' + ADD.replace('add', 'sub'))

    def test_same_name_at_two_xlens(self):
        read('requires rv32\n' + ADD + 'requires rv64\n' + ADD.replace('0110011', '0111011'))

    def test_part_stands_before_the_whole(self):
        insns = read('requires base\n' + ADD + 'requires zbb\n'
                     'hint 0000000 00010 00000 000 00000 0110011 "" within add\n')
        code = decodegen.c_decode_c(insns)
        self.assertLess(code.index('trans_hint'), code.index('trans_add'))
        self.assertIn('ctx->cfg->ext_zbb', code)

    def test_fp_operand_needs_fs(self):
        code = decodegen.c_decode_c(read('requires base\nf 0000000 fs2:5 rs1:5 000 fd:5 0110011 '
                                         '"fd, rs1, fs2"\n'))
        self.assertIn('ctx->fs != 0', code)

    def test_scrambled_immediate(self):
        insn, = read('requires base\njal imm[20|10:1|11|19:12] rd:5 1101111 "rd, pc+imm"\n')
        field = insn.fields['imm']
        self.assertEqual(field.encode(-2), 0xfffff << 12)
        self.assertEqual(field.encode(1 << 11), 1 << 20)
        for value in (1, 1 << 20, -(1 << 20) - 2):
            with self.assertRaises(ValueError):
                field.encode(value)

    def test_short_register_numbers(self):
        insn = read('requires base\n' + ADDI +
                    "c.x 000 00000000 rd':3 00 \"rd\" = addi rd, x2, 0\n")[1]
        self.assertEqual(insn.fields['rd'].encode(15), 7 << 2)
        self.assertEqual(insn.mapped['rs1'].base, 2)
        with self.assertRaises(ValueError):
            insn.fields['rd'].encode(7)


if __name__ == '__main__':
    unittest.main()
