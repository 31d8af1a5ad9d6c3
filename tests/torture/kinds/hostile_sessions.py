"""Guessed and foreign session ids, in every packet.

Ids near a real one, of other uploads, of other forms; the true id at another
URL.  They are unknown, and the session that is meant does not notice.
"""

from client import Client
from packets import check_ack, check_plain
from talk import fragment_request
from packets import Request
from world import world

FORGOTTEN = "0x8020001F"
INVALID = "0x80070057"


def guesses(chance, identity):
    """Ids that are not this one."""
    plain = identity[1:-1]
    digit = chance.randrange(len(plain))
    other = chance.choice("0123456789ABCDEF-")
    flipped = plain[:digit] + other + plain[digit + 1 :]
    yield "{%s}" % flipped
    yield "{%s}" % plain[::-1]
    yield plain                       # without braces
    yield "{%s" % plain
    yield "{{%s}}" % plain
    yield "{%s}" % plain.replace("-", "")
    yield "{%s}0" % plain
    yield "{%s},{%s}" % (plain, plain)
    yield "{%s}/../{%s}" % (plain, plain)
    yield "../" + plain
    yield "%7B" + plain + "%7D"
    yield "'; DROP TABLE sessions; --"
    yield "{00000000-0000-0000-0000-000000000000}"
    yield "{FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF}"
    yield "".join(chr(chance.randrange(0x21, 0x7f)) for _ in range(100))
    yield "x" * chance.choice((1, 100, 101, 4096, 5000))


def attack(turn, made, connection, identity, path, seed, total):
    verb = turn.chance.choice(("fragment", "fragment", "close", "cancel"))
    if verb == "fragment":
        request = fragment_request(identity, 0, total - 1, total, path, seed)
    else:
        request = Request(verb, path, identity)
    connection.send(request.data())
    turn.count("hostile requests")
    response = connection.read_response()
    if response.status < 400:
        turn.violation(f"{verb} with {identity!r} at {path}: {response}")
    if response.get("BITS-Packet-Type") is None:
        check_plain(response)
    else:
        # An id that is too long to repeat is left out.
        check_ack(None, None, response)
        if response.get("BITS-Error-Code") not in (FORGOTTEN, INVALID):
            turn.violation(f"{verb} with {identity!r}: {response}")
    return not response.closes()


def run(turn):
    with world(turn) as made:
        number = 0
        while not turn.over():
            client = Client(made, f"owner-{number}", turn.chance)
            number += 1
            upload = client.begin(client.name, 70001)
            while upload.acknowledged == 0:
                client.fragment(upload)
            client.hang_up()
            connection = made.connect()
            tries = [(guess, upload.path)
                     for guess in guesses(turn.chance, upload.id)
                     if guess.upper() != upload.id.upper()]
            tries += [(upload.id, path) for path in
                      ("/other", upload.path + "x", upload.path.upper() + "X")]
            for guess, path in tries:
                if not attack(turn, made, connection, guess, path, "evil",
                              upload.total):
                    connection.close()
                    connection = made.connect()
            connection.close()
            client.finish(upload)
            made.ledger.check_file(upload, made.inbox)
            client.end(upload, "close")
            client.hang_up()
