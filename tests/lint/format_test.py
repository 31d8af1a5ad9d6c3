#!/usr/bin/env python3
"""Every C file is in the form that .clang-format describes.

    format_test.py ROOT

Versions of clang-format disagree about details; Debian 12 has version 14, and
so have those who build the releases.  Without it the test is skipped.
"""
import pathlib
import re
import shutil
import subprocess
import sys

VERSION = 14
SKIPPED = 77

FOLDERS = ["include", "src", "tests", "bench", "examples"]

# clang-format leaves banners alone, however they are wrapped.
BANNER = re.compile(r"/\* --- (?=.{1,73}$).* -+ \*/")


def find_formatter():
    """The path of clang-format in the right version, or None."""
    for name in (f"clang-format-{VERSION}", "clang-format"):
        path = shutil.which(name)
        if path:
            words = subprocess.run([path, "--version"], capture_output=True, text=True)
            if re.search(rf"version {VERSION}\.", words.stdout):
                return path
    return None


def check_banners(root, paths):
    """A banner is one line."""
    for path in paths:
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if line.startswith("/* ---") and not BANNER.fullmatch(line):
                yield f"{path.relative_to(root)}:{number}: a banner is one line"


def main():
    root = pathlib.Path(sys.argv[1])
    paths = [
        path
        for folder in FOLDERS
        for path in sorted((root / folder).rglob("*.[ch]"))
    ]
    faults = list(check_banners(root, paths))
    print("\n".join(faults))
    formatter = find_formatter()
    if formatter:
        result = subprocess.run([formatter, "--dry-run", "-Werror", *paths], cwd=root)
        return 1 if faults or result.returncode else 0
    if faults:
        return 1
    print(f"clang-format {VERSION} is not installed; run tools/packages format")
    return SKIPPED


if __name__ == "__main__":
    sys.exit(main())
