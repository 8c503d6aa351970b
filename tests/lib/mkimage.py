"""Makes image archives and layouts from Python descriptions, well-formed and hostile alike.

Everything is made byte by byte (the tar writer is here, not tarfile's), so that a test can have what
no tool would write. The same description gives the same bytes.

Entries of a layer:

    file("etc/os-release", b"ID=x\\n", mode=0o644, uid=0, gid=0, mtime=0)
    folder("etc"), symlink("lib", "usr/lib"), hardlink("b", "a"), fifo("p"), char("dev/null", 1, 3),
    block("dev/sda", 8, 0), whiteout("etc/passwd"), opaque("etc")
    raw(b"...512 bytes and more...")            any bytes in the middle of a tar
    file(..., pax={"path": "...", ...})         a pax header before the entry
    file(..., gnu_name=True)                    the name in a GNU 'L' entry
    file(..., header={"magic": b"..", "size": 1 << 40, "checksum": 0})   single fields forced

Layers:

    layer = tar([entries])                      bytes; end=False leaves the end marker off
    gzip(b), zstd(b), xz(b), bzip2(b)           compressed, reproducible (zstd calls the program)
    estargz(entries)                            gzip members by entry, index, footer
    cut(b, n), flip(b, at)                      cut short to n bytes; one bit turned over

Images: `Image(layers, ...)` holds layer blobs with what the manifest and the configuration are to say.

    image = Image([layer0, layer1], tags=["shop:1"], history=["RUN a", None, "RUN b"])
                                                None: an entry of the history without a layer
    image.config["architecture"] = "arm64"      the configuration is a dict, changed freely
    docker_archive([image])                     today's `docker save` before 25: manifest.json, ID.json,
                                                ID/layer.tar, ID/json, ID/VERSION, repositories
    docker_archive([image], form="skopeo")      HEX.tar and ID/layer.tar -> ../HEX.tar, ID.json
    docker_archive([image], form="docker25")    an OCI layout with manifest.json beside it
    docker_archive([image], form="kaniko")      sha256:ID, HEX.tar.gz
    docker_archive([image], form="bare")        config.json, layerN.tar, manifest.json
    docker_archive([image], form="legacy")      repositories and ID/json chain, no manifest.json
    docker_archive(..., manifest_first=True)    manifest.json before the layers
    oci_members([image], ...)                   [(name, bytes)] of a layout: dict order is file order
    oci_archive([image], ...), oci_folder(path, [image], ...)
        nested=True         index.json names one index that names the manifests
        platforms=True      descriptors carry the platform of the configuration
        attestation=True    an attestation manifest per image, as buildx adds
        docker_types=True   media types of Docker
        index=f, manifest=f functions that get the dict and may change or replace it (bytes too)

`docker_members` and `oci_members` give lists of entries, which a test changes (drop one, add a link,
turn a bit) and packs with tar().

Archives that are wrong in one named way each: hostile.py.
"""
import bz2
import gzip as gzip_module
import hashlib
import io
import json
import lzma
import os
import struct
import subprocess
import zlib

BLOCK = 512

# --- tar ------------------------------------------------------------------------------------------


def _octal(value, size):
    """A number field: octal, or base 256 where that does not fit, as GNU tar writes it."""
    if isinstance(value, bytes):
        return value.ljust(size, b"\0")[:size]
    if 0 <= value < 8 ** (size - 1):
        return b"%0*o\0" % (size - 1, value)
    return (value & ((1 << (8 * size)) - 1)).to_bytes(size, "big")[:size] if value < 0 else (
        bytes([0x80]) + value.to_bytes(size - 1, "big"))


def _header(name, kind, size, link=b"", mode=0o644, uid=0, gid=0, mtime=0, major=0, minor=0,
            prefix=b"", magic=b"ustar\x0000", user=b"", group=b"", checksum=None):
    def field(value, length):
        return value[:length].ljust(length, b"\0")

    head = (field(name, 100) + _octal(mode, 8) + _octal(uid, 8) + _octal(gid, 8) + _octal(size, 12) +
            _octal(mtime, 12) + b" " * 8 + kind + field(link, 100) + field(magic, 8) +
            field(user, 32) + field(group, 32) + _octal(major, 8) + _octal(minor, 8) +
            field(prefix, 155)).ljust(BLOCK, b"\0")
    if checksum is None:
        checksum = sum(head)
    return head[:148] + (checksum if isinstance(checksum, bytes) else b"%06o\0 " % checksum) + head[156:]


def _pad(data):
    return data + b"\0" * (-len(data) % BLOCK)


def _bytes(text):
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")


def pax_record(key, value):
    body = b" " + _bytes(key) + b"=" + _bytes(value) + b"\n"
    length = len(body)
    while length != len(str(length)) + len(body):
        length = len(str(length)) + len(body)
    return str(length).encode() + body


class Entry:
    """One member; `encode` gives its bytes. Fields may be changed until then."""

    def __init__(self, name, kind, data=b"", link="", pax=None, gnu_name=False, header=None, **fields):
        self.name, self.kind, self.data, self.link = name, kind, data, link
        self.pax, self.gnu_name, self.header, self.fields = pax, gnu_name, header or {}, fields

    def encode(self):
        name, link = _bytes(self.name), _bytes(self.link)
        out = b""
        pax = dict(self.pax or {})
        if not self.gnu_name and len(name) > 100 and "path" not in pax:
            pax["path"] = name
        if not self.gnu_name and len(link) > 100 and "linkpath" not in pax:
            pax["linkpath"] = link
        if self.gnu_name:
            for text, kind in ((name, b"L"), (link, b"K")):
                if text and (kind == b"L" or len(text) > 100):
                    out += _header(b"././@LongLink", kind, len(text) + 1, magic=b"ustar  \0")
                    out += _pad(text + b"\0")
        if pax:
            body = b"".join(pax_record(k, v) for k, v in pax.items())
            out += _header(b"PaxHeaders/x", b"x", len(body)) + _pad(body)
        fields = dict(self.fields)
        fields.update({k: v for k, v in self.header.items() if k not in ("size", "name", "kind")})
        out += _header(self.header.get("name", name), self.header.get("kind", self.kind),
                       self.header.get("size", len(self.data)), link=link, **fields)
        return out + _pad(self.data)


class Raw:
    name = None

    def __init__(self, data):
        self.data = data

    def encode(self):
        return self.data


def file(name, data=b"", **options):
    return Entry(name, b"0", _bytes(data), **options)


def folder(name, mode=0o755, **options):
    return Entry(name.rstrip("/") + "/", b"5", mode=mode, **options)


def symlink(name, target, **options):
    return Entry(name, b"2", link=target, mode=options.pop("mode", 0o777), **options)


def hardlink(name, target, **options):
    return Entry(name, b"1", link=target, **options)


def fifo(name, **options):
    return Entry(name, b"6", **options)


def char(name, major, minor, **options):
    return Entry(name, b"3", major=major, minor=minor, **options)


def block(name, major, minor, **options):
    return Entry(name, b"4", major=major, minor=minor, **options)


def whiteout(path):
    parent, _, name = path.rpartition("/")
    return file((parent + "/" if parent else "") + ".wh." + name)


def opaque(path):
    return file(path.rstrip("/") + "/.wh..wh..opq")


def raw(data):
    return Raw(data)


def tar(entries, end=True):
    """The bytes of a tar; the end marker is two blocks, without padding to a record."""
    return b"".join(e.encode() for e in entries) + (b"\0" * 2 * BLOCK if end else b"")


# --- codecs and damage ----------------------------------------------------------------------------


def gzip(data, level=6):
    out = io.BytesIO()
    with gzip_module.GzipFile("", "wb", level, out, 0) as f:
        f.write(data)
    return out.getvalue()


def zstd(data, *options):
    return subprocess.run(["zstd", "-q", "-c", *options], input=data, stdout=subprocess.PIPE,
                          check=True).stdout


def xz(data):
    return lzma.compress(data, preset=1)


def bzip2(data):
    return bz2.compress(data)


def plain(data):
    return data


CODECS = {"none": plain, "gzip": gzip, "zstd": zstd, "xz": xz, "bzip2": bzip2}


def zstd_skippable(data, magic=0x184D2A50):
    """A frame that decoders pass over: where zstd:chunked keeps its index."""
    return struct.pack("<II", magic, len(data)) + data


def estargz(entries, footer=True):
    """An estargz blob: a gzip member for each entry, the index, the footer of 51 bytes."""
    out, toc = b"", {"version": 1, "entries": []}
    for e in entries:
        toc["entries"].append({"name": e.name, "type": "reg", "size": len(e.data), "offset": len(out)})
        out += gzip(e.encode())
    at = len(out)
    out += gzip(file("stargz.index.json", json.dumps(toc)).encode() + b"\0" * 2 * BLOCK)
    if not footer:
        return out
    extra = b"SG" + struct.pack("<H", 22) + b"%016xSTARGZ" % at
    return (out + b"\x1f\x8b\x08\x04" + b"\0" * 4 + b"\0\xff" + struct.pack("<H", len(extra)) + extra +
            b"\x01\0\0\xff\xff" + b"\0" * 8)


def cut(data, size):
    return data[:size]


def flip(data, at, bit=0):
    return data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1:]


def bomb(size, codec=gzip):
    """A tar with one file of `size` zero bytes, compressed. Made in pieces: size may be large."""
    entry = file("zeros", header={"size": size}).encode()
    if codec is gzip:
        packer = zlib.compressobj(9, zlib.DEFLATED, 31)
        out, piece = [packer.compress(entry)], b"\0" * (1 << 20)
        for at in range(0, size, len(piece)):
            out.append(packer.compress(piece[:min(len(piece), size - at)]))
        out += [packer.compress(b"\0" * (-size % BLOCK + 2 * BLOCK)), packer.flush()]
        return b"".join(out)
    return codec(entry + b"\0" * (size + -size % BLOCK + 2 * BLOCK))


# --- images ---------------------------------------------------------------------------------------


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def dump(value):
    return value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":")).encode()


def inflate(blob):
    """The bytes of a layer blob without its compression."""
    if blob[:2] == b"\x1f\x8b":
        unpacker, out = zlib.decompressobj(31), b""
        while blob:
            unpacker = zlib.decompressobj(31)
            try:
                out += unpacker.decompress(blob)
            except zlib.error:
                return out
            blob = unpacker.unused_data
        return out
    if blob[:4] == b"\x28\xb5\x2f\xfd":
        done = subprocess.run(["zstd", "-dqc"], input=blob, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, check=False)
        return done.stdout
    if blob[:6] == b"\xfd7zXZ\0":
        return lzma.decompress(blob)
    if blob[:3] == b"BZh":
        return bz2.decompress(blob)
    return blob


def _suffix(blob):
    for magic, name in ((b"\x1f\x8b", "gzip"), (b"\x28\xb5\x2f\xfd", "zstd"), (b"\xfd7zXZ", "xz")):
        if blob.startswith(magic):
            return "+" + name
    return ""


class Image:
    """`diff_ids` and `digests` default to the true ones; given, they are what the image claims."""

    def __init__(self, layers, tags=("test:latest",), history=None, architecture="amd64", os="linux",
                 variant=None, diff_ids=None, digests=None, config=None):
        self.layers, self.tags = list(layers), list(tags)
        self.digests = digests or ["sha256:" + sha256(b) for b in self.layers]
        self.diff_ids = diff_ids or ["sha256:" + sha256(inflate(b)) for b in self.layers]
        if history is None:
            history = [f"RUN step {i}" for i in range(len(self.layers))]
        self.config = config if config is not None else {
            "architecture": architecture, "os": os, "created": "1970-01-01T00:00:00Z",
            "config": {"Env": ["PATH=/bin"], "Cmd": ["sh"]},
            "rootfs": {"type": "layers", "diff_ids": self.diff_ids},
            "history": [{"created_by": h} if h is not None else
                        {"created_by": "ENV x=y", "empty_layer": True} for h in history],
        }
        if variant:
            self.config["variant"] = variant

    def config_bytes(self):
        return dump(self.config)

    def claims(self):
        """The configuration where it is one; it may also be given as bytes."""
        return self.config if isinstance(self.config, dict) else {}

    def id(self):
        return sha256(self.config_bytes())

    def chain_ids(self):
        """Names of the legacy folders: any 64 hexadecimal digits, different for each layer."""
        out = []
        for i, diff_id in enumerate(self.diff_ids):
            out.append(sha256((out[-1] if out else "").encode() + diff_id.encode() + bytes([i & 255])))
        return out


def _unique(entries):
    seen, out = set(), []
    for e in entries:
        if e.name not in seen:
            seen.add(e.name)
            out.append(e)
    return out


def _repositories(images):
    out = {}
    for image in images:
        for tag in image.tags:
            name, _, version = tag.rpartition(":")
            out.setdefault(name, {})[version] = image.chain_ids()[-1] if image.layers else ""
    return out


def _legacy_folder(image, i, with_config):
    ids = image.chain_ids()
    about = {"id": ids[i], "created": "1970-01-01T00:00:00Z", "os": "linux",
             "container_config": {"Cmd": ["/bin/sh", "-c", f"step {i}"]}}
    if i:
        about["parent"] = ids[i - 1]
    if with_config or i == len(ids) - 1:
        about.update({"architecture": image.claims().get("architecture", "amd64"), "config": {}})
    return [folder(ids[i]), file(f"{ids[i]}/VERSION", b"1.0"), file(f"{ids[i]}/json", dump(about))]


def docker_members(images, form="docker", manifest_first=False, manifest=None):
    """The members of a docker-archive; `manifest` gets the list of manifest.json and may change it."""
    members, listed = [], []
    if form == "docker25":
        members = oci_members(images, platforms=True)
    for image in images:
        ids, config = image.chain_ids(), image.config_bytes()
        names = [f"{i}/layer.tar" for i in ids]
        config_name = sha256(config) + ".json"
        if form == "docker25":
            names = ["blobs/sha256/" + sha256(b) for b in image.layers]
            config_name = "blobs/sha256/" + sha256(config)
        elif form == "kaniko":
            names = [sha256(b) + ".tar.gz" for b in image.layers]
            config_name = "sha256:" + sha256(config)
            members += [file(n, b) for n, b in zip(names, image.layers)] + [file(config_name, config)]
        elif form == "bare":
            names = [f"layer{i}.tar" for i in range(len(image.layers))]
            config_name = "config.json"
            members += [file(n, b) for n, b in zip(names, image.layers)] + [file(config_name, config)]
        elif form == "skopeo":
            real = [sha256(b) + ".tar" for b in image.layers]
            for i, data in enumerate(image.layers):
                members += [file(real[i], data)] + _legacy_folder(image, i, False)
                members.append(symlink(names[i], "../" + real[i]))
            members.append(file(config_name, config))
            names = real
        else:
            for i, data in enumerate(image.layers):
                members += _legacy_folder(image, i, form == "legacy") + [file(names[i], data)]
            if form != "legacy":
                members.append(file(config_name, config))
        listed.append({"Config": config_name, "RepoTags": image.tags or None, "Layers": names})
    tail = [] if form in ("kaniko", "bare", "docker25") else [
        file("repositories", dump(_repositories(images)))]
    if form != "legacy":
        changed = manifest(listed) if manifest else None
        about = file("manifest.json", dump(changed if changed is not None else listed))
        members = [about] + members if manifest_first else members + [about]
    return _unique(members + tail)


def docker_archive(images, form="docker", manifest_first=False, manifest=None):
    return tar(docker_members(images, form, manifest_first, manifest))


OCI = "application/vnd.oci.image."
DOCKER = "application/vnd.docker."


def _types(docker_types):
    if docker_types:
        return {"index": DOCKER + "distribution.manifest.list.v2+json",
                "manifest": DOCKER + "distribution.manifest.v2+json",
                "config": DOCKER + "container.image.v1+json",
                "layer": DOCKER + "image.rootfs.diff.tar", "gzip": ".gzip"}
    return {"index": OCI + "index.v1+json", "manifest": OCI + "manifest.v1+json",
            "config": OCI + "config.v1+json", "layer": OCI + "layer.v1.tar", "gzip": "+gzip"}


def descriptor(media_type, data, **more):
    return {"mediaType": media_type, "digest": "sha256:" + sha256(data), "size": len(data), **more}


def oci_manifest(image, docker_types=False):
    types = _types(docker_types)
    layers = []
    for digest, data in zip(image.digests, image.layers):
        suffix = _suffix(data)
        suffix = types["gzip"] if suffix == "+gzip" else suffix
        layers.append({"mediaType": types["layer"] + suffix, "digest": digest, "size": len(data)})
    return {"schemaVersion": 2, "mediaType": types["manifest"],
            "config": descriptor(types["config"], image.config_bytes()), "layers": layers}


def _attestation(of):
    statement = b'{"_type":"https://in-toto.io/Statement/v0.1"}'
    config = dump({"architecture": "unknown", "os": "unknown", "config": {},
                    "rootfs": {"type": "layers", "diff_ids": ["sha256:" + sha256(statement)]}})
    manifest = dump({"schemaVersion": 2, "mediaType": OCI + "manifest.v1+json",
                      "config": descriptor(OCI + "config.v1+json", config),
                      "layers": [descriptor("application/vnd.in-toto+json", statement)]})
    about = descriptor(OCI + "manifest.v1+json", manifest,
                       annotations={"vnd.docker.reference.digest": of,
                                    "vnd.docker.reference.type": "attestation-manifest"},
                       platform={"architecture": "unknown", "os": "unknown"})
    return about, [statement, config, manifest]


def blob_name(digest):
    return "blobs/" + digest.replace(":", "/", 1)


def oci_members(images, nested=False, platforms=False, attestation=False, docker_types=False,
                index=None, manifest=None):
    types = _types(docker_types)
    blobs, descriptors = {}, []

    def keep(data):
        blobs[blob_name("sha256:" + sha256(data))] = data

    for image in images:
        for digest, data in zip(image.digests, image.layers):
            blobs[blob_name(digest)] = data
        keep(image.config_bytes())
        about = oci_manifest(image, docker_types)
        changed = manifest(about) if manifest else None
        body = dump(changed if changed is not None else about)
        keep(body)
        more = {}
        if platforms or nested:
            more["platform"] = {k: v for k, v in image.claims().items()
                                if k in ("architecture", "os", "variant")}
        if image.tags and not nested:
            more["annotations"] = {"org.opencontainers.image.ref.name": image.tags[0]}
        descriptors.append(descriptor(types["manifest"], body, **more))
        if attestation:
            about, extra = _attestation(descriptors[-1]["digest"])
            descriptors.append(about)
            for data in extra:
                keep(data)
    top = {"schemaVersion": 2, "mediaType": types["index"], "manifests": descriptors}
    if nested:
        body = dump(top)
        keep(body)
        tags = [t for image in images for t in image.tags]
        more = {"annotations": {"org.opencontainers.image.ref.name": tags[0]}} if tags else {}
        top = {"schemaVersion": 2, "mediaType": OCI + "index.v1+json",
               "manifests": [descriptor(types["index"], body, **more)]}
    changed = index(top) if index else None
    return ([file(name, data) for name, data in sorted(blobs.items())] +
            [file("index.json", dump(changed if changed is not None else top)),
             file("oci-layout", b'{"imageLayoutVersion":"1.0.0"}')])


def oci_archive(images, **options):
    return tar(oci_members(images, **options))


def write_members(path, members):
    """Regular files and symlinks of a member list into a folder."""
    for m in members:
        target = os.path.join(path, m.name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if m.kind == b"2":
            os.symlink(m.link, target)
        elif m.kind == b"0":
            with open(target, "wb") as f:
                f.write(m.data)


def oci_folder(path, images, **options):
    write_members(path, oci_members(images, **options))


def small_layer(text="hello\n", name="etc/motd"):
    return tar([folder("etc"), file(name, text)])
