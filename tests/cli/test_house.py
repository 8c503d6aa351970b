"""The house keeps its own rules: module order, families, places, words."""
import os
import re
import subprocess
import unittest

from plimsoll import SOURCE


def tracked(*patterns):
    p = subprocess.run(["git", "-C", SOURCE, "ls-files", *patterns], capture_output=True, text=True)
    return [name for name in p.stdout.splitlines() if os.path.isfile(os.path.join(SOURCE, name))]


def read(name):
    with open(os.path.join(SOURCE, name), encoding="utf-8", errors="replace") as f:
        return f.read()


class House(unittest.TestCase):
    def test_no_module_reaches_upward(self):
        p = subprocess.run([os.path.join(SOURCE, "tools", "check-modules")], capture_output=True, text=True)
        self.assertEqual(p.stdout.strip(), "")

    def test_family_lists_are_sorted_and_have_their_members(self):
        for name in tracked("src/*/*.def"):
            text = read(name)
            members = re.findall(r"^[A-Z_]+\((\w+)\)", text, re.M)
            if "in the order of" in text:
                continue
            with self.subTest(family=name):
                self.assertEqual(members, sorted(members))

    def test_no_stray_todo(self):
        hits = [n for n in tracked("*.c", "*.h", "*.py") if n != "tests/cli/test_house.py"
                and re.search(r"\b(TODO|FIXME|XXX|HACK)\b", read(n))]
        self.assertEqual(hits, [])

    def test_no_path_of_one_machine(self):
        hits = [n for n in tracked() if n != "tests/cli/test_house.py"
                and re.search(r"(?<![\w.$}])/(work|root)/\w", read(n))]
        self.assertEqual(hits, [])

    def test_files_have_a_readable_length(self):
        long = {n: c for n in tracked("src/*.c", "src/*.h") if (c := read(n).count("\n")) > 800}
        self.assertEqual(long, {})


if __name__ == "__main__":
    unittest.main()
