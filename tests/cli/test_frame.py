"""Command line, help and errors as a person meets them."""
import os
import subprocess
import tempfile
import unittest

from plimsoll import run


class Frame(unittest.TestCase):
    def test_no_arguments_prints_ten_lines_at_most(self):
        r = run()
        self.assertEqual(r.code, 0)
        self.assertLessEqual(len(r.text.splitlines()), 10)
        self.assertIn("plimsoll scan", r.text)

    def test_unknown_words_name_the_nearest(self):
        for args, text in (
            (["hepl"], "unknown command 'hepl'; did you mean 'help'?"),
            (["help", "--mna"], "unknown option '--mna' for help; did you mean '--man'?"),
            (["help", "--color", "sometimes"], "'sometimes' is not one of auto, always, never"),
            (["completion"], "completion needs SHELL"),
            (["completion", "bash", "x"], "one word too many: 'x'"),
            (["completion", "tcsh"], "'tcsh' is not one of"),
            (["help", "--man=yes"], "option '--man' takes no value"),
            (["help", "--now"], "option '--now' needs a value"),
            (["help", "-Z"], "unknown option '-Z'"),
        ):
            with self.subTest(args=args):
                r = run(*args)
                self.assertEqual(r.code, 3, r.errors)
                self.assertIn(text, r.errors)
                self.assertEqual(r.text, "")

    def test_options_stand_anywhere_and_end_at_two_dashes(self):
        for args in (["-q", "completion", "bash"], ["completion", "-q", "bash"],
                     ["completion", "bash", "-q"], ["completion", "--", "bash"],
                     ["--color=never", "completion", "bash"], ["--color", "never", "completion", "bash"]):
            with self.subTest(args=args):
                self.assertEqual(run(*args).code, 0)

    def test_every_command_has_help_and_a_man_page(self):
        names = [line[2:18].strip() for line in run("help").text.split("commands:\n")[1].split("\n\n")[0].splitlines()]
        self.assertIn("completion", names)
        for name in names:
            with self.subTest(command=name):
                r = run("help", *name.split())
                self.assertEqual(r.code, 0)
                self.assertTrue(r.text.startswith(f"usage: plimsoll {name} "))
                self.assertEqual(run(*name.split(), "--help").text, r.text)
                page = run("help", "--man", *name.split()).text
                self.assertTrue(page.startswith(".TH PLIMSOLL"))

    def test_bash_completion_offers_commands_options_and_values(self):
        script = run("completion", "bash").text
        with tempfile.NamedTemporaryFile("w", suffix=".bash") as f:
            f.write(script)
            f.flush()
            def offers(*words):
                line = " ".join(f"'{w}'" for w in words)
                p = subprocess.run(["bash", "-c", f"source {f.name}; COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; _plimsoll; printf '%s\\n' \"${{COMPREPLY[@]}}\""],
                                   capture_output=True, text=True, check=True, env={"PATH": os.environ["PATH"]})
                return p.stdout.split()
            self.assertIn("completion", offers("plimsoll", "comp"))
            self.assertIn("--color", offers("plimsoll", "help", "--c"))
            self.assertEqual(offers("plimsoll", "help", "--color", "n"), ["never"])

    def test_a_closed_pipe_is_no_error(self):
        p = subprocess.run("set -o pipefail; $PLIMSOLL help | head -1 >/dev/null", shell=True, executable="/bin/bash")
        self.assertEqual(p.returncode, 0)

    def test_a_full_disk_is_an_error(self):
        with open("/dev/full", "wb") as full:
            p = subprocess.run([os.environ["PLIMSOLL"], "help"], stdout=full, stderr=subprocess.PIPE)
        self.assertEqual(p.returncode, 1)
        self.assertIn(b"No space left", p.stderr)

    def test_version(self):
        self.assertRegex(run("--version").text, r"^plimsoll \d+\.\d+\.\d+\n")
