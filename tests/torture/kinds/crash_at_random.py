"""SIGKILL at any moment, under a load of resuming clients."""

import time

from client import Crowd
from world import world


def run(turn):
    with world(turn) as made:
        with Crowd(made, turn.chance.choice((1, 4, 12))) as crowd:
            while not turn.over() and crowd.alive():
                time.sleep(turn.chance.random() ** 2 * 0.4)
                made.kill()
                made.start()
