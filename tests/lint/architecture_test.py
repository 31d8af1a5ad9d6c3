#!/usr/bin/env python3
"""ARCHITECTURE.md shows the folders and the states as they are.

    architecture_test.py ROOT

"Folders" has a picture, a tree with arrows: an arrow leads from a folder to one
that it includes from, unless other arrows lead there, too.  "States" has a
table of the levels, each with its enum, and one of the moments, whose columns
are levels.
"""
import pathlib
import re
import sys

PICTURE = re.compile(r"^```\n(.*?)^```$", flags=re.M | re.S)
FOLDER = re.compile(r"[a-z]\w*(?:/\w+)*(?=/)")
BRANCH = re.compile(r"[├└]")
INCLUDE = re.compile(r'^#include ["<]([\w/]+)/\w+\.(?:h|def)[">]', flags=re.M)

ENUM = re.compile(r"\[`(\w+)`\]\(([\w./]+)\)")
STATE = re.compile(r"`([A-Z_]+)`")


def section(document, title):
    match = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", document, flags=re.M | re.S)
    return match[1] if match else ""


def reachable(edges, start):
    seen, waiting = set(), list(edges.get(start, ()))
    while waiting:
        folder = waiting.pop()
        if folder not in seen:
            seen.add(folder)
            waiting += edges.get(folder, ())
    return seen


def includes(root):
    """{folder: folders that its files include from}"""
    edges = {"openbits": set()}
    for path in sorted((root / "src").rglob("*.[ch]")):
        folder = path.parent.relative_to(root / "src").as_posix()
        others = edges.setdefault(folder, set())
        others.update(set(INCLUDE.findall(path.read_text())) - {folder})
    return {folder: {o for o in others if o in edges} for folder, others in edges.items()}


def needed_arrows(root):
    edges = includes(root)
    for folder, others in edges.items():
        for other in others:
            if not any(other in reachable(edges, third) for third in others - {other}):
                yield folder, other


def drawn_arrows(picture):
    """A branch hangs below the second letter of the folder that it leads from."""
    above = {}
    for line in picture.splitlines():
        branch = BRANCH.search(line)
        folder = above.get(branch.start() - 1) if branch else None
        for match in FOLDER.finditer(line):
            if folder:
                yield folder, match[0]
            folder = above[match.start()] = match[0]


def check_picture(root, document):
    picture = PICTURE.search(section(document, "Folders"))
    needed = set(needed_arrows(root))
    drawn = set(drawn_arrows(picture[1])) if picture else set()
    for folder, other in sorted(needed - drawn):
        yield f"the picture lacks {folder}/ ─► {other}/"
    for folder, other in sorted(drawn - needed):
        yield f"the picture has {folder}/ ─► {other}/, which the code lacks"


def enumerators(text, name):
    """The names in an enum, without the words that all begin with."""
    code = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    body = re.search(rf"\benum {name} {{(.*?)}}", code, flags=re.S)
    names = [word.split("_") for word in re.findall(r"^\s*(\w+)", body[1], flags=re.M)]
    common = 0
    while all(words[common + 1 :] and words[common] == names[0][common] for words in names):
        common += 1
    return {"_".join(words[common:]) for words in names}


def rows(text):
    """The cells of each row of the tables."""
    for line in text.splitlines():
        if line.startswith("|"):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def check_level(root, level, enum, cell):
    """The row of a level has the states of its enum, and no others."""
    states = enumerators((root / enum[2]).read_text(), enum[1])
    shown = set(STATE.findall(cell))
    for state in sorted(states - shown):
        yield f"the states of '{level}' lack {state} of enum {enum[1]}"
    for state in sorted(shown - states):
        yield f"the states of '{level}' have {state}, enum {enum[1]} has not"


def check_states(root, document):
    levels, columns = {}, None
    for cells in rows(section(document, "States")):
        enum = ENUM.search(cells[1])
        if enum:
            levels[cells[0]] = set(STATE.findall(cells[2]))
            yield from check_level(root, cells[0], enum, cells[2])
        elif cells[0] == "Moment":
            columns = cells
        elif columns:
            for level, cell in zip(columns[1:], cells[1:]):
                for state in sorted(set(STATE.findall(cell)) - levels.get(level, set())):
                    yield f"'{cells[0]}': no state {state} of '{level}'"
    if not levels or not columns:
        yield "the tables of the states are not there"


def main():
    root = pathlib.Path(sys.argv[1])
    document = (root / "ARCHITECTURE.md").read_text()
    faults = [*check_picture(root, document), *check_states(root, document)]
    print("\n".join(f"ARCHITECTURE.md: {fault}" for fault in faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
