"""Real Debian roots and images, made with mmdebstrap from the machine's own mirror and kept in the build
folder; skips where that is not to be had."""
import os
import re
import shutil
import subprocess
import unittest

from plimsoll import BUILD, SOURCE

CACHE = os.path.join(BUILD, "real-cache")


def mirrors():
    """(main archive, security archive) of the machine's apt sources."""
    if not shutil.which("apt-get"):
        raise unittest.SkipTest("no apt on this machine")
    p = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI) $(LABEL) $(SUITE)"],
                       capture_output=True, text=True)
    main = security = None
    for line in p.stdout.splitlines():
        uri, label = line.split()[:2]
        if label == "Debian-Security":
            security = security or uri
        elif label == "Debian" and not re.search("updates|backports", line):
            main = main or uri
    if not main or not security:
        raise unittest.SkipTest("apt has no source of the Debian archive and its security archive")
    return main, security


def root_tar(release, include=()):
    """A minbase root of a release, without security updates, as a tar; made once a build folder."""
    if not shutil.which("mmdebstrap"):
        raise unittest.SkipTest("mmdebstrap is not installed")
    main, _ = mirrors()
    os.makedirs(CACHE, exist_ok=True)
    path = os.path.join(CACHE, "-".join([release, *include]) + ".tar")
    if not os.path.exists(path):
        command = ["mmdebstrap", "--variant=minbase", release, path + ".new.tar",
                   f"deb {main} {release} main"]
        if include:
            command.insert(2, "--include=" + ",".join(include))
        p = subprocess.run(command, capture_output=True, text=True)
        if p.returncode:
            if "404" in p.stderr or "does not have a Release file" in p.stderr:
                raise unittest.SkipTest(f"the mirror does not serve {release}")
            raise RuntimeError(p.stderr[-2000:])
        os.rename(path + ".new.tar", path)
    return path


def image(release, include=()):
    """The same as a docker-archive."""
    tar = root_tar(release, include)
    path = tar[:-4] + ".docker.tar"
    if not os.path.exists(path):
        subprocess.run([os.path.join(SOURCE, "tools", "tar-to-image"), tar, path + ".new",
                        "debian:" + release, "mmdebstrap " + release], check=True)
        os.rename(path + ".new", path)
    return path
