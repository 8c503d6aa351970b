"""Writers of rpm databases for tests: header blobs, and the three forms that hold them."""
import sqlite3
import struct
import zlib

NAME, VERSION, RELEASE, EPOCH = 1000, 1001, 1002, 1003
SUMMARY, INSTALLTIME, SIZE, VENDOR, LICENSE, ARCH = 1004, 1008, 1009, 1011, 1014, 1022
OLDFILENAMES, FILEFLAGS, SOURCERPM = 1027, 1037, 1044
DIRINDEXES, BASENAMES, DIRNAMES, LONGSIZE, MODULARITYLABEL = 1116, 1117, 1118, 5009, 5096
NULL, CHAR, INT8, INT16, INT32, INT64, STRING, BIN, STRING_ARRAY, I18NSTRING = range(10)
IMMUTABLE = 63
WIDTH = {INT16: ">H", INT32: ">I", INT64: ">Q"}


def encode(kind, value):
    """Bytes and count of a tag's value."""
    if kind == STRING:
        return value.encode() + b"\0", 1
    if kind in (STRING_ARRAY, I18NSTRING):
        return b"".join(v.encode() + b"\0" for v in value), len(value)
    if kind in WIDTH:
        return b"".join(struct.pack(WIDTH[kind], v) for v in value), len(value)
    return bytes(value), len(value)


class Header:
    """An rpm header as a database keeps it; entries behind the region are "dribbles"."""

    def __init__(self, entries, added=(), region=True):
        self.entries, self.added, self.region = list(entries), list(added), region

    def blob(self):
        index, data = [], b""
        count = len(self.entries) + 1

        def add(tag, kind, value):
            nonlocal data
            raw, items = encode(kind, value)
            if kind in WIDTH:
                data += b"\0" * (-len(data) % struct.calcsize(WIDTH[kind]))
            index.append(struct.pack(">4I", tag, kind, len(data), items))
            data += raw

        for entry in self.entries:
            add(*entry)
        if self.region:
            index.insert(0, struct.pack(">4I", IMMUTABLE, BIN, len(data), 16))
            data += struct.pack(">IIiI", IMMUTABLE, BIN, -16 * count, 16)
        for entry in self.added:
            add(*entry)
        return struct.pack(">2I", len(index), len(data)) + b"".join(index) + data


def package(name, version="1.0", release="1", epoch=None, arch="x86_64", license="MIT",
            source=None, vendor="Example", module=None, files=(), pad=0):
    """A header like those of rpm; `pad` bytes of summary make it long."""
    entries = [(NAME, STRING, name), (VERSION, STRING, version), (RELEASE, STRING, release)]
    if epoch is not None:
        entries.append((EPOCH, INT32, [epoch]))
    entries += [(SUMMARY, I18NSTRING, ["s" * pad]), (SIZE, INT32, [1234]), (VENDOR, STRING, vendor),
                (LICENSE, STRING, license), (ARCH, STRING, arch),
                (SOURCERPM, STRING, source or f"{name}-{version}-{release}.src.rpm")]
    if files:
        dirs = sorted({f.rpartition("/")[0] + "/" for f in files})
        entries += [(FILEFLAGS, INT32, [0] * len(files)),
                    (DIRINDEXES, INT32, [dirs.index(f.rpartition("/")[0] + "/") for f in files]),
                    (BASENAMES, STRING_ARRAY, [f.rpartition("/")[2] for f in files]),
                    (DIRNAMES, STRING_ARRAY, dirs)]
    if module:
        entries.append((MODULARITYLABEL, STRING, module))
    return Header(entries, added=[(INSTALLTIME, INT32, [1700000000])])


def ndb(blobs, pages=1):
    """Packages.db."""
    slots, bodies = [], b""
    for number, blob in enumerate(blobs, 1):
        head = struct.pack("<4sIII", b"BlbS", number, 1700000000, len(blob)) + blob
        head += b"\0" * (-(len(head) + 12) % 16)
        head += struct.pack("<II4s", zlib.adler32(head), len(blob), b"BlbE")
        slots.append(struct.pack("<4sIII", b"Slot", number, (pages * 4096 + len(bodies)) // 16,
                                 len(head) // 16))
        bodies += head
    room = pages * 256 - 2
    assert len(slots) <= room
    slots += [struct.pack("<4sIII", b"Slot", 0, 0, 0)] * (room - len(slots))
    header = struct.pack("<4sIIII", b"RpmP", 0, 7, pages, len(blobs) + 1).ljust(32, b"\0")
    return header + b"".join(slots) + bodies


class Bdb:
    """A Berkeley DB hash; pages are lists of (type, next, entries, data bytes, body)."""
    FREE, OVERFLOW, HASH_UNSORTED, HASH = 0, 7, 2, 13

    def __init__(self, big=False, page_size=4096, buckets=2):
        self.order = ">" if big else "<"
        self.page_size, self.buckets = page_size, buckets
        self.pages = [None] + [self.page(self.HASH) for _ in range(buckets)]
        self.keys = 0
        self.last = list(range(1, buckets + 1))  # the last page of each bucket
        self.items = {n: [] for n in self.last}

    def page(self, kind, body=b"", follows=0, entries=0, data=0):
        return {"type": kind, "next": follows, "entries": entries, "data": data, "body": body}

    def pack(self, form, *values):
        return struct.pack(self.order + form, *values)

    def overflow(self, value):
        """The item that stands for a chain which holds the value."""
        room = self.page_size - 26
        parts = [value[i:i + room] for i in range(0, len(value), room)] or [b""]
        first = len(self.pages)
        for i, part in enumerate(parts):
            follows = first + i + 1 if i + 1 < len(parts) else 0
            self.pages.append(self.page(self.OVERFLOW, part, follows, 1, len(part)))
        return self.pack("B3xII", 3, first, len(value))

    def add_items(self, bucket, key, value):
        number = self.last[bucket]
        used = sum(len(k) + len(v) + 4 for k, v in self.items[number])
        if used + len(key) + len(value) + 4 > self.page_size - 26:
            self.pages[number]["next"] = len(self.pages)
            self.last[bucket] = number = len(self.pages)
            self.pages.append(self.page(self.HASH))
            self.items[number] = []
        self.items[number].append((key, value))
        self.keys += 1

    def add(self, number, value):
        item = self.overflow(value) if len(value) > self.page_size // 4 else b"\1" + value
        self.add_items(number % self.buckets, b"\1" + self.pack("I", number), item)

    def bytes(self):
        for number, items in self.items.items():
            body = bytearray(self.page_size - 26)
            at, offsets = self.page_size, []
            for pair in items:
                for item in pair:
                    at -= len(item)
                    body[at - 26:at - 26 + len(item)] = item
                    offsets.append(at)
            table = self.pack(f"{len(offsets)}H", *offsets)
            body[:len(table)] = table
            self.pages[number].update(body=bytes(body), entries=len(offsets), data=at)
        out = [self.meta()]
        for number, p in enumerate(self.pages[1:], 1):
            head = self.pack("8xIIIHHBB", number, 0, p["next"], p["entries"], p["data"], 0, p["type"])
            out.append((head + p["body"]).ljust(self.page_size, b"\0"))
        return b"".join(out)

    def meta(self):
        highest = self.buckets - 1
        spares = [1] * (highest.bit_length() + 1) + [0] * (31 - highest.bit_length())
        head = self.pack("8xIIII", 0, 0x061561, 9, self.page_size)
        head += struct.pack("4B", 0, 8, 0, 0) + self.pack("3I", 0, len(self.pages) - 1, 0)
        head += self.pack("3I20x", 0, 0, 0)
        mask = (1 << highest.bit_length()) - 1
        head += self.pack("6I", highest, mask, mask >> 1, 0, self.keys, 0)
        return (head + self.pack("32I", *spares)).ljust(self.page_size, b"\0")


def bdb(blobs, **options):
    """Packages."""
    db = Bdb(**options)
    db.add_items(0, b"\1" + db.pack("I", 0), b"\1" + db.pack("I", len(blobs)))
    for number, blob in enumerate(blobs, 1):
        db.add(number, blob)
    return db.bytes()


RPM_SCHEMA = """CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT,blob BLOB NOT NULL);
CREATE TABLE 'Name' (key 'TEXT' NOT NULL, hnum INTEGER NOT NULL, idx INTEGER NOT NULL,
    FOREIGN KEY (hnum) REFERENCES 'Packages'(hnum));
CREATE INDEX 'Name_key_idx' ON 'Name'(key ASC);"""


def sqlite(path, blobs, wal=False, page_size=4096, schema=RPM_SCHEMA):
    """rpmdb.sqlite at a path; the open connection, so that a log stays as it is."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(f"PRAGMA page_size = {page_size}")
    connection.execute(f"PRAGMA journal_mode = {'WAL' if wal else 'DELETE'}")
    connection.executescript(schema)
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    add_sqlite(connection, blobs)
    return connection


def add_sqlite(connection, blobs):
    if not blobs:
        return
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO Packages (blob) VALUES (?)", [(b,) for b in blobs])
    connection.execute("COMMIT")


def seeds(root):
    """Writes the seeds of the fuzz targets: python3 tests/lib/rpmdbs.py fuzz/corpus"""
    import os
    import tempfile

    def write(target, name, data):
        os.makedirs(os.path.join(root, target), exist_ok=True)
        with open(os.path.join(root, target, name), "wb") as f:
            f.write(data)

    header = package("a", epoch=1, module="m:1:2:c", files=["/usr/bin/a", "/etc/b"])
    old = Header([(NAME, STRING_ARRAY, ["old"]), (VERSION, I18NSTRING, ["1"]), (EPOCH, INT16, [3]),
                  (OLDFILENAMES, STRING_ARRAY, ["/a", "/b"]), (LONGSIZE, INT64, [1 << 40])], region=False)
    write("rpmheader", "package", header.blob())
    write("rpmheader", "without-region", old.blob())
    write("rpmheader", "twice", Header(header.entries + [(NAME, STRING, "b")]).blob())
    write("rpmheader", "replaced", Header(header.entries, [(NAME, STRING, "b")]).blob())
    write("rpmheader", "cut", header.blob()[:-9])
    few = [package(f"p{i}", files=["/a/b"]).blob() for i in range(3)]
    write("rpmdb_ndb", "three", ndb(few))
    write("rpmdb_ndb", "overlap", ndb(few).replace(ndb(few)[48:64], ndb(few)[32:48]))
    for big in (False, True):
        write("rpmdb_bdb", f"three-{'big' if big else 'little'}", bdb(few, big=big, page_size=512))
    db = Bdb(page_size=512)
    db.add(1, few[0])
    db.pages[-1]["next"] = len(db.pages) - 2
    db.pages[-1]["data"] = 1
    write("rpmdb_bdb", "loop", db.bytes())
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "db")

        def both(name, change=lambda main, log: (main, log)):
            with open(path, "rb") as f, open(path + "-wal", "rb") as g:
                main, log = change(f.read(), g.read())
            write("rpmdb_sqlite", name, struct.pack("<I", len(log)) + log + main)

        schema = RPM_SCHEMA.splitlines()[0]
        connection = sqlite(path, few[:2], wal=True, page_size=512, schema=schema)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        both("without-log")
        add_sqlite(connection, few[2:])
        both("log")
        both("log-salt", lambda main, log: (main, log[:40] + b"\1" + log[41:]))
        both("log-cut", lambda main, log: (main, log[:-100]))
        both("main-cut", lambda main, log: (main[:1000], b""))
        connection.close()
        os.unlink(path)
        connection = sqlite(path, [], wal=True, page_size=512,
                            schema="CREATE VIEW Packages AS SELECT 1 AS hnum, 2 AS blob")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        both("view")
        connection.close()


if __name__ == "__main__":
    import sys
    seeds(sys.argv[1])
