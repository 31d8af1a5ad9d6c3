"""The clients of a world over TLS, on lines that break at any encrypted byte."""

import contextlib
import ssl
import tempfile
from pathlib import Path

from overtls import both, context
from tlskeys import Keys
from wire import Closed, Connection, WireError
from world import world

VERSIONS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)


def keys_of(turn):
    """Made once."""
    if "keys" not in turn.memory:
        turn.memory["keys"] = Keys(Path(tempfile.mkdtemp(prefix="keys-")))
    return turn.memory["keys"]


def tls_world(turn, listen="127.0.0.1:0", **more):
    """A world with a port over TLS; the first one is plain."""
    keys = keys_of(turn)
    return world(turn, server={
        "listen": ["127.0.0.1:0", f"{listen} tls"], "tls_cert": keys.server,
        "tls_key": keys.key(keys.server)}, **more)


class Cut(Closed):
    """The line is broken where the turn wanted it."""


class BrittleLine(Connection):
    """A connection over TLS of which only so many encrypted bytes leave, all if
    `left` is None.

    What would follow raises Cut after it has broken the line by `way`: "fin",
    "reset", "half", or something to call.
    """

    def __init__(self, address, made, left=None, way="reset"):
        super().__init__(address)
        self.left = left
        self.way = way
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = made.wrap_bio(self.incoming, self.outgoing)
        try:
            while not self._advance(self.tls.do_handshake):
                pass
        except (OSError, AssertionError):
            self.close()
            raise

    def _advance(self, act):
        """False: more bytes of the server are needed, and some have come."""
        try:
            act()
            self._flush()
            return True
        except ssl.SSLWantReadError:
            self._flush()
        data = self.socket.recv(65536)
        if not data:
            raise Closed("closed in the handshake")
        self.incoming.write(data)
        return False

    def _flush(self):
        data = self.outgoing.read()
        if self.left is None:
            self.socket.sendall(data)
            return
        part = data[:self.left]
        self.left -= len(part)
        self.socket.sendall(part)
        if len(part) < len(data):
            self._break_off()
            raise Cut("cut")

    def _break_off(self):
        if self.way == "reset":
            self.reset()
        elif self.way == "half":
            self._expect_no_answer()
        elif self.way != "fin":
            self.way()
        self.close()

    def _expect_no_answer(self):
        self.left = None
        with contextlib.suppress(ssl.SSLError, Closed):
            self.half_close()
            while self._receive():
                pass
        if self.buffer:
            raise AssertionError(f"an answer to a part: {self.buffer!r}")

    def send(self, data):
        self.tls.write(data)
        self._flush()

    def _receive(self):
        try:
            while True:
                try:
                    data = self.tls.read(65536)
                    break
                except ssl.SSLWantReadError:
                    self._flush()
                    self._feed()
        except TimeoutError:
            raise WireError("the server says nothing") from None
        except (ConnectionError, ssl.SSLEOFError) as error:
            raise Closed(f"the connection broke: {error}") from None
        self.buffer += data
        return data

    def _feed(self):
        data = self.socket.recv(65536)
        if data:
            self.incoming.write(data)
        else:
            self.incoming.write_eof()


class OverTls:
    """A world as its clients over TLS see it; half of their lines break."""

    def __init__(self, made, longest=400000):
        self.made = made
        self.chance = made.turn.chance
        self.contexts = [context(keys_of(made.turn), newest=version)
                         for version in VERSIONS]
        self.longest = longest

    def __getattr__(self, name):
        return getattr(self.made, name)

    def address(self):
        """Waits until there is one."""
        self.made.connect().close()
        return both(self.made.bitsd)[1]

    def connect(self):
        left = None
        if self.chance.random() < 0.5:
            left = int(self.longest * self.chance.random() ** 3) + 1
            self.made.turn.count("cuts")
        while True:
            try:
                return BrittleLine(self.address(), self.chance.choice(self.contexts),
                            left, self.chance.choice(("fin", "reset")))
            except Cut:
                left = None
            except (ConnectionError, Closed, IndexError):
                # It was killed, or is just starting.
                self.made.check_not_crashed()
