"""Runs image-dump and compares what it says of a source with what Python knows of it."""
import hashlib
import io
import json
import os
import subprocess
import tarfile

from plimsoll import BUILD

DUMP = os.path.join(BUILD, "tests", "tool-image-dump")


class Dump:
    """What image-dump said: `code`, `error` (first line), `image`, `layers`, `entries`, `again`, `diags`."""

    def __init__(self, code, out, err):
        self.code, self.error, self.stderr = code, err.split("\n")[0], err
        self.image, self.layers, self.entries, self.again, self.diags = None, [], [], [], []
        for line in out.splitlines():
            (kind, value), = json.loads(line).items()
            if kind == "image":
                self.image = value
            else:
                value["path"] = value.get("path", "").encode("latin-1")
                {"layer": self.layers, "entry": self.entries, "again": self.again,
                 "diag": self.diags}[kind].append(value)

    def codes(self, kind=None):
        """Codes of the diagnostics, each once, sorted; of one class or all."""
        return sorted({d["code"] for d in self.diags if kind in (None, d["class"])})

    @property
    def gaps(self):
        return self.codes("gap")

    def of_layer(self, index):
        """Entries of a layer as tuples that compare with those of `expected`."""
        task = self.layers[index]["task"]
        return [key(e) for e in self.entries if e["task"] == task]


def key(e):
    return (e["path"], e["type"], e["mode"], e["uid"], e["gid"], e["size"], e["sha256"],
            e["link"].encode("latin-1"))


def dump(source, *options, stdin=None, timeout=120):
    """`stdin`: bytes that come through a pipe, with source "-"."""
    feed = {"input": stdin} if stdin is not None else {"stdin": subprocess.DEVNULL}
    p = subprocess.run([DUMP, *map(str, options), source], stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, timeout=timeout, **feed)
    return Dump(p.returncode, p.stdout.decode(), p.stderr.decode())


TYPES = {tarfile.REGTYPE: "file", tarfile.AREGTYPE: "file", tarfile.DIRTYPE: "dir",
         tarfile.SYMTYPE: "symlink", tarfile.LNKTYPE: "hardlink", tarfile.CHRTYPE: "char",
         tarfile.BLKTYPE: "block", tarfile.FIFOTYPE: "fifo", tarfile.GNUTYPE_SPARSE: "file"}


def clean(name):
    return b"/".join(p for p in name.split(b"/") if p not in (b"", b"."))


def expected(layer):
    """The entries of a layer's plain tar, as Python reads it."""
    out = []
    with tarfile.open(fileobj=io.BytesIO(layer), encoding="utf-8", errors="surrogateescape") as t:
        for m in t:
            name = clean(m.name.encode("utf-8", "surrogateescape"))
            kind = TYPES[m.type]
            link = m.linkname.encode("utf-8", "surrogateescape")
            digest = hashlib.sha256(t.extractfile(m).read()).hexdigest() if kind == "file" else ""
            if not name:
                continue
            out.append((name, kind, m.mode & 0o7777, m.uid, m.gid, m.size if kind == "file" else 0,
                        digest, clean(link) if kind == "hardlink" else
                        link if kind == "symlink" else b""))
    return out
