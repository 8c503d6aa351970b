"""A sample of the corpora through the Dockerfile parser and the linter."""
import os
import subprocess
import unittest

from plimsoll import BUILD, shared

TOOL = os.path.join(BUILD, "tests", "tool-lint_corpus")


class Sample(unittest.TestCase):
    def check(self, mode, name, every, least):
        xz = subprocess.Popen(["xz", "-dc", shared("dockerfile", name)], stdout=subprocess.PIPE)
        p = subprocess.run([TOOL, mode, str(every)], stdin=xz.stdout, capture_output=True, text=True)
        xz.stdout.close()
        self.assertEqual(xz.wait(), 0)
        self.assertEqual([line for line in p.stdout.splitlines() if line.startswith("broken:")], [])
        self.assertEqual(p.returncode, 0, p.stderr)
        words = p.stdout.splitlines()[-1].split()
        self.assertGreaterEqual(int(words[words.index("files") + 1]), least)

    def test_gold_files_parse(self):
        self.check("parse", "gold_head.jsonl.xz", 1, 642)

    def test_a_sample_of_ordinary_files_parses(self):
        self.check("parse", "ordinary_head.jsonl.xz", 50, 2000)

    def test_a_sample_of_ordinary_files_is_linted(self):
        self.check("lint", "ordinary_head.jsonl.xz", 50, 2000)

    def test_a_sample_of_ordinary_files_is_repaired(self):
        self.check("fix", "ordinary_head.jsonl.xz", 50, 2000)
        self.check("fix-unsafe", "ordinary_head.jsonl.xz", 100, 1000)


if __name__ == "__main__":
    unittest.main()
