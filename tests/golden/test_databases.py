"""rpm, opkg and pacman databases in the layers of an image."""
import json
import os
import tarfile
import tempfile
import unittest

import mkimage
import rpmdbs
from plimsoll import manifest, run, shared


def load(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def content(name):
    with open(shared("packages", name), "rb") as f:
        return f.read()


class Scanned:
    """What a scan says of packages and of the databases."""

    def __init__(self, archive, piped=False):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "image.tar")
            with open(path, "wb") as f:
                f.write(archive)
            result = run("scan", "-" if piped else path, "--format", "json", "--db", os.path.join(folder, "none"),
                         stdin=archive if piped else None)
        report = json.loads(result.text)
        self.confinement = report["run"]["confinement"]
        self.packages = report["packages"]
        self.diags = [d for d in report["diagnostics"] if d["code"] not in ("database_missing", "distro_unknown")]

    def codes(self, of_class=None):
        return sorted({d["code"] for d in self.diags if of_class in (None, d["class"])})

    def layers(self):
        return {p["name"]: p["layer"] for p in self.packages}


def squash(*layers_of_files, piped=False):
    """Layers given as {path: bytes, or None for a whiteout, or a str for a link}."""
    blobs = []
    for files in layers_of_files:
        entries = []
        for path, value in files.items():
            if value is None:
                entries.append(mkimage.whiteout(path))
            elif isinstance(value, str):
                entries.append(mkimage.symlink(path, value))
            else:
                entries.append(mkimage.file(path, value))
        blobs.append(mkimage.tar(entries))
    return Scanned(mkimage.docker_archive([mkimage.Image(blobs)]), piped)


def version_of(p):
    """As the report has it, of an expected rpm."""
    epoch = f"{p['epoch']}:" if p.get("epoch") else ""
    return f"{epoch}{p['version']}-{p['release']}"


class Shared(unittest.TestCase):
    def cases(self, folder):
        for row in manifest("packages"):
            if row["file"].startswith(folder + "/") and row["expectation"] not in ("", "-"):
                yield row["file"], load(shared("packages", row["expectation"]))

    RPM_PLACES = {
        "Packages": "var/lib/rpm/Packages",
        "Packages.db": "usr/lib/sysimage/rpm/Packages.db",
        "rpmdb.sqlite": "var/lib/rpm/rpmdb.sqlite",
        "container-manifest-2": "var/lib/rpmmanifest/container-manifest-2",
    }

    def test_rpm(self):
        seen = listed = 0
        for name, expected in self.cases("rpm"):
            with self.subTest(name):
                if name.endswith(".tar.xz"):
                    with tarfile.open(shared("packages", name)) as tar:
                        member = next(m for m in tar if m.name.endswith("var/lib/rpm/Packages"))
                        files = {"var/lib/rpm/Packages": tar.extractfile(member).read()}
                else:
                    files = {self.RPM_PLACES[os.path.basename(name)]: content(name)}
                got = squash(files)
                want = [(p["name"], version_of(p), p["arch"]) for p in expected["packages"]
                        if p["name"] != "gpg-pubkey"]
                self.assertEqual(sorted((p["name"], p["version"], p["arch"]) for p in got.packages),
                                 sorted(want))
                self.assertEqual(got.diags, [])
                sources = {(p["name"], version_of(p)): p["source"] for p in expected["packages"]}
                licenses = {(p["name"], version_of(p)): p.get("license") for p in expected["packages"]}
                for p in got.packages:
                    key = (p["name"], p["version"])
                    epoch = p["version"].partition(":")[0] + ":" if ":" in p["version"] else ""
                    source = p["source"]
                    self.assertEqual(p["source_rpm"], sources[key])
                    self.assertEqual(f"{source['name']}-{source['version'][len(epoch):]}.src.rpm", sources[key])
                    self.assertTrue(source["version"].startswith(epoch))
                    self.assertEqual(p["licenses"], [licenses[key]] if licenses[key] else [])
                    self.assertEqual(p["type"], "rpm")
                seen += 1
                listed += len(got.packages)
        self.assertEqual(seen, 6)
        self.assertGreater(listed, 370)

    def test_opkg(self):
        seen = listed = 0
        for name, expected in self.cases("opkg"):
            for place in ("usr/lib/opkg/status", "var/lib/opkg/status", "opt/lib/opkg/status"):
                with self.subTest(name, place=place):
                    got = squash({place: content(name)})
                    self.assertEqual(sorted((p["name"], p["version"]) for p in got.packages),
                                     sorted((p["name"], p["version"]) for p in expected["packages"]))
                    self.assertEqual(got.diags, [])
            seen += 1
            listed += len(got.packages)
        self.assertEqual((seen, listed), (3, 4))

    def test_pacman(self):
        seen = listed = 0
        for name, expected in self.cases("pacman"):
            with self.subTest(name):
                if name.endswith(".tar.gz"):
                    got = Scanned(mkimage.docker_archive([mkimage.Image([content(name)])]))
                else:
                    got = squash({expected["install_as"]: content(name)})
                self.assertEqual(
                    sorted((p["name"], p["version"], p["arch"], p["source"]["name"], p["licenses"])
                           for p in got.packages),
                    sorted((p["name"], p["version"], p["arch"], p["base"] or p["name"], p["license"])
                           for p in expected["packages"]))
                self.assertEqual(got.codes("gap"), [])
                seen += 1
                listed += len(got.packages)
        self.assertEqual((seen, listed), (4, 6))


def blobs(*names):
    return [rpmdbs.package(n).blob() for n in names]


DB = "var/lib/rpm/rpmdb.sqlite"


class RpmLayers(unittest.TestCase):
    def made(self, first, later=(), checkpoint=True):
        """Main file and log of a database."""
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "db")
            connection = rpmdbs.sqlite(path, first, wal=True)
            if checkpoint:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            rpmdbs.add_sqlite(connection, list(later))
            with open(path, "rb") as f, open(path + "-wal", "rb") as g:
                data = f.read(), g.read()
            connection.close()
        return data

    def test_a_package_counts_from_the_layer_that_brought_it(self):
        got = squash({"var/lib/rpm/Packages": rpmdbs.bdb(blobs("a"))},
                     {"other": b"x"},
                     {"var/lib/rpm/Packages": rpmdbs.bdb(blobs("a", "b"))},
                     {"var/lib/rpm/Packages": rpmdbs.bdb(blobs("b", "c"))})
        self.assertEqual(got.layers(), {"b": 2, "c": 3})
        self.assertEqual(got.diags, [])
        self.assertEqual({p["locations"][0]["layer"] for p in got.packages}, {3})

    def test_a_log_is_read_with_its_database(self):
        main, log = self.made(blobs("a", "b"), blobs("c"))
        self.assertGreater(len(log), 1000)
        got = squash({DB: main, DB + "-wal": log})
        self.assertEqual(got.layers(), {"a": 0, "b": 0, "c": 0})
        self.assertEqual(got.diags, [])
        self.assertIn(got.confinement, ("full", "partial"))

    def test_a_log_of_a_later_layer_is_read_too(self):
        main, log = self.made(blobs("a"), blobs("b"))
        got = squash({DB: main}, {"x": b""}, {DB + "-wal": log})
        self.assertEqual(got.layers(), {"a": 0, "b": 2})
        self.assertEqual(got.diags, [])

    def test_a_log_in_input_that_cannot_be_read_twice_is_read_or_told(self):
        main, log = self.made(blobs("a"), blobs("b"))
        got = squash({DB: main, DB + "-wal": log}, piped=True)
        self.assertIn("a", got.layers())
        if "b" not in got.layers():
            self.assertEqual(got.codes("gap"), ["package_db_unreachable"])

    def test_a_log_can_remove_a_package(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "db")
            connection = rpmdbs.sqlite(path, blobs("a", "b"), wal=True)
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.execute("DELETE FROM Packages WHERE hnum = 1")
            with open(path, "rb") as f, open(path + "-wal", "rb") as g:
                main, log = f.read(), g.read()
            connection.close()
        self.assertEqual(squash({DB: main}).layers(), {"a": 0, "b": 0})
        self.assertEqual(squash({DB: main, DB + "-wal": log}).layers(), {"b": 0})
        self.assertEqual(squash({DB: main, DB + "-wal": log}, {DB + "-wal": None}).layers(),
                         {"a": 0, "b": 0})

    def test_an_empty_log_is_none(self):
        main, _ = self.made(blobs("a"))
        for log in (b"", b"\0" * 4096):
            got = squash({DB: main, DB + "-wal": log, DB + "-shm": b"\0" * 32768})
            self.assertEqual((got.layers(), got.diags), ({"a": 0}, []))

    def test_a_log_that_does_not_belong_is_a_gap(self):
        main, log = self.made(blobs("a"), blobs("b"))
        got = squash({DB: main, DB + "-wal": log[:16] + b"\1\2\3\4" + log[20:]})
        self.assertEqual(got.layers(), {"a": 0})
        self.assertEqual(got.codes(), ["wal_ignored"])
        self.assertEqual(got.diags[0]["path"], DB + "-wal")

    def test_the_folder_may_be_a_link(self):
        main, log = self.made(blobs("a"), blobs("b"))
        got = squash({"usr/lib/sysimage/rpm/rpmdb.sqlite": main, "usr/lib/sysimage/rpm/rpmdb.sqlite-wal": log,
                      "var/lib/rpm": "../../usr/lib/sysimage/rpm"})
        self.assertEqual((got.layers(), got.diags), ({"a": 0, "b": 0}, []))
        got = squash({"data/rpm/rpmdb.sqlite": main, "data/rpm/rpmdb.sqlite-wal": log,
                      "var/lib/rpm": "/data/rpm"})
        self.assertEqual((got.layers(), got.diags), ({"a": 0, "b": 0}, []))

    def test_an_interrupted_transaction_is_a_gap(self):
        main, _ = self.made(blobs("a"))
        got = squash({DB: main, DB + "-journal": bytes.fromhex("d9d505f920a163d7") + b"\0" * 600})
        self.assertEqual((got.layers(), got.codes()), ({"a": 0}, ["package_db_malformed"]))
        got = squash({DB: main, DB + "-journal": b"\0" * 600})
        self.assertEqual((got.layers(), got.codes()), ({"a": 0}, []))

    def test_a_damaged_database_is_a_gap_unless_it_is_replaced(self):
        main, _ = self.made(blobs("a"))
        got = squash({DB: main[:5000]})
        self.assertEqual(got.codes("gap"), ["package_db_malformed"])
        got = squash({DB: main[:5000]}, {DB: main})
        self.assertEqual((got.layers(), got.diags), ({"a": 1}, []))

    def test_every_form_is_read_whatever_its_name(self):
        main, _ = self.made(blobs("a"))
        for data in (main, rpmdbs.bdb(blobs("a")), rpmdbs.ndb(blobs("a"))):
            for name in ("var/lib/rpm/Packages", "usr/share/rpm/Packages.db",
                         "usr/lib/sysimage/rpm/rpmdb.sqlite"):
                got = squash({name: data})
                self.assertEqual((got.layers(), got.diags), ({"a": 0}, []))

    def test_two_databases_are_read_and_told(self):
        main, _ = self.made(blobs("a", "b"))
        got = squash({DB: main, "var/lib/rpm/Packages": rpmdbs.bdb(blobs("a", "c"))})
        self.assertEqual(got.layers(), {"a": 0, "b": 0, "c": 0})
        self.assertEqual(got.codes(), ["entry_odd"])

    def test_the_first_manifest_counts_only_alone(self):
        first = b"a-1.0-1.x86_64\nb-2-1.noarch\n"
        second = b"a\t1.0-1\t0\t0\tV\t7\t1\tx86_64\t7\ta-1.0-1.src.rpm\n"
        place = "var/lib/rpmmanifest/container-manifest-"
        got = squash({place + "1": first})
        self.assertEqual({(p["name"], p["version"]) for p in got.packages}, {("a", "1.0-1"), ("b", "2-1")})
        got = squash({place + "1": first, place + "2": second})
        self.assertEqual({(p["name"], p["version"]) for p in got.packages}, {("a", "7:1.0-1")})
        self.assertEqual(got.diags, [])
        got = squash({place + "2": second + b"nonsense\n"})
        self.assertEqual(got.codes(), ["package_db_malformed"])

    def test_keys_are_no_packages(self):
        key = rpmdbs.Header([(rpmdbs.NAME, rpmdbs.STRING, "gpg-pubkey"),
                             (rpmdbs.VERSION, rpmdbs.STRING, "1"), (rpmdbs.RELEASE, rpmdbs.STRING, "2"),
                             (rpmdbs.SOURCERPM, rpmdbs.STRING, "(none)")]).blob()
        got = squash({"var/lib/rpm/Packages": rpmdbs.bdb([key, *blobs("a", "gpg-pubkey")])})
        self.assertEqual(got.layers(), {"a": 0, "gpg-pubkey": 0})

    def test_names_of_sources_that_are_odd_give_the_package_itself(self):
        for source in ("odd", "a.src.rpm", "a-1.src.rpm", "-1-2.src.rpm"):
            blob = rpmdbs.package("a", epoch=3, source=source).blob()
            got = squash({"var/lib/rpm/Packages": rpmdbs.bdb([blob])})
            self.assertEqual(got.packages[0].get("source", {"name": "a", "version": "3:1.0-1"}),
                             {"name": "a", "version": "3:1.0-1"})


class Opkg(unittest.TestCase):
    def test_control_files_tell_the_rest_and_list_nothing_twice(self):
        status = b"Package: busybox\nVersion: 1.36-r2\nStatus: install ok installed\nArchitecture: x86_64\n"
        control = (b"Package: busybox\nVersion: 1.36-r2\nSource: package/utils/busybox\nSourceName: bb\n"
                   b"License: GPL-2.0\nArchitecture: x86_64\n")
        gone = b"Package: gone\nVersion: 1\nStatus: deinstall ok not-installed\nArchitecture: all\n"
        got = squash({"usr/lib/opkg/status": status + b"\n" + gone, "usr/lib/opkg/info/busybox.control": control})
        self.assertEqual([(p["name"], p["source"]["name"], p["licenses"], p["type"]) for p in got.packages],
                         [("busybox", "bb", ["GPL-2.0"], "opkg")])
        self.assertEqual(got.diags, [])


class Pacman(unittest.TestCase):
    def desc(self, name="gawk", version="5-1", more=""):
        return f"%NAME%\n{name}\n\n%VERSION%\n{version}\n\n%ARCH%\nx86_64\n\n{more}".encode()

    def test_the_folder_and_the_desc_must_agree(self):
        place = "var/lib/pacman/local/{}/desc"
        got = squash({place.format("gawk-5-1"): self.desc()})
        self.assertEqual((got.layers(), got.diags), ({"gawk": 0}, []))
        for folder, text in (("gawk-6-1", self.desc()), ("other-5-1", self.desc()),
                             ("gawk-5-1", self.desc(more="%VERSION%\n6-1\n")),
                             ("gawk-5-1", self.desc(more="%NAME%\nother\n"))):
            got = squash({place.format(folder): text})
            self.assertEqual((len(got.packages), got.codes("gap")), (1, ["package_db_malformed"]))
        for text in (b"", b"%NAME%\ngawk\n", b"%VERSION%\n5-1\n", b"\xff\0\n"):
            got = squash({place.format("gawk-5-1"): text})
            self.assertEqual((len(got.packages), got.codes("gap")), (0, ["package_db_malformed"]))

    def test_lists_and_unknown_sections_are_read_over(self):
        got = squash({"var/lib/pacman/local/gawk-5-1/desc":
                      self.desc(more="%LICENSE%\nMIT\nGPL\n\n%DEPENDS%\n%NAME%\nx\n\n%BASE%\nbase\n")})
        self.assertEqual((got.layers(), got.packages[0]["source"]["name"], got.packages[0]["licenses"]),
                         ({"gawk": 0}, "base", ["MIT", "GPL"]))
        self.assertEqual(got.diags, [])


if __name__ == "__main__":
    unittest.main()
