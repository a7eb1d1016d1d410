# SPDX-License-Identifier: MIT
"""Tests of the checks themselves: small trees with one fault each, and one without."""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

import layers
import limits
import spdx
import style
import tree
import words

HEAD = "/* SPDX-License-Identifier: MIT */\n"
OSDEP = HEAD + '#include "qemu/osdep.h"\n'


def function(lines):
    return "int f(void)\n{\n" + "    x++;\n" * lines + "}\n"


class LintTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.addCleanup(setattr, tree, "ROOT", tree.ROOT)
        tree.ROOT = self.folder.name

    def find(self, check, files, argv=()):
        """The messages of a check on a tree of these files."""
        for path, text in files.items():
            full = pathlib.Path(self.folder.name, path)
            full.parent.mkdir(parents=True, exist_ok=True)
            full.write_text(text, encoding="utf-8")
        sys.argv[1:] = argv
        return [message for _, _, message in check.find()]

    def test_layers(self):
        good = {"tcg/a.c": OSDEP + '#include "tcg-internal.h"\n', "tcg/tcg-internal.h": HEAD,
                "include/qemu/osdep.h": HEAD, "include/qom/object.h": HEAD,
                "target/riscv/cpu-qom.h": HEAD,
                "hw/riscv/virt.c": OSDEP + '#include "target/riscv/cpu-qom.h"\n'}
        self.assertEqual(self.find(layers, good), [])
        bad = {"tcg/b.c": OSDEP + '#include "qom/object.h"\n',
               "hw/char/c.c": OSDEP + '#include "target/riscv/cpu-qom.h"\n',
               "accel/tcg/d.c": OSDEP + '#include "tcg/tcg-internal.h"\n',
               "qom/e.c": OSDEP + '#include "target/riscv/generated.h"\n',
               "include/system/unheard-of.h": HEAD}
        found = self.find(layers, bad)
        self.assertEqual(len(found), 5)
        self.assertIn("tcg must not include include/qom/object.h (qom)", found)
        self.assertIn("tcg/tcg-internal.h is private to tcg/", found)

    def test_layers_of_tests(self):
        files = {"tests/unit/qom/test-a.c": OSDEP + '#include "qom/object.h"\n',
                 "include/qom/object.h": HEAD, "include/qemu/osdep.h": HEAD}
        self.assertEqual(self.find(layers, files, ["qom/test-a:util,qom"]), [])
        self.assertEqual(len(self.find(layers, files, ["qom/test-a:util"])), 1)
        self.assertEqual(len(self.find(layers, files, ["qom/test-b:util"])), 1)

    def test_limits(self):
        good = {"a.c": OSDEP + function(limits.FUNCTION_LINES),
                "a.h": HEAD * limits.FILE_LINES,
                "a.py": "def f():\n" + "    x()\n" * limits.FUNCTION_LINES,
                "a.sh": "f() {\n" + "x\n" * limits.FUNCTION_LINES + "}\n"}
        self.assertEqual(self.find(limits, good), [])
        bad = {"a.c": OSDEP + function(limits.FUNCTION_LINES + 1),
               "a.h": HEAD * (limits.FILE_LINES + 1),
               "a.py": "def f():\n" + "    x()\n" * (limits.FUNCTION_LINES + 1),
               "a.sh": "f() {\n" + "x\n" * (limits.FUNCTION_LINES + 1) + "}\n"}
        self.assertEqual(len(self.find(limits, bad)), 4)

    def test_spdx(self):
        tag = "# SPDX-License-Identifier: MIT\n"
        good = {"a.c": HEAD, "run": "#!/bin/sh\n" + tag, "meson.build": tag, "b.txt": "no\n"}
        self.assertEqual(self.find(spdx, good), [])
        bad = {"a.c": "\n" + HEAD, "run": "#!/bin/sh\n", "meson.build": "\n"}
        self.assertEqual(len(self.find(spdx, bad)), 3)

    def test_words(self):
        good = {"a.c": "/* mkstemp X" "XXXXX, todos, forenoon */", "b.sh": "ls $HOME/work/x\n"}
        self.assertEqual(self.find(words, good), [])
        for fault in ("TO" "DO: x", "for " "now", "Not implemented " "yet", "/ho" "me/me/x",
                      "cp /wo" "rk/x y", "http:" "//10.1.2.3/x", "https://deb.some" "-mirror.org/"):
            self.assertEqual(len(self.find(words, {"a.c": fault})), 1, fault)

    def test_style(self):
        self.addCleanup(setattr, style, "clang_format", style.clang_format)
        style.clang_format = lambda: None
        good = {"a.c": OSDEP, "a.S": "\tnop\n", "pc-bios/b.c": HEAD + "#include <stdint.h>\n"}
        self.assertEqual(self.find(style, good), [])
        for fault in ("int x; \n", "\tint x;\n", "/* " + "x" * 98 + " */\n", "int x;"):
            self.assertEqual(len(self.find(style, {"a.c": OSDEP + fault})), 1, fault)
        self.assertEqual(len(self.find(style, {"a.c": HEAD + "#include <stdint.h>\n"})), 1)
        self.assertEqual(len(self.find(style, {"a.c": OSDEP, "a.h": OSDEP})), 1)

    def test_format(self):
        if not style.clang_format():
            self.skipTest("no clang-format of the right version")
        source = pathlib.Path(__file__).parents[2] / ".clang-format"
        files = {".clang-format": source.read_text(encoding="utf-8"),
                 "a.c": OSDEP + "int  x;\n"}
        self.assertEqual(self.find(style, files), ["not as clang-format writes it"])


class SumTest(unittest.TestCase):
    """scripts/sum-tests.py counts single tests, and a crash as a failure."""

    def sum(self, programs, steps=""):
        script = pathlib.Path(__file__).parents[2] / "scripts" / "sum-tests.py"
        with tempfile.TemporaryDirectory() as folder:
            lines = "".join(json.dumps(p) + "\n" for p in programs)
            pathlib.Path(folder, "a.json").write_text(lines, encoding="utf-8")
            pathlib.Path(folder, "steps").write_text(steps, encoding="utf-8")
            result = subprocess.run([sys.executable, script, folder], text=True, check=False,
                                    capture_output=True)
        return result.stdout.splitlines()[-1], result.returncode

    def test_counts(self):
        tap = "TAP version 13\n1..3\nok 1 a\nok 2 b # SKIP no\nnot ok 3 c\n"
        programs = [{"name": "t", "result": "FAIL", "stdout": tap},
                    {"name": "plain", "result": "OK", "stdout": "ok, fine\n"},
                    {"name": "skipped", "result": "SKIP"}]
        self.assertEqual(self.sum(programs, "passed gcc build\n"),
                         ("3 passed, 1 failed, 2 skipped", 1))

    def test_crash(self):
        program = {"name": "t", "result": "ERROR", "stdout": "1..2\nok 1 a\n"}
        self.assertEqual(self.sum([program]), ("1 passed, 1 failed, 0 skipped", 1))
        self.assertEqual(self.sum([{"name": "t", "result": "TIMEOUT"}]),
                         ("0 passed, 1 failed, 0 skipped", 1))

    def test_success(self):
        self.assertEqual(self.sum([{"name": "t", "result": "OK"}]),
                         ("1 passed, 0 failed, 0 skipped", 0))
        self.assertEqual(self.sum([]), ("0 passed, 0 failed, 0 skipped", 1))


if __name__ == "__main__":
    unittest.main(buffer=True)
