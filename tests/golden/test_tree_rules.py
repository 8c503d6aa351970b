"""Tree-association rules: the published figures, our own parse, mining, and the rules in lint."""
import collections
import json
import lzma
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
import unittest

import corpus
from plimsoll import PLIMSOLL, shared

LOCAL = {  # gold rules whose consequent is below the antecedent, and what a mined pattern must hold
    "curlUseFlagF": ("SC-CURL^", ["SC-CURL-F-FAIL"]),
    "curlUseHttpsUrl": ("SC-CURL-URL^", ["ABS-PROBABLY-URL", "ABS-URL-PROTOCOL-HTTPS"]),
    "wgetUseHttpsUrl": ("SC-WGET-URL^", ["ABS-PROBABLY-URL", "ABS-URL-PROTOCOL-HTTPS"]),
    "configureShouldUseBuildFlag": ("SC-CONFIGURE^", ["SC-CONFIGURE-BUILD"]),
    "gpgUseBatchFlag": ("SC-GPG^", ["SC-GPG-F-BATCH"]),
    "gpgUseHaPools": ("SC-GPG-KEYSERVER^", ["ABS-URL-POOL", "ABS-URL-HA-POOL"]),
    "ruleAptGetInstallUseY": ("SC-APT-GET-INSTALL^", ["SC-APT-GET-F-YES"]),
    "ruleAptGetInstallUseNoRec": ("SC-APT-GET-INSTALL^", ["SC-APT-GET-F-NO-INSTALL-RECOMMENDS"]),
    "apkAddUseNoCache": ("SC-APK-ADD^", ["SC-APK-F-NO-CACHE"]),
}
BESIDE = {
    "ruleAptGetUpdatePrecedesInstall": ("SC-APT-GET-INSTALL", "precedes", ["SC-APT-GET-UPDATE"]),
    "ruleAptGetInstallThenRemoveAptLists": ("SC-APT-GET-INSTALL", "follows", ["SC-RM", "ABS-APT-LISTS"]),
    "sha256sumEchoOneSpaces": ("SC-SHA-256-SUM", "precedes", ["SC-ECHO", "ABS-SINGLE-SPACE"]),
    "rmRecursiveAfterMktempD": ("SC-MKTEMP", "follows", ["SC-RM", "SC-RM-F-FORCE"]),
}


def run(*args, **more):
    return subprocess.run([PLIMSOLL, *args], capture_output=True, text=True, **more)


def expected():
    with open(shared("dockerfile", "gold-rules-expected.tsv"), encoding="utf-8") as f:
        rows = [line.rstrip("\n").split("\t") for line in f if not line.startswith("#")]
    return [dict(zip(rows[0], r)) for r in rows[1:]]


def row_of(rule):
    return (rule["name"] if "name" in rule else rule["rule"], int(rule["support"]), int(rule["confirmed"]),
            int(rule["files"]), int(rule["files_violating"]), rule["kept"])


def words(pattern):
    return set(pattern.replace("(", " ").replace(")", " ").split())


class GoldRules(unittest.TestCase):
    def evaluate(self, corpus, *more):
        p = run("mine", "--evaluate", "gold", "--format", "json", *more, corpus)
        self.assertEqual(p.returncode, 0, p.stderr)
        return json.loads(p.stdout)

    def check(self, figures):
        want = expected()
        self.assertEqual(len(want), 23)
        self.assertEqual([row_of(r) for r in figures["rules"]], [row_of(r) for r in want])
        self.assertEqual(figures["trees"], 405)
        self.assertEqual(figures["kept"], 15)
        self.assertEqual(sum(r["support"] >= 50 for r in figures["rules"]), 16)
        self.assertTrue(6.4 <= figures["mean_violation"] <= 6.7, figures["mean_violation"])

    def test_published_trees_give_the_23_rows(self):
        self.check(self.evaluate(shared("dockerfile", "gold-ast.abstracted.jsonl.xz")))

    def test_our_parse_gives_the_23_rows_whatever_the_files_are_called(self):
        self.check(self.evaluate(shared("dockerfile", "gold-405.tar.xz")))
        with tempfile.TemporaryDirectory() as folder:
            with tarfile.open(shared("dockerfile", "gold-405.tar.xz")) as tar:
                members = [m for m in tar if m.isfile()]
                self.assertEqual(len(members), 405)
                for i, m in enumerate(members):
                    os.mkdir(os.path.join(folder, str(i)))
                    with open(os.path.join(folder, str(i), "Dockerfile"), "wb") as out:
                        out.write(tar.extractfile(m).read())
            self.check(self.evaluate(folder))

    def test_present_official_files_keep_the_rules_better_than_ordinary_ones(self):
        kept = {r["rule"] for r in expected() if r["kept"] == "yes"}
        lines = []
        with lzma.open(shared("dockerfile", "ordinary_head.jsonl.xz"), "rt", encoding="utf-8") as f:
            lines = [line for i, line in enumerate(f) if i % 25 == 0]
        self.assertGreater(len(lines), 4000)
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as sample:
            sample.writelines(lines)
            sample.flush()
            ordinary = self.evaluate(sample.name)
        gold = self.evaluate(shared("dockerfile", "gold_head.jsonl.xz"))
        self.assertEqual(gold["trees"], 642)

        def mean(figures):
            rates = [100 - r["confidence"] for r in figures["rules"] if r["name"] in kept and r["support"]]
            return sum(rates) / len(rates)

        print("# mean violation of the 15 rules: ordinary (every 25th) %.2f %%, gold head %.2f %%"
              % (mean(ordinary), mean(gold)))
        self.assertGreater(mean(ordinary), 3 * 6.6)
        self.assertGreater(mean(ordinary), mean(gold))

    def test_rules_written_out_can_be_loaded(self):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as rules:
            mined = run("mine", "-f", "rules", shared("dockerfile", "gold-405.tar.xz"))
            self.assertEqual(mined.returncode, 0, mined.stderr)
            rules.write(mined.stdout)
            rules.flush()
            figures = json.loads(run("mine", "--evaluate", rules.name, "-f", "json",
                                     shared("dockerfile", "gold-405.tar.xz")).stdout)
            self.assertGreater(len(figures["rules"]), 50)
            for r in figures["rules"]:
                self.assertGreaterEqual(r["support"], 50, r)
            p = run("lint", "--rules", rules.name, "-f", "json", "-", input="RUN gpg --verify a.asc\n")
            self.assertIn(p.returncode, (0, 2), p.stderr)
            codes = [f["code"] for f in json.loads(p.stdout)]
            self.assertTrue([c for c in codes if c.startswith("mined-sc-gpg-child")], codes)


class Mining(unittest.TestCase):
    def mine(self, *args):
        p = run("mine", "-f", "json", *args)
        self.assertEqual(p.returncode, 0, p.stderr)
        return json.loads(p.stdout)

    def recovered(self, mined):
        local = {name for name, (root, parts) in LOCAL.items()
                 if any(r["antecedent"] == root and r["location"] == "child" and
                        set(parts) <= words(r["consequent"]) for r in mined)}
        beside = {name for name, (root, location, parts) in BESIDE.items()
                  if any(r["antecedent"] == root and r["location"] == location and
                         set(parts) <= words(r["consequent"]) for r in mined)}
        return local, beside

    def test_gold_files_teach_the_gold_rules(self):
        mined = self.mine(shared("dockerfile", "gold-405.tar.xz"))
        local, beside = self.recovered(mined)
        print("# local rules not recovered: %s" % ", ".join(sorted(set(LOCAL) - local)))
        self.assertGreaterEqual(len(local), 6)
        self.assertGreaterEqual(len(beside), 3)
        for r in mined:
            self.assertGreaterEqual(r["found"]["confidence"], 70, r)
            self.assertTrue(r["examples"], r)

    def test_published_trees_teach_the_gold_rules_and_the_published_patterns(self):
        mined = self.mine(shared("dockerfile", "gold-ast.abstracted.jsonl.xz"))
        local, _ = self.recovered(mined)
        self.assertGreaterEqual(len(local), 6)
        trees = [words(r["antecedent"].rstrip("^") + " " + r["consequent"]) for r in mined if r["location"] == "child"]
        missing = []
        with open(shared("dockerfile", "mined-rules-example.jsonl"), encoding="utf-8") as f:
            patterns = [json.loads(line) for line in f if line.strip().startswith("{")]
        self.assertGreaterEqual(len(patterns), 25)
        for p in patterns:
            types, stack = set(), [p]
            while stack:
                n = stack.pop()
                types.add(n["type"])
                stack.extend(n["children"])
            if not any(types <= t for t in trees):
                missing.append(p["type"] + str(sorted(types)))
        for m in missing:
            print("# published pattern not found: %s" % m)
        self.assertLessEqual(len(missing), 4, missing)

    def test_a_second_corpus_tells_how_often_rules_are_broken(self):
        mined = self.mine("--second", shared("dockerfile", "gold_head.jsonl.xz"),
                          shared("dockerfile", "gold-405.tar.xz"))
        self.assertTrue(all(r["second"]["support"] > 0 for r in mined
                            if r["antecedent"] == "SC-APT-GET-INSTALL^"))

    def test_any_trees_can_be_mined(self):
        """Another notation: services of a compose file; all but one restart, in any order."""
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as f:
            for i in range(40):
                parts = [{"type": "image", "value": "i%d" % i, "children": []}]
                if i != 7:
                    parts.insert(i % 2, {"type": "restart", "value": "always", "children": []})
                f.write(json.dumps({"name": "f%d" % i, "type": "file", "children": [
                    {"type": "service", "children": parts}]}) + "\n")
            f.flush()
            mined = self.mine("--min-support", "20", f.name)
        self.assertEqual([(r["antecedent"], r["location"], r["consequent"], r["found"]["support"],
                           r["found"]["confirmed"]) for r in mined],
                         [("file^", "child", "service(restart=always)", 40, 39)])


class History(unittest.TestCase):
    """A repository made of what experts changed: each file before, the commits, and version bumps behind them."""
    RULES = {  # of the commits: antecedent, location, what the consequent must hold
        "curlUseHttpsUrl": ("SC-CURL-URL^", "child", {"ABS-URL-PROTOCOL-HTTPS"}),
        "configureShouldUseBuildFlag": ("SC-CONFIGURE^", "child", {"SC-CONFIGURE-BUILD"}),
        "gemUpdateSystemRmRootGem": ("SC-GEM-UPDATE", "follows", {"SC-RM", "ABS-PATH-DOT-GEM", "ABS-PATH-ROOT-DIR"}),
        "gpgUseBatchFlag": ("SC-GPG^", "child", {"SC-GPG-F-BATCH"}),
        "ruleAptGetInstallUseNoRec": ("SC-APT-GET-INSTALL^", "child", {"SC-APT-GET-F-NO-INSTALL-RECOMMENDS"}),
        "npmCacheCleanAfterInstall": ("SC-NPM-INSTALL", "follows", {"SC-NPM-CACHE-CLEAN"}),
        "apkAddUseNoCache": ("SC-APK-ADD^", "child", {"SC-APK-F-NO-CACHE"}),
    }

    def git(self, folder, *args):
        p = subprocess.run(["git", "-C", folder, "-c", "user.name=t", "-c", "user.email=t@example.com",
                            "-c", "commit.gpgsign=false", *args], capture_output=True, text=True,
                           env={**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"})
        self.assertEqual(p.returncode, 0, p.stderr)

    def commit(self, folder, texts, words):
        for path, text in texts.items():
            os.makedirs(os.path.dirname(os.path.join(folder, path)), exist_ok=True)
            with open(os.path.join(folder, path), "w", encoding="utf-8", newline="") as out:
                out.write(text)
        self.git(folder, "add", "-A")
        self.git(folder, "commit", "-qm", words)

    def mine(self, *args):
        p = run("mine", "--history", "-f", "json", *args)
        self.assertEqual((p.returncode, p.stderr), (0, ""))
        return json.loads(p.stdout)

    @unittest.skipUnless(shutil.which("git"), "git is not installed")
    def test_what_experts_changed_becomes_rules(self):
        with open(shared("dockerfile", "fixes.dev.jsonl"), encoding="utf-8") as f:
            rows = [json.loads(line) for line in f]
        changes = collections.defaultdict(dict)  # by commit: the rows by path
        for row in rows:
            changes[row["commit"]][os.path.join(row["repo"], row["commit"][:7], row["path"])] = row
        self.assertEqual({row["rule"] for row in rows if row["kind"] == "fix"}, set(self.RULES))
        with tempfile.TemporaryDirectory() as folder:
            self.git(folder, "init", "-q")
            self.commit(folder, {p: r["before"] for c in changes.values() for p, r in c.items()}, "all")
            for name, commit in changes.items():
                self.commit(folder, {p: r["after"] for p, r in commit.items()}, name)
            plain = self.mine("--min-support", "1", "--min-confidence", "50", folder)
            for n in range(3):
                self.commit(folder, {p: re.sub(r"(_VERSION[ =])[\d.]+", r"\g<1>99.%d" % n, r["after"]) + "# %d\n" % n
                                     for c in changes.values() for p, r in c.items()}, "version %d" % n)
            mined = self.mine("--min-support", "1", "--min-confidence", "50", folder)
            loaded = run("mine", "--history", "-f", "rules", "--min-support", "1", folder).stdout
        # bumps are no changes
        self.assertEqual([(r["name"], r["history"]) for r in mined], [(r["name"], r["history"]) for r in plain])
        found = {name: [r for r in mined if (r["antecedent"], r["location"]) == (antecedent, location) and
                        parts <= words(r["consequent"])]
                 for name, (antecedent, location, parts) in self.RULES.items()}
        self.assertEqual([name for name in found if not found[name]], [])
        for name, rules in found.items():
            self.assertGreater(rules[0]["history"]["made"], rules[0]["history"]["undone"], name)
        print("# %d of %d rules of the commits, of %d mined" % (len(found), len(self.RULES), len(mined)))
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write(loaded)
            file.flush()
            p = run("lint", "--no-config", "--rules", file.name, "-f", "json", "-", input="RUN apk add curl\n")
            self.assertIn(p.returncode, (0, 2), p.stderr)
            self.assertIn("mined-sc-apk-add-child", " ".join(f["code"] for f in json.loads(p.stdout)))

    @unittest.skipUnless(shutil.which("git"), "git is not installed")
    def test_what_is_no_repository_is_told(self):
        with tempfile.TemporaryDirectory() as folder:
            p = run("mine", "--history", folder)
            self.assertEqual(p.returncode, 1)
            self.assertIn("not a git repository", p.stderr)
            self.git(folder, "init", "-q")
            with open(os.path.join(folder, ".git", "config"), "a", encoding="utf-8") as config:
                # nothing that a repository says is run
                config.write("[diff]\n\texternal = touch %s/run\n[log]\n\tshowSignature = true\n"
                             "[gpg]\n\tprogram = touch %s/run\n[core]\n\tpager = touch %s/run\n"
                             "[diff \"x\"]\n\tcommand = touch %s/run\n\ttextconv = touch %s/run\n"
                             % ((folder,) * 5))
            for n in range(3):
                self.commit(folder, {"d/Dockerfile": "FROM a:%d\nRUN apk add %sb\n" % (n, "--no-cache " * (n == 2)),
                                     ".gitattributes": "* diff=x\n", "d/x.txt": str(n)}, str(n))
            mined = self.mine("--min-support", "1", os.path.join(folder, "d"))
            self.assertEqual([(r["antecedent"], r["consequent"], r["history"]) for r in mined],
                             [("SC-APK-ADD^", "SC-APK-F-NO-CACHE", {"made": 1, "undone": 0, "commits": 1})])
            self.assertFalse(os.path.exists(os.path.join(folder, "run")))
        p = run("mine", "--history", "--evaluate", "gold", folder)
        self.assertEqual(p.returncode, 3, p.stderr)


class Lint(unittest.TestCase):
    def test_what_experts_repaired_is_found_before_and_not_after(self):
        with open(shared("dockerfile", "fixes.dev.jsonl"), encoding="utf-8") as f:
            rows = [json.loads(line) for line in f]
        self.assertEqual(len(rows), 48)
        counts = collections.Counter()
        for row in rows:
            def found(text):
                p = run("lint", "--no-config", "--only", row["rule"], "-f", "json", "-", input=text)
                self.assertIn(p.returncode, (0, 2), p.stderr)
                return len(json.loads(p.stdout))
            before, after = found(row["before"]), found(row["after"])
            counts[row["kind"]] += 1
            self.assertEqual(after, 0, (row["rule"], row["commit"], row["path"]))
            if row["kind"] == "fix":
                self.assertGreater(before, 0, (row["rule"], row["commit"], row["path"]))
            else:
                self.assertEqual(before, 0, (row["rule"], row["commit"], row["path"]))
        print("# rows: %s" % dict(counts))



class Repair(unittest.TestCase):
    OBSOLETE = ("gpgUseHaPools",)  # all pools were switched off in 2021

    def found(self, rule, path):
        p = run("lint", "--no-config", "--only", rule, "-f", "json", path)
        self.assertIn(p.returncode, (0, 2), p.stderr)
        return len(json.loads(p.stdout))

    def test_our_repair_does_what_the_experts_did(self):
        with open(shared("dockerfile", "fixes.dev.jsonl"), encoding="utf-8") as f:
            rows = [row for line in f if (row := json.loads(line))["kind"] == "fix"]
        self.assertEqual(len(rows), 47)
        done = 0
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "Dockerfile")
            for row in rows:
                with open(path, "w", encoding="utf-8", newline="") as out:
                    out.write(row["before"])
                self.assertGreater(self.found(row["rule"], path), 0, row["path"])
                p = run("lint", "--no-config", "--fix=unsafe", "--only", row["rule"], path)
                self.assertIn(p.returncode, (0, 2), p.stderr)
                with open(path, encoding="utf-8", newline="") as f:
                    changed = f.read() != row["before"]
                if row["rule"] in self.OBSOLETE:
                    self.assertFalse(changed, row["path"])
                else:
                    self.assertEqual(self.found(row["rule"], path), 0, (row["rule"], row["path"]))
                done += 1
        self.assertEqual(done, len(rows))

    def test_obsolete_advice_is_not_applied(self):
        text = "RUN gpg --batch --keyserver pool.sks-keyservers.net --recv-keys A\n"
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "Dockerfile")
            with open(path, "w", encoding="utf-8") as out:
                out.write(text)
            self.assertEqual(self.found("gpgUseHaPools", path), 1)
            run("lint", "--no-config", "--fix=unsafe", "--only", "gpgUseHaPools", path)
            with open(path, encoding="utf-8") as f:
                self.assertEqual(f.read(), text)

    def check(self, mode, name, every, least):
        """Of a gold rule no finding that a repair is offered for is left, and its repair brings no other."""
        figures, broken = corpus.run("fix_corpus", name, mode, every, 1, "gold")
        codes = {r["rule"] for r in expected()}
        self.assertEqual([line for line in broken if codes & set(line.split())], [], (mode, name))
        self.assertEqual(figures["files"], (corpus.rows(name) + every - 1) // every)
        self.assertGreaterEqual(figures["fixed"], least)
        print("# %s, %s: %s" % (name, mode, figures))

    def test_repairs_of_the_gold_files_keep_their_promises(self):
        self.check("each", "gold-405.tar.xz", 1, 2000)
        self.check("unsafe", "gold-405.tar.xz", 1, 2000)

    def test_repairs_of_a_sample_of_ordinary_files_keep_their_promises(self):
        self.check("each", "ordinary_head.jsonl.xz", 50, 15000)
        self.check("unsafe", "ordinary_head.jsonl.xz", 50, 15000)
        self.check("safe", "ordinary_head.jsonl.xz", 50, 6000)


if __name__ == "__main__":
    unittest.main()
