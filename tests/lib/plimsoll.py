"""Runs the program under test. Used by every Python test."""
import functools
import os
import re
import subprocess
import unittest

PLIMSOLL = os.environ.get("PLIMSOLL", "plimsoll")
SOURCE = os.environ.get("PLIMSOLL_SOURCE", os.getcwd())
BUILD = os.environ.get("PLIMSOLL_BUILD", os.path.join(SOURCE, "build"))
SHARED = os.environ.get("PLIMSOLL_SHARED", "")


class Result:
    def __init__(self, process):
        self.code = process.returncode
        self.out = process.stdout
        self.err = process.stderr

    @property
    def text(self):
        return self.out.decode("utf-8")

    @property
    def errors(self):
        return self.err.decode("utf-8", "backslashreplace")


def run(*args, stdin=None, env=None, cwd=None, timeout=120, program=None):
    """One run of the program; `stdin` is bytes, a file, or None for nothing."""
    environment = dict(os.environ)
    environment.update({"LC_ALL": "C.UTF-8", "TERM": "dumb"})
    environment.update(env or {})
    options = {"input": stdin} if isinstance(stdin, bytes) else {"stdin": stdin or subprocess.DEVNULL}
    process = subprocess.run(
        [program or PLIMSOLL, *map(str, args)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=environment, cwd=cwd, timeout=timeout, **options)
    return Result(process)


def has_shell():
    """Whether this build has the bash grammar (`make deps`)."""
    return re.search("^shell rules +yes", run("--version", "--features").text, re.M) is not None


def with_shell(test):
    """Decorator of tests that need the bash grammar."""
    @functools.wraps(test)
    def wrapped(self):
        if not has_shell():
            self.skipTest("this build has no bash grammar (make deps)")
        test(self)
    return wrapped


def shared(*parts):
    """A path in the shared test data; skips the test when it is not there."""
    if not SHARED:
        raise unittest.SkipTest("the shared test data is not beside this checkout")
    return os.path.join(SHARED, *parts)


def manifest(folder):
    """Rows of a MANIFEST.tsv of the shared data as dicts."""
    rows = []
    with open(shared(folder, "MANIFEST.tsv"), encoding="utf-8") as f:
        lines = [line.rstrip("\n") for line in f if not line.startswith("#")]
    head = lines[0].split("\t")
    for line in lines[1:]:
        if line:
            rows.append(dict(zip(head, line.split("\t"))))
    return rows
