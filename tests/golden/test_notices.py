"""Notices from a package archive that a test makes, signs and serves: what is found, with which version
and words, and that everything that cannot be had or believed is a gap."""
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

import aptmirror
import mkimage
from aptmirror import ROOT, Key, Mirror, Server, changelog
from plimsoll import PLIMSOLL, run

KEY = SERVER = None
OLD, NEW = "1.0-1+deb12u1", "1.0-1+deb12u3"
TEXT = changelog(
    ("1.0-1+deb12u3", ["* Do not read behind the end of a name (CVE-2024-1003)", "* Refresh patches."]),
    ("1.0-1+deb12u2", ["* CVE-2024-1002: check the length", "  of the list, too.",
                       "* Import a fix for GHSA-abcd-1234-efgh."], "Fri, 02 Feb 2024 10:00:00 +0000"),
    ("1.0-1+deb12u1", ["* Fix CVE-2023-1001."]),
    ("1.0-1", ["* First upload (CVE-2022-1000)."]))


def setUpModule():
    global KEY, SERVER
    if not shutil.which("gpg") or not shutil.which("gpgv"):
        raise unittest.SkipTest("gpg and gpgv are not installed")
    KEY, SERVER = Key(), Server()


def tearDownModule():
    SERVER.close()
    KEY.close()


class Case(unittest.TestCase):
    """Every test has a cache of its own; the image has demo at OLD unless it says otherwise."""

    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        self.image = os.path.join(self.folder, "image.tar")
        self.install(("libdemo1", OLD, "demo"))

    def install(self, *packages, **options):
        with open(self.image, "wb") as f:
            f.write(aptmirror.image(packages, **options))

    def archive(self, *sources):
        """A mirror with these sources, (name, version, text[, form]); served unless it is changed."""
        m = Mirror(KEY)
        for name, version, text, *form in sources:
            m.source(name, version, text, *form)
        return m

    def scan(self, *options, mirror=True, env=None, code=None, timeout=60):
        environment = {"XDG_CACHE_HOME": os.path.join(self.folder, "cache"), "no_proxy": "*", **(env or {})}
        where = ["--mirror", SERVER.url] if mirror is True else mirror
        keyring = [] if "--keyring" in options else ["--keyring", KEY.keyring]
        r = run("scan", self.image, "-f", "json", "--db", "/nonexistent", "--now", "2026-11-10T00:00:00Z",
                *where, *keyring, *options, env=environment, timeout=timeout)
        self.assertIn(r.code, (0, 4) if code is None else (code,), r.errors)
        self.errors = r.errors
        return json.loads(r.text)

    def served(self, m, *options, **more):
        SERVER.serve(m.publish())
        return self.scan(*options, **more)

    def found(self, report):
        """(id, source package, fixed version) of every finding."""
        sources = {p["ref"]: p["source"]["name"] or p["name"] for p in report["packages"]}
        return sorted((f["id"], sources[f["package"]], f["fixed_version"]) for f in report["findings"])

    def ids(self, report):
        return sorted({f["id"] for f in report["findings"]})

    def messages(self, report, code):
        return [d["message"] for d in report["diagnostics"] if d["code"] == code]

    def fetched(self, ending):
        return [path for path in SERVER.log if path.endswith(ending)]

    def assert_gap(self, report, code, *words):
        """One gap of this code, whose message has the words; the verdict does not pass."""
        messages = self.messages(report, code)
        self.assertEqual(len(messages), 1, report["diagnostics"])
        for word in words:
            self.assertIn(word, messages[0])
        self.assertFalse(report["verdict"]["complete"])
        self.assertFalse(report["verdict"]["pass"])

    def assert_silent(self, report, code, *words):
        """The same, and nothing was taken from what could not be believed."""
        self.assertEqual(report["findings"], [])
        self.assert_gap(report, code, *words)


class Findings(Case):
    def test_ids_belong_to_the_entry_that_names_them(self):
        report = self.served(self.archive(("demo", NEW, TEXT)), code=0)
        self.assertEqual(self.found(report), [
            ("CVE-2024-1002", "demo", "1.0-1+deb12u2"), ("CVE-2024-1003", "demo", NEW),
            ("GHSA-abcd-1234-efgh", "demo", "1.0-1+deb12u2")])
        first = [f for f in report["findings"] if f["id"] == "CVE-2024-1002"][0]
        self.assertEqual(first["evidence"], "CVE-2024-1002: check the length of the list, too.")
        self.assertEqual((first["state"], first["fix"], first["fix_date"], first["installed_version"]),
                         ("affected", "available", "2024-02-02", OLD))
        self.assertEqual(self.messages(report, "notices_fixed_only"),
                         ["bookworm-security: vulnerabilities without a fix are not known from this source"])
        self.assertTrue(report["verdict"]["complete"])

    def test_unfixed_ones_are_a_gap_where_they_are_required(self):
        report = self.served(self.archive(("demo", NEW, TEXT)), "--require-unfixed", code=4)
        self.assertEqual(len(report["findings"]), 3)
        self.assert_gap(report, "unfixed_unknown", "fixed vulnerabilities only")

    def test_what_negates_is_no_fix(self):
        text = changelog(("1.0-1+deb12u2", [
            "* Revert the fix for CVE-2024-1101, it breaks names.",
            "* CVE-2024-1102: not affected, the code came later.",
            "* CVE-2024-1103 is a false positive.",
            "* Drop CVE-2024-1104.patch, applied upstream.",
            "* The package is not vulnerable to CVE-2024-1105",
            '* Revert "net: add a list" (CVE-2024-1106)',
            "* Fix CVE-2024-1107, cve-2024-1108 and CVE-2024-1107 again.",
            "* Also for CVE-2024-1107.",
            "* XCVE-2024-1109, CVE-24-1, CVE-2024-x: no ids."]), ("1.0-1+deb12u1", ["* x"]))
        report = self.served(self.archive(("demo", "1.0-1+deb12u2", text)), code=0)
        self.assertEqual([f["id"] for f in report["findings"]],
                         ["CVE-2024-1106", "CVE-2024-1107", "CVE-2024-1108"])

    def test_the_same_or_a_higher_version_asks_for_nothing(self):
        self.install(("libdemo1", NEW, "demo"), ("libother1", "2.0-1", "other"), ("third", "3.0-1"))
        m = self.archive(("demo", NEW, TEXT), ("other", "1.9-1", TEXT), ("third", "3.0-1+deb12u1", changelog(
            ("3.0-1+deb12u1", ["* CVE-2024-3000"]), ("3.0-1", ["* x"]), source="third")), ("absent", "1-1", TEXT))
        report = self.served(m, code=0)
        self.assertEqual(self.found(report), [("CVE-2024-3000", "third", "3.0-1+deb12u1")])
        self.assertEqual([p.rsplit("/", 1)[-1] for p in SERVER.log if "/pool/" in p],
                         ["third_3.0-1+deb12u1.debian.tar.xz"])

    def test_every_form_of_a_source_package(self):
        for form in ("debian.tar.xz", "debian.tar.gz", "debian.tar.bz2", "diff.gz", "tar.xz"):
            with self.subTest(form=form):
                report = self.served(self.archive(("demo", NEW, TEXT, form)), code=0)
                self.assertEqual(self.ids(report), ["CVE-2024-1002", "CVE-2024-1003", "GHSA-abcd-1234-efgh"])
                self.assertEqual(len(self.fetched(form)), 1)

    def test_indices_in_every_packing(self):
        for packing in (".xz", ".gz", ".bz2", ""):
            with self.subTest(packing=packing):
                m = self.archive(("demo", NEW, TEXT))
                m.packing = packing
                self.assertEqual(len(self.served(m, code=0)["findings"]), 3)

    def test_the_highest_of_several_versions_counts(self):
        m = self.archive(("demo", "1.0-1+deb12u2", TEXT), ("demo", NEW, TEXT), ("demo", "1.0-1", TEXT))
        self.assertEqual(len(self.served(m, code=0)["findings"]), 3)
        self.assertEqual(len([p for p in SERVER.log if "/pool/" in p]), 1)

    def test_other_components(self):
        m = self.archive()
        m.source("demo", NEW, TEXT, component="non-free-firmware")
        m.binary("libdemo1", "demo", NEW, TEXT, component="non-free-firmware")
        SERVER.serve(m.publish())
        for lost in (False, True):
            with self.subTest(source_lost=lost):
                SERVER.faults = {p: 404 for p in m.files if p.endswith(".debian.tar.xz")} if lost else {}
                report = self.scan(env={"XDG_CACHE_HOME": os.path.join(self.folder, f"cache{lost}")})
                self.assertEqual(len(report["findings"]), 3, report["diagnostics"])

    def test_an_epoch(self):
        self.install(("libdemo1", "1:1.0-1", "demo"))
        text = changelog(("1:1.0-1+deb12u1", ["* CVE-2024-1201"]), ("1:1.0-1", ["* CVE-2020-1200"]), ("9.0-1", ["* x"]))
        for form in ("debian.tar.xz", "diff.gz", "tar.xz"):
            report = self.served(self.archive(("demo", "1:1.0-1+deb12u1", text, form)), code=0)
            self.assertEqual(self.found(report), [("CVE-2024-1201", "demo", "1:1.0-1+deb12u1")])
        m = self.archive(("demo", "2.0-1", TEXT))
        self.assertEqual(self.served(m, code=0)["findings"], [], "2.0-1 is below 1:1.0-1")

    def test_a_rebuilt_binary_has_the_version_of_its_source(self):
        self.install(("libdemo1", "1.0-1+deb12u1+b1", "demo (1.0-1+deb12u1)"), ("demo-tools", "2:7.1", "demo (1.0-1+deb12u1)"))
        report = self.served(self.archive(("demo", NEW, TEXT)), code=0)
        self.assertEqual(self.ids(report), ["CVE-2024-1002", "CVE-2024-1003", "GHSA-abcd-1234-efgh"])
        self.assertEqual(len(report["findings"]), 6)
        self.install(("libdemo1", "1.0-1+deb12u3+b1", f"demo ({NEW})"))
        self.assertEqual(self.served(self.archive(("demo", NEW, TEXT)), code=0)["findings"], [])

    def test_two_versions_of_one_source_in_the_image(self):
        self.install(("libdemo1", OLD, "demo"), ("demo-tools", "1.0-1+deb12u2", "demo"))
        report = self.served(self.archive(("demo", NEW, TEXT)), code=0)
        names = {p["ref"]: p["name"] for p in report["packages"]}
        self.assertEqual(sorted((f["id"], names[f["package"]]) for f in report["findings"]), [
            ("CVE-2024-1002", "libdemo1"), ("CVE-2024-1003", "demo-tools"), ("CVE-2024-1003", "libdemo1"),
            ("GHSA-abcd-1234-efgh", "libdemo1")])

    def test_another_branch_is_told_by_versions(self):
        """The installed version has no entry of its own: an upload that the branch never had."""
        self.install(("libdemo1", "1.0-1+local1", "demo"))
        report = self.served(self.archive(("demo", NEW, TEXT)), code=0)
        self.assertEqual(report["findings"], [], "deb12u3 is below +local1")
        self.install(("libdemo1", "1.0-1+a1", "demo"))
        report = self.served(self.archive(("demo", NEW, TEXT)), code=0)
        self.assertEqual(self.ids(report), ["CVE-2023-1001", "CVE-2024-1002", "CVE-2024-1003", "GHSA-abcd-1234-efgh"])

    def test_old_suites_have_other_names(self):
        m = Mirror(KEY, suite="buster/updates")
        m.release["Codename"] = "buster"
        m.source("demo", NEW, TEXT)
        self.install(("libdemo1", OLD, "demo"), os_release="ID=debian\nVERSION_ID=10\n")
        self.assertEqual(len(self.served(m, code=0)["findings"]), 3)
        self.assertEqual(SERVER.log[0], ROOT + "dists/buster/updates/InRelease")


class Missing(Case):
    """What the mirror has lost."""

    def lost(self, m, *endings):
        SERVER.serve(m.publish())
        SERVER.faults = {path: 404 for path in m.files if path.endswith(endings)}
        return self.scan(env={"XDG_CACHE_HOME": tempfile.mkdtemp(dir=self.folder)})

    def test_the_smallest_binary_package_stands_in(self):
        for form in ("debian.tar.xz", "debian.tar.gz", "diff.gz", "tar.xz"):
            with self.subTest(form=form):
                m = self.archive(("demo", NEW, TEXT, form), ("another", "5-1", TEXT))
                m.binary("demo-data", "demo", NEW, TEXT, pad=9000)
                m.binary("libdemo1", "demo", NEW, TEXT, pad=3000)
                m.binary("another-small", "another", "5-1", TEXT)
                report = self.lost(m, form)
                self.assertEqual(len(report["findings"]), 3, report["diagnostics"])
                self.assertEqual([p.rsplit("/", 1)[-1] for p in self.fetched(".deb")], [f"libdemo1_{NEW}_amd64.deb"])
                self.assertTrue(report["verdict"]["complete"])

    def test_changelogs_of_binary_packages(self):
        native = [aptmirror.document("libdemo1", TEXT, "changelog.gz")]
        both = [aptmirror.document("libdemo1", "demo (9) upstream's own\n", "changelog.gz"),
                aptmirror.document("libdemo1", TEXT)]
        plain = [aptmirror.document("libdemo1", TEXT, "changelog.Debian")]
        cases = {"native": aptmirror.deb(native), "both": aptmirror.deb(both), "plain": aptmirror.deb(plain),
                 "data.tar.gz": aptmirror.deb(native, data="data.tar.gz"),
                 "data.tar.zst": aptmirror.deb(native, data="data.tar.zst")}
        for name, data in cases.items():
            with self.subTest(name):
                m = self.archive(("demo", NEW, TEXT))
                m.binary("libdemo1", "demo", NEW, file=data)
                self.assertEqual(len(self.lost(m, ".debian.tar.xz")["findings"]), 3)

    def test_a_binary_without_its_own_changelog_is_passed_over(self):
        """A link, an upstream changelog, a file in a deeper folder, another package's: the next one has it."""
        link = [mkimage.symlink("./usr/share/doc/libdemo1/changelog.Debian.gz", "../libdemo2/changelog.Debian.gz")]
        folder_link = [mkimage.symlink("./usr/share/doc/libdemo1", "libdemo2")]
        hard = [mkimage.hardlink("./usr/share/doc/libdemo1/changelog.Debian.gz", "./etc/shadow")]
        upstream = [aptmirror.document("libdemo1", "Version 1.0\n\n * CVE-2019-9999 fixed\n", "changelog.gz")]
        alike = [aptmirror.document("libdemo1", "libdemo (2.0) released\n  * CVE-2019-9998\n", "changelog.gz")]
        deeper = [aptmirror.document("libdemo1/examples", changelog((NEW, ["* CVE-2019-9997"])), "changelog.gz")]
        other = [aptmirror.document("libdemo1", changelog((NEW, ["* CVE-2019-9996"]), source="other"))]
        above = [mkimage.file("usr/share/doc/../../../x/changelog.Debian.gz", changelog((NEW, ["* CVE-2019-9995"])))]
        for name, entries in dict(link=link, folder_link=folder_link, hard=hard, upstream=upstream, alike=alike,
                                  deeper=deeper, other=other, above=above).items():
            with self.subTest(name):
                m = self.archive(("demo", NEW, TEXT))
                m.binary("libdemo1", "demo", NEW, file=aptmirror.deb(entries))
                m.binary("libdemo2", "demo", NEW, TEXT, pad=9000)
                report = self.lost(m, ".debian.tar.xz")
                self.assertEqual(self.ids(report), ["CVE-2024-1002", "CVE-2024-1003", "GHSA-abcd-1234-efgh"],
                                 report["diagnostics"])

    def test_a_source_named_otherwise_than_its_binaries(self):
        m = self.archive(("demo", NEW, TEXT))
        m.binary("zlib9", "demo", "3:9.9", TEXT, source_field=f"demo ({NEW})")
        m.binary("demo", "unrelated", NEW, "unrelated (1) x; urgency=low\n")
        self.assertEqual(len(self.lost(m, ".debian.tar.xz")["findings"]), 3)
        self.assertEqual(self.fetched(".deb"), [ROOT + "pool/updates/main/d/demo/zlib9_9.9_amd64.deb"])

    def test_a_rebuilt_binary_stands_in(self):
        m = self.archive(("demo", NEW, TEXT))
        rebuilt = changelog((NEW + "+b1", ["* Rebuild."])) + TEXT
        m.binary("libdemo1", "demo", NEW + "+b1", rebuilt, source_field=f"demo ({NEW})")
        self.assertEqual(len(self.lost(m, ".debian.tar.xz")["findings"]), 3)

    def test_lost_altogether_names_the_source_package(self):
        self.install(("libdemo1", OLD, "demo"), ("third", "3.0-1"))
        m = self.archive(("demo", NEW, TEXT), ("third", "3.0-2", changelog(
            ("3.0-2", ["* CVE-2024-3000"]), ("3.0-1", ["* x"]), source="third")))
        m.binary("libdemo1", "demo", NEW, TEXT)
        report = self.lost(m, f"demo_{NEW}.debian.tar.xz", ".deb")
        self.assert_gap(report, "notices_changelog_missing", f"demo {NEW}: ", "404")
        self.assertEqual(self.ids(report), ["CVE-2024-3000"])
        m = self.archive(("demo", NEW, TEXT))
        self.assert_silent(self.lost(m, ".debian.tar.xz"), "notices_changelog_missing", f"demo {NEW}: ")
        m = self.archive(("demo", NEW, TEXT))
        m.packages = {}
        self.assert_silent(self.lost(m, ".debian.tar.xz"), "notices_changelog_missing", f"demo {NEW}: ")

    def test_a_changelog_that_begins_above_the_installed_version_is_a_gap(self):
        """Its older entries were removed: what they fixed is not known."""
        short = changelog(("1.0-1+deb12u3", ["* CVE-2024-1003"]))
        report = self.served(self.archive(("demo", NEW, short)), code=4)
        self.assertEqual(self.ids(report), ["CVE-2024-1003"])
        self.assert_gap(report, "notices_changelog_missing", "demo", OLD)


class Belief(Case):
    """Nothing is taken from what is not signed, not of that digest, old, or of another suite."""

    def release(self, data, *options, **more):
        m = self.archive(("demo", NEW, TEXT)).publish()
        m.put("dists/bookworm-security/InRelease", data(m) if callable(data) else data)
        SERVER.serve(m)
        return self.scan(*options, **more)

    def test_a_release_file_that_cannot_be_believed(self):
        other = Key()
        self.addCleanup(other.close)
        cases = {
            "unsigned": lambda m: m.release_text().encode(),
            "changed": lambda m: m.key.sign(m.release_text()).replace(b"Debian-Security", b"Debian-security"),
            "another key": lambda m: other.sign(m.release_text()),
            "no signature": lambda m: m.key.sign(m.release_text()).split(b"-----BEGIN PGP SIG")[0],
            "empty": b"", "a page": b"<html>Welcome to this network</html>", "binary": bytes(range(256)) * 40,
            "signed nothing": lambda m: m.key.sign(""),
        }
        for name, data in cases.items():
            with self.subTest(name):
                report = self.release(data)
                self.assert_silent(report, "notices_unavailable")
                self.assertEqual(len(SERVER.log), 1)

    def test_a_key_that_is_no_longer_valid(self):
        key = Key(lived="20200101")
        self.addCleanup(key.close)
        report = self.release(lambda m: key.sign(m.release_text()), "--keyring", key.keyring)
        self.assert_silent(report, "notices_unavailable", "expired")

    def test_a_weak_digest(self):
        key = Key(algorithm="rsa2048")
        self.addCleanup(key.close)
        report = self.release(lambda m: key.sign(m.release_text(), "--digest-algo", "SHA512"), "--keyring", key.keyring)
        self.assertEqual(len(report["findings"]), 3)
        report = self.release(lambda m: key.sign(m.release_text(), "--digest-algo", "SHA1"), "--keyring", key.keyring)
        self.assert_silent(report, "notices_unavailable", "InRelease")

    def test_words_around_the_signed_text(self):
        for data in (lambda m: b"Codename: evil\n\n" + m.key.sign(m.release_text()),
                     lambda m: m.key.sign(m.release_text()) + b"\nSHA256:\n 0 0 main/source/Sources\n",
                     lambda m: m.key.sign(m.release_text()) * 2):
            self.assert_silent(self.release(data), "notices_unavailable", "InRelease")

    def test_two_signatures_of_which_one_key_is_known(self):
        """An archive signs with the old and the new key; an old keyring has one of them."""
        new, old = Key(), Key()
        self.addCleanup(new.close)
        self.addCleanup(old.close)
        options = new.add(old)
        report = self.release(lambda m: new.sign(m.release_text(), *options), "--keyring", old.keyring)
        self.assertEqual(len(report["findings"]), 3, report["diagnostics"])
        report = self.release(lambda m: new.sign(m.release_text(), *options).replace(b"Suite: old", b"Suite: new"),
                              "--keyring", old.keyring)
        self.assert_silent(report, "notices_unavailable")

    def test_another_suite_under_this_name(self):
        for codename in ("bookworm", "trixie-security", "book", "bookworm-security-x", "", None):
            with self.subTest(codename=codename):
                m = self.archive(("demo", NEW, TEXT))
                m.release["Codename"] = codename
                self.assert_silent(self.served(m), "notices_unavailable", "bookworm-security")

    def test_an_index_whose_time_is_over(self):
        m = self.archive(("demo", NEW, TEXT))
        m.release["Valid-Until"] = "Sun, 01 Nov 2026 10:00:00 UTC"
        report = self.served(m, code=4)
        self.assert_gap(report, "notices_unavailable", "bookworm-security", "2026-11-01")
        self.assertEqual(len(report["findings"]), 3, "what it names is fixed all the same")

    def test_an_index_without_an_end(self):
        m = self.archive(("demo", NEW, TEXT))
        m.release["Valid-Until"] = None
        self.assertEqual(len(self.served(m, code=0)["findings"]), 3)

    def test_wrong_digests(self):
        for ending, code in ((".debian.tar.xz", "notices_changelog_missing"), ("Sources.xz", "notices_unavailable")):
            with self.subTest(ending):
                m = self.archive(("demo", NEW, TEXT)).publish()
                SERVER.serve(m)
                path = [p for p in m.files if p.endswith(ending)][0]
                SERVER.faults[path] = m.files[path][:-1] + b"?"
                cache = {"XDG_CACHE_HOME": tempfile.mkdtemp(dir=self.folder)}
                self.assert_silent(self.scan(env=cache), code, "differs from the digest")
                SERVER.faults = {}
                self.assertEqual(len(self.scan(env=cache)["findings"]), 3, "nothing wrong was kept")

    def test_a_wrong_digest_of_the_binary_package(self):
        m = self.archive(("demo", NEW, TEXT))
        path = m.binary("libdemo1", "demo", NEW, TEXT)
        SERVER.serve(m.publish())
        SERVER.faults = {p: 404 for p in m.files if p.endswith(".debian.tar.xz")}
        SERVER.faults[ROOT + path] = m.files[ROOT + path] + b"?"
        self.assert_silent(self.scan(), "notices_changelog_missing", f"demo {NEW}: ")

    def test_a_release_file_of_odd_lines(self):
        for name, line in {"long": " " + "0" * 64 + " 1 " + "x" * 100000, "no size": " " + "0" * 64 + " main/source/Sources",
                           "below": " " + "0" * 64 + " 5 ../../../etc/passwd"}.items():
            with self.subTest(name):
                m = self.archive(("demo", NEW, TEXT))
                text = m.release_text().replace("SHA256:\n", "SHA256:\n" + line + "\n")
                m.put("dists/bookworm-security/InRelease", KEY.sign(text))
                SERVER.serve(m)
                self.assertEqual(len(self.scan()["findings"]), 3)
        m = self.archive(("demo", NEW, TEXT))
        text = m.release_text().split("SHA256:")[0] + "MD5Sum:\n 0 0 main/source/Sources\n"
        m.put("dists/bookworm-security/InRelease", KEY.sign(text))
        SERVER.serve(m)
        self.assert_silent(self.scan(), "notices_unavailable", "SHA256")

    def test_paths_that_leave_the_archive(self):
        for folder in ("../../private", "/etc", "pool/./x", "pool//x", "http://127.0.0.1:1/x", "pool/%2e%2e/x", "pool/a b"):
            with self.subTest(folder):
                m = self.archive(("demo", NEW, TEXT))
                m.sources["main"] = [p.replace("Directory: pool/updates/main/d/demo", "Directory: " + folder)
                                     for p in m.sources["main"]]
                self.assert_silent(self.served(m), "notices_changelog_missing", "demo")
                self.assertEqual(len(SERVER.log), 2 + len(self.fetched("Packages.xz")))


class Damage(Case):
    """Servers that fail, and files that are not what they should be."""

    def test_faults_of_the_server(self):
        m = self.archive(("demo", NEW, TEXT)).publish()
        faults = {"404": 404, "500": 500, "cut": aptmirror.cut, "reset": aptmirror.reset, "endless": aptmirror.endless,
                  "loop": lambda h, b: aptmirror.moved("/" + h.path.lstrip("/"))(h, b),
                  "to a file": aptmirror.moved("file:///etc/passwd"), "empty": b""}
        for ending, code in (("InRelease", "notices_unavailable"), ("Sources.xz", "notices_unavailable"),
                             (".debian.tar.xz", "notices_changelog_missing")):
            for name, fault in faults.items():
                with self.subTest(ending=ending, fault=name):
                    SERVER.serve(m)
                    SERVER.faults = {p: fault for p in m.files if p.endswith(ending)}
                    report = self.scan(env={"XDG_CACHE_HOME": tempfile.mkdtemp(dir=self.folder)}, code=4)
                    self.assert_silent(report, code)

    def test_a_lost_connection_of_the_index_of_binaries(self):
        m = self.archive(("demo", NEW, TEXT))
        m.binary("libdemo1", "demo", NEW, TEXT)
        SERVER.serve(m.publish())
        SERVER.faults = {p: aptmirror.cut if "Packages" in p else 404 for p in m.files
                         if p.endswith(("Packages.xz", ".debian.tar.xz"))}
        self.assert_silent(self.scan(), "notices_changelog_missing", "demo")

    def test_a_mirror_that_is_being_updated(self):
        """The names are of another time than the release file; the digests are not."""
        m = self.archive(("demo", NEW, TEXT))
        m.release["Acquire-By-Hash"] = "yes"
        m.publish()
        SERVER.serve(m)
        name = ROOT + "dists/bookworm-security/main/source/Sources.xz"
        hashed = name.replace("Sources.xz", "by-hash/SHA256/" + aptmirror.sha256(m.files[name]))
        self.assertEqual(len(self.scan(code=0)["findings"]), 3, "a mirror without by-hash has the names")
        self.assertEqual([p for p in SERVER.log if "/source/" in p], [hashed, name])
        m.files[hashed], m.files[name] = m.files[name], b"newer"
        SERVER.log = []
        self.assertEqual(len(self.scan(code=0, env={"XDG_CACHE_HOME": self.folder})["findings"]), 3)
        self.assertEqual([p for p in SERVER.log if "/source/" in p], [hashed])

    def test_redirects_are_followed(self):
        m = self.archive(("demo", NEW, TEXT)).publish()
        SERVER.serve(m)
        for path in list(m.files):
            m.files["elsewhere/" + path] = m.files[path]
            SERVER.faults[path] = aptmirror.moved("/elsewhere/" + path, 301)
        self.assertEqual(len(self.scan(code=0)["findings"]), 3)

    def test_files_that_are_too_large(self):
        """The limit of a file is 64 MiB by the index: larger ones are not asked for."""
        m = Mirror(KEY)
        m.source("demo", NEW, TEXT, size=(64 << 20) + 1)
        self.assert_silent(self.served(m), "notices_changelog_missing", "demo", "67108864")
        self.assertEqual(self.fetched(".debian.tar.xz"), [])

    def test_what_unpacks_to_too_much(self):
        zeros = mkimage.bomb(40 << 20)
        entry = mkimage.file("debian/changelog", header={"size": 40 << 20}).encode()
        large = mkimage.gzip(entry + TEXT.encode().ljust(40 << 20, b"\n") + b"\0" * 1024, 1)
        line = mkimage.gzip(aptmirror.debian_tar(f"demo ({NEW}) x; urgency=low\n  ".encode() + b"CVE-2024-1000 " * 3000000), 1)
        for name, data in {"a large file and no changelog": zeros, "a large changelog": large, "a line of 42 MB": line}.items():
            with self.subTest(name):
                m = Mirror(KEY)
                m.source("demo", NEW, file=data, form="debian.tar.gz")
                self.assert_silent(self.served(m), "notices_changelog_missing", "demo")

    def test_a_changelog_of_a_binary_that_unpacks_to_too_much(self):
        bomb = mkimage.file("./usr/share/doc/libdemo1/changelog.Debian.gz", mkimage.bomb(80 << 20))
        m = self.archive(("demo", NEW, TEXT))
        m.binary("libdemo1", "demo", NEW, file=aptmirror.deb([bomb]))
        SERVER.serve(m.publish())
        SERVER.faults = {p: 404 for p in m.files if p.endswith(".debian.tar.xz")}
        self.assert_silent(self.scan(), "notices_changelog_missing", "demo")

    def test_truncated_and_foreign_files(self):
        name, whole = aptmirror.source_file("demo", NEW, TEXT, "debian.tar.xz")
        cases = {"cut": whole[:len(whole) // 2], "empty": b"", "text": b"hello\n" * 100,
                 "tar cut": mkimage.xz(aptmirror.debian_tar(TEXT)[:1300]),
                 "no changelog": mkimage.xz(mkimage.tar([mkimage.file("debian/rules", "x")])),
                 "a link": mkimage.xz(mkimage.tar([mkimage.symlink("debian/changelog", "/etc/passwd")])),
                 "a folder": mkimage.xz(mkimage.tar([mkimage.folder("debian/changelog")])),
                 "above": mkimage.xz(aptmirror.debian_tar(TEXT, "a/b/debian")),
                 "no entry": mkimage.xz(aptmirror.debian_tar("nothing here\n  * CVE-2024-1\n")),
                 "of another package": mkimage.xz(aptmirror.debian_tar(changelog((NEW, ["* CVE-2024-1"]), source="other"))),
                 "of another version": mkimage.xz(aptmirror.debian_tar(changelog(("0.9-1", ["* CVE-2024-1"]))))}
        for case, data in cases.items():
            with self.subTest(case):
                m = Mirror(KEY)
                m.source("demo", NEW, file=data)
                self.assert_silent(self.served(m), "notices_changelog_missing", "demo")

    def test_binary_packages_that_are_none(self):
        data = aptmirror.deb([aptmirror.document("libdemo1", TEXT)])
        cases = {"cut": data[:-len(data) // 4], "no data": aptmirror.ar([("debian-binary", b"2.0\n")]), "text": b"x" * 100,
                 "head": b"!<arch>\n", "absurd size": data.replace(b"%-10d" % 4, b"9999999999", 1),
                 "not a number": data.replace(b"%-10d" % 4, b"-4        ", 1), "many": aptmirror.ar([("x", b"")] * 100)}
        for case, bad in cases.items():
            with self.subTest(case):
                m = self.archive(("demo", NEW, TEXT))
                m.binary("libdemo1", "demo", NEW, file=bad)
                SERVER.serve(m.publish())
                SERVER.faults = {p: 404 for p in m.files if p.endswith(".debian.tar.xz")}
                self.assert_silent(self.scan(), "notices_changelog_missing", "demo")

    def test_indices_that_are_none(self):
        for name, text in {"binary": bytes(range(256)) * 999, "long line": b"Package: " + b"x" * (17 << 20)}.items():
            with self.subTest(name):
                m = self.archive()
                m.sources["main"] = [text]
                self.assert_silent(self.served(m), "notices_unavailable", "main/source/Sources: line 1: ")

    def test_100_000_entries(self):
        text = changelog(*((f"1.0-1+deb12u{n}", [f"* CVE-2024-{n:06}"]) for n in range(100000, 0, -1)))
        self.install(("libdemo1", "1.0-1+deb12u99000", "demo"))
        report = self.served(self.archive(("demo", "1.0-1+deb12u100000", text)), code=0, timeout=30)
        self.assertEqual(len(report["findings"]), 1000)
        self.install(("libdemo1", "1.0-1+deb12u99000.1", "demo"))
        report = self.served(self.archive(("demo", "1.0-1+deb12u100000", text)), code=0, timeout=30)
        self.assertEqual(len(report["findings"]), 1000)

    def test_100_000_ids_in_one_item(self):
        ids = [f"CVE-2024-{n:06}" for n in range(100000)]
        for before, after in ("Revert ", ""), ("", " are not applicable"):
            text = changelog((NEW, ["* " + before + ", ".join(ids) + after]), (OLD, ["* x"]))
            self.assertEqual(self.served(self.archive(("demo", NEW, text)), code=0, timeout=30)["findings"], [])
        text = changelog((NEW, ["* New version."]), (OLD, ["* Fix " + ", ".join(ids * 3)]))
        self.assertEqual(self.served(self.archive(("demo", NEW, text)), code=0, timeout=30)["findings"], [])
        text = changelog((NEW, ["* Fix " + ", ".join(ids[:2000] * 50)]), (OLD, ["* x"]))
        self.assertEqual(len(self.served(self.archive(("demo", NEW, text)), code=0, timeout=30)["findings"]), 2000)

    def test_text_that_is_not_utf_8(self):
        text = changelog((NEW, ["* M\xfcller: CVE-2024-1301 \x1b[2J\x07"]), (OLD, ["* x"])).encode("latin-1")
        report = self.served(self.archive(("demo", NEW, text)), code=0)
        self.assertEqual(self.ids(report), ["CVE-2024-1301"])
        self.assertIn("ller: CVE-2024-1301", report["findings"][0]["evidence"])
        table = run("scan", self.image, "--db", "/nonexistent", "--mirror", SERVER.url, "--keyring", KEY.keyring, "--all",
                    "--now", "2026-11-10T00:00:00Z", env={"XDG_CACHE_HOME": os.path.join(self.folder, "cache"), "no_proxy": "*"})
        self.assertNotIn("\x1b", table.text)


    def test_ctrl_c_while_a_server_is_silent(self):
        m = self.archive(("demo", NEW, TEXT)).publish()
        SERVER.serve(m)
        SERVER.faults = {p: aptmirror.slow for p in m.files if p.endswith("Sources.xz")}
        p = subprocess.Popen(
            [PLIMSOLL, "scan", self.image, "-f", "json", "--mirror", SERVER.url, "--keyring", KEY.keyring],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**os.environ, "XDG_CACHE_HOME": os.path.join(self.folder, "cache"), "no_proxy": "*"})
        while not self.fetched("Sources.xz") and p.poll() is None:
            time.sleep(0.01)
        p.send_signal(signal.SIGINT)
        since = time.monotonic()
        out, err = p.communicate(timeout=20)
        self.assertLess(time.monotonic() - since, 3)
        self.assertEqual((p.returncode, out), (1, b""), err)
        self.assertIn(b"interrupted", err)
        self.assertEqual([n for n in os.listdir(os.path.join(self.folder, "cache/plimsoll/mirror")) if n.startswith(".")], [])


class Cache(Case):
    def test_a_changelog_is_fetched_once(self):
        m = self.archive(("demo", NEW, TEXT))
        first = self.served(m)
        self.assertEqual(len(SERVER.log), 3)
        SERVER.log = []
        second = self.scan()
        self.assertEqual([p.rsplit("/", 1)[-1] for p in SERVER.log], ["InRelease"])
        self.assertEqual(second["findings"], first["findings"])

    def test_a_damaged_file_of_the_cache_is_fetched_anew(self):
        self.served(self.archive(("demo", NEW, TEXT)))
        cache = os.path.join(self.folder, "cache/plimsoll/mirror")
        for name in os.listdir(cache):
            if len(name) == 64:
                path = os.path.join(cache, name)
                for damage in (b"", b"x"):
                    with open(path, "r+b") as f:
                        f.truncate(0) if not damage else f.write(damage)
                    SERVER.log = []
                    self.assertEqual(len(self.scan()["findings"]), 3)
                    self.assertEqual(len(SERVER.log), 2)
        self.assertEqual([n for n in os.listdir(cache) if n.startswith(".")], [], "nothing half is left")

    def test_a_link_in_the_cache_is_not_followed(self):
        self.served(self.archive(("demo", NEW, TEXT)))
        cache = os.path.join(self.folder, "cache/plimsoll/mirror")
        target = os.path.join(self.folder, "target")
        for name in os.listdir(cache):
            if len(name) == 64:
                os.rename(os.path.join(cache, name), os.path.join(self.folder, name))
                os.symlink(os.path.join(self.folder, name), os.path.join(cache, name))
        SERVER.log = []
        self.assertEqual(len(self.scan()["findings"]), 3)
        self.assertEqual(len(SERVER.log), 3)
        self.assertFalse(os.path.exists(target))

    def test_offline_takes_what_is_there(self):
        first = self.served(self.archive(("demo", NEW, TEXT)))
        SERVER.log = []
        report = self.scan("--offline")
        self.assertEqual(report["findings"], first["findings"])
        self.assertEqual(SERVER.log, [])
        shutil.rmtree(os.path.join(self.folder, "cache"))
        self.assert_silent(self.scan("--offline"), "notices_unavailable", "--offline")
        self.assertEqual(SERVER.log, [])

    def test_offline_the_signature_is_checked_again(self):
        self.served(self.archive(("demo", NEW, TEXT)))
        cache = os.path.join(self.folder, "cache/plimsoll/mirror")
        kept = [os.path.join(cache, n) for n in os.listdir(cache) if n.startswith("release-")]
        self.assertEqual(len(kept), 1)
        with open(kept[0], "r+b") as f:
            text = f.read().replace(b"Version: 12", b"Version: 13")
            f.seek(0)
            f.write(text)
        self.assert_silent(self.scan("--offline"), "notices_unavailable", "InRelease", "signature")

    def test_offline_an_old_index_is_old(self):
        self.served(self.archive(("demo", NEW, TEXT)))
        report = self.scan("--offline", "--now", "2026-12-24")
        self.assert_gap(report, "notices_unavailable", "2026-11-30")


class Surroundings(Case):
    def test_other_distributions(self):
        SERVER.serve(self.archive(("demo", NEW, TEXT)).publish())
        for text, word in (("ID=ubuntu\nVERSION_ID=22.04\nVERSION_CODENAME=jammy\n", "ubuntu"),
                           ("ID=debian\nVERSION_ID=99\n", "codename"),
                           ("ID=debian\nVERSION_CODENAME=../../x\n", "codename")):
            with self.subTest(word):
                self.install(("libdemo1", OLD, "demo"), os_release=text)
                self.assert_silent(self.scan(), "notices_unavailable", word)
                self.assertEqual(SERVER.log, [])

    def test_without_gpgv(self):
        SERVER.serve(self.archive(("demo", NEW, TEXT)).publish())
        self.assert_silent(self.scan(env={"PATH": self.folder}), "notices_unavailable", "gpgv", "not installed")

    def test_without_a_keyring(self):
        SERVER.serve(self.archive(("demo", NEW, TEXT)).publish())
        missing = os.path.join(self.folder, "none.gpg")
        self.assert_silent(self.scan("--keyring", missing), "notices_unavailable", missing)
        with open(missing, "wb") as f:
            f.write(b"no keyring")
        self.assert_silent(self.scan("--keyring", missing), "notices_unavailable", "InRelease")

    def test_nobody_answers(self):
        report = self.scan(mirror=["--mirror", "http://127.0.0.1:1/"])
        self.assert_silent(report, "notices_unavailable", "http://127.0.0.1:1/debian-security/dists/bookworm-security/InRelease")

    def test_an_address_that_is_none(self):
        for url in ("ftp://127.0.0.1/", "file:///srv/mirror", "127.0.0.1", "-x"):
            r = run("scan", self.image, "--mirror=" + url, "--db", "/nonexistent")
            self.assertIn(f"option '--mirror': '{url}' is not an http or https address", r.errors)
            self.assertEqual(r.code, 3)


class Sources(Case):
    """Found through the machine's apt configuration: here one of the test's own."""

    def apt(self, name, text, lists=True):
        folder = os.path.join(self.folder, "apt")
        for part in ("parts", "sources", "lists/partial"):
            os.makedirs(os.path.join(folder, part), exist_ok=True)
        with open(os.path.join(folder, "sources", name), "w", encoding="utf-8") as f:
            f.write(text)
        config = os.path.join(folder, "apt.conf")
        with open(config, "w", encoding="utf-8") as f:
            f.write(f"""Dir::Etc::parts "{folder}/parts"; Dir::Etc::main "/nonexistent";
                Dir::Etc::sourcelist "/nonexistent"; Dir::Etc::sourceparts "{folder}/sources";
                Dir::State::lists "{folder}/lists"; APT::Architecture "amd64"; Acquire::Languages "none";""")
        if lists:
            host = SERVER.url.split("/")[-1]
            base = f"{folder}/lists/{host}_debian-security_dists_bookworm-security_"
            with open(base + "InRelease", "w", encoding="utf-8") as f:
                f.write("Origin: Debian\nLabel: Debian-Security\nSuite: oldstable-security\nCodename: bookworm-security\n")
            with open(base + "main_binary-amd64_Packages", "wb"):
                pass
        return {"APT_CONFIG": config}

    def check(self, name, text):
        SERVER.serve(self.archive(("demo", NEW, TEXT)).publish())
        for lists in (True, False):
            with self.subTest(lists=lists):
                report = self.scan(mirror=["--notices"], env=self.apt(name, text, lists))
                self.assertEqual(len(report["findings"]), 3, report["diagnostics"])
                shutil.rmtree(os.path.join(self.folder, "apt"))
        shutil.rmtree(os.path.join(self.folder, "cache"))

    def test_the_notation_of_one_line(self):
        self.check("a.list", f"""# a comment
deb http://127.0.0.1:1/debian bookworm main
deb [arch=amd64 trusted=no] {SERVER.url}/debian-security/ bookworm-security main contrib
""")

    def test_the_notation_of_paragraphs(self):
        self.check("a.sources", f"""Types: deb
URIs: http://127.0.0.1:1/debian
Suites: bookworm bookworm-updates
Components: main

# security
Types: deb
URIs: {SERVER.url}/debian-security
Suites: bookworm-security
Components: main
""")

    def test_no_security_archive(self):
        for text in ("deb http://127.0.0.1:1/debian bookworm main\n", "", "deb file:/srv/debian-security bookworm-security main\n"):
            with self.subTest(text):
                env = self.apt("a.list", text, False)
                r = run("scan", self.image, "--notices", "--db", "/nonexistent", env={**env, "XDG_CACHE_HOME": self.folder})
                self.assertIn("no source of a Debian security archive", r.errors + r.text)
                self.assertNotEqual(r.code, 0)

    def test_without_apt(self):
        r = run("scan", self.image, "--notices", "--db", "/nonexistent", env={"PATH": self.folder, "XDG_CACHE_HOME": self.folder})
        self.assertIn("apt-get", r.errors + r.text)
        self.assertNotEqual(r.code, 0)


if __name__ == "__main__":
    unittest.main()
