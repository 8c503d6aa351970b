"""Scores and package URLs against published data."""
import json
import os
import re
import subprocess
import tarfile
import unittest

from plimsoll import BUILD, shared

TOOL = os.path.join(BUILD, "tests", "tool-model")


def tool(what, lines):
    done = subprocess.run([TOOL, what], input="\n".join(lines).encode() + b"\n", stdout=subprocess.PIPE,
                          check=True, timeout=60)
    return done.stdout.decode().splitlines()


class Scores(unittest.TestCase):
    PAIRS = 2000
    # publishers that wrote a temporal score, a score of another vector, or rounded in their own way;
    # each was recomputed by hand
    WRONG_PART = 0.03

    def pairs(self):
        """Distinct (vector, base score) of the records of vulnrichment."""
        path = shared("vulndb", "enrich", "cisa-vulnrichment-20241024.tar.zst")
        pattern = re.compile(rb'\{[^{}]*"vectorString"[^{}]*\}')
        out = set()
        with subprocess.Popen(["zstd", "-dc", path], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL) as process:
            with tarfile.open(fileobj=process.stdout, mode="r|") as tar:
                for member in tar:
                    if len(out) >= self.PAIRS:
                        break
                    for found in pattern.findall(tar.extractfile(member).read() if member.isfile() else b""):
                        try:
                            entry = json.loads(found)
                            out.add((entry["vectorString"], float(entry["baseScore"])))
                        except (ValueError, KeyError, TypeError):
                            pass
            process.kill()
        return sorted(out)

    def test_published_scores_are_those_of_the_equations(self):
        pairs = self.pairs()
        self.assertGreaterEqual(len(pairs), self.PAIRS)
        compared, wrong, malformed = 0, [], []
        for (vector, published), line in zip(pairs, tool("cvss", [v for v, _ in pairs])):
            score, version = map(int, line.split())
            if score < 0:
                malformed.append(vector)
                continue
            if version != 40 and re.search(r"/(E|RL|RC|[CIA]R|M[A-Z]+):", vector):
                continue
            compared += 1
            if score != round(published * 10):
                wrong.append(f"{vector} {published} {score}")
        self.assertGreater(compared, self.PAIRS / 2)
        self.assertLessEqual(len(malformed), 1, malformed)
        self.assertLess(len(wrong), compared * self.WRONG_PART, wrong)


class PackageUrls(unittest.TestCase):
    def test_images_have_the_listed_package_urls(self):
        path = shared("images", "distroless-base.docker.tar.gz.expected.json")
        with open(path, encoding="utf-8") as f:
            expected = json.load(f)
        rows = ["\t".join([expected["package_type"], expected["os_release"]["ID"], p["name"], p["version"],
                           p["arch"]]) for p in expected["packages"]]
        self.assertGreater(len(rows), 1)
        self.assertEqual(sorted(tool("purl", rows)), sorted(expected["purls"]))


if __name__ == "__main__":
    unittest.main()
