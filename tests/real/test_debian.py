"""Images of real Debian releases: exactly dpkg's packages, and notices that agree with apt."""
import json
import os
import re
import subprocess
import tempfile
import unittest

import debian
from plimsoll import run

RELEASES = ("bullseye", "bookworm", "trixie")
INCLUDE = ("openssl", "curl", "git", "python3")


def unpack(tar, folder):
    subprocess.run(["tar", "-C", folder, "--exclude=./dev/*", "-xf", tar], check=True)


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


class Notices(unittest.TestCase):
    """With the security suite enabled in that root, apt is the judge."""

    def upgrades(self, root, release, security):
        """{source: new version} that apt-get -s dist-upgrade takes from the security suite."""
        with open(os.path.join(root, "etc/apt/sources.list"), "a", encoding="utf-8") as f:
            f.write(f"\ndeb {security} {release}-security main\n")
        for name in ("etc/resolv.conf", "etc/hosts"):
            if os.path.exists("/" + name):
                subprocess.run(["cp", "-L", "/" + name, os.path.join(root, name)], check=True)
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}
        for name in ("http_proxy", "https_proxy"):
            if name in os.environ:
                environment[name] = os.environ[name]
        p = subprocess.run(["chroot", root, "apt-get", "-q", "update"], capture_output=True, text=True, env=environment)
        if p.returncode:
            raise unittest.SkipTest("apt-get update in the root failed: " + p.stderr[-500:])
        p = subprocess.run(["chroot", root, "apt-get", "-s", "-q", "dist-upgrade"], capture_output=True,
                           text=True, check=True, env=environment)
        sources = {}
        for name, new in re.findall(r"^Inst (\S+) (?:\[[^]]*\] )?\((\S+) [^)]*Security", p.stdout, re.M):
            show = subprocess.run(["chroot", root, "apt-cache", "show", f"{name}={new}"], capture_output=True,
                                  text=True, check=True, env=environment).stdout
            m = re.search(r"^Source: (\S+)(?: \((\S+)\))?", show, re.M)
            sources[m.group(1) if m else name.split(":")[0]] = m.group(2) if m and m.group(2) else new
        return sources

    def check_release(self, release):
        _, security = debian.mirrors()
        path = debian.image(release, INCLUDE)
        with tempfile.TemporaryDirectory() as root:
            unpack(debian.root_tar(release, INCLUDE), root)
            expected = self.upgrades(root, release, security)
        self.assertTrue(expected, "apt takes nothing from the security suite")
        r = run("scan", path, "--notices", "--format", "json", "--db", "/nonexistent", timeout=900)
        report = json.loads(r.text)
        missing = [d for d in report["diagnostics"] if d["class"] == "gap"]
        self.assertEqual(missing, [])
        self.assertEqual(r.code, 0)
        refs = {p["ref"]: p for p in report["packages"]}
        found = {refs[f["package"]]["source"]["name"] for f in report["findings"]}
        self.assertEqual(found - set(expected), set(), "findings that apt would not clear")
        for finding in report["findings"]:
            self.assertTrue(finding["evidence"])
            self.assertEqual(finding["fix"], "available")
        without = sorted(set(expected) - found)
        print(f"# {release}: {len(expected)} sources taken by apt, {len(found)} with findings, "
              f"{len(report['findings'])} findings, without: {without}")
        self.check_silent(release, without, {refs[p]["source"]["name"]: refs[p]["source"]["version"] for p in refs})

    def check_silent(self, release, sources, installed):
        """What apt takes without a finding of ours: none of its new changelog entries names a CVE."""
        for source in sources:
            entries = self.new_entries(release, source, installed[source])
            for line in entries.splitlines():
                print(f"#   {source}: {line}")
            self.assertNotRegex(entries, r"CVE-\d{4}-\d{4,}", source)

    def new_entries(self, release, source, installed):
        cache = os.path.join(debian.CACHE, "source")
        os.makedirs(cache, exist_ok=True)
        _, security = debian.mirrors()
        lists = os.path.join(cache, release)
        os.makedirs(os.path.join(lists, "lists/partial"), exist_ok=True)
        sources = os.path.join(lists, "sources.list")
        with open(sources, "w", encoding="utf-8") as f:
            f.write(f"deb-src {security} {release}-security main\n")
        options = ["-o", f"Dir::Etc::SourceList={sources}", "-o", "Dir::Etc::SourceParts=/dev/null",
                   "-o", f"Dir::State::Lists={lists}/lists", "-o", f"Dir::Cache={lists}", "-o", "APT::Sandbox::User=root"]
        subprocess.run(["apt-get", "-q", *options, "update"], check=True, capture_output=True)
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["apt-get", "-q", *options, "source", "--download-only", source], check=True,
                           capture_output=True, cwd=folder)
            dsc = [n for n in os.listdir(folder) if n.endswith(".dsc")][0]
            subprocess.run(["dpkg-source", "--no-check", "-x", dsc, "tree"], check=True, capture_output=True, cwd=folder)
            p = subprocess.run(["dpkg-parsechangelog", "-l", "tree/debian/changelog", "--since", installed],
                               capture_output=True, text=True, check=True, cwd=folder)
            return p.stdout

    def test_bullseye_agrees_with_apt(self):
        self.check_release("bullseye")

    def test_bookworm_agrees_with_apt(self):
        self.check_release("bookworm")


if __name__ == "__main__":
    unittest.main()
