"""What each feed gives: small files of our own, followed from the file to the look-up."""
import json
import os
import re
import unittest

from feeds import build, folder, lookup, osv, osv_zip, status
from plimsoll import SOURCE

FEEDS = ["alpine-secdb", "debian-lists", "debian-tracker", "eol", "epss", "kev", "osv", "ubuntu-cve-tracker"]


class Feed(unittest.TestCase):
    def setUp(self):
        self.temporary = folder()
        self.dir = self.temporary.name
        self.db = os.path.join(self.dir, "db")

    def tearDown(self):
        self.temporary.cleanup()

    def write(self, name, text):
        path = os.path.join(self.dir, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(text if isinstance(text, bytes) else text.encode())
        return path

    def build(self, *feeds):
        r = build(self.db, *feeds)
        self.assertEqual(r.code, 0, r.errors)
        return r.text

    def one(self, partition, name):
        found = lookup(self.db, partition, name)
        self.assertEqual(len(found), 1, found)
        return found[0]

    def inputs(self):
        return {i["name"]: i for i in status(self.db)["feeds"]}


class Family(unittest.TestCase):
    def test_each_member_has_its_line_its_file_its_seed_and_its_section(self):
        with open(os.path.join(SOURCE, "src/advisory/feeds.def"), encoding="utf-8") as f:
            members = re.findall(r"^FEED\((\w+)\)$", f.read(), re.M)
        self.assertEqual(members, sorted(members))
        self.assertEqual([m.replace("_", "-") for m in members], FEEDS)
        with open(os.path.join(SOURCE, "docs/formats/feeds.md"), encoding="utf-8") as f:
            sections = re.findall(r"^## (\S+)", f.read(), re.M)
        seeds = set()
        corpus = os.path.join(SOURCE, "fuzz/corpus/feed")
        for name in os.listdir(corpus):
            with open(os.path.join(corpus, name), "rb") as f:
                seeds.add(f.readline().decode("latin-1").strip())
        for name in FEEDS:
            self.assertIn(name, sections)
            self.assertIn(name, seeds)
            self.assertTrue(os.path.exists(os.path.join(SOURCE, "src/advisory", name.replace("-", "_") + ".c")))

    def test_an_unknown_kind_names_the_known_ones(self):
        r = build("/nonexistent", "osw=x.zip")
        self.assertEqual(r.code, 3)
        for name in FEEDS:
            self.assertIn(name, r.errors)


class Osv(Feed):
    def osv(self, *records):
        return self.build("osv=" + osv_zip(os.path.join(self.dir, "all.zip"), records))

    def test_every_ecosystem_of_a_zip_has_its_partition(self):
        names = {
            "Debian:12": "debian-12", "Ubuntu:22.04:LTS": "ubuntu-22.04", "Ubuntu:23.10": "ubuntu-23.10",
            "Ubuntu:Pro:16.04:LTS": "ubuntu-16.04-esm", "Alpine:v3.19": "alpine-3.19",
            "AlmaLinux:9": "almalinux-9", "Rocky Linux:9": "rocky-9",
            "Red Hat:enterprise_linux:9::appstream": "redhat-9", "Red Hat:rhel_eus:9.2::baseos": "redhat-9.2-eus",
            "SUSE:Linux Enterprise Server 15 SP5": "suse-15.5",
            "SUSE:Linux Enterprise Module for Basesystem 15 SP4": "suse-15.4",
            "SUSE:Linux Enterprise Server 12 SP5-LTSS": "suse-12.5",
            "SUSE:Linux Enterprise Micro 5.3": "suse-linux-enterprise-micro-5.3",
            "openSUSE:Leap 15.6": "opensuse-leap-15.6", "openSUSE:Tumbleweed": "opensuse-tumbleweed",
            "Wolfi": "wolfi", "Chainguard": "chainguard", "PyPI": "pypi", "crates.io": "crates.io", "Go": "go",
            "Brand New:7/x": "brand-new-7-x", "Azure Linux:3": "azurelinux-3",
        }
        self.osv(*[osv(f"X-{i}", e, "p", "1") for i, e in enumerate(names)])
        found = {p["name"][4:] for p in status(self.db)["partitions"] if p["name"].startswith("pkg/")}
        self.assertEqual(found, set(names.values()))
        comparators = {p["name"]: p["comparator"] for p in status(self.db)["partitions"]}
        self.assertEqual(comparators["pkg/debian-12"], "debian")
        self.assertEqual(comparators["pkg/wolfi"], "alpine")
        self.assertEqual(comparators["pkg/suse-15.5"], "redhat")
        self.assertEqual(comparators["pkg/brand-new-7-x"], "")

    def test_source_and_binary_names(self):
        self.osv(osv("A-1", "Debian:12", "s", "1"), osv("A-2", "AlmaLinux:9", "b", "1"),
                 osv("A-3", "Rocky Linux:9", "s", "1"))
        self.assertEqual(self.one("pkg/debian-12", "s")["names"], "source")
        self.assertEqual(self.one("pkg/almalinux-9", "b")["names"], "binary")
        self.assertEqual(self.one("pkg/rocky-9", "s")["names"], "source")

    def test_withdrawn_records_are_dropped_and_counted(self):
        text = self.osv(osv("A-1", "Debian:12", "p", "1"),
                        osv("A-2", "Debian:12", "q", "1", withdrawn="2025-01-01T00:00:00Z"))
        self.assertEqual(lookup(self.db, "pkg/debian-12", "q"), [])
        self.assertEqual((self.inputs()["osv"]["records"], self.inputs()["osv"]["dropped"]), (2, 1))
        self.assertIn("1 dropped: withdrawn", text)

    def test_ids_of_an_almalinux_notice_are_in_related_and_its_severity_in_the_summary(self):
        self.osv(osv("ALSA-2023:5751", "AlmaLinux:8", "java", "1:17.0.9-2.el8",
                     related=["CVE-2023-22081", "CVE-2023-22025", "RHSA-2023:1"],
                     summary="Moderate: java security update", published="2023-10-18T00:00:00Z"))
        a = self.one("pkg/almalinux-8", "java")
        self.assertEqual(a["cves"], ["CVE-2023-22025", "CVE-2023-22081"])
        self.assertEqual((a["severity"], a["severity_source"]), ("medium", "almalinux"))
        self.assertEqual(a["fix_date"], "2023-10-18")
        self.assertEqual(a["spans"], [["0", "1:17.0.9-2.el8", ""]])
        self.assertEqual((a["state"], a["fix"]), ("affected", "available"))

    def test_related_ids_of_a_language_record_are_other_vulnerabilities(self):
        self.osv(osv("GHSA-aaaa-bbbb-cccc", "npm", "left-pad", "1.1.0", related=["CVE-2020-1"]))
        self.assertEqual(self.one("pkg/npm", "left-pad")["cves"], [])

    def test_ids_that_repeat_across_releases_are_kept_apart(self):
        path = os.path.join(self.dir, "z")
        for release in "8", "9":
            self.write(f"z/almalinux{release}/ALSA-2024-1.json",
                       json.dumps(osv("ALSA-2024:1", "AlmaLinux:" + release, "p", "1.el" + release,
                                      related=["CVE-2024-0001"])))
        self.build("osv=" + path)
        for release in "8", "9":
            self.assertEqual(self.one("pkg/almalinux-" + release, "p")["spans"][0][1], "1.el" + release)

    def test_a_notice_of_bug_fixes_is_no_vulnerability(self):
        text = self.osv(osv("ALBA-2021:1", "AlmaLinux:8", "p", "1", summary="p bug fix update"),
                        osv("ALBA-2021:2", "AlmaLinux:8", "q", "1", related=["CVE-2021-1111"]))
        self.assertEqual(lookup(self.db, "pkg/almalinux-8", "p"), [])
        self.one("pkg/almalinux-8", "q")
        self.assertIn("bug fixes", text)

    def test_modules_of_a_modular_record(self):
        self.osv(osv("ALSA-2024:2", "AlmaLinux:8", "nodejs", "1:18.1-1.module_el8.9.0+1+abc",
                     summary="Important: nodejs:18 security update", related=["CVE-2024-0002"]),
                 osv("ALSA-2024:3", "AlmaLinux:8", "qemu-kvm", "6.2-1.module_el8.9.0+2+def",
                     summary="Low: virt:rhel and virt-devel:rhel security update", related=["CVE-2024-0003"]),
                 osv("ALSA-2024:4", "AlmaLinux:8", "kernel", "4.18-1.el8",
                     summary="Moderate: kernel:4.18.0 security update", related=["CVE-2024-0004"]))
        self.assertEqual(self.one("pkg/almalinux-8", "nodejs")["module"], "nodejs:18")
        self.assertEqual({a["module"] for a in lookup(self.db, "pkg/almalinux-8", "qemu-kvm")},
                         {"virt:rhel", "virt-devel:rhel"})
        self.assertEqual(self.one("pkg/almalinux-8", "kernel")["module"], "")

    def test_ids_named_upstream_or_only_in_the_own_id(self):
        self.osv(osv("DEBIAN-CVE-2024-0001", "Debian:12", "p", "1", upstream=["CVE-2024-0001"]),
                 osv("ALPINE-CVE-2024-0002", "Alpine:v3.19", "p", "1-r0"),
                 osv("USN-5614-1", "Ubuntu:22.04:LTS", "p", "1", upstream=["UBUNTU-CVE-2021-3782"]))
        self.assertEqual(self.one("pkg/debian-12", "p")["cves"], ["CVE-2024-0001"])
        self.assertEqual(self.one("pkg/alpine-3.19", "p")["cves"], ["CVE-2024-0002"])
        self.assertEqual(self.one("pkg/ubuntu-22.04", "p")["cves"], ["CVE-2021-3782"])

    def test_severity_words_of_debian_and_ubuntu(self):
        debian = osv("DEBIAN-CVE-2024-1001", "Debian:12", "p")
        debian["affected"][0]["ecosystem_specific"] = {"urgency": "unimportant"}
        dead = osv("DEBIAN-CVE-2024-1002", "Debian:10", "p")
        dead["affected"][0]["ecosystem_specific"] = {"urgency": "end-of-life"}
        self.osv(debian, dead, osv("UBUNTU-CVE-2024-1003", "Ubuntu:22.04:LTS", "p", severity=[
            {"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"},
            {"type": "Ubuntu", "score": "low"}]))
        a = self.one("pkg/debian-12", "p")
        self.assertEqual((a["severity"], a["severity_source"], a["fix"]), ("negligible", "debian", "none"))
        self.assertEqual(self.one("pkg/debian-10", "p")["fix"], "end_of_life")
        self.assertEqual(self.one("pkg/ubuntu-22.04", "p")["severity"], "low")
        self.assertEqual(self.one("id/cve", "CVE-2024-1003")["severity"], "critical")

    def test_several_ranges_and_enumerated_versions(self):
        record = osv("PYSEC-1", "PyPI", "Zope.Interface_X")
        record["affected"][0]["ranges"] = [
            {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.2"}, {"introduced": "2.0"},
                                             {"last_affected": "2.3"}]},
            {"type": "GIT", "repo": "x", "events": [{"introduced": "0"}, {"fixed": "abc"}]}]
        record["affected"][0]["versions"] = ["3.0", "1.0"]
        self.osv(record)
        a = self.one("pkg/pypi", "zope-interface-x")
        self.assertEqual(a["spans"], [["0", "1.2", ""], ["2.0", "", "2.3"]])
        self.assertEqual(a["versions"], ["1.0", "3.0"])

    def test_an_enumeration_that_repeats_the_range_is_not_kept(self):
        record = osv("DEBIAN-CVE-2024-1004", "Debian:12", "p", "1.5-1")
        record["affected"][0]["versions"] = ["1.0-1", "1.4-9", "1.5-1~bpo"]
        self.osv(record)
        self.assertEqual(self.one("pkg/debian-12", "p")["versions"], [])

    def test_fixed_in_0_was_never_affected(self):
        self.osv(osv("DEBIAN-CVE-2024-1005", "Debian:12", "p", "0"))
        self.assertEqual(self.one("pkg/debian-12", "p")["state"], "not_affected")

    def test_aliases_go_both_ways(self):
        self.osv(osv("GHSA-jfh8-c2jp-5v3q", "Maven", "log4j", "2.15", aliases=["CVE-2021-44228"]),
                 osv("PYSEC-2", "PyPI", "p", "1", aliases=["CVE-2021-44228"]))
        self.assertEqual(self.one("id/alias", "CVE-2021-44228")["aliases"], ["GHSA-jfh8-c2jp-5v3q", "PYSEC-2"])
        self.assertEqual(self.one("id/alias", "PYSEC-2")["aliases"], ["CVE-2021-44228"])
        self.assertEqual(self.one("pkg/maven", "log4j")["cves"], ["CVE-2021-44228"])

    def test_titles_and_vectors_stand_with_the_id(self):
        self.osv(osv("GHSA-aaaa-bbbb-cccd", "npm", "p", "1", aliases=["CVE-2024-0005"],
                     summary="A  title\nof " + "many words " * 40,
                     severity=[{"type": "CVSS_V4", "score": "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"},
                               {"type": "CVSS_V3", "score": "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N"}]))
        i = self.one("id/cve", "CVE-2024-0005")
        self.assertTrue(i["title"].startswith("A title of many words"))
        self.assertLess(len(i["title"]), 170)
        self.assertEqual((i["severity"], i["severity_source"]), ("critical", "github"))
        self.assertTrue(i["cvss"].startswith("CVSS:4.0"))

    def test_what_is_not_understood_is_counted_and_listed(self):
        path = os.path.join(self.dir, "z")
        self.write("z/good.json", json.dumps(osv("A-1", "Debian:12", "p", "1")))
        self.write("z/cut.json", '{"id": "A-2", "affected": [')
        self.write("z/noid.json", "{}")
        self.write("z/deep.json", "[" * 100000)
        self.write("z/none.json", json.dumps({"id": "A-3", "affected": [{"package": {"ecosystem": "Debian:12", "name": "q"}}]}))
        self.write("z/README.md", "no record")
        text = self.build("osv=" + path)
        self.assertEqual((self.inputs()["osv"]["records"], self.inputs()["osv"]["left_out"]), (5, 4))
        self.assertEqual(text.count("left out: "), 4)  # each a feed_record
        self.assertIn("cut.json: line 1", text)

    def test_yaml_records_and_lists_of_records(self):
        y = self.write("z/a.yaml", "id: PYSEC-3\nmodified: 2026-01-01T00:00:00Z\naffected:\n- package: {ecosystem: PyPI, name: p}\n"
                                   "  ranges:\n  - type: ECOSYSTEM\n    events:\n    - introduced: '0'\n    - fixed: 1.10\n")
        j = self.write("list.json", json.dumps([osv("A-1", "Debian:12", "p", "1"), osv("A-2", "Debian:12", "q", "1")]))
        self.build("osv=" + os.path.dirname(y), "osv=" + j)
        self.assertEqual(self.one("pkg/pypi", "p")["spans"], [["0", "1.10", ""]])
        self.one("pkg/debian-12", "q")

    def test_the_date_is_that_of_the_newest_record_that_others_back(self):
        records = [osv(f"A-{i}", "Debian:12", "p", "1", modified=f"2026-03-{i + 1:02}T00:00:00Z") for i in range(5)]
        records.append(osv("A-9", "Debian:12", "p", "2", modified="2031-01-01T00:00:00Z"))
        self.osv(*records)
        self.assertEqual(self.inputs()["osv"]["date"], "2026-03-05")

    def test_a_record_that_came_twice_stands_as_the_newer_one(self):
        old = osv_zip(os.path.join(self.dir, "old.zip"), [osv("A-1", "Debian:12", "p", "1", modified="2025-01-01T00:00:00Z")])
        new = osv_zip(os.path.join(self.dir, "new.zip"), [osv("A-1", "Debian:12", "p", "2", modified="2026-01-01T00:00:00Z")])
        self.build("osv=" + new, "osv=" + old)
        self.assertEqual(self.one("pkg/debian-12", "p")["spans"][0][1], "2")


TRACKER = {
    "openssl": {
        "CVE-2024-0001": {"description": "A flaw in OpenSSL.", "releases": {
            "bookworm": {"status": "resolved", "fixed_version": "3.0.14-1~deb12u1", "urgency": "medium"},
            "bullseye": {"status": "open", "urgency": "low**", "nodsa": "Minor issue", "nodsa_reason": ""},
            "buster": {"status": "open", "urgency": "end-of-life"},
            "trixie": {"status": "resolved", "fixed_version": "0", "urgency": "unimportant"}}},
        "CVE-2024-0002": {"releases": {
            "bookworm": {"status": "open", "urgency": "not yet assigned", "nodsa": "x", "nodsa_reason": "ignored"},
            "bullseye": {"status": "open", "urgency": "high", "nodsa": "x", "nodsa_reason": "postponed"},
            "trixie": {"status": "undetermined", "urgency": "not yet assigned"}}},
        "TEMP-0000-ABC": {"releases": {"bookworm": {"status": "open", "urgency": "unimportant"},
                                       "hurdish": {"status": "open", "urgency": "low"}}}}}


class DebianTracker(Feed):
    def test_states_and_fixes(self):
        self.build("debian-tracker=" + self.write("t.json", json.dumps(TRACKER)))
        rows = {}
        for release in 10, 11, 12, 13:
            for a in lookup(self.db, f"pkg/debian-{release}", "openssl"):
                rows[release, a["id"]] = (a["state"], a["fix"], a["severity"], a["spans"][0][1])
        self.assertEqual(rows, {
            (12, "CVE-2024-0001"): ("affected", "available", "medium", "3.0.14-1~deb12u1"),
            (11, "CVE-2024-0001"): ("affected", "none", "low", ""),
            (10, "CVE-2024-0001"): ("affected", "end_of_life", "unknown", ""),
            (13, "CVE-2024-0001"): ("not_affected", "available", "negligible", "0"),
            (12, "CVE-2024-0002"): ("affected", "will_not_fix", "unknown", ""),
            (11, "CVE-2024-0002"): ("affected", "deferred", "high", ""),
            (13, "CVE-2024-0002"): ("under_investigation", "none", "unknown", ""),
            (12, "TEMP-0000-ABC"): ("affected", "none", "negligible", ""),
        })
        self.assertEqual(self.inputs()["debian-tracker"]["records"], 3)
        self.assertEqual(self.inputs()["debian-tracker"]["left_out"], 1)
        self.assertEqual(self.one("id/cve", "CVE-2024-0001")["title"], "A flaw in OpenSSL.")

    def test_a_document_that_is_cut_short_builds_nothing(self):
        text = json.dumps(TRACKER)
        for cut in 1, len(text) // 2, len(text) - 1:
            r = build(self.db, "debian-tracker=" + self.write("t.json", text[:cut]))
            self.assertEqual(r.code, 1)
            self.assertIn("t.json", r.errors)
        self.assertFalse(os.path.exists(os.path.join(self.db, "index")))


class DebianLists(Feed):
    TEXT = (b"[29 Mar 2023] DSA-5380-1 xorg-server - security update\n\t{CVE-2023-1393}\n"
            b"\t[bullseye] - xorg-server 2:1.20.11-1+deb11u6\n\tNOTE: caf\xe9\n"
            b"[18 Apr 2018] DSA-4205-1 jessie end-of-life\n\tNOTE: end of support\n"
            b"[01 Mar 2023] DSA-5000-1 a - two\n\t{CVE-2023-0002 CVE-2023-0001}\n"
            b"\t[bullseye] - a <not-affected>\n\t[buster] - a <end-of-life>\n\t[stretch] - a <strange>\n\t[nowhere] - a 1\n")

    def test_notices(self):
        self.build("debian-lists=" + self.write("list", self.TEXT))
        a = self.one("pkg/debian-11", "xorg-server")
        self.assertEqual((a["id"], a["cves"], a["spans"][0][1], a["fix_date"]),
                         ("DSA-5380-1", ["CVE-2023-1393"], "2:1.20.11-1+deb11u6", "2023-03-29"))
        self.assertEqual(self.one("pkg/debian-11", "a")["state"], "not_affected")
        b = self.one("pkg/debian-10", "a")
        self.assertEqual((b["state"], b["fix"], b["cves"]), ("affected", "end_of_life", ["CVE-2023-0001", "CVE-2023-0002"]))
        i = self.inputs()["debian-lists"]
        self.assertEqual((i["records"], i["dropped"], i["left_out"], i["date"]), (3, 1, 1, "2023-03-29"))


class UbuntuCveTracker(Feed):
    TEXT = """Candidate: CVE-2023-4911
PublicDate: 2023-10-03 18:15:00 UTC
Description:
 A buffer overflow was discovered
 in ld.so.
Priority: high
Priority_eglibc: low
Priority_glibc_lunar: critical
CVSS:
 nvd: CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H [7.8 HIGH]

Patches_glibc:
 upstream: released (x)
upstream_glibc: needs-triage
jammy_glibc: released (2.35-0ubuntu3.4)
lunar_glibc: needed
focal_glibc: not-affected (code not present)
xenial_glibc: ignored (end of standard support)
esm-infra/xenial_glibc: released (2.23-0ubuntu11.3+esm5)
trusty/esm_eglibc: needs-triage
bionic_eglibc: DNE
mantic_glibc: deferred (2023-10-03)
devel_glibc: pending (2.38-1ubuntu6)
fictional_glibc: needed
kinetic_glibc: strange
impish_glibc: released
"""

    def test_statuses_priorities_and_archives(self):
        self.write("uct/active/CVE-2023-4911", self.TEXT)
        self.write("uct/README", "nothing")
        self.build("ubuntu-cve-tracker=" + os.path.join(self.dir, "uct"))
        rows = {}
        for p in status(self.db)["partitions"]:
            for name in ("glibc", "eglibc") if p["name"].startswith("pkg/") else ():
                for a in lookup(self.db, p["name"], name):
                    rows[p["name"][4:], name] = (a["state"], a["fix"], a["severity"], a["spans"][0][1])
        self.assertEqual(rows, {
            ("ubuntu-22.04", "glibc"): ("affected", "available", "high", "2.35-0ubuntu3.4"),
            ("ubuntu-23.04", "glibc"): ("affected", "none", "critical", ""),
            ("ubuntu-20.04", "glibc"): ("not_affected", "none", "high", ""),
            ("ubuntu-16.04-esm", "glibc"): ("affected", "available", "high", "2.23-0ubuntu11.3+esm5"),
            ("ubuntu-14.04-esm", "eglibc"): ("under_investigation", "none", "low", ""),
            ("ubuntu-23.10", "glibc"): ("affected", "deferred", "high", ""),
        })
        i = self.one("id/cve", "CVE-2023-4911")
        self.assertEqual((i["title"], i["severity"], i["severity_source"]),
                         ("A buffer overflow was discovered in ld.so.", "high", "nvd"))
        i = self.inputs()["ubuntu-cve-tracker"]
        self.assertEqual((i["records"], i["left_out"], i["date"]), (1, 1, "2023-10-03"))


class AlpineSecdb(Feed):
    def test_json_and_yaml(self):
        document = {"distroversion": "v3.19", "reponame": "main", "packages": [
            {"pkg": {"name": "xen", "secfixes": {"4.7.0-r0": ["CVE-2016-6258 XSA-182", "XSA-7"], "0": ["CVE-2016-0001"],
                                                 "5-r0": ["CVE-2016-0002 CVE-2016-0003"]}}},
            {"pkg": {"secfixes": {}}}]}
        j = self.write("v3.19/main.json", json.dumps(document))
        y = self.write("edge.yaml", "---\ndistroversion: edge\nreponame: main\npackages:\n  - pkg:\n      name: xz\n"
                                    "      secfixes:\n        5.2.5-r1:\n          - CVE-2022-1271\n        1.10:\n          - CVE-2022-1272\n")
        self.build("alpine-secdb=" + j, "alpine-secdb=" + y)
        rows = {a["id"]: (a["spans"][0][1], a["aliases"], a["state"], a["names"]) for a in lookup(self.db, "pkg/alpine-3.19", "xen")}
        self.assertEqual(rows, {
            "CVE-2016-6258": ("4.7.0-r0", ["XSA-182"], "affected", "source"),
            "XSA-7": ("4.7.0-r0", [], "affected", "source"),
            "CVE-2016-0001": ("0", [], "not_affected", "source"),
            "CVE-2016-0002": ("5-r0", [], "affected", "source"),
            "CVE-2016-0003": ("5-r0", [], "affected", "source")})
        self.assertEqual({a["spans"][0][1] for a in lookup(self.db, "pkg/alpine-edge", "xz")}, {"5.2.5-r1", "1.10"})
        self.assertEqual((self.inputs()["alpine-secdb"]["records"], self.inputs()["alpine-secdb"]["left_out"]), (3, 1))


class Enrichment(Feed):
    def test_epss(self):
        self.build("epss=" + self.write("epss.csv", "#model_version:v2023.03.01,score_date:2025-02-20T00:00:00+0000\n"
                                        "cve,epss,percentile\nCVE-1999-0001,0.00383,0.73075\nCVE-1999-0002,2,0.1\nx,0,0\n"))
        self.assertEqual(self.one("id/epss", "CVE-1999-0001")["epss"], "0.00383 0.73075")
        i = self.inputs()["epss"]
        self.assertEqual((i["records"], i["left_out"], i["date"]), (3, 2, "2025-02-20"))

    def test_of_two_days_of_epss_the_newer_stands(self):
        old = self.write("a.csv", "#model_version:v1,score_date:2025-02-20T00:00:00+0000\ncve,epss,percentile\nCVE-1999-0001,0.1,0.2\n")
        new = self.write("b.csv", "#model_version:v1,score_date:2025-02-21T00:00:00+0000\ncve,epss,percentile\nCVE-1999-0001,0.3,0.4\n")
        self.build("epss=" + new, "epss=" + old)
        self.assertEqual(self.one("id/epss", "CVE-1999-0001")["epss"], "0.30000 0.40000")

    def test_kev(self):
        entry = {"cveID": "CVE-2021-44228", "dateAdded": "2021-12-10", "dueDate": "2021-12-24", "knownRansomwareCampaignUse": "Known"}
        j = self.write("kev.json", json.dumps({"dateReleased": "2026-08-21T17:46:43.6019Z", "vulnerabilities": [entry, {"cveID": "x"}]}))
        c = self.write("kev.csv", 'cveID,vendorProject,dateAdded,dueDate,knownRansomwareCampaignUse,notes\nCVE-2020-0001,"A, B",2022-01-01,2022-02-01,Unknown,"a\nb"\n')
        self.build("kev=" + j, "kev=" + c)
        k = self.one("id/kev", "CVE-2021-44228")
        self.assertEqual((k["kev_date"], k["kev_due"], k["kev_ransomware"]), ("2021-12-10", "2021-12-24", "known"))
        self.assertEqual(self.one("id/kev", "CVE-2020-0001")["kev_date"], "2022-01-01")
        self.assertEqual((self.inputs()["kev"]["records"], self.inputs()["kev"]["left_out"]), (3, 1))

    def test_ends_of_life(self):
        self.write("e/debian.csv", "version,codename,series,created,release,eol,eol-lts,eol-elts\n"
                   "12,Bookworm,bookworm,2021-08-14,2023-06-10,2026-07-11,2028-06-30,2033-06-30\n14,Forky,forky,2025-08-09\n,Sid,sid,1993-08-16\n")
        self.write("e/ubuntu.csv", "version,codename,series,created,release,eol,eol-server,eol-esm\n"
                   "22.04 LTS,Jammy Jellyfish,jammy,2021-10-14,2022-04-21,2027-06-01,2027-06-01,2032-04-21\n")
        self.write("e/products/alpine-linux.md", '---\ntitle: Alpine Linux\nreleases:\n  - releaseCycle: "3.20"\n    eol: 2026-04-01\n  - releaseCycle: "9"\n    eol: false\n---\ntext\n')
        self.write("e/products/nginx.md", "---\ntitle: nginx\n---\n")
        self.build("eol=" + os.path.join(self.dir, "e"))
        self.assertEqual(lookup(self.db, "id/eol", "debian/12", "ubuntu/22.04", "alpine/3.20.3", "debian/14", "alpine/9"), [
            {"name": "debian/12", "day": "2028-06-30", "codename": "bookworm"},
            {"name": "ubuntu/22.04", "day": "2027-06-01", "codename": "jammy"},
            {"name": "alpine/3.20.3", "day": "2026-04-01", "codename": ""},
            {"name": "debian/14", "day": "", "codename": "forky"},
            {"name": "alpine/9", "day": "", "codename": ""}])


class SeveralFeeds(Feed):
    """What the tracker says stands before what comes by way of OSV or notices."""

    def test_one_vulnerability_of_one_package_is_not_there_twice(self):
        t = self.write("t.json", json.dumps(TRACKER))
        z = osv_zip(os.path.join(self.dir, "all.zip"), [
            osv("DEBIAN-CVE-2024-0001", "Debian:12", "openssl", "9", upstream=["CVE-2024-0001"]),
            osv("DEBIAN-CVE-2024-0001", "Debian:13", "openssl", "9", upstream=["CVE-2024-0001"]),
            osv("DSA-1-1", "Debian:12", "openssl", "8", upstream=["CVE-2024-0001", "CVE-2024-0009"]),
            osv("DEBIAN-CVE-2024-0008", "Debian:12", "openssl", "7", upstream=["CVE-2024-0008"])])
        l = self.write("list", "[29 Mar 2023] DSA-2-1 openssl - x\n\t{CVE-2024-0001 CVE-2024-0002}\n\t[bookworm] - openssl 6\n")
        self.build("osv=" + z, "debian-lists=" + l, "debian-tracker=" + t)
        rows = {a["id"]: (a["cves"], a["spans"][0][1], a["aliases"], a["feed"]) for a in lookup(self.db, "pkg/debian-12", "openssl")}
        self.assertEqual(rows, {
            "CVE-2024-0001": (["CVE-2024-0001"], "3.0.14-1~deb12u1", ["DEBIAN-CVE-2024-0001"], "debian-tracker"),
            "CVE-2024-0002": (["CVE-2024-0002"], "", ["DSA-2-1"], "debian-tracker"),
            "TEMP-0000-ABC": ([], "", [], "debian-tracker"),
            "DEBIAN-CVE-2024-0008": (["CVE-2024-0008"], "7", [], "osv"),
            "DSA-1-1": (["CVE-2024-0009"], "8", [], "osv")})
        # never affected, says the tracker: OSV's other word is gone
        rows = [(a["id"], a["state"]) for a in lookup(self.db, "pkg/debian-13", "openssl") if "CVE-2024-0001" in a["cves"]]
        self.assertEqual(rows, [("CVE-2024-0001", "not_affected")])


if __name__ == "__main__":
    unittest.main()
