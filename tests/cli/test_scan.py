"""scan and explain as they are typed: what stands on the screen, exit codes, gates, exceptions, and every
diagnostic of a scan with its class."""
import json
import os
import re
import shutil
import tempfile
import unittest

import feeds
import mkimage
import schemas
import shop
from plimsoll import BUILD, SOURCE, run

NOW = ("--now", "2026-01-20")

WITHOUT_GATE = """\
shop:1.4  docker-archive  linux/amd64  Debian GNU/Linux 12 (bookworm)
6 packages, 3 layers, digests verified, database of 2026-01-01

 SEVERITY  ID              PACKAGE             INSTALLED          FIXED IN           LAYER
 critical  CVE-2024-5535   openssl  libssl3    3.0.11-1~deb12u2   3.0.14-1~deb12u1   0  ADD rootfs.tar.xz /
 high      CVE-2023-52425  expat  libexpat1    2.5.0-1            none yet           1  RUN apt-get install -y libexpat1 curl
 high      CVE-2024-2961   glibc  libc-bin +1  2.36-9+deb12u4     2.36-9+deb12u7     0  ADD rootfs.tar.xz /
 medium    CVE-2024-7264   curl                7.88.1-10+deb12u5  7.88.1-10+deb12u7  1  RUN apt-get install -y libexpat1 curl
 … 2 negligible not shown (--all)

To clear 3 of 5 in layer 0 (ADD rootfs.tar.xz /):
    apt-get install --only-upgrade libc-bin libc6 libssl3
To clear 1 of 5 in layer 1 (RUN apt-get install -y libexpat1 curl):
    apt-get install --only-upgrade curl

1 critical, 3 high, 1 medium, 2 negligible
PASS  no rule was asked for  exit 0
"""

EXCEPTIONS = """\
- id: CVE-2024-5535
  reason: not reachable
- id: CVE-2024-2961
  reason: waits for the base image
  expires: 2026-12-01
  owner: ops
- id: CVE-2023-52425
  reason: old promise
  expires: 2026-01-01
- id: CVE-1999-0001
  reason: never here
"""


class Shop(unittest.TestCase):
    """A folder with shop.tar and the database db, made once."""

    @classmethod
    def setUpClass(cls):
        cls.kept = tempfile.TemporaryDirectory(prefix="plimsoll-scan-")
        cls.folder = cls.kept.name
        shop.image(cls.path("shop.tar"))
        shop.database(cls.folder)

    @classmethod
    def tearDownClass(cls):
        cls.kept.cleanup()

    @classmethod
    def path(cls, name):
        return os.path.join(cls.folder, name)

    def scan(self, *args, source="shop.tar", database="db", cwd=None, **options):
        return run("scan", self.path(source), "--db", self.path(database), *NOW, *args,
                   cwd=cwd or self.folder, **options)

    def report(self, *args, code=None, **options):
        r = self.scan("--format", "json", *args, **options)
        report = json.loads(r.text)
        self.assertEqual(schemas.problems("json", r.out), [])
        self.assertEqual(report["verdict"]["exit_code"], r.code)
        if code is not None:
            self.assertEqual(r.code, code, report["diagnostics"])
        return report

    def codes(self, *args, **options):
        """(code, class) of the diagnostics."""
        return {(d["code"], d["class"]) for d in self.report(*args, **options)["diagnostics"]}


class Screen(Shop):
    def test_table_and_next_steps(self):
        r = self.scan()
        self.assertEqual((r.code, r.text.rstrip("\n"), r.errors), (0, WITHOUT_GATE.rstrip("\n"), ""))

    def test_a_failed_gate(self):
        r = self.scan("--fail-on", "high")
        self.assertEqual(r.code, 2)
        self.assertIn("\nFAIL  1 rule: --fail-on high (4 findings)  exit 2\n", r.text)
        self.assertNotIn("CVE-2024-7264", r.text)
        self.assertIn("… 1 medium, 2 negligible not shown (--all)", r.text)

    def test_no_database_lists_packages_and_names_one_command(self):
        r = self.scan("--fail-on", "high", database="none")
        self.assertEqual(r.code, 4)
        for name in ("curl", "libc-bin", "libc6", "libexpat1", "libssl3", "tzdata"):
            self.assertRegex(r.text, rf"(?m)^ deb +{name} ")
        last = r.text.rstrip("\n").split("\n")[-1]
        self.assertRegex(last, "^next: plimsoll db update")

    def test_quiet_says_nothing_more_and_verbose_says_more(self):
        self.assertEqual(self.scan("-q").text, self.scan().text)
        self.assertGreater(len(self.scan("-v").err), len(self.scan().err))

    def test_several_sources_stand_one_after_the_other(self):
        shop.image(self.path("other.tar"), tags=("other:2",))
        r = run("scan", self.path("shop.tar"), self.path("other.tar"), "--db", self.path("db"), *NOW, "-f", "json")
        reports = [json.loads(line) for line in r.text.splitlines()]
        self.assertEqual([p["target"]["reference"] for p in reports], ["shop:1.4", "other:2"])

    def test_the_worst_of_several_sources_counts(self):
        clean = shop.image(self.path("clean.tar"), tags=("clean:1",), base=shop.stanza("tzdata", "1"),
                           added=shop.stanza("tzdata", "1"))
        for order in ((clean, self.path("shop.tar")), (self.path("shop.tar"), clean)):
            self.assertEqual(run("scan", *order, "--db", self.path("db"), *NOW, "--fail-on", "low").code, 2)
        self.assertEqual(run("scan", clean, "--db", self.path("db"), *NOW, "--fail-on", "low").code, 0)
        self.assertEqual(run("scan", clean, self.path("nothing"), "--db", self.path("db"), *NOW).code, 1)

    def test_same_input_same_bytes(self):
        first, second = self.report(), self.report()
        first["run"].pop("times"), second["run"].pop("times")
        self.assertEqual(first, second)

    def test_a_pipe_and_a_file_give_the_same_findings(self):
        with open(self.path("shop.tar"), "rb") as f:
            data = f.read()
        r = run("scan", "-", "--db", self.path("db"), *NOW, "-f", "json", stdin=data)
        self.assertEqual(json.loads(r.text)["findings"], self.report()["findings"])


class Outputs(Shop):
    def test_every_output_appears_whole_and_valid(self):
        forms = ("json", "sarif", "cyclonedx", "junit", "table")
        r = self.scan(*[f"-o={form}={self.path('out.' + form)}" for form in forms])
        self.assertEqual((r.code, r.text), (0, ""))
        for form in forms:
            with open(self.path("out." + form), "rb") as f:
                data = f.read()
            self.assertIn(b"CVE-2024-5535", data)
            if form != "table":
                self.assertEqual(schemas.problems(form, data), [], form)
        self.assertEqual([n for n in os.listdir(self.folder) if n.startswith(".")], [])

    def test_output_alone_takes_the_format(self):
        self.scan("-f", "sarif", "-o", self.path("alone"))
        with open(self.path("alone"), encoding="utf-8") as f:
            self.assertEqual(json.load(f)["version"], "2.1.0")

    def test_an_output_that_cannot_be_written_is_an_error(self):
        r = self.scan("-o", "json=" + self.path("no/such/folder/x"))
        self.assertEqual(r.code, 1)
        self.assertIn("no/such/folder", r.errors)


class Gates(Shop):
    def test_exit_codes_of_gates(self):
        for args, code in (
                ([], 0), (["--fail-on", "critical"], 2), (["--fail-on", "negligible"], 2),
                (["--fail-on", "high", "--exit-code", "0"], 0), (["--fail-on", "high", "--exit-code", "9"], 9),
                (["--max-count", "high=2"], 0), (["--max-count", "high=1"], 2), (["--max-count", "critical=0"], 2),
                (["--max-count", "low=0"], 0), (["--max-count", "high=2", "--max-count", "medium=0"], 2),
                (["--severity", "low", "--exit-code", "1"], 0), (["--severity", "high,low", "--exit-code", "1"], 1),
                (["--severity", "critical"], 0)):
            with self.subTest(args=args):
                self.assertEqual(self.scan(*args).code, code)

    def test_only_fixed_narrows_gate_and_table_never_the_json(self):
        known = [("CVE-2023-52425", "expat", None, "high")]
        with tempfile.TemporaryDirectory() as folder:
            database = shop.database(folder, known)
            for word in ("--only-fixed", "--ignore-unfixed"):
                r = self.scan("--fail-on", "high", word, database=database)
                self.assertEqual(r.code, 0)
                self.assertNotIn("CVE-2023-52425", r.text)
                report = self.report("--fail-on", "high", word, database=database)
                self.assertEqual([f["id"] for f in report["findings"]], ["CVE-2023-52425"])
            self.assertEqual(self.scan("--fail-on", "high", database=database).code, 2)

    def test_wrong_words_exit_3_and_name_what_is_allowed(self):
        for args, words in ((["--fail-on", "hgih"], "critical, high, medium, low, negligible"),
                            (["--max-count", "high"], "--max-count"), (["--max-count", "high=x"], "--max-count"),
                            (["--fial-on", "high"], "did you mean '--fail-on'?"), (["--now", "soon"], "--now"),
                            (["--limit", "lairs=3"], "layers"), (["--format", "xml"], "cyclonedx"),
                            (["--platform", "x"], "linux/arm64"), (["--exit-code", "300"], "--exit-code"),
                            (["--output", "xml=f"], "xml")):
            with self.subTest(args=args):
                r = self.scan(*args)
                self.assertEqual((r.code, r.text), (3, ""), args)
                self.assertIn(words, r.errors)

    def test_sources_that_are_none(self):
        r = run("scan", "alpine:3.19", cwd=self.folder)
        self.assertEqual(r.code, 3)
        self.assertIn("skopeo copy docker://docker.io/library/alpine:3.19 oci-archive:alpine.tar", r.errors)
        self.assertIn("docker save", r.errors)
        r = run("scan", "nothing.tar", cwd=self.folder)
        self.assertEqual((r.code, r.text), (1, ""))
        self.assertEqual(run("scan").code, 3)


class Exceptions(Shop):
    def setUp(self):
        with open(self.path("except.yaml"), "w", encoding="utf-8") as f:
            f.write(EXCEPTIONS)

    def test_suppressed_findings_stay_and_do_not_count(self):
        report = self.report("--ignore-file", self.path("except.yaml"), "--fail-on", "high", code=2)
        state = {f["id"]: f.get("suppressed") for f in report["findings"]}
        self.assertEqual(state["CVE-2024-2961"]["reason"], "waits for the base image")
        self.assertEqual(state["CVE-2024-2961"]["until"], "2026-12-01")
        self.assertEqual(state["CVE-2024-2961"]["owner"], "ops")
        self.assertEqual(state["CVE-2024-5535"]["by"], "ignore")
        self.assertIsNone(state["CVE-2023-52425"])
        codes = {d["code"]: d["class"] for d in report["diagnostics"]}
        self.assertEqual(codes, {"ignore_expired": "note", "ignore_unused": "note"})
        text = self.scan("--ignore-file", self.path("except.yaml"), "--fail-on", "high").text
        self.assertIn("3 suppressed, 2 of them expire on 2026-12-01", text)
        self.assertIn("FAIL  1 rule: --fail-on high (1 finding)  exit 2", text)

    def test_the_project_s_file_counts_only_when_trusted(self):
        project = self.path("project")
        os.makedirs(project, exist_ok=True)
        shutil.copy(self.path("except.yaml"), os.path.join(project, ".plimsollignore.yaml"))
        told = {d["code"]: d["class"] for d in self.report(cwd=project)["diagnostics"]}
        self.assertEqual(told, {"ignore_not_read": "note"})
        self.assertIn(".plimsollignore.yaml", self.scan(cwd=project).text)
        trusted = self.report("--trust-project", cwd=project)
        self.assertEqual(sum("suppressed" in f for f in trusted["findings"]), 3)

    def test_a_wrong_file_is_refused_with_its_place(self):
        for text in ("- id: CVE-1\n", "- reason: x\n", "id: x\n", "- id: a\n  reason: b\n  expires: soon\n",
                     "- id: a\n  reason: b\n  until: 2026-01-01\n"):
            with open(self.path("wrong.yaml"), "w", encoding="utf-8") as f:
                f.write(text)
            with self.subTest(text=text):
                r = self.scan("--ignore-file", self.path("wrong.yaml"))
                self.assertEqual((r.code, r.text), (3, ""))
                self.assertRegex(r.errors, r"wrong\.yaml.*line \d")


class Explain(Shop):
    def explain(self, *args):
        with open(self.path("report.json"), "w", encoding="utf-8") as f:
            json.dump(self.report("--ignore-file", self.path("except.yaml")), f)
        return run("explain", self.path("report.json"), *args, "--db", self.path("db"))

    def setUp(self):
        with open(self.path("except.yaml"), "w", encoding="utf-8") as f:
            f.write(EXCEPTIONS)

    def test_a_finding(self):
        r = self.explain("CVE-2024-7264", "curl")
        self.assertEqual(r.code, 0, r.errors)
        for words in ("is a finding, medium (said by debian)", "var/lib/dpkg/status, line ",
                      "7.88.1-10+deb12u5 < 7.88.1-10+deb12u7", "RUN apt-get install -y libexpat1 curl",
                      "DEBIAN-CVE-2024-7264", "pkg/debian-12", "--only-upgrade curl"):
            self.assertIn(words, r.text)

    def test_why_it_is_suppressed(self):
        text = self.explain("CVE-2024-2961").text
        self.assertEqual(text.count("waits for the base image"), 2)  # libc6 and libc-bin
        self.assertIn("2026-12-01", text)

    def test_why_it_is_none(self):
        text = self.explain("CVE-2023-38545").text
        self.assertIn("is not a finding for curl", text)
        self.assertIn("outside the affected ranges", text)
        self.assertIn("fixed in 7.88.1-10+deb12u4", text)
        self.assertIn("no record of it", self.explain("CVE-1999-0002").text)

    def test_wrong_words(self):
        self.assertEqual(run("explain").code, 3)
        self.assertEqual(run("explain", self.path("report.json")).code, 3)
        self.assertEqual(run("explain", self.path("shop.tar"), "CVE-1").code, 1)
        self.assertIn("no package curl8 is in the image", self.explain("CVE-2024-7264", "curl8").text)


class Diagnostics(Shop):
    """What a scan says of odd input and of itself; formats have tests of their own."""

    def odd(self, name, **kind):
        shop.image(self.path(name), **kind)
        return self.codes(source=name)

    def test_an_ordinary_scan_says_nothing(self):
        self.assertEqual(self.codes(), set())

    def test_kernels_with_half_a_cage_or_none(self):
        tool = os.path.join(BUILD, "tests", "tool-without")
        for lacks, state in ((["landlock"], "partial"), (["seccomp"], "partial"), (["landlock", "seccomp"], "off")):
            r = run(*lacks, "--", os.environ["PLIMSOLL"], "scan", self.path("shop.tar"), "--db", self.path("db"),
                    *NOW, "-f", "json", program=tool)
            report = json.loads(r.text)
            with self.subTest(lacks=lacks):
                self.assertEqual(report["run"]["confinement"], state)
                self.assertEqual([(d["code"], d["class"]) for d in report["diagnostics"]],
                                 [("confinement_partial", "note")])

    def test_the_age_of_the_database(self):
        self.assertEqual(self.codes("--now", "2026-01-31"), set())
        self.assertEqual(self.codes("--now", "2026-02-02"), {("database_old", "note")})
        self.assertIn("32 days old: run plimsoll db update", self.scan("--now", "2026-02-02").text)

    def test_a_database_of_another_release(self):
        path = feeds.osv_zip(self.path("o11.zip"), [shop.advisory("CVE-2020-1", "x", "1", "low", "Debian:11")])
        self.assertEqual(feeds.build(self.path("db11"), f"osv={path}").code, 0)
        r = self.scan(database="db11")
        self.assertEqual(r.code, 4)
        self.assertIn("INCOMPLETE  pkg/debian-12: the database has no such partition", r.text)
        self.assertEqual(self.codes(database="db11"), {("partition_missing", "gap")})

    def test_a_damaged_database(self):
        shutil.rmtree(self.path("damaged"), ignore_errors=True)
        shutil.copytree(self.path("db"), self.path("damaged"))
        blob = {p["name"]: p["digest"] for p in feeds.status(self.path("db"))["partitions"]}["pkg/debian-12"]
        path = os.path.join(self.path("damaged"), "blobs", *blob.split(":"))
        with open(path, "r+b") as f:
            f.truncate(os.path.getsize(path) - 40)
        self.assertEqual(self.codes(database="damaged", code=4), {("database_unreadable", "gap")})

    def test_versions_that_the_package_manager_would_not_take(self):
        for version, told in (("_1", {("version_odd", "degraded")}), ("~", {("version_odd", "degraded")}),
                              ("1:2:3 x", {("version_unordered", "gap")}), ("x:1", {("version_unordered", "gap")}),
                              ("1-", {("version_unordered", "gap")}), ("", {("package_incomplete", "degraded")})):
            with self.subTest(version=version):
                added = shop.ADDED + shop.stanza("odd", version, "openssl")
                self.assertEqual(self.odd("odd.tar", added=added), told)
        report = self.report(source="odd.tar")
        self.assertEqual({f["id"] for f in report["findings"]}, {f["id"] for f in self.report()["findings"]})

    def test_more_diff_ids_than_layers(self):
        config = mkimage.Image(shop.layers(), history=shop.STEPS).config
        config["rootfs"]["diff_ids"].append("sha256:" + "1" * 64)
        with open(self.path("more.tar"), "wb") as f:
            f.write(mkimage.docker_archive([mkimage.Image(shop.layers(), config=config)]))
        self.assertEqual(self.codes(source="more.tar"), {("diff_ids_missing", "note")})

    def test_limits(self):
        for limit, told in (("entries=3", "entry_limit"), ("layer-entries=1", "entry_limit"), ("layers=2", "layer_limit"),
                            ("path=4", "path_limit"), ("depth=1", "path_limit")):
            with self.subTest(limit=limit):
                self.assertIn((told, "gap"), self.codes("--limit", limit, code=4))

    def test_no_distribution(self):
        self.assertIn(("distro_unknown", "note"), self.odd("none.tar", release=b""))
        self.assertEqual(self.scan(source="none.tar").code, 4)

    def test_an_archive_of_another_platform_than_asked_for(self):
        self.assertEqual(self.scan("--platform", "linux/amd64").code, 0)
        r = self.scan("--platform", "linux/arm64")
        self.assertEqual((r.code, r.text), (3, ""))
        self.assertIn("is an image for linux/amd64, not for linux/arm64", r.errors)

    def test_digests_left_unchecked_as_asked(self):
        self.assertEqual(self.codes("--no-verify"), {("unverified", "note")})


class EveryCode(unittest.TestCase):
    def test_every_diagnostic_is_said_and_tested_somewhere(self):
        with open(os.path.join(SOURCE, "src", "base", "diag.def"), encoding="utf-8") as f:
            codes = re.findall(r"^DIAG\((\w+),", f.read(), re.M)
        said, tested = read_all("src", (".c", ".h")), read_all("tests", (".c", ".py", ".golden"))
        self.assertGreater(len(codes), 40)
        self.assertEqual([c for c in codes if not re.search(rf"\bDIAG_{c}\b", said)], [])
        self.assertEqual([c for c in codes if c not in tested], [])


def read_all(folder, ends):
    out = []
    for base, _, names in os.walk(os.path.join(SOURCE, folder)):
        for name in names:
            if name.endswith(ends):
                with open(os.path.join(base, name), encoding="utf-8", errors="replace") as f:
                    out.append(f.read())
    return "\n".join(out)


if __name__ == "__main__":
    unittest.main()
