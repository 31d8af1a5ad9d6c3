#!/usr/bin/env python3
"""No circle of files: a file that uses another one is not used by it.

    circles_test.py ROOT BUILD NM

Reads which symbols each object file defines and needs.  Files that use each
other, over however many others, cannot be understood or tested one by one.  A
call through a pointer does not count, but taking the pointer does.

ARCHITECTURE.md has a row for each circle that stays, under "Circles": its files
and the reason.  A row whose circle is gone, or has other files, is a fault too.
"""
import json
import pathlib
import re
import subprocess
import sys

from sources_test import CLIENT, SERVER, folder_of, top_of

SECTION = re.compile(r"^## Circles\n(.*?)(?=^## |\Z)", re.M | re.S)
ROW = re.compile(r"^\| (`[^|]*\.c`) \|([^|]*)\|$", re.M)


def read_known(document):
    """{circle: the reason why it stays}"""
    section = SECTION.search(document)
    return {
        frozenset(re.findall(r"`([^`]+)`", files)): reason.strip()
        for files, reason in ROW.findall(section.group(1) if section else "")
    }


def objects(root, build):
    """{source below src/: object file} of all libraries and programs."""
    found = {}
    for command in json.loads((build / "compile_commands.json").read_text()):
        source = (build / command["file"]).resolve()
        if source.is_relative_to(root / "src") and command["output"].startswith("src/"):
            file = source.relative_to(root / "src").as_posix()
            found[file] = str(build / command["output"])
    return found


def symbols(nm, paths):
    """{object file: (defined, needed)}: their global names."""
    listing = subprocess.run(
        [nm, "--extern-only", "--print-file-name", *paths],
        check=True, capture_output=True, text=True,
    )
    tables = {path: (set(), set()) for path in paths}
    for line in listing.stdout.splitlines():
        path, rest = line.rsplit(":", 1)
        *_, kind, name = rest.split()
        tables[path][kind in "Uw"].add(name)
    return tables


def are_of_one_program(*files):
    tops = {top_of(folder_of(file)) for file in files}
    return not (tops & SERVER and tops & CLIENT)


def uses(tables):
    """{file: {other: a name that it uses of the other}}"""
    homes = {}
    for file, (defined, _) in tables.items():
        for name in defined:
            homes.setdefault(name, []).append(file)
    edges = {file: {} for file in tables}
    for file, (_, needed) in tables.items():
        for name in sorted(needed):
            # bits and bitsd may both have a function of this name.
            for other in homes.get(name, []):
                if are_of_one_program(file, other):
                    edges[file].setdefault(other, name)
    return edges


def reachable(edges, start):
    seen, waiting = set(), [start]
    while waiting:
        for other in edges[waiting.pop()]:
            if other not in seen:
                seen.add(other)
                waiting.append(other)
    return seen


def circles(edges):
    """Sets of files that all reach each other."""
    reach = {file: reachable(edges, file) for file in edges}
    found = {
        frozenset(other for other in reach[file] if file in reach[other])
        for file in edges
        if file in reach[file]
    }
    return sorted(found, key=sorted)


def describe(circle, edges):
    yield "a circle of files:"
    for file in sorted(circle):
        for other, name in sorted(edges[file].items()):
            if other in circle:
                yield f"    {file} uses {name} of {other}"


def main():
    root, build = (pathlib.Path(word).resolve() for word in sys.argv[1:3])
    paths = objects(root, build)
    tables = symbols(sys.argv[3], paths.values())
    edges = uses({file: tables[path] for file, path in paths.items()})
    found = circles(edges)
    known = read_known((root / "ARCHITECTURE.md").read_text())
    faults = [] if edges else ["there is no object file"]
    for circle in found:
        if circle not in known:
            faults += describe(circle, edges)
    for circle, reason in known.items():
        row = f"ARCHITECTURE.md: {', '.join(sorted(circle))}:"
        if circle not in found:
            faults.append(f"{row} this is not a circle, remove the row")
        elif not reason:
            faults.append(f"{row} why does it stay?")
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
