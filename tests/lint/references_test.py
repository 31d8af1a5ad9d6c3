#!/usr/bin/env python3
"""Files that documents and comments name are there, and so are the tests that
documents name: files move, words stay.

    references_test.py ROOT
"""
import functools
import pathlib
import re
import sys

FOLDERS = ["bench", "docs", "examples", "include", "packaging", "src", "tests"]
CODE = {".c", ".def", ".h"}

# A path may leave out the folder that its reader is in anyway.
BASES = ["", "src", "include", "tests"]

LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
QUOTED = re.compile(r"`([\w./-]*\w\.(?:bt|c|def|h|md|py|scd|sh))`")
TEST = re.compile(r"`(test_\w+)`")
COMMENT = re.compile(r"/\*.*?\*/", flags=re.S)
NAMED = re.compile(r"(?<![\w./<-])([\w/-]+\.(?:c|def|h))\b")


def is_there(root, path, word, names):
    if "/" not in word:
        return word in names
    bases = [root / base for base in BASES] + [path.parent]
    return any((base / word).exists() for base in bases)


@functools.cache
def test_functions(root):
    return {name for path in (root / "tests").rglob("test_*.py")
            for name in re.findall(r"^ *def (test_\w+)", path.read_text(),
                                   flags=re.M)}


def check_document(root, path, names):
    text = path.read_text()
    for match in LINK.finditer(text):
        if not (path.parent / match[1]).exists():
            yield text.count("\n", 0, match.start()), match[1]
    for match in QUOTED.finditer(text):
        if not is_there(root, path, match[1], names):
            yield text.count("\n", 0, match.start()), match[1]
    for match in TEST.finditer(text):
        if match[1] not in test_functions(root):
            yield text.count("\n", 0, match.start()), match[1]


def check_comments(root, path, names):
    text = path.read_text()
    for comment in COMMENT.finditer(text):
        for match in NAMED.finditer(comment[0]):
            if not is_there(root, path, match[1], names):
                start = comment.start() + match.start()
                yield text.count("\n", 0, start), match[1]


def wrong_words(root, path, names):
    """(line from 0, word) of each name of a file that is not there."""
    if path.suffix == ".md":
        return check_document(root, path, names)
    if path.suffix in CODE:
        return check_comments(root, path, names)
    return []


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    paths = [path for path in sorted(root.glob("*.md"))]
    for folder in FOLDERS:
        paths += sorted(path for path in (root / folder).rglob("*") if path.is_file())
    names = {path.name for path in paths}
    faults = []
    for path in paths:
        for line, word in wrong_words(root, path, names):
            faults.append(f"{path.relative_to(root)}:{line + 1}: there is no {word}")
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
