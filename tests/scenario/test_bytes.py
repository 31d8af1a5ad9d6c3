"""How the bytes arrive must not matter; what they are matters exactly."""

import pytest

from bitsd import Bitsd
from packets import Request, check_plain, pattern
from talk import (answer, ask, create, expect, fragment, fragment_request,
                  wait_stored)


@pytest.fixture
def bitsd():
    with Bitsd() as server:
        yield server


def conversation(identity):
    """A fragment, a Ping and the last fragment, as one run of bytes."""
    return [fragment_request(identity, 0, 9, 20), Request("ping", "/a.bin"),
            fragment_request(identity, 10, 19, 20)]


def check_conversation(connection, requests):
    for request, wanted in zip(requests, (10, None, 20)):
        expect(answer(connection, request), 200, next=wanted)


def test_byte_by_byte(bitsd):
    connection = bitsd.connect()
    requests = conversation(create(connection))
    for byte in b"".join(r.data() for r in requests):
        connection.send(bytes([byte]))
    check_conversation(connection, requests)
    assert (bitsd.inbox / "a.bin").read_bytes() == pattern("S", 0, 20)


def test_all_at_once(bitsd):
    connection = bitsd.connect()
    requests = conversation(create(connection))
    connection.send(b"".join(r.data() for r in requests))
    check_conversation(connection, requests)
    assert (bitsd.inbox / "a.bin").read_bytes() == pattern("S", 0, 20)


def test_in_two_parts_at_each_place(bitsd):
    connection = bitsd.connect()
    size = len(Request("ping", "/a.bin").data())
    for place in range(1, size):
        request = Request("ping", "/a.bin")
        connection.send(request.data()[:place])
        connection.send(request.data()[place:])
        expect(answer(connection, request), 200)


def test_pipelined_to_the_end_of_a_session(bitsd):
    connection = bitsd.connect()
    identity = create(connection)
    last = fragment_request(identity, 0, 99999, 100000)
    close = Request("close", "/a.bin", identity)
    again = Request("close", "/a.bin", identity)
    cancel = Request("cancel", "/a.bin", identity)
    connection.send(b"".join(r.data() for r in (last, close, again, cancel)))
    expect(answer(connection, last), 200, next=100000)
    expect(answer(connection, close), 200)
    expect(answer(connection, again), 200)
    expect(answer(connection, cancel), 500, "ENOSESSION")
    assert (bitsd.inbox / "a.bin").read_bytes() == pattern("S", 0, 100000)


def padded_ping(size):
    """A Ping whose head has exactly that many bytes."""
    request = Request("ping", "/a.bin")
    request.add("X-Padding", "")
    request.set("X-Padding", "p" * (size - len(request.head())))
    assert len(request.head()) == size
    return request


def test_heads_up_to_max_header_size():
    with Bitsd(server={"max_header_size": "4k"}) as bitsd:
        connection = bitsd.connect()
        expect(ask(connection, padded_ping(4096)), 200)
        expect(ask(connection, padded_ping(4095)), 200)
        connection.send(padded_ping(4097).data())
        response = connection.read_response()
        assert response.status == 431 and response.closes()
        check_plain(response)
        connection.expect_end()


HOST_MAX = 261  # a name of 255 bytes, a colon and a port


def test_a_host_up_to_a_name_and_a_port(bitsd):
    connection = bitsd.connect()
    request = Request("ping", "/a.bin")
    request.set("Host", "h" * HOST_MAX)
    expect(ask(connection, request), 200)
    request.set("Host", "h" * (HOST_MAX + 1))
    connection.send(request.data())
    response = connection.read_response()
    assert response.status == 400 and response.closes()
    check_plain(response)
    connection.expect_end()
    bitsd.log.wait(["bad-request", "Host is longer than 261 bytes"])


def test_a_url_with_a_host_up_to_a_name_and_a_port(bitsd):
    connection = bitsd.connect()
    host = "h" * HOST_MAX
    expect(ask(connection, Request("ping", f"http://{host}/a.bin")), 200)
    connection.send(Request("ping", f"http://{host}h/a.bin").data())
    response = connection.read_response()
    assert response.status == 400 and response.closes()
    check_plain(response)
    bitsd.log.wait(["bad-request", "host in the URL", "261"])


def test_white_space_at_the_end_of_a_value(bitsd):
    connection = bitsd.connect()
    request = Request("ping", "/a.bin")
    request.set("BITS-Packet-Type", "Ping \t ")
    expect(ask(connection, request), 200)


BROKEN_CHUNKS = [b"xyz\r\n", b"-1\r\n", b"10000000000000000\r\n",
                 b"5\nhello", b"5\r\nhelloworld\r\n", b"5 5\r\n"]


@pytest.mark.parametrize("broken", BROKEN_CHUNKS)
def test_broken_chunked_coding_is_an_interrupted_fragment(bitsd, broken):
    connection = bitsd.connect()
    identity = create(connection)
    request = fragment_request(identity, 0, 999, 1000)
    request.remove("Content-Length")
    request.add("Transfer-Encoding", "chunked")
    good = b"64\r\n" + request.body[:100] + b"\r\n"
    connection.send(request.head() + good + broken)
    try:
        response = connection.read_response()
        assert response.status == 400 and response.closes(), response
        connection.expect_end()
    except AssertionError as error:
        assert "closed after b''" in str(error) or "broke" in str(error)
    connection.close()
    # The broken chunk's own bytes may count or not; it says 5 at most.
    second = bitsd.connect()
    expect(fragment(second, identity, 100, 999, 1000), 200, next=1000)
    data = (bitsd.inbox / "a.bin").read_bytes()
    assert data[:100] == pattern("S", 0, 100)
    assert data[105:] == pattern("S", 105, 895)


def test_chunk_extensions_and_trailers_are_skipped(bitsd):
    connection = bitsd.connect()
    identity = create(connection)
    request = fragment_request(identity, 0, 9, 10)
    request.remove("Content-Length")
    request.add("Transfer-Encoding", "chunked")
    coded = (b"00A;name=value\r\n" + request.body
             + b"\r\n0\r\nTrailer: x\r\nBITS-Packet-Type: Ping\r\n\r\n")
    connection.send(request.head() + coded)
    expect(answer(connection, request), 200, next=10)
    expect(ask(connection, Request("ping", "/a.bin")), 200)


def expect_refusal(connection, request):
    response = answer(connection, request)
    expect(response, 500, "ENOSESSION")
    assert response.closes()


def test_an_early_refusal_arrives_before_the_body_is_through():
    """A client that reads only after it has sent everything sees it too."""
    with Bitsd(server={"linger_timeout": "1h"}) as bitsd:
        unknown = "{00000000-0000-0000-0000-000000000001}"
        request = fragment_request(unknown, 0, (40 << 20) - 1, 40 << 20)
        early, late = bitsd.connect(), bitsd.connect()
        early.send(request.head() + request.body[:1 << 20])
        expect_refusal(early, request)
        early.send(request.body[1 << 20:])
        late.send(request.data())
        expect_refusal(late, request)
        for connection in (early, late):
            connection.expect_end()
            connection.close()


def test_many_sessions_at_once(bitsd):
    """Sessions on many connections do not mix."""
    connections = [bitsd.connect() for _ in range(50)]
    paths = [f"/{i}.bin" for i in range(50)]
    ids = [create(c, p) for c, p in zip(connections, paths)]
    for first, last in ((0, 33332), (33333, 99999)):
        requests = [fragment_request(i, first, last, 100000, p, p)
                    for i, p in zip(ids, paths)]
        for connection, request in zip(connections, requests):
            connection.send(request.data())
        for connection, request in zip(connections, requests):
            expect(answer(connection, request), 200, next=last + 1)
    for path in paths:
        content = (bitsd.inbox / path[1:]).read_bytes()
        assert content == pattern(path, 0, 100000)


def test_fighting_clients_do_not_corrupt(bitsd):
    """Each newcomer takes over; in the end the bytes are right."""
    identity = create(bitsd.connect())
    connections = []
    for count in range(1000, 20000, 1000):
        connection = bitsd.connect()
        request = fragment_request(identity, 0, 19999, 20000)
        connection.send(request.head() + request.body[:count])
        connections.append((connection, request.body[count:]))
        wait_stored(bitsd, identity, count, 20000)
    for connection, rest in connections[:-1]:
        try:
            connection.send(b"#" * len(rest))
        except ConnectionError:
            pass
        connection.expect_end()
    connection, rest = connections[-1]
    connection.send(rest)
    expect(connection.read_response(), 200, next=20000)
    assert (bitsd.inbox / "a.bin").read_bytes() == pattern("S", 0, 20000)
