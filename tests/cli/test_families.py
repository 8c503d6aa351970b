"""Every member of every family has its page, and the parsers among them their seed for the fuzzers."""
import glob
import os
import re
import unittest

from plimsoll import SOURCE

# family: (its members' files, page below docs/, seeds below fuzz/corpus/), {} stands for the member
FAMILIES = {
    "advisory/feeds": ("advisory/{}.c", "formats/feeds.md", "feed/{}*"),
    "binary/rpmdb": ("binary/rpmdb_{}.c", "formats/rpm.md", "rpmdb_{}/*"),
    "dockerfile/lint_formats": ("dockerfile/format_{}.c", "formats/lint.md", None),
    "image/sources": ("image/{}.c", "formats/images.md", None),
    "inspect/inspectors": ("inspect/{}.c", "formats/inspectors.md", "inspect/{}-*"),
    "inventory/resolvers": ("inventory/{}.c", "formats/resolvers.md", None),
    "io/codecs": ("io/{}.c", "formats/images.md", "codecs/{}*"),
    "report/formats": ("report/{}.c", "formats/outputs.md", None),
    "version/comparators": ("version/{}.c", "formats/versions.md", "version/{}-*"),
}
# lists that are no families, or whose members are judged elsewhere
OTHERS = {
    "archive/tar_oddities": "a table of docs/formats/tar.md",
    "base/diag": "tests/cli/test_scan.py",
    "cli/commands": "help and man page: tests/cli/test_frame.py",
    "dockerfile/abstractions": "data",
    "dockerfile/commands": "data",
    "dockerfile/instructions": "data",
    "dockerfile/issues": "data",
    "dockerfile/rule_sets": "the list of the rules_*.def",
    "dockerfile/rules/spdx_ids": "data",
    "dockerfile/waste": "data",
    "io/syscalls": "tests/unit/io/test_confine.c",
}


def read(*parts):
    with open(os.path.join(SOURCE, *parts), encoding="utf-8") as f:
        return f.read()


def members(family):
    return re.findall(r"^[A-Z_]+\((\w+)\)", read("src", family + ".def"), re.M)


class Families(unittest.TestCase):
    def test_every_list_is_known_here(self):
        found = {os.path.relpath(p, os.path.join(SOURCE, "src"))[:-4]
                 for p in glob.glob(os.path.join(SOURCE, "src", "**", "*.def"), recursive=True)}
        rules = {name for name in found if name.startswith("dockerfile/rules_")}  # tests/unit/dockerfile/test_rules.c
        self.assertEqual(found - rules, set(FAMILIES) | set(OTHERS))

    def test_every_member_has_its_page(self):
        for family, (source, page, _) in FAMILIES.items():
            text = read("docs", page)
            for member in members(family):
                with self.subTest(family=family, member=member):
                    name = re.search(r'\.name = "([^"]+)"', read("src", source.format(member))).group(1)
                    # a heading, an anchor, or the row of a table
                    place = r'(?m)^#+ NAME$|<a id="NAME">|^\| `NAME` '.replace("NAME", re.escape(name))
                    self.assertTrue(re.search(place, text), f"{page} has no place for {name}")

    def test_every_parser_has_its_seed(self):
        for family, (_, _, seeds) in FAMILIES.items():
            for member in members(family) if seeds else []:
                with self.subTest(family=family, member=member):
                    found = glob.glob(os.path.join(SOURCE, "fuzz", "corpus", seeds.format(member)))
                    self.assertNotEqual(found, [])


if __name__ == "__main__":
    unittest.main()
