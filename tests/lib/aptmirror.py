"""A small Debian archive made by script, its signing key, and the server that serves it with faults.

    key = Key()                                 a new key in a home of its own; key.keyring is a file
    m = Mirror(key)                             the security archive of bookworm, empty
    m.source("demo", "1.0-1+deb12u2", text)     a source package whose changelog is `text`
    m.binary("libdemo1", "demo", "1.0-1+deb12u2", text)
    m.publish()                                 indices, digests, InRelease
    with Server() as s:                         s.url is for --mirror; s.serve(m); s.log: paths asked for
        s.faults["debian-security/pool/..."] = fault

A fault is a status (404, 500), bytes that are sent instead, or a function of the request's handler
and the true body: see `cut`, `reset`, `moved`, `slow` here.

changelog(("1.0-1", ["* Fix x. (CVE-2024-1)"]), ...) writes one, newest entry first.
"""
import gzip
import hashlib
import http.server
import lzma
import os
import shutil
import subprocess
import tempfile
import threading

import mkimage

ROOT = "debian-security/"


class Key:
    """`keyring` has it alone; sign() as a Release is signed. `lived`: a day ("20200101") from which on it
    lives and signs for a month."""

    def __init__(self, lived=None, algorithm="ed25519"):
        self.home = tempfile.mkdtemp(prefix="gpg-")
        self.time = ["--faked-system-time", lived + "T000000!"] if lived else []
        self.gpg("--passphrase", "", "--quick-gen-key", "archive", algorithm, "sign", "30d" if lived else "never")
        self.keyring = os.path.join(self.home, "archive.gpg")
        with open(self.keyring, "wb") as f:
            f.write(self.gpg("--export"))

    def gpg(self, *args, data=b""):
        p = subprocess.run(["gpg", "--homedir", self.home, "--batch", "--quiet", *self.time, *args], input=data,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        if p.returncode:
            raise RuntimeError("gpg: " + p.stderr.decode("utf-8", "replace"))
        return p.stdout

    def sign(self, text, *options):
        return self.gpg(*options, "--clearsign", data=text.encode())

    def add(self, other):
        """From now on this key signs and `other` signs beside it; the keyring stays as it is."""
        self.gpg("--import", data=other.gpg("--export-secret-keys"))
        mine = self.gpg("--list-secret-keys", "--with-colons").decode()
        fingerprints = [line.split(":")[9] for line in mine.splitlines() if line.startswith("fpr:")]
        return [option for f in fingerprints for option in ("--local-user", f)]

    def close(self):
        subprocess.run(["gpgconf", "--homedir", self.home, "--kill", "gpg-agent"], check=False,
                       stderr=subprocess.DEVNULL)
        shutil.rmtree(self.home, ignore_errors=True)


def changelog(*entries, source="demo"):
    """(version, [items]) or (version, [items], date): newest first."""
    out = []
    for version, items, *date in entries:
        out.append(f"{source} ({version}) bookworm-security; urgency=high\n")
        out += [f"  {item}" for item in items]
        out.append(f"\n -- A Person <a@example.org>  {date[0] if date else 'Tue, 05 Mar 2024 10:00:00 +0100'}\n")
    return "\n".join(out)


def debian_tar(text, folder="debian"):
    """The tar of a packaging archive, the changelog last but one."""
    data = text if isinstance(text, bytes) else text.encode()
    return mkimage.tar([mkimage.folder(folder), mkimage.file(folder + "/control", "Source: demo\n"),
                        mkimage.file(folder + "/changelog", data), mkimage.file(folder + "/rules", "#!\n")])


def diff(text, name="demo-1.0"):
    """A .diff that adds debian/changelog between two other files."""
    def added(path, lines):
        return (f"--- {name}.orig/{path}\n+++ {name}/{path}\n@@ -0,0 +1,{len(lines)} @@\n" +
                "".join(f"+{line}\n" for line in lines))
    return (added("debian/README", ["nothing", "demo (9.9-9) unstable; urgency=low"]) +
            added("debian/changelog", text.rstrip("\n").split("\n")) +
            added("debian/rules", ["#!/usr/bin/make -f"])).encode()


def source_file(name, version, text, form):
    """(file name, bytes) of the part of a source package that has the changelog."""
    plain = version.split(":")[-1]
    forms = {
        "debian.tar.xz": lambda: lzma.compress(debian_tar(text), preset=0),
        "debian.tar.gz": lambda: mkimage.gzip(debian_tar(text)),
        "debian.tar.bz2": lambda: mkimage.bzip2(debian_tar(text)),
        "diff.gz": lambda: mkimage.gzip(diff(text)),
        "tar.xz": lambda: lzma.compress(debian_tar(text, f"{name}-{plain}/debian"), preset=0),
    }
    return f"{name}_{plain}.{form}", forms[form]()


def ar(members):
    out = b"!<arch>\n"
    for name, data in members:
        out += b"%-16s%-12d%-6d%-6d%-8s%-10d`\n" % (name.encode(), 0, 0, 0, b"100644", len(data))
        out += data + b"\n" * (len(data) & 1)
    return out


def deb(entries, pad=0, data="data.tar.xz"):
    """A .deb with these entries in data.tar; `pad` bytes that do not compress make it larger."""
    if pad:
        entries = entries + [mkimage.file("usr/lib/pad", hashlib.shake_128(b"pad").digest(pad))]
    codec = {"xz": lambda b: lzma.compress(b, preset=0), "gz": mkimage.gzip, "zst": mkimage.zstd}
    return ar([("debian-binary", b"2.0\n"), ("control.tar.gz", mkimage.gzip(mkimage.tar([]))),
               (data, codec[data.split(".")[-1]](mkimage.tar(entries)))])


def document(package, text, name="changelog.Debian.gz"):
    data = text if isinstance(text, bytes) else text.encode()
    return mkimage.file(f"./usr/share/doc/{package}/{name}", mkimage.gzip(data) if name.endswith(".gz") else data)


def sha256(data):
    return hashlib.sha256(data).hexdigest()


class Mirror:
    """`files` maps paths below the parent of debian-security to bytes; free to be changed at any time."""

    def __init__(self, key, suite="bookworm-security", arch="amd64", packing=".xz"):
        self.key, self.suite, self.arch, self.packing = key, suite, arch, packing
        self.files, self.sources, self.packages = {}, {"main": []}, {"main": []}
        self.release = {
            "Origin": "Debian", "Label": "Debian-Security", "Suite": "oldstable-security", "Version": "12",
            "Codename": suite, "Date": "Sun, 01 Nov 2026 10:00:00 UTC",
            "Valid-Until": "Mon, 30 Nov 2026 10:00:00 UTC", "Architectures": arch, "Components": "main",
        }

    def put(self, path, data):
        self.files[ROOT + path] = data
        return path

    def source(self, name, version, text="", form="debian.tar.xz", component="main", file=None, size=None):
        """`file`: the bytes of the part that has the changelog; `size`: what the index says of it."""
        folder = f"pool/updates/{component}/{name[0]}/{name}"
        part, data = source_file(name, version, text, form)
        data = data if file is None else file
        lines = [f" {sha256(b'dsc')} 3 {name}.dsc"]
        if form != "tar.xz":
            lines.append(f" {sha256(b'orig')} 4 {name}_1.0.orig.tar.xz")
        lines.append(f" {sha256(data)} {len(data) if size is None else size} {part}")
        self.sources.setdefault(component, []).append(
            f"Package: {name}\nBinary: lib{name}1\nVersion: {version}\nDirectory: {folder}\n"
            f"Checksums-Sha256:\n" + "\n".join(lines) + "\n")
        return self.put(f"{folder}/{part}", data)

    def binary(self, name, source, version, text="", component="main", file=None, source_field=None, pad=0):
        folder = f"pool/updates/{component}/{source[0]}/{source}"
        data = deb([document(name, text)], pad) if file is None else file
        path = f"{folder}/{name}_{version.split(':')[-1]}_{self.arch}.deb"
        field = source_field if source_field is not None else source if source != name else ""
        self.packages.setdefault(component, []).append(
            f"Package: {name}\n" + (f"Source: {field}\n" if field else "") +
            f"Version: {version}\nArchitecture: {self.arch}\nFilename: {path}\nSize: {len(data)}\n"
            f"SHA256: {sha256(data)}\n")
        return self.put(path, data)

    def index(self, name, text):
        pack = {".xz": lambda b: lzma.compress(b, preset=0), ".gz": mkimage.gzip, ".bz2": mkimage.bzip2,
                "": mkimage.plain}[self.packing]
        data = pack(text if isinstance(text, bytes) else text.encode())
        self.put(f"dists/{self.suite}/{name}{self.packing}", data)
        return f" {sha256(data)} {len(data):8} {name}{self.packing}"

    def release_text(self):
        lines = []
        for component, paragraphs in self.sources.items():
            text = b"\n".join(p if isinstance(p, bytes) else p.encode() for p in paragraphs)
            lines.append(self.index(f"{component}/source/Sources", text))
        for component, paragraphs in self.packages.items():
            lines.append(self.index(f"{component}/binary-{self.arch}/Packages", "\n".join(paragraphs)))
        head = "".join(f"{k}: {v}\n" for k, v in self.release.items() if v is not None)
        return head + "SHA256:\n" + "\n".join(lines) + "\n"

    def publish(self, *options):
        self.put(f"dists/{self.suite}/InRelease", self.key.sign(self.release_text(), *options))
        return self


# --- the server -----------------------------------------------------------------------------------


def cut(handler, body):
    """Half of what was announced, then the connection ends."""
    handler.reply(200, body[:len(body) // 2], length=len(body))
    handler.close_connection = True


def reset(handler, _body):
    handler.close_connection = True


def moved(path, status=302):
    def fault(handler, _body):
        handler.reply(status, b"elsewhere", Location=path)
    return fault


def slow(handler, body):
    """Announces all and then is silent, until the server is closed."""
    handler.reply(200, body[:1], length=len(body))
    handler.server.closing.wait(20)
    handler.close_connection = True


def endless(handler, _body):
    """A body without a length that goes on as long as the other side reads, at most 200 MiB."""
    handler.protocol_version = "HTTP/1.0"
    handler.send_response(200)
    handler.end_headers()
    handler.close_connection = True
    try:
        for _ in range(200):
            handler.wfile.write(b"\0" * (1 << 20))
    except OSError:
        pass


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_args):
        pass

    def reply(self, status, body, length=None, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        path = self.path.lstrip("/").replace("%2B", "+").replace("%3A", ":")
        self.server.log.append(path)
        body = self.server.files.get(path)
        fault = self.server.faults.get(path)
        try:
            if callable(fault):
                fault(self, body)
            elif isinstance(fault, int):
                self.reply(fault, b"no")
            elif isinstance(fault, bytes):
                self.reply(200, fault)
            elif body is None:
                self.reply(404, b"not here")
            else:
                self.reply(200, body)
        except OSError:
            self.close_connection = True


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files, self.faults, self.log = {}, {}, []
        self.closing = threading.Event()
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    def serve(self, mirror):
        self.files, self.faults, self.log = mirror.files, {}, []

    def close(self):
        self.closing.set()
        self.shutdown()
        self.server_close()
        self.thread.join()


# --- an image -------------------------------------------------------------------------------------

OS_RELEASE = "ID=debian\nVERSION_ID=12\nVERSION_CODENAME=bookworm\nPRETTY_NAME=Debian\n"


def image(packages, os_release=OS_RELEASE):
    """A docker-archive with these packages: (name, version) or (name, version, Source field)."""
    status = "".join(
        f"Package: {name}\nStatus: install ok installed\nVersion: {version}\nArchitecture: amd64\n" +
        (f"Source: {source[0]}\n" if source else "") + "\n" for name, version, *source in packages)
    layer = mkimage.tar([mkimage.file("etc/os-release", os_release), mkimage.file("var/lib/dpkg/status", status)])
    return mkimage.docker_archive([mkimage.Image([layer], tags=["demo:1"])])
