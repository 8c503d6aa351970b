"""ShellCheck as the judge of our shell rules, over RUN bodies of ordinary Dockerfiles."""
import collections
import json
import lzma
import os
import re
import shutil
import subprocess
import tempfile
import unittest

from plimsoll import BUILD, shared

TOOL = os.path.join(BUILD, "tests", "tool-lint_vectors")
FILES = int(os.environ.get("PLIMSOLL_SHELLCHECK_FILES", "600"))
PROXIES = [n for p in ("http_proxy", "https_proxy", "ftp_proxy", "no_proxy") for n in (p, p.upper())]

# Least recall and precision, each with what is left of the difference.
FLOORS = {
    "SC2086": (0.95, 0.95),
    # Nothing is said behind source, eval and broken text, where ShellCheck goes on. Too few in the
    # sample for more than: none of ours is wrong.
    "SC2154": (0.80, 0.80),
    # Of two `...` with nothing but blanks between them the grammar makes one: the second is not seen.
    "SC2046": (0.94, 0.95),
    "SC2155": (0.95, 0.95),
    "SC2016": (0.95, 0.95),
    "SC2035": (0.95, 0.95),
    "SC2028": (0.95, 0.95),
}


def sample():
    """Files without heredocs, odd escapes and shells, spread over the corpus."""
    taken = []
    with lzma.open(shared("dockerfile", "ordinary_head.jsonl.xz"), "rt", encoding="utf-8") as f:
        for number, line in enumerate(f):
            if number % 61:
                continue
            text = json.loads(line)["text"]
            if "\r" in text or not re.search(r"^\s*RUN\s", text, re.M | re.I) or \
                    re.search(r"<<|escape\s*=|^\s*(SHELL|ONBUILD)\b|hadolint|powershell", text, re.M | re.I):
                continue
            taken.append(text)
            if len(taken) == FILES:
                break
    return taken


def instructions(text):
    """(first line, last line, text joined as Docker does it), from 1."""
    first, joined = None, ""
    for number, line in enumerate(text.split("\n"), 1):
        if line.lstrip().startswith("#") or (first and not line.strip()):
            continue
        if not line.strip():
            continue
        if first is None:
            first, joined = number, ""
        m = re.search(r"\\[ \t]*$", line)
        if m:
            joined += line[:m.start()]
            continue
        yield first, number, joined + line
        first = None
    if first:
        yield first, number, joined


def bodies(text):
    """RUN bodies in shell form as hadolint hands them to ShellCheck."""
    names, stages = list(PROXIES), {}
    stage = None
    for first, last, line in instructions(text):
        m = re.match(r"\s*(\w+)\s+(.*)", line, re.S)
        if not m:
            continue
        keyword, rest = m.group(1).upper(), m.group(2).strip()
        if keyword == "FROM":
            words = rest.split()
            names = list(stages.get(words[0].lower(), PROXIES))
            stage = words[2].lower() if len(words) > 2 and words[1].lower() == "as" else None
        elif keyword == "ARG":
            names += [w.split("=")[0] for w in rest.split() if re.match(r"[A-Za-z_]\w*(=|$)", w)]
        elif keyword == "ENV":
            m = re.match(r"([A-Za-z_]\w*)\s", rest)
            names += [m.group(1)] if m else re.findall(r"(?:^|\s)([A-Za-z_]\w*)=", rest)
        elif keyword == "RUN":
            rest = re.sub(r"^(--\S+\s+)+", "", rest)
            # nothing in the rest can be a finding
            if not rest.startswith("[") and re.search(r"[$`*?\\\\]", rest):
                script = "#!/bin/sh\n" + "".join("export %s=1\n" % n for n in dict.fromkeys(names)) + rest + "\n"
                yield first, last, script
        if stage:
            stages[stage] = list(names)


def judge(scripts):
    """Findings of ShellCheck by script: a Counter of codes, or None where it cannot parse."""
    with tempfile.TemporaryDirectory() as folder:
        for n, script in enumerate(scripts):
            with open(os.path.join(folder, "%06d" % n), "w", encoding="utf-8") as f:
                f.write(script)
        names = ["%06d" % n for n in range(len(scripts))]
        found = [collections.Counter() for _ in scripts]
        for at in range(0, len(names), 200):
            p = subprocess.run(["shellcheck", "-s", "sh", "-S", "style", "-e", "1090,1091,2187", "-f", "json"]
                               + names[at:at + 200], cwd=folder, capture_output=True, text=True)
            for f in json.loads(p.stdout):
                found[int(f["file"])]["SC%04d" % f["code"]] += 1
    return found


def ours(texts):
    lines = "".join(json.dumps({"id": str(n), "dockerfile": t}) + "\n" for n, t in enumerate(texts))
    p = subprocess.run([TOOL], input=lines, capture_output=True, text=True, check=True)
    return {int(r["id"]): r["findings"] for r in map(json.loads, p.stdout.splitlines())}


class Judge(unittest.TestCase):
    def test_shell_rules_find_what_shellcheck_finds(self):
        if not shutil.which("shellcheck"):
            self.skipTest("shellcheck is not installed")
        texts = sample()
        self.assertEqual(len(texts), FILES)
        runs = [(n, first, last, script) for n, t in enumerate(texts) for first, last, script in bodies(t)]
        theirs, mine = judge([r[3] for r in runs]), ours(texts)
        both, want, have = collections.Counter(), collections.Counter(), collections.Counter()
        for (n, first, last, script), counts in zip(runs, theirs):
            # a parse error of ShellCheck: it stops there
            if counts["SC1072"] or counts["SC1073"]:
                continue
            found = collections.Counter(code for code, line, _ in mine[n] if first <= line <= last)
            for code in FLOORS:
                if os.environ.get("PLIMSOLL_SHELLCHECK_SHOW") in (code, "all") and counts[code] != found[code]:
                    print("# %s: theirs %d, ours %d: %s" % (code, counts[code], found[code], script[script.rindex("=1\n") + 3:]))
                want[code] += counts[code]
                have[code] += found[code]
                both[code] += min(counts[code], found[code])
        failed = []
        for code, (recall, precision) in FLOORS.items():
            r = both[code] / want[code] if want[code] else 1
            p = both[code] / have[code] if have[code] else 1
            print("# %s: theirs %d, ours %d, recall %.3f, precision %.3f" % (code, want[code], have[code], r, p))
            if r < recall or p < precision:
                failed.append(code)
        self.assertEqual(failed, [])


if __name__ == "__main__":
    unittest.main()
