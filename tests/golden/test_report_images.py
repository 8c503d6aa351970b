"""Reports of real images are valid in every form, and say the same in each."""
import glob
import json
import os
import tempfile
import unittest
import xml.etree.ElementTree

import schemas
from plimsoll import manifest, run, shared

FORMS = ("json", "sarif", "cyclonedx", "junit")


def images():
    """The images of the shared data, by its manifest: what has an expected content beside it."""
    folder = shared("images")
    names = [os.path.basename(path)[:-len(".expected.json")]
             for path in glob.glob(os.path.join(folder, "*.expected.json"))]
    listed = {row["file"].split("/")[0] for row in manifest("images")}
    return [os.path.join(folder, name) for name in sorted(names) if name in listed]


@unittest.skipIf(run("help", "scan").code, "this program has no scan yet")
class RealImages(unittest.TestCase):
    def scan(self, image):
        with tempfile.TemporaryDirectory() as folder:
            paths = {form: os.path.join(folder, form) for form in FORMS}
            outputs = [f"--output={form}={path}" for form, path in paths.items()]
            done = run("scan", image, "--now", "2026-11-25", "--db", os.path.join(folder, "none"), *outputs)
            self.assertEqual(done.code, 4, done.errors)  # no database: incomplete
            out = {}
            for form, path in paths.items():
                with open(path, "rb") as f:
                    out[form] = f.read()
        return out

    def test_reports_are_valid_and_agree(self):
        names = images()
        self.assertGreaterEqual(len(names), 10)
        for image in names:
            with self.subTest(image=os.path.basename(image)):
                out = self.scan(image)
                for form in FORMS:
                    self.assertEqual(schemas.problems(form, out[form]), [], form)
                report, bom = json.loads(out["json"]), json.loads(out["cyclonedx"])
                libraries = [c for c in bom["components"] if c["type"] == "library"]
                self.assertEqual([c["purl"] for c in libraries], [p["purl"] for p in report["packages"]])
                suite = xml.etree.ElementTree.fromstring(out["junit"]).find("testsuite")
                self.assertEqual(int(suite.get("errors")), 1)


if __name__ == "__main__":
    unittest.main()
