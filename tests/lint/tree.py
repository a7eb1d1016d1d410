# SPDX-License-Identifier: MIT
"""What the lint checks share: the files of the tree and how findings are reported.

A check is a script that calls `run(find)`, where find() yields (path, line, message). It
ends with status 0 when there was nothing to yield.
"""

import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def _git_files():
    """What git tracks or would add; None outside a git checkout."""
    command = ["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        out = subprocess.run(command, check=True, capture_output=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    return [name.decode() for name in out.split(b"\0") if name]


def _walked_files():
    """The same for an unpacked archive: everything but hidden and build folders."""
    for folder, subfolders, names in os.walk(ROOT):
        subfolders[:] = [s for s in subfolders if s[0] != "." and not s.startswith("build")]
        for name in names:
            yield os.path.relpath(os.path.join(folder, name), ROOT)


def files(*suffixes):
    """Sorted paths below the root that end in one of @suffixes; all when there is none."""
    names = _git_files()
    if names is None:
        names = _walked_files()
    return sorted(name for name in set(names)
                  if (not suffixes or name.endswith(suffixes))
                  and os.path.isfile(os.path.join(ROOT, name)))


def text(path):
    """A file's text, or None when it is not text."""
    with open(os.path.join(ROOT, path), "rb") as f:
        data = f.read()
    if b"\0" in data:
        return None
    return data.decode("utf-8", errors="replace")


def run(find):
    """Reports what find() yields and ends the program."""
    findings = 0
    for path, line, message in find():
        print(f"{path}:{line}: {message}" if line else f"{path}: {message}")
        findings += 1
    print(f"{findings} finding{'' if findings == 1 else 's'}")
    sys.exit(1 if findings else 0)
