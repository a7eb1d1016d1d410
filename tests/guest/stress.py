#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the stress guest (stress/stress.c), and guests that try to take the emulator with them.

usage: stress.py [--smp N] [--accel ACCEL] [--seconds N] [--seed N] EMULATOR MODE

The time is TINAMOU_STRESS_SECONDS where no --seconds is given, else a second; of mode mix ten
minutes with TINAMOU_TEST_LONG=1. EMULATOR may have arguments: QEMU is run by
'sh tests/bench/reference-qemu system'.

Modes: phases (exact counts under contention), garbage (to every register of every device), mix
(mappings, code, traps and migration at once), and fault-loop, jump-nowhere, wfi-forever, from which
no guest comes back: then the monitor must answer, Ctrl-A x and SIGTERM must end the emulator with
status 0, over and over.
"""

import argparse
import os
import pathlib
import shlex
import signal
import subprocess
import tempfile

import emulator
from emulator import Emulator, Failure
from guests import HERE, need_program

MODES = {"phases": 0, "garbage": 1, "fault-loop": 2, "jump-nowhere": 3, "wfi-forever": 4,
         "mix": 5}
ENDING = ("phases", "mix")  # with a word
PARAMETERS = 0x80700000
STARTS = 5
LONG_S = 600
SOURCES = ("start.S", "stress.c", "mix-entry.S", "mix-kernel.c", "mix.c")


def build(folder):
    compiler = need_program("riscv64-unknown-elf-gcc", "riscv64-linux-gnu-gcc")
    program = pathlib.Path(folder, "stress.elf")
    subprocess.run([compiler, "-O2", "-march=rv64imac_zicsr_zifencei", "-mabi=lp64",
                    "-mcmodel=medany", "-ffreestanding", "-fno-builtin", "-fno-pie", "-no-pie",
                    "-mno-relax", "-nostdlib", "-Wl,--build-id=none", "-Wl,-Ttext=0x80000000",
                    *(HERE / "stress" / source for source in SOURCES), "-o", program], check=True)
    return program


def command(options, program):
    words = [*options.emulator, "-M", "virt", "-m", "64M", "-smp", options.smp, "-nographic",
             "-bios", "none", "-kernel", program]
    if options.accel:
        words += ["-accel", options.accel]
    for n, value in enumerate((options.seconds, options.smp, MODES[options.mode], options.seed,
                               round(emulator.SILENCE_S * 2 / 3))):
        words += ["-device", f"loader,addr={PARAMETERS + 8 * n:#x},data={value},data-len=8"]
    return words


def finite(options, words, folder):
    """The guest ends by itself."""
    with Emulator(words, folder) as machine:
        machine.expect("stress: mode")
        try:
            if options.mode in ENDING:
                print(machine.expect(r"STRESS-OK[^\r\n]*[\r\n]").group().decode().strip())
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


def emulator_words(text):
    """A program and its arguments; the test runs in a folder of its own."""
    words = shlex.split(text)
    return [str(pathlib.Path(words[0]).resolve())] if len(words) == 1 else words


def default_seconds(mode):
    if mode == "mix" and os.environ.get("TINAMOU_TEST_LONG") == "1":
        return LONG_S
    return 1


def main():
    parser = argparse.ArgumentParser(description="Stress the emulator.")
    parser.add_argument("--smp", type=int, default=4, help="number of harts")
    parser.add_argument("--accel", help="argument for -accel")
    parser.add_argument("--seconds", type=int, help="of guest time, at least",
                        default=os.environ.get("TINAMOU_STRESS_SECONDS"))
    parser.add_argument("--seed", type=int, default=1, help="of modes garbage and mix")
    parser.add_argument("emulator", type=emulator_words)
    parser.add_argument("mode", choices=sorted(MODES))
    options = parser.parse_args()
    if options.seconds is None:
        options.seconds = default_seconds(options.mode)
    emulator.SILENCE_S += 3 * options.seconds  # a last round may take long

    def test():
        with tempfile.TemporaryDirectory(prefix="tinamou-stress-") as folder:
            words = command(options, build(folder))
            if options.mode in ENDING + ("garbage",):
                finite(options, words, folder)
            else:
                endless(words, folder)

    emulator.run(test)


if __name__ == "__main__":
    main()
