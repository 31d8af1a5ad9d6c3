#!/usr/bin/env python3
"""The ids of rules, in docs/protocol.md and wherever they are cited.

    rules_test.py ROOT
"""
import pathlib
import re
import sys

# V1, F2a and D-07; not what stands in %C3, \xC3 and {7DF0354D-249B-... .
ID = r"(?<![\w%\\{.-])(?:[ACEFNSV][1-9]\d?a?|D-\d\d)(?![\w-]|\.\w)"
CITATION = re.compile(ID)
SPAN = re.compile(rf"({ID})\s(?:[*#]\s)?to\s(?:[*#]\s)?({ID})")
DEFINED = re.compile(r"^\| ([A-Z]-?\d+a?) \|", flags=re.M)

# How else one may point at a rule, and should not: ids stay, numbers move.
SECTION = re.compile(
    r"protocol\.md,? (?:sections?|[1-9])|\[[1-9](?:\.\d{1,2}){1,2}\]"
)

# A scenario says first what it is about: rules, or HTTP where it is only that.
WORD = rf"(?:{ID}|RFC \d+ \d+(?:\.\d+)*)"
HEAD = re.compile(rf"# {WORD}(?:, {WORD})*: \S")

SOURCES = {".bt", ".c", ".def", ".h", ".md", ".py"}


def files_in(root, *folders):
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in SOURCES and path.is_file():
                yield path, path.read_text(errors="replace")


def line_of(text, match):
    return text.count("\n", 0, match.start()) + 1


def check_document(document, rules):
    """One row for each rule, and no mention of a rule that has none."""
    for rule in sorted(set(rules)):
        if rules.count(rule) > 1:
            yield f"docs/protocol.md: {rule} has {rules.count(rule)} rows"
    for match in CITATION.finditer(document):
        if match.group() not in rules:
            number = line_of(document, match)
            yield f"docs/protocol.md:{number}: no row for {match.group()}"


def check_citations(root, rules):
    """What is cited is there."""
    for path, text in files_in(root, "include", "src", "tests"):
        place = path.relative_to(root)
        for match in CITATION.finditer(text):
            if match.group() not in rules:
                yield f"{place}:{line_of(text, match)}: no rule {match.group()}"
        for match in SECTION.finditer(text):
            yield f"{place}:{line_of(text, match)}: cite a rule by its id"


def check_tests(root, rules):
    """Each rule is cited by itself, not just within "V11 to V13", by a test."""
    cited = set()
    for path, text in files_in(root, "tests"):
        if path.suffix != ".md" and path.parent.name != "lint":
            cited.update(CITATION.findall(SPAN.sub("", text)))
    for rule in rules:
        if rule not in cited:
            yield f"docs/protocol.md: no test cites {rule}"


def check_heads(root):
    for path, text in files_in(root, "tests/scenario"):
        if path.suffix == ".bt" and not HEAD.match(text):
            yield f"{path.relative_to(root)}:1: which rule is it about?"


def main():
    root = pathlib.Path(sys.argv[1])
    document = (root / "docs/protocol.md").read_text()
    rules = DEFINED.findall(document)
    faults = [
        *check_document(document, rules),
        *check_citations(root, rules),
        *check_tests(root, rules),
        *check_heads(root),
    ]
    print("\n".join(faults))
    return 1 if faults or not rules else 0


if __name__ == "__main__":
    sys.exit(main())
