"""Time-outs with tiny values: each closes the connection, nothing is lost.

Only the closing is waited for; how long it took decides nothing.
"""

from bitsd import Bitsd
from packets import Request, check_plain
from talk import (answer, ask, create, expect, fragment, fragment_request,
                  stored)
from wire import Closed


def expect_goodbye(connection):
    """Closed, perhaps with a plain 408 before."""
    try:
        response = connection.read_response()
        assert response.status == 408 and response.closes(), response
        check_plain(response)
    except Closed:
        pass
    connection.expect_end()


def test_header_timeout():
    with Bitsd(server={"header_timeout": "1s"}) as bitsd:
        connection = bitsd.connect()
        connection.send(b"BITS_POST /a.bin HTTP/1.1\r\nHost: ")
        expect_goodbye(connection)
        expect(ask(bitsd.connect(), Request("ping", "/")), 200)


def test_idle_timeout():
    with Bitsd(server={"idle_timeout": "1s"}) as bitsd:
        silent = bitsd.connect()
        connection = bitsd.connect()
        expect(ask(connection, Request("ping", "/")), 200)
        connection.expect_end()
        silent.expect_end()


def test_body_timeout_keeps_what_was_read():
    with Bitsd(server={"body_timeout": "1s"}) as bitsd:
        connection = bitsd.connect()
        identity = create(connection)
        request = fragment_request(identity, 0, 999, 1000)
        connection.send(request.head() + request.body[:300])
        expect_goodbye(connection)
        assert stored(bitsd, identity, 1000) == 300
        second = bitsd.connect()
        expect(fragment(second, identity, 300, 999, 1000), 200, next=1000)


def test_linger_timeout():
    """A refused client that never ends its body is left in the end."""
    with Bitsd(server={"linger_timeout": "1s"}) as bitsd:
        connection = bitsd.connect()
        nobody = "{00000000-0000-0000-0000-000000000001}"
        request = fragment_request(nobody, 0, 9, 10)
        request.body = b""
        request.set("Content-Range", f"bytes 0-{(64 << 20) - 1}/{64 << 20}")
        request.set("Content-Length", str(64 << 20))
        connection.send(request.data())
        response = answer(connection, request)
        expect(response, 500, "ENOSESSION")
        assert response.closes()
        connection.expect_end()


def test_a_slow_head_does_not_hold_up_others():
    with Bitsd() as bitsd:
        slow = [bitsd.connect() for _ in range(20)]
        for connection in slow:
            connection.send(b"BITS_POST / HTTP/1.1\r\n")
        expect(ask(bitsd.connect(), Request("ping", "/")), 200)
        for connection in slow:
            connection.close()  # else bitsd waits for their heads at its end
