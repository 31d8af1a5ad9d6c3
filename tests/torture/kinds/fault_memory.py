"""The n-th allocation of a session fails, for all n; then many in a row.

The server may refuse, with 503, or close the connection; it may neither die
nor lose what it acknowledged.
"""

import itertools

from client import Client
from injector import Injector
from world import world

FAIL, BUSY = "0x80004005", "0x801901F7"


class Patient(Client):
    """Comes back with the whole fragment, on a new connection now and then."""

    def cut(self, request):
        self.hang_up()
        self.exchange(request)


def run(turn):
    with Injector() as injector, world(
            turn, environment=injector.environment) as made:
        (made.inbox / "sub").mkdir()
        for number in itertools.count():
            if turn.over():
                return
            after = turn.memory.get("after", 0)
            name = f"{('', 'sub/')[number % 2]}{number}"
            client = Patient(made, name, turn.chance, (BUSY, FAIL))
            # Data whose sync could not be arranged may be asked for again.
            times = turn.chance.choice((1, 1, 1, 1, 7))
            rule = injector.inject(
                f"memory after {after} times {times} fail ENOMEM")
            try:
                client.upload(turn.chance.choice((1, 70001)))
            finally:
                fired = rule.hits()
                rule.end()
                client.hang_up()
            turn.count("faults", fired)
            turn.memory["after"] = after + 1 if fired else 0
