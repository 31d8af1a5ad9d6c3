"""Each packet cut at every byte, by FIN, by RST, and by closing one half.

A packet that was cut is never acknowledged; the bytes that came are kept.
"""

from packets import Request
from wire import Closed, Connection, WireError
from world import world

WAYS = ("fin", "reset", "half")
UNKNOWN = "{00000000-0000-4000-8000-000000000001}"


def fragments(upload):
    """A fragment in each of its forms; all store the same bytes."""
    plain = upload.request(0, 29)
    chunked = upload.request(0, 29)
    chunked.remove("Content-Length")
    chunked.add("Transfer-Encoding", "chunked")
    chunked.chunks = 7
    expecting = upload.request(0, 29)
    expecting.add("Expect", "100-continue")
    return [plain, chunked, expecting]


def packets(upload):
    odd = Request("ping", "/x")
    odd.remove("Content-Length")
    odd.add("Transfer-Encoding", "chunked")
    trailer = b"0;x=y\r\nT: v\r\n\r\n"
    return [request.data() for request in fragments(upload) + [
        Request("ping", "/x"), Request("create", "/never"),
        Request("close", "/none", UNKNOWN), Request("cancel", "/none", UNKNOWN),
    ]] + [odd.head() + trailer, b"\r\n\r\n" + Request("ping", "/x").data()]


def answers(connection):
    """All that comes until the server closes."""
    found = []
    try:
        while True:
            found.append(connection.read_response().status)
    except Closed:
        return [status for status in found if status != 100]


def cut(turn, made, data, at, way):
    connection = Connection(made.bitsd.address)
    turn.count("cuts")
    connection.send(data[:at])
    if way == "reset":
        connection.reset()
        return
    if way == "half":
        connection.half_close()
        got = answers(connection)
        if at < len(data) and 200 in got:
            turn.violation(f"200 for a packet cut at byte {at}: {data!r}")
    connection.close()


def run(turn):
    with world(turn) as made:
        upload = made.ledger.start("cut", 5000)
        connection = made.bitsd.connect()
        connection.send(Request("create", upload.path).data())
        upload.id = connection.read_response().get("BITS-Session-Id")
        connection.close()
        kinds = packets(upload)
        cases = [(kind, at, way) for kind, data in enumerate(kinds)
                 for at in range(len(data) + 1) for way in WAYS]
        for number, (kind, at, way) in enumerate(turn.cases(cases)):
            try:
                cut(turn, made, kinds[kind], at, way)
            except WireError as error:
                raise AssertionError(f"packet {kind} cut at byte {at} by "
                                     f"{way}: {error}") from None
            if number % 50 == 0:
                made.ledger.check(made.bitsd, made.inbox, made.staging)
