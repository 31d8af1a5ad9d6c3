"""What clients, limits and neighbours do to a server at the wrong moment."""

import os
import signal
import socket
import sqlite3
import subprocess
from contextlib import contextmanager

import pytest

from bitsd import Bitsd
from injector import injected_bitsd
from packets import Request
from staging import wait_staged
from talk import (answer, ask, create, expect, fragment, fragment_request,
                  handle, wait_stored)


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


@contextmanager
def busy_index(bitsd, injector):
    """The index is at a commit for a session of another section; whatever
    comes meanwhile is taken up together, and in its order."""
    connection = bitsd.connect()
    identity = create(connection, "/busy/a.bin")
    request = fragment_request(identity, 0, 9, 20, "/busy/a.bin")
    commit = injector.inject("sync index hold")
    connection.send(request.data())
    commit.wait_held()
    try:
        yield
    finally:
        commit.end()
    expect(answer(connection, request), 200, next=10)


def meet(bitsd, request):
    """Sends it to a server of one thread, and sees that it has to wait."""
    connection = bitsd.connect()
    connection.send(request.data())
    # Of the same thread, hence behind that request.
    expect(ask(bitsd.connect(), Request("ping", "/")), 200)
    assert not connection.has_answer(), connection.read_response()
    return connection


def send_head(bitsd, identity):
    """Of a fragment whose body does not come; it taught the row something."""
    connection = bitsd.connect()
    connection.send(fragment_request(identity, 0, 99, 100).head())
    wait_staged(bitsd.inbox / ".bitsd", identity, 0)
    return connection


def crowded(max_sessions):
    """A server with room for so few sessions, and one thread."""
    return {"server": {"threads": "1"}, "folders": ("busy",),
            "uploads": {"/": {"max_sessions": max_sessions},
                        "/busy": {"root": "busy"}}}


def test_overlapping_cancels_get_the_same_answer():
    with injected_bitsd(**crowded("9")) as (bitsd, injector):
        identity = create(bitsd.connect())
        holder = send_head(bitsd, identity)
        request = Request("cancel", "/a.bin", identity)
        with busy_index(bitsd, injector):
            connections = [meet(bitsd, request) for _ in range(3)]
        for connection in connections:
            expect(answer(connection, request), 200)
        holder.expect_end()


def test_a_session_evicted_before_its_cancels_is_unknown_to_them():
    """Evicted by a Create while Cancels for it wait for the index."""
    with injected_bitsd(**crowded("1")) as (bitsd, injector):
        identity = create(bitsd.connect())
        holder = send_head(bitsd, identity)
        create_request = Request("create", "/z.bin")
        cancel = Request("cancel", "/a.bin", identity)
        with busy_index(bitsd, injector):
            other = meet(bitsd, create_request)
            cancelling = [meet(bitsd, cancel) for _ in range(3)]
        expect(answer(other, create_request), 200)
        for connection in cancelling:
            expect(answer(connection, cancel), 500, "ENOSESSION")
        holder.expect_end()
        expect(ask(bitsd.connect(), Request("ping", "/")), 200)


def test_the_total_is_committed_before_the_answer():
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


def test_an_address_over_its_limit_locks_out_no_other_address():
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


def start_upload(connection, name, total=100):
    """A session with one byte of many; its request is over."""
    identity = create(connection, name)
    response = fragment(connection, identity, 0, 0, total, name)
    expect(response, 200, next=1)
    return identity


@pytest.mark.parametrize("limit", [2, 4, 40])
def test_an_address_that_fills_max_sessions_locks_out_no_other_address(limit):
    """Its sessions were all used just now."""
    with Bitsd(uploads={"/": {"max_sessions": str(limit)}}) as bitsd:
        flood = bitsd.connect(source="127.0.0.9")
        for i in range(limit):
            start_upload(flood, f"/flood-{i}")
        expect(ask(flood, Request("create", "/more")), 503, "EBUSY")
        honest = bitsd.connect()
        identity = start_upload(honest, "/a.bin")
        expect(ask(flood, Request("create", "/more")), 503, "EBUSY")
        expect(fragment(honest, identity, 1, 99, 100), 200, next=100)


def test_a_session_that_is_evicted_is_in_the_log():
    with Bitsd(uploads={"/": {"max_sessions": "3"}}) as bitsd:
        flood = bitsd.connect(source="127.0.0.9")
        evicted = start_upload(flood, "/0")
        for name in ("/1", "/2"):
            start_upload(flood, name)
        empty = create(bitsd.connect(), "/a.bin")
        bitsd.log.wait(["warning evicted", "max_sessions", handle(evicted)])
        create(bitsd.connect(), "/b.bin")
        bitsd.log.wait(["info evicted", "max_sessions", handle(empty)])


def test_delivered_sessions_without_a_close_lock_out_no_client():
    with Bitsd(uploads={"/": {"max_sessions": "2"}}) as bitsd:
        flood = bitsd.connect(source="127.0.0.9")
        closes = []
        for name in ("/0", "/1"):
            identity = create(flood, name)
            expect(fragment(flood, identity, 0, 9, 10, name), 200, next=10)
            closes.append(Request("close", name, identity))
        honest = bitsd.connect()
        identity = start_upload(honest, "/a.bin")
        expect(fragment(honest, identity, 1, 99, 100), 200, next=100)
        for close in closes:
            expect(ask(flood, close), 200)


def test_a_session_whose_request_runs_makes_no_room():
    with Bitsd(uploads={"/": {"max_sessions": "2"}}) as bitsd:
        flood = bitsd.connect(source="127.0.0.9")
        running = create(flood, "/0")
        request = fragment_request(running, 0, 99, 100, "/0")
        flood.send(request.head() + request.body[:10])
        wait_stored(bitsd, running, 10, 100, "/0")
        other = bitsd.connect(source="127.0.0.9")
        idle = start_upload(other, "/1")
        start_upload(bitsd.connect(), "/a.bin")
        flood.send(request.body[10:])
        expect(answer(flood, request), 200, next=100)
        response = fragment(other, idle, 1, 9, 100, "/1")
        expect(response, 500, "ENOSESSION")


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
        bitsd.log.wait("grace_time is over")
        bitsd.wait_stopped()


def test_a_third_signal_closes_connections_that_wait_for_an_answer():
    """The delivery itself ends, and its client is told when it returns."""
    with injected_bitsd(server={"grace_time": "1h"}) as (bitsd, injector):
        move = injector.inject("rename hold")
        connection = bitsd.connect()
        identity = create(connection)
        request = fragment_request(identity, 0, 99, 100)
        connection.send(request.data())
        move.wait_held()
        for word in ("no new connections", "grace_time is over"):
            bitsd.terminate()
            bitsd.log.wait(word)
        os.kill(bitsd.pid, signal.SIGTERM)
        connection.expect_end()
        move.end()
        bitsd.wait_stopped()
        assert (bitsd.inbox / "a.bin").read_bytes() == request.body
        bitsd.start()
        second = bitsd.connect()
        expect(fragment(second, identity, 0, 99, 100), 200, next=100)


@contextmanager
def held_while_it_stops():
    """The rename of a delivery does not return, and no client waits for it."""
    with injected_bitsd(server={"grace_time": "1h"}) as (bitsd, injector):
        move = injector.inject("rename hold")
        connection = bitsd.connect()
        identity = create(connection)
        request = fragment_request(identity, 0, 99, 100)
        connection.send(request.data())
        move.wait_held()
        for word in ("no new connections", "grace_time is over"):
            bitsd.terminate()
            bitsd.log.wait(word)
        os.kill(bitsd.pid, signal.SIGTERM)
        connection.expect_end()
        yield bitsd, injector
        bitsd.wait_stopped(3)
        bitsd.log.wait(["unanswered", handle(identity), "delivering"])
        bitsd.log.wait("stop-failed")
        injector.clear()
        bitsd.start()
        expect(fragment(bitsd.connect(), identity, 0, 99, 100), 200, next=100)
        assert (bitsd.inbox / "a.bin").read_bytes() == request.body


def ended(process):
    try:
        process.wait(1)
        return True
    except subprocess.TimeoutExpired:
        return False


def test_a_fourth_signal_waits_for_no_disk():
    with held_while_it_stops() as (bitsd, _):
        for _ in range(20):
            os.kill(bitsd.pid, signal.SIGTERM)
            if ended(bitsd.process):
                break


def test_a_stop_does_not_wait_for_ever_for_the_disk():
    """It waits a minute.  Half an hour passes at once, again and again until
    one of them falls into that minute."""
    with held_while_it_stops() as (bitsd, injector):
        for _ in range(20):
            injector.inject("clock timers lie 1800")
            os.kill(bitsd.pid, signal.SIGHUP)  # wakes the main thread
            if ended(bitsd.process):
                break


def test_a_stop_does_not_wait_for_an_unfinished_head():
    """A head that has not ended is not a running request."""
    with Bitsd(server={"grace_time": "1h"}) as bitsd:
        connection = bitsd.connect()
        half = Request("ping", "/").data()[:40]
        connection.send(Request("ping", "/").data() + half)
        expect(answer(connection, Request("ping", "/")), 200)
        first = bitsd.connect()
        first.send(half)
        expect(ask(bitsd.connect(), Request("ping", "/")), 200)
        bitsd.stop()
        connection.expect_end()
        first.close()
