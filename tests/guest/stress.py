#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the stress guest (stress/stress.c), and guests that try to take the emulator with them.

usage: stress.py [--smp N] [--accel ACCEL] [--seconds N] [--seed N] EMULATOR MODE

The time is TINAMOU_STRESS_SECONDS where no --seconds is given.

Modes: phases (exact counts under contention), garbage (to every register of every device), and
fault-loop, jump-nowhere, wfi-forever, from which no guest comes back: then the monitor must
answer, Ctrl-A x and SIGTERM must end the emulator with status 0, over and over.
"""

import argparse
import os
import pathlib
import signal
import subprocess
import tempfile

import emulator
from emulator import Emulator, Failure
from guests import HERE, need_program

MODES = {"phases": 0, "garbage": 1, "fault-loop": 2, "jump-nowhere": 3, "wfi-forever": 4}
PARAMETERS = 0x80700000
STARTS = 5


def build(folder):
    compiler = need_program("riscv64-unknown-elf-gcc", "riscv64-linux-gnu-gcc")
    program = pathlib.Path(folder, "stress.elf")
    subprocess.run([compiler, "-O2", "-march=rv64imac_zicsr_zifencei", "-mabi=lp64",
                    "-mcmodel=medany", "-ffreestanding", "-fno-builtin", "-fno-pie", "-no-pie",
                    "-nostdlib", "-Wl,--build-id=none", "-Wl,-Ttext=0x80000000",
                    HERE / "stress/start.S", HERE / "stress/stress.c", "-o", program], check=True)
    return program


def command(options, program):
    words = [options.emulator, "-M", "virt", "-m", "64M", "-smp", options.smp, "-nographic",
             "-bios", "none", "-kernel", program]
    if options.accel:
        words += ["-accel", options.accel]
    for n, value in enumerate((options.seconds, options.smp, MODES[options.mode], options.seed)):
        words += ["-device", f"loader,addr={PARAMETERS + 8 * n:#x},data={value},data-len=8"]
    return words


def finite(options, words, folder):
    """The guest ends by itself."""
    with Emulator(words, folder) as machine:
        machine.expect("stress: mode")
        try:
            if options.mode == "phases":
                machine.expect("STRESS-OK")
            machine.wait()
        except Failure:
            print(machine.tail(), end="")
            raise


def endless(words, folder):
    """Start, look, and end in one of two ways."""
    for n in range(STARTS):
        with Emulator(words, folder) as machine:
            machine.expect("stress: mode")
            machine.send("\x01c")
            machine.expect(r"\(qemu\) ")
            machine.send("info registers\r")
            machine.expect(r"pc +[0-9a-f]{16}")
            if n % 2:
                machine.process.send_signal(signal.SIGTERM)
            else:
                machine.send("\x01x")
            machine.wait()


def main():
    parser = argparse.ArgumentParser(description="Stress the emulator.")
    parser.add_argument("--smp", type=int, default=4, help="number of harts")
    parser.add_argument("--accel", help="argument for -accel")
    parser.add_argument("--seconds", type=int, help="of guest time, at least",
                        default=int(os.environ.get("TINAMOU_STRESS_SECONDS", "1")))
    parser.add_argument("--seed", type=int, default=1, help="of mode garbage")
    parser.add_argument("emulator", type=lambda path: str(pathlib.Path(path).resolve()))
    parser.add_argument("mode", choices=sorted(MODES))
    options = parser.parse_args()
    emulator.SILENCE_S += 3 * options.seconds  # a last round may take long

    def test():
        with tempfile.TemporaryDirectory(prefix="tinamou-stress-") as folder:
            words = command(options, build(folder))
            if options.mode in ("phases", "garbage"):
                finite(options, words, folder)
            else:
                endless(words, folder)

    emulator.run(test)


if __name__ == "__main__":
    main()
