#!/bin/sh
# SPDX-License-Identifier: MIT
# A shell's own arithmetic.
i=0 s=0
while [ $i -lt 40000 ]; do
    s=$(((s * 31 + i) % 65521))
    case $s in
    *7) s=$((s + 1)) ;;
    esac
    i=$((i + 1))
done
echo $s
