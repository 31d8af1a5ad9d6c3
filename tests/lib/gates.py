"""Orders for gates.c: which calls of a running bitsd wait, or fail."""

import contextlib
import mmap
import os
import struct
import tempfile
from pathlib import Path

import pytest

from bitsd import Bitsd, binary
from talk import until

# The numbers of enum gate, and where the rest of struct orders lies.
GATES = ("data", "index", "stat", "move")
DATA_ERROR, SPLICE_ERROR, SPLICES, AHEAD, TIMERS_AHEAD = 32, 36, 40, 48, 56


def library():
    """gates.so of the tested bitsd's build folder."""
    path = Path(binary()).parents[2] / "tests" / "lib" / "gates.so"
    if not path.exists():
        pytest.skip("gates.so is not built")
    return str(path)


class Gates:
    """One page that a bitsd and its test share."""

    def __init__(self):
        self.file = tempfile.NamedTemporaryFile(prefix="bitsd-gates-")
        self.file.truncate(mmap.PAGESIZE)
        self.page = mmap.mmap(self.file.fileno(), mmap.PAGESIZE)

    @property
    def environment(self):
        options = [os.environ.get("ASAN_OPTIONS"), "verify_asan_link_order=0"]
        return {"LD_PRELOAD": library(), "GATES": self.file.name,
                "ASAN_OPTIONS": ":".join(filter(None, options))}

    def _write(self, form, place, value):
        struct.pack_into(form, self.page, place, value)

    def _read(self, place):
        return struct.unpack_from("=I", self.page, place)[0]

    def close_gate(self, gate):
        """From now on these calls wait."""
        self._write("=I", 4 * GATES.index(gate), 1)

    def open_gate(self, gate):
        self._write("=I", 4 * GATES.index(gate), 0)

    def wait_held(self, gate, count=1):
        """Until exactly so many calls wait at the gate."""
        place = 4 * (len(GATES) + GATES.index(gate))
        until(lambda: self._read(place) == count)

    def fail_data(self, error):
        """fdatasync of a session's bytes fails, once it is through the gate;
        0: no more."""
        self._write("=i", DATA_ERROR, error)

    def fail_splice(self, error):
        self._write("=i", SPLICE_ERROR, error)

    def splices(self):
        """How many failed."""
        return self._read(SPLICES)

    def set_ahead(self, seconds):
        """The clocks go on at once, as when a machine has slept."""
        self._write("=q", AHEAD, seconds)

    def set_timers_ahead(self, seconds):
        """The same for timers.  A thread that sleeps learns of it when
        something else wakes it, such as a packet."""
        self._write("=q", TIMERS_AHEAD, seconds)

    def open_all(self):
        for gate in GATES:
            self.open_gate(gate)

    def close(self):
        self.page.close()
        self.file.close()


@contextlib.contextmanager
def behind_gates(folders=(), **options):
    """A running bitsd and its gates, all open; folders are made before."""
    gates = Gates()
    try:
        bitsd = Bitsd(environment=gates.environment, **options)
        for folder in folders:
            (bitsd.home / folder).mkdir()
        with bitsd:
            try:
                yield bitsd, gates
            finally:
                gates.open_all()
    finally:
        gates.close()
