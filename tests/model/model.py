"""States, Fragment, Delivery, Close and Cancel of docs/protocol.md as a model:
no bytes on a disk, no sockets.

The query of a URL chooses nothing (V12): the model does not know it.  Each
packet is a method that changes the model and returns what the Ack must
say: (status, name of the error or None, next or None).  Written from the
rules, not from bitsd.
"""

from dataclasses import dataclass

RECV, RETRY, DONE, ENDED = "RECV", "RETRY", "DONE", "ENDED"
NO_SESSION = (500, "ENOSESSION", None)


@dataclass
class Session:
    """One session; its bytes are pattern(seed)."""

    id: str
    seed: str
    path: str
    state: str = RECV
    seen: bool = False
    total: int = None
    stored: int = 0
    ended: tuple = None
    empty_close: bool = False  # Close took it for an empty file, in vain

    def alive(self):
        return self.state != ENDED


@dataclass
class Range:
    """What a FRAGMENT says of itself."""

    first: int
    last: int
    total: int
    length: int

    def text(self):
        return f"bytes {self.first}-{self.last}/{self.total}"

    def empty_form(self):
        return (self.first, self.last, self.total, self.length) == (0, 0, 0, 0)


class Model:
    def __init__(self, on_exists):
        self.on_exists = on_exists
        self.files = {}  # name -> (seed, length); seed None: not ours
        self.sessions = []

    def create(self, path):
        if path in self.files and self.on_exists == "refuse":
            return (403, "EACCES", None)
        return (200, None, None)

    def add(self, identity, path):
        session = Session(identity, f"seed {len(self.sessions)}", path)
        self.sessions.append(session)
        return session

    # --- FRAGMENT ---

    def refusal(self, session, wanted):
        """F1, F2 and F4, and F7 in RECV; None: it is taken."""
        n = session.stored
        bad = (400, "EINVAL", n)
        if wanted.empty_form() and session.total in (None, 0):
            return None
        if wanted.first > wanted.last or wanted.last >= wanted.total:
            return bad
        if wanted.length != wanted.last - wanted.first + 1:
            return bad
        if session.total is not None and wanted.total != session.total:
            return bad
        if session.state == RECV and wanted.first > n:
            return (416, None, n)
        return None

    def learn(self, session, wanted):
        """What a FRAGMENT fixes before it stores anything."""
        session.seen = True
        answer = self.refusal(session, wanted)
        if session.total is None and (answer is None or answer[0] == 416):
            session.total = wanted.total
        return answer

    def stores(self, session, wanted):
        """F8: it takes the session over."""
        return (session.state == RECV and wanted.first <= session.stored
                and session.stored <= wanted.last)

    def fragment(self, session, wanted):
        """A whole FRAGMENT."""
        if not session.alive():
            return NO_SESSION
        answer = self.learn(session, wanted)
        if answer:
            return answer
        if session.state == RECV:
            if session.total > 0:
                session.stored = max(session.stored, wanted.last + 1)
            if session.stored < session.total:
                return (200, None, session.stored)
        if session.state != DONE:
            error = self.deliver(session)
            if error:
                return (*error, session.stored)
        return (200, None, session.stored)

    def cut(self, session, wanted, sent):
        """A FRAGMENT of which `sent` bytes came.  Returns whether it was one
        that stores."""
        if not session.alive() or self.learn(session, wanted):
            return False
        if not self.stores(session, wanted):
            return False
        session.stored = max(session.stored, wanted.first + sent)
        return True

    def deliver(self, session):
        if session.path in self.files and self.on_exists == "refuse":
            session.state = RETRY
            return (403, "EACCES")
        self.files[session.path] = (session.seed, session.total)
        session.state = DONE
        return None

    # --- CLOSE and CANCEL ---

    def close(self, session):
        if not session.alive():
            return self.repeat(session, "close")
        if session.state == RECV and session.seen:
            if session.total is None or session.stored < session.total:
                return self.end(session, "close", (400, "EINVAL", None))
        if session.state == RECV and not session.seen:
            # An empty file replaces nothing, whatever on_exists says.
            if session.path in self.files:
                session.empty_close = True
                return (403, "EACCES", None)
            self.files[session.path] = (session.seed, 0)
        elif session.state != DONE:
            error = self.deliver(session)
            if error:
                return (*error, None)
        return self.end(session, "close", (200, None, None))

    def cancel(self, session):
        if not session.alive():
            return self.repeat(session, "cancel")
        return self.end(session, "cancel", (200, None, None))

    @staticmethod
    def end(session, verb, answer):
        session.state = ENDED
        session.ended = (verb, answer)
        return answer

    @staticmethod
    def repeat(session, verb):
        """D-51: the verb that ended it gets its answer again."""
        ended_by, answer = session.ended
        return answer if verb == ended_by else NO_SESSION
