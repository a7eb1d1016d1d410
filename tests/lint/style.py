# SPDX-License-Identifier: MIT
"""Checks the form of the text: white space, line length, first includes, clang-format.

clang-format's output differs between its major versions, so only the one that .clang-format
was written for is asked; without it the other rules are checked all the same.
`tests/lint/format.sh` applies it.
"""

import concurrent.futures
import os
import re
import subprocess

import tree

CLANG_FORMAT_MAJOR = 14
COLUMNS = 100
C_SUFFIXES = (".c", ".h")
TEXT_SUFFIXES = C_SUFFIXES + (".S", ".def", ".insn", ".py", ".sh", ".md", "meson.build")
NARROW_SUFFIXES = C_SUFFIXES + (".def", ".py", ".sh", "meson.build")

# Programs for the guest, which have no qemu/osdep.h.
FREESTANDING = ("pc-bios/", "tests/guest/", "tests/boot/", "tests/bench/", "tests/diff/",
                "tests/fuzz/guest/")

INCLUDE = re.compile(r"^\s*#\s*include\s+(.*)$")


def check_lines(path, text):
    if text and not text.endswith("\n"):
        yield path, 0, "no newline at the end"
    for number, line in enumerate(text.splitlines(), 1):
        if line != line.rstrip() and not path.endswith(".md"):
            yield path, number, "white space at the end of the line"
        if "\t" in line and not path.endswith(".S"):
            yield path, number, "tab"
        if len(line) > COLUMNS and path.endswith(NARROW_SUFFIXES):
            yield path, number, f"{len(line)} columns, the limit is {COLUMNS}"


def check_osdep(path, text):
    """qemu/osdep.h comes first in a .c file and is not included by headers."""
    includes = [m.group(1) for m in map(INCLUDE.match, text.splitlines()) if m]
    osdep = '"qemu/osdep.h"'
    if path.endswith(".h") and osdep in includes:
        yield path, 0, f"a header does not include {osdep}: its users have"
    if path.endswith(".c") and includes and includes[0] != osdep:
        yield path, 0, f"the first include is {osdep}"


def clang_format():
    """The program of the right version, or None."""
    for name in (f"clang-format-{CLANG_FORMAT_MAJOR}", "clang-format"):
        try:
            out = subprocess.run([name, "--version"], capture_output=True, text=True, check=True)
        except (OSError, subprocess.CalledProcessError):
            continue
        match = re.search(r"version (\d+)\.", out.stdout)
        if match and int(match.group(1)) == CLANG_FORMAT_MAJOR:
            return name
    return None


def check_format(program, paths):
    """The first difference of each file."""
    result = subprocess.run([program, "--dry-run", "--style=file", *paths], cwd=tree.ROOT,
                            capture_output=True, text=True, check=False)
    seen = set()
    for line in result.stderr.splitlines():
        match = re.match(r"(.+?):(\d+):\d+: (?:warning|error): code should be clang", line)
        if match and match.group(1) not in seen:
            seen.add(match.group(1))
            yield match.group(1), match.group(2), "not as clang-format writes it"


def check_all_formats(paths):
    program = clang_format()
    if not program:
        print(f"clang-format {CLANG_FORMAT_MAJOR} is not installed: not asked")
        return
    jobs = os.cpu_count() or 1
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        parts = [paths[i::jobs] for i in range(jobs)]
        for findings in pool.map(lambda part: list(check_format(program, part)), parts):
            yield from findings


def find():
    c_files = []
    for path in tree.files(*TEXT_SUFFIXES):
        text = tree.text(path)
        yield from check_lines(path, text)
        if path.endswith(C_SUFFIXES):
            c_files.append(path)
            if not path.startswith(FREESTANDING):
                yield from check_osdep(path, text)
    yield from check_all_formats(c_files)


if __name__ == "__main__":
    tree.run(find)
