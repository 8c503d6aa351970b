"""Archives that are wrong in one way each, by name: HOSTILE maps the name to what makes the bytes.

    for name, make in HOSTILE.items():
        check(make())

As a program: hostile.py FOLDER writes them all as FOLDER/NAME.tar.
"""
import os
import sys

from mkimage import (Image, OCI, blob_name, dump, cut, docker_archive, docker_members, file, flip, folder, gzip,
                     hardlink, oci_archive, oci_members, sha256, small_layer, symlink, tar, whiteout)


def _two():
    return Image([small_layer(), tar([file("etc/issue", b"two\n"), whiteout("etc/motd")])])


def _without(members, name):
    return [m for m in members if m.name != name]


def _replace(members, name, data):
    return [file(name, data) if m.name == name else m for m in members]


def _manifest_json(text):
    return lambda: tar([file("manifest.json", text)])


def _docker(change, form="docker"):
    return lambda: tar(change(docker_members([_two()], form)))


def _oci(change):
    return lambda: tar(change(oci_members([_two()])))


def _index_json(text):
    return _oci(lambda m: _replace(m, "index.json", text))


def _layer(data, **options):
    return lambda: docker_archive([Image([data], **options)], form="bare")


HOSTILE = {
    # the outer archive
    "outer-empty-file": lambda: b"",
    "outer-one-byte": lambda: b"\0",
    "outer-text": lambda: b"this is no archive\n" * 40,
    "outer-only-end-marker": lambda: tar([]),
    "outer-cut-in-header": lambda: cut(docker_archive([_two()]), 700),
    "outer-cut-in-layer": lambda: cut(docker_archive([_two()]), 3 * 1024),
    "outer-gzip-cut": lambda: cut(gzip(docker_archive([_two()])), 300),
    "outer-gzip-bit": lambda: flip(gzip(docker_archive([_two()])), 200),
    "outer-gzip-of-gzip": lambda: gzip(gzip(docker_archive([_two()]))),
    # manifest.json
    "manifest-empty": _manifest_json(b""),
    "manifest-no-json": _manifest_json(b"[{"),
    "manifest-not-a-list": _manifest_json(b'{"Config":"x","Layers":[]}'),
    "manifest-empty-list": _manifest_json(b"[]"),
    "manifest-null": _manifest_json(b"null"),
    "manifest-numbers": _manifest_json(b'[{"Config":1,"RepoTags":2,"Layers":3}]'),
    "manifest-layers-of-numbers": _manifest_json(b'[{"Config":"c","Layers":[1,2]}]'),
    "manifest-deep": _manifest_json(b"[" * 100000),
    "manifest-layer-missing": _docker(lambda m: [x for x in m if not x.name.endswith("layer.tar")]),
    "manifest-config-missing": _docker(
        lambda m: [x for x in m if not (x.name.endswith(".json") and "/" not in x.name and
                                        x.name != "manifest.json")]),
    "manifest-escapes": _manifest_json(
        b'[{"Config":"../../../etc/passwd","RepoTags":null,"Layers":["/etc/shadow"]}]'),
    "manifest-two-images": lambda: docker_archive(
        [_two(), Image([small_layer("other\n")], tags=["other:1"])]),
    "manifest-duplicate-key": lambda: docker_archive(
        [_two()], form="bare", manifest=lambda m: dump(m).replace(
            b'"Layers"', b'"Layers":["layer0.tar"],"Layers"')),
    "manifest-other-case": lambda: docker_archive(
        [_two()], form="bare", manifest=lambda m: dump(m)[:-2] + b',"layers":["layer0.tar"]}]'),
    "manifest-folded-key": lambda: docker_archive(
        [_two()], form="bare", manifest=lambda m: dump(m)[:-2] +
        ',"Layer\u017f":["layer0.tar"]}]'.encode()),
    "manifest-layer-loop": _docker(
        lambda m: [symlink(x.name, "../" + x.name) if x.name.endswith("layer.tar") else x for x in m]),
    "manifest-layer-link-outside": _docker(
        lambda m: [symlink(x.name, "../../../../etc/passwd") if x.name.endswith("layer.tar") else x
                   for x in m]),
    "manifest-many-layers": lambda: docker_archive(
        [_two()], form="bare", manifest=lambda m: [dict(m[0], Layers=["layer0.tar"] * 600)]),
    "member-twice": _docker(lambda m: m + [file(x.name, small_layer("second\n"))
                                           for x in m if x.name.endswith("layer.tar")], "docker"),
    # the configuration
    "config-no-json": lambda: docker_archive([Image([small_layer()], config=b"{")]),
    "config-list": lambda: docker_archive([Image([small_layer()], config=[])]),
    "config-diff-ids-more": lambda: docker_archive(
        [Image([small_layer()], diff_ids=["sha256:" + "0" * 64] * 3)]),
    "config-diff-ids-wrong": lambda: docker_archive(
        [Image([small_layer()], diff_ids=["sha256:" + "0" * 64])]),
    "config-diff-ids-odd": lambda: docker_archive([Image([small_layer()], diff_ids=["md5:x"])]),
    "config-history-short": lambda: docker_archive([Image([small_layer(), small_layer("b")], history=["a"])]),
    "config-history-long": lambda: docker_archive([Image([small_layer()], history=["a", None, "b", "c"])]),
    "config-duplicate-rootfs": lambda: docker_archive(
        [Image([small_layer()], config=b'{"rootfs":{"diff_ids":[]},"rootfs":{"diff_ids":["sha256:%s"]}}' %
               sha256(small_layer()).encode())]),
    # index.json and the OCI manifest
    "index-missing": _oci(lambda m: _without(m, "index.json")),
    "index-no-json": _index_json(b"{"),
    "index-empty": _index_json(b"{}"),
    "index-no-manifests": _index_json(b'{"schemaVersion":2,"manifests":[]}'),
    "index-digest-odd": _index_json(b'{"manifests":[{"mediaType":"x","digest":"sha256:../../etc","size":1}]}'),
    "index-digest-slash": _index_json(b'{"manifests":[{"digest":"a/../../x:y","size":1}]}'),
    "index-absent-blob": _index_json(b'{"manifests":[{"digest":"sha256:%s","size":1}]}' % (b"1" * 64)),
    "index-both": lambda: oci_archive([_two()], manifest=lambda m: dict(m, manifests=[])),
    "index-of-itself": _index_json(
        b'{"manifests":[{"mediaType":"application/vnd.oci.image.index.v1+json","digest":"sha256:%s","size":1}]}'
        % (b"2" * 64)),
    "oci-blob-missing": _oci(lambda m: _without(
        m, blob_name("sha256:" + sha256(small_layer())))),
    "oci-blob-changed": _oci(lambda m: _replace(
        m, blob_name("sha256:" + sha256(small_layer())), small_layer("changed\n"))),
    "oci-size-wrong": lambda: oci_archive(
        [_two()], manifest=lambda m: dict(m, layers=[dict(l, size=7) for l in m["layers"]])),
    "oci-foreign-layer": lambda: tar(_without(oci_members(
        [_two()], manifest=lambda m: dict(m, layers=[
            dict(m["layers"][0], mediaType=OCI + "layer.nondistributable.v1.tar",
                 urls=["https://example.invalid/x"]), m["layers"][1]])),
        blob_name("sha256:" + sha256(small_layer())))),
    "oci-encrypted-layer": lambda: oci_archive(
        [_two()], manifest=lambda m: dict(m, layers=[
            dict(l, mediaType=l["mediaType"] + "+encrypted") for l in m["layers"]])),
    "oci-artifact": lambda: oci_archive(
        [_two()], manifest=lambda m: dict(m, config=dict(
            m["config"], mediaType="application/vnd.cncf.helm.config.v1+json"))),
    # layers
    "layer-empty": _layer(b""),
    "layer-text": _layer(b"no tar\n" * 200),
    "layer-cut": _layer(cut(small_layer(), 1027)),
    "layer-gzip-cut": _layer(cut(gzip(small_layer()), 60)),
    "layer-gzip-of-gzip": _layer(gzip(gzip(small_layer()))),
    "layer-gzip-junk-behind": _layer(gzip(small_layer()) + b"junk"),
    "layer-behind-end": _layer(small_layer() + tar([file("hidden", b"x")])),
    "layer-no-end": _layer(tar([file("a", b"x")], end=False)),
    "layer-bad-checksum": _layer(tar([file("a", b"x"), file("b", b"y", header={"checksum": 1})])),
    "layer-size-huge": _layer(tar([file("a", b"x", header={"size": 1 << 60})])),
    "layer-size-negative": _layer(tar([file("a", b"x", header={"size": b"\xff" * 12})])),
    "layer-dot-dot": _layer(tar([file("../../../etc/passwd", b"x"), file("a/../../b", b"y"),
                                 file("/abs", b"z"), symlink("l", "../../../../tmp")])),
    "layer-long-path": _layer(tar([file("d/" * 3000 + "f", b"x")])),
    "layer-deep-path": _layer(tar([file("d/" * 300 + "f", b"x")])),
    "layer-nul-in-path": _layer(tar([file("a", b"x", pax={"path": b"b\0c"})])),
    "layer-pax-huge": _layer(tar([file("a", b"x", pax={"comment": b"c" * (3 << 20)})])),
    "layer-hardlink-absent": _layer(tar([hardlink("a", "nowhere"), hardlink("b", "../../etc/shadow")])),
    "layer-windows": _layer(tar([folder("Files"), file("Files/Windows/system.ini", b"x"),
                                 folder("Hives")]), os="windows"),
}


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    os.makedirs(sys.argv[1], exist_ok=True)
    for name, make in HOSTILE.items():
        with open(os.path.join(sys.argv[1], name + ".tar"), "wb") as f:
            f.write(make())


if __name__ == "__main__":
    main()
