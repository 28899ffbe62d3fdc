"""What the program says of its own command line: completions that real shells run, manual pages that groff reads."""

import os
import re
import shutil
import subprocess
import unittest

from lab import weir
from lab.case import Case
from lab.server import PATIENCE


def has(program):
    return unittest.skipUnless(shutil.which(program), f"{program} is not installed")


class Completion(Case):
    def printed(self, *arguments):
        result = weir.command_line(*arguments)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        return result.stdout

    def run_shell(self, *command, script):
        result = subprocess.run(command, input=script, capture_output=True, text=True, timeout=20 * PATIENCE, check=False,
                                cwd=self.folder, env={**os.environ, "HOME": self.folder})
        self.assertEqual((result.returncode, result.stderr), (0, ""), result.stdout)
        return result.stdout

    def complete_in_bash(self, *words):
        quoted = " ".join(f"'{word}'" for word in words)
        script = self.printed("completion", "bash") + (
            f"\nCOMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; _weir; printf '%s\\n' \"${{COMPREPLY[@]}}\"\n")
        return self.run_shell("bash", "--norc", script=script).split()

    def verbs(self):
        """As --help names them."""
        _, _, commands = self.printed("--help").partition("\n\n")
        return set(re.findall(r"^(?:    )?weir ([a-z]+)\b", commands, re.M))

    def test_bash_knows_commands_flags_and_values(self):
        self.assertGreater(len(self.verbs()), 15)
        self.assertEqual(self.verbs(), {word for word in self.complete_in_bash("weir", "") if not word.startswith("-")})
        self.assertEqual(self.complete_in_bash("weir", "sta"), ["stats"])
        self.assertEqual(self.complete_in_bash("weir", "stats", "--wi"), ["--window"])
        self.assertEqual(self.complete_in_bash("weir", "stats", "--window", ""), ["1m", "5m", "1h", "1d", "all"])
        self.assertEqual(self.complete_in_bash("weir", "users", "--sort", "=", "ra"), ["rate_limited"])
        self.assertEqual(self.complete_in_bash("weir", "completion", "f"), ["fish"])
        with open(os.path.join(self.folder, "mine.yaml"), "wb"):
            pass
        self.assertEqual(self.complete_in_bash("weir", "run", "-c", "mi"), ["mine.yaml"])

    @has("zsh")
    def test_zsh_reads_its_own(self):
        self.run_shell("zsh", "-f", "-n", script=self.printed("completion", "zsh"))
        path = os.path.join(self.folder, "_weir")
        with open(path, "w", encoding="utf-8") as file:
            file.write(self.printed("completion", "zsh"))
        # As a completion is loaded: by its name, out of the path of functions.
        loaded = self.run_shell("zsh", "-f", script=(
            f"fpath=('{self.folder}' $fpath); autoload -Uz compinit; compinit -D -u; autoload +X _weir; print $_comps[weir]\n"))
        self.assertEqual(loaded, "_weir\n")

    @has("fish")
    def test_fish_completes(self):
        script = self.printed("completion", "fish")
        completed = self.run_shell("fish", "--no-config", script=script + "complete -C 'weir stats --window '\n")
        self.assertEqual({line.split("\t")[0] for line in completed.splitlines()}, {"1m", "5m", "1h", "1d", "all"})
        completed = self.run_shell("fish", "--no-config", script=script + "complete -C 'weir '\n")
        self.assertTrue(self.verbs() <= {line.split("\t")[0] for line in completed.splitlines()}, completed)

    @has("groff")
    def test_the_manual_page_is_whole_and_groff_has_nothing_to_blame(self):
        page = self.printed("man")
        result = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-P-cbou"], input=page, capture_output=True, text=True,
                                timeout=20 * PATIENCE, check=False)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        for verb in self.verbs():
            self.assertRegex(result.stdout.replace("\u2010", "-"), rf"(?m)^   {verb}$")
        for part in ("NAME", "EXIT STATUS", "SIGNALS", "ENVIRONMENT", "--window SPAN", "WEIR_TOKEN", "weir.yaml(5)"):
            self.assertIn(part, result.stdout)

    @has("groff")
    def test_what_is_installed_is_what_the_program_says(self):
        target = os.path.join(self.folder, "root", "usr")
        script = os.path.join(weir.ROOT, "packaging", "install_texts")
        reference = os.path.join(weir.ROOT, "conf", "weir.yaml")
        subprocess.run([script, weir.binary(), reference, "share", "share/man"], check=True, timeout=20 * PATIENCE,
                       env={**os.environ, "MESON_INSTALL_DESTDIR_PREFIX": target})
        with open(os.path.join(target, "share/bash-completion/completions/weir"), encoding="utf-8") as file:
            self.assertEqual(file.read(), self.printed("completion", "bash"))
        shown = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-P-cbou", os.path.join(target, "share/man/man5/weir.yaml.5")],
                               capture_output=True, text=True, timeout=20 * PATIENCE, check=True)
        self.assertEqual(shown.stderr, "")
        with open(reference, encoding="utf-8") as file:
            for line in file:
                if line.strip():
                    self.assertIn(line.strip(), shown.stdout)
