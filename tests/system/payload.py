# SPDX-License-Identifier: MIT
"""Guests of a few instructions, as bytes to be loaded at 0x80000000, for tests that start the
emulator. No compiler is needed."""

import struct

T0, T1, T2, A0 = 5, 6, 7, 10
SIFIVE_TEST = 0x100000
UART = 0x10000000


def lui(rd, value):
    return (value & 0xFFFFF) << 12 | rd << 7 | 0x37


def addi(rd, rs1, imm):
    return (imm & 0xFFF) << 20 | rs1 << 15 | rd << 7 | 0x13


def store(funct3, rs2, rs1):
    return rs2 << 20 | rs1 << 15 | funct3 << 12 | 0x23


def load(funct3, rd, rs1, imm=0):
    return imm << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | 0x03


def beqz(rs1, offset):
    return ((offset >> 12 & 1) << 31 | (offset >> 5 & 0x3F) << 25 | rs1 << 15
            | (offset >> 1 & 0xF) << 8 | (offset >> 11 & 1) << 7 | 0x63)


def bnez(rs1, offset):
    return beqz(rs1, offset) | 1 << 12


def andi(rd, rs1, imm):
    return (imm & 0xFFF) << 20 | rs1 << 15 | 7 << 12 | rd << 7 | 0x13


def load_imm(rd, value):
    """lui and addi for a value below 2^31."""
    return [lui(rd, value + 0x800 >> 12), addi(rd, rd, value & 0xFFF)]


LOOP = 0x6F  # j .
BYTE, WORD = 0, 2
LOAD_UNSIGNED_BYTE = 4


def words(*code):
    return b"".join(struct.pack("<I", word) for word in code)


def write_test_device(value):
    """Store a word to the test device, then loop."""
    return words(lui(T0, SIFIVE_TEST >> 12), *load_imm(T1, value), store(WORD, T1, T0), LOOP)


def power_off():
    return write_test_device(0x5555)


def spin():
    return words(LOOP)


WFI = 0x10500073


def sleep(greeting):
    """Hart 0 prints, then all harts sleep; nothing is enabled that could wake them."""
    code = [0xF1402573, bnez(A0, 4 * (2 + 2 * len(greeting))), lui(T0, UART >> 12)]
    for char in greeting.encode():
        code += [addi(T1, 0, char), store(BYTE, T1, T0)]
    return words(*code, WFI, 0xFFDFF06F)  # j -4


def echo(greeting="ready\r\n"):
    """Print a greeting, then send back each character that is received; q powers off."""
    code = [lui(T0, UART >> 12)]
    for char in greeting.encode():
        code += [addi(T1, 0, char), store(BYTE, T1, T0)]
    code += [
        load(LOAD_UNSIGNED_BYTE, T1, T0, 5),  # line status
        andi(T1, T1, 1),
        beqz(T1, -8),
        load(LOAD_UNSIGNED_BYTE, T1, T0),
        store(BYTE, T1, T0),
        addi(T1, T1, -ord("q")),
        beqz(T1, 8),
        0xFE5FF06F,  # j -28
    ]
    return words(*code) + power_off()
