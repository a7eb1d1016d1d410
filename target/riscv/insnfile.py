# SPDX-License-Identifier: MIT
"""Reader of target/riscv/insns/*.insn, the only description of an instruction.

What it does: parses stanzas into Insn objects and refuses what cannot be right (undefined or
incomplete fields, unknown extensions, two encodings that could both match). What it does not do:
write anything; decodegen.py makes C and documentation from it, tests/insns/gentests.py tests.

The language, by example:

    requires zbb and rv64                 # gate of all stanzas below, until the next such line
    ror  0110000 rs2:5 rs1:5 101 rd:5 0110011   "rd, rs1, rs2"
      alias mv "rd, rs1"  rs2=0           # what the disassembler shows instead, first match
      test rs1=1 rs2=4 -> rd=1<<60        # see tests/insns/gentests.py

Encoding, most significant bit first, tokens from the manual's diagrams:
    0110000         fixed bits; a '.' is a bit that is ignored
    rs1:5           an operand of 5 bits; rs1':3 stands for registers x8 to x15
    imm[12|10:5]    pieces of an immediate; all tokens of one name together give its bits
    rd:5!={0,2}     values that are reserved here; shamt:6<xlen likewise
    nzimm[5]        as imm, zero reserved
Operand string, as in assembly: names, punctuation; imm>>12 shows a scaled value and pc+imm the
target of a jump. `imm` is sign-extended, `uimm` and `shamt` are not.
After it: `= addi rd, x2, uimm` makes the instruction another name for one of 32 bits, operands in
the order of that one's string; `within fence` says that the encoding is a part of fence's, which
is what it means where the gate is closed.
"""

import re

# Operand names and what they are. Registers are numbers to a trans_ function.
OPERANDS = {
    'rd': 'x', 'rs1': 'x', 'rs2': 'x', 'rs3': 'x',
    'fd': 'f', 'fs1': 'f', 'fs2': 'f', 'fs3': 'f',
    'imm': 'int', 'uimm': 'uint', 'shamt': 'uint', 'csr': 'csr',
    'rm': 'rm', 'aq': 'flag', 'rl': 'flag', 'fli': 'fli',
    'fm': 'uint', 'pred': 'fence', 'succ': 'fence',
}
ORDER = {name: i for i, name in enumerate(OPERANDS)}

TOKEN_BITS = re.compile(r'[01.]+$')
TOKEN_FIELD = re.compile(r"([a-z][a-z0-9]*)('?):(\d+)(?:!=\{?([\d,]+)\}?|<(xlen))?$")
TOKEN_PIECES = re.compile(r'(nz)?([a-z][a-z0-9]*)\[([\d:|]+)\]$')
NAME = re.compile(r'[a-z][a-z0-9]*(\.[a-z0-9]+)*$')


class InsnError(Exception):
    """A mistake in an .insn file, located."""

    def __init__(self, where, text):
        super().__init__('%s:%d: %s' % (where[0], where[1], text))


class Gate:
    """A `requires` expression: names of extensions, rv32, rv64, base, and, or, not, ( )."""

    def __init__(self, text, known, where):
        self.text = text
        self.where = where
        self.tokens = re.findall(r'[A-Za-z0-9_]+|[()]|\S', text)
        self.known = known
        self.tree = self._or()
        if self.tokens:
            raise InsnError(where, "unexpected '%s' in requires" % self.tokens[0])

    def _take(self, token):
        if self.tokens and self.tokens[0] == token:
            self.tokens.pop(0)
            return True
        return False

    def _or(self):
        parts = [self._and()]
        while self._take('or'):
            parts.append(self._and())
        return parts[0] if len(parts) == 1 else ('or', parts)

    def _and(self):
        parts = [self._atom()]
        while self._take('and'):
            parts.append(self._atom())
        return parts[0] if len(parts) == 1 else ('and', parts)

    def _atom(self):
        if self._take('not'):
            return ('not', [self._atom()])
        if self._take('('):
            tree = self._or()
            if not self._take(')'):
                raise InsnError(self.where, "missing ')' in requires")
            return tree
        if not self.tokens:
            raise InsnError(self.where, 'requires ends too early')
        name = self.tokens.pop(0)
        if name not in self.known and name not in ('rv32', 'rv64', 'base'):
            raise InsnError(self.where, "'%s' is not an extension of ext.def" % name)
        return ('name', name)

    def _may_hold(self, tree, xlen):
        kind, arg = tree
        if kind == 'name':
            return arg not in ('rv32', 'rv64') or arg == 'rv%d' % xlen
        if kind == 'not':
            inner = arg[0]
            if inner[0] == 'name' and inner[1] in ('rv32', 'rv64'):
                return not self._may_hold(inner, xlen)
            return True
        return (all if kind == 'and' else any)(self._may_hold(t, xlen) for t in arg)

    def xlens(self):
        """The XLENs at which it can hold."""
        return {x for x in (32, 64) if self._may_hold(self.tree, x)}

    def extensions(self, tree=None):
        """Names of extensions in it, sorted."""
        kind, arg = tree or self.tree
        if kind == 'name':
            return [] if arg in ('rv32', 'rv64', 'base') else [arg]
        return sorted({e for t in arg for e in self.extensions(t)})

    def c_expr(self, tree=None):
        """C over `ctx`, or None if it always holds."""
        kind, arg = tree or self.tree
        if kind == 'name':
            if arg == 'base':
                return None
            if arg in ('rv32', 'rv64'):
                return 'ctx->xlen == %s' % arg[2:]
            return 'ctx->cfg->ext_%s' % arg
        if kind == 'not':
            return '!(%s)' % self.c_expr(arg[0])
        parts = [self.c_expr(t) for t in arg]
        if kind == 'and':
            parts = [p for p in parts if p]
            return '(%s)' % ' && '.join(parts) if parts else None
        return None if None in parts else '(%s)' % ' || '.join(parts)


class Field:
    """One operand in an encoding: base + the pieces, each (insn_lsb, value_lsb, len)."""

    def __init__(self, name, base=0):
        self.name = name
        self.kind = OPERANDS[name]
        self.base = base
        self.pieces = []
        self.not_values = []
        self.below_xlen = False
        self.max_bit = None

    @property
    def signed(self):
        return self.kind == 'int'

    @property
    def width(self):
        """Bits of the value, low zero bits included."""
        return max((v + n for _, v, n in self.pieces), default=0)

    @property
    def scale(self):
        """Number of low bits that are always zero."""
        return min((v for _, v, _ in self.pieces), default=0)

    def mask(self):
        return sum(((1 << n) - 1) << i for i, _, n in self.pieces)

    def encode(self, value):
        """The bits of @value in place; ValueError if it does not fit."""
        raw = value - self.base
        low, high = (-(1 << (self.width - 1)), 1 << (self.width - 1)) if self.signed else \
                    (0, 1 << self.width)
        if not (low <= raw < high or not self.pieces and raw == 0) or raw % (1 << self.scale):
            raise ValueError('%s=%d cannot be encoded' % (self.name, value))
        return sum(((raw >> v) & ((1 << n) - 1)) << i for i, v, n in self.pieces)

    def fixed_value(self, mask, value):
        """Its raw value if bits @mask of the instruction are @value and decide it, else None."""
        if self.mask() & ~mask:
            return None
        return sum(((value >> i) & ((1 << n) - 1)) << v for i, v, n in self.pieces)

    def check(self, where):
        bits = sorted(b for _, v, n in self.pieces for b in range(v, v + n))
        if bits != list(range(bits[0], bits[-1] + 1)):
            raise InsnError(where, "bits of '%s' are missing or given twice" % self.name)


class Insn:
    """One stanza."""

    def __init__(self, name, where, gate, ext):
        self.name = name
        self.where = where
        self.gate = gate
        self.ext = ext          # base name of the file: rv_i
        self.size = 0           # bits
        self.mask = self.value = 0
        self.fields = {}
        self.operands = ''
        self.expands = None     # ('addi', 'rd, x2, uimm'), then the Insn
        self.within = None      # name, then the Insn
        self.aliases = []       # (name, operand string or None, {operand: int or operand name})
        self.tests = []         # (where, text)

    @property
    def symbol(self):
        return self.name.replace('.', '_')

    def operand_names(self):
        """Operands of the instruction in canonical order."""
        return sorted(self.fields, key=ORDER.get)

    def target(self):
        """The instruction whose trans_ function serves this one."""
        return self.expands or self

    def has_fp_operand(self):
        return any(f.kind == 'f' for f in self.fields.values())

    def may_match(self, mask, value):
        """Can an instruction word with these fixed bits be this instruction."""
        if (self.value ^ value) & self.mask & mask:
            return False
        mask, value = mask | self.mask, value | self.value
        return not any(f.fixed_value(mask, value) in f.not_values for f in self.fields.values())


def _parse_pieces(insn, text, lsb_of, field, where):
    """imm[12|10:5]: add its pieces; @lsb_of is the number of bits still to the right."""
    ranges = []
    for part in text.split('|'):
        numbers = part.split(':')
        if not 1 <= len(numbers) <= 2 or not all(n.isdigit() for n in numbers):
            raise InsnError(where, "'%s' is no list of bits" % text)
        high, low = int(numbers[0]), int(numbers[-1])
        if high < low:
            raise InsnError(where, "'%s': high bit first" % text)
        ranges.append((high, low))
    lsb = lsb_of
    for high, low in reversed(ranges):
        field.pieces.append((lsb, low, high - low + 1))
        lsb += high - low + 1


def _token_len(token):
    if TOKEN_BITS.match(token):
        return len(token)
    match = TOKEN_FIELD.match(token)
    if match:
        return int(match.group(3))
    match = TOKEN_PIECES.match(token)
    if not match:
        return None
    total = 0
    for part in match.group(3).split('|'):
        numbers = part.split(':')
        if not all(numbers):
            return None
        total += int(numbers[0]) - int(numbers[-1]) + 1
    return total


def _field_of(insn, name, where):
    if name not in OPERANDS:
        raise InsnError(where, "undefined field '%s'" % name)
    return insn.fields.setdefault(name, Field(name))


def _parse_encoding(insn, tokens):
    where = insn.where
    lengths = [_token_len(t) for t in tokens]
    for token, length in zip(tokens, lengths):
        if length is None:
            raise InsnError(where, "cannot read '%s' in the encoding" % token)
    insn.size = sum(lengths)
    if insn.size not in (16, 32):
        raise InsnError(where, '%s has %d bits, not 16 or 32' % (insn.name, insn.size))
    lsb = insn.size
    for token, length in zip(tokens, lengths):
        lsb -= length
        if TOKEN_BITS.match(token):
            for i, bit in enumerate(reversed(token)):
                insn.mask |= (bit != '.') << (lsb + i)
                insn.value |= (bit == '1') << (lsb + i)
            continue
        match = TOKEN_FIELD.match(token)
        if match:
            field = _field_of(insn, match.group(1), where)
            if field.pieces:
                raise InsnError(where, "field '%s' is given twice" % field.name)
            field.base = 8 if match.group(2) else 0
            field.pieces.append((lsb, 0, length))
            field.not_values += [int(v) for v in (match.group(4) or '').split(',') if v]
            field.below_xlen = bool(match.group(5))
            continue
        match = TOKEN_PIECES.match(token)
        field = _field_of(insn, match.group(2), where)
        _parse_pieces(insn, match.group(3), lsb, field, where)
        if match.group(1) and 0 not in field.not_values:
            field.not_values.append(0)
    for field in insn.fields.values():
        field.check(where)
    if (insn.size == 32) != (insn.value & insn.mask & 3 == 3 and insn.mask & 3 == 3):
        raise InsnError(where, 'the low two bits do not say %d bits' % insn.size)


OPERAND_ITEM = re.compile(r'(pc\+)?([a-z][a-z0-9]*|\d+)(?:>>(\d+))?|([(),]) ?')


def operand_items(text, where):
    """An operand string as a list of (pc-relative, name, shift) and punctuation strings."""
    items, at = [], 0
    while at < len(text):
        match = OPERAND_ITEM.match(text, at)
        if not match:
            raise InsnError(where, "cannot read '%s' in the operands" % text[at:])
        at = match.end()
        items.append(match.group(4) or
                     (bool(match.group(1)), match.group(2), int(match.group(3) or 0)))
    return items


def _check_operands(insn, text, fields):
    for item in operand_items(text, insn.where):
        if not isinstance(item, str) and item[1] not in fields and \
                not re.match(r'x\d+$', item[1]):
            raise InsnError(insn.where, "operand '%s' is not a field of %s" % (item[1], insn.name))


STANZA = re.compile(r'(\S+)\s+([^"]*?)\s*"([^"]*)"\s*(.*)$')
ALIAS = re.compile(r'alias\s+(\S+)\s*(?:"([^"]*)")?\s*(.*)$')


class InsnFile:
    """Reads files one after another; finish() connects and checks them all."""

    def __init__(self, extensions):
        self.known = set(extensions)
        self.insns = []

    def read(self, path, text):
        ext = re.sub(r'.*/|\.insn$', '', path)
        gate, insn = None, None
        for number, line in enumerate(text.split('\n'), 1):
            where = (path, number)
            line = re.sub(r'(^|\s)#.*', '', line).rstrip()
            if not line:
                continue
            words = line.split()
            if line[0].isspace():
                if insn is None:
                    raise InsnError(where, 'belongs to no instruction')
                self._detail(insn, line.strip(), where)
            elif words[0] == 'requires':
                gate = Gate(line[len('requires'):].strip(), self.known, where)
                if not gate.xlens():
                    raise InsnError(where, 'holds for no XLEN')
            else:
                if gate is None:
                    raise InsnError(where, 'an instruction before any requires line')
                insn = self._stanza(line, where, gate, ext)
                self.insns.append(insn)

    def _stanza(self, line, where, gate, ext):
        match = STANZA.match(line)
        if not match or not NAME.match(match.group(1)):
            raise InsnError(where, 'expected: name encoding "operands"')
        insn = Insn(match.group(1), where, gate, ext)
        _parse_encoding(insn, match.group(2).split())
        insn.operands = match.group(3)
        _check_operands(insn, insn.operands, insn.fields)
        rest = match.group(4)
        if rest.startswith('within '):
            insn.within = rest[len('within '):].strip()
        elif rest.startswith('= '):
            name, _, operands = rest[2:].strip().partition(' ')
            insn.expands = (name, operands.strip())
        elif rest:
            raise InsnError(where, "expected '= instruction' or 'within instruction'")
        return insn

    @staticmethod
    def _detail(insn, text, where):
        match = ALIAS.match(text)
        if match:
            conditions = {}
            for word in match.group(3).split():
                name, _, value = word.partition('=')
                if name not in insn.fields or not (value in insn.fields or
                                                   re.match(r'-?(0x)?[0-9a-f]+$', value)):
                    raise InsnError(where, "'%s' is no condition on %s" % (word, insn.name))
                conditions[name] = value if value in insn.fields else int(value, 0)
            _check_operands(insn, match.group(2) or '', insn.fields)
            insn.aliases.append((match.group(1), match.group(2) or '', conditions))
        elif text.startswith('test '):
            insn.tests.append((where, text[len('test '):]))
        else:
            raise InsnError(where, "expected 'alias' or 'test'")

    def finish(self):
        """Connect expansions and parts, then check that no two encodings overlap."""
        by_name = {}
        for insn in self.insns:
            first = by_name.setdefault(insn.name, insn)
            if first is not insn and (first.gate.xlens() & insn.gate.xlens() or
                                      first.operand_names() != insn.operand_names()):
                raise InsnError(insn.where, '%s is already described at %s:%d' %
                                ((insn.name,) + first.where))
        for insn in self.insns:
            if insn.expands:
                self._expand(insn, by_name)
            if insn.within:
                base = by_name.get(insn.within)
                if base is None or base.size != insn.size or base.mask & ~insn.mask or \
                        (insn.value ^ base.value) & base.mask:
                    raise InsnError(insn.where, '%s is no part of %s' % (insn.name, insn.within))
                insn.within = base
        self._check_overlap()

    @staticmethod
    def _expand(insn, by_name):
        name, operands = insn.expands
        target = by_name.get(name)
        if target is None or target.expands:
            raise InsnError(insn.where, "cannot expand to '%s'" % name)
        given = operand_items(operands, insn.where)
        wanted = operand_items(target.operands, target.where)
        if len(given) != len(wanted):
            raise InsnError(insn.where, 'operands of %s are "%s"' % (name, target.operands))
        mapped = {}
        for have, want in zip(given, wanted):
            if isinstance(have, str) or isinstance(want, str):
                if have != want:
                    raise InsnError(insn.where, 'operands of %s are "%s"' %
                                    (name, target.operands))
                continue
            mapped[want[1]] = InsnFile._mapped_field(insn, have[1], want[1])
            if target.fields[want[1]].below_xlen and have[1] in insn.fields:
                insn.fields[have[1]].below_xlen = True
        if set(mapped) != set(target.fields):
            raise InsnError(insn.where, '%s needs %s' % (name, ', '.join(target.operand_names())))
        insn.expands = target
        insn.mapped = mapped

    @staticmethod
    def _mapped_field(insn, have, want):
        register = re.match(r'x(\d+)$', have)
        if have in insn.fields:
            source = insn.fields[have]
            field = Field(want, source.base)
            field.kind = source.kind
            field.pieces = source.pieces
            return field
        if register and OPERANDS[want] == 'x':
            return Field(want, int(register.group(1)))
        if have.isdigit() and OPERANDS[want] in ('int', 'uint'):
            return Field(want, int(have))
        raise InsnError(insn.where, "operand '%s' is not a field of %s" % (have, insn.name))

    def _check_overlap(self):
        for i, a in enumerate(self.insns):
            for b in self.insns[:i]:
                if a.size != b.size or not a.gate.xlens() & b.gate.xlens() or \
                        a.within is b or b.within is a:
                    continue
                if b.may_match(a.mask, a.value) and a.may_match(b.mask, b.value):
                    raise InsnError(a.where, '%s overlaps %s at %s:%d' %
                                    ((a.name, b.name) + b.where))


def extensions_of(text):
    """Names in ext.def."""
    return re.findall(r'^(?:MISA|EXT)\((\w+),', text, re.M)
