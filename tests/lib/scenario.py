"""Plays a scenario against a real bitsd.

Statements are looked up by their first word: do_create() plays `create`.
An expectation is total: what it does not name must not be there.
"""

import os
import re

from bending import Session, bend, body_of
from bitsd import Bitsd
from notation import WORDS_OF_PACKETS, NotationError, parse
from packets import Request, check_ack, check_plain, offset, pattern
from staging import session_file, staged_files, wait_staged
from talk import until


class ScenarioError(AssertionError):
    """An expectation that did not hold, with its line."""


class Client:
    """One connection at a time, and what is under way on it."""

    def __init__(self):
        self.connection = None
        self.waiting = []  # requests that were sent and not answered
        self.rest = b""  # of a body that is held back


def require(condition, words):
    if not condition:
        raise ScenarioError(words)


class Scenario:
    """The players of one scenario: server, clients, sessions."""

    def __init__(self, path):
        self.path = path
        self.bitsd = Bitsd()
        self.clients = {}
        self.sessions = {}

    def play(self):
        try:
            for statement in parse(self.path.read_text()):
                self._play_one(statement)
            self._end()
        finally:
            self._disconnect_all()
            self.bitsd.close()

    def _play_one(self, statement):
        word = statement.words[0].replace("-", "_")
        action = getattr(self, f"do_{word}", None)
        where = f"{self.path.name}:{statement.line}: {statement.text}"
        if word in WORDS_OF_PACKETS:
            action = self.do_packet
        if action is None:
            raise NotationError(f"{where}: no such statement")
        try:
            action(statement)
        except AssertionError as error:
            self.bitsd.check_alive()
            raise ScenarioError(f"{where}\n{error}\n\nlog:\n{self.bitsd.log}"
                                ) from None

    def _end(self):
        for name, client in self.clients.items():
            require(not client.waiting, f"{name}: an answer is left unread")
            if client.connection:
                client.connection.expect_silence()

    def _disconnect_all(self):
        for client in self.clients.values():
            if client.connection:
                client.connection.close()
                client.connection = None
                client.waiting = []

    # --- the stage ---

    def do_server(self, statement):
        """server NAME = VALUE"""
        _, name, _, *values = statement.words
        self.bitsd.server = self.bitsd.server or {}
        self.bitsd.server[name] = values if len(values) > 1 else values[0]

    def do_upload(self, statement):
        """upload [/PREFIX] NAME = VALUE"""
        words = statement.words[1:]
        prefix = words.pop(0) if words[0].startswith("/") else "/"
        self.bitsd.uploads = self.bitsd.uploads or {}
        section = self.bitsd.uploads.setdefault(prefix, {})
        if words:
            section[words[0]] = words[2]
        if "root" in section:
            (self.bitsd.home / section["root"]).mkdir(exist_ok=True)

    def _place(self, name):
        if name.startswith("/"):
            return self.bitsd.home / name[1:]
        return self.bitsd.inbox / name

    def do_put(self, statement):
        """put NAME "text" """
        self._place(statement.words[1]).write_text(statement.words[2])

    def do_folder(self, statement):
        self._place(statement.words[1]).mkdir()

    def do_remove(self, statement):
        """remove NAME: a file, or an empty folder"""
        place = self._place(statement.words[1])
        if place.is_dir() and not place.is_symlink():
            place.rmdir()
        else:
            place.unlink()

    def do_link(self, statement):
        """link NAME to TARGET"""
        self._place(statement.words[1]).symlink_to(statement.words[3])

    def do_start(self, _statement):
        require(self.bitsd.process is None, "it runs already")
        self.bitsd.start()

    def do_kill(self, _statement):
        """kill: SIGKILL, then a new server on the same folders"""
        self.bitsd.kill()
        self._disconnect_all()
        self.bitsd.start()

    def do_restart(self, _statement):
        """restart: SIGTERM, exit 0, a new server on the same folders"""
        self._disconnect_all()
        self.bitsd.stop()
        self.bitsd.start()

    def do_reload(self, _statement):
        self.bitsd.reload()

    # --- packets ---

    def _client(self, statement):
        return self.clients.setdefault(statement.client, Client())

    def _connection(self, client):
        if self.bitsd.process is None:
            self.bitsd.start()
        if client.connection is None:
            client.connection = self.bitsd.connect()
        return client.connection

    def _request(self, statement):
        """The request that a packet's line and its indented lines describe."""
        verb, *words = statement.words
        session = content_range = None
        if verb in ("fragment", "close", "cancel"):
            word = words.pop(0)
            session = self.sessions.get(word, Session(word, word, "/a.bin"))
        body = b""
        if verb == "fragment":
            content_range = words.pop(0)
            body = body_of(session, content_range)
            if re.match("[0-9*]", content_range):
                content_range = f"bytes {content_range}"
        usual = session.path if session else "/a.bin"
        target = words.pop(0) if words else usual
        target = re.sub(r"(.)\*([0-9]+)", lambda m: m[1] * int(m[2]), target)
        require(not words, f"too many words: {words}")
        request = Request(verb, target, session and session.id, content_range,
                          body)
        return bend(request, statement, session)

    def do_packet(self, statement):
        request = self._request(statement)
        client = self._client(statement)
        connection = self._connection(client)
        options = statement.options
        part = request.content()
        for word in ("hold", "half", "cut", "reset"):
            if word in options:
                size = int(options[word][0])
                part, client.rest = part[:size], part[size:]
        try:
            connection.send(request.head() + part)
        except ConnectionError:
            # An answer may be there all the same; reading tells.
            pass
        client.waiting.append(request)
        if "half" in options:
            connection.half_close()
        if "cut" in options or "reset" in options:
            self._leave(client, "reset" in options)
        elif statement.expectation:
            self._expect(client, statement.expectation)

    @staticmethod
    def _leave(client, hard):
        if hard:
            client.connection.reset()
        else:
            client.connection.close()
        client.connection = None
        client.waiting = []

    def do_finish(self, statement):
        """finish: the rest of the body that was held back"""
        client = self._client(statement)
        try:
            client.connection.send(client.rest)
        except ConnectionError:
            pass
        client.rest = b""
        self._expect(client, statement.expectation)

    def do_expect(self, statement):
        """expect: the next answer to what was sent before"""
        self._expect(self._client(statement), statement.expectation)

    def do_raw(self, statement):
        r"""raw "TEXT": with \r \n \t \0 \xHH as in Python"""
        client = self._client(statement)
        text = statement.words[1].encode().decode("unicode_escape")
        self._connection(client).send(text.encode("latin-1"))
        client.waiting.append(None)
        if statement.expectation:
            self._expect(client, statement.expectation)

    def do_disconnect(self, statement):
        self._leave(self._client(statement), False)

    def do_reset(self, statement):
        self._leave(self._client(statement), True)

    # --- answers ---

    def _expect(self, client, wanted):
        if wanted.cut:
            client.connection.expect_end()
            self._leave(client, False)
            return
        request = client.waiting.pop(0)
        response = client.connection.read_response()
        if wanted.interim:
            require(response.status == 100, f"no 100 first:\n{response}")
            if not wanted.status:
                client.waiting.insert(0, request)
                return
            response = client.connection.read_response()
        self._check(request, response, wanted)
        if wanted.may_close:
            self._leave(client, False)
        elif wanted.closes:
            client.connection.expect_end()
            self._leave(client, False)

    def _check(self, request, response, wanted):
        shown = f"\n{response}"
        if wanted.refused:
            require(response.status >= 400, f"not refused{shown}")
            return
        require(response.status == wanted.status, f"status{shown}")
        if not wanted.may_close:
            require(response.closes() == wanted.closes, f"Connection{shown}")
        if wanted.plain:
            check_plain(response)
        else:
            session = request.value("BITS-Session-Id") if request else None
            verb = self._sent_verb(request)
            check_ack(verb, session, response)
            require(response.get("BITS-Error-Code") == wanted.error,
                    f"error code{shown}")
            require(offset(response) == wanted.next, f"next{shown}")
        for name, value in wanted.has:
            got = response.get(name)
            require(got is not None and value in (None, got), f"{name}{shown}")
        for name, _ in wanted.lacks:
            require(response.get(name) is None, f"{name}{shown}")
        if wanted.session:
            identity = response.get("BITS-Session-Id")
            path = request.target
            known = [s.id for s in self.sessions.values()]
            require(identity not in known, "an id was given out twice")
            self.sessions[wanted.session] = Session(wanted.session, identity,
                                                    path)

    @staticmethod
    def _sent_verb(request):
        """The verb, as far as the request's header still tells it."""
        if request is None:
            return None
        kind = (request.value("BITS-Packet-Type") or "").lower().strip()
        names = {"ping": "ping", "create-session": "create",
                 "fragment": "fragment", "close-session": "close",
                 "cancel-session": "cancel"}
        return names.get(kind)

    # --- what is there afterwards ---

    def do_has(self, statement):
        """has SESSION N/TOTAL: waits until N of its bytes are stored"""
        session = self.sessions[statement.words[1]]
        count, total = (int(w) for w in statement.words[2].split("/"))
        if count == total:
            # No gap is left, and a packet would have the file delivered.
            wait_staged(self.bitsd.inbox / ".bitsd", session.id, count)
        else:
            until(lambda: self._probe(session, total) == count)

    def _probe(self, session, total):
        """The offset, asked with a gap, which disturbs no request."""
        last = f"bytes {total - 1}-{total - 1}/{total}"
        request = Request("fragment", session.path, session.id, last, b"?")
        connection = self.bitsd.connect()
        try:
            connection.send(request.data())
            response = connection.read_response()
        finally:
            connection.close()
        require(response.status == 416, f"the probe was stored:\n{response}")
        check_ack("fragment", session.id, response)
        return offset(response)

    def do_file(self, statement):
        """file NAME is "text" | file NAME is N bytes of SESSION"""
        _, name, _, *rest = statement.words
        place = self._place(name)
        require(place.is_file(), f"no file {place}")
        content = place.read_bytes()
        if len(rest) == 4:
            wanted = pattern(rest[3], 0, int(rest[0]))
        else:
            wanted = rest[0].encode()
        require(len(content) == len(wanted), f"{len(content)} bytes")
        require(content == wanted, "other bytes")

    def do_no(self, statement):
        """no file NAME"""
        place = self._place(statement.words[2])
        require(not os.path.lexists(place), f"{place} exists")

    def do_inbox(self, statement):
        """inbox has N files | inbox has N files like GLOB"""
        glob = statement.words[5] if len(statement.words) > 5 else "*"
        names = [p.name for p in self.bitsd.inbox.glob(glob)
                 if p.is_file() and p.name != ".bitsd"]
        require(len(names) == int(statement.words[2]), f"it has {names}")

    def do_staged(self, statement):
        """staged N: files of sessions that are on the disk now"""
        names = staged_files(self.bitsd.inbox / ".bitsd")
        require(len(names) == int(statement.words[1]), f"staged: {names}")

    def do_lose(self, statement):
        """lose SESSION: removes its staged file, as a cleaner does"""
        identity = self.sessions[statement.words[1]].id
        session_file(self.bitsd.inbox / ".bitsd", identity).unlink()

    def do_log(self, statement):
        """log has "text"... | log has no "text"...: so far"""
        words = statement.words[2:]
        if words[0] == "no":
            found = self.bitsd.log.find(words[1:])
            require(not found, f"the log has {found}")
        else:
            self.bitsd.log.wait(words)
