"""Pages of proxies in place of answers, and sessions that the server loses.

Between bits and bitsd some packets get a page without an Ack, before or after
the server had them; bits is killed now and then, so that it resumes.  It says
"done" only when the file is there, never removes the last copy, and a single
page does not make it give up a session.
"""

import random
import tempfile
import threading
import time

import pytest

import bits
from bits import Client
from packets import Request, pattern
from scripted import Scripted, http
from wire import Closed, WireError
from world import world

STATUSES = (400, 403, 404, 500, 502)
SIZE = 300007
CLIENTS = 4
RUNS = 12
CODES = (0, 1, 3, 4, 5)


class Between(Scripted):
    """Passes packets to bitsd; a stray page now and then."""

    def __init__(self, made, chance, target, lossy):
        super().__init__()
        self.made = made
        self.target = target
        self.chance = chance
        self.lossy = lossy
        self.pages = 0
        self.losses = 0
        self.calm = 0  # packets that pass before the next page
        self.known = 0  # sessions that the client was told of
        self.session = None
        self.wasted = False  # it made another session before the file was there
        for verb in ("ping", "create", "fragment", "close", "cancel"):
            self.always(verb, self.play_proxy)

    def play_proxy(self, request):
        stray = self.wants_page(request)
        if stray and self.chance.random() < 0.5:
            return self.page()
        if request.verb == "create" and self.known and not self.lossy:
            self.wasted |= not self.target.exists()
        answer = self.forward(request)
        if stray:
            return self.page()
        if request.verb == "create" and answer.data.startswith(
                b"HTTP/1.1 200 "):
            self.known += 1
        return answer

    def wants_page(self, request):
        if self.lossy and self.losses < 2 and self.session and (
                request.verb == "fragment" and self.chance.random() < 0.1):
            self.losses += 1
            self.send(Request("cancel", request.target, self.session).data())
        self.calm -= 1
        if self.calm >= 0 or self.pages >= 4 or self.chance.random() < 0.7:
            return False
        # Two in a row may end a session; more seldom they do not.
        self.calm = self.chance.randrange(3) if self.lossy else 4
        return True

    def page(self):
        self.pages += 1
        self.made.turn.count("faults")
        return http(self.chance.choice(STATUSES), body=b"<p>No.</p>",
                    fields=[("Content-Type", "text/html")])

    def send(self, data):
        connection = self.made.connect()
        try:
            connection.send(data)
            response = connection.read_response()
            while response.status == 100:
                response = connection.read_response()
            return response
        finally:
            connection.close()

    def forward(self, request):
        fields = [(n, v) for n, v in request.fields if n.lower() != "expect"]
        head = [request.line, *map(": ".join, fields), "", ""]
        try:
            response = self.send("\r\n".join(head).encode("latin-1")
                                 + request.body)
        except Closed:
            return http(502)
        if response.get("BITS-Session-Id"):
            self.session = response.get("BITS-Session-Id")
        fields = [(n, v) for n, v in response.fields
                  if n.lower() not in ("content-length", "connection")]
        return http(response.status, response.reason, fields, response.body)


def one_run(turn, running, between, chance):
    """Until it ends, or is killed between two fragments; what it said."""
    between.calm = 0
    limit = len(between.of("fragment")) + (1 << chance.randrange(6))
    while running.process.poll() is None and not turn.over() and (
            len(between.of("fragment")) < limit):
        time.sleep(0.002)
    if running.process.poll() is None:
        turn.count("kills")
        code = running.kill()
    else:
        code = running.wait()
    return code, (f"exit {code}, pages {between.pages}, losses "
                  f"{between.losses}, sessions {between.known}, "
                  f"{between.verbs()}:\n{running.err}")


def one_upload(turn, made, name, chance):
    content = pattern(name, 0, SIZE)
    removing = chance.random() < 0.5
    target = made.inbox / name
    with tempfile.TemporaryDirectory(prefix="torture-pages-") as home, \
            Client(home) as client, \
            Between(made, chance, target, chance.random() < 0.5) as between:
        source = client.file(name, content)
        arguments = ["upload", "--fragment-size", "64k", "--retry-time", "30s",
                     *["--remove-source"] * removing, name,
                     f"http://127.0.0.1:{between.port}/{name}"]
        turn.count("uploads started")
        for _ in range(RUNS):
            code, said = one_run(turn, client.start(*arguments),
                                 between, chance)
            there = target.exists() and target.read_bytes() == content
            said = f"{name}: {said}"
            if code not in CODES and code != -9:
                turn.violation(f"bits ended: {said}")
            if code == 0 and not there:
                turn.violation(f"done, and the file is not there: {said}")
            if not source.exists() and not (removing and there):
                turn.violation(f"the last copy is gone: {said}")
            if between.wasted:
                turn.violation(f"progress was thrown away: {said}")
            if code == 0 or there or turn.over():
                break
        else:
            turn.violation(f"{RUNS} runs do not end it: {said}")
        if there:
            turn.count("uploads delivered")
        target.unlink(missing_ok=True)


def keep_uploading(turn, made, name, seed):
    chance = random.Random(seed)
    number = 0
    try:
        while not turn.over():
            one_upload(turn, made, f"{name}-{number}", chance)
            number += 1
    except (WireError, OSError, AssertionError) as error:
        turn.caught(error)


def run(turn):
    try:
        bits.binary()
    except FileNotFoundError as error:
        pytest.skip(str(error))
    with world(turn, options={"on_exists": "replace"}) as made:
        threads = [threading.Thread(
            target=keep_uploading, daemon=True,
            args=(turn, made, f"page-{i}", turn.chance.random()))
            for i in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
