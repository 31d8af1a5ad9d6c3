"""kill -9 of the client, and of the server it talks to, at any moment.

The same command resumes, and in the end the file is there, whole, with
nothing left behind at either side.
"""

import os
import time

import pytest

import bits
from bits import Client
from proxies import with_fixed_port
from world import world

SIZES = (1, 300007, 3 << 20, 9 << 20)


def upload_until_done(turn, made, client, name, url):
    """Starts it again after each death; the last start may end by itself."""
    arguments = ("upload", "--fragment-size", "256k", "--retry-time", "60s",
                 name, url)
    deaths = turn.chance.randrange(8)
    for _ in range(deaths):
        running = client.start(*arguments)
        time.sleep(turn.chance.random() ** 2 * 0.3)
        if turn.chance.random() < 0.2:
            made.kill()
            made.start()
        code = running.kill()
        turn.count("kills")
        if code == 0:
            return
        if code != -9:
            turn.violation(f"bits ended with {code}: {running.err}")
    done = client.run(*arguments)
    if done.code != 0:
        turn.violation(f"after {deaths} deaths: {done}")


def one_file(turn, made, client, number):
    upload = made.ledger.start(f"file-{number}", turn.chance.choice(SIZES))
    upload.sent_end = upload.total
    client.file(upload.name, upload.content())
    upload_until_done(turn, made, client, upload.name,
                      f"http://{made.back}/{upload.name}")
    made.ledger.heard_delivery(upload)
    made.ledger.check_file(upload, made.inbox)
    left = os.listdir(client.state / "bits" / "uploads")
    if left:
        turn.violation(f"the client leaves {left}")
    os.unlink(client.home / upload.name)


def run(turn):
    try:
        bits.binary()
    except FileNotFoundError as error:
        pytest.skip(str(error))
    with world(turn, prepare=with_fixed_port,
               options={"on_exists": "replace"}) as made:
        home = made.bitsd.home / "client"
        home.mkdir()
        with Client(home) as client:
            number = 0
            while not turn.over():
                one_file(turn, made, client, number)
                number += 1
