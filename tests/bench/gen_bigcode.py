#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes N small functions and a table of them: code that is run once or twice each.

usage: gen_bigcode.py N
"""

import sys

FUNCTION = """static uint64_t __attribute__((noinline)) f{i}(uint64_t x, uint64_t *m)
{{
    x += {a};
    if (x & {bit}) {{
        x ^= m[{m0}];
    }} else {{
        x -= m[{m1}];
    }}
    m[{m2}] = x * {odd};
    for (int k = 0; k < {loops}; k++) {{
        x = (x >> {shift}) + m[(x + k) & 63];
    }}
    return x ^ {sum};
}}
"""


def function(i):
    a = (i * 2654435761) & 0x7ff
    b = (i * 40503 + 7) & 0x3ff
    c = (i * 97 + 3) & 31
    return FUNCTION.format(i=i, a=a, bit=1 << (i % 6), m0=i % 64, m1=(i * 7) % 64,
                           m2=(i * 3) % 64, odd=b | 1, loops=1 + i % 3, shift=c % 13 + 1,
                           sum=a + b)


def main():
    count = int(sys.argv[1])
    print('#include "bench.h"')
    for i in range(count):
        print(function(i))
    names = ", ".join("f%d" % i for i in range(count))
    print("typedef uint64_t (*fn)(uint64_t, uint64_t *);")
    print("fn const bigtab[] = {%s};" % names)
    print("const int bigtab_n = %d;" % count)


main()
