# SPDX-License-Identifier: MIT
"""Checks that each file includes only what its layer may see.

The tables below are the layers of docs/layers.md. A file's layer follows from its path; an
include is resolved as the compiler would, in the including file's folder, in include/, at
the root (which is also where generated headers appear).

Arguments: NAME:LAYER,LAYER... for each unit test, as tests/unit/meson.build declares it.
"""

import os
import re
import sys

import tree

# The longest matching prefix names a path's layer.
LAYER_OF_PATH = {
    "util/": "util",
    "include/qemu/": "util",
    "qom/": "qom",
    "include/qom/": "qom",
    "tcg/": "tcg",
    "include/tcg/": "tcg",
    "system/memory/": "memory",
    "include/system/address-spaces.h": "memory",
    "include/system/dirty.h": "memory",
    "include/system/memattrs.h": "memory",
    "include/system/memory.h": "memory",
    "include/system/ram.h": "memory",
    "system/backends/": "backends",
    "include/system/block.h": "backends",
    "include/system/chardev.h": "backends",
    "include/system/net.h": "backends",
    "include/system/rng.h": "backends",
    "hw/core/": "hwcore",
    "include/hw/core/": "hwcore",
    "hw/": "hw",
    "include/hw/": "hw",
    "hw/riscv/": "boards",
    "include/hw/riscv/": "boards",
    "accel/": "accel",
    "include/accel/": "accel",
    "target/": "target",
    "system/": "system",
    # What system/ implements and others call.
    "include/system/cpus.h": "hwcore",
    "include/system/gdbstub.h": "system",
    "include/system/identity.h": "system",
    "include/system/monitor.h": "system",
    "include/system/runstate.h": "system",
    "include/system/semihosting.h": "system",
}

MAY_INCLUDE = {
    "util": {"util"},
    "qom": {"util", "qom"},
    "tcg": {"util", "tcg"},
    "memory": {"util", "qom", "memory"},
    "backends": {"util", "qom", "backends"},
    "hwcore": {"util", "qom", "memory", "backends", "hwcore"},
    "hw": {"util", "qom", "memory", "backends", "hwcore", "hw"},
    "accel": {"util", "qom", "memory", "hwcore", "tcg", "accel"},
    "target": {"util", "qom", "memory", "hwcore", "tcg", "accel", "target"},
    "boards": {"util", "qom", "memory", "backends", "hwcore", "hw", "boards"},
    "system": {"util", "qom", "tcg", "memory", "backends", "hwcore", "hw", "accel", "target",
               "boards", "system"},
}

# Single headers that a layer may include beyond that.
MAY_ALSO_INCLUDE = {
    "boards": {"target/riscv/cpu-qom.h"},
}

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')


def layer_of(path):
    """The layer of a path, or None for what is in no layer (tests, firmware)."""
    best = max((p for p in LAYER_OF_PATH if path.startswith(p)), key=len, default=None)
    return LAYER_OF_PATH.get(best)


def resolve(path, name):
    """The path from the root of what @path includes as @name."""
    here = os.path.normpath(os.path.join(os.path.dirname(path), name))
    for candidate in (here, os.path.join("include", name), name):
        if os.path.exists(os.path.join(tree.ROOT, candidate)):
            return candidate
    # Generated: by its path, or, without one, beside the file that includes it.
    return name if "/" in name else here


def includes(path):
    """(line, resolved path) of each include of @path."""
    for number, line in enumerate(tree.text(path).splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            yield number, resolve(path, match.group(1))


def check_file(path, layer, allowed, extra=()):
    for number, included in includes(path):
        other = layer_of(included)
        if other and other not in allowed and included not in extra:
            yield path, number, f"{layer} must not include {included} ({other})"
        folder = os.path.dirname(included)
        if included.endswith("-internal.h") and folder != os.path.dirname(path):
            yield path, number, f"{included} is private to {folder}/"


def unit_tests():
    """test source -> set of declared layers."""
    for argument in sys.argv[1:]:
        name, _, layers = argument.partition(":")
        yield f"tests/unit/{name}.c", set(layers.split(","))


def find():
    for path in tree.files(".c", ".h", ".def"):
        layer = layer_of(path)
        if not layer and path.startswith("include/"):
            yield path, 0, "in no layer: add it to LAYER_OF_PATH in tests/lint/layers.py"
        if layer:
            extra = MAY_ALSO_INCLUDE.get(layer, ())
            yield from check_file(path, layer, MAY_INCLUDE[layer], extra)
    for path, layers in unit_tests():
        if not os.path.exists(os.path.join(tree.ROOT, path)):
            yield path, 0, "a unit test is named after its source file"
        else:
            yield from check_test(path, layers)


def check_test(path, layers):
    """A unit test may look inside the layers it declares, and into no other."""
    for number, included in includes(path):
        other = layer_of(included)
        if other and other not in layers:
            yield path, number, f"includes {included}, but does not declare the layer {other}"


if __name__ == "__main__":
    tree.run(find)
