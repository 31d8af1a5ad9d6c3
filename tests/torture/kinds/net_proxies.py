"""Uploads through nginx, HAProxy and Apache, while the server behind dies.

What the proxies answer themselves is tried again; what comes from the server
holds as ever.
"""

import time

from client import Crowd
from proxies import PROXIES, Proxy, need_proxies, with_fixed_port
from world import world


def run(turn):
    need_proxies()
    kind = PROXIES[turn.number % len(PROXIES)]
    with world(turn, prepare=with_fixed_port) as made:
        with Proxy(kind, made.back,
                   reuse=turn.chance.random() < 0.5) as proxy:
            made.front = proxy.address
            with Crowd(made, turn.chance.choice((1, 6))) as crowd:
                while not turn.over() and crowd.alive():
                    time.sleep(turn.chance.random() * 0.5)
                    if turn.chance.random() < 0.5:
                        made.kill()
                        made.start()
            made.front = None
