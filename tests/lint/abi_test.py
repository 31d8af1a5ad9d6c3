#!/usr/bin/env python3
"""What a program that was built against libopenbits relies on.

    abi_test.py --root ROOT --nm NM --shared LIBOPENBITS.SO --version VERSION
                [--update]

The headers, the version script and the library name the same symbols; the
headers tell the version.  Sizes, offsets and values are those in openbits.abi,
which --update writes anew: do that for a change that is meant, and raise the
soname if it is one that docs/decisions/0029-an-abi-on-purpose.md rules out.
"""
import argparse
import pathlib
import re
import shutil
import subprocess
import sys

COMMENT = re.compile(r"/\*.*?\*/", re.S)
DECLARED = re.compile(r"^(?:extern )?BITS_API\b[^;]*?\b(bits_\w+)\s*[(;]", re.M)
SKIPPED = 77
SAVED = pathlib.Path(__file__).resolve().parent / "openbits.abi"
ABIDW = ["abidw", "--no-architecture", "--no-comp-dir-path", "--no-corpus-path",
         "--no-elf-needed", "--no-parameter-names", "--no-show-locs",
         "--type-id-style", "hash"]
ABIDIFF = ["abidiff", "--no-architecture", "--leaf-changes-only"]


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True,
                          timeout=60).stdout


def check_symbols(root, nm, library, headers):
    declared = set(DECLARED.findall(headers))
    script = COMMENT.sub("", (root / "src/protocol/openbits.map").read_text())
    listed = set(re.findall(r"^\s*(bits_\w+);$", script, re.M))
    exported = {line.split()[-1].split("@")[0]
                for line in output(nm, "-D", "--defined-only", library)
                .splitlines() if " A " not in line}
    for name in sorted(declared ^ listed):
        where = "the headers" if name in declared else "openbits.map"
        yield f"{name} is only in {where}"
    for name in sorted(listed - exported):
        yield f"{name} is in openbits.map, but the library lacks it"


def check_version(version, headers):
    parts = [re.search(rf"BITS_VERSION_{part} (\d+)", headers).group(1)
             for part in ("MAJOR", "MINOR", "PATCH")]
    if parts != version.split("."):
        yield f"version.h says {'.'.join(parts)}, meson.build {version}"


def check_layout(library):
    result = subprocess.run([*ABIDIFF, SAVED, library], check=False,
                            capture_output=True, text=True, timeout=60)
    if result.returncode != 0:
        yield (f"{result.stdout}{result.stderr}"
               "A program that was built before would notice. If that is meant: "
               "ninja -C build update-abi")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", type=pathlib.Path, required=True)
    parser.add_argument("--nm", required=True)
    parser.add_argument("--shared", required=True)
    parser.add_argument("--version", required=True)
    parser.add_argument("--update", action="store_true")
    args = parser.parse_args()
    if args.update:
        SAVED.write_text(output(*ABIDW, args.shared))
        return 0
    headers = "".join(COMMENT.sub("", path.read_text()) for path in
                      sorted((args.root / "include/openbits").glob("*.h")))
    faults = [*check_symbols(args.root, args.nm, args.shared, headers),
              *check_version(args.version, headers)]
    measured = shutil.which("abidiff") is not None
    if measured:
        faults += check_layout(args.shared)
    print("\n".join(faults))
    if faults or not headers:
        return 1
    return 0 if measured else SKIPPED


if __name__ == "__main__":
    sys.exit(main())
