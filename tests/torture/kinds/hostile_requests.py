"""Malformed requests from a grammar, one fault in each, beside honest uploads.

A request with a fault of framing is refused and its connection closed: what
follows it on the wire is never taken for a request.
"""

from client import Client
from packets import Request
from wire import Closed, Connection, WireError
from world import world

# What must never be carried out, behind the fault.
EVIL = Request("create", "/evil").data()
KIND = b"BITS-Packet-Type: Ping\r\n"


def bad_lines(chance):
    """Invalid request lines."""
    method = chance.choice((b"BITS_POST", b"GET", b"POST"))
    return chance.choice((
        b"%b  /x HTTP/1.1" % method, b"%b /x  HTTP/1.1" % method,
        b" %b /x HTTP/1.1" % method, b"%b /x HTTP/1.1 " % method,
        b"%b\t/x\tHTTP/1.1" % method, b"%b /x HTTP/1.1\x00" % method,
        b"%b /x\x00y HTTP/1.1" % method, b"%b /x\x7fy HTTP/1.1" % method,
        b"%b /x HTTP/2.0" % method, b"%b /x http/1.1" % method,
        b"%b /x HTTP/1.1.1" % method, b"%b /x HTTP/11" % method,
        b"%b /x HTTP/ 1.1" % method, b"%b /x" % method, b"%b" % method,
        b"(%b) /x HTTP/1.1" % method, b"%b x HTTP/1.1\x0b" % method,
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"PRI * HTTP/2.0", chance.randbytes(30).replace(b"\n", b"x")))


def bad_fields(chance):
    """Fields that another reader could read otherwise."""
    size = b"%d" % len(EVIL)
    name = chance.choice((b"Content-Length", b"Transfer-Encoding", b"X",
                          b"BITS-Session-Id", b"Host"))
    return chance.choice((
        b"%b : 1" % name, b" %b: 1" % name, b"%b\t: 1" % name,
        b"%b 1" % name, b": 1", b"%b: 1\r\n folded" % name,
        b"%b: a\x00b" % name, b"%b: a\rb" % name, b"%b: a\nb" % name,
        b"%b\x00: 1" % name, b"%b(: 1" % name, b"\xff%b: 1" % name,
        b"Content-Length: 0\r\nContent-Length: " + size,
        b"Content-Length: 0, " + size, b"Content-Length: +" + size,
        b"Content-Length: 0x" + size, b"Content-Length: -1",
        b"Content-Length: 1 1", b"Content-Length: ",
        b"Content-Length: 18446744073709551616",
        b"Content-Length: " + size + b"\r\nTransfer-Encoding: chunked",
        b"Transfer-Encoding: chunked\r\nContent-Length: " + size,
        b"Transfer-Encoding: xchunked", b"Transfer-Encoding: chunked, gzip",
        b"Transfer-Encoding: identity", b"Transfer-Encoding: \x0bchunked",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        b"Transfer-Encoding: chunked, chunked", b"Transfer-Encoding: ",
        b"Host: y", b"X: " + b"y" * 70000,
        b"\r\n".join(b"X%d: y" % i for i in range(9000))))


def bad_chunks(chance):
    return chance.choice((
        b"0x0\r\n\r\n", b"-0\r\n\r\n", b"+0\r\n\r\n", b" 0\r\n\r\n",
        b"g\r\n", b"\r\n0\r\n\r\n", b"0\n\n", b"0\r\n\n", b"0\r\n\r\r\n",
        b"10000000000000000\r\n\r\n", b"3\r\nabcd\r\n0\r\n\r\n",
        b"3\r\nabc0\r\n\r\n", b"3\nabc\r\n0\r\n\r\n", b"0;\n\r\n\r\n",
        b"0\r\n : x\r\n\r\n", b"0\r\nT : x\r\n\r\n", b"0\r\nT: a\r\n b\r\n\r\n",
        b"0\r\nT: \x00\r\n\r\n", b"0;" + b"a" * 70000 + b"\r\n\r\n",
        b"0\r\n" + b"T: x\r\n" * 20000 + b"\r\n"))


def faulty(chance):
    """A request with one fault, and the evil one behind it."""
    way = chance.randrange(4)
    if way == 0:
        return bad_lines(chance) + b"\r\nHost: h\r\n" + KIND + b"\r\n" + EVIL
    line = b"BITS_POST /x HTTP/1.1\r\n"
    if way == 1:
        return line + KIND + b"\r\n" + EVIL  # no Host
    if way == 2:
        return (line + b"Host: h\r\nTransfer-Encoding: chunked\r\n" + KIND
                + b"\r\n" + bad_chunks(chance) + EVIL)
    fields = [b"Host: h", KIND[:-2], b"Accept: */*"]
    fields.insert(chance.randrange(4), bad_fields(chance))
    return line + b"\r\n".join(fields) + b"\r\n\r\n" + EVIL


def attack(turn, made, data):
    connection = Connection(made.bitsd.address)
    turn.count("hostile requests")
    try:
        piece = turn.chance.choice((len(data), len(data), 1000, 1))
        piece = max(piece, len(data) // 200)
        for at in range(0, len(data), piece):
            connection.send(data[at : at + piece])
        connection.half_close()
    except (Closed, ConnectionError):
        pass  # it was refused already; the answer may be read all the same
    statuses = []
    try:
        while True:
            statuses.append(connection.read_response().status)
    except Closed:
        pass
    connection.close()
    # Faults in chunks may be met behind the answer to the packet itself.
    if [status for status in statuses if status < 400][1:] or (
            statuses and statuses[-1] < 400):
        turn.violation(f"{statuses} for {data[:3000]!r}")


def run(turn):
    with world(turn) as made:
        client = Client(made, "honest", turn.chance)
        number = 0
        while not turn.over():
            data = faulty(turn.chance)
            try:
                attack(turn, made, data)
            except WireError as error:
                raise AssertionError(f"{error}: {data[:3000]!r}") from None
            number += 1
            if number % 100 == 0:
                client.upload()
        client.hang_up()
        if made.bitsd.log.find(["created", "/evil"]):
            turn.violation("something behind a fault was carried out")
