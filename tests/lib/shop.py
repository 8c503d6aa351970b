"""A small image with known packages, and a database that knows what is wrong with them."""
import os

import feeds
import mkimage

OS_RELEASE = (b'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\n'
              b"VERSION_CODENAME=bookworm\n")


def stanza(name, version, source=None, status="install ok installed", arch="amd64"):
    """One paragraph of var/lib/dpkg/status."""
    text = f"Package: {name}\nStatus: {status}\nArchitecture: {arch}\nVersion: {version}\n"
    return text + (f"Source: {source}\n" if source else "") + "\n"


BASE = (stanza("libc6", "2.36-9+deb12u4", "glibc") + stanza("libc-bin", "2.36-9+deb12u4", "glibc") +
        stanza("libssl3", "3.0.11-1~deb12u2", "openssl") + stanza("tzdata", "2024a-0+deb12u1"))
ADDED = BASE + stanza("libexpat1", "2.5.0-1", "expat") + stanza("curl", "7.88.1-10+deb12u5")
STEPS = ["ADD rootfs.tar.xz /", "RUN apt-get install -y libexpat1 curl", "COPY app /srv"]


def layers(base=BASE, added=ADDED, release=OS_RELEASE):
    return [mkimage.tar([mkimage.file("etc/os-release", release), mkimage.file("var/lib/dpkg/status", base.encode())]),
            mkimage.tar([mkimage.file("var/lib/dpkg/status", added.encode())]),
            mkimage.tar([mkimage.file("srv/app", b"#!/bin/sh\n")])]


def image(path, tags=("shop:1.4",), steps=STEPS, **kind):
    """A docker-archive of the shop; returns its path."""
    with open(path, "wb") as f:
        f.write(mkimage.docker_archive([mkimage.Image(layers(**kind), tags=tags, history=steps)]))
    return path


def advisory(name, package, fixed, urgency, ecosystem="Debian:12"):
    """An OSV record of a source package."""
    events = [{"introduced": "0"}] + ([{"fixed": fixed}] if fixed else [])
    return {"schema_version": "1.6.0", "id": "DEBIAN-" + name, "modified": "2026-01-01T00:00:00Z", "upstream": [name],
            "affected": [{"package": {"ecosystem": ecosystem, "name": package},
                          "ranges": [{"type": "ECOSYSTEM", "events": events}],
                          "ecosystem_specific": {"urgency": urgency}}]}


# id, source package, fixed in (None: nowhere), urgency
KNOWN = [
    ("CVE-2024-5535", "openssl", "3.0.14-1~deb12u1", "critical"),
    ("CVE-2024-2961", "glibc", "2.36-9+deb12u7", "high"),
    ("CVE-2023-52425", "expat", None, "high"),
    ("CVE-2024-7264", "curl", "7.88.1-10+deb12u7", "medium"),
    ("CVE-2019-1010022", "glibc", None, "unimportant"),
    # the installed version has this one's fix already
    ("CVE-2023-38545", "curl", "7.88.1-10+deb12u4", "critical"),
]


def database(folder, known=KNOWN, more=()):
    """db build of these records in folder/db; returns that path."""
    path = feeds.osv_zip(os.path.join(folder, "osv.zip"), [advisory(*k) for k in known])
    out = os.path.join(folder, "db")
    r = feeds.build(out, f"osv={path}", *more)
    if r.code:
        raise AssertionError(r.errors)
    return out
