"""The wall clock jumps, by seconds or years, forwards and back.

No session expires of it: a jump of the clock moves all deadlines.
"""

import time

from client import Crowd
from injector import Injector
from world import world

DAY = 86400


def run(turn):
    options = {"session_timeout": "1h", "empty_session_timeout": "1h"}
    with Injector() as injector, world(
            turn, options=options, environment=injector.environment) as made:
        with Crowd(made, 4) as crowd:
            while not turn.over() and crowd.alive():
                days = turn.chance.choice((0, 1, 10, 4000, 20000, -1, -10,
                                           -4000, -20000))
                injector.clear()
                injector.inject(f"clock wall lie {days * DAY}")
                turn.count("faults")
                time.sleep(turn.chance.random() * 0.2)
                if turn.chance.random() < 0.2:
                    made.kill()
                    made.start()
