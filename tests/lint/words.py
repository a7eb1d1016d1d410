# SPDX-License-Identifier: MIT
"""Checks that nothing in the tree speaks of unfinished work or of one particular machine.

The words are put together from halves so that this file passes its own check.
"""

import re

import tree

UNFINISHED = re.compile(
    r"\b(" + "|".join(["TO" "DO", "FIX" "ME", "X" "XX", "HA" "CK"]) + r")\b"
    r"|(?i:\bnot implemented " r"yet\b|\bfor " r"now\b)")

# Folders of whoever wrote it, and hosts that only exist where it was written.
MACHINE_PATH = re.compile(r"(?<![\w.$}/-])/(?:work|farm|srv|home/\w+|root|Users/\w+)/")
PRIVATE_HOST = re.compile(
    r"https?://[\w.-]*(?:mirror|proxy|artifact|nexus|\.internal|\.local|\.corp|\.lan)\b"
    r"|https?://(?!127\.|10\.0\.2\.|0\.0\.0\.0)\d+\.\d+\.\d+\.\d+", re.IGNORECASE)

RULES = (
    (UNFINISHED, "unfinished work"),
    (MACHINE_PATH, "path of one machine"),
    (PRIVATE_HOST, "host of one network"),
)


def find():
    for path in tree.files():
        text = tree.text(path)
        if text is None:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            for pattern, what in RULES:
                match = pattern.search(line)
                if match:
                    yield path, number, f"{what}: {match.group(0).strip()}"


if __name__ == "__main__":
    tree.run(find)
