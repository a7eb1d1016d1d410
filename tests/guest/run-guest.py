#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs one of the test guests and checks what it says.

usage: run-guest.py [--smp N] [--accel ACCEL] EMULATOR GUEST
       run-guest.py --list
"""

import argparse
import tempfile

import emulator
import guests


def main():
    parser = argparse.ArgumentParser(description="Run one of the test guests.")
    parser.add_argument("--list", action="store_true", help="print the guests and end")
    parser.add_argument("--smp", type=int, default=1, help="number of harts")
    parser.add_argument("--accel", help="argument for -accel")
    parser.add_argument("emulator", nargs="?", help="path of tinamou-system-riscv64")
    parser.add_argument("guest", nargs="?", choices=sorted(guests.GUESTS))
    options = parser.parse_args()
    if options.list:
        for name, function in guests.GUESTS.items():
            print(f"{name:18}{function.__doc__.splitlines()[0]}")
        return
    if not options.guest:
        parser.error("an emulator and a guest are needed")
    with tempfile.TemporaryDirectory(prefix="tinamou-guest-") as folder:
        run = guests.Run(options.emulator, options.smp, options.accel, folder)
        emulator.run(guests.GUESTS[options.guest], run)


if __name__ == "__main__":
    main()
