"""One address makes sessions without end; others upload all the same.

max_sessions is small.  The flood sends a byte or none, cancels or leaves.  No
session of the others that has bytes is lost, each of their files gets through,
and the index and its WAL stay small.
"""

import random
import socket
import threading

from client import Client, Refused
from ledger import FORGOTTEN, UNTOUCHED
from packets import Request
from talk import fragment_request
from wire import PATIENCE, Closed, Connection, WireError
from world import world

FLOODER = ("127.0.0.9", 0)
FLOODS, HONEST = 2, 3
TOTALS = (1, 4097, 70001, 300007)
TRIES = 100  # a session without bytes may make room for another one
INDEX_MAX = 16 << 20
SERVER = {"max_ended_sessions": "50", "log_level": "error"}
OPTIONS = {"max_sessions": "40"}


class Elsewhere(Connection):
    """A connection from the address of the flood."""

    def __init__(self, address):
        super().__init__(address)
        self.socket.close()
        self.socket = socket.create_connection(address, PATIENCE, FLOODER)


class Flood:
    """Creates, as fast as it can."""

    def __init__(self, made, chance):
        self.made = made
        self.chance = chance
        self.connection = None

    def ask(self, request):
        self.connection.send(request.data())
        self.made.turn.count("hostile requests")
        return self.connection.read_response()

    def one(self):
        path = f"/flood-{self.chance.randrange(10**9)}?" + "q" * 500
        response = self.ask(Request("create", path))
        identity = response.get("BITS-Session-Id")
        if response.status != 200:
            return
        way = self.chance.random()
        if way < 0.6:
            self.ask(fragment_request(identity, 0, 0, 2, path))
        elif way < 0.8:
            self.ask(Request("cancel", path, identity))

    def run(self, over):
        try:
            while not over.is_set():
                if not self.connection:
                    self.connection = Elsewhere(self.made.bitsd.address)
                try:
                    self.one()
                except Closed:
                    self.connection.close()
                    self.connection = None
        except (WireError, OSError) as error:
            self.made.turn.caught(error)
        finally:
            if self.connection:
                self.connection.close()


class Honest(Client):
    def whole_file(self):
        """Until it is there; as often as a session without bytes is lost."""
        total = self.chance.choice(TOTALS)
        for _ in range(TRIES):
            upload = self.begin(f"{self.name}-{self.count}", total)
            self.count += 1
            try:
                self.finish(upload)
                self.end(upload, "close")
                return
            except Refused as error:
                if FORGOTTEN not in str(error) or upload.acknowledged > 0:
                    raise
                # Thousands of them; nothing is known of them any more.
                del self.ledger.uploads[upload.name]
        raise Refused(f"{TRIES} sessions were lost to the flood")

    def run(self, over):
        try:
            while not over.is_set():
                self.whole_file()
        except (WireError, OSError, AssertionError) as error:
            self.turn.caught(error)
        finally:
            self.hang_up()


def check_index(turn, made):
    size = sum(path.stat().st_size
               for path in (made.bitsd.home / "state").glob("index.db*"))
    if size > INDEX_MAX:
        turn.violation(f"the index has {size} bytes")
    turn.memory["index"] = max(size, turn.memory.get("index", 0))


def run(turn):
    with world(turn, server=SERVER, options=OPTIONS) as made:
        made.ledger.may_forget = UNTOUCHED
        over = threading.Event()
        actors = [Flood(made, random.Random(turn.chance.random()))
                  for _ in range(FLOODS)]
        actors += [Honest(made, f"honest-{i}",
                          random.Random(turn.chance.random()))
                   for i in range(HONEST)]
        threads = [threading.Thread(target=actor.run, args=(over,),
                                    daemon=True) for actor in actors]
        for thread in threads:
            thread.start()
        while not turn.over() and all(t.is_alive() for t in threads):
            over.wait(0.1)
            check_index(turn, made)
        over.set()
        for thread in threads:
            thread.join(2 * PATIENCE)
            if thread.is_alive():
                turn.violation("a client hangs")
