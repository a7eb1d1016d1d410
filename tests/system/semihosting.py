#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Semihosting: guests that make calls, one after the other, and leave the results in a file.

usage: semihosting.py EMULATOR
"""

import errno
import os
import re
import struct
import subprocess
import sys
import tempfile
import time
import unittest

import payload

EMULATOR = os.path.abspath(sys.argv[1])
TIMEOUT_S = 20

A0, A1, T0 = 10, 11, 5
SLLI, EBREAK, SRAI = 0x01F01013, 0x00100073, 0x40705013

(OPEN, CLOSE, WRITEC, WRITE0, WRITE, READ, READC, ISERROR, ISTTY, SEEK) = range(1, 11)
(FLEN, TMPNAM, REMOVE, RENAME, CLOCK, TIME, SYSTEM, ERRNO) = range(12, 20)
GET_CMDLINE, HEAPINFO, EXIT, EXIT_EXTENDED, ELAPSED, TICKFREQ = 21, 22, 24, 32, 48, 49
APPLICATION_EXIT = 0x20026

BASE, DATA, RESULTS, SIZE = 0x80000000, 0x8000, 0xC000, 0x10000


class Program:
    """A guest: calls, whose results are put into a list; and data that they point to."""

    def __init__(self, xlen=64):
        self.xlen = xlen
        self.word_size = xlen // 8
        self.code = []
        self.data = bytearray()
        self.calls = 0

    # ---- data ----

    def bytes(self, data):
        self.data += bytes(-len(self.data) % 8)
        address = BASE + DATA + len(self.data)
        self.data += data
        return address

    def text(self, text):
        return self.bytes(text.encode() + b"\0")

    def words(self, *words):
        mask = (1 << self.xlen) - 1
        form = "<%d%s" % (len(words), "IQ"[self.xlen == 64])
        return self.bytes(struct.pack(form, *(word & mask for word in words)))

    # ---- code ----

    def load_address(self, register, address):
        """auipc and addi, since lui would extend the sign of a high address."""
        offset = address - (BASE + 4 * len(self.code))
        self.code += [(offset + 0x800 >> 12 & 0xFFFFF) << 12 | register << 7 | 0x17,
                      payload.addi(register, register, offset & 0xFFF)]

    def store_result(self, address):
        self.load_address(T0, address)
        self.code.append(payload.store(3 if self.xlen == 64 else 2, A0, T0))

    def call(self, operation, argument, sequence=(SLLI, EBREAK, SRAI)):
        """@argument is in a1; returns the number of the result."""
        self.code.append(payload.addi(A0, 0, operation))
        if BASE <= argument < BASE + SIZE:
            self.load_address(A1, argument)
        else:
            self.code += payload.load_imm(A1, argument)
        # in one page
        while (4 * len(self.code)) % 16:
            self.code.append(payload.addi(0, 0, 0))
        self.code += sequence
        self.store_result(BASE + RESULTS + self.word_size * self.calls)
        self.calls += 1
        return self.calls - 1

    def call_block(self, operation, *words):
        return self.call(operation, self.words(*words))

    def open(self, name, mode, handles):
        """Opens a file; the handle goes to each of the blocks in @handles."""
        result = self.call_block(OPEN, self.text(name), mode, len(name))
        for block in handles:
            self.store_result(block)
        return result

    def exit(self, status=0):
        self.call_block(EXIT_EXTENDED, APPLICATION_EXIT, status)

    def image(self):
        image = bytearray(SIZE)
        code = payload.words(*self.code, payload.LOOP)
        assert len(code) <= DATA and len(self.data) <= RESULTS - DATA
        image[:len(code)] = code
        image[DATA:DATA + len(self.data)] = self.data
        return bytes(image)

    def finish(self):
        """Write the results to a file, and exit."""
        length = self.word_size * self.calls
        block = self.words(0, BASE + RESULTS, length)
        self.open("results", 4, [block])
        self.call(WRITE, block)
        self.exit()


class Semihosting(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def write(self, name, data):
        with open(self.path(name), "wb") as file:
            file.write(data)

    def start(self, program, *options, config="enable=on", image=None):
        self.write("guest", image if image is not None else program.image())
        process = subprocess.Popen(
            [EMULATOR, "-M", "virt", "-m", "32", "-display", "none", "-serial", "null",
             "-monitor", "none", "-bios", "guest", *options, "-semihosting-config", config],
            cwd=self.folder.name, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        self.addCleanup(self.end, process)
        return process

    def end(self, process):
        process.kill()
        process.communicate()

    def run_guest(self, program, *options, stdin=b"", **more):
        process = self.start(program, *options, **more)
        out, err = process.communicate(stdin, timeout=TIMEOUT_S)
        return process.returncode, out.decode(), err.decode()

    def results(self, program, *options, **more):
        """What the calls have returned, and stdout and stderr."""
        program.finish()
        status, out, err = self.run_guest(program, *options, **more)
        self.assertEqual(status, 0, err)
        form = "<%d%s" % (program.calls - 3, "iq"[program.xlen == 64])
        return list(struct.unpack_from(form, self.read("results"))), out, err

    def options32(self):
        models = subprocess.run([EMULATOR, "-cpu", "help"], capture_output=True, text=True,
                                check=True).stdout.split()
        if "rv32" not in models:
            self.skipTest("there is no RV32 model")
        return "-cpu", "rv32"

    # ---- the end ----

    def test_exit_status(self):
        for operation, words, status in (
                (EXIT_EXTENDED, (APPLICATION_EXIT, 77), 77),
                (EXIT_EXTENDED, (APPLICATION_EXIT, 0), 0),
                (EXIT_EXTENDED, (0x20023, 0), 1),  # ADP_Stopped_RunTimeErrorUnknown
                (EXIT, (APPLICATION_EXIT, 3), 3)):
            program = Program()
            program.call_block(operation, *words)
            self.assertEqual(self.run_guest(program), (status, "", ""))
            self.assertEqual(self.run_guest(program, "-no-shutdown")[0], status)

    def test_exit_with_one_word(self):
        for reason, status in (APPLICATION_EXIT, 0), (0x20023, 1):
            program = Program()
            program.call(EXIT, reason)
            self.assertEqual(self.run_guest(program)[0], status)

    # ---- the console ----

    def test_output(self):
        program = Program()
        out, err = program.words(0, program.text("out\n"), 4), program.words(0, program.text(
            "err\n"), 4)
        program.open(":tt", 4, [out])
        program.open(":tt", 8, [err])
        program.call(WRITE, out)
        program.call(WRITE, err)
        program.call(WRITE0, program.text("x" * 5000 + "\n"))
        program.call(WRITEC, program.text("!"))
        program.call_block(ISTTY, 1)
        results, out, err = self.results(program)
        self.assertEqual(results, [1, 2, 0, 0, 0, 0, 0])
        self.assertEqual((out, err), ("out\n", "err\n" + "x" * 5000 + "\n!"))

    def input_program(self):
        program = Program()
        buffer = program.bytes(bytes(16))
        block = program.words(0, buffer, 16)
        program.call(READC, 0)
        program.open(":tt", 0, [block])
        program.call(READ, block)
        return program, buffer, block

    def test_input(self):
        program, buffer, block = self.input_program()
        program.call(READ, block)  # the end
        program.call(READC, 0)
        program.call(WRITE0, buffer)
        results, _, err = self.results(program, stdin=b"abc\n")
        self.assertEqual(results, [ord("a"), 1, 13, 16, -1, 0])
        self.assertEqual(err, "bc\n")

    def test_input_later(self):
        """The hart sleeps until there is some."""
        program, buffer, _ = self.input_program()
        program.call(WRITE0, buffer)
        program.finish()
        process = self.start(program)
        for data in b"a", b"bcd":
            time.sleep(0.3)
            with open("/proc/%d/stat" % process.pid) as file:
                ticks = [int(field) for field in file.read().rsplit(")")[1].split()[11:13]]
            self.assertLess(sum(ticks), 0.3 * os.sysconf("SC_CLK_TCK"))
            process.stdin.write(data)
            process.stdin.flush()
        _, err = process.communicate(timeout=TIMEOUT_S)
        self.assertEqual(err, b"bcd")

    def test_output_that_nobody_reads(self):
        """The guest is told, and the emulator can be ended."""
        program = Program()
        block = program.words(0, BASE, SIZE)
        program.open(":tt", 4, [block])
        for _ in range(3):
            program.call(WRITE, block)
        program.finish()
        process = self.start(program)
        self.assertEqual(process.wait(TIMEOUT_S), 0)
        results = struct.unpack_from("<4q", self.read("results"))
        self.assertEqual(results[:2], (1, 0))
        self.assertEqual(results[2:], (SIZE, SIZE))

    def test_chardev(self):
        program, buffer, _ = self.input_program()
        program.call(WRITE0, buffer)
        program.call_block(ISTTY, 1)
        results, out, err = self.results(program, "-chardev", "stdio,id=c,signal=off",
                                         config="enable=on,chardev=c", stdin=b"abc\n")
        self.assertEqual((results, out, err), ([ord("a"), 1, 13, 0, 1], "bc\n", ""))

    # ---- files ----

    def test_file(self):
        program = Program()
        buffer = program.bytes(bytes(16))
        blocks = [program.words(0, program.text("0123456789"), 10), program.words(0, 4),
                  program.words(0, buffer, 3), program.words(0)]
        write, seek, read, handle = blocks
        program.open("file", 6, blocks)
        for operation, block in ((WRITE, write), (FLEN, handle), (SEEK, seek), (READ, read),
                                 (ISTTY, handle), (CLOSE, handle), (CLOSE, handle),
                                 (READ, read), (ERRNO, 0), (WRITE0, buffer)):
            program.call(operation, block)
        program.open("file", 9, [write])
        program.call(WRITE, write)
        results, _, err = self.results(program)
        self.assertEqual(results, [1, 0, 10, 0, 0, 0, 0, -1, 3, errno.EBADF, 0, 1, 0])
        self.assertEqual(err, "456")
        self.assertEqual(self.read("file"), b"0123456789" * 2)

    def test_large_file(self):
        """More than one piece in each direction, and less at its end than is asked for."""
        data = bytes(range(256)) * 1024
        self.write("in", data + b"tail")
        program = Program()
        handle_in, handle_out = program.words(0, BASE + 0x100000, 0x100000), program.words(
            0, BASE + 0x100000, len(data) + 4)
        program.open("in", 1, [handle_in])
        program.open("out", 5, [handle_out])
        program.call(READ, handle_in)
        program.call(WRITE, handle_out)
        results, _, _ = self.results(program)
        self.assertEqual(results, [1, 2, 0x100000 - len(data) - 4, 0])
        self.assertEqual(self.read("out"), data + b"tail")

    def test_names(self):
        self.write("a", b"")
        program = Program()
        buffer = program.bytes(bytes(64))
        program.call_block(RENAME, program.text("a"), 1, program.text("b"), 1)
        program.call_block(RENAME, program.text("a"), 1, program.text("c"), 1)
        program.call(ERRNO, 0)
        program.call_block(TMPNAM, buffer, 7, 64)
        program.call(WRITE0, buffer)
        program.call_block(TMPNAM, buffer, 7, 4)
        program.call_block(TMPNAM, buffer, 256, 64)
        program.call_block(REMOVE, program.text("nosuch"), 6)
        self.write("gone", b"")
        program.call_block(REMOVE, program.text("gone"), 4)
        results, _, err = self.results(program)
        self.assertEqual(results, [0, -1, errno.ENOENT, 0, 0, -1, -1, -1, 0])
        self.assertRegex(err, r"^/.*-07$")
        self.assertTrue(os.path.exists(self.path("b")))
        self.assertFalse(os.path.exists(self.path("gone")))

    def test_features(self):
        program = Program()
        buffer = program.bytes(bytes(8))
        blocks = [program.words(0, buffer, 8), program.words(0, 4)]
        program.open(":semihosting-features", 0, blocks)
        program.call(READ, blocks[0])
        program.call(SEEK, blocks[1])
        program.call(READ, blocks[0])
        program.call(FLEN, blocks[0])
        program.call(WRITE, blocks[0])
        program.call(CLOSE, blocks[0])
        program.open(":semihosting-features", 4, [])
        results, _, _ = self.results(program)
        self.assertEqual(results, [1, 3, 0, 7, 5, 8, 0, -1])

    def test_too_many_files(self):
        program = Program()
        for _ in range(66):
            program.open(":tt", 4, [])
        program.call(ERRNO, 0)
        program.call_block(CLOSE, 5)
        results, _, _ = self.results(program)
        self.assertEqual(results, [*range(1, 65), -1, -1, errno.EMFILE, 0])

    # ---- mistakes ----

    def test_bad_pointers(self):
        """No address, or one where nothing is: each call fails, none ends the guest."""
        nowhere = 0x40
        program = Program()
        operations = (OPEN, CLOSE, WRITEC, WRITE0, WRITE, READ, ISERROR, ISTTY, SEEK, FLEN, TMPNAM,
                      REMOVE, RENAME, GET_CMDLINE, HEAPINFO, EXIT, EXIT_EXTENDED, ELAPSED)
        for operation in operations:
            program.call(operation, nowhere)
        expected = [-1] * len(operations)
        top = 2 ** 64 - 4
        for pointer in nowhere, top, BASE + 0x2000000 - 4:
            program.call_block(OPEN, pointer, 0, 8)
            program.call_block(REMOVE, pointer, 8)
            program.call_block(TMPNAM, pointer, 0, 100)
            program.call_block(GET_CMDLINE, pointer, 100)
            program.call_block(HEAPINFO, pointer)
            expected += [-1] * 5
        block = program.words(0, nowhere, 100)
        program.open("file", 6, [block])
        program.call(WRITE, block)
        program.call(ERRNO, 0)
        program.call(READ, block)
        expected += [1, 100, errno.EFAULT, 100]
        results, _, _ = self.results(program, config="enable=on,arg=" + "a" * 10)
        self.assertEqual(results, expected)

    def test_bad_arguments(self):
        program = Program()
        name = program.text("a" * 20)
        for words in (name, 12, 20), (name, -1, 20), (name, 0, 2 ** 63), (name, 0, 4096):
            program.call_block(OPEN, *words)
        for handle in 0, 1, 65, -1, 2 ** 32 + 1:
            for operation in CLOSE, ISTTY, FLEN:
                program.call_block(operation, handle)
            program.call_block(SEEK, handle, 0)
            program.call_block(WRITE, handle, name, 5)
            program.call_block(READ, handle, name, 5)
        expected = [-1] * 4 + [-1, -1, -1, -1, 5, 5] * 5
        for operation in 0, 0x0B, 0x14, 0x17, 0x32, 0x7FF:
            program.call(operation, name)
        program.call_block(SYSTEM, name, 20)
        program.call(ERRNO, 0)
        expected += [-1] * 7 + [errno.ENOSYS]
        program.call_block(ISERROR, -1)
        program.call_block(ISERROR, 5)
        expected += [1, 0]
        # as much as there is of RAM
        block = program.words(0, BASE, -1)
        program.open("all", 4, [block])
        program.call(WRITE, block)
        results, _, _ = self.results(program)
        self.assertEqual(results[:-2], expected)
        self.assertEqual(results[-1], -1 - 0x2000000)

    # ---- the machine ----

    def test_time(self):
        program = Program()
        ticks = program.bytes(bytes(16))
        program.call(ELAPSED, ticks)
        program.call(TIME, 0)
        program.call(CLOCK, 0)
        program.call(TICKFREQ, 0)
        program.call(ELAPSED, ticks + 8)
        block = program.words(0, ticks, 16)
        program.open("ticks", 4, [block])
        program.call(WRITE, block)
        results, _, _ = self.results(program)
        first, second = struct.unpack("<QQ", self.read("ticks"))
        self.assertLess(abs(results[1] - time.time()), 10)
        self.assertLess(results[2], 1000)
        self.assertEqual(results[3], 10 ** 9)
        self.assertLess(first, second)
        self.assertLess(second, 10 ** 10)

    def cmdline(self, *options, **more):
        program = Program()
        buffer = program.bytes(bytes(64))
        block = program.words(buffer, 64)
        program.call(GET_CMDLINE, block)
        program.call(WRITE0, buffer)
        program.call_block(GET_CMDLINE, buffer, 3)
        results, _, err = self.results(program, *options, **more)
        self.assertEqual(results, [0, 0, -1])
        return err

    def test_cmdline(self):
        self.assertEqual(self.cmdline(config="enable=on,arg=prog,arg=a b,,c"), "prog a b,c")
        self.write("kernel", b"k" * 16)
        self.assertEqual(self.cmdline("-kernel", "kernel", "-append", "x=1 y"), "kernel x=1 y")

    def test_heap(self):
        program = Program()
        values = program.words(1, 1, 1, 1)
        program.call_block(HEAPINFO, values)
        block = program.words(0, values, 32)
        program.open("heap", 4, [block])
        program.call(WRITE, block)
        results, _, _ = self.results(program)
        base, limit, stack, stack_limit = struct.unpack("<4Q", self.read("heap"))
        self.assertEqual(results[0], 0)
        self.assertGreaterEqual(base, BASE + SIZE)
        self.assertLessEqual(limit, BASE + 0x2000000)
        self.assertGreater(limit - base, 0x1000000)
        self.assertEqual((stack, stack_limit), (limit, 0))

    def test_rv32(self):
        options = self.options32()
        program = Program(32)
        out = program.words(0, program.text("out\n"), 4)
        program.open(":tt", 4, [out])
        program.call(WRITE, out)
        program.call_block(CLOSE, -1)
        program.call_block(ISERROR, -1)
        results, text, _ = self.results(program, *options)
        self.assertEqual((results, text), ([1, 0, -1, 1], "out\n"))
        program = Program(32)
        program.call(EXIT, 0x20023)
        self.assertEqual(self.run_guest(program, *options)[0], 1)

    # ---- what is no call ----

    def trapped(self, code, pc=BASE + 4, **more):
        """Whether the ebreak at @pc is an exception."""
        process = self.start(None, "-d", "int", image=payload.words(*code), **more)
        line = process.stderr.readline().decode()
        return bool(re.search(r"epc:0x%x, .*desc=breakpoint" % pc, line))

    def test_other_ebreaks(self):
        nop = payload.addi(0, 0, 0)
        self.assertTrue(self.trapped((SLLI, EBREAK, SRAI), config="enable=off"))
        self.assertTrue(self.trapped((nop, EBREAK, SRAI)))
        self.assertTrue(self.trapped((SLLI, EBREAK, nop)))
        self.assertTrue(self.trapped((SLLI, 0x9002 | 0x9002 << 16, SRAI)))  # c.ebreak

    def test_across_pages(self):
        """All three must be in one page."""
        nop = payload.addi(0, 0, 0)
        self.assertTrue(self.trapped([nop] * 1023 + [SLLI, EBREAK, SRAI], BASE + 0x1000))
        self.assertTrue(self.trapped([nop] * 1022 + [SLLI, EBREAK, SRAI], BASE + 0xFFC))

    def user_program(self):
        """An exit, in U mode."""
        program = Program()
        program.load_address(T0, BASE + 0x1000)
        program.code += [
            0x34129073,  # csrw mepc, t0
            payload.addi(T0, 0, -1),
            0x3B029073,  # csrw pmpaddr0, t0
            payload.addi(T0, 0, 0x1F),
            0x3A029073,  # csrw pmpcfg0, t0: NAPOT, all of it
            0x30200073,  # mret
        ]
        program.code += [0] * (0x400 - len(program.code))
        program.call_block(EXIT_EXTENDED, APPLICATION_EXIT, 9)
        return program

    def test_user_mode(self):
        self.assertEqual(self.run_guest(self.user_program(),
                                        config="enable=on,userspace=on")[0], 9)
        process = self.start(self.user_program(), "-d", "int")
        self.assertIn(b"desc=breakpoint", process.stderr.readline())


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
