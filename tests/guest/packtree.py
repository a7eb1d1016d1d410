#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Packs a folder into a "newc" archive for the kernel, without root; everything is root's.

usage: packtree.py FOLDER OUTPUT
"""

import os
import pathlib
import stat
import sys

import mkinitrd


def main():
    folder, output = map(pathlib.Path, sys.argv[1:])
    archive = mkinitrd.Archive()
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        name = str(path.relative_to(folder))
        if stat.S_ISLNK(status.st_mode):
            archive.add(name, mkinitrd.SYMLINK | 0o777, os.readlink(path).encode())
        elif stat.S_ISDIR(status.st_mode):
            archive.add(name, mkinitrd.DIRECTORY | 0o755)
        elif stat.S_ISREG(status.st_mode):
            archive.add(name, mkinitrd.REGULAR | status.st_mode & 0o777, path.read_bytes())
    output.write_bytes(archive.finish())


main()
