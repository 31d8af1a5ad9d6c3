"""Every packet two to five times: one after another, elsewhere, after a kill.

While its session lives, the second answer is the first one, and nothing has
changed; after Close and Cancel that verb is answered as before.
"""

from client import Client
from packets import Request, check_ack, offset
from world import world


def said(response):
    return (response.status, response.get("BITS-Error-Code"),
            offset(response), response.get("BITS-Session-Id"))


class Echo(Client):
    """Sends each packet again and compares."""

    def cut(self, request):
        self.exchange(request)

    def exchange(self, request):
        first = super().exchange(request)
        if request.verb in ("create", "ping"):
            return first
        for _ in range(self.chance.randrange(1, 5)):
            how = self.chance.random()
            if how < 0.3:
                self.hang_up()
            elif how < 0.36:
                self.hang_up()
                self.world.kill()
                self.world.start()
            again = super().exchange(request)
            if said(again) != said(first):
                self.turn.violation(f"{request.verb} again: {said(again)} "
                                    f"after {said(first)}")
        return first


def pipelined(client):
    """The same packets without waiting, on one connection."""
    upload = client.begin(f"{client.name}-pipelined", 4000)
    requests = [upload.request(0, 1999)] * 3 + [upload.request(2000, 3999)] * 3
    requests += [upload.verb("close")] * 3
    upload.ended = "close"
    client.hang_up()
    connection = client.world.connect()
    connection.send(b"".join(request.data() for request in requests))
    wanted = [2000] * 3 + [4000] * 3 + [None] * 3
    for request, next_offset in zip(requests, wanted):
        response = connection.read_response()
        check_ack(request.verb, upload.id, response)
        if (response.status, offset(response)) != (200, next_offset):
            client.turn.violation(f"pipelined {request.verb}: {response}")
        client.ledger.heard(upload, response)
    connection.close()


def run(turn):
    with world(turn) as made:
        number = 0
        while not turn.over():
            client = Echo(made, f"echo-{number}", turn.chance)
            number += 1
            client.upload()
            pipelined(client)
            created = [client.exchange(Request("create", "/twice"))
                       for _ in range(2)]
            if len({r.get("BITS-Session-Id") for r in created}) != 2:
                turn.violation("two Creates made one session")
            client.hang_up()
