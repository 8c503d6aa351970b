"""The comparators against shared vectors and against the native tools that this machine has."""
import json
import os
import random
import shutil
import subprocess
import unittest

TOOL = os.path.join(os.environ["PLIMSOLL_BUILD"], "tests", "tool-version")
SHARED = os.environ.get("PLIMSOLL_SHARED", "")
VECTORS = os.path.join(SHARED, "versions")
PAIRS = 400


def judge(comparator, lines):
    """What fails of the lines `A op B`; the counts."""
    done = subprocess.run([TOOL, comparator], input="\n".join(lines).encode(), stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=60)
    if done.returncode not in (0, 2):
        raise AssertionError(done.stderr.decode())
    out = done.stdout.decode().splitlines()
    passed, _, failed, _ = out[-1].replace(",", "").split()
    return out[:-1], int(passed), int(failed)


def manifest():
    counts = {}
    with open(os.path.join(VECTORS, "MANIFEST.tsv"), encoding="utf-8") as f:
        for line in f:
            if not line.startswith(("#", "file\t")):
                fields = line.split("\t")
                counts[fields[0]] = int(fields[3])
    return counts


@unittest.skipUnless(os.path.isdir(VECTORS), "no shared data")
class SharedVectors(unittest.TestCase):
    FILES = {
        "alpine-versions-generated.txt": "alpine",
        "alpine-versions.txt": "alpine",
        "apk-tools-versions.txt": "apk",
        "debian-versions-generated.txt": "debian",
        "debian-versions.txt": "debian",
        "redhat-versions.txt": "redhat",
        "rpm-rpmvercmp.txt": "rpm",
    }
    UNIVERS = {
        "univers/alpine_version_cmp.jsonl": "alpine",
        "univers/alpm_version_cmp.jsonl": "alpm",
        "univers/deb_version_python_pkg_test.jsonl": "debian",
    }

    def check(self, name, comparator, lines, cases):
        bad, passed, _ = judge(comparator, lines)
        self.assertEqual(bad, [])
        self.assertEqual(passed, len(lines))
        self.assertEqual(cases, manifest()[name])

    def test_lines_hold(self):
        for name, comparator in self.FILES.items():
            with self.subTest(name), open(os.path.join(VECTORS, name), encoding="utf-8") as f:
                lines = f.read().splitlines()
                self.check(name, comparator, lines, len(lines))

    def test_univers_cases_hold(self):
        for name, comparator in self.UNIVERS.items():
            with self.subTest(name), open(os.path.join(VECTORS, name), encoding="utf-8") as f:
                cases = [json.loads(line) for line in f]
                lines = []
                for case in cases:
                    versions, expected = case["input"]["versions"], case["expected_output"]
                    if case["test_type"] == "equality":
                        lines.append(f"{versions[0]} {'=' if expected else '!='} {versions[1]}")
                    else:
                        lines += [f"{a} <= {b}" for a, b in zip(expected, expected[1:])]
                self.check(name, comparator, lines, len(cases))


def made_versions(rng, alphabet, pieces):
    """Pairs that are alike more often than chance would have it."""
    def one():
        return "".join(rng.choice(pieces) if rng.random() < 0.5 else rng.choice(alphabet)
                       for _ in range(rng.randint(1, 7)))

    def near(text):
        at = rng.randrange(len(text) + 1)
        change = rng.randrange(3)
        if change == 0:
            return text[:at] + rng.choice(alphabet) + text[at:]
        if change == 1:
            return (text[:at] + text[at + 1:]) or "1"
        return text[:at] + rng.choice(pieces)

    for _ in range(PAIRS):
        a = one()
        yield a, near(a) if rng.random() < 0.7 else one()


class NativeTools(unittest.TestCase):
    """Each order is asked of the native tool, then the lines are judged."""

    def check(self, comparator, lines):
        bad, passed, _ = judge(comparator, lines)
        self.assertEqual(bad, [])
        self.assertEqual(passed, len(lines))
        self.assertGreater(len({line.split(" ")[1] for line in lines}), 2)

    @unittest.skipUnless(shutil.which("dpkg"), "no dpkg")
    def test_dpkg(self):
        rng = random.Random(1)
        lines, refused = [], []
        for a, b in made_versions(rng, "0129.~+-:abZ_", ["1.2", "~rc1", "-1", "1:", "+dfsg", "00", "10"]):
            if a.startswith("-") or b.startswith("-"):  # dpkg takes them for options
                continue
            results = [subprocess.run(["dpkg", "--compare-versions", a, op, b],
                                      stderr=subprocess.DEVNULL).returncode for op in ("lt", "eq", "gt")]
            if 2 in results:
                refused.append(f"{a} = {b}")
            else:
                lines.append(f"{a} {'<=>'[results.index(0)]} {b}")
        self.check("debian", lines)
        self.assertGreater(len(refused), 10)
        bad, passed, failed = judge("debian", refused)
        self.assertEqual((passed, failed), (0, len(refused)))
        self.assertEqual([line for line in bad if ": version '" not in line], [])

    def rpm(self, pairs, function):
        program = "".join(f"print({function('[==[' + a + ']==]', '[==[' + b + ']==]')})\nprint(' ')\n"
                          for a, b in pairs)
        out = subprocess.run(["rpm", "--eval", "%{lua:" + program + "}"], check=True,
                             stdout=subprocess.PIPE).stdout.decode().split()
        self.assertEqual(len(out), len(pairs))
        return [f"{a} {'<=>'[int(order) + 1]} {b}" for (a, b), order in zip(pairs, out)]

    @unittest.skipUnless(shutil.which("rpm"), "no rpm")
    def test_rpm(self):
        rng = random.Random(2)
        pairs = list(made_versions(rng, "0129.~^-:abZ_+", ["1.2", "~rc1", "-1", "1:", "^git", "00", "10"]))
        self.check("redhat", self.rpm(pairs, lambda a, b: f"rpm.vercmp({a}, {b})"))
        # segments alone: the same call with what could be an epoch or a release taken out
        pairs = [(a.replace("-", ".").replace(":", "."), b.replace("-", ".").replace(":", "."))
                 for a, b in pairs]
        self.check("rpm", self.rpm(pairs, lambda a, b: f"rpm.vercmp({a}, {b})"))

    @unittest.skipUnless(shutil.which("vercmp"), "no vercmp")
    def test_vercmp(self):
        rng = random.Random(3)
        lines = []
        for a, b in made_versions(rng, "0129.~^-:abZ_+", ["1.2", "~rc1", "-1", "1:", "rc", "00", "10"]):
            if a.startswith("-") or b.startswith("-"):  # as above
                continue
            out = subprocess.run(["vercmp", a, b], stdout=subprocess.PIPE, check=True).stdout
            lines.append(f"{a} {'<=>'[(int(out) > 0) - (int(out) < 0) + 1]} {b}")
        self.check("alpm", lines)
