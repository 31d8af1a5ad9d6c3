"""SIGTERM, once or twice, and storms of SIGHUP, under load.

The server ends with 0, keeps what it has read, and finishes deliveries; a
reload disturbs no client.
"""

import signal
import time

from client import Crowd
from world import world


def reload_often(turn, made):
    for _ in range(turn.chance.randrange(1, 20)):
        made.bitsd.signal(signal.SIGHUP)
        time.sleep(turn.chance.random() * 0.01)


def stop(turn, made):
    made.up.clear()
    process = made.bitsd.process
    made.bitsd.terminate()
    if turn.chance.random() < 0.3:
        time.sleep(turn.chance.random() * 0.02)
        # It may be gone already; then there is nothing to signal.
        process.send_signal(turn.chance.choice((signal.SIGTERM,
                                                signal.SIGHUP)))
    made.bitsd.wait_stopped()
    turn.count("kills")
    made.ledger.check_files(made.inbox)


def run(turn):
    with world(turn, server={"grace_time": "1s"}) as made:
        with Crowd(made, turn.chance.choice((1, 8))) as crowd:
            while not turn.over() and crowd.alive():
                time.sleep(turn.chance.random() ** 2 * 0.4)
                if turn.chance.random() < 0.5:
                    reload_often(turn, made)
                else:
                    stop(turn, made)
                    made.start()
