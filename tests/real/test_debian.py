"""Images of real Debian releases: exactly dpkg's packages, and notices that agree with apt."""
import gzip
import io
import json
import os
import re
import stat
import subprocess
import tarfile
import tempfile
import unittest

import debian
from plimsoll import run

RELEASES = ("bullseye", "bookworm", "trixie")
INCLUDE = ("openssl", "curl", "git", "python3")


def unpack(tar, folder):
    """Devices are left out but /dev/null, without which apt takes no signature for good."""
    subprocess.run(["tar", "-C", folder, "--exclude=./dev/*", "-xf", tar], check=True)
    null = os.path.join(folder, "dev/null")
    if os.geteuid() == 0 and not os.path.exists(null):
        os.mknod(null, stat.S_IFCHR | 0o666, os.makedev(1, 3))
        os.chmod(null, 0o666)
        os.chmod(folder, 0o755)  # apt's own user reads there


def dpkg_query(root):
    p = subprocess.run(["dpkg-query", "--admindir", os.path.join(root, "var/lib/dpkg"), "-W", "-f",
                        "${Package}\t${Version}\t${Architecture}\t${source:Package}\t${source:Version}\t${db:Status-Abbrev}\n"],
                       capture_output=True, text=True, check=True)
    return sorted(tuple(line.split("\t")[:5]) for line in p.stdout.splitlines()
                  if line.split("\t")[5].strip() == "ii")


class Packages(unittest.TestCase):
    def check_release(self, release, include=()):
        with tempfile.TemporaryDirectory() as root:
            unpack(debian.root_tar(release, include), root)
            expected = dpkg_query(root)
        r = run("scan", debian.image(release, include), "--format", "json", "--db", "/nonexistent")
        report = json.loads(r.text)
        got = sorted((p["name"], p["version"], p["arch"], p["source"]["name"], p["source"]["version"])
                     for p in report["packages"])
        self.assertEqual(got, expected)
        packages = [s for s in report["run"]["scanners"] if s["name"] == "packages"][0]
        self.assertTrue(packages["complete"], report["diagnostics"])
        self.assertEqual(r.code, 4)  # there is no database

    def test_bullseye_gives_exactly_dpkgs_packages(self):
        self.check_release("bullseye")

    def test_bookworm_gives_exactly_dpkgs_packages(self):
        self.check_release("bookworm")

    def test_trixie_gives_exactly_dpkgs_packages(self):
        self.check_release("trixie")

    def test_bookworm_with_python_git_npm_ends_complete(self):
        self.check_release("bookworm", ("python3", "git", "npm"))


class Root:
    """A root with the security suite enabled, in which apt is asked."""

    def __init__(self, root, release, security):
        self.root = root
        with open(os.path.join(root, "etc/apt/sources.list"), "a", encoding="utf-8") as f:
            f.write(f"\ndeb {security} {release}-security main\n")
        for name in ("etc/resolv.conf", "etc/hosts"):
            if os.path.exists("/" + name):
                subprocess.run(["cp", "-L", "/" + name, os.path.join(root, name)], check=True)
        self.run("apt-get", "-q", "update", "-o", "APT::Update::Error-Mode=any")

    def run(self, *command, cwd="/"):
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}
        environment.update({n: os.environ[n] for n in ("http_proxy", "https_proxy") if n in os.environ})
        p = subprocess.run(["chroot", self.root, "env", "-C", cwd, *command], capture_output=True, text=True,
                           env=environment)
        if p.returncode:
            raise AssertionError(f"{' '.join(command)}: {p.stderr[-800:]}")
        return p.stdout

    def upgrades(self):
        """{source: [(binary package, new version)]} that apt-get -s dist-upgrade takes from the security suite."""
        out = self.run("apt-get", "-s", "-q", "dist-upgrade")
        sources = {}
        for name, new in re.findall(r"^Inst (\S+) (?:\[[^]]*\] )?\((\S+) [^)]*Security", out, re.M):
            show = self.run("apt-cache", "show", f"{name}={new}")
            m = re.search(r"^Source: (\S+)", show, re.M)
            sources.setdefault(m.group(1) if m else name.split(":")[0], []).append((name, new))
        return sources

    def changelog(self, binaries):
        """The changelog of the first of these packages that brings one."""
        with tempfile.TemporaryDirectory(dir=os.path.join(self.root, "tmp")) as folder:
            for name, new in binaries:
                self.run("apt-get", "-q", "-o", "APT::Sandbox::User=root", "download", f"{name}={new}",
                         cwd="/tmp/" + os.path.basename(folder))
                deb = [n for n in os.listdir(folder) if n.startswith(name.split(":")[0] + "_")][0]
                data = subprocess.run(["dpkg-deb", "--fsys-tarfile", os.path.join(folder, deb)],
                                      stdout=subprocess.PIPE, check=True).stdout
                with tarfile.open(fileobj=io.BytesIO(data)) as t:
                    found = {os.path.basename(m.name): m for m in t if m.isfile() and re.search(
                        r"usr/share/doc/[^/]+/changelog(\.Debian)?\.gz$", m.name)}
                    for kind in ("changelog.Debian.gz", "changelog.gz"):
                        if kind in found:
                            return gzip.decompress(t.extractfile(found[kind]).read())
        raise AssertionError(f"no package brings a changelog: {binaries}")


def entries_since(changelog, installed):
    """The text of the entries of versions above the installed one."""
    with tempfile.NamedTemporaryFile() as f:
        f.write(changelog)
        f.flush()
        p = subprocess.run(["dpkg-parsechangelog", "-l", f.name, "--since", installed],
                           capture_output=True, text=True, check=True)
    return p.stdout


@unittest.skipUnless(os.geteuid() == 0, "needs root: apt is asked in a changed root")
class Notices(unittest.TestCase):
    """With the security suite enabled in that root, apt is the judge."""

    def check_release(self, release):
        _, security = debian.mirrors()
        path = debian.image(release, INCLUDE)
        with tempfile.TemporaryDirectory() as folder:
            unpack(debian.root_tar(release, INCLUDE), folder)
            root = Root(folder, release, security)
            taken = root.upgrades()
            self.assertTrue(taken, "apt takes nothing from the security suite")
            report, found = self.report(path)
            self.assertEqual(found - set(taken), set(), "findings that apt would not clear")
            without = sorted(set(taken) - found)
            print(f"# {release}: {len(taken)} sources taken by apt, {len(found)} with findings, "
                  f"{len(report['findings'])} findings, without: {without}", flush=True)
            installed = {p["source"]["name"]: p["source"]["version"] for p in report["packages"]}
            for source in without:
                self.check_silent(source, entries_since(root.changelog(taken[source]), installed[source]))

    def report(self, path):
        """The report with notices, and the source packages that have findings."""
        r = run("scan", path, "--notices", "--format", "json", "--db", "/nonexistent", timeout=900)
        report = json.loads(r.text)
        self.assertEqual([d for d in report["diagnostics"] if d["class"] == "gap"], [])
        self.assertEqual(r.code, 0)
        refs = {p["ref"]: p for p in report["packages"]}
        for finding in report["findings"]:
            self.assertTrue(finding["evidence"])
            self.assertEqual(finding["fix"], "available")
        return report, {refs[f["package"]]["source"]["name"] for f in report["findings"]}

    def check_silent(self, source, entries):
        """What apt takes without a finding of ours has new entries, and none of them names a CVE."""
        for line in entries.splitlines():
            print(f"#   {source}: {line}", flush=True)
        self.assertRegex(entries, r"(?m)^Changes:", source)
        self.assertNotRegex(entries, r"CVE-\d{4}-\d{4,}", source)

    def test_bullseye_agrees_with_apt(self):
        self.check_release("bullseye")

    def test_bookworm_agrees_with_apt(self):
        self.check_release("bookworm")


if __name__ == "__main__":
    unittest.main()
