"""Each fsync takes up to half a second: deliveries last, and others wait.

Clients resume, cut and repeat behind deliveries that are still under way, and
the server dies in the middle of them.
"""

import time

from client import Crowd
from injector import Injector
from world import world

BUSY = "0x801901F7"  # too many wait for a delivery


def run(turn):
    with Injector() as injector, world(
            turn, environment=injector.environment) as made:
        with Crowd(made, 12, (BUSY,)) as crowd:
            while not turn.over() and crowd.alive():
                delay = turn.chance.choice((0, 1000, 50000, 500000))
                injector.clear()
                injector.inject(f"sync delay {delay}")
                turn.count("faults")
                time.sleep(turn.chance.random())
                if turn.chance.random() < 0.3:
                    made.kill()
                    made.start()
            injector.clear()
