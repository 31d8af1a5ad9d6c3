"""bits over TLS, on lines cut in handshakes and records, with kill -9 of bitsd.

The same command resumes by itself, and in the end the file is there, whole,
with nothing left behind at either side.
"""

import os
import time

import pytest

import bits
from bits import Client
from cutting import Line
from overtls_world import keys_of, tls_world
from ports import Port

SIZES = (1, 300007, 3 << 20, 9 << 20)
HANDSHAKE, FRAGMENT = 700, 300000


def cuts(turn):
    """In the handshake, or anywhere in a fragment."""
    return [turn.chance.randrange(1, turn.chance.choice((HANDSHAKE, FRAGMENT)))
            for _ in range(turn.chance.randrange(6))]


def upload(turn, made, client, line, name):
    running = client.start(
        "upload", "--cacert", keys_of(turn).ca, "--fragment-size", "256k",
        "--retry-time", "60s", name, f"https://127.0.0.1:{line.port}/{name}")
    for _ in range(turn.chance.randrange(3)):
        time.sleep(turn.chance.random() ** 2 * 0.3)
        made.kill()
        made.start()
    code = running.wait()
    turn.count("cuts", min(len(line.cuts), line.connections))
    if code != 0:
        turn.violation(f"bits ended with {code}: {running.err}")


def one_file(turn, made, client, port, number):
    record = made.ledger.start(f"file-{number}", turn.chance.choice(SIZES))
    record.sent_end = record.total
    client.file(record.name, record.content())
    with Line(port.address, cuts=cuts(turn)) as line:
        upload(turn, made, client, line, record.name)
    made.ledger.heard_delivery(record)
    made.ledger.check_file(record, made.inbox)
    left = os.listdir(client.state / "bits" / "uploads")
    if left:
        turn.violation(f"the client leaves {left}")
    os.unlink(client.home / record.name)


def run(turn):
    try:
        bits.binary()
    except FileNotFoundError as error:
        pytest.skip(str(error))
    with Port() as port, tls_world(turn, str(port), options={
            "on_exists": "replace"}) as made:
        home = made.bitsd.home / "client"
        home.mkdir()
        with Client(home) as client:
            number = 0
            while not turn.over():
                one_file(turn, made, client, port, number)
                number += 1
