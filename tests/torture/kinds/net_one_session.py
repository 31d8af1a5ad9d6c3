"""Two to fifty clients that fight over the same few sessions.

Fragments of every kind, pipelined, cut, reset, half-closed, beside Close and
Cancel.  In each order bytes are the file's, offsets only grow, and a file that
shows is whole.
"""

import random
import threading

from packets import Request, check_ack, check_plain, offset
from talk import fragment_request
from wire import Closed, WireError
from world import world

FORGOTTEN = "0x8020001F"
BUSY = "0x801901F7"  # too many wait for a delivery


class Prize:
    """A session that they fight for; another one when it has ended."""

    def __init__(self, made, number):
        self.made = made
        self.number = number
        self.lock = threading.Lock()
        self.count = 0
        self.renew(None)

    def renew(self, ended):
        """A new session, unless another client was faster."""
        with self.lock:
            if ended is not None and self.upload is not ended:
                return
            total = (100, 20000, 200000)[self.number % 3]
            self.upload = self.made.ledger.start(
                f"prize-{self.number}-{self.count}", total)
            self.count += 1
            # Any of them may have sent any of it.
            self.upload.sent_end = total
            self.upload.ended = "close"
            connection = self.made.bitsd.connect()
            connection.send(Request("create", self.upload.path).data())
            response = connection.read_response()
            connection.close()
            assert response.status == 200, response
            self.upload.id = response.get("BITS-Session-Id")


def any_packet(chance, upload):
    x = chance.random()
    if x > 0.97 and upload.acknowledged > 0:
        # A Close before any fragment would make an empty file.
        return Request(chance.choice(("close", "cancel")), upload.path,
                       upload.id)
    if x > 0.9:
        return Request("ping", upload.path)
    total = upload.total
    first = chance.choice((0, 0, upload.acknowledged,
                           chance.randrange(total)))
    first = min(first, total - 1)
    last = min(total - 1, first + chance.choice((0, 1, 500, total)))
    request = fragment_request(upload.id, first, last, total, upload.path,
                               upload.name)
    if chance.random() < 0.3:
        request.remove("Content-Length")
        request.add("Transfer-Encoding", "chunked")
        request.chunks = chance.choice((1 + len(request.body) // 7,
                                        len(request.body)))
    return request


def fight(turn, made, prizes, chance):
    """One connection: some packets at once, then an end of some kind."""
    prize = chance.choice(prizes)
    upload = prize.upload
    requests = [any_packet(chance, upload)
                for _ in range(chance.choice((1, 1, 1, 3, 10)))]
    data = b"".join(request.data() for request in requests)
    connection = made.bitsd.connect()
    end = chance.random()
    try:
        if end < 0.35:
            turn.count("cuts")
            connection.send(data[:chance.randrange(len(data))])
            if end < 0.15:
                connection.reset()
            elif end < 0.25:
                connection.half_close()
                while True:
                    connection.read_response()
            return
        connection.send(data)
        if end < 0.45:
            turn.count("cuts")
            connection.reset()
            return
        for request in requests:
            listen(made, prize, upload, request, connection.read_response())
    except (Closed, ConnectionError):
        pass  # taken over
    finally:
        connection.close()


def listen(made, prize, upload, request, response):
    if response.get("BITS-Packet-Type") is None:
        check_plain(response)
        return
    check_ack(request.verb, request.value("BITS-Session-Id"), response)
    code = response.get("BITS-Error-Code")
    if response.status == 200 and request.verb == "fragment":
        n = offset(response)
        with prize.lock:
            upload.acknowledged = max(upload.acknowledged, n)
        if n == upload.total:
            made.ledger.heard_delivery(upload)
    if code == FORGOTTEN or request.verb in ("close", "cancel"):
        prize.renew(upload)
    elif response.status >= 500 and code != BUSY:
        made.ledger.accuse(upload, f"{request.verb}: {response}")


def run(turn):
    options = {"on_exists": "replace"}
    with world(turn, server={"threads": "3"}, options=options) as made:
        prizes = [Prize(made, number) for number in range(3)]
        count = turn.chance.choice((2, 5, 20, 50))

        def work(seed):
            chance = random.Random(seed)
            try:
                while not turn.over():
                    fight(turn, made, prizes, chance)
            except (WireError, AssertionError, OSError) as error:
                turn.caught(error)

        threads = [threading.Thread(target=work, daemon=True,
                                    args=(turn.chance.random(),))
                   for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(90)
            if thread.is_alive():
                turn.violation("a fighter hangs")
