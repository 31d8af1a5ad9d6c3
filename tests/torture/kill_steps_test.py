"""SIGKILL at each system call between the last byte and the last Ack.

strace shows which calls bitsd makes there; then, in one round for each of
them, the process is killed on entering it.  Before the replay the destination
holds all or nothing, the replay gets the final Ack, afterwards the file is
whole.  BITSD_TORTURE=1 takes every call, the default the ones that change
something.
"""

import os
import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

from bitsd import Bitsd  # noqa: E402
from packets import Request, pattern  # noqa: E402
from staging import staged_files  # noqa: E402
from talk import (ask, create, expect, fragment,  # noqa: E402
                  fragment_request, wait_stored)
from tracer import Tracer  # noqa: E402
from wire import WireError  # noqa: E402

ALL = bool(os.environ.get("BITSD_TORTURE"))
TOTAL = 70001
OLD = b"what was there before"
# Waiting and looking changes nothing on the disk or on the wire.
HARMLESS = re.compile("futex|epoll|poll|clock|get|madvise|mmap|munmap|mprotect"
                      "|sched|stat|rt_sig|restart_syscall|recv|fcntl|brk")


class LastByte:
    """A server with a session that lacks its last byte; or, at_once, every
    byte of a file that comes in one piece."""

    def __init__(self, on_exists, at_once, path):
        self.on_exists = on_exists
        self.path = path
        self.first = 0 if at_once else TOTAL - 1
        self.bitsd = Bitsd(uploads={"/": {"on_exists": on_exists,
                                          "create_folders": "yes",
                                          "folder_mode": "0775"}})
        self.place = self.bitsd.inbox / path[1:]
        if on_exists == "replace":
            self.place.write_bytes(OLD)

    def __enter__(self):
        self.bitsd.__enter__()
        self.connection = self.bitsd.connect()
        self.id = create(self.connection, self.path)
        request = fragment_request(self.id, 0, TOTAL - 1, TOTAL,
                                   self.path)
        self.rest = request.data()
        if self.first > 0:
            self.rest = self.rest[-1:]
            self.connection.send(request.head() + request.body[:-2])
            wait_stored(self.bitsd, self.id, TOTAL - 2, TOTAL, self.path)
            self.connection.send(request.body[-2:-1])
            wait_stored(self.bitsd, self.id, TOTAL - 1, TOTAL, self.path,
                        duplicate=True)
        return self

    def __exit__(self, *error):
        self.connection.close()
        self.bitsd.__exit__(*error)

    def finish(self, *strace_options):
        """The rest, under strace; True: the Ack came."""
        tracer = Tracer(self.bitsd, *strace_options)
        self.connection.send(self.rest)
        try:
            expect(self.connection.read_response(), 200, next=TOTAL)
            acknowledged = True
        except WireError:
            acknowledged = False
        tracer.end(not acknowledged)
        self.steps = tracer.calls()
        return acknowledged

    def check_folders(self):
        """One that was made has its mode from the beginning."""
        for folder in self.place.parents:
            if folder == self.bitsd.inbox:
                return
            assert not folder.exists() or folder.stat().st_mode & 0o777 == 0o775

    def restart_and_replay(self):
        whole = pattern("S", 0, TOTAL)
        self.bitsd.ending = True
        self.bitsd.process.kill()
        self.bitsd.wait_stopped(-9)
        if self.on_exists == "replace":
            assert self.place.read_bytes() in (OLD, whole)
        else:
            assert not self.place.exists() or self.place.read_bytes() == whole
        self.check_folders()
        self.bitsd.start()
        connection = self.bitsd.connect()
        response = fragment(connection, self.id, self.first, TOTAL - 1, TOTAL,
                            self.path)
        expect(response, 200, next=TOTAL)
        assert self.place.read_bytes() == whole
        expect(ask(connection, Request("close", self.path, self.id)), 200)
        connection.close()
        assert staged_files(self.bitsd.inbox / ".bitsd") == []
        assert self.place.read_bytes() == whole


def find_steps(*what):
    """The calls of an undisturbed delivery."""
    with LastByte(*what) as upload:
        assert upload.finish()
        return [step for step in upload.steps
                if ALL or not HARMLESS.match(step[0])]


def test_the_dry_run_sees_a_delivery():
    """Else the other test would kill nothing and pass."""
    names = " ".join(sorted(name for name, _ in find_steps("refuse", False, "/new/a.bin")))
    for part in ("mkdir", "rename", "fsync", "fdatasync", "send"):
        assert part in names, names


@pytest.mark.parametrize("on_exists, at_once, path", [
    ("refuse", False, "/a.bin"), ("replace", False, "/a.bin"),
    ("refuse", True, "/a.bin"), ("refuse", True, "/new/folder/a.bin")])
def test_killed_at_every_step_to_the_last_ack(on_exists, at_once, path):
    killed = 0
    for name, count in find_steps(on_exists, at_once, path):
        with LastByte(on_exists, at_once, path) as upload:
            inject = f"inject={name}:signal=KILL:when={count}"
            killed += not upload.finish("-e", f"trace={name}", "-e", inject)
            try:
                upload.restart_and_replay()
            except AssertionError as error:
                raise AssertionError(
                    f"killed at call {count} of {name}: {error}") from None
    assert killed
