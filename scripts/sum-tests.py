# SPDX-License-Identifier: MIT
"""Adds up the results of check.sh: sum-tests.py FOLDER

FOLDER holds logs of `meson test` (NAME.json, one JSON object a test program and line) and
the file `steps` (RESULT NAME a line). A program that speaks TAP counts as its single tests,
any other as one. Prints the failures and, last, "N passed, N failed, N skipped"; the status
is 1 when anything failed or nothing passed.
"""

import collections
import json
import pathlib
import re
import sys

TAP_PLAN = re.compile(r"^1\.\.\d+", re.MULTILINE)
TAP_TEST = re.compile(r"^(not )?ok\b[^\n#]*(#\s*(?i:skip|todo)\b)?", re.MULTILINE)

RESULTS = {
    "OK": "passed",
    "EXPECTEDFAIL": "passed",
    "SKIP": "skipped",
}


def count_program(program):
    """Counter of passed, failed and skipped for one line of meson's log."""
    result = RESULTS.get(program["result"], "failed")
    output = program.get("stdout", "")
    if not TAP_PLAN.search(output):
        return collections.Counter([result])
    count = collections.Counter()
    for failed, directive in TAP_TEST.findall(output):
        count["skipped" if directive else "failed" if failed else "passed"] += 1
    # It crashed, timed out, or ended early: the single tests do not say so.
    if result == "failed" and not count["failed"]:
        count["failed"] = 1
    return count


def main(folder):
    total = collections.Counter()
    failures = []
    for log in sorted(folder.glob("*.json")):
        for line in log.read_text(encoding="utf-8").splitlines():
            program = json.loads(line)
            count = count_program(program)
            total += count
            if count["failed"]:
                failures.append(f"{log.stem}: {program['name']}: {program['result']}")
    for line in (folder / "steps").read_text(encoding="utf-8").splitlines():
        result, name = line.split(" ", 1)
        total[result] += 1
        if result == "failed":
            failures.append(name)
    if failures:
        print("\nFailed:")
        for name in failures:
            print(f"    {name}")
    print(f"\n{total['passed']} passed, {total['failed']} failed, {total['skipped']} skipped")
    return 1 if total["failed"] or not total["passed"] else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
