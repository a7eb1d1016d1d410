#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs every row of bad-input.tsv: exit status and message, nothing written to stdout.

usage: bad-input.py EMULATOR TABLE
"""

import os
import struct
import subprocess
import sys
import tempfile

import payload

TIMEOUT_S = 20  # of one row, on a machine that does other things too


def elf(machine, address):
    """A 64-bit ELF executable of one segment with 16 bytes at an address."""
    header = b"\x7fELF" + bytes([2, 1, 1]) + bytes(9)
    header += struct.pack("<HHIQQQIHHHHHH", 2, machine, 1, address, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    segment = struct.pack("<IIQQQQQQ", 1, 5, 120, address, address, 16, 16, 4)
    return header + segment + bytes(16)


def make_files(folder):
    files = {
        "empty": b"",
        "zeros": bytes(65536),
        "off": payload.power_off(),
        "x86.elf": elf(62, 0x80200000),
        "outside.elf": elf(243, 0x1000000000),
    }
    for name, contents in files.items():
        with open(os.path.join(folder, name), "wb") as file:
            file.write(contents)


def read_rows(path, folder):
    with open(path) as table:
        for line in table:
            if line.startswith("#"):
                continue
            row = line.rstrip("\n").replace("{dir}", folder).split("\t")
            what, arguments, status, message = row
            yield what, arguments.split(), int(status), message.replace("\\n", "\n")


def run_row(emulator, arguments, status, message):
    """None when all is as expected, else what is not."""
    try:
        done = subprocess.run([emulator, *arguments], stdin=subprocess.DEVNULL, text=True,
                              capture_output=True, timeout=TIMEOUT_S)
    except subprocess.TimeoutExpired:
        return "still running after %d s" % TIMEOUT_S
    if done.returncode != status:
        return "status %d, expected %d: %s" % (done.returncode, status, done.stderr)
    if message not in done.stderr:
        return "expected %r in %r" % (message, done.stderr)
    if status and not done.stderr.startswith("tinamou-system-riscv64: "):
        return "no program name in %r" % done.stderr
    if status and done.stdout:
        return "stdout is not empty: %r" % done.stdout
    return None


def main():
    emulator, table = sys.argv[1:]
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        make_files(folder)
        rows = list(read_rows(table, folder))
        print("1..%d" % len(rows))
        for number, (what, arguments, status, message) in enumerate(rows, 1):
            problem = run_row(emulator, arguments, status, message)
            failures += problem is not None
            print("%s %d %s" % ("not ok" if problem else "ok", number, what), flush=True)
            if problem:
                print("# " + problem.replace("\n", "\n# "))
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())
