"""The Dockerfile parser over every file of both corpora: no stop, tokens tile, spans map back."""
import os
import subprocess
import unittest

from plimsoll import BUILD, manifest, shared

TOOL = os.path.join(BUILD, "tests", "tool-lint_corpus")


def run(mode, name, every=1):
    """Figures of the tool over one corpus, and the promises that were broken."""
    xz = subprocess.Popen(["xz", "-dc", shared("dockerfile", name)], stdout=subprocess.PIPE)
    p = subprocess.run([TOOL, mode, str(every)], stdin=xz.stdout, capture_output=True, text=True)
    xz.stdout.close()
    if xz.wait() != 0:
        raise AssertionError("xz failed")
    broken = [line for line in p.stdout.splitlines() if line.startswith("broken:")]
    last = p.stdout.splitlines()[-1] if p.stdout else p.stderr
    words = last.split()
    return dict(zip(words[::2], map(int, words[1::2]))), broken


def rows(name):
    return next(int(row["items"]) for row in manifest("dockerfile") if row["file"] == name)


class Dockerfiles(unittest.TestCase):
    def check(self, mode, name):
        figures, broken = run(mode, name)
        self.assertEqual(broken[:20], [])
        self.assertEqual(figures["files"], rows(name))
        print(f"# {name}: {mode}: {figures}")

    def test_every_gold_file_parses(self):
        self.check("parse", "gold_head.jsonl.xz")

    def test_every_ordinary_file_parses(self):
        self.check("parse", "ordinary_head.jsonl.xz")

    def test_every_ordinary_file_is_linted(self):
        self.check("lint", "ordinary_head.jsonl.xz")

    def test_every_ordinary_file_is_repaired(self):
        self.check("fix", "ordinary_head.jsonl.xz")

    def test_every_ordinary_file_is_repaired_unsafely(self):
        self.check("fix-unsafe", "ordinary_head.jsonl.xz")

    def test_every_gold_file_is_repaired(self):
        self.check("fix", "gold_head.jsonl.xz")
        self.check("fix-unsafe", "gold_head.jsonl.xz")


if __name__ == "__main__":
    unittest.main()
