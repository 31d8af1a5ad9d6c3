"""A bitsd with its folders and its ledger, that may die and come back.

Clients connect through the world: while the server is away they wait.
"""

import contextlib
import os
import shutil
import signal
import tempfile
import threading
import traceback
from pathlib import Path

from apart import OUTSIDE
from bitsd import Bitsd, Died
from client import Client
from ledger import Ledger
from proxies import Lenient
from wire import PATIENCE


class Dark(AssertionError):
    """There is no server, and none will come until clients have gone."""


class World:
    """`options` are those of upload "/"; space is no subject unless asked."""

    def __init__(self, turn, server=None, options=None, **how):
        self.turn = turn
        self.ledger = Ledger(turn)
        options = {"min_free_space": "0", **(options or {})}
        self.bitsd = Bitsd(server=server or {}, uploads={"/": options}, **how)
        self.inbox = self.bitsd.home / options.get("root", "inbox")
        self.staging = self.inbox / ".bitsd"
        self.up = threading.Event()
        self.front = None  # the address of a proxy that stands before it
        self.dark = self.ledger.deaf  # the power is off

    def start(self):
        self.bitsd.start()
        self.up.set()

    def stop(self):
        self.up.clear()
        self.bitsd.stop()

    def kill(self):
        self.up.clear()
        self.bitsd.kill()
        self.turn.count("kills")
        self.ledger.check_files(self.inbox)

    def connect(self):
        """A connection, as soon as the server is there."""
        while True:
            if self.dark.is_set():
                raise Dark("no power")
            if not self.up.wait(PATIENCE):
                raise AssertionError("the server does not come back")
            try:
                if self.front:
                    return Lenient(self.front)
                return self.bitsd.connect()
            except (ConnectionError, IndexError, AttributeError):
                # It was killed, or is just starting; nothing is lost.
                self.check_not_crashed()
                self.up.wait(0.01)

    def check_not_crashed(self):
        """A server that crashed never comes back by itself."""
        process = self.bitsd.process
        code = process and process.poll()
        if code not in (None, 0, -signal.SIGKILL):
            raise Died(f"bitsd ended with {code}")

    def died(self):
        """The test has killed it; takes note of it."""
        self.up.clear()
        self.bitsd.wait_stopped(-9)
        self.turn.count("kills")
        self.ledger.check_files(self.inbox)

    def check(self):
        """Checks what clients were told, and resumes every unfinished upload."""
        self.ledger.check(self.bitsd, self.inbox, self.staging)
        client = Client(self, "unknown", self.turn.chance)
        for upload in self.ledger.unfinished():
            client.finish(upload)
            self.ledger.check_file(upload, self.inbox)
        client.hang_up()

    def carry_away(self):
        """What others do with delivered files, while the clients continue."""
        for upload in list(self.ledger.uploads.values()):
            if upload.delivered and not upload.carried_away:
                self.ledger.check_file(upload, self.inbox)
                (self.inbox / upload.name).unlink()
                upload.carried_away = True

    def clean(self):
        """Everything was checked: takes the files away."""
        for name in self.ledger.uploads:
            (self.inbox / name).unlink(missing_ok=True)
        folder = os.open(self.inbox, os.O_RDONLY | os.O_DIRECTORY)
        os.fsync(folder)  # else they come back after a power cut
        os.close(folder)
        self.ledger.uploads.clear()

    def keep(self):
        """Saves the folders and the log of a world that went wrong."""
        place = Path(tempfile.mkdtemp(prefix="bitsd-torture-", dir=OUTSIDE))
        (place / "log").write_text(f"{self.bitsd.log}\n")
        shutil.copytree(self.bitsd.home, place / "home", symlinks=True,
                        dirs_exist_ok=True,
                        ignore=lambda folder, names: [
                            name for name in names if name.endswith(".sock")])
        return place


def blame(turn, made, words):
    """A violation, with what the server said at the end."""
    turn.violation("\n".join([words, *made.bitsd.log.lines[-8:],
                              f"folders and log: {made.keep()}"]))


@contextlib.contextmanager
def world(turn, prepare=None, **how):
    """A world that is up, checked at the end; kept when it went wrong."""
    before = len(turn.score.violations)
    made = World(turn, **how)
    try:
        if prepare:
            prepare(made)
        made.start()
        yield made
        if made.bitsd.process is None:
            made.start()
        made.check()
        if len(turn.score.violations) > before:
            blame(turn, made, "the world of the above:")
        made.bitsd.close()
    except (AssertionError, OSError) as error:
        frames = traceback.extract_tb(error.__traceback__)
        where = [f"{Path(f.filename).name}:{f.lineno}" for f in frames]
        blame(turn, made, f"{type(error).__name__}: {error}\n"
                          f"at {', '.join(where)}")
    finally:
        made.up.clear()
        made.bitsd.ending = True
        with contextlib.suppress(AssertionError):
            made.bitsd.close()
