"""Requests of web pages, which have an Origin (V2)."""

import pytest

from bitsd import Bitsd
from packets import Request
from talk import ask
from wire import Connection

SERVED = ["https://files.example/uploads/", "http://other.example:8080"]


def ping(connection, *origins, host=None):
    request = Request("ping", "/")
    for origin in origins:
        request.add("Origin", origin)
    if host:
        request.set("Host", host)
    return ask(connection, request).status


ALLOWED = ["https://files.example", "https://FILES.example:443",
           "http://other.example:8080"]
LOCAL = ["http://localhost", "https://localhost:1", "http://127.0.0.1:3000",
         "http://[::1]:8080"]
FOREIGN = ["https://evil.example", "http://files.example",
           "https://files.example:8443", "https://files.example.evil.example",
           "http://other.example", "null", "", "files.example",
           "https://files.example/", "https://user@files.example",
           "https://files.example https://files.example",
           "http://localhost.evil.example", "http://127.0.0.2",
           "file://localhost"]


def test_pages_of_public_url_and_of_this_machine_may_send():
    with Bitsd(server={"public_url": SERVED}) as server:
        connection = server.connect()
        for origin in ALLOWED + LOCAL:
            assert ping(connection, origin) == 200, origin
        for origin in FOREIGN:
            assert ping(connection, origin) == 403, origin
        server.log.wait(["refused", "cause=WEB_PAGE_REFUSED"])
        assert ping(connection, ALLOWED[0], ALLOWED[0]) == 403


def test_where_other_machines_connect_no_local_page_may_send():
    with Bitsd(server={"listen": "0.0.0.0:0", "public_url": SERVED},
               uploads={"/": {"access": "anonymous"}}) as server:
        connection = Connection(("127.0.0.1", server.address[1]))
        for origin in ALLOWED:
            assert ping(connection, origin) == 200, origin
        for origin in LOCAL + FOREIGN:
            assert ping(connection, origin) == 403, origin


def test_a_request_without_an_origin_is_not_judged_by_its_host():
    with Bitsd(server={"public_url": SERVED}) as server:
        assert ping(server.connect(), host="evil.example") == 200


def test_the_host_does_not_make_an_origin_an_own_one():
    """A name that leads to 127.0.0.1 does not help a foreign page."""
    with Bitsd() as server:
        for host in ("evil.example", "evil.example:80"):
            assert ping(server.connect(), f"http://{host}", host=host) == 403


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS"])
def test_other_methods_are_refused_too(method):
    with Bitsd(server={}, uploads={"/": {"head": "yes"}}) as server:
        connection = server.connect()
        connection.send(f"{method} /a HTTP/1.1\r\nHost: h\r\n"
                        "Origin: https://evil.example\r\n"
                        "Connection: close\r\n\r\n".encode())
        head = b"".join(iter(lambda: connection.socket.recv(65536), b""))
        assert b"HTTP/1.1 403 " in head
        assert b"Access-Control" not in head


def test_a_reload_changes_the_origins():
    with Bitsd(server={}) as server:
        connection = server.connect()
        assert ping(connection, ALLOWED[0]) == 403
        server.server = {"public_url": SERVED}
        assert "reload done" in server.reload()
        while ping(connection, ALLOWED[0]) != 200:
            pass
