#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares the committed self-test with what its source gives now.

usage: test-selftest.py SELFTEST.BIN

Only the compiler that made it gives the same bytes; the binary knows its version. Without
that compiler the test is skipped.
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
SIZE_LIMIT = 64 * 1024
PREFIXES = ("riscv64-unknown-elf-", "riscv64-linux-gnu-")


def main(committed):
    data = committed.read_bytes()
    if len(data) > SIZE_LIMIT:
        sys.exit(f"{len(data)} bytes, the limit is {SIZE_LIMIT}")
    version = re.search(rb"\(gcc ([\d.]+)", data).group(1).decode()
    for prefix in PREFIXES:
        if not shutil.which(prefix + "gcc"):
            continue
        found = subprocess.run([prefix + "gcc", "-dumpfullversion"], capture_output=True,
                               text=True, check=True).stdout.strip()
        if found == version:
            break
        print(f"{prefix}gcc is {found}, not {version}")
    else:
        print(f"SKIP: no RISC-V gcc {version}")
        sys.exit(SKIPPED)
    with tempfile.TemporaryDirectory() as folder:
        fresh = pathlib.Path(folder, "selftest.bin")
        subprocess.run([committed.parent / "selftest/build.sh", fresh], check=True,
                       env={"CROSS": prefix, "PATH": "/usr/bin:/bin"})
        if fresh.read_bytes() != data:
            sys.exit("selftest.bin is not what its source gives: run pc-bios/selftest/build.sh "
                     "pc-bios/selftest.bin")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]).resolve())
