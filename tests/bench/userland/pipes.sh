#!/bin/sh
# SPDX-License-Identifier: MIT
# Three processes a round.
i=0
while [ $i -lt 60 ]; do
    x=$(echo $i | sed s/1/2/)
    true
    cat /dev/null
    i=$((i + 1))
done
echo "$x"
