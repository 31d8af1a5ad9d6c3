"""Sections that go and come while the disk below them does not answer."""

import os

from injector import injected_bitsd
from packets import pattern
from staging import session_file, wait_staged
from talk import (answer, create, expect, fragment, fragment_request, handle,
                  until)

TOTAL = 300000

SECTIONS = {"folders": ("other",),
            "uploads": {"/": {"root": "other"}, "/a": {}}}


def is_open(bitsd, file):
    """Does the server have the file open?"""
    base = f"/proc/{bitsd.pid}/fd"
    for name in os.listdir(base):
        try:
            if os.readlink(f"{base}/{name}") == str(file):
                return True
        except FileNotFoundError:
            pass
    return False


def forget_unused(bitsd):
    """A reload forgets idle sessions, and closes sections that were put aside
    before; one more if a session was just about to become idle."""
    for _ in range(4):
        bitsd.reload()


def test_a_section_that_comes_back_while_a_sync_of_it_runs():
    with injected_bitsd(**SECTIONS) as (bitsd, injector):
        staging = bitsd.inbox / ".bitsd"
        # A running upload holds the section as it was.
        long = bitsd.connect()
        held = create(long, "/a/long.bin")
        request = fragment_request(held, 0, 99999, TOTAL, "/a/long.bin")
        long.send(request.data()[:-50000])
        wait_staged(staging, held, 50000)
        connection = bitsd.connect()
        identity = create(connection, "/a/s.bin")
        sync = injector.inject("sync data hold")
        response = fragment(connection, identity, 0, 99999, TOTAL, "/a/s.bin")
        expect(response, 200, next=100000)
        sync.wait_held()
        section = bitsd.uploads.pop("/a")
        bitsd.reload()
        bitsd.uploads["/a"] = section
        bitsd.reload()
        # This finds the file open, and the section as it is now.
        request = fragment_request(identity, 100000, TOTAL - 1, TOTAL,
                                   "/a/s.bin")
        data = request.data()
        connection.send(data[:-50000])
        wait_staged(staging, identity, TOTAL - 50000)
        sync.end()
        sync.wait_held(0)
        file = session_file(staging, held)
        long.close()
        bitsd.log.wait(["interrupted", handle(held)])

        def is_forgotten():
            bitsd.reload()
            return not is_open(bitsd, file)

        until(is_forgotten)
        # Only the file of this upload is left that needs it.
        forget_unused(bitsd)
        connection.send(data[-50000:])
        expect(answer(connection, request), 200, next=TOTAL)
        whole = pattern("S", 0, TOTAL)
        assert (bitsd.inbox / "s.bin").read_bytes() == whole


def test_a_section_that_goes_while_its_disk_hangs_holds_up_no_signal():
    with injected_bitsd(**SECTIONS) as (bitsd, injector):
        connection = bitsd.connect()
        identity = create(connection, "/a/s.bin")
        sync = injector.inject("sync data hold")
        response = fragment(connection, identity, 0, 99999, TOTAL, "/a/s.bin")
        expect(response, 200, next=100000)
        sync.wait_held()
        del bitsd.uploads["/a"]
        forget_unused(bitsd)
        bitsd.terminate()
        bitsd.log.wait("stopping")
        sync.end()
        bitsd.wait_stopped()
