"""Clients whose disk or machine is about to fail.

They upload until `dark`; what is refused after that is the failure's doing, and
the ledger is deaf to it.
"""

import contextlib
import random
import threading

from client import TOTALS, Client, Refused
from wire import PATIENCE, WireError

CLIENTS, STREAMS = 2, 4
# With some that are long enough to be cut in mid-fragment.
LENGTHS = (*TOTALS, 9_000_001, 12_000_007)
STREAM, PIECE = 12_000_000, 250_000


class Stream(Client):
    """Long uploads in short pieces: there is always something to flush."""

    def upload(self, total=None):
        upload = self.begin(f"{self.name}-{self.count}", STREAM)
        self.count += 1
        while not upload.delivered and not self.world.dark.is_set():
            first = upload.acknowledged
            last = min(STREAM, first + self.chance.randrange(1, PIECE)) - 1
            response = self.exchange(upload.request(first, last))
            if response.status != 200:
                raise Refused(f"fragment of {upload.name}: {response}")
            self.ledger.heard(upload, response)


def upload_until_dark(client):
    made = client.world
    try:
        while not made.dark.is_set():
            client.upload(client.chance.choice(LENGTHS))
    except (WireError, AssertionError, OSError) as error:
        if not made.dark.is_set():
            made.turn.caught(error)
    finally:
        client.hang_up()


@contextlib.contextmanager
def clients_until_dark(made, name):
    """The caller sets `dark`, and ends the server before the block does."""
    made.dark.clear()
    kinds = [Client] * CLIENTS + [Stream] * STREAMS
    threads = [
        threading.Thread(target=upload_until_dark, daemon=True, args=(
            kind(made, f"{name}-{i}", random.Random(made.turn.chance.random())),
            )) for i, kind in enumerate(kinds)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        made.dark.set()
        for thread in threads:
            thread.join(2 * PATIENCE)
            if thread.is_alive():
                made.turn.violation("a client hangs")
        made.dark.clear()
