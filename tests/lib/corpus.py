"""The Dockerfile corpora of the shared data through the corpus tools (tests/tools/*_corpus.c)."""
import io
import json
import os
import subprocess
import tarfile
import threading

from plimsoll import BUILD, manifest, shared


def rows(name):
    """How many Dockerfiles a corpus has."""
    return next(int(row["items"]) for row in manifest("dockerfile") if row["file"] == name)


def lines_of_tar(path):
    data = subprocess.run(["xz", "-dc", path], stdout=subprocess.PIPE, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        for member in tar:
            if member.isfile():
                text = tar.extractfile(member).read().decode("utf-8", "surrogateescape")
                yield json.dumps({"text": text}).encode() + b"\n"


def feed(path, pipe):
    with pipe:
        if path.endswith(".tar.xz"):
            pipe.writelines(lines_of_tar(path))
        else:
            subprocess.run(["xz", "-dc", path], stdout=pipe, check=True)


def run(tool, name, *arguments):
    """Figures of a tool over one corpus, and what it calls broken."""
    path = shared("dockerfile", name)
    child = subprocess.Popen([os.path.join(BUILD, "tests", "tool-" + tool), *map(str, arguments)],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    feeder = threading.Thread(target=feed, args=(path, child.stdin))
    feeder.start()
    lines = child.stdout.read().decode().splitlines()
    feeder.join()
    child.stdout.close()
    child.wait()
    words = lines[-1].split() if lines else []
    figures = dict(zip(words[::2], map(int, words[1::2])))
    broken = [line for line in lines if line.startswith("broken:")]
    if child.returncode != 0 and not broken:
        broken = [f"broken: exit status {child.returncode}"]
    return figures, broken
