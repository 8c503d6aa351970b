"""db update against a server of the test's own that has small feeds, and every fault that servers have."""
import gzip
import http.server
import json
import os
import pty
import shutil
import ssl
import subprocess
import threading
import time
import unittest

from feeds import digests, folder, lookup, osv, status
from plimsoll import PLIMSOLL, run, shared

ECOSYSTEMS = {"AlmaLinux": "AlmaLinux:9", "Red Hat": "Red Hat:enterprise_linux:9", "Rocky Linux": "Rocky Linux:9",
              "SUSE": "SUSE:Linux Enterprise Server 15 SP5", "Ubuntu": "Ubuntu:22.04:LTS", "openSUSE": "openSUSE:Leap 15.6"}
OSV = "/osv-vulnerabilities.storage.googleapis.com/%s/all.zip"
TRACKER = "/security-tracker.debian.org/tracker/data/json"
KEV = "/www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json"
EPSS = "/epss.empiricalsecurity.com/epss_scores-current.csv.gz"


def zip_of(records):
    import io
    import zipfile
    b = io.BytesIO()
    with zipfile.ZipFile(b, "w", zipfile.ZIP_DEFLATED) as z:
        for r in records:
            z.writestr(zipfile.ZipInfo(r["id"] + ".json", (2026, 1, 1, 0, 0, 0)), json.dumps(r))
    return b.getvalue()


def site():
    files = {
        TRACKER: json.dumps({f"p{i}": {f"CVE-2024-{i:04}": {"releases": {"bookworm": {
            "status": "resolved", "fixed_version": f"1.{i}", "urgency": "low"}}}} for i in range(4000)}).encode(),
        KEV: json.dumps({"dateReleased": "2026-11-20T00:00:00Z", "vulnerabilities": [
            {"cveID": "CVE-2024-0001", "dateAdded": "2024-01-01", "dueDate": "2024-02-01"}]}).encode(),
        EPSS: gzip.compress(b"#model_version:v1,score_date:2026-11-24T00:00:00+0000\ncve,epss,percentile\nCVE-2024-0001,0.5,0.9\n"),
        "/debian.pages.debian.net/distro-info-data/debian.csv":
            b"version,codename,series,created,release,eol,eol-lts\n12,Bookworm,bookworm,2021-08-14,2023-06-10,2026-07-11,2028-06-30\n",
    }
    for release in "v3.14", "v3.15", "v3.16", "v3.17", "v3.18", "v3.19", "v3.20":
        for repository in "main", "community":
            files[f"/secdb.alpinelinux.org/{release}/{repository}.json"] = json.dumps({
                "distroversion": release, "reponame": repository,
                "packages": [{"pkg": {"name": "xz-" + repository, "secfixes": {"5-r0": ["CVE-2022-1271"]}}}]}).encode()
    for name, ecosystem in ECOSYSTEMS.items():
        files[OSV % name.replace(" ", "%20")] = zip_of([osv(f"{name[0]}-1", ecosystem, "p", "1")])
    return files


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_GET(self):
        server = self.server
        server.requests.append((self.path, dict(self.headers)))
        fault = server.faults.get(self.path)
        if callable(fault):
            fault = fault(self)
        body = server.files.get(self.path)
        if fault == "hang":
            time.sleep(30)
            return
        if isinstance(fault, int):
            return self.answer(fault, b"error page")
        if body is None:
            return self.answer(404, b"not here")
        tag = '"%x"' % (hash(body) & 0xffffffff)
        if self.headers.get("If-None-Match") == tag:
            return self.answer(304, b"", tag)
        start, code = 0, 200
        wanted = self.headers.get("Range")
        if wanted and self.headers.get("If-Range", tag) == tag and not server.no_ranges:
            start, code = int(wanted.split("=")[1].split("-")[0]), 206
            if start >= len(body):
                return self.answer(416, b"", tag)
        part = body[start:]
        if fault == "cut":
            return self.answer(code, part, tag, send=part[:len(part) // 2], start=start, total=len(body))
        if fault == "short length":
            return self.answer(code, part[:len(part) // 2], tag, start=start, total=len(body))
        self.answer(code, part, tag, start=start, total=len(body))

    def answer(self, code, body, tag=None, send=None, start=0, total=0):
        self.send_response(code)
        if code != 304:
            self.send_header("Content-Length", str(len(body)))
        if code == 206:
            self.send_header("Content-Range", f"bytes {start}-{total - 1}/{total}")
        if tag and self.server.tags:
            self.send_header("ETag", tag)
        self.send_header("Last-Modified", "Tue, 24 Nov 2026 03:04:05 GMT")
        self.end_headers()
        self.wfile.write(body if send is None else send)
        if send is not None:
            self.wfile.flush()
            self.close_connection = True


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        pass  # a client that is gone


class Update(unittest.TestCase):
    def setUp(self):
        self.temporary = folder()
        self.dir = self.temporary.name
        self.db, self.cache = os.path.join(self.dir, "db"), os.path.join(self.dir, "cache")
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.files, self.server.faults, self.server.requests = site(), {}, []
        self.server.tags, self.server.no_ranges = True, False
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def tearDown(self):
        self.server.shutdown()
        self.server.server_close()
        self.temporary.cleanup()

    def update(self, *args, url=None):
        self.server.requests.clear()
        return run("db", "update", "--db", self.db, "--cache", self.cache, "--from", url or self.url, *args,
                   env={"no_proxy": "127.0.0.1", "http_proxy": "", "https_proxy": ""}, timeout=120)

    def ok(self, *args):
        r = self.update(*args)
        self.assertEqual(r.code, 0, r.errors)
        return r.text

    def asked(self, path):
        return [h for p, h in self.server.requests if p == path]

    def once(self, path, fault):
        """The fault at the first request only."""
        seen = []

        def answer(handler):
            seen.append(1)
            return fault if len(seen) == 1 else None
        self.server.faults[path] = answer

    def test_all_feeds_are_fetched_and_built(self):
        text = self.ok()
        self.assertIn("fetched    debian-tracker.json", text)
        names = {p["name"] for p in status(self.db)["partitions"]}
        self.assertLessEqual({"pkg/debian-12", "pkg/alpine-3.19", "pkg/almalinux-9", "pkg/redhat-9", "pkg/rocky-9",
                              "pkg/suse-15.5", "pkg/ubuntu-22.04", "pkg/opensuse-leap-15.6", "id/epss", "id/kev", "id/eol"}, names)
        dates = {i["name"]: i["date"] for i in status(self.db)["feeds"]}
        self.assertEqual(dates["debian-tracker"], "2026-11-24")  # it has none: Last-Modified

    def test_what_did_not_change_is_neither_fetched_nor_built(self):
        self.ok()
        before = digests(self.db)
        text = self.ok()
        self.assertNotIn("fetched", text)
        self.assertIn("up to date", text)
        self.assertTrue(all("If-None-Match" in h for p, h in self.server.requests if p in self.server.files))
        self.server.files[KEV] = self.server.files[KEV].replace(b"CVE-2024-0001", b"CVE-2024-0002")
        text = self.ok()
        self.assertEqual(text.count("fetched"), 1)
        after = digests(self.db)
        self.assertEqual([n for n in after if after[n] != before[n]], ["id/kev"])

    def test_a_server_without_tags_is_asked_by_date(self):
        self.server.tags = False
        self.ok()
        self.ok()
        self.assertIn("If-Modified-Since", self.asked(KEV)[0])

    def test_a_database_that_is_gone_is_built_again(self):
        self.ok()
        os.unlink(os.path.join(self.db, "index"))
        self.assertNotIn("up to date", self.ok())
        status(self.db)

    def test_a_download_that_was_cut_is_gone_on_with(self):
        self.once(TRACKER, "cut")
        self.ok()
        ranges = [h.get("Range") for h in self.asked(TRACKER)]
        self.assertEqual(ranges[0], None)
        self.assertRegex(ranges[1], r"bytes=\d{4,}-")
        self.assertEqual(len(lookup(self.db, "pkg/debian-12", "p3999")), 1)

    def test_a_file_that_changed_since_it_was_cut_is_fetched_anew(self):
        body = self.server.files[TRACKER]

        def answer(handler):
            if len(self.asked(TRACKER)) == 1:
                return "cut"
            self.server.files[TRACKER] = body.replace(b"1.3999", b"2.3999")
            return None
        self.server.faults[TRACKER] = answer
        self.ok()
        self.assertEqual(lookup(self.db, "pkg/debian-12", "p3999")[0]["spans"][0][1], "2.3999")

    def test_a_server_that_knows_no_ranges(self):
        self.server.no_ranges = True
        self.once(TRACKER, "cut")
        self.ok()
        self.assertEqual(len(lookup(self.db, "pkg/debian-12", "p3999")), 1)

    def test_a_server_that_always_cuts_is_an_error_and_the_next_update_goes_on(self):
        self.ok()
        before = digests(self.db)
        self.server.files[TRACKER] = self.server.files[TRACKER].replace(b"1.3999", b"2.3999")
        self.server.faults[TRACKER] = "cut"
        r = self.update()
        self.assertEqual(r.code, 1)
        self.assertIn(TRACKER[1:], r.errors)
        self.assertIn("hint: the database is as it was", r.errors)
        self.assertEqual(digests(self.db), before)
        self.assertEqual(len(self.asked(TRACKER)), 3)
        self.server.faults.clear()
        self.ok()
        self.assertRegex(self.asked(TRACKER)[0]["Range"], r"bytes=\d{4,}-")
        self.assertEqual(lookup(self.db, "pkg/debian-12", "p3999")[0]["spans"][0][1], "2.3999")

    def test_404_and_500(self):
        self.ok()
        before = digests(self.db)
        for code, attempts in (404, 1), (500, 3), (503, 3), (403, 3):
            self.server.faults = {KEV: code}
            r = self.update()
            self.assertEqual((r.code, len(self.asked(KEV))), (1, attempts), code)
            self.assertIn(f"HTTP {code}", r.errors)
            self.assertIn("known_exploited_vulnerabilities.json", r.errors)
            self.assertEqual(digests(self.db), before)
        self.server.faults = {}
        self.once(KEV, 500)
        self.ok()

    def test_a_release_that_is_not_there_yet_is_no_error(self):
        self.ok()
        self.assertEqual(len(self.asked("/secdb.alpinelinux.org/v3.24/main.json")), 1)

    def test_a_zip_that_is_cut_short_with_a_right_length_leaves_the_old_database(self):
        self.ok()
        before = digests(self.db)
        path = OSV % "Ubuntu"
        whole = self.server.files[path]
        self.server.files[path] = whole[:-40]
        r = self.update()
        self.assertEqual(r.code, 1)
        self.assertIn("osv-Ubuntu.zip", r.errors)
        self.assertIn("cut short", r.errors)
        self.assertEqual(digests(self.db), before)
        # and the broken file is not taken for what is there
        self.server.files[path] = whole
        self.ok()
        self.assertEqual(digests(self.db), before)

    def test_a_wrong_length_leaves_the_old_database(self):
        self.ok()
        before = digests(self.db)
        self.server.files[OSV % "SUSE"] = zip_of([osv("S-2", ECOSYSTEMS["SUSE"], "p", "2")])
        self.server.faults[OSV % "SUSE"] = "short length"
        r = self.update()
        self.assertEqual(r.code, 1)
        self.assertEqual(digests(self.db), before)
        self.server.faults.clear()
        self.ok()
        self.assertEqual(lookup(self.db, "pkg/suse-15.5", "p")[0]["spans"][0][1], "2")

    def test_a_page_instead_of_a_feed_leaves_the_old_database(self):
        self.ok()
        before = digests(self.db)
        for path in TRACKER, KEV, EPSS, OSV % "AlmaLinux":
            kept = self.server.files[path]
            for body in b"<html>log in</html>", b"{}", b"[]", b"\0" * 2000:
                self.server.files[path] = body
                r = self.update()
                self.assertEqual(r.code, 1, (path, body))
                self.assertEqual(digests(self.db), before)
            self.server.files[path] = kept
        self.ok()

    def test_no_network(self):
        r = self.update(url="http://127.0.0.1:9")
        self.assertEqual(r.code, 1)
        self.assertIn("127.0.0.1:9", r.errors)
        self.assertIn("hint: the database is as it was", r.errors)
        self.assertEqual(self.update("--offline").code, 1)

    def test_offline_builds_from_what_was_fetched(self):
        self.ok()
        os.unlink(os.path.join(self.db, "index"))
        self.ok("--offline")
        self.assertEqual(self.server.requests, [])
        status(self.db)

    def test_only_one_feed_is_fetched_and_the_others_stay(self):
        self.ok()
        self.server.files[EPSS] = gzip.compress(b"#model_version:v1,score_date:2026-11-25T00:00:00+0000\ncve,epss,percentile\nCVE-2024-0001,0.6,0.9\n")
        before = digests(self.db)
        self.ok("--only", "epss")
        self.assertEqual([p for p, _ in self.server.requests], [EPSS])
        after = digests(self.db)
        self.assertEqual([n for n in after if after[n] != before.get(n)], ["id/epss"])
        self.assertEqual(set(before), set(after))
        self.assertEqual(self.update("--only", "nonsense").code, 3)

    def test_further_ecosystems_are_remembered(self):
        self.server.files[OSV % "PyPI"] = zip_of([osv("PYSEC-1", "PyPI", "p", "1")])
        self.ok("--ecosystem", "PyPI")
        self.ok()
        self.assertEqual(len(self.asked(OSV % "PyPI")), 1)
        self.assertIn("pkg/pypi", digests(self.db))
        self.assertEqual(self.update("--ecosystem", "../x").code, 3)

    def test_a_proxy_is_used(self):
        # as a proxy the server sees whole addresses
        class Proxy(Handler):
            def do_GET(self):
                self.path = self.path.replace("http://mirror.invalid", "", 1)
                super().do_GET()
        self.server.RequestHandlerClass = Proxy
        r = run("db", "update", "--db", self.db, "--cache", self.cache, "--from", "http://mirror.invalid", "--proxy", self.url,
                env={"no_proxy": ""}, timeout=120)
        self.assertEqual(r.code, 0, r.errors)

    def certificates(self):
        """A CA of the test's own and a certificate for 127.0.0.1 under it."""
        if not shutil.which("openssl"):
            self.skipTest("no openssl")
        ca, key = os.path.join(self.dir, "ca.pem"), os.path.join(self.dir, "ca.key")
        certificate, own = os.path.join(self.dir, "server.pem"), os.path.join(self.dir, "server.key")
        new = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
               "-days", "2"]
        for command in ([*new, "-subj", "/CN=Test CA", "-keyout", key, "-out", ca],
                        [*new, "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-addext",
                         "basicConstraints=critical,CA:FALSE", "-CA", ca, "-CAkey", key, "-keyout", own,
                         "-out", certificate]):
            subprocess.run(command, check=True, capture_output=True)
        return ca, certificate, own

    def test_a_certificate_is_checked_against_the_authorities_that_are_named(self):
        ca, certificate, key = self.certificates()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        url = f"https://127.0.0.1:{self.server.server_port}"
        self.assertEqual(self.update("--only", "kev", "--ca-file", ca, url=url).code, 0)
        before = digests(self.db)
        self.server.files[KEV] = self.server.files[KEV].replace(b"CVE-2024-0001", b"CVE-2024-0002")
        r = self.update("--only", "kev", url=url)
        self.assertEqual(r.code, 1)
        self.assertIn("certificate", r.errors)
        self.assertEqual((digests(self.db), self.server.requests), (before, []))
        other = os.path.join(self.dir, "no-ca.pem")
        self.assertEqual(self.update("--only", "kev", "--ca-file", other, url=url).code, 1)
        # the name in the certificate counts as well
        r = self.update("--only", "kev", "--ca-file", ca, url=url.replace("127.0.0.1", "localhost"))
        self.assertEqual((r.code, digests(self.db)), (1, before))
        for name in "CURL_CA_BUNDLE", "SSL_CERT_FILE":
            environment = {"no_proxy": "127.0.0.1", "https_proxy": "", "CURL_CA_BUNDLE": "", "SSL_CERT_FILE": "",
                           name: ca}
            r = run("db", "update", "--db", self.db, "--cache", self.cache, "--from", url, "--only", "kev",
                    env=environment, timeout=120)
            self.assertEqual(r.code, 0, (name, r.errors))
        self.assertNotEqual(digests(self.db), before)

    def on_a_terminal(self, *args):
        """What stands on standard error when it is a terminal."""
        main, side = pty.openpty()
        environment = dict(os.environ, no_proxy="127.0.0.1", http_proxy="", TERM="xterm", LC_ALL="C.UTF-8")
        p = subprocess.Popen([PLIMSOLL, "db", "update", "--db", self.db, "--cache", self.cache, "--from", self.url,
                              "--only", "debian-tracker", *args],
                             stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=side, env=environment)
        os.close(side)
        text = b""
        try:
            while piece := os.read(main, 4096):
                text += piece
        except OSError:
            pass  # the other side is closed
        os.close(main)
        self.assertEqual(p.wait(timeout=60), 0, text)
        return text.decode()

    def test_progress_is_shown_on_a_terminal_only(self):
        slow = []

        def answer(handler):
            slow.append(1)
            time.sleep(1.5)
        self.server.faults[TRACKER] = answer
        self.assertRegex(self.on_a_terminal(), r"\r.*debian-tracker")
        self.assertEqual(len(slow), 1)
        self.assertNotIn("\r", self.on_a_terminal("--no-progress", "--force").replace("\r\n", "\n"))
        self.assertNotIn("\r", self.on_a_terminal("--quiet", "--force").replace("\r\n", "\n"))
        r = self.update("--only", "debian-tracker", "--force")
        self.assertNotIn("\r", r.errors)

    def test_a_full_cache_folder_is_an_error(self):
        import resource
        p = subprocess.run([PLIMSOLL, "db", "update", "--db", self.db, "--cache", self.cache, "--from", self.url],
                           restore_signals=False, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000)),
                           stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=60)
        self.assertEqual(p.returncode, 1)
        self.assertIn(b"cannot be written", p.stderr)

    def test_shared_feeds_by_way_of_the_server(self):
        with open(shared("vulndb", "osv-zip", "AlmaLinux-all.zip"), "rb") as f:
            self.server.files[OSV % "AlmaLinux"] = f.read()
        self.once(OSV % "AlmaLinux", "cut")
        self.ok("--only", "osv")
        self.assertEqual({i["name"]: i["records"] for i in status(self.db)["feeds"]}["osv"], 5680 + 5)
        self.assertEqual(run("db", "verify", "--db", self.db).code, 0)


if __name__ == "__main__":
    unittest.main()
