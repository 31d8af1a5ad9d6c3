"""Honest clients: they upload, lose their connection, come back, resume.

What they hear goes to the ledger.  Everything is allowed that protocol.md lets
a client do; what the server may answer is narrow.
"""

import random
import threading
import time

from ledger import LOST
from packets import Request, check_ack, check_plain, offset
from wire import Closed, PATIENCE, WireError

TOTALS = (1, 2, 4095, 4096, 4097, 70001, 70001, 300007, 600001, 2500009)
BUSY = "0x801901F7"
# How often a client comes back for one packet before it is a violation.
RETURNS = 200


class Refused(AssertionError):
    """An answer that the turn does not allow."""


class Client:
    """One upload after the other on one connection."""

    def __init__(self, world, name, chance, tolerated=()):
        self.world = world
        self.turn = world.turn
        self.ledger = world.ledger
        self.name = name
        self.chance = chance
        self.tolerated = tolerated  # error codes that are tried again
        self.connection = None
        self.count = 0

    # --- one packet ---

    def send(self, data):
        """Whole or in pieces, as networks do."""
        if self.chance.random() < 0.1 and len(data) < 5000:
            for i in range(len(data)):
                self.connection.send(data[i : i + 1])
        elif self.chance.random() < 0.3:
            middle = self.chance.randrange(len(data))
            self.connection.send(data[:middle])
            self.connection.send(data[middle:])
        else:
            self.connection.send(data)

    def exchange(self, request):
        """Sends until there is an answer; comes back when cut off."""
        for _ in range(RETURNS):
            try:
                if self.connection is None:
                    self.connection = self.world.connect()
                self.send(request.data())
                response = self.connection.read_response()
                if response.status == 100:
                    response = self.connection.read_response()
            except (Closed, ConnectionError):
                self.hang_up()
                self.world.bitsd.check_alive()
                continue
            if response.closes():
                self.hang_up()
            if response.status == 503 and BUSY in self.tolerated and (
                    response.get("BITS-Packet-Type") is None):
                check_plain(response)  # too early for an Ack
                continue
            check_ack(request.verb, request.value("BITS-Session-Id"),
                      response)
            if response.get("BITS-Error-Code") in self.tolerated:
                if response.status == 503:
                    time.sleep(0.05)  # as a client waits for its next try
                if request.verb == "fragment":
                    return response
                continue
            return response
        raise Refused(f"cut off {RETURNS} times: {request.verb}")

    def hang_up(self):
        if self.connection:
            self.connection.close()
            self.connection = None

    def cut(self, request):
        """Sends a part and goes, by FIN or by RST."""
        data = request.data()
        part = data[: self.chance.randrange(len(data))]
        self.turn.count("cuts")
        try:
            if self.connection is None:
                self.connection = self.world.connect()
            self.connection.send(part)
            if self.chance.random() < 0.5:
                self.connection.reset()
                self.connection = None
        except (Closed, ConnectionError):
            pass
        self.hang_up()

    # --- one upload ---

    def begin(self, name, total):
        """A Create."""
        upload = self.ledger.start(name, total)
        response = self.exchange(Request("create", upload.path))
        if response.status != 200:
            raise Refused(f"create: {response}")
        upload.id = response.get("BITS-Session-Id")
        return upload

    def upload(self, total=None):
        """Create to Close, Cancel, or until the client loses interest."""
        total = self.chance.choice(TOTALS) if total is None else total
        upload = self.begin(f"{self.name}-{self.count}", total)
        self.count += 1
        patience = self.chance.choice((None, None, None, 0.5))
        while not upload.delivered:
            if patience and upload.acknowledged > patience * total:
                return self.leave(upload)
            self.fragment(upload)
        if self.chance.random() < 0.9:
            self.end(upload, "close")
        return upload

    def finish(self, upload):
        """Resumes an upload until its file is there."""
        while not upload.delivered:
            self.fragment(upload)

    def fragment(self, upload):
        """The next piece, now and then some of it twice."""
        n = upload.acknowledged
        first = max(0, n - self.chance.choice((0, 0, 0, 1, 5000)))
        if n == upload.total:
            first = upload.total - 1
        size = self.chance.choice((1, 1000, 65536, upload.total, upload.total))
        last = min(upload.total - 1, max(first, n + size - 1))
        request = upload.request(first, last)
        if self.chance.random() < 0.2:
            request.remove("Content-Length")
            request.add("Transfer-Encoding", "chunked")
            request.chunks = self.chance.choice((1 + len(request.body) // 7,
                                                 len(request.body)))
        if self.chance.random() < 0.1:
            request.add("Expect", "100-continue")
        if self.chance.random() < 0.25:
            self.cut(request)
            return
        response = self.exchange(request)
        if response.status == 200:
            n = offset(response)
            if n <= last or n > max(last + 1, upload.sent_end):
                self.ledger.accuse(upload, f"{first}-{last} leads to {n}")
        elif response.get("BITS-Error-Code") not in self.tolerated and not (
                self.ledger.may_go_back and (
                    response.status == 416
                    or response.get("BITS-Error-Code") == LOST)):
            raise Refused(f"fragment of {upload.name}: {response}")
        self.ledger.heard(upload, response)

    def leave(self, upload):
        """Away for ever, or with a Cancel."""
        if self.chance.random() < 0.5:
            self.end(upload, "cancel")
        return upload

    def end(self, upload, verb):
        upload.ended = verb
        response = self.exchange(upload.verb(verb))
        if response.status != 200:
            raise Refused(f"{verb} of {upload.name}: {response}")


class Crowd:
    """Clients in threads, until they are told to stop."""

    def __init__(self, world, count, tolerated=(), name="u"):
        self.world = world
        self.stopping = threading.Event()
        self.clients = [
            Client(world, f"{name}{world.turn.chance.randrange(10**6)}-{i}",
                   random.Random(world.turn.chance.random()),
                   tolerated)
            for i in range(count)]
        self.threads = [threading.Thread(target=self._run, args=(client,),
                                         daemon=True)
                        for client in self.clients]

    def _run(self, client):
        try:
            while not self.stopping.is_set():
                client.upload()
        except (WireError, OSError, AssertionError) as error:
            self.world.turn.caught(error)
        finally:
            client.hang_up()

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *error):
        self.stopping.set()
        for thread in self.threads:
            thread.join(2 * PATIENCE)
            if thread.is_alive():
                self.world.turn.violation("a client hangs")

    def alive(self):
        return all(thread.is_alive() for thread in self.threads)
