"""Pairs of requests of which a proxy may see one and the server two.

Each goes through nginx, HAProxy and Apache.  The hidden request is carried out
only if the proxy saw it too; and no other client gets an answer out of step.
"""

import time

from packets import Request
from proxies import PROXIES, Proxy, need_proxies, with_fixed_port
from wire import Closed, Connection, WireError
from world import world

EVIL = (b"BITS_POST /evil HTTP/1.1\r\nHost: h\r\n"
        b"BITS-Packet-Type: Ping\r\nContent-Length: 0\r\n\r\n")
SIZE = b"%d" % len(EVIL)


def head(fields, method=b"BITS_POST", version=b"HTTP/1.1"):
    return (method + b" /safe " + version + b"\r\nHost: h\r\n"
            b"BITS-Packet-Type: Ping\r\n" + fields + b"\r\n")


def pairs():
    length = b"Content-Length: " + SIZE + b"\r\n"
    chunked = b"Transfer-Encoding: chunked\r\n"
    end = b"0\r\n\r\n"
    for coding in (b"\tchunked", b" chunked", b" Chunked", b" xchunked",
                   b" chunked, identity", b" identity, chunked",
                   b" \x0bchunked", b" chunked ", b' "chunked"', b""):
        field = b"Transfer-Encoding:" + coding + b"\r\n"
        yield head(length + field) + end + EVIL
        yield head(field + length) + end + EVIL
        yield head(field) + end + EVIL
    yield head(chunked + b"Transfer-Encoding: identity\r\n" + length) + end
    yield head(b"Transfer-Encoding : chunked\r\n" + length) + end + EVIL
    yield head(b"Transfer_Encoding: chunked\r\n" + length) + end + EVIL
    for value in (b"0\r\nContent-Length: " + SIZE, b"0, " + SIZE, b"+" + SIZE,
                  b"0x" + SIZE, b"-0", b"", b"0" * 30 + SIZE, b"\r\n " + SIZE,
                  SIZE + b" 0", b"18446744073709551616"):
        yield head(b"Content-Length: " + value + b"\r\n") + EVIL
    yield head(b"Content-Length : " + SIZE + b"\r\n") + EVIL
    yield head(b"Content_Length: " + SIZE + b"\r\n") + EVIL
    for break_ in (b"\n", b"\r", b"\0", b"\r\r\n", b"\x0b"):
        yield head(b"X: y" + break_ + length) + EVIL
    for body in (b"2;\nxx\r\n0\r\n\r\n", b"10000000000000000\r\n\r\n",
                 b"-1\r\n\r\n0\r\n\r\n", b"0x0\r\n\r\n", b"0\n\n",
                 b"0\r\nContent-Length: " + SIZE + b"\r\n\r\n",
                 b"0;a\r\nX: y\r\n\r\n", b"00000\r\n\r\n", b"2\r\nxx0\r\n\r\n"):
        yield head(chunked) + body + EVIL
    for method in (b"GET", b"HEAD", b"POST", b"OPTIONS", b"CONNECT"):
        yield head(length, method) + EVIL
        yield head(b"Connection: keep-alive\r\n" + length, method,
                   b"HTTP/1.0") + EVIL
    yield head(chunked, version=b"HTTP/1.0") + end + EVIL
    yield head(b"Expect: 100-continue\r\n" + length) + EVIL
    yield head(b"Expect: other\r\n" + length) + EVIL
    yield head(b"Connection: Content-Length\r\n" + length) + EVIL
    yield head(b"Connection: Transfer-Encoding\r\n" + chunked) + end + EVIL
    yield head(b"Connection: Upgrade\r\nUpgrade: h2c\r\n" + length) + EVIL


def count(received):
    """Final answers in what came."""
    starts = received.count(b"HTTP/1.1 ") + received.count(b"HTTP/1.0 ")
    return starts - received.count(b"HTTP/1.1 100 ")


def count_answers(address, data, half_closed):
    """How many final answers the peer of a pair gets, two at most if it does
    not close its half: a proxy may drop what is asked by one who has gone."""
    connection = Connection(address, patience=10)
    received = b""
    try:
        connection.send(data)
        if half_closed:
            connection.half_close()
        while half_closed or count(received) < 2:
            more = connection.socket.recv(65536)
            if not more:
                break
            received += more
    except (OSError, WireError):
        pass
    connection.close()
    return count(received)


def innocent(turn, address, data):
    """Another client's Ping, after the pair."""
    connection = Connection(address)
    connection.send(Request("ping", "/innocent").data())
    try:
        response = connection.read_response()
        if response.status != 200:
            turn.violation(f"out of step after {data!r}: {response}")
    except Closed:
        pass  # the proxy met a connection that the server had closed
    connection.close()


def ask_directly(made):
    """The path of a Ping that is sent the first time, without a proxy."""
    path = f"/mark-{time.monotonic_ns()}-"
    connection = made.connect()
    connection.send(Request("ping", path).data())
    connection.read_response()
    connection.close()
    return path


def try_pair(turn, made, proxy, data):
    # Whatever was asked before is in the log.
    made.bitsd.log.wait(["packet:", ask_directly(made)])
    mark = len(made.bitsd.log.lines)
    answers = count_answers(proxy.address, data, half_closed=True)
    turn.count("hostile requests")
    for _ in range(3):
        innocent(turn, proxy.address, data)
    # The log is in order: this Ping stands behind the pair.
    made.bitsd.log.wait(["packet:", ask_directly(made)], mark)
    evil = made.bitsd.log.find(["packet:", "path=/evil"], mark)
    if evil and answers < 2 and count_answers(proxy.address, data,
                                              half_closed=False) < 2:
        turn.violation(f"{proxy.kind} saw one request: {data!r}")


def run(turn):
    need_proxies()
    with world(turn, server={"log_level": "debug"},
               prepare=with_fixed_port) as made:
        for number in range(len(PROXIES)):
            kind = PROXIES[(turn.number + number) % len(PROXIES)]
            with Proxy(kind, made.back) as proxy:
                for data in pairs():
                    if turn.over():
                        return
                    try_pair(turn, made, proxy, data)
