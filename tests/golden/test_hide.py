"""Ways to hide a package (docs/formats/hiding.md): each ends with the package or with a gap.

The hidden package is `hidden 1.0`. A way gives layers, and says what has to come of it: the package
listed, a gap, or both.
"""
import json
import os
import re
import tempfile
import unittest

import mkimage
from mkimage import char, fifo, file, folder, hardlink, opaque, symlink, whiteout
from plimsoll import SOURCE, run

STATUS = "var/lib/dpkg/status"
BASE = [file("etc/os-release", b'ID=debian\nVERSION_ID="12"\n')]


def stanza(name="hidden", version="1.0", status="install ok installed", extra=""):
    text = f"Package: {name}\n"
    if status:
        text += f"Status: {status}\n"
    return (text + f"Architecture: amd64\nVersion: {version}\n{extra}\n").encode()


REAL = stanza("base-files", "12") + stanza()
CLEAN = stanza("base-files", "12")
APK = b"P:hidden\nV:1.0\nA:x86_64\n\n"
LISTED, GAP = {"listed"}, {"gap"}

WAYS = {}


def way(name, *layers, expect=LISTED):
    assert name not in WAYS
    WAYS[name] = ([BASE + list(layers[0])] + [list(layer) for layer in layers[1:]], set(expect))


# links
way("the file is a link made by a later layer",
    [file("opt/x", REAL)], [symlink(STATUS, "/opt/x")])
way("the file is a link whose target comes later",
    [symlink(STATUS, "../../../opt/x")], [file("opt/x", REAL)])
way("the file is a hardlink to another name",
    [file("opt/x", REAL), hardlink(STATUS, "opt/x")])
way("the file is a hardlink whose first name is gone",
    [file("opt/x", REAL), hardlink(STATUS, "opt/x"), file("opt/x", CLEAN)])
way("the file is a hardlink whose first name a later layer removes",
    [file("opt/x", REAL), hardlink(STATUS, "opt/x")], [whiteout("opt/x")])
way("the file is a hardlink to a symlink",
    [file("opt/x", REAL), symlink("opt/y", "/opt/x"), hardlink(STATUS, "opt/y")])
way("the file is a hardlink into a lower layer",
    [file("opt/x", REAL)], [hardlink(STATUS, "opt/x")], expect=LISTED | GAP)
way("its folder is a link made by a later layer",
    [file("opt/dpkg/status", REAL)], [symlink("var/lib/dpkg", "/opt/dpkg")])
way("its folder is a link to a folder named as a whiteout",
    [file("var/lib/.wh.dpkg/status", REAL), symlink("var/lib/dpkg", ".wh.dpkg")])
way("var is a link",
    [symlink("var", "srv/var"), file("srv/var/lib/dpkg/status", REAL)])
way("var is a link and the entry is written through it",
    [symlink("var", "srv/var"), file("var/lib/dpkg/status", REAL)])
way("the entry is written through a link of its layer",
    [symlink("a", "var/lib/dpkg"), file("a/status", REAL)])
way("40 links in a row",
    [file("opt/40", REAL)] + [symlink(f"opt/{i}", str(i + 1)) for i in range(1, 40)],
    [symlink(STATUS, "/opt/1")])
way("41 links in a row",
    [file("opt/41", REAL)] + [symlink(f"opt/{i}", str(i + 1)) for i in range(1, 41)],
    [symlink(STATUS, "/opt/1")], expect=GAP)
way("links in circles", [symlink(STATUS, "status")], expect=GAP)
way("a link that leads nowhere", [symlink(STATUS, "/mnt/status")], expect=GAP)
way("its folder leads nowhere", [symlink("var/lib/dpkg", "/mnt/dpkg")], expect=GAP)
way("a link with dots and slashes",
    [file("opt/x", REAL), symlink(STATUS, "/..//../opt/./y/..//x"), folder("opt/y")])
way("a one-package file is a link",
    [file("opt/x", stanza(status="")), symlink(STATUS + ".d/x", "/opt/x")])
way("the folder of one-package files is a link",
    [file("opt/d/x", stanza(status=""))], [symlink(STATUS + ".d", "/opt/d")])

way("a link to a file that is passed over by its name",
    [file(STATUS + ".d/x.md5sums", REAL), symlink(STATUS, "status.d/x.md5sums")])

# what stands at the path
way("a pipe", [fifo(STATUS)], expect=GAP)
way("a device", [char(STATUS, 1, 3)], expect=GAP)
way("a folder", [folder(STATUS)], expect=GAP)

# whiteouts and layers
way("the root of a later layer is opaque",
    [file(STATUS, REAL)], [opaque(""), file("x", b"")], expect=LISTED | GAP)
way("a folder made anew behind its whiteout",
    [file(STATUS, REAL)], [whiteout("var/lib/dpkg"), folder("var/lib/dpkg")],
    expect=LISTED | GAP)
way("a whiteout behind the file",
    [file(STATUS, CLEAN)], [file(STATUS, REAL), whiteout(STATUS)], expect=LISTED | GAP)
way("an opaque folder beside the file",
    [file(STATUS, CLEAN)], [file(STATUS, REAL), opaque("var/lib/dpkg")])
way("a device 0:0 over the file",
    [file(STATUS, REAL)], [char(STATUS, 0, 0)], expect=GAP)
way("a whiteout in the lowest layer",
    [file(STATUS, REAL), whiteout(STATUS)], expect=GAP)
way("a whiteout below a link of a lower layer",
    [file(STATUS, REAL), symlink("a", "var/lib/dpkg")], [whiteout("a/status")])
way("an opaque folder below a link of a lower layer",
    [file(STATUS, REAL), symlink("a", "var/lib/dpkg")], [opaque("a")])
way("a clean database below a link of a lower layer",
    [file(STATUS, REAL), symlink("a", "var/lib/dpkg")], [file("a/status", CLEAN)])
way("a whiteout of no name",
    [file(STATUS, REAL)], [file("var/lib/dpkg/.wh.", b""), file("var/lib/dpkg/.wh..", b"")],
    expect=LISTED | GAP)
way("a whiteout of another name",
    [file(STATUS, REAL)], [whiteout("var/lib/dpkg/Status"), whiteout("var/lib/dpkg/status.d")])
way("a clean database first in the same layer", [file(STATUS, CLEAN), file(STATUS, REAL)])
way("a clean database in the same layer that a folder removes",
    [file(STATUS, CLEAN), file("var/lib/dpkg", b""), folder("var/lib/dpkg"), file(STATUS, REAL)])
way("a name with dots and slashes", [file("./var//lib/dpkg/./status", REAL)])
way("a name that turns back", [file("var/lib/x/../dpkg/status", REAL)], expect=LISTED | GAP)
way("an absolute name", [file("/" + STATUS, REAL)])
way("a name that climbs", [file("../../" + STATUS, REAL)], expect=LISTED | GAP)
way("a name in a pax record", [file("README", REAL, pax={"path": STATUS})])
way("a clean database in a layer that is cut short",
    [file(STATUS, REAL)], [mkimage.raw(file(STATUS, CLEAN * 100).encode()[:700])],
    expect=GAP)

# inside the file
way("no status", [file(STATUS, stanza(status=""))])
way("half-installed", [file(STATUS, stanza(status="install reinstreq half-installed"))])
way("unpacked", [file(STATUS, stanza(status="install ok unpacked"))])
way("a status nobody knows", [file(STATUS, stanza(status="hold ok gone-fishing"))])
way("names of fields in capitals", [file(STATUS, REAL.replace(b"Package", b"PACKAGE")
                                         .replace(b"Version", b"version"))])
way("carriage returns", [file(STATUS, REAL.replace(b"\n", b"\r\n"))])
way("no line break at the end", [file(STATUS, REAL.rstrip(b"\n"))])
way("empty lines before it", [file(STATUS, b"\n\n\n" + REAL)])
way("lines that are no fields before it", [file(STATUS, b"garbage\n \x00\xff\n\n" + REAL)])
way("a version twice, the harmless one first",
    [file(STATUS, REAL.replace(b"Version: 1.0", b"Version: 9.9\nVersion: 1.0"))], expect=GAP)
way("a line of 20 MB", [file(STATUS, CLEAN + b"X: " + b"y" * (20 << 20) + b"\n" + stanza())],
    expect=LISTED | GAP)
way("a value of 40 MB", [file(STATUS, stanza(extra="X: 1\n" + " y" * 50 + "\n") + b"Package: z\n"
                              b"Version: 1\nDepends: x\n" + (b" " + b"y" * 1000 + b"\n") * 40000)])
way("not a database", [file(STATUS, b"\x7fELF\x01\x01" * 100)], expect=GAP)

# apk
way("apk: in usr/lib", [file("usr/lib/apk/db/installed", APK)])
way("apk: through lib", [file("usr/lib/apk/db/installed", APK)], [symlink("lib", "usr/lib")])
way("apk: no empty line at the end", [file("lib/apk/db/installed", APK.rstrip(b"\n"))])
way("apk: a version twice", [file("lib/apk/db/installed", b"P:hidden\nV:9\nV:1.0\n\n")],
    expect=LISTED | GAP)
way("apk: a line of 2 MB",
    [file("lib/apk/db/installed", b"P:x\nV:1\nT:" + b"y" * (2 << 20) + b"\n\n" + APK)],
    expect=LISTED | GAP)


class Hide(unittest.TestCase):
    def scan(self, layers):
        blobs = [mkimage.gzip(mkimage.tar(entries), 1) for entries in layers]
        with tempfile.TemporaryDirectory() as place:
            path = os.path.join(place, "image.tar")
            with open(path, "wb") as f:
                f.write(mkimage.docker_archive([mkimage.Image(blobs)]))
            result = run("scan", "--format", "json", path)
        self.assertIn(result.code, (0, 4), result.errors)
        return json.loads(result.text)

    def test_every_way_ends_with_the_package_or_a_gap(self):
        self.assertGreaterEqual(len(WAYS), 20)
        for name, (layers, expect) in WAYS.items():
            with self.subTest(name):
                report = self.scan(layers)
                got = set()
                if any(p["name"] == "hidden" and p["version"] == "1.0"
                       for p in report["packages"]):
                    got.add("listed")
                if any(d["class"] == "gap" and d["code"] not in ("database_missing",)
                       for d in report["diagnostics"]):
                    got.add("gap")
                self.assertEqual(got, expect, report["diagnostics"])

    def test_every_way_is_documented(self):
        with open(os.path.join(SOURCE, "docs", "formats", "hiding.md"), encoding="utf-8") as f:
            rows = re.findall(r"^\| ([^|]+?) \| (.+?) \|$", f.read(), re.M)
        documented = {name: words for name, words in rows if not name.startswith(("way", "---"))}
        self.assertEqual(sorted(documented), sorted(WAYS))
        for name, (_, expect) in WAYS.items():
            self.assertEqual(set(documented[name].replace(" and a ", " ").split()), expect, name)


if __name__ == "__main__":
    unittest.main()
