"""The recorded exchange of a Windows client with IIS, replayed.

recorded/ holds the heads byte for byte.  The requests go out as they are,
with our session id in place of IIS's; the answers must hold every BITS header
that IIS sent, and the file must arrive.
"""

from pathlib import Path

import pytest

from bitsd import Bitsd
from packets import PROTOCOL, check_ack, pattern
from wire import parse_head

RECORDED = Path(__file__).parent / "recorded"
THEIR_ID = b"{A0FF5911-4144-45B3-BF27-27AFC8EC8A67}"
BODY = pattern("recorded", 0, 4892)


@pytest.fixture
def bitsd():
    with Bitsd(uploads={"/upload": {}}) as server:
        yield server


def bits_headers(response):
    """What the protocol says in an answer, session id and date aside."""
    kept = ("content-length", "accept-encoding", "pragma")
    return {name.lower(): value for name, value in response.fields
            if (name.lower().startswith("bits-") or name.lower() in kept)
            and name.lower() != "bits-session-id"}


def replay(connection, step, identity, body=b""):
    """One recorded request; the answer is compared with IIS's."""
    head = (RECORDED / f"{step}.request").read_bytes()
    connection.send(head.replace(THEIR_ID, identity) + body)
    response = connection.read_response()
    recorded = (RECORDED / f"{step}.answer").read_bytes()
    theirs = parse_head(recorded.removesuffix(b"\r\n\r\n"))
    assert response.status == theirs.status
    assert bits_headers(response) == bits_headers(theirs)
    return response


def upload(bitsd, separate_connections):
    connection = bitsd.connect()
    identity = b""
    for step in ("1-create", "2-fragment", "3-ping", "4-close"):
        if separate_connections:
            connection.close()
            connection = bitsd.connect()
        body = BODY if step == "2-fragment" else b""
        response = replay(connection, step, identity, body)
        if step == "1-create":
            assert response.get("BITS-Protocol") == PROTOCOL
            identity = response.get("BITS-Session-Id").encode()
        check_ack(step[2:], identity.decode(), response)
    connection.expect_silence()
    connection.close()
    assert (bitsd.inbox / "2000mb-rfc2119.txt").read_bytes() == BODY


def test_windows_upload_is_answered_like_iis_did(bitsd):
    upload(bitsd, separate_connections=False)


def test_the_same_with_a_connection_for_each_packet(bitsd):
    upload(bitsd, separate_connections=True)
