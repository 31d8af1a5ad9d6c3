"""What clients, limits and neighbours do to a server at the wrong moment."""

import os
import signal
import socket
import sqlite3
from contextlib import contextmanager

from bitsd import Bitsd
from packets import Request
from staging import session_file
from talk import (answer, ask, create, expect, fragment, fragment_request,
                  until, wait_stored)

MIB = 1 << 20


@contextmanager
def locked_index(bitsd):
    """Another program holds the write lock of the index."""
    index = sqlite3.connect(str(bitsd.home / "state" / "index.db"),
                            isolation_level=None)
    index.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        index.execute("ROLLBACK")
        index.close()


def test_overlapping_cancels_get_the_same_answer():
    """A fragment of which only the head has come taught the row something."""
    with Bitsd() as bitsd:
        for number in range(30):
            path = f"/{number}.bin"
            first = bitsd.connect()
            identity = create(first, path)
            first.send(fragment_request(identity, 0, 99, 100, path).head())
            request = Request("cancel", path, identity)
            connections = [bitsd.connect() for _ in range(3)]
            for connection in connections:
                connection.send(request.data())
            for connection in connections:
                expect(answer(connection, request), 200)
                connection.close()
            first.close()


def test_a_session_that_is_gone_when_it_ends_harms_nobody():
    """Evicted by a Create while Cancels for it wait for the index."""
    with Bitsd(server={}, uploads={"/": {"max_sessions": "1"}}) as bitsd:
        holder = bitsd.connect()
        identity = create(holder)
        holder.send(fragment_request(identity, 0, 99, 100).head())
        cancel = Request("cancel", "/a.bin", identity)
        with locked_index(bitsd):
            other = bitsd.connect()
            create_request = Request("create", "/z.bin")
            other.send(create_request.data())
            cancelling = [bitsd.connect() for _ in range(3)]
            for connection in cancelling:
                connection.send(cancel.data())
            bitsd.connect().close()
        for connection in cancelling:
            assert answer(connection, cancel).status in (200, 500)
        expect(ask(bitsd.connect(), Request("ping", "/")), 200)


def test_no_answer_rests_on_a_total_that_was_not_committed():
    with Bitsd(server={}) as bitsd:
        connection = bitsd.connect()
        identity = create(connection)
        request = fragment_request(identity, 0, 9, 100)
        with locked_index(bitsd):
            connection.send(request.data())
            response = answer(connection, request)
        expect(response, 503, "EBUSY", 10)
        expect(fragment(bitsd.connect(), identity, 10, 19, 100), 200, next=20)
        response = fragment(bitsd.connect(), identity, 20, 29, 200)
        expect(response, 400, "EINVAL", 20)


def test_a_takeover_gives_back_what_the_older_fragment_reserved():
    total = 200 * MIB
    with Bitsd() as bitsd:
        older = bitsd.connect()
        identity = create(older)
        request = fragment_request(identity, 0, 0, total)
        request.set("Content-Range", f"bytes 0-{total - 1}/{total}")
        request.set("Content-Length", str(total))
        older.send(request.head() + b"x" * 65536)
        wait_stored(bitsd, identity, 65536, total)
        response = fragment(bitsd.connect(), identity, 65536, 65545, total)
        expect(response, 200, next=65546)
        file = session_file(bitsd.inbox / ".bitsd", identity)
        until(lambda: os.stat(file).st_blocks * 512 < MIB)


def test_an_address_over_its_limit_locks_out_nobody_else():
    server = {"max_connections": "20", "max_connections_per_address": "2"}
    with Bitsd(server=server) as bitsd:
        greedy = [socket.create_connection(bitsd.address) for _ in range(40)]
        bitsd.log.wait(["overload", "max_connections_per_address"])
        with socket.create_connection(
                bitsd.address, source_address=("127.0.0.2", 0)) as other:
            other.sendall(Request("ping", "/").data())
            assert other.recv(100).startswith(b"HTTP/1.1 200 ")
        for connection in greedy:
            connection.close()


def test_stopping_without_descriptors():
    limit = ["sh", "-c", 'ulimit -n 40; exec "$0" "$@"']
    bitsd = Bitsd(server={"grace_time": "3s"}, wrapper=limit)
    with bitsd:
        connection = bitsd.connect()
        identity = create(connection)
        request = fragment_request(identity, 0, 99, 100)
        connection.send(request.head() + request.body[:10])
        crowd = [socket.create_connection(bitsd.address) for _ in range(60)]
        bitsd.log.wait(["overload", "descriptors"])
        bitsd.stop()
        for other in crowd:
            other.close()


def test_a_second_signal_ends_the_grace():
    with Bitsd(server={"grace_time": "1h"}) as bitsd:
        connection = bitsd.connect()
        identity = create(connection)
        request = fragment_request(identity, 0, 99, 100)
        connection.send(request.head() + request.body[:10])
        wait_stored(bitsd, identity, 10, 100)
        bitsd.terminate()
        bitsd.log.wait("grace_time")
        os.kill(bitsd.pid, signal.SIGTERM)
        bitsd.log.wait("grace is over")
        bitsd.wait_stopped()
