#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What profilers and people see of generated code: -perfmap, -jitdump, -d out_asm, info jit.

The log of -d out_asm is one record of what was generated; the map and the dump, written by other
code, must agree with it.

usage: perf.py EMULATOR
"""

import os
import re
import struct
import subprocess
import sys
import tempfile
import unittest

import payload

EMULATOR = os.path.abspath(sys.argv[1])
TIMEOUT_S = 20
ENTRY = 0x80000000

MAP_LINE = re.compile(r"([0-9a-f]+) ([0-9a-f]+) (\S+)")
HEADER = struct.Struct("<IIIIIIQQ")
PREFIX = struct.Struct("<IIQ")
LOAD = struct.Struct("<IIQQQQ")


class Perf(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def run_guest(self, *options):
        """The pid of a machine that has ended well."""
        with open(os.path.join(self.folder, "guest"), "wb") as file:
            file.write(payload.power_off())
        process = subprocess.Popen([EMULATOR, "-M", "virt", "-display", "none", "-bios", "guest",
                                    *options], cwd=self.folder)
        self.addCleanup(process.kill)
        self.assertEqual(process.wait(TIMEOUT_S), 0)
        return process.pid

    def read_map(self, pid):
        path = "/tmp/perf-%d.map" % pid
        with open(path) as file:
            text = file.read()
        os.unlink(path)
        entries = []
        for line in text.splitlines():
            match = MAP_LINE.fullmatch(line)
            self.assertTrue(match, line)
            entries.append((int(match[1], 16), int(match[2], 16), match[3]))
        return entries

    def read_dump(self, pid):
        """The names, addresses and bytes of a dump's code."""
        with open(os.path.join(self.folder, "jit-%d.dump" % pid), "rb") as file:
            data = file.read()
        magic, version, size, machine, pad, owner, start, flags = HEADER.unpack_from(data)
        self.assertEqual((magic, version, size, pad, owner, flags),
                         (0x4A695444, 1, HEADER.size, 0, pid, 0))
        self.assertEqual(machine, 62 if os.uname().machine == "x86_64" else 0)
        records, offset, last = [], HEADER.size, start
        while offset < len(data):
            kind, size, time = PREFIX.unpack_from(data, offset)
            self.assertGreaterEqual(time, last)
            last = time
            if kind == 3:
                self.assertEqual(offset + size, len(data), "JIT_CODE_CLOSE is not the last")
                return records
            self.assertEqual(kind, 0)
            owner, _, vma, address, code_size, index = LOAD.unpack_from(data, offset + PREFIX.size)
            self.assertEqual((owner, vma, index), (pid, address, len(records)))
            name, _, code = data[offset + PREFIX.size + LOAD.size:offset + size].partition(b"\0")
            self.assertEqual(len(code), code_size)
            records.append((name.decode(), address, code))
            offset += size
        self.fail("no JIT_CODE_CLOSE")

    def read_log(self, name):
        """guest pc -> [address, bytes] of its host code, if any, as -d out_asm shows it."""
        code, at, blocks = {}, None, []
        with open(os.path.join(self.folder, name)) as log:
            for line in log:
                head = re.match(r"  -- guest addr 0x([0-9a-f]{16})", line)
                insn = re.match(r"0x([0-9a-f]+):  ((?:[0-9a-f]{2} )+) *\S", line)
                if head:
                    at = code[int(head[1], 16)] = [None, b""]
                elif insn and at:
                    blocks[-1] += 1
                    at[0] = at[0] or int(insn[1], 16)
                    at[1] += bytes.fromhex(insn[2])
                else:
                    at = None
                    if line.startswith("OUT:"):
                        blocks.append(0)
        self.assertIn(ENTRY, code)
        self.assertTrue(all(blocks), "a block without instructions")
        return {pc: entry for pc, entry in code.items() if entry[1]}

    def test_map(self):
        pid = self.run_guest("-perfmap", "-d", "out_asm", "-D", "log")
        entries = self.read_map(pid)
        names = [name for _, _, name in entries]
        self.assertEqual(names[0], "tcg-prologue-buffer")
        self.assertIn("guest-0x%x-slow" % ENTRY, names)
        named = {name: (start, size) for start, size, name in entries}
        for pc, (address, code) in self.read_log("log").items():
            self.assertEqual(named["guest-0x%x" % pc], (address, len(code)))
        ends = sorted((start, start + size) for start, size, _ in entries)
        for (_, end), (start, _) in zip(ends, ends[1:]):
            self.assertLessEqual(end, start, "lines overlap")

    def test_dump(self):
        pid = self.run_guest("-jitdump", "-d", "out_asm", "-D", "log")
        records = self.read_dump(pid)
        self.assertEqual(records[0][0], "tcg-prologue-buffer")
        blocks = {name: (address, code) for name, address, code in records[1:]}
        self.assertIn("guest-0x%x" % ENTRY, blocks)
        for address, code in self.read_log("log").values():
            self.assertTrue(any(start <= address and
                                block[address - start:][:len(code)] == code
                                for start, block in blocks.values()), hex(address))

    def test_interpreter_has_nothing_to_name(self):
        pid = self.run_guest("-perfmap", "-jitdump", "-accel", "tcg,interp=on")
        self.assertEqual(self.read_map(pid), [])
        self.assertEqual(self.read_dump(pid), [])

    def test_dump_cannot_be_made(self):
        gone = os.path.join(self.folder, "gone")
        os.mkdir(gone)
        done = subprocess.run(["sh", "-c", 'rmdir "$0" && exec "$@"', gone, EMULATOR, "-M", "virt",
                               "-display", "none", "-jitdump"], cwd=gone, capture_output=True,
                              text=True, timeout=TIMEOUT_S)
        self.assertEqual(done.returncode, 1)
        self.assertIn("Could not open 'jit-", done.stderr)

    def test_stages_are_told_apart(self):
        """One block in the log: each guest instruction at its address, in all stages."""
        self.run_guest("-d", "in_asm,op,op_opt,out_asm", "-D", "log")
        with open(os.path.join(self.folder, "log")) as file:
            log = file.read()
        for part in (r"IN: \n0x00001000:  [0-9a-f]{8} +auipc", r"OP:\n",
                     r"OP after optimization and liveness analysis:\n", r"OUT: \[size=\d+\]\n",
                     r"insn_start 0x80000000, 0\n"):
            self.assertRegex(log, part)

    def info_jit(self, process):
        """The numbers behind the words at the beginning of each line."""
        process.stdin.write("info jit\n")
        process.stdin.flush()
        values = {}
        while "device accesses" not in values:
            line = process.stdout.readline()
            self.assertTrue(line, "ended before it had told everything")
            match = re.match(r"([A-Za-z][A-Za-z ]*?) +(?:(?:data|lookup) )?(\d+)", line)
            if match:
                values[match[1]] = int(match[2])
        return values

    def test_info_jit(self):
        """What it counts is what has been translated, by the log."""
        with open(os.path.join(self.folder, "guest"), "wb") as file:
            file.write(payload.echo(""))
        process = subprocess.Popen([EMULATOR, "-M", "virt", "-display", "none", "-bios", "guest",
                                    "-serial", "null", "-monitor", "stdio",
                                    # regions take the place of blocks
                                    "-accel", "tcg,cold=0,hot=0",
                                    "-d", "in_asm", "-D", "log"],
                                   text=True, cwd=self.folder, stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE)
        self.addCleanup(process.kill)
        values = {}
        while values.get("device accesses", 0) < 100:
            values = self.info_jit(process)
        process.communicate("quit\n", timeout=TIMEOUT_S)
        with open(os.path.join(self.folder, "log")) as file:
            log = file.read()
        self.assertEqual(values["TB count"], log.count("IN: "))
        self.assertEqual(values["translations"], values["TB count"])
        self.assertEqual(values["TB flush count"], 0)
        self.assertEqual(values["TB avg target size"],
                         round(4 * len(re.findall("^0x", log, re.MULTILINE)) / values["TB count"]))
        for words in ("gen code size", "TB avg host size", "cross page TB count",
                      "direct jump count", "TB invalidate count", "TLB full flushes",
                      "TLB partial flushes", "TLB elided flushes", "translation time",
                      "TB lookups", "TB link exits", "other exits", "exceptions", "interrupts",
                      "slow accesses", "TLB misses"):
            self.assertIn(words, values)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
