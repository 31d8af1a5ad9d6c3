"""Lines over TLS cut at each byte of handshakes and in records, with kill -9.

A request whose record was cut is never answered, and clients that upload over
lines that break inside records resume.
"""

from client import Crowd
from overtls_world import BrittleLine, Cut, OverTls, tls_world
from packets import Request
from wire import Closed

# More than a handshake and a request take.
LONGEST = 900
WAYS = ("fin", "reset", "half")
CASES = [(version, at, way) for at in range(1, LONGEST)
         for version in range(2) for way in WAYS]


def one(turn, over, version, at, way):
    """A request on a line that breaks behind so many bytes of the client."""
    turn.count("cuts")
    while True:
        try:
            line = BrittleLine(over.address(), over.contexts[version], at,
                               way)
            line.send(Request("ping", "/cut").data())
            line.read_response()
            line.close()
            return
        except Cut:
            return
        except (Closed, ConnectionError, IndexError):
            over.check_not_crashed()


def run(turn):
    with tls_world(turn) as made:
        over = OverTls(made)
        with Crowd(over, 3) as crowd:
            for version, at, way in turn.cases(CASES):
                if not crowd.alive():
                    break
                if turn.chance.random() < 0.02:
                    way = made.kill
                one(turn, over, version, at, way)
                if made.bitsd.process is None:
                    made.start()
