# SPDX-License-Identifier: MIT
"""Random programs for the differential test, made of the instructions of the .insn files.

A program is a header (layout.h: mode, page tables, where the registers that hold addresses point)
and a few dozen instructions that end in any case: branches go forward, loops count x31 down.
What depends on time is left out, and what the specification leaves open where the reference
decided otherwise (LEFT_OUT, CSRS_LEFT_OUT: with the clause).

The same seed and names give the same programs with every Python: random.random() is the only
source, which Python's documentation promises to keep.
"""

import os
import random
import re
import struct

HERE = os.path.dirname(os.path.abspath(__file__))

# Registers that programs do not write: addresses, and the counter of loops.
SP, TP, S0, S1, COUNTER = 2, 4, 8, 9, 31
BASES = (SP, S0, S1)
RESERVED = BASES + (TP, COUNTER)
IMM_REACH = 448  # bytes from a base; see ZONE in layout.h

MSTATUS, SSTATUS, SEPC, FFLAGS, FRM, FCSR = 0x300, 0x100, 0x141, 1, 2, 3
MENVCFG, SENVCFG = 0x30a, 0x10a
U, S, M = 0, 1, 3
MPRV, SUM, MXR, TVM, TW, TSR = (1 << n for n in (17, 18, 19, 20, 21, 22))
PTE_V, PTE_R, PTE_W, PTE_X, PTE_U, PTE_A, PTE_D = (1 << n for n in (0, 1, 2, 3, 4, 6, 7))

# Instructions that no program contains, or only as part of a sequence made by Maker.
LEFT_OUT = {
    # In sequences: they need an address or a number that fits.
    'jalr', 'c.jr', 'c.jalr', 'mret', 'sret', 'lr.w', 'lr.d', 'sc.w', 'sc.d',
    'csrrw', 'csrrs', 'csrrc', 'csrrwi', 'csrrsi', 'csrrci',
    # Waits for an interrupt, and none comes.
    'wfi',
}

# CSRs that are not compared, why, and where it is said. Privileged ISA 20240411.
CSRS_LEFT_OUT = (
    ({0xc00, 0xc01, 0xc02, 0xb00, 0xb02} | set(range(0xb03, 0xb20)) | set(range(0xc03, 0xc20)),
     'counters run with time', '"Hardware Performance Monitor"'),
    ({0x344, 0x144, 0x14d}, 'interrupts arrive with time', '"Machine Interrupt Registers"'),
    ({0x340}, "the runner's", '"Machine Scratch Register"'),
    ({0xf11, 0xf12, 0xf13}, 'identify the implementation', '"Machine Vendor ID Register"'),
)

# Besides, wrs.nto is executed in M-mode only: with mstatus.TW QEMU has it trap at once, here it
# ends at once. Unprivileged ISA, "Zawrs": after "a bounded time limit".

# CSRs that a program may write, by mode. Not what the runner stands on: mtvec, stvec, misa, pmp.
CSRS_USER = (FFLAGS, FRM, FCSR)
CSRS_S = CSRS_USER + (SSTATUS, SSTATUS, SSTATUS, 0x106, SENVCFG, 0x140, SEPC, 0x142, 0x143)
# Nor medeleg, mideleg: QEMU has bits of H there without H. "Machine Trap Delegation": WARL.
CSRS_M = CSRS_S + (MSTATUS, MSTATUS, 0x306, MENVCFG, 0x341, 0x342, 0x343)
# FS is Off or Dirty: whether an instruction that sets only flags turns Clean into Dirty differs,
# and may. "Extension Context Status in mstatus Register".
STATUS_FS = 3 << 13
# 2 is reserved: QEMU keeps it, here it reads 0. "Cache-Block Management Instructions": WARL.
CBIE = (0, 1 << 4, 3 << 4)
# W without R is reserved, and kept by QEMU only. "Physical Memory Protection CSRs": WARL.
PMP_RIGHTS = (0, 1, 3, 4, 5, 7)

# Instructions by the file that describes them, how often; every other file counts 4.
WEIGHTS = {'rv_i': 24, 'rv_m': 8, 'rv_a': 6, 'rv_f': 14, 'rv_d': 14, 'rv_c': 20, 'rv_zcd': 4,
           'rv_zfa': 10, 'rv_zbb': 8, 'rv_priv': 1, 'rv_zihint': 1, 'rv_zawrs': 1,
           'rv_zifencei': 1, 'rv_zicond': 3, 'rv_zicbo': 4}


def layout():
    """The numbers of layout.h, by name."""
    with open(os.path.join(HERE, 'layout.h'), encoding='ascii') as file:
        return {name: int(value, 0) for name, value in
                re.findall(r'^#define (\w+) (0x[0-9a-f]+|\d+)\b', file.read(), re.M)}


AT = layout()


class Item:
    """One instruction: description, operands, and the item it jumps to."""

    def __init__(self, insn, operands, target=None, source=None):
        self.insn, self.operands = insn, operands
        self.target, self.source = target, source  # imm is the distance, from source or itself
        self.inner = False  # in a sequence that is not entered here

    def size(self):
        return self.insn.size // 8

    def text(self):
        return '%s %s' % (self.insn.name, ' '.join(
            '%s=%s' % o for o in self.operands.items()))


class Program:
    """A header by name, and items."""

    def __init__(self, header, items):
        self.header, self.items = header, items

    def addresses(self):
        """Offset of each item from the first; the last is that of the end."""
        offsets, at = [], 0
        for item in self.items:
            offsets.append(at)
            at += item.size()
        return offsets + [at]

    def code(self):
        offsets, parts = self.addresses(), []
        for number, item in enumerate(self.items):
            operands = item.operands
            if item.target is not None:
                source = number if item.source is None else item.source
                operands = dict(operands, imm=offsets[item.target] - offsets[source])
            word = item.insn.value
            for name, field in item.insn.fields.items():
                word |= field.encode(operands[name])
            parts.append(word.to_bytes(item.size(), 'little'))
        # The ebreak that ends it.
        return b''.join(parts) + b'\x73\x00\x10\x00'

    def blob(self):
        code = self.code()
        header = dict(self.header, H_BYTES=len(code))
        words = [0] * AT['H_WORDS']
        for name, value in header.items():
            if isinstance(value, list):
                words[AT[name]:AT[name] + len(value)] = value
            else:
                words[AT[name]] = value
        return struct.pack('<%dQ' % len(words), *words) + code + bytes(-len(code) % 8)


def image(programs, verbose=False):
    """What the runner finds at BLOB_PA."""
    return struct.pack('<2Q', len(programs), verbose) + b''.join(p.blob() for p in programs)


class Maker:
    """Makes programs."""

    def __init__(self, insns, names=None):
        """@names: use these instructions only."""
        insns = [i for i in insns if 64 in i.gate.xlens() & i.target().gate.xlens()]
        self.by_name = {i.name: i for i in reversed(insns)}
        chosen = [self.by_name[n] for n in sorted(self.by_name)
                  if n not in LEFT_OUT and (names is None or n in names)]
        self.names = [i.name for i in chosen]
        self.groups = []
        for ext in sorted({i.ext for i in chosen}):
            members = [i for i in chosen if i.ext == ext]
            self.groups += [members] * WEIGHTS.get(ext, 4)
        self.left_out = set().union(*(numbers for numbers, _, _ in CSRS_LEFT_OUT))
        self.random = None
        self.items = None
        self.mode = M
        self.lent = False  # loads and stores of M-mode use page tables

    def below(self, count):
        return int(self.random() * count)

    def pick(self, values):
        return values[int(self.random() * len(values))]

    def bits(self, count):
        return int(self.random() * (1 << count)) if count <= 48 else \
            self.bits(32) << (count - 32) | self.bits(count - 32)

    # Header

    def pte(self, user):
        """Rights of a data page: mostly those that work."""
        usual = PTE_V | PTE_R | PTE_W | PTE_A | PTE_D | (PTE_U if user else 0)
        return usual ^ self.pick((
            0, 0, 0, 0, PTE_W, PTE_D, PTE_A, PTE_A | PTE_D, PTE_V, PTE_U, PTE_R, PTE_R | PTE_W,
            PTE_R | PTE_W | PTE_X, PTE_X, 1 << 63, 1 << 61, 1 << 54, 1 << 60, 0x300,
            PTE_R | PTE_W | PTE_A | PTE_D))

    def address(self, virtual, wild=True):
        """Where a base register points: near the border of two data pages, mostly."""
        near = self.pick((0, 0, 0, self.below(129) - 64, 8 * self.below(16)))
        kind = self.below(40)
        if kind == 0 and wild:
            return self.pick((0, 1 << 40, 0xffffffc000000000, (1 << 63) + 8, AT['VA'] + (1 << 22)))
        page = 1 + self.below(AT['DATA_PAGES'] - 1)
        if not virtual:
            return AT['DATA_PA'] + 4096 * page + near
        if kind < 6:
            return AT['VA'] + 4096 * (AT['SUPERPAGE'] + page) + near
        return AT['VA'] + 4096 * (AT['DATA_PAGE'] + page) + near

    def header(self):
        mode = self.mode = self.pick((U, U, S, S, S, M))
        satp = self.pick((0, 8, 8, 9, 10))
        mprv = mode == M and satp and self.below(2)
        user = mode == U
        self.lent = mprv
        if mprv:
            user, mstatus = self.below(2), MPRV
        else:
            mstatus = 0
        mstatus |= mode << 11 | self.pick((STATUS_FS, STATUS_FS, STATUS_FS, STATUS_FS, 0))
        for bit in (SUM, MXR):
            mstatus |= bit if self.below(3) == 0 else 0
        for bit in (TVM, TW, TSR):
            mstatus |= bit if self.below(6) == 0 else 0
        leaf = PTE_V | PTE_R | PTE_A | (PTE_U if user else 0)
        mapped = satp and mode != M
        virtual = satp and (mode != M or mprv)
        offset = self.pick((0, 0, 2, 4096 - 2 * self.below(100)))
        # Not with paging: QEMU takes an access that crosses pages for one of its full size at the
        # first one's place, and an AMO's load for one that is refused before its store's page
        # fault. "Physical Memory Protection and Paging"; "Virtual Address Translation Process".
        pmp = not virtual and self.below(4) == 0
        alias = AT['VA'] + 4096 * AT['ALIAS_PAGE'] if virtual else AT['CODE_PA']
        return {
            'H_SEED': self.bits(64),
            'H_OFFSET': offset,
            'H_MSTATUS': mstatus,
            'H_SATP_MODE': satp,
            'H_MEDELEG': self.bits(16) & 0xb1ff if self.below(3) == 0 else 0,
            'H_MENVCFG': self.bits(8) & 0xc1 | self.pick(CBIE) | self.below(2) << 61,
            'H_SENVCFG': self.bits(8) & 0xc1 | self.pick(CBIE),
            'H_FCSR': self.pick((0, 0, 1, 2, 3, 4, 5, 7)) << 5,
            'H_PMP_CFG': 0x18 | self.pick(PMP_RIGHTS) if pmp else 0,
            # 64 bytes that touch no other page: QEMU checks what crosses pages as one access, here
            # it is two, and may be. "Physical Memory Protection", matching: "misaligned".
            'H_PMP_ADDR': (AT['DATA_PA'] + 4096 * self.below(AT['DATA_PAGES']) +
                           self.pick((64, 128, 256, 3840, 3904, 3968))) >> 2 | 7,
            'H_TP': alias + offset,
            'H_SP': self.address(virtual), 'H_S0': self.address(virtual),
            'H_S1': self.address(virtual, wild=False),
            'H_PTES': [self.pte(user) for _ in range(AT['DATA_PAGES'])],
            'H_SUPER_PTE': self.pte(user) ^ self.pick((0, 0, 0, 0, 1 << 10, 1 << 18)),
            'H_CODE_PTE': leaf | PTE_X if mapped else leaf,
            'H_ALIAS_PTE': leaf | PTE_W | PTE_D,
        }

    # Items

    def free_register(self):
        while True:
            reg = self.below(32)
            if reg not in RESERVED:
                return reg

    def operand(self, insn, name, field):
        if field.kind == 'x':
            if name == 'rd':
                return self.free_register()
            if name == 'rs1' and '(rs1)' in insn.operands:
                return self.pick(BASES)
            return field.base + self.below(1 << field.width)
        if name == 'rm' and self.below(16):
            return self.pick((0, 1, 2, 3, 4, 7, 7, 7))
        value = self.bits(field.width)
        if field.signed and value >> (field.width - 1):
            value -= 1 << field.width
        if name == 'imm' and '(rs1)' in insn.operands and not -IMM_REACH <= value < IMM_REACH:
            value %= IMM_REACH
        return field.base + (value >> field.scale << field.scale)

    def operands(self, insn):
        """Operand values that the encoding takes."""
        values = {}
        for name, field in insn.fields.items():
            while True:
                value = self.operand(insn, name, field)
                raw = value - field.base
                if raw in field.not_values or field.kind == 'x' and not 0 <= raw < 1 << field.width:
                    continue
                values[name] = value
                break
        return values

    def add(self, name, target=None, source=None, **operands):
        insn = self.by_name[name]
        for field in insn.fields:
            operands.setdefault(field, 0)
        self.items.append(Item(insn, operands, target, source))

    def any(self):
        """An instruction that writes none of the reserved registers."""
        while True:
            insn = self.pick(self.pick(self.groups))
            if insn.name == 'wrs.nto' and self.mode != M:
                continue
            mapped = insn.mapped.get('rd') if insn.expands else None
            if mapped and not mapped.pieces and mapped.base in RESERVED:
                continue
            operands = self.operands(insn)
            if mapped and mapped.pieces and 'rd' not in insn.fields and \
                    any(operands.get(f) in RESERVED for f in self.sources(insn, mapped)):
                continue
            return insn, operands

    @staticmethod
    def sources(insn, mapped):
        """Fields of @insn that give the target's rd."""
        return [name for name, field in insn.fields.items() if field.pieces == mapped.pieces]

    def simple(self):
        insn, operands = self.any()
        target = None
        if insn.operands.endswith('pc+imm'):
            target = len(self.items) + 1 + self.below(5)
            operands['imm'] = 0
        self.items.append(Item(insn, operands, target))
        if insn.name.startswith('fround'):
            # QEMU leaves it out, and its flag, when nothing uses the result, be it that what was
            # computed from it is not used either. "Zfa" chapter.
            first = len(self.items) - 1
            self.add('fsd', rs1=SP, fs2=operands['fd'])
            self.sequence(first)

    def alu(self):
        """Any instruction that cannot trap or jump: what a program may write over itself."""
        while True:
            insn, operands = self.any()
            if insn.ext in ('rv_m', 'rv_zbb', 'rv_zba', 'rv_zbs') and insn.size == 32:
                return Item(insn, operands)

    def csr(self):
        reg = self.free_register()
        writable = {U: CSRS_USER, S: CSRS_S, M: CSRS_M}[self.mode]
        kind = self.below(4)
        if kind == 0:
            # Does it exist, may this mode read it.
            number = self.below(4096)
            if number not in self.left_out:
                self.add(self.pick(('csrrs', 'csrrc')), rd=reg, csr=number, rs1=0)
        elif kind == 1:
            number = self.pick(writable)
            forms = ('csrrsi', 'csrrwi', 'csrrci')[:2 if number in (MENVCFG, SENVCFG) else 3]
            self.add(self.pick(forms), rd=reg, csr=number, uimm=self.below(32))
        else:
            number = self.pick([n for n in writable if n not in (MENVCFG, SENVCFG)])
            source, first = self.below(32), len(self.items)
            if number in (MSTATUS, SSTATUS):
                source = self.status_value()
            self.add(self.pick(('csrrw', 'csrrs', 'csrrc')), rd=reg, csr=number, rs1=source)
            self.sequence(first)

    def sequence(self, first):
        """What was added since makes sense only from its start."""
        for item in self.items[first + 1:]:
            item.inner = True

    def status_value(self):
        """A register with bits for mstatus and sstatus; FS is all or nothing (see STATUS_FS)."""
        reg = self.free_register() or 7
        value = self.bits(19) << 12
        value = value | STATUS_FS if self.below(2) else value & ~STATUS_FS
        self.add('lui', rd=reg, imm=value)
        self.add('addi', rd=reg, rs1=reg, imm=self.bits(11))
        return reg

    def load_reserved(self):
        """A constrained loop's body; "Eventual Success of Store-Conditional Instructions"."""
        # Not where there is nothing, as when a program drops MPRV: a failing sc checks the address
        # here, with QEMU only if there is memory. "Zalrsc": no sc retires without.
        if self.lent:
            return
        width, base = self.pick(('.w', '.d')), S1
        self.add('lr' + width, rd=self.free_register(), rs1=base, aq=self.below(2))
        for _ in range(self.below(3)):
            self.items.append(self.alu())
        self.add('sc' + width, rd=self.free_register(), rs2=self.below(32), rs1=base)
        if self.below(4) == 0:
            self.add('sc' + width, rd=self.free_register(), rs2=self.below(32), rs1=base)

    def jump(self):
        """An indirect jump over a few instructions."""
        reg = self.free_register() or 1
        first = len(self.items)
        self.add('auipc', rd=reg)
        name = self.pick(('jalr', 'c.jr', 'c.jalr'))
        if name == 'jalr':
            self.add('jalr', target=first + 2 + self.below(4), source=first,
                     rd=self.free_register(), rs1=reg)
        else:
            self.add('addi', target=first + 3 + self.below(4), source=first, rd=reg, rs1=reg)
            self.add(name, rs1=reg)
        self.sequence(first)

    def supervisor_return(self):
        reg = self.free_register() or 5
        first = len(self.items)
        self.add('auipc', rd=reg)
        self.add('addi', target=first + 4 + self.below(4), source=first, rd=reg, rs1=reg)
        self.add('csrrw', csr=SEPC, rs1=reg)
        if self.mode != M:
            self.add('sret')
        self.sequence(first)

    def loop(self):
        self.add('addi', rd=COUNTER, imm=1 + self.below(12))
        first = len(self.items)
        for _ in range(1 + self.below(6)):
            self.simple()
        count = len(self.items)
        for item in self.items[first:]:
            if item.target == count + 1:
                item.target = count  # not past the counting
        self.add('addi', rd=COUNTER, rs1=COUNTER, imm=-1)
        self.add('blt', target=first, rs1=0, rs2=COUNTER)

    def patch(self):
        """Writes another instruction over one further on."""
        reg = self.free_register() or 6
        word = Program({}, [self.alu()]).code()[:4]
        word = int.from_bytes(word, 'little', signed=True)
        low = (word & 0xfff) - ((word & 0x800) << 1)
        high = (word - low) & 0xfffff000
        first = len(self.items)
        self.add('lui', rd=reg, imm=high - ((high & 1 << 31) << 1))
        self.add('addiw', rd=reg, rs1=reg, imm=low)
        target = len(self.items) + 2 + self.below(4)
        self.add('sw', target=target, source=0, rs2=reg, rs1=TP)
        self.sequence(first)
        self.add('fence.i')
        while len(self.items) <= target:
            self.items.append(self.alu())

    def privileged(self):
        if self.mode == M:
            self.add(self.pick(('ecall', 'ebreak', 'sfence.vma')))
        elif self.mode == U:
            self.add(self.pick(('mret', 'sret', 'ecall', 'sfence.vma')))
        else:
            self.add(self.pick(('mret', 'ecall', 'ebreak', 'sfence.vma')))

    def program(self, seed):
        self.random = random.Random(seed).random
        header = self.header()
        self.items = []
        others = (self.csr, self.csr, self.csr, self.load_reserved, self.jump, self.loop,
                  self.loop, self.patch, self.privileged, self.supervisor_return)
        count = 8 + self.below(40)
        while len(self.items) < count:
            if self.below(8):
                self.simple()
            else:
                self.pick(others)()
        end = len(self.items)
        for item in self.items:
            if item.target is None:
                continue
            item.target = min(item.target, end)
            while item.target < end and self.items[item.target].inner:
                item.target += 1
        return Program(header, self.items)
