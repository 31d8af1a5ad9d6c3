#!/usr/bin/env python3
"""The pure libraries do no I/O, and libopenbits shows nothing but bits_*.

    pure_libs_test.py --nm NM --shared LIBOPENBITS.SO --static LIBOPENBITS.A
                      PURE_LIBRARY...

Reads symbol tables: what a pure library needs beyond the others of its kind
must be in ALLOWED, so that a read() or a time() there fails the build.
"""
import argparse
import re
import subprocess
import sys

ALLOWED = {
    "bcmp",
    "memchr",
    "memcmp",
    "memcpy",
    "memmove",
    "memrchr",
    "memset",
    "snprintf",
    "strchr",
    "strcmp",
    "strlen",
    "vsnprintf",
}

# What compilers add: the stack protector, fortified twins of the above,
# position independence, sanitizers and coverage.
COMPILER = re.compile(
    r"__stack_chk_fail|_GLOBAL_OFFSET_TABLE_|__\w+_chk"
    r"|__(asan|ubsan|tsan|msan|sanitizer|sancov|gcov|llvm)_\w+|llvm_gcov_\w+"
)

PURE = {"libbase.a", "libhttp1.a", "libprotocol.a", "libcause.a"}


def symbols(nm, library, *options):
    """The names and kinds of a library's global symbols."""
    listing = subprocess.run(
        [nm, *options, library], check=True, capture_output=True, text=True
    ).stdout
    for line in listing.splitlines():
        words = line.split()
        if len(words) >= 2 and len(words[-2]) == 1:
            yield words[-1].split("@")[0], words[-2]


def is_allowed(name):
    return name in ALLOWED or COMPILER.fullmatch(name)


def check_purity(nm, libraries):
    defined, needed = set(), {}
    for library in libraries:
        for name, kind in symbols(nm, library, "-g"):
            if kind in "Uw":
                needed.setdefault(name, library)
            else:
                defined.add(name)
    for name in sorted(needed.keys() - defined):
        if not is_allowed(name):
            yield f"{needed[name]} needs {name}, which is not on the list"


def check_exports(nm, library, *options):
    names = [
        name
        for name, kind in symbols(nm, library, "-g", "--defined-only", *options)
        if kind != "A" and not COMPILER.fullmatch(name)
    ]
    if not names:
        yield f"{library} shows nothing at all"
    for name in names:
        if not name.startswith("bits_"):
            yield f"{library} shows {name}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--nm", required=True)
    parser.add_argument("--shared", required=True)
    parser.add_argument("--static", required=True)
    parser.add_argument("libraries", nargs="+")
    args = parser.parse_args()

    missing = PURE - {path.rsplit("/", 1)[-1] for path in args.libraries}
    faults = [f"{name} is not among the pure libraries" for name in missing]
    faults += check_purity(args.nm, args.libraries)
    faults += check_exports(args.nm, args.shared, "-D")
    faults += check_exports(args.nm, args.static)
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
