"""db build, status, verify: what is replaced, what stays, what is damaged."""
import hashlib
import json
import os
import resource
import signal
import subprocess
import time
import unittest

from feeds import build, digests, folder, lookup, osv, osv_zip, status
from plimsoll import PLIMSOLL, run


class HttpLibrary(unittest.TestCase):
    """Only a download loads it: it is most of what a start costs."""

    def test_without_it_only_downloads_fail(self):
        with folder() as name:
            for library in "libcurl.so.4", "libcurl-gnutls.so.4":
                open(os.path.join(name, library), "w").close()
            environment = {"LD_LIBRARY_PATH": name}
            self.assertEqual(run("--version", env=environment).code, 0)
            r = run("db", "update", "--db", os.path.join(name, "db"), "--cache", os.path.join(name, "cache"),
                    "--from", "http://127.0.0.1:9", env=environment)
            self.assertEqual(r.code, 1)
            self.assertIn("the HTTP library cannot be loaded: ", r.errors)
            self.assertIn("libcurl4", r.errors)


DEBIAN = [osv(f"DEBIAN-CVE-2024-{i:04}", "Debian:12", f"package-{i % 300}", f"1.{i}-1", upstream=[f"CVE-2024-{i:04}"])
          for i in range(3000)]


def changed(records, i, **affected):
    out = json.loads(json.dumps(records))
    out[i]["affected"][0].update(affected)
    return out


class Database(unittest.TestCase):
    def setUp(self):
        self.temporary = folder()
        self.dir = self.temporary.name
        self.db = os.path.join(self.dir, "db")

    def tearDown(self):
        self.temporary.cleanup()

    def path(self, name):
        return os.path.join(self.dir, name)

    def write(self, name, text):
        with open(self.path(name), "wb") as f:
            f.write(text if isinstance(text, bytes) else text.encode())
        return self.path(name)

    def zip(self, name, records):
        return "osv=" + osv_zip(self.path(name), records)

    def epss(self, name, score, day="2026-11-24"):
        return "epss=" + self.write(name, f"#model_version:v1,score_date:{day}T00:00:00+0000\ncve,epss,percentile\n" +
                                    "".join(f"CVE-2024-{i:04},{score},0.5\n" for i in range(3000)))

    def kev(self, name, ids, day):
        return "kev=" + self.write(name, json.dumps({"dateReleased": day + "T00:00:00Z", "vulnerabilities": [
            {"cveID": i, "dateAdded": "2024-01-01", "dueDate": "2024-02-01"} for i in ids]}))

    def build(self, db, *feeds):
        r = build(db, *feeds)
        self.assertEqual(r.code, 0, r.errors)
        return r

    def tree(self, db):
        out = {}
        for root, _, names in os.walk(db):
            for name in names:
                with open(os.path.join(root, name), "rb") as f:
                    out[os.path.relpath(os.path.join(root, name), db)] = hashlib.sha256(f.read()).hexdigest()
        return out


class SameBytes(Database):
    def test_two_builds_of_the_same_feeds_are_equal_whatever_the_order(self):
        mixed = [r for i in range(7) for r in DEBIAN[i::7]]
        a, b = self.zip("a.zip", DEBIAN), self.zip("b.zip", mixed)
        e, k = self.epss("e.csv", 0.1), self.kev("k.json", ["CVE-2024-0001"], "2026-11-01")
        self.build(self.path("1"), a, e, k)
        self.build(self.path("2"), k, e, b)
        self.assertEqual(self.tree(self.path("1")), self.tree(self.path("2")))

    def test_a_second_build_over_the_first_changes_nothing(self):
        a = self.zip("a.zip", DEBIAN)
        self.build(self.db, a)
        before = self.tree(self.db)
        self.build(self.db, a)
        self.assertEqual(self.tree(self.db), before)

    def test_a_changed_record_changes_one_partition(self):
        more = [osv(f"ALPINE-CVE-2024-{i:04}", "Alpine:v3.19", f"p{i}", "1-r0") for i in range(50)]
        e, k = self.epss("e.csv", 0.1), self.kev("k.json", ["CVE-2024-0001"], "2026-11-01")
        self.build(self.path("1"), self.zip("a.zip", DEBIAN + more), e, k)
        new = changed(DEBIAN, 1234, ranges=[{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "7.7-7"}]}])
        new[1234]["modified"] = "2026-11-24T00:00:00Z"
        self.build(self.path("2"), self.zip("b.zip", new + more), e, k)
        a, b = digests(self.path("1")), digests(self.path("2"))
        self.assertEqual([n for n in a if a[n] != b[n]], ["pkg/debian-12"])

    def test_a_day_of_epss_changes_only_its_partition_and_one_of_kev_only_its_own(self):
        a = self.zip("a.zip", DEBIAN)
        self.build(self.path("1"), a, self.epss("e1.csv", 0.1), self.kev("k1.json", ["CVE-2024-0001"], "2026-11-01"))
        self.build(self.path("2"), a, self.epss("e2.csv", 0.2, "2026-11-25"), self.kev("k1.json", ["CVE-2024-0001"], "2026-11-01"))
        self.build(self.path("3"), a, self.epss("e2.csv", 0.2, "2026-11-25"),
                   self.kev("k2.json", ["CVE-2024-0001", "CVE-2024-0002"], "2026-11-02"))
        one, two, three = (digests(self.path(n)) for n in "123")
        self.assertEqual([n for n in one if one[n] != two[n]], ["id/epss"])
        self.assertEqual([n for n in two if two[n] != three[n]], ["id/kev"])


class Replacement(Database):
    def test_old_partitions_are_removed_when_the_new_index_stands(self):
        self.build(self.db, self.zip("a.zip", DEBIAN))
        self.build(self.db, self.zip("b.zip", [osv("A-1", "Alpine:v3.19", "p", "1")]))
        self.assertEqual([p["name"] for p in status(self.db)["partitions"]], ["pkg/alpine-3.19"])
        self.assertEqual(len(os.listdir(os.path.join(self.db, "blobs/sha256"))), 1)

    def test_a_failed_build_leaves_the_old_database(self):
        self.build(self.db, self.zip("a.zip", DEBIAN))
        before = self.tree(self.db)
        whole = open(self.path("a.zip"), "rb").read()
        for name, content in ("cut.zip", whole[:-200]), ("half.zip", whole[:len(whole) // 2]), ("empty.zip", b""), ("no.zip", b"x" * 100):
            r = build(self.db, "osv=" + self.write(name, content))
            self.assertEqual(r.code, 1, name)
            self.assertIn(name, r.errors)
            self.assertEqual(self.tree(self.db), before)
        r = build(self.db, "osv=" + self.path("a.zip"), "kev=" + self.path("nothing"))
        self.assertEqual(r.code, 1)
        self.assertIn("no such file", r.errors)
        self.assertEqual(self.tree(self.db), before)

    def test_a_full_disk_leaves_the_old_database(self):
        feed = self.zip("a.zip", DEBIAN)
        self.build(self.db, self.zip("small.zip", DEBIAN[:10]))
        before = self.tree(self.db)
        for limit in 0, 1000, 4000:
            p = subprocess.run([PLIMSOLL, "db", "build", "--out", self.db, "--feed", feed], restore_signals=False,
                               preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=60)
            self.assertEqual(p.returncode, 1, p.stderr)
            self.assertIn(b"plimsoll: ", p.stderr)
            self.assertEqual(self.tree(self.db), before)
        self.build(self.db, feed)

    def test_a_killed_build_leaves_the_old_database(self):
        feed = self.zip("a.zip", DEBIAN * 4)
        self.build(self.db, self.zip("small.zip", DEBIAN[:10]))
        before = digests(self.db)
        for i in range(12):
            p = subprocess.Popen([PLIMSOLL, "db", "build", "--out", self.db, "--feed", feed], stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL, start_new_session=True)
            time.sleep(0.01 * i)
            try:
                os.killpg(p.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            p.wait()
            after = digests(self.db)
            if after != before:
                break  # it was done before it was killed
        self.assertEqual(run("db", "verify", "--db", self.db).code, 0)
        self.build(self.db, feed)
        self.assertEqual(run("db", "verify", "--db", self.db).code, 0)
        self.assertEqual([n for n in os.listdir(self.db) if n not in ("index", "blobs", "lock")], [])

    def test_a_folder_that_holds_something_else_is_refused(self):
        os.mkdir(self.db)
        keep = os.path.join(self.db, "oci-layout")
        open(keep, "w").close()
        r = build(self.db, self.zip("a.zip", DEBIAN[:1]))
        self.assertEqual(r.code, 3)
        self.assertIn("oci-layout", r.errors)
        self.assertTrue(os.path.exists(keep))

    def test_two_builds_at_once_do_not_meet(self):
        import fcntl
        self.build(self.db, self.zip("a.zip", DEBIAN[:1]))
        with open(os.path.join(self.db, "lock")) as f:
            fcntl.flock(f, fcntl.LOCK_EX)
            r = build(self.db, self.zip("a.zip", DEBIAN[:1]))
        self.assertEqual(r.code, 1)
        self.assertIn("another build", r.errors)


class Damage(Database):
    def setUp(self):
        super().setUp()
        self.build(self.db, self.zip("a.zip", DEBIAN))
        self.blob = os.path.join(self.db, "blobs/sha256", digests(self.db)["pkg/debian-12"][7:])
        with open(self.blob, "rb") as f:
            self.whole = f.read()

    def damage(self, content):
        os.unlink(self.blob)
        with open(self.blob, "wb") as f:
            f.write(content)
        return run("db", "verify", "--db", self.db)

    def test_a_whole_database_verifies(self):
        r = run("db", "verify", "--db", self.db)
        self.assertEqual((r.code, r.errors), (0, ""))
        self.assertRegex(r.text, r"ok +pkg/debian-12 +3,000 records")

    def test_cut_flipped_newer_and_missing_partitions_are_named(self):
        for content, word in ((self.whole[:-1], "cut short"), (self.whole[:1000], "cut short"), (b"", "bytes long"),
                              (self.whole[:20] + bytes([self.whole[20] ^ 1]) + self.whole[21:], "checksum"),
                              (self.whole[:8] + b"\2" + self.whole[9:], "newer"),
                              (self.whole + b"\0", "end mark")):
            r = self.damage(content)
            self.assertEqual(r.code, 1)
            self.assertIn("DAMAGED  pkg/debian-12", r.text)
            self.assertIn(word, r.text)
            self.assertIn("db update", r.errors)
        os.unlink(self.blob)
        r = run("db", "verify", "--db", self.db)
        self.assertEqual(r.code, 1)
        open(self.blob, "w").close()

    def test_another_whole_partition_in_its_place_is_found(self):
        other = self.path("other")
        self.build(other, self.zip("b.zip", DEBIAN[:100]))
        with open(os.path.join(other, "blobs/sha256", digests(other)["pkg/debian-12"][7:]), "rb") as f:
            r = self.damage(f.read())
        self.assertEqual(r.code, 1)
        self.assertIn("another file than the index names", r.text)
        with self.assertRaisesRegex(AssertionError, "another file"):
            lookup(self.db, "pkg/debian-12", "package-1")

    def test_each_flipped_bit_of_a_block_fails_the_look_up_that_reads_it(self):
        for at in range(16, 400, 37):
            self.damage(self.whole[:at] + bytes([self.whole[at] ^ 4]) + self.whole[at + 1:])
            with self.assertRaisesRegex(AssertionError, "checksum"):
                lookup(self.db, "pkg/debian-12", *[f"package-{i}" for i in range(300)])

    def test_a_damaged_index_is_refused(self):
        index = os.path.join(self.db, "index")
        with open(index, "rb") as f:
            text = f.read()
        for bad in text[:-1], text[:100], text.replace(b"3000", b"3001"), b"", text.replace(b"database 1", b"database 2"):
            with open(index, "wb") as f:
                f.write(bad)
            for command in "status", "verify":
                r = run("db", command, "--db", self.db)
                self.assertEqual(r.code, 1)
                self.assertIn("index", r.errors)


class Status(Database):
    def test_no_database_names_the_command_to_run(self):
        for command in "status", "verify":
            r = run("db", command, "--db", self.path("none"))
            self.assertEqual(r.code, 1)
            self.assertIn("hint: plimsoll db update", r.errors)

    def test_feeds_dates_and_age(self):
        self.build(self.db, self.zip("a.zip", DEBIAN), self.epss("e.csv", 0.1))
        r = run("db", "status", "--db", self.db, "--now", "2026-11-26")
        self.assertIn("database of 2026-11-24, age 2 days", r.text)
        self.assertRegex(r.text, r"epss +3,000 +0 +0 +2026-11-24 +2 days")
        self.assertRegex(r.text, r"osv +3,000 +0 +0 +2026-01-01 +329 days")
        s = status(self.db)
        self.assertEqual(s["feeds"][0]["name"], "epss")
        self.assertEqual({p["name"]: p["records"] for p in s["partitions"]}, {"id/epss": 3000, "pkg/debian-12": 3000})

    def test_wrong_words(self):
        for args in (["db", "build"], ["db", "build", "--feed", "osv"], ["db", "build", "--feed", "x=y"],
                     ["db", "build", "--feed", "osv="], ["db", "status", "--format", "xml"]):
            self.assertEqual(run(*args).code, 3, args)


if __name__ == "__main__":
    unittest.main()
