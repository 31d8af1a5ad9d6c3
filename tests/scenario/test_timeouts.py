"""Time-outs: each closes the connection, nothing is lost.

The server's clock jumps by hours when a test says so.  How long anything
really takes decides nothing: the other time-outs are much longer.
"""

import contextlib

from injector import injected_bitsd
from packets import Request, check_plain
from talk import (answer, ask, create, expect, fragment, fragment_request,
                  until, wait_stored)

TIMEOUTS = ("header_timeout", "body_timeout", "idle_timeout", "linger_timeout")
HALF_AN_HOUR = 1800


class Server:
    """A bitsd of one thread, and its clock."""

    def __init__(self, bitsd, injector):
        self.bitsd = bitsd
        self.injector = injector

    def ping(self):
        """Wakes the thread; what came before has been looked at then."""
        connection = self.bitsd.connect()
        expect(ask(connection, Request("ping", "/")), 200)
        connection.close()

    def wait_half_an_hour(self):
        self.ping()
        self.injector.inject(f"clock timers lie {HALF_AN_HOUR}")
        self.ping()


@contextlib.contextmanager
def server_with(name, **others):
    """One that has a time-out of 50 minutes, and others of 100 days."""
    options = {"threads": "1", **dict.fromkeys(TIMEOUTS, "100d"), name: "50m",
               **others}
    with injected_bitsd(server=options) as (bitsd, injector):
        yield Server(bitsd, injector)


def test_header_timeout():
    """It counts from the head's first byte."""
    with server_with("header_timeout") as server:
        slow, quick = server.bitsd.connect(), server.bitsd.connect()
        request = Request("ping", "/")
        for connection in (slow, quick):
            connection.send(request.data()[:40])
        server.wait_half_an_hour()
        slow.send(request.data()[40:50])
        quick.send(request.data()[40:])
        expect(answer(quick, request), 200)
        server.wait_half_an_hour()
        response = slow.read_response()
        assert response.status == 408 and response.closes(), response
        check_plain(response)
        slow.expect_end()
        slow.close()
        expect(ask(quick, request), 200)


def test_idle_timeout():
    with server_with("idle_timeout") as server:
        silent, connection = server.bitsd.connect(), server.bitsd.connect()
        server.wait_half_an_hour()
        expect(ask(connection, Request("ping", "/")), 200)
        server.wait_half_an_hour()
        silent.expect_end()
        expect(ask(connection, Request("ping", "/")), 200)
        server.wait_half_an_hour()
        server.wait_half_an_hour()
        connection.expect_end()


def test_body_timeout_keeps_what_was_read():
    with server_with("body_timeout") as server:
        bitsd = server.bitsd
        connection = bitsd.connect()
        identity = create(connection)
        request = fragment_request(identity, 0, 999, 1000)
        connection.send(request.head())
        for first in range(0, 300, 100):
            connection.send(request.body[first:first + 100])
            wait_stored(bitsd, identity, first + 100, 1000)
            server.wait_half_an_hour()
        server.wait_half_an_hour()
        connection.expect_end()
        second = bitsd.connect()
        expect(fragment(second, identity, 301, 999, 1000), 416, next=300)
        expect(fragment(second, identity, 300, 999, 1000), 200, next=1000)


def test_min_body_rate_is_counted_over_each_body_timeout():
    """At a byte a second, 3000 in 50 minutes are enough and 2999 are not."""
    with server_with("body_timeout", min_body_rate="1") as server:
        def begin(path):
            connection = server.bitsd.connect()
            identity = create(connection, path)
            request = fragment_request(identity, 0, 9999, 10000, path)
            connection.send(request.head())
            return connection, request, identity, path

        def send(upload, first, last):
            connection, request, identity, path = upload
            connection.send(request.body[first:last])
            wait_stored(server.bitsd, identity, last, 10000, path)

        slow, quick = begin("/slow.bin"), begin("/quick.bin")
        server.wait_half_an_hour()
        send(slow, 0, 2999)
        send(quick, 0, 3000)
        server.wait_half_an_hour()
        slow[0].expect_end()
        expect(fragment(server.bitsd.connect(), slow[2], 2999, 9999, 10000,
                        slow[3]), 200, next=10000)
        quick[0].send(quick[1].body[3000:])
        expect(answer(quick[0], quick[1]), 200, next=10000)


def test_without_min_body_rate_a_byte_is_enough():
    with server_with("body_timeout") as server:
        connection = server.bitsd.connect()
        identity = create(connection)
        request = fragment_request(identity, 0, 99, 100)
        connection.send(request.head())
        for first in range(4):
            connection.send(request.body[first:first + 1])
            wait_stored(server.bitsd, identity, first + 1, 100)
            server.wait_half_an_hour()
        connection.send(request.body[4:])
        expect(answer(connection, request), 200, next=100)


def is_open(connection):
    """Does the other side take bytes?"""
    try:
        connection.send(b"x" * 1000)
    except ConnectionError:
        return False
    return True


def test_linger_timeout():
    """A refused client that never ends its body is left in the end."""
    total = 1 << 40
    with server_with("linger_timeout") as server:
        connection = server.bitsd.connect()
        unknown = "{00000000-0000-0000-0000-000000000001}"
        request = fragment_request(unknown, 0, 9, 10)
        request.body = b""
        request.set("Content-Range", f"bytes 0-{total - 1}/{total}")
        request.set("Content-Length", str(total))
        connection.send(request.data())
        response = answer(connection, request)
        expect(response, 500, "ENOSESSION")
        assert response.closes()
        connection.expect_end()  # of what the server says
        server.wait_half_an_hour()
        # More than the buffers hold: the server reads it.
        connection.send(bytes(32 << 20))
        server.wait_half_an_hour()
        until(lambda: not is_open(connection))


def test_a_slow_head_does_not_hold_up_others():
    with server_with("header_timeout") as server:
        slow = [server.bitsd.connect() for _ in range(20)]
        for connection in slow:
            connection.send(b"BITS_POST / HTTP/1.1\r\n")
        server.ping()
