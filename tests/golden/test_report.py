"""The formats: golden files, schemas, hostile strings, equal bytes.

A reviewed change of the golden files is accepted with tools/accept-golden."""
import copy
import glob
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

import schemas
from plimsoll import BUILD, SOURCE

sys.path.insert(0, os.path.join(SOURCE, "tests", "golden", "report"))
from samples import HOSTILE, SAMPLES  # noqa: E402

TOOL = os.path.join(BUILD, "tests", "tool-report")
FOLDER = os.path.join(SOURCE, "tests", "golden", "report")
ACCEPT = os.environ.get("PLIMSOLL_ACCEPT_GOLDEN")
FORMATS = ["cyclonedx", "json", "junit", "sarif", "table"]

# (format, name of the golden file, sample, options)
GOLDEN = [
    *[(form, sample, sample, ["fail-on=high"]) for form in FORMATS
      for sample in ("shop", "clean", "empty", "no_database", "incomplete", "hostile", "app")],
    ("table", "shop-120-color", "shop", ["width=120", "color"]),
    ("table", "shop-80", "shop", ["width=80", "judge"]),
    ("table", "shop-40", "shop", ["width=40", "fail-on=critical"]),
    ("table", "shop-all", "shop", ["all", "judge"]),
    ("table", "shop-severity", "shop", ["severity=critical,unknown", "exit-code=7"]),
    ("table", "shop-fixed", "shop", ["only-fixed", "max-count=high=1", "max-count=critical=0"]),
    ("table", "shop-report-only", "shop", ["fail-on=high", "exit-code=0"]),
    ("table", "no_database-60", "no_database", ["width=60", "judge"]),
    ("table", "incomplete-all", "incomplete", ["all", "judge"]),
    ("table", "hostile-80-color", "hostile", ["width=80", "color", "all", "judge"]),
    ("junit", "shop-nogate", "shop", ["judge"]),
    ("sarif", "shop-lines", "shop", ["judge", "lines"]),
    ("json", "shop-max-count", "shop", ["max-count=high=1", "max-count=medium=5", "only-fixed"]),
]


def write(form, report, *options):
    """The report in this format; bytes."""
    text = report if isinstance(report, bytes) else json.dumps(report).encode()
    done = subprocess.run([TOOL, form, *options], input=text, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=60)
    if done.returncode:
        raise AssertionError(done.stderr.decode())
    return done.stdout


class Golden(unittest.TestCase):
    def compare(self, form, name, sample, options):
        path = os.path.join(FOLDER, form, name + ".golden")
        out = write(form, SAMPLES[sample](), *options)
        if ACCEPT:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as f:
                f.write(out)
        with open(path, "rb") as f:
            expected = f.read()
        if out != expected:
            with tempfile.NamedTemporaryFile(suffix=".new") as f:
                f.write(out)
                f.flush()
                diff = subprocess.run(["diff", "-u", path, f.name], stdout=subprocess.PIPE, check=False)
            self.fail(f"{form} of {name} changed (tools/accept-golden):\n" +
                      diff.stdout.decode("utf-8", "replace")[:4000])

    def test_formats_are_as_reviewed(self):
        for form, name, sample, options in GOLDEN:
            with self.subTest(form=form, name=name):
                self.compare(form, name, sample, options)

    def test_every_golden_file_is_compared(self):
        have = {os.path.relpath(p, FOLDER) for p in glob.glob(os.path.join(FOLDER, "*", "*.golden"))}
        self.assertEqual(have, {f"{form}/{name}.golden" for form, name, _, _ in GOLDEN})

    def test_every_format_has_golden_files_and_a_page(self):
        with open(os.path.join(SOURCE, "src", "report", "formats.def"), encoding="utf-8") as f:
            names = re.findall(r"^FORMAT\((\w+)\)", f.read(), re.M)
        with open(os.path.join(SOURCE, "docs", "formats", "outputs.md"), encoding="utf-8") as f:
            page = f.read()
        self.assertEqual(names, FORMATS)
        for name in names:
            self.assertTrue(glob.glob(os.path.join(FOLDER, name, "*.golden")), name)
            self.assertIn(f"## {name}", page)


class Bytes(unittest.TestCase):
    def test_the_same_report_gives_the_same_bytes(self):
        for form in FORMATS:
            for sample in SAMPLES.values():
                self.assertEqual(write(form, sample(), "fail-on=high"), write(form, sample(), "fail-on=high"))

    def test_order_of_packages_and_findings_does_not_matter(self):
        straight = SAMPLES["shop"]()
        turned = copy.deepcopy(straight)
        turned["packages"].reverse()
        turned["findings"].reverse()
        turned["database"]["partitions"].reverse()
        for form in FORMATS:
            self.assertEqual(write(form, straight, "fail-on=high"), write(form, turned, "fail-on=high"), form)

    def test_json_read_and_written_again_is_equal(self):
        for name, sample in SAMPLES.items():
            once = write("json", sample(), "fail-on=high")
            self.assertEqual(write("json", once), once, name)

    def test_lines_are_one_line_each(self):
        for form in ("json", "sarif", "cyclonedx"):
            out = write(form, SAMPLES["shop"](), "lines")
            self.assertEqual(out.count(b"\n"), 1)
            self.assertTrue(out.endswith(b"\n"))
            self.assertEqual(json.loads(out), json.loads(write(form, SAMPLES["shop"]())), form)


class Hostile(unittest.TestCase):
    BAD = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]")

    def test_no_format_lets_controls_through(self):
        for form in FORMATS:
            out = write(form, SAMPLES["hostile"](), "all", "fail-on=low").decode("utf-8")
            self.assertIsNone(self.BAD.search(out.replace("\n", "")) if form != "json" else
                              self.BAD.search(re.sub("\u202e|\x85|\x9b|\x7f", "", out).replace("\n", "")), form)

    def test_decoded_strings_of_views_hold_no_controls(self):
        def walk(value):
            if isinstance(value, dict):
                for key, item in value.items():
                    walk(key)
                    walk(item)
            elif isinstance(value, list):
                for item in value:
                    walk(item)
            elif isinstance(value, str):
                self.assertIsNone(self.BAD.search(value), value)

        for form in ("sarif", "cyclonedx"):
            walk(json.loads(write(form, SAMPLES["hostile"](), "fail-on=low")))

    def test_the_report_keeps_what_stands_in_the_image(self):
        out = json.loads(write("json", SAMPLES["hostile"]()))
        self.assertIn(HOSTILE, out["target"]["distro"]["name"])

    def test_commands_hold_no_names_that_a_shell_would_obey(self):
        out = write("table", SAMPLES["hostile"](), "judge").decode("utf-8")
        self.assertNotIn("--only-upgrade", out)

    def test_colour_comes_from_us_alone(self):
        out = write("table", SAMPLES["hostile"](), "color", "all").decode("utf-8")
        self.assertEqual(set(re.findall("\x1b\\[[0-9;]*m", out)), {"\x1b[31m", "\x1b[0m"})

    def test_nothing_is_cut_on_a_narrow_terminal(self):
        report = SAMPLES["shop"]()
        for width in (20, 40, 60, 80, 100, 132):
            out = write("table", report, f"width={width}", "all")
            words = out.decode("utf-8").split()
            for finding in report["findings"]:
                if "suppressed" not in finding:
                    self.assertIn(finding["id"], words)
                    self.assertIn(finding["installed_version"], words)

    def test_lines_fit_the_terminal_where_words_do(self):
        for width in (60, 80, 100, 132):
            for line in write("table", SAMPLES["shop"](), f"width={width}", "all").decode("utf-8").splitlines():
                self.assertLessEqual(len(line), width, line)


class Schemas(unittest.TestCase):
    def check(self, form, required):
        """Every sample is valid; with each of these required members removed it is not."""
        for name, sample in SAMPLES.items():
            for options in ([], ["fail-on=high"], ["judge"]):
                self.assertEqual(schemas.problems(form, write(form, sample(), *options)), [], f"{form} of {name}")
        for path in required:
            out = json.loads(write(form, SAMPLES["shop"](), "fail-on=high"))
            place = out
            for step in path[:-1]:
                place = place[step]
            del place[path[-1]]
            self.assertTrue(schemas.problems(form, out), f"{form} without {path} is valid")

    def test_json(self):
        self.check("json", [
            ["schema"], ["run"], ["run", "now"], ["target", "layers"], ["database", "partitions"],
            ["packages", 0, "purl"], ["packages", 0, "ref"], ["findings", 0, "id"],
            ["findings", 0, "fixed_version"], ["verdict", "exit_code"], ["verdict", "rules", 0, "findings"]])

    def test_sarif(self):
        self.check("sarif", [
            ["version"], ["runs"], ["runs", 0, "tool"], ["runs", 0, "tool", "driver", "name"],
            ["runs", 0, "results", 0, "message"]])

    def test_cyclonedx(self):
        self.check("cyclonedx", [
            ["bomFormat"], ["specVersion"], ["components", 0, "name"], ["components", 1, "type"],
            ["vulnerabilities", 0, "affects", 0, "ref"]])

    def test_every_bom_ref_is_unique_and_every_reference_resolves(self):
        report = SAMPLES["shop"]()
        twin = copy.deepcopy(report["packages"][0])
        twin["ref"] = "p99"
        twin["locations"][0]["path"] = "other/status"
        report["packages"].append(twin)
        out = json.loads(write("cyclonedx", report))
        refs = [c["bom-ref"] for c in out["components"]] + [out["metadata"]["component"]["bom-ref"]]
        self.assertEqual(len(refs), len(set(refs)))
        used = [a["ref"] for v in out["vulnerabilities"] for a in v["affects"]]
        used += [r for d in out["dependencies"] for r in d["dependsOn"]]
        self.assertEqual(set(used) - set(refs), set())


class JUnit(unittest.TestCase):
    def test_reports_are_valid(self):
        for name, sample in SAMPLES.items():
            for options in ([], ["fail-on=high"], ["judge"]):
                self.assertEqual(schemas.problems("junit", write("junit", sample(), *options)), [], name)
        broken = write("junit", SAMPLES["shop"]()).replace(b" failures=", b" fallures=")
        self.assertTrue(schemas.problems("junit", broken))

    def test_counts_are_those_of_the_cases(self):
        for name, sample in SAMPLES.items():
            root = xml.etree.ElementTree.fromstring(write("junit", sample(), "fail-on=high"))
            suite = root.find("testsuite")
            cases = suite.findall("testcase")
            self.assertGreater(len(cases), 0, name)
            for word, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
                self.assertEqual(int(suite.get(word)), len(suite.findall(f"testcase/{tag}")), (name, word))
            self.assertEqual(int(suite.get("tests")), len(cases))

    def test_what_fails_is_what_the_gate_counts(self):
        report = json.loads(write("json", SAMPLES["shop"](), "fail-on=high"))
        root = xml.etree.ElementTree.fromstring(write("junit", SAMPLES["shop"](), "fail-on=high"))
        failed = len(root.findall("testsuite/testcase/failure"))
        self.assertEqual(failed, 1 + len(report["verdict"]["rules"][0]["findings"]))


class Sarif(unittest.TestCase):
    def test_an_id_with_two_severities_has_a_rule_for_each_package(self):
        report = SAMPLES["shop"]()
        report["findings"][0]["severity"] = "low"
        report["findings"][7] = dict(report["findings"][7], id=report["findings"][0]["id"])
        run = json.loads(write("sarif", report))["runs"][0]
        ids = [r["id"] for r in run["tool"]["driver"]["rules"]]
        self.assertEqual(len(ids), len(set(ids)))
        self.assertIn("CVE-2024-5535-openssl", ids)
        self.assertIn("CVE-2024-5535-expat", ids)

    def test_results_name_their_rules(self):
        run = json.loads(write("sarif", SAMPLES["shop"]()))["runs"][0]
        for result in run["results"]:
            self.assertEqual(run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"], result["ruleId"])
            self.assertEqual(len(result["locations"]), 1)
            self.assertTrue(result["partialFingerprints"]["primaryLocationLineHash"])

    def test_security_severity_lies_in_the_band_of_the_severity(self):
        bands = {"critical": (9.0, 10), "high": (7, 8.9), "medium": (4, 6.9), "low": (0.1, 3.9),
                 "negligible": (0.1, 3.9), "unknown": (0, 0)}
        for sample in SAMPLES.values():
            run = json.loads(write("sarif", sample()))["runs"][0]
            for result in run["results"]:
                rule = run["tool"]["driver"]["rules"][result["ruleIndex"]]
                low, high = bands[result["properties"]["severity"]]
                self.assertTrue(low <= float(rule["properties"]["security-severity"]) <= high)

    def test_a_report_with_too_many_results_is_cut_and_says_so(self):
        report = SAMPLES["clean"]()
        base = SAMPLES["shop"]()["findings"][7]
        report["findings"] = [dict(base, id=f"CVE-{i}", package="p1") for i in range(25010)]
        run = json.loads(write("sarif", report))["runs"][0]
        self.assertEqual(len(run["results"]), 25000)
        notes = [n["descriptor"]["id"] for n in run["invocations"][0]["toolExecutionNotifications"]]
        self.assertIn("results_cut", notes)


if __name__ == "__main__":
    unittest.main()
