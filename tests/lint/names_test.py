#!/usr/bin/env python3
"""The names in include/openbits/ tell apart what they name.

    names_test.py ROOT

An enumerator begins with the name of its type, or with that name without its
last word (BITS_PACKET_PING of enum bits_packet_type), and no two types share a
beginning.  No function has the name of a type.
"""
import pathlib
import re
import sys

COMMENT = re.compile(r"/\*.*?\*/", re.S)
ENUM = re.compile(r"\benum (bits_\w+)\s*\{(.*?)\}", re.S)
ENUMERATOR = re.compile(r"^\s*(\w+)\s*(?:=[^,]*)?,?\s*$", re.M)
TYPE = re.compile(r"\b(?:struct|enum|union) (bits_\w+)\s*\{")
FUNCTION = re.compile(r"^BITS_API\b[^;]*?\b(bits_\w+)\s*\(", re.M)


def beginning(kind, names):
    """What the enumerators of a type begin with, or None."""
    whole = kind.upper()
    for prefix in (whole, whole.rpartition("_")[0]):
        if prefix != "BITS" and all(n.startswith(prefix + "_") for n in names):
            return prefix
    return None


def check_enumerators(text):
    users = {}
    for kind, body in ENUM.findall(text):
        names = ENUMERATOR.findall(body)
        if kind == "bits_cause":
            names += re.findall(r"\b(\w+_)##name", body)
        prefix = beginning(kind, names)
        if not names or prefix is None:
            yield f"enum {kind}: its enumerators begin with something else"
        elif prefix in users:
            yield f"{prefix}_ is of both {users[prefix]} and {kind}"
        users[prefix] = kind


def check_functions(text):
    for name in sorted(set(TYPE.findall(text)) & set(FUNCTION.findall(text))):
        yield f"{name} is both a type and a function"


def main():
    root = pathlib.Path(sys.argv[1])
    text = "".join(
        COMMENT.sub("", path.read_text())
        for path in sorted((root / "include/openbits").glob("*.h"))
    )
    faults = [*check_enumerators(text), *check_functions(text)]
    print("\n".join(faults))
    return 1 if faults or "BITS_API" not in text else 0


if __name__ == "__main__":
    sys.exit(main())
