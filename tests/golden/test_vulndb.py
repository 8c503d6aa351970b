"""The feeds of the shared data: each builds, its records are counted, and what the partitions say is what
the files say, read here a second time with Python."""
import collections
import csv
import glob
import json
import os
import re
import subprocess
import unittest
import warnings
import zipfile
from operator import itemgetter

import yaml

from feeds import build, folder, lookup, status, tar_files, unpack
from plimsoll import manifest, shared

CODENAMES = {"xenial": "16.04", "jammy": "22.04"}
DEBIAN = {"bullseye": "11", "buster": "10", "stretch": "9", "jessie": "8"}


def setUpModule():
    global TEMPORARY, ROOT
    warnings.simplefilter("ignore", ResourceWarning)
    shared()
    TEMPORARY = folder()
    ROOT = TEMPORARY.name


def tearDownModule():
    TEMPORARY.cleanup()


def items(name):
    """The count of the manifest."""
    return int({r["file"]: r["items"] for r in manifest("vulndb")}[name])


class Shared(unittest.TestCase):
    maxDiff = 2000

    def build(self, name, *feeds):
        database = os.path.join(ROOT, name)
        r = build(database, *feeds, timeout=280)
        self.assertEqual(r.code, 0, r.errors)
        return database, {i["name"]: i for i in status(database)["feeds"]}

    def rows(self, database, partition, names, fields):
        """{name: {(field, ...)}} of a pkg partition."""
        out = collections.defaultdict(set)
        names = sorted(names)
        for i in range(0, len(names), 5000):
            for a in lookup(database, partition, *names[i:i + 5000]):
                a["spans"] = tuple(map(tuple, a["spans"]))
                row = itemgetter(*fields)(a)
                out[a["name"]].add(tuple([tuple(f) if isinstance(f, list) else f for f in row]))
        return out


class Osv(Shared):
    def test_almalinux_record_by_record(self):
        pack = shared("vulndb", "osv-zip", "AlmaLinux-all.zip")
        database, inputs = self.build("alma", "osv=" + pack)
        want = collections.defaultdict(lambda: collections.defaultdict(set))
        words = {"Low": "low", "Moderate": "medium", "Important": "high", "Critical": "critical"}
        dropped = 0
        with zipfile.ZipFile(pack) as z:
            for name in z.namelist():
                if name.endswith("/"):
                    continue
                record = json.loads(z.read(name))
                cves = tuple(sorted({i for i in record["related"] if i.startswith("CVE-")}))
                if not cves and record["id"][:4] in ("ALBA", "ALEA"):
                    dropped += 1
                    continue
                severity = words.get(record["summary"].split(":")[0], "unknown")
                for a in record["affected"]:
                    fixed = a["ranges"][0]["events"][1]["fixed"]
                    row = (record["id"], cves, (("0", fixed, ""),), severity, "binary", "affected")
                    want[a["package"]["ecosystem"]][a["package"]["name"]].add(row)
        self.assertEqual(inputs["osv"]["records"], items("osv-zip/AlmaLinux-all.zip"))
        self.assertEqual((inputs["osv"]["dropped"], inputs["osv"]["left_out"]), (dropped, 0))
        for ecosystem, packages in want.items():
            got = self.rows(database, "pkg/almalinux-" + ecosystem.split(":")[1], packages,
                            ["id", "cves", "spans", "severity", "names", "state"])
            self.assertEqual(len(got), len(packages))
            for name, rows in packages.items():
                self.assertEqual(got[name], rows, name)

    def test_every_other_zip_and_its_withdrawn_records(self):
        for row in manifest("vulndb"):
            name = row["file"]
            if not name.startswith("osv-zip/") or "AlmaLinux" in name:
                continue
            with self.subTest(file=name), zipfile.ZipFile(shared("vulndb", *name.split("/"))) as z:
                records = [json.loads(z.read(n)) for n in z.namelist() if n.endswith(".json")]
                database, inputs = self.build(os.path.basename(name), "osv=" + z.filename)
                self.assertEqual(inputs["osv"]["records"], items(name))
                gone = [r for r in records if r.get("withdrawn")]
                commits = [r for r in records if not r.get("withdrawn") and r["affected"] and all(
                    "package" not in a or (not a.get("versions") and {x["type"] for x in a.get("ranges", [])} == {"GIT"})
                    for a in r["affected"])]
                self.assertEqual(inputs["osv"]["dropped"], len(gone) + len(commits))
                bare = [r for r in records if r not in gone and r not in commits and not any(
                    a.get("versions") or any(x["type"] != "GIT" for x in a.get("ranges", [])) for a in r["affected"])]
                self.assertEqual(inputs["osv"]["left_out"], len(bare))
                # each other record is found under each package it names
                ids = {r["id"] for r in records if r not in gone and r not in commits and r not in bare}
                found = set()
                for p in status(database)["partitions"]:
                    if p["name"].startswith("pkg/"):
                        names = {a["package"]["name"] for r in records for a in r["affected"] if "package" in a}
                        names |= {re.sub(r"[-_.]+", "-", n).lower() for n in names}
                        for i in range(0, len(names), 5000):
                            found |= {a["id"] for a in lookup(database, p["name"], *sorted(names)[i:i + 5000])}
                self.assertEqual(ids - found, set())

    def test_the_date_of_pypi_is_not_that_of_its_records_of_next_year(self):
        _, inputs = self.build("pypi", "osv=" + shared("vulndb", "osv-zip", "PyPI-derived-all.zip"))
        self.assertEqual(inputs["osv"]["date"], "2026-07-23")

    def test_packs_give_what_the_zips_give(self):
        a, one = self.build("rust-pack", "osv=" + shared("vulndb", "lang", "rustsec-osv-20260821.tar.zst"))
        b, two = self.build("rust-zip", "osv=" + shared("vulndb", "osv-zip", "crates-io-all.zip"))
        self.assertEqual(one["osv"]["records"], items("lang/rustsec-osv-20260821.tar.zst"))
        self.assertEqual({p["name"]: p["digest"] for p in status(a)["partitions"]},
                         {p["name"]: p["digest"] for p in status(b)["partitions"]})

    def test_records_in_yaml(self):
        _, inputs = self.build("pysec", "osv=" + shared("vulndb", "lang", "pypa-advisory-database-20260723.tar.zst"))
        self.assertEqual((inputs["osv"]["records"], inputs["osv"]["dropped"]),
                         (items("lang/pypa-advisory-database-20260723.tar.zst"), 269))


class Ubuntu(Shared):
    STATES = {"released": ("affected", "available"), "needed": ("affected", "none"), "active": ("affected", "none"),
              "pending": ("affected", "none"), "needs-triage": ("under_investigation", "none"),
              "deferred": ("affected", "deferred"), "not-affected": ("not_affected", "none")}

    def read(self, text, want):
        text = "\n" + text + "\n"
        start = text.index("\nCandidate:") + len("\nCandidate:")
        candidate = text[start:text.index("\n", start)].strip()
        for line in self.lines(text):
            m = self.LINE.match(line)
            if not m or m.group(3) not in self.STATES:
                continue
            fixed = m.group(4) or "" if m.group(3) == "released" else ""
            if m.group(3) == "released" and not fixed[:1].isdigit():
                continue
            codename = m.group(1).split("/")[-1]
            partition = f"pkg/ubuntu-{CODENAMES[codename]}" + ("-esm" if "/" in m.group(1) else "")
            want[partition][m.group(2)].add((candidate, *self.STATES[m.group(3)], (("0", fixed, ""),)))

    STARTS = [f"\n{p}{c}_" for p in ("", "esm-infra/", "esm-apps/") for c in CODENAMES]

    def lines(self, text):
        """Those of the releases: two in a hundred."""
        for start in self.STARTS:
            at = text.find(start)
            while at >= 0:
                yield text[at + 1:text.index("\n", at + 1)]
                at = text.find(start, at + 1)

    LINE = re.compile(r"((?:esm-infra/|esm-apps/)?(?:%s))_([^:]+):\s*(\S+)\s*(?:\(([^), \[]*))?" % "|".join(CODENAMES))

    def test_the_tracker_status_by_status(self):
        pack = "vulndb/ubuntu/ubuntu-cve-tracker-20240216.tar.zst"
        database, inputs = self.build("uct", "ubuntu-cve-tracker=" + shared(*pack.split("/")))
        self.assertEqual(inputs["ubuntu-cve-tracker"]["records"], items("ubuntu/ubuntu-cve-tracker-20240216.tar.zst"))
        self.assertEqual(inputs["ubuntu-cve-tracker"]["date"], "2024-02-16")
        self.assertLess(inputs["ubuntu-cve-tracker"]["left_out"], 100)
        want = collections.defaultdict(lambda: collections.defaultdict(set))
        with subprocess.Popen(["zstd", "-dc", "--long=27", shared(*pack.split("/"))], stdout=subprocess.PIPE) as p:
            for name, content in tar_files(p.stdout):
                if os.path.basename(name).startswith("CVE-"):
                    self.read(content.decode("latin-1"), want)
        self.assertEqual(len(want), 2 * len(CODENAMES))
        for partition, packages in want.items():
            got = self.rows(database, partition, packages, ["id", "state", "fix", "spans"])
            for name, rows in packages.items():
                # a few files give one status twice: ours keeps what stands there
                self.assertLessEqual(rows, got[name], f"{partition} {name}")
                self.assertLessEqual(len(got[name]) - len(rows), 2, f"{partition} {name}")


class Debian(Shared):
    def test_the_lists_notice_by_notice(self):
        pack = "vulndb/debian/debian-security-tracker-20230402.tar.zst"
        database, inputs = self.build("lists", "debian-lists=" + shared(*pack.split("/")))
        self.assertEqual(inputs["debian-lists"]["records"], 5406 + 3534)
        self.assertEqual((inputs["debian-lists"]["left_out"], inputs["debian-lists"]["date"]), (0, "2023-04-01"))
        files = unpack(pack, os.path.join(ROOT, "debian-files"))
        want = collections.defaultdict(lambda: collections.defaultdict(set))
        for name in "DSA", "DLA":
            with open(os.path.join(files, "data", name, "list"), encoding="latin-1") as f:
                notice, cves = None, ()
                for line in f:
                    if line.startswith("["):
                        notice, cves = line.split("]", 1)[1].split()[0], ()
                    elif line.strip().startswith("{"):
                        cves += tuple(i for i in line.strip(" \t\n{}").split() if re.fullmatch(r"CVE-\d{4}-\d{4,}", i))
                    m = re.match(r"\s+\[(\w+)\] - (\S+) (\S+)", line)
                    if m and m.group(1) in DEBIAN:
                        fixed = "" if m.group(3).startswith("<") else m.group(3)
                        want["pkg/debian-" + DEBIAN[m.group(1)]][m.group(2)].add((notice, tuple(sorted(cves)), (("0", fixed, ""),)))
        for partition, packages in want.items():
            got = self.rows(database, partition, packages, ["id", "cves", "spans"])
            for name, rows in packages.items():
                self.assertEqual({(i, tuple(sorted(set(c))), s) for i, c, s in rows},
                                 {(i, tuple(sorted(set(c))), s) for i, c, s in got[name]}, f"{partition} {name}")

    def test_excerpts_of_the_tracker(self):
        files = unpack("vulndb/fixtures/vunnel-provider-fixtures-20260821.tar.zst", os.path.join(ROOT, "vunnel"))
        path = os.path.join(files, "tests/unit/providers/debian/test-fixtures/input/debian.json")
        database, inputs = self.build("tracker", "debian-tracker=" + path)
        with open(path, encoding="utf-8") as f:
            document = json.load(f)
        self.assertEqual(inputs["debian-tracker"]["records"], sum(len(ids) for ids in document.values()))
        a = lookup(database, "pkg/debian-10", "prototypejs")
        self.assertEqual({(x["id"], x["state"], x["spans"][0][1], x["severity"]) for x in a},
                         {("CVE-2008-7220", "affected", "1.6.0.2-1", "high"), ("CVE-2007-2383", "not_affected", "0", "negligible")})


class Alpine(Shared):
    def test_both_forms_package_by_package(self):
        packs = ["vulndb/alpine/alpine-secdb-20200608.tar.zst",
                 "vulndb/alpine/derived-alpine-edge-secfixes-from-aports-20260822.tar.zst"]
        database, inputs = self.build("alpine", *["alpine-secdb=" + shared(*p.split("/")) for p in packs])
        want = collections.defaultdict(lambda: collections.defaultdict(set))
        count = 0
        for i, pack in enumerate(packs):
            root = unpack(pack, os.path.join(ROOT, f"alpine-files-{i}"))
            for path in glob.glob(os.path.join(root, "**", "*.yaml"), recursive=True) + glob.glob(os.path.join(root, "*.json")):
                with open(path, encoding="utf-8") as f:
                    document = json.load(f) if path.endswith(".json") else yaml.load(f, Loader=yaml.BaseLoader)
                for p in document["packages"] or []:
                    count += 1
                    for version, cells in (p["pkg"]["secfixes"] or {}).items():
                        for cell in cells or []:
                            words = cell.split()
                            cves = [w for w in words if re.fullmatch(r"CVE-\d{4}-\d{4,}", w)]
                            for word in cves or words:
                                want[document["distroversion"].lstrip("v")][p["pkg"]["name"]].add((word, (("0", version, ""),)))
        self.assertEqual(inputs["alpine-secdb"]["records"], count)
        self.assertEqual(count - 820, 1652)  # 820: items of the second pack
        self.assertEqual(inputs["alpine-secdb"]["left_out"], 0)
        self.assertEqual(len(want), 10)
        for release, packages in want.items():
            got = self.rows(database, "pkg/alpine-" + release, packages, ["id", "spans"])
            for name, rows in packages.items():
                self.assertEqual(got[name], rows, f"{release} {name}")


class Enrichment(Shared):
    def test_epss(self):
        pack = "vulndb/enrich/kev-epss-cvss-20260822.tar.zst"
        database, inputs = self.build("epss", "epss=" + shared(*pack.split("/")))
        self.assertEqual((inputs["epss"]["records"], inputs["epss"]["left_out"]), (items("enrich/kev-epss-cvss-20260822.tar.zst"), 0))
        files = unpack(pack, os.path.join(ROOT, "epss-files"))
        with open(os.path.join(files, "epss_kev_nvd.csv"), encoding="utf-8") as f:
            want = {r["CVE"]: f"{float(r['EPSS']):.5f} {float(r['EPSS Percentile']):.5f}" for r in csv.DictReader(f)}
        self.assertEqual({i["name"]: i["epss"] for i in lookup(database, "id/epss", *want)}, want)

    def test_kev(self):
        for name, day in ("enrich/cisa-kev-20260822.tar.zst", "2026-08-21"), ("enrich/cisa-kev-official-20250825.tar.zst", "2025-08-25"):
            database, inputs = self.build(name.replace("/", "-"), "kev=" + shared("vulndb", *name.split("/")))
            self.assertEqual((inputs["kev"]["records"], inputs["kev"]["left_out"], inputs["kev"]["date"]), (items(name), 0, day))
            files = unpack("vulndb/" + name, os.path.join(ROOT, os.path.basename(name)))
            with open(glob.glob(os.path.join(files, "*vulnerabilities.json"))[0], encoding="utf-8") as f:
                want = {v["cveID"]: (v["dateAdded"], v["dueDate"]) for v in json.load(f)["vulnerabilities"]}
            got = {i["name"]: (i["kev_date"], i["kev_due"]) for i in lookup(database, "id/kev", *want)}
            self.assertEqual(got, want)
        csv_file = os.path.join(ROOT, "cisa-kev-official-20250825.tar.zst", "known_exploited_vulnerabilities.csv")
        database, inputs = self.build("kev-csv", "kev=" + csv_file)
        self.assertEqual(inputs["kev"]["records"], items("enrich/cisa-kev-official-20250825.tar.zst"))

    def test_ends_of_life(self):
        database, inputs = self.build(
            "eol", "eol=" + shared("vulndb", "eol", "endoflife-date-products-20260822.tar.zst"),
            "eol=" + shared("vulndb", "debian", "debian-security-support+distro-info-data.tar.zst"))
        files = unpack("vulndb/debian/debian-security-support+distro-info-data.tar.zst", os.path.join(ROOT, "eol-files"))
        rows = []
        for name in "debian", "ubuntu":
            with open(os.path.join(files, "usr/share/distro-info", name + ".csv"), encoding="utf-8") as f:
                rows += [(name, r) for r in csv.DictReader(f)]
        self.assertEqual(inputs["eol"]["records"], items("eol/endoflife-date-products-20260822.tar.zst") + len(rows))
        for name, r in rows:
            if r["version"]:
                want = max(r["eol"] or "", r.get("eol-lts") or "", r.get("eol-server") or "")
                key = f"{name}/{r['version'].split()[0]}"
                self.assertEqual(lookup(database, "id/eol", key), [{"name": key, "day": want, "codename": r["series"]}])
        self.assertEqual([i["day"] for i in lookup(database, "id/eol", "alpine/3.20.3", "almalinux/9.4", "alpine/3.10.2")],
                         ["2026-04-01", "2032-05-31", "2021-05-01"])


if __name__ == "__main__":
    unittest.main()
