#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the decoder, the disassembler's table and the list of instructions from insns/*.insn.

    decodegen.py --ext-def ext.def --output-dir DIR insns/rv_i.insn ...

Writes into DIR:
    decode.h         argument structs, prototypes of the trans_ functions and of the decoder
    decode.c         riscv_decode16(), riscv_decode32(): switches on the encoding's fixed bits, then
                     the gate, then trans_<name>(ctx, args)
    insn-table.c     rows for disas.c (insn-table.h)
    encode.h         for tests: rv_add(rd, rs1, rs2) is the instruction word; operands in the order
                     of assembly, aq and rl last
    instructions.md  what the hart implements, for the manual

The language is described in insnfile.py. A mistake is reported as file:line: text, exit status 1;
a stanza without its trans_ function in the .c file beside it is one.
Tests: tests/unit/target/riscv/test-decodegen.py
"""

import argparse
import os
import re
import sys

from insnfile import ORDER, InsnError, InsnFile, extensions_of, operand_items

HEADER = ('/* SPDX-License-Identifier: MIT */\n'
          '/* Made by decodegen.py from the files insns/NAME.insn. */\n')


def shape_name(insn):
    """The argument struct of @insn: ArgsRdRs1Imm."""
    return 'Args' + ''.join(n.capitalize() for n in insn.operand_names())


def trans_params(insn):
    return 'DisasContext *ctx' + (', const %s *a' % shape_name(insn) if insn.fields else '')


def c_decode_h(insns):
    out = [HEADER, '#ifndef TARGET_RISCV_DECODE_H', '#define TARGET_RISCV_DECODE_H', '',
           '#include "target/riscv/translate.h"', '']
    shapes, symbols = {}, {}
    for insn in insns:
        if insn.expands is None:
            if insn.fields:
                shapes[shape_name(insn)] = insn.operand_names()
            symbols[insn.symbol] = insn
    for name in sorted(shapes):
        out += ['typedef struct %s {' % name,
                '    int %s;' % ', '.join(shapes[name]),
                '} %s;' % name, '']
    out += ['/* True if @insn is an instruction that this hart has: it has been translated. */',
            'bool riscv_decode16(DisasContext *ctx, uint32_t insn);',
            'bool riscv_decode32(DisasContext *ctx, uint32_t insn);', '']
    out += ['bool trans_%s(%s);' % (s, trans_params(symbols[s])) for s in sorted(symbols)]
    return '\n'.join(out + ['', '#endif', ''])


def piece_expr(pieces, signed, width):
    """C for the value of a field in `insn`."""
    if not pieces:
        return None
    terms = []
    for lsb, at, length in sorted(pieces, key=lambda p: -p[1]):
        top = signed and at + length == width
        term = '%s(insn, %d, %d)' % ('sextract32' if top else 'extract32', lsb, length)
        if at:
            term = '(%s%s << %d)' % ('(uint32_t)' if top else '', term, at)
        terms.append(term)
    if len(terms) == 1:
        return '(int)%s' % terms[0]
    return '(int)(%s)' % ' | '.join(terms)


def field_expr(field):
    expr = piece_expr(field.pieces, field.signed, field.width)
    if expr is None:
        return str(field.base)
    return '%d + %s' % (field.base, expr) if field.base else expr


def raw_bits(field, value):
    return sum(((value >> v) & ((1 << n) - 1)) << i for i, v, n in field.pieces)


class DecoderWriter:
    """Writes the switch tree of one instruction size."""

    def __init__(self):
        self.lines = []

    def put(self, depth, text):
        self.lines.append('    ' * depth + text)

    def conditions(self, insn, known):
        """C conditions on top of the bits @known that make a word this instruction."""
        conditions = []
        rest = insn.mask & ~known
        if rest:
            conditions.append('(insn & 0x%x) == 0x%x' % (rest, insn.value & rest))
        for name in insn.operand_names():
            field = insn.fields[name]
            for value in field.not_values:
                conditions.append('(insn & 0x%x) != 0x%x' % (field.mask(),
                                                             raw_bits(field, value)))
            if field.below_xlen:
                conditions.append('%s < ctx->xlen' % field_expr(field))
        gate = insn.gate.c_expr()
        if gate:
            conditions.append(gate)
        target = insn.target()
        if insn.expands and target.gate.text != insn.gate.text and target.gate.c_expr():
            conditions.append(target.gate.c_expr())
        if target.has_fp_operand():
            conditions.append('ctx->fs != 0')
        return conditions

    def leaf(self, insn, known, depth):
        conditions = self.conditions(insn, known)
        self.put(depth, '/* %s */' % insn.name)
        if conditions:
            self.put(depth, 'if (%s) {' % ' && '.join(conditions))
        inner = depth + bool(conditions)
        target = insn.target()
        if target.fields:
            fields = insn.mapped if insn.expands else insn.fields
            if not conditions:
                self.put(depth, '{')
                inner = depth + 1
            self.put(inner, 'const %s a = {' % shape_name(target))
            for name in target.operand_names():
                self.put(inner + 1, '.%s = %s,' % (name, field_expr(fields[name])))
            self.put(inner, '};')
            self.put(inner, 'return trans_%s(ctx, &a);' % target.symbol)
            if not conditions:
                self.put(depth, '}')
        else:
            self.put(inner, 'return trans_%s(ctx);' % target.symbol)
        if conditions:
            self.put(depth, '}')
        return not conditions

    @staticmethod
    def best_run(insns, common):
        """The contiguous run of bits of @common that tells most of @insns apart."""
        runs, lsb = [], 0
        while common >> lsb:
            if common >> lsb & 1:
                length = 0
                while common >> (lsb + length) & 1:
                    length += 1
                mask = ((1 << length) - 1) << lsb
                runs.append((len({i.value & mask for i in insns}), -length, lsb, length))
                lsb += length
            else:
                lsb += 1
        count, _, lsb, length = max(runs)
        return count, lsb, length

    def tree(self, insns, known, depth):
        """Code that tries @insns; returns True if it never falls out."""
        common = ~known & 0xffffffff
        for insn in insns:
            common &= insn.mask
        if len(insns) > 1 and common:
            count, lsb, length = self.best_run(insns, common)
            mask = ((1 << length) - 1) << lsb
            if count > 1:
                self.switch(insns, known, lsb, length, depth)
                return False
            self.put(depth, 'if ((insn & 0x%x) == 0x%x) {' % (mask, insns[0].value & mask))
            self.tree(insns, known | mask, depth + 1)
            self.put(depth, '}')
            return False
        ended = False
        for insn in sorted(insns, key=lambda i: (i.within is None, -bin(i.mask).count('1'))):
            ended = self.leaf(insn, known, depth)
        return ended

    def switch(self, insns, known, lsb, length, depth):
        mask = ((1 << length) - 1) << lsb
        groups = {}
        for insn in insns:
            groups.setdefault((insn.value & mask) >> lsb, []).append(insn)
        self.put(depth, 'switch (extract32(insn, %d, %d)) {' % (lsb, length))
        for value in sorted(groups):
            self.put(depth, 'case 0x%x:' % value)
            if not self.tree(groups[value], known | mask, depth + 1):
                self.put(depth + 1, 'break;')
        self.put(depth, '}')


def c_decode_c(insns):
    out = [HEADER, '#include "qemu/osdep.h"', '', '#include "qemu/bitops.h"',
           '#include "target/riscv/decode.h"', '']
    for size in (16, 32):
        writer = DecoderWriter()
        writer.tree([i for i in insns if i.size == size], 0 if size == 16 else 3, 1)
        out += ['bool riscv_decode%d(DisasContext *ctx, uint32_t insn)' % size, '{']
        out += writer.lines + ['    return false;', '}', '']
    return '\n'.join(out)


class TableWriter:
    """Writes the rows of insn-table.h's structs."""

    def __init__(self):
        self.rows, self.fields, self.aliases, self.conditions = [], [], [], []

    def add_fields(self, insn):
        fields = insn.mapped if insn.expands else insn.fields
        first = len(self.fields)
        for name in sorted(fields, key=ORDER.get):
            field = fields[name]
            pieces = ', '.join('{%d, %d, %d}' % p for p in field.pieces)
            self.fields.append('{RISCV_OPERAND_%s, %d, %s, %d, {%s}},' % (
                name, field.base, 'true' if field.signed else 'false', len(field.pieces),
                pieces or '{0}'))
        return first, len(fields)

    def add_reserved(self, insn):
        """Encodings to reject, as conditions on the word: (mask, value) pairs."""
        pairs = []
        for name in insn.operand_names():
            field = insn.fields[name]
            pairs += [(field.mask(), raw_bits(field, v)) for v in field.not_values]
        if len(pairs) > 2:
            raise InsnError(insn.where, 'more than two reserved values')
        return ', '.join('{0x%x, 0x%x}' % p for p in pairs) or '{0}', len(pairs)

    def add_aliases(self, insn):
        first = len(self.aliases)
        for name, operands, conditions in insn.aliases:
            at = len(self.conditions)
            for operand, value in conditions.items():
                same = isinstance(value, str)
                self.conditions.append('{RISCV_OPERAND_%s, %s, %s},' % (
                    operand, 'true' if same else 'false',
                    'RISCV_OPERAND_%s' % value if same else value))
            self.aliases.append('{"%s", "%s", %d, %d},' % (name, operands.replace(', ', ','), at,
                                                           len(conditions)))
        return first, len(insn.aliases)

    def add(self, insn):
        target = insn.target()
        xlens = insn.gate.xlens()
        reserved, nreserved = self.add_reserved(insn)
        first_field, nfields = self.add_fields(insn)
        if not insn.expands:
            insn.alias_range = self.add_aliases(insn)
        self.rows.append('{"%s", "%s", 0x%x, 0x%x, {%s}, %d, %d, %s, %s, %d, %d, %d, %d},' % (
            (target.name, target.operands.replace(', ', ','), insn.mask, insn.value, reserved,
             nreserved, insn.size // 8, 'true' if 32 in xlens else 'false',
             'true' if 64 in xlens else 'false', first_field, nfields) + target.alias_range))


def c_table(insns):
    table = TableWriter()
    order = sorted(insns, key=lambda i: (i.expands is not None, i.within is None,
                                         -bin(i.mask).count('1')))
    for insn in order:
        table.add(insn)
    out = [HEADER, '#include "qemu/osdep.h"', '', '#include "target/riscv/insn-table.h"', '']
    for kind, name, rows in (('RISCVInsnField', 'fields', table.fields),
                             ('RISCVInsnCondition', 'conditions', table.conditions),
                             ('RISCVInsnAlias', 'aliases', table.aliases),
                             ('RISCVInsnRow', 'rows', table.rows)):
        out += ['const %s riscv_insn_%s[] = {' % (kind, name)]
        out += ['    ' + row for row in rows] + ['};', '']
    return '\n'.join(out + ['const unsigned riscv_insn_nrows = %d;' % len(table.rows), ''])


def encode_order(insn):
    """Operands as they stand in assembly, then those that have no place there."""
    names = [i[1] for i in operand_items(insn.operands, insn.where) if not isinstance(i, str)]
    names = [n for n in names if n in insn.fields]
    return names + [n for n in insn.operand_names() if n not in names]


def c_encode_h(insns):
    out = [HEADER, '#ifndef TARGET_RISCV_ENCODE_H', '#define TARGET_RISCV_ENCODE_H', '']
    for insn in insns:
        twin = any(i.name == insn.name and i is not insn for i in insns)
        suffix = '_rv%d' % min(insn.gate.xlens()) if twin else ''
        terms = ['0x%xu' % insn.value]
        for name, field in sorted(insn.fields.items()):
            value = '((uint32_t)%s - %d)' % (name, field.base) if field.base else \
                '(uint32_t)%s' % name
            terms += ['(%s >> %d & 0x%x) << %d' % (value, v, (1 << n) - 1, i)
                      for i, v, n in field.pieces]
        params = ', '.join('int ' + n for n in encode_order(insn)) or 'void'
        out += ['static inline uint%d_t rv_%s%s(%s)' % (insn.size, insn.symbol, suffix, params),
                '{', '    return %s;' % ' |\n           '.join(terms), '}']
    return '\n'.join(out + ['', '#endif', ''])


def diagram(insn):
    """The encoding as bits and letters, most significant first."""
    text = ['-'] * insn.size
    for bit in range(insn.size):
        if insn.mask >> bit & 1:
            text[bit] = str(insn.value >> bit & 1)
    for field in insn.fields.values():
        for lsb, _, length in field.pieces:
            for bit in range(lsb, lsb + length):
                text[bit] = field.name[0]
    return ''.join(reversed(text))


def markdown(insns):
    out = ['# Instructions', '', 'Every instruction that the RISC-V hart executes. Made from',
           '`target/riscv/insns/*.insn`; *when* is the extension that must be on.', '']
    for ext in sorted({i.ext for i in insns}):
        out += ['## %s' % ext, '', '| instruction | operands | encoding | when |',
                '|---|---|---|---|']
        for insn in insns:
            if insn.ext == ext:
                out.append('| `%s` | %s | `%s` | %s |' % (insn.name, insn.operands, diagram(insn),
                                                         insn.gate.text))
        out.append('')
    return '\n'.join(out)


def check_trans(insns, read_source):
    """Every stanza has its function in the .c file of the same name."""
    sources = {}
    for insn in insns:
        if insn.expands:
            continue
        path = re.sub(r'\.insn$', '.c', insn.where[0])
        if path not in sources:
            sources[path] = read_source(path)
        if not re.search(r'^(bool trans_|TRANS_\w+\()%s\b' % insn.symbol, sources[path], re.M):
            raise InsnError(insn.where, 'no trans_%s() in %s' % (insn.symbol, path))


def read_text(path):
    if not os.path.exists(path):
        return ''
    with open(path, encoding='utf-8') as file:
        return file.read()


def load(ext_def, paths):
    """All instructions of @paths, checked."""
    files = InsnFile(extensions_of(read_text(ext_def)))
    for path in paths:
        files.read(path, read_text(path))
    files.finish()
    for insn in files.insns:
        for _, operands, _ in insn.aliases:
            operand_items(operands, insn.where)
    return files.insns


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    parser.add_argument('--ext-def', required=True)
    parser.add_argument('--output-dir', required=True)
    parser.add_argument('files', nargs='+')
    args = parser.parse_args()
    try:
        insns = load(args.ext_def, args.files)
        check_trans(insns, read_text)
        outputs = {'decode.h': c_decode_h(insns), 'decode.c': c_decode_c(insns),
                   'insn-table.c': c_table(insns), 'encode.h': c_encode_h(insns),
                   'instructions.md': markdown(insns)}
    except InsnError as error:
        sys.exit(str(error))
    for name, text in outputs.items():
        with open(os.path.join(args.output_dir, name), 'w', encoding='utf-8') as file:
            file.write(text)


if __name__ == '__main__':
    main()
