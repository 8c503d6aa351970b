"""hadolint's and BuildKit's own test vectors, for the rules that are registered."""
import collections
import json
import os
import re
import tempfile
import unittest

from plimsoll import manifest, run, shared

# Vectors that are not followed, by rule and construct, each with the reason. Never by id.
EXCEPTIONS = [
    # an escape character that does not end the line ends the flags in Docker; hadolint reads on
    lambda v: v["rule"] == "DL3009" and re.search(r"\\ +--mount=", v["dockerfile"]),
]


def rows(name):
    with open(shared("dockerfile", name), encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def registered():
    """Codes of all rules, from the SARIF driver."""
    sarif = json.loads(run("lint", "--no-config", "-f", "sarif", "-", stdin=b"FROM a:1\n").text)
    return {rule["id"] for rule in sarif["runs"][0]["tool"]["driver"]["rules"]}


def has_shell():
    return b"did not run" not in run("lint", "--no-config", "-", stdin=b"FROM a:1\nRUN true\n").err


def options(config):
    """A vector's configuration as a hadolint file."""
    return json.dumps(config)


def findings(folder, group, *args):
    """Findings of one run over the files of the group, by file name."""
    result = run("lint", "-f", "json", *args, *[os.path.join(folder, name) for name in group])
    if result.code not in (0, 2):
        raise AssertionError(result.errors)
    found = collections.defaultdict(list)
    for f in json.loads(result.text):
        found[os.path.basename(f["file"])].append(f)
    return found


class Hadolint(unittest.TestCase):
    def test_every_vector_of_a_registered_rule_holds(self):
        if not has_shell():
            self.skipTest("built without the bash grammar")
        vectors = rows("hadolint-vectors.dev.jsonl")
        self.assertEqual(len(vectors), next(int(r["items"]) for r in manifest("dockerfile")
                                            if r["file"] == "hadolint-vectors.dev.jsonl"))
        codes = registered()
        groups = collections.defaultdict(list)
        missing = collections.Counter()
        for v in vectors:
            wanted = {v["rule"]} - {"SC*", "*"}
            if v["rule"] == "SC*" and v["expect"] != "none":
                wanted = {"SC2154", "SC3028", "SC3046"}
            if not wanted <= codes:
                missing[v["rule"]] += 1
                continue
            groups[(v["rule"], options(v["config"]))].append(v)
        bad = []
        ran = 0
        with tempfile.TemporaryDirectory() as folder:
            config = os.path.join(folder, "config.yaml")
            for (rule, text), group in sorted(groups.items()):
                with open(config, "w", encoding="utf-8") as f:
                    f.write(text)
                for v in group:
                    with open(os.path.join(folder, v["id"]), "w", encoding="utf-8", newline="") as f:
                        f.write(v["dockerfile"])
                only = [] if rule in ("SC*", "*") else ["--only", rule]
                found = findings(folder, [v["id"] for v in group], "-c", config, *only)
                for v in group:
                    ran += 1
                    count = sum(f["code"].startswith("SC") if rule == "SC*"
                                else f["code"][:2] in ("DL", "SC") if rule == "*"
                                else f["code"] == rule for f in found[v["id"]])
                    good = {"none": count == 0, "some": count > 0, "one": count == 1,
                            "exactly": count == v.get("count")}[v["expect"]]
                    if not good and not any(e(v) for e in EXCEPTIONS):
                        bad.append(f"{v['id']} {v['rule']}: expected {v['expect']} {v.get('count', '')}, found {count}: "
                                   f"{v['name']}: {v['dockerfile']!r}")
        print(f"# {ran} vectors ran, {len(bad)} failed, {sum(missing.values())} of {len(missing)} rules that are not there")
        self.assertEqual(bad, [], "\n".join(bad[:40]))


class BuildKit(unittest.TestCase):
    def test_every_vector_holds_for_the_registered_rules(self):
        vectors = rows("buildkit-vectors.dev.jsonl")
        self.assertEqual(len(vectors), next(int(r["items"]) for r in manifest("dockerfile")
                                            if r["file"] == "buildkit-vectors.dev.jsonl"))
        codes = registered()
        bad = []
        with tempfile.TemporaryDirectory() as folder:
            for v in vectors:
                path = os.path.join(folder, v["id"])
                with open(path, "w", encoding="utf-8", newline="") as f:
                    f.write(v["dockerfile"])
                if "dockerignore" in v:
                    with open(path + ".dockerignore", "w", encoding="utf-8", newline="") as f:
                        f.write(v["dockerignore"])
                args = []
                for name, value in v.get("frontend_attrs", {}).items():
                    if name.startswith("build-arg:"):
                        args += ["--build-arg", f"{name[10:]}={value}"]
                found = findings(folder, [v["id"]], "--no-config", *args)[v["id"]]
                expected = sorted((w["line"], w["rule"]) for w in v.get("unmarshal_warnings", v["warnings"])
                                  if w["rule"] in codes)
                # NoEmptyContinuation is reported on the line that ends the instruction
                got = sorted((f["end_line"] if f["code"] == "NoEmptyContinuation" else f["line"], f["code"])
                             for f in found if f["code"][:2] not in ("DL", "SC", "PL") and f["code"] in codes)
                if expected != got:
                    bad.append(f"{v['id']} {v['test']}: expected {expected}, found {got}: {v['dockerfile']!r}")
        self.assertEqual(bad, [], "\n".join(bad))


if __name__ == "__main__":
    unittest.main()
