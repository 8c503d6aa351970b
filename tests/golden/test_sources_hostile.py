"""Sources that are wrong in one way each: what is said, and that nothing passes for whole."""
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

import mkimage as mk
from hostile import HOSTILE
from mkimage import Image, file, folder, tar
from sources import DUMP, dump

# name: (error code, None) when there is no image; else (None, codes of gaps, codes of notes).
# A third kind of row: what standard input gives where that differs.
NO = {"unsupported", "not_found", "format", "truncated", "limit", "usage"}
EXPECTED = {
    "outer-empty-file": "format",
    "outer-one-byte": "truncated",
    "outer-text": "format",
    "outer-only-end-marker": [],
    "outer-cut-in-header": "truncated",
    "outer-cut-in-layer": "truncated",
    "outer-gzip-cut": "truncated",
    "outer-gzip-bit": "format",
    "outer-gzip-of-gzip": "format",
    "manifest-empty": "truncated",
    "manifest-no-json": "truncated",
    "manifest-not-a-list": [],
    "manifest-empty-list": "format",
    "manifest-null": [],
    "manifest-numbers": "format",
    "manifest-layers-of-numbers": "format",
    "manifest-deep": "limit",
    "manifest-layer-missing": "not_found",
    "manifest-config-missing": ["config_unreadable"],
    "manifest-escapes": "not_found",
    "manifest-two-images": "usage",
    "manifest-duplicate-key": ["ambiguous_json"],
    "manifest-other-case": ["ambiguous_json"],
    "manifest-folded-key": ["ambiguous_json"],
    "manifest-layer-loop": "not_found",
    "manifest-layer-link-outside": "not_found",
    "manifest-many-layers": ["digest_mismatch", "layer_limit"],
    "member-twice": ["digest_mismatch"],
    "config-no-json": ["config_unreadable"],
    "config-list": ["config_unreadable"],
    "config-diff-ids-more": ["digest_mismatch", "layer_missing"],
    "config-diff-ids-wrong": ["digest_mismatch"],
    "config-diff-ids-odd": ["digest_mismatch"],
    "config-history-short": [],
    "config-history-long": [],
    "config-duplicate-rootfs": ["ambiguous_json"],
    "index-missing": "not_found",
    "index-no-json": "truncated",
    "index-empty": "format",
    "index-no-manifests": "format",
    "index-digest-odd": "format",
    "index-digest-slash": "format",
    "index-absent-blob": "not_found",
    "index-both": "format",
    "index-of-itself": "not_found",
    "oci-blob-missing": ["layer_missing"],
    "oci-blob-changed": ["digest_mismatch"],
    "oci-size-wrong": [],
    "oci-foreign-layer": ["layer_missing"],
    "oci-encrypted-layer": ["layer_unreadable"],
    "oci-artifact": "unsupported",
    "layer-empty": [],
    "layer-text": ["layer_unreadable"],
    "layer-cut": ["layer_truncated"],
    "layer-gzip-cut": ["layer_truncated"],
    "layer-gzip-of-gzip": ["layer_unreadable"],
    "layer-gzip-junk-behind": ["layer_unreadable"],
    "layer-behind-end": ["ambiguous_archive"],
    "layer-no-end": [],
    "layer-bad-checksum": ["layer_unreadable"],
    "layer-size-huge": ["layer_truncated"],
    "layer-size-negative": ["layer_unreadable"],
    "layer-dot-dot": ["ambiguous_archive"],
    "layer-long-path": ["path_limit"],
    "layer-deep-path": ["path_limit"],
    "layer-nul-in-path": ["layer_unreadable"],
    "layer-pax-huge": ["layer_unreadable"],
    "layer-hardlink-absent": ["ambiguous_archive"],
    "layer-windows": ["system_unknown"],
}


class Folder(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="plimsoll-hostile-")
        self.addCleanup(shutil.rmtree, self.folder)

    def put(self, name, data):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(data)
        return path


class HostileTest(Folder):
    def check(self, d, want):
        self.assertNotEqual(d.code, 99, d.error)
        if isinstance(want, str):
            self.assertEqual((d.code, d.error.split(":")[0]), (1, want), d.error)
            self.assertIsNone(d.image)
            return
        self.assertEqual((d.code, d.error), (0, ""))
        self.assertEqual(d.gaps, want)
        for layer in d.layers:
            # no layer that was not read to its end is called whole or verified
            if layer["state"] != "walked":
                self.assertFalse(layer["complete"] or layer["verified"])
                self.assertTrue(d.gaps)

    def test_every_hostile_archive_has_its_answer(self):
        self.assertEqual(sorted(HOSTILE), sorted(EXPECTED))
        for name, make in HOSTILE.items():
            data = make()
            for how, d in (("file", dump(self.put("a.tar", data))),
                           ("stream", dump("-", stdin=data)),
                           ("unverified", dump(self.put("a.tar", data), "--no-verify")),
                           ("compressed", dump(self.put("a.gz", mk.gzip(data))))):
                with self.subTest(name, how=how):
                    want = EXPECTED[name]
                    if how == "unverified" and isinstance(want, list):
                        want = [g for g in want if g != "digest_mismatch" or name == "config-diff-ids-odd"]
                    if how == "compressed" and name.startswith("outer-"):
                        # one codec is unpacked; what is inside is then no tar
                        want = "format" if want != [] else []
                        if name in ("outer-cut-in-header", "outer-cut-in-layer", "outer-one-byte",
                                    "outer-gzip-cut"):
                            want = EXPECTED[name]
                    self.check(d, want)

    def test_errors_say_where_and_how_to_go_on(self):
        path = self.put("shop.tar", HOSTILE["manifest-layer-missing"]())
        d = dump(path)
        self.assertRegex(d.error, r"shop\.tar: 'manifest\.json', line 1, column \d+: \"Layers\" names "
                                  r"'[0-9a-f]{64}/layer\.tar', which is not in the archive \| "
                                  r"the archive is cut short or was packed by hand; 'tar tvf .*shop\.tar'")
        d = dump(self.put("shop.tar", HOSTILE["manifest-no-json"]()))
        self.assertIn("shop.tar: 'manifest.json': line 1, column 3: ", d.error)

    def test_a_layer_that_is_missing_beside_others_is_a_gap_with_its_place(self):
        members = mk.docker_members([Image([mk.small_layer(), mk.small_layer("b")])], form="bare")
        d = dump(self.put("a.tar", tar([m for m in members if m.name != "layer1.tar"])))
        self.assertEqual((d.code, d.gaps), (0, ["layer_missing"]))
        self.assertEqual([l["state"] for l in d.layers], ["walked", "missing"])
        gap = [g for g in d.diags if g["code"] == "layer_missing"][0]
        self.assertEqual(gap["layer"], 1)
        self.assertRegex(gap["message"], r"'manifest\.json', line 1, column \d+: \"Layers\" names "
                                         r"'layer1\.tar', which is not in the archive")

    def test_text_from_an_image_reaches_nobody_raw(self):
        im = Image([mk.small_layer()], tags=["\x1b]0;title\x07:1", "\u202eevil:1"])
        d = dump(self.put("a.tar", mk.docker_archive([im, Image([mk.small_layer("b")])])))
        self.assertEqual(d.code, 1)
        self.assertNotIn("\x1b", d.error)
        self.assertNotIn("\x07", d.error)

    def test_two_halves_of_an_archive_that_differ_are_a_gap(self):
        good, evil = Image([mk.small_layer()]), Image([mk.small_layer("evil\n")])
        members = mk.oci_members([evil], platforms=True)
        both = mk.docker_members([good], form="docker25")
        names = {m.name for m in members}
        mixed = [m for m in both if m.name not in names] + members
        mixed += [m for m in both if m.name == "manifest.json"]
        path = self.put("a.tar", tar(mixed))
        d = dump(path)
        self.assertEqual((d.code, d.gaps), (0, ["ambiguous_archive"]))
        self.assertEqual(dump("docker-archive:" + path).gaps, [])
        self.assertEqual(dump("oci-archive:" + path).gaps, [])
        self.assertNotEqual(dump("docker-archive:" + path).layers[0]["digest"],
                            dump("oci-archive:" + path).layers[0]["digest"])

    def test_a_changed_blob_configuration_or_manifest_is_a_gap(self):
        im = Image([mk.gzip(mk.small_layer())])
        for what in ("layers", "config", "manifest"):
            members = mk.oci_members([im])
            manifest = json.dumps(mk.oci_manifest(im), separators=(",", ":")).encode()
            target = {"layers": im.layers[0], "config": im.config_bytes(), "manifest": manifest}[what]
            other = {"layers": mk.gzip(mk.small_layer("changed")), "config": target + b" ",
                     "manifest": target + b"\n"}[what]
            name = mk.blob_name("sha256:" + mk.sha256(target))
            for m in members:
                if m.name == name:
                    m.data = other
            path = self.put("a.tar", tar(members))
            with self.subTest(what):
                self.assertEqual(dump(path).gaps, ["digest_mismatch"])
                self.assertEqual(dump(path, "--no-verify").gaps, [])

    def test_a_sha512_diff_id_is_verified_where_it_can_be(self):
        import hashlib
        layer = mk.small_layer()
        true = "sha512:" + hashlib.sha512(layer).hexdigest()
        data = mk.docker_archive([Image([layer], diff_ids=[true])])
        d = dump(self.put("a.tar", data))
        self.assertEqual((d.gaps, d.layers[0]["diff_id"], d.layers[0]["verified"]), ([], true, True))
        wrong = mk.docker_archive([Image([layer], diff_ids=[true[:-1] + ("0" if true[-1] != "0" else "1")])])
        self.assertEqual(dump(self.put("a.tar", wrong)).gaps, ["digest_mismatch"])
        d = dump("-", stdin=data)
        self.assertEqual((d.gaps, d.layers[0]["verified"]), (["digest_mismatch"], False))


class LimitsTest(Folder):
    def gaps(self, layer, *limits, **options):
        path = self.put("a.tar", mk.docker_archive([Image([layer])], form="bare"))
        d = dump(path, *[x for l in limits for x in ("--limit", l)], **options)
        self.assertEqual(d.code, 0, d.error)
        return d

    def test_entries_of_a_layer(self):
        layer = tar([file(f"f{i}", "x") for i in range(100)])
        d = self.gaps(mk.gzip(layer), "entries=40")
        self.assertEqual((d.gaps, len(d.entries), d.layers[0]["state"]), (["entry_limit"], 40, "incomplete"))
        # the bytes were hashed all the same
        self.assertEqual(d.layers[0]["diff_id"], "sha256:" + mk.sha256(layer))
        self.assertEqual(self.gaps(layer, "entries=100").gaps, [])

    def test_a_compressed_tar_that_ends_early_is_walked_once(self):
        data = mk.gzip(tar([file(f"d/f{i}", "x") for i in range(100)]))
        for limit, gap in ("entries=40", ["entry_limit"]), ("entries=100", []):
            d = dump(self.put("layer.tar.gz", data), "--limit", limit)
            self.assertEqual((d.code, d.gaps, d.layers[0]["task"]), (0, gap, 0))
            self.assertEqual(d.layers[0]["digest"], "sha256:" + mk.sha256(data))
        # cut inside its compression: what there is was hashed
        d = dump(self.put("layer.tar.gz", data[:-30]))
        self.assertEqual((d.gaps, d.layers[0]["task"], d.layers[0]["complete"]), (["layer_truncated"], 0, False))
        self.assertEqual(d.layers[0]["digest"], "sha256:" + mk.sha256(data[:-30]))

    def test_paths(self):
        d = self.gaps(tar([file("a" * 50, "x"), file("a", "y")]), "path=40")
        self.assertEqual((d.gaps, [e["path"] for e in d.entries]), (["path_limit"], [b"a"]))

    def test_a_bomb_ends_at_the_ratio(self):
        for codec in (mk.gzip, mk.zstd, mk.bzip2):
            bomb = mk.bomb(64 << 20, codec)
            with self.subTest(codec.__name__):
                d = self.gaps(bomb, "grace=4000000", "ratio=100")
                self.assertEqual((d.gaps, d.layers[0]["state"]), (["inflate_ratio"], "incomplete"))
        self.assertEqual(self.gaps(mk.bomb(64 << 20), "ratio=100").gaps, [])

    def test_a_bomb_ends_soon_and_takes_no_memory(self):
        bomb = mk.bomb(320 << 20)
        path = self.put("a.tar", mk.docker_archive([Image([bomb], diff_ids=["sha256:" + "0" * 64])]))
        start = time.monotonic()
        d = dump(path, "--limit", "grace=268435456")
        self.assertEqual(d.gaps, ["inflate_ratio"])
        self.assertLess(d.image["peak"], 16 << 20)
        self.assertLess(time.monotonic() - start, 30)

    def test_a_compressed_archive_that_is_a_bomb(self):
        data = mk.gzip(mk.docker_archive([Image([tar([file("z", b"\0" * (32 << 20))])])]))
        path = self.put("a.tar.gz", data)
        d = dump(path, "--limit", "grace=4000000", "--limit", "ratio=100")
        self.assertTrue(d.code == 1 or "inflate_ratio" in d.gaps)
        self.assertNotEqual(d.code, 99)

    def test_layers(self):
        im = Image([mk.small_layer(str(i)) for i in range(10)])
        for data in (mk.docker_archive([im]), mk.oci_archive([im])):
            d = dump(self.put("a.tar", data), "--limit", "layers=4")
            self.assertEqual((d.code, d.gaps, len(d.layers)), (0, ["layer_limit"], 4))

    def test_documents(self):
        data = mk.docker_archive([Image([mk.small_layer()])])
        d = dump(self.put("a.tar", data), "--limit", "json=100")
        self.assertEqual((d.code, d.error.split(":")[0]), (1, "limit"))

    def test_a_chain_of_parents_without_end(self):
        ids = ["1" * 64, "2" * 64]
        members = [file("repositories", json.dumps({"a": {"1": ids[0]}}))]
        for here, parent in (ids, ids[::-1]):
            members += [file(here + "/json", json.dumps({"id": here, "parent": parent})),
                        file(here + "/layer.tar", mk.small_layer())]
        d = dump(self.put("a.tar", tar(members)))
        self.assertEqual((d.code, d.error.split(":")[0]), (1, "limit"))

    def test_indexes_in_indexes(self):
        inner = {"schemaVersion": 2, "manifests": []}
        members = []
        for _ in range(12):
            body = json.dumps(inner).encode()
            members.append(file(mk.blob_name("sha256:" + mk.sha256(body)), body))
            inner = {"schemaVersion": 2, "manifests": [mk.descriptor(
                "application/vnd.oci.image.index.v1+json", body)]}
        members += [file("index.json", json.dumps(inner)), file("oci-layout", "{}")]
        d = dump(self.put("a.tar", tar(members)))
        self.assertEqual((d.code, d.error.split(":")[0]), (1, "limit"))

    def test_a_million_members_of_an_archive_take_bounded_time_and_memory(self):
        entry = file("d/" + "x" * 60, b"").encode()
        data = entry * 300000 + b"\0" * 1024
        d = dump(self.put("a.tar", data), "--no-entries", "--no-hash", timeout=60)
        self.assertEqual((d.code, d.layers[0]["entries"]), (0, 300000))
        self.assertLess(d.image["peak"], 32 << 20)

    def test_many_small_tars_beside_the_layers(self):
        small = tar([file("x", "y")])
        im = Image([mk.small_layer()])
        members = [file(f"{i}.tar", small) for i in range(5000)] + mk.docker_members([im], form="bare")
        for data, source in ((tar(members), "-"), (mk.gzip(tar(members)), "file")):
            path = self.put("a", data) if source == "file" else source
            d = dump(path, "--no-entries", "--limit", "layers=10",
                     stdin=data if source == "-" else None, timeout=60)
            # behind so many the layer is not met as one: found in a second pass, or a gap
            self.assertEqual((d.code, d.gaps), (0, ["layer_unreadable"] if source == "-" else []))
            self.assertLess(d.image["peak"], 64 << 20)

    def test_deep_folders_and_long_names(self):
        root = os.path.join(self.folder, "root")
        os.mkdir(root)
        here = os.open(root, os.O_RDONLY)
        for _ in range(300):
            os.mkdir("d" * 40, dir_fd=here)
            below = os.open("d" * 40, os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = below
        os.close(here)
        d = dump(root)
        self.assertEqual((d.code, d.gaps), (0, ["path_limit"]))
        self.assertLess(len(d.entries), 110)
        d = dump(root, "--limit", "depth=10")
        self.assertEqual((d.gaps, len(d.entries)), (["path_limit"], 11))
        d = dump(root, "--limit", "entries=5")
        self.assertEqual((d.gaps, d.layers[0]["complete"]), (["entry_limit"], False))
        subprocess.run(["rm", "-rf", root], check=True)


class BrokerTest(Folder):
    def layout(self):
        path = os.path.join(self.folder, "layout")
        shutil.rmtree(path, ignore_errors=True)
        im = Image([mk.small_layer()])
        mk.oci_folder(path, [im])
        blob = os.path.join(path, mk.blob_name("sha256:" + mk.sha256(im.layers[0])))
        return path, blob

    def test_blobs_may_be_links_inside_the_layout_only(self):
        outside = self.put("outside", mk.small_layer())
        path, blob = self.layout()
        shutil.move(blob, os.path.join(path, "blobs", "elsewhere"))
        os.symlink("../elsewhere", blob)
        self.assertEqual(dump(path).gaps, [])
        for target in (outside, "../../../outside", "/proc/self/fd/0", "/etc/passwd"):
            os.unlink(blob)
            os.symlink(target, blob)
            with self.subTest(target):
                d = dump(path)
                self.assertEqual(d.code, 1)
                self.assertEqual(d.entries, [])
        os.unlink(blob)
        os.mkfifo(blob)
        self.assertEqual(dump(path, timeout=10).code, 1)

    def test_a_folder_is_read_through_no_link(self):
        self.put("outside/secret", b"secret")
        root = os.path.join(self.folder, "root")
        os.makedirs(root)
        os.symlink("../outside", os.path.join(root, "dir"))
        os.symlink("../outside/secret", os.path.join(root, "file"))
        d = dump(root)
        self.assertEqual([(e["path"], e["type"]) for e in d.entries],
                         [(b"dir", "symlink"), (b"file", "symlink")])

    def test_what_a_folder_hides_is_a_gap(self):
        if os.getuid() == 0:
            # root reads everything: a folder that vanishes cannot be made in time
            run = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
        else:
            run = []
        root = os.path.join(self.folder, "root")
        os.makedirs(os.path.join(root, "closed"))
        self.put("root/open", b"x")
        self.put("root/unreadable", b"y")
        os.chmod(os.path.join(root, "closed"), 0)
        os.chmod(os.path.join(root, "unreadable"), 0)
        os.chmod(self.folder, 0o755)
        p = subprocess.run(run + [DUMP, root], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        os.chmod(os.path.join(root, "closed"), 0o700)
        if run and p.returncode == 127:
            self.skipTest("no setpriv")
        if b"ermission denied" in p.stderr and not p.stdout:
            self.skipTest("the build folder cannot be read by another user")
        diags = [json.loads(l)["diag"] for l in p.stdout.splitlines() if b'"diag"' in l]
        self.assertEqual([(g["code"], g["path"]) for g in diags],
                         [("file_unreadable", "closed"), ("file_unreadable", "unreadable")])

    def test_kernel_file_systems_are_not_entered(self):
        d = dump("/proc/self/ns" if False else "/dev", "--no-hash", timeout=60)
        self.assertEqual(d.code, 0, d.error)
        pts = [g for g in d.diags if g["path"] == b"pts"]
        self.assertTrue(all(g["code"] == "entry_odd" for g in pts))

    def test_names_that_are_no_path(self):
        for name, code, hint in (
                ("alpine:3.19", "usage", "docker://docker.io/library/alpine:3.19 oci-archive:alpine.tar"),
                ("alpine", "usage", "docker save -o alpine.tar alpine"),
                ("ghcr.io/a/b:1", "usage", "docker://ghcr.io/a/b:1 oci-archive:b.tar"),
                ("user/app", "usage", "docker://docker.io/user/app "),
                ("localhost:5000/a@sha256:" + "a" * 64, "usage", "docker://localhost:5000/a@sha256:"),
                ("no-such.tar", "not_found", ""), ("./no", "not_found", ""), ("/no/such", "not_found", ""),
                ("", "usage", ""), ("docker-archive:", "usage", ""), ("dir:no-such", "not_found", ""),
                ("registry:x/y", "usage", "docker save"), ("bogus:x/Y", "usage", "")):
            with self.subTest(name):
                p = subprocess.run([DUMP, name], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   cwd=self.folder, check=False)
                d = p.stderr.decode()
                self.assertEqual((p.returncode, d.split(":")[0]), (3 if name == "" and False else 1, code), d)
                self.assertIn(hint, d)


class WorkerTest(Folder):
    PHASES = {0: "start", 1: "manifest", 2: "config", 3: "layer header", 4: "inflate", 5: "tar walk"}

    def test_a_death_in_any_phase_names_phase_and_layer(self):
        path = self.put("a.tar", mk.docker_archive([Image([mk.gzip(mk.small_layer())])]))
        for number, name in self.PHASES.items():
            d = dump(path, "--stop-phase", number)
            self.assertEqual(d.code, 99)
            self.assertIn(f"in {name}", d.error)
            if number > 2:
                self.assertIn("of layer 0", d.error)

    def test_an_interrupt_ends_a_scan_of_input_that_never_ends(self):
        for signum in (signal.SIGINT, signal.SIGTERM):
            p = subprocess.Popen([DUMP, "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE)
            p.stdin.write(mk.docker_archive([Image([mk.small_layer()])])[:3000])
            p.stdin.flush()
            time.sleep(0.3)
            start = time.monotonic()
            p.send_signal(signum)
            p.wait(timeout=5)
            took = time.monotonic() - start
            self.assertLess(took, 0.4)
            self.assertEqual(p.returncode, 1)
            self.assertIn(b"cancelled: interrupted", p.stderr.read())
            self.assertEqual(p.stdout.read(), b"")
            p.stdin.close()
            p.stdout.close()
            p.stderr.close()

    def test_the_walk_is_the_same_with_any_number_of_threads(self):
        im = Image([mk.gzip(tar([file(f"f{j}", os.urandom(3000)) for j in range(20)])) for _ in range(12)])
        path = self.put("a.tar", mk.docker_archive([im]))
        outs = [subprocess.run([DUMP, "--threads", str(n), path], stdout=subprocess.PIPE, check=True).stdout
                for n in (1, 2, 8)]
        strip = [[l for l in o.splitlines() if b'"image"' not in l] for o in outs]
        self.assertEqual(strip[0], strip[1])
        self.assertEqual(strip[0], strip[2])


if __name__ == "__main__":
    unittest.main()
