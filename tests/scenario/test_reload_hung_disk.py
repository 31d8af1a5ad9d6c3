"""Sections that go and come while the disk below them does not answer."""

import os
import time

from gates import behind_gates
from packets import pattern
from staging import session_file
from talk import answer, create, expect, fragment, fragment_request, until

TOTAL = 300000

# Longer than an idle session is kept in memory and its section after it.
FORGETTING = 8.0

SECTIONS = {"folders": ("other",),
            "uploads": {"/": {"root": "other"}, "/a": {}}}


def wait_staged(bitsd, identity, size):
    def there():
        path = session_file(bitsd.inbox / ".bitsd", identity)
        return path is not None and path.stat().st_size == size
    until(there)


def times_open(bitsd, folder):
    """How many of the server's descriptors are this folder."""
    base = f"/proc/{bitsd.pid}/fd"
    count = 0
    for name in os.listdir(base):
        try:
            count += os.readlink(f"{base}/{name}") == str(folder)
        except FileNotFoundError:
            pass
    return count


def wait_closed_once(bitsd, folder, before):
    """Until the folder is open fewer times.  A server that needs it only once
    never comes to that; what follows must hold all the same."""
    end = time.monotonic() + FORGETTING
    while time.monotonic() < end and times_open(bitsd, folder) >= before:
        time.sleep(0.01)


def test_a_section_that_comes_back_while_a_sync_of_it_runs():
    with behind_gates(**SECTIONS) as (bitsd, gates):
        # An upload that goes on holds the section as it was.
        long = bitsd.connect()
        held = create(long, "/a/long.bin")
        request = fragment_request(held, 0, 99999, TOTAL, "/a/long.bin")
        long.send(request.data()[:-50000])
        wait_staged(bitsd, held, 50000)
        connection = bitsd.connect()
        identity = create(connection, "/a/s.bin")
        gates.close_gate("data")
        response = fragment(connection, identity, 0, 99999, TOTAL, "/a/s.bin")
        expect(response, 200, next=100000)
        gates.wait_held("data")
        section = bitsd.uploads.pop("/a")
        bitsd.reload()
        bitsd.uploads["/a"] = section
        bitsd.reload()
        # This finds the file open, and the section as it is now.
        request = fragment_request(identity, 100000, TOTAL - 1, TOTAL,
                                   "/a/s.bin")
        data = request.data()
        connection.send(data[:-50000])
        wait_staged(bitsd, identity, TOTAL - 50000)
        gates.open_gate("data")
        gates.wait_held("data", 0)
        before = times_open(bitsd, bitsd.inbox)
        long.close()
        wait_closed_once(bitsd, bitsd.inbox, before)
        connection.send(data[-50000:])
        expect(answer(connection, request), 200, next=TOTAL)
        whole = pattern("S", 0, TOTAL)
        assert (bitsd.inbox / "s.bin").read_bytes() == whole


def test_a_section_that_goes_while_its_disk_hangs_holds_up_no_signal():
    with behind_gates(**SECTIONS) as (bitsd, gates):
        connection = bitsd.connect()
        identity = create(connection, "/a/s.bin")
        gates.close_gate("data")
        response = fragment(connection, identity, 0, 99999, TOTAL, "/a/s.bin")
        expect(response, 200, next=100000)
        gates.wait_held("data")
        del bitsd.uploads["/a"]
        end = time.monotonic() + FORGETTING
        while time.monotonic() < end:
            bitsd.reload()
            time.sleep(0.1)
        bitsd.terminate()
        bitsd.log.wait("stopping")
        gates.open_gate("data")
        bitsd.wait_stopped()
