"""Every allocation, read and write of a run fails once: an error, a diagnostic or the same result, never
a crash, and never a clean report that is not the true one."""
import json
import os
import tempfile
import unittest

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
