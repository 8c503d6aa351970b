"""plimsoll lint: files and folders, exit codes, configuration, formats, repairs."""
import json
import os
import socket
import stat
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree

from plimsoll import run, shared, with_shell

BAD = b"FROM debian:latest\nMAINTAINER me\n"
GOOD = b"FROM debian:12\n"


def codes(result):
    return [f["code"] for f in json.loads(result.text)]


class Folder(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = self.temporary.name
        self.addCleanup(self.temporary.cleanup)

    def write(self, name, content):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(content)
        return path

    def read(self, name):
        with open(os.path.join(self.folder, name), "rb") as f:
            return f.read()

    def lint(self, *args, **kw):
        return run("lint", "--no-config", *args, cwd=self.folder, **kw)


class Pages(unittest.TestCase):
    def test_help_has_the_page_of_a_rule(self):
        page = run("help", "DL3008").text
        self.assertTrue(page.startswith("# DL3008: "), page[:40])
        self.assertIn("\n## Good\n", page)
        self.assertEqual(run("help", "dl3008").text, page)
        self.assertEqual(run("help", "DL9999").code, 3)


class Files(Folder):
    def test_folders_are_walked_and_odd_things_passed_over(self):
        self.write("Dockerfile", BAD)
        self.write("a/b/app.dockerfile", BAD)
        self.write("a/Containerfile.dev", BAD)
        self.write("a/README", BAD)
        self.write("a/Dockerfile.dockerignore", b"x\n")
        os.symlink("..", os.path.join(self.folder, "a", "circle"))
        os.symlink("Dockerfile.loop", os.path.join(self.folder, "Dockerfile.loop"))
        s = socket.socket(socket.AF_UNIX)
        s.bind(os.path.join(self.folder, "Dockerfile.socket"))
        self.addCleanup(s.close)
        os.mkfifo(os.path.join(self.folder, "Dockerfile.pipe"))
        result = self.lint("-f", "json", ".")
        self.assertEqual(result.code, 2)
        self.assertEqual(sorted({f["file"] for f in json.loads(result.text)}),
                         ["Dockerfile", "a/Containerfile.dev", "a/b/app.dockerfile"])
        for word in ("Dockerfile.loop: Too many levels", "Dockerfile.socket: is a socket", "Dockerfile.pipe: is a pipe"):
            self.assertIn(word, result.errors)

    def test_what_cannot_be_read_is_a_gap_and_the_rest_is_there(self):
        self.write("Dockerfile", GOOD)
        os.symlink("nowhere", os.path.join(self.folder, "Dockerfile.broken"))
        result = self.lint("-f", "json", ".")
        self.assertEqual((result.code, result.text), (4, "[]\n"))
        self.assertIn("Dockerfile.broken: No such file", result.errors)

    def test_unreadable_files_are_said(self):
        path = self.write("Dockerfile", GOOD)
        os.chmod(path, 0)
        if os.access(path, os.R_OK):
            self.skipTest("root reads everything")
        self.assertEqual(self.lint(".").code, 4)

    def test_a_missing_file_is_an_error_and_the_others_are_linted(self):
        self.write("Dockerfile", BAD)
        result = self.lint("-f", "json", "nope", "Dockerfile")
        self.assertEqual(result.code, 1)
        self.assertIn("plimsoll: nope: No such file or directory", result.errors)
        self.assertIn("DL4000", codes(result))

    def test_patterns_standard_input_and_names(self):
        self.write("x/Dockerfile.a", BAD)
        self.write("x/Dockerfile.b", GOOD)
        result = self.lint("-f", "json", "x/*")
        self.assertEqual({f["file"] for f in json.loads(result.text)}, {"x/Dockerfile.a"})
        result = self.lint("-f", "json", "--file-path-in-report", "z", "-", stdin=BAD)
        self.assertEqual({f["file"] for f in json.loads(result.text)}, {"z"})
        self.assertEqual(self.lint("-f", "json", "-", stdin=b"").text, "[]\n")

    def test_many_files_come_in_order(self):
        for i in range(300):
            self.write(f"Dockerfile.{i:03}", BAD if i % 3 else GOOD)
        found = [f["file"] for f in json.loads(self.lint("-f", "json", ".").text) if f["code"] == "DL4000"]
        self.assertEqual(found, [f"Dockerfile.{i:03}" for i in range(300) if i % 3])


class Gate(Folder):
    def test_threshold_and_exit_codes(self):
        self.write("Dockerfile", b"FROM debian:latest\n")
        for args, code in ((), 2), (("-t", "error"), 0), (("-t", "warning"), 2), (("-t", "none"), 0), \
                (("--no-fail",), 0), (("--exit-code", "1"), 1), (("--ignore", "DL3007"), 0), \
                (("--error", "DL3007", "-t", "error"), 2), (("--style", "DL3007"), 0):
            with self.subTest(args=args):
                self.assertEqual(self.lint(*args, "Dockerfile").code, code)

    def test_wrong_words_are_usage_errors(self):
        self.write("Dockerfile", GOOD)
        for args, word in (("-t", "grave"), "one of error, warning"), (("-f", "word"), "not one of checkstyle"), \
                (("--fix=maybe",), "safe, unsafe"), (("--require-label", "a:b"), "one of text, url"), \
                (("--build-arg", "x"), "NAME=VALUE"), (("-c", "nowhere"), "nowhere"):
            with self.subTest(args=args):
                result = self.lint(*args, "Dockerfile")
                self.assertEqual(result.code, 3)
                self.assertIn(word, result.errors)


class Configuration(Folder):
    def run_with(self, yaml, *args, env=None):
        self.write("c.yaml", yaml)
        self.write("Dockerfile", BAD)
        return run("lint", "-c", "c.yaml", *args, "Dockerfile", cwd=self.folder, env=env)

    def test_hadolints_file_is_read_as_it_is(self):
        result = self.run_with(b"ignored: [DL4000, MaintainerDeprecated]\noverride:\n  error: [DL3007]\n"
                               b"failure-threshold: error\nformat: json\n")
        self.assertEqual([(f["code"], f["level"], f["severity"]) for f in json.loads(result.text)],
                         [("DL3007", "error", "high")])
        self.assertEqual(result.code, 2)
        self.assertEqual(self.run_with(b"no-fail: true\n").code, 0)
        self.assertEqual(self.run_with(b"").code, 2)

    def test_environment_and_command_line_come_on_top(self):
        result = self.run_with(b"format: gnu\n", "-f", "json", env={"HADOLINT_IGNORE": "DL4000,MaintainerDeprecated"})
        self.assertEqual(codes(result), ["DL3007"])
        self.assertEqual(self.run_with(b"", env={"HADOLINT_NOFAIL": "1"}).code, 0)

    def test_the_working_folders_file_is_found(self):
        self.write(".hadolint.yaml", b"ignored: [DL3007]\n")
        self.write("Dockerfile", b"FROM a:latest\n")
        self.assertEqual(run("lint", "Dockerfile", cwd=self.folder).code, 0)
        self.assertEqual(run("lint", "--no-config", "Dockerfile", cwd=self.folder).code, 2)

    def test_errors_have_their_place(self):
        for yaml, word in (b"ignored: {a: b}\n", "c.yaml: line 1, column 10: ignored must be a list"), \
                (b"a: [\n", "c.yaml: line"), (b"- a\n", "mapping of settings"), \
                (b"failure-threshold: grave\n", "line 1"), (b"label-schema:\n  a: b\n", "line 2, column 6"):
            with self.subTest(yaml=yaml):
                result = self.run_with(yaml)
                self.assertEqual(result.code, 3)
                self.assertIn(word, result.errors)
        result = self.run_with(b"fromat: json\n")
        self.assertIn("note: c.yaml: line 1, column 9: 'fromat' is no setting", result.errors)


    @with_shell
    def test_comments_may_name_the_tree_rules(self):
        text = b"FROM debian:12\n# hadolint ignore=%s\nRUN curl http://x.org/f -o /f\n"
        found = self.lint("-f", "json", "-", stdin=text % b"DL3000")
        self.assertIn("curlUseFlagF", codes(found))
        found = self.lint("-f", "json", "-", stdin=text % b"curlUseFlagF")
        self.assertNotIn("curlUseFlagF", codes(found))
        self.assertNotIn("PL1006", codes(found))
        self.assertIn("PL1006", codes(self.lint("-f", "json", "-", stdin=text % b"curlUseFlagX")))


class Formats(Folder):
    def test_every_format_holds_every_finding(self):
        self.write("a b/Dockerfile", BAD)
        self.write("Dockerfile.good", GOOD)
        sarif = json.loads(self.lint("-f", "sarif", ".").text)
        results = sarif["runs"][0]["results"]
        rules = sarif["runs"][0]["tool"]["driver"]["rules"]
        self.assertEqual(len(results), 3)
        for r in results:
            self.assertEqual(rules[r["ruleIndex"]]["id"], r["ruleId"])
        self.assertEqual(results[1]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "a%20b/Dockerfile")
        self.assertEqual(len(json.loads(self.lint("-f", "gitlab", ".").text)), 3)
        self.assertEqual(len({f["fingerprint"] for f in json.loads(self.lint("-f", "codeclimate", ".").text)}), 3)
        self.assertEqual(self.lint("-f", "gnu", ".").text.count("\n"), 3)
        self.assertEqual(self.lint("-f", "github", ".").text.count("::error file=a b/Dockerfile,line=2,"), 1)
        tree = xml.etree.ElementTree.fromstring(self.lint("-f", "checkstyle", ".").text)
        self.assertEqual([len(f) for f in tree], [0, 3])
        tree = xml.etree.ElementTree.fromstring(self.lint("-f", "junit", ".").text)
        self.assertEqual([(s.get("tests"), s.get("failures")) for s in tree], [("1", "0"), ("3", "3")])
        self.assertIn("1 error, 2 warnings in 2 files", self.lint("-f", "tty", ".").text)

    def test_sarif_and_gitlab_follow_their_schemas(self):
        import jsonschema
        self.write("Dockerfile", BAD + b"RUN echo `date`\n")
        for name, path in ("sarif", ("schemas", "sarif")), ("gitlab", ("schemas", "gitlab")):
            folder = shared(*path)
            files = [f for f in os.listdir(folder) if f.endswith(".json") and ("sarif" in f or "quality" in f)]
            if name == "gitlab" and not files:
                continue
            with open(os.path.join(folder, sorted(files)[0]), encoding="utf-8") as f:
                schema = json.load(f)
            jsonschema.validate(json.loads(self.lint("-f", name, ".").text), schema)

    def test_several_outputs_at_once(self):
        self.write("Dockerfile", BAD)
        result = self.lint("-o", "x.json", "-o", "sarif=y", "-f", "json", ".")
        self.assertEqual((result.code, result.text), (2, ""))
        self.assertEqual(len(json.loads(self.read("x.json"))), 3)
        self.assertEqual(json.loads(self.read("y"))["version"], "2.1.0")

    def test_the_table_shows_the_place(self):
        text = self.lint("-", stdin=b"FROM a:1\nONBUILD\tMAINTAINER \xc3\xa4\x1b[31m\n").text
        self.assertIn("    2 | ONBUILD MAINTAINER \u00e4\\x1b[31m\n      |         ^~~~~~~~~~~~~~~", text)
        self.assertNotIn("\x1b", text)
        self.assertIn("\x1b[", self.lint("--color", "always", "-", stdin=BAD).text)


class Repair(Folder):
    FIXED = b"FROM debian:latest\nLABEL org.opencontainers.image.authors=\"me\"\n"

    def test_fix_writes_files_and_keeps_their_mode(self):
        path = self.write("Dockerfile", BAD)
        os.chmod(path, 0o640)
        result = self.lint("--fix", "-f", "json", "Dockerfile")
        self.assertEqual(self.read("Dockerfile"), self.FIXED)
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o640)
        self.assertEqual(codes(result), ["DL3007"])
        before = os.stat(path).st_mtime_ns
        self.lint("--fix", "Dockerfile")
        self.assertEqual(os.stat(path).st_mtime_ns, before)

    def test_diff_changes_nothing(self):
        self.write("Dockerfile", BAD)
        result = self.lint("--diff", "Dockerfile")
        self.assertEqual(self.read("Dockerfile"), BAD)
        self.assertTrue(result.text.startswith("--- Dockerfile\n+++ Dockerfile\n@@ -1,2 +1,2 @@\n FROM debian:latest\n-MAINT"))
        self.assertEqual(result.code, 2)

    def test_standard_input_is_repaired_to_standard_output(self):
        self.assertEqual(self.lint("--fix", "-", stdin=BAD).out, self.FIXED)
        self.assertEqual(self.lint("--fix", "-", stdin=GOOD).out, GOOD)


class ShellCheck(Folder):
    """Its place is taken by a small program, so that every outcome can be had anywhere."""
    FAKE = """#!/bin/sh
[ "$1" = --version ] && exit 0
echo run >> "$0.runs"
sep=
printf '{"comments":['
for f in "$@"; do
  case $f in /proc/*) ;; *) continue ;; esac
  grep -q POISON "$f" && exit 2
  line=$(grep -n MARK "$f" | head -n 1 | cut -d: -f1)
  [ "$line" ] || continue
  for code in 2006 3999; do
    printf '%s{"file":"%s","line":%d,"endLine":%d,"column":1,"endColumn":3,' "$sep" "$f" "$line" "$line"
    printf '"level":"error","code":%d,"message":"Odd.","fix":null}' $code
    sep=,
  done
done
printf ']}'
exit 1
"""

    def setUp(self):
        super().setUp()
        self.fake = self.write("fake", self.FAKE.encode())
        os.chmod(self.fake, 0o755)
        if self.program("--version") != 0:
            self.skipTest("programs cannot be run in " + self.folder)

    def program(self, *args):
        return subprocess.run([self.fake, *args], check=False, capture_output=True).returncode

    def check(self, *args, **kw):
        return self.lint("--shellcheck=./fake", "-f", "json", *args, **kw)

    @staticmethod
    def foreign(result):
        return [(f["file"], f["line"], f["column"], f["level"]) for f in json.loads(result.text)
                if f["code"] == "SC3999"]

    @with_shell
    def test_what_it_says_has_its_place_and_ours_is_not_said_twice(self):
        self.write("Dockerfile", b"FROM a:1\nRUN a && \\\n  # why\n  \xc3\xa4b MARK\nONBUILD RUN MARK\n")
        self.write("x/Dockerfile", b"RUN <<EOF\n# c\n\tMARK\nEOF\nRUN [\"MARK\"]\nSHELL [\"cmd\"]\nRUN MARK\n")
        result = self.check(".")
        self.assertEqual(self.foreign(result), [
            ("Dockerfile", 2, 5, "error"), ("Dockerfile", 5, 13, "error"), ("x/Dockerfile", 3, 1, "error")])
        self.assertNotIn("SC2006", codes(result))
        self.assertEqual((result.code, result.errors), (2, ""))

    def test_settings_and_pragmas_hold(self):
        self.write("Dockerfile", b"RUN MARK\n# hadolint ignore=SC3999\nRUN MARK\n")
        self.assertEqual([f[1] for f in self.foreign(self.check("Dockerfile"))], [1])
        self.assertEqual(len(self.foreign(self.check("--disable-ignore-pragma", "Dockerfile"))), 2)
        self.assertEqual(self.foreign(self.check("--ignore", "SC3999", "Dockerfile")), [])
        self.assertEqual([f[3] for f in self.foreign(self.check("--style", "SC3999", "Dockerfile"))], ["style"])
        self.assertEqual(codes(self.check("--only", "SC3999", "Dockerfile")), ["SC3999"])
        self.assertEqual(codes(self.check("--only", "DL3006", "Dockerfile")), [])

    def test_few_processes_for_many_files(self):
        for i in range(200):
            self.write("d%03d/Dockerfile" % i, b"FROM a:1\nRUN MARK\n")
        found = self.foreign(self.check("."))
        self.assertEqual([f[0] for f in found], ["d%03d/Dockerfile" % i for i in range(200)])
        self.assertLessEqual(len(self.read("fake.runs").splitlines()), 4)

    def test_standard_input_is_read_once(self):
        result = self.check("-", stdin=b"RUN MARK\n")
        self.assertEqual(self.foreign(result), [("-", 1, 5, "error")])

    @with_shell
    def test_what_it_does_not_finish_is_a_gap_and_the_rest_is_there(self):
        for name, word in (("a", b"MARK"), ("b", b"POISON"), ("c", b"MARK")):
            self.write(name + "/Dockerfile", b"FROM a:1\nRUN " + word + b"\n")
        result = self.check("--no-fail", ".")
        self.assertEqual([f[0] for f in self.foreign(result)], ["a/Dockerfile", "c/Dockerfile"])
        self.assertEqual(result.code, 4)
        self.assertEqual(result.errors, "plimsoll: b/Dockerfile: shellcheck gave no whole answer for it\n")

    def test_an_answer_that_is_none_is_a_gap_and_our_findings_are_there(self):
        self.write("Dockerfile", b"FROM a:latest\nRUN a\n")
        for words in ("echo '{\"comments\":[{\"file\":\"/etc/passwd\"}]}'", "echo '['"):
            self.write("fake", b"#!/bin/sh\n[ \"$1\" = --version ] || " + words.encode() + b"\n")
            result = self.check("--no-fail", "Dockerfile")
            self.assertEqual((result.code, codes(result)), (4, ["DL3007"]), result.errors)
            self.assertEqual(result.errors, "plimsoll: Dockerfile: shellcheck gave no whole answer for it\n")

    def test_when_it_is_missing_that_is_said(self):
        self.write("Dockerfile", b"FROM a:1\n")
        result = self.lint("--shellcheck=./nowhere", "Dockerfile")
        self.assertEqual(result.code, 3)
        self.assertIn("'./nowhere' is not installed", result.errors)
        self.assertEqual(self.lint("--shellcheck=off", "Dockerfile").errors, "")

    @with_shell
    def test_repairs_are_another_run(self):
        self.write("Dockerfile", b"RUN MARK `a`\n")
        result = self.lint("--shellcheck=./fake", "--fix", "Dockerfile")
        self.assertEqual(result.code, 3)
        self.assertIn("not together with --fix", result.errors)
        result = self.lint("--shellcheck=./fake", "--diff", "-o", "json=out", "Dockerfile")
        self.assertIn("+RUN MARK $(a)", result.text)
        self.assertIn(b"SC3999", self.read("out"))

    def test_the_real_one(self):
        self.write("Dockerfile", b"FROM a:1\nENV FOO=1\nRUN read x <<< \"$FOO\" && echo \"$x\"\n")
        result = self.lint("--shellcheck=auto", "-f", "json", "Dockerfile")
        if "did not run" in result.errors:
            self.skipTest(result.errors.strip())
        self.assertIn(("SC3011", 3, 12), [(f["code"], f["line"], f["column"]) for f in json.loads(result.text)])
        self.assertNotIn("SC2154", codes(result))


class Hostile(Folder):
    def test_odd_bytes(self):
        for text, code in (b"\xff\xfeF\0R\0O\0M\0 \0a\0\n\0", "PL1001"), (b"FROM a\0b\n", "PL1001"), \
                (b"FROM a:1\nRUN \xff\xfe\n", "PL1001"), (b"FROM a:1\r\nRUN <<E\r\nx\r\n", "DL1000"), \
                (b"FROM a:1\nENV A=\"x\n", "DL1000"), (b"\x7fELF\0\0\n\n\n", "DL1000"):
            with self.subTest(text=text):
                self.assertIn(code, codes(self.lint("-f", "json", "-", stdin=text)))

    @with_shell
    def test_one_long_line(self):
        text = b"FROM a:1\nRUN echo " + b"x" * 10_000_000 + b"\n"
        found = json.loads(self.lint("-f", "json", "-", stdin=text).text)
        self.assertIn(("PL1004", 2), [(f["code"], f["line"]) for f in found])

    def test_many_stages(self):
        text = b"".join(b"FROM s%d AS S%d\n" % (i - 1, i) for i in range(100_000))
        result = self.lint("-f", "json", "--only", "StageNameCasing", "-", stdin=text)
        self.assertEqual(len(json.loads(result.text)), 100_000)


if __name__ == "__main__":
    unittest.main()
