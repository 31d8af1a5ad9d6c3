"""5 000 uploads that stall in mid-body, beside some that work."""

import random
import time

from client import Client, Crowd
from kinds.net_slow_readers import resident
from world import world

MANY = 5000
# Of resident memory for each, the kernel's part not counted.
MEMORY = 8 * 1024


def stall(made, number):
    """Create and a fragment that stops half-way; the connection stays."""
    client = Client(made, f"stalled-{number}", random.Random(number))
    upload = client.begin(client.name, 2000)
    request = upload.request(0, 999)
    client.connection.send(request.head() + request.body[:500])
    return client, upload, request


def end_one(turn, client, upload, request):
    """Some resume, some leave, some are taken over by a new connection."""
    way = turn.chance.random()
    if way < 0.2:
        client.connection.send(request.body[500:])
        client.ledger.heard(upload, client.connection.read_response())
        client.hang_up()
    elif way < 0.6:
        turn.count("cuts")
        client.connection.reset()
    elif way < 0.7:
        old, client.connection = client.connection, None
        client.finish(upload)
        client.hang_up()
        old.expect_end()
        old.close()
    else:
        turn.count("cuts")
        client.hang_up()


def run(turn):
    seconds = turn.end - time.monotonic()
    with world(turn, server={"body_timeout": "1h"}) as made:
        before = resident(made.bitsd.pid)
        stalled = []
        while len(stalled) < MANY and turn.end - time.monotonic() > (
                seconds / 2):
            stalled.append(stall(made, len(stalled)))
        with Crowd(made, 3) as crowd:
            while crowd.alive() and turn.end - time.monotonic() > seconds / 4:
                time.sleep(0.05)
        grown = resident(made.bitsd.pid) - before
        if grown > len(stalled) * MEMORY + (32 << 20):
            turn.violation(f"{grown >> 20} MiB for {len(stalled)} stalled "
                           "uploads")
        turn.chance.shuffle(stalled)
        for one in stalled:
            end_one(turn, *one)
