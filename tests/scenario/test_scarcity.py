"""Limits of the process: running out of descriptors or memory is overload; a
file that may not grow is an answer.
"""

import contextlib
import os
import resource

import pytest

from bitsd import Bitsd, binary
from packets import Request, pattern
from talk import (answer, ask, create, expect, fragment, fragment_request,
                  until, wait_stored)
from watched import is_watched

MIB = 1 << 20


def leave_descriptors(bitsd, count):
    """Lets a running server open so many more."""
    used = {int(name) for name in os.listdir(f"/proc/{bitsd.pid}/fd")}
    number = 0
    while count > 0 or number in used:
        count -= number not in used
        number += 1
    hard = resource.prlimit(bitsd.pid, resource.RLIMIT_NOFILE)[1]
    resource.prlimit(bitsd.pid, resource.RLIMIT_NOFILE, (number, hard))
    return hard


def test_a_name_that_cannot_be_checked_for_want_of_descriptors_is_overload():
    """The folder cannot be opened."""
    with Bitsd(server={}) as bitsd:
        (bitsd.inbox / "sub").mkdir()
        connection = bitsd.connect()
        expect(ask(connection, Request("ping", "/")), 200)
        hard = leave_descriptors(bitsd, 0)
        response = ask(connection, Request("create", "/sub/a.bin"))
        expect(response, 503, "EBUSY")
        bitsd.log.wait(["refused", "OVERLOADED", "sub/a.bin"])
        resource.prlimit(bitsd.pid, resource.RLIMIT_NOFILE, (hard, hard))
        create(connection, "/sub/a.bin")


@contextlib.contextmanager
def file_size_limit(bitsd, size):
    """What ulimit -f and LimitFSIZE set, on a running server."""
    before = resource.prlimit(bitsd.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(bitsd.pid, resource.RLIMIT_FSIZE, (size, before[1]))
    yield
    resource.prlimit(bitsd.pid, resource.RLIMIT_FSIZE, before)


def test_a_file_above_the_file_size_limit_is_refused_at_its_first_fragment():
    with Bitsd() as bitsd, file_size_limit(bitsd, 4 * MIB):
        connection = bitsd.connect()
        identity = create(connection)
        response = fragment(connection, identity, 0, 9, 4 * MIB + 1)
        expect(response, 500, "ETOOLARGE", 0)
        bitsd.log.wait(["refused", "FILE_SIZE_LIMIT", "LimitFSIZE"])
        second = create(connection, "/b.bin")
        response = fragment(connection, second, 0, 4 * MIB - 1, 4 * MIB,
                            "/b.bin")
        expect(response, 200, next=4 * MIB)


def test_a_write_at_the_file_size_limit_keeps_what_came_before():
    """SIGXFSZ does not end the server."""
    total = 4 * MIB
    with Bitsd() as bitsd:
        connection = bitsd.connect()
        identity = create(connection)
        request = fragment_request(identity, 0, total - 1, total)
        connection.send(request.head() + request.body[:MIB])
        wait_stored(bitsd, identity, MIB, total)
        with file_size_limit(bitsd, 2 * MIB):
            connection.send(request.body[MIB:])
            response = answer(connection, request)
            expect(response, 500, "ETOOLARGE", 2 * MIB)
            bitsd.log.wait(["refused", "FILE_SIZE_LIMIT", "LimitFSIZE"])
        connection = bitsd.connect()
        response = fragment(connection, identity, 2 * MIB, total - 1, total)
        expect(response, 200, next=total)
        assert (bitsd.inbox / "a.bin").read_bytes() == pattern("S", 0, total)


def test_an_index_at_the_file_size_limit_answers_and_recovers():
    with Bitsd() as bitsd:
        connection = bitsd.connect()
        create(connection, "/a.bin")
        with file_size_limit(bitsd, 4096):
            response = ask(connection, Request("create", "/b.bin"))
            expect(response, 500, "EDISKFULL")
            bitsd.log.wait(["index.db", "LimitFSIZE"])
        create(connection, "/c.bin")


def resident(bitsd):
    """Bytes of memory that the process has."""
    with open(f"/proc/{bitsd.pid}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


CROWD = 500
LONG_HEAD = 15000


def long_head(tail):
    """A Ping whose head is long."""
    return (b"BITS_POST / HTTP/1.1\r\nHost: x\r\nBITS-Packet-Type: Ping\r\n"
            b"X-Much: " + b"x" * LONG_HEAD + tail)


def crowd_of(bitsd, data):
    """So many connections that sent that, and the server's memory before."""
    if is_watched(binary()):
        pytest.skip("a sanitizer or valgrind keeps memory of its own")
    before = resident(bitsd)
    connections = [bitsd.connect() for _ in range(CROWD)]
    for connection in connections:
        connection.send(data)
    expect(ask(bitsd.connect(), Request("ping", "/")), 200)
    return connections, before


def test_memory_of_a_crowd_is_freed_even_if_some_connections_stay():
    with Bitsd(server={"threads": "1"}) as bitsd:
        connections, before = crowd_of(bitsd, long_head(b""))
        taken = resident(bitsd) - before
        assert taken > CROWD * LONG_HEAD, taken
        for connection in connections[:-10]:
            connection.close()
        until(lambda: resident(bitsd) - before < taken / 3)
        for connection in connections[-10:]:
            connection.close()


def test_a_stalled_body_does_not_keep_the_head_before_it():
    with Bitsd(server={"threads": "1"}) as bitsd:
        body = b"\r\nContent-Length: 1000\r\n\r\n"
        connections, before = crowd_of(bitsd, long_head(body))
        taken = resident(bitsd) - before
        assert taken < CROWD * LONG_HEAD / 2, taken
        for connection in connections:
            connection.close()
