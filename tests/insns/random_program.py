# SPDX-License-Identifier: MIT
"""Random programs for a bare RISC-V machine, made of the instructions of the .insn files.

A program is a series of blocks. Each loads all registers with awkward values, executes random
instructions on them and on a data area, and prints one line: a checksum of all registers, flags,
the data area, and the exceptions that the instructions raised. Two emulators that print the same
lines agree; the first line that differs names the block. Branches go forward, over a few
instructions; indirect jumps and privileged instructions are left out.

Assembles with the encodings of the .insn files: no toolchain is needed. The machine is "virt": RAM
at 0x80000000, where the image runs, a 16550 at 0x10000000, the test device at 0x100000.
"""

import random
import struct

IMAGE = 0x80000000
UART = 0x10000000
TEST_DEVICE, TEST_PASS = 0x100000, 0x5555

LEFT_OUT = {
    'jalr', 'auipc', 'ecall', 'ebreak', 'mret', 'sret', 'wfi', 'sfence.vma', 'fence.i', 'pause',
    'wrs.nto', 'wrs.sto', 'c.jr', 'c.jalr', 'c.ebreak', 'csrrw', 'csrrs', 'csrrc', 'csrrwi',
    'csrrsi', 'csrrci',
}
# What hold addresses in the data area, the last one a misaligned one; what the trap handler uses.
SP, S0, S1 = 2, 8, 9
BASES = (SP, S0, S1)
HANDLER = (29, 30, 31)
RESERVED = BASES + HANDLER
DATA_WORDS = 1024  # half before, half behind the address that the bases hold
MSTATUS, MTVEC, MSCRATCH, MEPC, MCAUSE, MTVAL, FCSR, FRM = \
    0x300, 0x305, 0x340, 0x341, 0x342, 0x343, 0x003, 0x002


class Program:
    """An image under construction. Operands may be label names: then pc-relative."""

    def __init__(self, insns):
        self.insns = {i.name: i for i in reversed(insns) if 64 in i.gate.xlens()}
        self.items = []  # (address, size, function of the labels to bytes)
        self.labels = {}
        self.at = IMAGE

    def _add(self, size, make):
        self.items.append((self.at, make))
        self.at += size

    def word(self, value, size):
        self._add(size, lambda: value.to_bytes(size, 'little'))

    def dwords(self, values):
        self._add(8 * len(values), lambda: struct.pack('<%dQ' % len(values), *values))

    def align(self, size):
        while self.at % size:
            self.word(0x0001, 2)  # c.nop

    def label(self, name):
        self.labels[name] = self.at

    def emit(self, name, **operands):
        insn, here = self.insns[name], self.at

        def make():
            word = insn.value
            for operand, field in insn.fields.items():
                value = operands.get(operand, 0)
                word |= field.encode(self.labels[value] - here if isinstance(value, str) else value)
            return word.to_bytes(insn.size // 8, 'little')
        self._add(insn.size // 8, make)

    def la(self, reg, label):
        here = self.at

        def part(high):
            offset = self.labels[label] - here
            low = (offset & 0xfff) - ((offset & 0x800) << 1)
            insn = self.insns['auipc' if high else 'addi']
            word = insn.value | insn.fields['rd'].encode(reg)
            if high:
                word |= insn.fields['imm'].encode(offset - low)
            else:
                word |= insn.fields['imm'].encode(low) | insn.fields['rs1'].encode(reg)
            return word.to_bytes(4, 'little')
        self._add(4, lambda: part(True))
        self._add(4, lambda: part(False))

    def image(self):
        return b''.join(make() for _, make in self.items)


class Values:
    """Operands at which instructions go wrong more often than at uniformly random ones."""

    INTEGERS = (0, 1, -1, 1 << 63, (1 << 63) - 1, 1 << 31, (1 << 31) - 1, -(1 << 31), 0xffffffff)
    EXPONENT_BIAS = {32: 127, 64: 1023}
    FRACTION = {32: 23, 64: 52}

    def __init__(self, rng):
        self.rng = rng

    def integer(self):
        rng = self.rng
        kind = rng.randrange(5)
        if kind == 0:
            value = rng.choice(self.INTEGERS)
        elif kind == 1:
            value = rng.getrandbits(32) - (1 << 31)
        else:
            value = rng.getrandbits(rng.randrange(1, 65))
        return value & (1 << 64) - 1

    def float_bits(self, width):
        rng, fraction = self.rng, self.FRACTION[width]
        top = (1 << (width - 1 - fraction)) - 1
        exponent = rng.choice((0, 1, top - 1, top, rng.randrange(top + 1),
                               self.EXPONENT_BIAS[width] + rng.randrange(-70, 70)))
        bits = rng.choice((0, 1, 1 << (fraction - 1), (1 << fraction) - 1,
                           rng.getrandbits(fraction), rng.getrandbits(fraction)))
        return rng.getrandbits(1) << (width - 1) | exponent << fraction | bits

    def fp_register(self):
        """A double, a boxed single, or a single that lacks its box."""
        kind = self.rng.randrange(8)
        if kind < 3:
            return 0xffffffff << 32 | self.float_bits(32)
        return self.integer() if kind == 3 else self.float_bits(64)


class Chooser:
    """Picks instructions and operands."""

    def __init__(self, rng, insns):
        self.rng = rng
        # QEMU 11 lets sc.w after lr.d store, and report that it failed.
        width = rng.choice(('.w', '.d'))
        pairs = [p + width for p in ('lr', 'sc')]
        self.insns = [i for i in insns if 64 in i.gate.xlens() & i.target().gate.xlens() and
                      i.name not in LEFT_OUT and i.name not in pairs]

    @staticmethod
    def is_jump(insn):
        return 'pc+imm' in insn.operands

    def operand(self, insn, name, field):
        rng = self.rng
        if field.kind == 'x':
            if name == 'rd':
                return rng.choice([r for r in range(32) if r not in RESERVED])
            if name == 'rs1' and '(rs1)' in insn.operands:
                return rng.choice(BASES)
            return rng.choice([r for r in range(32) if r not in HANDLER])
        if field.kind == 'f':
            return rng.randrange(32)
        value = rng.getrandbits(field.width)
        if field.signed and value >> (field.width - 1):
            value -= 1 << field.width
        return value >> field.scale << field.scale

    def operands(self, insn):
        """Operand values that the encoding takes."""
        values = {}
        for name, field in insn.fields.items():
            while name not in values:
                value = self.operand(insn, name, field)
                try:
                    field.encode(value)
                except ValueError:
                    continue
                if value not in field.not_values:
                    values[name] = value
        return values

    def one(self):
        """(Insn, operands) that writes none of the reserved registers."""
        while True:
            insn = self.rng.choice(self.insns)
            target = insn.mapped.get('rd') if insn.expands else None
            if not (target and not target.pieces and target.base in RESERVED):
                return insn, self.operands(insn)


def _start(program):
    emit = program.emit
    emit('lui', rd=5, imm=0x6000)
    emit('csrrs', rd=0, csr=MSTATUS, rs1=5)  # FS
    program.la(5, 'handler')
    emit('csrrw', rd=0, csr=MTVEC, rs1=5)
    emit('jal', rd=0, imm='block0')


def _handler(program):
    """Append cause, value and pc to the log and go on behind the instruction."""
    emit = program.emit
    program.align(4)
    program.label('handler')
    emit('csrrw', rd=0, csr=MSCRATCH, rs1=28)
    program.la(30, 'log')
    emit('ld', rd=29, rs1=30, imm=0)
    emit('add', rd=29, rs1=29, rs2=30)
    for i, csr in enumerate((MCAUSE, MTVAL, MEPC)):
        emit('csrrs', rd=28, csr=csr, rs1=0)
        emit('sd', rs2=28, rs1=29, imm=8 + 8 * i)
    emit('sub', rd=29, rs1=29, rs2=30)
    emit('addi', rd=29, rs1=29, imm=24)
    emit('sd', rs2=29, rs1=30, imm=0)
    emit('lhu', rd=29, rs1=28, imm=0)
    emit('andi', rd=29, rs1=29, imm=3)
    emit('addi', rd=28, rs1=28, imm=2)
    emit('addi', rd=29, rs1=29, imm=-3)
    emit('bne', rs1=29, rs2=0, imm='short')
    emit('addi', rd=28, rs1=28, imm=2)
    program.label('short')
    emit('csrrw', rd=0, csr=MEPC, rs1=28)
    emit('csrrs', rd=28, csr=MSCRATCH, rs1=0)
    emit('mret')


def _report(program):
    """Print the checksum of everything from `results` to `end`; return to x1. Clears the log."""
    emit = program.emit
    program.label('report')
    program.la(5, 'results')
    program.la(6, 'end')
    emit('lui', rd=8, imm=0x01000000)
    emit('addi', rd=8, rs1=8, imm=0x193)
    emit('addi', rd=7, rs1=0, imm=1)
    program.label('sum')
    emit('ld', rd=9, rs1=5, imm=0)
    emit('xor', rd=7, rs1=7, rs2=9)
    emit('mul', rd=7, rs1=7, rs2=8)
    emit('srli', rd=9, rs1=7, shamt=29)
    emit('xor', rd=7, rs1=7, rs2=9)
    emit('addi', rd=5, rs1=5, imm=8)
    emit('bltu', rs1=5, rs2=6, imm='sum')
    program.la(5, 'log')
    emit('sd', rs2=0, rs1=5, imm=0)
    emit('lui', rd=5, imm=UART)
    emit('addi', rd=6, rs1=0, imm=16)
    program.label('digit')
    emit('srli', rd=8, rs1=7, shamt=60)
    emit('slli', rd=7, rs1=7, shamt=4)
    emit('addi', rd=8, rs1=8, imm=ord('a'))
    emit('jal', rd=10, imm='putc')
    emit('addi', rd=6, rs1=6, imm=-1)
    emit('bne', rs1=6, rs2=0, imm='digit')
    emit('addi', rd=8, rs1=0, imm=ord('\n'))
    emit('jal', rd=10, imm='putc')
    emit('jalr', rd=0, rs1=1, imm=0)
    program.label('putc')
    emit('lbu', rd=9, rs1=5, imm=5)
    emit('andi', rd=9, rs1=9, imm=0x20)
    emit('beq', rs1=9, rs2=0, imm='putc')
    emit('sb', rs2=8, rs1=5, imm=0)
    emit('jalr', rd=0, rs1=10, imm=0)


def _block(program, number, chooser, values, count):
    """One block; returns the names of its instructions."""
    emit, names = program.emit, []
    program.align(4)
    program.label('block%d' % number)
    program.la(30, 'values%d' % number)
    for reg in range(1, 32):
        if reg not in RESERVED:
            emit('ld', rd=reg, rs1=30, imm=8 * reg)
    for reg in range(32):
        emit('fld', fd=reg, rs1=30, imm=256 + 8 * reg)
    emit('csrrwi', rd=0, csr=FCSR, uimm=0)
    emit('csrrwi', rd=0, csr=FRM, uimm=chooser.rng.choice((0, 0, 1, 2, 3, 4)))
    program.la(SP, 'data')
    emit('addi', rd=S0, rs1=SP, imm=0)
    emit('addi', rd=S1, rs1=SP, imm=chooser.rng.choice((1, 2, 4, 8)))
    for i in range(count):
        insn, operands = chooser.one()
        program.label('insn%d.%d' % (number, i))
        if chooser.is_jump(insn):
            operands['imm'] = 'insn%d.%d' % (number, min(i + chooser.rng.randrange(1, 6), count))
        names.append('%s %s' % (insn.name, ' '.join('%s=%s' % o for o in operands.items())))
        emit(insn.name, **operands)
    program.label('insn%d.%d' % (number, count))
    program.align(4)
    program.la(30, 'results')
    for reg in range(1, 32):
        if reg not in RESERVED:
            emit('sd', rs2=reg, rs1=30, imm=8 * reg)
    for reg in range(32):
        emit('fsd', fs2=reg, rs1=30, imm=256 + 8 * reg)
    emit('csrrs', rd=29, csr=FCSR, rs1=0)
    emit('sd', rs2=29, rs1=30, imm=0)
    emit('jal', rd=1, imm='report')
    return names


def make(insns, seed, blocks, count):
    """(image, list of the blocks' instructions)."""
    rng = random.Random(seed)
    program, values = Program(insns), Values(rng)
    chooser = Chooser(rng, insns)
    _start(program)
    _handler(program)
    _report(program)
    listing = [_block(program, n, chooser, values, count) for n in range(blocks)]
    program.la(5, 'device')
    program.emit('ld', rd=6, rs1=5, imm=0)
    program.emit('ld', rd=5, rs1=5, imm=8)
    program.emit('sw', rs2=5, rs1=6, imm=0)
    program.label('stop')
    program.emit('jal', rd=0, imm='stop')
    program.align(8)
    program.label('device')
    program.dwords([TEST_DEVICE, TEST_PASS])
    for number in range(blocks):
        program.label('values%d' % number)
        program.dwords([values.integer() for _ in range(32)])
        program.dwords([values.fp_register() for _ in range(32)])
    program.label('results')
    program.dwords([0] * 64)
    program.label('log')
    program.dwords([0] * (1 + 3 * count))
    for label in ('before', 'data'):
        program.label(label)
        program.dwords([rng.choice((values.integer, values.fp_register))()
                        for _ in range(DATA_WORDS // 2)])
    program.label('end')
    return program.image(), listing
