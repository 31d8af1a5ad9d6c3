"""Orders for shim.c: which call of a running bitsd shall fail, and how."""

import contextlib
import mmap
import os
import struct
import tempfile
from pathlib import Path

import pytest

from bitsd import binary
from watched import is_sanitized

# The layout of struct orders, and the numbers of enum call.
FORM = struct.Struct("=IiIiIIq")
CALLS = ("write", "sync", "rename", "open", "fallocate", "truncate", "unlink",
         "mkdir", "stat", "seek", "read", "memory")


def library():
    """The shim beside the tested bitsd, or in the build folder."""
    root = Path(__file__).resolve().parents[2]
    places = [Path(binary()).parents[2], root / "build"]
    if "TORTURE_SHIM_LIBRARY" in os.environ:
        return os.environ["TORTURE_SHIM_LIBRARY"]
    for place in places:
        path = place / "tests" / "torture" / "torture-shim.so"
        if path.exists():
            return str(path)
    pytest.skip("torture-shim.so is not built")
    return None


class Shim:
    """One page that a bitsd and its torturer share."""

    def __init__(self):
        with open(binary(), "rb") as program:
            if is_sanitized(program.read()):
                pytest.skip("a sanitizer wants to be loaded first")
        self.file = tempfile.NamedTemporaryFile(prefix="torture-shim-")
        self.file.truncate(mmap.PAGESIZE)
        self.page = mmap.mmap(self.file.fileno(), mmap.PAGESIZE)
        self.delay_us = 0
        self.shift_s = 0
        self.rest()

    @property
    def environment(self):
        return {"LD_PRELOAD": library(), "TORTURE_SHIM": self.file.name}

    def _order(self, calls, after, times, error):
        mask = sum(1 << CALLS.index(call) for call in calls)
        # `after` is what arms it: everything else is written before.
        self.page[8:32] = FORM.pack(mask, after, times, error, 0,
                                    self.delay_us, self.shift_s)[8:]
        self.page[0:4] = struct.pack("=I", mask)
        self.page[4:8] = struct.pack("=i", after)

    def rest(self):
        """Nothing fails."""
        self._order((), -1, 0, 0)

    def spoil(self, call, after, error, times=1):
        """Spares `after` calls of the kind, then `times` fail with the error;
        error 0: a write is short."""
        self._order((call,), after, times, error)

    def fired(self):
        return FORM.unpack_from(self.page)[4]

    def slow_syncs(self, microseconds):
        self.delay_us = microseconds
        self.rest()

    def shift_clock(self, seconds):
        self.shift_s = seconds
        self.rest()

    def close(self):
        self.page.close()
        self.file.close()


@contextlib.contextmanager
def shim():
    made = Shim()
    try:
        yield made
    finally:
        made.close()
