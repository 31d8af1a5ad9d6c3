#!/usr/bin/env python3
"""Rules that the compiler does not hold: see the functions named check_*.

    sources_test.py ROOT
"""
import pathlib
import re
import sys

# Includes go down only; folders of one line do not know each other, nor do
# those of one program the other's.  A file beside folders is below them.
LAYERS = [
    ["openbits"],
    ["base"],
    ["http1", "protocol"],
    ["cause"],
    ["os", "passwords"],
    ["options"],
    ["config"],
    ["store", "client"],
    ["client/settings"],
    ["client/http"],
    ["client/transfer"],
    ["client/doctor", "client/files", "client/queue"],
    ["upload"],
    ["server/stream"],
    ["server"],
    ["server/http"],
    ["server/uploads"],
    ["access"],
    ["bitsd", "bitsctl", "bits"],
    ["bits/progress"],
    ["bits/commands"],
]
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}
SERVER = {"access", "bitsctl", "bitsd", "config", "http1", "passwords", "server", "store", "upload"}
CLIENT = {"client", "bits"}

# Backends are folders below their contract; only programs name them.
CONTRACTS = {"store"}
PROGRAMS = {"bitsd", "bitsctl", "bits"}

BANNED = re.compile(
    r"(?<![\w.>])(strcpy|strcat|strncpy|sprintf|vsprintf|strtok|atoi|atol"
    r"|strtol|strtoul|sscanf|gets|alloca|rand|setjmp)\s*\("
)
NOTE = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")
FUNCTION_LINES_MAX = 100
TROUBLE = "docs/operations/troubleshooting.md"
ERRORS = "src/protocol/errors.def"
STATUSES = "src/http1/statuses.def"
FILE_LINES_MAX = 600


def without_comments_and_strings(text):
    """The same lines with nothing but code in them."""

    def blank(match):
        return re.sub(r"[^\n]", " ", match.group())

    return re.sub(
        r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'',
        blank,
        text,
        flags=re.S,
    )


def numbered(text):
    return enumerate(text.splitlines(), 1)


def folder_of(path):
    """"client/http" for client/http/pace.h, "store/local" for its rows.h"""
    return pathlib.PurePath(path).parent.as_posix()


def top_of(folder):
    return folder.split("/")[0]


def is_backend(folder):
    return "/" in folder and top_of(folder) in CONTRACTS


def layer_of(folder):
    """A backend is of the layer of its contract."""
    return top_of(folder) if is_backend(folder) else folder


def is_known(folder):
    return layer_of(folder) in RANK


def may_include(own, other):
    layer, other_layer = layer_of(own), layer_of(other)
    if is_backend(other) and own != other:
        return top_of(own) in PROGRAMS
    for mine, others in ((SERVER, CLIENT), (CLIENT, SERVER)):
        if top_of(own) in mine and top_of(other) in others:
            return False
    return layer == other_layer or RANK[other_layer] < RANK[layer]


def check_includes(name, text):
    """Down only, never sideways between backends.  check_folders() reports a
    folder that has no layer."""
    own = folder_of(name)
    for number, line in numbered(text):
        match = re.match(r'#include ("|<(?=openbits/))([^">]+)', line)
        if not match:
            continue
        other = match.group(2)
        if "/" not in other:
            yield number, f"{other} needs its folder in front"
        elif is_known(own) and is_known(folder_of(other)) and not may_include(
                own, folder_of(other)):
            yield number, (f"{own}/ may not include {other}; includes go down only, "
                           'see "Folders" in ARCHITECTURE.md')


def check_folders(root):
    """Each folder has a layer."""
    source = root / "src"
    for folder in sorted({path.parent for path in source.rglob("*.[ch]")}):
        name = folder.relative_to(source).as_posix()
        if not is_known(name):
            yield (f"src/{name}/ has no layer; add it to LAYERS in tests/lint/sources_test.py, "
                   'and to the picture and the table "Folders" of ARCHITECTURE.md')


# Who may know which library.
KNOWERS = {
    "crypt.h": re.compile(r"passwords/hash\.c"),
    "openssl/ssl": re.compile(r"(server/stream/tls|client/http/agent)\w*\.[ch]"),
    "curl/": re.compile(r"client/http/agent\w*\.[ch]"),
    "sqlite3.h": re.compile(r"store/local/(database|rows)\w*\.[ch]"),
}


def check_libraries(name, text):
    """Each library behind the one door that it has."""
    for number, line in numbered(text):
        match = re.match(r"#include <([^>]+)", line)
        for library, knowers in KNOWERS.items() if match else ():
            if match.group(1).startswith(library) and not knowers.fullmatch(
                    name.as_posix()):
                yield number, f"{library} has no business here"


def check_banned(_name, text):
    for number, line in numbered(without_comments_and_strings(text)):
        for match in BANNED.finditer(line):
            yield number, f"{match.group(1)}() is banned"


def check_notes(_name, text):
    """What is to be done belongs in an issue."""
    for number, line in numbered(text):
        match = NOTE.search(line)
        if match:
            yield number, f"a {match.group()} was left"


def check_functions(_name, text):
    start = None
    for number, line in numbered(text):
        if line == "{":
            start = number
        elif line == "}" and start:
            if number - start > FUNCTION_LINES_MAX:
                yield start, f"the function has {number - start} lines"
            start = None


def check_length(_name, text):
    count = text.count("\n")
    if count > FILE_LINES_MAX:
        yield count, f"the file has {count} lines"


def check_top_comment(_name, text):
    if not text.startswith("/*"):
        yield 1, "the file does not say what it is for"


TAG = re.compile(r"^(?:struct|enum|union) (\w+) \{", re.M)
PROTOTYPE = re.compile(r"^(?!typedef|return)\w[\w \*\n]*?[ *\n](\w+)\([^;{}]*\);", re.M)


def check_twins(root):
    """No function that a header declares has the name of a struct or an enum."""
    paths = [
        path
        for base in ("include", "src")
        for path in sorted((root / base).rglob("*.[ch]"))
    ]
    texts = {path: without_comments_and_strings(path.read_text()) for path in paths}
    tags = {tag for text in texts.values() for tag in TAG.findall(text)}
    for path, text in texts.items():
        for name in PROTOTYPE.findall(text) if path.suffix == ".h" else ():
            if name in tags:
                yield f"{path.relative_to(root)}: {name}() is also a struct or an enum"


# Files that have the same name in several folders, and why.
TWIN_FILES = {
    "main.c": "each program begins in its own",
    "options.def": "both programs declare their options in the same way",
}


def check_twin_files(root):
    """No base name is in two folders, so that a name alone says which file it is."""
    folders = {}
    for path in sorted((root / "src").rglob("*.*")):
        if path.suffix in (".c", ".h", ".def") and path.name not in TWIN_FILES:
            stem = folders.setdefault(path.stem, {})
            stem[path.parent.relative_to(root).as_posix()] = path.name
    for places in folders.values():
        if len(places) > 1:
            names = ", ".join(f"{place}/{name}" for place, name in places.items())
            yield f"{names}: one base name, several folders"


def check_causes(root):
    """The documents have a row for each cause."""
    header = (root / "include/openbits/cause.h").read_text()
    codes = dict(re.findall(r"#define (BITS_HR_\w+) (0x[0-9A-F]{8})u", header))
    tables = ["include/openbits/cause.def", "src/cause/cause.def"]
    table = "".join((root / name).read_text() for name in tables)
    document = (root / "docs/protocol.md").read_text()
    remedies = (root / TROUBLE).read_text()
    for name, status, code in re.findall(
        r"^(?:BITS_)?CAUSE\((\w+), (\d+), (\w+),", table, flags=re.M
    ):
        row = f"| `{name}` | {status} | {codes.get(code, '–')} |"
        if row not in document:
            yield f"docs/protocol.md lacks the row {row}"
        if name not in ("OK", "INTERNAL") and f"`{name}`" not in remedies:
            yield f"{TROUBLE} does not name {name}"


def check_statuses(root):
    """`bits explain` has a row of its own for each refusal that bitsd sends."""
    errors = (root / ERRORS).read_text()
    statuses = re.findall(r"^HTTP1_STATUS\((\d+),", (root / STATUSES).read_text(), flags=re.M)
    for status in map(int, statuses):
        row = f"BITS_ERROR(0x{0x80190000 + status:08X},"
        if status >= 400 and row not in errors:
            yield f"{ERRORS} lacks {row} ...) for the status {status} of {STATUSES}"


def faults_of(root, path, name, checks):
    text = path.read_text()
    for check in checks:
        for number, words in check(name, text):
            yield f"{path.relative_to(root)}:{number}: {words}"


def main():
    root = pathlib.Path(sys.argv[1])
    product = [check_includes, check_libraries, check_functions, check_top_comment]
    everywhere = [check_banned, check_notes, check_length]
    faults = [
        *check_causes(root),
        *check_statuses(root),
        *check_folders(root),
        *check_twins(root),
        *check_twin_files(root),
    ]
    for base in ("include", "src", "tests"):
        checks = everywhere if base == "tests" else everywhere + product
        for path in sorted((root / base).rglob("*.[ch]")):
            name = path.relative_to(root / base)
            faults += faults_of(root, path, name, checks)
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
