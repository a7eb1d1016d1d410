#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the manual's table of options from options.def.

usage: options2md.py OPTIONS.DEF > options.md
"""

import ast
import re
import sys

# A name, and an argument that is an identifier or adjacent string literals.
ROW = re.compile(r"^(HEADING|OPTION|LATER)\((.*?)\)$", re.MULTILINE | re.DOTALL)
ARGUMENT = re.compile(r'\s*(\w+|(?:"(?:[^"\\]|\\.)*"\s*)+)\s*(?:,|$)', re.DOTALL)


def arguments(text):
    """The arguments of a row: identifiers as they are, literals joined."""
    found = []
    position = 0
    while position < len(text):
        match = ARGUMENT.match(text, position)
        if not match:
            sys.exit("options2md.py: cannot read the row (%s)" % text)
        position = match.end()
        value = match.group(1)
        if value.startswith('"'):
            value = "".join(ast.literal_eval(part)
                            for part in re.findall(r'"(?:[^"\\]|\\.)*"', value))
        found.append(value)
    return found


def main():
    with open(sys.argv[1]) as file:
        table = re.sub(r"/\*.*?\*/", "", file.read(), flags=re.DOTALL)
    later = []
    print("# Options\n\n`-option` and `--option` are the same. "
          "Generated from `system/options.def`.")
    for kind, text in ROW.findall(table):
        row = arguments(text)
        if kind == "HEADING":
            print("\n## %s" % row[0].rstrip(":"))
        elif kind == "LATER":
            later.append(row[0])
        else:
            name, _, _, usage, doc = row
            if not usage and not doc:
                continue  # another name, shown with the first
            print("\n### -%s\n" % name)
            if usage:
                print("```\n%s```" % usage)
            if doc:
                print(("\n" if usage else "") + doc)
    print("\n## Options of QEMU that are refused\n")
    print("They end the emulator with a message that says what is missing:")
    print(", ".join("`-%s`" % name for name in later) + ".")


if __name__ == "__main__":
    main()
