"""The limit of descriptors sinks under what is in use, and rises again."""

import os
import resource
import time

from client import Crowd
from world import world

BUSY = "0x801901F7"


def run(turn):
    with world(turn) as made:
        pid = made.bitsd.pid
        hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)[1]
        with Crowd(made, 20, (BUSY,)) as crowd:
            while not turn.over() and crowd.alive():
                used = max(map(int, os.listdir(f"/proc/{pid}/fd")))
                limit = used + turn.chance.randrange(-8, 4)
                resource.prlimit(pid, resource.RLIMIT_NOFILE, (limit, hard))
                turn.count("faults")
                time.sleep(turn.chance.random() * 0.1)
                resource.prlimit(pid, resource.RLIMIT_NOFILE, (hard, hard))
                time.sleep(turn.chance.random() * 0.05)
