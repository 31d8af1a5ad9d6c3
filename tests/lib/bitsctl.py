"""Runs bitsctl."""

import os
import subprocess

from bitsd import ROOT


def binary():
    return os.environ.get("BITSCTL", ROOT / "build/bitsctl")


def run(*arguments, said="", **more):
    return subprocess.run([binary(), *map(str, arguments)], input=said,
                          timeout=60, capture_output=True, text=True,
                          check=False, **more)
