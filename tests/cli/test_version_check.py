"""version check, on lines of our own and on the shared vectors."""
import os
import unittest

from plimsoll import manifest, run, shared

VECTORS = [("alpine", "alpine-versions.txt"), ("apk", "alpine-versions-generated.txt"),
           ("alpine", "apk-tools-versions.txt"), ("debian", "debian-versions.txt"),
           ("deb", "debian-versions-generated.txt"), ("redhat", "redhat-versions.txt"),
           ("rpm", "rpm-rpmvercmp.txt")]


class VersionCheck(unittest.TestCase):
    def test_lines_that_fail_are_shown_and_counted(self):
        r = run("version", "check", "debian", stdin=b"1.0~rc1 < 1.0\n2.0 < 1.0\n# note\n\n1:1 > 2\n")
        self.assertEqual(r.code, 2)
        self.assertIn("2.0 < 1.0", r.text)
        self.assertTrue(r.text.endswith("2 passed, 1 failed\n"))

    def test_a_malformed_line_is_wrong_usage_with_its_number(self):
        r = run("version", "check", "rpm", stdin=b"1 < 2\n1 <\n")
        self.assertEqual(r.code, 3)
        self.assertIn("line 2", r.errors)

    def test_unknown_ecosystem_lists_the_known(self):
        r = run("version", "check", "debain", stdin=b"")
        self.assertEqual(r.code, 3)
        self.assertIn("debian", r.errors)

    def test_shared_vectors_all_pass(self):
        counts = {row["file"]: int(row["items"]) for row in manifest("versions")
                  if row.get("items", "-").isdigit()}
        for ecosystem, name in VECTORS:
            with self.subTest(file=name):
                r = run("version", "check", ecosystem, shared("versions", name))
                self.assertEqual(r.code, 0, r.text[-2000:])
                passed = int(r.text.splitlines()[-1].split()[0])
                self.assertGreaterEqual(passed, counts[name])


if __name__ == "__main__":
    unittest.main()
