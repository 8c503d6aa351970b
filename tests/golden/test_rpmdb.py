"""rpm package databases: shared cases, made ones in every form, and damaged ones."""
import json
import os
import random
import shutil
import sqlite3
import struct
import subprocess
import tarfile
import tempfile
import unittest

import rpmdbs

TOOL = os.path.join(os.environ["PLIMSOLL_BUILD"], "tests", "tool-rpmdb")
SHARED = os.environ.get("PLIMSOLL_SHARED", "")
CASES = os.path.join(SHARED, "packages")


class Result:
    def __init__(self, text):
        self.backend, self.packages, self.diags, self.files = "", [], [], []
        for line in text.splitlines():
            kind, _, rest = line.partition("\t")
            if kind == "backend":
                self.backend = rest
            elif kind == "package":
                self.packages.append(dict(f.split("=", 1) for f in rest.split("\t") if "=" in f))
            elif kind == "diag":
                self.diags.append(rest.split("\t"))
            else:
                self.files.append(line)

    def names(self):
        return sorted(p["name"] for p in self.packages)

    def codes(self):
        return sorted({d[0] for d in self.diags})


def run(*arguments):
    done = subprocess.run([TOOL, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
    if done.returncode:
        raise AssertionError(f"{arguments}: {done.returncode} {done.stderr.decode()}")
    return done.stdout.decode()


class Files(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="plimsoll-rpmdb-")
        self.addCleanup(shutil.rmtree, self.folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, data, name="db"):
        with open(self.path(name), "wb") as f:
            f.write(data)
        return self.path(name)

    def read(self, data, wal=None):
        arguments = [self.write(data)]
        if wal is not None:
            arguments.append(self.write(wal, "wal"))
        return Result(run(*arguments))


@unittest.skipUnless(os.path.isdir(CASES), "no shared data")
class SharedCases(Files):
    def check(self, folder, database):
        with open(os.path.join(CASES, "rpm", folder, "expected.json"), encoding="utf-8") as f:
            expected = json.load(f)["packages"]
        result = Result(run(database))
        found = [{
            "name": p["name"],
            "epoch": None if p["epoch"] == "-" else int(p["epoch"]),
            "version": p["version"],
            "release": p["release"],
            "arch": p["arch"],
            "source": p["source"],
            "license": p["license"],
        } for p in result.packages]
        key = lambda p: json.dumps(p, sort_keys=True)
        self.assertEqual(sorted(found, key=key), sorted(expected, key=key))
        self.assertEqual(result.diags, [])
        return result.backend

    def test_the_manifest_gives_the_expected_packages(self):
        folder = os.path.join(CASES, "rpm", "container-manifest-2")
        with open(os.path.join(folder, "expected.json"), encoding="utf-8") as f:
            expected = json.load(f)["packages"]
        result = Result(run("--manifest", os.path.join(folder, "container-manifest-2")))
        found = [{"name": p["name"], "epoch": int(p["epoch"]), "version": p["version"],
                  "release": p["release"], "arch": p["arch"], "source": p["source"]}
                 for p in result.packages]
        self.assertEqual(sorted(found, key=str), sorted(expected, key=str))
        self.assertEqual((len(found), result.diags), (12, []))

    def test_all_cases_give_the_expected_packages(self):
        backends = {}
        with open(os.path.join(CASES, "MANIFEST.tsv"), encoding="utf-8") as f:
            cases = [line.split("\t")[0] for line in f if line.startswith("rpm/")]
        databases = [c for c in cases
                     if not c.endswith("expected.json") and "container-manifest" not in c]
        self.assertEqual(len(databases), 5)
        for case in databases:
            with self.subTest(case):
                database = os.path.join(CASES, case)
                if case.endswith(".tar.xz"):
                    with tarfile.open(database) as tar:
                        name = next(n for n in tar.getnames() if n.endswith("var/lib/rpm/Packages"))
                        database = self.write(tar.extractfile(name).read())
                folder = case.split("/")[1]
                backends[folder] = self.check(folder, database)
        for folder, backend in backends.items():
            self.assertTrue(folder.endswith(backend), (folder, backend))


def some_packages(count):
    """Small and large ones, with and without epoch and module."""
    rng = random.Random(7)
    return [rpmdbs.package(f"p{i:03}", version=f"{i}.1", epoch=i if i % 3 == 0 else None,
                           module="m:1:2:c" if i % 5 == 0 else None, pad=rng.choice([0, 700, 9000]),
                           files=["/usr/bin/tool", f"/etc/p{i}/a", "/usr/bin/b"])
            for i in range(count)]


def blobs_of(count):
    return [p.blob() for p in some_packages(count)]


class MadeDatabases(Files):
    def forms(self, blobs):
        """Every form of database that holds the blobs."""
        yield "ndb", rpmdbs.ndb(blobs)
        yield "ndb of three slot pages", rpmdbs.ndb(blobs, pages=3)
        for big in (False, True):
            for page_size, buckets in ((512, 5), (4096, 2), (65536, 1)):
                yield f"bdb {big} {page_size}", rpmdbs.bdb(blobs, big=big, page_size=page_size,
                                                           buckets=buckets)
        for page_size in (512, 4096, 65536):
            path = self.path("made.sqlite")
            rpmdbs.sqlite(path, blobs, page_size=page_size).close()
            with open(path, "rb") as f:
                data = f.read()
            os.unlink(path)
            yield f"sqlite {page_size}", data

    def test_every_form_gives_what_was_put_in(self):
        for name, data in self.forms(blobs_of(60)):
            with self.subTest(name):
                result = self.read(data)
                self.assertTrue(name.startswith(result.backend))
                self.assertEqual(result.diags, [])
                self.assertEqual(result.names(), [f"p{i:03}" for i in range(60)])
                p = next(p for p in result.packages if p["name"] == "p015")
                self.assertEqual((p["epoch"], p["version"], p["release"], p["arch"], p["source"]),
                                 ("15", "15.1", "1", "x86_64", "p015-15.1-1.src.rpm"))
                self.assertEqual((p["module"], p["installtime"], p["size"], p["vendor"]),
                                 ("m:1:2:c", "1700000000", "1234", "Example"))

    def test_empty_databases_are_empty(self):
        for name, data in self.forms([]):
            with self.subTest(name):
                result = self.read(data)
                self.assertEqual((result.packages, result.diags), ([], []))

    def test_every_cut_is_told(self):
        for name, data in self.forms(blobs_of(8)):
            with self.subTest(name):
                rows = run("--cut", "512", self.write(data)).splitlines()
                self.assertEqual(len(rows), -(-len(data) // 512))
                for row in rows:
                    _, length, packages, gaps = row.split()
                    self.assertGreater(int(gaps), 0, row)
                    self.assertLessEqual(int(packages), 8)
                # reading goes on: most packages are found when only the end is missing
                if "sqlite" not in name and "65536" not in name:
                    self.assertGreater(int(rows[-1].split()[2]), 5)

    def test_flipped_bits_are_survived(self):
        for name, data in self.forms(blobs_of(8)):
            with self.subTest(name):
                rows = run("--flip", "400", self.write(data)).splitlines()
                self.assertEqual(len(rows), 400)
                for row in rows:
                    _, _, packages, gaps = row.split()
                    # a lost package is never silent
                    self.assertTrue(int(packages) >= 8 or int(gaps) > 0, row)

    def test_one_damaged_record_does_not_hide_the_others(self):
        good = blobs_of(20)
        for bad in (b"", b"\0" * 7, good[3][:-1], good[3] + b"\0", b"\xff" * 64,
                    rpmdbs.Header([(rpmdbs.NAME, rpmdbs.STRING, "x")]).blob(),
                    rpmdbs.Header([(rpmdbs.VERSION, rpmdbs.STRING, "1")]).blob()):
            for name, data in self.forms(good[:10] + [bad] + good[10:]):
                with self.subTest(name, bad=bad[:16]):
                    result = self.read(data)
                    self.assertEqual(result.names(), [f"p{i:03}" for i in range(20)])
                    self.assertEqual(result.codes(), ["package_db_malformed"])
                    self.assertIn("record 11", result.diags[0][2])

    def test_bytes_of_another_kind_are_a_gap(self):
        for data in (b"", b"\0" * 100, b"RpmQ" + b"\0" * 100, b"\x7fELF" * 30):
            result = self.read(data)
            self.assertEqual(result.backend, "none")
            self.assertEqual(result.codes(), ["package_db_malformed"])


class BerkeleyDb(Files):
    def build(self, change=None, count=12, **options):
        db = rpmdbs.Bdb(**options)
        db.add_items(0, b"\1" + db.pack("I", 0), b"\1" + db.pack("I", count))
        for i, blob in enumerate(blobs_of(count), 1):
            db.add(i, blob)
        if change:
            change(db)
        return self.read(db.bytes())

    def check_damaged(self, result, words):
        self.assertEqual(result.codes(), ["package_db_malformed"])
        self.assertTrue(any(words in d[2] for d in result.diags), result.diags)

    def chain(self, db, length):
        """The pages of the first overflow chain of so many."""
        for number, page in enumerate(db.pages):
            if page and page["type"] == db.OVERFLOW:
                pages = [number]
                while db.pages[pages[-1]]["next"]:
                    pages.append(db.pages[pages[-1]]["next"])
                if len(pages) >= length:
                    return pages
        raise AssertionError("no chain")

    def test_a_chain_that_loops_ends(self):
        def change(db):
            pages = self.chain(db, 3)
            db.pages[pages[2]]["next"] = pages[0]
            db.pages[pages[2]]["data"] = 10
        self.check_damaged(self.build(change, page_size=512), "comes back")

    def test_a_chain_that_is_shared_is_read_once(self):
        def change(db):
            item = db.overflow(blobs_of(1)[0])
            for i in range(50):
                db.add_items(1, b"\1" + db.pack("I", 100 + i), item)
        result = self.build(change)
        self.check_damaged(result, "comes back")
        self.assertEqual(len(result.packages), 13)

    def test_a_chain_of_another_kind_or_length_is_told(self):
        def kind(db):
            db.pages[self.chain(db, 2)[1]]["type"] = db.HASH
        def more(db):
            db.pages[self.chain(db, 2)[0]]["data"] = 65535
        def outside(db):
            db.pages[self.chain(db, 2)[0]]["next"] = 70000
        def long(db):
            db.add_items(0, b"\1" + db.pack("I", 99), db.pack("B3xII", 3, 1, 0xffffffff))
        def odd(db):
            db.add_items(0, b"\1" + db.pack("I", 99), db.pack("B3xI", 3, 1))
        for change, words in ((kind, "another kind"), (more, "more than fits"),
                              (outside, "leaves the file"), (long, "over the limit"),
                              (odd, "odd length")):
            with self.subTest(words):
                self.check_damaged(self.build(change), words)

    def test_free_pages_are_passed_over(self):
        def change(db):
            db.pages.append(db.page(db.FREE))
            db.pages.append(db.page(db.FREE, b"\xff" * 100, 9999, 77, 77))
        result = self.build(change)
        self.assertEqual((len(result.packages), result.diags), (12, []))

    def test_items_of_other_kinds_are_told(self):
        for kind, words in ((2, "duplicates"), (4, "duplicates"), (9, "unknown type")):
            def change(db):
                db.add_items(0, b"\1" + db.pack("I", 99), bytes([kind]) + b"\0" * 11)
            self.check_damaged(self.build(change), words)

    def test_bucket_chains_that_loop_or_leave_are_told(self):
        def loop(db):
            db.pages[1]["next"] = 1
        def outside(db):
            db.pages[1]["next"] = 12345
        def other(db):
            db.pages[1]["next"] = self.chain(db, 1)[0]
        for change, words in ((loop, "comes back"), (outside, "leaves the file"), (other, "leads to")):
            result = self.build(change)
            self.check_damaged(result, words)
            self.assertEqual(len(result.packages), 12)

    def test_records_no_bucket_reaches_are_read_and_told(self):
        def change(db):
            item = db.overflow(blobs_of(1)[0])
            db.items[len(db.pages)] = [(b"\1" + db.pack("I", 77), item)]
            db.pages.append(db.page(db.HASH))
        result = self.build(change)
        self.check_damaged(result, "no bucket")
        self.assertEqual(len(result.packages), 13)

    def test_lost_records_are_told(self):
        def pages(db):
            db.overflow(b"x" * 10000)
        def keys(db):
            db.keys += 1
        self.check_damaged(self.build(pages), "belong to no record")
        self.check_damaged(self.build(keys), "13 of 14 records")

    def patched(self, offset, form, value):
        data = bytearray(rpmdbs.bdb(blobs_of(5)))
        struct.pack_into(form, data, offset, value)
        return self.read(bytes(data))

    def test_an_absurd_meta_page_is_told(self):
        for offset, form, value, words in (
                (20, "<I", 0, "page size"), (20, "<I", 4095, "page size"),
                (20, "<I", 1 << 30, "page size"), (16, "<I", 3, "version"), (24, "B", 1, "encryption"),
                (26, "B", 1, "checksums"), (32, "<I", 0xffffffff, "last page"),
                (72, "<I", 0xffffffff, "buckets"), (96, "<I", 0xffffffff, "leaves the file"),
                (12, "<I", 0x053162, "b-tree")):
            with self.subTest(words, value=value):
                self.check_damaged(self.patched(offset, form, value), words)

    def test_absurd_entries_of_a_page_are_told(self):
        for value in (0xffff, 3, 2000):
            self.check_damaged(self.patched(4096 + 20, "<H", value),
                               "outside it" if value == 2000 else "entries")
        for value in (0, 25, 0xffff, 4096):
            self.check_damaged(self.patched(4096 + 26, "<H", value), "outside it")
        self.check_damaged(self.patched(4096 + 8, "<I", 7), "says it is page 7")


class Ndb(Files):
    def patched(self, offset, form, value, count=5):
        data = bytearray(rpmdbs.ndb(blobs_of(count)))
        struct.pack_into(form, data, offset, value)
        return self.read(bytes(data))

    def test_damaged_slots_do_not_hide_the_others(self):
        for offset, form, value, words in (
                (48, "<I", 0, "magic number"), (52, "<I", 0, "names no package"),
                (52, "<I", 77, "does not begin"), (56, "<I", 3, "among the slots"),
                (56, "<I", 0xffffffff, "beyond the file"), (60, "<I", 0xffffffff, "beyond the file"),
                (60, "<I", 1, "too small"), (60, "<I", 7, "does not begin")):
            with self.subTest(words, value=value):
                result = self.patched(offset, form, value)
                self.assertEqual(result.codes(), ["package_db_malformed"])
                self.assertTrue(any(words in d[2] for d in result.diags), result.diags)
                self.assertEqual(len(result.packages), 4)

    def test_overlapping_blobs_are_read_once(self):
        data = bytearray(rpmdbs.ndb(blobs_of(5)))
        for slot in range(1, 200):
            data[32 + 16 * slot:48 + 16 * slot] = data[32:48]
        result = self.read(bytes(data))
        self.assertEqual(len(result.packages), 1)
        self.assertEqual(len(result.diags), 199)

    def test_a_wrong_checksum_is_told_and_the_package_kept(self):
        data = bytearray(rpmdbs.ndb(blobs_of(5)))
        at = data.index(b"Example")
        data[at:at + 7] = b"exAMPLE"
        result = self.read(bytes(data))
        self.assertEqual(len(result.packages), 5)
        self.assertIn("checksum", result.diags[0][2])

    def test_an_absurd_header_is_told(self):
        for offset, value, words in ((4, 1, "version"), (12, 0, "pages of slots"),
                                     (12, 0xffffffff, "pages of slots")):
            result = self.patched(offset, "<I", value)
            self.assertEqual(result.codes(), ["package_db_malformed"])
            self.assertIn(words, result.diags[0][2])
            self.assertEqual(len(result.packages), 0 if offset == 4 else 5)


class Sqlite(Files):
    def made(self, blobs=(), schema=rpmdbs.RPM_SCHEMA, extra=()):
        path = self.path("made.sqlite")
        connection = rpmdbs.sqlite(path, blobs, schema=schema)
        for statement in extra:
            connection.execute(statement)
        connection.close()
        with open(path, "rb") as f:
            data = f.read()
        os.unlink(path)
        return data

    def refuse(self, data, words):
        result = self.read(data)
        self.assertEqual(result.packages, [])
        self.assertEqual(result.codes(), ["package_db_malformed"])
        self.assertIn(words, result.diags[0][2])

    def test_packages_must_be_a_plain_table(self):
        blob = blobs_of(1)[0].hex()
        for schema in (
                f"CREATE VIEW Packages AS SELECT 1 AS hnum, x'{blob}' AS blob",
                "CREATE TABLE t (hnum INTEGER PRIMARY KEY, blob BLOB); CREATE VIEW packages AS SELECT * FROM t",
                "CREATE VIRTUAL TABLE Packages USING fts4(hnum, blob)"):
            self.refuse(self.made(schema=schema), "not a plain table")
        for schema in (
                "CREATE TABLE Packages (hnum INTEGER, blob BLOB)",
                "CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, data BLOB)",
                "CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, oid INTEGER, blob BLOB)",
                "CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, a, blob BLOB AS (a))"):
            self.refuse(self.made(schema=schema), "columns")
        self.refuse(self.made(schema="CREATE TABLE Name (a)"), "no table Packages")
        self.refuse(self.made(schema="CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, blob BLOB)"
                              " WITHOUT ROWID"), "_rowid_")

    def test_an_index_cannot_hide_rows(self):
        data = self.made(blobs_of(9), extra=["CREATE INDEX cover ON Packages (hnum, blob)",
                                             "CREATE INDEX part ON Packages (hnum) WHERE hnum > 5",
                                             "CREATE TRIGGER t AFTER INSERT ON Packages BEGIN"
                                             " DELETE FROM Packages; END"])
        result = self.read(data)
        self.assertEqual((len(result.packages), result.diags), (9, []))

    def test_a_schema_that_calls_functions_is_harmless(self):
        data = self.made(blobs_of(3), extra=["CREATE VIEW v AS SELECT load_extension('x')",
                                             "CREATE INDEX i ON Name (abs(hnum))"])
        result = self.read(data)
        self.assertEqual((len(result.packages), result.diags), (3, []))

    def test_values_that_are_no_blobs_are_told(self):
        data = self.made(blobs_of(3), extra=["INSERT INTO Packages (blob) VALUES (77)",
                                             "INSERT INTO Packages (blob) VALUES ('text')",
                                             "INSERT INTO Packages (blob) VALUES (zeroblob(40000000))"])
        result = self.read(data)
        self.assertEqual(len(result.packages), 3)
        self.assertEqual([d[2].split(":")[0] for d in result.diags].count("sqlite"), 2)
        self.assertEqual(len(result.diags), 3)

    def leaf_pages(self, data, page_size=4096):
        return [n for n in range(1, len(data) // page_size) if data[n * page_size] == 13]

    def test_a_damaged_leaf_hides_only_its_rows(self):
        blobs = [rpmdbs.package(f"p{i:03}", pad=500).blob() for i in range(60)]
        data = bytearray(self.made(blobs))
        leaves = [n for n in self.leaf_pages(data) if struct.unpack_from(">H", data, n * 4096 + 3)[0] > 2]
        page = leaves[len(leaves) // 2]
        rows = struct.unpack_from(">H", data, page * 4096 + 3)[0]
        data[page * 4096] = 99
        result = self.read(bytes(data))
        self.assertEqual(len(result.packages), 60 - rows)
        self.assertEqual(result.codes(), ["package_db_malformed"])

    def test_pages_that_loop_end(self):
        blobs = [rpmdbs.package(f"p{i:03}", pad=500).blob() for i in range(60)]
        data = bytearray(self.made(blobs))
        inner = [n for n in range(1, len(data) // 4096) if data[n * 4096] == 5]
        self.assertEqual(len(inner), 1)
        at = inner[0] * 4096
        cells = struct.unpack_from(">H", data, at + 3)[0]
        first = struct.unpack_from(">H", data, at + 12)[0]
        child = data[at + first:at + first + 4]
        for i in range(cells):
            cell = struct.unpack_from(">H", data, at + 12 + 2 * i)[0]
            data[at + cell:at + cell + 4] = child
        result = self.read(bytes(data))
        self.assertEqual(result.codes(), ["package_db_malformed"])
        self.assertLess(len(result.packages), 60)


class Log(Files):
    """Write-ahead logs; what Python's SQLite reads from the same two files is the judge."""

    def made(self, first, later, page_size=4096, big_end=None):
        """Main file and log: `first` copied back, `later` in the log alone."""
        path = self.path("made.sqlite")
        connection = rpmdbs.sqlite(path, first, wal=True, page_size=page_size)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        for blobs in later:
            rpmdbs.add_sqlite(connection, blobs)
        with open(path, "rb") as f, open(path + "-wal", "rb") as g:
            data = f.read(), g.read()
        connection.close()
        os.unlink(path)
        return data

    def by_python(self, main, wal):
        path = self.write(main, "judge.sqlite")
        for name in ("-wal", "-shm"):
            if os.path.exists(path + name):
                os.unlink(path + name)
        self.write(wal, "judge.sqlite-wal")
        connection = sqlite3.connect(path)
        count = connection.execute("SELECT count(*) FROM Packages").fetchone()[0]
        connection.close()
        return count

    def check(self, main, wal, codes):
        result = self.read(main, wal)
        self.assertEqual(result.codes(), codes)
        self.assertEqual(len(result.packages), self.by_python(main, wal))
        return len(result.packages)

    def test_a_log_that_was_not_copied_back_is_read(self):
        blobs = blobs_of(30)
        for page_size in (512, 4096, 65536):
            main, wal = self.made(blobs[:10], [blobs[10:20], blobs[20:]], page_size)
            self.assertEqual(self.check(main, wal, []), 30)
            self.assertEqual(len(self.read(main).packages), 10)

    def test_a_missing_or_empty_log_is_none(self):
        blobs = blobs_of(10)
        main, _ = self.made(blobs, [])
        self.assertEqual((self.read(main).diags, len(self.read(main).packages)), ([], 10))
        self.assertEqual(self.check(main, b"", []), 10)
        self.assertEqual(self.check(main, b"\0" * 5000, []), 10)

    def test_a_wrong_salt_is_told(self):
        blobs = blobs_of(20)
        main, wal = self.made(blobs[:10], [blobs[10:]])
        for at in (16, 20, 32 + 8, 32 + 12):  # of the header, of the first frame
            broken = bytearray(wal)
            broken[at] ^= 0x40
            self.assertEqual(self.check(main, bytes(broken), ["wal_ignored"]), 10)

    def test_a_wrong_checksum_is_told(self):
        blobs = blobs_of(20)
        main, wal = self.made(blobs[:10], [blobs[10:15], blobs[15:]])
        for at in (24, 32 + 16, 32 + 24 + 100, len(wal) - 1, len(wal) - 4096 - 20):
            broken = bytearray(wal)
            broken[at] ^= 1
            self.check(main, bytes(broken), ["wal_ignored"])

    def test_a_log_cut_short_is_told(self):
        blobs = blobs_of(20)
        main, wal = self.made(blobs[:10], [blobs[10:15], blobs[15:]])
        for length in (1, 31, 40, 32 + 24 + 4096, len(wal) - 1, len(wal) - 4096 - 24):
            self.check(main, wal[:length], ["wal_ignored"])
        self.check(main, wal[:32], [])

    def test_an_uncommitted_transaction_is_told(self):
        path = self.path("made.sqlite")
        connection = rpmdbs.sqlite(path, blobs_of(10), wal=True)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        rpmdbs.add_sqlite(connection, blobs_of(3))
        connection.execute("PRAGMA cache_size = 5")  # so that it spills into the log
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO Packages (blob) VALUES (?)", [(b,) for b in blobs_of(40)])
        with open(path, "rb") as f, open(path + "-wal", "rb") as g:
            main, wal = f.read(), g.read()
        connection.close()
        os.unlink(path)
        self.assertEqual(self.check(main, wal, ["wal_ignored"]), 13)

    def test_frames_of_an_earlier_use_are_a_note(self):
        path = self.path("made.sqlite")
        connection = rpmdbs.sqlite(path, blobs_of(20), wal=True)
        connection.execute("PRAGMA wal_checkpoint(RESTART)")
        rpmdbs.add_sqlite(connection, blobs_of(1))
        with open(path, "rb") as f, open(path + "-wal", "rb") as g:
            main, wal = f.read(), g.read()
        connection.close()
        os.unlink(path)
        self.assertEqual(self.check(main, wal, ["wal_leftover"]), 21)

    def test_a_log_of_another_layer_is_read_as_sqlite_does(self):
        blobs = blobs_of(30)
        main, _ = self.made(blobs[:10], [])
        _, wal = self.made(blobs[10:30], [blobs[:5]])
        result = self.read(main, wal)
        try:
            self.assertEqual(len(result.packages), self.by_python(main, wal))
        except sqlite3.DatabaseError:  # it stops at the first damaged page
            self.assertIn("package_db_malformed", result.codes())

    def test_a_log_with_another_page_size_is_told(self):
        blobs = blobs_of(10)
        main, _ = self.made(blobs, [])
        _, wal = self.made(blobs, [blobs], page_size=1024)
        self.assertIn("wal_ignored", self.read(main, wal).codes())
