# SPDX-License-Identifier: MIT
"""Checks that every source file says its licence in its first line, or after "#!"."""

import tree

TAG = "SPDX-License-Identifier: MIT"
SUFFIXES = (".c", ".h", ".S", ".ld", ".def", ".insn", ".py", ".sh", ".pl", "meson.build",
            "meson_options.txt", "Makefile")


def find():
    for path in tree.files():
        text = tree.text(path)
        if text is None:
            continue
        lines = text.split("\n", 2)
        is_script = lines[0].startswith("#!")
        if not is_script and not path.endswith(SUFFIXES):
            continue
        where = lines[1] if is_script and len(lines) > 1 else lines[0]
        if TAG not in where:
            yield path, 1, f"does not begin with {TAG}"


if __name__ == "__main__":
    tree.run(find)
