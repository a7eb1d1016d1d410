#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes helper.h, the prototypes of the helpers, from the rows of helper.def and helper-fp.def.

    helpergen.py OUTPUT helper.def helper-fp.def

A row is HELPER(name, "signature", flags, ...); signature letters are described in tcg.h
(TCGHelper). A helper whose flags name TCG_HF_TRAP returns TCGRet.
"""

import re
import sys

ROW = re.compile(r'^HELPER\(\s*(\w+),\s*"([vilfe]+)",\s*([^,]+),', re.M)
TYPES = {'v': 'void', 'i': 'uint32_t', 'l': 'uint64_t', 'f': 'uint64_t', 'e': 'CPURISCVState *'}


def prototype(name, signature, flags):
    result = 'TCGRet' if 'TCG_HF_TRAP' in flags else TYPES[signature[0]]
    params = []
    for i, letter in enumerate(signature[1:]):
        params.append('CPURISCVState *env' if letter == 'e' else '%s arg%d' % (TYPES[letter], i))
    return '%s helper_%s(%s);' % (result, name, ', '.join(params) or 'void')


def main():
    output, *inputs = sys.argv[1:]
    lines = ['/* SPDX-License-Identifier: MIT */', '/* Made by helpergen.py from helper*.def. */',
             '#ifndef TARGET_RISCV_HELPER_H', '#define TARGET_RISCV_HELPER_H', '',
             '#include "target/riscv/cpu.h"', '']
    for path in inputs:
        with open(path, encoding='utf-8') as file:
            lines += [prototype(*row) for row in ROW.findall(file.read())]
    with open(output, 'w', encoding='utf-8') as file:
        file.write('\n'.join(lines + ['', '#endif', '']))


if __name__ == '__main__':
    main()
