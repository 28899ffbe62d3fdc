#!/usr/bin/env python3
"""Holds the README's list of Debian packages against packaging/dependencies.txt."""

import os
import pathlib
import re
import unittest

ROOT = pathlib.Path(os.environ.get("WEIR_SOURCE_ROOT", pathlib.Path(__file__).resolve().parents[2]))


def wanted():
    lines = (ROOT / "packaging/dependencies.txt").read_text().splitlines()
    return {line.split()[1] for line in lines if line.strip() and not line.startswith("#")}


def named():
    """What stands in backquotes in the tables of "What it stands on"."""
    section = (ROOT / "README.md").read_text().split("\n## What it stands on\n")[1].split("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("|")]
    return set(re.findall(r"`([a-z0-9.+-]+)`", "\n".join(rows)))


class Dependencies(unittest.TestCase):
    def test_the_readme_names_every_package(self):
        self.assertEqual(wanted() - named(), set())

    def test_the_readme_names_no_package_that_is_not_installed(self):
        self.assertEqual(named() - wanted(), set())


if __name__ == "__main__":
    unittest.main()
