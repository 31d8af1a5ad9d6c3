#!/usr/bin/env python3
"""The sections of [MC-BUP] that code and tests cite.

    citations_test.py ROOT

Each is in the table "Sources" of docs/protocol.md, and a section that code cites
is cited by a test too, itself or one of its parts.  Prints how often.
"""
import collections
import pathlib
import re
import sys

# [MC-BUP 2.2.1.2, 3.2.5; Appendix A, note 6], also behind another document and
# over the end of a line of a comment.
CITATION = re.compile(r"\[([^\][]*\bMC-BUP\b[^\][]*)\]")
SECTION = re.compile(r"\d+(?:\.\d+)+")
NOTE = re.compile(r"notes? (\d+(?:, \d+)*)")
ROW = re.compile(r"^\| (\d+(?:\.\d+)+|A, note \d+) \|", re.M)
COMMENT_LINE = re.compile(r"\n\s*(?:\*|#)? *")
SUFFIXES = {".bt", ".c", ".def", ".h", ".py"}

# What no test can cite, and why.
UNTESTED = {}


def sections_of(citation):
    """["2.2.1.2", "A, note 6"] of "MC-BUP 2.2.1.2; Appendix A, note 6"."""
    document = None
    for part in citation.split(";"):
        name = re.match(r"\s*(MC-BUP|MS-\w+|RFC \d+)", part)
        document = name.group(1) if name else document
        if document != "MC-BUP":
            continue
        if "Appendix A" in part:
            for numbers in NOTE.findall(part):
                yield from (f"A, note {n}" for n in numbers.split(", "))
        else:
            yield from SECTION.findall(part)


def citations(root, *folders):
    """How often each section is cited, and the first place."""
    counts, places = collections.Counter(), {}
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix not in SUFFIXES or path.parent.name == "lint":
                continue
            text = COMMENT_LINE.sub(" ", path.read_text(errors="replace"))
            for match in CITATION.finditer(text):
                for section in sections_of(match.group(1)):
                    counts[section] += 1
                    places.setdefault(section, path.relative_to(root))
    return counts, places


def is_tested(section, tested):
    return any(t == section or t.startswith(section + ".") for t in tested)


def check(table, code, tests, places):
    for section in sorted(places):
        if section not in table:
            yield (f"{places[section]} cites {section}, which the sources of "
                   "docs/protocol.md lack")
    for section in table:
        if section not in code:
            yield f"docs/protocol.md: no code cites {section}"
    for section in sorted(code):
        if is_tested(section, tests) == (section in UNTESTED):
            yield (f"{section} is tested and excepted" if section in UNTESTED
                   else f"{places[section]} cites {section}, and no test does")


def main():
    root = pathlib.Path(sys.argv[1])
    document = (root / "docs/protocol.md").read_text()
    table = ROW.findall(document[document.index("\n## Sources\n"):])
    code, places = citations(root, "include", "src")
    tests, test_places = citations(root, "tests")
    for section in table:
        print(f"{section:10} code {code[section]:2}  tests {tests[section]:2}")
    faults = list(check(table, code, tests, {**test_places, **places}))
    print("\n".join(faults))
    return 1 if faults or not table else 0


if __name__ == "__main__":
    sys.exit(main())
