"""Short forms for tests in Python: one packet, one checked Ack."""

import time

from packets import ERRORS, Request, check_ack, offset, pattern
from wire import PATIENCE


def ask(connection, request):
    """Sends a request and returns its Ack, checked for form."""
    connection.send(request.data())
    return answer(connection, request)


def answer(connection, request):
    response = connection.read_response()
    check_ack(request.verb, request.value("BITS-Session-Id"), response)
    return response


def create(connection, path="/a.bin"):
    """A new session's id."""
    response = ask(connection, Request("create", path))
    assert response.status == 200, response
    return response.get("BITS-Session-Id")


def handle(identity):
    """What the log shows of the id of a session."""
    return identity.strip("{}")[-12:]


def fragment_request(identity, first, last, total, path="/a.bin", seed="S"):
    """A fragment of the file that belongs to the seed."""
    body = pattern(seed, first, last - first + 1)
    return Request("fragment", path, identity,
                   f"bytes {first}-{last}/{total}", body)


def fragment(connection, identity, first, last, total, path="/a.bin", seed="S"):
    return ask(connection,
               fragment_request(identity, first, last, total, path, seed))


def expect(response, status, error=None, next=None):
    """Status, error code and offset, exactly."""
    got = (response.status, response.get("BITS-Error-Code"), offset(response))
    assert got == (status, ERRORS.get(error), next), f"\n{response}"


def stored(bitsd, identity, total, path="/a.bin", duplicate=False):
    """The offset, asked on a connection of its own, which disturbs no request:
    with a gap, or where no gap is left with a byte that is there already."""
    place = 0 if duplicate else total - 1
    connection = bitsd.connect()
    try:
        response = fragment(connection, identity, place, place, total, path)
    finally:
        connection.close()
    assert response.status == (200 if duplicate else 416), response
    return offset(response)


def wait_stored(bitsd, identity, count, total, path="/a.bin", duplicate=False):
    """Asks until so many bytes are stored."""
    until(lambda: stored(bitsd, identity, total, path, duplicate) == count)


def until(condition):
    """Asks again and again; the bound turns a hang into a failure."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.002)
