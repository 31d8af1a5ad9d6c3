#!/usr/bin/env python3
"""Every header compiles alone, the public ones as C11 and as C++ too.

    headers_test.py ROOT COMPILER...
"""
import pathlib
import shutil
import subprocess
import sys

WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]
DEFINES = ["-D_GNU_SOURCE", "-D_FILE_OFFSET_BITS=64"]
CXX = shutil.which("c++") or shutil.which("g++") or shutil.which("clang++")


def compile_alone(root, compiler, name, language, standard):
    result = subprocess.run(
        [
            *compiler,
            *WARNINGS,
            *DEFINES,
            f"-std={standard}",
            f"-I{root}/include",
            f"-I{root}/src",
            "-fsyntax-only",
            f"-x{language}",
            "-",
        ],
        # A translation unit needs a declaration; a header may have none.
        input=f"#include <{name}>\nextern int headers_test;\n",
        capture_output=True,
        text=True,
    )
    if result.returncode != 0:
        yield f"{name} as {standard}:\n{result.stderr}"


def main():
    root, compiler = pathlib.Path(sys.argv[1]), sys.argv[2:]
    faults = []
    for base in ("include", "src"):
        for path in sorted((root / base).rglob("*.h")):
            name = path.relative_to(root / base)
            faults += compile_alone(root, compiler, name, "c", "gnu17")
            if base == "include":
                faults += compile_alone(root, compiler, name, "c", "c11")
                if CXX:
                    faults += compile_alone(root, [CXX], name, "c++", "c++11")
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
