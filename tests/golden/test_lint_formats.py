"""Every lint format over one Dockerfile, as it was reviewed: tests/golden/lint/FORMAT.golden.

A reviewed change is accepted with tools/accept-golden.
"""
import json
import os
import re
import subprocess
import tempfile
import unittest

from plimsoll import SOURCE, run, shared, with_shell

DOCKERFILE = (b"FROM debian:latest AS b\n"
              b"MAINTAINER \"J\xc3\xb6rg <j@x.y>\"\n"
              b"RUN apt-get update && \\\n    # \xf0\x9f\x90\x8b\n\tapt-get install `cat \"/p & q\"` \\\n    && x\n"
              b"LABEL a=\x1b[31m\xff]]>\n"
              b"ENV A\n")
ONLY = "DL1000,DL3007,DL3014,DL4000,PL1001,SC2006"


class Formats(unittest.TestCase):
    def output(self, name):
        with tempfile.TemporaryDirectory() as folder:
            os.mkdir(os.path.join(folder, "a&b c"))
            with open(os.path.join(folder, "a&b c", "Dockerfile"), "wb") as f:
                f.write(DOCKERFILE)
            with open(os.path.join(folder, "Dockerfile"), "wb") as f:
                f.write(b"FROM a:1\n")
            return run("lint", "--no-config", "--only", ONLY, "-f", name, ".", cwd=folder).out

    def formats(self):
        with open(os.path.join(SOURCE, "src", "dockerfile", "lint_formats.def"), encoding="utf-8") as f:
            return re.findall(r"^LINT_FORMAT\((\w+)\)", f.read(), re.M)

    @with_shell
    def test_every_format_is_as_reviewed(self):
        for name in self.formats():
            with self.subTest(format=name):
                got = self.output(name)
                if name == "sarif":
                    # the list of rules grows; it has its own test
                    got = re.sub(rb'"rules":\[.*?\]\}\},\n', b'"rules":[...]}},\n', got, flags=re.S)
                    got = re.sub(rb'"ruleIndex":\d+', b'"ruleIndex":0', got)
                path = os.path.join(SOURCE, "tests", "golden", "lint", name + ".golden")
                if os.environ.get("PLIMSOLL_ACCEPT_GOLDEN"):
                    with open(path, "wb") as f:
                        f.write(got)
                with open(path, "rb") as f:
                    self.assertEqual(f.read(), got)

    @with_shell
    def test_the_golden_files_are_what_their_readers_want(self):
        import jsonschema
        with open(os.path.join(shared("schemas", "sarif"), "sarif-schema-2.1.0.json"), encoding="utf-8") as f:
            schema = json.load(f)
        sarif = json.loads(self.output("sarif"))
        jsonschema.validate(sarif, schema)
        rules = sarif["runs"][0]["tool"]["driver"]["rules"]
        self.assertEqual(len(rules), len({r["id"] for r in rules}))
        for rule in rules:
            self.assertTrue(rule["fullDescription"]["text"] and "## Good" in rule["help"]["markdown"], rule["id"])
        for name in "json", "gitlab":
            self.assertEqual(len(json.loads(self.output(name))), 6)
        with tempfile.NamedTemporaryFile(suffix=".xml") as f:
            f.write(self.output("junit"))
            f.flush()
            subprocess.run(["xmllint", "--noout", "--schema", os.path.join(shared("schemas", "junit"), "junit-10.xsd"),
                            f.name], check=True, capture_output=True)

    def test_every_format_is_documented(self):
        with open(os.path.join(SOURCE, "docs", "formats", "lint.md"), encoding="utf-8") as f:
            text = f.read()
        for name in self.formats():
            self.assertIn(f"\n## {name}\n", text)


if __name__ == "__main__":
    unittest.main()
