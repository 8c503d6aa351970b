"""The shared images: packages, layers, tree, verdicts and vulnerabilities as expected by an independent
model; every image of the MANIFEST is judged."""
import json
import os
import tempfile
import unittest

from plimsoll import manifest, run, shared

# expected kind -> ours
KINDS = {"docker-archive": "docker-archive", "oci-archive": "oci-archive", "oci-layout": "oci-layout",
         "rootfs-tar": "archive"}


def images():
    """Every file or folder of the MANIFEST that has an expectation of its own."""
    return sorted({row["file"][:-len(".expected.json")] for row in manifest("images")
                   if row["file"].endswith(".expected.json")})


def expected(name):
    with open(shared("images", name + ".expected.json"), encoding="utf-8") as f:
        return json.load(f)


def scan(name, *options):
    r = run("scan", shared("images", name), "--format", "json", "--db", "/nonexistent", *options)
    return r, json.loads(r.text) if r.text else None


class Images(unittest.TestCase):
    def test_the_manifest_lists_no_image_that_is_not_judged(self):
        named = {row["expectation"] for row in manifest("images") if row["expectation"] != "-"}
        self.assertEqual(named, {name + ".expected.json" for name in images()})
        self.assertGreaterEqual(len(images()), 25)

    def test_layers(self):
        for name in images():
            want = expected(name)
            with self.subTest(image=name):
                _, report = scan(name)
                layers = report["target"]["layers"]
                self.assertEqual([l["diff_id"] for l in layers], [l["diff_id"] for l in want["layers"]])
                self.assertEqual([l["digest"] for l in layers], [l["digest"] for l in want["layers"]])
                if want.get("image_id"):
                    self.assertEqual(report["target"]["image_id"], want["image_id"])
                if want.get("architecture"):
                    self.assertTrue(report["target"]["platform"].startswith(
                        f"{want['os']}/{want['architecture']}"))
                gaps = [d for d in report["diagnostics"] if d["class"] == "gap"
                        and d["code"] != "database_missing"]
                if want.get("diff_ids_match_config", True) and not name.startswith("attack/"):
                    self.assertEqual(gaps, [])
                    self.assertTrue(all(l["verified"] == "now" for l in layers), layers)

    def test_packages_with_their_layers(self):
        for name in images():
            want = expected(name)
            with self.subTest(image=name):
                _, report = scan(name)
                got = sorted((p["name"], p["version"], p.get("arch", ""), p["layer"]) for p in report["packages"])
                self.assertEqual(got, sorted((p["name"], p["version"], p["arch"], p["layer"])
                                             for p in want.get("packages", [])))
                by_name = {p["name"]: p for p in report["packages"]}
                for p in want.get("packages", []):
                    source = p.get("source") or p.get("origin")
                    if source:
                        self.assertEqual(by_name[p["name"]]["source"]["name"], source)
                    if p.get("source_version"):
                        self.assertEqual(by_name[p["name"]]["source"]["version"], p["source_version"])
                if "purls" in want:
                    purls = {p["purl"].split("&distro=")[0].split("?distro=")[0] for p in report["packages"]}
                    self.assertEqual({p.split("?")[0] for p in purls},
                                     # the expectation was written before purl had the type apk
                                     {p.split("?")[0].replace("pkg:alpine/", "pkg:apk/alpine/") for p in want["purls"]})

    def test_distribution(self):
        for name in images():
            want = expected(name)
            with self.subTest(image=name):
                _, report = scan(name)
                distro = report["target"].get("distro") or {}
                release = want.get("os_release") or {}
                self.assertEqual(distro.get("id") or "", release.get("ID", ""))
                if release.get("VERSION_ID"):
                    self.assertEqual(distro["version"], release["VERSION_ID"])

    def test_tree(self):
        fields = ("path", "type", "mode", "uid", "gid", "size", "sha256", "link", "layer")
        for name in images():
            with self.subTest(image=name):
                r = run("files", shared("images", name), "--format", "json")
                self.assertIn(r.code, (0, 4), r.errors)
                got = [json.loads(line) for line in r.text.splitlines()]
                with open(shared("images", name + ".tree.jsonl"), encoding="utf-8") as f:
                    want = [json.loads(line) for line in f]
                self.assertEqual(len(got), len(want))
                for g in got:
                    if "\\x" in g["path"] and "path_raw" in g:
                        g["path"] = None
                key = lambda e: (e["path"] is None, e["path"] or "")
                for g, w in zip(sorted(got, key=key), sorted(want, key=key)):
                    for field in fields:
                        if field in w:
                            self.assertEqual(g.get(field), w[field], f"{w['path']}: {field}")


class Vulnerabilities(unittest.TestCase):
    def test_images_db_gives_exactly_the_listed_vulnerabilities(self):
        import trivydb_to_osv
        judged = 0
        with tempfile.TemporaryDirectory() as folder:
            feed = os.path.join(folder, "osv.zip")
            source = shared("images", "db")
            records, _ = trivydb_to_osv.convert(source, ["alpine.yaml"])
            trivydb_to_osv.write_zip(feed, records)
            database = os.path.join(folder, "db")
            r = run("db", "build", "--out", database, "--feed", "osv=" + feed)
            self.assertEqual(r.code, 0, r.errors)
            for name in images():
                want = expected(name)
                if "vulnerabilities" not in want:
                    continue
                judged += 1
                with self.subTest(image=name):
                    r = run("scan", shared("images", name), "--format", "json", "--db", database)
                    self.assertEqual(r.code, 0, r.errors)
                    report = json.loads(r.text)
                    refs = {p["ref"]: p for p in report["packages"]}
                    layers = report["target"]["layers"]
                    got = sorted((f["id"], refs[f["package"]]["name"], f["installed_version"],
                                  f.get("fixed_version", ""), f["severity"].upper(),
                                  layers[f["layer"]]["diff_id"]) for f in report["findings"])
                    self.assertEqual(got, sorted((v["id"], v["package"], v["installed"], v["fixed"],
                                                  v["severity"].upper(), v["layer_diff_id"])
                                                 for v in want["vulnerabilities"]))
        self.assertGreater(judged, 0)




if __name__ == "__main__":
    unittest.main()
