"""hadolint's own expectations, judged rule by rule."""
import collections
import json
import os
import re
import subprocess
import unittest

from plimsoll import BUILD, manifest, shared, with_shell

TOOL = os.path.join(BUILD, "tests", "tool-lint_vectors")
NAME = "hadolint-vectors.dev.jsonl"

# Where we differ on purpose: rule and construct, with the reason; at most 1 % of the vectors. The
# construct is a test of the Dockerfile text, never an id.
EXCEPTIONS = [
    ("DL3009", lambda text: re.search(r"\\ +--mount=", text),
     "an escape character that does not end the line ends the flags in Docker; hadolint reads on"),
]

# Shell findings are judged when there are at least these rules.
SHELL_RULES = {"SC2086", "SC2154", "SC3028", "SC3046"}


def load():
    with open(shared("dockerfile", NAME), encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def lint(vectors):
    lines = "".join(json.dumps({k: v[k] for k in ("id", "dockerfile", "config")}) + "\n" for v in vectors)
    p = subprocess.run([TOOL], input=lines, capture_output=True, text=True)
    if p.returncode:
        raise AssertionError(p.stderr)
    return {r["id"]: [code for code, _, _ in r["findings"]] for r in map(json.loads, p.stdout.splitlines())}


def count(rule, codes):
    if rule == "*":
        # what hadolint has no rule for is not its business
        return sum(code.startswith(("DL", "SC")) for code in codes)
    if rule == "SC*":
        return sum(code.startswith("SC") for code in codes)
    return codes.count(rule)


def holds(vector, codes):
    n = count(vector["rule"], codes)
    return {"none": n == 0, "some": n > 0, "one": n == 1, "exactly": n == vector.get("count")}[vector["expect"]]


class Vectors(unittest.TestCase):
    @with_shell
    def test_each_vector_is_met(self):
        vectors = load()
        listed = [int(row["items"]) for row in manifest("dockerfile") if row["file"] == NAME]
        self.assertEqual(listed, [len(vectors)], "the vectors are not all there")
        found = lint(vectors)
        have_shell = SHELL_RULES <= rules()
        failed, pending, excepted = [], 0, collections.Counter()
        for v in vectors:
            if holds(v, found[v["id"]]):
                continue
            reason = next((why for rule, construct, why in EXCEPTIONS
                           if rule == v["rule"] and construct(v["dockerfile"])), None)
            if reason:
                excepted[reason] += 1
            elif v["rule"] in ("SC*", "*") and not have_shell:
                pending += 1
            else:
                failed.append("%s %s: expected %s, found %s in %r" % (
                    v["id"], v["rule"], v["expect"], found[v["id"]], v["dockerfile"]))
        self.assertEqual(failed, [], "\n" + "\n".join(failed))
        self.assertLessEqual(sum(excepted.values()), len(vectors) // 100)
        print("# %d vectors, %d pending (shell rules), %d excepted" % (
            len(vectors), pending, sum(excepted.values())))


def rules():
    """Codes of the shell rules that this build has, by their pages' sources."""
    root = os.environ.get("PLIMSOLL_SOURCE", os.getcwd())
    with open(os.path.join(root, "src", "dockerfile", "rules_shell.def"), encoding="utf-8") as f:
        return {line[5:line.index(")")].upper() for line in f if line.startswith("RULE(")}


if __name__ == "__main__":
    unittest.main()
