# SPDX-License-Identifier: MIT
"""Checks that files and functions stay small enough to be read: the limits are below.

A C function's body is what stands between a "{" and a "}" that are alone in the first
column, which is how .clang-format writes them. Text that is checked in as generated has no
limit; it lives in the folders below.
"""

import ast
import re

import tree

FILE_LINES = 800
FUNCTION_LINES = 80
GENERATED = ("tests/tcg/golden/", "tests/insns/recorded/")

SUFFIXES = (".c", ".h", ".S", ".def", ".insn", ".py", ".sh", "meson.build")
SHELL_FUNCTION = re.compile(r"^(\w+) ?\(\) ?\{?$")


def column_zero_bodies(lines):
    """(first line, number of lines) of each brace pair in the first column."""
    start = None
    for number, line in enumerate(lines, 1):
        if line in ("{", "({"):
            start = number
        elif line.startswith("}") and start:
            yield start, number - start - 1
            start = None


def c_functions(lines):
    for start, length in column_zero_bodies(lines):
        header = " ".join(lines[max(0, start - 4):start - 1])
        names = re.findall(r"(\w+)\s*\(", header)
        yield start, length, names[-1] if names else "?"


def shell_functions(lines):
    start = name = None
    for number, line in enumerate(lines, 1):
        match = SHELL_FUNCTION.match(line)
        if match:
            start, name = number, match.group(1)
        elif line == "}" and start:
            yield start, number - start - 1, name
            start = None


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.lineno, node.end_lineno - node.lineno, node.name


def functions(path, text, lines):
    if path.endswith((".c", ".h")):
        return c_functions(lines)
    if path.endswith(".py"):
        return python_functions(text)
    if path.endswith(".sh"):
        return shell_functions(lines)
    return ()


def find():
    for path in tree.files(*SUFFIXES):
        if path.startswith(GENERATED):
            continue
        text = tree.text(path)
        lines = text.splitlines()
        if len(lines) > FILE_LINES:
            yield path, 0, f"{len(lines)} lines, the limit is {FILE_LINES}"
        for line, length, name in functions(path, text, lines):
            if length > FUNCTION_LINES:
                yield path, line, f"{name}() has {length} lines, the limit is {FUNCTION_LINES}"


if __name__ == "__main__":
    tree.run(find)
