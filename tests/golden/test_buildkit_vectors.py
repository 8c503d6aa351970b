"""BuildKit's own test vectors: all findings of its rules, by rule and line, as a set."""
import json
import os
import tempfile
import unittest

from plimsoll import manifest, run, shared

RULES = set("""ConsistentInstructionCasing CopyIgnoredFile DuplicateStageName ExposeInvalidFormat ExposeProtoCasing FromAsCasing
FromPlatformFlagConstDisallowed InvalidDefaultArgInFrom InvalidDefinitionDescription JSONArgsRecommended LegacyKeyValueFormat
MaintainerDeprecated MultipleInstructionsDisallowed NoEmptyContinuation RedundantTargetPlatform ReservedStageName
SecretsUsedInArgOrEnv StageNameCasing UndefinedArgInFrom UndefinedVar WorkdirRelativePath""".split())


def findings(folder, vector):
    path = os.path.join(folder, vector["id"])
    with open(path, "w", encoding="utf-8", newline="") as f:
        f.write(vector["dockerfile"])
    if "dockerignore" in vector:
        with open(path + ".dockerignore", "w", encoding="utf-8", newline="") as f:
            f.write(vector["dockerignore"])
    args = []
    for name, value in vector.get("frontend_attrs", {}).items():
        if name.startswith("build-arg:"):
            args += ["--build-arg", f"{name[len('build-arg:'):]}={value}"]
    result = run("lint", "-f", "json", "--no-config", *args, path)
    if result.code not in (0, 2):
        raise AssertionError(result.errors)
    # an empty continuation is counted where its instruction ends
    return {(f["code"], f["end_line"] if f["code"] == "NoEmptyContinuation" else f["line"])
            for f in json.loads(result.text) if f["code"] in RULES}


class BuildKitVectors(unittest.TestCase):
    def test_rules_and_lines_are_equal(self):
        with open(shared("dockerfile", "buildkit-vectors.dev.jsonl"), encoding="utf-8") as f:
            vectors = [json.loads(line) for line in f]
        self.assertEqual(len(vectors), next(int(r["items"]) for r in manifest("dockerfile")
                                            if r["file"] == "buildkit-vectors.dev.jsonl"))
        bad = []
        with tempfile.TemporaryDirectory() as folder:
            for v in vectors:
                expected = {(w["rule"], w["line"]) for w in v.get("unmarshal_warnings", v["warnings"])}
                self.assertLessEqual({rule for rule, _ in expected}, RULES)
                found = findings(folder, v)
                if found != expected:
                    bad.append(f"{v['id']} {v['test']}: missing {sorted(expected - found)}, too many {sorted(found - expected)}")
        print(f"# {len(vectors)} vectors, {len(vectors) - len(bad)} equal")
        self.assertEqual(bad, [], "\n".join(bad))


if __name__ == "__main__":
    unittest.main()
