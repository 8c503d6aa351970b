"""archive/tar.h against small hand-made archives, Python's tarfile, GNU tar and Go's archive/tar."""
import hashlib
import io
import json
import os
import random
import re
import shutil
import stat
import subprocess
import sys
import tarfile
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "tar"))
import make_tar as make  # noqa: E402

SOURCE = os.environ["PLIMSOLL_SOURCE"]
DUMP = os.path.join(os.environ["PLIMSOLL_BUILD"], "tests", "tool-dump_tar")
# oddities that bring others with them
WITH = {"global_whiteout": {"global_pax"}, "meta_dropped": {"global_pax"}, "padding_cut": {"no_end"},
        "pax_twice": set()}
NAMES = {ord("0"): "file", 0: "file", ord("1"): "hardlink", ord("2"): "symlink", ord("3"): "char",
         ord("4"): "block", ord("5"): "dir", ord("6"): "fifo", ord("7"): "file", ord("S"): "file"}


def raw(text):
    return text.encode("latin-1")


class Dump:
    """Entries, error, end and oddities that the dump tool prints."""

    def __init__(self, path, *options):
        out = subprocess.run([DUMP, *options, path], check=True, stdout=subprocess.PIPE).stdout
        self.entries, self.error, self.end, self.odd = [], None, None, {}
        for line in out.decode("latin-1").splitlines():
            row = json.loads(line)
            if "path" in row:
                self.entries.append(row)
            elif "error" in row:
                self.error = row
            elif "end" in row:
                self.end = row["end"]
            else:
                self.odd = row["odd"]

    def without(self, *keys):
        return [{k: v for k, v in e.items() if k not in keys} for e in self.entries]


class Case(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="plimsoll-test-")
        self.addCleanup(shutil.rmtree, self.dir)

    def write(self, data, name="x.tar"):
        path = os.path.join(self.dir, name)
        with open(path, "wb") as out:
            out.write(data)
        return path

    def dump(self, data, *options):
        return Dump(self.write(data), *options)


class Oddities(Case):
    def test_each_has_a_fixture_and_a_row_in_the_documentation(self):
        with open(os.path.join(SOURCE, "src/archive/tar_oddities.def")) as f:
            rows = re.findall(r"^ODDITY\((\w+), (\w+),", f.read(), re.M)
        with open(os.path.join(SOURCE, "docs/formats/tar.md")) as f:
            documented = dict(re.findall(r"^\| `(\w+)` \| (\w+) \|", f.read(), re.M))
        names = [name for name, _ in rows]
        self.assertEqual(names, sorted(names))
        self.assertEqual(sorted(make.ODD), names)
        self.assertEqual(documented, {name: cls.lower() for name, cls in rows})

    def test_each_is_told_and_nothing_else(self):
        for name, body in make.ODD.items():
            with self.subTest(name):
                d = self.dump(body + (b"" if name in make.WITHOUT_END else make.END))
                self.assertIsNone(d.error)
                self.assertEqual(set(d.odd), {name} | WITH.get(name, set()))

    def test_what_the_runtime_refuses_is_an_error(self):
        for name, (code, body) in make.REFUSED.items():
            with self.subTest(name):
                self.assertEqual(self.dump(body + make.END).error["error"], code)

    def test_plain_forms_are_not_odd(self):
        for name, body in make.PLAINS.items():
            with self.subTest(name):
                d = self.dump(body + make.END)
                self.assertIsNone(d.error)
                self.assertEqual(d.odd, {})
                self.assertEqual(d.end["marker"], 1)

    def test_sparse_content_has_its_holes(self):
        for name, (body, content) in make.SPARSE.items():
            with self.subTest(name):
                d = self.dump(body + make.entry(b"behind", b"1") + make.END)
                self.assertIsNone(d.error)
                self.assertEqual([e["path"] for e in d.entries], ["sparse", "behind"])
                self.assertEqual(d.entries[0]["sha256"], hashlib.sha256(content).hexdigest())
                self.assertEqual(d.entries[0]["size"], len(content))
                self.assertEqual(d.entries[1]["read"], 1)

    def test_chunks_and_skipping_change_nothing(self):
        for name, body in make.archives():
            if len(body) > 100000:
                continue
            with self.subTest(name):
                path = self.write(body)
                whole = Dump(path)
                for size in ("1", "7", "511", "512", "513"):
                    d = Dump(path, "--chunk", size)
                    self.assertEqual((d.entries, d.error, d.end, d.odd),
                                     (whole.entries, whole.error, whole.end, whole.odd))
                d = Dump(path, "--skip")
                self.assertEqual(d.without(), whole.without("read", "sha256"))
                self.assertEqual((d.error, d.end, d.odd), (whole.error, whole.end, whole.odd))


class Fields(Case):
    def one(self, body, number=0):
        d = self.dump(body + make.END)
        self.assertIsNone(d.error)
        return d.entries[number]

    def check(self, entry, **expected):
        self.assertEqual({k: entry[k] for k in expected}, expected)

    def test_pax_overrides_the_header(self):
        e = self.one(make.PLAINS["pax_all"])
        self.check(e, type="symlink", link="t" * 200, uid=3000000, gid=3000001, mtime=1700000000,
                   xattrs=1, pax=1)
        self.assertEqual(raw(e["path"]), make.DEEP + "/grün".encode())
        self.assertEqual(raw(e["capability"])[:4], b"\1\0\0\2")

    def test_numbers(self):
        self.check(self.one(make.PLAINS["base256"]), size=5, mtime=-5, uid=70000)
        self.check(self.one(make.PLAINS["blanks"]), size=1, mode=0o644)
        self.check(self.one(make.PLAINS["setuid"]), mode=0o4755)
        self.check(self.one(make.ODD["owner_cut"]), uid=0, gid=0)

    def test_paths_are_cleaned_and_kept_raw(self):
        d = self.dump(make.PLAINS["dot_slash"] + make.END)
        self.assertEqual([(e["path"], e["raw"]) for e in d.entries],
                         [("", "./"), ("etc/motd", "./etc//motd"), ("abs", "/abs")])
        e = self.one(make.ODD["dotdot"])
        self.check(e, path="c", dotdot=1)
        self.check(self.one(make.ODD["dotdot"], 1), path="d", link="f", raw_link="e/../f")

    def test_the_runtimes_choice_of_names(self):
        rows = {"pax_and_long": "by-long-name", "long_twice": "second", "pax_twice": "plain",
                "pax_empty": "plain", "meta_dropped": "plain", "global_records": "plain",
                "gnu_prefix": "folder/file", "gnu_times": "file", "v7_prefix": "file"}
        for name, path in rows.items():
            with self.subTest(name):
                self.assertEqual(self.one(make.ODD[name])["path"], path)

    def test_devices(self):
        d = self.dump(make.PLAINS["types"] + make.END)
        self.assertEqual([e["type"] for e in d.entries],
                         ["file", "hardlink", "symlink", "char", "block", "dir", "fifo"])
        self.check(d.entries[3], major=1, minor=3)
        self.check(d.entries[2], link="../x")

    def test_long_paths_are_a_gap_and_stepped_over(self):
        body = make.pax((b"path", b"x" * 5000)) + make.PLAIN
        body += make.pax((b"path", b"d/" * 300 + b"f")) + make.PLAIN + make.entry(b"good", b"1")
        d = self.dump(body + make.END)
        self.assertIsNone(d.error)
        self.assertEqual([e["path"] for e in d.entries], ["good"])


class Ends(Case):
    def end(self, *parts):
        d = self.dump(make.PLAIN + b"".join(parts))
        self.assertIsNone(d.error)
        return d.end

    def test_zeros_behind_the_marker_are_fine(self):
        end = self.end(make.END, bytes(10000))
        self.assertEqual(end, {"marker": 1, "offset": 1024, "trailing": 10000, "nonzero": -1,
                               "only_stargz_index": 0})

    def test_anything_else_is_told_with_its_place(self):
        end = self.end(make.END, bytes(700), b"x", bytes(10))
        self.assertEqual((end["nonzero"], end["trailing"]), (2048 + 700, 711))
        self.assertEqual(end["only_stargz_index"], 0)
        self.assertEqual(self.end(make.END, make.PLAIN, make.END)["nonzero"], 2048)

    def test_index_of_estargz(self):
        index = make.entry(b"stargz.index.json", b'{"version": 1}' * 100)
        self.assertEqual(self.end(make.END, index, make.END)["only_stargz_index"], 1)
        self.assertEqual(self.end(make.END, bytes(512), index)["only_stargz_index"], 1)
        for parts in ((index, make.PLAIN), (index, make.END, b"x"), (index[:-1000],),
                      (make.entry(b"stargz.index.json", b"", type=b"2", link=b"x"),),
                      (make.pax((b"path", b"stargz.index.json")) + make.PLAIN,)):
            self.assertEqual(self.end(make.END, *parts)["only_stargz_index"], 0)

    def test_half_a_marker(self):
        end = self.end(bytes(512))
        self.assertEqual((end["marker"], end["offset"]), (0, 1024))
        d = self.dump(make.PLAIN + bytes(700))
        self.assertEqual(d.error["error"], "truncated")

    def test_cut_archives(self):
        whole = make.PLAIN + make.pax((b"path", b"other")) + make.entry(b"x", b"y" * 2000)
        for cut in range(1, len(whole)):
            if cut % 128 not in (0, 1, 127):
                continue
            with self.subTest(cut):
                d = self.dump(whole[:cut])
                # inside padding or between headers Go sees a plain end
                padding = 512 + 5 <= cut <= 1024 or 2560 + 2000 <= cut
                between = 1536 + 14 <= cut <= 2048
                if padding or between:
                    self.assertIsNone(d.error)
                    self.assertIn("no_end", d.odd)
                else:
                    self.assertEqual(d.error["error"], "truncated")


class Others(Case):
    """The same archive read by an independent program."""

    def test_python(self):
        chance = random.Random(7)
        for number in range(60):
            form = (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)[number % 3]
            data = self.random_archive(chance, form)
            with self.subTest(number):
                d = self.dump(data)
                self.assertIsNone(d.error)
                members = list(tarfile.open(fileobj=io.BytesIO(data), encoding="latin-1"
                                            if form != tarfile.PAX_FORMAT else "utf-8"))
                self.assertEqual(len(d.entries), len(members))
                for e, m in zip(d.entries, members):
                    self.check_member(data, e, m, form)

    def random_archive(self, chance, form):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=form, encoding="utf-8") as tar:
            for _ in range(chance.randrange(20)):
                depth = chance.randrange(1, 3 if form == tarfile.USTAR_FORMAT else 12)
                name = "/".join(chance.choice(["usr", "ünïcode", "a" * 40, "b"]) + str(i)
                                for i in range(depth))
                info = tarfile.TarInfo(name)
                info.type = chance.choice([tarfile.REGTYPE] * 5 + [
                    tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
                info.mode = chance.randrange(0o10000)
                info.uid = chance.choice([0, 1000, 2097151] + [3000000] * (form != tarfile.USTAR_FORMAT))
                info.mtime = chance.randrange(2 ** 31)
                if info.type in (tarfile.SYMTYPE, tarfile.LNKTYPE):
                    info.linkname = "target" * chance.randrange(1, 15)
                body = b""
                if info.type == tarfile.REGTYPE:
                    body = chance.randbytes(chance.choice([0, 1, 511, 512, 513, 5000, 70000]))
                    info.size = len(body)
                tar.addfile(info, io.BytesIO(body))
        return out.getvalue()

    def check_member(self, data, e, m, form):
        coding = "utf-8" if form == tarfile.PAX_FORMAT else "latin-1"
        self.assertEqual(raw(e["path"]), m.name.encode(coding))
        self.assertEqual(e["type"], NAMES[m.type[0]])
        self.assertEqual((e["mode"], e["uid"], e["mtime"]), (m.mode, m.uid, int(m.mtime)))
        self.assertEqual(raw(e["raw_link"]), m.linkname.encode(coding))
        if m.isreg():
            self.assertEqual(e["size"], m.size)
            content = data[m.offset_data:m.offset_data + m.size]
            self.assertEqual(e["sha256"], hashlib.sha256(content).hexdigest())

    def tree(self):
        root = os.path.join(self.dir, "tree")
        deep = os.path.join(root, *["folder%02d" % i for i in range(15)])
        os.makedirs(os.path.join(root, "short"))
        for name, body in (("short/empty", b""), ("short/one", b"1"), ("short/block", b"b" * 512),
                           ("short/big", os.urandom(300000))):
            with open(os.path.join(root, name), "wb") as f:
                f.write(body)
        os.link(os.path.join(root, "short/one"), os.path.join(root, "short/second-name"))
        os.symlink("../short/one", os.path.join(root, "short/link"))
        os.mkfifo(os.path.join(root, "short/pipe"))
        os.chmod(os.path.join(root, "short/block"), 0o4755)
        with open(os.path.join(root, "short/sparse"), "wb") as f:
            for i in range(40):
                f.seek(i * 200000)
                f.write(b"%03d " % i * 1000)
            f.truncate(41 * 200000)
        return root, deep

    def check_tree(self, d, root, base):
        self.assertIsNone(d.error)
        seen = {raw(e["path"]): e for e in d.entries}
        expected = set()
        for folder, folders, files in os.walk(os.fsencode(root)):
            for name in folders + files:
                path = os.path.join(folder, name)
                key = os.path.relpath(path, os.fsencode(base))
                expected.add(key)
                e, st = seen[key], os.lstat(path)
                self.assertEqual(e["mode"], stat.S_IMODE(st.st_mode))
                self.assertEqual(e["mtime"], int(st.st_mtime))
                if e["type"] == "file":
                    with open(path, "rb") as f:
                        self.assertEqual(e["sha256"], hashlib.sha256(f.read()).hexdigest())
                    self.assertEqual(e["size"], st.st_size)
                elif e["type"] == "symlink":
                    self.assertEqual(raw(e["link"]), os.readlink(path))
        self.assertEqual(set(seen) - {b"tree"}, expected)

    def test_gnu_tar(self):
        if not shutil.which("tar"):
            self.skipTest("no tar")
        root, deep = self.tree()
        forms = [["--format=v7"], ["--format=oldgnu"], ["--format=gnu"], ["--format=ustar"],
                 ["--format=posix"], ["--format=gnu", "--sparse"],
                 *[["--format=posix", "--sparse", "--sparse-version=" + v] for v in ("0.0", "0.1", "1.0")]]
        for form in forms:
            if form[0] in ("--format=gnu", "--format=oldgnu", "--format=posix"):
                os.makedirs(deep, exist_ok=True)
                with open(os.path.join(deep, "n" * 120), "wb") as f:
                    f.write(b"deep")
            else:
                shutil.rmtree(os.path.join(root, "folder00"), ignore_errors=True)
            with self.subTest(" ".join(form)):
                path = os.path.join(self.dir, "x.tar")
                quiet = subprocess.run(["tar", *form, "-cf", path, "-C", self.dir, "tree"],
                                       stderr=subprocess.DEVNULL)
                d = Dump(path)
                sparse = [e for e in d.entries if e["sparse"]]
                self.assertEqual(len(sparse), "--sparse" in form)
                if form[0] in ("--format=v7", "--format=ustar"):
                    # these leave out what they cannot hold
                    self.assertIsNone(d.error)
                    if quiet.returncode:
                        continue
                self.check_tree(d, root, self.dir)

    def test_go(self):
        if not shutil.which("go"):
            self.skipTest("no Go toolchain")
        reader = os.path.join(self.dir, "reader")
        source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tar", "reader.go")
        env = {**os.environ, "GOFLAGS": "-mod=mod", "GO111MODULE": "off", "GOTOOLCHAIN": "local",
               "HOME": os.environ.get("HOME", self.dir)}
        subprocess.run(["go", "build", "-o", reader, source], check=True, env=env)
        paths = [self.write(body, name + ".tar") for name, body in make.archives()]
        out = subprocess.run([reader, *paths], check=True, stdout=subprocess.PIPE).stdout
        for line in out.splitlines():
            row = json.loads(line)
            with self.subTest(os.path.basename(row["path"])):
                self.check_go(row)

    def check_go(self, row):
        d = Dump(row["path"])
        bomb = "holes_bomb" in row["path"]  # Go takes it: a limit of ours
        self.assertEqual(d.error is not None, row["failed"] or bomb)
        if bomb:
            return
        theirs = [e for e in row["entries"] or []
                  if e["Type"] in NAMES and e["Type"] != ord("g")]
        self.assertEqual(len(d.entries), len(theirs))
        for ours, e in zip(d.entries, theirs):
            self.assertEqual(raw(ours["raw"]).hex(), e["Name"])
            self.assertEqual(raw(ours["raw_link"]).hex(), e["Link"])
            self.assertEqual(ours["type"], NAMES[e["Type"]])
            self.assertEqual(ours["mode"], e["Mode"] & 0o7777)
            self.assertEqual(ours["mtime"], e["Mtime"])
            self.assertEqual(ours["sha256"], e["Sum"])
            if ours["type"] == "file":
                self.assertEqual(ours["size"], e["Size"])


if __name__ == "__main__":
    unittest.main()
