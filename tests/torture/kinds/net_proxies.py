"""Uploads through nginx, HAProxy and Apache, while the server behind dies.

What the proxies answer themselves is tried again; what comes from the server
holds as ever.
"""

import time

from client import Crowd
from proxies import PROXIES, Proxy
from world import world


def with_socket(made):
    """A unix socket beside the port, which is the same after each start."""
    made.bitsd.server["listen"] = ["127.0.0.1:0",
                                   f"unix:{made.bitsd.home}/socket"]


def run(turn):
    kind = PROXIES[turn.number % len(PROXIES)]
    with world(turn, prepare=with_socket) as made:
        with Proxy(kind, f"{made.bitsd.home}/socket",
                   reuse=turn.chance.random() < 0.5) as proxy:
            made.front = proxy.address
            with Crowd(made, turn.chance.choice((1, 6))) as crowd:
                while not turn.over() and crowd.alive():
                    time.sleep(turn.chance.random() * 0.5)
                    if turn.chance.random() < 0.5:
                        made.kill()
                        made.start()
            made.front = None
