"""Crowds that send packets without end and never read an answer.

The server's memory stays bounded, it lets go of them when their time is over,
and others upload as if nothing was.
"""

import os
import time

from bitsd import binary
from client import Crowd
from packets import Request
from watched import is_watched
from wire import Connection
from world import world

MIB = 1 << 20
# Per connection: what a head, a read and unsent answers may hold.
MEMORY = 192 * 1024


def resident(pid):
    """Bytes; 0 where they are not the program's own."""
    if is_watched(binary()):
        return 0
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        for line in status:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    return 0


def floods():
    chunked = Request("ping", "/")
    chunked.remove("Content-Length")
    chunked.add("Transfer-Encoding", "chunked")
    return [Request("ping", "/").data() * 300,
            b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n" * 500,
            Request("close", "/x", "{unknown}").data() * 300,
            (chunked.head() + b"0\r\n\r\n") * 300,
            Request("create", "/no/such/folder").data() * 200]


def flood(turn, made, data, count):
    connections = [Connection(made.bitsd.address) for _ in range(count)]
    for connection in connections:
        connection.socket.setblocking(False)
    end = min(turn.end, time.monotonic() + 3)
    open_ones = set(connections)
    peak = 0
    while open_ones and time.monotonic() < end:
        for connection in list(open_ones):
            try:
                connection.socket.send(data)
                turn.count("hostile requests")
            except BlockingIOError:
                pass
            except OSError:
                open_ones.discard(connection)
        peak = max(peak, resident(made.bitsd.pid))
    return connections, peak


def run(turn):
    timeouts = {"body_timeout": "2s", "idle_timeout": "2s",
                "header_timeout": "2s"}
    with world(turn, server=timeouts) as made:
        before = resident(made.bitsd.pid)
        with Crowd(made, 2):
            for data in floods():
                if turn.over():
                    break
                count = turn.chance.choice((20, 100))
                connections, peak = flood(turn, made, data, count)
                if peak > before + count * MEMORY + 16 * MIB:
                    turn.violation(f"{peak >> 20} MiB for {count} readers "
                                   f"that do not read {data[:60]!r}")
                for connection in connections:
                    connection.close()
        fds = f"/proc/{made.bitsd.pid}/fd"
        deadline = time.monotonic() + 30
        while len(os.listdir(fds)) > 60:
            if time.monotonic() > deadline:
                turn.violation("it holds connections that are gone")
                return
            time.sleep(0.05)
