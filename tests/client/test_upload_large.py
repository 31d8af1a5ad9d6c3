"""A large file takes no memory.  BITS_LARGE_GIB sets its size."""

import os
import re
from pathlib import Path

import pytest

from bits import binary
from bitsd import Bitsd
from cutting import Line
from uploads import DONE, MIB

SIZE = int(os.environ.get("BITS_LARGE_GIB", "1")) * 1024 * MIB

# Eight fragments of the largest size would not fit.
MEMORY_MAX = 40 * MIB


def peak_memory(pid):
    """Bytes that a process has held at once so far."""
    text = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+([0-9]+) kB", text)[1]) * 1024


def is_sanitized():
    program = Path(binary()).read_bytes()
    return b"__asan" in program or b"__tsan" in program


def test_a_large_file_takes_no_memory(client, tmp_path):
    uploads = {"/": {"durability": "none", "min_free_space": "0"}}
    with open(client.home / "large", "wb") as file:
        file.truncate(SIZE)
    with Bitsd(uploads=uploads) as bitsd:
        space = os.statvfs(bitsd.inbox)
        if space.f_bavail * space.f_frsize < SIZE + 256 * MIB:
            pytest.skip("no room for it")
        with Line(bitsd.address, stall=SIZE - MIB) as line:
            running = client.start("upload", "large", line.url + "/large")
            line.wait_stalled(patience=240)
            if not is_sanitized():
                assert peak_memory(running.pid) < MEMORY_MAX
            line.release()
            assert running.wait() == DONE, running.err
        assert (bitsd.inbox / "large").stat().st_size == SIZE
