"""plimsoll lint --image: what findings cost in the layers of an image."""
import json
import os
import tempfile
import unittest

import schemas
from mkimage import Image, cut, docker_archive, file, gzip, oci_archive, oci_folder, tar, whiteout
from plimsoll import run, with_shell

DOCKERFILE = b"""FROM debian:12 AS build
RUN apt-get update
FROM debian:12
RUN apt-get update && \\
    # comment
    apt-get install -y curl
COPY app.tgz /tmp/
RUN tar xf /tmp/app.tgz && rm /tmp/app.tgz
RUN pip install --upgrade pip
"""
HISTORY = ["/bin/sh -c #(nop) ADD file:0123 in / ",
           "/bin/sh -c apt-get update &&     apt-get install -y curl",
           None,
           "COPY app.tgz /tmp/ # buildkit",
           "RUN /bin/sh -c tar xf /tmp/app.tgz && rm /tmp/app.tgz # buildkit"]
LISTS, ARCHIVE = 18400000, 1234567


def status(*packages):
    return file("var/lib/dpkg/status", "".join(
        f"Package: {name}\nStatus: {state} ok {'installed' if state == 'install' else 'config-files'}\nVersion: 1\n"
        f"Installed-Size: {size}\n{more}\n" for name, state, size, more in packages).encode())


BASH = ("bash", "install", 7000, "Recommends: bash-completion\n")


def layers():
    return [tar([file("etc/os-release", b"ID=debian\n"), file("var/lib/apt/lists/base", b"x" * 77),
                 status(BASH)]),
            tar([status(BASH, ("curl", "install", 500, "Depends: libc6,\n libcurl4 (= 1)\n"),
                        ("libcurl4", "install", 700, "Recommends: ca-certificates\n"),
                        ("ca-certificates", "install", 400, "Depends: openssl (>= 1.1)\n"),
                        ("openssl", "install", 2600, ""), ("gone", "deinstall", 9000, ""),
                        ("unasked", "install", 9000, "")),
                 file("var/lib/apt/lists/a_Packages", b"first, and replaced in the same layer"),
                 file("var/lib/apt/lists/a_Packages", b"x" * LISTS), file("usr/bin/curl", b"y" * 100)]),
            tar([file("tmp/app.tgz", b"z" * ARCHIVE)]),
            # hidden here, and shipped all the same
            tar([whiteout("tmp/app.tgz"), file("srv/app", b"app")])]


class Case(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = temporary.name
        self.write("Dockerfile", DOCKERFILE)

    def write(self, name, content):
        with open(os.path.join(self.folder, name), "wb") as f:
            f.write(content)

    def image(self, history=None, blobs=None):
        return Image(blobs or layers(), tags=["shop:1"], history=HISTORY if history is None else history)

    def lint(self, *args, image="image.tar", **kw):
        return run("lint", "--no-config", "--image", image, *args, cwd=self.folder, **kw)

    def wasted(self, *args, **kw):
        done = self.lint("-f", "json", "Dockerfile", *args, **kw)
        self.assertIn(done.code, (2, 4), done.errors)
        return {(f["line"], f["code"]): f["wasted"] for f in json.loads(done.text) if "wasted" in f}, done


class Sizes(Case):
    def expect(self, found):
        self.assertEqual(found[4, "DL3009"], {"bytes": LISTS, "complete": True, "layer": 1, "files": 1,
                                              "paths": ["var/lib/apt/lists"]})
        self.assertEqual(found[7, "DL3010"], {"bytes": ARCHIVE, "complete": True, "layer": 2, "files": 1,
                                              "paths": ["tmp/app.tgz"]})
        self.assertEqual(found[2, "PL3001"], {"bytes": 0, "complete": True,
                                              "reason": "its stage is not part of the image"})
        self.assertIsNone(found[9, "DL3042"]["bytes"])
        self.assertIn("no layer", found[9, "DL3042"]["reason"])
        # libcurl is needed, what it recommends is not; bash was there before
        self.assertEqual(found[6, "DL3015"], {"bytes": 3000 * 1024, "complete": True, "layer": 1,
                                              "packages": ["ca-certificates", "openssl"]})

    @with_shell
    def test_every_kind_of_source_tells_the_same(self):
        image = self.image()
        self.write("docker.tar", docker_archive([image]))
        self.write("oci.tar", oci_archive([image]))
        self.write("gzip.tar", oci_archive([self.image(blobs=[gzip(b) for b in layers()])]))
        oci_folder(os.path.join(self.folder, "layout"), [image])
        for source in "docker.tar", "oci.tar", "gzip.tar", "layout", "docker.tar#shop:1":
            with self.subTest(source=source):
                self.expect(self.wasted(image=source)[0])
        with open(os.path.join(self.folder, "docker.tar"), "rb") as f:
            self.expect(self.wasted(image="-", stdin=f)[0])

    @with_shell
    def test_the_table_says_it(self):
        self.write("image.tar", docker_archive([self.image()]))
        text = self.lint("Dockerfile").text
        self.assertIn("      wastes 18.4 MB in layer 1: var/lib/apt/lists\n", text)
        self.assertIn("      wastes 1.2 MB in layer 2: tmp/app.tgz\n", text)
        self.assertIn("      wastes 3.1 MB in layer 1: ca-certificates, openssl\n", text)
        self.assertIn("      waste not known: no layer of the image tells of this instruction\n", text)
        self.assertTrue(text.rstrip().endswith("; 22.7 MB of the image wasted"), text[-200:])
        without = run("lint", "--no-config", "Dockerfile", cwd=self.folder).text
        self.assertNotIn("waste", without.split("in 1 file")[1])

    @with_shell
    def test_sarif_has_it_as_properties_and_stays_valid(self):
        self.write("image.tar", docker_archive([self.image()]))
        out = self.lint("-f", "sarif", "Dockerfile").out
        self.assertEqual(schemas.problems("sarif", out), [])
        results = json.loads(out)["runs"][0]["results"]
        found = {r["ruleId"]: r.get("properties") for r in results}
        self.assertEqual(found["DL3009"], {"wastedBytes": LISTS, "wastedLayer": 1})
        self.assertIn("wastedReason", found["DL3042"])
        self.assertNotIn("wastedBytes", found["DL3042"])

    @with_shell
    def test_the_other_formats_take_it_calmly(self):
        self.write("image.tar", docker_archive([self.image()]))
        for form in "checkstyle", "gitlab", "gnu", "junit", "github":
            self.assertEqual(self.lint("-f", form, "Dockerfile").code, 2)


class Copies(Case):
    @with_shell
    def test_what_changes_owner_is_there_twice(self):
        self.write("Dockerfile", b"FROM a\nCOPY . /srv\nRUN chown -R 1:1 /srv && chmod -R go-w /srv\n"
                                 b"RUN chown -R 2 /srv && make\n")
        app = [file("srv/a", b"a" * 3000), file("srv/b/c", b"b" * 500)]
        self.write("image.tar", docker_archive([self.image(
            ["COPY . /srv # buildkit", "RUN /bin/sh -c chown -R 1:1 /srv && chmod -R go-w /srv # buildkit",
             "RUN /bin/sh -c chown -R 2 /srv && make # buildkit"], [tar(app), tar(app), tar(app)])]))
        found, _ = self.wasted()
        self.assertEqual(found[3, "PL3005"], {"bytes": 3500, "complete": True, "layer": 1, "files": 2, "paths": []})
        self.assertIn("more than that", found[4, "PL3005"]["reason"])
        self.assertIn("; 3.5 kB of the image wasted", self.lint("Dockerfile").text)


class History(Case):
    """A history that does not fit: not known is said, and nothing falls over."""

    def bytes(self, history):
        self.write("image.tar", docker_archive([self.image(history)]))
        found, _ = self.wasted()
        return found[4, "DL3009"]["bytes"]

    @with_shell
    def test_no_history(self):
        self.assertIsNone(self.bytes([]))

    @with_shell
    def test_too_short(self):
        self.assertEqual(self.bytes(HISTORY[:2]), LISTS)
        self.assertIsNone(self.bytes(HISTORY[:1]))

    @with_shell
    def test_too_long(self):
        self.assertEqual(self.bytes(HISTORY + HISTORY), LISTS)

    @with_shell
    def test_empty_layers_that_are_none(self):
        # the RUN claims to have no layer: its text stands beside no layer, so nothing is known of it
        image = self.image()
        for entry in image.config["history"]:
            if "apt-get" in entry.get("created_by", ""):
                entry["empty_layer"] = True
        self.write("image.tar", docker_archive([image]))
        self.assertIsNone(self.wasted()[0][4, "DL3009"]["bytes"])

    @with_shell
    def test_a_hundred_thousand_entries(self):
        image = self.image()
        fill = [{"created_by": "x", "empty_layer": True}] * 100000
        image.config["history"] = fill + image.config["history"]
        self.write("image.tar", docker_archive([image]))
        found, done = self.wasted()
        if done.code == 2:
            self.assertEqual(found[4, "DL3009"]["bytes"], LISTS)
        else:  # beyond the limit of a configuration: the gap is named
            self.assertIn("plimsoll: gap:", done.errors)
            self.assertIsNone(found[4, "DL3009"]["bytes"])

    @with_shell
    def test_strange_text(self):
        for by in "\0\x1b[31m", "RUN ", "|", "|1", "/bin/sh -c", "/bin/sh -c ", "COPY", "COPY ", " in ", "ADD x", "x" * 100000:
            with self.subTest(by=by[:20]):
                self.assertIsNone(self.bytes([by] * 4))


class BadImages(Case):
    def test_an_image_that_is_not_there(self):
        done = self.lint("Dockerfile")
        self.assertEqual((done.code, done.out), (1, b""))
        self.assertIn("image.tar", done.errors)

    def test_a_name_of_a_registry(self):
        done = self.lint("Dockerfile", image="debian:12")
        self.assertEqual((done.code, done.out), (3, b""))

    def test_no_image_at_all(self):
        self.write("image.tar", b"not a tar")
        self.assertNotEqual(self.lint("Dockerfile").code, 0)

    def test_standard_input_is_one_thing(self):
        done = self.lint("-", image="-", stdin=b"")
        self.assertEqual(done.code, 3)
        self.assertIn("--image", done.errors)

    def test_platform_needs_an_image(self):
        self.assertEqual(run("lint", "--platform", "linux/arm64", "Dockerfile", cwd=self.folder).code, 3)

    @with_shell
    def test_a_layer_that_ends_early_is_a_gap(self):
        blobs = layers()
        blobs[1] = cut(blobs[1], 5000000)
        self.write("image.tar", docker_archive([self.image(blobs=blobs)]))
        found, done = self.wasted("--no-fail")
        self.assertEqual(done.code, 4)
        self.assertIn("plimsoll: gap: layer 1", done.errors)
        self.assertFalse(found[4, "DL3009"]["complete"])
        self.assertTrue(found[7, "DL3010"]["complete"])
        # what is wrong with the file comes first
        self.assertEqual(self.lint("Dockerfile").code, 2)

    @with_shell
    def test_a_package_database_that_is_none(self):
        for broken in file("var/lib/dpkg/status", b"\0\xff" * 1000), file("var/lib/dpkg/status", b"x" * ((32 << 20) + 1)):
            blobs = layers()
            blobs[0] = tar([broken])
            self.write("image.tar", docker_archive([self.image(blobs=blobs)]))
            found, done = self.wasted()
            self.assertEqual(done.code, 2)
            if len(broken.data) > 5000:
                self.assertIsNone(found[6, "DL3015"]["bytes"])
            self.assertEqual(found[4, "DL3009"]["bytes"], LISTS)

    @with_shell
    def test_thousands_of_archives(self):
        entries = [file(f"srv/{n}.tgz", b"12345678") for n in range(5000)] + [file("tmp/app.tgz", b"z" * 9)]
        blobs = layers()
        blobs[2] = tar(entries)
        self.write("image.tar", docker_archive([self.image(blobs=blobs)]))
        found, done = self.wasted()
        self.assertEqual(done.code, 2)
        self.assertFalse(found[7, "DL3010"]["complete"])
        self.assertLessEqual(found[7, "DL3010"]["bytes"], 9)


if __name__ == "__main__":
    unittest.main()
