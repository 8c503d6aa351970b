"""Squash, packages and their layers against the expected lists of the shared data."""
import json
import os
import tempfile
import unittest

import layers
import mkimage
from plimsoll import manifest, shared


def load(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def raw(entry):
    """The bytes of a path: ours give those that are not UTF-8 in base64, the data in hexadecimal."""
    import base64
    if "path_raw" in entry:
        return base64.b64decode(entry["path_raw"])
    if entry["path"] is None:
        return bytes.fromhex(entry["path_hex"])
    return entry["path"].encode()


FIELDS = ("type", "mode", "uid", "gid", "layer", "size", "sha256", "link")


def described(entry):
    return {k: entry[k] for k in FIELDS if k in entry}


class Images(unittest.TestCase):
    def squashed(self, name):
        expected = load(shared("images", name + ".expected.json"))
        with tempfile.TemporaryDirectory() as folder:
            blobs = layers.image_layers(shared("images", name), expected["kind"])
            return expected, layers.squash_bytes(folder, blobs)

    def names(self):
        return sorted({row["file"][:-len(".tree.jsonl")] for row in manifest("images")
                       if row["file"].endswith(".tree.jsonl")})

    def test_every_image_gives_its_tree(self):
        names = self.names()
        self.assertEqual(len(names), 25)
        rows = {row["file"]: row for row in manifest("images")}
        for name in names:
            with self.subTest(name):
                _, got = self.squashed(name)
                with open(shared("images", name + ".tree.jsonl"), encoding="utf-8") as f:
                    expected = [json.loads(line) for line in f]
                self.assertEqual(str(len(expected)), rows[name + ".tree.jsonl"]["items"])
                self.assertEqual([raw(f) for f in got.files], sorted(raw(e) for e in expected))
                ours = {raw(f): described(f) for f in got.files}
                for entry in expected:
                    self.assertEqual(ours[raw(entry)], described(entry), entry["path"])

    def test_every_image_gives_its_packages_and_their_layers(self):
        listed = 0
        for name in self.names():
            with self.subTest(name):
                expected, got = self.squashed(name)
                want = sorted((p["name"], p["version"], p["arch"],
                               p.get("source", p.get("origin")),
                               p.get("source_version", p["version"]), p["layer"])
                              for p in expected.get("packages", []))
                have = sorted((p["name"], p["version"], p["arch"], p["source"],
                               p["source_version"], p["layer"]) for p in got.packages)
                self.assertEqual(have, want)
                listed += len(have)
                release = expected.get("os_release")
                if release:
                    self.assertEqual(
                        (got.distro["id"], got.distro["version"], got.distro["path"]),
                        (release["ID"], release["VERSION_ID"], release["path"]))
        self.assertEqual(listed, 89)

    def test_every_link_leads_where_the_container_goes(self):
        seen = 0
        for name in self.names():
            with self.subTest(name):
                _, got = self.squashed(name)
                with open(shared("images", name + ".tree.jsonl"), encoding="utf-8") as f:
                    expected = [json.loads(line) for line in f]
                ours = {link["path"]: link for link in got.links}
                for entry in expected:
                    if entry["type"] != "symlink":
                        continue
                    link = ours[entry["path"]]
                    status = {"not-dir": "dangling"}.get(entry["status"], entry["status"])
                    self.assertEqual(link["status"], status, entry)
                    self.assertEqual(link.get("resolves_to"), entry.get("resolves_to"), entry)
                    seen += 1
        self.assertGreater(seen, 2000)

    def test_the_images_have_no_gap(self):
        for name in self.names():
            with self.subTest(name):
                _, got = self.squashed(name)
                self.assertEqual(got.codes("gap"), [])


class Databases(unittest.TestCase):
    """data/packages: dpkg and apk, each file where it is installed."""

    def cases(self, folder):
        for row in manifest("packages"):
            name = row["file"]
            if name.startswith(folder + "/") and row["expectation"] not in ("", "-"):
                yield name, load(shared("packages", row["expectation"]))

    def place(self, name, expected):
        if "install_as" in expected:
            return expected["install_as"]
        base = os.path.basename(name)
        if base.startswith("case-status.d-"):
            return "var/lib/dpkg/status.d/" + base[len("case-status.d-"):]
        return "var/lib/dpkg/status"

    def content(self, name):
        path = shared("packages", name)
        if name.endswith(".zst"):
            import subprocess
            return subprocess.run(["zstd", "-dcq", path], stdout=subprocess.PIPE, check=True).stdout
        with open(path, "rb") as f:
            return f.read()

    def check(self, folder, count, total):
        seen = listed = 0
        for name, expected in self.cases(folder):
            with self.subTest(name), tempfile.TemporaryDirectory() as place:
                if name.endswith(".tar.gz"):
                    data = self.content(name)
                else:
                    data = mkimage.tar([mkimage.file(self.place(name, expected),
                                                     self.content(name))])
                got = layers.squash_bytes(place, [data])
                keys = {"source": "source", "source_version": "source_version",
                        "origin": "source", "arch": "arch", "license": "license"}
                want, have = [], []
                for p in expected["packages"]:
                    want.append((p["name"], p["version"]) +
                                tuple((keys[k], p[k]) for k in keys if k in p))
                shape = {(p["name"], p["version"]): p for p in expected["packages"]}
                for p in got.packages:
                    like = shape.get((p["name"], p["version"]), {})
                    have.append((p["name"], p["version"]) +
                                tuple((keys[k], p.get(keys[k])) for k in keys if k in like))
                self.assertEqual(sorted(have), sorted(want))
                self.assertEqual(got.codes("gap"), [])
                seen += 1
                listed += len(have)
        self.assertEqual((seen, listed), (count, total))

    def test_dpkg(self):
        self.check("dpkg", 11, 95)

    def test_apk(self):
        self.check("apk", 2, 19)


if __name__ == "__main__":
    unittest.main()
