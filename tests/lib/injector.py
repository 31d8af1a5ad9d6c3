"""Rules for a running bitsd: which calls fail, wait or lie (injector.h)."""

import contextlib
import ctypes
import os
import tempfile
from pathlib import Path

import pytest

from bitsd import ROOT, Bitsd, binary
from talk import until
from watched import is_sanitized


def library():
    """injector.so of the tested bitsd's build folder, else of ours."""
    for build in (Path(binary()).parents[2], ROOT / "build"):
        path = build / "tests" / "lib" / "injector.so"
        if path.exists():
            return str(path)
    pytest.skip("injector.so is not built")
    return None


class Rule:
    def __init__(self, calls, address):
        self.calls = calls
        self.address = ctypes.c_void_p(address)

    def end(self):
        """No further call fails; calls that wait continue."""
        self.calls.rule_end(self.address)

    def hits(self):
        """How many calls it has spoiled."""
        return self.calls.rule_hits(self.address)

    def wait_held(self, count=1):
        """Until exactly so many calls wait."""
        until(lambda: self.calls.rule_held(self.address) == count)


class Injector:
    """The rules that a bitsd and its test share."""

    def __init__(self):
        self.calls = ctypes.CDLL(library())
        self.calls.injector_open.restype = ctypes.c_void_p
        self.calls.injector_add.restype = ctypes.c_void_p
        self.file = tempfile.NamedTemporaryFile(prefix="bitsd-injector-")
        self.shared = ctypes.c_void_p(
            self.calls.injector_open(self.file.name.encode()))
        assert self.shared, self.file.name

    @property
    def environment(self):
        options = [os.environ.get("ASAN_OPTIONS"), "verify_asan_link_order=0"]
        return {"LD_PRELOAD": library(), "INJECTOR": self.file.name,
                "ASAN_OPTIONS": ":".join(filter(None, options))}

    def inject(self, text):
        if text.startswith("memory") and is_sanitized(
                Path(binary()).read_bytes()):
            pytest.skip("a sanitizer has its own memory")
        return Rule(self.calls,
                    self.calls.injector_add(self.shared, text.encode()))

    def clear(self):
        """Ends all rules."""
        self.calls.injector_clear(self.shared)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.calls.injector_close(self.shared)
        self.file.close()


@contextlib.contextmanager
def injected_bitsd(folders=(), **options):
    """A running bitsd and its injector; folders are made before."""
    with Injector() as injector:
        bitsd = Bitsd(environment=injector.environment, **options)
        for folder in folders:
            (bitsd.home / folder).mkdir()
        with bitsd:
            try:
                yield bitsd, injector
            finally:
                injector.clear()
