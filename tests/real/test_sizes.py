"""Input that is large on purpose: ends soon, in bounded memory, with a gap that says what was not seen."""
import gzip
import itertools
import json
import os
import subprocess
import tempfile
import unittest
import zlib

import mkimage as mk
from mkimage import Image, file, folder, hardlink, symlink
from peak import Measured

ENTRIES = 10_000_000
SECONDS, MEBIBYTES = 60, 256
STATUS = b"""Package: seen
Status: install ok installed
Version: 1.0
Architecture: amd64
Description: one
"""
APK = b"P:seen\nV:1.0-r0\nA:x86_64\nT:one\n\n"
DEBIAN = b'ID=debian\nVERSION_ID="12"\n'
ALPINE = b"ID=alpine\nVERSION_ID=3.20.3\n"
OPENWRT = b"ID=openwrt\nVERSION_ID=23.05\n"


def packed(path, pieces):
    """The pieces through zstd into a file; none of them is kept."""
    with open(path, "wb") as out, subprocess.Popen(["zstd", "-q", "-1", "-T1"], stdin=subprocess.PIPE, stdout=out) as z:
        for piece in pieces:
            z.stdin.write(piece)
        z.stdin.close()
    if z.returncode:
        raise RuntimeError("zstd failed")


def numbered(first, count, make=lambda name: file(name, b"")):
    """Entries of different names. Each name is a number and its complement, so that the sum of
    its bytes, and with it the checksum of the header, is always the same."""
    entry = make("d/0000000-9999999").encode()
    at = entry.index(b"0000000-9999999")
    head, tail = entry[:at], entry[at + 15:]
    for start in range(first, first + count, 10_000):
        yield b"".join(b"%s%07d-%07d%s" % (head, i, 9_999_999 - i, tail)
                       for i in range(start, min(start + 10_000, first + count)))


def huge(name, before, after, size):
    """A file with one line of `size` bytes between two texts."""
    whole = len(before) + size + len(after)
    yield file(name, header={"size": whole}).encode()
    yield before
    for at in range(0, size, 1 << 20):
        yield b"x" * min(1 << 20, size - at)
    yield after + b"\0" * (-whole % 512)


class Sizes(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory(prefix="plimsoll-sizes-")
        self.addCleanup(temporary.cleanup)
        self.temporary = temporary.name

    def path(self, name):
        return os.path.join(self.temporary, name)

    def scan(self, path, *options):
        """The report and its gaps, that of the missing database aside."""
        r = Measured("scan", path, "--format", "json", "--db", "/nonexistent", *options)
        print(f"# {self.id().split('.')[-1]}: {r.wall:.1f} s, {r.cpu:.1f} s CPU, {r.peak} MiB", flush=True)
        self.assertEqual(r.code, 4, r.errors)
        self.assertLess(r.wall, SECONDS)
        self.assertLess(r.peak, MEBIBYTES)
        report = json.loads(r.out)
        gaps = {d["code"] for d in report["diagnostics"] if d["class"] == "gap"}
        return report, gaps - {"database_missing"}

    def image(self, *layers):
        path = self.path("image.tar")
        with open(path, "wb") as f:
            f.write(mk.oci_archive([Image(list(layers), diff_ids=["sha256:" + "0" * 64] * len(layers))]))
        return path

    def entries(self, name, first, count, **kind):
        path = self.path(name)
        begin = [file("etc/os-release", DEBIAN).encode(), file("var/lib/dpkg/status", STATUS).encode()]
        packed(path, itertools.chain(begin if first == 0 else [], numbered(first, count, **kind), [b"\0" * 1024]))
        return path

    def test_ten_million_entries_in_one_tar(self):
        report, gaps = self.scan(self.entries("layer.tar.zst", 0, ENTRIES))
        self.assertIn("entry_limit", gaps)
        self.assertEqual([p["name"] for p in report["packages"]], ["seen"])

    def test_ten_million_entries_in_one_layer(self):
        with open(self.entries("layer.tar.zst", 0, ENTRIES), "rb") as f:
            report, gaps = self.scan(self.image(f.read()))
        self.assertIn("entry_limit", gaps)
        self.assertEqual([p["name"] for p in report["packages"]], ["seen"])

    def test_ten_million_entries_in_ten_layers(self):
        """No layer passes its own limit, so that the limits of a scan count."""
        for name, make in (("files", lambda name: file(name, b"")),
                           ("symlinks", lambda name: symlink(name, "../etc/passwd")),
                           ("hardlinks", lambda name: hardlink(name, "var/lib/dpkg/status")),
                           ("folders", folder), ("whiteouts", lambda name: file(name.replace("/", "/.wh."), b""))):
            with self.subTest(name):
                print("#", name)
                layers = []
                for number in range(10):
                    with open(self.entries("part", number * ENTRIES // 10, ENTRIES // 10, make=make), "rb") as f:
                        layers.append(f.read())
                _, gaps = self.scan(self.image(*layers))
                self.assertIn("entry_limit", gaps)

    def test_ten_million_entries_through_a_link(self):
        """Each name stands twice: as it is written, and where the link leads."""
        path = self.path("layer.tar.zst")
        packed(path, itertools.chain([symlink("d", "e").encode()], numbered(0, ENTRIES), [b"\0" * 1024]))
        _, gaps = self.scan(path)
        self.assertIn("entry_limit", gaps)

    def test_less_memory(self):
        """However little there is: a report that says where it ended."""
        one = self.entries("layer.tar.zst", 0, ENTRIES)
        layers = []
        for number in range(5):
            with open(self.entries("part", number * ENTRIES // 10, ENTRIES // 10), "rb") as f:
                layers.append(f.read())
        for path in one, self.image(*layers):
            for limit in "1M", "16M", "64M", "128M", "192M":
                with self.subTest(f"{limit} {os.path.basename(path)}"):
                    print("#", limit)
                    _, gaps = self.scan(path, "--limit", f"memory={limit}")
                    self.assertTrue(gaps & {"entry_limit", "memory_limit"}, gaps)

    def long_line(self, release, name, before, after):
        path = self.path("layer.tar")
        with open(path, "wb") as f:  # plain: a line of one letter would end at the ratio
            f.write(file("etc/os-release", release).encode())
            f.writelines(huge(name, before, after, 1 << 30))
            f.write(b"\0" * 1024)
        report, gaps = self.scan(path)
        self.assertEqual(gaps, {"package_db_malformed"})
        place = [d for d in report["diagnostics"] if d["code"] == "package_db_malformed"][0]
        self.assertEqual((place["layer"], place["path"]), (0, name))
        self.assertIn("seen", {p["name"] for p in report["packages"]})

    def test_a_line_of_1_gb_in_a_database_of_dpkg(self):
        self.long_line(DEBIAN, "var/lib/dpkg/status", STATUS + b"\nPackage: long\nDescription: ",
                       b"\n\n" + STATUS.replace(b"seen", b"behind"))

    def test_a_line_of_1_gb_in_a_database_of_apk(self):
        self.long_line(ALPINE, "lib/apk/db/installed", APK + b"P:long\nV:1-r0\nT:",
                       b"\n\n" + APK.replace(b"seen", b"behind"))

    def test_a_line_of_1_gb_in_a_database_of_opkg(self):
        self.long_line(OPENWRT, "usr/lib/opkg/status", STATUS + b"\nPackage: long\nDescription: ",
                       b"\n\n" + STATUS.replace(b"seen", b"behind"))

    def test_nested_bombs(self):
        """A layer of 4 GiB of zeros, in each packing around it."""
        packer, pieces = zlib.compressobj(9, zlib.DEFLATED, 31), []
        size = 4 << 30
        pieces.append(packer.compress(file("zeros", header={"size": size}).encode()))
        for _ in range(size >> 20):
            pieces.append(packer.compress(b"\0" * (1 << 20)))
        bomb = b"".join(pieces) + packer.flush()
        with open(self.image(bomb), "rb") as f:
            archive = f.read()
        for name, data, want in (("layer", archive, "inflate_ratio"),
                                 ("layer of a compressed archive", gzip.compress(archive), "inflate_ratio"),
                                 ("compressed twice", self.one(gzip.compress(bomb)), "layer_unreadable"),
                                 ("a layer of its own", bomb, "inflate_ratio")):
            with self.subTest(name):
                path = self.path("bomb")
                with open(path, "wb") as f:
                    f.write(data)
                print("#", name)
                _, gaps = self.scan(path)
                self.assertIn(want, gaps)

    def one(self, layer):
        with open(self.image(layer), "rb") as f:
            return f.read()


if __name__ == "__main__":
    unittest.main()
