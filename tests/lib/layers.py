"""Layers of images taken apart by Python alone, and the helper program that squashes layer files."""
import gzip
import io
import json
import os
import subprocess
import tarfile

TOOL = os.path.join(os.environ["PLIMSOLL_BUILD"], "tests", "tool-layers")


class Squashed:
    def __init__(self, output):
        self.files, self.packages, self.diags, self.links, self.distro = [], [], [], [], None
        lists = {"F": self.files, "P": self.packages, "D": self.diags, "L": self.links}
        for line in output.decode("utf-8").split("\n")[:-1]:
            value = json.loads(line[2:])
            if line[0] == "O":
                self.distro = value
            else:
                lists[line[0]].append(value)

    def codes(self, of_class=None):
        return sorted({d["code"] for d in self.diags if of_class in (None, d["class"])})


def squash(paths, folder=False):
    """What the helper says of these layer files."""
    args = [TOOL] + (["--folder"] if folder else []) + list(paths)
    run = subprocess.run(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if run.returncode:
        raise AssertionError(run.stderr.decode("utf-8", "replace"))
    return Squashed(run.stdout)


def squash_bytes(folder, layers):
    """The same of layers in memory, written into `folder` first."""
    paths = []
    for i, data in enumerate(layers):
        paths.append(os.path.join(folder, f"{i}.tar"))
        with open(paths[-1], "wb") as f:
            f.write(data)
    return squash(paths)


def _members(path):
    """name -> bytes of an archive or folder; links inside the archive followed."""
    if os.path.isdir(path):
        out = {}
        for base, _, names in os.walk(path):
            for name in names:
                full = os.path.join(base, name)
                with open(full, "rb") as f:
                    out[os.path.relpath(full, path)] = f.read()
        return out
    with open(path, "rb") as f:
        data = f.read()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    out, links = {}, {}
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        for member in tar:
            if member.isreg():
                out[member.name.lstrip("./")] = tar.extractfile(member).read()
            elif member.issym():
                links[member.name] = os.path.normpath(
                    os.path.join(os.path.dirname(member.name), member.linkname))
    for name, target in links.items():
        if target in out:
            out[name] = out[target]
    return out


def image_layers(path, kind):
    """The layer blobs of an image, in order, as they are stored."""
    if kind == "rootfs-tar":
        with open(path, "rb") as f:
            return [f.read()]
    members = _members(path)
    if kind == "docker-archive":
        return [members[name] for name in json.loads(members["manifest.json"])[0]["Layers"]]

    def blob(descriptor):
        return members["blobs/" + descriptor["digest"].replace(":", "/")]

    manifest = json.loads(blob(json.loads(members["index.json"])["manifests"][0]))
    if "layers" not in manifest:
        manifest = json.loads(blob(manifest["manifests"][0]))
    return [blob(layer) for layer in manifest["layers"]]
