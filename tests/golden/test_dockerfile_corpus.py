"""The gold corpora and a sample of the ordinary one through the Dockerfile parser, the linter and the fixer."""
import unittest

from corpus import rows, run

ORDINARY = "ordinary_head.jsonl.xz"


class Corpus(unittest.TestCase):
    def check(self, tool, mode, name, every=1):
        figures, broken = run(tool, name, mode, every)
        self.assertEqual(broken, [], f"{mode} of {name}")
        self.assertEqual(figures["files"], (rows(name) + every - 1) // every)
        return figures

    def test_gold_files_parse(self):
        self.check("lint_corpus", "parse", "gold_head.jsonl.xz")
        self.check("lint_corpus", "parse", "gold-405.tar.xz")

    def test_a_sample_of_ordinary_files_parses(self):
        self.check("lint_corpus", "parse", ORDINARY, 50)

    def test_a_sample_of_ordinary_files_is_linted(self):
        self.check("lint_corpus", "lint", ORDINARY, 50)

    def test_gold_files_are_repaired(self):
        for name in ("gold_head.jsonl.xz", "gold-405.tar.xz"):
            for mode, every in (("safe", 1), ("unsafe", 1), ("each", 3)):
                self.assertGreater(self.check("fix_corpus", mode, name, every)["fixed"], 500)

    def test_a_sample_of_ordinary_files_is_repaired(self):
        for mode, every in (("safe", 20), ("unsafe", 20), ("each", 100)):
            self.assertGreater(self.check("fix_corpus", mode, ORDINARY, every)["fixed"], 5000)


if __name__ == "__main__":
    unittest.main()
