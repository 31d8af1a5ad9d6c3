#!/usr/bin/env python3
"""What functions may be given: see the two limits below.

    parameters_test.py ROOT

A call such as f(x, true, false) does not say what it asks for, so that no
function of a header takes a bool: an enum names the choice.  More than five
parameters are a struct that has no name yet.
"""
import pathlib
import re
import sys

from sources_test import without_comments_and_strings

PARAMETERS_MAX = 5

# OpenSSL decides what the functions that it calls back are given.
FOREIGN = re.compile(r"(?:SSL|BIO) \*\w+")

MACRO = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", flags=re.M)

# A declaration or definition at the left edge, whose first word may be an
# attribute with arguments; or a pointer to a function, at any place.
FUNCTION = re.compile(
    r"^(?:[A-Z_]+\([^()]*\)\s)?[A-Za-z_][\w\s*]*?(?P<name>\b\w+)\(", flags=re.M
)
POINTER = re.compile(r"\(\*(?P<name>\w+)\)\(")
BOOL = re.compile(r"(?:const )?bool(?: \w+)?(?:\[\w*\])?")


def code_of(path):
    """The text with blanks for whatever is not code, at the same lines."""
    return MACRO.sub(
        lambda match: re.sub(r"[^\n]", " ", match.group()),
        without_comments_and_strings(path.read_text()),
    )


def split_parameters(text, start):
    """The parameters whose list begins at start, behind the parenthesis."""
    depth, parameters = 0, [""]
    for letter in text[start:]:
        if letter == "," and depth == 0:
            parameters.append("")
            continue
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if depth < 0:
            break
        parameters[-1] += letter
    return [" ".join(parameter.split()) for parameter in parameters]


def functions_in(text, pattern):
    """(line, name, parameters) of each declaration and definition."""
    for match in pattern.finditer(text):
        line = text.count("\n", 0, match.start("name")) + 1
        yield line, match["name"], split_parameters(text, match.end())


def faults_in(path):
    """(line, words) of each function beyond a limit."""
    text = code_of(path)
    functions = list(functions_in(text, FUNCTION))
    if path.suffix == ".h":
        for line, name, parameters in functions:
            if any(map(BOOL.fullmatch, parameters)):
                yield line, f"{name}() takes a bool; take an enum"
    for line, name, parameters in functions + list(functions_in(text, POINTER)):
        if len(parameters) > PARAMETERS_MAX and not FOREIGN.fullmatch(parameters[0]):
            count = len(parameters)
            yield line, f"{name}() has {count} parameters; take a struct"


def main():
    root = pathlib.Path(sys.argv[1])
    faults = [
        f"{path.relative_to(root)}:{line}: {words}"
        for base in ("include", "src")
        for path in sorted((root / base).rglob("*.[ch]"))
        for line, words in faults_in(path)
    ]
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
