"""The squash against the kernel's overlayfs: random stacks of layers, applied as containerd applies them.

The oracle is written from the rules (docs/formats/squash.md), apart from the program: each layer is
unpacked into its own folder on the disk, the lowest as into an empty root, each further one as an upper
folder with whiteouts as 0:0 devices and opaque folders as extended attributes; then the kernel mounts
them all, and what the mount shows is compared with what the program lists.
"""
import errno
import hashlib
import os
import random
import shutil
import stat
import subprocess
import sys
import tempfile
import unittest

import layers
import mkimage

FIRST = int(os.environ.get("PLIMSOLL_OVERLAY_FIRST", "0"))
STACKS = int(os.environ.get("PLIMSOLL_OVERLAY_STACKS", "200"))
sys.setrecursionlimit(20000)  # links in circles make long texts
OPAQUE = "trusted.overlay.opaque"


class Refused(Exception):
    """The runtime does not take the layer; `quiet` where no reader would take it another way."""

    def __init__(self, why, quiet=False):
        super().__init__(why)
        self.quiet = quiet


def clean(path):
    return os.path.normpath("/" + path.lstrip("/"))


def inside(root, path):
    return root if path == "/" else root + path


def root_path(root, path):
    """The path inside `root` with all links followed, by rounds over its text, as containerd does."""
    if path == "":
        return root
    count = [0]

    def one(at):
        if count[0] > 255:
            raise Refused("too many links")
        at = clean(at)
        if at == "/":
            return at, False
        try:
            found = os.lstat(inside(root, at))
        except FileNotFoundError:
            return at, False
        except OSError as problem:
            raise Refused(f"on the way: {problem.strerror}")
        if not stat.S_ISLNK(found.st_mode):
            return at, False
        count[0] += 1
        return os.readlink(inside(root, at)), True

    def parts(text):
        head, tail = text[:text.rfind("/") + 1], text[text.rfind("/") + 1:]
        if head == "":
            return one(tail)[0]
        if tail == "":
            return "/" if head == "/" else parts(head[:-1])
        above = parts(head)
        found, is_link = one(join(above, tail))
        if not is_link or found.startswith("/"):
            return found
        return join(above, found)

    def join(a, b):
        joined = (a + "/" + b) if a else b
        return os.path.normpath(joined).replace("//", "/")

    while True:
        before = count[0]
        path = parts(path)
        if before == count[0]:
            final = clean(path)
            if final == path:
                return inside(root, final)
            path = final


def remove(path):
    found = os.lstat(path)
    if stat.S_ISDIR(found.st_mode):
        shutil.rmtree(path)
    else:
        os.unlink(path)


def make_parents(path, root, parents):
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        pass
    except NotADirectoryError:
        raise Refused("below something that is no folder")
    else:
        if stat.S_ISDIR(found.st_mode):
            return
        raise Refused("below something that is no folder")
    above = os.path.dirname(path)
    if above != root and len(above) > len(root):
        make_parents(above, root, parents)
    os.mkdir(path)
    os.chmod(path, 0o755)
    for parent in parents:
        try:
            real = root_path(parent, path[len(root):])
            found = os.lstat(real)
        except FileNotFoundError:
            continue
        except (Refused, NotADirectoryError):
            raise Refused("a lower layer has a file on the way", quiet=True)
        if not stat.S_ISDIR(found.st_mode):
            return
        os.chown(path, found.st_uid, found.st_gid)
        os.chmod(path, stat.S_IMODE(found.st_mode))
        return


class Layer:
    """One layer being unpacked."""

    def __init__(self, root, parents):
        self.root, self.parents = root, parents
        self.lowest = not parents
        self.written, self.cleared = set(), set()

    def whiteout(self, path):
        """True when the entry was a whiteout."""
        folder, base = os.path.split(path)
        if base == ".wh..wh..opq":
            if not self.lowest:
                os.setxattr(folder, OPAQUE, b"y")
            elif folder not in self.cleared:
                self.cleared.add(folder)
                for here, folders, files in os.walk(folder):
                    for name in list(folders) + files:
                        if os.path.join(here, name) not in self.written:
                            remove(os.path.join(here, name))
                            if name in folders:
                                folders.remove(name)
            return True
        if not base.startswith(".wh."):
            return False
        target = os.path.join(folder, base[4:])
        if self.lowest:
            if os.path.lexists(target):
                remove(target)
            return True
        try:
            os.mknod(target, stat.S_IFCHR, 0)
        except FileExistsError:
            raise Refused("a whiteout of what is there",
                          quiet=os.lstat(target).st_rdev == 0 and
                          stat.S_ISCHR(os.lstat(target).st_mode))
        return True

    def add(self, e):
        name = clean(e["path"])[1:]
        head, base = os.path.split(name)
        folder = root_path(self.root, head + "/" if head else "")
        path = os.path.join(folder, base)
        if path == self.root or base == "":
            return
        if folder != self.root:
            make_parents(folder, self.root, self.parents)
        if base in (".wh.", ".wh..", ".wh..."):
            raise Refused("a whiteout of no name")
        if self.whiteout(path):
            return
        kind = e["kind"]
        if os.path.lexists(path) and not (kind == "dir" and os.path.isdir(path) and
                                          not os.path.islink(path)):
            remove(path)
        self.create(path, kind, e)
        os.chown(path, e["uid"], e["uid"], follow_symlinks=False)
        if not os.path.islink(path):
            os.chmod(path, e["mode"])
        self.written.add(path)

    def create(self, path, kind, e):
        if kind == "dir":
            if not os.path.isdir(path):
                os.mkdir(path)
        elif kind == "file":
            with open(path, "wb") as f:
                f.write(e["data"])
        elif kind == "symlink":
            os.symlink(e["link"], path)
        elif kind == "char":
            os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(*e["device"]))
        elif kind == "fifo":
            os.mkfifo(path)
        elif kind == "hardlink":
            head, base = os.path.split(clean(e["link"])[1:])
            target = os.path.join(root_path(self.root, head + "/" if head else ""), base)
            try:
                os.link(target, path, follow_symlinks=False)
            except OSError as problem:
                if problem.errno not in (errno.ENOENT, errno.EPERM, errno.ENOTDIR):
                    raise
                raise Refused("a hardlink that cannot be made")


def random_path(r, depth=3):
    return "/".join(r.choice("abc") for _ in range(r.randint(1, depth)))


def random_target(r):
    kind = r.randrange(6)
    if kind == 0:
        return "/" + random_path(r)
    if kind == 1:
        return "../" * r.randint(1, 4) + random_path(r)
    if kind == 2:
        return r.choice(["a", "b", "c", ".", "..", "/", "a/../b", "./c/."])
    return random_path(r, 2)


def random_entry(r):
    path = random_path(r)
    e = {"path": path, "uid": r.choice([0, 0, 0, 1000]), "mode": 0o644, "data": b"", "link": ""}
    kind = r.choices(["file", "dir", "symlink", "hardlink", "whiteout", "opaque", "device", "char",
                      "fifo", "odd"], [30, 22, 12, 8, 14, 6, 2, 1, 2, 1])[0]
    e["kind"] = kind
    if kind == "file":
        e["data"] = bytes(r.choices(b"01", k=r.randrange(4)))
        e["mode"] = r.choice([0o644, 0o755, 0o4755, 0o600])
    elif kind == "dir":
        e["mode"] = r.choice([0o755, 0o700, 0o1777])
    elif kind == "symlink":
        e["link"], e["mode"] = random_target(r), 0o777
    elif kind == "hardlink":
        e["link"] = random_path(r)
    elif kind == "whiteout":
        head, base = os.path.split(path)
        e.update(kind="file", path=os.path.join(head, ".wh." + base), mode=0)
    elif kind == "opaque":
        e.update(kind="file", path=r.choice([path + "/", path + "/", ""]) + ".wh..wh..opq")
    elif kind in ("device", "char"):
        e.update(kind="char", device=(0, 0) if kind == "device" else (1, 3))
    elif kind == "odd":
        e.update(kind="file", path=path + "/" + r.choice(
            [".wh.", ".wh..", ".wh...", ".wh..wh.aufs", ".wh..wh.plnk/x", ".wh..wh.a"]))
    return e


def encode(e):
    options = {"mode": e["mode"], "uid": e["uid"], "gid": e["uid"]}
    kind, path = e["kind"], e["path"]
    if kind == "dir":
        return mkimage.folder(path, **options)
    if kind == "symlink":
        return mkimage.symlink(path, e["link"], **options)
    if kind == "hardlink":
        return mkimage.hardlink(path, e["link"], **options)
    if kind == "char":
        return mkimage.char(path, *e["device"], **options)
    if kind == "fifo":
        return mkimage.fifo(path, **options)
    return mkimage.file(path, e["data"], **options)


def shown(root):
    """path -> what the mounted image shows there."""
    out = {}
    for here, folders, files in os.walk(root):
        for name in folders + files:
            path = os.path.join(here, name)
            try:
                found = os.lstat(path)
            except FileNotFoundError:
                continue  # a whiteout that a folder of one layer lists
            mode = found.st_mode
            what = {"mode": f"{stat.S_IMODE(mode):04o}", "uid": found.st_uid, "gid": found.st_gid}
            if stat.S_ISREG(mode):
                with open(path, "rb") as f:
                    data = f.read()
                what.update(type="file", size=len(data), sha256=hashlib.sha256(data).hexdigest())
            elif stat.S_ISLNK(mode):
                what.update(type="symlink", link=os.readlink(path))
            else:
                what["type"] = ("dir" if stat.S_ISDIR(mode) else "fifo" if stat.S_ISFIFO(mode)
                                else "char")
            out[os.path.relpath(path, root)] = what
    return out


def mount(roots, place):
    for name in ("upper", "work", "merged"):
        os.mkdir(os.path.join(place, name))
    merged = os.path.join(place, "merged")
    options = "lowerdir=%s,upperdir=%s/upper,workdir=%s/work" % (
        ":".join(reversed(roots)), place, place)
    run = subprocess.run(["mount", "-t", "overlay", "overlay", "-o", options, merged],
                         stderr=subprocess.PIPE)
    if run.returncode:
        raise OSError(run.stderr.decode("utf-8", "replace").strip())
    return merged


def why_not():
    """The reason why overlays cannot be mounted here, or None."""
    if os.geteuid() != 0:
        return "overlays can be mounted by root only"
    with tempfile.TemporaryDirectory() as place:
        os.mkdir(os.path.join(place, "a"))
        try:
            merged = mount([os.path.join(place, "a")], place)
            os.setxattr(os.path.join(place, "a"), OPAQUE, b"y")
            os.mknod(os.path.join(place, "a", "w"), stat.S_IFCHR, 0)
        except OSError as problem:
            return f"overlays cannot be mounted here: {problem}"
        finally:
            subprocess.run(["umount", os.path.join(place, "merged")], stderr=subprocess.DEVNULL)
    return None


class Overlay(unittest.TestCase):
    def setUp(self):
        reason = why_not()
        if reason:
            self.skipTest(reason)

    def unpack(self, entries, root, parents):
        """The first entry that the runtime refuses, or None."""
        os.mkdir(root)
        layer = Layer(root, parents)
        for e in entries:
            try:
                layer.add(e)
            except Refused as refused:
                e["refused"] = refused
                return e
        return None

    def make_layer(self, r, place, number, roots):
        """Entries that the runtime takes, unpacked; and lists that it refused on the way."""
        root = os.path.join(place, f"l{number}")
        entries = [random_entry(r) for _ in range(r.randint(1, r.choice([4, 9, 25])))]
        refused = []
        while True:
            bad = self.unpack(entries, root, list(reversed(roots)))
            if bad is None:
                return entries, refused
            if not bad["refused"].quiet:
                refused.append(list(entries))
            entries.remove(bad)
            shutil.rmtree(root)

    def compare(self, listed, mounted, roots, note):
        ours = {f["path"]: f for f in listed}
        self.assertEqual(sorted(ours), sorted(mounted), note)
        for path, want in mounted.items():
            have = ours[path]
            if have["type"] == "hardlink":
                have = dict(have, type=want["type"])
                if want["type"] == "symlink":
                    have["link"] = want["link"]
            for key in want:
                self.assertEqual(have.get(key), want[key], (path, key, note))
            if want["type"] != "dir":
                brought = max(i for i, root in enumerate(roots)
                              if os.path.lexists(os.path.join(root, path)))
                self.assertEqual(have["layer"], brought, (path, note))

    def stack(self, seed):
        """How many lists of entries were refused, each of which has to be a gap."""
        r = random.Random(seed)
        refused_count = 0
        with tempfile.TemporaryDirectory() as place:
            roots, blobs, described = [], [], []
            for number in range(r.randint(1, 5)):
                entries, refused = self.make_layer(r, place, number, roots)
                for odd in refused:
                    got = layers.squash_bytes(place, blobs + [mkimage.tar(map(encode, odd))])
                    self.assertIn("ambiguous_archive", got.codes("gap"), (seed, odd))
                    refused_count += 1
                roots.append(os.path.join(place, f"l{number}"))
                blobs.append(mkimage.tar(map(encode, entries)))
                described.append([(e["kind"], e["path"], e["link"]) for e in entries])
            merged = mount(roots, place)
            try:
                mounted = shown(merged)
            finally:
                subprocess.run(["umount", merged], check=True)
            got = layers.squash_bytes(place, blobs)
            self.compare(got.files, mounted, roots, (seed, described))
        return refused_count

    def test_random_stacks_look_as_the_kernel_shows_them(self):
        refused = sum(self.stack(seed) for seed in range(FIRST, FIRST + STACKS))
        self.assertGreater(refused, STACKS // 10)


if __name__ == "__main__":
    unittest.main()
