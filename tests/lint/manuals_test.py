#!/usr/bin/env python3
"""mandoc finds nothing wrong with the manual pages.

    manuals_test.py PAGE...

Without mandoc the test is skipped.
"""
import re
import shutil
import subprocess
import sys

SKIPPED = 77

# scdoc writes a paragraph macro before headings and lists, the lines and the title
# as they are in the source.
OF_SCDOC = re.compile("skipping paragraph macro|line longer than 80 bytes"
                      "|lower case character in document title")


def main():
    mandoc = shutil.which("mandoc")
    if not mandoc:
        print("mandoc is not installed; run tools/packages check")
        return SKIPPED
    done = subprocess.run([mandoc, "-T", "lint", *sys.argv[1:]],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)
    faults = [line for line in done.stdout.splitlines()
              if not OF_SCDOC.search(line)]
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
