"""Another program holds the index for moments and for longer than 5 s."""

import sqlite3
import time

from client import Crowd
from world import world

BUSY = "0x801901F7"


def run(turn):
    with world(turn) as made, Crowd(made, 6, (BUSY,)) as crowd:
        path = made.bitsd.home / "state" / "index.db"
        while not turn.over() and crowd.alive():
            index = sqlite3.connect(path, isolation_level=None, timeout=1)
            try:
                index.execute("BEGIN IMMEDIATE")
                turn.count("faults")
                time.sleep(turn.chance.choice((0.01, 0.1, 1, 5.5)))
                index.execute("ROLLBACK")
            except sqlite3.OperationalError:
                pass  # the server was faster
            index.close()
            time.sleep(turn.chance.random() * 0.1)
