"""Every allocation, read and write of a run fails once: an error, a diagnostic or the same result, never
a crash, and never a clean report that is not the true one."""
import json
import os
import shutil
import tempfile
import unittest

import aptmirror
import mkimage
from plimsoll import BUILD, run

DRIVER = os.path.join(BUILD, "tests", "tool-fault")

STATUS = b"Package: demo\nStatus: install ok installed\nVersion: 1.0-1\nArchitecture: amd64\n\n"
OS_RELEASE = b"ID=debian\nVERSION_ID=12\nVERSION_CODENAME=bookworm\n"


class Image(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.image = os.path.join(self.folder.name, "image.tar")
        layer = mkimage.tar([
            mkimage.file("etc/os-release", OS_RELEASE),
            mkimage.file("var/lib/dpkg/status", STATUS),
            mkimage.symlink("var/run", "/run"),
        ])
        with open(self.image, "wb") as f:
            f.write(mkimage.docker_archive([mkimage.Image([layer], tags=["demo:1"])]))

    def tearDown(self):
        self.folder.cleanup()


class Faults(Image):
    def loop(self, kind, step, *args, limit=20000):
        environment = {"SOURCE_DATE_EPOCH": "1700000000"}
        true = run(*args, env=environment)
        k, struck = 1, 0
        while k < limit:
            r = run(*args, program=DRIVER, env={**environment, "PLIMSOLL_FAULT": f"{kind}:{k}"})
            if b"fault: hit" not in r.err:
                break
            struck += 1
            with self.subTest(fault=f"{kind}:{k}"):
                self.assertIn(r.code, (0, 1, 3, 4), r.errors)
                if r.code == true.code and r.code == 0:
                    self.assertEqual(r.out, true.out)
                if r.code == 1:
                    self.assertIn("plimsoll: ", r.errors)
            k += step
        self.assertGreater(struck, 0)
        print(f"# {kind}: {struck} faults struck")

    def test_every_failed_allocation_of_a_file_listing(self):
        self.loop("alloc", 1, "files", self.image, "--format", "json")

    def test_every_failed_allocation_of_a_scan(self):
        self.loop("alloc", 3, "scan", self.image, "--format", "json", "--db", "/nonexistent")

    def test_every_failed_read_of_a_scan(self):
        self.loop("read", 1, "scan", self.image, "--format", "json", "--db", "/nonexistent")

    def test_every_failed_write_of_a_scan(self):
        self.loop("write", 1, "scan", self.image, "--format", "json", "--db", "/nonexistent",
                  "-o", os.path.join(self.folder.name, "out.json"))

    def test_every_failed_allocation_of_version_check(self):
        self.loop("alloc", 1, "version", "check", "debian", __file__)

    def test_every_failed_allocation_read_and_write_of_a_lint(self):
        path = os.path.join(self.folder.name, "Dockerfile")
        text = b"FROM debian:latest\nMAINTAINER me\nRUN if a; then apt-get install `b`; fi\nONBUILD RUN <<E\nx\nE\n"
        with open(path, "wb") as f:
            f.write(text)
        true = run("lint", "--no-config", "-f", "json", path)
        for kind in "alloc", "read", "write":
            for extra in (), ("--diff",):
                k, struck = 1, 0
                while k < 20000:
                    r = run("lint", "--no-config", "-f", "json", *extra, path, program=DRIVER,
                            env={"PLIMSOLL_FAULT": f"{kind}:{k}"})
                    if b"fault: hit" not in r.err:
                        break
                    struck += 1
                    with self.subTest(fault=f"{kind}:{k}", extra=extra):
                        self.assertIn(r.code, (1, 2, 3, 4), r.errors)
                        if r.code == 2 and not extra:
                            self.assertEqual(r.out, true.out)
                        if r.code in (1, 4):
                            self.assertIn("plimsoll: ", r.errors)
                    k += 1 if k < 60 else 7
                print(f"# lint {kind}: {struck} faults struck")
        with open(path, "rb") as f:
            self.assertEqual(f.read(), text)


class Memory(unittest.TestCase):
    """However little memory a scan has: a report, and where something is missing it says so."""

    PACKAGES = 1500

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name, data=None):
        path = os.path.join(self.folder, name)
        if data is not None:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as f:
                f.write(data)
        return path

    def database(self):
        for i in range(self.PACKAGES):
            self.path(f"osv/{i}.json", json.dumps({
                "id": f"DSA-{i + 1}-1", "modified": "2024-01-01T00:00:00Z", "aliases": [f"CVE-2024-{10000 + i}"],
                "affected": [{"package": {"ecosystem": "Debian:12", "name": f"demo{i}"}, "ranges": [
                    {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2"}]}]}]}).encode())
        r = run("db", "build", "--out", self.path("db"), "--feed", "osv=" + self.path("osv"))
        self.assertEqual(r.code, 0, r.errors)
        return self.path("db")

    def image(self, name, layers):
        return self.path(name, mkimage.docker_archive([mkimage.Image(
            [mkimage.tar(layer) for layer in layers], tags=["demo:1"])]))

    def test_little_memory_is_a_gap_in_a_report(self):
        status = b"".join(STATUS.replace(b"demo", b"demo%d" % i) for i in range(self.PACKAGES))
        packages = [mkimage.file("etc/os-release", OS_RELEASE), mkimage.file("var/lib/dpkg/status", status)]
        names = [mkimage.file(f"usr/share/doc/a{i}/changelog", b"") for i in range(10000)]
        database = self.database()
        for name, layers in (("packages", [packages]), ("names", [packages[:1] + names + packages[1:]]),
                             ("layers", [packages] + [names[i:i + 200] for i in range(0, 10000, 200)])):
            options = "scan", self.image(name, layers), "--format", "json", "--db", database
            true = json.loads(run(*options).text)
            self.assertEqual(len(true["findings"]), self.PACKAGES)
            codes, size = {}, 32 << 10
            while size < 64 << 20:
                with self.subTest(image=name, memory=size):
                    r = run(*options, "--limit", f"memory={size}")
                    self.assertIn(r.code, (0, 4), r.errors)
                    report = json.loads(r.text)
                    gaps = {d["code"] for d in report["diagnostics"] if d["class"] == "gap"}
                    self.assertEqual(report["verdict"]["complete"], r.code == 0)
                    self.assertEqual(bool(gaps), r.code == 4)
                    if not gaps:
                        self.assertEqual(report["findings"], true["findings"])
                    for code in gaps:
                        codes[code] = codes.get(code, 0) + 1
                size = size * 4 // 3
            print(f"# {name}: {codes}")
            self.assertIn("memory_limit", codes)


@unittest.skipUnless(shutil.which("gpg") and shutil.which("gpgv"), "gpg and gpgv are not installed")
class Notices(unittest.TestCase):
    """One scan with the notices of an archive that the test serves, its cache empty each time."""

    NEW = "1.0-1+deb12u1"

    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        self.key, self.server = aptmirror.Key(), aptmirror.Server()
        self.addCleanup(self.key.close)
        self.addCleanup(self.server.close)
        m = aptmirror.Mirror(self.key)
        text = aptmirror.changelog((self.NEW, ["* CVE-2024-1000"]), ("1.0-1", ["* x"]))
        m.source("demo", self.NEW, text)
        m.source("lost", self.NEW, form="diff.gz")
        m.binary("liblost1", "lost", self.NEW, text.replace("demo (", "lost ("))
        self.server.serve(m.publish())
        self.server.faults = {path: 404 for path in m.files if path.endswith(".diff.gz")}
        self.image = os.path.join(self.folder, "image.tar")
        with open(self.image, "wb") as f:
            f.write(aptmirror.image([("libdemo1", "1.0-1", "demo"), ("liblost1", "1.0-1", "lost")]))

    def scan(self, fault=None):
        cache = tempfile.mkdtemp(dir=self.folder)
        environment = {"SOURCE_DATE_EPOCH": "1794000000", "XDG_CACHE_HOME": cache, "no_proxy": "*"}
        if fault:
            environment["PLIMSOLL_FAULT"] = fault
        r = run("scan", self.image, "-f", "json", "--db", "/nonexistent", "--mirror", self.server.url,
                "--keyring", self.key.keyring, program=DRIVER if fault else None, env=environment)
        with self.subTest(fault=fault):
            left = [n for _, _, names in os.walk(cache) for n in names if n.startswith(".")]
            self.assertEqual(left, [], "half a file is left in the cache")
        return r

    def loop(self, kind, step):
        true = json.loads(self.scan().text)
        self.assertEqual(len(true["findings"]), 2, true["diagnostics"])
        k, struck = 1, 0
        while True:
            r = self.scan(f"{kind}:{k}")
            if b"fault: hit" not in r.err:
                break
            struck += 1
            with self.subTest(fault=f"{kind}:{k}"):
                self.assertIn(r.code, (0, 1, 4), r.errors)
                if r.code == 0:
                    self.assertEqual(json.loads(r.text)["findings"], true["findings"])
                if r.code == 4:
                    self.assertFalse(json.loads(r.text)["verdict"]["pass"])
                if r.code == 1:
                    self.assertIn("plimsoll: ", r.errors)
            k += step
        self.assertGreater(struck, 0)
        print(f"# notices {kind}: {struck} faults struck")

    def test_failed_allocations(self):
        self.loop("alloc", 5)

    def test_every_failed_read(self):
        self.loop("read", 1)

    def test_every_failed_write(self):
        self.loop("write", 1)


class Lint(unittest.TestCase):
    def test_a_worker_that_dies_loses_its_files_and_says_so(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in "Dockerfile.a", "Dockerfile.b":
                with open(os.path.join(folder, name), "wb") as f:
                    f.write(b"FROM debian:latest\n")
            r = run("lint", "--no-config", "-f", "json", folder, program=DRIVER, env={"PLIMSOLL_STOP": "inspect"})
            self.assertEqual((r.code, r.text), (4, "[]\n"), r.errors)
            self.assertEqual(r.errors.count("not looked at: the worker was killed"), 2)


class Kills(Image):
    """A worker that dies in any phase gives a report that names the phase and does not pass."""

    PHASES = ("start", "manifest", "config", "layer header", "inflate", "tar walk", "inspect", "squash",
              "resolve", "match", "output")

    def test_a_worker_that_dies_is_a_gap_that_names_the_phase(self):
        compressed = os.path.join(self.folder.name, "compressed.tar")
        layer = mkimage.gzip(mkimage.tar([mkimage.file("etc/os-release", OS_RELEASE),
                                          mkimage.file("var/lib/dpkg/status", STATUS)]))
        with open(compressed, "wb") as f:
            f.write(mkimage.oci_archive([mkimage.Image([layer], tags=["demo:1"])]))
        for phase in self.PHASES:
            with self.subTest(phase=phase):
                r = run("scan", compressed, "--format", "json", "--db", "/nonexistent", program=DRIVER,
                        env={"PLIMSOLL_STOP": phase})
                self.assertEqual(r.code, 4, r.errors)
                report = json.loads(r.text)
                self.assertFalse(report["verdict"]["pass"])
                self.assertFalse(report["verdict"]["complete"])
                died = [d for d in report["diagnostics"] if d["code"] == "worker_died"]
                self.assertEqual(len(died), 1)
                self.assertIn(phase, died[0]["message"])


if __name__ == "__main__":
    unittest.main()
