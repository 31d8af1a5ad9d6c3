#!/usr/bin/env python3
"""Documents and comments avoid the phrases below, which take a second reading.

    words_test.py ROOT
"""
import pathlib
import re
import shutil
import subprocess
import sys

SKIPPED = 77

# The phrase, in any case, and what to write instead.
PHRASES = {
    "are none": "say what is missing: no session exists",
    "gone on": "continued, resumed",
    "goes on": "continues, resumes",
    "is none": "say what is missing, or what it is not: is not a number",
    "it was said": "name who says it: prints an error, replies",
    "nobody": "name the actor: no thread, no client",
    "somebody": "name the actor: a user, another program",
    "went on": "continued, resumed",
    "what may pass": "a temporary error",
    "whoever": "name the actor: every client that",
    "writes down": "stores",
    "written down": "stored",
}

# Where they are looked for: path specifications of git.
SCOPE = [
    "*.md",
    ".ci",
    "bench",
    "docs",
    "examples",
    "include",
    "packaging",
    "src",
    "tests",
    "tools",
]

# Words of a phrase may be on two lines of a comment or a text, or parts of a name.
GAP = r"""[\s*#/"'_-]+"""
FOUND = re.compile(
    "(?<![a-z])(?:"
    + "|".join(phrase.replace(" ", GAP) for phrase in PHRASES)
    + ")(?![a-z])",
    flags=re.I,
)

# A phrase between these is a value: the user "nobody".
QUOTES = "\"'`"


def is_value(text, match):
    if match.group().endswith("None"):  # Python's
        return True
    before = text[match.start() - 1:match.start()]
    return before != "" and before in QUOTES and text[match.end():][:1] == before


def check(text):
    """(line from 1, phrase) of each phrase that is found."""
    for match in FOUND.finditer(text):
        if not is_value(text, match):
            phrase = re.sub(GAP, " ", match.group().lower())
            yield text.count("\n", 0, match.start()) + 1, phrase


def main():
    root = pathlib.Path(sys.argv[1])
    git = shutil.which("git")
    files = git and subprocess.run([git, "ls-files", "-z", "--", *SCOPE], cwd=root,
                                   stdout=subprocess.PIPE, text=True, check=False)
    if not files or files.returncode != 0:
        print("there is no clone of the repository here, or no git to read it")
        return SKIPPED
    faults = []
    for name in files.stdout.split("\0"):
        path = root / name
        if name and path.is_file():
            for line, phrase in check(path.read_text(errors="replace")):
                faults.append(f'{name}:{line}: "{phrase}"; {PHRASES[phrase]}')
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
