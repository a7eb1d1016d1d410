#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Boots Linux with four harts again and again: no hang, and no character lost.

usage: many-boots.py EMULATOR

Ten times, or 200 times with TINAMOU_TEST_LONG=1.
"""

import os
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "guest"))

import emulator  # noqa: E402
import guests  # noqa: E402

HARTS = 4


def boot_all(path, count):
    for number in range(1, count + 1):
        with tempfile.TemporaryDirectory(prefix="tinamou-boot-") as folder:
            run = guests.Run(path, HARTS, None, folder)
            with run.linux("-no-reboot", words="test=smoke,console mods=none") as machine:
                machine.expect(rf"RVTEST: BOOT Linux .* riscv64 cpus={HARTS} ")
                guests.expect_done(machine, 2)
                machine.wait()
                guests.check_lines(machine)
        print(f"boot {number} of {count}: good", flush=True)


if __name__ == "__main__":
    emulator.run(boot_all, sys.argv[1], 200 if os.environ.get("TINAMOU_TEST_LONG") else 10)
