"""Every form of source gives the same image: layers, digests, entries, contents."""
import gzip as gzip_module
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import unittest

import mkimage as mk
from mkimage import Image, file, folder, hardlink, symlink, tar
from plimsoll import SOURCE, manifest, shared
from sources import dump, expected

LAYERS = [
    tar([folder("etc"), file("etc/os-release", "ID=test\n"), folder("usr/bin"),
         file("usr/bin/a", b"\x7fELF" + bytes(range(256)) * 40, mode=0o4755, uid=7, gid=8),
         hardlink("usr/bin/b", "usr/bin/a"), symlink("bin", "usr/bin"), mk.fifo("pipe"),
         mk.char("dev/null", 1, 3), file("x" * 150, "long"), file("y" * 180, "gnu", gnu_name=True),
         file(b"not\xfdutf8", "odd"), file("empty")]),
    tar([mk.whiteout("etc/motd"), mk.opaque("usr"), file("etc/os-release", "ID=other\n"),
         file("big", b"0123456789abcdef" * 20000)]),
    tar([]),
]
HISTORY = ["ADD rootfs", None, "RUN two", "RUN nothing", None]
FORMS = ["docker", "skopeo", "docker25", "kaniko", "bare", "legacy"]
OCI_FORMS = {"plain": {}, "nested": {"nested": True}, "docker types": {"docker_types": True},
             "platforms": {"platforms": True},
             "attestation": {"nested": True, "attestation": True}}


def image(codec="none", **options):
    return Image([mk.CODECS[codec](b) for b in LAYERS], history=HISTORY, tags=["shop:1"], **options)


class Folder(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="plimsoll-sources-")
        self.addCleanup(shutil.rmtree, self.folder)

    def put(self, name, data):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(data)
        return path


class SourcesTest(Folder):
    def check(self, d, im, verified=True, entries=True, history=True):
        self.assertEqual((d.code, d.error), (0, ""))
        self.assertEqual(d.diags, [])
        self.assertEqual(d.image["confinement"], "full")
        self.assertEqual(len(d.layers), len(im.layers))
        for i, layer in enumerate(d.layers):
            self.assertEqual(layer["digest"], "sha256:" + mk.sha256(im.layers[i]))
            self.assertEqual(layer["diff_id"], "sha256:" + mk.sha256(LAYERS[i]))
            self.assertEqual(layer["size"], len(im.layers[i]))
            self.assertEqual(layer["verified"], verified)
            self.assertEqual((layer["state"], layer["complete"]), ("walked", True))
            if history:
                self.assertEqual(layer["created_by"], [h for h in HISTORY if h][i])
            if entries:
                self.assertEqual(d.of_layer(i), expected(LAYERS[i]))

    def test_every_generation_of_docker_archive_and_codec_of_the_layers(self):
        for form in FORMS:
            for codec in mk.CODECS:
                with self.subTest(form=form, codec=codec):
                    im = image(codec)
                    d = dump(self.put("a.tar", mk.docker_archive([im], form=form)))
                    legacy = form == "legacy"
                    self.check(d, im, verified=not legacy, history=not legacy)
                    self.assertEqual(d.image["kind"], "docker-archive")
                    self.assertEqual(d.image["reference"], "shop:1")
                    self.assertEqual(d.image["id"], "" if legacy else "sha256:" + im.id())
                    self.assertEqual(d.image["digest"], "")
                    self.assertEqual((d.image["os"], d.image["architecture"]), ("linux", "amd64"))
                    if legacy:
                        self.assertEqual(d.layers[1]["created_by"], "/bin/sh -c step 1")

    def test_the_archive_itself_may_be_compressed_or_pass_on_standard_input(self):
        for form in FORMS:
            for codec, pack in mk.CODECS.items():
                with self.subTest(form=form, codec=codec):
                    im = image("gzip")
                    data = pack(mk.docker_archive([im], form=form))
                    legacy = form == "legacy"
                    self.check(dump(self.put("a", data)), im, not legacy, history=not legacy)
                    self.check(dump("-", stdin=data), im, not legacy, history=not legacy)

    def test_the_manifest_may_stand_first_or_last(self):
        im = image()
        for first in (False, True):
            data = mk.docker_archive([im], manifest_first=first)
            self.check(dump(self.put("a.tar", data)), im)
            self.check(dump("-", stdin=data), im)

    def test_oci_layouts_as_archive_folder_and_stream(self):
        for name, options in OCI_FORMS.items():
            for codec in mk.CODECS:
                with self.subTest(form=name, codec=codec):
                    im = image(codec)
                    data = mk.oci_archive([im], **options)
                    path = os.path.join(self.folder, "layout")
                    shutil.rmtree(path, ignore_errors=True)
                    mk.oci_folder(path, [im], **options)
                    for kind, d in (("oci-archive", dump(self.put("a.tar", data))),
                                    ("oci-archive", dump("-", stdin=data)),
                                    ("oci-archive", dump(self.put("a.gz", mk.gzip(data)))),
                                    ("oci-layout", dump(path))):
                        self.check(d, im)
                        self.assertEqual(d.image["kind"], kind)
                        self.assertEqual(d.image["reference"], "shop:1")
                        self.assertEqual(d.image["id"], "sha256:" + im.id())

    def test_an_estargz_layer_is_read_and_its_index_is_a_note(self):
        entries = [file("a", "1"), file("b", "2")]
        im = Image([mk.estargz(entries)])
        d = dump(self.put("a.tar", mk.oci_archive([im])))
        self.assertEqual(d.codes(), ["archive_note"] if d.diags else [])
        self.assertEqual([e["path"] for e in d.entries], [b"a", b"b", b"stargz.index.json"])
        # the index behind the end of the tar: a note with the footer, a gap without
        body = mk.gzip(tar([entries[0]]))
        toc = mk.gzip(file("stargz.index.json", "{}").encode() + b"\0" * 1024)
        footer = mk.estargz([])[-51:]
        for tail, expectation in ((toc + footer, ([], ["archive_note"])),
                                  (toc, (["ambiguous_archive"], []))):
            d = dump(self.put("a.tar", mk.oci_archive([Image([body + tail])])))
            self.assertEqual((d.gaps, d.codes("note")), expectation)
            self.assertEqual([e["path"] for e in d.entries], [b"a"])

    def test_a_media_type_that_is_not_that_of_the_bytes(self):
        plain = "application/vnd.oci.image.layer.v1.tar"
        for codec in ("none", "gzip", "zstd"):
            for claimed in ("", "+gzip", "+zstd"):
                im = image(codec)
                data = mk.oci_archive([im], manifest=lambda m, c=claimed: dict(
                    m, layers=[dict(l, mediaType=plain + c) for l in m["layers"]]))
                self.check(dump(self.put("a.tar", data)), im)

    def test_zstd_chunked_frames_are_passed_over(self):
        blob = mk.zstd(LAYERS[0]) + mk.zstd_skippable(b"index" * 100) + mk.zstd_skippable(b"footer")
        im = Image([blob])
        d = dump(self.put("a.tar", mk.oci_archive([im])))
        self.assertEqual((d.code, d.diags, d.layers[0]["verified"]), (0, [], True))
        self.assertEqual(d.of_layer(0), expected(LAYERS[0]))

    def test_one_tar_is_one_layer(self):
        for codec, pack in mk.CODECS.items():
            for prefix in ("", "file:"):
                with self.subTest(codec=codec, prefix=prefix):
                    data = pack(LAYERS[0])
                    path = self.put("rootfs", data)
                    for d in (dump(prefix + path), dump(prefix + "-", stdin=data)):
                        self.assertEqual((d.code, d.diags), (0, []))
                        self.assertEqual(d.image["kind"], "archive")
                        layer, = d.layers
                        self.assertEqual(layer["digest"], "sha256:" + mk.sha256(data))
                        self.assertEqual(layer["diff_id"], "sha256:" + mk.sha256(LAYERS[0]))
                        self.assertTrue(layer["verified"])
                        self.assertEqual(d.of_layer(0), expected(LAYERS[0]))

    def test_a_tar_with_tars_inside_is_still_one_layer(self):
        inner = tar([file("hidden", "x")])
        data = tar([file("opt.tar", inner), file("var/x.tar.gz", mk.gzip(inner)), file("a", "1")])
        self.assertEqual(dump(self.put("t.tar", data)).of_layer(0), expected(data))
        self.assertEqual(dump(self.put("t.tgz", mk.gzip(data))).of_layer(0), expected(data))
        # what passes once was read as a layer, in vain: whoever wanted its bytes is told
        d = dump("-", stdin=data)
        self.assertEqual(d.gaps, ["file_unreadable"])
        self.assertEqual([e["path"] for e in d.entries], [b"opt.tar", b"var/x.tar.gz", b"a"])
        self.assertEqual(dump("-", "--no-hash", stdin=data).gaps, [])
        self.assertEqual(dump("file:-", stdin=data).of_layer(0), expected(data))

    def test_a_root_file_system_may_have_a_manifest_json_of_another_kind(self):
        for text in (b'{"name": "a web extension"}', b"3", b'"x"'):
            data = tar([file("manifest.json", text), file("etc/os-release", "ID=x\n")])
            for d in (dump(self.put("t.tar", data)), dump("-", stdin=data)):
                self.assertEqual((d.code, d.image["kind"], d.diags), (0, "archive", []))

    def test_a_forced_form_is_taken_or_refused(self):
        docker = self.put("d.tar", mk.docker_archive([image()], form="docker25"))
        self.assertEqual(dump("docker-archive:" + docker).image["kind"], "docker-archive")
        self.assertEqual(dump("oci-archive:" + docker).image["kind"], "oci-archive")
        self.assertEqual(dump("file:" + docker).image["kind"], "archive")
        plain = self.put("p.tar", LAYERS[0])
        for prefix in ("docker-archive:", "oci-archive:"):
            d = dump(prefix + plain)
            self.assertEqual((d.code, d.error.split(":")[0]), (1, "not_found"))
        self.assertEqual(dump("oci-dir:" + plain).error.split(":")[0], "usage")
        self.assertEqual(dump("dir:" + plain).error.split(":")[0], "usage")
        self.assertEqual(dump("file:" + self.folder).error.split(":")[0], "usage")

    def test_equal_layers_are_walked_once(self):
        im = Image([LAYERS[0], LAYERS[1], LAYERS[0]])
        for d in (dump(self.put("a.tar", mk.oci_archive([im]))),
                  dump(self.put("b.tar", mk.docker_archive([im], form="docker25")))):
            self.assertEqual([l["task"] for l in d.layers][0], d.layers[2]["task"])
            self.assertEqual(d.diags, [])
            self.assertTrue(all(l["verified"] for l in d.layers))

    def test_links_in_the_archive_are_followed_inside_it(self):
        im = image()
        plain = mk.docker_members([im], form="bare")
        renamed = [file("deep/" + m.name, m.data) if m.name == "layer0.tar" else m for m in plain]
        variants = {
            "symlink": renamed + [symlink("layer0.tar", "deep/layer0.tar")],
            "absolute": renamed + [symlink("layer0.tar", "/deep/../deep/./layer0.tar")],
            "chain": renamed + [symlink("layer0.tar", "one"), symlink("one", "d/layer0.tar"),
                                symlink("d", "deep")],
            "above the root": renamed + [symlink("layer0.tar", "../../../deep/layer0.tar")],
            "hardlink": renamed + [hardlink("layer0.tar", "deep/layer0.tar")],
            "hardlink to a body that is replaced later": renamed + [
                hardlink("layer0.tar", "deep/layer0.tar"), file("deep/layer0.tar", b"other")],
            "replaced": [file("layer0.tar", b"first")] + plain,
        }
        for name, members in variants.items():
            with self.subTest(name):
                self.check(dump(self.put("a.tar", tar(members))), im)
                self.check(dump(self.put("a.tgz", mk.gzip(tar(members)))), im)

    def test_an_unusual_name_of_a_layer_is_found_in_a_compressed_archive(self):
        im = image()
        members = [file("some/where/deep/" + m.name, m.data) if m.name == "layer0.tar" else m
                   for m in mk.docker_members([im], form="bare", manifest=lambda m: [dict(
                       m[0], Layers=["some/where/deep/layer0.tar"] + m[0]["Layers"][1:])])]
        self.check(dump(self.put("a.tgz", mk.gzip(tar(members)))), im)
        d = dump("-", stdin=tar(members))
        self.assertEqual((d.code, d.gaps), (0, ["layer_unreadable"]))

    def test_folders_are_walked_as_they_are(self):
        root = os.path.join(self.folder, "root")
        os.makedirs(os.path.join(root, "etc/sub"))
        self.put("root/etc/os-release", b"ID=x\n")
        self.put("root/etc/sub/b", b"b" * 100000)
        self.put("root/a", b"")
        os.symlink("/etc/passwd", os.path.join(root, "etc/link"))
        os.symlink("nowhere", os.path.join(root, "dangling"))
        os.link(os.path.join(root, "a"), os.path.join(root, "z"))
        os.mkfifo(os.path.join(root, "pipe"))
        self.put("root/" + "ü", b"u")
        for source in (root, "dir:" + root, root + "/"):
            d = dump(source)
            self.assertEqual((d.code, d.diags, d.image["kind"]), (0, [], "directory"))
            self.assertEqual(
                [(e["path"].decode(), e["type"], e["size"]) for e in d.entries],
                [("a", "file", 0), ("dangling", "symlink", 0), ("etc", "dir", 0),
                 ("etc/link", "symlink", 0), ("etc/os-release", "file", 5), ("etc/sub", "dir", 0),
                 ("etc/sub/b", "file", 100000), ("pipe", "fifo", 0), ("z", "file", 0), ("ü", "file", 1)])
            by_path = {e["path"]: e for e in d.entries}
            self.assertEqual(by_path[b"etc/sub/b"]["sha256"],
                             hashlib.sha256(b"b" * 100000).hexdigest())
            self.assertEqual(by_path[b"etc/link"]["link"], "/etc/passwd")
            self.assertFalse(d.layers[0]["verified"])

    def test_bytes_read_here_and_there_are_those_read_in_order(self):
        im = image()
        for options in ([], ["--no-verify"]):
            for source in (self.put("a.tar", mk.docker_archive([im])),
                           self.put("f.tar", LAYERS[0])):
                d = dump(source, "--hash-random", *options)
                self.assertEqual(d.of_layer(0), expected(LAYERS[0]))
                self.assertTrue(all(e["random"] for e in d.entries if e["type"] == "file"))

    def test_without_verification_bodies_are_not_read(self):
        # 200 GB of holes: reading them takes a minute
        path = os.path.join(self.folder, "huge.tar")
        size = 200 << 30
        with open(path, "wb") as f:
            inner = file("hole", header={"size": size - (1 << 20)}).encode()
            about = json.dumps([{"Config": "c.json", "RepoTags": None, "Layers": ["l.tar"]}])
            f.write(tar([file("manifest.json", about), file("c.json", "{}")], end=False))
            f.write(file("l.tar", header={"size": size}).encode() + inner)
            f.seek(size - (1 << 20), os.SEEK_CUR)
            f.write(file("behind", "x").encode() + b"\0" * 1024)
            f.truncate(f.tell() + (1 << 20) - len(inner) - 2048 + 1024)
        d = dump(path, "--no-verify", "--no-hash", timeout=20)
        self.assertEqual([e["path"] for e in d.entries], [b"hole", b"behind"])


class FamilyTest(unittest.TestCase):
    def test_every_source_has_its_anchor_in_the_documentation(self):
        with open(os.path.join(SOURCE, "src/image/sources.def"), encoding="utf-8") as f:
            members = [line[len("SOURCE("):-2] for line in f]
        with open(os.path.join(SOURCE, "docs/formats/images.md"), encoding="utf-8") as f:
            text = f.read()
        self.assertEqual(members, sorted(members))
        for member in members:
            with open(os.path.join(SOURCE, f"src/image/{member}.c"), encoding="utf-8") as f:
                name = f.read().split('.name = "')[1].split('"')[0]
            self.assertIn(f'<a id="{name}"></a>', text)

    def test_every_fixture_that_the_documentation_names_is_there(self):
        import hostile
        with open(os.path.join(SOURCE, "docs/formats/images.md"), encoding="utf-8") as f:
            table = f.read().split("## What readers take differently")[1]
        tests = "".join(open(os.path.join(SOURCE, "tests/golden", n), encoding="utf-8").read()
                        for n in ("test_sources.py", "test_sources_hostile.py"))
        for row in table.splitlines():
            if not row.startswith("| ") or row.startswith("| where"):
                continue
            for name in row.rsplit("|", 2)[1].split(","):
                name = name.strip().strip("`")
                self.assertTrue(name in hostile.HOSTILE or f"def {name}(" in tests, name)


class ChoiceTest(Folder):
    def two(self):
        return [image(), Image([LAYERS[1]], tags=["docker.io/library/other:2.0"])]

    def test_one_of_several_images_is_chosen_by_tag_or_digest(self):
        images = self.two()
        path = self.put("a.tar", mk.docker_archive(images))
        other = images[1].id()
        for select in ("other:2.0", "docker.io/library/other:2.0", "2.0", "sha256:" + other,
                       other[:12]):
            d = dump(f"{path}#{select}")
            self.assertEqual((d.code, len(d.layers)), (0, 1), d.error)
            self.assertEqual(d.image["reference"], "docker.io/library/other:2.0")
        d = dump(path + "#shop:1")
        self.assertEqual((d.code, len(d.layers)), (0, 3))

    def test_several_images_without_a_choice_are_an_error_that_lists_them(self):
        images = self.two()
        layout = os.path.join(self.folder, "layout")
        mk.oci_folder(layout, images)
        for source in (self.put("a.tar", mk.docker_archive(images)),
                       self.put("o.tar", mk.oci_archive(images)), layout,
                       self.put("l.tar", mk.docker_archive(images, form="legacy"))):
            d = dump(source)
            self.assertEqual(d.code, 1)
            self.assertIn("usage", d.error)
            self.assertIn("'shop:1', 'docker.io/library/other:2.0'", d.error)
            self.assertIn(source + "#shop:1", d.error)
            self.assertIn("it holds", dump(source + "#no:such").error)

    def test_oci_images_are_chosen_by_name_or_digest(self):
        images = self.two()
        path = self.put("o.tar", mk.oci_archive(images))
        digest = "sha256:" + mk.sha256(json.dumps(mk.oci_manifest(images[1]),
                                                  separators=(",", ":")).encode())
        for select in ("other:2.0", "2.0", digest):
            d = dump(f"{path}#{select}")
            self.assertEqual((d.code, d.image["digest"]), (0, digest), d.error)

    def test_a_file_whose_name_has_the_sign_of_a_choice_is_a_file(self):
        path = self.put("odd#name:1.tar", mk.docker_archive([image()]))
        self.assertEqual(dump(path).code, 0)
        self.assertEqual(dump(path + "#shop:1").code, 0)

    def test_platforms(self):
        images = [Image([LAYERS[i]], tags=[], architecture=a, os=o, variant=v)
                  for i, (o, a, v) in enumerate([("linux", "arm64", "v8"), ("linux", "arm", "v7"),
                                                 ("linux", "arm", "v6")])]
        sizes = [len(b) for b in LAYERS]
        for options in ({"nested": True}, {"platforms": True}, {},
                        {"nested": True, "attestation": True}):
            path = self.put("o.tar", mk.oci_archive(images, **options))
            for platform, size in (("linux/arm64", sizes[0]), ("linux/aarch64/v8", sizes[0]),
                                   ("linux/arm", sizes[1]), ("linux/arm/v6", sizes[2])):
                with self.subTest(options=options, platform=platform):
                    d = dump(path, "--platform", platform)
                    self.assertEqual((d.code, [l["size"] for l in d.layers]), (0, [size]), d.error)
            d = dump(path, "--platform", "linux/s390x")
            self.assertIn("has no image for linux/s390x; there is linux/arm64/v8, linux/arm/v7, "
                          "linux/arm/v6", d.error)
            self.assertIn("--platform linux/arm64/v8", d.error)
            self.assertEqual(dump(path, "--platform", "linux").error.split(":")[0], "usage")

    def test_the_only_image_is_taken_whatever_its_platform_unless_asked(self):
        path = self.put("o.tar", mk.oci_archive([image(architecture="s390x")], attestation=True,
                                                nested=True))
        self.assertEqual(dump(path).image["architecture"], "s390x")
        self.assertEqual(dump(path, "--platform", "linux/amd64").code, 1)

    def test_the_first_of_several_for_a_platform_is_taken_and_said(self):
        images = [Image([LAYERS[i]], tags=[], architecture="arm64") for i in range(2)]
        d = dump(self.put("o.tar", mk.oci_archive(images, platforms=True)), "--platform", "linux/arm64")
        self.assertEqual((d.code, d.codes(), d.layers[0]["size"]), (0, ["manifest_note"], len(LAYERS[0])))

    def test_signatures_beside_an_image_are_no_images(self):
        def sign(index):
            about = dict(index["manifests"][0])
            index["manifests"].append(dict(about, digest="sha256:" + "3" * 64, annotations={
                "kind": "dev.cosignproject.cosign/sigs"}))
        d = dump(self.put("o.tar", mk.oci_archive([image()], index=sign)))
        self.assertEqual((d.code, d.diags), (0, []))


class SecondPassTest(Folder):
    WANTED = [b"big", b"etc/os-release", b"usr/bin/a"]

    def check(self, d, kept=True):
        options = [(e["path"].decode(), e["type"], e["sha256"][:8]) for e in d.again]
        big = hashlib.sha256(b"0123456789abcdef" * 20000).hexdigest()[:8] if kept else ""
        elf = hashlib.sha256(b"\x7fELF" + bytes(range(256)) * 40).hexdigest()[:8]
        self.assertEqual(options, [
            ("etc/os-release", "file", hashlib.sha256(b"ID=test\n").hexdigest()[:8]),
            ("usr/bin/a", "file", elf),
            ("etc/os-release", "file", hashlib.sha256(b"ID=other\n").hexdigest()[:8]),
            ("big", "file", big)])

    def test_the_wanted_entries_are_handed_on_again_in_order(self):
        im, packed = image(), image("gzip")
        again = [x for p in self.WANTED for x in ("--again", p.decode())]
        layout = os.path.join(self.folder, "layout")
        mk.oci_folder(layout, [packed])
        for name, source in {
                "plain": self.put("a.tar", mk.docker_archive([im])),
                "gzip layers": self.put("b.tar", mk.docker_archive([packed])),
                "gzip archive": self.put("c.tar", mk.gzip(mk.docker_archive([im]))),
                "gzip in gzip": self.put("d.tar", mk.gzip(mk.docker_archive([packed]))),
                "layout": layout}.items():
            for verify in ([], ["--no-verify"]):
                with self.subTest(name):
                    self.check(dump(source, "--no-entries", *verify, *again))

    def test_of_input_that_passes_once_small_bodies_are_kept(self):
        again = [x for p in self.WANTED for x in ("--again", p.decode())]
        for data in (mk.docker_archive([image()]), mk.gzip(mk.oci_archive([image("gzip")]))):
            d = dump("-", "--no-entries", *again, stdin=data)
            self.check(d, kept=False)
            self.assertEqual(d.gaps, ["file_unreadable"])
            self.assertEqual([(g["path"], g["layer"]) for g in d.diags], [(b"big", 1)])
            # the budget of kept bodies holds
            d = dump("-", "--no-entries", "--limit", "kept=1", *again, stdin=data)
            self.assertEqual([bool(e["sha256"]) for e in d.again], [False] * 4)
            self.assertEqual(d.gaps, ["file_unreadable"])

    def test_folders_and_single_tars(self):
        again = ["--again", "a", "--again", "b"]
        self.put("root/a", b"1")
        self.put("root/b", b"2")
        self.put("root/c", b"3")
        data = tar([file("a", "1"), file("b", "2"), file("c", "3"), file("a", "4")])
        for source, count in ((os.path.join(self.folder, "root"), 2), (self.put("t.tar", data), 3),
                              (self.put("t.tgz", mk.gzip(data)), 3)):
            d = dump(source, "--no-entries", *again)
            self.assertEqual((d.code, len(d.again), d.diags), (0, count, []))


class SharedImagesTest(unittest.TestCase):
    """The real images of the shared data: every one of the list opens with its layers."""

    def rows(self):
        return [r for r in manifest("images") if r["file"].endswith(".expected.json")]

    def layer_bytes(self, path):
        """Plain tars of the layers of a docker-archive, by digest of the plain bytes."""
        import tarfile
        out = {}
        with tarfile.open(path) as t:
            for m in t:
                if m.isfile():
                    data = mk.inflate(t.extractfile(m).read())
                    out["sha256:" + mk.sha256(data)] = data
        return out

    def test_layers_digests_and_entry_counts(self):
        rows = self.rows()
        self.assertGreater(len(rows), 20)
        for row in rows:
            path = shared("images", row["file"][:-len(".expected.json")])
            with open(shared("images", row["file"]), encoding="utf-8") as f:
                want = json.load(f)
            for source, stdin in ((path, None), ("-", path)):
                if stdin and os.path.isdir(path):
                    continue
                with self.subTest(row["file"], stdin=bool(stdin)):
                    data = open(stdin, "rb").read() if stdin else None
                    d = dump(source, "--no-hash", stdin=data)
                    self.assertEqual((d.code, d.gaps), (0, []), d.error)
                    self.assertEqual(d.image["id"], want.get("image_id", ""))
                    self.assertEqual(d.image["architecture"], want.get("architecture", ""))
                    self.assertEqual(d.image["digest"], want.get("manifest_digest", ""))
                    self.assertEqual(
                        [(l["digest"], l["diff_id"], l["size"]) for l in d.layers],
                        [(l["digest"], l["diff_id"], l["stored_size"]) for l in want["layers"]])
                    for l, w in zip(d.layers, want["layers"]):
                        self.assertTrue(l["verified"])
                        # the root itself counts there and is no entry here
                        self.assertLessEqual(w["entries"] - l["entries"], 2)
                        self.assertGreaterEqual(w["entries"], l["entries"])

    def test_entries_and_contents_are_those_that_python_reads(self):
        done = 0
        for row in self.rows():
            path = shared("images", row["file"][:-len(".expected.json")])
            if os.path.isdir(path):
                continue
            with self.subTest(row["file"]):
                d = dump(path)
                with open(path, "rb") as f:
                    raw = f.read()
                if d.image["kind"] == "archive":
                    layers = {d.layers[0]["diff_id"]: mk.inflate(raw)}
                else:
                    layers = self.layer_bytes(path)
                if "escape" in path:
                    continue
                for i, l in enumerate(d.layers):
                    self.assertEqual(d.of_layer(i), expected(layers[l["diff_id"]]))
                    done += 1
        self.assertGreater(done, 40)


if __name__ == "__main__":
    unittest.main()
