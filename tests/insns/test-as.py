#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares our encodings with GNU as.

Every instruction of the .insn files, with several operand values, is written as assembly text by
its operand string, assembled, and compared with the word that the stanza's encoding gives. Skipped
(exit status 77) where there is no assembler; extensions that it does not know are left out.

    test-as.py --riscv DIR insns/rv_i.insn ...
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile

TOOLS = ('riscv64-linux-gnu-', 'riscv64-unknown-elf-', 'riscv64-unknown-linux-gnu-')
# Operand values to try, by kind; those that cannot be encoded are left out.
NUMBERS = (0, 1, 2, 4, 5, 8, 12, 16, 24, 31, 32, 48, 63, 64, 124, 248, 496, 504, 1020, 2046, 4094,
           0x1f000, 0x12345000, 0x7ffff000, -1, -2, -4, -32, -64, -256, -512, -2048, -4096,
           -0x20000)
REGISTERS = (0, 1, 2, 5, 8, 10, 15, 16, 31)
ROUNDING = ('rne', 'rtz', 'rdn', 'rup', 'rmm', None, None, 'dyn')
# The assembler names fli's immediate by its value.
NO_TEXT = ('fli',)
# These round nothing; binutils before 2.41 takes no rounding mode and writes 0.
NO_ROUNDING = ('fcvt.d.s', 'fcvt.d.w', 'fcvt.d.wu')


def candidates(field):
    if field.kind in 'xf':
        return REGISTERS
    if field.kind == 'csr':
        return (0x001, 0x300, 0x7c0, 0xc00)
    if field.kind == 'rm':
        return (0, 1, 4, 7)
    if field.kind == 'fence':
        return (1, 2, 3, 8, 15)
    if field.kind == 'flag':
        return (0, 1)
    return NUMBERS


def encodable(insn, field, xlen):
    if field.name == 'rm' and insn.name in NO_ROUNDING:
        return [0]
    values = []
    for value in candidates(field):
        # A compressed shift by 0 is a HINT that has no text.
        if field.name == 'shamt' and (field.below_xlen and value >= xlen or
                                      insn.size == 16 and value == 0):
            continue
        try:
            if value not in field.not_values:
                field.encode(value)
                values.append(value)
        except ValueError:
            pass
    return values


def operand_text(field, value, item):
    relative, _, shift = item
    if field.kind in 'xf':
        return '%s%d' % (field.kind, value)
    if field.kind == 'fence':
        return ''.join(c for i, c in enumerate('iorw') if value & 8 >> i)
    if field.kind == 'rm':
        return ROUNDING[value]
    if relative and not shift:
        return '.%+d' % value
    if shift:
        return '%#x' % (value >> shift & 0xfffff)
    return '%d' % value


def text_of(insn, values, operand_items):
    """Assembly of @insn with @values."""
    name = insn.name
    flags = ''.join(f for f in ('aq', 'rl') if values.get(f))
    name += '.' + flags if flags else ''
    out = ''
    for item in operand_items(insn.operands, insn.where):
        if isinstance(item, str):
            out += item
        elif item[1] in insn.fields:
            out += operand_text(insn.fields[item[1]], values[item[1]], item)
        else:
            out += item[1]
    if insn.name in NO_ROUNDING:
        out = out.rpartition(',')[0]
    return '%s %s' % (name, out)


def samples(insn, xlen):
    """A few assignments of values: each operand goes through its own, the others move along."""
    ranges = {n: encodable(insn, f, xlen) for n, f in insn.fields.items()}
    count = max((len(r) for r in ranges.values()), default=1)
    for i in range(count):
        yield {n: r[(i + 3 * k) % len(r)] for k, (n, r) in enumerate(ranges.items())}


class Assembler:
    def __init__(self):
        found = [t for t in TOOLS if shutil.which(t + 'as')]
        self.prefix = found[0] if found else None
        self.known = {}

    def knows(self, extension):
        """Whether -march takes @extension."""
        if extension not in self.known:
            separator = '_' if len(extension) > 1 else ''
            self.known[extension] = extension in 'iemafdc' or subprocess.run(
                [self.prefix + 'as', '-march=rv64g' + separator + extension, '-o', '/dev/null',
                 '/dev/null'], stderr=subprocess.DEVNULL, check=False).returncode == 0
        return self.known[extension]

    def assemble(self, lines, xlen, extensions):
        """The bytes that @lines become."""
        march = 'rv%dgc' % xlen + ''.join('_' + e for e in sorted(extensions) if len(e) > 1)
        with tempfile.TemporaryDirectory() as folder:
            source, objfile, binary = (os.path.join(folder, n) for n in ('a.s', 'a.o', 'a.bin'))
            with open(source, 'w', encoding='utf-8') as file:
                file.write('.option norelax\n' + '\n'.join(lines) + '\n')
            subprocess.run([self.prefix + 'as', '-march=' + march, '-mno-csr-check', '-o', objfile,
                            source], check=True)
            subprocess.run([self.prefix + 'objcopy', '-O', 'binary', '-j', '.text', objfile,
                            binary], check=True)
            with open(binary, 'rb') as file:
                return file.read()


def implied(extensions):
    """-march names that stand for ours: a part of g or c is no name of its own."""
    return {e for e in extensions if e not in ('zca', 'zcd', 'zaamo', 'zalrsc', 'zmmul')}


def check(insns, xlen, assembler, operand_items):
    """Number of samples compared; exits with a message at the first difference."""
    lines, words, extensions = [], [], set()
    for insn in insns:
        wanted = implied(insn.gate.extensions())
        if xlen not in insn.gate.xlens() or any(f.name in NO_TEXT for f in insn.fields.values()) \
                or not all(assembler.knows(e) for e in wanted):
            continue
        extensions |= wanted
        for values in samples(insn, xlen):
            word = insn.value
            for name, field in insn.fields.items():
                word |= field.encode(values[name])
            lines.append(text_of(insn, values, operand_items))
            words.append((word, insn))
    option = ['.option %s\n%s' % ('rvc' if i.size == 16 else 'norvc', line)
              for line, (_, i) in zip(lines, words)]
    data, at = assembler.assemble(option, xlen, extensions), 0
    for line, (word, insn) in zip(lines, words):
        size = insn.size // 8
        theirs = int.from_bytes(data[at:at + size], 'little')
        if theirs != word:
            sys.exit('rv%d: %s: the assembler says %#x, %s:%d says %#x' %
                     (xlen, line, theirs, *insn.where, word))
        at += size
    if at != len(data):
        sys.exit('rv%d: %d bytes assembled, %d expected' % (xlen, len(data), at))
    return len(words)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    parser.add_argument('--riscv', required=True, help='target/riscv')
    parser.add_argument('files', nargs='+')
    args = parser.parse_args()
    sys.path.insert(0, args.riscv)
    from decodegen import load          # pylint: disable=import-outside-toplevel
    from insnfile import operand_items  # pylint: disable=import-outside-toplevel
    assembler = Assembler()
    if not assembler.prefix:
        print('no RISC-V assembler')
        sys.exit(77)
    insns = load(os.path.join(args.riscv, 'ext.def'), args.files)
    for xlen in (32, 64):
        print('rv%d: %d instructions compared' %
              (xlen, check(insns, xlen, assembler, operand_items)))


if __name__ == '__main__':
    main()
