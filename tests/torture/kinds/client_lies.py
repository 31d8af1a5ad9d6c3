"""Servers that lie to the client: offsets, sessions, statuses, heads, silence.

The client ends with a status of its own, in time, within bounded memory; and
unless a lie said so, it is done only when the file is there.
"""

import random
import resource
import subprocess
import tempfile

import pytest

import bits
from bits import Client
from packets import pattern
from scripted import Answer, Cut, Scripted, ack, http, lost
from watched import is_watched
from wire import PATIENCE

DONE = 0
CODES = range(7)
SIZE = 300007
MEMORY = 512 << 20
HUGE = (1 << 63) - 1


def offsets(chance, request):
    """Where a liar says it is."""
    end = request.range[1] + 1 if request.range else 0
    return chance.choice((0, 1, end, end - 1, end + 1, SIZE, SIZE + 1, HUGE,
                          2 * HUGE + 1, chance.randrange(SIZE), "", "-1",
                          "0x10", "1 2", "99999999999999999999999", None))


def raw(chance):
    """No HTTP, or too much of it."""
    flood = b"HTTP/1.1 100 Continue\r\n\r\n"
    return Answer(chance.choice((
        b"", b"\x00" * 100, b"HTTP/1.1 \r\n\r\n", b"HTTP/9.9 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffff\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20000,
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 5000000,
        b"HTTP/1.1 200 OK\r\nBITS-Packet-Type: Ack\r\n"
        b"BITS-Packet-Type: Ack\r\n\r\n",
        flood * 20000, chance.randbytes(200))), then="close")


def lie(chance, request):
    """None: the truth."""
    if chance.random() < 0.5:
        return None
    way = chance.randrange(8)
    if way == 0:
        return raw(chance)
    if way == 1:
        return lost()
    if way == 2:
        return Cut(chance.randrange(70000))
    if way == 3:
        return http(chance.choice((200, 204, 301, 400, 401, 403, 404, 407, 413,
                                   417, 429, 500, 502, 503, 505, 599, 999)),
                    fields=chance.choice(([], [("Location", "http://a/")],
                                          [("Retry-After", "1")])),
                    body=b"x" * chance.choice((0, 10, 100000)))
    status = chance.choice((200, 200, 416, 416, 413, 201, 500))
    fields = chance.choice((
        [], [("BITS-Host-Id", chance.choice(("127.0.0.1", "[", "a b", "")))],
        [("BITS-Reply-URL", "file:///etc/passwd")],
        [("BITS-Protocol", "{00000000-0000-0000-0000-000000000000}")],
        [("BITS-Host-Id-Fallback-Timeout", "99999999999")]))
    session = chance.choice((None, None, "", "x" * 101, "a b", "{other}"))
    return ack(status, next=offsets(chance, request), session=session,
               code="0x80070057" if status >= 500 else None, fields=fields)


def run_one(turn, home, seed):
    chance = random.Random(seed)
    told = []  # lies from which it may conclude that the file arrived

    def answer(request):
        given = lie(chance, request)
        if given is not None and (
                given.data.startswith(b"HTTP/1.1 2")
                if request.verb == "fragment"
                else request.verb in ("create", "close")):
            told.append(given.data)
        return given

    with Client(home) as client, Scripted() as server:
        for verb in ("ping", "create", "fragment", "close"):
            server.always(verb, answer)
        client.file("a", pattern("L", 0, SIZE))
        running = client.start("upload", "--no-resume", "--fragment-size",
                               "70000", "--retry-time", "1s", "a", server.url)
        if not is_watched(bits.binary()):
            resource.prlimit(running.pid, resource.RLIMIT_AS,
                             (MEMORY, MEMORY))
        try:
            code = running.wait(3 * PATIENCE)
        except (AssertionError, subprocess.TimeoutExpired) as error:
            turn.violation(f"lies {seed!r}: {error!r}: {running.err}")
            return
        turn.count("hostile requests", len(server.requests))
        if code not in CODES:
            turn.violation(f"lies {seed!r}: bits ended with {code}:\n"
                           f"{running.err}")
        if code == DONE and not told and (
                server.delivered != [pattern("L", 0, SIZE)]):
            turn.violation(f"lies {seed!r}: done, and the file is not there")


def run(turn):
    try:
        bits.binary()
    except FileNotFoundError as error:
        pytest.skip(str(error))
    number = 0
    while not turn.over():
        with tempfile.TemporaryDirectory(prefix="torture-lies-") as home:
            run_one(turn, home, f"{turn.seed}/{number}")
        number += 1
