#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the table of instruction tests from the `test` lines of target/riscv/insns/*.insn.

    gentests.py --riscv DIR --output FILE insns/rv_i.insn ...

A line says what one execution of the instruction does:

    test [rv32|rv64] SETTINGS -> RESULTS

Settings, with their defaults:
    rd=5 rs1=M+4 fs2=0x3ff0...   a register operand's value (a canary)
    imm=16 csr=0x340 rm=1        an operand in the encoding (aq, rl: 0; rm: 7; others must be given)
    [M+8].w=5                    memory; sizes b, h, w, d (zeros)
    csr[0x341]=7                 what the CSR helper reads (0)
    priv=3 fs=3 frm=0 fflags=0 cbie=3 cbcfe=1 cbze=1 tvm=0 tsr=0
                                 what tb_flags says
Results; what is not named must not change:
    rd=... fd=... rs1=...        registers
    [M+8].w=5 csr[0x340]=5       memory, CSRs written
    pc=pc+8                      next pc (the next instruction)
    fflags=NX|NV                 all flags afterwards
    trap=2 tval=opcode           an exception: cause and tval, nothing else changes
Values are Python expressions over M (an address in the data area), pc, opcode and the flags' names.
FP registers: s(1.5) is a NaN-boxed single, d(1.5) a double; an integer in place of the float is the
bit pattern; inf and nan (the canonical one) are known.
At XLEN 32 register values must be sign-extended 32-bit ones, or the line must say rv64.

Besides each line as it stands come variants: rd = x0, rd = rs1, rd = rs2; and for each
instruction: extensions off, FP off, reserved operand values, and the other XLEN are illegal
instructions.
"""

import argparse
import os
import re
import struct
import sys

M = 0x20000
PC = 0x10000
FLAGS = {'NX': 1, 'UF': 2, 'OF': 4, 'DZ': 8, 'NV': 16}
SIZES = {'b': 1, 'h': 2, 'w': 4, 'd': 8}
SETTINGS = {'priv': 3, 'fs': 3, 'frm': 0, 'fflags': 0, 'cbie': 3, 'cbcfe': 1, 'cbze': 1,
            'tvm': 0, 'tsr': 0}
DEFAULTS = {'aq': 0, 'rl': 0, 'rm': 7}
# One register an operand: the same numbers for x and f, all of them fit 3-bit fields.
REGISTERS = {'rd': 10, 'rs1': 11, 'rs2': 12, 'rs3': 13, 'fd': 10, 'fs1': 11, 'fs2': 12, 'fs3': 13}
ILLEGAL = 2

ITEM = re.compile(r'(?:([a-z][a-z0-9]*)|\[([^\]]+)\]\.([bhwd])|csr\[([^\]]+)\])=(.+)$')


class Line:
    """One parsed test line."""

    def __init__(self, where, text, error):
        self.where = where
        self.error = error
        self.xlens = {32, 64}
        left, arrow, right = text.partition('->')
        if not arrow:
            raise error(where, "a test line needs '->'")
        words = left.split()
        if words and words[0] in ('rv32', 'rv64'):
            self.xlens = {int(words.pop(0)[2:])}
        self.inputs = [self._item(w) for w in words]
        self.outputs = [self._item(w) for w in right.split()]

    def _item(self, word):
        match = ITEM.match(word)
        if not match:
            raise self.error(self.where, "cannot read '%s'" % word)
        name, address, size, csr, value = match.groups()
        if name:
            return ('name', name, value)
        return ('mem', address, size, value) if address else ('csr', csr, value)


class Case:
    """One row of the table: what to set up, what to expect."""

    def __init__(self, name, insn, xlen):
        self.name = name
        self.insn = insn
        self.xlen = xlen
        self.word = 0
        self.settings = dict(SETTINGS)
        self.regs_in, self.regs_out = {}, {}
        self.mem_in, self.mem_out = [], []
        self.csr_in, self.csr_out = [], []
        self.pc = PC + insn.size // 8
        self.fflags = None
        self.trap = None
        self.tval = 0
        self.off = []

    def illegal(self):
        self.trap, self.tval = ILLEGAL, self.word

    def c_row(self):
        regs = ['{%d, UINT64_C(0x%x)}' % (i, v) for i, v in sorted(self.regs_in.items())]
        outs = ['{%d, UINT64_C(0x%x)}' % (i, v) for i, v in sorted(self.regs_out.items())]
        mems = [['{0x%x, %d, UINT64_C(0x%x)}' % m for m in ms]
                for ms in (self.mem_in, self.mem_out)]
        csrs = [['{0x%x, UINT64_C(0x%x)}' % c for c in cs] for cs in (self.csr_in, self.csr_out)]
        fields = ['.%s = %d' % ('fflags_in' if k == 'fflags' else k, v)
                  for k, v in sorted(self.settings.items())]
        fields += ['.off = {%s}' % ', '.join('"%s"' % e for e in self.off)] if self.off else []
        for name, count, items in (('in', 'nin', regs), ('out', 'nout', outs),
                                   ('mem_in', 'nmem_in', mems[0]), ('mem_out', 'nmem_out', mems[1]),
                                   ('csr_in', 'ncsr_in', csrs[0]),
                                   ('csr_out', 'ncsr_out', csrs[1])):
            if items:
                fields.append('.%s = {%s}, .%s = %d' % (name, ', '.join(items), count, len(items)))
        return '    {"%s", "%s", 0x%x, %d, %d, UINT64_C(0x%x), %d, %d, UINT64_C(0x%x), %s},' % (
            self.insn.ext + '/' + self.insn.name, self.name, self.word, self.insn.size // 8,
            self.xlen, self.pc, -1 if self.fflags is None else self.fflags,
            -1 if self.trap is None else self.trap, self.tval & (1 << 64) - 1, ', '.join(fields))


def single(value):
    if not isinstance(value, int):
        value, = struct.unpack('<I', struct.pack('<f', value))
    return 0xffffffff << 32 | value


def double(value):
    return value if isinstance(value, int) else struct.unpack('<Q', struct.pack('<d', value))[0]


FLOATS = {'s': single, 'd': double, 'inf': float('inf'), 'nan': float('nan')}


def evaluate(text, line, opcode=0):
    names = dict(FLAGS, **FLOATS, M=M, pc=PC, opcode=opcode)
    try:
        return int(eval(text, {'__builtins__': {}}, names))  # the text is ours
    except (NameError, SyntaxError, TypeError, ValueError) as error:
        raise line.error(line.where, "'%s': %s" % (text, error)) from error


def register_value(line, value, xlen):
    """@value as a register holds it."""
    bits = 32 if xlen == 32 else 64
    if not -(1 << (bits - 1)) <= value < 1 << (xlen == 64 and 64 or 31):
        raise line.error(line.where, '%#x is no register value at XLEN %d' % (value, xlen))
    return value & (1 << 64) - 1


class Builder:
    """Makes the cases of one instruction."""

    def __init__(self, insn, insns, error):
        self.insn = insn
        self.insns = insns
        self.error = error
        self.cases = []

    def field(self, name):
        """The field that operand @name stands for, through an expansion."""
        if name in self.insn.fields:
            return self.insn.fields[name]
        return self.insn.mapped.get(name) if self.insn.expands else None

    def register_of(self, name, registers):
        """(index, field) of operand @name: 0 to 31 x, 32 to 63 f; None if it is no register."""
        field = self.field(name)
        if field is None or field.kind not in 'xf':
            return None
        if name not in self.insn.fields:
            same = [n for n, f in self.insn.fields.items()
                    if f.pieces == field.pieces and f.kind == field.kind]
            number = registers[same[0]] if field.pieces else field.base
        else:
            number = registers[name]
        return number + (32 if field.kind == 'f' else 0)

    def encode(self, values):
        word = self.insn.value
        for name, field in self.insn.fields.items():
            word |= field.encode(values[name])
            if values[name] in field.not_values:
                raise ValueError('%s=%d is reserved' % (name, values[name]))
        return word

    def from_line(self, line, xlen, registers, name):
        """The case of @line, or None where these registers cannot be encoded or contradict."""
        case = Case(name, self.insn, xlen)
        values = dict(registers, **DEFAULTS)
        given = {}
        for item in line.inputs:
            value = evaluate(item[-1], line)
            if item[0] == 'mem':
                case.mem_in.append((evaluate(item[1], line), SIZES[item[2]],
                                    value & (1 << 8 * SIZES[item[2]]) - 1))
            elif item[0] == 'csr':
                case.csr_in.append((evaluate(item[1], line), value & (1 << 64) - 1))
            elif self.register_of(item[1], registers) is not None:
                index = self.register_of(item[1], registers)
                bits = 64 if index >= 32 else xlen
                value = register_value(line, value, bits)
                if given.setdefault(index, value) != value or (index == 0 and value):
                    return None
            elif item[1] in self.insn.fields:
                values[item[1]] = value
            elif item[1] in SETTINGS:
                case.settings[item[1]] = value
            else:
                raise self.error(line.where, "'%s' is no operand or setting" % item[1])
        for operand in self.insn.fields:
            if operand not in values:
                raise self.error(line.where, "operand '%s' has no value" % operand)
        try:
            case.word = self.encode(values)
        except ValueError as error:
            if registers is REGISTERS:
                raise self.error(line.where, str(error)) from error
            return None
        case.regs_in = {i: v for i, v in given.items() if i}
        self.results(case, line, registers)
        return case

    def results(self, case, line, registers):
        for item in line.outputs:
            value = evaluate(item[-1], line, case.word)
            index = self.register_of(item[1], registers) if item[0] == 'name' else None
            if item[0] == 'mem':
                size = SIZES[item[2]]
                case.mem_out.append((evaluate(item[1], line), size,
                                     value & (1 << 8 * size) - 1))
            elif item[0] == 'csr':
                case.csr_out.append((evaluate(item[1], line), value & (1 << 64) - 1))
            elif index is not None:
                if index:
                    bits = 64 if index >= 32 else case.xlen
                    case.regs_out[index] = register_value(line, value, bits)
            elif item[1] == 'pc':
                case.pc = value & ((1 << case.xlen) - 1)
            elif item[1] in ('trap', 'tval', 'fflags'):
                setattr(case, item[1], value)
            else:
                raise self.error(line.where, "'%s' is no result" % item[1])

    def variants(self):
        """Register assignments to try besides the plain one."""
        fields = [n for n in self.insn.fields if n in REGISTERS]
        for target in ('rd', 'fd'):
            if target not in fields:
                continue
            if target == 'rd':
                yield 'rd=x0', dict(REGISTERS, rd=0)
            for source in ('rs1', 'rs2') if target == 'rd' else ('fs1', 'fs2', 'fs3'):
                if source in fields:
                    yield '%s=%s' % (target, source), \
                        dict(REGISTERS, **{target: REGISTERS[source]})

    def lines(self):
        for where, text in self.insn.tests:
            line = Line(where, text, self.error)
            xlens = line.xlens & self.insn.target().gate.xlens() & self.insn.gate.xlens()
            if not xlens:
                raise self.error(where, '%s does not exist there' % self.insn.name)
            for xlen in sorted(xlens):
                label = 'line %d rv%d' % (where[1], xlen)
                self.cases.append(self.from_line(line, xlen, REGISTERS, label))
                for name, registers in self.variants():
                    case = self.from_line(line, xlen, registers, '%s %s' % (label, name))
                    if case:
                        self.cases.append(case)

    def somebody_matches(self, word, xlen):
        """Whether @word is an instruction at @xlen, whatever extensions are on."""
        every = (1 << self.insn.size) - 1
        return any(i.size == self.insn.size and xlen in i.gate.xlens() and
                   i.may_match(every, word) for i in self.insns)

    def plain_values(self):
        """Operand values that can be encoded."""
        values = dict(REGISTERS, **DEFAULTS)
        for name, field in self.insn.fields.items():
            if name not in values:
                value = field.base
                while value in field.not_values:
                    value += 1 << field.scale
                values[name] = value
        return values

    def illegals(self):
        """What must be an illegal instruction."""
        values = self.plain_values()
        word = self.encode(values)
        gate = self.insn.gate
        for xlen in (32, 64):
            if xlen in gate.xlens() and xlen in self.insn.target().gate.xlens():
                if gate.c_expr() and gate.extensions() and not self.insn.within:
                    self.illegal('extension off', xlen, word, off=gate.extensions())
                if self.insn.has_fp_operand():
                    self.illegal('FS off', xlen, word, fs=0)
            elif not self.somebody_matches(word, xlen):
                self.illegal('wrong XLEN', xlen, word)
        for name, field in self.insn.fields.items():
            for value in field.not_values:
                self.reserved(name, value, dict(values, **{name: value + field.base}))
            if field.below_xlen and 32 in gate.xlens():
                self.illegal('%s=32' % name, 32, self.raw(dict(values, **{name: 32})))

    def raw(self, values):
        word = self.insn.value
        for name, field in self.insn.fields.items():
            word |= field.encode(values[name])
        return word

    def reserved(self, name, value, values):
        word = self.raw(values)
        for xlen in self.insn.gate.xlens():
            if not self.somebody_matches(word, xlen):
                self.illegal('reserved %s=%d' % (name, value), xlen, word)

    def illegal(self, what, xlen, word, off=(), **settings):
        case = Case('%s rv%d' % (what, xlen), self.insn, xlen)
        case.word = word
        case.settings.update(settings)
        case.off = list(off)
        case.illegal()
        self.cases.append(case)


def all_cases(insns, error):
    cases = []
    for insn in insns:
        builder = Builder(insn, insns, error)
        builder.lines()
        builder.illegals()
        cases += builder.cases
    return cases


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    parser.add_argument('--riscv', required=True, help='target/riscv')
    parser.add_argument('--output', required=True)
    parser.add_argument('files', nargs='+')
    args = parser.parse_args()
    sys.path.insert(0, args.riscv)
    from insnfile import InsnError  # pylint: disable=import-outside-toplevel
    from decodegen import load      # pylint: disable=import-outside-toplevel
    try:
        insns = load(os.path.join(args.riscv, 'ext.def'), args.files)
        cases = all_cases(insns, InsnError)
    except InsnError as error:
        sys.exit(str(error))
    with open(args.output, 'w', encoding='utf-8') as file:
        file.write('/* SPDX-License-Identifier: MIT */\n/* Made by gentests.py. */\n'
                   '#include "qemu/osdep.h"\n\n#include "insn-test.h"\n\n'
                   'const InsnTest insn_tests[] = {\n')
        file.write('\n'.join(case.c_row() for case in cases))
        file.write('\n};\n\nconst unsigned insn_ntests = %d;\n' % len(cases))


if __name__ == '__main__':
    main()
