#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""boot.sh as its user meets it, on the build that the tests run on.

usage: boot-script.py CASE BOOT.SH BUILD_FOLDER
"""

import os
import pathlib
import shutil
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "guest"))

import emulator  # noqa: E402
import guests  # noqa: E402
from emulator import Emulator, Failure  # noqa: E402

# From the command to the firmware's first words, when nothing is to be done.
START_S = 1.0

POWER_OFF = "poweroff\r"
QUIT = "\x01x"
NO_MIRROR = "file:///nothing/is/here"
WEEKS_AGO_S = 30 * 24 * 3600


def talk(command, *steps, **variables):
    """One run: (text to wait for, keys to type) each, then the end. The seconds to the first."""
    started = time.monotonic()
    first_s = None
    with Emulator(command, environment=os.environ | variables) as machine:
        try:
            for text, keys in steps:
                machine.expect(text)
                first_s = first_s or time.monotonic() - started
                machine.send(keys)
            machine.wait()
        except Failure:
            print("command:", *machine.command)
            print(machine.tail(), end="")
            raise
    return first_s


def offline(command):
    talk([*command, "--offline"], ("offline, as asked", ""), ("selftest> ", "all\r"),
         (r"SELFTEST: DONE pass=\d fail=0", ""), ("selftest> ", POWER_OFF))
    # The way out of a guest that does not answer.
    talk([*command, "--offline"], ("selftest> ", QUIT))


def linux(command):
    guests.need_guest("Image", "linux")
    talk(command, (r"OpenSBI v\d", ""), ("RVTEST: SHELL", ""), ("# ", POWER_OFF))
    first_s = min(talk([*command, "-smp", "1"], (r"OpenSBI v\d", QUIT)) for _ in range(3))
    print(f"OpenSBI speaks {first_s:.2f} s after the start of boot.sh")
    if first_s > START_S:
        raise Failure(f"a start without anything to do takes {first_s:.2f} s, not {START_S} s")


def no_network(command):
    """With an empty cache the self-test is booted, and the reason given."""
    with tempfile.TemporaryDirectory() as folder:
        talk(command, ("no guest from Debian without a network", ""), ("selftest> ", POWER_OFF),
             XDG_CACHE_HOME=folder, DEBIAN_MIRROR=NO_MIRROR)


def stale_lists(command):
    """With a filled cache and old package lists there is a warning, and Linux."""
    cache = guests.need_guest("Image", "linux").parent.parent
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder, "tinamou")
        shutil.copytree(cache / "apt-trixie", copy / "apt-trixie")
        (copy / "guests").symlink_to(cache / "guests")
        old = time.time() - WEEKS_AGO_S
        os.utime(copy / "apt-trixie/updated", (old, old))
        talk(command, ("warning: the package lists of trixie are from", ""),
             (r"OpenSBI v\d", QUIT), XDG_CACHE_HOME=folder, DEBIAN_MIRROR=NO_MIRROR)


CASES = {function.__name__.replace("_", "-"): function
         for function in (offline, linux, no_network, stale_lists)}

if __name__ == "__main__":
    case, script, build = sys.argv[1:]
    emulator.run(CASES[case], [script, "--build", build])
