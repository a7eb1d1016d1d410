#!/bin/sh
# SPDX-License-Identifier: MIT
# Rewrites C files as .clang-format wants them: those named, or all of the tree.
# tests/lint/style.py says which version of clang-format counts.
set -eu

cd "$(dirname "$0")/../.."
format=clang-format-14
command -v "$format" >/dev/null || format=clang-format
case $("$format" --version) in
*"version 14."*) ;;
*)
    echo "format.sh: clang-format 14 is needed" >&2
    exit 1
    ;;
esac
if [ $# -gt 0 ]; then
    exec "$format" -i --style=file "$@"
fi
git ls-files -z -- '*.c' '*.h' | xargs -0 "$format" -i --style=file
