#!/usr/bin/env python3
"""codespell finds no misspelt word in sources, tests and documents.

    spelling_test.py ROOT

Without codespell the test is skipped.
"""
import pathlib
import shutil
import subprocess
import sys

SKIPPED = 77

# Names, escapes and deliberate mistakes that codespell takes for misspelt words.
IGNORED = ["nin", "nd", "te", "uplaod", "uplaods", "whos"]

FOLDERS = ["bench", "docs", "examples", "include", "packaging", "src", "tests",
           "tools"]


def main():
    root = pathlib.Path(sys.argv[1])
    codespell = shutil.which("codespell")
    if not codespell:
        print("codespell is not installed; run tools/packages check")
        return SKIPPED
    files = subprocess.run(["git", "ls-files", "--", *FOLDERS, "*.md"], cwd=root,
                           stdout=subprocess.PIPE, text=True, check=False)
    paths = [path for path in files.stdout.splitlines()
             if (root / path).exists() and "/corpus/" not in path]
    if files.returncode != 0:
        print("not a clone of the repository")
        return SKIPPED
    result = subprocess.run(
        [codespell, "--ignore-words-list", ",".join(IGNORED), *paths],
        cwd=root, check=False)
    return 1 if result.returncode else 0


if __name__ == "__main__":
    sys.exit(main())
