"""strace on a running bitsd: what it calls, and kills or delays there."""

import re
import shutil
import subprocess

import pytest


class Tracer:
    """strace on a running bitsd, from when it is attached to the end."""

    def __init__(self, bitsd, *options):
        if not shutil.which("strace"):
            pytest.skip("strace is not installed")
        self.output = bitsd.home / "trace"
        self.process = subprocess.Popen(
            ["strace", "-f", "-o", str(self.output), *options,
             "-p", str(bitsd.pid)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True)
        first = self.process.stderr.readline()
        if "attached" not in first:
            self.process.wait()
            pytest.skip(f"strace cannot attach: {first.strip()}")

    def end(self, dead):
        """Lets go; a strace whose process is dead may not heed SIGTERM."""
        if dead:
            self.process.kill()
        else:
            self.process.terminate()
        self.process.communicate()

    def calls(self):
        """(name, which of its thread's calls of that name), in order."""
        counts = {}
        steps = []
        for line in self.output.read_text().splitlines():
            match = re.match(r"([0-9]+) +([a-z0-9_]+)\(", line)
            if match:
                counts[match.groups()] = counts.get(match.groups(), 0) + 1
                steps.append((match[2], counts[match.groups()]))
        return list(dict.fromkeys(steps))
