"""plimsoll mine: forms of a corpus, hostile folders, exit codes."""
import io
import json
import os
import socket
import tarfile
import tempfile
import unittest

from plimsoll import run, with_shell

GOOD = "FROM a\nRUN apk add --no-cache b\n"
BAD = "FROM a\nRUN apk add b\n"


class Mine(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = temporary.name

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def write(self, name, text):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "wb") as out:
            out.write(text if isinstance(text, bytes) else text.encode())
        return self.path(name)

    def apk(self, *args, code=0):
        """Support and confirmed of the gold rule about apk add, the number of trees, and what was said."""
        p = run("mine", "--evaluate", "gold", "-f", "json", *args)
        self.assertEqual(p.code, code, p.errors)
        figures = json.loads(p.text)
        rule = next(r for r in figures["rules"] if r["name"] == "apkAddUseNoCache")
        return rule["support"], rule["confirmed"], figures["trees"], p.errors

    @with_shell
    def test_every_form_of_a_corpus_is_read(self):
        for name, text in (("a/Dockerfile", GOOD), ("b/Dockerfile", BAD), ("c/x.Dockerfile", GOOD)):
            self.write("folder/" + name, text)
        self.assertEqual(self.apk(self.path("folder")), (3, 2, 3, ""))
        self.assertEqual(self.apk(self.path("folder", "b", "Dockerfile")), (1, 0, 1, ""))
        with tarfile.open(self.path("c.tar.xz"), "w:xz") as tar:
            tar.add(self.path("folder"), "folder")
            info = tarfile.TarInfo("folder/README")
            info.size = 3
            tar.addfile(info, io.BytesIO(b"abc"))
        self.assertEqual(self.apk(self.path("c.tar.xz")), (3, 2, 3, ""))
        lines = "".join(json.dumps({"repo": "r", "path": str(i), "text": t}) + "\n" for i, t in enumerate((GOOD, BAD)))
        self.assertEqual(self.apk(self.write("d.jsonl", lines)), (2, 1, 2, ""))
        trees = run("mine", "-f", "trees", self.path("folder"))
        self.assertEqual((trees.code, len(trees.text.splitlines())), (0, 3))
        self.assertEqual(self.apk(self.write("trees.jsonl", trees.out)), (3, 2, 3, ""))
        table = run("mine", "--evaluate", "gold", "--min-support", "1", self.path("folder")).text
        self.assertRegex(table, r"(?m)^apkAddUseNoCache +3 +2 +66\.67 +1 +3 +1 +no: confidence$")
        self.assertIn("3 trees, 0 of 23 rules kept", table)

    @with_shell
    def test_a_hostile_folder_is_read_as_far_as_it_goes(self):
        self.write("good/Dockerfile", GOOD)
        self.write("nul/Dockerfile", b"FROM a\nRUN apk add b\0\n")
        self.write("utf16/Dockerfile", GOOD.encode("utf-16"))
        self.write("bytes/Dockerfile", b"FROM a\nRUN apk add \xff\xfe\n")
        self.write("xz/Dockerfile", b"\xfd7zXZ\0" + b"\0" * 20)
        os.symlink("..", self.path("good", "circle"))
        os.symlink("Dockerfile", self.path("good", "Containerfile"))
        os.makedirs(self.path("links"))
        os.symlink("a.Dockerfile", self.path("links", "b.Dockerfile"))
        os.symlink("b.Dockerfile", self.path("links", "a.Dockerfile"))
        os.symlink("nowhere", self.path("links", "Dockerfile"))
        os.mkfifo(self.path("links", "pipe.Dockerfile"))
        with socket.socket(socket.AF_UNIX) as s:
            s.bind(self.path("links", "sock.Dockerfile"))
        told = ["links/Dockerfile: No such file", "links/a.Dockerfile: Too many levels", "links/b.Dockerfile: Too many levels",
                "pipe.Dockerfile: is a pipe", "sock.Dockerfile: is a socket", "xz/Dockerfile: "]
        if os.geteuid() != 0:
            os.chmod(self.write("closed/Dockerfile", GOOD), 0)
            told.append("closed/Dockerfile: ")
        support, confirmed, trees, errors = self.apk(self.folder, code=4)
        for line in told:
            self.assertIn(line, errors)
        # the good one, its link, and the one with odd bytes are understood; all five readable ones are trees
        self.assertEqual(trees, 5, errors)
        self.assertGreaterEqual(support, 3)
        self.assertGreaterEqual(confirmed, 2)

    @with_shell
    def test_broken_lines_and_archives_are_gaps_and_the_rest_counts(self):
        row = json.dumps({"text": BAD}) + "\n"
        path = self.write("x.jsonl", row + "{\n[1]\n{\"a\": 1}\n{\"type\": null}\n{\"text\": 2}\n\n" + row)
        support, _, trees, errors = self.apk(path, code=4)
        self.assertEqual((support, trees), (2, 2))
        for line in (2, 3, 4, 5, 6):
            self.assertIn("x.jsonl, line %d: " % line, errors)
        with tarfile.open(self.path("x.tar"), "w") as tar:
            for name in ("a/Dockerfile", "b/Dockerfile"):
                info = tarfile.TarInfo(name)
                info.size = len(BAD)
                tar.addfile(info, io.BytesIO(BAD.encode()))
        with open(self.path("x.tar"), "rb") as f:
            self.write("cut.tar", f.read(1024 + 512 + 10))
        support, _, trees, errors = self.apk(self.path("cut.tar"), code=4)
        self.assertEqual((support, trees), (1, 1))
        self.assertIn("cut.tar", errors)

    def test_what_is_not_there_or_not_meant_is_an_error(self):
        self.assertEqual(run("mine", self.path("nothing")).code, 1)
        self.assertEqual(run("mine").code, 3)
        self.assertEqual(run("mine", "--min-confidence", "101", self.folder).code, 3)
        self.assertEqual(run("mine", "--evaluate", self.path("no.yaml"), self.folder).code, 3)
        bad = self.write("bad.yaml", "- {name: r, antecedent: A, consequent: B, location: near}\n")
        p = run("mine", "--evaluate", bad, self.folder)
        self.assertNotEqual(p.code, 0)
        self.assertIn("bad.yaml, line 1", p.errors)
        p = run("mine", self.folder)
        self.assertEqual((p.code, p.errors), (0, ""))

    def test_another_notation_is_mined_the_same_way(self):
        """The services of the page on tree rules."""
        service = {"type": "service", "children": [{"type": "image", "value": "nginx"}, {"type": "restart", "value": "always"}]}
        rows = [service] * 39 + [{"type": "service", "children": [{"type": "image", "value": "x"}]}]
        path = self.write("services.jsonl", "".join(json.dumps(r) + "\n" for r in rows))
        p = run("mine", "--min-support", "20", path)
        self.assertRegex(p.text, r"(?m)^ +40 +97\.50 .*service\^ child .*restart=always")


if __name__ == "__main__":
    unittest.main()
