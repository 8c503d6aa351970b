"""The Dockerfile parser, linter and fixer over every file of both corpora.

Parsing: no stop, tokens tile, spans map back. Repairs: each finding's own edits, and all safe and all unsafe ones
together, leave a text that parses, has no new finding, has the repaired finding no more, and is left alone by the next
run.
"""
import os
import unittest

from corpus import rows, run

ORDINARY = "ordinary_head.jsonl.xz"


class Dockerfiles(unittest.TestCase):
    def check(self, tool, mode, name, *more):
        figures, broken = run(tool, name, mode, *more)
        self.assertEqual(broken, [])
        self.assertEqual(figures["files"], rows(name))
        print(f"# {name}: {mode}: {figures}")

    def fix(self, mode, name):
        self.check("fix_corpus", mode, name, 1, min(len(os.sched_getaffinity(0)), 64))

    def test_every_gold_file_parses(self):
        self.check("lint_corpus", "parse", "gold_head.jsonl.xz")

    def test_every_ordinary_file_parses(self):
        self.check("lint_corpus", "parse", ORDINARY)

    def test_every_ordinary_file_is_linted(self):
        self.check("lint_corpus", "lint", ORDINARY)

    def test_every_ordinary_file_is_repaired(self):
        self.fix("safe", ORDINARY)

    def test_every_ordinary_file_is_repaired_unsafely(self):
        self.fix("unsafe", ORDINARY)

    def test_every_repair_of_ordinary_files_holds_alone(self):
        self.fix("each", ORDINARY)


if __name__ == "__main__":
    unittest.main()
