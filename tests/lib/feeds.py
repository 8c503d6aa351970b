"""Databases for tests: built from files of the test's own or of the shared data, and looked into."""
import json
import os
import subprocess
import tempfile
import zipfile

from plimsoll import BUILD, run, shared

LOOKUP = os.path.join(BUILD, "tests", "tool-lookup")


def build(out, *feeds, **options):
    """db build with feeds as "kind=path"; the result of the run."""
    return run("db", "build", "--out", out, *[f"--feed={f}" for f in feeds], **options)


def lookup(database, partition, *names):
    """What a partition says of names: a list of dicts in the order of the partition."""
    p = subprocess.run([LOOKUP, database, partition, *names], stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, timeout=60)
    if p.returncode:
        raise AssertionError(p.stderr.decode())
    # one call for all: of a hundred thousand lines each call costs more than its line
    return json.loads("[" + ",".join(p.stdout.decode().split("\n")[:-1]) + "]")


def tar_files(stream):
    """Name and content of each file of a plain ustar archive: a tenth of what tarfile takes for many small ones."""
    while (header := stream.read(512)) and header[0]:
        kind, size = header[156:157], int(header[124:136].rstrip(b" \0"), 8)
        if kind not in b"05\0":
            raise AssertionError(f"a header of type {kind}")
        name = header[:100].rstrip(b"\0")
        prefix = header[345:500].rstrip(b"\0") if header[257:263] == b"ustar\0" else b""
        content = stream.read(size + -size % 512)[:size]
        if kind != b"5":
            yield os.fsdecode(prefix + b"/" + name if prefix else name), content


def status(database):
    """The parsed `db status --format json`."""
    r = run("db", "status", "--db", database, "--format", "json", "--now", "2026-11-25")
    if r.code:
        raise AssertionError(r.errors)
    return json.loads(r.text)


def digests(database):
    """Partition names to digests."""
    return {p["name"]: p["digest"] for p in status(database)["partitions"]}


def osv_zip(path, records):
    """A zip of OSV records, as osv.dev has them."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
        for i, record in enumerate(records):
            z.writestr(zipfile.ZipInfo(f"{i}/{record['id']}.json", (2026, 1, 1, 0, 0, 0)), json.dumps(record))
    return path


def osv(record_id, ecosystem, package, fixed=None, **more):
    """One OSV record with one range."""
    events = [{"introduced": "0"}] + ([{"fixed": fixed}] if fixed else [])
    record = {"schema_version": "1.6.0", "id": record_id, "modified": "2026-01-01T00:00:00Z",
              "affected": [{"package": {"ecosystem": ecosystem, "name": package},
                            "ranges": [{"type": "ECOSYSTEM", "events": events}]}]}
    record.update(more)
    return record


def unpack(pack, into):
    """A pack of the shared data (.tar.zst) in a folder."""
    os.makedirs(into, exist_ok=True)
    with subprocess.Popen(["zstd", "-dc", "--long=27", shared(*pack.split("/"))],
                          stdout=subprocess.PIPE) as p:
        subprocess.run(["tar", "x", "-C", into], stdin=p.stdout, check=True)
    return into


def folder():
    return tempfile.TemporaryDirectory(prefix="plimsoll-db-")
