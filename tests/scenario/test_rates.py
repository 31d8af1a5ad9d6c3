"""max_rate_per_connection, max_rate_per_user and max_rate: bitsd reads more
slowly, and nothing else changes.

A test of a rate only says how long its bytes take at least.
"""

import contextlib
import time

import pytest

import passwords
from bitsd import Bitsd
from overtls import connect as connect_tls
from overtls import tls_bitsd
from packets import Request
from passwords import create_as, read, signed
from talk import (answer, ask, create, expect, fragment, fragment_request,
                  wait_stored)
from tlskeys import Keys

RATE = 100_000
BURST = 0.25  # seconds; bitsd.conf(5)
SLOW = 1024  # bytes a second; the first of them come after 3.75 seconds


@contextlib.contextmanager
def takes_at_least(seconds):
    start = time.monotonic()
    yield
    assert time.monotonic() - start >= seconds


def time_of(size, rate=RATE):
    """How long so many bytes take at least, after a pause."""
    return size / rate - BURST


def send_whole(connection, size, path="/a.bin", chunks=None):
    identity = create(connection, path)
    request = fragment_request(identity, 0, size - 1, size, path)
    if chunks:
        request.chunks = chunks
        request.set("Transfer-Encoding", "chunked")
        request.remove("Content-Length")
    connection.send(request.data())
    return request


@pytest.mark.parametrize("option", ["max_rate_per_connection",
                                    "max_rate_per_user", "max_rate"])
def test_a_rate_is_not_exceeded(option):
    size = 125_000
    with Bitsd(server={option: RATE}) as bitsd:
        connection = bitsd.connect()
        with takes_at_least(time_of(size)):
            request = send_whole(connection, size)
            expect(answer(connection, request), 200, next=size)
        assert (bitsd.inbox / "a.bin").read_bytes() == request.body


def test_a_rate_is_not_exceeded_in_chunks():
    size = 75_000
    with Bitsd(server={"max_rate": RATE}) as bitsd:
        connection = bitsd.connect()
        with takes_at_least(time_of(size)):
            request = send_whole(connection, size, chunks=1000)
            expect(answer(connection, request), 200, next=size)


def test_a_rate_is_not_exceeded_over_tls(tmp_path):
    size = 75_000
    keys = Keys(tmp_path)
    with tls_bitsd(keys, max_rate=RATE) as bitsd:
        connection = connect_tls(bitsd, keys)
        with takes_at_least(time_of(size)):
            request = send_whole(connection, size)
            expect(answer(connection, request), 200, next=size)


def test_bytes_that_come_with_their_head_count():
    with Bitsd(server={"max_rate": RATE}) as bitsd:
        connection = bitsd.connect()
        total = 60_000
        identity = create(connection)
        with takes_at_least(time_of(total)):
            for first in range(0, total, 3000):
                expect(fragment(connection, identity, first, first + 2999,
                                total), 200, next=first + 3000)


def test_connections_share_the_rate_of_their_user():
    """A new connection for each file is no way around it."""
    size, count = 5000, 15
    with Bitsd(server={"max_rate_per_user": RATE}) as bitsd:
        with takes_at_least(time_of(size * count)):
            connections = [bitsd.connect() for _ in range(count)]
            requests = [send_whole(c, size, f"/{i}.bin")
                        for i, c in enumerate(connections)]
            for connection, request in zip(connections, requests):
                expect(answer(connection, request), 200, next=size)
        with takes_at_least(time_of(size * count)):
            for i in range(count):
                connection = bitsd.connect()
                request = send_whole(connection, size, f"/x{i}.bin")
                expect(answer(connection, request), 200, next=size)
                connection.close()


def test_a_slow_user_delays_no_other():
    """Ann's bytes would take 16 minutes."""
    server = Bitsd(server={"max_rate_per_user": SLOW, "grace_time": "0"})
    file = server.home / "passwords"
    passwords.write(file, {"ann": "a", "ben": "b"}, passwords.CHEAP)
    server.uploads = {"/": {"access": "basic", "basic_without_tls": "yes",
                            "password_file": file}}
    with server as bitsd:
        held = []
        for i in range(10):
            ann = bitsd.connect()
            path = f"/{i}.bin"
            identity = create_as(ann, path, "ann", "a")
            request = fragment_request(identity, 0, 99_999, 100_000, path)
            ann.send(signed(request, "ann", "a").data())
            held.append(ann)
        ben = bitsd.connect()
        identity = create_as(ben, "/ben.bin", "ben", "b")
        request = signed(fragment_request(identity, 0, 99, 100, "/ben.bin"),
                         "ben", "b")
        ben.send(request.data())
        expect(read(ben, request), 200, next=100)


def test_no_timeout_of_the_body_passes_while_bitsd_does_not_read():
    with Bitsd(server={"max_rate": SLOW, "body_timeout": "3s",
                       "min_body_rate": "1M"}) as bitsd:
        connection = bitsd.connect()
        with takes_at_least(time_of(4096, SLOW)):
            request = send_whole(connection, 4096)
            expect(answer(connection, request), 200, next=4096)


def test_a_reload_ends_the_pauses_of_the_rates_before():
    size = 1_000_000
    with Bitsd(server={"max_rate": SLOW, "log_level": "debug"}) as bitsd:
        connections = [bitsd.connect() for _ in range(5)]
        requests = [send_whole(c, size, f"/{i}.bin")
                    for i, c in enumerate(connections)]
        bitsd.log.wait(["slowed", "rule=max_rate"])
        bitsd.server["max_rate"] = "none"
        bitsd.reload()
        for connection, request in zip(connections, requests):
            expect(answer(connection, request), 200, next=size)


def test_a_reload_sets_a_rate_for_a_running_fragment():
    size = 75_000
    with Bitsd(server={"max_rate": "none"}) as bitsd:
        connection = bitsd.connect()
        identity = create(connection)
        request = fragment_request(identity, 0, size - 1, size)
        connection.send(request.head() + request.body[:100])
        wait_stored(bitsd, identity, 100, size)
        bitsd.server["max_rate"] = RATE
        bitsd.reload()
        with takes_at_least(time_of(size - 100)):
            connection.send(request.body[100:])
            expect(answer(connection, request), 200, next=size)


def test_a_stop_waits_grace_time_for_a_slow_fragment():
    size = 75_000
    with Bitsd(server={"max_rate": RATE, "log_level": "debug"}) as bitsd:
        connection = bitsd.connect()
        request = send_whole(connection, size)
        bitsd.log.wait("slowed")
        bitsd.terminate()
        expect(answer(connection, request), 200, next=size)
        bitsd.wait_stopped()


def test_a_stop_ends_a_pause_after_grace_time():
    """What was received is kept."""
    size = 1_000_000
    with Bitsd(server={"max_rate": RATE, "log_level": "debug",
                       "grace_time": "0"}) as bitsd:
        connection = bitsd.connect()
        identity = create(connection)
        request = fragment_request(identity, 0, size - 1, size)
        connection.send(request.data())
        bitsd.log.wait("slowed")
        bitsd.stop()
        bitsd.server["max_rate"] = "none"
        bitsd.start()
        response = fragment(bitsd.connect(), identity, size - 1, size - 1, size)
        assert response.status == 416, response
        assert int(response.get("BITS-Received-Content-Range")) > 0


def test_bytes_before_a_reset_are_kept():
    with Bitsd(server={"max_rate_per_connection": RATE,
                       "log_level": "debug"}) as bitsd:
        connection = bitsd.connect()
        identity = create(connection)
        request = fragment_request(identity, 0, 99_999, 100_000)
        connection.send(request.head() + request.body[:50_000])
        bitsd.log.wait("slowed")
        connection.half_close()
        wait_stored(bitsd, identity, 50_000, 100_000)


@pytest.mark.parametrize("leave", ["reset", "half_close"])
def test_a_client_that_leaves_ends_its_pause(leave):
    """Else clients that are gone would fill max_connections."""
    with Bitsd(server={"max_rate_per_connection": SLOW,
                       "log_level": "debug"}) as bitsd:
        connection = bitsd.connect()
        identity = create(connection)
        request = fragment_request(identity, 0, 99_999, 100_000)
        connection.send(request.head() + request.body[:50_000])
        bitsd.log.wait("slowed")
        getattr(connection, leave)()
        bitsd.log.wait(["interrupted", "kept=50000"])


def test_a_newer_request_takes_over_from_one_that_pauses():
    with Bitsd(server={"max_rate_per_connection": SLOW,
                       "log_level": "debug"}) as bitsd:
        old, new = bitsd.connect(), bitsd.connect()
        identity = create(old)
        old.send(fragment_request(identity, 0, 99_999, 100_000).data())
        bitsd.log.wait("slowed")
        expect(fragment(new, identity, 0, 99, 100_000), 200, next=100)
        old.expect_end()


def test_heads_and_other_packets_are_not_slowed():
    with Bitsd(server={"max_rate": SLOW, "log_level": "debug",
                       "grace_time": "0"}) as bitsd:
        connection, other = bitsd.connect(), bitsd.connect()
        send_whole(connection, 1_000_000)
        bitsd.log.wait("slowed")
        for _ in range(100):
            expect(ask(other, Request("ping", "/")), 200)


def test_the_log_names_the_rule_once_for_a_fragment():
    with Bitsd(server={"max_rate": RATE, "log_level": "debug"}) as bitsd:
        connection = bitsd.connect()
        request = send_whole(connection, 60_000)
        expect(answer(connection, request), 200, next=60_000)
        bitsd.stop()
        lines = bitsd.log.find("slowed")
        assert len(lines) == 1 and "rule=max_rate" in lines[0], lines


def test_a_rate_below_a_kilobyte_is_an_error():
    with Bitsd(server={"max_rate": "none"}) as bitsd:
        for option in ("max_rate", "max_rate_per_user",
                       "max_rate_per_connection"):
            mark = len(bitsd.log.lines)
            bitsd.server = {option: "1023"}
            bitsd.reload()
            bitsd.log.wait([f"{option}: ", "1023"], mark)
        bitsd.server = {"max_rate": "1024"}
        bitsd.reload()
