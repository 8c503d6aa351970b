"""archive/zip.h against Python's zipfile, and against zips that are cut, spliced or lie."""
import calendar
import hashlib
import io
import json
import os
import random
import shutil
import struct
import subprocess
import tempfile
import time
import unittest
import zipfile

DUMP = os.path.join(os.environ["PLIMSOLL_BUILD"], "tests", "tool-dump_zip")
LOCAL, CENTRAL, END = b"PK\3\4", b"PK\1\2", b"PK\5\6"


def archive(*entries, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as z:
        for name, body in entries:
            z.writestr(zipfile.ZipInfo(name), body, compress_type=method)
    return out.getvalue()


class Case(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="plimsoll-test-")
        self.addCleanup(shutil.rmtree, self.dir)

    def dump(self, data, *options):
        path = os.path.join(self.dir, "x.zip")
        if data is not None:
            with open(path, "wb") as f:
                f.write(data)
        out = subprocess.run([DUMP, *options, path], check=True, stdout=subprocess.PIPE).stdout
        rows = [json.loads(line) for line in out.decode("latin-1").splitlines()]
        return rows[:-1], rows[-1]

    def check(self, data, *bodies, prefix=0):
        entries, end = self.dump(data)
        self.assertEqual(end["end"], "none", end["message"])
        self.assertEqual((end["ambiguous"], end["count"], end["prefix"]), (0, len(bodies), prefix))
        for entry, body in zip(entries, bodies):
            digest = hashlib.sha256(body).hexdigest()
            self.assertEqual((entry["whole"], entry["streamed"], entry["size"]),
                             (digest, digest, len(body)))
        return entries


class Plain(Case):
    def test_stored_and_deflated_of_many_sizes(self):
        chance = random.Random(3)
        for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            bodies = [b"", b"x", b"ab" * 40000, chance.randbytes(70000), bytes(3000000)]
            entries = self.check(archive(*((f"n{i}", b) for i, b in enumerate(bodies)), method=method),
                                 *bodies)
            self.assertEqual([e["name"] for e in entries], [f"n{i}" for i in range(5)])

    def test_names_folders_links_and_modes(self):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as z:
            z.writestr("grün/", b"")
            link = zipfile.ZipInfo("link")
            link.create_system = 3
            link.external_attr = 0o120777 << 16
            z.writestr(link, b"target")
            run = zipfile.ZipInfo("bin/run")
            run.create_system = 3
            run.external_attr = 0o104755 << 16
            z.writestr(run, b"1")
        entries = self.check(out.getvalue(), b"", b"target", b"1")
        self.assertEqual((entries[0]["folder"], entries[0]["utf8"]), (1, 1))
        self.assertEqual(entries[0]["name"].encode("latin-1"), "grün/".encode())
        self.assertEqual((entries[1]["symlink"], entries[1]["mode"]), (1, 0o777))
        self.assertEqual((entries[2]["symlink"], entries[2]["mode"]), (0, 0o4755))

    def test_times_are_those_of_the_calendar(self):
        days = [(1980, 1, 1), (1980, 2, 29), (1980, 3, 1), (1999, 12, 31), (2000, 2, 29), (2024, 2, 29),
                (2026, 11, 25), (2099, 12, 31), (2100, 2, 28), (2100, 3, 1), (2101, 1, 1), (2107, 12, 31)]
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as z:
            for day in days:
                z.writestr(zipfile.ZipInfo("%d-%d-%d" % day, (*day, 13, 14, 16)), b"")
        got = [e["time"] for e in self.dump(out.getvalue())[0]]
        self.assertEqual(got, [calendar.timegm((*day, 13, 14, 16)) for day in days])

    def test_empty_archive_and_comments(self):
        self.check(archive())
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as z:
            z.writestr("a", b"1")
            z.comment = b"a comment with PK\5\6 in it" + b"x" * 60000
        self.check(out.getvalue(), b"1")

    def test_bytes_before_the_archive(self):
        data = archive(("a", b"hello" * 100), ("b", b"1"))
        script = b"#!/bin/sh\nexec java -jar $0\n"
        self.check(script + data, b"hello" * 100, b"1", prefix=len(script))

    def test_sizes_behind_the_body(self):
        class Pipe(io.BytesIO):
            def seekable(self):
                return False

            def seek(self, *_):
                raise io.UnsupportedOperation

            def tell(self):
                raise io.UnsupportedOperation
        out = Pipe()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
            z.writestr("a", b"streamed" * 50)
            z.writestr("b", b"")
        self.check(out.getvalue(), b"streamed" * 50, b"")

    def test_zip64(self):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
            with z.open("a", "w", force_zip64=True) as f:
                f.write(b"wide" * 1000)
        self.check(out.getvalue(), b"wide" * 1000)

    def test_many_entries_in_little_time(self):
        count = 70000
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as z:
            for i in range(count):
                z.writestr(zipfile.ZipInfo(f"PKG-{i}.json"), b"{}")
        data = out.getvalue()
        started = time.monotonic()
        entries, end = self.dump(data, "--list")
        self.assertEqual((end["end"], end["count"], len(entries)), ("none", count, count))
        self.assertEqual(entries[-1]["name"], f"PKG-{count - 1}.json")
        self.assertLess(time.monotonic() - started, 20)

    def test_random_archives_as_zipfile_reads_them(self):
        chance = random.Random(5)
        for _ in range(30):
            bodies = [(f"d{chance.randrange(5)}/{i}", chance.randbytes(chance.randrange(2000)) * 3)
                      for i in range(chance.randrange(12))]
            self.check(archive(*bodies, method=chance.choice([0, 8])), *(b for _, b in bodies))


class Hostile(Case):
    def test_methods_and_encryption_fail_for_their_entry_alone(self):
        data = bytearray(archive(("a", b"x" * 100), ("b", b"y" * 100)))
        first = data.index(CENTRAL)
        data[first + 10] = 99
        second = data.index(CENTRAL, first + 1)
        data[second + 8] |= 1
        data += b""
        entries, end = self.dump(bytes(data))
        self.assertEqual(end["end"], "none")
        self.assertEqual([e["error"] for e in entries], ["unsupported"] * 2)
        self.assertEqual([e["stream_error"] for e in entries], ["unsupported"] * 2)
        self.assertEqual(entries[1]["encrypted"], 1)

    def test_local_headers_that_disagree_are_ambiguous(self):
        plain = archive(("name", b"x" * 100))
        for offset, value in ((30, b"N"), (8, b"\0"), (14, b"\1"), (18, b"\1"), (22, b"\1"), (26, b"\5")):
            data = bytearray(plain)
            data[offset:offset + 1] = value
            with self.subTest(offset):
                entries, end = self.dump(bytes(data))
                # met twice: the body is read whole and as a stream
                self.assertEqual(end["ambiguous"], 2)
                if offset != 26:
                    self.assertEqual(entries[0]["whole"], hashlib.sha256(b"x" * 100).hexdigest())

    def test_bodies_that_are_not_what_the_directory_says(self):
        plain = archive(("name", b"x" * 100))
        central = plain.index(CENTRAL)
        for offset, value in ((16, 0xdeadbeef), (24, 99), (24, 101), (20, 3)):
            data = bytearray(plain)
            struct.pack_into("<I", data, central + offset, value)
            with self.subTest((offset, value)):
                entries, _ = self.dump(bytes(data))
                self.assertEqual(entries[0]["whole"] + entries[0]["streamed"], "")
                self.assertIn(entries[0]["error"], ("format", "truncated"))

    def test_sizes_beyond_all_measure(self):
        plain = archive(("name", b"x" * 100))
        central = plain.index(CENTRAL)
        for offset in (20, 24):
            data = bytearray(plain)
            struct.pack_into("<I", data, central + offset, 0xfffffff0)
            entries, _ = self.dump(bytes(data))
            self.assertEqual(entries[0]["error"], "limit")
            self.assertIn(entries[0]["stream_error"], ("format", "truncated"))

    def test_offset_outside_the_file(self):
        data = bytearray(archive(("name", b"x" * 100)))
        struct.pack_into("<I", data, data.index(CENTRAL) + 42, 0x7fffffff)
        entries, _ = self.dump(bytes(data))
        self.assertEqual((entries[0]["error"], entries[0]["stream_error"]), ("truncated",) * 2)

    def test_cut_anywhere_is_an_error(self):
        plain = archive(("a", b"x" * 50), ("b", b"y" * 50))
        for cut in range(0, len(plain), 3):
            _, end = self.dump(plain[:cut])
            self.assertIn(end["end"], ("format", "truncated"), cut)
            if cut >= 4:
                self.assertEqual(end["end"], "truncated", cut)

    def test_directory_cut_short_or_miscounted(self):
        plain = archive(("a", b"1"), ("b", b"2"))
        end_at = plain.index(END)
        for offset, value in ((8, b"\3\0\3\0"), (8, b"\1\0\1\0")):
            data = bytearray(plain)
            data[end_at + offset:end_at + offset + 4] = value
            _, end = self.dump(bytes(data))
            self.assertEqual(end["end"], "format")
        for size in (1, 60, 40000):
            data = bytearray(plain)
            struct.pack_into("<I", data, end_at + 12, size)
            _, end = self.dump(bytes(data))
            self.assertIn(end["end"], ("format", "truncated"))

    def test_parts_of_a_larger_archive(self):
        data = bytearray(archive(("a", b"1")))
        data[data.index(END) + 4] = 1
        self.assertEqual(self.dump(bytes(data))[1]["end"], "unsupported")

    def test_no_zip(self):
        for data in (b"", b"PK", b"x" * 100000, b"\x7fELF" + bytes(100)):
            self.assertEqual(self.dump(data)[1]["end"], "format")

    def test_names_over_the_limit(self):
        self.assertEqual(self.dump(archive(("n" * 5000, b"")))[1]["end"], "limit")


if __name__ == "__main__":
    unittest.main()
