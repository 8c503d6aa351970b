"""The readers of rpm databases against rpm itself and Berkeley DB's own loader."""
import os
import shutil
import sqlite3
import struct
import subprocess
import tarfile
import tempfile
import unittest

import rpmdbs

TOOL = os.path.join(os.environ["PLIMSOLL_BUILD"], "tests", "tool-rpmdb")
SHARED = os.path.join(os.environ.get("PLIMSOLL_SHARED", ""), "packages", "rpm")
LOADER = shutil.which("db5.3_load")
FORMAT = "\\t".join(["package", "name=%{NAME}", "epoch=%|EPOCH?{%{EPOCH}}:{-}|", "version=%{VERSION}",
                    "release=%{RELEASE}", "arch=%|ARCH?{%{ARCH}}|", "source=%|SOURCERPM?{%{SOURCERPM}}|",
                    "license=%{LICENSE}", "vendor=%|VENDOR?{%{VENDOR}}|",
                    "module=%|MODULARITYLABEL?{%{MODULARITYLABEL}}|",
                    "installtime=%|INSTALLTIME?{%{INSTALLTIME}}:{0}|", "size=%{LONGSIZE}"]) + "\\n"

SPEC = """Name: {name}
Version: {version}
Release: {release}
{epoch}
Summary: A test
License: {license}
BuildArch: noarch
Vendor: Tester
%description
A test.
%install
mkdir -p %{{buildroot}}/usr/share/{name}/inner
for i in $(seq {files}); do echo $i > %{{buildroot}}/usr/share/{name}/file$i; done
echo x > "%{{buildroot}}/usr/share/{name}/inner/with blank"
ln -s file1 %{{buildroot}}/usr/share/{name}/link
%files
/usr/share/{name}
%ghost /var/log/{name}.log
"""
PACKAGES = [
    dict(name="alpha", version="1.0", release="1", epoch="", license="MIT", files=3),
    dict(name="beta", version="2.0~rc1", release="3.el9", epoch="Epoch: 4", license="GPL-2.0-or-later",
         files=500),
    dict(name="gamma", version="3.0^git1", release="0.1", epoch="Epoch: 0", license="MIT and BSD", files=1),
    dict(name="delta-tools", version="10", release="2", epoch="", license="Äpfel", files=2000),
]


def tool(*arguments):
    done = subprocess.run([TOOL, *arguments], stdout=subprocess.PIPE, check=True, timeout=60)
    return done.stdout.decode().splitlines()


def query(folder, backend, *arguments):
    """rpm -q; never on the original, rpm writes into the folder."""
    done = subprocess.run(["rpm", "--dbpath", folder, "--define", f"_db_backend {backend}", "-q", *arguments],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return done.stdout.decode().splitlines()


@unittest.skipUnless(shutil.which("rpm"), "no rpm")
class AgainstRpm(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="plimsoll-rpm-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.built = cls.build() if shutil.which("rpmbuild") else []

    @classmethod
    def build(cls):
        built = []
        for package in PACKAGES:
            spec = os.path.join(cls.folder, package["name"] + ".spec")
            with open(spec, "w", encoding="utf-8") as f:
                f.write(SPEC.format(**package))
            subprocess.run(["rpmbuild", "-bb", "--quiet", "--define", f"_topdir {cls.folder}/top", spec],
                           check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for root, _, names in os.walk(os.path.join(cls.folder, "top", "RPMS")):
            built += [os.path.join(root, n) for n in names]
        return sorted(built)

    def install(self, name):
        folder = os.path.join(self.folder, name)
        os.mkdir(folder)
        common = ["rpm", "--dbpath", folder, "--define", "_db_backend sqlite"]
        subprocess.run([*common, "-i", "--justdb", "--nodeps", "--noscripts", "--ignorearch",
                        "--nosignature", *self.built], check=True, stderr=subprocess.DEVNULL)
        return folder, common

    def check(self, database, folder, backend):
        lines = tool(database)
        self.assertEqual([l for l in lines if l.startswith("diag")], [])
        found = sorted(l for l in lines if l.startswith("package"))
        # rpm prints the text (none) that a key has for its source
        expected = sorted(l.replace("source=(none)", "source=")
                          for l in query(folder, backend, "-a", "--qf", FORMAT))
        self.assertEqual(found, expected)
        return found

    def need_built(self):
        if not self.built:
            self.skipTest("no rpmbuild")

    def test_a_database_that_rpm_made(self):
        self.need_built()
        folder, common = self.install("sqlite")
        database = os.path.join(folder, "rpmdb.sqlite")
        self.assertEqual(len(self.check(database, folder, "sqlite")), len(PACKAGES))
        files = [l.split("\t") for l in tool("--files", database) if l.startswith("file")]
        listed = query(folder, "sqlite", "-a", "--qf", "[%{FILENAMES}\\t%{FILEFLAGS}\\n]")
        self.assertEqual(sorted(f"{f[1]}\t{f[2]}" for f in files), sorted(listed))
        self.assertGreater(len(files), 2500)
        subprocess.run([*common, "-e", "--justdb", "--nodeps", "beta"], check=True,
                       stderr=subprocess.DEVNULL)
        self.assertEqual(len(self.check(database, folder, "sqlite")), len(PACKAGES) - 1)

    @unittest.skipUnless(LOADER, "no db5.3_load")
    def test_databases_that_berkeley_db_made(self):
        self.need_built()
        folder, _ = self.install("blobs")
        connection = sqlite3.connect(os.path.join(folder, "rpmdb.sqlite"))
        blobs = [row[0] for row in connection.execute("SELECT blob FROM Packages")]
        connection.close()
        blobs += [rpmdbs.package(f"p{i}", pad=i * 7).blob() for i in range(160)]
        for order, byte_order in ((1234, "<"), (4321, ">")):
            for page_size in (512, 4096, 65536):
                with self.subTest(order=order, page_size=page_size):
                    folder = os.path.join(self.folder, f"bdb{order}{page_size}")
                    os.mkdir(folder)
                    database = os.path.join(folder, "Packages")
                    self.load(database, blobs, order, byte_order, page_size)
                    self.assertEqual(len(self.check(database, folder, "bdb_ro")), 164)

    def load(self, database, blobs, order, byte_order, page_size):
        lines = ["VERSION=3", "format=bytevalue", "type=hash", f"db_lorder={order}",
                 f"db_pagesize={page_size}", "HEADER=END"]
        for number, blob in [(0, struct.pack(byte_order + "I", len(blobs))), *enumerate(blobs, 1)]:
            lines += [" " + struct.pack(byte_order + "I", number).hex(), " " + blob.hex()]
        text = "\n".join([*lines, "DATA=END", ""])
        subprocess.run([LOADER, database], input=text.encode(), check=True)

    @unittest.skipUnless(os.path.isdir(SHARED), "no shared data")
    def test_shared_databases(self):
        folder = os.path.join(self.folder, "shared")
        os.mkdir(folder)
        archive = os.path.join(SHARED, "fedora26-bdb", "rootfs.tar.xz")
        with tarfile.open(archive) as tar, open(os.path.join(folder, "Packages"), "wb") as out:
            name = next(n for n in tar.getnames() if n.endswith("var/lib/rpm/Packages"))
            out.write(tar.extractfile(name).read())
        self.assertEqual(len(self.check(os.path.join(folder, "Packages"), folder, "bdb_ro")), 114)
        shutil.copyfile(os.path.join(SHARED, "mariner2-sqlite", "rpmdb.sqlite"),
                        os.path.join(folder, "rpmdb.sqlite"))
        self.assertEqual(len(self.check(os.path.join(folder, "rpmdb.sqlite"), folder, "sqlite")), 129)
