"""The reports that the golden tests show: made here, so that every string in them is ours."""
import base64
import hashlib


def digest(text):
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def package(number, name, version, source=None, layer=0, arch="amd64", kind="deb", licenses=(), **more):
    source_name, source_version = source or (name, version)
    return {
        "ref": f"p{number}", "type": kind, "name": name, "version": version, "arch": arch,
        "source": {"name": source_name, "version": source_version}, "layer": layer,
        "locations": [{"path": "var/lib/dpkg/status", "layer": layer, "line": 10 * number, "evidence": ""}],
        "origin": "package_manager", "licenses": list(licenses), **more}


def finding(package_entry, ident, severity, fixed="", **more):
    out = {
        "kind": "vulnerability",
        "fingerprint": hashlib.sha256((ident + package_entry["name"]).encode()).hexdigest()[:32],
        "id": ident, "severity": severity, "severity_source": "debian",
        "title": f"a flaw of {package_entry['source']['name']}", "package": package_entry["ref"],
        "installed_version": package_entry["version"], "state": "affected",
        "fix": "available" if fixed else "none", "fixed_version": fixed, "layer": package_entry["layer"],
        "path": "var/lib/dpkg/status",
        "match": {"advisory": "DSA-1", "feed": "debian-tracker", "partition": "pkg/debian-12",
                  "comparison": f"{package_entry['version']} < {fixed} (debian)"}}
    out.update(more)
    return out


def report(packages, findings, layers, diagnostics=(), **more):
    out = {
        "schema": "plimsoll-report/0",
        "run": {"tool": "plimsoll", "version": "0.1.0", "now": "2026-11-25T10:00:00Z",
                "times": {"inventory": 0.5}, "confinement": "full",
                "scanners": [{"name": "packages", "ran": True, "complete": True},
                             {"name": "vulnerabilities", "ran": True, "complete": True}]},
        "target": {
            "reference": "shop.tar", "kind": "docker-archive", "digest": "", "image_id": digest("image"),
            "platform": "linux/amd64",
            "distro": {"id": "debian", "version": "12", "codename": "bookworm",
                       "name": "Debian GNU/Linux 12 (bookworm)", "end_of_life": "2028-06-30",
                       "path": "usr/lib/os-release"},
            "layers": [{"index": i, "digest": digest(f"blob {i}"), "diff_id": digest(f"diff {i}"),
                        "size": 1000 + i, "created_by": text, "verified": "now", "origin": origin}
                       for i, (text, origin) in enumerate(layers)]},
        "database": {"partitions": [
            {"name": "id/epss", "digest": digest("epss"), "feeds": [{"name": "epss", "date": "2026-11-25"}]},
            {"name": "pkg/debian-12", "digest": digest("pkg"),
             "feeds": [{"name": "debian-tracker", "date": "2026-11-24"}]}]},
        "packages": packages, "findings": findings, "checks": [], "diagnostics": list(diagnostics),
        "verdict": {"pass": True, "complete": True, "exit_code": 0, "rules": []}}
    out.update(more)
    return out


LAYERS = [
    ("/bin/sh -c #(nop) ADD file:5d5a6 in / ", "base"),
    ("/bin/sh -c #(nop)  CMD [\"bash\"]", "base"),
    ("RUN /bin/sh -c apt-get update \\\n\t&& apt-get install -y libexpat1 curl # buildkit", "own"),
    ("COPY shop /srv/shop # buildkit", "own"),
]


def shop():
    """Findings of every severity, over two layers, one source with several binary packages."""
    openssl = package(1, "openssl", "3.0.11-1~deb12u2", licenses=["Apache-2.0", "MIT"])
    libssl = package(2, "libssl3", "3.0.11-1~deb12u2", ("openssl", "3.0.11-1~deb12u2"))
    libc = [package(3 + i, name, "2.36-9+deb12u4", ("glibc", "2.36-9+deb12u4"))
            for i, name in enumerate(["libc-bin", "libc-dev-bin", "libc6", "libc6-dev"])]
    expat = package(7, "libexpat1", "2.5.0-1", ("expat", "2.5.0-1"), layer=2)
    perl = package(8, "perl-base", "5.36.0-7+deb12u1", ("perl", "5.36.0-7+deb12u1"))
    findings = [
        finding(libssl, "CVE-2024-5535", "critical", "3.0.14-1~deb12u1",
                aliases=["DSA-5711-1", "GHSA-aaaa-bbbb-cccc"],
                cvss=[{"source": "nvd", "vector": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:H", "score": 9.1},
                      {"source": "ghsa", "score": 9.2,
                       "vector": "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:H/SC:N/SI:N/SA:N"}],
                epss={"score": 0.125, "percentile": 0.9}, known_exploited={"date_added": "2026-02-01"},
                references=["https://www.openssl.org/news/secadv/20240627.txt"]),
        finding(openssl, "CVE-2024-5535", "critical", "3.0.14-1~deb12u1",
                epss={"score": 0.125, "percentile": 0.9}, known_exploited={"date_added": "2026-02-01"}),
        *[finding(p, "CVE-2024-2961", "high", "2.36-9+deb12u7") for p in libc],
        finding(expat, "CVE-2023-52425", "high"),
        finding(expat, "CVE-2024-45490", "high", "2.5.0-1+deb12u1", epss={"score": 0.5, "percentile": 0.99}),
        finding(expat, "CVE-2023-52426", "medium", fix="will_not_fix"),
        finding(perl, "CVE-2023-47038", "medium", "5.36.0-7+deb12u2"),
        finding(perl, "CVE-2011-4116", "negligible"),
        finding(perl, "CVE-2026-1111", "unknown", state="under_investigation"),
        finding(perl, "CVE-2023-31484", "high", "5.36.0-9",
                suppressed={"by": "ignore", "reason": "CPAN is not used", "until": "2026-12-01",
                            "owner": "shop"}),
        finding(perl, "CVE-2023-31486", "high", "5.36.0-9",
                suppressed={"by": "vex", "reason": "not reachable", "until": "", "owner": ""}),
    ]
    return report([openssl, libssl, *libc, expat, perl], findings, LAYERS)


def clean():
    return report([package(1, "openssl", "3.0.14-1")], [], LAYERS)


def empty():
    """Nothing was found at all: no distribution, no package."""
    out = report([], [], [("", "unknown")])
    out["target"]["distro"] = {}
    out["target"]["kind"] = "archive"
    return out


def no_database():
    out = shop()
    out["findings"] = []
    out["database"] = {"partitions": []}
    out["run"]["scanners"][1].update(ran=False, complete=False)
    out["diagnostics"] = [{"code": "database_missing", "path": "",
                           "message": "there is no vulnerability database"}]
    return out


def incomplete():
    out = shop()
    out["target"]["layers"][1]["verified"] = "no"
    out["diagnostics"] = [
        {"code": "layer_truncated", "layer": 2, "path": "", "offset": 12400000, "message": "cut short"},
        {"code": "package_db_malformed", "layer": 3, "path": "opt/base\udcff/dpkg/status",
         "path_raw": base64.b64encode(b"opt/base\xff/dpkg/status").decode(), "message": "line 7 is no field"},
        {"code": "file_malformed", "layer": 3, "path": "a.json", "message": "not JSON"},
        {"code": "entry_odd", "layer": 3, "path": "b", "message": "odd"},
        {"code": "ignore_unused", "path": "ignore.yaml", "message": "line 3: the entry for CVE-1 matches no finding"},
    ]
    for d in out["diagnostics"]:
        d["path"] = d["path"].encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return out


HOSTILE = "\x1b[31mred\x1b[0m\x07\x00\u202e\u0085<script>&\"'\\ \ufffe`|*_](x)\n"


def hostile():
    """Every string of the image is an attack on a terminal, XML, HTML or a shell."""
    odd = package(1, "a; rm -rf /" + HOSTILE, "1" + HOSTILE, ("$(reboot)" + HOSTILE, "2" + HOSTILE),
                  arch=HOSTILE, licenses=[HOSTILE, ""], layer=1, vendor=HOSTILE, module=HOSTILE)
    odd["locations"][0].update(path="x/" + HOSTILE, path_raw=base64.b64encode(b"x/\xff\xfe\x1b").decode())
    dash = package(2, "--help", "1", layer=1)
    out = report([odd, dash], [
        finding(odd, "CVE-1" + HOSTILE, "high", "3" + HOSTILE, title=HOSTILE, path="x/" + HOSTILE,
                severity_source=HOSTILE, aliases=[HOSTILE], references=["javascript:alert(1)", HOSTILE],
                cvss=[{"source": HOSTILE, "vector": HOSTILE, "score": 5}], evidence=HOSTILE, remedy=HOSTILE,
                fingerprint=HOSTILE, match={"advisory": HOSTILE, "feed": HOSTILE}),
        finding(odd, "CVE-2" + HOSTILE, "low", suppressed={"by": "ignore", "reason": HOSTILE, "owner": HOSTILE}),
        finding(dash, "CVE-3", "high", "2"),
    ], [("RUN x", "base"), (HOSTILE, "own")])
    out["target"].update(reference=HOSTILE, kind=HOSTILE, platform=HOSTILE)
    out["target"]["distro"] = {"id": HOSTILE, "version": HOSTILE, "codename": HOSTILE, "name": HOSTILE,
                               "end_of_life": "2028-06-30"}
    out["diagnostics"] = [{"code": "package_db_malformed", "layer": 1, "path": HOSTILE, "message": HOSTILE}]
    return out


def app():
    """An rpm system without a known end of life and with an epoch."""
    bash = package(1, "bash", "5.1.8-6.el9", kind="rpm", arch="x86_64")
    perl = package(2, "perl-Errno", "1:1.30-480.el9", ("perl", "1:1.30-480.el9"), kind="rpm", arch="x86_64",
                   source_rpm="perl-5.32.1-480.el9.src.rpm", vendor="Red Hat, Inc.", layer=1)
    out = report([bash, perl], [finding(perl, "CVE-2023-47038", "high", "4:5.32.1-481.el9"),
                                finding(bash, "CVE-2022-3715", "high", "5.1.8-7.el9")],
                 [("", "unknown"), ("/bin/sh -c dnf install -y perl", "unknown")])
    out["target"]["distro"] = {"id": "rhel", "version": "9.3", "name": "Red Hat Enterprise Linux",
                               "end_of_life": "2020-01-01"}
    return out


SAMPLES = {f.__name__: f for f in (shop, clean, empty, no_database, incomplete, hostile, app)}
